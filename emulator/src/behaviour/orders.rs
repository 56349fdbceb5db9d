//! Services: orders of the five kinds, copies, status and the three ways to cancel.

use serde_json::{Value, json};

use super::domains::{self, DOMAINS, one, owned};
use super::parts::{add_records, default_records};
use super::{Call, absent};
use crate::answer::{Outcome, Refused};
use crate::codes;
use crate::world::clock::{add_years, date, parse};
use crate::world::{Due, Ending, Item, SERVICES, World, below};

/// The next id of a service: two letters and three digits, from `XX012` on.
pub(crate) fn service_id(world: &mut World) -> String {
    loop {
        let number = world.next(SERVICES, 11);
        let letters = number / 1_000;
        let letter = |n: u64| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
        // X, X is the pair that the vendor's examples show; later thousands move on from it.
        let pair = 23 * 26 + 23 + letters;
        let id = format!("{}{}{:03}", letter(pair / 26), letter(pair), number % 1_000);
        if world.get(SERVICES, &id).is_none() {
            return id;
        }
    }
}

fn members(value: Value) -> Item {
    match value {
        Value::Object(members) => members,
        _ => Item::new(),
    }
}

/// A service of a kind, as it is right after its order.
pub(crate) fn new_service(world: &World, id: &str, kind: &str, name: &str, status: &str) -> Item {
    let yearly = kind == "hosting";
    let renewal = if yearly { add_years(world.now, 1) } else { world.now + 30 * 86_400 };
    members(json!({
        "id": id,
        "kind": kind,
        "name": name,
        "status": status,
        "created": date(world.now),
        "renewal": date(renewal),
        // By the manuals a cloud is billed by the hour, a hosting by the year.
        "billing": if yearly { "year" } else { "hour" },
        "datacenter": "01",
    }))
}

pub(super) fn order(call: &mut Call<'_>) -> Outcome {
    if !call.scope.services.is_empty() {
        let message = "the token is for certain services and may not order new ones; use a token with a wider scope";
        return Err(Refused::new(&codes::FORBIDDEN, message));
    }
    let hosting = call.body_member("/cloud_server").is_none();
    let name = if hosting { call.text("/domain/name").unwrap_or_default().to_lowercase() } else { String::new() };
    if hosting && let Some(expected) = domains::name_violation(&name) {
        return Err(call.refuse_member("/domain/name", expected, "another text"));
    }
    let id = service_id(call.world);
    let (kind, status) = if hosting { ("hosting", "active") } else { ("cloud", "started") };
    let mut item = new_service(call.world, &id, kind, if hosting { &name } else { &id }, status);
    let ordered = call.keepable();
    for member in ["datacenter", "cloud_server", "hosting"] {
        item.extend(ordered.get(member).map(|value| (member.to_owned(), value.clone())));
    }
    if hosting {
        item.insert("domain".to_owned(), json!(name));
        item.insert("zones".to_owned(), json!([name]));
        let variant = [("/hosting/RHA_id_plan", "rha"), ("/hosting/templates/hosting", "template")]
            .into_iter()
            .chain([("/hosting/templates/id_resouces_limitation", "self_hosted")])
            .find(|(pointer, _)| call.body_member(pointer).is_some())
            .map_or("standard", |(_, variant)| variant);
        item.insert("variant".to_owned(), json!(variant));
        // A hosting on a server of one's own hangs from it.
        let server = call.text("/hosting/servers/web").unwrap_or_default();
        let parent = call.world.find_key(SERVICES, server, None).map(str::to_owned);
        item.extend(parent.map(|parent| ("parent".to_owned(), json!(parent))));
    }
    item.insert("status".to_owned(), json!("pending"));
    call.world.insert(SERVICES, &id, item.clone());
    if hosting {
        equip(call, &id, &name);
    }
    let due = call.settings.jobs.due(call.world.now);
    call.world.start(SERVICES, &id, "order", due, Ending::Set(one("status", json!(status))));
    let item = call.world.get(SERVICES, &id).cloned();
    Ok(call.written(&format!("ordered {id}"), Some(&id), item.as_ref()))
}

/// What comes with a hosting: a zone, a user that jobs run as, the mailbox that was ordered, the name servers of the domain.
fn equip(call: &mut Call<'_>, id: &str, name: &str) {
    add_records(call.world, id, name, default_records(name));
    let user = members(json!({"id": "1001", "user": id.to_lowercase()}));
    call.world.insert(&below(SERVICES, id, "cron/users"), "1001", user);
    if let Some(email) = call.text("/hosting/mailbox/email").map(str::to_owned) {
        let mailbox = json!({
            "id": email,
            "email": email,
            "size": {"unlimited": true},
            "forward": {"activate": false},
            "notify_user": {"activate": false},
            "status": "started",
        });
        call.world.insert(&below(SERVICES, id, "mail/mailbox"), &email, members(mailbox));
    }
    let asked = |pointer: &str| call.body_member(pointer) == Some(&Value::Bool(true));
    if (asked("/domain/register") || asked("/domain/transfer")) && owned(call.world, name).is_none() {
        let item = domains::new_domain(call.world, name, 1);
        let key = item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        call.world.insert(DOMAINS, &key, item);
    }
    // By the manuals an order sets the name servers of a domain of the same account.
    let key = owned(call.world, name).and_then(|item| item.get("id")?.as_str()).map(str::to_owned);
    if let Some(item) = key.and_then(|key| call.world.get_mut(DOMAINS, &key)) {
        item.insert("hostname".to_owned(), json!(["ns1.emulated-hosting.example", "ns2.emulated-hosting.example"]));
    }
}

pub(super) fn clone(call: &mut Call<'_>, white: bool) -> Outcome {
    let (_, source) = call.item()?;
    let id = service_id(call.world);
    let mut item = call.world.get(SERVICES, &source).cloned().ok_or_else(|| absent(SERVICES, &source))?;
    let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
    let copy = json!({
        "id": id,
        "name": format!("{name} ({})", if white { "white copy" } else { "copy" }),
        "status": "pending",
        "created": date(call.world.now),
        "copied_from": source,
    });
    item.remove("pending");
    item.remove("cancellation");
    item.extend(members(copy));
    call.world.insert(SERVICES, &id, item);
    let due = call.settings.jobs.due(call.world.now);
    call.world.start(SERVICES, &id, "clone", due, Ending::Set(one("status", json!("started"))));
    let item = call.world.get(SERVICES, &id).cloned();
    Ok(call.written(&format!("copied {source} to {id}"), Some(&id), item.as_ref()))
}

/// The service in the envelope that other reads have: this one's is not known.
pub(super) fn read(call: &Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    let bound = call.operation.response.binds || call.operation.envelope == crate::document::Envelope::Result;
    Ok(if bound { call.data(Value::Object(item.clone())) } else { call.data(json!({"result": item})) })
}

pub(super) fn status(call: &Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    let mut shown = Item::new();
    for member in ["id", "kind", "status", "pending", "cancellation", "renewal"] {
        shown.extend(item.get(member).map(|value| (member.to_owned(), value.clone())));
    }
    Ok(call.data(Value::Object(shown)))
}

pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let now = call.world.now;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    let renewal = item.get("renewal").and_then(Value::as_str).and_then(parse);
    let mode = call.text("/delete/mode").unwrap_or("immediate").to_owned();
    let (due, status) = match mode.as_str() {
        "end_of_period" => (Some(Due::At(renewal.unwrap_or(now))), None),
        "scheduled" => {
            let day = call.text("/delete/date").unwrap_or_default();
            let hour = call.text("/delete/hour").unwrap_or_default();
            let at = parse(&format!("{day}T{hour}"));
            let Some(at) = at.filter(|_| day.len() == 10 && hour.len() == 5) else {
                return Err(call.refuse_member("/delete/date", "a day YYYY-MM-DD, and an hour HH:MM", "another text"));
            };
            // The contract documents count hours in GMT+2.
            let at = at - 2 * 3_600;
            if at < now {
                let message =
                    format!("the cancellation of {key} is scheduled for the past; the clock shows {}", date(now));
                return Err(Refused::new(&codes::STATE, message));
            }
            (Some(Due::At(at)), None)
        }
        _ => (call.settings.jobs.due(now), Some("deleting")),
    };
    let wish = call.body_member("/delete").cloned().unwrap_or_else(|| json!({"mode": mode}));
    if let Some(item) = call.world.get_mut(&place, &key) {
        item.insert("cancellation".to_owned(), wish);
        item.extend(status.map(|status| ("status".to_owned(), json!(status))));
    }
    let item = call.world.get(&place, &key).cloned();
    call.world.drop_jobs(&place, &key, "cancellation");
    call.world.start(&place, &key, "cancellation", due, Ending::Remove);
    Ok(call.written(&format!("cancellation ({mode}): {key}"), None, item.as_ref()))
}
