//! How much work one comparison may be: schemas looked at, counted over all of it.
//!
//! A pair of schemas is compared once, but a document of a few kilobytes can make exponentially many pairs (each subset of
//! the parts of an `allOf` is another schema), and choices within choices are followed several levels down. The count is
//! kept per thread and not handed through every function: a comparison runs on one thread from beginning to end.

use std::cell::Cell;

use crate::document::{Document, Node, Object, Value};

/// Schemas that may be looked at besides those in proportion to the documents.
const LEAST: usize = 300_000;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The budget of one comparison; without one there is no limit.
pub(super) struct Budget {
    pub(super) limit: usize,
}

impl Budget {
    /// Begins to count, by the size of the documents.
    pub(super) fn of(documents: [&Document; 2]) -> Self {
        let limit = LEAST + documents.map(|document| count(document.root())).iter().sum::<usize>() * 4;
        LEFT.set(limit);
        Self { limit }
    }

    /// Whether more was needed than there is.
    pub(super) fn is_exceeded(&self) -> bool {
        LEFT.get() == 0
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        LEFT.set(usize::MAX);
    }
}

/// Counts schemas that are looked at; whether they are still within the budget.
pub(super) fn spend(schemas: usize) -> bool {
    let left = LEFT.get().saturating_sub(schemas);
    LEFT.set(left);
    left > 0
}

fn count(node: &Node) -> usize {
    1 + match &node.value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(object) => Object::iter(object).map(|(_, node)| count(node)).sum(),
        _ => 0,
    }
}
