//! Values of another kind than belongs in their place: PHP's empty lists for objects, numbers and flags in quotes, one
//! value for a list of one.

use super::ledger::{Ledger, Stage, Weight};
use crate::document::node::{Node, Object, Value};
use crate::document::pointer::child;

/// Members that hold objects wherever they stand, outside data.
const OBJECTS: [&str; 20] = [
    "additionalProperties",
    "callbacks",
    "content",
    "definitions",
    "discriminator",
    "encoding",
    "headers",
    "info",
    "items",
    "links",
    "mapping",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schema",
    "schemas",
    "scopes",
    "securitySchemes",
    "variables",
];
/// Members that hold data of the API, in which everything may stand.
const DATA: [&str; 8] = ["default", "enum", "example", "examples", "const", "value", "security", "required"];
const NUMBERS: [&str; 11] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];
const FLAGS: [&str; 8] = [
    "nullable",
    "readOnly",
    "writeOnly",
    "deprecated",
    "uniqueItems",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "required",
];

fn note(ledger: &mut Ledger, weight: Weight, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, weight, rule, pointer, message);
}

/// An empty list where an object belongs is an empty object: PHP writes both alike.
pub(super) fn lists_for_objects(root: &mut Node, ledger: &mut Ledger) {
    fill(root, Place::Root, ledger);
}

/// Where a node stands, as a list that is as long as the way to it and lies on the stack: hardly ever is it written out.
#[derive(Clone, Copy)]
enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn pointer(self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(outer, name) => child(&outer.pointer(), name),
            Self::Item(outer, at) => child(&outer.pointer(), &at.to_string()),
        }
    }
}

fn fill(node: &mut Node, place: Place<'_>, ledger: &mut Ledger) {
    match &mut node.value {
        Value::Object(object) => {
            for (name, node) in object.iter_mut().filter(|(_, node)| may_hold(node)) {
                if DATA.contains(&name) || name.starts_with("x-") {
                    continue;
                }
                let at = Place::Member(&place, name);
                if node.as_array().is_some_and(<[Node]>::is_empty) && OBJECTS.contains(&name) {
                    node.value = Value::Object(Object::new());
                    let message = "an empty list stands where an object belongs; it is an empty object";
                    note(ledger, Weight::Mend, "list-for-object", &at.pointer(), message);
                } else {
                    fill(node, at, ledger);
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate().filter(|(_, item)| may_hold(item)) {
                fill(item, Place::Item(&place, at), ledger);
            }
        }
        _ => {}
    }
}

fn may_hold(node: &Node) -> bool {
    matches!(node.value, Value::Object(_) | Value::Array(_))
}

/// Whether a schema has nothing that [`schema`] mends: one look at its members spares two dozen look-ups.
fn is_sound(object: &Object) -> bool {
    object.iter().all(|(name, node)| match (&node.value, name) {
        (Value::Array(_), "enum") => true,
        (_, "enum") => false,
        // The words that most texts stand under.
        (Value::Text(_), "type" | "description" | "format" | "example" | "$ref" | "title" | "pattern") => true,
        (Value::Text(_), name) => name != "discriminator" && !FLAGS.contains(&name) && !NUMBERS.contains(&name),
        _ => true,
    })
}

/// `"true"` where a flag belongs.
pub(super) fn flags(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    for name in FLAGS {
        let Some(text) = object.get(name).and_then(Node::as_str) else { continue };
        let flag = match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => true,
            "false" | "no" | "0" => false,
            // Of the bounds, which are numbers in 3.1, and of lists with one name.
            _ => continue,
        };
        object.insert(name, flag);
        note(ledger, Weight::Mend, "flag-in-quotes", &child(pointer, name), format!("`{name}` is {flag}"));
    }
}

/// What a schema has in quotes, or without the list or object that belongs around it.
pub(super) fn schema(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    if is_sound(object) {
        return;
    }
    flags(object, pointer, ledger);
    for name in NUMBERS {
        let Some(text) = object.get(name).and_then(Node::as_str).map(str::to_owned) else { continue };
        let at = child(pointer, name);
        let number = text.trim().parse::<serde_json::Number>().ok().map(|number| number.to_string());
        // The text itself is kept where it is a number, however long.
        let text = text.trim().to_owned();
        match number {
            Some(_) => {
                object.insert(name, Node::from(Value::Number(text.as_str().into())));
                note(ledger, Weight::Mend, "number-in-quotes", &at, format!("`{name}` is the number {text}"));
            }
            None => {
                object.remove(name);
                note(ledger, Weight::Loss, "number-in-quotes", &at, format!("`{text}` is no number; it is left out"));
            }
        }
    }
    match object.get("enum").map(|node| node.value.clone()) {
        None | Some(Value::Array(_)) => {}
        Some(value) => {
            let at = child(pointer, "enum");
            let several = matches!(&value, Value::Text(text) if text.contains([',', '|', ';']));
            if several || matches!(value, Value::Object(_) | Value::Null) {
                object.remove("enum");
                note(ledger, Weight::Loss, "enum-not-list", &at, "`enum` is a list; what stands there is left out");
            } else {
                object.insert("enum", vec![Node::from(value)]);
                note(ledger, Weight::Mend, "enum-not-list", &at, "`enum` is a list, here of one value");
            }
        }
    }
    if let Some(name) = object.get("discriminator").and_then(Node::as_str).map(str::to_owned) {
        let mut discriminator = Object::new();
        discriminator.insert("propertyName", name);
        object.insert("discriminator", discriminator);
        let message = "a discriminator is an object that names the member";
        note(ledger, Weight::Mend, "discriminator-not-object", &child(pointer, "discriminator"), message);
    }
}
