//! `allOf` of objects to the one object it means, so that the generator has nothing to merge.
//!
//! progenitor's own merging multiplies alternatives out and does not come to an end on large documents.

use std::collections::BTreeSet;

use crate::document::{Document, Node, Object, Value};

/// How deep parts may be made of parts.
const MAX_DEPTH: usize = 16;

/// The object that a schema with `allOf` means, or nothing where a part is more than a plain object.
pub(super) fn merged(document: &Document, schema: &Object) -> Option<Node> {
    let mut out = Parts::default();
    out.add(document, schema, 0)?;
    let mut object = Object::new();
    object.insert("type", "object");
    if let Some(description) = out.description {
        object.insert("description", description);
    }
    if out.nullable {
        object.insert("nullable", true);
    }
    object.insert("properties", out.properties);
    if !out.required.is_empty() {
        object.insert("required", out.required.into_iter().map(Node::from).collect::<Vec<_>>());
    }
    if let Some(members) = out.members {
        object.insert("additionalProperties", members);
    }
    Some(object.into())
}

#[derive(Default)]
struct Parts {
    properties: Object,
    required: BTreeSet<String>,
    members: Option<Node>,
    description: Option<Node>,
    nullable: bool,
}

impl Parts {
    /// Adds a schema and what it is made of; the outer say of a member goes before the inner one.
    fn add(&mut self, document: &Document, schema: &Object, depth: usize) -> Option<()> {
        let plain = ["oneOf", "anyOf", "not", "enum"].iter().all(|keyword| !schema.contains(keyword));
        let kind = schema.get("type").and_then(Node::as_str);
        if depth > MAX_DEPTH || !plain || kind.is_some_and(|kind| kind != "object") {
            return None;
        }
        for (name, property) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            if !self.properties.contains(name) {
                self.properties.insert(name, property.clone());
            }
        }
        let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
        self.required.extend(required.iter().filter_map(Node::as_str).map(str::to_owned));
        if let Some(members) = schema.get("additionalProperties") {
            // Closing one part would close out the members of the others; what the parts hold is what counts.
            let closed = members.as_bool() == Some(false);
            if self.members.is_none() && !closed {
                self.members = Some(members.clone());
            }
        }
        if self.description.is_none() {
            self.description = schema.get("description").cloned();
        }
        self.nullable |= depth == 0 && schema.get("nullable").and_then(Node::as_bool) == Some(true);
        for part in schema.get("allOf").and_then(Node::as_array).unwrap_or_default() {
            match &document.resolve(part)?.value {
                Value::Object(part) => self.add(document, part, depth + 1)?,
                _ => return None,
            }
        }
        Some(())
    }
}
