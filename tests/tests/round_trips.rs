//! Examples of every request body through its Rust type and back: nothing is lost, nothing is added, and what
//! comes out is what the document allows. And the type's own JSON Schema asks for the same members.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swpanel_build_tools::document::{Document, Node};
use swpanel_build_tools::examples::{Fill, example, examples};
use swpanel_tests::{CASES, files, same};

/// A validator of a schema of the document. OpenAPI 3.0's schemas are draft 4's, as far as ours use them.
fn validator(components: &Value, schema: &Node) -> jsonschema::Validator {
    let schema = json!({"allOf": [schema.to_json()], "components": components});
    jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&schema).unwrap()
}

fn body_schema<'a>(document: &'a Document, id: &str) -> &'a Node {
    let operations = document.operations();
    let operation = operations.iter().find(|operation| operation.id() == id).unwrap();
    operation.request_body().unwrap().1
}

#[test]
fn every_request_body_survives_its_type() {
    let document = files::document().unwrap();
    let components = document.root().get("components").map(Node::to_json).unwrap_or_default();
    let (mut bodies, mut values) = (0, 0);
    let mut wrong = Vec::new();
    for case in CASES {
        let Some(body) = case.body_type else { continue };
        let schema = body_schema(&document, case.id);
        let validator = validator(&components, schema);
        bodies += 1;
        let shown = example(&document, schema, Fill::Shown, 0);
        for value in examples(&document, schema).into_iter().chain([shown]) {
            let before = value.to_json();
            values += 1;
            match (body.again)(&before.to_string()) {
                Err(error) => wrong.push(format!("{}: {} does not take {before}: {error}", case.id, body.name)),
                Ok(after) if !same(&before, &after) => {
                    wrong.push(format!("{}: {} turned {before} into {after}", case.id, body.name));
                }
                Ok(after) => wrong.extend(validator.iter_errors(&after).map(|error| format!("{}: {error}", case.id))),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(values >= bodies, "each body has an example");
    println!("{values} values of {bodies} bodies");
}

#[test]
fn variants_exclude_each_other() {
    let document = files::document().unwrap();
    let components = document.root().get("components").map(Node::to_json).unwrap_or_default();
    let mut wrong = Vec::new();
    for (name, schema) in document.schemas() {
        let arms = schema.get("oneOf").and_then(Node::as_array).unwrap_or_default();
        let validators: Vec<_> = arms.iter().map(|arm| validator(&components, arm)).collect();
        for (at, arm) in arms.iter().enumerate() {
            for value in examples(&document, arm) {
                let value = value.to_json();
                let fitting: Vec<usize> =
                    validators.iter().enumerate().filter(|(_, v)| v.is_valid(&value)).map(|(at, _)| at).collect();
                if fitting != [at] {
                    wrong.push(format!("{name}: an example of arm {at} fits arms {fitting:?}: {value}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_body_is_told_from_a_right_one() {
    // The validator above must be able to fail.
    let document = files::document().unwrap();
    let components = document.root().get("components").map(Node::to_json).unwrap_or_default();
    for case in CASES.iter().filter(|case| case.body_type.is_some()) {
        let validator = validator(&components, body_schema(&document, case.id));
        assert!(!validator.is_valid(&json!("no object")), "{}", case.id);
    }
}

#[test]
fn json_schemas_of_the_types_ask_for_the_same_members() {
    let document = files::document().unwrap();
    let mut compared = 0;
    for case in CASES {
        let Some(body) = case.body_type else { continue };
        let Some(schema) = document.resolve(body_schema(&document, case.id)) else { continue };
        if ["oneOf", "anyOf", "allOf"].iter().any(|combiner| schema.get(combiner).is_some()) {
            continue;
        }
        let of_type = (body.json_schema)();
        // A type that takes any member has a place for those without a field of their own.
        if of_type.get("additionalProperties").is_some() && schema.get("additionalProperties").is_none() {
            continue;
        }
        let names = |node: Option<&Value>| -> BTreeSet<String> {
            let required = node.and_then(Value::as_array).cloned().unwrap_or_default();
            required.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let declared = schema.to_json();
        assert_eq!(names(of_type.get("required")), names(declared.get("required")), "{}", case.id);
        let keys = |value: &Value| -> BTreeSet<String> {
            value
                .get("properties")
                .and_then(Value::as_object)
                .map(|map| map.keys().cloned().collect())
                .unwrap_or_default()
        };
        assert_eq!(keys(&of_type), keys(&declared), "{}", case.id);
        compared += 1;
    }
    println!("{compared} types compared");
    assert!(compared > 0 || CASES.iter().all(|case| case.body_type.is_none()));
}
