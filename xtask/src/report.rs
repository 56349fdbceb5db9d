//! What `sync` says: about ten lines for people, everything as JSON for programs.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;
use swpanel_build_tools::address::redact;
use swpanel_build_tools::diff::{self, Report, RustVerdict, Verdict};
use swpanel_build_tools::document::Weight;
use swpanel_build_tools::knowledge::Applied;
use swpanel_build_tools::names::NameNote;
use swpanel_build_tools::safe_text;
use swpanel_build_tools::sync::{ContractChange, Placed};

use crate::arguments::SyncFlags;
use crate::commands::sync::SyncResult;
use crate::conflicts::DERIVED;
use crate::drift::{self, Drift};
use crate::git::{self, Repository};
use crate::outcome::{Outcome, counted};
use crate::sides::Sides;
use crate::workspace::Workspace;

/// How many names of a kind are shown before they are only counted.
const SHOWN: usize = 12;
/// How many lines of a changed contract are shown.
const SHOWN_LINES: usize = 6;

/// What a sync found.
pub(crate) struct Seen<'a> {
    pub(crate) synced: &'a SyncResult,
    pub(crate) drift: &'a Drift,
    pub(crate) merge: &'a Merge,
    /// Bytes of the source.
    pub(crate) bytes: usize,
}

/// Conflicts of a merge in the files that a sync makes again.
#[derive(Debug, Default)]
pub(crate) struct Merge {
    files: Vec<String>,
    both: bool,
    /// The command that marks the files as merged, where git has them as in conflict.
    add: Option<String>,
}

impl Merge {
    /// The conflicts that were there when the sync began.
    pub(crate) fn of(workspace: &Workspace, repository: Option<&Repository>, sides: &Sides) -> Self {
        let unmerged = repository.map(|repository| repository.unmerged(&DERIVED)).unwrap_or_default();
        let add = (!unmerged.is_empty()).then(|| git::command(workspace, "add", &unmerged));
        Self { files: sides.conflicts.clone(), both: sides.both, add }
    }

    fn text(&self) -> String {
        let kept = match self.both {
            true => "the pinned names of both sides are kept",
            false => "the lock of one side only could be read, and its pinned names are kept",
        };
        format!("{} had a conflict; made from upstream/ and overlays/, {kept}", self.files.join(", "))
    }
}

/// The outcome of a sync that was not refused.
pub(crate) fn sync(seen: &Seen<'_>, files: &[&str], leftovers: usize, flags: &SyncFlags, again: &str) -> Outcome {
    let Seen { synced, drift, merge, .. } = seen;
    let changed = !files.is_empty() || leftovers > 0;
    let verb = match (changed, flags.check) {
        (false, _) => "unchanged",
        (true, true) => "would-change",
        (true, false) => "changed",
    };
    let mut next = next(synced, changed, flags, again);
    next.extend(merge.add.iter().filter(|_| !flags.check).map(|add| format!("{add}    # marks them as merged")));
    let not_compared = if let Drift::NotCompared { why } = drift { Some(why) } else { None };
    let json = json!({
        "outcome": verb,
        "source": synced.lock.source,
        "counts": synced.lock.counts,
        "operations": synced.operations,
        "names": synced.names,
        "knowledge": synced.applied,
        "ledger": synced.ledger,
        "findings": synced.findings,
        "dropped": synced.dropped.iter().map(|d| json!({"operation": d.operation, "reason": d.reason})).collect::<Vec<_>>(),
        "public_api": synced.api,
        "compared_with": drift.with(),
        "not_compared": not_compared,
        "report": drift.report(),
        "rust_verdict_by_listing": drift.report().map(|_| drift::grounded(synced)),
        "merged": merge.files,
        "files": files,
        "leftovers": leftovers,
        "next": next,
    });
    Outcome { text: text(seen, files, leftovers, flags, &next), json, changed }
}

fn text(seen: &Seen<'_>, files: &[&str], leftovers: usize, flags: &SyncFlags, next: &[String]) -> String {
    let Seen { synced, drift, merge, bytes } = seen;
    let mut out = String::new();
    let source = &synced.lock.source;
    let date = source.date.as_deref().map_or_else(String::new, |date| format!(", {date}"));
    line(&mut out, "source", &format!("{} ({}{date}), {bytes} bytes", source.address, source.kind.as_str()));
    let counts = synced.lock.counts;
    let operations = &synced.operations;
    let mut parts = vec![counts.operations.to_string()];
    for (count, word) in [
        (operations.added.len(), "added"),
        (operations.removed.len(), "removed"),
        (operations.moved.len(), "moved"),
        (operations.changed.len(), "changed"),
        (operations.reworded.len(), "reworded"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    if counts.generated < counts.operations {
        parts.push(format!("{} without a generated method", counts.operations - counts.generated));
    }
    line(&mut out, "operations", &parts.join(", "));
    list(&mut out, "+", &operations.added);
    list(&mut out, "-", &operations.removed);
    let moved: Vec<String> = operations.moved.iter().map(|(from, to)| format!("{from} -> {to}")).collect();
    list(&mut out, ">", &moved);
    changes(&mut out, &operations.changed);
    list(&mut out, "\"", &operations.reworded);
    line(&mut out, "names", &format!("{} pinned", synced.lock.names.len()));
    // First what programs and scripts have to be changed for; the rest says that nothing has.
    let (kept, changed): (Vec<_>, Vec<_>) =
        synced.names.iter().partition(|note| matches!(note, NameNote::Renamed { .. } | NameNote::TypeRenamed { .. }));
    for note in changed.into_iter().chain(kept.iter().copied().take(SHOWN)) {
        let _ = writeln!(out, "              {}", safe_text::line(&name_note(note)));
    }
    if kept.len() > SHOWN {
        let more = kept.len() - SHOWN;
        let _ = writeln!(out, "              and {more} more that are published under other names and keep theirs");
    }
    let entries = synced.ledger.entries();
    let count = |weight| entries.iter().filter(|entry| entry.weight == weight).count();
    let rules = synced.ledger.counts().len();
    let mends = match count(Weight::Mend) {
        0 => String::new(),
        mends => format!("{}, ", counted(mends, "mend", "mends")),
    };
    let rewrites = counted(count(Weight::Rewrite), "rewrite", "rewrites");
    let losses = counted(count(Weight::Loss), "loss", "losses");
    let (entries_count, rules) = (counted(entries.len(), "entry", "entries"), counted(rules, "rule", "rules"));
    line(&mut out, "ledger", &format!("{entries_count} by {rules}: {mends}{rewrites}, {losses}"));
    for repair in synced.ledger.repairs() {
        let _ = writeln!(out, "              {}", safe_text::line(&repair));
    }
    for entry in entries.iter().filter(|entry| entry.rule == "overlay-not-needed").take(SHOWN) {
        let _ = writeln!(out, "              overlays/{}", safe_text::line(&entry.message));
    }
    line(&mut out, "findings", &counted(synced.findings.len(), "warning", "warnings"));
    for placed in synced.findings.iter().take(SHOWN) {
        let _ = writeln!(out, "              {}", safe_text::line(&finding(placed)));
    }
    let api = &synced.api;
    if !(api.added.is_empty() && api.removed.is_empty()) {
        line(&mut out, "public api", &format!("{} lines added, {} removed", api.added.len(), api.removed.len()));
    }
    if !merge.files.is_empty() {
        line(&mut out, "merge", &merge.text());
    }
    compared(&mut out, drift, synced, flags);
    match (files.is_empty(), flags.check) {
        (true, _) => line(&mut out, "wrote", "nothing: everything is as it was"),
        (false, true) => line(&mut out, "would write", &files.join(", ")),
        (false, false) => line(&mut out, "wrote", &files.join(", ")),
    }
    unclassified(&mut out, &synced.applied);
    if leftovers > 0 {
        let word = if flags.check { "would remove" } else { "removed" };
        line(&mut out, word, &format!("{leftovers} temporary files of an interrupted run"));
    }
    for (at, command) in next.iter().enumerate() {
        line(&mut out, if at == 0 { "next" } else { "" }, command);
    }
    out
}

/// Which operations nobody has classified. The client, the command line and the probe take them for the worst.
fn unclassified(out: &mut String, applied: &Applied) {
    if applied.open() > 0 {
        let verb = if applied.open() == 1 { "is" } else { "are" };
        let open = counted(applied.open(), "operation", "operations");
        line(
            out,
            "knowledge",
            &format!("{open} {verb} not classified; `cargo xtask classify` proposes entries for review"),
        );
        let mut shown: Vec<String> = applied.unclassified.iter().map(|found| found.operation.clone()).collect();
        shown.extend(applied.loose.iter().map(|found| {
            format!("{} (like {}, but for {})", found.operation, found.entry, found.differences.join(", "))
        }));
        list(out, "?", &shown);
    }
    if !applied.unmatched.is_empty() {
        let entries =
            counted(applied.unmatched.len(), "entry of knowledge.toml matches", "entries of knowledge.toml match");
        line(out, "", &format!("{entries} no operation"));
        list(out, "-", &applied.unmatched);
    }
    for missing in &applied.missing_secrets {
        line(
            out,
            "",
            &format!(
                "a secret was not found where knowledge.toml has it, {missing}; the whole response is kept secret"
            ),
        );
    }
}

/// The command as it can be pasted into a shell again.
pub(crate) fn command(name: &str, from: Option<&str>, flags: &[String], root: Option<&Path>) -> String {
    let mut text = format!("cargo xtask {name}");
    flags.iter().for_each(|flag| text.push_str(&format!(" {}", quoted(flag))));
    if let Some(from) = from {
        text.push_str(&format!(" --from {}", quoted(from)));
    }
    if let Some(root) = root {
        text.push_str(&format!(" --root {}", quoted(&root.to_string_lossy())));
    }
    if from == Some("-") {
        text.push_str("    # with the same bytes on standard input");
    }
    match redact(&text) {
        Cow::Owned(shown) if shown != text => shown + "    # with what the address hides, which is not shown",
        _ => text,
    }
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@%,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn next(synced: &SyncResult, changed: bool, flags: &SyncFlags, again: &str) -> Vec<String> {
    if !changed {
        return Vec::new();
    }
    if flags.check {
        return vec![again.to_owned()];
    }
    let operations = &synced.operations;
    let everything =
        operations.added.len() + operations.removed.len() + operations.changed.len() + operations.reworded.len();
    if everything == 0 && synced.api.added.is_empty() && synced.api.removed.is_empty() {
        // Only our own files were put right; the document says what it said.
        return Vec::new();
    }
    let contracts = operations.added.len() + operations.removed.len() + operations.changed.len();
    if contracts == 0 {
        let what = if synced.api.added.is_empty() && synced.api.removed.is_empty() {
            "nothing but words changed"
        } else {
            "the generated code changed, the contracts did not"
        };
        return vec![format!("cargo test --workspace    # {what}")];
    }
    vec![
        "cargo test --workspace    # shows each difference in the snapshots".to_owned(),
        "cargo xtask accept        # takes them, once you have read them".to_owned(),
    ]
}

/// One finding on one line: place, rule, what is wrong.
pub(crate) fn finding(placed: &Placed) -> String {
    let Placed { finding, line, column } = placed;
    let operation = finding.operation.as_deref().map_or_else(String::new, |operation| format!("{operation}: "));
    format!("{}: {operation}{} (line {line}, column {column}, {})", finding.rule, finding.message, finding.pointer)
}

fn name_note(note: &NameNote) -> String {
    match note {
        NameNote::Renamed { operation, pinned, published } => {
            format!("{operation} is now published as `{published}`; the method stays `{pinned}`")
        }
        NameNote::TypeRenamed { pinned, published } => {
            format!("the schema `{pinned}` is now published as `{published}`; the type stays `{pinned}`")
        }
        NameNote::HandleChanged { operation, pinned, now } if now.is_empty() => {
            format!("{operation} has no handle any more; it was reached by `{pinned}`")
        }
        NameNote::HandleChanged { operation, pinned, now } => {
            format!("{operation} is reached by `{now}`; it was `{pinned}`")
        }
        NameNote::CommandChanged { operation, pinned, now } => {
            format!("{operation} is called `swpanel {now}`; it was `swpanel {pinned}`")
        }
        NameNote::SidesDiffer { operation, kept, dropped } if kept.is_empty() => {
            format!(
                "{operation}: one side of the merge named it `{dropped}`, as the other side named another operation"
            )
        }
        NameNote::SidesDiffer { operation, kept, dropped } => {
            format!("{operation} is `{kept}` on one side of the merge and `{dropped}` on the other; it stays `{kept}`")
        }
        NameNote::Made { operation, name, published } if published.is_empty() => {
            format!("{operation} has no published id; it was named `{name}`")
        }
        NameNote::Made { operation, name, published } => {
            format!("{operation}: `{published}` is taken or no usable name; it was named `{name}`")
        }
        _ => String::new(),
    }
}

/// What the verdict is, and what was compared for it; it is never left out.
fn compared(out: &mut String, drift: &Drift, synced: &SyncResult, flags: &SyncFlags) {
    match drift {
        Drift::NotCompared { why } => line(out, "verdict", &format!("not known: nothing was compared, since {why}")),
        Drift::Compared { with, same: true, .. } => {
            line(out, "verdict", &format!("none: no difference from {with}"));
        }
        Drift::Compared { with, report: None, .. } => {
            line(out, "verdict", &format!("none: no difference that a program can notice from {with}"));
        }
        Drift::Compared { with, report: Some(report), no_migration, .. } => {
            line(out, "compared", &format!("with {with}"));
            verdict(out, report, synced, flags, no_migration.as_deref());
        }
    }
}

/// Whom it breaks, in short; the long form lies under `target/`.
fn verdict(out: &mut String, report: &Report, synced: &SyncResult, flags: &SyncFlags, no_migration: Option<&str>) {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let (derived, grounded) = (report.rust_verdict, drift::grounded(synced));
    let rust = match derived == grounded {
        true => format!("{} for Rust code", word(json!(derived))),
        false => {
            format!("{} for Rust code by its listing ({} by the changes)", word(json!(grounded)), word(json!(derived)))
        }
    };
    line(
        out,
        "verdict",
        &format!("{} for consumers, {rust}: {}", word(json!(report.consumer_verdict)), diff::counts(report)),
    );
    for line in diff::short(report, SHOWN / 2) {
        let _ = writeln!(out, "              {line}");
    }
    if !flags.check {
        line(out, "report", &format!("{}; a draft for the changelog: {}", drift::REPORT, drift::CHANGELOG));
        if let Some(why) = no_migration {
            line(out, "migration", &format!("not written: {why}"));
        } else if report.consumer_verdict == Verdict::Breaking || derived == RustVerdict::Major {
            line(out, "migration", &format!("{}: each call that breaks, before and after", drift::MIGRATION));
        }
    }
}

fn line(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "{label:<12}  {}", safe_text::line(text));
}

/// Each changed contract with the first of its lines that are not as they were.
fn changes(out: &mut String, changes: &[ContractChange]) {
    for change in changes.iter().take(SHOWN) {
        let _ = writeln!(out, "              ~ {}", safe_text::line(&change.operation));
        let removed = change.removed.iter().map(|line| format!("- {line}"));
        let lines: Vec<String> = removed.chain(change.added.iter().map(|line| format!("+ {line}"))).collect();
        for line in lines.iter().take(SHOWN_LINES) {
            let _ = writeln!(out, "                  {}", safe_text::line(line));
        }
        if lines.len() > SHOWN_LINES {
            let _ = writeln!(out, "                  and {} lines more", lines.len() - SHOWN_LINES);
        }
    }
    if changes.len() > SHOWN {
        let _ = writeln!(out, "              ~ and {} more", changes.len() - SHOWN);
    }
}

fn list(out: &mut String, mark: &str, operations: &[String]) {
    for operation in operations.iter().take(SHOWN) {
        let _ = writeln!(out, "              {mark} {}", safe_text::line(operation));
    }
    if operations.len() > SHOWN {
        let _ = writeln!(out, "              {mark} and {} more", operations.len() - SHOWN);
    }
}
