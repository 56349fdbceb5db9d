//! The successful responses of an operation to the one answer that the generator knows, and to what the runtime has to know
//! where a document has more than one.

use super::State;
use super::schemas::{self, Direction};
use crate::document::{Node, Object, Operation, Stage, Weight, child, is_json, schema_name};

/// What a response of one status holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codegen) enum Payload {
    /// JSON, as a value of this Rust type.
    Json(String),
    /// Bytes as they come.
    Bytes,
    /// Nothing.
    Nothing,
}

/// What is known of an operation's responses besides the type of its one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::codegen) struct Answers {
    /// The media types to ask for, where `application/json` is not what the document has.
    pub(in crate::codegen) accept: Option<String>,
    /// The responses by status (`200`, `2XX`), where they differ.
    pub(in crate::codegen) by_status: Vec<(String, Payload)>,
    /// Whether a success may come without content, a documented 304 among them.
    pub(in crate::codegen) may_be_empty: bool,
}

/// One documented success.
struct Success<'a> {
    status: &'a str,
    /// Media type, its object and its place.
    content: Option<(&'a str, &'a Node, String)>,
}

/// The `responses` of the view.
pub(super) fn responses(operation: &Operation<'_>, state: &mut State) -> Object {
    let declared = operation.responses();
    let mut successes = operation.successes();
    let errors = declared.len() - successes.len();
    if errors > 0 {
        let message = format!("{errors} error answers are read by the runtime, not by generated types");
        state.ledger.note(Stage::Prepare, Weight::Rewrite, "errors-left-to-runtime", &operation.pointer, message);
    }
    successes.extend(declared.iter().filter(|(status, _)| *status == "304"));
    successes.sort_by_key(|(status, _)| *status);
    let successes: Vec<Success<'_>> =
        successes.into_iter().map(|(status, node)| success(operation, status, node, state)).collect();
    let mut answers = Answers { accept: accept(&successes), ..Answers::default() };
    let mut json: Vec<&Success<'_>> = Vec::new();
    for success in &successes {
        let schema =
            |success: &Success<'_>| success.content.as_ref().and_then(|(_, node, _)| node.get("schema")).cloned();
        let is_json = success.content.as_ref().is_some_and(|(media, ..)| is_json(media));
        if is_json && !json.iter().any(|known| schema(known) == schema(success)) {
            json.push(success);
        }
    }
    let bytes = successes.iter().any(|success| success.content.as_ref().is_some_and(|(media, ..)| !is_json(media)));
    let empty = successes.iter().any(|success| success.content.is_none());
    let mut answer = Object::new();
    answer.insert("description", "success");
    let at = child(&operation.pointer, "responses");
    if json.len() > 1 || (bytes && (empty || !json.is_empty())) {
        for success in &successes {
            answers.by_status.push((success.status.to_owned(), payload(operation, success, state)));
        }
        let message = "the responses differ by status; each is an arm of the answer";
        state.ledger.note(Stage::Prepare, Weight::Rewrite, "answers-by-status", &at, message);
        answer.insert("content", content("application/json", Object::new().into()));
    } else if let Some(Success { content: Some((_, node, place)), .. }) = json.first() {
        let open = Node::from(Object::new());
        let schema = node.get("schema").unwrap_or(&open);
        let mut schema =
            schemas::prepare(operation.document(), schema, Direction::RESPONSE, &child(place, "schema"), state);
        answers.may_be_empty = empty;
        if empty && !schema.as_object().is_some_and(schemas::is_nullable) {
            schema = schemas::nullable(schema);
        }
        answer.insert("content", content("application/json", schema));
    } else if bytes {
        let mut binary = Object::new();
        binary.insert("type", "string");
        binary.insert("format", "binary");
        answer.insert("content", content("application/octet-stream", binary.into()));
    } else if operation.method != "HEAD" && !successes.iter().any(|one| matches!(one.status, "204" | "205" | "304")) {
        let message = "no content is documented; whatever comes is kept as open JSON";
        state.ledger.note(Stage::Prepare, Weight::Rewrite, "undocumented-answer-kept", &at, message);
        answer.insert("content", content("application/json", Object::new().into()));
    } else {
        answers.may_be_empty = empty;
    }
    if answers != Answers::default() {
        state.answers.insert(operation.id().to_owned(), answers);
    }
    let mut out = Object::new();
    out.insert("2XX", answer);
    out
}

/// What one response holds; of several media types the first JSON one is taken.
fn success<'a>(operation: &Operation<'a>, status: &'a str, node: &'a Node, state: &mut State) -> Success<'a> {
    let at = child(&child(&operation.pointer, "responses"), status);
    let written = operation.node.get("responses").and_then(|responses| responses.get(status));
    let place = written.map_or_else(|| at.clone(), |node| operation.document().place(node, at.clone()));
    let declared = node.get("content").and_then(Node::as_object).filter(|content| !content.is_empty());
    let Some(declared) = declared else { return Success { status, content: None } };
    let json = declared.iter().find(|(media, _)| is_json(media));
    let Some((media, typed)) = json.or_else(|| declared.iter().next()) else {
        return Success { status, content: None };
    };
    let contents = child(&place, "content");
    for (other, _) in declared.iter().filter(|(other, _)| *other != media) {
        let message = match json {
            Some(_) => format!("of several types of answer, `{media}` is typed, and `{other}` is not"),
            None => format!("the bytes may also be `{other}`, if the server chooses that before `{media}`"),
        };
        let at = child(&contents, other);
        state.ledger.note(Stage::Prepare, Weight::Loss, "media-type-not-generated", at, message);
    }
    Success { status, content: Some((media, typed, child(&contents, media))) }
}

/// The media types of all successes, where plain JSON is not the only one.
fn accept(successes: &[Success<'_>]) -> Option<String> {
    let mut all: Vec<&str> = Vec::new();
    for (media, ..) in successes.iter().filter_map(|success| success.content.as_ref()) {
        let essence = media.split(';').next().unwrap_or_default().trim();
        // Of JSON the parameters say nothing that a server would choose by.
        let media = if is_json(media) { essence } else { media.trim() };
        let usable = media.contains('/') && media.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if usable && !all.contains(&media) {
            all.push(media);
        }
    }
    (!all.is_empty() && all != ["application/json"]).then(|| all.join(", "))
}

fn payload(operation: &Operation<'_>, success: &Success<'_>, state: &mut State) -> Payload {
    let Some((media, node, place)) = &success.content else { return Payload::Nothing };
    if !is_json(media) {
        return Payload::Bytes;
    }
    let open = Node::from(Object::new());
    let schema = node.get("schema").unwrap_or(&open);
    let prepared = schemas::prepare(operation.document(), schema, Direction::RESPONSE, &child(place, "schema"), state);
    let optional = prepared.as_object().is_some_and(schemas::is_nullable);
    let prepared = schemas::never_null(prepared);
    if prepared.as_object().is_some_and(Object::is_empty) {
        return Payload::Json("crate::Json".to_owned());
    }
    let known = prepared
        .text_at("$ref")
        .and_then(schema_name)
        .filter(|_| prepared.as_object().is_some_and(|node| node.len() == 1));
    let name = known.unwrap_or_else(|| {
        let name = state.shared.free(&crate::names::type_name(&format!("{}-{}", operation.id(), success.status)));
        state.shared.keep(name.clone(), prepared);
        name
    });
    let rust = state.rust_type(&name);
    Payload::Json(if optional { format!("::std::option::Option<{rust}>") } else { rust })
}

pub(super) fn content(media: &str, schema: Node) -> Object {
    let mut inner = Object::new();
    inner.insert("schema", schema);
    let mut content = Object::new();
    content.insert(media, inner);
    content
}
