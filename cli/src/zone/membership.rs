//! Whether a listed record belongs to a zone. `dns export`, `dns plan` and `acme` decide it here and nowhere else.
//!
//! No evidence names the properties of a listed record. They are taken to be those of the calls that write records:
//! `zone` of the create call, `dns_zone` of the paths, `name` in `record` or at the top. What they do not show is not
//! guessed: a record that may be of another zone is neither deleted nor taken for one that is there.

use serde_json::Value;

use super::name::{Name, Written};

/// Properties that name the zone of a record.
const ZONE: [&str; 2] = ["zone", "dns_zone"];

/// How a listed record relates to a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// It belongs to the zone, under this name relative to it (`@` for the zone itself).
    Inside(String),
    /// It shows no zone, and its full name is within this one. It may still be of a zone below.
    ByName(String),
    /// It belongs to another zone.
    Outside,
    /// The record does not show where it belongs; this says why.
    Unclear(&'static str),
}

/// The part of a listed record that has its data, and the record itself.
pub(crate) fn parts(item: &Value) -> [&Value; 2] {
    [item.get("record").filter(|inner| inner.is_object()).unwrap_or(item), item]
}

/// The name of a listed record, as it is listed.
pub(crate) fn listed_name(item: &Value) -> Option<&str> {
    parts(item).into_iter().find_map(|part| part.get("name")?.as_str())
}

/// The zones that a listed record names, as they are listed; an error where one of them is not a name.
fn zones(item: &Value) -> Result<Vec<&str>, &'static str> {
    let mut found = Vec::new();
    for value in parts(item).into_iter().flat_map(|part| ZONE.iter().filter_map(|name| part.get(*name))) {
        match value {
            Value::Null => {}
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => found.push(text.as_str()),
            _ => return Err("its zone is not a name"),
        }
    }
    Ok(found)
}

/// The zone that a listed record names.
pub(crate) fn zone_of(item: &Value) -> Option<Name> {
    zones(item).ok()?.first().and_then(|text| Name::zone(text))
}

/// How the API spells a zone: an international name may be listed in Unicode, and is then sent so.
pub(crate) fn spelling(items: &[Value], zone: &Name) -> Option<String> {
    let listed = items.iter().filter_map(|item| zones(item).ok()).flatten();
    listed.map(str::trim).find(|text| Name::zone(text).as_ref() == Some(zone)).map(str::to_owned)
}

/// Decides whether a listed record belongs to a zone.
pub(crate) fn membership(item: &Value, zone: &Name) -> Membership {
    let shown = match zones(item) {
        Ok(shown) => shown,
        Err(why) => return Membership::Unclear(why),
    };
    let same = shown.iter().filter(|text| Name::zone(text).as_ref() == Some(zone)).count();
    if same == 0 && !shown.is_empty() {
        return Membership::Outside;
    }
    if same < shown.len() {
        return Membership::Unclear("it names two zones");
    }
    let Some(listed) = listed_name(item) else { return Membership::Unclear("it shows no name") };
    let is_apex = matches!(listed.trim(), "" | "@");
    if !is_apex && listed.contains('@') {
        // `@.example.es` is how a panel may write the zone itself; nobody has a label that is `@`.
        return Membership::Unclear("its name has `@` in it and may be the zone itself");
    }
    let Some(written) = Written::read(listed) else { return Membership::Unclear("its name cannot be a name of DNS") };
    let within = written.name.relative_to(zone).filter(|_| !is_apex);
    match (within, shown.is_empty()) {
        (Some(name), false) => Membership::Inside(name),
        (Some(name), true) => Membership::ByName(name),
        (None, true) if written.is_absolute => Membership::Outside,
        (None, true) => Membership::Unclear("it shows neither its zone nor a full name"),
        (None, false) if is_apex => Membership::Inside("@".to_owned()),
        (None, false) if written.is_absolute => Membership::Unclear("its name is not within the zone that it names"),
        (None, false) => match written.name.below(zone).and_then(|full| full.relative_to(zone)) {
            Some(name) => Membership::Inside(name),
            None => Membership::Unclear("its name is too long for this zone"),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_shown_makes_a_record_belong_to_a_zone() {
        let zone = Name::zone("example.es").unwrap();
        let inside = |name: &str| Membership::Inside(name.to_owned());
        for (item, expected) in [
            (json!({ "zone": "example.es", "record": { "name": "www" } }), inside("www")),
            (json!({ "dns_zone": "EXAMPLE.es.", "name": "www.example.es" }), inside("www")),
            (json!({ "record": { "zone": "example.es", "name": "" } }), inside("@")),
            (json!({ "zone": "example.es", "name": "example.es." }), inside("@")),
            (json!({ "zone": "example.es", "name": "www.otra.es" }), inside("www.otra.es")),
            (json!({ "zone": "", "name": "www.example.es" }), Membership::ByName("www".to_owned())),
            (json!({ "name": "Example.ES" }), Membership::ByName("@".to_owned())),
            (json!({ "name": "www.otra.es." }), Membership::Outside),
            (json!({ "dns_zone": "otra.es", "name": "www.example.es" }), Membership::Outside),
            (json!({ "zone": "otra.es", "name": 7 }), Membership::Outside),
        ] {
            assert_eq!(membership(&item, &zone), expected, "{item}");
        }
        for item in [
            json!({ "zone": "example.es", "dns_zone": "otra.es", "name": "www" }),
            json!({ "zone": "example.es", "record": { "zone": "otra.es", "name": "www" } }),
            json!({ "zone": { "id": 7 }, "name": "www" }),
            json!({ "zone": 7, "name": "www.example.es" }),
            json!({ "zone": null, "name": "www" }),
            json!({ "name": "@" }),
            json!({ "name": "" }),
            json!({ "name": "notexample.es" }),
            json!({ "zone": "example.es" }),
            json!({ "zone": "example.es", "name": "a..b" }),
            json!({ "zone": "example.es", "name": "www.otra.es." }),
            json!("www.example.es"),
        ] {
            assert!(matches!(membership(&item, &zone), Membership::Unclear(_)), "{item}");
        }
    }
}
