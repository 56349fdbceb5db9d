//! `cargo xtask ingest` on documents that are not ours: what lies in the folder after, and that the crate compiles.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{SMALL, workspace};
use serde_json::json;

/// A multipart body and a TRACE, which no generated call can express, beside what one can.
const HAND_OFF: &str = "
swagger: '2.0'
info: {title: Files, version: '1'}
paths:
  /files/{id}/parts/{type}:
    post:
      operationId: upload
      summary: Upload [one]
      consumes: [multipart/form-data]
      parameters: [{name: id, in: path, required: true, type: string}, {name: type, in: path, required: true, type: string}, {name: file, in: formData, type: file}]
      responses: {'200': {description: ok}}
  /files:
    get: {operationId: 'List all the files', responses: {'200': {description: ok, schema: {type: array, items: {$ref: '#/definitions/File'}}}}}
definitions:
  File: {type: object, properties: {id: {type: integer, format: int64}, type: {type: string, enum: [a, b]}}}
";

fn ingest(source: &Path, out: &Path, more: &[&str]) -> (Option<i32>, serde_json::Value) {
    let ran = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .current_dir(workspace())
        .args(["ingest", source.to_str().unwrap(), "--out", out.to_str().unwrap(), "--format", "json"])
        .args(more)
        .output()
        .unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    (ran.status.code(), serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// Compiles a crate, or runs a test of it, with the workspace's target folder, without the network.
fn compile(folder: &Path, how: &[&str]) {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let ran = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .current_dir(folder)
        .args(how)
        .args(["--offline", "--quiet", "--target-dir"])
        .arg(target.join("ingested"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}: {}", folder.display(), String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn any_document_becomes_a_folder_and_a_crate() {
    let place = tempfile::tempdir().unwrap();
    let out = ingest_hand_off(&place);
    let generated = std::fs::read_to_string(out.join("crate/src/generated.rs")).unwrap();
    assert!(generated.contains("pub fn upload") && generated.contains("pub fn list_all_the_files"));
}

/// A document with servers, keys and passwords of its own, in the words of `doc-42` of the reports.
const AUTH: &str = "
openapi: 3.0.3
info: {title: auth and servers, version: '1'}
servers: [{url: 'https://{region}.example.test/{base}', variables: {region: {default: eu, enum: [eu, us]}, base: {default: v1}}}]
security: [{key: []}]
paths:
  /a: {get: {operationId: a, responses: {'204': {description: ok}}}}
  /public: {get: {operationId: pub, security: [], responses: {'204': {description: ok}}}}
  /basic: {get: {operationId: basic, security: [{b: []}], responses: {'204': {description: ok}}}}
  /two: {get: {operationId: two, security: [{qk: [], b: []}], responses: {'204': {description: ok}}}}
  /up: {servers: [{url: 'https://upload.example.test/v1'}], get: {operationId: up, responses: {'204': {description: ok}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}, b: {type: http, scheme: basic}, qk: {type: apiKey, in: query, name: api_key}}
";

#[test]
fn a_crate_of_another_api_has_nothing_of_swpanel_that_is_sent_or_read() {
    let place = tempfile::tempdir().unwrap();
    let (source, out) = (place.path().join("given.yaml"), place.path().join("out"));
    std::fs::write(&source, AUTH).unwrap();
    ingest(&source, &out, &["--crate"]);
    let mut open = vec![out.join("crate")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for word in ["api.swpanel.com", "SWPANEL_", "swpanel-rust", "Integrator mode exists"] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
    let code = std::fs::read_to_string(out.join("crate/src/generated.rs")).unwrap();
    assert!(code.contains("server: \"https://eu.example.test/v1\""), "the variables of the server are filled");
    assert!(
        code.contains("COMMON_SCHEME: crate::runtime::Scheme = crate::runtime::Scheme::Header")
            && code.contains("\"X-Api-Key\"")
    );
    assert!(code.contains("crate::runtime::Scheme::Nothing") && code.contains("crate::runtime::Scheme::Basic"));
    let ledger = std::fs::read_to_string(out.join("ledger.json")).unwrap();
    for rule in ["one-credential", "several-credentials", "operation-server"] {
        assert!(ledger.contains(rule), "{rule}: {ledger}");
    }
    std::fs::write(&source, AUTH.replace("https://{region}.example.test/{base}", "/api/v3")).unwrap();
    ingest(&source, &out, &["--crate"]);
    let setup = std::fs::read_to_string(out.join("crate/src/setup.rs")).unwrap();
    assert!(setup.contains("DEFAULT_BASE_URL: Option<&str> = None;"), "no base address is invented");
}

/// Ingests `HAND_OFF` with a crate, checks the files beside the crate, and returns the folder.
fn ingest_hand_off(place: &tempfile::TempDir) -> PathBuf {
    let (source, out) = (place.path().join("given.yaml"), place.path().join("out"));
    std::fs::write(&source, HAND_OFF).unwrap();
    let (code, json) = ingest(&source, &out, &["--crate"]);
    assert_eq!((code, &json["counts"]["operations"]), (Some(4), &2.into()), "{json:#}");
    assert_eq!(json["handed_off"][0]["operation"], "POST /files/{id}/parts/{type}");
    for file in ["swpanel-api.json", "ledger.json", "findings.json"] {
        let text = std::fs::read_to_string(out.join(file)).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{file}");
    }
    out
}

#[test]
#[ignore = "compiles a crate; `cargo xtask verify --slow` runs it"]
fn the_crate_of_any_document_compiles_and_sends() {
    let place = tempfile::tempdir().unwrap();
    let out = ingest_hand_off(&place);
    let main = "#[test] fn it_is_called() { let client = swpanel::Client::builder().base_url(\"http://127.0.0.1:9\").token(\"t\").build().unwrap();\n\
        let call = client.upload(\"a/b\", 7); assert!(format!(\"{call:?}\").contains(\"/files/a%2Fb/parts/7\"), \"{call:?}\");\n\
        drop(client.list_all_the_files()); }\n";
    let tests = out.join("crate/tests");
    std::fs::create_dir_all(&tests).unwrap();
    std::fs::write(tests.join("calls.rs"), main).unwrap();
    compile(&out.join("crate"), &["test", "--test", "calls"]);
}

#[test]
#[ignore = "compiles a crate; `cargo xtask verify --slow` runs it"]
fn what_goes_over_the_wire_is_what_the_document_says() {
    let place = tempfile::tempdir().unwrap();
    let (source, out) = (place.path().join("wire.yaml"), place.path().join("out"));
    std::fs::write(&source, include_str!("fixtures/wire.yaml")).unwrap();
    let (_, json) = ingest(&source, &out, &["--crate"]);
    assert_eq!(json["handed_off"], json!([]), "{json:#}");
    let tests = out.join("crate/tests");
    std::fs::create_dir_all(&tests).unwrap();
    std::fs::write(tests.join("wire.rs"), include_str!("fixtures/wire.rs")).unwrap();
    compile(&out.join("crate"), &["test", "--test", "wire"]);
}

#[test]
fn a_clean_document_ends_with_0_and_a_refused_one_makes_no_folder() {
    let place = tempfile::tempdir().unwrap();
    let (source, out) = (place.path().join("given.json"), place.path().join("out"));
    std::fs::write(&source, "<!doctype html>").unwrap();
    let (code, json) = ingest(&source, &out, &["--crate"]);
    assert_eq!((code, &json["error"]["name"]), (Some(100), &"html-not-spec".into()), "{json:#}");
    assert!(!out.exists());
    std::fs::write(&source, SMALL).unwrap();
    let (code, json) = ingest(&source, &out, &[]);
    assert_eq!((code, &json["outcome"]), (Some(0), &"clean".into()), "{json:#}");
    assert!(!out.join("crate").exists());
}

#[test]
#[ignore = "needs SWPANEL_CORPUS and compiles two crates; `cargo xtask verify --slow` runs it"]
fn corpus_documents_become_crates_that_compile() {
    let corpus = PathBuf::from(std::env::var_os("SWPANEL_CORPUS").expect("SWPANEL_CORPUS names the corpus folder"));
    let place = tempfile::tempdir().unwrap();
    for name in ["pdns-swagger2.yaml", "bilemo-symfony.json"] {
        let out = place.path().join(name);
        let (code, json) = ingest(&corpus.join("specs").join(name), &out, &["--crate"]);
        assert!(matches!(code, Some(0 | 4)), "{json:#}");
        compile(&out.join("crate"), &["check"]);
    }
}

/// What only another version's words are is clean; a defect that was mended, or a name that two things had, is not.
#[test]
fn the_exit_code_tells_mends_from_translations() {
    let place = tempfile::tempdir().unwrap();
    let document = |version: &str, schemas: &str| {
        format!(
            "openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths: {{/a: {{get: {{operationId: a_get, summary: x, tags: [a], responses: {{'200': {{description: ok, \
             content: {{application/json: {{schema: {{$ref: '#/components/schemas/S'}}}}}}}}}}}}}}}}\ncomponents: {{schemas: {schemas}}}\n"
        )
    };
    for (version, schemas, code, mends) in [
        ("3.1.0", "{S: {type: object, properties: {a: {type: [string, 'null']}}}}", 0, 0),
        ("3.0.1", "{S: {type: object}}", 0, 0),
        ("3.0.3", "{S: {type: object, properties: {a: {type: [string, 'null']}}}}", 4, 1),
        ("3.0.3", "{S: {type: object, properties: {a: {type: int}}}}", 4, 1),
        ("3.0.3", "{S: {type: object, properties: {a: {$ref: '#/components/schemas/s'}}}, s: {type: object}}", 4, 1),
    ] {
        let (source, out) = (place.path().join("given.yaml"), place.path().join("out"));
        std::fs::write(&source, document(version, schemas)).unwrap();
        let (found, json) = ingest(&source, &out, &[]);
        assert_eq!((found, &json["mends"]), (Some(code), &mends.into()), "{schemas}: {json:#}");
    }
}

#[test]
fn a_saved_login_page_is_refused_by_that_name() {
    let place = tempfile::tempdir().unwrap();
    let (source, out) = (place.path().join("saved.html"), place.path().join("out"));
    std::fs::write(&source, "<!doctype html><form><input name=p type=password></form>").unwrap();
    let (code, json) = ingest(&source, &out, &[]);
    assert_eq!((code, &json["error"]["name"]), (Some(100), &"login-page".into()), "{json:#}");
}

/// What would steer a terminal, be a command in a log of CI, or close the block that a report stands in.
const HOSTILE: &str =
    "\u{1b}]0;owned\u{7}\r\n::error::planted\n##[add-mask]planted\n~~~~~~~~~~~~~~~~~~~~\n\u{202e}\u{9b}2J\u{2028}";

fn hostile_document(reference: &str) -> String {
    let named = |name: &str| format!("{name}{HOSTILE}");
    let schema = json!({"type": "object", "properties": {named("a"): {"type": "string", "enum": [named("b")], "description": HOSTILE}}});
    let response = json!({"description": HOSTILE, "content": {"application/json": {"schema": {"$ref": reference}}}});
    let upload = json!({"content": {"multipart/form-data": {"schema": {"type": "object"}}}});
    json!({
        "openapi": "3.0.3", "info": {"title": HOSTILE, "version": HOSTILE}, "tags": [{"name": named("t"), "description": HOSTILE}],
        "paths": {
            named("/a"): {"get": {"operationId": named("a"), "tags": [named("t")], "summary": HOSTILE, "responses": {"200": response}}},
            named("/f/{id}"): {"post": {"operationId": named("f"), "requestBody": upload, "responses": {}}},
        },
        "components": {"schemas": {"S": schema}},
    })
    .to_string()
}

#[test]
fn no_command_obeys_the_text_of_a_document() {
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(place.path().join(name), text).unwrap();
        place.path().join(name).to_str().unwrap().to_owned()
    };
    let (plain, hostile) =
        (file("plain.json", SMALL), file("hostile.json", &hostile_document("#/components/schemas/S")));
    let broken = file("broken.json", &hostile_document(&format!("#/components/schemas/{HOSTILE}")));
    let out = place.path().join("out").to_str().unwrap().to_owned();
    let mut commands: Vec<Vec<&str>> =
        vec![vec!["ingest", &hostile, "--out", &out], vec!["ingest", &broken, "--out", &out]];
    for format in ["text", "json", "markdown", "html", "github"] {
        commands.push(vec!["diff", &plain, &hostile, "--format", format]);
        commands.push(vec!["diff", &hostile, &plain, "--format", format]);
        commands.push(vec!["diff", &plain, &broken, "--format", format]);
    }
    commands.push(vec!["ingest", &broken, "--out", &out, "--format", "json"]);
    commands.push(vec!["corpus", place.path().to_str().unwrap()]);
    for arguments in commands {
        let ran = Command::new(env!("CARGO_BIN_EXE_xtask")).current_dir(workspace()).args(&arguments).output().unwrap();
        let text = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
        let hidden = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2028}".contains(c);
        assert!(!text.is_empty() && !text.contains(hidden), "{arguments:?}: {text:?}");
        for line in text.lines() {
            let start = line.trim_start();
            let ours = ["::error ", "::warning ", "::notice "].iter().any(|command| start.starts_with(command));
            let is_command = start.starts_with("::") && !(ours && arguments.contains(&"github"));
            let ends_block = start.starts_with("~~~") && !arguments.contains(&"html");
            assert!(!is_command && !ends_block && !line.contains("##["), "{arguments:?}: {line}");
        }
    }
    for file in ["ledger.json", "findings.json", "swpanel-api.json"] {
        let text = std::fs::read_to_string(place.path().join("out").join(file)).unwrap();
        assert!(!text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{file}");
    }
}
