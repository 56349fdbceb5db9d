//! What is covered, operation by operation, read from the artefacts themselves: delete one and its cell turns.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::codegen::{Model, contract};
use crate::document::{Document, Node, Operation};
use crate::names::Names;

/// The stages, in order.
pub const STAGES: [&str; 6] = ["document", "generated", "response", "contract_snapshot", "wire_snapshot", "example"];

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
    let mut rows: Vec<Row> =
        artefacts.document.operations().iter().map(|operation| row(operation, artefacts)).collect();
    // A name that is pinned but whose operation is gone from the document is a hole, not a blank.
    for (key, id) in artefacts.names {
        let (method, path) = key.split_once(' ').unwrap_or((key, ""));
        if !rows.iter().any(|row| row.method == method && row.path == path) {
            rows.push(Row {
                id: id.clone(),
                method: method.to_owned(),
                path: path.to_owned(),
                tag: "(not in the document)".to_owned(),
                response_kind: "open",
                stages: STAGES.iter().map(|stage| (*stage, false)).collect(),
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

fn row(operation: &Operation<'_>, artefacts: &Artefacts<'_>) -> Row {
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
        ("response", operation.success_schema().is_some()),
        ("contract_snapshot", written.is_some_and(|text| before_call(text).trim_end() == expected.trim_end())),
        ("wire_snapshot", wire),
        ("example", has_call),
    ];
    Row {
        id: operation.id().to_owned(),
        method: operation.method.clone(),
        path: operation.path.to_owned(),
        tag: operation.tag().to_owned(),
        response_kind: if is_typed(operation) { "typed" } else { "open" },
        stages: stages.into_iter().collect(),
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
        self.operations.iter().filter(|row| row.stages.get(stage) == Some(&true)).count()
    }

    /// Whether every stage of every operation is there.
    pub fn is_complete(&self) -> bool {
        self.operations.iter().all(|row| row.stages.values().all(|covered| *covered))
    }

    fn groups(&self) -> Vec<(&str, Vec<&Row>)> {
        let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in &self.operations {
            groups.entry(&row.tag).or_default().push(row);
        }
        groups.into_iter().collect()
    }

    /// A cell a group and stage: `12` where all are there, `11/12` where not.
    fn table(&self) -> Vec<Vec<String>> {
        let mut head = vec!["group".to_owned()];
        head.extend(self.stages.iter().map(|stage| stage.replace('_', " ")));
        head.push("typed answers".to_owned());
        let mut lines = vec![head];
        let all: Vec<&Row> = self.operations.iter().collect();
        let mut groups = self.groups();
        groups.push(("all", all));
        for (tag, rows) in groups {
            let mut line = vec![tag.to_owned()];
            for stage in &self.stages {
                let there = rows.iter().filter(|row| row.stages.get(stage) == Some(&true)).count();
                line.push(if there == rows.len() { there.to_string() } else { format!("{there}/{}", rows.len()) });
            }
            let typed = rows.iter().filter(|row| row.response_kind == "typed").count();
            line.push(format!("{typed}/{}", rows.len()));
            lines.push(line);
        }
        lines
    }

    /// The table by group for a terminal, then each operation that lacks something.
    pub fn to_text(&self) -> String {
        let table = self.table();
        let columns = table.first().map_or(0, Vec::len);
        let width =
            |column: usize| table.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = String::new();
        for line in &table {
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let _ = if column == 0 { write!(out, "{cell:<width$}") } else { write!(out, "  {cell:>width$}") };
            }
            out.push('\n');
        }
        for row in &self.operations {
            let missing: Vec<&str> =
                self.stages.iter().copied().filter(|stage| row.stages.get(stage) != Some(&true)).collect();
            if !missing.is_empty() {
                let _ = writeln!(out, "missing: {} {} ({}): {}", row.method, row.path, row.id, missing.join(", "));
            }
        }
        out
    }

    /// The table by group for the README.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        for (at, line) in self.table().iter().enumerate() {
            let _ = writeln!(out, "| {} |", line.join(" | "));
            if at == 0 {
                let _ = writeln!(out, "|{}", "---|".repeat(line.len()));
            }
        }
        out
    }
}
