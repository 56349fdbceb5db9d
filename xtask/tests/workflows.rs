//! The workflows: actions are pinned by hash, rights are the least, expressions stay out of scripts, scripts are well-formed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::process::Command;

use common::workspace;
use serde_json::Value;
use swpanel_build_tools::document::RawDocument;

fn workflows() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(workspace().join(".github/workflows")).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
    };
    let mut found: Vec<(String, String)> = entries.map(read).collect();
    found.sort();
    assert!(found.len() >= 3, "{found:?}");
    found
}

/// The scripts of a workflow, each with the line that it begins in.
fn scripts(text: &str) -> Vec<(usize, String)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        let Some(rest) = line.trim_start().trim_start_matches("- ").strip_prefix("run:") else { continue };
        if rest.trim() != "|" {
            found.push((at + 1, rest.trim().to_owned()));
            continue;
        }
        let outer = line.find("run:").unwrap();
        let mut script = String::new();
        while let Some((_, inner)) = lines.next_if(|(_, inner)| inner.trim().is_empty() || indent(inner) > outer) {
            script.push_str(inner);
            script.push('\n');
        }
        found.push((at + 1, script));
    }
    found
}

/// What is wrong with a workflow.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.contains("\npermissions:\n  contents: read\n") {
        faults.push("the workflow as a whole may do more than read".to_owned());
    }
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_start().trim_start_matches("- "))) {
        let Some(action) = line.strip_prefix("uses:") else { continue };
        let (_, pin) = action.trim().split_once('@').unwrap_or_default();
        let (hash, version) = pin.split_once(" # v").unwrap_or_default();
        let hex = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hex || !version.starts_with(|first: char| first.is_ascii_digit()) {
            faults.push(format!("line {at}: `{}` is not pinned by hash with its version beside it", action.trim()));
        }
    }
    for (at, script) in scripts(text) {
        if script.contains("${{") {
            faults.push(format!("line {at}: an expression is written into a script; hand it over by env"));
        }
        let checked = Command::new("bash").args(["-n", "-c", &script]).output();
        if let Ok(checked) = checked.as_ref().map(|checked| String::from_utf8_lossy(&checked.stderr))
            && !checked.is_empty()
        {
            faults.push(format!("line {at}: {checked}"));
        }
    }
    faults
}

#[test]
fn workflows_are_pinned_and_ask_for_little() {
    for (name, text) in workflows() {
        assert_eq!(faults(&text), [""; 0], "{name}");
        assert!(!scripts(&text).is_empty(), "{name} has no script");
    }
}

/// Rights that a job has and does not use, or uses and does not have; and what a stranger could make use of.
fn rights(text: &str) -> Vec<String> {
    let root = RawDocument::read(text.as_bytes()).unwrap().root().to_json();
    let mut faults = Vec::new();
    if text.contains("pull_request_target") || text.contains("workflow_run") {
        faults.push("it runs with rights on what a stranger sent".to_owned());
    }
    for (name, job) in root["jobs"].as_object().unwrap() {
        let steps = job["steps"].as_array().unwrap();
        let script = steps.iter().filter_map(|step| step["run"].as_str()).collect::<Vec<_>>().join("\n");
        let of = |commands: &[&str]| commands.iter().any(|command| script.contains(command));
        let writes_files = of(&["git push", "gh release", "gh pr"]);
        let writes = writes_files || of(&["gh issue", "gh label"]);
        // Who may write runs nothing that a build made, or that a document could have made.
        let runs =
            |line: &str| ["cargo ", "rustup ", "./", "target/"].iter().any(|start| line.trim().starts_with(start));
        if writes && (script.lines().any(runs) || script.contains("$(cargo ")) {
            faults.push(format!("{name}: it may write, and builds or runs something"));
        }
        let rights =
            [("contents", writes_files), ("pull-requests", of(&["gh pr"])), ("issues", of(&["gh issue", "gh label"]))];
        for (right, used) in rights {
            if used != (job["permissions"][right] == "write") {
                faults.push(format!("{name}: `{right}: write` does not go with what it does"));
            }
        }
        let is_checkout =
            |step: &&Value| step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@"));
        for step in steps.iter().filter(is_checkout) {
            if step["with"]["persist-credentials"] != Value::Bool(false) {
                faults.push(format!("{name}: a checkout leaves its token behind"));
            }
        }
        // Who writes has its token in the step that writes, and nowhere else.
        for step in steps {
            let needs = step["run"].as_str().is_some_and(|run| run.contains("gh "));
            if needs != step["env"]["GH_TOKEN"].is_string() {
                faults.push(format!("{name}: a token is where nothing needs it, or is not where it is needed"));
            }
        }
        if [&job["env"], &root["env"]].iter().any(|env| env["GH_TOKEN"].is_string()) {
            faults.push(format!("{name}: every step has the token"));
        }
    }
    faults
}

#[test]
fn jobs_have_the_rights_that_they_use() {
    for (name, text) in workflows() {
        assert_eq!(rights(&text), [""; 0], "{name}");
    }
    let (_, sync) = workflows().into_iter().find(|(name, _)| name == "sync.yml").unwrap();
    for (from, to) in [
        ("      contents: write\n", ""),
        ("      pull-requests: write\n", ""),
        ("persist-credentials: false", "fetch-depth: 1"),
        ("  workflow_dispatch:\n", "  pull_request_target:\n  workflow_dispatch:\n"),
        ("          SHRINK: ${{ inputs.accept-shrink }}\n", "          GH_TOKEN: ${{ github.token }}\n"),
        ("          GH_TOKEN: ${{ github.token }}\n", ""),
        ("          title=\"Sync", "          cargo test\n          title=\"Sync"),
        ("      issues: write\n", ""),
        ("          title=\"The vendor's", "          cargo xtask check\n          title=\"The vendor's"),
        ("          SINCE: ${{ vars", "          GH_TOKEN: ${{ github.token }}\n          SINCE: ${{ vars"),
        ("  RUSTUP_TOOLCHAIN: stable\n", "  RUSTUP_TOOLCHAIN: stable\n  GH_TOKEN: ${{ github.token }}\n"),
    ] {
        assert!(sync.contains(from), "{from}");
        assert_ne!(rights(&sync.replacen(from, to, 1)), [""; 0], "{from}");
    }
}

#[test]
fn what_is_wrong_with_a_workflow_is_seen() {
    let good = "name: x\n\npermissions:\n  contents: read\n\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@\
                0123456789012345678901234567890123456789 # v4.2.2\n      - run: |\n          echo a\n      - run: echo b\n";
    assert_eq!(faults(good), [""; 0]);
    assert_eq!(scripts(good).len(), 2);
    for (from, to) in [
        ("  contents: read", "  contents: write"),
        ("0123456789012345678901234567890123456789 # v4.2.2", "v4"),
        (" # v4.2.2", ""),
        ("echo a", "if true; then"),
        ("echo b", "echo ${{ inputs.from }}"),
    ] {
        assert_eq!(faults(&good.replace(from, to)).len(), 1, "{to}");
    }
}
