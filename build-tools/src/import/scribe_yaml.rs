//! The `.scribe` folder of YAML that Scribe writes before its pages, to operations.

use super::model::{Api, Body, Doubt, In, Operation, Scheme};
use super::requests::{Keep, Received, response};
use super::scribe_page::describe_response;
use super::shape::{Kind, Origin, Property, Shape, steps};
use super::source::File;
use crate::document::{Node, RawDocument, Value};

/// Whether a tree is a file of groups or endpoints.
pub(super) fn is(root: &Node) -> bool {
    endpoints(root).first().is_some_and(is_endpoint)
}

fn is_endpoint(node: &Node) -> bool {
    node.get("httpMethods").is_some() && node.get("uri").is_some()
}

fn endpoints(root: &Node) -> &[Node] {
    root.get("endpoints").and_then(Node::as_array).or_else(|| root.as_array()).unwrap_or_default()
}

pub(super) fn import(raw: &RawDocument, file: &File<'_>, api: &mut Api) {
    let group = raw.root().text_at("name").unwrap_or_default();
    for node in endpoints(raw.root()).iter().filter(|node| is_endpoint(node)) {
        let operation = endpoint(raw, file, node, group);
        match operation {
            Some(mut operation) => {
                super::requests::finish(&mut operation, &mut api.log);
                api.operations.push(operation);
            }
            None => {
                let place = file.place(raw.position(node.span).0);
                api.log.add(Doubt::Dropped, "no-address", "", &place, "an endpoint has no method or address");
            }
        }
    }
}

fn endpoint(raw: &RawDocument, file: &File<'_>, node: &Node, group: &str) -> Option<Operation> {
    let method = node.get("httpMethods")?.as_array()?.first()?.as_str()?.to_ascii_lowercase();
    let uri = node.text_at("uri")?.trim_start_matches('/').replace("?}", "}");
    let metadata = node.get("metadata").unwrap_or(node);
    let said = |key: &str| metadata.text_at(key).unwrap_or_default().trim().to_owned();
    let tag = Some(said("groupName")).filter(|name| !name.is_empty()).unwrap_or_else(|| group.to_owned());
    let place = file.place(raw.position(node.span).0);
    let mut operation = Operation {
        method,
        path: format!("/{uri}"),
        summary: said("title"),
        description: said("description"),
        tag,
        deprecated: metadata.get("deprecated").and_then(Node::as_bool) == Some(true),
        place: place.clone(),
        ..Operation::default()
    };
    operation.security = match metadata.get("authenticated").and_then(Node::as_bool) {
        Some(true) => Some(vec![auth(node)]),
        Some(false) => Some(Vec::new()),
        None => None,
    };
    let field = |name: &str, node: &Node| field(name, node, file.place(raw.position(node.span).0));
    for (name, node) in members(node, "urlParameters") {
        operation.add_parameter(In::Path, Property { required: Some(true), ..field(name, node) });
    }
    for (name, node) in members(node, "queryParameters") {
        operation.add_parameter(In::Query, field(name, node));
    }
    let mut body = Shape::default();
    let mut files = false;
    for (name, node) in members(node, "bodyParameters") {
        let property = field(name, node);
        files |= property.shape.format == Some("binary");
        match name.strip_prefix("[]") {
            // The body itself is an array.
            Some(inner) => {
                let items = body.items.get_or_insert_default();
                body.kinds.insert(Kind::Array);
                if let Some(inner) = inner.strip_prefix('.') {
                    items.add_at(&steps(inner, true), property);
                }
            }
            None => body.add_at(&steps(name, true), property),
        }
    }
    if !body.is_open() {
        let content =
            node.get("headers").and_then(|headers| headers.text_at("Content-Type")).unwrap_or("application/json");
        let media = if files { "multipart/form-data" } else { content };
        operation.body = Some(Body { media: media.to_owned(), shape: body, example: None, origin: Origin::Documented });
    }
    for sample in node.get("responses").and_then(Node::as_array).unwrap_or_default() {
        let status =
            sample.get("status").and_then(|status| status.as_number().or(status.as_str())).unwrap_or("200").to_owned();
        let text = match sample.get("content").map(|node| &node.value) {
            Some(Value::Text(text)) if !text.starts_with("<<binary>>") => text.to_string(),
            Some(Value::Object(_) | Value::Array(_)) => {
                sample.get("content").map(Node::to_canonical).unwrap_or_default()
            }
            _ => String::new(),
        };
        let name = sample.text_at("description").unwrap_or_default().to_owned();
        let received = Received { status: status.clone(), name, media: "application/json".to_owned(), text };
        let response = response(received, Keep { values: true }, &place, &mut |_| {});
        let deprecated = operation.deprecated;
        operation.merge(Operation { responses: [(status, response)].into(), deprecated, ..Operation::default() });
    }
    let mut answer = Shape::default();
    for (name, node) in members(node, "responseFields") {
        let property = Property { required: None, ..field(name, node) };
        answer.add_at(&steps(name, true), property);
    }
    if !answer.is_open() {
        describe_response(&mut operation, answer);
    }
    Some(operation)
}

fn members<'a>(node: &'a Node, key: &str) -> Vec<(&'a str, &'a Node)> {
    node.get(key).and_then(Node::as_object).map(|object| object.iter().collect()).unwrap_or_default()
}

/// `auth: [headers, Authorization, 'Bearer ...']`, where it is there.
fn auth(node: &Node) -> Scheme {
    let parts: Vec<&str> =
        node.get("auth").and_then(Node::as_array).unwrap_or_default().iter().filter_map(Node::as_str).collect();
    match parts.as_slice() {
        ["headers", "Authorization", value, ..] if value.to_ascii_lowercase().starts_with("basic") => Scheme::Basic,
        ["headers", name, ..] if !name.eq_ignore_ascii_case("authorization") => {
            Scheme::Key { place: "header", name: (*name).to_owned() }
        }
        ["queryParameters", name, ..] => Scheme::Key { place: "query", name: (*name).to_owned() },
        _ => Scheme::Bearer,
    }
}

fn field(name: &str, node: &Node, place: super::shape::Place) -> Property {
    let shape = node.text_at("type").and_then(super::types::read);
    let origin = if shape.is_some() { Origin::Documented } else { Origin::Guessed };
    let mut shape = shape.unwrap_or_default();
    let allowed = node.get("enumValues").and_then(Node::as_array).unwrap_or_default();
    if !shape.is(Kind::Array) {
        shape.values = allowed.to_vec();
    }
    shape.nullable |= node.get("nullable").and_then(Node::as_bool) == Some(true);
    let example = node.get("example").filter(|node| !matches!(node.value, Value::Null));
    let example = example.filter(|_| !crate::secrets::is_secret_name(name));
    Property {
        name: name.to_owned(),
        shape,
        required: node.get("required").and_then(Node::as_bool),
        description: super::requests::text_of(node.text_at("description").unwrap_or_default()),
        example: example.map(|node| super::secrets::redact_node(node, "", &mut |_| {})),
        origin,
        place,
    }
}
