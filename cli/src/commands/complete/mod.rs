//! Completion: short scripts that ask this program, so that they know what it knows and start as quickly.

mod line;
mod scripts;
mod values;

use super::{ANSWERS, Builtin, value};
use crate::arguments::{COMMON, OwnFlag, Parsed, Target, accepts, below, flag, resolve};
use crate::body::members::Members;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::table::Command;
use scripts::SHELLS;
use values::{Values, Word};

pub(crate) const COMPLETIONS: Builtin = Builtin {
    words: &["completions"],
    values: "bash|zsh|fish|powershell",
    summary: "Print the completion script of a shell",
    text: "As in `source <(swpanel completions bash)`, `swpanel completions fish > ~/.config/fish/completions/swpanel.fish`. \
           zsh takes it after `compinit`, or as a file `_swpanel` in a folder of `fpath`. The script asks the program \
           itself, so it need not be renewed with it; nothing is sent for it.",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: false,
    run: script,
};

pub(crate) const COMPLETE: Builtin = Builtin {
    words: &["complete"],
    values: "-- WORDS...",
    summary: "Print what may stand at the last of these words",
    text: "",
    flags: &[
        flag("shell", ' ', Some("NAME"), "How to print it"),
        flag("line", ' ', Some("COMMAND"), "The whole line up to the cursor, instead of the words before the last"),
    ],
    heeds: &[],
    hidden: true,
    run: complete,
};

fn script(parsed: &Parsed) -> Result<Exit, Failure> {
    let shell = value(parsed, 0, "The name of a shell")?;
    let text = scripts::of(shell)
        .ok_or_else(|| Failure::usage(format!("there is no script for `{shell}`; there are {}", SHELLS.join(", "))))?;
    output::text(text, &parsed.given).map(|()| Exit::Ok)
}

/// What is printed instead of words where a file is to stand.
const FILES: &str = ":files";

fn complete(parsed: &Parsed) -> Result<Exit, Failure> {
    let mut before = parsed.rest.clone();
    let last = before.pop().unwrap_or_default();
    // With a whole line, the word is what the shell thinks it is.
    let (before, last, apart) = match parsed.given.get("line") {
        Some(line) => {
            let (before, whole) = line::words(line);
            let apart = line::apart(&whole, &last).to_owned();
            (before, whole, apart)
        }
        None => (before, last, String::new()),
    };
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let mut found = match candidates(&before, &last) {
        Values::Files => return output::out(&format!("{FILES}\n")).map(|()| Exit::Ok),
        Values::These(found) => found,
    };
    found.retain(|(word, _)| word.starts_with(&last));
    found.sort();
    found.dedup_by(|one, other| one.0 == other.0);
    let shell = parsed.given.get("shell").unwrap_or("bash");
    let line = |(word, text): &Word| match shell {
        "zsh" => format!("{}:{text}\n", word.replace('\\', "\\\\").replace(':', "\\:")),
        "fish" => format!("{word}\t{text}\n"),
        _ => format!("{}\n", word.strip_prefix(&apart).unwrap_or(word)),
    };
    output::out(&found.iter().map(line).collect::<String>()).map(|()| Exit::Ok)
}

/// What may stand after these words, with what it is.
fn candidates(before: &[&str], last: &str) -> Values {
    // What follows the dashes of a fleet is a command line of its own.
    if let (Some(at), ["fleet", "run", ..]) = (before.iter().position(|word| *word == "--"), before) {
        return candidates(before.get(at + 1..).unwrap_or_default(), last);
    }
    let (taken, after) = taken(before);
    let target = resolve(&taken);
    if let Some((name, value)) = last.split_once('=').filter(|_| last.starts_with("--")) {
        let values = values::of_flag(target, name, value).unwrap_or_else(Values::free);
        return values.after(&format!("{name}="));
    }
    let previous = before.last().copied().unwrap_or_default();
    if previous.starts_with('-')
        && !last.starts_with("--")
        && let Some(values) = values::of_flag(target, previous, last)
    {
        return values;
    }
    // Commands are their values.
    if let [about @ ("help" | "explain" | "man")] = taken.as_slice()
        && !last.starts_with('-')
    {
        let mut found = match candidates(&after, last) {
            Values::These(found) => found,
            Values::Files => Vec::new(),
        };
        if after.is_empty() {
            let more: &[&str] = match *about {
                "help" => &["flags", "exit"],
                "explain" => &["exit"],
                _ => &[],
            };
            found.extend(more.iter().map(|word| ((*word).to_owned(), String::new())));
            if let Some(Values::These(names)) = target.map(|target| values::of_place(target, &[], last)) {
                found.extend(names);
            }
        }
        return Values::These(found);
    }
    let own: &[OwnFlag] = match target {
        Some(Target::Builtin(builtin)) => builtin.flags,
        _ => &[],
    };
    if last.starts_with('-') {
        let heeded = |flag: &&OwnFlag| target.is_none_or(|target| accepts(target, flag.name));
        let flags =
            own.iter().chain(&COMMON).filter(heeded).map(|flag| (format!("--{}", flag.name), first_line(flag.text)));
        let members = match target {
            Some(Target::Operation(command)) => members(command, last),
            _ => Vec::new(),
        };
        return Values::These(flags.chain(members).collect());
    }
    // Once the words of a command are whole, its values come.
    if let Some(target) = target.filter(|target| target.words().len() <= taken.len()) {
        return values::of_place(target, &places(Some(target), &after), last);
    }
    // A word that leads nowhere leads nowhere further.
    if !after.is_empty() {
        return Values::free();
    }
    let next = below(&taken).into_iter().filter_map(|target| {
        let word = target.words().get(taken.len())?;
        let text = match target {
            Target::Operation(command) => command.summary,
            Target::Builtin(builtin) => builtin.summary,
        };
        // A word that leads on stands for more than one command.
        let text = if target.words().len() == taken.len() + 1 { text } else { "" };
        Some(((*word).to_owned(), first_line(text)))
    });
    Values::These(next.collect())
}

/// The words that name a command, with flags of all commands between them, and what follows.
fn taken<'w>(before: &[&'w str]) -> (Vec<&'w str>, Vec<&'w str>) {
    let mut taken: Vec<&str> = Vec::new();
    let mut skips = false;
    for (at, word) in before.iter().enumerate() {
        if std::mem::replace(&mut skips, takes_next(None, word)) || word.starts_with('-') {
            continue;
        }
        let longer: Vec<&str> = taken.iter().copied().chain([*word]).collect();
        if below(&longer).is_empty() {
            return (taken, before.get(at..).unwrap_or_default().to_vec());
        }
        taken = longer;
    }
    (taken, Vec::new())
}

/// Whether a value of this flag follows as a word of its own.
fn takes_next(target: Option<Target>, word: &str) -> bool {
    word.starts_with('-') && !word.contains('=') && values::of_flag(target, word, "").is_some()
}

/// The values among the words after a command: neither flags nor theirs.
fn places<'w>(target: Option<Target>, after: &[&'w str]) -> Vec<&'w str> {
    let mut skips = false;
    let own = |word: &&&str| {
        let is_value = std::mem::replace(&mut skips, takes_next(target, word));
        !is_value && !word.starts_with('-')
    };
    after.iter().filter(own).copied().collect()
}

/// The flags of a body and query; once letters are typed, also their short names, where those are clear.
fn members(command: &'static Command, last: &str) -> Vec<(String, String)> {
    let queries = command.queries().map(|query| (format!("--{}", query.name), first_line(query.text)));
    let flags = command.body.as_ref().map(|body| body.flags).unwrap_or_default();
    let flags = flags.iter().map(|flag| (format!("--{}", flag.path.replace(".*", ".0")), first_line(flag.text)));
    let mut found: Vec<(String, String)> = queries.chain(flags).collect();
    if last.len() > 2 && !found.iter().any(|(name, _)| name.starts_with(last)) {
        let known = Members::of(command);
        let short = |(name, text): &(String, String)| {
            let name = name.rsplit('.').next().filter(|short| matches!(known.find(short), Ok(Some(_))))?;
            Some((format!("--{name}"), text.clone()))
        };
        let short: Vec<(String, String)> = found.iter().filter_map(short).collect();
        found.extend(short);
    }
    found
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(70).collect()
}
