//! Words of handles that survive: what an operation was reached by, `service.dns.list`, is pinned by METHOD + path in the
//! lock. They are derived from all operations together, so one more operation may derive others; where it does, a mark in
//! the document says what they were, since the client is made from the document alone.

use super::{NameNote, Names};
use crate::document::{Document, Node};

/// The member of an operation that says what it is reached by, where that is not what its document would derive.
pub(crate) const HANDLE: &str = "x-client-handle";

/// Writes these marks into the document, and takes out all others.
pub fn mark_handles(document: &mut Document, marks: &Names) {
    let operations: Vec<(String, String)> =
        document.operations().iter().map(|operation| (operation.key(), operation.pointer.clone())).collect();
    for (key, pointer) in operations {
        let Some(operation) = document.root_mut().pointer_mut(&pointer).and_then(Node::as_object_mut) else { continue };
        operation.remove(HANDLE);
        if let Some(words) = marks.get(&key) {
            operation.insert(HANDLE, Node::from(words.as_str()));
        }
    }
}

/// The pins of operations that are still there and could not be kept.
pub fn handle_notes(document: &Document, pinned: &Names, now: &Names) -> Vec<NameNote> {
    let operations = document.operations();
    let moved = operations.iter().filter_map(|operation| {
        let key = operation.key();
        let (old, new) = (pinned.get(&key)?, now.get(&key).map(String::as_str).unwrap_or_default());
        (old != new).then(|| NameNote::HandleChanged { operation: key, pinned: old.clone(), now: new.to_owned() })
    });
    moved.collect()
}
