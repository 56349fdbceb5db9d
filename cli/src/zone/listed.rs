//! Records as the API lists them to the form that is compared. No evidence names the properties of a listed record. They
//! are taken to be those of the create call, in `record` or at the top. What is different is left alone and reported.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bind;
use super::extras::Extras;
use super::membership::{Membership, listed_name, membership, parts, spelling, zone_of};
use super::name::{Name, Written};
use super::record::{Data, Record, is_of_the_panel, plain, quoted_bytes};

/// A listed record of the zone that is understood.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// Its id, where it has one of its own.
    pub(super) id: Option<String>,
    /// The API's own name of the type.
    pub(super) word: String,
    pub(super) ttl: Option<u32>,
    pub(super) record: Record,
    /// Members that a zone file has no place for.
    pub(super) extras: Extras,
}

impl Listed {
    /// The record with its id, for a person.
    pub(super) fn shown(&self) -> String {
        let id = self.id.as_ref().map(|id| format!(" (id {})", safe(id))).unwrap_or_default();
        format!("{}{id}", self.record)
    }
}

/// Why a listed record is neither changed nor compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The panel makes it by itself.
    OfThePanel,
    /// It does not show that it belongs to the zone.
    Unclear,
    /// It is a record of the zone, and cannot be read or written as a record.
    NotUnderstood,
    /// It shows no id of its own, so it cannot be deleted.
    NoId,
}

/// A listed record that is left alone.
#[derive(Clone, Debug)]
pub(super) struct LeftAlone {
    pub(super) id: Option<String>,
    /// Its name as one of this zone; nothing where it shows none.
    pub(super) name: Option<String>,
    /// The name that it would have if its listed name, which is that of the zone, were relative to it.
    pub(super) may_be: Option<String>,
    /// Its type as a zone file writes it; nothing where it shows none.
    pub(super) kind: Option<String>,
    pub(super) what: String,
    pub(super) why: &'static str,
    pub(super) reason: Reason,
}

impl LeftAlone {
    /// One line for a person.
    pub(super) fn shown(&self) -> String {
        let id = self.id.as_ref().map(|id| format!(" (id {})", safe(id))).unwrap_or_default();
        format!("{}{id}: {}", self.what, self.why)
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "id": self.id, "what": self.what, "why": self.why })
    }
}

/// A zone as it is listed.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) records: Vec<Listed>,
    pub(super) left_alone: Vec<LeftAlone>,
    /// How the API spells the zone.
    pub(super) spelled: String,
}

impl Listing {
    /// What a list of records has of a zone.
    pub(super) fn of(items: &[Value], zone: &Name) -> Self {
        let spelled = spelling(items, zone).unwrap_or_else(|| zone.without_dot());
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        items.iter().filter_map(id).for_each(|id| *uses.entry(id).or_default() += 1);
        // Zones below this one, whose names are within it too.
        let below: BTreeSet<Name> =
            items.iter().filter_map(zone_of).filter(|other| other != zone && other.is_within(zone)).collect();
        let mut listing = Self { records: Vec::new(), left_alone: Vec::new(), spelled };
        for item in items {
            let id = id(item).filter(|id| uses.get(id) == Some(&1));
            match listed(item, zone, &below) {
                Ok(Some((word, record))) => {
                    let extras = Extras::of(item, &record.kind);
                    listing.records.push(Listed { id, word, ttl: ttl(item), record, extras });
                }
                Ok(None) => {}
                Err((reason, name, why)) => {
                    let kind = listed_type(item).map(kind_of);
                    let what = shown(item, name.as_deref(), kind.as_deref(), zone);
                    let may_be = label_of_zone(item, zone);
                    listing.left_alone.push(LeftAlone { id, name, may_be, kind, what, why, reason });
                }
            }
        }
        listing
    }

    /// The records that cannot be part of an export.
    pub(super) fn not_exported(&self) -> impl Iterator<Item = &LeftAlone> {
        self.left_alone.iter().filter(|one| one.reason != Reason::OfThePanel)
    }
}

type NotListed = (Reason, Option<String>, &'static str);

/// The record of an item with the API's name of its type; nothing where it is of another zone.
fn listed(item: &Value, zone: &Name, below: &BTreeSet<Name>) -> Result<Option<(String, Record)>, NotListed> {
    let name = match membership(item, zone) {
        Membership::Inside(name) => name,
        Membership::Outside => return Ok(None),
        Membership::ByName(name) => {
            let full = listed_name(item).and_then(Written::read).map(|written| written.name);
            let is_below =
                |other: &Name| other.is_within(zone) && full.as_ref().is_some_and(|full| full.is_within(other));
            if below.iter().any(is_below) {
                return Err((Reason::Unclear, Some(name), "it shows no zone and may be of a zone below this one"));
            }
            name
        }
        Membership::Unclear(why) => return Err((Reason::Unclear, possible_name(item, zone), why)),
    };
    let refused = |reason, why| (reason, Some(name.clone()), why);
    if is_switched_off(item) {
        return Err(refused(Reason::NotUnderstood, "it is switched off, which a zone file cannot say"));
    }
    let word = listed_type(item).ok_or_else(|| refused(Reason::NotUnderstood, "it shows no type"))?;
    let kind = kind_of(word);
    if is_of_the_panel(&kind, &name) {
        return Err(refused(Reason::OfThePanel, "the panel makes this record by itself"));
    }
    let data = data(item, &kind, zone)
        .ok_or_else(|| refused(Reason::NotUnderstood, "its data are not understood as data of its type"))?;
    let record = Record { name: name.clone(), kind, data };
    // What is written must read back to the same record, or an export planned again would delete it.
    if bind::read_line(&record.to_string(), zone).as_ref() != Some(&record) {
        return Err(refused(Reason::NotUnderstood, "it cannot be written as a record of a zone file"));
    }
    Ok(Some((word.to_owned(), record)))
}

/// Whether an item says that its record is not served. In a zone file it would come back as one that is.
fn is_switched_off(item: &Value) -> bool {
    let says = |value: &Value, words: [&str; 4]| match value {
        Value::Bool(said) => words.contains(&said.to_string().as_str()),
        other => string(other).is_some_and(|text| words.contains(&text.trim().to_lowercase().as_str())),
    };
    parts(item).into_iter().filter_map(Value::as_object).flatten().any(|(name, value)| match name.as_str() {
        "active" | "enabled" | "is_active" | "is_enabled" => says(value, ["false", "0", "no", "off"]),
        "disabled" | "inactive" | "suspended" | "is_disabled" => says(value, ["true", "1", "yes", "on"]),
        _ => false,
    })
}

/// The name that an item would have if it were of the zone.
fn possible_name(item: &Value, zone: &Name) -> Option<String> {
    let listed = listed_name(item)?.trim();
    if matches!(listed, "" | "@") {
        return Some("@".to_owned());
    }
    let name = Written::read(listed)?.name;
    name.relative_to(zone).or_else(|| name.below(zone)?.relative_to(zone))
}

/// The relative name that reads like the zone, where an item is listed under the zone's name without a final dot: it may
/// be the zone itself, or a name of one or more labels below it.
fn label_of_zone(item: &Value, zone: &Name) -> Option<String> {
    let written = Written::read(listed_name(item)?)?;
    (!written.is_absolute && written.name == *zone).then(|| zone.without_dot())
}

fn listed_type(item: &Value) -> Option<&str> {
    parts(item).into_iter().find_map(|part| part.get("type")?.as_str()).map(str::trim).filter(|word| !word.is_empty())
}

/// The type of a zone file for a type of the API. `AAA` is what the example client sends for IPv6.
fn kind_of(word: &str) -> String {
    match word.to_uppercase().as_str() {
        "AAA" => "AAAA".to_owned(),
        "DKIM" | "DMARC" | "SPF" => "TXT".to_owned(),
        other => other.to_owned(),
    }
}

/// The id of an item, by the names that it may have.
fn id(item: &Value) -> Option<String> {
    ["id", "record_id", "id_record"].iter().find_map(|name| string(item.get(*name)?)).filter(|id| !id.is_empty())
}

fn string(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn ttl(item: &Value) -> Option<u32> {
    parts(item).into_iter().rev().find_map(|part| string(part.get("ttl")?)?.trim().parse().ok())
}

fn data(item: &Value, kind: &str, zone: &Name) -> Option<Data> {
    let [record, _] = parts(item);
    let data = record.get("data")?;
    let part = |name: &str| string(data.get(name)?);
    let short = |name: &str| part(name)?.trim().parse::<u16>().ok();
    let byte = |name: &str| part(name)?.trim().parse::<u8>().ok();
    let name = |of: &str| target(&part(of)?, zone);
    Some(match kind {
        "A" => Data::Address(part("ip")?.trim().parse::<std::net::Ipv4Addr>().ok()?.to_string()),
        "AAAA" => Data::Address(part("ip")?.trim().parse::<std::net::Ipv6Addr>().ok()?.to_string()),
        "CNAME" | "NS" | "PTR" | "DNAME" => Data::Target(name("target")?),
        "MX" => Data::Mail { priority: short("priority")?, exchange: name("exchange")? },
        "SRV" => Data::Service {
            priority: short("priority")?,
            weight: short("weight")?,
            port: short("port")?,
            target: name("target")?,
        },
        "TLSA" => Data::Association {
            usage: byte("usage")?,
            selector: byte("selector")?,
            matching: byte("matching_type")?,
            certificate: part("certificate")?.to_lowercase().split_whitespace().collect(),
        },
        "TXT" => Data::Text(plain(&part("value")?)),
        other => {
            let value = match part("tag").filter(|_| other == "CAA") {
                Some(tag) => {
                    let flags = match data.get("flags") {
                        None | Some(Value::Null) => 0,
                        Some(_) => byte("flags")?,
                    };
                    format!("{flags} {} {}", tag.trim(), quoted_bytes(plain(&part("value")?).as_bytes()))
                }
                None => part("value")?,
            };
            // The reader of zone files knows what is data of this type.
            let read = bind::read_line(&format!("x {other} {value}"), zone)?;
            if read.kind != other || read.name != "x" {
                return None;
            }
            read.data
        }
    })
}

/// A listed target. The document's examples have full names without a final dot, so a name with a dot in it is taken as
/// full; a single label is relative to the zone, as the names of records are.
fn target(text: &str, zone: &Name) -> Option<Name> {
    if text.trim() == "@" {
        return Some(zone.clone());
    }
    let Written { name, is_absolute } = Written::read(text)?;
    match (is_absolute, name.label_count()) {
        (true, _) | (false, 2..) => Some(name),
        (false, 1) => name.below(zone),
        (false, _) => None,
    }
}

/// What a listed record is, in one line of ASCII: as a zone file has it, else as it is listed.
fn shown(item: &Value, name: Option<&str>, kind: Option<&str>, zone: &Name) -> String {
    let [record, _] = parts(item);
    let read = name.zip(kind).and_then(|(name, kind)| Some(format!("{name} {kind} {}", data(item, kind, zone)?)));
    let text = |name: &str| parts(item).into_iter().find_map(|part| string(part.get(name)?)).unwrap_or_default();
    let listed = || format!("{} {} {}", text("name"), text("type"), record.get("data").unwrap_or(record));
    let mut out = safe(&read.unwrap_or_else(listed));
    if out.len() > 200 {
        out.truncate(197);
        out.push_str("...");
    }
    out.trim().to_owned()
}

/// Text of the API as ASCII without control characters: it can neither begin a line nor steer a terminal.
pub(super) fn safe(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii() && !character.is_ascii_control();
    let one = |character: char| {
        if is_plain(character) { character.to_string() } else { character.escape_unicode().to_string() }
    };
    text.chars().map(one).collect()
}
