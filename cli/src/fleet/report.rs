//! What is known of the items to files, counts and a list of what a person has to look at.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::journal::{Header, Record, State};
use crate::arguments::Parsed;
use crate::failure::{Exit, Failure};
use crate::files::{try_place, write};
use crate::output::{self, Format};
use crate::outputs::{Files, refuse_foreign};

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

/// The columns of the table.
const COLUMNS: [&str; 9] = ["item", "name", "state", "begun", "status", "kind", "code", "message", "ms"];

/// The files of the results.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) table: PathBuf,
    pub(super) lines: PathBuf,
    is_named: bool,
}

impl Places {
    /// PREFIX.csv and PREFIX.jsonl; without a prefix JOURNAL.results.csv and JOURNAL.results.jsonl, JOURNAL without its
    /// last extension, so that they are never the journal and seldom a file of somebody else.
    pub(super) fn of(prefix: Option<&str>, journal: &Path) -> Self {
        let with = |end: &str| match prefix {
            Some(prefix) => PathBuf::from(format!("{prefix}.{end}")),
            None => journal.with_extension(format!("results.{end}")),
        };
        Self { table: with("csv"), lines: with("jsonl"), is_named: prefix.is_some() }
    }

    /// Adds them to the files of a command line.
    pub(super) fn add_to(&self, files: Files) -> Files {
        let of = if self.is_named { "the results file of `--results`" } else { "the results file" };
        files.writes(of, &self.table).writes(of, &self.lines)
    }

    /// Refuses files that were not written as results, unless they may be replaced.
    pub(super) fn refuse_foreign(&self, may_replace: bool) -> Result<(), Failure> {
        if may_replace {
            return Ok(());
        }
        let is_table = |start: &[u8]| start.starts_with(COLUMNS.join(",").as_bytes());
        let is_line = |start: &[u8]| {
            let start = String::from_utf8_lossy(start);
            match start.split_once('\n').map(|(first, _)| serde_json::from_str::<Value>(first)) {
                Some(first) => first.is_ok_and(|row| COLUMNS.iter().all(|name| row.get(*name).is_some())),
                // The answer of the first row is longer than what was read.
                None => start.starts_with("{\"answer\":"),
            }
        };
        let hint = "choose another name with `--results PREFIX`, or replace it with `--overwrite`";
        refuse_foreign("the results file", &self.table, is_table).map_err(|failure| failure.hint(hint))?;
        refuse_foreign("the results file", &self.lines, is_line).map_err(|failure| failure.hint(hint))
    }

    /// Tries the places before anything is sent: a run that ends without its results is half lost.
    pub(super) fn try_out(&self) -> Result<(), Failure> {
        for path in [&self.table, &self.lines] {
            let failed = |error: std::io::Error| {
                Failure::other(format!("the results {} cannot be written: {error}; nothing was sent", path.display()))
            };
            try_place(path).map_err(failed)?;
        }
        Ok(())
    }
}

/// Writes both files of the results, each whole. The table is made to be opened in a spreadsheet, so its cells are guarded;
/// the lines have the exact values.
pub(super) fn write_results(header: &Header, places: &Places, records: &[Record]) -> Result<Vec<PathBuf>, Failure> {
    let failed = |path: &Path, error: String| {
        Failure::other(format!("the results {} cannot be written: {error}", path.display()))
    };
    let Places { table: table_path, lines: lines_path, .. } = places;
    let lines: String =
        records.iter().enumerate().map(|(number, record)| format!("{}\n", row(header, number, record))).collect();
    write(lines_path, lines.as_bytes()).map_err(|error| failed(lines_path, error.to_string()))?;
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut wrote = table.write_record(COLUMNS);
    for (number, record) in records.iter().enumerate() {
        let row = row(header, number, record);
        let cells = COLUMNS.map(|name| match row.get(name) {
            Some(Value::String(text)) => output::guarded(text),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        });
        wrote = wrote.and_then(|()| table.write_record(cells));
    }
    wrote.map_err(|error| failed(table_path, error.to_string()))?;
    let bytes = table.into_inner().map_err(|error| failed(table_path, error.to_string()))?;
    write(table_path, &bytes).map_err(|error| failed(table_path, error.to_string()))?;
    Ok(vec![table_path.clone(), lines_path.clone()])
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
