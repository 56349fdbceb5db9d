//! Answers in every form: rows wherever they come, nothing of them in errors, one JSON value for programs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, words};
use serde_json::Value;

#[test]
fn a_list_that_comes_in_message_has_rows() {
    let desk = Desk::new();
    let json = desk.run(&words("mail mailbox list XX012 -o json")).ends(0).json();
    let count = json["message"].as_array().unwrap().len();
    assert!(count > 1, "{json}");
    let csv = desk.run(&words("mail mailbox list XX012 -o csv --columns email")).ends(0).out;
    assert_eq!(csv.lines().count(), count + 1, "{csv}");
    assert!(csv.starts_with("email\n") && csv.contains("@"), "{csv}");
    assert_eq!(desk.run(&words("mail mailbox list XX012 -o jsonl")).ends(0).out.lines().count(), count);
    let table = desk.run(&words("mail mailbox list XX012")).ends(0).out;
    assert_eq!(table.lines().count(), count + 1, "{table}");
}

#[test]
fn a_filter_that_fails_does_not_repeat_the_answer() {
    let desk = Desk::new();
    for (filter, told) in [
        (".[].id", "an array"),
        (".result[0].id.x", "a text"),
        (".result | map(.id) | .x", "an array"),
        ("error(.)", "an object"),
    ] {
        let said = desk.run(&["services", "list", "--jq", filter]).ends(2);
        assert!(said.err.contains("fails on this answer") && said.err.contains(told), "{filter}: {}", said.err);
        assert!(said.err.len() < 300 && !said.err.contains("XX012"), "{filter}: {}", said.err);
    }
}

#[test]
fn standard_output_is_one_json_value_whatever_is_done() {
    let desk = Desk::new();
    let zone = desk.file("zone", &desk.run(&words("dns export XX012 example.es")).ends(0).out);
    let plan = desk.path("plan.json");
    let plan = plan.to_str().unwrap();
    desk.run(&["dns", "plan", "XX012", "example.es", &zone, "--out", plan]).ends(0);
    let more = desk.file("more", &(std::fs::read_to_string(&zone).unwrap() + "new A 192.0.2.99\n"));
    let other = desk.path("other.json");
    let other = other.to_str().unwrap();
    desk.run(&["dns", "plan", "XX012", "example.es", &more, "--out", other]).ends(0);
    let mut login = desk.without_token();
    login.args(words("login --stdin --profile one -o json"));
    let said = desk.feed(login, desk.emulator.token()).ends(0);
    assert!(said.json()["profile"] == "one" && said.err.is_empty(), "{said:?}");
    let acme = "--service XX012 --zone example.es _acme-challenge.example.es. value";
    for line in [
        format!("dns apply {plan}"),
        format!("dns apply {other} --dry-run"),
        "dns export XX012 example.es".to_owned(),
        format!("dns plan XX012 example.es {zone}"),
        format!("acme lego-exec present {acme}"),
        format!("acme lego-exec present {acme}"),
        format!("acme lego-exec cleanup {acme}"),
        "profile use one".to_owned(),
        "profile list".to_owned(),
        "profile remove one".to_owned(),
        "explain 401".to_owned(),
        "explain exit".to_owned(),
        "completions bash".to_owned(),
        "hosting stop XX012 --wait --wait-for true".to_owned(),
    ] {
        let said = desk.run(&[&words(&line)[..], &["-o", "json"]].concat()).ends(0);
        assert!(serde_json::from_str::<Value>(&said.out).is_ok(), "{line}: {said:?}");
        assert_eq!(said.err, "", "{line}");
    }
}

#[test]
#[cfg(unix)]
fn standard_error_of_an_interrupted_fleet_is_one_json_value() {
    use std::process::Stdio;
    use swpanel_emulator::{FaultKind, FaultRule};
    let desk = Desk::new();
    desk.emulator.add_fault(FaultRule::new(FaultKind::Latency { milliseconds: 1000 }));
    let file = desk.file("items.csv", "service,n\nXX012,1\nXX012,2\nXX012,3\n");
    let line = ["fleet", "run", "--services", &file, "--concurrency", "1", "-o", "json", "--", "dns", "list"];
    let child = desk.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = std::time::Instant::now();
    while desk.emulator.journal().is_empty() {
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "it does not begin");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let said = common::Said::of(child.wait_with_output().unwrap()).ends(130);
    assert_eq!(said.failure()["kind"], "interrupted");
    assert_eq!(said.json()["items"], 3);
}
