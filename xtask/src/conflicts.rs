//! Git conflict markers in the files of the workspace: which files have them, and what a person does about them. Files that
//! `sync` writes are made again by it; in the others a person decides.

use swpanel_build_tools::conflict;

use crate::git::{self, Repository};
use crate::outcome::Failure;
use crate::regular;
use crate::workspace::{DOCUMENT, KNOWLEDGE, LISTING, LOCK, ORIGIN, OVERLAYS, PARTS, POLICY, UPSTREAM, Workspace};

/// The files that `sync` makes again.
pub(crate) const DERIVED: [&str; 3] = [DOCUMENT, LISTING, LOCK];

/// A file with conflict markers.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    pub(crate) file: String,
    /// The line of the first marker, from 1.
    pub(crate) line: usize,
}

impl Conflict {
    /// What is wrong with the file.
    pub(crate) fn problem(&self) -> String {
        format!("has git conflict markers (line {})", self.line)
    }
}

/// The derived files that have conflict markers.
pub(crate) fn derived(workspace: &Workspace) -> Result<Vec<Conflict>, Failure> {
    among(workspace, DERIVED.map(str::to_owned).to_vec())
}

/// The files that a person writes, or the vendor published, that have conflict markers. Where another document is taken,
/// those in `upstream/` do not matter: they are replaced.
pub(crate) fn sources(workspace: &Workspace, replaced: bool) -> Result<Vec<Conflict>, Failure> {
    let mut files = vec![KNOWLEDGE.to_owned(), POLICY.to_owned()];
    if !replaced {
        files.extend([UPSTREAM.to_owned(), ORIGIN.to_owned()]);
        files.extend(below(workspace, PARTS));
    }
    files.extend(workspace.overlays()?.into_iter().map(|(name, _)| format!("{OVERLAYS}/{name}")));
    files.sort();
    among(workspace, files)
}

fn among(workspace: &Workspace, files: Vec<String>) -> Result<Vec<Conflict>, Failure> {
    let mut found = Vec::new();
    for file in files {
        let line = workspace.read(&file)?.and_then(|bytes| conflict::first_marker(&bytes));
        found.extend(line.map(|line| Conflict { file, line }));
    }
    Ok(found)
}

/// The regular files of a folder and of those in it, by their paths in the workspace.
fn below(workspace: &Workspace, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![workspace.path(folder)];
    while let Some(folder) = open.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else if regular::read(&path).is_ok()
                && let Ok(name) = path.strip_prefix(workspace.root())
            {
                found.push(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}

/// Fails where any file that commands read has conflict markers. `sync` and `check` have ways of their own.
pub(crate) fn refuse(workspace: &Workspace) -> Result<(), Failure> {
    refuse_sources(workspace, false)?;
    let found = derived(workspace)?;
    let hint = format!(
        "run `{}`: it makes {DOCUMENT}, {LISTING} and {LOCK} again from upstream/ and overlays/, and keeps the pinned names \
         of both sides",
        workspace.command("sync")
    );
    failure(&found, hint).map_or(Ok(()), Err)
}

/// Fails where a file has conflict markers that only a person can resolve.
pub(crate) fn refuse_sources(workspace: &Workspace, replaced: bool) -> Result<(), Failure> {
    let found = sources(workspace, replaced)?;
    let hint = format!(
        "keep one side of each conflict in these files, or take a file as one side has it; then run `{}`",
        workspace.command("sync")
    );
    let Some(mut failure) = failure(&found, hint) else { return Ok(()) };
    for Conflict { file, .. } in &found {
        for way in whole_sides(workspace, file) {
            failure = failure.detail(way);
        }
    }
    if found.iter().any(|conflict| conflict.file == ORIGIN) {
        failure = failure.detail(format!("{ORIGIN} describes {UPSTREAM}: take both from the same side"));
    }
    Err(failure)
}

fn failure(found: &[Conflict], hint: String) -> Option<Failure> {
    let (first, others) = found.split_first()?;
    let line = |conflict: &Conflict| format!("`{}` {}", conflict.file, conflict.problem());
    let failure = Failure::new("unmerged", line(first), hint);
    Some(others.iter().fold(failure, |failure, conflict| failure.detail(line(conflict))))
}

/// The commands that take a file as one side has it.
fn whole_sides(workspace: &Workspace, file: &str) -> Vec<String> {
    let Ok(repository) = Repository::of(workspace) else { return Vec::new() };
    let theirs = repository.operation().map(|operation| operation.theirs);
    let revisions = ["HEAD".to_owned()].into_iter().chain(theirs);
    revisions
        .filter(|revision| repository.file(revision, file).is_some())
        .map(|revision| {
            format!("as {revision} has it: `{}`", git::command(workspace, &format!("checkout {revision}"), &[file]))
        })
        .collect()
}
