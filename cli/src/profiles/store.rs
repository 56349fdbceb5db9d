//! The file of profiles, changed as a whole: comments stay, others cannot read it, a kill leaves the old one.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use swpanel::Profiles;
use toml_edit::{DocumentMut, Table};

use crate::failure::Failure;
use crate::session::Credential;

fn place() -> Result<PathBuf, Failure> {
    let path =
        Profiles::path().ok_or_else(|| Failure::usage("no place is known for the file of profiles; set HOME"))?;
    // Where it is a link, what it points to is changed, and the link stays.
    Ok(std::fs::canonicalize(&path).unwrap_or(path))
}

/// All profiles, where there is a file.
pub(super) fn load() -> Result<Option<Profiles>, Failure> {
    Profiles::load(&place()?).map_err(told)
}

/// What is wrong with the file, or with what is wanted of it, and what to do.
pub(crate) fn told(error: swpanel::Error) -> Failure {
    let failure = Failure::from(error);
    // The library says itself what to do about a file that others can read.
    if failure.hint.is_some() || Profiles::path().is_some_and(|path| is_open_to_others(&path)) {
        return failure;
    }
    let profiles = Profiles::path().map(|path| Profiles::load(&path));
    failure.hint(match profiles {
        Some(Err(_)) => "mend it by hand, or move it away and let `swpanel login` write another one",
        Some(Ok(Some(profiles))) if profiles.names().next().is_some() => {
            "`swpanel profile list` shows them, `swpanel profile use NAME` chooses one"
        }
        _ => "`swpanel login` makes one",
    })
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

/// A profile's name with its token, or with the command that prints it: the library shows neither.
pub(crate) fn credential(name: Option<&str>) -> Option<(String, Credential)> {
    let profiles = load().ok().flatten()?;
    let name = profiles.get(name).ok()?.name().to_owned();
    let file: DocumentMut = std::fs::read_to_string(place().ok()?).ok()?.parse().ok()?;
    let profile = file.get("profiles")?.get(&name)?;
    if let Some(token) = profile.get("token").and_then(|token| token.as_str()) {
        return Some((name, Credential::Token(token.into())));
    }
    let words = profile.get("token_command")?.as_array()?.iter().filter_map(|word| word.as_str());
    Some((name, Credential::Command(words.map(str::to_owned).collect())))
}

/// Changes the file.
pub(super) fn edit(change: impl FnOnce(&mut Table) -> Result<(), Failure>) -> Result<PathBuf, Failure> {
    let path = place()?;
    let shown = path.display().to_string();
    // The library is the judge of what is there: rights and content.
    Profiles::load(&path).map_err(told)?;
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::other(format!("`{shown}` cannot be read: {error}"))),
    };
    let mut file: DocumentMut =
        text.parse().map_err(|_| Failure::other(format!("`{shown}` cannot be changed: it is not well-formed TOML")))?;
    change(file.as_table_mut())?;
    let text = file.to_string();
    Profiles::parse(&text)?;
    write(&path, text.as_bytes())
        .map_err(|error| Failure::other(format!("`{shown}` cannot be written: {error}; it was left as it was")))?;
    Ok(path)
}

/// Temporary file, fsync, rename; readable by its owner alone from the first byte on.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    make_folder(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = private(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written?;
    // The rename itself must last too; where folders cannot be opened, the system sees to it.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// A folder that its owner alone can enter, where it is made.
pub(crate) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A new file that its owner alone can read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
