//! An extraction held against the document: which operations of the examples it has, and where bodies differ.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Change, ChangeKind, types, words};
use super::value::{Property, Type};
use super::{Call, Extraction, Written};
use crate::document::{Document, Node, Object, Operation};
use crate::knowledge::matching::{Endpoint, Match, find};
use crate::matching::endpoints;

/// Schemas within one another, at most.
const DEPTH: usize = 16;
/// Properties of one body, at most.
const PROPERTIES: usize = 2000;

/// The document and an extraction beside one another. `old` in its changes is the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Comparison {
    /// Operations that both have at the same address.
    pub same: usize,
    /// Operations of the document that requests of the examples may be whose paths have a variable in place of a word.
    pub covered: BTreeSet<String>,
    /// What differs.
    pub changes: Vec<Change>,
}

/// What a schema says of a property.
#[derive(Default)]
struct Described {
    types: BTreeSet<Type>,
    /// All values that it may have, where they are listed.
    values: BTreeSet<String>,
    /// Whether other values may come.
    open: bool,
}

/// Holds an extraction against the document.
pub fn against(document: &Document, extraction: &Extraction) -> Comparison {
    let operations = document.operations();
    let known = endpoints(document);
    let server = document.root().get("servers").and_then(Node::as_array).and_then(<[Node]>::first);
    let server = server.and_then(|server| server.text_at("url")).unwrap_or_default();
    let mut comparison = Comparison::default();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for call in extraction.calls.values() {
        let endpoint = Endpoint::new(&call.method, server, &call.path);
        let matched = find(&known, std::slice::from_ref(&endpoint)).pop().unwrap_or(Match::None);
        let Some((at, operation)) = matched.known().and_then(|at| Some((at, operations.get(at)?))) else {
            let covers: Vec<usize> = (0..operations.len())
                .filter(|at| known.get(*at).is_some_and(|known| covers(&endpoint, known)))
                .collect();
            if covers.is_empty() {
                comparison.changes.push(Change::added(call));
            }
            comparison.covered.extend(covers.iter().filter_map(|at| operations.get(*at)).map(Operation::key));
            seen.extend(covers);
            continue;
        };
        seen.insert(at);
        comparison.same += usize::from(matches!(matched, Match::Exact(_)));
        if let Match::Loose(_, differences) = &matched {
            let change = Change::of(ChangeKind::PathChanged, call);
            comparison.changes.push(change.between(operation.path, format!("{} ({})", call.path, words(differences))));
        }
        if gone(call) {
            comparison.changes.push(Change::of(ChangeKind::Withdrawn, call));
        }
        body(operation, call, &mut comparison.changes);
    }
    let unseen = (0..operations.len()).filter(|at| !seen.contains(at)).filter_map(|at| operations.get(at));
    for operation in unseen {
        comparison.changes.push(Change {
            kind: ChangeKind::Removed,
            operation: operation.key(),
            property: None,
            old: None,
            new: None,
            places: Vec::new(),
        });
    }
    comparison.changes.sort();
    comparison
}

fn gone(call: &Call) -> bool {
    call.withdrawn || call.written == Written::Comment
}

/// Whether a path with variables may be that of an operation which spells a word out there.
fn covers(call: &Endpoint, known: &Endpoint) -> bool {
    let (own, other): (Vec<&str>, Vec<&str>) = (call.address.split('/').collect(), known.address.split('/').collect());
    let fits =
        |(own, other): (&&str, &&str)| own == other || own.contains('{') || (other.contains('{') && !own.is_empty());
    let open = |(own, other): (&&str, &&str)| own.contains('{') && !other.contains('{');
    call.method == known.method
        && own.len() == other.len()
        && own.iter().zip(&other).all(fits)
        && own.iter().zip(&other).any(open)
        // A word that the examples spell out is not a value.
        && own.iter().zip(&other).all(|(own, other)| own.contains('{') || own == other)
}

/// What the body of a call has that the document does not describe, or describes otherwise.
fn body(operation: &Operation<'_>, call: &Call, changes: &mut Vec<Change>) {
    let mut described: BTreeMap<String, Described> = BTreeMap::new();
    let document = operation.document();
    let Some((_, schema, _)) = operation.request_body() else {
        for (name, property) in call.body.iter().filter(|(name, _)| !name.contains('.')) {
            changes
                .push(Change::of(ChangeKind::PropertyAdded, call).property(name).between("", types(&property.types)));
        }
        return;
    };
    describe(document, schema, "", 0, &mut described);
    for (name, property) in &call.body {
        let change = |kind| Change::of(kind, call).property(name);
        let Some(known) = described.get(name) else {
            // Below what the document leaves open, anything may be.
            let parent = name.rsplit_once('.').map_or("", |(parent, _)| parent).trim_end_matches("[]");
            let has_members = parent.is_empty()
                || described
                    .keys()
                    .any(|other| other.starts_with(&format!("{parent}.")) || other.starts_with(&format!("{parent}[]")));
            let parent_known = parent.is_empty() || described.contains_key(parent);
            if has_members && parent_known && !described.is_empty() {
                changes.push(change(ChangeKind::PropertyAdded).between("", types(&property.types)));
            }
            continue;
        };
        differ(property, known, &change, changes);
    }
}

fn differ(property: &Property, known: &Described, change: &dyn Fn(ChangeKind) -> Change, changes: &mut Vec<Change>) {
    let admits = |one: &Type| {
        *one == Type::Unknown || known.types.contains(one) || (*one == Type::Integer && known.types.contains(&Type::Number))
            // An empty list of PHP may be an object.
            || (*one == Type::Array && known.types.contains(&Type::Object) && property.types.contains(&Type::Object))
    };
    if !known.types.is_empty() && !property.types.iter().all(admits) {
        changes.push(change(ChangeKind::TypeChanged).between(types(&known.types), types(&property.types)));
    }
    if !known.values.is_empty() && !known.open {
        let others: Vec<String> = property.literals.difference(&known.values).cloned().collect();
        if !others.is_empty() {
            let listed = known.values.iter().cloned().collect::<Vec<_>>().join(", ");
            changes.push(change(ChangeKind::LiteralChanged).between(listed, others.join(", ")));
        }
    }
}

/// The properties of a schema by their paths, variants taken together.
fn describe(document: &Document, schema: &Node, path: &str, depth: usize, out: &mut BTreeMap<String, Described>) {
    let Some(schema) = document.resolve(schema).filter(|_| depth < DEPTH) else { return };
    if !path.is_empty() {
        if out.len() >= PROPERTIES && !out.contains_key(path) {
            return;
        }
        let described = out.entry(path.to_owned()).or_default();
        if let Some(of) = schema.text_at("type").and_then(type_of) {
            described.types.insert(of);
        }
        if schema.get("nullable").and_then(Node::as_bool) == Some(true) {
            described.types.insert(Type::Null);
        }
        match schema.get("enum").and_then(Node::as_array) {
            Some(values) => described.values.extend(values.iter().map(|value| value.to_json().to_string())),
            None if schema.get("type").is_some() => described.open = true,
            None => {}
        }
    }
    for word in ["allOf", "oneOf", "anyOf"] {
        for part in schema.get(word).and_then(Node::as_array).unwrap_or_default() {
            describe(document, part, path, depth + 1, out);
        }
    }
    for (name, of) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
        let below = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        describe(document, of, &below, depth + 1, out);
    }
    if let Some(items) = schema.get("items") {
        describe(document, items, &format!("{path}[]"), depth + 1, out);
    }
}

fn type_of(word: &str) -> Option<Type> {
    let all = [Type::Boolean, Type::Integer, Type::Number, Type::String, Type::Array, Type::Object];
    all.into_iter().find(|of| of.as_str() == word)
}
