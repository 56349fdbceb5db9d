//! `explain`: what a code, a kind of failure, an exit code or a command means, and on what that rests.

use super::{ANSWERS, Builtin};
use crate::arguments::{Parsed, Target, resolve, target_name};
use crate::failure::{Exit, Failure};
use crate::table::Command;
use crate::{help, output};

pub(crate) const EXPLAIN: Builtin = Builtin {
    words: &["explain"],
    values: "CODE|KIND|STATUS|exit [N]|WORDS...",
    summary: "Explain an error code, a failure, an exit code or a command",
    text: "As in `swpanel explain '#APIGENE25'`, `swpanel explain 401`, `swpanel explain outcome-unknown`, \
           `swpanel explain exit 9`, `swpanel explain dns create`.",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: false,
    run,
};

/// What a word means, and on what that rests.
struct Entry {
    names: &'static [&'static str],
    text: &'static str,
    rests_on: &'static str,
}

/// The words that it knows, but for those of commands.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().flat_map(|entry| entry.names.iter().copied())
}

const READMES: &str = "the READMEs of SWPanel's example clients";
const OURS: &str = "this program: it is its own word";
const HTTP: &str = "HTTP; SWPanel publishes no list of statuses";

const ENTRIES: [Entry; 17] = [
    Entry {
        names: &["#APIGENE25", "APIGENE25"],
        text: "\"No existen resultados\": there are no results. It is the only error code that SWPanel has published. \
               On a list it stands for an empty list, and this program prints one; on the read of a single thing it \
               means that there is no such thing (exit 3).",
        rests_on: READMES,
    },
    Entry {
        names: &["401", "unauthorized"],
        text: "The token is missing, wrong or revoked. The answer is the plain text `Unauthorized`. Check the token in \
               the panel (My SWPanel, Integrator mode); `swpanel login` stores another one.",
        rests_on: READMES,
    },
    Entry {
        names: &["403", "forbidden"],
        text: "The token lacks a permission, or Integrator mode is off. Each token has permissions of its own in the \
               panel.",
        rests_on: "SWPanel's manual for the permissions; the status is HTTP's, SWPanel names none",
    },
    Entry { names: &["404", "not-found"], text: "There is no such thing.", rests_on: HTTP },
    Entry {
        names: &["400", "422", "validation"],
        text: "The API does not take these values. The message says which, perhaps in Spanish.",
        rests_on: HTTP,
    },
    Entry { names: &["409", "conflict"], text: "The state of the account forbids it.", rests_on: HTTP },
    Entry {
        names: &["429", "rate-limited"],
        text: "Too many calls. The client waits as long as the server asks and goes on more slowly; `--rate` sets a \
               pace beforehand. Where the wait is longer than the deadline, the hint says how long it is, and \
               `retry_after` does in JSON. SWPanel publishes no limits.",
        rests_on: HTTP,
    },
    Entry {
        names: &["500", "502", "503", "504", "server"],
        text: "The server failed. Reads and what is harmless to repeat were tried again already. Any other change may have \
               taken effect: read the state before running the command again.",
        rests_on: HTTP,
    },
    Entry {
        names: &["refused"],
        text: "The API answered with its error body (`Error code`, `Error message`), which may come with HTTP 200.",
        rests_on: READMES,
    },
    Entry {
        names: &["outcome-unknown"],
        text: "A change was sent and no complete response came, or an earlier attempt may have made it: it may or may not \
               have taken effect. Read the state before running the command again. Only changes that are harmless to \
               repeat (PUT, DELETE) are retried. In JSON, `may_have_taken_effect` says the same of every failure.",
        rests_on: OURS,
    },
    Entry {
        names: &["not-sent", "no-answer", "deadline"],
        text: "Nothing was changed; it may be tried again. Where a certificate was not accepted, this machine has to trust \
               it first (`--ca-file`, SSL_CERT_FILE, or the certificates of the system). A server that requires a certificate \
               of the client gets that of `client_certificate` and `client_key` in the profile.",
        rests_on: OURS,
    },
    Entry {
        names: &["not-json", "gateway", "redirect", "empty-answer", "too-large"],
        text: "Something else than the API answered, or half an answer came: a gateway's page, a redirect (which is not \
               followed, since it would take the token along), nothing where content is promised. A change may have \
               taken effect all the same: the page may come after the API was reached.",
        rests_on: OURS,
    },
    Entry {
        names: &["guardrail"],
        text: "The profile forbids the call (read_only, no_billable, no_destructive, groups, services). Nothing was sent.",
        rests_on: OURS,
    },
    Entry {
        names: &["not-confirmed"],
        text: "What deletes or costs money needs a yes. Without a terminal nobody can say it; `--yes` says it beforehand.",
        rests_on: OURS,
    },
    Entry {
        names: &["no-token", "configuration"],
        text: "There is no token, or the set-up cannot be used. `swpanel login` makes a profile, `swpanel doctor` looks \
               at everything.",
        rests_on: OURS,
    },
    Entry {
        names: &["invalid-body"],
        text: "The body does not fit the document. The document may be wrong, above all while it is a reconstruction: \
               `swpanel --version` says what it is. `--no-validate` sends the body as it is.",
        rests_on: OURS,
    },
    Entry {
        names: &["usage", "invalid-argument"],
        text: "The command line is wrong. Nothing was sent.",
        rests_on: OURS,
    },
];

/// What is not certain of an operation of the reconstruction, and where it was seen.
fn rests_on(text: &mut String, command: &Command) {
    let doubts = if command.doubts.is_empty() { "none noted" } else { command.doubts };
    paragraphs(text, &format!("Not certain: {doubts}"));
    if command.evidence.is_empty() {
        text.push_str("Seen in: the document names no place.\n");
    } else {
        text.push_str("Seen in (repository SWPanel/API-Examples):\n");
        command.evidence.iter().for_each(|place| text.push_str(&format!("  {place}\n")));
    }
}

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    let words: Vec<&str> = parsed.positionals.iter().map(String::as_str).collect();
    let text = match words.as_slice() {
        [] => {
            return Err(
                Failure::usage("what is to be explained is missing").hint("as in `swpanel explain '#APIGENE25'`")
            );
        }
        ["exit"] => help::exits(),
        ["exit", code] => exit(code)?,
        words => match resolve(words) {
            Some(Target::Operation(command)) => {
                let mut text = format!("swpanel {}: {}\n", command.name(), command.summary);
                text.push_str(&format!("{} {} ({})\n\n", command.method, command.path, command.does()));
                paragraphs(&mut text, command.text);
                // What SWPanel publishes rests on nothing else.
                if swpanel::DOCUMENT.kind == swpanel::DocumentKind::Reconstruction {
                    rests_on(&mut text, command);
                }
                text
            }
            Some(target @ Target::Builtin(builtin)) => {
                let mut text = format!("swpanel {}: {}\n\n", target_name(target), builtin.summary);
                paragraphs(&mut text, builtin.text);
                text
            }
            None => code(&words.join(" "))?,
        },
    };
    output::text(&text, &parsed.given).map(|()| Exit::Ok)
}

fn paragraphs(out: &mut String, text: &str) {
    if !text.is_empty() {
        help::wrap(text, 100).iter().for_each(|line| out.push_str(&format!("{line}\n")));
        out.push('\n');
    }
}

fn exit(code: &str) -> Result<String, Failure> {
    let found = Exit::ALL.iter().find(|(exit, _)| exit.code().to_string() == code);
    found.map(|(_, text)| format!("exit {code}: {text}\n")).ok_or_else(|| {
        let known: Vec<String> = Exit::ALL.iter().map(|(exit, _)| exit.code().to_string()).collect();
        Failure::usage(format!("there is no exit code `{code}`; there are {}", known.join(", ")))
    })
}

fn code(word: &str) -> Result<String, Failure> {
    let same = |name: &&&str| name.eq_ignore_ascii_case(word);
    let found = ENTRIES.iter().find(|entry| entry.names.iter().any(|name| same(&name)));
    let Some(entry) = found else {
        let mut words: Vec<&str> = ENTRIES.iter().filter_map(|entry| entry.names.first().copied()).collect();
        words.push("exit");
        return Err(Failure::new(Exit::NotFound, "unknown", format!("nothing is known of `{word}`"))
            .hint(format!("known are {}, and every command", words.join(", "))));
    };
    let mut text = format!("{}\n\n", entry.names.join(", "));
    paragraphs(&mut text, entry.text);
    text.push_str(&format!("On what this rests: {}.\n", entry.rests_on));
    Ok(text)
}
