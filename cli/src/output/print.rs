//! The two streams: answers on standard output, everything else on standard error. A reader that went away is no
//! failure (`swpanel ... | head`).
//!
//! Nothing but line breaks, tabs and this program's own emphasis reaches a terminal unescaped. A value that may contain a
//! line break passes through [`visible`] before it becomes part of a line.

use std::io::{ErrorKind, IsTerminal, Write};

use crate::arguments::Given;
use crate::changes;
use crate::failure::{Exit, Failure};
use crate::json::Json;
use crate::session::variable;
use crate::text::{BOLD, PLAIN, visible, visible_lines};

/// Writes lines to standard output.
pub(crate) fn out(text: &str) -> Result<(), Failure> {
    write(&visible_lines(text))
}

/// Writes exactly this text, which no terminal reads.
pub(crate) fn out_exact(text: &str) -> Result<(), Failure> {
    write(text)
}

fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::silent(Exit::Ok)),
        Err(error) => {
            let mut failure = Failure::other(format!("standard output cannot be written: {error}"));
            if changes::may_have_been_made() {
                failure.details.push("changes that were made before stay; only the output is lost".to_owned());
                failure = failure.hint("read the state instead of running the command again");
            }
            Err(failure)
        }
    }
}

/// Writes lines to standard error; that nobody reads it changes nothing.
pub(crate) fn err(text: &str) {
    let _ = std::io::stderr().lock().write_all(visible_lines(text).as_bytes());
}

/// Says something on one line of standard error that is no failure: not with `--quiet`, and not where failures are JSON,
/// so that standard error is one value then.
pub(crate) fn note(given: &Given, line: &str) {
    if !is_still(given) {
        err(&format!("{}\n", visible(line.strip_suffix('\n').unwrap_or(line))));
    }
}

/// Whether standard error is for failures alone.
pub(crate) fn is_still(given: &Given) -> bool {
    given.has("quiet") || matches!(given.get("output"), Some("json" | "jsonl"))
}

/// Tells a failure, as JSON where answers are JSON.
pub(crate) fn say_failure(failure: &Failure, as_json: bool) {
    if failure.silent {
        return;
    }
    if as_json { err(&format!("{}\n", Json::from(&failure.to_json()))) } else { err(&failure.to_text()) }
}

/// Whether a person reads standard output.
pub(crate) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// How wide a table may be: the terminal, else as wide as it likes.
pub(crate) fn width() -> Option<u16> {
    if !is_terminal() {
        return None;
    }
    let told = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    told.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0)).filter(|width| *width >= 20)
}

/// Marks of emphasis, where they are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Styles {
    coloured: bool,
}

impl Styles {
    /// When colours are wanted.
    pub(crate) const WHEN: [&str; 3] = ["auto", "always", "never"];

    /// Refuses a word for it that has no meaning.
    pub(crate) fn judge(given: &Given) -> Result<(), Failure> {
        match given.get("color").filter(|when| !Self::WHEN.contains(when)) {
            Some(when) => {
                let allowed = Self::WHEN.join(", ");
                Err(Failure::usage(format!("`--color` does not take `{when}`; allowed: {allowed}")))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn of_stdout(given: &Given) -> Self {
        Self::of(given, is_terminal())
    }

    pub(crate) fn of_stderr(given: &Given) -> Self {
        Self::of(given, std::io::stderr().is_terminal())
    }

    fn of(given: &Given, is_terminal: bool) -> Self {
        let coloured = match given.get("color") {
            Some("always") => true,
            Some("never") => false,
            _ => is_terminal && variable("NO_COLOR").is_none() && variable("TERM").as_deref() != Some("dumb"),
        };
        Self { coloured }
    }

    /// What stands out.
    pub(crate) fn bold(self, text: &str) -> String {
        if self.coloured { format!("{BOLD}{text}{PLAIN}") } else { text.to_owned() }
    }
}
