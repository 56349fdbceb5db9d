//! `allOf` of objects to the one object it means, so that the generator has nothing to merge.
//!
//! progenitor's own merging multiplies alternatives out and does not come to an end on large documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, Node, Object, Value, child};

/// How deep parts may be made of parts.
const MAX_DEPTH: usize = 16;

/// The object that a schema with `allOf` means, or nothing where a part is more than a plain object. `origins` gets the
/// places of its members: where they would stand in the one object, and where they do stand in the document.
pub(super) fn merged(
    document: &Document,
    schema: &Object,
    pointer: &str,
    origins: &mut BTreeMap<String, String>,
) -> Option<Node> {
    let mut out = Parts::default();
    out.add(document, schema, pointer, 0)?;
    let own = child(pointer, "properties");
    origins.extend(out.origins.iter().map(|(name, origin)| (child(&own, name), origin.clone())));
    origins.extend(out.members_origin.take().map(|origin| (child(pointer, "additionalProperties"), origin)));
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
    origins: BTreeMap<String, String>,
    members_origin: Option<String>,
    description: Option<Node>,
    nullable: bool,
}

impl Parts {
    /// Adds a schema and what it is made of; the outer say of a member goes before the inner one.
    fn add(&mut self, document: &Document, schema: &Object, pointer: &str, depth: usize) -> Option<()> {
        let plain = ["oneOf", "anyOf", "not", "enum"].iter().all(|keyword| !schema.contains(keyword));
        let kind = schema.get("type").and_then(Node::as_str);
        if depth > MAX_DEPTH || !plain || kind.is_some_and(|kind| kind != "object") {
            return None;
        }
        for (name, property) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            if !self.properties.contains(name) {
                self.properties.insert(name, property.clone());
                self.origins.insert(name.to_owned(), child(&child(pointer, "properties"), name));
            }
        }
        let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
        self.required.extend(required.iter().filter_map(Node::as_str).map(str::to_owned));
        if let Some(members) = schema.get("additionalProperties") {
            // Closing one part would close out the members of the others; what the parts hold is what counts.
            let closed = members.as_bool() == Some(false);
            if self.members.is_none() && !closed {
                self.members = Some(members.clone());
                self.members_origin = Some(child(pointer, "additionalProperties"));
            }
        }
        if self.description.is_none() {
            self.description = schema.get("description").cloned();
        }
        self.nullable |= depth == 0 && schema.get("nullable").and_then(Node::as_bool) == Some(true);
        let parts = child(pointer, "allOf");
        for (at, part) in schema.get("allOf").and_then(Node::as_array).unwrap_or_default().iter().enumerate() {
            let place = document.place(part, child(&parts, &at.to_string()));
            match &document.resolve(part)?.value {
                Value::Object(part) => self.add(document, part, &place, depth + 1)?,
                _ => return None,
            }
        }
        Some(())
    }
}
