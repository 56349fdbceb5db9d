//! The tag by which a value tells which arm of a choice it is: a discriminator, or a property that has other fixed values in
//! each arm.

use super::State;
use crate::document::{Document, Node, Object, Stage, Value, Weight, child, schema_name};

/// How deep `allOf` is searched for the tag.
const MAX_DEPTH: usize = 16;

/// A choice of components that is decoded by its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codegen) struct Union {
    /// The Rust types of the arms, in their order.
    pub(in crate::codegen) types: Vec<String>,
    /// The property that is the tag.
    pub(in crate::codegen) tag: String,
    /// The JSON texts of the values that the tag has in each arm.
    pub(in crate::codegen) values: Vec<Vec<String>>,
}

/// The tag of a choice, and the values that it has in each arm.
pub(super) struct Tag {
    name: String,
    values: Vec<Vec<String>>,
}

/// Finds the tag of a choice.
pub(super) fn tag(document: &Document, source: &Object, arms: &[Node]) -> Option<Tag> {
    by_discriminator(document, source, arms).or_else(|| by_values(document, arms))
}

fn by_discriminator(document: &Document, source: &Object, arms: &[Node]) -> Option<Tag> {
    let discriminator = source.get("discriminator")?;
    let name = discriminator.text_at("propertyName")?.to_owned();
    let mapping = discriminator.get("mapping").and_then(Node::as_object);
    let mut values = Vec::new();
    for arm in arms {
        let component = arm.text_at("$ref").and_then(schema_name);
        let leads_here = |to: &str| {
            let to = schema_name(to).or_else(|| (!to.contains(['/', '#'])).then(|| to.to_owned()));
            to.is_some() && to == component
        };
        let mapped = mapping.into_iter().flat_map(Object::iter).filter(|(_, to)| to.as_str().is_some_and(leads_here));
        let mut own: Vec<String> = mapped.map(|(value, _)| text(value)).collect();
        if own.is_empty() {
            own.extend(fixed(document, arm, &name, MAX_DEPTH).map(|(values, _)| values).unwrap_or_default());
        }
        if own.is_empty() {
            own.extend(component.as_deref().map(text));
        }
        if own.is_empty() {
            return None;
        }
        values.push(own);
    }
    distinct(&values).then_some(Tag { name, values })
}

/// A property of all arms that must be there, and has other values in each.
fn by_values(document: &Document, arms: &[Node]) -> Option<Tag> {
    let first = arms.first()?;
    let mut names = Vec::new();
    properties(document, first, MAX_DEPTH, &mut |name, _| names.push(name.to_owned()));
    names.sort();
    names.dedup();
    names.into_iter().find_map(|name| {
        let mut values = Vec::new();
        for arm in arms {
            let (own, required) = fixed(document, arm, &name, MAX_DEPTH)?;
            if !required {
                return None;
            }
            values.push(own);
        }
        distinct(&values).then_some(Tag { name, values })
    })
}

fn distinct(values: &[Vec<String>]) -> bool {
    let mut all: Vec<&String> = values.iter().flatten().collect();
    let count = all.len();
    all.sort();
    all.dedup();
    all.len() == count && count > 0
}

/// The fixed values of a property of an arm, and whether it must be there.
fn fixed(document: &Document, arm: &Node, name: &str, depth: usize) -> Option<(Vec<String>, bool)> {
    let mut found = None;
    properties(document, arm, depth, &mut |property, schema| {
        let schema = document.resolve(schema).filter(|_| property == name && found.is_none());
        if let Some(values) = schema.and_then(|schema| schema.get("enum")).and_then(Node::as_array) {
            found = Some(values.iter().map(Node::to_canonical_line).collect());
        }
    });
    Some((found?, requires(document, arm, name, depth)))
}

/// Calls `visit` for each property of a schema and of what it combines.
fn properties(document: &Document, schema: &Node, depth: usize, visit: &mut dyn FnMut(&str, &Node)) {
    let Some(schema) = document.resolve(schema).filter(|_| depth > 0) else { return };
    schema
        .get("properties")
        .and_then(Node::as_object)
        .into_iter()
        .flat_map(Object::iter)
        .for_each(|(name, one)| visit(name, one));
    for part in schema.get("allOf").and_then(Node::as_array).unwrap_or_default() {
        properties(document, part, depth - 1, visit);
    }
}

fn requires(document: &Document, schema: &Node, name: &str, depth: usize) -> bool {
    let Some(schema) = document.resolve(schema).filter(|_| depth > 0) else { return false };
    let own = schema.get("required").and_then(Node::as_array).unwrap_or_default();
    own.iter().any(|one| one.as_str() == Some(name))
        || schema
            .get("allOf")
            .and_then(Node::as_array)
            .unwrap_or_default()
            .iter()
            .any(|part| requires(document, part, name, depth - 1))
}

fn text(value: &str) -> String {
    Node::from(value).to_canonical_line()
}

/// Makes a component of each inline arm, and notes which values distinguish the arms.
pub(super) fn record(tag: Tag, arms: &mut [Node], pointer: &str, state: &mut State) {
    let mut types = Vec::new();
    for (arm, values) in arms.iter_mut().zip(&tag.values) {
        let known =
            arm.text_at("$ref").and_then(schema_name).filter(|_| arm.as_object().is_some_and(|arm| arm.len() == 1));
        let name = known.unwrap_or_else(|| {
            let base = super::cycles::component_at(pointer).unwrap_or_else(|| state.shared.words(pointer));
            let value = values.first().map(|value| value.trim_matches('"')).unwrap_or_default();
            let name = state.shared.free(&crate::names::type_name(&format!("{base}-{value}")));
            let mut reference = Object::new();
            reference.insert("$ref", super::reference_in_view(&name));
            state.shared.keep(name.clone(), std::mem::replace(arm, reference.into()));
            name
        });
        types.push(state.rust_type(&name));
    }
    let message = format!("`{}` decides which arm a value is; a value of no arm is kept as open JSON", tag.name);
    state.ledger.note(Stage::Prepare, Weight::Rewrite, "choice-by-tag", pointer, message);
    state.unions.push(Union { types, tag: tag.name, values: tag.values });
}

/// Says where a value of one arm may be read as an earlier one, since nothing tells them apart.
pub(super) fn note_untagged(document: &Document, arms: &[Node], pointer: &str, state: &mut State) {
    let described: Vec<Option<(Vec<String>, Vec<String>)>> = arms.iter().map(|arm| described(document, arm)).collect();
    for (later, after) in described.iter().enumerate() {
        for (earlier, before) in described.iter().enumerate().take(later) {
            let (Some((_, has)), Some((needs, _))) = (after, before) else { continue };
            if needs.iter().all(|name| has.contains(name)) {
                let message = format!(
                    "nothing tells a value of arm {} from one of arm {}; it is read as the first",
                    later + 1,
                    earlier + 1
                );
                let at = child(&child(pointer, "oneOf"), &later.to_string());
                let at = if document.root().pointer(&at).is_some() { at } else { pointer.to_owned() };
                state.ledger.note(Stage::Prepare, Weight::Loss, "choice-untagged", at, message);
                return;
            }
        }
    }
}

/// The required and all properties of an arm that is an object.
fn described(document: &Document, arm: &Node) -> Option<(Vec<String>, Vec<String>)> {
    let schema = document.resolve(arm)?;
    let kind = schema.text_at("type");
    let is_object = kind == Some("object")
        || (kind.is_none() && (schema.get("properties").is_some() || schema.get("allOf").is_some()));
    let mut all = Vec::new();
    properties(document, arm, MAX_DEPTH, &mut |name, _| all.push(name.to_owned()));
    let needed = all.iter().filter(|name| requires(document, arm, name, MAX_DEPTH)).cloned().collect();
    is_object.then_some((needed, all))
}

impl Node {
    /// The JSON text of a plain value.
    fn to_canonical_line(&self) -> String {
        match &self.value {
            Value::Object(_) | Value::Array(_) => String::new(),
            _ => self.to_json().to_string(),
        }
    }
}
