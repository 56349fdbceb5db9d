//! The Rust verdict that is derived from changes, held against what the listings of both generated clients say.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod places;

use std::path::Path;

use swpanel_build_tools::diff::{RustVerdict, Side, diff};
use swpanel_build_tools::document::RawDocument;
use swpanel_build_tools::sync::{Input, sync};

/// Cases that are no change to a consumer, and that only the names or members of generated types show.
const SPELLING: [&str; 17] = [
    "silent-all-types-listed-request",
    "silent-multiple-of-one-is-whole-request",
    "silent-enum-says-the-type-request",
    "silent-enum-says-the-type-response",
    "silent-inline-or-reference",
    "silent-parameter-by-reference",
    "silent-parameter-with-null-among-forms",
    "silent-parameters-gathered-in-one-object",
    "silent-parameters-gathered-in-a-deep-object",
    "silent-path-parameter-in-braces-now",
    "silent-choice-within-a-choice-request",
    "silent-choice-within-a-choice-response",
    "silent-all-of-over-one-of-request",
    "silent-all-of-over-one-of-response",
    "silent-one-of-beside-properties-merged-request",
    "silent-one-of-beside-properties-merged-response",
    "property-undeclared-required-is-declared",
];
/// So many derived verdicts are stricter than the listing at present; more would be a new disagreement.
const STRICTER: usize = 35;

/// Names are not pinned, as the derived verdict has it.
fn listed(old: &str, new: &str) -> Option<RustVerdict> {
    let was = sync(&Input { raw: old.as_bytes(), ..Input::default() }).ok()?;
    let is = sync(&Input { raw: new.as_bytes(), listing: &was.listing, ..Input::default() }).ok()?;
    Some(match (is.api.removed.is_empty(), is.api.added.is_empty(), is.code == was.code) {
        (false, ..) => RustVerdict::Major,
        (true, false, _) => RustVerdict::Minor,
        (true, true, false) => RustVerdict::Patch,
        (true, true, true) => RustVerdict::None,
    })
}

#[test]
fn the_derived_verdict_agrees_with_the_listing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/changes");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut mild, mut strict, mut held) = (Vec::new(), Vec::new(), 0);
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let case = RawDocument::read(&std::fs::read(file).unwrap()).unwrap().root().to_json();
        let place = case["place"].as_str().unwrap();
        let (old, new) = (places::document(place, &case["old"]), places::document(place, &case["new"]));
        let side = |text: &str| Side::read(text.as_bytes(), None).unwrap();
        let derived = diff(&side(&old), &side(&new), "2026-01-01").rust_verdict;
        let Some(listed) = listed(&old, &new) else { continue };
        held += 1;
        // A patch more or less is no matter: documentation and checks that no signature shows.
        let rank = |verdict: RustVerdict| verdict.max(RustVerdict::Patch);
        if rank(derived) < rank(listed) {
            mild.push(format!("{name}: derived {derived:?}, listed {listed:?}"));
        } else if rank(derived) > rank(listed) {
            strict.push(format!("{name}: derived {derived:?}, listed {listed:?}"));
        }
    }
    println!("{held} held against the listing; stricter than it: {}\n{}", strict.len(), strict.join("\n"));
    mild.retain(|line| !SPELLING.iter().any(|name| line.starts_with(&format!("{name}:"))));
    assert!(strict.len() <= STRICTER, "a new disagreement");
    assert!(mild.is_empty(), "{} too mild:\n{}", mild.len(), mild.join("\n"));
    assert!(held > 150, "only {held} could be generated");
}
