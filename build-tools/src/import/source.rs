//! The files that an import reads: names and bytes, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::dom::MAX_PAGE;
use super::shape::Place;
use crate::document::{Refusal, decode};

/// The most files that are read.
pub const MAX_FILES: usize = 4_000;

/// A set of files by their names relative to the source, with `/` between folders.
pub type Files = BTreeMap<String, Vec<u8>>;

/// One file of a source, as an importer sees it.
pub(super) struct File<'a> {
    pub(super) name: Arc<str>,
    pub(super) text: &'a str,
}

impl<'a> File<'a> {
    pub(super) fn new(name: &str, text: &'a str) -> Self {
        Self { name: name.into(), text }
    }

    pub(super) fn place(&self, line: usize) -> Place {
        Place { file: Arc::clone(&self.name), line }
    }
}

/// The text of a file. Pages that are not UTF-8 are read as Latin-1, which is what they were saved in.
pub(super) fn text_of(bytes: &[u8]) -> Result<String, Refusal> {
    decode(bytes).or_else(|refusal| match bytes.contains(&0) || bytes.len() > MAX_PAGE {
        true => Err(refusal),
        false => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
    })
}

/// The last part of a name.
pub(super) fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The folder of a name, with its slash, or nothing.
pub(super) fn folder(name: &str) -> &str {
    name.rfind('/').and_then(|at| name.get(..=at)).unwrap_or_default()
}

/// A relative name resolved against a folder; none where it leads out of the source.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    let relative = relative.split(['?', '#']).next().unwrap_or_default();
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
