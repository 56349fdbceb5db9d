//! A part of a document and its place to the whole document.

use serde_json::{Value, json};

/// The whole document that a part in its place makes.
pub(crate) fn document(place: &str, part: &Value) -> String {
    let media = json!({"application/json": {"schema": part}});
    let path = match place {
        "request" => {
            json!({"post": {"requestBody": {"required": true, "content": media}, "responses": {"200": {"description": "ok"}}}})
        }
        "response" => json!({"get": {"responses": {"200": {"description": "ok", "content": media}}}}),
        "path" => part.clone(),
        "document" => {
            let mut document = json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}});
            document.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
            return document.to_string();
        }
        other => panic!("no place `{other}`"),
    };
    json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/a": path}}).to_string()
}
