//! Where the workspace is and where in it each file lies. Never a path that was compiled in.

use std::path::{Path, PathBuf};

use swpanel_build_tools::conflict;
use swpanel_build_tools::knowledge::Knowledge;

use crate::outcome::Failure;
use crate::{drift, git, regular, report};

/// The source as published, or our reconstruction.
pub(crate) const UPSTREAM: &str = "upstream/openapi.yaml";
/// Where those bytes came from, for bytes that were given with `--from`.
pub(crate) const ORIGIN: &str = "upstream/origin.json";
/// The files beside the source, where it came in several.
pub(crate) const PARTS: &str = "upstream/parts";
/// Our corrections to the document.
pub(crate) const OVERLAYS: &str = "overlays";
/// The name that the client's build reads the document by: a link to it.
pub(crate) const LINK: &str = "client/swpanel-api.json";
/// What the link leads to, and what Git leaves in its place where it makes no links.
pub(crate) const LINK_TARGET: &str = "../swpanel-api.json";
/// The document that everything reads.
pub(crate) const DOCUMENT: &str = "swpanel-api.json";
/// What we know of the operations, apart from any document.
pub(crate) const KNOWLEDGE: &str = "knowledge.toml";
/// What a team wants told otherwise by `diff` and `sync`.
pub(crate) const POLICY: &str = ".swpanel-drift.toml";
/// The printed public API of the generated client.
pub(crate) const LISTING: &str = "client/public-api.txt";
/// The seal.
pub(crate) const LOCK: &str = "swpanel-api.lock";
/// Where insta keeps one file per operation.
pub(crate) const SNAPSHOTS: &str = "tests/snapshots";
/// The command line's pages of help, as its tests keep them.
pub(crate) const HELP: &str = "cli/tests/snapshots";
/// What the last probe of an API found: shapes, no values. Not under version control.
pub(crate) const PROBE: &str = "target/probe/result.json";
/// The overlay that `observe` proposes from it.
pub(crate) const OBSERVED: &str = "target/probe/observed.overlay.json";
/// Has the coverage table.
pub(crate) const README: &str = "README.md";

/// Every file that a command may write, and beside which an interrupted one may leave a temporary file.
pub(crate) const WRITTEN: [&str; 11] = [
    KNOWLEDGE,
    ORIGIN,
    UPSTREAM,
    DOCUMENT,
    LISTING,
    LINK,
    README,
    LOCK,
    drift::REPORT,
    drift::CHANGELOG,
    drift::MIGRATION,
];

/// A workspace that was found.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    /// Whether a person named it.
    given: bool,
}

impl Workspace {
    /// The given folder, or the nearest one from here upwards that looks like the workspace.
    pub(crate) fn find(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(root) = given {
            if Self::is_root(root) {
                return Ok(Self { root: root.to_owned(), given: true });
            }
            let message =
                format!("`{}` is not the workspace: `upstream` and `client` are not both in it", root.display());
            return Err(Failure::usage(message, "give the folder that holds swpanel-api.lock with --root"));
        }
        let here = std::env::current_dir().map_err(|error| {
            Failure::new("no-folder", format!("there is no current folder: {error}"), "change to one")
        })?;
        match here.ancestors().find(|folder| Self::is_root(folder)) {
            Some(root) => Ok(Self { root: root.to_owned(), given: false }),
            None => {
                let message = format!("no workspace was found from `{}` upwards", here.display());
                Err(Failure::usage(message, "change into the workspace, or give it with --root"))
            }
        }
    }

    fn is_root(folder: &Path) -> bool {
        folder.join("upstream").is_dir() && folder.join("client").is_dir()
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A command of this program on this workspace, as it can be typed.
    pub(crate) fn command(&self, name: &str) -> String {
        report::command(name, None, &[], self.given.then_some(self.root.as_path()))
    }

    /// How a file is put back that cannot be made again, as the hint of a failure.
    pub(crate) fn restore(&self, file: &str) -> String {
        match git::restore(self, file) {
            Some(command) => format!("restore it from version control (`{command}`)"),
            None => "restore it from a copy".to_owned(),
        }
    }

    /// A file of the workspace.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// A file of the workspace that is written or deleted: no link on the way to it may lead out.
    pub(crate) fn inside(&self, file: &str) -> Result<PathBuf, Failure> {
        let (folder, _) = file.rsplit_once('/').unwrap_or_default();
        self.inside_folder(folder)?;
        Ok(self.path(file))
    }

    /// A folder of the workspace in which files are written or deleted.
    pub(crate) fn inside_folder(&self, folder: &str) -> Result<PathBuf, Failure> {
        no_way_out(&self.root, Path::new(folder), "the workspace")?;
        Ok(self.path(folder))
    }

    /// The bytes of a file, or nothing where it is not there.
    pub(crate) fn read(&self, file: &str) -> Result<Option<Vec<u8>>, Failure> {
        match regular::read_whole(&self.path(file)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::new(
                "unreadable",
                format!("`{file}` cannot be read: {error}"),
                "check its rights and try again",
            )),
        }
    }

    /// The text of a file, or an empty one where it is not there or is no text.
    pub(crate) fn text(&self, file: &str) -> Result<String, Failure> {
        Ok(self.read(file)?.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default())
    }

    /// The overlays in the order they are applied: file name and bytes.
    pub(crate) fn overlays(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let entries = match std::fs::read_dir(self.path(OVERLAYS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                let message = format!("`{OVERLAYS}` cannot be read: {error}");
                return Err(Failure::new("unreadable", message, "check its rights and try again"));
            }
        };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let is_overlay = |name: &String| [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
        let mut names: Vec<String> = names.filter(|name| is_overlay(name) && !name.starts_with('.')).collect();
        names.sort();
        let mut overlays = Vec::new();
        for name in names {
            if let Some(bytes) = self.read(&format!("{OVERLAYS}/{name}"))? {
                overlays.push((name, bytes));
            }
        }
        Ok(overlays)
    }

    /// What is known of the operations, and the bytes of the file.
    pub(crate) fn knowledge(&self) -> Result<(Knowledge, Vec<u8>), Failure> {
        let bytes = self.read(KNOWLEDGE)?.ok_or_else(|| {
            Failure::new("knowledge-missing", format!("`{KNOWLEDGE}` does not exist"), self.restore(KNOWLEDGE))
        })?;
        let knowledge = std::str::from_utf8(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|text| Knowledge::parse(text).map_err(|error| error.to_string()));
        match knowledge {
            Ok(knowledge) => Ok((knowledge, bytes)),
            Err(error) => {
                let message = format!("`{KNOWLEDGE}` is not valid");
                let hint = format!("correct the place named, or {}", self.restore(KNOWLEDGE));
                Err(error.lines().fold(Failure::new("knowledge-invalid", message, hint), Failure::detail))
            }
        }
    }

    /// The lock, or nothing where there is none.
    pub(crate) fn lock(&self) -> Result<Option<swpanel_build_tools::lock::Lock>, Failure> {
        let Some(bytes) = self.read(LOCK)? else { return Ok(None) };
        if let Some(line) = conflict::first_marker(&bytes) {
            let message = format!("`{LOCK}` has git conflict markers (line {line})");
            let hint = format!("run `{}`: it keeps the pinned names of both sides", self.command("sync"));
            return Err(Failure::new("unmerged", message, hint));
        }
        let text = String::from_utf8_lossy(&bytes);
        swpanel_build_tools::lock::Lock::parse(&text).map(Some).map_err(|error| {
            let mut failure = Failure::new(
                "lock-unreadable",
                format!("`{LOCK}` is not a lock that this program wrote"),
                format!("{}, or delete it to pin all names again", self.restore(LOCK)),
            );
            for line in error.lines() {
                failure = failure.detail(line);
            }
            failure
        })
    }
}

/// No link on the way from a folder to one within it may lead out: nobody foresees a change there.
pub(crate) fn no_way_out(root: &Path, within: &Path, shown: &str) -> Result<(), Failure> {
    let mut path = root.to_owned();
    for part in within.components() {
        path.push(part);
        if !path.is_symlink() {
            continue;
        }
        let (real, top) = (path.canonicalize(), root.canonicalize());
        if !real.is_ok_and(|real| top.is_ok_and(|top| real.starts_with(top))) {
            let link = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            let message = format!("`{link}` is a link that leads out of {shown}; nothing was changed through it");
            let hint = format!("put a folder in the place of the link `{link}`, then run the command again");
            return Err(Failure::new("link-leads-out", message, hint));
        }
    }
    Ok(())
}
