//! Real published documents, read, named, linted and generated. They belong to others and are not in this repository: the
//! variable `SWPANEL_CORPUS` names their folder. `cargo xtask verify --slow` runs this test where the variable is set.
#![cfg(feature = "codegen")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::path::PathBuf;

use swpanel_build_tools::codegen::generate;
use swpanel_build_tools::document::{RawDocument, Weight, convert};
use swpanel_build_tools::lint::{Severity, lint};
use swpanel_build_tools::names::{Names, pin};

#[test]
#[ignore = "needs SWPANEL_CORPUS and takes minutes; `cargo xtask verify --slow` runs it"]
fn corpus_documents_are_read_and_generated() {
    let folder = PathBuf::from(std::env::var_os("SWPANEL_CORPUS").expect("SWPANEL_CORPUS names the corpus folder"));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join("specs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    println!(
        "{:<26} {:>10} {:>9} {:>5} {:>7} {:>6}",
        "document", "operations", "generated", "mends", "losses", "errors"
    );
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let raw = RawDocument::read(&std::fs::read(&file).unwrap());
        let (mut document, ledger) = match raw.and_then(|raw| convert(&raw)) {
            Ok(converted) => converted,
            Err(refusal) => {
                wrong.push(format!("{name}: {refusal}"));
                continue;
            }
        };
        pin(&mut document, &Names::new());
        let errors = lint(&document).into_iter().filter(|finding| finding.severity == Severity::Error).count();
        let operations = document.operations().len();
        match generate(&document) {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok(generated) => {
                let entries = ledger.entries().iter().chain(generated.ledger.entries());
                let losses = entries.filter(|entry| entry.weight == Weight::Loss).count();
                let made = operations - generated.dropped.len();
                println!("{name:<26} {operations:>10} {made:>9} {:>5} {losses:>7} {errors:>6}", ledger.entries().len());
                // Of the client's methods some lead to handles, and are of no operation.
                let methods = generated.listing.lines().filter(|line| line.starts_with("swpanel::Client::"));
                let methods = methods.filter(|line| !line.contains("-> handles::")).count();
                // Also an operation the generator cannot express has a method: it hands over to a raw call.
                if methods != operations {
                    wrong.push(format!("{name}: {methods} methods of {operations}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
