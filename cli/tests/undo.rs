//! Undo of every kind of thing that can be deleted, and what is said before and after a deletion.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::process::Stdio;

use common::{Desk, Said, words};
use serde_json::{Value, json};
use swpanel_emulator::{FaultKind, FaultRule};

/// The entries of a list, without what is another one after undoing.
fn listed(desk: &Desk, list: &str) -> Vec<Value> {
    let value = desk.run(&words(&format!("{list} -o json"))).ends(0).json();
    let items = value.get("result").or(value.get("message")).and_then(Value::as_array).cloned().unwrap_or_default();
    let without = |mut item: Value| {
        for name in ["id", "status", "created"] {
            item.as_object_mut().unwrap().remove(name);
        }
        item
    };
    let mut items: Vec<Value> = items.into_iter().map(without).collect();
    items.sort_by_key(Value::to_string);
    items
}

fn undo(desk: &Desk, line: &str) -> Said {
    let mut command = desk.command(&words(line));
    command.env("NEW", "marker-Secret-77").stdin(Stdio::null());
    Said::of(command.output().unwrap())
}

fn entries(desk: &Desk) -> Vec<Value> {
    desk.run(&words("undo --list -o json")).ends(0).json().as_array().cloned().unwrap()
}

#[test]
fn every_kind_of_thing_comes_back_as_it_was_read() {
    // What is deleted, how it is listed, and whether a password is needed for a new one.
    for (delete, list, password, content) in [
        ("cron delete XX012 12345", "cron list XX012", false, None),
        ("db delete XX012 shop", "db list XX012", false, Some("the data in it")),
        ("dns delete XX012 12345", "dns list XX012", false, None),
        ("dns delete XX012 12348", "dns list XX012", false, None),
        ("dns delete XX012 12350", "dns list XX012", false, None),
        ("dnssec delete XX012 --domain example.es", "dnssec list XX012", false, None),
        ("domains contact delete 12346", "domains contact list", false, None),
        ("domains host delete 12345", "domains host list", false, None),
        ("ftp delete XX012 XX012F1", "ftp list XX012", true, Some("the files of the account")),
        ("mail alias delete XX012 sales@example.es", "mail alias list XX012", false, None),
        ("mail mailbox delete XX012 info@example.es", "mail mailbox list XX012", true, Some("the mails in it")),
        ("mail mailing-list delete XX012 news@example.es", "mail mailing-list list XX012", false, None),
    ] {
        let desk = Desk::new();
        let before = listed(&desk, list);
        let deleted = desk.run(&words(&format!("{delete} --yes"))).ends(0);
        assert!(deleted.err.contains("`swpanel undo "), "{delete}: {}", deleted.err);
        match content {
            Some(lost) => assert!(deleted.err.contains(&format!("({lost}) is not")), "{delete}: {}", deleted.err),
            None => assert!(!deleted.err.contains("content"), "{delete}: {}", deleted.err),
        }
        assert_eq!(listed(&desk, list).len() + 1, before.len(), "{delete}");
        let entry = entries(&desk).remove(0);
        assert_eq!(entry["possible"], if password { "with-password" } else { "yes" }, "{delete}: {entry}");
        assert_eq!(entry["deleted"].as_str().unwrap().replace("--domain ", ""), delete.replace("--domain ", ""));
        if password {
            let told = undo(&desk, "undo").ends(5);
            assert!(told.err.contains("--password -") && told.err.contains("env:NAME"), "{delete}: {}", told.err);
        }
        let given = if password { "undo --password env:NEW" } else { "undo" };
        let undone = undo(&desk, given).ends(0);
        assert!(!format!("{undone:?}").contains("marker-Secret-77"), "{delete}: {undone:?}");
        assert_eq!(undone.err.contains("was not saved"), content.is_some(), "{delete}: {}", undone.err);
        assert_eq!(listed(&desk, list), before, "{delete}");
        assert_eq!(entries(&desk), Vec::<Value>::new(), "{delete}");
    }
}

#[test]
fn what_the_document_does_not_let_create_is_said_before() {
    let desk = Desk::new();
    // A record of type ALIAS is listed, and the operation that creates records does not take this type.
    let state = desk.emulator.snapshot().to_string().replace("\"SPF\"", "\"ALIAS\"");
    desk.emulator.restore(serde_json::from_str(&state).unwrap()).unwrap();
    let deleted = desk.run(&words("dns delete XX012 12349 --yes")).ends(0);
    assert!(deleted.err.contains("`ALIAS`") && deleted.err.contains("--from FILE"), "{}", deleted.err);
    assert_eq!(entries(&desk)[0]["possible"], "with-values");
    let told = undo(&desk, "undo").ends(5);
    assert!(told.err.contains("`ALIAS`") && told.err.contains("--from FILE"), "{}", told.err);
    let shown = undo(&desk, "undo --no-validate --dry-run -o json").ends(0).json();
    assert_eq!(shown["body"]["record"]["type"], "ALIAS");
}

#[test]
fn a_database_user_needs_a_password_and_comes_back_with_its_settings() {
    let desk = Desk::new();
    let before = listed(&desk, "db user list XX012");
    let deleted = desk.run(&words("db user delete XX012 --user dbuser1 --yes")).ends(0);
    assert!(deleted.err.contains("password") && !deleted.err.contains("content"), "{}", deleted.err);
    let file = desk.file("pw", "marker-Secret-78\n");
    undo(&desk, &format!("undo --password @{file}")).ends(0);
    let after = listed(&desk, "db user list XX012");
    assert_eq!(after.len(), before.len());
    assert_eq!(after[0]["ip_host"], before[0]["ip_host"]);
}

#[test]
fn what_cannot_be_undone_promises_nothing_and_blocks_nothing() {
    let desk = Desk::new();
    desk.run(&words("dns delete XX012 12346 --yes")).ends(0);
    let order = desk.file("body.json", r#"{"delete": {"mode": "end_of_period"}}"#);
    let asked = desk.run(&["services", "delete", "XX012", "--from", &order]).ends(9).err;
    assert!(asked.contains("nothing here can bring it back"), "{asked}");
    assert!(!asked.contains("undo") && asked.contains("files, mails, databases"), "{asked}");
    let said = desk.run(&["services", "delete", "XX012", "--from", &order, "--yes"]).ends(0);
    assert!(said.err.contains("not saved") && said.err.contains("cannot recreate it"), "{}", said.err);
    assert!(!said.err.contains("saved before deleting"), "{}", said.err);
    // An entry of an older version, which saved what cannot be created again.
    let place = desk.path(".local/state/swpanel/undo/99999999999999999999-1.json");
    let old = json!({
        "swpanel_undo": 1, "command": "services delete", "method": "DELETE", "path": "/services/{service}/delete/",
        "values": ["XX012"], "base_url": desk.emulator.base_url(), "look": null, "read": {},
    });
    std::fs::write(&place, old.to_string()).unwrap();
    std::fs::write(place.with_file_name("notes.json"), "not an entry").unwrap();
    let listed = entries(&desk);
    assert_eq!(listed[0]["possible"], "no", "{listed:?}");
    assert!(listed[0]["why"].as_str().unwrap().contains("cannot be undone: "), "{listed:?}");
    assert_eq!(listed[1]["possible"], "yes", "{listed:?}");
    let table = desk.run(&words("undo --list")).ends(0).out;
    assert!(table.starts_with("ID") && table.contains("dns delete XX012 12346"), "{table}");
    let said = desk.run(&words("undo 99999999999999999999-1")).ends(1);
    assert!(said.err.contains("cannot be undone"), "{}", said.err);
    let undone = desk.run(&words("undo")).ends(0);
    assert!(undone.err.contains("skipped 99999999999999999999-1"), "{}", undone.err);
    desk.run(&words("undo")).ends(1);
    desk.run(&words("undo nothing-of-this-name")).ends(3);
}

#[test]
fn an_older_entry_is_undone_by_its_id() {
    let desk = Desk::new();
    desk.run(&words("mail mailbox delete XX012 info@example.es --yes")).ends(0);
    desk.run(&words("dns delete XX012 12346 --yes")).ends(0);
    desk.run(&words("dns delete XX012 12347 --yes")).ends(0);
    let listed = entries(&desk);
    let names: Vec<&str> = listed.iter().map(|entry| entry["deleted"].as_str().unwrap()).collect();
    let newest_first =
        ["dns delete XX012 12347", "dns delete XX012 12346", "mail mailbox delete XX012 info@example.es"];
    assert_eq!(names, newest_first);
    let id = listed[1]["id"].as_str().unwrap();
    let undone = desk.run(&["undo", id]).ends(0);
    assert!(undone.err.contains("recreated"), "{}", undone.err);
    assert_eq!(entries(&desk).len(), 2);
    assert!(desk.run(&words("dns list XX012 -o json")).ends(0).out.contains("\"CNAME\""));
}

#[test]
fn a_password_is_never_an_argument() {
    let desk = Desk::new();
    desk.run(&words("ftp delete XX012 XX012F1 --yes")).ends(0);
    let said = desk.run(&words("undo --password hunter2-plain")).ends(2);
    assert!(!said.err.contains("hunter2-plain") && said.err.contains("env:NAME"), "{}", said.err);
    let mut command = desk.command(&words("undo --password -"));
    command.stdin(Stdio::piped());
    desk.feed(command, "marker-Secret-79\n").ends(0);
    assert!(desk.run(&words("ftp list XX012 -o json")).ends(0).out.contains("deploy"));
}

#[test]
fn what_exists_again_is_not_created_and_does_not_block() {
    let desk = Desk::new();
    desk.run(&words("dns delete XX012 12346 --yes")).ends(0);
    let call = "DELETE /services/{service}/dns/{record_id}";
    let fault = FaultRule::new(FaultKind::Error { status: 500, code: None, message: None });
    desk.emulator.add_fault(fault.on(call));
    let failed = desk.run(&words("dns delete XX012 12347 --yes --retries 0")).ends(7);
    assert!(failed.err.contains("if it was deleted, `swpanel undo"), "{}", failed.err);
    desk.emulator.clear_faults();
    let there = desk.run(&words("undo -o json")).ends(5).failure();
    assert_eq!(there["kind"], "still-there", "{there}");
    desk.run(&words("undo")).ends(0);
    assert!(desk.run(&words("dns list XX012 -o json")).ends(0).out.contains("\"CNAME\""));
}

#[test]
fn what_cannot_be_read_before_is_not_promised() {
    let desk = Desk::new();
    let fault = FaultRule::new(FaultKind::Error { status: 404, code: None, message: None });
    desk.emulator.add_fault(fault.on("GET /services/{service}/dns/"));
    let said = desk.run(&words("dns delete XX012 12346 --yes")).ends(0);
    assert!(said.err.contains("not saved") && !said.err.contains("saved before deleting"), "{}", said.err);
    assert_eq!(entries(&desk), Vec::<Value>::new());
}

#[test]
fn another_account_does_not_get_what_was_deleted_elsewhere() {
    let desk = Desk::new();
    desk.run(&words("dns delete XX012 12346 --yes")).ends(0);
    let mut command = desk.without_token();
    command.args(words("login --stdin --profile other"));
    desk.feed(command, desk.emulator.token()).ends(0);
    let mut command = desk.without_token();
    command.args(words("undo --profile other"));
    let said = desk.feed(command, "").ends(2);
    assert!(said.err.contains("profile"), "{}", said.err);
    desk.run(&words("undo")).ends(0);
}

#[test]
fn what_cannot_be_stored_is_not_promised() {
    let desk = Desk::new();
    // A file where the folder should be.
    let place = desk.file("state", "");
    let mut command = desk.command(&words("dns delete XX012 12346 --yes"));
    command.env("XDG_STATE_HOME", &place);
    let said = desk.feed(command, "").ends(0);
    assert!(said.err.contains("cannot be undone") && !said.err.contains("`swpanel undo "), "{}", said.err);
    let mut command = desk.command(&words("dns delete XX012 12347"));
    command.env_remove("HOME");
    let said = desk.feed(command, "").ends(9);
    assert!(said.err.contains("nothing here can bring it back") && said.err.contains("HOME"), "{}", said.err);
}
