//! `docs`: all help in one page of Markdown (docs/cli.md), and `commands`: the table for programs.

use serde_json::{Value, json};

use super::{ANSWERS, BUILTINS, Builtin};
use crate::arguments::{COMMON, Parsed};
use crate::failure::{Exit, Failure};
use crate::table::{COMMANDS, Command, Need, placeholder};
use crate::{help, output};

pub(crate) const DOCS: Builtin = Builtin {
    words: &["docs"],
    values: "",
    summary: "Print the reference of all commands as Markdown",
    text: "",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: true,
    run: docs,
};

pub(crate) const COMMANDS_LIST: Builtin = Builtin {
    words: &["commands"],
    values: "",
    summary: "List the commands of the document: METHOD, path, group, verb",
    text: "",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: true,
    run: list,
};

fn list(parsed: &Parsed) -> Result<Exit, Failure> {
    let row = |command: &Command| {
        let (verb, group) = command.words.split_last().map_or(("", &[][..]), |(verb, group)| (*verb, group));
        json!({
            "command": command.name(),
            "effect": command.effect.as_str(),
            "group": group.join(" "),
            "method": command.method,
            "operation": command.id,
            "path": command.path,
            "required": command.queries().filter(|query| query.required).map(|query| query.name).collect::<Vec<_>>(),
            "verb": verb,
        })
    };
    let rows: Value = COMMANDS.iter().map(row).collect();
    output::answer(&rows, &parsed.given)?;
    Ok(Exit::Ok)
}

fn docs(parsed: &Parsed) -> Result<Exit, Failure> {
    let mut out = String::from("# The command line\n\n");
    out.push_str(
        "<!-- Printed by `swpanel docs`; renew with `SWPANEL_UPDATE=1 cargo test -p swpanel-cli --test docs`. -->\n\n",
    );
    out.push_str("`swpanel GROUP VERB [VALUES] [FLAGS]` calls one operation of the API. `swpanel GROUP VERB --help` says all that is known of it.\n\n");
    out.push_str(INTRODUCTION);
    out.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, text) in Exit::ALL {
        out.push_str(&format!("| {} | {} |\n", exit.code(), cell(text)));
    }
    out.push_str("\n## Flags of all commands\n\nA command that is written by hand refuses those of them that have no use with it.\n\n| flag | what it does |\n|---|---|\n");
    for flag in &COMMON {
        let short = if flag.short == ' ' { String::new() } else { format!("`-{}`, ", flag.short) };
        let value = flag.value.map(|value| format!(" {value}")).unwrap_or_default();
        out.push_str(&format!("| {short}`--{}{}` | {} |\n", flag.name, cell(&value), cell(flag.text)));
    }
    out.push_str("\n## Environment\n\n| variable | what it is |\n|---|---|\n");
    for (name, text) in help::ENVIRONMENT {
        out.push_str(&format!("| `{name}` | {} |\n", cell(text)));
    }
    out.push_str("\n## Commands written by hand\n");
    for builtin in BUILTINS.iter().filter(|builtin| !builtin.hidden) {
        let values = if builtin.values.is_empty() { String::new() } else { format!(" {}", builtin.values) };
        out.push_str(&format!("\n### swpanel {}\n\n{}.\n\n", builtin.words.join(" "), builtin.summary));
        out.push_str(&format!("```text\nswpanel {}{values}\n```\n", builtin.words.join(" ")));
        if !builtin.text.is_empty() {
            out.push_str(&format!("\n{}\n", builtin.text));
        }
        if !builtin.flags.is_empty() {
            out.push_str("\n| flag | what it does |\n|---|---|\n");
            for flag in builtin.flags {
                let value = flag.value.map(|value| format!(" {value}")).unwrap_or_default();
                out.push_str(&format!("| `--{}{}` | {} |\n", flag.name, cell(&value), cell(flag.text)));
            }
        }
        let common: Vec<String> = builtin.common().map(|name| format!("`--{name}`")).collect();
        if !common.is_empty() {
            out.push_str(&format!("\nOf the flags of all commands also {}.\n", common.join(", ")));
        }
    }
    out.push_str("\n## Commands of the API\n\n");
    out.push_str("`*` marks flags that must be given. Flags of variants name what they go with in `--help`.\n\n");
    out.push_str("| command | call | effect | flags |\n|---|---|---|---|\n");
    for command in COMMANDS {
        let values: String = command.positionals().map(|value| format!(" {}", placeholder(value.name))).collect();
        let asks = if command.destructive { ", asks first" } else { "" };
        let flags = flags(command);
        out.push_str(&format!(
            "| `swpanel {}{values}` | `{} {}` | {}{asks} | {flags} |\n",
            command.name(),
            command.method,
            command.path,
            command.effect.as_str(),
        ));
    }
    output::text(&out, &parsed.given).map(|()| Exit::Ok)
}

const INTRODUCTION: &str = "\
Answers go to standard output, everything else to standard error. At a terminal and without `--output` an answer is a \
table; `-o json` is the API's own answer, also in a pipe. With `-o json` or `-o jsonl` a failure is one JSON value on \
standard error: `{\"error\": {code, exit, hint, kind, may_have_taken_effect, message, operation, retry_after, retryable, \
status}}`, and where they are known `request_id` and `details`:

- `may_have_taken_effect`: the command may have changed something although it failed. Read the state before running it \
again. It is false where every change was provably not made, and where the command only reads.
- `retryable`: the same command may succeed later and cannot make a change twice.
- `retry_after`: seconds to wait, where the API asks for it (HTTP 429), else null.
- `kind` is a fixed name for programs (`swpanel explain KIND`); `code` and `status` are those of the API's response, or \
null; `exit` is the exit code; `message` and `hint` are for people.

A flag is the dotted path of a member of the body (`--record.data.priority 10`), or its last parts where that is clear \
(`--priority 10`); letters may be small, `-` may stand for `_`. New members may make a short name unclear, so scripts \
should give the whole one. `--body.NAME` is always the member, also where a flag of all commands has its name. Lists \
are flags given several times; items of objects are numbered (`--users.0.id_user ana`), or given as JSON.

Secrets are never taken from the command line: their flags take `-` (standard input), `@FILE` or `env:NAME`.

Where a group has one verb, it may be left out: `swpanel domains whois example.es`.
";

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn flags(command: &Command) -> String {
    let queries = command.queries().map(|query| (query.name.to_owned(), query.required));
    let body = command.body.as_ref();
    let members = body.map(|body| body.flags).unwrap_or_default().iter();
    let members =
        members.map(|flag| (flag.path.replace(".*", ".N"), flag.need == Need::Always && flag.when.is_empty()));
    let mut seen: Vec<(String, bool)> = Vec::new();
    for (name, must) in queries.chain(members) {
        if !seen.iter().any(|(known, _)| *known == name) {
            seen.push((name, must));
        }
    }
    let kinds = body.map(|body| body.kinds).unwrap_or_default();
    if seen.len() > 12 {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!("`--kind` {}; ", kinds.join(", ")) };
        return format!("{kinds}{} flags, see `--help`", seen.len());
    }
    let names = seen.into_iter().map(|(name, must)| format!("`--{name}`{}", if must { "*" } else { "" }));
    let kinds = kinds.iter().map(|kind| format!("`--kind {}`", kind.name));
    kinds.chain(names).collect::<Vec<_>>().join(" ")
}
