//! JSON Schema as RAML embeds it, and the values of a trait's parameters.

use super::shape::{Kind, Property, Shape};
use crate::document::{Node, Value};

/// The deepest schema that is read.
const MAX_DEPTH: usize = 30;

/// A trait with the values of its parameters; without a value the name stays.
pub(super) fn filled(node: &Node, arguments: Option<&Node>) -> Node {
    let fill = |text: &str| {
        let mut text = text.to_owned();
        for (name, value) in arguments.and_then(Node::as_object).into_iter().flat_map(|object| object.iter()) {
            if let Some(value) = super::insomnia::scalar(Some(value)) {
                text = text.replace(&format!("<<{name}>>"), &value).replace(&format!("<< {name} >>"), &value);
            }
        }
        text
    };
    match &node.value {
        Value::Text(text) => fill(text).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, arguments)).collect::<Vec<_>>().into(),
        Value::Object(object) => {
            let mut out = crate::document::Object::new();
            for (name, inner) in object.iter() {
                out.insert(fill(name), filled(inner, arguments));
            }
            out.into()
        }
        _ => node.clone(),
    }
}

/// The shape of a JSON Schema.
pub(super) fn of_json_schema(node: &Node, root: &Node, depth: usize) -> Shape {
    if depth > MAX_DEPTH {
        return Shape::default();
    }
    if let Some(target) = node.text_at("$ref").and_then(|reference| reference.strip_prefix('#')) {
        return root.pointer(target).map(|inner| of_json_schema(inner, root, depth + 1)).unwrap_or_default();
    }
    let mut shape = Shape::default();
    let kinds: Vec<&str> = match node.get("type").map(|node| &node.value) {
        Some(Value::Text(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Node::as_str).collect(),
        _ => Vec::new(),
    };
    for kind in kinds {
        match super::types::read(kind) {
            Some(known) => shape.kinds.extend(known.kinds),
            None => shape.nullable |= kind == "null",
        }
    }
    let needed: Vec<&str> =
        node.get("required").and_then(Node::as_array).unwrap_or_default().iter().filter_map(Node::as_str).collect();
    for (name, inner) in node.get("properties").and_then(Node::as_object).into_iter().flat_map(|object| object.iter()) {
        if shape.is_open() {
            shape.kinds.insert(Kind::Object);
        }
        let required = needed.contains(&name) || inner.get("required").and_then(Node::as_bool) == Some(true);
        shape.add(Property {
            name: name.to_owned(),
            shape: of_json_schema(inner, root, depth + 1),
            required: Some(required),
            description: super::requests::text_of(inner.text_at("description").unwrap_or_default()),
            ..Property::default()
        });
    }
    if let Some(items) = node.get("items") {
        shape.kinds.insert(Kind::Array);
        shape.items = Some(Box::new(of_json_schema(items, root, depth + 1)));
    }
    shape.values = node.get("enum").and_then(Node::as_array).unwrap_or_default().to_vec();
    shape
}
