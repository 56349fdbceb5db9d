//! The kinds of failures, and the API's own codes.

use std::fmt;

#[cfg(doc)]
use super::Error;

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client cannot be set up this way: no usable token, a bad address, no trusted certificates.
    Configuration,
    /// There is no token: none was given, or what hands it out has none.
    NoToken,
    /// A limit that was set for this client forbids the call ([`Guardrails`](crate::Guardrails)). Nothing was sent.
    Guardrail,
    /// An argument was refused before anything was sent.
    InvalidArgument,
    /// A [`Hook`](crate::Hook) stopped the request, or wanted a header that a hook may not set. A hook may look at a request
    /// without its secrets, add headers and stop it; it may not set `Authorization`, the address, or a header that turns
    /// the call into another one. This request was not sent.
    Hook,
    /// HTTP 401: the token is missing, wrong or revoked.
    Unauthorized,
    /// HTTP 403: the token lacks a permission, or Integrator mode is off.
    Forbidden,
    /// There is no such thing: HTTP 404, or "no results" on the read of a single thing.
    NotFound,
    /// HTTP 400 or 422: the API does not take these values.
    Validation,
    /// HTTP 409: the state of the account forbids it.
    Conflict,
    /// HTTP 429: too many calls; see [`Error::retry_after`].
    RateLimited,
    /// The API refused the call and says so in its error body, at whatever status.
    Refused,
    /// HTTP 5xx. A write may have taken effect all the same.
    Server,
    /// A redirect came back. It is not followed, since the token must not reach another address.
    Redirect,
    /// A page (HTML) came back instead of JSON: of a gateway, a proxy or a login. A write may have reached the API all the
    /// same.
    Gateway,
    /// Something else that is no JSON came back: a text, half an answer, another encoding than UTF-8.
    NotJson,
    /// A success came back without content (no body, or `null`) where the document promises some.
    EmptyAnswer,
    /// The answer is longer than [`ClientBuilder::max_body`](crate::ClientBuilder::max_body) allows.
    TooLarge,
    /// The answer is JSON of another shape than the document says; the call itself was answered as a success.
    Decode,
    /// A property that the program reads from a value is not there or of another type: an accessor such as
    /// [`Members::text_at`](crate::Members::text_at) says so. No call failed.
    Property,
    /// What is replayed has no answer to this call ([`ClientBuilder::replay`](crate::ClientBuilder::replay)).
    NotRecorded,
    /// The request never reached the API, or provably was not processed: no connection, a refused certificate, a stream
    /// that the server refused.
    NotSent,
    /// A read was sent and no complete answer came. Nothing was changed by it.
    NoAnswer,
    /// The deadline of the call passed, and nothing can have been changed by it.
    Deadline,
    /// A write was sent and no complete response came, or an earlier attempt of the same call may have taken effect. Other
    /// kinds may leave a write's outcome unknown too: [`Error::may_have_taken_effect`] covers all of them.
    OutcomeUnknown,
}

impl ErrorKind {
    /// A fixed name for programs and logs, as in `outcome-unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::NoToken => "no-token",
            Self::Guardrail => "guardrail",
            Self::InvalidArgument => "invalid-argument",
            Self::Hook => "hook",
            Self::Property => "property",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Validation => "validation",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate-limited",
            Self::Refused => "refused",
            Self::Server => "server",
            Self::Redirect => "redirect",
            Self::Gateway => "gateway",
            Self::NotJson => "not-json",
            Self::EmptyAnswer => "empty-answer",
            Self::TooLarge => "too-large",
            Self::Decode => "decode",
            Self::NotRecorded => "not-recorded",
            Self::NotSent => "not-sent",
            Self::NoAnswer => "no-answer",
            Self::Deadline => "deadline",
            Self::OutcomeUnknown => "outcome-unknown",
        }
    }
}

/// A code that the API puts under `Error code`; open, since no list of them is published.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub(super) String);

impl ErrorCode {
    /// "No existen resultados": there are no results.
    pub const NO_RESULTS: &'static str = "#APIGENE25";

    /// The code as the API wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ErrorCode {
    /// The code uncut, until the secrets of the request are taken out of it.
    pub(crate) fn as_sent(code: String) -> Self {
        Self(code)
    }
}

impl From<String> for ErrorCode {
    /// Control characters become blanks, and what is longer than any code is cut.
    fn from(code: String) -> Self {
        Self(super::one_line(&code).chars().take(100).collect())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
