//! The references of a document to a refusal, where one leads out of it, nowhere, or in a circle without a value.

use std::collections::HashSet;

use super::rules::operation_of;
use crate::document::{Document, MAX_HOPS, Node, Object, RawDocument, Refusal, Value, child, local_reference};

/// Follows every reference of the document until a value stands there.
///
/// # Errors
/// [`Refusal::UnsafeReference`], [`Refusal::DanglingReference`], [`Refusal::CircularReference`] or, beyond [`MAX_HOPS`],
/// [`Refusal::TooDeep`]: the first met, with its operation, pointer, line and column.
pub fn references(document: &Document, raw: &RawDocument) -> Result<(), Refusal> {
    let mut sound = HashSet::new();
    let mut refusal = None;
    walk(document.root(), "", Keys::Keywords, &mut |node, pointer| {
        let Some(reference) = node.text_at("$ref").filter(|_| refusal.is_none()) else { return };
        if sound.contains(reference) {
            return;
        }
        match follow(document, reference) {
            Ok(hops) if hops > MAX_HOPS => {
                let (line, _) = raw.position(node.span);
                refusal = Some(Refusal::TooDeep { what: "a reference to a reference, and so on", line });
            }
            Ok(_) => {
                sound.insert(reference);
            }
            Err(refuse) => {
                let (line, column) = raw.position(node.span);
                let at = operation_of(pointer).unwrap_or_else(|| pointer.to_owned());
                refusal = Some(refuse(format!("in {at}, line {line}, column {column}")));
            }
        }
    });
    refusal.map_or(Ok(()), Err)
}

/// What the keys of an object are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// Keywords of OpenAPI, extensions among them.
    Keywords,
    /// Names that the author gave: of properties, components, headers.
    Names,
}

/// Keywords whose objects have names as keys.
const OF_NAMES: [&str; 19] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "definitions",
    "schemas",
    "responses",
    "parameters",
    "headers",
    "requestBodies",
    "securitySchemes",
    "links",
    "callbacks",
    "pathItems",
    "mediaTypes",
    "content",
    "encoding",
    "variables",
    "mapping",
];
/// Keywords under which `$ref` is only a word: these hold values of the API.
const VALUES: [&str; 5] = ["example", "examples", "default", "enum", "const"];

/// Calls `visit` for every node of the document's own language: values and extensions are left to those who wrote them.
fn walk<'a>(node: &'a Node, pointer: &str, keys: Keys, visit: &mut dyn FnMut(&'a Node, &str)) {
    if keys == Keys::Keywords {
        visit(node, pointer);
    }
    let (open, object) = match &node.value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &child(pointer, &at.to_string()), Keys::Keywords, visit);
            }
            return;
        }
        Value::Object(object) => (keys == Keys::Names, object),
        _ => return,
    };
    // What this program keeps aside of a newer version has the language of the rest.
    let foreign =
        |key: &str| key.starts_with("x-") && !matches!(key, "x-webhooks" | "x-query" | "x-additionalOperations");
    for (key, value) in Object::iter(object).filter(|(key, _)| open || !(VALUES.contains(key) || foreign(key))) {
        let below =
            if !open && OF_NAMES.contains(&key) && value.as_object().is_some() { Keys::Names } else { Keys::Keywords };
        walk(value, &child(pointer, key), below, visit);
    }
}

type Refuse = Box<dyn FnOnce(String) -> Refusal>;

/// How many references stand one behind the other.
fn follow(document: &Document, first: &str) -> Result<usize, Refuse> {
    let mut passed = HashSet::new();
    let mut reference = first;
    loop {
        let text = first.to_owned();
        let Some(pointer) = local_reference(reference) else {
            let why = "it leads out of the document".to_owned();
            return Err(Box::new(|place| Refusal::UnsafeReference { reference: text, why, place }));
        };
        if !passed.insert(reference) {
            return Err(Box::new(|place| Refusal::CircularReference { reference: text, place }));
        }
        let Some(target) = document.root().pointer(&pointer) else {
            return Err(Box::new(|place| Refusal::DanglingReference { reference: text, place }));
        };
        match next(target) {
            Some(further) => reference = further,
            None => return Ok(passed.len()),
        }
    }
}

fn next(node: &Node) -> Option<&str> {
    node.text_at("$ref")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::convert;

    fn refused(schema: &str, schemas: &str) -> Option<Refusal> {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{}}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: ok\n          \
             content: {{application/json: {{schema: {schema}}}}}\ncomponents: {{schemas: {schemas}}}\n"
        );
        let raw = RawDocument::read(text.as_bytes()).unwrap();
        references(&convert(&raw).unwrap().0, &raw).err()
    }

    #[test]
    fn tells_the_ways_a_reference_fails_and_where() {
        let place = "in GET /a, line 9, column 48".to_owned();
        let out = "{$ref: '../other.yaml#/A'}";
        assert!(matches!(refused(out, "{}"), Some(Refusal::UnsafeReference { place: at, .. }) if at == place));
        let nowhere = refused("{$ref: '#/components/schemas/B'}", "{}");
        let reference = "#/components/schemas/B".to_owned();
        assert_eq!(nowhere, Some(Refusal::DanglingReference { reference: reference.clone(), place: place.clone() }));
        let circle = "{B: {$ref: '#/components/schemas/C'}, C: {$ref: '#/components/schemas/B'}}";
        let found = refused("{$ref: '#/components/schemas/B'}", circle);
        assert_eq!(found, Some(Refusal::CircularReference { reference, place }));
    }

    #[test]
    fn a_reference_in_an_extension_or_a_value_is_only_a_word() {
        for schema in [
            "{type: string, x-of: {$ref: '#/nowhere'}}",
            "{type: object, x-list: [{deep: {$ref: other.yaml}}], default: {$ref: '#/nowhere'}, enum: [{$ref: '#/nowhere'}]}",
            "{type: object, properties: {$ref: {type: string}, x-a: {type: string, example: {$ref: '#/no'}}}}",
        ] {
            assert_eq!(refused(schema, "{}"), None, "{schema}");
        }
        for schema in [
            "{type: object, properties: {x-a: {$ref: '#/nowhere'}}}",
            "{type: object, properties: {default: {$ref: '#/nowhere'}, example: {type: string}}}",
            "{type: object, patternProperties: {x-a: {$ref: '#/nowhere'}}, additionalProperties: {$ref: '#/nowhere'}}",
        ] {
            assert!(matches!(refused(schema, "{}"), Some(Refusal::DanglingReference { .. })), "{schema}");
        }
    }

    #[test]
    fn a_schema_that_contains_itself_is_no_circle() {
        let tree = "{B: {type: object, properties: {below: {$ref: '#/components/schemas/B'}}}}";
        assert_eq!(refused("{$ref: '#/components/schemas/B'}", tree), None);
    }
}
