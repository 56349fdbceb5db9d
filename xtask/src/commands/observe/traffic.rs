//! Recorded traffic for `observe`: HAR files that a browser saved, and folders that the client's `record` wrote. Both are
//! read one exchange at a time; nothing of them is written but shapes.

use std::path::{Path, PathBuf};

use serde_json::json;
use swpanel_build_tools::address::redact;
use swpanel_build_tools::document::Document;
use swpanel_build_tools::probe::Probe;
use swpanel_build_tools::probe::traffic::{Counts, Traffic, TrafficError};
use swpanel_build_tools::safe_text::line;
use url::Url;

use super::Source;
use crate::arguments::ObserveFlags;
use crate::outcome::{Failure, counted};
use crate::{regular, source};

/// Reads all files before anything is proposed: where one of them is broken, nothing is written.
pub(super) fn read(document: &Document, flags: &ObserveFlags) -> Result<Source, Failure> {
    let base = flags.base_url.as_deref().map(base).transpose()?;
    let mut traffic = Traffic::new(document, base.as_ref().map(Url::as_str));
    let folders = flags.traffic.iter().any(|path| path.is_dir());
    if !traffic.knows_hosts() && !folders {
        let message = "the document names no host, so it is unknown which requests of a HAR file went to the API";
        return Err(Failure::usage(message, "give the address of the API with --base-url, version included"));
    }
    let mut files = 0;
    for path in &flags.traffic {
        if path.is_dir() {
            let recordings = recordings(path)?;
            files += recordings.len();
            for file in &recordings {
                let bytes = regular::read_whole(file).map_err(|error| unreadable(file, &error.to_string()))?;
                traffic.recording(&bytes).map_err(|error| rejected(file, &error))?;
            }
        } else {
            let file = regular::open(path).map_err(|error| unreadable(path, &error.to_string()))?;
            traffic.har(file).map_err(|error| rejected(path, &error))?;
            files += 1;
        }
    }
    let (mut probe, counts) = traffic.finish();
    if counts.used == 0 {
        return Err(nothing_used(&counts, flags));
    }
    probe.date = source::today();
    probe.base_url = match &base {
        Some(base) => redact(base.as_str()).into_owned(),
        None => "the API, from recorded traffic".to_owned(),
    };
    let text = report(&probe, &counts, files);
    let operations: Vec<&String> = probe.operations.keys().collect();
    let traffic = json!({"files": files, "counts": counts, "operations": operations});
    Ok(Source { probe, text, traffic })
}

fn base(given: &str) -> Result<Url, Failure> {
    let hint = "give the address of the API as its calls begin, as in https://api.swpanel.com/v2026";
    let url =
        Url::parse(given).map_err(|error| Failure::usage(format!("`--base-url` is not an address: {error}"), hint))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Failure::usage(
            "`--base-url` is not the address of an API: it must begin with https:// or http://",
            hint,
        ));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(Failure::usage("`--base-url` has a user, a password, a query or a fragment in it", hint));
    }
    Ok(url)
}

/// The files of a recording, in their order.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error.to_string()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, &error.to_string()))?.path();
        if path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
    }
    if files.is_empty() {
        let message =
            format!("`{}` holds no recording of the client: there is no file `*.json` in it", folder.display());
        let hint = "give the folder that `Client::builder().record(FOLDER)` wrote, or a HAR file";
        return Err(Failure::new("no-recording", message, hint));
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, why: &str) -> Failure {
    let message = format!("`{}` cannot be read: {why}; nothing was written", path.display());
    Failure::new("unreadable", message, "check the name and the rights, then run the command again")
}

fn rejected(path: &Path, error: &TrafficError) -> Failure {
    let hint = match error {
        TrafficError::Syntax { ended: true, .. } => "save the file again: it was cut off, or is compressed",
        TrafficError::Syntax { .. } | TrafficError::NotHar => {
            "give a HAR file as the network tab of a browser saves it (\"Save all as HAR\"), not compressed"
        }
        TrafficError::NotRecording => {
            "give the folder that `Client::builder().record(FOLDER)` wrote, and nothing else in it"
        }
        TrafficError::TooLarge => "save shorter sessions, each to a file of its own, and give all of them",
        _ => "check the file, then run the command again",
    };
    Failure::new("traffic-rejected", format!("`{}` is rejected: {error}", path.display()), hint)
        .detail("nothing was written")
}

/// The failure where no exchange was with an operation of the document.
fn nothing_used(counts: &Counts, flags: &ObserveFlags) -> Failure {
    let hint = match flags.base_url {
        None if counts.other_hosts > 0 => {
            "give the address of the API with --base-url, version included, where it is not that of the document"
        }
        _ => "record calls of the API itself, with their responses, and run the command again",
    };
    let message = "no exchange in the given files was with an operation of the document; nothing was written";
    let mut failure = Failure::new("nothing-read", message, hint);
    for line in left_out(counts) {
        failure = failure.detail(line);
    }
    failure
}

fn exchanges(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "exchange", "exchanges")
}

/// What was left out, one line for each reason.
fn left_out(counts: &Counts) -> Vec<String> {
    let reasons = [
        (counts.other_hosts, "with other hosts"),
        (counts.unknown.values().sum(), "with addresses that no operation has"),
        (counts.ambiguous, "with addresses that several operations have"),
        (counts.unanswered, "without a response of their own (cut off, redirected, or from a cache)"),
        (counts.without_body, "whose response body the file does not have"),
        (counts.unreadable, "whose response body is too long, or compressed in a way that is not read"),
        (counts.secret, "whose whole response is a secret"),
    ];
    reasons
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, why)| format!("{} {why}", exchanges(count)))
        .collect()
}

fn report(probe: &Probe, counts: &Counts, files: usize) -> String {
    let operations = counted(probe.operations.len(), "operation", "operations");
    let writes = probe.operations.keys().filter(|key| !key.starts_with("GET ")).count();
    let mut text = format!(
        "read          {}: {}, {} used, of {operations} ({writes} not GET)\n",
        counted(files, "file", "files"),
        exchanges(counts.exchanges),
        counts.used,
    );
    if counts.loose > 0 {
        let differ = "at addresses that differ from the document's in letter case, slashes, version or prefix";
        text.push_str(&format!("              {} {differ}\n", exchanges(counts.loose)));
    }
    for line in left_out(counts) {
        text.push_str(&format!("left out      {line}\n"));
    }
    for (address, count) in &counts.unknown {
        text.push_str(&format!("              no operation: {}, {}\n", line(address), exchanges(*count)));
    }
    text
}
