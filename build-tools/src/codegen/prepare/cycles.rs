//! Finds references by which a schema would be a choice or a combination of itself, without an object or a list between:
//! such a schema has no finite Rust type, and the generator follows it without end.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, Node, schema_name};

/// Pairs of components: the first refers to the second, which leads back to the first.
pub(super) fn endless(document: &Document) -> BTreeSet<(String, String)> {
    let mut direct: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, schema) in document.schemas() {
        direct.insert(name, targets(schema));
    }
    let mut back = BTreeSet::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    for start in direct.keys() {
        let next = |name: &str| direct.get(name).cloned().unwrap_or_default();
        let mut way: Vec<(String, Vec<String>)> = vec![((*start).to_owned(), next(start))];
        let mut on_way: BTreeSet<String> = BTreeSet::from([(*start).to_owned()]);
        while let Some((name, open)) = way.last_mut() {
            let Some(target) = open.pop() else {
                on_way.remove(name);
                done.insert(name.clone());
                way.pop();
                continue;
            };
            if on_way.contains(&target) {
                back.insert((name.clone(), target));
            } else if !done.contains(&target) {
                on_way.insert(target.clone());
                let more = next(&target);
                way.push((target, more));
            }
        }
    }
    back
}

/// The components that a schema is, combines or chooses from.
fn targets(schema: &Node) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![schema];
    while let Some(node) = open.pop() {
        if let Some(name) = node.text_at("$ref").and_then(schema_name) {
            found.push(name);
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            open.extend(node.get(keyword).and_then(Node::as_array).unwrap_or_default());
        }
    }
    // The last is looked at first, so that the order is that of the names.
    found.sort_by(|a, b| b.cmp(a));
    found
}

/// The component of which a pointer is a part by combination and choice alone.
pub(super) fn component_at(pointer: &str) -> Option<String> {
    let rest = pointer.strip_prefix("/components/schemas/")?;
    let mut tokens = rest.split('/');
    let name = tokens.next()?;
    let direct =
        |token: &str| matches!(token, "allOf" | "oneOf" | "anyOf") || token.bytes().all(|byte| byte.is_ascii_digit());
    tokens.all(direct).then(|| name.replace("~1", "/").replace("~0", "~"))
}
