//! Writing so that a kill at any moment leaves each file whole: a temporary file beside it, fsync, rename.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::outcome::Failure;
use crate::workspace::{LINK, LINK_TARGET, Workspace};

/// A debug build aborts at this step of writing, for the test that kills it everywhere.
const ABORT_VARIABLE: &str = "SWPANEL_XTASK_ABORT_AT_STEP";

static STEP: AtomicU32 = AtomicU32::new(0);

/// Every moment at which the state on disk is another than before.
fn step() {
    let step = STEP.fetch_add(1, Ordering::Relaxed) + 1;
    if cfg!(debug_assertions) && std::env::var(ABORT_VARIABLE).is_ok_and(|at| at == step.to_string()) {
        std::process::abort();
    }
}

/// Replaces the content of a file of the workspace.
pub(crate) fn write(workspace: &Workspace, file: &str, content: &[u8]) -> Result<(), Failure> {
    let target = workspace.path(file);
    replace(&target, content).map_err(|error| {
        let hint = "free some space or mend the rights, then run the command again: it takes up where this stopped";
        Failure::new("unwritable", format!("`{file}` cannot be written: {error}"), hint)
    })
}

fn replace(target: &Path, content: &[u8]) -> std::io::Result<()> {
    let temporary = temporary(target, &std::process::id().to_string());
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    step();
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        step();
        file.sync_all()
    });
    step();
    let renamed = written.and_then(|()| fs::rename(&temporary, target));
    if renamed.is_err() {
        // The target is as it was; what could not be finished is not left behind.
        let _ = fs::remove_file(&temporary);
    }
    renamed?;
    step();
    #[cfg(unix)]
    if let Some(folder) = target.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn temporary(target: &Path, owner: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{owner}.tmp"))
}

/// Whether the client's link leads to this document: as a link, or as the text that Git leaves in its place.
pub(crate) fn is_link_whole(workspace: &Workspace, document: &[u8]) -> Result<bool, Failure> {
    let path = workspace.path(LINK);
    if fs::symlink_metadata(&path).is_ok_and(|found| found.file_type().is_symlink()) {
        return Ok(fs::read_link(&path).is_ok_and(|target| target == Path::new(LINK_TARGET)));
    }
    let content = workspace.read(LINK)?;
    // A copy that happens to be current would be left behind by the next document.
    Ok(content.is_some_and(|content| content != document && content.trim_ascii_end() == LINK_TARGET.as_bytes()))
}

/// Puts the link back.
pub(crate) fn mend_link(workspace: &Workspace) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        let path = workspace.path(LINK);
        let beside = temporary(&path, &std::process::id().to_string());
        let linked = std::os::unix::fs::symlink(LINK_TARGET, &beside).and_then(|()| fs::rename(&beside, &path));
        linked.map_err(|error| {
            let _ = fs::remove_file(&beside);
            Failure::new("unwritable", format!("`{LINK}` cannot be made: {error}"), "mend the rights of its folder")
        })
    }
    #[cfg(not(unix))]
    write(workspace, LINK, LINK_TARGET.as_bytes())
}

/// Temporary files that an interrupted run left beside a file.
pub(crate) fn leftovers(workspace: &Workspace, file: &str) -> Vec<PathBuf> {
    let target = workspace.path(file);
    let start = format!(".{}.", target.file_name().unwrap_or_default().to_string_lossy());
    let folder = target.parent().map(fs::read_dir);
    let entries = folder.into_iter().flatten().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let owner = name.strip_prefix(&start).and_then(|rest| rest.strip_suffix(".tmp"));
            owner.is_some_and(|owner| !owner.is_empty() && owner.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .collect();
    found.sort();
    found
}

/// Removes what an interrupted run left beside a file.
pub(crate) fn sweep(workspace: &Workspace, file: &str) {
    for path in leftovers(workspace, file) {
        // One that cannot be removed is named by `check`.
        let _ = fs::remove_file(path);
    }
}
