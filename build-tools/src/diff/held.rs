//! A schema to the nodes that must all hold: what a pair of schemas is known by, before any keyword is looked at.

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

/// The nodes of a conjunction.
pub(super) fn held<'d>(document: &'d Document, conj: &[&'d Node], depth: usize) -> Held<'d> {
    let mut held = Held::default();
    for node in conj {
        flatten(document, node, false, depth, &mut held);
    }
    held
}

/// References followed and `allOf` taken apart; `null` says that null is allowed whatever the node says.
fn flatten<'d>(document: &'d Document, node: &'d Node, null: bool, depth: usize, held: &mut Held<'d>) {
    let mut node = node;
    let mut hops = 0;
    while let Some(reference) = node.text_at("$ref") {
        hops += 1;
        match document.target(reference).filter(|_| hops < 32) {
            Some(target) => node = target,
            None => {
                held.open_end = true;
                return;
            }
        }
    }
    if held.nodes.iter().any(|(known, also)| address(known) == address(node) && *also == null) {
        return;
    }
    held.nodes.push((node, null));
    let says_null = node.get("type").is_none() && node.get("nullable").and_then(Node::as_bool) == Some(true);
    for part in node.get("allOf").and_then(Node::as_array).unwrap_or_default() {
        flatten(document, part, null || says_null, depth, held);
    }
    for keyword in ["anyOf", "oneOf"] {
        let (forms, with_null) = forms(document, node, keyword, depth);
        if let [only] = forms.as_slice() {
            flatten(document, only, null || says_null || with_null, depth, held);
        }
    }
}
