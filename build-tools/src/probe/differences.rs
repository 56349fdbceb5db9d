//! Shapes that were seen to the differences between API and document that they prove.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Kind, Place, Probe};
use crate::document::{Document, Node};
use crate::safe_text::line;

/// One thing in which answers and document disagree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What kind of difference it is, kebab-case.
    pub rule: &'static str,
    /// The operations that showed it, as `METHOD /path`.
    pub operations: BTreeSet<String>,
    /// JSON pointer of the schema, or of the operation, in the document.
    pub pointer: String,
    /// What it is about: a member, a kind, a status.
    pub subject: String,
    /// What the document says and what came, in words.
    pub message: String,
    /// How often it was seen.
    pub count: u64,
    /// Of how many values or answers.
    pub of: u64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (message, pointer) = (line(&self.message), line(&self.pointer));
        write!(f, "{}: {message} ({} of {}), {pointer}", self.rule, self.count, self.of)
    }
}

/// All differences, in the order of the document's pointers. A schema that names no member differs in none.
pub fn differences(document: &Document, probe: &Probe) -> Vec<Difference> {
    let mut found = Vec::new();
    for (pointer, place) in &probe.places {
        let schema = document.root().pointer(pointer).cloned().unwrap_or_default();
        of_place(pointer, place, &schema, &mut found);
    }
    let pointers: BTreeMap<String, String> =
        document.operations().iter().map(|operation| (operation.key(), operation.pointer.clone())).collect();
    for (key, asked) in &probe.operations {
        let all = asked.statuses.values().sum();
        let mut add = |rule, subject: String, message: String, count| {
            found.push(Difference {
                rule,
                operations: BTreeSet::from([key.clone()]),
                pointer: pointers.get(key).cloned().unwrap_or_default(),
                subject,
                message,
                count,
                of: all,
            });
        };
        for status in &asked.undocumented {
            let count = asked.statuses.get(status).copied().unwrap_or_default();
            add("status-undocumented", status.to_string(), format!("{key} names no answer for status {status}"), count);
        }
        for (what, count) in &asked.unreadable {
            add("answer-unreadable", what.clone(), format!("{key}: {what}"), *count);
        }
    }
    found
}

fn of_place(pointer: &str, place: &Place, schema: &Node, found: &mut Vec<Difference>) {
    let name = named(pointer);
    let mut add = |rule, subject: String, message: String, count, of| {
        let (operations, pointer) = (place.operations.clone(), pointer.to_owned());
        found.push(Difference { rule, operations, pointer, subject, message, count, of });
    };
    let objects = place.kinds.get(&Kind::Object).copied().unwrap_or_default();
    for (kind, count) in &place.mismatched {
        let message = format!("{name} is {} here, {} there", said(schema), kind.as_str());
        add("type-mismatch", kind.as_str().to_owned(), message, *count, place.seen);
    }
    if place.outside > 0 {
        let words: Vec<&str> = place.words.iter().map(String::as_str).collect();
        let words = if words.is_empty() { String::new() } else { format!(", among them {}", words.join(", ")) };
        let message = format!("{name} has values outside its enumeration{words}");
        add("enum-mismatch", words.trim_start_matches(", among them ").to_owned(), message, place.outside, place.seen);
    }
    for (member, count) in &place.missing {
        add("field-missing", member.clone(), format!("{name} lacks `{member}`, which is required"), *count, objects);
    }
    if place.open {
        return;
    }
    for (member, seen) in &place.more {
        let kinds: Vec<&str> = seen.shape.kinds.keys().map(|kind| kind.as_str()).collect();
        let message = format!("{name} has `{member}` ({}), which is not named", kinds.join(" or "));
        add("field-undocumented", member.clone(), message, seen.present, objects);
    }
    if place.unnamed > 0 {
        let message = format!("{name} has members that are not named, and whose names may be data");
        add("field-undocumented", "*".to_owned(), message, place.unnamed, place.unnamed);
    }
}

/// A place as people call it: the last names of its pointer.
fn named(pointer: &str) -> String {
    let tokens: Vec<String> =
        pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let shown: Vec<&str> = match tokens.first().map(String::as_str) {
        Some("components") => tokens.iter().skip(2).map(String::as_str).collect(),
        _ => {
            let path = tokens.get(1).map(String::as_str).unwrap_or_default();
            let rest = tokens.iter().position(|token| token == "schema").map_or(tokens.len(), |at| at + 1);
            let method = tokens.get(2).map(|method| method.to_uppercase()).unwrap_or_default();
            let inside: Vec<&str> = tokens.iter().skip(rest).map(String::as_str).collect();
            return words(&format!("the answer of {method} {path}"), &inside);
        }
    };
    match shown.split_first() {
        Some((first, rest)) => words(first, rest),
        None => "the document".to_owned(),
    }
}

fn words(of: &str, inside: &[&str]) -> String {
    let mut path = of.to_owned();
    let mut rest = inside.iter();
    while let Some(token) = rest.next() {
        match *token {
            "properties" => path.extend(rest.next().map(|name| format!(".{name}"))),
            "items" => path.push_str("[]"),
            "additionalProperties" => path.push_str(".*"),
            "oneOf" | "anyOf" | "allOf" => {
                rest.next();
            }
            other => path.push_str(&format!(".{other}")),
        }
    }
    path
}

fn said(schema: &Node) -> String {
    match schema.text_at("type") {
        Some(of) if schema.get("nullable").and_then(Node::as_bool) == Some(true) => format!("{of} or null"),
        Some(of) => of.to_owned(),
        None => "one of several kinds".to_owned(),
    }
}
