//! The files of a documentation source: one file with those it names, a folder, an address, or standard input; and
//! their conversion, where they are not OpenAPI.

use std::path::Path;

use swpanel_build_tools::document::MAX_BYTES;
use swpanel_build_tools::import::{self, Files, Form, ImportError, Imported, MAX_FILES, referenced};

use serde_json::{Value, json};

use crate::arguments::FetchFlags;
use crate::outcome::{Failure, json_text};
use crate::{commands, regular, source};

/// Where `sync` writes the places of an import for a person to review.
pub(crate) const REVIEW: &str = "target/import/review.md";

/// What a conversion says besides its document.
#[derive(Debug)]
pub(crate) struct Conversion {
    /// The places to review, as Markdown.
    pub(crate) review: String,
    /// The conversion log, as JSON.
    pub(crate) log: String,
    /// What it is and how much rests on what, as lines.
    pub(crate) summary: String,
    /// The same for programs.
    pub(crate) json: Value,
}

impl Conversion {
    pub(crate) fn new(imported: &Imported, name: &str) -> Self {
        let counts = imported.counts;
        Self {
            review: import::review(imported, name),
            log: json_text(&commands::import::log(imported)),
            summary: commands::import::summary(imported, name),
            json: json!({"form": imported.form.id(), "operations": counts.operations, "properties": counts.properties,
                "documented": counts.documented, "sample": counts.sample, "guessed": counts.guessed,
                "rules": imported.rules()}),
        }
    }
}

/// Bytes that are not OpenAPI, converted; none where they are, or where the reader of documents says it better why not.
pub(crate) fn convert(files: &Files, main: &str) -> Result<Option<(Vec<u8>, Conversion)>, Failure> {
    let bytes = files.get(main).map(Vec::as_slice).unwrap_or_default();
    // The reader of documents names one that is too large.
    if claims_to_be_a_document(bytes) || bytes.len() > MAX_BYTES {
        return Ok(None);
    }
    let is_page = bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'<');
    match import::import(files) {
        Ok(imported) if imported.form == Form::OpenApi && imported.files.first().is_some_and(|file| file == main) => {
            Ok(None)
        }
        Ok(imported) => {
            let conversion = Conversion::new(&imported, main);
            Ok(Some((imported.text().into_bytes(), conversion)))
        }
        // A login page, a broken document: the reader of documents names them.
        Err(ImportError::Unrecognized { .. } | ImportError::Rejected { .. }) => Ok(None),
        Err(ImportError::NoOperations { .. }) if is_page => Ok(None),
        Err(error) => Err(commands::import::failure(&error, main)),
    }
}

/// Whether bytes have the key that makes an OpenAPI document, whatever is wrong with the rest.
pub(crate) fn claims_to_be_a_document(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('<') {
        return false;
    }
    let keys = ["\"openapi\":", "\"openapi\" :", "\"swagger\":", "\"swagger\" :"];
    let in_json = start.starts_with('{') && keys.iter().any(|key| start.contains(key));
    in_json || start.lines().any(|line| line.starts_with("openapi:") || line.starts_with("swagger:"))
}

/// The deepest folder that is read.
const MAX_DEPTH: usize = 12;
/// Folders that hold no documentation.
const SKIPPED: [&str; 5] = ["node_modules", ".git", "vendor", "target", "__MACOSX"];

/// Reads the files of a source, and the name that messages call it by.
pub(crate) fn read(from: &str, fetch: &FetchFlags) -> Result<(Files, String), Failure> {
    let mut files = Files::new();
    if from == "-" || from.contains("://") {
        let source = source::given_as_it_is(from, fetch)?;
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
            *left =
                left.checked_sub(bytes.len()).ok_or_else(|| format!("its files have more than {MAX_BYTES} bytes"))?;
            files.insert(full, bytes);
        }
    }
    Ok(())
}
