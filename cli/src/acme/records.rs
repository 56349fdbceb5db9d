//! A text to a record of a zone, and back: added beside what is there, removed by its value.

use serde_json::{Map, Value, json};

use crate::arguments::Parsed;
use crate::failure::Failure;
use crate::request::{Request, path};
use crate::session::Session;
use crate::table::Command;

const LIST: (&str, &str) = ("GET", "/services/{service}/dns/");
const CREATE: (&str, &str) = ("POST", "/services/{service}/dns/");
const DELETE: (&str, &str) = ("DELETE", "/services/{service}/dns/{record_id}");

/// A place in a zone.
pub(super) struct Zone {
    pub(super) service: String,
    pub(super) name: String,
    /// The name of the record within the zone.
    pub(super) relative: String,
}

fn command((method, path): (&str, &str)) -> Result<&'static Command, Failure> {
    Command::find(method, path).ok_or_else(|| Failure::absent(method, path, "acme"))
}

/// The type of a record that carries one text: TXT where the document has it, else the first that does.
fn text_type(create: &'static Command) -> Option<&'static str> {
    let flags = create.body.as_ref()?.flags;
    let of_type = |value: &&str| {
        let within = |flag: &&crate::table::Flag| flag.when.contains(&("record.type", *value));
        let data: Vec<&str> = flags.iter().filter(within).map(|flag| flag.path).collect();
        data == ["record.data.value"]
    };
    let types = flags.iter().find(|flag| flag.path == "record.type")?.holds.choices;
    let mut texts = types.iter().copied().filter(of_type);
    texts.clone().find(|of| *of == "TXT").or_else(|| texts.next())
}

async fn listed(session: &Session, zone: &Zone) -> Result<Vec<Value>, Failure> {
    let list = command(LIST)?;
    let request = Request::raw(list.method, &path(list, std::slice::from_ref(&zone.service))?, Vec::new(), None);
    let answer = session.send(&request).await?;
    match answer.get("result") {
        Some(Value::Array(records)) => Ok(records.clone()),
        _ => Err(Failure::other(format!("{} {} answered without a list in `result`", list.method, list.path))),
    }
}

/// Whether a record says this text anywhere, with or without quotes; its members are not known by name.
fn says(record: &Value, text: &str) -> bool {
    match record {
        Value::String(known) => known.trim().trim_matches('"') == text,
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(members) => members.values().any(|value| says(value, text)),
        _ => false,
    }
}

/// Adds the text, unless it is there already; says what was done.
pub(super) async fn add(session: &Session, parsed: &Parsed, zone: &Zone, text: &str) -> Result<String, Failure> {
    let create = command(CREATE)?;
    let of = parsed.given.get("type").or_else(|| text_type(create)).ok_or_else(|| {
        Failure::other("the document has no type of record that carries one text").hint("`--type TXT` sends that")
    })?;
    if listed(session, zone).await?.iter().any(|record| says(record, text)) {
        return Ok(format!("the text is in {} already\n", zone.name));
    }
    let body = json!({
        "zone": zone.name,
        "record": { "name": zone.relative, "type": of, "data": { "value": text } },
    });
    let path = path(create, std::slice::from_ref(&zone.service))?;
    session.send(&Request::raw(create.method, &path, Vec::new(), Some(body))).await?;
    let mut done = format!("added to {} as {} of type {of}\n", zone.name, zone.relative);
    if of != "TXT" {
        done.push_str("not proven: that the name servers answer this type as TXT; `--wait` asks them, `--type TXT` sends that type\n");
    }
    if !listed(session, zone).await?.iter().any(|record| says(record, text)) {
        done.push_str("it does not show in the list of records yet\n");
    }
    Ok(done)
}

/// Removes every record that says the text; others stay.
pub(super) async fn remove(session: &Session, zone: &Zone, text: &str) -> Result<usize, Failure> {
    let delete = command(DELETE)?;
    let mut removed = 0;
    for record in listed(session, zone).await?.iter().filter(|record| says(record, text)) {
        let id = id(record)?;
        let path = path(delete, &[zone.service.clone(), id])?;
        session.send(&Request::raw(delete.method, &path, Vec::new(), None)).await?;
        removed += 1;
    }
    Ok(removed)
}

/// The id of a record: no evidence names its member, so the likely names are tried, then the only one like an id.
fn id(record: &Value) -> Result<String, Failure> {
    let none = Map::new();
    let members = record.as_object().unwrap_or(&none);
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let likely = ["record_id", "id_record", "id", "id_dns_record", "dns_record_id", "id_dns"];
    if let Some(id) = likely.iter().find_map(|name| members.get(*name).and_then(text)) {
        return Ok(id);
    }
    let like = |name: &str| name.to_lowercase().starts_with("id") || name.to_lowercase().ends_with("id");
    let found: Vec<String> =
        members.iter().filter(|(name, _)| like(name)).filter_map(|(_, value)| text(value)).collect();
    match found.as_slice() {
        [only] => Ok(only.clone()),
        _ => {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            Err(Failure::other(format!("the id of the record is not found among its members {}", names.join(", ")))
                .hint("remove it by hand with `swpanel dns delete`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_known_by_its_text_and_has_an_id() {
        let record = json!({"id": 7, "name": "_acme-challenge", "data": {"value": "\"abc\""}});
        assert!(says(&record, "abc") && !says(&record, "ab"));
        assert_eq!(id(&record).unwrap(), "7");
        assert_eq!(id(&json!({"recordId": "x", "name": "y"})).unwrap(), "x");
        assert!(id(&json!({"id_a": "1", "id_b": "2"})).unwrap_err().what.contains("id_a, id_b"));
    }
}
