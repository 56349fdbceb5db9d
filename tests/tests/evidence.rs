//! The reconstruction against its evidence, both ways: nothing that was seen is missing, nothing was invented.
//!
//! Active while the lock says `kind = "reconstruction"`; a published document needs no evidence.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use swpanel_build_tools::document::{Document, Effect, Node, Object, Operation, ParameterPlace};
use swpanel_tests::files;

/// Document and evidence, or nothing where the document is a published one.
fn subject() -> Option<(Document, Vec<Value>)> {
    if !files::is_reconstruction().unwrap() {
        println!("the document is a published one: its evidence is itself");
        return None;
    }
    let evidence: Vec<Value> = serde_json::from_str(&files::text("tests/evidence/endpoints.json").unwrap()).unwrap();
    Some((files::document().unwrap(), evidence))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn key(entry: &Value) -> String {
    format!("{} {}", text(entry, "method"), text(entry, "path"))
}

/// The entries that the document must have: run by code, or derived from what is.
fn is_certain(entry: &Value) -> bool {
    matches!(text(entry, "source_kind"), "code" | "derived")
}

/// The one operation that is only in comments, and only in its form without a final slash.
const SERVICE_BY_ID: &str = "GET /services/{service}";

/// The SSL order that the example sends to the contacts by mistake.
const MISDIRECTED: &str = "ssl_order_as_written";

/// Common fields and those of all variants, by path as in `users[].id_user`.
fn fields(entry: &Value) -> Vec<&Value> {
    let Some(body) = entry.get("body").filter(|body| !body.is_null()) else { return Vec::new() };
    let variants = list(body, "variants").iter().filter(|variant| text(variant, "name") != MISDIRECTED);
    list(body, "fields").iter().chain(variants.flat_map(|variant| list(variant, "fields"))).collect()
}

/// One place where a property stands, in one arm.
struct Place<'a> {
    schema: &'a Node,
    required: bool,
}

/// All properties of a schema by path, through references, arms and arrays.
fn properties<'a>(document: &'a Document, schema: &'a Node, prefix: &str, out: &mut BTreeMap<String, Vec<Place<'a>>>) {
    let Some(schema) = document.resolve(schema) else { return };
    for combiner in ["oneOf", "anyOf", "allOf"] {
        for arm in schema.get(combiner).and_then(Node::as_array).unwrap_or_default() {
            properties(document, arm, prefix, out);
        }
    }
    if let Some(items) = schema.get("items") {
        properties(document, items, &format!("{prefix}[]"), out);
    }
    let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
    for (name, property) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        let required = required.iter().any(|node| node.as_str() == Some(name));
        if let Some(resolved) = document.resolve(property) {
            out.entry(path.clone()).or_default().push(Place { schema: resolved, required });
        }
        properties(document, property, &path, out);
    }
}

fn body_properties<'a>(operation: &Operation<'a>) -> BTreeMap<String, Vec<Place<'a>>> {
    let mut out = BTreeMap::new();
    if let Some((_, schema, _)) = operation.request_body() {
        properties(operation.document(), schema, "", &mut out);
    }
    out
}

/// The JSON types a schema allows.
fn types(document: &Document, schema: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(kind) = schema.text_at("type") {
        let items = schema.get("items").and_then(|items| document.resolve(items));
        let kind = match items.and_then(|items| items.text_at("type")) {
            Some(item) if kind == "array" => format!("array<{item}>"),
            _ => kind.to_owned(),
        };
        found.insert(kind);
    }
    for combiner in ["oneOf", "anyOf"] {
        for arm in schema.get(combiner).and_then(Node::as_array).unwrap_or_default() {
            if let Some(arm) = document.resolve(arm) {
                found.extend(types(document, arm));
            }
        }
    }
    found
}

#[test]
fn the_operations_are_those_of_the_evidence() {
    let Some((document, evidence)) = subject() else { return };
    let wanted: BTreeSet<String> =
        evidence.iter().filter(|entry| is_certain(entry)).map(key).chain([SERVICE_BY_ID.to_owned()]).collect();
    let found: BTreeSet<String> = document.operations().iter().map(Operation::key).collect();
    assert_eq!(wanted, found);
    assert_eq!(found.len(), 102);
    for operation in document.operations() {
        let entry = evidence.iter().find(|entry| key(entry) == operation.key()).unwrap();
        assert_eq!(operation.tag(), text(entry, "group"), "{}", operation.key());
        let effect = operation.effect();
        assert!(
            effect == Effect::Billable || effect.as_str() == text(entry, "side_effects"),
            "{}: {}",
            operation.key(),
            effect.as_str()
        );
    }
}

#[test]
fn what_spends_money_is_marked() {
    let Some((document, _)) = subject() else { return };
    let operations = document.operations();
    let billable: BTreeSet<&str> = operations
        .iter()
        .filter(|operation| operation.effect() == Effect::Billable)
        .map(|operation| operation.path)
        .collect();
    let expected = [
        "/domains/register/",
        "/domains/renew/",
        "/domains/transfer/",
        "/services/create/",
        "/services/{service}/cloud/clone/",
        "/services/{service}/cloud/clone/white/",
        "/ssl/{ssl_id}/renew/",
    ];
    assert_eq!(billable, BTreeSet::from(expected));
}

#[test]
fn every_field_of_the_evidence_is_in_the_document() {
    let Some((document, evidence)) = subject() else { return };
    let mut wrong = Vec::new();
    let mut checked = 0;
    for operation in document.operations() {
        let entry = evidence.iter().find(|entry| key(entry) == operation.key()).unwrap();
        let places = body_properties(&operation);
        for field in fields(entry) {
            checked += 1;
            let name = text(field, "name");
            let here = format!("{} `{name}`", operation.key());
            let Some(places) = places.get(name) else {
                wrong.push(format!("{here} is missing"));
                continue;
            };
            let found: BTreeSet<String> = places.iter().flat_map(|place| types(&document, place.schema)).collect();
            let wanted = text(field, "type");
            if wanted != "unknown" && !found.contains(wanted) {
                wrong.push(format!("{here} is {found:?}, not {wanted}"));
            }
            if field.get("required") == Some(&Value::Bool(true)) && !places.iter().any(|place| place.required) {
                wrong.push(format!("{here} is always sent, so it must be required"));
            }
            let values: BTreeSet<&str> = list(field, "enum").iter().filter_map(Value::as_str).collect();
            let declared =
                places.iter().flat_map(|place| place.schema.get("enum").and_then(Node::as_array).unwrap_or_default());
            let declared: BTreeSet<&str> = declared.filter_map(Node::as_str).collect();
            if values != declared {
                wrong.push(format!("{here} allows {declared:?}, the evidence {values:?}"));
            }
            if text(field, "format") == "password"
                && !places.iter().all(|place| place.schema.get("x-sensitive").is_some())
            {
                wrong.push(format!("{here} is a secret that is not marked"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 300, "only {checked} fields were looked at");
}

#[test]
fn every_field_of_the_document_has_evidence() {
    let Some((document, evidence)) = subject() else { return };
    let references = all_references(&evidence);
    let mut wrong = Vec::new();
    for operation in document.operations() {
        let entry = evidence.iter().find(|entry| key(entry) == operation.key()).unwrap();
        let seen: BTreeSet<&str> = fields(entry).iter().map(|field| text(field, "name")).collect();
        if operation.request_body().is_some() == seen.is_empty() {
            wrong.push(format!("{}: a body on one side only", operation.key()));
        }
        check_references(&operation.key(), operation.node, &references, &mut wrong);
        for (path, places) in body_properties(&operation) {
            if !seen.contains(path.as_str()) {
                wrong.push(format!("{} `{path}` is in the document, but was never seen", operation.key()));
            }
            for place in places {
                check_references(&format!("{} `{path}`", operation.key()), place.schema, &references, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every `file:lines` of the evidence.
fn all_references(evidence: &[Value]) -> BTreeSet<String> {
    fn collect(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| match value.as_array().filter(|_| key == "evidence") {
                    Some(items) => out.extend(items.iter().filter_map(Value::as_str).map(str::to_owned)),
                    None => collect(value, out),
                })
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
            _ => {}
        }
    }
    let mut out = BTreeSet::new();
    evidence.iter().for_each(|entry| collect(entry, &mut out));
    out
}

fn check_references(here: &str, node: &Node, known: &BTreeSet<String>, wrong: &mut Vec<String>) {
    let given = node.get("x-evidence").and_then(Node::as_array).unwrap_or_default();
    if given.is_empty() {
        wrong.push(format!("{here} names no evidence"));
    }
    for reference in given.iter().filter_map(Node::as_str) {
        if !known.contains(reference) {
            wrong.push(format!("{here} names `{reference}`, which is not in the evidence"));
        }
    }
}

#[test]
fn query_parameters_agree() {
    let Some((document, evidence)) = subject() else { return };
    for operation in document.operations() {
        let entry = evidence.iter().find(|entry| key(entry) == operation.key()).unwrap();
        let names = |key: &str| -> BTreeSet<String> {
            list(entry, key).iter().map(|parameter| text(parameter, "name").to_owned()).collect()
        };
        let declared = |place: ParameterPlace| -> BTreeSet<String> {
            operation.parameters().iter().filter(|p| p.place == place).map(|p| p.name.to_owned()).collect()
        };
        assert_eq!(names("path_params"), declared(ParameterPlace::Path), "{}", operation.key());
        assert_eq!(names("query_params"), declared(ParameterPlace::Query), "{}", operation.key());
        for parameter in operation.parameters().iter().filter(|p| p.place == ParameterPlace::Path) {
            let kind = parameter.node.pointer("/schema/type").and_then(Node::as_str);
            assert_eq!(kind, Some("string"), "{} {}", operation.key(), parameter.name);
        }
    }
}

#[test]
fn answers_have_the_members_that_were_read_and_stay_open() {
    let Some((document, evidence)) = subject() else { return };
    let mut typed = 0;
    for operation in document.operations() {
        let entry = evidence.iter().find(|entry| key(entry) == operation.key()).unwrap();
        let mut places = BTreeMap::new();
        properties(&document, operation.success_schema().unwrap(), "", &mut places);
        let read = entry.pointer("/response/item_fields").and_then(Value::as_array).cloned().unwrap_or_default();
        typed += usize::from(!read.is_empty());
        let wanted: BTreeSet<String> = read.iter().map(|field| text(field, "path").to_owned()).collect();
        let envelope = ["result", "message"];
        let found: BTreeSet<String> =
            places.keys().filter(|path| !envelope.contains(&path.as_str())).cloned().collect();
        assert_eq!(wanted, found, "{}", operation.key());
        let open = document.resolve(operation.success_schema().unwrap()).unwrap();
        assert_eq!(
            open.get("additionalProperties").map(Node::to_canonical).as_deref(),
            Some("{}"),
            "{}",
            operation.key()
        );
        for (path, places) in &places {
            for place in places.iter().filter(|place| place.schema.text_at("type") == Some("object")) {
                let open = place.schema.get("additionalProperties").map(Node::to_canonical);
                assert_eq!(open.as_deref(), Some("{}"), "{} `{path}`", operation.key());
            }
        }
    }
    assert_eq!(typed, 7, "the seven catalogues");
}
