//! `cargo xtask fidelity` holds what the program of swpanel-tests says against the record. That program is played here: it
//! needs the whole client built, and has tests of its own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::os::unix::fs::PermissionsExt as _;

use common::{Copy, Ran};
use serde_json::{Value, json};

const RECORD: &str = "tests/snapshots/fidelity.snap";

/// Runs it with an answer in place of the program's.
fn fidelity(copy: &Copy, answer: &str, more: &[&str]) -> Ran {
    copy.write("answer.json", answer.as_bytes());
    let answer = copy.path("answer.json").to_string_lossy().into_owned();
    copy.write(
        "cargo",
        format!("#!/bin/sh\ncase \"$*\" in *'--bin fidelity'*) cat '{answer}';; *) exit 3;; esac\n").as_bytes(),
    );
    std::fs::set_permissions(copy.path("cargo"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let cargo = copy.path("cargo").to_string_lossy().into_owned();
    copy.xtask_with(&[&["fidelity"], more].concat(), b"", &[("CARGO", &cargo)])
}

fn report(record: &str, statements: &Value, failed: &Value) -> String {
    json!({"record": record, "total": {}, "operations": {}, "types": [
        {"name": "A", "rust": "swpanel::types::A", "statements": statements, "trips": 2, "failed_trips": failed},
        {"name": "Error", "rust": null, "statements": [], "trips": 0, "failed_trips": []},
    ]})
    .to_string()
}

#[test]
fn a_fall_is_drift_and_so_is_what_nothing_explains() {
    let copy = Copy::with_snapshots();
    copy.write(RECORD, b"---\nsource: x\n---\nall -> 9 of 10\nGET /a/ -> 9 of 10\n");
    let none = (&json!([]), &json!([]));
    let run = |record: &str, statements: &Value, failed: &Value| {
        let ran = fidelity(&copy, &report(record, statements, failed), &["--format", "json"]);
        let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        (ran.code, json["outcome"].as_str().unwrap().to_owned(), json["falls"].clone())
    };
    let same = "all -> 9 of 10\nGET /a/ -> 9 of 10";
    assert_eq!(run(same, none.0, none.1), (Some(0), "kept".to_owned(), json!([])));
    let (code, outcome, falls) = run("all -> 9 of 10\nGET /a/ -> 8 of 10", none.0, none.1);
    assert_eq!((code, outcome.as_str(), &falls[0]["operation"]), (Some(4), "fell", &json!("GET /a/")));
    assert_eq!(run("all -> 10 of 10\nGET /a/ -> 10 of 10", none.0, none.1), (Some(4), "changed".to_owned(), json!([])));
    let statement = |explained: Value| {
        json!([{"pointer": "/components/schemas/A", "keyword": "format", "verdict": "lost", "document": "date",
            "rust": "", "explained": explained}])
    };
    assert_eq!(run(same, &statement(json!("format-not-typed")), none.1).0, Some(0));
    assert_eq!(run(same, &statement(Value::Null), none.1).0, Some(4));
    assert_eq!(run(same, none.0, &json!(["{} came back as []"])).0, Some(4));
    let ran = fidelity(&copy, &report(same, &statement(Value::Null), &json!(["{} came back"])), &[]);
    for said in ["lost          format: 1, NOT EXPLAINED", "2 values, 1 failed", "Error: no call needs one"] {
        assert!(ran.out.contains(said), "{said}: {ran:?}");
    }
}

#[test]
fn a_program_that_fails_is_told() {
    let copy = Copy::with_snapshots();
    let ran = fidelity(&copy, "no JSON", &["--format", "json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["error"]["name"]), (Some(100), &json!("fidelity-failed")));
    let ran = copy.xtask_with(&["fidelity"], b"", &[("CARGO", "/nowhere/cargo")]);
    assert!(ran.code == Some(100) && ran.err.contains("cargo cannot be run"), "{ran:?}");
}
