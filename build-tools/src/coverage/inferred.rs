//! What an operation has by inference only: marked in the document, and never proven against the API.

use std::cell::Cell;

use crate::document::{Document, Node, Object, Operation};
use crate::knowledge::INFERRED;

/// More schemas than this are not looked at for one operation.
const MAX_SCHEMAS: usize = 20_000;
/// Schemas deeper within each other than this are not looked at.
const MAX_DEPTH: usize = 32;

/// The inferred parts of request and response: a property by its path, a variant by the value that tells it apart, as in
/// `record.type TXT`.
pub(super) fn inferred(operation: &Operation<'_>) -> Vec<String> {
    let finder = Finder { document: operation.document(), left: Cell::new(MAX_SCHEMAS) };
    let mut found = Vec::new();
    for schema in operation.request_body().map(|(_, schema, _)| schema).into_iter().chain(operation.success_schema()) {
        finder.walk(schema, "", 0, &mut found);
    }
    found
}

struct Finder<'a> {
    document: &'a Document,
    /// Schemas that may still be looked at: combined ones lead to the same ones again and again.
    left: Cell<usize>,
}

impl Finder<'_> {
    fn walk(&self, schema: &Node, path: &str, depth: usize, found: &mut Vec<String>) {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        let Some(schema) = self.document.resolve(schema).filter(|_| left > 0 && depth < MAX_DEPTH) else { return };
        if schema.get(INFERRED).and_then(Node::as_bool) == Some(true) {
            let name = self.name(schema, path);
            if !found.contains(&name) {
                found.push(name);
            }
            // What is inferred as a whole is so in its parts.
            return;
        }
        for combiner in ["oneOf", "anyOf", "allOf"] {
            for arm in schema.get(combiner).and_then(Node::as_array).unwrap_or_default() {
                self.walk(arm, path, depth + 1, found);
            }
        }
        for (name, property) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            self.walk(property, &joined(path, name), depth + 1, found);
        }
        if let Some(items) = schema.get("items") {
            self.walk(items, &format!("{path}[]"), depth + 1, found);
        }
    }

    /// The path, with the first property that has one value only.
    fn name(&self, schema: &Node, path: &str) -> String {
        let properties = schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter);
        let only = |property: &Node| match self.document.resolve(property)?.get("enum")?.as_array()? {
            [only] => only.as_str().map(str::to_owned),
            _ => None,
        };
        let mut inferred = properties.filter_map(|(name, property)| Some((name, only(property)?)));
        match inferred.next() {
            Some((name, value)) => format!("{} {value}", joined(path, name)),
            None if path.is_empty() => "the whole".to_owned(),
            None => path.to_owned(),
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
