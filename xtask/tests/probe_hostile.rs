//! Servers that no document describes: what they send is no reason to stop, to ask anything else, or to keep a value.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Copy, Ran};
use serde_json::{Value, json};

/// What a server does with a request.
enum Reply {
    Json(Value),
    Raw(Vec<u8>),
    Close,
}

/// A server that answers by path, and what it was asked, with the moment.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, Instant)>>>,
}

impl Server {
    fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
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

    fn paths(&self) -> Vec<String> {
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
fn with(paths: &[(&str, &str, Value)]) -> Copy {
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

fn probe(copy: &Copy, server: &Server, more: &[&str]) -> Ran {
    let base = format!("http://{}/v1/", server.address);
    copy.xtask(&[&["probe", "--base-url", &base, "--format", "json"], more].concat())
}

fn read(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn told(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = report["differences"].as_array().unwrap().iter();
    all.map(|it| format!("{} {}", text(&it["rule"]), text(&it["subject"]))).collect()
}

fn left_behind(copy: &Copy) -> String {
    let files = copy.state().into_iter().filter(|(name, _)| name.starts_with("target/probe/"));
    files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect()
}

#[test]
fn names_and_words_that_are_somebodys_data_are_not_kept() {
    let entry = json!({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"},
        "level": {"type": "string", "enum": ["full", "none"]}, "more": {}}, "additionalProperties": {}}});
    let copy = with(&[("/users/", "read", entry), ("/open/", "read", json!({})), ("/users/{id}", "read", json!({}))]);
    let people = ["anagarcia", "joanpuig"];
    let server = Server::start(move |path| {
        let item = |at: usize| {
            json!({"id": people[at % 2], "level": people[at % 2], "status": people[at % 2], "state": "girona",
                "role": "joanpuig", "acl": {"anagarcia": "rw"}, "anagarcia": 1, "by_mail": {"ana@example.es": {"a": 1}},
                "by_domain": {"example": {"disk": 1}}, "more": {"puig": {"quota": 1}}, "api_token": "XYZZY",
                "xyzzy_secret": true, "quota": 5})
        };
        let items: Vec<Value> = (0..14).map(item).collect();
        Reply::Json(match path {
            "/v1/open/" => json!({"result": {"anagarcia": {"quota": 1}, "joanpuig": {"quota": 2}}}),
            "/v1/users/" => json!({ "result": items }),
            _ => json!({"result": items[0]}),
        })
    });
    let ran = probe(&copy, &server, &[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let observed = copy.xtask(&["observe"]);
    assert_eq!(observed.code, Some(4), "{observed:?}");
    let left = left_behind(&copy);
    for text in [&left, &ran.out, &ran.err, &observed.out, &observed.err] {
        for value in ["anagarcia", "joanpuig", "puig", "girona", "example", "xyzzy"] {
            let place = text.to_lowercase().find(value);
            assert!(place.is_none(), "{value}: {}", &text[place.unwrap().saturating_sub(200)..]);
        }
    }
    // What is a name is told all the same, and what is not is counted.
    let told = told(&read(&ran));
    for known in ["quota", "status", "acl", "api_token", "by_domain", "*"] {
        assert!(told.contains(&format!("field-undocumented {known}")), "{known}: {told:?}");
    }
    assert!(told.contains(&"enum-mismatch ".to_owned()), "{told:?}");
}

#[test]
fn what_fails_in_between_is_left_out_and_what_was_seen_is_kept() {
    let open = || json!({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}});
    let paths = ["/a/", "/b/", "/c/", "/d/", "/e/", "/f/"].map(|path| (path, "read", open()));
    let copy = with(&paths);
    let fine = || Reply::Json(json!({"result": [{"id": "1"}]}));
    let server = Server::start(move |path| match path {
        "/v1/b/" => Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{".to_vec()),
        "/v1/d/" => Reply::Close,
        _ => fine(),
    });
    let ran = probe(&copy, &server, &[]);
    let report = read(&ran);
    assert_eq!((ran.code, &report["operations"]["read"], &report["stopped"]), (Some(0), &json!(4), &Value::Null));
    let skipped: Vec<&str> = report["operations"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["operation"].as_str().unwrap())
        .collect();
    assert_eq!(skipped, ["GET /b/", "GET /d/"]);
    let server = Server::start(move |path| if matches!(path, "/v1/a/" | "/v1/f/") { fine() } else { Reply::Close });
    let ran = probe(&copy, &server, &[]);
    let report = read(&ran);
    assert_eq!((ran.code, &report["operations"]["read"]), (Some(0), &json!(1)), "{ran:?}");
    assert!(report["stopped"].as_str().unwrap().starts_with("3 requests in a row"), "{report:#}");
    assert!(!server.paths().contains(&"/v1/f/".to_owned()));
    assert_eq!(report["replaced"]["read"], 4, "that it is less than what was there is said");
}

#[test]
fn no_value_and_no_slash_leads_to_a_call_that_may_do_more() {
    let list = json!({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}});
    let copy = with(&[
        ("/a/", "read", list),
        ("/a/{id}", "read", json!({"type": "object"})),
        ("/a/reboot/", "action", json!({"type": "object"})),
        ("/a/{id}/stop", "delete", json!({"type": "object"})),
    ]);
    let server = Server::start(|path| {
        Reply::Json(match path {
            "/v1/a/" => json!({"result": [{"id": "reboot"}, {"id": "../x"}, {"id": "ReBoot"}, {"id": "7"}]}),
            _ => json!({"result": {}}),
        })
    });
    let ran = probe(&copy, &server, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let paths = server.paths();
    assert!(paths.contains(&"/v1/a/7".to_owned()) && !paths.iter().any(|path| path.contains("..")), "{paths:?}");
    assert!(!paths.iter().any(|path| path.to_lowercase().contains("reboot") || path.contains("stop")), "{paths:?}");
}

#[test]
fn requests_keep_their_distance_and_lead_nowhere_else() {
    let copy = with(&["/a/", "/b/", "/c/"].map(|path| (path, "read", json!({"type": "object"}))));
    let elsewhere = Server::start(|_| Reply::Json(json!({})));
    let to = elsewhere.address;
    let server = Server::start(move |path| match path {
        "/v1/b/" => Reply::Raw(
            format!("HTTP/1.1 302 Found\r\nlocation: http://{to}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .into_bytes(),
        ),
        _ => Reply::Json(json!({"result": {}})),
    });
    let ran = probe(&copy, &server, &["--pause-ms", "80"]);
    assert_eq!(told(&read(&ran)), ["status-undocumented 302"]);
    assert!(elsewhere.paths().is_empty());
    let moments: Vec<Instant> = server.asked.lock().unwrap().iter().map(|(_, moment)| *moment).collect();
    // The last of them goes out 80 ms after each before it; a connection may take a moment less than the one before.
    assert!(moments.len() >= 4 && moments.windows(2).all(|two| two[1] - two[0] > Duration::from_millis(60)));
}

#[test]
fn what_a_document_leaves_open_is_typed_and_then_silent() {
    let copy = with(&[
        ("/list/", "read", json!({"description": "open"})),
        ("/list/{id}", "read", json!({})),
        ("/number/", "read", json!({})),
        ("/secret/", "read", json!({"type": "object", "properties": {"key": {"x-sensitive": true}}})),
    ]);
    let server = Server::start(|path| {
        let item = json!({"id": "7", "created": "2026-11-24", "note": null});
        Reply::Json(match path {
            "/v1/list/" => json!({"result": [item, {"id": "8", "created": "2026-11-25", "note": "x"}]}),
            // As PHP has it: nothing is an empty list, something an object.
            "/v1/list/7" => json!({"result": []}),
            "/v1/number/" => json!({"result": 5}),
            "/v1/secret/" => json!({"result": {"key": {"private": "x"}}}),
            _ => json!({"result": {"id": "8", "total": 1.5}}),
        })
    });
    let report = read(&probe(&copy, &server, &[]));
    assert_eq!((&report["differences"], &report["open_members"]), (&json!([]), &json!(6)), "{report:#}");
    assert_eq!(copy.xtask(&["observe"]).code, Some(4));
    let text = copy.read("target/probe/observed.overlay.json");
    let overlay: Value = serde_json::from_str(&text).unwrap();
    let actions = overlay["actions"].as_array().unwrap();
    let of = |path: &str| &actions.iter().find(|it| it["target"].as_str().unwrap().contains(path)).unwrap()["update"];
    let list = of("'/list/']");
    assert_eq!((&list["type"], &list["x-observed"]), (&json!("array"), &json!({"date": "2026-12-22", "of": 1})));
    let members = &list["items"]["properties"];
    assert_eq!(members["created"]["format"], "date");
    let seen = json!({"date": "2026-12-22", "of": 2, "present": 2});
    assert_eq!((&members["note"]["nullable"], &members["note"]["x-observed"]), (&json!(true), &seen));
    assert_eq!(members["note"]["x-evidence"], "observed");
    let kinds: Vec<&str> =
        of("'/list/{id}']")["oneOf"].as_array().unwrap().iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["array", "object"]);
    assert_eq!(of("'/number/']")["type"], "integer");
    assert!(!text.contains("private"), "nothing is told of a secret");
    copy.write("overlays/010-observed.json", text.as_bytes());
    let ran = copy.xtask(&["sync"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let report = read(&probe(&copy, &server, &[]));
    assert_eq!((&report["differences"], &report["open_members"]), (&json!([]), &json!(0)), "{report:#}");
    assert_eq!(read(&copy.xtask(&["observe", "--format", "json"]))["outcome"], "nothing");
}

#[test]
fn an_object_that_comes_as_a_list_too_is_silenced_with_all_that_is_in_it() {
    let inner = json!({"type": "object", "required": ["name", "id"], "properties": {"name": {"type": "string"},
        "id": {"type": "string"}, "inner": {"type": "object", "properties": {"size": {"type": "integer"}}}}});
    let copy = with(&[("/all/", "read", json!({"type": "array", "items": inner}))]);
    let server = Server::start(|_| {
        let object = json!({"id": "1", "inner": {"size": "big", "unit": "MB"}, "total": 1});
        Reply::Json(json!({"result": [[], object, object, "none", null]}))
    });
    let report = read(&probe(&copy, &server, &[]));
    let mut found = told(&report);
    found.sort();
    let expected = [
        "field-missing name",
        "field-undocumented total",
        "field-undocumented unit",
        "type-mismatch array",
        "type-mismatch null",
        "type-mismatch string",
        "type-mismatch string",
    ];
    assert_eq!(found, expected, "{report:#}");
    assert_eq!(read(&copy.xtask(&["observe", "--format", "json"]))["notes"], json!([]));
    copy.write("overlays/010-observed.json", copy.read("target/probe/observed.overlay.json").as_bytes());
    let ran = copy.xtask(&["sync"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let report = read(&probe(&copy, &server, &[]));
    assert_eq!((&report["differences"], &report["open_members"]), (&json!([]), &json!(0)), "{report:#}");
}

#[test]
fn a_result_that_cannot_be_used_stops_observe_and_nothing_else() {
    let copy = Copy::with_snapshots();
    let cases =
        [("", "probe-unreadable"), ("{\"version\": 0}", "probe-outdated"), ("{\"version\": 2}", "probe-unreadable")];
    for (content, name) in cases {
        copy.write("target/probe/result.json", content.as_bytes());
        let observe = read(&copy.xtask(&["observe", "--format", "json"]));
        assert_eq!(observe["error"]["name"], name, "{observe:#}");
        assert!(observe["error"]["hint"].as_str().unwrap().contains("xtask probe"));
        let ran = copy.xtask(&["coverage"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains("it is not counted"), "{ran:?}");
    }
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let copy = with(&["/a/", "/b/"].map(|path| (path, "read", json!({"type": "object"}))));
    let server = Server::start(|_| Reply::Json(json!({"result": {}})));
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["probe", "--explain", "--base-url", &format!("http://{}/", server.address), "--root"])
        .arg(copy.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(copy.path("target/probe/result.json").exists());
}
