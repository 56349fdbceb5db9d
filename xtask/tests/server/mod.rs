//! An HTTP server on 127.0.0.1 for tests: answers by path, 304 to the `ETag` it gave, every head noted.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// An answer: status, further header lines, body.
#[derive(Clone)]
pub(crate) struct Reply(pub(crate) u16, pub(crate) String, pub(crate) Vec<u8>);

pub(crate) fn page(body: &str) -> Reply {
    Reply(200, "Content-Type: text/html\r\n".into(), body.as_bytes().to_vec())
}

pub(crate) fn plain(body: &str) -> Reply {
    Reply(200, String::new(), body.as_bytes().to_vec())
}

/// A server until the test's process ends; notes each request's head.
pub(crate) struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(replies: &[(&str, Reply)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let replies: BTreeMap<String, Reply> =
            replies.iter().map(|(path, reply)| ((*path).to_owned(), reply.clone())).collect();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while reader.read_line(&mut head).unwrap_or(0) > 2 {}
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let Reply(status, headers, body) = answer(&replies, &path, &head);
                noted.lock().unwrap().push(head);
                let length = if headers.contains("Content-Length") {
                    String::new()
                } else {
                    format!("Content-Length: {}\r\n", body.len())
                };
                let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{length}{headers}\r\n");
                // The other side may have gone away; that is its right.
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            }
        });
        Self { port, heads }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn answer(replies: &BTreeMap<String, Reply>, path: &str, head: &str) -> Reply {
    let Some(reply) = replies.get(path).cloned() else { return Reply(404, String::new(), b"no".to_vec()) };
    let value = |text: &str, name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    };
    match value(&reply.1, "etag") {
        Some(tag) if value(head, "if-none-match") == Some(tag.clone()) => Reply(304, reply.1, Vec::new()),
        _ => reply,
    }
}
