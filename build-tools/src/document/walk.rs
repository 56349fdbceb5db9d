//! Visits every object of an OpenAPI 3 tree by what it is, innermost first, so that a rewrite sees its parts done.
//!
//! What stands where a schema may stand is a schema; examples, defaults and extensions are data and are not entered.

use super::node::{Node, Object, Value};
use super::pointer::{child, go_down};

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

/// What a member of a schema has in it.
#[derive(Clone, Copy)]
enum Holds {
    /// A schema.
    One,
    /// Schemas in an array.
    List,
    /// Schemas by name.
    Map,
}

/// The members of a schema that have schemas in them, in the order in which they are visited.
const SCHEMAS: [(&str, Holds); 22] = [
    ("items", Holds::One),
    ("additionalProperties", Holds::One),
    ("not", Holds::One),
    ("if", Holds::One),
    ("then", Holds::One),
    ("else", Holds::One),
    ("propertyNames", Holds::One),
    ("contains", Holds::One),
    ("unevaluatedItems", Holds::One),
    ("unevaluatedProperties", Holds::One),
    ("contentSchema", Holds::One),
    ("additionalItems", Holds::One),
    ("itemSchema", Holds::One),
    ("allOf", Holds::List),
    ("oneOf", Holds::List),
    ("anyOf", Holds::List),
    ("prefixItems", Holds::List),
    ("properties", Holds::Map),
    ("patternProperties", Holds::Map),
    ("dependentSchemas", Holds::Map),
    ("$defs", Holds::Map),
    ("definitions", Holds::Map),
];

/// Where a name stands among them.
fn place_of(name: &str) -> Option<usize> {
    // `type`, `format` and `description`, which are most members, are told by a letter.
    if !name.starts_with(['i', 'a', 'n', 't', 'e', 'p', 'c', 'u', 'o', '$', 'd'])
        || matches!(name, "type" | "description")
    {
        return None;
    }
    SCHEMAS.iter().position(|(known, _)| *known == name)
}

/// The methods of OpenAPI 3, with 3.2's.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Calls `visit` for every object of a known kind.
pub(super) fn walk(root: &mut Node, visit: &mut dyn FnMut(Kind, &mut Node, &str)) {
    let mut walker = Walker { visit, pointer: String::new() };
    for (member, kind) in [("paths", Kind::PathItem), ("webhooks", Kind::PathItem)] {
        walker.map(root, member, kind);
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
        walker.below("components", |walker| walker.map(components, member, kind));
    }
    walker.below("components", |walker| walker.callbacks(components));
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

/// Calls `visit` for a schema at a place, after the schemas within it.
pub(super) fn schemas_within(schema: &mut Node, pointer: &str, visit: &mut dyn FnMut(&mut Node, &str)) {
    let mut of_schema = |_: Kind, node: &mut Node, pointer: &str| visit(node, pointer);
    Walker { visit: &mut of_schema, pointer: pointer.to_owned() }.node(Kind::Schema, schema);
}

struct Walker<'a> {
    visit: &'a mut dyn FnMut(Kind, &mut Node, &str),
    /// Where the walk is.
    pointer: String,
}

impl Walker<'_> {
    fn below(&mut self, token: &str, go: impl FnOnce(&mut Self)) {
        let before = self.pointer.len();
        go_down(&mut self.pointer, token);
        go(self);
        self.pointer.truncate(before);
    }

    fn map(&mut self, parent: &mut Node, member: &str, kind: Kind) {
        let Some(object) = parent.get_mut(member).and_then(Node::as_object_mut) else { return };
        // A header or a component may be called `x-rate-limit`; only among these is it an extension.
        let extensible = matches!(kind, Kind::PathItem | Kind::Operation | Kind::Response);
        self.below(member, |walker| {
            for (name, node) in object.iter_mut().filter(|(name, _)| !(extensible && name.starts_with("x-"))) {
                walker.below(name, |walker| walker.node(kind, node));
            }
        });
    }

    fn list(&mut self, parent: &mut Node, member: &str, kind: Kind) {
        let Some(items) = parent.get_mut(member).and_then(Node::as_array_mut) else { return };
        self.below(member, |walker| {
            for (at, node) in items.iter_mut().enumerate() {
                walker.below(&at.to_string(), |walker| walker.node(kind, node));
            }
        });
    }

    fn one(&mut self, parent: &mut Node, member: &str, kind: Kind) {
        if let Some(node) = parent.get_mut(member) {
            self.below(member, |walker| walker.node(kind, node));
        }
    }

    fn callbacks(&mut self, parent: &mut Node) {
        let Some(object) = parent.get_mut("callbacks").and_then(Node::as_object_mut) else { return };
        self.below("callbacks", |walker| {
            for (name, callback) in object.iter_mut() {
                walker.below(name, |walker| {
                    for (expression, item) in callback.as_object_mut().into_iter().flat_map(Object::iter_mut) {
                        walker.below(expression, |walker| walker.node(Kind::PathItem, item));
                    }
                });
            }
        });
    }

    fn node(&mut self, kind: Kind, node: &mut Node) {
        match kind {
            Kind::PathItem => {
                self.list(node, "parameters", Kind::Parameter);
                for method in METHODS {
                    self.one(node, method, Kind::Operation);
                }
                self.map(node, "additionalOperations", Kind::Operation);
            }
            Kind::Operation => {
                self.list(node, "parameters", Kind::Parameter);
                self.one(node, "requestBody", Kind::RequestBody);
                self.map(node, "responses", Kind::Response);
                self.callbacks(node);
            }
            Kind::Parameter | Kind::Header => {
                self.one(node, "schema", Kind::Schema);
                self.map(node, "content", Kind::MediaType);
            }
            Kind::RequestBody => self.map(node, "content", Kind::MediaType),
            Kind::Response => {
                self.map(node, "content", Kind::MediaType);
                self.map(node, "headers", Kind::Header);
            }
            Kind::MediaType => {
                self.one(node, "schema", Kind::Schema);
                self.one(node, "itemSchema", Kind::Schema);
            }
            Kind::Schema => self.schema(node),
        }
        (self.visit)(kind, node, &self.pointer);
    }

    fn schema(&mut self, node: &mut Node) {
        // Most schemas have none or one of them: one look at their members spares two dozen look-ups.
        let members = node.as_object().into_iter().flat_map(Object::iter);
        let there = members.filter_map(|(name, _)| place_of(name)).fold(0_u32, |bits, at| bits | 1 << at);
        let there = SCHEMAS.into_iter().enumerate().filter(|(at, _)| there & 1 << at != 0);
        for (member, holds) in there.map(|(_, found)| found) {
            match holds {
                Holds::List => self.list(node, member, Kind::Schema),
                Holds::Map => self.map(node, member, Kind::Schema),
                Holds::One => match node.get(member).map(|node| &node.value) {
                    // 2.0 and old drafts allow an array of schemas under `items`.
                    Some(Value::Array(_)) => self.list(node, member, Kind::Schema),
                    // `additionalProperties: true` is no schema in 3.0, and stays as it is.
                    Some(Value::Bool(_)) if member == "additionalProperties" => {}
                    Some(Value::Object(_) | Value::Bool(_)) => self.one(node, member, Kind::Schema),
                    _ => {}
                },
            }
        }
    }
}
