//! `help`: the help of any words, and the flags of all commands.

use super::{ANSWERS, Builtin};
use crate::arguments::{Parsed, Target, below, resolve};
use crate::failure::{Exit, Failure};
use crate::{help, output};

pub(crate) const HELP: Builtin = Builtin {
    words: &["help"],
    values: "[WORDS...]",
    summary: "Say what there is: of a command, a group, `flags` or `exit`",
    text: "",
    flags: &[],
    heeds: &[&["kind"], ANSWERS],
    hidden: false,
    run,
};

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    let words: Vec<&str> = parsed.positionals.iter().map(String::as_str).collect();
    let text = match words.as_slice() {
        [] => help::program(),
        ["flags"] => help::common(),
        ["exit"] => help::exits(),
        words => match resolve(words) {
            Some(Target::Operation(command)) => help::command(command, parsed.given.get("kind"))?,
            Some(Target::Builtin(builtin)) => help::builtin(builtin),
            None if below(words).is_empty() => {
                return Err(Failure::usage(format!("there is no command `{}`", words.join(" ")))
                    .hint("`swpanel --help` lists what there is"));
            }
            None => help::group(words),
        },
    };
    output::text(&text, &parsed.given).map(|()| Exit::Ok)
}
