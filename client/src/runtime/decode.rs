//! A judged body to its type; a failure names the place in the answer, never a value of it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::excerpt;
use super::guard::{Judged, content, not_json};
use crate::error::{Error, ErrorKind};

/// Decodes a body that was judged a success.
pub(super) fn typed<T: DeserializeOwned>(body: &[u8], judged: Judged) -> Result<T, Error> {
    match judged {
        Judged::Json => from_json(body),
        // Nothing, for what can be nothing; else an object without members, as all of an open answer are optional.
        Judged::Empty => from_json(b"null").or_else(|_| from_json(b"{}")).map_err(|_| {
            let detail = "the call was answered as a success, but without the content that the document promises";
            Error::new(ErrorKind::EmptyAnswer, detail)
        }),
        Judged::EmptyList => from_json(br#"{"result":[]}"#).or_else(|error| from_json(b"[]").map_err(|_| error)),
    }
}

/// The JSON text of a success, as it came.
pub(super) fn text(body: &[u8], judged: Judged) -> Result<String, Error> {
    let body = match judged {
        Judged::Json => content(body),
        Judged::Empty => b"null",
        Judged::EmptyList => br#"{"result":[]}"#,
    };
    from_json::<serde::de::IgnoredAny>(body)?;
    String::from_utf8(body.to_vec()).map_err(|_| not_json(body))
}

/// The body of a success whose content nobody documented: it must be JSON all the same.
pub(super) fn nothing(body: &[u8], judged: Judged) -> Result<(), Error> {
    if judged == Judged::Json { from_json::<serde::de::IgnoredAny>(body).map(|_| ()) } else { Ok(()) }
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let body = content(body);
    serde_json::from_slice(body).map_err(|error| explain::<T>(body, &error))
}

/// Why a body is not decoded. Reading it again with every step noted costs a while, so that only failures pay.
fn explain<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error) -> Error {
    let value = match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(value) => value,
        Err(_) => return not_json(body),
    };
    let mut json = serde_json::Deserializer::from_slice(body);
    let (path, message) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => (error.path().to_string(), error.into_inner().to_string()),
        Ok(_) => (".".to_owned(), error.to_string()),
    };
    let detail = format!("the answer has another shape than the document says: {}", without_values(&message));
    Error::new(ErrorKind::Decode, detail)
        .json_path_is(if path == "." { "(the whole answer)".to_owned() } else { path })
        .excerpt_is(Some(excerpt::of_json(&value)))
}

/// serde's messages quote the value they stumbled over, which may be a secret. What lies between the first and the
/// last quotation mark goes, whatever marks the value itself has.
pub(crate) fn without_values(message: &str) -> String {
    let is_mark = |c: char| matches!(c, '"' | '`');
    match (message.find(is_mark), message.rfind(is_mark)) {
        (Some(first), Some(last)) => {
            let (before, after) =
                (message.get(..first).unwrap_or_default(), message.get(last + 1..).unwrap_or_default());
            format!("{}...{after}", before.trim_end_matches(' '))
        }
        _ => message.to_owned(),
    }
}

/// A missing or `null` member is the empty form of its type.
#[allow(dead_code, reason = "called by generated code where the document has an optional array")]
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only decoding is looked at")]
    struct Shape {
        result: Vec<u8>,
    }

    #[test]
    fn names_the_place_and_keeps_the_value_out() {
        let error = typed::<Shape>(br#"{"result":[1,"hunter2"]}"#, Judged::Json).unwrap_err();
        assert_eq!(error.json_path(), Some("result[1]"));
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }

    #[test]
    fn no_mark_within_a_value_lets_the_rest_of_it_out() {
        #[derive(Debug, Deserialize)]
        enum Known {
            One,
        }
        for value in ["a\"hunter2", "a`hunter2", "\\\"hunter2\\", "hunter2", "`\"`hunter2`\"`"] {
            let body = serde_json::json!({"result": [value]}).to_string();
            let error = typed::<Shape>(body.as_bytes(), Judged::Json).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
            let error = typed::<Known>(serde_json::json!(value).to_string().as_bytes(), Judged::Json).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        assert!(matches!(typed::<Known>(b"\"One\"", Judged::Json), Ok(Known::One)));
    }
}
