//! The flags of a body to commented YAML that a person fills in: what must be there stands, the rest is commented out.

use serde_json::{Map, Value};

use super::assemble::{belongs, kind};
use super::validate::chosen;
use super::values::word;
use crate::arguments::Parsed;
use crate::body::members::Member;
use crate::failure::Failure;
use crate::json::Json;
use crate::table::{Body, Command, Flag, Kind, Need, Type};
use crate::text::visible;

/// A node of the body.
struct Branch {
    name: String,
    flag: Option<&'static Flag>,
    branches: Vec<Branch>,
}

/// What a skeleton is made of.
struct Selected {
    flags: Vec<&'static Flag>,
    kind: Option<&'static Kind>,
    /// The members that were given.
    marks: Value,
}

/// The flags that a body has where those given stand and all else is its first choice.
fn selected(command: &'static Command, parsed: &Parsed) -> Result<Selected, Failure> {
    let Some(body) = &command.body else {
        return Err(Failure::usage(format!("`{}` takes no body, so there is no skeleton of one", command.name())));
    };
    let kind = kind(body, parsed)?.or_else(|| body.kinds.first());
    let mut marks = Value::Null;
    for (member, given) in &parsed.members {
        if let Member::Body { path, flags } = member
            && !flags.iter().any(|flag| flag.sensitive)
        {
            super::secrets::refuse_within(body, path, flags, given)?;
            let how = super::values::Laying { strict: true, fresh: true, literal: false };
            super::values::lay(&mut marks, &Member::of(path, flags.clone()), given, how)?;
        }
    }
    let mut found: Vec<&'static Flag> = Vec::new();
    for flag in body.flags {
        let fits = kind.is_none_or(|kind| belongs(flag, kind));
        let mut told = flag.when.iter().filter(|(at, _)| !at.is_empty());
        let told = told.all(|(at, value)| match at.strip_suffix('#') {
            Some(at) => first_variant(body, at) == Some(value),
            None => chosen(&marks, at).or_else(|| first_choice(body, kind, at)).as_deref() == Some(value),
        });
        if fits && told && !found.iter().any(|known| known.path == flag.path) {
            found.push(flag);
        }
    }
    Ok(Selected { flags: found, kind, marks })
}

fn first_choice(body: &Body, kind: Option<&Kind>, path: &str) -> Option<String> {
    let flag = body.flags.iter().find(|flag| flag.path == path && kind.is_none_or(|kind| belongs(flag, kind)))?;
    flag.holds.choices.first().map(|choice| (*choice).to_owned())
}

fn first_variant(body: &Body, at: &str) -> Option<&'static &'static str> {
    let mark = format!("{at}#");
    body.flags.iter().flat_map(|flag| flag.when).find(|(at, _)| *at == mark).map(|(_, value)| value)
}

fn tree(flags: &[&'static Flag]) -> Vec<Branch> {
    let mut root: Vec<Branch> = Vec::new();
    for flag in flags {
        let mut level = &mut root;
        let parts: Vec<&str> = flag.path.split('.').collect();
        for (number, part) in parts.iter().enumerate() {
            let at = level.iter().position(|branch| branch.name == *part).unwrap_or_else(|| {
                level.push(Branch { name: (*part).to_owned(), flag: None, branches: Vec::new() });
                level.len() - 1
            });
            let Some(branch) = level.get_mut(at) else { break };
            if number + 1 == parts.len() {
                branch.flag = Some(flag);
            }
            level = &mut branch.branches;
        }
    }
    root
}

/// A whole body, where it has no members that could be told one by one.
fn whole(command: &'static Command) -> Option<Value> {
    let body = command.body.as_ref().filter(|body| !body.example.is_empty())?;
    serde_json::from_str(body.example).ok()
}

/// Commented YAML.
pub(crate) fn skeleton(command: &'static Command, parsed: &Parsed) -> Result<String, Failure> {
    let Selected { flags, kind, marks } = selected(command, parsed)?;
    if let Some(example) = whole(command) {
        let text = yaml_serde::to_string(&example).unwrap_or_default();
        return Ok(format!("# Body of `swpanel {}`, an example of it.\n{text}", command.name()));
    }
    let mut out = format!("# Body of `swpanel {}`: {}.\n", command.name(), command.summary.trim_end_matches('.'));
    if let (Some(kind), Some(body)) = (kind, &command.body) {
        let kinds: Vec<&str> = body.kinds.iter().map(|kind| kind.name).collect();
        out.push_str(&format!("# Kind: {} (of {}; choose with --kind).\n", kind.name, kinds.join(", ")));
    }
    out.push_str("# What may be left out is commented out.\n");
    for branch in tree(&flags) {
        write(&mut out, &branch, &marks, 0, Style::default());
    }
    Ok(out)
}

/// How a member is written.
#[derive(Clone, Copy, Default)]
struct Style {
    /// Commented out.
    off: bool,
    /// Within braces, where a comma ends each member. YAML takes `{}` with comments in it, so that any mark may be taken
    /// away there, and `{ a: 1, }` as well.
    braced: bool,
}

fn write(out: &mut String, branch: &Branch, marks: &Value, depth: usize, style: Style) {
    let flag = branch.flag;
    let comma = if style.braced { "," } else { "" };
    let off = style.off || !(branch.name == "*" || is_needed(branch));
    let indent = "  ".repeat(depth);
    if let Some(flag) = flag {
        for line in crate::help::wrap(&about(flag), 100usize.saturating_sub(indent.len() + 2)) {
            out.push_str(&format!("{indent}# {line}\n"));
        }
    }
    // A commented member keeps its place when its mark is taken away.
    let mark = if off { "# " } else { "" };
    if branch.name == "*" {
        let mut inner = String::new();
        // What must be there comes first, since the first one carries the dash.
        let (first, then): (Vec<&Branch>, Vec<&Branch>) = branch.branches.iter().partition(|branch| is_needed(branch));
        first.into_iter().chain(then).for_each(|branch| write(&mut inner, branch, marks, 0, Style::default()));
        let mut first = true;
        for line in inner.lines() {
            let is_value = !line.trim_start().starts_with('#') && first;
            let start = if is_value { "- " } else { "  " };
            first = first && !is_value;
            out.push_str(&format!("{indent}{mark}{start}{line}\n"));
        }
        return;
    }
    if branch.branches.is_empty() {
        let value = Json::from(&flag.map(|flag| example(flag, marks)).unwrap_or(Value::Null));
        out.push_str(&format!("{indent}{mark}{}: {value}{comma}\n", visible(&branch.name)));
    } else {
        // Where nothing in it must be there, it is an empty one until something is.
        let hollow = !off && !branch.branches.iter().any(|branch| branch.name == "*" || is_needed(branch));
        let braced = (hollow || style.braced) && !branch.branches.iter().any(|branch| branch.name == "*");
        out.push_str(&format!("{indent}{mark}{}:{}\n", visible(&branch.name), if braced { " {" } else { "" }));
        let within = Style { off, braced };
        branch.branches.iter().for_each(|branch| write(out, branch, marks, depth + 1, within));
        if braced {
            out.push_str(&format!("{indent}  {mark}}}{comma}\n"));
        }
    }
}

fn is_needed(branch: &Branch) -> bool {
    // An object that does not say so itself is needed where something in it is needed always.
    branch.flag.map_or_else(|| any_always(&branch.branches), |flag| flag.need != Need::Optional)
}

fn any_always(branches: &[Branch]) -> bool {
    branches.iter().any(|b| b.flag.is_some_and(|flag| flag.need == Need::Always) || any_always(&b.branches))
}

/// A member in a line: what it is, what it takes, whether it must be there.
fn about(flag: &Flag) -> String {
    let mut parts = vec![flag.text.trim().to_owned()];
    if flag.holds.choices.is_empty() {
        let types: Vec<&str> = flag.holds.types.iter().map(|of| word(*of)).collect();
        parts.push(format!(
            "Takes {}{}.",
            types.join(" or "),
            if flag.holds.list { ", any number of them" } else { "" }
        ));
    } else {
        parts.push(format!("One of: {}.", flag.holds.choices.join(", ")));
    }
    if !flag.holds.limits.is_empty() {
        parts.push(format!("Limits: {}.", flag.holds.limits));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// Whether the document calls it the opposite of a member that stands before it.
fn is_other_side(flag: &Flag) -> bool {
    let other = flag.text.split_once("opposite of `").and_then(|(_, rest)| rest.split('`').next());
    let own = flag.path.rsplit('.').next().unwrap_or(flag.path);
    other.is_some_and(|other| other < own)
}

/// A value to start from.
fn example(flag: &'static Flag, marks: &Value) -> Value {
    let given = flag.path.split('.').try_fold(marks, |value, part| value.get(part));
    if let Some(given) = given.filter(|given| !given.is_null()) {
        return given.clone();
    }
    let text = flag.when.iter().rev().find(|(at, _)| *at == flag.path).map(|(_, value)| *value);
    let text = text.or_else(|| flag.holds.choices.first().copied()).unwrap_or(flag.holds.example);
    let text = if flag.sensitive { "change-me" } else { text };
    let one = match flag.holds.types.first() {
        Some(Type::Integer | Type::Number) => {
            let least = flag.holds.limits.split(' ').next().unwrap_or_default();
            text.parse::<i64>().or_else(|_| least.parse()).map_or_else(|_| Value::from(1), Value::from)
        }
        Some(Type::Boolean) => Value::from(text == "true" && !is_other_side(flag)),
        Some(Type::Json) => serde_json::from_str(text).unwrap_or_else(|_| Value::Object(Map::new())),
        _ => Value::from(if text.is_empty() { "text" } else { text }),
    };
    if !flag.holds.list {
        return one;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => Value::Array(items),
        _ => Value::Array(vec![one]),
    }
}

/// The members that must be there, as JSON.
pub(crate) fn skeleton_json(command: &'static Command, parsed: &Parsed) -> Result<Value, Failure> {
    let Selected { flags, marks, .. } = selected(command, parsed)?;
    if let Some(example) = whole(command) {
        return Ok(example);
    }
    let mut out = Map::new();
    for branch in tree(&flags).iter().filter(|branch| is_needed(branch)) {
        out.insert(branch.name.clone(), filled(branch, &marks));
    }
    Ok(Value::Object(out))
}

fn filled(branch: &Branch, marks: &Value) -> Value {
    if branch.branches.is_empty() {
        return branch.flag.map(|flag| example(flag, marks)).unwrap_or(Value::Null);
    }
    if let Some(items) = branch.branches.iter().find(|branch| branch.name == "*") {
        return Value::Array(vec![filled(items, marks)]);
    }
    let needed = branch.branches.iter().filter(|branch| is_needed(branch));
    Value::Object(needed.map(|branch| (branch.name.clone(), filled(branch, marks))).collect())
}
