//! What a role alone says: list, read, create, update, delete, view, act.

use serde_json::{Value, json};

use super::{Call, absent, conflicts, lay_over};
use crate::answer::{Outcome, Refused};
use crate::codes;
use crate::document::{Place, Role, Segment, fit};
use crate::world::{Item, SERVICES};

pub(super) fn answer(call: &mut Call<'_>) -> Outcome {
    match call.operation.role.clone() {
        Role::List { .. } => list(call),
        Role::Read { .. } => read(call),
        Role::Create { .. } => create(call),
        Role::Update { .. } => update(call),
        Role::Delete { .. } => delete(call),
        Role::View { name, .. } => view(call, &name),
        Role::Action { name, .. } => act(call, &name),
        Role::Collective { name, .. } if call.operation.is_read() => Ok(call.data(json!({"name": name}))),
        Role::Collective { name, .. } => Ok(call.written(&format!("{name}: done"), None, None)),
        Role::Lone { .. } if call.operation.is_read() => {
            let schema = call.operation.response.schema.clone().unwrap_or(Value::Bool(true));
            Ok(call.whole(fit(&call.api.tree, &schema, None)))
        }
        Role::Lone { name } => Ok(call.written(&format!("{name}: done"), None, None)),
    }
}

pub(super) fn list(call: &Call<'_>) -> Outcome {
    let place = call.collection();
    let mut rows: Vec<&Item> = call.world.list(&place).collect();
    if place == SERVICES {
        rows.retain(|item| item.get("id").and_then(Value::as_str).is_none_or(|id| call.scope.sees(id)));
    }
    let asked = |name: &str| call.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    for parameter in call.operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
        if matches!(parameter.name.as_str(), "order" | "descent") {
            continue;
        }
        // An empty filter filters nothing, as in most servers.
        let Some(wanted) = asked(&parameter.name).filter(|wanted| !wanted.is_empty()) else { continue };
        let same = |value: &Value| match value {
            Value::String(text) => text.eq_ignore_ascii_case(wanted),
            other => serde_json::to_string(other).is_ok_and(|text| text == wanted),
        };
        rows.retain(|item| item.get(&parameter.name).is_some_and(same));
    }
    if let Some(order) = asked("order") {
        let by = |item: &&Item| {
            let value = item.get("values").and_then(|values| values.get(order)).or_else(|| item.get(order));
            value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default()
        };
        rows.sort_by_cached_key(by);
        if asked("descent").is_some_and(|descent| descent.eq_ignore_ascii_case("true")) {
            rows.reverse();
        }
    }
    call.rows(&rows)
}

pub(super) fn read(call: &Call<'_>) -> Outcome {
    let (place, key) = call.item()?;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    Ok(call.data(Value::Object(item.clone())))
}

/// Makes an item of the body, and answers; `status` is what it begins with.
pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let item = call.keepable();
    create_item(call, item)
}

/// The same with other members.
pub(super) fn create_item(call: &mut Call<'_>, members: Item) -> Outcome {
    let place = call.collection();
    conflicts::check_unique(call, &place, None)?;
    let key = match body_key(call)? {
        Some(key) => key,
        None => made_key(call, &place),
    };
    if call.world.find_key(&place, &key, None).is_some() {
        let message = format!("`{key}` is there already; update it, or delete it first");
        return Err(Refused::new(&codes::EXISTS, message));
    }
    let mut item = Item::new();
    item.insert("id".to_owned(), json!(key));
    item.extend(members);
    if let Some(status) = call.operation.row.status {
        item.insert("status".to_owned(), json!(status));
    }
    call.world.insert(&place, &key, item.clone());
    Ok(call.written(&format!("created {key}"), Some(&key), Some(&item)))
}

/// The key that the body names, where the table or the name of the path's parameter says which member it is.
fn body_key(call: &Call<'_>) -> Result<Option<String>, Refused> {
    let by_name = || call.operation.key_names.iter().map(|name| format!("/{name}"));
    let pointers: Vec<String> = call.operation.row.key.map(str::to_owned).into_iter().chain(by_name()).collect();
    for pointer in pointers {
        let key = match call.body_member(&pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(number @ Value::Number(_)) => number.to_string(),
            _ => continue,
        };
        if key.trim().is_empty() {
            return Err(call.refuse_member(&pointer, "a key", "an empty text"));
        }
        return Ok(Some(key));
    }
    Ok(None)
}

/// The next key: by the pattern of the table, or digits that count up over the whole account.
pub(super) fn made_key(call: &mut Call<'_>, place: &str) -> String {
    loop {
        let key = match call.operation.row.pattern {
            Some(pattern) => {
                let number = call.world.next(&format!("{place}/"), 0);
                pattern.replace("{n}", &number.to_string()).replace("{parent}", call.service())
            }
            None => call.world.next(&counter(call), 12_344).to_string(),
        };
        if call.world.get(place, &key).is_none() {
            return key;
        }
    }
}

/// The counter of a kind of collection, wherever it stands.
pub(super) fn counter(call: &Call<'_>) -> String {
    let segments = call.operation.segments.iter().take(call.operation.role.collection());
    let words: Vec<&str> = segments
        .map(|segment| match segment {
            Segment::Literal(word) => word.as_str(),
            Segment::Parameter(_) => "*",
        })
        .collect();
    words.join("/")
}

/// The item that path or body names.
pub(super) fn target(call: &Call<'_>) -> Result<(String, String), Refused> {
    if call.operation.role.item().is_some() {
        return call.item();
    }
    let place = call.collection();
    let Some(key) = body_key(call)? else {
        let message = format!("{} names its item neither in the path nor in the body", call.operation.key);
        return Err(Refused::new(&codes::NOT_FOUND, message));
    };
    let stored = call.world.find_key(&place, &key, None).map(str::to_owned);
    stored.ok_or_else(|| absent(&place, &key)).map(|key| (place, key))
}

pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    let (place, key) = target(call)?;
    conflicts::check_unique(call, &place, Some(&key))?;
    let members = call.keepable();
    let schema = call.operation.body.as_ref().map_or(&Value::Null, |body| body.schema());
    let item = call.world.get_mut(&place, &key).ok_or_else(|| absent(&place, &key))?;
    lay_over(&call.api.tree, schema, item, members);
    let item = item.clone();
    Ok(call.written(&format!("updated {key}"), None, Some(&item)))
}

pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let (place, key) = target(call)?;
    let item = call.world.get(&place, &key).cloned();
    call.world.remove(&place, &key);
    Ok(call.written(&format!("deleted {key}"), None, item.as_ref()))
}

/// The member that the view is named after, or the whole item.
fn view(call: &Call<'_>, name: &str) -> Outcome {
    let (place, key) = call.item()?;
    let item = call.world.get(&place, &key).ok_or_else(|| absent(&place, &key))?;
    let word = name.rsplit('/').next().unwrap_or(name);
    let data = item.get(word).cloned().unwrap_or_else(|| Value::Object(item.clone()));
    Ok(call.data(data))
}

/// Takes over what the body says and what the table makes of the status.
fn act(call: &mut Call<'_>, name: &str) -> Outcome {
    let (place, key) = call.item()?;
    let members = call.keepable();
    let schema = call.operation.body.as_ref().map_or(&Value::Null, |body| body.schema());
    let item = call.world.get_mut(&place, &key).ok_or_else(|| absent(&place, &key))?;
    lay_over(&call.api.tree, schema, item, members);
    match call.operation.row.status {
        Some(status) => item.insert("status".to_owned(), json!(status)),
        None => item.insert("last_action".to_owned(), json!(name)),
    };
    let item = item.clone();
    Ok(call.written(&format!("{name}: {key}"), None, Some(&item)))
}
