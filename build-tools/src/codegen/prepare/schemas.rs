//! Schemas of the document to schemas of the generator's view, by the direction in which their values travel.
//!
//! Requests keep their enums and variants, answers are opened: an enum becomes a text, every object keeps
//! members it does not know. Bounds, patterns and formats are said in the documentation of a field, not in its type.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use crate::document::{Document, Node, Object, Stage, Value, Weight, child, schema_name};
use crate::knowledge::INFERRED;
use crate::safe_text::doc_comment::doc_comment;
use crate::safe_text::markdown::code;
use crate::secrets::is_secret;

/// Whether values of a schema are sent, received, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Direction {
    request: bool,
    response: bool,
}

impl Direction {
    pub(super) const REQUEST: Self = Self { request: true, response: false };
    pub(super) const RESPONSE: Self = Self { request: false, response: true };

    pub(super) fn used(self) -> bool {
        self.request || self.response
    }
}

/// The directions of all named schemas.
pub(super) struct Directions(BTreeMap<String, Direction>);

impl Directions {
    pub(super) fn of(&self, name: &str) -> Direction {
        self.0.get(name).copied().unwrap_or_default()
    }
}

/// Follows requests and answers through all references. What was followed once for a direction is not followed again:
/// thousands of operations may reach the same thousands of schemas.
pub(super) fn directions(document: &Document) -> Directions {
    let mut found = Directions(BTreeMap::new());
    let (mut sent, mut received) = (Vec::new(), Vec::new());
    for operation in document.operations() {
        sent.extend(operation.parameters().into_iter().map(|parameter| parameter.node));
        sent.extend(operation.request_body().map(|(_, schema, _)| schema));
        received.extend(operation.successes().into_iter().map(|(_, response)| response));
    }
    reach(document, sent, &mut |name| found.0.entry(name).or_default().request = true);
    reach(document, received, &mut |name| found.0.entry(name).or_default().response = true);
    found
}

/// Names every schema that nodes lead to. The way there may be as long as the document, so it takes no recursion.
fn reach<'a>(document: &'a Document, mut open: Vec<&'a Node>, found: &mut dyn FnMut(String)) {
    let mut seen = BTreeSet::new();
    while let Some(node) = open.pop() {
        if let Some(reference) = node.text_at("$ref") {
            if seen.insert(reference) {
                schema_name(reference).into_iter().for_each(&mut *found);
                open.extend(document.target(reference));
            }
            continue;
        }
        match &node.value {
            Value::Array(items) => open.extend(items),
            Value::Object(object) => open.extend(object.iter().map(|(_, node)| node)),
            _ => {}
        }
    }
}

/// Forms that a generated type may have: the generator compares each form with each other one.
const MAX_FORMS: usize = 250;
/// Values that a generated enum may have; each becomes a variant with several conversions.
const MAX_VALUES: usize = 2_000;

/// One schema and everything below it.
pub(super) fn prepare(
    document: &Document,
    schema: &Node,
    direction: Direction,
    pointer: &str,
    state: &mut State,
) -> Node {
    let Some(source) = schema.as_object() else {
        return Object::new().into();
    };
    let at = At { document, direction, pointer, description: source.get("description").and_then(Node::as_str) };
    if let Some(node) = at.stand_in(source, state) {
        return if is_nullable(source) { nullable(node) } else { node };
    }
    if let Some(reference) = source.get("$ref").and_then(Node::as_str) {
        if state.leads_back(pointer, reference) {
            let message = "the schema would be a choice of itself; this part of it is open JSON";
            state.ledger.note(Stage::Prepare, Weight::Loss, "endless-opened", pointer, message);
            return Object::new().into();
        }
        let mut out = Object::new();
        out.insert("$ref", state.renamed(reference));
        let takes_null = schema_name(reference).is_some_and(|name| state.nullable.contains(&name));
        return if takes_null { nullable(out.into()) } else { out.into() };
    }
    if let Some(plain) = super::mixed::one_form(document, source, pointer, state) {
        return prepare(document, &plain, direction, pointer, state);
    }
    let parts = source.get("allOf").and_then(Node::as_array).unwrap_or_default();
    if parts.len() > 1 || (parts.len() == 1 && source.contains("properties")) {
        if let Some(known) = state.shared.known(pointer, direction) {
            return super::reference(&known, at.description);
        }
        if let Some(merged) = super::all_of::merged(document, source, pointer, &mut state.origins) {
            let properties = merged.get("properties").and_then(Node::as_object).map_or(0, Object::len);
            if !state.shared.spend(properties, &merged, pointer) {
                return Object::new().into();
            }
            let message = format!("{} parts are one object", parts.len());
            state.ledger.note(Stage::Prepare, Weight::Rewrite, "all-of-merged", pointer, message);
            let component = state.shared.enter(pointer, direction);
            let node = prepare(document, &merged, direction, pointer, state);
            state.shared.leave();
            return match component {
                None => node,
                Some(name) => {
                    state.shared.keep(name.clone(), node);
                    super::reference(&name, at.description)
                }
            };
        }
        let message = "`allOf` with alternatives or plain values in it has no type; it is open JSON";
        state.ledger.note(Stage::Prepare, Weight::Loss, "all-of-opened", pointer, message);
        let mut out = Object::new();
        if let Some(description) = at.description {
            out.insert("description", description);
        }
        return out.into();
    }
    let choice = ["oneOf", "anyOf"].into_iter().find_map(|keyword| source.get(keyword)?.as_array());
    if choice.is_some_and(|forms| forms.len() > MAX_FORMS) {
        let message = format!("a choice of more than {MAX_FORMS} forms has no type; it is open JSON");
        state.ledger.note(Stage::Prepare, Weight::Loss, "choice-opened", pointer, message);
        let mut out = Object::new();
        if let Some(description) = at.description {
            out.insert("description", description);
        }
        return out.into();
    }
    let mut out = Object::new();
    let mut limits = Vec::new();
    if let Some(nullable) = source.get("nullable").filter(|node| node.as_bool() == Some(true)) {
        out.insert("nullable", nullable.clone());
    }
    for combiner in ["allOf", "oneOf", "anyOf"] {
        if let Some(arms) = source.get(combiner).and_then(Node::as_array) {
            let tag = (direction.response && arms.len() > 1 && combiner != "allOf")
                .then(|| super::tags::tag(document, source, arms))
                .flatten();
            if tag.is_none() && direction.response && combiner != "allOf" {
                super::tags::note_untagged(document, arms, pointer, state);
            }
            let prepared = arms.iter().enumerate().map(|(index, arm)| {
                prepare(document, arm, direction, &child(&child(pointer, combiner), &index.to_string()), state)
            });
            let mut arms: Vec<Node> = prepared.collect();
            // A choice that one arm makes null is itself null: the arm has a type of its own without that.
            if arms.iter().any(|arm| arm.as_object().is_some_and(is_nullable)) {
                arms = arms.into_iter().map(never_null).collect();
                out.insert("nullable", true);
            }
            if let Some(tag) = tag {
                super::tags::record(tag, &mut arms, pointer, state);
            }
            // `anyOf` would be a struct with all arms in it, each property of which is sent once for each arm.
            out.insert(if combiner == "anyOf" { "oneOf" } else { combiner }, arms);
        }
    }
    if source.contains("not") {
        state.ledger.note(Stage::Prepare, Weight::Loss, "not-left-out", pointer, "`not` has no Rust type");
    }
    let declared = source.get("type").and_then(Node::as_str);
    let kind = declared.or_else(|| source.contains("properties").then_some("object"));
    match kind {
        Some("object") => at.object(source, &mut out, state),
        Some("array") => {
            out.insert("type", "array");
            let items = source.get("items");
            let items = items.map(|items| prepare(document, items, direction, &child(pointer, "items"), state));
            out.insert("items", items.unwrap_or_else(|| Object::new().into()));
        }
        Some("string") => {
            out.insert("type", "string");
            at.text_enum(source, &mut out, &mut limits, state);
        }
        Some("integer") => {
            out.insert("type", "integer");
            let unsigned = matches!(source.get("format").and_then(Node::as_str), Some("uint64" | "uint" | "unsigned"));
            let beyond = source.get("maximum").and_then(Node::as_number);
            let beyond = beyond.is_some_and(|most| most.parse::<i64>().is_err() && most.parse::<u64>().is_ok());
            out.insert("format", if unsigned || beyond { "uint64" } else { "int64" });
        }
        Some(other) => out.insert("type", other),
        None => {}
    }
    at.limits(source, &mut limits, state);
    // Words of ours follow: what the description opens, it closes.
    let mut text = at.description.map(|text| doc_comment(text.trim())).unwrap_or_default();
    for limit in limits {
        text.push_str(if text.is_empty() { "" } else { "\n\n" });
        text.push_str(&limit);
    }
    if !text.is_empty() {
        out.insert("description", text);
    }
    out.into()
}

/// Whether null is a value of a schema.
pub(super) fn is_nullable(schema: &Object) -> bool {
    schema.get("nullable").and_then(Node::as_bool) == Some(true)
}

/// A prepared schema that may also be null.
pub(super) fn nullable(schema: Node) -> Node {
    let mut out = Object::new();
    out.insert("nullable", true);
    out.insert("allOf", vec![schema]);
    out.into()
}

/// A prepared schema without null among its values.
pub(super) fn never_null(mut node: Node) -> Node {
    let Some(object) = node.as_object_mut() else { return node };
    object.remove("nullable");
    match object.get("allOf").and_then(Node::as_array) {
        Some([one]) if object.len() == 1 => one.clone(),
        _ => node,
    }
}

struct At<'a> {
    document: &'a Document,
    direction: Direction,
    pointer: &'a str,
    description: Option<&'a str>,
}

impl At<'_> {
    /// A schema that a type of the runtime stands for.
    fn stand_in(&self, source: &Object, state: &mut State) -> Option<Node> {
        let text = source.get("type").and_then(Node::as_str) == Some("string");
        let name = self.pointer.rsplit_once("/properties/").map_or("", |(_, name)| name);
        if is_secret(if name.contains('/') { "" } else { name }, source) {
            let component = if text { "RuntimeSecret" } else { "RuntimeSecretJson" };
            self.rewrite(state, "secret", "a secret is held by a type that never shows it");
            return Some(state.stand_in(component, self.description));
        }
        if let (Some("boolean"), Some([one])) = (source.get("type").and_then(Node::as_str), enumeration(source)) {
            let component = if one.as_bool()? { "RuntimeTrue" } else { "RuntimeFalse" };
            self.rewrite(state, "constant", "a truth value with one possibility is a type with one value");
            return Some(state.stand_in(component, self.description));
        }
        let arms = source.get("oneOf").or_else(|| source.get("anyOf")).and_then(Node::as_array)?;
        if let Some(item) = one_or_many(arms) {
            self.rewrite(state, "one-or-many", "one item or an array of them is read by a lenient type");
            let item = state.renames.get(&item).cloned().unwrap_or(item);
            let item = crate::names::type_name(&item);
            return Some(state.stand_in(&format!("RuntimeOneOrMany{item}"), self.description));
        }
        if number_or_text(self.document, arms) {
            self.rewrite(state, "number-or-text", "number or text is a type that keeps what it was given");
            return Some(state.stand_in("RuntimeNumberOrText", self.description));
        }
        None
    }

    fn rewrite(&self, state: &mut State, rule: &'static str, message: &str) {
        state.ledger.note(Stage::Prepare, Weight::Rewrite, rule, self.pointer, message);
    }

    fn object(&self, source: &Object, out: &mut Object, state: &mut State) {
        out.insert("type", "object");
        let empty = Object::new();
        let properties = source.get("properties").and_then(Node::as_object).unwrap_or(&empty);
        let required: Vec<Node> = source.get("required").and_then(Node::as_array).unwrap_or_default().to_vec();
        let mut prepared = Object::new();
        let mut taken = BTreeSet::new();
        let mut left_out = false;
        let mut required = required;
        let mut sorted: Vec<_> = properties.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        for (name, schema) in sorted {
            if !taken.insert(crate::names::snake_case(name)) {
                let message = format!(
                    "`{name}` has the same Rust name as another member; it has no field of its own, but a place among the extra ones"
                );
                state.ledger.note(Stage::Prepare, Weight::Loss, "property-not-generated", self.pointer, message);
                required.retain(|node| node.as_str() != Some(name));
                left_out = true;
                continue;
            }
            let pointer = child(&child(self.pointer, "properties"), name);
            let pointer = state.origins.remove(&pointer).unwrap_or(pointer);
            let mut node = prepare(self.document, schema, self.direction, &pointer, state);
            let may_be_null = node.as_object().is_some_and(is_nullable);
            let kind = node.text_at("type");
            let can_be_empty = kind == Some("array") || (kind == Some("object") && node.get("properties").is_none());
            let must = required.iter().any(|node| node.as_str() == Some(name));
            if can_be_empty && !must && self.direction.request {
                // Otherwise an empty array or object could not be sent: the generator leaves it out.
                if let Some(object) = node.as_object_mut() {
                    object.insert("nullable", true);
                }
            }
            if may_be_null && !must && self.direction.request {
                let message = "the property is sent or left out; only `raw` can send null in its place";
                state.ledger.note(Stage::Prepare, Weight::Loss, "null-not-sent", &pointer, message);
            }
            prepared.insert(name, node);
        }
        if !prepared.is_empty() {
            out.insert("properties", prepared);
        }
        if !required.is_empty() {
            out.insert("required", required);
        }
        let members = source.get("additionalProperties");
        // The API may call the members of what is inferred otherwise, so others can be sent.
        let is_inferred = source.get(INFERRED).and_then(Node::as_bool) == Some(true);
        let is_open = members.is_some_and(|node| node.as_object().is_some_and(Object::is_empty));
        let keeps_others = self.direction.response || left_out || (is_inferred && is_open && !properties.is_empty());
        match members.map(|node| &node.value) {
            Some(Value::Object(schema)) if !schema.is_empty() => {
                let pointer = child(self.pointer, "additionalProperties");
                let pointer = state.origins.remove(&pointer).unwrap_or(pointer);
                let schema = Node::from(schema.clone());
                out.insert("additionalProperties", prepare(self.document, &schema, self.direction, &pointer, state));
            }
            _ if keeps_others && properties.contains("extra") => {
                let message = "a member called `extra` takes the place where unknown members would be kept";
                state.ledger.note(Stage::Prepare, Weight::Loss, "unknown-members-dropped", self.pointer, message);
            }
            _ if keeps_others => out.insert("additionalProperties", Object::new()),
            _ => {}
        }
    }

    /// Enums stay where values are only sent; what is received may be new.
    fn text_enum(&self, source: &Object, out: &mut Object, limits: &mut Vec<String>, state: &mut State) {
        let Some(values) = enumeration(source) else { return };
        let texts: Option<Vec<&str>> = values.iter().map(Node::as_str).collect();
        let distinct = texts.as_ref().is_some_and(|texts| {
            let words = texts.iter().map(|text| crate::names::snake_case(text));
            let words: BTreeSet<String> = words.filter(|word| !word.is_empty()).collect();
            words.len() == texts.len()
        });
        if !self.direction.response && distinct && values.len() <= MAX_VALUES {
            out.insert("enum", values.to_vec());
            return;
        }
        let shown = values.iter().map(|value| code(value.as_str().unwrap_or("null")));
        limits.push(format!("Known values: {}.", shown.collect::<Vec<_>>().join(", ")));
        let message = if !self.direction.response && distinct {
            format!("an enum of more than {MAX_VALUES} values is a text")
        } else {
            "an enum that is received, or whose values have no distinct names, is a text".to_owned()
        };
        state.ledger.note(Stage::Prepare, Weight::Loss, "enum-opened", self.pointer, message);
    }

    /// What the type does not say, in words for the documentation.
    fn limits(&self, source: &Object, limits: &mut Vec<String>, state: &mut State) {
        let number = |key: &str| source.get(key).and_then(Node::as_number);
        for (key, word) in [
            ("minimum", "At least"),
            ("maximum", "At most"),
            ("multipleOf", "In steps of"),
            ("minLength", "Characters, at least"),
            ("maxLength", "Characters, at most"),
            ("minItems", "Items, at least"),
            ("maxItems", "Items, at most"),
            ("minProperties", "Members, at least"),
            ("maxProperties", "Members, at most"),
        ] {
            if let Some(value) = number(key) {
                limits.push(format!("{word} {value}."));
                let message = format!("`{key}` is said in the documentation, not in the type");
                state.ledger.note(Stage::Prepare, Weight::Loss, "bound-not-typed", self.pointer, message);
            }
        }
        for (key, words) in [
            ("exclusiveMinimum", "The least is not itself allowed."),
            ("exclusiveMaximum", "The most is not itself allowed."),
            ("uniqueItems", "No two items are the same."),
        ] {
            if source.get(key).and_then(Node::as_bool) == Some(true) {
                limits.push(words.to_owned());
                let message = format!("`{key}` is said in the documentation, not in the type");
                state.ledger.note(Stage::Prepare, Weight::Loss, "bound-not-typed", self.pointer, message);
            }
        }
        let texts = [("format", "format-not-typed"), ("pattern", "pattern-not-typed")];
        for (key, rule) in texts {
            let Some(value) = source.get(key).and_then(Node::as_str) else { continue };
            if source.get("type").and_then(Node::as_str) == Some("string") {
                limits.push(format!("{}: {}.", if key == "format" { "Format" } else { "Pattern" }, code(value)));
                let message = format!("`{key}` is said in the documentation, not in the type");
                state.ledger.note(Stage::Prepare, Weight::Loss, rule, self.pointer, message);
            }
        }
        if let Some(value) = source.get("default") {
            limits.push(format!("Where it is left out, the API takes {}.", code(&value.to_json().to_string())));
            let message = "the default is the server's, it is not sent";
            state.ledger.note(Stage::Prepare, Weight::Loss, "default-left-to-server", self.pointer, message);
        }
    }
}

fn enumeration(source: &Object) -> Option<&[Node]> {
    source.get("enum").and_then(Node::as_array)
}

/// The component `X` of `oneOf: [X, array of X]`, in either order.
fn one_or_many(arms: &[Node]) -> Option<String> {
    let [a, b] = arms else { return None };
    let (one, many) = if a.text_at("type") == Some("array") { (b, a) } else { (a, b) };
    let item = many.get("items")?.text_at("$ref")?;
    (schema_name(one.text_at("$ref")?) == schema_name(item)).then_some(())?;
    schema_name(item)
}

/// Whether the arms are one text and one or more kinds of number.
fn number_or_text(document: &Document, arms: &[Node]) -> bool {
    let kinds: Option<BTreeSet<&str>> =
        arms.iter().map(|arm| document.resolve(arm).and_then(|arm| arm.text_at("type"))).collect();
    let plain = arms.iter().all(|arm| arm.get("enum").is_none());
    kinds.is_some_and(|kinds| {
        plain
            && kinds.len() > 1
            && kinds.contains("string")
            && kinds.iter().all(|kind| matches!(*kind, "string" | "integer" | "number"))
    })
}
