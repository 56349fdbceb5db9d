//! Faults come by rule, in the number that was ordered, and the same ones for the same seed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod support;

use std::time::{Duration, Instant};

use serde_json::json;
use support::{call, control, get, send, start, try_send};
use swpanel_emulator::{Emulator, FaultKind, FaultRule, RetryAfter};

const LIST: &str = "GET /services/";

fn list(emulator: &Emulator) -> std::io::Result<support::Reply> {
    let bearer = format!("Bearer {}", emulator.token());
    try_send(emulator.address(), "GET", "/v2026/services/", &[("Authorization", &bearer)], b"")
}

#[test]
fn each_kind_does_what_it_says_and_only_as_often_as_ordered() {
    let emulator = start();
    let sound = get(&emulator, "/services/").text();
    let strike = |kind: FaultKind| {
        emulator.fail_once(LIST, kind);
        list(&emulator)
    };

    let code = Some("#APIXYZ1".to_owned());
    let reply = strike(FaultKind::ErrorIn200 { code, message: Some("No".into()) }).unwrap();
    assert_eq!((reply.status, reply.json()), (200, json!({"Error code": "#APIXYZ1", "Error message": "No"})));
    let reply = strike(FaultKind::Error { status: 503, code: None, message: None }).unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (503, "#EMULATOR-FAULT"));
    let reply = strike(FaultKind::HtmlBadGateway).unwrap();
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html; charset=utf-8")));
    assert!(reply.text().contains("<h1>502 Bad Gateway</h1>"));
    let reply = strike(FaultKind::EmptyBody).unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    let reply = strike(FaultKind::TruncatedBody).unwrap();
    assert!(reply.broken && !reply.body.is_empty() && sound.starts_with(&reply.text()));
    assert!(strike(FaultKind::Reset { after_effect: false }).is_err());

    let reply = strike(FaultKind::RateLimit { retry_after: None }).unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (429, None));
    let reply = strike(FaultKind::RateLimit { retry_after: Some(RetryAfter::Seconds(3)) }).unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("3")));
    let reply = strike(FaultKind::RateLimit { retry_after: Some(RetryAfter::Date(3)) }).unwrap();
    assert!(reply.header("retry-after").unwrap().ends_with(" GMT"));

    let begin = Instant::now();
    assert_eq!(strike(FaultKind::Latency { milliseconds: 120 }).unwrap().status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(120));
    let reply =
        strike(FaultKind::Redirect { to: Some("https://elsewhere.example/".into()), status: Some(307) }).unwrap();
    assert_eq!((reply.status, reply.header("location")), (307, Some("https://elsewhere.example/")));
    let reply = strike(FaultKind::UnknownEnumValues).unwrap();
    assert_eq!(reply.json()["result"][0]["status"], "emulator_unknown_value");
    let reply = strike(FaultKind::ExtraFields).unwrap();
    assert!(reply.json()["x_emulator_extra"].is_object() && reply.json()["result"][0]["x_emulator_extra"].is_object());
    emulator.fail_once("GET /services/{id}/dns", FaultKind::NumbersAsText);
    assert_eq!(get(&emulator, "/services/XX012/dns/").result()[0]["ttl"], "3600");

    assert_eq!(list(&emulator).unwrap().text(), sound, "each struck once");
}

#[test]
fn a_reset_after_the_effect_loses_only_the_answer() {
    let emulator = start();
    let stop = "POST /services/{service}/hosting/stop/";
    let bearer = format!("Bearer {}", emulator.token());
    let send = || {
        try_send(emulator.address(), "POST", "/v2026/services/XX012/hosting/stop/", &[("Authorization", &bearer)], b"")
    };
    let status = || get(&emulator, "/services/XX012").result()["status"].as_str().unwrap().to_owned();
    emulator.fail_once(stop, FaultKind::Reset { after_effect: false });
    assert!(send().is_err());
    assert_eq!(status(), "active");
    emulator.fail_once(stop, FaultKind::Reset { after_effect: true });
    assert!(send().is_err());
    assert_eq!(status(), "stopped");
    let lost: Vec<u16> = emulator.journal().iter().map(|entry| entry.status).filter(|status| *status == 0).collect();
    assert_eq!(lost.len(), 2);
}

#[test]
fn chance_follows_the_seed() {
    let run = |seed: u64| {
        let emulator = support::builder().fault_seed(seed).start_blocking().unwrap();
        emulator.add_fault(FaultRule::new(FaultKind::HtmlBadGateway).probability(0.5));
        (0..24).map(|_| list(&emulator).unwrap().status).collect::<Vec<_>>()
    };
    let first = run(7);
    assert_eq!(first, run(7));
    assert_ne!(first, run(8));
    assert!(first.contains(&200) && first.contains(&502));
}

#[test]
fn a_rule_is_for_its_operation_and_begins_when_it_should() {
    let emulator = start();
    let id = emulator.add_fault(FaultRule::new(FaultKind::EmptyBody).on("* /services/").after(1).times(2));
    let empty: Vec<bool> = (0..4).map(|_| get(&emulator, "/services/").body.is_empty()).collect();
    assert_eq!(empty, [false, true, true, false]);
    assert_eq!(get(&emulator, "/domains/").status, 200);
    assert!(emulator.remove_fault(id) && !emulator.remove_fault(id));
}

#[test]
fn rules_are_made_and_removed_over_http() {
    let emulator = start();
    let rule = json!({"operation": LIST, "fault": {"kind": "rate_limit", "retry_after": {"seconds": 1}}, "count": 1});
    assert_eq!(control(&emulator, "POST", "faults", Some(rule)).json()["id"], 1);
    assert_eq!(list(&emulator).unwrap().status, 429);
    let rules = control(&emulator, "GET", "faults", None).json();
    assert_eq!((&rules[0]["seen"], &rules[0]["struck"]), (&json!(1), &json!(1)));
    let unknown = control(&emulator, "POST", "faults", Some(json!({"fault": {"kind": "earthquake"}})));
    assert_eq!(unknown.status, 422);
    assert!(unknown.text().contains("html_bad_gateway"), "{}", unknown.text());
    let nowhere = json!({"operation": "GET /nowhere/", "fault": {"kind": "empty_body"}});
    assert!(control(&emulator, "POST", "faults", Some(nowhere)).json()["hint"].is_string());
    assert_eq!(control(&emulator, "DELETE", "faults/1", None).json()["removed"], 1);
    assert_eq!(control(&emulator, "DELETE", "faults", None).json()["removed"], 1);
    assert_eq!(call(&emulator, "GET", "/services/", None).status, 200);
    for kind in [
        "error_in_200",
        "html_bad_gateway",
        "truncated_body",
        "reset",
        "redirect",
        "numbers_as_text",
        "unknown_enum_values",
        "extra_fields",
        "empty_body",
        "rate_limit",
    ] {
        let reply = control(&emulator, "POST", "faults", Some(json!({"fault": {"kind": kind}, "count": 0})));
        assert_eq!(reply.status, 200, "{kind}");
    }
    assert_eq!(send(emulator.address(), "GET", "/v2026/services/", &[], b"").status, 401);
}
