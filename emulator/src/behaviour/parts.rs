//! The parts of a hosting and the certificates, as far as their roles do not say it all.

use serde_json::{Value, json};

use super::generic::{self, create, create_item};
use super::table::Special;
use super::{Call, absent, conflicts, domains, lay_over, orders};
use crate::answer::{Outcome, Refused};
use crate::codes;
use crate::world::clock::{add_years, date, parse};
use crate::world::{Ending, Item, SERVICES, World, below};

/// The answer of an operation that has a hand of its own.
pub(super) fn answer(call: &mut Call<'_>) -> Option<Outcome> {
    Some(match call.operation.row.special {
        Special::None => return None,
        Special::Order => orders::order(call),
        Special::ServiceRead => orders::read(call),
        Special::ServiceStatus => orders::status(call),
        Special::ServiceDelete => orders::delete(call),
        Special::CloudClone { white } => orders::clone(call, white),
        Special::DomainRegister => domains::register(call),
        Special::DomainTransfer => domains::transfer(call),
        Special::DomainRenew => domains::renew(call),
        Special::DomainWhois => domains::whois(call),
        Special::DomainAvailable => domains::available(call),
        Special::DomainPrice => domains::price_of(call),
        Special::DnsCreate => dns_create(call),
        Special::DnsUpdate => dns_update(call),
        Special::DnsAdvanced => dns_advanced(call),
        Special::DnsRecreate => dns_recreate(call),
        Special::DnsTtl => dns_ttl(call),
        Special::DatabaseCreate => database_create(call),
        Special::DatabaseUpdate => known_users(call).and_then(|()| generic::update(call)),
        Special::DatabaseUserDelete => database_user_delete(call),
        Special::MailboxSize => mailbox_size(call),
        Special::MailboxLogin => mailbox_login(call),
        Special::ListEmails => list_emails(call),
        Special::SslPfx => ssl_pfx(call),
        Special::SslRenew => ssl_renew(call),
        Special::SslReissue => ssl_reissue(call),
    })
}

/// Records of a new zone: name, type and data, as an order of a record writes them.
pub(crate) fn default_records(zone: &str) -> Vec<Value> {
    let mut records = vec![
        json!({"name": "@", "type": "A", "data": {"ip": "192.0.2.10"}}),
        json!({"name": "www", "type": "CNAME", "data": {"target": zone}}),
        json!({"name": "mail", "type": "A", "data": {"ip": "192.0.2.25"}}),
        json!({"name": "@", "type": "MX", "data": {"priority": 10, "exchange": format!("mail.{zone}")}}),
    ];
    records.extend(advanced_records());
    records
}

/// What the panel's one button makes; the name suffixes are those of the vendor's client.
fn advanced_records() -> Vec<Value> {
    vec![
        json!({"name": "@", "type": "SPF", "data": {"value": "v=spf1 a mx -all"}}),
        json!({"name": "default._domainkey", "type": "DKIM", "data": {"value": "v=DKIM1; k=rsa; p=ZW11bGF0b3I"}}),
        json!({"name": "_dmarc", "type": "DMARC", "data": {"value": "v=DMARC1; p=quarantine"}}),
    ]
}

pub(crate) fn add_records(world: &mut World, service: &str, zone: &str, records: Vec<Value>) {
    let place = below(SERVICES, service, "dns");
    let ttl = zone_ttl(world, service);
    for record in records {
        let key = world.next("services/*/dns", 12_344).to_string();
        let item = json!({"id": key, "zone": zone, "ttl": ttl, "record": record});
        world.insert(&place, &key, item.as_object().cloned().unwrap_or_default());
    }
}

fn zone_ttl(world: &World, service: &str) -> Value {
    world.get(SERVICES, service).and_then(|item| item.get("dns_ttl")).cloned().unwrap_or(json!(3600))
}

/// Refuses a zone that the service does not hold.
fn known_zone(call: &Call<'_>, zone: &str) -> Result<(), Refused> {
    let service = call.world.get(SERVICES, call.service());
    let zones = service.and_then(|item| item.get("zones")).and_then(Value::as_array);
    let Some(zones) = zones else { return Ok(()) };
    if zones.iter().filter_map(Value::as_str).any(|known| known.eq_ignore_ascii_case(zone)) {
        return Ok(());
    }
    let known: Vec<&str> = zones.iter().filter_map(Value::as_str).collect();
    let message = format!("{} holds no zone `{zone}`; it holds: {}", call.service(), known.join(", "));
    Err(Refused::new(&codes::REFERENCE, message))
}

fn dns_create(call: &mut Call<'_>) -> Outcome {
    if let Some(zone) = call.text("/zone") {
        known_zone(call, zone)?;
    }
    let mut item = call.keepable();
    item.insert("ttl".to_owned(), zone_ttl(call.world, call.service()));
    conflicts::check_cname(call.world, &call.collection(), None, &item)?;
    create_item(call, item)
}

fn dns_update(call: &mut Call<'_>) -> Outcome {
    if let Some(zone) = call.text("/zone") {
        known_zone(call, zone)?;
    }
    let (place, key) = call.item()?;
    let update = call.keepable();
    let schema = call.operation.body.as_ref().map_or(&Value::Null, |body| body.schema());
    let mut item = call.world.get(&place, &key).cloned().ok_or_else(|| absent(&place, &key))?;
    let kind = |members: &Item| members.get("record").and_then(|record| record.get("type")).cloned();
    // The data of one type say nothing in another.
    if kind(&update).is_some_and(|new| Some(new) != kind(&item))
        && let Some(record) = item.get_mut("record").and_then(Value::as_object_mut)
    {
        record.remove("data");
    }
    lay_over(&call.api.tree, schema, &mut item, update);
    conflicts::check_cname(call.world, &place, Some(&key), &item)?;
    call.world.insert(&place, &key, item.clone());
    Ok(call.written(&format!("updated {key}"), None, Some(&item)))
}

/// The argument of `/dns/WORD/{dns_zone}`, which must be a zone of the service.
fn zone(call: &Call<'_>) -> Result<String, Refused> {
    let zone = call.values.last().cloned().unwrap_or_default();
    known_zone(call, &zone).map(|()| zone)
}

fn dns_advanced(call: &mut Call<'_>) -> Outcome {
    let zone = zone(call)?;
    let service = call.service().to_owned();
    let is = |item: &Item, kind: &Value| {
        item.get("zone").and_then(Value::as_str) == Some(zone.as_str())
            && item.get("record").and_then(|record| record.get("type")) == Some(kind)
    };
    let place = below(SERVICES, &service, "dns");
    let missing: Vec<Value> = advanced_records()
        .into_iter()
        .filter(|record| !call.world.list(&place).any(|item| is(item, record.get("type").unwrap_or(&Value::Null))))
        .collect();
    for record in &missing {
        let item = json!({"zone": zone, "record": record});
        conflicts::check_cname(call.world, &place, None, item.as_object().unwrap_or(&Item::new()))?;
    }
    let message = format!("advanced records of {zone}: {} added", missing.len());
    add_records(call.world, &service, &zone, missing);
    Ok(call.written(&message, None, None))
}

fn dns_recreate(call: &mut Call<'_>) -> Outcome {
    let zone = zone(call)?;
    let service = call.service().to_owned();
    call.world.clear(&below(SERVICES, &service, "dns"), |item| {
        item.get("zone").and_then(Value::as_str) != Some(zone.as_str())
    });
    add_records(call.world, &service, &zone, default_records(&zone));
    Ok(call.written(&format!("recreated {zone}"), None, None))
}

fn dns_ttl(call: &mut Call<'_>) -> Outcome {
    let zone = zone(call)?;
    let service = call.service().to_owned();
    let ttl = call.body_member("/ttl/value").cloned().unwrap_or(json!(3600));
    if ttl.as_i64().is_none_or(|seconds| !(1..=604_800).contains(&seconds)) {
        return Err(call.refuse_member("/ttl/value", "1 to 604800 seconds", "another number"));
    }
    if let Some(item) = call.world.get_mut(SERVICES, &service) {
        item.insert("dns_ttl".to_owned(), ttl.clone());
    }
    let place = below(SERVICES, &service, "dns");
    let keys: Vec<String> =
        call.world.list(&place).filter_map(|item| item.get("id")?.as_str()).map(str::to_owned).collect();
    for key in keys {
        if let Some(item) = call.world.get_mut(&place, &key) {
            item.insert("ttl".to_owned(), ttl.clone());
        }
    }
    Ok(call.written(&format!("time to live of {zone}: {ttl} s"), None, None))
}

/// Refuses a database that names users who are not there.
fn known_users(call: &Call<'_>) -> Result<(), Refused> {
    let place = below(SERVICES, call.service(), "db/user");
    let users = call.body_member("/users").and_then(Value::as_array);
    for (index, user) in users.into_iter().flatten().enumerate() {
        let Some(id) = user.get("id_user").and_then(Value::as_str) else { continue };
        if call.world.find_key(&place, id, None).is_none() {
            let message = format!("/users/{index}/id_user names `{id}`, who is not there; create the user first");
            return Err(Refused::new(&codes::REFERENCE, message));
        }
    }
    Ok(())
}

fn database_create(call: &mut Call<'_>) -> Outcome {
    known_users(call)?;
    conflicts::check_unique(call, &call.collection(), None)?;
    let privileges = call.body_member("/new_user/privileges").cloned();
    let name = call.text("/db_name").unwrap_or_default();
    let taken = call.world.find_key(&call.collection(), name, None).is_some();
    let Some(privileges) = privileges.filter(|_| !taken) else { return create(call) };
    let place = below(SERVICES, call.service(), "db/user");
    let user = new_user(call, &place);
    let mut item = call.keepable();
    item.remove("new_user");
    item.insert("users".to_owned(), json!([{"id_user": user, "privileges": privileges}]));
    create_item(call, item)
}

fn new_user(call: &mut Call<'_>, place: &str) -> String {
    loop {
        let key = format!("dbuser{}", call.world.next(&format!("{place}/"), 0));
        if call.world.get(place, &key).is_none() {
            let item = json!({"id": key, "user": key, "ip_host": "localhost"});
            call.world.insert(place, &key, item.as_object().cloned().unwrap_or_default());
            return key;
        }
    }
}

/// A user who is gone has no rights in any database either.
fn database_user_delete(call: &mut Call<'_>) -> Outcome {
    let (_, user) = generic::target(call)?;
    let place = below(SERVICES, call.service(), "db");
    let names: Vec<String> =
        call.world.list(&place).filter_map(|item| item.get("id")?.as_str()).map(str::to_owned).collect();
    for name in names {
        let users = call.world.get_mut(&place, &name).and_then(|item| item.get_mut("users")?.as_array_mut());
        if let Some(users) = users {
            users.retain(|entry| entry.get("id_user").and_then(Value::as_str) != Some(user.as_str()));
        }
    }
    generic::delete(call)
}

fn mailbox_size(call: &Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    let used = key.bytes().fold(17_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 900);
    Ok(call.data(json!({"email": key, "size": item.get("size"), "used_mb": used})))
}

fn mailbox_login(call: &Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    let login = item.get("swpanel_login").cloned().unwrap_or_else(|| json!({"activate": false}));
    Ok(call.data(json!({"email": key, "swpanel_login": login})))
}

/// Addresses come as one text, joined by semicolons.
fn addresses(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|address| !address.is_empty()).map(str::to_owned).collect()
}

fn list_emails(call: &mut Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    let known = item.get("destination").and_then(|destination| destination.get("emails")).and_then(Value::as_str);
    let mut emails = addresses(known.unwrap_or_default());
    if let Some(text) = call.text("/add/email") {
        if call.body_member("/add/overwrite") == Some(&Value::Bool(true)) {
            emails.clear();
        }
        for address in addresses(text) {
            if !emails.contains(&address) {
                emails.push(address);
            }
        }
    }
    if let Some(text) = call.text("/delete/emails") {
        let gone = addresses(text);
        emails.retain(|address| !gone.contains(address));
    }
    let message = format!("{key} has {} addresses", emails.len());
    let item = call.world.get_mut(&place, &key).ok_or_else(|| absent(&place, &key))?;
    item.insert("destination".to_owned(), json!({"emails": emails.join(";")}));
    let item = item.clone();
    Ok(call.written(&message, None, Some(&item)))
}

fn ssl_pfx(call: &Call<'_>) -> Outcome {
    let (_, key) = call.item()?;
    // What a caller gets is a text in base64, which says itself that it is no certificate.
    Ok(call.data(json!({"id": key, "encoding": "base64", "pfx": "ZW11bGF0b3I6IG5vdCBhIHJlYWwgUEZY"})))
}

fn ssl_renew(call: &mut Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let now = call.world.now;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    // By the manuals these certificates stand in the same portfolio and cannot be renewed like this.
    if item.get("type").and_then(Value::as_str) == Some("lets_encrypt") {
        let message = format!("the certificate {key} is one of Let's Encrypt, which renews itself");
        return Err(Refused::new(&codes::STATE, message));
    }
    let expires = item.get("expires").and_then(Value::as_str).and_then(parse).unwrap_or(now);
    let members = json!({"status": "valid", "expires": date(add_years(expires, 1))});
    let ending = Ending::Set(members.as_object().cloned().unwrap_or_default());
    call.world.start(&place, &key, "renew", call.settings.jobs.due(now), ending);
    let item = call.world.get(&place, &key).cloned();
    Ok(call.written(&format!("renew: {key}"), None, item.as_ref()))
}

fn ssl_reissue(call: &mut Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let now = call.world.now;
    let members = json!({"status": "valid", "issued": date(now)});
    let ending = Ending::Set(members.as_object().cloned().unwrap_or_default());
    call.world.start(&place, &key, "reissue", call.settings.jobs.due(now), ending);
    let item = call.world.get(&place, &key).cloned();
    Ok(call.written(&format!("reissue: {key}"), None, item.as_ref()))
}
