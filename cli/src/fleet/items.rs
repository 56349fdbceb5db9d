//! Reads the items of a fleet: names and values that a command is filled with, from a file or from the list of services.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{list, table};
use crate::arguments::{Given, Parsed};
use crate::body::{doubled_in_json, read_text, shown};
use crate::failure::Failure;
use crate::jq;
use crate::json::Json;
use crate::output;
use crate::request::Request;
use crate::session::{self, Session};
use crate::table::Command;
use table::Row;

/// What a command is filled with.
pub(super) type Item = BTreeMap<String, String>;

/// The value of an item by its name. Letters may be in another case where that is clear.
pub(super) fn value<'i>(item: &'i Item, name: &str) -> Option<&'i String> {
    let small = name.to_lowercase();
    let mut alike = item.iter().filter(|(known, _)| known.to_lowercase() == small).map(|(_, value)| value);
    item.get(name).or_else(|| alike.next().filter(|_| alike.next().is_none()))
}

pub(super) fn items(parsed: &Parsed) -> Result<Vec<Item>, Failure> {
    let rows = match (parsed.given.get("services"), parsed.given.get("select")) {
        (Some(place), None) => read(place, &parsed.given)?,
        (None, Some(filter)) => {
            select(parsed, filter)?.into_iter().enumerate().map(|(at, item)| (at + 1, item)).collect()
        }
        (None, None) => {
            return Err(Failure::usage("the items are missing").hint("`--services FILE` or `--select FILTER`"));
        }
        (Some(_), Some(_)) => return Err(Failure::usage("`--services` and `--select` exclude each other")),
    };
    // The same call for the same thing twice is a slip, and some calls take effect twice.
    let mut seen: BTreeMap<&Item, usize> = BTreeMap::new();
    for (line, item) in &rows {
        if let Some(first) = seen.insert(item, *line) {
            let values: Vec<&str> = item.values().map(String::as_str).collect();
            let unit = if parsed.given.has("services") { "line" } else { "item" };
            let what = format!("{unit} {line} is the same as {unit} {first}: {} is there twice", values.join(", "));
            return Err(Failure::usage(what).hint("remove one of them"));
        }
    }
    let items: Vec<Item> = rows.into_iter().map(|(_, item)| item).collect();
    note_repeated(&items, &parsed.given);
    Ok(items)
}

/// Reports services that are in several items, which may be a slip or one service with several zones.
fn note_repeated(items: &[Item], given: &Given) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let services: Vec<&String> = items.iter().filter_map(|item| value(item, "service")).collect();
    services.iter().for_each(|service| *counts.entry(service.as_str()).or_default() += 1);
    if let Some((service, count)) = counts.iter().max_by_key(|(_, count)| **count).filter(|(_, count)| **count > 1) {
        let different = counts.len();
        let text = format!("{} items for {different} services: {service} is in {count} of them\n", services.len());
        output::note(given, &text);
    }
}

fn read(place: &str, given: &Given) -> Result<Vec<Row>, Failure> {
    let shown = shown(place);
    let file = read_text(place)?;
    if file.is_windows {
        output::note(given, &format!("`{shown}` is not UTF-8; it was read as Windows-1252\n"));
    }
    let text = file.text.as_str();
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("`{shown}` is empty, so there are no items")));
    }
    if text.trim_start().starts_with(['[', '{']) {
        return json(shown, text);
    }
    let is_named_csv = [".csv", ".tsv", ".tab"].iter().any(|end| place.to_lowercase().ends_with(end));
    let first = first_line(text);
    if is_named_csv || table::declared(text).is_some() {
        return table::rows(shown, text);
    }
    if table::is_separated(list::without_comment(first)) {
        output::note(given, &format!("`{shown}` is read as CSV: its first line, `{first}`, names the columns\n"));
        return table::rows(shown, text);
    }
    if list::is_header(first) {
        output::note(given, &format!("`{shown}`: the first line, `{first}`, is read as the name of the column\n"));
        return table::rows(shown, text);
    }
    list::rows(shown, text)
}

/// The first line that is neither empty nor a comment of a list.
fn first_line(text: &str) -> &str {
    let mut lines = text.split(['\n', '\r']).map(str::trim);
    lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default()
}

/// The items of a JSON array, or of JSON lines.
fn json(shown: &str, text: &str) -> Result<Vec<Row>, Failure> {
    let name = format!("`{shown}`");
    let one = |line: usize, value: &Value| {
        let item = item(value).map_err(|mut failure| {
            failure.details.push(format!("in {name}, item {line}"));
            failure
        })?;
        Ok((line, item))
    };
    if let Ok(whole) = serde_json::from_str::<Value>(text) {
        if let Some(doubled) = doubled_in_json(text) {
            return Err(doubled.failure(&name));
        }
        return match &whole {
            Value::Array(values) => values.iter().enumerate().map(|(at, value)| one(at + 1, value)).collect(),
            value => Ok(vec![one(1, value)?]),
        };
    }
    if text.trim_start().starts_with('[') {
        let error = serde_json::from_str::<Value>(text).err().map(|error| error.to_string()).unwrap_or_default();
        return Err(Failure::usage(format!("{name} is not a JSON array: {error}")));
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let row = |(at, line): (usize, &str)| {
        let name = format!("{name}, line {}", at + 1);
        let value: Value =
            serde_json::from_str(line).map_err(|error| Failure::usage(format!("{name}: not JSON: {error}")))?;
        match doubled_in_json(line) {
            Some(doubled) => Err(doubled.failure(&name)),
            None => one(at + 1, &value),
        }
    };
    lines.map(row).collect()
}

/// A string is a service; an object is its properties.
fn item(value: &Value) -> Result<Item, Failure> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    };
    match value {
        Value::Object(properties) => {
            Ok(properties.iter().filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect())
        }
        other => plain(other).map(|text| Item::from([("service".to_owned(), text)])).ok_or_else(|| {
            Failure::usage("an item is neither a string nor an object")
                .hint("a filter such as '.result[].id' yields ids")
        }),
    }
}

fn select(parsed: &Parsed, filter: &str) -> Result<Vec<Item>, Failure> {
    let (method, path) = ("GET", "/services/");
    let command = Command::find(method, path).ok_or_else(|| Failure::absent(method, path, "fleet run --select"))?;
    let session = Session::open(&parsed.given)?;
    let request = Request::raw(command.method, command.path, Vec::new(), None);
    let answer = session::run(async { session.send(&request).await.map_err(Failure::from) })?;
    jq::apply(filter, &Json::from(&**answer))?.iter().map(|value| item(&value.to_value())).collect()
}
