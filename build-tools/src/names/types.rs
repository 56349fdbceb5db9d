//! Schema names that survive: pinned by the first place that refers to each, so that a vendor's rename of a component
//! does not rename a Rust type.

use std::collections::{BTreeMap, BTreeSet};

use super::{NameNote, Names};
use crate::document::{Document, Node, Object, Value, child, reference_to, schema_name};

/// Where components of schemas stand.
const SCHEMAS: &str = "/components/schemas";

/// Gives renamed components their pinned names, in place; returns all pins (JSON pointer of the reference to name) and
/// what is to be said.
pub fn pin_types(document: &mut Document, pinned: &Names) -> (Names, Vec<NameNote>) {
    let mut notes = Vec::new();
    // Names within components are found once the component itself has its own again, so level by level.
    loop {
        let renames = renames(document, pinned);
        if renames.is_empty() {
            break;
        }
        for (published, name) in &renames {
            notes.push(NameNote::TypeRenamed { pinned: name.clone(), published: published.clone() });
        }
        rename(document.root_mut(), &renames);
    }
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    // By name first, so that each has one place: the best it has.
    for (pointer, name) in references(document) {
        match names.get_mut(&name) {
            Some(known) if worth(&pointer, &name) < worth(known, &name) => *known = pointer,
            Some(_) => {}
            None => {
                names.insert(name, pointer);
            }
        }
    }
    let present: BTreeSet<&str> = document.schemas().map(|(name, _)| name).collect();
    names.retain(|name, _| present.contains(name.as_str()));
    (names.into_iter().map(|(name, pointer)| (pointer, name)).collect(), notes)
}

/// A place in an operation lasts longest; one within the schema itself moves with it, and tells nothing.
fn worth(pointer: &str, name: &str) -> (bool, bool) {
    (pointer.starts_with(&format!("{}/", child(SCHEMAS, name))), pointer.starts_with(SCHEMAS))
}

/// New names and the pinned ones they get: where a place that led to a name that is gone leads to one that is new.
fn renames(document: &Document, pinned: &Names) -> BTreeMap<String, String> {
    let present: BTreeSet<&str> = document.schemas().map(|(name, _)| name).collect();
    let known: BTreeSet<&str> = pinned.values().map(String::as_str).collect();
    let mut renames = BTreeMap::new();
    let mut given: BTreeSet<&str> = BTreeSet::new();
    for (pointer, name) in references(document) {
        let Some(old) = pinned.get(&pointer) else { continue };
        let is_rename = *old != name
            && !present.contains(old.as_str())
            && present.contains(name.as_str())
            && !known.contains(name.as_str())
            && !renames.contains_key(&name);
        if is_rename && given.insert(old) {
            renames.insert(name, old.clone());
        }
    }
    renames
}

/// Every reference to a component of schemas: where it stands, in the order of pointers, and the name.
fn references(document: &Document) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(document.root(), "", &mut found);
    found
}

fn collect(node: &Node, pointer: &str, found: &mut BTreeMap<String, String>) {
    if let Some(name) = node.text_at("$ref").and_then(schema_name) {
        found.insert(pointer.to_owned(), name);
    }
    match &node.value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, &child(pointer, &at.to_string()), found);
            }
        }
        Value::Object(object) => object.iter().for_each(|(key, node)| collect(node, &child(pointer, key), found)),
        _ => {}
    }
}

/// Renames components and every reference to them.
fn rename(root: &mut Node, renames: &BTreeMap<String, String>) {
    if let Some(schemas) = root.pointer_mut(SCHEMAS).and_then(Node::as_object_mut) {
        let mut renamed = Object::new();
        for (key, node) in schemas.iter() {
            let mut node = node.clone();
            let name = renames.get(key).map_or(key, String::as_str);
            if name != key
                && let Some(object) = node.as_object_mut().filter(|object| !object.contains("$ref"))
            {
                object.insert("x-published-schema-name", key);
            }
            renamed.insert(name, node);
        }
        *schemas = renamed;
    }
    point(root, renames);
}

fn point(node: &mut Node, renames: &BTreeMap<String, String>) {
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, renames)),
        Value::Object(object) => {
            for (key, node) in object.iter_mut() {
                if key == "mapping"
                    && let Some(mapping) = node.as_object_mut()
                {
                    mapping.iter_mut().for_each(|(_, value)| replace(value, renames));
                } else if key == "$ref" {
                    replace(node, renames);
                } else {
                    point(node, renames);
                }
            }
        }
        _ => {}
    }
}

fn replace(node: &mut Node, renames: &BTreeMap<String, String>) {
    if let Some(to) = node.as_str().and_then(schema_name).and_then(|name| renames.get(&name)) {
        node.value = Value::Text(reference_to(&child(SCHEMAS, to)).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    fn document(list: &str, item: &str) -> Document {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /a: {{get: {{responses: {{'200': {{description: ok, content: \
             {{application/json: {{schema: {{$ref: '#/components/schemas/{list}'}}}}}}}}}}}}}}\ncomponents:\n  schemas:\n    \
             {list}: {{type: object, properties: {{items: {{type: array, items: {{$ref: '#/components/schemas/{item}'}}}}}}}}\n    \
             {item}: {{type: object, properties: {{next: {{$ref: '#/components/schemas/{item}'}}}}}}\n"
        );
        convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap().0
    }

    #[test]
    fn pinned_types_survive_the_vendors_rename_level_by_level() {
        let mut first = document("ThingList", "Thing");
        let (pins, notes) = pin_types(&mut first, &Names::new());
        assert!(notes.is_empty());
        assert_eq!(pins.values().cloned().collect::<Vec<_>>(), ["Thing", "ThingList"]);
        let mut second = document("Things", "ThingDto");
        let (again, notes) = pin_types(&mut second, &pins);
        assert_eq!(again, pins);
        assert_eq!(notes.len(), 2, "{notes:?}");
        let root = second.root();
        assert_eq!(
            root.pointer("/components/schemas/Thing/x-published-schema-name").and_then(Node::as_str),
            Some("ThingDto")
        );
        let next = "/components/schemas/Thing/properties/next/$ref";
        assert_eq!(root.pointer(next).and_then(Node::as_str), Some("#/components/schemas/Thing"));
        assert_eq!(document("Things", "ThingDto").schemas().count(), second.schemas().count());
    }

    #[test]
    fn another_schema_in_the_place_of_one_that_is_still_there_is_no_rename() {
        let mut first = document("ThingList", "Thing");
        let (pins, _) = pin_types(&mut first, &Names::new());
        let mut second = document("Thing", "Other");
        let (_, notes) = pin_types(&mut second, &pins);
        assert_eq!(notes, [], "`Thing` stands elsewhere now, `ThingList` is gone, and neither became the other");
    }
}
