//! Schemas to example values: what a person would write as a first try, and enough variants to visit every arm.

use std::cell::Cell;

use crate::document::{Document, Node, Object, Parameter, Value};

/// How deep a schema is followed; recursive ones end there.
const MAX_DEPTH: usize = 24;

/// How many values one example may be made of: schemas that branch at every level would have no end of them.
const MAX_VALUES: usize = 4000;

/// Which members of objects are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Only those that must be there.
    Required,
    /// All.
    Full,
    /// As [`Full`](Self::Full), but an object's own `example` goes before its members': what is shown to people.
    Shown,
}

/// One value of the schema; `choice` picks the arm of every `oneOf` and `anyOf` (modulo their number).
pub fn example(document: &Document, schema: &Node, fill: Fill, choice: usize) -> Node {
    Maker { document, fill, choice, left: &Cell::new(MAX_VALUES) }.value(schema, &mut Vec::new()).unwrap_or_default()
}

/// Values that between them visit every arm of the schema, each filled both ways, without repeats.
pub fn examples(document: &Document, schema: &Node) -> Vec<Node> {
    let arms = arms(document, schema, &mut Vec::new(), &Cell::new(MAX_VALUES)).max(1);
    let mut out: Vec<Node> = Vec::new();
    for choice in 0..arms {
        for fill in [Fill::Full, Fill::Required] {
            let value = example(document, schema, fill, choice);
            if !out.contains(&value) {
                out.push(value);
            }
        }
    }
    out
}

/// The example of a parameter: its own, else its schema's.
pub fn parameter(document: &Document, parameter: &Parameter<'_>) -> Node {
    let own = parameter.node.get("example").cloned();
    own.unwrap_or_else(|| {
        let content = || parameter.node.get("content")?.as_object()?.iter().next()?.1.get("schema");
        let schema = parameter.node.get("schema").or_else(content);
        schema.map(|schema| example(document, schema, Fill::Shown, 0)).unwrap_or_default()
    })
}

/// More choices than this are not made: they are there to visit arms, not all their combinations.
const MAX_CHOICES: usize = 64;

/// The least number of choices that visits every arm: the widest `oneOf` would be too few where a small one stands
/// inside a large one, so it is their product along the way down.
fn arms<'a>(document: &'a Document, schema: &'a Node, open: &mut Open<'a>, left: &Cell<usize>) -> usize {
    let Some(rest) = left.get().checked_sub(1) else { return 1 };
    left.set(rest);
    if let Some(reference) = schema.text_at("$ref") {
        if open.contains(&reference) || open.len() >= MAX_DEPTH {
            return 1;
        }
        open.push(reference);
        let found = document.resolve(schema).map_or(1, |schema| arms(document, schema, open, left));
        open.pop();
        return found;
    }
    let mut most = 1;
    for combiner in ["oneOf", "anyOf"] {
        if let Some(here) = schema.get(combiner).and_then(Node::as_array) {
            let below = here.iter().map(|arm| arms(document, arm, open, left)).max().unwrap_or(1);
            most = most.max(here.len().saturating_mul(below));
        }
    }
    let properties = schema.get("properties").and_then(Node::as_object);
    let items = schema.get("items").into_iter();
    let all_of = schema.get("allOf").and_then(Node::as_array).unwrap_or_default().iter();
    let below = properties.into_iter().flat_map(Object::iter).map(|(_, node)| node).chain(items).chain(all_of);
    below.map(|node| arms(document, node, open, left)).fold(most, usize::max).min(MAX_CHOICES)
}

struct Maker<'a> {
    document: &'a Document,
    fill: Fill,
    choice: usize,
    left: &'a Cell<usize>,
}

/// The references that are open on the way down.
type Open<'a> = Vec<&'a str>;

impl<'a> Maker<'a> {
    /// A value, or nothing where a schema comes around to itself: what is optional there is left out.
    fn value(&self, schema: &'a Node, open: &mut Open<'a>) -> Option<Node> {
        match schema.text_at("$ref") {
            None => self.resolved(schema, open),
            Some(reference) if open.contains(&reference) || open.len() >= MAX_DEPTH => None,
            Some(reference) => {
                open.push(reference);
                let value = self.document.resolve(schema).and_then(|schema| self.resolved(schema, open));
                open.pop();
                value
            }
        }
    }

    fn resolved(&self, schema: &'a Node, open: &mut Open<'a>) -> Option<Node> {
        // What is optional is left out from here on.
        self.left.set(self.left.get().checked_sub(1)?);
        let whole = matches!(schema.text_at("type"), Some("object")) || schema.get("properties").is_some();
        if let Some(example) = schema.get("example").filter(|_| !whole || self.fill == Fill::Shown) {
            return Some(plain(example));
        }
        if let Some(first) = schema.get("enum").and_then(Node::as_array).and_then(<[Node]>::first) {
            return Some(plain(first));
        }
        for combiner in ["oneOf", "anyOf"] {
            if let Some(arms) = schema.get(combiner).and_then(Node::as_array)
                && !arms.is_empty()
            {
                // The outer choice is used up by this level; what remains chooses further down.
                let inner = Self { choice: self.choice / arms.len(), ..*self };
                let arm = arms.get(self.choice % arms.len()).and_then(|arm| inner.value(arm, open))?;
                return Some(merged(vec![self.object(schema, open)?, arm]));
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Node::as_array) {
            let values: Option<Vec<Node>> = parts.iter().map(|part| self.value(part, open)).collect();
            let mut values = values?;
            values.push(self.object(schema, open)?);
            return Some(merged(values));
        }
        match schema.text_at("type") {
            Some("object") => self.object(schema, open),
            Some("array") => {
                let count = count(schema, "minItems").unwrap_or(1).clamp(1, 8);
                let item = schema.get("items").map_or_else(|| Some("text".into()), |items| self.value(items, open));
                // Lists within lists multiply: copies are taken from the same budget as everything else.
                let copies = item.as_ref().map_or(0, |item| (self.left.get() / size(item).max(1)).min(count - 1));
                if let Some(item) = &item {
                    self.left.set(self.left.get().saturating_sub(copies * size(item)));
                }
                Some(Value::Array(item.map(|item| vec![item; copies + 1]).unwrap_or_default()).into())
            }
            Some("integer" | "number") => Some(Value::Number(integer(schema).to_string().into()).into()),
            Some("boolean") => Some(true.into()),
            Some("string") => Some(text(schema).into()),
            _ if schema.get("properties").is_some() => self.object(schema, open),
            _ => Some("text".into()),
        }
    }

    fn object(&self, schema: &'a Node, open: &mut Open<'a>) -> Option<Node> {
        let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
        let mut out = Object::new();
        for (name, property) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            let must = required.iter().any(|node| node.as_str() == Some(name));
            if must || self.fill != Fill::Required {
                match self.value(property, open) {
                    Some(value) => out.insert(name, value),
                    None if must => return None,
                    None => {}
                }
            }
        }
        let members = schema.get("additionalProperties");
        if let Some(members) = members.filter(|node| node.as_object().is_some_and(|o| !o.is_empty()))
            && self.fill != Fill::Required
            && let Some(value) = self.value(members, open)
        {
            out.insert("key", value);
        }
        Some(out.into())
    }
}

/// How many values a node holds, itself counted.
fn size(node: &Node) -> usize {
    match &node.value {
        Value::Array(items) => items.iter().map(size).fold(1, usize::saturating_add),
        Value::Object(object) => object.iter().map(|(_, node)| size(node)).fold(1, usize::saturating_add),
        _ => 1,
    }
}

/// A copy without spans: examples are made, not read.
fn plain(node: &Node) -> Node {
    Node::from_json(&node.to_json())
}

/// Objects joined into one; of anything else the last that is no empty object.
fn merged(values: Vec<Node>) -> Node {
    let mut out = Object::new();
    for value in values {
        match value.value {
            Value::Object(object) => object.iter().for_each(|(key, node)| out.insert(key, node.clone())),
            other => return other.into(),
        }
    }
    out.into()
}

fn count(schema: &Node, key: &str) -> Option<usize> {
    schema.get(key)?.as_number()?.parse().ok()
}

fn bound(schema: &Node, key: &str) -> Option<i64> {
    schema.get(key)?.as_number()?.parse().ok()
}

/// The least allowed multiple from the minimum on, or 1.
fn integer(schema: &Node) -> i64 {
    let step = bound(schema, "multipleOf").filter(|step| *step > 0).unwrap_or(1);
    let most = bound(schema, "maximum");
    let least = bound(schema, "minimum").unwrap_or_else(|| most.map_or(1, |most| most.min(1)));
    let exclusive = schema.get("exclusiveMinimum").and_then(Node::as_bool) == Some(true);
    let least = if exclusive { least.saturating_add(1) } else { least };
    let rest = least.rem_euclid(step);
    if rest == 0 { least } else { least.saturating_add(step - rest) }
}

fn text(schema: &Node) -> String {
    let by_format = match schema.text_at("format").unwrap_or_default() {
        "date" => "2026-01-31",
        "date-time" => "2026-01-31T12:00:00Z",
        "email" => "info@example.es",
        "ipv4" => "192.0.2.10",
        "ipv6" => "2001:db8::10",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "uri" | "url" => "https://example.es/",
        "hostname" => "www.example.es",
        _ => "text",
    };
    let mut out = by_format.to_owned();
    while out.chars().count() < count(schema, "minLength").unwrap_or(0).min(1024) {
        out.push('x');
    }
    match count(schema, "maxLength") {
        Some(most) => out.chars().take(most).collect(),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    fn document(schemas: &str) -> Document {
        let text =
            format!("openapi: 3.0.3\ninfo: {{}}\npaths: {{/a: {{get: {{}}}}}}\ncomponents: {{schemas: {schemas}}}\n");
        convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap().0
    }

    fn all(schemas: &str) -> Vec<serde_json::Value> {
        let document = document(schemas);
        let schema = document.root().pointer("/components/schemas/S").unwrap();
        examples(&document, schema).iter().map(Node::to_json).collect()
    }

    #[test]
    fn visits_every_arm_and_both_fillings() {
        let schemas = "{S: {type: object, required: [k], properties: {k: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}, o: {type: string, minLength: 6}}},
            A: {type: object, properties: {x: {oneOf: [{type: integer, minimum: 3, multipleOf: 2}, {type: boolean}]}}},
            B: {type: string, enum: [b]}}";
        assert_eq!(
            all(schemas),
            [
                serde_json::json!({"k": {"x": 4}, "o": "textxx"}),
                serde_json::json!({"k": {}}),
                serde_json::json!({"k": "b", "o": "textxx"}),
                serde_json::json!({"k": "b"}),
                serde_json::json!({"k": {"x": true}, "o": "textxx"}),
            ]
        );
    }

    #[test]
    fn lists_within_lists_do_not_multiply_without_end() {
        let levels: Vec<String> = (0..8)
            .map(|at| {
                format!("L{at}: {{type: array, minItems: 50, items: {{$ref: '#/components/schemas/L{}'}}}}", at + 1)
            })
            .collect();
        let schemas =
            format!("{{S: {{$ref: '#/components/schemas/L0'}}, {}, L8: {{type: string}}}}", levels.join(", "));
        for value in all(&schemas) {
            assert!(value.to_string().len() < 100_000, "{}", value.to_string().len());
        }
        let short = all("{S: {type: array, minItems: 3, items: {type: integer}}}");
        assert_eq!(short, [serde_json::json!([1, 1, 1])]);
    }

    #[test]
    fn recursion_ends() {
        let optional = all(
            "{S: {type: object, properties: {s: {$ref: '#/components/schemas/S'}, l: {type: array, items: {$ref: '#/components/schemas/S'}}}}}",
        );
        let once = serde_json::json!({"s": {"l": []}, "l": [{"l": []}]});
        assert_eq!(optional, [once, serde_json::json!({})], "a schema is entered once on its way down");
        let endless = all("{S: {type: object, required: [s], properties: {s: {$ref: '#/components/schemas/S'}}}}");
        assert_eq!(endless, [serde_json::Value::Null], "no finite value satisfies it");
    }
}
