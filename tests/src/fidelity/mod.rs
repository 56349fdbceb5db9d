//! How much of what the document says of a type the generated Rust type says too: the type's own JSON Schema against the
//! document's, statement by statement, and values through the type and back.

mod compare;
mod keywords;
mod trips;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use swpanel_build_tools::codegen::generate;
use swpanel_build_tools::document::{Document, LedgerEntry, Node, child, local_reference};

use crate::TYPES;

/// What became of a statement of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The Rust type says the same.
    Same,
    /// The Rust type allows more.
    Wider,
    /// The Rust type allows less.
    Narrower,
    /// The Rust type does not say it at all.
    Lost,
}

/// A statement of the document about a type or a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// JSON pointer in the document.
    pub pointer: String,
    /// The keyword, or `member` and `required` with a name.
    pub keyword: String,
    /// What became of it.
    pub verdict: Verdict,
    /// What the document says.
    pub document: String,
    /// What the Rust type says.
    pub rust: String,
    /// The rule of the ledger entry that explains a difference.
    pub explained: Option<&'static str>,
}

/// A type and its statements.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TypeReport {
    /// Component of the document.
    pub name: String,
    /// Rust path; none where no type is made of it.
    pub rust: Option<&'static str>,
    /// All statements.
    pub statements: Vec<Statement>,
    /// Values that went through the type and back.
    pub trips: usize,
    /// Those that came back otherwise, or not allowed, with the reason.
    pub failed_trips: Vec<String>,
}

/// So many statements kept, of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Said by the Rust type too.
    pub same: usize,
    /// Said by the document.
    pub of: usize,
}

/// All of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fidelity {
    /// By component.
    pub types: Vec<TypeReport>,
    /// By `METHOD /path`: the statements of all types that its body and its answer are made of.
    pub operations: BTreeMap<String, Score>,
    /// Over all types.
    pub total: Score,
}

impl Score {
    fn of(statements: &[Statement]) -> Self {
        Self {
            same: statements.iter().filter(|statement| statement.verdict == Verdict::Same).count(),
            of: statements.len(),
        }
    }

    fn and(self, other: Self) -> Self {
        Self { same: self.same + other.same, of: self.of + other.of }
    }

    /// In per cent; what says nothing keeps all of it.
    pub fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { self.same as f64 * 100.0 / self.of as f64 }
    }
}

/// Compares every type of the document.
///
/// # Errors
/// The document cannot be generated, or a schema of it cannot be used to validate.
pub fn fidelity(document: &Document) -> Result<Fidelity, String> {
    let generated = generate(document).map_err(|error| error.to_string())?;
    let entries: Vec<&LedgerEntry> = generated.ledger.entries().iter().collect();
    let mut report = Fidelity::default();
    let mut scores = BTreeMap::new();
    let mut operations = BTreeMap::new();
    for operation in document.operations() {
        let mut names = BTreeSet::new();
        let body = operation.request_body().map(|(_, schema, _)| schema);
        for schema in [body, operation.success_schema()].into_iter().flatten() {
            reach(document, schema, &mut names, 0);
        }
        operations.insert(operation.key(), names);
    }
    let wanted: BTreeSet<&String> = operations.values().flatten().collect();
    for (name, schema) in document.schemas() {
        let of = TYPES.iter().find(|of| of.name == name).and_then(|of| of.rust);
        let mut found = TypeReport { name: name.to_owned(), rust: of.map(|of| of.name), ..TypeReport::default() };
        // What a call needs and no type is made of says nothing in Rust, and so has lost all.
        let rust = of
            .map(|of| (of.json_schema)())
            .or_else(|| wanted.contains(&name.to_owned()).then(|| compare::NOTHING.clone()));
        if let Some(rust) = rust {
            found.statements = statements(document, &entries, name, &rust);
        }
        if let Some(of) = of {
            (found.trips, found.failed_trips) = trips::trips(document, schema, &of)?;
        }
        let score = Score::of(&found.statements);
        report.total = report.total.and(score);
        scores.insert(name.to_owned(), score);
        report.types.push(found);
    }
    report.types.sort_by(|one, other| one.name.cmp(&other.name));
    for (key, names) in operations {
        let score = names.iter().filter_map(|name| scores.get(name)).fold(Score::default(), |sum, one| sum.and(*one));
        report.operations.insert(key, score);
    }
    Ok(report)
}

/// What became of each statement about a component in a schema of a Rust type, without reasons.
pub fn compared(document: &Document, name: &str, rust: &Value) -> Vec<Statement> {
    statements(document, &[], name, rust)
}

fn statements(document: &Document, entries: &[&LedgerEntry], name: &str, rust: &Value) -> Vec<Statement> {
    let mut found = compare::compare(document, &child("/components/schemas", name), rust);
    for statement in found.iter_mut().filter(|statement| statement.verdict != Verdict::Same) {
        statement.explained = explain(entries, statement);
    }
    found
}

/// The entry of the ledger that gave a statement up: the nearest one, and none that is about something else.
fn explain(entries: &[&LedgerEntry], statement: &Statement) -> Option<&'static str> {
    let found = entries.iter().filter(|entry| explains(entry, statement));
    found.max_by_key(|entry| entry.pointer.len()).map(|entry| entry.rule)
}

fn explains(entry: &LedgerEntry, statement: &Statement) -> bool {
    let here = statement.pointer == entry.pointer;
    let rest = statement.pointer.strip_prefix(&entry.pointer);
    let inside = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let keyword = statement.keyword.as_str();
    let speaks_of = |word: &str| entry.message.contains(&format!("`{word}`"));
    match entry.rule {
        "bound-not-typed" | "format-not-typed" | "pattern-not-typed" => here && speaks_of(keyword),
        "default-left-to-server" => here && keyword == "default",
        "enum-opened" => here && keyword == "enum",
        "unknown-members-dropped" => here && keyword == "additionalProperties",
        "property-not-generated" => {
            let name = statement.pointer.rsplit('/').next().unwrap_or_default();
            inside && speaks_of(name) && matches!(keyword, "member" | "required")
        }
        // A type of the runtime, or open JSON, stands for the whole schema.
        "secret" | "constant" | "one-or-many" | "number-or-text" | "all-of-opened" | "choice-opened" => inside,
        _ => false,
    }
}

/// All components that a schema leads to.
fn reach(document: &Document, schema: &Node, names: &mut BTreeSet<String>, depth: usize) {
    if depth > 64 {
        return;
    }
    if let Some(pointer) = schema.text_at("$ref").and_then(local_reference) {
        let name = pointer.strip_prefix("/components/schemas/").map(|name| name.replace("~1", "/").replace("~0", "~"));
        if let Some(name) = name
            && names.insert(name)
            && let Some(target) = document.root().pointer(&pointer)
        {
            reach(document, target, names, depth + 1);
        }
        return;
    }
    for (_, node) in schema.as_object().into_iter().flat_map(swpanel_build_tools::document::Object::iter) {
        reach(document, node, names, depth + 1);
    }
    schema.as_array().unwrap_or_default().iter().for_each(|node| reach(document, node, names, depth + 1));
}

impl Fidelity {
    /// What is kept under version control and read by coverage: the total, then a line an operation.
    pub fn record(&self) -> String {
        let line = |score: &Score| format!("{} of {}", score.same, score.of);
        let mut lines = vec![format!("all -> {}", line(&self.total))];
        lines.extend(self.operations.iter().map(|(key, score)| format!("{key} -> {}", line(score))));
        lines.join("\n")
    }
}
