//! Who else can read or replace the file of profiles.

use std::path::Path;

use crate::error::Error;
#[cfg(unix)]
use crate::error::ErrorKind;

#[cfg(unix)]
fn wrong(detail: String) -> Error {
    Error::new(ErrorKind::Configuration, detail)
}

/// A file that others can read is no place for a token.
#[cfg(unix)]
pub(super) fn private(metadata: &std::fs::Metadata, path: &str) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(wrong(format!("others can get at the tokens in `{path}` (mode {mode:04o}); run `chmod 600 {path}`")))
}

#[cfg(not(unix))]
pub(super) fn private(_metadata: &std::fs::Metadata, _path: &str) -> Result<(), Error> {
    Ok(())
}

/// Whoever can write to the folder can put another file in its place, with another address for the token.
#[cfg(unix)]
pub(super) fn folder_is_safe(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mode = std::fs::metadata(folder).map(|metadata| metadata.permissions().mode() & 0o7777).unwrap_or_default();
    // In a folder with the sticky bit only the owner of a file can replace it.
    if mode & 0o002 == 0 || mode & 0o1000 != 0 {
        return Ok(());
    }
    let folder = folder.display();
    Err(wrong(format!("everybody can replace files in `{folder}` (mode {mode:04o}); run `chmod o-w {folder}`")))
}

#[cfg(not(unix))]
pub(super) fn folder_is_safe(_path: &Path) -> Result<(), Error> {
    Ok(())
}
