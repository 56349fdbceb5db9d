//! Plays faults: answers that take the place of the real one, and what is done to a real one.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use crate::answer::{Answer, Basis, Body, Refused};
use crate::codes;
use crate::faults::{FaultKind, RetryAfter};
use crate::settings::ErrorsAs;

/// A latency never exceeds this, so that a rule cannot hang a test for good.
const LONGEST: Duration = Duration::from_secs(60);

/// What the connection has to do besides answering.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    pub(crate) delay: Duration,
    pub(crate) reset: bool,
    pub(crate) cut: bool,
    /// What is still to be done to the answer.
    pub(crate) pending: Vec<FaultKind>,
    /// Name and number of the rule that struck.
    pub(crate) played: Option<String>,
}

/// The answer that a fault gives without carrying the call out.
pub(crate) fn instead(kind: &FaultKind) -> Option<Answer> {
    let refused = |code: &Option<String>, message: &Option<String>, status: u16| {
        let message = message.clone().unwrap_or_else(|| "a fault rule of the emulator struck".to_owned());
        let code = code.clone().unwrap_or_else(|| codes::FAULT.code.to_owned());
        let body = json!({"Error code": code, "Error message": message});
        Answer { code: Some(codes::FAULT.code), ..Answer::json(status, Basis::Guessed, &body) }
    };
    match kind {
        FaultKind::ErrorIn200 { code, message } => Some(refused(code, message, 200)),
        FaultKind::Error { status, code, message } => Some(refused(code, message, (*status).clamp(400, 599))),
        FaultKind::HtmlBadGateway => {
            let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
            let body = Body::Page(page.to_owned());
            Some(Answer {
                status: 502,
                body,
                basis: Basis::Guessed,
                code: Some(codes::FAULT.code),
                headers: Vec::new(),
            })
        }
        FaultKind::Reset { after_effect: false } => Some(Answer::empty(200, Basis::Guessed)),
        FaultKind::RateLimit { retry_after } => {
            let refused =
                Refused::new(&codes::RATE, "too many calls, says a fault rule of the emulator; wait and repeat");
            let refused = match retry_after {
                None => refused,
                Some(RetryAfter::Seconds(seconds)) => refused.header("retry-after", seconds.to_string()),
                Some(RetryAfter::Date(seconds)) => {
                    let at = SystemTime::now() + Duration::from_secs((*seconds).min(86_400 * 365));
                    refused.header("retry-after", httpdate::fmt_http_date(at))
                }
            };
            Some(refused.answer(ErrorsAs::Statuses))
        }
        FaultKind::Redirect { to, status } => {
            let status = status.filter(|status| (300..400).contains(status)).unwrap_or(302);
            let to = to.clone().filter(|to| to.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            let mut answer = Answer::empty(status, Basis::Guessed);
            answer.headers.push(("location", to.unwrap_or_else(|| "/panel/login".to_owned())));
            Some(answer)
        }
        _ => None,
    }
}

/// Does to a real answer what a fault says.
pub(crate) fn spoil(kind: &FaultKind, answer: &mut Answer, stage: &mut Stage) {
    match kind {
        FaultKind::EmptyBody => answer.body = Body::Nothing,
        FaultKind::TruncatedBody => stage.cut = true,
        FaultKind::Reset { .. } => stage.reset = true,
        FaultKind::Latency { milliseconds } => {
            stage.delay = (stage.delay + Duration::from_millis(*milliseconds)).min(LONGEST);
        }
        FaultKind::NumbersAsText => rewrite(answer, &numbers_as_text),
        FaultKind::UnknownEnumValues => rewrite(answer, &unknown_words),
        FaultKind::ExtraFields => rewrite(answer, &extra_fields),
        _ => {}
    }
}

fn rewrite(answer: &mut Answer, change: &dyn Fn(&mut Value)) {
    let Body::Json(bytes) = &answer.body else { return };
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { return };
    change(&mut value);
    answer.body = Body::Json(value.to_string().into_bytes());
    answer.basis = Basis::Guessed;
}

fn numbers_as_text(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(numbers_as_text),
        Value::Object(members) => members.values_mut().for_each(numbers_as_text),
        _ => {}
    }
}

fn unknown_words(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(unknown_words),
        Value::Object(members) => {
            for (name, value) in members {
                let word =
                    matches!(name.as_str(), "status" | "type" | "kind" | "mode" | "state" | "variant" | "billing");
                match value {
                    Value::String(text) if word => "emulator_unknown_value".clone_into(text),
                    other => unknown_words(other),
                }
            }
        }
        _ => {}
    }
}

fn extra_fields(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(extra_fields),
        Value::Object(members) => {
            members.values_mut().for_each(extra_fields);
            let extra = Map::from_iter([("nested".to_owned(), json!([1, "two", null]))]);
            members.insert("x_emulator_extra".to_owned(), Value::Object(extra));
        }
        _ => {}
    }
}
