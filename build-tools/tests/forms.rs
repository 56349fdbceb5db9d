//! Every form of a document becomes the same 3.0.3 document where it means the same, and what 3.0 cannot say is in the
//! ledger as a loss.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use serde_json::{Value, json};
use swpanel_build_tools::document::{Document, Node, RawDocument, Weight, convert};

fn converted(text: &str) -> (Document, Vec<(Weight, &'static str, String)>) {
    let (document, ledger) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
    let ledger = ledger.entries().iter().map(|entry| (entry.weight, entry.rule, entry.pointer.clone())).collect();
    (document, ledger)
}

/// A document of that version whose one schema is `S`.
fn with_schema(version: &str, schema: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths: {{/a: {{get: {{responses: {{'200': {{description: ok}}}}}}}}}}\ncomponents: {{schemas: {{S: {schema}}}}}\n"
    )
}

fn schema_of(document: &Document) -> Value {
    document.root().pointer("/components/schemas/S").unwrap().to_json()
}

/// A schema in the words of 3.1, the same in those of 3.0, and the rules that are lost, if any.
const SCHEMAS: &[(&str, &str, &[&str])] = &[
    ("{type: [string, 'null']}", r#"{"type":"string","nullable":true}"#, &[]),
    ("{type: ['null']}", r#"{"nullable":true,"enum":[null]}"#, &[]),
    ("{type: [string, integer]}", r#"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#, &[]),
    ("{const: a}", r#"{"type":"string","enum":["a"]}"#, &[]),
    ("{const: 1}", r#"{"type":"integer","enum":[1]}"#, &[]),
    ("{type: integer, exclusiveMinimum: 3}", r#"{"type":"integer","minimum":3,"exclusiveMinimum":true}"#, &[]),
    ("{type: integer, minimum: 5, exclusiveMinimum: 3}", r#"{"type":"integer","minimum":5}"#, &[]),
    ("{type: number, exclusiveMaximum: 3.5}", r#"{"type":"number","maximum":3.5,"exclusiveMaximum":true}"#, &[]),
    ("{type: string, examples: [a]}", r#"{"type":"string","example":"a"}"#, &[]),
    ("{type: string, examples: [a, b]}", r#"{"type":"string","example":"a"}"#, &["examples-to-example"]),
    ("{type: string, contentEncoding: base64}", r#"{"type":"string","format":"byte"}"#, &[]),
    ("{contentMediaType: application/octet-stream}", r#"{"type":"string","format":"binary"}"#, &[]),
    ("{oneOf: [{type: string}, {type: 'null'}]}", r#"{"allOf":[{"type":"string"}],"nullable":true}"#, &[]),
    (
        "{anyOf: [{type: string}, {type: integer}, {type: 'null'}]}",
        r#"{"anyOf":[{"type":"string"},{"type":"integer"}],"nullable":true}"#,
        &[],
    ),
    (
        "{type: array, prefixItems: [{type: string}, {type: integer}]}",
        r#"{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"integer"}]}}"#,
        &["tuple-as-array"],
    ),
    ("{type: object, properties: {x: true}}", r#"{"type":"object","properties":{"x":{}}}"#, &[]),
    ("{type: object, properties: {x: false}}", r#"{"type":"object","properties":{"x":{"not":{}}}}"#, &[]),
    (
        "{type: object, patternProperties: {'^x': {type: string}}}",
        r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
        &["pattern-properties"],
    ),
    (
        "{type: object, if: {type: object}, then: {required: [a]}}",
        r#"{"type":"object"}"#,
        &["keyword-lost", "keyword-lost"],
    ),
    (
        "{$ref: '#/components/schemas/T', description: d}",
        r##"{"allOf":[{"$ref":"#/components/schemas/T"}],"description":"d"}"##,
        &[],
    ),
    ("{type: string, nullable: true}", r#"{"type":"string","nullable":true}"#, &[]),
    ("{$schema: x, $comment: y, type: string}", r#"{"type":"string"}"#, &[]),
];

#[test]
fn schemas_of_3_1_in_the_words_of_3_0() {
    for (from, to, losses) in SCHEMAS {
        for version in ["3.1.0", "3.1.1", "3.2.0"] {
            let (document, ledger) = converted(&with_schema(version, from));
            assert_eq!(schema_of(&document), serde_json::from_str::<Value>(to).unwrap(), "{from}");
            let lost: Vec<&str> =
                ledger.iter().filter(|(weight, ..)| *weight == Weight::Loss).map(|(_, rule, _)| *rule).collect();
            assert_eq!(lost, *losses, "{from}");
        }
        // What is now 3.0 means the same when it is read again: nothing is left to rewrite.
        let (document, _) = converted(&with_schema("3.1.0", from));
        let (again, ledger) = converted(&document.to_canonical());
        assert_eq!((again, ledger), (document, vec![]), "{from}");
    }
}

#[test]
fn definitions_within_schemas_become_components() {
    let text = with_schema(
        "3.1.0",
        "{type: object, properties: {a: {$ref: '#/components/schemas/S/$defs/Inner'}}, $defs: {Inner: {type: string}}}",
    );
    let (document, _) = converted(&text);
    let root = document.root().to_json();
    assert_eq!(root["components"]["schemas"]["S"]["properties"]["a"], json!({"$ref": "#/components/schemas/Inner"}));
    assert_eq!(root["components"]["schemas"]["Inner"], json!({"type": "string"}));
}

#[test]
fn path_items_and_webhooks_of_3_1() {
    let text = "openapi: 3.1.0
info: {title: T, version: '1', summary: s}
paths: {/a: {$ref: '#/components/pathItems/A'}}
webhooks: {w: {post: {responses: {'200': {description: ok}}}}}
components: {pathItems: {A: {get: {operationId: a_list, responses: {'200': {description: ok}}}}}}
";
    let (document, ledger) = converted(text);
    assert_eq!(document.operations()[0].id(), "a_list");
    assert!(document.root().get("x-webhooks").is_some() && document.root().get("webhooks").is_none());
    let lost: Vec<_> = ledger.iter().filter(|(weight, ..)| *weight == Weight::Loss).collect();
    assert_eq!(lost, [&(Weight::Loss, "webhooks-kept-aside", "/webhooks".to_owned())]);
}

const SWAGGER: &str = "swagger: '2.0'
info: {title: T, version: '1'}
host: api.example.es
basePath: /v1/
schemes: [https]
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  basic: {type: basic}
  key: {type: apiKey, in: header, name: X-Key}
  auth: {type: oauth2, flow: accessCode, authorizationUrl: https://a/, tokenUrl: https://t/, scopes: {read: r}}
parameters:
  Page: {name: page, in: query, type: integer, minimum: 1}
  Body: {name: body, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
responses:
  Missing: {description: no, schema: {$ref: '#/definitions/Pet'}}
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
    get:
      parameters:
        - {$ref: '#/parameters/Page'}
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: multi}
        - {name: list, in: query, type: array, items: {type: string}}
      responses:
        '200': {description: ok, schema: {$ref: '#/definitions/Pet'}, examples: {application/json: {name: x}}, headers: {X-Rate: {type: integer}}}
        '404': {$ref: '#/responses/Missing'}
    put:
      parameters: [{$ref: '#/parameters/Body'}]
      responses: {'204': {description: ok}}
    post:
      consumes: [multipart/form-data]
      parameters:
        - {name: photo, in: formData, type: file, required: true}
        - {name: note, in: formData, type: string}
      responses: {'200': {description: ok, schema: {type: file}}}
definitions:
  Pet: {type: object, discriminator: kind, properties: {name: {type: string, x-nullable: true}, kind: {type: string}}}
";

const TWIN: &str = "openapi: 3.0.3
info: {title: T, version: '1'}
servers: [{url: https://api.example.es/v1}]
components:
  securitySchemes:
    basic: {type: http, scheme: basic}
    key: {type: apiKey, in: header, name: X-Key}
    auth: {type: oauth2, flows: {authorizationCode: {authorizationUrl: https://a/, tokenUrl: https://t/, scopes: {read: r}}}}
  parameters:
    Page: {name: page, in: query, schema: {type: integer, minimum: 1}}
  responses:
    Missing: {description: no, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  schemas:
    Pet: {type: object, discriminator: {propertyName: kind}, properties: {name: {type: string, nullable: true}, kind: {type: string}}}
paths:
  /pets/{id}:
    get:
      parameters:
        - {$ref: '#/components/parameters/Page'}
        - {name: tags, in: query, style: form, explode: true, schema: {type: array, items: {type: string}}}
        - {name: list, in: query, style: form, explode: false, schema: {type: array, items: {type: string}}}
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: ok
          headers: {X-Rate: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {name: x}}}
        '404': {$ref: '#/components/responses/Missing'}
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'204': {description: ok}}
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties: {photo: {type: string, format: binary}, note: {type: string}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: string, format: binary}}}}}
";

#[test]
fn swagger_2_and_its_twin_are_the_same_document() {
    let (from, ledger) = converted(SWAGGER);
    let (twin, nothing) = converted(TWIN);
    assert_eq!(from.to_canonical(), twin.to_canonical());
    assert_eq!(nothing, vec![]);
    assert!(ledger.iter().all(|(weight, ..)| *weight == Weight::Rewrite), "{ledger:?}");
}

/// A defect, the rule that mends it, and what then is at a pointer.
const DEFECTS: &[(&str, &str, &str, &str)] = &[
    (
        "openapi: 3.0.3\npaths: {/a: {get: {responses: {'200': {description: x}}}}}",
        "info-missing",
        "/info/title",
        "\"Untitled API\"",
    ),
    (
        "openapi: 3.0.3\ninfo: {title: T, version: 1}\npaths: {/a: {get: {responses: {'200': {description: x}}}}}",
        "info-not-text",
        "/info/version",
        "\"1\"",
    ),
    ("@{/a: {get: {}}}", "responses-missing", "/paths/~1a/get/responses/default/description", "\"\""),
    (
        "@{/a: {get: {responses: {4xx: {description: x}}}}}",
        "status-lower-case",
        "/paths/~1a/get/responses/4XX/description",
        "\"x\"",
    ),
    (
        "@{'/a/{id}': {get: {responses: {'200': {description: x}}}}}",
        "path-parameter-undeclared",
        "/paths/~1a~1{id}/get/parameters/0/name",
        "\"id\"",
    ),
    (
        "@{/a: {get: {parameters: [{name: id, in: path, required: true, schema: {}}], responses: {'200': {description: x}}}}}",
        "path-parameter-not-in-path",
        "/paths/~1a/get/parameters",
        "[]",
    ),
    (
        "@{/a: {get: {parameters: [{name: q, in: query, schema: {type: string}}, {name: q, in: query, schema: {type: integer}}], responses: {'200': {description: x}}}}}",
        "parameter-twice",
        "/paths/~1a/get/parameters/0/schema/type",
        "\"string\"",
    ),
    (
        "@{/a: {get: {responses: {'200': {}}}}}",
        "description-missing",
        "/paths/~1a/get/responses/200/description",
        "\"\"",
    ),
    ("#{type: unknown}", "type-unknown", "/components/schemas/S", "{}"),
    ("#{type: int}", "type-unknown", "/components/schemas/S/type", "\"integer\""),
    ("#{type: array}", "items-missing", "/components/schemas/S/items", "{}"),
    ("#{type: integer, exclusiveMinimum: 3}", "exclusive-bound", "/components/schemas/S/exclusiveMinimum", "true"),
    (
        "#{type: object, properties: {a: {type: string, required: true}}}",
        "required-flag",
        "/components/schemas/S/required",
        "[\n  \"a\"\n]",
    ),
    (
        "@{/a: {get: {responses: {'200': {description: x, headers: {x-rate: {schema: {type: int}}}}}}}}",
        "type-unknown",
        "/paths/~1a/get/responses/200/headers/x-rate/schema/type",
        "\"integer\"",
    ),
    (
        "openapi: 3.0.3\nopenapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: x}}}}}",
        "key-twice",
        "/openapi",
        "\"3.0.3\"",
    ),
    // Methods, whatever letters they are written in.
    (
        "@{/a: {get: {responses: {'200': {description: x}}}, POST: {operationId: p, responses: {'200': {description: x}}}}}",
        "method-not-lower-case",
        "/paths/~1a/post/operationId",
        "\"p\"",
    ),
    (
        "swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths: {/a: {Post: {operationId: p, parameters: [{name: b, in: body, schema: {type: object}}], responses: {'200': {description: x}}}}}",
        "method-not-lower-case",
        "/paths/~1a/post/requestBody/content/application~1json/schema/type",
        "\"object\"",
    ),
    (
        "@{/a: {get: {responses: {'200': {description: x}}}, COPY: {responses: {'200': {description: x}}}}}",
        "method-kept-aside",
        "/paths/~1a/x-COPY/responses/200/description",
        "\"x\"",
    ),
    // Parameters in places that 3.0 does not have.
    (
        "@{/a: {post: {parameters: [{name: b, in: body, required: true, schema: {type: object}}], responses: {'200': {description: x}}}}}",
        "body-parameter",
        "/paths/~1a/post/requestBody/required",
        "true",
    ),
    (
        "@{/a: {parameters: [{name: b, in: body, schema: {type: object}}], post: {responses: {'200': {description: x}}}}}",
        "body-parameter",
        "/paths/~1a/post/requestBody/content/application~1json/schema/type",
        "\"object\"",
    ),
    (
        "@{/a: {post: {parameters: [{name: f, in: formData, type: file}, {name: g, in: form, required: true, schema: {type: integer}}], responses: {'200': {description: x}}}}}",
        "form-parameters",
        "/paths/~1a/post/requestBody/content/multipart~1form-data/schema/required/0",
        "\"g\"",
    ),
    (
        "@{/a: {get: {parameters: [{name: q, in: Query, schema: {type: integer}}], responses: {'200': {description: x}}}}}",
        "parameter-place",
        "/paths/~1a/get/parameters/0/in",
        "\"query\"",
    ),
    (
        "@{'/a/{id}': {get: {parameters: [{name: id, schema: {type: integer}}], responses: {'200': {description: x}}}}}",
        "parameter-place",
        "/paths/~1a~1{id}/get/parameters/0/schema/type",
        "\"integer\"",
    ),
    (
        "@{/a: {get: {parameters: [{name: q, in: nowhere, schema: {type: integer}}], responses: {'200': {description: x}}}}}",
        "parameter-left-out",
        "/paths/~1a/get/x-parameters-left-out/0/name",
        "\"q\"",
    ),
    (
        "@{/a: {get: {parameters: [null, {in: query, schema: {type: integer}}], responses: {'200': {description: x}}}}}",
        "parameter-left-out",
        "/paths/~1a/get/parameters",
        "[]",
    ),
    (
        "openapi: 3.2.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {parameters: [{name: q, in: querystring, content: {application/json: {schema: {type: integer}}}}], responses: {'200': {description: x}}}}}",
        "parameter-left-out",
        "/paths/~1a/get/x-parameters-left-out/0/in",
        "\"querystring\"",
    ),
    // Flags of an object and of its members.
    (
        "#{type: object, required: true, properties: {x: {type: string, required: true}}}",
        "required-flag",
        "/components/schemas/S/required",
        "[\n  \"x\"\n]",
    ),
    (
        "#{type: object, properties: {o: {type: object, required: true, properties: {x: {type: string, required: true}}}}}",
        "required-flag",
        "/components/schemas/S",
        "{\n  \"properties\": {\n    \"o\": {\n      \"properties\": {\n        \"x\": {\n          \"type\": \"string\"\n        }\n      },\n      \"required\": [\n        \"x\"\n      ],\n      \"type\": \"object\"\n    }\n  },\n  \"required\": [\n    \"o\"\n  ],\n  \"type\": \"object\"\n}",
    ),
    // Words of 3.1 in a document of 3.0.
    (
        "#{type: [string, 'null']}",
        "words-of-3.1",
        "/components/schemas/S",
        "{\n  \"nullable\": true,\n  \"type\": \"string\"\n}",
    ),
    ("#{type: [string]}", "words-of-3.1", "/components/schemas/S/type", "\"string\""),
    (
        "#{oneOf: [{type: string}, {type: 'null'}]}",
        "words-of-3.1",
        "/components/schemas/S",
        "{\n  \"allOf\": [\n    {\n      \"type\": \"string\"\n    }\n  ],\n  \"nullable\": true\n}",
    ),
    ("#{const: a}", "words-of-3.1", "/components/schemas/S/enum/0", "\"a\""),
    (
        "#{type: array, items: [{type: string}, {type: integer}]}",
        "words-of-3.1",
        "/components/schemas/S/items/anyOf/1/type",
        "\"integer\"",
    ),
    ("#{type: object, properties: {x: true}}", "words-of-3.1", "/components/schemas/S/properties/x", "{}"),
    // Names of types that mean a type and a format.
    ("#{type: date}", "type-unknown", "/components/schemas/S/format", "\"date\""),
    ("#{type: DateTime}", "type-unknown", "/components/schemas/S/format", "\"date-time\""),
    ("#{type: uuid}", "type-unknown", "/components/schemas/S/format", "\"uuid\""),
    ("#{type: email}", "type-unknown", "/components/schemas/S/format", "\"email\""),
    ("#{type: int64}", "type-unknown", "/components/schemas/S/format", "\"int64\""),
    ("#{type: String}", "type-unknown", "/components/schemas/S/type", "\"string\""),
    ("#{type: list, items: {type: string}}", "type-unknown", "/components/schemas/S/type", "\"array\""),
    ("#{type: file}", "type-unknown", "/components/schemas/S/format", "\"binary\""),
    // Values of another kind than belongs there.
    ("#{type: object, properties: []}", "list-for-object", "/components/schemas/S/properties", "{}"),
    ("#{type: array, items: []}", "list-for-object", "/components/schemas/S/items", "{}"),
    (
        "#{type: object, properties: {t: {type: string}}, discriminator: t}",
        "discriminator-not-object",
        "/components/schemas/S/discriminator/propertyName",
        "\"t\"",
    ),
    ("#{type: string, enum: a}", "enum-not-list", "/components/schemas/S/enum/0", "\"a\""),
    ("#{type: integer, maximum: '10'}", "number-in-quotes", "/components/schemas/S/maximum", "10"),
    ("#{type: integer, maximum: ten}", "number-in-quotes", "/components/schemas/S", "{\n  \"type\": \"integer\"\n}"),
    ("#{type: string, nullable: 'true'}", "flag-in-quotes", "/components/schemas/S/nullable", "true"),
    (
        "@{/a: {get: {parameters: [{name: q, in: query, required: 'true', schema: {type: integer}}], responses: {'200': {description: x}}}}}",
        "flag-in-quotes",
        "/paths/~1a/get/parameters/0/required",
        "true",
    ),
    (
        "@{/a: {get: {responses: {'200': {description: x, schema: {type: string}}}}}}",
        "answer-schema",
        "/paths/~1a/get/responses/200/content/application~1json/schema/type",
        "\"string\"",
    ),
    (
        "@{/a: {get: {responses: {'200': {description: x}, Default: {description: y}}}}}",
        "status-lower-case",
        "/paths/~1a/get/responses/default/description",
        "\"y\"",
    ),
    (
        "@{/a: {get: {responses: {'200': {description: x}, '400,404': {description: y}}}}}",
        "status-list",
        "/paths/~1a/get/responses/404/description",
        "\"y\"",
    ),
    (
        "@{/a: {get: {responses: {'200': {description: x}, '600': {description: y}, ok: {description: z}, 20X: {description: z}}}}}",
        "status-unknown",
        "/paths/~1a/get/responses/x-600/description",
        "\"y\"",
    ),
    // Forms of 2.0 say how their lists are written.
    (
        "swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths: {/a: {post: {parameters: [{name: a, in: formData, type: array, items: {type: string}, collectionFormat: csv}], responses: {'200': {description: x}}}}}",
        "form-parameters",
        "/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/encoding/a/explode",
        "false",
    ),
    (
        "swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths: {/a: {post: {parameters: [{name: a, in: formData, type: array, items: {type: string}, collectionFormat: pipes}], responses: {'200': {description: x}}}}}",
        "form-parameters",
        "/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/encoding/a/style",
        "\"pipeDelimited\"",
    ),
];

#[test]
fn defects_whose_meaning_is_clear_are_mended_and_said() {
    let mut wrong = Vec::new();
    for (text, rule, pointer, value) in DEFECTS {
        let text = match (text.strip_prefix('@'), text.strip_prefix('#')) {
            (Some(paths), _) => format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {paths}\n"),
            (_, Some(schema)) => with_schema("3.0.3", schema),
            _ => (*text).to_owned(),
        };
        let (document, ledger) = converted(&text);
        let found = document.root().pointer(pointer).map(Node::to_canonical);
        if !ledger.iter().any(|(_, found, _)| found == rule) || found.as_deref() != Some(*value) {
            wrong.push(format!("{text}\n  {rule}, {pointer}: {found:?}, {ledger:?}"));
        }
        // What was mended is sound: reading it again finds nothing more to mend.
        let (again, nothing) = converted(&document.to_canonical());
        assert_eq!((again, nothing), (document, vec![]), "{text}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), DEFECTS.len(), wrong.join("\n"));
}

/// What is lost is lost with that weight, so that nobody takes it for a mend.
#[test]
fn what_cannot_be_mended_is_a_loss() {
    for (text, rule) in [
        (
            "@{/a: {get: {responses: {'200': {description: x}}}, COPY: {responses: {'200': {description: x}}}}}",
            "method-kept-aside",
        ),
        (
            "@{/a: {get: {parameters: [{name: q, in: nowhere, schema: {}}], responses: {'200': {description: x}}}}}",
            "parameter-left-out",
        ),
        ("@{/a: {get: {responses: {'200': {description: x}, '600': {description: y}}}}}", "status-unknown"),
        ("#{type: Pet}", "type-unknown"),
        ("#{type: integer, maximum: ten}", "number-in-quotes"),
        ("#{type: string, required: true}", "required-flag"),
    ] {
        let text = match (text.strip_prefix('@'), text.strip_prefix('#')) {
            (Some(paths), _) => format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {paths}\n"),
            (_, Some(schema)) => with_schema("3.0.3", schema),
            _ => text.to_owned(),
        };
        let (_, ledger) = converted(&text);
        assert!(
            ledger.iter().any(|(weight, found, _)| (*weight, *found) == (Weight::Loss, rule)),
            "{text}: {ledger:?}"
        );
    }
}
