//! The document that reports compare with: the last one that was committed, so that a second sync loses nothing of what the
//! first one found; else the one that this sync replaces. Which one it is, and why no better one, is always said.

use swpanel_build_tools::conflict;
use swpanel_build_tools::document::Document;

use crate::git::Repository;
use crate::outcome::Failure;
use crate::workspace::{DOCUMENT, LISTING, Workspace};

/// A document to compare with.
#[derive(Debug)]
pub(crate) struct Baseline {
    pub(crate) bytes: Vec<u8>,
    pub(crate) document: Document,
    /// The public API of the client that was made of it.
    pub(crate) listing: String,
    /// What it is, as `git HEAD`.
    pub(crate) name: String,
    /// Whether it is a committed one.
    pub(crate) committed: bool,
}

/// Finds the document to compare with; else why there is none.
pub(crate) fn find(
    workspace: &Workspace,
    repository: &Result<Repository, String>,
) -> Result<Result<Baseline, String>, Failure> {
    let mut reasons = Vec::new();
    match repository {
        Err(why) => reasons.push(why.clone()),
        Ok(repository) => {
            let operation = repository.operation();
            let revisions = [Some("HEAD".to_owned())]
                .into_iter()
                .chain(operation.map(|operation| [Some(operation.theirs), operation.base]).into_iter().flatten())
                .flatten();
            for revision in revisions {
                let Some(bytes) = repository.file(&revision, DOCUMENT) else {
                    reasons.push(format!("git {revision} has no {DOCUMENT}"));
                    continue;
                };
                match Document::from_canonical(&bytes) {
                    Ok(document) => {
                        let listing = repository.file(&revision, LISTING).unwrap_or_default();
                        let listing = String::from_utf8(listing).unwrap_or_default();
                        let name = with_reasons(&format!("git {revision}"), &reasons);
                        return Ok(Ok(Baseline { bytes, document, listing, name, committed: true }));
                    }
                    Err(refusal) => reasons.push(format!("{DOCUMENT} of git {revision} cannot be read: {refusal}")),
                }
            }
        }
    }
    let Some(bytes) = workspace.read(DOCUMENT)? else {
        reasons.push(format!("there was no {DOCUMENT} here"));
        return Ok(Err(reasons.join(", and ")));
    };
    let name = with_reasons("the document before this sync", &reasons);
    let ours = |text: String| conflict::sides(&text).map_or(text, |sides| sides.ours);
    let bytes = String::from_utf8(bytes).map_or_else(|error| error.into_bytes(), |text| ours(text).into_bytes());
    Ok(match Document::from_canonical(&bytes) {
        Ok(document) => {
            let listing = ours(workspace.text(LISTING)?);
            Ok(Baseline { bytes, document, listing, name, committed: false })
        }
        Err(refusal) => {
            reasons.push(format!("the document before this sync cannot be read: {refusal}"));
            Err(reasons.join(", and "))
        }
    })
}

fn with_reasons(name: &str, reasons: &[String]) -> String {
    if reasons.is_empty() { name.to_owned() } else { format!("{name} ({})", reasons.join(", ")) }
}
