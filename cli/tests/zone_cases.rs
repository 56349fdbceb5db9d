//! Zones of other people's reports: what must not be deleted, what must read back, and in which order a plan is done.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;
#[path = "common/listing.rs"]
mod listing;
#[path = "zone_cases/members.rs"]
mod members;
#[path = "zone_cases/types.rs"]
mod types;

use common::{Desk, Said, bare};
use listing::Listing;
use serde_json::{Value, json};

fn record(id: u64, name: &str, kind: &str, data: Value) -> Value {
    json!({ "id": id, "zone": "example.es", "record": { "name": name, "type": kind, "data": data } })
}

fn address(id: u64, name: &str, ip: &str) -> Value {
    record(id, name, "A", json!({ "ip": ip }))
}

#[track_caller]
fn changes(plan: &Value) -> (Vec<String>, Vec<String>) {
    let of = |name: &str| plan[name].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap().to_owned());
    (of("create").collect(), of("delete").collect())
}

#[track_caller]
fn changes_nothing(plan: &Value) {
    assert_eq!(changes(plan), (Vec::new(), Vec::new()), "{plan}");
}

/// The export of what is listed, planned again, changes nothing.
#[track_caller]
fn reads_back(api: &Listing, code: i32) -> String {
    let text = api.export().ends(code).out;
    changes_nothing(&api.plan(&text));
    text
}

#[test]
fn run_40_the_panels_own_records_are_left_alone() {
    let ns = |id, host: &str| record(id, "@", "NS", json!({ "target": host }));
    let mut records = vec![
        ns(1, "ns1.swpanel.com"),
        ns(2, "ns2.swpanel.com"),
        record(9, "example.es.", "SOA", json!({ "value": "ns1.swpanel.com. host.example.es. 1 2 3 4 5" })),
        record(10, "sub", "NS", json!({ "target": "ns.example.net" })),
    ];
    records.extend(["a", "b", "c", "d", "e", "f"].iter().zip(11..).map(|(name, id)| address(id, name, "192.0.2.1")));
    let api = Listing::new(&records);
    let text = reads_back(&api, 0);
    assert!(
        !text.lines().any(|line| !line.starts_with(';') && (line.contains("SOA") || line.starts_with("@ "))),
        "{text}"
    );
    assert!(text.contains("ns.example.net."), "a delegation is a record of the zone: {text}");
    let plan = api.plan(&text);
    let left: Vec<&Value> = plan["left_alone"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(left, ["1", "2", "9"], "{plan}");
    assert_eq!(plan["left_alone"][0]["what"], "@ NS ns1.swpanel.com.", "{plan}");
    assert_eq!(plan["present"], 7);
    api.apply(&[]).ends(0);
    assert_eq!(api.writes(), Vec::<String>::new());
    // A file that has another server of its own changes nothing either, and says so.
    let plan = api.plan(text + "@ NS ns3.example.net.\n");
    changes_nothing(&plan);
    assert!(plan["notes"].to_string().contains("ns3.example.net."), "{plan}");
}

#[test]
fn run_32_records_of_other_zones_are_never_deleted() {
    let of = |id: u64, zone: Value, name: &str| {
        let mut one = address(id, name, "192.0.2.1");
        one.as_object_mut().unwrap().remove("zone");
        one.as_object_mut().unwrap().extend(zone.as_object().unwrap().clone());
        one
    };
    let dns_zone = |zone: &str| json!({ "dns_zone": zone });
    let mut records: Vec<Value> = (1..=10).map(|n| of(n, dns_zone("example.es"), &format!("h{n}"))).collect();
    records.extend([
        of(90, dns_zone("otra.es"), "@"),
        of(91, dns_zone("otra.es"), "mail"),
        of(92, json!({}), "ftp"),
        of(93, json!({}), "www.otra.es"),
        of(94, json!({}), "www.otra.es."),
        of(95, json!({ "zone": "example.es", "dns_zone": "otra.es" }), "two"),
        of(96, json!({ "zone": { "id": 7 } }), "three"),
        of(97, json!({ "zone": null }), "four"),
        of(98, json!({ "zone": "example.es" }), "far.otra.es."),
    ]);
    let api = Listing::new(&records);
    let text = reads_back(&api, 8);
    assert!(!text.lines().any(|line| line.starts_with("mail") || line.starts_with("ftp")), "{text}");
    let plan = api.plan("h1 A 192.0.2.1\n");
    let (create, delete) = changes(&plan);
    assert_eq!((create.len(), delete.len()), (0, 9), "{plan}");
    let left: Vec<&Value> = plan["left_alone"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(left, ["92", "93", "95", "96", "97", "98"], "{plan}");
    api.apply(&["--delete-threshold", "100"]).ends(0);
    assert_eq!(api.records().len(), 10, "{:?}", api.records());
    // What is unclear stands in the way of a record of the same name.
    let file = api.file("same.zone", "h1 A 192.0.2.1\nftp A 192.0.2.2\n");
    let said = api.run(&["dns", "plan", "XX012", "example.es", &file]).ends(1);
    assert!(said.err.contains("ftp") && said.err.contains("92"), "{said:?}");
    // Not of a record of another type.
    assert_eq!(changes(&api.plan("h1 A 192.0.2.1\nftp MX 10 mail.example.net.\n")).0.len(), 1);
    let file = api.file("same.zone", "h1 A 192.0.2.1\nftp CNAME mail.example.net.\n");
    api.run(&["dns", "plan", "XX012", "example.es", &file]).ends(1);
}

#[test]
fn a_plan_file_that_names_records_of_others_is_refused() {
    let mut other = address(90, "mail", "192.0.2.3");
    other["zone"] = json!("otra.es");
    let api = Listing::new(&[address(1, "www", "192.0.2.1"), address(2, "a", "192.0.2.1"), other]);
    let mut plan = api.plan("www A 192.0.2.1\na A 192.0.2.1\nnew A 192.0.2.1\n");
    plan["delete"] = json!([{ "id": "90", "what": "mail A 192.0.2.3", "step": 2 }]);
    let place = api.file("plan.json", plan.to_string());
    api.run(&["dns", "apply", &place, "--yes", "--delete-threshold", "100"]).ends(5);
    assert_eq!(api.writes(), Vec::<String>::new());
    plan["delete"] = json!([]);
    plan["create"][0]["body"]["zone"] = json!("otra.es");
    let place = api.file("plan.json", plan.to_string());
    api.run(&["dns", "apply", &place, "--yes"]).ends(2);
    assert_eq!(api.writes(), Vec::<String>::new());
}

#[test]
fn run_03_the_root_stays_a_dot() {
    let targets = [
        record(100, "@", "MX", json!({ "priority": 0, "exchange": "." })),
        record(101, "_sip._tcp", "SRV", json!({ "priority": 0, "weight": 0, "port": 0, "target": "." })),
        record(102, "c", "CNAME", json!({ "target": "." })),
        record(103, "p", "PTR", json!({ "target": "." })),
    ];
    let text = reads_back(&Listing::new(&targets), 0);
    for line in ["MX     0 .", "SRV    0 0 0 .", "CNAME  .", "PTR    ."] {
        assert!(text.lines().any(|known| known.ends_with(line)), "{line}: {text}");
    }
    let api = Listing::new(&[address(1, "www", "192.0.2.1")]);
    let plan = api.plan("@ IN MX 0 .\n_sip._tcp IN SRV 0 0 0 .\nwww IN A 192.0.2.1\n");
    assert_eq!(plan["create"][0]["body"]["record"]["data"]["exchange"], ".", "{plan}");
    assert_eq!(plan["create"][1]["body"]["record"]["data"]["target"], ".", "{plan}");
    api.apply(&[]).ends(0);
    changes_nothing(&api.plan("@ IN MX 0 .\n_sip._tcp IN SRV 0 0 0 .\nwww IN A 192.0.2.1\n"));
}

#[test]
fn run_04_an_alias_and_other_records_change_places_in_the_right_order() {
    let api = Listing::new(&[
        address(1, "www", "192.0.2.1"),
        address(2, "mail", "192.0.2.2"),
        address(3, "a", "192.0.2.3"),
        record(4, "b", "CNAME", json!({ "target": "x.example.net" })),
        record(5, "c", "CNAME", json!({ "target": "y.example.net" })),
    ]);
    let wanted = "www CNAME web.example.net.\nmail A 192.0.2.9\na A 192.0.2.3\nb CNAME z.example.net.\nc A 192.0.2.4\n";
    let plan = api.plan(wanted);
    let failed = api.run(&["dns", "apply", &api.path("plan.json"), "--yes", "--dry-run", "--delete-threshold", "100"]);
    failed.ends(0);
    api.apply(&["--delete-threshold", "100"]).ends(0);
    let expected =
        ["POST mail A", "DELETE 4", "POST b CNAME", "DELETE 5", "POST c A", "DELETE 1", "POST www CNAME", "DELETE 2"];
    assert_eq!(api.writes(), expected);
    changes_nothing(&api.plan(wanted));
    // The plan shows the order in which it is done.
    let mut steps: Vec<(u64, String)> = ["create", "delete"]
        .iter()
        .flat_map(|name| plan[*name].as_array().unwrap())
        .map(|one| (one["step"].as_u64().unwrap(), one["what"].as_str().unwrap().to_owned()))
        .collect();
    steps.sort();
    assert_eq!(steps[1].1, "b CNAME x.example.net.", "{plan}");
    assert_eq!(steps[2].1, "b CNAME z.example.net.", "{plan}");
}

#[test]
fn a_step_that_fails_says_what_was_done() {
    let api = Listing::new(&[
        address(1, "www", "192.0.2.1"),
        address(2, "b", "192.0.2.1"),
        address(3, "c", "192.0.2.1"),
        address(4, "d", "192.0.2.1"),
    ]);
    api.plan("www CNAME web.example.net.\nb A 192.0.2.1\nc A 192.0.2.1\nd A 192.0.2.1\nnew A 192.0.2.5\n");
    api.fail_at("POST www");
    let said = api.apply(&[]);
    assert_ne!(said.code, 0, "{said:?}");
    for told in ["+ new A 192.0.2.5", "- www A 192.0.2.1", "www CNAME web.example.net.", "dns plan"] {
        assert!(said.err.contains(told), "{told}: {}", said.err);
    }
    let said = api.apply(&["-o", "json"]).ends(5);
    assert_eq!(said.failure()["kind"], "plan-outdated", "{said:?}");
}

#[test]
fn run_26_what_does_not_read_back_is_a_comment() {
    let text_of = |id, name: &str, value: &str| record(id, name, "TXT", json!({ "value": value }));
    let api = Listing::new(&[
        record(1, "caa", "CAA", json!({ "value": "0 issue \"letsencrypt.org\"" })),
        record(2, "caa2", "CAA", json!({ "flags": 128, "tag": "iodef", "value": "mailto:a@example.es" })),
        record(3, "caa3", "CAA", json!({ "value": "letsencrypt.org" })),
        address(4, "bad", "not-an-ip"),
        record(5, "alias", "ALIAS", json!({ "value": "www.example.net" })),
        record(6, "rel", "CNAME", json!({ "target": "www" })),
        record(7, "abs1", "CNAME", json!({ "target": "localhost." })),
        record(8, "me", "CNAME", json!({ "target": "@" })),
        record(9, "relmx", "MX", json!({ "priority": "10", "exchange": "mail" })),
        record(10, "nomx", "MX", json!({ "priority": 10, "exchange": "" })),
        record(11, "six", "A", json!({ "ip": "2001:db8::1" })),
        text_of(12, "lead", "  leading and trailing  "),
        text_of(13, "emp", ""),
        text_of(14, "nl", "one\ntwo IN A 192.0.2.66"),
        text_of(15, "long", &"\u{f1}\"\\".repeat(200)),
        text_of(16, "sel2._domainkey", "\"v=DKIM1; k=rsa; p=BBB/\"\"ccc\""),
        record(17, "t", "TLSA", json!({ "usage": 3, "selector": 1, "matching_type": 1, "certificate": "AB CD" })),
        record(18, "t2", "TLSA", json!({ "usage": 3, "selector": 1, "matching_type": 1, "certificate": "xyz" })),
        record(19, "evil\nzz A 192.0.2.66 ;", "A\nyy A 192.0.2.66", json!({ "ip": "192.0.2.1" })),
        record(20, "generic", "TYPE65280", json!({ "value": "\\# 4 0A000001" })),
        record(21, "ds", "DS", json!({ "value": "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118" })),
        address(22, "a\\.b", "192.0.2.1"),
        address(23, "\u{d1}and\u{fa}", "192.0.2.1"),
        address(24, "*", "192.0.2.1"),
        address(25, "WWW.Example.ES.", "192.0.2.1"),
        address(26, "in", "192.0.2.1"),
        address(27, "1d", "192.0.2.1"),
        address(28, "300", "192.0.2.1"),
        address(29, "twice", "192.0.2.1"),
        address(30, "twice", "192.0.2.1"),
        address(31, "$TTL", "192.0.2.1"),
    ]);
    let text = reads_back(&api, 8);
    assert!(text.is_ascii(), "{text}");
    for line in [
        "CAA    0 issue \"letsencrypt.org\"",
        "CAA    128 iodef \"mailto:a@example.es\"",
        "CNAME  www.example.es.",
        "CNAME  localhost.",
        "CNAME  example.es.",
        "MX     10 mail.example.es.",
    ] {
        assert!(text.lines().any(|known| known.ends_with(line)), "{line}: {text}");
    }
    let comments: Vec<&str> = text.lines().filter(|line| line.starts_with("; not")).collect();
    for id in ["3", "4", "5", "10", "11", "18", "19"] {
        assert!(comments.iter().any(|line| line.contains(&format!("(id {id})"))), "{id}: {text}");
    }
    assert_eq!(comments.len(), 7, "{text}");
    assert!(!text.lines().any(|line| line.starts_with("zz") || line.starts_with("yy")), "{text}");
    // None of them is planned for deletion, whatever the file has.
    let (_, delete) = changes(&api.plan(""));
    assert_eq!(delete.len(), 24, "{delete:?}");
}

#[test]
fn run_23_a_plan_never_replaces_its_zone_file() {
    let api = Listing::new(&[address(1, "www", "192.0.2.1")]);
    let text: String = (0..2000).map(|n| format!("host-{n} A 192.0.2.1\n")).collect();
    let file = api.file("z.zone", &text);
    let plan = |out: &str| api.run(&["dns", "plan", "XX012", "example.es", &file, "--out", out]);
    for out in [file.as_str(), "z.zone", "./z.zone"] {
        plan(out).ends(2);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    // An older plan is replaced, however long it is.
    plan("plan.json").ends(0);
    assert!(std::fs::metadata(api.path("plan.json")).unwrap().len() > 200_000);
    plan("plan.json").ends(0);
}

#[test]
fn what_was_applied_is_no_change() {
    let desk = Desk::new();
    let exported = desk.run(&["dns", "export", "XX012", "example.es"]).ends(0).out;
    let (file, plan) = (desk.path("z.zone"), desk.path("plan.json"));
    let [file, plan] = [file.to_str().unwrap(), plan.to_str().unwrap()];
    let wanted = [
        "@ A 192.0.2.77",
        "@ MX 0 .",
        "@ TXT \"v=spf1 a mx -all\"",
        "www A 192.0.2.78",
        "shop CNAME Shop.Example.NET.",
        "one CNAME localhost.",
        "\u{f1} AAAA 2001:DB8::0001",
        "*.x A 192.0.2.1",
        "_sip._tcp SRV 0 0 0 .",
        "_443._tcp TLSA 3 1 1 ABCDEF",
        "k._domainkey TXT \"v=DKIM1; p=\" \"abc\\\"\\\\def\"",
        "q._domainkey TXT \"\\\"quoted\\\"\"",
        "note TXT \"any text\"",
        "long TXT LONG",
        "@ CAA 0 issue \"ca.example.net\"",
        "caa CAA 128 iodef \"mailto:a@example.es\"",
        "sub NS ns1.example.net.",
        "10 PTR www.example.es.",
        "_ldap._tcp SRV 10 20 389 ldap.example.net.",
        "example.es A 192.0.2.5",
        "deep.sub.example.es. A 192.0.2.6",
    ];
    // More than 255 bytes are several strings.
    let long = format!("\"{}\" \"{}\" \"end\"", "x".repeat(255), "y \\\"".repeat(60));
    std::fs::write(file, format!("$TTL 300\n{}\n", wanted.join("\n").replace("LONG", &long))).unwrap();
    let make = || desk.run(&["dns", "plan", "XX012", "example.es", file, "--out", plan, "-o", "json"]).ends(0).json();
    // The SPF record is there already.
    assert_eq!(changes(&make()).0.len(), wanted.len() - 1);
    desk.run(&["dns", "apply", plan, "--yes", "--delete-threshold", "100"]).ends(0);
    changes_nothing(&make());
    let listed = desk.run(&["dns", "list", "XX012", "-o", "json"]).ends(0).json().to_string();
    assert!(listed.contains(&format!("{}{}end", "x".repeat(255), "y \\\"".repeat(60))), "{listed}");
    let text = desk.run(&["dns", "export", "XX012", "example.es"]).ends(0).out;
    let line = text.lines().find(|line| line.starts_with("long ")).unwrap();
    assert!(line.contains(&format!("\"{}\" \"y ", "x".repeat(255))), "{line}");
    // And back, with the zone file from before.
    std::fs::write(file, exported).unwrap();
    make();
    desk.run(&["dns", "apply", plan, "--yes", "--delete-threshold", "100"]).ends(0);
    changes_nothing(&make());
}

#[test]
fn times_to_live_that_differ_are_reported() {
    let desk = Desk::new();
    let exported = desk.run(&["dns", "export", "XX012", "example.es"]).ends(0).out;
    assert!(exported.contains("$TTL "), "{exported}");
    let plan = |text: &str| {
        let file = desk.file("z.zone", text);
        desk.run(&["dns", "plan", "XX012", "example.es", &file, "-o", "json"]).ends(0).json()
    };
    assert_eq!(plan(&exported)["ttl"], json!([]));
    let other: String = exported
        .lines()
        .map(|line| if line.starts_with("$TTL") { "$TTL 2h\n".to_owned() } else { format!("{line}\n") })
        .collect();
    let made = plan(&(other.clone() + "new A 192.0.2.1\n"));
    assert_eq!(made["ttl"].as_array().unwrap().len(), made["present"].as_u64().unwrap() as usize + 1, "{made}");
    assert_eq!(made["ttl"][0]["wanted"], 7200);
    let notes = made["notes"].to_string();
    assert!(notes.contains("swpanel dns ttl set XX012 example.es --ttl.value 7200"), "{notes}");
    let notes = plan(&(other + "new 60 A 192.0.2.1\n"))["notes"].to_string();
    assert!(notes.contains("60, 7200"), "{notes}");
    desk.run(&["dns", "ttl", "set", "XX012", "example.es", "--ttl.value", "7200"]).ends(0);
    let exported = desk.run(&["dns", "export", "XX012", "example.es"]).ends(0).out;
    assert!(exported.contains("$TTL 7200"), "{exported}");
    // Nothing is listed that the file could be compared with.
    let notes = Listing::new(&[]).plan("new 60 A 192.0.2.1\n")["notes"].to_string();
    assert!(notes.contains("lists no TTL"), "{notes}");
    // Records whose TTLs differ keep them in an export.
    let mut one = address(1, "a", "192.0.2.1");
    one["ttl"] = json!(60);
    let mut two = address(2, "b", "192.0.2.1");
    two["ttl"] = json!("3600");
    let api = Listing::new(&[one, two]);
    let text = reads_back(&api, 0);
    assert_eq!(api.plan(&text)["ttl"], json!([]), "{text}");
}

#[test]
fn files_that_cannot_be_a_zone_are_refused_before_anything_is_sent() {
    let api = Listing::new(&[address(1, "www", "192.0.2.1"), address(2, "a", "192.0.2.1")]);
    for (bytes, says) in [
        (b"www A 192.0.2.1\nt TXT \"caf\xe9\"\n".to_vec(), "Windows-1252"),
        ("www A 192.0.2.1\n".encode_utf16().flat_map(u16::to_le_bytes).collect(), "UTF-16"),
        (b"a A 192.0.2.1\n\n$INCLUDE /etc/passwd\n".to_vec(), "line 3: $INCLUDE"),
        (vec![b';'; 9 << 20], "larger than 8 MiB"),
        (b"a CNAME b\na A 192.0.2.9\n".to_vec(), "line 1 of the zone file has a CNAME for `a`"),
        (b"@ CNAME b\n".to_vec(), "CNAME for the zone itself"),
    ] {
        let file = api.file("z.zone", bytes);
        let said = api.run(&["dns", "plan", "XX012", "example.es", &file, "--out", "plan.json"]).ends(2);
        assert!(said.err.contains(says) && said.err.contains("hint: "), "{says}: {}", said.err);
        assert!(!std::path::Path::new(&api.path("plan.json")).exists(), "{says}");
    }
    changes_nothing(&api.plan("\u{feff}$ORIGIN Example.ES.\r\nWWW A 192.0.2.1\r\na.example.es. A 192.0.2.1\r\n"));
    api.run(&["dns", "plan", "XX012", "a..b", &api.path("planned.zone")]).ends(2);
}

#[test]
fn a_record_with_an_id_of_another_is_not_deleted() {
    let mut other = address(7, "www", "192.0.2.9");
    other["zone"] = json!("otra.es");
    let api = Listing::new(&[address(7, "gone", "192.0.2.1"), address(8, "a", "192.0.2.1"), other]);
    let plan = api.plan("a A 192.0.2.1\n");
    changes_nothing(&plan);
    assert!(plan["left_alone"][0]["why"].as_str().unwrap().contains("no id of its own"), "{plan}");
    let plan = api.plan("");
    assert_eq!(plan["delete"].as_array().unwrap().len(), 1, "{plan}");
}

#[test]
fn what_a_panel_may_write_otherwise_is_left_alone() {
    let named = |id: u32, name: &str| json!({ "id": id, "zone": "example.es", "record": { "name": name, "type": "NS", "data": { "target": "ns9.example.net" } } });
    let mut off = address(7, "off", "192.0.2.7");
    off["active"] = json!(0);
    let mut disabled = address(8, "disabled", "192.0.2.8");
    disabled["record"]["disabled"] = json!("true");
    let records: Vec<Value> = [named(5, "@.example.es"), named(6, "@.example.es."), off, disabled]
        .into_iter()
        .chain((10..30).map(|id| address(id, &format!("n{id}"), "192.0.2.1")))
        .collect();
    let api = Listing::new(&records);
    let plan = api.plan("n10 A 192.0.2.1\nw.example.es A 192.0.2.1\n");
    let text = plan.to_string();
    for id in ["5", "6", "7", "8"] {
        assert!(plan["left_alone"].as_array().unwrap().iter().any(|one| one["id"] == id), "{id}: {text}");
        assert!(!plan["delete"].as_array().unwrap().iter().any(|one| one["id"] == id), "{id}: {text}");
    }
    assert!(plan["notes"].to_string().contains("no final dot"), "{text}");
    let exported = api.export().ends(8).out;
    assert!(!exported.lines().any(|line| line.starts_with("off") || line.starts_with("disabled")), "{exported}");
}

#[test]
fn a_name_that_reads_like_its_zone_is_not_the_zone() {
    let ns = |id, name: &str| record(id, name, "NS", json!({ "target": "ns1.swpanel.com" }));
    let soa =
        |id, name: &str| record(id, name, "SOA", json!({ "value": "ns1.swpanel.com. host.example.es. 1 2 3 4 5" }));
    let lines = "a A 192.0.2.1\n";
    for name in ["@", "", "example.es", "example.es.", "EXAMPLE.es"] {
        let api = Listing::new(&[ns(1, name), soa(2, name), address(3, "a", "192.0.2.1")]);
        // The dot was most likely forgotten: neither the zone's own records nor any other is touched.
        for (line, says) in [
            (
                "example.es NS ns9.example.net.\n",
                "left out: line 2: example.es NS ns9.example.net.: without a final dot",
            ),
            ("Example.es 300 IN NS ns9.example.net.\n", "left out: line 2"),
            ("example.es. NS ns9.example.net.\n", "the panel makes this record by itself"),
            ("@ NS ns9.example.net.\n", "the panel makes this record by itself"),
            ("example.es SOA ns9.example.net. host.example.net. 1 2 3 4 5\n", "the panel makes this record by itself"),
        ] {
            let plan = api.plan(format!("{lines}{line}"));
            changes_nothing(&plan);
            assert!(plan["notes"].to_string().contains(says), "{name} {line}: {plan}");
        }
        let plan = api.plan(format!("{lines}example.es A 192.0.2.9\n"));
        assert!(plan["notes"].to_string().contains("has no final dot, so it names `example.es.example.es.`"), "{plan}");
    }
    // In full it is what the standard says, a name below the zone.
    let below = format!("{lines}example.es.example.es. NS ns9.example.net.\n");
    let api = Listing::new(&[ns(1, "@"), soa(2, "@"), address(3, "a", "192.0.2.1")]);
    let plan = api.plan(&below);
    assert_eq!(plan["create"][0]["body"]["record"]["name"], "example.es.example.es.", "{plan}");
    assert!(!plan["notes"].to_string().contains("no final dot"), "{plan}");
    api.apply(&[]).ends(0);
    changes_nothing(&api.plan(&below));
    // What an export of ours says in full, and what another program says without, is the same record.
    let text = reads_back(&api, 0);
    assert!(text.contains("\nexample.es.example.es."), "{text}");
    changes_nothing(&api.plan(format!("{lines}example.es NS ns9.example.net.\n")));
    // Where the list shows the name of the zone only, nobody knows which of both it is.
    let api = Listing::new(&[ns(1, "example.es"), address(3, "a", "192.0.2.1")]);
    let file = api.file("z.zone", &below);
    let said = api.run(&["dns", "plan", "XX012", "example.es", &file]).ends(1);
    assert!(said.err.contains("ns1.swpanel.com. (id 1)"), "{said:?}");
    assert_eq!(api.writes(), Vec::<String>::new());
}
