//! `cargo xtask coverage`: the table from the artefacts, on the terminal, as JSON, as a page, and in README.md.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use swpanel_build_tools::address::redact;
use swpanel_build_tools::coverage::{Artefacts, Coverage, PROBED, coverage, fidelity, html};
use swpanel_build_tools::document::Document;
use swpanel_build_tools::names::Names;
use swpanel_build_tools::probe::Probe;

use super::probe;
use crate::arguments::{CoverageFlags, Format};
use crate::outcome::{Failure, Outcome, print_error};
use crate::workspace::{DOCUMENT, HELP, LISTING, README, SNAPSHOTS, Workspace};
use crate::{Run, conflicts, files, regular};

const BEGIN: &str = "<!-- coverage: written by `cargo xtask coverage --write` -->\n";
const END: &str = "<!-- end of coverage -->";
/// Where the test of a release keeps what it saw.
const STORY: &str = "xtask/tests/snapshots/release.snap";
const STORY_BEGIN: &str = "<!-- release: written by `cargo xtask accept` -->\n";
const STORY_END: &str = "<!-- end of release -->";

pub(crate) fn run(flags: &CoverageFlags, root: Option<&Path>, format: Format) -> Run {
    let workspace = Workspace::find(root)?;
    let read = Read::of(&workspace)?;
    let coverage = coverage(&read.artefacts());
    let mut text = coverage.to_text();
    let mut changed = false;
    let mut readme = "not looked at";
    if flags.write || flags.check {
        let current = workspace.text(README)?;
        let wanted = with_block(&workspace, &current, &coverage)?;
        let stale = wanted != current;
        changed = stale;
        readme = match (stale, flags.write) {
            (false, _) => "current",
            (true, true) => "written",
            (true, false) => "stale",
        };
        if stale && flags.write {
            files::write(&workspace, README, wanted.as_bytes())?;
        }
        text.push_str(&format!("README.md: {readme}\n"));
        if stale && flags.check {
            text.push_str("run: cargo xtask coverage --write\n");
        }
    }
    let scores = fidelity(&read.snapshots);
    if let Some((same, of)) = scores.get("all") {
        text.push_str(&format!(
            "fidelity: {same} of {of} statements of the document about its types are in the Rust types too\n"
        ));
    }
    if let Some(note) = &read.note {
        text.push_str(&format!("{PROBED}: {note}; it is not counted\n"));
    }
    let (there, all) = coverage.cells();
    // Rounded down, so that 100 is all of them and nothing is shown as what it is below.
    let percent = (coverage.percent() * 100.0).floor() / 100.0;
    let below = flags.fail_under.filter(|least| coverage.percent() < *least);
    if let Some(least) = flags.fail_under {
        let verdict = if below.is_some() { "below" } else { "not below" };
        text.push_str(&format!(
            "{there} of {all} cells ({percent:.2} %) are covered, {verdict} {least} %: operations by stages, without {PROBED}\n"
        ));
        changed |= below.is_some();
    }
    if format == Format::Html || flags.html.is_some() {
        let page = html(&coverage, &read.artefacts());
        if let Some(file) = &flags.html {
            files::write_to(file, redact(&page).as_bytes())?;
            text.push_str(&format!("page: {}\n", file.display()));
        }
        if format == Format::Html {
            text = page;
        }
    }
    if below.is_some() && format == Format::Html {
        let said = format!("{there} of {all} cells ({percent:.2} %) are covered, which is below what was asked\n");
        print_error(&said);
    }
    let json = json!({
        "stages": coverage.stages,
        "operations": coverage.operations,
        "complete": coverage.is_complete(),
        "covered": { "cells": there, "of": all, "percent": percent, "below": below },
        "readme": readme,
        "note": read.note,
        "fidelity": scores.iter().map(|(key, (same, of))| (key.clone(), json!({"same": same, "of": of}))).collect::<serde_json::Map<_, _>>(),
    });
    Ok(Outcome { text, json, changed })
}

/// Writes the table, and the story of a release as its test tells it; tells whether that changed README.md.
pub(crate) fn write_readme(workspace: &Workspace) -> Result<bool, Failure> {
    let read = Read::of(workspace)?;
    let coverage = coverage(&read.artefacts());
    let current = workspace.text(README)?;
    let mut wanted = with_block(workspace, &current, &coverage)?;
    let snapshot = workspace.text(STORY)?;
    let story = snapshot.splitn(3, "---\n").last().and_then(|text| text.split("\n\n").next()).unwrap_or_default();
    if let Some((before, rest)) = wanted.split_once(STORY_BEGIN)
        && let Some((_, after)) = rest.split_once(STORY_END)
        && !story.is_empty()
    {
        wanted = format!("{before}{STORY_BEGIN}\n```text\n{story}\n```\n\n{STORY_END}{after}");
    }
    if wanted == current {
        return Ok(false);
    }
    files::write(workspace, README, wanted.as_bytes())?;
    Ok(true)
}

/// What coverage is read from.
struct Read {
    document: Document,
    names: Names,
    listing: String,
    snapshots: BTreeMap<String, String>,
    help: BTreeMap<String, String>,
    probe: Option<Probe>,
    /// Why what a probe left is not counted: it is no part of the workspace, and nothing may fail for it.
    note: Option<String>,
}

impl Read {
    fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let (probe, note) = match probe::last(workspace) {
            Ok(probe) => (probe, None),
            Err(failure) => (None, Some(failure.message().to_owned())),
        };
        Ok(Self {
            document: read_document(workspace)?,
            names: workspace.lock()?.map(|lock| lock.names).unwrap_or_default(),
            listing: workspace.text(LISTING)?,
            snapshots: snapshots(workspace),
            help: texts(&workspace.path(HELP)),
            probe,
            note,
        })
    }

    fn artefacts(&self) -> Artefacts<'_> {
        Artefacts {
            document: &self.document,
            names: &self.names,
            listing: &self.listing,
            snapshots: &self.snapshots,
            help: &self.help,
            probe: self.probe.as_ref(),
        }
    }
}

/// `swpanel-api.json`, as a document; a workspace with git conflict markers has none.
pub(crate) fn read_document(workspace: &Workspace) -> Result<Document, Failure> {
    conflicts::refuse(workspace)?;
    let hint = || format!("run `{}`", workspace.command("sync"));
    let Some(bytes) = workspace.read(DOCUMENT)? else {
        return Err(Failure::new("document-missing", format!("`{DOCUMENT}` is not there"), hint()));
    };
    Document::from_canonical(&bytes)
        .map_err(|error| Failure::new("document-unreadable", format!("`{DOCUMENT}`: {error}"), hint()))
}

/// All snapshot files by their path below the snapshot folder.
pub(crate) fn snapshots(workspace: &Workspace) -> BTreeMap<String, String> {
    texts(&workspace.path(SNAPSHOTS))
}

/// All texts of a folder by their path below it.
pub(crate) fn texts(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // A folder that is linked to is none of the workspace.
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if let (Ok(below), Ok(text)) = (path.strip_prefix(root), regular::read_text(&path)) {
                found.insert(below.to_string_lossy().replace('\\', "/"), text);
            }
        }
    }
    found
}

fn with_block(workspace: &Workspace, readme: &str, coverage: &Coverage) -> Result<String, Failure> {
    let missing = || {
        let hint = format!("put the two comment lines back where the table belongs, or {}", workspace.restore(README));
        Failure::new("readme-block-missing", "README.md has no place for the coverage table", hint)
    };
    let (before, rest) = readme.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", coverage.to_markdown()))
}
