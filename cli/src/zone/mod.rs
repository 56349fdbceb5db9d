//! Zones as text: `dns export` writes a zone file, `dns plan` says what a zone file would change, `dns apply` does it,
//! if the zone is still the one that the plan was made for.

mod apply;
mod bind;
mod entries;
#[cfg(test)]
mod fuzz;
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
use listed::{LeftAlone, Listing};
use name::Name;
pub(crate) use name::ascii;
use plan::Plan;

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
           listed record are known by no evidence; they are taken to be those of the create call. A target of one label \
           without a final dot is relative to the zone.",
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
           is made where such a record is at a name that the file adds to. A plan changes no TTL, since the API sets one \
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
    match Format::of(&parsed.given)? {
        Format::Table => output::out(&text)?,
        _ => {
            let shown: Vec<String> = not_exported.iter().map(|one| one.shown()).collect();
            let count = listing.records.len();
            output::answer(
                &json!({ "zone": zone.without_dot(), "text": text, "records": count, "not_understood": shown }),
                &parsed.given,
            )?;
        }
    }
    if not_exported.is_empty() {
        return Ok(Exit::Ok);
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
    let wanted = bind::read(&entries::read_text(file)?, &zone)?;
    let session = Session::open(&parsed.given)?;
    let listing = session::run(listing(&session, service, &zone, "dns plan"))?;
    let plan = Plan::of(service, &listing, &wanted.records)?;
    let mut notes: Vec<String> = Vec::new();
    for one in &wanted.left_out {
        notes.push(format!("left out: line {}: {}: the panel makes this record by itself", one.line, one.record));
    }
    notes.extend(left_alone_lines("left alone", &plan.left_alone.iter().collect::<Vec<_>>()));
    let create = command(CREATE, "dns plan")?;
    for record in &plan.create {
        // The document may not have a type of the panel; that is said now, not half way through.
        if let Err(failure) = judge(create, &record.body(&plan.zone)) {
            let (word, why) = (record.word(), &failure.what);
            notes.push(format!("the document does not allow `{record}` (type {word}): {why}"));
        }
    }
    notes.extend(plan.create.iter().filter_map(|record| missing_dot(&record.name, &zone)));
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

/// A note on a name that ends like its zone: the final dot was most likely forgotten.
fn missing_dot(name: &str, zone: &Name) -> Option<String> {
    let zone = zone.without_dot();
    name.ends_with(&format!(".{zone}")).then(|| {
        format!("`{name}` in the zone file has no final dot, so it names `{name}.{zone}.`; write `{name}.` if that is not meant")
    })
}
