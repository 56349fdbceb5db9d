//! `cargo xtask sync`: source to document, listing and lock; the same code writes or checks.

use std::path::Path;

use swpanel_build_tools::document::Document;
use swpanel_build_tools::sync::{Input, Outcome as Synced, SyncError, sync};

use crate::arguments::SyncFlags;
use crate::outcome::Failure;
use crate::workspace::{DOCUMENT, LINK, LISTING, LOCK, ORIGIN, UPSTREAM, WRITTEN, Workspace};
use crate::{Run, files, report, source};

pub(crate) fn run(flags: &SyncFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let lock = workspace.lock()?;
    let source = source::read(&workspace, flags.from.as_deref(), &flags.fetch)?;
    let document = workspace.read(DOCUMENT)?.and_then(|bytes| Document::from_canonical(&bytes).ok());
    let listing = workspace.text(LISTING)?;
    let input = Input {
        raw: &source.bytes,
        address: &source.address,
        date: source.date.as_deref(),
        document: document.as_ref(),
        lock: lock.as_ref(),
        listing: &listing,
        // What lies in `upstream/` was taken already; after a kill, a plain sync must be able to heal.
        accept_shrink: flags.accept_shrink || !source.foreign,
    };
    let synced = sync(&input).map_err(|error| refusal(error, &source.address))?;
    let lock_text = synced.lock.to_text();
    // The lock comes last: until it is renamed, `check` names the mixture.
    let mut planned: Vec<(&str, &[u8])> = vec![
        (DOCUMENT, synced.document.as_bytes()),
        (LISTING, synced.listing.as_bytes()),
        (LOCK, lock_text.as_bytes()),
    ];
    let origin = source.origin();
    let known = lock.as_ref().is_some_and(|lock| lock.sha256.raw == synced.lock.sha256.raw);
    if source.foreign && !known {
        planned.insert(0, (UPSTREAM, &source.bytes));
        planned.insert(0, (ORIGIN, origin.as_bytes()));
    }
    let mut changed = Vec::new();
    for (file, content) in &planned {
        if workspace.read(file)?.as_deref() != Some(*content) {
            changed.push((*file, *content));
        }
    }
    let leftovers: usize = WRITTEN.iter().map(|file| files::leftovers(&workspace, file).len()).sum();
    let broken_link = !files::is_link_whole(&workspace, synced.document.as_bytes())?;
    if !flags.check {
        WRITTEN.iter().for_each(|file| files::sweep(&workspace, file));
        if broken_link {
            files::mend_link(&workspace)?;
        }
        for (file, content) in &changed {
            files::write(&workspace, file, content)?;
        }
    }
    let mut names: Vec<&str> = changed.iter().map(|(file, _)| *file).collect();
    names.extend(broken_link.then_some(LINK));
    let again = report::command("sync", flags.from.as_deref(), &flags.repeated(), root);
    Ok(report::sync(&synced, source.bytes.len(), &names, leftovers, flags, &again))
}

/// Nothing has been written when one of these is shown.
pub(super) fn refusal(error: SyncError, address: &str) -> Failure {
    let kept = "the stored document was left as it was";
    match error {
        SyncError::Refused(refusal) => {
            Failure::new(refusal.name(), format!("refused {address}: {refusal}"), refusal.hint()).detail(kept)
        }
        SyncError::Lint(findings) => {
            let message = format!("refused {address}: the document has {} errors", findings.len());
            let hint = "mend the places named, or report them to whoever publishes the document";
            let mut failure = Failure::new("lint", message, hint).detail(kept);
            for placed in findings.iter().take(20) {
                failure = failure.detail(report::finding(placed));
            }
            if findings.len() > 20 {
                failure = failure.detail(format!("and {} more", findings.len() - 20));
            }
            failure
        }
        SyncError::Codegen(error) => {
            let hint = "the construct named is one the generator cannot express; report it with the document";
            Failure::new("codegen", format!("refused {address}: {error}"), hint).detail(kept)
        }
        other => Failure::new("failed", format!("refused {address}: {other}"), "report this").detail(kept),
    }
}

/// What of an outcome the report needs is all of it; the alias keeps signatures short.
pub(crate) type SyncResult = Synced;
