//! `cargo xtask diff OLD NEW`: what changed between two documents, whom it breaks, and why.

use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread::{self, ScopedJoinHandle};

use serde_json::json;
use swpanel_build_tools::diff::{self, RULES, Report, RustVerdict, Side, Verdict};
use swpanel_build_tools::document::{Document, Parts};
use swpanel_build_tools::safe_text;
use swpanel_build_tools::sync::{Input, sync};

use crate::arguments::{DiffFlags, FailOn, Format, RustGround};
use crate::outcome::{self, CHANGED, Failure};
use crate::workspace::{DOCUMENT, Workspace};
use crate::{drift, source};

pub(crate) fn run(flags: &DiffFlags, root: Option<&Path>, format: Format) -> ExitCode {
    if flags.rules {
        return rules(format);
    }
    if !flags.git.is_empty() {
        return super::git_driver::run(flags, root, format);
    }
    let (old, new) = match named(flags, root) {
        Ok(documents) => documents,
        Err(failure) => return failure.print(format),
    };
    match report((&old, &new), flags, root) {
        Ok((report, old_side, new_side)) => {
            // Only a file lies beside the pull request's lines.
            let file = Some(new.as_str()).filter(|new| Path::new(new).is_file());
            let code = print(&report, (&old_side, &new_side), file, flags, format);
            // The process ends here, and gives back at once what would be given back node by node.
            std::mem::forget((report, old_side, new_side));
            code
        }
        Err(failure) => failure.print(format),
    }
}

/// The documents to compare: those that were named, or the last commit and the working tree.
fn named(flags: &DiffFlags, root: Option<&Path>) -> Result<(String, String), Failure> {
    match (&flags.old, &flags.new) {
        (Some(old), Some(new)) => Ok((old.clone(), new.clone())),
        (None, None) => {
            let workspace = Workspace::find(root)?;
            Ok(("git:HEAD".to_owned(), workspace.path(DOCUMENT).to_string_lossy().into_owned()))
        }
        _ => Err(Failure::usage(
            "one document is missing",
            "give OLD and NEW (files, addresses, `-`, or git:REV[:PATH]), or neither to compare git:HEAD with the working tree",
        )),
    }
}

/// Compares two documents as the flags say.
pub(super) fn report(
    (old, new): (&str, &str),
    flags: &DiffFlags,
    root: Option<&Path>,
) -> Result<(Report, Side, Side), Failure> {
    if old == "-" && new == "-" {
        return Err(Failure::usage("standard input can be one side only", "save one of the two as a file"));
    }
    let policy = drift::policy(flags.config.as_deref(), root)?;
    let (old, new) = (read(old, flags, root)?, read(new, flags, root)?);
    let small = old.bytes.len().max(new.bytes.len()) <= QUICK_BYTES;
    let listing = match flags.rust {
        RustGround::Changes => None,
        RustGround::Auto if !small => None,
        // A document that cannot be generated from is compared anyway.
        RustGround::Auto => listing(&old, &new).ok(),
        RustGround::Listing => Some(listing(&old, &new)?),
    };
    let (old, new) = sides(old, new);
    let (mut old, mut new) = (old?, new?);
    policy.strip(&mut old, &mut new);
    let mut report = drift::compared_documents(&old, &new, &policy)?;
    if let Some(listing) = listing {
        report.ground(listing);
    }
    policy.apply(&mut report);
    Ok((report, old, new))
}

/// Lines that begin a finding, in the colour of their verdict.
fn painted(text: &str) -> String {
    let colour = |line: &str| match line.split_once(':')?.0 {
        "breaks" => Some("1;31"),
        "may break" => Some("33"),
        "compatible" => Some("32"),
        "words only" => Some("2"),
        _ => None,
    };
    let lines = text.lines().map(|line| match colour(line) {
        Some(colour) => format!("\u{1b}[{colour}m{line}\u{1b}[0m\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// Up to so many bytes of a document the clients are generated without being asked for.
const QUICK_BYTES: usize = 512 << 10;

/// A document as it was named, and what it consists of.
struct Read {
    named: String,
    bytes: Vec<u8>,
    parts: Parts,
}

fn read(named: &str, flags: &DiffFlags, root: Option<&Path>) -> Result<Read, Failure> {
    let (bytes, parts) = match named.strip_prefix("git:") {
        Some(revision) => (from_git(revision, root)?, Parts::default()),
        None => {
            let source = source::given(named, &flags.fetch, None)?;
            (source.bytes, source.parts)
        }
    };
    Ok(Read { named: named.to_owned(), bytes, parts })
}

/// As deep as documents may be nested, on a thread as on the first one.
const STACK: usize = 8 << 20;

/// Reads both documents at the same time; what is found of one does not depend on the other.
fn sides(old: Read, new: Read) -> (Result<Side, Failure>, Result<Side, Failure>) {
    let new = Mutex::new(Some(new));
    let read_new = || new.lock().ok().and_then(|mut new| new.take()).map(side);
    thread::scope(|scope| {
        let helper = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read_new);
        let old = side(old);
        let new = match helper.map(ScopedJoinHandle::join) {
            Ok(Ok(new)) => new,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // Where no thread can be had it still lies there.
            Err(_) => read_new(),
        };
        (old, new.expect("either the thread or this one has taken it"))
    })
}

fn side(read: Read) -> Result<Side, Failure> {
    let Read { named, bytes, parts } = read;
    Side::take(bytes, Some(&parts))
        .map_err(|refusal| Failure::new(refusal.name(), format!("refused {named}: {refusal}"), refusal.hint()))
}

/// What the public APIs of both generated clients say.
fn listing(old: &Read, new: &Read) -> Result<RustVerdict, Failure> {
    let make = |read: &Read, input: Input<'_>| {
        let input = Input { raw: &read.bytes, parts: Some(&read.parts), accept_shrink: true, ..input };
        sync(&input).map_err(|error| super::sync::refusal(error, &read.named))
    };
    let was = make(old, Input::default())?;
    let before = Document::from_canonical(was.document.as_bytes()).ok();
    let pinned = Input { document: before.as_ref(), lock: Some(&was.lock), listing: &was.listing, ..Input::default() };
    let is = make(new, pinned)?;
    Ok(match was.code == is.code {
        true => RustVerdict::None,
        false => drift::grounded(&is),
    })
}

/// The bytes of a file as a revision has it.
fn from_git(named: &str, root: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let (revision, path) = named.split_once(':').unwrap_or((named, DOCUMENT));
    let hint =
        "give a revision that `git show` knows, as git:REV or git:REV:PATH with the path from the repository's root";
    if revision.is_empty() || revision.starts_with('-') || path.is_empty() {
        return Err(Failure::usage(format!("`git:{named}` names no revision"), hint));
    }
    let mut git = Command::new("git");
    if let Some(root) = root {
        git.current_dir(root);
    }
    let output = git.args(["show", "--end-of-options", &format!("{revision}:{path}")]).output();
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

fn print(
    report: &Report,
    (old, new): (&Side, &Side),
    file: Option<&str>,
    flags: &DiffFlags,
    format: Format,
) -> ExitCode {
    let printed = match format {
        Format::Json => outcome::print_json(&json!(report)),
        Format::Markdown => outcome::print_text(&safe_text::page(&diff::markdown(report))),
        Format::Html => outcome::print_text(&safe_text::page(&diff::html(report, old, new))),
        Format::Github => outcome::print_text(&diff::github(report, file)),
        Format::Text => {
            let coloured =
                std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
            let text = safe_text::page(&diff::text(report));
            outcome::print_text(&if coloured { painted(&text) } else { text })
        }
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
        Format::Text | Format::Html | Format::Github => {
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
