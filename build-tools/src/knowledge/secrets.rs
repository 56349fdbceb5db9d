//! The marks of secret properties: found by their names along request bodies and responses, through references and
//! alternatives.

use std::collections::BTreeSet;

use super::{Entry, SENSITIVE, SENSITIVE_RESPONSE};
use crate::document::{Document, Node, Object, Value, child, local_reference};
use crate::secrets::is_secret_name;

/// How deep a property may lie, references and alternatives counted.
const DEPTH: usize = 64;

/// Marks the secret properties of an operation, and returns those that its document does not have.
///
/// A response without a property that is known to be secret may hold the same secret under another name: then all of
/// the response is marked.
pub(super) fn mark(document: &mut Document, pointer: &str, entry: &Entry) -> Vec<String> {
    let mut missing = Vec::new();
    for path in &entry.secret_request {
        if !mark_path(document, &request_schemas(document, pointer), path, true) {
            missing.push(path.clone());
        }
    }
    for path in &entry.secret_response {
        let schemas = response_schemas(document, pointer);
        if !mark_path(document, &schemas, path, true) {
            missing.push(path.clone());
            mark_whole(document, pointer, &schemas);
        }
    }
    for path in &entry.public {
        let schemas = [request_schemas(document, pointer), response_schemas(document, pointer)].concat();
        mark_path(document, &schemas, path, false);
    }
    missing
}

/// Pointers of the schemas of a request body, one for each media type.
fn request_schemas(document: &Document, pointer: &str) -> Vec<String> {
    content_schemas(document, &child(pointer, "requestBody"))
}

/// Pointers of the schemas of successful responses.
fn response_schemas(document: &Document, pointer: &str) -> Vec<String> {
    let responses = child(pointer, "responses");
    let statuses = document.root().pointer(&responses).and_then(Node::as_object);
    let statuses = statuses.into_iter().flat_map(Object::iter).map(|(status, _)| status);
    let successes = statuses.filter(|status| status.starts_with('2') || *status == "default");
    successes.flat_map(|status| content_schemas(document, &child(&responses, status))).collect()
}

fn content_schemas(document: &Document, pointer: &str) -> Vec<String> {
    let content = child(&resolved(document, pointer), "content");
    let media = document.root().pointer(&content).and_then(Node::as_object);
    let media = media.into_iter().flat_map(Object::iter).filter(|(_, node)| node.get("schema").is_some());
    media.map(|(media, _)| child(&child(&content, media), "schema")).collect()
}

/// The pointer that a node's references lead to.
fn resolved(document: &Document, pointer: &str) -> String {
    let mut pointer = pointer.to_owned();
    for _ in 0..DEPTH {
        let node = document.root().pointer(&pointer);
        let Some(target) = node.and_then(|node| node.text_at("$ref")).and_then(local_reference) else { break };
        pointer = target;
    }
    pointer
}

/// Marks the properties that a path of names leads to below some schemas. Whether there is one.
fn mark_path(document: &mut Document, schemas: &[String], path: &str, secret: bool) -> bool {
    let names: Vec<&str> = path.split('.').collect();
    let mut marked = false;
    for schema in schemas {
        let mut ways = BTreeSet::new();
        walk(document, &mut vec![schema.clone()], &names, 0, &mut ways);
        for way in ways {
            let own = own_place(document, &way, names.last().copied().unwrap_or_default());
            if let Some(object) = document.root_mut().pointer_mut(&own).and_then(Node::as_object_mut) {
                if !object.contains(SENSITIVE) {
                    object.insert(SENSITIVE, secret);
                }
                marked = true;
            }
        }
    }
    marked
}

/// The steps from a schema to a property, as the pointers of the nodes on the way; a reference is followed in place.
type Way = Vec<String>;

/// Collects the ways to the properties of a path. A way ends at the property's own schema.
fn walk(document: &Document, way: &mut Way, names: &[&str], depth: usize, ways: &mut BTreeSet<Way>) {
    let Some(pointer) = way.last().cloned() else { return };
    let Some(node) = document.root().pointer(&pointer).filter(|_| depth < DEPTH) else { return };
    if let Some(target) = node.text_at("$ref").and_then(local_reference) {
        // A way that comes to a node twice does not end.
        if !way.contains(&target) {
            step(document, way, target, names, depth, ways);
        }
        return;
    }
    let Some((name, rest)) = names.split_first() else {
        ways.insert(way.clone());
        return;
    };
    let properties = node.get("properties").and_then(Node::as_object);
    for (property, _) in properties.into_iter().flat_map(Object::iter).filter(|(found, _)| same_name(found, name)) {
        step(document, way, child(&child(&pointer, "properties"), property), rest, depth, ways);
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        let branches = node.get(keyword).and_then(Node::as_array).map_or(0, <[Node]>::len);
        for at in 0..branches {
            step(document, way, child(&child(&pointer, keyword), &at.to_string()), names, depth, ways);
        }
    }
    if node.get("items").is_some() {
        step(document, way, child(&pointer, "items"), names, depth, ways);
    }
}

fn step(document: &Document, way: &mut Way, next: String, names: &[&str], depth: usize, ways: &mut BTreeSet<Way>) {
    way.push(next);
    walk(document, way, names, depth + 1, ways);
    way.pop();
}

/// `newUser` and `new_user` are the same name.
fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> String { name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() };
    plain(one) == plain(other)
}

/// The pointer of the node to mark at the end of a way. A component that other operations use too must not become
/// secret for them, so it is copied to where the way refers to it, unless the name itself says that it is secret.
fn own_place(document: &mut Document, way: &[String], name: &str) -> String {
    let last = way.last().cloned().unwrap_or_default();
    if is_secret_name(name) {
        return last;
    }
    let mut own = way.first().cloned().unwrap_or_default();
    for pair in way.windows(2) {
        let [before, after] = pair else { continue };
        match after.strip_prefix(before.as_str()) {
            // A step within the node.
            Some(step) if step.starts_with('/') => own.push_str(step),
            // A reference.
            _ if is_shared(document, after) => {
                let Some(target) = document.root().pointer(after).cloned() else { continue };
                if let Some(node) = document.root_mut().pointer_mut(&own) {
                    *node = target;
                }
            }
            _ => own.clone_from(after),
        }
    }
    own
}

/// Whether more than one place refers to a component.
fn is_shared(document: &Document, pointer: &str) -> bool {
    let reference = format!("#{pointer}");
    let mut count = 0;
    count_references(document.root(), &reference, pointer, &mut count);
    count > 1
}

fn count_references(node: &Node, reference: &str, pointer: &str, count: &mut usize) {
    if node
        .text_at("$ref")
        .is_some_and(|found| found == reference || local_reference(found).is_some_and(|found| found == pointer))
    {
        *count += 1;
    }
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| count_references(item, reference, pointer, count)),
        Value::Object(object) => {
            object.iter().for_each(|(_, node)| count_references(node, reference, pointer, count));
        }
        _ => {}
    }
}

/// Marks all of a response, where the property that is known to be secret is not found in it.
fn mark_whole(document: &mut Document, pointer: &str, schemas: &[String]) {
    if let Some(operation) = document.root_mut().pointer_mut(pointer).and_then(Node::as_object_mut) {
        operation.insert(SENSITIVE_RESPONSE, true);
    }
    for schema in schemas {
        let target = resolved(document, schema);
        let copy = (target != *schema && is_shared(document, &target))
            .then(|| document.root().pointer(&target).cloned())
            .flatten();
        let place = if copy.is_some() { schema.clone() } else { target };
        let Some(node) = document.root_mut().pointer_mut(&place) else { continue };
        if let Some(copy) = copy {
            *node = copy;
        }
        let Some(object) = node.as_object_mut() else { continue };
        match object.get_mut("properties").and_then(Node::as_object_mut) {
            Some(properties) => {
                for (_, property) in properties.iter_mut() {
                    if let Some(property) = property.as_object_mut() {
                        if let Some(reference) = property.get("$ref").cloned() {
                            // Beside a reference nothing counts.
                            property.remove("$ref");
                            let mut branch = Object::new();
                            branch.insert("$ref", reference);
                            property.insert("allOf", vec![Node::from(branch)]);
                        }
                        property.insert(SENSITIVE, true);
                    }
                }
            }
            None => object.insert(SENSITIVE, true),
        }
    }
}
