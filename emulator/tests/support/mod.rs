//! A small HTTP client over a plain socket: one request per connection, so that nothing is tidied up on the way.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

pub(crate) mod generate;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use swpanel_emulator::{Builder, Emulator};

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The connection ended before what was announced.
    pub(crate) broken: bool,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["Error code"].as_str().unwrap_or_default().to_owned()
    }

    /// The data of a read that must have succeeded.
    pub(crate) fn result(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["result"].clone()
    }
}

/// Sends bytes as they are, and reads until the end.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<Reply> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    socket.write_all(request)?;
    let mut answer = Vec::new();
    let ended = socket.read_to_end(&mut answer);
    if answer.is_empty() {
        return Err(ended.err().unwrap_or_else(|| std::io::ErrorKind::UnexpectedEof.into()));
    }
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let text = String::from_utf8_lossy(&answer[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = answer[head + 4..].to_vec();
    let announced = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    Ok(Reply { status, broken: announced.is_some_and(|length: usize| length != body.len()), headers, body })
}

/// Sends a request to a path of the server, with any headers.
pub(crate) fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    try_send(address, method, path, headers, body).expect("an answer")
}

pub(crate) fn try_send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body);
    exchange(address, &bytes)
}

/// A call of the API with a token; `path` is below the base.
pub(crate) fn call_as(emulator: &Emulator, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    send(emulator.address(), method, &format!("/v2026{path}"), &headers, &bytes)
}

/// The same with the token that opens everything.
pub(crate) fn call(emulator: &Emulator, method: &str, path: &str, body: Option<Value>) -> Reply {
    call_as(emulator, emulator.token(), method, path, body.as_ref())
}

pub(crate) fn get(emulator: &Emulator, path: &str) -> Reply {
    call(emulator, "GET", path, None)
}

/// A write that must succeed.
pub(crate) fn write(emulator: &Emulator, method: &str, path: &str, body: Value) -> Value {
    let reply = call(emulator, method, path, Some(body));
    assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text());
    assert!(reply.json()["message"].is_string());
    reply.json()
}

/// The controls.
pub(crate) fn control(emulator: &Emulator, method: &str, path: &str, body: Option<Value>) -> Reply {
    let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    send(emulator.address(), method, &format!("/__emulator/{path}"), &[], &bytes)
}

/// The reconstruction, whose paths and examples these tests speak of, whatever document the crate is built with: a copy
/// that stays when SWPanel publishes its own.
pub(crate) static RECONSTRUCTION: LazyLock<Vec<u8>> =
    LazyLock::new(|| std::fs::read(reconstruction()).expect("tests/reconstruction.json can be read"));

/// Where it lies.
pub(crate) fn reconstruction() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/reconstruction.json")
}

/// An emulator of the reconstruction, not started yet.
pub(crate) fn builder() -> Builder {
    Emulator::builder().document(RECONSTRUCTION.as_slice())
}

pub(crate) fn start() -> Emulator {
    builder().start_blocking().expect("an emulator starts")
}
