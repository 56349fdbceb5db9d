//! What a zone is and what it shall be, to what has to be done; and the file that keeps a plan with the state that it
//! was made for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::bind::Wanted;
use super::extras::{Creation, Lost, with_extras};
use super::listed::{LeftAlone, Listed, Listing, Reason, safe};
use super::record::Record;
use super::steps::{Change, Step, steps};
use crate::failure::Failure;

/// A record whose time to live differs between zone file and list.
#[derive(Debug)]
pub(super) struct TtlDifference {
    pub(super) what: String,
    /// That of the listed record, or of the zone where the record is new.
    pub(super) listed: u32,
    pub(super) wanted: u32,
}

/// What has to be done to a zone.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) service: String,
    pub(super) zone: String,
    /// SHA-256 of the state it was made for.
    pub(super) state: String,
    /// Records of the zone that are listed and understood.
    pub(super) present: usize,
    pub(super) create: Vec<Creation>,
    /// Records to delete, with their ids.
    pub(super) delete: Vec<(String, Record)>,
    /// Records whose members are lost with them.
    pub(super) lost: Vec<Lost>,
    pub(super) left_alone: Vec<LeftAlone>,
    pub(super) ttls: Vec<TtlDifference>,
}

/// The hash of a state: every record with its id, whatever the order they came in. What the panel makes by itself is no
/// part of it: the serial of an SOA changes with every change elsewhere.
pub(super) fn hash(listing: &Listing) -> String {
    let known = listing.records.iter().map(|one| {
        // A plan sends these again, so they are a part of the state.
        let extras = if one.extras.is_unsent() { String::new() } else { format!(" {}", one.extras.to_text()) };
        format!("{} {}{extras}\n", one.id.as_deref().unwrap_or("-"), one.record)
    });
    let left = listing.not_exported().map(|one| format!("{}\n", one.shown()));
    let mut lines: Vec<String> = known.chain(left).collect();
    lines.sort();
    let digest = Sha256::digest(lines.concat().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Plan {
    /// The plan from a listing to the records of a zone file.
    pub(super) fn of(service: &str, listing: &Listing, wanted: &[Wanted]) -> Result<Self, Failure> {
        let mut left_alone = listing.left_alone.clone();
        let mut listed: BTreeMap<&Record, Vec<&Listed>> = BTreeMap::new();
        listing.records.iter().for_each(|one| listed.entry(&one.record).or_default().push(one));
        let mut counts: BTreeMap<&Record, usize> = BTreeMap::new();
        wanted.iter().for_each(|one| *counts.entry(&one.record).or_default() += 1);
        let mut delete = Vec::new();
        let mut gone: Vec<&Listed> = Vec::new();
        for (record, entries) in &listed {
            // A record that is listed twice and twice in the file stays: an export changes nothing.
            for one in entries.iter().skip(counts.get(record).copied().unwrap_or_default()) {
                match &one.id {
                    Some(id) => {
                        delete.push((id.clone(), (*record).clone()));
                        gone.push(one);
                    }
                    None => left_alone.push(LeftAlone {
                        id: None,
                        name: Some(record.name.clone()),
                        may_be: None,
                        kind: Some(record.kind.clone()),
                        what: record.to_string(),
                        why: "it is not in the file, and shows no id of its own that it could be deleted by",
                        reason: Reason::NoId,
                    }),
                }
            }
        }
        let create: Vec<Record> =
            counts.keys().filter(|record| !listed.contains_key(*record)).map(|record| (*record).clone()).collect();
        check_aliases(&create, wanted)?;
        check_left_alone(&create, &left_alone)?;
        let (create, lost) = with_extras(create, &gone)?;
        let common = super::ttl::common(listing);
        let ttls = wanted.iter().filter_map(|one| {
            // A new record gets the time to live of its zone.
            let known = listed.get(&one.record).map_or(common, |entries| entries.first()?.ttl)?;
            let wanted = one.ttl.filter(|ttl| *ttl != known)?;
            Some(TtlDifference { what: one.record.to_string(), listed: known, wanted })
        });
        Ok(Self {
            service: service.to_owned(),
            zone: listing.spelled.clone(),
            state: hash(listing),
            present: listing.records.len(),
            ttls: ttls.collect(),
            create,
            delete,
            lost,
            left_alone,
        })
    }

    /// How much of what is there would go, in per cent.
    pub(super) fn share(&self) -> usize {
        share(self.delete.len(), self.present)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.create.is_empty() && self.delete.is_empty()
    }

    fn steps(&self) -> Vec<Step> {
        let create: Vec<Change<'_>> = self.create.iter().map(|one| change(&one.record)).collect();
        let delete: Vec<Change<'_>> = self.delete.iter().map(|(_, record)| change(record)).collect();
        steps(&create, &delete)
    }

    /// Lines for a person: what comes and what goes, in the order in which it is done.
    pub(super) fn to_text(&self) -> String {
        let mut out = String::new();
        for step in self.steps() {
            match step {
                Step::Create(at) => {
                    let Some(Creation { record, extras }) = self.create.get(at) else { continue };
                    let kept = if extras.is_unsent() {
                        String::new()
                    } else {
                        format!(", keeps {}", extras.sent().join(", "))
                    };
                    out.push_str(&format!("+ {record}  (type {} of the API{kept})\n", record.word()));
                }
                Step::Delete(at) => {
                    let Some((id, record)) = self.delete.get(at) else { continue };
                    out.push_str(&format!("- {record}  (id {})\n", safe(id)));
                }
            }
        }
        out.push_str(&format!(
            "{}: {} to create, {} of {} to delete, state {}\n",
            safe(&self.zone),
            self.create.len(),
            self.delete.len(),
            self.present,
            self.state.get(..12).unwrap_or_default()
        ));
        out
    }

    /// The plan as a file. What it is known by comes first, however long the plan is.
    pub(super) fn to_file(&self) -> String {
        let mut plan = self.to_json();
        if let Some(properties) = plan.as_object_mut() {
            properties.remove(MARK);
        }
        let text = serde_json::to_string_pretty(&plan).unwrap_or_default();
        format!("{{\n  \"{MARK}\": {VERSION},{}\n", text.strip_prefix('{').unwrap_or_default())
    }

    pub(super) fn to_json(&self) -> Value {
        let mut create: Vec<Value> = self
            .create
            .iter()
            .map(|one| json!({ "body": one.body(&self.zone), "what": one.record.to_string(), "keeps": one.extras.sent() }))
            .collect();
        let mut delete: Vec<Value> =
            self.delete.iter().map(|(id, record)| json!({ "id": id, "what": record.to_string() })).collect();
        for (step, number) in self.steps().into_iter().zip(1u64..) {
            let entry = match step {
                Step::Create(at) => create.get_mut(at),
                Step::Delete(at) => delete.get_mut(at),
            };
            if let Some(entry) = entry.and_then(Value::as_object_mut) {
                entry.insert("step".to_owned(), json!(number));
            }
        }
        let ttls: Vec<Value> = self
            .ttls
            .iter()
            .map(|one| json!({ "what": one.what, "listed": one.listed, "wanted": one.wanted }))
            .collect();
        json!({
            (MARK): VERSION,
            "service": self.service,
            "zone": self.zone,
            "state": self.state,
            "present": self.present,
            "create": create,
            "delete": delete,
            "left_alone": self.left_alone.iter().map(LeftAlone::to_json).collect::<Vec<_>>(),
            "ttl": ttls,
        })
    }
}

/// What a plan file is known by, and its version.
const MARK: &str = "swpanel_dns_plan";
const VERSION: u64 = 2;

fn change(record: &Record) -> Change<'_> {
    Change { name: &record.name, is_alias: record.is_alias() }
}

/// The share of deleted records, in per cent, rounded up: a threshold of 0 allows none.
pub(super) fn share(deleted: usize, present: usize) -> usize {
    if deleted == 0 { 0 } else { (deleted * 100).div_ceil(present.max(1)) }
}

/// Refuses a new record that would be beside a CNAME: RFC 1034, 3.6.2, allows nothing else at its name.
fn check_aliases(create: &[Record], wanted: &[Wanted]) -> Result<(), Failure> {
    let mut by_name: BTreeMap<&str, Vec<&Wanted>> = BTreeMap::new();
    wanted.iter().for_each(|one| by_name.entry(&one.record.name).or_default().push(one));
    let created: BTreeSet<&str> = create.iter().map(|record| record.name.as_str()).collect();
    for name in created {
        let here = by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let Some(alias) = here.iter().find(|one| one.record.is_alias()) else { continue };
        let line = alias.line;
        if name == "@" {
            return Err(Failure::usage(format!("line {line} of the zone file has a CNAME for the zone itself"))
                .hint("a CNAME cannot be beside SOA and NS, which every zone has; use an address"));
        }
        let distinct: BTreeSet<&Record> = here.iter().map(|one| &one.record).collect();
        if distinct.len() > 1 {
            let what =
                format!("line {line} of the zone file has a CNAME for `{name}`, and that name has other records");
            let others = distinct.iter().map(|record| record.to_string()).collect();
            return Err(Failure::usage(what).details(others).hint("a name with a CNAME can have nothing else"));
        }
    }
    Ok(())
}

/// Refuses to create a record where something is listed that cannot be compared: it may be the same record, or be in the
/// way of a CNAME.
fn check_left_alone(create: &[Record], left_alone: &[LeftAlone]) -> Result<(), Failure> {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for record in create {
        kinds.entry(&record.name).or_default().insert(&record.kind);
    }
    let is_at = |one: &LeftAlone, name: &str| {
        let Some(created) = kinds.get(name) else { return false };
        match &one.kind {
            Some(kind) => kind == "CNAME" || created.contains(kind.as_str()) || created.contains("CNAME"),
            None => true,
        }
    };
    let is_in_the_way = |one: &&LeftAlone| {
        // A record of the zone itself that may be one of a name below it.
        let may_be = one.may_be.as_ref().is_some_and(|name| is_at(one, name));
        may_be
            || one.reason != Reason::OfThePanel && one.name.as_ref().map_or(!kinds.is_empty(), |name| is_at(one, name))
    };
    let in_the_way: Vec<String> = left_alone.iter().filter(is_in_the_way).map(LeftAlone::shown).collect();
    if in_the_way.is_empty() {
        return Ok(());
    }
    Err(Failure::other(format!(
        "no plan can be made: {} listed records cannot be compared with what the zone file adds at their names",
        in_the_way.len()
    ))
    .details(in_the_way)
    .hint("look with `swpanel dns list`; delete or change such a record by its id, or take its name out of the file"))
}

/// A step as a plan file keeps it.
#[derive(Clone, Debug)]
pub(super) enum KeptStep {
    /// The body to send, and what it is.
    Create(Value, String),
    /// The id, and what it is.
    Delete(String, String),
}

impl KeptStep {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Create(_, what) => format!("+ {}", safe(what)),
            Self::Delete(_, what) => format!("- {}", safe(what)),
        }
    }
}

/// A plan from its file: what is to be created stays the body that was shown.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) service: String,
    pub(super) zone: String,
    pub(super) state: String,
    pub(super) steps: Vec<KeptStep>,
}

impl Kept {
    pub(super) fn read(value: &Value) -> Result<Self, Failure> {
        let wrong =
            || Failure::usage("this is not a plan").hint("`swpanel dns plan SERVICE ZONE FILE --out PLAN` writes one");
        match value.get(MARK).and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(_) => {
                return Err(Failure::usage("this plan was made by another version of swpanel; nothing was sent")
                    .hint("make a new plan with `swpanel dns plan`"));
            }
            None => return Err(wrong()),
        }
        let text =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(wrong);
        let list = |name: &str| value.get(name).and_then(Value::as_array).ok_or_else(wrong);
        let zone = text(value, "zone")?;
        let mut steps: BTreeMap<u64, KeptStep> = BTreeMap::new();
        let (create, delete) = (list("create")?, list("delete")?);
        for one in create {
            let body = one.get("body").cloned().ok_or_else(wrong)?;
            if body.get("zone").and_then(Value::as_str) != Some(zone.as_str()) {
                return Err(Failure::usage(format!(
                    "the plan is for the zone {} and has a record of another zone",
                    safe(&zone)
                ))
                .hint("make a new plan with `swpanel dns plan`; nothing was sent"));
            }
            steps.insert(step(one).ok_or_else(wrong)?, KeptStep::Create(body, text(one, "what")?));
        }
        for one in delete {
            steps.insert(step(one).ok_or_else(wrong)?, KeptStep::Delete(text(one, "id")?, text(one, "what")?));
        }
        if steps.len() != create.len() + delete.len() {
            return Err(wrong());
        }
        let steps = steps.into_values().collect();
        Ok(Self { service: text(value, "service")?, state: text(value, "state")?, zone, steps })
    }

    pub(super) fn created(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, KeptStep::Create(..))).count()
    }

    pub(super) fn deleted(&self) -> usize {
        self.steps.len() - self.created()
    }
}

fn step(entry: &Value) -> Option<u64> {
    entry.get("step").and_then(Value::as_u64)
}
