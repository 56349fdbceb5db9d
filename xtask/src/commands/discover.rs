//! `cargo xtask discover ADDRESS`: where the API document behind an address is; and the same for sync and ingest.

use std::process::ExitCode;

use serde_json::json;
use swpanel_build_tools::discover::{self, Answer, Ask, Found, Leave, Outcome};
use swpanel_build_tools::document::Refusal;

use crate::arguments::{DiscoverFlags, FetchFlags, Format};
use crate::fetch::Fetcher;
use crate::outcome::{self, CHANGED, FAILED, Failure};

pub(crate) fn run(flags: &DiscoverFlags, format: Format) -> ExitCode {
    let (found, asked) = match search(&flags.address, &flags.fetch) {
        Ok(found) => found,
        Err(failure) => return failure.print(format),
    };
    let (name, code) = match &found.outcome {
        Outcome::Document(_) | Outcome::Unverified => ("document", 0),
        Outcome::Inline(_) => ("inline", 0),
        Outcome::Other { .. } => ("other-description", CHANGED),
        Outcome::None => ("none", CHANGED),
        Outcome::Refused(_) => ("refused", FAILED),
    };
    let refusal = match &found.outcome {
        Outcome::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let printed = match format {
        Format::Json => outcome::print_json(&json!({
            "outcome": name,
            "renderer": found.renderer,
            "addresses": found.addresses,
            "verified": matches!(found.outcome, Outcome::Document(_) | Outcome::Inline(_)),
            "refusal": refusal.map(Refusal::name),
            "message": refusal.map(ToString::to_string),
            "hint": refusal.map(Refusal::hint),
            "notes": found.notes,
            "asked": asked,
        })),
        Format::Text => outcome::print_text(&text(&found, &asked, name)),
    };
    outcome::code(printed, code)
}

fn text(found: &Found, asked: &[String], name: &str) -> String {
    let mut text = format!("{name:<14}");
    match &found.outcome {
        Outcome::Refused(refusal) => {
            text.push_str(&format!("{}: {refusal}\nhint          {}", refusal.name(), refusal.hint()))
        }
        Outcome::Other { kind } => text.push_str(&format!("{kind}, not OpenAPI")),
        Outcome::None => text
            .push_str("no document was found; save it from the panel and pass the file to `cargo xtask sync --from`"),
        Outcome::Unverified => text.push_str("named by the page, but it could not be fetched"),
        Outcome::Inline(bytes) => text.push_str(&format!("the document stands in the page ({} bytes)", bytes.len())),
        Outcome::Document(bytes) => text.push_str(&format!("{} bytes", bytes.len())),
    }
    text.push('\n');
    for (head, lines) in [("address", &found.addresses), ("note", &found.notes)] {
        lines.iter().for_each(|line| text.push_str(&format!("{head:<14}{line}\n")));
    }
    if let Some(renderer) = found.renderer {
        text.push_str(&format!("renderer      {renderer}\n"));
    }
    if matches!(found.outcome, Outcome::None) {
        asked.iter().for_each(|address| text.push_str(&format!("asked         {address}\n")));
    } else {
        text.push_str(&format!("asked         {} addresses; --explain shows them\n", asked.len()));
    }
    text
}

/// The bytes of the document behind an address, and the address they came from.
pub(crate) fn document(address: &str, flags: &FetchFlags) -> Result<(Vec<u8>, String), Failure> {
    let (found, asked) = search(address, flags)?;
    let kept = "the stored document was left as it was";
    let refused = |refusal: &Refusal| {
        Failure::new(refusal.name(), format!("refused {address}: {refusal}"), refusal.hint()).detail(kept)
    };
    match found.outcome {
        Outcome::Document(bytes) => {
            Ok((bytes, found.addresses.into_iter().next().unwrap_or_else(|| address.to_owned())))
        }
        Outcome::Inline(bytes) => Ok((bytes, address.to_owned())),
        Outcome::Refused(refusal) => Err(refused(&refusal)),
        Outcome::Other { kind } => {
            let address = found.addresses.into_iter().next().unwrap_or_default();
            Err(refused(&Refusal::OtherDescription { kind, address }))
        }
        Outcome::Unverified | Outcome::None => {
            let message = format!("no API document was found at {address} ({} addresses were asked)", asked.len());
            let hint = "see what was asked with --explain, or save the document from the panel and pass that file";
            let mut failure = Failure::new("no-document", message, hint);
            for line in found.addresses.iter().chain(&found.notes).take(12) {
                failure = failure.detail(line);
            }
            Err(failure.detail(kept))
        }
    }
}

fn search(address: &str, flags: &FetchFlags) -> Result<(Found, Vec<String>), Failure> {
    let leave = Leave::new(&flags.allow_host);
    let mut fetcher = Fetcher::new(flags, address, leave.clone())?;
    let found = discover::discover(address, &leave, &mut |ask: &Ask| {
        let fetched = fetcher.get(&ask.address, &ask.why)?;
        Ok(Answer { address: fetched.address, status: fetched.status, headers: fetched.headers, body: fetched.body })
    });
    Ok((found, fetcher.asked))
}
