//! Reads schemas, and bends a value until it keeps to one: what state cannot know, an answer must still carry.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::schema::pointer_of;

/// References within references, at most; a document may refer in circles.
const DEPTH: usize = 12;

/// The node that a reference leads to, or the node itself.
pub(crate) fn resolve<'a>(tree: &'a Value, mut node: &'a Value) -> &'a Value {
    for _ in 0..DEPTH {
        let Some(reference) = node.get("$ref").and_then(Value::as_str) else { return node };
        let Some(target) = pointer_of(reference).and_then(|pointer| tree.pointer(&pointer)) else { return node };
        node = target;
    }
    node
}

/// How much of a document may be looked at for one purpose. Combined schemas lead to the same ones again and again;
/// what lies beyond the last step is left as it is, since only how an answer is made up depends on it.
pub(super) struct Steps(Cell<usize>);

impl Steps {
    pub(super) fn new() -> Self {
        Self(Cell::new(200_000))
    }

    /// Takes steps; whether there were any left.
    pub(super) fn take(&self, count: usize) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(count));
        left > 0
    }
}

/// The schema of a property, looked for in the schema and its parts.
pub(super) fn property<'a>(tree: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    property_within(tree, schema, name, DEPTH, &Steps::new())
}

fn property_within<'a>(
    tree: &'a Value,
    schema: &'a Value,
    name: &str,
    depth: usize,
    steps: &Steps,
) -> Option<&'a Value> {
    let schema = resolve(tree, schema);
    let own = schema.get("properties").and_then(|properties| properties.get(name));
    own.or_else(|| {
        let parts = schema.get("allOf").and_then(Value::as_array).filter(|_| depth > 0 && steps.take(1))?;
        parts.iter().find_map(|part| property_within(tree, part, name, depth - 1, steps))
    })
}

/// The schema with the properties and requirements of its parts taken in.
pub(super) fn merged(tree: &Value, schema: &Value) -> Value {
    merged_within(tree, schema, DEPTH, &Steps::new())
}

/// How many values a schema is made of: what it costs to copy it.
fn size(schema: &Value) -> usize {
    1 + match schema {
        Value::Object(members) => members.values().map(size).sum(),
        Value::Array(items) => items.iter().map(size).sum(),
        _ => 0,
    }
}

fn merged_within(tree: &Value, schema: &Value, depth: usize, steps: &Steps) -> Value {
    let schema = resolve(tree, schema);
    if !steps.take(size(schema)) {
        return Value::Bool(true);
    }
    let Some(parts) = schema.get("allOf").and_then(Value::as_array).filter(|_| depth > 0) else {
        return schema.clone();
    };
    let mut whole = schema.as_object().cloned().unwrap_or_default();
    whole.remove("allOf");
    for part in parts {
        let Value::Object(part) = merged_within(tree, part, depth - 1, steps) else { continue };
        for (word, value) in part {
            match (whole.get_mut(&word), value) {
                (Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
                (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                (Some(_), _) => {}
                (None, value) => {
                    whole.insert(word, value);
                }
            }
        }
    }
    Value::Object(whole)
}

/// Whether every member of a value is named by the schema; of an array, the first entry speaks for all.
pub(crate) fn is_declared(tree: &Value, schema: &Value, value: &Value) -> bool {
    declared_within(tree, schema, value, DEPTH, &Steps::new())
}

fn declared_within(tree: &Value, schema: &Value, value: &Value, depth: usize, steps: &Steps) -> bool {
    if depth == 0 {
        return true;
    }
    if !steps.take(1) {
        // It was not looked at, so nothing is claimed of it.
        return false;
    }
    let schema = merged_within(tree, schema, DEPTH, steps);
    for word in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(word).and_then(Value::as_array) {
            return choices.iter().any(|choice| declared_within(tree, choice, value, depth - 1, steps));
        }
    }
    match value {
        Value::Object(members) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            members.iter().all(|(name, value)| {
                let known = properties.and_then(|properties| properties.get(name));
                known.is_some_and(|known| declared_within(tree, known, value, depth - 1, steps))
            })
        }
        Value::Array(items) => match (items.first(), schema.get("items")) {
            (None, _) => true,
            (Some(item), Some(inner)) => declared_within(tree, inner, item, depth - 1, steps),
            (Some(_), None) => false,
        },
        // A schema without a type promises nothing, so nothing in it is the document's.
        _ => true,
    }
}

/// A value that keeps to the schema, as near to the given one as it can be.
pub(crate) fn fit(tree: &Value, schema: &Value, value: Option<Value>) -> Value {
    fit_within(tree, schema, value, DEPTH, &Steps::new())
}

fn fit_within(tree: &Value, schema: &Value, value: Option<Value>, depth: usize, steps: &Steps) -> Value {
    if !steps.take(1) {
        // Too much to make; what was given stays as it is.
        return value.unwrap_or_default();
    }
    let schema = merged_within(tree, schema, DEPTH, steps);
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        let given = value.as_ref().filter(|value| options.contains(value));
        return given.or(options.first()).cloned().unwrap_or_default();
    }
    for word in ["oneOf", "anyOf"] {
        let Some(choices) = schema.get(word).and_then(Value::as_array) else { continue };
        let kind = |choice: &Value| {
            let wanted = merged_within(tree, choice, DEPTH, steps);
            value.as_ref().is_some_and(|value| has_type(&wanted, value))
        };
        let chosen = choices.iter().find(|choice| kind(choice)).or(choices.first());
        if let Some(chosen) = chosen.filter(|_| depth > 0) {
            return fit_within(tree, chosen, value, depth - 1, steps);
        }
    }
    if value.is_none()
        && let Some(example) = schema.get("example").or(schema.get("default"))
        && has_type(&schema, example)
    {
        return example.clone();
    }
    let given = value.as_ref().is_some_and(Value::is_null) && schema.get("nullable") == Some(&Value::Bool(true));
    if given {
        return Value::Null;
    }
    match type_of(&schema) {
        Some("object") => fit_object(tree, &schema, value, depth, steps),
        Some("array") => {
            let inner = schema.get("items").cloned().unwrap_or(Value::Bool(true));
            let items = match value {
                Some(Value::Array(items)) => items,
                Some(Value::Null) | None => Vec::new(),
                Some(single) => vec![single],
            };
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0).min(64);
            let missing = usize::try_from(least).unwrap_or(0).saturating_sub(items.len());
            let all = items.into_iter().map(Some).chain((0..missing).map(|_| None));
            if depth == 0 {
                return Value::Array(Vec::new());
            }
            all.map(|item| fit_within(tree, &inner, item, depth - 1, steps)).collect()
        }
        Some("string") => match value {
            Some(Value::String(text)) => Value::String(text),
            Some(Value::Number(number)) => Value::String(number.to_string()),
            Some(Value::Bool(truth)) => Value::String(truth.to_string()),
            _ => Value::String(text_for(&schema)),
        },
        Some("integer") => {
            let number = value.as_ref().and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()));
            let least = schema.get("minimum").and_then(Value::as_i64).unwrap_or(0);
            json!(number.filter(|number| *number >= least).unwrap_or(least))
        }
        Some("number") => match value {
            Some(Value::Number(number)) => Value::Number(number),
            _ => schema.get("minimum").filter(|least| least.is_number()).cloned().unwrap_or(json!(0)),
        },
        Some("boolean") => json!(value.and_then(|value| value.as_bool()).unwrap_or(false)),
        _ => value.unwrap_or_else(|| json!({})),
    }
}

fn fit_object(tree: &Value, schema: &Value, value: Option<Value>, depth: usize, steps: &Steps) -> Value {
    let mut members = match value {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    if depth == 0 {
        return Value::Object(members);
    }
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        members.retain(|name, _| properties.contains_key(name));
    }
    for (name, inner) in properties {
        if let Some(value) = members.remove(name) {
            members.insert(name.clone(), fit_within(tree, inner, Some(value), depth - 1, steps));
        }
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if !members.contains_key(name) {
            let inner = properties.get(name).cloned().unwrap_or(Value::Bool(true));
            members.insert(name.to_owned(), fit_within(tree, &inner, None, depth - 1, steps));
        }
    }
    Value::Object(members)
}

fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ if schema.get("properties").is_some() => Some("object"),
        _ if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

fn has_type(schema: &Value, value: &Value) -> bool {
    match type_of(schema) {
        Some("object") => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            value.is_object() && required.filter_map(Value::as_str).all(|name| value.get(name).is_some())
        }
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    }
}

fn text_for(schema: &Value) -> String {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("date") => "2026-06-02",
        Some("date-time") => "2026-06-02T09:00:00Z",
        Some("email") => "info@example.es",
        Some("ipv4") => "192.0.2.10",
        Some("ipv6") => "2001:db8::10",
        Some("uri" | "url") => "https://example.es/",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        _ => "text",
    };
    let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0).min(4096);
    let mut text = text.to_owned();
    while (text.len() as u64) < least {
        text.push('x');
    }
    if let Some(most) = schema.get("maxLength").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok()) {
        text = text.chars().take(most).collect();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bends_a_value_to_its_schema_and_keeps_what_fits() {
        let tree = json!({"components": {"schemas": {
            "Shop": {
                "type": "object",
                "required": ["id", "open", "kind"],
                "additionalProperties": false,
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "open": {"type": "boolean"},
                    "kind": {"enum": ["large", "small"]},
                    "next": {"$ref": "#/components/schemas/Shop"}
                }
            }
        }}});
        let schema = json!({"$ref": "#/components/schemas/Shop"});
        let fitted = fit(&tree, &schema, Some(json!({"id": "12", "kind": "huge", "more": 1})));
        assert_eq!(fitted, json!({"id": 12, "open": false, "kind": "large"}));
        assert!(is_declared(&tree, &schema, &fitted));
        assert!(!is_declared(&tree, &schema, &json!({"id": 12, "more": 1})));
    }
}
