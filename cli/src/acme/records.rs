//! A text to a record of a zone, and back: added beside what is there, removed by its value.

use serde_json::{Map, Value, json};

use super::bare;
use crate::arguments::Parsed;
use crate::failure::{Exit, Failure};
use crate::request::{Request, path};
use crate::session::Session;
use crate::table::Command;
use crate::zone::inferred;
use crate::zone::membership::{Membership, membership, spelling};
use crate::zone::name::Name;

const LIST: (&str, &str) = ("GET", "/services/{service}/dns/");
const CREATE: (&str, &str) = ("POST", "/services/{service}/dns/");
const DELETE: (&str, &str) = ("DELETE", "/services/{service}/dns/{record_id}");

/// A place in a zone.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) service: String,
    pub(super) name: String,
    /// The name of the record within the zone; `@` is the zone itself.
    pub(super) relative: String,
}

impl Zone {
    /// The place of a name within a zone, where it is within it.
    pub(super) fn of(service: &str, zone: &str, name: &str) -> Option<Self> {
        let relative = if name == zone { "@" } else { name.strip_suffix(zone)?.strip_suffix('.')? };
        let given = !relative.is_empty();
        given.then(|| Self { service: service.to_owned(), name: zone.to_owned(), relative: relative.to_owned() })
    }

    /// The whole name.
    pub(super) fn full(&self) -> String {
        match self.relative.as_str() {
            "@" => self.name.clone(),
            relative => format!("{relative}.{}", self.name),
        }
    }
}

fn command((method, path): (&str, &str)) -> Result<&'static Command, Failure> {
    Command::find(method, path).ok_or_else(|| Failure::absent(method, path, "acme"))
}

/// The types of records that carry one text.
fn text_types(create: &'static Command) -> Vec<&'static str> {
    let Some(body) = &create.body else { return Vec::new() };
    let of_type = |value: &&str| {
        let within = |flag: &&crate::table::Flag| flag.when.contains(&("record.type", *value));
        // Of open data the whole is a flag too.
        let data = body.flags.iter().filter(within).map(|flag| flag.path).filter(|path| *path != "record.data");
        data.collect::<Vec<_>>() == ["record.data.value"]
    };
    let types = body.flags.iter().find(|flag| flag.path == "record.type").map(|flag| flag.holds.choices);
    types.unwrap_or_default().iter().copied().filter(of_type).collect()
}

/// The type that is sent where none is given: TXT where the document has it, else the first that carries one text.
fn text_type(create: &'static Command) -> Option<&'static str> {
    let texts = text_types(create);
    texts.iter().find(|of| **of == "TXT").or_else(|| texts.first()).copied()
}

/// What to try where the API does not accept a type that is only inferred.
fn other_type(create: &'static Command, of: &str) -> Option<String> {
    let inferred = inferred::types(create);
    let other = text_types(create).into_iter().find(|other| !inferred.contains(*other))?;
    inferred.contains(of).then(|| {
        format!(
            "the type {of} is inferred, and that the API accepts it was never proven; `--type {other}` sends a type that the \
             API was seen with"
        )
    })
}

/// Types of records that the document has.
pub(super) fn types() -> Vec<&'static str> {
    let (method, path) = CREATE;
    let flags = Command::find(method, path).and_then(|create| create.body.as_ref()).map(|body| body.flags);
    let of = flags.unwrap_or_default().iter().find(|flag| flag.path == "record.type");
    of.map(|flag| flag.holds.choices.to_vec()).unwrap_or_default()
}

/// All records that a service lists, of whatever zone.
pub(super) async fn listed(session: &Session, service: &str) -> Result<Vec<Value>, Failure> {
    let list = command(LIST)?;
    let request = Request::raw(list.method, &path(list, &[service.to_owned()])?, Vec::new(), None);
    let answer = session.send(&request).await?;
    match answer.get("result") {
        Some(Value::Array(records)) => Ok(records.clone()),
        _ => Err(Failure::other(format!("{} {} answered without a list in `result`", list.method, list.path))),
    }
}

/// How a listed record stands to a text at a place of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Here,
    Elsewhere,
    /// It says the text, and does not show in which zone or under which name.
    Unclear,
}

/// Members that are no data of a record. Their words may be those of any text.
const NO_DATA: [&str; 7] = ["zone", "dns_zone", "domain", "name", "type", "service", "record"];

/// Classifies a record by zone, name and data. Where it belongs is decided by [`membership`], as for plans of zones.
fn stands(record: &Value, zone: &Zone, text: &str) -> Stands {
    let inner = record.get("record").filter(|inner| inner.is_object()).unwrap_or(record);
    let others = || {
        let members = inner.as_object().into_iter().flatten();
        members.filter(|(name, _)| !NO_DATA.contains(&name.as_str())).any(|(_, value)| says(value, text))
    };
    if !inner.get("data").map_or_else(others, |data| says(data, text)) {
        return Stands::Elsewhere;
    }
    let Some(known) = Name::zone(&zone.name) else { return Stands::Unclear };
    match membership(record, &known) {
        Membership::Inside(name) | Membership::ByName(name) if name == zone.relative => Stands::Here,
        Membership::Inside(_) | Membership::ByName(_) | Membership::Outside => Stands::Elsewhere,
        Membership::Unclear(_) => Stands::Unclear,
    }
}

/// Whether a value says this text, with or without quotes.
fn says(record: &Value, text: &str) -> bool {
    match record {
        Value::String(known) => known.trim().trim_matches('"') == text,
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(members) => members.values().any(|value| says(value, text)),
        _ => false,
    }
}

/// The zones that listed records name.
pub(super) fn zones(records: &[Value]) -> Vec<String> {
    let named = |record: &Value| ["zone", "dns_zone"].iter().find_map(|name| record.get(*name)?.as_str().map(bare));
    records.iter().filter_map(named).filter(|zone| !zone.is_empty()).collect()
}

/// The name that the place is an alias of (CNAME) in the list of records.
pub(super) fn alias(records: &[Value], zone: &Zone) -> Option<String> {
    let found = records.iter().find_map(|record| {
        let inner = record.get("record").filter(|inner| inner.is_object()).unwrap_or(record);
        let word = |name: &str| [inner, record].iter().find_map(|from| from.get(name)?.as_str());
        let name = word("name").map(bare)?;
        let of_zone = word("zone").or_else(|| word("dns_zone")).map(bare);
        let is_here = match of_zone {
            Some(of_zone) => of_zone == zone.name && (name == zone.relative || name == zone.full()),
            None => name == zone.full(),
        };
        let is_alias = is_here && word("type").is_some_and(|of| of.trim().eq_ignore_ascii_case("CNAME"));
        let data = inner.get("data").filter(|_| is_alias)?;
        let text = data.as_str().or_else(|| data.as_object()?.values().find_map(Value::as_str));
        // It may be shown to a person.
        let text: String = text?.trim().chars().filter(|c| !swpanel::is_invisible(*c)).collect();
        Some(text).filter(|text| !text.is_empty())
    })?;
    Some(match found.as_str() {
        "@" => zone.name.clone(),
        whole if whole.ends_with('.') || whole.contains('.') => bare(whole),
        label => format!("{}.{}", bare(label), zone.name),
    })
}

/// The call that adds the text, with the type of its record; nothing where the text is there already.
pub(super) async fn addition(
    session: &Session,
    parsed: &Parsed,
    zone: &Zone,
    text: &str,
) -> Result<Option<(Request, String)>, Failure> {
    let create = command(CREATE)?;
    let of = parsed.given.get("type").or_else(|| text_type(create)).ok_or_else(|| {
        Failure::other("the document has no type of record that carries one text").hint("`--type TXT` sends that")
    })?;
    let records = listed(session, &zone.service).await?;
    // The API gets its own spelling of an international zone.
    let spelled = Name::zone(&zone.name).and_then(|known| spelling(&records, &known));
    if records.iter().any(|record| stands(record, zone, text) == Stands::Here) {
        return Ok(None);
    }
    let body = json!({
        "zone": spelled.unwrap_or_else(|| zone.name.clone()),
        "record": { "name": zone.relative, "type": of, "data": { "value": text } },
    });
    let path = path(create, std::slice::from_ref(&zone.service))?;
    Ok(Some((Request::raw(create.method, &path, Vec::new(), Some(body)), of.to_owned())))
}

/// Adds the text, unless it is there already; says whether it did, and in words what was done.
pub(super) async fn add(
    session: &Session,
    parsed: &Parsed,
    zone: &Zone,
    text: &str,
) -> Result<(bool, String), Failure> {
    let Some((request, of)) = addition(session, parsed, zone, text).await? else {
        return Ok((false, format!("the text is in {} already\n", zone.name)));
    };
    let other = other_type(command(CREATE)?, &of);
    session.send(&request).await.map_err(|error| {
        let failure = Failure::from(error);
        match &other {
            // The API turned the record down, and not the token or the rate.
            Some(other) if failure.exit == Exit::Invalid => failure.hint(other.as_str()),
            _ => failure,
        }
    })?;
    let mut done = format!("added to {} as {} of type {of}\n", zone.name, zone.relative);
    if other.is_some() {
        done.push_str(&format!(
            "not proven: that the API keeps a record of type {of} as it was sent; `--wait` asks the name servers\n"
        ));
    } else if of != "TXT" {
        done.push_str("not proven: that the name servers answer this type as TXT; `--wait` asks them, `--type TXT` sends that type\n");
    }
    if !listed(session, &zone.service).await?.iter().any(|record| stands(record, zone, text) == Stands::Here) {
        done.push_str("it does not show in the list of records yet\n");
    }
    Ok((true, done))
}

/// The calls that remove every record that says the text at that place; others stay.
pub(super) async fn removals(session: &Session, zone: &Zone, text: &str) -> Result<Vec<Request>, Failure> {
    let delete = command(DELETE)?;
    let records = listed(session, &zone.service).await?;
    let of = |wanted: Stands| records.iter().filter(move |record| stands(record, zone, text) == wanted);
    let mut requests = Vec::new();
    for record in of(Stands::Here) {
        let path = path(delete, &[zone.service.clone(), id(record)?])?;
        requests.push(Request::raw(delete.method, &path, Vec::new(), None));
    }
    if requests.is_empty() && of(Stands::Unclear).next().is_some() {
        return Err(Failure::other(format!(
            "a record of {} says the text and does not show its zone and name, so nothing was removed",
            zone.service
        ))
        .hint("look with `swpanel dns list`, and remove it with `swpanel dns delete`"));
    }
    Ok(requests)
}

/// Removes them; says how many there were.
pub(super) async fn remove(session: &Session, zone: &Zone, text: &str) -> Result<usize, Failure> {
    let requests = removals(session, zone, text).await?;
    for request in &requests {
        session.send(request).await?;
    }
    Ok(requests.len())
}

/// Refuses a service whose records this profile may not change, before a hook waits for anything.
pub(super) fn judge(session: &Session, service: &str) -> Result<(), Failure> {
    let create = command(CREATE)?;
    session.judge(&Request::raw(create.method, &path(create, &[service.to_owned()])?, Vec::new(), None))
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
        let zone = |zone: &str, relative: &str| Zone {
            service: "XX1".to_owned(),
            name: zone.to_owned(),
            relative: relative.to_owned(),
        };
        let (apex, www) = (zone("a.es", "_acme-challenge"), zone("a.es", "_acme-challenge.www"));
        for (record, at_apex) in [
            (json!({"id": 7, "zone": "a.es", "record": record}), Stands::Here),
            (json!({"id": 7, "zone": "b.es", "record": record}), Stands::Elsewhere),
            (json!({"id": 7, "dns_zone": "a.es", "record": record}), Stands::Here),
            (json!({"id": 7, "zone": "a.es", "dns_zone": "b.es", "record": record}), Stands::Unclear),
            (json!({"id": 7, "zone": {"id": 3}, "record": record}), Stands::Unclear),
            (json!({"id": 7, "zone": "a.es", "name": "_acme-challenge.a.es.", "value": "abc"}), Stands::Here),
            (json!({"id": 7, "name": "_acme-challenge.a.es", "content": "abc"}), Stands::Here),
            (json!({"id": 7, "name": "_acme-challenge", "content": "abc"}), Stands::Unclear),
            (json!({"id": 7, "zone": "abc", "name": "abc", "type": "abc"}), Stands::Elsewhere),
            (json!({"id": 7, "zone": "a.es", "value": "abc"}), Stands::Unclear),
        ] {
            assert_eq!(stands(&record, &apex, "abc"), at_apex, "{record}");
            assert_ne!(stands(&record, &www, "abc"), Stands::Here, "{record}");
        }
        assert_eq!(id(&record).unwrap(), "7");
        assert_eq!(id(&json!({"recordId": "x", "name": "y"})).unwrap(), "x");
        assert!(id(&json!({"id_a": "1", "id_b": "2"})).unwrap_err().what.contains("id_a, id_b"));
    }
}
