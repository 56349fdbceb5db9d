//! The commands that are written by hand.

mod api;
mod complete;
mod docs;
mod doctor;
mod explain;
mod help_command;
mod man;

use crate::arguments::{OwnFlag, Parsed, Target};
use crate::failure::{Exit, Failure};
use crate::{acme, fleet, profiles, undo, zone};

/// A hand-written command.
pub(crate) struct Builtin {
    pub(crate) words: &'static [&'static str],
    /// Values as they stand in its usage line.
    pub(crate) values: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) text: &'static str,
    pub(crate) flags: &'static [OwnFlag],
    /// Flags of all commands that have a use with it, beside [`EVERY`]; the others are refused, never dropped.
    pub(crate) heeds: &'static [&'static [&'static str]],
    /// Left out of help and completion.
    pub(crate) hidden: bool,
    pub(crate) run: fn(&Parsed) -> Result<Exit, Failure>,
}

/// Flags that each command heeds, if only because it does what they ask for anyway.
const EVERY: [&str; 8] = ["output", "quiet", "color", "yes", "no-save", "no-wait", "help", "version"];
/// Flags of what makes calls.
pub(crate) const CALLS: &[&str] = &["profile", "base-url", "ca-file", "timeout", "deadline", "retries", "rate"];
/// Flags of what prints an answer.
pub(crate) const ANSWERS: &[&str] = &["columns", "jq", "csv-safe"];

impl Builtin {
    /// Flags of all commands that have a use with it and not with each.
    pub(crate) fn common(&self) -> impl Iterator<Item = &'static str> {
        self.heeds.iter().copied().flatten().copied()
    }

    /// Whether a flag has a use with it.
    pub(crate) fn takes(&self, name: &str) -> bool {
        let own = self.flags.iter().any(|flag| flag.name == name);
        own || EVERY.contains(&name) || self.common().any(|known| known == name)
    }
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Builtin({})", self.words.join(" "))
    }
}

/// All of them. The first words are the reserved ones of `build.rs`.
pub(crate) static BUILTINS: [Builtin; 25] = [
    profiles::LOGIN,
    profiles::LIST,
    profiles::USE,
    profiles::SHOW,
    profiles::REMOVE,
    doctor::DOCTOR,
    api::API,
    explain::EXPLAIN,
    fleet::RUN,
    fleet::RESUME,
    fleet::STATUS,
    acme::LEGO,
    acme::HTTPREQ,
    acme::CERTBOT_AUTH,
    acme::CERTBOT_CLEANUP,
    zone::EXPORT,
    zone::PLAN,
    zone::APPLY,
    undo::UNDO,
    complete::COMPLETIONS,
    man::MAN,
    complete::COMPLETE,
    help_command::HELP,
    docs::DOCS,
    docs::COMMANDS_LIST,
];

/// How a hand-written command is called.
fn usage(parsed: &Parsed) -> String {
    match parsed.target {
        Some(Target::Builtin(builtin)) if !builtin.values.is_empty() => {
            format!("usage: swpanel {} {}", builtin.words.join(" "), builtin.values)
        }
        _ => format!("`swpanel {} --help`", parsed.words.join(" ")),
    }
}

/// The value at a place, or a usage failure that names it.
pub(crate) fn value<'p>(parsed: &'p Parsed, at: usize, name: &str) -> Result<&'p str, Failure> {
    let found = parsed.positionals.get(at).map(String::as_str).filter(|value| !value.is_empty());
    found.ok_or_else(|| Failure::usage(format!("{name} is missing")).hint(usage(parsed)))
}

/// Refuses values that have no use.
pub(crate) fn no_more(parsed: &Parsed, count: usize) -> Result<(), Failure> {
    match parsed.positionals.get(count) {
        Some(extra) => Err(Failure::usage(format!("`{extra}` is one value too many")).hint(usage(parsed))),
        None => Ok(()),
    }
}
