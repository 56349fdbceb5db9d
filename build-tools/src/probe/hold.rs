//! Answers held against the document: every value against the schema whose place it stands in, counted by place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fit::{Facets, allows, expand, lacks_variant, says_nothing};
use super::seal::{Around, Judge, WORD_TIMES};
use super::seen::{Seen, Texts, held};
use super::words::Words;
use super::{Asked, Kind, Place, Probe, Ways};
use crate::document::{Document, Node, Object, Operation, child, local_reference};
use crate::secrets;

/// References, parts and variants within one another, at most.
const DEPTH: usize = 48;

/// Takes answers one by one. Values pass through it; only shapes come out.
pub struct Watch<'a> {
    document: &'a Document,
    operations: BTreeMap<String, Asked>,
    places: BTreeMap<String, Gathered>,
    ways: Ways,
    judge: Judge,
    /// Schemas that several operations other than GET have as their whole response.
    shared: BTreeSet<String>,
    /// Where members of the present response are noted that such a schema does not name: at the operation itself.
    own: Option<String>,
}

/// What an answer was.
#[derive(Clone, PartialEq)]
pub enum Heard {
    /// A successful answer in JSON.
    Success(Value),
    /// An error object, or an error status.
    Error,
    /// A successful answer that is no JSON.
    Other,
}

/// A place while values are still coming.
#[derive(Default)]
struct Gathered {
    place: Place,
    outside: Texts,
    more: BTreeMap<String, (u64, Seen)>,
    /// Members of the document that came.
    documented: BTreeSet<String>,
    /// Whole values, where the schema says nothing of them, or something else.
    whole: Option<Seen>,
}

impl<'a> Watch<'a> {
    /// For answers to operations of this document.
    pub fn new(document: &'a Document) -> Self {
        let judge = Judge::new(Words::of(document));
        let shared = shared(document);
        let (operations, places) = (BTreeMap::new(), BTreeMap::new());
        Self { document, operations, places, ways: Ways::default(), judge, shared, own: None }
    }

    /// Tells that a text is data wherever it comes: it addresses something.
    pub fn is_data(&mut self, text: &str) {
        self.judge.learn(text);
    }

    /// Tells that all texts of a value are data, as those of a request body are.
    pub fn is_all_data(&mut self, value: &Value) {
        self.judge.learn_all(value);
    }

    /// Notes why an operation is not asked.
    pub fn skip(&mut self, operation: &Operation<'_>, why: impl Into<String>) {
        self.asked(operation).skipped = Some(why.into());
    }

    fn asked(&mut self, operation: &Operation<'_>) -> &mut Asked {
        let asked = self.operations.entry(operation.key()).or_default();
        asked.id = operation.id().to_owned();
        asked
    }

    /// Holds an answer against the document.
    pub fn answer(&mut self, operation: &Operation<'a>, status: u16, body: &[u8]) -> Heard {
        *self.asked(operation).statuses.entry(status).or_default() += 1;
        let success = (200..300).contains(&status);
        let value = serde_json::from_slice::<Value>(body).ok();
        value.iter().for_each(|value| self.judge.learn_all(value));
        let response = response(operation, status);
        if response.is_none() {
            self.asked(operation).undocumented.insert(status);
        }
        let errors = errors(operation);
        let is_error = value.as_ref().and_then(Value::as_object).is_some_and(|members| {
            let named = |schema: Option<&Node>, name: &str| {
                schema.is_some_and(|schema| names(self.document, schema).contains(name))
            };
            let own = errors.as_ref().and_then(|pointer| self.document.root().pointer(pointer));
            members.keys().any(|name| named(own, name) && !named(operation.success_schema(), name))
        });
        if !success || is_error {
            if let (Some(value), Some(pointer)) = (value.as_ref().filter(|value| value.is_object()), &errors) {
                *self.ways.errors.entry(status).or_default() += 1;
                if let Some(schema) = self.document.root().pointer(pointer) {
                    let known = names(self.document, schema);
                    let members = value.as_object().into_iter().flat_map(|members| members.keys());
                    self.ways.envelope.extend(members.filter(|name| known.contains(name.as_str())).cloned());
                }
                self.visit(pointer.clone(), value, &operation.key(), 0);
            } else if value.is_none() && response.is_some_and(|(_, json)| json.is_some()) {
                self.unreadable(operation, body);
            }
            return Heard::Error;
        }
        let (announced, json) = response.unwrap_or((false, None));
        match (value, json) {
            (Some(value), Some(pointer)) => {
                self.own = self.own_place(operation, &pointer);
                self.visit(pointer, &value, &operation.key(), 0);
                self.own = None;
                self.asked(operation).read += 1;
                Heard::Success(value)
            }
            (Some(value), None) => {
                if !announced {
                    self.unannounced(operation, status);
                }
                Heard::Success(value)
            }
            (None, Some(_)) => {
                self.unreadable(operation, body);
                Heard::Other
            }
            (None, None) if announced || body.trim_ascii().is_empty() => {
                self.asked(operation).read += 1;
                Heard::Other
            }
            (None, None) => {
                self.unannounced(operation, status);
                Heard::Other
            }
        }
    }

    /// The place of an operation's own response, where its schema is one that others share: what one operation was seen
    /// to answer says nothing of the others.
    fn own_place(&self, operation: &Operation<'_>, pointer: &str) -> Option<String> {
        let schema = self.document.root().pointer(pointer).filter(|_| operation.method != "GET")?;
        let first = schema.get("allOf").and_then(Node::as_array).and_then(<[Node]>::first).unwrap_or(schema);
        let target = local_reference(first.text_at("$ref")?)?;
        self.shared.contains(&target).then(|| pointer.to_owned())
    }

    /// Where the status is not even named, that says it all.
    fn unannounced(&mut self, operation: &Operation<'_>, status: u16) {
        let asked = self.asked(operation);
        if !asked.undocumented.contains(&status) {
            let said = "a body came where the document announces none".to_owned();
            *asked.unreadable.entry(said).or_default() += 1;
        }
    }

    fn unreadable(&mut self, operation: &Operation<'_>, body: &[u8]) {
        let said = match body.trim_ascii_start() {
            [] => "an empty body came where JSON is announced",
            [b'<', ..] => "a page came where JSON is announced",
            _ => "what came is no JSON, which is announced",
        };
        *self.asked(operation).unreadable.entry(said.to_owned()).or_default() += 1;
    }

    /// Notes what a path brings that is spelled with a slash more or less at its end.
    pub fn slash(&mut self, documented: &str, outcome: String) {
        self.ways.slashes.insert(documented.to_owned(), outcome);
    }

    /// All that may be kept.
    pub fn finish(self) -> Probe {
        let mut probe =
            Probe { version: super::VERSION, operations: self.operations, ways: self.ways, ..Probe::default() };
        for (pointer, gathered) in self.places {
            let Gathered { mut place, outside, more, documented, whole } = gathered;
            if place.outside > 0 {
                place.words = outside.words(WORD_TIMES, &self.judge.words);
            }
            let counts: Vec<(String, u64)> = more.iter().map(|(name, (count, _))| (name.clone(), *count)).collect();
            let objects = place.kinds.get(&Kind::Object).copied().unwrap_or_default();
            let (named, values) = self.judge.members(more, Around { objects, documented: documented.len() });
            place.whole = whole.map(|whole| whole.seal(pointer.rsplit('/').next().unwrap_or_default(), &self.judge));
            let unnamed = counts.iter().filter(|(name, _)| !named.contains_key(name));
            place.unnamed = unnamed.map(|(_, count)| count).sum();
            place.values = values;
            place.more = named;
            probe.places.insert(pointer, place);
        }
        probe
    }

    fn visit(&mut self, pointer: String, value: &Value, operation: &str, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let mut facets: Facets<'a> = Vec::new();
        let named = pointer.clone();
        expand(self.document, pointer, value, &mut facets, 0);
        let kind = Kind::of(value);
        let mut allowed = true;
        for (pointer, schema) in &facets {
            let gathered = self.places.entry(pointer.clone()).or_default();
            let place = &mut gathered.place;
            place.seen += 1;
            place.operations.insert(operation.to_owned());
            *place.kinds.entry(kind).or_default() += 1;
            if !allows(schema, kind) || lacks_variant(self.document, schema, value) {
                *place.mismatched.entry(kind).or_default() += 1;
                if kind != Kind::Null && !is_secret(&named, schema) {
                    gathered.whole.get_or_insert_default().add(value);
                }
                allowed = false;
            } else if let Some(options) = schema.get("enum").and_then(Node::as_array)
                && kind != Kind::Null
                && !options.iter().any(|option| option.to_json() == *value)
            {
                place.outside += 1;
                gathered.outside.add(value.as_str().unwrap_or("?"));
            }
        }
        if !allowed {
            return;
        }
        if let Some((home, _)) = facets.first().filter(|_| facets.iter().all(|(_, schema)| says_nothing(schema))) {
            let gathered = self.places.entry(home.clone()).or_default();
            gathered.place.open = true;
            if !facets.iter().any(|(_, schema)| is_secret(&named, schema)) {
                gathered.whole.get_or_insert_default().add(value);
            }
            return;
        }
        match value {
            Value::Array(items) => {
                for (pointer, _) in facets.iter().filter(|(_, schema)| schema.get("items").is_some()) {
                    let of = child(pointer, "items");
                    items.iter().for_each(|item| self.visit(of.clone(), item, operation, depth + 1));
                }
            }
            Value::Object(members) => self.members(&facets, members, operation, depth),
            _ => {}
        }
    }

    fn members(
        &mut self,
        facets: &Facets<'a>,
        members: &serde_json::Map<String, Value>,
        operation: &str,
        depth: usize,
    ) {
        for (pointer, schema) in facets {
            let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
            for name in required.iter().filter_map(Node::as_str).filter(|name| !members.contains_key(*name)) {
                let Some(gathered) = self.places.get_mut(pointer) else { continue };
                *gathered.place.missing.entry(name.to_owned()).or_default() += 1;
            }
        }
        let properties = |schema: &'a Node| schema.get("properties").and_then(Node::as_object);
        let open = facets.iter().all(|(_, schema)| properties(schema).is_none_or(Object::is_empty));
        // What is new is noted at the part that names members already.
        let home = facets.iter().find(|(_, schema)| properties(schema).is_some_and(|named| !named.is_empty()));
        let Some((home, _)) = home.or(facets.last()) else { return };
        let own = self.own.clone().filter(|_| depth == 0);
        if let Some(own) = own.as_ref().filter(|own| facets.iter().all(|(pointer, _)| pointer != *own)) {
            let place = &mut self.places.entry(own.clone()).or_default().place;
            place.seen += 1;
            place.operations.insert(operation.to_owned());
            *place.kinds.entry(Kind::Object).or_default() += 1;
        }
        let home = own.as_ref().unwrap_or(home);
        for (name, value) in members {
            let mut known = false;
            for (pointer, schema) in facets {
                if properties(schema).is_some_and(|named| named.contains(name)) {
                    self.places.entry(home.clone()).or_default().documented.insert(name.clone());
                    self.visit(child(&child(pointer, "properties"), name), value, operation, depth + 1);
                    known = true;
                }
            }
            let rest = facets.iter().find(|(_, schema)| {
                schema.get("additionalProperties").and_then(Node::as_object).is_some_and(|of| !of.is_empty())
            });
            match rest.filter(|_| !known) {
                Some((pointer, _)) => self.visit(child(pointer, "additionalProperties"), value, operation, depth + 1),
                None if known => {}
                None => {
                    let gathered = self.places.entry(home.clone()).or_default();
                    gathered.place.open |= open;
                    let (count, seen) = gathered.more.entry(held(&gathered.more, name)).or_default();
                    *count += 1;
                    seen.add(value);
                }
            }
        }
    }
}

/// The schemas that several operations other than GET refer to as their whole successful response.
fn shared(document: &Document) -> BTreeSet<String> {
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for operation in document.operations().iter().filter(|operation| operation.method != "GET") {
        let first = |schema: &&Node| schema.get("allOf").and_then(Node::as_array).and_then(<[Node]>::first).is_some();
        let schema = operation.success_schema();
        let part = schema.filter(first).and_then(|schema| schema.get("allOf")?.as_array()?.first()).or(schema);
        if let Some(target) = part.and_then(|part| local_reference(part.text_at("$ref")?)) {
            *users.entry(target).or_default() += 1;
        }
    }
    users.into_iter().filter(|(_, count)| *count > 1).map(|(target, _)| target).collect()
}

/// Whether the schema at a pointer is of a secret: it says so, or its name does.
fn is_secret(pointer: &str, schema: &Node) -> bool {
    let name = pointer.rsplit_once("/properties/").map_or("", |(_, name)| name);
    let name = if name.contains('/') { "" } else { name };
    schema.as_object().is_some_and(|schema| secrets::is_secret(name, schema))
}

/// The answer that an operation names for a status: whether it announces a body, and the pointer of its JSON schema.
fn response(operation: &Operation<'_>, status: u16) -> Option<(bool, Option<String>)> {
    let exact = status.to_string();
    let class = format!("{}XX", status / 100);
    let responses = operation.responses();
    let find = |wanted: &str| responses.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted));
    let (key, node) = find(&exact).or_else(|| find(&class)).or_else(|| find("default"))?;
    let content = node.get("content").and_then(Node::as_object).filter(|content| !content.is_empty());
    Some((content.is_some(), json_schema(operation, key, node)))
}

/// The schema of error objects: that of the first answer that is no success and announces JSON.
fn errors(operation: &Operation<'_>) -> Option<String> {
    let responses = operation.responses();
    let failures = responses.iter().filter(|(key, _)| !key.starts_with(['1', '2', '3']));
    let mut ordered: Vec<_> = failures.collect();
    ordered.sort_by_key(|(key, _)| !key.starts_with('4'));
    ordered.into_iter().find_map(|(key, node)| json_schema(operation, key, node))
}

fn json_schema(operation: &Operation<'_>, key: &str, node: &Node) -> Option<String> {
    let content = node.get("content").and_then(Node::as_object)?;
    let (media, of) = content.iter().find(|(media, _)| crate::document::is_json(media))?;
    of.get("schema")?;
    let at = child(&child(&operation.pointer, "responses"), key);
    let mut pointer = at;
    // The answer itself may be a reference.
    for _ in 0..DEPTH {
        let there = operation.document().root().pointer(&pointer)?;
        match there.text_at("$ref") {
            Some(reference) => pointer = local_reference(reference)?,
            None => break,
        }
    }
    Some(child(&child(&child(&pointer, "content"), media), "schema"))
}

/// All names of members that a schema and its parts have.
fn names<'a>(document: &'a Document, schema: &'a Node) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![(schema, 0)];
    while let Some((schema, depth)) = open.pop() {
        let Some(schema) = document.resolve(schema).filter(|_| depth < DEPTH) else { continue };
        let properties = schema.get("properties").and_then(Node::as_object);
        found.extend(properties.into_iter().flat_map(Object::iter).map(|(name, _)| name));
        for word in ["allOf", "oneOf", "anyOf"] {
            let parts = schema.get(word).and_then(Node::as_array).unwrap_or_default();
            open.extend(parts.iter().map(|part| (part, depth + 1)));
        }
    }
    found
}
