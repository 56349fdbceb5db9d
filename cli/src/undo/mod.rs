//! Deleted things: their settings are saved before the deletion, and `undo` creates new ones from them.
//!
//! Only settings are saved, never content (mails, data, files). What the API cannot create again is not saved, and every
//! message says which of these is the case.

mod command;
mod entry;
mod read;
mod recreate;
mod save;

pub(crate) use command::UNDO;
pub(crate) use save::{Preview, discard, finish, keep, preview};

use crate::body::members::Member;
use crate::table::{Command, Effect};

/// The path of the collection that a thing is in: without its last parameter, or the path itself.
fn collection(command: &Command) -> String {
    let path = command.known_path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((start, last)) if last.starts_with('{') => format!("{start}/"),
        _ => command.known_path.to_owned(),
    }
}

/// The command of a method and path, with or without a slash at its end.
fn at(method: &str, path: &str) -> Option<&'static Command> {
    Command::find(method, path).or_else(|| Command::find(method, path.trim_end_matches('/')))
}

/// The call that creates such a thing.
fn creating(deleted: &Command) -> Option<&'static Command> {
    at("POST", &collection(deleted)).filter(|create| create.body.is_some())
}

/// Why what a command deletes cannot be created again; nothing where it can.
fn obstacle(command: &Command) -> Option<&'static str> {
    match creating(command) {
        None => Some("the API has no operation that creates such a thing"),
        Some(create) if create.effect == Effect::Unclassified => {
            Some("nobody has classified the operation that creates it again; it may spend money")
        }
        Some(create) if create.billable => Some("creating it again is an order that costs money"),
        Some(_) => None,
    }
}

/// What is lost with a thing although its settings are known; by the words of the path.
pub(crate) fn content(command: &Command) -> Option<&'static str> {
    let words: Vec<&str> =
        command.known_path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).collect();
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if has(&["user", "users"]) {
        None
    } else if has(&["mailbox", "mailboxes"]) {
        Some("the mails in it")
    } else if has(&["db", "database", "databases"]) {
        Some("the data in it")
    } else if has(&["ftp"]) {
        Some("the files of the account")
    } else if has(&["backup", "backups", "snapshot", "snapshots"]) {
        Some("the data in it")
    } else if words == ["services", "delete"] || words == ["services"] || has(&["hosting", "cloud"]) {
        Some("files, mails, databases and all other data of the service")
    } else {
        None
    }
}

/// Members of the body that must be given by a person, since no read shows them.
fn secrets(create: &Command) -> Vec<&'static str> {
    let flags = create.body.as_ref().map(|body| body.flags).unwrap_or_default();
    flags.iter().filter(|flag| flag.sensitive && !flag.path.contains('*')).map(|flag| flag.path).collect()
}

/// Puts a value at a dotted path of a body.
fn put(body: &mut serde_json::Value, path: &str, value: serde_json::Value) -> Result<(), crate::failure::Failure> {
    Member::put(body, path, value)
}
