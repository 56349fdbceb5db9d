//! The client and how it is set up.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::error::{Error, ErrorKind};
use crate::raw::RawRequest;
use crate::values::Secret;

/// The address used where the document names none that is complete.
const DEFAULT_BASE_URL: &str = "https://api.swpanel.com/v2026";
/// Environment variable that holds the token.
pub(crate) const TOKEN_VARIABLE: &str = "SWPANEL_TOKEN";
/// Environment variable that holds another address of the API.
pub(crate) const BASE_URL_VARIABLE: &str = "SWPANEL_BASE_URL";

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
}

/// What all clones share.
pub(crate) struct Shared {
    pub(crate) authorization: HeaderValue,
    pub(crate) max_body: usize,
}

impl Client {
    /// A builder with nothing set.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client set up by the environment: `SWPANEL_TOKEN`, and `SWPANEL_BASE_URL` where it is set.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the token is missing, or what is set cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let mut builder = Self::builder();
        if let Some(token) = variable(TOKEN_VARIABLE) {
            builder = builder.token(token);
        }
        if let Some(address) = variable(BASE_URL_VARIABLE) {
            builder = builder.base_url(address);
        }
        builder.build()
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

/// Sets up a [`Client`].
///
/// ```
/// use std::time::Duration;
///
/// let client = swpanel::Client::builder()
///     .token("example-token")
///     .timeout(Duration::from_secs(60))
///     .build()?;
/// assert!(client.base_url().starts_with("https://"));
/// # Ok::<(), swpanel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    token: Option<Secret>,
    base_url: Option<String>,
    timeout: Duration,
    connect_timeout: Duration,
    max_body: usize,
    user_agent: Option<String>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            token: None,
            base_url: None,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_body: 64 << 20,
            user_agent: None,
        }
    }
}

impl ClientBuilder {
    /// The bearer token: a named token of its own for each integration (see `docs/getting-a-token.md`).
    #[must_use]
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Another address of the API. It must be https, or http on this machine.
    #[must_use]
    pub fn base_url(mut self, address: impl Into<String>) -> Self {
        self.base_url = Some(address.into());
        self
    }

    /// How long a call may take as a whole; 30 seconds where it is not set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take; 10 seconds where it is not set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest answer in bytes that is read; 64 MiB where it is not set. An answer is held in memory once
    /// as bytes, and once more as the value made of it.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// What the program calls itself; the crate's own name and version follow.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: no token, a token that no header can carry, an address that is none or
    /// would carry the token in the clear, or no trusted certificates on this machine.
    pub fn build(self) -> Result<Client, Error> {
        let authorization = authorization(self.token.as_ref())?;
        let document = crate::DOCUMENT.server;
        let document = if document.starts_with("https://") { document } else { DEFAULT_BASE_URL };
        let baseurl = base_url(self.base_url.as_deref().unwrap_or(document))?;
        let own = concat!("swpanel-rust/", env!("CARGO_PKG_VERSION"));
        let agent = self.user_agent.map_or_else(|| own.to_owned(), |name| format!("{name} {own}"));
        let mut builder = reqwest::Client::builder();
        if baseurl.starts_with("http://") {
            // An address of this machine: no proxy of the environment may see the token on its way there.
            builder = builder.no_proxy();
        }
        let client = builder
            .tls_backend_preconfigured(crate::tls::config()?)
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout.min(self.timeout))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(agent)
            .build()
            .map_err(|error| Error::new(ErrorKind::Configuration, format!("the client cannot be set up: {error}")))?;
        Ok(Client { baseurl, client, shared: Arc::new(Shared { authorization, max_body: self.max_body }) })
    }
}

fn authorization(token: Option<&Secret>) -> Result<HeaderValue, Error> {
    let refuse = |what: &str| {
        let detail = format!("{what}; set {TOKEN_VARIABLE}, see docs/getting-a-token.md");
        Error::new(ErrorKind::Configuration, detail)
    };
    let token = token.map(|token| token.expose().trim()).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| refuse("there is no token"))?;
    if token.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(refuse("the token has white space or control characters in it"));
    }
    let value = HeaderValue::from_str(&format!("Bearer {token}"));
    let mut value = value.map_err(|_| refuse("the token has characters that no header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The address without a final slash; paths bring their own.
fn base_url(address: &str) -> Result<String, Error> {
    let address = address.trim();
    let refuse = |what: &str| {
        let detail = format!("the address of the API {what}; set {BASE_URL_VARIABLE} to one like {DEFAULT_BASE_URL}");
        Error::new(ErrorKind::Configuration, detail)
    };
    let url = Url::parse(address).map_err(|error| refuse(&format!("is no address ({error})")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must not hold a query or fragment"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) => {}
        "http" => return Err(refuse("is http, which would carry the token in the clear")),
        _ => return Err(refuse("is not https")),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_only_where_it_is_safe() {
        for good in
            ["https://api.swpanel.com/v2026/", "http://127.0.0.1:8080/v2026", "http://[::1]:1", "http://localhost:80"]
        {
            assert!(base_url(good).is_ok(), "{good}");
        }
        for bad in
            ["http://api.swpanel.com/v2026", "ftp://x", "api.swpanel.com", "https://u:p@x/", "https://x/?a=1", ""]
        {
            let error = base_url(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
            assert!(!error.to_string().contains("u:p"), "{error}");
        }
        assert_eq!(base_url("https://x/v1///").unwrap(), "https://x/v1");
    }

    #[test]
    fn a_bad_token_is_refused_without_being_shown() {
        for bad in ["", "  ", "two words", "li\nne", "ñ\u{7}"] {
            let error = Client::builder().token(bad).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(!format!("{error} {error:?}").contains("words"), "{error}");
        }
        let client = Client::builder().token(" marker-token\n").build().unwrap();
        assert!(!format!("{client:?} {:?}", Client::builder().token("marker-token")).contains("marker"));
    }
}
