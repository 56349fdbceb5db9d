//! State agrees with itself: what a write says, the next read shows.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod support;

use serde_json::{Value, json};
use std::time::Duration;
use support::{call, get, start, write};
use swpanel_emulator::{Jobs, Seed};

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_first_service_of_the_demo_is_a_hosting_with_something_in_every_part() {
    let emulator = start();
    let services = get(&emulator, "/services/").result();
    assert_eq!(services[0]["id"], "XX012");
    assert_eq!(services[0]["kind"], "hosting");
    for (variant, least) in [("standard", 24), ("rha", 24), ("template", 24), ("self_hosted", 24)] {
        let count = services.as_array().unwrap().iter().filter(|service| service["variant"] == variant).count();
        assert!(count >= least, "{variant}: {count}");
    }
    assert!(services.as_array().unwrap().iter().filter(|service| service["kind"] == "cloud").count() >= 24);
    for part in ["dns", "dnssec", "db", "db/user", "ftp", "cron", "cron/users", "mail/alias", "mail/mailing_list"] {
        let list = get(&emulator, &format!("/services/XX012/{part}/")).result();
        assert!(!list.as_array().unwrap().is_empty(), "{part}");
    }
    assert!(!get(&emulator, "/services/XX012/mail/mailbox/").json()["message"].as_array().unwrap().is_empty());
    let domains = get(&emulator, "/domains/").result();
    assert_eq!(domains[0]["domain"], "example.es");
    assert!(domains.as_array().unwrap().iter().any(|domain| domain["domain"] == "jamones-peña.es"));
}

#[test]
fn a_record_is_created_listed_updated_and_deleted() {
    let emulator = start();
    let record = json!({"zone": "example.es", "record": {"name": "www2", "type": "A", "data": {"ip": "192.0.2.1"}}});
    let id = write(&emulator, "POST", "/services/XX012/dns/", record.clone())["id"].as_str().unwrap().to_owned();
    let find = || {
        let list = get(&emulator, "/services/XX012/dns/").result();
        list.as_array().unwrap().iter().find(|item| item["id"] == id.as_str()).cloned()
    };
    assert_eq!(find().unwrap()["record"], record["record"]);
    let update = json!({"zone": "example.es", "record": {"data": {"ip": "192.0.2.2"}}});
    write(&emulator, "PUT", &format!("/services/XX012/dns/{id}"), update);
    let changed = find().unwrap();
    assert_eq!(changed["record"], json!({"name": "www2", "type": "A", "data": {"ip": "192.0.2.2"}}));
    write(&emulator, "DELETE", &format!("/services/XX012/dns/{id}"), json!({}));
    assert_eq!(find(), None);
    let again = call(&emulator, "DELETE", &format!("/services/XX012/dns/{id}"), None);
    assert_eq!((again.status, again.code().as_str()), (404, "#EMULATOR-NOT-FOUND"));
}

#[test]
fn a_zone_has_its_own_actions() {
    let emulator = start();
    let count = || get(&emulator, "/services/XX012/dns/").result().as_array().unwrap().len();
    let before = count();
    write(&emulator, "POST", "/services/XX012/dns/advanced/example.es", json!({}));
    assert_eq!(count(), before, "all three are there already");
    let list = get(&emulator, "/services/XX012/dns/").result();
    for item in list.as_array().unwrap().iter().filter(|item| item["record"]["type"] == "DKIM") {
        write(&emulator, "DELETE", &format!("/services/XX012/dns/{}", item["id"].as_str().unwrap()), json!({}));
    }
    assert_eq!(count(), before - 1);
    write(&emulator, "POST", "/services/XX012/dns/advanced/example.es", json!({}));
    assert_eq!(count(), before);
    write(&emulator, "POST", "/services/XX012/dns/ttl/example.es", json!({"ttl": {"value": 60}}));
    assert!(get(&emulator, "/services/XX012/dns/").result().as_array().unwrap().iter().all(|item| item["ttl"] == 60));
    let other = call(&emulator, "POST", "/services/XX012/dns/recreate/other.es", None);
    assert_eq!(other.code(), "#EMULATOR-UNKNOWN-REFERENCE");
}

#[test]
fn actions_change_the_status() {
    let emulator = start();
    let services = get(&emulator, "/services/").result();
    let cloud = services.as_array().unwrap().iter().find(|service| service["kind"] == "cloud").unwrap();
    let id = cloud["id"].as_str().unwrap();
    let status = || get(&emulator, &format!("/services/{id}/status/")).json()["status"].as_str().unwrap().to_owned();
    for (action, wanted) in [("stop", "stopped"), ("start", "started"), ("park", "parked"), ("unpark", "started")] {
        write(&emulator, "POST", &format!("/services/{id}/cloud/{action}/"), json!({}));
        assert_eq!(status(), wanted);
    }
    write(&emulator, "POST", "/services/XX012/hosting/stop/", json!({}));
    assert_eq!(get(&emulator, "/services/XX012").result()["status"], "stopped");
    write(&emulator, "POST", "/services/XX012/ftp/stop/xx012f1", json!({}));
    assert_eq!(get(&emulator, "/services/XX012/ftp/XX012F1").result()["status"], "stopped");
    write(&emulator, "POST", "/services/XX012/mail/mailbox/stop/info@example.es", json!({}));
    assert_eq!(get(&emulator, "/services/XX012/mail/mailbox/info@example.es/").json()["message"]["status"], "stopped");
    let wrong = call(&emulator, "POST", "/services/XX012/cloud/start/", None);
    assert_eq!((wrong.status, wrong.code().as_str()), (409, "#EMULATOR-WRONG-KIND"));
}

#[test]
fn deleting_a_service_removes_what_hangs_from_it() {
    let emulator = start();
    let services = get(&emulator, "/services/").result();
    let child = services.as_array().unwrap().iter().find(|service| service["parent"].is_string()).unwrap();
    let (child, parent) = (child["id"].as_str().unwrap(), child["parent"].as_str().unwrap());
    assert_eq!(get(&emulator, &format!("/services/{child}/dns/")).status, 200);
    write(&emulator, "DELETE", &format!("/services/{parent}/delete/"), json!({"delete": {"mode": "immediate"}}));
    for path in [format!("/services/{parent}"), format!("/services/{child}"), format!("/services/{child}/dns/")] {
        assert_eq!(get(&emulator, &path).status, 404, "{path}");
    }
    let left = ids(&get(&emulator, "/services/").result());
    assert!(!left.contains(&child.to_owned()) && left.contains(&"XX012".to_owned()));
}

#[test]
fn each_kind_of_order_makes_a_service() {
    let emulator = support::builder().seed(Seed::Empty).start_blocking().unwrap();
    assert_eq!(get(&emulator, "/services/").code(), "#APIGENE25");
    let none = json!({"create_new": false});
    let domain = |name: &str| json!({"name": name, "register": false, "transfer": false});
    let cloud = json!({"datacenter": "01", "cloud_server": {"id_service_type": "23-CL01", "id_cloud_pack": "105",
        "customize": {"specifications": {"vcores": 2, "GB": {"ram": 4, "hd": 40}}, "OS": {"id": "1"}}}});
    let made = write(&emulator, "POST", "/services/create/", cloud);
    assert_eq!(made["id"], "XX012");
    let extras = json!({"add_disc_space": 0, "add_mailboxes": 0, "add_databases": 0});
    let mailbox = json!({"create_new": true, "email": "hola@una.es", "password": "not-a-real-password"});
    let orders = [
        json!({"datacenter": "01", "domain": domain("una.es"), "hosting": {"id_service_type": "25-H101", "customize": extras,
            "mailbox": mailbox}}),
        json!({"domain": domain("dos.es"), "hosting": {"RHA_id_plan": "1", "mailbox": none}}),
        json!({"domain": domain("tres.es"), "hosting": {"templates": {"hosting": "1"}, "mailbox": none}}),
        json!({"domain": domain("cuatro.es"), "hosting": {"templates": {"id_resouces_limitation": "1"}, "mailbox": none,
            "backup": {"activate": false},
            "servers": {"web": "XX012", "mail": "XX012", "database": "XX012", "dns1": "XX012", "dns3": "XX012"}}}),
    ];
    for order in orders {
        let id = write(&emulator, "POST", "/services/create/", order)["id"].as_str().unwrap().to_owned();
        assert_eq!(get(&emulator, &format!("/services/{id}/dns/")).status, 200);
    }
    let services = get(&emulator, "/services/").result();
    let variants: Vec<&str> =
        services.as_array().unwrap().iter().map(|s| s["variant"].as_str().unwrap_or("cloud")).collect();
    assert_eq!(variants, ["cloud", "standard", "rha", "template", "self_hosted"]);
    assert_eq!(services[4]["parent"], "XX012");
    let mailboxes = get(&emulator, "/services/XX013/mail/mailbox/");
    assert_eq!(mailboxes.json()["message"][0]["email"], "hola@una.es");
    assert!(!mailboxes.text().contains("not-a-real-password"));
    let copy = write(&emulator, "POST", "/services/XX012/cloud/clone/", json!({}));
    assert_eq!(get(&emulator, &format!("/services/{}", copy["id"].as_str().unwrap())).result()["copied_from"], "XX012");
}

fn registration(name: &str, contact: &str) -> Value {
    let contact = json!({"id_contact": contact});
    json!({"domain": name, "years": 2, "additional": {"autorenew": {"enable": true}}, "hostname": ["ns1.example.es"],
        "contacts": {"registrant": contact, "administrative": contact, "technical": contact}})
}

#[test]
fn a_registered_domain_appears_and_is_no_longer_free() {
    let emulator = start();
    let free = || get(&emulator, "/domains/nuevo-cliente.es/available/").result()["available"].clone();
    assert_eq!(free(), true);
    let id = write(&emulator, "POST", "/domains/register/", registration("nuevo-cliente.es", "12345"))["id"].clone();
    assert_eq!(free(), false);
    let domain = get(&emulator, &format!("/domains/{}/", id.as_str().unwrap())).result();
    assert_eq!(
        (&domain["domain"], &domain["status"], &domain["expires"]),
        (&json!("nuevo-cliente.es"), &json!("active"), &json!("2028-06-02"))
    );
    write(&emulator, "POST", "/domains/renew/", json!({"domain": "nuevo-cliente.es", "years": 3}));
    assert_eq!(get(&emulator, "/domains/nuevo-cliente.es/").result()["expires"], "2031-06-02");
    assert_eq!(get(&emulator, "/domains/nuevo-cliente.es/whois/").result()["registered"], true);
    let twice = call(&emulator, "POST", "/domains/register/", Some(registration("nuevo-cliente.es", "12345")));
    assert_eq!(twice.code(), "#EMULATOR-EXISTS");
    let nobody = call(&emulator, "POST", "/domains/register/", Some(registration("otro.es", "99")));
    assert_eq!(nobody.code(), "#EMULATOR-UNKNOWN-REFERENCE");
    assert_eq!(get(&emulator, "/domains/jamones-pe%C3%B1a.es/whois/").result()["registered"], true);
    assert_eq!(get(&emulator, "/domains/xn--jamones-pea-beb.es/whois/").result()["registered"], true);
    assert_eq!(get(&emulator, "/domains/no-domain/whois/").code(), "#EMULATOR-INVALID");
    assert_eq!(get(&emulator, "/domains/prices/zzz/").result()["currency"], "EUR");
}

#[test]
fn long_jobs_can_be_left_pending() {
    let emulator = support::builder().jobs(Jobs::Calls(2)).start_blocking().unwrap();
    let id = write(&emulator, "POST", "/domains/register/", registration("lento.es", "12345"))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let status = || get(&emulator, &format!("/domains/{id}/")).result()["status"].as_str().unwrap().to_owned();
    assert_eq!([status(), status(), status()], ["pending", "pending", "active"]);
    emulator.set_jobs(Jobs::Told);
    write(&emulator, "DELETE", "/services/XX012/delete/", json!({"delete": {"mode": "immediate"}}));
    assert_eq!(get(&emulator, "/services/XX012/status/").json()["pending"], "cancellation");
    assert_eq!(emulator.finish_jobs(), 1);
    assert_eq!(get(&emulator, "/services/XX012/status/").status, 404);
}

#[test]
fn cancellations_wait_for_their_day() {
    let emulator = start();
    let scheduled = json!({"delete": {"mode": "scheduled", "date": "2026-06-10", "hour": "00:30"}, "additional": {}});
    write(&emulator, "DELETE", "/services/XX012/delete/", scheduled);
    write(&emulator, "DELETE", "/services/XX013/delete/", json!({"delete": {"mode": "end_of_period"}}));
    emulator.advance(Duration::from_secs(8 * 86_400));
    assert_eq!(get(&emulator, "/services/XX012").status, 404);
    assert_eq!(get(&emulator, "/services/XX013").status, 200);
    emulator.advance(Duration::from_secs(366 * 86_400));
    assert_eq!(get(&emulator, "/services/XX013").status, 404);
    let past = json!({"delete": {"mode": "scheduled", "date": "2026-06-01", "hour": "00:30"}});
    assert_eq!(call(&emulator, "DELETE", "/services/XX014/delete/", Some(past)).code(), "#EMULATOR-STATE");
}

#[test]
fn the_parts_of_a_hosting_hold_together() {
    let emulator = start();
    let both = json!({"fullcontrol": true, "readonly": false});
    let with_user =
        json!({"db_name": "blog", "new_user": {"create_new": true, "password": "not-a-real-one", "privileges": both}});
    write(&emulator, "POST", "/services/XX012/db/", with_user);
    let blog = get(&emulator, "/services/XX012/db/blog").result();
    let user = blog["users"][0]["id_user"].as_str().unwrap().to_owned();
    assert_eq!(get(&emulator, &format!("/services/XX012/db/user/{user}")).status, 200);
    write(&emulator, "PUT", "/services/XX012/db/user/", json!({"user": user, "ip_host": "192.0.2.9"}));
    assert_eq!(get(&emulator, &format!("/services/XX012/db/user/{user}")).result()["ip_host"], "192.0.2.9");
    write(&emulator, "DELETE", "/services/XX012/db/user/", json!({"user": user.to_uppercase()}));
    assert_eq!(get(&emulator, "/services/XX012/db/blog").result()["users"], json!([]));
    let stranger = json!({"users": [{"id_user": "nobody", "privileges": both}]});
    let refused = call(&emulator, "PUT", "/services/XX012/db/blog", Some(stranger));
    assert_eq!(refused.code(), "#EMULATOR-UNKNOWN-REFERENCE");

    let list = "/services/XX012/mail/mailing_list/emails/news@example.es";
    write(&emulator, "POST", list, json!({"add": {"email": "a@example.es;b@example.es", "overwrite": true}}));
    write(&emulator, "POST", list, json!({"delete": {"emails": "a@example.es"}}));
    let news = get(&emulator, "/services/XX012/mail/mailing_list/news@example.es").result();
    assert_eq!(news["destination"]["emails"], "b@example.es");

    let mailbox = "/services/XX012/mail/mailbox/info@example.es";
    write(&emulator, "PUT", mailbox, json!({"forward": {"activate": true, "to": "a@example.es", "copy": true}}));
    write(&emulator, "PUT", mailbox, json!({"forward": {"activate": false}, "password": "not-a-real-one"}));
    let read = get(&emulator, &format!("{mailbox}/")).json();
    assert_eq!(read["message"]["forward"], json!({"activate": false}));
    let login = "/services/XX012/mail/mailbox/login_swpanel/info@example.es";
    write(&emulator, "POST", login, json!({"swpanel_login": {"activate": true, "access_profile": 3}}));
    assert_eq!(get(&emulator, login).json()["message"]["swpanel_login"]["access_profile"], 3);

    let signer = json!({"domain": "example.es", "record": {"type": "DS", "ttl": 60, "data": {"key_tag": 1, "algorithm": 13,
        "digest_type": 2, "digest": "00"}}});
    assert_eq!(call(&emulator, "POST", "/services/XX012/dnssec/", Some(signer.clone())).code(), "#EMULATOR-EXISTS");
    write(&emulator, "DELETE", "/services/XX012/dnssec/", json!({"domain": "example.es"}));
    assert_eq!(get(&emulator, "/services/XX012/dnssec/").code(), "#APIGENE25");
    write(&emulator, "POST", "/services/XX012/dnssec/", signer);
    assert!(!emulator.snapshot().to_string().contains("not-a-real-one"));
}

#[test]
fn the_same_calls_give_the_same_answers() {
    let run = || {
        let emulator = start();
        let created =
            call(&emulator, "POST", "/domains/host/", Some(json!({"hostname": "ns9.example.es", "ip": "192.0.2.9"})));
        (created.text(), emulator.snapshot())
    };
    assert_eq!(run(), run());
}

#[test]
fn time_renews_contracts_and_lets_domains_run_out() {
    let emulator = start();
    let domains = || get(&emulator, "/domains/").result();
    let of = |list: &Value, auto: bool| {
        let ours = list.as_array().unwrap().iter().filter(|domain| domain["status"] == "active");
        ours.filter(|domain| domain["autorenew"] == auto).map(|domain| domain["domain"].clone()).next().unwrap()
    };
    let (renewed, lost) = (of(&domains(), true), of(&domains(), false));
    let status =
        |name: &Value| get(&emulator, &format!("/domains/{}/", name.as_str().unwrap())).json()["result"].clone();
    let before = get(&emulator, "/services/XX012").result()["renewal"].clone();
    emulator.advance(Duration::from_secs(370 * 86_400));
    assert_eq!(status(&lost)["status"], "expired");
    assert_eq!(status(&renewed)["status"], "active");
    assert!(status(&renewed)["expires"].as_str().unwrap() > "2027-06-07");
    assert!(get(&emulator, "/services/XX012").result()["renewal"].as_str() > before.as_str());
    emulator.advance(Duration::from_secs(35 * 86_400));
    assert_eq!(status(&lost)["status"], "redemption");
    emulator.advance(Duration::from_secs(60 * 86_400));
    assert_eq!(status(&lost), Value::Null);
    let free = get(&emulator, &format!("/domains/{}/available/", lost.as_str().unwrap())).result();
    assert_eq!(free["available"], true);
}

#[test]
fn calls_at_the_same_time_do_not_get_in_each_others_way() {
    let emulator = start();
    let before = get(&emulator, "/domains/host/").result().as_array().unwrap().len();
    let made: Vec<Vec<String>> = std::thread::scope(|scope| {
        let work = |thread: usize| {
            let host =
                move |count: usize| json!({"hostname": format!("n{thread}-{count}.example.es"), "ip": "192.0.2.9"});
            let emulator = &emulator;
            move || {
                let id =
                    |count| write(emulator, "POST", "/domains/host/", host(count))["id"].as_str().unwrap().to_owned();
                (0..25).map(id).collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(work(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let unique: std::collections::BTreeSet<&String> = made.iter().flatten().collect();
    assert_eq!(unique.len(), 200);
    assert_eq!(get(&emulator, "/domains/host/").result().as_array().unwrap().len(), before + 200);
}

fn record(name: &str, kind: &str, data: Value) -> Value {
    json!({"zone": "example.es", "record": {"name": name, "type": kind, "data": data}})
}

#[test]
fn a_cname_has_its_name_to_itself() {
    let emulator = start();
    let dns = "/services/XX012/dns/";
    let a = |name: &str| record(name, "A", json!({"ip": "192.0.2.1"}));
    let cname = |name: &str| record(name, "CNAME", json!({"target": "example.es"}));
    let id = |reply: Value| reply["id"].as_str().unwrap().to_owned();
    let host = id(write(&emulator, "POST", dns, a("uno")));
    write(&emulator, "POST", dns, a("uno"));
    let alias = id(write(&emulator, "POST", dns, cname("dos")));
    let before = emulator.snapshot();
    let rejected = [
        ("POST", dns.to_owned(), cname("uno")),
        ("POST", dns.to_owned(), cname("dos")),
        ("POST", dns.to_owned(), a("dos")),
        ("POST", dns.to_owned(), a("DOS")),
        ("POST", dns.to_owned(), a("dos.example.es")),
        ("POST", dns.to_owned(), a("dos.example.es.")),
        ("POST", dns.to_owned(), a("Dos.EXAMPLE.es.")),
        ("POST", dns.to_owned(), cname("@")),
        ("POST", dns.to_owned(), cname("example.es.")),
        ("PUT", format!("{dns}{host}"), json!({"zone": "example.es", "record": {"name": "dos"}})),
        ("PUT", format!("{dns}{alias}"), json!({"zone": "example.es", "record": {"name": "uno"}})),
        ("PUT", format!("{dns}{host}"), json!({"zone": "example.es", "record": {"type": "CNAME"}})),
    ];
    for (method, path, body) in rejected {
        let reply = call(&emulator, method, &path, Some(body.clone()));
        assert_eq!((reply.status, reply.code().as_str()), (409, "#EMULATOR-CONFLICT"), "{method} {body}");
        assert!(reply.json()["Error message"].is_string());
    }
    assert_eq!(emulator.snapshot(), before, "a rejected write changes nothing");
    // What does not collide is still taken, and so is the name once it is free.
    write(&emulator, "POST", dns, a("dos.tres"));
    write(&emulator, "PUT", &format!("{dns}{alias}"), json!({"zone": "example.es", "record": {"name": "Dos"}}));
    write(&emulator, "DELETE", &format!("{dns}{alias}"), json!({}));
    write(&emulator, "POST", dns, a("dos"));
}

#[test]
fn advanced_records_are_not_put_beside_a_cname() {
    let emulator = start();
    let dns = "/services/XX012/dns/";
    for item in get(&emulator, dns).result().as_array().unwrap() {
        if ["DMARC", "DKIM"].contains(&item["record"]["type"].as_str().unwrap()) {
            write(&emulator, "DELETE", &format!("{dns}{}", item["id"].as_str().unwrap()), json!({}));
        }
    }
    write(&emulator, "POST", dns, record("_dmarc", "CNAME", json!({"target": "dmarc.example.com"})));
    let before = emulator.snapshot();
    let reply = call(&emulator, "POST", "/services/XX012/dns/advanced/example.es", Some(json!({})));
    assert_eq!((reply.status, reply.code().as_str()), (409, "#EMULATOR-CONFLICT"));
    assert_eq!(emulator.snapshot(), before);
}

#[test]
fn logins_addresses_and_host_names_are_there_once() {
    let emulator = start();
    let ftp = |login: &str| {
        json!({"login": login, "password": "correct-horse-battery-staple", "access": {"directory": "/web", "read_only": false},
            "size": {"unlimited": true}})
    };
    let host = |name: &str| json!({"hostname": name, "ip": "192.0.2.30"});
    let made = write(&emulator, "POST", "/services/XX012/ftp/", ftp("otro"));
    let ns3 = write(&emulator, "POST", "/domains/host/", host("ns3.example.es"));
    let mailbox = json!({"email": "INFO@example.es", "password": "correct-horse-battery-staple",
        "size": {"unlimited": true}, "forward": {"activate": false}, "notify_user": {"activate": false}});
    let mut servers = registration("ejemplo-nuevo.es", "12345");
    servers["hostname"] = json!(["ns1.example.es", "NS1.example.es."]);
    let privileges = json!({"fullcontrol": true, "readonly": false});
    let database = json!({"db_name": "SHOP", "users": [{"id_user": "dbuser1", "privileges": privileges}]});
    let before = emulator.snapshot();
    let rejected = [
        ("POST", "/services/XX012/ftp/".to_owned(), ftp("deploy")),
        ("POST", "/services/XX012/ftp/".to_owned(), ftp("Deploy")),
        ("PUT", format!("/services/XX012/ftp/{}", made["id"].as_str().unwrap()), ftp("deploy")),
        ("POST", "/domains/host/".to_owned(), host("ns1.example.es")),
        ("POST", "/domains/host/".to_owned(), host("NS1.example.es.")),
        ("PUT", format!("/domains/host/{}", ns3["id"].as_str().unwrap()), host("ns1.EXAMPLE.es")),
        ("POST", "/services/XX012/mail/mailbox/".to_owned(), mailbox),
        ("POST", "/services/XX012/db/".to_owned(), database),
        ("POST", "/domains/register/".to_owned(), servers),
    ];
    // Only the collisions are of interest here, not which members the document wants besides.
    support::control(&emulator, "PUT", "settings", Some(json!({"unknown_members": true})));
    for (method, path, body) in rejected {
        let reply = call(&emulator, method, &path, Some(body));
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (409, "#EMULATOR-EXISTS"),
            "{method} {path}: {}",
            reply.text()
        );
    }
    assert_eq!(emulator.snapshot(), before, "a rejected write changes nothing");
    // An item keeps its own login and name.
    write(&emulator, "PUT", &format!("/domains/host/{}", ns3["id"].as_str().unwrap()), host("NS3.example.es"));
    // The same login in another service is another account.
    let other = get(&emulator, "/services/").result();
    let is_other = |item: &&Value| item["kind"] == "hosting" && item["id"] != "XX012";
    let other = other.as_array().unwrap().iter().find(is_other).unwrap()["id"].as_str().unwrap().to_owned();
    write(&emulator, "POST", &format!("/services/{other}/ftp/"), ftp("otro"));
}
