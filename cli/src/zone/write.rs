//! Listed records to a zone file that reads back to the same records.

use super::extras::NotWritten;
use super::listed::{Listing, safe};
use super::name::{Name, Written};

/// A zone file of a listing. What is not a record of it is a comment.
pub(super) fn write(zone: &Name, listing: &Listing) -> String {
    let mut out = format!(
        "; Zone {}, as the API lists it: without SOA and the zone's own NS, which the panel makes.\n$ORIGIN {zone}\n",
        zone.without_dot()
    );
    let records = &listing.records;
    let common = records.first().and_then(|first| first.ttl);
    let common = common.filter(|ttl| records.iter().all(|one| one.ttl == Some(*ttl)));
    if let Some(ttl) = common {
        out.push_str(&format!("$TTL {ttl}\n"));
    }
    let mut sorted: Vec<_> = records.iter().collect();
    sorted.sort_by(|one, other| one.record.cmp(&other.record));
    let names: Vec<String> = sorted.iter().map(|one| clear_name(&one.record.name, zone)).collect();
    let widest = names.iter().map(String::len).max().unwrap_or_default();
    for (one, name) in sorted.into_iter().zip(names) {
        let (kind, data) = (&one.record.kind, &one.record.data);
        // Where they differ, every record has its own.
        let ttl = one.ttl.filter(|_| common.is_none()).map(|ttl| format!("{ttl}  ")).unwrap_or_default();
        let is_same = one.word.eq_ignore_ascii_case(kind);
        let note = if is_same { String::new() } else { format!(" ; type {} of the panel", safe(&one.word)) };
        out.push_str(&format!("{name:<widest$}  {ttl}IN  {kind:<5}  {data}{note}\n"));
    }
    for one in listing.not_exported() {
        out.push_str(&format!("; not exported: {}\n", one.shown()));
    }
    for one in NotWritten::of(records) {
        out.push_str(&format!("; not written: {}\n", one.shown()));
    }
    out
}

/// The name of a record; in full where it reads like a full name without its final dot.
fn clear_name(name: &str, zone: &Name) -> String {
    let within = Written::read(name).map(|written| written.name).filter(|name| name.is_within(zone));
    within.and_then(|name| name.below(zone)).map_or_else(|| name.to_owned(), |full| full.to_string())
}
