//! What changed between the document that lies there and the one that was made: for the report of a sync, and as files.

use std::path::{Path, PathBuf};

use swpanel_build_tools::address::redact;
use swpanel_build_tools::codegen;
use swpanel_build_tools::diff::{self, Policy, Report, RustVerdict, Side, Verdict};
use swpanel_build_tools::document::Document;
use swpanel_build_tools::migration::{self, Generation};
use swpanel_build_tools::sync::Outcome;

use crate::outcome::Failure;
use crate::workspace::{DOCUMENT, POLICY, Workspace};
use crate::{files, regular, source};

/// Where the long report lies, for people and for the body of a pull request.
pub(crate) const REPORT: &str = "target/drift/report.md";
/// What breaks, with the calls before and after; only where something does.
pub(crate) const MIGRATION: &str = "target/drift/migration.md";
/// A draft for the next part of CHANGELOG.md.
pub(crate) const CHANGELOG: &str = "target/drift/CHANGELOG.md";

/// Compares; nothing where there is no other document to compare with.
pub(crate) fn report(workspace: &Workspace, document: &[u8]) -> Result<Option<Report>, Failure> {
    let Some(before) = workspace.read(DOCUMENT)?.filter(|before| before != document) else { return Ok(None) };
    let policy = policy(None, Some(workspace.root()))?;
    let sides = Side::read(&before, None).ok().zip(Side::read(document, None).ok());
    let Some((mut old, mut new)) = sides else { return Ok(None) };
    policy.strip(&mut old, &mut new);
    let mut report = compared(&old, &new, &policy)?;
    policy.apply(&mut report);
    Ok(Some(report).filter(|report| !report.findings.is_empty() || !report.accepted.is_empty()))
}

/// Compares two documents; a comparison that was given up is a failure, since its findings are not all.
pub(crate) fn compared(old: &Side, new: &Side, policy: &Policy) -> Result<Report, Failure> {
    let report = diff::diff_with_grace(old, new, &source::today(), policy.grace());
    match &report.given_up {
        None => Ok(report),
        Some(refusal) => {
            Err(Failure::new(refusal.name(), format!("cannot compare the documents: {refusal}"), refusal.hint()))
        }
    }
}

/// The page for whoever has to change a program. The old client is generated once more for it.
pub(crate) fn migration(report: &Report, before: Option<&Document>, synced: &Outcome) -> Option<String> {
    if report.consumer_verdict < Verdict::Breaking && report.rust_verdict < RustVerdict::Major {
        return None;
    }
    let before = before?;
    let old = codegen::generate(before).ok()?.model;
    let after = Document::from_canonical(synced.document.as_bytes()).ok()?;
    let old = Generation { document: before, model: &old };
    migration::page(report, old, Generation { document: &after, model: &synced.model })
}

/// Leaves the long forms under `target/`; says whether there is a migration page.
pub(crate) fn write(workspace: &Workspace, report: &Report, migration: Option<String>) -> Result<(), Failure> {
    // One of an earlier sync would be taken for this one's.
    let _ = std::fs::remove_file(workspace.inside(MIGRATION)?);
    let texts =
        [(REPORT, Some(diff::markdown(report))), (CHANGELOG, Some(diff::changelog(report))), (MIGRATION, migration)];
    for (file, text) in texts {
        if let Some(text) = text {
            files::write(workspace, file, redact(&text).as_bytes())?;
        }
    }
    Ok(())
}

/// What the public API of the generated client says itself, with pinned names.
pub(crate) fn grounded(synced: &Outcome) -> RustVerdict {
    match (synced.api.removed.is_empty(), synced.api.added.is_empty()) {
        (false, _) => RustVerdict::Major,
        (true, false) => RustVerdict::Minor,
        (true, true) => RustVerdict::Patch,
    }
}

/// What a team wants told otherwise: from the file named, else from the folder's or the workspace's own.
pub(crate) fn policy(named: Option<&Path>, root: Option<&Path>) -> Result<Policy, Failure> {
    let hint = "docs/reading-a-diff.md shows what may stand there";
    let file = match named {
        Some(file) => file.to_owned(),
        None if Path::new(POLICY).exists() => PathBuf::from(POLICY),
        None => match Workspace::find(root) {
            Ok(workspace) if workspace.path(POLICY).exists() => workspace.path(POLICY),
            _ => return Ok(Policy::default()),
        },
    };
    let text = regular::read_text(&file).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", file.display());
        Failure::new("unreadable", message, hint)
    })?;
    let wrong = |why| Failure::new("config", format!("`{}` is not understood: {why}", file.display()), hint);
    Policy::read(&text).map_err(wrong)
}
