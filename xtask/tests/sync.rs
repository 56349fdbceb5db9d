//! `cargo xtask sync` and `check` as a person uses them: the real program on a copy of the workspace's data.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::{Copy, FILES, SMALL, vendor};

#[test]
fn a_fresh_copy_has_nothing_to_do() {
    let copy = Copy::new();
    let before = copy.state();
    let ran = copy.xtask(&["sync"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("nothing: everything is as it was"), "{ran:?}");
    assert_eq!(copy.xtask(&["sync", "--check"]).code, Some(0));
    assert_eq!(copy.xtask(&["check"]).code, Some(0));
    assert!(before == copy.state(), "nothing was written");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn an_edited_source_is_told_by_check_and_taken_by_sync() {
    let copy = Copy::new();
    copy.edit(
        "upstream/openapi.yaml",
        "operationId: domain_list\n",
        "operationId: domain_list\n      deprecated: true\n",
    );
    let before = copy.state();
    let ran = copy.xtask(&["sync", "--check"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.out.contains("next          cargo xtask sync --root "), "{ran:?}");
    assert!(before == copy.state(), "--check wrote something");
    assert_eq!(copy.xtask(&["check"]).code, Some(4));
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    assert_eq!(copy.xtask(&["sync"]).code, Some(0));
    assert_eq!(copy.xtask(&["check"]).code, Some(0));
}

#[test]
fn the_form_of_the_source_does_not_matter() {
    let copy = Copy::new();
    let document = copy.read("swpanel-api.json");
    // The canonical document is the same content in another format and another order of keys.
    copy.write("given.json", document.as_bytes());
    assert_eq!(copy.xtask(&["sync", "--from", copy.path("given.json").to_str().unwrap()]).code, Some(4));
    assert_eq!(copy.read("swpanel-api.json"), document);
    assert_eq!(copy.read("upstream/openapi.yaml"), document, "the bytes are kept as given");
    // And by standard input it is the same again.
    let ran = copy.xtask_with(&["sync", "--from", "-"], document.as_bytes(), &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn another_document_takes_the_place_and_its_history() {
    let copy = Copy::new();
    let ran = copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], SMALL.as_bytes(), &[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let lock = copy.read("swpanel-api.lock");
    for line in ["kind = \"published\"", "address = \"standard input\"", "date = \"2026-12-22\"", "operations = 2"] {
        assert!(lock.contains(line), "{line} is not in {lock}");
    }
    // From now on it is the embedded source.
    assert_eq!(copy.xtask(&["sync"]).code, Some(0));
    assert_eq!(copy.xtask(&["check"]).code, Some(0));
}

#[test]
fn a_mend_is_no_rewrite_in_the_report() {
    let source = SMALL.replacen("\"type\":\"string\"", "\"type\":\"int\"", 1);
    assert_ne!(source, SMALL);
    let ran = Copy::new().xtask_with(&["sync", "--accept-shrink", "--from", "-", "--check"], source.as_bytes(), &[]);
    assert!(ran.out.contains(" rules: 1 mend, "), "{ran:?}");
    let sound = Copy::new().xtask_with(&["sync", "--accept-shrink", "--from", "-", "--check"], SMALL.as_bytes(), &[]);
    assert!(sound.out.contains("1 entry by 1 rule: ") && !sound.out.contains("mend"), "{sound:?}");
}

/// Ten lines that unfold to a thousand million values.
const BOMB: &str = "
a: &a [x,x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]
f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]
g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]
h: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g,*g]
i: &i [*h,*h,*h,*h,*h,*h,*h,*h,*h,*h]
";

/// Every way to be refused: name, content, and a word that must be in the message.
const REFUSED: &[(&str, &str, &str)] = &[
    ("not-a-spec", " \n", "empty"),
    ("html-not-spec", "<!doctype html><title>Login</title>", "HTML page"),
    ("syntax", "{\"openapi\": \"3.0.3\",", "line 1, column 21"),
    ("conflict-markers", "<<<<<<< HEAD\nopenapi: 3.0.3\n=======\nopenapi: 3.1.0\n>>>>>>> other\n", "(line 1)"),
    ("syntax", "a: [1\nb: 2", "YAML syntax error at line 2"),
    ("duplicate-keys", "{\"openapi\":\"3.0.3\",\n\"openapi\":\"3.0.1\"}", "line 2, column 1"),
    (
        "too-deep",
        "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "nested",
    ),
    ("not-a-spec", "name: config\nversion: 3\n", "no `openapi` or `swagger`"),
    ("not-a-spec", "{\"openapi\":\"3.0.3\",\"info\":{}}", "`paths` is missing"),
    ("emptied", "swagger: '2.0'\npaths: {}\n", "no operations"),
    ("unsupported-version", "openapi: 4.0.0\npaths: {}\n", "OpenAPI 4.0.0"),
    ("unsupported-version", "swagger: '1.2'\napis: []\n", "Swagger 1.2"),
    ("too-many-aliases", BOMB, "unfold to more than"),
    (
        "circular-reference",
        "openapi: 3.0.3\npaths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/A'}}}}}\ncomponents: {responses: {A: {$ref: '#/components/responses/A'}}}\n",
        "in a circle",
    ),
    (
        "unsafe-reference",
        "openapi: 3.0.3\npaths: {/a: {get: {responses: {'200': {$ref: '../../etc/passwd'}}}}}\n",
        "is not followed",
    ),
    (
        "dangling-reference",
        "{\"openapi\":\"3.0.3\",\"info\":{},\"paths\":{\"/a/{id}\":{\"get\":{\"responses\":{\"200\":{\"$ref\":\"#/nowhere\"}}}}}}",
        "the reference `#/nowhere` leads nowhere (in GET /a/{id}, line 1, column 76)",
    ),
];

#[test]
fn what_is_no_document_is_refused_by_name_and_nothing_changes() {
    let copy = Copy::new();
    let before = copy.state();
    for (name, content, word) in REFUSED {
        let ran = copy.xtask_with(&["sync", "--from", "-"], content.as_bytes(), &[]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(100), ""), "{name}: {ran:?}");
        assert!(ran.err.starts_with("error: refused standard input: ") && ran.err.contains(word), "{name}: {ran:?}");
        assert!(ran.err.contains("the stored document was left as it was") && ran.err.contains("hint: "), "{ran:?}");
        let ran = copy.xtask_with(&["sync", "--from", "-", "--format", "json"], content.as_bytes(), &[]);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, &json["error"]["name"]), (Some(100), &serde_json::json!(name)), "{ran:?}");
    }
    let ran = copy.xtask_with(&["sync", "--from", "-"], b"openapi: \xff\xfe", &[]);
    assert!(ran.code == Some(100) && ran.err.contains("cannot be decoded as UTF-8"), "{ran:?}");
    let parameters: String = (0..=1_000).map(|number| format!("{{name: p{number}, in: query}}, ")).collect();
    let wide = format!("openapi: 3.0.3\npaths: {{/a: {{get: {{parameters: [{parameters}], responses: {{}}}}}}}}\n");
    let ran = copy.xtask_with(&["sync", "--from", "-", "--format", "json"], wide.as_bytes(), &[]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["error"]["name"]), (Some(100), &serde_json::json!("over-budget")), "{ran:?}");
    assert!(ran.out.contains("parameters of one operation"), "{ran:?}");
    let large = vec![b' '; (64 << 20) + 1];
    let ran = copy.xtask_with(&["sync", "--from", "-"], &large, &[]);
    assert!(ran.code == Some(100) && ran.err.contains("67108864 are read"), "{ran:?}");
    let ran = copy.xtask_with(&["sync", "--from", "-"], SMALL.as_bytes(), &[]);
    assert!(ran.code == Some(100) && ran.err.contains("2 operations, less than 60 %"), "{ran:?}");
    assert!(ran.err.contains("--accept-shrink"), "{ran:?}");
    for name in swpanel_build_tools::document::Refusal::NAMES {
        // What needs a server is in discover.rs, by the same names.
        let elsewhere = include_str!("discover.rs").contains(&format!("(\"{name}\", "));
        let here = REFUSED.iter().any(|(refused, ..)| *refused == name)
            || ["over-budget", "undecodable", "too-large", "shrunk"].contains(&name);
        assert!(here || elsewhere, "there is no example of the refusal `{name}`");
    }
    assert!(before == copy.state(), "a refusal wrote something");
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    let copy = Copy::new();
    for (arguments, word) in [
        (vec!["snyc"], "sync"),
        (vec!["sync", "--form", "x"], "--from"),
        (vec!["discover"], "<ADDRESS>"),
        (vec![], "Usage"),
    ] {
        let ran = copy.xtask(&arguments);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.err.contains(word), "{ran:?}");
    }
    let ran = copy.xtask(&["sync", "--from", "no-such-file.yaml"]);
    assert!(ran.code == Some(100) && ran.err.contains("`no-such-file.yaml` cannot be read"), "{ran:?}");
}

#[test]
fn with_json_standard_output_is_one_value_whatever_happens() {
    let copy = Copy::with_snapshots();
    for arguments in [
        vec!["sync"],
        vec!["sync", "--check"],
        vec!["check"],
        vec!["coverage"],
        vec!["coverage", "--check"],
        vec!["sync", "--from", "missing"],
        vec!["snyc"],
        vec!["sync", "--nonsense"],
        vec!["--help"],
    ] {
        let mut with_format = arguments.clone();
        with_format.extend(["--format", "json"]);
        let ran = copy.xtask(&with_format);
        let value: Result<serde_json::Value, _> = serde_json::from_str(&ran.out);
        assert!(value.is_ok_and(|value| value.is_object()), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn check_names_each_file_that_is_not_sealed() {
    let problems = |copy: &Copy| {
        let ran = copy.xtask(&["check"]);
        assert_eq!(ran.code, Some(4), "{ran:?}");
        assert!(ran.out.contains("run: cargo xtask sync --root "), "{ran:?}");
        // And the command that is printed mends it.
        assert_eq!(copy.xtask(&["sync"]).code, Some(4), "{}", ran.out);
        assert_eq!(copy.xtask(&["check"]).code, Some(0), "{}", ran.out);
        ran.out
    };
    for file in &FILES[..3] {
        let copy = Copy::new();
        let longer = copy.read(file) + "\n";
        copy.write(file, longer.as_bytes());
        assert!(problems(&copy).contains(&format!("{file} is not the file that the lock seals")));
    }
    for file in &FILES[1..3] {
        let copy = Copy::new();
        std::fs::remove_file(copy.path(file)).unwrap();
        assert!(problems(&copy).contains(&format!("{file} is not there")));
    }
    let copy = Copy::new();
    std::fs::remove_file(copy.path("upstream/openapi.yaml")).unwrap();
    let ran = copy.xtask(&["sync"]);
    assert!(ran.code == Some(100) && ran.err.contains("hint: restore it from a copy, or give a document"), "{ran:?}");
    let copy = Copy::new();
    copy.write(".README.md.77.tmp", b"# half");
    assert!(problems(&copy).contains(".README.md.77.tmp was left"));
    let copy = Copy::new();
    std::fs::remove_file(copy.path("client/swpanel-api.json")).unwrap();
    assert!(problems(&copy).contains("client/swpanel-api.json is not the link"));
    let copy = Copy::new();
    copy.write(".swpanel-api.json.123.tmp", b"{");
    assert!(problems(&copy).contains(".swpanel-api.json.123.tmp was left by an interrupted run"));
    let copy = Copy::new();
    copy.write("client/swpanel-api.json", b"{\"another\": 1}");
    assert!(problems(&copy).contains("client/swpanel-api.json is not the link"));
    let copy = Copy::new();
    copy.write("swpanel-api.lock", b"<<<<<<< ours\n");
    let ran = copy.xtask(&["check"]);
    assert!(
        ran.code == Some(4) && ran.out.contains("has git conflict markers (line 1)\nrun: cargo xtask sync"),
        "{ran:?}"
    );
    let ran = copy.xtask(&["sync"]);
    assert!(ran.code == Some(100) && ran.err.contains("or delete it to pin all names again"), "{ran:?}");
    copy.write("swpanel-api.lock", b"version = ");
    let ran = copy.xtask(&["check"]);
    assert!(ran.code == Some(100) && ran.err.contains("is not a lock that this program wrote"), "{ran:?}");
    std::fs::remove_file(copy.path("swpanel-api.lock")).unwrap();
    assert_eq!(copy.xtask(&["check"]).code, Some(100));
    assert_eq!(copy.xtask(&["sync"]).code, Some(4), "a missing lock is made again");
    assert_eq!(copy.xtask(&["check"]).code, Some(0));
}

#[test]
fn the_command_that_is_printed_can_be_pasted() {
    let copy = Copy::new();
    copy.write("it's a file.json", SMALL.as_bytes());
    let file = copy.path("it's a file.json");
    let ran = copy.xtask(&["sync", "--check", "--accept-shrink", "--from", file.to_str().unwrap()]);
    let command = ran.out.lines().find_map(|line| line.strip_prefix("next          cargo xtask ")).unwrap().to_owned();
    if cfg!(unix) {
        let shell = format!("{} {command}", env!("CARGO_BIN_EXE_xtask"));
        let status = std::process::Command::new("sh").args(["-c", &shell]).output().unwrap().status;
        assert_eq!(status.code(), Some(4), "{command}");
        assert_eq!(copy.xtask(&["check"]).code, Some(0));
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_wrong_usage() {
    use std::os::unix::ffi::OsStrExt as _;
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_xtask")).args([odd, odd]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let copy = Copy::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["check", "--format", "json", "--root"])
        .arg(copy.path(""))
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(100));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"), "{output:?}");
}

#[test]
fn a_pinned_name_stays_when_the_vendor_renames_an_id() {
    let copy = Copy::new();
    copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], SMALL.as_bytes(), &[]);
    let renamed = SMALL.replace("b_list", "listAllOfB");
    let ran = copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], renamed.as_bytes(), &[]);
    assert!(ran.out.contains("GET /b/ is now published as `listAllOfB`; the method stays `b_list`"), "{ran:?}");
    assert!(copy.read("client/public-api.txt").contains("swpanel::Client::b_list: fn"));
    assert!(!copy.read("client/public-api.txt").contains("list_all_of_b"));
}

#[test]
fn a_pinned_type_stays_when_the_vendor_renames_a_schema() {
    let copy = Copy::new();
    let with = |schema: &str| {
        let answer = format!(
            "\"description\":\"ok\",\"content\":{{\"application/json\":{{\"schema\":{{\"$ref\":\"#/components/schemas/{schema}\"}}}}}}"
        );
        let schemas = format!(
            ",\"components\":{{\"schemas\":{{\"{schema}\":{{\"type\":\"object\",\"properties\":{{\"a\":{{\"type\":\"string\"}}}}}}}}}}}}"
        );
        let text = SMALL.trim_end().strip_suffix('}').unwrap().replacen("\"description\":\"ok\"", &answer, 1);
        text + &schemas
    };
    let ran = copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], with("BItem").as_bytes(), &[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let ran = copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], with("BItemDto").as_bytes(), &[]);
    assert!(ran.out.contains("the schema `BItem` is now published as `BItemDto`; the type stays `BItem`"), "{ran:?}");
    assert!(copy.read("client/public-api.txt").contains("swpanel::types::BItem: struct"));
    assert!(!copy.read("client/public-api.txt").contains("BItemDto"));
    assert_eq!(copy.xtask(&["sync"]).code, Some(0), "a second sync has something to do");
    assert_eq!(copy.xtask(&["sync", "--offline", "--locked"]).code, Some(0));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::io::Read as _;
    let copy = Copy::with_snapshots();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["coverage", "--format", "json", "--root"])
        .arg(copy.path(""))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut one = [0];
    child.stdout.take().unwrap().read_exact(&mut one).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn deleting_an_artefact_turns_its_cell() {
    let cell = |copy: &Copy, id: &str, stage: &str| {
        let ran = copy.xtask(&["coverage", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let rows = json["operations"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["id"] == id).unwrap();
        row["stages"][stage].as_bool().unwrap()
    };
    let copy = Copy::with_snapshots();
    let first = copy.xtask(&["coverage", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&first.out).unwrap();
    let row = json["operations"][0].clone();
    let (id, tag) = (row["id"].as_str().unwrap(), row["tag"].as_str().unwrap());
    for stage in ["document", "generated", "response", "contract_snapshot", "wire_snapshot", "example"] {
        assert!(cell(&copy, id, stage), "{stage}");
    }
    let contract = copy.read(&format!("tests/snapshots/contract/{tag}/{id}.snap"));
    copy.write(
        &format!("tests/snapshots/contract/{tag}/{id}.snap"),
        contract.replace("effect: ", "effect: not ").as_bytes(),
    );
    assert!(!cell(&copy, id, "contract_snapshot"), "a stale snapshot covers nothing");
    assert!(cell(&copy, id, "example"));
    std::fs::remove_file(copy.path(&format!("tests/snapshots/contract/{tag}/{id}.snap"))).unwrap();
    assert!(!cell(&copy, id, "contract_snapshot") && !cell(&copy, id, "example"));
    std::fs::remove_file(copy.path(&format!("tests/snapshots/wire/{tag}/{id}.snap"))).unwrap();
    assert!(!cell(&copy, id, "wire_snapshot"));
    let listing = copy.read("client/public-api.txt");
    copy.write("client/public-api.txt", listing.replace(&format!("swpanel::Client::{id}: fn("), "gone(").as_bytes());
    assert!(!cell(&copy, id, "generated"));
    let document = copy.read("swpanel-api.json");
    let path = row["path"].as_str().unwrap();
    copy.write("swpanel-api.json", document.replace(&format!("\"{path}\": {{"), "\"x-gone\": {").as_bytes());
    assert!(!cell(&copy, id, "document"));
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn what_is_printed_of_a_published_document_is_true_of_it() {
    let copy = Copy::with_snapshots();
    copy.commit("state");
    let mut document = vendor::published(&copy.read("swpanel-api.json"));
    vendor::rename(&mut document, "");
    copy.write("given.json", document.to_string().as_bytes());
    let given = copy.path("given.json");
    let given = given.to_str().unwrap();
    let checked = copy.xtask(&["sync", "--from", given, "--check"]);
    let synced = copy.xtask(&["sync", "--from", given]);
    assert!(
        synced.code == Some(4) && synced.out.contains("source        given.json (published, 2026-12-22), "),
        "{synced:?}"
    );
    let operations = synced.out.lines().filter(|line| line.contains("the method stays")).count();
    assert!(
        operations == 12 && synced.out.contains("more that are published under other names and keep theirs"),
        "{synced:?}"
    );
    let sealed = copy.xtask(&["check"]);
    assert!(sealed.out.ends_with(" operations from a published document, sealed\n"), "{sealed:?}");
    let old = copy.git_done(&["show", "HEAD:swpanel-api.json"]);
    copy.write("old.json", old.as_bytes());
    let (old, new) = (copy.path("old.json"), copy.path("swpanel-api.json"));
    let diff = copy.xtask(&["diff", old.to_str().unwrap(), new.to_str().unwrap()]);
    let again = copy.xtask(&["sync"]);
    let (classified, coverage) = (copy.xtask(&["classify"]), copy.xtask(&["coverage"]));
    assert_eq!((classified.code, coverage.code), (Some(0), Some(0)), "{classified:?} {coverage:?}");
    let mut texts: Vec<String> = [checked, synced, sealed, diff, again, classified, coverage]
        .into_iter()
        .map(|ran| ran.out + &ran.err)
        .collect();
    texts.extend(["report.md", "CHANGELOG.md"].map(|file| copy.read(&format!("target/drift/{file}"))));
    texts.push(copy.read("swpanel-api.lock"));
    for text in texts {
        for word in ["reconstruct", "evidence", "doubt", "house-"] {
            assert!(!text.to_lowercase().contains(word), "`{word}` in {text}");
        }
    }
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn the_reconstruction_stays_one_without_its_lock() {
    let copy = Copy::new();
    std::fs::remove_file(copy.path("swpanel-api.lock")).unwrap();
    let ran = copy.xtask(&["sync"]);
    assert!(ran.code == Some(4) && ran.out.contains("(reconstruction, "), "{ran:?}");
    let checked = copy.xtask(&["check"]);
    assert!(checked.out.ends_with(" operations from a reconstruction, sealed\n"), "{checked:?}");
}
