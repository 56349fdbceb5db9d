//! Names of flags to members of a body or parameters of the query.
//!
//! A name is the dotted path, or its last parts where that is clear; letters may be small, `-` may stand for `_`.

use serde_json::Value;

use super::values::put;
use crate::failure::Failure;
use crate::table::{Argument, Command, Flag, Type};

/// What a flag sets.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    /// A parameter of the query.
    Query(&'static Argument),
    /// A member of the body: its path, numbers for items of arrays, and all that the table says of it.
    Body { path: String, flags: Vec<&'static Flag> },
}

impl Member {
    pub(super) fn of(path: &str, flags: Vec<&'static Flag>) -> Self {
        Self::Body { path: path.to_owned(), flags }
    }

    /// Puts a value at a dotted path of a body.
    pub(crate) fn put(body: &mut Value, path: &str, value: Value) -> Result<(), Failure> {
        put(body, path, value)
    }

    /// Whether it is true or false and nothing else.
    pub(crate) fn is_boolean(&self) -> bool {
        match self {
            Self::Query(argument) => argument.holds.types == [Type::Boolean],
            Self::Body { flags, .. } => {
                !flags.is_empty() && flags.iter().all(|f| f.holds.types == [Type::Boolean] && !f.holds.list)
            }
        }
    }
}

/// The members that the flags of a command can set.
pub(crate) struct Members {
    command: &'static Command,
}

impl Members {
    pub(crate) fn of(command: &'static Command) -> Self {
        Self { command }
    }

    pub(crate) fn command(&self) -> &'static Command {
        self.command
    }

    fn flags(&self) -> &'static [Flag] {
        self.command.body.as_ref().map(|body| body.flags).unwrap_or_default()
    }

    /// All names, for suggestions.
    pub(crate) fn names(&self) -> Vec<String> {
        let queries = self.command.queries().map(|query| query.name.to_owned());
        let mut names: Vec<String> =
            queries.chain(self.flags().iter().map(|flag| flag.path.replace(".*", ".0"))).collect();
        names.dedup();
        names
    }

    /// The member of a name, or nothing.
    ///
    /// # Errors
    /// The name may mean several members.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Member>, Failure> {
        let has_body = self.flags().iter().any(|flag| flag.path == "body" || flag.path.starts_with("body."));
        let (name, in_body) = match name.strip_prefix("body.").filter(|_| !has_body) {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        if !in_body && let Some(query) = self.command.queries().find(|query| plain(query.name) == plain(name)) {
            return Ok(Some(Member::Query(query)));
        }
        let given: Vec<&str> = name.split('.').collect();
        if given.iter().any(|part| part.is_empty()) {
            return Ok(None);
        }
        for alike in [exact as fn(&str, &str) -> bool, loose] {
            let whole: Vec<&'static Flag> = self.flags().iter().filter(|flag| fits(flag.path, &given, alike)).collect();
            if let Some(first) = whole.first() {
                return Ok(Some(Member::of(&filled(first.path, &given), whole)));
            }
        }
        // An object as a whole, given as JSON.
        let within = self.flags().iter().find_map(|flag| {
            let parts: Vec<&str> = flag.path.split('.').take(given.len()).collect();
            let deeper = flag.path.split('.').count() > given.len();
            (deeper && fits(&parts.join("."), &given, loose)).then(|| filled(&parts.join("."), &given))
        });
        if let Some(path) = within {
            return Ok(Some(Member::of(&path, Vec::new())));
        }
        for alike in [exact as fn(&str, &str) -> bool, loose] {
            let mut found: Vec<(String, Vec<&'static Flag>)> = Vec::new();
            for flag in self.flags() {
                let count = flag.path.split('.').count();
                let Some(skipped) = count.checked_sub(given.len()) else { continue };
                let ending: Vec<&str> = flag.path.split('.').skip(skipped).collect();
                let start = flag.path.split('.').take(skipped);
                if start.clone().any(|part| part == "*") || !fits(&ending.join("."), &given, alike) {
                    continue;
                }
                let path: Vec<String> = start.map(str::to_owned).chain([filled(&ending.join("."), &given)]).collect();
                let path = path.join(".");
                match found.iter_mut().find(|(known, _)| *known == path) {
                    Some((_, flags)) => flags.push(flag),
                    None => found.push((path, vec![flag])),
                }
            }
            match found.len() {
                0 => {}
                1 => return Ok(found.pop().map(|(path, flags)| Member::of(&path, flags))),
                _ => {
                    let names: Vec<String> = found.iter().map(|(path, _)| format!("`--{path}`")).collect();
                    return Err(Failure::usage(format!("`--{name}` may be {}", names.join(" or ")))
                        .hint("give more of its name"));
                }
            }
        }
        Ok(None)
    }
}

fn exact(one: &str, other: &str) -> bool {
    one == other
}

fn loose(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Whether a given name spells a path, `*` standing for any number.
fn fits(path: &str, given: &[&str], alike: fn(&str, &str) -> bool) -> bool {
    let parts: Vec<&str> = path.split('.').collect();
    let same = |(part, name): (&&str, &&str)| {
        if *part == "*" { name.chars().all(|c| c.is_ascii_digit()) } else { alike(part, name) }
    };
    parts.len() == given.len() && parts.iter().zip(given).all(same)
}

/// The path with the numbers that were given.
fn filled(path: &str, given: &[&str]) -> String {
    let parts = path.split('.').zip(given).map(|(part, name)| if part == "*" { *name } else { part });
    parts.collect::<Vec<_>>().join(".")
}
