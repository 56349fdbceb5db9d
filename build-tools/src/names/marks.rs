//! Words that survive: what an operation is reached by with handles (`service.dns.list`) and called on the command line
//! (`dns list`) is pinned by METHOD + path in the lock. Both are derived from all operations together, so one more may
//! derive others; where it does, a mark in the document says what they were, since client and command line are made from
//! the document alone.

use super::{NameNote, Names};
use crate::document::{Document, Node};

/// The member of an operation that says what it is reached by, where that is not what its document would derive.
pub const HANDLE: &str = "x-client-handle";

/// The member of an operation that says what it is called on the command line, where that is not what would be derived.
pub const COMMAND: &str = "x-client-command";

/// Writes these marks into the document, and takes out all others of the kind.
pub fn mark(document: &mut Document, member: &str, marks: &Names) {
    let operations: Vec<(String, String)> =
        document.operations().iter().map(|operation| (operation.key(), operation.pointer.clone())).collect();
    for (key, pointer) in operations {
        let Some(operation) = document.root_mut().pointer_mut(&pointer).and_then(Node::as_object_mut) else { continue };
        operation.remove(member);
        if let Some(words) = marks.get(&key) {
            operation.insert(member, Node::from(words.as_str()));
        }
    }
}

/// Marks what has to be marked so that the words of `held` stay, and returns what was derived of the document as it is
/// then. What is marked depends on the document and on the outcome alone: the outcome's words lead to the same marks.
///
/// # Errors
/// What `derive` fails with.
pub fn settle<T, E, F>(document: &mut Document, member: &str, held: &Names, derive: F) -> Result<(Names, T), E>
where
    F: Fn(&Document) -> Result<(Names, T), E>,
{
    let mut marks = Names::new();
    mark(document, member, &marks);
    let (derived, mut made) = derive(document)?;
    let mut words = derived.clone();
    let operations = document.operations();
    let kept = operations.iter().filter_map(|operation| held.get_key_value(&operation.key()));
    let mut wanted: Names = kept.map(|(key, words)| (key.clone(), words.clone())).collect();
    drop(operations);
    // At first by the lock, then by what came of that, until the outcome leads to itself; the second time it mostly does.
    for _ in 0..4 {
        let mut next = others(&wanted, &derived);
        loop {
            if next != marks {
                marks.clone_from(&next);
                mark(document, member, &marks);
                (words, made) = derive(document)?;
            }
            // A mark may move what would stay by itself: that has to be marked as well.
            let before = next.len();
            next.extend(others(&wanted, &words));
            if next.len() == before {
                break;
            }
        }
        if words == wanted {
            break;
        }
        wanted.clone_from(&words);
    }
    Ok((words, made))
}

/// Those of some words that are others elsewhere, or not there.
fn others(wanted: &Names, there: &Names) -> Names {
    let others = wanted.iter().filter(|(key, words)| there.get(*key) != Some(*words));
    others.map(|(key, words)| (key.clone(), words.clone())).collect()
}

/// The pins of operations that are still there and could not be kept.
pub fn notes(document: &Document, member: &str, pinned: &Names, now: &Names) -> Vec<NameNote> {
    let operations = document.operations();
    let moved = operations.iter().filter_map(|operation| {
        let key = operation.key();
        let (old, new) = (pinned.get(&key)?, now.get(&key).map(String::as_str).unwrap_or_default());
        (old != new).then(|| (key, old.clone(), new.to_owned()))
    });
    let note = |(operation, pinned, now)| match member {
        COMMAND => NameNote::CommandChanged { operation, pinned, now },
        _ => NameNote::HandleChanged { operation, pinned, now },
    };
    moved.map(note).collect()
}
