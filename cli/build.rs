//! Makes the table of commands from the document that stands beside this file.
//!
//! In the workspace that is a link to `swpanel-api.json` at the top; in a published package it is a plain file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use swpanel_build_tools::commands::Table;
use swpanel_build_tools::document::{Document, Effect};

/// First words of the commands that are written by hand.
const RESERVED: [&str; 14] = [
    "acme",
    "api",
    "commands",
    "complete",
    "completions",
    "docs",
    "doctor",
    "explain",
    "fleet",
    "help",
    "login",
    "man",
    "profile",
    "undo",
];

/// The operations that unit tests look at; where the document lacks one of them, these tests are ignored.
const USUAL: [(&str, &str); 11] = [
    ("GET", "/services/{service}/status/"),
    ("GET", "/services/{service}/cron/{cron_id}"),
    ("GET", "/services/{service}/mail/mailbox/{mail}/"),
    ("POST", "/services/{service}/cloud/start/"),
    ("POST", "/services/{service}/cloud/stop/"),
    ("POST", "/services/{service}/cloud/park/"),
    ("POST", "/services/{service}/cloud/unpark/"),
    ("POST", "/services/{service}/hosting/start/"),
    ("POST", "/services/{service}/cron/start/{cron_id}"),
    ("POST", "/services/{service}/dns/advanced/{dns_zone}"),
    ("POST", "/services/{service}/mail/mailbox/stop/{mail}"),
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=swpanel-api.json");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={}", message.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?);
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let bytes = read(&here.join("swpanel-api.json"))?;
    let document = Document::from_canonical(&bytes)
        .map_err(|error| format!("swpanel-api.json: {error}; run `cargo xtask sync`, which makes the file again"))?;
    let table = Table::of(&document, &RESERVED);
    println!("cargo::rustc-check-cfg=cfg(reconstruction)");
    if document.is_reconstruction() {
        println!("cargo::rustc-cfg=reconstruction");
    }
    println!("cargo::rustc-check-cfg=cfg(usual_operations)");
    let has = |(method, path): &(&str, &str)| {
        let mut classified = table.commands.iter().filter(|command| command.facts.effect != Effect::Unclassified);
        classified.any(|command| command.method == *method && command.known_path == *path)
    };
    if USUAL.iter().all(has) {
        println!("cargo::rustc-cfg=usual_operations");
    }
    // The document travels along, so that a checkout without links is no matter at run time.
    std::fs::write(out.join("document.json"), &bytes).map_err(|error| error.to_string())?;
    std::fs::write(out.join("commands.rs"), table.to_rust()).map_err(|error| error.to_string())
}

/// Reads the document. Where Git checks out no links, it leaves a file with the link's target in it.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let say = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let bytes = std::fs::read(path).map_err(|error| say(path, error))?;
    let target = std::str::from_utf8(&bytes).ok().filter(|text| text.len() < 100 && !text.contains('{'));
    let Some(target) = target else { return Ok(bytes) };
    let target = path.with_file_name(target.trim());
    println!("cargo::rerun-if-changed={}", target.display());
    std::fs::read(&target).map_err(|error| say(&target, error))
}
