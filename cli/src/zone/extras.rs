//! Members of a listed record that a zone file has no place for. An export names them; a plan that replaces the record
//! sends them again with the new one, since they would be lost with the old one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::listed::{Listed, safe};
use super::record::{Data, Record};
use crate::failure::Failure;

/// Members that are read: those of the create call, those that name the zone, and those that say whether it is served.
const RECORD: [&str; 14] = [
    "name",
    "type",
    "data",
    "ttl",
    "zone",
    "dns_zone",
    "active",
    "enabled",
    "is_active",
    "is_enabled",
    "disabled",
    "inactive",
    "suspended",
    "is_disabled",
];

/// The unknown members of a listed record, but for empty ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Extras {
    /// Those of `record.data`, which a new record gets too.
    data: Map<String, Value>,
    /// Those of `record`, likewise.
    record: Map<String, Value>,
    /// Names of the others: ids, and what stands beside `record`. They are shown, and never sent.
    unsent: Vec<String>,
}

impl Extras {
    /// The unknown members of an item, the type of whose record is known.
    pub(super) fn of(item: &Value, kind: &str) -> Self {
        let mut extras = Self::default();
        let nested = item.get("record").and_then(Value::as_object);
        let data = nested.map_or_else(|| item.get("data"), |record| record.get("data")).and_then(Value::as_object);
        for (name, value) in unknown(data, data_members(kind)) {
            if is_id(name) {
                extras.unsent.push(format!("data.{name}"));
            } else {
                extras.data.insert(name.clone(), value.clone());
            }
        }
        for (name, value) in unknown(nested, &RECORD) {
            if is_id(name) {
                extras.unsent.push(name.clone());
            } else {
                extras.record.insert(name.clone(), value.clone());
            }
        }
        let beside = unknown(item.as_object(), &RECORD);
        let beside = beside.filter(|(name, _)| !(is_id(name) || (*name == "record" && nested.is_some())));
        extras.unsent.extend(beside.map(|(name, _)| name.clone()));
        extras
    }

    /// Whether a new record would get nothing of it.
    pub(super) fn is_unsent(&self) -> bool {
        self.data.is_empty() && self.record.is_empty()
    }

    /// Names of the members that a new record gets.
    pub(super) fn sent(&self) -> Vec<String> {
        let of_data = self.data.keys().map(|name| format!("data.{name}"));
        of_data.chain(self.record.keys().cloned()).map(|name| safe(&name)).collect()
    }

    /// Names of the members that a new record does not get, but for ids.
    fn beside(&self) -> Vec<String> {
        let is_own = |name: &&String| is_id(name.strip_prefix("data.").unwrap_or(name));
        self.unsent.iter().filter(|name| !is_own(name)).map(|name| safe(name)).collect()
    }

    /// Names of all members.
    fn all(&self) -> Vec<String> {
        self.sent().into_iter().chain(self.unsent.iter().map(|name| safe(name))).collect()
    }

    /// What of it a new record gets, as one text: two texts are the same only where the members are.
    pub(super) fn to_text(&self) -> String {
        json!([self.data, self.record]).to_string()
    }

    /// Whether a member seems to be made of the data that are replaced, so that sending it again would contradict the
    /// new ones.
    pub(super) fn repeats(&self, data: &Data) -> bool {
        let part = data.main_part();
        let says = |value: &Value| value.as_str().is_some_and(|said| said.contains(&part));
        part.len() > 2 && self.data.values().chain(self.record.values()).any(says)
    }

    /// Adds the members to the body of a create call; what it has already stays.
    pub(super) fn add_to(&self, body: &mut Value) {
        let mut add = |pointer: &str, members: &Map<String, Value>| {
            let Some(object) = body.pointer_mut(pointer).and_then(Value::as_object_mut) else { return };
            for (name, value) in members {
                object.entry(name.clone()).or_insert_with(|| value.clone());
            }
        };
        add("/record", &self.record);
        add("/record/data", &self.data);
    }
}

/// The members of an object that are not among the known ones and hold something.
fn unknown<'i>(
    object: Option<&'i Map<String, Value>>,
    known: &'static [&'static str],
) -> impl Iterator<Item = (&'i String, &'i Value)> {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    object.into_iter().flatten().filter(move |(name, value)| !known.contains(&name.as_str()) && !is_empty(value))
}

/// An id is of the record that it was given to.
fn is_id(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "id" || name.starts_with("id_") || name.ends_with("_id")
}

/// The members of the data that a record of this type is read from.
fn data_members(kind: &str) -> &'static [&'static str] {
    match kind {
        "A" | "AAAA" => &["ip"],
        "CNAME" | "NS" | "PTR" | "DNAME" => &["target"],
        "MX" => &["priority", "exchange"],
        "SRV" => &["priority", "weight", "port", "target"],
        "TLSA" => &["usage", "selector", "matching_type", "certificate"],
        "CAA" => &["flags", "tag", "value"],
        _ => &["value"],
    }
}

/// A record to delete, and the names of its members that no new record gets.
pub(super) type Lost = (String, Vec<String>);

/// A record to create.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    pub(super) record: Record,
    /// Members of the record that it replaces, which it gets too.
    pub(super) extras: Extras,
}

impl Creation {
    /// The body of the call that creates it.
    pub(super) fn body(&self, zone: &str) -> Value {
        let mut body = self.record.body(zone);
        self.extras.add_to(&mut body);
        body
    }
}

/// New records with the unknown members of those that they replace: the deleted ones of their name and type. The second
/// part is the deleted records whose members no new record gets.
pub(super) fn with_extras(create: Vec<Record>, gone: &[&Listed]) -> Result<(Vec<Creation>, Vec<Lost>), Failure> {
    let mut replaced: BTreeMap<(&str, &str), Vec<&Listed>> = BTreeMap::new();
    for one in gone {
        replaced.entry((&one.record.name, &one.record.kind)).or_default().push(one);
    }
    let mut kept = BTreeSet::new();
    let mut created = Vec::new();
    for record in create {
        let key = (record.name.as_str(), record.kind.as_str());
        let olds = replaced.get(&key).map(Vec::as_slice).unwrap_or_default();
        let extras = match olds.first() {
            Some(first) if olds.iter().any(|one| !one.extras.is_unsent()) => {
                let is_alike = olds.iter().all(|one| one.extras.to_text() == first.extras.to_text());
                if !is_alike || olds.iter().any(|one| one.extras.repeats(&one.record.data)) {
                    return Err(unclear_members(&record, olds));
                }
                kept.extend(olds.iter().filter_map(|one| one.id.clone()));
                first.extras.clone()
            }
            _ => Extras::default(),
        };
        created.push(Creation { record, extras });
    }
    let mut lost = Vec::new();
    for one in gone {
        let mut members = one.extras.beside();
        if !one.id.as_ref().is_some_and(|id| kept.contains(id)) {
            members.extend(one.extras.sent());
        }
        if !members.is_empty() {
            lost.push((one.shown(), members));
        }
    }
    Ok((created, lost))
}

/// Members of replaced records of which it is not clear what a new record would have of them.
fn unclear_members(record: &Record, olds: &[&Listed]) -> Failure {
    let one = |old: &&Listed| format!("{} has {}", old.shown(), old.extras.sent().join(", "));
    Failure::other(format!(
        "no plan can be made: `{record}` would replace records with members that a zone file has no place for, and it is \
         not clear which of them the new record should have"
    ))
    .details(olds.iter().filter(|old| !old.extras.is_unsent()).map(one).collect())
    .hint("change such a record by its id with `swpanel dns update`, then make a new plan")
}

/// Members that an export cannot write, each with how many records have it and which is the first.
#[derive(Debug)]
pub(super) struct NotWritten {
    pub(super) member: String,
    pub(super) records: usize,
    first: String,
    /// Whether it is a part of the record, and not only of its entry in the list.
    pub(super) is_of_record: bool,
}

impl NotWritten {
    /// All of a listing, in the order of their names.
    pub(super) fn of(records: &[Listed]) -> Vec<Self> {
        let mut found: BTreeMap<String, Self> = BTreeMap::new();
        for one in records {
            let sent = one.extras.sent();
            for member in one.extras.all() {
                let entry = found.entry(member.clone()).or_insert_with(|| Self {
                    is_of_record: false,
                    first: one.shown(),
                    records: 0,
                    member: member.clone(),
                });
                entry.records += 1;
                entry.is_of_record |= sent.contains(&member);
            }
        }
        found.into_values().collect()
    }

    /// One line for a person.
    pub(super) fn shown(&self) -> String {
        let mut first = self.first.clone();
        if first.len() > 120 {
            first = format!("{}...", first.get(..117).unwrap_or_default());
        }
        match self.records {
            1 => format!("member `{}` of {first}", self.member),
            count => format!("member `{}` of {count} records, the first is {first}", self.member),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "member": self.member, "records": self.records, "first": self.first })
    }
}
