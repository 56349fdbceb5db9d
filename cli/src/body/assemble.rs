//! A file and flags to one body.

use serde_json::Value;

use super::members::Member;
use super::secrets::refuse_within;
use super::text::{read_text, shown};
use super::unique::{doubled_in_json, doubled_in_yaml};
use super::validate::validate;
use super::values::{Laying, lay};
use crate::arguments::Parsed;
use crate::failure::Failure;
use crate::table::{Body, Command, Flag, Kind};

/// A body, and which of its members must not be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assembled {
    pub(crate) value: Option<Value>,
    pub(crate) secrets: Vec<&'static str>,
}

/// The body of a command line, judged by the document unless that is switched off.
pub(crate) fn assemble(command: &'static Command, parsed: &Parsed) -> Result<Assembled, Failure> {
    let strict = !parsed.given.has("no-validate");
    let Some(body) = &command.body else { return Ok(Assembled::default()) };
    let kind = kind(body, parsed)?;
    let mut value = match parsed.given.get("from") {
        Some(place) => read_file(place)?,
        None => Value::Null,
    };
    let mut seen: Vec<String> = Vec::new();
    for (number, (member, given)) in parsed.members.iter().enumerate() {
        let Member::Body { path, flags } = member else { continue };
        refuse_within(body, path, flags, given)?;
        let flags = of_kind(path, flags, kind)?;
        let how = Laying { strict, fresh: !seen.contains(path), literal: parsed.literal.contains(&number) };
        lay(&mut value, &Member::of(path, flags), given, how)?;
        seen.push(path.clone());
    }
    let secrets = body.flags.iter().filter(|flag| flag.sensitive).map(|flag| flag.path).collect();
    if value.is_null() {
        if !body.required && parsed.given.get("from").is_none() {
            return Ok(Assembled { value: None, secrets });
        }
        if !body.example.is_empty() {
            return Err(Failure::usage("the body has no members to set by flags: give it with `--from FILE`")
                .hint(format!("`swpanel {} --skeleton` prints one to fill in", command.name())));
        }
        value = Value::Object(serde_json::Map::new());
    }
    if strict {
        let kind = kind.or_else(|| only_kind(body, &value));
        validate(command, body, kind, &value)?;
    }
    Ok(Assembled { value: Some(value), secrets })
}

/// Judges a body that a hand-written command made.
pub(crate) fn judge(command: &'static Command, value: &Value) -> Result<(), Failure> {
    match &command.body {
        Some(body) => validate(command, body, only_kind(body, value), value),
        None => Ok(()),
    }
}

/// The kind that was asked for.
pub(super) fn kind(body: &'static Body, parsed: &Parsed) -> Result<Option<&'static Kind>, Failure> {
    let Some(name) = parsed.given.get("kind") else { return Ok(None) };
    let known: Vec<&str> = body.kinds.iter().map(|kind| kind.name).collect();
    if known.is_empty() {
        return Err(Failure::usage("`--kind` has no use here: the body comes in one kind"));
    }
    let found = body.kinds.iter().find(|kind| kind.name == name);
    found
        .map(Some)
        .ok_or_else(|| Failure::usage(format!("`--kind` does not take `{name}`; allowed: {}", known.join(", "))))
}

fn of_kind(path: &str, flags: &[&'static Flag], kind: Option<&Kind>) -> Result<Vec<&'static Flag>, Failure> {
    let Some(kind) = kind else { return Ok(flags.to_vec()) };
    let fits = |flag: &&&'static Flag| belongs(flag, kind);
    let found: Vec<&'static Flag> = flags.iter().filter(fits).copied().collect();
    if found.is_empty() && !flags.is_empty() {
        let kinds: Vec<&str> =
            flags.iter().flat_map(|f| f.when).filter(|(at, _)| at.is_empty()).map(|(_, k)| *k).collect();
        return Err(Failure::usage(format!("`--{path}` does not go with `--kind {}`", kind.name))
            .hint(format!("it belongs to {}", kinds.join(", "))));
    }
    Ok(found)
}

/// Whether a flag is one of a kind, or of all kinds.
pub(crate) fn belongs(flag: &Flag, kind: &Kind) -> bool {
    flag.when.iter().all(|(at, value)| !at.is_empty() || *value == kind.name)
}

/// The one kind that has all the members that are there.
fn only_kind(body: &'static Body, value: &Value) -> Option<&'static Kind> {
    let Value::Object(members) = value else { return None };
    let has = |kind: &Kind, name: &String| {
        body.flags.iter().any(|flag| belongs(flag, kind) && flag.path.split('.').next() == Some(name.as_str()))
    };
    let inner = |kind: &Kind| {
        let paths = leaves(value, "");
        paths.iter().all(|path| {
            let known = |flag: &Flag| flag.path == path || path.starts_with(&format!("{}.", flag.path));
            let anywhere = body.flags.iter().any(known);
            !anywhere || body.flags.iter().any(|flag| belongs(flag, kind) && known(flag))
        })
    };
    let mut fitting = body.kinds.iter().filter(|kind| members.keys().all(|name| has(kind, name)) && inner(kind));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// The dotted paths of all plain values.
fn leaves(value: &Value, at: &str) -> Vec<String> {
    let join = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match value {
        Value::Object(members) => members.iter().flat_map(|(name, value)| leaves(value, &join(name))).collect(),
        _ => vec![at.to_owned()],
    }
}

/// Reads a file (or `-`, standard input) as JSON or YAML.
pub(crate) fn read_file(place: &str) -> Result<Value, Failure> {
    let shown = shown(place);
    let file = read_text(place)?;
    if file.is_windows {
        return Err(Failure::usage(format!("`{shown}` is not UTF-8")).hint("save it as UTF-8"));
    }
    let text = file.text.as_str();
    if text.trim_start().starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        return match doubled_in_json(text) {
            Some(doubled) => Err(doubled.failure(&format!("`{shown}`"))),
            None => Ok(value),
        };
    }
    let value = yaml_serde::from_str(text).map_err(|error| {
        // The reason alone: what stands in the file may be secret.
        let place = error.location().map(|at| format!(" at line {}, column {}", at.line(), at.column()));
        Failure::usage(format!("`{shown}` is neither JSON nor YAML{}", place.unwrap_or_default()))
            .hint("`--skeleton` prints a body to fill in")
    })?;
    match doubled_in_yaml(text) {
        Some(doubled) => Err(doubled.failure(&format!("`{shown}`"))),
        None => Ok(value),
    }
}
