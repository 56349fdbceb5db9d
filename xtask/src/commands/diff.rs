//! `cargo xtask diff OLD NEW`: what changed between two documents, whom it breaks, and why.

use std::process::{Command, ExitCode};

use serde_json::json;
use swpanel_build_tools::diff::{self, RULES, Report, Side, Verdict};
use swpanel_build_tools::document::Parts;

use crate::arguments::{DiffFlags, FailOn, Format};
use crate::outcome::{self, CHANGED, Failure};
use crate::source;
use crate::workspace::DOCUMENT;

pub(crate) fn run(flags: &DiffFlags, format: Format) -> ExitCode {
    if flags.rules {
        return rules(format);
    }
    match report(flags) {
        Ok((report, old, new)) => print(&report, (&old, &new), flags, format),
        Err(failure) => failure.print(format),
    }
}

fn report(flags: &DiffFlags) -> Result<(Report, Side, Side), Failure> {
    let missing =
        || Failure::usage("two documents are needed", "give OLD and NEW: files, addresses, `-`, or git:REV[:PATH]");
    let (old, new) = flags.old.as_deref().zip(flags.new.as_deref()).ok_or_else(missing)?;
    if old == "-" && new == "-" {
        return Err(Failure::usage("standard input can be one side only", "save one of the two as a file"));
    }
    let (old, new) = (side(old, flags)?, side(new, flags)?);
    Ok((diff::diff(&old, &new, &source::today()), old, new))
}

fn side(named: &str, flags: &DiffFlags) -> Result<Side, Failure> {
    let (bytes, parts) = match named.strip_prefix("git:") {
        Some(revision) => (from_git(revision)?, Parts::default()),
        None => {
            let source = source::given(named, &flags.fetch, None)?;
            (source.bytes, source.parts)
        }
    };
    Side::take(bytes, Some(&parts))
        .map_err(|refusal| Failure::new(refusal.name(), format!("refused {named}: {refusal}"), refusal.hint()))
}

/// The bytes of a file as a revision has it.
fn from_git(named: &str) -> Result<Vec<u8>, Failure> {
    let (revision, path) = named.split_once(':').unwrap_or((named, DOCUMENT));
    let hint =
        "give a revision that `git show` knows, as git:REV or git:REV:PATH with the path from the repository's root";
    if revision.is_empty() || revision.starts_with('-') || path.is_empty() {
        return Err(Failure::usage(format!("`git:{named}` names no revision"), hint));
    }
    let output = Command::new("git").args(["show", "--end-of-options", &format!("{revision}:{path}")]).output();
    let output = output.map_err(|error| {
        Failure::new("unreadable", format!("git cannot be run: {error}"), "install git, or give files")
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    let why = why.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ").to_owned();
    Err(Failure::new("unreadable", format!("`git:{named}` cannot be read: {why}"), hint))
}

fn print(report: &Report, (old, new): (&Side, &Side), flags: &DiffFlags, format: Format) -> ExitCode {
    let printed = match format {
        Format::Json => outcome::print_json(&json!(report)),
        Format::Markdown => outcome::print_text(&diff::markdown(report)),
        Format::Html => outcome::print_text(&diff::html(report, old, new)),
        Format::Text => outcome::print_text(&diff::text(report)),
    };
    let worst = report.consumer_verdict;
    let fails = match flags.fail_on {
        FailOn::Breaking => worst == Verdict::Breaking,
        FailOn::Warning => worst >= Verdict::Warning,
        FailOn::Any => worst > Verdict::None,
    };
    outcome::code(printed, if fails { CHANGED } else { 0 })
}

fn rules(format: Format) -> ExitCode {
    let printed = match format {
        Format::Json => outcome::print_json(&json!(RULES)),
        Format::Markdown => outcome::print_text(&page()),
        Format::Text | Format::Html => {
            let lines = RULES.iter().map(|rule| {
                let settled = if rule.settled.is_empty() { String::new() } else { format!(" ({})", rule.settled) };
                format!("{:<32}{}{settled}\n", rule.id, rule.what)
            });
            outcome::print_text(&lines.collect::<String>())
        }
    };
    outcome::code(printed, 0)
}

/// The page that `docs/diff-rules.md` is; a test keeps it so.
fn page() -> String {
    let mut page = "# Findings of `cargo xtask diff`\n\n\
        Written by `cargo xtask diff --rules --format markdown`. A rule names a kind of change. Whether it breaks a consumer is\n\
        derived from what the change does to the set of allowed values, in the direction in which they travel: what clients send\n\
        must not become narrower, what they receive not wider. Where a verdict is settled otherwise, the reason is given. The\n\
        Rust column says what code written against the generated client meets.\n\n\
        | rule | what changed | Rust | settled because |\n|---|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        let rust = json!(rule.rust).as_str().unwrap_or_default().to_owned();
        page.push_str(&format!("| `{}` | {} | {rust} | {} |\n", rule.id, rule.what, rule.settled));
    }
    page
}
