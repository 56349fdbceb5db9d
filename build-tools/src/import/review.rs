//! The places of an import for a person to review, the most doubtful first, each with an overlay to paste.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Doubt, Imported, LogEntry};
use crate::safe_text::markdown::code;

/// So many places of one rule are listed in full.
const MAX_LISTED: usize = 200;

/// The report in Markdown. `source` names what was imported.
pub fn review(imported: &Imported, source: &str) -> String {
    let counts = imported.counts;
    let mut out = String::new();
    let _ = writeln!(out, "# Review of an import\n");
    let _ = writeln!(out, "{} is {}: {} operations.\n", code(source), imported.form.name(), counts.operations);
    let percent = |part: usize| (100 * part + counts.properties / 2).checked_div(counts.properties).unwrap_or_default();
    let _ = writeln!(
        out,
        "Of {} parameters and properties, {} % are documented, {} % were read from samples, {} % were guessed.",
        counts.properties,
        percent(counts.documented),
        percent(counts.sample),
        percent(counts.guessed)
    );
    if !imported.others.is_empty() {
        let _ = writeln!(out, "\nOther forms that the source offers:\n");
        for (form, file) in &imported.others {
            let _ = writeln!(out, "- {}: {}", code(file), form.name());
        }
    }
    let mut by_rule: BTreeMap<(Doubt, &str), Vec<&LogEntry>> = BTreeMap::new();
    for entry in imported.log.iter().filter(|entry| entry.doubt != Doubt::Note || entry.rule == "secret-found") {
        by_rule.entry((entry.doubt, entry.rule)).or_default().push(entry);
    }
    if by_rule.is_empty() {
        let _ = writeln!(out, "\nNo place needs a review.");
        return out;
    }
    for ((doubt, rule), entries) in by_rule {
        let _ = writeln!(out, "\n## {} ({}, {})\n\n{}\n", rule, doubt.name(), entries.len(), advice(rule));
        for entry in entries.iter().take(MAX_LISTED) {
            let place = match (entry.place.file.is_empty(), entry.place.line) {
                (_, 0) => String::new(),
                (true, line) => format!(" (line {line})"),
                (false, line) => format!(" ({}, line {line})", code(&entry.place.file)),
            };
            let operation =
                if entry.operation.is_empty() { String::new() } else { format!("{}: ", code(&entry.operation)) };
            let _ = writeln!(out, "- {operation}{}{place}", crate::safe_text::markdown::prose(&entry.message));
        }
        if entries.len() > MAX_LISTED {
            let _ = writeln!(out, "- and {} more", entries.len() - MAX_LISTED);
        }
        if let Some(overlay) = entries.iter().find_map(|entry| overlay(rule, entry)) {
            let _ = writeln!(out, "\nAn overlay that corrects the first of them:\n\n```yaml\n{overlay}```");
        }
    }
    out
}

fn advice(rule: &str) -> &'static str {
    match rule {
        "path-parameter-guessed" => {
            "A value in a path became a parameter. Check that the path has a parameter there, and its name."
        }
        "literal-merged" => {
            "A request whose path has a value was joined with the operation that has a parameter there."
        }
        "type-guessed" => "Nothing in the source shows the type of these values.",
        "several-servers" => "Requests go to more than one server. Check that all of them belong to this API.",
        "samples-disagree" => "Samples show different types for one value, so the document gives it none.",
        "required-not-said" => "The form has no word for `required`. Say it in an overlay where you know it.",
        "response-not-said" => "The source shows no response.",
        "secret-found" => {
            "The source holds credentials. They are not in the document. Revoke them if the source was public."
        }
        _ => "Check these places against the source.",
    }
}

/// An action that corrects what an entry is about.
fn overlay(rule: &str, entry: &LogEntry) -> Option<String> {
    let (method, path) = entry.operation.split_once(' ')?;
    let target = format!("$.paths['{}'].{}", path.replace('\'', "\\'"), method.to_lowercase());
    let body = match rule {
        "required-not-said" => format!(
            "  - target: $.paths['{}'].{}.requestBody.content.*.schema\n    update: {{required: [NAME]}}\n",
            path.replace('\'', "\\'"),
            method.to_lowercase()
        ),
        "type-guessed" | "samples-disagree" => {
            let name = entry.message.split('`').nth(1)?;
            format!("  - target: {target}.parameters[?@.name=='{name}'].schema\n    update: {{type: integer}}\n")
        }
        "response-not-said" => {
            format!("  - target: {target}.responses\n    update: {{'200': {{description: OK}}}}\n")
        }
        _ => return None,
    };
    Some(format!("overlay: 1.0.0\ninfo: {{title: Corrections after review, version: '1'}}\nactions:\n{body}"))
}
