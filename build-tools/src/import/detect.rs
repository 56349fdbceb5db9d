//! Which form of documentation each file of a source is in, by content; and which importer reads it.

use super::embedded::Found;
use super::model::Api;
use super::source::{File, Files, base_name, folder, text_of};
use super::{
    ImportError, Imported, apidoc, blocks, blueprint, bruno, embedded, finish, har, insomnia, postman, postman_v3,
    raml, reference, scribe_page, scribe_yaml,
};
use crate::document::{Node, RawDocument, decode};

/// A form of documentation, the best one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// OpenAPI or Swagger, as it is.
    OpenApi,
    /// A page with an OpenAPI document in it or beside it.
    Embedded,
    /// The `.scribe` folder.
    ScribeYaml,
    /// A page of Scribe.
    ScribePage,
    /// Data of apiDoc.
    ApiDoc,
    /// A Postman collection.
    Postman,
    /// A Postman collection of version 3: a folder of YAML.
    PostmanFolder,
    /// API Blueprint.
    Blueprint,
    /// RAML.
    Raml,
    /// An export of Insomnia.
    Insomnia,
    /// A collection of Bruno: its folder.
    Bruno,
    /// A collection of Bruno as JSON.
    BrunoExport,
    /// Reference pages in Markdown or HTML.
    Reference,
    /// Recordings of a browser.
    Har,
}

impl Form {
    /// What it is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenApi => "an OpenAPI document",
            Self::Embedded => "a page with an OpenAPI document",
            Self::ScribeYaml => "the YAML of Scribe",
            Self::ScribePage => "a page of Scribe",
            Self::ApiDoc => "apiDoc data",
            Self::Postman | Self::PostmanFolder => "a Postman collection",
            Self::Blueprint => "API Blueprint",
            Self::Raml => "RAML",
            Self::Insomnia => "an export of Insomnia",
            Self::Bruno | Self::BrunoExport => "a collection of Bruno",
            Self::Reference => "reference pages",
            Self::Har => "a recording of a browser (HAR)",
        }
    }

    /// Its name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::OpenApi => "openapi",
            Self::Embedded => "embedded",
            Self::ScribeYaml => "scribe-yaml",
            Self::ScribePage => "scribe-page",
            Self::ApiDoc => "apidoc",
            Self::Postman | Self::PostmanFolder => "postman",
            Self::Blueprint => "api-blueprint",
            Self::Raml => "raml",
            Self::Insomnia => "insomnia",
            Self::Bruno | Self::BrunoExport => "bruno",
            Self::Reference => "reference",
            Self::Har => "har",
        }
    }
}

/// A form and the files that it is in.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) form: Form,
    pub(super) files: Vec<String>,
}

/// The best form of a source, where one is recognized.
pub fn detect(files: &Files) -> Option<Form> {
    all(files).ok()?.first().map(|candidate| candidate.form)
}

/// All forms of a source, the best first.
pub(super) fn all(files: &Files) -> Result<Vec<Candidate>, ImportError> {
    let mut found: Vec<Candidate> = Vec::new();
    for (name, bytes) in files {
        let Some(form) = of_file(name, bytes, files) else { continue };
        // Forms of many files are one candidate.
        let joins = matches!(form, Form::ScribeYaml | Form::PostmanFolder | Form::Reference | Form::Bruno | Form::Har);
        match found.iter_mut().find(|candidate| joins && candidate.form == form) {
            Some(candidate) => candidate.files.push(name.clone()),
            None => found.push(Candidate { form, files: vec![name.clone()] }),
        }
    }
    // The largest of a form first: samples and leftovers are small.
    found.sort_by_key(|candidate| {
        let size: usize = candidate.files.iter().filter_map(|name| files.get(name)).map(Vec::len).sum();
        (candidate.form, std::cmp::Reverse(size))
    });
    Ok(found)
}

fn of_file(name: &str, bytes: &[u8], files: &Files) -> Option<Form> {
    let text = text_of(bytes).ok()?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    if start.starts_with('<') || scribe_page::is(&text) || start.starts_with("@") && ends(&[".blade.php"]) {
        return of_page(name, &text, files);
    }
    if ends(&[".js"]) || start.starts_with("define(") {
        let near = text.contains("define(") || (text.contains("url:") && text.contains("title:"));
        return near.then(|| apidoc::in_script(&text)).flatten().map(|_| Form::ApiDoc);
    }
    if start.starts_with(['{', '[']) || ends(&[".json", ".yaml", ".yml", ".har"]) || looks_like_yaml(start) {
        let form = RawDocument::read(bytes).ok().and_then(|raw| of_tree(raw.root()));
        // Front matter of a Markdown page begins as YAML does.
        if form.is_some() || start.starts_with(['{', '[']) {
            return form;
        }
    }
    if raml::is(&text) {
        return Some(Form::Raml);
    }
    if ends(&[".bru"]) || start.starts_with("meta {") {
        return bruno::is_text(&text).then_some(Form::Bruno);
    }
    if blueprint::is(&text) {
        return Some(Form::Blueprint);
    }
    // A name alone says little: a page without a method and a path is none.
    let script = ends(&[".css", ".php", ".py", ".rb", ".ts", ".go", ".java", ".sh", ".lock", ".toml", ".svg", ".map"]);
    (!script && mentions_method(&text)).then_some(Form::Reference)
}

/// Whether a text names a method of HTTP, or shows a command that sends one.
fn mentions_method(text: &str) -> bool {
    text.contains("curl ") || ["GET", "POST", "PUT", "DELETE", "PATCH"].iter().any(|method| text.contains(method))
}

/// Whether a text begins with a key, or with the marks of front matter.
fn looks_like_yaml(start: &str) -> bool {
    let first =
        start.lines().map(str::trim_end).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let key = first.split(':').next().unwrap_or_default().trim_start_matches("- ");
    let is_key = first.contains(':')
        && !key.is_empty()
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'' | '.' | '$'));
    is_key || first.starts_with("---") || first.trim() == "-"
}

fn of_tree(root: &Node) -> Option<Form> {
    if embedded::is_document(root) {
        return Some(Form::OpenApi);
    }
    if postman::is(root) {
        return Some(Form::Postman);
    }
    if postman_v3::is(root) {
        return Some(Form::PostmanFolder);
    }
    if har::is(root) {
        return Some(Form::Har);
    }
    if insomnia::is(root) {
        return Some(Form::Insomnia);
    }
    if bruno::is_tree(root) {
        return Some(Form::BrunoExport);
    }
    if scribe_yaml::is(root) {
        return Some(Form::ScribeYaml);
    }
    if apidoc::is(root) {
        return Some(Form::ApiDoc);
    }
    None
}

fn of_page(name: &str, text: &str, files: &Files) -> Option<Form> {
    if scribe_page::is(text) {
        return Some(Form::ScribePage);
    }
    if matches!(embedded::find(files, name), Found::Document(_, None)) {
        return Some(Form::Embedded);
    }
    if mentions_method(text) {
        return Some(Form::Reference);
    }
    None
}

/// Reads the files of a candidate.
pub(super) fn read(candidate: &Candidate, files: &Files) -> Result<Imported, ImportError> {
    let name = candidate.files.first().cloned().unwrap_or_default();
    let bytes = files.get(&name).map(Vec::as_slice).unwrap_or_default();
    let rejected = |refusal| ImportError::Rejected { file: name.clone(), refusal };
    match candidate.form {
        Form::OpenApi => {
            let raw = RawDocument::read(bytes).map_err(rejected)?;
            return Ok(Imported::of_document(raw.root().clone(), candidate.form, candidate.files.clone()));
        }
        Form::Embedded => {
            let Found::Document(node, _) = embedded::find(files, &name) else {
                return Err(ImportError::NoOperations { form: candidate.form.name() });
            };
            return Ok(Imported::of_document(*node, candidate.form, candidate.files.clone()));
        }
        _ => {}
    }
    let text = text_of(bytes).map_err(rejected)?;
    let file = File::new(if files.len() > 1 { &name } else { "" }, &text);
    let api: Api = match candidate.form {
        Form::Postman => postman::import(&RawDocument::read(bytes).map_err(rejected)?, &file),
        Form::PostmanFolder => postman_v3::import(files, &candidate.files),
        Form::ScribePage => scribe_page::import(&file),
        Form::ScribeYaml => {
            let mut api = Api::default();
            for name in &candidate.files {
                let bytes = files.get(name).map(Vec::as_slice).unwrap_or_default();
                let raw = RawDocument::read(bytes)
                    .map_err(|refusal| ImportError::Rejected { file: name.clone(), refusal })?;
                scribe_yaml::import(&raw, &File::new(name, ""), &mut api);
            }
            api
        }
        Form::ApiDoc => {
            let mut api = Api::default();
            project(&name, files, &mut api);
            if text.trim_start().starts_with(['{', '[']) {
                let raw = RawDocument::read(bytes).map_err(rejected)?;
                apidoc::import(raw.root(), &file, &|node| raw.position(node.span).0, &mut api);
            } else {
                let node = apidoc::in_script(&text).ok_or(ImportError::NoOperations { form: candidate.form.name() })?;
                apidoc::import(&node, &file, &|_| 0, &mut api);
            }
            api
        }
        Form::Insomnia => insomnia::import(&RawDocument::read(bytes).map_err(rejected)?, &file),
        Form::BrunoExport => bruno::import_tree(&RawDocument::read(bytes).map_err(rejected)?, &file),
        Form::Bruno => bruno::import(files, &candidate.files),
        Form::Blueprint => blueprint::import(&file),
        Form::Raml => raml::import(&File::new(&name, &text), files).map_err(rejected)?,
        Form::Har => {
            let mut api = Api::default();
            let mut requests = Vec::new();
            for name in &candidate.files {
                let bytes = files.get(name).map(Vec::as_slice).unwrap_or_default();
                let raw = RawDocument::read(bytes)
                    .map_err(|refusal| ImportError::Rejected { file: name.clone(), refusal })?;
                har::import(&raw, &File::new(if files.len() > 1 { name } else { "" }, ""), &mut api, &mut requests);
            }
            har::finish(&mut api, requests);
            api
        }
        Form::Reference => references(candidate, files)?,
        Form::OpenApi | Form::Embedded => Api::default(),
    };
    finish(api, candidate.form, candidate.files.clone())
}

/// All reference pages of a source together.
fn references(candidate: &Candidate, files: &Files) -> Result<Api, ImportError> {
    let mut api = Api::default();
    let mut requests = Vec::new();
    let mut is_rpc = false;
    for name in &candidate.files {
        let Some(text) = files.get(name).and_then(|bytes| text_of(bytes).ok()) else { continue };
        let file = File::new(if files.len() > 1 { name } else { "" }, &text);
        let blocks =
            if text.trim_start().starts_with('<') { blocks::of_html(&text) } else { blocks::of_markdown(&text) };
        reference::read(&file, &blocks, &mut requests, &mut api);
        is_rpc |= reference::is_rpc(&text);
    }
    if requests.is_empty() && is_rpc {
        return Err(ImportError::Unsupported { kind: "RPC documentation (commands sent to one URL)" });
    }
    reference::finish(requests, &mut api);
    Ok(api)
}

/// What apiDoc's project file beside the data says.
fn project(name: &str, files: &Files, api: &mut Api) {
    let beside = |file: &str| files.get(&format!("{}{file}", folder(name)));
    if let Some(raw) = beside("api_project.json").and_then(|bytes| RawDocument::read(bytes).ok()) {
        apidoc::project(raw.root(), api);
    } else if let Some(text) = beside("api_project.js").and_then(|bytes| decode(bytes).ok())
        && let Some((node, _)) = text.trim_start().strip_prefix("define(").and_then(super::relaxed_json::read_prefix)
    {
        apidoc::project(&node, api);
    }
}

/// Where a page says that its document is, although no file holds it.
pub(super) fn elsewhere(files: &Files) -> Option<String> {
    let pages = files.iter().filter(|(name, _)| {
        let name = base_name(name).to_ascii_lowercase();
        files.len() == 1 || name.contains(".htm") || name.ends_with(".php")
    });
    pages.take(50).find_map(|(name, _)| match embedded::find(files, name) {
        Found::Elsewhere(address) => Some(address),
        _ => None,
    })
}

/// Files beside a file that it names and that an import needs, relative to the same folder.
pub fn referenced(name: &str, bytes: &[u8]) -> Vec<String> {
    let Ok(text) = text_of(bytes) else { return Vec::new() };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('<') {
        return embedded::referenced(name, &text);
    }
    if raml::is(&text) || text.contains("!include ") {
        return raml::includes(name, &text);
    }
    if matches!(base_name(name), "api_data.json" | "api_data.js") {
        return ["api_project.json", "api_project.js"].iter().map(|file| format!("{}{file}", folder(name))).collect();
    }
    Vec::new()
}
