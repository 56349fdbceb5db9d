//! The files of the workspace that tests look at.

use std::path::PathBuf;

use swpanel_build_tools::document::Document;
use swpanel_build_tools::lock::Lock;

/// A file of the workspace.
pub fn path(file: &str) -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(&here).join(file)
}

/// The text of a file of the workspace.
///
/// # Errors
/// It cannot be read.
pub fn text(file: &str) -> Result<String, String> {
    std::fs::read_to_string(path(file)).map_err(|error| format!("{file}: {error}"))
}

/// `swpanel-api.json`.
///
/// # Errors
/// It cannot be read.
pub fn document() -> Result<Document, String> {
    Document::from_canonical(text("swpanel-api.json")?.as_bytes()).map_err(|error| error.to_string())
}

/// `swpanel-api.lock`.
///
/// # Errors
/// It cannot be read.
pub fn lock() -> Result<Lock, String> {
    Lock::parse(&text("swpanel-api.lock")?)
}
