//! `dns apply`: carries out a plan step by step, after everything that can be refused was refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::listed::{Listing, safe};
use super::plan::{Kept, KeptStep, hash, share};
use super::{CREATE, DELETE, MOST_LINES, THRESHOLD, command, listing, zone_named};
use crate::arguments::{Parsed, flag};
use crate::body::{judge, read_file};
use crate::commands::{ANSWERS, Builtin, CALLS, no_more, value};
use crate::confirm::ask_for;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::request::{Request, path};
use crate::session::{self, Session};

pub(crate) const APPLY: Builtin = Builtin {
    words: &["dns", "apply"],
    values: "PLAN",
    summary: "Carry out a plan of `dns plan`, if the zone is still the same",
    text: "New records are created before old ones are deleted; where a CNAME and another record change places at one name, \
           the old one is deleted first. The zone is read again first: if it differs from that of the plan, nothing is done \
           (exit 5). A plan that would delete more than 30 % of the zone is refused (exit 9) unless --delete-threshold \
           allows it. What it deletes is not saved for `swpanel undo`: the way back is a zone file that `dns export` \
           wrote before.",
    flags: &[flag("delete-threshold", ' ', Some("PERCENT"), "The share of the zone that may be deleted (default: 30)")],
    heeds: &[CALLS, ANSWERS, &["dry-run", "no-validate"]],
    hidden: false,
    run: apply,
};

fn outdated(zone: &str) -> Failure {
    let what = format!("zone {} has changed since the plan was made; nothing was applied", safe(zone));
    Failure::new(Exit::Invalid, "plan-outdated", what).hint("make a new plan with `swpanel dns plan`")
}

/// Refuses a plan for another state of the zone, or one that deletes what is not a record of it.
fn check_state(plan: &Kept, listing: &Listing) -> Result<(), Failure> {
    if hash(listing) != plan.state {
        return Err(outdated(&plan.zone));
    }
    let known: BTreeMap<&str, String> =
        listing.records.iter().filter_map(|one| Some((one.id.as_deref()?, one.record.to_string()))).collect();
    for step in &plan.steps {
        if let KeptStep::Delete(id, what) = step
            && known.get(id.as_str()) != Some(what)
        {
            let mut failure = outdated(&plan.zone);
            failure.details.push(format!("record {} of the plan is not `{}` in this zone", safe(id), safe(what)));
            return Err(failure);
        }
    }
    Ok(())
}

fn apply(parsed: &Parsed) -> Result<Exit, Failure> {
    let place = value(parsed, 0, "PLAN")?;
    no_more(parsed, 1)?;
    let plan = Kept::read(&read_file(place)?)?;
    let threshold = parsed.given.number::<usize>("delete-threshold")?.unwrap_or(THRESHOLD);
    let (created, deleted) = (plan.created(), plan.deleted());
    let (create, delete) = (command(CREATE, "dns apply")?, command(DELETE, "dns apply")?);
    if !parsed.given.has("no-validate") {
        for step in &plan.steps {
            if let KeptStep::Create(body, _) = step {
                judge(create, body)?;
            }
        }
    }
    let zone = zone_named(&plan.zone)?;
    let session = Session::open(&parsed.given)?;
    let listing = session::run(listing(&session, &plan.service, &zone, "dns apply"))?;
    check_state(&plan, &listing)?;
    if plan.steps.is_empty() {
        let told = json!({ "created": 0, "deleted": 0, "zone": plan.zone });
        return output::done("nothing to do\n", &told, &parsed.given).map(|()| Exit::Ok);
    }
    let share = share(deleted, listing.records.len());
    if share > threshold {
        let zone = safe(&plan.zone);
        let what = format!("the plan deletes {share} % of zone {zone}, more than {threshold} %; nothing was applied");
        return Err(Failure::new(Exit::Refused, "delete-threshold", what)
            .hint("read the plan; `--delete-threshold PERCENT` allows it"));
    }
    // What would be refused half way through is refused now.
    let mut requests = Vec::new();
    for step in &plan.steps {
        let request = match step {
            KeptStep::Create(body, _) => {
                let place = path(create, std::slice::from_ref(&plan.service))?;
                Request::raw(create.method, &place, Vec::new(), Some(body.clone()))
            }
            KeptStep::Delete(id, _) => {
                let place = path(delete, &[plan.service.clone(), id.clone()])?;
                Request::raw(delete.method, &place, Vec::new(), None)
            }
        };
        session.judge(&request)?;
        requests.push((step, request));
    }
    let steps: Vec<String> = plan.steps.iter().map(KeptStep::shown).collect();
    if parsed.given.has("dry-run") {
        let lines: String = steps.iter().map(|step| format!("{step}\n")).collect();
        let words = format!("{lines}nothing was changed (--dry-run); the zone is still the one of the plan\n");
        let told = json!({ "would_create": created, "would_delete": deleted, "steps": steps, "zone": plan.zone });
        return output::done(&words, &told, &parsed.given).map(|()| Exit::Ok);
    }
    ask_for(
        parsed,
        &format!("change the zone {} of {}", safe(&plan.zone), safe(&plan.service)),
        &format!("{created} records to create, {deleted} to delete"),
        "deleted records are not saved for `swpanel undo`; a zone file from `swpanel dns export` brings them back",
    )?;
    let mut done = 0usize;
    let outcome = session::run(async {
        for (step, request) in &requests {
            session.send(request).await?;
            done += 1;
            output::note(&parsed.given, &format!("{}\n", step.shown()));
        }
        Ok(())
    });
    if let Err(mut failure) = outcome {
        failure.details.extend(progress(&steps, done));
        return Err(failure);
    }
    let told: Value = json!({ "created": created, "deleted": deleted, "zone": plan.zone });
    output::answer(&told, &parsed.given)?;
    Ok(Exit::Ok)
}

/// What was done of the steps, which one failed, and what comes next.
fn progress(steps: &[String], done: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(earlier) = done.checked_sub(MOST_LINES).filter(|earlier| *earlier > 0) {
        lines.push(format!("done: {earlier} steps before these"));
    }
    let last = steps.iter().take(done).skip(done.saturating_sub(MOST_LINES));
    lines.extend(last.map(|step| format!("done: {step}")));
    if let Some(step) = steps.get(done) {
        lines.push(format!("failed: {step} (step {} of {})", done + 1, steps.len()));
    }
    let rest = steps.len().saturating_sub(done + 1);
    lines.extend(steps.iter().skip(done + 1).take(MOST_LINES).map(|step| format!("not sent: {step}")));
    if let Some(more) = rest.checked_sub(MOST_LINES).filter(|more| *more > 0) {
        lines.push(format!("not sent: {more} more steps"));
    }
    lines.push("make a new plan with `swpanel dns plan`; it has what is left to do".to_owned());
    lines
}
