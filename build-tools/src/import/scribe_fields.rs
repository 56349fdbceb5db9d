//! Fields of Scribe's pages: which part of an operation they belong to, their types, and their place in a response.

use super::dom::collapse;
use super::model::{Operation, Response, Scheme};
use super::shape::{Kind, Origin, Property, Shape, Step, steps};
use super::url;

/// Which part of a request or response a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Path,
    Query,
    Body,
    Response,
    Unknown,
}

/// A field as a page shows it.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) part: Part,
    pub(super) path: Vec<Step>,
    pub(super) property: Property,
    pub(super) value: String,
}

/// Adds documented fields to the first success, within `data` where the sample has it and the fields do not.
pub(super) fn describe_response(operation: &mut Operation, fields: Shape) {
    let status =
        operation.responses.keys().find(|status| status.starts_with('2')).cloned().unwrap_or_else(|| "200".to_owned());
    let response = operation.responses.entry(status).or_insert_with(|| Response {
        media: "application/json".to_owned(),
        origin: Origin::Documented,
        ..Response::default()
    });
    if response.media.is_empty() {
        response.media = "application/json".to_owned();
    }
    let known = response.shape.get_or_insert_with(|| Shape::of_kind(Kind::Object));
    for property in fields.properties {
        let name = property.name.clone();
        let has = |shape: &Shape| shape.properties.iter().any(|known| known.name == name);
        let target = match known.kinds.iter().next() {
            Some(Kind::Array) => known.items.get_or_insert_default(),
            _ if !has(known) => {
                // A resource in an envelope.
                let data = known.properties.iter().position(|property| property.name == "data");
                match data.and_then(|at| known.properties.get_mut(at)).map(|property| &mut property.shape) {
                    Some(data) if data.is(Kind::Object) && has(data) => data,
                    Some(data) if data.items.as_deref().is_some_and(has) => data.items.get_or_insert_default(),
                    _ => known,
                }
            }
            _ => known,
        };
        if target.is_open() {
            target.kinds.insert(Kind::Object);
        }
        if target.is(Kind::Object) {
            target.add(property);
        }
    }
}

pub(super) fn has_file(shape: &Shape) -> bool {
    shape.format == Some("binary")
        || shape.properties.iter().any(|property| has_file(&property.shape))
        || shape.items.as_deref().is_some_and(has_file)
}

pub(super) fn property(
    path: &[Step],
    kind: Option<&str>,
    required: Option<bool>,
    description: String,
    allowed: &[String],
    example: Option<&str>,
    place: super::shape::Place,
) -> Property {
    let name = path.iter().rev().find_map(|step| match step {
        Step::Name(name) => Some(name.clone()),
        Step::Item => None,
    });
    let shape = kind.and_then(super::types::read);
    let origin = if shape.is_some() { Origin::Documented } else { Origin::Guessed };
    let mut shape = shape.unwrap_or_default();
    if !shape.is(Kind::Array) {
        shape.values = allowed.iter().map(|value| super::types::value(value, &shape)).collect();
    }
    let name = name.unwrap_or_default();
    let example =
        example.filter(|text| !text.is_empty() && *text != "null" && !shape.is(Kind::Array) && !shape.is(Kind::Object));
    let example = example.filter(|text| !crate::secrets::is_secret_name(&name) && !super::secrets::looks_secret(text));
    let example = example.map(|text| super::requests::example_of(text, &shape));
    Property { name, shape, required, description: super::requests::text_of(&description), example, origin, place }
}

/// `200`, `200, Created` or a name alone.
pub(super) fn status_and_name(text: &str) -> (String, String) {
    let (first, rest) = text.split_once(',').unwrap_or((text, ""));
    let first = first.trim();
    if first.len() == 3 && first.bytes().all(|byte| byte.is_ascii_digit()) {
        return (first.to_owned(), rest.trim().to_owned());
    }
    ("200".to_owned(), text.trim().to_owned())
}

/// A description and the example that stands behind it.
pub(super) fn split_example(text: &str) -> (String, Option<String>) {
    match text.rsplit_once("Example:") {
        Some((before, after)) => (before.trim().to_owned(), Some(after.trim().to_owned())),
        None => (collapse(text), None),
    }
}

pub(super) fn part_of(heading: &str) -> Option<Part> {
    let lower = heading.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if any(&["response", "respuesta", "resposta", "réponse"]) {
        Some(Part::Response)
    } else if any(&["header", "cabecera", "encabezado", "capçaler", "cabeçalho"]) {
        Some(Part::Header)
    } else if any(&["query", "consulta"]) {
        Some(Part::Query)
    } else if any(&["body", "cuerpo", "cos ", "corpo"]) {
        Some(Part::Body)
    } else if any(&["url", "path", "ruta"]) {
        Some(Part::Path)
    } else {
        None
    }
}

/// A name below a field: relative to it, or with its whole path, as older versions wrote it.
pub(super) fn full_path(below: &[Step], name: &str) -> Vec<Step> {
    let own = if name.starts_with('[') {
        steps(name.trim_start_matches("[].").trim_start_matches("[]"), true)
    } else {
        steps(name, true)
    };
    let names = |path: &[Step]| path.iter().filter(|step| matches!(step, Step::Name(_))).cloned().collect::<Vec<_>>();
    let (above, mine) = (names(below), names(&own));
    if below.is_empty() || (mine.len() > above.len() && mine.starts_with(&above)) {
        return own;
    }
    below.iter().cloned().chain(own).collect()
}

pub(super) fn scheme(name: Option<&str>, value: Option<&str>, component: Option<&str>) -> Scheme {
    let name = name.unwrap_or("Authorization");
    let lower = value.unwrap_or_default().trim_start().to_ascii_lowercase();
    if name.eq_ignore_ascii_case("authorization") {
        return if lower.starts_with("basic") { Scheme::Basic } else { Scheme::Bearer };
    }
    Scheme::Key { place: if component == Some("query") { "query" } else { "header" }, name: url::decode(name) }
}
