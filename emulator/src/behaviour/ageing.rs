//! What time does by itself, once the clock is moved: contracts renew, domains renew or run out.
//!
//! The manuals name the stages of a domain and give about 30 days for its redemption and 5 for its deletion; that the
//! grace before it takes 30 days as well is our guess, since it differs by extension.

use serde_json::{Value, json};

use super::domains::DOMAINS;
use crate::world::clock::{add_years, date, parse};
use crate::world::{Item, SERVICES, World};

const DAY: i64 = 86_400;

/// Brings everything up to the time that the clock shows.
pub(crate) fn age(world: &mut World) {
    let now = world.now;
    // By the manuals a hosting renews by itself, and a cloud is billed month by month.
    for key in keys(world, SERVICES) {
        let Some(item) = world.get_mut(SERVICES, &key) else { continue };
        let yearly = item.get("billing").and_then(Value::as_str) == Some("year");
        renew(item, "renewal", now, |day| if yearly { add_years(day, 1) } else { day + 30 * DAY });
    }
    for key in keys(world, DOMAINS) {
        let Some(item) = world.get_mut(DOMAINS, &key) else { continue };
        let active = item.get("status").and_then(Value::as_str) == Some("active");
        if active && item.get("autorenew") == Some(&Value::Bool(true)) {
            renew(item, "expires", now, |day| add_years(day, 1));
            continue;
        }
        let Some(expires) = day(item, "expires").filter(|expires| *expires <= now) else { continue };
        let status = match (now - expires) / DAY {
            ..30 => "expired",
            30..60 => "redemption",
            60..65 => "pending_delete",
            _ => {
                world.remove(DOMAINS, &key);
                continue;
            }
        };
        item.insert("status".to_owned(), json!(status));
    }
}

fn keys(world: &World, place: &str) -> Vec<String> {
    world.list(place).filter_map(|item| item.get("id")?.as_str()).map(str::to_owned).collect()
}

fn day(item: &Item, member: &str) -> Option<i64> {
    item.get(member).and_then(Value::as_str).and_then(parse)
}

/// Moves a day on until it lies ahead.
fn renew(item: &mut Item, member: &str, now: i64, next: impl Fn(i64) -> i64) {
    let Some(mut at) = day(item, member).filter(|at| *at <= now) else { return };
    while at <= now {
        let later = next(at);
        // At the end of the calendar there is no later day.
        if later <= at {
            return;
        }
        at = later;
    }
    item.insert(member.to_owned(), json!(date(at)));
}
