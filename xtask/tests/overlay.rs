//! Overlays in a real workspace, by the words of docs/writing-an-overlay.md: its files written, its commands run.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::Copy;

const FILE: &str = "overlays/010-status.yaml";

/// The fenced blocks of the page in one language.
fn blocks(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(common::workspace().join("docs/writing-an-overlay.md")).unwrap();
    let fence = format!("```{language}\n");
    let parts = page.split(&fence).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn the_page_tells_what_happens() {
    let [sound, misspelt] = blocks("yaml").try_into().unwrap();
    let [named, refused] = blocks("text").try_into().unwrap();
    let commands = blocks("console").concat();
    let commands: Vec<&str> = commands.lines().map(|line| line.strip_prefix("$ cargo xtask ").unwrap()).collect();
    assert_eq!(commands, ["sync --check", "sync"]);

    let copy = Copy::new();
    copy.write(FILE, sound.as_bytes());
    let before = copy.state();
    let check = copy.xtask(&["sync", "--check"]);
    assert_eq!(check.code, Some(4), "{check:?}");
    assert!(copy.state() == before, "--check wrote something");
    let taken = copy.xtask(&["sync", "--format", "json"]);
    assert_eq!(taken.code, Some(4), "{taken:?}");
    let report: serde_json::Value = serde_json::from_str(&taken.out).unwrap();
    assert_eq!(report["operations"]["changed"][0]["operation"], "GET /services/{service}/status/");
    let ledger = report["ledger"].as_array().unwrap();
    let entry = ledger.iter().find(|entry| entry["stage"] == "overlay").unwrap();
    assert_eq!(entry["pointer"], "/paths/~1services~1{service}~1status~1/get");
    assert!(entry["message"].as_str().unwrap().starts_with("010-status.yaml, action 1 updates"), "{entry}");
    assert!(copy.read("swpanel-api.json").contains("see ticket 123 for one"));
    assert!(copy.read("swpanel-api.lock").contains("[overlays]\n\"010-status.yaml\" = \""));
    assert_eq!(copy.xtask(&["check"]).code, Some(0));
    assert_eq!(copy.xtask(&["sync"]).code, Some(0), "a second sync changed something");

    copy.edit(FILE, "version: '1'", "version: '2'");
    let check = copy.xtask(&["check"]);
    assert_eq!(check.code, Some(4));
    assert!(check.out.contains(&named), "{check:?}");

    copy.write(FILE, misspelt.as_bytes());
    let before = copy.state();
    let failed = copy.xtask(&["sync"]);
    assert_eq!(failed.code, Some(100));
    assert!(failed.err.starts_with(&refused), "{failed:?}");
    assert!(copy.state() == before, "a refused sync wrote something");

    std::fs::remove_file(copy.path(FILE)).unwrap();
    assert!(copy.xtask(&["check"]).out.contains("overlays/010-status.yaml is not there"));
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    assert!(!copy.read("swpanel-api.json").contains("ticket 123"), "the correction outlived its overlay");
}

#[test]
fn overlays_are_applied_in_the_order_of_their_names_and_other_files_are_none() {
    let copy = Copy::new();
    let title = |title: &str| {
        format!(
            "overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions: [{{target: $.info, update: {{title: {title}}}}}]\n"
        )
    };
    copy.write("overlays/020-b.yml", title("Second").as_bytes());
    copy.write(
        "overlays/010-a.json",
        serde_json::json!({"overlay": "1.0.0", "info": {"title": "t", "version": "1"},
        "actions": [{"target": "$.info", "update": {"title": "First", "x-first": true}}]})
        .to_string()
        .as_bytes(),
    );
    copy.write("overlays/README.md", b"no overlay");
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    let document: serde_json::Value = serde_json::from_str(&copy.read("swpanel-api.json")).unwrap();
    assert_eq!((&document["info"]["title"], &document["info"]["x-first"]), (&"Second".into(), &true.into()));
}
