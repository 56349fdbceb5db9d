//! Judges an answer before anything is decoded: success, nothing, the API's error body, or no answer of the API.
//!
//! The vendor's examples show error bodies with the keys `Error code` and `Error message` and never a status
//! with them, so a body is looked at whatever the status says.

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::retry::retry_after;
use super::{Answer, excerpt};
use crate::Operation;
use crate::error::{Error, ErrorCode, ErrorKind, Fault};

/// What a successful answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// JSON.
    Json,
    /// No body; only writes succeed like this.
    Empty,
    /// "No results" on the read of a collection.
    EmptyList,
}

/// The members of an answer that decide what it is; all others are passed over.
#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(rename = "Error code")]
    code: Option<Value>,
    #[serde(rename = "Error message")]
    error: Option<Value>,
    message: Option<Words>,
}

/// A text; anything else is passed over, so that its numbers may be of any size.
struct Words(Option<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> serde::de::Visitor<'de> for Reader {
            type Value = Words;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("any value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Words, E> {
                Ok(Words(Some(text.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Words, E> {
                Ok(Words(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Words, E> {
                Ok(Words(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Words, E> {
                Ok(Words(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Words, E> {
                Ok(Words(None))
            }

            fn visit_unit<E>(self) -> Result<Words, E> {
                Ok(Words(None))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Words, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Words(None))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Words(None))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl Envelope {
    fn read(text: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(text).or_else(|_| {
            // The same member twice is still JSON; the last one counts, as it does for everybody else.
            let mut value: Value = serde_json::from_slice(text)?;
            let mut take = |name: &str| value.get_mut(name).map(Value::take).filter(|value| !value.is_null());
            let message = take("message").map(|value| Words(value.as_str().map(str::to_owned)));
            Ok(Self { code: take("Error code"), error: take("Error message"), message })
        })
    }
}

/// The judgement, and the API's own `message` where it sends one; `expects` says that a read promises a body.
pub(super) fn judge(
    answer: &Answer,
    operation: Option<&'static Operation>,
    expects: bool,
) -> Result<(Judged, Option<String>), Error> {
    let status = answer.status;
    redirected(status)?;
    let text = content(&answer.body);
    // `null` is the other spelling of no content.
    if text.is_empty() || (text == b"null" && status.is_success()) {
        return empty(status, answer, operation.filter(|_| expects));
    }
    // Most answers: reading them once, when they are decoded, also tells whether they are whole.
    if status.is_success() && matches!(text.first(), Some(b'{' | b'[')) && !may_have_envelope(text) {
        return Ok((Judged::Json, None));
    }
    let is_object = text.starts_with(b"{");
    let envelope = if is_object { Envelope::read(text) } else { Ok(Envelope::default()) };
    let envelope = match envelope {
        Ok(envelope) if is_object || is_json(text) => envelope,
        // What these say, they say by their status; a page is then the server's usual way of saying it.
        _ if matches!(status.as_u16(), 401 | 403 | 429) => Envelope::default(),
        // Any other page is some other server's: it says nothing of what the call was about.
        _ if !status.is_success() && !is_page(text) => Envelope::default(),
        _ => {
            let error = not_json(text).status_is(status.as_u16());
            return Err(error.retry_after_is(retry_after(&answer.headers)));
        }
    };
    if envelope.code.is_some() || envelope.error.is_some() {
        return refused(envelope, answer, operation);
    }
    let message = envelope.message.and_then(|Words(message)| message);
    if status.is_success() {
        return Ok((Judged::Json, message));
    }
    Err(by_status(answer, message))
}

/// Like [`judge`], where the document has responses without content, a 304 among them.
#[allow(dead_code, reason = "called by generated code where the document has such an operation")]
pub(super) fn judge_documented(
    answer: &Answer,
    operation: &'static Operation,
    expects: bool,
) -> Result<(Judged, Option<String>), Error> {
    if answer.status == StatusCode::NOT_MODIFIED {
        return Ok((Judged::Empty, None));
    }
    judge(answer, Some(operation), expects)
}

/// Like [`judge`], for an answer that is a file.
#[allow(dead_code, reason = "called by generated code where the document has such an operation")]
pub(super) fn judge_file(answer: &Answer) -> Result<(), Error> {
    let (status, text) = (answer.status, content(&answer.body));
    redirected(status)?;
    let envelope = Envelope::read(text).unwrap_or_default();
    if envelope.code.is_some() || envelope.error.is_some() {
        return refused(envelope, answer, None).map(|_| ());
    }
    if !status.is_success() {
        return Err(by_status(answer, None));
    }
    let media = answer.headers.get(reqwest::header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    if text.is_empty() {
        let detail = "the answer is empty, where a file was expected";
        return Err(Error::new(ErrorKind::EmptyAnswer, detail).status_is(status.as_u16()));
    }
    // Of a login or a gateway; no document of ours promises pages.
    if is_page(text) && media.is_some_and(|media| media.starts_with("text/html")) {
        return Err(not_json(text).status_is(status.as_u16()));
    }
    Ok(())
}

fn redirected(status: StatusCode) -> Result<(), Error> {
    if !status.is_redirection() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Redirect, "a redirect came back, which is not followed").status_is(status.as_u16()))
}

fn empty(
    status: StatusCode,
    answer: &Answer,
    operation: Option<&'static Operation>,
) -> Result<(Judged, Option<String>), Error> {
    if !status.is_success() {
        return Err(by_status(answer, None));
    }
    // The vendor's own client takes an empty answer to a POST for success, and to a GET for a fault.
    if operation.is_some_and(Operation::reads) {
        let detail = "the response has no content (no body, or `null`), where a result was expected";
        return Err(Error::new(ErrorKind::EmptyAnswer, detail).status_is(status.as_u16()));
    }
    Ok((Judged::Empty, None))
}

fn refused(
    envelope: Envelope,
    answer: &Answer,
    operation: Option<&'static Operation>,
) -> Result<(Judged, Option<String>), Error> {
    let code = envelope.code.as_ref().map(text_of).filter(|code| !code.is_empty());
    let message = envelope.error.as_ref().map(text_of).unwrap_or_default();
    let no_results = code.as_deref() == Some(ErrorCode::NO_RESULTS);
    if no_results && operation.is_some_and(|operation| operation.collection) {
        return Ok((Judged::EmptyList, None));
    }
    let status = answer.status;
    let kind = match kind_of(status) {
        _ if no_results => ErrorKind::NotFound,
        Some(kind) => kind,
        None => ErrorKind::Refused,
    };
    let detail =
        if message.is_empty() { "the API refused it".to_owned() } else { format!("the API refused it: {message}") };
    let error = Error::new(kind, detail).status_is(status.as_u16()).code_is(code.map(ErrorCode::as_sent));
    let error = error.with_fault(Fault::ErrorBody);
    Err(error.retry_after_is(retry_after(&answer.headers)))
}

/// A text as it is, anything else as JSON: the vendor shows texts only, but nothing promises them.
fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn by_status(answer: &Answer, message: Option<String>) -> Error {
    let status = answer.status;
    let kind = kind_of(status).unwrap_or(ErrorKind::Refused);
    let what = match kind {
        ErrorKind::Unauthorized => "the token was not accepted",
        ErrorKind::Forbidden => "the token may not do this",
        ErrorKind::NotFound => "there is no such thing",
        ErrorKind::RateLimited => "too many calls",
        ErrorKind::Server => "the server failed",
        _ => "the API refused it",
    };
    let detail = message.map_or_else(|| what.to_owned(), |message| format!("{what}: {message}"));
    let error = Error::new(kind, detail).status_is(status.as_u16()).retry_after_is(retry_after(&answer.headers));
    let text = content(&answer.body);
    let fault = if is_page(text) { Fault::Page } else { Fault::None };
    error.with_fault(fault).excerpt_is(excerpt::source(text))
}

fn kind_of(status: StatusCode) -> Option<ErrorKind> {
    Some(match status.as_u16() {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        400 | 422 => ErrorKind::Validation,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        500..=599 => ErrorKind::Server,
        _ => return None,
    })
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

fn is_page(text: &[u8]) -> bool {
    text.starts_with(b"<")
}

/// The body without white space around it and without the mark that some servers put before UTF-8.
pub(crate) fn content(body: &[u8]) -> &[u8] {
    let body = body.trim_ascii();
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii()
}

/// Whether the members of an [`Envelope`] can be in it, at whatever depth. Their names may be written with escapes;
/// those of letters and blanks are, by servers that mean to hide something, so they count as well.
fn may_have_envelope(text: &[u8]) -> bool {
    use memchr::memmem::{find, find_iter};
    let letter = |at: usize| matches!(text.get(at + 4), Some(b'2'..=b'7'));
    find(text, b"\"Error ").is_some() || find(text, b"\"message\"").is_some() || find_iter(text, b"\\u00").any(letter)
}

/// Why an answer is not JSON.
pub(super) fn not_json(text: &[u8]) -> Error {
    let (kind, what, fault) = if is_page(text) {
        (ErrorKind::Gateway, "a page came back instead of JSON", Fault::Page)
    } else if std::str::from_utf8(text).is_err() {
        (ErrorKind::NotJson, "the answer is no UTF-8 text", Fault::None)
    } else if text.starts_with(b"{") || text.starts_with(b"[") {
        (ErrorKind::NotJson, "the answer is broken off or no valid JSON", Fault::None)
    } else {
        (ErrorKind::NotJson, "a text came back instead of JSON", Fault::Text)
    };
    Error::new(kind, what).with_fault(fault).excerpt_is(excerpt::source(text))
}
