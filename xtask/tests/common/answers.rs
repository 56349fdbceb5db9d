//! A server of a few lines that answers a probe as a test wants it, and a workspace with a document for it.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use crate::common::{Copy, Ran};

/// What a server does with a request.
pub(crate) enum Reply {
    Json(Value),
    Raw(Vec<u8>),
    Close,
}

/// A server that answers by path, and what it was asked, with the moment.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) asked: Arc<Mutex<Vec<(String, Instant)>>>,
}

impl Server {
    pub(crate) fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<(String, Instant)>>> = Arc::default();
        let (kept, reply) = (Arc::clone(&asked), Arc::new(reply));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (mut client, kept, reply) = (client.unwrap(), Arc::clone(&kept), Arc::clone(&reply));
                std::thread::spawn(move || serve(&mut client, &kept, &*reply));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }
}

fn serve(client: &mut TcpStream, asked: &Mutex<Vec<(String, Instant)>>, reply: &dyn Fn(&str) -> Reply) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut words = head.split(' ');
    assert_eq!(words.next(), Some("GET"));
    let path = words.next().unwrap().to_owned();
    asked.lock().unwrap().push((path.clone(), Instant::now()));
    let bytes = match reply(&path) {
        Reply::Close => return,
        Reply::Raw(bytes) => bytes,
        Reply::Json(value) => {
            let body = value.to_string();
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
        }
    };
    // The client may have gone.
    let _ = client.write_all(&bytes);
}

/// A workspace with this document: paths with GETs, each with its effect and the schema of its `result`.
pub(crate) fn with(paths: &[(&str, &str, Value)]) -> Copy {
    let copy = Copy::new();
    let mut all = serde_json::Map::new();
    for (path, effect, schema) in paths {
        let parameters: Vec<Value> = path
            .split('{')
            .skip(1)
            .map(|part| part.split_once('}').unwrap().0)
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        let answer = json!({"type": "object", "properties": {"result": schema}, "additionalProperties": {}});
        let answer = json!({"200": {"description": "ok", "content": {"application/json": {"schema": answer}}}});
        let get = json!({"x-swpanel-effect": effect, "summary": path, "tags": ["t"], "parameters": parameters,
            "responses": answer});
        all.insert((*path).to_owned(), json!({ "get": get }));
    }
    let document = json!({"openapi": "3.0.3", "info": {"title": "Small", "version": "1"}, "paths": all});
    copy.write("small.json", document.to_string().as_bytes());
    let file = copy.path("small.json").to_string_lossy().into_owned();
    let ran = copy.xtask(&["sync", "--from", &file, "--accept-shrink"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    copy
}

pub(crate) fn probe(copy: &Copy, server: &Server, more: &[&str]) -> Ran {
    let base = format!("http://{}/v1/", server.address);
    copy.xtask(&[&["probe", "--base-url", &base, "--format", "json"], more].concat())
}

pub(crate) fn read(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

pub(crate) fn told(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = report["differences"].as_array().unwrap().iter();
    all.map(|it| format!("{} {}", text(&it["rule"]), text(&it["subject"]))).collect()
}

pub(crate) fn left_behind(copy: &Copy) -> String {
    let files = copy.state().into_iter().filter(|(name, _)| name.starts_with("target/probe/"));
    files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect()
}
