//! Our document as a vendor might publish it, for tests that play the day on which SWPanel's own arrives.

use serde_json::{Value, json};

/// The document without our `x-` members and our words on where it comes from.
pub(crate) fn published(document: &str) -> Value {
    let mut document: Value = serde_json::from_str(document).unwrap();
    without_ours(&mut document);
    document["info"]["description"] = "The API of SWPanel.".into();
    document["info"]["version"] = "2026.12".into();
    document
}

fn without_ours(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_ours),
        Value::Object(members) => {
            members.retain(|key, _| !key.starts_with("x-"));
            members.values_mut().for_each(without_ours);
        }
        _ => {}
    }
}

/// Gives the operations ids as another hand would, where their ids begin so.
pub(crate) fn rename(document: &mut Value, start: &str) {
    let items = document["paths"].as_object_mut().unwrap().values_mut();
    for operation in items.flat_map(|item| item.as_object_mut().unwrap().values_mut()) {
        let Some(id) = operation.get_mut("operationId") else { continue };
        let text = id.as_str().unwrap().to_owned();
        if text.starts_with(start) {
            *id = format!("{text}_operation").into();
        }
    }
}

/// A document with a bit of everything that a person has to decide: a request that needs one property more, addresses
/// without their last slash, two operations that nobody knows, one of them with what looks like a secret, and a word that
/// is misspelt.
pub(crate) fn of_the_day(document: &str) -> Value {
    let mut document = published(document);
    rename(&mut document, "dns_record");
    let ftp = &mut document["components"]["schemas"]["FtpAccountCreateRequest"];
    ftp["required"].as_array_mut().unwrap().push("quota".into());
    ftp["properties"]["quota"] = json!({"type": "integer"});
    let paths = document["paths"].as_object_mut().unwrap();
    for path in ["/tools/dc/", "/tools/so/"] {
        let item = paths.remove(path).unwrap();
        paths.insert(path.trim_end_matches('/').to_owned(), item);
    }
    let backup = json!({"type": "object", "properties": {
        "result": {"type": "array", "items": {"type": "object", "properties": {
            "id": {"type": "string"}, "restore_key": {"type": "string"}}}}}});
    let service = json!({"$ref": "#/components/parameters/Service"});
    paths.insert(
        "/services/{service}/backup/".to_owned(),
        json!({
            "get": {
                "operationId": "listBackups", "tags": ["hosting"], "summary": "List the backups of a hosting",
                "parameters": [service],
                "responses": {"200": {"description": "The backups.", "content": {"application/json": {"schema": backup}}}}
            },
            "post": {
                "operationId": "createBackup", "tags": ["hosting"], "summary": "Crate a backup of a hosting",
                "parameters": [service], "responses": {"200": {"description": "Done."}}
            }
        }),
    );
    document
}
