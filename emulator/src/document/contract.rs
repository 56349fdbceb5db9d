//! What the document demands of a request and promises of an answer, checked by JSON Schema.
//!
//! Validators are compiled when first needed: compiling all of them would be most of the start.

use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde::Serialize;
use serde_json::{Value, json};

use super::cost;
use super::operation::Place;
use super::schema::{Members, Reading, standalone};
use super::shape::{Steps, resolve};

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Violation {
    /// JSON pointer into the body, or `query:NAME`, `path:NAME`.
    pub(crate) pointer: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

/// All violations in one line.
pub(crate) fn outline(violations: &[Violation]) -> String {
    let one = |violation: &Violation| {
        let pointer = if violation.pointer.is_empty() { "the body" } else { &violation.pointer };
        format!("{pointer}: expected {}, found {}", violation.expected, violation.found)
    };
    violations.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What checking a value came to.
pub(crate) enum Checked {
    /// Everything that is wrong with it; it may be nothing.
    Violations(Vec<Violation>),
    /// It was not checked: schema and value together would take too long.
    TooCostly,
}

/// A schema and its validators, compiled at most once for each way of reading it.
struct Compiled {
    all: Validators,
    /// Without what is only inferred.
    evident: Validators,
    schema: Value,
}

/// One validator for each way of treating unknown members and formats.
#[derive(Default)]
struct Validators {
    open: OnceLock<Rule>,
    closed: OnceLock<Rule>,
    formats: OnceLock<Rule>,
}

/// A standalone schema, and its validator.
enum Rule {
    /// A schema that no validator takes limits nothing.
    None,
    TooLarge,
    Of(Box<(Value, Validator)>),
}

/// No pattern of the document may become a larger program than this, in bytes.
const PATTERN: usize = 1 << 20;
/// How often a pattern may go back for one text.
const BACKTRACKS: usize = 20_000;

/// How strictly a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strictness {
    pub(crate) unknown_members: bool,
    pub(crate) formats: bool,
    /// Whether what the document marks as inferred is accepted.
    pub(crate) inferred: bool,
}

impl Compiled {
    fn new(schema: Value) -> Self {
        Self { all: Validators::default(), evident: Validators::default(), schema }
    }

    fn rule(&self, tree: &Value, strictness: Strictness) -> &Rule {
        let cells = if strictness.inferred { &self.all } else { &self.evident };
        let (cell, members) = match (strictness.unknown_members, strictness.formats) {
            (true, _) => (&cells.open, Members::Open),
            (false, false) => (&cells.closed, Members::Closed),
            (false, true) => (&cells.formats, Members::Closed),
        };
        cell.get_or_init(|| {
            let schema = standalone(tree, &self.schema, Reading { members, inferred: strictness.inferred });
            if cost::is_too_large(&schema) {
                return Rule::TooLarge;
            }
            let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS);
            let patterns = patterns.size_limit(PATTERN).dfa_size_limit(PATTERN);
            let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
            let options = options.with_pattern_options(patterns).should_validate_formats(strictness.formats);
            options.build(&schema).map_or(Rule::None, |validator| Rule::Of(Box::new((schema, validator))))
        })
    }

    /// Checks a value, unless that would take too long; `explain` says what each error means.
    fn check(
        &self,
        tree: &Value,
        value: &Value,
        strictness: Strictness,
        explain: impl Fn(&ValidationError<'_>, &mut Vec<Violation>),
    ) -> Checked {
        let (schema, validator) = match self.rule(tree, strictness) {
            Rule::None => return Checked::Violations(Vec::new()),
            Rule::TooLarge => return Checked::TooCostly,
            Rule::Of(rule) => (&rule.0, &rule.1),
        };
        let cost = cost::of(schema, value);
        if cost > cost::MOST {
            return Checked::TooCostly;
        }
        if validator.is_valid(value) {
            return Checked::Violations(Vec::new());
        }
        let mut violations = Vec::new();
        if cost > cost::MOST_EXPLAINED {
            violations.push(Violation {
                pointer: String::new(),
                expected: "what the document allows (too much to say where it differs)".to_owned(),
                found: kind_of(value).to_owned(),
            });
            return Checked::Violations(violations);
        }
        for error in validator.iter_errors(value) {
            explain(&error, &mut violations);
            if violations.len() >= MOST_VIOLATIONS {
                break;
            }
        }
        violations.truncate(MOST_VIOLATIONS);
        Checked::Violations(violations)
    }
}

/// More violations of one value are not listed.
const MOST_VIOLATIONS: usize = 100;
/// More values or names are not listed in one violation.
const MOST_NAMED: usize = 40;

/// A parameter of an operation.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    kind: Option<String>,
    compiled: Compiled,
}

impl Parameter {
    pub(super) fn read(tree: &Value, node: &Value) -> Option<Self> {
        let place = match node.get("in").and_then(Value::as_str)? {
            "path" => Place::Path,
            "query" => Place::Query,
            _ => Place::Other,
        };
        let schema = node.get("schema").cloned().unwrap_or(Value::Bool(true));
        let kind = resolve(tree, &schema).get("type").and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            name: node.get("name").and_then(Value::as_str)?.to_owned(),
            place,
            required: node.get("required") == Some(&Value::Bool(true)),
            kind,
            compiled: Compiled::new(schema),
        })
    }

    /// Checks a value as it came in the address; false where that would take too long.
    pub(crate) fn check(&self, tree: &Value, text: &str, violations: &mut Vec<Violation>) -> bool {
        let prefix = if self.place == Place::Path { "path" } else { "query" };
        let pointer = format!("{prefix}:{}", self.name);
        let number = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_number);
        let value = match self.kind.as_deref() {
            // Python's `requests` writes booleans with a capital letter.
            Some("boolean") => match text.to_ascii_lowercase().as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            Some("integer" | "number") => number(text),
            Some("array" | "object") => return true,
            _ => Some(Value::String(text.to_owned())),
        };
        let Some(value) = value else {
            let expected = format!("a value of type {}", self.kind.as_deref().unwrap_or("text"));
            violations.push(Violation { pointer, expected, found: "a text of another kind".to_owned() });
            return true;
        };
        let strictness = Strictness { unknown_members: true, formats: false, inferred: true };
        let explain = |error: &ValidationError<'_>, found: &mut Vec<Violation>| {
            found.push(Violation { pointer: pointer.clone(), ..describe(error) });
        };
        match self.compiled.check(tree, &value, strictness, explain) {
            Checked::Violations(found) => violations.extend(found),
            Checked::TooCostly => return false,
        }
        true
    }
}

/// The body of an operation.
pub(crate) struct BodyRule {
    pub(crate) required: bool,
    compiled: Compiled,
}

impl BodyRule {
    pub(super) fn read(tree: &Value, operation: &Value) -> Option<Self> {
        let body = resolve(tree, operation.get("requestBody")?);
        let content = body.get("content").and_then(Value::as_object)?;
        let json = content.iter().find(|(media, _)| media.contains("json"))?;
        Some(Self {
            required: body.get("required") == Some(&Value::Bool(true)),
            compiled: Compiled::new(json.1.get("schema").cloned().unwrap_or(Value::Bool(true))),
        })
    }

    pub(crate) fn schema(&self) -> &Value {
        &self.compiled.schema
    }

    /// Everything that is wrong with a body.
    pub(crate) fn check(&self, tree: &Value, body: &Value, strictness: Strictness) -> Checked {
        let explain = |error: &ValidationError<'_>, found: &mut Vec<Violation>| {
            let schema = match self.compiled.rule(tree, strictness) {
                Rule::Of(rule) => &rule.0,
                _ => &Value::Null,
            };
            collect(error, schema, "", found);
        };
        self.compiled.check(tree, body, strictness, explain)
    }
}

/// The answer of an operation that succeeds.
pub(crate) struct ResponseRule {
    pub(crate) status: u16,
    pub(crate) schema: Option<Value>,
    /// The schema names members, so an answer has something to keep to.
    pub(crate) binds: bool,
}

impl ResponseRule {
    pub(super) fn new(tree: &Value, status: u16, schema: Option<&Value>) -> Self {
        let binds = schema.is_some_and(|schema| binds(tree, schema, 8, true, &Steps::new()));
        Self { status, binds, schema: schema.cloned() }
    }
}

/// Whether a schema limits more than its envelope.
fn binds(tree: &Value, schema: &Value, depth: usize, top: bool, steps: &Steps) -> bool {
    let schema = resolve(tree, schema);
    let Some(members) = schema.as_object().filter(|_| depth > 0 && steps.take(1)) else { return false };
    let limits = |word: &str| {
        members.get(word).is_some_and(|value| match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(inner) => !inner.is_empty(),
            other => *other == Value::Bool(false),
        })
    };
    if ["required", "enum", "allOf"].iter().any(|word| limits(word)) {
        return true;
    }
    if members.get("additionalProperties") == Some(&Value::Bool(false)) {
        return true;
    }
    if let Some(properties) = members.get("properties").and_then(Value::as_object) {
        let enveloped = top && properties.keys().all(|name| matches!(name.as_str(), "result" | "message"));
        if !properties.is_empty() && !enveloped {
            return true;
        }
        if properties.values().any(|inner| binds(tree, inner, depth - 1, false, steps)) {
            return true;
        }
    }
    let choices = ["oneOf", "anyOf"].iter().filter_map(|word| members.get(*word)?.as_array()).flatten();
    choices.chain(members.get("items")).any(|inner| binds(tree, inner, depth - 1, false, steps))
        || matches!(members.get("type").and_then(Value::as_str), Some("string" | "integer" | "number" | "boolean"))
}

/// Follows the branch of a choice that was meant, since "fits none of five" helps nobody.
fn collect(error: &ValidationError<'_>, schema: &Value, prefix: &str, violations: &mut Vec<Violation>) {
    match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            let count = context.len();
            let meant = context.iter().filter(|errors| !errors.is_empty()).min_by_key(|errors| distance(errors));
            let types: Option<Vec<String>> = context.iter().map(|errors| type_alone(errors)).collect();
            if let Some(types) = types.filter(|types| !types.is_empty()) {
                violations.push(Violation {
                    pointer: error.instance_path().to_string(),
                    expected: types.join(" or "),
                    found: kind_of(error.instance()).to_owned(),
                });
                return;
            }
            let note = format!("(nearest of {count} forms) ");
            meant.into_iter().flatten().for_each(|error| collect(error, schema, &note, violations));
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = neighbours(error, schema);
            for name in unexpected.iter().take(MOST_VIOLATIONS) {
                violations.push(Violation {
                    pointer: format!("{}/{}", error.instance_path(), name.replace('~', "~0").replace('/', "~1")),
                    expected: format!("{prefix}no such member{known}"),
                    found: "a member that the document does not have".to_owned(),
                });
            }
        }
        ValidationErrorKind::Required { property } => violations.push(Violation {
            pointer: format!("{}/{}", error.instance_path(), property.as_str().unwrap_or_default()),
            expected: format!("{prefix}this member, which is required"),
            found: "nothing".to_owned(),
        }),
        _ => {
            let violation = describe(error);
            violations.push(Violation { expected: format!("{prefix}{}", violation.expected), ..violation });
        }
    }
}

/// How far a value is from a branch: a wrong kind or constant says that another branch was meant.
fn distance(errors: &[ValidationError<'_>]) -> usize {
    let one = |error: &ValidationError<'_>| match error.kind() {
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => 20,
        ValidationErrorKind::AdditionalProperties { unexpected } => 8 * unexpected.len(),
        ValidationErrorKind::Required { .. } => 6,
        ValidationErrorKind::Type { .. } => 4,
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            context.iter().map(|errors| distance(errors)).min().unwrap_or(1)
        }
        _ => 1,
    };
    // What fails at the very top fails the branch; what fails deeper down was meant for it.
    let deep = |error: &ValidationError<'_>| 1 + error.instance_path().as_str().matches('/').count();
    errors.iter().map(|error| one(error) * 4 / deep(error).min(4)).sum()
}

/// The type that a branch wants, where nothing else is wrong with it.
fn type_alone(errors: &[ValidationError<'_>]) -> Option<String> {
    match errors {
        [error] => match error.kind() {
            ValidationErrorKind::Type { .. } => Some(describe(error).expected),
            _ => None,
        },
        _ => None,
    }
}

/// The members that the document does have at the place of an error.
fn neighbours(error: &ValidationError<'_>, schema: &Value) -> String {
    let path = error.schema_path().to_string();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(parent).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let names: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let more = if names.len() > MOST_NAMED { ", and more" } else { "" };
    let shown = names.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    if names.is_empty() { String::new() } else { format!(" (there are: {shown}{more})") }
}

/// One error in our words. Values are named by type alone, since any of them may be a secret.
fn describe(error: &ValidationError<'_>) -> Violation {
    let expected = match error.kind() {
        ValidationErrorKind::Type { kind } => match kind {
            TypeKind::Single(kind) => article(&kind.to_string()),
            TypeKind::Multiple(kinds) => {
                kinds.into_iter().map(|kind| article(&kind.to_string())).collect::<Vec<_>>().join(" or ")
            }
        },
        ValidationErrorKind::Enum { options } => match options.as_array().map(Vec::as_slice) {
            Some([only]) => only.to_string(),
            Some(all) if all.len() > MOST_NAMED => {
                format!("one of {}, and more", Value::from(all.get(..MOST_NAMED).unwrap_or_default()))
            }
            _ => format!("one of {options}"),
        },
        ValidationErrorKind::Constant { expected_value } => expected_value.to_string(),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        ValidationErrorKind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        ValidationErrorKind::MinLength { limit } => format!("at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("at most {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("at least {limit} entries"),
        ValidationErrorKind::MaxItems { limit } => format!("at most {limit} entries"),
        ValidationErrorKind::MinProperties { limit } => format!("at least {limit} members"),
        ValidationErrorKind::MaxProperties { limit } => format!("at most {limit} members"),
        ValidationErrorKind::UniqueItems => "entries that differ".to_owned(),
        ValidationErrorKind::Pattern { pattern } => format!("a text that matches {pattern}"),
        ValidationErrorKind::Format { format } => format!("the format {format}"),
        ValidationErrorKind::OneOfMultipleValid { .. } => "exactly one of several forms".to_owned(),
        ValidationErrorKind::FalseSchema => "no such member".to_owned(),
        other => format!("what `{}` of the document allows", other.keyword()),
    };
    let found = match (error.kind(), &**error.instance()) {
        (ValidationErrorKind::OneOfMultipleValid { .. }, _) => "a value that fits more than one".to_owned(),
        // A number that is out of bounds was never meant to be a secret; of another type it may well have been.
        (
            ValidationErrorKind::Minimum { .. }
            | ValidationErrorKind::Maximum { .. }
            | ValidationErrorKind::ExclusiveMinimum { .. }
            | ValidationErrorKind::ExclusiveMaximum { .. }
            | ValidationErrorKind::MultipleOf { .. },
            number,
        ) => number.to_string(),
        (ValidationErrorKind::MinItems { .. } | ValidationErrorKind::MaxItems { .. }, Value::Array(items)) => {
            format!("{} entries", items.len())
        }
        (_, other) => kind_of(other).to_owned(),
    };
    Violation { pointer: error.instance_path().to_string(), expected, found }
}

fn article(kind: &str) -> String {
    match kind {
        "string" => "a text".to_owned(),
        "integer" => "a whole number".to_owned(),
        "number" => "a number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        other => other.to_owned(),
    }
}

pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl Violation {
    /// The violation as a member of an error body.
    pub(crate) fn to_json(violations: &[Self]) -> Value {
        json!(violations)
    }
}
