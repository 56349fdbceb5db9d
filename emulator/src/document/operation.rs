//! One operation of the document, with everything that answering it needs.

use serde_json::Value;

use super::contract::{BodyRule, Parameter, ResponseRule};
use super::roles::{self, Facts, Role, Segment, Tree};
use super::shape::{merged, property, resolve};
use crate::behaviour::Row;

/// What a call does, by `x-swpanel-effect`; by its method where the document does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Create,
    Update,
    Delete,
    Action,
    Billable,
}

/// Where the data of an answer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// In the member `result`.
    Result,
    /// In the member `message`.
    Message,
    /// The body is the data.
    Whole,
    /// There is no body.
    Nothing,
}

/// A parameter's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Other,
}

pub(crate) struct Operation {
    pub(crate) method: String,
    /// The path as the document writes it.
    pub(crate) template: String,
    pub(crate) normal: String,
    /// The path by which its role is found: that of the operation that it is known as, else its own.
    pub(crate) segments: Vec<Segment>,
    /// `METHOD /path/{template}`: what a person calls it.
    pub(crate) key: String,
    pub(crate) group: String,
    pub(crate) effect: Effect,
    pub(crate) role: Role,
    /// Segments on the way that name items of collections, which must exist.
    pub(crate) ancestors: Vec<usize>,
    /// Names of the item's parameter, tried as keys of a body.
    pub(crate) key_names: Vec<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<BodyRule>,
    pub(crate) response: ResponseRule,
    pub(crate) envelope: Envelope,
    pub(crate) row: &'static Row,
}

impl Operation {
    /// Index among the path's values of the parameter in a segment.
    pub(crate) fn value_index(&self, segment: usize) -> usize {
        self.segments.iter().take(segment).filter(|segment| matches!(segment, Segment::Parameter(_))).count()
    }

    /// Whether the call changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        self.effect == Effect::Read
    }
}

/// The path that `x-swpanel-known-as` names, where it has as many parameters; else the template's own. A version in the
/// paths, capitals or an ending make no other collection of one.
fn known_segments(method: &str, template: &str, operation: &Value) -> Vec<Segment> {
    let own = roles::segments(template);
    let count = |segments: &[Segment]| segments.iter().filter(|one| matches!(one, Segment::Parameter(_))).count();
    let said = operation.get("x-swpanel-known-as").and_then(Value::as_str).and_then(|key| key.split_once(' '));
    let known = said.filter(|(of, _)| *of == method).map(|(_, path)| roles::segments(path));
    known.filter(|known| count(known) == count(&own)).unwrap_or(own)
}

/// All operations of a document, in its order.
pub(super) fn all(tree: &Value) -> Vec<Operation> {
    let mut drafts = Vec::new();
    for (template, path) in tree.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let path = resolve(tree, path);
        for (method, operation) in path.as_object().into_iter().flatten() {
            if !matches!(method.as_str(), "get" | "post" | "put" | "patch" | "delete") || !operation.is_object() {
                continue;
            }
            drafts.push((method.to_ascii_uppercase(), template.as_str(), path, operation));
        }
    }
    let facts: Vec<Facts> = drafts
        .iter()
        .map(|(method, template, _, operation)| {
            let effect = effect_of(method, operation);
            let answer = success(tree, operation).1;
            Facts {
                method: method.clone(),
                segments: known_segments(method, template, operation),
                lists: answer.is_some_and(|schema| is_list(tree, schema)),
                makes: matches!(effect, Effect::Create | Effect::Billable),
                deletes: effect == Effect::Delete,
            }
        })
        .collect();
    let roles = Tree::new(&facts);
    let described = drafts.iter().zip(&facts);
    described
        .map(|((method, template, path, operation), fact)| {
            describe(tree, &roles, fact, method, template, path, operation)
        })
        .collect()
}

fn describe(
    tree: &Value,
    roles: &Tree,
    fact: &Facts,
    method: &str,
    template: &str,
    path: &Value,
    operation: &Value,
) -> Operation {
    let role = roles.role(fact);
    let normal = roles::normal(&fact.segments);
    let effect = effect_of(method, operation);
    let (status, answer) = success(tree, operation);
    let group = operation.get("x-swpanel-group").or_else(|| operation.pointer("/tags/0"));
    let group = group.and_then(Value::as_str).unwrap_or("default").to_owned();
    let of = |node: &Value| node.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut parameters: Vec<Parameter> = Vec::new();
    for declared in of(path).iter().chain(&of(operation)) {
        let Some(parameter) = Parameter::read(tree, resolve(tree, declared)) else { continue };
        parameters.retain(|known| known.name != parameter.name || known.place != parameter.place);
        parameters.push(parameter);
    }
    let collection = fact.segments.get(..role.collection()).unwrap_or_default();
    let mut key_names: Vec<String> = roles.keys_of(collection).map(str::to_owned).collect();
    key_names.sort();
    let own = role.item().unwrap_or(usize::MAX);
    let is_item = |at: usize| fact.segments.get(..at).is_some_and(|prefix| roles.is_collection(prefix));
    let ancestors = (0..fact.segments.len())
        .filter(|at| *at != own && matches!(fact.segments.get(*at), Some(Segment::Parameter(_))) && is_item(*at))
        .collect();
    Operation {
        key: format!("{method} {template}"),
        envelope: envelope(tree, answer, effect),
        response: ResponseRule::new(tree, status, answer),
        body: BodyRule::read(tree, operation),
        row: crate::behaviour::row(method, &normal),
        method: method.to_owned(),
        template: template.to_owned(),
        segments: fact.segments.clone(),
        normal,
        group,
        effect,
        role,
        ancestors,
        key_names,
        parameters,
    }
}

fn effect_of(method: &str, operation: &Value) -> Effect {
    // What nobody has classified behaves as its method says.
    let said = operation.get("x-swpanel-effect").and_then(Value::as_str).filter(|word| *word != "unclassified");
    let billable = said.is_some() && operation.get("x-swpanel-billable") == Some(&Value::Bool(true));
    match (said, method) {
        _ if billable => Effect::Billable,
        (Some("read"), _) | (None, "GET") => Effect::Read,
        (Some("create"), _) | (None, "POST") => Effect::Create,
        (Some("delete"), _) | (None, "DELETE") => Effect::Delete,
        (Some("action"), _) => Effect::Action,
        _ => Effect::Update,
    }
}

/// The status of success and the schema of its JSON body.
fn success<'a>(tree: &'a Value, operation: &'a Value) -> (u16, Option<&'a Value>) {
    let responses = operation.get("responses").and_then(Value::as_object);
    let mut best: Option<(u16, &Value)> = None;
    for (key, response) in responses.into_iter().flatten() {
        let status = match key.as_str() {
            "2XX" | "2xx" | "default" => 200,
            other => other.parse().ok().filter(|status| (200..300).contains(status)).unwrap_or(0),
        };
        // A status of its own says more than the rest of them.
        if status != 0 && (best.is_none() || key != "default") {
            best = Some((status, response));
        }
    }
    let Some((status, response)) = best else { return (200, None) };
    let content = resolve(tree, response).get("content").and_then(Value::as_object);
    let json = content.into_iter().flatten().find(|(media, _)| media.contains("json") || *media == "*/*");
    (status, json.and_then(|(_, media)| media.get("schema")))
}

/// The schema of the data inside the envelope.
fn data<'a>(tree: &'a Value, schema: &'a Value) -> &'a Value {
    property(tree, schema, "result").unwrap_or_else(|| resolve(tree, schema))
}

fn is_list(tree: &Value, schema: &Value) -> bool {
    data(tree, schema).get("type").and_then(Value::as_str) == Some("array")
}

fn envelope(tree: &Value, answer: Option<&Value>, effect: Effect) -> Envelope {
    let Some(schema) = answer else {
        // Nothing is said of the body, so the vendor's usual form is as good as any.
        return if effect == Effect::Read { Envelope::Result } else { Envelope::Nothing };
    };
    if property(tree, schema, "result").is_some() {
        return Envelope::Result;
    }
    if property(tree, schema, "message").is_some() {
        return Envelope::Message;
    }
    let open = merged(tree, schema).get("properties").and_then(Value::as_object).is_none_or(serde_json::Map::is_empty);
    let object = resolve(tree, schema).get("type").and_then(Value::as_str).is_none_or(|kind| kind == "object");
    if effect != Effect::Read && open && object { Envelope::Message } else { Envelope::Whole }
}
