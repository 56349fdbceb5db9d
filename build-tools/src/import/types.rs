//! The words for types that documentation uses, in several languages.

use super::shape::{Kind, Shape};
use crate::document::{Node, Value};

/// The shape that a word for a type names; none where it names none.
pub(super) fn read(word: &str) -> Option<Shape> {
    let lower = word.trim().trim_matches(['`', '*', '_', '"']).trim().to_lowercase();
    let lower = lower.trim_end_matches(['.', ',', ';']).trim();
    if lower.is_empty() || lower.len() > 120 {
        return None;
    }
    // `string|null`, `?string`, `string or null`.
    for separator in ["|", " or ", " o ", "/"] {
        if lower.contains(separator) {
            let parts: Vec<&str> = lower.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect();
            let nullable = parts.contains(&"null") || parts.contains(&"nil");
            let mut shape = Shape::default();
            for part in parts.iter().filter(|part| !matches!(**part, "null" | "nil")) {
                shape.merge(read(part)?);
            }
            shape.nullable |= nullable;
            return (!shape.is_open()).then_some(shape);
        }
    }
    if let Some(inner) = lower.strip_prefix('?') {
        return read(inner).map(|shape| Shape { nullable: true, ..shape });
    }
    if let Some(inner) = lower.strip_suffix("[]") {
        let items =
            if inner.is_empty() || inner == "array" { Shape::default() } else { read(inner).unwrap_or_default() };
        return Some(Shape::array_of(items));
    }
    // `array of strings`, `array[string]`, `array<string>`, `list of integers`, `lista de enteros`.
    for head in
        ["array of ", "list of ", "arreglo de ", "lista de ", "array de ", "llista de ", "matriz de ", "vector de "]
    {
        if let Some(inner) = lower.strip_prefix(head) {
            return Some(Shape::array_of(
                read(inner)
                    .or_else(|| read(inner.trim_end_matches('s')))
                    .or_else(|| read(inner.trim_end_matches("es")))
                    .unwrap_or_default(),
            ));
        }
    }
    for head in ["array", "list", "set", "collection"] {
        if let Some(inner) = lower.strip_prefix(head).map(str::trim).filter(|inner| inner.starts_with(['[', '<', '(']))
        {
            let inner = inner.trim_matches(['[', ']', '<', '>', '(', ')']);
            return Some(Shape::array_of(read(inner).unwrap_or_default()));
        }
    }
    // `String{..5}`, `Number(2)`, `varchar(64)`: the size says nothing of the type.
    let base = lower.split(['{', '(', '<', '=', ':']).next().unwrap_or_default().trim();
    let (kind, format) = word_kind(base).or_else(|| {
        // `required string`, `string (email)`, `unix timestamp`.
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let first = words.iter().find_map(|word| word_kind(word))?;
        (words.len() <= 4).then_some(first)
    })?;
    Some(Shape { format, ..Shape::of_kind(kind) })
}

fn word_kind(word: &str) -> Option<(Kind, Option<&'static str>)> {
    let kind = match word {
        "string" | "str" | "text" | "char" | "varchar" | "cadena" | "texto" | "text " | "cadena de texto" | "email"
        | "e-mail" | "correo" | "password" | "contraseña" | "contrasenya" | "senha" | "uuid" | "guid" | "uri"
        | "url" | "token" | "date" | "datetime" | "date-time" | "fecha" | "data" | "time" | "hora" | "ip" | "ipv4"
        | "ipv6" | "hostname" | "domain" | "fqdn" | "enum" | "enumerado" | "hash" | "base64" | "phone" | "iso8601"
        | "country" | "mac" | "hex" | "literal" | "slug" => Kind::String,
        "integer" | "int" | "int32" | "int64" | "long" | "bigint" | "entero" | "enter" | "inteiro" | "integers"
        | "short" | "smallint" | "tinyint" | "unsigned" | "uint" | "timestamp" | "unix" | "enteros"
        | "numérico entero" => Kind::Integer,
        "number" | "float" | "double" | "decimal" | "numeric" | "número" | "numero" | "nombre" | "real"
        | "flotante" | "numérico" | "numerico" | "num" | "money" => Kind::Number,
        "boolean" | "bool" | "booleano" | "booleà" | "boolea" | "lógico" | "logico" | "lògic" | "flag" | "checkbox" => {
            Kind::Boolean
        }
        "object" | "objeto" | "objecte" | "json" | "dict" | "map" | "struct" | "hashmap" | "dictionary"
        | "objectes" => Kind::Object,
        "array" | "list" | "arreglo" | "lista" | "llista" | "matriz" | "vector" | "collection" | "arrayobject" => {
            Kind::Array
        }
        "file" | "fichero" | "archivo" | "fitxer" | "arquivo" | "binary" | "blob" | "image" | "upload" => {
            return Some((Kind::String, Some("binary")));
        }
        _ => return None,
    };
    Some((kind, None))
}

/// A value of a closed set or a default, in the type of its shape.
pub(super) fn value(text: &str, shape: &Shape) -> Node {
    let text = text.trim().trim_matches(['"', '\'', '`']);
    let number = text.parse::<serde_json::Number>().is_ok();
    if number && (shape.is(Kind::Integer) || shape.is(Kind::Number)) {
        return Value::Number(text.into()).into();
    }
    match text {
        "true" if shape.is(Kind::Boolean) => true.into(),
        "false" if shape.is(Kind::Boolean) => false.into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_types_in_several_languages() {
        for (word, expected) in [
            ("string", "string"),
            ("`Integer`", "integer"),
            ("Entero", "integer"),
            ("cadena", "string"),
            ("String[]", "array<string>"),
            ("array of integers", "array<integer>"),
            ("lista de enteros", "array<integer>"),
            ("array[string]", "array<string>"),
            ("Number{1-5}", "number"),
            ("varchar(64)", "string"),
            ("string|null", "string?"),
            ("booleà", "boolean"),
            ("object", "object"),
            ("required string", "string"),
            ("calendarId", "none"),
        ] {
            let shape = read(word);
            let shown = shape.map_or("none".to_owned(), |shape| {
                let kind = shape.kinds.iter().next().map_or("any", |kind| kind.name());
                let items = shape.items.as_ref().and_then(|items| items.kinds.iter().next().map(|kind| kind.name()));
                format!(
                    "{kind}{}{}",
                    items.map_or(String::new(), |items| format!("<{items}>")),
                    if shape.nullable { "?" } else { "" }
                )
            });
            assert_eq!(shown, expected, "{word}");
        }
    }
}
