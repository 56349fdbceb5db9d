//! Rewrites a schema that says its type in two ways at once (a type beside `allOf`, properties beside a choice) to one
//! that says it in one way. The generator has no Rust type for the two together: it aborts, or writes every property twice.

use std::collections::BTreeMap;

use super::State;
use crate::document::{Document, Node, Object, Stage, Weight, child};

/// Keywords that say what kind of value a schema has; all others only narrow or explain it.
const TYPING: [&str; 11] = [
    "$ref",
    "type",
    "properties",
    "items",
    "enum",
    "oneOf",
    "anyOf",
    "allOf",
    "additionalProperties",
    "format",
    "pattern",
];
/// Types that have no properties.
const PLAIN: [&str; 5] = ["string", "integer", "number", "boolean", "array"];

/// The schema in one form, or nothing where it has one already.
pub(super) fn one_form(document: &Document, source: &Object, pointer: &str, state: &mut State) -> Option<Node> {
    let mut work = Work { document, source, pointer, state };
    work.choice().or_else(|| work.all_of()).map(Node::from)
}

struct Work<'a, 'b> {
    document: &'a Document,
    source: &'a Object,
    pointer: &'a str,
    state: &'b mut State,
}

impl Work<'_, '_> {
    fn note(&mut self, weight: Weight, rule: &'static str, message: String) {
        self.state.ledger.note(Stage::Prepare, weight, rule, self.pointer, message);
    }

    fn without(&self, keywords: &[&str]) -> Object {
        let mut out = self.source.clone();
        keywords.iter().for_each(|keyword| drop(out.remove(keyword)));
        out
    }

    fn kind(&self) -> Option<&str> {
        self.source.get("type").and_then(Node::as_str)
    }

    /// `additionalProperties` with a schema in it.
    fn is_map(&self) -> bool {
        let values = self.source.get("additionalProperties").and_then(Node::as_object);
        values.is_some_and(|schema| !schema.is_empty())
    }

    fn choice(&mut self) -> Option<Object> {
        let source = self.source;
        let keyword = ["oneOf", "anyOf"].into_iter().find(|keyword| source.contains(keyword))?;
        if keyword == "oneOf" && source.contains("anyOf") {
            let message = "`anyOf` beside `oneOf` has no type; the values are those of `oneOf`".to_owned();
            self.note(Weight::Loss, "choice-left-out", message);
            return Some(self.without(&["anyOf"]));
        }
        let arms = source.get(keyword).and_then(Node::as_array).unwrap_or_default();
        let own = source.contains("properties") || source.contains("allOf") || self.is_map();
        let typed = own || self.kind().is_some();
        if arms.is_empty() || (typed && arms.iter().all(is_condition)) {
            let message = format!("`{keyword}` only narrows the values here, which the type does not say");
            self.note(Weight::Loss, "condition-left-out", message);
            return Some(self.without(&[keyword]));
        }
        if let Some(kind) = self.kind().filter(|kind| PLAIN.contains(kind)).map(str::to_owned) {
            let message = format!("a {kind} narrowed by `{keyword}` is any {kind} in the type");
            self.note(Weight::Loss, "condition-left-out", message);
            return Some(self.without(&[keyword]));
        }
        if own {
            return Some(self.multiplied(keyword, arms));
        }
        // `type: object` beside a choice of objects says nothing more.
        self.kind().is_some().then(|| self.without(&["type", "additionalProperties"]))
    }

    /// The properties beside a choice are those of each of its arms; where an arm is no object, the choice is left out.
    fn multiplied(&mut self, keyword: &str, arms: &[Node]) -> Object {
        let base = Node::from(self.without(&[keyword, "description", "nullable", "discriminator"]));
        let mut whole = Vec::new();
        for (at, arm) in arms.iter().enumerate() {
            let place = child(&child(self.pointer, keyword), &at.to_string());
            let mut both = Object::new();
            both.insert("allOf", vec![base.clone(), arm.clone()]);
            let mut origins = BTreeMap::new();
            let merged = super::all_of::merged(self.document, &both, &place, &mut origins);
            let properties = |node: &Node| node.get("properties").and_then(Node::as_object).map_or(0, Object::len);
            let Some(merged) = merged.filter(|node| self.state.shared.spend(properties(node), node, &place)) else {
                let message =
                    format!("`{keyword}` beside properties has arms that are no objects; the properties are typed");
                self.note(Weight::Loss, "choice-left-out", message);
                return self.without(&[keyword]);
            };
            let (first, second) = (child(&child(&place, "allOf"), "0"), child(&child(&place, "allOf"), "1"));
            self.state.origins.extend(origins.into_iter().map(|(name, origin)| {
                let real = match (origin.strip_prefix(&first), origin.strip_prefix(&second)) {
                    (Some(rest), _) => format!("{}{rest}", self.pointer),
                    (None, Some(rest)) => format!("{place}{rest}"),
                    _ => origin,
                };
                (name, real)
            }));
            whole.push(merged);
        }
        self.note(
            Weight::Rewrite,
            "choice-multiplied",
            format!("the properties beside `{keyword}` are those of each arm"),
        );
        let mut out = Object::new();
        for member in ["description", "nullable", "discriminator"] {
            if let Some(node) = self.source.get(member) {
                out.insert(member, node.clone());
            }
        }
        out.insert(keyword, whole);
        out
    }

    fn all_of(&mut self) -> Option<Object> {
        let parts = self.source.get("allOf").and_then(Node::as_array)?;
        let typed: Vec<Node> = parts.iter().filter(|part| says_type(part)).cloned().collect();
        if typed.len() < parts.len() {
            let mut out = self.source.clone();
            let texts = parts.iter().find_map(|part| part.get("description"));
            if let (Some(text), false) = (texts, out.contains("description")) {
                out.insert("description", text.clone());
            }
            if typed.is_empty() {
                out.remove("allOf");
            } else {
                out.insert("allOf", typed);
            }
            return Some(out);
        }
        if self.source.contains("properties") {
            return None;
        }
        if let [part] = parts {
            return self.narrowed(part);
        }
        self.plain_parts(parts)
    }

    /// One part, beside keywords of the schema's own.
    fn narrowed(&mut self, part: &Node) -> Option<Object> {
        let own = ["type", "enum", "items"].into_iter().any(|keyword| self.source.contains(keyword)) || self.is_map();
        if !own {
            return None;
        }
        if self.is_map() {
            let mut out = self.without(&["type", "additionalProperties", "allOf"]);
            let mut map = Object::new();
            map.insert("type", "object");
            if let Some(values) = self.source.get("additionalProperties") {
                map.insert("additionalProperties", values.clone());
            }
            out.insert("allOf", vec![part.clone(), map.into()]);
            return Some(out);
        }
        if self.kind() == Some("object") {
            return Some(self.without(&["type", "additionalProperties"]));
        }
        let target = self.document.resolve(part).and_then(Node::as_object).cloned().unwrap_or_default();
        let mut out = self.without(&["allOf"]);
        for keyword in ["type", "enum", "items", "format"] {
            if let (Some(node), false) = (target.get(keyword), out.contains(keyword)) {
                out.insert(keyword, node.clone());
            }
        }
        self.note(
            Weight::Rewrite,
            "all-of-narrowed",
            "what stands beside the one part of `allOf` narrows it".to_owned(),
        );
        Some(out)
    }

    /// Several parts that are plain values of one type.
    fn plain_parts(&mut self, parts: &[Node]) -> Option<Object> {
        let resolved: Option<Vec<&Object>> =
            parts.iter().map(|part| self.document.resolve(part).and_then(Node::as_object)).collect();
        let resolved = resolved?;
        let combines = |part: &&Object| ["allOf", "oneOf", "anyOf"].iter().any(|keyword| part.contains(keyword));
        let kinds: Vec<&str> = resolved.iter().filter_map(|part| part.get("type").and_then(Node::as_str)).collect();
        let first = kinds.first().filter(|kind| PLAIN.contains(kind))?;
        if kinds.iter().any(|kind| kind != first) || resolved.iter().any(combines) {
            return None;
        }
        let mut out = self.without(&["allOf"]);
        for (keyword, node) in resolved.iter().flat_map(|part| part.iter()) {
            if !out.contains(keyword) && keyword != "nullable" {
                out.insert(keyword, node.clone());
            }
        }
        self.note(Weight::Rewrite, "all-of-narrowed", format!("{} parts are one plain value", parts.len()));
        Some(out)
    }
}

fn says_type(schema: &Node) -> bool {
    schema
        .as_object()
        .is_some_and(|schema| schema.contains("required") || TYPING.iter().any(|word| schema.contains(word)))
}

/// Whether a schema only says which properties there must be, or nothing at all: it has no type of its own.
fn is_condition(schema: &Node) -> bool {
    schema.as_object().is_some_and(|schema| {
        schema.iter().all(|(keyword, node)| match keyword {
            "type" => node.as_str() == Some("object"),
            "not" => true,
            "properties" => node
                .as_object()
                .is_some_and(|all| all.iter().all(|(_, one)| one.as_object().is_some_and(Object::is_empty))),
            keyword => !TYPING.contains(&keyword),
        })
    })
}
