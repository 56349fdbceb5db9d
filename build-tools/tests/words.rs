//! What operations are reached by and called stays when others come: handles and commands keep the words of the lock.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use swpanel_build_tools::commands::Table;
use swpanel_build_tools::diff::{self, Side};
use swpanel_build_tools::document::Document;
use swpanel_build_tools::lock::Lock;
use swpanel_build_tools::names::NameNote;
use swpanel_build_tools::sync::{Input, Outcome, sync};

/// An operation: method, path, group, id.
type Row = (&'static str, &'static str, &'static str, &'static str);

fn document(rows: &[Row]) -> Vec<u8> {
    let mut paths: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for (method, path, tag, id) in rows {
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<Value> = names
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        let operation = json!({"operationId": id, "tags": [tag], "summary": id, "parameters": parameters,
            "responses": {"200": {"description": "ok"}}});
        paths.entry(path).or_default().insert(method, operation);
    }
    let whole = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths});
    serde_json::to_vec(&whole).unwrap()
}

fn run(rows: &[Row], lock: Option<&Lock>) -> Outcome {
    sync(&Input { raw: &document(rows), lock, accept_shrink: true, ..Input::default() }).unwrap()
}

const LIST: Row = ("get", "/services/{service}/dns/", "dns", "dns_record_list");
const CREATE: Row = ("post", "/services/{service}/dns/", "dns", "dns_record_create");
const READ: Row = ("get", "/services/{service}/dns/{record_id}", "dns", "dns_record_get");
const MAIL: Row = ("get", "/services/{service}/mail/", "mail", "mail_box_list");
const ZONE: Row = ("get", "/services/{service}/zone/", "dns", "dns_zone_get");
const OTHER: Row = ("get", "/clouds/{service}/", "clouds", "cloud_get");
const OTHERS: Row = ("delete", "/clouds/{service}/", "clouds", "cloud_delete");
/// An operation that is called as a handle is.
const TAKER: Row = ("get", "/service/", "misc", "service");

#[test]
fn one_more_group_would_rename_everything_and_does_not() {
    let first = run(&[LIST, CREATE, READ], None);
    let held = first.lock.handles.clone();
    assert_eq!(held["GET /services/{service}/dns/"], "service.list");
    assert!(!first.document.contains("x-client-handle"), "nothing is marked without need");

    let more = [LIST, CREATE, READ, MAIL, ZONE];
    let derived = run(&more, None);
    assert_eq!(derived.lock.handles["GET /services/{service}/dns/"], "service.dns.list", "the case proves nothing");
    let kept = run(&more, Some(&first.lock));
    for (operation, words) in &held {
        assert_eq!(&kept.lock.handles[operation], words, "{operation}");
    }
    assert_eq!(kept.lock.handles["GET /services/{service}/mail/"], "service.mail.list");
    let gone: Vec<&str> = first.listing.lines().filter(|line| !kept.listing.lines().any(|one| one == *line)).collect();
    assert_eq!(gone, [""; 0], "lines of the public API are gone");

    // The same from the lock alone, byte for byte, and the marks are no change of the API.
    let again = run(&more, Some(&kept.lock));
    assert_eq!((&again.document, &again.code), (&kept.document, &kept.code));
    let side = |text: &str| Side::read(text.as_bytes(), None).unwrap();
    assert!(kept.document.contains("\"x-client-handle\": \"service.list\""));
    let report = diff::diff(&side(&derived.document), &side(&kept.document), "2026-11-25");
    assert_eq!(report.findings.len(), 0, "{:#?}", report.findings);
}

const CLONE: Row = ("post", "/things/{thing}/clone/white/", "things", "thing_clone_white");
const SHORT: Row = ("post", "/things/{thing}/clone/", "things", "thing_clone");
const SAME: Row = ("get", "/same/a/", "same", "one_get");
const TWIN: Row = ("get", "/same/{b}/a/", "same", "other_get");

#[test]
fn one_more_command_renames_none() {
    let first = run(&[CLONE, SAME], None);
    let held = first.lock.commands.clone();
    assert_eq!(held["POST /things/{thing}/clone/white/"], "things clone-white");
    assert_eq!(held["GET /same/a/"], "same a get");
    let more = [CLONE, SAME, SHORT, TWIN];
    let derived = run(&more, None);
    assert_eq!(derived.lock.commands["GET /same/a/"], "same one-get", "the case proves nothing");
    let kept = run(&more, Some(&first.lock));
    for (operation, words) in &held {
        assert_eq!(&kept.lock.commands[operation], words, "{operation}");
    }
    assert_eq!(kept.lock.commands["GET /same/{b}/a/"], "same other-get");
    let table = Table::of(&Document::from_canonical(kept.document.as_bytes()).unwrap(), &["same"]);
    let words: Vec<String> = table.commands.iter().map(|command| command.words.join(" ")).collect();
    assert!(words.contains(&"same-group a get".to_owned()), "{words:?}");
    assert_eq!(run(&more, Some(&kept.lock)).document, kept.document);
}

#[test]
fn a_thing_that_is_left_with_one_operation_is_still_a_handle() {
    let first = run(&[LIST, CREATE, MAIL], None);
    let kept = run(&[MAIL], Some(&first.lock));
    assert_eq!(kept.lock.handles["GET /services/{service}/mail/"], "service.mail.list");
    assert!(run(&[MAIL], None).lock.handles.is_empty());
}

#[test]
fn what_cannot_be_kept_is_told() {
    let first = run(&[LIST, CREATE], None);
    let now = run(&[LIST, CREATE, TAKER], Some(&first.lock));
    let told = now.names.iter().find_map(|note| match note {
        NameNote::HandleChanged { operation, pinned, now } if operation == "GET /services/{service}/dns/" => {
            Some((pinned.as_str(), now.as_str()))
        }
        _ => None,
    });
    // The operation is called `service` itself, and a method of the client can be one thing only.
    assert_eq!(told, Some(("service.list", now.lock.handles["GET /services/{service}/dns/"].as_str())));
    assert_eq!(run(&[LIST, CREATE, TAKER], Some(&now.lock)).document, now.document);
}

#[test]
fn marks_of_the_source_are_not_heard() {
    let mut source: Value = serde_json::from_slice(&document(&[LIST, CREATE])).unwrap();
    source["paths"]["/services/{service}/dns/"]["get"]["x-client-handle"] = json!("service.fn.drop table");
    let made = sync(&Input { raw: &serde_json::to_vec(&source).unwrap(), ..Input::default() }).unwrap();
    assert_eq!(made.document, run(&[LIST, CREATE], None).document);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes and goes: a pin holds while its operation is there, and the outcome's lock leads to the outcome.
    #[test]
    fn pins_hold(before in subset(), after in subset()) {
        let first = run(&before, None);
        let second = run(&after, Some(&first.lock));
        let mut kept = 0;
        for (operation, words) in &second.lock.handles {
            if let Some(old) = first.lock.handles.get(operation) {
                prop_assert_eq!(old, words, "{}", operation);
                kept += 1;
            }
        }
        for (operation, words) in &second.lock.commands {
            if let Some(old) = first.lock.commands.get(operation) {
                prop_assert_eq!(old, words, "{}", operation);
            }
        }
        let commands: Vec<Vec<&str>> = second.lock.commands.values().map(|words| words.split(' ').collect()).collect();
        for (at, one) in commands.iter().enumerate() {
            prop_assert!(!commands.iter().enumerate().any(|(number, other)| number != at && other.starts_with(one)), "{:?}", commands);
        }
        let still = first.lock.handles.keys().filter(|key| second.lock.names.contains_key(*key)).count();
        prop_assert_eq!(kept, still);
        let again = run(&after, Some(&second.lock));
        prop_assert_eq!(&again.document, &second.document);
        prop_assert_eq!(&again.lock.commands, &second.lock.commands);
        prop_assert_eq!(&again.lock.handles, &second.lock.handles);
    }
}

/// Some of the operations; `TAKER` is left out, as it takes a handle's name by right.
fn subset() -> impl Strategy<Value = Vec<Row>> {
    proptest::sample::subsequence(vec![LIST, CREATE, READ, MAIL, ZONE, OTHER, OTHERS, CLONE, SHORT, SAME, TWIN], 1..=11)
}
