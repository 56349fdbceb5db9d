//! The names that the lock pins, for the operations of another document: by what each operation matches, so that a
//! version moved into the paths, another parameter name or a slash renames nothing.

use std::collections::BTreeMap;

use super::Names;
use crate::document::{Document, child};
use crate::knowledge::{self, Knowledge};
use crate::matching::{self, Endpoint};
use crate::sync::Input;

/// All pinned names, keyed as the new document has its operations.
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
    /// The pins of the lock, and the commands of the knowledge, for the operations of a document.
    pub(crate) fn of(input: &Input<'_>, document: &Document) -> Self {
        let empty = Names::new();
        let pinned = |of: fn(&crate::lock::Lock) -> &Names| input.lock.map_or(&empty, of);
        let (names, types) = (pinned(|lock| &lock.names), pinned(|lock| &lock.types));
        let (commands, handles) = (pinned(|lock| &lock.commands), pinned(|lock| &lock.handles));
        let moved = moved(input, names, document);
        let unknown = Knowledge::default();
        let knowledge = input.knowledge.unwrap_or(&unknown);
        let mut own = carried(commands, &moved);
        own.extend(known_commands(knowledge, document));
        Self {
            names: carried(names, &moved),
            types: carried_places(types, &moved),
            commands: own,
            handles: carried(handles, &moved),
        }
    }
}

/// Old keys by the keys that operations have now, for all operations that match one that was pinned.
fn moved(input: &Input<'_>, names: &Names, document: &Document) -> BTreeMap<String, String> {
    let server = input.knowledge.map(|knowledge| knowledge.server.as_str()).unwrap_or_default();
    let old: Vec<(String, Endpoint)> = match input.document {
        Some(before) => {
            let keys = before.operations().into_iter().map(|operation| operation.key());
            keys.zip(matching::endpoints(before)).collect()
        }
        None => {
            let split = names.keys().filter_map(|key| Some((key, key.split_once(' ')?)));
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
