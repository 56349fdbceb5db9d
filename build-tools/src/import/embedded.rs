//! Saved pages whose OpenAPI document is within them or beside them: the detection of `discover`, on files.

use super::source::{Files, base_name, folder, join};
use super::url::decode;
use crate::discover::{Answer, Failed, Leave, Outcome, discover};
use crate::document::{Node, RawDocument, Refusal};

/// The host that saved pages are read as.
const HOST: &str = "https://saved.example/";

/// What a page leads to.
pub(super) enum Found {
    /// The document, and the file it was in where that is not the page.
    Document(Box<Node>, Option<String>),
    /// The address of a document that was not saved.
    Elsewhere(String),
    /// Nothing of the kind, or a refusal that a person should read.
    Nothing,
}

/// Looks for the document of a page among the files.
pub(super) fn find(files: &Files, page: &str) -> Found {
    let leave = Leave::new(&[]);
    let mut taken: Option<String> = None;
    let found = discover(&format!("{HOST}{page}"), &leave, &mut |ask| {
        let path = ask.address.strip_prefix(HOST).unwrap_or_default();
        let body = file_at(files, path);
        let Some((name, body)) = body.filter(|(name, _)| ask.address.starts_with(HOST) && !name.is_empty()) else {
            return Ok(Answer { address: ask.address.clone(), status: 404, ..Answer::default() });
        };
        taken = Some(name);
        Ok::<_, Failed>(Answer { address: ask.address.clone(), status: 200, body, ..Answer::default() })
    });
    let read = |bytes: &[u8]| RawDocument::read(bytes).ok().map(|raw| raw.root().clone());
    match found.outcome {
        Outcome::Inline(bytes) => read(&bytes).map_or(Found::Nothing, |node| Found::Document(Box::new(node), None)),
        Outcome::Document(bytes) => read(&bytes).map_or(Found::Nothing, |node| Found::Document(Box::new(node), taken)),
        // An absolute address of a file that was saved beside the page.
        Outcome::Refused(Refusal::CrossOrigin { address, .. } | Refusal::UnsafeUrl { address, .. }) => {
            match beside(files, page, &address) {
                Some((node, name)) => Found::Document(Box::new(node), Some(name)),
                None => Found::Elsewhere(address),
            }
        }
        Outcome::Unverified => match found.addresses.first() {
            Some(address) => match beside(files, page, address) {
                Some((node, name)) => Found::Document(Box::new(node), Some(name)),
                None => Found::Elsewhere(address.strip_prefix(HOST).unwrap_or(address).to_owned()),
            },
            None => Found::Nothing,
        },
        Outcome::Other { .. } | Outcome::Refused(_) | Outcome::None => Found::Nothing,
    }
}

/// The file that a path below the host names. L5-Swagger has the file's name as a query.
fn file_at(files: &Files, path: &str) -> Option<(String, Vec<u8>)> {
    let (plain, query) = path.split_once('?').unwrap_or((path, ""));
    let plain = decode(plain.split('#').next().unwrap_or_default());
    let whole = decode(path);
    let candidates =
        [whole.clone(), plain.clone(), format!("{plain}/index.html"), format!("{}{query}", folder(&plain))];
    candidates.into_iter().find_map(|name| {
        let name = name.trim_start_matches('/').to_owned();
        files.get(&name).map(|bytes| (name.clone(), bytes.clone()))
    })
}

/// A document among the files that has the last name of an address.
fn beside(files: &Files, page: &str, address: &str) -> Option<(Node, String)> {
    let (plain, query) = address.split_once('?').unwrap_or((address, ""));
    let wanted = [base_name(plain), query];
    let near = folder(page);
    let mut names: Vec<&String> =
        files.keys().filter(|name| !base_name(name).is_empty() && wanted.contains(&base_name(name))).collect();
    names.sort_by_key(|name| !name.starts_with(near));
    names.into_iter().find_map(|name| {
        let raw = RawDocument::read(files.get(name)?).ok()?;
        is_document(raw.root()).then(|| (raw.root().clone(), name.clone()))
    })
}

/// Whether a tree is OpenAPI or Swagger.
pub(super) fn is_document(node: &Node) -> bool {
    let version =
        ["openapi", "swagger"].iter().any(|key| node.get(key).is_some_and(|v| v.as_str().or(v.as_number()).is_some()));
    version && node.get("paths").and_then(Node::as_object).is_some_and(|paths| !paths.is_empty())
}

/// Files that a page names and that its document can be in.
pub(super) fn referenced(name: &str, text: &str) -> Vec<String> {
    const ENDS: [&str; 6] = [".json", ".yaml", ".yml", ".js", ".openapi", ".postman"];
    let page = super::dom::Page::read(text);
    let mut out = Vec::new();
    for node in &page.nodes {
        for attribute in ["src", "href", "data-url", "spec-url", "data-spec-url", "apidescriptionurl", "data-main"] {
            let Some(value) = node.get(attribute).filter(|value| !value.is_empty()) else { continue };
            let plain = value.split(['?', '#']).next().unwrap_or_default();
            // Files of another server lie beside the page where somebody saved them.
            let plain = if plain.contains("://") || plain.starts_with("//") { base_name(plain) } else { plain };
            if ENDS.iter().any(|end| plain.to_ascii_lowercase().ends_with(end)) {
                out.extend(join(folder(name), &decode(plain.trim_start_matches('/'))));
                out.extend(join(folder(name), &decode(base_name(plain))));
            }
        }
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let more = [
        "api_data.json",
        "api_data.js",
        "api_project.json",
        "openapi.yaml",
        "openapi.json",
        "swagger.json",
        "collection.json",
        "main.bundle.js",
        "assets/main.bundle.js",
    ];
    out.extend(more.iter().filter_map(|more| join(folder(name), more)));
    out.extend(
        ["api-docs.json", "swagger-initializer.js", "swagger-ui-init.js"]
            .iter()
            .map(|file| format!("{stem}_files/{file}")),
    );
    out.sort();
    out.dedup();
    out.truncate(400);
    out
}
