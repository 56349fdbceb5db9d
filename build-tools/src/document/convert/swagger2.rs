//! Swagger 2.0 to OpenAPI 3.0.3: bodies, forms, media types, servers and security in their new places.

use std::collections::BTreeMap;

use super::ledger::{Ledger, Stage, Weight};
use crate::document::node::{Node, Object, Value};
use crate::document::pointer::{child, local_reference, reference_to};

/// The methods of Swagger 2.0.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
/// Members of a 2.0 parameter or header that belong to its schema in 3.0.
const SCHEMA_MEMBERS: [&str; 24] = [
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    // 2.0 does not have these here; what they say of the value is kept.
    "properties",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "x-nullable",
    "x-example",
];

/// Rewrites the whole tree.
pub(super) fn convert(root: &mut Node, ledger: &mut Ledger) {
    let Some(object) = root.as_object_mut() else { return };
    object.remove("swagger");
    let consumes = texts(object.remove("consumes").as_ref());
    let produces = texts(object.remove("produces").as_ref());
    servers(object, ledger);
    let mut components = Object::new();
    if let Some(definitions) = object.remove("definitions") {
        components.insert("schemas", definitions);
    }
    if let Some(schemes) = object.remove("securityDefinitions") {
        components.insert("securitySchemes", security_schemes(&schemes, ledger));
    }
    let shared = object.remove("parameters").and_then(|node| node.as_object().cloned()).unwrap_or_default();
    let mut converter = Converter { shared, consumes, produces, ledger };
    if let Some(responses) = object.remove("responses") {
        let produces = converter.produces.clone();
        let converted = converter.responses(&responses, &produces, "/components/responses");
        components.insert("responses", converted);
    }
    let plain = converter.shared.clone();
    let parameters = plain.iter().filter(|(_, node)| !matches!(node.text_at("in"), Some("body" | "formData")));
    let mut kept = Object::new();
    for (name, node) in parameters {
        kept.insert(name, converter.parameter(node, &format!("/components/parameters/{name}")));
    }
    if !kept.is_empty() {
        components.insert("parameters", kept);
    }
    if let Some(paths) = object.get_mut("paths").and_then(Node::as_object_mut) {
        for (path, item) in paths.iter_mut() {
            converter.path_item(item, &child("/paths", path));
        }
    }
    if !components.is_empty() {
        object.insert("components", components);
    }
    references(root);
}

fn note(ledger: &mut Ledger, weight: Weight, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, weight, rule, pointer, message);
}

fn texts(node: Option<&Node>) -> Vec<String> {
    node.and_then(Node::as_array).unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned).collect()
}

/// `host`, `basePath` and `schemes` are one or more server addresses.
fn servers(object: &mut Object, ledger: &mut Ledger) {
    let host = object.remove("host").and_then(|node| node.as_str().map(str::to_owned));
    let base = object.remove("basePath").and_then(|node| node.as_str().map(str::to_owned)).unwrap_or_default();
    let mut schemes = texts(object.remove("schemes").as_ref());
    if host.is_none() && base.is_empty() {
        return;
    }
    if schemes.is_empty() {
        schemes.push("https".to_owned());
    }
    let base = base.trim_end_matches('/');
    let addresses: Vec<String> = match &host {
        Some(host) => schemes.iter().map(|scheme| format!("{scheme}://{host}{base}")).collect(),
        None => vec![if base.is_empty() { "/".to_owned() } else { base.to_owned() }],
    };
    let servers = addresses.into_iter().map(|address| {
        let mut server = Object::new();
        server.insert("url", address);
        Node::from(server)
    });
    object.insert("servers", servers.collect::<Vec<_>>());
    note(ledger, Weight::Rewrite, "servers", "/servers", "host, base path and schemes are server addresses");
}

fn security_schemes(schemes: &Node, ledger: &mut Ledger) -> Object {
    let mut out = Object::new();
    for (name, scheme) in schemes.as_object().into_iter().flat_map(Object::iter) {
        let mut converted = scheme.as_object().cloned().unwrap_or_default();
        match scheme.text_at("type") {
            Some("basic") => {
                converted.insert("type", "http");
                converted.insert("scheme", "basic");
            }
            Some("oauth2") => {
                let flow = match scheme.text_at("flow").unwrap_or_default() {
                    "application" => "clientCredentials",
                    "accessCode" => "authorizationCode",
                    other => other,
                };
                let mut inner = Object::new();
                for member in ["authorizationUrl", "tokenUrl", "scopes"] {
                    if let Some(node) = converted.remove(member) {
                        inner.insert(member, node);
                    }
                }
                if !inner.contains("scopes") {
                    inner.insert("scopes", Object::new());
                }
                let mut flows = Object::new();
                flows.insert(if flow.is_empty() { "implicit" } else { flow }, inner);
                converted.remove("flow");
                converted.insert("flows", flows);
            }
            _ => {}
        }
        out.insert(name, converted);
    }
    note(
        ledger,
        Weight::Rewrite,
        "security-schemes",
        "/components/securitySchemes",
        "security definitions are security schemes",
    );
    out
}

pub(super) struct Converter<'a> {
    shared: Object,
    consumes: Vec<String>,
    produces: Vec<String>,
    ledger: &'a mut Ledger,
}

impl<'a> Converter<'a> {
    /// For single bodies and forms, of a document that is no 2.0.
    pub(super) fn new(ledger: &'a mut Ledger) -> Self {
        Self { shared: Object::new(), consumes: Vec::new(), produces: Vec::new(), ledger }
    }

    fn path_item(&mut self, item: &mut Node, pointer: &str) {
        let Some(object) = item.as_object_mut() else { return };
        let shared: Vec<Node> = match object.remove("parameters").map(|node| node.value) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        // Shared bodies and forms have no place at the path in 3.0, so all shared parameters go to the operations.
        for method in METHODS {
            if let Some(operation) = object.get_mut(method).and_then(Node::as_object_mut) {
                self.operation(operation, &shared, &child(pointer, method));
            }
        }
    }

    fn operation(&mut self, operation: &mut Object, shared: &[Node], pointer: &str) {
        let own: Vec<Node> = match operation.remove("parameters").map(|node| node.value) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        let given = |object: &mut Object, member: &str| object.remove(member).map(|node| texts(Some(&node)));
        let consumes = given(operation, "consumes").unwrap_or_else(|| self.consumes.clone());
        let produces = given(operation, "produces").unwrap_or_else(|| self.produces.clone());
        operation.remove("schemes");
        let mut plain: Vec<Node> = Vec::new();
        let mut seen: Vec<(String, String)> = Vec::new();
        let mut form: Vec<Node> = Vec::new();
        let mut body = None;
        for node in own.iter().chain(shared) {
            let resolved = self.resolved(node);
            let key = (
                resolved.text_at("in").unwrap_or_default().to_owned(),
                resolved.text_at("name").unwrap_or_default().to_owned(),
            );
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            match resolved.text_at("in") {
                Some("body") => body = Some(resolved),
                Some("formData") => form.push(resolved),
                _ if node.text_at("$ref").is_some() => plain.push(node.clone()),
                _ => plain.push(self.parameter(&resolved, pointer)),
            }
        }
        if !plain.is_empty() {
            operation.insert("parameters", plain);
        }
        if let Some(body) = body {
            if !form.is_empty() {
                let message = "there is a body, so the fields of a form beside it are left out";
                note(self.ledger, Weight::Loss, "form-beside-body", pointer, message);
            }
            operation.insert("requestBody", self.body(&body, &consumes, pointer));
        } else if !form.is_empty() {
            operation.insert("requestBody", self.form(&form, &consumes, pointer));
        }
        if let Some(responses) = operation.remove("responses") {
            operation.insert("responses", self.responses(&responses, &produces, &child(pointer, "responses")));
        }
    }

    /// A parameter itself, where it is a reference to a shared one.
    fn resolved(&self, node: &Node) -> Node {
        let name = node.text_at("$ref").and_then(|reference| reference.strip_prefix("#/parameters/"));
        name.and_then(|name| self.shared.get(name)).unwrap_or(node).clone()
    }

    fn parameter(&mut self, node: &Node, pointer: &str) -> Node {
        let Some(source) = node.as_object().filter(|object| !object.contains("$ref")) else { return node.clone() };
        let mut out = source.clone();
        let schema = self.schema_of(&mut out, pointer);
        if !out.contains("schema") {
            out.insert("schema", schema);
        }
        if let Some(format) = out.remove("collectionFormat").and_then(|node| node.as_str().map(str::to_owned)) {
            self.collection(&mut out, &format, pointer);
        } else if out.get("schema").and_then(|schema| schema.text_at("type")) == Some("array")
            && source.get("in").and_then(Node::as_str) == Some("query")
        {
            // 2.0's default is one value with commas, 3.0's is one pair an item.
            out.insert("style", "form");
            out.insert("explode", false);
        }
        out.into()
    }

    fn collection(&mut self, out: &mut Object, format: &str, pointer: &str) {
        let query = matches!(out.get("in").and_then(Node::as_str), Some("query" | "formData"));
        let (style, explode) = match (format, query) {
            ("multi", _) => ("form", true),
            ("ssv", true) => ("spaceDelimited", false),
            ("pipes", true) => ("pipeDelimited", false),
            ("csv", true) => ("form", false),
            ("csv", false) => ("simple", false),
            _ => {
                let message = format!("3.0 has no words for the collection format `{format}`");
                note(self.ledger, Weight::Loss, "collection-format", pointer, message);
                return;
            }
        };
        out.insert("style", style);
        out.insert("explode", explode);
    }

    /// The schema that 2.0 spreads over a parameter or header.
    fn schema_of(&mut self, object: &mut Object, pointer: &str) -> Object {
        let mut schema = Object::new();
        for member in SCHEMA_MEMBERS {
            if let Some(node) = object.remove(member) {
                match member {
                    "x-example" => object.insert("example", node),
                    "x-nullable" => schema.insert("nullable", node),
                    member => schema.insert(member, node),
                }
            }
        }
        if schema.get("type").and_then(Node::as_str) == Some("file") {
            schema.insert("type", "string");
            schema.insert("format", "binary");
        }
        if let Some(items) = schema.get_mut("items").and_then(Node::as_object_mut)
            && items.remove("collectionFormat").is_some()
        {
            note(
                self.ledger,
                Weight::Loss,
                "collection-format",
                pointer,
                "3.0 cannot say how arrays within arrays are written",
            );
        }
        schema
    }

    pub(super) fn body(&mut self, body: &Node, consumes: &[String], pointer: &str) -> Object {
        let schema = body.get("schema").cloned().unwrap_or_else(|| {
            let mut flat = body.as_object().cloned().unwrap_or_default();
            self.schema_of(&mut flat, pointer).into()
        });
        let media: Vec<&str> = consumes.iter().map(String::as_str).filter(|media| !is_form(media)).collect();
        let media = if media.is_empty() { vec!["application/json"] } else { media };
        let mut out = described(body);
        out.insert("content", content(&media, &schema));
        if let Some(required) = body.get("required") {
            out.insert("required", required.clone());
        }
        note(self.ledger, Weight::Rewrite, "body-parameter", pointer, "the body parameter is a request body");
        out
    }

    pub(super) fn form(&mut self, form: &[Node], consumes: &[String], pointer: &str) -> Object {
        let mut properties = Object::new();
        let mut required = Vec::new();
        let mut file = false;
        let mut lists = Vec::new();
        for field in form {
            let Some(name) = field.text_at("name") else { continue };
            let mut object = field.as_object().cloned().unwrap_or_default();
            let whole = object.remove("schema").and_then(|schema| schema.as_object().cloned());
            let mut schema = whole.unwrap_or_else(|| self.schema_of(&mut object, pointer));
            if schema.get("type").and_then(Node::as_str) == Some("file") {
                schema.insert("type", "string");
                schema.insert("format", "binary");
            }
            file |= schema.get("format").and_then(Node::as_str) == Some("binary");
            if schema.get("type").and_then(Node::as_str) == Some("array") {
                // 2.0's default is one value with commas.
                let said = field.text_at("collectionFormat");
                let flat = field.get("schema").is_none();
                lists.extend(said.or(flat.then_some("csv")).map(|format| (name.to_owned(), format.to_owned())));
            }
            for member in ["description", "x-sensitive"] {
                if let Some(node) = object.remove(member).filter(|_| !schema.contains(member)) {
                    schema.insert(member, node);
                }
            }
            properties.insert(name, schema);
            if field.get("required").and_then(Node::as_bool) == Some(true) {
                required.push(Node::from(name));
            }
        }
        let mut schema = Object::new();
        schema.insert("type", "object");
        schema.insert("properties", properties);
        let any_required = !required.is_empty();
        if any_required {
            schema.insert("required", required);
        }
        let media: Vec<&str> = consumes.iter().map(String::as_str).filter(|media| is_form(media)).collect();
        let media = match (media.is_empty(), file) {
            (false, _) => media,
            (true, true) => vec!["multipart/form-data"],
            (true, false) => vec!["application/x-www-form-urlencoded"],
        };
        let mut content = content(&media, &schema.into());
        for (media, node) in content.iter_mut() {
            let encoding = self.encoding(media, &lists, pointer);
            if let Some(object) = node.as_object_mut().filter(|_| !encoding.is_empty()) {
                object.insert("encoding", encoding);
            }
        }
        let mut out = Object::new();
        out.insert("content", content);
        if any_required {
            out.insert("required", true);
        }
        note(self.ledger, Weight::Rewrite, "form-parameters", pointer, "the form's fields are a request body");
        out
    }

    /// How the lists of a form are written; `multi`, one pair an item, is what 3.0 takes where nothing is said.
    fn encoding(&mut self, media: &str, lists: &[(String, String)], pointer: &str) -> Object {
        let mut encoding = Object::new();
        for (name, format) in lists.iter().filter(|(_, format)| format != "multi") {
            let mut how = Object::new();
            if media.starts_with("multipart/") || !Self::collection_of_query(&mut how, format) {
                let message = format!("3.0 cannot say that the list `{name}` is written as `{format}` in {media}");
                note(self.ledger, Weight::Loss, "collection-format", pointer, message);
                continue;
            }
            encoding.insert(name.as_str(), how);
        }
        encoding
    }

    fn collection_of_query(out: &mut Object, format: &str) -> bool {
        let style = match format {
            "csv" => "form",
            "ssv" => "spaceDelimited",
            "pipes" => "pipeDelimited",
            _ => return false,
        };
        out.insert("style", style);
        out.insert("explode", false);
        true
    }

    fn responses(&mut self, responses: &Node, produces: &[String], pointer: &str) -> Object {
        let mut out = Object::new();
        for (status, response) in responses.as_object().into_iter().flat_map(Object::iter) {
            out.insert(status, self.response(response, produces, &child(pointer, status)));
        }
        out
    }

    fn response(&mut self, response: &Node, produces: &[String], pointer: &str) -> Node {
        let Some(source) = response.as_object().filter(|object| !object.contains("$ref")) else {
            return response.clone();
        };
        let mut out = source.clone();
        let examples: BTreeMap<String, Node> = out
            .remove("examples")
            .and_then(|node| node.as_object().cloned())
            .into_iter()
            .flat_map(|object| object.iter().map(|(key, node)| (key.to_owned(), node.clone())).collect::<Vec<_>>())
            .collect();
        if let Some(schema) = out.remove("schema") {
            let file = schema.text_at("type") == Some("file");
            let mut media: Vec<&str> = produces.iter().map(String::as_str).collect();
            if media.is_empty() {
                media.push(if file { "application/octet-stream" } else { "application/json" });
            }
            let mut schema = schema;
            if file && let Some(object) = schema.as_object_mut() {
                object.insert("type", "string");
                object.insert("format", "binary");
            }
            let mut content = content(&media, &schema);
            for (media, example) in examples {
                if let Some(media) = content.get_mut(&media).and_then(Node::as_object_mut) {
                    media.insert("example", example);
                } else {
                    let message = format!("the example for `{media}` has no such answer");
                    note(self.ledger, Weight::Loss, "example-without-answer", pointer, message);
                }
            }
            out.insert("content", content);
        }
        if let Some(headers) = out.get_mut("headers").and_then(Node::as_object_mut) {
            for (name, header) in headers.iter_mut() {
                if let Some(object) = header.as_object_mut() {
                    let schema = self.schema_of(object, pointer);
                    if object.remove("collectionFormat").is_some() {
                        note(
                            self.ledger,
                            Weight::Rewrite,
                            "header-format",
                            pointer,
                            format!("the header `{name}` has commas"),
                        );
                    }
                    object.insert("schema", schema);
                }
            }
        }
        out.into()
    }
}

fn is_form(media: &str) -> bool {
    media.starts_with("multipart/") || media.starts_with("application/x-www-form-urlencoded")
}

fn described(node: &Node) -> Object {
    let mut out = Object::new();
    if let Some(description) = node.get("description") {
        out.insert("description", description.clone());
    }
    out
}

pub(super) fn content(media: &[&str], schema: &Node) -> Object {
    let mut content = Object::new();
    for media in media {
        let mut inner = Object::new();
        inner.insert("schema", schema.clone());
        content.insert(*media, inner);
    }
    content
}

/// References to the old places lead to the new ones; a discriminator is an object.
fn references(node: &mut Node) {
    match &mut node.value {
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Node::as_str).and_then(local_reference);
            for (old, new) in [
                ("/definitions/", "/components/schemas/"),
                ("/parameters/", "/components/parameters/"),
                ("/responses/", "/components/responses/"),
            ] {
                if let Some(name) = target.as_deref().and_then(|target| target.strip_prefix(old)) {
                    object.insert("$ref", reference_to(&format!("{new}{name}")));
                }
            }
            if let Some(name) = object.get("discriminator").and_then(Node::as_str).map(str::to_owned) {
                let mut discriminator = Object::new();
                discriminator.insert("propertyName", name);
                object.insert("discriminator", discriminator);
            }
            if let Some(nullable) = object.remove("x-nullable") {
                object.insert("nullable", nullable);
            }
            object.iter_mut().for_each(|(_, node)| references(node));
        }
        Value::Array(items) => items.iter_mut().for_each(references),
        _ => {}
    }
}
