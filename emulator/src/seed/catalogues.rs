//! What belongs to the vendor: catalogues in the forms that the example clients read, and prices. Ids that the
//! evidence names (`25-H101` to `25-H104`, datacenter `01`, category `6`) are there; all else is made up.

use serde_json::{Value, json};

use super::item;
use crate::behaviour::price;
use crate::world::World;

pub(super) const EXTENSIONS: &[&str] = &[
    "es",
    "com",
    "net",
    "org",
    "cat",
    "eu",
    "com.es",
    "info",
    "biz",
    "barcelona",
    "madrid",
    "gal",
    "eus",
    "online",
    "shop",
];

pub(super) fn fill(world: &mut World) {
    let systems = [
        ("1", "linux", "Debian 13"),
        ("2", "linux", "Ubuntu Server 26.04"),
        ("3", "linux", "AlmaLinux 10"),
        ("4", "windows", "Windows Server 2025"),
        // The example client drops entries whose type is empty, so there are such.
        ("5", "", "Sin sistema operativo"),
    ];
    for (id, kind, description) in systems {
        put(world, "tools/so", id, json!({"id_os": id, "values": {"type": kind, "description": description}}));
    }
    for (id, description) in [("1", "WordPress"), ("2", "PrestaShop"), ("3", "Nextcloud"), ("4", "Moodle")] {
        put(world, "tools/cloud_app", id, json!({"id_cloud_app": id, "values": {"description": description}}));
    }
    for (id, description) in [("01", "Girona"), ("02", "Barcelona"), ("03", "Madrid")] {
        put(world, "tools/dc", id, json!({"id_dc": id, "values": {"description": description}}));
    }
    let plans = [
        ("25-H101", "6", "Smart Hosting S"),
        ("25-H102", "6", "Smart Hosting M"),
        ("25-H103", "6", "Smart Hosting L"),
        ("25-H104", "6", "Smart Hosting XL"),
        ("25-H201", "7", "Hosting para distribuidores"),
    ];
    for (id, category, description) in plans {
        let plan = json!({"id_type": id, "category": {"id": category}, "values": {"description": description}});
        put(world, "tools/hosting_type", id, plan);
    }
    for (id, name) in [("1", "Plan Básico"), ("2", "Plan Profesional"), ("3", "Plan Tienda")] {
        put(world, "RHA/services/hosting_plans", id, json!({"id": id, "values": {"name": name}}));
    }
    for id in ["1", "2", "3"] {
        put(world, "tools/templates/hosting", id, json!({"id_hosting_template": id}));
    }
    for (id, cores, ram, iops) in [("1", 1, 1_024, 500), ("2", 2, 2_048, 1_000), ("3", 4, 8_192, 4_000)] {
        let limits = json!({"cores": {"values": cores}, "ram": {"values": ram}, "iops": {"values": iops}});
        let template = json!({"id_resources_limit_template": id, "values": {"limitations": limits}});
        put(world, "tools/templates/resources_limit", id, template);
    }
    for extension in EXTENSIONS {
        put(world, "domains/prices", extension, price(extension));
    }
}

fn put(world: &mut World, place: &str, key: &str, value: Value) {
    world.insert(place, key, item(value));
}
