//! Domains: registration, transfer, renewal, who owns what, what is free, and what it costs.
//!
//! All names of members and all prices are invented; only the rules that the manuals state are followed.

use serde_json::{Value, json};

use super::Call;
use crate::answer::{Outcome, Refused};
use crate::codes;
use crate::world::clock::{add_years, date, parse};
use crate::world::{Ending, Item, World};

pub(super) const DOMAINS: &str = "domains";
const CONTACTS: &str = "domains/contact";

/// Names that are taken by others, besides those of the account.
const TAKEN: &[&str] = &["google.com", "wikipedia.org", "swhosting.com", "swpanel.com", "red.es", "nic.es"];

/// Why a name is no domain.
pub(crate) fn name_violation(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = name.split('.').collect();
    let fits = |label: &&str| {
        (1..=63).contains(&label.chars().count())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    match () {
        () if name.chars().count() > 253 => Some("a name of at most 253 characters"),
        () if labels.len() < 2 => Some("a name with an extension, such as example.es"),
        () if !labels.iter().all(fits) => Some("labels of letters, digits and hyphens, 1 to 63 each"),
        () if labels.last().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit())) => {
            Some("an extension of letters")
        }
        () => None,
    }
}

/// The price of an extension, net of tax. Any extension has one, always the same.
pub(crate) fn price(extension: &str) -> Value {
    let extension = extension.trim_start_matches('.').to_lowercase();
    let cents: u64 = match extension.as_str() {
        "es" | "com.es" | "org.es" | "nom.es" => 795,
        "com" | "net" | "org" => 1_195,
        "cat" => 1_995,
        "eu" => 895,
        "barcelona" | "madrid" | "gal" | "eus" => 3_495,
        other => 1_495 + other.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 40) * 100,
    };
    let euro = |cents: u64| cents as f64 / 100.0;
    json!({
        "extension": extension,
        "currency": "EUR",
        "years": 1,
        "register": euro(cents),
        "transfer": euro(cents.saturating_sub(100)),
        "renew": euro(cents + 100),
    })
}

fn extension_of(name: &str) -> &str {
    let (_, rest) = name.split_once('.').unwrap_or(("", name));
    // A host of a domain: what costs is the last part, or the last two where they are sold together.
    let sold = ["com.es", "org.es", "nom.es", "co.uk"];
    sold.into_iter()
        .find(|sold| rest == *sold || rest.ends_with(&format!(".{sold}")))
        .unwrap_or_else(|| rest.rsplit_once('.').map_or(rest, |(_, last)| last))
}

/// The domain of the account with this name, in either spelling of an internationalised one.
pub(super) fn owned<'a>(world: &'a World, name: &str) -> Option<&'a Item> {
    let name = name.strip_suffix('.').unwrap_or(name).to_lowercase();
    let is = |item: &Item, member: &str| item.get(member).and_then(Value::as_str) == Some(name.as_str());
    world.list(DOMAINS).find(|item| is(item, "domain") || is(item, "punycode"))
}

fn checked_name(call: &Call<'_>, pointer: &str, name: &str) -> Result<String, Refused> {
    match name_violation(name) {
        Some(expected) => Err(call.refuse_member(pointer, expected, "another text")),
        None => Ok(name.strip_suffix('.').unwrap_or(name).to_lowercase()),
    }
}

pub(super) fn whois(call: &Call<'_>) -> Outcome {
    let name = checked_name(call, "path:domain", call.value(1))?;
    let data = if let Some(item) = owned(call.world, &name) {
        json!({
            "domain": item.get("domain"),
            "registered": true,
            "registrar": "Emulated registrar",
            "created": item.get("created"),
            "expires": item.get("expires"),
            "hostname": item.get("hostname"),
            "status": item.get("status"),
        })
    } else if TAKEN.contains(&name.as_str()) {
        json!({
            "domain": name,
            "registered": true,
            "registrar": "Another registrar",
            "created": "1999-03-14",
            "expires": date(add_years(call.world.now, 2)),
            "hostname": [format!("ns1.{name}"), format!("ns2.{name}")],
            "status": "active",
        })
    } else {
        json!({"domain": name, "registered": false})
    };
    Ok(call.data(data))
}

pub(super) fn available(call: &Call<'_>) -> Outcome {
    let name = checked_name(call, "path:domain", call.value(1))?;
    let taken = owned(call.world, &name).is_some() || TAKEN.contains(&name.as_str());
    // By the manuals a taken name is shown with the price of its transfer.
    let price = price(extension_of(&name));
    let cost = if taken { price.get("transfer") } else { price.get("register") };
    Ok(call.data(json!({"domain": name, "available": !taken, "price": cost, "currency": "EUR"})))
}

pub(super) fn price_of(call: &Call<'_>) -> Outcome {
    let extension = call.value(2).trim_start_matches('.');
    if let Some(expected) = name_violation(&format!("example.{extension}")) {
        return Err(call.refuse_member("path:extension", expected, "another text"));
    }
    Ok(call.data(price(extension)))
}

pub(super) fn register(call: &mut Call<'_>) -> Outcome {
    let name = checked_name(call, "/domain", call.text("/domain").unwrap_or_default())?;
    if owned(call.world, &name).is_some() || TAKEN.contains(&name.as_str()) {
        let message = format!("{name} is taken; ask for another name, or transfer it");
        return Err(Refused::new(&codes::EXISTS, message));
    }
    let years = call.body_member("/years").and_then(Value::as_i64).unwrap_or(1);
    if !(1..=10).contains(&years) {
        // By the manuals ten years are the most that a renewal may come to.
        return Err(call.refuse_member("/years", "1 to 10", &years.to_string()));
    }
    enter(call, &name, years, "register")
}

pub(super) fn transfer(call: &mut Call<'_>) -> Outcome {
    let name = checked_name(call, "/domain", call.text("/domain").unwrap_or_default())?;
    if owned(call.world, &name).is_some() {
        let message = format!("{name} is in this account already; there is nothing to transfer");
        return Err(Refused::new(&codes::EXISTS, message));
    }
    enter(call, &name, 1, "transfer")
}

/// Puts a domain into the portfolio, pending as long as the settings say.
fn enter(call: &mut Call<'_>, name: &str, years: i64, action: &str) -> Outcome {
    super::conflicts::check_name_servers(call)?;
    for role in ["registrant", "administrative", "technical"] {
        let pointer = format!("/contacts/{role}/id_contact");
        let Some(id) = call.text(&pointer) else { continue };
        if call.world.find_key(CONTACTS, id, None).is_none() {
            let message = format!("{pointer} names the contact `{id}`, which is not there; create the contact first");
            return Err(Refused::new(&codes::REFERENCE, message));
        }
    }
    let autorenew = call.body_member("/additional/autorenew/enable").cloned().unwrap_or(json!(true));
    let mut item = new_domain(call.world, name, years);
    item.insert("status".to_owned(), json!("pending"));
    item.insert("autorenew".to_owned(), autorenew);
    for member in ["contacts", "hostname"] {
        item.extend(call.body_member(&format!("/{member}")).map(|value| (member.to_owned(), value.clone())));
    }
    let key = item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    call.world.insert(DOMAINS, &key, item.clone());
    let due = call.settings.jobs.due(call.world.now);
    call.world.start(DOMAINS, &key, action, due, Ending::Set(one("status", json!("active"))));
    Ok(call.written(&format!("{action}: {name}"), Some(&key), Some(&item)))
}

pub(super) fn new_domain(world: &mut World, name: &str, years: i64) -> Item {
    let key = world.next(DOMAINS, 12_344).to_string();
    let now = world.now;
    let members = json!({
        "id": key,
        "domain": name,
        "status": "active",
        "created": date(now),
        "expires": date(add_years(now, years)),
        "autorenew": true,
        "locked": false,
        "hostname": ["ns1.example.es", "ns2.example.es"],
    });
    members.as_object().cloned().unwrap_or_default()
}

pub(super) fn renew(call: &mut Call<'_>) -> Outcome {
    let name = checked_name(call, "/domain", call.text("/domain").unwrap_or_default())?;
    let years = call.body_member("/years").and_then(Value::as_i64).unwrap_or(1);
    let Some(item) = owned(call.world, &name) else { return Err(super::absent(DOMAINS, &name)) };
    let key = item.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let expires = item.get("expires").and_then(Value::as_str).and_then(parse).unwrap_or(call.world.now);
    let ending = Ending::Set(one("expires", json!(date(add_years(expires, years)))));
    let due = call.settings.jobs.due(call.world.now);
    call.world.start(DOMAINS, &key, "renew", due, ending);
    let item = call.world.get(DOMAINS, &key).cloned();
    Ok(call.written(&format!("renew: {name}"), None, item.as_ref()))
}

pub(super) fn one(name: &str, value: Value) -> Item {
    Item::from_iter([(name.to_owned(), value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_any_extension_has_a_price() {
        for name in ["example.es", "españa.es", "xn--espaa-rta.es", "a.b.co.uk", "example.es."] {
            assert_eq!(name_violation(name), None, "{name}");
        }
        for name in ["example", "", "-a.es", "a..es", "a b.es", "1.2.3.4", "a_b.es"] {
            assert!(name_violation(name).is_some(), "{name}");
        }
        assert_eq!(extension_of("www.tienda.com.es"), "com.es");
        assert_eq!(price(".ES"), price("es"));
        assert!(price("qualquiera")["register"].as_f64().unwrap() > 0.0);
    }
}
