//! Every form, defect and refusal as a file of its own, each with a snapshot of what becomes of it: ledger, names and
//! document, or the words of the refusal.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use swpanel_build_tools::document::Refusal;
use swpanel_build_tools::sync::{Input, Outcome, SyncError, sync};

fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect()
}

fn made(bytes: &[u8]) -> Result<Outcome, SyncError> {
    sync(&Input { raw: bytes, ..Input::default() })
}

/// What a reader wants to know of an outcome, in words.
fn told(outcome: &Outcome) -> String {
    let mut text = String::from("ledger\n");
    for entry in outcome.ledger.entries() {
        let (stage, weight) =
            (format!("{:?}", entry.stage).to_lowercase(), format!("{:?}", entry.weight).to_lowercase());
        let _ = writeln!(text, "  {stage} {weight} {} at {}: {}", entry.rule, entry.pointer, entry.message);
    }
    for note in &outcome.names {
        let _ = writeln!(text, "name\n  {note:?}");
    }
    for placed in &outcome.findings {
        let _ = writeln!(text, "finding\n  {} {} (line {})", placed.finding.rule, placed.finding.message, placed.line);
    }
    for dropped in &outcome.dropped {
        let _ = writeln!(text, "handed off\n  {}: {}", dropped.operation, dropped.reason);
    }
    let _ = writeln!(text, "operations\n  {:?}", outcome.lock.names);
    let listed = outcome.listing.lines().filter(|line| !line.starts_with('#'));
    let _ = writeln!(text, "public api\n  {}", listed.collect::<Vec<_>>().join("\n  "));
    let _ = writeln!(text, "document\n{}", outcome.document);
    text
}

fn snapshot(kind: &str, name: &str, text: &str) {
    assert!(text.lines().count() <= 200, "{name} has {} lines", text.lines().count());
    insta::with_settings!({snapshot_path => format!("snapshots/{kind}"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn forms_and_defects_become_documents_and_the_ledger_says_how() {
    for kind in ["forms", "defects"] {
        for (name, bytes) in files(kind) {
            let outcome = made(&bytes).unwrap_or_else(|error| panic!("{kind}/{name}: {error:?}"));
            assert!(
                kind == "forms" || outcome.ledger.entries().len() + outcome.names.len() > 0,
                "{name}: nothing was said"
            );
            snapshot(kind, &name, &told(&outcome));
            // Generated twice, and from what was written: the same bytes.
            let again = made(outcome.document.as_bytes()).unwrap();
            assert_eq!((again.document, again.code), (outcome.document, outcome.code), "{kind}/{name}");
        }
    }
}

#[test]
fn the_coding_of_the_bytes_does_not_matter() {
    for (name, bytes) in files("forms") {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let utf16 = |mark: bool, order: fn(u16) -> [u8; 2]| {
            let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
            units.flat_map(order).collect::<Vec<u8>>()
        };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&bytes).unwrap();
        let codings = [
            ("bom", [b"\xef\xbb\xbf", bytes.as_slice()].concat()),
            ("utf-16le with mark", utf16(true, u16::to_le_bytes)),
            ("utf-16be with mark", utf16(true, u16::to_be_bytes)),
            ("utf-16le", utf16(false, u16::to_le_bytes)),
            ("utf-16be", utf16(false, u16::to_be_bytes)),
            ("gzip", gzip.finish().unwrap()),
            ("line ends", text.replace('\n', "\r\n").into_bytes()),
        ];
        let plain = made(&bytes).unwrap().document;
        for (coding, bytes) in codings {
            assert_eq!(made(&bytes).unwrap().document, plain, "{name} as {coding}");
        }
    }
}

#[test]
fn refusals_say_what_is_wrong_where_and_what_to_do() {
    let mut met = Vec::new();
    for (name, bytes) in files("refusals") {
        let refusal = match made(&bytes) {
            Err(SyncError::Refused(refusal)) => refusal,
            other => panic!("{name} was not refused: {other:?}"),
        };
        assert!(name.starts_with(refusal.name()), "{name}: {refusal}");
        snapshot("refusals", &name, &format!("{}\n{refusal}\n{}\n", refusal.name(), refusal.hint()));
        met.push(refusal.name());
    }
    assert!(met.iter().all(|name| Refusal::NAMES.contains(name)));
}
