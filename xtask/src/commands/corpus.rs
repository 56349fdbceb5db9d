//! `cargo xtask corpus [DIR] [--compile]`: every document of a folder through all stages, and one table of how it went.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use swpanel_build_tools::document::{RawDocument, Weight, convert};
use swpanel_build_tools::lock;
use swpanel_build_tools::safe_text::{self, page};
use swpanel_build_tools::sync::{Input, Outcome as Ingested, SyncError, sync};

use super::forms;
use crate::arguments::CorpusFlags;
use crate::outcome::{Failure, Outcome, counted, print_error};
use crate::workspace::Workspace;
use crate::{Run, beside, files, regular, standalone};

/// How one document fared.
struct Row {
    file: String,
    bytes: usize,
    /// Reading and converting alone.
    ingested: Duration,
    /// All stages with generation.
    total: Duration,
    result: Result<Ingested, String>,
    compiled: Option<Result<Duration, String>>,
}

pub(crate) fn run(flags: &CorpusFlags, root: Option<&Path>) -> Run {
    // Only the compiler needs the workspace, whose dependencies the generated clients share.
    let workspace = if flags.compile { Some(Workspace::find(root)?) } else { None };
    let folder =
        match &flags.folder {
            Some(folder) => folder.clone(),
            None => std::env::var_os("SWPANEL_CORPUS").map(|folder| PathBuf::from(folder).join("specs")).ok_or_else(
                || Failure::usage("no folder of documents was named", "give it as an argument, or set SWPANEL_CORPUS"),
            )?,
        };
    if folder.join(forms::INDEX).is_file() {
        return forms::run(&folder, &Workspace::find(root)?, flags.compile);
    }
    let mut rows = Vec::new();
    for file in documents(&folder)? {
        let row = one(workspace.as_ref(), &folder.join(&file), file)?;
        // A run takes minutes; standard output is kept for the table.
        print_error(&format!("{}\n", page(&line(&cells(&row), 40))));
        rows.push(row);
    }
    Ok(outcome(&rows, flags.compile))
}

fn documents(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", folder.display());
        Failure::new("unreadable", message, "give a folder that holds API documents")
    })?;
    let names = entries.flatten().filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| [".json", ".yaml", ".yml", ".gz"].iter().any(|end| name.ends_with(end)));
    names.sort();
    if names.is_empty() {
        let message = format!("no document (.json, .yaml, .yml, .gz) is in `{}`", folder.display());
        return Err(Failure::new("unreadable", message, "give a folder that holds API documents"));
    }
    Ok(names)
}

fn one(workspace: Option<&Workspace>, path: &Path, file: String) -> Result<Row, Failure> {
    let unreadable = |error| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        Failure::new("unreadable", message, "check its rights")
    };
    let bytes = regular::read(path).map_err(unreadable)?;
    let started = Instant::now();
    // The refusal, where there is one, is met again just below.
    let converted = RawDocument::read(&bytes).and_then(|raw| convert(&raw));
    let ingested = started.elapsed();
    drop(converted);
    let (origin, parts) = (lock::Source::at(file.clone()), beside::of_file(&bytes, path, &Default::default()));
    let started = Instant::now();
    let made = sync(&Input { raw: &bytes, source: Some(&origin), parts: Some(&parts), ..Input::default() });
    let total = started.elapsed();
    let result = made.map_err(|error| match error {
        SyncError::Refused(refusal) => format!("{}: {refusal}", refusal.name()),
        SyncError::Lint(findings) => {
            let first = findings.first().map_or_else(String::new, |placed| format!("; {}", placed.finding.message));
            format!("{} errors{first}", findings.len())
        }
        other => other.to_string(),
    });
    let compiled = match (&result, workspace) {
        (Ok(made), Some(workspace)) => Some(check(workspace, &file, made)?),
        _ => None,
    };
    Ok(Row { file, bytes: bytes.len(), ingested, total, result, compiled })
}

/// The generated client as a crate of its own, checked by the compiler; dependencies are built once for all.
pub(super) fn check(workspace: &Workspace, file: &str, made: &Ingested) -> Result<Result<Duration, String>, Failure> {
    let place = format!("target/corpus/{file}");
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let package = format!("ingested-{}", file.chars().map(plain).collect::<String>());
    for (name, bytes) in standalone::files(workspace, &made.code, file, &package)? {
        files::write(workspace, &format!("{place}/{}", name.to_string_lossy().replace('\\', "/")), &bytes)?;
    }
    let started = Instant::now();
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--quiet", "--manifest-path"])
        .arg(workspace.path(&place).join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", workspace.path("target/corpus/built"))
        .output()
        .map_err(|error| Failure::new("failed", format!("cargo cannot be run: {error}"), "check the installation"))?;
    if output.status.success() {
        return Ok(Ok(started.elapsed()));
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let errors = text.lines().filter(|line| line.starts_with("error"));
    Ok(Err(errors.take(3).collect::<Vec<_>>().join("; ")))
}

const HEAD: [&str; 10] =
    ["document", "KiB", "operations", "typed", "schemas", "mends", "losses", "read s", "all s", "compiles s"];

fn seconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64())
}

/// Mends and losses of all stages.
fn weights(made: &Ingested) -> (usize, usize) {
    let count = |weight| made.ledger.entries().iter().filter(|entry| entry.weight == weight).count();
    (count(Weight::Mend), count(Weight::Loss))
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = vec![safe_text::line(&row.file).into_owned(), row.bytes.div_ceil(1024).to_string()];
    match &row.result {
        Ok(made) => {
            let (counts, (mends, losses)) = (made.lock.counts, weights(made));
            let numbers = [counts.operations, counts.generated, counts.schemas, mends, losses];
            cells.extend(numbers.iter().map(usize::to_string));
            cells.extend([seconds(row.ingested), seconds(row.total)]);
            cells.extend(row.compiled.as_ref().map(|compiled| match compiled {
                Ok(time) => seconds(*time),
                Err(errors) => format!("NO: {}", safe_text::line(errors)),
            }));
        }
        Err(why) => cells.push(format!("REFUSED {}", safe_text::line(why))),
    }
    cells
}

fn line(cells: &[String], first: usize) -> String {
    let mut text = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let width = HEAD.get(at).map_or(0, |head| head.len().max(6));
        text.push_str(&if at == 0 { format!("{cell:<first$}") } else { format!("  {cell:>width$}") });
    }
    text
}

fn outcome(rows: &[Row], compile: bool) -> Outcome {
    let head = HEAD.iter().take(if compile { 10 } else { 9 }).map(|head| (*head).to_owned()).collect::<Vec<_>>();
    let first = rows.iter().map(|row| row.file.len()).max().unwrap_or(0).max(8);
    let mut text = line(&head, first) + "\n";
    rows.iter().for_each(|row| text.push_str(&(line(&cells(row), first).trim_end().to_owned() + "\n")));
    let failed = rows.iter().filter(|row| row.result.is_err() || matches!(row.compiled, Some(Err(_)))).count();
    text.push_str(&format!("{}, {failed} failed\n", counted(rows.len(), "document", "documents")));
    let list: Vec<Value> = rows.iter().map(value).collect();
    let json = json!({"outcome": if failed > 0 { "failed" } else { "whole" }, "documents": list, "failed": failed});
    Outcome { text, json, changed: failed > 0 }
}

fn value(row: &Row) -> Value {
    let compiled = row.compiled.as_ref().map(|compiled| match compiled {
        Ok(time) => json!({"seconds": time.as_secs_f64()}),
        Err(errors) => json!({"errors": errors}),
    });
    let base = json!({"document": row.file, "bytes": row.bytes, "read_seconds": row.ingested.as_secs_f64(),
        "seconds": row.total.as_secs_f64(), "compiled": compiled});
    let more = match &row.result {
        Ok(made) => {
            let (counts, (mends, losses)) = (made.lock.counts, weights(made));
            json!({"operations": counts.operations, "typed": counts.generated, "schemas": counts.schemas,
                "mends": mends, "losses": losses, "rules": made.ledger.counts().into_iter().collect::<std::collections::BTreeMap<_, _>>()})
        }
        Err(why) => json!({"refused": why}),
    };
    match (base, more) {
        (Value::Object(mut base), Value::Object(more)) => {
            base.extend(more);
            Value::Object(base)
        }
        (base, _) => base,
    }
}
