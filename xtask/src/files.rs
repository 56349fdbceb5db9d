//! Writing so that a kill at any moment leaves each file whole: a temporary file beside it, fsync, rename.
//!
//! Temporary files have random names and are made anew. A link in the place of a file is replaced and never followed.

use std::fs::{self, File};
use std::io::{Error, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::Builder;

use crate::outcome::Failure;
use crate::workspace::{LINK, LINK_TARGET, Workspace};

/// A debug build aborts at this step of writing, for the test that kills it everywhere.
const ABORT_VARIABLE: &str = "SWPANEL_XTASK_ABORT_AT_STEP";

/// Random letters and digits in the name of a temporary file.
const RANDOM: usize = 12;

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
    let target = workspace.inside(file)?;
    replace(&target, content).map_err(|error| {
        let hint = "free some space or mend the rights, then run the command again: it takes up where this stopped";
        Failure::new("unwritable", format!("`{file}` cannot be written: {error}"), hint)
    })
}

/// Replaces the content of a file that a person named, in a folder that is made where it is missing.
pub(crate) fn write_to(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace(path, content).map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Failure::new("unwritable", message, "check folder and rights")
    })
}

fn replace(target: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = folder(target);
    fs::create_dir_all(folder)?;
    // A device, a pipe or a folder is not replaced by a file, and neither is a link to one.
    if fs::metadata(target).is_ok_and(|found| !found.is_file()) {
        return Err(Error::other("it is not a regular file"));
    }
    step();
    // What could not be finished is removed when it is dropped, and the target is as it was.
    let start = start(target);
    let mut temporary = temporary(&start).tempfile_in(folder)?;
    temporary.write_all(content)?;
    step();
    temporary.as_file().sync_all()?;
    step();
    temporary.persist(target).map_err(|failed| failed.error)?;
    step();
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name that nobody can foresee, so that nobody can put a link there beforehand; made anew or not at all.
fn temporary(start: &str) -> Builder<'_, 'static> {
    let mut builder = Builder::new();
    builder.prefix(start).suffix(".tmp").rand_bytes(RANDOM);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

/// What the names of temporary files beside a file begin with.
fn start(target: &Path) -> String {
    format!(".{}.", target.file_name().unwrap_or_default().to_string_lossy())
}

/// Removes a folder of the workspace and all that is in it; links in it are removed, what they lead to is not.
pub(crate) fn remove_folder(workspace: &Workspace, folder: &str) -> Result<(), Failure> {
    let path = workspace.inside(folder)?;
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let message = format!("`{folder}` cannot be removed: {error}");
            Err(Failure::new("unwritable", message, "remove it by hand, then run the command again"))
        }
        _ => Ok(()),
    }
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
        let path = workspace.inside(LINK)?;
        let make = |beside: &Path| std::os::unix::fs::symlink(LINK_TARGET, beside);
        let start = start(&path);
        let linked = temporary(&start).make_in(folder(&path), make);
        let linked = linked.and_then(|made| made.into_temp_path().persist(&path).map_err(|failed| failed.error));
        linked.map_err(|error| {
            Failure::new("unwritable", format!("`{LINK}` cannot be made: {error}"), "mend the rights of its folder")
        })
    }
    #[cfg(not(unix))]
    write(workspace, LINK, LINK_TARGET.as_bytes())
}

/// Temporary files that an interrupted run left beside a file.
pub(crate) fn leftovers(workspace: &Workspace, file: &str) -> Vec<PathBuf> {
    let target = workspace.path(file);
    let start = start(&target);
    let folder = target.parent().map(fs::read_dir);
    let entries = folder.into_iter().flatten().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let random = name.strip_prefix(&start).and_then(|rest| rest.strip_suffix(".tmp"));
            random.is_some_and(|random| !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
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
