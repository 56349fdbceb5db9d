//! `cargo xtask check`: are the files those that the lock seals? Offline, hashes only.

use std::path::Path;

use serde_json::json;
use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::lock::{Lock, SourceKind};

use crate::conflicts::Conflict;
use crate::outcome::{Failure, Outcome};
use crate::workspace::{DOCUMENT, LINK, LISTING, LOCK, WRITTEN, Workspace};
use crate::{Run, conflicts, files, locked};

pub(crate) fn run(root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let (derived, sources) = (conflicts::derived(&workspace)?, conflicts::sources(&workspace, false)?);
    if !(derived.is_empty() && sources.is_empty()) {
        return Ok(unmerged(&workspace, &derived, &sources));
    }
    let Some(lock) = workspace.lock()? else {
        let hint = format!("run `{}`", workspace.command("sync"));
        return Err(Failure::new("lock-missing", format!("`{LOCK}` is not there"), hint));
    };
    let mut problems = locked::inputs(&workspace, &lock)?;
    let sealed = [(DOCUMENT, &lock.sha256.document), (LISTING, &lock.sha256.listing)];
    let mut document = None;
    for (file, expected) in sealed {
        match workspace.read(file)? {
            None => problems.push((file.to_owned(), "is not there")),
            Some(bytes) if sha256(&bytes) != *expected => {
                problems.push((file.to_owned(), "is not the file that the lock seals"));
            }
            Some(_) => {}
        }
        if file == DOCUMENT {
            document = workspace.read(file)?;
        }
    }
    if !files::is_link_whole(&workspace, &document.unwrap_or_default())? {
        problems.push((LINK.to_owned(), "is not the link to ../swpanel-api.json that it must be"));
    }
    let tools = Lock::new(lock.source.clone(), lock.sha256.clone(), lock.counts, lock.names.clone()).tools;
    if tools != lock.tools {
        problems.push((LOCK.to_owned(), "was sealed with other versions of the tools"));
    }
    for file in WRITTEN {
        for path in files::leftovers(&workspace, file) {
            let path = path.strip_prefix(workspace.root()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            problems.push((path, "was left by an interrupted run"));
        }
    }
    let list: Vec<_> = problems.iter().map(|(file, problem)| json!({"file": file, "problem": problem})).collect();
    let changed = !problems.is_empty();
    let again = workspace.command("sync");
    let json = json!({
        "outcome": if changed { "differs" } else { "sealed" },
        "problems": list,
        "operations": lock.counts.operations,
        "source": lock.source,
        "next": if changed { vec![again.clone()] } else { Vec::new() },
    });
    let mut text = String::new();
    for (file, problem) in &problems {
        text.push_str(&format!("{file} {problem}\n"));
    }
    text.push_str(&if changed {
        format!("run: {again}\n")
    } else {
        let counts = lock.counts;
        let source = match lock.source.kind {
            SourceKind::Published => "published document",
            SourceKind::Reconstruction => "reconstruction",
        };
        format!("in step: {} operations from a {source}, sealed\n", counts.operations)
    });
    Ok(Outcome { text, json, changed })
}

/// The outcome where files have git conflict markers: hashes mean nothing then.
fn unmerged(workspace: &Workspace, derived: &[Conflict], sources: &[Conflict]) -> Outcome {
    let all = || sources.iter().chain(derived);
    let next = workspace.command("sync");
    let problems: Vec<_> = all().map(|found| json!({"file": found.file, "problem": found.problem()})).collect();
    let mut text: String = all().map(|found| format!("{} {}\n", found.file, found.problem())).collect();
    if let Some(first) = sources.first() {
        text.push_str(&format!("keep one side of each conflict in {}", first.file));
        sources.iter().skip(1).for_each(|found| text.push_str(&format!(", {}", found.file)));
        text.push_str(&format!(", then run: {next}\n"));
    } else {
        text.push_str(&format!("run: {next}    # makes them again, and keeps the pinned names of both sides\n"));
    }
    let json = json!({"outcome": "differs", "problems": problems, "next": [next]});
    Outcome { text, json, changed: true }
}
