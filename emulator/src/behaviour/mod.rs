//! Answers a checked call from the state: by the role of its operation, or by a hand of its own where the table says so.

mod ageing;
mod conflicts;
mod domains;
mod generic;
mod orders;
mod parts;
mod table;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};

pub(crate) use ageing::age;
pub(crate) use domains::price;
pub(crate) use orders::{new_service, service_id};
pub(crate) use parts::{add_records, default_records};
pub(crate) use table::{Row, Special, row};

use crate::answer::{Answer, Basis, Outcome, Refused};
use crate::codes;
use crate::document::{Api, Envelope, Operation, Segment, Violation, fit, is_declared, outline};
use crate::redact;
use crate::settings::Settings;
use crate::tokens::Scope;
use crate::world::{Item, SERVICES, World, push_key};

/// A call whose parameters and body keep to the document.
pub(crate) struct Call<'a> {
    pub(crate) api: &'a Api,
    pub(crate) operation: &'a Operation,
    pub(crate) world: &'a mut World,
    pub(crate) settings: &'a Settings,
    pub(crate) scope: &'a Scope,
    /// Decoded values of the path, in order; those of ancestors are replaced by the keys that they stand for.
    pub(crate) values: Vec<String>,
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: Option<Value>,
}

/// Carries a call out.
pub(crate) fn answer(mut call: Call<'_>) -> Outcome {
    for segment in &call.operation.ancestors {
        let place = call.place(*segment);
        let index = call.operation.value_index(*segment);
        let key = call.values.get(index).cloned().unwrap_or_default();
        let stored = call.world.find_key(&place, &key, None).map(str::to_owned);
        let stored = stored.ok_or_else(|| absent(&place, &key))?;
        if let Some(value) = call.values.get_mut(index) {
            *value = stored;
        }
    }
    if let Some(kind) = table::kind_needed(&call.operation.normal) {
        let id = call.values.first().cloned().unwrap_or_default();
        let id = call.world.find_key(SERVICES, &id, None).unwrap_or(&id);
        let is = call.world.get(SERVICES, id).and_then(|item| item.get("kind")).and_then(Value::as_str);
        if let Some(is) = is.filter(|is| *is != kind) {
            let message = format!("{} needs a service of the kind {kind}, and {id} is a {is}", call.operation.key);
            return Err(Refused::new(&codes::KIND, message));
        }
    }
    parts::answer(&mut call).unwrap_or_else(|| generic::answer(&mut call))
}

pub(crate) fn absent(place: &str, key: &str) -> Refused {
    let message = format!("there is no `{key}` in {}; list the collection to see what is there", readable(place));
    Refused::new(&codes::NOT_FOUND, message)
}

/// A place as a path.
fn readable(place: &str) -> String {
    format!("/{}/", place.replace("/=", "/"))
}

pub(crate) fn invalid(operation: &Operation, violations: Vec<Violation>) -> Refused {
    let message = format!("refused {}: {}", operation.key, outline(&violations));
    Refused::new(&codes::INVALID, message).with("violations", Violation::to_json(&violations))
}

impl Call<'_> {
    /// The place of the collection that the first segments of the path name.
    fn place(&self, segments: usize) -> String {
        let mut place = String::new();
        let mut values = self.values.iter();
        for segment in self.operation.segments.iter().take(segments) {
            if !place.is_empty() {
                place.push('/');
            }
            match segment {
                Segment::Literal(word) => place.push_str(word),
                Segment::Parameter(_) => {
                    place.push('=');
                    push_key(&mut place, values.next().map_or("", String::as_str));
                }
            }
        }
        place
    }

    /// The place of the operation's own collection.
    fn collection(&self) -> String {
        self.place(self.operation.role.collection())
    }

    /// The value of the parameter in a segment.
    fn value(&self, segment: usize) -> &str {
        self.values.get(self.operation.value_index(segment)).map_or("", String::as_str)
    }

    /// The id of the service that the path begins with.
    fn service(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// Place and stored key of the item that the path names.
    fn item(&self) -> Result<(String, String), Refused> {
        let place = self.collection();
        let key = self.operation.role.item().map_or("", |segment| self.value(segment));
        let stored = self.world.find_key(&place, key, self.operation.row.alias).map(str::to_owned);
        stored.ok_or_else(|| absent(&place, key)).map(|key| (place, key))
    }

    fn body_member(&self, pointer: &str) -> Option<&Value> {
        self.body.as_ref()?.pointer(pointer)
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.body_member(pointer)?.as_str()
    }

    /// The body without its secrets, as state may keep it.
    fn keepable(&self) -> Map<String, Value> {
        let members = self.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        redact::without_secrets(members, self.sensitive())
    }

    fn sensitive(&self) -> &BTreeSet<String> {
        &self.api.sensitive
    }

    /// A refusal of one member of the body or the path.
    fn refuse_member(&self, pointer: &str, expected: &str, found: &str) -> Refused {
        let violation =
            Violation { pointer: pointer.to_owned(), expected: expected.to_owned(), found: found.to_owned() };
        invalid(self.operation, vec![violation])
    }

    /// The answer to a read.
    fn data(&self, data: Value) -> Answer {
        let body = match self.operation.envelope {
            Envelope::Result => json!({"result": data}),
            Envelope::Message => json!({"message": data}),
            Envelope::Whole | Envelope::Nothing => data,
        };
        self.whole(body)
    }

    /// The answer to a list, written without a copy where nothing has to be bent.
    fn rows(&self, rows: &[&Item]) -> Outcome {
        if rows.is_empty() {
            return Err(Refused::no_results());
        }
        if self.operation.response.binds || matches!(self.operation.envelope, Envelope::Nothing) {
            return Ok(self.data(rows.iter().map(|item| Value::Object((*item).clone())).collect()));
        }
        #[derive(Serialize)]
        struct Enveloped<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            result: Option<&'a [&'a Item]>,
            #[serde(skip_serializing_if = "Option::is_none")]
            message: Option<&'a [&'a Item]>,
        }
        let bytes = match self.operation.envelope {
            Envelope::Result => serde_json::to_vec(&Enveloped { result: Some(rows), message: None }),
            Envelope::Message => serde_json::to_vec(&Enveloped { result: None, message: Some(rows) }),
            Envelope::Whole | Envelope::Nothing => serde_json::to_vec(rows),
        };
        let bytes = bytes.expect("members of items are texts");
        Ok(Answer::bytes(self.operation.response.status, Basis::Guessed, bytes))
    }

    /// The answer to a write: the vendor's examples show its `message`, and whole otherwise. `id` is our addition.
    fn written(&self, message: &str, id: Option<&str>, item: Option<&Item>) -> Answer {
        let body = match self.operation.envelope {
            Envelope::Nothing => return Answer::empty(self.operation.response.status, Basis::Document),
            Envelope::Message => match id {
                Some(id) => json!({"message": message, "id": id}),
                None => json!({"message": message}),
            },
            Envelope::Result => json!({"message": message, "result": item}),
            Envelope::Whole => json!(item),
        };
        self.whole(body)
    }

    fn whole(&self, body: Value) -> Answer {
        let rule = &self.operation.response;
        let Some(schema) = rule.schema.as_ref() else { return Answer::json(rule.status, Basis::Guessed, &body) };
        let tree = &self.api.tree;
        let body = if rule.binds { fit(tree, schema, Some(body)) } else { body };
        let declared = (rule.binds || body.get("result").is_none()) && is_declared(tree, schema, &body);
        let basis = if declared { Basis::Document } else { Basis::Guessed };
        Answer::json(rule.status, basis, &body)
    }
}

/// Members of an update laid over those of an item. What the document offers as a choice of forms is replaced whole.
pub(crate) fn lay_over(tree: &Value, schema: &Value, item: &mut Item, update: Map<String, Value>) {
    let schema = crate::document::resolve(tree, schema);
    for (name, value) in update {
        let inner = schema.get("properties").and_then(|properties| properties.get(&name));
        let inner = inner.map_or(&Value::Null, |inner| crate::document::resolve(tree, inner));
        let choice = inner.get("oneOf").is_some() || inner.get("anyOf").is_some();
        match (item.get_mut(&name), value) {
            (Some(Value::Object(known)), Value::Object(more)) if !choice => lay_over(tree, inner, known, more),
            (_, value) => {
                item.insert(name, value);
            }
        }
    }
}
