//! Who may call, how paths may be spelt, and in what form errors come.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod support;

use serde_json::{Value, json};
use support::{call, call_as, control, get, send, start};
use swpanel_emulator::{CODES, ErrorsAs, Scope, Seed};

#[test]
fn without_a_token_the_answer_is_the_text_unauthorized() {
    let emulator = start();
    let bearer = format!("Bearer {}", emulator.token());
    let basic = format!("Basic {}", emulator.token());
    for headers in [vec![], vec![("Authorization", "Bearer wrong")], vec![("Authorization", basic.as_str())]] {
        let reply = send(emulator.address(), "GET", "/v2026/services/", &headers, b"");
        assert_eq!((reply.status, reply.text().as_str()), (401, "Unauthorized"));
        assert_eq!(reply.header("x-swpanel-emulator-basis"), Some("observed"));
    }
    let lower = bearer.replace("Bearer", "bearer");
    assert_eq!(send(emulator.address(), "GET", "/v2026/services/", &[("authorization", &lower)], b"").status, 200);
}

#[test]
fn a_token_reaches_as_far_as_its_scope() {
    let emulator = start();
    let groups = emulator.create_token("dns", Scope { groups: vec!["dns".into()], ..Scope::default() });
    let reader = emulator.create_token("reader", Scope { read_only: true, ..Scope::default() });
    let one = emulator.create_token("one", Scope { services: vec!["XX012".into()], ..Scope::default() });
    let status = |token: &str, method: &str, path: &str| call_as(&emulator, token, method, path, None).status;
    assert_eq!(status(&groups, "GET", "/services/XX012/dns/"), 200);
    assert_eq!(status(&groups, "GET", "/services/XX012/db/"), 403);
    assert_eq!(status(&reader, "GET", "/services/XX012/db/"), 200);
    assert_eq!(status(&reader, "POST", "/services/XX012/hosting/stop/"), 403);
    assert_eq!(get(&emulator, "/services/XX012").result()["status"], "active", "a refused call does nothing");
    assert_eq!(status(&one, "GET", "/services/xx012/dns/"), 200);
    assert_eq!(status(&one, "GET", "/services/XX013/dns/"), 403);
    let seen = call_as(&emulator, &one, "GET", "/services/", None).result();
    assert_eq!((seen.as_array().unwrap().len(), seen[0]["id"].as_str()), (1, Some("XX012")));
    let refused = call_as(&emulator, &groups, "GET", "/domains/", None);
    assert_eq!(refused.code(), "#EMULATOR-FORBIDDEN");
    assert!(emulator.revoke_token("reader"));
    assert_eq!(status(&reader, "GET", "/services/XX012/db/"), 401);
    assert!(!emulator.revoke_token("nobody"));
}

#[test]
fn integrator_mode_off_closes_the_api() {
    let emulator = start();
    emulator.set_integrator_mode(false);
    let refused = get(&emulator, "/services/");
    assert_eq!((refused.status, refused.code().as_str()), (403, "#EMULATOR-INTEGRATOR-MODE"));
    emulator.set_integrator_mode(true);
    assert_eq!(get(&emulator, "/services/").status, 200);
}

#[test]
fn an_empty_list_comes_as_the_vendor_has_it() {
    let emulator = support::builder().seed(Seed::Empty).start_blocking().unwrap();
    let reply = get(&emulator, "/domains/");
    assert_eq!(reply.json(), json!({"Error code": "#APIGENE25", "Error message": "No existen resultados"}));
    assert_eq!((reply.status, reply.header("x-swpanel-emulator-basis")), (404, Some("observed")));
    let seeded = start();
    assert_eq!(get(&seeded, "/services/?id=xx012").result().as_array().unwrap().len(), 1);
    assert_eq!(get(&seeded, "/services/?id=ZZ999").code(), "#APIGENE25");
}

#[test]
fn errors_can_come_with_200() {
    let emulator = support::builder().errors_as(ErrorsAs::Success).start_blocking().unwrap();
    for path in ["/services/NONE", "/nothing/", "/services/XX013/ftp/"] {
        let reply = get(&emulator, path);
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.json()["Error message"].is_string());
    }
    assert_eq!(call_as(&emulator, "wrong", "GET", "/services/", None).status, 401);
}

#[test]
fn our_codes_cannot_be_taken_for_the_vendors() {
    let mut seen = std::collections::BTreeSet::new();
    for code in CODES {
        assert!(seen.insert(code.code));
        assert_eq!(code.observed, code.code == "#APIGENE25");
        assert_eq!(code.code.starts_with("#EMULATOR-"), !code.observed);
    }
    let readme = include_str!("../README.md");
    for code in CODES {
        let line = format!("| `{}` | {} | {} |", code.code, code.status, code.meaning);
        assert!(readme.contains(&line), "README.md lacks: {line}");
    }
    let listed = control(&start(), "GET", "codes", None).json();
    assert_eq!(listed.as_array().unwrap().len(), CODES.len());
}

#[test]
fn slashes_are_forgiven_unless_paths_are_strict() {
    let emulator = start();
    let spellings = ["/services/", "/services", "//services/", "/services//", "///services///"];
    for path in spellings {
        assert_eq!(get(&emulator, path).status, 200, "{path}");
    }
    assert_eq!(get(&emulator, "/services/XX012/").status, 200);
    assert_eq!(get(&emulator, "/services/XX012//dns//").status, 200);
    let strict = support::builder().strict_paths(true).start_blocking().unwrap();
    assert_eq!(get(&strict, "/services/").status, 200);
    assert_eq!(get(&strict, "/services/XX012").status, 200);
    for path in ["/services", "//services/", "/services/XX012/", "/domains/12345", "/services//XX012"] {
        assert_eq!(get(&strict, path).code(), "#EMULATOR-PATH-SPELLING", "{path}");
    }
    assert_eq!(call(&strict, "PUT", "/domains/contact/12345/", Some(json!({}))).code(), "#EMULATOR-PATH-SPELLING");
    assert_eq!(call(&strict, "PUT", "/domains/contact/12345", Some(json!({}))).status, 200);
}

#[test]
fn path_values_are_decoded_and_may_come_raw() {
    let emulator = start();
    for path in ["info@example.es", "info%40example.es", "INFO@example.es"] {
        let reply = get(&emulator, &format!("/services/XX012/mail/mailbox/{path}/"));
        assert_eq!(reply.json()["message"]["email"], "info@example.es", "{path}");
    }
    let odd = "a/b c%d@example.es";
    let alias = json!({"email_alias": odd, "destination": {"emails": "x@example.es"}});
    assert_eq!(call(&emulator, "POST", "/services/XX012/mail/alias/", Some(alias)).status, 200);
    let read = get(&emulator, "/services/XX012/mail/alias/a%2Fb%20c%25d@example.es");
    assert_eq!(read.result()["email_alias"], odd);
}

#[test]
fn literal_words_win_over_parameters() {
    let emulator = start();
    assert_eq!(get(&emulator, "/domains/contact/").result()[0]["firstName"], "María");
    assert_eq!(get(&emulator, "/domains/prices/es/").result()["extension"], "es");
    assert_eq!(get(&emulator, "/services/XX012/cron/users/").result()[0]["id"], "1001");
    assert_eq!(get(&emulator, "/services/XX012/db/user/dbuser1").result()["user"], "dbuser1");
}

#[test]
fn catalogues_have_the_forms_of_the_evidence() {
    let emulator = start();
    let forms = [
        ("/tools/so/", json!({"id_os": "1", "values": {"type": "linux", "description": "Debian 13"}})),
        ("/tools/cloud_app/", json!({"id_cloud_app": "1", "values": {"description": "WordPress"}})),
        ("/tools/dc/", json!({"id_dc": "01", "values": {"description": "Girona"}})),
        (
            "/tools/hosting_type/",
            json!({"id_type": "25-H101", "category": {"id": "6"}, "values": {"description": "Smart Hosting S"}}),
        ),
        ("/RHA/services/hosting_plans/", json!({"id": "1", "values": {"name": "Plan Básico"}})),
        ("/tools/templates/hosting/", json!({"id_hosting_template": "1"})),
        (
            "/tools/templates/resources_limit/",
            json!({"id_resources_limit_template": "1", "values": {"limitations":
                {"cores": {"values": 1}, "ram": {"values": 1024}, "iops": {"values": 500}}}}),
        ),
    ];
    for (path, first) in forms {
        let reply = get(&emulator, path);
        assert_eq!(reply.result()[0], first);
        assert_eq!(reply.header("x-swpanel-emulator-basis"), Some("document"), "{path}");
    }
    let by = |query: &str| {
        let list = get(&emulator, &format!("/tools/dc/?order=description&descent={query}")).result();
        list.as_array().unwrap().iter().map(|dc| dc["values"]["description"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(by("False"), [json!("Barcelona"), json!("Girona"), json!("Madrid")]);
    assert_eq!(by("True"), [json!("Madrid"), json!("Girona"), json!("Barcelona")]);
}

/// A body of the create call for each type of record that the document has by inference.
fn inferred_records() -> Vec<Value> {
    let record = |name: &str, kind: &str, data: Value| json!({"zone": "example.es", "record": {"name": name, "type": kind, "data": data}});
    vec![
        record("six", "AAAA", json!({"ip": "2001:db8::10"})),
        record("@", "CAA", json!({"flags": 0, "tag": "issue", "value": "ca.example.net"})),
        record("sub", "NS", json!({"target": "ns1.example.net"})),
        record("10", "PTR", json!({"target": "www.example.es"})),
        record("mail", "SPF", json!({"value": "v=spf1 -all"})),
        record("note", "TXT", json!({"value": "x".repeat(700)})),
        // The data are open: what they are called was never seen.
        record("other", "TXT", json!({"text": "x", "strings": ["a", "b"]})),
    ]
}

#[test]
fn what_is_inferred_is_accepted_unless_it_is_strict() {
    let (lenient, strict) = (start(), support::builder().strict(true).start_blocking().unwrap());
    let later = support::builder().start_blocking().unwrap();
    control(&later, "PUT", "settings", Some(json!({"strict": true})));
    let dns = "/services/XX012/dns/";
    for body in inferred_records() {
        let reply = call(&lenient, "POST", dns, Some(body.clone()));
        assert_eq!(reply.status, 200, "{body}: {}", reply.text());
        let listed = get(&lenient, dns).result();
        assert!(listed.as_array().unwrap().iter().any(|item| item["record"] == body["record"]), "{body}: {listed}");
        for strict in [&strict, &later] {
            let before = strict.snapshot();
            let reply = call(strict, "POST", dns, Some(body.clone()));
            assert_eq!((reply.status, reply.code().as_str()), (422, "#EMULATOR-INVALID"), "{body}");
            assert_eq!(strict.snapshot(), before, "a rejected write changes nothing");
        }
    }
    // A change: only `ip` was ever seen in one.
    let change = |data: Value| json!({"zone": "example.es", "record": {"data": data}});
    let id = get(&lenient, dns).result().as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    for emulator in [&lenient, &strict] {
        let known = get(emulator, dns).result()[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(
            call(emulator, "PUT", &format!("{dns}{known}"), Some(change(json!({"ip": "192.0.2.9"})))).status,
            200
        );
    }
    assert_eq!(call(&lenient, "PUT", &format!("{dns}{id}"), Some(change(json!({"value": "y"})))).status, 200);
    let known = get(&strict, dns).result()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(call(&strict, "PUT", &format!("{dns}{known}"), Some(change(json!({"value": "y"})))).status, 422);
    // What was seen is accepted by both.
    let seen = json!({"zone": "example.es", "record": {"name": "seen", "type": "AAA", "data": {"ip": "2001:db8::1"}}});
    assert_eq!(call(&strict, "POST", dns, Some(seen)).status, 200);
    let unknown = json!({"zone": "example.es", "record": {"name": "x", "type": "NONE", "data": {"value": "y"}}});
    assert_eq!(call(&lenient, "POST", dns, Some(unknown)).status, 422);
}
