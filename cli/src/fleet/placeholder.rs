//! Placeholders: `{name}` in the command of a fleet, replaced by the value that an item has under that name. A value is
//! filled in once and never looked at again: braces, dashes and quotes in it mean nothing.

use serde_json::Value;

use super::items::{self, Item};
use crate::failure::Failure;

/// The next placeholder of a text: what is before it, its name, and what is behind it. Other braces, as JSON has them, are
/// not placeholders.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let is_name = |name: &str| {
        let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ');
        !name.trim().is_empty() && name.chars().all(is_letter)
    };
    text.match_indices('{').find_map(|(at, _)| {
        let (before, rest) = (text.get(..at)?, text.get(at + 1..)?);
        let (name, after) = rest.split_once('}').filter(|(name, _)| is_name(name))?;
        Some((before, name, after))
    })
}

/// Whether a text has a placeholder.
pub(super) fn is_in(text: &str) -> bool {
    next(text).is_some()
}

/// What is before the first placeholder of a text.
pub(super) fn before(text: &str) -> &str {
    next(text).map_or(text, |(before, _, _)| before)
}

/// A text with the item's values in place of its placeholders. `check` may refuse a value.
pub(super) fn fill(
    text: &str,
    item: &Item,
    check: impl Fn(&str, &str) -> Result<(), Failure>,
) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        let value = items::value(item, name).ok_or_else(|| {
            Failure::usage(format!("an item has no `{name}`; it has {}", names(item)))
                .hint("the first line of a CSV file names its columns")
        })?;
        check(name, value)?;
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// A value that is put in as it is.
pub(super) fn any(_: &str, _: &str) -> Result<(), Failure> {
    Ok(())
}

/// A value that becomes part of a file name or of the name of a variable: it must not lead anywhere else.
pub(super) fn plain_name(name: &str, value: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
    if value.is_empty() || value.starts_with(['.', '-']) || !value.chars().all(is_plain) {
        let what =
            format!("`{{{name}}}` is part of a file name here, and the item's value `{value}` is not a plain name");
        return Err(Failure::usage(what).hint("letters, digits, `_`, `-`, `.` and `@` are allowed"));
    }
    Ok(())
}

/// JSON with the item's values in its strings. Names of properties have no placeholders.
pub(super) fn fill_json(value: &Value, item: &Item) -> Result<Value, Failure> {
    Ok(match value {
        Value::String(text) => Value::from(fill(text, item, any)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|one| fill_json(one, item)).collect::<Result<_, Failure>>()?)
        }
        Value::Object(properties) => {
            let filled = properties.iter().map(|(name, value)| Ok((name.clone(), fill_json(value, item)?)));
            Value::Object(filled.collect::<Result<_, Failure>>()?)
        }
        other => other.clone(),
    })
}

/// The names that an item has values under.
pub(super) fn names(item: &Item) -> String {
    let names: Vec<&str> = item.keys().map(String::as_str).collect();
    if names.is_empty() { "no plain member".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once_and_json_is_left_alone() {
        let item = Item::from([
            ("service".to_owned(), "XX1".to_owned()),
            ("Zone".to_owned(), "{service}".to_owned()),
            ("Nota interna".to_owned(), "--no-validate".to_owned()),
            ("json".to_owned(), r#"a","b":"c"#.to_owned()),
        ]);
        assert_eq!(fill("{service}/{zone}/{Nota interna}", &item, any).unwrap(), "XX1/{service}/--no-validate");
        assert_eq!(fill(r#"{"a":{"b":1}}"#, &item, any).unwrap(), r#"{"a":{"b":1}}"#);
        assert_eq!(fill("{{service}}", &item, any).unwrap(), "{XX1}");
        assert!(fill("{nothing}", &item, any).is_err());
        let json = serde_json::json!({"a": ["{json}", 1]});
        assert_eq!(fill_json(&json, &item).unwrap(), serde_json::json!({"a": [r#"a","b":"c"#, 1]}));
    }

    #[test]
    fn a_file_name_stays_in_its_folder() {
        for (value, is_plain) in [
            ("XX012", true),
            ("info@a.es", true),
            ("", false),
            ("..", false),
            ("a/b", false),
            ("-", false),
            (".env", false),
        ] {
            assert_eq!(plain_name("service", value).is_ok(), is_plain, "{value}");
        }
    }
}
