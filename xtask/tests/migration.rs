//! The migration page: every call that a release breaks, as it was written and as it is written now. What it says is
//! compiled, the one against the old client and the other against the new.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Copy, workspace};

const OLD: &str = "
openapi: 3.0.3
info: {title: Things, version: '1'}
tags: [{name: things}]
paths:
  /things/:
    get:
      {operationId: thing_list, tags: [things], summary: List, responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {result: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}}}}
    post:
      {operationId: thing_create, tags: [things], summary: Make, requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/ThingCreate'}}}}, responses: {'200': {description: ok}}}
  /things/{id}:
    get:
      {operationId: thing_get, tags: [things], summary: Get, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}
    delete:
      {operationId: thing_delete, tags: [things], summary: Delete, parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: force, in: query, schema: {type: boolean}, example: true}], responses: {'204': {description: ok}}}
  /things/{id}/photo:
    get:
      {operationId: thing_photo_get, tags: [things], summary: Get the photo, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}
  /relics/:
    get:
      {operationId: relic_list, tags: [things], summary: List relics, responses: {'200': {description: ok}}}
components:
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string}, size: {type: integer}}}
    ThingCreate: {type: object, required: [name], properties: {name: {type: string, example: lamp}, size: {type: integer, example: 3}}}
";

/// What the page calls before, and after.
fn snippets(page: &str) -> (Vec<String>, Vec<String>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some((head, tail)) = rest.split_once(":\n\n```rust\n") {
        let label = head.rsplit('\n').next().unwrap();
        let (code, tail) = tail.split_once("```\n").unwrap();
        if label.contains("before") {
            before.push(code.to_owned());
        }
        if label.contains("after") {
            after.push(code.to_owned());
        }
        rest = tail;
    }
    (before, after)
}

/// Compiles snippets against the client of a document.
fn compile(document: &Path, snippets: &[String], place: &Path) {
    let ran = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .current_dir(workspace())
        .args(["ingest", document.to_str().unwrap(), "--crate", "--out", place.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(matches!(ran.status.code(), Some(0 | 4)), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut code = String::from("#![allow(unused)]\n");
    for (at, snippet) in snippets.iter().enumerate() {
        code.push_str(&format!(
            "async fn call_{at}(client: &swpanel::Client) -> Result<(), Box<dyn std::error::Error>> {{\n{snippet}Ok(())\n}}\n"
        ));
    }
    let tests = place.join("crate/tests");
    std::fs::create_dir_all(&tests).unwrap();
    std::fs::write(tests.join("calls.rs"), code).unwrap();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let ran = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .current_dir(place.join("crate"))
        .args(["check", "--test", "calls", "--offline", "--quiet", "--target-dir"])
        .arg(target.join("ingested"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// The migration page from `OLD` to a release that breaks four calls, in a copy of the workspace's data.
struct Migration {
    copy: Copy,
    new: String,
    before: Vec<String>,
    after: Vec<String>,
}

/// Takes a document into the copy.
fn sync(copy: &Copy, name: &str) -> String {
    let ran = copy.xtask(&["sync", "--accept-shrink", "--from", copy.path(name).to_str().unwrap()]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    ran.out
}

fn migrate() -> Migration {
    let copy = Copy::new();
    copy.write("old.yaml", OLD.as_bytes());
    let new = OLD
        .replace("required: [name], properties: {name: {type: string, example: lamp}", "required: [name, colour], properties: {colour: {type: string, example: red}, name: {type: string, example: lamp}")
        .replace("/things/{id}/photo:", "/things/{id}/photos:")
        .replace("{name: force, in: query, schema: {type: boolean}, example: true}", "{name: force, in: query, schema: {type: integer}, example: 1}")
        .replace("  /relics/:\n    get:\n      {operationId: relic_list, tags: [things], summary: List relics, responses: {'200': {description: ok}}}\n", "");
    copy.write("new.yaml", new.as_bytes());
    sync(&copy, "old.yaml");
    let said = sync(&copy, "new.yaml");
    assert!(said.contains("target/drift/migration.md"), "{said}");
    let page = copy.read("target/drift/migration.md");
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("migration", page);
    });
    let (before, after) = snippets(&page);
    // Made with another member, deleted with another type, moved, and one that has no successor.
    assert_eq!((before.len(), after.len()), (4, 3), "{page}");
    Migration { copy, new, before, after }
}

#[test]
fn the_page_shows_every_call_that_breaks_until_none_does() {
    let Migration { copy, new, .. } = migrate();
    // Where nothing breaks any more, no page of an earlier release stays.
    let words = new.replace("summary: Make", "summary: Make one");
    copy.write("words.yaml", words.as_bytes());
    sync(&copy, "words.yaml");
    assert!(!copy.path("target/drift/migration.md").exists());
}

#[test]
#[ignore = "compiles two crates; `cargo xtask verify --slow` runs it"]
fn every_call_that_breaks_compiles_before_and_after() {
    let Migration { copy, before, after, .. } = migrate();
    let place = tempfile::tempdir().unwrap();
    compile(&copy.path("old.yaml"), &before, &place.path().join("before"));
    compile(&copy.path("new.yaml"), &after, &place.path().join("after"));
}
