//! Turns the bytes of an OpenAPI document into what the emulator serves: operations, their roles and a router.
//!
//! Nothing here knows SWPanel. Roles come from the tree of paths (`roles`), schemas are compiled when they are first
//! needed (`contract`), and what the router cannot take is kept by name in `unserved` instead of stopping the start.

mod contract;
mod cost;
mod operation;
mod roles;
mod schema;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(crate) use contract::{Checked, Parameter, Strictness, Violation, kind_of, outline};
pub(crate) use operation::{Envelope, Operation, Place};
pub(crate) use roles::{Role, Segment};
pub(crate) use shape::{fit, is_declared, resolve};

use crate::StartError;

/// The largest document that is served.
const MOST_BYTES: usize = 64 << 20;
/// The most operations that are served.
const MOST_OPERATIONS: usize = 20_000;
/// The most parameters of one path or one operation.
const MOST_PARAMETERS: usize = 1_000;

/// A document as it is served, and everything derived from it.
pub(crate) struct Api {
    /// The bytes as they were given, which is what the documentation page hands out.
    pub(crate) bytes: bytes::Bytes,
    pub(crate) tree: Value,
    /// Path of the first server, such as `/v2026`; empty where the document names none.
    pub(crate) base_path: String,
    pub(crate) operations: Vec<Operation>,
    /// Operations that cannot be routed, each with the reason.
    pub(crate) unserved: Vec<String>,
    /// Names of members that the document marks as secret.
    pub(crate) sensitive: BTreeSet<String>,
    routes: Vec<Route>,
    router: matchit::Router<usize>,
}

/// The operations that share a path once the names of parameters and the last slash are put aside.
struct Route {
    operations: Vec<usize>,
}

/// What a path leads to.
pub(crate) enum Found<'a> {
    /// An operation, and the decoded values of its path's parameters in order.
    Operation(&'a Operation, Vec<String>),
    /// The path exists, for these methods.
    Methods(Vec<&'a str>),
    /// The path exists, but spelt like this.
    Spelt(&'a str),
    Nothing,
}

impl Api {
    /// Reads a document in JSON.
    pub(crate) fn read(bytes: bytes::Bytes) -> Result<Self, StartError> {
        if bytes.len() > MOST_BYTES {
            return Err(StartError::OverBudget { what: "bytes", limit: MOST_BYTES });
        }
        let tree: Value = serde_json::from_slice(&bytes)
            .map_err(|error| StartError::Document { detail: format!("it is no JSON: {error}") })?;
        let version = tree.get("openapi").and_then(Value::as_str).unwrap_or_default();
        if !version.starts_with("3.") {
            let detail =
                "its member `openapi` is not 3.x (`cargo xtask sync` makes such a document of others)".to_owned();
            return Err(StartError::Document { detail });
        }
        if !tree.get("paths").is_some_and(Value::is_object) {
            return Err(StartError::Document { detail: "it has no `paths`".to_owned() });
        }
        within_budget(&tree)?;
        let operations = operation::all(&tree);
        let mut unserved = Vec::new();
        let mut router = matchit::Router::new();
        let mut routes: Vec<Route> = Vec::new();
        let mut known: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (index, operation) in operations.iter().enumerate() {
            let pattern = pattern_of(&roles::segments(&operation.template));
            let route = *known.entry(pattern.clone()).or_insert_with(|| match router.insert(pattern, routes.len()) {
                Ok(()) => {
                    routes.push(Route { operations: Vec::new() });
                    Some(routes.len() - 1)
                }
                Err(error) => {
                    unserved.push(format!("{}: {error}", operation.key));
                    None
                }
            });
            if let Some(route) = route.and_then(|route| routes.get_mut(route)) {
                route.operations.push(index);
            }
        }
        let mut sensitive = BTreeSet::new();
        mark_sensitive(&tree, &mut sensitive);
        Ok(Self { base_path: base_path(&tree), bytes, operations, unserved, sensitive, routes, router, tree })
    }

    /// Finds the operation for a method and a path below the base. `strict` wants the path to the letter.
    pub(crate) fn find(&self, method: &str, path: &str, strict: bool) -> Found<'_> {
        let clean = tidy(path);
        let Ok(matched) = self.router.at(&clean) else { return Found::Nothing };
        let Some(route) = self.routes.get(*matched.value) else { return Found::Nothing };
        let given: Vec<&str> = matched.params.iter().map(|(_, value)| value).collect();
        let operations = || route.operations.iter().filter_map(|index| self.operations.get(*index));
        let Some(operation) = operations().find(|operation| operation.method == method) else {
            return Found::Methods(operations().map(|operation| operation.method.as_str()).collect());
        };
        let mut values = Vec::with_capacity(given.len());
        for (value, ending) in given.iter().zip(roles::endings(&operation.template)) {
            let Some(value) = value.strip_suffix(ending) else { return Found::Nothing };
            values.push(decode(value));
        }
        let as_written = path.len() == clean.len() + usize::from(operation.template.ends_with('/') && clean != "/")
            && path.ends_with('/') == operation.template.ends_with('/');
        if strict && !as_written { Found::Spelt(&operation.template) } else { Found::Operation(operation, values) }
    }

    /// Templates that look most like a path that leads nowhere.
    pub(crate) fn nearest(&self, path: &str) -> Vec<&str> {
        let words: BTreeSet<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
        let mut scored: Vec<(usize, &str)> = self
            .operations
            .iter()
            .map(|operation| {
                let literals = operation.template.split('/').filter(|word| words.contains(word)).count();
                (literals, operation.template.as_str())
            })
            .filter(|(score, _)| *score > 0)
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(b.1)));
        scored.dedup();
        scored.into_iter().take(3).map(|(_, template)| template).collect()
    }

    /// `info.title` and `info.version`.
    pub(crate) fn title(&self) -> (&str, &str) {
        let text = |pointer| self.tree.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        (text("/info/title"), text("/info/version"))
    }
}

/// Rejects more operations or parameters than are served.
fn within_budget(tree: &Value) -> Result<(), StartError> {
    let mut operations = 0;
    for path in tree.get("paths").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::values) {
        let methods = resolve(tree, path).as_object().into_iter().flat_map(serde_json::Map::values);
        let lists = methods.filter(|node| node.is_object()).chain([path]);
        for node in lists {
            operations += 1;
            if node.get("parameters").and_then(Value::as_array).is_some_and(|list| list.len() > MOST_PARAMETERS) {
                return Err(StartError::OverBudget { what: "parameters of one operation", limit: MOST_PARAMETERS });
            }
        }
        // The path itself is counted with its operations.
        operations -= 1;
        if operations > MOST_OPERATIONS {
            return Err(StartError::OverBudget { what: "operations", limit: MOST_OPERATIONS });
        }
    }
    Ok(())
}

/// One slash between segments and none at the end, as the vendor's bash example makes it necessary.
pub(crate) fn tidy(path: &str) -> String {
    let mut clean = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    if clean.is_empty() { "/".to_owned() } else { clean }
}

fn decode(value: &str) -> String {
    percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
}

fn pattern_of(segments: &[Segment]) -> String {
    let mut pattern = String::new();
    for (index, segment) in segments.iter().enumerate() {
        match segment {
            // The router's own marks, doubled, stand for themselves.
            Segment::Literal(text) => {
                pattern.push('/');
                pattern.push_str(&text.replace('{', "{{").replace('}', "}}"));
            }
            Segment::Parameter(_) => pattern.push_str(&format!("/{{p{index}}}")),
        }
    }
    if pattern.is_empty() { "/".to_owned() } else { pattern }
}

/// The path of the first server. Templated servers and those without a path serve from the root.
fn base_path(tree: &Value) -> String {
    let url = tree.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
    let after_host =
        url.split_once("://").map_or(url, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default());
    let path = tidy(after_host);
    if path == "/" || path.contains('{') || path.contains('?') { String::new() } else { path }
}

/// Collects the names of properties that carry `x-sensitive`.
fn mark_sensitive(node: &Value, names: &mut BTreeSet<String>) {
    match node {
        Value::Object(members) => {
            if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                let marked = |schema: &Value| schema.get("x-sensitive") == Some(&Value::Bool(true));
                // `result` names the envelope, not the secret: an answer is never kept anyway.
                let secret = properties.iter().filter(|(name, schema)| marked(schema) && *name != "result");
                names.extend(secret.map(|(name, _)| name.clone()));
            }
            members.values().for_each(|value| mark_sensitive(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| mark_sensitive(value, names)),
        _ => {}
    }
}

impl Operation {
    /// Whether a path template is that of the operation, or that of the operation that it is known as. Names of
    /// parameters and a slash at the end do not count.
    pub(crate) fn is_at(&self, template: &str) -> bool {
        let wanted = normal_path(template);
        wanted == self.normal || wanted == normal_path(&self.template)
    }

    /// The names of the parameters in the path, as the document has them.
    pub(crate) fn path_parameters(&self) -> Vec<String> {
        let segments = roles::segments(&self.template).into_iter();
        let name = |segment| match segment {
            Segment::Parameter(name) => Some(name),
            Segment::Literal(_) => None,
        };
        segments.filter_map(name).collect()
    }
}

/// A path template without the names of its parameters and without a slash at the end.
pub(crate) fn normal_path(template: &str) -> String {
    roles::normal(&roles::segments(template))
}
