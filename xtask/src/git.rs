//! What git knows of the workspace: files of a commit or of the index, and whether a merge is under way. Only reads; no
//! program but git runs, and git asks no server.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::report::quoted;
use crate::workspace::Workspace;

/// The repository that the workspace is checked out from.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    folder: PathBuf,
}

/// What git is in the middle of (a merge, a rebase, a cherry-pick or a revert), by the revisions that it joins.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// The revision whose changes come in.
    pub(crate) theirs: String,
    /// The revision that both sides started from.
    pub(crate) base: Option<String>,
}

impl Repository {
    /// The repository with at least one commit; else why there is none to compare with.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self, String> {
        let repository = Self { folder: workspace.root().to_owned() };
        match repository.git(&["rev-parse", "--is-inside-work-tree"]) {
            Err(error) => return Err(format!("git cannot be run ({error})")),
            Ok(output) if !output.status.success() => return Err(reason(&output)),
            Ok(_) => {}
        }
        if repository.has("HEAD^{commit}") {
            Ok(repository)
        } else {
            Err("the git repository has no commit".to_owned())
        }
    }

    /// The bytes of a file of the workspace as a revision has it; nothing where it has none.
    pub(crate) fn file(&self, revision: &str, file: &str) -> Option<Vec<u8>> {
        self.blob(&format!("{revision}:./{file}"))
    }

    /// The bytes of a file that is in conflict: 1 is the common base, 2 our side, 3 the other.
    pub(crate) fn stage(&self, stage: u8, file: &str) -> Option<Vec<u8>> {
        self.blob(&format!(":{stage}:./{file}"))
    }

    /// Those of some files that the index has as in conflict.
    pub(crate) fn unmerged<'a>(&self, files: &[&'a str]) -> Vec<&'a str> {
        let listed = self.git(&[&["ls-files", "--unmerged", "-z", "--"], files].concat());
        let listed = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let names: Vec<&str> =
            listed.split('\0').filter_map(|line| line.split_once('\t').map(|(_, name)| name)).collect();
        files.iter().copied().filter(|file| names.contains(file)).collect()
    }

    /// What is under way, where something is.
    pub(crate) fn operation(&self) -> Option<Operation> {
        let operation = |theirs: &str, base| Some(Operation { theirs: theirs.to_owned(), base });
        if self.has("MERGE_HEAD^{commit}") {
            return operation("MERGE_HEAD", self.merge_base("MERGE_HEAD"));
        }
        // git leaves REBASE_HEAD behind in some cases; the folder of its state is there only while it works.
        let rebases = ["rebase-merge", "rebase-apply"].iter().any(|folder| self.has_state(folder));
        if rebases && self.has("REBASE_HEAD^{commit}") {
            return operation("REBASE_HEAD", Some("REBASE_HEAD~1".to_owned()));
        }
        if self.has("CHERRY_PICK_HEAD^{commit}") {
            return operation("CHERRY_PICK_HEAD", Some("CHERRY_PICK_HEAD~1".to_owned()));
        }
        if self.has("REVERT_HEAD^{commit}") {
            return operation("REVERT_HEAD~1", Some("REVERT_HEAD".to_owned()));
        }
        None
    }

    fn has(&self, revision: &str) -> bool {
        self.git(&["rev-parse", "--verify", "--quiet", revision]).is_ok_and(|output| output.status.success())
    }

    fn has_state(&self, name: &str) -> bool {
        let output = self.git(&["rev-parse", "--git-path", name]);
        let path = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
        path.is_some_and(|path| self.folder.join(path.trim_end()).is_dir())
    }

    fn merge_base(&self, other: &str) -> Option<String> {
        let output = self.git(&["merge-base", "HEAD", other]).ok().filter(|output| output.status.success())?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.lines().next().map(str::to_owned)
    }

    fn blob(&self, object: &str) -> Option<Vec<u8>> {
        let output = self.git(&["cat-file", "blob", object]).ok()?;
        output.status.success().then_some(output.stdout)
    }

    fn git(&self, arguments: &[&str]) -> std::io::Result<Output> {
        let mut command = Command::new("git");
        command.current_dir(&self.folder).args(arguments).stdin(std::process::Stdio::null());
        // No object is fetched from a server, nobody is asked for a password, no lock file is made.
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
        // Its reasons are shown among sentences in English.
        command.env("LC_ALL", "C").output()
    }
}

/// Why git does not answer, on one line.
fn reason(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ");
    if line.starts_with("not a git repository") { "this is not a git repository".to_owned() } else { line.to_owned() }
}

/// A git command about files of the workspace, as it can be typed where the person is.
pub(crate) fn command(workspace: &Workspace, words: &str, files: &[&str]) -> String {
    let here = std::env::current_dir().ok().and_then(|folder| folder.canonicalize().ok());
    let root = workspace.root().canonicalize().ok();
    let place = match (&here, &root) {
        (Some(here), Some(root)) if here == root => String::new(),
        (Some(here), Some(root)) => format!(" -C {}", quoted(&way(here, root, workspace.root()).to_string_lossy())),
        _ => format!(" -C {}", quoted(&workspace.root().to_string_lossy())),
    };
    let files: Vec<String> = files.iter().map(|file| quoted(file)).collect();
    format!("git{place} {words} -- {}", files.join(" "))
}

/// From a folder within the workspace upwards to its root; from elsewhere the root as it was given.
fn way(here: &Path, root: &Path, given: &Path) -> PathBuf {
    match here.strip_prefix(root) {
        Ok(below) => below.components().map(|_| "..").collect(),
        Err(_) => given.to_owned(),
    }
}

/// How a file is taken back from version control: a command that works as it is written, also while git is in the middle
/// of a merge, where `git checkout FILE` does not.
pub(crate) fn restore(workspace: &Workspace, file: &str) -> Option<String> {
    let repository = Repository::of(workspace).ok()?;
    let theirs = repository.operation().map(|operation| operation.theirs);
    let revisions = ["HEAD".to_owned()].into_iter().chain(theirs);
    let revision = revisions.into_iter().find(|revision| repository.file(revision, file).is_some())?;
    Some(command(workspace, &format!("checkout {revision}"), &[file]))
}
