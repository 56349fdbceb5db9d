//! `cargo xtask probe`: holds a live API against the document.

use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::probe::{Probe, VERSION};

use crate::outcome::Failure;
use crate::workspace::{DOCUMENT, PROBE, Workspace};

/// What the last probe found, where there was one of this very document.
pub(crate) fn last(workspace: &Workspace) -> Result<Option<Probe>, Failure> {
    let Some(bytes) = workspace.read(PROBE)? else { return Ok(None) };
    let probe: Probe = serde_json::from_slice(&bytes).map_err(|error| {
        let hint = "delete it, or run `cargo xtask probe` again";
        Failure::new("probe-unreadable", format!("`{PROBE}` is not what a probe wrote: {error}"), hint)
    })?;
    let document = workspace.read(DOCUMENT)?.map(|bytes| sha256(&bytes)).unwrap_or_default();
    Ok((probe.version == VERSION && probe.document == document).then_some(probe))
}
