//! A copy of the whole workspace, as a checkout of its own.
//!
//! A file that is the same stays untouched, so that cargo builds again only what another document changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::outcome::Failure;
use crate::workspace::Workspace;

/// Names that belong to no copy, at the top of the workspace.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

fn failed(what: &Path, error: &std::io::Error) -> Failure {
    let message = format!("`{}` cannot be copied: {error}", what.display());
    Failure::new("unwritable", message, "check that the folder `target` can be written")
}

/// The workspace's present files in `FOLDER/workspace`, committed as one state.
pub(super) fn made(workspace: &Workspace, folder: &str) -> Result<PathBuf, Failure> {
    let copy = workspace.inside_folder(folder)?.join("workspace");
    let files = files(workspace.root())?;
    for file in &files {
        let (from, to) = (workspace.path(file), copy.join(file));
        place(&from, &to).map_err(|error| failed(&from, &error))?;
    }
    // What a run before this one left.
    let mut found = Vec::new();
    walk(&copy, Path::new(""), &mut found).map_err(|error| failed(&copy, &error))?;
    for extra in found.iter().filter(|file| !files.contains(*file)) {
        let extra = copy.join(extra);
        std::fs::remove_file(&extra).map_err(|error| failed(&extra, &error))?;
    }
    let _ = std::fs::remove_dir_all(copy.join(".git"));
    for arguments in
        [&["init", "--quiet", "--initial-branch", "main"][..], &["add", "--all"], &["commit", "--quiet", "-m", "state"]]
    {
        git(&copy, arguments)?;
    }
    Ok(copy)
}

/// The files of the workspace: those under version control and new ones where it is a checkout, else all.
fn files(root: &Path) -> Result<BTreeSet<String>, Failure> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .stderr(Stdio::null())
        .output();
    if let Ok(listed) = listed
        && listed.status.success()
        && root.join(".git").exists()
    {
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        let is_there = |name: &&str| !name.is_empty() && root.join(name).symlink_metadata().is_ok();
        return Ok(names.split('\0').filter(is_there).map(str::to_owned).collect());
    }
    let mut found = Vec::new();
    walk(root, Path::new(""), &mut found).map_err(|error| failed(root, &error))?;
    Ok(found.into_iter().collect())
}

fn walk(root: &Path, below: &Path, found: &mut Vec<String>) -> std::io::Result<()> {
    let mut open = vec![below.to_owned()];
    while let Some(folder) = open.pop() {
        let is_top = folder.as_os_str().is_empty();
        for entry in std::fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name();
            if is_top && LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let path = folder.join(&name);
            match entry.file_type()?.is_dir() {
                true => open.push(path),
                false => found.push(path.to_string_lossy().replace('\\', "/")),
            }
        }
    }
    Ok(())
}

/// Copies a file, or a link as a link, unless the copy is the same already.
fn place(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    #[cfg(unix)]
    if from.symlink_metadata()?.file_type().is_symlink() {
        let target = std::fs::read_link(from)?;
        if std::fs::read_link(to).is_ok_and(|there| there == target) {
            return Ok(());
        }
        let _ = std::fs::remove_file(to);
        return std::os::unix::fs::symlink(target, to);
    }
    if to.is_file() && std::fs::read(from)? == std::fs::read(to)? {
        return Ok(());
    }
    std::fs::copy(from, to).map(|_| ())
}

/// Tests that need a checkout ask git. Nobody's own settings matter.
fn git(folder: &Path, arguments: &[&str]) -> Result<(), Failure> {
    let status = Command::new("git")
        .args(["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@example.es", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => {
            let message = format!("`git {}` failed in `{}`", arguments.join(" "), folder.display());
            Err(Failure::new("no-git", message, "install git; the tests need a checkout"))
        }
    }
}
