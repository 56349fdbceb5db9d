//! `cargo xtask import SOURCE --out FILE`: documentation in any form that is read, as an OpenAPI document.

use std::path::Path;

use serde_json::{Value, json};
use swpanel_build_tools::address::redact;
use swpanel_build_tools::import::{self, Imported};
use swpanel_build_tools::safe_text::line;

use crate::arguments::ImportFlags;
use crate::outcome::{Failure, Outcome, counted, json_text};
use crate::{Run, documentation, files};

pub(crate) fn run(flags: &ImportFlags) -> Run {
    let (sources, name) = documentation::read(&flags.source, &flags.fetch)?;
    let imported = import::import(&sources).map_err(|error| failure(&error, &name))?;
    files::write_to(&flags.out, redact(&imported.text()).as_bytes())?;
    if let Some(file) = &flags.review {
        files::write_to(file, redact(&import::review(&imported, &name)).as_bytes())?;
    }
    if let Some(file) = &flags.log {
        files::write_to(file, redact(&json_text(&log(&imported))).as_bytes())?;
    }
    Ok(outcome(&imported, &name, flags))
}

/// The failure of an import, in three parts.
pub(crate) fn failure(error: &import::ImportError, name: &str) -> Failure {
    Failure::new(error.name(), format!("rejected {name}: {error}"), error.hint())
}

/// The conversion log for programs.
pub(crate) fn log(imported: &Imported) -> Value {
    let entries = imported.log.iter().map(|entry| {
        json!({"doubt": entry.doubt.name(), "rule": entry.rule, "operation": entry.operation, "message": entry.message,
            "file": &*entry.place.file, "line": entry.place.line})
    });
    entries.collect()
}

/// What the source is, and how much rests on what, as lines.
pub(crate) fn summary(imported: &Imported, name: &str) -> String {
    let counts = imported.counts;
    let mut text = format!(
        "imported      {}: {}, {}\n\
         provenance    {} parameters and properties: {} documented, {} from samples, {} guessed\n",
        line(name),
        imported.form.name(),
        counted(counts.operations, "operation", "operations"),
        counts.properties,
        counts.documented,
        counts.sample,
        counts.guessed,
    );
    for (form, file) in imported.others.iter().take(12) {
        text.push_str(&format!("also there    {}: {}\n", line(file), form.name()));
    }
    for (rule, count) in imported.rules() {
        text.push_str(&format!("log           {count} {rule}\n"));
    }
    text
}

fn outcome(imported: &Imported, name: &str, flags: &ImportFlags) -> Outcome {
    // What documents itself needs no second look.
    let changed = imported.log.iter().any(|entry| entry.doubt != import::Doubt::Note || entry.rule == "secret-found");
    let mut text = summary(imported, name);
    for file in [Some(Path::new(&flags.out)), flags.review.as_deref(), flags.log.as_deref()].into_iter().flatten() {
        text.push_str(&format!("wrote         {}\n", line(&file.to_string_lossy())));
    }
    let counts = imported.counts;
    let json = json!({
        "outcome": if changed { "review" } else { "clean" },
        "source": name,
        "form": imported.form.id(),
        "files": imported.files,
        "others": imported.others.iter().map(|(form, file)| json!({"form": form.id(), "file": file})).collect::<Vec<_>>(),
        "out": flags.out,
        "counts": {"operations": counts.operations, "properties": counts.properties, "documented": counts.documented,
            "sample": counts.sample, "guessed": counts.guessed},
        "rules": imported.rules(),
    });
    Outcome { text, json, changed }
}
