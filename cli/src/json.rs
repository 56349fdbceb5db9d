//! JSON as the API sent it: numbers keep their digits, properties their order. Parsed, printed, and converted.

use std::fmt::{self, Write as _};

use serde_json::Value;

use crate::text::is_unsafe;

/// Arrays and objects within each other that are read; what is deeper is not an answer of an API.
const DEEPEST: usize = 200;

/// A JSON value. `serde_json::Value` would round long numbers and fail on large ones.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The digits as they were sent.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why a text is not read as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonError {
    Syntax,
    TooDeep,
}

impl Json {
    /// Reads a text.
    pub(crate) fn parse(text: &str) -> Result<Self, JsonError> {
        let mut reader = Reader { left: text };
        let value = reader.value(0)?;
        reader.blank();
        if reader.left.is_empty() { Ok(value) } else { Err(JsonError::Syntax) }
    }

    /// The value of a property.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_nested(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// The value for program logic. A number that no `f64` holds becomes a string of its digits.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(is) => Value::Bool(*is),
            Self::Number(digits) => serde_json::from_str(digits).unwrap_or_else(|_| Value::from(digits.as_str())),
            Self::String(text) => Value::from(text.as_str()),
            Self::Array(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), value.to_value())).collect())
            }
        }
    }

    /// Indented by two blanks, with a line break at the end.
    pub(crate) fn to_pretty(&self) -> String {
        let mut out = String::new();
        write(&mut out, self, Some(0));
        out.push('\n');
        out
    }

    /// YAML, each string that YAML could read as something else in quotation marks.
    pub(crate) fn to_yaml(&self) -> String {
        let mut out = String::new();
        match self {
            Self::Array(items) if !items.is_empty() => yaml_items(&mut out, items, 0),
            Self::Object(members) if !members.is_empty() => yaml_members(&mut out, members, 0),
            other => out.push_str(&format!("{}\n", yaml_scalar(other))),
        }
        out
    }
}

/// On one line. Characters that could steer a terminal are escaped, which changes no value.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        write(&mut out, self, None);
        f.write_str(&out)
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(is) => Self::Bool(*is),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
        }
    }
}

/// Reads RFC 8259, keeping the digits of numbers.
struct Reader<'t> {
    left: &'t str,
}

impl<'t> Reader<'t> {
    fn blank(&mut self) {
        self.left = self.left.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes a mark where it is next, after blanks.
    fn takes(&mut self, mark: &str) -> bool {
        self.blank();
        let rest = self.left.strip_prefix(mark);
        self.left = rest.unwrap_or(self.left);
        rest.is_some()
    }

    fn needs(&mut self, mark: &str) -> Result<(), JsonError> {
        if self.takes(mark) { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.blank();
        if depth > DEEPEST {
            return Err(JsonError::TooDeep);
        }
        if self.takes("{") {
            let mut members = Vec::new();
            if self.takes("}") {
                return Ok(Json::Object(members));
            }
            loop {
                self.blank();
                let name = self.string()?;
                self.needs(":")?;
                members.push((name, self.value(depth + 1)?));
                if !self.takes(",") {
                    self.needs("}")?;
                    return Ok(Json::Object(members));
                }
            }
        }
        if self.takes("[") {
            let mut items = Vec::new();
            if self.takes("]") {
                return Ok(Json::Array(items));
            }
            loop {
                items.push(self.value(depth + 1)?);
                if !self.takes(",") {
                    self.needs("]")?;
                    return Ok(Json::Array(items));
                }
            }
        }
        if self.left.starts_with('"') {
            return self.string().map(Json::String);
        }
        let words = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
        if let Some((_, value)) = words.into_iter().find(|(word, _)| self.takes(word)) {
            return Ok(value);
        }
        let end = self.left.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let digits = self.cut(end.unwrap_or(self.left.len()))?;
        // Whether it is a number by the grammar; its size does not matter.
        match serde_json::from_str::<serde::de::IgnoredAny>(digits) {
            Ok(_) => Ok(Json::Number(digits.to_owned())),
            Err(_) => Err(JsonError::Syntax),
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let inner = self.left.strip_prefix('"').ok_or(JsonError::Syntax)?;
        let mut escaped = false;
        let end = inner.find(|character| {
            let ends = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            ends
        });
        let text = self.cut(end.ok_or(JsonError::Syntax)? + 2)?;
        serde_json::from_str(text).map_err(|_| JsonError::Syntax)
    }

    fn cut(&mut self, at: usize) -> Result<&'t str, JsonError> {
        let (taken, left) = self.left.split_at_checked(at).ok_or(JsonError::Syntax)?;
        self.left = left;
        Ok(taken)
    }
}

/// Writes a value; with an indentation over several lines.
fn write(out: &mut String, value: &Json, indent: Option<usize>) {
    let inner = indent.map(|indent| indent + 1);
    let line = |out: &mut String, indent: Option<usize>| {
        if let Some(indent) = indent {
            out.push('\n');
            out.push_str(&"  ".repeat(indent));
        }
    };
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
        Json::Number(digits) => out.push_str(digits),
        Json::String(text) => quoted(out, text),
        Json::Array(items) if items.is_empty() => out.push_str("[]"),
        Json::Object(members) if members.is_empty() => out.push_str("{}"),
        Json::Array(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                line(out, inner);
                write(out, item, inner);
            }
            line(out, indent);
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (number, (name, value)) in members.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                line(out, inner);
                quoted(out, name);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(out, value, inner);
            }
            line(out, indent);
            out.push('}');
        }
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if is_unsafe(other) => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

fn yaml_members(out: &mut String, members: &[(String, Json)], depth: usize) {
    for (number, (name, value)) in members.iter().enumerate() {
        // The first one of an item stands behind its dash.
        if number > 0 || !out.ends_with("- ") {
            out.push_str(&"  ".repeat(depth));
        }
        out.push_str(&format!("{}:", yaml_string(name)));
        yaml_value(out, value, depth);
    }
}

fn yaml_value(out: &mut String, value: &Json, depth: usize) {
    match value {
        Json::Array(items) if !items.is_empty() => {
            out.push('\n');
            yaml_items(out, items, depth);
        }
        Json::Object(members) if !members.is_empty() => {
            out.push('\n');
            yaml_members(out, members, depth + 1);
        }
        other => out.push_str(&format!(" {}\n", yaml_scalar(other))),
    }
}

fn yaml_items(out: &mut String, items: &[Json], depth: usize) {
    for item in items {
        out.push_str(&"  ".repeat(depth));
        out.push('-');
        match item {
            Json::Object(members) if !members.is_empty() => {
                out.push(' ');
                yaml_members(out, members, depth + 1);
            }
            Json::Array(items) if !items.is_empty() => {
                out.push('\n');
                yaml_items(out, items, depth + 1);
            }
            other => out.push_str(&format!(" {}\n", yaml_scalar(other))),
        }
    }
}

fn yaml_scalar(value: &Json) -> String {
    match value {
        Json::String(text) => yaml_string(text),
        other => other.to_string(),
    }
}

fn yaml_string(text: &str) -> String {
    let in_quotes = || {
        let mut out = String::new();
        quoted(&mut out, text);
        out
    };
    if text.contains(is_unsafe) {
        return in_quotes();
    }
    // The library knows which plain strings YAML reads as something else.
    match yaml_serde::to_string(text) {
        Ok(line) if line.trim_end().lines().count() == 1 => line.trim_end().to_owned(),
        _ => in_quotes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = r#"{"b":12345678901234567890123,"a":[1.10,1e400,-0,1E+2],"s":"\u001b\u202e\n\"\\","n":null,
        "o":{"yes":"yes","12":"1e3",": ":"- x","k":[[1],{"z":[]}],"e":{}},"t":true}"#;

    #[test]
    fn numbers_and_order_stay() {
        let value = Json::parse(SENT).unwrap();
        let line = value.to_string();
        assert!(line.starts_with(r#"{"b":12345678901234567890123,"a":[1.10,1e400,-0,1E+2],"s":"\u001b\u202e\n\"\\""#));
        assert_eq!(Json::parse(&value.to_pretty()).unwrap(), value);
        assert_eq!(Json::parse(&line).unwrap(), value);
    }

    #[test]
    fn yaml_reads_back_to_the_same_value() {
        let plain = SENT.replace("1e400", "1").replace("12345678901234567890123", "7").replace("-0", "0");
        let value = Json::parse(&plain).unwrap();
        let yaml = value.to_yaml();
        let back: Value = yaml_serde::from_str(&yaml).unwrap_or_else(|error| panic!("{error}: {yaml}"));
        let json: Value = serde_json::from_str(&plain).unwrap();
        assert_eq!(back["o"], json["o"], "{yaml}");
        assert_eq!(back["s"], json["s"], "{yaml}");
        assert!(Json::parse(SENT).unwrap().to_yaml().contains("- 1.10\n- 1e400\n"));
    }

    #[test]
    fn what_is_deep_is_an_error() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Json::parse(&deep), Err(JsonError::TooDeep));
        assert_eq!(Json::parse("{\"a\":"), Err(JsonError::Syntax));
    }
}
