//! `doctor`: what stands between this machine and the API, looked at step by step. The token goes out only in a read.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;
use serde_json::{Value, json};
use swpanel::{DocumentKind, Profiles};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use url::Url;

use super::{ANSWERS, Builtin, CALLS, no_more};
use crate::arguments::{Given, Parsed};
use crate::failure::{Exit, Failure};
use crate::output::{self, Format};
use crate::profiles::{harmless, no_group, told};
use crate::request::Request;
use crate::session::{self, Session, variable};
use crate::table::Command;

pub(crate) const DOCTOR: Builtin = Builtin {
    words: &["doctor"],
    values: "",
    summary: "Look at profile, network, TLS, clock, token and limits, step by step",
    text: "Nothing is changed. Name, connection, TLS and clock are looked at with a request that carries no token; the \
           token is tried with one read.",
    flags: &[],
    heeds: &[CALLS, ANSWERS],
    hidden: false,
    run,
};

/// No step may take longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// More of an answer's head is not read.
const HEAD: u64 = 64 << 10;
/// Clocks further apart than this are worth a word.
const APART: u64 = 60;

/// What was found.
struct Found {
    rows: Vec<Value>,
    worst: Exit,
}

impl Found {
    fn put(&mut self, check: &str, state: &str, says: impl Into<String>) {
        self.rows.push(json!({ "check": check, "state": state, "says": says.into() }));
    }

    fn fail(&mut self, check: &str, exit: Exit, says: impl Into<String>) {
        self.put(check, "fail", says);
        if self.worst == Exit::Ok {
            self.worst = exit;
        }
    }
}

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 0)?;
    let mut found = Found { rows: Vec::new(), worst: Exit::Ok };
    about_document(&mut found);
    about_profile(&mut found, parsed);
    match session::base_url(&parsed.given) {
        Err(failure) => found.fail("address", failure.exit, failure.what.clone()),
        Ok(base) => {
            found.put("address", "ok", base.clone());
            session::run(async {
                network(&mut found, &base, &Certificates::of(&parsed.given)).await;
                token(&mut found, parsed).await;
                Ok(())
            })?;
        }
    }
    let mut given = parsed.given.clone();
    if Format::of(&given)? == Format::Table && given.get("columns").is_none() {
        given.put("columns", "check,state,says");
    }
    output::answer(&Value::Array(found.rows), &given)?;
    Ok(found.worst)
}

fn about_document(found: &mut Found) {
    let document = swpanel::DOCUMENT;
    let short = document.sha256.get(..12).unwrap_or(document.sha256);
    let about = format!("{}, sha256 {short}", document.version);
    match document.kind {
        DocumentKind::Published => found.put("document", "ok", format!("{about}, published by SWPanel")),
        _ => found.put(
            "document",
            "warn",
            format!("{about}: a reconstruction from the vendor's example clients; the API may differ from it"),
        ),
    }
}

fn about_profile(found: &mut Found, parsed: &Parsed) {
    let name = session::profile_name(&parsed.given);
    let Some(path) = Profiles::path() else {
        found.put("profile", "warn", format!("{name}; no place is known for the file of profiles"));
        return;
    };
    match Profiles::load(&path) {
        Err(error) => found.fail("profile", Exit::Usage, with_hint(&told(error))),
        Ok(None) if variable("SWPANEL_TOKEN").is_some() => {
            found.put("profile", "ok", format!("{name}; there is no file {}", path.display()));
        }
        Ok(None) => {
            found.put("profile", "warn", format!("there is no file {}; `swpanel login` makes one", path.display()))
        }
        Ok(Some(profiles)) => {
            let named = parsed.given.get("profile").map(str::to_owned).or_else(|| variable("SWPANEL_PROFILE"));
            let chosen = match (&named, variable("SWPANEL_TOKEN")) {
                // The token alone: no profile has a say.
                (None, Some(_)) => None,
                _ => match profiles.get(named.as_deref()) {
                    Ok(profile) => Some(profile),
                    Err(error) => return found.fail("profile", Exit::Usage, with_hint(&told(error))),
                },
            };
            let rails = chosen.map(|profile| profile.guardrails().clone()).unwrap_or_default();
            let mut limits = Vec::new();
            for (set, name) in [
                (rails.read_only, "read_only"),
                (rails.no_billable, "no_billable"),
                (rails.no_destructive, "no_destructive"),
            ] {
                limits.extend(set.then(|| name.to_owned()));
            }
            let unknown: Vec<String> = rails.groups.iter().flatten().filter_map(|group| no_group(group)).collect();
            limits.extend(rails.groups.map(|groups| format!("groups {}", groups.join(", "))));
            limits.extend(rails.services.map(|services| format!("services {}", services.join(", "))));
            let limits = if limits.is_empty() { "no guardrails".to_owned() } else { limits.join("; ") };
            let says = format!("{name} in {} ({limits})", path.display());
            match unknown.is_empty() {
                true => found.put("profile", "ok", says),
                false => found.put("profile", "warn", format!("{says}: {}", unknown.join("; "))),
            }
        }
    }
}

/// The certificates that calls use besides those of the system.
#[derive(Default)]
struct Certificates {
    roots: Vec<PathBuf>,
    /// Certificate and key.
    client: Option<(PathBuf, PathBuf)>,
}

impl Certificates {
    /// Those of the flag and of the profile in use.
    fn of(given: &Given) -> Self {
        let mut found = Self::default();
        found.roots.extend(given.get("ca-file").map(PathBuf::from));
        let profiles = Profiles::path().and_then(|path| Profiles::load(&path).ok().flatten());
        let named = given.get("profile").map(str::to_owned).or_else(|| variable("SWPANEL_PROFILE"));
        let is_used = named.is_some() || variable("SWPANEL_TOKEN").is_none();
        let profile = profiles.as_ref().filter(|_| is_used).and_then(|profiles| profiles.get(named.as_deref()).ok());
        if let Some(profile) = profile {
            found.roots.extend(profile.ca_file().map(PathBuf::from));
            found.client =
                profile.client_certificate_files().map(|(certificate, key)| (certificate.into(), key.into()));
        }
        found
    }

    /// TLS as calls have it. What is wrong with a file is reported by the client, which reads the same files.
    fn config(&self) -> Result<rustls::ClientConfig, String> {
        let said = |error: rustls::Error| error.to_string();
        let all = |path: &PathBuf| -> Result<Vec<CertificateDer<'static>>, String> {
            // The parser's own message would repeat what it found.
            let unread = |_| format!("`{}` is not a PEM file that can be read", path.display());
            CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(unread)
        };
        let roots = self.roots.iter().map(all).collect::<Result<Vec<_>, _>>()?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            Verifier::new_with_extra_roots(roots.into_iter().flatten(), Arc::clone(&provider)).map_err(said)?;
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(said)?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let Some((certificate, key)) = &self.client else { return Ok(builder.with_no_client_auth()) };
        let private =
            PrivateKeyDer::from_pem_file(key).map_err(|_| format!("`{}` holds no private key", key.display()))?;
        builder.with_client_auth_cert(all(certificate)?, private).map_err(said)
    }
}

async fn network(found: &mut Found, base: &str, certificates: &Certificates) {
    let Ok(url) = Url::parse(base) else { return };
    let (Some(host), Some(port)) = (url.host_str().map(str::to_owned), url.port_or_known_default()) else { return };
    let proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].iter().find(|name| variable(name).is_some());
    if let Some(proxy) = proxy.filter(|_| url.scheme() == "https") {
        found.put("proxy", "warn", format!("{proxy} is set: calls go through it, while these checks go straight"));
    }
    let bare = host.trim_matches(['[', ']']).to_owned();
    let started = Instant::now();
    let addresses = match tokio::time::timeout(PATIENCE, lookup_host((bare.as_str(), port))).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        Ok(Err(error)) => return found.fail("dns", Exit::Server, format!("{host} has no address: {error}")),
        Err(_) => {
            return found.fail("dns", Exit::Server, format!("{host} was not found within {} s", PATIENCE.as_secs()));
        }
    };
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    found.put("dns", "ok", format!("{host} is {} ({} ms)", shown.join(", "), started.elapsed().as_millis()));
    let started = Instant::now();
    let stream = match tokio::time::timeout(PATIENCE, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            return found.fail("connection", Exit::Server, format!("port {port} cannot be reached: {error}"));
        }
        Err(_) => return found.fail("connection", Exit::Server, format!("port {port} does not answer")),
    };
    found.put("connection", "ok", format!("port {port} in {} ms", started.elapsed().as_millis()));
    if url.scheme() != "https" {
        found.put("tls", "skipped", "the address is this machine, over http");
        return head(found, stream, &url, &host).await;
    }
    match tls(stream, bare, certificates).await {
        Err(says) => found.fail("tls", Exit::Server, says),
        Ok(stream) => {
            let version = stream.get_ref().1.protocol_version().map(|version| format!("{version:?}"));
            found.put("tls", "ok", format!("{}, the certificate is trusted", version.unwrap_or_default()));
            head(found, stream, &url, &host).await;
        }
    }
}

async fn tls(
    stream: TcpStream,
    host: String,
    certificates: &Certificates,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
    let connector = tokio_rustls::TlsConnector::from(Arc::new(certificates.config()?));
    let name = rustls::pki_types::ServerName::try_from(host).map_err(|error| error.to_string())?;
    match tokio::time::timeout(PATIENCE, connector.connect(name, stream)).await {
        Ok(connected) => connected.map_err(|error| format!("no TLS: {error}")),
        Err(_) => Err("no TLS in time".to_owned()),
    }
}

/// Asks for the head of an answer, without a token, for clock and limits.
async fn head(found: &mut Found, mut stream: impl AsyncRead + AsyncWrite + Unpin, url: &Url, host: &str) {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let request =
        format!("HEAD {path}/ HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: swpanel-cli\r\nConnection: close\r\n\r\n");
    let asked = async {
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        while (bytes.len() as u64) < HEAD && !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut chunk).await {
                Ok(0) => break,
                Ok(count) => bytes.extend_from_slice(chunk.get(..count).unwrap_or_default()),
                // Some servers close without a farewell.
                Err(_) if !bytes.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(bytes)) if !bytes.is_empty() => bytes,
        _ => return found.put("clock", "skipped", "the server did not answer a request without a token"),
    };
    let text = String::from_utf8_lossy(&bytes);
    let header = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    match header("date").and_then(|date| httpdate::parse_http_date(&date).ok()) {
        None => found.put("clock", "skipped", "the server does not tell the time"),
        Some(theirs) => {
            let ours = SystemTime::now();
            let (apart, word) = match ours.duration_since(theirs) {
                Ok(ahead) => (ahead, "ahead of"),
                Err(error) => (error.duration(), "behind"),
            };
            let state = if apart.as_secs() > APART { "warn" } else { "ok" };
            found.put("clock", state, format!("this machine is {} s {word} the server", apart.as_secs()));
        }
    }
    // How long to wait is said by the call with the token, which gets the same response.
    let named = ["ratelimit", "ratelimit-limit", "ratelimit-policy", "x-ratelimit-limit", "x-rate-limit-limit"];
    let told: Vec<String> =
        named.iter().filter_map(|name| header(name).map(|value| format!("{name}: {value}"))).collect();
    match told.is_empty() {
        true => found.put("limits", "ok", "the server tells none, and SWPanel publishes none; `--rate` sets one"),
        false => found.put("limits", "ok", told.join("; ")),
    }
}

async fn token(found: &mut Found, parsed: &Parsed) {
    let session = match Session::open(&parsed.given) {
        Ok(session) => session,
        Err(failure) => {
            let says = with_hint(&failure);
            return found.fail("token", failure.exit, says);
        }
    };
    let request = |command: &Command| Request::raw(command.method, command.path, Vec::new(), None);
    let Some(command) = harmless(|command| session.judge(&request(command)).is_ok()) else {
        return found.put(
            "token",
            "skipped",
            "there is no read to try it with that the document has and the profile allows",
        );
    };
    let started = Instant::now();
    let request = request(command);
    let call = format!("{} {}", command.method, command.path);
    match session.send(&request).await.map_err(|error| session::placed(Failure::from(error), &parsed.given)) {
        Ok(_) => {
            found.put("token", "ok", format!("{call} answered in {} ms", started.elapsed().as_millis()));
            found.put("mode", "ok", "the API lets this token in, so Integrator mode is on");
        }
        Err(failure) if failure.status == Some(403) => {
            found.fail("token", failure.exit, failure.what.clone());
            found.put("mode", "warn", "Integrator mode may be off, or the token lacks the permission for this read");
        }
        Err(failure) => {
            let says = with_hint(&failure);
            found.fail("token", failure.exit, says);
            found.put("mode", "skipped", "it shows only in an answer");
        }
    }
}

fn with_hint(failure: &Failure) -> String {
    failure.hint.as_ref().map_or_else(|| failure.what.clone(), |hint| format!("{}; {hint}", failure.what))
}
