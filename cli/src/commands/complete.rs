//! Completion: short scripts that ask this program, so that they know what it knows and start as quickly.

use super::{ANSWERS, Builtin, value};
use crate::arguments::{COMMON, OwnFlag, Parsed, Target, below, flag, resolve};
use crate::body::members::Members;
use crate::failure::{Exit, Failure};
use crate::output::{self, Format, Styles};
use crate::table::{Command, Type};

pub(crate) const COMPLETIONS: Builtin = Builtin {
    words: &["completions"],
    values: "bash|zsh|fish|powershell",
    summary: "Print the completion script of a shell",
    text: "As in `source <(swpanel completions bash)`, `swpanel completions fish > ~/.config/fish/completions/swpanel.fish`. \
           The script asks the program itself, so it need not be renewed with it.",
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
    flags: &[flag("shell", ' ', Some("NAME"), "How to print it")],
    heeds: &[],
    hidden: true,
    run: complete,
};

const BASH: &str = r#"_swpanel() {
    local IFS=$'\n'
    COMPREPLY=($(swpanel complete --shell bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _swpanel swpanel
"#;

const ZSH: &str = r#"#compdef swpanel
_swpanel() {
    local -a found
    found=("${(@f)$(swpanel complete --shell zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then _describe swpanel found; else _files; fi
}
compdef _swpanel swpanel
"#;

const FISH: &str = r#"complete -c swpanel -f -a '(swpanel complete --shell fish -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
"#;

const POWERSHELL: &str = r#"Register-ArgumentCompleter -Native -CommandName swpanel -ScriptBlock {
    param($word, $ast, $position)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if (-not $word) { $words += '' }
    swpanel complete --shell powershell -- @words 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
"#;

fn script(parsed: &Parsed) -> Result<Exit, Failure> {
    let text = match value(parsed, 0, "The name of a shell")? {
        "bash" => BASH,
        "zsh" => ZSH,
        "fish" => FISH,
        "powershell" | "pwsh" => POWERSHELL,
        other => {
            return Err(Failure::usage(format!(
                "there is no script for `{other}`; there are bash, zsh, fish, powershell"
            )));
        }
    };
    output::text(text, &parsed.given).map(|()| Exit::Ok)
}

fn complete(parsed: &Parsed) -> Result<Exit, Failure> {
    let words: Vec<&str> = parsed.rest.iter().map(String::as_str).collect();
    let (last, before) = words.split_last().map_or(("", &[][..]), |(last, before)| (*last, before));
    let mut found = candidates(before, last);
    found.retain(|(word, _)| word.starts_with(last));
    found.sort();
    found.dedup_by(|one, other| one.0 == other.0);
    let shell = parsed.given.get("shell").unwrap_or("bash");
    let line = |(word, text): &(String, String)| match shell {
        "zsh" => format!("{}:{text}\n", word.replace(':', "\\:")),
        "fish" => format!("{word}\t{text}\n"),
        _ => format!("{word}\n"),
    };
    output::out(&found.iter().map(line).collect::<String>()).map(|()| Exit::Ok)
}

/// Whether a flag of all commands stands there and its value follows as a word of its own.
fn takes_next(word: &str) -> bool {
    COMMON.iter().filter(|flag| flag.value.is_some()).any(|flag| match word.strip_prefix("--") {
        Some(long) => long == flag.name,
        None => word.len() == 2 && flag.short != ' ' && word.ends_with(flag.short),
    })
}

fn profiles() -> Vec<String> {
    let profiles = swpanel::Profiles::path().and_then(|path| swpanel::Profiles::load(&path).ok().flatten());
    profiles.iter().flat_map(|profiles| profiles.names().map(str::to_owned)).collect()
}

fn plain(values: impl IntoIterator<Item = impl Into<String>>) -> Vec<(String, String)> {
    values.into_iter().map(|value| (value.into(), String::new())).collect()
}

/// What may stand after these words, with what it is.
fn candidates(before: &[&str], last: &str) -> Vec<(String, String)> {
    // What follows the dashes of a fleet is a command line of its own.
    if let (Some(at), ["fleet", "run", ..]) = (before.iter().position(|word| *word == "--"), before) {
        return candidates(before.get(at + 1..).unwrap_or_default(), last);
    }
    if let Some((name, _)) = last.split_once('=').filter(|_| last.starts_with("--")) {
        let named: Vec<&str> = before.iter().copied().chain([name]).collect();
        let values = candidates(&named, "").into_iter();
        return values.map(|(value, text)| (format!("{name}={value}"), text)).collect();
    }
    let mut taken: Vec<&str> = Vec::new();
    let mut skips = false;
    for word in before {
        if std::mem::replace(&mut skips, takes_next(word)) || word.starts_with('-') {
            continue;
        }
        let longer: Vec<&str> = taken.iter().copied().chain([*word]).collect();
        if below(&longer).is_empty() {
            break;
        }
        taken = longer;
    }
    let target = resolve(&taken);
    let previous = before.last().copied().unwrap_or_default();
    if previous.starts_with('-')
        && let Some(values) = values(target, previous)
    {
        return values.into_iter().map(|value| (value, String::new())).collect();
    }
    match taken.as_slice() {
        // Commands are their values.
        [about @ ("help" | "explain" | "man")] if !last.starts_with('-') => {
            let at = before.iter().position(|word| word == about).map_or(0, |at| at + 1);
            let mut found = candidates(before.get(at..).unwrap_or_default(), last);
            if before.len() == at {
                found.extend(plain(if *about == "help" { &["flags", "exit"][..] } else { &["exit"] }.iter().copied()));
            }
            return found;
        }
        ["profile", "use" | "show" | "remove"] if !last.starts_with('-') => return plain(profiles()),
        ["completions"] if !last.starts_with('-') => return plain(["bash", "zsh", "fish", "powershell"]),
        _ => {}
    }
    let own: &[OwnFlag] = match target {
        Some(Target::Builtin(builtin)) => builtin.flags,
        _ => &[],
    };
    if last.starts_with('-') {
        let heeded = |flag: &&OwnFlag| !matches!(target, Some(Target::Builtin(b)) if !b.takes(flag.name));
        let flags =
            own.iter().chain(&COMMON).filter(heeded).map(|flag| (format!("--{}", flag.name), first_line(flag.text)));
        let members = match target {
            Some(Target::Operation(command)) => members(command, last),
            _ => Vec::new(),
        };
        return flags.chain(members).collect();
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
    next.collect()
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

/// What a flag takes, where that is a closed list.
fn values(target: Option<Target>, flag: &str) -> Option<Vec<String>> {
    let name = flag.trim_start_matches('-');
    let all = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    match name {
        "o" | "output" => return Some(Format::names().map(str::to_owned).collect()),
        "color" => return all(&Styles::WHEN),
        "p" | "profile" => return Some(profiles()),
        _ => {}
    }
    let Some(Target::Operation(command)) = target else { return None };
    let body = command.body.as_ref()?;
    if name == "kind" {
        return Some(body.kinds.iter().map(|kind| kind.name.to_owned()).collect());
    }
    let ending = |path: &str| path == name || path.ends_with(&format!(".{name}"));
    let of_name = body.flags.iter().filter(|flag| ending(flag.path) && flag.holds.types != [Type::Json]);
    let mut choices: Vec<String> = of_name.flat_map(|f| f.holds.choices.iter().map(|c| (*c).to_owned())).collect();
    choices.dedup();
    (!choices.is_empty()).then_some(choices)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(70).collect()
}
