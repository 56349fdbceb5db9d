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

/// What `text` has between a line that begins an item and the end of that item.
fn item<'a>(text: &'a str, start: &str) -> &'a str {
    let at = text.find(start).unwrap_or_else(|| panic!("no `{start}`"));
    let rest = &text[at..];
    &rest[..rest.find("\n    }\n").unwrap_or(rest.len())]
}

/// Text without the breaks and blanks that only lay it out.
fn flat(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The body of the `send` of an operation's builder, [`flat`].
fn send(code: &str, builder: &str) -> String {
    let own = &code[code.find(&format!("impl<'a> {builder}<'a>")).unwrap_or_else(|| panic!("no builder {builder}"))..];
    let at = own.find("pub async fn send(").unwrap();
    flat(&own[at..at + own[at..].find("send_blocking").unwrap()])
}

#[test]
fn a_choice_is_decoded_by_its_tag_and_an_unknown_one_is_kept() {
    let outcome = made(&fixture("doc-41-api.yaml"));
    let event = item(&outcome.code, "impl<'de> ::serde::Deserialize<'de> for Event {");
    assert!(event.contains(r#"Some("\"added\"")"#) && event.contains(r#"Some("\"removed\"")"#), "{event}");
    assert!(
        event.contains("_ => return ::std::result::Result::Ok(Self::Unknown(value))")
            || event.contains("Self::Unknown(value)"),
        "{event}"
    );
    let multi = item(&outcome.code, "impl<'de> ::serde::Deserialize<'de> for Multi {");
    assert!(
        multi.contains(r#"Some("\"text\"") | Some("\"html\"")"#) && multi.contains(r#"Some("\"video\"")"#),
        "{multi}"
    );
    assert!(!losses(&outcome).contains(&"choice-untagged"), "{:?}", losses(&outcome));
    for (schemas, tagged) in [
        // Arms that stand in the choice, a tag that is a number, a tag in a part, a mapping to a name.
        (
            "{S: {oneOf: [{type: object, required: [k], properties: {k: {type: string, enum: [a]}}}, {type: object, required: [k], properties: {k: {type: string, enum: [b]}}}]}}",
            true,
        ),
        (
            "{S: {anyOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}, A: {type: object, required: [v], properties: {v: {type: integer, enum: [1]}}}, B: {type: object, required: [v], properties: {v: {type: integer, enum: [2]}}}}",
            true,
        ),
        (
            "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}, Base: {type: object, required: [k], properties: {k: {type: string}}}, A: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {k: {type: string, enum: [a]}}}]}, B: {allOf: [{$ref: '#/components/schemas/Base'}, {properties: {k: {type: string, enum: [b]}}}]}}",
            true,
        ),
        (
            "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {x: A, y: '#/components/schemas/B'}}}, A: {type: object, properties: {k: {type: string}}}, B: {type: object, properties: {k: {type: string}}}}",
            true,
        ),
        (
            "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k}}, A: {type: object, properties: {k: {type: string}}}, B: {type: object, properties: {k: {type: string}, s: {$ref: '#/components/schemas/S'}}}}",
            true,
        ),
        // Nothing tells these apart: the same values, a tag that may be missing, no tag.
        (
            "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}, A: {type: object, required: [k], properties: {k: {type: string, enum: [a, b]}}}, B: {type: object, required: [k], properties: {k: {type: string, enum: [b]}}}}",
            false,
        ),
        (
            "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}, A: {type: object, properties: {k: {type: string, enum: [a]}}}, B: {type: object, properties: {k: {type: string, enum: [b]}}}}",
            false,
        ),
        (
            "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}, A: {type: object, properties: {x: {type: string}}}, B: {type: object, properties: {x: {type: string}, y: {type: string}}}}",
            false,
        ),
    ] {
        let outcome = made(with_schemas(schemas).as_bytes());
        assert!(outcome.dropped.is_empty(), "{schemas}: {:?}", outcome.dropped);
        assert_eq!(outcome.code.contains("Deserialize<'de> for S {"), tagged, "{schemas}");
        assert_eq!(losses(&outcome).contains(&"choice-untagged"), !tagged, "{schemas}: {:?}", losses(&outcome));
    }
    // What a required property tells apart needs no tag.
    let told = "{S: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}, A: {type: object, required: [x], properties: {x: {type: string}}}, B: {type: object, required: [y], properties: {y: {type: string}}}}";
    assert!(!losses(&made(with_schemas(told).as_bytes())).contains(&"choice-untagged"));
}

/// A document with one operation that has these parameters, as flow YAML.
fn with_parameters(path: &str, parameters: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  {path}:\n    get:\n      operationId: look\n      parameters: {parameters}\n      responses: {{'204': {{description: ok}}}}\n"
    )
}

#[test]
fn parameters_are_written_as_the_document_says_or_are_handed_off_alone() {
    let object = "{type: object, properties: {x: {type: integer}, y: {type: string}}}";
    for (parameter, wanted) in [
        ("{name: n, in: query, explode: false, schema: {type: array, items: {type: string}}}".to_owned(), r#"Spelling::Joined(",")"#),
        ("{name: n, in: query, style: pipeDelimited, schema: {type: array, items: {type: integer}}}".to_owned(), r#"Spelling::Joined("|")"#),
        ("{name: n, in: query, style: spaceDelimited, explode: false, schema: {type: array, items: {type: integer}}}".to_owned(), r#"Spelling::Joined(" ")"#),
        (format!("{{name: n, in: query, schema: {object}}}"), "Spelling::Pairs"),
        (format!("{{name: n, in: query, required: true, schema: {object}}}"), "Spelling::Pairs"),
        (format!("{{name: n, in: query, explode: false, schema: {object}}}"), r#"Spelling::Joined(",")"#),
        (format!("{{name: n, in: query, style: deepObject, required: true, schema: {object}}}"), "Spelling::Deep"),
        (format!("{{name: n, in: query, content: {{application/json: {{schema: {object}}}}}}}"), "Spelling::Json"),
        ("{name: n, in: query, schema: {type: object, additionalProperties: {type: string}}}".to_owned(), "Spelling::Pairs"),
        ("{name: n, in: query, schema: {}}".to_owned(), "Spelling::Pairs"),
        ("{name: X-N, in: header, required: true, schema: {type: array, items: {type: string}}}".to_owned(), r#"Spelling::Joined(",")"#),
        ("{name: X-N, in: header, schema: {type: array, items: {type: string}}}".to_owned(), r#"Spelling::Joined(",")"#),
        (format!("{{name: X-N, in: header, explode: true, schema: {object}}}"), r#"Spelling::JoinedPairs(",")"#),
    ] {
        let outcome = made(with_parameters("/a", &format!("[{parameter}, {{name: q, in: query, schema: {{type: string}}}}]")).as_bytes());
        assert!(outcome.dropped.is_empty(), "{parameter}: {:?}", outcome.dropped);
        let send = send(&outcome.code, "Look");
        assert!(send.contains(&flat(wanted)), "{parameter}: {send}");
        assert!(send.contains(r#"QueryParam::new("q",&q)"#), "{parameter}: {send}");
    }
    let list = with_parameters(
        "/a/{ids}",
        "[{name: ids, in: path, required: true, schema: {type: array, items: {type: string}}}]",
    );
    let outcome = made(list.as_bytes());
    assert!(
        send(&outcome.code, "Look").contains("crate::runtime::wire::text") && outcome.dropped.is_empty(),
        "{:?}",
        outcome.dropped
    );
    // A list of objects, an object of lists, a cookie: the parameter is handed off, not the operation.
    for parameter in [
        "{name: n, in: query, schema: {type: array, items: {type: object, properties: {x: {type: integer}}}}}",
        "{name: n, in: query, style: deepObject, schema: {type: object, properties: {x: {type: array, items: {type: string}}}}}",
        "{name: n, in: query, schema: {type: object, properties: {x: {type: object, properties: {y: {type: string}}}}}}",
        "{name: n, in: cookie, schema: {type: string}}",
    ] {
        let outcome = made(with_parameters("/a", &format!("[{parameter}]")).as_bytes());
        assert!(outcome.dropped.is_empty() && losses(&outcome).contains(&"parameter-not-generated"), "{parameter}");
        let required = parameter.replacen("{name", "{required: true, name", 1);
        let outcome = made(with_parameters("/a", &format!("[{required}]")).as_bytes());
        assert_eq!(outcome.dropped.len(), 1, "{required}");
    }
}

#[test]
fn parameters_of_one_name_each_have_a_setter() {
    let outcome = made(&fixture("doc-08-api.yaml"));
    assert!(outcome.dropped.is_empty(), "{:?}", outcome.dropped);
    let send = send(&outcome.code, "PathAndQuery");
    assert!(send.contains(r#"QueryParam::new("id",&id_in_query)"#) && send.contains("\"id\",id_in_header"), "{send}");
    assert!(outcome.findings.iter().any(|placed| placed.finding.rule == "path-name-twice"), "{:?}", outcome.findings);
}

#[test]
fn every_documented_success_has_a_place() {
    let outcome = made(&fixture("doc-01-api.yaml"));
    assert!(outcome.dropped.is_empty(), "{:?}", outcome.dropped);
    let answer = item(&outcome.code, "pub enum StartJobAnswer {");
    for variant in ["Status200(Job)", "Status201(Made)", "Status202(crate::Binary)"] {
        assert!(answer.contains(variant), "{answer}");
    }
    let start = send(&outcome.code, "StartJob");
    assert!(start.contains("dispatch_by_status") && start.contains("application/json,text/plain"), "{start}");
    for builder in ["GetJob", "DeleteJob"] {
        let send = send(&outcome.code, builder);
        assert!(send.contains("dispatch_optional") && send.contains("::std::option::Option<types::Job>"), "{send}");
    }
}

#[test]
fn what_is_no_single_json_value_comes_as_bytes_and_is_asked_for() {
    let outcome = made(&fixture("doc-03-api.yaml"));
    for (builder, media) in
        [("Lines", "application/x-ndjson"), ("Events", "text/event-stream"), ("Log", "text/plain"), ("Csv", "text/csv")]
    {
        let send = send(&outcome.code, builder);
        assert!(send.contains("dispatch_bytes") && send.contains(&format!("from_static(\"{media}\")")), "{send}");
    }
    for media in ["application/jsonl", "application/json-seq", "application/x-ndjson; charset=utf-8"] {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{/a: {{get: {{operationId: look, responses: {{'200': {{description: ok, content: {{'{media}': {{schema: {{type: object}}}}}}}}}}}}}}}}\n"
        );
        assert!(send(&made(text.as_bytes()).code, "Look").contains("dispatch_bytes"), "{media}");
    }
    let hal = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {operationId: look, responses: {'200': {description: ok, content: {application/hal+json: {schema: {type: object}}}}}}}}\n";
    assert!(send(&made(hal.as_bytes()).code, "Look").contains("from_static(\"application/hal+json\")"));
}

#[test]
fn values_keep_their_range_and_a_null_that_cannot_be_sent_is_said() {
    let schemas = "{S: {type: object, properties: {big: {type: integer, format: uint64}, far: {type: integer, maximum: 18446744073709551615}, plain: {type: integer}, gone: {type: string, nullable: true}}}}";
    let outcome = made(with_schemas(schemas).as_bytes());
    let body = item(&outcome.code, "pub struct S {");
    assert!(
        body.contains("pub big: ::std::option::Option<u64>") && body.contains("pub far: ::std::option::Option<u64>"),
        "{body}"
    );
    assert!(body.contains("pub plain: ::std::option::Option<i64>"), "{body}");
    assert!(losses(&outcome).contains(&"null-not-sent"));
}

#[test]
fn conditions_send_no_property_twice() {
    let outcome = made(&fixture("doc-36-api.yaml"));
    assert!(outcome.dropped.is_empty(), "{:?}", outcome.dropped);
    assert!(!outcome.code.contains("subtype_0") && losses(&outcome).contains(&"condition-left-out"));
    let body = item(&outcome.code, "pub struct Req {");
    assert_eq!(body.matches("flatten").count(), 1, "only what the server adds is flattened: {body}");
}

#[test]
fn names_and_addresses_of_schemas_resolve() {
    for name in ["doc-37-dyn.yaml", "doc-37-dyn2.yaml"] {
        let outcome = made(&fixture(name));
        assert!(outcome.document.contains("#/components/schemas/Anchored"), "{name}");
        assert!(outcome.ledger.entries().iter().any(|entry| entry.rule == "identifier-resolved"), "{name}");
    }
}

#[test]
fn what_the_generator_cannot_do_takes_nothing_else_with_it() {
    // A query of the required list of objects is handed off; types that only other operations reach stay, also those that a
    // stand-in or one of several responses leads to.
    let text = "openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /bad: {post: {operationId: bad, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Bad'}}}}, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Bad'}}}}, '201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Only'}}}}}}}
  /good: {get: {operationId: good, parameters: [{name: f, in: query, schema: {$ref: '#/components/schemas/Filter'}}], responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}}, '201': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Later'}}}}}}}
components:
  schemas:
    Bad: {type: object, properties: {a-b: {type: string, enum: ['\\', '/']}, no: {$ref: '#/components/schemas/Only'}}}
    Only: {type: object, properties: {x: {type: string}}}
    Filter: {type: object, properties: {x: {type: string}}}
    Page: {type: object, properties: {items: {oneOf: [{$ref: '#/components/schemas/item'}, {type: array, items: {$ref: '#/components/schemas/item'}}]}}}
    item: {type: object, properties: {x: {type: string}}}
    Later: {type: object, properties: {x: {type: string}}}
";
    let outcome = made(text.as_bytes());
    for name in ["GoodAnswer", "struct Filter", "struct Item", "struct Later", "struct Page"] {
        assert!(outcome.code.contains(name), "{name}: {}", outcome.listing);
    }
}
