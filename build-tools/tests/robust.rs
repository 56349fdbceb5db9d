//! Nothing that anybody can hand in makes reading, searching, converting or generating panic or hang: bytes, texts,
//! pages, and documents in which anything stands anywhere. More cases with `PROPTEST_CASES`.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use proptest::prelude::*;
use serde_json::{Value, json};
use swpanel_build_tools::discover::{Answer, Leave, discover};
use swpanel_build_tools::document::{RawDocument, convert};
use swpanel_build_tools::sync::{Input, sync};

fn config(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::default() }
}

/// Words that mean something somewhere in an API document.
const WORDS: &[&str] = &[
    "openapi",
    "swagger",
    "info",
    "title",
    "version",
    "paths",
    "webhooks",
    "components",
    "schemas",
    "definitions",
    "parameters",
    "responses",
    "requestBody",
    "content",
    "application/json",
    "multipart/form-data",
    "schema",
    "get",
    "post",
    "options",
    "operationId",
    "name",
    "in",
    "path",
    "query",
    "header",
    "cookie",
    "body",
    "formData",
    "required",
    "type",
    "object",
    "array",
    "string",
    "integer",
    "number",
    "null",
    "file",
    "items",
    "properties",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "enum",
    "const",
    "nullable",
    "format",
    "pattern",
    "default",
    "example",
    "examples",
    "$ref",
    "$defs",
    "discriminator",
    "mapping",
    "propertyName",
    "additionalProperties",
    "minimum",
    "exclusiveMinimum",
    "prefixItems",
    "200",
    "2XX",
    "default",
    "4xx",
    "/a",
    "/a/{id}",
    "id",
    "3.0.3",
    "3.1.0",
    "2.0",
    "security",
    "servers",
    "url",
    "collectionFormat",
    "style",
    "deepObject",
    "#/components/schemas/A",
    "#/definitions/A",
    "#",
    "",
    "self",
    "x-a",
    "client",
    "send",
    "tags",
    "description",
    "summary",
    "callbacks",
    "links",
    "headers",
    "A",
    "if",
    "then",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => word().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => prop::collection::btree_map(word(), inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A sound document to spoil, in each form.
fn sound() -> impl Strategy<Value = Value> {
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "enum": ["x", "y"], "default": "x"},
        "b": {"$ref": "#/components/schemas/B"}, "c": {"oneOf": [{"type": "integer"}, {"type": "string"}], "discriminator": {"propertyName": "k"}}}});
    let v3 = |version: &str| {
        json!({"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/a/{id}": {"post": {
        "operationId": "a_create", "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
        {"name": "q", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
        "components": {"schemas": {"A": schema, "B": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}}}})
    };
    let v2 = json!({"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "h", "basePath": "/", "paths": {"/a/{id}": {"post": {
        "operationId": "a_create", "consumes": ["application/json"], "parameters": [{"name": "id", "in": "path", "required": true, "type": "string"},
        {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}], "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/A"}}}}}},
        "definitions": {"A": {"type": "object", "properties": {"a": {"type": "string"}}}}});
    prop::sample::select(vec![v3("3.0.3"), v3("3.1.0"), v2])
}

/// Puts a value in the place that a number names.
fn spoil(node: &mut Value, at: &mut usize, with: &Value) -> bool {
    if *at == 0 {
        *node = with.clone();
        return true;
    }
    *at -= 1;
    match node {
        Value::Array(items) => items.iter_mut().any(|item| spoil(item, at, with)),
        Value::Object(object) => object.values_mut().any(|value| spoil(value, at, with)),
        _ => false,
    }
}

fn all_stages(bytes: &[u8]) {
    let Ok(made) = sync(&Input { raw: bytes, ..Input::default() }) else { return };
    // What it takes, it takes again and makes the same of it.
    let again = sync(&Input { raw: made.document.as_bytes(), ..Input::default() }).unwrap();
    assert_eq!(again.document, made.document);
    assert_eq!(again.code, made.code);
}

/// Schemas that have a type in a place or a form that 3.0 does not have.
fn wrong_types() -> Vec<Value> {
    ["null", "array", "str", "NULL", "any"]
        .into_iter()
        .map(Value::from)
        .chain([Value::Null, json!(true), json!(false), json!(5), json!([])])
        .chain(
            [
                r#"{"type": "null"}"#,
                r#"{"type": ["null"]}"#,
                r#"{"type": []}"#,
                r#"{"type": [1]}"#,
                r#"{"type": ["string", 1]}"#,
                r#"{"type": ["string", "null"]}"#,
                r#"{"type": ["array", "string"]}"#,
                r#"{"type": "array"}"#,
                r#"{"type": "array", "items": "null"}"#,
                r#"{"type": "array", "items": {"type": "array"}}"#,
                r#"{"type": "array", "items": {"type": ["integer", "null"]}}"#,
                r#"{"type": "list"}"#,
                r#"{"const": null}"#,
                r#"{"oneOf": ["null", "string"]}"#,
                r#"{"anyOf": [{"type": "null"}]}"#,
                r#"{"anyOf": ["null", {"type": "null"}, {"type": "array"}]}"#,
                r#"{"additionalProperties": {"type": "null"}}"#,
            ]
            .map(|text| serde_json::from_str(text).unwrap()),
        )
        .collect()
}

/// The places below which a type is not one of 3.0, or an array has no `items`.
fn wrong_types_below(node: &Value, at: &str, wrong: &mut Vec<String>) {
    const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];
    let is_right = match node.get("type") {
        Some(Value::String(kind)) => TYPES.contains(&kind.as_str()) && (kind != "array" || node["items"].is_object()),
        // A property may be called `type`.
        Some(Value::Object(_)) | None => true,
        Some(_) => false,
    };
    if !is_right {
        wrong.push(format!("{at}: {node}"));
    }
    match node {
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(number, item)| wrong_types_below(item, &format!("{at}/{number}"), wrong));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| wrong_types_below(member, &format!("{at}/{name}"), wrong));
        }
        _ => {}
    }
}

#[test]
fn a_first_sync_leaves_only_types_of_3_0_and_a_second_changes_nothing() {
    for version in ["3.0.3", "3.1.0", "2.0"] {
        let (mut properties, mut parameters) = (serde_json::Map::new(), Vec::new());
        for (at, schema) in wrong_types().into_iter().enumerate() {
            let mut flat = json!({"name": format!("q{at}"), "in": "query"});
            flat.as_object_mut().unwrap().extend(schema.as_object().cloned().unwrap_or_default());
            parameters.push(flat);
            properties.insert(format!("a{at}"), schema.clone());
            properties.insert(format!("b{at}"), json!({"type": "array", "items": schema}));
        }
        let schemas = json!({"A": {"type": "object", "properties": properties}});
        let (head, parts, response) = match version {
            "2.0" => ("swagger", ("definitions", schemas), json!({"schema": {"$ref": "#/definitions/A"}})),
            _ => (
                "openapi",
                ("components", json!({"schemas": schemas})),
                json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}),
            ),
        };
        let document = json!({head: version, "info": {"title": "T", "version": "1"}, parts.0: parts.1,
            "paths": {"/a": {"get": {"parameters": parameters, "responses": {"200": response}}}}});
        let made = sync(&Input { raw: document.to_string().as_bytes(), ..Input::default() }).unwrap();
        let again = sync(&Input { raw: made.document.as_bytes(), ..Input::default() }).unwrap();
        assert!(again.document == made.document, "the second time another document is made of {version}");
        let tree: Value = serde_json::from_str(&made.document).unwrap();
        let mut wrong = Vec::new();
        wrong_types_below(&tree["paths"], "/paths", &mut wrong);
        wrong_types_below(&tree["components"]["schemas"], "/components/schemas", &mut wrong);
        assert!(wrong.is_empty(), "{version} leaves a wrong type:\n{}", wrong.join("\n"));
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        all_stages(&bytes);
    }

    #[test]
    fn documents_in_which_anything_stands_anywhere(mut document in sound(), spoils in prop::collection::vec((1..70usize, anything()), 1..4)) {
        for (mut at, with) in spoils {
            spoil(&mut document, &mut at, &with);
        }
        all_stages(document.to_string().as_bytes());
    }

    #[test]
    fn trees_of_the_words_of_documents(document in anything()) {
        let raw = RawDocument::read(document.to_string().as_bytes());
        if let Ok(raw) = raw {
            let _ = convert(&raw);
        }
    }

    #[test]
    fn pages(parts in prop::collection::vec(prop_oneof![
        prop::sample::select(&["<script>", "</script>", "<!--", "-->", "<redoc spec-url='", "SwaggerUIBundle({", "url:", "urls:[{",
            "}]", "})", "'/s'", "\"", "'", "`", "${", "}", "//", "/*", "*/", "\\", "spec:", "{", "[", "]", ",", "=", ";", "<a href='",
            "'>", "window.ui", "Redoc.init(", ")", "\\u00", "JSON.parse(", "const a = ", "<rapi-doc", "<script id=api-reference data-url=", ">"][..]).prop_map(str::to_owned),
        ".{0,4}".prop_map(|text: String| text),
    ], 0..60)) {
        let page = parts.concat().into_bytes();
        let mut asked = 0;
        let found = discover("https://example.es/docs/", &Leave::default(), &mut |ask| {
            asked += 1;
            let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
            Ok(Answer { address: ask.address.clone(), status: 200, headers, body: page.clone() })
        });
        prop_assert!(asked < 200, "{} addresses asked: {:?}", asked, found.renderer);
    }
}
