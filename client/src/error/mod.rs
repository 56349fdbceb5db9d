//! The one error of every call: what happened, to which operation, and what to do.

mod fault;
mod hint;
mod kind;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::Operation;
pub(crate) use fault::{CertificateFault, Fault};
pub use kind::{ErrorCode, ErrorKind};

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
    fault: Fault,
    effect: bool,
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
            fault: Fault::None,
            effect: false,
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

    /// For a [`Hook`](crate::Hook) that stops a request. The reason is shown, so it must hold no secret.
    pub fn stopped(reason: impl Into<String>) -> Self {
        Self::new(ErrorKind::Hook, reason)
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

    pub(crate) fn with_fault(mut self, fault: Fault) -> Self {
        self.0.fault = fault;
        self
    }

    pub(crate) fn fault(&self) -> Fault {
        self.0.fault
    }

    /// Whether what was asked for may have been done all the same.
    pub(crate) fn with_effect(mut self, may_have_taken_effect: bool) -> Self {
        self.0.effect = may_have_taken_effect;
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

    /// The same in whole seconds, never less than the API asks for.
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        self.0.retry_after.map(|wait| wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)))
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

    /// Whether the server's certificate was not accepted. Nothing was sent, and the call was not retried.
    pub fn is_certificate(&self) -> bool {
        matches!(self.0.fault, Fault::Certificate(_))
    }

    /// Whether a change may have been made although the call failed. If so, read the state before the next attempt; a
    /// second attempt could make the change twice. A read changes nothing, so it is `false` for every read.
    ///
    /// For a write it depends on how far the request came, whatever the message says:
    ///
    /// | failure | may have taken effect |
    /// |---|---|
    /// | [`Configuration`](ErrorKind::Configuration), [`NoToken`](ErrorKind::NoToken), [`Guardrail`](ErrorKind::Guardrail), [`InvalidArgument`](ErrorKind::InvalidArgument), [`Hook`](ErrorKind::Hook), [`NotRecorded`](ErrorKind::NotRecorded) | no: nothing was sent |
    /// | [`Property`](ErrorKind::Property) | no: it is about reading a value, not about a call |
    /// | [`NotSent`](ErrorKind::NotSent): unknown name, no connection (also in time, also through a proxy), refused certificate, failed TLS handshake | no: nothing was sent |
    /// | [`NotSent`](ErrorKind::NotSent): HTTP/2 `REFUSED_STREAM`, or `GOAWAY` before this request | no: the server says that it was not processed |
    /// | [`NotSent`](ErrorKind::NotSent): the server requires a client certificate or does not accept it | no: TLS ends before the request is processed |
    /// | [`Deadline`](ErrorKind::Deadline) | no: it passed before the request was sent |
    /// | HTTP 401 and 429, whatever the body | no: rejected before processing |
    /// | any other 4xx with the API's error body; 400 to 431 (except 408) and 451 with JSON, plain text or nothing | no: the API rejected it |
    /// | the API's error body with a 2xx status ([`Refused`](ErrorKind::Refused), [`NotFound`](ErrorKind::NotFound)) | no: the API rejected it |
    /// | HTTP 5xx, whatever the body | yes |
    /// | a page (HTML) with any status except 401 and 429 | yes: a gateway may have sent it after the API was reached |
    /// | HTTP 408, 499 and other 4xx without the API's error body | yes |
    /// | a redirect | yes: it may be the response to a change that was made |
    /// | [`OutcomeUnknown`](ErrorKind::OutcomeUnknown): time-out or broken connection after sending, also within the body | yes |
    /// | [`TooLarge`](ErrorKind::TooLarge), [`NotJson`](ErrorKind::NotJson) or [`EmptyAnswer`](ErrorKind::EmptyAnswer) with a 2xx status, [`Decode`](ErrorKind::Decode) | yes: most likely a success |
    /// | an earlier attempt of the same call was one of these | yes, whatever the last attempt says |
    ///
    /// A future of `send` that is dropped before it ends gives no error: a write may then have taken effect too.
    ///
    /// ```
    /// # async fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
    /// match client.raw("POST", "/services/XX012/cloud/start/").send().await {
    ///     Ok(_) => println!("started"),
    ///     Err(error) if error.may_have_taken_effect() => {
    ///         let state = client.raw("GET", "/services/XX012/status/").send().await?;
    ///         println!("{error}; the state is now {}", *state);
    ///     }
    ///     Err(error) => println!("not started: {error}"),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.effect
    }

    /// What to do next, where something can be said.
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        hint::of(self)
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
