//! The names that the lock pins, for the operations of another document: by what each operation matches, so that a
//! version moved into the paths, another parameter name or a slash renames nothing.

use std::collections::BTreeMap;

use super::NameNote;
use super::Names;
use crate::document::{Document, child};
use crate::knowledge::{self, Knowledge};
use crate::matching::{self, Endpoint};
use crate::sync::{Input, Pinned};

/// All pinned names, keyed as the new document has its operations.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    /// Operation ids.
    pub(crate) names: Names,
    /// Names of schemas by the place that refers to each.
    pub(crate) types: Names,
    /// Words of commands.
    pub(crate) commands: Names,
    /// Words of handles.
    pub(crate) handles: Names,
}

impl Pins {
    /// The pins of the lock, those of the other sides of a merge, and the commands of the knowledge, for the operations
    /// of a document; and which pins of another side could not be kept.
    pub(crate) fn of(input: &Input<'_>, document: &Document) -> (Self, Vec<NameNote>) {
        let first = input.lock.map(|lock| Pinned { lock, document: input.document });
        let side = |pinned: &Pinned<'_>| Self::of_side(input, *pinned, document);
        let mut sides = first.iter().chain(input.also).map(side);
        let base = input.base.as_ref().map(side);
        let mut pins = sides.next().unwrap_or_default();
        let mut notes = Vec::new();
        for other in sides {
            let base = base.as_ref();
            notes.extend(join(&mut pins.names, other.names, base.map(|base| &base.names)));
            join(&mut pins.commands, other.commands, base.map(|base| &base.commands));
            join(&mut pins.handles, other.handles, base.map(|base| &base.handles));
            join_places(&mut pins.types, other.types, base.map(|base| &base.types));
        }
        let unknown = Knowledge::default();
        pins.commands.extend(known_commands(input.knowledge.unwrap_or(&unknown), document));
        (pins, notes)
    }

    fn of_side(input: &Input<'_>, side: Pinned<'_>, document: &Document) -> Self {
        let lock = side.lock;
        let moved = moved(input, side, document);
        Self {
            names: carried(&lock.names, &moved),
            types: carried_places(&lock.types, &moved),
            commands: carried(&lock.commands, &moved),
            handles: carried(&lock.handles, &moved),
        }
    }
}

/// Takes another side's names in. Where both have one for an operation, the first side's stays, unless only the other
/// changed what both started from. A name that another operation has already is not given twice.
fn join(names: &mut Names, other: Names, base: Option<&Names>) -> Vec<NameNote> {
    let mut notes = Vec::new();
    for (operation, name) in other {
        let own = names.get(&operation);
        if own == Some(&name) {
            continue;
        }
        let taken = names.iter().any(|(key, taken)| *key != operation && *taken == name);
        let unchanged = own.is_some() && own == base.and_then(|base| base.get(&operation));
        if !taken && (own.is_none() || unchanged) {
            names.insert(operation, name);
        } else if base.and_then(|base| base.get(&operation)) != Some(&name) {
            let kept = own.cloned().unwrap_or_default();
            notes.push(NameNote::SidesDiffer { operation, kept, dropped: name });
        }
    }
    notes
}

/// As [`join`], for names of schemas: several places may lead to one of them.
fn join_places(names: &mut Names, other: Names, base: Option<&Names>) {
    for (place, name) in other {
        let own = names.get(&place);
        if own.is_none() || own == base.and_then(|base| base.get(&place)) {
            names.insert(place, name);
        }
    }
}

/// Old keys by the keys that operations have now, for all operations that match one that was pinned.
fn moved(input: &Input<'_>, side: Pinned<'_>, document: &Document) -> BTreeMap<String, String> {
    let server = input.knowledge.map(|knowledge| knowledge.server.as_str()).unwrap_or_default();
    let old: Vec<(String, Endpoint)> = match side.document {
        Some(before) => {
            let keys = before.operations().into_iter().map(|operation| operation.key());
            keys.zip(matching::endpoints(before)).collect()
        }
        None => {
            let split = side.lock.names.keys().filter_map(|key| Some((key, key.split_once(' ')?)));
            split.map(|(key, (method, path))| (key.clone(), Endpoint::new(method, server, path))).collect()
        }
    };
    let known: Vec<Endpoint> = old.iter().map(|(_, endpoint)| endpoint.clone()).collect();
    let matches = matching::find(&known, &matching::endpoints(document));
    let pairs = document.operations().into_iter().zip(matches).filter_map(|(operation, found)| {
        let (key, _) = old.get(found.known()?)?;
        Some((operation.key(), key.clone()))
    });
    pairs.collect()
}

fn carried(names: &Names, moved: &BTreeMap<String, String>) -> Names {
    let pairs = moved.iter().filter_map(|(now, was)| Some((now.clone(), names.get(was)?.clone())));
    pairs.collect()
}

/// Places within operations, as JSON pointers, follow the operation; others stay.
fn carried_places(types: &Names, moved: &BTreeMap<String, String>) -> Names {
    let place = |key: &str| {
        let (method, path) = key.split_once(' ')?;
        Some(child(&child("/paths", path), &method.to_lowercase()))
    };
    let places: Vec<(String, String)> = moved
        .iter()
        .filter(|(now, was)| now != was)
        .filter_map(|(now, was)| Some((place(was)?, place(now)?)))
        .collect();
    let follow = |pointer: &String| {
        let found = places.iter().find_map(|(was, now)| {
            let rest = pointer.strip_prefix(was.as_str()).filter(|rest| rest.starts_with('/'))?;
            Some(format!("{now}{rest}"))
        });
        found.unwrap_or_else(|| pointer.clone())
    };
    types.iter().map(|(pointer, name)| (follow(pointer), name.clone())).collect()
}

/// The commands that the knowledge names, for the operations that match its entries.
fn known_commands(knowledge: &Knowledge, document: &Document) -> Names {
    let found = knowledge::entries_of(document, knowledge);
    let named = found.into_iter().filter_map(|(key, entry)| Some((key, entry.command.clone()?)));
    named.collect()
}
