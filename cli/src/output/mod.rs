//! An answer to what is printed: a table that fits the terminal, JSON as the API gave it, lines, YAML or CSV.

mod columns;
mod csv;
mod print;
mod table;

use serde_json::Value;

use crate::arguments::Given;
use crate::failure::Failure;
use crate::jq;
use crate::json::Json;
use crate::text::visible;

pub(crate) use csv::guarded;
pub(crate) use print::{Styles, err, is_still, is_terminal, note, out, out_exact, say_failure, width};

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Table,
    Json,
    Jsonl,
    Yaml,
    Csv,
}

impl Format {
    const ALL: [(&'static str, Self); 5] = [
        ("table", Self::Table),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("yaml", Self::Yaml),
        ("csv", Self::Csv),
    ];

    /// The format that was asked for.
    pub(crate) fn of(given: &Given) -> Result<Self, Failure> {
        let Some(name) = given.get("output") else { return Ok(Self::Table) };
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            Failure::usage(format!("`--output` does not take `{name}`; allowed: {}", names.join(", ")))
        })
    }

    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }
}

/// The data of an answer, without what it is wrapped in.
pub(crate) fn data(answer: &Value) -> &Value {
    let in_message = || answer.get("message").filter(|message| message.is_array() || message.is_object());
    answer.get("result").or_else(in_message).unwrap_or(answer)
}

/// Tells what was done: words on standard error, or an answer where a format was asked for.
pub(crate) fn done(words: &str, value: &Value, given: &Given) -> Result<(), Failure> {
    match Format::of(given)? {
        Format::Table => {
            note(given, words);
            Ok(())
        }
        _ => answer(value, given),
    }
}

/// Prints what is a text by its nature; with a format for programs it is the member `text`.
pub(crate) fn text(text: &str, given: &Given) -> Result<(), Failure> {
    match Format::of(given)? {
        Format::Table => out(text),
        _ => answer(&serde_json::json!({ "text": text }), given),
    }
}

/// Prints a value of this program as the flags say.
pub(crate) fn answer(value: &Value, given: &Given) -> Result<(), Failure> {
    response(&Json::from(value), given)
}

/// Prints a response as the flags say. Numbers are printed with the digits that the API sent.
pub(crate) fn response(value: &Json, given: &Given) -> Result<(), Failure> {
    if given.has("quiet") {
        return Ok(());
    }
    let format = Format::of(given)?;
    let filtered;
    let (value, is_filtered) = match given.get("jq") {
        None => (value, false),
        Some(filter) => {
            let mut found = jq::apply(filter, value)?;
            if given.get("output").is_none() {
                // As jq does with raw output: one line for each, texts without quotes.
                let line = |value: &Json| match value.as_str() {
                    // A pipe gets the text as it is; a terminal gets one line that cannot steer it.
                    Some(text) if is_terminal() => format!("{}\n", visible(text)),
                    Some(text) => format!("{text}\n"),
                    None => format!("{value}\n"),
                };
                let lines: String = found.iter().map(line).collect();
                return if is_terminal() { out(&lines) } else { out_exact(&lines) };
            }
            filtered = match (found.len(), found.pop()) {
                (1, Some(only)) => only,
                (_, Some(last)) => Json::Array(found.into_iter().chain([last]).collect()),
                (_, None) => Json::Array(Vec::new()),
            };
            (&filtered, true)
        }
    };
    let columns = columns::wanted(given);
    let text = match format {
        Format::Json => value.to_pretty(),
        Format::Yaml => value.to_yaml(),
        Format::Jsonl => {
            let rows = columns::rows(value, is_filtered);
            rows.into_iter().map(|row| format!("{row}\n")).collect()
        }
        Format::Csv => csv::write(&columns::grid(value, is_filtered, columns.as_deref())?, given.has("csv-safe"))?,
        Format::Table => {
            let (text, hidden) = table::write(value, is_filtered, columns.as_deref(), &Styles::of_stdout(given))?;
            out(&text)?;
            if !hidden.is_empty() {
                let words = format!("not shown: {}; `--columns` names others", hidden.join(", "));
                let room = width().map_or(100, usize::from);
                crate::help::wrap(&words, room).iter().for_each(|line| note(given, &format!("{line}\n")));
            }
            return Ok(());
        }
    };
    out(&text)
}
