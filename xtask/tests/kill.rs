//! A real process killed at every step of writing: each file is whole, check names a mixture, the next sync heals it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::{Copy, FILES, SMALL};

/// The document that is replaced. It is small, since every step derives it again several times.
const BASE: &str = r#"{"openapi":"3.0.3","info":{"title":"Base","version":"1"},"paths":{"/base/":{"get":{"operationId":"base_list",
"tags":["base"],"summary":"List","responses":{"200":{"description":"ok"}}}}}}"#;

/// A copy of the workspace's data that is up to date with `BASE`.
fn based() -> Copy {
    let copy = Copy::new();
    copy.write(FILES[0], BASE.as_bytes());
    let ran = copy.xtask(&["sync", "--accept-shrink"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    copy
}

/// What a kill must not lose of where the bytes came from, once they are in `upstream/`.
const ORIGIN: &str = "address = \"given.json\"\ndate = \"2026-12-22\"";

/// More steps than there are; the loop must end by itself before.
const MANY: u32 = 100;

#[test]
fn killed_at_every_step() {
    let base = based();
    let done = base.again();
    done.write("given.json", SMALL.as_bytes());
    let before = done.state();
    let from = |copy: &Copy| copy.path("given.json").to_str().unwrap().to_owned();
    assert_eq!(done.xtask(&["sync", "--accept-shrink", "--from", &from(&done)]).code, Some(4));
    let after = done.state();
    let mut mixtures = 0;
    let mut steps = 0;
    for step in 1..MANY {
        let copy = base.again();
        copy.write("given.json", SMALL.as_bytes());
        let at = step.to_string();
        let ran = copy.xtask_with(
            &["sync", "--accept-shrink", "--from", &from(&copy)],
            b"",
            &[("SWPANEL_XTASK_ABORT_AT_STEP", &at)],
        );
        if ran.code == Some(4) {
            assert!(copy.state() == after);
            steps = step - 1;
            break;
        }
        assert_ne!(ran.code, Some(0), "it was to be killed: {ran:?}");
        let state = copy.state();
        let mut old = 0;
        for file in FILES {
            let content = state.get(file);
            assert!(content == before.get(file) || content == after.get(file), "{file} is not whole after step {step}");
            old += u32::from(content == before.get(file));
        }
        // The note on where bytes came from is written before them, and is about them alone.
        let pure = old == 0 || old == FILES.len() as u32;
        let leftover = state.keys().any(|file| file.ends_with(".tmp"));
        let check = copy.xtask(&["check"]);
        assert_eq!(check.code, Some(if pure && !leftover { 0 } else { 4 }), "step {step}: {check:?}");
        mixtures += u32::from(!pure);
        // The embedded source alone makes a consistent whole of whatever is there.
        let plain = Copy::new();
        for (file, content) in &state {
            plain.write(file, content);
        }
        plain.xtask(&["sync"]);
        assert_eq!(plain.xtask(&["check"]).code, Some(0), "step {step}");
        if state.get(FILES[0]) == after.get(FILES[0]) {
            assert!(plain.read("swpanel-api.lock").contains(ORIGIN), "step {step} lost where the bytes came from");
        }
        // And the interrupted command, run again, ends where it would have ended.
        let again = copy.xtask(&["sync", "--accept-shrink", "--from", &from(&copy)]);
        assert!(matches!(again.code, Some(0 | 4)), "{again:?}");
        assert!(copy.state() == after, "step {step} was not healed");
    }
    assert!(steps >= 20, "five files in four steps each, but only {steps} were found");
    assert!(mixtures >= 6, "only {mixtures} mixtures were seen");
}
