//! Operations of the document to operations of the generator's view: one success, no errors, plain parameters.

use std::collections::BTreeSet;

use super::schemas::{self, Direction};
use super::{Dropped, State};
use crate::document::{Document, MAX_DEPTH, Node, Object, Operation, Parameter, ParameterPlace, Stage, Weight, child};

/// Names that a parameter's setter must not have, since the builder has them itself.
pub(in crate::codegen) const RESERVED: [&str; 7] = ["body", "body_map", "client", "new", "request", "send", "url"];

/// The name that the view calls a parameter by, or nothing where its setter's name is taken. What a path calls its
/// parts is between the document and us, so these can be renamed; all others go over the wire.
pub(in crate::codegen) fn view_name(parameter: &Parameter<'_>, taken: &mut BTreeSet<String>) -> Option<String> {
    let name = parameter.name.to_owned();
    if taken.insert(crate::names::snake_case(&name)) {
        return Some(name);
    }
    let other = format!("{name}_in_path");
    let is_free = parameter.place == ParameterPlace::Path && taken.insert(crate::names::snake_case(&other));
    is_free.then_some(other)
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
        let Some(name) = view_name(&known, &mut taken) else {
            if known.required {
                return Err(format!(
                    "the setter of the required parameter `{}` would have a name that is taken",
                    known.name
                ));
            }
            let message = format!("the setter of `{}` would have a name that is taken; `raw` can send it", known.name);
            state.ledger.note(Stage::Prepare, Weight::Loss, "parameter-not-generated", &operation.pointer, message);
            continue;
        };
        if name != known.name {
            let message = format!("the setter of `{}` is called `{name}`, since that name is taken", known.name);
            state.ledger.note(Stage::Prepare, Weight::Mend, "parameter-renamed", &operation.pointer, message);
            path = path.replace(&format!("{{{}}}", known.name), &format!("{{{name}}}"));
        }
        if let Some(mut node) = parameter(operation, &known, state)? {
            node.as_object_mut().into_iter().for_each(|object| object.insert("name", name.as_str()));
            parameters.push(node);
        }
    }
    out.insert("parameters", parameters);
    if operation.node.get("requestBody").is_some() {
        out.insert("requestBody", body(operation, state)?);
    }
    out.insert("responses", responses(operation, state));
    Ok((path, out))
}

fn parameter(operation: &Operation<'_>, known: &Parameter<'_>, state: &mut State) -> Result<Option<Node>, String> {
    let style = known.node.text_at("style");
    let unusual = known.place == ParameterPlace::Cookie
        || match known.node.get("schema") {
            None => true,
            Some(schema) => {
                known.place != ParameterPlace::Query && !is_one_word(operation.document(), schema, MAX_DEPTH)
            }
        }
        || style.is_some_and(|style| !matches!(style, "simple" | "form"));
    if unusual {
        if known.required {
            return Err(format!("the generator cannot send the required parameter `{}`; `raw` can", known.name));
        }
        let message = format!("the optional parameter `{}` has no setter; `raw` can send it", known.name);
        state.ledger.note(Stage::Prepare, Weight::Loss, "parameter-not-generated", &operation.pointer, message);
        return Ok(None);
    }
    let place = match known.place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        _ => "header",
    };
    let pointer = child(&operation.pointer_of(known), "schema");
    let schema = known.node.get("schema").map_or_else(Node::default, |schema| {
        let schema = never_null(operation.document(), schema, &pointer, state);
        schemas::prepare(operation.document(), &schema, Direction::REQUEST, &pointer, state)
    });
    let mut out = Object::new();
    out.insert("name", known.name);
    out.insert("in", place);
    out.insert("required", known.required);
    if let Some(description) = known.node.text_at("description") {
        out.insert("description", description);
    }
    out.insert("schema", schema);
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

/// What stands in a path, a query or a header is some text; `null` cannot be said there.
fn never_null(document: &Document, schema: &Node, pointer: &str, state: &mut State) -> Node {
    let Some(resolved) = document.resolve(schema) else { return schema.clone() };
    if resolved.get("nullable").and_then(Node::as_bool) != Some(true) {
        return schema.clone();
    }
    let mut schema = resolved.clone();
    if let Some(object) = schema.as_object_mut() {
        object.remove("nullable");
    }
    let message = "a parameter is sent or not, so it is not null";
    state.ledger.note(Stage::Prepare, Weight::Rewrite, "parameter-not-null", pointer, message);
    schema
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
    let schema = schemas::prepare(document, schema, Direction::REQUEST, &pointer, state);
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

/// The one success answer. Errors are left out: the runtime reads them before anything is decoded.
fn responses(operation: &Operation<'_>, state: &mut State) -> Object {
    let document = operation.document();
    let declared = operation.responses();
    let successes = operation.successes();
    let errors = declared.len() - successes.len();
    if errors > 0 {
        let message = format!("{errors} error answers are read by the runtime, not by generated types");
        state.ledger.note(Stage::Prepare, Weight::Rewrite, "errors-left-to-runtime", &operation.pointer, message);
    }
    if successes.len() > 1 {
        let message = "of several success answers the first with a JSON body is typed".to_owned();
        state.ledger.note(Stage::Prepare, Weight::Loss, "one-success-answer", &operation.pointer, message);
    }
    let at = child(&operation.pointer, "responses");
    // The answers as they stand there, for the pointer of what a reference leads to.
    let place = |status: &str| {
        let node = operation.node.get("responses").and_then(|responses| responses.get(status));
        let pointer = child(&at, status);
        node.map_or_else(|| pointer.clone(), |node| document.place(node, pointer.clone()))
    };
    let mut contents: Vec<(&str, &Object)> = successes
        .iter()
        .filter_map(|(status, node)| Some((*status, node.get("content")?.as_object()?)))
        .filter(|(_, content)| !content.is_empty())
        .collect();
    contents.sort_by_key(|(_, content)| !content.iter().any(|(media, _)| media.contains("json")));
    let mut answer = Object::new();
    answer.insert("description", "success");
    let open = Node::from(Object::new());
    match contents.first() {
        Some((status, declared)) => {
            let pointer = child(&place(status), "content");
            let json = declared.iter().find(|(media, _)| media.contains("json"));
            let kept = json.map_or_else(|| declared.iter().next().map_or("", |(media, _)| media), |(media, _)| media);
            for (other, _) in declared.iter().filter(|(other, _)| *other != kept) {
                let message = match json {
                    Some(_) => format!("of several types of answer, `{kept}` is typed, and `{other}` is not"),
                    None => format!("the bytes may also be `{other}`, if the server chooses that before `{kept}`"),
                };
                let at = child(&pointer, other);
                state.ledger.note(Stage::Prepare, Weight::Loss, "media-type-not-generated", at, message);
            }
            let node = match json {
                Some((media, typed)) => {
                    let schema = typed.get("schema").unwrap_or(&open);
                    let pointer = child(&child(&pointer, media), "schema");
                    let schema = schemas::prepare(document, schema, Direction::RESPONSE, &pointer, state);
                    content("application/json", schema)
                }
                None => {
                    let mut binary = Object::new();
                    binary.insert("type", "string");
                    binary.insert("format", "binary");
                    content("application/octet-stream", binary.into())
                }
            };
            answer.insert("content", node);
        }
        None if operation.method == "HEAD" || successes.iter().any(|(status, _)| matches!(*status, "204" | "205")) => {}
        None => {
            let message = "no content is documented; whatever comes is kept as open JSON";
            state.ledger.note(Stage::Prepare, Weight::Rewrite, "undocumented-answer-kept", &at, message);
            answer.insert("content", content("application/json", open));
        }
    }
    let mut out = Object::new();
    out.insert("2XX", answer);
    out
}

fn content(media: &str, schema: Node) -> Object {
    let mut inner = Object::new();
    inner.insert("schema", schema);
    let mut content = Object::new();
    content.insert(media, inner);
    content
}
