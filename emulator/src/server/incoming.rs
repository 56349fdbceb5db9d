//! Reads what comes in: bodies up to a limit, query strings, and JSON where JSON is due.

use std::future::poll_fn;
use std::pin::Pin;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::{Bytes, BytesMut};
use http_body::Body;
use serde_json::Value;

use crate::answer::Refused;
use crate::behaviour::invalid;
use crate::codes;
use crate::document::{Api, Checked, Operation, Place, Strictness, Violation, kind_of};

/// The largest body that is taken.
pub(crate) const LARGEST: usize = 1 << 20;

/// A client that has begun to send hears the refusal only once it has sent all; more than this is cut off.
pub(crate) const SWALLOWED: usize = 64 << 20;

/// What became of the body.
pub(crate) enum Received {
    Whole(Bytes),
    TooLarge,
    BrokenOff,
}

pub(crate) async fn receive(headers: &HeaderMap, mut body: axum::body::Body, largest: usize) -> Received {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > SWALLOWED) {
        return Received::TooLarge;
    }
    let mut whole = BytesMut::with_capacity(announced.unwrap_or(0).min(LARGEST));
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else { return Received::BrokenOff };
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > SWALLOWED {
            return Received::TooLarge;
        }
        if length <= largest {
            whole.extend_from_slice(&data);
        }
    }
    if length > largest { Received::TooLarge } else { Received::Whole(whole.freeze()) }
}

/// Names and values of a query, decoded.
pub(crate) fn query(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The refusal of a request that would take too long to check.
fn too_costly(operation: &Operation) -> Refused {
    let message = format!(
        "checking this request to {} against the document would take too long; nothing was done; \
        send a smaller body, or serve a document with simpler schemas",
        operation.key
    );
    Refused::new(&codes::TOO_COSTLY, message)
}

/// Everything that the address says, held against the document.
pub(crate) fn check_address(
    api: &Api,
    operation: &Operation,
    values: &[String],
    query: &[(String, String)],
    strictness: Strictness,
) -> Result<Vec<Violation>, Refused> {
    let mut violations = Vec::new();
    let mut cheap = true;
    for (name, value) in operation.path_parameters().iter().zip(values) {
        let known = operation.parameters.iter().find(|known| known.place == Place::Path && known.name == *name);
        if let Some(parameter) = known {
            cheap &= parameter.check(&api.tree, value, &mut violations);
        }
    }
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
        let mut given = query.iter().filter(|(name, _)| *name == parameter.name).peekable();
        if given.peek().is_none() && parameter.required {
            violations.push(Violation {
                pointer: format!("query:{}", parameter.name),
                expected: "this parameter, which is required".to_owned(),
                found: "nothing".to_owned(),
            });
        }
        given.for_each(|(_, value)| cheap &= parameter.check(&api.tree, value, &mut violations));
    }
    if !cheap {
        return Err(too_costly(operation));
    }
    for (name, _) in query.iter().filter(|_| !strictness.unknown_members) {
        let known =
            |parameter: &&crate::document::Parameter| parameter.place == Place::Query && parameter.name == *name;
        if operation.parameters.iter().find(known).is_none() {
            let all = operation.parameters.iter().filter(|parameter| parameter.place == Place::Query);
            let all: Vec<&str> = all.map(|parameter| parameter.name.as_str()).collect();
            let known =
                if all.is_empty() { "there are none".to_owned() } else { format!("there are: {}", all.join(", ")) };
            violations.push(Violation {
                pointer: format!("query:{name}"),
                expected: format!("no such parameter ({known})"),
                found: "a parameter that the document does not have".to_owned(),
            });
        }
    }
    Ok(violations)
}

/// The JSON of a body, as far as there is one.
pub(crate) fn parse(operation: &Operation, headers: &HeaderMap, bytes: &[u8]) -> Result<Option<Value>, Refused> {
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && !(essence.starts_with("application/") && essence.ends_with("+json")) {
        let said = if essence.is_empty() { "without a type".to_owned() } else { format!("as `{essence}`") };
        let message = format!(
            "the body of {} came {said}; send JSON with the header `Content-Type: application/json`",
            operation.key
        );
        return Err(Refused::new(&codes::MEDIA_TYPE, message));
    }
    serde_json::from_slice(bytes).map(Some).map_err(|error| {
        // The parser's own words may quote what it read.
        let (line, column) = (error.line(), error.column());
        let what = if error.is_eof() { "ends too early" } else { "is no JSON" };
        let message =
            format!("the body of {} {what}, at line {line}, column {column}; send one JSON value", operation.key);
        Refused::new(&codes::NOT_JSON, message)
    })
}

/// The body, held against the document: what is taken of it, or what is wrong with it.
pub(crate) fn check_body(
    api: &Api,
    operation: &Operation,
    body: Option<Value>,
    strictness: Strictness,
) -> Result<Result<Option<Value>, Vec<Violation>>, Refused> {
    let Some(rule) = &operation.body else {
        return Ok(match body {
            // The vendor's Python client sends `{}` with every POST and DELETE.
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) if members.is_empty() || strictness.unknown_members => Ok(None),
            Some(other) => Err(vec![Violation {
                pointer: String::new(),
                expected: "no body, or an empty object".to_owned(),
                found: kind_of(&other).to_owned(),
            }]),
        });
    };
    let Some(body) = body else {
        if !rule.required {
            return Ok(Ok(None));
        }
        return Ok(Err(vec![Violation {
            pointer: String::new(),
            expected: "a body, which is required".to_owned(),
            found: "nothing".to_owned(),
        }]));
    };
    match rule.check(&api.tree, &body, strictness) {
        Checked::TooCostly => Err(too_costly(operation)),
        Checked::Violations(violations) if violations.is_empty() => Ok(Ok(Some(body))),
        Checked::Violations(violations) => Ok(Err(violations)),
    }
}

/// Both at once, so that a caller hears of everything in one go.
pub(crate) fn check(
    api: &Api,
    operation: &Operation,
    values: &[String],
    query: &[(String, String)],
    body: Option<Value>,
    strictness: Strictness,
) -> Result<Option<Value>, Refused> {
    let mut violations = check_address(api, operation, values, query, strictness)?;
    match check_body(api, operation, body, strictness)? {
        Ok(body) if violations.is_empty() => Ok(body),
        Ok(_) => Err(invalid(operation, violations)),
        Err(more) => {
            violations.extend(more);
            Err(invalid(operation, violations))
        }
    }
}
