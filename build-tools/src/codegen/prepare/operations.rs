//! Operations of the document to operations of the generator's view: one success, no errors, plain parameters.

use std::collections::BTreeSet;

use super::answers::{self, content};
use super::schemas::{self, Direction};
use super::{Dropped, State, wire};
use crate::document::{Document, MAX_DEPTH, Node, Object, Operation, Parameter, ParameterPlace, Stage, Weight, child};
use crate::names::setter_name;

/// Names that a parameter's setter must not have, since the builder has them itself.
pub(in crate::codegen) const RESERVED: [&str; 7] = ["body", "body_map", "client", "new", "request", "send", "url"];

/// The name that the view calls a parameter by: its own, or with its place where another setter has that name.
pub(in crate::codegen) fn view_name(parameter: &Parameter<'_>, taken: &mut BTreeSet<String>) -> String {
    let name = parameter.name;
    let place = match parameter.place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
    };
    let placed = (1..).map(|number: usize| match number {
        1 => format!("{name}_in_{place}"),
        _ => format!("{name}_in_{place}_{number}"),
    });
    let free = std::iter::once(name.to_owned()).chain(placed).find(|name| !taken.contains(&setter_name(name)));
    let name = free.unwrap_or_else(|| name.to_owned());
    taken.insert(setter_name(&name));
    name
}

/// The `paths` of the view.
pub(super) fn prepare(document: &Document, state: &mut State) -> Object {
    let mut paths = Object::new();
    for operation in document.operations() {
        match one(&operation, state) {
            Ok((path, node)) => {
                let method = operation.method.to_lowercase();
                match paths.get_mut(&path).and_then(Node::as_object_mut) {
                    Some(item) => item.insert(method, node),
                    None => {
                        let mut item = Object::new();
                        item.insert(method, node);
                        paths.insert(path, item);
                    }
                }
            }
            Err(reason) => {
                state.ledger.note(Stage::Prepare, Weight::Loss, "operation-not-generated", &operation.pointer, &reason);
                state.dropped.push(Dropped { operation: operation.key(), reason });
            }
        }
    }
    paths
}

/// An operation, and its path with the names that its parameters have in the view.
fn one(operation: &Operation<'_>, state: &mut State) -> Result<(String, Object), String> {
    if matches!(operation.method.as_str(), "OPTIONS" | "TRACE") {
        return Err(format!("the generator has no {} requests; `raw` reaches it", operation.method));
    }
    let mut out = Object::new();
    out.insert("operationId", operation.id());
    for text in ["summary", "description"] {
        if let Some(value) = operation.node.text_at(text) {
            out.insert(text, value);
        }
    }
    let mut path = operation.path.to_owned();
    let mut parameters = Vec::new();
    let mut taken: BTreeSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
    for known in operation.parameters() {
        let name = view_name(&known, &mut taken);
        if name != known.name {
            let message = format!("the setter of `{}` is called `{name}`, since that name is taken", known.name);
            state.ledger.note(Stage::Prepare, Weight::Mend, "parameter-renamed", &operation.pointer, message);
            if known.place == ParameterPlace::Path {
                path = path.replace(&format!("{{{}}}", known.name), &format!("{{{name}}}"));
            }
        }
        parameters.extend(parameter(operation, &known, &name, state)?);
    }
    out.insert("parameters", parameters);
    if operation.node.get("requestBody").is_some() {
        out.insert("requestBody", body(operation, state)?);
    }
    out.insert("responses", answers::responses(operation, state));
    Ok((path, out))
}

fn parameter(
    operation: &Operation<'_>,
    known: &Parameter<'_>,
    view: &str,
    state: &mut State,
) -> Result<Option<Node>, String> {
    let Some((schema, spelling)) = wire::of(operation, known) else {
        if known.required {
            return Err(format!("the generator cannot send the required parameter `{}`; `raw` can", known.name));
        }
        let message = format!("the optional parameter `{}` has no setter; `raw` can send it", known.name);
        state.ledger.note(Stage::Prepare, Weight::Loss, "parameter-not-generated", &operation.pointer, message);
        return Ok(None);
    };
    let place = match known.place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        _ => "header",
    };
    let pointer = operation.pointer_of(known);
    let pointer = match known.node.get("schema") {
        Some(_) => child(&pointer, "schema"),
        None => {
            let media = known.node.get("content").and_then(Node::as_object).and_then(|content| content.iter().next());
            child(&child(&child(&pointer, "content"), media.map_or("", |(media, _)| media)), "schema")
        }
    };
    wire::note(operation, known, view, spelling, state);
    let mut out = Object::new();
    out.insert("name", view);
    out.insert("in", place);
    out.insert("required", known.required);
    if let Some(description) = known.node.text_at("description") {
        out.insert("description", description);
    }
    out.insert("schema", wire::prepared(operation, schema, &pointer, view, state));
    Ok(Some(out.into()))
}

/// Whether every value of a schema is one word, as a path or a header takes it: no list and no object.
fn is_one_word(document: &Document, schema: &Node, depth: usize) -> bool {
    let Some(schema) = document.resolve(schema).filter(|_| depth > 0) else { return false };
    let kind = schema.text_at("type");
    if kind.is_some_and(|kind| matches!(kind, "object" | "array")) || schema.get("properties").is_some() {
        return false;
    }
    let arms = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    arms.into_iter().all(|arm| is_one_word(document, arm, depth - 1))
}

fn body(operation: &Operation<'_>, state: &mut State) -> Result<Object, String> {
    let document = operation.document();
    let Some((media, schema, required)) = operation.request_body() else {
        return Err("the request body has no schema; `raw` can send it".to_owned());
    };
    let essence = media.split(';').next().unwrap_or_default().trim();
    let generated = match essence {
        "application/json" | "application/x-www-form-urlencoded" => essence,
        other if other.ends_with("+json") => "application/json",
        other => return Err(format!("the generator cannot send a body of type `{other}`; `raw` can")),
    };
    if generated == "application/x-www-form-urlencoded"
        && let Some(member) = no_pair(document, schema, MAX_DEPTH)
    {
        return Err(format!("the generator cannot send {member} in a form; `raw` can"));
    }
    let node = operation.node.get("requestBody").unwrap_or(schema);
    let contents = child(&document.place(node, child(&operation.pointer, "requestBody")), "content");
    let declared = document.resolve(node).and_then(|body| body.get("content")).and_then(Node::as_object);
    for (other, _) in declared.into_iter().flat_map(Object::iter).filter(|(other, _)| *other != media) {
        let message = format!("of several types of body, `{media}` is typed; `raw` can send `{other}`");
        state.ledger.note(Stage::Prepare, Weight::Loss, "media-type-not-generated", child(&contents, other), message);
    }
    if generated != media {
        let message = format!("the body of type `{media}` is sent as `{generated}`");
        state.ledger.note(Stage::Prepare, Weight::Loss, "media-type-renamed", child(&contents, media), message);
    }
    if !required {
        let message = "the optional body is always sent";
        state.ledger.note(Stage::Prepare, Weight::Loss, "optional-body-always-sent", &operation.pointer, message);
    }
    let pointer = child(&child(&contents, media), "schema");
    let schema = schemas::never_null(schemas::prepare(document, schema, Direction::REQUEST, &pointer, state));
    let mut out = Object::new();
    out.insert("required", true);
    out.insert("content", content(generated, schema));
    Ok(out)
}

/// What of a form is no pair of name and word, and so cannot be written: it, or the member that is a list or an object.
fn no_pair(document: &Document, schema: &Node, depth: usize) -> Option<String> {
    let schema = document.resolve(schema).filter(|_| depth > 0)?;
    if schema.text_at("type") == Some("array") {
        return Some("a list".to_owned());
    }
    let members = schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    let member = members.into_iter().find(|(_, member)| !is_one_word(document, member, MAX_DEPTH));
    if let Some((name, _)) = member {
        return Some(format!("the list or object `{name}`"));
    }
    let arms = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    arms.into_iter().find_map(|arm| no_pair(document, arm, depth - 1))
}
