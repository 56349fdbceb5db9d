//! Listed records to a zone file that reads back to the same records.

use super::listed::{Listing, safe};
use super::name::Name;

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
    let widest = sorted.iter().map(|one| one.record.name.len()).max().unwrap_or_default();
    for one in sorted {
        let (name, kind, data) = (&one.record.name, &one.record.kind, &one.record.data);
        // Where they differ, every record has its own.
        let ttl = one.ttl.filter(|_| common.is_none()).map(|ttl| format!("{ttl}  ")).unwrap_or_default();
        let is_same = one.word.eq_ignore_ascii_case(kind);
        let note = if is_same { String::new() } else { format!(" ; type {} of the panel", safe(&one.word)) };
        out.push_str(&format!("{name:<widest$}  {ttl}IN  {kind:<5}  {data}{note}\n"));
    }
    for one in listing.not_exported() {
        out.push_str(&format!("; not exported: {}\n", one.shown()));
    }
    out
}
