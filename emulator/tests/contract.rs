//! Every operation keeps to the document: it takes what the document allows, refuses what it does not, and answers as
//! it promises.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod support;

use serde_json::{Value, json};
use support::generate::{Document, Request, resolve};
use support::{RECONSTRUCTION, Reply, call, get, send, start};
use swpanel_emulator::{Emulator, routes};

fn perform(emulator: &Emulator, request: &Request) -> Reply {
    call(emulator, &request.method, &request.path, request.body.clone())
}

#[test]
fn every_operation_answers_the_examples_of_the_document() {
    let (document, emulator) = (Document::read(), start());
    let services = get(&emulator, "/services/").result();
    let cloud = services.as_array().unwrap().iter().find(|service| service["kind"] == "cloud").unwrap();
    let cloud = cloud["id"].as_str().unwrap().to_owned();
    assert_eq!(routes(&RECONSTRUCTION).unwrap().0.len(), document.operations.len());
    let mut there = 0;
    for operation in &document.operations {
        emulator.reset();
        let mut request = document.example(operation);
        if operation.template.contains("/cloud/") {
            // The document's one example of a service is a hosting here.
            request.path = request.path.replace("XX012", &cloud);
        }
        let reply = perform(&emulator, &request);
        document.check(operation, &reply);
        let at = format!("{} {}: {}", operation.method, operation.template, reply.text());
        // What the examples create is there already, since the same examples are what reads ask for.
        if reply.status == 409 {
            // The record of the examples also meets the CNAME `www` of the demo.
            let is_record = operation.template.contains("/dns/") && reply.code() == "#EMULATOR-CONFLICT";
            assert!(is_record || (operation.method == "POST" && reply.code() == "#EMULATOR-EXISTS"), "{at}");
            there += 1;
        } else {
            assert_eq!(reply.status, 200, "{at}");
        }
    }
    assert_eq!(there, 11);
}

/// All ways to break a body in one place: the broken body, and the pointer that the refusal has to name.
fn broken(document: &Document, schema: &Value, body: &Value) -> Vec<(Value, String)> {
    let schema = resolve(&document.tree, schema);
    let schema =
        if let Some(choices) = schema["oneOf"].as_array() { resolve(&document.tree, &choices[0]) } else { schema };
    let mut cases = vec![(json!([]), String::new()), (json!("text"), String::new()), (json!(7), String::new())];
    let mut with = body.clone();
    with["no_such_member"] = json!(1);
    cases.push((with, "/no_such_member".to_owned()));
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut without = body.clone();
        without.as_object_mut().unwrap().remove(name);
        cases.push((without, format!("/{name}")));
    }
    for name in schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
        let mut wrong = body.clone();
        wrong[name] = json!([[["deep"]]]);
        cases.push((wrong, format!("/{name}")));
    }
    cases
}

#[test]
fn a_body_that_breaks_the_document_is_refused_by_pointer() {
    let (document, emulator) = (Document::read(), start());
    let mut count = 0;
    for operation in &document.operations {
        let Some(schema) = &operation.body else { continue };
        let request = document.example(operation);
        for (body, pointer) in broken(&document, schema, request.body.as_ref().unwrap()) {
            let reply = perform(&emulator, &Request { body: Some(body.clone()), ..request.clone() });
            document.check(operation, &reply);
            let at = format!("{} {} {body}: {}", operation.method, operation.template, reply.text());
            assert_eq!((reply.status, reply.code().as_str()), (422, "#EMULATOR-INVALID"), "{at}");
            let violations = reply.json()["violations"].clone();
            let named = violations
                .as_array()
                .unwrap()
                .iter()
                .any(|violation| violation["pointer"].as_str().unwrap().starts_with(&pointer));
            assert!(named, "{pointer} is not named: {at}");
            assert!(reply.json()["Error message"].as_str().unwrap().contains("expected"), "{at}");
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
    assert_eq!(emulator.snapshot(), start().snapshot(), "what is refused changes nothing");
}

#[test]
fn what_is_no_request_has_a_clear_answer() {
    let emulator = start();
    let bearer = format!("Bearer {}", emulator.token());
    let json_type = ("Content-Type", "application/json");
    let raw = |method: &str, path: &str, kind: (&str, &str), body: &[u8]| {
        let reply = send(emulator.address(), method, path, &[("Authorization", &bearer), kind], body);
        (reply.status, reply.code())
    };
    let dns = "/v2026/services/XX012/dns/";
    assert_eq!(raw("POST", dns, json_type, b"{\"zone\":"), (400, "#EMULATOR-NOT-JSON".into()));
    assert_eq!(raw("POST", dns, json_type, b"\xff\xfe"), (400, "#EMULATOR-NOT-JSON".into()));
    assert_eq!(raw("POST", dns, ("Content-Type", "text/plain"), b"{}"), (415, "#EMULATOR-MEDIA-TYPE".into()));
    assert_eq!(raw("POST", dns, json_type, b""), (422, "#EMULATOR-INVALID".into()));
    assert_eq!(raw("POST", dns, json_type, &vec![b' '; (1 << 20) + 1]), (413, "#EMULATOR-TOO-LARGE".into()));
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(raw("POST", dns, json_type, deep.as_bytes()), (400, "#EMULATOR-NOT-JSON".into()));
    assert_eq!(raw("PATCH", dns, json_type, b""), (405, "#EMULATOR-METHOD".into()));
    assert_eq!(raw("GET", "/v2026/nothing", json_type, b""), (404, "#EMULATOR-UNKNOWN-PATH".into()));
    assert_eq!(raw("GET", "/v2025/services/", json_type, b""), (404, "#EMULATOR-UNKNOWN-PATH".into()));
    assert_eq!(raw("GET", "/v2026/services/?page=1", json_type, b""), (422, "#EMULATOR-INVALID".into()));
    assert_eq!(raw("GET", "/v2026/tools/so/?descent=maybe", json_type, b""), (422, "#EMULATOR-INVALID".into()));
    assert_eq!(
        raw("POST", "/v2026/services/XX012/hosting/stop/", json_type, b"{\"a\":1}"),
        (422, "#EMULATOR-INVALID".into())
    );
    let nearest = get(&emulator, "/services/XX012/mail/alais/");
    assert!(nearest.json()["Error message"].as_str().unwrap().contains("/mail/alias/"), "{}", nearest.text());
    let method = call(&emulator, "PUT", "/services/XX012/dns/", None);
    assert_eq!(method.header("allow"), Some("GET, POST"));
}

#[test]
fn no_secret_is_repeated_in_a_refusal() {
    let emulator = start();
    let body = json!({"email": 7, "password": 987_654_321, "size": {"unlimited": true}, "forward": {"activate": false},
        "notify_user": {"activate": false}, "passwort": "hidden-too"});
    let reply = call(&emulator, "POST", "/services/XX012/mail/mailbox/", Some(body));
    assert_eq!(reply.status, 422);
    assert!(!reply.text().contains("987654321") && !reply.text().contains("hidden-too"), "{}", reply.text());
}

#[test]
fn an_operation_added_to_the_document_is_served() {
    let mut tree: Value = serde_json::from_slice(&RECONSTRUCTION).unwrap();
    let id = json!({"name": "snapshot_id", "in": "path", "required": true, "schema": {"type": "string"}});
    let service = json!({"name": "service", "in": "path", "required": true, "schema": {"type": "string"}});
    let answer =
        |schema: Value| json!({"2XX": {"description": "ok", "content": {"application/json": {"schema": schema}}}});
    let item = json!({"type": "object", "required": ["id", "size", "kind"], "additionalProperties": false, "properties": {
        "id": {"type": "string"}, "label": {"type": "string"}, "size": {"type": "integer", "minimum": 1},
        "kind": {"enum": ["full", "partial"]}}});
    let body = json!({"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["label"],
        "properties": {"label": {"type": "string", "minLength": 1}}}}}});
    let list =
        json!({"type": "object", "required": ["result"], "properties": {"result": {"type": "array", "items": item}}});
    let one = json!({"type": "object", "required": ["result"], "properties": {"result": item}});
    tree["paths"]["/services/{service}/snapshots/"] = json!({
        "parameters": [service],
        "get": {"responses": answer(list)},
        "post": {"requestBody": body, "responses": {"201": answer(one.clone())["2XX"]}},
    });
    tree["paths"]["/services/{service}/snapshots/{snapshot_id}"] = json!({
        "parameters": [service, id],
        "get": {"responses": answer(one)},
        "delete": {"responses": {"204": {"description": "gone"}}},
    });
    tree["paths"]["/ping"] = json!({"get": {"responses": answer(json!({"type": "string"}))}});
    let emulator = Emulator::builder().document(tree.to_string()).start_blocking().unwrap();
    let place = "/services/XX012/snapshots/";
    assert_eq!(get(&emulator, place).code(), "#APIGENE25");
    assert_eq!(call(&emulator, "POST", place, Some(json!({"label": ""}))).code(), "#EMULATOR-INVALID");
    let made = call(&emulator, "POST", place, Some(json!({"label": "before"})));
    assert_eq!(made.status, 201);
    let whole = json!({"id": "12345", "label": "before", "size": 1, "kind": "full"});
    assert_eq!(made.json()["result"], whole);
    assert_eq!(get(&emulator, place).result(), json!([whole]));
    assert_eq!(get(&emulator, "/services/xx012/snapshots/12345/").result(), whole);
    let gone = call(&emulator, "DELETE", "/services/XX012/snapshots/12345", None);
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(get(&emulator, "/services/XX012/snapshots/12345").status, 404);
    assert_eq!(get(&emulator, "/services/NONE/snapshots/").code(), "#EMULATOR-NOT-FOUND");
    assert_eq!(get(&emulator, "/ping").json(), json!("text"));
}

#[test]
fn another_document_is_served_without_a_row_of_ours() {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": "https://shop.example/api/v1/"}],
        "paths": {
            "/articles": {
                "get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array",
                    "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}}}}}}},
                "post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object",
                    "required": ["sku"], "properties": {"sku": {"type": "string"}}}}}}, "responses": {"201": {"description": "",
                    "content": {"application/json": {"schema": {"type": "object", "required": ["sku", "stock"], "properties":
                    {"sku": {"type": "string"}, "stock": {"type": "integer"}}}}}}}},
            },
            "/articles/{sku}": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema":
                {"type": "object", "properties": {"sku": {"type": "string"}}}}}}}}},
            "/files/{name}.{extension}": {"get": {"responses": {"200": {"description": ""}}}},
        },
    });
    let emulator = Emulator::builder().document(document.to_string()).start_blocking().unwrap();
    assert!(emulator.base_url().ends_with("/api/v1"));
    let bearer = format!("Bearer {}", emulator.token());
    let ask = |method: &str, path: &str, body: &str| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        send(emulator.address(), method, &format!("/api/v1{path}"), &headers, body.as_bytes())
    };
    assert_eq!(ask("GET", "/articles", "").code(), "#APIGENE25");
    let made = ask("POST", "/articles", "{\"sku\": \"a-1\"}");
    assert_eq!((made.status, made.json()["stock"].clone()), (201, json!(0)));
    assert_eq!(ask("GET", "/articles/a-1", "").json()["sku"], "a-1");
    assert_eq!(ask("GET", "/articles", "").json().as_array().unwrap().len(), 1);
    let (served, unserved) = routes(document.to_string().as_bytes()).unwrap();
    assert_eq!(served.len() + unserved.len(), 4, "{unserved:?}");
}

/// A document of one operation whose body and answer are the schema `D0`.
fn document_of(schemas: &Value) -> Vec<u8> {
    let media = json!({"application/json": {"schema": {"$ref": "#/components/schemas/D0"}}});
    let operation = json!({"requestBody": {"required": true, "content": media},
        "responses": {"200": {"description": "ok", "content": media}}});
    let sound = json!({"responses": {"200": {"description": "ok"}}});
    let paths = json!({"/things": {"put": operation}, "/services/": {"get": sound}});
    json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "servers": [{"url": "/v2026"}], "paths": paths,
        "components": {"schemas": schemas}})
    .to_string()
    .into_bytes()
}

/// Schemas `D0`, `D1` and so on, each made of a reference to the next one.
fn levels(count: usize, next: impl Fn(Value) -> Value, last: Value) -> Value {
    let reference = |level: usize| json!({"$ref": format!("#/components/schemas/D{level}")});
    let mut schemas: serde_json::Map<String, Value> =
        (0..count).map(|level| (format!("D{level}"), next(reference(level + 1)))).collect();
    schemas.insert(format!("D{count}"), last);
    Value::Object(schemas)
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!({}), |value, _| json!({"a": value}))
}

#[test]
fn a_body_that_would_take_too_long_to_check_is_rejected_by_name_in_no_time() {
    let text = json!({"type": "string"});
    let twice = |next: Value| json!({"properties": {"a": next}});
    let many: Vec<String> = (0..20_000).map(|number| format!("v{number}")).collect();
    let cases = [
        ("allOf", levels(40, |next| json!({"allOf": [next, next]}), text.clone()), json!("x")),
        ("anyOf", levels(40, |next| json!({"anyOf": [next, next]}), text.clone()), json!(1)),
        ("oneOf", levels(40, |next| json!({"oneOf": [next, next]}), text.clone()), json!("x")),
        ("not", levels(40, |next| json!({"allOf": [{"not": next}, {"not": next}]}), text.clone()), json!("x")),
        ("mixed", levels(40, |next| json!({"oneOf": [{"allOf": [next, next]}, next]}), text.clone()), json!("x")),
        (
            "itself",
            levels(
                0,
                |next| next,
                json!({"allOf": [
            twice(json!({"$ref": "#/components/schemas/D0"})), twice(json!({"$ref": "#/components/schemas/D0"}))]}),
            ),
            nested(100),
        ),
        ("inline", levels(40, |next| json!({"allOf": [twice(next.clone()), twice(next)]}), text.clone()), nested(60)),
        (
            "enum",
            levels(0, |next| next, json!({"type": "array", "items": {"enum": many}})),
            json!(vec!["none"; 100_000]),
        ),
        ("circle", levels(0, |next| next, json!({"allOf": [{"$ref": "#/components/schemas/D0"}]})), json!({})),
    ];
    for (name, schemas, body) in cases {
        let started = std::time::Instant::now();
        let emulator = Emulator::builder().document(document_of(&schemas)).start_blocking().unwrap();
        let reply = call(&emulator, "PUT", "/things", Some(body));
        assert_eq!((reply.status, reply.code().as_str()), (422, "#EMULATOR-TOO-COSTLY"), "{name}: {}", reply.text());
        assert_eq!(get(&emulator, "/services/").status, 200, "{name}: it still serves");
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{name}: {:?}", started.elapsed());
    }
}

#[test]
fn schemas_that_only_look_costly_are_served() {
    let text = json!({"type": "string"});
    let long: String = "a".repeat(500_000);
    let cases = [
        ("a chain", levels(250, |next| json!({"allOf": [next]}), text.clone()), json!("x")),
        ("a chain of members", levels(100, |next| json!({"properties": {"a": next}}), json!({})), nested(100)),
        ("wide", levels(1, |next| json!({"anyOf": vec![next; 500]}), text.clone()), json!("x")),
        ("a long text", levels(0, |next| next, json!({"type": "string", "pattern": "^a+$"})), json!(long)),
        (
            "a pattern that goes back",
            levels(0, |next| next, json!({"type": "string", "pattern": "^(a+)+$"})),
            json!(long),
        ),
        (
            "a large list",
            levels(0, |next| next, json!({"type": "array", "items": {"type": "integer"}})),
            json!(vec![1; 200_000]),
        ),
    ];
    for (name, schemas, body) in cases {
        let started = std::time::Instant::now();
        let emulator = Emulator::builder().document(document_of(&schemas)).start_blocking().unwrap();
        let reply = call(&emulator, "PUT", "/things", Some(body));
        assert_eq!(reply.status, 200, "{name}: {}", reply.text().chars().take(300).collect::<String>());
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{name}: {:?}", started.elapsed());
    }
}

#[test]
fn what_is_wrong_with_a_large_body_is_said_in_few_words() {
    let names: Vec<String> = (0..300).map(|number| format!("value-{number}")).collect();
    let schema = json!({"type": "array", "items": {"type": "string", "enum": names}});
    let emulator = Emulator::builder().document(document_of(&levels(0, |next| next, schema))).start_blocking().unwrap();
    let reply = call(&emulator, "PUT", "/things", Some(json!(vec!["none"; 1000])));
    assert_eq!(reply.status, 422);
    assert!(reply.body.len() < 200_000, "{} bytes", reply.body.len());
    assert_eq!(reply.json()["violations"].as_array().unwrap().len(), 100);
}

#[test]
fn a_document_beyond_the_budgets_is_rejected_when_it_is_given() {
    let operation = json!({"responses": {"200": {"description": "ok"}}});
    let paths: serde_json::Map<String, Value> =
        (0..20_001).map(|number| (format!("/a{number}"), json!({"get": operation}))).collect();
    let parameters: Vec<Value> =
        (0..1_001).map(|number| json!({"name": format!("p{number}"), "in": "query", "schema": {}})).collect();
    let many = json!({"openapi": "3.0.3", "info": {}, "paths": paths});
    let wide = json!({"openapi": "3.0.3", "info": {}, "paths": {"/a": {"get": {"parameters": parameters}}}});
    for (document, what) in [(many, "20000 operations"), (wide, "1000 parameters")] {
        let error = Emulator::builder().document(document.to_string().into_bytes()).start_blocking().unwrap_err();
        assert!(matches!(error, swpanel_emulator::StartError::OverBudget { .. }), "{error}");
        assert!(error.to_string().contains(what), "{error}");
        let emulator = start();
        assert!(emulator.publish(document.to_string().into_bytes()).is_err());
    }
}
