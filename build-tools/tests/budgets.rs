//! Documents of a few kilobytes that would become gigabytes, or hours: each comes out whole or is rejected by name, in
//! bounded time. Times are generous: they tell seconds from forever, on a busy machine without optimisation.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use swpanel_build_tools::codegen::CodegenError;
use swpanel_build_tools::diff::{Side, Verdict, diff};
use swpanel_build_tools::discover::{Answer, Leave, Outcome, discover};
use swpanel_build_tools::document::{RawDocument, Refusal, convert};
use swpanel_build_tools::sync::{self, Input, SyncError, sync};

/// What these inputs needed before were hours; the machine may be busy, and nothing is optimised here.
const PATIENCE: Duration = Duration::from_secs(60);

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn document(paths: &Value, schemas: &Value) -> Value {
    json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths, "components": {"schemas": schemas}})
}

/// A document whose one operation sends and receives a schema.
fn document_of(schema: &Value, schemas: &Value) -> Value {
    let content = json!({"application/json": {"schema": schema}});
    let operation = json!({"operationId": "thing_create", "requestBody": {"required": true, "content": content},
        "responses": {"200": {"description": "ok", "content": content}}});
    document(&json!({"/things": {"post": operation}}), schemas)
}

fn synced(document: &Value) -> Result<sync::Outcome, SyncError> {
    let started = Instant::now();
    let outcome = sync(&Input { raw: document.to_string().as_bytes(), ..Input::default() });
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    outcome
}

/// `L0` combines two objects, each with a property that is itself combined of the next level.
fn combined_levels(count: usize) -> Value {
    let own = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    let mut schemas = Map::new();
    for level in 0..count {
        let next = reference(&format!("L{}", level + 1));
        let inner = |name: &str| json!({"allOf": [next, own(name)]});
        let part = |name: &str| json!({"type": "object", "properties": {name: inner("x")}});
        schemas.insert(format!("L{level}"), json!({"allOf": [part("a"), part("b")]}));
    }
    schemas.insert(format!("L{count}"), own("z"));
    schemas.into()
}

#[test]
fn combined_objects_within_combined_objects_are_merged_once_for_each_place() {
    let sizes = [6, 12, 24].map(|count| {
        let outcome = synced(&document_of(&reference("L0"), &combined_levels(count))).unwrap();
        assert!(outcome.dropped.is_empty(), "{:?}", outcome.dropped);
        outcome.code.len()
    });
    // Twice as many levels make twice as much code, not a thousand times as much.
    assert!(sizes[1] < 3 * sizes[0] && sizes[2] < 3 * sizes[1], "{sizes:?}");
}

#[test]
fn a_combined_object_within_itself_ends() {
    let own = json!({"type": "object", "properties": {"b": {"type": "string"}}});
    let inner = json!({"allOf": [reference("A"), own]});
    let plain = json!({"A": {"type": "object", "properties": {"x": inner}}});
    let combined = json!({"A": {"allOf": [{"type": "object", "properties": {"x": inner}}, {"type": "object", "properties": {"y": inner}}]}});
    for schemas in [plain, combined] {
        let outcome = synced(&document_of(&reference("A"), &schemas)).unwrap();
        assert!(outcome.dropped.is_empty() && outcome.code.contains("struct A"), "{:?}", outcome.dropped);
    }
}

#[test]
fn merging_out_of_proportion_to_the_document_is_rejected_by_name() {
    let properties = |name: &str, schema: &dyn Fn() -> Value| -> Value {
        (0..120).map(|number| (format!("{name}{number}"), schema())).collect::<Map<String, Value>>().into()
    };
    let big = json!({"type": "object", "properties": properties("p", &|| json!({"type": "string"}))});
    let each = || json!({"allOf": [reference("Big"), {"type": "object", "properties": {"x": {"type": "string"}}}]});
    let whole = json!({"type": "object", "properties": properties("q", &each)});
    let error = synced(&document_of(&reference("Whole"), &json!({"Big": big, "Whole": whole}))).unwrap_err();
    assert!(matches!(error, SyncError::Codegen(CodegenError::OverBudget { .. })), "{error}");
    assert!(error.to_string().contains("/components/schemas/Whole/properties/q"), "{error}");
}

fn refusal(error: SyncError) -> Refusal {
    match error {
        SyncError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    }
}

#[test]
fn more_operations_or_parameters_than_are_worked_on_are_rejected_by_name() {
    let operation = json!({"responses": {"200": {"description": "ok"}}});
    let many: Map<String, Value> =
        (0..20_001).map(|number| (format!("/a{number}"), json!({"get": operation}))).collect();
    let parameters: Vec<Value> = (0..1_001)
        .map(|number| json!({"name": format!("p{number}"), "in": "query", "schema": {"type": "string"}}))
        .collect();
    let wide = json!({"/a": {"get": {"parameters": parameters, "responses": {"200": {"description": "ok"}}}}});
    for (paths, what) in [(many.into(), "operations"), (wide, "parameters of one operation")] {
        let document = document(&paths, &json!({}));
        let found = refusal(synced(&document).unwrap_err());
        assert_eq!(found.name(), "over-budget");
        assert!(matches!(found, Refusal::OverBudget { what: found, .. } if found == what), "{what}");
        assert!(found.hint().contains("take a part of it"));
        let compared = Side::read(document.to_string().as_bytes(), None).unwrap_err();
        assert_eq!(compared.name(), "over-budget", "diff reads it as well");
    }
}

#[test]
fn thousands_of_plain_operations_take_a_time_in_proportion() {
    let paths = |count: usize| -> Value {
        let operation = |number: usize| json!({"get": {"operationId": format!("op_{number}"), "responses": {"200": {"description": "ok"}}}});
        (0..count).map(|number| (format!("/a{number}"), operation(number))).collect::<Map<String, Value>>().into()
    };
    let times = [60, 180].map(|count| {
        let document = document(&paths(count), &json!({}));
        let started = Instant::now();
        assert_eq!(synced(&document).unwrap().lock.counts.operations, count);
        started.elapsed()
    });
    assert!(times[1] < 15 * times[0], "{times:?}");
}

#[test]
fn references_in_long_chains_are_followed_without_end_of_the_stack() {
    for (name, count, next) in [
        ("items", 120, &(|next: Value| json!({"type": "array", "items": next})) as &dyn Fn(Value) -> Value),
        ("allOf", 120, &|next| json!({"allOf": [next]})),
        (
            "combined",
            120,
            &|next| json!({"allOf": [next, {"type": "object", "properties": {"a": {"type": "string"}}}]}),
        ),
        ("oneOf", 80, &|next| json!({"oneOf": [next, {"type": "integer"}]})),
        ("properties", 300, &|next| json!({"type": "object", "properties": {"n": next}})),
    ] {
        let mut schemas: Map<String, Value> =
            (0..count).map(|level| (format!("C{level}"), next(reference(&format!("C{}", level + 1))))).collect();
        schemas.insert(format!("C{count}"), json!({"type": "object", "properties": {"z": {"type": "string"}}}));
        let document = document_of(&reference("C0"), &schemas.into());
        match synced(&document) {
            Ok(outcome) => assert_eq!(outcome.lock.counts.operations, 1, "{name}"),
            Err(error) => panic!("{name}: {error}"),
        }
        let text = document.to_string();
        let (old, new) = (text.replace(r#""z":{"type":"string"}"#, r#""z":{"type":"integer"}"#), text);
        let side = |text: &str| Side::read(text.as_bytes(), None).unwrap();
        let report = diff(&side(&old), &side(&new), "2026-01-01");
        assert!(report.given_up.is_none(), "{name}: {:?}", report.given_up);
        let found = report
            .findings
            .iter()
            .any(|finding| finding.rule == "type-changed" && finding.consumer_verdict == Verdict::Breaking);
        assert!(found, "{name}: {:?}", report.findings);
    }
}

#[test]
fn choices_within_themselves_are_compared_or_given_up_and_no_verdict_is_mild() {
    // Choices within choices.
    let choices = |kind: &str| {
        let arm =
            |number: usize| json!({"allOf": [reference("A"), {"type": "object", "required": [format!("k{number}")]}]});
        let arms: Vec<Value> = (0..14).map(arm).chain([json!({"type": kind})]).collect();
        document_of(&reference("A"), &json!({"A": {"anyOf": arms}}))
    };
    let side = |kind: &str| Side::read(choices(kind).to_string().as_bytes(), None).unwrap();
    let started = Instant::now();
    let report = diff(&side("string"), &side("integer"), "2026-01-01");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(report.consumer_verdict, Verdict::Breaking);
    if let Some(refusal) = &report.given_up {
        assert_eq!(refusal.name(), "over-budget");
    }
    // The budget of one comparison is not that of the next.
    let plain =
        |kind: &str| Side::read(document_of(&json!({"type": kind}), &json!({})).to_string().as_bytes(), None).unwrap();
    assert!(diff(&plain("string"), &plain("integer"), "2026-01-01").given_up.is_none());
}

#[test]
fn many_values_forms_and_members_end_in_time() {
    let values: Vec<String> = (0..300).map(|number| format!("v{number}")).collect();
    let forms: Vec<Value> = (0..40)
        .map(|number| json!({"type": "object", "required": [format!("k{number}")], "properties": {format!("k{number}"): {"type": "string"}}}))
        .collect();
    let members: Map<String, Value> =
        (0..300).map(|number| (format!("p{number}"), json!({"type": "string"}))).collect();
    let mut deep = json!({"type": "string"});
    for _ in 0..60 {
        deep = json!({"type": "object", "properties": {"a": deep}});
    }
    for (name, schema) in [
        ("enum", json!({"type": "object", "properties": {"e": {"type": "string", "enum": values}}})),
        ("oneOf", json!({"oneOf": forms})),
        ("anyOf", json!({"anyOf": forms})),
        ("properties", json!({"type": "object", "properties": members})),
        ("deep", deep),
        ("a long text", json!({"type": "object", "description": "x ".repeat(200_000), "properties": {}})),
    ] {
        let outcome = synced(&document_of(&schema, &json!({}))).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(outcome.code.len() < 12_000_000, "{name}: {} bytes", outcome.code.len());
    }
}

#[test]
fn a_view_out_of_proportion_to_the_document_is_rejected_by_name() {
    // One property each, and all that is in it.
    let inner: Map<String, Value> = (0..1_000).map(|number| (format!("p{number}"), json!({}))).collect();
    let big = json!({"type": "object", "properties": {"big": {"type": "object", "properties": inner}}});
    let each = json!({"allOf": [reference("Big"), {"type": "object"}]});
    let places: Map<String, Value> = (0..100).map(|number| (format!("q{number}"), each.clone())).collect();
    let whole = json!({"type": "object", "properties": places});
    let error = synced(&document_of(&reference("Whole"), &json!({"Big": big, "Whole": whole}))).unwrap_err();
    assert!(matches!(error, SyncError::Codegen(CodegenError::OverBudget { what: "values", .. })), "{error}");
}

#[test]
fn huge_choices_and_enums_are_open_types() {
    let values: Vec<String> = (0..2_001).map(|number| format!("v{number}")).collect();
    let forms: Vec<Value> = (0..300).map(|_| json!({"type": "string", "enum": values[..20]})).collect();
    let schema = json!({"type": "object", "properties": {"choice": {"oneOf": forms}, "value": {"type": "string", "enum": values}}});
    let outcome = synced(&document_of(&schema, &json!({}))).unwrap();
    let rules: Vec<&str> = outcome.ledger.entries().iter().map(|entry| entry.rule).collect();
    assert!(rules.contains(&"choice-opened") && rules.contains(&"enum-opened"), "{rules:?}");
    assert!(outcome.dropped.is_empty() && outcome.code.len() < 1_000_000, "{} bytes", outcome.code.len());
}

#[test]
fn repeated_keys_anchors_and_values_have_bounds() {
    let head = r#"{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{}}},"x":"#;
    let members =
        |prefix: &str| (0..1_100).map(|number| format!(r#""{prefix}{number}":1"#)).collect::<Vec<_>>().join(",");
    let twice = format!("{head}{{{},{}}}}}", members("k"), members("k"));
    let values = format!("{head}[{}1]}}", "1,".repeat(4_000_000));
    // Each level keeps a copy of all that is within it.
    let mut anchors = format!("&a0 [{}]", "x,".repeat(40_000));
    for level in 1..120 {
        anchors = format!("&a{level} [{anchors}]");
    }
    let lines = format!("openapi: 3.0.3\ninfo: {{}}\npaths: {{/a: {{get: {{}}}}}}\nx: {anchors}\n");
    for (text, name) in [(twice, "over-budget"), (values, "over-budget"), (lines, "too-many-aliases")] {
        let started = Instant::now();
        assert_eq!(RawDocument::read(text.as_bytes()).unwrap_err().name(), name);
        assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    }
}

#[test]
fn one_line_of_yaml_that_is_not_ascii_is_read_in_proportion() {
    let items: Vec<String> = (0..10_000).map(|number| format!("ñ{number}")).collect();
    let text = format!("{{openapi: 3.0.3, info: {{}}, paths: {{/a: {{get: {{}}}}}}, x: [{}]}}", items.join(", "));
    let text = text.replacen('{', "? x-ñ\n: {", 1);
    let text = format!("openapi: 3.0.3\ninfo: {{}}\npaths: {{/a: {{get: {{}}}}}}\n{text}\n");
    let started = Instant::now();
    let raw = RawDocument::read(text.as_bytes()).unwrap();
    assert!(convert(&raw).is_ok());
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn hostile_pages_are_searched_once() {
    let many = |part: &str| part.repeat((60 << 10) / part.len());
    let script = |text: String| format!("<script>{text}</script>");
    let pages = [
        many("<script"),
        many("<script>"),
        many("<style><script "),
        many("<!--"),
        many("<a href='"),
        many("<a b"),
        many("</"),
        many("<![CDATA["),
        format!("{}{}", "<pre>".repeat(20_000), "</code>".repeat(20_000)),
        many("<redoc spec-url=\"a"),
        script(many("SwaggerUIBundle({")),
        script(many("SwaggerUIBundle([[")),
        script(many("SwaggerUIBundle(a")),
        script(many("Redoc.init(name);")),
        script(many("Redoc.init(JSON.parse('")),
        script(many("Redoc.init(JSON.parse(`")),
        script(many("createApiReference(")),
        script(many("createApiReference('#a',{")),
        script(many("a=/[")),
        script(many("/*")),
        script(many("`${")),
        script(many("oasPublicUrl#a")),
        script((0..15_000).map(|number| format!("oasPublicUrl#{number};")).collect()),
        script(format!(
            "SwaggerUIBundle({{{}}})",
            (0..15_000).map(|number| format!("k{number}:1,")).collect::<String>()
        )),
        (0..6_000).map(|number| format!("<a href='https://other{number}.example/openapi.json'>x</a>")).collect(),
    ];
    for page in pages {
        let start: String = page.chars().take(60).collect();
        let started = Instant::now();
        let mut asked = 0;
        let found = discover("https://example.es/docs/", &Leave::default(), &mut |ask| {
            asked += 1;
            let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
            let body = if asked == 1 { page.clone().into_bytes() } else { Vec::new() };
            Ok(Answer { address: ask.address.clone(), status: if asked == 1 { 200 } else { 404 }, headers, body })
        });
        assert!(!matches!(found.outcome, Outcome::Document(_)), "{start}");
        assert!(asked < 400, "{start}: {asked} addresses asked");
        assert!(started.elapsed() < PATIENCE, "{start}: {:?}", started.elapsed());
    }
}
