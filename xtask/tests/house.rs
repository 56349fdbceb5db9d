//! The house in order: what workflows and pages tell people to run exists, README's table is current, and no page
//! leads nowhere.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use common::workspace;

/// The files that tell somebody, or some machine, what to run.
fn files() -> Vec<PathBuf> {
    let mut found = vec![workspace().join("README.md"), workspace().join(".ci/run")];
    for name in ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "client/README.md", "tests/evidence/README.md"] {
        found.push(workspace().join(name));
    }
    for folder in [".github/workflows", "docs"] {
        found.extend(std::fs::read_dir(workspace().join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    found
}

/// Every `cargo xtask ...` of a text: the command and its flags. Quoted parts and `${...}` are values.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for (at, start) in text.match_indices("cargo xtask ") {
        let rest = text[at + start.len()..].lines().next().unwrap_or_default();
        let rest = without_values(rest);
        let end = rest.find(['`', '|', '>', ';', '#', ')', '\\']).unwrap_or(rest.len());
        let mut words = rest[..end].split_whitespace();
        let Some(command) = words.next().map(|word| word.trim_end_matches(['.', ',', ':'])) else { continue };
        if !command.starts_with(|c: char| c.is_ascii_lowercase()) {
            continue;
        }
        let flags = words.take_while(|word| !matches!(*word, "&&" | "||")).filter(|word| word.starts_with("--"));
        let flags =
            flags.map(|word| word.trim_end_matches([']', '.', ',']).split('=').next().unwrap_or_default().to_owned());
        found.push((command.to_owned(), flags.collect()));
    }
    found
}

/// The line without `${...}` and without what stands in double quotes.
fn without_values(line: &str) -> String {
    let mut out = String::new();
    let (mut braces, mut quoted) = (0, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '$' if chars.peek() == Some(&'{') => braces += 1,
            '}' if braces > 0 => braces -= 1,
            _ if braces > 0 => {}
            '"' => quoted = !quoted,
            _ if quoted => {}
            c => out.push(c),
        }
    }
    out
}

/// Whether a help text has the flag as a word of its own.
fn has_flag(help: &str, flag: &str) -> bool {
    help.match_indices(flag).any(|(at, _)| {
        let after = help[at + flag.len()..].chars().next();
        after.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
    })
}

fn help(command: &str) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args([command, "--help"]).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn every_command_that_is_named_exists() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (command, flags) in commands(&text) {
            let Some(help) = help(&command) else {
                wrong.push(format!("{}: there is no `cargo xtask {command}`", file.display()));
                continue;
            };
            for flag in flags.iter().filter(|flag| !has_flag(&help, flag)) {
                wrong.push(format!("{}: `cargo xtask {command}` has no {flag}", file.display()));
            }
            seen.insert(command);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() >= 4, "only {seen:?} were seen");
}

#[test]
fn a_command_that_does_not_exist_would_be_found() {
    let text = "run: cargo xtask nonsense --from x\n`cargo xtask sync --wrong`";
    let found = commands(text);
    assert_eq!(found[0], ("nonsense".to_owned(), vec!["--from".to_owned()]));
    let help = |command: &str| help(command);
    assert!(help("nonsense").is_none());
    let sync = help("sync").unwrap();
    assert!(has_flag(&sync, "--from") && !has_flag(&sync, "--fro") && !has_flag(&sync, "--wrong"));
    let shell = "cargo xtask sync ${document:+--from \"$document\"} --chekc --format json || code=$?";
    assert_eq!(commands(shell)[0].1, ["--chekc", "--format"]);
}

#[test]
fn the_table_in_readme_is_current() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["coverage", "--check", "--root"])
        .arg(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "run `cargo xtask accept`\n{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut wrong = Vec::new();
    for file in files().into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap_or_default().split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            if !file.parent().unwrap().join(target).exists() {
                wrong.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
