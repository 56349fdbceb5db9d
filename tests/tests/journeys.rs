//! From create to delete, group by group, and the life of a customer: the generated client, by handles, against the
//! emulator. Each step is looked at with a read.
//!
//! These name methods and types. Where a document does not have all those of the reconstruction, they are ignored.

#![cfg_attr(not(known_names), allow(dead_code, unused_imports, unused_variables, reason = "only the tests use them"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod reconstruction;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use swpanel::{Client, ErrorKind};
use swpanel_emulator::{Emulator, Jobs, Seed};

/// One journey against a fresh emulator.
fn travel<F: Future<Output = Result<(), swpanel::Error>>>(journey: impl FnOnce(Client) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let emulator = Emulator::builder().seed(Seed::Demo).start_blocking().unwrap();
    let client = Client::builder().token(emulator.token()).base_url(emulator.base_url()).retries(0).build().unwrap();
    runtime.block_on(journey(client)).unwrap_or_else(|error| panic!("{error}"));
}

/// A body of the type that the call takes.
fn body<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// What an answer says, as plain JSON. An empty list is left out when it is written.
fn said(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap().get("result").cloned().unwrap_or_else(|| json!([]))
}

/// The items of a list that have a member of that value.
fn with(list: &impl Serialize, member: &str, value: &str) -> Vec<Value> {
    let items = said(list).as_array().cloned().unwrap_or_default();
    items.into_iter().filter(|item| item[member] == value || item["record"][member] == value).collect()
}

fn is_gone<T: std::fmt::Debug>(outcome: Result<swpanel::Response<T>, swpanel::Error>) {
    let error = outcome.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[cfg(known_names)]
async fn cloud_server(client: &Client) -> Result<String, swpanel::Error> {
    let order = json!({"cloud_server": {"customize": {"OS": {"id": "1"}, "specifications": {"GB": {"hd": 40, "ram": 4},
        "vcores": 2}}, "id_cloud_pack": "105", "id_service_type": "23-CL01"}, "datacenter": "01"});
    let before = said(&*client.service_list().send().await?).as_array().unwrap().len();
    client.service_create().body(body::<swpanel::types::ServiceCreateRequest>(order)).send().await?;
    let after = said(&*client.service_list().send().await?);
    let services = after.as_array().unwrap();
    assert_eq!(services.len(), before + 1);
    Ok(services.last().unwrap()["id"].as_str().unwrap().to_owned())
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn dns_records() {
    #[cfg(known_names)]
    travel(|client| async move {
        let service = client.service("XX012");
        let record = |ip: &str| {
            body::<swpanel::types::DnsRecordCreateRequest>(
                json!({"zone": "example.es", "record": {"type": "A", "name": "journey", "data": {"ip": ip}}}),
            )
        };
        let listed =
            || async { Ok::<_, swpanel::Error>(with(&*service.dns().list().send().await?, "name", "journey")) };
        assert!(listed().await?.is_empty());
        service.dns().create().body(record("192.0.2.7")).send().await?;
        let made = listed().await?;
        assert_eq!((made.len(), made[0]["record"]["data"]["ip"].as_str()), (1, Some("192.0.2.7")));
        let id = made[0]["id"].as_str().unwrap().to_owned();
        let changed: swpanel::types::DnsRecordUpdateRequest = body(
            json!({"zone": "example.es", "record": {"type": "A", "name": "journey", "data": {"ip": "192.0.2.8"}}}),
        );
        service.dns().update().record_id(&id).body(changed).send().await?;
        assert_eq!(listed().await?[0]["record"]["data"]["ip"], "192.0.2.8");
        let ttl: swpanel::types::DnsZoneTtlSetRequest = body(json!({"ttl": {"value": 3600}}));
        service.dns().zone_ttl_set().dns_zone("example.es").body(ttl).send().await?;
        service.dns().zone_recreate().dns_zone("example.es").send().await?;
        service.dns().zone_advanced_create().dns_zone("example.es").send().await?;
        for record in listed().await? {
            service.dns().delete().record_id(record["id"].as_str().unwrap()).send().await?;
        }
        assert!(listed().await?.is_empty());
        is_gone(service.dns().delete().record_id(&id).send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn dnssec_records() {
    #[cfg(known_names)]
    travel(|client| async move {
        let dnssec = client.service("XX012");
        let dnssec = dnssec.dnssec();
        for record in said(&*dnssec.list().send().await?).as_array().cloned().unwrap_or_default() {
            dnssec
                .delete()
                .body(body::<swpanel::types::DnssecRecordDeleteRequest>(json!({"domain": record["domain"]})))
                .send()
                .await?;
        }
        assert_eq!(said(&*dnssec.list().send().await?), json!([]), "an error for no results is an empty list");
        let record = json!({"domain": "example.es", "record": {"type": "DNSKEY", "ttl": 3600,
            "data": {"algorithm": 13, "flags": 257, "protocol": 3, "public_key": "AAAA"}}});
        dnssec.create().body(body::<swpanel::types::DnssecRecordCreateRequest>(record.clone())).send().await?;
        assert_eq!(with(&*dnssec.list().send().await?, "domain", "example.es").len(), 1);
        dnssec.update().body(body::<swpanel::types::DnssecRecordUpdateRequest>(record)).send().await?;
        dnssec
            .delete()
            .body(body::<swpanel::types::DnssecRecordDeleteRequest>(json!({"domain": "example.es"})))
            .send()
            .await?;
        assert_eq!(said(&*dnssec.list().send().await?), json!([]));
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn ftp_accounts() {
    #[cfg(known_names)]
    travel(|client| async move {
        let service = client.service("XX012");
        let account: swpanel::types::FtpAccountCreateRequest =
            body(json!({"login": "journey", "password": "a-Long-1-password",
            "access": {"directory": "/web", "read_only": false}, "additional": {}, "size": {"unlimited": true}}));
        service.ftp().create().body(account).send().await?;
        let made = with(&*service.ftp().list().send().await?, "login", "journey");
        assert_eq!(made.len(), 1);
        let id = made[0]["id"].as_str().unwrap_or("journey").to_owned();
        service.ftp().stop().ftp_account(&id).send().await?;
        let stopped = said(&*service.ftp().get().ftp_account(&id).send().await?);
        service.ftp().start().ftp_account(&id).send().await?;
        let started = said(&*service.ftp().get().ftp_account(&id).send().await?);
        assert_ne!(stopped["status"], started["status"]);
        let change: swpanel::types::FtpAccountUpdateRequest =
            body(json!({"access": {"directory": "/other", "read_only": true}}));
        service.ftp().update().ftp_account(&id).body(change).send().await?;
        assert_eq!(said(&*service.ftp().get().ftp_account(&id).send().await?)["access"]["directory"], "/other");
        service.ftp().delete().ftp_account(&id).send().await?;
        is_gone(service.ftp().get().ftp_account(&id).send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn databases_and_their_users() {
    #[cfg(known_names)]
    travel(|client| async move {
        let service = client.service("XX012");
        let database: swpanel::types::DatabaseCreateRequest =
            body(json!({"db_name": "journey", "new_user": {"create_new": true,
            "password": "a-Long-1-password", "privileges": {"fullcontrol": true, "readonly": false}}}));
        service.db().create().body(database).send().await?;
        let made = said(&*service.db().get().db_name("journey").send().await?);
        assert!(made.to_string().contains("journey") && !made.to_string().contains("a-Long-1-password"), "{made}");
        let user: swpanel::types::DatabaseUserCreateRequest = body(
            json!({"additional": {"description": "for the journey"}, "ip_host": "192.0.2.10", "password": "a-Long-1-password"}),
        );
        let before = said(&*service.db_user().list().send().await?).as_array().unwrap().len();
        service.db_user().create().body(user).send().await?;
        let users = said(&*service.db_user().list().send().await?);
        let users = users.as_array().unwrap();
        assert_eq!(users.len(), before + 1);
        let name = users.last().unwrap()["id"].as_str().unwrap().to_owned();
        let change: swpanel::types::DatabaseUserUpdateRequest = body(json!({"user": name, "ip_host": "192.0.2.11"}));
        service.db_user().update().body(change).send().await?;
        assert_eq!(said(&*service.db_user().get().user(&name).send().await?)["ip_host"], "192.0.2.11");
        let rights: swpanel::types::DatabaseUpdateRequest =
            body(json!({"users": [{"id_user": name, "privileges": {"fullcontrol": false, "readonly": true}}]}));
        service.db().update().db_name("journey").body(rights).send().await?;
        service.db().delete().db_name("journey").send().await?;
        is_gone(service.db().get().db_name("journey").send().await);
        service
            .db_user()
            .delete()
            .body(body::<swpanel::types::DatabaseUserDeleteRequest>(json!({"user": name})))
            .send()
            .await?;
        is_gone(service.db_user().get().user(&name).send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn cron_jobs() {
    #[cfg(known_names)]
    travel(|client| async move {
        let service = client.service("XX012");
        let users = said(&*service.cron().user_list().send().await?);
        assert!(!users.as_array().unwrap().is_empty(), "a job needs a user to run as");
        let job = json!({"additional": {"name": "journey"}, "content": "/usr/bin/true", "date": {"start": "31/12/2026 00:30:00"},
            "scheduler": {"customize": {
                "days": {"even": false, "every": {"number": "1"}, "odd": false},
                "hours": {"even": false, "every": {"number": "3"}, "odd": false},
                "minutes": {"even": false, "every": {"number": "30"}, "odd": false},
                "months": {"even": false, "every": {"number": "1,7"}, "odd": false},
                "weekday": {"even": false, "every": {"number": "1,3,5"}, "odd": false}}},
            "user_execution": "1001"});
        service.cron().create().body(body::<swpanel::types::CronJobCreateRequest>(job.clone())).send().await?;
        let jobs = said(&*service.cron().list().send().await?);
        let made = jobs.as_array().unwrap().iter().find(|job| job["content"] == "/usr/bin/true").unwrap().clone();
        let id = made["id"].as_str().unwrap();
        service.cron().stop().cron_id(id).send().await?;
        let stopped = said(&*service.cron().get().cron_id(id).send().await?);
        service.cron().start().cron_id(id).send().await?;
        assert_ne!(said(&*service.cron().get().cron_id(id).send().await?)["status"], stopped["status"]);
        let mut change = job;
        change["content"] = "/usr/bin/false".into();
        service.cron().update().cron_id(id).body(body::<swpanel::types::CronJobUpdateRequest>(change)).send().await?;
        assert_eq!(said(&*service.cron().get().cron_id(id).send().await?)["content"], "/usr/bin/false");
        service.cron().delete().cron_id(id).send().await?;
        is_gone(service.cron().get().cron_id(id).send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn mailboxes() {
    #[cfg(known_names)]
    travel(|client| async move {
        let service = client.service("XX012");
        let mail = "journey@example.es";
        let mailbox: swpanel::types::MailboxCreateRequest = body(
            json!({"email": mail, "password": "a-Long-1-password",
            "forward": {"activate": false}, "notify_user": {"activate": false}, "post_it": "", "size": {"unlimited": true}}),
        );
        service.mail_mailbox().create().body(mailbox).send().await?;
        let listed = serde_json::to_value(&*service.mail_mailbox().list().send().await?).unwrap();
        assert!(listed.to_string().contains(mail), "{listed}");
        service.mail_mailbox().stop().mail(mail).send().await?;
        service.mail_mailbox().start().mail(mail).send().await?;
        service.mail_mailbox().size_get().mail(mail).send().await?;
        let login: swpanel::types::MailboxSwpanelLoginSetRequest =
            body(json!({"swpanel_login": {"access_profile": 1, "activate": true}}));
        service.mail_mailbox().swpanel_login_set().mail(mail).body(login).send().await?;
        let login =
            serde_json::to_value(&*service.mail_mailbox().swpanel_login_get().mail(mail).send().await?).unwrap();
        assert!(login.to_string().contains("true"), "{login}");
        let change: swpanel::types::MailboxUpdateRequest = body(json!({"post_it": "changed"}));
        service.mail_mailbox().update().mail(mail).body(change).send().await?;
        let read = serde_json::to_value(&*service.mail_mailbox().get().mail(mail).send().await?).unwrap();
        assert!(read.to_string().contains("changed"), "{read}");
        service.mail_mailbox().delete().mail(mail).send().await?;
        is_gone(service.mail_mailbox().get().mail(mail).send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn mail_aliases_and_lists() {
    #[cfg(known_names)]
    travel(|client| async move {
        let service = client.service("XX012");
        let alias: swpanel::types::MailAliasCreateRequest = body(
            json!({"email_alias": "journey@example.es", "destination": {"emails": "info@example.es"}, "post_it": ""}),
        );
        service.mail_alias().create().body(alias).send().await?;
        let change: swpanel::types::MailAliasUpdateRequest =
            body(json!({"destination": {"emails": "info@example.es;office@example.es"}, "post_it": "changed"}));
        service.mail_alias().update().alias("journey@example.es").body(change).send().await?;
        let read = said(&*service.mail_alias().get().alias("journey@example.es").send().await?);
        assert_eq!(read["post_it"], "changed");
        service.mail_alias().delete().alias("journey@example.es").send().await?;
        is_gone(service.mail_alias().get().alias("journey@example.es").send().await);

        let name = "journeys@example.es";
        let list: swpanel::types::MailingListCreateRequest = body(
            json!({"administrator": {"email": "info@example.es"},
            "destination": {"emails": "anna@example.es"}, "mailing_list": name, "post_it": "", "sender_name": "Journeys"}),
        );
        service.mail_list().create().body(list).send().await?;
        let more: swpanel::types::MailingListEmailsUpdateRequest =
            body(json!({"add": {"email": "joan@example.es", "overwrite": false}}));
        service.mail_list().emails_update().mailing_list(name).body(more).send().await?;
        let read = said(&*service.mail_list().get().mailing_list(name).send().await?).to_string();
        assert!(read.contains("anna@example.es") && read.contains("joan@example.es"), "{read}");
        let change: swpanel::types::MailingListUpdateRequest = body(
            json!({"administrator": {"email": "office@example.es"}, "post_it": "", "sender_name": "Other journeys"}),
        );
        service.mail_list().update().mailing_list(name).body(change).send().await?;
        assert_eq!(said(&*service.mail_list().get().mailing_list(name).send().await?)["sender_name"], "Other journeys");
        service.mail_list().delete().mailing_list(name).send().await?;
        is_gone(service.mail_list().get().mailing_list(name).send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn cloud_servers_with_a_long_job() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let emulator = Emulator::builder().seed(Seed::Demo).start_blocking().unwrap();
    let client = Client::builder().token(emulator.token()).base_url(emulator.base_url()).retries(0).build().unwrap();
    #[cfg(known_names)]
    runtime.block_on(async {
        let id = cloud_server(&client).await.unwrap();
        let cloud = client.service(id.as_str());
        let status = || async { cloud.status_get().send().await };
        let words = |answer: &Value| answer.to_string();
        cloud.cloud().stop().send().await.unwrap();
        let stopped = words(&serde_json::to_value(&*status().await.unwrap()).unwrap());
        // From here a start takes as many reads as a long job would take minutes.
        emulator.set_jobs(Jobs::Calls(3));
        cloud.cloud().start().send().await.unwrap();
        let waiter = client.waiter().first_pause(std::time::Duration::from_millis(5));
        let started = waiter
            .until(status, |answer| {
                let now = words(&serde_json::to_value(answer).unwrap());
                now.contains("\"started\"") || now.contains("\"active\"") || now.contains("\"running\"")
            })
            .await
            .unwrap();
        assert_ne!(words(&serde_json::to_value(&*started).unwrap()), stopped);
        emulator.set_jobs(Jobs::Immediate);
        for call in [cloud.cloud().park().send().await, cloud.cloud().unpark().send().await] {
            call.unwrap();
        }
        let before = said(&*client.service_list().send().await.unwrap()).as_array().unwrap().len();
        cloud.cloud().clone().send().await.unwrap();
        cloud.cloud().clone_white().send().await.unwrap();
        assert_eq!(said(&*client.service_list().send().await.unwrap()).as_array().unwrap().len(), before + 2);
        let delete = json!({"additional": {}, "delete": {"mode": "immediate"}});
        cloud.delete().body(body::<swpanel::types::ServiceDeleteRequest>(delete)).send().await.unwrap();
        is_gone(cloud.get().send().await);
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn contacts_hosts_and_domains() {
    #[cfg(known_names)]
    travel(|client| async move {
        let contact = json!({"address": {"city": "Girona", "country": "ES", "postalCode": "17001", "state": "Girona",
            "street": "Carrer Nou 1"}, "company": "", "email": "anna@example.es", "firstName": "Anna", "lastName": "Puig",
            "legal_entity_type": "1", "phone": "+34.972000000", "taxId": "00000000T"});
        let before = said(&*client.domain_contact_list().send().await?).as_array().unwrap().len();
        client
            .domain_contact_create()
            .body(body::<swpanel::types::DomainContactCreateRequest>(contact.clone()))
            .send()
            .await?;
        let contacts = said(&*client.domain_contact_list().send().await?);
        let contacts = contacts.as_array().unwrap();
        assert_eq!(contacts.len(), before + 1);
        let id = contacts.last().unwrap()["id"].as_str().unwrap().to_owned();
        let mut change = contact;
        change["lastName"] = "Soler".into();
        client
            .contact(id.as_str())
            .update()
            .body(body::<swpanel::types::DomainContactUpdateRequest>(change))
            .send()
            .await?;
        assert_eq!(said(&*client.contact(id.as_str()).get().send().await?)["lastName"], "Soler");

        let name = "journey-of-a-domain.es";
        client.domain(name).availability_get().send().await?;
        client.domain(name).whois_get().send().await?;
        client.domain_price_get().extension("es").send().await?;
        let ids = json!({"id_contact": id});
        let order = json!({"additional": {"autorenew": {"enable": true}}, "domain": name, "years": 1,
            "contacts": {"administrative": ids, "registrant": ids, "technical": ids},
            "hostname": ["ns1.example.es", "ns2.example.es"]});
        client.domain_register().body(body::<swpanel::types::DomainRegisterRequest>(order)).send().await?;
        assert_eq!(with(&*client.domain_list().send().await?, "domain", name).len(), 1);
        client
            .domain_renew()
            .body(body::<swpanel::types::DomainRenewRequest>(json!({"domain": name, "years": 1})))
            .send()
            .await?;

        let host: swpanel::types::DomainHostCreateRequest =
            body(json!({"hostname": format!("ns1.{name}"), "ip": "192.0.2.53"}));
        client.domain_host_create().body(host).send().await?;
        let made = with(&*client.domain_host_list().send().await?, "hostname", &format!("ns1.{name}"));
        let host = client.hostname(made[0]["id"].as_str().unwrap());
        let change: swpanel::types::DomainHostUpdateRequest =
            body(json!({"hostname": format!("ns1.{name}"), "ip": "192.0.2.54"}));
        host.update().body(change).send().await?;
        assert_eq!(said(&*host.get().send().await?)["ip"], "192.0.2.54");
        host.delete().send().await?;
        is_gone(host.get().send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn certificates() {
    #[cfg(known_names)]
    travel(|client| async move {
        let list = said(&*client.ssl_certificate_list().send().await?);
        let id = list[0]["id"].as_str().unwrap().to_owned();
        let certificate = client.ssl(id.as_str());
        certificate.get().send().await?;
        let file = certificate.pfx_get().send().await?;
        assert!(format!("{:?}", *file).contains("[redacted]"), "a private key does not show");
        certificate.token_list().send().await?;
        certificate.reissue().send().await?;
        certificate.renew().send().await?;
        is_gone(client.ssl("no-such-certificate").get().send().await);
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn hostings_stop_and_start_and_catalogues_are_read() {
    #[cfg(known_names)]
    travel(|client| async move {
        let service = client.service("XX012");
        let status = || async { Ok::<_, swpanel::Error>(said(&*service.get().send().await?)["status"].clone()) };
        let before = status().await?;
        service.hosting().stop().send().await?;
        assert_ne!(status().await?, before);
        service.hosting().start().send().await?;
        assert_eq!(status().await?, before);
        for (what, list) in [
            ("plans", said(&*client.rha_plan_list().send().await?)),
            ("applications", said(&*client.cloud_app_list().send().await?)),
            ("centres", said(&*client.datacenter_list().send().await?)),
            ("hostings", said(&*client.hosting_type_list().send().await?)),
            ("systems", said(&*client.operating_system_list().send().await?)),
            ("templates", said(&*client.hosting_template_list().send().await?)),
            ("limits", said(&*client.resource_limit_template_list().send().await?)),
            ("prices", said(&*client.domain_price_list().send().await?)),
        ] {
            assert!(list.as_array().is_some_and(|list| !list.is_empty()), "{what}");
        }
        Ok(())
    });
}

#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn a_team_that_may_not_spend_does_not() {
    #[cfg(known_names)]
    travel(|client| async move {
        let careful = Client::builder()
            .token("emulator_default_000000")
            .base_url(client.base_url())
            .guardrails(swpanel::Guardrails::new().no_billable(true))
            .build()?;
        let error = careful.service("XX012").cloud().clone().send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Guardrail, 0));
        careful.service("XX012").dns().list().send().await?;
        Ok(())
    });
}

/// Everything that one customer gets and gives back: only handles and the calls that make what they hold.
#[test]
#[cfg_attr(not(known_names), ignore = "the document lacks a method or type of the reconstruction")]
fn the_life_of_a_customer() {
    #[cfg(known_names)]
    travel(|client| async move {
        let client = &client;
        let services = said(&*client.service_list().send().await?).as_array().unwrap().len();
        // A domain for an existing contact, and a hosting for the domain.
        let contacts = said(&*client.domain_contact_list().send().await?);
        let contact = json!({"id_contact": contacts[0]["id"]});
        let name = "fleca-can-pere.es";
        let order = json!({"additional": {"autorenew": {"enable": true}}, "domain": name, "years": 1,
            "contacts": {"administrative": contact, "registrant": contact, "technical": contact},
            "hostname": ["ns1.example.es", "ns2.example.es"]});
        client.domain_register().body(body::<swpanel::types::DomainRegisterRequest>(order)).send().await?;
        let kinds = said(&*client.hosting_type_list().send().await?);
        let kind = kinds.as_array().unwrap().iter().find(|kind| kind["id_type"] == "25-H101").unwrap();
        let centres = said(&*client.datacenter_list().send().await?);
        let order = json!({"datacenter": centres[0]["id_dc"], "domain": {"name": name, "register": false, "transfer": false},
            "hosting": {"id_service_type": kind["id_type"], "customize": {"add_databases": 0, "add_disc_space": 0,
            "add_mailboxes": 0}, "mailbox": {"create_new": false}}});
        let hosting = customers_hosting(client, order, name).await?;
        let service = client.service(hosting.as_str());
        let after = said(&*client.service_list().send().await?).as_array().unwrap().len();
        assert!(after > services);

        let record = json!({"zone": name, "record": {"type": "A", "name": "tenda", "data": {"ip": "192.0.2.20"}}});
        service.dns().create().body(body::<swpanel::types::DnsRecordCreateRequest>(record)).send().await?;
        let mailbox = json!({"email": format!("info@{name}"), "password": "a-Long-1-password", "forward": {"activate": false},
            "notify_user": {"activate": false}, "post_it": "", "size": {"unlimited": true}});
        service.mail_mailbox().create().body(body::<swpanel::types::MailboxCreateRequest>(mailbox)).send().await?;
        let alias = json!({"email_alias": format!("comandes@{name}"), "destination": {"emails": format!("info@{name}")}, "post_it": ""});
        service.mail_alias().create().body(body::<swpanel::types::MailAliasCreateRequest>(alias)).send().await?;
        let list = json!({"administrator": {"email": format!("info@{name}")}, "destination": {"emails": "anna@example.es"},
            "mailing_list": format!("novetats@{name}"), "post_it": "", "sender_name": "Can Pere"});
        service.mail_list().create().body(body::<swpanel::types::MailingListCreateRequest>(list)).send().await?;
        let database = json!({"db_name": "botiga", "new_user": {"create_new": true, "password": "a-Long-1-password",
            "privileges": {"fullcontrol": true, "readonly": false}}});
        service.db().create().body(body::<swpanel::types::DatabaseCreateRequest>(database)).send().await?;
        let user =
            json!({"additional": {"description": "shop"}, "ip_host": "192.0.2.10", "password": "a-Long-1-password"});
        service.db_user().create().body(body::<swpanel::types::DatabaseUserCreateRequest>(user)).send().await?;
        let account = json!({"login": "canpere", "password": "a-Long-1-password",
            "access": {"directory": "/web", "read_only": false}, "additional": {}, "size": {"unlimited": true}});
        service.ftp().create().body(body::<swpanel::types::FtpAccountCreateRequest>(account)).send().await?;
        let users = said(&*service.cron().user_list().send().await?);
        let all = json!({"even": false, "every": {"number": "1"}, "odd": false});
        let job = json!({"additional": {"name": "nightly"}, "content": "/usr/bin/true", "date": {"start": "31/12/2026 00:30:00"},
            "scheduler": {"customize": {"days": all, "hours": all, "minutes": all, "months": all, "weekday": all}},
            "user_execution": users[0]["id"]});
        service.cron().create().body(body::<swpanel::types::CronJobCreateRequest>(job)).send().await?;
        let certificates = said(&*client.ssl_certificate_list().send().await?);
        client.ssl(certificates[0]["id"].as_str().unwrap()).get().send().await?;

        // All of it is there.
        for (what, list) in [
            ("dns", said(&*service.dns().list().send().await?)),
            ("aliases", said(&*service.mail_alias().list().send().await?)),
            ("lists", said(&*service.mail_list().list().send().await?)),
            ("databases", said(&*service.db().list().send().await?)),
            ("users", said(&*service.db_user().list().send().await?)),
            ("ftp", said(&*service.ftp().list().send().await?)),
            ("cron", said(&*service.cron().list().send().await?)),
        ] {
            assert!(list.as_array().is_some_and(|list| !list.is_empty()), "{what}: {list}");
        }
        // And gone with the service.
        let delete = json!({"additional": {}, "delete": {"mode": "immediate"}});
        service.delete().body(body::<swpanel::types::ServiceDeleteRequest>(delete)).send().await?;
        is_gone(service.get().send().await);
        let left = service.dns().list().send().await;
        assert!(left.is_err() || said(&*left?) == json!([]), "what was under it is gone too");
        Ok(())
    });
}

/// Orders a hosting and finds it by its domain.
#[cfg(known_names)]
async fn customers_hosting(client: &Client, order: Value, domain: &str) -> Result<String, swpanel::Error> {
    client.service_create().body(body::<swpanel::types::ServiceCreateRequest>(order)).send().await?;
    let services = said(&*client.service_list().send().await?);
    let found = services.as_array().unwrap().iter().find(|service| service["domain"] == domain);
    Ok(found.unwrap_or_else(|| panic!("no service has the domain {domain}"))["id"].as_str().unwrap().to_owned())
}
