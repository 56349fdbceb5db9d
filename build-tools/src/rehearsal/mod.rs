//! Documents as a vendor might publish them, derived by code from the reconstruction: a rehearsal of the day on which
//! SWPanel's own document arrives.
//!
//! `cargo xtask rehearse` and the tests synchronize with these documents and compare what is lost. The derivations know
//! nothing of one operation in particular, so that they follow the reconstruction when it grows.

mod losses;
mod swagger2;
mod yaml;

pub use losses::losses;
use serde_json::{Map, Value, json};

/// A derived document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The name of the derivation: lower case, words joined by `-`.
    pub name: &'static str,
    /// How the document differs from the reconstruction, besides its missing `x-` members.
    pub differs: &'static str,
    /// The document as it would be published.
    pub bytes: Vec<u8>,
}

/// Keys of a path item that are operations.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

type Derivation = (&'static str, &'static str, fn(Value) -> Vec<u8>);

/// All derivations: name, difference and function.
const DERIVATIONS: [Derivation; 10] = [
    ("bare", "nothing else", |document| text(&document)),
    ("foreign-ids", "other operation ids", |document| text(&foreign_ids(document))),
    (
        "spanish-grown",
        "Spanish tags and summaries, other names of path parameters, a dozen more operations",
        |document| text(&grown(spanish(document))),
    ),
    ("no-ids", "no operation ids and no summaries", |document| text(&no_ids(document))),
    ("version-in-paths", "the version is part of the paths", |document| text(&version_in_paths(document))),
    ("no-trailing-slashes", "no slash at the end of a path", |document| text(&no_trailing_slashes(document))),
    ("other-version", "another version in the address of the server", |document| text(&other_version(document))),
    ("upper-case-json-suffix", "capitals in paths, and `.json` at their end", |document| {
        text(&upper_case_with_suffix(document))
    }),
    ("swagger-2", "Swagger 2.0, whose schemas have no alternatives", |document| text(&swagger2::swagger2(&document))),
    ("yaml", "YAML instead of JSON", |document| yaml::yaml(&document)),
];

/// The names of all derivations, and how each differs from the reconstruction.
pub fn described() -> impl Iterator<Item = (&'static str, &'static str)> {
    DERIVATIONS.iter().map(|(name, differs, _)| (*name, *differs))
}

/// All derivations of a reconstruction, which is given as JSON.
///
/// # Errors
/// The reconstruction is not valid JSON.
pub fn all(reconstruction: &[u8]) -> Result<Vec<Derived>, serde_json::Error> {
    let bare = bare(reconstruction)?;
    let one = |(name, differs, make): &Derivation| Derived { name, differs, bytes: make(bare.clone()) };
    Ok(DERIVATIONS.iter().map(one).collect())
}

/// The derivation of that name; nothing where there is no such derivation.
///
/// # Errors
/// The reconstruction is not valid JSON.
pub fn derive(reconstruction: &[u8], name: &str) -> Result<Option<Derived>, serde_json::Error> {
    let Some((name, differs, make)) = DERIVATIONS.iter().find(|(known, ..)| *known == name) else { return Ok(None) };
    Ok(Some(Derived { name, differs, bytes: make(bare(reconstruction)?) }))
}

fn text(document: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(document).unwrap_or_default()
}

/// The reconstruction without anything that is ours: `x-` members, doubts and the words of a reconstruction.
fn bare(reconstruction: &[u8]) -> Result<Value, serde_json::Error> {
    let mut document: Value = serde_json::from_slice(reconstruction)?;
    strip(&mut document);
    set(&mut document, "info", json!({"title": "SWPanel API", "version": "2026.1"}));
    Ok(document)
}

fn strip(node: &mut Value) {
    match node {
        Value::Object(object) => {
            object.retain(|key, _| !key.starts_with("x-"));
            if let Some(Value::String(text)) = object.get_mut("description")
                && let Some((before, _)) = text.split_once("Doubts:")
            {
                *text = before.trim().to_owned();
            }
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

fn set(node: &mut Value, key: &str, value: Value) {
    if let Some(object) = node.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn path_items(document: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten()
}

/// Calls `change` for every operation, with its method and path.
fn operations(document: &mut Value, mut change: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    for (path, item) in path_items(document) {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                change(method, path, operation);
            }
        }
    }
}

/// Gives every path another key.
fn rename_paths(document: &mut Value, change: impl Fn(&str) -> String) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in std::mem::take(paths) {
        let place = paths.entry(change(&path)).or_insert_with(|| json!({}));
        for (key, value) in item.as_object().into_iter().flatten() {
            set(place, key, value.clone());
        }
    }
}

fn foreign_ids(mut document: Value) -> Value {
    let mut number = 0;
    operations(&mut document, |method, _, operation| {
        number += 1;
        operation.insert("operationId".to_owned(), json!(format!("ApiController{number:03}_{method}Action")));
    });
    document
}

fn no_ids(mut document: Value) -> Value {
    operations(&mut document, |_, _, operation| {
        operation.remove("operationId");
        operation.remove("summary");
    });
    document
}

/// Spanish tags and summaries, and other names of path parameters, which are not the same in all paths.
fn spanish(mut document: Value) -> Value {
    operations(&mut document, |_, path, operation| {
        let tag = path.split('/').find(|part| !part.is_empty() && !part.contains('{')).unwrap_or("general");
        operation.insert("tags".to_owned(), json!([format!("Gestión de {tag}")]));
        operation.insert("summary".to_owned(), json!("Operación del panel"));
    });
    if let Some(object) = document.as_object_mut() {
        object.remove("tags");
    }
    let components = document.pointer("/components/parameters").cloned().unwrap_or_default();
    for (path, item) in path_items(&mut document) {
        let names = parameters_of(path);
        let lists = item.as_object_mut().into_iter().flatten().filter_map(|(key, value)| match key.as_str() {
            "parameters" => Some(value),
            _ => value.get_mut("parameters"),
        });
        for parameter in lists.filter_map(Value::as_array_mut).flatten() {
            // Path parameters that are components are written out under their new names.
            let reference = parameter.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next());
            let whole = reference.and_then(|name| components.get(name)).unwrap_or(parameter).clone();
            let in_path = whole.get("in").and_then(Value::as_str) == Some("path");
            let name = whole.get("name").and_then(Value::as_str).filter(|_| in_path);
            if let Some((at, name)) = name.and_then(|name| Some((names.iter().position(|known| known == name)?, name)))
            {
                let new = renamed(name, at);
                *parameter = whole;
                set(parameter, "name", json!(new));
            }
        }
    }
    rename_paths(&mut document, |path| {
        let mut out = String::new();
        let mut rest = path;
        let mut number = 0;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            out.push_str(&format!("{before}{{{}}}", renamed(name, number)));
            number += 1;
            rest = after;
        }
        out + rest
    });
    document
}

/// The names of the parameters in a path template, in their order.
fn parameters_of(path: &str) -> Vec<String> {
    path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
}

fn renamed(name: &str, at: usize) -> String {
    format!("id{}_{at}", name.len())
}

/// What [`grown`] adds: path, method and status code. Some of these operations spend or destroy.
const NEW: [(&str, &str, &str); 12] = [
    ("/cloud/{id}/snapshot", "post", "201"),
    ("/cloud/{id}/snapshot", "delete", "204"),
    ("/cloud/{id}/reboot", "get", "200"),
    ("/cloud/{id}/resize", "post", "200"),
    ("/billing/invoices", "get", "200"),
    ("/billing/invoices/{id}/pay", "post", "200"),
    ("/domains/{id}/autorenew", "put", "200"),
    ("/domains/{id}/lock", "get", "200"),
    ("/backups/{id}", "get", "200"),
    ("/backups/{id}/restore", "post", "200"),
    ("/balance", "get", "200"),
    ("/licences/purchase", "post", "201"),
];

/// A dozen more operations, some of which spend or destroy, with typed responses and the status codes 200, 201 and 204.
fn grown(mut document: Value) -> Value {
    let response = |status: &str| match status {
        "204" => json!({"204": {"description": "hecho"}}),
        _ => json!({status: {"description": "ok", "content": {"application/json": {"schema": {"type": "object",
            "properties": {"result": {"type": "object", "properties": {"id": {"type": "string"},
            "private_key": {"type": "string"}, "clave_maestra": {"type": "string"}}}}}}}}}),
    };
    for (path, method, status) in NEW {
        let parameters: Vec<Value> = parameters_of(path)
            .iter()
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        let operation = json!({"tags": ["Nuevo"], "summary": "Operación nueva", "parameters": parameters,
            "responses": response(status)});
        if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
            set(paths.entry(path).or_insert_with(|| json!({})), method, operation);
        }
    }
    document
}

fn version_in_paths(mut document: Value) -> Value {
    set(&mut document, "servers", json!([{"url": "https://api.swpanel.com"}]));
    rename_paths(&mut document, |path| format!("/v2026{path}"));
    document
}

fn other_version(mut document: Value) -> Value {
    set(&mut document, "servers", json!([{"url": "https://api.swpanel.com/v2027"}]));
    document
}

fn no_trailing_slashes(mut document: Value) -> Value {
    rename_paths(&mut document, |path| path.trim_end_matches('/').to_owned());
    document
}

fn upper_case_with_suffix(mut document: Value) -> Value {
    rename_paths(&mut document, |path| {
        let mut parts = path.splitn(3, '/').skip(1);
        let mut first = parts.next().unwrap_or_default().to_owned();
        if let Some(head) = first.get_mut(..1) {
            head.make_ascii_uppercase();
        }
        let rest = parts.next().map(|rest| format!("/{rest}")).unwrap_or_default();
        let whole = format!("/{first}{rest}");
        format!("{}.json", whole.trim_end_matches('/'))
    });
    document
}
