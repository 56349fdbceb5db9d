//! The real program against real servers on 127.0.0.1: one page for each renderer, and what is refused.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;
mod server;

use common::Copy;
use server::{Reply, Server, page, plain};

const SPEC: &str = r#"{"openapi":"3.0.3","info":{"title":"Panel","version":"1"},"paths":{"/a/":{"get":{"operationId":"a_list","summary":"x","tags":["a"],"responses":{"200":{"description":"ok"}}}}}}"#;

/// Renderer, outcome, and what the server has.
type Case = (&'static str, &'static str, Vec<(&'static str, Reply)>);

fn discover(server: &Server, path: &str) -> (Option<i32>, serde_json::Value) {
    let copy = Copy::new();
    let ran = copy.xtask(&["discover", &server.at(path), "--allow-host", &server.host(), "--format", "json"]);
    (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}")))
}

#[test]
fn each_renderer_leads_to_its_document() {
    let swagger_ui = "<script src=swagger-ui-bundle.js></script><script src=./swagger-initializer.js></script>";
    let inline =
        format!("var options = {{\"swaggerDoc\": {SPEC}, \"customOptions\": {{\"f\": function () {{ }} }} }};");
    let script = |code: &str| page(&format!("<body><script>{code}</script>"));
    let cases: Vec<Case> = vec![
        ("direct", "document", vec![("/", plain(SPEC))]),
        (
            "link-header",
            "document",
            vec![("/", Reply(200, "Link: </s>; rel=\"service-desc\"\r\n".into(), b"<p>hi".to_vec()))],
        ),
        (
            "swagger-ui",
            "document",
            vec![
                ("/", page(swagger_ui)),
                (
                    "/swagger-initializer.js",
                    plain("window.ui = SwaggerUIBundle({ url: '/s', dom_id: '#ui', presets: [A.b], })"),
                ),
            ],
        ),
        (
            "swagger-ui",
            "document",
            vec![(
                "/",
                script(
                    "const ui = SwaggerUI({ urls: [{url: '/b', name: 'b'}, {url: '/s', name: 'a'}], 'urls.primaryName': 'a' })",
                ),
            )],
        ),
        (
            "springdoc",
            "document",
            vec![
                ("/", page(swagger_ui)),
                (
                    "/swagger-initializer.js",
                    plain(
                        "SwaggerUIBundle({ url: 'https://petstore.swagger.io/v2/swagger.json', \"configUrl\": \"/v3/api-docs/swagger-config\" })",
                    ),
                ),
                ("/v3/api-docs/swagger-config", plain("{\"configUrl\":\"/c\",\"url\":\"/s\"}")),
            ],
        ),
        (
            "swashbuckle",
            "document",
            vec![(
                "/",
                script(
                    "var configObject = JSON.parse('{\"urls\":[{\"url\":\"s\",\"name\":\"V1\"}]}'); SwaggerUIBundle(configObject)",
                ),
            )],
        ),
        (
            "swagger-ui-express",
            "inline",
            vec![("/", page("<script src='./swagger-ui-init.js'></script>")), ("/swagger-ui-init.js", plain(&inline))],
        ),
        (
            "nelmio",
            "inline",
            vec![("/", page(&format!("<script id=swagger-data type='application/json'>{{\"spec\":{SPEC}}}</script>")))],
        ),
        ("redoc", "document", vec![("/", page("<!-- <redoc spec-url=/no> --><redoc spec-url='s'></redoc>"))]),
        ("redoc", "document", vec![("/", script("const spec = '/s'; Redoc.init(spec, {}, el)"))]),
        (
            "redocly",
            "inline",
            vec![(
                "/",
                script(&format!(
                    "const __redoc_state = {{\"menu\":1,\"spec\":{{\"url\":\"/home/b.yaml\",\"data\":{SPEC}}}}}; Redoc.hydrate(__redoc_state, c)"
                )),
            )],
        ),
        ("scalar", "document", vec![("/", page("<script id=api-reference data-url=/s data-proxy-url=/p></script>"))]),
        (
            "scalar",
            "inline",
            vec![("/", page(&format!("<script id=api-reference type='application/json'>{SPEC}</script>")))],
        ),
        (
            "scalar",
            "document",
            vec![(
                "/",
                script("Scalar.createApiReference('#app', { sources: [{url: '/b'}, {url: '/s', default: true}] })"),
            )],
        ),
        ("rapidoc", "document", vec![("/", page("<rapi-doc spec-url='/s'></rapi-doc>"))]),
        ("stoplight-elements", "document", vec![("/", page("<elements-api apiDescriptionUrl='/s'></elements-api>"))]),
        (
            "stoplight-elements",
            "inline",
            vec![("/", script(&format!("docs.apiDescriptionDocument = {{\"spec\":{SPEC}}}.spec;")))],
        ),
        (
            "l5-swagger",
            "document",
            vec![
                (
                    "/",
                    script(
                        "const urls = []; urls.push({name: \"A\", url: \"/docs?api-docs.json\"}); SwaggerUIBundle({ urls: urls, oauth2RedirectUrl: '/o' })",
                    ),
                ),
                ("/docs?api-docs.json", plain(SPEC)),
            ],
        ),
        (
            "scribe",
            "document",
            vec![
                ("/", page("<a href='/docs.postman'>P</a><a href='/docs.openapi'>O</a>")),
                ("/docs.openapi", plain("openapi: 3.0.3\npaths: {}\n")),
            ],
        ),
        (
            "mintlify",
            "document",
            vec![("/", page("<p>prose")), ("/llms.txt", plain("# A\n## OpenAPI Specs\n- [a](/s)\n"))],
        ),
        ("well-known-path", "document", vec![("/", page("<p>prose")), ("/v2026/openapi.yaml", plain(SPEC))]),
        ("link", "document", vec![("/", page("<a href='/x'>Download schema</a>")), ("/x", plain(SPEC))]),
    ];
    for (renderer, outcome, mut replies) in cases {
        replies.push(("/s", plain(SPEC)));
        let server = Server::start(&replies);
        let (code, json) = discover(&server, "/");
        assert_eq!(
            (code, &json["outcome"], &json["renderer"]),
            (Some(0), &outcome.into(), &renderer.into()),
            "{json:#}"
        );
        if outcome == "document" {
            let first = json["addresses"][0].as_str().unwrap();
            assert!(first.starts_with(&server.at("/")) && !first.ends_with("/b"), "{json:#}");
        }
        assert_eq!(json["asked"][0], server.at("/").as_str());
    }
}

#[test]
fn a_page_with_several_documents_is_asked_about() {
    let urls =
        "SwaggerUI({ urls: [{url: '/b', name: 'second'}, {url: '/s', name: 'first'}], 'urls.primaryName': 'first' })";
    let scalar = "Scalar.createApiReference('#app', { sources: [{url: '/b', title: 'second'}, {url: '/s', title: 'first', default: true}] })";
    let pushed = "const urls = []; urls.push({name: 'first', url: '/s'}); urls.push({name: 'second', url: '/b'}); SwaggerUIBundle({ urls: urls })";
    let config = "{\"urls\":[{\"url\":\"/s\",\"name\":\"first\"},{\"url\":\"/b\",\"name\":\"second\"}]}";
    let llms = "# A\n- [first openapi](/s/openapi.json)\n- [guide](/guide.md)\n- [second](/b/openapi.yaml)\n";
    for (script, second) in [(urls, "/b"), (scalar, "/b"), (pushed, "/b"), ("", "/b"), ("llms", "/b/openapi.yaml")] {
        let front = match script {
            "" => page("<script>SwaggerUIBundle({configUrl: '/c'})</script>"),
            "llms" => page("<p>prose<a href='/docs/llms.txt'>for models</a>"),
            script => page(&format!("<script>{script}</script>")),
        };
        let server = Server::start(&[
            ("/", front),
            ("/c", plain(config)),
            ("/docs/llms.txt", plain(llms)),
            ("/s", plain(SPEC)),
            ("/b", plain(SPEC)),
            ("/s/openapi.json", plain(SPEC)),
            ("/b/openapi.yaml", plain(SPEC)),
        ]);
        let (code, json) = discover(&server, "/");
        assert_eq!((code, &json["outcome"]), (Some(0), &"document".into()), "{script}: {json:#}");
        let documents = json["documents"].as_array().unwrap();
        assert_eq!(documents.len(), 2, "{script}: {json:#}");
        assert!(documents.iter().any(|one| one["address"] == server.at(second).as_str()), "{script}: {json:#}");
        assert!(documents.iter().all(|one| !one["name"].as_str().unwrap().is_empty()), "{script}: {json:#}");
        let copy = Copy::new();
        let before = copy.state();
        let from =
            |address: &str| copy.xtask(&["sync", "--accept-shrink", "--from", address, "--allow-host", &server.host()]);
        let ran = from(&server.at("/"));
        assert_eq!(ran.code, Some(100), "{script}: {ran:?}");
        assert!(ran.err.contains(&server.at(second)) && ran.err.contains("lists 2 documents"), "{ran:?}");
        assert!(copy.state() == before, "a refused sync wrote something");
        if script == urls {
            assert_eq!(from(&server.at("/b")).code, Some(4));
        }
    }
}

#[test]
fn the_folder_above_the_page_is_asked_and_what_has_no_host_is_not() {
    let server =
        Server::start(&[("/panel/api/docs/index.html", page("<p>prose")), ("/panel/api/openapi.json", plain(SPEC))]);
    let (code, json) = discover(&server, "/panel/api/docs/index.html");
    assert_eq!((code, &json["addresses"][0]), (Some(0), &server.at("/panel/api/openapi.json").into()), "{json:#}");
    for link in ["javascript:void(0)", "file:///etc/passwd", "data:application/json,{}"] {
        let server = Server::start(&[("/", page(&format!("<a href='{link}'>Download schema</a>")))]);
        let (code, json) = discover(&server, "/");
        assert_eq!((code, &json["refusal"]), (Some(100), &"unsafe-url".into()), "{link}: {json:#}");
    }
}

/// What each further page or address leads to: path asked, outcome, renderer or refusal, part of the first address.
type Further = (&'static str, &'static str, &'static str, &'static str, Vec<(&'static str, Reply)>);

#[test]
fn pages_and_addresses_of_other_kinds() {
    let swagger_ui = "<script>SwaggerUIBundle({url: '/other', dom_id: '#ui'})</script>";
    let linked = |relation: &str, target: &str| {
        Reply(200, format!("Link: <{target}>; rel=\"{relation}\"\r\n"), b"<p>hi".to_vec())
    };
    let catalog =
        "{\"linkset\":[{\"anchor\":\"/\",\"service-desc\":[{\"href\":\"/s\",\"type\":\"application/json\"}]}]}";
    let nelmio = format!(
        "<script id=swagger-data type='application/json'>{{\"spec\":{SPEC}}}</script><script>Redoc.init(x)</script>"
    );
    let platform = format!("<link rel=stylesheet href='/bundles/apiplatform/style.css'>{nelmio}");
    let hydra = linked("http://www.w3.org/ns/hydra/core#apiDocumentation", "/docs.jsonld");
    let postman = "<meta name=ownerId content=7><meta name=publishedId content=AbC>";
    let introspection = "{\"data\":{\"__schema\":{\"types\":[]}}}";
    let wadl = "<?xml version='1.0'?><application xmlns='http://wadl.dev.java.net/2009/02'></application>";
    let apidoc = "[{\"type\":\"get\",\"url\":\"/a\",\"title\":\"x\",\"group\":\"g\"}]";
    let cases: Vec<Further> = vec![
        ("/?url=/s", "document", "swagger-ui", "/s", vec![("/?url=/s", page(swagger_ui))]),
        (
            "/?configUrl=/c",
            "document",
            "springdoc",
            "/s",
            vec![("/?configUrl=/c", page(swagger_ui)), ("/c", plain("{\"url\":\"/s\"}"))],
        ),
        ("/", "document", "link-header", "/s", vec![("/", linked("api-catalog", "/cat")), ("/cat", plain(catalog))]),
        ("/", "inline", "nelmio", "", vec![("/", page(&nelmio))]),
        ("/", "inline", "api-platform", "", vec![("/", page(&platform))]),
        ("/", "document", "api-platform", "/docs.jsonopenapi", vec![("/", hydra), ("/docs.jsonopenapi", plain(SPEC))]),
        ("/", "other-description", "postman", "/api/collections/7/AbC?", vec![("/", page(postman))]),
        ("/", "other-description", "apidoc", "/api_data.js", vec![("/", page("<script src=api_data.js></script>"))]),
        ("/", "other-description", "", "/", vec![("/", plain(apidoc))]),
        ("/", "other-description", "", "/", vec![("/", plain(introspection))]),
        ("/", "other-description", "", "/", vec![("/", plain(wadl))]),
        ("/", "other-description", "", "/", vec![("/", plain("type Query {\n  a: Int\n}\n"))]),
    ];
    for (path, outcome, renderer, address, mut replies) in cases {
        replies.push(("/s", plain(SPEC)));
        let server = Server::start(&replies);
        let (_, json) = discover(&server, path);
        assert_eq!(json["outcome"], outcome, "{path} {renderer}: {json:#}");
        assert!(renderer.is_empty() || json["renderer"] == renderer, "{renderer}: {json:#}");
        assert!(address.is_empty() || json["addresses"][0].as_str().unwrap().contains(address), "{renderer}: {json:#}");
    }
    // ReadMe keeps the document on a host of its own, which needs leave.
    let readme =
        "<script id=ssr-props type=application/json>{\"a\":{\"oasPublicUrl\":\"@panel/v1.0#1a2b3c\"}}</script>";
    let (code, json) = discover(&Server::start(&[("/", page(readme))]), "/");
    assert_eq!((code, &json["refusal"]), (Some(100), &"cross-origin".into()), "{json:#}");
    assert!(json["message"].as_str().unwrap().contains("dash.readme.com"), "{json:#}");
}

/// Each page: what it comes to (outcome, renderer, refusal; an empty text is null), and a word of its notes.
#[test]
fn a_page_whose_document_is_not_to_be_had_says_why() {
    let redoc = || page("<redoc spec-url='/x'></redoc>");
    let status = |status: u16| Reply(status, String::new(), b"no".to_vec());
    let relation = Reply(200, "Link: </x>; rel=\"foo service-desc\"\r\n".into(), b"<p>hi".to_vec());
    type Case = (&'static str, &'static str, &'static str, &'static str, Vec<(&'static str, Reply)>);
    let cases: Vec<Case> = vec![
        (
            "refused",
            "redoc",
            "unsupported-version",
            "",
            vec![("/", redoc()), ("/x", plain("{\"openapi\": \"4.0.0\", \"paths\": {}}"))],
        ),
        (
            "refused",
            "redoc",
            "unsupported-version",
            "",
            vec![("/", redoc()), ("/x", plain("{\"swagger\": \"1.2\", \"paths\": {}}"))],
        ),
        (
            "refused",
            "",
            "unsupported-version",
            "",
            vec![("/", page("<script>Redoc.init({openapi: '4.0.0', paths: {}})</script>"))],
        ),
        ("refused", "redoc", "login-page", "", vec![("/", redoc()), ("/x", page("<input type=password>"))]),
        ("document", "redoc", "", "HTTP 404", vec![("/", redoc()), ("/x", status(404))]),
        ("document", "redoc", "", "HTTP 401", vec![("/", redoc()), ("/x", status(401))]),
        ("none", "", "", "computed", vec![("/", page("<script>Redoc.init(window.location.origin + '/x')</script>"))]),
        (
            "none",
            "",
            "",
            "Stoplight",
            vec![("/", page("<elements-stoplight-project project-id=a></elements-stoplight-project>"))],
        ),
        ("other-description", "link", "", "", vec![("/", page("<a href='/api.raml'>here</a>"))]),
        ("document", "link-header", "", "", vec![("/", relation), ("/x", plain(SPEC))]),
    ];
    for (outcome, renderer, refusal, note, replies) in cases {
        let server = Server::start(&replies);
        let (_, json) = discover(&server, "/");
        let said = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(said("outcome"), outcome, "{json:#}");
        assert!(renderer.is_empty() || said("renderer") == renderer, "{renderer}: {json:#}");
        assert_eq!(said("refusal"), refusal, "{json:#}");
        assert!(json["notes"].to_string().contains(note), "{note}: {json:#}");
    }
}

#[test]
fn what_is_no_document_of_this_api_ends_by_name() {
    let cases: Vec<(&str, i32, Reply)> = vec![
        ("login-page", 100, page("<form><input type=password></form>")),
        ("login-page", 100, Reply(401, String::new(), b"Unauthorized".to_vec())),
        (
            "sample-spec",
            100,
            page("<script>SwaggerUIBundle({url: 'https://petstore.swagger.io/v2/swagger.json'})</script>"),
        ),
        ("sample-spec", 100, plain(&SPEC.replace("Panel", "Swagger Petstore"))),
        ("cross-origin", 100, page("<redoc spec-url='http://other.example/openapi.json'></redoc>")),
        ("cross-origin", 100, Reply(302, "Location: https://other.example/\r\n".into(), Vec::new())),
        ("unsafe-url", 100, Reply(302, "Location: /\r\n".into(), Vec::new())),
        ("not-a-spec", 100, plain("{\"Error code\":\"#APIGENE01\"}")),
        ("unsupported-version", 100, plain("{\"swagger\":\"1.2\",\"apis\":[]}")),
        ("truncated", 100, Reply(200, "Content-Length: 9999\r\n".into(), SPEC.as_bytes().to_vec())),
        ("too-large", 100, Reply(200, "Content-Length: 99999999\r\n".into(), b"{".to_vec())),
    ];
    for (refusal, code, reply) in cases {
        let server = Server::start(&[("/", reply)]);
        let (ran, json) = discover(&server, "/");
        assert_eq!(
            (ran, &json["outcome"], &json["refusal"]),
            (Some(code), &"refused".into(), &refusal.into()),
            "{json:#}"
        );
        assert!(server.heads().len() <= 6, "paths were probed: {json:#}");
    }
    let server = Server::start(&[(
        "/",
        plain("{\"info\":{\"name\":\"x\",\"schema\":\"https://schema.getpostman.com/v2\"},\"item\":[]}"),
    )]);
    let (code, json) = discover(&server, "/");
    assert_eq!((code, &json["outcome"]), (Some(4), &"other-description".into()), "{json:#}");
    let server = Server::start(&[("/", plain("#%RAML 1.0\ntitle: x\n"))]);
    let copy = Copy::new();
    let ran = copy.xtask(&["sync", "--from", &server.at("/"), "--allow-host", &server.host(), "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let (name, word) = ("other-description", "RAML");
    assert!(ran.code == Some(100) && json["error"]["name"] == name && ran.out.contains(word), "{ran:?}");
    let robots = plain("User-agent: *\nDisallow: /panel\n# no more\nDisallow:\n");
    let server = Server::start(&[("/", page("<p>prose")), ("/robots.txt", robots)]);
    let (code, json) = discover(&server, "/");
    assert_eq!((code, &json["outcome"]), (Some(4), &"none".into()), "{json:#}");
    assert!(json["asked"].as_array().unwrap().len() > 80, "{json:#}");
    assert_eq!(json["notes"], serde_json::json!(["robots.txt asks robots to leave out: /panel"]), "{json:#}");
    let copy = Copy::new();
    for address in ["http://127.0.0.1:1/", "https://localhost/", "http://api.swpanel.com/", "ftp://a.es/"] {
        let ran = copy.xtask(&["discover", address, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, &json["refusal"]), (Some(100), &"unsafe-url".into()), "{json:#}");
        assert_eq!(json["asked"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn the_token_goes_to_the_named_host_alone_and_only_when_asked() {
    let other = Server::start(&[("/s", plain(SPEC))]);
    let server = Server::start(&[("/", Reply(302, format!("Location: {}\r\n", other.at("/s")), Vec::new()))]);
    let copy = Copy::new();
    let (host, there) = (server.host(), other.host());
    let address = server.at("/");
    let base =
        ["sync", "--check", "--accept-shrink", "--from", &address, "--allow-host", &host, "--allow-host", &there];
    let token = [("SWPANEL_TOKEN", "marker-3f1")];
    let with: Vec<&str> = base.iter().copied().chain(["--with-token", "--explain"]).collect();
    let ran = copy.xtask_with(&with, b"", &token);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.err.contains("asked http://127.0.0.1") && !format!("{ran:?}").contains("marker-3f1"), "{ran:?}");
    let heads = |server: &Server| server.heads().concat().to_ascii_lowercase();
    assert!(heads(&server).contains("authorization: bearer marker-3f1"), "{}", heads(&server));
    assert!(!heads(&other).contains("marker-3f1"), "{}", heads(&other));
    let before = server.heads().len();
    assert_eq!(copy.xtask_with(&base, b"", &token).code, Some(4));
    assert!(!server.heads().split_off(before).concat().contains("marker-3f1"));
}

#[test]
fn sync_takes_a_documentation_page() {
    let server = Server::start(&[("/docs", page("<redoc spec-url='/s'></redoc>")), ("/s", plain(SPEC))]);
    let copy = Copy::new();
    let before = copy.state();
    let address = server.at("/docs");
    let ran = copy.xtask(&["sync", "--accept-shrink", "--from", &address]);
    assert!(ran.code == Some(100) && ran.err.contains("--allow-host"), "{ran:?}");
    assert!(before == copy.state());
    let ran = copy.xtask(&["sync", "--accept-shrink", "--from", &address, "--allow-host", &server.host()]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(copy.read("swpanel-api.lock").contains(&format!("address = \"{}\"", server.at("/s"))));
    assert_eq!(copy.xtask(&["sync"]).code, Some(0));
}
