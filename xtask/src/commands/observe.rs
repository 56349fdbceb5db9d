//! `cargo xtask observe`: what the last probe saw, as a proposed overlay for a person to read. It lands beside the probe,
//! never in overlays/.

use std::path::Path;

use serde_json::json;
use swpanel_build_tools::address::redact;
use swpanel_build_tools::probe::observe;
use swpanel_build_tools::safe_text::line;

use super::coverage::read_document;
use super::probe;
use crate::arguments::ObserveFlags;
use crate::outcome::{Failure, Outcome, json_text};
use crate::workspace::{OBSERVED, OVERLAYS, Workspace};
use crate::{Run, files};

pub(crate) fn run(flags: &ObserveFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let document = read_document(&workspace)?;
    let Some(probe) = probe::last(&workspace)? else {
        let message = "no API has been probed from this folder";
        return Err(Failure::new("probe-missing", message, "run `cargo xtask probe --base-url URL` first"));
    };
    let proposal = observe(&document, &probe);
    let mut text = String::new();
    let mut file = None;
    if let Some(overlay) = &proposal.overlay {
        let content = redact(&json_text(overlay)).into_owned();
        let name = match &flags.out {
            Some(out) => {
                files::write_to(out, content.as_bytes())?;
                out.display().to_string()
            }
            None => {
                files::write(&workspace, OBSERVED, content.as_bytes())?;
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
                "              an emulator was probed: this is no evidence of SWPanel, and belongs in no overlay\n",
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
                let message = format!("`{OBSERVED}`, of an earlier probe, cannot be removed: {error}");
                Failure::new("unwritable", message, "remove it by hand: it is no longer what was seen")
            })?;
            text.push_str(&format!("removed       {OBSERVED}, of an earlier probe\n"));
        }
    }
    for note in &proposal.notes {
        text.push_str(&format!("by hand       {}\n", line(note)));
    }
    let json = json!({
        "outcome": if file.is_some() { "proposed" } else { "nothing" },
        "file": file,
        "members": proposal.members,
        "changes": proposal.changes,
        "notes": proposal.notes,
        "emulator": probe.emulator,
        "date": probe.date,
    });
    Ok(Outcome { text, json, changed: file.is_some() })
}
