//! The commands of docs/ and of the emulator's page, run as they stand by a shell in a checkout. Two kinds of blocks:
//!
//! - `console`: a transcript. Each `$ ` line is run, and what it prints (both streams, then `[exit N]` where that is not 0)
//!   must be what stands below it. `SWPANEL_ACCEPT=1 cargo test -p xtask --test pages` writes it.
//! - `sh`: commands to copy. Each is run and must end as `CASES` says; a command that no case names fails the test, and so
//!   does a case that meets no command.
//!
//! `SWPANEL_SLOW=1` asks `cargo xtask verify --slow` for the test of what builds anew or takes minutes. Transcripts of
//! `swpanel` itself are run by
//! cli/tests/readme.rs, and `ELSEWHERE` names the pages that have a test of their own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::process::Command;
use std::time::Instant;

use common::checkout::Checkout;
use common::{vendor, workspace};
use swpanel_emulator::Emulator;

const ELSEWHERE: [&str; 1] = ["docs/writing-an-overlay.md"];

/// A command of a page, and how it is run here.
struct Case {
    page: &'static str,
    /// How the command begins.
    starts: &'static str,
    /// What a reader replaces, and what takes long, by what is run in its place.
    instead: &'static [(&'static str, &'static str)],
    input: &'static str,
    /// What a reader does after it, as the page says in words.
    then: &'static str,
    /// What must be printed.
    says: &'static str,
    code: i32,
    /// A program that not every machine has; without it the command is skipped, and that is said.
    needs: &'static str,
    slow: bool,
}

const CASE: Case =
    Case { page: "", starts: "", instead: &[], input: "", then: "", says: "", code: 0, needs: "bash", slow: false };

const TOKEN: &str = "docs/getting-a-token.md";
const POINT: &str = "docs/pointing-it-at-your-document.md";
const LEARN: &str = "docs/learning-from-others.md";
const UNCLASSIFIED: &str = "docs/unclassified.md";
const DIFF: &str = "docs/reading-a-diff.md";
const PRIVATE: &str = "docs/vendoring-it-privately.md";
const DRIFT: &str = "docs/how-drift-works.md";
const EMULATOR: &str = "emulator/README.md";
const SPEED: &str = "docs/performance.md";
const FILE: (&str, &str) = ("https://HOST/openapi.json", "http://{host}/docs/openapi.json");
const ADDRESS: (&str, &str) = ("https://HOST/openapi.json", "http://{host}/docs/openapi.json --allow-host {host}");
/// In a container the browser may run as root, which it refuses otherwise.
const ROOT: (&str, &str) = ("chromium --headless", "chromium --headless --no-sandbox");
const LOCAL: (&str, &str) =
    ("curl", "curl --fail-with-body --silent --show-error --header content-type:application/json");
const PAGE: (&str, &str) = ("https://HOST/docs/", "http://{host}/docs/ --allow-host {host}");

const CASES: &[Case] = &[
    Case { page: TOKEN, starts: "printf 'header", says: "HTTP/1.1 200", needs: "curl", ..CASE },
    Case { page: TOKEN, starts: "read -rs", input: "a-token\n", ..CASE },
    Case { page: TOKEN, starts: "(umask 077", input: "a-token\n", ..CASE },
    Case { page: TOKEN, starts: "chmod 600", ..CASE },
    Case {
        page: TOKEN,
        starts: "SWPANEL_TOKEN=",
        instead: &[("my-program", "printenv SWPANEL_TOKEN")],
        says: "a-token\n",
        ..CASE
    },
    Case {
        page: LEARN,
        starts: "cargo xtask observe session.har --base-url",
        instead: &[("https://panel.example.com:8443/v2026", "https://api.swpanel.com/v2026")],
        says: "proposed",
        code: 4,
        ..CASE
    },
    Case { page: LEARN, starts: "cargo xtask observe session.har recordings/", says: "2 files", code: 4, ..CASE },
    Case { page: LEARN, starts: "cargo xtask observe session.har", says: "proposed", code: 4, ..CASE },
    Case {
        page: LEARN,
        starts: "git clone",
        instead: &[("https://github.com/SWPanel/API-Examples", "invented API-Examples")],
        ..CASE
    },
    Case {
        page: LEARN,
        starts: "cargo xtask examples API-Examples --against",
        instead: &[("4b77af1", "HEAD")],
        says: "0 changes",
        ..CASE
    },
    Case { page: LEARN, starts: "cargo xtask examples API-Examples", says: "same address", code: 4, ..CASE },
    Case { page: UNCLASSIFIED, starts: "cargo xtask classify", says: "every operation is classified", ..CASE },
    Case { page: DIFF, starts: "cargo xtask diff OLD NEW", ..CASE },
    Case { page: DIFF, starts: "for width", instead: &[ROOT], says: "1280", needs: "chromium", slow: true, ..CASE },
    Case { page: DRIFT, starts: "cargo xtask coverage --html", ..CASE },
    Case { page: DRIFT, starts: "chromium", instead: &[ROOT], says: "bytes", needs: "chromium", slow: true, ..CASE },
    Case { page: POINT, starts: "cargo xtask discover", instead: &[PAGE], says: "openapi", ..CASE },
    Case { page: POINT, starts: "cargo xtask sync --from openapi.json --check", says: "would", code: 4, ..CASE },
    Case { page: POINT, starts: "cargo xtask diff", says: "breaking", code: 4, ..CASE },
    Case { page: POINT, starts: "cargo xtask sync --from openapi.json", says: "source", code: 4, ..CASE },
    Case {
        page: POINT,
        starts: "cargo xtask sync --from https://HOST/openapi.json",
        instead: &[ADDRESS],
        says: "source",
        code: 4,
        ..CASE
    },
    // By now it is the document that is here.
    Case {
        page: POINT,
        starts: "cargo xtask sync --from https://HOST/docs/",
        instead: &[PAGE],
        says: "nothing",
        ..CASE
    },
    Case { page: POINT, starts: "curl", instead: &[FILE], says: "nothing", needs: "curl", ..CASE },
    // In the checkout itself, with everything built anew.
    Case {
        page: POINT,
        starts: "cargo test --workspace",
        instead: &[("cargo test", "\"$REAL_CARGO\" test")],
        says: "snapshot",
        code: 101,
        slow: true,
        ..CASE
    },
    Case {
        page: POINT,
        starts: "cargo xtask accept",
        instead: &[("cargo xtask accept", "CARGO=$REAL_CARGO cargo xtask accept")],
        says: "written",
        code: 4,
        slow: true,
        ..CASE
    },
    Case { page: PRIVATE, starts: "git clone", instead: &[("TOOLS", "../tools.git")], ..CASE },
    Case { page: PRIVATE, starts: "git -C swpanel-api remote", instead: &[("PRIVATE", "../../private.git")], ..CASE },
    Case { page: PRIVATE, starts: "git -C swpanel-api push", ..CASE },
    Case { page: PRIVATE, starts: "git fetch", ..CASE },
    Case { page: PRIVATE, starts: "git merge", says: "CONFLICT", ..CASE },
    Case { page: PRIVATE, starts: "git rm", ..CASE },
    Case { page: PRIVATE, starts: "git checkout", ..CASE },
    Case {
        page: PRIVATE,
        starts: "git diff --name-only",
        then: "git checkout --theirs README.md && git add README.md",
        says: "README.md\n",
        ..CASE
    },
    Case { page: PRIVATE, starts: "cargo xtask sync ||", says: "nothing: everything is as it was", ..CASE },
    Case { page: PRIVATE, starts: "git add --all && git commit", ..CASE },
    Case { page: PRIVATE, starts: "mkdir", ..CASE },
    Case { page: PRIVATE, starts: "cargo vendor", slow: true, ..CASE },
    Case { page: PRIVATE, starts: "cargo check", slow: true, ..CASE },
    Case {
        page: PRIVATE,
        starts: "cargo xtask sync --from https://HOST/openapi.json --check",
        instead: &[ADDRESS],
        says: "exit 4\n",
        ..CASE
    },
    Case {
        page: PRIVATE,
        starts: "cargo xtask sync --from",
        instead: &[ADDRESS],
        says: "upstream/origin.json",
        ..CASE
    },
    Case { page: PRIVATE, starts: "git switch", ..CASE },
    Case { page: PRIVATE, starts: "cargo xtask release", ..CASE },
    Case {
        page: EMULATOR,
        starts: "cargo run",
        instead: &[("cargo run", "timeout 2 cargo run"), ("8080", "0")],
        says: "base url: http://127.0.0.1:",
        code: 124,
        ..CASE
    },
    Case { page: EMULATOR, starts: "curl", instead: &[LOCAL], needs: "curl", ..CASE },
    Case { page: EMULATOR, starts: "cargo build --release", ..CASE },
    Case { page: EMULATOR, starts: "target/release/examples/load soak", slow: true, ..CASE },
    Case { page: EMULATOR, starts: "target/release/examples/load", slow: true, ..CASE },
    Case { page: EMULATOR, starts: "emulator/compare/prism.sh", slow: true, needs: "npm", ..CASE },
    Case { page: EMULATOR, starts: "emulator/compare/schemathesis.sh", slow: true, needs: "pip", ..CASE },
    Case { page: SPEED, starts: "cargo build --release", ..CASE },
    Case {
        page: SPEED,
        starts: "/usr/bin/time -v target/release/xtask",
        says: "Elapsed",
        needs: "/usr/bin/time",
        ..CASE
    },
    Case { page: SPEED, starts: "for run in", says: "real", ..CASE },
    Case {
        page: SPEED,
        starts: "cargo run --release -p swpanel-build-tools --all-features --example measure",
        slow: true,
        ..CASE
    },
    Case {
        page: SPEED,
        starts: "cargo run --release -p swpanel-build-tools --all-features --example alone",
        says: "FILE...: ",
        ..CASE
    },
    Case { page: SPEED, starts: "cargo bench", slow: true, ..CASE },
    Case { page: SPEED, starts: "tests/benches/cold-build.sh", slow: true, ..CASE },
    Case { page: SPEED, starts: "emulator/compare/prism.sh", slow: true, needs: "npm", ..CASE },
    Case {
        page: SPEED,
        starts: "cargo run -p swpanel-cli --example startup",
        instead: &[("swpanel 200", "swpanel 3")],
        says: "| dns list |",
        needs: "python3",
        ..CASE
    },
];

/// What a page's commands find in the checkout.
fn set_up(page: &str, checkout: &mut Checkout, emulator: &Emulator) {
    let _ = match page {
        TOKEN => {
            checkout.variable("SWPANEL_TOKEN", emulator.token());
            checkout.variable("SWPANEL_BASE_URL", emulator.base_url());
            String::new()
        }
        DIFF => {
            checkout.edit(
                "upstream/openapi.yaml",
                "required: [login, password, access]",
                "required: [login, password]",
            );
            assert_eq!(checkout.run("cargo xtask sync", "").code, Some(4));
            checkout.done("git show HEAD:swpanel-api.json > OLD && cp swpanel-api.json NEW")
        }
        POINT => {
            let document = vendor::of_the_day(&checkout.read("swpanel-api.json"));
            checkout.write("openapi.json", serde_json::to_string_pretty(&document).unwrap().as_bytes());
            String::new()
        }
        SPEED => checkout.done("cp swpanel-api.json OLD && cp swpanel-api.json NEW && cp swpanel-api.json FILE..."),
        PRIVATE => {
            // Two who went on from one state: the tools with a text and a document of their own, and the team.
            checkout.done("git clone --quiet --bare . ../tools.git && git init --quiet --bare ../private.git");
            checkout.done("git remote add tools ../tools.git && git switch --quiet --create other");
            checkout.edit("README.md", "# ", "# Tomorrow's ");
            checkout.done("echo >> tests/snapshots/wire/dns/dns_record_list.snap");
            release(checkout, "theirs");
            checkout.done("git commit --quiet --all --message 'other tools' && git push --quiet tools other:main");
            checkout.done("git switch --quiet main && rm tests/snapshots/wire/dns/dns_record_list.snap");
            checkout.edit("README.md", "# ", "# Our ");
            release(checkout, "ours");
            checkout.done("git commit --quiet --all --message 'our document'")
        }
        LEARN => {
            let answer = serde_json::json!({"message": "done", "result": {"id": 7, "status": "active"}});
            let request =
                serde_json::json!({"method": "POST", "url": "https://api.swpanel.com/v2026/services/x/cron/"});
            let response = serde_json::json!({"status": 200, "content": {"text": answer.to_string()}});
            let har = serde_json::json!({"log": {"entries": [{"request": request, "response": response}]}});
            checkout.write("session.har", har.to_string().as_bytes());
            let recorded = serde_json::json!({
                "request": {"method": "POST", "path": "/services/x/cron/"},
                "response": {"status": 200, "json": answer},
            });
            checkout.write("recordings/000001-POST-services-x-cron.json", recorded.to_string().as_bytes());
            checkout.done(
                "cp -r xtask/tests/fixtures/examples invented && cd invented && git init --quiet -b main \
                 && git add --all && git commit --quiet --message state",
            )
        }
        DRIFT => checkout.done("git tag v0.1.0"),
        _ => String::new(),
    };
}

/// What is there when all commands of a page have been run.
fn outcome(page: &str, checkout: &Checkout) {
    if page != PRIVATE {
        return;
    }
    let merged = checkout.done("git log --all --format='%s' --min-parents=2");
    assert_eq!(merged, "Tools of today\n");
    let merge = "$(git log --all --format=%H --min-parents=2)";
    let source = checkout.done(&format!("git show {merge}:upstream/openapi.yaml"));
    assert!(source.contains("access, ours]") && !source.contains("theirs"), "the team's document is another");
    assert!(checkout.done(&format!("git show {merge}:README.md")).starts_with("# Tomorrow's "));
    let kept = checkout.done(&format!("git ls-tree --name-only -r {merge} tests/snapshots/wire/dns/"));
    assert!(kept.contains("dns_record_create") && !kept.contains("dns_record_list"), "{kept}");
}

/// A release of the vendor: one more required member of a request.
fn release(checkout: &Checkout, member: &str) {
    let required = "required: [login, password, access";
    checkout.edit("upstream/openapi.yaml", required, &format!("{required}, {member}"));
    let properties = format!("{member}]\n      properties:\n");
    let declared = format!("{properties}        {member}: {{type: integer, x-evidence: [test]}}\n");
    checkout.edit("upstream/openapi.yaml", &properties, &declared);
    assert_eq!(checkout.run("cargo xtask sync", "").code, Some(4));
}

/// A part of a page.
#[derive(Debug, PartialEq)]
enum Part {
    Words(String),
    /// A line that begins with `$ `, without these, and what stands below it.
    Shown(String, String),
    /// A command that stands alone.
    Given(String),
}

/// The page in parts; put together they are the page again, whatever comes in place of what is shown.
fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = page.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        parts.push(Part::Words(line.to_owned()));
        let language = line.trim_end().strip_prefix("```").unwrap_or_default();
        if language.is_empty() {
            continue;
        }
        let mut block: Vec<&str> = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("```")) {
            block.push(line);
        }
        let other_shells = ["bash", "shell", "zsh", "shellsession"];
        assert!(!other_shells.contains(&language), "a block of commands is `sh` or `console`, not `{language}`");
        let shown = language == "console" && !block.concat().starts_with("$ swpanel");
        if shown {
            parts.extend(transcript(&block));
        } else if language == "sh" {
            parts.extend(commands(&block));
        } else {
            parts.push(Part::Words(block.concat()));
        }
        parts.extend(lines.next().map(|line| Part::Words(line.to_owned())));
    }
    parts
}

fn transcript(block: &[&str]) -> Vec<Part> {
    let mut parts = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), parts.last_mut()) {
            (Some(command), _) => parts.push(Part::Shown(command.trim_end().to_owned(), String::new())),
            (None, Some(Part::Shown(_, below))) => below.push_str(line),
            (None, _) => panic!("a transcript begins with a command, not with `{line}`"),
        }
    }
    parts
}

/// A block's commands: lines are taken together until bash calls them whole.
fn commands(block: &[&str]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut command = String::new();
    for line in block {
        command.push_str(line);
        let continued = command.trim_end().ends_with(['\\', '|']);
        let whole = Command::new("bash").args(["-n", "-c", &command]).output().unwrap();
        if !continued && whole.status.success() {
            parts.push(Part::Given(std::mem::take(&mut command)));
        }
    }
    assert!(command.is_empty(), "this is no whole command:\n{command}");
    parts
}

fn pages() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(workspace().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<(String, String)> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .map(|path| {
            (format!("docs/{}", path.file_name().unwrap().to_string_lossy()), std::fs::read_to_string(&path).unwrap())
        })
        .filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()))
        .collect();
    let emulator = std::fs::read_to_string(workspace().join(EMULATOR)).unwrap();
    pages.push((EMULATOR.to_owned(), emulator));
    pages.sort();
    pages
}

/// Whether a program is at hand.
fn is_there(program: &str) -> bool {
    let found = Command::new("bash").args(["-c", "command -v \"$0\"", program]).output();
    found.is_ok_and(|output| output.status.success())
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn transcripts_show_what_is_printed() {
    let accept = std::env::var_os("SWPANEL_ACCEPT").is_some();
    let mut shown = 0;
    for (name, text) in pages() {
        let parts = parts(&text);
        if !parts.iter().any(|part| matches!(part, Part::Shown(..))) {
            continue;
        }
        let emulator = Emulator::builder().start_blocking().unwrap();
        let mut checkout = Checkout::new();
        set_up(&name, &mut checkout, &emulator);
        let mut now = String::new();
        for part in parts {
            match part {
                Part::Words(words) | Part::Given(words) => now.push_str(&words),
                Part::Shown(command, _) => {
                    let ran = checkout.run(&format!("exec 2>&1\n{command}"), "");
                    let printed = ran.out.replace(checkout.tree().to_str().unwrap(), ".");
                    let exit = ran.code.filter(|code| *code != 0).map(|code| format!("[exit {code}]\n"));
                    now.push_str(&format!("$ {command}\n{printed}{}", exit.unwrap_or_default()));
                    shown += 1;
                }
            }
        }
        if accept && now != text {
            std::fs::write(workspace().join(&name), now).unwrap();
        } else {
            assert_eq!(text, now, "{name}: run `SWPANEL_ACCEPT=1 cargo test -p xtask --test pages`");
        }
    }
    assert!(shown >= 10, "only {shown} commands were found");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(reconstruction, ignore = "runs every command of the pages; `cargo xtask verify --slow` runs it")]
fn commands_to_copy_end_as_is_told() {
    run_commands(false);
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(
    reconstruction,
    ignore = "benches, packages and browsers; with SWPANEL_SLOW=1 `cargo xtask verify --slow` runs it"
)]
fn longer_commands_to_copy_end_as_is_told() {
    run_commands(true);
}

/// Runs the commands of the pages in their order, without those that take long; or, with these, only the pages that
/// have some. A program that a command needs must be there.
fn run_commands(slow: bool) {
    let mut met = vec![false; CASES.len()];
    let mut wrong = Vec::new();
    for (name, text) in pages() {
        let given: Vec<String> = parts(&text)
            .into_iter()
            .filter_map(|part| if let Part::Given(given) = part { Some(given) } else { None })
            .collect();
        if given.is_empty() {
            continue;
        }
        if slow && !CASES.iter().any(|case| case.page == name && case.slow) {
            CASES.iter().zip(&mut met).filter(|(case, _)| case.page == name).for_each(|(_, met)| *met = true);
            continue;
        }
        let emulator = Emulator::builder().start_blocking().unwrap();
        let host = emulator.base_url().trim_start_matches("http://").trim_end_matches("/v2026").to_owned();
        let mut checkout = Checkout::new();
        set_up(&name, &mut checkout, &emulator);
        for command in given {
            let found = CASES.iter().position(|case| case.page == name && command.starts_with(case.starts));
            let Some(at) = found else {
                wrong.push(format!("{name}: no case tells how this is run: {command}"));
                continue;
            };
            met[at] = true;
            let case = &CASES[at];
            if case.slow && !slow {
                continue;
            }
            if !is_there(case.needs) {
                wrong.push(format!("{name}: {command}needs {}, which is not on this machine", case.needs));
                continue;
            }
            let mut script = command.clone();
            for (from, to) in case.instead {
                assert!(script.contains(from), "`{from}` is not in {command}");
                script = script.replace(from, &to.replace("{host}", &host));
            }
            script = script.replace("localhost:8080", &host);
            let started = Instant::now();
            let ran = checkout.run(&script, case.input);
            checkout.done(case.then);
            println!(
                "{name}: {:.1} s, {}",
                started.elapsed().as_secs_f64(),
                command.lines().next().unwrap_or_default()
            );
            if ran.code != Some(case.code) || !format!("{}{}", ran.out, ran.err).contains(case.says) {
                wrong.push(format!(
                    "{name}: {command}ended with {:?}, not with {} and `{}`:\n{}{}",
                    ran.code, case.code, case.says, ran.out, ran.err
                ));
            }
        }
        outcome(&name, &checkout);
    }
    for (case, _) in CASES.iter().zip(&met).filter(|(_, met)| !**met) {
        wrong.push(format!("{}: no command begins with `{}`", case.page, case.starts));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_page_is_read_as_a_person_reads_it() {
    let page = "# A\n\n```console\n$ one\nsays\n$ two\n```\n\n```sh\nfor a in b; do\n  c\ndone\na |\n  b \\\n  --c\n```\n\n\
                ```console\n$ swpanel x\ny\n```\nend\n";
    let found = parts(page);
    let shown = |command: &str, below: &str| Part::Shown(command.to_owned(), below.to_owned());
    let given = |text: &str| Part::Given(text.to_owned());
    let wanted =
        [shown("one", "says\n"), shown("two", ""), given("for a in b; do\n  c\ndone\n"), given("a |\n  b \\\n  --c\n")];
    let commands: Vec<&Part> = found.iter().filter(|part| !matches!(part, Part::Words(_))).collect();
    assert_eq!(commands, wanted.iter().collect::<Vec<_>>());
    let again: String = found
        .iter()
        .map(|part| match part {
            Part::Words(words) | Part::Given(words) => words.clone(),
            Part::Shown(command, below) => format!("$ {command}\n{below}"),
        })
        .collect();
    assert_eq!(again, page);
}
