//! Defects of real documents whose meaning is clear, mended with a ledger entry each; everything else stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::ledger::{Ledger, Stage, Weight};
use super::{Form, kinds, path_parameters, statuses, v31};
use crate::document::node::{Node, Object, Value};
use crate::document::pointer::child;
use crate::document::walk::{Kind, schemas_within, walk};

/// Type names that are none, and the type and the format that are meant.
const SYNONYMS: [(&str, &str, &str); 33] = [
    ("int", "integer", ""),
    ("int32", "integer", "int32"),
    ("int64", "integer", "int64"),
    ("long", "integer", "int64"),
    ("bool", "boolean", ""),
    ("float", "number", "float"),
    ("double", "number", "double"),
    ("decimal", "number", ""),
    ("numeric", "number", ""),
    ("text", "string", ""),
    ("str", "string", ""),
    ("char", "string", ""),
    ("varchar", "string", ""),
    ("password", "string", "password"),
    ("email", "string", "email"),
    ("date", "string", "date"),
    ("datetime", "string", "date-time"),
    ("date-time", "string", "date-time"),
    ("timestamp", "string", "date-time"),
    ("uuid", "string", "uuid"),
    ("guid", "string", "uuid"),
    ("uri", "string", "uri"),
    ("url", "string", "uri"),
    ("binary", "string", "binary"),
    ("file", "string", "binary"),
    ("byte", "string", "byte"),
    ("enum", "string", ""),
    ("list", "array", ""),
    ("map", "object", ""),
    ("dict", "object", ""),
    ("hash", "object", ""),
    ("unknown", "", ""),
    ("any", "", ""),
];
/// Keywords of a schema that a parameter has no other use for.
const OF_SCHEMAS: [&str; 26] = [
    "type",
    "format",
    "items",
    "enum",
    "const",
    "default",
    "nullable",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "properties",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
];
const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];

/// Mends an OpenAPI 3.0 tree that a document in `form` became. `keep` leaves keywords that 3.0 has no words for.
pub(super) fn mend(root: &mut Node, form: Form, keep: bool, ledger: &mut Ledger) {
    info(root, ledger);
    let mut schemas = Schemas { form, keep, flags: BTreeMap::new(), nulls: BTreeSet::new() };
    walk(root, &mut |kind, node, pointer| {
        if let (true, Some(object)) = (kind != Kind::Schema, node.as_object_mut()) {
            kinds::flags(object, pointer, ledger);
        }
        match kind {
            Kind::Schema => schemas.mend(node, pointer, false, ledger),
            Kind::Parameter => {
                if let Some(schema) = parameter(node, pointer, ledger) {
                    let at = child(pointer, "schema");
                    schemas_within(schema, &at, &mut |node, pointer| schemas.mend(node, pointer, true, ledger));
                }
            }
            Kind::Response => response(node, pointer, ledger),
            Kind::Operation => operation(node, pointer, ledger),
            Kind::PathItem | Kind::Header | Kind::RequestBody | Kind::MediaType => {}
        }
    });
    for pointer in schemas.flags.into_keys() {
        let message = "`required` as a flag belongs to a member of an object, which this is not; it is left out";
        ledger.note(Stage::Convert, Weight::Loss, "required-flag", child(&pointer, "required"), message);
    }
    path_parameters::mend(root, keep, ledger);
}

fn note(ledger: &mut Ledger, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, Weight::Mend, rule, pointer, message);
}

fn info(root: &mut Node, ledger: &mut Ledger) {
    let Some(object) = root.as_object_mut() else { return };
    if object.get("info").and_then(Node::as_object).is_none() {
        object.insert("info", Object::new());
        note(ledger, "info-missing", "/info", "a document has an `info`");
    }
    let Some(info) = object.get_mut("info").and_then(Node::as_object_mut) else { return };
    for (member, value) in [("title", "Untitled API"), ("version", "0")] {
        match info.get(member).map(|node| node.value.clone()) {
            Some(Value::Text(_)) => {}
            Some(Value::Number(text)) => {
                info.insert(member, text.as_ref());
                note(ledger, "info-not-text", &format!("/info/{member}"), "it is a text");
            }
            _ => {
                info.insert(member, value);
                note(
                    ledger,
                    "info-missing",
                    &format!("/info/{member}"),
                    format!("it is missing; `{value}` stands for it"),
                );
            }
        }
    }
}

/// What is known of the schemas that were mended before those around them.
struct Schemas {
    form: Form,
    keep: bool,
    /// `required` flags, by the pointer of the schema that had one: they belong to the list of the object around it.
    flags: BTreeMap<String, bool>,
    /// Schemas with an arm that was nothing but `null`.
    nulls: BTreeSet<String>,
}

impl Schemas {
    /// `is_new` says that the schema was made here, so that `v31` has not seen it.
    fn mend(&mut self, node: &mut Node, pointer: &str, is_new: bool, ledger: &mut Ledger) {
        let is_new = is_new || node.as_object().is_none();
        if node.as_object().is_none() {
            Self::no_object(node, pointer, ledger);
        }
        let Some(object) = node.as_object_mut() else { return };
        kinds::schema(object, pointer, ledger);
        kind(object, pointer, ledger);
        let null_arm = self.nulls.remove(pointer);
        // Of 3.1, `v31` has converted every schema that the document had as one.
        let unseen = self.form != Form::V31 || is_new || null_arm;
        if unseen && !object.contains("$ref") && (null_arm || v31::has_words(object)) {
            if object.get("type").and_then(Node::as_str) == Some("null") {
                let outer = pointer.rsplitn(3, '/').last().unwrap_or_default();
                self.nulls.insert(outer.to_owned());
            }
            v31::words(object, pointer, ledger, self.keep);
            note(
                ledger,
                "words-of-3.1",
                pointer,
                "words of 3.1 in a document of another version mean what they mean there",
            );
        }
        let items = object.get("items").is_some_and(|items| items.as_object().is_some());
        if object.get("type").and_then(Node::as_str) == Some("array") && !items {
            object.insert("items", Object::new());
            note(ledger, "items-missing", pointer, "an array without `items` has items of any kind");
        }
        self.required(object, pointer, ledger);
    }

    /// Makes an object of a schema that is another value; [`Self::mend`] goes on with it.
    fn no_object(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
        let mut object = Object::new();
        match &node.value {
            Value::Null => note(ledger, "schema-null", pointer, "a schema of nothing allows everything"),
            Value::Bool(allowed) => {
                if !allowed {
                    object.insert("not", Object::new());
                }
                note(ledger, "words-of-3.1", pointer, "a boolean schema is said as an object");
            }
            Value::Text(text) => {
                object.insert("type", text.as_ref());
                note(ledger, "schema-not-object", pointer, "a schema is an object; what stands there is its type");
            }
            _ => {
                let message = "a schema is an object; what stands there is taken for any value";
                ledger.note(Stage::Convert, Weight::Loss, "schema-not-object", pointer, message);
            }
        }
        *node = object.into();
    }

    /// `required: true` on a property is meant for the list of its object; a list names each member once.
    fn required(&mut self, object: &mut Object, pointer: &str, ledger: &mut Ledger) {
        let mut names: Vec<String> = Vec::new();
        let said = object.get("required").map(|node| &node.value);
        if self.flags.is_empty() && said.is_none_or(|said| matches!(said, Value::Array(items) if is_a_set(items))) {
            return;
        }
        match said.cloned() {
            None => {}
            Some(Value::Array(items)) => {
                let mut seen = HashSet::new();
                names
                    .extend(items.iter().filter_map(Node::as_str).filter(|name| seen.insert(*name)).map(str::to_owned));
                if names.len() != items.len() {
                    object.insert("required", names.iter().map(|name| Node::from(name.as_str())).collect::<Vec<_>>());
                    note(ledger, "required-twice", &child(pointer, "required"), "a list names each member once");
                }
            }
            Some(Value::Bool(flag)) => {
                object.remove("required");
                self.flags.insert(pointer.to_owned(), flag);
            }
            Some(Value::Text(name)) if object.get("properties").and_then(|all| all.get(&name)).is_some() => {
                note(
                    ledger,
                    "required-not-list",
                    &child(pointer, "required"),
                    "`required` is a list, here of one name",
                );
                names.push(name.into());
                object.insert("required", names.iter().map(|name| Node::from(name.as_str())).collect::<Vec<_>>());
            }
            Some(_) => {
                object.remove("required");
                let message = "`required` is a list; what stands there is left out";
                ledger.note(Stage::Convert, Weight::Loss, "required-not-list", child(pointer, "required"), message);
            }
        }
        if self.flags.is_empty() {
            return;
        }
        let before = names.len();
        let mut listed: HashSet<String> = names.iter().cloned().collect();
        let properties = child(pointer, "properties");
        for (name, _) in object.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            let at = child(&properties, name);
            let Some(flag) = self.flags.remove(&at) else { continue };
            if flag && listed.insert(name.to_owned()) {
                names.push(name.to_owned());
            }
            let message = format!("`required` of `{name}` belongs to the object's list");
            note(ledger, "required-flag", &child(&at, "required"), message);
        }
        if names.len() > before {
            object.insert("required", names.into_iter().map(Node::from).collect::<Vec<_>>());
        }
    }
}

/// Whether all items are texts, and none stands twice.
fn is_a_set(items: &[Node]) -> bool {
    let mut seen = HashSet::new();
    items.iter().enumerate().all(|(at, item)| match item.as_str() {
        // Most lists are short, and looking along them is quicker.
        Some(name) if items.len() <= 16 => !items.iter().take(at).any(|other| other.as_str() == Some(name)),
        Some(name) => seen.insert(name),
        None => false,
    })
}

/// The type and the format that a word means.
fn meant(word: &str) -> Option<(&'static str, &'static str)> {
    let known = TYPES.iter().find(|kind| kind.eq_ignore_ascii_case(word.trim())).map(|kind| (*kind, ""));
    let meant = SYNONYMS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(word.trim()));
    known.or(meant.map(|(_, kind, format)| (*kind, *format)))
}

/// Each of several types, where it is called otherwise; what they mean together is said in the words of 3.0 later.
fn kinds_of_list(object: &mut Object, at: &str, ledger: &mut Ledger) {
    let Some(list) = object.get("type").and_then(Node::as_array) else { return };
    let known = |node: &Node| node.as_str().is_some_and(|word| TYPES.contains(&word) || word == "null");
    if !list.is_empty() && list.iter().all(known) {
        return;
    }
    let mut kinds: Vec<&str> = Vec::new();
    let mut lost = list.is_empty();
    for node in list {
        let word = node.as_str().unwrap_or_default();
        match if word == "null" { Some(("null", "")) } else { meant(word) } {
            Some(("", _)) | None => lost = true,
            Some((kind, _)) if kinds.contains(&kind) => {}
            Some((kind, _)) => kinds.push(kind),
        }
    }
    let kinds: Vec<Node> = kinds.into_iter().map(Node::from).collect();
    // One that may mean anything makes anything of the whole.
    if lost || kinds.is_empty() {
        object.remove("type");
    } else {
        object.insert("type", kinds);
    }
    let (weight, message) = match lost {
        true => (Weight::Loss, "not all of these are types; any value is allowed"),
        false => (Weight::Mend, "not all of these are called so; they are taken for what is meant"),
    };
    ledger.note(Stage::Convert, weight, "type-unknown", at, message);
}

/// The type, where it is called otherwise.
fn kind(object: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let at = || child(pointer, "type");
    let said = match object.get("type").map(|node| &node.value) {
        None => return,
        Some(Value::Array(_)) => return kinds_of_list(object, &at(), ledger),
        Some(Value::Text(kind)) if TYPES.contains(&kind.as_ref()) || kind.as_ref() == "null" => return,
        Some(Value::Text(kind)) => kind.to_string(),
        Some(_) => {
            object.remove("type");
            let message = "a type is a text; it is taken for any value";
            return ledger.note(Stage::Convert, Weight::Loss, "type-unknown", at(), message);
        }
    };
    let at = at();
    match meant(&said) {
        Some(("", _)) => {
            object.remove("type");
            note(ledger, "type-unknown", &at, format!("`{said}` is no type; it is taken for any value"));
        }
        Some((kind, format)) => {
            object.insert("type", kind);
            if !format.is_empty() && !object.contains("format") {
                object.insert("format", format);
            }
            let means = if format.is_empty() { kind.to_owned() } else { format!("{kind} of format {format}") };
            note(ledger, "type-unknown", &at, format!("`{said}` is no type; it is taken for {means}"));
        }
        None => {
            object.remove("type");
            let message = format!("`{said}` is no type, and tells nothing of what is meant; any value is allowed");
            ledger.note(Stage::Convert, Weight::Loss, "type-unknown", at, message);
        }
    }
}

/// Returns the schema that was made of the keywords of a parameter without one.
fn parameter<'a>(node: &'a mut Node, pointer: &str, ledger: &mut Ledger) -> Option<&'a mut Node> {
    let object = node.as_object_mut().filter(|object| !object.contains("$ref"))?;
    if object.get("in").and_then(Node::as_str) == Some("path")
        && object.get("required").and_then(Node::as_bool) != Some(true)
    {
        object.insert("required", true);
        note(ledger, "path-parameter-optional", pointer, "a path parameter is always required");
    }
    if object.contains("in") && !object.contains("schema") && !object.contains("content") {
        let mut schema = Object::new();
        for member in OF_SCHEMAS {
            if let Some(node) = object.remove(member) {
                schema.insert(member, node);
            }
        }
        if schema.is_empty() {
            schema.insert("type", "string");
        }
        object.insert("schema", schema);
        note(ledger, "parameter-without-schema", pointer, "a parameter has a schema");
        return object.get_mut("schema");
    }
    None
}

fn response(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut().filter(|object| !object.contains("$ref")) else { return };
    if object.get("description").and_then(Node::as_str).is_none() {
        object.insert("description", "");
        note(ledger, "description-missing", pointer, "an answer has a description");
    }
}

fn operation(node: &mut Node, pointer: &str, ledger: &mut Ledger) {
    let Some(object) = node.as_object_mut() else { return };
    if let Some(responses) = object.get_mut("responses").and_then(Node::as_object_mut) {
        statuses::mend(responses, &child(pointer, "responses"), ledger);
    }
    let said = |responses: &Object| responses.iter().any(|(status, _)| !status.starts_with("x-"));
    if !object.get("responses").and_then(Node::as_object).is_some_and(said) {
        let mut answer = Object::new();
        answer.insert("description", "");
        let mut responses = object.get("responses").and_then(Node::as_object).cloned().unwrap_or_default();
        responses.insert("default", answer);
        object.insert("responses", responses);
        note(ledger, "responses-missing", pointer, "an operation has an answer, of which nothing is said");
    }
}
