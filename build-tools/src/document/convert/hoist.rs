//! References to schemas that stand somewhere within the document become references to components of their own, so
//! that every schema that is shared, or contains itself, has a name.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::{Ledger, Stage, Weight};
use crate::document::node::{Node, Object, Span, Value};
use crate::document::pointer::{child, component, local_reference, plain_component, reference_to, tokens};

/// A reference that is followed to what is no schema.
pub(super) struct NoSchema {
    pub(super) reference: String,
    pub(super) span: Span,
}

/// Gives every schema that is referred to by its place a name.
///
/// # Errors
/// The first reference in the place of a schema that leads to an object that is none.
pub(super) fn hoist(root: &mut Node, ledger: &mut Ledger) -> Result<(), NoSchema> {
    let mut targets: BTreeMap<String, (String, Span)> = BTreeMap::new();
    crate::document::walk::schemas(root, &mut |node, _| {
        if let Some(reference) = node.text_at("$ref").filter(|reference| !is_component(reference))
            && let Some(target) = local_reference(reference)
            && component(&target).is_none()
        {
            targets.entry(target).or_insert_with(|| (reference.to_owned(), node.span));
        }
    });
    if targets.is_empty() {
        return Ok(());
    }
    // Which of them stand where a schema stands.
    let mut places = BTreeSet::new();
    crate::document::walk::schemas(root, &mut |_, pointer| {
        if targets.contains_key(pointer) {
            places.insert(pointer.to_owned());
        }
    });
    let mut taken = component_names(root);
    let mut moved = BTreeMap::new();
    let mut added = Object::new();
    // Innermost first: what is taken out of a schema leaves its reference in it.
    let mut order: Vec<(String, (String, Span))> = targets.into_iter().collect();
    order.sort_by_key(|(pointer, _)| std::cmp::Reverse((pointer.matches('/').count(), pointer.clone())));
    for (pointer, (reference, span)) in order {
        // What leads nowhere is told by `lint::references`.
        let Some(node) = root.pointer_mut(&pointer) else { continue };
        let is_place = places.contains(&pointer);
        let elsewhere = !["/paths", "/components", "/webhooks"].iter().any(|part| pointer.starts_with(part));
        if pointer.is_empty() || node.as_object().is_none() || !(is_place || elsewhere) {
            return Err(NoSchema { reference, span });
        }
        let name = free(&name(&pointer), &mut taken);
        let schema = node.clone();
        if is_place {
            let mut link = Object::new();
            link.insert("$ref", reference_to(&child("/components/schemas", &name)));
            *node = Node { value: Value::Object(link), span: node.span };
        }
        let message = format!("it is referred to by its place, so it is the component `{name}`");
        ledger.note(Stage::Convert, Weight::Rewrite, "schema-hoisted", pointer.as_str(), message);
        moved.insert(pointer, name.clone());
        added.insert(name, schema);
    }
    let components = root.object_at(&["components", "schemas"]);
    added.iter().for_each(|(name, node)| components.insert(name, node.clone()));
    redirect(root, &moved);
    Ok(())
}

/// Whether a reference is plainly one to a schema with a name, as nearly all are.
fn is_component(reference: &str) -> bool {
    plain_component(reference).is_some_and(|(kind, _)| kind == "schemas")
}

/// The names of the schemas that have one.
pub(super) fn component_names(root: &Node) -> BTreeSet<String> {
    let schemas = root.pointer("/components/schemas").and_then(Node::as_object);
    schemas.into_iter().flat_map(|schemas| schemas.iter().map(|(name, _)| name.to_owned())).collect()
}

/// Points references by place (a JSON pointer) at the component of that name.
pub(super) fn redirect(node: &mut Node, moved: &BTreeMap<String, String>) {
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, moved)),
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Node::as_str).and_then(local_reference);
            if let Some(name) = target.and_then(|target| moved.get(&target)) {
                object.insert("$ref", reference_to(&child("/components/schemas", name)));
            }
            object.iter_mut().for_each(|(_, node)| redirect(node, moved));
        }
        _ => {}
    }
}

/// `/components/schemas/Pet/properties/owner` is `PetOwner`; in a path, method and path stand at the front.
fn name(pointer: &str) -> String {
    const SILENT: [&str; 11] = [
        "paths",
        "components",
        "schemas",
        "content",
        "schema",
        "properties",
        "allOf",
        "anyOf",
        "oneOf",
        "responses",
        "parameters",
    ];
    let mut name = String::new();
    for token in tokens(pointer).unwrap_or_default() {
        if SILENT.contains(&token.as_str()) || (token.contains('/') && !token.starts_with('/')) {
            continue;
        }
        for word in token.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            let mut letters = word.chars();
            name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            name.push_str(letters.as_str());
        }
    }
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("Schema{name}") }
}

fn free(wish: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = wish.to_owned();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{wish}{number}");
        number += 1;
    }
    name
}
