//! sync.yml and release.yml, job by job and step by step, in clones of a repository on this machine: their scripts as they
//! stand, real git, the real xtask. Stand-ins: `gh` (it notes what it is asked), `curl` (it hands over a file, or fails), and
//! those calls of cargo that take minutes (`SWPANEL_SLOW=1` makes the packages all the same).

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use common::checkout::Checkout;
use common::workflow::{Done, Workflow, filled, read_outputs, value};
use serde_json::{Value, json};

/// Whoever runs under it must not see the token of the last step.
const CARGO: &str = r#"#!/usr/bin/env bash
[ -z "${GH_TOKEN:-}" ] || printf 'cargo sees GH_TOKEN\n' >> "$CALLS"
[ "$2" != accept ] || ! env | grep -q sEcReT || printf 'cargo sees an address\n' >> "$CALLS"
case "$1 $2" in
  "xtask accept") printf 'cargo %s\n' "$*" >> "$CALLS"; exit "${ACCEPT_ENDS_WITH:-4}" ;;
  "xtask release") [ -n "${SWPANEL_SLOW:-}" ] || set -- "$@" --no-package ;;
  # What a registry has already, a file beside the programs says.
  "info "*) grep -qsx -- "${*: -1}" "$(dirname "$CALLS")/registry"; exit ;;
  "test "* | "publish "*) printf 'cargo %s, token %s\n' "$*" "${CARGO_REGISTRY_TOKEN:+given}" >> "$CALLS"; exit 0 ;;
  "build "*)
    while [ $# -gt 0 ]; do [ "$1" != --target ] || target=$2; shift; done
    mkdir -p "target/$target/release"
    for program in swpanel swpanel-emulator; do
      printf '#!/bin/sh\necho "%s $1"\n' "$program" > "target/$target/release/$program"
      chmod +x "target/$target/release/$program"
    done
    exit 0 ;;
esac
exec "$(dirname "$0")/cargo-of-the-workspace" "$@"
"#;

/// Keeps what it is asked, the body of a pull request, and whether there is one.
const GH: &str = r#"#!/usr/bin/env bash
[ "$1 $2" = "auth setup-git" ] || [ -n "${GH_TOKEN:-}" ] || exit 4
printf 'gh' >> "$CALLS"
printf ' %s' "$@" >> "$CALLS"
printf '\n' >> "$CALLS"
desk=$(dirname "$CALLS")
before=
for word; do
  [ "$before" != --body-file ] || cp "$word" "$desk/body"
  [ "$before" != --notes-file ] || cp "$word" "$desk/notes"
  before=$word
done
case "$1 $2" in
  "auth setup-git") touch "$desk/may-push" ;;
  "release view") [ -e "$desk/released" ] || exit 1 ;;
  "release create") touch "$desk/released" ;;
  "pr list") [ ! -e "$desk/standing" ] || echo 7 ;;
  "pr create") touch "$desk/standing" ;;
  "issue list") [ ! -e "$desk/issue" ] || echo 9 ;;
  "issue create") touch "$desk/issue" ;;
  "release upload") shift 6; for file; do [ -s "$file" ] || exit 1; done ;;
esac
"#;

const CURL: &str = r#"#!/usr/bin/env bash
printf 'curl %s\n' "$*" >> "$CALLS"
[ -n "${PUBLISHED:-}" ] || { echo "curl: (6) Could not resolve host" >&2; exit 6; }
while [ $# -gt 0 ]; do
  case "$1" in
    --fail | --silent | --show-error | --location | --globoff | --proto) ;;
    --max-time | --max-filesize | --url) shift ;;
    =https) ;;
    --output) cp "$PUBLISHED" "$2"; shift ;;
    *) echo "curl: option $1 is unknown" >&2; exit 2 ;;
  esac
  shift
done
"#;

/// Clones what is at hand in place of what others publish; everything else is git itself.
const GIT: &str = r#"#!/usr/bin/env bash
words=("$@")
for word in "${!words[@]}"; do
  case "${words[$word]}" in
    https://*)
      printf 'clone %s, %s\n' "${words[$word]}" "$GIT_ALLOW_PROTOCOL" >> "$CALLS"
      [ -n "${EXAMPLES_AT:-}" ] || { echo "fatal: unable to access" >&2; exit 128; }
      unset GIT_ALLOW_PROTOCOL
      words[$word]=$EXAMPLES_AT ;;
  esac
done
exec "$REAL_GIT" "${words[@]}"
"#;

/// A repository, and a runner's programs.
struct Hub {
    checkout: Checkout,
    origin: PathBuf,
}

impl Hub {
    fn new() -> Self {
        let checkout = Checkout::new();
        let own = std::fs::read_to_string(checkout.beside("bin").join("cargo")).unwrap();
        checkout.program("cargo-of-the-workspace", &own);
        for (name, script) in
            [("cargo", CARGO), ("gh", GH), ("curl", CURL), ("rustup", "#!/bin/sh\n"), ("sudo", "#!/bin/sh\n")]
        {
            checkout.program(name, script);
        }
        let origin = checkout.beside("origin.git");
        let shown = origin.display();
        checkout.done(&format!(
            "git clone --quiet --bare . '{shown}' && git -C '{shown}' config uploadpack.allowAnySHA1InWant true"
        ));
        // Nobody may push before `gh` has set up git for it.
        let hook = origin.join("hooks/pre-receive");
        std::fs::write(&hook, "#!/bin/sh\n[ -e \"$(dirname \"$CALLS\")/may-push\" ]\n").unwrap();
        std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).unwrap();
        Self { checkout, origin }
    }

    fn run(&self, workflow: &str, job: &str, contexts: Value) -> Done {
        let mut all = json!({
            "github": {"token": "a-token-of-github", "ref_name": "main", "event": {"repository": {"default_branch": "main"}}},
            "inputs": {}, "vars": {}, "secrets": {}, "needs": {}, "matrix": {},
        });
        for (name, context) in contexts.as_object().unwrap() {
            all[name] = context.clone();
        }
        Workflow::read(workflow).run(&self.checkout, &self.origin, job, &all)
    }

    /// Both jobs of sync.yml, the second with the outputs of the first.
    fn weekly(&self) -> Done {
        let mut looked = self.run("sync.yml", "look", weekly());
        if looked.failed.is_some() {
            return looked;
        }
        let mut contexts = weekly();
        contexts["needs"] = json!({"look": {"outputs": looked.outputs}});
        let asked = self.run("sync.yml", "ask", contexts);
        looked.log.push_str(&asked.log);
        Done { log: looked.log, summary: looked.summary + &asked.summary, ..asked }
    }

    /// The jobs that watch the vendor's examples, the second with the outputs of the first.
    fn examples(&self, since: &str) -> Done {
        let mut contexts = json!({"vars": {"SWPANEL_EXAMPLES_SINCE": since}});
        let read = self.run("sync.yml", "examples", contexts.clone());
        if read.failed.is_some() {
            return read;
        }
        contexts["needs"] = json!({"examples": {"outputs": read.outputs}});
        let told = self.run("sync.yml", "tell", contexts);
        Done { log: read.log + &told.log, summary: read.summary + &told.summary, ..told }
    }

    /// The document that the vendor's server has from now on.
    fn publish(&mut self, bytes: &[u8]) {
        let path = self.checkout.beside("vendor").join("document");
        std::fs::write(&path, bytes).unwrap();
        self.checkout.variable("PUBLISHED", path.to_str().unwrap());
    }

    fn git(&self, words: &str) -> String {
        let ran = self.checkout.run(&format!("git --git-dir '{}' {words}", self.origin.display()), "");
        format!("{}{}", ran.out, ran.err)
    }

    fn branches(&self) -> String {
        self.git("for-each-ref --format '%(refname:short)'")
    }

    /// What was asked of a program.
    fn asked(&self, program: &str) -> Vec<String> {
        self.checkout.calls().into_iter().filter(|call| call.starts_with(program)).collect()
    }

    fn beside(&self, name: &str) -> String {
        std::fs::read_to_string(self.checkout.beside("").join(name)).unwrap()
    }
}

const ADDRESS: &str = "https://vendor.example/openapi.json";

fn weekly() -> Value {
    json!({"vars": {"SWPANEL_DOCUMENT_URL": ADDRESS}})
}

/// The document with one more required member of a request, and hostile words.
fn released(hub: &Hub) -> Vec<u8> {
    let text = hub.checkout.read("swpanel-api.json");
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["components"]["schemas"]["FtpAccountCreateRequest"]["required"]
        .as_array_mut()
        .unwrap()
        .push(json!("quota"));
    document["components"]["schemas"]["FtpAccountCreateRequest"]["properties"]["quota"] =
        json!({"type": "integer", "x-evidence": ["test"], "description": "Made up."});
    document["paths"]["/services/"]["get"]["summary"] =
        json!("List\n~~~~~~~~~~~~~~~~\n@everyone </details> ${{ secrets.TOKEN }} `id`");
    serde_json::to_vec_pretty(&document).unwrap()
}

#[test]
#[ignore = "plays whole workflows; `cargo xtask verify --slow` runs it"]
fn a_week_without_a_release_leaves_no_trace() {
    let mut hub = Hub::new();
    let without = hub.run("sync.yml", "look", json!({}));
    assert_eq!(without.failed, None, "{}", without.log);
    assert!(without.log.contains("Nothing changed."), "{}", without.log);
    for (name, published) in
        [("no host", None), ("a login page", Some("<html><form><input type=password></form></html>"))]
    {
        match published {
            Some(text) => hub.publish(text.as_bytes()),
            None => hub.checkout.variable("PUBLISHED", ""),
        }
        let done = hub.weekly();
        assert_eq!(done.failed, None, "{name}: {}", done.log);
        assert!(done.log.contains("::warning title=SWPanel sync::"), "{name}: {}", done.log);
    }
    assert!(hub.weekly().summary.contains("login page"));
    assert_eq!(hub.branches(), "main\n");
    assert_eq!(hub.asked("gh"), [""; 0]);
    assert!(hub.asked("curl").iter().all(|call| call.contains("--proto =https") && call.ends_with(ADDRESS)));
    let own = hub.run("sync.yml", "look", json!({"github": {"ref_name": "swpanel-sync"}}));
    assert_eq!(own.log, "skipped\n");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(reconstruction, ignore = "plays whole workflows; `cargo xtask verify --slow` runs it")]
fn a_fault_of_ours_makes_the_week_red() {
    let overlay = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.none, update: {a: 1}}]\n";
    for (file, content) in [("overlays/010.yaml", overlay), (".swpanel-drift.toml", "nonsense = 1\n")] {
        let mut hub = Hub::new();
        hub.publish(&released(&hub));
        hub.checkout.write(file, content.as_bytes());
        hub.checkout.done("git add --all && git commit --quiet --message own && touch ../may-push");
        hub.checkout.done(&format!("git push --quiet '{}' main", hub.origin.display()));
        let done = hub.weekly();
        assert_eq!(done.failed.as_deref(), Some("Has anything changed?"), "{file}: {}", done.log);
        assert!(done.log.contains("::error title=SWPanel sync::"), "{file}: {}", done.log);
    }
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(reconstruction, ignore = "plays whole workflows; `cargo xtask verify --slow` runs it")]
fn a_release_becomes_one_standing_pull_request() {
    let mut hub = Hub::new();
    let document = released(&hub);
    hub.publish(&document);
    let done = hub.weekly();
    assert_eq!(done.failed, None, "{}", done.log);
    assert_eq!(hub.branches(), "main\nswpanel-sync\n");
    assert_eq!(hub.git("rev-list --count main..swpanel-sync"), "1\n");
    let changed = hub.git("diff --name-only main swpanel-sync");
    assert_eq!(
        changed,
        "client/public-api.txt\nswpanel-api.json\nswpanel-api.lock\nupstream/openapi.yaml\nupstream/origin.json\n"
    );
    let body = hub.beside("body");
    assert!(
        body.starts_with(
            "Verdict: **breaking** for consumers, **minor** for Rust code; the version goes up by **major**."
        ),
        "{body}"
    );
    for part in ["What changed", "For the changelog", "Migration: what breaks, before and after", ADDRESS, "quota"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(body.len() < 65_536);
    outside_of_fences_nothing_is_the_vendors(&body);
    assert_eq!(labels(&hub), ["gh pr edit 7 --add-label bump: major"]);
    assert_eq!(hub.asked("gh pr create").len(), 1);
    assert_eq!(hub.asked("cargo sees"), [""; 0], "what cargo runs sees the token");

    // Next week the same: the request is refreshed, not doubled.
    hub.checkout.variable("ACCEPT_ENDS_WITH", "100");
    let again = hub.weekly();
    assert_eq!(again.failed, None, "{}", again.log);
    assert_eq!(hub.asked("gh pr create").len(), 1);
    assert_eq!(hub.git("rev-list --count main..swpanel-sync"), "1\n");
    assert!(hub.beside("body").contains("`cargo xtask accept` failed with exit code 100"));

    // Taken over, it is no news any more.
    hub.git("branch --force main swpanel-sync");
    let after = hub.weekly();
    assert!(after.log.contains("Nothing changed."), "{}", after.log);
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(reconstruction, ignore = "plays whole workflows; `cargo xtask verify --slow` runs it")]
fn a_long_report_is_cut_between_letters() {
    let mut hub = Hub::new();
    let mut document: Value = serde_json::from_slice(&released(&hub)).unwrap();
    for (_, item) in document["paths"].as_object_mut().unwrap() {
        for (_, operation) in item.as_object_mut().unwrap().iter_mut().filter(|(_, one)| one["responses"].is_object()) {
            operation["summary"] = json!("ñ".repeat(400));
        }
    }
    hub.publish(&serde_json::to_vec(&document).unwrap());
    let done = hub.weekly();
    assert_eq!(done.failed, None, "{}", done.log);
    let body = hub.beside("body");
    assert!(body.len() < 65_536 && body.contains("Cut here;"), "{} bytes", body.len());
    outside_of_fences_nothing_is_the_vendors(&body);
}

fn labels(hub: &Hub) -> Vec<String> {
    hub.asked("gh pr edit").into_iter().filter(|call| call.contains("--add-label")).collect()
}

/// Vendor's words outside of a fence would be links, mentions and markup.
fn outside_of_fences_nothing_is_the_vendors(body: &str) {
    let mut fence: Option<usize> = None;
    for line in body.lines() {
        let tildes = line.chars().take_while(|c| *c == '~').count();
        match fence {
            Some(length) if tildes >= length && line.trim_end().len() == tildes => fence = None,
            Some(_) => {}
            None if tildes >= 3 => fence = Some(tildes),
            None => assert!(!line.contains("@everyone") && !line.contains("quota"), "outside of a fence: {line}"),
        }
    }
    assert_eq!(fence, None, "a fence is left open:\n{body}");
}

/// Wherever the cut falls: the script's own function, on a file of letters of two bytes.
#[test]
#[ignore = "plays whole workflows; `cargo xtask verify --slow` runs it"]
fn a_cut_within_a_letter_ends_nothing() {
    let hub = Hub::new();
    let workflow = Workflow::read("sync.yml");
    let steps = workflow.job("ask")["steps"].as_array().unwrap();
    let script = steps.iter().filter_map(|step| step["run"].as_str()).find(|run| run.contains("part() {")).unwrap();
    let from = script.find("part() {").unwrap();
    let function = &script[from..from + script[from..].find("\n}\n").unwrap() + 3];
    for length in [4, 5] {
        let told = hub.checkout.done(&format!("{function}\nprintf 'ññññ' > letters\npart title letters {length}"));
        assert!(told.contains("\nññ\n") && told.contains("Cut here;"), "{told}");
    }
}

#[test]
#[ignore = "plays whole workflows; `cargo xtask verify --slow` runs it"]
fn a_dry_run_of_a_release_shows_and_changes_nothing() {
    let hub = Hub::new();
    let done = hub.run("release.yml", "prepare", json!({"inputs": {"dry-run": true, "at-least": "patch"}}));
    assert_eq!(done.failed, None, "{}", done.log);
    let version = done.outputs["version"].as_str().unwrap();
    assert_eq!(done.outputs["tag"], json!(format!("v{version}")));
    assert_eq!(done.outputs["archive"], json!(""));
    assert!(done.summary.starts_with(&format!("## v{version}\n")), "{}", done.summary);
    assert_eq!(hub.checkout.run_in(&done.folder, "git status --porcelain", "", &[]).out, "");
    assert_eq!(hub.branches(), "main\n");
    let elsewhere = json!({"github": {"ref_name": "topic", "event": {"repository": {"default_branch": "main"}}}});
    assert_eq!(hub.run("release.yml", "prepare", elsewhere).log, "skipped\n");
}

#[test]
#[ignore = "plays whole workflows; `cargo xtask verify --slow` runs it"]
fn a_release_is_tagged_built_and_published_in_order() {
    let hub = Hub::new();
    let inputs = json!({"dry-run": false, "at-least": "minor"});
    let prepared = hub.run("release.yml", "prepare", json!({"inputs": inputs}));
    assert_eq!(prepared.failed, None, "{}", prepared.log);
    let tag = prepared.outputs["tag"].as_str().unwrap().to_owned();
    assert_eq!(hub.branches(), "main\n", "only the next job pushes");
    let needs = json!({"prepare": {"outputs": prepared.outputs}});
    let tagged = hub.run("release.yml", "tag", json!({"inputs": inputs, "needs": needs}));
    assert_eq!(tagged.failed, None, "{}", tagged.log);
    assert_eq!(hub.branches(), format!("main\n{tag}\n"));
    assert_eq!(tagged.outputs["sha"].as_str().unwrap(), hub.git("rev-parse main").trim());
    let again = hub.run("release.yml", "tag", json!({"inputs": inputs, "needs": needs}));
    assert_eq!((again.failed, &again.outputs), (None, &tagged.outputs), "a job cannot be run again: {}", again.log);
    let needs = json!({"prepare": {"outputs": prepared.outputs}, "tag": {"outputs": tagged.outputs}});
    assert_eq!(hub.git("log -1 --format=%s main"), format!("Release {tag}\n"));
    assert_eq!(
        hub.git(&format!("rev-parse main '{tag}^{{commit}}'")).lines().collect::<std::collections::BTreeSet<_>>().len(),
        1
    );
    let manifest = hub.git("show main:Cargo.toml");
    assert!(manifest.contains(&format!("version = \"{}\"", &tag[1..])), "{manifest}");
    let drafted = hub.asked("gh release create");
    assert!(drafted.len() == 1 && drafted[0].contains("--draft --verify-tag"), "{drafted:?}");
    assert!(!hub.beside("notes").trim().is_empty(), "a release tells what is new");

    for (target, end) in [("x86_64-unknown-linux-musl", ""), ("aarch64-apple-darwin", "")] {
        let matrix = json!({"target": target, "end": end, "os": "any"});
        let built = hub.run("release.yml", "programs", json!({"inputs": inputs, "needs": needs, "matrix": matrix}));
        assert_eq!(built.failed, None, "{}", built.log);
        let check = hub.checkout.run_in(&built.folder.join("programs"), "sha256sum --check *.sha256 && ls", "", &[]);
        assert_eq!(check.code, Some(0), "{check:?}");
        assert!(check.out.contains(&format!("swpanel-{}-{target}: OK", &tag[1..])), "{check:?}");
        assert_eq!(check.out.lines().count(), 2 + 4, "{}", check.out);
    }
    assert_eq!(hub.asked("gh release upload"), [""; 0], "only the next job may write");
    let attached = hub.run("release.yml", "attach", json!({"inputs": inputs, "needs": needs}));
    assert_eq!(attached.failed, None, "{}", attached.log);
    let uploaded = hub.asked("gh release upload");
    assert!(uploaded.len() == 1 && uploaded[0].matches(" programs/swpanel").count() == 8, "{uploaded:?}");

    let without = hub.run("release.yml", "crates", json!({"inputs": inputs, "needs": needs}));
    assert!(without.failed.is_none() && without.log.contains("nothing is published"), "{}", without.log);
    assert_eq!(hub.asked("cargo publish"), [""; 0]);
    let with = json!({"inputs": inputs, "needs": needs, "secrets": {"CARGO_REGISTRY_TOKEN": "a-token-of-a-registry"}});
    let published = hub.run("release.yml", "crates", with);
    assert!(published.failed.is_none() && !published.log.contains("a-token"), "{}", published.log);
    let publish = |name: &str| format!("cargo publish --locked --no-verify -p {name}, token given");
    let all = ["swpanel-build-tools", "swpanel", "swpanel-emulator", "swpanel-cli"];
    assert_eq!(hub.asked("cargo publish"), all.map(publish));
    let there = format!("swpanel-build-tools@{0}\nswpanel@{0}\n", &tag[1..]);
    std::fs::write(hub.checkout.beside("").join("registry"), there).unwrap();
    let rest = json!({"inputs": inputs, "needs": needs, "secrets": {"CARGO_REGISTRY_TOKEN": "a-token-of-a-registry"}});
    assert_eq!(hub.run("release.yml", "crates", rest).failed, None);
    assert_eq!(hub.asked("cargo publish").len(), 4 + 2, "what is there is passed over");
    let shown = hub.run("release.yml", "publish", json!({"inputs": inputs, "needs": needs}));
    assert_eq!(shown.failed, None, "{}", shown.log);
    assert_eq!(hub.asked("gh release edit"), [format!("gh release edit {tag} --repo team/swpanel --draft=false")]);
    assert_eq!(hub.asked("cargo sees"), [""; 0], "what cargo runs sees the token");
    let played = ["attach", "crates", "prepare", "programs", "publish", "tag"];
    assert_eq!(Workflow::read("release.yml").jobs(), played, "a job that is not played here");
}

#[test]
#[ignore = "plays whole workflows; `cargo xtask verify --slow` runs it"]
fn the_public_source_that_moves_becomes_one_issue() {
    let mut hub = Hub::new();
    let path = std::env::var("PATH").unwrap();
    let git = path.split(':').map(|folder| PathBuf::from(folder).join("git")).find(|git| git.is_file()).unwrap();
    hub.checkout.program("git", GIT);
    hub.checkout.variable("REAL_GIT", git.to_str().unwrap());
    let unreachable = hub.examples("HEAD");
    assert_eq!(unreachable.failed, None, "{}", unreachable.log);
    assert!(unreachable.log.contains("could not be cloned"), "{}", unreachable.log);

    // A repository of the vendor's, with one commit.
    let vendor = hub.checkout.beside("vendor/examples");
    common::copy_folder(&common::workspace().join("xtask/tests/fixtures/examples"), &vendor);
    let commit =
        format!("cd '{}' && git init --quiet -b main; git add --all && git commit --quiet -m state", vendor.display());
    hub.checkout.done(&commit);
    hub.checkout.variable("EXAMPLES_AT", vendor.to_str().unwrap());
    let same = hub.examples("HEAD");
    assert_eq!(same.failed, None, "{}", same.log);
    assert!(same.log.contains("Nothing changed.") && same.log.contains("page of the manual"), "{}", same.log);
    assert_eq!(hub.asked("gh issue create").len(), 0);

    // Another commit, and a page that names an operation that the document does not have; both with hostile words.
    let file = vendor.join("python/app/ui/crons/cron_ui.py");
    common::edit(&file, "int(number)", "str(number)");
    common::edit(&file, "\"minutes\"", "\"~~~~~~~~~~~~~~~~ @everyone ${{ secrets.TOKEN }} </details>\"");
    hub.checkout.done(&commit);
    hub.publish(b"<p>POST /services/{service}/clone/ @everyone</p>");
    for round in 0..2 {
        let told = hub.examples("HEAD~1");
        assert_eq!(told.failed, None, "{}", told.log);
        let body = hub.beside("body");
        for part in ["type-changed", "every.number", "literal-changed", "POST /services/{service}/clone/", "HEAD~1"] {
            assert!(body.contains(part), "{part}: {body}");
        }
        assert!(body.len() < 65_536);
        outside_of_fences_nothing_is_the_vendors(&body);
        assert_eq!((hub.asked("gh issue create").len(), hub.asked("gh issue edit").len()), (1, round));
    }
    // Where the examples say the old again, the standing issue says so, and stays open for a person to close.
    hub.checkout.variable("PUBLISHED", "");
    let back = hub.examples("HEAD");
    assert_eq!(back.failed, None, "{}", back.log);
    assert!(hub.beside("body").contains("again"), "{}", hub.beside("body"));
    assert_eq!((hub.asked("gh issue create").len(), hub.asked("gh issue edit").len()), (1, 2));
    assert_eq!(hub.asked("cargo sees"), [""; 0], "what cargo runs sees the token");
    assert!(hub.asked("clone").iter().all(|call| call == "clone https://github.com/SWPanel/API-Examples, https"));
    let lost = hub.examples("0000000");
    assert_eq!(lost.failed, None, "{}", lost.log);
    assert!(lost.summary.contains("git:0000000"), "{}", lost.summary);
    assert_eq!(Workflow::read("sync.yml").jobs(), ["ask", "examples", "look", "tell"], "a job that is not played here");
}

#[test]
fn expressions_are_read_as_written() {
    let contexts = json!({"a": {"b-c": "x"}, "inputs": {"dry-run": false}});
    for (expression, wanted) in [
        ("a.b-c == 'x'", json!(true)),
        ("a.b-c != 'x'", json!(false)),
        ("inputs.from || a.b-c", json!("x")),
        ("${{ !inputs.dry-run }}", json!(true)),
        ("a.none", Value::Null),
        ("a.b-c && 'y'", json!("y")),
    ] {
        assert_eq!(value(expression, &contexts), wanted, "{expression}");
    }
    assert_eq!(filled("v ${{ a.b-c }}.", &contexts), "v x.");
    assert_eq!(read_outputs("a=b=c\nd<<END\n1\n2=3\nEND\ne=\n"), json!({"a": "b=c", "d": "1\n2=3", "e": ""}));
}

#[test]
#[ignore = "plays whole workflows; `cargo xtask verify --slow` runs it"]
fn a_patch_that_changes_more_than_a_release_does_is_refused() {
    let hub = Hub::new();
    let inputs = json!({"dry-run": false, "at-least": "patch"});
    let prepared = hub.run("release.yml", "prepare", json!({"inputs": inputs}));
    assert_eq!(prepared.failed, None, "{}", prepared.log);
    let script = r#"
        base64 --decode <<< "$ARCHIVE" | tar --extract --gzip
        printf '%s\n' 'diff --git a/new b/new' 'new file mode 100644' '--- /dev/null' '+++ b/new' '@@ -0,0 +1 @@' '+x' >> change.patch
        tar --create --gzip change.patch notes.md | base64"#;
    let archive = prepared.outputs["archive"].as_str().unwrap().to_owned();
    let place = hub.checkout.beside("tampered");
    let packed = hub.checkout.run_in(&place, script, "", &[("ARCHIVE".to_owned(), archive)]);
    assert_eq!(packed.code, Some(0), "{packed:?}");
    for (name, value, why) in [("archive", packed.out.as_str(), "changes no other file"), ("tag", "v1; touch x", "")] {
        let mut outputs = prepared.outputs.clone();
        outputs[name] = json!(value);
        let contexts = json!({"inputs": inputs, "needs": {"prepare": {"outputs": outputs}}});
        let tagged = hub.run("release.yml", "tag", contexts);
        assert!(tagged.failed.is_some() && tagged.log.contains(why), "{name}: {}", tagged.log);
    }
    assert_eq!(hub.branches(), "main\n");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(reconstruction, ignore = "plays whole workflows; `cargo xtask verify --slow` runs it")]
fn a_sync_that_changes_more_than_it_writes_is_refused() {
    let mut hub = Hub::new();
    hub.publish(&released(&hub));
    let looked = hub.run("sync.yml", "look", weekly());
    assert_eq!(looked.failed, None, "{}", looked.log);
    assert_eq!(hub.branches(), "main\n", "only the next job pushes");
    let kept = hub.checkout.beside("artifacts/change");
    let whole = std::fs::read_to_string(kept.join("change.patch")).unwrap();
    let new = |path: &str, mode: &str| {
        format!("diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n")
    };
    let ask = || hub.run("sync.yml", "ask", json!({"needs": {"look": {"outputs": looked.outputs}}}));
    for more in [
        new("client/build.rs", "100644"),
        new(".github/workflows/own.yml", "100644"),
        new("docs/x.md/../../Cargo.toml", "100644"),
        new("docs/run.md", "100755"),
        new("docs/link.md", "120000"),
        new("tests/snapshots/x.rs", "100644"),
        new("upstream/parts\\nx/y", "100644"),
        "diff --git a/swpanel-api.lock b/swpanel-api.lock\nold mode 100644\nnew mode 100755\n".to_owned(),
        "not a patch".to_owned(),
    ] {
        let patch = if more == "not a patch" { more.clone() } else { format!("{whole}{more}") };
        std::fs::write(kept.join("change.patch"), patch).unwrap();
        let asked = ask();
        assert_eq!(asked.failed.as_deref(), Some("Is it a sync, and nothing else?"), "{more}: {}", asked.log);
    }
    assert_eq!(hub.branches(), "main\n");
    assert_eq!(hub.asked("gh"), [""; 0]);

    // Words that the job before made up stand within the fences, or are not known.
    std::fs::write(kept.join("change.patch"), whole).unwrap();
    std::fs::write(kept.join("report.md"), format!("a\n{}\n@everyone quota\n", "~".repeat(40))).unwrap();
    let words = json!({"report": {"bump": "@everyone", "consumer_verdict": ["@everyone"], "rust_verdict": "**quota**"},
        "counts": {"operations": "@everyone"}});
    std::fs::write(kept.join("sync.json"), words.to_string()).unwrap();
    std::fs::write(kept.join("accept"), "@everyone").unwrap();
    std::fs::write(kept.join("source"), format!("x\n{}\n@everyone", "~".repeat(40))).unwrap();
    let asked = ask();
    assert_eq!(asked.failed, None, "{}", asked.log);
    let body = hub.beside("body");
    outside_of_fences_nothing_is_the_vendors(&body);
    assert!(body.starts_with("Verdict: **unknown** for consumers"), "{body}");
    assert_eq!(labels(&hub), [""; 0]);
}

/// The address may have a secret in it, and the pull request is for everybody.
#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(reconstruction, ignore = "plays whole workflows; `cargo xtask verify --slow` runs it")]
fn the_address_of_the_document_stays_with_the_job_that_fetches() {
    let mut hub = Hub::new();
    hub.publish(&released(&hub));
    let address = "https://sEcReT:sEcReT@vendor.example/openapi.json;s=sEcReT?token=sEcReT#sEcReT";
    let looked = hub.run("sync.yml", "look", json!({"secrets": {"SWPANEL_DOCUMENT_URL": address}}));
    assert_eq!(looked.failed, None, "{}", looked.log);
    assert!(!looked.log.contains("sEcReT") && !looked.summary.contains("sEcReT"), "{}", looked.log);
    let asked = hub.run("sync.yml", "ask", json!({"needs": {"look": {"outputs": looked.outputs}}}));
    assert_eq!(asked.failed, None, "{}", asked.log);
    let body = hub.beside("body");
    assert!(body.contains("source: https://vendor.example/openapi.json\n") && !body.contains("sEcReT"), "{body}");
    assert_eq!(hub.asked("cargo sees"), [""; 0], "what is made of the document sees its address");
}
