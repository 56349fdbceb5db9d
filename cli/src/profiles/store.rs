//! The file of profiles, changed as a whole: comments stay, others cannot read it, a kill leaves the old one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use swpanel::Profiles;
use toml_edit::{DocumentMut, Table};

use crate::failure::Failure;
use crate::files::{self, Lock};
use crate::session::Credential;

/// How long a change waits for another process that changes the file.
const PATIENCE: Duration = Duration::from_secs(10);
/// No file of profiles is longer.
const LONGEST: u64 = 4 << 20;

fn place() -> Result<PathBuf, Failure> {
    let path =
        Profiles::path().ok_or_else(|| Failure::usage("no place is known for the file of profiles; set HOME"))?;
    // Where it is a link, what it points to is changed, and the link stays.
    match std::fs::canonicalize(&path) {
        Ok(target) => Ok(target),
        Err(_) if path.is_symlink() => {
            let what = format!("{} is a link to a file that is not there; nothing was changed", path.display());
            Err(Failure::usage(what).hint("create the file that it points to (mode 0600), or remove the link"))
        }
        Err(_) => Ok(path),
    }
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
    let file: DocumentMut = files::read_text(place().ok()?.to_str()?, LONGEST).ok()?.text.parse().ok()?;
    let profile = file.get("profiles")?.get(&name)?;
    if let Some(token) = profile.get("token").and_then(|token| token.as_str()) {
        return Some((name, Credential::Token(token.into())));
    }
    let words = profile.get("token_command")?.as_array()?.iter().filter_map(|word| word.as_str());
    Some((name, Credential::Command(words.map(str::to_owned).collect())))
}

/// Changes the file. Nobody else changes it between reading and writing, so that no change is lost.
pub(super) fn edit<T>(change: impl FnOnce(&mut Table) -> Result<T, Failure>) -> Result<(PathBuf, T), Failure> {
    let path = place()?;
    let shown = path.display().to_string();
    let _lock = Lock::take(&Lock::beside(&path), PATIENCE).map_err(|error| {
        let is_held = error.kind() == std::io::ErrorKind::WouldBlock;
        Failure::other(format!("`{shown}` cannot be locked: {error}; nothing was stored")).hint(match is_held {
            true => "another `swpanel` may be changing it: try again",
            false => "check that its folder can be made and written to; XDG_CONFIG_HOME names another one",
        })
    })?;
    // The library is the judge of what is there: rights and content.
    Profiles::load(&path).map_err(told)?;
    let unreadable = |why: String| Failure::other(format!("`{shown}` cannot be read: {why}; nothing was stored"));
    let text = match path.try_exists() {
        Ok(false) => String::new(),
        Ok(true) => {
            let place = path.to_str().ok_or_else(|| unreadable("its path is not in UTF-8".to_owned()))?;
            files::read_text(place, LONGEST).map_err(unreadable)?.text
        }
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let mut file: DocumentMut =
        text.parse().map_err(|_| Failure::other(format!("`{shown}` cannot be changed: it is not well-formed TOML")))?;
    let changed = change(file.as_table_mut())?;
    let text = file.to_string();
    Profiles::parse(&text)?;
    files::write(&path, text.as_bytes())
        .map_err(|error| Failure::other(format!("`{shown}` cannot be written: {error}; it was left as it was")))?;
    Ok((path, changed))
}
