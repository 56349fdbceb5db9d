//! Why a command ends otherwise than well: what is said, to whom, and with which exit code.

use std::ops::{Deref, DerefMut};

use serde_json::{Map, Value, json};
use swpanel::{Error, ErrorKind};

use crate::text::visible;

/// Exit codes, as documented in docs/cli.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Ok = 0,
    Other = 1,
    Usage = 2,
    NotFound = 3,
    Auth = 4,
    Invalid = 5,
    RateLimited = 6,
    Server = 7,
    Partial = 8,
    Refused = 9,
    Interrupted = 130,
}

impl Exit {
    /// All of them, with what they say.
    pub(crate) const ALL: [(Self, &'static str); 11] = [
        (Self::Ok, "done"),
        (Self::Other, "another failure: a file, the terminal, an answer that is not understood"),
        (Self::Usage, "wrong usage or set-up; nothing was sent"),
        (Self::NotFound, "there is no such thing"),
        (Self::Auth, "no token, or it does not work, or not for this"),
        (Self::Invalid, "the values do not fit the document, or the API refused them (validation, conflict)"),
        (Self::RateLimited, "too many calls"),
        (
            Self::Server,
            "the server or the network failed; `may_have_taken_effect` of the JSON says whether something may have changed",
        ),
        (Self::Partial, "some items of a fleet failed or have an unknown outcome"),
        (Self::Refused, "refused by a guardrail, or a question that nobody was there to answer; nothing was sent"),
        (Self::Interrupted, "interrupted (Ctrl-C)"),
    ];

    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::NoToken => Self::Auth,
            ErrorKind::Validation | ErrorKind::Conflict | ErrorKind::Refused => Self::Invalid,
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::Guardrail => Self::Refused,
            ErrorKind::Configuration | ErrorKind::InvalidArgument => Self::Usage,
            ErrorKind::Server
            | ErrorKind::Redirect
            | ErrorKind::Gateway
            | ErrorKind::NotJson
            | ErrorKind::EmptyAnswer
            | ErrorKind::TooLarge
            | ErrorKind::NotSent
            | ErrorKind::NoAnswer
            | ErrorKind::Deadline
            | ErrorKind::OutcomeUnknown => Self::Server,
            _ => Self::Other,
        }
    }
}

/// What went wrong, and what to do; small, since every function may return one.
#[derive(Debug)]
pub(crate) struct Failure(Box<Told>);

/// All that is told of a failure.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: Exit,
    /// A word for programs.
    pub(crate) kind: String,
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
    /// Further lines, each complete.
    pub(crate) details: Vec<String>,
    pub(crate) code: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) operation: Option<&'static str>,
    pub(crate) retryable: bool,
    /// The kind of the library's error, as long as its hint is the library's: a command with a hint of its own knows
    /// better what to do.
    pub(crate) source: Option<ErrorKind>,
    /// The address that the call went to, where it is not that of the command line.
    pub(crate) address: Option<String>,
    /// Whether this command may have changed something all the same.
    pub(crate) may_have_taken_effect: bool,
    /// Seconds that the API asks to wait.
    pub(crate) retry_after: Option<u64>,
    /// It was said already, or there is nobody left to say it to.
    pub(crate) silent: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, kind: &str, what: impl Into<String>) -> Self {
        Self(Box::new(Told {
            exit,
            kind: kind.to_owned(),
            what: what.into(),
            hint: None,
            details: Vec::new(),
            code: None,
            status: None,
            request_id: None,
            operation: None,
            retryable: false,
            source: None,
            address: None,
            may_have_taken_effect: false,
            retry_after: None,
            silent: false,
        }))
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", what)
    }

    pub(crate) fn other(what: impl Into<String>) -> Self {
        Self::new(Exit::Other, "other", what)
    }

    /// The document has no operation that a hand-written command needs.
    pub(crate) fn absent(method: &str, path: &str, command: &str) -> Self {
        let what = format!("the API's document has no operation {method} {path}, so `{command}` cannot do this");
        Self::new(Exit::Other, "absent", what).hint("`swpanel --help` lists what there is")
    }

    /// All was said; only the exit code remains.
    pub(crate) fn silent(exit: Exit) -> Self {
        let mut failure = Self::new(exit, "silent", "");
        failure.silent = true;
        failure
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self.source = None;
        self
    }

    #[must_use]
    pub(crate) fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// One JSON value for programs.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.code));
        error.insert("exit".to_owned(), json!(self.exit.code()));
        error.insert("hint".to_owned(), json!(self.hint));
        error.insert("kind".to_owned(), json!(self.kind));
        error.insert("may_have_taken_effect".to_owned(), json!(self.may_have_taken_effect));
        error.insert("message".to_owned(), json!(self.what));
        error.insert("operation".to_owned(), json!(self.operation));
        error.insert("retry_after".to_owned(), json!(self.retry_after));
        error.insert("retryable".to_owned(), json!(self.retryable));
        error.insert("status".to_owned(), json!(self.status));
        if let Some(id) = &self.request_id {
            error.insert("request_id".to_owned(), json!(id));
        }
        if !self.details.is_empty() {
            error.insert("details".to_owned(), json!(self.details));
        }
        json!({ "error": error })
    }

    /// Lines for a person.
    pub(crate) fn to_text(&self) -> String {
        let mut out = format!("swpanel: {}\n", visible(&self.what));
        for detail in &self.details {
            out.push_str(&format!("  {}\n", visible(detail)));
        }
        if let Some(hint) = &self.hint {
            out.push_str(&format!("  hint: {}\n", visible(hint)));
        }
        out
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let hint = error.hint();
        // "The API refused it" would promise that nothing was done.
        let exit = match Exit::of(error.kind()) {
            Exit::Refused | Exit::Invalid if error.may_have_taken_effect() => Exit::Server,
            exit => exit,
        };
        let mut failure = Self::new(exit, error.kind().as_str(), format!("{error:#}"));
        failure.hint = hint.as_ref().map(ToString::to_string);
        failure.source = Some(error.kind());
        failure.code = error.code().map(|code| code.as_str().to_owned());
        failure.status = error.status();
        failure.request_id = error.request_id().map(str::to_owned);
        failure.operation = error.operation().map(|operation| operation.id);
        failure.retryable = error.is_retryable();
        failure.may_have_taken_effect = error.may_have_taken_effect();
        // Never less than the API asks for.
        failure.retry_after =
            error.retry_after().map(|wait| wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)));
        failure
    }
}

impl Deref for Failure {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Told {
        &mut self.0
    }
}
