//! One snapshot per operation: everything a caller depends on. A vendor's release shows as a set of small differences.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::BTreeSet;

use swpanel_tests::{CASES, case, files};

/// The longest a snapshot may be, so that a person reads it.
const MAX_LINES: usize = 200;

fn contract(id: &str) {
    let case = case(id).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(files::path("tests/snapshots/contract").join(case.folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(format!("{} {}; renew with `cargo xtask accept`", case.method, case.path));
    settings.bind(|| insta::assert_snapshot!(case.id, case.contract));
}

include!(concat!(env!("OUT_DIR"), "/contract_tests.rs"));

/// `cargo xtask accept` leaves this test out: it deletes orphans after the tests.
#[test]
fn no_snapshot_is_without_its_operation_or_too_long_to_read() {
    let mut wrong = Vec::new();
    for kind in ["contract", "wire"] {
        // What has no generated call has nothing on the wire.
        let cases = CASES.iter().filter(|case| kind == "contract" || case.call.is_some());
        let wanted: BTreeSet<String> = cases.map(|case| format!("{}/{}.snap", case.folder, case.id)).collect();
        let root = files::path("tests/snapshots").join(kind);
        let mut found = BTreeSet::new();
        for group in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
            for file in std::fs::read_dir(&group).unwrap().map(|entry| entry.unwrap().path()) {
                let below = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                if std::fs::read_to_string(&file).unwrap().lines().count() > MAX_LINES {
                    wrong.push(format!("{kind}/{below} has more than {MAX_LINES} lines"));
                }
                if !below.ends_with(".snap.new") {
                    found.insert(below);
                }
            }
        }
        wrong.extend(found.difference(&wanted).map(|orphan| format!("{kind}/{orphan} has no operation")));
        wrong.extend(wanted.difference(&found).map(|missing| format!("{kind}/{missing} is missing")));
    }
    assert!(wrong.is_empty(), "run `cargo xtask accept`:\n{}", wrong.join("\n"));
}
