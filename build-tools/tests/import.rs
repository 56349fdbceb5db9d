//! Documentation in every form that is imported, and its traps, on small sources of our own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use swpanel_build_tools::import::{Files, Form, Imported, import, review};

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn of(list: &[(&str, &str)]) -> Imported {
    let imported = import(&files(list)).unwrap_or_else(|error| panic!("{error}"));
    // The same source gives the same bytes.
    assert_eq!(imported.text(), import(&files(list)).unwrap().text());
    imported
}

fn one(text: &str) -> Imported {
    of(&[("source", text)])
}

fn document(imported: &Imported) -> Value {
    serde_json::from_str(&imported.text()).unwrap()
}

/// `METHOD /path`, in order.
fn operations(imported: &Imported) -> Vec<String> {
    let document = document(imported);
    let mut out = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        out.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    out
}

/// `name:type` and `!` where it is required, of the query.
fn query(operation: &Value) -> Vec<String> {
    let of = |p: &&Value| p["in"] == "query";
    let shown =
        |p: &Value| format!("{}:{}{}", p["name"].as_str().unwrap(), kind(&p["schema"]), mark(p["required"] == true));
    operation["parameters"].as_array().into_iter().flatten().filter(of).map(shown).collect()
}

fn kind(schema: &Value) -> String {
    match schema["type"].as_str() {
        Some("array") => format!("[{}]", kind(&schema["items"])),
        Some(kind) => kind.to_owned(),
        None => "any".to_owned(),
    }
}

fn mark(required: bool) -> &'static str {
    if required { "!" } else { "" }
}

fn body(operation: &Value) -> Vec<String> {
    let content = operation["requestBody"]["content"].as_object().cloned().unwrap_or_default();
    let schema = content.values().next().map(|media| media["schema"].clone()).unwrap_or_default();
    properties(&schema)
}

fn properties(schema: &Value) -> Vec<String> {
    let required: BTreeSet<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let all = schema["properties"].as_object().into_iter().flatten();
    all.map(|(name, inner)| format!("{name}:{}{}", kind(inner), mark(required.contains(name.as_str())))).collect()
}

fn rules(imported: &Imported) -> Vec<&'static str> {
    imported.rules().into_keys().collect()
}

fn collection(items: Value) -> String {
    json!({"info": {"name": "Shop", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "variable": [{"key": "base", "value": "https://api.example.es/v1"}], "item": items})
    .to_string()
}

fn request(method: &str, url: &str, body: Value) -> Value {
    json!({"name": format!("{method} {url}"), "request": {"method": method, "url": url, "body": body}})
}

fn raw(text: &str) -> Value {
    json!({"mode": "raw", "raw": text})
}

#[test]
fn postman_requests_of_one_operation_are_merged_and_widened() {
    let imported = one(&collection(json!([
        request(
            "POST",
            "{{base}}/zones/:zone/records",
            raw("{\"name\": \"www\", \"ttl\": 600, // seconds\n \"on\": {{flag}},}")
        ),
        request("POST", "{{base}}/zones/{{zone}}/records", raw("{\"name\": 5, \"ttl\": 600.5, \"note\": null}")),
        request("GET", "https://api.example.es/v1/zones?page=1&q=", Value::Null),
        request("DELETE", "{{base}}/zones/42", json!(false)),
    ])));
    assert_eq!(imported.form, Form::Postman);
    assert_eq!(operations(&imported), ["GET /zones", "DELETE /zones/{zone_id}", "POST /zones/{zone}/records"]);
    let document = document(&imported);
    let create = &document["paths"]["/zones/{zone}/records"]["post"];
    assert_eq!(body(create), ["name:any", "note:any", "on:any", "ttl:number"]);
    assert_eq!(query(&document["paths"]["/zones"]["get"]), ["page:integer", "q:string"]);
    assert_eq!(document["servers"], json!([{"url": "https://api.example.es/v1"}]));
    assert_eq!(create["requestBody"]["x-provenance"], "sample");
    for rule in ["samples-disagree", "path-parameter-guessed", "required-not-said", "type-guessed"] {
        assert!(rules(&imported).contains(&rule), "{rule}: {:?}", rules(&imported));
    }
}

#[test]
fn postman_words_of_a_path_are_no_values() {
    let imported = one(&collection(json!([
        request("POST", "{{base}}/services/create/", raw("{\"a\": 1}")),
        request("POST", "{{base}}/services/:id", raw("{\"b\": 1}")),
        request("GET", "{{base}}/services/XX012", Value::Null),
        json!({"name": "known", "request": {"method": "GET", "url": {"raw": "{{base}}/services/:id", "host": ["{{base}}"],
            "path": ["services", ":id"], "variable": [{"key": "id", "value": "XX012"}]}}}),
    ])));
    // `XX012` is the value that the collection itself gives for the parameter.
    assert_eq!(operations(&imported), ["POST /services/create/", "GET /services/{id}", "POST /services/{id}"]);
    assert!(rules(&imported).contains(&"kept-apart") && rules(&imported).contains(&"literal-merged"));
}

#[test]
fn postman_bodies_of_all_modes_and_auth() {
    let imported = one(&collection(json!([
        {"name": "Folder", "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "X-Key"}, {"key": "in", "value": "header"}]}, "item": [
            {"name": "form", "request": {"method": "POST", "url": "{{base}}/form", "body": {"mode": "urlencoded", "urlencoded": [
                {"key": "a[b]", "value": "1"}, {"key": "list[]", "value": "x"}, {"key": "off", "value": "true", "disabled": true}]}}},
            {"name": "file", "request": {"method": "POST", "url": "{{base}}/file", "auth": {"type": "noauth"}, "body": {"mode": "formdata", "formdata": [
                {"key": "file", "type": "file", "src": []}, {"key": "n", "value": "1", "type": "text"}]}}},
            {"name": "xml", "request": {"method": "PUT", "url": "{{base}}/xml", "body": raw("<user><name>A</name><age>3</age></user>")}},
            {"name": "short", "request": "{{base}}/short"},
        ]},
        {"name": "query", "request": {"method": "GET", "url": {"raw": "{{base}}/q", "host": ["{{base}}"], "path": ["q"], "query": [
            {"key": "filter%5Bname%5D", "value": "", "disabled": true, "description": "(Required) The name"},
            {"key": "ids", "value": "1"}, {"key": "ids", "value": "2"}, {"key": "kind", "value": "<integer>"}]}}},
    ])));
    let document = document(&imported);
    let at = |path: &str, method: &str| document["paths"][path][method].clone();
    assert_eq!(body(&at("/form", "post")), ["a:object", "list:[string]", "off:boolean"]);
    assert_eq!(at("/form", "post")["security"], json!([{"key_header_X_Key": []}]));
    assert_eq!(at("/file", "post")["security"], json!([]));
    assert_eq!(
        at("/file", "post")["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]["file"]["format"],
        "binary"
    );
    assert_eq!(body(&at("/xml", "put")), ["age:integer", "name:string"]);
    assert!(at("/short", "get").is_object());
    assert_eq!(query(&at("/q", "get")), ["filter[name]:string!", "ids:[integer]", "kind:integer"]);
    assert_eq!(at("/q", "get")["security"], Value::Null);
}

#[test]
fn a_folder_of_postman_3() {
    let create = "$kind: http-request\nname: Create\nmethod: POST\nurl: '{{base}}/zones/:zone/records'\nqueryParams:\n  - {key: dry, value: 'true', disabled: true}\npathVariables: {zone: '7'}\n\
                  body:\n  type: json\n  content: |-\n    {\"name\": \"www\"}\n";
    let definition = "$kind: collection\nname: Zones\nvariables:\n  - {key: base, value: 'https://a.example.es'}\nauth: {type: bearer}\n";
    let example = "$kind: http-example\nresponse:\n  statusCode: 201\n  body: {type: json, content: '{\"id\": 1}'}\n";
    let imported = of(&[
        ("Zones/.resources/definition.yaml", definition),
        ("Zones/Records/Create.request.yaml", create),
        ("Zones/Records/.resources/Create.resources/examples/ok.example.yaml", example),
    ]);
    assert_eq!(imported.form, Form::PostmanFolder);
    let document = document(&imported);
    let create = &document["paths"]["/zones/{zone}/records"]["post"];
    assert_eq!((query(create), body(create)), (vec!["dry:boolean".to_owned()], vec!["name:string".to_owned()]));
    assert_eq!((&create["tags"], &create["security"]), (&json!(["Records"]), &json!([{"bearer": []}])));
    assert!(create["responses"]["201"].is_object());
}

#[test]
fn secrets_are_named_and_never_written() {
    let token = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTYifQ", "c2lnbmF0dXJl"].join(".");
    let key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    let text = json!({"info": {"name": "S", "_postman_id": "1"}, "auth": {"type": "bearer", "bearer": [{"key": "token", "value": token}]},
        "variable": [{"key": "api_key", "value": key}],
        "item": [{"name": "a", "request": {"method": "POST", "url": format!("https://a.example.es/x?key={key}"), "description": format!("use {token}"),
            "header": [{"key": "X-Token", "value": key}], "body": raw(&format!("{{\"password\": \"hunter2\", \"jwt\": \"{token}\"}}"))},
            "response": [{"code": 200, "body": format!("{{\"access_token\": \"{token}\"}}")}]}]});
    let imported = one(&text.to_string());
    let all = imported.text() + &review(&imported, "source") + &format!("{:?}", imported.log);
    for secret in [token.as_str(), key, "hunter2"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(imported.rules()["secret-found"] >= 4, "{:?}", imported.rules());
    assert_eq!(body(&document(&imported)["paths"]["/x"]["post"]), ["jwt:string", "password:string"]);
}

#[test]
fn har_keeps_shapes_and_no_value() {
    let entry = |method: &str, url: &str, body: Option<&str>, media: &str, text: &str| {
        let mut request = json!({"method": method, "url": url, "headers": [{"name": "Authorization", "value": "Bearer abcd1234efgh"}]});
        if let Some(body) = body {
            request["postData"] = json!({"mimeType": "application/json", "text": body});
        }
        json!({"request": request, "response": {"status": 200, "content": {"mimeType": media, "text": text}}})
    };
    let text = json!({"log": {"entries": [
        entry("GET", "https://a.example.es/zones/17?page=1", None, "application/json", "{\"name\": \"private.example\"}"),
        entry("GET", "https://a.example.es/zones/018?page=2", None, "application/json", "{\"name\": null, \"n\": 1}"),
        entry("POST", "https://a.example.es/zones", Some("{\"name\": \"private.example\"}"), "application/json", "{}"),
        entry("GET", "https://a.example.es/app.js", None, "application/javascript", "x"),
    ]}});
    let imported = one(&text.to_string());
    assert_eq!(imported.form, Form::Har);
    assert_eq!(operations(&imported), ["POST /zones", "GET /zones/{zone_id}"]);
    let written = imported.text();
    for value in ["private.example", "abcd1234efgh", "\"example\"", "018"] {
        assert!(!written.contains(value), "{value}: {written}");
    }
    assert_eq!(query(&document(&imported)["paths"]["/zones/{zone_id}"]["get"]), ["page:integer"]);
    assert!(rules(&imported).contains(&"assets-dropped") && rules(&imported).contains(&"secret-found"));
}

const SCRIBE: &str = r#"<title>Demo API</title><script>var tryItOutBaseUrl = "https://demo.example.es";</script>
<h1 id="records">Records</h1><h2 id="records-POSTapi-records">Create a record</h2>
<p><small class="badge badge-darkred">requires authentication</small></p><p>Creates it.</p>
<span id="example-requests-POSTapi-records"><pre><code class="language-bash">curl --request POST "https://demo.example.es/api/records"</code></pre></span>
<span id="example-responses-POSTapi-records"><blockquote><p>Example response (201, Created):</p></blockquote>
<pre><code class="language-json">{&quot;data&quot;: {&quot;id&quot;: 1}}</code></pre></span>
<form id="form-POSTapi-records" data-method="POST" data-path="api/records/{kind?}" data-authed="1" data-hasfiles="0" data-isarraybody="0">
<p><small class="badge badge-black">POST</small> <b><code>api/records/{kind?}</code></b></p>
<h4><b>Headers</b></h4><div><b><code>Content-Type</code></b> <input name="Content-Type" data-component="header" value="application/json"><p>Example: <code>application/json</code></p></div>
<h4><b>URL Parameters</b></h4><div><b><code>kind</code></b> <small>string</small> <i>optional</i> <input name="kind" data-component="url"><p>Kind.</p></div>
<h4><b>Query Parameters</b></h4><div><b><code>fields</code></b> <small>string[]</small> <i>optional</i> <input name="fields[0]" data-component="query"><br><p>Which. Example: <code>a</code></p>
Must be one of: <ul><li><code>a</code></li> <li><code>b</code></li></ul></div>
<h4><b>Body Parameters</b></h4>
<div><b><code>ttl</code></b> <small>integer</small> <input name="ttl" data-component="body" value="60"><p>Seconds. Example: <code>60</code></p></div>
<div><details><summary><b><code>data</code></b> <small>object[]</small> <i>optional</i><p>Parts.</p></summary>
<div><b><code>ip</code></b> <small>string</small> <input name="data.0.ip" data-component="body"><p>Address.</p></div></details></div>
<div><b><code>on</code></b> <small>boolean</small> <label><input type="radio" name="on" value="true" data-component="body"><code>true</code></label></div>
</form><h3>Response</h3><h4><b>Response Fields</b></h4><div><b><code>id</code></b> <small>integer</small><br><p>The id.</p></div>
<h2 id="x">Other</h2>"#;

#[test]
fn a_page_of_scribe_in_its_default_theme() {
    let imported = one(SCRIBE);
    assert_eq!(imported.form, Form::ScribePage);
    let document = document(&imported);
    let create = &document["paths"]["/api/records/{kind}"]["post"];
    assert_eq!(body(create), ["data:[object]", "on:boolean!", "ttl:integer!"]);
    let items = &create["requestBody"]["content"]["application/json"]["schema"]["properties"]["data"]["items"];
    assert_eq!(properties(items), ["ip:string!"]);
    assert_eq!(query(create), ["fields:[string]"]);
    assert_eq!(create["responses"]["201"]["content"]["application/json"]["example"], json!({"data": {"id": 1}}));
    assert_eq!((&create["summary"], &create["tags"]), (&json!("Create a record"), &json!(["Records"])));
    assert_eq!(create["security"], json!([{"bearer": []}]));
    assert_eq!(document["servers"][0]["url"], "https://demo.example.es");
}

const ELEMENTS: &str = r#"<div class="HttpOperation"><h2 id="a">Login</h2>
<div title="http://localhost/api/login"><div style="background-color: black;">POST</div><div dir="rtl" class="sl-text-muted">http://localhost</div><div class="sl-flex-1 sl-font-semibold">/api/login</div></div>
<p>Gives a token.</p><div data-testid="two-column-left">
<h3>Body Parameters</h3><div class="sl-text-sm">
<div class="expandable sl-border-l"><div><div class="sl-font-mono sl-font-semibold sl-mr-2">user</div><span class="sl-truncate sl-text-muted">object</span><span class="sl-text-warning">required</span></div>
<div class="children"><div class="expandable sl-border-l"><div class="sl-font-mono sl-font-semibold sl-mr-2">email</div><span class="sl-truncate sl-text-muted">string</span></div></div></div>
<div class="expandable sl-border-l"><div class="sl-font-mono sl-font-semibold sl-mr-2">remember</div><span class="sl-truncate sl-text-muted">boolean</span></div></div></div>
<form class="TryItPanel" data-method="POST" data-path="api/login" data-hasfiles="0"></form>
<select class="example-response-POSTapi-login-toggle"><option value="0">422, Wrong</option></select>
<div class="sl-panel__content-wrapper example-response-POSTapi-login example-response-POSTapi-login-0"><pre><code>{"message": "no"}</code></pre></div></div>"#;

#[test]
fn a_page_of_scribe_in_the_elements_theme() {
    let imported = one(ELEMENTS);
    let document = document(&imported);
    let login = &document["paths"]["/api/login"]["post"];
    assert_eq!(body(login), ["remember:boolean", "user:object!"]);
    let user = &login["requestBody"]["content"]["application/json"]["schema"]["properties"]["user"];
    assert_eq!(properties(user), ["email:string"]);
    assert!(login["responses"]["422"].is_object() && login["description"] == "Gives a token.");
}

#[test]
fn the_yaml_of_scribe_and_what_lies_beside() {
    let yaml = "name: Zones\nendpoints:\n  -\n    httpMethods: [PUT]\n    uri: 'api/zones/{id}'\n    metadata: {title: Change, authenticated: false}\n    \
                urlParameters: {id: {name: id, type: integer, required: true}}\n    queryParameters: []\n    \
                bodyParameters:\n      'hosts[].name': {name: 'hosts[].name', type: string, required: true}\n      hosts: {name: hosts, type: 'object[]', required: false}\n    \
                responses: [{status: 200, content: '{\"ok\":true}'}]\n    responseFields: []\n";
    let imported = of(&[
        (".scribe/endpoints/00.yaml", yaml),
        ("collection.json", &collection(json!([request("GET", "{{base}}/a", Value::Null)]))),
    ]);
    assert_eq!(imported.form, Form::ScribeYaml);
    assert_eq!(imported.others, [(Form::Postman, "collection.json".to_owned())]);
    let change = &document(&imported)["paths"]["/api/zones/{id}"]["put"];
    assert_eq!(body(change), ["hosts:[object]"]);
    let openapi = r#"{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"ok"}}}}}}"#;
    assert_eq!(of(&[("index.html", SCRIBE), ("openapi.json", openapi)]).form, Form::OpenApi);
}

const APIDOC: &str = r#"[
{"type": "post", "url": "/zones/:zone/records", "title": "Old", "group": "Zones", "version": "0.1.0"},
{"type": "post", "url": "/zones/:zone/records", "title": "Create", "group": "Zones", "version": "1.10.0", "filename": "a.js",
 "parameter": {"fields": {"Parameter": [
  {"group": "Parameter", "type": "String", "optional": false, "field": "zone", "description": "<p>Zone</p>"},
  {"group": "Parameter", "type": "String", "size": "1..63", "optional": false, "field": "name", "description": "<p>The <b>name</b></p>"},
  {"group": "Parameter", "type": "Number", "optional": true, "field": "ttl", "defaultValue": "600", "description": ""},
  {"group": "Parameter", "type": "String", "optional": true, "field": "kind", "allowedValues": ["\"A\"", "\"MX\""], "description": ""},
  {"group": "Parameter", "type": "Object[]", "optional": true, "field": "parts", "description": ""},
  {"group": "Parameter", "type": "Calendar", "optional": true, "field": "parts.day", "description": ""}],
  "Query params": [{"type": "Boolean", "optional": true, "field": "dry", "description": ""}]}},
 "success": {"examples": [{"title": "ok", "content": "HTTP/1.1 201 Created\nX: 1\n\n{\"id\": 7}", "type": "json"}]},
 "error": {"fields": {"Error 404": [{"field": "NotFound", "optional": false, "description": ""}]}, "examples": [{"title": "no", "content": "HTTP/1.1 404 Not Found\n{\"e\": 1}"}]}},
{"type": "get", "url": "zones/:page?", "title": "List", "group": "Zones", "version": "1.0.0", "parameter": {"fields": {"Parameter": [
  {"type": "Number", "optional": true, "field": "limit", "description": ""}]}}},
{"type": "", "url": "", "title": "junk", "group": "x", "version": "0.0.0"}]"#;

#[test]
fn apidoc_in_json_in_a_script_and_in_a_bundle() {
    let imported = of(&[
        ("doc/api_data.json", APIDOC),
        ("doc/api_project.json", r#"{"title": "Zones", "version": "1.10.0", "url": "https://z.example.es"}"#),
    ]);
    assert_eq!(imported.form, Form::ApiDoc);
    let document = document(&imported);
    assert_eq!(operations(&imported), ["GET /zones/{page}", "POST /zones/{zone}/records"]);
    let create = &document["paths"]["/zones/{zone}/records"]["post"];
    assert_eq!(create["summary"], "Create");
    assert_eq!(body(create), ["kind:string", "name:string!", "parts:[object]", "ttl:number"]);
    let schema = &create["requestBody"]["content"]["application/json"]["schema"]["properties"];
    assert_eq!(
        (&schema["name"]["maxLength"], &schema["ttl"]["default"], &schema["kind"]["enum"]),
        (&json!(63), &json!(600), &json!(["A", "MX"]))
    );
    assert_eq!(schema["name"]["description"], "The name");
    assert_eq!(query(create), ["dry:boolean"]);
    assert_eq!(query(&document["paths"]["/zones/{page}"]["get"]), ["limit:number"]);
    assert_eq!(create["responses"].as_object().unwrap().keys().collect::<Vec<_>>(), ["201", "404"]);
    assert_eq!(document["servers"][0]["url"], "https://z.example.es");
    for rule in ["junk-entries", "older-versions", "type-guessed"] {
        assert!(rules(&imported).contains(&rule), "{rule}");
    }
    let script = of(&[("api_data.js", &format!("define({{ \"api\": {APIDOC} }});"))]);
    assert_eq!(operations(&script), operations(&imported));
    let bundle = "(()=>{var t=[{a:1}];let e=[{type:\"post\",url:\"/a/:b\",title:'T \\'x\\'',group:\"G\",parameter:{fields:{Parameter:[{type:\"email\",optional:!1,field:\"c\"},\
                  {optional:!0,field:\"d\",defaultValue:void 0}]}},version:\"0.0.0\"}];e.map(x=>x())})()";
    let bundle = of(&[("index.html", "<script src=\"main.bundle.js\"></script>"), ("main.bundle.js", bundle)]);
    assert_eq!((bundle.form, operations(&bundle)), (Form::ApiDoc, vec!["POST /a/{b}".to_owned()]));
}

#[test]
fn a_saved_page_with_a_document_in_it_or_beside_it() {
    let openapi = r#"{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"ok"}}}}}}"#;
    let island =
        format!("<html><script id=\"swagger-data\" type=\"application/json\">{{\"spec\": {openapi}}}</script></html>");
    let redoc = format!(
        "<div id=redoc></div><script>const __redoc_state = {{\"spec\": {{\"data\": {openapi}}}}}; Redoc.hydrate(__redoc_state, x);</script>"
    );
    for page in [island, redoc] {
        let imported = of(&[("Docs.html", &page)]);
        assert_eq!((imported.form, operations(&imported)), (Form::Embedded, vec!["GET /a".to_owned()]));
    }
    // A page that was saved with its files names addresses of the server.
    let page = "<script>window.ui = SwaggerUIBundle({url: \"https://panel.example.es/docs/api-docs.json\"})</script>";
    assert_eq!(of(&[("Docs.html", page), ("Docs_files/api-docs.json", openapi)]).counts.operations, 1);
    let error = import(&files(&[("Docs.html", page)])).unwrap_err();
    assert_eq!(error.name(), "document-elsewhere");
    assert!(error.to_string().contains("https://panel.example.es/docs/api-docs.json"), "{error}");
}

const MARKDOWN: &str = "# API de zonas\n\n## Listar zonas {#listZones}\n\n```\nGET /:account/zonas\n```\n\n### Parámetros\n\nNombre | Tipo | Descripción\n---|---|---\n`:account` | `integer` | La cuenta\n\n\
### Filtros\n\nNombre | Descripción\n---|---\n`:nombre` | Solo las de este nombre\n\n### Ordenación\n\nNombre | Descripción\n---|---\n`id` | Por id\n\n\
### Ejemplo\n\n```shell\ncurl -H 'Authorization: Bearer <token>' \\\n  https://api.example.es/v2/1010/zonas?orden=id\n```\n\n### Respuesta\n\nResponde con HTTP 200.\n\n```json\n{\"zonas\": [{\"id\": 1}]}\n```\n\n\
## Crear una zona\n\n**URL**: `/:account/zonas`\n\n**Método**: `POST`\n\n| Campo | Tipo | Obligatorio | Descripción |\n|---|---|---|---|\n| `nombre` | cadena | Sí | El nombre |\n| `ttl` | entero | No | Segundos |\n\n\
**Respuesta**\n\n| Campo | Tipo | Descripción |\n|---|---|---|\n| `creado_en` | fecha | Cuándo |\n\n\
## Otras cosas\n\n| Código | Región |\n|---|---|\n| `SV1` | California |\n";

#[test]
fn markdown_in_spanish_and_its_traps() {
    let imported = one(MARKDOWN);
    assert_eq!(imported.form, Form::Reference);
    assert_eq!(operations(&imported), ["GET /{account}/zonas", "POST /{account}/zonas"]);
    let document = document(&imported);
    let item = &document["paths"]["/{account}/zonas"];
    // The order is what a command shows; what can be sorted by is no parameter, and no response is a request.
    assert_eq!(query(&item["get"]), ["orden:string", "nombre:string"]);
    assert_eq!(body(&item["post"]), ["nombre:string!", "ttl:integer"]);
    assert_eq!(
        item["get"]["responses"]["200"]["content"]["application/json"]["example"],
        json!({"zonas": [{"id": 1}]})
    );
    assert!(
        properties(&item["post"]["responses"]["200"]["content"]["application/json"]["schema"])
            .contains(&"creado_en:string".to_owned())
    );
    assert_eq!(item["get"]["operationId"], "listZones");
    assert_eq!(document["servers"][0]["url"], "https://api.example.es/v2");
}

#[test]
fn a_page_in_latin_1_is_read() {
    let page = "<html><body><h2>Creaci\u{f3}n</h2><p><code>POST /zonas</code></p><table><tr><th>Par\u{e1}metro</th><th>Obligatorio</th></tr><tr><td>nombre</td><td>S\u{ed}</td></tr></table></body></html>";
    let bytes = page.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let imported = import(&Files::from([("page.html".to_owned(), bytes)])).unwrap();
    let create = document(&imported)["paths"]["/zonas"]["post"].clone();
    assert_eq!((body(&create), &create["summary"]), (vec!["nombre:any!".to_owned()], &json!("Creaci\u{f3}n")));
}

#[test]
fn slate_html_and_definition_lists() {
    let slate = "# Kittens\n\n## Get a kitten\n\n```shell\ncurl \"https://api.example.es/kittens/2\" -H \"Authorization: k\"\n```\n\n> The above command returns JSON:\n\n```json\n{\"id\": 2}\n```\n\n\
                 ### HTTP Request\n\n`GET https://api.example.es/kittens/<ID>`\n\n### Query Parameters\n\nParameter | Default | Description\n--------- | ------- | -----------\ninclude_cats | false | Also cats.\n\n\
                 ### Response Parameters\n\nParameter | Optional? | Description\n--- | --- | ---\nage | No | Years\n";
    let document = document(&one(slate));
    let get = &document["paths"]["/kittens/{ID}"]["get"];
    assert_eq!(query(get), ["include_cats:string"]);
    assert_eq!(get["summary"], "Get a kitten");
    assert_eq!(get["responses"]["200"]["content"]["application/json"]["example"], json!({"id": 2}));
    let html = "<html><body><nav><a>GET /nav</a></nav><main><h1>API</h1><h2>Crea</h2><p><code>POST</code> <code>/zones/{id}/records</code></p>\
                <h3>Paràmetres del cos</h3><dl><dt><code>name</code> <em>cadena</em></dt><dd>(obligatori) El nom</dd><dt><code>ttl</code></dt><dd>(integer, optional) Segons</dd></dl>\
                <h3>Resposta</h3><pre><code class=\"language-json\">{&quot;ok&quot;: true}</code></pre></main></body></html>";
    let imported = one(html);
    assert_eq!(operations(&imported), ["POST /zones/{id}/records"]);
    let document = serde_json::from_str::<Value>(&imported.text()).unwrap();
    assert_eq!(body(&document["paths"]["/zones/{id}/records"]["post"]), ["name:string!", "ttl:integer"]);
}

#[test]
fn pages_write_operations_in_many_ways() {
    let shown = |text: &str| {
        let imported = one(text);
        let document = document(&imported);
        let mut out = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                out.push(format!("{method} {path} {:?} {:?}", query(operation), body(operation)).replace('"', ""));
            }
        }
        out
    };
    let text = "# A\n\nBase URL: `https://a.example.es/api`\n\n### `POST /login`\n\n**Request Body:**\n```json\n{\"a\": \"b\"}\n```\n**Response:** `200 OK`\n```json\n{\"t\": 1}\n```\n\
                \n### GET /users?page=1 (admin only)\n\nQuery Parameters:\n- `role` (string, required): by role\n";
    assert_eq!(shown(text), ["post /login [] [a:string]", "get /users [page:integer, role:string!] []"]);
    assert_eq!(document(&one(text))["servers"][0]["url"], "https://a.example.es/api");
    let text = "# Ver\n\n```http\n  GET /api/users/${id}\n```\n\n| Parámetro | Tipo | Descripción |\n|:---|:---|:---|\n| `id` | `string` | **Obligatorio**. Id |\n| `clave` | `string, required` | Clave |\n";
    assert_eq!(shown(text), ["get /api/users/{id} [clave:string!] []"]);
    let text = "# Create\n\n**URL** : `/accounts/`\n\n**Method** : `POST`\n\n**Data constraints**\n\n```json\n{\"name\": \"[64 chars]\"}\n```\n\n## Error Response\n\n**Code** : `400 BAD REQUEST`\n\n```json\n{\"name\": [\"x\"]}\n```\n";
    assert_eq!(shown(text), ["post /accounts/ [] [name:string]"]);
    assert!(document(&one(text))["paths"]["/accounts/"]["post"]["responses"]["400"].is_object());
    let text = "<html><body><h3>Crear</h3><div class=m>POST</div><div class=p>/v1/a/{id}</div><table><tr><th>Nombre</th><th>Tipo</th><th>Requerido</th></tr><tr><td>id</td><td>entero</td><td>Sí</td></tr>\
                <tr><td>tipo</td><td>cadena</td><td>Sí</td></tr></table></body></html>";
    assert_eq!(shown(text), ["post /v1/a/{id} [] [tipo:string!]"]);
}

#[test]
fn a_table_of_endpoints_and_pages_of_commands_alone() {
    let table = "# API\n\n| Method | Endpoint | Description |\n|---|---|---|\n| GET | `/a` | All |\n| DELETE | `/a/{id}` | One |\n";
    assert_eq!(operations(&one(table)), ["GET /a", "DELETE /a/{id}"]);
    let commands = "# API\n\n## List\n\n```\n$ curl https://a.example.es/v1/apps\n```\n\n## One\n\n```\n$ curl -X PUT https://a.example.es/v1/apps/17 -d '{\"n\": 1}'\n```\n";
    let imported = one(commands);
    assert_eq!(operations(&imported), ["GET /v1/apps", "PUT /v1/apps/{app_id}"]);
}

#[test]
fn insomnia_4_and_5() {
    let four = json!({"_type": "export", "__export_format": 4, "resources": [
        {"_id": "wrk", "_type": "workspace", "name": "W"}, {"_id": "env", "_type": "environment", "data": {"url": "https://a.example.es", "password": "hunter2"}},
        {"_id": "fld", "parentId": "wrk", "_type": "request_group", "name": "Zones"},
        {"_id": "r1", "parentId": "fld", "_type": "request", "name": "N", "method": "POST", "url": "{{ _.url }}/zones/7", "parameters": [{"name": "dry", "value": "true"}],
         "body": {"mimeType": "application/json", "text": "{\"a\": 1}"}, "authentication": {"type": "bearer", "token": "x"}}]});
    let imported = one(&four.to_string());
    assert_eq!((imported.form, operations(&imported)), (Form::Insomnia, vec!["POST /zones/{zone_id}".to_owned()]));
    assert!(!imported.text().contains("hunter2"));
    assert_eq!(document(&imported)["paths"]["/zones/{zone_id}"]["post"]["tags"], json!(["Zones"]));
    let five = "type: collection.insomnia.rest/5.0\nname: W\ncollection:\n  - name: Zones\n    children:\n      - url: '{{ _.url }}/zones'\n        name: N\n        method: GET\n        \
                parameters: [{name: page, value: '1', disabled: true}]\nenvironments: {data: {url: 'https://a.example.es'}}\n";
    let imported = one(five);
    assert_eq!(query(&document(&imported)["paths"]["/zones"]["get"]), ["page:integer"]);
}

#[test]
fn a_folder_of_bruno() {
    let request = "meta {\n  name: create\n  type: http\n}\n\npost {\n  url: {{baseUrl}}/zones/4?dry=1\n  body: json\n  auth: inherit\n}\n\nparams:query {\n  dry: 1\n  ~page: 2\n}\n\n\
                   body:json {\n  {\n    \"name\": \"a\",\n    \"deep\": {\n      \"n\": 1\n    }\n  }\n}\n\nscript:pre-request {\n  const a = \"get {\";\n}\n";
    let imported = of(&[
        ("b/bruno.json", r#"{"version": "1", "name": "Zones", "type": "collection"}"#),
        (
            "b/collection.bru",
            "vars:pre-request {\n  baseUrl: http://localhost:8080/api\n}\n\nauth {\n  mode: bearer\n}\n",
        ),
        ("b/Zones/create.bru", request),
    ]);
    assert_eq!((imported.form, operations(&imported)), (Form::Bruno, vec!["POST /zones/{zone_id}".to_owned()]));
    let document = document(&imported);
    let create = &document["paths"]["/zones/{zone_id}"]["post"];
    assert_eq!(
        (query(create), body(create)),
        (
            vec!["dry:integer".to_owned(), "page:integer".to_owned()],
            vec!["deep:object".to_owned(), "name:string".to_owned()]
        )
    );
    assert_eq!(document["info"]["title"], "Zones");
}

#[test]
fn api_blueprint() {
    let text = "FORMAT: 1A\nHOST: https://a.example.es/\n\n# Zones\n\n# Group Zones\n\n## Zone [/zones/{id}{?deep}]\n\n+ Parameters\n    + id: 1 (required, number) - The id\n    + deep: true (optional, boolean)\n\n\
                ### Show [GET]\n\n+ Response 200 (application/json)\n\n        {\"id\": 1}\n\n### Change [PATCH]\n\n+ Request (application/json)\n    + Attributes (Zone)\n\n+ Response 204\n\n\
                ## List [GET /zones{?page}]\n\n+ Response 200\n\n# Data Structures\n\n## Zone (object)\n+ name: www (string, required) - Name\n+ tags (array[string])\n";
    let imported = one(text);
    assert_eq!(imported.form, Form::Blueprint);
    assert_eq!(operations(&imported), ["GET /zones", "GET /zones/{id}", "PATCH /zones/{id}"]);
    let document = document(&imported);
    let item = &document["paths"]["/zones/{id}"];
    assert_eq!(query(&item["get"]), ["deep:boolean"]);
    assert_eq!(body(&item["patch"]), ["name:string!", "tags:[string]"]);
    assert_eq!(item["get"]["responses"]["200"]["content"]["application/json"]["example"], json!({"id": 1}));
}

#[test]
fn raml() {
    let text = "#%RAML 1.0\ntitle: Zones\nversion: v1\nbaseUri: https://a.example.es/{version}\ntypes:\n  Zone:\n    properties:\n      name: string\n      ttl?: integer\n\
                traits:\n  paged:\n    queryParameters:\n      <<size>>: {type: integer, required: false}\n/zones:\n  get:\n    is: [{paged: {size: limit}}]\n    responses:\n      200:\n        body:\n          application/json:\n            example: !include a.json\n\
                \x20 /{id}:\n    uriParameters: {id: {type: integer}}\n    put:\n      body:\n        application/json:\n          type: Zone\n";
    let imported = of(&[("a.json", "{\"n\": 1}"), ("api.raml", text)]);
    assert_eq!(imported.form, Form::Raml);
    let document = document(&imported);
    assert_eq!(query(&document["paths"]["/zones"]["get"]), ["limit:integer"]);
    assert_eq!(body(&document["paths"]["/zones/{id}"]["put"]), ["name:string!", "ttl:integer"]);
    assert_eq!(document["servers"][0]["url"], "https://a.example.es/v1");
}

#[test]
fn what_cannot_be_imported_is_rejected_by_name() {
    let reject = |text: &str| import(&files(&[("source", text)])).map(|imported| imported.form).unwrap_err().name();
    assert_eq!(
        reject("# API\n\nPOST everything to one URL:\n\n```php\n$post = ['cmd' => 'x', 'arg1' => 'y'];\n```\n"),
        "other-description"
    );
    let commands: Vec<Value> = ["list", "add", "del"]
        .iter()
        .map(|command| request("POST", "{{base}}/api/", raw(&format!("{{\"cmd\": \"{command}\"}}"))))
        .collect();
    assert_eq!(reject(&collection(json!(commands))), "other-description");
    assert_eq!(reject("milk, bread"), "not-documentation");
    assert_eq!(reject("# Notes\n\nUse curl or GET it somewhere."), "no-operations");
    assert_eq!(reject("{\"info\": {\"name\": \"x\", \"_postman_id\": \"1\"}, \"item\": []}"), "no-operations");
    assert_eq!(reject(""), "not-documentation");
}

#[test]
fn hostile_sources_end_in_time() {
    let deep = format!(
        "{{\"info\": {{\"name\": \"x\"}}, \"item\": {}{}}}",
        "[{\"item\": ".repeat(60),
        "[]".to_owned() + &"}]".repeat(60)
    );
    let body = raw(&format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000)));
    let many: Vec<Value> =
        (0..3_000).map(|at| request("GET", &format!("{{{{base}}}}/a/{at}/b{at}"), Value::Null)).collect();
    let started = std::time::Instant::now();
    let _ = import(&files(&[("source", &deep)]));
    assert_eq!(one(&collection(json!([request("POST", "{{base}}/a", body)]))).counts.operations, 1);
    assert_eq!(one(&collection(json!(many))).counts.operations, 3_000);
    let _ = import(&files(&[("page.html", &"<div><p><b><code>".repeat(20_000))]));
    let _ = import(&files(&[("page.md", &format!("GET /a\n{}", "- [ ".repeat(20_000)))]));
    let _ = import(&files(&[("bundle.js", &"[{type:'a',url:'b',title:".repeat(5_000))]));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn the_review_names_the_doubtful_places_first_with_an_overlay() {
    let imported = one(&collection(json!([request("POST", "{{base}}/zones/42", raw("{\"a\": 1}"))])));
    let text = review(&imported, "collection.json");
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(at("## path-parameter-guessed") < at("## required-not-said"));
    assert!(text.contains("overlay: 1.0.0") && text.contains("line 1"), "{text}");
}
