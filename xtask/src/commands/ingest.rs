//! `cargo xtask ingest SOURCE --out DIR`: any API document into DIR as document, ledger and findings, and as a crate.

use std::path::{Path, PathBuf};

use serde_json::json;
use swpanel_build_tools::address::redact;
use swpanel_build_tools::document::Weight;
use swpanel_build_tools::safe_text::line;
use swpanel_build_tools::sync::{Input, Outcome as Ingested, sync};

use super::sync::refusal;
use crate::arguments::IngestFlags;
use crate::outcome::{Outcome, json_text};
use crate::workspace::{Workspace, no_way_out};
use crate::{Run, files, report, source, standalone};

pub(crate) fn run(flags: &IngestFlags, root: Option<&Path>) -> Run {
    let source = source::given(&flags.source, &flags.fetch, None)?;
    let input =
        Input { raw: &source.bytes, source: Some(&source.origin), parts: Some(&source.parts), ..Input::default() };
    let ingested = sync(&input).map_err(|error| refusal(error, &source.origin.address))?;
    let json_text = |value: &serde_json::Value| redact(&json_text(value)).into_owned();
    let mut made: Vec<(PathBuf, Vec<u8>)> = vec![
        ("swpanel-api.json".into(), ingested.document.clone().into_bytes()),
        ("ledger.json".into(), json_text(&json!(ingested.ledger)).into_bytes()),
        ("findings.json".into(), json_text(&json!(ingested.findings)).into_bytes()),
    ];
    if let Some(conversion) = &source.conversion {
        made.push(("review.md".into(), redact(&conversion.review).into_owned().into_bytes()));
        made.push(("import.json".into(), redact(&conversion.log).into_owned().into_bytes()));
    }
    if flags.crate_ {
        let workspace = Workspace::find(root)?;
        let of_crate = standalone::files(&workspace, &ingested.code, &source.origin.address, "ingested-client")?;
        made.extend(of_crate.into_iter().map(|(file, bytes)| (Path::new("crate").join(file), bytes)));
    }
    for folder in made.iter().filter_map(|(file, _)| file.parent()) {
        no_way_out(&flags.out, folder, &flags.out.to_string_lossy())?;
    }
    for (file, bytes) in &made {
        files::write_to(&flags.out.join(file), bytes)?;
    }
    let mut outcome = outcome(&ingested, &source.origin.address, flags);
    if let Some(conversion) = &source.conversion {
        outcome.text.insert_str(0, &conversion.summary);
        outcome.changed = true;
        if let Some(object) = outcome.json.as_object_mut() {
            object.insert("import".to_owned(), conversion.json.clone());
        }
    }
    Ok(outcome)
}

fn outcome(ingested: &Ingested, address: &str, flags: &IngestFlags) -> Outcome {
    let entries = ingested.ledger.entries();
    let losses = entries.iter().filter(|entry| entry.weight == Weight::Loss).count();
    // What is only said in other words (another version's, or the generator's) is no mend.
    let mends = entries.iter().filter(|entry| entry.weight == Weight::Mend).count();
    let counts = ingested.lock.counts;
    let handed_off: Vec<_> = ingested
        .dropped
        .iter()
        .map(|dropped| json!({"operation": dropped.operation, "reason": dropped.reason}))
        .collect();
    let changed = mends + losses > 0;
    let json = json!({
        "outcome": if changed { "mended" } else { "clean" },
        "source": address,
        "out": flags.out,
        "counts": {"operations": counts.operations, "schemas": counts.schemas, "generated": counts.generated},
        "mends": mends,
        "losses": losses,
        "findings": ingested.findings.len(),
        "handed_off": handed_off,
    });
    let mut text = format!(
        "ingested      {}: {} operations, {} schemas\n\
         rewritten     {mends} mends on the way, {losses} losses; see ledger.json\n\
         findings      {}; see findings.json\n",
        line(address),
        counts.operations,
        counts.schemas,
        ingested.findings.len(),
    );
    for dropped in ingested.dropped.iter().take(12) {
        text.push_str(&format!("handed off    {}: {}\n", line(&dropped.operation), line(&dropped.reason)));
    }
    if ingested.dropped.len() > 12 {
        text.push_str(&format!("              and {} more\n", ingested.dropped.len() - 12));
    }
    text.push_str(&format!("written       {}\n", flags.out.display()));
    if flags.crate_ {
        let manifest = flags.out.join("crate/Cargo.toml");
        text.push_str(&format!(
            "next          cargo check --manifest-path {}\n",
            report::quoted(&manifest.to_string_lossy())
        ));
    }
    Outcome { text, json, changed }
}
