//! Prints what is generated from a document, for looking at: `cargo run --example generate --features codegen FILE`.

use std::process::ExitCode;

use swpanel_build_tools::codegen::generate;
use swpanel_build_tools::document::{RawDocument, convert};
use swpanel_build_tools::names::{Names, pin};

fn main() -> ExitCode {
    match run() {
        Ok(code) => {
            print!("{code}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let file = std::env::args().nth(1).ok_or("which document?")?;
    let bytes = std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
    let raw = RawDocument::read(&bytes).map_err(|error| error.to_string())?;
    let (mut document, _) = convert(&raw).map_err(|error| error.to_string())?;
    pin(&mut document, &Names::new());
    generate(&document).map(|generated| generated.code).map_err(|error| error.to_string())
}
