//! How a command ends: what it prints, as text and as JSON, and its exit code.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use swpanel_build_tools::address::redact;
use swpanel_build_tools::document::Refusal;
use swpanel_build_tools::safe_text::{self, line, page};

use crate::arguments::Format;

/// Something changed or was mended, and a person should look.
pub(crate) const CHANGED: u8 = 4;
/// Refused or failed.
pub(crate) const FAILED: u8 = 100;
/// Wrong usage.
pub(crate) const USAGE: u8 = 2;

/// A command that came to its end.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// For people.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// Whether a person should look.
    pub(crate) changed: bool,
}

impl Outcome {
    pub(crate) fn print(self, format: Format) -> ExitCode {
        let printed = match format {
            Format::Text | Format::Markdown | Format::Html | Format::Github => print_text(&page(&self.text)),
            Format::Json => print_json(&self.json),
        };
        code(printed, if self.changed { CHANGED } else { 0 })
    }
}

/// A command that was refused or failed: what happened to what, details, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    name: &'static str,
    message: String,
    details: Vec<String>,
    hint: String,
    code: u8,
}

impl Failure {
    pub(crate) fn new(name: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, message: message.into(), details: Vec::new(), hint: hint.into(), code: FAILED }
    }

    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: USAGE, ..Self::new("usage", message, hint) }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    pub(crate) fn print(self, format: Format) -> ExitCode {
        match format {
            Format::Text | Format::Markdown | Format::Html | Format::Github => {
                let mut text = format!("error: {}\n", line(&self.message));
                for detail in &self.details {
                    text.push_str(&format!("  {}\n", line(detail)));
                }
                text.push_str(&format!("  hint: {}\n", line(&self.hint)));
                print_error(&page(&text));
                ExitCode::from(self.code)
            }
            Format::Json => {
                // Whether what was read is at fault, and nothing of this workspace.
                let refused = Refusal::NAMES.contains(&self.name) || ["lint", "unreachable"].contains(&self.name);
                // These are for people too: the workflow of the sync puts them into its summary.
                let details: Vec<_> = self.details.iter().map(|detail| line(detail)).collect();
                let error = json!({"name": self.name, "refused": refused, "message": line(&self.message),
                    "details": details, "hint": line(&self.hint)});
                code(print_json(&json!({"outcome": "failed", "error": error})), self.code)
            }
        }
    }
}

/// JSON as it is printed and written for people to look at.
pub(crate) fn json_text(value: &Value) -> String {
    safe_text::json(&format!("{value:#}\n")).into_owned()
}

pub(crate) fn print_json(value: &Value) -> std::io::Result<()> {
    print_text(&json_text(value))
}

/// Writes to standard output, addresses redacted; a reader that has gone away (`| head`) is no failure.
pub(crate) fn print_text(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(redact(text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Writes to standard error, addresses redacted.
pub(crate) fn print_error(text: &str) {
    // A closed standard error is nobody's concern.
    let _ = std::io::stderr().write_all(redact(text).as_bytes());
}

/// The exit code, unless what was to be said could not be said.
pub(crate) fn code(printed: std::io::Result<()>, code: u8) -> ExitCode {
    match printed {
        Ok(()) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: the result cannot be written to standard output: {error}");
            ExitCode::from(FAILED)
        }
    }
}

/// A number and what it counts: `1 address`, `2 addresses`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
