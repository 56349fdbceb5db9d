//! An address to bytes, status and headers: the one place of this program that opens a socket.
//!
//! GET only, one at a time, redirects by hand, every address judged before it is asked and every name after it is
//! resolved; bounded in bytes, time and hops; the token goes to the host that was named, and to no other.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use rustls_platform_verifier::BuilderVerifierExt;
use swpanel_build_tools::discover::{Failed, Leave};
use swpanel_build_tools::document::Refusal;
use swpanel_build_tools::safe_text::line;
use url::Url;

use crate::arguments::FetchFlags;
use crate::outcome::Failure;

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

/// Asks addresses, one after the other, within one deadline.
pub(crate) struct Fetcher {
    runtime: tokio::runtime::Runtime,
    tls: rustls::ClientConfig,
    leave: Leave,
    token: Option<(HeaderValue, String)>,
    started: Instant,
    /// The time for everything, counted from `started`.
    deadline: Duration,
    explain: bool,
    /// Every address asked, in order.
    pub(crate) asked: Vec<String>,
}

impl Fetcher {
    /// For one command; `named` is the address the person gave, whose host alone may see the token.
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
        let token = if flags.with_token { Some((token()?, authority(named))) } else { None };
        let (started, explain) = (Instant::now(), flags.explain);
        Ok(Self { runtime, tls, leave, token, started, deadline: DEADLINE, explain, asked: Vec::new() })
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
        let told = self.token.as_ref().filter(|(_, host)| *host == authority(address));
        let token = told.map(|(token, _)| token.clone());
        let work = one(&self.tls, &self.leave, &url, token, &[]);
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
        let mut told = self.token.as_ref().is_some_and(|(_, host)| *host == authority(&address));
        for _ in 0..=MAX_REDIRECTS {
            let url = Url::parse(&address).map_err(|error| Failed::Unreachable(format!("`{address}`: {error}")))?;
            self.note(&url, &why);
            let token = self.token.as_ref().filter(|_| told).map(|(token, _)| token.clone());
            let work = one(&self.tls, &self.leave, &url, token, validators);
            let left = self.deadline.saturating_sub(self.started.elapsed());
            let fetched = self.runtime.block_on(async { tokio::time::timeout(left, work).await });
            let late = || Failed::Unreachable(format!("`{url}`: no whole answer within {} s", self.deadline.as_secs()));
            let fetched = fetched.map_err(|_| late())??;
            let Some(to) = redirect(&fetched, &url) else { return Ok(fetched) };
            if url.scheme() == "https" && to.scheme() != "https" {
                let why = "a redirect from https to http is never followed".to_owned();
                return Err(Failed::Refused(Refusal::UnsafeUrl { address: to.into(), why }));
            }
            self.leave.check_from(to.as_str(), url.as_str()).map_err(Failed::Refused)?;
            // Once another host has been passed, the token is gone for good.
            told &= authority(to.as_str()) == authority(url.as_str());
            why = format!("redirect from {url}");
            address = to.into();
        }
        let why = format!("more than {MAX_REDIRECTS} redirects lead to it");
        Err(Failed::Refused(Refusal::UnsafeUrl { address, why }))
    }

    fn note(&mut self, url: &Url, why: &str) {
        if !self.asked.is_empty() && !self.leave.allows(url.as_str()) {
            std::thread::sleep(PAUSE);
        }
        let address = shown(url);
        if self.explain {
            explained(&format!("{address}: {why}"));
        }
        self.asked.push(address);
    }
}

/// Tells what is asked; a reader that has gone away (`2>&1 | head`) is no failure.
fn explained(what: &str) {
    let _ = std::io::stderr().write_all(format!("asked {}\n", line(what)).as_bytes());
}

/// An address as it may be shown: without user and password.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    if cleared.is_err() { url.path().to_owned() } else { url.into() }
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
    token: Option<HeaderValue>,
    validators: &[(HeaderName, HeaderValue)],
) -> Result<Fetched, Failed> {
    let failed = |error: &dyn std::error::Error| Failed::Unreachable(format!("`{}`: {}", shown(url), chain(error)));
    let addresses = resolve(leave, url).await?;
    let mut builder = reqwest::Client::builder()
        .use_preconfigured_tls(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT);
    if let Some(host) = url.host_str() {
        builder = builder.resolve_to_addrs(host, &addresses);
    }
    let client = builder.build().map_err(|error| failed(&error))?;
    let mut request =
        client.get(url.clone()).header(USER_AGENT, concat!("swpanel-xtask/", env!("CARGO_PKG_VERSION"))).header(
            ACCEPT,
            "application/vnd.oai.openapi+json, application/json, application/yaml, text/html;q=0.8, */*;q=0.5",
        );
    if let Some(token) = token {
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
    Ok(Fetched { address: shown(url), status, headers, body })
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
        return Err(Failed::Refused(Refusal::UnsafeUrl { address: shown(url), why }));
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
