//! The generated types are as faithful to the document as the record says; and the comparison sees what is lost.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use swpanel_tests::fidelity::{Verdict, fidelity};
use swpanel_tests::files;

#[test]
fn the_score_is_the_one_on_record_and_every_difference_is_explained() {
    let report = fidelity(&files::document().unwrap()).unwrap();
    let failed: Vec<&String> = report.types.iter().flat_map(|of| &of.failed_trips).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.types.iter().filter(|of| of.rust.is_some()).all(|of| of.trips > 0));
    if files::is_reconstruction().unwrap() {
        let unexplained: Vec<_> = report
            .types
            .iter()
            .flat_map(|of| &of.statements)
            .filter(|statement| statement.verdict != Verdict::Same && statement.explained.is_none())
            .collect();
        assert!(unexplained.is_empty(), "no entry of the ledger tells of these: {unexplained:#?}");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(files::path("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description("a lower score is drift; renew with `cargo xtask accept`");
    settings.bind(|| insta::assert_snapshot!("fidelity", report.record()));
}
