//! The reconstruction against its evidence, both ways: nothing that was seen is missing, nothing was invented.
//!
//! Ignored once the document is a published one, which is its own evidence.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use swpanel_build_tools::document::{self, Document, Node, Object, Operation, ParameterPlace};
use swpanel_tests::files;

/// Document and evidence.
fn subject() -> (Document, Vec<Value>) {
    let evidence: Vec<Value> = serde_json::from_str(&files::text("tests/evidence/endpoints.json").unwrap()).unwrap();
    (files::document().unwrap(), evidence)
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

/// Whether a schema is marked as one that no evidence shows.
fn is_inferred(schema: &Node) -> bool {
    schema.get("x-swpanel-inferred").and_then(Node::as_bool) == Some(true)
}

/// One place where a property stands, in one arm.
struct Place<'a> {
    schema: &'a Node,
    required: bool,
}

/// All properties of a schema by path, through references, arms and arrays; what is inferred is left out.
fn properties<'a>(document: &'a Document, schema: &'a Node, prefix: &str, out: &mut BTreeMap<String, Vec<Place<'a>>>) {
    let Some(schema) = document.resolve(schema).filter(|schema| !is_inferred(schema)) else { return };
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
        if let Some(resolved) = document.resolve(property).filter(|schema| !is_inferred(schema)) {
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
#[cfg_attr(not(reconstruction), ignore = "a published document is its own evidence")]
fn the_operations_are_those_of_the_evidence() {
    let (document, evidence) = subject();
    let wanted: BTreeSet<String> =
        evidence.iter().filter(|entry| is_certain(entry)).map(key).chain([SERVICE_BY_ID.to_owned()]).collect();
    let found: BTreeSet<String> = document.operations().iter().map(Operation::key).collect();
    assert_eq!(wanted, found);
    assert_eq!(found.len(), 102);
    for operation in document.operations() {
        let entry = evidence.iter().find(|entry| key(entry) == operation.key()).unwrap();
        assert_eq!(operation.tag(), text(entry, "group"), "{}", operation.key());
        let effect = operation.facts().effect;
        assert!(
            operation.facts().billable || effect.as_str() == text(entry, "side_effects"),
            "{}: {}",
            operation.key(),
            effect.as_str()
        );
    }
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "a published document is its own evidence")]
fn what_spends_money_is_marked() {
    let (document, _) = subject();
    let operations = document.operations();
    let billable: BTreeSet<&str> =
        operations.iter().filter(|operation| operation.facts().billable).map(|operation| operation.path).collect();
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

/// The fields whose JSON type the example varies between calls.
const VARYING: [&str; 2] = ["number", "mb"];

/// What is wrong with a property in the light of the fields that were seen of it.
fn judge(
    document: &Document,
    name: &str,
    fields: &[&Value],
    places: &[Place<'_>],
    here: &str,
    wrong: &mut Vec<String>,
) {
    let found: BTreeSet<String> = places.iter().flat_map(|place| types(document, place.schema)).collect();
    let mut wanted: BTreeSet<String> = fields.iter().map(|field| text(field, "type").to_owned()).collect();
    // What is passed through from another answer, or varies between calls, is text or number.
    let either = ["integer".to_owned(), "string".to_owned()];
    if wanted.remove("unknown") || VARYING.contains(&leaf(name)) {
        wanted.extend(found.iter().filter(|kind| either.contains(kind)).cloned());
    }
    if found != wanted {
        wrong.push(format!("{here} is {found:?}, not {wanted:?}"));
    }
    // What is sent under a condition is required in the variant of that condition.
    let conditional = ["only when", "only with", "always present inside", "sent only"];
    let always = |field: &&&Value| field.get("required") == Some(&Value::Bool(true));
    let allowed =
        |field: &&&Value| always(field) || conditional.iter().any(|words| text(field, "notes").contains(words));
    let required = places.iter().filter(|place| place.required).count();
    if fields.iter().all(|field| always(&field)) && required < places.len() {
        wrong.push(format!("{here} is always sent, so it must be required"));
    }
    if fields.iter().any(|field| always(&field)) && required == 0 {
        wrong.push(format!("{here} is always sent in a variant, so it must be required there"));
    }
    if !fields.iter().any(|field| allowed(&field)) && required > 0 {
        wrong.push(format!("{here} is required, but the evidence does not show that it is always sent"));
    }
    for field in fields {
        wrong.extend(
            bounds(document, text(field, "constraints"), places).into_iter().map(|text| format!("{here} {text}")),
        );
    }
    let values: BTreeSet<&str> =
        fields.iter().flat_map(|field| list(field, "enum")).filter_map(Value::as_str).collect();
    let declared =
        places.iter().flat_map(|place| place.schema.get("enum").and_then(Node::as_array).unwrap_or_default());
    let declared: BTreeSet<&str> = declared.filter_map(Node::as_str).collect();
    if values != declared {
        wrong.push(format!("{here} allows {declared:?}, the evidence {values:?}"));
    }
    let secret = fields.iter().any(|field| text(field, "format") == "password");
    if secret && !places.iter().all(|place| place.schema.get("x-sensitive").is_some()) {
        wrong.push(format!("{here} is a secret that is not marked"));
    }
}

fn leaf(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What is missing of the bounds in a constraint such as `23-CL01: 1..24 step 1; 25-CL01: 2..24 step 2 (...)`.
///
/// Totals that the client turns into increments are no bounds of what is sent, and a list in a text has none.
fn bounds(document: &Document, constraint: &str, places: &[Place<'_>]) -> Vec<String> {
    if constraint.contains("totals") || constraint.contains("comma-separated") {
        return Vec::new();
    }
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let mut wrong = Vec::new();
    for part in constraint.split(';') {
        let Some((before, after)) = part.split_once("..") else { continue };
        let least: String =
            before.chars().rev().take_while(char::is_ascii_digit).collect::<String>().chars().rev().collect();
        let most = digits(after);
        let step = after.split_once(" step ").map(|(_, step)| digits(step)).filter(|step| step != "1");
        let mut candidates: Vec<&Node> = places.iter().map(|place| place.schema).collect();
        for place in places {
            let arms = place.schema.get("oneOf").and_then(Node::as_array).unwrap_or_default();
            candidates.extend(arms.iter().filter_map(|arm| document.resolve(arm)));
        }
        let number = |node: &Node, key: &str| node.get(key).and_then(Node::as_number).map(str::to_owned);
        let found = candidates.iter().any(|node| {
            number(node, "minimum").as_ref() == Some(&least)
                && number(node, "maximum").as_ref() == Some(&most)
                && number(node, "multipleOf").filter(|step| step != "1") == step
        });
        if !found {
            wrong.push(format!("has no bounds {least}..{most} in steps of {step:?}"));
        }
    }
    wrong
}

#[test]
fn the_bounds_check_can_fail() {
    let text = r#"{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{}}},"x":{"minimum":1,"maximum":24}}"#;
    let document = Document::from_canonical(text.as_bytes()).unwrap();
    let places = [Place { schema: document.root().get("x").unwrap(), required: true }];
    assert!(bounds(&document, "1..24 step 1 (client-side check)", &places).is_empty());
    for constraint in ["1..25", "2..24", "1..24 step 2", "1..24; 2..24"] {
        assert_eq!(bounds(&document, constraint, &places).len(), 1, "{constraint}");
    }
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "a published document is its own evidence")]
fn every_field_of_the_evidence_is_in_the_document() {
    let (document, evidence) = subject();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for operation in document.operations() {
        let entry = evidence.iter().find(|entry| key(entry) == operation.key()).unwrap();
        let places = body_properties(&operation);
        // A path may stand in several variants; they are judged together.
        let mut by_path: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for field in fields(entry) {
            by_path.entry(text(field, "name")).or_default().push(field);
        }
        for (name, fields) in by_path {
            checked += fields.len();
            let here = format!("{} `{name}`", operation.key());
            match places.get(name) {
                None => wrong.push(format!("{here} is missing")),
                Some(places) => judge(&document, name, &fields, places, &here, &mut wrong),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 300, "only {checked} fields were looked at");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "a published document is its own evidence")]
fn every_field_of_the_document_has_evidence() {
    let (document, evidence) = subject();
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
            let own = all_references(std::slice::from_ref(entry));
            for place in places {
                let given = place.schema.get("x-evidence").and_then(Node::as_array).unwrap_or_default();
                if !given.iter().filter_map(Node::as_str).any(|reference| own.contains(reference)) {
                    wrong.push(format!("{} `{path}` names no evidence of this operation", operation.key()));
                }
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
#[cfg_attr(not(reconstruction), ignore = "a published document is its own evidence")]
fn query_parameters_agree() {
    let (document, evidence) = subject();
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
#[cfg_attr(not(reconstruction), ignore = "a published document is its own evidence")]
fn answers_have_the_members_that_were_read_and_stay_open() {
    let (document, evidence) = subject();
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

/// All nodes below and including this one, with whether one above them is inferred.
fn nodes<'a>(node: &'a Node, within: bool, out: &mut Vec<(&'a Node, bool)>) {
    out.push((node, within));
    let within = within || is_inferred(node);
    match &node.value {
        document::Value::Array(items) => items.iter().for_each(|item| nodes(item, within, out)),
        document::Value::Object(object) => object.iter().for_each(|(_, item)| nodes(item, within, out)),
        _ => {}
    }
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "a published document is its own evidence")]
fn what_is_inferred_says_so_stays_open_and_claims_no_evidence() {
    let (document, evidence) = subject();
    let mut all = Vec::new();
    nodes(document.root(), false, &mut all);
    let inferred: Vec<&Node> = all.iter().filter(|(node, _)| is_inferred(node)).map(|(node, _)| *node).collect();
    assert!(inferred.len() >= 6, "AAAA, CAA, NS, PTR, SPF and TXT at least");
    for node in &inferred {
        let text = node.text_at("description").unwrap_or_default();
        assert!(text.contains("nferred"), "{}", node.to_canonical());
    }
    for (node, within) in &all {
        let is_part = *within || is_inferred(node);
        assert!(!is_part || node.get("x-evidence").is_none(), "{}", node.to_canonical());
        if is_part && node.text_at("type") == Some("object") {
            let open = node.get("additionalProperties").map(Node::to_canonical);
            assert_eq!(open.as_deref(), Some("{}"), "{}", node.to_canonical());
        }
    }
    // What was seen is not inferred, and what is inferred was not seen.
    let create = document.operations().into_iter().find(|one| one.key() == "POST /services/{service}/dns/").unwrap();
    let arms = document.root().pointer("/components/schemas/DnsRecord/oneOf").and_then(Node::as_array).unwrap();
    let kinds = |inferred: bool| -> BTreeSet<&str> {
        let arms = arms.iter().filter_map(|arm| document.resolve(arm)).filter(|arm| is_inferred(arm) == inferred);
        arms.filter_map(|arm| arm.pointer("/properties/type/enum/0")?.as_str()).collect()
    };
    assert_eq!(kinds(true), BTreeSet::from(["AAAA", "CAA", "NS", "PTR", "SPF", "TXT"]));
    let entry = evidence.iter().find(|entry| key(entry) == create.key()).unwrap();
    let seen = fields(entry).into_iter().find(|field| text(field, "name") == "record.type").unwrap();
    assert_eq!(kinds(false), list(seen, "enum").iter().filter_map(Value::as_str).collect());
}
