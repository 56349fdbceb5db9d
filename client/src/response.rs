//! A successful answer: the typed value and what came with it.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

/// The value of a successful call, with status, message and timing. Reads like the value itself.
///
/// ```no_run
/// # async fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
/// let answer = client.raw("GET", "/services/").send().await?;
/// println!("HTTP {} in {:?}", answer.status(), answer.elapsed());
/// let value: serde_json::Value = answer.into_inner().into_value();
/// # drop(value); Ok(()) }
/// ```
#[derive(Clone)]
pub struct Response<T> {
    pub(crate) value: T,
    pub(crate) status: u16,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) elapsed: Duration,
}

impl<T> Response<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// What the API says in words (`message`), where it does.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The server's id of the request, where it sends one.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Time from the start of the call to its end.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The same answer with another value.
    pub(crate) fn map<U>(self, to: impl FnOnce(T) -> U) -> Response<U> {
        let Self { value, status, message, request_id, elapsed } = self;
        Response { value: to(value), status, message, request_id, elapsed }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("value", &self.value).finish_non_exhaustive()
    }
}
