//! The body that creates a thing again, from what was read of it: properties are matched by name.

use serde_json::{Map, Value};

use super::{put, secrets};
use crate::arguments::Parsed;
use crate::body::{judge, read_file, secret};
use crate::failure::Failure;
use crate::table::{Command, Flag, Need};

/// What a person has to give before a thing can be created again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// Secrets, which no read shows.
    Secrets(Vec<&'static str>),
    /// Other values; why what was read is not enough.
    Values(String),
}

impl Needs {
    /// What the body that was made from a read still needs.
    pub(super) fn of(create: &'static Command, body: &Value) -> Self {
        let Err(failure) = judge(create, body) else { return Self::Nothing };
        let missing = missing_secrets(create, body);
        let mut filled = body.clone();
        // Any text stands for a secret here: only whether something else is missing is of interest.
        let whole = missing.iter().all(|path| put(&mut filled, path, Value::from("Placeholder-1")).is_ok());
        match judge(create, &filled) {
            Ok(()) if whole => Self::Secrets(missing),
            Err(failure) => Self::Values(failure.what.clone()),
            Ok(()) => Self::Values(failure.what.clone()),
        }
    }

    /// What the saved settings of an entry need.
    pub(super) fn of_read(create: &'static Command, read: &Value) -> Self {
        match from_read(create, read) {
            Ok(body) => Self::of(create, &body),
            Err(failure) => Self::Values(failure.what.clone()),
        }
    }
}

/// Secrets that the body needs and does not have.
fn missing_secrets(create: &'static Command, body: &Value) -> Vec<&'static str> {
    // The secrets of one kind of a body are not needed where it is valid as another kind.
    if judge(create, body).is_ok() {
        return Vec::new();
    }
    let flags = create.body.as_ref().map(|body| body.flags).unwrap_or_default();
    let needed = |path: &str| {
        let flag = flags.iter().find(|flag| flag.path == path);
        let parent = path.rsplit_once('.').map(|(parent, _)| parent);
        flag.is_some_and(|flag| match flag.need {
            Need::Always => true,
            Need::Within => parent.is_none_or(|parent| at(body, parent).is_some()),
            Need::Optional => false,
        })
    };
    secrets(create).into_iter().filter(|path| needed(path) && at(body, path).is_none()).collect()
}

/// The body without what a person gives.
fn from_read(create: &Command, read: &Value) -> Result<Value, Failure> {
    let mut body = Value::Object(Map::new());
    let flags = create.body.as_ref().map(|body| body.flags).unwrap_or_default();
    for flag in flags.iter().filter(|flag| !flag.sensitive && !flag.path.contains('*')) {
        let exact = at(read, flag.path);
        // A property that is elsewhere is taken where its whole last name occurs once, at the top.
        let last = flag.path.rsplit('.').next().unwrap_or(flag.path);
        let Some(value) = exact.or_else(|| read.get(last)).filter(|value| !value.is_null()) else { continue };
        put(&mut body, flag.path, known(flags, flag.path, value))?;
    }
    // Arrays of objects that are described only by their items.
    for flag in flags.iter().filter(|flag| !flag.sensitive) {
        let Some((array, _)) = flag.path.split_once(".*") else { continue };
        let value = at(read, array).filter(|value| value.as_array().is_some_and(|items| !items.is_empty()));
        if let (Some(value), None) = (value, at(&body, array)) {
            put(&mut body, array, known(flags, array, value))?;
        }
    }
    Ok(body)
}

/// A value with only those properties of the items of arrays that the body has.
fn known(flags: &[Flag], path: &str, value: &Value) -> Value {
    let below = format!("{path}.*.");
    let described: Vec<&str> =
        flags.iter().filter(|flag| !flag.sensitive).filter_map(|flag| flag.path.strip_prefix(below.as_str())).collect();
    let Value::Array(items) = value else { return value.clone() };
    if described.is_empty() {
        return value.clone();
    }
    let kept = items.iter().map(|item| {
        if !item.is_object() {
            return item.clone();
        }
        let mut kept = Value::Object(Map::new());
        for path in described.iter().filter(|path| !path.contains('*')) {
            if let Some(value) = at(item, path).filter(|value| !value.is_null()) {
                // The path has no numbers, so there is nothing that could be refused.
                let _ = put(&mut kept, path, value.clone());
            }
        }
        kept
    });
    kept.collect()
}

/// The whole body: what was read, the file of `--from` over it, and the secrets that a person gives.
pub(super) fn body(create: &'static Command, read: &Value, parsed: &Parsed, prompts: bool) -> Result<Value, Failure> {
    let mut body = from_read(create, read)?;
    if let Some(place) = parsed.given.get("from") {
        merge(&mut body, read_file(place)?);
    }
    let missing = missing_secrets(create, &body);
    let given = parsed.given.get("password");
    match (given, missing.as_slice()) {
        (Some(given), [only]) => put(&mut body, only, Value::from(secret("--password", given)?))?,
        // It was given by `--from` as well, or in place of the old one: the flag wins.
        (Some(given), []) => match secrets(create).as_slice() {
            [only] => put(&mut body, only, Value::from(secret("--password", given)?))?,
            _ => return Err(Failure::usage(format!("`--password`: `{}` takes no password here", create.name()))),
        },
        (Some(_), several) => {
            return Err(Failure::usage(format!("`--password` is one of several secrets: {}", several.join(", ")))
                .hint("give them with `--from FILE`"));
        }
        (None, missing) if prompts => {
            for path in missing {
                put(&mut body, path, Value::from(secret(&format!("--{path}"), "-")?))?;
            }
        }
        (None, _) => {}
    }
    Ok(body)
}

/// Refuses a body that does not match the document, and says what a person has to give.
pub(super) fn validate(create: &'static Command, body: &Value, id: &str, what: &str) -> Result<(), Failure> {
    judge(create, body).map_err(|mut failure| {
        failure.what = format!("`{what}` cannot be recreated from what was read alone: {}", failure.what);
        failure.hint = Some(match Needs::of(create, body) {
            Needs::Secrets(missing) if missing.len() == 1 => format!(
                "no read shows a password: `swpanel undo {id} --password -` takes it from standard input (also `@FILE`, \
                 `env:NAME`); `--from FILE` adds other values"
            ),
            _ => format!(
                "`swpanel undo {id} --from FILE` adds and replaces values; `--no-validate` sends what was read as it is"
            ),
        });
        failure
    })
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, part| value.get(part))
}

/// Lays one value over another, property by property.
fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                merge(below.entry(name).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}
