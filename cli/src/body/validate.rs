//! A body to what is wrong with it by the document, said in names of flags.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Draft, ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::table::{Body, Command, DOCUMENT, Flag, Kind, Need};

/// Judges a body, by the schema of its kind where that is known.
pub(super) fn validate(
    command: &'static Command,
    body: &'static Body,
    kind: Option<&'static Kind>,
    value: &Value,
) -> Result<(), Failure> {
    let validator = validator(kind.map_or(body.pointer, |kind| kind.pointer))?;
    let mut problems: Vec<String> = Vec::new();
    for error in validator.iter_errors(value) {
        for problem in say(&error, "", body, kind, value) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    let Some(first) = problems.first().cloned() else { return Ok(()) };
    let what = match problems.len() {
        1 => format!("the body does not fit the document: {first}"),
        count => format!("the body does not fit the document in {count} places"),
    };
    let details = if problems.len() > 1 { problems } else { Vec::new() };
    let hint =
        format!("`swpanel {} --skeleton` prints a body to fill in; `--no-validate` sends it as it is", command.name());
    Err(Failure::new(Exit::Invalid, "invalid-body", what).details(details).hint(hint))
}

/// Validators that were made, by the place of their schema: a fleet judges the same body thousands of times.
static MADE: Mutex<BTreeMap<&'static str, Arc<Validator>>> = Mutex::new(BTreeMap::new());

fn validator(pointer: &'static str) -> Result<Arc<Validator>, Failure> {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = made.get(pointer) {
        return Ok(Arc::clone(known));
    }
    let document: Value = serde_json::from_slice(DOCUMENT)
        .map_err(|error| Failure::other(format!("the document in this program cannot be read: {error}")))?;
    let Some(schema) = document.pointer(pointer) else {
        return Err(Failure::other(format!("the document in this program has no schema at {pointer}")));
    };
    let mut root = json!({"allOf": [schema], "components": document.get("components")});
    allow_null(&mut root);
    let options = jsonschema::options().with_draft(Draft::Draft4).should_validate_formats(false);
    let built = options.build(&root);
    let built =
        built.map_err(|error| Failure::other(format!("the document's schema at {pointer} cannot be used: {error}")))?;
    let built = Arc::new(built);
    made.insert(pointer, Arc::clone(&built));
    Ok(built)
}

/// `nullable` is OpenAPI's own word for a further type.
fn allow_null(node: &mut Value) {
    match node {
        Value::Object(members) => {
            let nullable = members.get("nullable").and_then(Value::as_bool) == Some(true);
            if let (true, Some(Value::String(of))) = (nullable, members.get("type").cloned()) {
                members.insert("type".to_owned(), json!([of, "null"]));
            }
            members.values_mut().for_each(allow_null);
        }
        Value::Array(items) => items.iter_mut().for_each(allow_null),
        _ => {}
    }
}

/// What an error says, as a person reads it who gave flags or a file.
fn say(error: &ValidationError<'_>, above: &str, body: &Body, kind: Option<&Kind>, whole: &Value) -> Vec<String> {
    let _ = above;
    let path = dotted(error.instance_path().as_str());
    let name = if path.is_empty() { "the body".to_owned() } else { format!("`--{path}`") };
    match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            let best = context.iter().min_by_key(|errors| errors.iter().map(weight).sum::<usize>());
            let Some(best) = best else { return vec![format!("{name} fits none of its variants")] };
            if path.is_empty() && kind.is_none() && !body.kinds.is_empty() {
                let names: Vec<&str> = body.kinds.iter().map(|kind| kind.name).collect();
                return vec![format!("it fits none of its kinds; say which with `--kind`: {}", names.join(", "))];
            }
            best.iter().flat_map(|error| say(error, &path, body, kind, whole)).collect()
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            let names: Vec<&str> = body.kinds.iter().map(|kind| kind.name).collect();
            if path.is_empty() && !names.is_empty() {
                return vec![format!("it fits several kinds; say which with `--kind`: {}", names.join(", "))];
            }
            vec![format!("{name} fits several variants at once")]
        }
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            let path = if path.is_empty() { property.to_owned() } else { format!("{path}.{property}") };
            needed(&path, body, kind, whole)
        }
        ValidationErrorKind::Enum { options } => {
            let all = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let mut allowed: Vec<String> = choices(&path, body, kind, whole);
            if allowed.is_empty() {
                allowed = all.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
            }
            vec![format!(
                "{name} does not take {}; allowed: {}",
                shown(error.instance(), &path, body),
                allowed.join(", ")
            )]
        }
        ValidationErrorKind::Minimum { limit } => {
            vec![format!("{name} must be {limit} or more{}", limits(&path, body))]
        }
        ValidationErrorKind::Maximum { limit } => {
            vec![format!("{name} must be {limit} at most{}", limits(&path, body))]
        }
        ValidationErrorKind::ExclusiveMinimum { limit } => vec![format!("{name} must be more than {limit}")],
        ValidationErrorKind::ExclusiveMaximum { limit } => vec![format!("{name} must be less than {limit}")],
        ValidationErrorKind::MultipleOf { multiple_of } => {
            vec![format!("{name} must be in steps of {multiple_of}{}", limits(&path, body))]
        }
        ValidationErrorKind::MinLength { limit } => vec![format!("{name} must have {limit} characters or more")],
        ValidationErrorKind::MaxLength { limit } => vec![format!("{name} must have {limit} characters at most")],
        ValidationErrorKind::MinItems { limit } => vec![format!("{name} must be given {limit} times or more")],
        ValidationErrorKind::MaxItems { limit } => vec![format!("{name} must be given {limit} times at most")],
        ValidationErrorKind::Pattern { pattern } => vec![format!("{name} must match the pattern {pattern}")],
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            vec![format!("{name} has members that the document does not know: {}", unexpected.join(", "))]
        }
        ValidationErrorKind::Type { .. } => {
            let kinds = error.masked_with("what was given").to_string();
            vec![format!("{name} is of the wrong type: {kinds}")]
        }
        // What was given may be secret, so it is never repeated here.
        _ => vec![format!("{name}: {}", error.masked_with("what was given"))],
    }
}

/// A wrong mark of a variant says that it was not meant; a missing one counts less.
fn weight(error: &ValidationError<'_>) -> usize {
    match error.kind() {
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => 100,
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            context.iter().map(|errors| errors.iter().map(weight).sum()).min().unwrap_or(1)
        }
        ValidationErrorKind::Type { .. } => 10,
        _ => 1,
    }
}

/// The flags to give for a member that is missing.
fn needed(path: &str, body: &Body, kind: Option<&Kind>, whole: &Value) -> Vec<String> {
    let within = format!("{path}.");
    let mut names: Vec<String> = Vec::new();
    for flag in body.flags.iter().filter(|flag| flag.path == path || flag.path.starts_with(&within)) {
        let meant = kind.is_none_or(|kind| super::assemble::belongs(flag, kind));
        let told = flag.when.iter().filter(|(at, _)| !at.is_empty() && !at.ends_with('#'));
        let fits = told.clone().all(|(at, value)| chosen(whole, at).is_some_and(|chosen| chosen == *value));
        let needs = flag.path == path || flag.need != Need::Optional;
        if meant && fits && needs && !flag.path.contains('*') {
            let choices = choices(flag.path, body, kind, whole);
            let of = if choices.is_empty() { String::new() } else { format!(" ({})", choices.join(", ")) };
            let name = format!("`--{}`{of}", flag.path);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    match names.as_slice() {
        [] => vec![format!("`--{path}` is missing")],
        [one] => vec![format!("{one} is missing")],
        many => vec![format!("{} are missing", many.join(", "))],
    }
}

/// What a body holds at a path, as it is written on a command line.
pub(super) fn chosen(whole: &Value, path: &str) -> Option<String> {
    let value = path.split('.').try_fold(whole, |value, part| value.get(part))?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn flags_at<'b>(path: &str, body: &'b Body) -> impl Iterator<Item = &'b Flag> {
    let path: String =
        path.split('.').map(|p| if p.parse::<usize>().is_ok() { "*" } else { p }).collect::<Vec<_>>().join(".");
    body.flags.iter().filter(move |flag| flag.path == path)
}

fn choices(path: &str, body: &Body, kind: Option<&Kind>, whole: &Value) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for flag in flags_at(path, body) {
        let meant = kind.is_none_or(|kind| super::assemble::belongs(flag, kind));
        let told = flag.when.iter().filter(|(at, _)| !at.is_empty() && !at.ends_with('#'));
        let fits = told.clone().all(|(at, value)| chosen(whole, at).is_none_or(|chosen| chosen == *value));
        if meant && fits {
            out.extend(flag.holds.choices.iter().map(|choice| (*choice).to_owned()));
        }
    }
    out.dedup();
    out
}

fn limits(path: &str, body: &Body) -> String {
    let limits = flags_at(path, body).map(|flag| flag.holds.limits).find(|limits| !limits.is_empty());
    limits.map(|limits| format!(" ({limits})")).unwrap_or_default()
}

fn shown(value: &Value, path: &str, body: &Body) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    if flags_at(path, body).any(|flag| flag.sensitive) || super::is_secret_name(last) {
        return "what was given".to_owned();
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("`{}`", text.chars().take(60).collect::<String>())
}

fn dotted(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.collect::<Vec<_>>().join(".")
}
