//! The whole way from source bytes to what is written: read, convert, name, lint, generate, compare, seal.
//!
//! Pure: the bytes come in, the contents of the files come out; reading and writing them is the caller's.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use thiserror::Error;

use crate::address;
use crate::codegen::{self, CodegenError, Dropped, Generated, Model};
use crate::commands;
use crate::discover;
use crate::document::{Document, Ledger, Node, Operation, Overlay, OverlayError, Parts, RawDocument, Refusal, Value};
use crate::document::{bundle, convert, local_reference, overlay};
use crate::hash::sha256;
use crate::knowledge::{self, Applied, Knowledge};
use crate::lint::{Finding, Severity, lint};
use crate::lock::{Counts, Hashes, Lock, Source, SourceKind};
use crate::matching::{self, Match};
use crate::names::{self, COMMAND, HANDLE, NameNote, Names, Pins};

/// What goes in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// The source as published.
    pub raw: &'a [u8],
    /// Where the bytes came from, for the lock, and whether they are the reconstruction; published where this is absent.
    pub source: Option<&'a Source>,
    /// What is known of the operations; nothing where this is absent, so that all of them are unclassified.
    pub knowledge: Option<&'a Knowledge>,
    /// The files beside the source, where they may be read.
    pub parts: Option<&'a Parts>,
    /// Our corrections, in order.
    pub overlays: &'a [Overlay<'a>],
    /// The document that the lock belongs to, where there is a readable one.
    pub document: Option<&'a Document>,
    /// The present lock, where there is a readable one.
    pub lock: Option<&'a Lock>,
    /// The locks of the other sides of a merge: their pinned names are kept too.
    pub also: &'a [Pinned<'a>],
    /// The lock that the sides of a merge started from.
    pub base: Option<Pinned<'a>>,
    /// The document that the changes are compared with; `document` where this is absent.
    pub compared: Option<&'a Document>,
    /// The listing of the public API that the changes are compared with, or an empty text.
    pub listing: &'a str,
    /// Whether a document with far fewer operations is meant.
    pub accept_shrink: bool,
}

/// A lock whose pinned names are kept, and the document that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Pinned<'a> {
    /// The lock.
    pub lock: &'a Lock,
    /// Its document, where there is a readable one.
    pub document: Option<&'a Document>,
}

/// What comes out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The contents of `swpanel-api.json`.
    pub document: String,
    /// The contents of `client/public-api.txt`.
    pub listing: String,
    /// The generated client module.
    pub code: String,
    /// The same as types and builders.
    pub model: Model,
    /// The seal.
    pub lock: Lock,
    /// What was rewritten or lost on the way.
    pub ledger: Ledger,
    /// Warnings, with line and column in the source.
    pub findings: Vec<Placed>,
    /// What is to be said about names.
    pub names: Vec<NameNote>,
    /// Which operations the knowledge classifies, and which it does not.
    pub applied: Applied,
    /// Operations without a generated method.
    pub dropped: Vec<Dropped>,
    /// How the operations changed against the document compared with.
    pub operations: OperationChanges,
    /// How the public API changed against the listing compared with.
    pub api: ListingChanges,
}

/// A finding and where the source has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Line in the source, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// `METHOD /path` of the operations that are not as they were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OperationChanges {
    /// New.
    pub added: Vec<String>,
    /// Gone.
    pub removed: Vec<String>,
    /// At another address that matches: from and to.
    pub moved: Vec<(String, String)>,
    /// Another contract: parameters, body, answers or effect.
    pub changed: Vec<ContractChange>,
    /// The same contract in other words: descriptions, examples, evidence.
    pub reworded: Vec<String>,
}

/// How the contract of one operation changed, in the lines of its snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ContractChange {
    /// `METHOD /path`.
    pub operation: String,
    /// Lines that are gone.
    pub removed: Vec<String>,
    /// Lines that are new.
    pub added: Vec<String>,
}

/// Lines of the public API listing that are not as they were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListingChanges {
    /// New.
    pub added: Vec<String>,
    /// Gone.
    pub removed: Vec<String>,
}

/// The source was refused; nothing may be written.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum SyncError {
    /// It is no document that can be read.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An overlay cannot be applied.
    #[error("overlays/{0}")]
    Overlay(OverlayError),
    /// It has errors.
    #[error("the document has {} errors", .0.len())]
    Lint(Vec<Placed>),
    /// No client can be made of it.
    #[error(transparent)]
    Codegen(#[from] CodegenError),
}

/// Runs all stages.
///
/// # Errors
/// The source is refused, has errors, or no client can be made of it.
pub fn sync(input: &Input<'_>) -> Result<Outcome, SyncError> {
    let raw = RawDocument::read(input.raw).map_err(|refusal| discover::instead(refusal, input.raw))?;
    let raw = bundle(raw, input.parts.unwrap_or(&Parts::default()))?;
    let (mut document, mut ledger) = convert(&raw).map_err(|refusal| discover::instead(refusal, input.raw))?;
    let kind = input.source.map_or(SourceKind::Published, |source| source.kind);
    if kind == SourceKind::Published {
        knowledge::strip(&mut document, &mut ledger);
    }
    overlay(&mut document, input.overlays, &mut ledger).map_err(SyncError::Overlay)?;
    crate::lint::references(&document, &raw)?;
    shrunk(input, &document)?;
    let unknown = Knowledge::default();
    let known = input.knowledge.unwrap_or(&unknown);
    knowledge::keep_parameter_names(&mut document, known, &mut ledger);
    let applied = knowledge::apply(&mut document, known);
    let (pins, differing) = Pins::of(input, &document);
    let pinned = &pins.names;
    let published =
        document.operations().iter().map(|operation| (operation.key(), operation.id().to_owned())).collect();
    let (names_now, mut notes) = names::pin(&mut document, pinned);
    let (types, renamed) = names::pin_types(&mut document, &pins.types);
    notes.extend(renamed);
    notes.extend(differing);
    names::note_made(&document, &published, &mut ledger);
    let findings: Vec<Placed> = lint(&document).into_iter().map(|finding| placed(finding, &raw)).collect();
    let (errors, findings): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|placed| placed.finding.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(SyncError::Lint(errors));
    }
    let (commands, handles) = (&pins.commands, &pins.handles);
    let called = |document: &Document| Ok::<_, SyncError>((commands::words(document), ()));
    let (called, ()) = names::settle(&mut document, COMMAND, commands, called)?;
    let (reached, (text, document, generated)) = names::settle(&mut document, HANDLE, handles, made)?;
    notes.extend(names::notes(&document, COMMAND, commands, &called));
    notes.extend(names::notes(&document, HANDLE, handles, &reached));
    ledger.extend(generated.ledger);
    let operations = document.operations().len();
    let counts = Counts {
        operations,
        generated: operations - generated.dropped.len(),
        schemas: document.schemas().count(),
        ledger: ledger.entries().len(),
    };
    let hashes = Hashes {
        raw: sha256(input.raw),
        document: sha256(text.as_bytes()),
        generated: sha256(generated.code.as_bytes()),
        listing: sha256(generated.listing.as_bytes()),
    };
    let source = source(input, &document, &hashes.raw);
    let read = input.parts.into_iter().flat_map(|parts| &parts.files);
    let read = read.filter_map(|(name, bytes)| Some((address::recorded(name), sha256(bytes.as_ref().ok()?))));
    let mut lock = Lock::new(source, hashes, counts, names_now);
    lock.parts = read.collect();
    lock.types = types;
    lock.commands = called;
    lock.handles = reached;
    lock.overlays = input.overlays.iter().map(|file| (file.name.to_owned(), sha256(file.bytes))).collect();
    Ok(Outcome {
        operations: operation_changes(input.compared.or(input.document), &document, &generated.model),
        api: listing_changes(input.listing, &generated.listing),
        document: text,
        listing: generated.listing,
        code: generated.code,
        model: generated.model,
        lock,
        ledger,
        findings,
        names: notes,
        applied,
        dropped: generated.dropped,
    })
}

/// The document's text, read again, and what is made of it.
type Made = (String, Document, Generated);

/// What is generated must be a function of the file alone, so it is made from what the file says.
fn made(document: &Document) -> Result<(Names, Made), SyncError> {
    let text = document.to_canonical();
    let read = Document::from_canonical(text.as_bytes())?;
    let generated = codegen::generate(&read)?;
    Ok((generated.model.handle_words(&read), (text, read, generated)))
}

/// Another source of which much is missing is half deployed more often than it is meant.
fn shrunk(input: &Input<'_>, document: &Document) -> Result<(), Refusal> {
    let (found, locked) = (document.operations().len(), input.lock.map_or(0, |lock| lock.counts.operations));
    if !input.accept_shrink && found * 10 < locked * 6 {
        return Err(Refusal::Shrunk { found, locked });
    }
    Ok(())
}

fn placed(finding: Finding, raw: &RawDocument) -> Placed {
    let (line, column) = raw.position(finding.span);
    Placed { finding, line, column }
}

/// Bytes that the lock knows already keep their history; so does what is edited in place.
fn source(input: &Input<'_>, document: &Document, raw: &str) -> Source {
    let kind = input.source.map_or(SourceKind::Published, |source| source.kind);
    if let Some(lock) = input.lock.filter(|lock| lock.sha256.raw == raw && lock.source.kind == kind) {
        return lock.source.clone();
    }
    let said = document.root().pointer("/info/x-swpanel-source/date").and_then(Node::as_str);
    let given = input.source.cloned().unwrap_or_else(|| Source::at("the source"));
    Source { kind, date: said.map(str::to_owned).or(given.date), ..given }
}

/// Both sides are written with the new types, so that an example's change shows where the schema's does not.
fn operation_changes(before: Option<&Document>, after: &Document, model: &Model) -> OperationChanges {
    let mut changes = OperationChanges::default();
    let old = before.map(Document::operations).unwrap_or_default();
    let known = before.map(matching::endpoints).unwrap_or_default();
    let matches = matching::find(&known, &matching::endpoints(after));
    let kept: BTreeSet<usize> = matches.iter().filter_map(Match::known).collect();
    changes.removed =
        old.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, operation)| operation.key()).collect();
    let mut hashes = (Hashed::new(), Hashed::new());
    for (operation, found) in after.operations().into_iter().zip(&matches) {
        let key = operation.key();
        let Some(before) = found.known().and_then(|at| old.get(at)) else {
            changes.added.push(key);
            continue;
        };
        if before.key() != key {
            changes.moved.push((before.key(), key.clone()));
        }
        let (was, is) = (codegen::contract(before, model), codegen::contract(&operation, model));
        if was != is {
            let (removed, added) = (without(&was, &is), without(&is, &was));
            changes.changed.push(ContractChange { operation: key, removed, added });
        } else if everything(before, &mut hashes.0) != everything(&operation, &mut hashes.1) {
            changes.reworded.push(key);
        }
    }
    changes
}

/// The lines of one text that the other has not as often; the Rust call, which follows from the rest, left out.
fn without(text: &str, other: &str) -> Vec<String> {
    let facts = |text: &str| text.split("\nrust:").next().unwrap_or_default().to_owned();
    let (text, other) = (facts(text), facts(other));
    let mut rest: HashMap<&str, usize> = HashMap::new();
    other.lines().for_each(|line| *rest.entry(line.trim()).or_default() += 1);
    let mut out = Vec::new();
    for line in text.lines().map(str::trim) {
        match rest.get_mut(line).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => out.push(line.to_owned()),
        }
    }
    out
}

/// Hashes of what stands at pointers of one document: thousands of operations reach the same components.
type Hashed = HashMap<String, String>;

/// The operation and hashes of all components it reaches, as one text; without marks, which are ours and no words of the
/// vendor.
fn everything(operation: &Operation<'_>, hashes: &mut Hashed) -> String {
    let mut said = operation.node.clone();
    if let Some(members) = said.as_object_mut() {
        members.remove(COMMAND);
        members.remove(HANDLE);
        members.remove(knowledge::KNOWN_AS);
    }
    let mut text = without_evidence(&said).to_canonical();
    for pointer in references(operation.node, operation.document()) {
        if let Some(node) = operation.document().root().pointer(&pointer) {
            let hashed = || sha256(without_evidence(node).to_canonical().as_bytes());
            text.push_str(hashes.entry(pointer).or_insert_with(hashed));
        }
    }
    text
}

/// A node without the marks of what the reconstruction rests on: a published document has none, and says no less for that.
fn without_evidence(node: &Node) -> Node {
    let mut node = node.clone();
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_evidence(item)),
        Value::Object(object) => {
            object.remove(knowledge::EVIDENCE);
            object.remove(knowledge::INFERRED);
            object.iter_mut().for_each(|(_, member)| *member = without_evidence(member));
        }
        _ => {}
    }
    node
}

/// The pointers that a node leads to. The way there may be as long as the document, so it takes no recursion.
fn references(node: &Node, document: &Document) -> BTreeSet<String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![node]);
    while let Some(node) = open.pop() {
        if let Some(pointer) = node.text_at("$ref").and_then(local_reference)
            && let Some(target) = document.root().pointer(&pointer)
            && reached.insert(pointer)
        {
            open.push(target);
        }
        match &node.value {
            Value::Array(items) => open.extend(items),
            Value::Object(object) => open.extend(object.iter().map(|(_, node)| node)),
            _ => {}
        }
    }
    reached
}

fn listing_changes(before: &str, after: &str) -> ListingChanges {
    let lines = |text: &str| -> BTreeSet<String> {
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    ListingChanges { added: new.difference(&old).cloned().collect(), removed: old.difference(&new).cloned().collect() }
}
