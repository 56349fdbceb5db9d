//! An answer to rows and columns: its entries, nested members by dotted names.

use crate::arguments::{Given, nearest};
use crate::failure::Failure;
use crate::json::Json;
use crate::text::visible;

/// Rows of cells under names.
pub(super) struct Grid {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// The columns that were asked for.
pub(super) fn wanted(given: &Given) -> Option<Vec<String>> {
    let names = given.get("columns")?.split(',').map(|name| name.trim().to_owned());
    Some(names.filter(|name| !name.is_empty()).collect())
}

/// The data of an answer: what stands under `result`, else what is no text under `message`, where some reads have it; a
/// filtered value is taken as it is.
pub(super) fn data(value: &Json, is_filtered: bool) -> &Json {
    let in_message = || value.get("message").filter(|message| message.is_nested());
    if is_filtered { value } else { value.get("result").or_else(in_message).unwrap_or(value) }
}

/// The entries of an answer; what is no list is its only entry.
pub(super) fn rows(value: &Json, is_filtered: bool) -> Vec<&Json> {
    match data(value, is_filtered) {
        Json::Array(items) => items.iter().collect(),
        Json::Null => Vec::new(),
        other => vec![other],
    }
}

/// Rows and columns; columns are the wanted ones, else all that occur, those that name things first.
pub(super) fn grid(value: &Json, is_filtered: bool, wanted: Option<&[String]>) -> Result<Grid, Failure> {
    let rows = rows(value, is_filtered);
    let mut known: Vec<String> = Vec::new();
    let flat: Vec<Vec<(String, String)>> = rows.iter().map(|row| flat(row)).collect();
    for (name, _) in flat.iter().flatten() {
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
    known.sort_by_key(|name| rank(name));
    let columns = match wanted {
        None => known.clone(),
        Some(wanted) => wanted.to_vec(),
    };
    let meant = |name: &String| match wanted {
        Some(_) if !rows.is_empty() => resolved(name, &known, &rows),
        _ => Ok(name.clone()),
    };
    let meant: Vec<String> = columns.iter().map(meant).collect::<Result<_, Failure>>()?;
    let cells = |(row, flat): (&&Json, &Vec<(String, String)>)| {
        let cell = |name: &String| {
            let known = flat.iter().find(|(known, _)| known == name).map(|(_, cell)| cell.clone());
            known.or_else(|| at(row, name).map(text)).unwrap_or_default()
        };
        meant.iter().map(cell).collect()
    };
    let rows = rows.iter().zip(&flat).map(cells).collect();
    // Names of properties are chosen by the server, as values are.
    let columns = columns.iter().map(|name| visible(name).into_owned()).collect();
    Ok(Grid { columns, rows })
}

/// The column that a name means: as it is, in other letters, or by its last parts where that is clear.
fn resolved(name: &str, known: &[String], rows: &[&Json]) -> Result<String, Failure> {
    if known.iter().any(|known| known == name) || rows.iter().any(|row| at(row, name).is_some()) {
        return Ok(name.to_owned());
    }
    let small = name.to_lowercase();
    if let Some(same) = known.iter().find(|known| known.to_lowercase() == small) {
        return Ok(same.clone());
    }
    let ending = format!(".{small}");
    let ends: Vec<&String> = known.iter().filter(|known| known.to_lowercase().ends_with(&ending)).collect();
    match ends.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let failure = Failure::usage(format!("there is no column `{name}`; there are {}", known.join(", ")));
            let whole = nearest(name, known.iter().map(String::as_str));
            let last = |known: &String| known.rsplit('.').next().map(str::to_owned).unwrap_or_default();
            let lasts: Vec<String> = known.iter().map(last).collect();
            let near = whole.map(str::to_owned).or_else(|| {
                let near = nearest(name, lasts.iter().map(String::as_str))?;
                known.iter().find(|known| last(known) == near).cloned()
            });
            Err(match near {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure,
            })
        }
        several => {
            let names: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
            Err(Failure::usage(format!("the column `{name}` may be {}", names.join(" or "))))
        }
    }
}

/// What names a thing stands first; ids of other things within it are not its name.
fn rank(name: &str) -> usize {
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    match last.as_str() {
        "id" if !name.contains('.') => 0,
        _ if (last.starts_with("id_") || last.ends_with("_id")) && !name.contains('.') => 1,
        "service" | "name" | "domain" | "zone" => 2,
        "type" => 3,
        _ => 4,
    }
}

fn at<'v>(value: &'v Json, path: &str) -> Option<&'v Json> {
    path.split('.').try_fold(value, |value, part| match value {
        Json::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// All plain members of an entry, nested ones by dotted names.
fn flat(row: &Json) -> Vec<(String, String)> {
    fn walk(value: &Json, name: &str, depth: usize, out: &mut Vec<(String, String)>) {
        match value {
            Json::Object(members) if depth < 6 && !members.is_empty() => {
                for (key, value) in members {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    walk(value, &name, depth + 1, out);
                }
            }
            other => out.push((if name.is_empty() { "value".to_owned() } else { name.to_owned() }, text(other))),
        }
    }
    let mut out = Vec::new();
    walk(row, "", 0, &mut out);
    out
}

/// A value as a cell, on one line and without anything that could steer a terminal.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => visible(text).into_owned(),
        Json::Array(items) if items.iter().all(|item| !item.is_nested()) => {
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
