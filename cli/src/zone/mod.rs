//! Zones as text: `dns export` writes a zone file, `dns plan` says what a zone file would change, `dns apply` does it,
//! if the zone is still the one that the plan was made for.

mod bind;
#[cfg(test)]
mod fuzz;
mod plan;
mod record;

use serde_json::{Value, json};

use crate::arguments::{Parsed, flag};
use crate::body::{judge, read_file};
use crate::commands::{ANSWERS, Builtin, CALLS, no_more, value};
use crate::confirm::ask_for;
use crate::failure::{Exit, Failure};
use crate::output::{self, Format};
use crate::profiles::write;
use crate::request::{Request, path};
use crate::session::{self, Session};
use crate::table::Command;
use plan::{Kept, Plan, hash};
pub(crate) use record::ascii;
use record::{Listed, target};

const LIST: (&str, &str) = ("GET", "/services/{service}/dns/");
const CREATE: (&str, &str) = ("POST", "/services/{service}/dns/");
const DELETE: (&str, &str) = ("DELETE", "/services/{service}/dns/{record_id}");

/// More than this share of a zone is not deleted unless it is said so.
const THRESHOLD: usize = 30;

pub(crate) const EXPORT: Builtin = Builtin {
    words: &["dns", "export"],
    values: "SERVICE ZONE",
    summary: "Write a zone as a BIND zone file",
    text: "The members of a listed record are known by no evidence; they are taken to be those of the create call. A \
           record that is not so is written as a comment and told, and the exit code is then 8.",
    flags: &[],
    heeds: &[CALLS, ANSWERS],
    hidden: false,
    run: export,
};

pub(crate) const PLAN: Builtin = Builtin {
    words: &["dns", "plan"],
    values: "SERVICE ZONE FILE",
    summary: "Say what a zone file would change; nothing is changed",
    text: "FILE is a zone file, as `dns export` writes it; `-` is standard input. SOA and the zone's own NS are left to \
           the panel. A record that differs is removed and created anew. --out keeps the plan for `dns apply`.",
    flags: &[flag("out", ' ', Some("PLAN"), "Where the plan is kept")],
    heeds: &[CALLS, ANSWERS],
    hidden: false,
    run: plan_file,
};

pub(crate) const APPLY: Builtin = Builtin {
    words: &["dns", "apply"],
    values: "PLAN",
    summary: "Carry out a plan of `dns plan`, if the zone is still the same",
    text: "New records are created before old ones are deleted. The zone is read again first: if it is no more the one of \
           the plan, nothing is done (exit 5). A plan that would delete more than 30 % of the zone is refused (exit 9) \
           unless --delete-threshold allows it.",
    flags: &[flag(
        "delete-threshold",
        ' ',
        Some("PERCENT"),
        "The share of the zone that may be deleted; 30 where it is not given",
    )],
    heeds: &[CALLS, ANSWERS, &["dry-run", "no-validate"]],
    hidden: false,
    run: apply,
};

fn command((method, path): (&str, &str), name: &str) -> Result<&'static Command, Failure> {
    Command::find(method, path).ok_or_else(|| Failure::absent(method, path, name))
}

/// The records of a zone, what of it is not understood, and how the API spells the zone.
async fn listed(
    session: &Session,
    service: &str,
    zone: &str,
    name: &str,
) -> Result<(Vec<Listed>, Vec<String>, String), Failure> {
    let list = command(LIST, name)?;
    let request = Request::raw(list.method, &path(list, &[service.to_owned()])?, Vec::new(), None);
    let answer = session.send(&request).await?;
    let items = answer.get("result").and_then(Value::as_array).cloned().unwrap_or_default();
    let (mut found, mut not_understood) = (Vec::new(), Vec::new());
    let spelled = items.iter().filter_map(|item| item.get("zone")?.as_str()).find(|spelled| target(spelled) == zone);
    let spelled = spelled.unwrap_or(zone).to_owned();
    for item in items.iter().filter_map(|item| Listed::of(item, zone)) {
        match item {
            Ok(one) => found.push(one),
            Err(what) => not_understood.push(what),
        }
    }
    Ok((found, not_understood, spelled))
}

fn export(parsed: &Parsed) -> Result<Exit, Failure> {
    let (service, zone) = (value(parsed, 0, "SERVICE")?, target(value(parsed, 1, "ZONE")?));
    no_more(parsed, 2)?;
    let session = Session::open(&parsed.given)?;
    let (found, not_understood, _) = session::run(listed(&session, service, &zone, "dns export"))?;
    if found.is_empty() && not_understood.is_empty() {
        return Err(Failure::new(
            Exit::NotFound,
            "not-found",
            format!("no record of the zone `{zone}` is listed for {service}"),
        ));
    }
    let text = bind::write(&zone, &found, &not_understood);
    match Format::of(&parsed.given)? {
        Format::Table => output::out(&text)?,
        _ => output::answer(
            &json!({ "zone": zone, "text": text, "records": found.len(), "not_understood": not_understood }),
            &parsed.given,
        )?,
    }
    if not_understood.is_empty() {
        return Ok(Exit::Ok);
    }
    let words = format!("{} records are not understood; they stand as comments\n", not_understood.len());
    output::note(&parsed.given, &words);
    Ok(Exit::Partial)
}

fn plan_file(parsed: &Parsed) -> Result<Exit, Failure> {
    let (service, zone) = (value(parsed, 0, "SERVICE")?, target(value(parsed, 1, "ZONE")?));
    let file = value(parsed, 2, "FILE")?;
    no_more(parsed, 3)?;
    let text = match file {
        "-" => std::io::read_to_string(std::io::stdin()),
        file => std::fs::read_to_string(file),
    };
    let text = text.map_err(|error| Failure::usage(format!("`{file}` cannot be read: {error}")))?;
    let (wanted, left_out) = bind::read(&text, &zone)?;
    let session = Session::open(&parsed.given)?;
    let (found, not_understood, spelled) = session::run(listed(&session, service, &zone, "dns plan"))?;
    if !not_understood.is_empty() {
        // What is not understood would look like something to delete, or to create again.
        return Err(Failure::other(format!(
            "{} records of the zone are not understood, so no plan can be made",
            not_understood.len()
        ))
        .details(not_understood));
    }
    let zone = spelled;
    let plan = Plan::of(service, &zone, &found, &wanted);
    let mut notes: Vec<String> = left_out.iter().map(|what| format!("left out: {what}")).collect();
    let create = command(CREATE, "dns plan")?;
    for record in &plan.create {
        // The document may not have a type of the panel; that is told now, not half way through.
        if let Err(failure) = judge(create, &record.body(&zone)) {
            let (word, why) = (record.word(), &failure.what);
            notes.push(format!("the document does not allow `{record}` (type {word}): {why}"));
        }
    }
    if let Some(place) = parsed.given.get("out") {
        let text = serde_json::to_string_pretty(&plan.to_json()).unwrap_or_default() + "\n";
        write(std::path::Path::new(place), text.as_bytes())
            .map_err(|error| Failure::other(format!("the plan cannot be written to `{place}`: {error}")))?;
    }
    if plan.is_empty() {
        notes.push("nothing to do".to_owned());
    } else if plan.share() > THRESHOLD {
        let share = plan.share();
        notes.push(format!("it would delete {share} % of the zone, more than `dns apply` does by itself"));
    }
    match Format::of(&parsed.given)? {
        Format::Table => output::out(&plan.to_text())?,
        _ => {
            let mut told = plan.to_json();
            if let Some(members) = told.as_object_mut() {
                members.insert("notes".to_owned(), json!(notes));
            }
            output::answer(&told, &parsed.given)?;
        }
    }
    notes.iter().for_each(|note| output::note(&parsed.given, &format!("{note}\n")));
    Ok(Exit::Ok)
}

fn apply(parsed: &Parsed) -> Result<Exit, Failure> {
    let place = value(parsed, 0, "PLAN")?;
    no_more(parsed, 1)?;
    let plan = Kept::read(&read_file(place)?)?;
    let threshold = parsed.given.number::<usize>("delete-threshold")?.unwrap_or(THRESHOLD);
    let share = (plan.delete.len() * 100).checked_div(plan.present).unwrap_or_default();
    if share > threshold {
        let what = format!(
            "not done: the plan deletes {share} % of the zone {}, and {threshold} % is the most allowed",
            plan.zone
        );
        return Err(
            Failure::new(Exit::Refused, "delete-threshold", what).hint("`--delete-threshold PERCENT` allows it")
        );
    }
    let (create, delete) = (command(CREATE, "dns apply")?, command(DELETE, "dns apply")?);
    if !parsed.given.has("no-validate") {
        for (body, _) in &plan.create {
            judge(create, body)?;
        }
    }
    let session = Session::open(&parsed.given)?;
    session::run(async {
        let (found, not_understood, _) = listed(&session, &plan.service, &target(&plan.zone), "dns apply").await?;
        if !not_understood.is_empty() || hash(&found) != plan.state {
            let what = format!("not done: the zone {} is no more as it was when the plan was made", plan.zone);
            return Err(
                Failure::new(Exit::Invalid, "plan-outdated", what).hint("make the plan anew with `swpanel dns plan`")
            );
        }
        Ok(())
    })?;
    if plan.create.is_empty() && plan.delete.is_empty() {
        let told = json!({ "created": 0, "deleted": 0, "zone": plan.zone });
        return output::done("nothing to do\n", &told, &parsed.given).map(|()| Exit::Ok);
    }
    let place = path(create, std::slice::from_ref(&plan.service))?;
    let created = |body: &Value| Request::raw(create.method, &place, Vec::new(), Some(body.clone()));
    let deleted = |id: &String| {
        let place = path(delete, &[plan.service.clone(), id.clone()])?;
        Ok::<_, Failure>(Request::raw(delete.method, &place, Vec::new(), None))
    };
    // What would be refused half way through is refused now.
    for (body, _) in &plan.create {
        session.judge(&created(body))?;
    }
    for (id, _) in &plan.delete {
        session.judge(&deleted(id)?)?;
    }
    if parsed.given.has("dry-run") {
        let words = "nothing was changed (--dry-run); the zone is still the one of the plan\n";
        let (create, delete) = (plan.create.len(), plan.delete.len());
        let told = json!({ "would_create": create, "would_delete": delete, "zone": plan.zone });
        return output::done(words, &told, &parsed.given).map(|()| Exit::Ok);
    }
    ask_for(
        parsed,
        &format!("change the zone {} of {}", plan.zone, plan.service),
        &format!("{} records to create, {} to delete", plan.create.len(), plan.delete.len()),
        "what is deleted is gone; the plan says what it was",
    )?;
    let mut done: Vec<String> = Vec::new();
    let outcome = session::run(async {
        for (body, what) in &plan.create {
            session.send(&created(body)).await?;
            output::note(&parsed.given, &format!("+ {what}\n"));
            done.push(what.clone());
        }
        for (id, what) in &plan.delete {
            session.send(&deleted(id)?).await?;
            output::note(&parsed.given, &format!("- {what}\n"));
            done.push(what.clone());
        }
        Ok(())
    });
    let whole = plan.create.len() + plan.delete.len();
    if let Err(mut failure) = outcome {
        failure
            .details
            .push(format!("{} of {whole} steps were done before; make the plan anew for the rest", done.len()));
        return Err(failure);
    }
    output::answer(
        &json!({ "created": plan.create.len(), "deleted": plan.delete.len(), "zone": plan.zone }),
        &parsed.given,
    )?;
    Ok(Exit::Ok)
}
