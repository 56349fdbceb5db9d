//! For every operation many calls that keep to the document, and many that do not: never a 5xx, never an answer that the
//! document does not allow. The seed is fixed; what takes too long is left for the next run, which draws the same.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use support::generate::{Described, Document, Request};
use support::{Reply, call, get, start};
use swpanel_emulator::Emulator;

/// Calls for each operation; `SWPANEL_EMULATOR_CALLS` asks for more.
fn calls() -> usize {
    std::env::var("SWPANEL_EMULATOR_CALLS").ok().and_then(|count| count.parse().ok()).unwrap_or(20)
}

const CAP: Duration = Duration::from_secs(60);

fn runner(seed: u8) -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

fn perform(emulator: &Emulator, request: &Request) -> Reply {
    call(emulator, &request.method, &request.path, request.body.clone())
}

/// One round: so many drawn calls of every operation, in the order of the document, against one account.
fn round(
    draw: impl Fn(&Document, &Described, &mut TestRunner) -> Request,
    check: impl Fn(&Described, &Request, &Reply),
) {
    let (document, emulator, begin) = (Document::read(), start(), Instant::now());
    let mut runner = runner(6);
    'rounds: for number in 0..calls() {
        // Reads come before and after deletions in turn.
        let mut operations: Vec<&Described> = document.operations.iter().collect();
        if number % 2 == 1 {
            operations.reverse();
        }
        for operation in operations {
            if begin.elapsed() > CAP {
                assert!(number > 0, "not every operation was called within {CAP:?}");
                break 'rounds;
            }
            let request = draw(&document, operation, &mut runner);
            let reply = perform(&emulator, &request);
            document.check(operation, &reply);
            check(operation, &request, &reply);
        }
        emulator.reset();
    }
}

#[test]
fn what_the_document_allows_is_taken() {
    let succeeded = std::cell::RefCell::new(BTreeMap::<String, usize>::new());
    round(
        |document, operation, runner| document.requests(operation).new_tree(runner).unwrap().current(),
        |operation, request, reply| {
            let key = format!("{} {}", operation.method, operation.template);
            *succeeded.borrow_mut().entry(key).or_default() += usize::from(reply.status == 200);
            // A refusal must be about state or meaning, never about the form of the body.
            if reply.status == 422 && reply.code() == "#EMULATOR-INVALID" {
                let violations = reply.json()["violations"].clone();
                let meaning =
                    ["path:", "/domain", "/delete/date", "/ttl/value", "/years", "/email", "/mailing_list", "/db_name"];
                for violation in violations.as_array().unwrap() {
                    let pointer = violation["pointer"].as_str().unwrap();
                    assert!(meaning.iter().any(|known| pointer.starts_with(known)), "{request:?}: {}", reply.text());
                }
            }
        },
    );
    let succeeded = succeeded.into_inner();
    let never: Vec<&String> =
        succeeded.iter().filter(|(key, count)| **count == 0 && !key.contains("/cloud/")).map(|(key, _)| key).collect();
    assert!(never.len() <= 3, "these never succeeded, so that little was tried: {never:?}");
}

/// A value of any shape at all.
fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f32>()
            .prop_filter("JSON has no such number", |number| number.is_finite())
            .prop_map(|number| json!(number)),
        ".{0,12}".prop_map(Value::String),
    ];
    let members = "[a-z_]{1,10}|zone|record|delete|domain|users";
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(members, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

#[test]
fn what_it_does_not_allow_never_breaks_the_server() {
    round(
        |document, operation, runner| {
            let request = document.requests(operation).new_tree(runner).unwrap().current();
            let other = anything().new_tree(runner).unwrap().current();
            // A sound body with one member replaced or added goes deeper than a body of nonsense.
            let body = match request.body {
                Some(Value::Object(mut members)) if runner.rng().random::<f64>() < 0.7 => {
                    let name = members.keys().next().cloned().filter(|_| runner.rng().random::<f64>() < 0.7);
                    members.insert(name.unwrap_or_else(|| "unknown".to_owned()), other);
                    Value::Object(members)
                }
                _ => other,
            };
            Request { body: Some(body), ..request }
        },
        |_, request, reply| assert!(reply.status < 500, "{request:?}"),
    );
}

#[derive(Clone, Debug)]
enum Step {
    Create(u8),
    Update(u8, u8),
    Delete(u8),
    Read(u8),
    List,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..6_u8).prop_map(Step::Create),
        2 => (0..6_u8, any::<u8>()).prop_map(|(name, value)| Step::Update(name, value)),
        2 => (0..6_u8).prop_map(Step::Delete),
        2 => (0..6_u8).prop_map(Step::Read),
        1 => Just(Step::List),
    ];
    proptest::collection::vec(step, 1..40)
}

#[test]
fn a_collection_is_a_map_from_keys_to_items() {
    let emulator = start();
    let begin = Instant::now();
    let mut runner = runner(7);
    let place = "/services/XX013/mail/alias/";
    for _ in 0..24 {
        if begin.elapsed() > CAP {
            break;
        }
        emulator.reset();
        // The model: an alias, and what it is said to pass on to, in the order of creation.
        let mut model: Vec<(String, String)> = Vec::new();
        for step in steps().new_tree(&mut runner).unwrap().current() {
            let key = |name: &u8| format!("a{name}@example.es");
            match &step {
                Step::Create(name) => {
                    let body = json!({"email_alias": key(name), "destination": {"emails": "x@example.es"}});
                    let there = model.iter().any(|(known, _)| *known == key(name));
                    let status = call(&emulator, "POST", place, Some(body)).status;
                    assert_eq!(status, if there { 409 } else { 200 }, "{step:?} {model:?}");
                    if !there {
                        model.push((key(name), "x@example.es".to_owned()));
                    }
                }
                Step::Update(name, value) => {
                    let emails = format!("{value}@example.es");
                    let body = json!({"destination": {"emails": emails}});
                    let entry = model.iter_mut().find(|(known, _)| *known == key(name));
                    let status = call(&emulator, "PUT", &format!("{place}{}", key(name)), Some(body)).status;
                    assert_eq!(status, if entry.is_some() { 200 } else { 404 }, "{step:?}");
                    if let Some(entry) = entry {
                        entry.1 = emails;
                    }
                }
                Step::Delete(name) => {
                    let status = call(&emulator, "DELETE", &format!("{place}{}", key(name)), None).status;
                    let before = model.len();
                    model.retain(|(known, _)| *known != key(name));
                    assert_eq!(status, if model.len() < before { 200 } else { 404 }, "{step:?}");
                }
                Step::Read(name) => {
                    let reply = get(&emulator, &format!("{place}{}", key(name)));
                    match model.iter().find(|(known, _)| *known == key(name)) {
                        Some((_, emails)) => assert_eq!(reply.result()["destination"]["emails"], emails.as_str()),
                        None => assert_eq!(reply.status, 404, "{step:?}"),
                    }
                }
                Step::List => {}
            }
            let reply = get(&emulator, place);
            if model.is_empty() {
                assert_eq!(reply.code(), "#APIGENE25");
                continue;
            }
            let list = reply.result();
            let listed: Vec<(String, String)> = list
                .as_array()
                .unwrap()
                .iter()
                .map(|item| {
                    let text = |value: &Value| value.as_str().unwrap().to_owned();
                    (text(&item["email_alias"]), text(&item["destination"]["emails"]))
                })
                .collect();
            assert_eq!(listed, model, "{step:?}");
        }
    }
}
