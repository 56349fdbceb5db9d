//! An answer before it becomes HTTP: status, body, and on what it rests.

use serde_json::{Value, json};

use crate::ErrorsAs;
use crate::codes::Code;

/// On what an answer rests; the header `x-swpanel-emulator-basis` says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// Every member is in the document.
    Document,
    /// Seen in the vendor's publications to the letter.
    Observed,
    /// Our guess: nobody outside has seen the real one.
    Guessed,
}

impl Basis {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Observed => "observed",
            Self::Guessed => "guessed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Json(Vec<u8>),
    Text(&'static str),
    Page(String),
    /// Bytes of a media type.
    Raw(bytes::Bytes, &'static str),
    Nothing,
}

impl Body {
    pub(crate) fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::Json(_) => Some("application/json"),
            Self::Text(_) => Some("text/plain; charset=utf-8"),
            Self::Raw(_, media) => Some(media),
            Self::Page(_) => Some("text/html; charset=utf-8"),
            Self::Nothing => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) basis: Basis,
    /// The code of the error, for the journal.
    pub(crate) code: Option<&'static str>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn json(status: u16, basis: Basis, value: &Value) -> Self {
        Self::bytes(status, basis, value.to_string().into_bytes())
    }

    pub(crate) fn bytes(status: u16, basis: Basis, bytes: Vec<u8>) -> Self {
        Self { status, body: Body::Json(bytes), basis, code: None, headers: Vec::new() }
    }

    pub(crate) fn empty(status: u16, basis: Basis) -> Self {
        Self { status, body: Body::Nothing, basis, code: None, headers: Vec::new() }
    }

    /// A token that is not accepted: the one refusal whose status and text are known.
    pub(crate) fn unauthorized() -> Self {
        let body = Body::Text("Unauthorized");
        Self { status: 401, body, basis: Basis::Observed, code: Some("401"), headers: Vec::new() }
    }
}

/// A call that is refused.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) code: &'static Code,
    pub(crate) message: String,
    pub(crate) more: Option<(&'static str, Value)>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refused {
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), more: None, headers: Vec::new() }
    }

    /// The vendor's words for nothing found.
    pub(crate) fn no_results() -> Self {
        Self::new(&crate::codes::NO_RESULTS, "No existen resultados")
    }

    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more = Some((name, value));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The error body of the vendor's form, whose names contain a space.
    pub(crate) fn answer(self, errors_as: ErrorsAs) -> Answer {
        let mut body = json!({"Error code": self.code.code, "Error message": self.message});
        if let (Some((name, value)), Some(members)) = (self.more, body.as_object_mut()) {
            members.insert(name.to_owned(), value);
        }
        let status = match errors_as {
            ErrorsAs::Statuses => self.code.status,
            ErrorsAs::Success => 200,
        };
        let basis = if self.code.observed { Basis::Observed } else { Basis::Guessed };
        let answer = Answer::json(status, basis, &body);
        Answer { code: Some(self.code.code), headers: self.headers, ..answer }
    }
}

/// What handling a call comes to.
pub(crate) type Outcome = Result<Answer, Refused>;
