//! The chain from source to lock: files beside the document, validators of a server, and rebuilding byte for byte.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;
mod server;

use common::Copy;
use server::{Reply, Server, page, plain};

const ROOT: &str = "openapi: 3.0.3
info: {title: Panel, version: '1'}
paths:
  /a/:
    get:
      operationId: a_list
      summary: x
      tags: [a]
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: 'schemas/thing.yaml#/Thing'}}}}
";
const THING: &str = "Thing: {type: object, properties: {id: {type: string}, next: {$ref: '#/Thing'}}}\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("schemas")).unwrap();
    std::fs::write(folder.path().join("api.yaml"), ROOT).unwrap();
    std::fs::write(folder.path().join("schemas/thing.yaml"), THING).unwrap();
    folder
}

fn from(copy: &Copy, source: &str, more: &[&str]) -> common::Ran {
    copy.xtask(&[&["sync", "--accept-shrink", "--from", source], more].concat())
}

#[test]
fn files_beside_the_document_come_with_it_and_are_sealed() {
    let (copy, folder) = (Copy::new(), folder());
    let source = folder.path().join("api.yaml").to_string_lossy().into_owned();
    let taken = from(&copy, &source, &[]);
    assert_eq!(taken.code, Some(4), "{taken:?}");
    assert_eq!(copy.read("upstream/parts/schemas/thing.yaml"), THING);
    assert!(copy.read("swpanel-api.lock").contains("[parts]\n\"schemas/thing.yaml\" = \""));
    let document: serde_json::Value = serde_json::from_str(&copy.read("swpanel-api.json")).unwrap();
    let next = &document["components"]["schemas"]["Thing"]["properties"]["next"]["$ref"];
    assert_eq!(next, "#/components/schemas/Thing");
    drop(folder);
    assert_eq!(copy.xtask(&["sync"]).code, Some(0), "the embedded copy is not whole");
    assert_eq!(copy.xtask(&["sync", "--offline", "--locked"]).code, Some(0));
    copy.write("upstream/parts/schemas/thing.yaml", THING.replace("string", "integer").as_bytes());
    assert!(copy.xtask(&["check"]).out.contains("upstream/parts/schemas/thing.yaml is not the file"));
    // Another source without parts leaves none behind.
    let small = copy.path("small.json");
    std::fs::write(&small, common::SMALL).unwrap();
    assert_eq!(from(&copy, &small.to_string_lossy(), &[]).code, Some(4));
    assert!(!copy.path("upstream/parts/schemas/thing.yaml").exists());
}

#[test]
fn no_file_above_or_linked_out_of_the_folder_is_read() {
    let folder = folder();
    let secret = tempfile::tempdir().unwrap();
    std::fs::write(secret.path().join("s.yaml"), THING).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(secret.path(), folder.path().join("out")).unwrap();
    let absolute = secret.path().join("s.yaml").to_string_lossy().into_owned();
    for reference in
        ["../s.yaml#/Thing", "out/s.yaml#/Thing", "missing.yaml#/Thing", &absolute, "https://example.com/s.yaml"]
    {
        let copy = Copy::new();
        let path = folder.path().join("api.yaml");
        std::fs::write(&path, ROOT.replace("schemas/thing.yaml#/Thing", reference)).unwrap();
        let before = copy.state();
        let ran = from(&copy, &path.to_string_lossy(), &["--format", "json"]);
        assert_eq!(ran.code, Some(100), "{reference}: {ran:?}");
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(report["error"]["name"], "unsafe-reference", "{reference}");
        assert!(report["error"]["message"].as_str().unwrap().contains("line 10"), "{reference}: {report}");
        assert!(copy.state() == before, "{reference} wrote something");
    }
}

#[test]
fn files_beside_a_fetched_document_need_leave() {
    let (copy, other) = (Copy::new(), Server::start(&[("/x.yaml", plain(THING))]));
    let address = other.at("/x.yaml");
    let root = ROOT.replace("schemas/thing.yaml", &address);
    let server = Server::start(&[("/v/api.yaml", plain(&root)), ("/v/schemas/thing.yaml", plain(THING))]);
    let refused = from(&copy, &server.at("/v/api.yaml"), &["--allow-host", &server.host()]);
    assert_eq!(refused.code, Some(100), "{refused:?}");
    assert!(refused.err.contains("pass --allow-host"), "{refused:?}");
    assert!(other.heads().is_empty(), "a host that was not allowed was asked");
    let taken =
        from(&copy, &server.at("/v/api.yaml"), &["--allow-host", &server.host(), "--allow-host", &other.host()]);
    assert_eq!(taken.code, Some(4), "{taken:?}");
    assert!(copy.read("swpanel-api.lock").contains(&format!("\"{address}\" = \"")));
    assert_eq!(copy.xtask(&["sync"]).code, Some(0));
}

#[test]
fn an_unchanged_document_costs_one_304_even_behind_a_page() {
    let tagged =
        Reply(200, "ETag: \"v1\"\r\nLast-Modified: Mon, 02 Nov 2026 08:00:00 GMT\r\n".into(), common::SMALL.into());
    let page = page("<redoc spec-url='/v/api.json'></redoc>");
    let server = Server::start(&[("/v/api.json", tagged), ("/docs/", page)]);
    let copy = Copy::new();
    let allow = ["--allow-host", &server.host()];
    assert_eq!(from(&copy, &server.at("/docs/"), &allow).code, Some(4));
    let lock = copy.read("swpanel-api.lock");
    for part in ["etag = '\"v1\"'", "last-modified = \"Mon, 02", &format!("page = \"{}\"", server.at("/docs/"))] {
        assert!(lock.contains(part), "{part}: {lock}");
    }
    for named in ["/docs/", "/v/api.json"] {
        let before = server.heads().len();
        let ran = from(&copy, &server.at(named), &allow);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let heads = server.heads().split_off(before);
        assert_eq!(heads.len(), 1, "{heads:?}");
        assert!(heads[0].starts_with("GET /v/api.json") && heads[0].contains("if-none-match: \"v1\""), "{heads:?}");
    }
    assert!(copy.read("swpanel-api.lock") == lock, "nothing new, but another lock");
    // A copy that is not the one sealed cannot stand for the server's.
    copy.write("upstream/openapi.yaml", b"spoilt");
    let before = server.heads().len();
    from(&copy, &server.at("/docs/"), &allow);
    assert!(server.heads().split_off(before).iter().all(|head| !head.contains("if-none-match")));
}

#[test]
fn a_locked_rebuild_makes_the_bytes_again_or_names_the_broken_link() {
    let copy = Copy::new();
    let whole = copy.state();
    assert_eq!(copy.xtask(&["sync", "--offline", "--locked"]).code, Some(0));
    copy.write("swpanel-api.json", b"{}");
    std::fs::remove_file(copy.path("client/public-api.txt")).unwrap();
    assert_eq!(copy.xtask(&["sync", "--offline", "--locked"]).code, Some(4));
    assert!(copy.state() == whole, "not byte for byte");
    let hash = |name: &str| {
        let lock = copy.read("swpanel-api.lock");
        lock.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap().to_owned()
    };
    let zeros = |name: &str| format!("{name} = \"{}\"", "0".repeat(64));
    for (from, to, says) in [
        (hash("raw"), zeros("raw"), "`upstream/openapi.yaml` is not the file that the lock seals"),
        (hash("document"), zeros("document"), "swpanel-api.json comes out as"),
        (hash("generated"), zeros("generated"), "the generated client comes out as"),
        (hash("listing"), zeros("listing"), "client/public-api.txt comes out as"),
        (hash("progenitor"), "progenitor = \"0.0.1\"".into(), "progenitor is"),
        (hash("ledger"), "ledger = 1".into(), "source, counts or names"),
    ] {
        copy.edit("swpanel-api.lock", &from, &to);
        let before = copy.state();
        let ran = copy.xtask(&["sync", "--offline", "--locked"]);
        assert_eq!(ran.code, Some(100), "{from}: {ran:?}");
        assert!(ran.err.contains(says) && ran.err.contains("1 link is broken"), "{from}: {ran:?}");
        assert!(copy.state() == before, "{from}: something was written");
        copy.edit("swpanel-api.lock", &to, &from);
    }
    copy.write("overlays/010-new.yaml", b"overlay: 1.0.0");
    assert!(copy.xtask(&["sync", "--locked"]).err.contains("`overlays/010-new.yaml` is not sealed by the lock"));
}

#[test]
fn offline_asks_nothing() {
    let server = Server::start(&[("/v/api.json", plain(common::SMALL))]);
    let ran = from(&Copy::new(), &server.at("/v/api.json"), &["--offline", "--allow-host", &server.host()]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("--offline was given") && server.heads().is_empty());
}
