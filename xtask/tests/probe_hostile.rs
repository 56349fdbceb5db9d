//! Servers that no document describes: what they send is no reason to stop, to ask anything else, or to keep a value.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

#[path = "common/answers.rs"]
mod answers;
mod common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use answers::{Reply, Server, left_behind, probe, read, told, with};
use common::Copy;
use serde_json::{Value, json};

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
