//! What is known of the items to files, counts and a list of what a person has to look at.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::journal::{Header, Record, State};
use crate::arguments::Parsed;
use crate::failure::{Exit, Failure};
use crate::files::{try_place, write};
use crate::output::{self, Format};

/// So many troubles are told one by one; the files have all.
const TOLD: usize = 20;

/// The name of an item to a person.
fn name(header: &Header, number: usize) -> String {
    let values: Vec<&str> = header.items.get(number).into_iter().flat_map(|i| i.values().map(String::as_str)).collect();
    values.join(" ")
}

fn row(header: &Header, number: usize, record: &Record) -> Value {
    json!({
        "item": number + 1,
        "name": name(header, number),
        "values": header.items.get(number),
        "state": record.state.word(),
        "begun": record.begun,
        "status": record.status,
        "kind": record.kind,
        "code": record.code,
        "message": record.message,
        "ms": record.milliseconds,
        "answer": record.answer,
    })
}

/// Tries the places of the results before anything is sent: a run that ends without them is half lost.
pub(super) fn try_places(prefix: &str) -> Result<(), Failure> {
    for end in ["csv", "jsonl"] {
        let path = PathBuf::from(format!("{prefix}.{end}"));
        let failed = |error: String| {
            Failure::other(format!("the results {} cannot be written: {error}; nothing was sent", path.display()))
        };
        if path.is_dir() {
            return Err(failed("it is a folder".to_owned()));
        }
        try_place(&path).map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

/// Writes PREFIX.csv and PREFIX.jsonl, each whole.
pub(super) fn write_results(header: &Header, journal: &Path, records: &[Record]) -> Result<Vec<PathBuf>, Failure> {
    let with = |end: &str| match &header.results {
        Some(prefix) => PathBuf::from(format!("{prefix}.{end}")),
        None => journal.with_extension(end),
    };
    let failed = |path: &Path, error: String| {
        Failure::other(format!("the results {} cannot be written: {error}", path.display()))
    };
    let (lines_path, table_path) = (with("jsonl"), with("csv"));
    let lines: String =
        records.iter().enumerate().map(|(number, record)| format!("{}\n", row(header, number, record))).collect();
    write(&lines_path, lines.as_bytes()).map_err(|error| failed(&lines_path, error.to_string()))?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let names = ["item", "name", "state", "begun", "status", "kind", "code", "message", "ms"];
    let mut wrote = table.write_record(names);
    for (number, record) in records.iter().enumerate() {
        let row = row(header, number, record);
        let cells = names.map(|name| match row.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        });
        wrote = wrote.and_then(|()| table.write_record(cells));
    }
    wrote.map_err(|error| failed(&table_path, error.to_string()))?;
    let bytes = table.into_inner().map_err(|error| failed(&table_path, error.to_string()))?;
    write(&table_path, &bytes).map_err(|error| failed(&table_path, error.to_string()))?;
    Ok(vec![table_path, lines_path])
}

fn counts(header: &Header, journal: &Path, records: &[Record]) -> Value {
    let count = |state| records.iter().filter(|record| record.state == state).count();
    json!({
        "items": records.len(),
        "done": count(State::Done),
        "failed": count(State::Failed),
        "unknown": count(State::Unknown),
        "unsent": count(State::Unsent),
        "command": header.command.join(" "),
        "journal": journal.display().to_string(),
    })
}

/// Prints the counts and where the results are.
pub(super) fn summary(
    parsed: &Parsed,
    header: &Header,
    journal: &Path,
    records: &[Record],
    written: &[PathBuf],
) -> Result<(), Failure> {
    let mut counts = counts(header, journal, records);
    if let Some(members) = counts.as_object_mut() {
        let written: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        members.insert("results".to_owned(), json!(written));
    }
    output::answer(&counts, &parsed.given)
}

/// What a person has to look at, as the failure that ends the run.
pub(super) fn troubles(header: &Header, journal: &Path, records: &[Record]) -> Failure {
    let mut details = Vec::new();
    let mut counts = Vec::new();
    let states = [
        (State::Unknown, "unknown: it may or may not have taken effect"),
        (State::Failed, "failed"),
        (State::Unsent, "not sent"),
    ];
    for (state, word) in states {
        let of_state: Vec<(usize, &Record)> =
            records.iter().enumerate().filter(|(_, record)| record.state == state).collect();
        if of_state.is_empty() {
            continue;
        }
        counts.push(format!("{} {}", of_state.len(), word.split(':').next().unwrap_or(word)));
        for (number, record) in of_state.iter().take(TOLD) {
            let why = record.message.as_deref().unwrap_or_default();
            details.push(format!("{word}: {}: {why}", name(header, *number)));
        }
        if of_state.len() > TOLD {
            details.push(format!("{word}: and {} more; the result files have all", of_state.len() - TOLD));
        }
    }
    let unknown = records.iter().any(|record| record.state == State::Unknown);
    let resume = format!("`swpanel fleet resume {}`", journal.display());
    let hint = match unknown {
        true => format!(
            "{resume} sends what is left, but for the unknown: read their state, then --retry-unknown, which may do a thing twice"
        ),
        false => format!("{resume} sends what was not sent; with --retry-failed also what the API refused"),
    };
    let what = format!("of {} items {}", records.len(), counts.join(", "));
    Failure::new(Exit::Partial, "partial", what).details(details).hint(hint)
}

/// The counts, or with lines and tables of cells the items.
pub(super) fn status(parsed: &Parsed, header: &Header, journal: &Path, records: &[Record]) -> Result<(), Failure> {
    match Format::of(&parsed.given)? {
        Format::Jsonl | Format::Csv => {
            let mut rows: Vec<Value> =
                records.iter().enumerate().map(|(number, record)| row(header, number, record)).collect();
            if Format::of(&parsed.given)? == Format::Csv {
                rows.iter_mut().filter_map(Value::as_object_mut).for_each(|row| drop(row.remove("answer")));
            }
            output::answer(&Value::Array(rows), &parsed.given)
        }
        _ => output::answer(&counts(header, journal, records), &parsed.given),
    }
}
