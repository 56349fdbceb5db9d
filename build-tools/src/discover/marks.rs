//! A page to what it says about its document: one rule for each renderer, in the order of preference.

use super::html::{Page, Tag};
use super::script::Script;
use crate::document::{Node, Value};

/// What a rule found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lead {
    /// An address, as written.
    Address(String),
    /// The address of one of several documents that the page has, and its name there.
    Listed(String, String),
    /// The address of a text that names documents (`llms.txt`).
    Text(String),
    /// The address of a configuration that names the document.
    Config(String),
    /// A document.
    Inline(Node),
    /// An address or a document that the page works out by running, and the call that it is for.
    Computed(&'static str),
    /// A description in another language, and its address as written.
    Other(&'static str, String),
}

/// A lead and the renderer whose mark it is.
pub(super) type Mark = (&'static str, Lead);

/// Leads that stand in tags: links, elements, data islands.
pub(super) fn in_tags(page: &Page) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut add = |renderer, address: Option<&str>| {
        marks.extend(address.map(|address| (renderer, Lead::Address(address.to_owned()))));
    };
    for tag in page.named("link") {
        let rel = tag.get("rel").unwrap_or_default().to_ascii_lowercase();
        add("link-header", tag.filled("href").filter(|_| rel.split_whitespace().any(|rel| rel == "service-desc")));
    }
    add("redoc", page.named("redoc").find_map(|tag| tag.filled("spec-url").or_else(|| tag.filled("spec-href"))));
    for name in ["rapi-doc", "rapi-doc-mini", "openapi-explorer"] {
        add("rapidoc", page.named(name).find_map(|tag| tag.filled("spec-url")));
    }
    add("stoplight-elements", page.named("elements-api").find_map(|tag| tag.filled("apidescriptionurl")));
    for tag in &page.tags {
        let is_scalar = tag.get("id") == Some("api-reference") || tag.get("data-scalar-api-reference").is_some();
        if is_scalar {
            scalar_tag(tag, &mut marks);
        }
        let legacy = tag.filled("data-spec-url").map(|url| Lead::Address(url.to_owned()));
        let legacy = legacy.or_else(|| tag.filled("data-spec").and_then(document));
        marks.extend(legacy.map(|lead| ("scalar", lead)));
    }
    // Both Symfony bundles leave the same island; API Platform's page takes its styles from its own folder.
    let assets = page.tags.iter().filter_map(|tag| tag.get("href").or_else(|| tag.get("src")));
    let platform = assets.into_iter().any(|address| address.contains("bundles/apiplatform/"));
    let bundle = if platform { "api-platform" } else { "nelmio" };
    for tag in page.named("script").filter(|tag| tag.get("id") == Some("swagger-data")) {
        let spec = json(&tag.text).and_then(|data| data.get("spec").cloned());
        marks.extend(spec.filter(is_document).map(|spec| (bundle, Lead::Inline(spec))));
    }
    marks.extend(readme(page));
    marks
}

fn scalar_tag(tag: &Tag, marks: &mut Vec<Mark>) {
    marks.extend(tag.filled("data-url").map(|url| ("scalar", Lead::Address(url.to_owned()))));
    marks.extend(document(&tag.text).map(|lead| ("scalar", lead)));
    let configuration = tag.filled("data-configuration").and_then(json);
    marks.extend(configuration.iter().flat_map(scalar));
}

/// Scalar's configuration: sources, content, url; the older `spec` too.
fn scalar(configuration: &Node) -> Vec<Mark> {
    let mut sources: Vec<&Node> =
        configuration.get("sources").and_then(Node::as_array).unwrap_or_default().iter().collect();
    sources.sort_by_key(|source| source.get("default").and_then(Node::as_bool) != Some(true));
    let content = |source: &Node| {
        let content = source.get("content")?;
        match &content.value {
            Value::Text(text) => document(text),
            _ => is_document(content).then(|| Lead::Inline(content.clone())),
        }
    };
    let mut leads: Vec<Lead> = sources.iter().filter_map(|source| content(source)).collect();
    leads.extend(listed(sources.into_iter()));
    for own in [Some(configuration), configuration.get("spec")].into_iter().flatten() {
        leads.extend(content(own).into_iter().chain(address(own.get("url"))));
    }
    leads.into_iter().map(|lead| ("scalar", lead)).collect()
}

/// The most of ReadMe's registry ids that are taken from a page.
const MAX_IDS: usize = 100;

/// ReadMe's registry ids, each one a document on its own host.
fn readme(page: &Page) -> Vec<Mark> {
    let (mut ids, mut marks) = (std::collections::BTreeSet::new(), Vec::new());
    for tag in page.named("script") {
        for (_, rest) in
            tag.text.match_indices("oasPublicUrl").filter_map(|(at, word)| tag.text.split_at_checked(at + word.len()))
        {
            let Some((_, id)) = rest.get(..200).unwrap_or(rest).split_once('#') else { continue };
            let id: String = id.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
            if ids.len() < MAX_IDS && !id.is_empty() && ids.insert(id.clone()) {
                marks.push(format!("https://dash.readme.com/api/v1/api-registry/{id}"));
            }
        }
    }
    let several = marks.len() > 1;
    let lead = |address| if several { Lead::Listed(address, String::new()) } else { Lead::Address(address) };
    marks.into_iter().map(|address| ("readme", lead(address))).collect()
}

/// Leads that stand in a script. `page_query` overrides what Swagger UI is told.
pub(super) fn in_script(text: &str) -> Vec<Mark> {
    let script = Script::new(text);
    let mut marks = Vec::new();
    for state in script.after("__redoc_state=") {
        let data = state.pointer("/spec/data").filter(|data| is_document(data));
        marks.extend(data.map(|data| ("redocly", Lead::Inline(data.clone()))));
    }
    for options in script.after("options=") {
        let inline = options.get("swaggerDoc").filter(|document| is_document(document));
        marks.extend(inline.map(|document| ("swagger-ui-express", Lead::Inline(document.clone()))));
        let urls = options.get("swaggerUrls").and_then(Node::as_array).unwrap_or_default();
        let plain = urls.iter().filter_map(|entry| address(Some(entry)));
        let urls = listed(urls.iter()).into_iter().chain(plain);
        marks.extend(urls.chain(address(options.get("swaggerUrl"))).map(|lead| ("swagger-ui-express", lead)));
    }
    for configuration in script.after("configObject=") {
        marks.extend(swagger("swashbuckle", &configuration));
    }
    for call in ["SwaggerUIBundle(", "SwaggerUI("] {
        script.after(call).iter().for_each(|options| marks.extend(swagger("swagger-ui", options)));
    }
    // The entries of a list that is filled one by one.
    marks.extend(listed(script.after("urls.push(").iter()).into_iter().map(|lead| ("l5-swagger", lead)));
    for (call, renderer) in [
        ("Redoc.init(", "redoc"),
        (".loadSpec(", "rapidoc"),
        (".apiDescriptionDocument=", "stoplight-elements"),
        (".apiDescriptionUrl=", "stoplight-elements"),
    ] {
        for node in script.after(call) {
            let computed = (node.value == Value::Null).then_some(Lead::Computed(call));
            marks.extend(lead(&node).or(computed).map(|lead| (renderer, lead)));
        }
    }
    // `createApiReference('#app', {...})`: the second argument.
    for arguments in script.objects("createApiReference(") {
        marks.extend(scalar(&arguments));
    }
    marks
}

/// Swagger UI's precedence: `spec`, then `urls` with the primary one first, then `url`; a configuration beside them.
pub(super) fn swagger(renderer: &'static str, options: &Node) -> Vec<Mark> {
    let mut leads = Vec::new();
    let spec = options.get("spec").filter(|spec| is_document(spec));
    leads.extend(spec.map(|spec| Lead::Inline(spec.clone())));
    let primary = options.text_at("urls.primaryName");
    let mut urls: Vec<&Node> = options.get("urls").and_then(Node::as_array).unwrap_or_default().iter().collect();
    urls.sort_by_key(|entry| primary.is_none() || entry.text_at("name") != primary);
    leads.extend(listed(urls.into_iter()));
    if let Some(config) = options.text_at("configUrl").filter(|url| !url.is_empty()) {
        // What it says overlays what stands here.
        leads.insert(0, Lead::Config(config.to_owned()));
    }
    if leads.iter().all(|lead| matches!(lead, Lead::Config(_))) {
        leads.extend(address(options.get("url")));
    }
    let renderer = if matches!(leads.first(), Some(Lead::Config(_))) { "springdoc" } else { renderer };
    leads.into_iter().map(|lead| (renderer, lead)).collect()
}

/// The documents of a list; one alone is simply the document.
fn listed<'a>(entries: impl Iterator<Item = &'a Node>) -> Vec<Lead> {
    let entries: Vec<&Node> = entries.filter(|entry| address(entry.get("url")).is_some()).collect();
    let several = entries.len() > 1;
    let lead = |entry: &Node| {
        let Some(Lead::Address(url)) = address(entry.get("url")) else { return None };
        let name = ["name", "title", "slug"].into_iter().find_map(|key| entry.text_at(key)).unwrap_or_default();
        Some(if several { Lead::Listed(url, name.to_owned()) } else { Lead::Address(url) })
    };
    entries.into_iter().filter_map(lead).collect()
}

/// Descriptions in other languages that a page tells of.
pub(super) fn others(page: &Page) -> Vec<Mark> {
    let meta =
        |name: &str| page.named("meta").find(|tag| tag.get("name") == Some(name)).and_then(|tag| tag.filled("content"));
    let mut marks = Vec::new();
    if let (Some(owner), Some(published)) = (meta("ownerId"), meta("publishedId")) {
        let address = format!(
            "https://documenter.gw.postman.com/api/collections/{owner}/{published}?segregateAuth=true&versionTag=latest"
        );
        marks.push(("postman", Lead::Other("a Postman collection", address)));
    }
    let apidoc = page.named("script").any(|tag| {
        tag.get("data-main").is_some_and(|main| main.starts_with("main"))
            || tag.get("src").is_some_and(|src| src.ends_with("api_data.js"))
    });
    if apidoc {
        marks.push(("apidoc", Lead::Other("apiDoc data", "api_data.js".to_owned())));
    }
    for tag in page.named("a") {
        if let Some(href) =
            tag.filled("href").filter(|href| href.ends_with(".postman") || href.ends_with("collection.json"))
        {
            marks.push(("scribe", Lead::Other("a Postman collection", href.to_owned())));
        }
        let Some(href) = tag.filled("href") else { continue };
        let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let kinds =
            [(".raml", "RAML"), (".wadl", "WADL"), (".graphql", "a GraphQL schema"), (".gql", "a GraphQL schema")];
        let kind = kinds.iter().find(|(end, _)| path.ends_with(end));
        marks.extend(kind.map(|(_, kind)| ("link", Lead::Other(kind, href.to_owned()))));
    }
    marks
}

/// Links that speak of a document.
pub(super) fn links(page: &Page) -> Vec<Mark> {
    let mut marks = Vec::new();
    for tag in page.named("link").chain(page.named("a")) {
        let Some(href) = tag.filled("href") else { continue };
        let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        if ["llms.txt", "llms-full.txt"].contains(&path.rsplit('/').next().unwrap_or_default()) {
            marks.push(("mintlify", Lead::Text(href.to_owned())));
        }
    }
    for tag in page.named("a") {
        let Some(href) = tag.filled("href").filter(|href| !href.starts_with('#')) else { continue };
        let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let suffix = [".json", ".yaml", ".yml"].iter().any(|end| path.ends_with(end));
        let words = ["openapi", "swagger", "schema"].iter().any(|word| path.contains(word));
        let text = tag.text.to_ascii_lowercase();
        let said = ["openapi spec", "download schema", "openapi document", "api specification"];
        if path.ends_with(".openapi") {
            marks.push(("scribe", Lead::Address(href.to_owned())));
        } else if (suffix && words) || said.iter().any(|words| text.contains(words)) {
            marks.push(("link", Lead::Address(href.to_owned())));
        }
    }
    marks
}

/// Scripts of the page whose name says configuration, as written.
pub(super) fn scripts(page: &Page) -> Vec<String> {
    const NAMES: [&str; 6] = [
        "swagger-initializer.js",
        "swagger-ui-init.js",
        "init-swagger-ui.js",
        "index.js",
        "main.js",
        "swagger-config.js",
    ];
    let sources = page.named("script").filter_map(|tag| tag.filled("src"));
    let named = sources.filter(|source| {
        let path = source.split(['?', '#']).next().unwrap_or_default();
        NAMES.contains(&path.rsplit('/').next().unwrap_or_default())
    });
    named.map(str::to_owned).take(12).collect()
}

/// The documents that a text for language models names: those of Mintlify's own section, else links that speak of one.
pub(super) fn llms(text: &str) -> Vec<Mark> {
    let own = text.split_once("## OpenAPI Specs").map(|(_, rest)| rest.split("\n## ").next().unwrap_or_default());
    let mut found: Vec<(String, String)> = Vec::new();
    for part in own.unwrap_or(text).split('[').skip(1) {
        let Some((name, rest)) = part.split_once("](") else { continue };
        let Some((address, _)) = rest.split_once(')') else { continue };
        let address = address.trim();
        let path = address.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let suffix = [".json", ".yaml", ".yml"].iter().any(|end| path.ends_with(end));
        let words =
            ["openapi", "swagger"].iter().any(|word| path.contains(word) || name.to_ascii_lowercase().contains(word));
        if (own.is_some() || (suffix && words)) && !found.iter().any(|(known, _)| known == address) {
            found.push((address.to_owned(), name.to_owned()));
        }
    }
    let several = found.len() > 1;
    let lead = |(address, name)| if several { Lead::Listed(address, name) } else { Lead::Address(address) };
    found.into_iter().map(|one| ("mintlify", lead(one))).collect()
}

fn lead(node: &Node) -> Option<Lead> {
    if is_document(node) { Some(Lead::Inline(node.clone())) } else { address(Some(node)) }
}

fn address(node: Option<&Node>) -> Option<Lead> {
    let text = node?.as_str()?.trim();
    (!text.is_empty()).then(|| Lead::Address(text.to_owned()))
}

/// Whether a tree is an API document.
pub(super) fn is_document(node: &Node) -> bool {
    let version =
        ["openapi", "swagger"].iter().any(|key| node.get(key).is_some_and(|v| v.as_str().or(v.as_number()).is_some()));
    version && ["paths", "webhooks", "components"].iter().any(|key| node.get(key).and_then(Node::as_object).is_some())
}

fn json(text: &str) -> Option<Node> {
    serde_json::from_str::<serde_json::Value>(text.trim()).ok().map(|value| Node::from_json(&value))
}

/// A text that is a document in JSON or YAML.
fn document(text: &str) -> Option<Lead> {
    if text.trim().is_empty() {
        return None;
    }
    let raw = crate::document::RawDocument::read(text.as_bytes()).ok()?;
    is_document(raw.root()).then(|| Lead::Inline(raw.root().clone()))
}
