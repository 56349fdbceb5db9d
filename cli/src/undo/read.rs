//! Reads a thing: by itself, or as the entry of a list that a key names.
//!
//! No evidence names the properties of what is read. What names a thing is looked for in all of them.

use serde_json::{Value, json};

use super::{at, collection};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::request::{Request, path};
use crate::session::Session;
use crate::table::{COMMANDS, Command};

/// How a thing is read.
pub(super) struct ReadBack {
    pub(super) read: &'static Command,
    values: Vec<String>,
    key: Option<String>,
}

impl ReadBack {
    /// The read that shows what a delete command is about to delete.
    pub(super) fn of(command: &'static Command, values: &[String], request: &Request) -> Result<Self, String> {
        let bare = |path: &'static str| path.trim_end_matches('/');
        let same = |other: &&Command| other.method == "GET" && bare(other.known_path) == bare(command.known_path);
        let list = collection(command);
        let whole = COMMANDS.iter().find(same).filter(|one| bare(one.known_path) != list.trim_end_matches('/'));
        if let Some(read) = whole {
            return Ok(Self { read, values: values.to_vec(), key: None });
        }
        let read = at("GET", &list).ok_or_else(|| format!("the document has no GET {list}"))?;
        // What names it: its place in the path, else the first text of the body.
        let count = read.positionals().count();
        let in_body = || request.body.as_ref()?.as_object()?.values().find_map(Value::as_str).map(str::to_owned);
        let key = values.get(count).cloned().or_else(in_body).ok_or("nothing in the request names it")?;
        Ok(Self { read, values: values.get(..count).unwrap_or_default().to_vec(), key: Some(key) })
    }

    /// The thing, where it exists.
    pub(super) async fn find(&self, session: &Session) -> Result<Option<Value>, Failure> {
        let place = path(self.read, &self.values)?;
        let answer = session.send(&Request::raw(self.read.method, &place, Vec::new(), None)).await;
        let value = match answer.map_err(Failure::from) {
            Ok(answer) => answer.into_inner().into_value(),
            Err(failure) if failure.exit == Exit::NotFound => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let Some(key) = &self.key else {
            return Ok(match output::data(&value) {
                Value::Array(items) => items.first().cloned(),
                Value::Null => None,
                one => Some(one.clone()),
            });
        };
        Ok(output::data(&value).as_array().and_then(|items| named(items, key)).cloned())
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "method": self.read.method, "path": self.read.known_path, "values": self.values, "key": self.key })
    }

    pub(super) fn from_json(saved: &Value) -> Option<Self> {
        let part = |name: &str| saved.get(name).and_then(Value::as_str);
        let values = saved.get("values")?.as_array()?.iter().filter_map(text).collect();
        let key = part("key").map(str::to_owned);
        Some(Self { read: Command::find(part("method")?, part("path")?)?, values, key })
    }
}

/// The entry that a key names: by its `id`, else by any other property, where that is only one entry.
fn named<'v>(items: &'v [Value], key: &str) -> Option<&'v Value> {
    let is = |value: &Value| text(value).as_deref() == Some(key);
    if let Some(item) = items.iter().find(|item| item.get("id").is_some_and(is)) {
        return Some(item);
    }
    let has = |item: &&Value| item.as_object().is_some_and(|members| members.values().any(is));
    let mut found = items.iter().filter(has);
    let first = found.next();
    // Two things of one name: which of them is meant is not known.
    if found.next().is_some() { None } else { first }
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
