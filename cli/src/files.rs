//! Reads and writes files for all commands: input that cannot hang, files that are written whole, and locks.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Larger bodies and zone files are refused.
pub(crate) const LONGEST_INPUT: u64 = 64 << 20;
/// Larger secrets are refused; a certificate with its key fits.
pub(crate) const LONGEST_SECRET: u64 = 1 << 20;

/// A text, and whether a byte order mark was dropped at its start.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) had_mark: bool,
}

/// The bytes of a file, or of standard input (`-`). The error is a reason that holds nothing of the content.
///
/// A named pipe without a writer would make the program wait for ever, and a device may never end; both are refused.
/// The pipe of a process substitution (`/dev/fd/N`) and `/dev/stdin` are read: somebody has opened them for this program.
pub(crate) fn read(place: &str, longest: u64) -> Result<Vec<u8>, String> {
    if place == "-" {
        return bounded(io::stdin().lock(), longest);
    }
    let path = Path::new(place);
    let is_open_already = ["/dev/fd/", "/proc/self/fd/"].iter().any(|folder| place.starts_with(folder));
    if !is_open_already && place != "/dev/stdin" {
        regular(&std::fs::metadata(path).map_err(|error| error.to_string())?)?;
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err("it is a folder".to_owned());
    }
    bounded(file, longest)
}

/// The same as a text in UTF-8.
pub(crate) fn read_text(place: &str, longest: u64) -> Result<Text, String> {
    decode(read(place, longest)?)
}

fn bounded(source: impl Read, longest: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    source.take(longest.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > longest {
        let size = if longest >= 1 << 20 { format!("{} MiB", longest >> 20) } else { format!("{} KiB", longest >> 10) };
        return Err(format!("it is larger than {size}"));
    }
    Ok(bytes)
}

/// Refuses what is not a regular file.
pub(crate) fn regular(metadata: &std::fs::Metadata) -> Result<(), String> {
    if metadata.is_file() {
        return Ok(());
    }
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    Err("it is not a regular file but a pipe, a device or a socket; `-` reads standard input".to_owned())
}

/// Bytes as a text, without a byte order mark.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Text, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("it is in UTF-16; save it as UTF-8".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        format!("it is not in UTF-8 (at byte {}); save it as UTF-8", error.utf8_error().valid_up_to() + 1)
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => Text { text: rest.to_owned(), had_mark: true },
        None => Text { text, had_mark: false },
    })
}

/// Writes a file that only its owner can read, whole or not at all. Folders that are made are only for the owner, too.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    make_folder(folder)?;
    replace(&mut tempfile::Builder::new(), folder, path, bytes)
}

/// Writes a file that everybody may read as far as the process allows it (umask), whole or not at all.
pub(crate) fn write_public(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    replace(&mut builder, folder, path, bytes)
}

/// Temporary file with a random name, fsync, rename. A link at `path` is replaced, never followed.
fn replace(builder: &mut tempfile::Builder<'_, '_>, folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = builder.prefix(".swpanel-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

/// Whether a file can be made in the folder of `path`; nothing stays behind.
pub(crate) fn try_place(path: &Path) -> io::Result<()> {
    let folder = folder_of(path);
    make_folder(folder)?;
    tempfile::Builder::new().prefix(".swpanel-").suffix(".tmp").tempfile_in(folder).map(drop)
}

/// Makes a rename in the folder last; where folders cannot be opened, the system does that.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Makes a folder that only its owner can enter, with the folders above it. One that exists stays as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The folder of what this program remembers under a name: below `$XDG_STATE_HOME`, `~/.local/state` or `%LOCALAPPDATA%`.
/// Services often run without HOME; then the system's own record of the user is asked.
pub(crate) fn state_folder(name: &str) -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = variable("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| variable("HOME").map(|home| home.join(".local").join("state")));
    let state = state.or_else(|| variable("LOCALAPPDATA"));
    let state = state.or_else(|| std::env::home_dir().map(|home| home.join(".local").join("state")));
    state.map(|state| state.join("swpanel").join(name))
}

/// A lock that is held until it is dropped, also against other threads of this process.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// The place of the lock of a file that is replaced as a whole: a lock on the file itself would be of the old one.
    pub(crate) fn beside(path: &Path) -> PathBuf {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".lock");
        path.with_file_name(name)
    }

    /// Takes the lock at once, or says with `None` that somebody else has it. The file of the lock stays behind: to
    /// remove it would let two processes lock two files of one name.
    pub(crate) fn try_take(place: &Path) -> io::Result<Option<Self>> {
        make_folder(folder_of(place))?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // A link is not followed, and a pipe in its place does not make the program wait.
            let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
            options.mode(0o600).custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
        }
        let file = options.open(place)?;
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(fs4::TryLockError::WouldBlock) => Ok(None),
            Err(fs4::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Takes the lock, and waits for it no longer than `patience`.
    pub(crate) fn take(place: &Path, patience: Duration) -> io::Result<Self> {
        let started = Instant::now();
        loop {
            if let Some(lock) = Self::try_take(place)? {
                return Ok(lock);
            }
            if started.elapsed() > patience {
                let what = format!("another process holds {} for more than {} s", place.display(), patience.as_secs());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, what));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn private_files_are_private_and_links_are_not_followed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
        assert_eq!(std::fs::read_to_string(&link).unwrap(), "new");
        assert_eq!(mode(&link), 0o600);
        let inner = folder.path().join("made/here/file");
        write(&inner, b"x").unwrap();
        assert_eq!((mode(inner.parent().unwrap()), mode(&folder.path().join("made"))), (0o700, 0o700));
        let page = folder.path().join("pages/page.1");
        write_public(&page, b"x").unwrap();
        assert_ne!(mode(&page) & 0o044, 0, "a manual page is for everybody");
        // Nothing temporary stays behind, also where the place is a folder.
        assert!(write(folder.path(), b"x").is_err() && write(&folder.path().join("made"), b"x").is_err());
        try_place(&folder.path().join("any")).unwrap();
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        assert!(!names.iter().any(|name| name.contains(".tmp")), "{names:?}");
        assert!(Lock::try_take(&link).is_ok());
        std::os::unix::fs::symlink(&target, folder.path().join("linked.lock")).unwrap();
        assert!(Lock::try_take(&folder.path().join("linked.lock")).is_err(), "a lock is not taken through a link");
    }

    #[test]
    fn a_lock_is_held_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let place = Lock::beside(&folder.path().join("file.toml"));
        assert_eq!(place.file_name().unwrap(), "file.toml.lock");
        let held = Lock::try_take(&place).unwrap().unwrap();
        assert!(Lock::try_take(&place).unwrap().is_none());
        assert_eq!(Lock::take(&place, Duration::ZERO).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(held);
        assert!(Lock::take(&place, Duration::ZERO).is_ok());
    }

    #[test]
    fn encodings_are_named_and_a_byte_order_mark_is_dropped() {
        let text = decode(b"\xEF\xBB\xBFabc".to_vec()).unwrap();
        assert!(text.had_mark && text.text == "abc");
        assert!(!decode(b"abc".to_vec()).unwrap().had_mark);
        assert!(decode(b"\xFF\xFEa\0".to_vec()).err().unwrap().contains("UTF-16"));
        let wrong = decode(b"se\xF1or".to_vec()).err().unwrap();
        assert!(wrong.contains("at byte 3") && !wrong.contains("or)"), "{wrong}");
    }
}
