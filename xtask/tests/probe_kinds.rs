//! Each kind of difference between a document and an API, side by side: found, told once, and silenced by the overlay that
//! `observe` proposes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

#[path = "common/answers.rs"]
mod answers;
mod common;

use answers::{Reply, Server, left_behind, probe, read, told, with};
use serde_json::{Value, json};

/// A schema, what comes in its place, and what is told of that: rule and subject.
fn cases() -> Vec<(&'static str, Value, Value, Vec<&'static str>)> {
    let named = |members: Value| json!({"type": "object", "properties": members});
    let text = || json!({"type": "string"});
    let state = json!({"type": "string", "enum": ["full", "none"]});
    let either = json!({"oneOf": [{"type": "string", "enum": ["full"]}, {"type": "integer"}]});
    let parts = json!({"allOf": [{"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"b": {"type": "string"}}}]});
    let arms = json!({"oneOf": [named(json!({"left": text(), "size": text()})),
        named(json!({"right": text(), "width": text()}))]});
    vec![
        ("fine", named(json!({"a": text(), "n": {"type": "number"}})), json!({"a": "x", "n": 1}), vec![]),
        ("other", named(json!({"a": text()})), json!({"a": 1}), vec!["type-mismatch integer"]),
        ("digits", named(json!({"a": {"type": "integer"}})), json!({"a": "5"}), vec!["type-mismatch string"]),
        ("fraction", named(json!({"a": {"type": "integer"}})), json!({"a": 1.5}), vec!["type-mismatch number"]),
        ("null", named(json!({"a": text()})), json!({"a": null}), vec!["type-mismatch null"]),
        ("maybe", named(json!({"a": {"type": "string", "nullable": true}})), json!({"a": null}), vec![]),
        (
            "word",
            json!({"type": "array", "items": state}),
            json!(["active", "active", "active"]),
            vec!["enum-mismatch active"],
        ),
        ("rare", json!({"type": "array", "items": state}), json!(["full", "active"]), vec!["enum-mismatch "]),
        ("name", json!({"type": "array", "items": state}), json!(["ana", "ana", "ana"]), vec!["enum-mismatch "]),
        (
            "arm-word",
            json!({"type": "array", "items": either}),
            json!(["full", 7, "none", "none", "none"]),
            vec!["enum-mismatch none"],
        ),
        (
            "arm-kind",
            json!({"type": "array", "items": either}),
            json!(["full", 7, true]),
            vec!["type-mismatch boolean"],
        ),
        ("parts", parts, json!({"a": "x", "c": 1}), vec!["field-missing b", "field-undocumented *"]),
        (
            "arms",
            json!({"type": "array", "items": arms}),
            json!([{"left": "x", "size": "x"}, {"right": "x", "width": "x", "height": 1}]),
            vec!["field-undocumented height"],
        ),
        (
            "map",
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            json!({"ana.es": 1, "joan.es": "x"}),
            vec!["type-mismatch string"],
        ),
        (
            "bag",
            json!({"type": "array", "items": {"type": "object", "additionalProperties": {}}}),
            json!([[], {"id": "1"}]),
            vec!["type-mismatch array"],
        ),
        (
            "closed",
            json!({"type": "object", "properties": {"a": text(), "id": text()}, "additionalProperties": false}),
            json!({"a": "x", "id": "y", "total": 5}),
            vec!["field-undocumented total"],
        ),
        (
            "list",
            named(json!({"a": {"type": "array", "items": text()}})),
            json!({"a": {"id": 1}}),
            vec!["type-mismatch object"],
        ),
        (
            "secret",
            named(json!({"key": {"type": "string", "x-sensitive": true}})),
            json!({"key": 5}),
            vec!["type-mismatch integer"],
        ),
    ]
}

#[test]
fn each_kind_of_difference_is_found_and_no_other_and_an_overlay_silences_it() {
    let paths: Vec<String> = cases().iter().map(|(name, ..)| format!("/{name}/")).collect();
    let all = cases();
    let operations: Vec<(&str, &str, Value)> =
        paths.iter().zip(&all).map(|(path, (_, schema, ..))| (path.as_str(), "read", schema.clone())).collect();
    let copy = with(&operations);
    let server = Server::start(|path| {
        let name = path.trim_start_matches("/v1/").trim_end_matches('/').to_owned();
        Reply::Json(json!({"result": cases().into_iter().find(|case| case.0 == name).unwrap().2}))
    });
    let report = read(&probe(&copy, &server, &[]));
    for (name, _, _, expected) in &all {
        let key = format!("GET /{name}/");
        let of_it = report["differences"].as_array().unwrap().iter();
        let of_it: Vec<Value> = of_it.filter(|it| it["operations"] == json!([key])).cloned().collect();
        assert_eq!(told(&json!({ "differences": of_it })), *expected, "{name}: {of_it:#?}");
    }
    let count: usize = all.iter().map(|case| case.3.len()).sum();
    assert_eq!(report["differences"].as_array().unwrap().len(), count);
    assert!(!left_behind(&copy).contains("ana") && !left_behind(&copy).contains("joan"));
    assert_eq!(read(&copy.xtask(&["observe", "--format", "json"]))["notes"], json!([]));
    copy.write("overlays/010-observed.json", copy.read("target/probe/observed.overlay.json").as_bytes());
    let ran = copy.xtask(&["sync"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let listing = copy.read("client/public-api.txt");
    let keys: Vec<&str> = listing.lines().filter(|line| line.contains(".key: ")).collect();
    assert!(!keys.is_empty() && keys.iter().all(|line| line.contains("Secret")), "a secret stays one: {keys:?}");
    let report = read(&probe(&copy, &server, &[]));
    assert_eq!((&report["differences"], &report["open_members"]), (&json!([]), &json!(0)), "{report:#}");
    // What an earlier probe suggested does not stay behind.
    assert!(copy.path("target/probe/observed.overlay.json").exists());
    assert_eq!(read(&copy.xtask(&["observe", "--format", "json"]))["outcome"], "nothing");
    assert!(!copy.path("target/probe/observed.overlay.json").exists());
}

#[test]
fn few_words_of_a_state_that_came_often_are_candidates_of_an_enumeration() {
    let open = || json!({"type": "array", "items": {"type": "object", "additionalProperties": {}}});
    let copy = with(&[("/often/", "read", open()), ("/seldom/", "read", open())]);
    let server = Server::start(|path| {
        let one = |of: [&str; 2], at: usize| of[at % 2].to_owned();
        let item = |at| json!({"status": one(["active", "suspended"], at), "city": one(["girona", "lleida"], at)});
        let count = if path == "/v1/often/" { 12 } else { 11 };
        Reply::Json(json!({"result": (0..count).map(item).collect::<Vec<_>>()}))
    });
    assert_eq!(probe(&copy, &server, &[]).code, Some(0));
    let first = copy.read("target/probe/result.json");
    assert_eq!(copy.xtask(&["observe"]).code, Some(4));
    let overlay: Value = serde_json::from_str(&copy.read("target/probe/observed.overlay.json")).unwrap();
    let of = |path: &str, member: &str| {
        let actions = overlay["actions"].as_array().unwrap();
        let action = actions.iter().find(|it| it["target"].as_str().unwrap().contains(path)).unwrap();
        action["update"]["properties"][member]["x-enum-candidates"].clone()
    };
    assert_eq!(of("/often/", "status"), json!(["active", "suspended"]));
    for (path, member) in [("/often/", "city"), ("/seldom/", "status"), ("/seldom/", "city")] {
        assert_eq!(of(path, member), Value::Null, "{path} {member}");
    }
    // The same answers give the same bytes.
    assert_eq!(probe(&copy, &server, &[]).code, Some(0));
    assert_eq!(copy.read("target/probe/result.json"), first);
}
