//! An operation to the text of its contract snapshot: everything a caller depends on, as a person reads it.

use std::collections::BTreeSet;

use super::call::call;
use super::model::Model;
use crate::document::{Document, Node, Object, Operation, Parameter, ParameterPlace, Value};
use crate::knowledge::INFERRED;
use crate::safe_text;

/// The contract of one operation: method, path, parameters, body, answers, effect and the Rust call.
pub fn contract(operation: &Operation<'_>, model: &Model) -> String {
    let mut out = Writer { document: operation.document(), text: String::new(), seen: BTreeSet::new() };
    out.line(0, &operation.key());
    out.line(0, &format!("id: {}", operation.id()));
    out.line(0, &format!("tag: {}", operation.tag()));
    out.line(0, &format!("effect: {}", operation.facts()));
    out.line(0, &format!("summary: {}", operation.summary()));
    let parameters = operation.parameters();
    if !parameters.is_empty() {
        out.line(0, "parameters:");
        parameters.iter().for_each(|parameter| out.parameter(parameter));
    }
    if let Some((media, schema, required)) = operation.request_body() {
        out.line(0, &format!("body: {media}{}", if required { ", required" } else { "" }));
        out.schema(1, "", schema, false);
    }
    out.line(0, "answers:");
    for (status, response) in operation.responses() {
        out.answer(status, response);
    }
    out.line(0, "rust:");
    match call(operation, model) {
        Some(call) => call.statements("answer").lines().for_each(|line| out.line(1, line)),
        None => out.line(1, "(no generated method; reached by `raw`)"),
    }
    out.text
}

struct Writer<'a> {
    document: &'a Document,
    text: String,
    /// Components that were written out: once is enough, and ends recursion.
    seen: BTreeSet<String>,
}

/// Schemas deeper within each other than this are not written out.
const MAX_INDENT: usize = 100;

impl Writer<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        if !text.is_empty() {
            self.text.extend(std::iter::repeat_n("  ", indent));
            self.text.push_str(&safe_text::line(text));
        }
        self.text.push('\n');
    }

    fn parameter(&mut self, parameter: &Parameter<'_>) {
        let place = match parameter.place {
            ParameterPlace::Path => "path",
            ParameterPlace::Query => "query",
            ParameterPlace::Header => "header",
            ParameterPlace::Cookie => "cookie",
        };
        let empty = Node::default();
        let schema = parameter.node.get("schema").unwrap_or(&empty);
        self.schema(1, &format!("{place} {}", parameter.name), schema, parameter.required);
    }

    fn answer(&mut self, status: &str, response: &Node) {
        let content = response.get("content").and_then(Node::as_object);
        if content.is_none_or(Object::is_empty) {
            return self.line(1, &format!("{status}: no body"));
        }
        for (media, node) in content.into_iter().flat_map(Object::iter) {
            let Some(schema) = node.get("schema") else {
                self.line(1, &format!("{status}: {media}"));
                continue;
            };
            // The error envelope is the same everywhere; its name is enough.
            match schema.text_at("$ref").filter(|_| !status.starts_with('2')) {
                Some(reference) => self.line(1, &format!("{status}: {media}, {}", short(reference))),
                None => {
                    self.line(1, &format!("{status}: {media}"));
                    self.schema(2, "", schema, false);
                }
            }
        }
    }

    /// A schema under a name: its own facts on one line, what it is made of below.
    fn schema(&mut self, indent: usize, name: &str, schema: &Node, required: bool) {
        let mut facts = Vec::new();
        let mut target = schema;
        if let Some(reference) = schema.text_at("$ref") {
            facts.push(short(reference).to_owned());
            let Some(resolved) = self.document.resolve(schema) else { return };
            target = resolved;
            if !self.seen.insert(reference.to_owned()) {
                facts.push("(as above)".to_owned());
                return self.line(indent, &label(name, &facts, required));
            }
        }
        facts.extend(facts_of(target));
        self.line(indent, &label(name, &facts, required));
        self.parts(indent + 1, target);
    }

    fn parts(&mut self, indent: usize, schema: &Node) {
        if indent > MAX_INDENT {
            return self.line(indent, "(and so on)");
        }
        for combiner in ["oneOf", "anyOf", "allOf"] {
            for arm in schema.get(combiner).and_then(Node::as_array).unwrap_or_default() {
                self.schema(indent, "-", arm, false);
            }
        }
        let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
        if let Some(properties) = schema.get("properties").and_then(Node::as_object) {
            let mut properties: Vec<_> = properties.iter().collect();
            properties.sort_by_key(|(name, _)| *name);
            for (name, property) in properties {
                let must = required.iter().any(|node| node.as_str() == Some(name));
                self.schema(indent, name, property, must);
            }
        }
        if let Some(items) = schema.get("items") {
            self.schema(indent, "items", items, false);
        }
        if let Some(members) =
            schema.get("additionalProperties").filter(|node| node.as_object().is_some_and(|o| !o.is_empty()))
        {
            self.schema(indent, "(any other)", members, false);
        }
    }
}

fn label(name: &str, facts: &[String], required: bool) -> String {
    let facts = facts.join(", ");
    let must = if required { ", required" } else { "" };
    match name {
        "" => facts,
        "-" => format!("- {facts}"),
        name => format!("{name}: {facts}{must}"),
    }
}

/// What the schema says of a value, on one line.
fn facts_of(schema: &Node) -> Vec<String> {
    let mut facts = Vec::new();
    for combiner in [("oneOf", "one of"), ("anyOf", "any of"), ("allOf", "all of")] {
        if schema.get(combiner.0).is_some() {
            facts.push(combiner.1.to_owned());
        }
    }
    match schema.text_at("type") {
        Some(kind) => facts.push(kind.to_owned()),
        None if facts.is_empty() => facts.push("any".to_owned()),
        None => {}
    }
    if let Some(format) = schema.text_at("format") {
        facts.push(format!("format {format}"));
    }
    if let Some(values) = schema.get("enum").and_then(Node::as_array) {
        facts.push(values.iter().map(written).collect::<Vec<_>>().join(" | "));
    }
    for key in [
        "minimum",
        "maximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "default",
        "pattern",
    ] {
        if let Some(value) = schema.get(key) {
            facts.push(format!("{key} {}", written(value)));
        }
    }
    for (key, word) in [
        ("nullable", "nullable"),
        ("x-sensitive", "sensitive"),
        (INFERRED, "inferred"),
        ("readOnly", "read only"),
        ("writeOnly", "write only"),
        ("deprecated", "deprecated"),
        ("exclusiveMinimum", "the minimum excluded"),
        ("exclusiveMaximum", "the maximum excluded"),
        ("uniqueItems", "no two items the same"),
    ] {
        if schema.get(key).and_then(Node::as_bool) == Some(true) {
            facts.push(word.to_owned());
        }
    }
    let open = schema.get("additionalProperties").map(|node| node.to_canonical());
    match open.as_deref() {
        Some("{}" | "true") => facts.push("open".to_owned()),
        Some("false") => facts.push("closed".to_owned()),
        _ => {}
    }
    facts
}

/// JSON on one line.
fn written(value: &Node) -> String {
    match &value.value {
        Value::Array(_) | Value::Object(_) => value.to_json().to_string(),
        _ => value.to_canonical(),
    }
}

fn short(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}
