//! Makes a next release of a document: what a vendor might do to its API, found by METHOD and path.
//!
//! It adds a pair of operations, an optional member and a new version, and demands a member that was optional, so that a
//! comparison has something of each kind to show. What the document does not have is left out.

use serde_json::{Map, Value, json};

use crate::document::{normal_path, resolve};

/// The next release, as the bytes that would be published.
pub(crate) fn next(tree: &Value) -> Vec<u8> {
    let mut next = tree.clone();
    version(&mut next);
    // What is made up here rests on no evidence, and must not be held to what a reconstruction owes.
    if let Some(kind) = next.pointer_mut("/info/x-swpanel-source/kind") {
        *kind = json!("emulated");
    }
    add_backups(&mut next);
    if let Some(body) = body_of(&mut next, "post", "/services/{}/dns")
        && let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut)
    {
        let note = json!({"type": "string", "description": "Note on the record.", "example": "for the shop"});
        properties.insert("post_it".to_owned(), note);
    }
    if let Some(body) = body_of(&mut next, "post", "/domains/register")
        && let Some(required) = body.get_mut("required").and_then(Value::as_array_mut)
        && !required.contains(&json!("years"))
    {
        required.push(json!("years"));
    }
    let mut bytes = serde_json::to_vec_pretty(&next).expect("a document is made of texts");
    bytes.push(b'\n');
    bytes
}

/// `v2026` becomes `v2026.1`, and then `v2026.2`.
fn version(tree: &mut Value) {
    let Some(Value::String(version)) = tree.pointer_mut("/info/version") else { return };
    *version = match version.rsplit_once('.').and_then(|(head, tail)| Some((head, tail.parse::<u64>().ok()?))) {
        Some((head, number)) => format!("{head}.{}", number.saturating_add(1)),
        None => format!("{version}.1"),
    };
}

/// The path that is written like this, names of parameters put aside.
fn path_like(tree: &Value, wanted: &str) -> Option<String> {
    let paths = tree.get("paths")?.as_object()?;
    paths.keys().find(|path| normal_path(path) == wanted).cloned()
}

fn add_backups(tree: &mut Value) {
    let Some(item) = path_like(tree, "/services/{}") else { return };
    let collection = format!("{}/backup/", item.trim_end_matches('/'));
    let shared = |tree: &Value| {
        let operation = tree.get("paths")?.get(&item)?.get("get")?;
        let parameters = operation.get("parameters").cloned().unwrap_or(json!([]));
        Some((parameters, operation.get("responses")?.as_object()?.clone()))
    };
    let Some((parameters, responses)) = shared(tree) else { return };
    let backup = json!({
        "type": "object",
        "description": "Copy of a service.",
        "properties": {
            "id": {"type": "string", "description": "Id of the copy.", "example": "12345"},
            "label": {"type": "string", "description": "Label of the copy.", "example": "before the update"},
        },
        "additionalProperties": {},
    });
    let list = json!({"type": "object", "properties": {"result": {"type": "array", "items": backup}}});
    let done = json!({"type": "object", "properties": {"message": {}}, "additionalProperties": {}});
    let answered = |schema: Value| {
        let mut responses: Map<String, Value> = responses.clone();
        responses.retain(|status, _| !status.starts_with('2') && status != "default");
        let content = json!({"application/json": {"schema": schema}});
        responses.insert("2XX".to_owned(), json!({"description": "Success.", "content": content}));
        responses
    };
    let label = json!({"type": "string", "description": "Label of the copy.", "example": "before the update"});
    let body = json!({"type": "object", "properties": {"label": label}, "required": ["label"]});
    let path = json!({
        "get": {
            "operationId": "service_backup_list", "summary": "List the copies of a service", "tags": ["backup"],
            "description": "Returns the copies of a service.", "parameters": parameters,
            "responses": answered(list), "x-swpanel-effect": "read",
        },
        "post": {
            "operationId": "service_backup_create", "summary": "Copy a service", "tags": ["backup"],
            "description": "Makes a copy of a service.", "parameters": parameters,
            "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
            "responses": answered(done), "x-swpanel-effect": "create",
        },
    });
    if let Some(paths) = tree.get_mut("paths").and_then(Value::as_object_mut) {
        paths.entry(collection).or_insert(path);
    }
    if let Some(tags) = tree.get_mut("tags").and_then(Value::as_array_mut)
        && !tags.iter().any(|tag| tag.get("name") == Some(&json!("backup")))
    {
        tags.push(json!({"name": "backup", "description": "Copies of services."}));
    }
}

/// The schema of a JSON body, to be changed where it stands.
fn body_of<'a>(tree: &'a mut Value, method: &str, wanted: &str) -> Option<&'a mut Value> {
    let path = path_like(tree, wanted)?;
    let schema = tree.get("paths")?.get(&path)?.get(method)?.get("requestBody")?;
    let schema = resolve(tree, schema).get("content")?.get("application/json")?.get("schema")?;
    let pointer = match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => reference.strip_prefix('#')?.to_owned(),
        None => {
            let escaped = path.replace('~', "~0").replace('/', "~1");
            format!("/paths/{escaped}/{method}/requestBody/content/application~1json/schema")
        }
    };
    tree.pointer_mut(&pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_follows_a_release_and_any_document_has_one() {
        let answers = json!({"200": {"description": "ok"}});
        let name = json!({"in": "path", "name": "id", "required": true, "schema": {"type": "string"}});
        let register = json!({"type": "object", "required": ["domain"], "properties": {"domain": {}, "years": {}}});
        let body = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Register"}}}});
        let first = json!({
            "openapi": "3.0.3",
            "info": {"version": "v2026", "x-swpanel-source": {"kind": "reconstruction"}},
            "paths": {
                "/services/{id}": {"get": {"parameters": [name], "responses": answers}},
                "/domains/register/": {"post": {"requestBody": body, "responses": answers}},
            },
            "components": {"schemas": {"Register": register}},
        });
        let second: Value = serde_json::from_slice(&next(&first)).unwrap();
        assert_eq!(second["info"]["version"], "v2026.1");
        assert_eq!(second["info"]["x-swpanel-source"]["kind"], "emulated");
        let added: Vec<&String> = second["paths"]["/services/{id}/backup/"].as_object().unwrap().keys().collect();
        assert_eq!(added, ["get", "post"]);
        assert_eq!(second["components"]["schemas"]["Register"]["required"], json!(["domain", "years"]));
        let third: Value = serde_json::from_slice(&next(&second)).unwrap();
        assert_eq!(third["info"]["version"], "v2026.2");
        let other = json!({"openapi": "3.0.3", "info": {"version": "7"}, "paths": {}});
        assert_eq!(serde_json::from_slice::<Value>(&next(&other)).unwrap()["info"]["version"], "7.1");
    }
}
