//! Types of records that the document has by inference only: no evidence shows a call with them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::table::{Command, DOCUMENT};

/// The member of a schema that no evidence shows.
const MARK: &str = "x-swpanel-inferred";

/// The inferred types of the create call; none where the document marks none.
pub(crate) fn types(create: &Command) -> BTreeSet<String> {
    let Some(body) = &create.body else { return BTreeSet::new() };
    let Ok(document) = serde_json::from_slice::<Value>(DOCUMENT) else { return BTreeSet::new() };
    let schema = document.pointer(body.pointer).map(|schema| resolved(&document, schema));
    let record =
        schema.and_then(|schema| schema.pointer("/properties/record")).map(|record| resolved(&document, record));
    let arms = record.and_then(|record| record.get("oneOf").or_else(|| record.get("anyOf"))).and_then(Value::as_array);
    let arms = arms.into_iter().flatten().map(|arm| resolved(&document, arm));
    let inferred = arms.filter(|arm| arm.get(MARK) == Some(&Value::Bool(true)));
    inferred.filter_map(|arm| arm.pointer("/properties/type/enum/0")?.as_str().map(str::to_owned)).collect()
}

/// What a reference within the document leads to, or the schema itself.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}
