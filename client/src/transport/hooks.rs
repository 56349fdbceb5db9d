//! What a program runs before and after each request. It sees requests without their secrets, and may add headers or stop
//! a request; method, address, body and `Authorization` are out of its reach.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Request;

use super::headers;
use crate::cassettes::{redacted_body, redacted_query};
use crate::error::{Error, ErrorKind};
use crate::values::{Json, REDACTED};
use crate::{Operation, Secret};

/// Runs before and after each request of a client, also for each attempt of the same call and for requests that are
/// [replayed](crate::ClientBuilder::replay).
///
/// What a hook may do: look at the request without its secrets, add headers, stop it. What it may not do: change method,
/// address, body or `Authorization`, or see a secret. A call that a hook stops, or that would get a header which is not
/// allowed, fails with [`ErrorKind::Hook`]; nothing was sent then. A hook runs on the thread of the call, so it must not
/// wait. A panic in a hook is that of the caller.
///
/// ```
/// use swpanel::{Client, Error, Hook, HookOutcome, HookRequest};
///
/// struct Metrics;
///
/// impl Hook for Metrics {
///     fn before(&self, request: &mut HookRequest<'_>) -> Result<(), Error> {
///         request.set_header("X-Request-Source", "billing")
///     }
///
///     fn after(&self, request: &HookRequest<'_>, outcome: &HookOutcome) {
///         println!("{} {}: {:?} in {:?}", request.method(), request.path(), outcome.status(), outcome.elapsed());
///     }
/// }
///
/// let client = Client::builder().token("example-token").hook(Metrics).build()?;
/// # drop(client);
/// # Ok::<(), swpanel::Error>(())
/// ```
pub trait Hook: Send + Sync + 'static {
    /// Runs when all of a request is ready, guardrails and token included.
    ///
    /// # Errors
    /// [`Error::stopped`]: the request is not sent, and neither is another attempt of the call.
    fn before(&self, request: &mut HookRequest<'_>) -> Result<(), Error> {
        let _ = request;
        Ok(())
    }

    /// Runs when the whole response was read, or when there is none. It does not run for a request that was stopped, or
    /// where the future of the call was dropped.
    fn after(&self, request: &HookRequest<'_>, outcome: &HookOutcome) {
        let _ = (request, outcome);
    }
}

/// A request as a hook sees it: whole, but for its secrets.
pub struct HookRequest<'a> {
    request: &'a mut Request,
    operation: Option<&'static Operation>,
    path: &'a str,
    attempt: u32,
}

impl HookRequest<'_> {
    /// The operation, where it is one of the document.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// The host of the address.
    pub fn host(&self) -> &str {
        self.request.url().host_str().unwrap_or_default()
    }

    /// The path below the base address, with the values in it.
    pub fn path(&self) -> &str {
        self.path
    }

    /// The query as `name=value&...`, decoded, without values whose name says that they are secret.
    pub fn query(&self) -> String {
        redacted_query(self.request, self.operation)
    }

    /// The body, where it is JSON, without its secrets; of another body its length. None where there is no body.
    pub fn body(&self) -> Option<Json> {
        redacted_body(self.request, self.operation).map(Json::from)
    }

    /// Names and values of the headers; `[redacted]` for `Authorization` and other secrets.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.request.headers().iter().map(|(name, value)| {
            let known = self.operation.is_some_and(|operation| operation.sensitive.contains(&name.as_str()));
            let hidden = known || value.is_sensitive() || headers::is_secret_name(name.as_str());
            (name.as_str(), if hidden { REDACTED } else { value.to_str().unwrap_or_default() })
        })
    }

    /// The value of a header, `[redacted]` where it is a secret.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Which attempt of the call it is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Sets a header of this request, under the same rules as
    /// [`ClientBuilder::default_header`](crate::ClientBuilder::default_header).
    ///
    /// # Errors
    /// [`ErrorKind::Hook`]: it is not allowed, for instance `Authorization`, or it cannot be sent.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.set(name, value, false)
    }

    /// The same with a value that is a secret, whatever the name of the header says.
    ///
    /// # Errors
    /// As [`set_header`](Self::set_header).
    pub fn set_secret_header(&mut self, name: &str, value: &Secret) -> Result<(), Error> {
        self.set(name, value.expose(), true)
    }

    fn set(&mut self, name: &str, value: &str, secret: bool) -> Result<(), Error> {
        let (name, value) = headers::validated(name, value, secret)
            .map_err(|why| Error::new(ErrorKind::Hook, format!("header of a hook: {why}")))?;
        self.request.headers_mut().insert(name, value);
        Ok(())
    }
}

impl fmt::Debug for HookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookRequest")
            .field("method", &self.method())
            .field("path", &self.path)
            .field("query", &self.query())
            .field("headers", &self.headers().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct HookOutcome {
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<ErrorKind>,
    pub(crate) request_id: Option<String>,
    pub(crate) length: usize,
    pub(crate) started: Instant,
}

impl HookOutcome {
    /// The HTTP status code, where a response came.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Why there is no whole response. What a whole response says is validated later, so an error body has none.
    pub fn error(&self) -> Option<ErrorKind> {
        self.error
    }

    /// The server's id of the request, where it sends one.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The length of the body of the response in bytes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Time from the start of this attempt.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Runs all hooks before a request.
pub(crate) fn before(
    hooks: &[Arc<dyn Hook>],
    request: &mut Request,
    operation: Option<&'static Operation>,
    path: &str,
    attempt: u32,
) -> Result<(), Error> {
    let mut seen = HookRequest { request, operation, path, attempt };
    for hook in hooks {
        // Of whatever kind the hook's error is, this call was stopped and nothing was sent.
        hook.before(&mut seen).map_err(|error| match error.kind() {
            ErrorKind::Hook => error,
            _ => Error::stopped(error.detail()),
        })?;
    }
    Ok(())
}

/// Runs all hooks after a request, of which `request` is a copy.
pub(crate) fn after(
    hooks: &[Arc<dyn Hook>],
    mut request: Request,
    operation: Option<&'static Operation>,
    path: &str,
    attempt: u32,
    outcome: &HookOutcome,
) {
    let seen = HookRequest { request: &mut request, operation, path, attempt };
    hooks.iter().for_each(|hook| hook.after(&seen, outcome));
}
