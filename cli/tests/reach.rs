//! Every operation of the document is reached by the real program: its request arrives at a server.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::collections::BTreeMap;

use common::{Desk, words};
use serde_json::Value;

#[test]
fn every_operation_arrives_at_a_server() {
    let desk = Desk::new();
    let commands = desk.run(&["commands", "-o", "json"]).ends(0).json();
    let examples = examples();
    for command in commands.as_array().unwrap() {
        let (method, path) = (command["method"].as_str().unwrap(), command["path"].as_str().unwrap());
        let name = command["command"].as_str().unwrap();
        let values: Vec<String> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| examples.get(name).cloned().unwrap_or_else(|| "1".to_owned()))
            .collect();
        let mut line: Vec<String> = words(name).into_iter().map(str::to_owned).collect();
        let skeleton = desk.run(&[&line[..], &["--skeleton".to_owned()]].concat());
        line.extend(values);
        line.extend(["--yes".to_owned(), "--no-save".to_owned(), "-o".to_owned(), "json".to_owned()]);
        if skeleton.code == 0 {
            line.extend(["--from".to_owned(), desk.file("body.yaml", &skeleton.out)]);
        }
        for query in command["required"].as_array().unwrap() {
            line.push(format!("--{}=1", query.as_str().unwrap()));
        }
        let before = desk.emulator.journal().len();
        let said = desk.run(&line);
        // The one thing that is told not to be possible from a command line.
        if said.err.contains("bodies of multipart/") {
            continue;
        }
        assert_ne!(said.code, 2, "{name}: {}", said.err);
        let arrived = desk.emulator.journal();
        let entry = arrived.get(before).unwrap_or_else(|| panic!("{name} did not arrive: {}", said.err));
        match &entry.operation {
            Some(operation) => assert_eq!(*operation, format!("{method} {path}"), "{name}"),
            // A server need not know OPTIONS; that it got there is what matters.
            None => assert_eq!(entry.method, method, "{name}"),
        }
        assert_eq!(arrived.len(), before + 1, "{name} arrived more than once");
        assert_eq!(entry.body_bytes > 0, skeleton.code == 0, "{name}: a body goes out where there is one");
        // The skeleton is a body that the server's own check takes, whatever else it thinks of the call.
        let kind = if said.code == 0 { String::new() } else { said.failure()["kind"].to_string() };
        assert!(!kind.contains("validation"), "{name}: {}\n{}", said.err, skeleton.out);
    }
}

/// Values of path parameters as the document has them.
fn examples() -> BTreeMap<String, String> {
    let document: Value = serde_json::from_slice(swpanel_emulator::DOCUMENT).unwrap();
    let parameters = document["components"]["parameters"].as_object();
    let example =
        |parameter: &Value| Some((parameter["name"].as_str()?.to_owned(), parameter["example"].as_str()?.to_owned()));
    parameters.into_iter().flatten().filter_map(|(_, parameter)| example(parameter)).collect()
}
