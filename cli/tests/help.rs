//! The help of the program, of every group and of every command, as it is printed.
//!
//! Renew with `INSTA_UPDATE=always cargo test -p swpanel-cli --test help`, and read the difference.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{Said, bare};

const LONGEST: usize = 200;
const RENEW: &str = "renew with `INSTA_UPDATE=always cargo test -p swpanel-cli --test help`";

fn help(words: &[&str]) -> String {
    let said = Said::of(bare().args(words).arg("--help").output().unwrap()).ends(0);
    assert_eq!(said.err, "");
    let lines = said.out.lines().count();
    assert!(lines <= LONGEST, "the help of `{}` has {lines} lines", words.join(" "));
    assert!(said.out.lines().all(|line| line.chars().count() <= 130), "a line of `{}` is too long", words.join(" "));
    said.out
}

fn check(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true, description => RENEW}, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn help_of_everything_is_as_it_was_read() {
    let commands = Said::of(bare().args(["commands", "-o", "json"]).output().unwrap()).ends(0).json();
    let mut names: BTreeSet<Vec<String>> = BTreeSet::new();
    for command in commands.as_array().unwrap() {
        let words: Vec<String> = command["command"].as_str().unwrap().split(' ').map(str::to_owned).collect();
        names.insert(words[..1].to_vec());
        names.insert(words);
    }
    for line in [
        "login",
        "profile list",
        "profile use",
        "profile show",
        "profile remove",
        "doctor",
        "api",
        "explain",
        "completions",
        "undo",
        "man",
        "dns export",
        "dns plan",
        "dns apply",
        "fleet run",
        "fleet resume",
        "fleet status",
        "fleet",
        "acme",
        "acme lego-exec",
        "acme lego-httpreq",
        "acme certbot-auth",
        "acme certbot-cleanup",
        "help",
    ] {
        names.insert(line.split(' ').map(str::to_owned).collect());
    }
    check("swpanel", &help(&[]));
    let mut kept: BTreeSet<String> = BTreeSet::from(["swpanel.snap".to_owned()]);
    for words in &names {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = words.join("_");
        check(&name, &help(&words));
        kept.insert(format!("{name}.snap"));
    }
    for kind in ["cloud-server", "hosting-self-hosted"] {
        // The longest help there is; another document need not have it, or not in kinds.
        let has_kinds = || help(&["services", "create"]).contains("--kind");
        if names.contains(&vec!["services".to_owned(), "create".to_owned()]) && has_kinds() {
            let name = format!("services_create_{kind}");
            check(&name, &help(&["services", "create", "--kind", kind]));
            kept.insert(format!("{name}.snap"));
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let there = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    let orphans: Vec<String> = there.filter(|name| name.ends_with(".snap") && !kept.contains(name)).collect();
    assert!(orphans.is_empty(), "snapshots without a command, to be deleted: {orphans:?}");
}
