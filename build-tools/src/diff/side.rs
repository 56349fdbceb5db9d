//! Reads one side of a comparison: leniently, with a warning for every repair, and with places for findings.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::finding::Place;
use crate::document::{
    Document, Ledger, Node, Parts, RawDocument, Refusal, Span, Value, bundle, convert_for_comparing, go_down,
};

/// A document to compare.
#[derive(Clone, Debug)]
pub struct Side {
    raw: RawDocument,
    document: Document,
    ledger: Ledger,
    /// Whether the source is Swagger 2.0.
    swagger: bool,
}

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
        let swagger = raw.root().get("swagger").is_some();
        let (document, ledger) =
            convert_for_comparing(&mut raw).map_err(|refusal| crate::discover::instead(refusal, &head))?;
        Ok(Self { raw, document, ledger, swagger })
    }

    /// The document in its normal form.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// One line for each kind of repair.
    pub fn warnings(&self) -> Vec<String> {
        self.ledger.repairs()
    }

    /// Pointers of the nodes asked for, by address.
    pub(super) fn pointers(&self, wanted: &HashMap<usize, ()>) -> HashMap<usize, String> {
        let mut found = HashMap::new();
        let of = |node: &Node| wanted.contains_key(&address(node)).then(|| address(node));
        find(self.document.root(), &mut String::new(), &of, &mut found);
        found
    }

    /// Pointers into the source of what stands at these spans, where its words are another version's: a normal form
    /// made of Swagger 2.0 has other places. The tree was converted where it stood, so the text is read once more.
    pub(super) fn source_pointers(&self, spans: &HashSet<Span>) -> HashMap<Span, String> {
        let mut found = HashMap::new();
        if self.swagger && !spans.is_empty() {
            let raw = self.raw.again();
            let of = |node: &Node| spans.get(&node.span).copied();
            raw.iter().for_each(|raw| find(raw.root(), &mut String::new(), &of, &mut found));
        }
        found
    }

    /// Takes a prefix off every path that begins with it.
    pub(super) fn strip_prefix(&mut self, prefix: &str) {
        let prefix = prefix.trim_end_matches('/');
        let Some(paths) = self.document.root_mut().get_mut("paths").and_then(Node::as_object_mut) else { return };
        if prefix.is_empty() {
            return;
        }
        let mut stripped = crate::document::Object::new();
        for (path, item) in paths.iter() {
            let short = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path);
            // Two that would be one stay two.
            let short = if short != path && (paths.contains(short) || stripped.contains(short)) { path } else { short };
            stripped.insert(short, item.clone());
        }
        *paths = stripped;
    }

    /// Where a node of the normal form stands in the source, by the span it was read from.
    pub(super) fn place(&self, node: Option<&Node>, pointer: &str) -> Place {
        let span = node.map(|node| node.span).unwrap_or_default();
        if span.end == 0 {
            return Place { pointer: pointer.to_owned(), normal: pointer.to_owned(), line: 0, column: 0 };
        }
        let (line, column) = self.raw.position(span);
        Place { pointer: pointer.to_owned(), normal: pointer.to_owned(), line, column }
    }
}

/// The address of a node, by which it is known during one comparison.
pub(super) fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// Collects the pointers of nodes that are known by something, the outer after the inner.
fn find<K: Eq + Hash>(
    node: &Node,
    pointer: &mut String,
    known: &impl Fn(&Node) -> Option<K>,
    found: &mut HashMap<K, String>,
) {
    let here = pointer.len();
    let mut below = |token: &str, node: &Node, pointer: &mut String| {
        go_down(pointer, token);
        find(node, pointer, known, found);
        pointer.truncate(here);
    };
    match &node.value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| below(&at.to_string(), item, pointer));
        }
        Value::Object(object) => object.iter().for_each(|(key, node)| below(key, node, pointer)),
        _ => {}
    }
    if let Some(key) = known(node) {
        found.insert(key, pointer.clone());
    }
}
