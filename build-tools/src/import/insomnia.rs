//! Exports of Insomnia to requests: version 4 (a flat list of resources) and version 5 (a tree).

use std::collections::HashMap;

use super::model::{Api, Doubt, Scheme};
use super::requests::{Field, Keep, Request, Sent, assemble};
use super::source::File;
use super::url::{Variables, variable_name};
use crate::document::{Node, RawDocument, Value};

/// Whether a tree is an export.
pub(super) fn is(root: &Node) -> bool {
    let resources = root.get("resources").and_then(Node::as_array);
    resources.is_some_and(|list| list.iter().take(200).any(|node| node.text_at("_type") == Some("request")))
        || root.text_at("type").is_some_and(|kind| kind.starts_with("collection.insomnia.rest"))
}

pub(super) fn import(raw: &RawDocument, file: &File<'_>) -> Api {
    let mut api = Api::default();
    let mut reader = Reader { raw, file, requests: Vec::new(), variables: Variables::new(), api: &mut api };
    match raw.root().get("resources").and_then(Node::as_array) {
        Some(resources) => reader.version_4(resources),
        None => reader.version_5(raw.root()),
    }
    let (requests, variables) = (reader.requests, reader.variables);
    assemble(&mut api, requests, &variables, Keep { values: true });
    api
}

struct Reader<'a> {
    raw: &'a RawDocument,
    file: &'a File<'a>,
    requests: Vec<Request>,
    variables: Variables,
    api: &'a mut Api,
}

/// The scalar of a node as text.
pub(super) fn scalar(node: Option<&Node>) -> Option<String> {
    match &node?.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

impl Reader<'_> {
    fn version_4(&mut self, resources: &[Node]) {
        let by_id: HashMap<&str, &Node> =
            resources.iter().filter_map(|node| Some((node.text_at("_id")?, node))).collect();
        for node in resources {
            match node.text_at("_type") {
                Some("workspace") => {
                    self.api.title = node.text_at("name").unwrap_or_default().to_owned();
                    self.api.description = node.text_at("description").unwrap_or_default().to_owned();
                }
                Some("environment") => self.environment(node.get("data")),
                _ => {}
            }
        }
        for node in resources.iter().filter(|node| node.text_at("_type") == Some("request")) {
            // The outermost folder; a folder that is within itself ends the walk.
            let (mut folder, mut auth, mut at, mut steps) = (String::new(), None, node.text_at("parentId"), 0);
            while let Some(parent) = at.and_then(|id| by_id.get(id)).filter(|_| steps < 50) {
                if parent.text_at("_type") == Some("request_group") {
                    folder = parent.text_at("name").unwrap_or_default().to_owned();
                    auth = auth.or_else(|| scheme(parent.get("authentication")));
                }
                at = parent.text_at("parentId");
                steps += 1;
            }
            let description = node.text_at("description").unwrap_or_default().to_owned();
            self.request(node, folder, auth, description);
        }
    }

    fn version_5(&mut self, root: &Node) {
        self.api.title = root.text_at("name").unwrap_or_default().to_owned();
        self.environment(root.pointer("/environments/data"));
        for inner in root.pointer("/environments/subEnvironments").and_then(Node::as_array).unwrap_or_default() {
            self.environment(inner.get("data"));
        }
        self.items(root.get("collection"), String::new(), None, 0);
    }

    fn items(&mut self, list: Option<&Node>, folder: String, auth: Option<Vec<Scheme>>, depth: usize) {
        for node in list.and_then(Node::as_array).unwrap_or_default() {
            if let Some(children) = node.get("children").filter(|_| depth < 30) {
                let name = if folder.is_empty() {
                    node.text_at("name").unwrap_or_default().to_owned()
                } else {
                    folder.clone()
                };
                let auth = scheme(node.get("authentication")).or_else(|| auth.clone());
                self.items(Some(children), name, auth, depth + 1);
            } else if node.get("url").is_some() {
                let description =
                    node.pointer("/meta/description").and_then(Node::as_str).unwrap_or_default().to_owned();
                self.request(node, folder.clone(), auth.clone(), description);
            }
        }
    }

    /// Values of an environment, by the whole path of their names.
    fn environment(&mut self, data: Option<&Node>) {
        let Some(object) = data.and_then(Node::as_object) else { return };
        for (name, node) in object.iter().take(2_000) {
            let Some(value) = scalar(Some(node)) else { continue };
            if crate::secrets::is_secret_name(name) && !super::secrets::is_placeholder(&value) {
                let place = self.file.place(self.raw.position(node.span).0);
                let message = format!("variable `{name}` holds what looks like a secret; it was not written");
                self.api.log.add(Doubt::Note, "secret-found", "", &place, message);
                continue;
            }
            self.variables.entry(variable_name(name)).or_insert(value);
        }
    }

    fn field(&self, node: &Node) -> Option<Field> {
        let name = node.text_at("name")?.to_owned();
        Some(Field {
            name,
            value: scalar(node.get("value")),
            description: node.text_at("description").unwrap_or_default().to_owned(),
            disabled: node.get("disabled").and_then(Node::as_bool) == Some(true),
            is_file: node.text_at("type") == Some("file"),
            place: self.file.place(self.raw.position(node.span).0),
            ..Field::default()
        })
    }

    fn fields(&self, node: Option<&Node>) -> Vec<Field> {
        node.and_then(Node::as_array).unwrap_or_default().iter().filter_map(|node| self.field(node)).collect()
    }

    fn request(&mut self, node: &Node, folder: String, auth: Option<Vec<Scheme>>, description: String) {
        let mut request = Request {
            method: node.text_at("method").unwrap_or("GET").to_owned(),
            url: node.text_at("url").unwrap_or_default().to_owned(),
            name: node.text_at("name").unwrap_or_default().to_owned(),
            description,
            tag: folder,
            query: self.fields(node.get("parameters")),
            path: self.fields(node.get("pathParameters")),
            headers: self.fields(node.get("headers")),
            security: scheme(node.get("authentication")).or(auth),
            place: self.file.place(self.raw.position(node.span).0),
            ..Request::default()
        };
        request.body = self.body(node.get("body"));
        self.requests.push(request);
    }

    fn body(&self, node: Option<&Node>) -> Option<Sent> {
        let node = node?;
        let media = node.text_at("mimeType").unwrap_or_default();
        let fields = self.fields(node.get("params"));
        if !fields.is_empty() {
            let media =
                if media.contains("urlencoded") { "application/x-www-form-urlencoded" } else { "multipart/form-data" };
            return Some(Sent::Form { media: media.to_owned(), fields });
        }
        if node.get("fileName").is_some() {
            return Some(Sent::Opaque { media: "application/octet-stream".to_owned() });
        }
        let text = node.text_at("text")?;
        super::bodies::read(text, Some(media).filter(|media| media.contains('/')))
    }
}

fn scheme(node: Option<&Node>) -> Option<Vec<Scheme>> {
    let node = node?;
    if node.get("disabled").and_then(Node::as_bool) == Some(true) {
        return None;
    }
    Some(match node.text_at("type")? {
        "bearer" => vec![Scheme::Bearer],
        "basic" => vec![Scheme::Basic],
        "digest" => vec![Scheme::Digest],
        "oauth2" => vec![Scheme::OAuth2 {
            token: node.text_at("accessTokenUrl").filter(|url| url.starts_with("http")).unwrap_or_default().to_owned(),
        }],
        "apikey" => vec![Scheme::Key {
            place: if node.text_at("addTo").is_some_and(|to| to.contains("query")) { "query" } else { "header" },
            name: node
                .text_at("key")
                .filter(|key| !key.is_empty() && !key.contains('{'))
                .unwrap_or("X-API-Key")
                .to_owned(),
        }],
        "none" => Vec::new(),
        _ => return None,
    })
}
