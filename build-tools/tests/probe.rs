//! Answers held against small documents: each kind of difference by itself, and the overlay that ends it.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use serde_json::{Value, json};
use swpanel_build_tools::document::{Document, Ledger, Overlay, RawDocument, convert, overlay};
use swpanel_build_tools::probe::{Heard, Probe, Watch, differences, observe};

/// A document with one operation, `GET /a/`, whose answer has this schema.
fn document(schema: &Value) -> Document {
    let responses = json!({
        "200": {"description": "ok", "content": {"application/json": {"schema": schema}}},
        "204": {"description": "nothing"},
        "401": {"description": "no", "content": {"text/plain": {"schema": {"type": "string"}}}},
        "4XX": {"description": "no", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
    });
    let whole = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a/": {"get": {"operationId": "a", "x-swpanel-effect": "read", "responses": responses}}},
        "components": {"schemas": {
            "Error": {"type": "object", "properties": {"Error code": {"type": "string"}, "Error message": {"type": "string"}}},
            "Item": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}},
            "On": {"type": "object", "required": ["on", "x"], "properties": {"on": {"type": "boolean", "enum": [true]}, "x": {"type": "string"}}},
            "Off": {"type": "object", "required": ["on"], "properties": {"on": {"type": "boolean", "enum": [false]}}},
        }},
    });
    convert(&RawDocument::read(whole.to_string().as_bytes()).unwrap()).unwrap().0
}

fn probe(document: &Document, answers: &[(u16, &str)]) -> Probe {
    let operations = document.operations();
    let mut watch = Watch::new(document);
    for (status, body) in answers {
        watch.answer(&operations[0], *status, body.as_bytes());
    }
    watch.finish()
}

/// The differences of answers, as rule and subject; and that the proposed overlay ends all that it can say.
fn told(schema: &Value, answers: &[(u16, &str)]) -> Vec<String> {
    let before = document(schema);
    let seen = probe(&before, answers);
    let found = differences(&before, &seen);
    let proposal = observe(&before, &seen);
    let mut after = before.clone();
    if let Some(proposed) = &proposal.overlay {
        let bytes = proposed.to_string();
        let file = Overlay { name: "observed.json", bytes: bytes.as_bytes() };
        overlay(&mut after, &[file], &mut Ledger::default()).unwrap_or_else(|error| panic!("{error}\n{proposed:#}"));
        assert!(bytes.contains("\"x-evidence\":\"observed\"") || bytes.contains("\"remove\":true"), "{bytes}");
    }
    let left = differences(&after, &probe(&after, answers));
    let by_hand = |rule: &str| rule == "answer-unreadable";
    assert!(left.iter().all(|it| by_hand(it.rule)), "{left:#?}\n{:#?}", proposal.overlay);
    found.into_iter().map(|it| format!("{} {} {}/{}", it.rule, it.subject, it.count, it.of)).collect()
}

fn item() -> Value {
    json!({"$ref": "#/components/schemas/Item"})
}

#[test]
fn what_the_document_says_is_no_difference() {
    let list = json!({"type": "object", "properties": {"result": {"type": "array", "items": item()}}});
    assert!(told(&list, &[(200, r#"{"result": [{"id": "a"}, {"id": "b", "n": 3}]}"#)]).is_empty());
    assert!(told(&json!({"type": "number"}), &[(200, "3"), (200, "3.5")]).is_empty());
    assert!(told(&json!({"type": "string", "nullable": true}), &[(200, "null")]).is_empty());
    assert!(told(&json!({}), &[(200, "{\"a\": 1}"), (204, "")]).is_empty());
    assert!(told(&item(), &[(401, "Unauthorized"), (404, r#"{"Error code": "x"}"#)]).is_empty());
    assert!(
        told(&json!({"type": "object", "additionalProperties": {"type": "integer"}}), &[(200, "{\"any\": 1}")])
            .is_empty()
    );
}

#[test]
fn each_kind_of_difference_is_told_by_itself() {
    for (schema, answer, wanted) in [
        (item(), r#"{"id": "a", "extra": 1}"#, "field-undocumented extra 1/1"),
        (item(), r#"{"id": "a", "a@b.es": 1}"#, "field-undocumented * 1/1"),
        (item(), r#"{"n": 1}"#, "field-missing id 1/1"),
        (item(), r#"{"id": 7}"#, "type-mismatch integer 1/1"),
        (item(), r#"{"id": "a", "n": 1.5}"#, "type-mismatch number 1/1"),
        (item(), r#"{"id": null}"#, "type-mismatch null 1/1"),
        (item(), "[]", "type-mismatch array 1/1"),
        (
            json!({"type": "array", "items": item()}),
            r#"[{"id": "a"}, {"id": true}, {"id": "c"}]"#,
            "type-mismatch boolean 1/3",
        ),
        (json!({"type": "string", "enum": ["a", "b"]}), "\"c\"", "enum-mismatch  1/1"),
        (json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}), "true", "type-mismatch boolean 1/1"),
        (
            json!({"allOf": [item(), {"type": "object", "required": ["z"], "properties": {"z": {"type": "string"}}}]}),
            r#"{"id": "a"}"#,
            "field-missing z 1/1",
        ),
    ] {
        assert_eq!(told(&schema, &[(200, answer)]), [wanted], "{schema} {answer}");
    }
    assert_eq!(told(&item(), &[(201, r#"{"id": "a"}"#)]), ["status-undocumented 201 1/1"]);
    assert_eq!(told(&item(), &[(302, "")]), ["status-undocumented 302 1/1"]);
    for (body, what) in [("<html>", "a page"), ("", "an empty body"), ("Unauthorized", "what came is no JSON")] {
        let found = told(&item(), &[(200, body)]);
        assert!(found.len() == 1 && found[0].starts_with(&format!("answer-unreadable {what}")), "{found:?}");
    }
    assert!(told(&item(), &[(204, "{}")])[0].starts_with("answer-unreadable a body came"));
}

#[test]
fn a_choice_is_judged_by_the_variant_that_fits() {
    let choice = json!({"oneOf": [{"$ref": "#/components/schemas/On"}, {"$ref": "#/components/schemas/Off"}]});
    assert!(told(&choice, &[(200, r#"{"on": true, "x": "a"}"#), (200, r#"{"on": false}"#)]).is_empty());
    assert_eq!(told(&choice, &[(200, r#"{"on": true}"#)]), ["field-missing x 1/1"]);
    assert_eq!(told(&choice, &[(200, r#"{"on": false, "extra": 1}"#)]), ["field-undocumented extra 1/1"]);
}

#[test]
fn words_outside_an_enumeration_are_named_once_they_came_often() {
    let schema = json!({"type": "array", "items": {"type": "string", "enum": ["on"]}});
    assert_eq!(told(&schema, &[(200, r#"["off", "off", "off", "on"]"#)]), ["enum-mismatch off 3/4"]);
    assert_eq!(told(&schema, &[(200, r#"["Ana", "Ana", "Ana"]"#)]), ["enum-mismatch  3/3"]);
}

#[test]
fn open_objects_differ_in_nothing_and_are_proposed() {
    let open = json!({"type": "object", "additionalProperties": {}});
    let before = document(&open);
    // Names that no list has are not kept, and what is proposed ends what they make all the same.
    let strange = r#"{"id": "S-1", "inner": {"list": [1, 2], "maybe": null}}"#;
    assert!(told(&open, &[(200, strange)]).is_empty());
    let answer = r#"{"id": "S-1", "day": "2026-11-24", "password": "S-2", "details": {"list": [1, 2], "note": null}}"#;
    assert!(told(&open, &[(200, answer)]).is_empty());
    let proposal = observe(&before, &probe(&before, &[(200, answer)]));
    assert_eq!((proposal.members, proposal.changes), (4, 0));
    let update = &proposal.overlay.as_ref().unwrap()["actions"][0]["update"]["properties"];
    assert_eq!((&update["day"]["format"], &update["id"]["type"]), (&json!("date"), &json!("string")));
    assert_eq!((&update["password"]["x-sensitive"], update["password"].get("format")), (&json!(true), None));
    assert_eq!(update["details"]["properties"]["list"]["items"], json!({"type": "integer"}));
    assert_eq!((&update["id"]["x-observed"]["present"], &update["id"]["x-observed"]["of"]), (&json!(1), &json!(1)));
    assert!(!proposal.overlay.unwrap().to_string().contains("S-"));
}

#[test]
fn an_error_object_in_a_success_is_an_error() {
    let list = json!({"type": "object", "properties": {"result": {"type": "array", "items": item()}}});
    let document = document(&list);
    let operations = document.operations();
    let mut watch = Watch::new(&document);
    assert!(watch.answer(&operations[0], 200, br##"{"Error code": "#X", "Error message": "m"}"##) == Heard::Error);
    let seen = watch.finish();
    assert_eq!((seen.ways.error_style(), seen.has_read("GET /a/")), ("200", false));
    assert!(differences(&document, &seen).is_empty());
    assert!(!serde_json::to_string(&seen).unwrap().contains("#X"));
}
