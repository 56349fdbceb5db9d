//! Defects of real documents whose meaning is clear, mended with a ledger entry each; everything else stays as it is.

use std::collections::BTreeSet;

use super::ledger::{Ledger, Stage, Weight};
use crate::document::node::{Node, Object, Value};
use crate::document::pointer::{child, local_reference};
use crate::document::walk::{Kind, walk};

/// Type names that are none, and what is meant.
const SYNONYMS: [(&str, &str); 14] = [
    ("int", "integer"),
    ("int32", "integer"),
    ("int64", "integer"),
    ("long", "integer"),
    ("bool", "boolean"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "number"),
    ("text", "string"),
    ("str", "string"),
    ("email", "string"),
    ("date", "string"),
    ("datetime", "string"),
    ("uuid", "string"),
];
const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Mends an OpenAPI 3.0 tree.
pub(super) fn mend(root: &mut Node, ledger: &mut Ledger) {
    info(root, ledger);
    walk(root, &mut |kind, node, pointer| match kind {
        Kind::Schema => schema(node, pointer, ledger),
        Kind::Parameter => parameter(node, pointer, ledger),
        Kind::Response => response(node, pointer, ledger),
        Kind::Operation => operation(node, pointer, ledger),
        Kind::PathItem | Kind::Header | Kind::RequestBody | Kind::MediaType => {}
    });
    path_parameters(root, ledger);
}

fn note(ledger: &mut Ledger, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, Weight::Rewrite, rule, pointer, message);
}

fn info(root: &mut Node, ledger: &mut Ledger) {
    let Some(object) = root.as_object_mut() else { return };
    if object.get("info").and_then(Node::as_object).is_none() {
        object.insert("info", Object::new());
        note(ledger, "info-missing", "/info", "a document has an `info`");
    }
    let Some(info) = object.get_mut("info").and_then(Node::as_object_mut) else { return };
    for (member, value) in [("title", "Untitled API"), ("version", "0")] {
        match info.get(member).map(|node| node.value.clone()) {
            Some(Value::Text(_)) => {}
            Some(Value::Number(text)) => {
                info.insert(member, text.as_ref());
                note(ledger, "info-not-text", &format!("/info/{member}"), "it is a text");
            }
            _ => {
                info.insert(member, value);
                note(
                    ledger,
                    "info-missing",
                    &format!("/info/{member}"),
                    format!("it is missing; `{value}` stands for it"),
                );
            }
        }
    }
}

fn schema(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut() else {
        if node.value == Value::Null {
            *node = Object::new().into();
            note(ledger, "schema-null", pointer, "a schema of nothing allows everything");
        }
        return;
    };
    if let Some(kind) = object.get("type").map(|node| node.as_str().map(str::to_owned)) {
        match kind.as_deref() {
            Some(kind) if TYPES.contains(&kind) => {}
            Some(kind) => {
                let meant = SYNONYMS.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
                match meant {
                    Some((_, meant)) => object.insert("type", *meant),
                    None => {
                        object.remove("type");
                    }
                }
                let meant = meant.map_or("any value", |(_, meant)| meant);
                note(ledger, "type-unknown", pointer, format!("`{kind}` is no type; it is taken for {meant}"));
            }
            None => {
                object.remove("type");
                note(ledger, "type-unknown", pointer, "a type is a text; it is taken for any value");
            }
        }
    }
    if object.get("type").and_then(Node::as_str) == Some("array") && !object.contains("items") {
        object.insert("items", Object::new());
        note(ledger, "items-missing", pointer, "an array without `items` has items of any kind");
    }
    for exclusive in ["exclusiveMinimum", "exclusiveMaximum"] {
        if let Some(limit) = object.get(exclusive).and_then(Node::as_number).map(str::to_owned) {
            let inclusive = if exclusive == "exclusiveMinimum" { "minimum" } else { "maximum" };
            object.insert(inclusive, Node::from(Value::Number(limit.into())));
            object.insert(exclusive, true);
            note(ledger, "exclusive-bound", pointer, format!("`{exclusive}` is a flag in 3.0"));
        }
    }
    required_flags(object, pointer, ledger);
}

/// `required: true` on a property is meant for the list of its object; a list names each member once.
fn required_flags(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let mut flagged = Vec::new();
    if let Some(properties) = object.get_mut("properties").and_then(Node::as_object_mut) {
        for (name, property) in properties.iter_mut() {
            let Some(property) = property.as_object_mut() else { continue };
            if let Some(flag) = property.get("required").and_then(Node::as_bool) {
                property.remove("required");
                if flag {
                    flagged.push(name.to_owned());
                }
                note(ledger, "required-flag", pointer, format!("`required` of `{name}` belongs to the object's list"));
            }
        }
    }
    let mut listed: Vec<String> = Vec::new();
    match object.get("required").map(|node| &node.value) {
        Some(Value::Array(items)) => {
            let before = items.len();
            for name in items.iter().filter_map(Node::as_str) {
                if !listed.iter().any(|known| known == name) {
                    listed.push(name.to_owned());
                }
            }
            if flagged.is_empty() && listed.len() == before {
                return;
            }
        }
        Some(Value::Bool(_)) => {}
        Some(_) => {
            object.remove("required");
            return note(ledger, "required-not-list", pointer, "`required` is a list");
        }
        None if flagged.is_empty() => return,
        None => {}
    }
    if object.get("required").and_then(Node::as_bool).is_some() {
        // On a property it is the parent's business, which sees it after this one.
        return;
    }
    for name in flagged {
        if !listed.contains(&name) {
            listed.push(name);
        }
    }
    object.insert("required", listed.into_iter().map(Node::from).collect::<Vec<_>>());
}

fn parameter(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut().filter(|object| !object.contains("$ref")) else { return };
    if object.get("in").and_then(Node::as_str) == Some("path")
        && object.get("required").and_then(Node::as_bool) != Some(true)
    {
        object.insert("required", true);
        note(ledger, "path-parameter-optional", pointer, "a path parameter is always required");
    }
    if object.contains("in") && !object.contains("schema") && !object.contains("content") {
        let mut schema = Object::new();
        for member in ["type", "format", "items", "enum", "default", "minimum", "maximum", "pattern"] {
            if let Some(node) = object.remove(member) {
                schema.insert(member, node);
            }
        }
        if schema.is_empty() {
            schema.insert("type", "string");
        }
        object.insert("schema", schema);
        note(ledger, "parameter-without-schema", pointer, "a parameter has a schema");
    }
}

fn response(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut().filter(|object| !object.contains("$ref")) else { return };
    if object.get("description").and_then(Node::as_str).is_none() {
        object.insert("description", "");
        note(ledger, "description-missing", pointer, "an answer has a description");
    }
}

fn operation(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut() else { return };
    if object.get("responses").and_then(Node::as_object).is_none_or(Object::is_empty) {
        let mut answer = Object::new();
        answer.insert("description", "");
        let mut responses = Object::new();
        responses.insert("default", answer);
        object.insert("responses", responses);
        note(ledger, "responses-missing", pointer, "an operation has an answer, of which nothing is said");
    }
    let Some(responses) = object.get_mut("responses").and_then(Node::as_object_mut) else { return };
    let lower: Vec<String> = responses
        .iter()
        .map(|(status, _)| status.to_owned())
        .filter(|status| status.len() == 3 && status.ends_with("xx"))
        .collect();
    for status in lower {
        if let Some(answer) = responses.remove(&status) {
            responses.insert(status.to_uppercase(), answer);
            note(ledger, "status-lower-case", pointer, format!("`{status}` is written in capitals"));
        }
    }
}

/// Placeholders and declared path parameters are the same, and each parameter stands once.
fn path_parameters(root: &mut Node, ledger: &mut Ledger) {
    let lookup = root.clone();
    let resolved = |node: &Node| -> Option<(String, String)> {
        let target = match node.text_at("$ref") {
            Some(reference) => lookup.pointer(&local_reference(reference)?)?,
            None => node,
        };
        Some((target.text_at("in")?.to_owned(), target.text_at("name")?.to_owned()))
    };
    let Some(paths) = root.get_mut("paths").and_then(Node::as_object_mut) else { return };
    for (path, item) in paths.iter_mut() {
        let placeholders: BTreeSet<String> =
            path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect();
        let Some(item) = item.as_object_mut() else { continue };
        let item_pointer = child("/paths", path);
        let shared = clean(item, &placeholders, &resolved, &item_pointer, ledger);
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Node::as_object_mut) else { continue };
            let pointer = child(&item_pointer, method);
            let own = clean(operation, &placeholders, &resolved, &pointer, ledger);
            let missing: Vec<&String> =
                placeholders.iter().filter(|name| !own.contains(*name) && !shared.contains(*name)).collect();
            if missing.is_empty() {
                continue;
            }
            let mut list = match operation.remove("parameters").map(|node| node.value) {
                Some(Value::Array(list)) => list,
                _ => Vec::new(),
            };
            for name in missing {
                let mut schema = Object::new();
                schema.insert("type", "string");
                let mut parameter = Object::new();
                parameter.insert("name", name.as_str());
                parameter.insert("in", "path");
                parameter.insert("required", true);
                parameter.insert("schema", schema);
                list.push(parameter.into());
                note(ledger, "path-parameter-undeclared", &pointer, format!("`{name}` is in the path; it is a text"));
            }
            operation.insert("parameters", list);
        }
    }
}

/// Takes out what is not in the path and what stands twice; returns the declared path parameters.
fn clean(
    object: &mut Object,
    placeholders: &BTreeSet<String>,
    resolved: &impl Fn(&Node) -> Option<(String, String)>,
    pointer: &str,
    ledger: &mut Ledger,
) -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    let Some(list) = object.get_mut("parameters").and_then(Node::as_array_mut) else { return declared };
    let mut seen = BTreeSet::new();
    list.retain(|node| {
        let Some((place, name)) = resolved(node) else { return true };
        if place == "path" && !placeholders.contains(&name) {
            note(ledger, "path-parameter-not-in-path", pointer, format!("`{name}` is not in the path; it is left out"));
            return false;
        }
        if place == "path" {
            declared.insert(name.clone());
        }
        if !seen.insert((place, name.clone())) {
            note(ledger, "parameter-twice", pointer, format!("`{name}` stands twice; the first is kept"));
            return false;
        }
        true
    });
    declared
}
