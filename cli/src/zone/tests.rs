//! Zone files as people and programs write them, read by the reader of this program; and random listings, exported and
//! planned again.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::bind::{read, read_line};
use super::entries::{decoded, entries};
use super::listed::Listing;
use super::name::Name;
use super::plan::Plan;
use super::write::write;

fn zone() -> Name {
    Name::zone("example.es").unwrap()
}

#[track_caller]
fn shown(text: &str) -> Vec<String> {
    let file = read(text, &zone()).unwrap_or_else(|failure| panic!("{text}: {}", failure.what));
    file.records.iter().map(|one| one.record.to_string()).collect()
}

#[test]
fn reads_what_the_standard_allows() {
    let file = "$TTL 1h\n$ORIGIN example.es.\n@ IN SOA ns1 host ( 1 ; serial\n 2 3 4 5 )\n  IN NS ns1.example.es.\n\
        www 300 IN A 192.0.2.1\n    IN AAAA 2001:DB8::1\nshop CNAME www\n@ MX 10 mail\n_sip._tcp SRV 1 2 5060 sip.example.net.\n\
        _443._tcp.www TLSA 3 1 1 ( AB\n CD )\ntxt TXT \"a; b\" \"c\\\"d\"\n";
    let expected = [
        "www A 192.0.2.1",
        "www AAAA 2001:db8::1",
        "shop CNAME www.example.es.",
        "@ MX 10 mail.example.es.",
        "_sip._tcp SRV 1 2 5060 sip.example.net.",
        "_443._tcp.www TLSA 3 1 1 abcd",
        "txt TXT \"a; bc\\\"d\"",
    ];
    assert_eq!(shown(file), expected);
    assert_eq!(shown(&file.replace('\n', "\r\n")), expected);
    assert_eq!(read(file, &zone()).unwrap().left_out.len(), 2);
}

#[test]
fn origins_names_classes_and_escapes_follow_the_standard() {
    for (file, expected) in [
        (
            "$ORIGIN sub\nwww A 192.0.2.1\n$ORIGIN deep\n@ A 192.0.2.2",
            vec!["www.sub A 192.0.2.1", "deep.sub A 192.0.2.2"],
        ),
        ("$ORIGIN sub.example.es.\n$ORIGIN @\na CNAME @", vec!["a.sub CNAME sub.example.es."]),
        ("$ORIGIN .\nwww.example.es A 192.0.2.1\nexample.es MX 5 mail", vec!["www A 192.0.2.1", "@ MX 5 mail."]),
        ("$origin Sub\nWWW a 192.0.2.1", vec!["www.sub A 192.0.2.1"]),
        (
            "a IN 300 A 192.0.2.1\nb 300 IN A 192.0.2.1\nc 1h30m A 192.0.2.1\nd in a 192.0.2.1",
            vec!["a A 192.0.2.1", "b A 192.0.2.1", "c A 192.0.2.1", "d A 192.0.2.1"],
        ),
        (
            "a\\.b A 192.0.2.1\n\\097c A 192.0.2.1\nx\\;y CNAME a\\.b",
            vec!["a\\.b A 192.0.2.1", "ac A 192.0.2.1", "x\\;y CNAME a\\.b.example.es."],
        ),
        (
            "a TXT ( \"one\" ; first\n \"two\" )\n\n  \n; only a comment\n\tTXT three",
            vec!["a TXT \"onetwo\"", "a TXT \"three\""],
        ),
        ("a (\n MX ; x\n 10\n mail )", vec!["a MX 10 mail.example.es."]),
        ("@ MX 0 .\n* A 192.0.2.1\n*.sub A 192.0.2.1", vec!["@ MX 0 .", "* A 192.0.2.1", "*.sub A 192.0.2.1"]),
        ("\u{d1}and\u{fa} CNAME \u{f1}.es.", vec!["xn--and-6ma2c CNAME xn--ida.es."]),
        (
            "t TXT v=spf1\\ -all\nu TXT \"a\\032b\\195\\169\"\nv TXT caf\u{e9}\nw SPF \"v=spf1 -all\"",
            vec![
                "t TXT \"v=spf1 -all\"",
                "u TXT \"a b\\195\\169\"",
                "v TXT \"caf\\195\\169\"",
                "w TXT \"v=spf1 -all\"",
            ],
        ),
        ("t TXT \"one\"\"two\"\nt TXT one two", vec!["t TXT \"onetwo\"", "t TXT \"onetwo\""]),
        (
            "c CAA 0 issue letsencrypt.org\nc CAA 128 IODEF \"mailto:a@example.es\"",
            vec!["c CAA 0 issue \"letsencrypt.org\"", "c CAA 128 iodef \"mailto:a@example.es\""],
        ),
        (
            "g TYPE65280 \\# 4 0A000001\ng TYPE65280 \\# 0\ng A \\# 4 C0000201",
            vec!["g TYPE65280 \\# 4 0a000001", "g TYPE65280 \\# 0", "g A 192.0.2.1"],
        ),
        (
            "in A 192.0.2.1\n1d A 192.0.2.1\n300 A 192.0.2.1\na A 192.0.2.1",
            vec!["in A 192.0.2.1", "1d A 192.0.2.1", "300 A 192.0.2.1", "a A 192.0.2.1"],
        ),
        ("www A 192.0.2.1", vec!["www A 192.0.2.1"]),
        ("", vec![]),
        (
            "sub NS ns.example.net.\nsub DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
            vec!["sub NS ns.example.net.", "sub DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"],
        ),
    ] {
        assert_eq!(shown(file), expected, "{file}");
    }
}

#[test]
fn what_is_wrong_is_reported_with_its_line() {
    for (file, says) in [
        ("a A 1.2.3", "line 1: `a A 1.2.3`"),
        ("a A 192.0.2.1\nb MX ten x", "line 2: `b MX ten x`"),
        ("a TXT \"x\nb A 192.0.2.1", "line 1: a quote is not closed"),
        ("\na TXT ( \"x\"\nb A 192.0.2.1", "line 2: a bracket is not closed"),
        ("a A 192.0.2.1 )", "line 1: a bracket closes"),
        (" A 192.0.2.1", "no name"),
        ("a.example.com. A 192.0.2.1", "not a name within"),
        ("a NOPE x", "`NOPE` is not a type"),
        ("a MX 10", "line 1: `a MX 10`"),
        ("a MX", "MX needs more data"),
        ("a", "there is no type"),
        ("a A 192.0.2.1 192.0.2.2", "line 1"),
        ("; one\n\n\n$INCLUDE other.zone", "line 4: $INCLUDE"),
        ("$GENERATE 1-9 a$ A 192.0.2.$", "$GENERATE"),
        ("$UNKNOWN x", "`$UNKNOWN x` is not a directive"),
        ("$ORIGIN", "$ORIGIN needs one value"),
        ("$ORIGIN a b", "$ORIGIN needs one value"),
        ("$TTL abc", "not a time to live"),
        ("a 99999999999999999999 A 192.0.2.1", "not a time to live"),
        ("a CH A 192.0.2.1", "the class CH is not IN"),
        ("a TXT \"\\999\"", "a backslash takes"),
        ("a TXT x\\", "a backslash takes"),
        ("a TXT \"\\255\"", "UTF-8"),
        ("a A 192.0.2.1\rb A 192.0.2.1", "carriage return"),
        ("a\u{a0}A 192.0.2.1", "U+00A0"),
        ("\u{200b}a A 192.0.2.1", "U+200B"),
        ("a\u{1}b A 192.0.2.1", "U+0001"),
        ("a TXT \"\u{1b}[31m\"", "U+001B"),
        ("a..b A 192.0.2.1", "line 1: the name `a..b` has an empty label"),
        (".a A 192.0.2.1", "`.a` has an empty label"),
        ("a CNAME b..c", "`b..c` has an empty label"),
        ("$ORIGIN b..c", "`b..c` has an empty label"),
        ("a TYPE65280 \\# 4 0A", "line 1"),
        ("a A 2001:db8::1", "line 1"),
        ("a MX 70000 mail", "line 1"),
    ] {
        let failure = read(file, &zone()).unwrap_err();
        assert!(failure.what.contains(says) && failure.what.contains("line"), "{file:?}: {}", failure.what);
        assert!(failure.hint.is_some(), "{file:?}");
    }
    let long = format!("a TXT {}", "x".repeat(256));
    assert!(read(&long, &zone()).is_err());
    assert!(read(&format!("{} A 192.0.2.1", "x".repeat(64)), &zone()).is_err());
}

#[test]
fn other_encodings_are_refused_by_name() {
    assert_eq!(decoded(b"\xef\xbb\xbfa A 192.0.2.1".to_vec()).unwrap(), "a A 192.0.2.1");
    assert!(decoded(b"a A 192.0.2.1\nb TXT \"\xf1\"".to_vec()).unwrap_err().contains("line 2"));
    for big in [false, true] {
        for mark in ["", "\u{feff}"] {
            let units = format!("{mark}www A 192.0.2.1\n");
            let bytes = units.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            assert!(decoded(bytes.collect()).unwrap_err().contains("UTF-16"));
        }
    }
}

#[test]
fn times_to_live_are_known_where_the_file_says_them() {
    let file = "a A 192.0.2.1\nb 1h A 192.0.2.1\nc A 192.0.2.1\n$TTL 2d\nd A 192.0.2.1\ne 5 A 192.0.2.1\n";
    let ttls: Vec<Option<u32>> = read(file, &zone()).unwrap().records.iter().map(|one| one.ttl).collect();
    assert_eq!(ttls, [None, Some(3600), Some(3600), Some(172_800), Some(5)]);
}

#[test]
fn large_and_hostile_files_end_quickly() {
    let started = std::time::Instant::now();
    for hostile in [
        "(".repeat(200_000),
        "((((".repeat(50_000) + &"))))".repeat(50_000),
        format!("a TXT {}", "\"x\" ".repeat(200_000)),
        format!("a TXT ( {}", "x\n".repeat(200_000)),
        "\\".repeat(200_001),
        format!("{}.es. A 192.0.2.1", "a.".repeat(100_000)),
        "$ORIGIN a\n".repeat(20_000),
        ";".repeat(1_000_000),
        "a A 192.0.2.1\n".repeat(60_000),
    ] {
        assert!(
            read(&hostile, &zone()).is_err() || hostile.starts_with(';') || hostile.starts_with("(((("),
            "{}",
            &hostile[..20]
        );
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// The plan of the export of what is listed.
fn planned_again(items: &[Value]) -> (String, Listing, Plan) {
    let listing = Listing::of(items, &zone());
    let text = write(&zone(), &listing);
    let wanted = read(&text, &zone()).unwrap_or_else(|failure| panic!("{}\n{text}", failure.what));
    let plan = Plan::of("XX1", &listing, &wanted.records).unwrap_or_else(|failure| panic!("{}\n{text}", failure.what));
    (text, listing, plan)
}

fn listed_text() -> impl Strategy<Value = String> {
    let named = prop::sample::select(vec![
        "@",
        "",
        "www",
        "*",
        "a.b",
        "example.es",
        "x.example.es.",
        "example.es.example.es",
        "otra.es",
        "otra.es.",
        "\u{f1}",
        ".",
        "..",
        "a\\.b",
        "$TTL",
        "localhost.",
        "www A 192.0.2.1",
        "a;b",
        "a\nb A 192.0.2.9",
        "\"",
        "(",
        "IN",
        "300",
        "\\",
        "\u{200b}",
        "a@b",
        "-",
        "_dmarc",
        "\u{1b}[1m",
    ]);
    prop_oneof![3 => named.prop_map(str::to_owned), 1 => "\\PC{0,12}", 1 => any::<String>(), 1 => "[a-z\\\\.\"0-9 ;()]{0,300}"]
}

fn listed_item() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec![
        "A",
        "AAA",
        "AAAA",
        "CNAME",
        "NS",
        "MX",
        "SRV",
        "TXT",
        "SPF",
        "DKIM",
        "TLSA",
        "CAA",
        "SOA",
        "PTR",
        "ALIAS",
        "TYPE65280",
        "HTTPS",
        "a",
        "NAPTR",
        "DNAME",
        "A\nwww A 192.0.2.1",
    ]);
    let zones = prop::sample::select(vec![
        json!("example.es"),
        json!("EXAMPLE.ES."),
        json!("otra.es"),
        json!("sub.example.es"),
        Value::Null,
        json!(7),
    ]);
    let addresses = prop::sample::select(vec!["192.0.2.1", "2001:DB8::1", "not-an-ip", "192.0.2.1\nb A 192.0.2.2", ""]);
    let numbers =
        prop_oneof![Just(json!(10)), Just(json!("7")), Just(json!(70000)), Just(json!(-1)), Just(json!(true))];
    let values = prop_oneof![
        listed_text(),
        Just("0 issue \"letsencrypt.org\"".to_owned()),
        Just("\\# 4 0A000001".to_owned()),
        Just("1 . alpn=h2 key1=\"a b\"".to_owned()),
        Just("100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@example.es!\" .".to_owned()),
    ];
    let id = prop_oneof![4 => (1u64..1_000_000).prop_map(|id| json!(id)), 1 => Just(json!(5)), 1 => Just(Value::Null)];
    let ttl = prop_oneof![Just(json!(300)), Just(json!("600")), Just(Value::Null), Just(json!("x"))];
    // A CAA record as one text, or in parts.
    let tag = prop_oneof![2 => Just(Value::Null), 1 => Just(json!("issue")), 1 => listed_text().prop_map(Value::from)];
    (id, zones, listed_text(), kinds, addresses, numbers, values, listed_text(), (ttl, tag)).prop_map(
        |(id, zone, name, kind, ip, number, value, target, (ttl, tag))| {
            json!({ "id": id, "zone": zone, "ttl": ttl, (target.clone()): value.clone(), "record": { "name": name, "type": kind, "data": {
                "ip": ip, "priority": number, "weight": 1, "port": number, "exchange": target, "target": target, "value": value,
                "usage": 3, "selector": 1, "matching_type": 1, "certificate": "AB CD", "flags": number, "tag": tag,
            } } })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_export_planned_again_changes_nothing(items in prop::collection::vec(listed_item(), 0..12)) {
        let (text, listing, plan) = planned_again(&items);
        prop_assert!(plan.is_empty(), "{}\n{text}", plan.to_text());
        prop_assert!(plan.ttls.is_empty() || listing.records.iter().any(|one| one.ttl.is_none()), "{text}");
        prop_assert!(text.is_ascii() && !text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
        // Each record of the zone is a line of its own or a comment.
        let comments = text.lines().filter(|line| line.starts_with("; not exported: ")).count();
        prop_assert_eq!(comments, listing.not_exported().count());
        let lines = text.lines().filter(|line| !line.starts_with([';', '$'])).count();
        prop_assert_eq!(lines, listing.records.len(), "{}", text);
    }

    #[test]
    fn what_is_sent_is_read_back_as_what_was_wanted(items in prop::collection::vec(listed_item(), 1..6)) {
        // As the API would list the body of the create call.
        for one in Listing::of(&items, &zone()).records {
            let mut body = one.record.body("example.es");
            body["id"] = json!(1);
            let again = Listing::of(&[body.clone()], &zone());
            prop_assert_eq!(again.records.first().map(|one| &one.record), Some(&one.record), "{}", body);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "([a-z@$\\\\\"();. \\t\\n#0-9A]|IN|TXT|MX|CAA|\\$ORIGIN|\\$TTL|HTTPS|NAPTR|\\\\# 4){0,60}") {
        let _ = read(&text, &zone());
        let _ = read_line(&text, &zone());
        let _ = entries(&text);
    }

    #[test]
    fn any_data_of_any_type_is_read_or_refused(
        kind in prop::sample::select(vec!["A", "AAAA", "MX", "TXT", "SRV", "CAA", "TLSA", "HTTPS", "SVCB", "NAPTR", "DS", "DNSKEY", "NSEC", "NSEC3", "RRSIG",
            "SSHFP", "HINFO", "OPENPGPKEY", "IPSECKEY", "RP", "SOA", "CDS", "ZONEMD", "TYPE65280", "LOC", "TSIG", "OPT", "ANY"]),
        data in "([a-z@\\\\\"(). \\n=,#0-9A]|alpn=h2|\\\\#|\"a b\"|key1=|mandatory=|ipv4hint=|[0-9]{1,5} ){0,30}",
    ) {
        let _ = read(&format!("a {kind} {data}"), &zone());
        let _ = read(&format!("a {kind} ( {data} )\nb A 192.0.2.1"), &zone());
    }
}

#[test]
fn a_large_zone_is_planned_quickly() {
    let items: Vec<Value> = (0..2_000)
        .map(|n| json!({ "id": n, "zone": "example.es", "record": { "name": format!("n{n}"), "type": "A", "data": { "ip": "192.0.2.1" } } }))
        .collect();
    let text: String = (0..20_000).map(|n| format!("n{n} CNAME x.example.net.\n")).collect();
    let started = std::time::Instant::now();
    let listing = Listing::of(&items, &zone());
    let wanted = read(&text, &zone()).unwrap();
    let plan = Plan::of("XX1", &listing, &wanted.records).unwrap();
    assert_eq!(plan.to_text().lines().count(), 22_001);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
