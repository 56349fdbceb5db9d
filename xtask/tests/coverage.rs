//! What `coverage` reads besides snapshots: the command line's help, the emulator's record, a probe; and what it gives.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::{Copy, Ran};
use serde_json::{Value, json};

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// The first operation that has a page of help, and the page's file.
fn first(copy: &Copy) -> (Value, String) {
    let rows = json(&copy.xtask(&["coverage", "--format", "json"]))["operations"].as_array().unwrap().clone();
    for row in rows.into_iter().filter(|row| row["stages"]["cli"] == true) {
        let calls = format!("Calls: {} {} (", row["method"].as_str().unwrap(), row["path"].as_str().unwrap());
        let pages = std::fs::read_dir(copy.path("cli/tests/snapshots")).unwrap().map(|entry| entry.unwrap().path());
        let mut naming = pages.filter(|page| std::fs::read_to_string(page).unwrap().contains(&calls));
        if let (Some(page), None) = (naming.next(), naming.next()) {
            return (row, format!("cli/tests/snapshots/{}", page.file_name().unwrap().to_string_lossy()));
        }
    }
    panic!("the command line reaches nothing");
}

fn cell(copy: &Copy, row: &Value, stage: &str) -> bool {
    let table = json(&copy.xtask(&["coverage", "--format", "json"]));
    let found = table["operations"].as_array().unwrap().iter().find(|other| other["id"] == row["id"]).unwrap().clone();
    found["stages"][stage].as_bool().unwrap()
}

#[test]
fn a_command_is_covered_by_the_page_that_names_its_call() {
    let copy = Copy::with_snapshots();
    let (row, page) = first(&copy);
    let text = copy.read(&page);
    let heading = text.splitn(3, "---\n").last().unwrap().lines().next().unwrap().to_owned();
    let edits = [
        ("another call", text.replace("Calls: ", "Calls: X")),
        ("another command", text.replace("Usage: swpanel ", "Usage: swpanel other ")),
        ("a page of an older document", text.replacen(&heading, "Something else", 1)),
    ];
    for (what, edited) in edits {
        assert_ne!(edited, text, "{what}");
        copy.write(&page, edited.as_bytes());
        assert!(!cell(&copy, &row, "cli"), "{what}");
    }
    copy.write(&page, text.as_bytes());
    assert!(cell(&copy, &row, "cli"));
    std::fs::remove_file(copy.path(&page)).unwrap();
    assert!(!cell(&copy, &row, "cli"));
}

#[test]
fn an_operation_keeps_what_covers_it_when_only_names_in_its_path_change() {
    let copy = Copy::with_snapshots();
    let rows =
        |copy: &Copy| json(&copy.xtask(&["coverage", "--format", "json"]))["operations"].as_array().unwrap().clone();
    let before = rows(&copy);
    let named =
        before.iter().find(|row| row["path"].as_str().unwrap().contains('{')).unwrap()["path"].as_str().unwrap();
    let name = named.split(['{', '}']).nth(1).unwrap();
    let text = copy.read("swpanel-api.json");
    let renamed = text
        .replace(&format!("{{{name}}}"), "{other}")
        .replace(&format!("\"name\": \"{name}\""), "\"name\": \"other\"");
    assert_ne!(renamed, text);
    copy.write("swpanel-api.json", renamed.as_bytes());
    let after = rows(&copy);
    assert_eq!(after.len(), before.len(), "a name that is pinned has lost its operation");
    for (row, was) in after.iter().zip(&before).filter(|(row, _)| row["path"].as_str().unwrap().contains("{other}")) {
        for stage in ["emulator", "cli"] {
            assert_eq!(row["stages"][stage], was["stages"][stage], "{stage} of {}", row["path"]);
        }
    }
}

#[test]
fn the_emulator_is_covered_by_the_line_of_a_call_that_succeeded() {
    let copy = Copy::with_snapshots();
    let (row, _) = first(&copy);
    let key = format!("{} {} -> ", row["method"].as_str().unwrap(), row["path"].as_str().unwrap());
    let record = copy.read("tests/snapshots/emulator.snap");
    let line = record.lines().find(|line| line.starts_with(&key)).unwrap().to_owned();
    assert!(cell(&copy, &row, "emulator"));
    for worse in [format!("{key}404, #EMULATOR-NOT-FOUND, document"), format!("{key}200, document"), String::new()] {
        copy.write("tests/snapshots/emulator.snap", record.replace(&line, &worse).as_bytes());
        assert!(!cell(&copy, &row, "emulator"), "{worse}");
    }
}

#[test]
fn fidelity_is_shown_as_it_is_on_record() {
    let copy = Copy::with_snapshots();
    let file = "tests/snapshots/fidelity.snap";
    let line = copy.read(file).lines().find(|line| line.starts_with("all -> ")).unwrap().to_owned();
    copy.edit(file, &line, "all -> 7 of 9");
    let ran = copy.xtask(&["coverage"]);
    assert!(ran.out.contains("fidelity: 7 of 9 statements"), "{ran:?}");
    let table = json(&copy.xtask(&["coverage", "--format", "json"]));
    assert_eq!(table["fidelity"]["all"], json!({"same": 7, "of": 9}));
    let rows = table["operations"].as_array().unwrap();
    assert!(rows.iter().all(|row| {
        let key = format!("{} {}", row["method"].as_str().unwrap(), row["path"].as_str().unwrap());
        table["fidelity"][&key]["of"].is_u64()
    }));
    std::fs::remove_file(copy.path(file)).unwrap();
    assert!(!copy.xtask(&["coverage"]).out.contains("fidelity:"));
}

#[test]
fn too_little_coverage_is_a_difference() {
    let copy = Copy::with_snapshots();
    let ran = copy.xtask(&["coverage", "--fail-under", "100"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (row, page) = first(&copy);
    std::fs::remove_file(copy.path(&page)).unwrap();
    let ran = copy.xtask(&["coverage", "--fail-under", "100"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let missing = format!("missing: {} {} ", row["method"].as_str().unwrap(), row["path"].as_str().unwrap());
    assert!(
        ran.out.contains(&missing) && ran.out.contains("are covered, below 100 %: operations by stages"),
        "{ran:?}"
    );
    let table = json(&copy.xtask(&["coverage", "--fail-under", "100", "--format", "json"]));
    assert_eq!((&table["covered"]["below"], &table["complete"]), (&json!(100.0), &json!(false)));
    assert_eq!(copy.xtask(&["coverage", "--fail-under", "99%"]).code, Some(0));
    // What is shown is never what it is below.
    let ran = copy.xtask(&["coverage", "--fail-under", "99.99"]);
    assert!(ran.code == Some(4) && ran.out.contains("below 99.99 %") && !ran.out.contains("(100.00 %)"), "{ran:?}");
    for wrong in ["101", "-1", "all", "NaN", "", "99,5", "inf", "50%%"] {
        assert_eq!(copy.xtask(&["coverage", &format!("--fail-under={wrong}")]).code, Some(2), "{wrong}");
    }
}

#[test]
fn the_json_has_the_stages_in_order_and_a_row_an_operation() {
    let copy = Copy::with_snapshots();
    let table = json(&copy.xtask(&["coverage", "--format", "json"]));
    let stages: Vec<&str> = table["stages"].as_array().unwrap().iter().map(|stage| stage.as_str().unwrap()).collect();
    let known = [
        "document",
        "generated",
        "cli",
        "emulator",
        "response",
        "contract_snapshot",
        "wire_snapshot",
        "example",
        "probed",
    ];
    assert_eq!(stages, known);
    for row in table["operations"].as_array().unwrap() {
        let members: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["id", "inferred", "method", "path", "response_kind", "stages", "tag"]);
        let cells = row["stages"].as_object().unwrap();
        assert_eq!(cells.len(), stages.len());
        assert!(cells.values().all(Value::is_boolean) && stages.iter().all(|stage| cells.contains_key(*stage)));
    }
}

#[test]
fn the_page_needs_nothing_else_and_shows_what_each_row_rests_on() {
    let copy = Copy::with_snapshots();
    let (row, page) = first(&copy);
    let file = copy.path("heat.html");
    let ran = copy.xtask(&["coverage", "--html", &file.to_string_lossy()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let html = copy.read("heat.html");
    let printed = copy.xtask(&["coverage", "--format", "html"]);
    assert_eq!(printed.out, html, "the same page, in a file and printed");
    for outside in ["src=", "<link", "@import", "url(", "http-equiv=refresh", "fetch("] {
        assert!(!html.contains(outside), "{outside}");
    }
    let count = json(&copy.xtask(&["coverage", "--format", "json"]))["operations"].as_array().unwrap().len();
    assert_eq!(html.matches("<tr class=o ").count(), count);
    let id = row["id"].as_str().unwrap();
    assert!(
        html.contains(&page)
            && html.contains(&format!("tests/snapshots/contract/{}/{id}.snap", row["tag"].as_str().unwrap()))
    );
    assert!(html.contains("No API has been probed"));
    // Behind a row is what the snapshots say, not only where they lie.
    let contract = copy.read(&format!("tests/snapshots/contract/{}/{id}.snap", row["tag"].as_str().unwrap()));
    let said = contract.splitn(3, "---\n").last().unwrap().split("\nrust:").next().unwrap().to_owned();
    assert!(said.contains("answers:") && html.contains(&escaped(&said)), "{said}");
    // Without scripts nothing stands there that needs them; what is behind a row opens by itself.
    assert!(
        html.contains("<form id=f hidden") && html.contains("f.hidden=false") && html.contains("<details><summary>")
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[test]
fn what_documents_and_snapshots_say_is_text_on_the_page() {
    let copy = Copy::with_snapshots();
    let wicked = "</dd></details><script>alert(1)</script><img src=x onerror='alert(2)'> \"onload=x";
    let mut document: Value = serde_json::from_str(&copy.read("swpanel-api.json")).unwrap();
    document["info"]["title"] = wicked.into();
    document["info"]["version"] = wicked.into();
    let (path, methods) = document["paths"].as_object_mut().unwrap().iter_mut().next().unwrap();
    let key = format!("{} {path}", methods.as_object().unwrap().keys().next().unwrap().to_uppercase());
    let operation = methods.as_object_mut().unwrap().values_mut().next().unwrap();
    for member in ["summary", "x-evidence"] {
        operation[member] = wicked.into();
    }
    operation["tags"] = json!([wicked]);
    copy.write("swpanel-api.json", document.to_string().as_bytes());
    let record = format!("---\nx: y\n---\n{key} -> 200, {wicked}, read by the client\n");
    copy.write("tests/snapshots/emulator.snap", record.as_bytes());
    let html = copy.xtask(&["coverage", "--format", "html"]).out;
    assert!(html.matches(&escaped(wicked)).count() >= 6, "{}", html.matches(&escaped(wicked)).count());
    assert_eq!((html.matches("<script").count(), html.matches("<img").count()), (1, 0));
}

#[test]
fn what_is_inferred_is_listed_as_never_proven() {
    let copy = Copy::with_snapshots();
    let mut document: Value = serde_json::from_str(&copy.read("swpanel-api.json")).unwrap();
    let (path, methods) = document["paths"].as_object_mut().unwrap().iter_mut().next().unwrap();
    let (method, operation) = methods.as_object_mut().unwrap().iter_mut().next().unwrap();
    let key = format!("{} {path}", method.to_uppercase());
    operation["requestBody"] = json!({"content": {"application/json": {"schema": {"properties": {
        "kind": {"oneOf": [
            {"properties": {"type": {"enum": ["SEEN"]}}},
            {"x-swpanel-inferred": true, "properties": {"type": {"enum": ["GUESSED"]}}},
        ]},
        "list": {"items": {"properties": {"deep": {"x-swpanel-inferred": true, "type": "string"}}}},
    }}}}});
    copy.write("swpanel-api.json", document.to_string().as_bytes());
    let parts = "kind.type GUESSED, list[].deep";
    let ran = copy.xtask(&["coverage", "--write"]);
    assert!(ran.out.contains(&format!("inferred, never proven against the API: {key}: {parts}\n")), "{}", ran.out);
    assert!(copy.read("README.md").contains("Inferred, and never proven against the API"));
    let rows = json(&copy.xtask(&["coverage", "--format", "json"]));
    let row = rows["operations"].as_array().unwrap().iter().find(|row| key.ends_with(row["path"].as_str().unwrap()));
    assert_eq!(row.unwrap()["inferred"], json!(["kind.type GUESSED", "list[].deep"]));
    assert!(copy.xtask(&["coverage", "--format", "html"]).out.contains("inferred, never proven against the API"));
}
