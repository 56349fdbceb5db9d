//! Documents as a vendor might publish them, derived from the reconstruction by code: the day on which the real document
//! arrives, rehearsed.

use serde_json::{Map, Value, json};

/// A derivation: its name, and the document's bytes.
pub(crate) struct Derived {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// All derivations of the reconstruction's canonical text.
pub(crate) fn all(reconstruction: &[u8]) -> Vec<Derived> {
    let bare = bare(reconstruction);
    let json = |name, document: &Value| Derived { name, bytes: serde_json::to_vec_pretty(document).unwrap() };
    vec![
        json("bare", &bare),
        json("foreign-ids", &foreign_ids(bare.clone())),
        json("spanish-grown", &grown(spanish(bare.clone()))),
        json("no-ids", &no_ids(bare.clone())),
        json("version-in-paths", &version_in_paths(bare.clone())),
        json("no-trailing-slashes", &no_trailing_slashes(bare.clone())),
        json("other-version", &other_version(bare.clone())),
        json("upper-case-json-suffix", &upper_case_with_suffix(bare.clone())),
        json("swagger-2", &swagger2(bare.clone())),
        Derived { name: "yaml", bytes: yaml(&bare) },
    ]
}

/// The reconstruction without anything that is ours: `x-` members, doubts and the words of a reconstruction.
pub(crate) fn bare(reconstruction: &[u8]) -> Value {
    let mut document: Value = serde_json::from_slice(reconstruction).unwrap();
    strip(&mut document);
    document["info"] = json!({"title": "SWPanel API", "version": "2026.1"});
    document
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

/// Calls `change` for every operation, with its method and path.
fn operations(document: &mut Value, mut change: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                change(method, path, operation);
            }
        }
    }
}

/// Gives every path another key.
fn paths(document: &mut Value, change: impl Fn(&str) -> String) {
    let old = std::mem::take(document["paths"].as_object_mut().unwrap());
    for (path, item) in old {
        let items = document["paths"].as_object_mut().unwrap();
        let place = items.entry(change(&path)).or_insert_with(|| json!({}));
        for (key, value) in item.as_object().unwrap() {
            place[key] = value.clone();
        }
    }
}

pub(crate) fn foreign_ids(mut document: Value) -> Value {
    let mut number = 0;
    operations(&mut document, |method, _, operation| {
        number += 1;
        operation.insert("operationId".to_owned(), json!(format!("ApiController{number:03}_{method}Action")));
    });
    document
}

pub(crate) fn no_ids(mut document: Value) -> Value {
    operations(&mut document, |_, _, operation| {
        operation.remove("operationId");
        operation.remove("summary");
    });
    document
}

/// Spanish tags and summaries, and other names of path parameters.
pub(crate) fn spanish(mut document: Value) -> Value {
    operations(&mut document, |_, path, operation| {
        let tag = path.split('/').find(|part| !part.is_empty() && !part.contains('{')).unwrap_or("general");
        operation.insert("tags".to_owned(), json!([format!("Gestión de {tag}")]));
        operation.insert("summary".to_owned(), json!("Operación del panel"));
    });
    document.as_object_mut().unwrap().remove("tags");
    let rename = |name: &str| format!("id{}", name.len());
    let unnamed = |path: &str| {
        let mut out = String::new();
        let mut rest = path;
        let mut number = 0;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap();
            out.push_str(&format!("{before}{{{}_{number}}}", rename(name)));
            number += 1;
            rest = after;
        }
        out + rest
    };
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        let names: Vec<String> =
            path.split('{').skip(1).map(|part| part.split_once('}').unwrap().0.to_owned()).collect();
        let rename_all = |parameters: Option<&mut Value>| {
            for parameter in parameters.and_then(Value::as_array_mut).into_iter().flatten() {
                let at = names.iter().position(|name| parameter["in"] == "path" && parameter["name"] == **name);
                if let Some(at) = at {
                    parameter["name"] = json!(format!("{}_{at}", rename(&names[at])));
                }
            }
        };
        rename_all(item.get_mut("parameters"));
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                rename_all(operation.get_mut("parameters"));
            }
        }
    }
    inline_path_parameters(&mut document, rename);
    paths(&mut document, unnamed);
    document
}

/// Path parameters that are components are written out under their new names.
fn inline_path_parameters(document: &mut Value, rename: impl Fn(&str) -> String) {
    let components = document["components"]["parameters"].clone();
    let resolve = |node: &Value| -> Value {
        let name = node["$ref"].as_str().and_then(|text| text.rsplit('/').next());
        name.map_or_else(|| node.clone(), |name| components[name].clone())
    };
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        let names: Vec<&str> = path.split('{').skip(1).map(|part| part.split_once('}').unwrap().0).collect();
        let mut lists: Vec<&mut Value> = Vec::new();
        for (key, value) in item.as_object_mut().unwrap() {
            match key.as_str() {
                "parameters" => lists.push(value),
                _ => lists.extend(value.get_mut("parameters")),
            }
        }
        for parameter in lists.into_iter().filter_map(Value::as_array_mut).flatten() {
            let mut whole = resolve(parameter);
            if let Some(at) = names.iter().position(|name| whole["in"] == "path" && whole["name"] == **name) {
                whole["name"] = json!(format!("{}_{at}", rename(names[at])));
                *parameter = whole;
            }
        }
    }
}

/// A dozen more operations, some of which spend or destroy, with typed responses and statuses 200, 201 and 204.
pub(crate) fn grown(mut document: Value) -> Value {
    let answer = |status: &str| match status {
        "204" => json!({"204": {"description": "hecho"}}),
        _ => json!({status: {"description": "ok", "content": {"application/json": {"schema": {"type": "object",
            "properties": {"result": {"type": "object", "properties": {"id": {"type": "string"},
            "private_key": {"type": "string"}, "clave_maestra": {"type": "string"}}}}}}}}}),
    };
    for (path, method, status) in [
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
    ] {
        let parameters = if path.contains("{id}") {
            json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}])
        } else {
            json!([])
        };
        let operation = json!({"tags": ["Nuevo"], "summary": "Operación nueva", "parameters": parameters,
            "responses": answer(status)});
        let item = document["paths"].as_object_mut().unwrap().entry(path).or_insert_with(|| json!({}));
        item[method] = operation;
    }
    document
}

pub(crate) fn version_in_paths(mut document: Value) -> Value {
    document["servers"] = json!([{"url": "https://api.swpanel.com"}]);
    paths(&mut document, |path| format!("/v2026{path}"));
    document
}

pub(crate) fn other_version(mut document: Value) -> Value {
    document["servers"] = json!([{"url": "https://api.swpanel.com/v2027"}]);
    document
}

pub(crate) fn no_trailing_slashes(mut document: Value) -> Value {
    paths(&mut document, |path| path.trim_end_matches('/').to_owned());
    document
}

pub(crate) fn upper_case_with_suffix(mut document: Value) -> Value {
    paths(&mut document, |path| {
        let first = path.split('/').nth(1).unwrap_or_default();
        let mut cased = first.to_owned();
        if let Some(head) = cased.get_mut(..1) {
            head.make_ascii_uppercase();
        }
        let rest = path.get(first.len() + 1..).unwrap_or_default();
        let whole = format!("/{cased}{rest}");
        if whole.ends_with('}') { whole } else { format!("{}.json", whole.trim_end_matches('/')) }
    });
    document
}

/// The same in the words of Swagger 2.0.
pub(crate) fn swagger2(document: Value) -> Value {
    let mut paths = Map::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let mut operations = Map::new();
        for (key, operation) in item.as_object().unwrap() {
            if key == "parameters" {
                let list: Vec<Value> =
                    operation.as_array().unwrap().iter().map(|parameter| parameter2(&document, parameter)).collect();
                operations.insert(key.clone(), json!(list));
                continue;
            }
            let mut made = operation.as_object().unwrap().clone();
            let own = operation["parameters"].as_array().cloned().unwrap_or_default();
            let mut parameters: Vec<Value> = own.iter().map(|parameter| parameter2(&document, parameter)).collect();
            if let Some(body) = made.remove("requestBody") {
                let schema = body["content"]["application/json"]["schema"].clone();
                let required = body["required"].as_bool().unwrap_or(false);
                parameters.push(json!({"name": "body", "in": "body", "required": required, "schema": schema}));
            }
            made.insert("parameters".to_owned(), json!(parameters));
            let mut responses = Map::new();
            for (status, response) in operation["responses"].as_object().unwrap() {
                let status = match status.as_str() {
                    "2XX" => "200",
                    "4XX" => "400",
                    "5XX" => "500",
                    other => other,
                };
                let response = target(&document, response);
                let mut made = json!({"description": response["description"]});
                if let Some(schema) = response.pointer("/content/application~1json/schema") {
                    made["schema"] = schema.clone();
                }
                responses.insert(status.to_owned(), made);
            }
            made.insert("responses".to_owned(), json!(responses));
            operations.insert(key.clone(), json!(made));
        }
        paths.insert(path.clone(), json!(operations));
    }
    let mut made = json!({"swagger": "2.0", "info": document["info"], "host": "api.swpanel.com", "basePath": "/v2026",
        "schemes": ["https"], "consumes": ["application/json"], "produces": ["application/json"], "paths": paths,
        "definitions": document["components"]["schemas"]});
    plain_choices(&mut made);
    let text = made.to_string().replace("#/components/schemas/", "#/definitions/");
    serde_json::from_str(&text).unwrap()
}

/// Swagger 2.0 has no alternatives: what was one is open.
fn plain_choices(node: &mut Value) {
    match node {
        Value::Object(object) => {
            if object.contains_key("oneOf") || object.contains_key("anyOf") {
                let description = object.get("description").cloned();
                object.clear();
                object.extend(description.map(|text| ("description".to_owned(), text)));
            }
            object.remove("nullable");
            object.values_mut().for_each(plain_choices);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_choices),
        _ => {}
    }
}

fn target<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    let pointer = node["$ref"].as_str().and_then(|text| text.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(node)
}

fn parameter2(document: &Value, parameter: &Value) -> Value {
    let mut made = target(document, parameter).as_object().unwrap().clone();
    let schema = made.remove("schema").unwrap_or_else(|| json!({"type": "string"}));
    made.remove("example");
    for (key, value) in target(document, &schema).as_object().unwrap() {
        made.entry(key.clone()).or_insert_with(|| value.clone());
    }
    made.entry("type").or_insert_with(|| json!("string"));
    json!(made)
}

/// YAML as other tools write it: block style, texts in double quotes.
fn yaml(document: &Value) -> Vec<u8> {
    fn write(node: &Value, indent: usize, out: &mut String) {
        let pad = "  ".repeat(indent);
        match node {
            Value::Object(object) if !object.is_empty() => {
                for (key, value) in object {
                    out.push_str(&format!("\n{pad}{}:", Value::from(key.as_str())));
                    write(value, indent + 1, out);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for item in items {
                    out.push_str(&format!("\n{pad}-"));
                    write(item, indent + 1, out);
                }
            }
            other => out.push_str(&format!(" {other}")),
        }
    }
    let mut out = String::new();
    write(document, 0, &mut out);
    out.trim_start().as_bytes().to_vec()
}
