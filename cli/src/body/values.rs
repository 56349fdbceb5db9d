//! The text of a flag to the JSON value that its member holds.

use serde_json::Value;

use super::members::Member;
use super::secrets::secret;
use super::unique::doubled_in_json;
use crate::arguments::nearest;
use crate::failure::{Exit, Failure};
use crate::table::{Flag, Holds, Type};

/// One value of a member. `strict` refuses what the document does not allow.
pub(super) fn value(path: &str, flags: &[&'static Flag], given: &str, strict: bool) -> Result<Value, Failure> {
    let name = format!("--{path}");
    if flags.is_empty() {
        return json(&name, given);
    }
    if flags.iter().any(|flag| flag.sensitive) {
        let text = secret(&name, given)?;
        let is_text = flags.iter().any(|flag| flag.holds.types.contains(&Type::Text));
        return if is_text { Ok(Value::from(text)) } else { json(&name, &text) };
    }
    let holds: Vec<&Holds> = flags.iter().map(|flag| &flag.holds).collect();
    plain(&name, &holds, given, strict)
}

/// The value of a parameter, as the text that travels.
pub(crate) fn parameter(name: &str, holds: &Holds, given: &str, strict: bool) -> Result<String, Failure> {
    plain(name, &[holds], given, strict)?;
    Ok(given.to_owned())
}

fn plain(name: &str, holds: &[&Holds], given: &str, strict: bool) -> Result<Value, Failure> {
    let all_closed = holds.iter().all(|holds| !holds.choices.is_empty());
    let choices: Vec<&str> = holds.iter().flat_map(|holds| holds.choices.iter().copied()).collect();
    let is_boolean = holds.iter().all(|holds| holds.types == [Type::Boolean]);
    if strict && all_closed && !choices.contains(&given) && !(is_boolean && boolean(given).is_some()) {
        let mut choices = choices;
        choices.dedup();
        let what = format!("`{name}` does not take `{given}`; allowed: {}", choices.join(", "));
        let failure = Failure::new(Exit::Invalid, "invalid-value", what);
        return Err(match nearest(given, choices.iter().copied()) {
            Some(near) => {
                failure.hint(format!("did you mean `{near}`? `--no-validate` sends other values all the same"))
            }
            None => failure.hint("`--no-validate` sends other values all the same"),
        });
    }
    let mut types: Vec<Type> = Vec::new();
    for of in holds.iter().flat_map(|holds| holds.types) {
        if !types.contains(of) {
            types.push(*of);
        }
    }
    for of in &types {
        let found = match of {
            Type::Text => Some(Value::from(given)),
            Type::Integer => given.parse::<i64>().ok().map(Value::from),
            Type::Number => number(given),
            Type::Boolean => boolean(given).map(Value::from),
            Type::Json => serde_json::from_str(given).ok(),
        };
        if let Some(value) = found {
            if *of == Type::Json {
                check_unique(name, given)?;
            }
            return Ok(value);
        }
    }
    if !strict {
        return Ok(Value::from(given));
    }
    let wanted: Vec<&str> = types.iter().map(|of| word(*of)).collect();
    let limits = holds.iter().map(|holds| holds.limits).find(|limits| !limits.is_empty());
    let limits = limits.map(|limits| format!(" ({limits})")).unwrap_or_default();
    let what = format!("`{name}` takes {}{limits}, not `{given}`", wanted.join(" or "));
    Err(Failure::new(Exit::Invalid, "invalid-value", what))
}

fn number(given: &str) -> Option<Value> {
    let integer = given.parse::<i64>().ok().map(Value::from);
    integer.or_else(|| given.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from))
}

fn boolean(given: &str) -> Option<bool> {
    match given.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn json(name: &str, given: &str) -> Result<Value, Failure> {
    let value = serde_json::from_str(given).map_err(|_| {
        // What was given may hold a secret, so it is not repeated.
        Failure::usage(format!("`{name}` takes JSON, and this is none"))
            .hint(format!("give its members by flags, or `{name} '{{...}}'`"))
    })?;
    check_unique(name, given)?;
    Ok(value)
}

/// Refuses JSON in which a property occurs twice.
fn check_unique(name: &str, given: &str) -> Result<(), Failure> {
    doubled_in_json(given).map_or(Ok(()), |doubled| Err(doubled.failure(&format!("`{name}`"))))
}

/// A type in words.
pub(crate) fn word(of: Type) -> &'static str {
    match of {
        Type::Text => "a text",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Boolean => "true or false",
        Type::Json => "JSON",
    }
}

/// How a value gets into a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Laying {
    /// Refuse what the document does not allow.
    pub(super) strict: bool,
    /// It is the first value of its flag, so it replaces what a file says.
    pub(super) fresh: bool,
    /// It comes from data and not from a person: it is one value, whatever it begins with.
    pub(super) literal: bool,
}

/// Lays a member's value into a body.
pub(super) fn lay(body: &mut Value, member: &Member, given: &str, how: Laying) -> Result<(), Failure> {
    let Member::Body { path, flags } = member else { return Ok(()) };
    let is_list = flags.iter().any(|flag| flag.holds.list);
    // `[` opens a whole list, given as JSON.
    if is_list && !how.literal && given.trim_start().starts_with('[') {
        return put(body, path, json(&format!("--{path}"), given)?);
    }
    let value = value(path, flags, given, how.strict)?;
    if !is_list {
        return put(body, path, value);
    }
    match at(body, path) {
        // The first of a flag replaces what a file says, the others follow.
        Some(Value::Array(items)) if !how.fresh => {
            items.push(value);
            Ok(())
        }
        _ => put(body, path, Value::Array(vec![value])),
    }
}

fn at<'v>(body: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    path.split('.').try_fold(body, |value, part| match value {
        Value::Object(members) => members.get_mut(part),
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    })
}

pub(super) fn put(body: &mut Value, path: &str, value: Value) -> Result<(), Failure> {
    let mut place = body;
    for part in path.split('.') {
        let number = part.parse::<usize>().ok();
        if let (Some(number), Value::Array(items)) = (number, &mut *place) {
            if number > items.len() {
                return Err(Failure::usage(format!("`--{path}`: items are numbered from 0 without gaps")));
            }
            if number == items.len() {
                items.push(Value::Null);
            }
        }
        place = match place {
            Value::Array(items) => {
                let Some(item) = number.and_then(|number| items.get_mut(number)) else {
                    return Err(Failure::usage(format!("`--{path}`: items of a list are named by numbers from 0")));
                };
                item
            }
            other if number == Some(0) && !other.is_object() => {
                *other = Value::Array(vec![Value::Null]);
                match other {
                    Value::Array(items) => match items.first_mut() {
                        Some(item) => item,
                        None => return Ok(()),
                    },
                    _ => return Ok(()),
                }
            }
            other => {
                if !other.is_object() {
                    *other = Value::Object(serde_json::Map::new());
                }
                match other {
                    Value::Object(members) => members.entry(part).or_insert(Value::Null),
                    _ => return Ok(()),
                }
            }
        };
    }
    *place = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_members_and_items_where_they_belong() {
        let mut body = Value::Null;
        put(&mut body, "a.b", Value::from(1)).unwrap();
        put(&mut body, "list.0.x", Value::from("one")).unwrap();
        put(&mut body, "list.1.x", Value::from("two")).unwrap();
        assert_eq!(body, serde_json::json!({"a": {"b": 1}, "list": [{"x": "one"}, {"x": "two"}]}));
        assert!(put(&mut body, "list.9.x", Value::Null).is_err());
    }
}
