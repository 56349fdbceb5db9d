//! `cargo xtask import`: documentation that is not OpenAPI, through the real program.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;
mod server;

use std::path::Path;
use std::process::Command;

use common::Copy;
use serde_json::{Value, json};
use server::{Server, plain};

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
    assert_eq!(
        operation["requestBody"]["content"]["application/json"]["schema"]["properties"]["ttl"]["type"],
        "integer"
    );
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

/// A page of the documentation, with one operation more where `more` says so.
fn page(more: &str, sample: &str) -> String {
    format!(
        "# Zones\n\n## List\n\n`GET /zones`\n\n### Query Parameters\n\n| Name | Type | Required | Description |\n|---|---|---|---|\n| `page` | integer | No | Page |\n\n\
         ### Response\n\n```json\n{{\"name\": \"{sample}\", \"ttl\": 60}}\n```\n\n## Create\n\n`POST /zones`\n\n### Body Parameters\n\n| Name | Type | Required |\n|---|---|---|\n\
         | `name` | string | Yes |\n{more}"
    )
}

#[test]
fn a_page_feeds_sync_ingest_and_diff() {
    let copy = Copy::new();
    copy.write("docs-page.md", page("", "a.example").as_bytes());
    let source = copy.path("docs-page.md");
    let from = source.to_str().unwrap();
    let ran = copy.xtask(&["sync", "--from", from, "--accept-shrink", "--format", "json"]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    let printed: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&printed["import"]["form"], &printed["import"]["operations"]), (&json!("reference"), &json!(2)));
    assert!(copy.read("swpanel-api.json").contains("x-provenance"));
    assert!(copy.read("target/import/review.md").contains("# Review of an import"));
    // The same source again changes nothing.
    let again = copy.xtask(&["sync", "--from", from]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    let out = copy.path("ingested");
    let ran = copy.xtask(&["ingest", from, "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    for file in ["swpanel-api.json", "review.md", "import.json"] {
        assert!(out.join(file).is_file(), "{file}");
    }
}

#[test]
fn a_changed_page_has_findings_and_other_samples_have_none() {
    let copy = Copy::new();
    for (name, text) in [
        ("old.md", page("", "a.example")),
        ("sample.md", page("", "b.example")),
        ("new.md", page("| `ttl` | integer | Yes |\n", "a.example")),
    ] {
        copy.write(name, text.as_bytes());
    }
    let diff = |new: &str| {
        let (old, new) = (copy.path("old.md"), copy.path(new));
        copy.xtask(&["diff", old.to_str().unwrap(), new.to_str().unwrap(), "--fail-on", "any", "--format", "json"])
    };
    let same = diff("sample.md");
    assert_eq!(same.code, Some(0), "{}{}", same.out, same.err);
    let changed = diff("new.md");
    assert_eq!(changed.code, Some(4), "{}{}", changed.out, changed.err);
    assert!(changed.out.contains("property-required-added"), "{}", changed.out);
}

#[test]
fn a_folder_is_read_with_its_best_form_and_without_links_out_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("saved");
    common::write(&source.join("collection.json"), COLLECTION.as_bytes());
    common::write(&source.join("reference/page.md"), page("", "x").as_bytes());
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", source.join("link.md")).unwrap();
    let out = folder.path().join("api.json");
    let (code, text, error) = import(&source, &out, &["--format", "json"]);
    assert_eq!(code, Some(4), "{text}{error}");
    let printed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&printed["form"], &printed["others"][0]["file"]), (&json!("postman"), &json!("reference/page.md")));
}

#[test]
fn a_login_page_and_a_broken_document_keep_their_names() {
    let copy = Copy::new();
    copy.write("page.html", b"<html><form method=POST><input type=password></form></html>");
    copy.write("broken.yaml", b"openapi: 3.0.3\ninfo: {title: T\npaths:\n  /a:\n    get: GET /a\n");
    for (file, name) in [("page.html", "login-page"), ("broken.yaml", "syntax")] {
        let path = copy.path(file);
        let ran = copy.xtask(&["sync", "--from", path.to_str().unwrap(), "--format", "json"]);
        let printed: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, &printed["error"]["name"]), (Some(100), &json!(name)), "{}", ran.out);
    }
}

#[test]
fn an_address_of_a_page_leads_to_the_best_form_that_the_site_offers() {
    let copy = Copy::new();
    let linked = "<html><body><a href=\"/docs.postman\">Collection</a></body></html>";
    let server = Server::start(&[
        ("/docs", server::page(linked)),
        ("/docs.postman", plain(COLLECTION)),
        ("/reference.md", plain(&page("", "a.example"))),
    ]);
    for (path, form) in [("/docs", "postman"), ("/reference.md", "reference")] {
        let ran = copy.xtask(&[
            "sync",
            "--from",
            &server.at(path),
            "--allow-host",
            &server.host(),
            "--accept-shrink",
            "--format",
            "json",
        ]);
        assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
        let printed: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(printed["import"]["form"], form);
    }
}
