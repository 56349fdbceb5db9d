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
        // `domains whois example.es`: where a group has one verb, it may be left out.
        [one] if !taken.is_empty() => Some(*one),
        _ => None,
    }
}

/// The words that lead nowhere, told with the nearest ones that do.
pub(super) fn unknown(taken: &[&str], word: Option<&str>) -> Failure {
    let mut next: Vec<&str> =
        below(taken).into_iter().filter_map(|target| target.words().get(taken.len()).copied()).collect();
    next.dedup();
    let group = if taken.is_empty() { "swpanel".to_owned() } else { format!("swpanel {}", taken.join(" ")) };
    let Some(word) = word else {
        return Failure::usage(format!("`{group}` needs a command: {}", next.join(", ")))
            .hint(format!("`{group} --help` says what each does"));
    };
    let failure = Failure::usage(format!("`{group}` has no command `{word}`"));
    match nearest(word, next.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{group} {near}`?")),
        None => failure.hint(format!("`{group} --help` lists what there is")),
    }
}
