//! The targets that need no generated code: ingest and diff.

use std::path::Path;

use serde_json::json;
use swpanel_build_tools::diff::{self, Side};
use swpanel_build_tools::sync::{Input, Outcome as Ingested, sync};

use super::each;
use crate::Run;
use crate::arguments::FuzzTarget;
use crate::outcome::{Failure, Outcome};

/// Runs the inputs of a folder; the first one that fails ends the process.
pub(super) fn batch(target: FuzzTarget, folder: &Path) -> Run {
    match target {
        FuzzTarget::Ingest => each(folder, &mut ingest)?,
        FuzzTarget::Diff => each(folder, &mut compare)?,
        _ => return Err(Failure::usage("another package has this target", "leave --batch out")),
    }
    Ok(Outcome { text: String::new(), json: json!({"outcome": "nothing"}), changed: false })
}

/// What is generated is Rust, and the same the second time.
fn ingest(input: &[u8]) {
    let made = |input: &[u8]| sync(&Input { raw: input, ..Input::default() });
    match (made(input), made(input)) {
        (Ok(one), Ok(two)) => {
            assert!(parts(&one) == parts(&two), "the second time something else is made");
            let wrong = syn::parse_file(&one.code).err().map(|error| error.to_string());
            assert!(wrong.is_none(), "what is generated is not Rust: {}", wrong.unwrap_or_default());
        }
        (Err(one), Err(two)) => {
            assert!(one.to_string() == two.to_string(), "rejected for another reason the second time: {one}, {two}");
        }
        (one, two) => assert!(one.is_ok() == two.is_ok(), "accepted once and rejected once"),
    }
}

fn parts(made: &Ingested) -> (&str, &str, &str, String) {
    (&made.document, &made.listing, &made.code, made.lock.to_text())
}

/// Two documents, one after the other with a line of `---` between them; one alone is compared with itself.
fn compare(input: &[u8]) {
    let line = b"\n---\n";
    let at = input.windows(line.len()).position(|window| window == line);
    let (old, new) = at.map_or((input, input), |at| {
        (input.get(..at).unwrap_or_default(), input.get(at + line.len()..).unwrap_or_default())
    });
    let read = |bytes: &[u8]| Side::read(bytes, None).ok();
    let (Some(old), Some(new)) = (read(old), read(new)) else { return };
    for same in [&old, &new] {
        let report = diff::diff(same, same, "2026-01-01");
        assert!(report.findings.is_empty(), "a document differs from itself: {}", diff::text(&report));
    }
    for (old, new) in [(&old, &new), (&new, &old)] {
        let (one, two) = (diff::diff(old, new, "2026-01-01"), diff::diff(old, new, "2026-01-01"));
        assert!(json!(one) == json!(two), "the second time something else is found");
        let lengths =
            [diff::text(&one), diff::markdown(&one), diff::html(&one, old, new), diff::github(&one, Some("a"))];
        assert!(lengths.iter().all(|text| text.len() < 1 << 28), "a report has no end");
    }
}
