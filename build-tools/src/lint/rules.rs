//! The rules, one function each.

use std::collections::BTreeSet;

use super::{Finding, Severity};
use crate::document::{Document, Effect, METHODS, Node, Operation, Value, child};
use crate::knowledge::SENSITIVE;
use crate::secrets::is_secret_name;

fn about(operation: &Operation<'_>, severity: Severity, rule: &'static str, message: String) -> Finding {
    Finding {
        severity,
        rule,
        operation: Some(operation.key()),
        pointer: operation.pointer.clone(),
        message,
        span: operation.node.span,
    }
}

/// `METHOD /path` of what a pointer leads into, where that is an operation.
pub(super) fn operation_of(pointer: &str) -> Option<String> {
    let mut tokens = pointer.strip_prefix("/paths/")?.split('/');
    let path = tokens.next()?.replace("~1", "/").replace("~0", "~");
    let method = tokens.next().filter(|method| METHODS.contains(method))?;
    Some(format!("{} {path}", method.to_uppercase()))
}

/// There is at least one successful answer.
pub(super) fn answers(operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let found = operation.responses().iter().any(|(status, _)| status.starts_with('2') || *status == "default");
    if !found {
        let message = "no successful answer is declared; the client keeps whatever comes as open JSON".to_owned();
        findings.push(about(operation, Severity::Warning, "answer-missing", message));
    }
}

/// What stands in a path goes over the wire as the path says it.
pub(super) fn paths(operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let names: Vec<&str> =
        operation.path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    let mut seen = BTreeSet::new();
    for name in names.into_iter().filter(|name| !seen.insert(*name)) {
        let message = format!("the path has `{{{name}}}` twice; both places get the same value");
        findings.push(about(operation, Severity::Warning, "path-name-twice", message));
    }
    if operation.path.contains('#') {
        let message = "what stands after `#` in the path is a fragment, which no client sends".to_owned();
        findings.push(about(operation, Severity::Warning, "path-fragment", message));
    }
}

/// There is a summary and a tag.
pub(super) fn descriptions(operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    if operation.summary().is_empty() && operation.node.text_at("description").is_none() {
        let message = "neither summary nor description says what this does".to_owned();
        findings.push(about(operation, Severity::Warning, "summary-missing", message));
    }
    if operation.tag() == "untagged" {
        let message = "no tag says which group this belongs to".to_owned();
        findings.push(about(operation, Severity::Warning, "tag-missing", message));
    }
}

/// What our own reconstruction owes: an entry of knowledge.toml, evidence, and the one error schema.
pub(super) fn house(operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    if operation.facts().effect == Effect::Unclassified {
        let message = "knowledge.toml has no entry for this operation of the reconstruction".to_owned();
        findings.push(about(operation, Severity::Error, "house-effect-missing", message));
    }
    if operation.node.get("x-evidence").and_then(Node::as_array).is_none_or(<[Node]>::is_empty) {
        let message = "`x-evidence` must name the lines this rests on".to_owned();
        findings.push(about(operation, Severity::Error, "house-evidence-missing", message));
    }
    let statuses: Vec<&str> = operation.responses().iter().map(|(status, _)| *status).collect();
    if !(statuses.contains(&"4XX") && statuses.contains(&"5XX")) {
        let message = "the error envelope must be declared for 4XX and 5XX".to_owned();
        findings.push(about(operation, Severity::Error, "house-errors-missing", message));
    }
}

/// Properties whose names say that they are secret are decided by knowledge.toml: secret, or public.
pub(super) fn sensitive(document: &Document, findings: &mut Vec<Finding>) {
    walk(document.root(), "", &mut |node, pointer| {
        let Some(properties) = node.get("properties").and_then(Node::as_object) else { return };
        for (name, schema) in properties.iter() {
            let secret = is_secret_name(name);
            let decided = document.resolve(schema).is_some_and(|schema| schema.get(SENSITIVE).is_some());
            // A choice of published values is no secret.
            let textual = document
                .resolve(schema)
                .is_some_and(|schema| schema.text_at("type") == Some("string") && schema.get("enum").is_none());
            if secret && textual && !decided {
                findings.push(Finding {
                    severity: Severity::Warning,
                    rule: "secret-not-marked",
                    operation: operation_of(pointer),
                    pointer: child(&child(pointer, "properties"), name),
                    message: format!(
                        "`{name}` looks like a secret by its name, and knowledge.toml does not say; it is kept secret"
                    ),
                    span: schema.span,
                });
            }
        }
    });
}

/// Calls `visit` for every node below and including this one.
pub(super) fn walk<'a>(node: &'a Node, pointer: &str, visit: &mut impl FnMut(&'a Node, &str)) {
    visit(node, pointer);
    match &node.value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &child(pointer, &at.to_string()), visit);
            }
        }
        // Examples are data of the API, not part of the document's own language.
        Value::Object(object) => {
            for (key, value) in object.iter().filter(|(key, _)| *key != "example" && *key != "examples") {
                walk(value, &child(pointer, key), visit);
            }
        }
        _ => {}
    }
}
