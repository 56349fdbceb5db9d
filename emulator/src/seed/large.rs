//! An account with thousands of services, for tools that work through a whole fleet.

use serde_json::json;

use super::item;
use crate::behaviour::{add_records, new_service, service_id};
use crate::world::{SERVICES, World, below};

/// Services in all; every fifth is a cloud server.
const SERVICES_IN_ALL: usize = 5_000;

pub(super) fn fill(world: &mut World) {
    for number in 0..SERVICES_IN_ALL {
        let id = service_id(world);
        if number % 5 == 1 {
            let status = if number % 35 == 1 { "stopped" } else { "started" };
            let service = new_service(world, &id, "cloud", &format!("Servidor {number}"), status);
            world.insert(SERVICES, &id, service);
            continue;
        }
        let domain = if number == 0 { "example.es".to_owned() } else { format!("cliente-{number}.es") };
        let mut service = new_service(world, &id, "hosting", &domain, "active");
        service.extend(item(json!({"domain": domain, "zones": [domain], "variant": "standard"})));
        world.insert(SERVICES, &id, service);
        let records = vec![
            json!({"name": "@", "type": "A", "data": {"ip": "192.0.2.10"}}),
            json!({"name": "@", "type": "MX", "data": {"priority": 10, "exchange": format!("mail.{domain}")}}),
        ];
        add_records(world, &id, &domain, records);
        let email = format!("info@{domain}");
        let mailbox = json!({"id": email, "email": email, "size": {"unlimited": true}, "status": "started"});
        world.insert(&below(SERVICES, &id, "mail/mailbox"), &email, item(mailbox));
        if number % 4 == 0 {
            let key = world.next("domains", 12_344).to_string();
            let members = json!({"id": key, "domain": domain, "status": "active", "expires": "2027-06-02"});
            world.insert("domains", &key, item(members));
        }
    }
}
