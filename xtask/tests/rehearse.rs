//! The rehearsal: documents derived from the reconstruction, synchronized, served and probed as on the day on which
//! SWPanel's own document arrives.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use common::{Copy, workspace};
use serde_json::{Value, json};
use swpanel_build_tools::rehearsal;
use swpanel_emulator::Emulator;

fn reconstruction() -> Vec<u8> {
    std::fs::read(workspace().join("tests/reconstruction.json")).unwrap()
}

fn derived(name: &str) -> Vec<u8> {
    rehearsal::derive(&reconstruction(), name).unwrap().unwrap().bytes
}

/// A copy of the workspace's data, synchronized with a derived document.
fn synced(name: &str) -> Copy {
    let copy = Copy::with_snapshots();
    copy.write("derived", &derived(name));
    let from = copy.path("derived").to_string_lossy().into_owned();
    let ran = copy.xtask(&["sync", "--from", &from]);
    assert_eq!(ran.code, Some(4), "{name}: {ran:?}");
    copy
}

/// An operation of a document by what it is known as: its path there.
fn published(document: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let own = format!("{} {path}", method.to_uppercase());
            let known = operation["x-swpanel-known-as"].as_str().map_or(own, str::to_owned);
            found.insert(known, path.clone());
        }
    }
    found
}

/// Status code and body of a response.
fn call(emulator: &Emulator, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let sent = if body.is_null() { String::new() } else { body.to_string() };
    let base = emulator.base_url().split_once("://").unwrap().1;
    let base = base.find('/').map_or("", |at| &base[at..]).trim_end_matches('/');
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    let request = format!(
        "{method} {base}{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{sent}",
        emulator.token(),
        sent.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|_| json!(body)))
}

/// What is known as an operation, the values of its path, and its body.
fn story() -> Vec<(&'static str, Vec<&'static str>, Value)> {
    let record = json!({"zone": "example.es", "record": {"name": "day", "type": "A", "data": {"ip": "192.0.2.77"}}});
    vec![
        ("GET /services/", vec![], Value::Null),
        ("GET /services/{service}/status/", vec!["XX012"], Value::Null),
        ("POST /services/{service}/hosting/stop/", vec!["XX012"], json!({})),
        ("GET /services/{service}/status/", vec!["XX012"], Value::Null),
        ("POST /services/{service}/cloud/stop/", vec!["XX012"], json!({})),
        ("POST /services/{service}/dns/", vec!["XX012"], record),
        ("GET /services/{service}/dns/", vec!["XX012"], Value::Null),
        ("GET /services/{service}/dns/", vec!["XX999"], Value::Null),
        ("GET /services/{service}/mail/mailbox/", vec!["XX012"], Value::Null),
        ("GET /domains/{domain}/available/", vec!["nobody-has-this.es"], Value::Null),
        ("POST /services/{service}/mail/mailbox/stop/{mail}", vec!["XX012", "info@example.es"], json!({})),
        ("GET /services/{service}/mail/mailbox/{mail}/", vec!["XX012", "info@example.es"], Value::Null),
        ("DELETE /services/{service}/mail/alias/{alias}", vec!["XX012", "sales@example.es"], Value::Null),
    ]
}

/// What the story comes to: status code, code of the error, how long the list is, and what is said of a state.
fn told(document: &[u8]) -> Vec<String> {
    let tree: Value = serde_json::from_slice(document).unwrap();
    let paths = published(&tree);
    let emulator = Emulator::builder().document(document).start_blocking().unwrap();
    let mut told = Vec::new();
    for (known, values, body) in story() {
        let Some(template) = paths.get(known) else { panic!("there is no {known}: {paths:#?}") };
        let mut values = values.into_iter();
        let segments = template.split('/').map(|segment| match segment.split_once('{') {
            Some((before, after)) => {
                format!("{before}{}{}", values.next().unwrap(), after.split_once('}').unwrap().1)
            }
            None => segment.to_owned(),
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let (status, said) = call(&emulator, known.split(' ').next().unwrap(), &path, &body);
        let count = said["result"].as_array().map(Vec::len);
        told.push(format!("{known}: {status} {} {} {count:?}", said["Error code"], said["status"]));
    }
    told
}

#[test]
fn the_emulator_behaves_the_same_wherever_the_operations_are() {
    let before = told(&reconstruction());
    assert!(before[3].contains("stopped") && before[4].contains("KIND"), "{before:#?}");
    for name in ["spanish-grown", "version-in-paths", "upper-case-json-suffix"] {
        let copy = synced(name);
        assert_eq!(told(copy.read("swpanel-api.json").as_bytes()), before, "{name}");
    }
}

#[test]
fn a_probe_finds_what_it_may_read_and_calls_nothing_else() {
    for (name, reads) in [("spanish-grown", 20), ("version-in-paths", 20)] {
        let copy = synced(name);
        let emulator = Emulator::builder().document(copy.read("swpanel-api.json")).start_blocking().unwrap();
        let token = [("SWPANEL_TOKEN", emulator.token())];
        let arguments = ["probe", "--base-url", emulator.base_url(), "--with-token", "--format", "json"];
        let ran = copy.xtask_with(&arguments, b"", &token);
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{name}: {error}: {ran:?}"));
        let read = report["operations"]["read"].as_u64().unwrap_or_default();
        assert!(read >= reads, "{name}: {report:#}");
        let called = emulator.journal();
        assert!(
            called.iter().all(|entry| entry.method == "GET" && !entry.path.contains("reboot")),
            "{name}: {called:?}"
        );
    }
}

#[test]
fn the_document_is_found_behind_its_page_and_a_login_is_named() {
    let emulator = Emulator::builder().document(derived("foreign-ids")).start_blocking().unwrap();
    let host = emulator.address().to_string();
    let by_page = Copy::new();
    let ran = by_page.xtask(&["sync", "--from", &emulator.docs_url(), "--allow-host", &host]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let by_file = synced("foreign-ids");
    assert!(
        by_page.read("swpanel-api.json") == by_file.read("swpanel-api.json"),
        "a page is another way to the same document"
    );

    let walled = Copy::new();
    let before = walled.state();
    let ran = walled.xtask(&["sync", "--from", &emulator.walled_docs_url(), "--allow-host", &host]);
    assert_eq!(ran.code, Some(100), "{ran:?}");
    assert!(ran.err.contains("login") && ran.err.contains("hint: "), "{}", ran.err);
    assert_eq!(walled.state(), before);
}

#[test]
fn derived_documents_are_listed_and_a_wrong_name_is_rejected() {
    let copy = Copy::new();
    let ran = copy.xtask(&["rehearse", "--list"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (name, differs) in rehearsal::described() {
        assert!(ran.out.lines().any(|line| line.starts_with(name) && line.ends_with(differs)), "{name}: {}", ran.out);
    }
    let ran = copy.xtask(&["rehearse", "spanish"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("there is no derived document `spanish`") && ran.err.contains("--list"), "{}", ran.err);
}

#[test]
#[ignore = "synchronizes with ten documents; `cargo xtask verify --slow` runs it"]
fn no_derived_document_loses_anything() {
    // A relative folder, as a person gives it.
    let ran = Copy::run(Path::new(".."), &["rehearse", "--sync-only", "--format", "json"], b"", &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["documents"].as_array().unwrap().len(), rehearsal::described().count());
    assert!(report["documents"].as_array().unwrap().iter().all(|one| one["lost"] == json!([])), "{report:#}");
}
