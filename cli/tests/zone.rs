//! Zones as text: exported, planned, applied, and refused where something is not as it was.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, words};

fn export(desk: &Desk) -> String {
    desk.run(&words("dns export XX012 example.es")).ends(0).out
}

#[test]
fn an_exported_zone_planned_again_changes_nothing() {
    let desk = Desk::new();
    let text = export(&desk);
    assert!(text.contains("$ORIGIN example.es.\n") && text.contains("IN  MX     10 mail.example.es."), "{text}");
    let file = desk.file("zone", &text);
    let said = desk.run(&["dns", "plan", "XX012", "example.es", &file]).ends(0);
    assert!(said.out.contains("0 to create, 0 of") && said.err.contains("nothing to do"), "{said:?}");
    desk.run(&words("dns export XX012 nowhere.es")).ends(3);
}

#[test]
fn a_plan_is_read_applied_and_refused_when_the_zone_has_changed() {
    let desk = Desk::new();
    let text = export(&desk).replace("192.0.2.25", "192.0.2.26") + "new A 192.0.2.99\n";
    let file = desk.file("zone", &text);
    let plan = desk.path("plan.json");
    let line = ["dns", "plan", "XX012", "example.es", &file, "--out", plan.to_str().unwrap()];
    let said = desk.run(&line).ends(0);
    for told in ["+ new A 192.0.2.99", "+ mail A 192.0.2.26", "- mail A 192.0.2.25", "2 to create, 1 of"] {
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }
    assert!(desk.emulator.journal().iter().all(|entry| entry.method == "GET"), "a plan changes nothing");
    let apply = |more: &[&str]| desk.run(&[&["dns", "apply", plan.to_str().unwrap()], more].concat());
    // Nobody is there to be asked.
    assert!(apply(&[]).ends(9).err.contains("2 records to create, 1 to delete"));
    apply(&["--dry-run"]).ends(0);
    let done = apply(&["--yes", "-o", "json"]).ends(0);
    assert_eq!(done.json()["created"], 2);
    assert!(export(&desk).contains("192.0.2.99") && !export(&desk).contains("192.0.2.25"));
    // What comes is there before what goes is gone.
    let writes: Vec<String> =
        desk.emulator.journal().iter().map(|entry| entry.method.clone()).filter(|m| m != "GET").collect();
    assert_eq!(writes, ["POST", "POST", "DELETE"]);
    // The zone is no more the one of the plan.
    let failure = apply(&["--yes", "-o", "json"]).ends(5).failure();
    assert_eq!(failure["kind"], "plan-outdated");
}

#[test]
fn a_plan_that_empties_a_zone_is_refused() {
    let desk = Desk::new();
    let file = desk.file("zone", "www A 192.0.2.1\n");
    let plan = desk.path("plan.json");
    let line = ["dns", "plan", "XX012", "example.es", &file, "--out", plan.to_str().unwrap(), "-o", "json"];
    let said = desk.run(&line).ends(0);
    assert!(said.json()["notes"][0].as_str().unwrap().contains("% of the zone"), "{said:?}");
    assert!(said.json()["create"][0]["what"] == "www A 192.0.2.1", "{said:?}");
    let refused = desk.run(&["dns", "apply", plan.to_str().unwrap(), "--yes", "-o", "json"]).ends(9);
    assert_eq!(refused.failure()["kind"], "delete-threshold");
    assert!(desk.emulator.journal().iter().all(|entry| entry.method == "GET"));
    let allowed = ["dns", "apply", plan.to_str().unwrap(), "--yes", "--delete-threshold", "100"];
    desk.run(&allowed).ends(0);
    assert_eq!(export(&desk).lines().filter(|line| line.contains(" IN ")).count(), 1);
}

#[test]
fn what_a_zone_file_has_and_the_document_has_not_is_told() {
    let desk = Desk::new();
    let file = desk.file("zone", &(export(&desk) + "note TXT \"hello\"\n"));
    let plan = desk.path("plan.json");
    let said = desk.run(&["dns", "plan", "XX012", "example.es", &file, "--out", plan.to_str().unwrap()]).ends(0);
    assert!(said.err.contains("the document does not allow `note TXT \"hello\"`"), "{}", said.err);
    desk.run(&["dns", "apply", plan.to_str().unwrap(), "--yes"]).ends(5);
    let wrong = desk.file("wrong", "www A 1.2.3\n");
    let said = desk.run(&["dns", "plan", "XX012", "example.es", &wrong]).ends(2);
    assert!(said.err.contains("line 1"), "{}", said.err);
    let none = desk.file("none.json", "{}");
    assert!(desk.run(&["dns", "apply", &none, "--yes"]).ends(2).err.contains("this is no plan"));
}
