//! Types of records that the document has by inference only: planned, applied, created by flags, and said to be so.

use serde_json::{Value, json};

use super::changes;
use super::common::Desk;

#[test]
fn types_that_are_only_inferred_are_planned_and_said_to_be_so() {
    let file = "web A 192.0.2.1\nnote TXT \"hello\"\n@ CAA 0 issue \"ca.example.net\"\nsub NS ns1.example.net.\n\
        old SPF \"v=spf1 -all\"\n10 PTR www.example.es.\nsix AAAA 2001:db8::1\n_sip._tcp SRV 1 2 5060 sip.example.net.\n";
    for (desk, is_strict) in [(Desk::new(), false), (Desk::strict(), true)] {
        let export = desk.run(&["dns", "export", "XX012", "example.es"]).ends(0).out;
        let zone = desk.file("z.zone", &(export + file));
        let out = desk.path("plan.json");
        let line = ["dns", "plan", "XX012", "example.es", &zone, "--out", out.to_str().unwrap(), "-o", "json"];
        let plan = desk.run(&line).ends(0).json();
        assert_eq!(changes(&plan).0.len(), 8, "{plan}");
        let notes = plan["notes"].to_string();
        assert!(notes.contains("never proven against the API: that it accepts CAA, NS, PTR, SPF, TXT and"), "{notes}");
        assert!(!notes.contains("does not allow"), "{notes}");
        let data = |kind: &str| {
            let of_kind = |one: &&Value| one["body"]["record"]["type"] == kind;
            plan["create"].as_array().unwrap().iter().find(of_kind).unwrap()["body"]["record"]["data"].clone()
        };
        assert_eq!(data("CAA"), json!({ "flags": 0, "tag": "issue", "value": "ca.example.net" }));
        assert_eq!(data("TXT"), json!({ "value": "hello" }));
        assert_eq!(data("NS"), json!({ "target": "ns1.example.net" }));
        // AAA is what the API was seen with.
        assert_eq!(data("AAA"), json!({ "ip": "2001:db8::1" }));
        let applied = desk.run(&["dns", "apply", out.to_str().unwrap(), "--yes"]);
        match is_strict {
            false => assert_eq!(applied.code, 0, "{applied:?}"),
            true => assert!(applied.code == 5 && applied.err.contains("#EMULATOR-INVALID"), "{applied:?}"),
        }
    }
}

#[test]
fn single_records_of_inferred_types_are_created_by_flags() {
    let desk = Desk::new();
    let text = "x".repeat(300);
    let create = |more: &[&str]| desk.run(&[&["dns", "create", "XX012", "--zone", "example.es", "-q"], more].concat());
    for (more, data) in [
        (&["--type", "TXT", "--name", "t", "--record.data.value", &text][..], json!({ "value": text })),
        (&["--type", "SPF", "--name", "s", "--record.data.value", "v=spf1 -all"], json!({ "value": "v=spf1 -all" })),
        (&["--type", "NS", "--name", "n", "--target", "ns1.example.net"], json!({ "target": "ns1.example.net" })),
        (&["--type", "PTR", "--name", "10", "--target", "www.example.es"], json!({ "target": "www.example.es" })),
        (&["--type", "AAAA", "--name", "six", "--ip", "2001:db8::1"], json!({ "ip": "2001:db8::1" })),
        (
            &["--type", "CAA", "--name", "c", "--flags", "128", "--tag", "issue", "--record.data.value", ";"],
            json!({ "flags": 128, "tag": "issue", "value": ";" }),
        ),
        (&["--type", "TXT", "--name", "o", "--record.data", "{\"text\": \"x\"}"], json!({ "text": "x" })),
    ] {
        create(more).ends(0);
        let listed = desk.run(&["dns", "list", "XX012", "-o", "json"]).ends(0).json();
        let made = listed["result"].as_array().unwrap().iter().find(|item| item["record"]["name"] == more[3]);
        assert_eq!(made.unwrap()["record"]["data"], data, "{more:?}");
    }
    let failure = desk.run(&["dns", "create", "XX012", "--zone", "example.es", "--type", "CAA", "--name", "c"]).ends(5);
    assert!(failure.err.contains("--record.data"), "{failure:?}");
    let help = desk.run(&["dns", "create", "--help"]).ends(0).out;
    assert!(help.split_whitespace().collect::<Vec<_>>().join(" ").contains("TXT are inferred"), "{help}");
}
