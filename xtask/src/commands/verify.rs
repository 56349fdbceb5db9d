//! `cargo xtask verify --slow`: runs the tests that take minutes. In `cargo test` they are ignored, each with its reason.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use swpanel_build_tools::lock::SourceKind;

use crate::Run;
use crate::arguments::VerifyFlags;
use crate::outcome::{Failure, Outcome};
use crate::workspace::Workspace;

/// The test targets that have slow tests. One call for the whole workspace selects the features of `cargo test
/// --workspace`, so that no dependency is built twice.
const TARGETS: [&str; 10] =
    ["automation", "corpus", "demo", "diff", "ingest", "knowledge", "migration", "other_document", "pages", "rehearse"];

/// The variable that names the folder of published documents, and the prefix of the tests that need it.
const CORPUS: (&str, &str) = ("SWPANEL_CORPUS", "corpus_");

/// The variable that asks for what takes longer still, and the prefix of the tests that need it.
const LONGER: (&str, &str) = ("SWPANEL_SLOW", "longer_");

/// Slow tests that hold for the reconstruction only.
const OF_THE_RECONSTRUCTION: [&str; 9] = [
    "a_fault_of_ours_makes_the_week_red",
    "a_long_report_is_cut_between_letters",
    "a_release_becomes_one_standing_pull_request",
    "a_sync_that_changes_more_than_it_writes_is_refused",
    "commands_to_copy_end_as_is_told",
    "longer_commands_to_copy_end_as_is_told",
    "readme_shows_what_the_demo_prints",
    "the_address_of_the_document_stays_with_the_job_that_fetches",
    "transcripts_show_what_is_printed",
];

pub(crate) fn run(flags: &VerifyFlags, root: Option<&Path>) -> Run {
    if !flags.slow {
        return Err(Failure::usage("`verify` has one set of tests, and it was not selected", "pass `--slow`"));
    }
    let workspace = Workspace::find(root)?;
    crate::conflicts::refuse(&workspace)?;
    let has_time = std::env::var_os(LONGER.0).is_some();
    let has_corpus = std::env::var_os(CORPUS.0).is_some();
    let mut arguments = vec!["test", "--locked", "--workspace", "--no-fail-fast"];
    TARGETS.iter().for_each(|target| arguments.extend(["--test", target]));
    // One at a time: nested builds share one target folder, and each waits for the other's lock.
    arguments.extend(["--", "--ignored", "--test-threads", "1"]);
    if !has_corpus {
        arguments.extend(["--skip", CORPUS.1]);
    }
    if !has_time {
        arguments.extend(["--skip", LONGER.1]);
    }
    if workspace.lock()?.is_some_and(|lock| lock.source.kind == SourceKind::Published) {
        OF_THE_RECONSTRUCTION.iter().for_each(|name| arguments.extend(["--skip", name]));
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Standard output belongs to the result.
    let status = Command::new(cargo)
        .args(&arguments)
        .current_dir(workspace.root())
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status();
    let hint = "read what the tests printed above; `cargo xtask verify --slow` can be run again";
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err(Failure::new("tests-failed", format!("`cargo {}` failed", arguments.join(" ")), hint)),
        Err(error) => return Err(Failure::new("no-cargo", format!("cannot start cargo: {error}"), hint)),
    }
    let skipped =
        if has_corpus { "" } else { "; SWPANEL_CORPUS is not set, so the tests on published documents were not run" };
    let longer = if has_time {
        ""
    } else {
        "; SWPANEL_SLOW is not set, so benches, packages and browsers of the pages were not run"
    };
    let text = format!("the slow tests passed{skipped}{longer}\n");
    let json = json!({"outcome": "passed", "targets": TARGETS, "corpus": has_corpus, "longer": has_time});
    Ok(Outcome { text, json, changed: false })
}
