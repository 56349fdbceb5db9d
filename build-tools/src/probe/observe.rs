//! Shapes that were seen to a proposed overlay: what the document does not say, or says otherwise, with how often it was
//! seen. It is for a person to read, shorten and take over; nothing applies it by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Kind, Place, Probe, Shape};
use crate::document::{Document, Node};
use crate::secrets::is_secret_name;

/// A proposed overlay.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The OpenAPI Overlay 1.0, or nothing where there is nothing to propose.
    pub overlay: Option<Value>,
    /// How many members it describes that the document does not name.
    pub members: usize,
    /// How many of the document's own statements it changes.
    pub changes: usize,
    /// What was seen and cannot be said in an overlay.
    pub notes: Vec<String>,
}

/// What shapes suggest for the document.
pub fn observe(document: &Document, probe: &Probe) -> Proposal {
    let mut maker = Maker {
        document,
        probe,
        actions: Vec::new(),
        members: 0,
        changes: 0,
        notes: Vec::new(),
        moved: BTreeSet::new(),
    };
    // Outer places first: what replaces a schema as a whole must not undo what is said of its members.
    for (pointer, place) in &probe.places {
        maker.place(pointer, place);
    }
    maker.statuses();
    let Maker { actions, members, changes, notes, .. } = maker;
    let who = if probe.emulator { "the emulator, which is no evidence of SWPanel" } else { probe.base_url.as_str() };
    let overlay = (!actions.is_empty()).then(|| {
        json!({
            "overlay": "1.0.0",
            "info": {
                "title": format!("Observed on {} at {who}; read it before you take it over", probe.date),
                "version": probe.date,
            },
            "actions": actions,
        })
    });
    Proposal { overlay, members, changes, notes }
}

struct Maker<'a> {
    document: &'a Document,
    probe: &'a Probe,
    actions: Vec<Value>,
    members: usize,
    changes: usize,
    notes: Vec<String>,
    /// Schemas that are the first variant of a choice once the actions so far have been applied, by pointer.
    moved: BTreeSet<String>,
}

impl Maker<'_> {
    fn place(&mut self, pointer: &str, place: &Place) {
        let Some(schema) = self.document.root().pointer(pointer) else { return };
        if let Some(shape) = place.whole.as_ref().filter(|_| place.mismatched.is_empty()) {
            self.whole(pointer, place, shape, schema);
        }
        if !others(place, schema).is_empty() && self.replace(pointer, place, schema) {
            return;
        }
        self.widen(pointer, place, schema);
        self.missing(pointer, place, schema);
        let update = self.members(place, schema);
        if !update.is_empty() {
            let objects = place.kinds.get(&Kind::Object).copied().unwrap_or_default();
            let description = format!("Members seen in {objects} objects; {}.", operations(&place.operations));
            if let Some(reference) = schema.text_at("$ref") {
                return self.beside(pointer, reference, description, update);
            }
            self.actions.push(json!({ "target": self.path(pointer), "description": description, "update": update }));
        }
    }

    /// Members of one operation's response beside those of a schema that others share: the reference becomes a part of it.
    fn beside(&mut self, pointer: &str, reference: &str, description: String, members: Map<String, Value>) {
        let target = self.path(pointer);
        self.actions.push(json!({ "target": format!("{target}['$ref']"), "description": description, "remove": true }));
        let update = json!({ "allOf": [{ "$ref": reference }, members] });
        self.actions.push(json!({ "target": target, "update": update }));
    }

    /// What a schema lacks of the members that were seen.
    fn members(&mut self, place: &Place, schema: &Node) -> Map<String, Value> {
        let mut update = Map::new();
        if place.more.is_empty() && place.values.is_none() {
            return update;
        }
        let objects = place.kinds.get(&Kind::Object).copied().unwrap_or_default();
        let properties: Map<String, Value> = place
            .more
            .iter()
            .map(|(name, member)| (name.clone(), self.described(&member.shape, name, member.present, objects)))
            .collect();
        self.members += properties.len();
        if !properties.is_empty() {
            update.insert("properties".to_owned(), properties.into());
        }
        if let Some(values) = &place.values {
            let values = self.described(values, "", place.unnamed, objects);
            update.insert("additionalProperties".to_owned(), values);
        }
        if schema.get("type").is_none() {
            update.insert("type".to_owned(), json!("object"));
        }
        update
    }

    /// A schema that says nothing: given the kinds that came.
    fn whole(&mut self, pointer: &str, place: &Place, shape: &Shape, schema: &Node) {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let Value::Object(mut update) = self.schema(shape, name) else { return };
        if update.is_empty() {
            return;
        }
        self.members += place.unsaid();
        if schema.get("x-evidence").is_none() {
            update.insert("x-evidence".to_owned(), json!("observed"));
        }
        update.insert("x-observed".to_owned(), json!({ "of": shape.seen, "date": self.probe.date }));
        let description = format!("Seen {} times; {}.", shape.seen, operations(&place.operations));
        self.actions.push(json!({ "target": self.path(pointer), "description": description, "update": update }));
    }

    /// Says where it stands what else a value may be: `null`, a word, a number that is no whole one.
    fn widen(&mut self, pointer: &str, place: &Place, schema: &Node) {
        let mut update = Map::new();
        let mut count = place.outside;
        if place.outside > 0 && place.words.is_empty() {
            // Values that may be somebody's data are not written down: the enumeration is given up.
            let description = format!("{} of {} values are others.", place.outside, place.seen);
            let target = format!("{}['enum']", self.path(pointer));
            self.actions.push(json!({ "target": target, "description": description, "remove": true }));
            self.changes += 1;
        } else if place.outside > 0 {
            update.insert("enum".to_owned(), json!(place.words));
        }
        if let Some(nulls) = place.mismatched.get(&Kind::Null) {
            update.insert("nullable".to_owned(), json!(true));
            count += nulls;
        }
        if let Some(numbers) = place.mismatched.get(&Kind::Number).filter(|_| is_whole(schema)) {
            update.insert("type".to_owned(), json!("number"));
            count += numbers;
        }
        if count == 0 {
            return;
        }
        self.changes += usize::from(!update.is_empty());
        self.mark(&mut update, place);
        let description = format!("Was contradicted by {count} of {} values.", place.seen);
        self.actions.push(json!({ "target": self.path(pointer), "description": description, "update": update }));
    }

    fn mark(&self, schema: &mut Map<String, Value>, place: &Place) {
        schema.insert("x-evidence".to_owned(), json!("observed"));
        schema.insert("x-observed".to_owned(), json!({ "of": place.seen, "date": self.probe.date }));
    }

    /// A schema that values of other kinds contradict: taken out, and put back as a choice, whose first variant it is then.
    /// Whether nothing is left to be said of it.
    fn replace(&mut self, pointer: &str, place: &Place, schema: &Node) -> bool {
        let (parent, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let last = last.replace("~1", "/").replace("~0", "~");
        if self.document.root().pointer(parent).is_some_and(|parent| parent.as_object().is_none()) {
            self.notes.push(format!("{pointer}: a part of another schema was contradicted; mend it by hand"));
            return true;
        }
        let others = others(place, schema);
        let contradicted: u64 = others.iter().filter_map(|kind| place.mismatched.get(kind)).sum();
        let target = self.path(pointer);
        let kept = place.mismatched.values().sum::<u64>() < place.seen;
        let mut variants: Vec<Value> = if kept { vec![schema.to_json()] } else { Vec::new() };
        variants.extend(others.iter().map(|kind| match &place.whole {
            Some(shape) => self.variant(*kind, shape, &last),
            None => bare(*kind),
        }));
        let mut new = match variants.as_slice() {
            [Value::Object(one)] => one.clone(),
            _ => [("oneOf".to_owned(), json!(variants))].into_iter().collect(),
        };
        for word in ["description", "x-sensitive"] {
            new.extend(schema.get(word).map(|said| (word.to_owned(), said.to_json())));
        }
        if !kept && place.mismatched.contains_key(&Kind::Null) {
            new.insert("nullable".to_owned(), json!(true));
        }
        self.mark(&mut new, place);
        self.changes += 1;
        let what = format!("Was contradicted by {contradicted} of {} values.", place.seen);
        self.actions.push(json!({ "target": target, "description": what, "remove": true }));
        let update: Map<String, Value> = [(last, new.into())].into_iter().collect();
        self.actions.push(json!({ "target": self.path(parent), "update": update }));
        if kept {
            self.moved.insert(pointer.to_owned());
        }
        !kept
    }

    fn missing(&mut self, pointer: &str, place: &Place, schema: &Node) {
        let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
        let names: Vec<&str> = required.iter().filter_map(Node::as_str).collect();
        let absent: Vec<&str> = names.iter().copied().filter(|name| place.missing.contains_key(*name)).collect();
        if absent.is_empty() {
            return;
        }
        self.changes += absent.len();
        let target = format!("{}['required']", self.path(pointer));
        if absent.len() == names.len() {
            let description = format!("None of them is always there: {}.", absent.join(", "));
            self.actions.push(json!({ "target": target, "description": description, "remove": true }));
            return;
        }
        for name in absent {
            let description = format!("Absent from {} objects.", place.missing.get(name).copied().unwrap_or_default());
            let target = format!("{target}[?@ == {}]", quoted(name));
            self.actions.push(json!({ "target": target, "description": description, "remove": true }));
        }
    }

    fn statuses(&mut self) {
        let pointers: BTreeMap<String, String> =
            self.document.operations().iter().map(|operation| (operation.key(), operation.pointer.clone())).collect();
        for (key, asked) in &self.probe.operations {
            let Some(pointer) = pointers.get(key).filter(|_| !asked.undocumented.is_empty()) else { continue };
            let mut update = Map::new();
            for status in &asked.undocumented {
                let count = asked.statuses.get(status).copied().unwrap_or_default();
                let mut answer = json!({
                    "description": "Seen, and not described by the vendor.",
                    "x-evidence": "observed",
                    "x-observed": { "of": count, "date": self.probe.date },
                });
                if let Some(answer) = answer.as_object_mut().filter(|_| *status != 204 && *status < 300) {
                    answer.insert("content".to_owned(), json!({ "application/json": { "schema": {} } }));
                }
                update.insert(status.to_string(), answer);
                self.changes += 1;
            }
            let target = format!("{}['responses']", self.path(pointer));
            self.actions.push(json!({ "target": target, "update": update }));
        }
        for (key, asked) in &self.probe.operations {
            for (what, count) in &asked.unreadable {
                self.notes.push(format!("{key}: {what}, {count} times; what is right is for a person to say"));
            }
        }
    }

    /// The schema of what was seen.
    fn described(&self, shape: &Shape, name: &str, present: u64, of: u64) -> Value {
        let mut schema = self.schema(shape, name);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("x-evidence".to_owned(), json!("observed"));
            let seen = json!({ "present": present, "of": of, "date": self.probe.date });
            schema.insert("x-observed".to_owned(), seen);
        }
        schema
    }

    fn schema(&self, shape: &Shape, name: &str) -> Value {
        let mut kinds: Vec<Kind> = shape.kinds.keys().copied().filter(|kind| *kind != Kind::Null).collect();
        if kinds.contains(&Kind::Number) {
            kinds.retain(|kind| *kind != Kind::Integer);
        }
        let variants: Vec<Value> = kinds.iter().map(|kind| self.variant(*kind, shape, name)).collect();
        let mut schema = match variants.as_slice() {
            [] => json!({}),
            [one] => one.clone(),
            _ => json!({ "oneOf": variants }),
        };
        if let Some(schema) = schema.as_object_mut() {
            if shape.kinds.contains_key(&Kind::Null) && !kinds.is_empty() {
                schema.insert("nullable".to_owned(), json!(true));
            }
            if is_secret_name(name) {
                schema.insert("x-sensitive".to_owned(), json!(true));
            }
        }
        schema
    }

    fn variant(&self, kind: Kind, shape: &Shape, name: &str) -> Value {
        let mut schema = bare(kind);
        let Some(members) = schema.as_object_mut() else { return schema };
        match kind {
            Kind::String => {
                if let Some(format) = &shape.format {
                    members.insert("format".to_owned(), json!(format));
                }
                if !shape.words.is_empty() {
                    // Others may exist: whether this is the whole list is for a person to say.
                    members.insert("x-enum-candidates".to_owned(), json!(shape.words));
                }
            }
            Kind::Array => {
                let items = shape.items.as_ref().map_or_else(|| json!({}), |items| self.schema(items, name));
                members.insert("items".to_owned(), items);
            }
            Kind::Object => {
                let objects = shape.kinds.get(&Kind::Object).copied().unwrap_or_default();
                if !shape.members.is_empty() {
                    let properties: Map<String, Value> = shape
                        .members
                        .iter()
                        .map(|(name, member)| {
                            (name.clone(), self.described(&member.shape, name, member.present, objects))
                        })
                        .collect();
                    members.insert("properties".to_owned(), properties.into());
                }
                // Never empty where members came whose names are not kept: nothing said would leave them undocumented.
                let values = shape.values.as_ref();
                let values =
                    values.map_or_else(|| json!({}), |values| self.described(values, "", values.seen, objects));
                members.insert("additionalProperties".to_owned(), values);
            }
            _ => {}
        }
        schema
    }

    /// A JSON pointer of the document as a normalised JSONPath.
    fn path(&self, pointer: &str) -> String {
        let mut path = "$".to_owned();
        let mut node = Some(self.document.root());
        let mut below = String::new();
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            match node {
                Some(list) if list.as_array().is_some() => path.push_str(&format!("[{name}]")),
                _ => path.push_str(&format!("[{}]", quoted(&name))),
            }
            below.push('/');
            below.push_str(token);
            if self.moved.contains(&below) {
                path.push_str("['oneOf'][0]");
            }
            node = self.document.root().pointer(&below);
        }
        path
    }
}

fn is_whole(schema: &Node) -> bool {
    schema.text_at("type") == Some("integer")
}

/// Kinds that came and that no widening of a schema admits.
fn others(place: &Place, schema: &Node) -> Vec<Kind> {
    let widened = |kind: Kind| kind == Kind::Null || (kind == Kind::Number && is_whole(schema));
    place.mismatched.keys().copied().filter(|kind| !widened(*kind)).collect()
}

/// A schema of a kind and nothing more.
fn bare(kind: Kind) -> Value {
    match kind {
        Kind::Array => json!({ "type": "array", "items": {} }),
        Kind::Object => json!({ "type": "object", "additionalProperties": {} }),
        kind => json!({ "type": kind.as_str() }),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn operations(keys: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = keys.iter().take(3).map(String::as_str).collect();
    let more = keys.len().saturating_sub(shown.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("answers of {}{rest}", shown.join(", "))
}
