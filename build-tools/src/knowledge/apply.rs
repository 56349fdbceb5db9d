//! Knowledge written into a document: the `x-` members that everything downstream reads.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::secrets;
use super::{ASYNCHRONOUS, BILLABLE, COLLECTION, DESTRUCTIVE, EFFECT, GROUP, KNOWN_AS, READ_BACK};
use super::{Entry, Knowledge, reads_by_its_words};
use crate::document::{Document, Effect, Ledger, Node, Object, Stage, Value, Weight, child};
use crate::matching::{self, Difference, Endpoint, Match};

/// Members that only knowledge and reviewed overlays set: these, and what begins so.
const OURS: [&str; 4] = ["x-swpanel-", "x-sensitive", "x-client-", "x-evidence"];

/// Members whose own members are names: what stands there is not an extension, whatever it is called.
const NAMES: [&str; 16] = [
    "properties",
    "patternProperties",
    "paths",
    "schemas",
    "definitions",
    "responses",
    "parameters",
    "headers",
    "requestBodies",
    "securitySchemes",
    "securityDefinitions",
    "links",
    "callbacks",
    "content",
    "variables",
    "scopes",
];

/// Members whose content is data of the API.
const DATA: [&str; 6] = ["example", "examples", "default", "enum", "const", "value"];

/// What came of applying the knowledge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// How many operations have an entry.
    pub classified: usize,
    /// Operations that match an entry loosely, in the order of the document.
    pub loose: Vec<LooseMatch>,
    /// Operations that match no entry, and those of which it is doubtful which they match.
    pub unclassified: Vec<Unclassified>,
    /// Entries that match no operation.
    pub unmatched: Vec<String>,
    /// Secret properties of entries that their operation does not have, as `GET /path/: result`.
    pub missing_secrets: Vec<String>,
}

/// An operation that matches an entry loosely. Its effect is not taken over before a person accepts the match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LooseMatch {
    /// `METHOD /path` in the document.
    pub operation: String,
    /// `METHOD /path` with the path of the server in front: what `accepted` of an entry names.
    pub address: String,
    /// The key of the entry.
    pub entry: String,
    /// In what the addresses differ.
    pub differences: Vec<&'static str>,
}

/// An operation that has no entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unclassified {
    /// `METHOD /path` in the document.
    pub operation: String,
    /// The keys of the entries that come into question; none where no entry has such an address.
    pub candidates: Vec<String>,
    /// Whether it is taken for a read: a GET whose words name no action.
    pub reads: bool,
}

impl Applied {
    /// How many operations are not classified: those without an entry and those whose match nobody accepted.
    pub fn open(&self) -> usize {
        self.unclassified.len() + self.loose.len()
    }
}

/// Takes out what only knowledge and reviewed overlays may say, and notes each kind in the log.
pub fn strip(document: &mut Document, ledger: &mut Ledger) {
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    strip_node(document.root_mut(), "", false, &mut found);
    for (member, (count, pointer)) in found {
        let message = format!(
            "`{member}` was removed in {count} places, here the first: only knowledge.toml and overlays may set it"
        );
        ledger.note(Stage::Convert, Weight::Mend, "extension-removed", pointer, message);
    }
}

fn strip_node(node: &mut Node, pointer: &str, names: bool, found: &mut BTreeMap<String, (usize, String)>) {
    match &mut node.value {
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                strip_node(item, &child(pointer, &at.to_string()), false, found);
            }
        }
        Value::Object(object) => {
            if !names {
                let removed: Vec<String> =
                    object.iter().filter(|(key, _)| is_ours(key)).map(|(key, _)| key.to_owned()).collect();
                for key in removed {
                    object.remove(&key);
                    let entry = found.entry(key.clone()).or_insert_with(|| (0, child(pointer, &key)));
                    entry.0 += 1;
                }
            }
            for (key, value) in object.iter_mut() {
                if names || !DATA.contains(&key) {
                    strip_node(value, &child(pointer, key), !names && NAMES.contains(&key), found);
                }
            }
        }
        _ => {}
    }
}

fn is_ours(key: &str) -> bool {
    OURS.iter().any(|ours| if ours.ends_with('-') { key.starts_with(ours) } else { key == *ours })
}

/// Matches the operations of a document with the knowledge and writes what it says into them. What an overlay has set
/// stays.
pub fn apply(document: &mut Document, knowledge: &Knowledge) -> Applied {
    let keys: Vec<&String> = knowledge.operations.keys().collect();
    let (found, matches) = matched(document, knowledge);
    let mut applied = Applied::default();
    let mut writes: Vec<(String, Object)> = Vec::new();
    let mut secret: Vec<(String, &Entry, String)> = Vec::new();
    let mut known: BTreeSet<usize> = BTreeSet::new();
    let operations = document.operations();
    for ((operation, endpoint), outcome) in operations.iter().zip(&found).zip(&matches) {
        let entry_of = |at: &usize| keys.get(*at).and_then(|key| Some((*key, knowledge.operations.get(*key)?)));
        known.extend(outcome.known());
        let entry = outcome.known().and_then(|at| entry_of(&at));
        let mut members = Object::new();
        match (outcome, entry) {
            (Match::Exact(_), Some((key, entry))) => {
                applied.classified += 1;
                classified(entry, operation.tag(), &mut members);
                secret.push((operation.pointer.clone(), entry, key.clone()));
            }
            (Match::Loose(_, differences), Some((key, entry))) => {
                careful(entry, operation.tag(), reads_by_its_words(operation), &mut members);
                secret.push((operation.pointer.clone(), entry, key.clone()));
                applied.loose.push(LooseMatch {
                    operation: operation.key(),
                    address: format!("{} {}", endpoint.method, endpoint.address),
                    entry: key.clone(),
                    differences: differences.iter().map(|difference| Difference::as_str(*difference)).collect(),
                });
            }
            _ => {
                let reads = reads_by_its_words(operation);
                unclassified(reads, &mut members);
                let candidates = match outcome {
                    Match::Ambiguous(those) => those.iter().filter_map(|at| Some((*keys.get(*at)?).clone())).collect(),
                    _ => Vec::new(),
                };
                applied.unclassified.push(Unclassified { operation: operation.key(), candidates, reads });
            }
        }
        if let Some((key, _)) = entry.filter(|(key, _)| **key != operation.key()) {
            members.insert(KNOWN_AS, key.as_str());
        }
        writes.push((operation.pointer.clone(), members));
    }
    drop(operations);
    applied.unmatched =
        keys.iter().enumerate().filter(|(at, _)| !known.contains(at)).map(|(_, key)| (*key).clone()).collect();
    for (pointer, members) in writes {
        let Some(operation) = document.root_mut().pointer_mut(&pointer).and_then(Node::as_object_mut) else { continue };
        for (key, node) in members.iter() {
            if !operation.contains(key) {
                operation.insert(key, node.clone());
            }
        }
    }
    for (pointer, entry, key) in secret {
        let missing = secrets::mark(document, &pointer, entry);
        applied.missing_secrets.extend(missing.into_iter().map(|path| format!("{key}: {path}")));
    }
    applied
}

/// The entries that match the operations of a document, exactly or loosely, by `METHOD /path` in the document.
pub(crate) fn entries_of<'k>(document: &Document, knowledge: &'k Knowledge) -> Vec<(String, &'k Entry)> {
    let (_, matches) = matched(document, knowledge);
    let entries: Vec<&Entry> = knowledge.operations.values().collect();
    let pairs = document.operations().into_iter().zip(matches);
    pairs.filter_map(|(operation, found)| Some((operation.key(), *entries.get(found.known()?)?))).collect()
}

/// The keys of those entries, by `METHOD /path` in the document.
pub(super) fn keys_of<'k>(document: &Document, knowledge: &'k Knowledge) -> Vec<(String, &'k str)> {
    let (_, matches) = matched(document, knowledge);
    let keys: Vec<&str> = knowledge.operations.keys().map(String::as_str).collect();
    let pairs = document.operations().into_iter().zip(matches);
    pairs.filter_map(|(operation, found)| Some((operation.key(), *keys.get(found.known()?)?))).collect()
}

/// The endpoints of a document's operations, and which entry each matches.
fn matched(document: &Document, knowledge: &Knowledge) -> (Vec<Endpoint>, Vec<Match>) {
    let found = matching::endpoints(document);
    let mut known = knowledge.endpoints();
    // An entry whose own address is not there stands at the one that a person accepted for it.
    let exact = |one: &Endpoint| matching::find(std::slice::from_ref(one), &found).contains(&Match::Exact(0));
    for (entry, own) in knowledge.operations.values().zip(known.iter_mut()) {
        if entry.accepted.is_empty() || exact(own) {
            continue;
        }
        let accepted = entry.accepted.iter().filter_map(|key| key.split_once(' '));
        let mut accepted = accepted.map(|(method, address)| Endpoint::new(method, "", address));
        if let Some(there) = accepted.find(exact) {
            *own = there;
        }
    }
    let matches = matching::find(&known, &found);
    (found, matches)
}

fn set(members: &mut Object, key: &str, said: bool) {
    if said {
        members.insert(key, true);
    }
}

fn classified(entry: &Entry, tag: &str, members: &mut Object) {
    members.insert(EFFECT, entry.effect.as_str());
    set(members, BILLABLE, entry.billable);
    set(members, DESTRUCTIVE, entry.destructive);
    named(entry, tag, members);
}

/// What a loose match carries over: names, and what makes one careful. It lets nothing pass as harmless.
fn careful(entry: &Entry, tag: &str, reads: bool, members: &mut Object) {
    members.insert(EFFECT, Effect::Unclassified.as_str());
    set(members, BILLABLE, entry.billable || !reads || entry.effect != Effect::Read);
    set(members, DESTRUCTIVE, entry.destructive || !reads || entry.effect != Effect::Read);
    named(entry, tag, members);
}

fn unclassified(reads: bool, members: &mut Object) {
    members.insert(EFFECT, Effect::Unclassified.as_str());
    set(members, BILLABLE, !reads);
    set(members, DESTRUCTIVE, !reads);
}

fn named(entry: &Entry, tag: &str, members: &mut Object) {
    set(members, ASYNCHRONOUS, entry.asynchronous);
    if let Some(collection) = entry.collection {
        members.insert(COLLECTION, collection);
    }
    if let Some(group) = entry.group.as_deref().filter(|group| *group != tag) {
        members.insert(GROUP, group);
    }
    if let Some(read_back) = entry.read_back.as_deref() {
        members.insert(READ_BACK, read_back);
    }
}
