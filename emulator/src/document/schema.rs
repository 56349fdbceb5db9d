//! Makes a schema of the document stand alone as JSON Schema 2020-12, with the components that it reaches.
//!
//! OpenAPI 3.0 says `nullable` and boolean `exclusiveMinimum`, which a validator of JSON Schema does not know. For
//! requests objects are also closed: the document leaves them open since nobody promised a full list of members, but
//! here a mistyped name must be found, not swallowed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::shape::resolve;

/// Whether an object may have members that the document does not name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    Open,
    Closed,
}

/// The member of a schema that no evidence shows.
const INFERRED: &str = "x-swpanel-inferred";

/// How the schemas of a document are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) members: Members,
    /// Whether what is only inferred counts.
    pub(super) inferred: bool,
}

/// The schema, with everything it refers to under `$defs`.
pub(super) fn standalone(tree: &Value, schema: &Value, reading: Reading) -> Value {
    let mut work = Work { tree, reading, names: BTreeMap::new(), waiting: Vec::new(), parts: BTreeSet::new() };
    // Parts of a whole are known before anything is closed: a part does not know its sisters' members.
    let mut waiting = vec![schema];
    let mut seen = BTreeSet::new();
    while let Some(node) = waiting.pop() {
        work.scan(node, &mut seen, &mut waiting);
    }
    let mut root = match work.convert(schema, false) {
        Value::Object(root) => root,
        other => return other,
    };
    let mut defs = Map::new();
    while let Some(pointer) = work.waiting.pop() {
        let Some(name) = work.names.get(&pointer).cloned() else { continue };
        let part = work.parts.contains(&pointer);
        let converted = tree.pointer(&pointer).map_or(Value::Bool(true), |target| work.convert(target, part));
        defs.insert(name, converted);
    }
    if !defs.is_empty() {
        root.insert("$defs".to_owned(), Value::Object(defs));
    }
    Value::Object(root)
}

struct Work<'a> {
    tree: &'a Value,
    reading: Reading,
    /// Pointer of a component to its name under `$defs`.
    names: BTreeMap<String, String>,
    /// Pointers of components that have a name and are still to be converted.
    waiting: Vec<String>,
    /// Components that stand in an `allOf`, or in a choice beside `properties`.
    parts: BTreeSet<String>,
}

/// The JSON pointer of a reference inside the document.
pub(super) fn pointer_of(reference: &str) -> Option<String> {
    reference.strip_prefix('#').map(|rest| percent_encoding::percent_decode_str(rest).decode_utf8_lossy().into_owned())
}

fn reference(node: &Value) -> Option<&str> {
    node.get("$ref").and_then(Value::as_str)
}

impl<'a> Work<'a> {
    /// Whether a schema is left out, since it is only inferred.
    fn omits(&self, schema: &Value) -> bool {
        !self.reading.inferred && resolve(self.tree, schema).get(INFERRED) == Some(&Value::Bool(true))
    }

    fn scan(&mut self, node: &'a Value, seen: &mut BTreeSet<String>, waiting: &mut Vec<&'a Value>) {
        if let Some(pointer) = reference(node).and_then(pointer_of) {
            if seen.insert(pointer.clone()) {
                waiting.extend(self.tree.pointer(&pointer));
            }
            return;
        }
        let Some(members) = node.as_object() else { return };
        let has_properties = members.contains_key("properties");
        for (word, value) in members {
            match (word.as_str(), value) {
                ("properties" | "patternProperties", Value::Object(inner)) => waiting.extend(inner.values()),
                ("allOf" | "oneOf" | "anyOf", Value::Array(inner)) => {
                    if word == "allOf" || has_properties {
                        self.parts.extend(inner.iter().filter_map(reference).filter_map(pointer_of));
                    }
                    waiting.extend(inner);
                }
                ("items" | "additionalProperties" | "not", inner) => waiting.push(inner),
                _ => {}
            }
        }
    }

    /// A property; one that is left out may not be there at all, even where unknown ones may.
    fn property(&mut self, schema: &Value) -> Value {
        if self.omits(schema) { Value::Bool(false) } else { self.convert(schema, false) }
    }

    fn convert(&mut self, node: &Value, part: bool) -> Value {
        let Some(members) = node.as_object() else { return node.clone() };
        if let Some(pointer) = reference(node).and_then(pointer_of) {
            let next = format!("d{}", self.names.len());
            let waiting = &mut self.waiting;
            let name = self.names.entry(pointer).or_insert_with_key(|pointer| {
                waiting.push(pointer.clone());
                next
            });
            return json!({"$ref": format!("#/$defs/{name}")});
        }
        let composed = members.contains_key("allOf");
        let choices = members.contains_key("oneOf") || members.contains_key("anyOf");
        let has_properties =
            members.get("properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty());
        let mut out = Map::new();
        for (word, value) in members {
            let converted = match (word.as_str(), value) {
                ("properties" | "patternProperties", Value::Object(inner)) => {
                    Value::Object(inner.iter().map(|(name, schema)| (name.clone(), self.property(schema))).collect())
                }
                ("allOf", Value::Array(inner)) => inner.iter().map(|schema| self.convert(schema, true)).collect(),
                ("oneOf" | "anyOf", Value::Array(inner)) => {
                    let part = part || has_properties;
                    let arms: Vec<&Value> = inner.iter().filter(|schema| !self.omits(schema)).collect();
                    if arms.is_empty() && !inner.is_empty() {
                        return Value::Bool(false);
                    }
                    arms.into_iter().map(|schema| self.convert(schema, part)).collect()
                }
                ("items" | "additionalProperties" | "not", inner) => self.convert(inner, false),
                ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_)) => continue,
                ("minimum" | "maximum", limit) => {
                    let exclusive = if word == "minimum" { "exclusiveMinimum" } else { "exclusiveMaximum" };
                    if members.get(exclusive) == Some(&Value::Bool(true)) {
                        out.insert(exclusive.to_owned(), limit.clone());
                        continue;
                    }
                    limit.clone()
                }
                (
                    "type" | "enum" | "const" | "required" | "format" | "pattern" | "minLength" | "maxLength"
                    | "minItems" | "maxItems" | "uniqueItems" | "multipleOf" | "minProperties" | "maxProperties"
                    | "exclusiveMinimum" | "exclusiveMaximum",
                    other,
                ) => other.clone(),
                // Annotations and words that do not limit anything.
                _ => continue,
            };
            out.insert(word.clone(), converted);
        }
        if self.reading.members == Members::Closed && !part && !members.contains_key("additionalProperties") {
            if composed || (choices && has_properties) {
                out.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            } else if has_properties {
                out.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        if members.get("nullable") == Some(&Value::Bool(true)) {
            return json!({"anyOf": [{"type": "null"}, Value::Object(out)]});
        }
        Value::Object(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Reading = Reading { members: Members::Closed, inferred: true };
    const OPEN: Reading = Reading { members: Members::Open, inferred: true };

    fn accepts(schema: &Value, value: &Value) -> bool {
        jsonschema::draft202012::new(schema).unwrap().is_valid(value)
    }

    #[test]
    fn closes_objects_but_not_the_parts_of_a_whole() {
        let tree = json!({"components": {"schemas": {
            "Base": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Whole": {"allOf": [{"$ref": "#/components/schemas/Base"}], "properties": {"b": {"type": "string"}}},
            "Plain": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Plain"}}}
        }}});
        let whole = standalone(&tree, &json!({"$ref": "#/components/schemas/Whole"}), ALL);
        assert!(accepts(&whole, &json!({"a": "x", "b": "y"})));
        assert!(!accepts(&whole, &json!({"a": "x", "c": "y"})));
        let plain = standalone(&tree, &json!({"$ref": "#/components/schemas/Plain"}), ALL);
        assert!(accepts(&plain, &json!({"next": {"next": {}}})));
        assert!(!accepts(&plain, &json!({"next": {"last": {}}})));
        let open = standalone(&tree, &json!({"$ref": "#/components/schemas/Plain"}), OPEN);
        assert!(accepts(&open, &json!({"next": {"last": {}}})));
    }

    #[test]
    fn reads_the_words_of_openapi_3_0() {
        let schema = standalone(
            &Value::Null,
            &json!({"type": "integer", "nullable": true, "minimum": 3, "exclusiveMinimum": true, "example": 1}),
            OPEN,
        );
        assert!(accepts(&schema, &Value::Null));
        assert!(accepts(&schema, &json!(4)));
        assert!(!accepts(&schema, &json!(3)));
    }

    #[test]
    fn what_is_inferred_can_be_left_out() {
        let kind =
            |name: &str| json!({"type": "object", "required": ["type"], "properties": {"type": {"enum": [name]}}});
        let mut inferred = kind("B");
        inferred[INFERRED] = json!(true);
        let tree = json!({"components": {"schemas": {"A": kind("A"), "B": inferred}}});
        let arms = json!([{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]);
        let strict = Reading { inferred: false, ..OPEN };
        for (reading, takes_it) in [(OPEN, true), (ALL, true), (strict, false)] {
            let schema = standalone(&tree, &json!({"oneOf": arms}), reading);
            assert!(accepts(&schema, &json!({"type": "A"})));
            assert_eq!(accepts(&schema, &json!({"type": "B"})), takes_it);
            let only = standalone(&tree, &json!({"oneOf": [arms[1]]}), reading);
            assert_eq!(accepts(&only, &json!({"type": "B"})), takes_it);
            let member = json!({"properties": {"a": {"type": "string"}, "b": {"type": "string", (INFERRED): true}}});
            let mut open = member.clone();
            open["additionalProperties"] = json!({});
            for schema in [member, open].map(|schema| standalone(&tree, &schema, reading)) {
                assert!(accepts(&schema, &json!({"a": "x"})));
                assert_eq!(accepts(&schema, &json!({"a": "x", "b": "y"})), takes_it);
            }
        }
    }
}
