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
