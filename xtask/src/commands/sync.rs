//! `cargo xtask sync`: source to document, listing and lock; the same code writes or checks.

use std::path::Path;

use swpanel_build_tools::address::redact;
use swpanel_build_tools::codegen::CodegenError;
use swpanel_build_tools::conflict;
use swpanel_build_tools::document::{Document, Overlay};
use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::sync::{Input, Outcome as Synced, Pinned, SyncError, sync};

use crate::arguments::{FetchFlags, SyncFlags};
use crate::git::Repository;
use crate::outcome::Failure;
use crate::report::Merge;
use crate::sides::{Side, Sides};
use crate::workspace::{DOCUMENT, LINK, LISTING, LOCK, ORIGIN, PARTS, UPSTREAM, WRITTEN, Workspace};
use crate::{Run, baseline, beside, conflicts, documentation, drift, files, locked, report, sides, source};

/// Said when nothing was written.
const KEPT: &str = "the stored document was left as it was";

pub(crate) fn run(flags: &SyncFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    if let Some(address) = flags.from.as_deref().filter(|from| flags.offline && from.contains("://")) {
        let message = format!("{address} is on the network, and --offline was given");
        return Err(Failure::usage(message, "save the document and pass the file, or leave --offline out"));
    }
    conflicts::refuse_sources(&workspace, flags.from.is_some()).map_err(|failure| failure.detail(KEPT))?;
    let repository = Repository::of(&workspace);
    let sides = if flags.locked {
        // A lock that has to be put together first seals nothing.
        Sides { lock: workspace.lock()?, document: stored(&workspace)?, ..Sides::default() }
    } else {
        sides::read(&workspace, repository.as_ref().ok())?
    };
    let lock = sides.lock.as_ref();
    if flags.locked {
        let missing = || Failure::new("lock-missing", format!("`{LOCK}` is not there"), "run `cargo xtask sync`");
        let broken = locked::inputs(&workspace, lock.ok_or_else(missing)?)?;
        locked::refuse(broken.into_iter().map(|(file, problem)| format!("`{file}` {problem}")).collect())?;
    }
    let fetch = if flags.offline { FetchFlags::default() } else { flags.fetch.clone() };
    let (knowledge, knowledge_bytes) = workspace.knowledge()?;
    let before = baseline::find(&workspace, &repository)?;
    let made = sides.document.as_ref().or(before.as_ref().ok().map(|before| &before.document));
    let source = source::read(&workspace, flags.from.as_deref(), &fetch, lock, made, &knowledge);
    let source = source.map_err(|failure| failure.detail(KEPT))?;
    let files = workspace.overlays()?;
    let overlays: Vec<Overlay<'_>> = files.iter().map(|(name, bytes)| Overlay { name, bytes }).collect();
    let also: Vec<Pinned<'_>> = sides.also.iter().map(Side::pinned).collect();
    let input = Input {
        raw: &source.bytes,
        source: Some(&source.origin),
        knowledge: Some(&knowledge),
        parts: Some(&source.parts),
        overlays: &overlays,
        document: sides.document.as_ref(),
        lock,
        also: &also,
        base: sides.base.as_ref().map(Side::pinned),
        compared: before.as_ref().ok().map(|before| &before.document),
        listing: before.as_ref().map_or("", |before| before.listing.as_str()),
        // What lies in `upstream/` was taken already; after a kill, a plain sync must be able to heal.
        accept_shrink: flags.accept_shrink || !source.foreign,
    };
    let mut synced = sync(&input).map_err(|error| refusal(error, &source.origin.address).detail(KEPT))?;
    synced.lock.knowledge = Some(sha256(&knowledge_bytes));
    if let Some(lock) = lock.filter(|_| flags.locked) {
        locked::refuse(locked::made(lock, &synced.lock))?;
    }
    let lock_text = synced.lock.to_text();
    // The lock comes last: until it is renamed, `check` names the mixture.
    let mut planned: Vec<(&str, &[u8])> = vec![
        (DOCUMENT, synced.document.as_bytes()),
        (LISTING, synced.listing.as_bytes()),
        (LOCK, lock_text.as_bytes()),
    ];
    let origin = source.origin_file();
    // Bytes that are there already keep what is recorded of them.
    let known = lock.is_some_and(|lock| lock.sha256.raw == synced.lock.sha256.raw)
        && workspace.read(UPSTREAM)?.as_deref() == Some(source.bytes.as_slice())
        && workspace.read(ORIGIN)?.is_none_or(|origin| conflict::first_marker(&origin).is_none());
    let beside: Vec<(String, &[u8])> = source.parts.files.iter().filter_map(beside::kept).collect();
    if source.foreign {
        if !known {
            planned.insert(0, (UPSTREAM, &source.bytes));
            planned.insert(0, (ORIGIN, origin.as_bytes()));
        }
        beside.iter().for_each(|(file, bytes)| planned.insert(0, (file, *bytes)));
    }
    let mut changed = Vec::new();
    for (file, content) in &planned {
        if workspace.read(file)?.as_deref() != Some(*content) {
            changed.push((*file, *content));
        }
    }
    let leftovers: usize = WRITTEN.iter().map(|file| files::leftovers(&workspace, file).len()).sum();
    let broken_link = !files::is_link_whole(&workspace, synced.document.as_bytes())?;
    let mut drift = drift::compare(&workspace, &before, synced.document.as_bytes())?;
    if !flags.check {
        // Before anything is written: no link may lead out.
        for file in changed.iter().map(|(file, _)| *file).chain([LINK, drift::REPORT, documentation::REVIEW]) {
            workspace.inside(file)?;
        }
        workspace.inside_folder(PARTS)?;
        // First, so that a kill cannot leave the new files without their report.
        // What the lock has already is made again byte for byte, and no news.
        drift::write(&workspace, &mut drift, &before, &synced, !changed.is_empty() && !flags.locked)?;
        WRITTEN.iter().for_each(|file| files::sweep(&workspace, file));
        if broken_link {
            files::mend_link(&workspace)?;
        }
        for (file, content) in &changed {
            files::write(&workspace, file, content)?;
        }
        beside::tidy(&workspace, &beside)?;
        if let Some(conversion) = &source.conversion {
            files::write(&workspace, documentation::REVIEW, redact(&conversion.review).as_bytes())?;
        }
    }
    let mut names: Vec<&str> = changed.iter().map(|(file, _)| *file).collect();
    names.extend(broken_link.then_some(LINK));
    let again = report::command("sync", flags.from.as_deref(), &flags.repeated(), root);
    let merge = Merge::of(&workspace, repository.as_ref().ok(), &sides);
    let seen = report::Seen { synced: &synced, drift: &drift, merge: &merge, bytes: source.bytes.len() };
    let mut outcome = report::sync(&seen, &names, leftovers, flags, &again);
    if let Some(conversion) = &source.conversion {
        outcome.text.insert_str(0, &conversion.summary);
        if !flags.check {
            let review = documentation::REVIEW;
            let text = format!("review        {review}: what was guessed, and what the source does not say\n");
            outcome.text.push_str(&text);
        }
        if let Some(object) = outcome.json.as_object_mut() {
            object.insert("import".to_owned(), conversion.json.clone());
        }
    }
    Ok(outcome)
}

/// The document that is there, where it can be read.
fn stored(workspace: &Workspace) -> Result<Option<Document>, Failure> {
    Ok(workspace.read(DOCUMENT)?.and_then(|bytes| Document::from_canonical(&bytes).ok()))
}

/// Nothing has been written when one of these is shown.
pub(super) fn refusal(error: SyncError, address: &str) -> Failure {
    match error {
        SyncError::Refused(refusal) => {
            Failure::new(refusal.name(), format!("refused {address}: {refusal}"), refusal.hint())
        }
        SyncError::Overlay(error) => {
            let hint = match error.action {
                Some(_) => {
                    "correct that action, or give it `x-expect: maybe` where it may match nothing; see docs/writing-an-overlay.md"
                }
                None => "correct that file; docs/writing-an-overlay.md says what an overlay is",
            };
            Failure::new("overlay", format!("overlays/{error}"), hint)
        }
        SyncError::Lint(findings) => {
            let message = format!("refused {address}: the document has {} errors", findings.len());
            let hint = "mend the places named, or report them to whoever publishes the document";
            let mut failure = Failure::new("lint", message, hint);
            for placed in findings.iter().take(20) {
                failure = failure.detail(report::finding(placed));
            }
            if findings.len() > 20 {
                failure = failure.detail(format!("and {} more", findings.len() - 20));
            }
            failure
        }
        SyncError::Codegen(error @ CodegenError::OverBudget { .. }) => {
            let hint = "name the objects that are combined inline at that place as schemas of their own, or report the document";
            Failure::new("over-budget", format!("refused {address}: {error}"), hint)
        }
        SyncError::Codegen(error) => {
            let hint = "the construct named is one the generator cannot express; report it with the document";
            Failure::new("codegen", format!("refused {address}: {error}"), hint)
        }
        other => Failure::new("failed", format!("refused {address}: {other}"), "report this"),
    }
}

/// What of an outcome the report needs is all of it; the alias keeps signatures short.
pub(crate) type SyncResult = Synced;
