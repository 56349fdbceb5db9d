//! Fields, bodies and responses of sample requests to what they show of types, without the secrets in them.

use super::model::{Body, Doubt, In, Operation, Response};
use super::requests::{Field, Keep, Received, Sent};
use super::secrets::{redact_node, redact_text};
use super::shape::{Kind, Origin, Place, Property, Shape, of_plain, steps};
use super::url;
use crate::document::Node;

pub(super) fn is_secret(name: &str, value: &str) -> bool {
    !super::secrets::is_placeholder(value)
        && (crate::secrets::is_secret_name(name) || super::secrets::looks_secret(value))
}

pub(super) fn text_of(text: &str) -> String {
    redact_text(text.trim())
}

/// What a written value is at most: an array, where its name says that there can be more of it.
pub(super) fn as_array(shape: Shape) -> Shape {
    if shape.is(Kind::Array) { shape } else { Shape::array_of(shape) }
}

/// What a field of text says of its value.
pub(super) fn plain_property(field: &Field, keep: Keep) -> Property {
    let documented = field.shape.is_some();
    let mut shape = field.shape.clone().unwrap_or_else(|| field.value.as_deref().map(of_plain).unwrap_or_default());
    if field.is_file {
        shape = Shape { format: Some("binary"), ..Shape::of_kind(Kind::String) };
    }
    let lower = field.description.trim_start().to_ascii_lowercase();
    let said = if lower.starts_with("(required)") || lower.starts_with("required.") || lower == "required" {
        Some(true)
    } else if lower.starts_with("(optional)") || lower.starts_with("optional") || field.disabled {
        Some(false)
    } else {
        None
    };
    let example = field.value.as_ref().filter(|value| {
        keep.values
            && !value.is_empty()
            && !super::secrets::is_placeholder(value)
            && !is_secret(&field.name, value)
            && redact_text(value) == **value
    });
    let example = example.map(|value| example_of(value, &shape));
    Property {
        name: field.name.clone(),
        shape,
        required: field.required.or(said),
        description: text_of(&field.description),
        example,
        origin: if documented || field.is_file { Origin::Documented } else { Origin::Sample },
        place: field.place.clone(),
    }
}

/// An example in the type of its shape.
pub(super) fn example_of(text: &str, shape: &Shape) -> Node {
    let number = text.parse::<serde_json::Number>().is_ok();
    if (shape.is(Kind::Integer) || shape.is(Kind::Number)) && number {
        return crate::document::Value::Number(text.into()).into();
    }
    match text {
        "true" if shape.is(Kind::Boolean) => true.into(),
        "false" if shape.is(Kind::Boolean) => false.into(),
        _ => text.into(),
    }
}

pub(super) fn body(sent: Sent, keep: Keep, place: &Place, secret: &mut dyn FnMut(&str)) -> Body {
    match sent {
        Sent::Tree { media, node } => {
            let shape = Shape::of_sample(&node, place);
            let clean = redact_node(&node, "", secret);
            Body { media, shape, example: keep.values.then_some(clean), origin: Origin::Sample }
        }
        Sent::Form { media, fields } => {
            let mut shape = Shape::of_kind(Kind::Object);
            let mut media = media;
            for field in fields.iter().filter(|field| !field.name.trim().is_empty() && !field.name.contains("{{")) {
                if field.value.as_deref().is_some_and(|value| is_secret(&field.name, value)) {
                    secret(&field.name);
                }
                if field.is_file {
                    media = "multipart/form-data".to_owned();
                }
                let property = plain_property(field, keep);
                shape.add_at(&steps(&url::decode(field.name.trim()), false), property);
            }
            Body { media, shape, example: None, origin: Origin::Sample }
        }
        Sent::Opaque { media } => {
            let shape = if media.starts_with("text/") || media.contains("xml") {
                Shape::of_kind(Kind::String)
            } else {
                Shape { format: Some("binary"), ..Shape::of_kind(Kind::String) }
            };
            Body { media, shape, example: None, origin: Origin::Sample }
        }
    }
}

pub(super) fn response(received: Received, keep: Keep, place: &Place, secret: &mut dyn FnMut(&str)) -> Response {
    let Received { name, media, text, .. } = received;
    let description = redact_text(name.trim());
    let text = text.trim();
    if text.is_empty() {
        return Response { description, origin: Origin::Sample, ..Response::default() };
    }
    if let Some(node) = super::relaxed_json::read(text) {
        let shape = Some(Shape::of_sample(&node, place));
        let example = keep.values.then(|| redact_node(&node, "", secret));
        let media = if media.contains("json") { media } else { "application/json".to_owned() };
        return Response { description, media, shape, example, origin: Origin::Sample };
    }
    let media = if media.is_empty() {
        if text.starts_with('<') { "text/html" } else { "text/plain" }.to_owned()
    } else {
        media
    };
    let short = text.len() <= 2_000 && keep.values;
    let example = short.then(|| Node::from(redact_text(text)));
    Response { description, media, shape: Some(Shape::of_kind(Kind::String)), example, origin: Origin::Sample }
}

/// Says what stays open, and gives what has to have a type one.
pub(super) fn finish(operation: &mut Operation, log: &mut super::model::Log) {
    let key = operation.key();
    for (place, property) in &mut operation.parameters {
        if *place == In::Path && property.origin == Origin::Guessed {
            let message = format!("`{}` in the path is a value in the source; its name was chosen", property.name);
            log.add(Doubt::Guess, "path-parameter-guessed", &key, &property.place, message);
        }
        if property.shape.is_open() && *place != In::Path {
            property.shape.kinds.insert(Kind::String);
            let message = format!(
                "`{}` has no value that shows its type; `string` holds every value that can be sent",
                property.name
            );
            log.add(Doubt::Guess, "type-guessed", &key, &property.place, message);
            property.origin = property.origin.max(Origin::Guessed);
        }
        if property.shape.is_open() {
            property.shape.kinds.insert(Kind::String);
        }
        widest_plain(&mut property.shape);
    }
    let unsaid = operation.parameters.iter().filter(|(place, p)| *place == In::Query && p.required.is_none()).count();
    let mut in_body = 0_usize;
    if let Some(body) = &mut operation.body {
        if !body.media.contains("json") {
            body.shape.properties.iter_mut().for_each(|property| {
                widest_plain(&mut property.shape);
                if property.shape.is_open() && property.origin != Origin::Documented {
                    property.shape.kinds.insert(Kind::String);
                    property.origin = Origin::Guessed;
                }
            });
        }
        body.shape.visit("", &mut |_, property| in_body += usize::from(property.required.is_none()));
    }
    if unsaid + in_body > 0 {
        let message = format!(
            "the source does not say whether {unsaid} query parameters and {in_body} body properties are required; none is declared required"
        );
        log.add(Doubt::NotSaid, "required-not-said", &key, &operation.place, message);
    }
}

/// Text, numbers and truth values that were all seen in one place on the wire are text there.
pub(super) fn widest_plain(shape: &mut Shape) {
    let plain = [Kind::String, Kind::Integer, Kind::Number, Kind::Boolean];
    if shape.kinds.len() > 1 && shape.kinds.iter().all(|kind| plain.contains(kind)) {
        shape.kinds.clear();
        shape.kinds.insert(Kind::String);
    }
}
