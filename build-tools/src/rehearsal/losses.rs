//! What a document lost against the one before it: caution, secrets and names.

use std::collections::BTreeMap;

use crate::commands;
use crate::document::{Document, Effect, Node, Object, Operation};
use crate::knowledge::matching::{Match, find};
use crate::matching::endpoints;

/// The most references and properties on the way to a property.
const DEEPEST: usize = 32;

/// What was lost, one line each; nothing where every operation is treated at least as carefully as before and has the
/// same names. Operations that the document before did not have must be unclassified.
pub fn losses(before: &Document, after: &Document) -> Vec<String> {
    let (old, new) = (before.operations(), after.operations());
    let matches = find(&endpoints(before), &endpoints(after));
    let (words, words_before) = (commands::words(after), commands::words(before));
    let mut lost = Vec::new();
    for (at, operation) in old.iter().enumerate() {
        if !matches.iter().any(|found| found.known() == Some(at)) {
            lost.push(format!("{} is not in the document", operation.key()));
        }
    }
    for (operation, found) in new.iter().zip(&matches) {
        let key = operation.key();
        let Some(was) = found.known().and_then(|at| old.get(at)) else {
            if operation.facts().effect != Effect::Unclassified {
                lost.push(format!("{key} is new and passes as classified"));
            }
            continue;
        };
        careful(was, operation, matches!(found, Match::Exact(_)), &mut lost);
        let called = (words_before.get(&was.key()), words.get(&key));
        for (what, is_same) in [
            ("operation id", was.id() == operation.id()),
            ("group", was.tag() == operation.tag()),
            ("command", called.0 == called.1),
            ("parameters of the path", parameters(was.path) == parameters(operation.path)),
        ] {
            if !is_same {
                lost.push(format!("{key} has another name: {what}"));
            }
        }
    }
    lost
}

fn careful(was: &Operation<'_>, is: &Operation<'_>, is_exact: bool, lost: &mut Vec<String>) {
    let (old, new, key) = (was.facts(), is.facts(), is.key());
    for (what, is_lost) in [
        ("is not billable any more", old.billable && !new.billable),
        ("is not destructive any more", old.destructive && !new.destructive),
        ("passes as a read", new.reads() && !old.reads()),
        ("is not asked about any more", old.asks() && !new.asks()),
        ("has another effect", is_exact && old.effect != new.effect),
    ] {
        if is_lost {
            lost.push(format!("{key} {what}"));
        }
    }
    for (place, old, new) in [("request", request(was), request(is)), ("response", response(was), response(is))] {
        // A property that the document does not have any more has nothing to hide.
        let shown = old.iter().filter(|(path, secret)| **secret && new.get(*path) == Some(&false));
        lost.extend(shown.map(|(path, _)| format!("{key} shows the secret `{path}` of its {place}")));
    }
}

fn parameters(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

/// The properties of a body by their dotted paths, and whether each is secret.
type Properties = BTreeMap<String, bool>;

fn request(operation: &Operation<'_>) -> Properties {
    operation.request_body().map(|(_, schema, _)| properties(operation.document(), schema)).unwrap_or_default()
}

fn response(operation: &Operation<'_>) -> Properties {
    operation.success_schema().map(|schema| properties(operation.document(), schema)).unwrap_or_default()
}

fn properties(document: &Document, schema: &Node) -> Properties {
    let mut found = Properties::new();
    collect(document, schema, "", 0, &mut found);
    found
}

fn collect(document: &Document, node: &Node, path: &str, depth: usize, found: &mut Properties) {
    let Some(schema) = document.resolve(node).filter(|_| depth < DEEPEST) else { return };
    let is_secret = schema.get("x-sensitive").and_then(Node::as_bool) == Some(true);
    if !path.is_empty() {
        *found.entry(path.to_owned()).or_default() |= is_secret;
    }
    for (name, property) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        collect(document, property, &path, depth + 1, found);
    }
    for keyword in ["allOf", "oneOf", "anyOf"] {
        for branch in schema.get(keyword).and_then(Node::as_array).unwrap_or_default() {
            collect(document, branch, path, depth + 1, found);
        }
    }
    if let Some(items) = schema.get("items") {
        collect(document, items, path, depth + 1, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    fn document(text: &str) -> Document {
        let text = format!("openapi: 3.0.3\ninfo: {{}}\nservers: [{{url: /v1}}]\npaths:\n{text}");
        convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap().0
    }

    const BEFORE: &str = "  /a/{id}:\n    post: {tags: [a], operationId: a_go, x-swpanel-effect: action, x-swpanel-billable: true, \
         x-swpanel-destructive: true, responses: {'200': {description: ok, content: {application/json: {schema: \
         {properties: {key: {type: string, x-sensitive: true}}}}}}}}\n";

    #[test]
    fn every_loss_is_named() {
        let before = document(BEFORE);
        assert_eq!(losses(&before, &before), Vec::<String>::new());
        for (from, to, line) in [
            ("x-swpanel-billable: true, ", "", "POST /a/{id} is not billable any more"),
            ("x-swpanel-destructive: true, ", "", "POST /a/{id} is not destructive any more"),
            ("x-swpanel-effect: action", "x-swpanel-effect: read", "POST /a/{id} has another effect"),
            (", x-sensitive: true", "", "POST /a/{id} shows the secret `key` of its response"),
            ("a_go", "b_go", "POST /a/{id} has another name: operation id"),
            ("tags: [a]", "tags: [b]", "POST /a/{id} has another name: group"),
            ("/a/{id}", "/a/{other}", "POST /a/{other} has another name: parameters of the path"),
            ("/a/{id}", "/b/{id}", "POST /a/{id} is not in the document"),
        ] {
            let after = document(&BEFORE.replace(from, to));
            assert!(losses(&before, &after).iter().any(|lost| lost == line), "{line}: {:?}", losses(&before, &after));
        }
    }
}
