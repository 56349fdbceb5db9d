//! A server on this machine that lists, creates and deletes DNS records, and keeps the CNAME rule of RFC 1034, 3.6.2.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{Said, bare};

/// What the server lists, and the writes that it got.
#[derive(Default)]
struct State {
    records: Vec<Value>,
    writes: Vec<String>,
    next: u64,
    /// Requests that are answered with an error before they take effect, by their beginning.
    failing: Option<String>,
}

/// A server with records, and a folder for files.
pub(crate) struct Listing {
    base: String,
    state: Arc<Mutex<State>>,
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    pub(crate) home: tempfile::TempDir,
}

impl Drop for Listing {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // Wakes the server, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

impl Listing {
    pub(crate) fn new(records: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { records: records.to_vec(), next: 1000, ..State::default() }));
        let is_over = Arc::new(AtomicBool::new(false));
        let (known, over) = (Arc::clone(&state), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming().take_while(|_| !over.load(Ordering::Relaxed)) {
                let _ = stream.and_then(|stream| answer(&known, stream));
            }
        });
        Self { base: format!("http://{address}/v2026"), state, address, is_over, home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn fail_at(&self, beginning: &str) {
        self.state.lock().unwrap().failing = Some(beginning.to_owned());
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        self.state.lock().unwrap().writes.clone()
    }

    pub(crate) fn records(&self) -> Vec<Value> {
        self.state.lock().unwrap().records.clone()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let mut command = bare();
        command.env("HOME", self.home.path()).env("SWPANEL_BASE_URL", &self.base).env("SWPANEL_TOKEN", "not-a-token");
        Said::of(command.current_dir(self.home.path()).args(arguments).output().unwrap())
    }

    pub(crate) fn export(&self) -> Said {
        self.run(&["dns", "export", "XX012", "example.es"])
    }

    /// The plan of a zone file as JSON; it is kept in `plan.json`.
    pub(crate) fn plan(&self, text: impl AsRef<[u8]>) -> Value {
        let (file, out) = (self.file("planned.zone", text), self.path("plan.json"));
        self.run(&["dns", "plan", "XX012", "example.es", &file, "--out", &out, "-o", "json"]).ends(0).json()
    }

    pub(crate) fn apply(&self, more: &[&str]) -> Said {
        let plan = self.path("plan.json");
        self.run(&[&["dns", "apply", &plan, "--yes"], more].concat())
    }
}

/// Reads one request of a connection and answers it.
fn answer(state: &Mutex<State>, stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        let header = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        length = header.map_or(length, |(_, value)| value.trim().parse().unwrap());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, body) = respond(state, method, path, &String::from_utf8_lossy(&body));
    let body = body.to_string();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ");
    reader.into_inner().write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes())
}

fn respond(state: &Mutex<State>, method: &str, url: &str, body: &str) -> (u16, Value) {
    let mut state = state.lock().unwrap();
    if method == "GET" {
        return (200, json!({ "result": state.records }));
    }
    let body: Value = serde_json::from_str(body).unwrap_or(Value::Null);
    let record = &body["record"];
    let line = match method {
        "DELETE" => format!("DELETE {}", url.rsplit('/').next().unwrap_or_default()),
        _ => format!(
            "{method} {} {}",
            record["name"].as_str().unwrap_or_default(),
            record["type"].as_str().unwrap_or_default()
        ),
    };
    if state.failing.as_ref().is_some_and(|failing| line.starts_with(failing.as_str())) {
        return (400, json!({ "Error code": "#APIX", "Error message": "this is not allowed" }));
    }
    if method == "DELETE" {
        let id = url.rsplit('/').next().unwrap_or_default();
        state.records.retain(|known| known["id"].to_string().trim_matches('"') != id);
    } else {
        let is_alias = |of: &Value| of["type"] == "CNAME";
        let same = |known: &&Value| known["record"]["name"] == record["name"];
        if state.records.iter().filter(same).any(|known| is_alias(record) || is_alias(&known["record"])) {
            return (409, json!({ "Error code": "#APIX", "Error message": "conflicts with another record" }));
        }
        state.next += 1;
        let id = state.next;
        state.records.push(json!({ "id": id, "zone": body["zone"], "record": record }));
    }
    state.writes.push(line);
    (200, json!({ "message": "done" }))
}
