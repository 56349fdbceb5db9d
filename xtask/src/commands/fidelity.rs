//! `cargo xtask fidelity`: how much of the document the generated types say too. A program of swpanel-tests, which has the
//! types, does the comparing; this starts it, holds the scores against the record and tells what differs and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use swpanel_build_tools::coverage;
use swpanel_build_tools::safe_text::line;

use super::coverage::snapshots;
use crate::Run;
use crate::outcome::{Failure, Outcome};
use crate::workspace::Workspace;

pub(crate) fn run(root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    crate::conflicts::refuse(&workspace)?;
    let report = measure(&workspace)?;
    let recorded = coverage::fidelity(&snapshots(&workspace));
    let record = report.get("record").and_then(Value::as_str).unwrap_or_default();
    let now = coverage::fidelity(&BTreeMap::from([("fidelity.snap".to_owned(), record.to_owned())]));
    let percent = |(same, of): (u64, u64)| if of == 0 { 100.0 } else { same as f64 * 100.0 / of as f64 };
    let mut falls = Vec::new();
    for (key, was) in &recorded {
        if let Some(is) = now.get(key).filter(|is| percent(**is) < percent(*was)) {
            falls
                .push(json!({"operation": key, "was": {"same": was.0, "of": was.1}, "is": {"same": is.0, "of": is.1}}));
        }
    }
    let stale = recorded != now;
    let findings = Findings::of(&report);
    let mut text = String::new();
    if let Some(all) = now.get("all") {
        text.push_str(&format!(
            "fidelity      {} of {} statements ({:.1} %) are in the Rust types too\n",
            all.0,
            all.1,
            percent(*all)
        ));
    }
    for ((verdict, keyword, rule), places) in &findings.differing {
        let why = if rule.is_empty() { "NOT EXPLAINED by the ledger" } else { rule };
        text.push_str(&format!("{verdict:<13} {keyword}: {}, {why}\n", places.len()));
        for place in places.iter().take(if rule.is_empty() { usize::MAX } else { 2 }) {
            text.push_str(&format!("              {}\n", line(place)));
        }
    }
    if !findings.untyped.is_empty() {
        text.push_str(&format!("no type       {}: no call needs one\n", line(&findings.untyped.join(", "))));
    }
    text.push_str(&format!("round trips   {} values, {} failed\n", findings.trips, findings.failed.len()));
    for failed in &findings.failed {
        text.push_str(&format!("              {}\n", line(failed)));
    }
    for fall in &falls {
        text.push_str(&format!("fell          {}: {} -> {}\n", fall["operation"], fall["was"], fall["is"]));
    }
    let unexplained = findings.differing.keys().any(|(_, _, rule)| rule.is_empty());
    let changed = stale || unexplained || !findings.failed.is_empty();
    text.push_str(match (stale, falls.is_empty()) {
        (false, _) => "record        tests/snapshots/fidelity.snap says the same\n",
        (true, true) => "record        tests/snapshots/fidelity.snap is of another state; run `cargo xtask accept`\n",
        (true, false) => "record        scores fell: mend the generator, or take it with `cargo xtask accept`\n",
    });
    let outcome = match (changed, falls.is_empty()) {
        (false, _) => "kept",
        (true, true) => "changed",
        (true, false) => "fell",
    };
    let json = json!({
        "outcome": outcome,
        "total": report.get("total"),
        "falls": falls,
        "types": report.get("types"),
        "operations": report.get("operations"),
    });
    Ok(Outcome { text, json, changed })
}

fn measure(workspace: &Workspace) -> Result<Value, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--package", "swpanel-tests", "--bin", "fidelity"])
        .current_dir(workspace.root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    let hint = "read what is printed above; it is the same as `cargo run -p swpanel-tests --bin fidelity`";
    let output = output.map_err(|error| Failure::new("no-cargo", format!("cargo cannot be run: {error}"), hint))?;
    if !output.status.success() {
        return Err(Failure::new("fidelity-failed", "the program that compares the types failed", hint));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new("fidelity-failed", format!("its answer is no JSON: {error}"), hint))
}

/// What is not the same, by verdict, keyword and rule of the ledger.
#[derive(Default)]
struct Findings {
    differing: BTreeMap<(String, String, String), BTreeSet<String>>,
    trips: u64,
    failed: Vec<String>,
    /// Components that no type is made of, and that nothing is said of either.
    untyped: Vec<String>,
}

impl Findings {
    fn of(report: &Value) -> Self {
        let mut findings = Self::default();
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        for of in list(report.get("types")) {
            findings.trips += of.get("trips").and_then(Value::as_u64).unwrap_or_default();
            findings.failed.extend(list(of.get("failed_trips")).iter().filter_map(Value::as_str).map(str::to_owned));
            let statements = list(of.get("statements"));
            if of.get("rust").is_none_or(Value::is_null) && statements.is_empty() {
                findings.untyped.extend(of.get("name").and_then(Value::as_str).map(str::to_owned));
            }
            for statement in statements {
                let text = |name: &str| statement.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                if text("verdict") != "same" {
                    let key = (text("verdict"), text("keyword"), text("explained"));
                    findings.differing.entry(key).or_default().insert(text("pointer"));
                }
            }
        }
        findings
    }
}
