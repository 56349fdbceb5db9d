//! Bytes to one side of a comparison: leniently, with a warning for every defect, and with places for findings.

use std::collections::HashMap;

use super::finding::Place;
use crate::document::{
    Document, Ledger, Node, Parts, RawDocument, Refusal, Value, bundle, child, convert_for_comparing,
};

/// A document to compare.
#[derive(Clone, Debug)]
pub struct Side {
    raw: RawDocument,
    document: Document,
    ledger: Ledger,
}

/// Rules of the ledger that tell of a defect, not of another version's words.
const DEFECTS: [&str; 17] = [
    "info-missing",
    "info-not-text",
    "responses-missing",
    "status-lower-case",
    "path-parameter-undeclared",
    "path-parameter-not-in-path",
    "parameter-twice",
    "description-missing",
    "type-unknown",
    "items-missing",
    "required-flag",
    "key-twice",
    "nullable-in-3.1",
    "exclusive-flag-in-3.1",
    "exclusive-bound",
    "path-missing",
    "operation-id-twice",
];

impl Side {
    /// Reads a document in any form that ingestion takes.
    ///
    /// # Errors
    /// It is no API document, or not well-formed.
    pub fn read(bytes: &[u8], parts: Option<&Parts>) -> Result<Self, Refusal> {
        Self::take(bytes.to_vec(), parts)
    }

    /// The same, of bytes that are not needed any more: large documents are held once.
    ///
    /// # Errors
    /// As [`Side::read`].
    pub fn take(bytes: Vec<u8>, parts: Option<&Parts>) -> Result<Self, Refusal> {
        // Another language is told from the first bytes as well as from all.
        let head: Vec<u8> = bytes.iter().take(1 << 16).copied().collect();
        let raw = RawDocument::take(bytes).map_err(|refusal| crate::discover::instead(refusal, &head))?;
        let mut raw = bundle(raw, parts.unwrap_or(&Parts::default()))?;
        let (document, ledger) =
            convert_for_comparing(&mut raw).map_err(|refusal| crate::discover::instead(refusal, &head))?;
        Ok(Self { raw, document, ledger })
    }

    /// The document in its normal form.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// One line for each kind of defect that a strict reader would refuse or mend.
    pub fn warnings(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (rule, count) in self.ledger.counts().into_iter().filter(|(rule, _)| DEFECTS.contains(rule)) {
            let first = self.ledger.entries().iter().find(|entry| entry.rule == rule);
            let first = first.map_or_else(String::new, |entry| format!("{} ({})", entry.message, entry.pointer));
            let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
            lines.push(format!("{rule}: {first}{more}"));
        }
        lines
    }

    /// Pointers of the nodes asked for, by address.
    pub(super) fn pointers(&self, wanted: &HashMap<usize, ()>) -> HashMap<usize, String> {
        let mut found = HashMap::new();
        find(self.document.root(), String::new(), wanted, &mut found);
        found
    }

    /// Where a node of the normal form stands in the source, by the span it was read from.
    pub(super) fn place(&self, node: Option<&Node>, pointer: &str) -> Place {
        let span = node.map(|node| node.span).unwrap_or_default();
        if span.end == 0 {
            return Place { pointer: pointer.to_owned(), line: 0, column: 0 };
        }
        let (line, column) = self.raw.position(span);
        Place { pointer: pointer.to_owned(), line, column }
    }
}

/// The address of a node, by which it is known during one comparison.
pub(super) fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

fn find(node: &Node, pointer: String, wanted: &HashMap<usize, ()>, found: &mut HashMap<usize, String>) {
    match &node.value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                find(item, child(&pointer, &at.to_string()), wanted, found);
            }
        }
        Value::Object(object) => object.iter().for_each(|(key, node)| find(node, child(&pointer, key), wanted, found)),
        _ => {}
    }
    if wanted.contains_key(&address(node)) {
        found.insert(address(node), pointer);
    }
}
