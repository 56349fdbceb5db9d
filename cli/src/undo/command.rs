//! `undo`: creates a deleted thing again, or lists what was saved.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::content;
use super::entry::{Entry, Undoable, all, folder};
use super::recreate::{Needs, body, validate};
use crate::arguments::{Parsed, flag};
use crate::call;
use crate::commands::{ANSWERS, Builtin, CALLS, no_more};
use crate::failure::{Exit, Failure};
use crate::output::{self, Format};
use crate::request::{Request, path};
use crate::session::{self, Session};

pub(crate) const UNDO: Builtin = Builtin {
    words: &["undo"],
    values: "[ID|FILE]",
    summary: "Recreate what a delete command deleted, where the API allows it",
    text: "Before a delete command sends its call, it reads the settings of what it deletes and saves them, where the API \
           has an operation that creates such a thing and that costs nothing (not in a fleet, and not with --no-save). \
           `undo` makes the body of a new one from them, by the names of the properties, and sends it: the entry ID of \
           --list, or the newest one that can be undone. The new thing may have another id. Only settings are saved: \
           mails, data and files are lost with a mailbox, a database, an FTP account or a service. No read shows \
           passwords: one that is needed is asked for, or given with --password; --from FILE adds or replaces other \
           values. An entry that cannot be undone is skipped with a message. Nothing is created that still exists. \
           --dry-run shows the request.",
    flags: &[
        flag("list", ' ', None, "List what was saved: id, time, what it was, and whether it can be undone"),
        flag(
            "password",
            ' ',
            Some("-|@FILE|env:NAME"),
            "The password of the new one: standard input, a file or a variable",
        ),
    ],
    heeds: &[CALLS, ANSWERS, &["from", "dry-run", "no-validate", "verbose"]],
    hidden: false,
    run,
};

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 1)?;
    let base = session::base_url(&parsed.given)?;
    let profile = session::profile_name(&parsed.given);
    let chosen = parsed.positionals.first().map(String::as_str);
    if parsed.given.has("list") {
        return list(parsed, chosen, &base, &profile);
    }
    let (entry, undoable) = match chosen {
        Some(chosen) => {
            let entry = find(chosen)?;
            let undoable = entry.undoable(&base, &profile)?;
            (entry, undoable)
        }
        None => newest(parsed, &base, &profile)?,
    };
    undo(parsed, &entry, undoable)
}

/// The entry of an id or of a file.
fn find(chosen: &str) -> Result<Entry, Failure> {
    let is_name = Path::new(chosen).components().count() == 1;
    let named = || {
        let folder = folder().filter(|_| is_name)?;
        let places = ["json", "done"].map(|end| folder.join(format!("{chosen}.{end}")));
        places.into_iter().find(|place| place.is_file())
    };
    match named() {
        Some(place) => Entry::read(place),
        None if Path::new(chosen).exists() => Entry::read(PathBuf::from(chosen)),
        None => Err(Failure::new(Exit::NotFound, "not-found", format!("nothing was saved as `{chosen}`"))
            .hint("`swpanel undo --list` lists what was saved")),
    }
}

/// The newest entry that can be undone; what is newer is named.
fn newest(parsed: &Parsed, base: &str, profile: &str) -> Result<(Entry, Undoable), Failure> {
    let (entries, others) = all()?;
    for place in others {
        output::note(&parsed.given, &format!("skipped {}: it was not saved by a delete command", place.display()));
    }
    let mut first = None;
    for entry in entries {
        match entry.undoable(base, profile) {
            Ok(undoable) => return Ok((entry, undoable)),
            Err(failure) => {
                output::note(&parsed.given, &format!("skipped {}: {}", entry.id(), failure.what));
                first.get_or_insert(failure);
            }
        }
    }
    Err(first.unwrap_or_else(|| {
        let place = folder().map(|folder| folder.display().to_string()).unwrap_or_default();
        Failure::new(Exit::NotFound, "not-found", format!("nothing that can be undone is saved in {place}"))
    }))
}

fn undo(parsed: &Parsed, entry: &Entry, undoable: Undoable) -> Result<Exit, Failure> {
    let Undoable { create, deleted, values, read, look } = undoable;
    let (id, what) = (entry.id(), entry.what());
    let shows = parsed.given.has("dry-run");
    let prompts = !shows && std::io::IsTerminal::is_terminal(&std::io::stdin());
    let body = body(create, &read, parsed, prompts)?;
    let request = Request::raw(create.method, &path(create, &values)?, Vec::new(), Some(body.clone()));
    let request = request.hiding(create);
    if shows {
        return call::dry_run(&request, parsed);
    }
    if !parsed.given.has("no-validate") {
        validate(create, &body, &id, &what)?;
    }
    let session = Session::open(&parsed.given)?;
    session.judge(&request)?;
    let answer = session::run(async {
        if let Some(look) = &look
            && look.find(&session).await?.is_some()
        {
            let place = entry.done();
            let text = format!("nothing was created: `{what}` did not delete it, or it exists again");
            return Err(Failure::new(Exit::Invalid, "still-there", text).hint(format!(
                "`swpanel {}` shows it; {id} is not listed any more (what was read before is in {})",
                look.read.name(),
                place.display()
            )));
        }
        call::sent(&session, &request, parsed).await
    })?;
    output::note(&parsed.given, &format!("recreated with `{}`; it may have another id", create.name()));
    if let Some(lost) = content(deleted) {
        output::note(&parsed.given, &format!("its content ({lost}) was not saved and is not in it"));
    }
    // It exists again, so the next `undo` is for the one before.
    entry.done();
    call::print(&answer, parsed)
}

fn list(parsed: &Parsed, chosen: Option<&str>, base: &str, profile: &str) -> Result<Exit, Failure> {
    for name in ["from", "password", "dry-run"] {
        if parsed.given.has(name) {
            return Err(Failure::usage(format!("`--list` and `--{name}` exclude each other")));
        }
    }
    let entries = match chosen {
        Some(chosen) => vec![find(chosen)?],
        None => all()?.0,
    };
    let row = |entry: &Entry| -> Value {
        let (possible, why, lost) = match entry.undoable(base, profile) {
            Err(failure) => ("no", failure.what.clone(), None),
            Ok(undoable) => {
                let (possible, why) = match Needs::of_read(undoable.create, &undoable.read) {
                    Needs::Nothing => ("yes", String::new()),
                    Needs::Secrets(paths) => ("with-password", format!("you give {}", paths.join(", "))),
                    Needs::Values(why) => ("with-values", why),
                };
                (possible, why, content(undoable.deleted))
            }
        };
        json!({
            "id": entry.id(),
            "when": entry.when(),
            "deleted": entry.what(),
            "possible": possible,
            "why": why,
            "not_saved": lost,
            "base_url": entry.word("base_url"),
            "profile": entry.word("profile"),
        })
    };
    let rows: Vec<Value> = entries.iter().map(row).collect();
    let mut given = parsed.given.clone();
    if Format::of(&given)? == Format::Table && given.get("columns").is_none() && given.get("jq").is_none() {
        given.put("columns", "id,when,deleted,possible,why,not_saved");
    }
    output::answer(&Value::Array(rows), &given)?;
    Ok(Exit::Ok)
}
