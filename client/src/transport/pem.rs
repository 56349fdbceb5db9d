//! Certificates and keys in PEM form, given as text or as a file. Files are read when the client is built.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};

/// No file of certificates is longer.
const LONGEST: u64 = 4 << 20;

/// A PEM text, or the file that has it.
#[derive(Clone)]
pub(crate) enum Pem {
    Text(Arc<[u8]>),
    File(PathBuf),
}

/// The bytes of a PEM text, and what a message calls them.
pub(crate) struct PemBytes {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl PemBytes {
    /// An error about these bytes. None of them is in it.
    pub(crate) fn wrong(&self, why: &str) -> Error {
        Error::new(ErrorKind::Configuration, format!("{} {why}", self.name))
    }
}

impl Pem {
    /// Reads it. `what` names it where it is a text; a private key must not be readable by everybody.
    pub(crate) fn read(&self, what: &str, is_key: bool) -> Result<PemBytes, Error> {
        match self {
            Self::Text(bytes) => Ok(PemBytes { name: format!("the {what}"), bytes: bytes.to_vec() }),
            Self::File(path) => {
                let name = format!("the {what} `{}`", path.display());
                let wrong = |why: String| Error::new(ErrorKind::Configuration, format!("{name} {why}"));
                let unreadable = |error: std::io::Error| {
                    wrong(format!("cannot be read: {error}; check the path that was set for it"))
                };
                // Looked at before it is opened: a pipe without a writer would be waited for.
                if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
                    return Err(wrong("is not a regular file".to_owned()));
                }
                let file = File::open(path).map_err(unreadable)?;
                if is_key {
                    refuse_open_key(&file.metadata().map_err(unreadable)?).map_err(wrong)?;
                }
                let mut bytes = Vec::new();
                file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
                if bytes.len() as u64 > LONGEST {
                    return Err(wrong(format!("is longer than {LONGEST} bytes")));
                }
                Ok(PemBytes { name, bytes })
            }
        }
    }
}

/// A private key that every user of the machine can read is no secret.
#[cfg(unix)]
fn refuse_open_key(metadata: &std::fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 == 0 {
        return Ok(());
    }
    Err(format!("can be used by everybody on this machine (mode {mode:04o}); run `chmod 600` on it"))
}

#[cfg(not(unix))]
fn refuse_open_key(_: &std::fs::Metadata) -> Result<(), String> {
    Ok(())
}

/// Where it is; never what it holds.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(bytes) => write!(f, "Pem({} bytes)", bytes.len()),
            Self::File(path) => write!(f, "Pem({})", path.display()),
        }
    }
}
