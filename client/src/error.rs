//! The one error of every call: what happened, to which operation, and what to do.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::Operation;

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
    /// HTTP 5xx.
    Server,
    /// A redirect came back. It is not followed, since the token must not reach another address.
    Redirect,
    /// A page (HTML) came back instead of JSON: of a gateway, a proxy or a login.
    Gateway,
    /// Something else that is no JSON came back: a text, half an answer, another encoding than UTF-8.
    NotJson,
    /// A success came back without content (no body, or `null`) where the document promises some.
    EmptyAnswer,
    /// The answer is longer than [`ClientBuilder::max_body`](crate::ClientBuilder::max_body) allows.
    TooLarge,
    /// The answer is JSON of another shape than the document says; the call itself was answered as a success.
    Decode,
    /// What is replayed has no answer to this call ([`ClientBuilder::replay`](crate::ClientBuilder::replay)).
    NotRecorded,
    /// The request never reached the API.
    NotSent,
    /// A read was sent and no complete answer came. Nothing was changed by it.
    NoAnswer,
    /// The deadline of the call passed, and nothing can have been changed by it.
    Deadline,
    /// Anything but a read was sent and no complete answer came. It may or may not have taken effect.
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
pub struct ErrorCode(String);

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
        Self(one_line(&code).chars().take(100).collect())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a call failed, in one small value. `Display` is one complete line with a hint; `{:#}` leaves the hint out.
///
/// ```
/// # async fn example(client: &swpanel::Client) {
/// use swpanel::ErrorKind;
///
/// let answer = client.raw("GET", "/domains/").send().await;
/// match answer {
///     Ok(answer) => println!("{}", *answer),
///     Err(error) if error.kind() == ErrorKind::Unauthorized => eprintln!("the token does not work: {error}"),
///     Err(error) => eprintln!("{error}"),
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static Operation>,
    detail: String,
    status: Option<u16>,
    code: Option<ErrorCode>,
    request_id: Option<String>,
    json_path: Option<String>,
    excerpt: Option<String>,
    resend: bool,
    retry_after: Option<Duration>,
    elapsed: Option<Duration>,
    attempts: u32,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            detail: detail.into(),
            status: None,
            code: None,
            request_id: None,
            json_path: None,
            excerpt: None,
            resend: false,
            retry_after: None,
            elapsed: None,
            attempts: 0,
            source: None,
        }))
    }

    /// For a [`TokenProvider`](crate::TokenProvider) that has no token. The detail is shown, so it must hold no secret.
    pub fn no_token(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::NoToken, detail)
    }

    /// The same failure, of a call whose earlier attempt may have taken effect.
    pub(crate) fn outcome_unknown(mut self) -> Self {
        self.0.detail = format!("an earlier attempt may have taken effect, then: {}", self.0.detail);
        self.0.kind = ErrorKind::OutcomeUnknown;
        self
    }

    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    pub(crate) fn attempts_are(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// For generated code: a builder was given something that does not convert, or not given what it needs.
    pub(crate) fn invalid_argument(detail: String) -> Self {
        Self::new(ErrorKind::InvalidArgument, detail)
    }

    /// For generated code: the request could not be put together.
    pub(crate) fn not_built(error: reqwest::Error) -> Self {
        let detail = format!("the request cannot be put together: {}", error.without_url());
        Self::new(ErrorKind::InvalidArgument, detail)
    }

    pub(crate) fn at(mut self, operation: Option<&'static Operation>) -> Self {
        self.0.operation = self.0.operation.or(operation);
        self
    }

    pub(crate) fn status_is(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn code_is(mut self, code: Option<ErrorCode>) -> Self {
        self.0.code = code;
        self
    }

    pub(crate) fn request_id_is(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    pub(crate) fn json_path_is(mut self, path: String) -> Self {
        self.0.json_path = Some(path);
        self
    }

    pub(crate) fn excerpt_is(mut self, excerpt: Option<String>) -> Self {
        self.0.excerpt = excerpt;
        self
    }

    /// The same failure with everything that a server wrote passed through `hide`, and only then cut.
    pub(crate) fn without(mut self, hide: impl Fn(&str) -> String) -> Self {
        let inner = &mut self.0;
        inner.detail = hide(&inner.detail);
        inner.code = inner.code.take().map(|code| ErrorCode::from(hide(&code.0)));
        inner.json_path = inner.json_path.take().map(|text| hide(&text));
        inner.excerpt = inner.excerpt.take().and_then(|text| crate::runtime::excerpt::of_text(&hide(&text)));
        inner.request_id = inner.request_id.take().map(|id| hide(&id).chars().take(100).collect());
        self
    }

    /// Whether the same call may be made again without doing anything twice.
    pub(crate) fn may_be_resent(mut self, again: bool) -> Self {
        self.0.resend = again;
        self
    }

    pub(crate) fn retry_after_is(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn took(mut self, elapsed: Duration) -> Self {
        self.0.elapsed = Some(elapsed);
        self
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that was called, where it is one of the document.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// The HTTP status, where an answer came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The API's own code, where its error body has one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// The server's id of the request, where it sends one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Where in the answer decoding failed, as in `result[3].values`.
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// What came back instead, where that helps: the words of a page or text, of JSON its shape without any value.
    /// 200 characters at most, without the secrets of the request.
    pub fn excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// How long the API asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Time from the start of the call to its failure, where something was sent.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    /// How often the request was sent; 0 where it was not.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether this says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether this says that the token does not work, or not for this.
    pub fn is_auth(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::NoToken)
    }

    /// Whether the same call may succeed later without doing anything twice: by what it does, by how it failed, and by
    /// the status. Retries of this client go by the same.
    pub fn is_retryable(&self) -> bool {
        self.0.resend
    }

    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.0.kind {
            ErrorKind::Unauthorized => {
                "check SWPANEL_TOKEN, and in the panel that the token was not revoked; see docs/getting-a-token.md"
            }
            ErrorKind::Forbidden => {
                "check in the panel that Integrator mode is on and that this token has the permission; \
                 see docs/getting-a-token.md"
            }
            ErrorKind::NoToken => "set SWPANEL_TOKEN or a profile; see docs/getting-a-token.md",
            ErrorKind::Guardrail => "it is set by the program or its profile; use a profile that may do this",
            ErrorKind::RateLimited => "wait before the next call",
            ErrorKind::OutcomeUnknown => "read the state before doing it again: it may have taken effect",
            ErrorKind::Decode => {
                "the API answers otherwise than the document says; `raw` gives the answer as it is, and the \
                 document can be renewed with `cargo xtask sync`"
            }
            ErrorKind::Redirect | ErrorKind::NotJson | ErrorKind::Gateway => {
                "check that SWPANEL_BASE_URL is the address of the API"
            }
            ErrorKind::EmptyAnswer => {
                "the API reported success and sent no content; try again later, and report it to SWPanel if it stays"
            }
            ErrorKind::NotRecorded => "make the calls in the order in which they were recorded, or record anew",
            ErrorKind::NotSent => "check the network and SWPANEL_BASE_URL; nothing was sent",
            _ => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&one_line(&inner.detail))?;
        if let Some(path) = &inner.json_path {
            write!(f, " at `{}`", one_line(path))?;
        }
        match (&inner.code, inner.status) {
            (Some(code), Some(status)) => write!(f, " ({code}, HTTP {status})")?,
            (None, Some(status)) => write!(f, " (HTTP {status})")?,
            _ => {}
        }
        if inner.attempts > 1 {
            write!(f, " after {} attempts", inner.attempts)?;
        }
        if let Some(id) = &inner.request_id {
            write!(f, " [request {id}]")?;
        }
        match self.hint() {
            Some(hint) if !f.alternate() => write!(f, "; hint: {hint}"),
            _ => Ok(()),
        }
    }
}

/// The fields that a person reads; never a whole body.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind).field("message", &self.to_string());
        if let Some(excerpt) = &self.0.excerpt {
            out.field("excerpt", &one_line(excerpt));
        }
        if let Some(source) = &self.0.source {
            out.field("source", &source.to_string());
        }
        out.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Control characters of a server must not reach a terminal or break a log line.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect();
    clean.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_small_and_can_cross_threads() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn a_code_of_the_server_breaks_no_line() {
        let code = ErrorCode::from(format!("X\n\u{1b}[2J{}", "y".repeat(1000)));
        let error =
            Error::new(ErrorKind::Refused, "no").status_is(200).code_is(Some(code)).json_path_is("a\nb".to_owned());
        assert!(!error.to_string().contains(['\n', '\u{1b}']) && error.to_string().len() < 200, "{error}");
    }

    #[test]
    fn display_is_one_complete_line() {
        let error = Error::new(ErrorKind::Unauthorized, "the token was\nnot accepted\u{1b}[31m").status_is(401);
        assert_eq!(
            error.to_string(),
            "the token was not accepted [31m (HTTP 401); hint: check SWPANEL_TOKEN, and in the panel that the token \
             was not revoked; see docs/getting-a-token.md"
        );
    }
}
