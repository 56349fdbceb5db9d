//! The bytes of the source: the embedded one, a file, or standard input. Nothing here opens a socket.

use std::io::Read as _;
use std::path::Path;

use swpanel_build_tools::document::MAX_BYTES;

use crate::outcome::Failure;
use crate::workspace::{UPSTREAM, Workspace};

/// Bytes and where they came from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) bytes: Vec<u8>,
    /// For the lock and for messages; never a folder of somebody's machine.
    pub(crate) address: String,
    /// Whether they are to be taken into `upstream/`.
    pub(crate) foreign: bool,
}

/// Reads the source that `--from` names, or the embedded one.
pub(crate) fn read(workspace: &Workspace, from: Option<&str>) -> Result<Source, Failure> {
    match from {
        None => embedded(workspace),
        Some("-") => {
            let mut bytes = Vec::new();
            let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
            let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
            read.map_err(|error| refuse("standard input", &error.to_string()))?;
            Ok(Source { bytes, address: "standard input".to_owned(), foreign: true })
        }
        Some(address) if address.contains("://") => Err(Failure::usage(
            format!("`{address}` is an address, and only files are read so far; nothing was fetched"),
            "save the document to a file and pass that: `cargo xtask sync --from FILE`",
        )),
        Some(file) => {
            let path = Path::new(file);
            let bytes = std::fs::read(path).map_err(|error| refuse(file, &error.to_string()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Source { bytes, address: name, foreign: true })
        }
    }
}

fn embedded(workspace: &Workspace) -> Result<Source, Failure> {
    match workspace.read(UPSTREAM)? {
        Some(bytes) => Ok(Source { bytes, address: UPSTREAM.to_owned(), foreign: false }),
        None => Err(Failure::new(
            "source-missing",
            format!("`{UPSTREAM}`, the embedded source, is not there"),
            format!("take it back from version control (`git checkout {UPSTREAM}`), or give a document with --from"),
        )),
    }
}

fn refuse(file: &str, why: &str) -> Failure {
    Failure::new("unreadable", format!("`{file}` cannot be read: {why}"), "check the name and its rights")
        .detail("the stored document was left as it was")
}
