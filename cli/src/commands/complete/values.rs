//! What may stand as the value of a flag, or at a place of a command.

use swpanel::Profiles;

use super::scripts::SHELLS;
use crate::arguments::{COMMON, OwnFlag, Target};
use crate::body::members::{Member, Members};
use crate::commands::{Builtin, explain};
use crate::output::{Format, Styles};
use crate::table::{COMMANDS, Command, Holds, Type, groups};
use crate::{acme, fleet};

/// A word and what it is.
pub(super) type Word = (String, String);

/// What may stand somewhere.
#[derive(Debug)]
pub(super) enum Values {
    /// One of these; none where only a person knows.
    These(Vec<Word>),
    /// A file, which the shell completes best.
    Files,
}

impl Values {
    pub(super) fn plain(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::These(words.into_iter().map(|word| (word.into(), String::new())).collect())
    }

    /// What only a person knows.
    pub(super) fn free() -> Self {
        Self::These(Vec::new())
    }

    /// The same, each with a text before it.
    pub(super) fn after(self, text: &str) -> Self {
        match self {
            Self::These(words) => {
                Self::These(words.into_iter().map(|(w, about)| (format!("{text}{w}"), about)).collect())
            }
            Self::Files => Self::Files,
        }
    }
}

/// What a flag takes; nothing where it takes no value.
pub(super) fn of_flag(target: Option<Target>, word: &str, last: &str) -> Option<Values> {
    let own: &[OwnFlag] = match target {
        Some(Target::Builtin(builtin)) => builtin.flags,
        _ => &[],
    };
    let own = own.iter().chain(&COMMON).find(|flag| match word.strip_prefix("--") {
        Some(long) => long == flag.name,
        None => word.len() == 2 && flag.short != ' ' && word.ends_with(flag.short),
    });
    match (own, target) {
        (Some(flag), _) => flag.value.map(|value| of_own(flag.name, value, target, last)),
        (None, Some(Target::Operation(command))) => of_member(command, word.strip_prefix("--")?, last),
        _ => None,
    }
}

fn of_own(name: &str, value: &str, target: Option<Target>, last: &str) -> Values {
    match (name, value) {
        ("output", _) => Values::plain(Format::names()),
        ("color", _) => Values::plain(Styles::WHEN),
        ("profile", _) => profiles(),
        ("groups", _) => listed(groups(), last),
        ("kind", _) => Values::plain(kinds(target)),
        (_, "TYPE") => Values::plain(acme::types()),
        (_, "-|@FILE|env:NAME") => secret(last),
        (_, "FILE" | "FILE|-" | "PLAN" | "PREFIX" | "DIR") => Values::Files,
        _ => Values::free(),
    }
}

/// Whether something is known of what a flag takes, or is known to be no business of completion.
#[cfg(test)]
fn is_thought_of(flag: &OwnFlag) -> bool {
    /// What only a person knows, by what stands for it in help.
    const FREE: [&str; 11] =
        ["ADDRESS", "COMMAND", "FILTER", "ID", "NAME", "NAME=VALUE", "NUMBER", "PERCENT", "SECONDS", "URL", "A,B"];
    let Some(value) = flag.value else { return true };
    let known = !matches!(of_own(flag.name, value, None, ""), Values::These(words) if words.is_empty());
    known || FREE.contains(&value) || ["kind", "profile"].contains(&flag.name)
}

fn of_member(command: &'static Command, name: &str, last: &str) -> Option<Values> {
    let members = Members::of(command);
    match members.find(name).ok().flatten() {
        Some(Member::Query(argument)) => Some(of_holds([&argument.holds])),
        Some(Member::Body { flags, .. }) if flags.iter().any(|flag| flag.sensitive) => Some(secret(last)),
        Some(Member::Body { flags, .. }) => Some(of_holds(flags.iter().map(|flag| &flag.holds))),
        None => None,
    }
}

/// The values that the document names, which several variants may do each in its own way.
fn of_holds<'h>(all: impl IntoIterator<Item = &'h Holds>) -> Values {
    let mut words: Vec<&str> = Vec::new();
    for holds in all {
        words.extend(holds.choices.iter().filter(|_| holds.types != [Type::Json]));
        if holds.types.contains(&Type::Boolean) {
            words.extend(["true", "false"]);
        }
    }
    Values::plain(words)
}

/// What may stand at a place among the values of a command.
pub(super) fn of_place(target: Target, given: &[&str], last: &str) -> Values {
    match target {
        Target::Operation(command) => {
            command.positionals().nth(given.len()).map_or_else(Values::free, |argument| of_holds([&argument.holds]))
        }
        Target::Builtin(builtin) => of_builtin(builtin, given, last),
    }
}

fn of_builtin(builtin: &Builtin, given: &[&str], last: &str) -> Values {
    match (builtin.words, given) {
        (["profile", "use" | "show" | "remove"], []) => profiles(),
        (["completions"], []) => Values::plain(SHELLS),
        (["acme", "lego-exec"], []) => Values::plain(["present", "cleanup"]),
        (["api"], []) => Values::plain(COMMANDS.iter().map(|command| command.method)),
        (["api"], [method]) => Values::plain(paths(&method.to_uppercase(), last)),
        (["explain"], []) => Values::plain(explain::names()),
        (["dns", "plan"], [_, _]) | (["dns", "apply"] | ["undo"], []) => Values::Files,
        (["fleet", "resume" | "status"], []) => {
            let known = fleet::journals().into_iter().filter(|path| path.starts_with(last));
            let known: Vec<String> = known.collect();
            if known.is_empty() { Values::Files } else { Values::plain(known) }
        }
        _ => Values::free(),
    }
}

fn profiles() -> Values {
    let profiles = Profiles::path().and_then(|path| Profiles::load(&path).ok().flatten());
    Values::plain(profiles.iter().flat_map(|profiles| profiles.names().map(str::to_owned)))
}

fn kinds(target: Option<Target>) -> Vec<&'static str> {
    let Some(Target::Operation(command)) = target else { return Vec::new() };
    command.body.iter().flat_map(|body| body.kinds.iter().map(|kind| kind.name)).collect()
}

/// One more word of a list with commas.
fn listed(words: Vec<&str>, last: &str) -> Values {
    let before = last.rfind(',').and_then(|at| last.get(..=at)).unwrap_or_default();
    let left = words.into_iter().filter(|word| !before.split(',').any(|known| known.trim() == *word));
    Values::plain(left).after(before)
}

/// Where a secret comes from: a file, or a variable, whose name alone is shown.
fn secret(last: &str) -> Values {
    if last.starts_with('@') {
        return Values::Files;
    }
    if last.starts_with("env:") {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        return Values::plain(names).after("env:");
    }
    Values::plain(["-", "@", "env:"])
}

/// Paths of the document as far as they go on from what is typed, up to the next value that only a person knows.
fn paths(method: &str, typed: &str) -> Vec<String> {
    let (done, _) = typed.rsplit_once('/').unwrap_or_default();
    let count = typed.split('/').count();
    let goes_on = |command: &&Command| {
        let mut pairs = command.path.split('/').zip(done.split('/'));
        command.method == method
            && pairs.all(|(part, given)| part == given || (part.starts_with('{') && !given.is_empty()))
    };
    let continued = |command: &Command| {
        let parts = command.path.split('/').skip(count - 1).take_while(|part| !part.starts_with('{'));
        let more: Vec<&str> = parts.collect();
        // A value comes next: its place is opened.
        let open = command.path.split('/').count() > count - 1 + more.len();
        let more = more.join("/");
        (!more.is_empty()).then(|| format!("{done}/{more}{}", if open { "/" } else { "" }))
    };
    COMMANDS.iter().filter(goes_on).filter_map(continued).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::BUILTINS;

    #[test]
    fn every_flag_that_takes_a_value_is_thought_of() {
        // What help says of a value is what completion knows it by: a new word for one is to be looked at here.
        for flag in BUILTINS.iter().flat_map(|builtin| builtin.flags).chain(&COMMON) {
            assert!(is_thought_of(flag), "--{} {:?}", flag.name, flag.value);
        }
    }

    #[test]
    fn paths_go_on_to_the_next_value() {
        let command =
            COMMANDS.iter().find(|command| command.path.contains("}/")).expect("a path goes on after a value");
        let (before, _) = command.path.split_once('{').unwrap();
        let found = paths(command.method, before.get(..before.len() - 1).unwrap());
        assert!(found.iter().any(|path| path == before), "{before}: {found:?}");
        let inside = format!("{before}x1/");
        let found = paths(command.method, &inside);
        assert!(!found.is_empty() && found.iter().all(|path| path.starts_with(&inside)), "{inside}: {found:?}");
        assert!(paths(command.method, "/no/where/").is_empty());
    }
}
