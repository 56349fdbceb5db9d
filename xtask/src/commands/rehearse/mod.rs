//! `cargo xtask rehearse`: the day on which SWPanel's own document arrives, with documents that are derived from the
//! reconstruction.
//!
//! Each derived document is synchronized into a copy of the workspace and held against the reconstruction. For some of
//! them `accept` and the whole test suite run in that copy too. Copy and build are in `target/rehearsal`; dependencies are
//! built there once.

mod copy;
mod suite;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use swpanel_build_tools::document::Document;
use swpanel_build_tools::rehearsal::{self, Derived, losses};

use crate::Run;
use crate::arguments::RehearseFlags;
use crate::outcome::{self, Failure, Outcome};
use crate::workspace::{DOCUMENT, Workspace};
use suite::Suite;

/// The copy of the reconstruction that stays when another document comes.
const RECONSTRUCTION: &str = "tests/reconstruction.json";

/// Where copy, build and logs are.
const FOLDER: &str = "target/rehearsal";

/// The derivations with which the whole suite runs where none is named: one with more operations than before, and one
/// that says less.
const WHOLE: [&str; 2] = ["spanish-grown", "swagger-2"];

/// What came of one derived document.
struct Rehearsed {
    name: &'static str,
    differs: &'static str,
    /// What the document lost against the reconstruction.
    lost: Vec<String>,
    /// How many operations are not classified.
    open: u64,
    operations: u64,
    suite: Option<Suite>,
}

pub(crate) fn run(flags: &RehearseFlags, root: Option<&Path>) -> Run {
    // Programs are run in the copy, where a relative path would lead elsewhere.
    let root = root.map(std::path::absolute).transpose().map_err(|error| {
        Failure::usage(format!("the folder of --root has no absolute path: {error}"), "give it as an absolute path")
    })?;
    let workspace = Workspace::find(root.as_deref())?;
    if flags.list {
        return Ok(list());
    }
    if let Some(unknown) = flags.names.iter().find(|name| !rehearsal::described().any(|(known, _)| known == **name)) {
        let message = format!("there is no derived document `{unknown}`");
        return Err(Failure::usage(message, "`cargo xtask rehearse --list` prints their names"));
    }
    let bytes = workspace.read(RECONSTRUCTION)?.unwrap_or_default();
    let hint = format!("take `{RECONSTRUCTION}` back from version control");
    let unreadable = |error: String| Failure::new("unreadable", format!("`{RECONSTRUCTION}`: {error}"), &hint);
    let before = Document::from_canonical(&bytes).map_err(|error| unreadable(error.to_string()))?;
    let derived = rehearsal::all(&bytes).map_err(|error| unreadable(error.to_string()))?;
    let is_chosen = |one: &&Derived| flags.names.is_empty() || flags.names.iter().any(|name| name == one.name);
    let is_whole = |name: &str| !flags.sync_only && (!flags.names.is_empty() || WHOLE.contains(&name));
    let baseline = if flags.sync_only { None } else { Some(suite::listed(workspace.root())?) };
    let mut all = Vec::new();
    for one in derived.iter().filter(is_chosen) {
        note(&format!("{}: sync", one.name));
        let copy = copy::made(&workspace, FOLDER)?;
        let mut rehearsed = synced(&workspace, &copy, one, &before)?;
        if let Some(baseline) = baseline.as_ref().filter(|_| is_whole(one.name)) {
            note(&format!("{}: accept, and the whole suite (minutes)", one.name));
            let build = workspace.path(&format!("{FOLDER}/build"));
            own(&copy, &["accept"], Some(&build))?;
            let log = workspace.path(&format!("{FOLDER}/{}.log", one.name));
            rehearsed.suite = Some(suite::run(&copy, &build, &log, baseline)?);
        }
        all.push(rehearsed);
    }
    report(&all)
}

fn list() -> Outcome {
    let all: Vec<Value> =
        rehearsal::described().map(|(name, differs)| json!({"name": name, "differs": differs})).collect();
    let text = rehearsal::described().map(|(name, differs)| format!("{name:<24}{differs}\n")).collect();
    Outcome { text, json: json!({ "documents": all }), changed: false }
}

/// Progress goes to standard error: standard output belongs to the result.
fn note(text: &str) {
    outcome::print_error(&format!("{text}\n"));
}

/// Synchronizes the copy with a derived document, and compares what came of it with the reconstruction.
fn synced(workspace: &Workspace, copy: &Path, derived: &Derived, before: &Document) -> Result<Rehearsed, Failure> {
    let file = workspace.path(&format!("{FOLDER}/{}.document", derived.name));
    crate::files::write_to(&file, &derived.bytes)?;
    let from = file.to_string_lossy().into_owned();
    let printed = own(copy, &["sync", "--from", &from, "--format", "json"], None)?;
    let report: Value = serde_json::from_str(&printed).unwrap_or_default();
    let there = Workspace::find(Some(copy))?;
    let bytes = there.read(DOCUMENT)?.unwrap_or_default();
    let after = Document::from_canonical(&bytes).map_err(|error| {
        Failure::new("failed", format!("{}: the sync wrote no document: {error}", derived.name), "run the sync by hand")
    })?;
    let operations = after.operations();
    let open = operations.iter().filter(|operation| operation.facts().effect.as_str() == "unclassified").count();
    let mut lost = losses(before, &after);
    if report.pointer("/source/kind").is_some_and(|kind| kind == "reconstruction") {
        lost.push("the document passes as our reconstruction".to_owned());
    }
    let operations = u64::try_from(operations.len()).unwrap_or(u64::MAX);
    let open = u64::try_from(open).unwrap_or(u64::MAX);
    Ok(Rehearsed { name: derived.name, differs: derived.differs, lost, open, operations, suite: None })
}

/// Runs this program in the copy. Exit code 4 only says that something changed, which it is meant to.
fn own(copy: &Path, arguments: &[&str], build: Option<&PathBuf>) -> Result<String, Failure> {
    let said = arguments.join(" ");
    let failed = |what: &str| {
        Failure::new("failed", format!("`cargo xtask {said}` {what}"), "run it by hand in target/rehearsal/workspace")
    };
    let program = std::env::current_exe().map_err(|error| failed(&format!("cannot be started: {error}")))?;
    let mut command = Command::new(program);
    command.args(arguments).arg("--root").arg(copy).current_dir(copy).stdin(Stdio::null());
    if let Some(build) = build {
        command.env("CARGO_TARGET_DIR", build);
    }
    let output = command.output().map_err(|error| failed(&format!("cannot be started: {error}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.code() {
        Some(0 | 4) => Ok(text(&output.stdout)),
        _ => Err(text(&output.stderr)
            .lines()
            .chain(text(&output.stdout).lines())
            .fold(failed("failed"), Failure::detail)),
    }
}

fn report(all: &[Rehearsed]) -> Run {
    let mut text = String::new();
    for one in all {
        text.push_str(&format!("{:<24}{}\n", one.name, one.differs));
        text.push_str(&format!("  sync        {} operations, {} not classified; ", one.operations, one.open));
        text.push_str(&match one.lost.as_slice() {
            [] => "nothing was lost\n".to_owned(),
            lost => format!("lost:\n{}", lost.iter().map(|line| format!("              {line}\n")).collect::<String>()),
        });
        text.push_str(&one.suite.as_ref().map(Suite::to_text).unwrap_or_default());
    }
    let json = json!({ "documents": all.iter().map(Rehearsed::to_json).collect::<Vec<_>>() });
    let wrong: Vec<&str> = all.iter().filter(|one| !one.is_well()).map(|one| one.name).collect();
    if wrong.is_empty() {
        return Ok(Outcome { text, json, changed: false });
    }
    let message = format!("the rehearsal failed with {}", wrong.join(", "));
    let hint = "read what was lost and which tests failed; the logs are in target/rehearsal";
    Err(text.lines().fold(Failure::new("rehearsal-failed", message, hint), Failure::detail))
}

impl Rehearsed {
    fn is_well(&self) -> bool {
        self.lost.is_empty() && self.suite.as_ref().is_none_or(Suite::is_well)
    }

    fn to_json(&self) -> Value {
        json!({"name": self.name, "differs": self.differs, "operations": self.operations, "not_classified": self.open,
            "lost": self.lost, "suite": self.suite.as_ref().map(Suite::to_json)})
    }
}
