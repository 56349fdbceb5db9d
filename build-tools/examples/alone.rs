//! What progenitor alone makes of documents, without anything this package does before and after it:
//! `cargo run -p swpanel-build-tools --all-features --example alone -- FILE...`.
//!
//! A document counts as generated when tokens come out; whether they compile is not tried, so progenitor is given the
//! benefit of the doubt. YAML is handed over as JSON, since reading it is no part of a generator.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use swpanel_build_tools::document::RawDocument;

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("which documents?");
        return ExitCode::FAILURE;
    }
    // A panic is an outcome here, and its text is told below.
    std::panic::set_hook(Box::new(|_| {}));
    let mut generated = 0;
    for file in &files {
        let said = match alone(file) {
            Ok(tokens) => {
                generated += 1;
                format!("generated, {tokens} bytes of tokens")
            }
            Err(why) => format!("no: {}", why.lines().next().unwrap_or_default().chars().take(120).collect::<String>()),
        };
        println!("{}: {said}", file.rsplit('/').next().unwrap_or(file));
    }
    println!("{generated} of {} generated", files.len());
    ExitCode::SUCCESS
}

fn alone(file: &str) -> Result<usize, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let raw = RawDocument::read(&bytes).map_err(|refusal| refusal.to_string())?;
    let document: openapiv3::OpenAPI =
        serde_json::from_value(raw.root().to_json()).map_err(|error| format!("openapiv3: {error}"))?;
    let made = catch_unwind(AssertUnwindSafe(|| progenitor::Generator::default().generate_tokens(&document)));
    match made {
        Ok(Ok(tokens)) => Ok(tokens.to_string().len()),
        Ok(Err(error)) => Err(format!("progenitor: {error}")),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
            Err(format!("progenitor panicked: {text}"))
        }
    }
}
