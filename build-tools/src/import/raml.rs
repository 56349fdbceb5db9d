//! RAML 0.8 and 1.0 to operations: resources, methods, parameters, bodies, types and traits.

use super::model::{Api, Body, Doubt, In, Operation, Response, Scheme};
use super::requests::METHODS;
use super::shape::{Kind, Origin, Place, Property, Shape};
use super::source::{File, Files, folder, join};
use crate::document::{Node, RawDocument, Refusal, Value, decode};
use std::collections::BTreeMap;

use super::json_schema::{filled, of_json_schema};

const MAX_DEPTH: usize = 30;

/// Whether a text is a RAML API.
pub(super) fn is(text: &str) -> bool {
    let head = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    head.trim() == "#%RAML 0.8" || head.trim() == "#%RAML 1.0"
}

/// The names of files that a text includes.
pub(super) fn includes(name: &str, text: &str) -> Vec<String> {
    let targets = text.lines().filter_map(|line| line.split_once("!include ")).map(|(_, target)| target.trim());
    targets.filter_map(|target| join(folder(name), target.trim_matches(['"', '\'']))).take(500).collect()
}

pub(super) fn import(file: &File<'_>, files: &Files) -> Result<Api, Refusal> {
    // A tag becomes text, so that the reader of YAML needs none of them.
    let plain = with_includes_as_text(file.text);
    let raw = RawDocument::read(plain.as_bytes())?;
    let mut api = Api::default();
    let root = raw.root();
    let said =
        |key: &str| root.get(key).and_then(|node| node.as_str().or(node.as_number())).unwrap_or_default().to_owned();
    (api.title, api.version, api.description) = (said("title"), said("version"), said("description"));
    let base = said("baseUri").replace("{version}", &api.version);
    if !base.is_empty() {
        api.servers.push(base.trim_end_matches('/').to_owned());
    }
    let mut reader = Reader { raw: &raw, file, files, types: BTreeMap::new(), api: &mut api, root };
    reader.read_types();
    reader.resource(root, "", &[], "", 0);
    Ok(api)
}

fn with_includes_as_text(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("!include ") {
        Some((before, target)) => format!("{before}\"!include {}\"", target.trim().trim_matches(['"', '\''])),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

struct Reader<'a> {
    raw: &'a RawDocument,
    file: &'a File<'a>,
    files: &'a Files,
    types: BTreeMap<String, Node>,
    api: &'a mut Api,
    root: &'a Node,
}

impl Reader<'_> {
    fn place(&self, node: &Node) -> Place {
        self.file.place(self.raw.position(node.span).0)
    }

    /// The text of an included file.
    fn included(&self, node: &Node) -> Option<String> {
        let target = node.as_str()?.strip_prefix("!include ")?;
        let name = join(folder(&self.file.name), target)?;
        self.files.get(&name).and_then(|bytes| decode(bytes).ok())
    }

    /// A node, or the tree of the file that it includes.
    fn resolved(&self, node: &Node) -> Node {
        match self.included(node) {
            Some(text) => {
                let plain = with_includes_as_text(&text);
                RawDocument::read(plain.as_bytes()).map(|raw| raw.root().clone()).unwrap_or_else(|_| text.into())
            }
            None => node.clone(),
        }
    }

    /// Types and schemas by their names: an object, or a list of objects.
    fn read_types(&mut self) {
        for key in ["types", "schemas"] {
            let Some(node) = self.root.get(key).map(|node| self.resolved(node)) else { continue };
            let items: Vec<&Node> = match node.as_array() {
                Some(items) => items.iter().collect(),
                None => vec![&node],
            };
            for (name, inner) in items.into_iter().filter_map(Node::as_object).flat_map(|object| object.iter()) {
                let inner = self.resolved(inner);
                self.types.insert(name.to_owned(), inner);
            }
        }
    }

    fn resource(&mut self, node: &Node, path: &str, inherited: &[(String, Node)], tag: &str, depth: usize) {
        let Some(object) = node.as_object().filter(|_| depth < MAX_DEPTH) else { return };
        let mut parameters = inherited.to_vec();
        for key in ["uriParameters", "baseUriParameters"] {
            for (name, node) in object.get(key).and_then(Node::as_object).into_iter().flat_map(|object| object.iter()) {
                parameters.push((name.trim_end_matches('?').to_owned(), node.clone()));
            }
        }
        let named = object.get("displayName").and_then(Node::as_str).unwrap_or_default();
        let tag = if tag.is_empty() && depth == 1 {
            if named.is_empty() { path.trim_start_matches('/') } else { named }
        } else {
            tag
        };
        for method in METHODS {
            // A method may be written without anything below it.
            let key = [method.to_owned(), format!("{method}?")].into_iter().find(|key| object.contains(key));
            if let Some(inner) = key.and_then(|key| object.get(&key)).filter(|_| depth > 0) {
                self.method(method, path, inner, node, &parameters, tag);
            }
        }
        for (key, inner) in object.iter().filter(|(key, _)| key.starts_with('/')) {
            let joined = format!("{}{key}", path.trim_end_matches('/'));
            let resolved = self.resolved(inner);
            self.resource(&resolved, &joined, &parameters, tag, depth + 1);
        }
    }

    fn method(
        &mut self,
        method: &str,
        path: &str,
        node: &Node,
        resource: &Node,
        inherited: &[(String, Node)],
        tag: &str,
    ) {
        let place = self.place(node);
        let text = |key: &str| node.text_at(key).unwrap_or_default().trim().to_owned();
        let mut operation = Operation {
            method: method.to_owned(),
            path: path.to_owned(),
            summary: text("displayName"),
            description: super::requests::text_of(&text("description")),
            tag: tag.to_owned(),
            place: place.clone(),
            ..Operation::default()
        };
        for (name, node) in inherited {
            let property = Property { required: Some(true), ..self.property(name, node) };
            if super::requests::parameter_names_of(path).contains(&property.name) {
                operation.add_parameter(In::Path, property);
            }
        }
        // Traits first: what the method says itself is more.
        let traits = self.traits(node).into_iter().chain(self.traits(resource)).collect::<Vec<_>>();
        for part in std::iter::once(node).chain(&traits) {
            for (name, node) in
                part.get("queryParameters").and_then(Node::as_object).into_iter().flat_map(|object| object.iter())
            {
                let property = self.property(name, node);
                if !operation.parameters.iter().any(|(place, known)| *place == In::Query && known.name == property.name)
                {
                    operation.add_parameter(In::Query, property);
                }
            }
            for (name, node) in
                part.get("headers").and_then(Node::as_object).into_iter().flat_map(|object| object.iter())
            {
                if !matches!(name.to_ascii_lowercase().as_str(), "authorization" | "content-type" | "accept") {
                    let property = self.property(name, node);
                    operation.add_parameter(In::Header, property);
                }
            }
            if let Some(body) = part.get("body").filter(|_| operation.body.is_none()) {
                operation.body = self.body(body, &place);
            }
            for (status, node) in
                part.get("responses").and_then(Node::as_object).into_iter().flat_map(|object| object.iter())
            {
                let response = self.response(node, &place);
                operation.responses.entry(status.to_owned()).or_insert(response);
            }
        }
        operation.security =
            self.security(node).or_else(|| self.security(resource)).or_else(|| self.security(self.root));
        super::requests::finish(&mut operation, &mut self.api.log);
        self.api.operations.push(operation);
    }

    fn security(&self, node: &Node) -> Option<Vec<Scheme>> {
        let list = node.get("securedBy")?.as_array()?;
        let defined = self.root.get("securitySchemes").map(|node| self.resolved(node))?;
        let find = |name: &str| -> Option<Node> {
            let inner = match defined.as_array() {
                Some(items) => items.iter().find_map(|item| item.get(name)),
                None => defined.get(name),
            };
            inner.map(|node| self.resolved(node))
        };
        let schemes = list.iter().filter_map(Node::as_str).filter_map(|name| {
            let node = find(name)?;
            Some(match node.text_at("type")? {
                "Basic Authentication" => Scheme::Basic,
                "Digest Authentication" => Scheme::Digest,
                "OAuth 2.0" => {
                    let token = node
                        .pointer("/settings/accessTokenUri")
                        .and_then(Node::as_str)
                        .filter(|url| url.starts_with("http"));
                    Scheme::OAuth2 { token: token.unwrap_or_default().to_owned() }
                }
                "Pass Through" | "x-custom" => {
                    let header =
                        node.pointer("/describedBy/headers").and_then(Node::as_object)?.iter().next()?.0.to_owned();
                    if header.eq_ignore_ascii_case("authorization") {
                        Scheme::Bearer
                    } else {
                        Scheme::Key { place: "header", name: header }
                    }
                }
                _ => return None,
            })
        });
        let schemes: Vec<Scheme> = schemes.collect();
        (!schemes.is_empty()).then_some(schemes)
    }

    /// The traits of a method or a resource, with their arguments put in.
    fn traits(&self, node: &Node) -> Vec<Node> {
        let Some(list) = node.get("is").and_then(Node::as_array) else { return Vec::new() };
        let Some(defined) = self.root.get("traits").map(|node| self.resolved(node)) else { return Vec::new() };
        let find = |name: &str| match defined.as_array() {
            Some(items) => items.iter().find_map(|item| item.get(name)).cloned(),
            None => defined.get(name).cloned(),
        };
        let mut out = Vec::new();
        for used in list.iter().take(50) {
            let (name, arguments) = match (used.as_str(), used.as_object()) {
                (Some(name), _) => (name.to_owned(), None),
                (_, Some(object)) => match object.iter().next() {
                    Some((name, arguments)) => (name.to_owned(), Some(arguments.clone())),
                    None => continue,
                },
                _ => continue,
            };
            if let Some(found) = find(&name) {
                let found = self.resolved(&found);
                out.push(filled(&found, arguments.as_ref()));
            }
        }
        out
    }

    fn property(&self, name: &str, node: &Node) -> Property {
        let optional = name.ends_with('?');
        let node = self.resolved(node);
        let shape = self.shape(&node, 0);
        let shape = if shape.is_open() { Shape::of_kind(Kind::String) } else { shape };
        let required = node.get("required").and_then(Node::as_bool);
        // In 1.0 what has no word is needed, in 0.8 it is not.
        let by_version = self.file.text.contains("#%RAML 1.0");
        Property {
            name: name.trim_end_matches('?').to_owned(),
            shape,
            required: Some(required.unwrap_or(by_version && !optional)),
            description: super::requests::text_of(node.text_at("description").unwrap_or_default()),
            place: self.place(&node),
            ..Property::default()
        }
    }

    /// The shape of a type declaration: a name, JSON Schema as text, or an object.
    fn shape(&self, node: &Node, depth: usize) -> Shape {
        if depth > MAX_DEPTH {
            return Shape::default();
        }
        match &node.value {
            Value::Text(text) => self.named(text, depth),
            Value::Object(object) => {
                let said = object.get("type").or_else(|| object.get("schema"));
                let mut shape = match said.map(|node| &node.value) {
                    Some(Value::Text(text)) => self.named(text, depth + 1),
                    Some(Value::Object(_)) => said.map(|node| self.shape(node, depth + 1)).unwrap_or_default(),
                    _ if object.contains("properties") => Shape::of_kind(Kind::Object),
                    _ => Shape::default(),
                };
                for (name, node) in
                    object.get("properties").and_then(Node::as_object).into_iter().flat_map(|object| object.iter())
                {
                    if shape.is_open() {
                        shape.kinds.insert(Kind::Object);
                    }
                    let inner = self.resolved(node);
                    let optional = name.ends_with('?');
                    let required = inner.get("required").and_then(Node::as_bool).unwrap_or(!optional);
                    let mut of = self.shape(&inner, depth + 1);
                    if of.is_open() && inner.get("type").is_none() {
                        of.kinds.insert(Kind::String);
                    }
                    shape.add(Property {
                        name: name.trim_end_matches('?').to_owned(),
                        shape: of,
                        required: Some(required),
                        description: super::requests::text_of(inner.text_at("description").unwrap_or_default()),
                        place: self.place(node),
                        ..Property::default()
                    });
                }
                if let Some(items) = object.get("items") {
                    let items = self.shape(&self.resolved(items), depth + 1);
                    if shape.is_open() || shape.is(Kind::Array) {
                        shape = Shape::array_of(items);
                    }
                }
                if let Some(values) = object.get("enum").and_then(Node::as_array) {
                    shape.values = values.to_vec();
                }
                for key in ["minimum", "maximum", "minLength", "maxLength"] {
                    let fits = if key.ends_with("Length") {
                        shape.is(Kind::String)
                    } else {
                        shape.is(Kind::Integer) || shape.is(Kind::Number)
                    };
                    if let Some(value) = object.get(key).filter(|value| value.as_number().is_some() && fits) {
                        shape.facets.push((
                            if key == "minimum" {
                                "minimum"
                            } else if key == "maximum" {
                                "maximum"
                            } else if key == "minLength" {
                                "minLength"
                            } else {
                                "maxLength"
                            },
                            value.clone(),
                        ));
                    }
                }
                if object.get("repeat").and_then(Node::as_bool) == Some(true) {
                    shape = Shape::array_of(shape);
                }
                shape
            }
            _ => Shape::default(),
        }
    }

    fn named(&self, text: &str, depth: usize) -> Shape {
        let text = text.trim();
        if text.starts_with('{') {
            return super::relaxed_json::read(text).map(|node| of_json_schema(&node, &node, 0)).unwrap_or_default();
        }
        if let Some(inner) = text.strip_suffix("[]") {
            return Shape::array_of(self.named(inner.trim_matches(['(', ')']), depth + 1));
        }
        if let Some(known) = self.types.get(text) {
            return self.shape(known, depth + 1);
        }
        super::types::read(text).unwrap_or_default()
    }

    /// The preferred media type of a body, its shape and its sample.
    fn content(&self, node: &Node, place: &Place) -> Option<(String, Shape, Option<Node>, Origin)> {
        let object = node.as_object()?;
        let media = object
            .iter()
            .find(|(key, _)| key.contains("json"))
            .or_else(|| object.iter().find(|(key, _)| key.contains('/')));
        let default = self.root.text_at("mediaType").unwrap_or("application/json").to_owned();
        let (media, inner) = match media {
            Some((media, inner)) => (media.to_owned(), self.resolved(inner)),
            None => (default, node.clone()),
        };
        let mut shape = self.shape(&inner, 0);
        let mut origin = Origin::Documented;
        for (name, node) in
            inner.get("formParameters").and_then(Node::as_object).into_iter().flat_map(|object| object.iter())
        {
            if shape.is_open() {
                shape.kinds.insert(Kind::Object);
            }
            shape.add(self.property(name, node));
        }
        let example = inner.get("example").map(|node| match self.included(node) {
            Some(text) => super::relaxed_json::read(&text).unwrap_or_else(|| text.into()),
            None => node.as_str().and_then(super::relaxed_json::read).unwrap_or_else(|| node.clone()),
        });
        if shape.is_open()
            && let Some(example) = &example
            && (example.as_object().is_some() || example.as_array().is_some())
        {
            shape = Shape::of_sample(example, place);
            origin = Origin::Sample;
        }
        let example = example.map(|node| super::secrets::redact_node(&node, "", &mut |_| {}));
        (!shape.is_open() || example.is_some()).then_some((media, shape, example, origin))
    }

    fn body(&mut self, node: &Node, place: &Place) -> Option<Body> {
        let node = self.resolved(node);
        let (media, shape, example, origin) = match node.as_str() {
            Some(text) => ("application/json".to_owned(), self.named(text, 0), None, Origin::Documented),
            None => self.content(&node, place)?,
        };
        if shape.is_open() {
            let message = "the type of a body is not described in the files";
            self.api.log.add(Doubt::NotSaid, "body-not-said", "", place, message);
        }
        Some(Body { media, shape, example, origin })
    }

    fn response(&self, node: &Node, place: &Place) -> Response {
        let description = super::requests::text_of(node.text_at("description").unwrap_or_default());
        let body = node.get("body").map(|node| self.resolved(node));
        let content = body.as_ref().and_then(|node| match node.as_str() {
            Some(text) => Some(("application/json".to_owned(), self.named(text, 0), None, Origin::Documented)),
            None => self.content(node, place),
        });
        match content {
            Some((media, shape, example, origin)) => {
                let shape = (!shape.is_open()).then_some(shape);
                Response { description, media, shape, example, origin }
            }
            None => Response { description, ..Response::default() },
        }
    }
}
