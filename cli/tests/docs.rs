//! docs/cli.md is what the program prints. `SWPANEL_UPDATE=1` writes it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::path::Path;

use common::{Said, bare};

#[test]
fn the_reference_is_what_the_program_prints() {
    let printed = Said::of(bare().arg("docs").output().unwrap()).ends(0).out;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    if std::env::var_os("SWPANEL_UPDATE").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == printed,
        "docs/cli.md is not what `swpanel docs` prints; `SWPANEL_UPDATE=1 cargo test -p swpanel-cli --test docs` renews it"
    );
    // Each exit code and each group is told.
    for word in ["| 130 |", "| 9 |", "swpanel fleet run", "SWPANEL_TOKEN"] {
        assert!(printed.contains(word), "{word}");
    }
}
