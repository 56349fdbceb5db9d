//! Fleets of the real program against an emulator that fails now and then: idempotent calls take effect for every item,
//! others never twice, and no kill loses what happened.
//!
//! `SWPANEL_FLEET=5000 cargo test --release -p swpanel-cli --test fleet -- --nocapture` is the same for 5,000 items.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Desk, Said, words};
use serde_json::Value;
use swpanel_emulator::{FaultKind, FaultRule, RetryAfter, Seed};

/// Items of the tests that count.
fn count() -> usize {
    std::env::var("SWPANEL_FLEET").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

/// Hostings of the large account with their zones, as many as are wanted; the rest is other services.
fn select(count: usize) -> String {
    // The large account has 5,000 services, a fifth of them clouds: a service may stand several times, for another name.
    format!(
        "[.result[] | select(.domain) | {{service: .id, zone: .domain, email: (\"info@\" + .domain)}}] as $all \
         | range({count}) | . as $i | $all[$i % ($all | length)] + {{name: \"fleet\\($i / ($all | length) | floor)\"}}"
    )
}

fn fleet(desk: &Desk, flags: &[&str], select: &str, command: &[&str]) -> Vec<String> {
    let journal = desk.path("run.journal");
    let line = ["fleet", "run", "--select", select, "--rate", "5000", "--yes", "--journal", journal.to_str().unwrap()];
    [&line[..], flags, &["-o", "json", "--"], command].concat().into_iter().map(str::to_owned).collect()
}

fn resume(desk: &Desk, flags: &[&str]) -> Said {
    let journal = desk.path("run.journal");
    desk.run(
        &[&["fleet", "resume", journal.to_str().unwrap(), "--rate", "5000", "--yes", "-o", "json"], flags].concat(),
    )
}

fn rate_limit(times: u64) -> FaultRule {
    let fault = FaultKind::RateLimit { retry_after: Some(RetryAfter::Seconds(0)) };
    FaultRule::new(fault).probability(0.1).times(times)
}

const CREATE: &str = "POST /services/{service}/dns/";
const CREATE_WORDS: [&str; 10] =
    ["dns", "create", "--zone", "{zone}", "--type", "A", "--record.name", "{name}", "--ip", "192.0.2.77"];

/// How often each record of the fleet is there.
fn records(desk: &Desk) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let world = desk.emulator.snapshot();
    fn walk(value: &Value, at: &str, found: &mut BTreeMap<String, usize>) {
        match value {
            Value::Object(members) => {
                let name = members.get("record").and_then(|record| record["name"].as_str());
                if let (Some(name), Some(zone)) = (name.filter(|name| name.starts_with("fleet")), members.get("zone")) {
                    *found.entry(format!("{zone} {name}")).or_default() += 1;
                }
                members.iter().for_each(|(key, value)| walk(value, &format!("{at}/{key}"), found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, at, found)),
            _ => {}
        }
    }
    walk(&world, "", &mut found);
    found
}

#[test]
fn idempotent_calls_take_effect_for_every_item() {
    let desk = Desk::seeded(Seed::Large);
    let put = "PUT /services/{service}/mail/mailbox/{mail}";
    desk.emulator.add_fault(rate_limit(30).on(put));
    for after_effect in [false, true] {
        desk.emulator.add_fault(FaultRule::new(FaultKind::Reset { after_effect }).on(put).probability(0.03));
    }
    // Each mailbox once: there are 4,000 of them.
    let select = select(count().min(4000));
    let words = ["mail", "mailbox", "update", "{service}", "{email}", "--post_it", "by the fleet"];
    let started = Instant::now();
    // Without attempts of the client's own, so that the fleet itself has to see to it.
    let said = desk.run(&fleet(&desk, &["--concurrency", "16", "--retries", "0"], &select, &words)).ends(0);
    let counts = said.json();
    assert_eq!(counts["done"], counts["items"]);
    let sent = desk.emulator.journal();
    let faults = sent.iter().filter(|entry| entry.fault.is_some()).count();
    assert!(faults > 5, "{faults} faults");
    println!("{} items with {faults} faults in {:?}", counts["items"], started.elapsed());
    // The state says so for every item, and not for others.
    let noted = desk.emulator.snapshot().to_string().matches("by the fleet").count();
    assert_eq!(Some(noted as u64), counts["items"].as_u64());
    // Files for each item, in their order.
    let csv = std::fs::read_to_string(desk.path("run.results.csv")).unwrap();
    let lines = std::fs::read_to_string(desk.path("run.results.jsonl")).unwrap();
    assert_eq!((csv.lines().count() as u64, lines.lines().count() as u64), (noted as u64 + 1, noted as u64));
    assert!(csv.lines().skip(1).all(|line| line.contains(",done,")), "{csv}");
    assert_eq!(serde_json::from_str::<Value>(lines.lines().last().unwrap()).unwrap()["item"], noted);
}

#[test]
fn other_calls_are_never_sent_twice() {
    let desk = Desk::seeded(Seed::Large);
    desk.emulator.add_fault(rate_limit(30).on(CREATE));
    for after_effect in [false, true] {
        desk.emulator.add_fault(FaultRule::new(FaultKind::Reset { after_effect }).on(CREATE).probability(0.03));
    }
    let started = Instant::now();
    let said = desk.run(&fleet(&desk, &["--concurrency", "16"], &select(count()), &CREATE_WORDS)).ends(8);
    let counts = said.json();
    let unknown = counts["unknown"].as_u64().unwrap();
    assert!(unknown > 0 && counts["unsent"] == 0 && counts["failed"] == 0, "{counts}");
    let failure = said.failure();
    assert_eq!(failure["kind"], "partial");
    assert!(failure["hint"].as_str().unwrap().contains("--retry-unknown"), "{failure}");
    assert!(failure["details"][0].as_str().unwrap().contains("may or may not have taken effect"), "{failure}");
    println!("{} items, {unknown} unknown, in {:?}", counts["items"], started.elapsed());
    let before = records(&desk);
    assert!(before.values().all(|times| *times == 1), "nothing is there twice");
    assert!(before.len() as u64 >= counts["done"].as_u64().unwrap());
    // Without being told to, a resumed run leaves alone what is unknown.
    let sent = desk.emulator.journal().len();
    let again = resume(&desk, &[]).ends(8).json();
    assert_eq!((again["unknown"].as_u64(), desk.emulator.journal().len()), (Some(unknown), sent));
    // Told to, it sends those alone, and those whose first call had been carried out are there twice, as was said.
    desk.emulator.clear_faults();
    assert_eq!(resume(&desk, &["--retry-unknown"]).ends(0).json()["done"], counts["items"]);
    assert_eq!(desk.emulator.journal().len() as u64, sent as u64 + unknown);
    assert_eq!(records(&desk).len() as u64, counts["items"].as_u64().unwrap());
}

/// Starts a fleet whose calls take a while, and waits until some of it is done.
#[cfg(unix)]
fn half_way(desk: &Desk, count: usize) -> std::process::Child {
    desk.emulator.add_fault(FaultRule::new(FaultKind::Latency { milliseconds: 100 }).on(CREATE));
    let line = fleet(desk, &["--concurrency", "4"], &select(count), &CREATE_WORDS);
    let child = desk.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    // Requests are counted, since a look at the whole account takes longer than the rest of the run.
    while desk.emulator.journal().len() < count / 4 {
        assert!(started.elapsed() < Duration::from_secs(30), "it does not get on");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

#[test]
#[cfg(unix)]
fn a_kill_loses_nothing_and_doubles_nothing() {
    let desk = Desk::seeded(Seed::Large);
    let mut child = half_way(&desk, 80);
    child.kill().unwrap();
    child.wait().unwrap();
    desk.emulator.clear_faults();
    // What was under way may still be carried out.
    std::thread::sleep(Duration::from_millis(200));
    let status =
        desk.run(&["fleet", "status", desk.path("run.journal").to_str().unwrap(), "-o", "json"]).ends(8).json();
    let unknown = status["unknown"].as_u64().unwrap();
    assert!(unknown <= 4 && status["unsent"].as_u64().unwrap() > 0, "{status}");
    let resumed = resume(&desk, &[]);
    assert_eq!(resumed.code, if unknown == 0 { 0 } else { 8 }, "{}", resumed.err);
    assert_eq!(resumed.json()["done"].as_u64().unwrap() + unknown, 80);
    assert!(records(&desk).values().all(|times| *times == 1), "nothing is there twice");
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_ends_what_is_under_way_and_is_resumed_to_its_end() {
    let desk = Desk::seeded(Seed::Large);
    let child = half_way(&desk, 80);
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let said = Said::of(child.wait_with_output().unwrap()).ends(130);
    let counts = said.json();
    assert_eq!(counts["unknown"], 0, "{counts}: what was under way came to its end");
    assert!(counts["unsent"].as_u64().unwrap() > 0 && said.err.contains("fleet resume"), "{}", said.err);
    assert!(desk.path("run.results.csv").exists(), "results are written then, too");
    desk.emulator.clear_faults();
    assert_eq!(resume(&desk, &[]).ends(0).json()["done"], 80);
    let found = records(&desk);
    assert!(found.len() == 80 && found.values().all(|times| *times == 1));
}

#[test]
fn what_cannot_work_is_told_before_anything_is_sent() {
    let desk = Desk::new();
    let services = desk.file("services.txt", "XX012\n# a word\nXX013 # another\n\n");
    let twice = desk.file("twice.txt", "XX012\nXX012\n");
    let table = desk.file("items.csv", "service,zone\nXX012,example.es\n");
    let run = |flags: &str, command: &str| {
        desk.run(&[&words("fleet run")[..], &words(flags), &["--"], &words(command)].concat())
    };
    for (flags, command, told) in [
        (format!("--services {twice}"), "dns list", "line 2 is the same as line 1: XX012 is there twice"),
        (format!("--services {services}"), "dns lits", "did you mean `swpanel dns list`"),
        (format!("--services {services}"), "doctor", "is no command of the API"),
        (format!("--services {services}"), "dns ttl set {zone} --value 60", "has no `zone`"),
        (
            format!("--services {services}"),
            "db user create --ip_host 192.0.2.1 --password -",
            "gone when the run is resumed",
        ),
        (String::new(), "dns list", "the items are missing"),
        ("--services nowhere.txt".to_owned(), "dns list", "cannot be read"),
    ] {
        let said = run(&flags, command).ends(2);
        assert!(said.err.contains(told), "{command}: {}", said.err);
    }
    let bad = run(&format!("--services {table}"), "dns ttl set {zone} --value soon").ends(5);
    assert!(bad.err.contains("at item 1 of 1; nothing was sent"), "{}", bad.err);
    let deletes = run(&format!("--services {services}"), "dnssec delete --domain example.es").ends(9);
    assert!(deletes.err.contains("2 items"), "{}", deletes.err);
    let shown = run(&format!("--services {table} --dry-run -o json"), "dns ttl set {zone} --value 60").ends(0).json();
    assert!(shown[0]["url"].as_str().unwrap().ends_with("/services/XX012/dns/ttl/example.es"), "{shown}");
    assert!(desk.emulator.journal().is_empty());
    let none = desk.run(&words("fleet resume")).ends(2);
    assert!(none.err.contains("there is no journal"), "{}", none.err);
}

#[test]
fn a_token_that_does_not_work_stops_the_run_and_a_canary_too() {
    let desk = Desk::seeded(Seed::Large);
    let refused = FaultKind::Error { status: 401, code: None, message: None };
    desk.emulator.add_fault(FaultRule::new(refused).on("GET /services/{service}/dns/").after(3));
    let said = desk.run(&fleet(&desk, &["--concurrency", "2"], &select(50), &["dns", "list"])).ends(4);
    let done = serde_json::from_str::<Value>(&said.out).unwrap();
    assert!(done["done"] == 3 && done["failed"] == 0, "{done}");
    assert!(desk.emulator.journal().len() < 10, "it stopped early");
    desk.emulator.clear_faults();
    assert_eq!(resume(&desk, &[]).ends(0).json()["done"], 50);

    let desk = Desk::seeded(Seed::Large);
    let conflict = FaultKind::Error { status: 409, code: None, message: None };
    desk.emulator.add_fault(FaultRule::new(conflict).on(CREATE));
    let said = desk.run(&fleet(&desk, &["--canary", "2"], &select(50), &CREATE_WORDS)).ends(8);
    assert!(said.err.contains("stopped after the first 2"), "{}", said.err);
    assert_eq!(desk.emulator.journal().iter().filter(|entry| entry.method == "POST").count(), 2);
}

#[test]
fn what_calls_answer_is_in_the_results_and_bad_places_are_told_first() {
    let desk = Desk::new();
    let file = desk.file("items", "# clients, of May\nXX012\n");
    let place = desk.path("out/results");
    let line = ["fleet", "run", "--services", &file, "--results", place.to_str().unwrap(), "--", "dns", "list"];
    desk.run(&line).ends(0);
    let row: Value = serde_json::from_str(&std::fs::read_to_string(desk.path("out/results.jsonl")).unwrap()).unwrap();
    assert!(row["answer"]["result"].as_array().unwrap().len() > 3, "{row}");
    let sent = desk.emulator.journal().len();
    let taken = desk.path("taken.jsonl");
    std::fs::create_dir(&taken).unwrap();
    let beside = desk.file("plain", "");
    for place in [format!("{beside}/j"), desk.path("taken").to_str().unwrap().to_owned()] {
        let line = ["fleet", "run", "--services", &file, "--results", &place, "--", "dns", "list"];
        let said = desk.run(&line).ends(1);
        assert!(said.err.contains("nothing was sent"), "{place}: {}", said.err);
    }
    assert_eq!(desk.emulator.journal().len(), sent);
}
