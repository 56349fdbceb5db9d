//! `cargo xtask corpus DIR` where DIR has an `index.json`: documentation in other forms, imported form by form and held
//! against the document that is known to be right, by the `score.py` of the folder.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use swpanel_build_tools::import::{self, Files, Form};
use swpanel_build_tools::lock;
use swpanel_build_tools::safe_text::{line as safe, page};
use swpanel_build_tools::sync::{Input, sync};

use super::corpus::check;
use crate::outcome::{Failure, Outcome, counted, print_error};
use crate::workspace::Workspace;
use crate::{Run, files, regular};

/// The list of entries.
pub(crate) const INDEX: &str = "index.json";

/// How one form of one entry fared.
struct Row {
    entry: String,
    form: String,
    time: Duration,
    result: Result<Scored, String>,
}

struct Scored {
    operations: usize,
    /// What `score.py` says; none where the entry has no document to hold it against.
    score: Option<Value>,
    /// Whether a client was generated of it, and compiled where that was asked for.
    client: Result<Option<Duration>, String>,
}

pub(crate) fn run(folder: &Path, workspace: &Workspace, compile: bool) -> Run {
    let unreadable = |file: &Path, error: &dyn std::fmt::Display| {
        Failure::new(
            "unreadable",
            format!("`{}` cannot be read: {error}", file.display()),
            "check the folder and its rights",
        )
    };
    let index = folder.join(INDEX);
    let text = regular::read_text(&index).map_err(|error| unreadable(&index, &error))?;
    let entries: Vec<Value> = serde_json::from_str(&text).map_err(|error| unreadable(&index, &error))?;
    let mut rows = Vec::new();
    for entry in &entries {
        let id = entry["id"].as_str().unwrap_or_default();
        let mut sources = Files::new();
        for file in entry["files"].as_array().into_iter().flatten().filter_map(|file| file["file"].as_str()) {
            let path = folder.join("files").join(file);
            let bytes = regular::read_whole(&path).map_err(|error| unreadable(&path, &error))?;
            // Names within the entry.
            let name = file.split_once('/').map_or(file, |(_, rest)| rest);
            sources.insert(name.to_owned(), bytes);
        }
        let truth = entry.pointer("/truth/file").and_then(Value::as_str).map(|file| folder.join("files").join(file));
        let forms = import::forms(&sources);
        if forms.is_empty() {
            let result = Err(import::import(&sources)
                .err()
                .map_or_else(String::new, |error| format!("{}: {error}", error.name())));
            rows.push(Row { entry: id.to_owned(), form: "-".to_owned(), time: Duration::ZERO, result });
        }
        for (form, names) in forms {
            rows.push(one(workspace, folder, id, form, &names, &sources, truth.as_deref(), compile)?);
            if let Some(row) = rows.last() {
                print_error(&format!("{}\n", page(&cells(row).join("  "))));
            }
        }
    }
    Ok(outcome(&rows, compile))
}

#[allow(clippy::too_many_arguments, reason = "one call, whose arguments are the columns of a row")]
fn one(
    workspace: &Workspace,
    folder: &Path,
    id: &str,
    form: Form,
    names: &[String],
    sources: &Files,
    truth: Option<&Path>,
    compile: bool,
) -> Result<Row, Failure> {
    let started = Instant::now();
    let imported = import::import_form(sources, form, names);
    let time = started.elapsed();
    let file = names.first().map(|name| name.rsplit('/').next().unwrap_or(name)).unwrap_or_default();
    let form_name = format!("{} ({file})", form.id());
    let result = match imported {
        Err(error) => Err(format!("{}: {error}", error.name())),
        Ok(imported) => {
            let plain: String = format!("{id}-{}-{file}", form.id())
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .collect();
            let out = format!("target/corpus/forms/{plain}.json");
            let text = imported.text();
            files::write(workspace, &out, text.as_bytes())?;
            let score = match truth {
                Some(truth) => scored(folder, &workspace.path(&out), truth)?,
                None => None,
            };
            let origin = lock::Source::at(plain.clone());
            let made = sync(&Input { raw: text.as_bytes(), source: Some(&origin), ..Input::default() });
            let client = match made {
                Err(error) => Err(error.to_string()),
                Ok(_) if !compile => Ok(None),
                Ok(made) => check(workspace, &plain, &made)?.map(Some),
            };
            Ok(Scored { operations: imported.counts.operations, score, client })
        }
    };
    Ok(Row { entry: id.to_owned(), form: form_name, time, result })
}

/// What the folder's own `score.py` says of a document.
fn scored(folder: &Path, produced: &Path, truth: &Path) -> Result<Option<Value>, Failure> {
    let script = folder.join("score.py");
    let failed = |why: String| {
        Failure::new("failed", format!("`{}` cannot score: {why}", script.display()), "install Python 3 with PyYAML")
    };
    let output = Command::new("python3")
        .arg(&script)
        .args([produced, truth])
        .arg("--json")
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(failed(text.lines().last().unwrap_or_default().to_owned()));
    }
    Ok(serde_json::from_slice(&output.stdout).ok())
}

const HEAD: [&str; 9] = ["entry", "form", "operations", "query", "body", "types", "required", "client", "s"];

fn percent(score: &Value, key: &str) -> String {
    score[key].as_f64().map_or_else(|| "-".to_owned(), |share| format!("{:.0}", 100.0 * share))
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = vec![safe(&row.entry).into_owned(), safe(&row.form).into_owned()];
    match &row.result {
        Err(why) => cells.push(format!("REJECTED {}", safe(why))),
        Ok(scored) => {
            let pair = |score: &Value, part: &str| {
                format!(
                    "{}/{}",
                    percent(score, &format!("{part}_recall")),
                    percent(score, &format!("{part}_precision"))
                )
            };
            match &scored.score {
                Some(score) => cells.extend([
                    format!("{} of {} {}", score["ops_matched"], score["ops_truth"], pair(score, "op")),
                    pair(score, "query"),
                    pair(score, "body"),
                    percent(score, "type_agree"),
                    percent(score, "required_agree"),
                ]),
                None => cells.extend([scored.operations.to_string(), "-".into(), "-".into(), "-".into(), "-".into()]),
            }
            cells.push(match &scored.client {
                Ok(Some(time)) => format!("compiles ({:.0} s)", time.as_secs_f64()),
                Ok(None) => "generated".to_owned(),
                Err(why) => format!("NO: {}", safe(why)),
            });
            cells.push(format!("{:.2}", row.time.as_secs_f64()));
        }
    }
    cells
}

fn outcome(rows: &[Row], compile: bool) -> Outcome {
    let mut table: Vec<Vec<String>> = vec![HEAD.iter().map(|head| (*head).to_owned()).collect()];
    table.extend(rows.iter().map(cells));
    let width = |column: usize| {
        let whole = table.iter().filter(|cells| cells.len() > 3);
        whole.filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for cells in &table {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>();
        text.push_str(&format!("{}\n", padded.join("  ").trim_end()));
    }
    let failed = rows.iter().filter(|row| row.result.as_ref().is_ok_and(|scored| scored.client.is_err())).count();
    let rejected = rows.iter().filter(|row| row.result.is_err()).count();
    text.push_str(&format!(
        "{}, {rejected} rejected, {failed} without a client\n",
        counted(rows.len(), "form", "forms")
    ));
    let list: Vec<Value> = rows
        .iter()
        .map(|row| match &row.result {
            Err(why) => json!({"entry": row.entry, "form": row.form, "rejected": why}),
            Ok(scored) => {
                json!({"entry": row.entry, "form": row.form, "operations": scored.operations, "score": scored.score,
                "client": scored.client.as_ref().err(), "compiled": compile, "seconds": row.time.as_secs_f64()})
            }
        })
        .collect();
    let json = json!({"outcome": if failed > 0 { "failed" } else { "whole" }, "forms": list, "rejected": rejected, "failed": failed});
    Outcome { text, json, changed: failed > 0 }
}
