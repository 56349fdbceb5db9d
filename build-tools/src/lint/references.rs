//! The references of a document to a refusal, where one leads out of it, nowhere, or in a circle without a value.

use std::collections::HashSet;

use super::rules::{operation_of, walk};
use crate::document::{Document, MAX_HOPS, Node, RawDocument, Refusal, local_reference};

/// Follows every reference of the document until a value stands there.
///
/// # Errors
/// [`Refusal::UnsafeReference`], [`Refusal::DanglingReference`], [`Refusal::CircularReference`] or, beyond [`MAX_HOPS`],
/// [`Refusal::TooDeep`]: the first met, with its operation, pointer, line and column.
pub fn references(document: &Document, raw: &RawDocument) -> Result<(), Refusal> {
    let mut sound = HashSet::new();
    let mut refusal = None;
    walk(document.root(), "", &mut |node, pointer| {
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
    fn a_schema_that_contains_itself_is_no_circle() {
        let tree = "{B: {type: object, properties: {below: {$ref: '#/components/schemas/B'}}}}";
        assert_eq!(refused("{$ref: '#/components/schemas/B'}", tree), None);
    }
}
