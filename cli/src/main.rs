//! The command line of SWPanel: every operation of the document as `swpanel GROUP VERB`, and what is written by hand.
//!
//! words --[`arguments`]--> a command of the [`table`] or of [`commands`] --[`body`], [`request`]--> a request
//! --[`session`]--> an answer --[`output`]--> what is printed; a [`failure`] carries the exit code.

mod acme;
mod arguments;
mod body;
mod call;
mod changes;
mod commands;
mod confirm;
mod failure;
mod files;
mod fleet;
#[cfg(test)]
mod fuzz;
mod help;
mod jq;
mod json;
mod output;
mod outputs;
mod profiles;
mod prompt;
mod request;
mod session;
mod table;
mod text;
mod undo;
mod wait;
mod words;
mod zone;

use std::process::ExitCode;

use arguments::{Target, parse, refuse_unused};
use failure::{Exit, Failure};

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == jq::worker::ARGUMENT) {
        return jq::worker::serve();
    }
    let mut arguments = Vec::new();
    for argument in std::env::args_os().skip(1) {
        match argument.into_string() {
            Ok(argument) => arguments.push(argument),
            Err(_) => return end(&Failure::usage("an argument is no text in UTF-8"), false),
        }
    }
    match start(&arguments) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => end(&failure, wants_json(&arguments)),
    }
}

fn end(failure: &Failure, as_json: bool) -> ExitCode {
    output::say_failure(failure, as_json);
    ExitCode::from(failure.exit.code())
}

/// Whether answers are to be JSON, told also where the command line itself is wrong.
fn wants_json(arguments: &[String]) -> bool {
    let own = arguments.iter().take_while(|argument| *argument != "--");
    let words: Vec<&str> = own.map(String::as_str).collect();
    let joined = ["-ojson", "-o=json", "--output=json", "-ojsonl", "-o=jsonl", "--output=jsonl"];
    let apart = |pair: &[&str]| matches!(pair, ["-o" | "--output", "json" | "jsonl"]);
    words.iter().any(|word| joined.contains(word)) || words.windows(2).any(apart)
}

fn start(arguments: &[String]) -> Result<Exit, Failure> {
    let parsed = parse(arguments)?;
    output::Styles::judge(&parsed.given)?;
    if !output::is_still(&parsed.given) {
        body::allow_notes();
    }
    if parsed.given.has("version") {
        return output::text(&help::version(), &parsed.given).map(|()| Exit::Ok);
    }
    let words: Vec<&str> = parsed.words.iter().map(String::as_str).collect();
    match parsed.target {
        None if words.is_empty() => output::text(&help::program(), &parsed.given).map(|()| Exit::Ok),
        None => output::text(&help::group(&words), &parsed.given).map(|()| Exit::Ok),
        Some(target) if parsed.given.has("help") => {
            // Where a verb was left out, the words are still a group.
            let text = match target {
                Target::Operation(command) => help::command(command, parsed.given.get("kind"))?,
                Target::Builtin(builtin) => help::builtin(builtin),
            };
            output::text(&text, &parsed.given).map(|()| Exit::Ok)
        }
        Some(target) => refuse_unused(target, &parsed.given).and_then(|()| match target {
            Target::Operation(command) => call::run(command, &parsed),
            Target::Builtin(builtin) => (builtin.run)(&parsed),
        }),
    }
    .map_err(|failure| changes::noted(session::placed(failure, &parsed.given)))
}
