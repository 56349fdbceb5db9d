//! `cargo xtask diff` as people run it: files, standard input, revisions, formats, exit codes, the corpus's pairs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::{Copy, SMALL};
use serde_json::Value;

fn narrowed() -> String {
    SMALL.replacen("\"type\":\"string\"", "\"type\":\"integer\"", 1)
}

fn files(copy: &Copy) -> (String, String) {
    copy.write("old.json", SMALL.as_bytes());
    copy.write("new.json", narrowed().as_bytes());
    let path = |name: &str| copy.path(name).to_string_lossy().into_owned();
    (path("old.json"), path("new.json"))
}

#[test]
fn says_what_breaks_in_every_format_and_ends_with_4() {
    let copy = Copy::new();
    let (old, new) = files(&copy);
    let text = copy.xtask(&["diff", &old, &new]);
    assert_eq!(text.code, Some(4), "{text:?}");
    for part in [
        "verdict       breaking for consumers",
        "breaks: GET /a/{id}  [type-changed]",
        "string -> integer",
        "old line ",
    ] {
        assert!(text.out.contains(part), "{part}: {}", text.out);
    }
    assert!(!text.out.contains('\u{1b}'), "colours where there is no terminal");
    let markdown = copy.xtask(&["diff", &old, &new, "--format", "markdown"]);
    assert!(
        markdown.out.starts_with("**breaking** for consumers") && markdown.out.contains("| `GET /a/{id}` |"),
        "{markdown:?}"
    );
    let json = copy.xtask(&["diff", &old, &new, "--format", "json"]);
    let report: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&report["consumer_verdict"], &report["rust_verdict"]), (&"breaking".into(), &"major".into()));
    let finding = &report["findings"][0];
    assert_eq!((&finding["rule"], &finding["operations"][0]), (&"type-changed".into(), &"GET /a/{id}".into()));
    assert_eq!(copy.xtask(&["diff", &old, &old, "--format", "json"]).code, Some(0));
}

#[test]
fn the_reports_keep_to_the_published_schema() {
    let text = std::fs::read_to_string(common::workspace().join("docs/diff-report.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let copy = Copy::new();
    let (old, new) = files(&copy);
    for (old, new) in [(&old, &new), (&new, &old), (&old, &old)] {
        let report: Value = serde_json::from_str(&copy.xtask(&["diff", old, new, "--format", "json"]).out).unwrap();
        let faults: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
        // And the schema is no empty promise.
        let mut other = report.clone();
        other["consumer_verdict"] = "fine".into();
        assert!(!validator.is_valid(&other));
        other = report.clone();
        other["surprise"] = true.into();
        assert!(!validator.is_valid(&other));
    }
}

#[test]
fn what_is_taken_for_a_failure_can_be_chosen() {
    let copy = Copy::new();
    let (old, _) = files(&copy);
    copy.write("words.json", SMALL.replace("\"summary\":\"List\"", "\"summary\":\"All\"").as_bytes());
    let words = copy.path("words.json").to_string_lossy().into_owned();
    let code = |fail: &str| copy.xtask(&["diff", &old, &words, "--fail-on", fail]).code;
    assert_eq!((code("breaking"), code("warning"), code("any")), (Some(0), Some(0), Some(4)));
    assert_eq!(copy.xtask(&["diff", &old, &words, "--fail-on", "nothing"]).code, Some(2));
    assert_eq!(copy.xtask(&["diff", &old]).code, Some(2));
    assert_eq!(copy.xtask(&["diff", &old, &words, "one-more"]).code, Some(2));
    assert_eq!(copy.xtask(&["diff", "-", "-"]).code, Some(2));
    assert_eq!(copy.xtask(&["check", "--format", "markdown"]).code, Some(2));
    let missing = copy.xtask(&["diff", &old, "no-such-file.json"]);
    assert!(missing.code == Some(100) && missing.err.contains("no-such-file.json"), "{missing:?}");
    let rules = copy.xtask(&["diff", "--rules"]);
    assert!(
        rules.code == Some(0) && rules.out.lines().count() > 60 && rules.out.contains("enum-value-added"),
        "{rules:?}"
    );
}

#[test]
fn the_page_needs_nothing_else_and_shows_what_documents_say_as_text() {
    let copy = Copy::new();
    let (old, _) = files(&copy);
    let wicked = SMALL.replace("\"summary\":\"List\"", "\"summary\":\"<script>alert(1)</script>\"");
    copy.write("wicked.json", wicked.as_bytes());
    let page = copy.xtask(&["diff", &old, &copy.path("wicked.json").to_string_lossy(), "--format", "html"]).out;
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains(" src="), "it fetches something");
    for part in [
        "<select name=verdict>",
        "<select name=direction>",
        "<select name=group>",
        "<option>b</option>",
        "data-verdict=documentation",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_page_of_rules_is_the_one_that_the_program_writes() {
    let page = std::fs::read_to_string(common::workspace().join("docs/diff-rules.md")).unwrap();
    let written = Copy::new().xtask(&["diff", "--rules", "--format", "markdown"]).out;
    assert!(page == written, "run: cargo xtask diff --rules --format markdown > docs/diff-rules.md");
}

#[test]
fn the_listing_of_both_clients_can_be_the_ground() {
    let copy = Copy::new();
    let (old, _) = files(&copy);
    // A renamed id is major by itself; with names pinned the client is the same but for its documentation.
    copy.write("renamed.json", SMALL.replace("b_list", "listAllOfB").as_bytes());
    let renamed = copy.path("renamed.json").to_string_lossy().into_owned();
    let text = copy.xtask(&["diff", &old, &renamed, "--rust", "listing"]);
    assert!(text.out.contains("; by the changes it would be major"), "{text:?}");
    let json: Value =
        serde_json::from_str(&copy.xtask(&["diff", &old, &renamed, "--rust", "listing", "--format", "json"]).out)
            .unwrap();
    assert_eq!((&json["rust_verdict"], &json["bump"]), (&"patch".into(), &"patch".into()), "{json:#}");
    assert_eq!(json["rust_verdict_by_changes"], "major");
    // That is so without being asked for, unless it is not wanted or a document cannot be generated from.
    let verdict = |more: &[&str]| {
        let ran = copy.xtask(&[&["diff", &old, &renamed, "--format", "json"], more].concat());
        serde_json::from_str::<Value>(&ran.out).unwrap()["rust_verdict"].clone()
    };
    assert_eq!((verdict(&[]), verdict(&["--rust", "changes"])), ("patch".into(), "major".into()));
    copy.write("renamed.json", br#"{"openapi":"3.0.3","info":{"title":"Small","version":"1"},"paths":{}}"#);
    assert_eq!(verdict(&[]), "major");
    assert_eq!(copy.xtask(&["diff", &old, &renamed, "--rust", "listing"]).code, Some(100));
    assert_eq!(copy.xtask(&["diff", &old, &renamed, "--rust", "guess"]).code, Some(2));
}

#[test]
fn takes_standard_input_and_revisions() {
    let copy = Copy::new();
    let (old, _) = files(&copy);
    let piped = copy.xtask_with(&["diff", &old, "-"], narrowed().as_bytes(), &[]);
    assert_eq!(piped.code, Some(4), "{piped:?}");
    let place = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(place.path()).args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.es",
            "-c",
            "commit.gpgsign=false",
        ]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "-q"]);
    for (text, name) in
        [(SMALL.to_owned(), "swpanel-api.json"), (narrowed(), "swpanel-api.json"), (narrowed(), "other/api.json")]
    {
        std::fs::create_dir_all(place.path().join("other")).unwrap();
        std::fs::write(place.path().join(name), text).unwrap();
        git(&["add", "-A"]);
        git(&["commit", "-qm", name]);
    }
    let diff = |old: &str, new: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(place.path()).args(["diff", old, new, "--format", "json"]).output().unwrap()
    };
    assert_eq!(diff("git:HEAD~2", "git:HEAD").status.code(), Some(4));
    assert_eq!(diff("git:HEAD", "git:HEAD:other/api.json").status.code(), Some(0));
    for (wrong, code) in [("git:nowhere", 100), ("git:HEAD:no.json", 100), ("git:--help", 2), ("git:", 2)] {
        let output = diff(wrong, "git:HEAD");
        assert_eq!(output.status.code(), Some(code), "{wrong}: {output:?}");
        assert!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"]["hint"].is_string());
    }
}

#[test]
fn git_can_call_it_and_nothing_named_is_the_last_commit_and_the_working_tree() {
    let copy = Copy::new();
    copy.write("swpanel-api.json", SMALL.as_bytes());
    copy.write(
        ".gitattributes",
        b"swpanel-api.json diff=swpanel
",
    );
    let git = |arguments: &[&str]| {
        let driver = format!("diff.swpanel.command='{}' diff", env!("CARGO_BIN_EXE_xtask"));
        let mut command = Command::new("git");
        command.current_dir(copy.path("")).args(["-c", "user.name=t", "-c", "user.email=t@example.es"]);
        command.args(["-c", "commit.gpgsign=false", "-c", &driver]).env_remove("GIT_EXTERNAL_DIFF");
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    assert_eq!(copy.xtask(&["diff"]).code, Some(0));
    copy.write("swpanel-api.json", narrowed().as_bytes());
    let ran = copy.xtask(&["diff"]);
    assert!(ran.code == Some(4) && ran.out.contains("breaks: GET /a/{id}  [type-changed]"), "{ran:?}");
    let shown = git(&["diff"]);
    assert!(
        shown.contains(
            "diff of API documents swpanel-api.json
verdict       breaking"
        ),
        "{shown}"
    );
    assert!(shown.contains("breaks: GET /a/{id}  [type-changed]"), "{shown}");
    // What is no document, and a file that is gone, do not end git's own work.
    copy.write("swpanel-api.json", b"{}");
    let shown = git(&["diff"]);
    assert!(shown.contains("cannot compare the documents: "), "{shown}");
    std::fs::remove_file(copy.path("swpanel-api.json")).unwrap();
    assert!(git(&["diff"]).contains(
        "diff of API documents swpanel-api.json
removed
"
    ));
}

/// What a good report says of each pair: the worst verdict, and a rule that must be among the findings, or none.
const PAIRS: &[(&str, &str, &str, &[&str])] = &[
    ("hostinger-1", "json", "breaking", &["operation-added"]),
    ("hostinger-2", "json", "documentation", &[]),
    ("mailcow-1", "yaml", "breaking", &["type-changed"]),
    ("coolify-2", "json", "documentation", &[]),
    // Its 16 places of another spelling of null are silent; one type did change.
    ("dnsimple-1", "yaml", "breaking", &["type-changed"]),
    // From 2.0 to 3.1; what is found are objects that were closed, and one member less required.
    ("pdns-1", "yaml", "breaking", &["additional-properties-changed"]),
    ("mittwald-2", "json", "none", &[]),
    ("cloudflare-1", "json", "breaking", &["operation-added", "operation-moved"]),
    ("docker-3", "yaml", "documentation", &["schema-text-changed"]),
    ("nomad-1", "yaml", "warning", &["body-removed"]),
];

#[test]
#[ignore = "needs SWPANEL_CORPUS; `cargo xtask verify --slow` runs it"]
fn corpus_pairs_get_the_expected_report() {
    let corpus = PathBuf::from(std::env::var_os("SWPANEL_CORPUS").expect("SWPANEL_CORPUS names the corpus folder"));
    let copy = Copy::new();
    for (name, end, verdict, rules) in PAIRS {
        let path = |side: &str| corpus.join(format!("pairs/{name}-{side}.{end}")).to_string_lossy().into_owned();
        let ran = copy.xtask(&["diff", &path("old"), &path("new"), "--rust", "changes", "--format", "json"]);
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{name}: {ran:?}"));
        assert_eq!(report["consumer_verdict"], *verdict, "{name}");
        let found: Vec<&str> =
            report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
        for rule in *rules {
            assert!(found.contains(rule), "{name}: no `{rule}` in {found:?}");
        }
        if *verdict == "documentation" {
            assert!(found.len() <= 4, "{name}: {found:?}");
        }
    }
}

/// A small Swagger 2.0 document whose answer has one member of a type.
fn swagger(kind: &str) -> String {
    format!(
        r##"{{"swagger":"2.0","info":{{"title":"A","version":"1"}},"paths":{{"/v1/a":{{"get":{{"operationId":"a","responses":{{"200":{{"description":"ok","schema":{{"$ref":"#/definitions/A"}}}}}}}}}}}},"definitions":{{"A":{{"type":"object","properties":{{"n":{{"type":"{kind}"}}}}}}}}}}"##
    )
}

#[test]
fn places_are_those_of_the_source_also_in_swagger_2() {
    let copy = Copy::new();
    let (old, new) = files(&copy);
    copy.write("old.json", swagger("string").as_bytes());
    copy.write("new.json", swagger("boolean").as_bytes());
    let ran = copy.xtask(&["diff", &old, &new, "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let finding = &report["findings"][0];
    let text = swagger("boolean");
    let document: Value = serde_json::from_str(&text).unwrap();
    let pointer = finding["new"]["pointer"].as_str().unwrap();
    assert!(pointer.starts_with("/definitions/A/properties/n"), "{finding:#}");
    assert!(document.pointer(pointer).is_some(), "{pointer}");
    assert_eq!(finding["component"], "A");
}

#[test]
fn a_team_can_have_things_told_otherwise() {
    let copy = Copy::new();
    let (old, new) = files(&copy);
    let json = |more: &[&str]| {
        let ran = copy.xtask(&[&["diff", &old, &new, "--format", "json"], more].concat());
        let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
        (ran.code, report)
    };
    let (_, plain) = json(&[]);
    let print = plain["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    let mine = copy.path("mine.toml").to_string_lossy().into_owned();
    // Accepted, by the workspace's own file.
    copy.write(
        ".swpanel-drift.toml",
        format!("[[ignore]]\nfingerprint = \"{print}\"\nreason = \"agreed\"\n").as_bytes(),
    );
    let (code, report) = json(&[]);
    assert_eq!((code, &report["consumer_verdict"]), (Some(0), &"none".into()), "{report:#}");
    assert_eq!(report["accepted"][0]["reason"], "agreed");
    let schema: Value = serde_json::from_str(include_str!("../../docs/diff-report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&report), "{report:#}");
    let markdown = copy.xtask(&["diff", &old, &new, "--format", "markdown"]).out;
    assert!(markdown.contains("> accepted") && markdown.contains("agreed"), "{markdown}");
    // One that meets nothing is a finding.
    copy.write(".swpanel-drift.toml", b"[[ignore]]\nfingerprint = \"0000\"\nreason = \"long ago\"\n");
    let (code, report) = json(&["--fail-on", "warning"]);
    let rules: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!((code, rules), (Some(4), vec!["type-changed", "ignore-unmatched"]), "{report:#}");
    assert!(validator.is_valid(&report), "{report:#}");
    for (text, verdict) in [
        ("[severity]\ntype-changed = \"warning\"\n", "warning"),
        ("[exclude]\npaths = [\"/a/*\"]\n", "none"),
        ("[exclude]\nelements = [\"type-changed\"]\n", "none"),
        ("[exclude]\nelements = [\"texts\"]\n", "breaking"),
    ] {
        copy.write("mine.toml", text.as_bytes());
        let (_, report) = json(&["--config", &mine]);
        assert_eq!(report["consumer_verdict"], verdict, "{text}: {report:#}");
    }
    // A prefix taken off both sides leaves nothing that moved.
    copy.write("old.json", swagger("string").as_bytes());
    copy.write("new.json", swagger("string").replace("/v1/", "/v2/").as_bytes());
    copy.write("mine.toml", b"[strip]\nold = \"/v1\"\nnew = \"/v2/\"\n");
    let (_, report) = json(&["--config", &mine]);
    assert_eq!(report["findings"], serde_json::json!([]), "{report:#}");
    // What is wrong in the file is said, and nothing is compared.
    copy.write("mine.toml", b"[severity]\nnone-such = \"warning\"\n");
    let ran = copy.xtask(&["diff", &old, &new, "--config", &mine]);
    assert!(ran.code == Some(100) && ran.err.contains("none-such") && ran.out.is_empty(), "{ran:?}");
}

#[test]
fn github_shows_findings_beside_the_lines_of_the_new_document() {
    let copy = Copy::new();
    let (old, new) = files(&copy);
    let ran = copy.xtask(&["diff", &old, &new, "--format", "github"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let line = ran.out.lines().next().unwrap();
    assert!(line.starts_with("::error file=") && line.contains(",line=4,col="), "{line}");
    assert!(line.contains(",title=type-changed::GET /a/{id}: string -> integer;"), "{line}");
}

#[test]
fn a_member_that_seems_renamed_is_offered_beside_its_verdict() {
    let copy = Copy::new();
    let (old, new) = files(&copy);
    copy.write("old.json", swagger("string").replace("\"n\":", "\"expiry_date\":").as_bytes());
    copy.write("new.json", swagger("string").replace("\"n\":", "\"expiration_date\":").as_bytes());
    let ran = copy.xtask(&["diff", &old, &new, "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let of = |rule: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("{report:#}")).clone()
    };
    let (gone, came) = (of("property-removed"), of("property-added"));
    assert_eq!(gone["consumer_verdict"], "warning", "{gone:#}");
    assert_eq!(
        (&gone["renamed"]["name"], &came["renamed"]["name"]),
        (&"expiration_date".into(), &"expiry_date".into())
    );
    assert!(gone["reason"].as_str().unwrap().contains("it seems renamed: `expiration_date`"), "{gone:#}");
    // What says little is not taken for the same because it says the same.
    let access = |name: &str| {
        let member = format!("\"{name}\":{{\"enum\":[\"read\",\"write\"],");
        swagger("string").replace("\"n\":{", &member)
    };
    for (was, is) in [("team_discussions", "code_quality"), ("user_name", "server_port")] {
        copy.write("old.json", access(was).as_bytes());
        copy.write("new.json", access(is).as_bytes());
        let ran = copy.xtask(&["diff", &old, &new, "--format", "json"]);
        assert!(ran.out.contains("property-removed") && !ran.out.contains("renamed"), "{ran:?}");
    }
    // Two that share neither name nor content are two changes.
    copy.write("new.json", swagger("boolean").replace("\"n\":", "\"zone\":").as_bytes());
    let ran = copy.xtask(&["diff", &old, &new, "--format", "json"]);
    assert!(!ran.out.contains("renamed"), "{ran:?}");
}

#[test]
fn a_schema_that_nothing_uses_is_said_without_operations() {
    let copy = Copy::new();
    let (old, new) = files(&copy);
    copy.write("old.json", swagger("string").as_bytes());
    copy.write(
        "new.json",
        swagger("string").replace("\"definitions\":{", "\"definitions\":{\"B\":{\"type\":\"object\"},").as_bytes(),
    );
    let ran = copy.xtask(&["diff", &old, &new]);
    assert!(ran.out.contains("words only: B  [schema-added]"), "{ran:?}");
}
