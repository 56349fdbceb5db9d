//! What stands behind a reference is told where the reference itself is as it was: in conditions, links and discriminators,
//! deep within, and at the end of a long way.

#![cfg(feature = "ingest")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use serde_json::{Value, json};
use swpanel_build_tools::diff::{Report, Side, Verdict, diff};

fn compared(old: &Value, new: &Value) -> Report {
    let side = |document: &Value| Side::read(document.to_string().as_bytes(), None).unwrap();
    diff(&side(old), &side(new), "2026-01-01")
}

/// A document whose only answer, and whose only body, is the schema `Top`.
fn document(schemas: &Value) -> Value {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Top"}}});
    json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "components": {"schemas": schemas},
        "paths": {"/a": {"post": {"requestBody": {"content": content},
            "responses": {"200": {"description": "ok", "content": content}}}}}})
}

/// Rules, verdicts and operations of what is said.
fn said(report: &Report) -> Vec<(&str, Verdict, Vec<&str>)> {
    let one = |found: &'_ swpanel_build_tools::diff::Finding| (found.rule, found.consumer_verdict);
    let operations = report.findings.iter().map(|found| found.operations.iter().map(String::as_str).collect());
    report.findings.iter().map(one).zip(operations).map(|((rule, verdict), of)| (rule, verdict, of)).collect()
}

#[test]
fn conditions_are_compared_by_what_they_lead_to() {
    let part = json!({"$ref": "#/components/schemas/Part"});
    for condition in [
        json!({"not": part}),
        json!({"if": {"required": ["a"]}, "then": part}),
        json!({"type": "array", "contains": part}),
        json!({"type": "object", "patternProperties": {"^x": part}}),
        json!({"type": "object", "propertyNames": part}),
        json!({"type": "object", "dependentSchemas": {"a": part}}),
    ] {
        let side = |part: Value| document(&json!({"Top": condition, "Part": part}));
        let (old, new) =
            (side(json!({"maxLength": 3, "minProperties": 1})), side(json!({"maxLength": 2, "minProperties": 2})));
        let report = compared(&old, &new);
        let told = [("condition-changed", Verdict::Breaking, vec!["POST /a"])];
        assert_eq!(said(&report), told, "{condition}: {report:#?}");
        assert_eq!(compared(&old, &old).findings, []);
        let words = side(json!({"maxLength": 3, "minProperties": 1, "description": "other words"}));
        assert_eq!(said(&compared(&old, &words)), [], "{condition}");
    }
}

#[test]
fn links_are_compared_by_what_they_lead_to() {
    let side = |id: &str| {
        json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
            "components": {"links": {"Next": {"operationId": id}}},
            "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "ok",
                "links": {"next": {"$ref": "#/components/links/Next"}}}}}},
                "/b": {"get": {"operationId": "b", "responses": {"200": {"description": "ok"}}}}}})
    };
    assert_eq!(said(&compared(&side("a"), &side("b"))), [("link-changed", Verdict::Warning, vec!["GET /a"])]);
}

#[test]
fn what_a_discriminator_names_travels() {
    let side = |bark: &str, reference: &str| {
        let dog = json!({"allOf": [{"$ref": "#/components/schemas/Top"},
            {"type": "object", "properties": {"bark": {"type": bark}}}]});
        let cat = json!({"allOf": [{"$ref": "#/components/schemas/Top"},
            {"type": "object", "properties": {"claws": {"type": "integer"}}}]});
        let mapping = json!({"dog": reference, "cat": "#/components/schemas/Cat"});
        let mut document = document(&json!({"Dog": dog, "Cat": cat,
            "Top": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
                "discriminator": {"propertyName": "kind", "mapping": mapping}}}));
        document["paths"]["/cats"] = json!({"get": {"responses": {"200": {"description": "ok",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Cat"}}}}}}});
        document
    };
    for reference in ["#/components/schemas/Dog", "Dog"] {
        let report = compared(&side("string", reference), &side("integer", reference));
        // Who gets a cat meets no dog.
        assert_eq!(said(&report), [("type-changed", Verdict::Breaking, vec!["POST /a"])], "{report:#?}");
        assert_eq!(compared(&side("string", reference), &side("string", reference)).findings, []);
    }
}

#[test]
fn a_form_that_went_is_told_however_deep_it_stood() {
    let form = |name: &str| json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}});
    for deep in 90..110 {
        let side = |forms: &[&str]| {
            let mut schemas = serde_json::Map::new();
            for at in 0..deep {
                let next = json!({"$ref": format!("#/components/schemas/S{}", at + 1)});
                schemas.insert(format!("S{at}"), json!({"type": "object", "properties": {"next": next}}));
            }
            let forms: Vec<Value> = forms.iter().map(|name| form(name)).collect();
            schemas.insert(format!("S{deep}"), json!({"anyOf": forms}));
            schemas.insert("Top".to_owned(), json!({"$ref": "#/components/schemas/S0"}));
            document(&Value::Object(schemas))
        };
        let report = compared(&side(&["a", "b", "c"]), &side(&["a", "b"]));
        assert_eq!(said(&report), [("alternative-removed", Verdict::Breaking, vec!["POST /a"])], "{deep}");
    }
}

#[test]
fn a_long_way_of_parts_is_gone_to_its_end() {
    const LONG: usize = 20_000;
    let side = |last: &str| {
        let mut schemas = serde_json::Map::new();
        for at in 0..LONG {
            let next = json!({"$ref": format!("#/components/schemas/S{}", at + 1)});
            schemas.insert(format!("S{at}"), json!({"allOf": [next]}));
        }
        schemas.insert(format!("S{LONG}"), json!({"type": last}));
        schemas.insert("Top".to_owned(), json!({"$ref": "#/components/schemas/S0"}));
        document(&Value::Object(schemas))
    };
    let report = compared(&side("string"), &side("integer"));
    assert_eq!(said(&report), [("type-changed", Verdict::Breaking, vec!["POST /a"])]);
}
