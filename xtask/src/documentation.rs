//! The files of a documentation source: one file with those it names, a folder, an address, or standard input.

use std::path::Path;

use swpanel_build_tools::document::MAX_BYTES;
use swpanel_build_tools::import::{Files, MAX_FILES, referenced};

use crate::arguments::FetchFlags;
use crate::outcome::Failure;
use crate::{regular, source};

/// The deepest folder that is read.
const MAX_DEPTH: usize = 12;
/// Folders that hold no documentation.
const SKIPPED: [&str; 5] = ["node_modules", ".git", "vendor", "target", "__MACOSX"];

/// Reads the files of a source, and the name that messages call it by.
pub(crate) fn read(from: &str, fetch: &FetchFlags) -> Result<(Files, String), Failure> {
    let mut files = Files::new();
    if from == "-" || from.contains("://") {
        let source = source::given(from, fetch, None)?;
        files.insert("source".to_owned(), source.bytes);
        return Ok((files, source.origin.address));
    }
    let path = Path::new(from);
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::new("unreadable", format!("`{from}` cannot be read: {error}"), "check the name and its rights")
    };
    let name = path.file_name().map_or_else(|| from.to_owned(), |name| name.to_string_lossy().into_owned());
    let kind = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if kind.is_dir() {
        let mut left = MAX_BYTES;
        folder(path, "", 0, &mut left, &mut files).map_err(|why| unreadable(&why))?;
        return Ok((files, name));
    }
    let bytes = regular::read_whole(path).map_err(|error| unreadable(&error))?;
    let beside = path.parent().unwrap_or(Path::new(""));
    with_referenced(&name, bytes, beside, &mut files);
    Ok((files, name))
}

/// A file and the files beside it that it names, within bounds; what cannot be read is left out.
pub(crate) fn with_referenced(name: &str, bytes: Vec<u8>, beside: &Path, files: &mut Files) {
    let mut left = MAX_BYTES.saturating_sub(bytes.len());
    let mut wanted = referenced(name, &bytes);
    files.insert(name.to_owned(), bytes);
    while let Some(next) = wanted.pop() {
        if files.contains_key(&next) || files.len() >= MAX_FILES {
            continue;
        }
        let path = beside.join(&next);
        // A link could lead out of the folder of the source.
        let is_plain = std::fs::symlink_metadata(&path).is_ok_and(|kind| kind.is_file());
        let Some(bytes) = is_plain.then(|| regular::read(&path).ok()).flatten() else { continue };
        if bytes.len() > left {
            continue;
        }
        left -= bytes.len();
        wanted.extend(referenced(&next, &bytes));
        files.insert(next, bytes);
    }
}

fn folder(path: &Path, prefix: &str, depth: usize, left: &mut usize, files: &mut Files) -> Result<(), String> {
    let entries = std::fs::read_dir(path).map_err(|error| error.to_string())?;
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        let full = format!("{prefix}{name}");
        if kind.is_dir() && depth < MAX_DEPTH && !SKIPPED.contains(&name.as_str()) {
            folder(&entry.path(), &format!("{full}/"), depth + 1, left, files)?;
        } else if kind.is_file() {
            if files.len() >= MAX_FILES {
                return Err(format!("it holds more than {MAX_FILES} files"));
            }
            let Ok(bytes) = regular::read(&entry.path()) else { continue };
            *left = left.checked_sub(bytes.len()).ok_or_else(|| format!("its files have more than {MAX_BYTES} bytes"))?;
            files.insert(full, bytes);
        }
    }
    Ok(())
}
