//! Postman collections 3.0 to requests: a folder of YAML files, one for each request and each saved response.

use std::collections::BTreeMap;

use super::insomnia::scalar;
use super::model::{Api, Doubt, Scheme};
use super::requests::{Field, Keep, Received, Request, Sent, assemble};
use super::source::{File, Files, folder};
use super::url::{Variables, variable_name};
use crate::document::{Node, RawDocument, Value};

/// Whether a tree is a file of a request.
pub(super) fn is(root: &Node) -> bool {
    root.text_at("$kind") == Some("http-request") && root.get("url").is_some()
}

pub(super) fn import(files: &Files, names: &[String]) -> Api {
    let mut api = Api::default();
    let mut variables = Variables::new();
    // What definitions say, by the folder that they are of.
    let mut auth: BTreeMap<String, Vec<Scheme>> = BTreeMap::new();
    let mut examples: Vec<(String, Node)> = Vec::new();
    let yaml = files.iter().filter(|(name, _)| name.ends_with(".yaml") || name.ends_with(".yml"));
    for (name, bytes) in yaml {
        let Ok(raw) = RawDocument::read(bytes) else { continue };
        let root = raw.root();
        match root.text_at("$kind") {
            Some("collection") => {
                let of = name.split(".resources/").next().unwrap_or_default().to_owned();
                if api.title.is_empty() || of.matches('/').count() <= 1 {
                    api.title = root.text_at("name").unwrap_or(&api.title).to_owned();
                    api.description = root.text_at("description").unwrap_or_default().to_owned();
                }
                for (key, value, line) in pairs(root.get("variables"), &raw) {
                    if crate::secrets::is_secret_name(&key) && !super::secrets::is_placeholder(&value) {
                        let message = format!("variable `{key}` holds what looks like a secret; it was not written");
                        api.log.add(Doubt::Note, "secret-found", "", &File::new(name, "").place(line), message);
                    } else {
                        variables.entry(variable_name(&key)).or_insert(value);
                    }
                }
                if let Some(schemes) = scheme(root.get("auth")) {
                    auth.insert(of, schemes);
                }
            }
            Some("http-example") => examples.push((name.clone(), root.clone())),
            _ => {}
        }
    }
    let mut requests = Vec::new();
    for name in names {
        let Some(raw) = files.get(name).and_then(|bytes| RawDocument::read(bytes).ok()) else { continue };
        let file = File::new(name, "");
        let mut request = request(&raw, &file);
        let own = name.rsplit('/').next().unwrap_or(name).split(".request.").next().unwrap_or_default().to_owned();
        if request.name.is_empty() {
            request.name.clone_from(&own);
        }
        request.tag = folder(name).trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        if request.security.is_none() {
            let nearest = auth.iter().filter(|(of, _)| name.starts_with(of.as_str())).max_by_key(|(of, _)| of.len());
            request.security = nearest.map(|(_, schemes)| schemes.clone());
        }
        let at = format!("{}.resources/{own}.resources/", folder(name));
        let beside = format!("{}{own}.resources/", folder(name));
        for (_, example) in examples.iter().filter(|(file, _)| file.starts_with(&at) || file.starts_with(&beside)) {
            request.responses.extend(received(example));
        }
        requests.push(request);
    }
    assemble(&mut api, requests, &variables, Keep { values: true });
    api
}

/// Names and values of a list of entries or of an object.
fn pairs(node: Option<&Node>, raw: &RawDocument) -> Vec<(String, String, usize)> {
    fields(node, raw, &File::new("", ""))
        .into_iter()
        .map(|field| (field.name, field.value.unwrap_or_default(), field.place.line))
        .collect()
}

fn fields(node: Option<&Node>, raw: &RawDocument, file: &File<'_>) -> Vec<Field> {
    let place = |node: &Node| file.place(raw.position(node.span).0);
    match node.map(|node| &node.value) {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|entry| {
                Some(Field {
                    name: super::url::decode(entry.text_at("key").or_else(|| entry.text_at("name"))?),
                    value: scalar(entry.get("value")),
                    description: entry.text_at("description").unwrap_or_default().to_owned(),
                    disabled: entry.get("disabled").and_then(Node::as_bool) == Some(true),
                    is_file: entry.text_at("type") == Some("file"),
                    place: place(entry),
                    ..Field::default()
                })
            })
            .collect(),
        Some(Value::Object(object)) => object
            .iter()
            .map(|(name, value)| Field {
                name: super::url::decode(name),
                value: scalar(Some(value)).or_else(|| scalar(value.get("value"))),
                description: value.text_at("description").unwrap_or_default().to_owned(),
                disabled: value.get("disabled").and_then(Node::as_bool) == Some(true),
                place: place(value),
                ..Field::default()
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn request(raw: &RawDocument, file: &File<'_>) -> Request {
    let root = raw.root();
    let headers = fields(root.get("headers"), raw, file);
    let media = super::postman::content_type(&headers);
    let path = fields(root.get("pathVariables"), raw, file);
    Request {
        method: root.text_at("method").unwrap_or("GET").to_owned(),
        url: root.text_at("url").unwrap_or_default().to_owned(),
        name: root.text_at("name").unwrap_or_default().to_owned(),
        description: root.text_at("description").unwrap_or_default().to_owned(),
        query: fields(root.get("queryParams"), raw, file),
        path: path.into_iter().map(|field| Field { name: variable_name(&field.name), ..field }).collect(),
        body: body(root.get("body"), media.as_deref(), raw, file),
        headers,
        security: scheme(root.get("auth")),
        place: file.place(1),
        ..Request::default()
    }
}

fn body(node: Option<&Node>, media: Option<&str>, raw: &RawDocument, file: &File<'_>) -> Option<Sent> {
    let node = node?;
    let content = node.get("content");
    match node.text_at("type").unwrap_or("text") {
        "none" => None,
        "formdata" => Some(Sent::Form { media: "multipart/form-data".to_owned(), fields: fields(content, raw, file) }),
        "urlencoded" => Some(Sent::Form {
            media: "application/x-www-form-urlencoded".to_owned(),
            fields: fields(content, raw, file),
        }),
        "file" | "binary" => Some(Sent::Opaque { media: media.unwrap_or("application/octet-stream").to_owned() }),
        kind => match content.map(|content| &content.value) {
            Some(Value::Text(text)) => super::bodies::read(text, media.or(Some(kind))),
            Some(Value::Object(_) | Value::Array(_)) => {
                Some(Sent::Tree { media: "application/json".to_owned(), node: content.cloned().unwrap_or_default() })
            }
            _ => None,
        },
    }
}

fn received(example: &Node) -> Option<Received> {
    let response = example.get("response")?;
    let status = scalar(response.get("statusCode").or_else(|| response.get("code")))?;
    let content = response.pointer("/body/content").or_else(|| response.get("body"));
    let text = match content.map(|node| &node.value) {
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Object(_) | Value::Array(_)) if response.pointer("/body/content").is_some() => {
            content.map(Node::to_canonical).unwrap_or_default()
        }
        _ => String::new(),
    };
    let name = response.text_at("statusText").unwrap_or_default().to_owned();
    (status.len() == 3).then_some(Received { status, name, media: String::new(), text })
}

fn scheme(node: Option<&Node>) -> Option<Vec<Scheme>> {
    let node = node?;
    let attribute = |name: &str| {
        let credentials = node.get("credentials")?;
        match credentials.as_array() {
            Some(list) => list
                .iter()
                .find(|entry| entry.text_at("key") == Some(name))
                .and_then(|entry| scalar(entry.get("value"))),
            None => scalar(credentials.get(name)),
        }
    };
    Some(match node.text_at("type")? {
        "noauth" => Vec::new(),
        "bearer" => vec![Scheme::Bearer],
        "basic" => vec![Scheme::Basic],
        "digest" => vec![Scheme::Digest],
        "oauth2" => vec![Scheme::OAuth2 {
            token: attribute("accessTokenUrl").filter(|url| url.starts_with("http")).unwrap_or_default(),
        }],
        "apikey" => vec![Scheme::Key {
            place: if attribute("in").as_deref() == Some("query") { "query" } else { "header" },
            name: attribute("key")
                .filter(|name| !name.is_empty() && !name.contains('{'))
                .unwrap_or_else(|| "X-API-Key".to_owned()),
        }],
        _ => return None,
    })
}
