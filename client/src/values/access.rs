//! Reads typed values out of JSON of which the document does not say what it holds. An error names the path and what is
//! there instead, never a value: it may be a secret.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Date;
use crate::error::{Error, ErrorKind};

/// Names of properties that an error lists at most.
const LISTED: usize = 12;
/// Of a name, an error shows at most so many characters.
const LONGEST_NAME: usize = 60;

/// One step of a path.
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

/// A place in a value, or where the way there ends.
pub(super) fn at<'v>(root: Root<'v>, path: &str) -> Result<&'v Value, Error> {
    let mut here = Here::Root(root);
    let mut rest = path;
    while !rest.is_empty() || matches!(here, Here::Root(_)) {
        let (step, length) = step(rest, matches!(here, Here::Root(_))).ok_or_else(|| malformed(path))?;
        let passed = path.len() - rest.len();
        rest = rest.get(length..).unwrap_or_default();
        let so_far = path.get(..passed + length).unwrap_or(path);
        here = Here::Value(here.go(&step).ok_or_else(|| {
            let error = Error::new(ErrorKind::Property, "there is no value").json_path_is(so_far.to_owned());
            error.excerpt_is(Some(here.describe()))
        })?);
    }
    match here {
        Here::Value(value) => Ok(value),
        Here::Root(_) => Err(malformed(path)),
    }
}

/// What a path begins at.
#[derive(Clone, Copy)]
pub(super) enum Root<'v> {
    Value(&'v Value),
    Map(&'v Map<String, Value>),
}

#[derive(Clone, Copy)]
enum Here<'v> {
    Root(Root<'v>),
    Value(&'v Value),
}

impl<'v> Here<'v> {
    fn go(self, step: &Step<'_>) -> Option<&'v Value> {
        match (self, step) {
            (Self::Root(Root::Map(map)), Step::Name(name)) => map.get(*name),
            (Self::Root(Root::Map(_)), Step::Index(_)) => None,
            (Self::Root(Root::Value(value)) | Self::Value(value), Step::Name(name)) => value.as_object()?.get(*name),
            (Self::Root(Root::Value(value)) | Self::Value(value), Step::Index(index)) => value.as_array()?.get(*index),
        }
    }

    /// What is here, without any value.
    fn describe(self) -> String {
        match self {
            Self::Root(Root::Map(map)) => properties(map),
            Self::Root(Root::Value(value)) | Self::Value(value) => describe(value),
        }
    }
}

/// The first step of a path, and its length with what parts it from the next one: `name`, `.name`, `[3]`, `["a.b"]`.
fn step(path: &str, is_first: bool) -> Option<(Step<'_>, usize)> {
    if let Some(quoted) = path.strip_prefix("[\"") {
        let end = quoted.find("\"]")?;
        return Some((Step::Name(quoted.get(..end)?), end + 4));
    }
    if let Some(index) = path.strip_prefix('[') {
        let end = index.find(']')?;
        let digits = index.get(..end).filter(|digits| digits.bytes().all(|c| c.is_ascii_digit()))?;
        return Some((Step::Index(digits.parse().ok()?), end + 2));
    }
    let name = if is_first { path } else { path.strip_prefix('.')? };
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let found = name.get(..end).filter(|name| !name.is_empty())?;
    Some((Step::Name(found), end + path.len() - name.len()))
}

fn malformed(path: &str) -> Error {
    let shown: String = path.chars().take(100).collect();
    let detail = format!("`{shown}` is not a path: it looks like `result[0].name` or `result[\"a.b\"]`");
    Error::new(ErrorKind::InvalidArgument, detail)
}

/// A value is there, and is something else.
fn other(path: &str, expected: &str, value: &Value) -> Error {
    let path = path.to_owned();
    Error::new(ErrorKind::Property, format!("the value is not {expected}"))
        .json_path_is(path)
        .excerpt_is(Some(describe(value)))
}

/// What kind of value it is.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) if text.is_empty() => "an empty string".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(map) => properties(map),
    }
}

fn properties(map: &Map<String, Value>) -> String {
    // A server chose the names: they must not break a line or fill a screen.
    let shown = |name: &String| -> String { name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect() };
    let names: Vec<String> = map.keys().take(LISTED).map(|name| format!("`{}`", shown(name))).collect();
    let more = if map.len() > LISTED { format!(" and {} more", map.len() - LISTED) } else { String::new() };
    if names.is_empty() { "an empty object".to_owned() } else { format!("an object with {}{more}", names.join(", ")) }
}

pub(super) fn text<'v>(root: Root<'v>, path: &str) -> Result<&'v str, Error> {
    let value = at(root, path)?;
    value.as_str().ok_or_else(|| other(path, "a string", value))
}

pub(super) fn integer(root: Root<'_>, path: &str) -> Result<i64, Error> {
    let value = at(root, path)?;
    let found = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    found.ok_or_else(|| other(path, "a whole number", value))
}

pub(super) fn number(root: Root<'_>, path: &str) -> Result<f64, Error> {
    let value = at(root, path)?;
    let found = match value {
        Value::Number(number) => number.as_f64(),
        // `inf` and `nan` are words to Rust and no numbers to an API.
        Value::String(text)
            if text.trim().bytes().all(|c| matches!(c, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')) =>
        {
            text.trim().parse().ok()
        }
        _ => None,
    };
    found.filter(|number: &f64| number.is_finite()).ok_or_else(|| other(path, "a number", value))
}

pub(super) fn boolean(root: Root<'_>, path: &str) -> Result<bool, Error> {
    let value = at(root, path)?;
    let found = match value {
        Value::Bool(found) => Some(*found),
        Value::Number(number) => number.as_i64().and_then(zero_or_one),
        Value::String(text) => match text.trim() {
            "true" => Some(true),
            "false" => Some(false),
            text => text.parse().ok().and_then(zero_or_one),
        },
        _ => None,
    };
    found.ok_or_else(|| other(path, "true or false, or 1 or 0", value))
}

fn zero_or_one(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

pub(super) fn date(root: Root<'_>, path: &str) -> Result<Date, Error> {
    let value = at(root, path)?;
    let found = value.as_str().and_then(Date::read);
    found.ok_or_else(|| other(path, "a date in the form 2026-11-28", value))
}

pub(super) fn list<'v>(root: Root<'v>, path: &str) -> Result<&'v [Value], Error> {
    let value = at(root, path)?;
    value.as_array().map(Vec::as_slice).ok_or_else(|| other(path, "an array", value))
}

pub(super) fn parse<T: DeserializeOwned>(root: Root<'_>, path: &str) -> Result<T, Error> {
    let value = at(root, path)?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let below = error.path().to_string();
        let place = match below.as_str() {
            "." => path.to_owned(),
            below if below.starts_with('[') => format!("{path}{below}"),
            below => format!("{path}.{below}"),
        };
        let why = crate::runtime::without_values(&error.into_inner().to_string());
        let detail = format!("the value is not of the type that it is read as: {why}");
        Error::new(ErrorKind::Property, detail).json_path_is(place).excerpt_is(Some(describe(value)))
    })
}

/// Gives a type the accessors.
macro_rules! accessors {
    ($of:ty, $root:expr) => {
        /// Values by their path: `name`, `hosting.php.version`, `result[0].name`, `result["a.b"]`.
        ///
        /// Where there is no such value, or one of another type, the error is an
        /// [`ErrorKind::Property`](crate::ErrorKind::Property) that names the path and what is there instead.
        impl $of {
            /// The value at a path.
            ///
            /// # Errors
            /// There is no value at the path.
            pub fn value_at(&self, path: &str) -> Result<&serde_json::Value, crate::Error> {
                $crate::values::access::at($root(&self.0), path)
            }

            /// The string at a path.
            ///
            /// # Errors
            /// There is no value, or it is not a string.
            pub fn text_at(&self, path: &str) -> Result<&str, crate::Error> {
                $crate::values::access::text($root(&self.0), path)
            }

            /// The whole number at a path, also where it is written as a string (`"512"`).
            ///
            /// # Errors
            /// There is no value, or it is not a whole number.
            pub fn integer_at(&self, path: &str) -> Result<i64, crate::Error> {
                $crate::values::access::integer($root(&self.0), path)
            }

            /// The number at a path, also where it is written as a string (`"12.50"`).
            ///
            /// # Errors
            /// There is no value, or it is not a number.
            pub fn number_at(&self, path: &str) -> Result<f64, crate::Error> {
                $crate::values::access::number($root(&self.0), path)
            }

            /// True or false at a path, also where it is written as 1 or 0, or as a string of these.
            ///
            /// # Errors
            /// There is no value, or it is something else.
            pub fn boolean_at(&self, path: &str) -> Result<bool, crate::Error> {
                $crate::values::access::boolean($root(&self.0), path)
            }

            /// The day at a path, written as `2026-11-28`; a time after it is not kept.
            ///
            /// # Errors
            /// There is no value, or it is not a date.
            pub fn date_at(&self, path: &str) -> Result<crate::Date, crate::Error> {
                $crate::values::access::date($root(&self.0), path)
            }

            /// The items of the array at a path.
            ///
            /// # Errors
            /// There is no value, or it is not an array.
            pub fn list_at(&self, path: &str) -> Result<&[serde_json::Value], crate::Error> {
                $crate::values::access::list($root(&self.0), path)
            }

            /// The value at a path, as a type: one of the program's, or `Vec<Members>` for items to read further.
            ///
            /// # Errors
            /// There is no value, or it is not of that type.
            pub fn parse_at<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, crate::Error> {
                $crate::values::access::parse($root(&self.0), path)
            }
        }
    };
}

pub(super) use accessors;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Json, Members};

    fn example() -> Value {
        serde_json::json!({
            "id": "XX012", "size": "512", "price": "12.50", "cores": 2, "active": "1", "off": 0, "none": null,
            "created": "2026-06-02", "changed": "2026-06-02T10:00:00Z", "never": "0000-00-00", "password": "marker-1",
            "a.b": {"c": 1}, "result": [{"name": "web", "ips": ["192.0.2.1"]}, {"name": "db"}],
        })
    }

    #[test]
    fn values_are_read_by_their_paths() {
        let members: Members = serde_json::from_value(example()).unwrap();
        let json = Json::from(example());
        assert_eq!((members.text_at("id").unwrap(), json.text_at("id").unwrap()), ("XX012", "XX012"));
        assert_eq!((members.integer_at("size").unwrap(), members.integer_at("cores").unwrap()), (512, 2));
        assert_eq!((members.number_at("price").unwrap(), members.number_at("cores").unwrap()), (12.5, 2.0));
        assert_eq!((members.boolean_at("active").unwrap(), members.boolean_at("off").unwrap()), (true, false));
        assert_eq!(members.date_at("created").unwrap(), members.date_at("changed").unwrap());
        assert_eq!(json.text_at("result[0].ips[0]").unwrap(), "192.0.2.1");
        assert_eq!(json.integer_at("[\"a.b\"].c").unwrap(), 1);
        assert_eq!(json.integer_at("[\"a.b\"][\"c\"]").unwrap(), 1);
        assert_eq!(json.list_at("result").unwrap().len(), 2);
        let items: Vec<Members> = members.parse_at("result").unwrap();
        assert_eq!(items[1].text_at("name").unwrap(), "db");
    }

    #[test]
    fn an_error_names_the_path_and_what_is_there_and_no_value() {
        let members: Members = serde_json::from_value(example()).unwrap();
        let is = |error: Error, path: &str, says: &str| {
            assert_eq!((error.kind(), error.json_path()), (ErrorKind::Property, Some(path)), "{error}");
            assert!(!error.may_have_taken_effect() && !error.is_retryable());
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says) && !shown.contains("marker"), "{shown}");
        };
        is(members.text_at("nothing").unwrap_err(), "nothing", "an object with `a.b`");
        is(members.text_at("result[0].missing.deep").unwrap_err(), "result[0].missing", "an object with `ips`, `name`");
        is(members.text_at("result[9].name").unwrap_err(), "result[9]", "an array of 2");
        is(members.text_at("id.name").unwrap_err(), "id.name", "a string");
        is(members.value_at("[0]").unwrap_err(), "[0]", "an object with `a.b`");
        is(members.integer_at("price").unwrap_err(), "price", "not a whole number");
        is(members.integer_at("password").unwrap_err(), "password", "not a whole number");
        is(members.number_at("password").unwrap_err(), "password", "not a number");
        is(members.boolean_at("cores").unwrap_err(), "cores", "not true or false");
        is(members.date_at("never").unwrap_err(), "never", "not a date");
        is(members.date_at("password").unwrap_err(), "password", "not a date");
        is(members.text_at("none").unwrap_err(), "none", "null");
        is(members.list_at("id").unwrap_err(), "id", "not an array");
        is(members.parse_at::<u8>("password").unwrap_err(), "password", "a string");
        is(members.parse_at::<Vec<u8>>("result").unwrap_err(), "result[0]", "an array");
        for path in ["", ".", "a..b", "a.", ".a", "a[", "a[x]", "a[-1]", "a]b[", "a[\"b", "a[99999999999999999999]"] {
            let error = members.value_at(path).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::InvalidArgument | ErrorKind::Property), "{path}: {error}");
        }
    }

    #[test]
    fn names_of_a_server_break_no_line_and_fill_no_screen() {
        let names = (0..1000).map(|number| (format!("{number}\n\u{1b}[2J{}", "x".repeat(500)), Value::Null));
        let members = Members::from_iter(names);
        let error = members.text_at("missing").unwrap_err().to_string();
        assert!(!error.contains(['\n', '\u{1b}']) && error.len() < 2000, "{error}");
        assert!(error.contains("and 988 more"), "{error}");
    }

    #[test]
    fn words_that_are_numbers_to_rust_alone_are_not_numbers() {
        for text in ["inf", "nan", "1e999", "12,50", "0x10", "", " ", "1_000"] {
            let members = Members::from_iter([("n".to_owned(), Value::from(text))]);
            assert!(members.number_at("n").is_err() && members.integer_at("n").is_err(), "{text}");
        }
    }
}
