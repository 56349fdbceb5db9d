//! The first words of a command line to the command that they name.

use super::nearest;
use crate::commands::{BUILTINS, Builtin};
use crate::failure::Failure;
use crate::table::{COMMANDS, Command};

/// What a command line calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// An operation of the document.
    Operation(&'static Command),
    /// A command written by hand.
    Builtin(&'static Builtin),
}

impl Target {
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Operation(command) => command.words,
            Self::Builtin(builtin) => builtin.words,
        }
    }

    /// Whether it is an operation that changes nothing.
    pub(super) fn is_read(self) -> bool {
        matches!(self, Self::Operation(command) if command.reads())
    }
}

/// The words of a target as they are typed.
pub(crate) fn target_name(target: Target) -> String {
    target.words().join(" ")
}

/// All targets.
fn all() -> impl Iterator<Item = Target> {
    let builtins = BUILTINS.iter().map(Target::Builtin);
    // A command of the document wins over one of ours with the same words.
    COMMANDS.iter().map(Target::Operation).chain(builtins)
}

/// The targets whose words begin so, without those that are not shown.
pub(crate) fn below(start: &[&str]) -> Vec<Target> {
    let begins = |target: &Target| target.words().get(..start.len()) == Some(start);
    let shown = |target: &Target| !matches!(target, Target::Builtin(builtin) if builtin.hidden);
    all().filter(begins).filter(shown).collect()
}

/// Whether a word goes on where the words so far have led.
pub(super) fn extends(taken: &[&str], word: &str) -> bool {
    all().any(|target| {
        let words = target.words();
        words.get(..taken.len()) == Some(taken) && words.get(taken.len()) == Some(&word)
    })
}

/// The target of words that were taken: the one they spell, or the only one of its group.
pub(crate) fn resolve(taken: &[&str]) -> Option<Target> {
    if let Some(target) = all().find(|target| target.words() == taken) {
        return Some(target);
    }
    match below(taken).as_slice() {
        // `domains whois example.es`: where a group has one verb, it may be left out. The parser allows it for reads.
        [one] if !taken.is_empty() => Some(*one),
        _ => None,
    }
}

/// Verbs of other programs, and what they are called here.
const VERBS: [(&str, &str); 18] = [
    ("show", "get"),
    ("read", "get"),
    ("view", "get"),
    ("info", "get"),
    ("describe", "get"),
    ("add", "create"),
    ("new", "create"),
    ("make", "create"),
    ("rm", "delete"),
    ("remove", "delete"),
    ("del", "delete"),
    ("destroy", "delete"),
    ("ls", "list"),
    ("all", "list"),
    ("edit", "update"),
    ("change", "update"),
    ("modify", "update"),
    ("set", "update"),
];

/// The commands that were meant by a word that leads nowhere, and by what follows it: a verb by another name, a verb
/// before its group or after its value, a verb of groups below.
fn meant(taken: &[&str], word: &str, after: &[&str]) -> Vec<String> {
    let verb = VERBS.iter().find(|(other, _)| *other == word).map_or(word, |(_, verb)| *verb);
    let below_here = below(taken);
    let is_next = |word: &str| below_here.iter().any(|target| target.words().get(taken.len()) == Some(&word));
    let named = |words: &[&str]| format!("`swpanel {}`", [taken, words].concat().join(" "));
    if verb != word && is_next(verb) {
        return vec![named(&[verb])];
    }
    if let Some(first) = after.first() {
        let turned: Vec<&str> = [taken, &[*first, verb]].concat();
        if is_next(first) && !below(&turned).is_empty() {
            return vec![named(&[first, verb])];
        }
        if is_next(first) {
            return vec![named(&[first, word])];
        }
    }
    let ends = below_here.iter().filter(|target| !taken.is_empty() && target.words().last() == Some(&verb));
    ends.map(|target| format!("`swpanel {}`", target_name(*target))).collect()
}

/// Whether a word is the verb of some command, here or in other programs.
pub(super) fn is_verb(word: &str) -> bool {
    COMMANDS.iter().any(|command| command.words.last() == Some(&word)) || VERBS.iter().any(|(verb, _)| *verb == word)
}

/// A command that changes something was named by its group.
pub(super) fn without_verb(taken: &[&str], word: Option<&str>, target: Target) -> Failure {
    let group = taken.join(" ");
    let what = match word {
        Some(word) => format!("`swpanel {group}` has no command `{word}`"),
        None => format!("`swpanel {group}` needs a command"),
    };
    let name = target_name(target);
    Failure::usage(what)
        .hint(format!("`swpanel {name}` changes something, so it is named in full: `swpanel {name} --help`"))
}

/// The words that lead nowhere, told with the nearest ones that do.
pub(super) fn unknown(taken: &[&str], word: Option<&str>, after: &[&str]) -> Failure {
    let mut next: Vec<&str> =
        below(taken).into_iter().filter_map(|target| target.words().get(taken.len()).copied()).collect();
    next.dedup();
    let group = if taken.is_empty() { "swpanel".to_owned() } else { format!("swpanel {}", taken.join(" ")) };
    let Some(word) = word else {
        return Failure::usage(format!("`{group}` needs a command: {}", next.join(", ")))
            .hint(format!("`{group} --help` says what each does"));
    };
    let failure = Failure::usage(format!("`{group}` has no command `{word}`"));
    if taken.is_empty() && word == "version" {
        return failure.hint("did you mean `swpanel --version`?");
    }
    let meant = meant(taken, word, after);
    if !meant.is_empty() {
        return failure.hint(format!("did you mean {}?", meant.join(" or ")));
    }
    match nearest(word, next.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{group} {near}`?")),
        None => failure.hint(format!("`{group} --help` lists what there is")),
    }
}
