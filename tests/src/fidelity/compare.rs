//! One schema of the document against the JSON Schema of a Rust type, keyword by keyword.
//!
//! Two things are left out on purpose, since they are no statement of the document: that an optional member may also be
//! `null` when it is read, and the formats and bounds that a Rust integer has by being one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use swpanel_build_tools::document::{Document, Node, child, local_reference};
use swpanel_build_tools::names::snake_case;

use super::keywords::{SINGLE, added, arms, kinds, lists_all, single, values};
use super::{Statement, Verdict};

const DEPTH: usize = 24;

/// Where the Rust type has nothing at all.
pub(super) const NOTHING: &Value = &Value::Null;

/// All statements of a schema.
pub(super) fn compare(document: &Document, pointer: &str, rust: &Value) -> Vec<Statement> {
    let mut comparer = Comparer { document, root: rust, found: Vec::new() };
    comparer.schema(pointer.to_owned(), rust, false, 0);
    comparer.found
}

struct Comparer<'a> {
    document: &'a Document,
    root: &'a Value,
    found: Vec<Statement>,
}

/// A member as the document has it, with the pointer of its schema.
type Members<'a> = BTreeMap<&'a str, (String, &'a Node)>;

impl<'a> Comparer<'a> {
    fn say(&mut self, pointer: &str, keyword: &str, verdict: Verdict, document: String, rust: String) {
        let (pointer, keyword) = (pointer.to_owned(), keyword.to_owned());
        self.found.push(Statement { pointer, keyword, verdict, document, rust, explained: None });
    }

    fn schema(&mut self, pointer: String, rust: &'a Value, optional: bool, depth: usize) {
        let Some(node) = self.document.root().pointer(&pointer).filter(|_| depth < DEPTH) else { return };
        let null = takes_null(rust) || takes_null(self.resolved(rust));
        let rust = without_null(rust, optional || null);
        if let Some(reference) = node.text_at("$ref") {
            let Some(target) = local_reference(reference) else { return };
            let name = target.rsplit('/').next().unwrap_or_default();
            if rust.is_null() {
                return self.say(&pointer, "$ref", Verdict::Lost, name.to_owned(), String::new());
            }
            if reference_of(rust).is_some_and(|found| same_name(name, found)) {
                return self.say(&pointer, "$ref", Verdict::Same, name.to_owned(), name.to_owned());
            }
            // A type of the runtime stands in for it, or it is written out.
            return self.schema(target, self.resolved(rust), optional, depth + 1);
        }
        let rust = without_null(self.resolved(rust), optional || null);
        for word in ["oneOf", "anyOf"] {
            if let Some(variants) = node.get(word).and_then(Node::as_array) {
                return self.variants(&pointer, word, variants, rust, depth);
            }
        }
        self.kind(&pointer, node, rust, null);
        self.enumeration(&pointer, node, rust);
        for keyword in SINGLE {
            let Some(said) = node.get(keyword).map(Node::to_json) else { continue };
            let found = rust.get(keyword);
            let verdict = single(keyword, &said, found);
            self.say(&pointer, keyword, verdict, said.to_string(), found.map(Value::to_string).unwrap_or_default());
        }
        for (keyword, found) in added(node, rust) {
            self.say(&pointer, keyword, Verdict::Narrower, String::new(), found);
        }
        if node.get("items").is_some() {
            match rust.get("items") {
                Some(items) => self.schema(child(&pointer, "items"), items, false, depth + 1),
                None => self.say(&pointer, "items", Verdict::Lost, "items of a kind".to_owned(), String::new()),
            }
        }
        self.members(&pointer, node, rust, depth);
    }

    fn kind(&mut self, pointer: &str, node: &Node, rust: &Value, null: bool) {
        let Some(said) = node.text_at("type") else { return };
        let mut wanted = BTreeSet::from([said.to_owned()]);
        if node.get("nullable").and_then(Node::as_bool) == Some(true) {
            wanted.insert("null".to_owned());
        }
        let mut found = kinds(rust);
        if null && wanted.contains("null") {
            found.insert("null".to_owned());
        }
        let within = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            one.iter().all(|kind| other.contains(kind) || (kind == "integer" && other.contains("number")))
        };
        let verdict = match () {
            () if found == wanted => Verdict::Same,
            () if found.is_empty() => Verdict::Lost,
            () if within(&wanted, &found) => Verdict::Wider,
            () if within(&found, &wanted) => Verdict::Narrower,
            () => Verdict::Lost,
        };
        self.say(pointer, "type", verdict, listed(&wanted), listed(&found));
    }

    fn enumeration(&mut self, pointer: &str, node: &Node, rust: &Value) {
        let Some(options) = node.get("enum").and_then(Node::as_array) else { return };
        let wanted: BTreeSet<String> = options.iter().map(|option| option.to_json().to_string()).collect();
        let found = values(rust);
        let verdict = match () {
            () if found.is_empty() => Verdict::Lost,
            // A variant besides that takes any text, too.
            () if wanted.is_subset(&found) && !lists_all(rust) => Verdict::Wider,
            () if found == wanted => Verdict::Same,
            () if wanted.is_subset(&found) => Verdict::Wider,
            () if found.is_subset(&wanted) => Verdict::Narrower,
            () => Verdict::Lost,
        };
        self.say(pointer, "enum", verdict, listed(&wanted), listed(&found));
    }

    fn members(&mut self, pointer: &str, node: &Node, rust: &'a Value, depth: usize) {
        let mut members = Members::new();
        let mut required = BTreeSet::new();
        collect(self.document, pointer, &mut members, &mut required, 0);
        if members.is_empty() && required.is_empty() && node.get("additionalProperties").is_none() {
            return;
        }
        let fields = rust.get("properties").and_then(Value::as_object);
        let open = is_open(rust);
        let asked: BTreeSet<&str> =
            rust.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, (at, _)) in &members {
            let Some(field) = fields.and_then(|fields| fields.get(*name)) else {
                // It is kept, but has no field of its own.
                let verdict = if open { Verdict::Wider } else { Verdict::Lost };
                self.say(at, "member", verdict, (*name).to_owned(), String::new());
                // With it all is gone that the document says of it.
                self.schema(at.clone(), NOTHING, false, depth + 1);
                continue;
            };
            self.say(at, "member", Verdict::Same, (*name).to_owned(), (*name).to_owned());
            let optional = !required.contains(*name);
            if optional && asked.contains(*name) {
                self.say(at, "required", Verdict::Narrower, "optional".to_owned(), "required".to_owned());
            }
            self.schema(at.clone(), field, optional, depth + 1);
        }
        for name in asked.iter().filter(|name| !members.contains_key(*name) && !required.contains(*name)) {
            self.say(pointer, "required", Verdict::Narrower, String::new(), (*name).to_owned());
        }
        for name in &required {
            let verdict = if asked.contains(*name) { Verdict::Same } else { Verdict::Wider };
            let at = members.get(*name).map_or(pointer, |(at, _)| at.as_str()).to_owned();
            self.say(&at, "required", verdict, format!("{name} is required"), String::new());
        }
        match node.get("additionalProperties") {
            Some(more) if more.as_bool() == Some(false) => {
                let verdict = if open { Verdict::Wider } else { Verdict::Same };
                self.say(pointer, "additionalProperties", verdict, "closed".to_owned(), String::new());
            }
            Some(more) if more.as_object().is_some_and(|more| !more.is_empty()) => {
                match rust.get("additionalProperties") {
                    Some(values) => self.schema(child(pointer, "additionalProperties"), values, false, depth + 1),
                    None => {
                        let said = "values of a kind".to_owned();
                        self.say(pointer, "additionalProperties", Verdict::Lost, said, String::new());
                    }
                }
            }
            Some(_) => {
                // Open on purpose: what comes besides must be kept.
                let keeps = rust.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false));
                let verdict = if keeps { Verdict::Same } else { Verdict::Lost };
                self.say(pointer, "additionalProperties", verdict, "open, and kept".to_owned(), String::new());
            }
            None => {}
        }
    }

    /// A choice: every variant of the document has to be one of the type's.
    fn variants(&mut self, pointer: &str, word: &str, variants: &'a [Node], rust: &'a Value, depth: usize) {
        let arms: Vec<&'a Value> = arms(rust);
        if arms.is_empty() && !rust.is_null() {
            // Plain kinds may be said as a list of kinds.
            let wanted: BTreeSet<String> = variants
                .iter()
                .filter_map(|variant| self.document.resolve(variant)?.text_at("type").map(str::to_owned))
                .collect();
            let found = kinds(rust);
            let verdict = if wanted == found { Verdict::Same } else { Verdict::Lost };
            return self.say(pointer, word, verdict, listed(&wanted), listed(&found));
        }
        let mut used = BTreeSet::new();
        for (at, variant) in variants.iter().enumerate() {
            let place = child(&child(pointer, word), &at.to_string());
            let name = variant.text_at("$ref").and_then(|reference| reference.rsplit('/').next());
            let free = || arms.iter().enumerate().filter(|(number, _)| !used.contains(number));
            let by_name =
                free().find(|(_, arm)| name.zip(reference_of(arm)).is_some_and(|(name, found)| same_name(name, found)));
            let kind = self.document.resolve(variant).and_then(|variant| variant.text_at("type"));
            let by_kind = free().find(|(_, arm)| {
                let found = kinds(self.resolved(arm));
                kind.is_some_and(|kind| found.contains(kind) || (kind == "integer" && found.contains("number")))
            });
            let same_place = free().find(|(number, _)| *number == at && arms.len() == variants.len());
            match by_name.or(same_place.filter(|_| by_kind.is_none() || kind == Some("object"))).or(by_kind) {
                Some((number, arm)) => {
                    used.insert(number);
                    self.say(
                        &place,
                        "variant",
                        Verdict::Same,
                        name.or(kind).unwrap_or("any").to_owned(),
                        String::new(),
                    );
                    self.schema(place, arm, false, depth + 1);
                }
                None => {
                    let said = name.or(kind).unwrap_or("any").to_owned();
                    self.say(&place, "variant", Verdict::Lost, said, String::new());
                    self.schema(place, NOTHING, false, depth + 1);
                }
            }
        }
        let more = arms.iter().enumerate().filter(|(number, arm)| !used.contains(number) && !is_null(arm));
        for (_, arm) in more {
            self.say(pointer, "variant", Verdict::Wider, String::new(), listed(&kinds(self.resolved(arm))));
        }
    }

    /// Follows the references of the Rust type's schema.
    fn resolved(&self, mut rust: &'a Value) -> &'a Value {
        for _ in 0..DEPTH {
            let Some(reference) = reference_of(rust) else { return rust };
            let Some(target) = self.root.get("$defs").and_then(|defs| defs.get(reference)) else { return rust };
            rust = target;
        }
        rust
    }
}

/// Members and requirements of a schema and of the parts of its `allOf`.
fn collect<'a>(
    document: &'a Document,
    pointer: &str,
    members: &mut Members<'a>,
    required: &mut BTreeSet<&'a str>,
    depth: usize,
) {
    let Some(node) = document.root().pointer(pointer).filter(|_| depth < DEPTH) else { return };
    if let Some(target) = node.text_at("$ref").and_then(local_reference) {
        return collect(document, &target, members, required, depth + 1);
    }
    let properties = node.get("properties").and_then(Node::as_object);
    for (name, schema) in properties.into_iter().flat_map(swpanel_build_tools::document::Object::iter) {
        members.insert(name, (child(&child(pointer, "properties"), name), schema));
    }
    required.extend(node.get("required").and_then(Node::as_array).unwrap_or_default().iter().filter_map(Node::as_str));
    for at in 0..node.get("allOf").and_then(Node::as_array).map_or(0, <[Node]>::len) {
        collect(document, &child(&child(pointer, "allOf"), &at.to_string()), members, required, depth + 1);
    }
}

/// `Option<T>` of an optional member as `T`.
fn without_null(rust: &Value, optional: bool) -> &Value {
    if !optional {
        return rust;
    }
    let Some(arms) = rust.get("anyOf").and_then(Value::as_array) else { return rust };
    let rest: Vec<&Value> = arms.iter().filter(|arm| arm.get("type").and_then(Value::as_str) != Some("null")).collect();
    match rest.as_slice() {
        [one] if arms.len() == 2 => one,
        _ => rust,
    }
}

/// Whether a schema admits `null` beside something else.
fn takes_null(rust: &Value) -> bool {
    let listed =
        rust.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    listed || arms(rust).iter().any(|arm| is_null(arm))
}

fn is_null(rust: &Value) -> bool {
    rust.get("type").and_then(Value::as_str) == Some("null")
}

fn reference_of(rust: &Value) -> Option<&str> {
    rust.get("$ref").and_then(Value::as_str)?.strip_prefix("#/$defs/")
}

/// Whether a Rust type's name is that of a component.
fn same_name(component: &str, rust: &str) -> bool {
    let plain = |name: &str| snake_case(name).replace('_', "");
    plain(component) == plain(rust)
}

fn is_open(rust: &Value) -> bool {
    rust.get("additionalProperties").is_none_or(|more| *more != Value::Bool(false))
}

fn listed(words: &BTreeSet<String>) -> String {
    words.iter().cloned().collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use swpanel_build_tools::document::{RawDocument, convert};

    use super::*;

    /// Verdict and keyword of each statement that is not the same, with the end of its pointer.
    fn differing(schema: Value, rust: Value) -> Vec<String> {
        let other = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let whole = json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"204": {"description": "gone"}}}}},
            "components": {"schemas": {"It": schema, "Other": other}}});
        let (document, _) = convert(&RawDocument::read(whole.to_string().as_bytes()).unwrap()).unwrap();
        let found = compare(&document, "/components/schemas/It", &rust);
        assert!(!found.is_empty());
        let differing = found.into_iter().filter(|statement| statement.verdict != Verdict::Same);
        differing
            .map(|it| format!("{:?} {} {}", it.verdict, it.keyword, it.pointer.rsplit('/').next().unwrap_or_default()))
            .collect()
    }

    #[test]
    fn what_is_said_alike_is_the_same() {
        let object = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "enum": ["x", "y"]},
            "b": {"type": "integer"}, "c": {"$ref": "#/components/schemas/Other"}, "d": {"type": "string", "nullable": true}}});
        let rust = json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/ItA"},
            "b": {"type": ["integer", "null"], "format": "int64"}, "c": {"anyOf": [{"$ref": "#/$defs/Other"}, {"type": "null"}]},
            "d": {"type": ["string", "null"]}},
            "$defs": {"ItA": {"oneOf": [{"type": "string", "const": "x"}, {"type": "string", "enum": ["y"]}]}}});
        assert_eq!(differing(object, rust), [""; 0]);
    }

    #[test]
    fn what_is_said_otherwise_is_told() {
        let of = |schema: Value, rust: Value| differing(schema, rust);
        assert_eq!(of(json!({"type": "integer"}), json!({"type": "number"})), ["Wider type It"]);
        assert_eq!(of(json!({"type": "number"}), json!({"type": "integer"})), ["Narrower type It"]);
        assert_eq!(of(json!({"type": "string"}), json!({"type": "boolean"})), ["Lost type It"]);
        assert_eq!(of(json!({"type": "string", "nullable": true}), json!({"type": "string"})), ["Narrower type It"]);
        assert_eq!(of(json!({"type": "string", "maxLength": 3}), json!({"type": "string"})), ["Lost maxLength It"]);
        assert_eq!(of(json!({"type": "string", "format": "date"}), json!({"type": "string"})), ["Lost format It"]);
        let enums = json!({"type": "string", "enum": ["a", "b"]});
        assert_eq!(of(enums.clone(), json!({"type": "string"})), ["Lost enum It"]);
        assert_eq!(of(enums.clone(), json!({"type": "string", "enum": ["a", "b", "c"]})), ["Wider enum It"]);
        assert_eq!(of(enums, json!({"type": "string", "enum": ["a"]})), ["Narrower enum It"]);
        let object = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}});
        assert_eq!(
            of(object.clone(), json!({"type": "object", "properties": {"a": {"type": "string"}}})),
            ["Wider required a"]
        );
        assert_eq!(of(object.clone(), json!({"type": "object", "required": ["a"]})), ["Wider member a", "Lost type a"]);
        let closed = json!({"type": "object", "required": ["a"], "additionalProperties": false});
        assert_eq!(of(object, closed), ["Narrower additionalProperties It", "Lost member a", "Lost type a"]);
        let optional = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let asked = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}});
        assert_eq!(of(optional, asked), ["Narrower required a"]);
        let open = json!({"type": "object", "additionalProperties": {}});
        assert_eq!(of(open, json!({"type": "object"})), ["Lost additionalProperties It"]);
        let choice = json!({"oneOf": [{"type": "string"}, {"type": "boolean"}]});
        assert_eq!(of(choice, json!({"anyOf": [{"type": "string"}]})), ["Lost variant 1", "Lost type 1"]);
        assert_eq!(
            of(json!({"type": "array", "items": {"type": "string"}}), json!({"type": "array"})),
            ["Lost items It"]
        );
    }

    #[test]
    fn what_only_the_type_says_is_told() {
        let of = |schema: Value, rust: Value| differing(schema, rust);
        let text = json!({"type": "string"});
        assert_eq!(of(text.clone(), json!({"type": "string", "maxLength": 3})), ["Narrower maxLength It"]);
        assert_eq!(of(text.clone(), json!({"type": "string", "format": "uuid"})), ["Narrower format It"]);
        assert_eq!(of(text, json!({"type": "string", "enum": ["a"]})), ["Narrower enum It"]);
        assert_eq!(of(json!({"type": "integer"}), json!({"type": "integer", "minimum": 0})), ["Narrower minimum It"]);
        let object = json!({"type": "object", "properties": {"a": {}}});
        let member = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        assert_eq!(of(object.clone(), member), ["Narrower type a"]);
        let closed = json!({"type": "object", "properties": {"a": true}, "additionalProperties": false});
        assert_eq!(of(object.clone(), closed), ["Narrower additionalProperties It"]);
        let asked = json!({"type": "object", "properties": {"a": true, "b": {}}, "required": ["b"]});
        assert_eq!(of(object, asked), ["Narrower required It"]);
        let choice = json!({"oneOf": [{"type": "string"}, {"type": "boolean"}]});
        let more = json!({"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "array"}, {"type": "null"}]});
        assert_eq!(of(choice, more), ["Wider variant It"]);
        let two =
            json!({"oneOf": [{"type": "object", "properties": {"a": {}}}, {"$ref": "#/components/schemas/Other"}]});
        let one = json!({"anyOf": [{"type": "object", "properties": {"a": true}}]});
        assert_eq!(of(two, one), ["Lost variant 1", "Lost $ref 1"], "one variant is no two");
        let enums = json!({"type": "string", "enum": ["a"]});
        assert_eq!(of(enums, json!({"anyOf": [{"const": "a"}, {"type": "string"}]})), ["Wider enum It"]);
    }
}
