//! A file, or a filter over the list of services, to items: names and values that a command is filled with.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde_json::Value;

use crate::arguments::Parsed;
use crate::failure::Failure;
use crate::output::apply;
use crate::request::Request;
use crate::session::{self, Session};
use crate::table::Command;

/// What a command is filled with.
pub(super) type Item = BTreeMap<String, String>;

pub(super) fn items(parsed: &Parsed) -> Result<Vec<Item>, Failure> {
    let items = match (parsed.given.get("services"), parsed.given.get("select")) {
        (Some(place), None) => read(place)?,
        (None, Some(filter)) => select(parsed, filter)?,
        (None, None) => {
            return Err(Failure::usage("the items are missing").hint("`--services FILE` or `--select FILTER`"));
        }
        (Some(_), Some(_)) => return Err(Failure::usage("`--services` and `--select` exclude each other")),
    };
    // The same call for the same thing twice is a slip, and some calls take effect twice.
    let mut seen = BTreeSet::new();
    for (number, item) in items.iter().enumerate() {
        if !seen.insert(item) {
            let shown: Vec<&str> = item.values().map(String::as_str).collect();
            return Err(Failure::usage(format!("item {} ({}) stands twice", number + 1, shown.join(", "))));
        }
    }
    Ok(items)
}

pub(super) fn read(place: &str) -> Result<Vec<Item>, Failure> {
    let shown = if place == "-" { "standard input" } else { place };
    let mut text = String::new();
    let read = match place {
        "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        path => std::fs::read_to_string(path).map(|read| text = read),
    };
    read.map_err(|error| Failure::usage(format!("`{shown}` cannot be read: {error}")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match text.trim_start().chars().next() {
        Some('[') => {
            let values: Vec<Value> = serde_json::from_str(text)
                .map_err(|error| Failure::usage(format!("`{shown}` is no JSON list: {error}")))?;
            values.iter().map(item).collect()
        }
        Some('{') => text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .enumerate()
            .map(|(number, line)| {
                let value = serde_json::from_str(line);
                let wrong = |error| Failure::usage(format!("`{shown}`, line {}: no JSON: {error}", number + 1));
                item(&value.map_err(wrong)?)
            })
            .collect(),
        _ if place.ends_with(".csv") || first_line(text).contains(',') => table(shown, text),
        _ => {
            let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
            let lines = lines.filter(|line| !line.is_empty());
            Ok(lines.map(|line| Item::from([("service".to_owned(), line.to_owned())])).collect())
        }
    }
}

/// The first line that is neither empty nor a comment.
fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default()
}

fn table(shown: &str, text: &str) -> Result<Vec<Item>, Failure> {
    let wrong = |error: csv::Error| Failure::usage(format!("`{shown}` is no CSV: {error}"));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let mut items = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        items.push(names.iter().cloned().zip(record.iter().map(str::to_owned)).collect());
    }
    Ok(items)
}

/// A text is a service; an object is its members.
fn item(value: &Value) -> Result<Item, Failure> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    };
    match value {
        Value::Object(members) => {
            Ok(members.iter().filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect())
        }
        other => plain(other).map(|text| Item::from([("service".to_owned(), text)])).ok_or_else(|| {
            Failure::usage("an item is neither a text nor an object").hint("a filter such as '.result[].id' yields ids")
        }),
    }
}

fn select(parsed: &Parsed, filter: &str) -> Result<Vec<Item>, Failure> {
    let (method, path) = ("GET", "/services/");
    let command = Command::find(method, path).ok_or_else(|| Failure::absent(method, path, "fleet run --select"))?;
    let session = Session::open(&parsed.given)?;
    let request = Request::raw(command.method, command.path, Vec::new(), None);
    let answer = session::run(async { session.send(&request).await.map_err(Failure::from) })?;
    apply(filter, &answer)?.iter().map(item).collect()
}
