//! Values made from a schema of the document, through the Rust type and back, twice.

use serde_json::{Value, json};
use swpanel_build_tools::document::{Document, Node};
use swpanel_build_tools::examples::examples;

use crate::{BodyType, same};

/// How many values were sent, and what went wrong with some.
pub(super) fn trips(document: &Document, schema: &Node, of: &BodyType) -> Result<(usize, Vec<String>), String> {
    let components = document.root().get("components").map(Node::to_json).unwrap_or_default();
    // OpenAPI 3.0's schemas are draft 4's, as far as ours use them.
    let whole = json!({"allOf": [schema.to_json()], "components": components});
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&whole);
    let validator = validator.map_err(|error| format!("{}: {error}", of.name))?;
    let mut failed = Vec::new();
    let values = examples(document, schema);
    for value in &values {
        let before = value.to_json();
        if let Err(why) = one(&before, of, &validator) {
            failed.push(why);
        }
    }
    Ok((values.len(), failed))
}

fn one(before: &Value, of: &BodyType, validator: &jsonschema::Validator) -> Result<(), String> {
    let first = (of.again)(&before.to_string()).map_err(|error| format!("{before} is not taken: {error}"))?;
    if let Some(error) = validator.iter_errors(&first).next() {
        return Err(format!("{before} came back as {first}, which the document does not allow: {error}"));
    }
    if !same(before, &first) {
        return Err(format!("{before} came back as {first}"));
    }
    let second = (of.again)(&first.to_string()).map_err(|error| format!("{first} is not taken again: {error}"))?;
    if first == second { Ok(()) } else { Err(format!("{first} came back as {second} from a second trip")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use swpanel_build_tools::document::{RawDocument, convert};

    use super::*;

    fn failed(again: fn(&str) -> Result<Value, String>) -> Vec<String> {
        let whole = json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"204": {"description": "gone"}}}}},
            "components": {"schemas": {"It": {"type": "object", "required": ["a"], "properties": {
                "a": {"type": "string"}, "b": {"type": "integer"}}}}}});
        let (document, _) = convert(&RawDocument::read(whole.to_string().as_bytes()).unwrap()).unwrap();
        let schema = document.root().pointer("/components/schemas/It").unwrap();
        let of = BodyType { name: "It", again, json_schema: || json!({}) };
        let (sent, failed) = trips(&document, schema, &of).unwrap();
        assert!(sent > 0);
        failed
    }

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn without(text: &str, name: &str) -> Value {
        let mut value = read(text);
        value.as_object_mut().unwrap().remove(name);
        value
    }

    #[test]
    fn a_type_that_loses_or_changes_a_value_fails() {
        assert_eq!(failed(|text| Ok(read(text))), [""; 0]);
        assert!(!failed(|_| Err("no".to_owned())).is_empty());
        let lost = failed(|text| Ok(without(text, "a")));
        assert!(lost.iter().all(|why| why.contains("does not allow")) && !lost.is_empty(), "{lost:?}");
        let dropped = failed(|text| Ok(without(text, "b")));
        assert!(dropped.iter().any(|why| why.contains("came back as")), "{dropped:?}");
        let unstable = failed(|text| Ok(json!({"a": format!("{}!", read(text)["a"].as_str().unwrap())})));
        assert!(!unstable.is_empty());
    }
}
