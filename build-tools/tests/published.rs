//! Inputs behind public reports of people who generate clients: each becomes a module whose names are proven, and what its
//! types say is what the document says.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::path::Path;

use swpanel_build_tools::document::Weight;
use swpanel_build_tools::sync::{Input, Outcome, sync};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/published").join(name)).unwrap()
}

fn made(bytes: &[u8]) -> Outcome {
    sync(&Input { raw: bytes, ..Input::default() }).unwrap_or_else(|error| panic!("{error}"))
}

/// A document with one body of schema `S`, both sent and received.
fn with_schemas(schemas: &str) -> String {
    let json = "content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}";
    format!(
        "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    post:\n      operationId: send_it\n      requestBody: {{required: true, {json}}}\n      \
         responses: {{'200': {{description: ok, {json}}}}}\n    get:\n      operationId: other\n      responses: {{'204': {{description: ok}}}}\ncomponents:\n  schemas: {schemas}\n"
    )
}

fn losses(outcome: &Outcome) -> Vec<&'static str> {
    let entries = outcome.ledger.entries().iter();
    entries.filter(|entry| entry.weight == Weight::Loss).map(|entry| entry.rule).collect()
}

#[test]
fn a_choice_of_a_schema_and_null_has_a_type_and_no_end_of_it() {
    for name in ["a-any", "b-typed", "d-oneof", "j-empty", "r-inresponse", "x-30"] {
        let outcome = made(&fixture(&format!("doc-35-{name}.json")));
        assert!(outcome.dropped.is_empty(), "{name}: {:?}", outcome.dropped);
        let option = outcome.code.contains("::std::option::Option<Prompt>")
            || outcome.code.contains("::std::option::Option<Zzz>")
            || outcome.code.contains("::std::option::Option<Z>");
        assert!(option, "{name}: {}", outcome.listing);
    }
    for null in [
        "{oneOf: [{type: object, properties: {a: {type: string}}}], nullable: true}",
        "{allOf: [{type: object, properties: {a: {type: string}}}], nullable: true}",
        "{allOf: [{type: array, items: {type: object, properties: {a: {type: string}}}}], nullable: true}",
        "{anyOf: [{type: string, enum: [a]}], nullable: true}",
        "{allOf: [{oneOf: [{type: object, properties: {a: {type: string}}}, {type: string}]}], nullable: true}",
        "{allOf: [{$ref: '#/components/schemas/B'}], nullable: true}",
        "{oneOf: [{$ref: '#/components/schemas/B'}, {type: integer, nullable: true}], nullable: true}",
    ] {
        let within = format!(
            "{{S: {{type: object, properties: {{x: {{$ref: '#/components/schemas/A'}}, y: {{type: array, items: {{$ref: '#/components/schemas/A'}}}}}}}}, A: {null}, B: {{type: object, properties: {{s: {{$ref: '#/components/schemas/S'}}}}}}}}"
        );
        for schemas in [
            within.clone(),
            format!(
                "{{S: {null}, A: {{type: string}}, B: {{type: object, properties: {{s: {{$ref: '#/components/schemas/S'}}}}}}}}"
            ),
        ] {
            let outcome = made(with_schemas(&schemas).as_bytes());
            assert!(outcome.dropped.is_empty(), "{schemas}: {:?}", outcome.dropped);
        }
    }
}

#[test]
fn a_schema_that_is_a_choice_of_itself_comes_to_an_end() {
    for schemas in [
        "{S: {oneOf: [{$ref: '#/components/schemas/S'}, {type: string}]}}",
        "{S: {anyOf: [{$ref: '#/components/schemas/A'}, {type: string}]}, A: {anyOf: [{$ref: '#/components/schemas/S'}, {type: integer}]}}",
        "{S: {allOf: [{$ref: '#/components/schemas/A'}]}, A: {allOf: [{$ref: '#/components/schemas/S'}]}}",
        "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {type: boolean}], nullable: true}, A: {allOf: [{$ref: '#/components/schemas/S'}], nullable: true}}",
        "{S: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {x: {type: string}}}]}, A: {allOf: [{$ref: '#/components/schemas/S'}, {type: object, properties: {y: {type: string}}}]}}",
    ] {
        let outcome = made(with_schemas(schemas).as_bytes());
        assert!(
            losses(&outcome).iter().any(|rule| matches!(*rule, "endless-opened" | "all-of-opened")),
            "{schemas}: {:?}",
            losses(&outcome)
        );
        assert!(outcome.dropped.is_empty(), "{schemas}: {:?}", outcome.dropped);
    }
    // These have an end, and a type.
    for schemas in [
        "{S: {type: object, properties: {s: {$ref: '#/components/schemas/S'}, up: {oneOf: [{$ref: '#/components/schemas/S'}, {type: string}]}}}}",
        "{S: {oneOf: [{type: object, properties: {s: {$ref: '#/components/schemas/S'}}}, {type: array, items: {$ref: '#/components/schemas/S'}}]}}",
        "{S: {type: object, required: [s], properties: {s: {$ref: '#/components/schemas/S'}}}}",
        "{S: {type: object, properties: {a: {allOf: [{$ref: '#/components/schemas/A'}], nullable: true}}}, A: {type: object, properties: {s: {$ref: '#/components/schemas/S'}}, nullable: true}}",
        "{S: {type: object, additionalProperties: {$ref: '#/components/schemas/S'}}}",
    ] {
        let outcome = made(with_schemas(schemas).as_bytes());
        assert!(
            outcome.dropped.is_empty() && !losses(&outcome).contains(&"endless-opened"),
            "{schemas}: {:?}",
            outcome.dropped
        );
    }
}

#[test]
fn a_made_up_type_name_never_meets_a_component() {
    let outcome = made(&fixture("doc-50-col6.json"));
    assert!(
        outcome.code.contains("enum AccountOwnership2") && outcome.code.contains("struct AccountOwnership "),
        "{}",
        outcome.listing
    );
    assert!(outcome.ledger.entries().iter().any(|entry| entry.rule == "type-renamed" && entry.weight == Weight::Mend));
    for schemas in [
        // Two places that make the same name, a list's item, a map's value, an arm of a choice, a body and an answer.
        "{S: {type: object, properties: {a: {type: object, properties: {b_c: {type: object, properties: {x: {type: string}}}}}, a_b: {type: object, properties: {c: {type: object, properties: {y: {type: string}}}}}}}}",
        "{S: {type: object, properties: {list: {type: array, items: {type: object, properties: {x: {type: string}}}}}}, SListItem: {type: object, properties: {s: {$ref: '#/components/schemas/S'}}}, Use: {type: string}, S2: {type: string}}",
        "{S: {type: object, properties: {map: {type: object, additionalProperties: {type: object, properties: {x: {type: string}, l: {$ref: '#/components/schemas/s_map_value'}}}}}}, s_map_value: {type: object, properties: {z: {type: integer}}}}",
        "{S: {oneOf: [{type: object, required: [k], properties: {k: {type: string}, in: {type: object, properties: {x: {$ref: '#/components/schemas/SVariant0In'}}}}}, {type: integer}]}, SVariant0In: {type: object, properties: {z: {type: integer}}}}",
        "{S: {type: object, nullable: true, properties: {x: {$ref: '#/components/schemas/SInner'}}}, SInner: {type: object, properties: {z: {type: integer}}}}",
        "{S: {type: object, properties: {x: {$ref: '#/components/schemas/SendIt'}, y: {$ref: '#/components/schemas/Other'}}}, SendIt: {type: object, properties: {z: {type: integer}}}, Other: {type: string}}",
    ] {
        let outcome = made(with_schemas(schemas).as_bytes());
        assert!(outcome.dropped.is_empty(), "{schemas}: {:?}", outcome.dropped);
    }
}

#[test]
fn a_component_is_found_however_its_name_is_written() {
    let outcome = made(&fixture("doc-51-shop1.json"));
    assert!(outcome.code.contains("crate::OneOrMany<crate::types::Resource>"), "{}", outcome.listing);
    for name in ["my-thing", "A1B", "HTTPServer", "v1.2", "3d", "some_thing"] {
        let schemas = format!(
            "{{S: {{type: object, properties: {{x: {{oneOf: [{{$ref: '#/components/schemas/{name}'}}, {{type: array, items: {{$ref: '#/components/schemas/{name}'}}}}]}}}}}}, {name}: {{type: object, properties: {{a: {{type: string}}}}}}}}"
        );
        let outcome = made(with_schemas(&schemas).as_bytes());
        assert!(
            outcome.dropped.is_empty() && outcome.code.contains("crate::OneOrMany<crate::types::"),
            "{name}: {:?}",
            outcome.dropped
        );
    }
}

#[test]
fn a_type_that_is_said_twice_is_said_once() {
    let outcome = made(&fixture("doc-52-allof-enum-named.json"));
    assert!(outcome.dropped.is_empty() && outcome.listing.contains("FE"), "{:?} {}", outcome.dropped, outcome.listing);
    for (property, part) in [
        ("{type: string, enum: [a], allOf: [{$ref: '#/components/schemas/T'}]}", ""),
        ("{enum: [a, b], allOf: [{$ref: '#/components/schemas/T'}]}", ""),
        ("{allOf: [{$ref: '#/components/schemas/T'}, {type: string, maxLength: 4}]}", ""),
        ("{allOf: [{$ref: '#/components/schemas/T'}, {description: d}]}", ""),
        ("{allOf: [{$ref: '#/components/schemas/O'}, {description: d, nullable: true}]}", "O>"),
        ("{type: object, allOf: [{$ref: '#/components/schemas/O'}]}", "O>"),
        ("{type: object, additionalProperties: {type: string}, allOf: [{$ref: '#/components/schemas/O'}]}", ""),
        ("{type: array, items: {type: string}, allOf: [{$ref: '#/components/schemas/L'}]}", ""),
        ("{type: string, oneOf: [{enum: [a]}, {pattern: x}]}", ""),
        ("{type: string, enum: [a], anyOf: [{type: string}, {type: integer}]}", ""),
        ("{type: object, properties: {a: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}", ""),
        (
            "{type: object, properties: {a: {type: string}}, oneOf: [{$ref: '#/components/schemas/O'}, {type: object, properties: {b: {type: string}}}]}",
            "",
        ),
        (
            "{type: object, properties: {a: {type: string}}, oneOf: [{$ref: '#/components/schemas/O'}, {type: string}]}",
            "",
        ),
        ("{type: object, oneOf: [{$ref: '#/components/schemas/O'}, {$ref: '#/components/schemas/P'}]}", ""),
        ("{oneOf: [{$ref: '#/components/schemas/O'}], anyOf: [{$ref: '#/components/schemas/P'}, {type: string}]}", ""),
        (
            "{type: object, properties: {a: {type: string}}, allOf: [{$ref: '#/components/schemas/O'}], oneOf: [{$ref: '#/components/schemas/P'}, {type: object, properties: {z: {type: string}}}]}",
            "",
        ),
        ("{not: {type: string}, type: integer}", ""),
        ("{type: string, properties: {a: {type: string}}}", ""),
    ] {
        let schemas = format!(
            "{{S: {{type: object, properties: {{e: {property}}}}}, T: {{type: string, enum: [a, b]}}, O: {{type: object, properties: {{o: {{type: string}}}}}}, P: {{type: object, properties: {{p: {{type: string}}}}}}, L: {{type: array, items: {{type: string}}}}}}"
        );
        let outcome = made(with_schemas(&schemas).as_bytes());
        assert!(outcome.dropped.is_empty(), "{property}: {:?}", outcome.dropped);
        assert!(outcome.listing.contains(part), "{property}: {}", outcome.listing);
        assert!(!outcome.code.contains("subtype_0"), "{property}");
    }
}
