//! `cargo xtask import`: documentation that is not OpenAPI, through the real program.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn import(source: &Path, out: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["import", source.to_str().unwrap(), "--out", out.to_str().unwrap()])
        .args(more)
        .output()
        .unwrap();
    (ran.status.code(), String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap())
}

const COLLECTION: &str = r#"{"info": {"name": "Small", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
"item": [{"name": "Create", "request": {"method": "POST", "url": {"raw": "{{base}}/zones/:zone/records", "host": ["{{base}}"],
"path": ["zones", ":zone", "records"]}, "body": {"mode": "raw", "raw": "{\"name\": \"www\", \"ttl\": 600}"}}}]}"#;

#[test]
fn a_collection_becomes_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let (source, out) = (folder.path().join("collection.json"), folder.path().join("out/api.json"));
    std::fs::write(&source, COLLECTION).unwrap();
    let (code, text, error) = import(&source, &out, &[]);
    assert_eq!(code, Some(4), "{text}{error}");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let operation = &document["paths"]["/zones/{zone}/records"]["post"];
    assert_eq!(operation["requestBody"]["content"]["application/json"]["schema"]["properties"]["ttl"]["type"], "integer");
}

#[test]
fn what_is_not_documentation_is_rejected_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (source, out) = (folder.path().join("notes.txt"), folder.path().join("api.json"));
    std::fs::write(&source, "milk, bread").unwrap();
    let (code, text, error) = import(&source, &out, &[]);
    assert_eq!((code, out.exists()), (Some(100), false), "{text}{error}");
    assert!(error.contains("not-documentation") || error.contains("rejected notes.txt"), "{error}");
}
