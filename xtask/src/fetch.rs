//! An address to bytes, status and headers: the one place of this program that opens a socket.
//!
//! GET only, one at a time, redirects by hand, every address judged before it is asked and every name after it is
//! resolved; bounded in bytes, time and hops; credentials (the token, or user and password of the address that was named)
//! go to the host that was named and to no other, and over plain http only to this machine.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use rustls_platform_verifier::BuilderVerifierExt;
use swpanel_build_tools::address::redact;
use swpanel_build_tools::discover::{Failed, Leave};
use swpanel_build_tools::document::Refusal;
use swpanel_build_tools::safe_text::line;
use url::{Host, Url};

use crate::arguments::FetchFlags;
use crate::outcome::{self, Failure};

/// The most bytes of one answer (32 MiB); the largest published API documents have about 15.
pub(crate) const MAX_ANSWER: usize = 32 << 20;
/// The most redirects of one request.
const MAX_REDIRECTS: usize = 5;
/// The time for everything that one command asks.
const DEADLINE: Duration = Duration::from_secs(45);
/// The time to reach one host.
const CONNECT: Duration = Duration::from_secs(10);
/// The pause between requests to a host that nobody allowed expressly.
const PAUSE: Duration = Duration::from_millis(250);

/// What came back.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// Where it ended, after redirects.
    pub(crate) address: String,
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What is sent in the header `Authorization`.
#[derive(Clone)]
enum Credentials {
    Token(HeaderValue),
    /// User and password, as an address has them.
    User(String, String),
}

/// Asks addresses, one after the other, within one deadline.
pub(crate) struct Fetcher {
    runtime: tokio::runtime::Runtime,
    tls: rustls::ClientConfig,
    leave: Leave,
    /// What opens the named address, and the place that alone may see it.
    credentials: Option<(Credentials, String)>,
    started: Instant,
    /// The time for everything, counted from `started`.
    deadline: Duration,
    explain: bool,
    /// Every address asked, in order.
    pub(crate) asked: Vec<String>,
}

impl Fetcher {
    /// For one command; `named` is the address the person gave, whose host alone may see the credentials.
    pub(crate) fn new(flags: &FetchFlags, named: &str, leave: Leave) -> Result<Self, Failure> {
        let set_up = |error: String| {
            Failure::new(
                "network",
                format!("the network cannot be set up: {error}"),
                "save the document and pass the file",
            )
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| set_up(error.to_string()))?;
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(|error| set_up(error.to_string()))?
            .with_no_client_auth();
        let credentials = credentials(flags, named)?;
        let (started, explain) = (Instant::now(), flags.explain);
        Ok(Self { runtime, tls, leave, credentials, started, deadline: DEADLINE, explain, asked: Vec::new() })
    }

    /// Gives all of it more or less time than a document is given.
    pub(crate) fn limit(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    /// Asks one address once and follows no redirect. The address may have data in it: what is shown is `what` alone.
    pub(crate) fn ask(&mut self, address: &str, what: &str) -> Result<Fetched, Failed> {
        let unknown = |_| Failed::Unreachable("the address cannot be read".to_owned());
        let url = Url::parse(address).map_err(unknown)?;
        self.leave.check(address).map_err(Failed::Refused)?;
        if !self.asked.is_empty() && !self.leave.allows(address) {
            std::thread::sleep(PAUSE);
        }
        if self.explain {
            explained(what);
        }
        self.asked.push(what.to_owned());
        let told = self.credentials.as_ref().filter(|(_, host)| *host == authority(address));
        let told = told.map(|(credentials, _)| credentials.clone());
        let work = one(&self.tls, &self.leave, &url, told, &[]);
        // One that never ends must not use up what all of them have.
        let left = self.deadline.saturating_sub(self.started.elapsed()).min(DEADLINE);
        let late = |_| Failed::Unreachable(format!("no whole answer within {} s", left.as_secs()));
        self.runtime.block_on(async { tokio::time::timeout(left, work).await }).map_err(late)?
    }

    /// Asks one address, following redirects.
    pub(crate) fn get(&mut self, address: &str, why: &str) -> Result<Fetched, Failed> {
        self.get_if_new(address, why, &[])
    }

    /// Asks one address for what is other than the validators say; the answer may be 304.
    pub(crate) fn get_if_new(
        &mut self,
        address: &str,
        why: &str,
        validators: &[(HeaderName, HeaderValue)],
    ) -> Result<Fetched, Failed> {
        let mut address = address.to_owned();
        let mut why = why.to_owned();
        let mut told = self.credentials.as_ref().is_some_and(|(_, host)| *host == authority(&address));
        for _ in 0..=MAX_REDIRECTS {
            let shown = || redact(&address).into_owned();
            let url = Url::parse(&address).map_err(|error| Failed::Unreachable(format!("`{}`: {error}", shown())))?;
            self.note(&url, &why);
            let credentials = self.credentials.as_ref().filter(|_| told).map(|(credentials, _)| credentials.clone());
            let work = one(&self.tls, &self.leave, &url, credentials, validators);
            let left = self.deadline.saturating_sub(self.started.elapsed());
            let fetched = self.runtime.block_on(async { tokio::time::timeout(left, work).await });
            let late =
                || Failed::Unreachable(format!("`{}`: no whole answer within {} s", shown(), self.deadline.as_secs()));
            let fetched = fetched.map_err(|_| late())??;
            let Some(to) = redirect(&fetched, &url) else { return Ok(fetched) };
            if url.scheme() == "https" && to.scheme() != "https" {
                let why = "a redirect from https to http is never followed".to_owned();
                return Err(Failed::Refused(Refusal::UnsafeUrl { address: to.into(), why }));
            }
            self.leave.check_from(to.as_str(), url.as_str()).map_err(Failed::Refused)?;
            // Once another host has been passed, the credentials are gone for good.
            told &= authority(to.as_str()) == authority(url.as_str());
            why = format!("redirect from {}", redact(url.as_str()));
            address = to.into();
        }
        let why = format!("more than {MAX_REDIRECTS} redirects lead to it");
        Err(Failed::Refused(Refusal::UnsafeUrl { address, why }))
    }

    fn note(&mut self, url: &Url, why: &str) {
        if !self.asked.is_empty() && !self.leave.allows(url.as_str()) {
            std::thread::sleep(PAUSE);
        }
        let address = redact(url.as_str()).into_owned();
        if self.explain {
            explained(&format!("{address}: {why}"));
        }
        self.asked.push(address);
    }
}

/// Tells what is asked.
fn explained(what: &str) {
    outcome::print_error(&format!("asked {}\n", line(what)));
}

/// What opens the named address: the token, or user and password as the address has them.
fn credentials(flags: &FetchFlags, named: &str) -> Result<Option<(Credentials, String)>, Failure> {
    let url = Url::parse(named).ok();
    let user = url.as_ref().filter(|url| !url.username().is_empty() || url.password().is_some());
    let (what, credentials) = match (flags.with_token, user) {
        (false, None) => return Ok(None),
        (true, Some(_)) => {
            let message = "the address has a user in it, and --with-token was given";
            return Err(Failure::usage(message, "leave one of them out: a request has room for one of them"));
        }
        (true, None) => ("the token", Credentials::Token(token()?)),
        (false, Some(url)) => {
            let (user, password) = (url.username().to_owned(), url.password().unwrap_or_default().to_owned());
            ("user and password of the address", Credentials::User(user, password))
        }
    };
    if let Some(url) = url.filter(|url| url.scheme() == "http" && !may_be_this_machine(url)) {
        return Err(plain_http(what, &url));
    }
    Ok(Some((credentials, authority(named))))
}

/// Whoever reads along would have them, whether the host was allowed or not.
fn plain_http(what: &str, url: &Url) -> Failure {
    let address = redact(url.as_str()).into_owned();
    let message = format!("`{address}` is not asked: {what} would be sent over plain http");
    let hint = "give the https address; only a server on this machine may be sent credentials over plain http";
    Failure::new("unsafe-url", message, hint)
}

/// By its name alone: what the name leads to is looked at before anything is sent.
fn may_be_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// An address without user and password: those of the named address are sent as a header, all others to nobody.
fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // An address that can have neither has neither.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url
}

fn token() -> Result<HeaderValue, Failure> {
    let hint = "set SWPANEL_TOKEN to the token, or leave --with-token out";
    let token = std::env::var("SWPANEL_TOKEN").ok().filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Failure::usage("--with-token was given, but SWPANEL_TOKEN is not set", hint))?;
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| Failure::usage("SWPANEL_TOKEN has characters that no token has", hint))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Scheme, host and port.
fn authority(address: &str) -> String {
    Url::parse(address).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

fn redirect(fetched: &Fetched, from: &Url) -> Option<Url> {
    if !matches!(fetched.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let (_, location) = fetched.headers.iter().find(|(name, _)| name == LOCATION.as_str())?;
    from.join(location).ok()
}

/// One request to one address, no redirect followed.
async fn one(
    tls: &rustls::ClientConfig,
    leave: &Leave,
    url: &Url,
    credentials: Option<Credentials>,
    validators: &[(HeaderName, HeaderValue)],
) -> Result<Fetched, Failed> {
    let url = &without_user(url);
    let shown = || redact(url.as_str()).into_owned();
    let failed = |error: &dyn std::error::Error| Failed::Unreachable(format!("`{}`: {}", shown(), chain(error)));
    let addresses = resolve(leave, url).await?;
    if credentials.is_some()
        && url.scheme() == "http"
        && !addresses.iter().all(|address| address.ip().to_canonical().is_loopback())
    {
        let why = "credentials would be sent over plain http to another machine".to_owned();
        return Err(Failed::Refused(Refusal::UnsafeUrl { address: shown(), why }));
    }
    let mut builder = reqwest::Client::builder()
        .use_preconfigured_tls(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT);
    if let Some(host) = url.host_str() {
        builder = builder.resolve_to_addrs(host, &addresses);
    }
    let client = builder.build().map_err(|error| failed(&error))?;
    let mut asked = url.clone();
    if let Some(Credentials::User(user, password)) = &credentials {
        // The client takes both out of the address and sends them as a header.
        let _ = asked.set_username(user).and_then(|()| asked.set_password(Some(password)));
    }
    let mut request =
        client.get(asked).header(USER_AGENT, concat!("swpanel-xtask/", env!("CARGO_PKG_VERSION"))).header(
            ACCEPT,
            "application/vnd.oai.openapi+json, application/json, application/yaml, text/html;q=0.8, */*;q=0.5",
        );
    if let Some(Credentials::Token(token)) = credentials {
        request = request.header(AUTHORIZATION, token);
    }
    for (name, value) in validators {
        request = request.header(name, value);
    }
    let mut answer = request.send().await.map_err(|error| failed(&error.without_url()))?;
    let announced = answer.content_length().and_then(|length| usize::try_from(length).ok());
    if let Some(bytes) = announced.filter(|bytes| *bytes > MAX_ANSWER) {
        return Err(Failed::Refused(Refusal::TooLarge { bytes, limit: MAX_ANSWER }));
    }
    let status = answer.status().as_u16();
    let headers =
        answer.headers().iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let headers = headers.collect();
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) if announced.is_some_and(|length| body.len() < length) => {
                let what = format!("{} of {} bytes came", body.len(), announced.unwrap_or_default());
                return Err(Failed::Refused(Refusal::Truncated { what }));
            }
            Err(error) => return Err(failed(&error.without_url())),
        }
        if body.len() > MAX_ANSWER {
            return Err(Failed::Refused(Refusal::TooLarge { bytes: body.len(), limit: MAX_ANSWER }));
        }
    }
    Ok(Fetched { address: url.to_string(), status, headers, body })
}

/// The addresses of a host, none of them private unless the host was allowed: a public name may lead inside.
async fn resolve(leave: &Leave, url: &Url) -> Result<Vec<SocketAddr>, Failed> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((host, port)).await;
    let found: Vec<SocketAddr> =
        found.map_err(|error| Failed::Unreachable(format!("`{host}` is not found: {error}")))?.collect();
    if !leave.allows(url.as_str())
        && let Some(inside) = found.iter().find(|address| !swpanel_build_tools::discover::is_public(address.ip()))
    {
        let why = format!("its name leads to {}, which is not a public address", inside.ip());
        return Err(Failed::Refused(Refusal::UnsafeUrl { address: redact(url.as_str()).into_owned(), why }));
    }
    Ok(found)
}

/// An error and its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = inner.source();
    }
    text
}
