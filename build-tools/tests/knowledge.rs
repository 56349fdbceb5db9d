//! The knowledge file against the reconstruction, and against documents as a vendor might publish them: no safety property
//! gets lost on the day on which another document arrives.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod derived;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use swpanel_build_tools::document::{Document, Effect, Node, Object, Operation};
use swpanel_build_tools::knowledge::Knowledge;
use swpanel_build_tools::lock::{Source, SourceKind};
use swpanel_build_tools::matching::{Match, endpoints, find};
use swpanel_build_tools::sync::{Input, Outcome, sync};

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn knowledge() -> Knowledge {
    Knowledge::parse(std::str::from_utf8(&file("knowledge.toml")).unwrap()).unwrap()
}

/// The pinned copy of the reconstruction, whatever document the workspace has.
fn reconstruction() -> Vec<u8> {
    file("tests/reconstruction.json")
}

fn published(bytes: &[u8], before: &Document, lock: &swpanel_build_tools::lock::Lock) -> Outcome {
    let known = knowledge();
    let input = Input {
        raw: bytes,
        knowledge: Some(&known),
        document: Some(before),
        lock: Some(lock),
        accept_shrink: true,
        ..Input::default()
    };
    sync(&input).unwrap()
}

/// What knowledge.toml says is taken out, so that a sync has to put it in again.
fn without_knowledge(node: &mut serde_json::Value) {
    match node {
        serde_json::Value::Object(object) => {
            object
                .retain(|key, _| key == "x-swpanel-source" || !(key.starts_with("x-swpanel-") || key == "x-sensitive"));
            object.values_mut().for_each(without_knowledge);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_knowledge),
        _ => {}
    }
}

/// The present state, as a sync of the reconstruction leaves it.
fn present() -> (Document, Outcome) {
    let known = knowledge();
    let source = Source { kind: SourceKind::Reconstruction, ..Source::at("reconstruction.json") };
    let mut document = serde_json::from_slice(&reconstruction()).unwrap();
    without_knowledge(&mut document);
    let raw = serde_json::to_vec(&document).unwrap();
    let input = Input { raw: &raw, source: Some(&source), knowledge: Some(&known), ..Input::default() };
    let outcome = sync(&input).unwrap();
    (Document::from_canonical(outcome.document.as_bytes()).unwrap(), outcome)
}

/// What makes one careful with an operation: its facts, whether a person is asked, and its secrets.
fn careful(operation: &Operation<'_>) -> String {
    let facts = operation.facts();
    let document = operation.document();
    let mut line = format!("{}: {facts}", operation.key());
    if facts.asks() {
        line.push_str(", asks");
    }
    let mut request = BTreeSet::new();
    if let Some((_, schema, _)) = operation.request_body() {
        secrets(document, schema, "", &mut Vec::new(), &mut request);
    }
    let mut response = BTreeSet::new();
    if let Some(schema) = operation.success_schema() {
        secrets(document, schema, "", &mut Vec::new(), &mut response);
    }
    for (name, paths) in [("secret-request", request), ("secret-response", response)] {
        if !paths.is_empty() {
            line.push_str(&format!(" {name}={}", paths.into_iter().collect::<Vec<_>>().join(",")));
        }
    }
    line
}

fn secrets<'d>(
    document: &'d Document,
    node: &'d Node,
    path: &str,
    open: &mut Vec<&'d str>,
    found: &mut BTreeSet<String>,
) {
    let reference = node.text_at("$ref");
    if reference.is_some_and(|reference| open.contains(&reference)) {
        return;
    }
    open.extend(reference);
    let schema = document.resolve(node).unwrap();
    if schema.get("x-sensitive").and_then(Node::as_bool) == Some(true) {
        found.insert(path.to_owned());
    }
    for (name, property) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        secrets(document, property, &path, open, found);
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        for branch in schema.get(keyword).and_then(Node::as_array).unwrap_or_default() {
            secrets(document, branch, path, open, found);
        }
    }
    if let Some(items) = schema.get("items") {
        secrets(document, items, path, open, found);
    }
    if reference.is_some() {
        open.pop();
    }
}

/// Recorded when the facts still were members of the document and words of its descriptions: they must not change.
#[test]
fn every_operation_is_as_it_was_when_the_document_said_it() {
    let (document, outcome) = present();
    let now: Vec<String> = document.operations().iter().map(careful).collect();
    let before = include_str!("fixtures/facts.txt");
    assert_eq!(now.join("\n") + "\n", before);
    assert_eq!((outcome.applied.classified, outcome.applied.open()), (102, 0), "{:?}", outcome.applied);
    assert!(
        outcome.applied.unmatched.is_empty() && outcome.applied.missing_secrets.is_empty(),
        "{:?}",
        outcome.applied
    );
}

/// One derivation of each kind; the others differ from them in the address or the ids only.
const OF_EACH_KIND: [&str; 4] = ["spanish-grown", "version-in-paths", "no-trailing-slashes", "swagger-2"];

#[test]
fn no_published_document_loses_what_makes_one_careful() {
    loses_nothing(|name| OF_EACH_KIND.contains(&name));
}

#[test]
#[ignore = "syncs six more documents; `cargo xtask verify --slow` runs it"]
fn no_derivation_loses_what_makes_one_careful() {
    loses_nothing(|name| !OF_EACH_KIND.contains(&name));
}

fn loses_nothing(is_wanted: impl Fn(&str) -> bool) {
    let (before, now) = present();
    let lines: BTreeMap<String, String> =
        before.operations().iter().map(|operation| (operation.key(), careful(operation))).collect();
    for derived in derived::all(&reconstruction()).into_iter().filter(|derived| is_wanted(derived.name)) {
        let name = derived.name;
        let outcome = published(&derived.bytes, &before, &now.lock);
        let document = Document::from_canonical(outcome.document.as_bytes()).unwrap();
        assert!(!document.is_reconstruction(), "{name}");
        let matches = find(&endpoints(&before), &endpoints(&document));
        let old = before.operations();
        let exact = matches.iter().filter(|found| matches!(found, Match::Exact(_))).count();
        let loose = matches.iter().filter(|found| matches!(found, Match::Loose(..))).count();
        let expected = match name {
            "no-trailing-slashes" => (38, 64),
            "other-version" => (0, 102),
            "upper-case-json-suffix" => (0, 102),
            _ => (102, 0),
        };
        assert_eq!((exact, loose), expected, "{name}");
        assert_eq!((outcome.applied.classified, outcome.applied.loose.len()), expected, "{name}");
        for (operation, found) in document.operations().iter().zip(&matches) {
            let (facts, key) = (operation.facts(), operation.key());
            let Some(was) = found.known().map(|at| &old[at]) else {
                // Only a plain GET passes as harmless.
                let harmless = operation.method == "GET" && !key.contains("reboot") && !key.contains("lock");
                assert_eq!(facts.reads(), harmless, "{name}: {key}");
                assert_eq!(facts.asks(), !harmless, "{name}: {key}");
                continue;
            };
            let known = was.facts();
            assert!(facts.billable >= known.billable, "{name}: {key} is not billable any more");
            assert!(facts.destructive >= known.destructive, "{name}: {key} is not destructive any more");
            assert!(known.reads() || !facts.reads(), "{name}: {key} passes as a read");
            assert_eq!((operation.id(), operation.tag()), (was.id(), was.tag()), "{name}: {key}");
            match found {
                Match::Exact(_) if name != "swagger-2" => {
                    let line = careful(operation).replacen(&key, &was.key(), 1);
                    assert_eq!(line, lines[&was.key()], "{name}");
                }
                Match::Exact(_) => assert_eq!(facts, known, "{name}: {key}"),
                _ => assert_eq!(facts.effect, Effect::Unclassified, "{name}: {key}"),
            }
        }
        let names = |lock: &swpanel_build_tools::lock::Lock| -> BTreeSet<String> {
            lock.names.values().chain(lock.commands.values()).chain(lock.handles.values()).cloned().collect()
        };
        let lost: Vec<String> = names(&now.lock).difference(&names(&outcome.lock)).cloned().collect();
        assert!(lost.is_empty(), "{name} renames {lost:?}");
        if !["spanish-grown"].contains(&name) {
            assert!(
                outcome.operations.added.is_empty() && outcome.operations.removed.is_empty(),
                "{name}: {:?}",
                outcome.operations
            );
        }
    }
}
