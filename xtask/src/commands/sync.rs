//! `cargo xtask sync`: source to document, listing and lock; the same code writes or checks.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use swpanel_build_tools::document::Document;
use swpanel_build_tools::sync::{Input, Outcome as Synced, SyncError, sync};

use crate::arguments::SyncFlags;
use crate::outcome::Failure;
use crate::workspace::{DOCUMENT, LISTING, LOCK, UPSTREAM, Workspace};
use crate::{Run, files, report, source};

/// Every file that a sync may write.
const ALL: [&str; 4] = [UPSTREAM, DOCUMENT, LISTING, LOCK];

pub(crate) fn run(flags: &SyncFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let lock = workspace.lock()?;
    let source = source::read(&workspace, flags.from.as_deref())?;
    let document = workspace.read(DOCUMENT)?.and_then(|bytes| Document::from_canonical(&bytes).ok());
    let listing = workspace.text(LISTING)?;
    let today = today();
    let date = if source.foreign { Some(today.as_str()) } else { None };
    let input = Input {
        raw: &source.bytes,
        address: &source.address,
        date,
        document: document.as_ref(),
        lock: lock.as_ref(),
        listing: &listing,
    };
    let synced = sync(&input).map_err(|error| refusal(error, &source.address))?;
    let lock_text = synced.lock.to_text();
    // The lock comes last: until it is renamed, `check` names the mixture.
    let mut planned: Vec<(&str, &[u8])> = vec![
        (DOCUMENT, synced.document.as_bytes()),
        (LISTING, synced.listing.as_bytes()),
        (LOCK, lock_text.as_bytes()),
    ];
    if source.foreign {
        planned.insert(0, (UPSTREAM, &source.bytes));
    }
    let mut changed = Vec::new();
    for (file, content) in &planned {
        if workspace.read(file)?.as_deref() != Some(*content) {
            changed.push((*file, *content));
        }
    }
    let leftovers: usize = ALL.iter().map(|file| files::leftovers(&workspace, file).len()).sum();
    if !flags.check {
        ALL.iter().for_each(|file| files::sweep(&workspace, file));
        for (file, content) in &changed {
            files::write(&workspace, file, content)?;
        }
    }
    let names: Vec<&str> = changed.iter().map(|(file, _)| *file).collect();
    Ok(report::sync(&synced, source.bytes.len(), &names, leftovers, flags))
}

/// Nothing has been written when one of these is shown.
fn refusal(error: SyncError, address: &str) -> Failure {
    let kept = "the stored document was left as it was";
    match error {
        SyncError::Refused(refusal) => {
            Failure::new(refusal.name(), format!("refused {address}: {refusal}"), refusal.hint()).detail(kept)
        }
        SyncError::Lint(findings) => {
            let message = format!("refused {address}: the document has {} errors", findings.len());
            let hint = "mend the places named, or report them to whoever publishes the document";
            let mut failure = Failure::new("lint", message, hint).detail(kept);
            for placed in findings.iter().take(20) {
                failure = failure.detail(report::finding(placed));
            }
            if findings.len() > 20 {
                failure = failure.detail(format!("and {} more", findings.len() - 20));
            }
            failure
        }
        SyncError::Codegen(error) => {
            let hint = "the construct named is one the generator cannot express; report it with the document";
            Failure::new("codegen", format!("refused {address}: {error}"), hint).detail(kept)
        }
        other => Failure::new("failed", format!("refused {address}: {other}"), "report this").detail(kept),
    }
}

/// The day in UTC, `YYYY-MM-DD`; `SOURCE_DATE_EPOCH` (seconds) stands in for the clock where it is set.
fn today() -> String {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let days = i64::try_from(fixed.unwrap_or(clock) / 86_400).unwrap_or(0);
    // Days since 1970-03-01 of year 0 (H. Hinnant, "chrono-compatible low-level date algorithms").
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// What of an outcome the report needs is all of it; the alias keeps signatures short.
pub(crate) type SyncResult = Synced;
