//! A document and OpenAPI Overlay files (1.0, 1.1) to the corrected document, with a ledger entry for every change.
//!
//! Stricter than the specification where silence would hide a mistake: an action that matches nothing is an error
//! unless it says `x-expect: maybe`, unknown members are errors, and an action does one thing.

use serde_json_path::JsonPath;
use thiserror::Error;

use super::convert::{Document, Ledger, Stage, Weight};
use super::node::{Node, Object, Span, Value};
use super::pointer::tokens;
use super::raw::RawDocument;

/// An overlay as it lies in its folder.
#[derive(Clone, Copy, Debug)]
pub struct Overlay<'a> {
    /// The name that messages and the lock call it by.
    pub name: &'a str,
    /// JSON or YAML.
    pub bytes: &'a [u8],
}

/// An overlay that cannot be applied; the document is not to be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}{}: {why}", number(.action))]
pub struct OverlayError {
    /// The overlay.
    pub file: String,
    /// Its action, from 1; none where the file as a whole is at fault.
    pub action: Option<usize>,
    /// What is wrong.
    pub why: String,
}

fn number(action: &Option<usize>) -> String {
    action.map_or_else(String::new, |action| format!(", action {action}"))
}

/// What an action does with what its target selects.
enum Change {
    Update(Node),
    Copy(JsonPath),
    Remove,
}

/// One action, read and found sound.
struct Action {
    number: usize,
    path: String,
    target: JsonPath,
    change: Change,
    optional: bool,
}

/// Applies overlays in the order given.
///
/// # Errors
/// An overlay is not well-formed, is not one, or has an action that matches nothing or does not fit what it matches.
pub fn overlay(document: &mut Document, overlays: &[Overlay<'_>], ledger: &mut Ledger) -> Result<(), OverlayError> {
    for file in overlays {
        let fail = |action, why: String| OverlayError { file: file.name.to_owned(), action, why };
        for action in actions(file).map_err(|(action, why)| fail(action, why))? {
            let changed = apply(document, &action).map_err(|why| fail(Some(action.number), why))?;
            let Applied { selected, changed } = changed;
            if changed.is_empty() {
                let what = if selected.is_empty() { "matches nothing" } else { "changes nothing" };
                let message = format!(
                    "{}, action {} {what} any more (`{}`): it is no longer needed",
                    file.name, action.number, action.path
                );
                let pointer = selected.into_iter().next().unwrap_or_default();
                ledger.note(Stage::Overlay, Weight::Mend, "overlay-not-needed", pointer, message);
            }
            for pointer in changed {
                let verb = match action.change {
                    Change::Update(_) => "updates",
                    Change::Copy(_) => "copies into",
                    Change::Remove => "removes",
                };
                let message = format!("{}, action {} {verb} what `{}` selects", file.name, action.number, action.path);
                ledger.note(Stage::Overlay, Weight::Rewrite, "overlay", pointer, message);
            }
        }
    }
    Ok(())
}

type Fault = (Option<usize>, String);

fn actions(file: &Overlay<'_>) -> Result<Vec<Action>, Fault> {
    let raw = RawDocument::read(file.bytes).map_err(|refusal| (None, refusal.to_string()))?;
    let whole = |why: &str| (None, why.to_owned());
    let root = raw.root().as_object().ok_or_else(|| whole("it is no object"))?;
    let version = root.get("overlay").and_then(|node| node.as_str().or(node.as_number()));
    let version = version.ok_or_else(|| whole("it has no `overlay` member, so it is no OpenAPI Overlay"))?;
    if !["1.0", "1.1"].iter().any(|known| version == *known || version.starts_with(&format!("{known}."))) {
        return Err((None, format!("it is an Overlay {version}; 1.0 and 1.1 are read")));
    }
    known(root, &["overlay", "info", "extends", "actions"]).map_err(|why| (None, why))?;
    let info = root.get("info").filter(|info| info.text_at("title").is_some());
    info.ok_or_else(|| whole("`info` with a `title` that says what it is for is missing"))?;
    let list = root.get("actions").and_then(Node::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| whole("`actions` must be an array with one action or more"))?;
    list.iter()
        .enumerate()
        .map(|(at, node)| read(at + 1, node, version.starts_with("1.1")).map_err(|why| (Some(at + 1), why)))
        .collect()
}

fn known(object: &Object, names: &[&str]) -> Result<(), String> {
    match object.iter().find(|(key, _)| !names.contains(key) && !key.starts_with("x-")) {
        Some((key, _)) => Err(format!("`{key}` is not one of its members ({})", names.join(", "))),
        None => Ok(()),
    }
}

fn read(number: usize, node: &Node, copies: bool) -> Result<Action, String> {
    let object = node.as_object().ok_or("it is no object")?;
    known(object, &["target", "description", "update", "copy", "remove"])?;
    let path = object.get("target").and_then(Node::as_str).ok_or("it has no `target`, a JSONPath as text")?;
    let parse = |path: &str| JsonPath::parse(path).map_err(|error| format!("`{path}` is no JSONPath: {error}"));
    let remove = match object.get("remove") {
        None => false,
        Some(node) => node.as_bool().ok_or("`remove` must be true or false")?,
    };
    let copy = object.get("copy").map(|node| node.as_str().ok_or("`copy` must be a JSONPath as text")).transpose()?;
    if copy.is_some() && !copies {
        return Err("`copy` came with Overlay 1.1; write `overlay: 1.1.0`".to_owned());
    }
    let change = match (remove, object.get("update"), copy) {
        (true, None, None) => Change::Remove,
        (false, Some(update), None) => {
            let mut update = update.clone();
            // What comes from an overlay has no place in the source.
            update.set_span(Span::default());
            Change::Update(update)
        }
        (false, None, Some(copy)) => Change::Copy(parse(copy)?),
        (false, None, None) => return Err("it has neither `update` nor `copy` nor `remove: true`".to_owned()),
        _ => return Err("it has more than one of `update`, `copy` and `remove: true`; make one action of each".into()),
    };
    let optional = match object.get("x-expect") {
        None => false,
        Some(node) if node.as_str() == Some("maybe") => true,
        Some(_) => return Err("`x-expect` can only be `maybe`".to_owned()),
    };
    Ok(Action { number, path: path.to_owned(), target: parse(path)?, change, optional })
}

/// What an action did.
struct Applied {
    /// The pointers that its target selects.
    selected: Vec<String>,
    /// Those of them where something changed.
    changed: Vec<String>,
}

/// Applies one action.
fn apply(document: &mut Document, action: &Action) -> Result<Applied, String> {
    let json = document.root().to_json();
    let select = |path: &JsonPath| {
        let mut found: Vec<String> = Vec::new();
        for node in path.query_located(&json).iter() {
            let pointer = node.location().to_json_pointer();
            if !found.contains(&pointer) {
                found.push(pointer);
            }
        }
        found
    };
    let selected = select(&action.target);
    if selected.is_empty() {
        return match action.optional {
            true => Ok(Applied { changed: Vec::new(), selected }),
            false => Err(format!("`{}` matches nothing in the document", action.path)),
        };
    }
    let update = match &action.change {
        Change::Remove => {
            let changed = remove(document.root_mut(), selected)?;
            return Ok(Applied { selected: changed.clone(), changed });
        }
        Change::Update(update) => update.clone(),
        Change::Copy(path) => match select(path).as_slice() {
            [one] => document.root().pointer(one).cloned().ok_or("what it copies is not there")?,
            found => return Err(format!("`copy` must select one value, it selects {}", found.len())),
        },
    };
    let mut changed = Vec::new();
    for pointer in &selected {
        let node = document.root_mut().pointer_mut(pointer).ok_or("what it selects is not there")?;
        let fits = match &node.value {
            Value::Object(_) => update.as_object().is_some(),
            Value::Array(_) => true,
            _ => update.as_object().is_none() && update.as_array().is_none(),
        };
        if !fits {
            return Err(format!("its value and what stands at `{pointer}` are of different kinds"));
        }
        let before = node.clone();
        merge(node, &update);
        if *node != before {
            changed.push(pointer.clone());
        }
    }
    Ok(Applied { selected, changed })
}

/// Objects member by member, arrays at their end, everything else is replaced.
fn merge(node: &mut Node, update: &Node) {
    match (&mut node.value, &update.value) {
        (Value::Object(object), Value::Object(more)) => {
            for (key, value) in more.iter() {
                match object.get_mut(key) {
                    Some(old) if same_kind(old, value) => merge(old, value),
                    _ => object.insert(key, value.clone()),
                }
            }
        }
        (Value::Array(items), Value::Array(more)) => items.extend(more.iter().cloned()),
        (Value::Array(items), _) => items.push(update.clone()),
        (old, new) => *old = new.clone(),
    }
}

fn same_kind(old: &Node, new: &Node) -> bool {
    let kind = |node: &Node| (node.as_object().is_some(), node.as_array().is_some());
    kind(old) == kind(new)
}

/// Takes out from the end, so that the place of an array's earlier items holds.
fn remove(root: &mut Node, mut selected: Vec<String>) -> Result<Vec<String>, String> {
    let key = |pointer: &String| -> Vec<(Option<usize>, String)> {
        tokens(pointer).unwrap_or_default().into_iter().map(|token| (token.parse().ok(), token)).collect()
    };
    selected.sort_by_key(|pointer| std::cmp::Reverse(key(pointer)));
    for pointer in &selected {
        let (parent, _) = pointer.rsplit_once('/').ok_or("the whole document cannot be removed")?;
        let last = tokens(pointer).and_then(|mut tokens| tokens.pop()).unwrap_or_default();
        match root.pointer_mut(parent).map(|node| &mut node.value) {
            Some(Value::Object(object)) => {
                object.remove(&last);
            }
            Some(Value::Array(items)) => {
                if let Some(at) = last.parse().ok().filter(|at| *at < items.len()) {
                    items.remove(at);
                }
            }
            _ => {}
        }
    }
    selected.reverse();
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::convert;

    const DOCUMENT: &str = "openapi: 3.0.3
info: {title: T, version: '1'}
tags: [{name: a}, {name: b}, {name: c}]
paths:
  /a:
    get: {operationId: a, responses: {'200': {description: ok}}}
    delete: {operationId: b, responses: {'204': {description: gone}}}
";

    fn applied(actions: &str) -> Result<(Document, Ledger), OverlayError> {
        let (mut document, mut ledger) = convert(&RawDocument::read(DOCUMENT.as_bytes()).unwrap()).unwrap();
        let bytes = format!("overlay: 1.1.0\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}");
        overlay(&mut document, &[Overlay { name: "o.yaml", bytes: bytes.as_bytes() }], &mut ledger)?;
        Ok((document, ledger))
    }

    fn at(actions: &str, pointer: &str) -> Option<String> {
        applied(actions).unwrap().0.root().pointer(pointer).map(|node| node.to_json().to_string())
    }

    #[test]
    fn merges_appends_replaces_copies_and_removes() {
        let get = "- {target: '$.paths[\"/a\"].get', update: {summary: S, responses: {'200': {description: fine}}}}";
        assert_eq!(at(get, "/paths/~1a/get/responses/200/description").as_deref(), Some("\"fine\""));
        assert_eq!(at(get, "/paths/~1a/get/operationId").as_deref(), Some("\"a\""));
        assert_eq!(at("- {target: $.tags, update: {name: d}}", "/tags/3/name").as_deref(), Some("\"d\""));
        assert_eq!(at("- {target: $.tags, update: [{name: d}]}", "/tags/3/name").as_deref(), Some("\"d\""));
        assert_eq!(at("- {target: $.info.title, update: New}", "/info/title").as_deref(), Some("\"New\""));
        let copy = "- {target: '$.paths[\"/a\"].delete', copy: '$.paths[\"/a\"].get'}";
        assert_eq!(at(copy, "/paths/~1a/delete/operationId").as_deref(), Some("\"a\""));
        let remove = "- {target: \"$.tags[?@.name == 'a' || @.name == 'b']\", remove: true}";
        assert_eq!(at(remove, "/tags").as_deref(), Some("[{\"name\":\"c\"}]"));
    }

    #[test]
    fn what_it_changes_is_in_the_ledger() {
        let (_, ledger) = applied("- {target: '$.tags[*]', update: {description: x}}").unwrap();
        let pointers: Vec<&str> = ledger.entries().iter().map(|entry| entry.pointer.as_str()).collect();
        assert_eq!(pointers, ["/tags/0", "/tags/1", "/tags/2"]);
    }

    #[test]
    fn an_action_that_changes_nothing_any_more_is_said() {
        let entries_of = |actions: &str| -> Vec<(&'static str, String)> {
            let (_, ledger) = applied(actions).unwrap();
            ledger.entries().iter().map(|entry| (entry.rule, entry.message.clone())).collect()
        };
        for action in [
            "- {target: '$.paths[\"/a\"].get', update: {operationId: a}}",
            "- {target: '$.paths[\"/a\"].get', update: {responses: {'200': {description: ok}}}}",
            "- {target: $.info.title, update: T}",
            "- {target: $.tags, update: []}",
            "- {target: $.info, update: {}}",
            "- {target: $.servers, remove: true, x-expect: maybe}",
        ] {
            let entries = entries_of(action);
            assert_eq!(entries.len(), 1, "{action}: {entries:?}");
            assert_eq!(entries[0].0, "overlay-not-needed", "{action}");
            assert!(
                entries[0].1.starts_with("o.yaml, action 1 ") && entries[0].1.ends_with("it is no longer needed"),
                "{entries:?}"
            );
        }
        // Where one of several places changes, it is still needed.
        let entries = entries_of("- {target: '$.paths[\"/a\"].*', update: {operationId: a}}");
        assert_eq!(entries.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), ["overlay"]);
    }

    #[test]
    fn an_action_that_matches_nothing_is_an_error_with_file_and_action() {
        let error = applied("- {target: $.info, update: {a: 1}}\n- {target: $.servers, remove: true}").unwrap_err();
        assert_eq!(error.to_string(), "o.yaml, action 2: `$.servers` matches nothing in the document");
        applied("- {target: $.servers, remove: true, x-expect: maybe}").unwrap();
    }

    #[test]
    fn says_what_is_wrong_with_an_action() {
        for (action, part) in [
            ("- {target: $., update: {}}", "no JSONPath"),
            ("- {update: {}}", "no `target`"),
            ("- {target: $.info}", "neither"),
            ("- {target: $.info, update: {}, remove: true}", "more than one"),
            ("- {target: $.info, updates: {}}", "`updates` is not one"),
            ("- {target: $.info, update: 3}", "different kinds"),
            ("- {target: $.info.title, update: {a: 1}}", "different kinds"),
            ("- {target: $.info, copy: '$.tags[*]'}", "selects 3"),
            ("- {target: $, remove: true}", "whole document"),
            ("- {target: $.info, update: {}, x-expect: yes}", "`maybe`"),
        ] {
            let error = applied(action).unwrap_err();
            assert_eq!(error.action, Some(1), "{action}");
            assert!(error.why.contains(part), "{action}: {}", error.why);
        }
        let mut document = convert(&RawDocument::read(DOCUMENT.as_bytes()).unwrap()).unwrap().0;
        for (bytes, part) in [
            ("a: 1", "no OpenAPI Overlay"),
            ("overlay: 2.0.0", "1.0 and 1.1"),
            ("overlay: 1.0.0\nactions: [{}]", "`info`"),
            ("overlay: 1.0.0\ninfo: {title: t}\nactions: []", "one action or more"),
            ("overlay: 1.0.0\ninfo: {title: t}\nactions: [{target: $, copy: $}]", "1.1.0"),
            ("overlay: [", "syntax error"),
        ] {
            let file = Overlay { name: "o.yaml", bytes: bytes.as_bytes() };
            let error = overlay(&mut document, &[file], &mut Ledger::default()).unwrap_err();
            assert!(error.why.contains(part), "{bytes}: {}", error.why);
        }
    }
}
