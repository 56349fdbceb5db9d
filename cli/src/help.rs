//! The table to help texts: of the program, of a group, of a command.

use crate::arguments::{COMMON, OwnFlag, Target, below};
use crate::body::belongs;
use crate::commands::Builtin;
use crate::failure::{Exit, Failure};
use crate::output::{is_terminal, width};
use crate::table::{Argument, Command, Flag, GROUPS, Group, Holds, Kind, Need, placeholder};

/// Lines of no more than that many characters; words are kept whole.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// A text as lines that fit.
fn lines(out: &mut String, text: &str) {
    wrap(text, room()).iter().for_each(|line| out.push_str(&format!("{line}\n")));
}

fn room() -> usize {
    if is_terminal() { width().map_or(100, usize::from).clamp(40, 100) } else { 100 }
}

/// A name and what it is, the text beside it or below.
fn entry(out: &mut String, name: &str, text: &str, column: usize) {
    let room = room().saturating_sub(column).max(20);
    let mut lines = wrap(text, room).into_iter();
    let pad = |name: &str| " ".repeat(column.saturating_sub(name.chars().count()));
    if name.chars().count() + 2 > column {
        out.push_str(&format!("{name}\n"));
    } else {
        let first = lines.next().unwrap_or_default();
        out.push_str(format!("{name}{}{first}", pad(name)).trim_end());
        out.push('\n');
    }
    lines.for_each(|line| out.push_str(&format!("{}\n", format!("{}{line}", pad("")).trim_end())));
}

/// `--version`.
pub(crate) fn version() -> String {
    let document = swpanel::DOCUMENT;
    let kind = match document.kind {
        swpanel::DocumentKind::Reconstruction => "a reconstruction from the vendor's example clients",
        _ => "published by SWPanel",
    };
    let short = document.sha256.get(..12).unwrap_or(document.sha256);
    format!("swpanel {}\ndocument {} ({kind}), sha256 {short}\n", env!("CARGO_PKG_VERSION"), document.version)
}

/// Help of the program.
pub(crate) fn program() -> String {
    let mut out = String::from("The command line for SWPanel.\n\nUsage: swpanel GROUP VERB [VALUES] [FLAGS]\n\n");
    out.push_str("Commands\n");
    let all = below(&[]);
    let builtins = all.iter().filter_map(|target| match target {
        Target::Builtin(builtin) => Some(*builtin),
        Target::Operation(_) => None,
    });
    for builtin in builtins.filter(|builtin| !GROUPS.iter().any(|group| group.words.first() == builtin.words.first())) {
        entry(&mut out, &format!("  {}", builtin.words.join(" ")), builtin.summary, 30);
    }
    out.push_str("\nGroups of the API\n");
    let mut seen: Vec<&str> = Vec::new();
    for target in &all {
        let (Target::Operation(_), Some(first)) = (target, target.words().first()) else { continue };
        if seen.contains(first) {
            continue;
        }
        seen.push(first);
        entry(&mut out, &format!("  {first}"), &group_text(&[first]), 30);
    }
    out.push('\n');
    lines(
        &mut out,
        "`swpanel GROUP --help` lists the verbs, `swpanel GROUP VERB --help` the flags, `swpanel help flags` the flags \
         of all. Exit codes and all else: docs/cli.md, or `swpanel explain exit`.",
    );
    out
}

/// What the document says of a group; else what is within it.
fn group_text(words: &[&str]) -> String {
    let within: Vec<&Group> = GROUPS.iter().filter(|group| group.words.starts_with(words)).collect();
    match within.as_slice() {
        [one] => short(one.text),
        many => match many.iter().find(|group| group.words == words) {
            Some(group) => short(group.text),
            None => {
                let texts: Vec<String> = many.iter().map(|group| short(group.text)).collect();
                texts.iter().map(|text| text.split([':', ',']).next().unwrap_or(text)).collect::<Vec<_>>().join("; ")
            }
        },
    }
}

/// The first sentence.
fn short(text: &str) -> String {
    let end = text.match_indices(". ").map(|(at, _)| at).next();
    end.and_then(|end| text.get(..end)).unwrap_or(text).trim_end_matches('.').to_owned()
}

/// Help of a group.
pub(crate) fn group(words: &[&str]) -> String {
    let mut out = String::new();
    if let Some(group) = GROUPS.iter().find(|group| group.words == words) {
        wrap(group.text, room()).iter().for_each(|line| out.push_str(&format!("{line}\n")));
        out.push('\n');
    }
    out.push_str(&format!("Usage: swpanel {} VERB [VALUES] [FLAGS]\n\n", words.join(" ")));
    for target in below(words) {
        let name = format!("  {}{}", target.words().join(" "), values(target));
        let text = match target {
            Target::Operation(command) => match command.asks() {
                true => format!("{} (asks first)", command.summary),
                false => command.summary.to_owned(),
            },
            Target::Builtin(builtin) => builtin.summary.to_owned(),
        };
        entry(&mut out, &name, &text, 48);
    }
    out
}

fn values(target: Target) -> String {
    match target {
        Target::Operation(command) => {
            command.positionals().map(|value| format!(" {}", placeholder(value.name))).collect()
        }
        Target::Builtin(builtin) if builtin.values.is_empty() => String::new(),
        Target::Builtin(builtin) => format!(" {}", builtin.values),
    }
}

/// Help of a command.
pub(crate) fn command(command: &'static Command, kind: Option<&str>) -> Result<String, Failure> {
    let mut out = format!("{}\n\n", command.summary);
    out.push_str(&format!("Usage: swpanel {}{}", command.name(), values(Target::Operation(command))));
    out.push_str(if command.body.is_some() || command.queries().next().is_some() { " [FLAGS]\n" } else { "\n" });
    let asks = if command.asks() { "; asks first" } else { "" };
    out.push_str(&format!("Calls: {} {} ({}{asks})\n\n", command.method, command.path, command.does()));
    paragraphs(&mut out, command.text);
    if !command.doubts.is_empty() {
        paragraphs(&mut out, &format!("Not certain: {}", command.doubts));
    }
    if command.positionals().next().is_some() {
        out.push_str("Values\n");
        command
            .positionals()
            .for_each(|value| entry(&mut out, &format!("  {}", placeholder(value.name)), &about(value), 30));
        out.push('\n');
    }
    if command.queries().next().is_some() {
        out.push_str("Flags of the query\n");
        for query in command.queries() {
            entry(
                &mut out,
                &format!("{} --{} {}", mark(query.required), query.name, takes(&query.holds)),
                &about(query),
                30,
            );
        }
        out.push('\n');
    }
    if let Some(body) = &command.body {
        let chosen = kind.and_then(|kind| body.kinds.iter().find(|known| known.name == kind));
        if let (Some(kind), None) = (kind, chosen) {
            let known: Vec<&str> = body.kinds.iter().map(|kind| kind.name).collect();
            return Err(Failure::usage(format!("`--kind` does not take `{kind}`; allowed: {}", known.join(", "))));
        }
        if chosen.is_none() && !body.kinds.is_empty() {
            out.push_str("The body comes in several kinds; the flags of one: --kind KIND --help\n");
            body.kinds.iter().for_each(|kind| entry(&mut out, &format!("  --kind {}", kind.name), kind.text, 34));
        } else {
            members(&mut out, body.flags, chosen);
        }
        out.push('\n');
        lines(
            &mut out,
            "* must be given. A flag may be shortened to its last parts where that is clear: `--c` for `--a.b.c`. Also \
             --from FILE|-, --skeleton, --dry-run, --no-validate.",
        );
    }
    let name = command.name();
    lines(
        &mut out,
        &format!("Flags of all commands: `swpanel help flags`. Where it was seen: `swpanel explain {name}`."),
    );
    Ok(out)
}

fn paragraphs(out: &mut String, text: &str) {
    if !text.is_empty() {
        lines(out, text);
        out.push('\n');
    }
}

fn about(value: &Argument) -> String {
    let mut text = value.text.to_owned();
    if !value.holds.example.is_empty() {
        text.push_str(&format!(" Example: {}", value.holds.example));
    }
    text
}

fn mark(must: bool) -> char {
    if must { '*' } else { ' ' }
}

fn takes(holds: &Holds) -> &'static str {
    match holds.types.first() {
        Some(crate::table::Type::Integer | crate::table::Type::Number) => "NUMBER",
        Some(crate::table::Type::Boolean) => "BOOL",
        Some(crate::table::Type::Json) => "JSON",
        _ => "TEXT",
    }
}

/// The flags of a body: those of all variants first, then by what they go with.
fn members(out: &mut String, flags: &'static [Flag], kind: Option<&Kind>) {
    let shown: Vec<&Flag> = flags.iter().filter(|flag| kind.is_none_or(|kind| belongs(flag, kind))).collect();
    let condition = |flag: &Flag| {
        let told = flag.when.iter().filter(|(at, _)| !at.is_empty());
        told.map(|(at, value)| match at.strip_suffix('#') {
            Some(at) => format!("{at} as {value}"),
            None => format!("--{at} {value}"),
        })
        .collect::<Vec<_>>()
        .join(" and ")
    };
    let mut groups: Vec<String> = vec![String::new()];
    for flag in &shown {
        let condition = condition(flag);
        if !groups.contains(&condition) {
            groups.push(condition);
        }
    }
    for group in groups {
        let of_group: Vec<&&Flag> = shown.iter().filter(|flag| condition(flag) == group).collect();
        if of_group.is_empty() {
            continue;
        }
        out.push_str(&if group.is_empty() { "Flags of the body\n".to_owned() } else { format!("With {group}\n") });
        for flag in of_group {
            let value = if flag.sensitive { "-|@FILE|env:NAME" } else { takes(&flag.holds) };
            let list = if flag.holds.list { "..." } else { "" };
            let name = format!("{} --{} {value}{list}", mark(flag.need == Need::Always), flag.path.replace(".*", ".N"));
            entry(out, &name, &member_text(flag), 44);
        }
    }
}

/// What a member is and takes.
pub(crate) fn member_text(flag: &Flag) -> String {
    let mut text = flag.text.trim().to_owned();
    let mut add = |more: String| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&more);
    };
    if flag.holds.types != [crate::table::Type::Boolean] && !flag.holds.choices.is_empty() {
        add(format!("One of: {}.", flag.holds.choices.join(", ")));
    }
    if !flag.holds.limits.is_empty() {
        add(format!("Limits: {}.", flag.holds.limits));
    }
    if flag.holds.list {
        add("May be given several times.".to_owned());
    }
    text
}

/// Help of a hand-written command.
pub(crate) fn builtin(builtin: &Builtin) -> String {
    let mut out = format!("{}\n\nUsage: swpanel {}{}", builtin.summary, builtin.words.join(" "), values_of(builtin));
    out.push_str(if builtin.flags.is_empty() { "\n\n" } else { " [FLAGS]\n\n" });
    paragraphs(&mut out, builtin.text);
    if !builtin.flags.is_empty() {
        out.push_str("Flags\n");
        builtin.flags.iter().for_each(|flag| own(&mut out, flag));
        out.push('\n');
    }
    let common: Vec<String> = builtin.common().map(|name| format!("--{name}")).collect();
    if !common.is_empty() {
        let text = format!("Of the flags of all commands also {}.", common.join(", "));
        wrap(&text, room()).iter().for_each(|line| out.push_str(&format!("{line}\n")));
    }
    out.push_str("Flags of all commands: `swpanel help flags`.\n");
    out
}

fn values_of(builtin: &Builtin) -> String {
    if builtin.values.is_empty() { String::new() } else { format!(" {}", builtin.values) }
}

fn own(out: &mut String, flag: &OwnFlag) {
    let short = if flag.short == ' ' { "    ".to_owned() } else { format!("-{}, ", flag.short) };
    let value = flag.value.map(|value| format!(" {value}")).unwrap_or_default();
    entry(out, &format!("  {short}--{}{value}", flag.name), flag.text, 34);
}

/// The flags of all commands.
pub(crate) fn common() -> String {
    let mut out = String::from("Flags of all commands\n");
    COMMON.iter().for_each(|flag| own(&mut out, flag));
    out.push_str("\nEnvironment\n");
    for (name, text) in ENVIRONMENT {
        entry(&mut out, &format!("  {name}"), text, 34);
    }
    out
}

/// The variables that are read.
pub(crate) const ENVIRONMENT: [(&str, &str); 13] = [
    ("SWPANEL_TOKEN", "The token; wins over that of a profile unless --profile names one"),
    ("SWPANEL_PROFILE", "The profile to use"),
    ("SWPANEL_BASE_URL", "Another address of the API"),
    ("SWPANEL_ACME_SERVICE", "The service of `acme` commands"),
    ("SWPANEL_ACME_ZONE", "The zone of `acme` commands"),
    ("XDG_CONFIG_HOME", "Where swpanel/profiles.toml lies, else ~/.config"),
    ("XDG_STATE_HOME", "Where journals of `fleet` lie, else ~/.local/state"),
    (
        "HTTPS_PROXY",
        "The proxy for calls, as in http://proxy.example:3128 (no SOCKS); else ALL_PROXY. An http address has no proxy",
    ),
    ("ALL_PROXY", "The proxy where HTTPS_PROXY is not set"),
    ("NO_PROXY", "Hosts that are reached without the proxy, separated by commas; `*` for all"),
    ("SSL_CERT_FILE", "PEM file with the trusted certificates, instead of those of the system (Linux and other Unix)"),
    ("SSL_CERT_DIR", "Folders with trusted certificates, instead of those of the system (Linux and other Unix)"),
    ("NO_COLOR", "No colours"),
];

/// Exit codes, a line each.
pub(crate) fn exits() -> String {
    let mut out = String::from("Exit codes\n");
    for (exit, text) in Exit::ALL {
        entry(&mut out, &format!("  {}", exit.code()), text, 8);
    }
    out
}
