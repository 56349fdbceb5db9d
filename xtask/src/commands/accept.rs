//! `cargo xtask accept`: takes the present state into the snapshots, renews the pages of
//! help and what pages show of commands, deletes orphans, renews README's table.
//!
//! It runs the snapshot tests with insta told to write, so that nobody has to install cargo-insta.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use swpanel_build_tools::coverage::snapshot_path;
use swpanel_build_tools::lock::SourceKind;

use super::coverage::{read_document, snapshots, texts, write_readme};
use crate::outcome::{Failure, Outcome};
use crate::workspace::{HELP, README, SNAPSHOTS, Workspace};
use crate::{Run, files};

/// The pages for people.
const DOCS: &str = "docs";

/// The tests that keep what they see. They are run for the whole workspace, as `cargo test --workspace` does: another choice
/// of packages selects other features, and every dependency would be built twice. Other packages have tests of the same
/// names, which keep nothing.
const RECORDS: &[&str] =
    &["--test", "contract", "--test", "wire", "--test", "emulated", "--test", "fidelity", "--test", "artefacts"];

pub(crate) fn run(root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let document = read_document(&workspace)?;
    let (before, shown) = (snapshots(&workspace), pages(&workspace));
    // Whatever they say, orphans go and README is renewed: a test that is red for another reason must not keep those.
    let mut ran = run_tests(&workspace);
    let mut renewed = Vec::new();
    if ran.is_ok() {
        let pages = texts(&workspace.path(HELP));
        ran = renew_help(&workspace, &pages);
        let now = texts(&workspace.path(HELP));
        renewed = changed(&pages, &now).into_iter().map(|page| format!("{HELP}/{page}")).collect();
    }
    let operations = document.operations();
    let wanted: BTreeSet<String> = operations
        .iter()
        .flat_map(|operation| [snapshot_path("contract", operation), snapshot_path("wire", operation)])
        .collect();
    let mut orphans = Vec::new();
    let found = snapshots(&workspace).into_keys();
    for path in found.filter(|path| is_per_operation(path) && !wanted.contains(path)) {
        let file = workspace.inside(&format!("{SNAPSHOTS}/{path}"))?;
        std::fs::remove_file(&file).map_err(|error| {
            Failure::new("unwritable", format!("`{}` cannot be deleted: {error}", file.display()), "mend the rights")
        })?;
        orphans.push(path);
    }
    let after = snapshots(&workspace);
    let written: Vec<&String> =
        after.iter().filter(|(path, text)| before.get(*path) != Some(text)).map(|(path, _)| path).collect();
    write_readme(&workspace)?;
    renewed.extend(changed(&shown, &pages(&workspace)));
    ran?;
    Ok(outcome(&written, &orphans, &renewed, &after))
}

/// The pages that show what commands print.
fn pages(workspace: &Workspace) -> BTreeMap<String, String> {
    let docs = texts(&workspace.path(DOCS)).into_iter().map(|(page, text)| (format!("{DOCS}/{page}"), text));
    docs.chain(workspace.text(README).ok().map(|text| (README.to_owned(), text))).collect()
}

/// The names of texts that came, went or are others now.
fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> BTreeSet<String> {
    let names = before.keys().chain(after.keys());
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// `contract/GROUP/ID.snap` and the like; other snapshots belong to single tests.
fn is_per_operation(path: &str) -> bool {
    path.starts_with("contract/") || path.starts_with("wire/")
}

/// Tests of what is only done after all tests: orphans are deleted, and README is written.
const LEFT_OUT: &[&str] = &[
    "--",
    "--skip",
    "no_snapshot_is_without_its_operation_or_too_long_to_read",
    "--skip",
    "readme_tells_the_same_story",
];

fn run_tests(workspace: &Workspace) -> Result<(), Failure> {
    run_test(workspace, &[&["test", "--quiet", "--workspace"], RECORDS, LEFT_OUT].concat())?;
    // The drift story, the demo in README and the transcripts of docs/ live with xtask.
    let mut shown = vec!["test", "--quiet", "--workspace", "--test", "drift"];
    if is_reconstruction(workspace)? {
        shown.extend(["--test", "pages"]);
        run_test(workspace, &["test", "--quiet", "--workspace", "--test", "demo", "--", "--include-ignored"])?;
    }
    shown.extend(LEFT_OUT);
    run_test(workspace, &shown)
}

/// What pages show is of the reconstruction; with another document their tests skip themselves, and cost time.
fn is_reconstruction(workspace: &Workspace) -> Result<bool, Failure> {
    Ok(workspace.lock()?.is_some_and(|lock| lock.source.kind == SourceKind::Reconstruction))
}

/// The command line's pages of help are written anew, so that none stays of a command that is gone.
fn renew_help(workspace: &Workspace, pages: &BTreeMap<String, String>) -> Result<(), Failure> {
    let folder = workspace.path(HELP);
    if pages.is_empty() {
        return Ok(());
    }
    for page in pages.keys() {
        // One that cannot be removed is named by the test.
        let _ = std::fs::remove_file(workspace.inside(&format!("{HELP}/{page}"))?);
    }
    let mut tests = vec!["test", "--quiet", "--workspace", "--test", "help", "--test", "docs"];
    if is_reconstruction(workspace)? {
        tests.extend(["--test", "readme"]);
    }
    let ran = run_test(workspace, &tests);
    if ran.is_err() && texts(&folder).is_empty() {
        // It did not come to printing anything: the old pages are better than none.
        for (page, text) in pages {
            files::write(workspace, &format!("{HELP}/{page}"), text.as_bytes())?;
        }
    }
    ran
}

fn run_test(workspace: &Workspace, arguments: &[&str]) -> Result<(), Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Its output goes to standard error: standard output belongs to the result.
    let status = Command::new(&cargo)
        .args(arguments)
        .current_dir(workspace.root())
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "1")
        .env("SWPANEL_ACCEPT", "1")
        .env("SWPANEL_UPDATE", "1")
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status();
    let hint = "read what the tests printed above; `cargo xtask accept` can be run again";
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::new("tests-failed", format!("`cargo {}` failed", arguments.join(" ")), hint)),
        Err(error) => Err(Failure::new("no-cargo", format!("cargo cannot be run: {error}"), hint)),
    }
}

fn outcome(written: &[&String], orphans: &[String], renewed: &[String], all: &BTreeMap<String, String>) -> Outcome {
    let changed = !written.is_empty() || !orphans.is_empty() || !renewed.is_empty();
    let mut text = String::new();
    for path in written {
        text.push_str(&format!("written  {SNAPSHOTS}/{path}\n"));
    }
    for path in orphans {
        text.push_str(&format!("deleted  {SNAPSHOTS}/{path}\n"));
    }
    for page in renewed {
        text.push_str(&format!("renewed  {page}\n"));
    }
    text.push_str(&if changed {
        format!(
            "{} written, {} deleted, {} in all; read `git diff`, then commit\n",
            written.len(),
            orphans.len(),
            all.len()
        )
    } else {
        format!("nothing to take: {} snapshots are as they were\n", all.len())
    });
    let json = json!({
        "outcome": if changed { "changed" } else { "unchanged" },
        "written": written, "deleted": orphans, "renewed": renewed, "snapshots": all.len(),
    });
    Outcome { text, json, changed }
}
