//! Values of parameters as text, in the spellings of OpenAPI that the generator does not know.

#![allow(dead_code, reason = "called by generated code where the document has such a parameter")]

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, ErrorKind};

/// How the parts of a value are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// The names and values of an object, as parameters of their own; a word or a list under its own name.
    Pairs,
    /// One text, the words joined; of an object names and values in turn.
    Joined(&'static str),
    /// One text, `name=value` for each property.
    JoinedPairs(&'static str),
    /// `name[property]=value`, to any depth.
    Deep,
    /// The JSON text.
    Json,
}

/// The pairs of name and value that a query gets for a parameter; none for nothing.
pub(crate) fn query<T: Serialize>(name: &str, value: &T, spelling: Spelling) -> Result<Vec<(String, String)>, Error> {
    let value = json(name, value)?;
    let mut pairs = Vec::new();
    match (spelling, value) {
        (_, Value::Null) => {}
        (Spelling::Pairs, Value::Object(object)) => {
            for (property, value) in object.into_iter().filter(|(_, value)| !value.is_null()) {
                pairs.push((property, word(name, value)?));
            }
        }
        (Spelling::Pairs, Value::Array(items)) => {
            for item in items {
                pairs.push((name.to_owned(), word(name, item)?));
            }
        }
        (Spelling::Deep, value) => deep(name, name.to_owned(), value, &mut pairs)?,
        (spelling, value) => {
            let empty = match &value {
                Value::Array(items) => items.is_empty(),
                Value::Object(object) => object.is_empty(),
                _ => false,
            };
            if !empty || spelling == Spelling::Json {
                pairs.push((name.to_owned(), joined(name, value, spelling)?));
            }
        }
    }
    Ok(pairs)
}

/// The one text that a path or a header gets for a parameter.
pub(crate) fn text<T: Serialize>(name: &str, value: &T, spelling: Spelling) -> Result<String, Error> {
    joined(name, json(name, value)?, spelling)
}

fn json<T: Serialize>(name: &str, value: &T) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|_| cannot(name))
}

fn cannot(name: &str) -> Error {
    let detail =
        format!("`{name}` holds a list or an object where only a word can be written; send this call with `raw`");
    Error::new(ErrorKind::InvalidArgument, detail)
}

fn word(name: &str, value: Value) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null => Ok(String::new()),
        Value::Array(_) | Value::Object(_) => Err(cannot(name)),
    }
}

fn joined(name: &str, value: Value, spelling: Spelling) -> Result<String, Error> {
    let (by, within) = match spelling {
        Spelling::Json => return Ok(value.to_string()),
        Spelling::Joined(by) => (by, by),
        Spelling::JoinedPairs(by) => (by, "="),
        Spelling::Pairs | Spelling::Deep => (",", ","),
    };
    let words: Result<Vec<String>, Error> = match value {
        Value::Array(items) => items.into_iter().map(|item| word(name, item)).collect(),
        Value::Object(object) => {
            let kept = object.into_iter().filter(|(_, value)| !value.is_null());
            kept.map(|(property, value)| Ok(format!("{property}{within}{}", word(name, value)?))).collect()
        }
        value => Ok(vec![word(name, value)?]),
    };
    Ok(words?.join(by))
}

/// An object is as deep as the type of the parameter, which the document bounds.
fn deep(name: &str, at: String, value: Value, pairs: &mut Vec<(String, String)>) -> Result<(), Error> {
    let mut open = vec![(at, value)];
    while let Some((at, value)) = open.pop() {
        match value {
            Value::Null => {}
            Value::Object(object) => {
                let parts = object.into_iter().rev().map(|(property, value)| (format!("{at}[{property}]"), value));
                open.extend(parts);
            }
            value => pairs.push((at, word(name, value)?)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_spelling_is_that_of_openapi() {
        let all = |value: &Value, spelling| {
            query("n", value, spelling)
                .map(|pairs| pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>())
        };
        let (list, object) = (json!(["a", 2]), json!({"x": 1, "y": "z", "no": null}));
        assert_eq!(all(&list, Spelling::Joined(",")).unwrap(), ["n=a,2"]);
        assert_eq!(all(&list, Spelling::Joined("|")).unwrap(), ["n=a|2"]);
        assert_eq!(all(&object, Spelling::Joined(",")).unwrap(), ["n=x,1,y,z"]);
        assert_eq!(all(&object, Spelling::Pairs).unwrap(), ["x=1", "y=z"]);
        assert_eq!(all(&list, Spelling::Pairs).unwrap(), ["n=a", "n=2"]);
        assert_eq!(all(&json!("w"), Spelling::Pairs).unwrap(), ["n=w"]);
        assert_eq!(
            all(&json!({"a": {"b": true, "c": 1}, "d": 2}), Spelling::Deep).unwrap(),
            ["n[a][b]=true", "n[a][c]=1", "n[d]=2"]
        );
        assert_eq!(all(&object, Spelling::Json).unwrap(), [r#"n={"no":null,"x":1,"y":"z"}"#]);
        for spelling in [Spelling::Pairs, Spelling::Joined(","), Spelling::Deep, Spelling::Json] {
            assert_eq!(all(&Value::Null, spelling).unwrap(), [""; 0]);
        }
        assert_eq!(all(&json!([]), Spelling::Joined(",")).unwrap(), [""; 0]);
        assert_eq!(text("n", &object, Spelling::JoinedPairs(",")).unwrap(), "x=1,y=z");
        for (value, spelling) in [
            (json!([["a"]]), Spelling::Joined(",")),
            (json!({"a": [1]}), Spelling::Deep),
            (json!([{}]), Spelling::Pairs),
        ] {
            let error = all(&value, spelling).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("`n`"), "{error}");
        }
    }
}
