//! The test suite in a copy of the workspace: what passed, what failed, and what was ignored for which reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::outcome::Failure;

/// The tests that are ignored with another document, one name per line. Every other test must run.
pub(crate) const ONLY_FOR_THE_RECONSTRUCTION: &str = "tests/only-for-the-reconstruction.txt";

/// The names of a suite's tests, without those that are made from each operation.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// All tests.
    all: BTreeSet<String>,
    /// Those that `cargo test` ignores in the present workspace.
    ignored: BTreeSet<String>,
}

/// What a run of the suite came to.
#[derive(Debug, Default)]
pub(super) struct Suite {
    passed: BTreeSet<String>,
    failed: BTreeSet<String>,
    /// The reason by the name of the test.
    ignored: BTreeMap<String, String>,
    /// Tests of single operations that passed.
    of_operations: usize,
    /// Tests that there were before, and that neither ran nor were ignored.
    missing: Vec<String>,
    /// Tests that ran before, were ignored now, and are not in the list of those that may be.
    newly_ignored: Vec<String>,
    /// Whether cargo reported success.
    is_green: bool,
    log: String,
}

fn failed(what: &str) -> Failure {
    Failure::new("tests-failed", format!("`cargo test --workspace` {what}"), "run it by hand to see why")
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--workspace", "--no-fail-fast"]).current_dir(root).stdin(Stdio::null());
    command.env("INSTA_UPDATE", "no").env("CARGO_TERM_COLOR", "never");
    command
}

/// The tests of the workspace as it is.
pub(super) fn listed(root: &Path) -> Result<Listed, Failure> {
    let names = |more: &[&str]| -> Result<BTreeSet<String>, Failure> {
        let mut command = cargo(root);
        command.args(["--", "--list", "--format", "terse"]).args(more).stderr(Stdio::inherit());
        let output = command.output().map_err(|error| failed(&format!("cannot be started: {error}")))?;
        if !output.status.success() {
            return Err(failed("cannot list the tests"));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names = text.lines().filter_map(|line| line.trim().strip_suffix(": test")).map(plain);
        Ok(names.filter(|name| !is_of_an_operation(name)).collect())
    };
    Ok(Listed { all: names(&[])?, ignored: names(&["--ignored"])? })
}

/// Two tests of each operation are made from the document, in modules of their group.
fn is_of_an_operation(name: &str) -> bool {
    name.starts_with("group_")
}

/// A name without what is not part of it: the line of a test of documentation, and the kind of a conditional test.
fn plain(name: &str) -> String {
    let name = name.strip_prefix('[').and_then(|rest| rest.split_once("] ")).map_or(name, |(_, name)| name);
    let name = name.trim();
    match name.split_once(" (line ") {
        Some((before, _)) => before.trim_end_matches(" -").to_owned(),
        None => name.to_owned(),
    }
}

/// Runs the suite in a copy, and compares it with the tests that the workspace has.
pub(super) fn run(copy: &Path, build: &Path, log: &Path, before: &Listed) -> Result<Suite, Failure> {
    let unwritable = |error: std::io::Error| {
        let message = format!("`{}` cannot be written: {error}", log.display());
        Failure::new("unwritable", message, "check that the folder `target` can be written")
    };
    // One file for both streams, so that their lines keep their order.
    let file = std::fs::File::create(log).map_err(unwritable)?;
    let errors = file.try_clone().map_err(unwritable)?;
    let mut command = cargo(copy);
    command.env("CARGO_TARGET_DIR", build).stdout(file).stderr(errors);
    let status = command.status().map_err(|error| failed(&format!("cannot be started: {error}")))?;
    let bytes = std::fs::read(log).map_err(unwritable)?;
    let allowed = std::fs::read_to_string(copy.join(ONLY_FOR_THE_RECONSTRUCTION)).unwrap_or_default();
    let allowed = allowed.lines().filter(|line| !line.starts_with('#')).collect();
    let mut suite = Suite::read(&String::from_utf8_lossy(&bytes));
    suite.compare(before, &allowed);
    suite.is_green = status.success();
    suite.log = log.display().to_string();
    Ok(suite)
}

impl Suite {
    /// What a log of `cargo test` reports.
    fn read(log: &str) -> Self {
        let mut suite = Self::default();
        for line in log.lines() {
            let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) else {
                continue;
            };
            let should_panic = name.strip_suffix(" - should panic").unwrap_or(name);
            let name = plain(should_panic.trim());
            if is_of_an_operation(&name) && outcome == "ok" {
                suite.of_operations += 1;
                continue;
            }
            match outcome.split_once(',').map_or((outcome, ""), |(word, reason)| (word, reason.trim())) {
                ("ok", _) => drop(suite.passed.insert(name)),
                ("ignored", reason) => {
                    let kind = line.strip_prefix("test [").and_then(|rest| rest.split_once(']')).map(|(kind, _)| kind);
                    let reason = if reason.is_empty() { kind.unwrap_or("without a reason") } else { reason };
                    suite.ignored.insert(name, reason.to_owned());
                }
                _ => drop(suite.failed.insert(name)),
            }
        }
        suite
    }

    fn compare(&mut self, before: &Listed, allowed: &BTreeSet<&str>) {
        let is_there = |name: &&String| {
            self.passed.contains(*name) || self.failed.contains(*name) || self.ignored.contains_key(*name)
        };
        let may = |name: &&String| allowed.contains(name.as_str());
        self.missing = before.all.iter().filter(|name| !is_there(name) && !may(name)).cloned().collect();
        let ran = self.ignored.keys().filter(|name| before.all.contains(*name) && !before.ignored.contains(*name));
        self.newly_ignored = ran.filter(|name| !may(name)).cloned().collect();
    }

    pub(super) fn is_well(&self) -> bool {
        self.is_green && self.failed.is_empty() && self.missing.is_empty() && self.newly_ignored.is_empty()
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!(
            "  suite       {} tests passed and {} of single operations, {} failed, {} ignored\n",
            self.passed.len(),
            self.of_operations,
            self.failed.len(),
            self.ignored.len()
        );
        for (reason, count) in self.reasons() {
            text.push_str(&format!("  ignored     {count:>4}  {reason}\n"));
        }
        for (what, names) in [
            ("failed", self.failed.iter().collect::<Vec<_>>()),
            ("missing", self.missing.iter().collect()),
            ("newly ignored", self.newly_ignored.iter().collect()),
        ] {
            names.iter().for_each(|name| text.push_str(&format!("  {what:<14}{name}\n")));
        }
        if !self.is_green {
            text.push_str("  cargo test did not succeed\n");
        }
        text + &format!("  log         {}\n", self.log)
    }

    fn reasons(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        self.ignored.values().for_each(|reason| *reasons.entry(reason.as_str()).or_insert(0) += 1);
        reasons
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"passed": self.passed.len(), "of_operations": self.of_operations, "failed": self.failed,
            "ignored": self.ignored, "missing": self.missing, "newly_ignored": self.newly_ignored, "green": self.is_green,
            "log": self.log})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "   Compiling x v0.1.0\n     Running tests/a.rs (target/debug/deps/a-1)\n\nrunning 5 tests\n\
        test one ... ok\ntest two - should panic ... ok\ntest three ... FAILED\ntest four ... ignored, needs zsh\n\
        test [needs fish] five  ... ignored\ntest              six ... ok\ntest group_dns::dns_record_list ... ok\n\
        test src/lib.rs - client::Client (line 12) ... ok\n\ntest result: FAILED. 4 passed; 1 failed; 2 ignored\n";

    fn listed(all: &[&str], ignored: &[&str]) -> Listed {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Listed { all: owned(all), ignored: owned(ignored) }
    }

    #[test]
    fn a_log_is_read_with_its_reasons() {
        let suite = Suite::read(LOG);
        let names: Vec<&str> = suite.passed.iter().map(String::as_str).collect();
        assert_eq!(names, ["one", "six", "src/lib.rs - client::Client", "two"]);
        assert_eq!((suite.of_operations, suite.failed.len()), (1, 1));
        let reasons: Vec<(&str, &str)> =
            suite.ignored.iter().map(|(name, reason)| (name.as_str(), reason.as_str())).collect();
        assert_eq!(reasons, [("five", "needs fish"), ("four", "needs zsh")]);
    }

    #[test]
    fn what_is_missing_or_newly_ignored_is_named() {
        let mut suite = Suite::read(LOG);
        suite.is_green = true;
        suite.failed.clear();
        suite.compare(&listed(&["one", "three", "four", "five", "seven"], &["five"]), &BTreeSet::new());
        assert_eq!(
            (suite.missing.as_slice(), suite.newly_ignored.as_slice()),
            (&["seven".to_owned(), "three".to_owned()][..], &["four".to_owned()][..])
        );
        assert!(!suite.is_well());
        suite.compare(&listed(&["one", "four", "five"], &["five"]), &BTreeSet::from(["four"]));
        assert!(suite.is_well(), "{suite:?}");
    }
}
