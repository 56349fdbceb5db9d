//! `cargo xtask corpus` on a folder of our own: sound, mended and refused documents in one table, by the real program.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::{Copy, SMALL};

#[test]
fn one_table_tells_how_each_document_fared() {
    let copy = Copy::new();
    copy.write("docs/a.json", SMALL.as_bytes());
    copy.write("docs/b.yaml", b"swagger: '2.0'\npaths: {/x: {get: {responses: {}}}}\n");
    copy.write("docs/c.yml", b"a: 1\n");
    copy.write("docs/notes.txt", b"no document");
    let folder = copy.path("docs").to_string_lossy().into_owned();
    let ran = copy.xtask(&["corpus", &folder, "--format", "json"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let rows = json["documents"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{json:#}");
    assert_eq!((&rows[0]["operations"], &rows[0]["mends"], &rows[0]["losses"]), (&2.into(), &0.into(), &0.into()));
    assert!(rows[1]["mends"].as_u64().unwrap() >= 2 && rows[1]["rules"]["version"] == 1, "{json:#}");
    assert!(rows[2]["refused"].as_str().unwrap().starts_with("not-a-spec"), "{json:#}");
    assert_eq!(json["failed"], 1);
    let text = copy.xtask(&["corpus", &folder]);
    assert!(text.out.starts_with("document") && text.out.ends_with("3 documents, 1 failed\n"), "{text:?}");
    std::fs::remove_file(copy.path("docs/c.yml")).unwrap();
    assert_eq!(copy.xtask(&["corpus", &folder]).code, Some(0));
    assert_eq!(copy.xtask(&["corpus", &copy.path("upstream/..").join("xtask").to_string_lossy()]).code, Some(100));
}
