//! `sync --locked`: the files are made again from `upstream/`, and every link of the chain must be the one sealed.

use std::collections::BTreeMap;

use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::lock::Lock;

use crate::outcome::{Failure, counted};
use crate::workspace::{KNOWLEDGE, LISTING, LOCK, OVERLAYS, PARTS, UPSTREAM, Workspace};
use crate::{beside, workspace};

/// A file and what is wrong with it.
pub(crate) type Broken = (String, &'static str);

/// What of the chain lies on disk before anything is made: source, files beside it, overlays.
pub(crate) fn inputs(workspace: &Workspace, lock: &Lock) -> Result<Vec<Broken>, Failure> {
    let mut broken = Vec::new();
    let mut compare = |file: &str, bytes: Option<Vec<u8>>, sealed: Option<&str>| {
        let problem = match (bytes.map(|bytes| sha256(&bytes)), sealed) {
            (None, Some(_)) => "is not there",
            (Some(found), Some(sealed)) if found != sealed => "is not the file that the lock seals",
            (Some(_), None) => "is not sealed by the lock",
            _ => return,
        };
        broken.push((file.to_owned(), problem));
    };
    compare(UPSTREAM, workspace.read(UPSTREAM)?, Some(&lock.sha256.raw));
    compare(KNOWLEDGE, workspace.read(KNOWLEDGE)?, lock.knowledge.as_deref());
    for (name, sealed) in &lock.parts {
        let file = format!("{PARTS}/{}", beside::stored(name));
        compare(&file, workspace.read(&file)?, Some(sealed));
    }
    let found: BTreeMap<String, Vec<u8>> = workspace.overlays()?.into_iter().collect();
    for (name, sealed) in &lock.overlays {
        compare(&format!("{OVERLAYS}/{name}"), found.get(name).cloned(), Some(sealed));
    }
    for (name, bytes) in found.into_iter().filter(|(name, _)| !lock.overlays.contains_key(name)) {
        compare(&format!("{OVERLAYS}/{name}"), Some(bytes), None);
    }
    Ok(broken)
}

/// What was made, against the seal; the first link that differs is what broke the ones after it.
pub(crate) fn made(sealed: &Lock, made: &Lock) -> Vec<String> {
    let mut broken = Vec::new();
    let tools = [
        ("progenitor", &made.tools.progenitor, &sealed.tools.progenitor),
        ("swpanel-build-tools", &made.tools.swpanel_build_tools, &sealed.tools.swpanel_build_tools),
    ];
    for (tool, here, there) in tools.into_iter().filter(|(_, here, there)| here != there) {
        broken.push(format!("{tool} is {here}, sealed is {there}"));
    }
    let links = [
        (workspace::DOCUMENT, &made.sha256.document, &sealed.sha256.document),
        ("the generated client", &made.sha256.generated, &sealed.sha256.generated),
        (LISTING, &made.sha256.listing, &sealed.sha256.listing),
    ];
    for (link, here, there) in links.into_iter().filter(|(_, here, there)| here != there) {
        broken.push(format!("{link} comes out as {}, sealed is {}", short(here), short(there)));
    }
    if broken.is_empty() && made != sealed {
        broken.push(format!("`{LOCK}` itself: source, counts or names are not those that come out"));
    }
    broken
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Nothing has been written when this is shown.
pub(crate) fn refuse(broken: Vec<String>) -> Result<(), Failure> {
    if broken.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the files cannot be made again as the lock seals them: {} broken",
        counted(broken.len(), "link is", "links are")
    );
    let hint = "take the files named back from version control; or, where the change is meant, run `cargo xtask sync`";
    Err(broken.into_iter().fold(Failure::new("link-broken", message, hint), Failure::detail))
}
