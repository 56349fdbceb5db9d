//! The locks whose pinned names a sync keeps: the one on disk, and within a merge those of both sides and of the commit
//! that they started from, whatever became of the files in the working tree.

use swpanel_build_tools::conflict;
use swpanel_build_tools::document::Document;
use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::lock::Lock;
use swpanel_build_tools::sync::Pinned;

use crate::conflicts::{self, DERIVED};
use crate::git::{Operation, Repository};
use crate::outcome::Failure;
use crate::workspace::{DOCUMENT, LOCK, UPSTREAM, Workspace};

/// A lock and the document that it belongs to.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) lock: Lock,
    pub(crate) document: Option<Document>,
}

impl Side {
    /// As the stages of a sync take it.
    pub(crate) fn pinned(&self) -> Pinned<'_> {
        Pinned { lock: &self.lock, document: self.document.as_ref() }
    }
}

/// What there is of locks.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    /// The lock that comes first, and its document.
    pub(crate) lock: Option<Lock>,
    pub(crate) document: Option<Document>,
    /// The other sides of a merge.
    pub(crate) also: Vec<Side>,
    /// What the sides of a merge started from.
    pub(crate) base: Option<Side>,
    /// The derived files that are in conflict.
    pub(crate) conflicts: Vec<String>,
    /// Whether the names of both sides of the merge could be read.
    pub(crate) both: bool,
}

/// One of the three versions of a merge: its number in the index, and the revision that has it.
struct Version<'a> {
    stage: u8,
    revision: Option<&'a str>,
    of_text: fn(conflict::Sides) -> Option<String>,
}

/// Reads the lock of the workspace, and within a merge those of both sides.
pub(crate) fn read(workspace: &Workspace, repository: Option<&Repository>) -> Result<Sides, Failure> {
    let operation = repository.and_then(Repository::operation);
    let unmerged = repository.map(|repository| repository.unmerged(&DERIVED)).unwrap_or_default();
    let marked = conflicts::derived(workspace)?;
    let mut conflicts: Vec<String> = marked.into_iter().map(|conflict| conflict.file).collect();
    conflicts.extend(unmerged.into_iter().map(str::to_owned));
    conflicts.sort();
    conflicts.dedup();
    let on_disk = workspace.read(DOCUMENT)?.and_then(|bytes| document(&bytes));
    if conflicts.is_empty() && operation.is_none() {
        return Ok(Sides { lock: workspace.lock()?, document: on_disk, ..Sides::default() });
    }
    let version = |version: Version<'_>| version.read(workspace, repository);
    let Operation { theirs, base, .. } = operation.unwrap_or(Operation { theirs: String::new(), base: None });
    let theirs = Some(theirs.as_str()).filter(|theirs| !theirs.is_empty());
    let ours = version(Version { stage: 2, revision: Some("HEAD"), of_text: |sides| Some(sides.ours) })?;
    let theirs = version(Version { stage: 3, revision: theirs, of_text: |sides| Some(sides.theirs) })?;
    let base = version(Version { stage: 1, revision: base.as_deref(), of_text: |_| None })?;
    let both = ours.is_some() && theirs.is_some();
    let found = Sides { conflicts, both, ..Sides::default() };
    // A lock that is whole was merged cleanly, or by a person: the sides have only what it has not.
    if let Some(lock) = workspace.read(LOCK)?.and_then(|bytes| lock(&bytes)) {
        let document = on_disk.or_else(|| ours.as_ref().and_then(|side| side.document.clone()));
        let also = ours.into_iter().chain(theirs).collect();
        return Ok(Sides { lock: Some(lock), document, also, ..found });
    }
    let mut read = ours.into_iter().chain(theirs);
    let Some(first) = read.next() else {
        if let Some(line) = workspace.read(LOCK)?.and_then(|bytes| conflict::first_marker(&bytes)) {
            let message = format!("`{LOCK}` has git conflict markers (line {line}), and neither side can be read");
            let hint = format!("{}, or delete it to pin all names again", workspace.restore(LOCK));
            return Err(Failure::new("lock-unreadable", message, hint));
        }
        // Says what is wrong with it, or that there is none.
        return Ok(Sides { lock: workspace.lock()?, document: on_disk, ..found });
    };
    // The one that hashes the source as it is now knows where that came from.
    let raw = workspace.read(UPSTREAM)?.map(|bytes| sha256(&bytes));
    let is_of_source = |side: &Side| Some(&side.lock.sha256.raw) == raw.as_ref();
    let (first, second) = match read.next() {
        Some(second) if is_of_source(&second) && !is_of_source(&first) => (second, Some(first)),
        second => (first, second),
    };
    Ok(Sides { lock: Some(first.lock), document: first.document, also: second.into_iter().collect(), base, ..found })
}

impl Version<'_> {
    /// Lock and document of this version: from the index while it has the conflict, else from the text with markers, else
    /// from the revision.
    fn read(&self, workspace: &Workspace, repository: Option<&Repository>) -> Result<Option<Side>, Failure> {
        let candidates = |file: &str| -> Result<Vec<Vec<u8>>, Failure> {
            let staged = repository.and_then(|repository| repository.stage(self.stage, file));
            let text = workspace.text(file)?;
            let marked = conflict::sides(&text).and_then(self.of_text).map(String::into_bytes);
            let revision = repository.zip(self.revision);
            let committed = revision.and_then(|(repository, revision)| repository.file(revision, file));
            // One that merged cleanly holds what each side has.
            let whole = (self.stage > 1).then(|| text.into_bytes());
            Ok([staged, marked, committed, whole].into_iter().flatten().collect())
        };
        let Some(lock) = candidates(LOCK)?.iter().find_map(|bytes| lock(bytes)) else { return Ok(None) };
        let document = candidates(DOCUMENT)?.iter().find_map(|bytes| document(bytes));
        Ok(Some(Side { lock, document }))
    }
}

fn lock(bytes: &[u8]) -> Option<Lock> {
    std::str::from_utf8(bytes).ok().and_then(|text| Lock::parse(text).ok())
}

fn document(bytes: &[u8]) -> Option<Document> {
    Document::from_canonical(bytes).ok()
}
