//! Gives every schema that becomes a Rust type a name of its own.
//!
//! The generator names a type within another one after the places that lead to it (`account` and its property `ownership`
//! make `AccountOwnership`) and does not look whether a component or another place has that name. So the same names are
//! worked out here; a schema whose name is taken gets a `title`, which the generator prefers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::document::{Ledger, Node, Object, Stage, Value, Weight, child};
use crate::names::{snake_case, type_name};

/// Sets a title wherever a made-up name is taken.
pub(super) fn unique(components: &mut Object, paths: &mut Object, ledger: &mut Ledger) {
    let mut names = Names { taken: BTreeMap::new(), ledger };
    for (name, _) in components.iter() {
        names.taken.insert(type_name(name), None);
    }
    for (name, node) in components.iter_mut() {
        let at = child("/components/schemas", name);
        names.within(node, name, &at, 0, true);
    }
    for (path, item) in paths.iter_mut() {
        for (method, operation) in item.as_object_mut().into_iter().flat_map(Object::iter_mut) {
            names.operation(operation, &child(&child("/paths", path), method));
        }
    }
}

struct Names<'a> {
    /// The names that are taken: by a component, or by a schema that stands within another one.
    taken: BTreeMap<String, Option<Node>>,
    ledger: &'a mut Ledger,
}

impl Names<'_> {
    fn operation(&mut self, operation: &mut Node, at: &str) {
        let id = operation.text_at("operationId").unwrap_or_default().to_owned();
        let parameters = operation.get_mut("parameters").and_then(Node::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = type_name(&format!("{id}-{}", parameter.text_at("name").unwrap_or_default()));
            if let Some(schema) = parameter.get_mut("schema") {
                self.schema(schema, &name, at, 0);
            }
        }
        let mut content = |node: Option<&mut Node>, name: &str| {
            let content = node.and_then(|node| node.get_mut("content")).and_then(Node::as_object_mut);
            for (_, media) in content.into_iter().flat_map(Object::iter_mut) {
                if let Some(schema) = media.get_mut("schema") {
                    self.schema(schema, &type_name(&format!("{id}-{name}")), at, 0);
                }
            }
        };
        content(operation.get_mut("requestBody"), "body");
        content(operation.get_mut("responses").and_then(|responses| responses.get_mut("2XX")), "response");
    }

    /// A schema that gets a suggested name.
    fn schema(&mut self, node: &mut Node, name: &str, at: &str, depth: usize) {
        if depth > crate::document::MAX_DEPTH || node.text_at("$ref").is_some() {
            return;
        }
        if !makes_type(node) {
            return self.within(node, name, at, depth, false);
        }
        let rust = type_name(name);
        let own = match self.taken.entry(rust.clone()) {
            Entry::Vacant(free) => {
                free.insert(Some(node.clone()));
                None
            }
            Entry::Occupied(taken) if taken.get().as_ref() == Some(&*node) => None,
            Entry::Occupied(_) => {
                (2..).map(|number: usize| format!("{rust}{number}")).find(|name| !self.taken.contains_key(name))
            }
        };
        let Some(own) = own else { return self.within(node, name, at, depth, false) };
        self.taken.insert(own.clone(), Some(node.clone()));
        let message = format!("the name `{rust}` of a type within it is taken by another schema; the type is `{own}`");
        self.ledger.note(Stage::Prepare, Weight::Mend, "type-renamed", at, message);
        if let Some(object) = node.as_object_mut() {
            object.insert("title", own.as_str());
        }
        self.within(node, &own, at, depth, false);
    }

    /// The schemas within a schema of that name, which is a component or made a type already.
    fn within(&mut self, node: &mut Node, name: &str, at: &str, depth: usize, component: bool) {
        let Some(object) = node.as_object_mut() else { return };
        let has_properties = object.get("properties").and_then(Node::as_object).is_some_and(|all| !all.is_empty());
        for (property, schema) in
            object.get_mut("properties").and_then(Node::as_object_mut).into_iter().flat_map(Object::iter_mut)
        {
            self.schema(schema, &format!("{name}_{}", snake_case(property)), at, depth + 1);
        }
        if let Some(schema) = object.get_mut("items") {
            self.schema(schema, &format!("{name}Item"), at, depth + 1);
        }
        if let Some(schema) = object.get_mut("additionalProperties").filter(|node| node.as_object().is_some()) {
            let value = if has_properties { format!("{name}_extraValue") } else { format!("{name}Value") };
            self.schema(schema, &value, at, depth + 1);
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let Some(arms) = object.get_mut(keyword).and_then(Node::as_array_mut) else { continue };
            let alone = arms.len() == 1;
            for (index, arm) in arms.iter_mut().enumerate() {
                // The arm of a choice is written within the choice, unless it is a list, an enumeration or a choice itself.
                let suggested = if alone { name.to_owned() } else { format!("{name}_Variant{index}") };
                match (alone, arm.get("properties").is_some()) {
                    (true, _) if component => self.within(arm, &suggested, at, depth + 1, true),
                    (false, true) => self.within(arm, &suggested, at, depth + 1, false),
                    _ => self.schema(arm, &suggested, at, depth + 1),
                }
            }
        }
    }
}

/// Whether a schema that stands within another one becomes a type with a name.
fn makes_type(node: &Node) -> bool {
    let Some(object) = node.as_object() else { return false };
    let filled = |keyword: &str| match object.get(keyword).map(|node| &node.value) {
        Some(Value::Object(all)) => !all.is_empty(),
        Some(Value::Array(all)) => !all.is_empty(),
        _ => false,
    };
    let several = |keyword: &str| object.get(keyword).and_then(Node::as_array).is_some_and(|arms| arms.len() > 1);
    let open_object = object.get("type").and_then(Node::as_str) == Some("object") && !filled("additionalProperties");
    filled("properties") || filled("enum") || several("oneOf") || several("anyOf") || open_object
}
