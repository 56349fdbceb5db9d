//! Zones as text: `dns export` writes a zone file, `dns plan` says what a zone file would change, `dns apply` does it,
//! if the zone is still the one that the plan was made for.

mod apply;
mod bind;
mod entries;
mod extras;
#[cfg(test)]
mod fuzz;
pub(crate) mod inferred;
mod listed;
pub(crate) mod membership;
pub(crate) mod name;
mod plan;
mod record;
mod steps;
#[cfg(test)]
mod tests;
mod ttl;
mod write;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::arguments::{Parsed, flag};
use crate::body::judge;
use crate::commands::{ANSWERS, Builtin, CALLS, no_more, value};
use crate::failure::{Exit, Failure};
use crate::files::write;
use crate::output::{self, Format};
use crate::outputs::{Files, refuse_foreign};
use crate::request::{Request, path};
use crate::session::{self, Session};
use crate::table::Command;
pub(crate) use apply::APPLY;
use extras::NotWritten;
use listed::{LeftAlone, Listing};
use name::Name;
pub(crate) use name::ascii;
use plan::Plan;
use record::Record;

const LIST: (&str, &str) = ("GET", "/services/{service}/dns/");
const CREATE: (&str, &str) = ("POST", "/services/{service}/dns/");
const DELETE: (&str, &str) = ("DELETE", "/services/{service}/dns/{record_id}");

/// More than this share of a zone is not deleted unless it is said so, in per cent.
const THRESHOLD: usize = 30;

/// The most lines about records that are left alone; JSON has all.
const MOST_LINES: usize = 20;

pub(crate) const EXPORT: Builtin = Builtin {
    words: &["dns", "export"],
    values: "SERVICE ZONE",
    summary: "Write a zone as a BIND zone file",
    text: "The file reads back to the same records: planned again, it changes nothing. SOA, the zone's own NS and the \
           records of its signer are left to the panel. A record that does not show its zone, or that cannot be written so \
           that it reads back, is written as a comment and reported, and the exit code is then 8. The properties of a \
           listed record are known by no evidence; they are taken to be those of the create call. Members that a zone \
           file has no place for are named in comments and on standard error; the exit code is 8 where one is a part of \
           the record or its data. A target of one label without a final dot is relative to the zone.",
    flags: &[],
    heeds: &[CALLS, ANSWERS],
    hidden: false,
    run: export,
};

pub(crate) const PLAN: Builtin = Builtin {
    words: &["dns", "plan"],
    values: "SERVICE ZONE FILE",
    summary: "Say what a zone file would change; nothing is changed",
    text: "FILE is a zone file in UTF-8, as `dns export` writes it; `-` is standard input. A record that differs is deleted \
           and created; the plan shows the steps in their order. Left alone, and reported with the reason: SOA and the \
           zone's own NS, and every listed record that does not certainly belong to the zone or is not understood. No plan \
           is made where such a record is at a name that the file adds to. A record that replaces one of its name and type \
           gets the members of that one that a zone file has no place for. The types AAAA, CAA, NS, PTR, SPF and TXT are \
           inferred: that the API accepts them was never proven. A plan changes no TTL, since the API sets one \
           for the whole zone; it says which differ. $INCLUDE and $GENERATE are not understood. --out keeps the plan for \
           `dns apply`.",
    flags: &[flag("out", ' ', Some("PLAN"), "Where the plan is kept; replaces an older plan, but no other file")],
    heeds: &[CALLS, ANSWERS],
    hidden: false,
    run: plan_file,
};

fn command((method, path): (&str, &str), name: &str) -> Result<&'static Command, Failure> {
    Command::find(method, path).ok_or_else(|| Failure::absent(method, path, name))
}

/// The name of a zone that was given.
fn zone_named(given: &str) -> Result<Name, Failure> {
    Name::zone(given).ok_or_else(|| {
        Failure::usage(format!("`{given}` cannot be the name of a zone")).hint("give it as in `example.es`")
    })
}

/// What is listed of a zone.
async fn listing(session: &Session, service: &str, zone: &Name, name: &str) -> Result<Listing, Failure> {
    let list = command(LIST, name)?;
    let request = Request::raw(list.method, &path(list, &[service.to_owned()])?, Vec::new(), None);
    let answer = session.send(&request).await?;
    match answer.get("result") {
        Some(Value::Array(items)) => Ok(Listing::of(items, zone)),
        // An empty list arrives as one; anything else would look like an empty zone.
        _ => Err(Failure::other(format!("{} {} answered without a list in `result`", list.method, list.path))),
    }
}

/// Lines about records that are left alone.
fn left_alone_lines(prefix: &str, left: &[&LeftAlone]) -> Vec<String> {
    let mut lines: Vec<String> = left.iter().take(MOST_LINES).map(|one| format!("{prefix}: {}", one.shown())).collect();
    if let Some(more) = left.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        lines.push(format!("{prefix}: {more} more; `-o json` shows all"));
    }
    lines
}

fn export(parsed: &Parsed) -> Result<Exit, Failure> {
    let (service, zone) = (value(parsed, 0, "SERVICE")?, zone_named(value(parsed, 1, "ZONE")?)?);
    no_more(parsed, 2)?;
    let session = Session::open(&parsed.given)?;
    let listing = session::run(listing(&session, service, &zone, "dns export"))?;
    if listing.records.is_empty() && listing.left_alone.is_empty() {
        return Err(Failure::new(
            Exit::NotFound,
            "not-found",
            format!("no record of the zone `{}` is listed for {service}", zone.without_dot()),
        ));
    }
    let text = write::write(&zone, &listing);
    let not_exported: Vec<&LeftAlone> = listing.not_exported().collect();
    let not_written = NotWritten::of(&listing.records);
    match Format::of(&parsed.given)? {
        Format::Table => output::out(&text)?,
        _ => {
            let shown: Vec<String> = not_exported.iter().map(|one| one.shown()).collect();
            let count = listing.records.len();
            let members: Vec<Value> = not_written.iter().map(NotWritten::to_json).collect();
            output::answer(
                &json!({
                    "zone": zone.without_dot(),
                    "text": text,
                    "records": count,
                    "not_understood": shown,
                    "not_written": members,
                }),
                &parsed.given,
            )?;
        }
    }
    for one in not_written.iter().take(MOST_LINES) {
        output::note(&parsed.given, &format!("not written: {}\n", one.shown()));
    }
    if let Some(more) = not_written.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        output::note(&parsed.given, &format!("not written: {more} more members; `-o json` shows all\n"));
    }
    if not_exported.is_empty() {
        let is_whole = !not_written.iter().any(|one| one.is_of_record);
        return Ok(if is_whole { Exit::Ok } else { Exit::Partial });
    }
    for line in left_alone_lines("not exported", &not_exported) {
        output::note(&parsed.given, &format!("{line}\n"));
    }
    let count = not_exported.len();
    output::note(&parsed.given, &format!("{count} listed records are not exported; they are comments in the file\n"));
    Ok(Exit::Partial)
}

fn plan_file(parsed: &Parsed) -> Result<Exit, Failure> {
    let (service, zone) = (value(parsed, 0, "SERVICE")?, zone_named(value(parsed, 1, "ZONE")?)?);
    let file = value(parsed, 2, "FILE")?;
    no_more(parsed, 3)?;
    if let Some(place) = parsed.given.get("out") {
        let path = std::path::Path::new(place);
        Files::default().reads("the zone file", file).writes("the plan of `--out`", path).check()?;
        refuse_foreign("the plan of `--out`", path, |start| {
            String::from_utf8_lossy(start).contains("\"swpanel_dns_plan\"")
        })?;
    }
    let mut wanted = bind::read(&entries::read_text(file)?, &zone)?;
    let session = Session::open(&parsed.given)?;
    let listing = session::run(listing(&session, service, &zone, "dns plan"))?;
    // What is there already under the name that the standard gives it is certain.
    let is_listed = |one: &bind::Wanted| listing.records.iter().any(|known| known.record == one.record);
    let (certain, doubtful): (Vec<_>, Vec<_>) = std::mem::take(&mut wanted.doubtful).into_iter().partition(is_listed);
    wanted.records.extend(certain);
    let plan = Plan::of(service, &listing, &wanted.records)?;
    let mut notes: Vec<String> = Vec::new();
    for one in &doubtful {
        let (line, name) = (one.line, &one.record.name);
        notes.push(format!(
            "left out: line {line}: {}: without a final dot its name is `{name}.{name}.`, but most likely the zone itself is \
             meant, whose {} the panel makes; write `{name}.{name}.` if the name below the zone is meant",
            one.record, one.record.kind
        ));
    }
    for one in &wanted.left_out {
        notes.push(format!("left out: line {}: {}: the panel makes this record by itself", one.line, one.record));
    }
    notes.extend(left_alone_lines("left alone", &plan.left_alone.iter().collect::<Vec<_>>()));
    let create = command(CREATE, "dns plan")?;
    let inferred = inferred::types(create);
    let mut unproven: BTreeSet<&str> = BTreeSet::new();
    for one in &plan.create {
        let record = &one.record;
        let word = record.word();
        // The document may not have a type of the panel; that is said now, not half way through.
        if let Err(failure) = judge(create, &one.body(&plan.zone)) {
            notes.push(format!("the document does not allow `{record}` (type {word}): {}", failure.what));
        } else if inferred.contains(word) {
            unproven.insert(word);
        }
    }
    if !unproven.is_empty() {
        let words: Vec<&str> = unproven.into_iter().collect();
        notes.push(format!(
            "inferred, never proven against the API: that it accepts {} and the members of their data; after `dns apply`, \
             look with `swpanel dns list`",
            words.join(", ")
        ));
    }
    for (what, members) in &plan.lost {
        notes.push(format!("deleting {what} also loses its members {}", members.join(", ")));
    }
    let relative = wanted.records.iter().filter(|one| one.is_relative).map(|one| &one.record);
    let relative: BTreeSet<&Record> = relative.collect();
    let created = plan.create.iter().map(|one| &one.record).filter(|record| relative.contains(record));
    notes.extend(created.filter_map(|record| missing_dot(&record.name, &zone)));
    notes.extend(ttl::notes(&plan, &wanted.records, &listing));
    if let Some(place) = parsed.given.get("out") {
        write(std::path::Path::new(place), plan.to_file().as_bytes())
            .map_err(|error| Failure::other(format!("the plan cannot be written to `{place}`: {error}")))?;
    }
    if plan.is_empty() {
        notes.push("nothing to do: no record is to be created or deleted".to_owned());
    } else if plan.share() > THRESHOLD {
        let share = plan.share();
        notes.push(format!(
            "the plan deletes {share} % of the zone; `dns apply` refuses more than {THRESHOLD} % without --delete-threshold"
        ));
    }
    match Format::of(&parsed.given)? {
        Format::Table => output::out(&plan.to_text())?,
        _ => {
            let mut told = plan.to_json();
            if let Some(properties) = told.as_object_mut() {
                properties.insert("notes".to_owned(), json!(notes));
            }
            output::answer(&told, &parsed.given)?;
        }
    }
    notes.iter().for_each(|note| output::note(&parsed.given, &format!("{note}\n")));
    Ok(Exit::Ok)
}

/// A note on a name that is its zone or ends like it: the final dot was most likely forgotten.
fn missing_dot(name: &str, zone: &Name) -> Option<String> {
    let zone = zone.without_dot();
    (name == zone || name.ends_with(&format!(".{zone}"))).then(|| {
        format!("`{name}` in the zone file has no final dot, so it names `{name}.{zone}.`; write `{name}.` if that is not meant")
    })
}
