//! `docs`: all help in one page of Markdown (docs/cli.md), and `commands`: the table for programs.

use serde_json::{Value, json};

use super::{ANSWERS, BUILTINS, Builtin};
use crate::arguments::{COMMON, Parsed};
use crate::failure::{Exit, Failure};
use crate::table::{COMMANDS, Command, Need, placeholder};
use crate::{acme, help, output};

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
            "asynchronous": command.asynchronous,
            "billable": command.billable,
            "destructive": command.destructive,
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
    out.push('\n');
    out.push_str(OUTPUT);
    out.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, text) in Exit::ALL {
        out.push_str(&format!("| {} | {} |\n", exit.code(), cell(text)));
    }
    out.push_str("\n## Flags of all commands\n\nA command refuses those of them that it does not use.\n\n| flag | what it does |\n|---|---|\n");
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
        if builtin.words == acme::LEGO.words {
            out.push_str(&format!("\n{}", acme::LEGO_WRAPPER));
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
        let asks = if command.asks() { ", asks first" } else { "" };
        let flags = flags(command);
        out.push_str(&format!(
            "| `swpanel {}{values}` | `{} {}` | {}{asks} | {flags} |\n",
            command.name(),
            command.method,
            command.path,
            command.does(),
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

Secrets are never taken from the command line: their flags take `-` (standard input), `@FILE` or `env:NAME`. A byte order \
mark at the start of a secret and one line end at its end are dropped; a secret with characters that do not show (such as a \
zero-width or no-break space) is refused. Tokens hold visible ASCII only, without quotation marks and without `Bearer`.

A file that a flag names must be a regular file; a named pipe, a device or a folder is refused, because it may never end. The \
pipe of a process substitution (`@<(pass show db)` in bash, `--from <(...)`) is read, and so is `-`.

Where a group has only one verb and it reads, the verb may be left out: `swpanel domains whois example.es`. What changes \
something is always named in full.

Files that you give are UTF-8, or UTF-16 with a byte order mark. A property that is twice in an object of a JSON or YAML \
file, or of JSON in a flag, is refused. A file that a command writes is never one of the files that it reads, however its \
name is spelled, and never something else than a regular file.

`-o csv` prints the values exactly. A spreadsheet runs cells that begin with `=`, `+`, `-` or `@` as formulas: before a \
file goes to one, print it with `--csv-safe`, which puts `'` before such cells. The CSV results of `fleet` are always \
written so; their JSON lines are exact.
";

const OUTPUT: &str = "\
## Output

Numbers are printed with the digits that the API sent (`12345678901234567890`, `1.10`, `1e400`), in every format; with \
`--jq` too, as long as the expression does not calculate with them.

Names and values come from a server, so control characters, line breaks, characters that change the direction of writing \
and characters without width are printed as visible escapes (`\\u{1b}`), in tables, CSV, questions and messages. JSON and \
YAML escape them as `\\u001b`, which is the same value. Only `--jq` without `--output` prints a string exactly as it is, and \
only to a pipe or a file. Data that must stay exact is best taken as JSON.

A jq expression may use 10 s of the processor and 1 GiB of memory (60 s in all where the system does not show these), and yield 250,000 values; recursion without end is stopped (exit code 2).
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
