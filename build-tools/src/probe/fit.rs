//! A value and a schema to the parts of the schema that speak of the value, and to how well it fits them.

use serde_json::Value;

use super::Kind;
use crate::document::{Document, Node, child, local_reference};

/// References, parts and variants within one another, at most.
const DEPTH: usize = 48;

/// The parts that a schema consists of for one value: itself, what it refers to, its `allOf`, the fitting variants.
pub(super) type Facets<'a> = Vec<(String, &'a Node)>;

/// Follows references, takes in the parts of `allOf` and, of each choice, the variant that fits the value best.
pub(super) fn expand<'a>(document: &'a Document, pointer: String, value: &Value, out: &mut Facets<'a>, depth: usize) {
    let Some(node) = document.root().pointer(&pointer).filter(|_| depth < DEPTH) else { return };
    if let Some(reference) = node.text_at("$ref") {
        let Some(target) = local_reference(reference) else { return };
        return expand(document, target, value, out, depth + 1);
    }
    out.push((pointer.clone(), node));
    for (at, _) in node.get("allOf").and_then(Node::as_array).unwrap_or_default().iter().enumerate() {
        expand(document, child(&child(&pointer, "allOf"), &at.to_string()), value, out, depth + 1);
    }
    for word in ["oneOf", "anyOf"] {
        let Some(variants) = node.get(word).and_then(Node::as_array) else { continue };
        let fits = variants.iter().enumerate().map(|(at, variant)| (misfit(document, variant, value, 0), at));
        // Where no variant admits even the kind, this place says so itself.
        let best = fits.min().filter(|(misfit, _)| *misfit < WRONG_KIND);
        if let Some((_, at)) = best {
            expand(document, child(&child(&pointer, word), &at.to_string()), value, out, depth + 1);
        }
    }
}

/// What a value of another kind weighs: more than any number of members.
const WRONG_KIND: u64 = 1_000_000;

/// How far a value is from what a schema describes; 0 where it fits.
fn misfit(document: &Document, schema: &Node, value: &Value, depth: usize) -> u64 {
    let Some(schema) = document.resolve(schema).filter(|_| depth < DEPTH) else { return 0 };
    let kind = Kind::of(value);
    if !allows(schema, kind) {
        return WRONG_KIND;
    }
    let mut found = 0_u64;
    if let Some(options) = schema.get("enum").and_then(Node::as_array)
        && !options.iter().any(|option| option.to_json() == *value)
    {
        found += 100;
    }
    for part in schema.get("allOf").and_then(Node::as_array).unwrap_or_default() {
        found = found.saturating_add(misfit(document, part, value, depth + 1));
    }
    for word in ["oneOf", "anyOf"] {
        let variants = schema.get(word).and_then(Node::as_array).unwrap_or_default();
        found = found.saturating_add(
            variants.iter().map(|variant| misfit(document, variant, value, depth + 1)).min().unwrap_or(0),
        );
    }
    match value {
        Value::Object(members) => {
            let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
            let missing = required.iter().filter_map(Node::as_str).filter(|name| !members.contains_key(*name)).count();
            found = found.saturating_add(10 * missing as u64);
            let properties = schema.get("properties").and_then(Node::as_object);
            for (name, value) in members {
                found = found.saturating_add(match properties.and_then(|properties| properties.get(name)) {
                    // Of a kind that this member cannot be: a little worse than not being named at all.
                    Some(of) => misfit(document, of, value, depth + 1).min(20),
                    None => 1,
                });
            }
        }
        Value::Array(items) => {
            if let (Some(of), Some(first)) = (schema.get("items"), items.first()) {
                found = found.saturating_add(misfit(document, of, first, depth + 1).min(50));
            }
        }
        _ => {}
    }
    found
}

pub(super) fn lacks_variant(document: &Document, schema: &Node, value: &Value) -> bool {
    ["oneOf", "anyOf"].iter().any(|word| {
        let variants = schema.get(word).and_then(Node::as_array).unwrap_or_default();
        let nullable = schema.get("nullable").and_then(Node::as_bool) == Some(true) && value.is_null();
        !variants.is_empty()
            && !nullable
            && variants.iter().all(|variant| misfit(document, variant, value, 0) >= WRONG_KIND)
    })
}

/// Whether a schema leaves open what a value is.
pub(super) fn says_nothing(schema: &Node) -> bool {
    let words = ["type", "enum", "properties", "items", "required", "oneOf", "anyOf", "not"];
    let more = schema.get("additionalProperties").and_then(Node::as_object).is_some_and(|more| !more.is_empty());
    !more && words.iter().all(|word| schema.get(word).is_none())
}

/// Whether a schema by itself allows a kind of value.
pub(super) fn allows(schema: &Node, kind: Kind) -> bool {
    let Some(of) = schema.text_at("type") else { return true };
    match kind {
        Kind::Null => schema.get("nullable").and_then(Node::as_bool) == Some(true),
        Kind::Integer => matches!(of, "integer" | "number"),
        kind => of == kind.as_str(),
    }
}
