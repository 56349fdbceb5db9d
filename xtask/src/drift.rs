//! What changed between an earlier document and the one that was made: for the report of a sync, and as files.

use std::path::{Path, PathBuf};

use swpanel_build_tools::address::redact;
use swpanel_build_tools::codegen;
use swpanel_build_tools::diff::{self, Policy, Report, RustVerdict, Side, Verdict};
use swpanel_build_tools::document::Document;
use swpanel_build_tools::migration::{self, Generation};
use swpanel_build_tools::safe_text::markdown::prose;
use swpanel_build_tools::sync::Outcome;

use crate::baseline::Baseline;
use crate::outcome::Failure;
use crate::workspace::{POLICY, Workspace};
use crate::{files, regular, source};

/// Where the long report lies, for people and for the body of a pull request.
pub(crate) const REPORT: &str = "target/drift/report.md";
/// What breaks, with the calls before and after; only where something does.
pub(crate) const MIGRATION: &str = "target/drift/migration.md";
/// A draft for the next part of CHANGELOG.md.
pub(crate) const CHANGELOG: &str = "target/drift/CHANGELOG.md";

/// What a sync found in comparison with an earlier document.
#[derive(Debug)]
pub(crate) enum Drift {
    /// Two documents were compared.
    Compared {
        /// The earlier one, as `git HEAD`.
        with: String,
        /// Whether it is a committed one.
        committed: bool,
        /// Whether both are the same, byte for byte.
        same: bool,
        /// What was found, where anything was.
        report: Option<Box<Report>>,
        /// Why there is no migration page although something breaks.
        no_migration: Option<String>,
    },
    /// There was nothing to compare with.
    NotCompared {
        /// Why.
        why: String,
    },
}

impl Drift {
    /// What was found, where anything was.
    pub(crate) fn report(&self) -> Option<&Report> {
        match self {
            Self::Compared { report, .. } => report.as_deref(),
            Self::NotCompared { .. } => None,
        }
    }

    /// What was compared with.
    pub(crate) fn with(&self) -> Option<&str> {
        match self {
            Self::Compared { with, .. } => Some(with),
            Self::NotCompared { .. } => None,
        }
    }
}

/// Compares the document that was made with an earlier one.
pub(crate) fn compare(
    workspace: &Workspace,
    before: &Result<Baseline, String>,
    document: &[u8],
) -> Result<Drift, Failure> {
    let before = match before {
        Ok(before) => before,
        Err(why) => return Ok(Drift::NotCompared { why: why.clone() }),
    };
    let (with, committed, same) = (before.name.clone(), before.committed, before.bytes == document);
    let compared = |report| Drift::Compared { with, committed, same, report, no_migration: None };
    if same {
        return Ok(compared(None));
    }
    let policy = policy(None, Some(workspace.root()))?;
    let side = |bytes: &[u8], what: &str| {
        Side::read(bytes, None).map_err(|refusal| format!("{what} cannot be read for comparing: {refusal}"))
    };
    let sides = side(&before.bytes, &before.name).and_then(|old| Ok((old, side(document, "the new document")?)));
    let (mut old, mut new) = match sides {
        Ok(sides) => sides,
        Err(why) => return Ok(Drift::NotCompared { why }),
    };
    policy.strip(&mut old, &mut new);
    let mut report = compared_documents(&old, &new, &policy)?;
    policy.apply(&mut report);
    let found = !report.findings.is_empty() || !report.accepted.is_empty();
    Ok(compared(found.then(|| Box::new(report))))
}

/// Compares two documents; a comparison that was given up is a failure, since its findings are not all.
pub(crate) fn compared_documents(old: &Side, new: &Side, policy: &Policy) -> Result<Report, Failure> {
    let report = diff::diff_with_grace(old, new, &source::today(), policy.grace());
    match &report.given_up {
        None => Ok(report),
        Some(refusal) => {
            Err(Failure::new(refusal.name(), format!("cannot compare the documents: {refusal}"), refusal.hint()))
        }
    }
}

/// The page for whoever has to change a program, where something breaks. The old client is generated once more for it.
///
/// # Errors
/// Why it cannot be made.
fn migration(report: &Report, before: &Document, synced: &Outcome) -> Result<Option<String>, String> {
    if report.consumer_verdict < Verdict::Breaking && report.rust_verdict < RustVerdict::Major {
        return Ok(None);
    }
    let old =
        codegen::generate(before).map_err(|error| format!("no client can be made of the old document: {error}"))?;
    let after = Document::from_canonical(synced.document.as_bytes()).map_err(|error| error.to_string())?;
    let old = Generation { document: before, model: &old.model };
    Ok(migration::page(report, old, Generation { document: &after, model: &synced.model }))
}

/// Leaves the long forms under `target/`. `changed` says whether the sync writes anything: reports of an earlier one that
/// are not true any more are removed then.
pub(crate) fn write(
    workspace: &Workspace,
    drift: &mut Drift,
    before: &Result<Baseline, String>,
    synced: &Outcome,
    changed: bool,
) -> Result<(), Failure> {
    let texts = match drift {
        Drift::Compared { with, report: Some(report), no_migration, .. } => {
            let page = before.as_ref().map_or(Ok(None), |before| migration(report, &before.document, synced));
            let page = page.unwrap_or_else(|why| {
                *no_migration = Some(why);
                None
            });
            let with_comparison = |text: String| format!("{}\n\nCompared with {}.\n", text.trim_end(), prose(with));
            [Some(with_comparison(diff::markdown(report))), Some(diff::changelog(report)), page.map(with_comparison)]
        }
        // Where nothing was committed, the reports of the first sync are all there is of it.
        Drift::Compared { committed, .. } if !(changed && *committed) => return Ok(()),
        Drift::Compared { .. } => [None, None, None],
        Drift::NotCompared { .. } if !changed => return Ok(()),
        Drift::NotCompared { why } => {
            [Some(format!("# What changed\n\nNot known: nothing was compared, since {}.\n", prose(why))), None, None]
        }
    };
    for (file, text) in [REPORT, CHANGELOG, MIGRATION].into_iter().zip(texts) {
        match text {
            Some(text) => {
                let text = redact(&text).into_owned();
                if workspace.read(file)?.as_deref() != Some(text.as_bytes()) {
                    files::write(workspace, file, text.as_bytes())?;
                }
            }
            // One of an earlier sync would be taken for this one's.
            None => drop(std::fs::remove_file(workspace.inside(file)?)),
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
