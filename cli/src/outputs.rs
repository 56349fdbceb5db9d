//! The files that one command line reads and writes. Refuses a command whose output is one of its inputs, another output, or
//! a file that this program did not write, before anything is sent.
//!
//! Files are compared by identity, not by spelling: device and inode where they exist, otherwise the place where they would
//! be created.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use swpanel::Profiles;

use crate::failure::Failure;

/// Links that are followed to find where a file would be created.
const MOST_LINKS: usize = 40;
/// Bytes of an existing file that are read to find out who wrote it.
const LOOKED_AT: u64 = 64 << 10;

/// The files of a command line. Each has a name that a person understands, such as "the file of `--services`".
#[derive(Debug, Default)]
pub(crate) struct Files {
    inputs: Vec<NamedFile>,
    outputs: Vec<NamedFile>,
}

#[derive(Debug)]
struct NamedFile {
    name: String,
    path: PathBuf,
    identity: Identity,
}

impl Files {
    /// Adds a file that is read; `-` is standard input.
    pub(crate) fn reads(mut self, name: impl Into<String>, place: &str) -> Self {
        let identity = if place == "-" { Identity::of_stdin() } else { Some(Identity::of(Path::new(place))) };
        if let Some(identity) = identity {
            self.inputs.push(NamedFile { name: name.into(), path: PathBuf::from(place), identity });
        }
        self
    }

    /// Adds a file that is written.
    pub(crate) fn writes(mut self, name: impl Into<String>, path: &Path) -> Self {
        self.outputs.push(NamedFile { name: name.into(), path: path.to_owned(), identity: Identity::of(path) });
        self
    }

    /// Refuses outputs that are inputs, each other, the file of profiles, or something else than regular files.
    pub(crate) fn check(mut self) -> Result<(), Failure> {
        for output in &self.outputs {
            output.check_kind()?;
        }
        if let Some(path) = Profiles::path() {
            let identity = Identity::of(&path);
            self.inputs.push(NamedFile { name: "the file of profiles".to_owned(), path, identity });
        }
        // A shell has already opened this file for what is printed.
        if let Some(identity) = Identity::of_stdout() {
            let (name, path) = ("the file that standard output goes to".to_owned(), PathBuf::from("standard output"));
            self.inputs.push(NamedFile { name, path, identity });
        }
        for (number, output) in self.outputs.iter().enumerate() {
            let others = self.outputs.iter().take(number).chain(&self.inputs);
            if let Some(other) = others.into_iter().find(|other| other.identity.is_same(&output.identity)) {
                let (name, path) = (&output.name, output.path.display());
                return Err(Failure::usage(format!(
                    "{name} ({path}) is also {}, which would be overwritten; nothing was sent or written",
                    other.name
                ))
                .hint("choose another file name"));
            }
        }
        Ok(())
    }
}

impl NamedFile {
    fn check_kind(&self) -> Result<(), Failure> {
        let kind = match std::fs::metadata(&self.path) {
            Ok(data) if data.is_dir() => "it is a directory",
            Ok(data) if !data.is_file() => "it is not a regular file",
            _ if self.path.as_os_str() == "-" => "`-` is standard output, and this option takes a file",
            _ => return Ok(()),
        };
        let (name, path) = (&self.name, self.path.display());
        Err(Failure::other(format!("{name} ({path}) cannot be written: {kind}; nothing was sent or written"))
            .hint("choose another file name"))
    }
}

/// Refuses to replace an existing file unless `is_ours` recognizes its first bytes. An empty file is nobody's.
pub(crate) fn refuse_foreign(name: &str, path: &Path, is_ours: impl Fn(&[u8]) -> bool) -> Result<(), Failure> {
    let mut start = Vec::new();
    // A pipe must not make this wait; the check of outputs refuses it by name.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Ok(());
    }
    let read = match File::open(path) {
        Ok(file) => file.take(LOOKED_AT).read_to_end(&mut start),
        // It is there, and nobody knows what it is.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(error),
        Err(_) => return Ok(()),
    };
    if read.is_ok() && (start.is_empty() || is_ours(&start)) {
        return Ok(());
    }
    let what =
        format!("{name} ({}) exists and was not written by swpanel; nothing was sent or written", path.display());
    Err(Failure::usage(what).hint("choose another file name, or move that file away"))
}

/// What makes two paths the same file.
#[derive(Debug)]
struct Identity {
    /// The path without links, `.` and `..`.
    place: PathBuf,
    file: Option<FileId>,
}

#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = same_file::Handle;

impl Identity {
    fn of(path: &Path) -> Self {
        // `missing/../a` is not a file until `missing` is created, so the resolved path is asked for.
        let place = resolved(path, MOST_LINKS);
        let file = file_id(&place);
        Self { place, file }
    }

    #[cfg(unix)]
    fn of_stdin() -> Option<Self> {
        Self::of_stream(std::os::fd::AsFd::as_fd(&std::io::stdin()))
    }

    #[cfg(unix)]
    fn of_stdout() -> Option<Self> {
        Self::of_stream(std::os::fd::AsFd::as_fd(&std::io::stdout()))
    }

    /// A stream of this process, where a shell connected it with a regular file.
    #[cfg(unix)]
    fn of_stream(stream: std::os::fd::BorrowedFd<'_>) -> Option<Self> {
        let data = File::from(stream.try_clone_to_owned().ok()?).metadata().ok()?;
        data.is_file().then(|| Self { place: PathBuf::new(), file: Some(id_of(&data)) })
    }

    #[cfg(not(unix))]
    fn of_stdin() -> Option<Self> {
        same_file::Handle::stdin().ok().map(|file| Self { place: PathBuf::new(), file: Some(file) })
    }

    #[cfg(not(unix))]
    fn of_stdout() -> Option<Self> {
        same_file::Handle::stdout().ok().map(|file| Self { place: PathBuf::new(), file: Some(file) })
    }

    fn is_same(&self, other: &Self) -> bool {
        match (&self.file, &other.file) {
            (Some(one), Some(two)) => one == two,
            // Neither exists yet. Some file systems do not distinguish the case of letters.
            (None, None) => small(self.place.as_os_str()) == small(other.place.as_os_str()),
            _ => false,
        }
    }
}

fn small(text: &OsStr) -> String {
    text.to_string_lossy().to_lowercase()
}

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    std::fs::metadata(path).ok().as_ref().map(id_of)
}

#[cfg(unix)]
fn id_of(data: &Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    (data.dev(), data.ino())
}

#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<FileId> {
    same_file::Handle::from_path(path).ok()
}

/// The path without links, `.` and `..`, also where its last parts do not exist.
fn resolved(path: &Path, links: usize) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut place = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => drop(place.pop()),
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                let next = place.join(component);
                place = match (std::fs::canonicalize(&next), std::fs::read_link(&next), links.checked_sub(1)) {
                    (Ok(real), _, _) => real,
                    // A link to a file that does not exist yet.
                    (Err(_), Ok(target), Some(left)) => resolved(&place.join(target), left),
                    _ => next,
                };
            }
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(input: &Path, output: &Path) -> bool {
        let files = Files::default().reads("the input", input.to_str().unwrap()).writes("the output", output);
        files.check().is_err()
    }

    #[test]
    fn a_file_is_the_same_however_it_is_spelled() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        std::fs::write(at("a.csv"), "x").unwrap();
        for same in ["a.csv", "./a.csv", "sub/../a.csv", "missing/../a.csv", "sub/./../a.csv"] {
            assert!(overlap(&at("a.csv"), &at(same)), "{same}");
        }
        for other in ["b.csv", "sub/a.csv", "a.csv.csv"] {
            assert!(!overlap(&at("a.csv"), &at(other)), "{other}");
        }
        std::fs::hard_link(at("a.csv"), at("hard.csv")).unwrap();
        assert!(overlap(&at("a.csv"), &at("hard.csv")));
        assert!(overlap(&at("a.csv"), &at("sub")), "a directory is not a place for a file");
    }

    #[test]
    #[cfg(unix)]
    fn links_lead_to_the_same_file() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.csv"), "x").unwrap();
        symlink("a.csv", at("link.csv")).unwrap();
        symlink(folder.path(), at("folder")).unwrap();
        for same in ["link.csv", "folder/a.csv", "folder/link.csv"] {
            assert!(overlap(&at("a.csv"), &at(same)), "{same}");
        }
        // Neither of these exists yet.
        symlink("new.csv", at("dangling.csv")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let outputs = |one: &str, two: &str| Files::default().writes("one", &at(one)).writes("two", &at(two)).check();
        assert!(outputs("new.csv", "dangling.csv").is_err());
        assert!(outputs("new.csv", "folder/NEW.csv").is_err(), "some file systems keep one of both");
        assert!(outputs("new.csv", "other.csv").is_ok());
        assert!(outputs("loop", "other.csv").is_ok());
        assert!(Files::default().writes("one", Path::new("/dev/null")).check().is_err());
        assert!(Files::default().writes("one", Path::new("-")).check().is_err());
    }

    #[test]
    fn a_file_of_somebody_else_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let ours = |start: &[u8]| start.starts_with(b"ours");
        refuse_foreign("x", &path, ours).unwrap();
        for (text, is_kept) in [("", false), ("ours, whole", false), ("our", true), ("service\nXX012\n", true)] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(refuse_foreign("x", &path, ours).is_err(), is_kept, "{text}");
        }
    }
}
