//! Merges, rebases and cherry-picks as git makes them, and what `sync` and the other commands do in the middle of them: the
//! real git and the real program in folders of their own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::process::Command;
use std::sync::OnceLock;

use common::{Copy, Ran};

const SOURCE: &str = "upstream/openapi.yaml";
const DERIVED: [&str; 3] = ["swpanel-api.json", "swpanel-api.lock", "client/public-api.txt"];

/// A published document of three operations, with room for more above and below.
const BASE: &str = "\
openapi: 3.0.3
info: {title: Small, version: '1'}
servers: [{url: https://api.example.es}]
paths:
  # above
  /a/:
    get: {operationId: a_list, tags: [a], summary: List, responses: {'200': {description: ok}}}
  /b/{id}:
    get:
      operationId: b_get
      tags: [b]
      summary: Get
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
  /z/:
    get: {operationId: z_list, tags: [z], summary: List, responses: {'200': {description: ok}}}
  # below
components:
  schemas:
    # schemas above
    Common: {type: object, properties: {n: {type: integer}}}
    # room
    Room: {type: object}
    # schemas below
";

/// A commit of the document, synced.
fn published() -> Copy {
    static MADE: OnceLock<Copy> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let copy = Copy::new();
        let ran = copy.xtask_with(&["sync", "--accept-shrink", "--from", "-"], BASE.as_bytes(), &[]);
        assert_eq!(ran.code, Some(4), "{ran:?}");
        copy.commit("published");
        copy
    });
    made.again()
}

/// Adds an operation and a schema that are published under other names in a second release: only the lock has the names
/// that stay. Above and below do not meet in the source; in the derived files the additions are neighbours.
fn grow(copy: &Copy, name: &str, place: &str) {
    let operation = format!(
        "  # {place}\n  /m-{name}/:\n    get:\n      operationId: {name}_list\n      tags: [m]\n      summary: List\n      responses: {{'200': {{description: ok, \
         content: {{application/json: {{schema: {{$ref: '#/components/schemas/{name}Thing'}}}}}}}}}}\n"
    );
    copy.edit(SOURCE, &format!("  # {place}\n"), &operation);
    let schema =
        format!("    # schemas {place}\n    {name}Thing: {{type: object, properties: {{n: {{type: integer}}}}}}\n");
    copy.edit(SOURCE, &format!("    # schemas {place}\n"), &schema);
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    copy.edit(SOURCE, &format!("{name}_list"), &format!("{name}_index"));
    let text = copy.read(SOURCE).replace(&format!("{name}Thing"), &format!("{name}Dto"));
    copy.write(SOURCE, text.as_bytes());
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    let lock = copy.read("swpanel-api.lock");
    assert!(lock.contains(&format!("{name}_list")) && lock.contains(&format!("{name}Thing\"")), "{lock}");
    copy.commit(name);
}

/// Two branches that each grew, `main` and `other`; `main` is checked out.
fn branches() -> Copy {
    static MADE: OnceLock<Copy> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let copy = published();
        copy.git_done(&["switch", "--quiet", "--create", "other"]);
        grow(&copy, "theirs", "below");
        copy.git_done(&["switch", "--quiet", "main"]);
        grow(&copy, "ours", "above");
        copy
    });
    made.again()
}

/// In the middle of a merge that has conflicts in all three derived files and nowhere else.
fn merging(style: &str) -> Copy {
    let copy = branches();
    let merged = copy.git(&["-c", &format!("merge.conflictStyle={style}"), "merge", "--quiet", "other"]);
    assert_eq!(merged.code, Some(1), "{merged:?}");
    for file in DERIVED {
        assert!(copy.read(file).contains("<<<<<<< "), "{file} has no conflict");
    }
    assert!(!copy.read(SOURCE).contains("<<<<<<<"));
    copy
}

/// The three files are whole, with the operations and the pinned names of both sides, and nothing is left to do.
fn assert_repaired(copy: &Copy, names: &[&str]) {
    for file in DERIVED {
        assert!(!copy.read(file).contains("<<<<<<<"), "{file}");
    }
    let lock = copy.read("swpanel-api.lock");
    let listing = copy.read("client/public-api.txt");
    for name in names {
        assert!(lock.contains(&format!("\"GET /m-{name}/\" = \"{name}_list\"")), "{name}: {lock}");
        assert!(listing.contains(&format!("swpanel::Client::{name}_list")), "{name}: {listing}");
        let kept = lock.lines().any(|line| line.to_lowercase().ends_with(&format!("\"{name}thing\"")));
        assert!(kept && !lock.contains(&format!("{name}Dto\"")), "the type of {name} was renamed: {lock}");
    }
    assert_eq!(copy.xtask(&["check"]).code, Some(0));
    let again = copy.xtask(&["sync"]);
    assert!(again.code == Some(0) && again.out.contains("nothing: everything is as it was"), "{again:?}");
}

/// Runs a command that was printed, as it was printed, in the folder of the copy.
fn typed(copy: &Copy, command: &str) -> Ran {
    let own = std::path::Path::new(env!("CARGO_BIN_EXE_xtask"));
    // `cargo xtask` is the alias of the workspace; the copy has none.
    let script = command.replace("cargo xtask", own.to_str().unwrap());
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(copy.path(""));
    for (name, value) in common::git_command(&[]).get_envs() {
        value.map(|value| shell.env(name, value));
    }
    let output = shell.output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The commands within backquotes of a text that begin with a word.
fn commands(text: &str, word: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|command| command.starts_with(word)).map(str::to_owned).collect()
}

/// The commands that a sync names as the next ones.
fn next(ran: &Ran, word: &str) -> String {
    let line = ran.out.lines().find_map(|line| line.get(14..).filter(|line| line.starts_with(word)));
    line.unwrap_or_else(|| panic!("no `{word}` in {ran:?}")).to_owned()
}

#[test]
fn a_sync_repairs_a_merge_in_every_style_and_keeps_the_names_of_both_sides() {
    for style in ["merge", "diff3", "zdiff3"] {
        let copy = merging(style);
        let ran = copy.xtask(&["sync"]);
        assert_eq!(ran.code, Some(4), "{style}: {ran:?}");
        let said = "client/public-api.txt, swpanel-api.json, swpanel-api.lock had a conflict; made from upstream/ and overlays/, the \
                    pinned names of both sides are kept";
        assert!(ran.out.contains(said), "{style}: {ran:?}");
        assert!(ran.out.contains("compared      with git HEAD\nverdict       compatible"), "{style}: {ran:?}");
        assert!(ran.out.contains("+ GET /m-theirs/") && !ran.out.contains("+ GET /m-ours/"), "{style}: {ran:?}");
        assert!(copy.read("target/drift/report.md").contains("Compared with git HEAD."));
        assert_repaired(&copy, &["ours", "theirs"]);
        let added = typed(&copy, &next(&ran, "git "));
        assert_eq!(added.code, Some(0), "{added:?}");
        copy.git_done(&["commit", "--quiet", "--no-edit"]);
        assert_eq!(copy.git_done(&["status", "--short"]), "");
    }
}

#[test]
fn a_sync_repairs_a_rebase_a_cherry_pick_a_squash_and_a_stash() {
    for (operation, arguments) in [
        ("rebase", vec!["rebase", "--quiet", "other"]),
        ("rebase of the other backend", vec!["rebase", "--quiet", "--apply", "other"]),
        ("cherry-pick", vec!["cherry-pick", "other"]),
        ("squash", vec!["merge", "--quiet", "--squash", "other"]),
        ("stash", vec!["stash", "pop", "--quiet"]),
    ] {
        let copy = branches();
        if operation == "stash" {
            copy.git_done(&["switch", "--quiet", "--detach", "main~1"]);
            copy.git_done(&["checkout", "--quiet", "other", "--", "."]);
            copy.git_done(&["stash", "--quiet"]);
            copy.git_done(&["switch", "--quiet", "main"]);
        }
        let stopped = copy.git(&arguments);
        assert_eq!(stopped.code, Some(1), "{operation}: {stopped:?}");
        let ran = copy.xtask(&["sync"]);
        assert!(ran.code == Some(4) && ran.out.contains("compared      with git HEAD\n"), "{operation}: {ran:?}");
        assert!(ran.out.contains("the pinned names of both sides are kept"), "{operation}: {ran:?}");
        assert_repaired(&copy, &["ours", "theirs"]);
        let added = typed(&copy, &next(&ran, "git "));
        assert_eq!(added.code, Some(0), "{operation}: {added:?}");
        match operation.split(' ').next() {
            Some("squash" | "stash") => copy.commit("squashed"),
            Some(name) => drop(copy.git_done(&[name, "--continue"])),
            None => {}
        }
        assert_eq!(copy.git_done(&["status", "--short"]), "", "{operation}");
        assert_eq!(copy.xtask(&["check"]).code, Some(0), "{operation}");
    }
}

#[test]
fn names_of_both_sides_stay_whatever_became_of_the_files() {
    let ways: [(&str, &[&[&str]]); 5] = [
        ("one side taken", &[&["checkout", "--quiet", "--ours", "--", DERIVED[0], DERIVED[1], DERIVED[2]]]),
        ("the other side taken", &[&["checkout", "--quiet", "--theirs", "--", DERIVED[0], DERIVED[1], DERIVED[2]]]),
        ("added with its markers", &[&["add", "--all"]]),
        ("deleted", &[&["rm", "--quiet", "--force", DERIVED[0], DERIVED[1], DERIVED[2]]]),
        ("the lock of one side added", &[&["checkout", "--quiet", "--ours", "--", DERIVED[1]], &["add", DERIVED[1]]]),
    ];
    for (way, calls) in ways {
        let copy = merging("merge");
        for call in calls {
            copy.git_done(call);
        }
        let ran = copy.xtask(&["sync"]);
        assert!(ran.code == Some(4) && ran.out.contains("compared      with git HEAD\n"), "{way}: {ran:?}");
        assert_repaired(&copy, &["ours", "theirs"]);
    }
}

#[test]
fn a_file_that_one_side_deleted_or_both_added_is_made_again() {
    // Both added: the state before the first document has none of the three.
    let copy = published();
    let derived = ["rm", "--quiet", "--cached", DERIVED[0], DERIVED[1], DERIVED[2]];
    copy.git_done(&["switch", "--quiet", "--orphan", "empty"]);
    copy.git_done(&["checkout", "--quiet", "main", "--", "."]);
    copy.git_done(&derived);
    copy.git_done(&["commit", "--quiet", "--message", "without derived files"]);
    for (branch, place) in [("other", "below"), ("ours", "above")] {
        copy.git_done(&["switch", "--quiet", "--force-create", branch, "empty"]);
        copy.git_done(&["checkout", "--quiet", "main", "--", "."]);
        grow(&copy, if branch == "other" { "theirs" } else { "ours" }, place);
    }
    let merged = copy.git(&["merge", "--quiet", "other"]);
    assert!(
        merged.code == Some(1) && copy.git_done(&["status", "--short"]).contains("AA swpanel-api.lock"),
        "{merged:?}"
    );
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    assert_repaired(&copy, &["ours", "theirs"]);

    // Deleted on our side, changed on the other, and the other way round.
    for deleted in ["main", "other"] {
        let copy = branches();
        copy.git_done(&["switch", "--quiet", deleted]);
        copy.git_done(&["rm", "--quiet", DERIVED[0], DERIVED[1], DERIVED[2]]);
        copy.git_done(&["commit", "--quiet", "--message", "deleted"]);
        copy.git_done(&["switch", "--quiet", "main"]);
        let merged = copy.git(&["merge", "--quiet", "other"]);
        assert_eq!(merged.code, Some(1), "{merged:?}");
        let ran = copy.xtask(&["sync"]);
        assert!(matches!(ran.code, Some(0 | 4)), "{ran:?}");
        let with = if deleted == "main" { "git MERGE_HEAD (git HEAD has no swpanel-api.json)" } else { "git HEAD" };
        assert!(ran.out.contains(&format!("compared      with {with}\n")), "{ran:?}");
        let kept = if deleted == "main" { "theirs" } else { "ours" };
        assert_repaired(&copy, &[kept]);
    }
}

#[test]
fn without_git_the_markers_are_enough() {
    let copy = merging("diff3");
    std::fs::remove_dir_all(copy.path(".git")).unwrap();
    let ran = copy.xtask(&["sync"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let said = "compared      with the document before this sync (this is not a git repository)\n";
    assert!(ran.out.contains(said), "{ran:?}");
    assert_repaired(&copy, &["ours", "theirs"]);
}

#[test]
fn committed_markers_are_repaired_and_the_comparison_is_not_left_out() {
    let copy = merging("merge");
    copy.commit("markers and all");
    let ran = copy.xtask(&["sync"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let said = "compared      with the document before this sync (swpanel-api.json of git HEAD cannot be read: it has git conflict \
                markers (line ";
    assert!(ran.out.contains(said), "{ran:?}");
    assert_repaired(&copy, &["ours", "theirs"]);
}

#[test]
fn a_verdict_is_never_left_out() {
    // Nothing to compare with at all.
    let copy = published();
    std::fs::remove_dir_all(copy.path(".git")).unwrap();
    std::fs::remove_file(copy.path("swpanel-api.json")).unwrap();
    let ran = copy.xtask(&["sync"]);
    let why = "this is not a git repository, and there was no swpanel-api.json here";
    assert!(ran.code == Some(4) && ran.out.contains(&format!("nothing was compared, since {why}\n")), "{ran:?}");
    assert!(copy.read("target/drift/report.md").contains(why));
    // A document that is none.
    copy.write("swpanel-api.json", b"{\"openapi\": ");
    let ran = copy.xtask(&["sync", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["compared_with"]), (Some(4), &serde_json::Value::Null), "{ran:?}");
    assert!(json["not_compared"].as_str().unwrap().contains("cannot be read: JSON syntax error"), "{json}");
    // The same document.
    let ran = copy.xtask(&["sync"]);
    assert!(
        ran.code == Some(0) && ran.out.contains("verdict       none: no difference from the document before this sync"),
        "{ran:?}"
    );
    // A repository without a commit.
    copy.git_done(&["init", "--quiet"]);
    let ran = copy.xtask(&["sync"]);
    assert!(ran.out.contains("the document before this sync (the git repository has no commit)\n"), "{ran:?}");
}

#[test]
fn a_second_sync_after_an_overlay_loses_nothing_of_the_report() {
    let copy = published();
    let z = "  /z/:\n    get: {operationId: z_list, tags: [z], summary: List, responses: {'200': {description: ok}}}\n";
    copy.edit(SOURCE, z, "");
    let first = copy.xtask(&["sync"]);
    assert!(first.out.contains("breaking operation-removed GET /z/"), "{first:?}");
    let overlay = "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n  - target: $.paths['/a/'].get\n    update: {deprecated: true}\n";
    copy.write("overlays/010-a.yaml", overlay.as_bytes());
    let second = copy.xtask(&["sync"]);
    assert_eq!(second.code, Some(4), "{second:?}");
    for part in [
        "- GET /z/",
        "breaking operation-removed GET /z/",
        "1 breaking, 1 documentation",
        "compared      with git HEAD",
    ] {
        assert!(second.out.contains(part), "{part}: {second:?}");
    }
    for file in ["report.md", "CHANGELOG.md", "migration.md"] {
        let text = copy.read(&format!("target/drift/{file}"));
        assert!(text.contains("GET /z/"), "{file}: {text}");
    }
    assert!(copy.read("target/drift/report.md").contains("operation-deprecated"));
    // Once it is committed, a later sync reports what came since.
    copy.commit("release");
    copy.edit("overlays/010-a.yaml", "deprecated: true", "summary: List all");
    let third = copy.xtask(&["sync"]);
    assert!(third.code == Some(4) && !third.out.contains("GET /z/"), "{third:?}");
    // Where the change is taken back, no report of it stays.
    copy.edit("overlays/010-a.yaml", "summary: List all", "deprecated: true");
    let back = copy.xtask(&["sync"]);
    assert!(back.code == Some(4) && back.out.contains("verdict       none: no difference from git HEAD\n"), "{back:?}");
    assert!(!copy.path("target/drift/report.md").exists());
}

#[test]
fn markers_in_what_people_write_are_refused_by_name_with_commands_that_work() {
    for operation in [&["merge", "--quiet", "other"][..], &["rebase", "--quiet", "other"], &["cherry-pick", "other"]] {
        let copy = published();
        copy.git_done(&["switch", "--quiet", "--create", "other"]);
        for (branch, title) in [("other", "Theirs"), ("main", "Ours")] {
            copy.git_done(&["switch", "--quiet", branch]);
            copy.edit(SOURCE, "title: Small", &format!("title: {title}"));
            copy.edit("knowledge.toml", "version = 1\n", &format!("version = 1 # {title}\n"));
            let overlay = format!(
                "overlay: 1.0.0\ninfo: {{title: {title}, version: '1'}}\nactions:\n  - target: $.info\n    update: {{x-{title}: true}}\n"
            );
            copy.write("overlays/010-a.yaml", overlay.as_bytes());
            assert_eq!(copy.xtask(&["sync"]).code, Some(4));
            copy.commit(title);
        }
        assert_eq!(copy.git(operation).code, Some(1));
        let before = copy.state();
        let ran = copy.xtask(&["sync"]);
        assert!(before == copy.state(), "{operation:?}: something was written");
        assert_eq!((ran.code, ran.out.as_str()), (Some(100), ""), "{operation:?}: {ran:?}");
        let checked = copy.xtask(&["check"]);
        for file in [SOURCE, "overlays/010-a.yaml", "knowledge.toml"] {
            assert!(ran.err.contains(&format!("`{file}` has git conflict markers (line ")), "{operation:?}: {ran:?}");
            assert!(
                checked.code == Some(4) && checked.out.contains(&format!("{file} has git conflict markers")),
                "{checked:?}"
            );
        }
        assert!(ran.err.contains("the stored document was left as it was"), "{ran:?}");
        let json = copy.xtask(&["sync", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!((&json["error"]["name"], &json["error"]["refused"]), (&"unmerged".into(), &false.into()), "{json}");
        let sides = commands(&ran.err, "git ");
        assert_eq!(sides.len(), 6, "{sides:?}");
        for side in sides {
            let taken = typed(&copy, &side);
            assert_eq!(taken.code, Some(0), "{operation:?}: {side}: {taken:?}");
        }
        let sync = commands(&ran.err, "cargo xtask").pop().unwrap();
        let synced = typed(&copy, &sync);
        assert_eq!(synced.code, Some(4), "{operation:?}: {sync}: {synced:?}");
        assert_eq!(copy.xtask(&["check"]).code, Some(0));
    }
}

#[test]
fn another_document_may_be_taken_over_a_source_in_conflict() {
    let copy = published();
    copy.git_done(&["switch", "--quiet", "--create", "other"]);
    for (branch, title) in [("other", "Theirs"), ("main", "Ours")] {
        copy.git_done(&["switch", "--quiet", branch]);
        copy.write("given.yaml", BASE.replace("title: Small", &format!("title: {title}")).as_bytes());
        assert_eq!(copy.xtask(&["sync", "--from", copy.path("given.yaml").to_str().unwrap()]).code, Some(4));
        copy.commit(title);
    }
    assert_eq!(copy.git(&["merge", "--quiet", "other"]).code, Some(1));
    let given = BASE.replace("title: Small", "title: Ours");
    let ran = copy.xtask_with(&["sync", "--from", "-"], given.as_bytes(), &[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!((copy.read(SOURCE), copy.xtask(&["check"]).code), (given, Some(0)));
    assert_eq!(copy.xtask(&["sync"]).code, Some(0));
}

#[test]
fn every_command_names_the_markers_and_what_repairs_them() {
    let copy = merging("zdiff3");
    let before = copy.state();
    let ran = copy.xtask(&["check"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    for file in DERIVED {
        assert!(ran.out.contains(&format!("{file} has git conflict markers (line ")), "{ran:?}");
    }
    assert!(ran.out.contains("run: cargo xtask sync --root "), "{ran:?}");
    for arguments in [
        &["accept"][..],
        &["classify"],
        &["coverage"],
        &["demo"],
        &["fidelity"],
        &["observe"],
        &["probe", "--base-url", "http://127.0.0.1:9"],
        &["release", "--dry-run"],
        &["sync", "--locked"],
        &["verify", "--slow"],
    ] {
        let ran = copy.xtask(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (Some(100), ""), "{arguments:?}: {ran:?}");
        let named = ran.err.contains("has git conflict markers (line ") && ran.err.contains("cargo xtask sync");
        assert!(named, "{arguments:?}: {ran:?}");
    }
    let document = copy.path("swpanel-api.json");
    let ran = copy.xtask(&["diff", document.to_str().unwrap(), document.to_str().unwrap()]);
    let named = ran.err.contains("it has git conflict markers (line ") && ran.err.contains("`cargo xtask sync`");
    assert!(ran.code == Some(100) && named, "{ran:?}");
    let ran = copy.xtask(&["sync", "--check"]);
    assert!(ran.code == Some(4) && ran.out.contains("had a conflict"), "{ran:?}");
    assert!(before == copy.state(), "something was written");
}

#[test]
fn hints_on_lost_files_work_inside_a_merge() {
    let copy = merging("merge");
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    // The files in conflict are merged by hand into something else, and others are gone.
    for (file, content) in [("knowledge.toml", None), (SOURCE, None), ("knowledge.toml", Some("version = "))] {
        match content {
            Some(content) => copy.write(file, content.as_bytes()),
            None => std::fs::remove_file(copy.path(file)).unwrap(),
        }
        let ran = copy.xtask(&["sync"]);
        let hint = commands(&ran.err, "git ").pop().unwrap_or_else(|| panic!("{ran:?}"));
        assert_eq!(ran.code, Some(100), "{ran:?}");
        let restored = typed(&copy, &hint);
        assert_eq!(restored.code, Some(0), "{hint}: {restored:?}");
        assert!(copy.path(file).exists());
    }
    copy.write("swpanel-api.lock", b"version = ");
    let ran = copy.xtask(&["check"]);
    let hint = commands(&ran.err, "git ").pop().unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!(typed(&copy, &hint).code, Some(0), "{hint}");
}

/// An operation at the place named, published under an id.
fn add(copy: &Copy, place: &str, path: &str, id: &str) {
    let operation = format!(
        "  # {place}\n  {path}:\n    get: {{operationId: {id}, tags: [t], summary: List, responses: {{'200': {{description: ok}}}}}}\n"
    );
    copy.edit(SOURCE, &format!("  # {place}\n"), &operation);
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    copy.commit(path);
}

#[test]
fn names_that_the_sides_pin_differently_are_told() {
    let copy = published();
    copy.git_done(&["switch", "--quiet", "--create", "other"]);
    // Only this side gave up the old name of an operation.
    copy.edit(SOURCE, "operationId: a_list", "operationId: a_all");
    std::fs::remove_file(copy.path("swpanel-api.lock")).unwrap();
    add(&copy, "below", "/theirs/", "thing_list");
    copy.git_done(&["switch", "--quiet", "main"]);
    add(&copy, "above", "/ours/", "thing_list");
    assert_eq!(copy.git(&["merge", "--quiet", "other"]).code, Some(1));
    let ran = copy.xtask(&["sync"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let said = "GET /theirs/: one side of the merge named it `thing_list`, as the other side named another operation";
    assert!(ran.out.contains(said), "{ran:?}");
    let lock = copy.read("swpanel-api.lock");
    for name in ["\"GET /a/\" = \"a_all\"", "\"GET /ours/\" = \"thing_list\"", "\"GET /theirs/\" = \"theirs_list\""] {
        assert!(lock.contains(name), "{name}: {lock}");
    }
    assert_eq!((copy.xtask(&["sync"]).code, copy.xtask(&["check"]).code), (Some(0), Some(0)));

    // The same operation under two names.
    let copy = published();
    copy.git_done(&["switch", "--quiet", "--create", "other"]);
    add(&copy, "above", "/same/", "beta_list");
    copy.git_done(&["switch", "--quiet", "main"]);
    add(&copy, "above", "/same/", "alpha_list");
    assert_eq!(copy.git(&["merge", "--quiet", "other"]).code, Some(1));
    copy.git_done(&["checkout", "--quiet", "MERGE_HEAD", "--", SOURCE]);
    let ran = copy.xtask(&["sync"]);
    let said = "GET /same/ is `beta_list` on one side of the merge and `alpha_list` on the other; it stays `beta_list`";
    assert!(ran.code == Some(4) && ran.out.contains(said), "{ran:?}");
}

#[test]
fn a_workspace_below_the_top_of_its_repository_is_compared_and_repaired_too() {
    let copy = merging("merge");
    let top = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| common::git_command(arguments).current_dir(top.path()).output().unwrap();
    assert!(git(&["init", "--quiet", "--initial-branch", "main"]).status.success());
    std::fs::remove_dir_all(copy.path(".git")).unwrap();
    common::copy_folder(&copy.path(""), &top.path().join("team/api"));
    assert!(git(&["add", "--all"]).status.success());
    assert!(git(&["commit", "--quiet", "--message", "state"]).status.success());
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let output = command.arg("sync").current_dir(top.path().join("team/api/client")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, out) = run();
    assert!(code == Some(4) && out.contains("(swpanel-api.json of git HEAD cannot be read: "), "{out}");
    assert!(git(&["add", "--all"]).status.success());
    assert!(git(&["commit", "--quiet", "--message", "repaired"]).status.success());
    let (code, out) = run();
    assert!(code == Some(0) && out.contains("verdict       none: no difference from git HEAD\n"), "{out}");
    // A hint is typed where the person is.
    let lock = top.path().join("team/api/swpanel-api.lock");
    std::fs::write(&lock, "version = ").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("check")
        .current_dir(top.path().join("team/api/client"))
        .output()
        .unwrap();
    let hint = commands(&String::from_utf8(output.stderr).unwrap(), "git ").pop().unwrap();
    assert_eq!(hint, "git -C .. checkout HEAD -- swpanel-api.lock");
    let typed = Command::new("bash").args(["-c", &hint]).current_dir(top.path().join("team/api/client")).output();
    assert!(typed.unwrap().status.success() && std::fs::read_to_string(&lock).unwrap().contains("[source]"));
}
