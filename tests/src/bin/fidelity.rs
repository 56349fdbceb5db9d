//! Prints how faithful the generated types are to the document, as one JSON value; `cargo xtask fidelity` starts it.

use std::process::ExitCode;

use swpanel_tests::{fidelity, files};

fn main() -> ExitCode {
    let report = files::document().and_then(|document| fidelity::fidelity(&document));
    let text = report.and_then(|report| {
        let record = report.record();
        let mut json = serde_json::to_value(&report).map_err(|error| error.to_string())?;
        json.as_object_mut().ok_or("a report is an object")?.insert("record".to_owned(), record.into());
        Ok(json.to_string())
    });
    match text {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
