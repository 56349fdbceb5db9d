//! `cargo xtask`: keeps the client in step with the document that SWPanel publishes.
//!
//! Flags are in `arguments`, one file per command in `commands`; everything that thinks is in swpanel-build-tools.

mod arguments;
mod baseline;
mod beside;
mod commands;
mod conflicts;
mod documentation;
mod drift;
mod fetch;
mod files;
mod git;
mod locked;
mod outcome;
mod regular;
mod report;
mod sides;
mod source;
mod standalone;
mod workspace;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command, Format};
use outcome::{Failure, Outcome};

fn main() -> ExitCode {
    let exact: Vec<OsString> = std::env::args_os().collect();
    let given: Vec<String> = exact.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let arguments = match Arguments::try_parse_from(&exact) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&given, &error),
    };
    let format = arguments.format;
    let page = format == Format::Html && matches!(arguments.command, Command::Coverage(_));
    if matches!(format, Format::Markdown | Format::Html | Format::Github)
        && !matches!(arguments.command, Command::Diff(_))
        && !page
    {
        let message = "`markdown` and `github` are formats of `diff` alone, `html` one of `diff` and `coverage`";
        return Failure::usage(message, "give --format text or json").print(format);
    }
    let outcome = match arguments.command {
        Command::Sync(flags) => commands::sync::run(&flags, arguments.root.as_deref()),
        Command::Discover(flags) => return commands::discover::run(&flags, format),
        Command::Ingest(flags) => commands::ingest::run(&flags, arguments.root.as_deref()),
        Command::Import(flags) => commands::import::run(&flags),
        Command::Corpus(flags) => commands::corpus::run(&flags, arguments.root.as_deref()),
        Command::Diff(flags) => return commands::diff::run(&flags, arguments.root.as_deref(), format),
        Command::Check => commands::check::run(arguments.root.as_deref()),
        Command::Demo => commands::demo::run(arguments.root.as_deref()),
        Command::Accept => commands::accept::run(arguments.root.as_deref()),
        Command::Rehearse(flags) => commands::rehearse::run(&flags, arguments.root.as_deref()),
        Command::Release(flags) => commands::release::run(&flags, arguments.root.as_deref()),
        Command::Fuzz(flags) => commands::fuzz::run(&flags, arguments.root.as_deref()),
        Command::Fidelity => commands::fidelity::run(arguments.root.as_deref()),
        Command::Probe(flags) => commands::probe::run(&flags, arguments.root.as_deref()),
        Command::Observe(flags) => commands::observe::run(&flags, arguments.root.as_deref()),
        Command::Examples(flags) => commands::examples::run(&flags, arguments.root.as_deref()),
        Command::Classify(flags) => commands::classify::run(&flags, arguments.root.as_deref()),
        Command::Verify(flags) => commands::verify::run(&flags, arguments.root.as_deref()),
        Command::Coverage(flags) => commands::coverage::run(&flags, arguments.root.as_deref(), format),
    };
    match outcome {
        Ok(outcome) => outcome.print(format),
        Err(failure) => failure.print(format),
    }
}

/// clap's own words; with `--format json` also as JSON on standard output.
fn usage(given: &[String], error: &clap::Error) -> ExitCode {
    let json = given.iter().any(|word| word == "--format=json")
        || given
            .windows(2)
            .any(|pair| pair.first().is_some_and(|w| w == "--format") && pair.last().is_some_and(|w| w == "json"));
    if !error.use_stderr() {
        let text = error.render().to_string();
        let printed =
            if json { outcome::print_json(&serde_json::json!({"help": text})) } else { outcome::print_text(&text) };
        return outcome::code(printed, 0);
    }
    if json {
        let text = error.render().to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        return Failure::usage(first, "see `cargo xtask --help`").print(Format::Json);
    }
    let rendered = error.render();
    let coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let text = if coloured { rendered.ansi().to_string() } else { rendered.to_string() };
    outcome::print_error(&text);
    ExitCode::from(outcome::USAGE)
}

type Run = Result<Outcome, Failure>;
