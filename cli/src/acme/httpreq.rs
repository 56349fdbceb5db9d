//! lego's httpreq provider, and acmeproxy of acme.sh: a small server on this machine with `/present` and `/cleanup`.
//!
//! Each connection has its own task, a limit for its size and for its time, so that none can stop the others.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::{challenge_name, challenge_value, place, records};
use crate::arguments::{Parsed, flag};
use crate::body::secret;
use crate::commands::{Builtin, CALLS, no_more};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{self, Session};

/// No request of lego or acme.sh is longer.
const LONGEST: usize = 64 << 10;
/// How long a client may take to send the head of its request, and then its body.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections at once; further ones wait.
const CONNECTIONS: usize = 256;

pub(crate) const HTTPREQ: Builtin = Builtin {
    words: &["acme", "lego-httpreq"],
    values: "",
    summary: "Server for lego's httpreq provider, on this machine alone",
    text: "For lego, set HTTPREQ_ENDPOINT to the address that is printed, HTTPREQ_USERNAME to `swpanel` and \
           HTTPREQ_PASSWORD to the password; HTTPREQ_MODE=RAW works too. For acme.sh, set ACMEPROXY_ENDPOINT, \
           ACMEPROXY_USERNAME and ACMEPROXY_PASSWORD to the same values and use `--dns dns_acmeproxy`. A request has 5 \
           seconds for its head and 5 for its body. The rest is as for `acme lego-exec`: a record is added beside others \
           and removed by its value, aliases (CNAME) are followed, and that the API accepts its type and serves it as TXT is not proven.",
    flags: &[
        super::SERVICE,
        super::ZONE,
        super::TYPE,
        super::SERVER,
        flag("listen", ' ', Some("ADDRESS"), "Address of this machine and port (default: 127.0.0.1:8093)"),
        flag("password", ' ', Some("-|@FILE|env:NAME"), "The password that the client has to send"),
    ],
    heeds: &[CALLS],
    hidden: false,
    run,
};

/// What all connections share.
struct Shared {
    parsed: Parsed,
    session: Session,
    /// The value of `Authorization` that is accepted.
    expected: String,
}

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 0)?;
    let listen = parsed.given.get("listen").unwrap_or("127.0.0.1:8093");
    let address: SocketAddr = listen
        .parse()
        .map_err(|_| Failure::usage(format!("`--listen` takes an address and a port, not `{listen}`")))?;
    if !address.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "`{listen}` is not of this machine alone; what is sent there is not encrypted"
        )));
    }
    let given = parsed.given.get("password").ok_or_else(|| {
        Failure::usage("the password is missing: without one, whoever is on this machine could change the zone")
            .hint("`--password env:NAME`, and the same for lego as HTTPREQ_PASSWORD")
    })?;
    let expected = STANDARD.encode(format!("swpanel:{}", secret("--password", given)?));
    let session = Session::open(&parsed.given)?;
    records::judge(&session, &super::service(parsed)?)?;
    super::servers(parsed)?;
    let shared = Shared { parsed: parsed.clone(), session, expected: format!("Basic {expected}") };
    session::run(serve(address, Arc::new(shared)))
}

async fn serve(address: SocketAddr, shared: Arc<Shared>) -> Result<Exit, Failure> {
    let failed = |error| Failure::other(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    output::err(&format!("listening on http://{} (Ctrl-C ends it)\n", listener.local_addr().map_err(failed)?));
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return Ok(Exit::Ok) };
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, or a client that has gone already: neither ends the server.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _permit = permit;
            let service = service_fn(|request| respond(&shared, request));
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false).max_buf_size(LONGEST);
            // A client that has gone away needs no response.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A status and a reason, for the client and for the log.
type Refused = (StatusCode, String);

async fn respond(shared: &Shared, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let method = request.method().clone();
    let path = path(&request).unwrap_or("(another path)").to_owned();
    let (status, body) = match handle(shared, request).await {
        Ok(body) => (StatusCode::OK, body),
        Err((status, why)) => (status, json!({ "error": why })),
    };
    let said = ["message", "error"].iter().find_map(|name| body.get(*name)?.as_str()).unwrap_or_default();
    // What a server or a client wrote must not steer the terminal.
    let said: String = said.chars().map(|c| if swpanel::is_invisible(c) { '?' } else { c }).collect();
    output::err(&format!("{method} {path} {}: {said}\n", status.as_u16()));
    let mut response = Response::new(Full::from(format!("{body}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"swpanel\""));
    }
    Ok(response)
}

/// One of the two paths; an endpoint that ends in a slash doubles the first one.
fn path(request: &Request<Incoming>) -> Option<&'static str> {
    let asked = request.uri().path().trim_start_matches('/');
    ["/present", "/cleanup"].into_iter().find(|path| path.strip_prefix('/') == Some(asked))
}

async fn handle(shared: &Shared, request: Request<Incoming>) -> Result<Value, Refused> {
    let sent = request.headers().get(AUTHORIZATION);
    if !sent.is_some_and(|sent| same(sent.as_bytes(), shared.expected.as_bytes())) {
        return Err((StatusCode::UNAUTHORIZED, "the user or the password is wrong".to_owned()));
    }
    let path = path(&request).filter(|_| request.method() == Method::POST);
    let path = path.ok_or_else(|| (StatusCode::NOT_FOUND, "there are POST /present and POST /cleanup".to_owned()))?;
    let message = Message::read(request).await?;
    let name = place::checked(&message.name).map_err(refused)?;
    let place = place::find(&shared.parsed, &shared.session, &name).await.map_err(refused)?;
    let turn = place::turn(&shared.session, &place.zone).await.map_err(refused)?;
    let said = match path {
        "/present" => {
            let added = records::add(&shared.session, &shared.parsed, &place.zone, &message.value).await;
            added.map_err(refused)?.1.lines().next().unwrap_or_default().to_owned()
        }
        _ => {
            let removed = records::remove(&shared.session, &place.zone, &message.value).await;
            format!("{} removed", removed.map_err(refused)?)
        }
    };
    drop(turn);
    // acme.sh takes a response for a success where it finds the value in quotes; so no error may have it.
    Ok(json!({ "fqdn": message.name, "value": message.value, "message": said }))
}

/// A failure as a response: what the client sent or what is set up is wrong, or the API did not do it.
fn refused(failure: Failure) -> Refused {
    let status = if failure.exit == Exit::Usage { StatusCode::BAD_REQUEST } else { StatusCode::BAD_GATEWAY };
    let hint = failure.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    (status, format!("{}{hint}", failure.what))
}

/// What a client asks for.
struct Message {
    name: String,
    value: String,
}

impl Message {
    /// Reads a body of lego: `fqdn` and `value`, or `domain`, `token` and `keyAuth` (RAW).
    async fn read(request: Request<Incoming>) -> Result<Self, Refused> {
        let bad = |why: &str| (StatusCode::BAD_REQUEST, why.to_owned());
        let body = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), LONGEST).collect()).await;
        let body = body.map_err(|_| (StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time".to_owned()))?;
        let body = body.map_err(|_| bad("the body cannot be read, or is longer than 64 KiB"))?.to_bytes();
        let body: Value = serde_json::from_slice(&body).map_err(|_| bad("the body is not JSON"))?;
        let part = |name: &str| body.get(name).and_then(Value::as_str);
        match (part("fqdn"), part("value"), part("domain"), part("keyAuth")) {
            (Some(name), Some(value), ..) => Ok(Self { name: name.to_owned(), value: value.to_owned() }),
            (_, _, Some(domain), Some(key)) => Ok(Self { name: challenge_name(domain), value: challenge_value(key) }),
            _ => Err(bad("`fqdn` and `value` are missing, or `domain` and `keyAuth` of lego's RAW mode")),
        }
    }
}

/// Compares in a time that does not depend on how much was right.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |seen, (one, other)| seen | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_password_is_the_same() {
        assert!(same(b"ab", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"abc"));
    }
}
