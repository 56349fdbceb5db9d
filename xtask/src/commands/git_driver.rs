//! `cargo xtask diff` as a diff driver of git, which gives it seven arguments: the path, and file, hash and mode of the old
//! and of the new content.

use std::path::Path;
use std::process::ExitCode;

use swpanel_build_tools::{diff, safe_text};

use super::diff::report;
use crate::arguments::{DiffFlags, Format};
use crate::outcome::{self, Failure};

/// The file that git names where one side does not have the path.
const NOWHERE: &str = "/dev/null";

/// Prints what changed. It ends with 0 whatever that is: git stops at the first path whose driver fails.
pub(super) fn run(flags: &DiffFlags, root: Option<&Path>, format: Format) -> ExitCode {
    let (Some(path), Some(old), [_, _, new, ..]) = (&flags.old, &flags.new, flags.git.as_slice()) else {
        let hint = "git gives a diff driver seven arguments; a person gives two documents";
        return Failure::usage("arguments are missing", hint).print(format);
    };
    let head = format!("diff of API documents {}\n", safe_text::line(path));
    let text = match (old.as_str(), new.as_str()) {
        (NOWHERE, _) => "added\n".to_owned(),
        (_, NOWHERE) => "removed\n".to_owned(),
        (old, new) => match report((old, new), flags, root) {
            Ok((report, ..)) => safe_text::page(&diff::text(&report)),
            Err(failure) => format!("cannot compare the documents: {}\n", safe_text::line(failure.message())),
        },
    };
    outcome::code(outcome::print_text(&format!("{head}{text}")), 0)
}
