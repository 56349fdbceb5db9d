//! apiDoc data to operations: `api_data.json`, `api_data.js`, and the literal within the bundle of version 1.

use super::model::{Api, Body, Doubt, In, Operation, Scheme};
use super::shape::{Kind, Origin, Place, Property, Shape, steps};
use super::source::File;
use super::url::{self, Segment, Variables};
use crate::document::{Node, Value};
use std::collections::BTreeMap;

pub(super) use super::apidoc_samples::http_message;
use super::apidoc_samples::{plain, responses, samples_of_requests};

/// Whether a tree is the data of apiDoc.
pub(super) fn is(root: &Node) -> bool {
    let entries = entries(root);
    let entry = |node: &Node| {
        node.get("type").is_some()
            && node.get("url").is_some()
            && (node.get("title").is_some() || node.get("group").is_some())
    };
    !entries.is_empty() && entries.iter().take(50).any(entry)
}

fn entries(root: &Node) -> &[Node] {
    root.as_array().or_else(|| root.get("api").and_then(Node::as_array)).unwrap_or_default()
}

/// The data within a script: what `define(` gets, or a literal of a bundle. The script is not run.
pub(super) fn in_script(text: &str) -> Option<Node> {
    let start = text.trim_start();
    if let Some(inner) = start.strip_prefix("define(") {
        let (node, _) = super::relaxed_json::read_prefix(inner)?;
        return is(&node).then_some(node);
    }
    let mut attempts = 0;
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("[{")) {
        let at = from + at;
        from = at + 2;
        let mut near_end = (at + 4_000).min(text.len());
        while !text.is_char_boundary(near_end) {
            near_end -= 1;
        }
        let near = text.get(at..near_end).unwrap_or_default();
        let has = |name: &str| near.contains(&format!("{name}:")) || near.contains(&format!("\"{name}\":"));
        if !(has("type") && has("url") && has("title")) {
            continue;
        }
        attempts += 1;
        if attempts > 200 {
            return None;
        }
        if let Some((node, used)) = text.get(at..).and_then(super::relaxed_json::read_prefix) {
            if is(&node) {
                return Some(node);
            }
            from = at + used.max(2);
        }
    }
    None
}

/// Title, version, description and address from `api_project`.
pub(super) fn project(node: &Node, api: &mut Api) {
    let said = |key: &str| node.text_at(key).unwrap_or_default().trim().to_owned();
    api.title = [said("title"), said("name")].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    api.version = said("version");
    api.description = said("description");
    let address = said("url");
    if address.starts_with("http") {
        api.servers.push(address.trim_end_matches('/').to_owned());
    }
}

pub(super) fn import(root: &Node, file: &File<'_>, line: &dyn Fn(&Node) -> usize, api: &mut Api) {
    let mut newest: BTreeMap<(String, String), (Vec<u64>, Operation)> = BTreeMap::new();
    let mut order = Vec::new();
    let mut dropped = 0_usize;
    let mut older = 0_usize;
    for entry in entries(root) {
        let place = file.place(line(entry));
        let Some(operation) = operation(entry, place, api) else {
            dropped += 1;
            continue;
        };
        let version = entry.text_at("version").unwrap_or_default();
        let version: Vec<u64> = version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        let key = operation.anonymous_key();
        match newest.get_mut(&key) {
            Some((known, old)) if *known < version => {
                older += 1;
                *old = operation;
                *known = version;
            }
            Some((known, old)) if *known == version => old.merge(operation),
            Some(_) => older += 1,
            None => {
                order.push(key.clone());
                newest.insert(key, (version, operation));
            }
        }
    }
    if dropped > 0 {
        let message = format!("{dropped} entries without a method or an address were dropped");
        api.log.add(Doubt::Dropped, "junk-entries", "", &Place::default(), message);
    }
    if older > 0 {
        let message = format!("{older} older versions of operations were left out; the newest of each is written");
        api.log.add(Doubt::Note, "older-versions", "", &Place::default(), message);
    }
    for key in order {
        if let Some((_, mut operation)) = newest.remove(&key) {
            super::requests::finish(&mut operation, &mut api.log);
            api.operations.push(operation);
        }
    }
}

fn operation(entry: &Node, place: Place, api: &mut Api) -> Option<Operation> {
    let method = entry.text_at("type")?.trim().trim_matches(['{', '}']).to_ascii_lowercase();
    let raw = entry.text_at("url")?.trim();
    if raw.is_empty() || !super::requests::METHODS.contains(&method.as_str()) {
        return None;
    }
    let (raw, other) = one_address(raw);
    let address = url::read(&raw, &Variables::new());
    if let Some(server) = address.server.filter(|server| server.contains("://") && !api.servers.contains(server)) {
        api.servers.push(server);
    }
    let mut path = String::new();
    for segment in &address.segments {
        match segment {
            Segment::Literal(text) => path.push_str(&format!("/{text}")),
            Segment::Parameter { name, .. } => path.push_str(&format!("/{{{name}}}")),
        }
    }
    if path.is_empty() || address.trailing_slash {
        path.push('/');
    }
    let said = |key: &str| plain(entry.text_at(key).unwrap_or_default());
    let tag = [said("groupTitle"), said("group")].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let mut operation = Operation {
        method,
        path,
        summary: said("title"),
        description: said("description"),
        tag,
        deprecated: entry.get("deprecated").is_some_and(|node| node.as_bool() != Some(false)),
        place: place.clone(),
        ..Operation::default()
    };
    if other {
        let message = format!("`{raw}` is one of several addresses in one entry; the first was taken");
        api.log.add(Doubt::Guess, "several-addresses", &operation.key(), &place, message);
    }
    for (name, value) in address.query {
        let name = name.trim_matches(['[', ']', '{', '}']).to_owned();
        let shape = value
            .as_deref()
            .filter(|value| !value.starts_with([':', '{', '<']))
            .map(super::shape::of_plain)
            .unwrap_or_default();
        operation.add_parameter(
            In::Query,
            Property { name, shape, origin: Origin::Sample, place: place.clone(), ..Property::default() },
        );
    }
    let mut body = Shape::default();
    parameters(entry, &mut operation, &mut body, &place, api);
    samples_of_requests(entry, &mut operation, &mut body, &place);
    if !body.is_open() {
        let files = body.properties.iter().any(|property| property.shape.format == Some("binary"));
        let media = if files { "multipart/form-data" } else { "application/json" };
        let origin = if body.properties.iter().any(|property| property.origin == Origin::Documented) {
            Origin::Documented
        } else {
            Origin::Sample
        };
        operation.body = Some(Body { media: media.to_owned(), shape: body, example: None, origin });
    }
    headers(entry, &mut operation, &place);
    for (key, fallback) in [("success", "200"), ("error", "400")] {
        responses(entry, key, fallback, &mut operation, &place);
    }
    Some(operation)
}

/// The first address where an entry has several, and whether it has.
fn one_address(raw: &str) -> (String, bool) {
    let words: Vec<&str> = raw.split_whitespace().collect();
    match words.as_slice() {
        [first, .., last] if last.starts_with('/') && first.starts_with('/') => ((*first).to_owned(), true),
        [_, ..] => (words.concat(), false),
        [] => (String::new(), false),
    }
}

/// Where the fields of a group go.
fn place_of(group: &str, method: &str) -> In {
    let lower = group.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if any(&["header", "cabecera"]) {
        In::Header
    } else if any(&["query", "get param", "filter", "consulta", "paginat"]) {
        In::Query
    } else if any(&["body", "json", "form", "payload", "cuerpo", "post param", "data param", "request param"])
        && !matches!(method, "get" | "head")
    {
        // A place that is no parameter of the document: the body.
        In::Path
    } else {
        match method {
            "get" | "head" | "delete" | "options" => In::Query,
            _ => In::Path,
        }
    }
}

fn parameters(entry: &Node, operation: &mut Operation, body: &mut Shape, place: &Place, api: &mut Api) {
    let mut lists: Vec<(String, Vec<&Node>)> = Vec::new();
    if let Some(groups) = entry.pointer("/parameter/fields").and_then(Node::as_object) {
        for (name, list) in groups.iter() {
            lists.push((name.to_owned(), list.as_array().unwrap_or_default().iter().collect()));
        }
    }
    for (key, group) in [("query", "query"), ("body", "body")] {
        // A list in current versions; groups in between.
        let list = entry.get(key).map(|node| &node.value);
        match list {
            Some(Value::Array(list)) => lists.push((group.to_owned(), list.iter().collect())),
            Some(Value::Object(object)) => {
                let fields = object.get("fields").and_then(Node::as_object);
                for (_, list) in fields.iter().flat_map(|fields| fields.iter()) {
                    lists.push((group.to_owned(), list.as_array().unwrap_or_default().iter().collect()));
                }
            }
            _ => {}
        }
    }
    let in_path = super::requests::parameter_names_of(&operation.path);
    for (group, fields) in lists {
        let to = place_of(&group, &operation.method);
        for field in fields {
            let Some(property) = property(field, place, &operation.key(), api) else { continue };
            // Authors put the name where the type goes, and the other way round.
            let swapped = field.text_at("type").map(str::trim).filter(|kind| in_path.iter().any(|name| name == kind));
            if let Some(name) = in_path.iter().find(|name| **name == property.name || swapped == Some(name.as_str())) {
                let known = in_path.contains(&property.name);
                let shape = if known { property.shape.clone() } else { Shape::default() };
                let property = Property { name: name.clone(), required: Some(true), shape, ..property };
                operation.add_parameter(In::Path, property);
                continue;
            }
            match to {
                In::Query => {
                    // The parts of an object in a query are written with brackets by most servers; the name says how.
                    operation.add_parameter(In::Query, property);
                }
                In::Header => operation.add_parameter(In::Header, property),
                In::Path => body.add_at(&steps(&property.name.clone(), true), property),
            }
        }
    }
}

fn property(field: &Node, place: &Place, key: &str, api: &mut Api) -> Option<Property> {
    let name = field.text_at("field")?.trim().trim_start_matches(['[', '{']).to_owned();
    let name = match name.split_once('=') {
        Some((name, _)) => name.trim().to_owned(),
        None => name,
    };
    let name = name.trim_end_matches('}').to_owned();
    if name.is_empty() || name.contains(char::is_whitespace) {
        let message = format!("field `{name}` has no name that can be sent");
        api.log.add(Doubt::Dropped, "junk-fields", key, place, message);
        return None;
    }
    let word = field.text_at("type").unwrap_or_default().trim();
    let known = super::types::read(word);
    let mut origin = Origin::Documented;
    let mut shape = match (&known, word.is_empty()) {
        (Some(shape), _) => shape.clone(),
        (None, true) => Shape::default(),
        (None, false) => {
            let message = format!("`{name}` has the type `{word}`, which names none of JSON; `string` was taken");
            api.log.add(Doubt::Guess, "type-guessed", key, place, message);
            origin = Origin::Guessed;
            Shape::of_kind(Kind::String)
        }
    };
    if field.get("isArray").and_then(Node::as_bool) == Some(true) && !shape.is(Kind::Array) {
        shape = Shape::array_of(shape);
    }
    let allowed = field.get("allowedValues").and_then(Node::as_array).unwrap_or_default();
    let allowed = allowed.iter().filter_map(Node::as_str).map(|value| super::types::value(value, &shape)).collect();
    if shape.is(Kind::Array) {
        if let Some(items) = shape.items.as_deref_mut() {
            items.values = allowed;
        }
    } else {
        shape.values = allowed;
    }
    if let Some(size) = field.text_at("size") {
        sizes(size, &mut shape);
    }
    if let Some(default) = field
        .get("defaultValue")
        .and_then(|node| node.as_str().map(str::to_owned).or_else(|| node.as_number().map(str::to_owned)))
        && !shape.is(Kind::Array)
        && !shape.is(Kind::Object)
    {
        let value = super::types::value(&default, &shape);
        let fits =
            !(shape.is(Kind::Integer) || shape.is(Kind::Number) || shape.is(Kind::Boolean)) || value.as_str().is_none();
        if fits && !crate::secrets::is_secret_name(&name) {
            shape.facets.push(("default", value));
        }
    }
    let optional =
        field.get("optional").is_some_and(|node| node.as_bool() == Some(true) || node.as_str() == Some("true"));
    Some(Property {
        name,
        shape,
        required: Some(!optional),
        description: super::requests::text_of(&plain(field.text_at("description").unwrap_or_default())),
        example: None,
        origin,
        place: place.clone(),
    })
}

/// `1..5`, `..5`, `2-10`: lengths of text, bounds of numbers.
fn sizes(size: &str, shape: &mut Shape) {
    let size = size.trim().trim_matches(['{', '}']);
    let (low, high) = match size.split_once("..").or_else(|| size.get(1..).and_then(|_| size.rsplit_once('-'))) {
        Some((low, high)) => (low.trim(), high.trim()),
        None => return,
    };
    let (min, max) = if shape.is(Kind::String) {
        ("minLength", "maxLength")
    } else if shape.is(Kind::Integer) || shape.is(Kind::Number) {
        ("minimum", "maximum")
    } else {
        return;
    };
    for (keyword, text) in [(min, low), (max, high)] {
        let whole = keyword.ends_with("Length");
        let fits = if whole { text.parse::<u32>().is_ok() } else { text.parse::<serde_json::Number>().is_ok() };
        if fits {
            shape.facets.push((keyword, Value::Number(text.into()).into()));
        }
    }
}

fn headers(entry: &Node, operation: &mut Operation, place: &Place) {
    let groups = entry.pointer("/header/fields").and_then(Node::as_object);
    for (_, list) in groups.iter().flat_map(|groups| groups.iter()) {
        for field in list.as_array().unwrap_or_default() {
            let name = field.text_at("field").unwrap_or_default().trim().to_owned();
            let lower = name.to_ascii_lowercase();
            let is_name =
                !name.is_empty() && lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            match lower.as_str() {
                "authorization" => {
                    let said = format!(
                        "{} {}",
                        field.text_at("description").unwrap_or_default(),
                        field.text_at("defaultValue").unwrap_or_default()
                    );
                    let basic = said.to_ascii_lowercase().contains("basic");
                    operation.security = Some(vec![if basic { Scheme::Basic } else { Scheme::Bearer }]);
                }
                "content-type" | "accept" | "cookie" | "content-length" | "host" => {}
                _ if is_name => {
                    let optional = field.get("optional").and_then(Node::as_bool) == Some(true);
                    operation.add_parameter(
                        In::Header,
                        Property {
                            name,
                            shape: field
                                .text_at("type")
                                .and_then(super::types::read)
                                .unwrap_or_else(|| Shape::of_kind(Kind::String)),
                            required: Some(!optional),
                            description: super::requests::text_of(&plain(
                                field.text_at("description").unwrap_or_default(),
                            )),
                            place: place.clone(),
                            ..Property::default()
                        },
                    );
                }
                _ => {}
            }
        }
    }
}
