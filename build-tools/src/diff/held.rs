//! A schema to the nodes that must all hold: what a pair of schemas is known by, before any keyword is looked at.

use std::collections::HashSet;

use super::side::address;
use super::spelling::forms;
use crate::document::{Document, Node};

/// The nodes that must hold, by which a conjunction is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Held<'d> {
    /// References followed, each with whether null is allowed whatever it says.
    pub(super) nodes: Vec<(&'d Node, bool)>,
    /// A reference that leads nowhere.
    pub(super) open_end: bool,
}

/// The nodes of a conjunction: references followed and `allOf` taken apart, however long the way.
pub(super) fn held<'d>(document: &'d Document, conj: &[&'d Node], depth: usize) -> Held<'d> {
    let mut held = Held::default();
    let mut seen = HashSet::new();
    // What is still to be looked at, each with whether null is allowed whatever it says; the next one last.
    let mut open: Vec<(&'d Node, bool)> = conj.iter().rev().map(|node| (*node, false)).collect();
    while let Some((node, null)) = open.pop() {
        if !super::budget::spend(1) {
            // Nothing is said of it, and nothing follows from it, so that what still runs ends soon.
            return Held { nodes: Vec::new(), open_end: true };
        }
        let Some(node) = led_to(document, node) else {
            held.open_end = true;
            continue;
        };
        if !is_new(&held, &mut seen, node, null) {
            continue;
        }
        held.nodes.push((node, null));
        let says_null = node.get("type").is_none() && node.get("nullable").and_then(Node::as_bool) == Some(true);
        let parts = node.get("allOf").and_then(Node::as_array).unwrap_or_default();
        let first = open.len();
        open.extend(parts.iter().map(|part| (part, null || says_null)));
        for keyword in ["anyOf", "oneOf"] {
            let (forms, with_null) = forms(document, node, keyword, depth);
            if let [only] = forms.as_slice() {
                open.push((only, null || says_null || with_null));
            }
        }
        open.get_mut(first..).into_iter().for_each(<[_]>::reverse);
    }
    held
}

/// What a node leads to; nothing where that is nowhere.
fn led_to<'d>(document: &'d Document, node: &'d Node) -> Option<&'d Node> {
    let mut node = node;
    let mut hops = 0;
    while let Some(reference) = node.text_at("$ref") {
        hops += 1;
        node = document.target(reference).filter(|_| hops < 32)?;
    }
    Some(node)
}

/// Whether a node is none of those held: by looking along few of them, by hash among many.
fn is_new(held: &Held<'_>, seen: &mut HashSet<(usize, bool)>, node: &Node, null: bool) -> bool {
    if held.nodes.len() < 16 {
        return !held.nodes.iter().any(|(known, also)| address(known) == address(node) && *also == null);
    }
    if seen.is_empty() {
        seen.extend(held.nodes.iter().map(|(known, also)| (address(known), *also)));
    }
    seen.insert((address(node), null))
}
