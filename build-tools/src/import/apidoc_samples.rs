//! Samples and fields of responses in apiDoc data.

use super::model::{Operation, Response};
use super::requests::{Keep, Received, response};
use super::shape::{Kind, Origin, Place, Property, Shape, steps};
use crate::document::Node;

/// Samples of requests complete the body; they do not contradict what is documented.
pub(super) fn samples_of_requests(entry: &Node, operation: &mut Operation, body: &mut Shape, place: &Place) {
    if matches!(operation.method.as_str(), "get" | "head" | "delete") {
        return;
    }
    let lists = ["/parameter/examples", "/body/examples"]
        .into_iter()
        .filter_map(|at| entry.pointer(at))
        .filter_map(Node::as_array);
    for sample in lists.flatten() {
        let Some(node) = sample.text_at("content").and_then(|text| super::relaxed_json::read(text.trim())) else {
            continue;
        };
        let shape = Shape::of_sample(&node, place);
        if !shape.is(Kind::Object) {
            continue;
        }
        if body.is_open() {
            body.kinds.insert(Kind::Object);
        }
        for property in shape.properties {
            let query = operation.parameters.iter().any(|(_, known)| known.name == property.name);
            if !query && body.is(Kind::Object) {
                body.add(property);
            }
        }
    }
}

pub(super) fn responses(entry: &Node, key: &str, fallback: &str, operation: &mut Operation, place: &Place) {
    let deprecated = operation.deprecated;
    let mut add = |status: String, response: Response| {
        operation.merge(Operation { responses: [(status, response)].into(), deprecated, ..Operation::default() });
    };
    let samples = entry.get(key).and_then(|part| part.get("examples")).and_then(Node::as_array).unwrap_or_default();
    for sample in samples {
        let title = sample.text_at("title").unwrap_or_default();
        let text = sample.text_at("content").unwrap_or_default();
        let (status, text) = http_message(text);
        let status = status.or_else(|| status_in(title)).unwrap_or_else(|| fallback.to_owned());
        let received = Received { status: status.clone(), name: plain(title), media: String::new(), text };
        let response = response(received, Keep { values: true }, place, &mut |_| {});
        add(status, response);
    }
    let groups = entry.get(key).and_then(|part| part.get("fields")).and_then(Node::as_object);
    for (group, list) in groups.iter().flat_map(|groups| groups.iter()) {
        let status = status_in(group).unwrap_or_else(|| fallback.to_owned());
        let mut shape = Shape::default();
        for field in list.as_array().unwrap_or_default() {
            let name = field.text_at("field").unwrap_or_default().trim();
            // Fields of errors are often the names of the errors themselves.
            let word = field.text_at("type").unwrap_or_default();
            let known = super::types::read(word);
            if name.is_empty() || name.contains(char::is_whitespace) || (key == "error" && known.is_none()) {
                continue;
            }
            let property = Property {
                shape: known.unwrap_or_default(),
                description: super::requests::text_of(&plain(field.text_at("description").unwrap_or_default())),
                place: place.clone(),
                name: name.to_owned(),
                ..Property::default()
            };
            shape.add_at(&steps(name, true), property);
        }
        if !shape.is_open() {
            let response = Response {
                media: "application/json".to_owned(),
                shape: Some(shape),
                origin: Origin::Documented,
                ..Response::default()
            };
            add(status, response);
        }
    }
}

/// The status and the body of a sample that begins as an HTTP message does.
pub(super) fn http_message(text: &str) -> (Option<String>, String) {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("HTTP/") else { return (None, text.to_owned()) };
    let (first, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    let status =
        first.split_whitespace().find(|word| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()));
    let mut body = rest;
    while let Some((line, after)) = body.split_once('\n') {
        let line = line.trim();
        if line.is_empty() {
            body = after;
            break;
        }
        let header = line.split_once(':').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        if !header {
            break;
        }
        body = after;
    }
    (status.map(str::to_owned), body.trim().to_owned())
}

/// A status code in a title.
pub(super) fn status_in(text: &str) -> Option<String> {
    let is_code = |word: &&str| {
        word.len() == 3 && word.starts_with(['1', '2', '3', '4', '5']) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.split(|c: char| !c.is_alphanumeric()).find(is_code).map(str::to_owned)
}

/// Text without the tags that apiDoc puts around it.
pub(super) fn plain(text: &str) -> String {
    if !text.contains('<') {
        return text.trim().to_owned();
    }
    let page = super::dom::Page::read(text);
    let mut out = String::new();
    for node in &page.nodes {
        match node.name.as_str() {
            "" => out.push_str(&node.text),
            "p" | "br" | "li" | "div" => out.push('\n'),
            _ => {}
        }
    }
    let lines: Vec<String> = out.lines().map(super::dom::collapse).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}
