//! Reads from the artefacts themselves what is covered, operation by operation: delete one and its cell turns. An artefact
//! belongs to an operation whose address is the same, whatever the names of the parameters in it.

mod evidence;
mod html;
mod inferred;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::codegen::{Model, contract};
use crate::commands::Table;
use crate::document::{Document, Node, Operation};
use crate::matching::{self, Endpoint, Match};
use crate::names::Names;
use crate::probe::Probe;

pub use evidence::fidelity;
pub use html::html;

/// The stages, in order. The last one depends on who ran a probe, and when; all others on the files of the workspace.
pub const STAGES: [&str; 9] =
    ["document", "generated", "cli", "emulator", "response", "contract_snapshot", "wire_snapshot", "example", PROBED];

/// The stage that only an API can give.
pub const PROBED: &str = "probed";

/// The artefacts.
#[derive(Clone, Copy, Debug)]
pub struct Artefacts<'a> {
    /// `swpanel-api.json`.
    pub document: &'a Document,
    /// Pinned names, from the lock.
    pub names: &'a Names,
    /// `client/public-api.txt`.
    pub listing: &'a str,
    /// Snapshot files by their path below the snapshot folder, as in `contract/dns/dns_record_list.snap`.
    pub snapshots: &'a BTreeMap<String, String>,
    /// Pages of help of the command line by file name, as in `dns_list.snap`.
    pub help: &'a BTreeMap<String, String>,
    /// What the last probe found, where there was one.
    pub probe: Option<&'a Probe>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Operation id.
    pub id: String,
    /// HTTP method.
    pub method: String,
    /// Path template.
    pub path: String,
    /// Group.
    pub tag: String,
    /// `typed` where the answer's own members are declared, `open` where they are not.
    pub response_kind: &'static str,
    /// Stage to whether it is there.
    pub stages: BTreeMap<&'static str, bool>,
    /// What it has by inference only, such as `record.type TXT`: never proven against the API.
    pub inferred: Vec<String>,
    /// How many of the document's statements its types say too, and how many there are.
    #[serde(skip)]
    pub fidelity: (u64, u64),
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The stages, in order.
    pub stages: Vec<&'static str>,
    /// One row an operation, by group and id.
    pub operations: Vec<Row>,
}

/// Reads the table from the artefacts.
pub fn coverage(artefacts: &Artefacts<'_>) -> Coverage {
    let table = Table::of(artefacts.document, &[]);
    let operations = artefacts.document.operations();
    let mut rows: Vec<Row> = operations.iter().map(|operation| row(operation, artefacts, &table)).collect();
    let scores = fidelity(artefacts.snapshots);
    let by_address: BTreeMap<String, (u64, u64)> =
        scores.iter().map(|(key, score)| (evidence::address(key), *score)).collect();
    for row in &mut rows {
        let key = format!("{} {}", row.method, row.path);
        let score = scores.get(&key).or_else(|| by_address.get(&evidence::address(&key)));
        row.fidelity = score.copied().unwrap_or_default();
    }
    // A name that is pinned but whose operation is gone from the document is a hole, not a blank. An operation that has
    // only moved is not gone.
    let own = |method: &str, path: &str| Endpoint::new(method, "", path);
    let pinned: Vec<Endpoint> =
        artefacts.names.keys().map(|key| key.split_once(' ').unwrap_or((key, ""))).map(|(m, p)| own(m, p)).collect();
    let there: Vec<Endpoint> = operations.iter().map(|operation| own(&operation.method, operation.path)).collect();
    let mut known: BTreeSet<usize> = BTreeSet::new();
    for found in matching::find(&pinned, &there) {
        match found {
            Match::Ambiguous(several) => known.extend(several),
            found => known.extend(found.known()),
        }
    }
    for (at, (key, id)) in artefacts.names.iter().enumerate() {
        let (method, path) = key.split_once(' ').unwrap_or((key, ""));
        if !known.contains(&at) {
            rows.push(Row {
                id: id.clone(),
                method: method.to_owned(),
                path: path.to_owned(),
                tag: "(not in the document)".to_owned(),
                response_kind: "open",
                stages: STAGES.iter().map(|stage| (*stage, false)).collect(),
                inferred: Vec::new(),
                fidelity: (0, 0),
            });
        }
    }
    rows.sort_by(|a, b| (&a.tag, &a.id).cmp(&(&b.tag, &b.id)));
    Coverage { stages: STAGES.to_vec(), operations: rows }
}

/// Where the snapshot of an operation lies, below the snapshot folder.
pub fn snapshot_path(kind: &str, operation: &Operation<'_>) -> String {
    format!("{kind}/{}/{}.snap", folder(operation.tag()), operation.id())
}

/// A tag as a folder name.
pub fn folder(tag: &str) -> String {
    let plain: String =
        tag.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.trim_matches('-').to_owned();
    if plain.is_empty() { "untagged".to_owned() } else { plain }
}

fn row(operation: &Operation<'_>, artefacts: &Artefacts<'_>, table: &Table) -> Row {
    let snapshot = |kind: &str| artefacts.snapshots.get(&snapshot_path(kind, operation)).map(|text| content(text));
    let method = format!("swpanel::Client::{}: fn(", operation.id());
    // Without the model the Rust call is missing from the text; it is looked for on its own.
    let before_call = |text: &str| text.split("\nrust:").next().unwrap_or_default().to_owned();
    let expected = before_call(&contract(operation, &Model::default()));
    let written = snapshot("contract");
    let call = format!("client.{}()", operation.id());
    let has_call = written.is_some_and(|text| text.replace(char::is_whitespace, "").contains(&call));
    let wire = snapshot("wire").is_some_and(|text| is_request_of(operation, text));
    let stages = [
        ("document", true),
        ("generated", artefacts.listing.lines().any(|line| line.starts_with(&method) && !line.contains("RawRequest"))),
        ("cli", evidence::help_page(operation, table, artefacts.help).is_some()),
        ("emulator", evidence::emulated(operation, artefacts.snapshots).is_some()),
        ("response", operation.success_schema().is_some()),
        ("contract_snapshot", written.is_some_and(|text| before_call(text).trim_end() == expected.trim_end())),
        ("wire_snapshot", wire),
        ("example", has_call),
        (PROBED, artefacts.probe.is_some_and(|probe| probe.has_read(&operation.key()))),
    ];
    Row {
        id: operation.id().to_owned(),
        method: operation.method.clone(),
        path: operation.path.to_owned(),
        tag: operation.tag().to_owned(),
        response_kind: if is_typed(operation) { "typed" } else { "open" },
        stages: stages.into_iter().collect(),
        inferred: inferred::inferred(operation),
        fidelity: (0, 0),
    }
}

/// Whether a recorded request is one of the operation: its method, and its path but for the values.
fn is_request_of(operation: &Operation<'_>, recorded: &str) -> bool {
    let mut words = recorded.lines().next().unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    let template: Vec<&str> = operation.path.split('/').skip(1).collect();
    // What the base address adds stands before it.
    let segments: Vec<&str> = path.split('/').collect();
    let Some(own) = segments.len().checked_sub(template.len()).and_then(|start| segments.get(start..)) else {
        return false;
    };
    let same = |(part, value): (&&str, &&str)| part == value || (part.contains('{') && !value.is_empty());
    method == operation.method && template.iter().zip(own).all(same)
}

/// What a snapshot file holds below its head.
fn content(file: &str) -> &str {
    let mut parts = file.splitn(3, "---\n");
    match (parts.next(), parts.next(), parts.next()) {
        (Some(""), Some(_), Some(content)) => content,
        _ => file,
    }
}

/// Whether what is answered, below the envelope's `result`, has declared members.
fn is_typed(operation: &Operation<'_>) -> bool {
    let document = operation.document();
    let Some(answer) = operation.success_schema().and_then(|schema| document.resolve(schema)) else { return false };
    let result = answer.pointer("/properties/result").and_then(|node| document.resolve(node));
    let Some(result) = result else {
        let own = answer.get("properties").and_then(Node::as_object);
        return own.is_some_and(|own| own.iter().any(|(name, _)| name != "message"));
    };
    let arms = result.get("oneOf").and_then(Node::as_array).unwrap_or_default();
    let candidates = std::iter::once(result).chain(arms.iter().filter_map(|arm| document.resolve(arm)));
    let mut items =
        candidates.flat_map(|node| [Some(node), node.get("items").and_then(|items| document.resolve(items))]);
    items.any(|node| {
        let properties = node.and_then(|node| node.get("properties")).and_then(Node::as_object);
        properties.is_some_and(|properties| !properties.is_empty())
    })
}

impl Coverage {
    /// How many operations have a stage.
    pub fn count(&self, stage: &str) -> usize {
        self.operations.iter().filter(|row| row.has(stage)).count()
    }

    /// The stages that the workspace itself can complete: all but [`PROBED`].
    pub fn own_stages(&self) -> impl Iterator<Item = &'static str> {
        self.stages.iter().copied().filter(|stage| *stage != PROBED)
    }

    /// Whether every stage of every operation is there, but for what only a probe can tell.
    pub fn is_complete(&self) -> bool {
        let (there, all) = self.cells();
        there == all
    }

    /// How many cells are covered, and how many there are, without [`PROBED`].
    pub fn cells(&self) -> (usize, usize) {
        let stages = self.own_stages().count();
        (self.own_stages().map(|stage| self.count(stage)).sum(), stages * self.operations.len())
    }

    /// The share of [`cells`](Self::cells) that is covered, in per cent; a document without operations is covered.
    pub fn percent(&self) -> f64 {
        let (there, all) = self.cells();
        if all == 0 { 100.0 } else { there as f64 * 100.0 / all as f64 }
    }

    fn groups(&self) -> Vec<(&str, Vec<&Row>)> {
        let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in &self.operations {
            groups.entry(&row.tag).or_default().push(row);
        }
        groups.into_iter().collect()
    }
}

impl Row {
    /// Whether it has a stage.
    pub fn has(&self, stage: &str) -> bool {
        self.stages.get(stage) == Some(&true)
    }
}
