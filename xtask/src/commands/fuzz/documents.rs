//! The targets that need no generated code: ingest and diff.

use std::path::Path;

use serde_json::{Value, json};
use swpanel_build_tools::diff::{self, Side, Verdict};
use swpanel_build_tools::sync::{Input, Outcome as Ingested, sync};

use super::each;
use super::mutate::tree;
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

fn read(bytes: &[u8]) -> Option<Side> {
    Side::read(bytes, None).ok()
}

/// The same document with another description in each schema under `components`. What reads the same is not compared keyword
/// by keyword, so a document beside itself shows nothing of that comparison; beside this one it must show words only.
fn retold(input: &[u8]) -> Option<Side> {
    let mut tree = tree(input)?;
    for place in ["/components/schemas", "/definitions"] {
        let Some(Value::Object(schemas)) = tree.pointer_mut(place) else { continue };
        schemas.values_mut().for_each(|schema| describe(schema, 0));
    }
    read(tree.to_string().as_bytes())
}

/// Describes a schema and those within it; a reference and what is no schema stay as they are.
fn describe(schema: &mut Value, depth: usize) {
    let Value::Object(members) = schema else { return };
    if depth > 12 || members.contains_key("$ref") {
        return;
    }
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.values_mut().for_each(|property| describe(property, depth + 1));
    }
    if let Some(items) = members.get_mut("items") {
        describe(items, depth + 1);
    }
    members.insert("description".to_owned(), json!("told otherwise"));
}

/// Two documents, one after the other with a line of `---` between them; one alone is compared with itself.
fn compare(input: &[u8]) {
    let line = b"\n---\n";
    let at = input.windows(line.len()).position(|window| window == line);
    let (of_old, of_new) = at.map_or((input, input), |at| {
        (input.get(..at).unwrap_or_default(), input.get(at + line.len()..).unwrap_or_default())
    });
    let (Some(old), Some(new)) = (read(of_old), read(of_new)) else { return };
    for same in [&old, &new] {
        let report = diff::diff(same, same, "2026-01-01");
        assert!(report.findings.is_empty(), "a document differs from itself: {}", diff::text(&report));
    }
    for (input, same) in [(of_old, &old), (of_new, &new)] {
        let Some(retold) = retold(input) else { continue };
        for (old, new) in [(same, &retold), (&retold, same)] {
            let report = diff::diff(old, new, "2026-01-01");
            let verdict = report.consumer_verdict;
            assert!(verdict <= Verdict::Documentation, "other descriptions are {verdict:?}: {}", diff::text(&report));
        }
    }
    for (old, new) in [(&old, &new), (&new, &old)] {
        let (one, two) = (diff::diff(old, new, "2026-01-01"), diff::diff(old, new, "2026-01-01"));
        assert!(json!(one) == json!(two), "the second time something else is found");
        let lengths =
            [diff::text(&one), diff::markdown(&one), diff::html(&one, old, new), diff::github(&one, Some("a"))];
        assert!(lengths.iter().all(|text| text.len() < 1 << 28), "a report has no end");
    }
}
