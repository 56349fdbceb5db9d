//! Members of listed records that nobody knows: named by an export, kept by a plan.

use serde_json::{Value, json};

use super::listing::Listing;
use super::{address, changes, reads_back};

/// A listed address with members that nobody knows.
fn noted(id: u64, name: &str, ip: &str, extra: Value) -> Value {
    let mut one = address(id, name, ip);
    one["record"]["data"].as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    one
}

#[test]
fn members_that_a_zone_file_has_no_place_for_are_named() {
    let mut beside = address(4, "beside", "192.0.2.1");
    beside["comment"] = json!("of the list");
    beside["empty"] = json!("");
    let api = Listing::new(&[beside.clone()]);
    let said = api.export().ends(0);
    assert!(said.err.contains("not written: member `comment` of beside A 192.0.2.1 (id 4)"), "{said:?}");
    assert!(!said.err.contains("empty"), "{said:?}");
    let mut of_record = address(3, "w", "192.0.2.3");
    of_record["record"]["weight\n\u{1b}"] = json!([1]);
    let records = [
        noted(1, "www", "192.0.2.1", json!({ "proxied": true })),
        noted(2, "mail", "192.0.2.2", json!({ "proxied": false, "geo": { "ES": "192.0.2.7" }, "none": null, "id": 5 })),
        of_record,
        beside,
    ];
    let api = Listing::new(&records);
    let text = reads_back(&api, 8);
    for line in [
        "; not written: member `data.proxied` of 2 records, the first is www A 192.0.2.1 (id 1)",
        "; not written: member `data.geo` of mail A 192.0.2.2 (id 2)",
        "; not written: member `data.id` of mail A 192.0.2.2 (id 2)",
        "; not written: member `weight\\u{a}\\u{1b}` of w A 192.0.2.3 (id 3)",
        "; not written: member `comment` of beside A 192.0.2.1 (id 4)",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}: {text}");
    }
    assert!(!text.contains("none") && text.is_ascii(), "{text}");
    let json = api.run(&["dns", "export", "XX012", "example.es", "-o", "json"]).ends(8);
    assert_eq!(json.json()["not_written"].as_array().unwrap().len(), 5, "{json:?}");
}

#[test]
fn a_record_that_is_replaced_keeps_the_members_of_the_old_one() {
    let mut www = noted(1, "www", "192.0.2.1", json!({ "proxied": true, "id": 9 }));
    www["record"]["note"] = json!("mine");
    www["comment"] = json!("of the list");
    let gone = noted(2, "gone", "192.0.2.2", json!({ "geo": "ES" }));
    let api = Listing::new(&[www, gone, address(3, "a", "192.0.2.1"), address(4, "b", "192.0.2.1")]);
    let plan = api.plan("www A 192.0.2.9\na A 192.0.2.1\nb A 192.0.2.1\n");
    assert_eq!(plan["create"][0]["keeps"], json!(["data.proxied", "note"]), "{plan}");
    assert!(
        plan["notes"].to_string().contains("deleting gone A 192.0.2.2 (id 2) also loses its members data.geo"),
        "{plan}"
    );
    // What stands beside the record is no part of a create call.
    assert!(
        plan["notes"].to_string().contains("deleting www A 192.0.2.1 (id 1) also loses its members comment"),
        "{plan}"
    );
    let shown = api.run(&["dns", "plan", "XX012", "example.es", &api.path("planned.zone")]).ends(0).out;
    assert!(shown.contains("+ www A 192.0.2.9  (type A of the API, keeps data.proxied, note)"), "{shown}");
    api.apply(&["--delete-threshold", "100"]).ends(0);
    let made = api.records().into_iter().find(|one| one["record"]["name"] == "www").unwrap();
    let wanted = json!({ "name": "www", "type": "A", "note": "mine", "data": { "ip": "192.0.2.9", "proxied": true } });
    assert_eq!(made["record"], wanted);
    // They are a part of the state that a plan is made for.
    let listed =
        |proxied: bool| [noted(1, "www", "192.0.2.1", json!({ "proxied": proxied })), address(2, "a", "192.0.2.1")];
    let (one, other) = (Listing::new(&listed(true)), Listing::new(&listed(false)));
    one.plan("www A 192.0.2.9\na A 192.0.2.1\n");
    let file = one.path("plan.json");
    let said = other.run(&["dns", "apply", &file, "--yes", "--delete-threshold", "100", "-o", "json"]).ends(5);
    assert_eq!(said.failure()["kind"], "plan-outdated");
    assert_eq!(other.writes(), Vec::<String>::new());
}

#[test]
fn members_that_cannot_be_kept_for_certain_stop_the_plan() {
    let two = [
        noted(1, "www", "192.0.2.1", json!({ "proxied": true })),
        noted(2, "www", "192.0.2.2", json!({ "proxied": false })),
    ];
    // Made of the data that are replaced, it would contradict the new ones.
    let repeated = [noted(1, "www", "192.0.2.1", json!({ "raw": "A 192.0.2.1" }))];
    for records in [&two[..], &repeated[..]] {
        let api = Listing::new(records);
        let file = api.file("z.zone", "www A 192.0.2.9\n");
        let said = api.run(&["dns", "plan", "XX012", "example.es", &file, "--out", "plan.json"]).ends(1);
        assert!(said.err.contains("no plan can be made") && said.err.contains("(id 1) has data."), "{said:?}");
        assert!(said.err.contains("dns update") && !std::path::Path::new(&api.path("plan.json")).exists(), "{said:?}");
        assert_eq!(api.writes(), Vec::<String>::new());
    }
    // Those that have the same are no riddle.
    let same = [1, 2].map(|id| noted(id, "www", &format!("192.0.2.{id}"), json!({ "proxied": true })));
    let plan = Listing::new(&same).plan("www A 192.0.2.8\nwww A 192.0.2.9\n");
    assert_eq!(changes(&plan).0.len(), 2, "{plan}");
    assert_eq!(plan["create"][1]["body"]["record"]["data"]["proxied"], true, "{plan}");
}
