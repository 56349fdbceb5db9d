//! Sample requests, as collections and recordings hold them, to operations: repeated ones merged, values distinguished from words.

use super::model::{Api, Body, Doubt, In, Operation, Response, Scheme};
use super::secrets::redact_text;
use super::shape::{Kind, Origin, Place, Property, Shape, of_plain, steps};
use super::url::{self, Address, Segment, Variables};
use crate::document::Node;
use std::collections::{BTreeMap, HashMap};

use super::fields::{as_array, body, is_secret, plain_property};
pub(super) use super::fields::{example_of, finish, response, text_of};
use super::templates::{known_samples, note_kept_apart, parameter_names, templated, without_bases};
pub(super) use super::templates::{parameter_names_of, rename_path};

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
    if is_rpc(&read) {
        api.unsupported = Some("RPC documentation (commands sent to one URL)");
        return;
    }
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

/// Whether all requests go to one address, and a value in each says what is to be done.
fn is_rpc(read: &[(Request, Address)]) -> bool {
    const NAMES: [&str; 10] =
        ["cmd", "command", "action", "method", "func", "function", "operation", "op", "accion", "comando"];
    let same = read.iter().all(|(request, address)| {
        read.first()
            .is_some_and(|(first, of_first)| first.method == request.method && of_first.segments == address.segments)
    });
    if read.len() < 3 || !same {
        return false;
    }
    let value = |name: &str, request: &Request, address: &Address| -> Option<String> {
        let listed = request.query.iter().find(|field| field.name == name).and_then(|field| field.value.clone());
        let inline = address.query.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone());
        let sent = match &request.body {
            Some(Sent::Tree { node, .. }) => node.text_at(name).map(str::to_owned),
            Some(Sent::Form { fields, .. }) => {
                fields.iter().find(|field| field.name == name).and_then(|field| field.value.clone())
            }
            _ => None,
        };
        listed.or(inline).or(sent)
    };
    NAMES.iter().any(|name| {
        let values: Vec<String> = read.iter().filter_map(|(request, address)| value(name, request, address)).collect();
        let distinct: std::collections::BTreeSet<&String> = values.iter().collect();
        values.len() == read.len() && distinct.len() >= 3
    })
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
