//! Reads regular files up to a size: never a pipe that nobody writes to, nor a device without an end.

use std::fs::File;
use std::io::{Error, Read as _, Result};
use std::path::Path;

use swpanel_build_tools::document::MAX_BYTES;

/// A regular file to read from, of any size.
pub(crate) fn open(path: &Path) -> Result<File> {
    // Opening a pipe would wait for its other end.
    match std::fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(Error::other("it is not a regular file")),
    }
}

/// Up to one byte more than a document may have: the reader of documents rejects what is too large.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let is_regular = |known: std::fs::Metadata| match known.is_file() {
        true => Ok(known.len()),
        false => Err(Error::other("it is not a regular file")),
    };
    // Opening a pipe would wait for its other end.
    is_regular(std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    // Room for all of it at once: a list that grows is copied again and again.
    let size = is_regular(file.metadata()?)?.min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(1));
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A whole file, which may have no more bytes than a document.
pub(crate) fn read_whole(path: &Path) -> Result<Vec<u8>> {
    let bytes = read(path)?;
    match bytes.len() > MAX_BYTES {
        true => Err(Error::other(format!("it has more than {MAX_BYTES} bytes"))),
        false => Ok(bytes),
    }
}

/// A whole file as text.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read_whole(path)?).map_err(|_| Error::other("it is not UTF-8 text"))
}
