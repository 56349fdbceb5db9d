//! Every generated call made once against the emulator, and a record of how it went: a line an operation, in
//! `tests/snapshots/emulator.snap`, which `cargo xtask coverage` reads. It says that a call arrives at a behaviour of its
//! own and that the client reads the answer; what the behaviour is worth, the tests of the emulator say.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::BTreeSet;

use swpanel::Client;
use swpanel_emulator::{Emulator, Entry};
use swpanel_tests::{CASES, Case, files};

/// The account that the examples of the document speak of, under a token of its own.
fn start() -> Emulator {
    let document = files::text("swpanel-api.json").unwrap();
    Emulator::builder().document(document).start_blocking().unwrap()
}

fn client(emulator: &Emulator) -> Client {
    Client::builder().token(emulator.token()).base_url(emulator.base_url()).retries(0).build().unwrap()
}

/// Makes a call, and gives what the emulator noted of it and whether the client took the answer.
fn call(emulator: &Emulator, client: &Client, case: &Case) -> Option<(Entry, Result<(), String>)> {
    let call = case.call?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    emulator.clear_journal();
    let outcome = runtime.block_on(call(client)).map(drop).map_err(|error| error.to_string());
    Some((emulator.journal().last().cloned()?, outcome))
}

/// The call, with what stands in its way put aside: what the example makes is there already, or the example's service is
/// of another kind. Then the account has it under another name.
fn try_call(emulator: &Emulator, client: &Client, case: &Case) -> Option<(Entry, Result<(), String>)> {
    emulator.reset();
    let (entry, outcome) = call(emulator, client, case)?;
    match entry.code.as_deref() {
        Some("#EMULATOR-EXISTS" | "#EMULATOR-CONFLICT") => {
            let body: serde_json::Value = serde_json::from_str(case.body?).ok()?;
            for text in texts(&body) {
                emulator.reset();
                rename(emulator, &[(&text, &format!("other-{text}"))]);
                let tried = call(emulator, client, case)?;
                if tried.1.is_ok() {
                    return Some(tried);
                }
            }
            Some((entry, outcome))
        }
        Some("#EMULATOR-WRONG-KIND") => {
            let example = case.parameters.iter().find(|(place, name, _)| *place == "path" && *name == "service")?.2;
            for other in services(emulator).into_iter().filter(|other| other != example) {
                emulator.reset();
                rename(emulator, &[(example, "SWAPPED"), (other.as_str(), example), ("SWAPPED", &other)]);
                let tried = call(emulator, client, case)?;
                if tried.1.is_ok() {
                    return Some(tried);
                }
            }
            Some((entry, outcome))
        }
        _ => Some((entry, outcome)),
    }
}

/// Writes other texts into the state, wherever they stand as a whole.
fn rename(emulator: &Emulator, pairs: &[(&str, &str)]) {
    let mut state = emulator.snapshot().to_string();
    for (from, to) in pairs {
        state = state.replace(&format!("\"{from}\""), &format!("\"{to}\""));
    }
    emulator.restore(serde_json::from_str(&state).unwrap()).unwrap();
}

/// All texts of a body, each once.
fn texts(body: &serde_json::Value) -> BTreeSet<String> {
    match body {
        serde_json::Value::String(text) => BTreeSet::from([text.clone()]),
        serde_json::Value::Array(items) => items.iter().flat_map(texts).collect(),
        serde_json::Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => BTreeSet::new(),
    }
}

/// The ids of all services, as the state has them.
fn services(emulator: &Emulator) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(client(emulator).raw("GET", "/services/").send());
    let Ok(answer) = answer else { return Vec::new() };
    let listed = answer["result"].as_array().cloned().unwrap_or_default();
    listed.iter().filter_map(|service| service["id"].as_str().map(str::to_owned)).collect()
}

/// What is recorded of each of these operations.
fn record(cases: &[Case]) -> Vec<String> {
    let emulator = start();
    let client = client(&emulator);
    let mut lines = Vec::new();
    for case in cases {
        let key = format!("{} {}", case.method, case.path);
        let Some((entry, outcome)) = try_call(&emulator, &client, case) else {
            lines.push(format!("{key} -> not called"));
            continue;
        };
        assert_eq!(entry.operation.as_deref().unwrap_or(&key), key, "another operation answered");
        let read = match outcome {
            Ok(()) => ", read by the client".to_owned(),
            Err(_) => entry.code.map(|code| format!(", {code}")).unwrap_or_default(),
        };
        lines.push(format!("{key} -> {}{read}, {}", entry.status, entry.basis));
    }
    lines
}

#[test]
fn every_generated_call_succeeds_at_the_emulator() {
    // Two emulators share the operations: one thread would leave the second core idle.
    let (first, second) = CASES.split_at(CASES.len() / 2);
    let mut lines = std::thread::scope(|scope| {
        let other = scope.spawn(|| record(second));
        let mut lines = record(first);
        lines.extend(other.join().unwrap());
        lines
    });
    lines.sort();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(files::path("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description("renew with `cargo xtask accept`");
    settings.bind(|| insta::assert_snapshot!("emulator", lines.join("\n")));
}
