//! Reads what other programs of the workspace left behind about an operation: a page of help, a line of the emulator's
//! record.

use std::collections::BTreeMap;

use super::content;
use crate::commands::Table;
use crate::document::Operation;
use crate::matching::Endpoint;

/// The record that `tests/tests/emulated.rs` keeps, by its path below the snapshot folder.
pub(super) const EMULATED: &str = "emulator.snap";

/// The record of how faithful the types are, which `tests/tests/fidelity.rs` keeps.
const FIDELITY: &str = "fidelity.snap";

/// The page of help on which the command line names this very call, under the words that the document leads to.
///
/// The pages are what the program prints (a test of it compares them), so a command that is gone, or another's, has none.
pub(super) fn help_page(
    operation: &Operation<'_>,
    table: &Table,
    help: &BTreeMap<String, String>,
) -> Option<(String, String)> {
    let same = |method: &str, path: &str| method == operation.method && path == operation.path;
    let command = table.commands.iter().find(|command| same(&command.method, &command.path))?;
    let mut words = command.words.clone();
    // A group by the name of a command of the program's own is called so.
    let mut renamed = words.clone();
    renamed.first_mut().into_iter().for_each(|first| first.push_str("-group"));
    for _ in 0..2 {
        let file = format!("{}.snap", words.join("_"));
        let usage = format!("Usage: swpanel {}", words.join(" "));
        if let Some(page) = help.get(&file).map(|text| content(text)) {
            let called = |line: &str| {
                line.strip_prefix("Calls: ").and_then(|rest| rest.rsplit_once(" (")).map(|(key, _)| address(key))
            };
            let named = page.lines().filter_map(called).any(|key| key == address(&operation.key()));
            let used = page
                .lines()
                .any(|line| line.strip_prefix(&usage).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')));
            if named && used && page.lines().next() == Some(operation.summary()) {
                return Some((file, words.join(" ")));
            }
        }
        words.clone_from(&renamed);
    }
    None
}

/// The line of the record that shows a generated call of this operation succeeding at the emulator.
pub(super) fn emulated<'a>(operation: &Operation<'_>, snapshots: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let record = content(snapshots.get(EMULATED)?);
    let read = |line: &&str| line.contains(" -> 2") && line.contains(", read by the client");
    let start = format!("{} -> 2", operation.key());
    let written_so = record.lines().filter(read).find(|line| line.starts_with(&start));
    written_so.or_else(|| {
        let own = address(&operation.key());
        record.lines().filter(read).find(|line| line.split_once(" -> ").is_some_and(|(key, _)| address(key) == own))
    })
}

/// `METHOD /path` without the names of path parameters: what two operations have in common that are the same.
pub(super) fn address(key: &str) -> String {
    let (method, path) = key.split_once(' ').unwrap_or((key, ""));
    Endpoint::new(method, "", path).exact()
}

/// How many of the document's statements the generated types say too, and how many there are: by `METHOD /path`, and `all`.
pub fn fidelity(snapshots: &BTreeMap<String, String>) -> BTreeMap<String, (u64, u64)> {
    let record = snapshots.get(FIDELITY).map(|text| content(text)).unwrap_or_default();
    let score = |line: &str| {
        let (key, score) = line.rsplit_once(" -> ")?;
        let (same, of) = score.split_once(" of ")?;
        Some((key.to_owned(), (same.parse().ok()?, of.trim().parse().ok()?)))
    };
    record.lines().filter_map(score).collect()
}
