//! The account of a small Spanish agency: a few dozen services of each kind, domains, contacts and certificates.

use serde_json::{Value, json};

use super::item;
use crate::behaviour::{add_records, default_records, new_service, service_id};
use crate::world::clock::{add_years, date};
use crate::world::{SERVICES, World, below};

/// Services of each kind.
const EACH: usize = 30;

const TRADES: &[&str] = &[
    "panaderia",
    "ferreteria",
    "floristeria",
    "peluqueria",
    "libreria",
    "gestoria",
    "carpinteria",
    "clinica",
    "taller",
    "bodega",
];
const FAMILIES: &[&str] = &[
    "garcia",
    "lopez",
    "martinez",
    "sanchez",
    "fernandez",
    "puig",
    "etxeberria",
    "castro",
    "navarro",
    "serra",
    "ortega",
];
const CITIES: &[&str] = &["Girona", "Barcelona", "Madrid", "Valencia", "Sevilla", "Bilbao", "Vigo", "Zaragoza"];
const PEOPLE: &[(&str, &str)] = &[
    ("María", "García López"),
    ("Jordi", "Puig Serra"),
    ("Lucía", "Fernández Castro"),
    ("Ander", "Etxeberria Ruiz"),
    ("Begoña", "Muñoz Ibáñez"),
    ("Íñigo", "Ortega Núñez"),
];

/// The internationalised domain, in both spellings.
const INTERNATIONAL: (&str, &str) = ("jamones-peña.es", "xn--jamones-pea-beb.es");

/// The nth name of a trade and a family; the first is the one that the document's examples speak of.
fn domain(number: usize) -> String {
    match number {
        0 => "example.es".to_owned(),
        1 => INTERNATIONAL.0.to_owned(),
        _ => {
            let pick = |words: &[&'static str], at: usize| words.get(at % words.len()).copied().unwrap_or_default();
            let ending = pick(&["es", "com", "cat"], number);
            let (trade, family) = (pick(TRADES, number), pick(FAMILIES, number / TRADES.len() + number));
            let serial = number / (TRADES.len() * FAMILIES.len());
            let serial = if serial == 0 { String::new() } else { format!("-{serial}") };
            format!("{trade}-{family}{serial}.{ending}")
        }
    }
}

pub(super) fn fill(world: &mut World) {
    let mut number = 0;
    let mut next = || {
        number += 1;
        domain(number - 1)
    };
    let first = service_id(world);
    full_hosting(world, &first, &next());
    for count in 1..EACH {
        let name = next();
        let plan = format!("25-H10{}", 1 + count % 4);
        hosting(world, &name, "standard", json!({"id_service_type": plan}), None);
    }
    let mut clouds = Vec::new();
    for count in 0..EACH {
        clouds.push(cloud(world, count));
    }
    for count in 0..EACH {
        let name = next();
        hosting(world, &name, "rha", json!({"RHA_id_plan": (1 + count % 3).to_string()}), None);
    }
    for count in 0..EACH {
        let name = next();
        hosting(world, &name, "template", json!({"templates": {"hosting": (1 + count % 3).to_string()}}), None);
    }
    for count in 0..EACH {
        let name = next();
        let server = clouds.get(count % 8).cloned().unwrap_or_default();
        let servers = json!({"web": server, "mail": server, "database": server, "dns1": server, "dns3": server});
        let templates = json!({"id_resouces_limitation": (1 + count % 3).to_string()});
        hosting(world, &name, "self_hosted", json!({"servers": servers, "templates": templates}), Some(&server));
    }
    portfolio(world);
    certificates(world, &first);
}

fn hosting(world: &mut World, domain: &str, variant: &str, order: Value, parent: Option<&str>) -> String {
    let id = service_id(world);
    let mut service = new_service(world, &id, "hosting", domain, "active");
    service.extend(item(json!({"domain": domain, "zones": [domain], "variant": variant, "hosting": order})));
    service.extend(parent.map(|parent| ("parent".to_owned(), json!(parent))));
    world.insert(SERVICES, &id, service);
    add_records(world, &id, domain, default_records(domain));
    mailbox(world, &id, &format!("info@{domain}"));
    database(world, &id, "web", "dbuser1");
    id
}

fn cloud(world: &mut World, count: usize) -> String {
    let id = service_id(world);
    let city = CITIES.get(count % CITIES.len()).copied().unwrap_or_default();
    let status = match count % 6 {
        4 => "stopped",
        5 => "parked",
        _ => "started",
    };
    let standard = count.is_multiple_of(2);
    let size = 1 + count % 4;
    let order = json!({
        "id_service_type": if standard { "23-CL01" } else { "25-CL01" },
        "id_cloud_pack": if standard { "105" } else { "110" },
        "customize": {"specifications": {"vcores": 2 * size, "GB": {"ram": 4 * size, "hd": 100 * size}}, "OS": {"id": "1"}},
    });
    let mut service = new_service(world, &id, "cloud", &format!("Servidor {city} {}", count + 1), status);
    service.extend(item(json!({"cloud_server": order, "ip": format!("198.51.100.{}", count + 1)})));
    world.insert(SERVICES, &id, service);
    id
}

fn mailbox(world: &mut World, service: &str, email: &str) {
    let members = json!({
        "id": email,
        "email": email,
        "size": {"unlimited": false, "mb": 2_000},
        "forward": {"activate": false},
        "notify_user": {"activate": true, "percent": 80},
        "status": "started",
    });
    world.insert(&below(SERVICES, service, "mail/mailbox"), email, item(members));
}

fn database(world: &mut World, service: &str, name: &str, user: &str) {
    let users = below(SERVICES, service, "db/user");
    world.next(&format!("{users}/"), 0);
    world.insert(&users, user, item(json!({"id": user, "user": user, "ip_host": "localhost"})));
    let privileges = json!({"fullcontrol": true, "readonly": false});
    let members = json!({"id": name, "db_name": name, "users": [{"id_user": user, "privileges": privileges}]});
    world.insert(&below(SERVICES, service, "db"), name, item(members));
}

/// The first service: something in every part, under the ids that the document gives as examples.
fn full_hosting(world: &mut World, id: &str, domain: &str) {
    let mut service = new_service(world, id, "hosting", domain, "active");
    let order = json!({"id_service_type": "25-H102", "customize": {"php_version": "18-HP06"}});
    service.extend(item(json!({"domain": domain, "zones": [domain], "variant": "standard", "hosting": order})));
    world.insert(SERVICES, id, service);
    add_records(world, id, domain, default_records(domain));
    for name in ["info", "maria", "administracion"] {
        mailbox(world, id, &format!("{name}@{domain}"));
    }
    database(world, id, "shop", "dbuser1");
    let place = |words: &str| below(SERVICES, id, words);
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let signer = json!({"type": "DS", "ttl": 3600, "data": {
        "key_tag": 12345, "algorithm": 13, "digest_type": 2, "digest": digest}});
    world.insert(&place("dnssec"), domain, item(json!({"id": domain, "domain": domain, "record": signer})));
    world.insert(&place("cron/users"), "1001", item(json!({"id": "1001", "user": id.to_lowercase()})));
    let cron = world.next("services/*/cron", 12_344).to_string();
    let every = |number: &str| json!({"every": {"number": number}});
    let schedule = json!({
        "minutes": every("30"), "hours": every("2"), "days": every("1"), "weekday": every("1"), "months": every("1"),
    });
    let job = json!({
        "id": cron,
        "additional": {"name": "copia nocturna"},
        "user_execution": "1001",
        "date": {"start": "02/06/2026 00:30:00"},
        "content": "/usr/bin/php /web/cron.php",
        "scheduler": {"customize": schedule},
        "status": "started",
    });
    world.insert(&place("cron"), &cron, item(job));
    let serial = world.next(&format!("{}/", place("ftp")), 0);
    let ftp = format!("{id}F{serial}");
    let account = json!({
        "id": ftp, "login": "deploy", "access": {"directory": "/web", "read_only": false},
        "size": {"unlimited": true}, "status": "started",
    });
    world.insert(&place("ftp"), &ftp, item(account));
    let alias = format!("sales@{domain}");
    let emails = format!("info@{domain};maria@{domain}");
    let members =
        json!({"id": alias, "email_alias": alias, "destination": {"emails": emails}, "post_it": "para la tienda"});
    world.insert(&place("mail/alias"), &alias, item(members));
    let list = format!("news@{domain}");
    let members = json!({
        "id": list, "mailing_list": list, "sender_name": "Novedades",
        "administrator": {"email": format!("info@{domain}")},
        "destination": {"emails": format!("maria@{domain};administracion@{domain}")},
    });
    world.insert(&place("mail/mailing_list"), &list, item(members));
}

fn portfolio(world: &mut World) {
    for (count, (first, last)) in PEOPLE.iter().enumerate() {
        let id = world.next("domains/contact", 12_344).to_string();
        let city = CITIES.get(count % CITIES.len()).copied().unwrap_or_default();
        let contact = json!({
            "id": id, "firstName": first, "lastName": last, "company": "Ejemplo SL", "taxId": "B00000000",
            "email": format!("contacto{}@example.es", count + 1), "phone": "+34.900000000", "legal_entity_type": "1",
            "address": {"country": "ES", "state": city, "city": city, "street": "Calle Mayor 1", "postalCode": "08001"},
        });
        world.insert("domains/contact", &id, item(contact));
    }
    for (count, name) in ["ns1.example.es", "ns2.example.es"].iter().enumerate() {
        let id = world.next("domains/host", 12_344).to_string();
        let host = json!({"id": id, "hostname": name, "ip": format!("192.0.2.{}", 10 + count)});
        world.insert("domains/host", &id, item(host));
    }
    for number in 0..40 {
        let name = domain(number);
        let id = world.next("domains", 12_344).to_string();
        let age = i64::try_from(number % 5).unwrap_or(0);
        let contact = json!({"id_contact": (12_345 + number % PEOPLE.len()).to_string()});
        // The last day of one is past, as an account has such a domain now and then.
        let (status, expires) = match number {
            39 => ("expired", world.now - 20 * 86_400),
            _ => ("active", add_years(world.now, 1) - age * 31 * 86_400),
        };
        let mut members = json!({
            "id": id,
            "domain": name,
            "status": status,
            "created": date(add_years(world.now, -1 - age)),
            "expires": date(expires),
            "autorenew": number % 3 != 0,
            "locked": number % 2 == 0,
            "hostname": ["ns1.example.es", "ns2.example.es"],
            "contacts": {"registrant": contact, "administrative": contact, "technical": contact},
        });
        if name == INTERNATIONAL.0
            && let Some(members) = members.as_object_mut()
        {
            members.insert("punycode".to_owned(), json!(INTERNATIONAL.1));
        }
        world.insert("domains", &id, item(members));
    }
}

fn certificates(world: &mut World, service: &str) {
    for (count, kind) in ["domain_validated", "lets_encrypt", "organization_validated"].iter().enumerate() {
        let id = world.next("ssl", 12_344).to_string();
        let name = domain(count);
        let certificate = json!({
            "id": id, "type": kind, "commonName": name, "status": "valid", "id_service": service,
            "issued": date(world.now - 60 * 86_400), "expires": date(world.now + 305 * 86_400),
            "validation": {"type": "DNS"}, "autorenew": count == 0,
        });
        world.insert("ssl", &id, item(certificate));
        let challenge =
            json!({"id": "1", "type": "DNS", "name": format!("_validacion.{name}"), "value": "not-a-real-token"});
        world.insert(&below("ssl", &id, "tokens"), "1", item(challenge));
    }
}
