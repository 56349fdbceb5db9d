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
    let file = desk.file("zone", &(export(&desk) + "web HTTPS 1 . alpn=h2\n"));
    let plan = desk.path("plan.json");
    let said = desk.run(&["dns", "plan", "XX012", "example.es", &file, "--out", plan.to_str().unwrap()]).ends(0);
    assert!(said.err.contains("the document does not allow `web HTTPS 1 . alpn=h2`"), "{}", said.err);
    desk.run(&["dns", "apply", plan.to_str().unwrap(), "--yes"]).ends(5);
    let wrong = desk.file("wrong", "www A 1.2.3\n");
    let said = desk.run(&["dns", "plan", "XX012", "example.es", &wrong]).ends(2);
    assert!(said.err.contains("line 1"), "{}", said.err);
    let none = desk.file("none.json", "{}");
    assert!(desk.run(&["dns", "apply", &none, "--yes"]).ends(2).err.contains("this is not a plan"));
}

fn plan(desk: &Desk, service: &str, zone: &str, text: &str) -> serde_json::Value {
    let file = desk.file("planned", text);
    desk.run(&["dns", "plan", service, zone, &file, "-o", "json"]).ends(0).json()
}

fn value(plan: &serde_json::Value, name: &str) -> serde_json::Value {
    let made = plan["create"].as_array().unwrap().iter().find(|one| one["body"]["record"]["name"] == name);
    made.unwrap_or_else(|| panic!("{name}: {plan}"))["body"]["record"]["data"]["value"].clone()
}

#[test]
fn escapes_of_zone_files_are_read_as_the_standard_has_them() {
    let desk = Desk::new();
    let text = export(&desk) + "t IN TXT \"a\\032b\\195\\169\"\nu IN TXT foo\\;bar\nv IN TXT \"q\\\"\\\\\"\n";
    let made = plan(&desk, "XX012", "example.es", &text);
    assert_eq!(value(&made, "t"), "a b\u{e9}");
    assert_eq!(value(&made, "u"), "foo;bar");
    assert_eq!(value(&made, "v"), "q\"\\");
    // An escaped dot is part of its label.
    let made = plan(&desk, "XX012", "example.es", &(text + "a\\.b A 192.0.2.1\n"));
    assert_eq!(made["create"][0]["what"], "a\\.b A 192.0.2.1", "{made}");
    for (line, told) in [("t TXT \"\\999\"", "line 1"), ("t TXT \"\\255\"", "UTF-8"), ("a\\.b.c A x", "a\\.b.c")] {
        let wrong = desk.file("wrong", &format!("{line}\n"));
        let said = desk.run(&["dns", "plan", "XX012", "example.es", &wrong]).ends(2);
        assert!(said.err.contains(told), "{line}: {}", said.err);
    }
}

#[test]
fn what_is_listed_in_another_spelling_is_no_change() {
    let desk = Desk::new();
    let create = |kind: &str, name: &str, flag: &str, value: &str| {
        let line =
            ["dns", "create", "XX012", "--zone", "example.es", "--type", kind, "--record.name", name, flag, value];
        desk.run(&line).ends(0);
    };
    create("AAA", "six", "--ip", "2001:db8:0:0:0:0:0:1");
    create("DKIM", "k._domainkey", "--record.data.value", "\"part one\" \"part two\"");
    create("DKIM", "l._domainkey", "--record.data.value", "caf\u{e9}; \"x");
    let text = export(&desk);
    assert!(text.contains("2001:db8::1") && text.contains("\"part onepart two\""), "{text}");
    assert!(text.contains("\"caf\\195\\169; \\\"x\""), "{text}");
    let made = plan(&desk, "XX012", "example.es", &text);
    assert!(made["create"].as_array().unwrap().is_empty() && made["delete"].as_array().unwrap().is_empty(), "{made}");
}

#[test]
fn an_international_zone_is_the_same_in_both_spellings() {
    let desk = Desk::new();
    let (unicode, ascii) = ("jamones-pe\u{f1}a.es", "xn--jamones-pea-beb.es");
    let text = desk.run(&["dns", "export", "XX013", unicode]).ends(0).out;
    assert!(text.contains(&format!("$ORIGIN {ascii}.\n")) && text.is_ascii(), "{text}");
    assert_eq!(desk.run(&["dns", "export", "XX013", ascii]).ends(0).out, text);
    let other = text.replace(ascii, unicode);
    for (zone, file) in [(unicode, &text), (ascii, &text), (unicode, &other), (ascii, &other)] {
        let made = plan(&desk, "XX013", zone, &format!("{file}new A 192.0.2.9\n"));
        assert_eq!(made["delete"], serde_json::json!([]), "{zone}");
        assert_eq!(made["create"].as_array().unwrap().len(), 1, "{zone}: {made}");
        // The API gets its own spelling.
        assert_eq!(made["create"][0]["body"]["zone"], unicode, "{zone}");
    }
}
