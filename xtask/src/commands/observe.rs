//! `cargo xtask observe`: what the last probe saw, or what recorded traffic shows, as a proposed overlay for a person to
//! read. The overlay is written beside the probe, never into overlays/.

mod traffic;

use std::path::Path;

use serde_json::{Value, json};
use swpanel_build_tools::address::redact;
use swpanel_build_tools::document::Document;
use swpanel_build_tools::probe::{Probe, observe};
use swpanel_build_tools::safe_text::line;

use super::coverage::read_document;
use super::probe;
use crate::arguments::ObserveFlags;
use crate::outcome::{Failure, Outcome, json_text};
use crate::workspace::{OBSERVED, OVERLAYS, Workspace};
use crate::{Run, files};

/// Where the shapes come from, and what is said about that.
struct Source {
    probe: Probe,
    /// Lines of the report.
    text: String,
    /// The member `traffic` of the report in JSON.
    traffic: Value,
}

pub(crate) fn run(flags: &ObserveFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let document = read_document(&workspace)?;
    let source = if flags.traffic.is_empty() {
        if flags.base_url.is_some() {
            let hint = "name the HAR files or folders of recordings too, or leave --base-url out";
            return Err(Failure::usage("`--base-url` says where traffic went, but no traffic is given", hint));
        }
        last_probe(&workspace)?
    } else {
        traffic::read(&document, flags)?
    };
    propose(&document, &source, flags, &workspace)
}

fn last_probe(workspace: &Workspace) -> Result<Source, Failure> {
    let Some(probe) = probe::last(workspace)? else {
        let message = "no API has been probed from this folder";
        let hint = "run `cargo xtask probe --base-url URL` first, or give HAR files or folders of recordings";
        return Err(Failure::new("probe-missing", message, hint));
    };
    Ok(Source { probe, text: String::new(), traffic: Value::Null })
}

fn propose(document: &Document, source: &Source, flags: &ObserveFlags, workspace: &Workspace) -> Run {
    let Source { probe, text, traffic } = source;
    let proposal = observe(document, probe);
    let mut text = text.clone();
    let mut file = None;
    if let Some(overlay) = &proposal.overlay {
        let content = redact(&json_text(overlay)).into_owned();
        let name = match &flags.out {
            Some(out) => {
                files::write_to(out, content.as_bytes())?;
                out.display().to_string()
            }
            None => {
                files::write(workspace, OBSERVED, content.as_bytes())?;
                OBSERVED.to_owned()
            }
        };
        text.push_str(&format!(
            "proposed      {} members that the document does not name, {} of its statements changed\n",
            proposal.members, proposal.changes
        ));
        text.push_str(&format!("wrote         {name}\n"));
        if probe.emulator {
            text.push_str(
                "              an emulator answered: this is no evidence of SWPanel, and belongs in no overlay\n",
            );
        }
        text.push_str(&format!(
            "next          read it, shorten it, then put it into {OVERLAYS}/ and run `cargo xtask sync`\n"
        ));
        file = Some(name);
    } else {
        text.push_str("nothing to propose: the document says all that was seen\n");
        let old = workspace.inside(OBSERVED)?;
        if old.exists() {
            std::fs::remove_file(&old).map_err(|error| {
                let message = format!("`{OBSERVED}`, of an earlier run, cannot be removed: {error}");
                Failure::new("unwritable", message, "remove it by hand: it is no longer what was seen")
            })?;
            text.push_str(&format!("removed       {OBSERVED}, of an earlier run\n"));
        }
    }
    for note in &proposal.notes {
        text.push_str(&format!("by hand       {}\n", line(note)));
    }
    let mut json = json!({
        "outcome": if file.is_some() { "proposed" } else { "nothing" },
        "file": file,
        "members": proposal.members,
        "changes": proposal.changes,
        "notes": proposal.notes,
        "emulator": probe.emulator,
        "date": probe.date,
    });
    if let Some(members) = json.as_object_mut().filter(|_| !traffic.is_null()) {
        members.insert("traffic".to_owned(), traffic.clone());
    }
    Ok(Outcome { text, json, changed: file.is_some() })
}
