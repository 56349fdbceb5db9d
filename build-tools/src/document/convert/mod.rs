//! A raw tree to an OpenAPI 3.0.3 document that means the same. Every rewrite and every loss is a ledger entry.
//!
//! OpenAPI 3.0 is taken as it is; other forms are refused by name until their converters stand beside this file.

mod ledger;

pub use ledger::{Ledger, LedgerEntry, Stage, Weight};

use super::node::{Node, Object};
use super::raw::RawDocument;
use super::refusal::Refusal;

/// The version every document is written as.
const VERSION: &str = "3.0.3";

/// An OpenAPI 3.0.3 document: an object that has `openapi`, `info` and `paths`.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    root: Node,
}

impl Document {
    /// The tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The tree, to change it.
    pub fn root_mut(&mut self) -> &mut Node {
        &mut self.root
    }

    /// Reads the canonical text of a document that a sync has written.
    ///
    /// # Errors
    /// As [`convert`].
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, Refusal> {
        convert(&RawDocument::read(bytes)?).map(|(document, _)| document)
    }
}

/// Converts a raw tree, keeping its meaning.
///
/// # Errors
/// The tree is no API document, or is one in a form that is not read.
pub fn convert(raw: &RawDocument) -> Result<(Document, Ledger), Refusal> {
    let mut ledger = Ledger::default();
    let Some(object) = raw.root().as_object() else {
        return Err(Refusal::NotAnApiDocument { why: "it is not an object".into() });
    };
    let version = version(object)?;
    for part in ["info", "paths"] {
        if object.get(part).and_then(Node::as_object).is_none() {
            return Err(Refusal::NotAnApiDocument { why: format!("`{part}` is missing, or is not an object") });
        }
    }
    if object.get("paths").and_then(Node::as_object).is_some_and(Object::is_empty) {
        return Err(Refusal::NotAnApiDocument { why: "`paths` is empty".into() });
    }
    let mut root = raw.root().clone();
    if version != VERSION {
        if let Some(object) = root.as_object_mut() {
            object.insert("openapi", VERSION);
        }
        ledger.note(
            Stage::Convert,
            Weight::Rewrite,
            "version",
            "/openapi",
            format!("{version} is written as {VERSION}"),
        );
    }
    Ok((Document { root }, ledger))
}

fn version(object: &Object) -> Result<String, Refusal> {
    let text = |key: &str| object.get(key).and_then(|node| node.as_str().or(node.as_number()).map(str::to_owned));
    if let Some(found) = text("swagger") {
        return Err(Refusal::UnsupportedVersion { found: format!("Swagger {found}") });
    }
    match text("openapi") {
        Some(version) if version == "3.0" || version.starts_with("3.0.") => Ok(version),
        Some(found) => Err(Refusal::UnsupportedVersion { found: format!("OpenAPI {found}") }),
        None => Err(Refusal::NotAnApiDocument { why: "there is no `openapi` or `swagger` member".into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> Result<(Document, Ledger), Refusal> {
        convert(&RawDocument::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn refuses_what_is_no_document_by_name() {
        assert_eq!(outcome("[1]").unwrap_err().name(), "not-an-api-document");
        assert_eq!(outcome("a: 1").unwrap_err().name(), "not-an-api-document");
        assert_eq!(outcome("openapi: 3.0.3\ninfo: {}\npaths: {}").unwrap_err().name(), "not-an-api-document");
        assert_eq!(outcome("openapi: 3.1.0\ninfo: {}\npaths: {}").unwrap_err().name(), "unsupported-version");
        assert_eq!(outcome("swagger: '2.0'").unwrap_err().name(), "unsupported-version");
    }

    #[test]
    fn writes_a_rewritten_version_into_the_ledger() {
        let (document, ledger) = outcome("openapi: 3.0.1\ninfo: {}\npaths: {/a: {}}").unwrap();
        assert_eq!(document.root().text_at("openapi"), Some("3.0.3"));
        assert_eq!(ledger.entries().len(), 1);
        assert_eq!(outcome("openapi: 3.0.3\ninfo: {}\npaths: {/a: {}}").unwrap().1.entries().len(), 0);
    }
}
