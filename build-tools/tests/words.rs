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

const A_GET: Row = ("get", "/a/{id}/", "a", "a_get");
const A_PUT: Row = ("put", "/a/{id}/", "a", "a_put");
const B_GET: Row = ("get", "/b/{id}/", "b", "b_get");
const B_PUT: Row = ("put", "/b/{id}/", "b", "b_put");

#[test]
fn a_mark_elsewhere_moves_no_handle_that_needs_none() {
    let first = run(&[B_GET, B_PUT], None);
    assert_eq!(first.lock.handles["GET /b/{id}/"], "id.get");
    let second = run(&[A_GET, A_PUT, B_GET, B_PUT], Some(&first.lock));
    assert_eq!(second.lock.handles["GET /b/{id}/"], "id.get");
    assert_eq!(second.lock.handles["GET /a/{id}/"], "a_id.get");
    // What is left below `/a/` is a handle by its mark alone, and beside it `id` would not be derived.
    let third = run(&[A_GET, B_GET, B_PUT], Some(&second.lock));
    assert_eq!(third.lock.handles["GET /a/{id}/"], "a_id.get");
    assert_eq!(third.lock.handles["GET /b/{id}/"], "id.get");
    assert_eq!(run(&[A_GET, B_GET, B_PUT], Some(&third.lock)).document, third.document);
}

const THIRD: Row = ("get", "/same/{b}/{c}/a/", "same", "third_get");
/// `TWIN`, when it was of another group.
const YONDER: Row = ("get", "/same/{b}/a/", "yonder", "other_get");

#[test]
fn a_mark_elsewhere_moves_no_command_that_needs_none() {
    let mut lock = run(&[YONDER], None).lock;
    lock = run(&[TWIN], Some(&lock)).lock;
    lock = run(&[TWIN, SAME, THIRD], Some(&lock)).lock;
    assert_eq!(lock.commands["GET /same/{b}/a/"], "yonder other-get");
    assert_eq!(lock.commands["GET /same/a/"], "same one-get");
    let now = run(&[TWIN, SAME], Some(&lock));
    assert_eq!(now.lock.commands["GET /same/{b}/a/"], "yonder other-get");
    assert_eq!(now.lock.commands["GET /same/a/"], "same one-get");
    assert_eq!(run(&[TWIN, SAME], Some(&now.lock)).document, now.document);
}

#[test]
fn a_mark_is_no_news_of_an_operation() {
    let first = run(&[LIST, CREATE, READ], None);
    let before = Document::from_canonical(first.document.as_bytes()).unwrap();
    let raw = document(&[LIST, CREATE, READ, MAIL]);
    let now = sync(&Input { raw: &raw, lock: Some(&first.lock), document: Some(&before), ..Input::default() }).unwrap();
    assert!(now.document.contains("x-client-handle"), "the case proves nothing");
    assert_eq!(now.operations.added, ["GET /services/{service}/mail/"]);
    assert_eq!((&now.operations.changed, &now.operations.reworded), (&Vec::new(), &Vec::new()));
}

#[test]
fn no_word_of_a_handle_is_a_keyword() {
    let made = run(
        &[
            ("get", "/sites/{site}/ssl/", "ssl", "ssl_list"),
            ("post", "/sites/{site}/ssl/", "ssl", "ssl_gen"),
            ("get", "/sites/{site}/gen/", "gen", "report_list"),
            ("post", "/sites/{site}/gen/", "gen", "report_create"),
            ("get", "/gens/{gen_id}/", "gens", "one_read"),
            ("put", "/gens/{gen_id}/", "gens", "one_write"),
        ],
        None,
    );
    let words: Vec<&str> = made.lock.handles.values().flat_map(|words| words.split('.')).collect();
    assert!(words.contains(&"ssl_gen") && words.contains(&"gen_id"), "{words:?}");
    assert!(!words.contains(&"gen"), "{words:?}");
    assert!(!made.code.contains("fn gen ") && !made.code.contains("fn gen("));
}

#[test]
fn no_two_types_of_handles_are_called_the_same() {
    let made = run(
        &[
            ("get", "/a/{id}/", "a", "a_get"),
            ("put", "/a/{id}/", "a", "a_put"),
            ("get", "/b/{id}/", "b", "b_get"),
            ("put", "/b/{id}/", "b", "b_put"),
            ("get", "/c/{a_id}/", "c", "c_get"),
            ("put", "/c/{a_id}/", "c", "c_put"),
            ("get", "/d/{one1_id}/", "d", "d_get"),
            ("put", "/d/{one1_id}/", "d", "d_put"),
            ("get", "/e/{one_1_id}/", "e", "e_get"),
            ("put", "/e/{one_1_id}/", "e", "e_put"),
        ],
        None,
    );
    assert_eq!(made.lock.handles.len(), 10, "{:#?}", made.lock.handles);
    let code = made.code.split("mod handles").nth(1).unwrap();
    let mut types: Vec<&str> =
        code.split("pub struct ").skip(1).map(|rest| rest.split(['<', '(']).next().unwrap()).collect();
    types.sort_unstable();
    let twice: Vec<&str> = types.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    assert_eq!((twice, types.len()), (Vec::new(), 10));
}

#[test]
fn a_command_that_was_joined_begins_no_other() {
    let made = run(
        &[
            ("post", "/x/{i}/a/", "x", "x_a"),
            ("post", "/x/{i}/a/b/", "x", "do_b"),
            ("get", "/x/a-b/{z}/", "x", "x_ab_get"),
        ],
        None,
    );
    let commands: Vec<Vec<&str>> = made.lock.commands.values().map(|words| words.split(' ').collect()).collect();
    for (at, one) in commands.iter().enumerate() {
        assert!(
            !commands.iter().enumerate().any(|(other, words)| other != at && words.starts_with(one)),
            "{commands:?}"
        );
    }
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
