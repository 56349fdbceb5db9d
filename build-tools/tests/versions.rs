//! A schema in the words of 3.0, said in those of 3.1 and converted back, is the same schema.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use swpanel_build_tools::document::{RawDocument, Weight, convert};

/// Any schema of 3.0 in the form that conversion gives it.
fn schema() -> impl Strategy<Value = Value> {
    let words = |kind: &'static str, nullable: bool, more: Vec<(&'static str, Value)>| {
        let mut schema = Map::from_iter([("type".to_owned(), json!(kind))]);
        schema.extend(nullable.then(|| ("nullable".to_owned(), json!(true))));
        schema.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        Value::Object(schema)
    };
    let text = (
        any::<bool>(),
        prop::sample::subsequence(
            vec![
                ("minLength", json!(1)),
                ("maxLength", json!(9)),
                ("pattern", json!("^a")),
                ("format", json!("uuid")),
                ("description", json!("d")),
                ("example", json!("abc")),
                ("default", json!("a")),
                ("deprecated", json!(true)),
            ],
            0..5,
        ),
    )
        .prop_map(move |(nullable, more)| words("string", nullable, more));
    let number =
        (any::<bool>(), prop_oneof![Just("integer"), Just("number")], -5..5i64, any::<[bool; 4]>(), any::<bool>())
            .prop_map(move |(nullable, kind, low, [minimum, above, maximum, below], example)| {
                let mut more = Vec::new();
                if minimum {
                    more.push(("minimum", json!(low)));
                    more.extend(above.then_some(("exclusiveMinimum", json!(true))));
                }
                if maximum {
                    more.push(("maximum", json!(low + 10)));
                    more.extend(below.then_some(("exclusiveMaximum", json!(true))));
                }
                more.extend(example.then(|| ("example", json!(low + 1))));
                words(kind, nullable, more)
            });
    let leaf = prop_oneof![
        text,
        number,
        any::<bool>().prop_map(move |nullable| words("boolean", nullable, vec![])),
        Just(json!({"type": "string", "format": "byte"})),
        Just(json!({"type": "string", "enum": ["a", "b"]})),
        Just(json!({"type": "string", "enum": ["only"]})),
        Just(json!({"$ref": "#/components/schemas/Other"})),
        Just(json!({"allOf": [{"$ref": "#/components/schemas/Other"}], "description": "beside"})),
        Just(json!({})),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            (any::<bool>(), inner.clone()).prop_map(move |(nullable, items)| words(
                "array",
                nullable,
                vec![("items", items)]
            )),
            (
                any::<bool>(),
                prop::collection::btree_map("[a-e]", inner.clone(), 1..4),
                any::<bool>(),
                prop::option::of(inner.clone())
            )
                .prop_map(move |(nullable, properties, required, more)| {
                    let mut words_of = vec![];
                    if required {
                        words_of.push(("required", json!([properties.keys().next().unwrap()])));
                    }
                    words_of.push(("properties", json!(properties)));
                    words_of.extend(more.map(|more| ("additionalProperties", more)));
                    words("object", nullable, words_of)
                }),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|arms| json!({"oneOf": arms})),
            prop::collection::vec(inner, 2..4).prop_map(|arms| json!({"anyOf": arms})),
        ]
    })
}

/// The same in the words of 3.1.
fn said_anew(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in schema {
        let value = match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                properties.iter().map(|(name, schema)| (name.clone(), said_anew(schema))).collect()
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(arms)) => arms.iter().map(said_anew).collect(),
            ("items" | "additionalProperties", schema) => said_anew(schema),
            (_, value) => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    if out.remove("nullable").is_some() {
        let kind = out["type"].clone();
        out.insert("type".into(), json!([kind, "null"]));
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if out.remove(flag).is_some() {
            let limit = out.remove(bound).unwrap();
            out.insert(flag.into(), limit);
        }
    }
    if let Some(example) = out.remove("example") {
        out.insert("examples".into(), json!([example]));
    }
    if out.get("format") == Some(&json!("byte")) {
        out.remove("format");
        out.insert("contentEncoding".into(), json!("base64"));
    }
    if out.get("enum") == Some(&json!(["only"])) {
        out.remove("enum");
        out.insert("const".into(), json!("only"));
    }
    if let Some(Value::Array(arms)) = out.get("allOf").cloned() {
        out.remove("allOf");
        out.insert("$ref".into(), arms[0]["$ref"].clone());
    }
    Value::Object(out)
}

fn converted(version: &str, schema: &Value) -> (Value, usize) {
    let document = json!({"openapi": version, "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}},
        "components": {"schemas": {"S": schema, "Other": {"type": "string"}}}});
    let (document, ledger) = convert(&RawDocument::read(document.to_string().as_bytes()).unwrap()).unwrap();
    let losses = ledger.entries().iter().filter(|entry| entry.weight == Weight::Loss).count();
    (document.root().pointer("/components/schemas/S").unwrap().to_json(), losses)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn from_3_0_to_3_1_and_back(schema in schema()) {
        prop_assert_eq!(converted("3.0.3", &schema).0, schema.clone(), "the strategy makes what conversion would change");
        let (back, losses) = converted("3.1.0", &said_anew(&schema));
        prop_assert_eq!(back, schema);
        prop_assert_eq!(losses, 0);
    }
}
