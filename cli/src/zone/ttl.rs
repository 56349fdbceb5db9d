//! Times to live in a plan: which differ, and what becomes of them. The API sets one for a whole zone and none for a
//! record, so a plan changes none.

use std::collections::BTreeSet;

use super::bind::Wanted;
use super::listed::{Listing, safe};
use super::plan::Plan;

/// The one time to live of all listed records, where there is one.
pub(super) fn common(listing: &Listing) -> Option<u32> {
    let first = listing.records.first()?.ttl?;
    listing.records.iter().all(|one| one.ttl == Some(first)).then_some(first)
}

/// What a person has to know about the times to live of a zone file.
pub(super) fn notes(plan: &Plan, wanted: &[Wanted], listing: &Listing) -> Vec<String> {
    let mut notes = Vec::new();
    let has_ttls = wanted.iter().any(|one| one.ttl.is_some());
    let is_unlisted = listing.records.iter().any(|one| one.ttl.is_none());
    if has_ttls && (is_unlisted || (common(listing).is_none() && !plan.create.is_empty())) {
        notes.push("where the API lists no TTL, that of the zone file is not compared; a plan sends none".to_owned());
    }
    let Some(first) = plan.ttls.first() else { return notes };
    let differ: BTreeSet<u32> = plan.ttls.iter().map(|one| one.wanted).collect();
    let all: BTreeSet<u32> = wanted.iter().filter_map(|one| one.ttl).collect();
    let command =
        |ttl: &str| format!("swpanel dns ttl set {} {} --ttl.value {ttl}", safe(&plan.service), safe(&plan.zone));
    let next = match (differ.first(), all.len()) {
        (Some(only), 1) => format!("`{}` sets it for the whole zone", command(&only.to_string())),
        _ => {
            let values: Vec<String> = all.iter().map(u32::to_string).collect();
            let set = command("SECONDS");
            format!("the file has several ({}), and `{set}` sets one for the whole zone", values.join(", "))
        }
    };
    notes.push(format!(
        "the TTL of {} records differs, as of `{}` ({} in the zone, {} in the file); a plan changes no TTL: {next}",
        plan.ttls.len(),
        first.what,
        first.listed,
        first.wanted
    ));
    notes
}
