//! One file a case in `changes/`: a place, the old and the new, and what is to be said of it; an empty list must stay
//! silent. Each case is also compared with itself, and its mirror must say something as well.

#![cfg(feature = "ingest")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod places;

use std::collections::BTreeSet;
use std::path::Path;

use places::document;
use serde_json::json;
use swpanel_build_tools::diff::{RULES, Report, Side, diff};
use swpanel_build_tools::document::RawDocument;

fn compared(old: &str, new: &str) -> Report {
    let side = |text: &str| Side::read(text.as_bytes(), None).unwrap();
    diff(&side(old), &side(new), "2026-01-01")
}

fn word<T: serde::Serialize>(value: &T) -> String {
    json!(value).as_str().unwrap().to_owned()
}

#[test]
fn every_case_says_what_it_is_to_say_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/changes");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut faults, mut met, mut silent) = (Vec::new(), BTreeSet::new(), 0);
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let case = RawDocument::read(&std::fs::read(file).unwrap()).unwrap().root().to_json();
        let place = case["place"].as_str().unwrap();
        let (old, new) = (document(place, &case["old"]), document(place, &case["new"]));
        let report = compared(&old, &new);
        let mut found: Vec<String> = report
            .findings
            .iter()
            .map(|f| {
                format!("{} {} {} {}", f.rule, word(&f.consumer_verdict), word(&f.rust_verdict), word(&f.direction))
            })
            .collect();
        found.sort();
        let mut expected: Vec<String> =
            case["expect"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
        expected.sort();
        if found != expected {
            faults.push(format!("{name}: said {found:#?}, expected {expected:#?}"));
        }
        silent += usize::from(expected.is_empty());
        met.extend(report.findings.iter().map(|finding| finding.rule));
        for same in [&old, &new] {
            assert_eq!(compared(same, same).findings, [], "{name} against itself");
        }
        if compared(&new, &old).findings.is_empty() != expected.is_empty() {
            faults.push(format!("{name}: mirrored, it is silent where it must not be, or the other way round"));
        }
        // Twice the same report, to the byte, places and fingerprints included.
        assert_eq!(json!(compared(&old, &new)), json!(report), "{name}");
        for finding in &report.findings {
            assert!(RULES.iter().any(|rule| rule.id == finding.rule), "{name}: `{}` is not in the table", finding.rule);
            assert!(!finding.reason.is_empty() && finding.fingerprint.len() == 16, "{name}: {finding:?}");
        }
    }
    assert!(faults.is_empty(), "{} faults in {} cases:\n{}", faults.len(), files.len(), faults.join("\n"));
    println!("{} cases, {silent} of them silent, {} of {} rules", files.len(), met.len(), RULES.len());
    // That one is about a file of ours, not about documents; xtask's tests have it.
    let of_documents = RULES.iter().map(|rule| rule.id).filter(|id| *id != "ignore-unmatched");
    let unmet: Vec<&str> = of_documents.filter(|id| !met.contains(id)).collect();
    assert!(unmet.is_empty(), "rules without a case: {unmet:?}");
}

#[test]
fn one_edit_of_a_component_is_one_finding_with_all_its_operations_and_its_place() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/changes/one-component-is-one-finding.yaml");
    let case = RawDocument::read(&std::fs::read(file).unwrap()).unwrap().root().to_json();
    let report = compared(&document("document", &case["old"]), &document("document", &case["new"]));
    let [finding] = report.findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!(finding.operations, ["GET /a", "GET /b"]);
    assert_eq!(finding.component.as_deref(), Some("T"));
    assert_eq!(finding.new.as_ref().unwrap().pointer, "/components/schemas/T/properties/id");
    assert!(finding.old.as_ref().is_some_and(|place| place.line == 1 && place.column > 1));
    assert_eq!((finding.before.as_deref(), finding.after.as_deref()), (Some("string"), Some("integer")));
}

#[test]
fn the_table_of_rules_has_each_id_once_in_kebab_case() {
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
}

#[test]
fn what_is_deeper_than_the_stack_allows_is_compared_all_the_same() {
    let chain = |last: &str| {
        let mut schemas = serde_json::Map::new();
        for at in 0..600 {
            let next = json!({"$ref": format!("#/components/schemas/S{}", at + 1)});
            schemas.insert(format!("S{at}"), json!({"type": "object", "properties": {"next": next}}));
        }
        schemas.insert("S600".to_owned(), json!({"type": last}));
        json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "components": {"schemas": schemas},
            "paths": {"/a": {"get": {"responses": {"200": {"description": "ok",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}}}}})
        .to_string()
    };
    let report = compared(&chain("string"), &chain("integer"));
    let [finding] = report.findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((finding.component.as_deref(), finding.operations.len()), (Some("S600"), 1));
    assert_eq!(compared(&chain("string"), &chain("string")).findings, []);
}

#[test]
fn operations_have_one_form_whoever_calls_them() {
    let called = |kind: &str| {
        let media = json!({"application/json": {"schema": {"type": kind}}});
        let item = json!({"post": {"requestBody": {"content": media}, "responses": {"200": {"description": "ok"}}}});
        json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "webhooks": {"ev": item},
            "paths": {"/a": {"post": {"callbacks": {"done": {"{$request.query.u}": item}},
                "responses": {"200": {"description": "ok"}}}}}})
    };
    let (old, new) = (called("string"), called("integer"));
    let keys = |report: Report| {
        let all: BTreeSet<String> = report.findings.into_iter().flat_map(|finding| finding.operations).collect();
        all.into_iter().collect::<Vec<_>>()
    };
    let whole = ["POST /a (callback done: POST {$request.query.u})", "POST ev (webhook)"];
    assert_eq!(keys(compared(&old.to_string(), &new.to_string())), whole);
    let mut without = old.clone();
    without["webhooks"] = json!({});
    without["paths"]["/a"]["post"]["callbacks"] = json!({});
    assert_eq!(keys(compared(&old.to_string(), &without.to_string())), whole);
    assert_eq!(keys(compared(&without.to_string(), &old.to_string())), whole);
}

#[test]
fn a_bound_that_excludes_itself_is_no_defect_of_3_1() {
    let side = |version: &str| {
        let schema = json!({"type": "number", "exclusiveMinimum": 3});
        let document = json!({"openapi": version, "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"200": {"description": "ok",
                "content": {"application/json": {"schema": schema}}}}}}}});
        Side::read(document.to_string().as_bytes(), None).unwrap().warnings()
    };
    assert_eq!(side("3.1.0"), [""; 0]);
    assert!(side("3.0.3").iter().any(|line| line.starts_with("words-of-3.1")), "{:?}", side("3.0.3"));
}

#[test]
fn numbers_of_thirty_digits_are_compared_to_the_last() {
    let text = |last: u8| {
        document("response", &json!({"type": "integer", "maximum": "N"}))
            .replace("\"N\"", &format!("10000000000000000000000000000{last}"))
    };
    let report = compared(&text(0), &text(1));
    let [finding] = report.findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((finding.rule, word(&finding.consumer_verdict)), ("maximum-changed", "breaking".to_owned()));
    assert_eq!(finding.after.as_deref(), Some("100000000000000000000000000001"));
}
