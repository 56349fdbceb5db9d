//! Postman collections 2.0 and 2.1 to requests: items in folders, addresses as string or object, inherited auth.

use super::model::{Api, Doubt, Scheme};
use super::requests::{Field, Keep, Received, Request, Sent, assemble};
use super::shape::Place;
use super::source::File;
use super::url::Variables;
use crate::document::{Node, RawDocument, Value};

const MAX_REQUESTS: usize = 20_000;
const MAX_FOLDERS: usize = 30;

/// Whether a tree is a collection of version 2.
pub(super) fn is(root: &Node) -> bool {
    let root = root.get("collection").unwrap_or(root);
    let schema = root.pointer("/info/schema").and_then(Node::as_str).unwrap_or_default();
    root.get("item").and_then(Node::as_array).is_some()
        && (schema.contains("getpostman.com")
            || root.pointer("/info/_postman_id").is_some()
            || root.pointer("/info/name").is_some())
}

pub(super) fn import(raw: &RawDocument, file: &File<'_>) -> Api {
    let root = raw.root().get("collection").unwrap_or(raw.root());
    let mut api = Api {
        title: root.pointer("/info/name").and_then(Node::as_str).unwrap_or_default().to_owned(),
        description: text(root.pointer("/info/description")),
        version: root.pointer("/info/version").and_then(Node::as_str).unwrap_or_default().to_owned(),
        ..Api::default()
    };
    let mut reader = Reader { raw, file, requests: Vec::new(), variables: Variables::new(), log: Vec::new() };
    reader.read_variables(root);
    let auth = reader.auth(root);
    reader.items(root, &Inherited { folder: Vec::new(), auth });
    let Reader { requests, variables, log, .. } = reader;
    for (rule, place, message) in log {
        api.log.add(if rule == "secret-found" { Doubt::Note } else { Doubt::Dropped }, rule, "", &place, message);
    }
    assemble(&mut api, requests, &variables, Keep { values: true });
    api
}

struct Reader<'a> {
    raw: &'a RawDocument,
    file: &'a File<'a>,
    requests: Vec<Request>,
    variables: Variables,
    log: Vec<(&'static str, Place, String)>,
}

#[derive(Clone)]
struct Inherited {
    folder: Vec<String>,
    auth: Option<Vec<Scheme>>,
}

/// A description as a string or as an object with `content`.
fn text(node: Option<&Node>) -> String {
    let node = node.map(|node| node.get("content").unwrap_or(node));
    node.and_then(Node::as_str).unwrap_or_default().trim().to_owned()
}

/// A scalar as text.
fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn is_disabled(node: &Node) -> bool {
    node.get("disabled").and_then(Node::as_bool) == Some(true)
}

impl Reader<'_> {
    fn place(&self, node: &Node) -> Place {
        self.file.place(self.raw.position(node.span).0)
    }

    fn read_variables(&mut self, root: &Node) {
        let list = root.get("variable").or_else(|| root.get("variables")).and_then(Node::as_array).unwrap_or_default();
        for variable in list.iter().take(2_000) {
            let name = variable.text_at("key").or_else(|| variable.text_at("id"));
            let (Some(name), Some(value)) = (name, variable.get("value").and_then(scalar)) else { continue };
            if !super::secrets::is_placeholder(&value) && crate::secrets::is_secret_name(name) {
                let place = self.place(variable);
                self.log.push((
                    "secret-found",
                    place,
                    format!("variable `{name}` holds what looks like a secret; it was not written"),
                ));
                continue;
            }
            self.variables.insert(super::url::variable_name(name), value);
        }
    }

    fn items(&mut self, node: &Node, inherited: &Inherited) {
        for item in node.get("item").and_then(Node::as_array).unwrap_or_default() {
            let name = item.text_at("name").unwrap_or_default().trim().to_owned();
            let auth = self.auth(item).or_else(|| inherited.auth.clone());
            if item.get("item").is_some() {
                if inherited.folder.len() >= MAX_FOLDERS {
                    let place = self.place(item);
                    self.log.push(("too-deep", place, format!("folder `{name}` is nested too deeply")));
                    continue;
                }
                let mut folder = inherited.folder.clone();
                folder.push(name);
                self.items(item, &Inherited { folder, auth });
            } else if let Some(request) = item.get("request") {
                if self.requests.len() >= MAX_REQUESTS {
                    return;
                }
                let request = self.request(item, request, &name, inherited, auth);
                self.requests.push(request);
            } else {
                let place = self.place(item);
                self.log.push(("no-request", place, format!("item `{name}` has neither a request nor items")));
            }
        }
    }

    fn request(
        &mut self,
        item: &Node,
        node: &Node,
        name: &str,
        inherited: &Inherited,
        auth: Option<Vec<Scheme>>,
    ) -> Request {
        let place = self.place(item);
        let mut request = Request {
            name: name.to_owned(),
            tag: inherited.folder.first().cloned().unwrap_or_default(),
            method: "GET".to_owned(),
            place,
            ..Request::default()
        };
        // A request may be its address alone.
        if let Some(address) = node.as_str() {
            request.url = address.to_owned();
            request.security = auth;
            return request;
        }
        if let Some(method) = node.text_at("method").filter(|method| !method.trim().is_empty()) {
            request.method = method.trim().to_owned();
        }
        request.description = text(node.get("description"));
        if request.description.is_empty() {
            request.description = text(item.get("description"));
        }
        request.security = self.auth(node).or(auth);
        self.url(node.get("url"), &mut request);
        request.headers = self.headers(node.get("header"));
        let media = content_type(&request.headers);
        request.body = self.body(node.get("body"), media.as_deref());
        for saved in item.get("response").and_then(Node::as_array).unwrap_or_default().iter().take(100) {
            request.responses.extend(self.response(saved));
            if let Some(original) = saved.get("originalRequest") {
                self.original(original, &mut request);
            }
        }
        request
    }

    /// Query parameters that only the request of a saved response has.
    fn original(&self, original: &Node, request: &mut Request) {
        let mut saved = Request::default();
        self.url(original.get("url"), &mut saved);
        let path = |url: &str| url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
        if path(&saved.url) != path(&request.url) {
            return;
        }
        if request.body.is_none() {
            request.body =
                self.body(original.get("body"), content_type(&self.headers(original.get("header"))).as_deref());
        }
        for field in saved.query {
            if !field.name.is_empty() && !request.query.iter().any(|known| known.name == field.name) {
                request.query.push(Field { disabled: true, ..field });
            }
        }
    }

    fn url(&self, node: Option<&Node>, request: &mut Request) {
        let Some(node) = node else { return };
        if let Some(raw) = node.as_str() {
            request.url = raw.to_owned();
            return;
        }
        let joined = |key: &str, with: &str| match node.get(key) {
            Some(node) => match &node.value {
                Value::Text(text) => text.to_string(),
                Value::Array(items) => {
                    let parts = items
                        .iter()
                        .filter_map(|part| scalar(part).or_else(|| part.text_at("value").map(str::to_owned)));
                    parts.collect::<Vec<_>>().join(with)
                }
                _ => String::new(),
            },
            None => String::new(),
        };
        let (host, path) = (joined("host", "."), joined("path", "/"));
        let raw = node.text_at("raw").unwrap_or_default();
        request.url = if host.is_empty() || raw.is_empty() || path.is_empty() {
            if raw.is_empty() {
                let protocol =
                    node.text_at("protocol").map(|protocol| format!("{}://", protocol.trim_end_matches("://")));
                let port = node.get("port").and_then(scalar).map(|port| format!(":{port}"));
                format!(
                    "{}{host}{}/{}",
                    protocol.unwrap_or_default(),
                    port.unwrap_or_default(),
                    path.trim_start_matches('/')
                )
            } else {
                raw.to_owned()
            }
        } else {
            raw.to_owned()
        };
        let list = node.get("query").and_then(Node::as_array).unwrap_or_default();
        request.query = list.iter().filter_map(|entry| self.field(entry)).collect();
        // An object of names and values, as old exports write it.
        if let Some(object) = node.get("query").and_then(Node::as_object) {
            let fields = object.iter().map(|(name, value)| Field {
                name: name.to_owned(),
                value: scalar(value),
                place: request.place.clone(),
                ..Field::default()
            });
            request.query.extend(fields);
        }
        let list = node.get("variable").and_then(Node::as_array).unwrap_or_default();
        request.path = list
            .iter()
            .filter_map(|entry| self.field(entry))
            .map(|field| Field { name: super::url::variable_name(&field.name), ..field })
            .collect();
    }

    fn field(&self, entry: &Node) -> Option<Field> {
        let name = entry.text_at("key").or_else(|| entry.text_at("id")).or_else(|| entry.text_at("name"))?;
        let name = if entry.text_at("key").is_some() || entry.text_at("id").is_some() { name } else { return None };
        let is_file = entry.text_at("type") == Some("file");
        let value = entry.get("value").and_then(scalar);
        Some(Field {
            name: super::url::decode(name),
            value,
            description: text(entry.get("description")),
            disabled: is_disabled(entry),
            is_file,
            place: self.place(entry),
            ..Field::default()
        })
    }

    fn headers(&self, node: Option<&Node>) -> Vec<Field> {
        match node.map(|node| &node.value) {
            Some(Value::Array(list)) => list.iter().filter_map(|entry| self.field(entry)).collect(),
            // `Name: value` in lines, as 2.0 allows.
            Some(Value::Text(lines)) => {
                let lines = lines.lines().filter_map(|line| line.split_once(':'));
                lines
                    .map(|(name, value)| Field {
                        name: name.trim().to_owned(),
                        value: Some(value.trim().to_owned()),
                        ..Field::default()
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn body(&self, node: Option<&Node>, media: Option<&str>) -> Option<Sent> {
        let node = node.filter(|node| node.as_object().is_some() && !is_disabled(node))?;
        let fields = |key: &str| -> Vec<Field> {
            match node.get(key).map(|node| &node.value) {
                Some(Value::Array(list)) => list.iter().filter_map(|entry| self.field(entry)).collect(),
                Some(Value::Object(object)) => object
                    .iter()
                    .map(|(name, value)| Field { name: name.to_owned(), value: scalar(value), ..Field::default() })
                    .collect(),
                // `a=1&b=2`.
                Some(Value::Text(text)) => super::url::read_query(text)
                    .into_iter()
                    .map(|(name, value)| Field { name, value, ..Field::default() })
                    .collect(),
                _ => Vec::new(),
            }
        };
        let mode = node.text_at("mode").unwrap_or_else(|| {
            ["raw", "urlencoded", "formdata", "file", "graphql"]
                .into_iter()
                .find(|mode| node.get(mode).is_some())
                .unwrap_or_default()
        });
        match mode {
            "raw" => {
                let language = node.pointer("/options/raw/language").and_then(Node::as_str);
                match node.get("raw").map(|node| &node.value) {
                    Some(Value::Text(text)) => super::bodies::read(text, media.or(language)),
                    // A value in place of its text.
                    Some(Value::Object(_) | Value::Array(_)) => Some(Sent::Tree {
                        media: "application/json".to_owned(),
                        node: node.get("raw").cloned().unwrap_or_default(),
                    }),
                    _ => None,
                }
            }
            "urlencoded" => {
                let fields = fields("urlencoded");
                (!fields.is_empty())
                    .then_some(Sent::Form { media: "application/x-www-form-urlencoded".to_owned(), fields })
            }
            "formdata" => {
                let fields = fields("formdata");
                (!fields.is_empty()).then_some(Sent::Form { media: "multipart/form-data".to_owned(), fields })
            }
            "file" => Some(Sent::Opaque { media: media.unwrap_or("application/octet-stream").to_owned() }),
            "graphql" => {
                let mut object = crate::document::Object::new();
                object.insert("query", node.pointer("/graphql/query").and_then(Node::as_str).unwrap_or_default());
                let variables =
                    node.pointer("/graphql/variables").and_then(Node::as_str).and_then(super::relaxed_json::read);
                object.insert("variables", variables.unwrap_or_else(|| crate::document::Object::new().into()));
                Some(Sent::Tree { media: "application/json".to_owned(), node: object.into() })
            }
            _ => None,
        }
    }

    fn response(&self, saved: &Node) -> Option<Received> {
        let code = saved
            .get("code")
            .and_then(|code| code.as_number().map(str::to_owned).or_else(|| code.as_str().map(str::to_owned)));
        let status = code.filter(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()))?;
        let media = content_type(&self.headers(saved.get("header"))).unwrap_or_default();
        let text = match saved.get("body").map(|node| &node.value) {
            Some(Value::Text(text)) => text.to_string(),
            _ => String::new(),
        };
        Some(Received { status, name: saved.text_at("name").unwrap_or_default().to_owned(), media, text })
    }

    /// What `auth` of a node says; none where it inherits.
    fn auth(&mut self, node: &Node) -> Option<Vec<Scheme>> {
        let auth = node.get("auth")?;
        let kind = auth.text_at("type").or_else(|| {
            let object = auth.as_object()?;
            object.iter().map(|(name, _)| name).find(|name| *name != "type")
        })?;
        // Attributes are a list of pairs in 2.1 and an object in 2.0.
        let attribute = |name: &str| -> Option<String> {
            let attributes = auth.get(kind)?;
            match &attributes.value {
                Value::Array(list) => list
                    .iter()
                    .find(|entry| entry.text_at("key") == Some(name))
                    .and_then(|entry| entry.get("value"))
                    .and_then(scalar),
                _ => attributes.get(name).and_then(scalar),
            }
        };
        for name in ["token", "password", "value", "accessToken", "clientSecret", "secret", "privateKey"] {
            if attribute(name).is_some_and(|value| !super::secrets::is_placeholder(&value)) {
                let place = self.place(auth);
                self.log.push((
                    "secret-found",
                    place,
                    format!("`auth.{kind}.{name}` holds a credential; it was not written"),
                ));
            }
        }
        let scheme = match kind {
            "noauth" => return Some(Vec::new()),
            "bearer" | "jwt" => Scheme::Bearer,
            "basic" => Scheme::Basic,
            "digest" => Scheme::Digest,
            "apikey" => Scheme::Key {
                place: if attribute("in").as_deref() == Some("query") { "query" } else { "header" },
                name: attribute("key")
                    .filter(|name| !name.contains("{{") && !name.is_empty())
                    .unwrap_or_else(|| "X-API-Key".to_owned()),
            },
            "oauth2" => Scheme::OAuth2 {
                token: attribute("accessTokenUrl").filter(|url| url.starts_with("http")).unwrap_or_default(),
            },
            _ => return None,
        };
        Some(vec![scheme])
    }
}

/// The content type among headers, without its parameters.
pub(super) fn content_type(headers: &[Field]) -> Option<String> {
    let header = headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-type") && !field.disabled)?;
    let value = header.value.as_deref()?.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (value.contains('/') && !value.contains("{{")).then_some(value)
}
