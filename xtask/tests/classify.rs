//! `cargo xtask classify`, and what `sync` makes of `knowledge.toml` when a published document comes: the real program on a
//! copy of the workspace's data.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::{Copy, Ran, SMALL, workspace};
use serde_json::{Value, json};
use swpanel_build_tools::rehearsal;

const KNOWLEDGE: &str = "knowledge.toml";

/// A document derived from the reconstruction as a vendor might publish it.
fn document(name: &str) -> Vec<u8> {
    let reconstruction = std::fs::read(workspace().join("tests/reconstruction.json")).unwrap();
    rehearsal::derive(&reconstruction, name).unwrap().unwrap_or_else(|| panic!("{name} is not derived")).bytes
}

fn synced(copy: &Copy, document: &[u8]) -> Ran {
    let ran = copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], document, &[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    ran
}

fn operation(copy: &Copy, method: &str, path: &str) -> Value {
    let document: Value = serde_json::from_str(&copy.read("swpanel-api.json")).unwrap();
    document["paths"][path][method].clone()
}

#[test]
fn the_present_document_is_classified_and_nothing_is_written() {
    let copy = Copy::new();
    synced_or_same(&copy);
    let before = copy.state();
    let ran = copy.xtask(&["classify"]);
    assert!(ran.code == Some(0) && ran.out.contains("every operation is classified"), "{ran:?}");
    let ran = copy.xtask(&["classify", "--write", "--accept", "all", "--format", "json"]);
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &said["outcome"]), (Some(0), &json!("classified")), "{said}");
    assert!(before == copy.state());
}

/// The reconstruction, whatever the workspace has.
fn synced_or_same(copy: &Copy) {
    copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], &document("bare"), &[]);
}

#[test]
fn loose_matches_are_shown_by_kind_and_accepted_together() {
    let copy = Copy::new();
    let ran = synced(&copy, &document("no-trailing-slashes"));
    assert!(ran.out.contains("64 operations are not classified; `cargo xtask classify` proposes entries"), "{ran:?}");
    // Careful already, and harmless not yet.
    let renew = operation(&copy, "post", "/domains/renew");
    assert_eq!((&renew["x-swpanel-effect"], &renew["x-swpanel-billable"]), (&json!("unclassified"), &json!(true)));

    let ran = copy.xtask(&["classify"]);
    let line = "64 operations match an entry but for slashes; accept with `--accept slashes`";
    assert!(ran.code == Some(4) && ran.out.contains(line) && ran.out.contains("59 more"), "{ran:?}");
    let before = copy.read(KNOWLEDGE);
    let wrong = copy.xtask(&["classify", "--accept", "letters"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("the kinds are slashes, or `all`"), "{wrong:?}");
    assert_eq!(copy.read(KNOWLEDGE), before);

    let ran = copy.xtask(&["classify", "--accept", "slashes"]);
    assert!(ran.code == Some(4) && ran.out.contains("wrote         knowledge.toml"), "{ran:?}");
    let after = copy.read(KNOWLEDGE);
    assert!(after.contains("accepted = [\"POST /v2026/domains/renew\"]"), "{after}");
    assert!(before.lines().all(|line| after.contains(line)), "comments and entries stay");
    let ran = copy.xtask(&["sync"]);
    assert!(ran.code == Some(4) && !ran.out.contains("not classified"), "{ran:?}");
    let renew = operation(&copy, "post", "/domains/renew");
    assert_eq!((&renew["x-swpanel-effect"], &renew["x-swpanel-billable"]), (&json!("update"), &json!(true)));
    assert_eq!(copy.xtask(&["classify"]).code, Some(0));
}

#[test]
fn an_entry_is_proposed_for_each_unknown_operation_with_its_reason() {
    let copy = Copy::new();
    let ran = synced(&copy, &document("spanish-grown"));
    let ran_json = copy.xtask(&["classify", "--format", "json"]);
    let said: Value = serde_json::from_str(&ran_json.out).unwrap();
    let open = said["unclassified"].as_array().unwrap();
    assert!(open.len() >= 12, "{said}");
    assert_eq!(said["proposals"].as_array().unwrap().len(), open.len());
    assert!(ran.out.contains(&format!("{} operations are not classified", open.len())), "{ran:?}");

    let ran = copy.xtask(&["classify"]);
    assert_eq!(ran.code, Some(4));
    for proposal in said["proposals"].as_array().unwrap() {
        let (reason, entry) = (proposal["reason"].as_str().unwrap(), proposal["entry"].as_str().unwrap());
        assert!(!reason.is_empty() && ran.out.contains(&format!("# {reason}\n{entry}")), "{proposal}: {}", ran.out);
    }
    let before = copy.read(KNOWLEDGE);
    let ran = copy.xtask(&["classify", "--write"]);
    assert!(ran.code == Some(4) && ran.out.contains("then run `cargo xtask sync`"), "{ran:?}");
    let after = copy.read(KNOWLEDGE);
    assert_eq!(after.matches("# Proposed, not reviewed: ").count(), open.len());
    assert!(before.lines().all(|line| after.contains(line)), "comments and entries stay");
    let ran = copy.xtask(&["sync"]);
    assert!(ran.code == Some(4) && !ran.out.contains("not classified"), "{ran:?}");
    assert_eq!(copy.xtask(&["classify"]).code, Some(0));
    assert_eq!(copy.xtask(&["check"]).code, Some(0));
}

#[test]
fn a_published_document_ends_with_what_is_not_classified() {
    let copy = Copy::new();
    let ran = synced(&copy, SMALL.as_bytes());
    let tail = ran.out.split("wrote  ").nth(1).unwrap();
    assert!(tail.contains("2 operations are not classified") && tail.contains("? GET /a/{id}"), "{ran:?}");
    let ran = copy.xtask(&["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "in step: 2 operations from a published document, sealed\n"));
}

#[test]
fn an_invalid_file_is_refused_with_the_place_and_nothing_changes() {
    for (edit, place) in [
        ("effect = \"reads\"", "`effect` is `reads`"),
        ("effect = \"read\"\nbilable = true", "bilable"),
        ("effect = read", "line "),
    ] {
        let copy = Copy::new();
        let text = format!("{}\n[operations.\"GET /planted/\"]\n{edit}\n", copy.read(KNOWLEDGE));
        copy.write(KNOWLEDGE, text.as_bytes());
        let before = copy.state();
        for command in ["sync", "classify"] {
            let ran = copy.xtask(&[command]);
            assert_eq!((ran.code, ran.out.as_str()), (Some(100), ""), "{ran:?}");
            let number = text.lines().position(|line| line.contains("planted")).unwrap();
            let near = (number..number + 4).any(|at| ran.err.contains(&format!("line {at}")));
            assert!(ran.err.contains(KNOWLEDGE) && ran.err.contains(place) && near, "{edit}: {ran:?}");
            assert!(ran.err.contains("hint: "), "{ran:?}");
        }
        assert!(before == copy.state(), "a refusal wrote something");
    }
    let copy = Copy::new();
    std::fs::remove_file(copy.path(KNOWLEDGE)).unwrap();
    let ran = copy.xtask(&["sync"]);
    assert!(ran.code == Some(100) && ran.err.contains("`knowledge.toml` does not exist"), "{ran:?}");
}

#[test]
fn what_a_published_document_says_in_our_members_is_removed_and_reported() {
    let copy = Copy::new();
    let mut published: Value = serde_json::from_slice(&document("bare")).unwrap();
    let renew = &mut published["paths"]["/domains/renew/"]["post"];
    renew["x-swpanel-effect"] = json!("read");
    renew["x-swpanel-billable"] = json!(false);
    renew["x-client-command"] = json!("harmless");
    published["info"]["x-swpanel-source"] = json!({"kind": "reconstruction"});
    let body = &mut published["paths"]["/services/{service}/ftp/"]["post"]["requestBody"];
    body["x-sensitive"] = json!(false);
    let ran = copy.xtask_with(
        &["sync", "--accept-shrink", "--from", "-", "--format", "json"],
        &serde_json::to_vec(&published).unwrap(),
        &[],
    );
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    let ledger = said["ledger"].to_string();
    for member in ["x-swpanel-effect", "x-swpanel-billable", "x-client-command", "x-swpanel-source", "x-sensitive"] {
        assert!(ledger.contains(&format!("`{member}` was removed in 1 place")), "{member}: {ledger}");
    }
    assert_eq!(said["source"]["kind"], "published");
    let renew = operation(&copy, "post", "/domains/renew/");
    assert_eq!((&renew["x-swpanel-effect"], &renew["x-swpanel-billable"]), (&json!("update"), &json!(true)));
    assert!(renew.get("x-client-command").is_none(), "{renew}");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "the reconstruction is not the document any more")]
fn the_reconstruction_given_again_is_known_by_its_hash() {
    let copy = Copy::new();
    let own = std::fs::read(copy.path("upstream/openapi.yaml")).unwrap();
    copy.xtask_with(&["sync", "--from", "-"], &own, &[]);
    assert!(copy.read("swpanel-api.lock").contains("kind = \"reconstruction\""));
    // One byte more, and it is somebody's document.
    let other = [&own[..], b"\n# edited\n"].concat();
    synced(&copy, &other);
    assert!(copy.read("swpanel-api.lock").contains("kind = \"published\""));
}
