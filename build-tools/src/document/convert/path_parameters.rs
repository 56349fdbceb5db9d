//! The parameters that stand in paths: placeholders without one get one, what is in no path or stands twice goes.

use std::collections::{BTreeSet, HashMap};

use super::ledger::{Ledger, Stage, Weight};
use crate::document::node::{Node, Object, Value};
use crate::document::pointer::{child, local_reference};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn note(ledger: &mut Ledger, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, Weight::Mend, rule, pointer, message);
}

/// Placeholders and declared path parameters are the same, and each parameter stands once. `keep` leaves the parameters
/// that are not in the path, for a comparison.
pub(super) fn mend(root: &mut Node, keep: bool, ledger: &mut Ledger) {
    let referred = referred(root);
    let resolved = |node: &Node| match node.text_at("$ref") {
        Some(reference) => referred.get(reference).cloned().flatten(),
        None => place_and_name(node),
    };
    let Some(paths) = root.get_mut("paths").and_then(Node::as_object_mut) else { return };
    for (path, item) in paths.iter_mut() {
        let placeholders: BTreeSet<String> =
            path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect();
        let Some(item) = item.as_object_mut() else { continue };
        let item_pointer = child("/paths", path);
        let shared = clean(item, (&placeholders, keep), &resolved, &item_pointer, ledger);
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Node::as_object_mut) else { continue };
            let pointer = child(&item_pointer, method);
            let own = clean(operation, (&placeholders, keep), &resolved, &pointer, ledger);
            let missing: Vec<&String> =
                placeholders.iter().filter(|name| !own.contains(*name) && !shared.contains(*name)).collect();
            if missing.is_empty() {
                continue;
            }
            let mut list = match operation.remove("parameters").map(|node| node.value) {
                Some(Value::Array(list)) => list,
                _ => Vec::new(),
            };
            for name in missing {
                let mut schema = Object::new();
                schema.insert("type", "string");
                let mut parameter = Object::new();
                parameter.insert("name", name.as_str());
                parameter.insert("in", "path");
                parameter.insert("required", true);
                parameter.insert("schema", schema);
                list.push(parameter.into());
                note(ledger, "path-parameter-undeclared", &pointer, format!("`{name}` is in the path; it is a text"));
            }
            operation.insert("parameters", list);
        }
    }
}

/// Where a parameter stands and what it is called.
fn place_and_name(node: &Node) -> Option<(String, String)> {
    Some((node.text_at("in")?.to_owned(), node.text_at("name")?.to_owned()))
}

/// What the references among parameters lead to, looked up before any list is changed.
fn referred(root: &Node) -> HashMap<String, Option<(String, String)>> {
    let mut found = HashMap::new();
    let items = root.get("paths").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    for (_, item) in items {
        let owners = std::iter::once(Some(item)).chain(METHODS.map(|method| item.get(method)));
        let lists = owners.flatten().filter_map(|owner| owner.get("parameters")?.as_array());
        for reference in lists.flatten().filter_map(|node| node.text_at("$ref")) {
            if !found.contains_key(reference) {
                let target = local_reference(reference).and_then(|pointer| root.pointer(&pointer));
                found.insert(reference.to_owned(), target.and_then(place_and_name));
            }
        }
    }
    found
}

/// Takes out what is not in the path and what stands twice; returns the declared path parameters.
fn clean(
    object: &mut Object,
    (placeholders, keep): (&BTreeSet<String>, bool),
    resolved: &impl Fn(&Node) -> Option<(String, String)>,
    pointer: &str,
    ledger: &mut Ledger,
) -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    let Some(list) = object.get_mut("parameters").and_then(Node::as_array_mut) else { return declared };
    let mut seen = BTreeSet::new();
    list.retain(|node| {
        let Some((place, name)) = resolved(node) else { return true };
        if place == "path" && !placeholders.contains(&name) {
            let done = if keep { "it is compared anyway" } else { "it is left out" };
            note(ledger, "path-parameter-not-in-path", pointer, format!("`{name}` is not in the path; {done}"));
            if !keep {
                return false;
            }
        }
        if place == "path" {
            declared.insert(name.clone());
        }
        if !seen.insert((place, name.clone())) {
            note(ledger, "parameter-twice", pointer, format!("`{name}` stands twice; the first is kept"));
            return false;
        }
        true
    });
    declared
}
