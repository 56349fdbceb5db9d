//! The generated types are as faithful to the document as the record says; and the comparison sees what is lost.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use serde_json::{Value, json};
use swpanel_tests::fidelity::{Statement, Verdict, compared, fidelity};
use swpanel_tests::files;

#[test]
fn the_score_is_the_one_on_record() {
    let report = fidelity(&files::document().unwrap()).unwrap();
    let failed: Vec<&String> = report.types.iter().flat_map(|of| &of.failed_trips).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.types.iter().filter(|of| of.rust.is_some()).all(|of| of.trips > 0));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(files::path("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description("a lower score is drift; renew with `cargo xtask accept`");
    settings.bind(|| insta::assert_snapshot!("fidelity", report.record()));
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "the explanations are of the reconstruction; the document is a published one")]
fn every_difference_is_explained() {
    let report = fidelity(&files::document().unwrap()).unwrap();
    let unexplained: Vec<_> = report
        .types
        .iter()
        .flat_map(|of| &of.statements)
        .filter(|statement| statement.verdict != Verdict::Same && statement.explained.is_none())
        .collect();
    assert!(unexplained.is_empty(), "no entry of the ledger tells of these: {unexplained:#?}");
}

/// All places in a schema where something may be changed, each with one change made.
fn changed(schema: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let properties: Vec<String> =
        schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut other = schema.clone();
        change(&mut other);
        other
    };
    for name in &properties {
        found.push((
            format!("{name} is gone"),
            with(&|other| drop(other["properties"].as_object_mut().unwrap().remove(name))),
        ));
        let odd = json!({"type": "array", "items": {"const": 7}});
        found.push((format!("{name} is another"), with(&|other| other["properties"][name] = odd.clone())));
    }
    if schema["required"].as_array().is_some_and(|names| !names.is_empty()) {
        found.push((
            "nothing is required".to_owned(),
            with(&|other| drop(other.as_object_mut().unwrap().remove("required"))),
        ));
    }
    if schema["type"] == "object" {
        found.push(("more is required".to_owned(), with(&|other| other["required"] = json!(["planted"]))));
        // A request that is open by default and closed in Rust allows less; an answer that is open on purpose loses that.
        found.push(("it is closed".to_owned(), with(&|other| other["additionalProperties"] = json!(false))));
    }
    found
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "it is measured on types that are known to differ in little")]
fn every_change_of_every_type_is_seen() {
    let document = files::document().unwrap();
    let same = |found: &[Statement]| found.iter().filter(|statement| statement.verdict == Verdict::Same).count();
    let share = |found: &[Statement]| same(found) as f64 / found.len() as f64;
    let mut seen = 0;
    for of in swpanel_tests::TYPES {
        let Some(rust) = of.rust else { continue };
        let schema = (rust.json_schema)();
        let before = compared(&document, of.name, &schema);
        assert!(schema["additionalProperties"] != json!(false), "{}", of.name);
        for (what, other) in changed(&schema) {
            let after = compared(&document, of.name, &other);
            assert!(share(&after) < share(&before), "{}: {what}: {after:#?}", of.name);
            seen += 1;
        }
    }
    assert!(seen > 3 * swpanel_tests::TYPES.len() / 2, "only {seen} changes were tried");
}
