//! Visits every object of an OpenAPI 3 tree by what it is, innermost first, so that a rewrite sees its parts done.
//!
//! What stands where a schema may stand is a schema; examples, defaults and extensions are data and are not entered.

use super::node::{Node, Object, Value};
use super::pointer::child;

/// What an object of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    PathItem,
    Operation,
    Parameter,
    Header,
    RequestBody,
    Response,
    MediaType,
    Schema,
}

/// Names of members under which a schema stands.
const ONE_SCHEMA: [&str; 13] = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "contains",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
    "additionalItems",
    "itemSchema",
];
/// Names of members under which schemas stand in an array.
const SCHEMA_LISTS: [&str; 4] = ["allOf", "oneOf", "anyOf", "prefixItems"];
/// Names of members under which schemas stand by name.
const SCHEMA_MAPS: [&str; 5] = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];
/// The methods of OpenAPI 3, with 3.2's.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Calls `visit` for every object of a known kind.
pub(super) fn walk(root: &mut Node, visit: &mut dyn FnMut(Kind, &mut Node, &str)) {
    let mut walker = Walker { visit };
    for (member, kind) in [("paths", Kind::PathItem), ("webhooks", Kind::PathItem)] {
        walker.map(root, member, kind, "");
    }
    let Some(components) = root.get_mut("components") else { return };
    for (member, kind) in [
        ("schemas", Kind::Schema),
        ("parameters", Kind::Parameter),
        ("headers", Kind::Header),
        ("requestBodies", Kind::RequestBody),
        ("responses", Kind::Response),
        ("pathItems", Kind::PathItem),
        ("mediaTypes", Kind::MediaType),
    ] {
        walker.map(components, member, kind, "/components");
    }
    walker.callbacks(components, "/components");
}

/// Calls `visit` for every path item, those of callbacks too, the outer before the inner.
pub(super) fn path_items(root: &mut Node, visit: &mut dyn FnMut(&mut Node, &str)) {
    fn items(map: Option<&mut Node>, pointer: &str, visit: &mut dyn FnMut(&mut Node, &str)) {
        for (name, node) in map.and_then(Node::as_object_mut).into_iter().flat_map(Object::iter_mut) {
            if !name.starts_with("x-") {
                item(node, &child(pointer, name), visit);
            }
        }
    }
    fn item(node: &mut Node, pointer: &str, visit: &mut dyn FnMut(&mut Node, &str)) {
        visit(node, pointer);
        for method in METHODS {
            let callbacks = node.get_mut(method).and_then(|operation| operation.get_mut("callbacks"));
            if callbacks.is_some() {
                of_callbacks(callbacks, &child(&child(pointer, method), "callbacks"), visit);
            }
        }
    }
    fn of_callbacks(map: Option<&mut Node>, pointer: &str, visit: &mut dyn FnMut(&mut Node, &str)) {
        for (name, callback) in map.and_then(Node::as_object_mut).into_iter().flat_map(Object::iter_mut) {
            items(Some(callback), &child(pointer, name), visit);
        }
    }
    for member in ["paths", "webhooks"] {
        items(root.get_mut(member), &child("", member), visit);
    }
    if let Some(components) = root.get_mut("components") {
        items(components.get_mut("pathItems"), "/components/pathItems", visit);
        of_callbacks(components.get_mut("callbacks"), "/components/callbacks", visit);
    }
}

/// Calls `visit` for every schema of a tree, innermost first.
pub(super) fn schemas(root: &mut Node, visit: &mut dyn FnMut(&mut Node, &str)) {
    walk(root, &mut |kind, node, pointer| {
        if kind == Kind::Schema {
            visit(node, pointer);
        }
    });
}

struct Walker<'a> {
    visit: &'a mut dyn FnMut(Kind, &mut Node, &str),
}

impl Walker<'_> {
    fn map(&mut self, parent: &mut Node, member: &str, kind: Kind, pointer: &str) {
        let Some(object) = parent.get_mut(member).and_then(Node::as_object_mut) else { return };
        let pointer = child(pointer, member);
        // A header or a component may be called `x-rate-limit`; only among these is it an extension.
        let extensible = matches!(kind, Kind::PathItem | Kind::Operation | Kind::Response);
        for (name, node) in object.iter_mut().filter(|(name, _)| !(extensible && name.starts_with("x-"))) {
            self.node(kind, node, &child(&pointer, name));
        }
    }

    fn list(&mut self, parent: &mut Node, member: &str, kind: Kind, pointer: &str) {
        let Some(items) = parent.get_mut(member).and_then(Node::as_array_mut) else { return };
        let pointer = child(pointer, member);
        for (at, node) in items.iter_mut().enumerate() {
            self.node(kind, node, &child(&pointer, &at.to_string()));
        }
    }

    fn one(&mut self, parent: &mut Node, member: &str, kind: Kind, pointer: &str) {
        if let Some(node) = parent.get_mut(member) {
            self.node(kind, node, &child(pointer, member));
        }
    }

    fn callbacks(&mut self, parent: &mut Node, pointer: &str) {
        let Some(object) = parent.get_mut("callbacks").and_then(Node::as_object_mut) else { return };
        let pointer = child(pointer, "callbacks");
        for (name, callback) in object.iter_mut() {
            let pointer = child(&pointer, name);
            for (expression, item) in callback.as_object_mut().into_iter().flat_map(Object::iter_mut) {
                self.node(Kind::PathItem, item, &child(&pointer, expression));
            }
        }
    }

    fn node(&mut self, kind: Kind, node: &mut Node, pointer: &str) {
        match kind {
            Kind::PathItem => {
                self.list(node, "parameters", Kind::Parameter, pointer);
                for method in METHODS {
                    self.one(node, method, Kind::Operation, pointer);
                }
                self.map(node, "additionalOperations", Kind::Operation, pointer);
            }
            Kind::Operation => {
                self.list(node, "parameters", Kind::Parameter, pointer);
                self.one(node, "requestBody", Kind::RequestBody, pointer);
                self.map(node, "responses", Kind::Response, pointer);
                self.callbacks(node, pointer);
            }
            Kind::Parameter | Kind::Header => {
                self.one(node, "schema", Kind::Schema, pointer);
                self.map(node, "content", Kind::MediaType, pointer);
            }
            Kind::RequestBody => self.map(node, "content", Kind::MediaType, pointer),
            Kind::Response => {
                self.map(node, "content", Kind::MediaType, pointer);
                self.map(node, "headers", Kind::Header, pointer);
            }
            Kind::MediaType => {
                self.one(node, "schema", Kind::Schema, pointer);
                self.one(node, "itemSchema", Kind::Schema, pointer);
            }
            Kind::Schema => self.schema(node, pointer),
        }
        (self.visit)(kind, node, pointer);
    }

    fn schema(&mut self, node: &mut Node, pointer: &str) {
        for member in ONE_SCHEMA {
            // 2.0 and old drafts allow an array of schemas under `items`.
            if matches!(node.get(member).map(|node| &node.value), Some(Value::Array(_))) {
                self.list(node, member, Kind::Schema, pointer);
            } else if node.get(member).is_some_and(|node| node.as_object().is_some() || node.as_bool().is_some()) {
                // `additionalProperties: true` is no schema in 3.0, and stays as it is.
                let boolean = node.get(member).is_some_and(|node| node.as_bool().is_some());
                if !(boolean && member == "additionalProperties") {
                    self.one(node, member, Kind::Schema, pointer);
                }
            }
        }
        for member in SCHEMA_LISTS {
            self.list(node, member, Kind::Schema, pointer);
        }
        for member in SCHEMA_MAPS {
            self.map(node, member, Kind::Schema, pointer);
        }
    }
}
