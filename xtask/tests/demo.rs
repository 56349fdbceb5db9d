//! The demo as a person runs it: the real emulator, two syncs from its documentation page, a call of the client. README
//! shows what it prints. It builds the programs that it starts, so the first run takes a while.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::process::Command;
use std::sync::LazyLock;

use common::workspace;

const MARKS: (&str, &str) =
    ("<!-- demo: written by `cargo xtask accept` -->\n\n```text\n", "```\n\n<!-- end of demo -->");

/// What the demo prints. Both tests need it, and it takes a while.
static PRINTED: LazyLock<String> = LazyLock::new(|| {
    let before: Vec<_> = common::FILES.iter().map(|file| std::fs::read(workspace().join(file)).unwrap()).collect();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("demo")
        .arg("--root")
        .arg(workspace())
        .env("SOURCE_DATE_EPOCH", "1797897600")
        // Neither is the demo's business.
        .env("SWPANEL_TOKEN", "a-token-of-the-shell")
        .env("SWPANEL_PROFILE", "no-such-profile")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}{complained}");
    assert!(!said.contains("a-token-of-the-shell") && !complained.contains("a-token-of-the-shell"), "{said}");
    let after: Vec<_> = common::FILES.iter().map(|file| std::fs::read(workspace().join(file)).unwrap()).collect();
    assert!(before == after, "the demo works in a copy alone");
    said
});

#[test]
#[ignore = "builds programs and syncs twice; `cargo xtask verify --slow` runs it"]
fn the_demo_works_in_a_copy_and_shows_no_token() {
    assert!(PRINTED.contains("# what changed"), "{}", *PRINTED);
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
#[cfg_attr(reconstruction, ignore = "builds programs and syncs twice; `cargo xtask verify --slow` runs it")]
fn readme_shows_what_the_demo_prints() {
    let said: Vec<String> = PRINTED.lines().map(without_sizes).collect();
    let said = said.join("\n") + "\n";
    let parts = |readme: &str| {
        let (head, rest) = readme.split_once(MARKS.0).unwrap_or_else(|| panic!("README has no place for the demo"));
        let (shown, tail) = rest.split_once(MARKS.1).unwrap();
        [head.to_owned(), shown.to_owned(), tail.to_owned()]
    };
    let readme = workspace().join("README.md");
    if std::env::var_os("SWPANEL_ACCEPT").is_some() {
        let [head, _, tail] = parts(&std::fs::read_to_string(&readme).unwrap());
        std::fs::write(&readme, format!("{head}{}{said}{}{tail}", MARKS.0, MARKS.1)).unwrap();
    }
    let [_, shown, _] = parts(&std::fs::read_to_string(&readme).unwrap());
    assert_eq!(shown, said, "run `SWPANEL_ACCEPT=1 cargo test -p xtask --test demo`");
}

/// The size of a document says nothing, and changes with every comma.
fn without_sizes(line: &str) -> String {
    match line.strip_suffix(" bytes").and_then(|head| head.rsplit_once(", ")) {
        Some((head, _)) if line.starts_with("source") => format!("{head}, [n] bytes"),
        _ => line.to_owned(),
    }
}
