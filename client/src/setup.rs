//! How a client is set up.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use crate::auth::{Auth, Command, PROFILE_VARIABLE, Profile, Profiles, TokenProvider, authorization};
use crate::cassettes::Cassettes;
use crate::client::{Client, Shared};
use crate::error::{Error, ErrorKind};
use crate::guardrails::Guardrails;
use crate::runtime::pace::{Pace, Pacer};
use crate::transport::{Pem, Policy, Transport};
use crate::values::Secret;

/// The address used where the document names none that is complete.
const DEFAULT_BASE_URL: Option<&str> = Some("https://api.swpanel.com/v2026");
/// What an address of the API looks like.
const EXAMPLE_BASE_URL: &str = "https://api.swpanel.com/v2026";
/// Environment variable that holds the token.
const TOKEN_VARIABLE: &str = "SWPANEL_TOKEN";
/// What a message calls a token of which nothing else is known.
const THE_TOKEN: &str = "the token";
/// Environment variable that holds another address of the API.
const BASE_URL_VARIABLE: &str = "SWPANEL_BASE_URL";

/// What hands out the token, and by what it is known where several clients have the same.
#[derive(Clone)]
struct Provider {
    provider: Arc<dyn TokenProvider>,
    named: Option<String>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider")
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
    /// Where the token came from, for messages.
    token_source: String,
    provider: Option<Provider>,
    base_url: Option<String>,
    guardrails: Guardrails,
    retries: usize,
    deadline: Duration,
    pace: Pace,
    timeout: Duration,
    connect_timeout: Duration,
    max_body: usize,
    user_agent: Option<String>,
    cassettes: Option<Tape>,
    pub(crate) transport: Transport,
    /// Nothing is sent that shows who calls: the document asks for nothing.
    anonymous: bool,
}

/// What is done with exchanges, and where they lie.
#[derive(Clone, Debug)]
enum Tape {
    Record(PathBuf),
    Replay(PathBuf),
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            token: None,
            token_source: THE_TOKEN.to_owned(),
            provider: None,
            base_url: None,
            guardrails: Guardrails::default(),
            retries: 2,
            deadline: Duration::from_secs(120),
            pace: Pace { per_second: None, at_once: 32 },
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_body: 64 << 20,
            user_agent: None,
            cassettes: None,
            transport: Transport::default(),
            anonymous: false,
        }
    }
}

impl ClientBuilder {
    /// What the environment sets up, as in [`Client::from_env`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the file of profiles cannot be used, or has no such profile, or a variable is not
    /// in UTF-8.
    pub fn from_env() -> Result<Self, Error> {
        let mut builder = Self::default();
        if let Some(token) = variable(TOKEN_VARIABLE)? {
            builder = builder.token_from(token, format!("the token from {TOKEN_VARIABLE}"));
        }
        if let Some(address) = variable(BASE_URL_VARIABLE)? {
            builder = builder.base_url(address);
        }
        let name = variable(PROFILE_VARIABLE)?;
        // A token by itself needs no file; a profile that was named must be there.
        if name.is_none() && builder.token.is_some() {
            return Ok(builder);
        }
        let path = Profiles::path();
        let profiles = path.as_deref().map(Profiles::load).transpose()?.flatten();
        match (profiles, name) {
            (Some(profiles), name) => Ok(builder.profile(profiles.get(name.as_deref())?)),
            (None, None) => Ok(builder),
            (None, Some(name)) => {
                let place =
                    path.map_or_else(|| "no place is known for it".to_owned(), |path| path.display().to_string());
                let detail = format!("{PROFILE_VARIABLE} names `{name}`, and there is no file of profiles ({place})");
                Err(Error::new(ErrorKind::Configuration, detail))
            }
        }
    }

    /// The bearer token: a named token of its own for each integration (see `docs/getting-a-token.md`).
    #[must_use]
    pub fn token(self, token: impl Into<Secret>) -> Self {
        self.token_from(token, THE_TOKEN)
    }

    /// The bearer token, and where it came from in words ("the token from SWPANEL_TOKEN"): an error of
    /// [`build`](Self::build) about the token begins with them.
    #[must_use]
    pub fn token_from(mut self, token: impl Into<Secret>, source: impl Into<String>) -> Self {
        (self.token, self.token_source, self.provider) = (Some(token.into()), source.into(), None);
        self
    }

    /// What hands out the token, asked before the first call and once more when the API does not take the token any
    /// more. Of this and [`token`](Self::token), what is set last holds.
    #[must_use]
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        (self.token, self.provider) = (None, Some(Provider { provider: Arc::new(provider), named: None }));
        self
    }

    /// Takes token, address, guardrails and certificates of a profile. What was set before or is set after wins, but for
    /// guardrails and root certificates: all of them hold.
    #[must_use]
    pub fn profile(mut self, profile: &Profile) -> Self {
        if self.token.is_none() && self.provider.is_none() {
            self.token.clone_from(&profile.token);
            self.token_source = format!("the token of profile `{}`", profile.name());
        }
        if let (None, None, Some(words)) = (&self.token, &self.provider, &profile.token_command) {
            let provider = Arc::new(Command::new(words.clone()));
            self.provider = Some(Provider { provider, named: Some(words.join("\0")) });
        }
        if self.base_url.is_none() {
            self.base_url.clone_from(&profile.base_url);
        }
        self.guardrails = self.guardrails.and(profile.guardrails.clone());
        self.transport.roots.extend(profile.ca_file.clone().map(Pem::File));
        if self.transport.identity.is_none() {
            let pair = profile.client_certificate.clone();
            self.transport.identity = pair.map(|(certificate, key)| (Pem::File(certificate), Pem::File(key)));
        }
        self
    }

    /// What this client may do, whatever its token could; limits that were set before hold too.
    #[must_use]
    pub fn guardrails(mut self, guardrails: Guardrails) -> Self {
        self.guardrails = self.guardrails.and(guardrails);
        self
    }

    /// Attempts after the first, where a failure is harmless (default: 2). Calls that would take effect twice or spend
    /// money are retried only when they provably were not processed: no connection, HTTP 429, a refused HTTP/2 stream.
    #[must_use]
    pub fn retries(mut self, retries: usize) -> Self {
        self.retries = retries;
        self
    }

    /// How long a call may take with all its attempts and waits; 2 minutes where it is not set.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        // Longer than anybody waits, and short enough to be added to any clock.
        self.deadline = deadline.min(Duration::from_secs(365 * 24 * 3600));
        self
    }

    /// The most calls a second. Nothing is published about SWPanel's limits, so there is none where it is not set,
    /// until an HTTP 429 teaches one. All clients of a process with the same token and host share one pace: that of
    /// the first.
    #[must_use]
    pub fn calls_per_second(mut self, calls: NonZeroU32) -> Self {
        self.pace.per_second = Some(calls);
        self
    }

    /// The most calls under way at once; 32 where it is not set. Shared like the pace.
    #[must_use]
    pub fn calls_at_once(mut self, calls: usize) -> Self {
        self.pace.at_once = calls;
        self
    }

    /// Another address of the API. It must be https, or http on this machine.
    #[must_use]
    pub fn base_url(mut self, address: impl Into<String>) -> Self {
        self.base_url = Some(address.into());
        self
    }

    /// How long one attempt may take; 30 seconds where it is not set. See [`deadline`](Self::deadline) for the whole.
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

    /// Keeps every exchange as a file of this folder, to be given again by [`replay`](Self::replay). Tokens, and what is
    /// a secret by the document or by its name, are put out before anything is written. The folder is made when the
    /// client is built, and must hold no other recording.
    #[must_use]
    pub fn record(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cassettes = Some(Tape::Record(folder.into()));
        self
    }

    /// Answers every call with what was recorded in this folder; nothing is sent, and no token is needed. Calls are known
    /// again by method, path, query and body; of several that are the same, the first recorded comes first.
    #[must_use]
    pub fn replay(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cassettes = Some(Tape::Replay(folder.into()));
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::NoToken`]: there is no token. [`ErrorKind::Configuration`]: the token holds anything but visible ASCII
    /// (the message names the character and its position, never the token), the address is not one or would carry the
    /// token in the clear, there are no trusted certificates on this machine, or a certificate, key or header that was set
    /// cannot be used.
    pub fn build(mut self) -> Result<Client, Error> {
        let cassettes = match self.cassettes.take() {
            Some(Tape::Record(folder)) => Some(Cassettes::record(&folder)?),
            Some(Tape::Replay(folder)) => Some(Cassettes::replay(&folder)?),
            None => None,
        };
        let none = self.token.is_none() && self.provider.is_none();
        if none && cassettes.as_ref().is_some_and(Cassettes::is_replay) {
            self = self.token("replayed");
        } else if none && DEFAULT_BASE_URL.is_none() && crate::operations::TOKEN_IS_OPTIONAL {
            // SWPanel's own API wants a token for every call, whatever a document leaves out.
            self.anonymous = true;
            self = self.token("none");
        }
        let fixed = match (&self.token, &self.provider) {
            (None, Some(_)) => None,
            (token, _) => Some(authorization(token.as_ref(), &self.token_source)?),
        };
        let document =
            Some(crate::DOCUMENT.server).filter(|server| server.starts_with("https://")).or(DEFAULT_BASE_URL);
        let baseurl = base_url(self.base_url.as_deref().or(document).ok_or_else(no_address)?)?;
        let own = concat!("swpanel-rust/", env!("CARGO_PKG_VERSION"));
        let agent = self.user_agent.map_or_else(|| own.to_owned(), |name| format!("{name} {own}"));
        let timeouts = (self.timeout, self.connect_timeout);
        let policy = Policy::new(&self.transport, &baseurl, timeouts, agent)?;
        let outgoing = self.transport.outgoing()?;
        let client = policy.connections(&self.transport)?;
        let url = Url::parse(&baseurl).ok();
        let host = url.as_ref().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let replays = cassettes.as_ref().is_some_and(Cassettes::is_replay);
        let (auth, pacer) = match (fixed, self.provider) {
            // Nobody is asked too often.
            (Some(header), _) if replays => (Auth::Fixed(header), Pacer::own(self.pace)),
            (Some(header), _) => {
                let pacer = Pacer::shared(header.as_bytes(), &host, self.pace);
                (Auth::Fixed(header), pacer)
            }
            (None, Some(Provider { provider, named })) => {
                let shared = |named: String| Pacer::shared(named.as_bytes(), &host, self.pace);
                (Auth::asked(provider), named.map_or_else(|| Pacer::own(self.pace), shared))
            }
            (None, None) => return Err(Error::no_token("there is no token")),
        };
        let shared = Shared {
            auth,
            guardrails: self.guardrails,
            pacer,
            proxy: proxy(&baseurl),
            base_path: url.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default(),
            retries: self.retries,
            deadline: self.deadline,
            max_body: self.max_body,
            cassettes,
            outgoing,
            anonymous: self.anonymous,
            #[cfg(feature = "blocking")]
            blocking: policy.connections(&self.transport)?,
        };
        Ok(Client { baseurl, client, shared: Arc::new(shared), trace: None })
    }
}

/// Host and port of the proxy that calls to an address go through, by the same rules as reqwest has.
fn proxy(baseurl: &str) -> Option<String> {
    if baseurl.starts_with("http://") {
        return None;
    }
    let matcher = hyper_util::client::proxy::matcher::Matcher::from_system();
    let found = matcher.intercept(&baseurl.parse().ok()?)?;
    // User name and password of the proxy are no part of this.
    let host = found.uri().host()?;
    Some(found.uri().port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// A variable of the environment that is not blank.
fn variable(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| value.contains(|c: char| !c.is_ascii_whitespace()))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::new(ErrorKind::Configuration, format!("the variable {name} is not in UTF-8; set it again")))
        }
    }
}

fn no_address() -> Error {
    let detail =
        format!("the document names no complete address of the API; set {BASE_URL_VARIABLE}, or use `base_url`");
    Error::new(ErrorKind::Configuration, detail)
}

/// The address without a final slash; paths bring their own.
fn base_url(address: &str) -> Result<String, Error> {
    let address = address.trim();
    let refuse = |what: &str| {
        let detail = format!("the address of the API {what}; set {BASE_URL_VARIABLE} to one like {EXAMPLE_BASE_URL}");
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
            let kind = if bad.trim().is_empty() { ErrorKind::NoToken } else { ErrorKind::Configuration };
            assert_eq!(error.kind(), kind);
            assert!(!format!("{error} {error:?}").contains("words"), "{error}");
        }
        let client = Client::builder().token(" marker-token\n").build().unwrap();
        assert!(!format!("{client:?} {:?}", Client::builder().token("marker-token")).contains("marker"));
    }

    #[test]
    fn characters_that_do_not_belong_into_a_token_are_named_and_the_token_is_not_shown() {
        for (bad, says) in [
            ("\u{feff}marker-token", "U+FEFF at position 1)"),
            ("marker-token\u{a0}", "U+00A0 at position 13)"),
            ("\u{a0}marker-token", "U+00A0 at position 1)"),
            ("marker-toke\u{200b}n", "U+200B at position 12)"),
            ("marker\u{2060}-token", "U+2060 at position 7)"),
            ("marker\u{ad}-token", "U+00AD at position 7)"),
            ("marker\u{202e}-token", "U+202E at position 7)"),
            ("marker-token\u{3000}", "U+3000 at position 13)"),
            ("marker\u{7}token", "U+0007 at position 7)"),
            ("marker\u{7f}token", "U+007F at position 7)"),
            ("marker\0token", "U+0000 at position 7)"),
            ("marker\u{85}", "U+0085 at position 7)"),
            ("marker\u{e0041}", "U+E0041 at position 7)"),
            ("ma\u{f1}rker", "position 3 that is not ASCII"),
            ("\u{201c}marker\u{201d}", "quotation mark"),
            ("SWPANEL_TOKEN=marker-token", "name of a variable"),
            ("\"marker-token\"", "quotation mark"),
            ("'marker-token'", "quotation mark"),
            ("'marker-token", "quotation mark"),
            ("marker-token\"", "quotation mark"),
            ("Bearer marker-token", "without `Bearer`"),
            ("bearer\tmarker-token", "without `Bearer`"),
            ("BEARER  marker-token", "without `Bearer`"),
            ("Authorization: Bearer marker-token", "without `Bearer`"),
            ("Bearer", "without `Bearer`"),
            ("marker token", "white space at position 7"),
            ("marker\ntoken", "white space at position 7"),
        ] {
            let error = Client::builder().token(bad).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad:?}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says) && !shown.contains("marker"), "{bad:?}: {shown}");
        }
        for good in [" marker-token\r\n", "\tmarker~/+=._-|:token", "Bearerish"] {
            assert!(Client::builder().token(good).build().is_ok(), "{good:?}");
        }
        // Where it came from is named.
        let profiles = Profiles::parse("[profiles.a]\ntoken = 'x\u{200b}'").unwrap();
        let error = Client::builder().profile(profiles.get(None).unwrap()).build().unwrap_err();
        assert!(error.to_string().contains("the token of profile `a`"), "{error}");
    }
}
