//! An OpenAPI 3.0 document as Swagger 2.0.

use serde_json::{Map, Value, json};

/// The same document in the words of Swagger 2.0. What that form cannot say is lost.
pub(super) fn swagger2(document: &Value) -> Value {
    let mut paths = Map::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let mut operations = Map::new();
        for (key, node) in item.as_object().into_iter().flatten() {
            let made = if key == "parameters" { parameters(document, Some(node)) } else { operation(document, node) };
            operations.insert(key.clone(), made);
        }
        paths.insert(path.clone(), json!(operations));
    }
    let mut made = json!({"swagger": "2.0", "info": document.get("info"), "host": "api.swpanel.com",
        "basePath": "/v2026", "schemes": ["https"], "consumes": ["application/json"], "produces": ["application/json"],
        "paths": paths, "definitions": document.pointer("/components/schemas")});
    without_alternatives(document, &mut made);
    redirect(&mut made);
    made
}

fn operation(document: &Value, node: &Value) -> Value {
    let mut made = node.as_object().cloned().unwrap_or_default();
    let mut all = parameters(document, node.get("parameters")).as_array().cloned().unwrap_or_default();
    if let Some(body) = made.remove("requestBody") {
        let schema = body.pointer("/content/application~1json/schema").cloned().unwrap_or_default();
        let required = body.get("required").and_then(Value::as_bool).unwrap_or(false);
        all.push(json!({"name": "body", "in": "body", "required": required, "schema": schema}));
    }
    made.insert("parameters".to_owned(), json!(all));
    let mut responses = Map::new();
    for (status, response) in node.get("responses").and_then(Value::as_object).into_iter().flatten() {
        // Classes of status codes are not known to this form.
        let status = match status.as_str() {
            "2XX" => "200",
            "4XX" => "400",
            "5XX" => "500",
            other => other,
        };
        let response = target(document, response);
        let mut made = json!({"description": response.get("description")});
        if let Some(schema) = response.pointer("/content/application~1json/schema") {
            super::set(&mut made, "schema", schema.clone());
        }
        responses.insert(status.to_owned(), made);
    }
    made.insert("responses".to_owned(), json!(responses));
    json!(made)
}

fn parameters(document: &Value, list: Option<&Value>) -> Value {
    list.and_then(Value::as_array).into_iter().flatten().map(|node| parameter(document, node)).collect()
}

/// The schema of a parameter is part of the parameter itself.
fn parameter(document: &Value, node: &Value) -> Value {
    let mut made = target(document, node).as_object().cloned().unwrap_or_default();
    let schema = made.remove("schema").unwrap_or_else(|| json!({"type": "string"}));
    made.remove("example");
    for (key, value) in target(document, &schema).as_object().into_iter().flatten() {
        made.entry(key.clone()).or_insert_with(|| value.clone());
    }
    made.entry("type").or_insert_with(|| json!("string"));
    json!(made)
}

fn target<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    let pointer = node.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(node)
}

/// Swagger 2.0 has no alternatives. Those that are objects become one object with the properties of all; others become
/// open schemas.
fn without_alternatives(document: &Value, node: &mut Value) {
    match node {
        Value::Object(object) => {
            let branches = ["oneOf", "anyOf"].iter().find_map(|word| object.get(*word)?.as_array());
            if let Some(branches) = branches.cloned() {
                let description = object.get("description").cloned();
                let made = merged(document, &branches, 0).unwrap_or_default();
                object.clear();
                object.extend(made);
                object.extend(description.map(|text| ("description".to_owned(), text)));
            }
            object.remove("nullable");
            object.values_mut().for_each(|value| without_alternatives(document, value));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without_alternatives(document, item)),
        _ => {}
    }
}

/// The most objects within each other that are merged.
const DEEPEST: usize = 16;

/// One object with the properties of all; required is what all require. Nothing where one of them is not an object.
fn merged(document: &Value, branches: &[Value], depth: usize) -> Option<Map<String, Value>> {
    let mut properties: Map<String, Value> = Map::new();
    let mut required: Option<Vec<Value>> = None;
    for branch in branches {
        let branch = object(document, branch, depth)?;
        for (name, schema) in branch.get("properties").and_then(Value::as_object)? {
            let made = match properties.get(name) {
                Some(known) if known != schema => combined(document, known, schema, depth + 1),
                _ => schema.clone(),
            };
            properties.insert(name.clone(), made);
        }
        let own = branch.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        required = Some(match required {
            Some(known) => known.into_iter().filter(|name| own.contains(name)).collect(),
            None => own,
        });
    }
    let mut made = Map::new();
    made.insert("type".to_owned(), json!("object"));
    made.insert("properties".to_owned(), json!(properties));
    // An empty list is not allowed there.
    let required = required.filter(|names| !names.is_empty());
    made.extend(required.map(|names| ("required".to_owned(), json!(names))));
    Some(made)
}

/// A schema as an object with properties; one with alternatives is merged first.
fn object(document: &Value, node: &Value, depth: usize) -> Option<Map<String, Value>> {
    let schema = target(document, node).as_object().filter(|_| depth < DEEPEST)?;
    match ["oneOf", "anyOf"].iter().find_map(|word| schema.get(*word)?.as_array()) {
        Some(branches) => merged(document, branches, depth + 1),
        None => schema.contains_key("properties").then(|| schema.clone()),
    }
}

/// A schema for what either of two schemas allows.
fn combined(document: &Value, one: &Value, other: &Value, depth: usize) -> Value {
    if let Some(both) = merged(document, &[one.clone(), other.clone()], depth) {
        return json!(both);
    }
    let (one, other) = (target(document, one), target(document, other));
    let of = |node: &Value| node.get("type").cloned();
    if of(one).is_none() || of(one) != of(other) {
        return json!({});
    }
    let mut made = json!({"type": of(one)});
    let values = |node: &Value| node.get("enum").and_then(Value::as_array).cloned();
    if let (Some(mut all), Some(more)) = (values(one), values(other)) {
        let new: Vec<Value> = more.into_iter().filter(|value| !all.contains(value)).collect();
        all.extend(new);
        super::set(&mut made, "enum", json!(all));
    }
    made
}

/// Schemas are below `definitions`.
fn redirect(node: &mut Value) {
    match node {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref") {
                *reference = reference.replacen("#/components/schemas/", "#/definitions/", 1);
            }
            object.values_mut().for_each(redirect);
        }
        Value::Array(items) => items.iter_mut().for_each(redirect),
        _ => {}
    }
}
