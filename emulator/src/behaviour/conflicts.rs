//! Rejects a write that would leave two items which cannot both be there: a CNAME beside another record, or one login,
//! address or host name twice.
//!
//! Nothing published by the vendor says what SWPanel does with such a write. The rule about CNAME is that of RFC 1034
//! (section 3.6.2); that logins and host names are unique is inferred.

use serde_json::Value;

use super::Call;
use crate::answer::Refused;
use crate::codes;
use crate::world::{Item, World};

/// A name for comparison: case, white space around it and the final dot make no difference.
pub(super) fn comparable(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

/// A record's name in full, whether it was given as `@`, relative to the zone, in full, or with a final dot.
fn full_name(name: &str, zone: &str) -> String {
    let (name, zone) = (comparable(name), comparable(zone));
    let is_full = name == zone || name.strip_suffix(zone.as_str()).is_some_and(|rest| rest.ends_with('.'));
    match name.as_str() {
        "" | "@" => zone,
        _ if is_full || zone.is_empty() => name,
        _ => format!("{name}.{zone}"),
    }
}

fn zone_of(item: &Item) -> &str {
    item.get("zone").and_then(Value::as_str).unwrap_or_default()
}

/// The full name and the type of a record, where the item has both.
fn name_and_type(item: &Item) -> Option<(String, String)> {
    let record = item.get("record")?;
    let text = |member: &str| record.get(member).and_then(Value::as_str);
    Some((full_name(text("name")?, zone_of(item)), text("type")?.trim().to_uppercase()))
}

/// Rejects a record that would stand beside a CNAME, or be a CNAME beside another record. `own` is the key of the
/// record that is being changed.
pub(super) fn check_cname(world: &World, place: &str, own: Option<&str>, item: &Item) -> Result<(), Refused> {
    let Some((name, kind)) = name_and_type(item) else { return Ok(()) };
    let others = world.entries(place).filter(|(key, _)| own != Some(*key));
    let mut same_name = others.filter_map(|(_, other)| name_and_type(other).filter(|(other, _)| *other == name));
    let Some((_, other)) = same_name.find(|(_, other)| kind == "CNAME" || other == "CNAME") else { return Ok(()) };
    let message = format!(
        "{name} has a record of type {other} already, so it cannot have one of type {kind}: a CNAME record is the only \
        record of its name; delete the other record first"
    );
    Err(Refused::new(&codes::CONFLICT, message))
}

/// Rejects a value of the operation's unique member that another item of the collection has. `own` is the key of the
/// item that is being changed.
pub(super) fn check_unique(call: &Call<'_>, place: &str, own: Option<&str>) -> Result<(), Refused> {
    let Some(member) = call.operation.row.unique else { return Ok(()) };
    let Some(value) = call.body.as_ref().and_then(|body| body.get(member)).and_then(Value::as_str) else {
        return Ok(());
    };
    let wanted = comparable(value);
    // An item that was seeded without the member is known by its key.
    let value_of = |key: &str, item: &Item| comparable(item.get(member).and_then(Value::as_str).unwrap_or(key));
    if !call.world.entries(place).any(|(key, item)| own != Some(key) && value_of(key, item) == wanted) {
        return Ok(());
    }
    let message =
        format!("another item has the `{member}` `{value}` already; give another one, or change or delete that item");
    Err(Refused::new(&codes::EXISTS, message))
}

/// Rejects a list of name servers that has one of them twice.
pub(super) fn check_name_servers(call: &Call<'_>) -> Result<(), Refused> {
    let mut seen = std::collections::BTreeSet::new();
    let listed = call.body_member("/hostname").and_then(Value::as_array).into_iter().flatten();
    match listed.filter_map(Value::as_str).find(|name| !seen.insert(comparable(name))) {
        None => Ok(()),
        Some(name) => {
            let message = format!("/hostname lists the name server `{name}` twice; list each one once");
            Err(Refused::new(&codes::EXISTS, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for name in ["www", "WWW", "www.example.es", "www.example.es.", " Www.Example.ES. "] {
            assert_eq!(full_name(name, "Example.es."), "www.example.es", "{name}");
        }
        for name in ["@", "", "example.es", "EXAMPLE.ES."] {
            assert_eq!(full_name(name, "example.es"), "example.es", "{name}");
        }
        assert_eq!(full_name("notexample.es", "example.es"), "notexample.es.example.es");
    }
}
