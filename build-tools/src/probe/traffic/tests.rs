use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;
use crate::document::{RawDocument, convert};

fn document() -> Document {
    let text = "openapi: 3.0.3
info: {title: T, version: '1'}
servers: [{url: 'https://api.example.com/v1'}]
paths:
  /a/:
    get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}}
    post: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}}
  /a/{id}:
    delete: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}}
  /key/:
    get: {x-swpanel-sensitive-response: true, responses: {'200': {description: ok, content: {application/json: {schema: {}}}}}}
";
    convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap().0
}

fn entry(method: &str, url: &str, status: u16, content: Value) -> Value {
    json!({"request": {"method": method, "url": url}, "response": {"status": status, "content": content}})
}

fn har(entries: &[Value]) -> Vec<u8> {
    serde_json::to_vec(&json!({"log": {"version": "1.2", "entries": entries}})).unwrap()
}

fn taken(entries: &[Value]) -> (Probe, Counts) {
    let document = document();
    let mut traffic = Traffic::new(&document, None);
    traffic.har(har(entries).as_slice()).unwrap();
    traffic.finish()
}

#[test]
fn every_reason_to_leave_an_exchange_out_is_counted() {
    let ok = json!({"size": 9, "text": "{\"id\": 1}"});
    let at = |path: &str| format!("https://api.example.com/v1{path}");
    let long = format!("[\"{}\"]", "x".repeat(MAX_BODY / 3 * 4 + 100));
    let entries = [
        entry("GET", &at("/a/?token=PLANTED"), 200, ok.clone()),
        entry("post", &at("/A"), 201, ok.clone()),
        entry("GET", "https://api.example.com:8443/v1/a/", 200, ok.clone()),
        entry("GET", "https://cdn.example.net/v1/a/", 200, ok.clone()),
        entry("GET", "no address", 200, ok.clone()),
        entry("GET", &at("/PLANTED/a/"), 200, ok.clone()),
        entry("PLANTED", &at("/a/"), 200, ok.clone()),
        entry("GET", &at("/a/"), 0, ok.clone()),
        entry("GET", &at("/a/"), 304, json!({"size": 0})),
        entry("GET", &at("/a/"), 200, json!({"size": 9})),
        entry("DELETE", &at("/a/7"), 204, json!({"size": -1})),
        entry("GET", &at("/a/"), 200, json!({"size": 9, "text": long})),
        entry("GET", &at("/key/"), 200, ok),
        json!({"request": null, "response": [1, 2]}),
        json!("PLANTED"),
    ];
    let (probe, counts) = taken(&entries);
    let unknown = BTreeMap::from([("(another method) /v1/a".to_owned(), 1), ("GET /v1/{}/a".to_owned(), 1)]);
    assert_eq!(
        counts,
        Counts {
            exchanges: 15,
            used: 3,
            loose: 1,
            other_hosts: 5,
            unknown,
            ambiguous: 0,
            unanswered: 2,
            without_body: 1,
            unreadable: 1,
            secret: 1,
        }
    );
    assert_eq!(probe.operations["POST /a/"].statuses, BTreeMap::from([(201, 1)]));
    assert_eq!(probe.operations["DELETE /a/{id}"].statuses, BTreeMap::from([(204, 1)]));
    let kept = serde_json::to_string(&(probe, counts)).unwrap();
    assert!(!kept.contains("PLANTED"), "{kept}");
}

#[test]
fn bodies_are_decoded_however_a_file_has_them() {
    let body = br#"{"result": {"status": "ok"}}"#;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, body).unwrap();
    let packed = packed.finish().unwrap();
    let plain = "eyJyZXN1bHQiOiB7InN0YXR1cyI6ICJvayJ9fQ==";
    let url = "https://api.example.com/v1/a/";
    for content in [
        json!({"text": String::from_utf8_lossy(body)}),
        json!({"text": plain, "encoding": "base64"}),
        json!({"text": STANDARD.encode(&packed), "encoding": "base64"}),
    ] {
        let mut entry = entry("GET", url, 200, content.clone());
        entry["response"]["headers"] = json!([{"name": "Content-Encoding", "value": "gzip"}]);
        let (probe, counts) = taken(&[entry]);
        assert_eq!(counts.used, 1, "{content}");
        let place = probe.places.values().find(|place| place.more.contains_key("result"));
        assert!(place.is_some_and(|place| place.more["result"].shape.members.contains_key("status")), "{probe:?}");
    }
    // What unpacks to more than a body may have is left out.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut bomb, &vec![b' '; MAX_BODY + 1]).unwrap();
    let content = json!({"text": STANDARD.encode(bomb.finish().unwrap()), "encoding": "base64"});
    assert_eq!(taken(&[entry("GET", url, 200, content)]).1.unreadable, 1);
    assert_eq!(taken(&[entry("GET", url, 200, json!({"text": "?", "encoding": "base64"}))]).1.unreadable, 1);
}

#[test]
fn files_that_are_broken_say_where_and_quote_nothing() {
    let document = document();
    let whole = har(&[entry("GET", "https://api.example.com/v1/a/", 200, json!({"text": "{}"}))]);
    let read = |bytes: &[u8]| Traffic::new(&document, None).har(bytes);
    assert_eq!(read(&[b"\xef\xbb\xbf", whole.as_slice()].concat()), Ok(()));
    let ended = |found: Result<(), TrafficError>| matches!(found, Err(TrafficError::Syntax { ended: true, .. }));
    for cut in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
        assert!(ended(read(&whole[..cut])), "{cut}");
    }
    for other in [&b"{}"[..], b"[]", b"\"PLANTED\"", b"7", b"null", b"{\"log\": {\"entries\": {}}}", b"{\"log\": [1]}"]
    {
        assert_eq!(read(other), Err(TrafficError::NotHar));
    }
    for broken in
        [&b"{\"log\": PLANTED}"[..], b"PLANTED", b"<html>", b"{} {}", b"{\"log\":{\"entries\":[{]}}", b"\x1f\x8b"]
    {
        let error = read(broken).unwrap_err();
        assert!(matches!(error, TrafficError::Syntax { ended: false, .. }), "{error:?}");
        assert!(!error.to_string().contains("PLANTED"), "{error}");
    }
    assert!(read(&b"[".repeat(100_000)).is_err(), "nested too deeply");
    let mut traffic = Traffic::new(&document, None);
    for other in [&b"{}"[..], b"{\"request\": {\"method\": \"GET\", \"path\": \"/a/\"}}", b"[1]"] {
        assert_eq!(traffic.recording(other), Err(TrafficError::NotRecording));
    }
    assert!(ended(traffic.recording(b"{\"request\"")));
}

#[test]
fn what_is_held_does_not_grow_with_the_file() {
    let document = document();
    let mut traffic = Traffic::new(&document, None);
    // Each entry has other names and other texts; what cannot be an API's own words is counted and not held.
    for number in 0..1100 {
        let text =
            json!({"result": {format!("name_{number}x"): "t".repeat(500), "id": format!("z{number}")}}).to_string();
        let one = entry("GET", "https://api.example.com/v1/a/", 200, json!({"text": text}));
        traffic.har(har(&[one]).as_slice()).unwrap();
    }
    let (probe, counts) = traffic.finish();
    assert_eq!(counts.used, 1100);
    let kept = serde_json::to_string(&probe).unwrap();
    assert!(kept.len() < 4000 && !kept.contains("name_"), "{kept}");
}
