//! How much work one comparison may be: schemas looked at, counted over all of it.
//!
//! A pair of schemas is compared once, but a document of a few kilobytes can make exponentially many pairs (each subset of
//! the parts of an `allOf` is another schema), and choices within choices are followed several levels down. The count is
//! kept per thread and not handed through every function: a comparison runs on one thread from beginning to end.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::Hash;

use super::side::address;
use crate::document::{Document, Node, Object, Value};

/// Schemas that may be looked at besides those in proportion to the documents.
pub(super) const LEAST: usize = 300_000;

/// Addresses of schemas that must all hold, and how deep within choices they are looked at.
type Looked = (Vec<usize>, usize);

/// What is known of schemas while a comparison runs. The nodes of both documents stay where they are until it ends, so
/// their addresses tell them apart.
#[derive(Default)]
struct Found {
    /// The kinds of values that schemas allow.
    kinds: HashMap<Looked, u8>,
    /// Whether schemas accept a value, by its JSON text.
    accepted: HashMap<(Looked, String), Option<bool>>,
}

/// Longer values are checked again each time: remembering them would cost more memory than the check costs time.
const LONGEST_VALUE: usize = 64;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    /// What one comparison has found out: choices within choices ask for the same many times.
    static FOUND: RefCell<Option<Found>> = const { RefCell::new(None) };
}

/// The budget of one comparison; without one there is no limit.
pub(super) struct Budget {
    pub(super) limit: usize,
}

impl Budget {
    /// Begins to count, by the size of the documents; `least` schemas may be looked at whatever their size.
    pub(super) fn of(documents: [&Document; 2], least: usize) -> Self {
        let limit = least + documents.map(|document| count(document.root())).iter().sum::<usize>() * 4;
        LEFT.set(limit);
        FOUND.set(Some(Found::default()));
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
        // The addresses are those of other nodes when these documents are gone.
        FOUND.set(None);
    }
}

/// The kinds of values that schemas allow, found by `find` once for each comparison.
pub(super) fn kinds_once(conj: &[&Node], depth: usize, find: impl FnOnce() -> u8) -> u8 {
    once(looked(conj, depth), |found| &mut found.kinds, find)
}

/// Whether schemas accept a value, found by `find` once for each comparison.
pub(super) fn accepted_once(
    conj: &[&Node],
    value: &serde_json::Value,
    depth: usize,
    find: impl FnOnce() -> Option<bool>,
) -> Option<bool> {
    let text = value.to_string();
    if text.len() > LONGEST_VALUE {
        return find();
    }
    once((looked(conj, depth), text), |found| &mut found.accepted, find)
}

fn looked(conj: &[&Node], depth: usize) -> Looked {
    (conj.iter().map(|node| address(node)).collect(), depth)
}

fn once<K: Eq + Hash, V: Copy>(key: K, of: fn(&mut Found) -> &mut HashMap<K, V>, find: impl FnOnce() -> V) -> V {
    let known = FOUND.with_borrow_mut(|found| found.as_mut().and_then(|found| of(found).get(&key).copied()));
    known.unwrap_or_else(|| {
        let value = find();
        FOUND.with_borrow_mut(|found| found.as_mut().and_then(|found| of(found).insert(key, value)));
        value
    })
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

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use crate::diff::{RustVerdict, Side, Verdict, diff_within};

    fn reference(name: String) -> Value {
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// Which of the states hold together is another schema for each subset of them.
    fn subsets(kind: &str) -> Side {
        let count = 24;
        let object = |zero: Value, one: Value| json!({"type": "object", "properties": {"0": zero, "1": one}});
        let both = json!({"allOf": [reference("Q0".into()), reference("Q1".into())]});
        let mut schemas = Map::new();
        schemas.insert("Q0".into(), object(reference("Q0".into()), both));
        for at in 1..count {
            let next = reference(format!("Q{}", at + 1));
            schemas.insert(format!("Q{at}"), object(next.clone(), next));
        }
        schemas.insert(format!("Q{count}"), json!({"type": "object", "properties": {"end": {"type": kind}}}));
        let content = json!({"application/json": {"schema": reference("Q0".into())}});
        let operation = json!({"post": {"requestBody": {"content": content}, "responses": {}}});
        let document = json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/a": operation}, "components": {"schemas": schemas}});
        Side::read(document.to_string().as_bytes(), None).unwrap()
    }

    #[test]
    fn a_comparison_beyond_its_budget_is_given_up_with_the_worst_verdict() {
        let (old, new) = (subsets("string"), subsets("integer"));
        let report = diff_within(&old, &new, ("2026-01-01", Default::default()), 5_000);
        assert_eq!(report.given_up.map(|refusal| refusal.name()), Some("over-budget"));
        assert_eq!((report.consumer_verdict, report.rust_verdict), (Verdict::Breaking, RustVerdict::Major));
    }
}
