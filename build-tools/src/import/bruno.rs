//! Collections of Bruno to requests: the folder of `.bru` files, or an export as JSON.

use super::insomnia::scalar;
use super::model::{Api, Scheme};
use super::requests::{Field, Keep, METHODS, Received, Request, Sent, assemble};
use super::source::{File, Files, base_name, folder};
use super::url::{Variables, variable_name};
use crate::document::{Node, RawDocument, decode};

/// Whether a text is a request of Bruno.
pub(super) fn is_text(text: &str) -> bool {
    blocks(text).iter().any(|block| METHODS.contains(&block.name.as_str()) && block.pair("url").is_some())
}

/// Whether a tree is an export.
pub(super) fn is_tree(root: &Node) -> bool {
    let items = root.get("items").and_then(Node::as_array);
    items.is_some_and(|items| {
        items.iter().any(|item| {
            item.text_at("type").is_some_and(|kind| matches!(kind, "http-request" | "http" | "folder"))
                && item.get("uid").or_else(|| item.get("request")).is_some()
        })
    })
}

/// One block: its name, its lines, and where it begins.
struct Block {
    name: String,
    lines: Vec<String>,
    line: usize,
}

impl Block {
    /// The pairs of a dictionary, and whether each is switched off.
    fn pairs(&self) -> Vec<(String, String, bool, usize)> {
        let mut out = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let line = line.trim();
            let Some((name, value)) = line.split_once(':') else { continue };
            let (name, disabled) = name.strip_prefix('~').map_or((name, false), |name| (name, true));
            let name = name.trim().trim_matches('"');
            if !name.is_empty() && !name.starts_with(['{', '}', '@']) {
                out.push((name.to_owned(), value.trim().to_owned(), disabled, self.line + at + 1));
            }
        }
        out
    }

    fn pair(&self, name: &str) -> Option<String> {
        self.pairs().into_iter().find(|(known, ..)| known == name).map(|(_, value, ..)| value)
    }

    fn text(&self) -> String {
        self.lines.iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}

/// The blocks of a file: `name {` at the margin to `}` at the margin.
fn blocks(text: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        if open {
            if line.trim_end() == "}" || line.trim_end() == "]" {
                open = false;
            } else if let Some(block) = out.last_mut() {
                block.lines.push(line.to_owned());
            }
            continue;
        }
        if let Some(name) = line.trim_end().strip_suffix('{').or_else(|| line.trim_end().strip_suffix('['))
            && !line.starts_with(char::is_whitespace)
            && out.len() < 1_000
        {
            out.push(Block { name: name.trim().to_owned(), lines: Vec::new(), line: at + 1 });
            open = true;
        }
    }
    out
}

/// A folder of files.
pub(super) fn import(files: &Files, names: &[String]) -> Api {
    let mut api = Api::default();
    let mut variables = Variables::new();
    let mut requests = Vec::new();
    // The folder that has the collection's own files.
    let root = files
        .keys()
        .find(|name| base_name(name) == "bruno.json")
        .map(|name| folder(name).to_owned())
        .unwrap_or_default();
    let title = files.get(&format!("{root}bruno.json")).and_then(|bytes| RawDocument::read(bytes).ok());
    api.title = title.as_ref().and_then(|raw| raw.root().text_at("name")).unwrap_or_default().to_owned();
    let read = |name: &str| files.get(name).and_then(|bytes| decode(bytes).ok());
    for (name, _) in files.iter().filter(|(name, _)| name.ends_with(".bru")) {
        let Some(text) = read(name) else { continue };
        for block in blocks(&text).iter().filter(|block| matches!(block.name.as_str(), "vars" | "vars:pre-request")) {
            for (key, value, ..) in block.pairs() {
                if !crate::secrets::is_secret_name(&key) {
                    variables.entry(variable_name(&key)).or_insert(value);
                }
            }
        }
    }
    let auth_of = |name: &str| read(name).and_then(|text| auth(&blocks(&text)));
    for name in names {
        let Some(text) = read(name) else { continue };
        let file = File::new(if files.len() > 1 { name } else { "" }, &text);
        let Some(mut request) = request(&file) else { continue };
        if request.security.is_none() {
            // The nearest folder that says it, then the collection.
            let mut at = folder(name).trim_end_matches('/').to_owned();
            while request.security.is_none() && at.len() >= root.trim_end_matches('/').len() && !at.is_empty() {
                request.security =
                    auth_of(&format!("{at}/folder.bru")).or_else(|| auth_of(&format!("{at}/collection.bru")));
                at = folder(&at).trim_end_matches('/').to_owned();
            }
            request.security = request.security.or_else(|| auth_of(&format!("{root}collection.bru")));
        }
        let inner = name.strip_prefix(root.as_str()).unwrap_or(name);
        request.tag = inner.split_once('/').map(|(first, _)| first.to_owned()).unwrap_or_default();
        requests.push(request);
    }
    assemble(&mut api, requests, &variables, Keep { values: true });
    api
}

fn request(file: &File<'_>) -> Option<Request> {
    let blocks = blocks(file.text);
    let block = |name: &str| blocks.iter().find(|block| block.name == name);
    let call = blocks.iter().find(|block| METHODS.contains(&block.name.as_str()))?;
    let fields = |block: Option<&Block>| -> Vec<Field> {
        let pairs = block.map(Block::pairs).unwrap_or_default();
        let field = |(name, value, disabled, line): (String, String, bool, usize)| Field {
            is_file: value.starts_with("@file("),
            name,
            value: Some(value),
            disabled,
            place: file.place(line),
            ..Field::default()
        };
        pairs.into_iter().map(field).collect()
    };
    let mut request = Request {
        method: call.name.clone(),
        url: call.pair("url").unwrap_or_default(),
        name: block("meta").and_then(|meta| meta.pair("name")).unwrap_or_default(),
        description: block("docs").map(Block::text).unwrap_or_default(),
        query: fields(block("params:query").or_else(|| block("query"))),
        path: fields(block("params:path")),
        headers: fields(block("headers")),
        security: auth(&blocks),
        place: file.place(call.line),
        ..Request::default()
    };
    let mode = call.pair("body").unwrap_or_default();
    let media = super::postman::content_type(&request.headers);
    request.body = match mode.as_str() {
        "none" => None,
        "formUrlEncoded" | "form-urlencoded" => {
            let fields = fields(block("body:form-urlencoded"));
            (!fields.is_empty()).then_some(Sent::Form { media: "application/x-www-form-urlencoded".to_owned(), fields })
        }
        "multipartForm" | "multipart-form" => {
            let fields = fields(block("body:multipart-form"));
            (!fields.is_empty()).then_some(Sent::Form { media: "multipart/form-data".to_owned(), fields })
        }
        _ => {
            let body = blocks.iter().find(|block| {
                matches!(block.name.as_str(), "body" | "body:json" | "body:xml" | "body:text" | "body:graphql")
            });
            let media = media.as_deref().or(match body.map(|block| block.name.as_str()) {
                Some("body:text") => Some("text/plain"),
                _ => None,
            });
            body.and_then(|block| super::bodies::read(&block.text(), media))
        }
    };
    // Saved examples of responses, where the file has them.
    for block in blocks.iter().filter(|block| block.name == "example" || block.name.starts_with("response")) {
        if let Some(status) =
            block.pair("status").filter(|status| status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()))
        {
            request.responses.push(Received { status, ..Received::default() });
        }
    }
    (!request.url.is_empty()).then_some(request)
}

fn auth(blocks: &[Block]) -> Option<Vec<Scheme>> {
    let has = |name: &str| blocks.iter().find(|block| block.name == name);
    let said = has("auth").and_then(|block| block.pair("mode"));
    let call = blocks.iter().find(|block| METHODS.contains(&block.name.as_str()));
    let mode = call.and_then(|call| call.pair("auth")).or(said)?;
    Some(match mode.as_str() {
        "bearer" => vec![Scheme::Bearer],
        "basic" => vec![Scheme::Basic],
        "digest" => vec![Scheme::Digest],
        "oauth2" => vec![Scheme::OAuth2 {
            token: has("auth:oauth2")
                .and_then(|block| block.pair("access_token_url"))
                .filter(|url| url.starts_with("http"))
                .unwrap_or_default(),
        }],
        "apikey" => {
            let pair = |name: &str| has("auth:apikey").and_then(|block| block.pair(name));
            let place = if pair("placement").is_some_and(|place| place.contains("query")) { "query" } else { "header" };
            vec![Scheme::Key {
                place,
                name: pair("key")
                    .filter(|key| !key.contains('{') && !key.is_empty())
                    .unwrap_or_else(|| "X-API-Key".to_owned()),
            }]
        }
        // `none` in a request that inherits nothing is the default of the editor, not a statement.
        _ => return None,
    })
}

/// An export as JSON.
pub(super) fn import_tree(raw: &RawDocument, file: &File<'_>) -> Api {
    let mut api = Api { title: raw.root().text_at("name").unwrap_or_default().to_owned(), ..Api::default() };
    let mut requests = Vec::new();
    let mut variables = Variables::new();
    for environment in raw.root().get("environments").and_then(Node::as_array).unwrap_or_default() {
        for variable in environment.get("variables").and_then(Node::as_array).unwrap_or_default() {
            if let (Some(name), Some(value)) = (variable.text_at("name"), scalar(variable.get("value")))
                && !crate::secrets::is_secret_name(name)
            {
                variables.entry(variable_name(name)).or_insert(value);
            }
        }
    }
    items(raw, file, raw.root().get("items"), "", 0, &mut requests);
    assemble(&mut api, requests, &variables, Keep { values: true });
    api
}

fn items(raw: &RawDocument, file: &File<'_>, list: Option<&Node>, tag: &str, depth: usize, out: &mut Vec<Request>) {
    for item in list.and_then(Node::as_array).unwrap_or_default() {
        let name = item.text_at("name").unwrap_or_default();
        if item.get("items").is_some() && depth < 30 {
            items(raw, file, item.get("items"), if tag.is_empty() { name } else { tag }, depth + 1, out);
            continue;
        }
        let Some(node) = item.get("request") else { continue };
        let place = |node: &Node| file.place(raw.position(node.span).0);
        let field = |node: &Node| {
            Some(Field {
                name: node.text_at("name")?.to_owned(),
                value: scalar(node.get("value")),
                description: node.text_at("description").unwrap_or_default().to_owned(),
                disabled: node.get("enabled").and_then(Node::as_bool) == Some(false),
                is_file: node.text_at("type") == Some("file"),
                place: place(node),
                ..Field::default()
            })
        };
        let fields = |node: Option<&Node>| {
            node.and_then(Node::as_array).unwrap_or_default().iter().filter_map(field).collect::<Vec<_>>()
        };
        let parameters = node.get("params").and_then(Node::as_array).unwrap_or_default();
        let of = |kind: &str| {
            parameters
                .iter()
                .filter(|node| (node.text_at("type") == Some("path")) == (kind == "path"))
                .filter_map(field)
                .collect()
        };
        let body = node.get("body");
        let text = |key: &str| body.and_then(|body| body.text_at(key)).unwrap_or_default();
        let body = match body.and_then(|body| body.text_at("mode")).unwrap_or("none") {
            "json" => super::bodies::read(text("json"), None),
            "xml" => super::bodies::read(text("xml"), None),
            "text" => super::bodies::read(text("text"), Some("text/plain")),
            "formUrlEncoded" => Some(Sent::Form {
                media: "application/x-www-form-urlencoded".to_owned(),
                fields: fields(body.and_then(|body| body.get("formUrlEncoded"))),
            }),
            "multipartForm" => Some(Sent::Form {
                media: "multipart/form-data".to_owned(),
                fields: fields(body.and_then(|body| body.get("multipartForm"))),
            }),
            _ => None,
        };
        let auth = node.pointer("/auth/mode").and_then(Node::as_str);
        out.push(Request {
            method: node.text_at("method").unwrap_or("GET").to_owned(),
            url: node.text_at("url").unwrap_or_default().to_owned(),
            name: name.to_owned(),
            description: node.text_at("docs").unwrap_or_default().to_owned(),
            tag: tag.to_owned(),
            query: of("query"),
            path: of("path"),
            headers: fields(node.get("headers")),
            body,
            security: match auth {
                Some("bearer") => Some(vec![Scheme::Bearer]),
                Some("basic") => Some(vec![Scheme::Basic]),
                _ => None,
            },
            place: place(item),
            ..Request::default()
        });
    }
}
