//! The client: what all calls share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::Auth;
use crate::cassettes::Cassettes;
use crate::error::Error;
use crate::guardrails::Guardrails;
use crate::raw::RawRequest;
use crate::runtime::pace::Pacer;
use crate::setup::ClientBuilder;
use crate::transport::{Outgoing, TraceParent};

/// A client of the SWPanel API. Cloning is cheap and shares the connections.
///
/// Every operation of the document is a method that returns a builder; `send` makes the call.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = swpanel::Client::builder().token("...").build()?;
/// let services = client.raw("GET", "/services/").send().await?;
/// println!("{}", *services);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    // The two names that generated code reads.
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) shared: Arc<Shared>,
    /// The trace that the calls of this clone belong to.
    pub(crate) trace: Option<TraceParent>,
}

/// What all clones share.
pub(crate) struct Shared {
    pub(crate) auth: Auth,
    pub(crate) guardrails: Guardrails,
    pub(crate) pacer: Arc<Pacer>,
    /// Path of the base address, which is no part of an operation's own.
    pub(crate) base_path: String,
    /// Host and port of the proxy that the environment names for this address.
    pub(crate) proxy: Option<String>,
    /// Attempts after the first.
    pub(crate) retries: usize,
    pub(crate) deadline: Duration,
    pub(crate) max_body: usize,
    pub(crate) cassettes: Option<Cassettes>,
    /// Headers and hooks of the program.
    pub(crate) outgoing: Outgoing,
    /// Nothing shows who calls.
    pub(crate) anonymous: bool,
    /// The connections of callers who wait, which are another runtime's.
    #[cfg(feature = "blocking")]
    pub(crate) blocking: reqwest::Client,
}

impl Client {
    /// A builder with nothing set.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client set up by the environment. The token is that of `SWPANEL_TOKEN`, else that of the profile that
    /// `SWPANEL_PROFILE` names, else of the default one of the file at [`Profiles::path`](crate::Profiles::path).
    /// Where `SWPANEL_PROFILE` names a profile, its address and guardrails hold also with the token of
    /// `SWPANEL_TOKEN`; with `SWPANEL_TOKEN` alone no file is read. `SWPANEL_BASE_URL` wins over a profile's address.
    ///
    /// # Errors
    /// [`ErrorKind::NoToken`](crate::ErrorKind::NoToken): there is none.
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): what is set cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    /// The connections that belong to the runtime of this thread.
    pub(crate) fn connections(&self) -> &reqwest::Client {
        #[cfg(feature = "blocking")]
        if crate::blocking::is_here() {
            return &self.shared.blocking;
        }
        &self.client
    }

    /// A clone whose calls send this `traceparent`, so that a server and the proxies before it can tell which trace they
    /// belong to. For each call of one's own span:
    ///
    /// ```no_run
    /// # async fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
    /// let trace: swpanel::TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
    /// let answer = client.with_traceparent(trace).raw("GET", "/services/").send().await?;
    /// # drop(answer); Ok(()) }
    /// ```
    #[must_use]
    pub fn with_traceparent(&self, trace: TraceParent) -> Self {
        Self { trace: Some(trace), ..self.clone() }
    }

    /// The address that paths are appended to.
    pub fn base_url(&self) -> &str {
        &self.baseurl
    }

    /// A call by method and path, for what has no generated method; guarded like every other call.
    ///
    /// The path is appended to the base address as it is, so its values must be percent-encoded.
    ///
    /// ```no_run
    /// # async fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
    /// let answer = client.raw("GET", "/services/").query("id", "XX012").send().await?;
    /// # drop(answer); Ok(()) }
    /// ```
    pub fn raw<'a>(&'a self, method: &str, path: &str) -> RawRequest<'a> {
        RawRequest::new(self, method, path)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.baseurl).finish_non_exhaustive()
    }
}
