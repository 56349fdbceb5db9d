//! Sample requests, as collections and recordings hold them, to operations: repeated ones merged, values told from words.

use std::collections::{BTreeMap, HashMap};

use super::model::{Api, Body, Doubt, In, Operation, Response, Scheme};
use super::secrets::{redact_node, redact_text};
use super::shape::{Kind, Origin, Place, Property, Shape, of_plain, steps};
use super::url::{self, Address, Segment, Variables};
use crate::document::Node;

/// One request of a collection.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) tag: String,
    /// Query parameters that the source lists besides those in the address.
    pub(super) query: Vec<Field>,
    /// What the source says of the parameters of the path.
    pub(super) path: Vec<Field>,
    pub(super) headers: Vec<Field>,
    pub(super) body: Option<Sent>,
    pub(super) responses: Vec<Received>,
    pub(super) security: Option<Vec<Scheme>>,
    /// What the source says in words, besides what it shows.
    pub(super) said: Said,
    pub(super) place: Place,
}

/// Statements of a source about an operation.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) id: String,
    pub(super) deprecated: bool,
    pub(super) parameters: Vec<(In, Property)>,
    /// The media type of the body and its properties; names can be paths.
    pub(super) body: Option<(String, Vec<Property>)>,
    /// Properties of the response of a status.
    pub(super) responses: Vec<(String, Vec<Property>)>,
    /// Whether the path is a template: a value in it is a word of the path.
    pub(super) is_template: bool,
    /// Whether the source lists what results can be sorted by, without the name of the parameter.
    pub(super) is_sorted: bool,
    /// The word by which the source refers to another operation for the body.
    pub(super) body_as: Option<String>,
    /// What stands before the path in samples of this operation.
    pub(super) base: Option<String>,
}

/// A named value of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Option<String>,
    pub(super) description: String,
    pub(super) disabled: bool,
    pub(super) is_file: bool,
    /// The type, where the source has a field for it.
    pub(super) shape: Option<Shape>,
    pub(super) required: Option<bool>,
    pub(super) place: Place,
}

/// A body that a request sends.
#[derive(Debug)]
pub(super) enum Sent {
    /// A value in JSON, or in another form that was read into the same tree.
    Tree { media: String, node: Node },
    /// The fields of a form.
    Form { media: String, fields: Vec<Field> },
    /// Text or bytes of which nothing more is known.
    Opaque { media: String },
}

/// A response that was saved.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) status: String,
    pub(super) name: String,
    pub(super) media: String,
    pub(super) text: String,
}

/// What assembling may keep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Whether values may be written at all; of recordings only shapes are.
    pub(super) values: bool,
}

/// Headers that every client sends, or that say how the body is written.
const COMMON_HEADERS: [&str; 40] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "dnt",
    "host",
    "origin",
    "pragma",
    "referer",
    "user-agent",
    "upgrade-insecure-requests",
    "x-requested-with",
    "x-csrf-token",
    "x-xsrf-token",
    "if-none-match",
    "if-modified-since",
    "postman-token",
    "te",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "sec-fetch-user",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "priority",
    "sec-gpc",
    ":authority",
    ":method",
    ":path",
    ":scheme",
    "expect",
    "range",
    "x-forwarded-for",
    "forwarded",
];

pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

/// Requests to operations of `api`.
pub(super) fn assemble(api: &mut Api, requests: Vec<Request>, variables: &Variables, keep: Keep) {
    let read: Vec<(Request, Address)> = requests
        .into_iter()
        .filter_map(|request| {
            let method = request.method.to_ascii_lowercase();
            if !METHODS.contains(&method.as_str()) {
                let message = format!("method `{}` of `{}` is not one of OpenAPI", request.method, request.name);
                api.log.add(Doubt::Dropped, "unknown-method", "", &request.place, message);
                return None;
            }
            if request.url.trim().is_empty() {
                let message = format!("request `{}` has no address", request.name);
                api.log.add(Doubt::Dropped, "no-address", "", &request.place, message);
                return None;
            }
            let address = url::read(&request.url, variables);
            Some((Request { method, ..request }, address))
        })
        .collect();
    let read = without_bases(read);
    count_servers(api, &read);
    let samples = known_samples(&read);
    let mut by_key: HashMap<(String, String), usize> = HashMap::new();
    let mut names: HashMap<String, (Vec<String>, bool)> = HashMap::new();
    for (request, address) in read {
        let place = request.place.clone();
        let (segments, from_sample) = match request.said.is_template {
            true => (address.segments.clone(), false),
            false => templated(&request, address.segments.clone(), &samples),
        };
        let guessed = segments.iter().any(|segment| matches!(segment, Segment::Parameter { guessed: true, .. }));
        let mut operation = operation(request, &address, &segments, keep, &mut api.log);
        // One path has one set of names for its parameters: the first that the source says.
        let anonymous = url::anonymous(&operation.path);
        let mine: Vec<String> = parameter_names(&segments);
        let known = names.entry(anonymous).or_insert_with(|| (mine.clone(), guessed));
        if known.1 && !guessed {
            *known = (mine.clone(), false);
        }
        if from_sample {
            let message = "a request with a value in its path was merged into the operation that has a parameter there";
            api.log.add(Doubt::Guess, "literal-merged", &operation.key(), &place, message);
        }
        let key = operation.anonymous_key();
        match by_key.get(&key).copied().and_then(|at| api.operations.get_mut(at)) {
            Some(known) => {
                // Parameters of the path by their places, whatever each request calls them.
                rename_path(&mut operation, &parameter_names_of(&known.path));
                let repeated = format!("request `{}` is one more of the same operation", operation.summary);
                api.log.add(Doubt::Note, "requests-merged", &known.key(), &place, repeated);
                known.merge(operation);
            }
            None => {
                by_key.insert(key, api.operations.len());
                api.operations.push(operation);
            }
        }
    }
    for operation in &mut api.operations {
        if let Some((known, _)) = names.get(&url::anonymous(&operation.path)) {
            rename_path(operation, known);
        }
        finish(operation, &mut api.log);
    }
    note_kept_apart(api);
}

/// Addresses that were written out, without the path that the variable of other addresses holds.
fn without_bases(mut read: Vec<(Request, Address)>) -> Vec<(Request, Address)> {
    let has_path = |server: &str| server.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    let bases: std::collections::BTreeSet<String> =
        read.iter().filter_map(|(_, address)| address.server.clone()).filter(|server| has_path(server)).collect();
    for (_, address) in &mut read {
        let Some(server) = address.server.clone() else { continue };
        for base in bases.iter().rev() {
            let Some(rest) = base.strip_prefix(server.as_str()).and_then(|rest| rest.strip_prefix('/')) else {
                continue;
            };
            let words: Vec<&str> = rest.split('/').collect();
            let starts = words
                .iter()
                .zip(&address.segments)
                .all(|(word, segment)| matches!(segment, Segment::Literal(text) if text == word));
            if starts && address.segments.len() >= words.len() {
                address.segments.drain(..words.len());
                address.server = Some(base.clone());
                break;
            }
        }
    }
    read
}

fn count_servers(api: &mut Api, read: &[(Request, Address)]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for server in read.iter().filter_map(|(_, address)| address.server.as_deref()) {
        *counts.entry(server).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let most = counts.first().map_or(0, |(_, count)| *count);
    if counts.len() > 1 {
        let all: Vec<&str> = counts.iter().take(8).map(|(server, _)| *server).collect();
        let message = format!(
            "requests go to {} servers ({}); paths of all of them are in one document",
            counts.len(),
            all.join(", ")
        );
        api.log.add(Doubt::Guess, "several-servers", "", &Place::default(), message);
    }
    let often = counts.into_iter().filter(|(_, count)| *count * 10 >= most).take(8);
    api.servers.extend(often.map(|(server, _)| server.to_owned()));
}

/// A method and the anonymous path before and behind one parameter, to the values that are known for it.
type Samples = HashMap<(String, usize, String), Vec<String>>;

fn known_samples(read: &[(Request, Address)]) -> Samples {
    let mut samples = Samples::new();
    for (request, address) in read {
        for (at, segment) in address.segments.iter().enumerate() {
            let Segment::Parameter { name, sample, guessed: false } = segment else { continue };
            let key = (request.method.clone(), at, around(&address.segments, at));
            let listed =
                request.path.iter().filter(|field| field.name == *name).filter_map(|field| field.value.clone());
            let values = samples.entry(key).or_default();
            values.extend(sample.iter().cloned().chain(listed).filter(|value| !value.is_empty()).take(20));
        }
    }
    samples
}

/// The path with the segment at a place left open.
fn around(segments: &[Segment], at: usize) -> String {
    let mut out = String::new();
    for (index, segment) in segments.iter().enumerate() {
        match segment {
            Segment::Literal(text) if index != at && !url::is_identifier(text) => out.push_str(&format!("/{text}")),
            _ => out.push_str("/{}"),
        }
    }
    out
}

/// The segments with values turned into parameters, and whether one of them was a known sample.
fn templated(request: &Request, segments: Vec<Segment>, samples: &Samples) -> (Vec<Segment>, bool) {
    let mut from_sample = false;
    let mut out: Vec<Segment> = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let Segment::Literal(text) = segment else {
            out.push(segment.clone());
            continue;
        };
        let known = samples.get(&(request.method.clone(), at, around(&segments, at)));
        let is_sample = known.is_some_and(|values| values.contains(text));
        // A number in front is a version or a tenant that all paths have.
        if is_sample || (at > 0 && url::is_identifier(text)) {
            from_sample |= is_sample;
            let name = name_for(&out, text);
            out.push(Segment::Parameter { name, sample: Some(text.clone()), guessed: true });
        } else {
            out.push(segment.clone());
        }
    }
    (out, from_sample)
}

/// A name for a parameter of which only a value is known: from the word before it.
fn name_for(before: &[Segment], value: &str) -> String {
    let word = before.iter().rev().find_map(|segment| match segment {
        Segment::Literal(text) => Some(text.as_str()),
        Segment::Parameter { .. } => None,
    });
    let word: String = word
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let word = word.trim_matches('_');
    let singular = match word {
        word if word.ends_with("ies") && word.len() > 4 => format!("{}y", word.trim_end_matches("ies")),
        word if word.ends_with("sses") || word.ends_with("xes") => word.trim_end_matches("es").to_owned(),
        word if word.ends_with('s') && !word.ends_with("ss") && word.len() > 3 => word.trim_end_matches('s').to_owned(),
        word => word.to_owned(),
    };
    let base = if value.bytes().all(|byte| byte.is_ascii_digit()) || singular.is_empty() {
        if singular.is_empty() { "id".to_owned() } else { format!("{singular}_id") }
    } else {
        singular
    };
    let taken = |name: &str| {
        before.iter().any(|segment| matches!(segment, Segment::Parameter { name: known, .. } if known == name))
    };
    let mut name = base.clone();
    let mut number = 2;
    while taken(&name) {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

fn parameter_names(segments: &[Segment]) -> Vec<String> {
    unique(segments.iter().filter_map(|segment| match segment {
        Segment::Parameter { name, .. } => Some(name.clone()),
        Segment::Literal(_) => None,
    }))
}

/// Names in order, a second of the same name with a number.
fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let mut candidate = name.clone();
        let mut number = 2;
        while out.contains(&candidate) {
            candidate = format!("{name}_{number}");
            number += 1;
        }
        out.push(candidate);
    }
    out
}

/// The names of the parameters in a path.
pub(super) fn parameter_names_of(path: &str) -> Vec<String> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// Gives the parameters of the path other names, by their places.
pub(super) fn rename_path(operation: &mut Operation, names: &[String]) {
    let old = parameter_names_of(&operation.path);
    if old == names || old.len() != names.len() {
        return;
    }
    let mut path = String::new();
    let mut rest = operation.path.as_str();
    let mut names_left = names.iter();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        path.push_str(before);
        path.push_str(&format!("{{{}}}", names_left.next().map_or("", String::as_str)));
        rest = after;
    }
    path.push_str(rest);
    operation.path = path;
    for (_, property) in operation.parameters.iter_mut().filter(|(place, _)| *place == In::Path) {
        if let Some(name) = old.iter().position(|name| *name == property.name).and_then(|at| names.get(at)) {
            property.name.clone_from(name);
        }
    }
}

fn operation(
    request: Request,
    address: &Address,
    segments: &[Segment],
    keep: Keep,
    log: &mut super::model::Log,
) -> Operation {
    let names = parameter_names(segments);
    let mut path = String::new();
    let mut left = names.iter();
    let mut out = Operation { method: request.method.clone(), origin: Origin::Documented, ..Operation::default() };
    for segment in segments {
        match segment {
            Segment::Literal(text) => path.push_str(&format!("/{text}")),
            Segment::Parameter { name, sample, guessed } => {
                let unique = left.next().cloned().unwrap_or_default();
                path.push_str(&format!("/{{{unique}}}"));
                let field = request.path.iter().find(|field| field.name == *name);
                let value = field.and_then(|field| field.value.clone()).or_else(|| sample.clone());
                let shape = field.and_then(|field| field.shape.clone());
                let shape = shape.unwrap_or_else(|| value.as_deref().map(of_plain).unwrap_or_default());
                out.parameters.push((
                    In::Path,
                    Property {
                        name: unique,
                        shape,
                        required: Some(true),
                        description: field.map_or(String::new(), |field| text_of(&field.description)),
                        example: None,
                        origin: if *guessed { Origin::Guessed } else { Origin::Documented },
                        place: request.place.clone(),
                    },
                ));
            }
        }
    }
    if path.is_empty() || (address.trailing_slash && !path.ends_with('/')) {
        path.push('/');
    }
    out.path = path;
    let key = out.key();
    let secret = |log: &mut super::model::Log, what: String| {
        log.add(
            Doubt::Note,
            "secret-found",
            &key,
            &request.place,
            format!("{what} holds what looks like a secret; it was not written"),
        );
    };
    let inline = address.query.iter().filter(|(name, _)| !request.query.iter().any(|field| field.name == *name));
    let inline = inline.map(|(name, value)| Field {
        name: name.clone(),
        value: value.clone(),
        place: request.place.clone(),
        ..Field::default()
    });
    for field in request.query.iter().cloned().chain(inline.collect::<Vec<_>>()) {
        let name = url::decode(field.name.trim());
        if name.is_empty() || name.contains("{{") {
            continue;
        }
        if field.value.as_deref().is_some_and(|value| is_secret(&name, value)) {
            secret(log, format!("query parameter `{name}`"));
        }
        let repeats = request.query.iter().filter(|other| other.name == field.name).count() > 1;
        let property = Property { name, ..plain_property(&field, keep) };
        let property = if property.name.ends_with("[]") || property.name.ends_with("[0]") || repeats {
            let name = property.name.trim_end_matches("[0]").trim_end_matches("[]").to_owned();
            let name = if repeats { property.name.clone() } else { format!("{name}[]") };
            Property { name, shape: as_array(property.shape), ..property }
        } else {
            property
        };
        out.add_parameter(In::Query, property);
    }
    for field in &request.headers {
        let lower = field.name.trim().to_ascii_lowercase();
        if field
            .value
            .as_deref()
            .is_some_and(|value| lower == "authorization" || lower == "cookie" || is_secret(&lower, value))
        {
            let plain = field.value.as_deref().is_none_or(super::secrets::is_placeholder);
            if !plain {
                secret(log, format!("header `{}`", field.name));
            }
        }
        let is_name =
            !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_name || COMMON_HEADERS.contains(&lower.as_str()) || lower.starts_with("sec-") {
            continue;
        }
        out.add_parameter(In::Header, Property { name: field.name.trim().to_owned(), ..plain_property(field, keep) });
    }
    out.body = request
        .body
        .map(|sent| body(sent, keep, &request.place, &mut |what| secret(log, format!("body property `{what}`"))));
    for received in request.responses {
        let status = received.status.clone();
        let response =
            response(received, keep, &request.place, &mut |what| secret(log, format!("response property `{what}`")));
        let mut more = Operation { responses: BTreeMap::from([(status, response)]), ..Operation::default() };
        more.origin = Origin::Guessed;
        let deprecated = out.deprecated;
        out.merge(more);
        out.deprecated = deprecated;
    }
    say(&mut out, request.said);
    out.summary = redact_text(request.name.trim());
    out.description = text_of(&request.description);
    out.tag = request.tag;
    out.security = request.security;
    out.place = request.place;
    out
}

/// Adds what the source says in words.
fn say(out: &mut Operation, said: Said) {
    out.id = said.id;
    out.deprecated = said.deprecated;
    let in_path = parameter_names_of(&out.path);
    for (place, property) in said.parameters {
        match place {
            In::Path if !in_path.contains(&property.name) => {}
            // What was said of it is more than the value that stands in the address.
            In::Path => {
                out.parameters.retain(|(known, p)| *known != In::Path || p.name != property.name);
                out.parameters.push((In::Path, Property { required: Some(true), ..property }));
            }
            place => out.add_parameter(place, property),
        }
    }
    if let Some((media, properties)) = said.body.filter(|(_, properties)| !properties.is_empty()) {
        let body = out.body.get_or_insert_with(|| Body { media, ..Body::default() });
        let sample = std::mem::take(&mut body.shape);
        let mut shape = Shape::default();
        for property in properties {
            let path = steps(&property.name.clone(), true);
            shape.add_at(&path, property);
        }
        let is_array = sample.is(Kind::Array);
        let inner = if is_array { sample.items.as_deref().cloned().unwrap_or_default() } else { sample };
        // `record.name` in words and `name` in the sample: what is sent has no wrapper.
        if let [only] = shape.properties.as_slice()
            && only.shape.is(Kind::Object)
            && !inner.properties.is_empty()
            && inner
                .properties
                .iter()
                .all(|property| only.shape.properties.iter().any(|known| known.name == property.name))
        {
            shape = only.shape.clone();
        }
        for property in inner.properties {
            shape.add(property);
        }
        body.shape = if is_array { Shape::array_of(shape) } else { shape };
        body.origin = Origin::Documented;
    }
    for (status, properties) in said.responses {
        let mut shape = Shape::default();
        for property in properties {
            let path = steps(&property.name.clone(), true);
            shape.add_at(&path, Property { required: None, ..property });
        }
        if !status.starts_with('2') {
            let response = Response { media: "application/json".to_owned(), shape: Some(shape), ..Response::default() };
            out.responses.entry(status).or_insert(response);
        } else if !shape.is_open() {
            super::scribe_page::describe_response(out, shape);
        }
    }
}

fn is_secret(name: &str, value: &str) -> bool {
    !super::secrets::is_placeholder(value)
        && (crate::secrets::is_secret_name(name) || super::secrets::looks_secret(value))
}

pub(super) fn text_of(text: &str) -> String {
    redact_text(text.trim())
}

/// What a written value is at most: an array, where its name says that there can be more of it.
fn as_array(shape: Shape) -> Shape {
    if shape.is(Kind::Array) { shape } else { Shape::array_of(shape) }
}

/// What a field of text says of its value.
fn plain_property(field: &Field, keep: Keep) -> Property {
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

fn body(sent: Sent, keep: Keep, place: &Place, secret: &mut dyn FnMut(&str)) -> Body {
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
fn widest_plain(shape: &mut Shape) {
    let plain = [Kind::String, Kind::Integer, Kind::Number, Kind::Boolean];
    if shape.kinds.len() > 1 && shape.kinds.iter().all(|kind| plain.contains(kind)) {
        shape.kinds.clear();
        shape.kinds.insert(Kind::String);
    }
}

/// Words that stand where another operation has a parameter stay apart; a person can see whether they are values of it.
fn note_kept_apart(api: &mut Api) {
    let split = |path: &str| -> Vec<String> { url::anonymous(path).split('/').map(str::to_owned).collect() };
    let mut by_length: HashMap<(String, usize), Vec<(Vec<String>, String)>> = HashMap::new();
    for operation in &api.operations {
        let segments = split(&operation.path);
        by_length.entry((operation.method.clone(), segments.len())).or_default().push((segments, operation.key()));
    }
    let mut notes = Vec::new();
    for operation in &api.operations {
        let mine = split(&operation.path);
        let others = by_length.get(&(operation.method.clone(), mine.len())).into_iter().flatten().take(500);
        let template = others.into_iter().find(|(other, _)| {
            *other != mine && other.iter().zip(&mine).all(|(a, b)| a == b || (a == "{}" && b != "{}"))
        });
        if let Some((_, key)) = template {
            notes.push((
                operation.key(),
                operation.place.clone(),
                format!("`{}` also matches {key}; they were kept apart", operation.key()),
            ));
        }
    }
    for (key, place, message) in notes {
        api.log.add(Doubt::Note, "kept-apart", &key, &place, message);
    }
}
