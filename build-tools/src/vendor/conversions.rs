//! What conversions and formats make of a value: functions that every program of a language has.

use super::value::{Part, Type, Value};

/// Methods that give strings.
pub(super) const TEXTS: [&str; 17] = [
    "format",
    "strip",
    "lstrip",
    "rstrip",
    "trim",
    "lower",
    "upper",
    "toLowerCase",
    "toUpperCase",
    "toString",
    "replace",
    "join",
    "strftime",
    "isoformat",
    "toISOString",
    "title",
    "padStart",
];

/// Conversions that leave a literal what it is.
pub(super) const KEEPING: [&str; 11] =
    ["str", "String", "strval", "int", "parseInt", "intval", "float", "Number", "parseFloat", "floatval", "bool"];

/// What functions give that every program of a language has.
pub(super) fn conversion(name: &str) -> Option<Type> {
    Some(match name {
        "str" | "String" | "strval" | "input" | "prompt" | "readline" | "trim" | "strtoupper" | "strtolower"
        | "implode" | "urlencode" | "rawurlencode" | "encodeURIComponent" | "quote" | "quote_plus" | "date"
        | "format" => Type::String,
        "int" | "parseInt" | "intval" | "len" | "count" => Type::Integer,
        "float" | "Number" | "parseFloat" | "floatval" => Type::Number,
        "bool" | "Boolean" | "boolval" => Type::Boolean,
        "list" => Type::Array,
        _ => return None,
    })
}

pub(super) fn cast_type(word: &str) -> Option<Type> {
    Some(match word.to_lowercase().as_str() {
        "string" => Type::String,
        "int" | "integer" => Type::Integer,
        "float" | "double" => Type::Number,
        "bool" | "boolean" => Type::Boolean,
        "array" => Type::Array,
        "object" => Type::Object,
        _ => return None,
    })
}

/// A value after a conversion: a literal keeps what it is, in the other type.
pub(super) fn typed(of: Type, value: Value) -> Value {
    match (of, value) {
        (Type::String, Value::Number(text)) => Value::Text(vec![Part::Text(text)]),
        (Type::String, text @ Value::Text(_)) => text,
        (Type::Integer | Type::Number, number @ Value::Number(_)) => number,
        (of, Value::Variable(names)) => Value::Typed(of, names.last().cloned().unwrap_or_default()),
        (of, Value::Typed(_, name)) => Value::Typed(of, name),
        (of, _) => Value::Typed(of, String::new()),
    }
}

/// A format with values put into its places: `%s` and `%d`, or `{}` and `{name}`.
pub(super) fn filled(value: Value, names: &[String], percent: bool) -> Value {
    let Value::Text(parts) = value else { return value };
    let mut out = Vec::new();
    let mut names = names.iter();
    for part in parts {
        let Part::Text(text) = part else {
            out.push(part);
            continue;
        };
        let mut rest = text.as_str();
        let begins = if percent { '%' } else { '{' };
        while let Some((before, after)) = rest.split_once(begins) {
            let ends = if percent { after.find(|c: char| c.is_ascii_alphabetic()) } else { after.find('}') };
            let Some(end) = ends.filter(|end| *end < 40) else { break };
            out.push(Part::Text(before.to_owned()));
            let own = if percent { "" } else { after.get(..end).unwrap_or_default() };
            let named = own.starts_with(|c: char| c.is_alphabetic());
            let name = if named { own.to_owned() } else { names.next().cloned().unwrap_or_default() };
            out.push(Part::Hole(name));
            rest = after.get(end + 1..).unwrap_or_default();
        }
        out.push(Part::Text(rest.to_owned()));
    }
    Value::Text(out)
}
