//! The Rust names that the generator makes: the same words, cut by the same rules.

use heck::{ToPascalCase as _, ToSnakeCase as _};

/// The name of the type that is made of a schema of that name.
pub(crate) fn type_name(name: &str) -> String {
    identifier(name, str::to_pascal_case, 'X')
}

/// The name of the field or the setter that is made of a property or a parameter of that name.
pub(crate) fn setter_name(name: &str) -> String {
    identifier(name, str::to_snake_case, 'x')
}

fn identifier(name: &str, words: fn(&str) -> String, start: char) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let text = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => words(&name.replace('\'', "").replace(|c| !is_part(c), "-")),
    };
    let text = match text.chars().next() {
        None => start.to_string(),
        Some(c) if c.is_alphabetic() => text,
        Some(_) => format!("{start}{text}"),
    };
    // `Self` is the only keyword that a type could be called.
    if syn::parse_str::<syn::Ident>(&text).is_ok() { text } else { format!("{text}_") }
}

#[cfg(test)]
mod tests {
    use super::{setter_name, type_name};

    #[test]
    fn names_are_those_of_the_generator() {
        for (name, made) in [
            ("resource", "Resource"),
            ("my-thing", "MyThing"),
            ("account_ownership", "AccountOwnership"),
            ("IPAddress", "IpAddress"),
            ("A1B", "A1b"),
            ("v1.2", "V12"),
            ("3d", "X3d"),
            ("self", "Self_"),
            ("", "X"),
        ] {
            assert_eq!(type_name(name), made, "{name}");
        }
        assert_eq!(setter_name("client-uuid"), setter_name("clientUuid"));
        assert_eq!(setter_name("type"), "type_");
    }
}
