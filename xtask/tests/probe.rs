//! A probe of a real server on this machine that differs from the document in known ways: each is found and no other, the
//! overlay that `observe` proposes silences them, and neither a write nor a value leaves its place.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use common::{Copy, Ran, workspace};
use serde_json::{Value, json};
use swpanel_emulator::{Emulator, FaultKind, FaultRule, Scope};

/// Hands bytes on, and keeps all that clients sent.
struct Forwarder {
    address: SocketAddr,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Forwarder {
    fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let sent: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = Arc::clone(&sent);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(target).unwrap());
                let number = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(Vec::new());
                    kept.len() - 1
                };
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || {
                    let mut bytes = [0; 4096];
                    while let Ok(count) = from.read(&mut bytes) {
                        if count == 0 || to.write_all(&bytes[..count]).is_err() {
                            break;
                        }
                        kept.lock().unwrap()[number].extend_from_slice(&bytes[..count]);
                    }
                    let _ = to.shutdown(std::net::Shutdown::Both);
                });
                std::thread::spawn(move || {
                    let (mut from, mut to) = (server, client);
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Both);
                });
            }
        });
        Self { address, sent }
    }

    /// The first lines of all requests, and how many bytes were no head.
    fn requests(&self) -> (Vec<String>, usize) {
        let (mut lines, mut bodies) = (Vec::new(), 0);
        for bytes in self.sent.lock().unwrap().iter() {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let mut rest = text.as_str();
            while let Some((head, after)) = rest.split_once("\r\n\r\n") {
                lines.push(head.lines().next().unwrap_or_default().to_owned());
                assert!(!head.to_lowercase().contains("content-length"), "a probe sends no bodies: {head}");
                rest = after;
            }
            bodies += rest.len();
        }
        (lines, bodies)
    }
}

fn document() -> Value {
    serde_json::from_slice(&std::fs::read(workspace().join("swpanel-api.json")).unwrap()).unwrap()
}

fn base(address: SocketAddr, emulator: &Emulator) -> String {
    emulator.base_url().replace(&emulator.address().to_string(), &address.to_string())
}

fn probe(copy: &Copy, base: &str, token: &str, more: &[&str]) -> Ran {
    let arguments = [&["probe", "--base-url", base, "--with-token", "--format", "json"], more].concat();
    copy.xtask_with(&arguments, b"", &[("SWPANEL_TOKEN", token)])
}

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// Rule and subject of each difference.
fn told(report: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["differences"].as_array().unwrap().iter().map(|it| (text(&it["rule"]), text(&it["subject"]))).collect()
}

/// The text of every file that probes leave behind.
fn left_behind(copy: &Copy) -> String {
    let files = copy.state().into_iter().filter(|(name, _)| name.starts_with("target/"));
    files.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect()
}

/// All texts in a state that could be anybody's data: what is neither a word of a program nor in the document.
fn data(state: &Value, document: &str, found: &mut BTreeSet<String>) {
    match state {
        Value::String(text) => {
            let word = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if text.len() > 5 && !word && !document.contains(text.as_str()) {
                found.insert(text.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| data(item, document, found)),
        Value::Object(members) => members.values().for_each(|value| data(value, document, found)),
        _ => {}
    }
}

/// What our side says and the other does not keep to.
const OURS: &str = r#"{"overlay": "1.0.0", "info": {"title": "What the server does not keep to", "version": "1"}, "actions": [
  {"target": "$.components.schemas.Datacenter", "update": {"required": ["id_dc", "floor"]}},
  {"target": "$.components.schemas.OperatingSystem.properties.values.properties.type", "update": {"enum": ["linux", "windows"]}}
]}"#;

/// The other side: a document that says otherwise, and two faults.
fn theirs() -> Emulator {
    let mut tree = document();
    let schemas = &mut tree["components"]["schemas"];
    schemas["Datacenter"]["properties"]["region"] = json!({"type": "string", "example": "PLANTED-REGION-1"});
    schemas["Datacenter"]["required"] = json!(["region"]);
    schemas["HostingType"]["properties"]["id_type"] = json!({"type": "integer", "minimum": 7_654_321});
    schemas["OperatingSystem"]["properties"]["values"]["properties"]["type"] =
        json!({"type": "string", "enum": ["solaris"]});
    let emulator = Emulator::builder().document(tree.to_string()).token("PLANTED-TOKEN-1").start_blocking().unwrap();
    let moved = FaultKind::Redirect { to: Some("/PLANTED-PLACE-1".to_owned()), status: Some(302) };
    emulator.add_fault(FaultRule::new(moved).on("GET /tools/templates/hosting/"));
    emulator.fail_once("GET /tools/templates/resources_limit/", FaultKind::HtmlBadGateway);
    let in_200 = FaultKind::ErrorIn200 { code: None, message: Some("PLANTED-MESSAGE-2".to_owned()) };
    emulator.add_fault(FaultRule::new(in_200).on("GET /domains/prices/"));
    emulator
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn every_planted_difference_is_found_and_no_other_and_the_overlay_silences_them() {
    let copy = Copy::with_snapshots();
    copy.write("overlays/010-ours.json", OURS.as_bytes());
    let synced = copy.xtask(&["sync"]);
    assert_eq!(synced.code, Some(4), "{synced:?}");
    let emulator = theirs();
    let forwarder = Forwarder::to(emulator.address());
    let base = base(forwarder.address, &emulator);

    let ran = probe(&copy, &base, emulator.token(), &[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let report = json_of(&ran);
    let planted = [
        ("answer-unreadable", "a page came where JSON is announced"),
        ("enum-mismatch", "solaris"),
        ("field-missing", "floor"),
        ("field-undocumented", "region"),
        ("status-undocumented", "302"),
        ("type-mismatch", "integer"),
    ];
    let planted: BTreeSet<(String, String)> =
        planted.iter().map(|(rule, subject)| ((*rule).to_owned(), (*subject).to_owned())).collect();
    assert_eq!(told(&report), planted, "{report:#}");
    assert_eq!(report["differences"].as_array().unwrap().len(), planted.len());
    assert_eq!((&report["errors"]["style"], &report["emulator"]), (&json!("both"), &json!(true)));

    // Nothing but GETs left, as many as were counted, none with a body, and each with the token.
    let (lines, bodies) = forwarder.requests();
    assert!(lines.iter().all(|line| line.starts_with("GET /v2026/")), "{lines:?}");
    assert_eq!((lines.len() as u64, bodies), (report["requests"].as_u64().unwrap(), 0));
    let journal = emulator.journal();
    assert_eq!(journal.len(), lines.len());
    assert!(journal.iter().all(|entry| entry.method == "GET" && entry.body.is_none()));

    // No value reached the disk, the output or the log.
    let mut values = BTreeSet::new();
    data(&emulator.snapshot(), &document().to_string(), &mut values);
    assert!(values.len() > 100, "only {} values", values.len());
    values.extend(["PLANTED", "7654321"].map(str::to_owned));
    let observed = copy.xtask(&["observe", "--format", "json"]);
    assert_eq!(observed.code, Some(4), "{observed:?}");
    let left = left_behind(&copy);
    assert!(left.contains("\"places\"") && left.contains("\"overlay\": \"1.0.0\""));
    for text in [&left, &ran.out, &ran.err, &observed.out, &observed.err] {
        let leaked: Vec<&String> = values.iter().filter(|value| text.contains(value.as_str())).collect();
        assert!(leaked.is_empty(), "{leaked:?}");
    }

    // Coverage knows.
    let table = json_of(&copy.xtask(&["coverage", "--format", "json"]));
    let cell = |path: &str, method: &str| {
        let rows = table["operations"].as_array().unwrap();
        let row = rows.iter().find(|row| row["path"] == path && row["method"] == method).unwrap();
        row["stages"]["probed"].as_bool().unwrap()
    };
    assert!(cell("/tools/dc/", "GET") && cell("/services/{service}/dns/", "GET"));
    assert!(!cell("/tools/templates/hosting/", "GET") && !cell("/services/{service}/dns/", "POST"));
    let page = copy.xtask(&["coverage", "--format", "html"]).out;
    assert!(page.contains("Last probe: 2026-12-22") && page.contains("field-undocumented"));

    // A person takes the proposal over: the next probe finds nothing.
    copy.write("overlays/020-observed.json", copy.read("target/probe/observed.overlay.json").as_bytes());
    let synced = copy.xtask(&["sync"]);
    assert_eq!(synced.code, Some(4), "{synced:?}");
    let ran = probe(&copy, &base, emulator.token(), &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report = json_of(&ran);
    assert_eq!(report["differences"], json!([]), "{report:#}");
    assert_eq!(report["replaced"]["date"], "2026-12-22");
    // What was a page at first is read now, and says what the document leaves open; taken over too, nothing is left.
    let proposal = json_of(&copy.xtask(&["observe", "--format", "json"]));
    assert_eq!((&report["open_members"], &proposal["changes"]), (&json!(3), &json!(0)), "{report:#}");
    copy.write("overlays/030-observed.json", copy.read("target/probe/observed.overlay.json").as_bytes());
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    let report = json_of(&probe(&copy, &base, emulator.token(), &[]));
    assert_eq!((&report["differences"], &report["open_members"]), (&json!([]), &json!(0)), "{report:#}");
    assert_eq!(copy.xtask(&["observe"]).code, Some(0));
}

#[test]
fn a_server_that_keeps_to_the_document_differs_in_nothing_and_read_rights_suffice() {
    let copy = Copy::with_snapshots();
    let emulator = Emulator::builder().document(document().to_string()).strict_paths(true).start_blocking().unwrap();
    let token = emulator.create_token("probe", Scope { read_only: true, ..Scope::default() });
    let ran = probe(&copy, emulator.base_url(), &token, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report = json_of(&ran);
    assert_eq!(report["outcome"], "agrees");
    assert!(report["operations"]["read"].as_u64().unwrap() > 0, "{report:#}");
    if cfg!(reconstruction) {
        assert_eq!(report["operations"]["without_success"], 0, "{report:#}");
        let slashes = report["slashes"].as_object().unwrap();
        assert!(slashes.values().all(|said| said.as_str().unwrap().ends_with("status 404")), "{slashes:?}");
        assert_eq!(report["errors"]["style"], "4xx");
    }
}

#[test]
fn a_budget_ends_a_probe_and_says_so() {
    let copy = Copy::with_snapshots();
    let emulator = Emulator::builder().document(document().to_string()).start_blocking().unwrap();
    let ran = probe(&copy, emulator.base_url(), emulator.token(), &["--budget-requests", "5"]);
    let report = json_of(&ran);
    assert_eq!((ran.code, &report["requests"], emulator.journal().len()), (Some(0), &json!(5), 5));
    assert_eq!(report["stopped"], "the budget of 5 requests was used up");
    let of = |what: &str| report["operations"][what].as_u64().unwrap();
    assert!(of("unreached") > 0, "{report:#}");
    // A pause that the API asks for counts, and is waited for where there is time.
    let pause = |seconds| FaultKind::RateLimit { retry_after: Some(swpanel_emulator::RetryAfter::Seconds(seconds)) };
    emulator.fail_once("GET /domains/", pause(1));
    let begin = std::time::Instant::now();
    let ran = probe(&copy, emulator.base_url(), emulator.token(), &["--budget-requests", "5"]);
    assert!(begin.elapsed().as_secs() >= 1 && ran.code == Some(0), "{ran:?}");
    emulator.fail_once("GET /domains/", pause(3_600));
    let ran = probe(&copy, emulator.base_url(), emulator.token(), &[]);
    assert!(json_of(&ran)["stopped"].as_str().unwrap().contains("429"), "{ran:?}");
    // One connection that breaks off is no reason to give up.
    emulator.fail_once("GET /domains/", FaultKind::Reset { after_effect: false });
    let ran = probe(&copy, emulator.base_url(), emulator.token(), &[]);
    assert_eq!((ran.code, &json_of(&ran)["stopped"]), (Some(0), &Value::Null), "{ran:?}");
}

#[test]
fn what_cannot_be_probed_is_said_and_nothing_is_written() {
    let copy = Copy::with_snapshots();
    let emulator = Emulator::builder().document(document().to_string()).start_blocking().unwrap();
    let refused = |ran: Ran, name: &str, hint: &str| {
        let report = json_of(&ran);
        assert_eq!((ran.code, report["error"]["name"].as_str()), (Some(100), Some(name)), "{ran:?}");
        assert!(report["error"]["hint"].as_str().unwrap().contains(hint), "{report:#}");
        assert!(!copy.path("target/probe").exists());
    };
    let plain = copy.xtask(&["probe", "--base-url", emulator.base_url(), "--format", "json"]);
    refused(plain, "nothing-read", "--with-token");
    refused(probe(&copy, emulator.base_url(), "revoked-token", &[]), "nothing-read", "Integrator mode");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(probe(&copy, &format!("http://{free}/v2026"), "t", &[]), "unreachable", "mend the address");
    refused(probe(&copy, "http://192.0.2.1/v2026", "t", &[]), "unsafe-url", "--allow-host");
    for wrong in ["http://user:secret@127.0.0.1/", "https://example.es/?token=1", "v2026", "ftp://127.0.0.1/", ""] {
        assert_eq!(probe(&copy, wrong, "t", &[]).code, Some(2), "{wrong}");
    }
    let missing = copy.xtask(&["observe", "--format", "json"]);
    assert_eq!(json_of(&missing)["error"]["name"], "probe-missing");
}
