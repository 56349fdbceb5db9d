//! `cargo xtask examples`: METHOD, path and body of the requests in a checkout of the vendor's example clients, compared
//! with the document, or with an older checkout. No file of it is run.

mod checkout;

use std::path::Path;

use serde_json::json;
use swpanel_build_tools::document::Document;
use swpanel_build_tools::safe_text::line;
use swpanel_build_tools::vendor::{
    Change, ChangeKind, Comparison, Extraction, Written, against, compare, extract_page,
};

use super::coverage::read_document;
use crate::Run;
use crate::arguments::ExamplesFlags;
use crate::outcome::{Failure, Outcome, counted};
use crate::regular;
use crate::workspace::Workspace;

pub(crate) fn run(flags: &ExamplesFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let document = read_document(&workspace)?;
    let mut new = checkout::read(&flags.folder)?;
    for page in &flags.page {
        let bytes = regular::read_whole(page).map_err(|error| {
            let message = format!("`{}` cannot be read: {error}", page.display());
            Failure::new("unreadable", message, "give a page that was saved as a file, HTML or text")
        })?;
        let name = page.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        extract_page(&mut new, &name, &String::from_utf8_lossy(&bytes));
    }
    if new.calls.is_empty() {
        let message = format!("no request to an API is in the files of `{}`", flags.folder.display());
        let hint = "give a checkout of the vendor's example clients (Python, JavaScript, PHP or shell scripts)";
        let mut failure = Failure::new("no-examples", message, hint);
        for (file, why) in new.left_out.iter().take(10) {
            failure = failure.detail(format!("{file}: {why}"));
        }
        return Err(failure);
    }
    let Some(older) = &flags.against else {
        let comparison = against(&document, &new);
        return Ok(with_document(&new, &comparison));
    };
    let old = match older.strip_prefix("git:") {
        Some(revision) => checkout::at_revision(&flags.folder, revision)?,
        None => checkout::read(Path::new(older))?,
    };
    // Pages are not in an older checkout: they are compared with the document only.
    let mut changes = compare(&old, &new);
    changes.retain(|change| !is_from_page(change, &new));
    changes.extend(from_pages(&document, &new));
    Ok(with_older(&new, older, &document, &changes))
}

/// Whether a change is of an operation that only a page names.
fn is_from_page(change: &Change, extraction: &Extraction) -> bool {
    let call = extraction.calls.values().find(|call| call.key() == change.operation);
    call.is_some_and(|call| call.written == Written::Page)
}

/// What pages name and the document does not have.
fn from_pages(document: &Document, new: &Extraction) -> Vec<Change> {
    let changes = against(document, new).changes;
    let of_pages = |change: &Change| change.kind != ChangeKind::Removed && is_from_page(change, new);
    changes.into_iter().filter(of_pages).collect()
}

fn head(extraction: &Extraction) -> String {
    let count: usize = extraction.files.values().sum();
    let kinds: Vec<String> = extraction.files.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let mut text = format!(
        "read          {} ({}), {}\n",
        counted(count, "file", "files"),
        kinds.join(", "),
        counted(extraction.calls.len(), "operation", "operations")
    );
    for (file, why) in &extraction.left_out {
        text.push_str(&format!("left out      {}: {why}\n", line(file)));
    }
    text
}

/// One line for each change, and one for its first places.
fn listed(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let property = change.property.as_ref().map(|name| format!(" {}", line(name))).unwrap_or_default();
        let values = match (&change.old, &change.new) {
            (Some(old), Some(new)) => format!(": {} -> {}", line(old), line(new)),
            (None, Some(new)) => format!(": {}", line(new)),
            (Some(old), None) => format!(": was {}", line(old)),
            (None, None) => String::new(),
        };
        text.push_str(&format!("{:<17} {}{property}{values}\n", change.kind.as_str(), line(&change.operation)));
        if !change.places.is_empty() {
            let places: Vec<_> = change.places.iter().take(3).map(|place| line(place)).collect();
            let more = change.places.len() - places.len();
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            text.push_str(&format!("{:<17} {}{rest}\n", "", places.join(", ")));
        }
    }
    text
}

fn with_document(new: &Extraction, comparison: &Comparison) -> Outcome {
    let changes = &comparison.changes;
    let mut text = head(new);
    let differ = changes.iter().filter(|change| change.kind != ChangeKind::Removed).count();
    let absent = changes.len() - differ;
    text.push_str(&format!(
        "document      {} at the same address; {}; {} not in the examples\n",
        counted(comparison.same, "operation is", "operations are"),
        counted(differ, "difference", "differences"),
        counted(absent, "operation of the document is", "operations of the document are")
    ));
    let (absences, others): (Vec<Change>, Vec<Change>) =
        changes.iter().cloned().partition(|change| change.kind == ChangeKind::Removed);
    text.push_str(&listed(&others));
    text.push_str(&listed(&absences));
    // That the examples do not show everything is no news, and no reason to look.
    outcome(text, new, changes, differ > 0, json!({"same": comparison.same, "covered": comparison.covered}))
}

fn with_older(new: &Extraction, older: &str, document: &Document, changes: &[Change]) -> Outcome {
    let mut text = head(new);
    text.push_str(&format!("older         {}: {}\n", line(older), counted(changes.len(), "change", "changes")));
    text.push_str(&listed(changes));
    let comparison = against(document, new);
    let unknown: Vec<&Change> = comparison.changes.iter().filter(|change| change.kind == ChangeKind::Added).collect();
    for change in &unknown {
        text.push_str(&format!("document          has no {}\n", line(&change.operation)));
    }
    let unknown: Vec<&String> = unknown.iter().map(|change| &change.operation).collect();
    outcome(text, new, changes, !changes.is_empty(), json!({"older": older, "not_in_document": unknown}))
}

fn outcome(text: String, new: &Extraction, changes: &[Change], changed: bool, more: serde_json::Value) -> Outcome {
    let mut json = json!({
        "outcome": if changed { "differs" } else { "agrees" },
        "files": new.files,
        "left_out": new.left_out,
        "addresses": new.addresses,
        "operations": new.calls.values().collect::<Vec<_>>(),
        "changes": changes,
    });
    if let (Some(members), serde_json::Value::Object(more)) = (json.as_object_mut(), more) {
        members.extend(more);
    }
    Outcome { text, json, changed }
}
