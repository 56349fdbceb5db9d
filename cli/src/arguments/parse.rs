//! A command line to its parts. Values stay the texts that were given; what they mean is judged by the command.

use std::collections::BTreeSet;

use super::flags::{COMMON, OwnFlag};
use super::words::{Target, extends, is_verb, resolve, unknown, without_verb};
use super::{nearest, target_name};
use crate::body::members::{Member, Members};
use crate::failure::Failure;
use crate::table::placeholder;

/// Flags that were given, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given(Vec<(&'static str, String)>);

impl Given {
    /// Whether it was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    /// Its value; the last one where it was given more than once.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// All its values.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The names of all that were given.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// Its value as a number.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, Failure> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let wrong = |_| Failure::usage(format!("`--{name}` takes a whole number, 0 or more, not `{text}`"));
        text.parse().map(Some).map_err(wrong)
    }

    pub(crate) fn put(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }
}

/// A command line.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    /// What is called; nothing where only words of a group stand there.
    pub(crate) target: Option<Target>,
    /// The words that were taken for it.
    pub(crate) words: Vec<String>,
    /// What stands between.
    pub(crate) positionals: Vec<String>,
    /// Flags that are no members of a body.
    pub(crate) given: Given,
    /// Members of the body and parameters of the query.
    pub(crate) members: Vec<(Member, String)>,
    /// Which of them have a value from data, by number. Such a value is taken as it is and never refers to anything.
    pub(crate) literal: BTreeSet<usize>,
    /// What follows `--`.
    pub(crate) rest: Vec<String>,
}

/// Values that may begin with a dash, by command and place: they come from a program that quotes nothing. Each 64th
/// value of lego does.
const DASHED: [(&[&str], usize); 1] = [(&["acme", "lego-exec"], 2)];

/// Takes a command line apart.
pub(crate) fn parse(arguments: &[String]) -> Result<Parsed, Failure> {
    let mut left = arguments.iter().map(String::as_str).peekable();
    let mut given = Given::default();
    let mut taken: Vec<&str> = Vec::new();
    // First the words of the command, with common flags between them.
    while let Some(argument) = left.peek().copied() {
        if is_flag(argument) {
            let (name, value) = split(argument);
            let Some(flag) = known(&[], name) else { break };
            left.next();
            put(&mut given, flag, name, value, &mut left)?;
        } else if extends(&taken, argument) {
            taken.push(argument);
            left.next();
        } else {
            break;
        }
    }
    let words: Vec<String> = taken.iter().map(|word| (*word).to_owned()).collect();
    let wanted = resolve(&taken);
    // Only a read may be named by its group: what changes something is named in full.
    let target = wanted.filter(|target| target.words() == taken || target.is_read());
    let mut parsed = Parsed {
        target,
        words,
        positionals: Vec::new(),
        given,
        members: Vec::new(),
        literal: BTreeSet::new(),
        rest: Vec::new(),
    };
    let Some(target) = target else {
        let next = left.next();
        if parsed.given.has("help") || parsed.given.has("version") || (next.is_none() && taken.is_empty()) {
            return Ok(parsed);
        }
        let word = next.filter(|next| !is_flag(next));
        if let Some(target) = wanted {
            return Err(without_verb(&taken, word, target));
        }
        return match next.filter(|next| is_flag(next)) {
            Some(flag) if extends(&taken, flag.trim_start_matches('-')) => {
                let word = flag.trim_start_matches('-');
                let line = [&taken[..], &[word]].concat().join(" ");
                Err(Failure::usage(format!("there is no flag `{flag}`"))
                    .hint(format!("did you mean `swpanel {line}`?")))
            }
            Some(flag) => Err(unknown_flag(flag, &[], None)),
            None => Err(unknown(&taken, word, &left.filter(|word| !is_flag(word)).collect::<Vec<_>>())),
        };
    };
    if target.words().len() > taken.len()
        && let Some(word) = left.peek().copied().filter(|word| is_verb(word))
    {
        return Err(unknown(&taken, Some(word), &[]));
    }
    let own: &[OwnFlag] = match target {
        Target::Builtin(builtin) => builtin.flags,
        Target::Operation(_) => &[],
    };
    let members = match target {
        Target::Operation(command) => Some(Members::of(command)),
        Target::Builtin(_) => None,
    };
    // Whether a value stands right before, with no flag between.
    let mut after_value = false;
    while let Some(argument) = left.next() {
        let place = parsed.positionals.len();
        let dashed = after_value && DASHED.contains(&(target.words(), place));
        if dashed && !is_whole_flag(own, argument) {
            parsed.positionals.push(argument.to_owned());
            continue;
        }
        if argument == "--" {
            parsed.rest.extend(left.map(str::to_owned));
            break;
        }
        if !is_flag(argument) {
            parsed.positionals.push(argument.to_owned());
            after_value = true;
            continue;
        }
        after_value = false;
        let (name, value) = split(argument);
        if let Some(flag) = known(own, name) {
            put(&mut parsed.given, flag, name, value, &mut left)?;
            continue;
        }
        let long = name.strip_prefix("--").filter(|_| members.is_some());
        let found = match (long, &members) {
            (Some(long), Some(members)) => members.find(long)?,
            _ => None,
        };
        let Some(member) = found else { return Err(unknown_flag(argument, own, members.as_ref())) };
        let value = match value {
            Some(value) => value.to_owned(),
            // `--domain.register` alone says that it is so.
            None if member.is_boolean() && !left.peek().is_some_and(|next| is_truth(next)) => "true".to_owned(),
            None => needed(name, &mut left)?.to_owned(),
        };
        parsed.members.push((member, value));
    }
    Ok(parsed)
}

/// Whether it is the value of a flag that is true or false, or stands for one in the command of a fleet.
fn is_truth(argument: &str) -> bool {
    ["true", "false"].contains(&argument) || (argument.starts_with('{') && argument.ends_with('}'))
}

fn is_flag(argument: &str) -> bool {
    argument.len() > 1 && argument.starts_with('-')
}

/// Whether it is nothing else than a flag: with its whole name, or with one letter alone.
fn is_whole_flag(own: &'static [OwnFlag], argument: &str) -> bool {
    let (name, _) = split(argument);
    is_flag(argument) && (argument.starts_with("--") || argument.len() == 2) && known(own, name).is_some()
}

/// `--name=value` and `-nvalue` as name and value.
fn split(argument: &str) -> (&str, Option<&str>) {
    if argument.starts_with("--") {
        return argument.split_once('=').map_or((argument, None), |(name, value)| (name, Some(value)));
    }
    let end = argument.char_indices().nth(2).map_or(argument.len(), |(at, _)| at);
    let (name, value) = argument.split_at(end);
    (name, Some(value.strip_prefix('=').unwrap_or(value)).filter(|value| !value.is_empty()))
}

fn known(own: &'static [OwnFlag], name: &str) -> Option<&'static OwnFlag> {
    own.iter().chain(&COMMON).find(|flag| match name.strip_prefix("--") {
        Some(long) => flag.name == long,
        None => name.chars().nth(1) == Some(flag.short),
    })
}

fn put<'a>(
    given: &mut Given,
    flag: &'static OwnFlag,
    name: &str,
    value: Option<&'a str>,
    left: &mut impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    match (flag.value, value) {
        (Some(_), Some(value)) => given.put(flag.name, value),
        (Some(_), None) => given.put(flag.name, needed(name, left)?),
        (None, None) => given.put(flag.name, ""),
        // `-qy` is `-q -y`.
        (None, Some(more)) if !name.starts_with("--") => {
            given.put(flag.name, "");
            let next = format!("-{more}");
            let (name, value) = split(&next);
            let flag = known(&[], name).filter(|flag| flag.value.is_none());
            let flag = flag.ok_or_else(|| Failure::usage(format!("`{name}` is no flag that can be joined so")))?;
            put(given, flag, name, value, &mut std::iter::empty())?;
        }
        (None, Some(_)) => return Err(Failure::usage(format!("`{name}` takes no value"))),
    }
    Ok(())
}

fn needed<'a>(name: &str, left: &mut impl Iterator<Item = &'a str>) -> Result<&'a str, Failure> {
    let value = left.next().filter(|value| !value.starts_with("--"));
    value.ok_or_else(|| {
        Failure::usage(format!("`{name}` needs a value"))
            .hint(format!("a value that starts with dashes: `{name}=VALUE`"))
    })
}

/// Flags of other programs, and what there is here.
const HABITS: [(&str, &str); 9] = [
    ("json", "`-o json`"),
    ("jsonl", "`-o jsonl`"),
    ("yaml", "`-o yaml`"),
    ("csv", "`-o csv`"),
    ("table", "`-o table`"),
    ("format", "`--output`"),
    ("force", "`--yes`"),
    ("no-confirm", "`--yes`"),
    ("token", "`swpanel login`, or SWPANEL_TOKEN: a token on a command line can be read by others"),
];

fn unknown_flag(argument: &str, own: &[OwnFlag], members: Option<&Members>) -> Failure {
    let (name, _) = split(argument);
    let bare = name.trim_start_matches('-');
    let mut words: Vec<&str> = own.iter().chain(&COMMON).map(|flag| flag.name).collect();
    let names = members.map(Members::names).unwrap_or_default();
    words.extend(names.iter().map(String::as_str));
    // The last part of a dotted name is what people remember.
    let endings: Vec<&str> = words.iter().filter_map(|word| word.rsplit('.').next()).collect();
    let failure = Failure::usage(format!("there is no flag `{name}`"));
    if let Some((_, here)) = HABITS.iter().find(|(habit, _)| *habit == bare) {
        return failure.hint(format!("here it is {here}"));
    }
    let command = members.map(Members::command);
    let place = command.and_then(|command| command.positionals().find(|place| place.name == bare).map(|_| command));
    if let Some(command) = place {
        let places: Vec<String> = command.positionals().map(|place| placeholder(place.name)).collect();
        return failure.hint(format!(
            "it is no flag, but stands after the command: `swpanel {} {}`",
            command.name(),
            places.join(" ")
        ));
    }
    let near = nearest(bare, words.iter().copied());
    let near = near.or_else(|| {
        let ending = bare.rsplit('.').next().unwrap_or(bare);
        let near = nearest(ending, endings.iter().copied())?;
        words.iter().copied().find(|word| word.rsplit('.').next() == Some(near))
    });
    let command = members.map(|members| target_name(Target::Operation(members.command())));
    let help = command.map_or_else(|| "swpanel --help".to_owned(), |command| format!("swpanel {command} --help"));
    match near {
        Some(near) => failure.hint(format!("did you mean `--{near}`? `{help}` lists all")),
        None => failure.hint(format!("`{help}` lists what there is")),
    }
}
