//! Generates the client module from the document that stands beside this file.
//!
//! In the workspace that is a link to `swpanel-api.json` at the top; in a published package it is a plain file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use swpanel_build_tools::codegen::generate;
use swpanel_build_tools::document::Document;

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
    let generated = generate(&document).map_err(|error| error.to_string())?;
    std::fs::write(out.join("first_call.md"), generated.first_call).map_err(|error| error.to_string())?;
    std::fs::write(out.join("generated.rs"), generated.code).map_err(|error| error.to_string())
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
