//! What an importer made, as an OpenAPI 3.0.3 document with `x-provenance` at every operation and property.

use super::model::{Api, Body, Doubt, In, Log, Operation, Response, Scheme};
use super::secrets::redact_text;
use super::shape::{Kind, Origin, Property, Shape};
use crate::document::{Node, Object};
use std::collections::BTreeMap;

/// The extension that says what a statement rests on.
pub const PROVENANCE: &str = "x-provenance";

/// Schemas are written to this depth; below, a value is any.
const MAX_DEPTH: usize = 40;

/// The largest example that is written, in values.
const MAX_EXAMPLE: usize = 3_000;

/// How many statements rest on what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations.
    pub operations: usize,
    /// Parameters and properties of request bodies and responses.
    pub properties: usize,
    /// Of these, documented.
    pub documented: usize,
    /// Of these, read from samples.
    pub sample: usize,
    /// Of these, guessed.
    pub guessed: usize,
}

/// The document of an API.
pub(super) fn write(api: &Api, log: &mut Log) -> (Node, Counts) {
    let mut writer = Writer { log, counts: Counts::default(), schemes: BTreeMap::new() };
    let mut paths: BTreeMap<String, Object> = BTreeMap::new();
    for operation in &api.operations {
        let node = writer.operation(operation);
        paths.entry(operation.path.clone()).or_default().insert(operation.method.as_str(), node);
        writer.counts.operations += 1;
    }
    let mut root = Object::new();
    root.insert("openapi", "3.0.3");
    let mut info = Object::new();
    info.insert(
        "title",
        if api.title.trim().is_empty() { "Imported API".to_owned() } else { redact_text(api.title.trim()) },
    );
    info.insert("version", if api.version.trim().is_empty() { "0".to_owned() } else { api.version.trim().to_owned() });
    if !api.description.trim().is_empty() {
        info.insert("description", redact_text(api.description.trim()));
    }
    root.insert("info", info);
    let servers: Vec<Node> = api.servers.iter().map(|server| server_node(server)).collect();
    if !servers.is_empty() {
        root.insert("servers", servers);
    }
    let mut tags: Vec<&str> = Vec::new();
    for operation in &api.operations {
        if !operation.tag.is_empty() && !tags.contains(&operation.tag.as_str()) && tags.len() < 500 {
            tags.push(&operation.tag);
        }
    }
    if !tags.is_empty() {
        root.insert(
            "tags",
            tags.into_iter().map(|tag| object([("name", redact_text(tag).into())])).collect::<Vec<Node>>(),
        );
    }
    let mut all = Object::new();
    for (path, item) in paths {
        all.insert(path, item);
    }
    root.insert("paths", all);
    let mut schemes = Object::new();
    for (name, scheme) in &writer.schemes {
        schemes.insert(name.as_str(), scheme_node(scheme));
    }
    if !schemes.is_empty() {
        root.insert("components", object([("securitySchemes", schemes.into())]));
    }
    (root.into(), writer.counts)
}

pub(super) fn object<const N: usize>(members: [(&str, Node); N]) -> Node {
    let mut object = Object::new();
    for (name, node) in members {
        object.insert(name, node);
    }
    object.into()
}

/// A server with its variables declared.
fn server_node(server: &str) -> Node {
    let mut variables = Object::new();
    for name in super::requests::parameter_names_of(server) {
        variables.insert(name.as_str(), object([("default", name.as_str().into())]));
    }
    let mut node = Object::new();
    node.insert("url", server);
    if !variables.is_empty() {
        node.insert("variables", variables);
    }
    node.into()
}

fn scheme_node(scheme: &Scheme) -> Node {
    match scheme {
        Scheme::Bearer => object([("type", "http".into()), ("scheme", "bearer".into())]),
        Scheme::Basic => object([("type", "http".into()), ("scheme", "basic".into())]),
        Scheme::Digest => object([("type", "http".into()), ("scheme", "digest".into())]),
        Scheme::Key { place, name } => {
            object([("type", "apiKey".into()), ("in", (*place).into()), ("name", name.as_str().into())])
        }
        Scheme::OAuth2 { token } if !token.is_empty() => {
            let flow = object([("tokenUrl", token.as_str().into()), ("scopes", Object::new().into())]);
            object([("type", "oauth2".into()), ("flows", object([("clientCredentials", flow)]))])
        }
        // Without an address, no flow can be written; what goes over the wire is a bearer token.
        Scheme::OAuth2 { .. } => object([("type", "http".into()), ("scheme", "bearer".into())]),
    }
}

fn scheme_name(scheme: &Scheme) -> String {
    match scheme {
        Scheme::Bearer => "bearer".to_owned(),
        Scheme::Basic => "basic".to_owned(),
        Scheme::Digest => "digest".to_owned(),
        Scheme::Key { place, name } => {
            let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            format!("key_{place}_{plain}")
        }
        Scheme::OAuth2 { .. } => "oauth2".to_owned(),
    }
}

struct Writer<'a> {
    log: &'a mut Log,
    counts: Counts,
    schemes: BTreeMap<String, Scheme>,
}

impl Writer<'_> {
    fn operation(&mut self, operation: &Operation) -> Node {
        let mut node = Object::new();
        let key = operation.key();
        for (name, text) in
            [("operationId", &operation.id), ("summary", &operation.summary), ("description", &operation.description)]
        {
            if !text.is_empty() {
                node.insert(name, redact_text(text));
            }
        }
        if !operation.tag.is_empty() {
            node.insert("tags", vec![Node::from(redact_text(&operation.tag))]);
        }
        if operation.deprecated {
            node.insert("deprecated", true);
        }
        node.insert(PROVENANCE, operation.origin.name());
        let parameters = self.parameters(operation, &key);
        if !parameters.is_empty() {
            node.insert("parameters", parameters);
        }
        if let Some(body) = &operation.body {
            let body = self.body(body, &key);
            node.insert("requestBody", body);
        }
        let mut responses = Object::new();
        for (status, response) in &operation.responses {
            let response = self.response(status, response, &key);
            responses.insert(status.as_str(), response);
        }
        if responses.is_empty() {
            let message = "the source shows no response; `default` stands for all of them";
            self.log.add(Doubt::NotSaid, "response-not-said", &key, &operation.place, message);
            responses.insert("default", object([("description", "Not described by the source.".into())]));
        }
        node.insert("responses", responses);
        if let Some(security) = &operation.security {
            let mut alternatives = Vec::new();
            for scheme in security {
                let name = scheme_name(scheme);
                alternatives.push(object([(name.as_str(), Vec::new().into())]));
                self.schemes.insert(name, scheme.clone());
            }
            node.insert("security", alternatives);
        }
        node.into()
    }

    /// Parameters; each one of the path is there, whether the source says more of it or not.
    fn parameters(&mut self, operation: &Operation, key: &str) -> Vec<Node> {
        let mut out = Vec::new();
        let in_path = super::requests::parameter_names_of(&operation.path);
        for name in &in_path {
            let known =
                operation.parameters.iter().find(|(place, property)| *place == In::Path && property.name == *name);
            let unsaid = Property {
                name: name.clone(),
                shape: Shape::of_kind(Kind::String),
                required: Some(true),
                place: operation.place.clone(),
                ..Property::default()
            };
            out.push(self.parameter("path", known.map_or(&unsaid, |(_, property)| property), key));
        }
        for (place, property) in &operation.parameters {
            match place {
                In::Path => {}
                In::Query => out.push(self.parameter("query", property, key)),
                In::Header => out.push(self.parameter("header", property, key)),
            }
        }
        out
    }

    fn parameter(&mut self, place: &str, property: &Property, key: &str) -> Node {
        let mut node = Object::new();
        node.insert("name", property.name.as_str());
        node.insert("in", place);
        if place == "path" || property.required == Some(true) {
            node.insert("required", true);
        }
        if !property.description.is_empty() {
            node.insert("description", redact_text(&property.description));
        }
        node.insert(PROVENANCE, property.origin.name());
        let schema = self.schema(&property.shape, key, property, 0);
        node.insert("schema", schema);
        if let Some(example) = &property.example {
            node.insert("example", example.clone());
        }
        self.count(property.origin);
        node.into()
    }

    fn count(&mut self, origin: Origin) {
        self.counts.properties += 1;
        match origin {
            Origin::Documented => self.counts.documented += 1,
            Origin::Sample => self.counts.sample += 1,
            Origin::Guessed => self.counts.guessed += 1,
        }
    }

    fn body(&mut self, body: &Body, key: &str) -> Node {
        let whole = Property { name: "the body".to_owned(), origin: body.origin, ..Property::default() };
        let mut media = Object::new();
        let schema = self.schema(&body.shape, key, &whole, 0);
        media.insert("schema", schema);
        if let Some(example) = body.example.as_ref().filter(|example| size(example) <= MAX_EXAMPLE) {
            media.insert("example", example.clone());
        }
        let mut node = Object::new();
        node.insert(PROVENANCE, body.origin.name());
        if body.shape.properties.iter().any(|property| property.required == Some(true)) {
            node.insert("required", true);
        }
        node.insert("content", object([(media_type(&body.media), media.into())]));
        node.into()
    }

    fn response(&mut self, status: &str, response: &Response, key: &str) -> Node {
        let mut node = Object::new();
        let said = if response.description.is_empty() {
            reason(status).to_owned()
        } else {
            redact_text(&response.description)
        };
        node.insert("description", said);
        node.insert(PROVENANCE, response.origin.name());
        let whole = Property { name: format!("response {status}"), origin: response.origin, ..Property::default() };
        if response.shape.is_some() || response.example.is_some() {
            let mut media = Object::new();
            if let Some(shape) = &response.shape {
                let schema = self.schema(shape, key, &whole, 0);
                media.insert("schema", schema);
            }
            match response.example.as_ref() {
                Some(example) if size(example) <= MAX_EXAMPLE => media.insert("example", example.clone()),
                Some(_) => {
                    let message =
                        format!("the sample of response {status} is too large to be repeated; its types are kept");
                    self.log.add(Doubt::Note, "sample-too-large", key, &whole.place, message);
                }
                None => {}
            }
            node.insert("content", object([(media_type(&response.media), media.into())]));
        }
        node.into()
    }

    fn schema(&mut self, shape: &Shape, key: &str, of: &Property, depth: usize) -> Node {
        let mut node = Object::new();
        let mut kinds = shape.kinds.iter();
        let kind = match (kinds.next(), kinds.next()) {
            (Some(kind), None) => Some(*kind),
            (Some(_), Some(_)) => {
                let all: Vec<&str> = shape.kinds.iter().map(|kind| kind.name()).collect();
                let message = format!("samples of `{}` disagree ({}); it has no type", of.name, all.join(", "));
                self.log.add(Doubt::Disagreement, "samples-disagree", key, &of.place, message);
                None
            }
            _ => None,
        };
        if let Some(kind) = kind {
            node.insert("type", kind.name());
            if let Some(format) = shape.format {
                node.insert("format", format);
            }
        }
        // `nullable` alone says nothing in OpenAPI 3.0: a value without a type can be null.
        if shape.nullable && kind.is_some() {
            node.insert("nullable", true);
        }
        if !shape.values.is_empty() {
            node.insert("enum", shape.values.clone());
        }
        for (keyword, value) in &shape.facets {
            node.insert(*keyword, value.clone());
        }
        if kind == Some(Kind::Array) {
            let open = Shape::default();
            let items = shape.items.as_deref().filter(|_| depth < MAX_DEPTH).unwrap_or(&open);
            let items = self.schema(items, key, of, depth + 1);
            node.insert("items", items);
        }
        if kind == Some(Kind::Object) && !shape.properties.is_empty() && depth < MAX_DEPTH {
            let mut properties = Object::new();
            for property in &shape.properties {
                let mut inner = self.schema(&property.shape, key, property, depth + 1);
                if let Some(inner) = inner.as_object_mut() {
                    if !property.description.is_empty() {
                        inner.insert("description", redact_text(&property.description));
                    }
                    if let Some(example) = &property.example {
                        inner.insert("example", example.clone());
                    }
                    inner.insert(PROVENANCE, property.origin.name());
                }
                self.count(property.origin);
                properties.insert(property.name.as_str(), inner);
            }
            let required: Vec<Node> = shape
                .properties
                .iter()
                .filter(|property| property.required == Some(true))
                .map(|property| property.name.as_str().into())
                .collect();
            node.insert("properties", properties);
            if !required.is_empty() {
                node.insert("required", required);
            }
        }
        node.into()
    }
}

/// A media type that can be a key of `content`.
fn media_type(media: &str) -> &str {
    if media.contains('/') && media.len() < 100 { media } else { "application/json" }
}

fn size(node: &Node) -> usize {
    match (node.as_array(), node.as_object()) {
        (Some(items), _) => 1 + items.iter().map(size).sum::<usize>(),
        (_, Some(object)) => 1 + object.iter().map(|(_, node)| size(node)).sum::<usize>(),
        _ => 1,
    }
}

/// The words of RFC 9110 for a status code.
pub(super) fn reason(status: &str) -> &'static str {
    match status {
        "200" => "OK",
        "201" => "Created",
        "202" => "Accepted",
        "204" => "No Content",
        "301" => "Moved Permanently",
        "302" => "Found",
        "304" => "Not Modified",
        "400" => "Bad Request",
        "401" => "Unauthorized",
        "402" => "Payment Required",
        "403" => "Forbidden",
        "404" => "Not Found",
        "405" => "Method Not Allowed",
        "409" => "Conflict",
        "410" => "Gone",
        "412" => "Precondition Failed",
        "415" => "Unsupported Media Type",
        "419" => "Page Expired",
        "422" => "Unprocessable Content",
        "429" => "Too Many Requests",
        "500" => "Internal Server Error",
        "502" => "Bad Gateway",
        "503" => "Service Unavailable",
        "504" => "Gateway Timeout",
        _ => "Response",
    }
}
