//! `cargo xtask classify`: the operations that knowledge.toml does not classify, an entry proposed for each, and the loose
//! matches that a person may accept.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use swpanel_build_tools::document::Ledger;
use swpanel_build_tools::knowledge::{self, Applied, LooseMatch, Proposal, edit};

use super::coverage::read_document;
use crate::arguments::ClassifyFlags;
use crate::outcome::{Failure, Outcome, counted};
use crate::workspace::{KNOWLEDGE, Workspace};
use crate::{Run, files};

pub(crate) fn run(flags: &ClassifyFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let mut document = read_document(&workspace)?;
    let (known, bytes) = workspace.knowledge()?;
    // What the last sync wrote into it is decided again, by the knowledge as it is now.
    knowledge::strip(&mut document, &mut Ledger::default());
    let applied = knowledge::apply(&mut document, &known);
    let proposals = knowledge::proposals(&document, &applied);
    let kinds = kinds(&applied.loose);
    let accepted = accepted(flags, &applied.loose, &kinds)?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    let invalid = |error: knowledge::KnowledgeError| {
        Failure::new(
            "knowledge-invalid",
            format!("`{KNOWLEDGE}` cannot be changed: {error}"),
            "add the entries by hand",
        )
    };
    if !accepted.is_empty() {
        text = edit::accept(&text, &accepted).map_err(invalid)?;
    }
    if flags.write {
        text = edit::add(&text, &proposals).map_err(invalid)?;
    }
    let changed = text.as_bytes() != bytes;
    if changed {
        files::write(&workspace, KNOWLEDGE, text.as_bytes())?;
    }
    let open = applied.open() - accepted.len() - if flags.write { proposals.len() } else { 0 };
    let json = json!({
        "outcome": if changed { "changed" } else if applied.open() > 0 { "unclassified" } else { "classified" },
        "classified": applied.classified,
        "unclassified": applied.unclassified,
        "proposals": proposals,
        "loose": applied.loose,
        "accepted": accepted.len(),
        "unmatched": applied.unmatched,
        "files": if changed { vec![KNOWLEDGE] } else { Vec::new() },
    });
    let mut out = summary(&applied, &proposals, &kinds, flags);
    if changed {
        out.push_str(&format!("wrote         {KNOWLEDGE}; read `git diff {KNOWLEDGE}`, then run `cargo xtask sync`\n"));
    } else if open > 0 {
        out.push_str("next          cargo xtask classify --write    # adds the proposed entries, for review\n");
    }
    Ok(Outcome { text: out, json, changed: changed || open > 0 })
}

/// How a loose match is called: its differences, joined.
fn kind(found: &LooseMatch) -> String {
    found.differences.join("+")
}

fn kinds(loose: &[LooseMatch]) -> BTreeMap<String, Vec<&LooseMatch>> {
    let mut kinds: BTreeMap<String, Vec<&LooseMatch>> = BTreeMap::new();
    for found in loose {
        kinds.entry(kind(found)).or_default().push(found);
    }
    kinds
}

fn accepted(
    flags: &ClassifyFlags,
    loose: &[LooseMatch],
    kinds: &BTreeMap<String, Vec<&LooseMatch>>,
) -> Result<Vec<LooseMatch>, Failure> {
    if let Some(unknown) = flags.accept.iter().find(|kind| *kind != "all" && !kinds.contains_key(*kind)) {
        let there: Vec<&str> = kinds.keys().map(String::as_str).collect();
        let hint = match there.as_slice() {
            [] => "no operation matches an entry loosely; nothing has to be accepted".to_owned(),
            there => format!("the kinds are {}, or `all`", there.join(", ")),
        };
        return Err(Failure::usage(format!("no loose match is of the kind `{unknown}`"), hint));
    }
    let wanted = |found: &&LooseMatch| flags.accept.iter().any(|given| given == "all" || *given == kind(found));
    Ok(loose.iter().filter(wanted).cloned().collect())
}

fn summary(
    applied: &Applied,
    proposals: &[Proposal],
    kinds: &BTreeMap<String, Vec<&LooseMatch>>,
    flags: &ClassifyFlags,
) -> String {
    let mut out = format!("classified    {}\n", counted(applied.classified, "operation", "operations"));
    for (kind, found) in kinds {
        let count = counted(found.len(), "operation matches", "operations match");
        let accepted = flags.accept.iter().any(|given| given == "all" || given == kind);
        let next = if accepted { "accepted now".to_owned() } else { format!("accept with `--accept {kind}`") };
        out.push_str(&format!("loose         {count} an entry but for {kind}; {next}\n"));
        for found in found.iter().take(5) {
            out.push_str(&format!("              {} like {}\n", found.operation, found.entry));
        }
        if found.len() > 5 {
            out.push_str(&format!("              and {} more\n", found.len() - 5));
        }
    }
    if !applied.unclassified.is_empty() {
        let count = counted(applied.unclassified.len(), "operation has no entry", "operations have no entry");
        let next = if flags.write { "; a proposal for each is in knowledge.toml now, for review" } else { "" };
        out.push_str(&format!("unclassified  {count}{next}\n"));
    }
    for found in applied.unclassified.iter().filter(|found| !found.candidates.is_empty()) {
        let candidates = found.candidates.join(", ");
        out.push_str(&format!("              {} may be any of {candidates}; none was taken\n", found.operation));
    }
    if !flags.write {
        for proposal in proposals {
            out.push_str(&format!("\n# {}\n{}", proposal.reason, proposal.entry));
        }
        if !proposals.is_empty() {
            out.push('\n');
        }
    }
    if !applied.unmatched.is_empty() {
        let count = counted(applied.unmatched.len(), "entry matches", "entries match");
        out.push_str(&format!("unmatched     {count} no operation: {}\n", applied.unmatched.join(", ")));
    }
    if applied.open() == 0 {
        out.push_str("every operation is classified\n");
    }
    out
}
