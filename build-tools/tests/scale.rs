//! Documents of one kind of thing many times over: what is said of them, and which of many is named. What walks every pair of
//! two thousand by comparing texts would show here by minutes.

#![cfg(feature = "ingest")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use swpanel_build_tools::diff::{Finding, Renamed, Report, Side, diff};

fn compared(old: &Value, new: &Value) -> Report {
    let side = |document: &Value| Side::read(document.to_string().as_bytes(), None).unwrap();
    diff(&side(old), &side(new), "2026-01-01")
}

fn document(paths: Map<String, Value>, schemas: Map<String, Value>) -> Value {
    json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths, "components": {"schemas": schemas}})
}

fn get(schema: &Value) -> Value {
    json!({"get": {"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}}})
}

fn map(items: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    items.into_iter().collect()
}

#[test]
fn a_thousand_members_that_are_all_called_otherwise_each_find_one() {
    const MANY: usize = 1_000;
    let side = |name: &dyn Fn(usize) -> String| {
        let members = map((0..MANY).map(|at| (name(at), json!({"type": "string"}))));
        document(map([("/a".to_owned(), get(&json!({"type": "object", "properties": members})))]), Map::new())
    };
    let report = compared(&side(&|at| format!("memberName{at:04}")), &side(&|at| format!("member_name_{at:04}")));
    assert_eq!(report.findings.len(), 2 * MANY);
    let name = |finding: &Finding| {
        let place = if finding.rule == "property-removed" { &finding.old } else { &finding.new };
        place.as_ref().unwrap().pointer.rsplit('/').next().unwrap().to_owned()
    };
    // Each of the one side has one of the other, and is what that one has.
    let found: BTreeMap<String, &Renamed> =
        report.findings.iter().map(|finding| (name(finding), finding.renamed.as_ref().unwrap())).collect();
    for (name, renamed) in &found {
        assert_eq!((&found[&renamed.name].name, renamed.similarity), (name, 100), "{name}");
    }
}

#[test]
fn four_hundred_schemas_that_went_find_the_four_hundred_that_came() {
    let side = |prefix: &str| {
        let members = |at: usize| map((0..4).map(|member| (format!("m{at}_{member}"), json!({"type": "string"}))));
        let schemas = (0..400).map(|at| (format!("{prefix}Record{at}"), json!({"properties": members(at)})));
        document(map([("/a".to_owned(), get(&json!({})))]), map(schemas))
    };
    let report = compared(&side("Old"), &side("New"));
    assert_eq!(report.findings.len(), 400);
    for finding in &report.findings {
        assert_eq!(finding.rule, "schema-renamed");
        assert_eq!(finding.before.as_ref().unwrap()[3..], finding.after.as_ref().unwrap()[3..]);
    }
}

#[test]
fn two_thousand_operations_that_all_moved_by_one_prefix_are_one_finding() {
    let side = |prefix: &str, end: &str, many: usize| {
        let paths = (0..many).map(|at| {
            (format!("{prefix}/things{at}{end}"), get(&json!({"type": "string", "pattern": at.to_string()})))
        });
        document(map(paths), Map::new())
    };
    for prefix in ["/v2", "/{tenant}/eu"] {
        let report = compared(&side("", "", 2_000), &side(prefix, "", 2_000));
        let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings.len()) };
        assert_eq!((finding.rule, finding.operations.len()), ("path-prefix-changed", 2_000));
    }
    // So many that moved in another way are not looked through pair by pair.
    let report = compared(&side("", "", 2_000), &side("", "x", 2_000));
    assert_eq!(report.findings.iter().filter(|finding| finding.rule == "operation-removed").count(), 2_000);
    let report = compared(&side("", "", 300), &side("", "x", 300));
    assert_eq!(report.findings.iter().filter(|finding| finding.rule == "operation-moved").count(), 300);
}

#[test]
fn a_list_of_values_in_another_order_is_the_same_list() {
    let side = |values: Vec<String>| {
        let schemas = map([("E".to_owned(), json!({"type": "string", "enum": values}))]);
        document(map([("/a".to_owned(), get(&json!({"$ref": "#/components/schemas/E"})))]), schemas)
    };
    let values = |other: usize| (0..5_000).map(|at| format!("value-{}", at + other)).collect::<Vec<_>>();
    assert_eq!(compared(&side(values(0)), &side(values(0).into_iter().rev().collect())).findings, []);
    let findings = compared(&side(values(0)), &side(values(2_500))).findings;
    assert_eq!(findings.len(), 5_000, "each value that went or came");
}

#[test]
fn the_same_edit_in_many_places_is_as_many_findings_in_the_order_of_paths_and_its_words_are_shown_once() {
    let schema = |most: usize| json!({"type": "object", "properties": {"id": {"type": "string", "maxLength": most}}});
    // In the documents they stand in the other order.
    let side = |most: usize| {
        let paths: Vec<String> = (0..40).rev().map(|at| format!("\"/p{at:02}\": {}", get(&schema(most)))).collect();
        format!(
            "{{\"openapi\": \"3.0.3\", \"info\": {{\"title\": \"T\", \"version\": \"1\"}}, \"paths\": {{{}}}}}",
            paths.join(", ")
        )
    };
    let read = |text: String| Side::read(text.as_bytes(), None).unwrap();
    let report = diff(&read(side(9)), &read(side(5)), "2026-01-01");
    assert_eq!(report.findings.len(), 40);
    for (at, finding) in report.findings.iter().enumerate() {
        assert_eq!(finding.operations, [format!("GET /p{at:02}")]);
        assert!(finding.new.as_ref().unwrap().pointer.starts_with(&format!("/paths/~1p{at:02}/")), "{finding:?}");
    }
    let text = swpanel_build_tools::diff::text(&report);
    assert_eq!((text.matches("maxLength 9 -> maxLength 5").count(), text.matches("  also GET /p").count()), (1, 39));
    assert!(report.findings.iter().all(|finding| text.contains(&finding.fingerprint)), "{text}");
    // A fingerprint that is in somebody's file must be the same on every machine, and whatever else was read before.
    let keep: Vec<Side> = (0..20).map(|most| read(side(most))).collect();
    let again = diff(&read(side(9)), &keep[5], "2026-01-01");
    assert_eq!(again, report);
}

#[test]
fn an_operation_in_which_nothing_changed_is_named_by_no_finding() {
    let failure =
        json!({"properties": {"errors": {"allOf": [{"$ref": "#/components/schemas/messages"}], "example": [1]}}});
    let common = json!({"properties": {"errors": {"$ref": "#/components/schemas/messages"}}});
    let schemas =
        [("messages", json!({"type": "array", "items": {}, "example": []})), ("failure", failure), ("common", common)];
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let side = |changed: &str, schema: Value, quiet: &str| {
        let paths = map([(changed.to_owned(), get(&schema)), (quiet.to_owned(), get(&to("failure")))]);
        document(paths, map(schemas.clone().map(|(name, schema)| (name.to_owned(), schema))))
    };
    // The same nodes hold in both, in another order; which operation is met first must not matter.
    for (changed, quiet) in [("/a", "/b"), ("/b", "/a")] {
        let old = side(changed, json!({"allOf": [to("common"), to("failure")]}), quiet);
        let report = compared(&old, &side(changed, to("failure"), quiet));
        let [finding] = report.findings.as_slice() else { panic!("{changed}: {report:#?}") };
        assert_eq!((finding.rule, &finding.operations[..]), ("schema-text-changed", &[format!("GET {changed}")][..]));
    }
}
