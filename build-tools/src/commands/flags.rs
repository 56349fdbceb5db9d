//! The schema of a body to its members as flags: nested ones by dotted paths, those of variants with what they need.

use std::cell::Cell;

use super::kinds::{discriminator, names, written};
use super::{Flag, Holds, Kind, Need, Type};
use crate::document::{Document, Node, Object, Parameter, child, local_reference};
use crate::safe_text::{is_hidden, line, page};
use crate::secrets::is_secret;

/// More flags than this are not made of one body; what lies deeper is given as JSON.
const MAX_FLAGS: usize = 400;
/// Objects deeper than this are given as JSON.
const MAX_DEPTH: usize = 8;

/// More schemas than this are not looked at for one body or parameter: combined schemas may lead to the same ones over
/// and over. What lies beyond is given as JSON.
const MAX_SCHEMAS: usize = 20_000;

/// What a parameter may hold.
pub(super) fn parameter(document: &Document, parameter: &Parameter<'_>) -> Holds {
    let schema = parameter.node.get("schema").and_then(|schema| document.resolve(schema));
    let walker = Walker::new(document);
    let mut holds = schema.map(|schema| walker.holds(schema)).unwrap_or_default();
    if holds.types.is_empty() {
        holds.types.push(Type::Text);
    }
    if let Some(example) = parameter.node.get("example") {
        holds.example = Some(written(example)).filter(|example| is_shown(example)).unwrap_or_default();
    }
    holds
}

/// The kinds and flags of a body.
pub(super) fn body(document: &Document, schema: &Node, pointer: &str) -> (Vec<Kind>, Vec<Flag>) {
    let walker = Walker::new(document);
    let Some(resolved) = document.resolve(schema) else { return (Vec::new(), Vec::new()) };
    let mut kinds = Vec::new();
    let alternatives = resolved.get("oneOf").or_else(|| resolved.get("anyOf")).and_then(Node::as_array);
    if let Some(alternatives) = alternatives.filter(|nodes| walker.all_objects(nodes))
        && discriminator(document, alternatives).is_none()
    {
        let here = schema.text_at("$ref").and_then(local_reference).map(|pointer| pointer.to_string());
        let here = here.unwrap_or_else(|| pointer.to_owned());
        let list = child(&here, if resolved.get("oneOf").is_some() { "oneOf" } else { "anyOf" });
        for (number, (name, node)) in names(alternatives).into_iter().zip(alternatives).enumerate() {
            let text = document.resolve(node).and_then(|node| node.text_at("description")).unwrap_or_default();
            kinds.push(Kind { name, text: page(text), pointer: child(&list, &number.to_string()) });
        }
    }
    let mut flags = Vec::new();
    walker.members(resolved, "", Need::Always, &mut Vec::new(), &mut flags);
    // A name that has no shape on a terminal is typed by nobody; it goes into a body that is given whole.
    flags.retain(|flag| {
        flag.when.iter().flat_map(|(at, value)| [at, value]).chain([&flag.path]).all(|name| is_shown(name))
    });
    flags.truncate(MAX_FLAGS);
    (kinds, flags)
}

struct Walker<'a> {
    document: &'a Document,
    /// Schemas that may still be looked at.
    left: Cell<usize>,
    /// How many schemas are being looked at, one within the other.
    level: Cell<usize>,
}

/// Schemas deeper within each other than this are not looked at, members apart.
const MAX_LEVEL: usize = 64;

impl<'a> Walker<'a> {
    fn new(document: &'a Document) -> Self {
        Self { document, left: Cell::new(MAX_SCHEMAS), level: Cell::new(0) }
    }

    /// Goes into a schema, where the budget allows it; what [`enter`](Self::enter) allowed is to be left again.
    fn enter(&self) -> bool {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        let enters = left > 0 && self.level.get() < MAX_LEVEL;
        self.level.set(self.level.get() + usize::from(enters));
        enters
    }

    fn leave(&self) {
        self.level.set(self.level.get().saturating_sub(1));
    }

    fn all_objects(&self, nodes: &'a [Node]) -> bool {
        nodes.iter().all(|node| self.document.resolve(node).is_some_and(is_object))
    }

    /// The members of an object schema: its own, those of `allOf`, and those of its variants.
    fn members(&self, schema: &'a Node, path: &str, need: Need, open: &mut Vec<&'a str>, out: &mut Vec<Flag>) {
        if out.len() >= MAX_FLAGS || !self.enter() {
            return;
        }
        for part in schema.get("allOf").and_then(Node::as_array).unwrap_or_default() {
            if let Some(part) = self.document.resolve(part) {
                self.members(part, path, need, open, out);
            }
        }
        let required = schema.get("required").and_then(Node::as_array).unwrap_or_default();
        for (name, node) in schema.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            let must = required.iter().any(|node| node.as_str() == Some(name));
            let need = match (must, need) {
                (true, Need::Always) => Need::Always,
                (true, _) => Need::Within,
                (false, _) => Need::Optional,
            };
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            self.member(node, &path, need, open, out);
        }
        for combiner in ["oneOf", "anyOf"] {
            let alternatives = schema.get(combiner).and_then(Node::as_array).unwrap_or_default();
            if !alternatives.is_empty() {
                self.variants(alternatives, path, need, open, out);
            }
        }
        self.leave();
    }

    fn variants(&self, nodes: &'a [Node], path: &str, need: Need, open: &mut Vec<&'a str>, out: &mut Vec<Flag>) {
        let objects: Vec<&'a Node> = nodes.iter().filter(|n| self.document.resolve(n).is_some_and(is_object)).collect();
        let told = if objects.len() == nodes.len() { discriminator(self.document, nodes) } else { None };
        let named = names(nodes);
        let mut found: Vec<Vec<Flag>> = Vec::new();
        let mut conditions = Vec::new();
        for (number, node) in nodes.iter().enumerate() {
            let Some(resolved) = self.document.resolve(node).filter(|node| is_object(node)) else { continue };
            let mut flags = Vec::new();
            self.members(resolved, path, need, open, &mut flags);
            found.push(flags);
            let name = named.get(number).cloned().unwrap_or_default();
            conditions.push(match &told {
                Some((member, values)) => {
                    let member = if path.is_empty() { member.clone() } else { format!("{path}.{member}") };
                    (member, values.get(number).cloned().unwrap_or_default())
                }
                None if path.is_empty() => (String::new(), name),
                None => (format!("{path}#"), name),
            });
        }
        out.extend(joined(found, &conditions));
    }

    /// One member: a flag, or the flags of the object that it is.
    fn member(&self, node: &'a Node, path: &str, need: Need, open: &mut Vec<&'a str>, out: &mut Vec<Flag>) {
        let reference = node.text_at("$ref");
        let resolved = self.document.resolve(node);
        let whole = |holds: Holds| Flag {
            path: path.to_owned(),
            holds,
            need,
            sensitive: resolved.and_then(Node::as_object).is_some_and(|schema| is_secret(name_of(path), schema)),
            text: page(resolved.and_then(|node| node.text_at("description")).unwrap_or_default()),
            when: Vec::new(),
        };
        let as_json = || Holds { types: vec![Type::Json], ..Holds::default() };
        let Some(schema) = resolved else {
            out.push(whole(as_json()));
            return;
        };
        let around = reference.is_some_and(|reference| open.contains(&reference));
        if around || path.split('.').count() > MAX_DEPTH {
            out.push(whole(as_json()));
            return;
        }
        open.extend(reference);
        let alternatives = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Node::as_array);
        let has_object = alternatives
            .is_some_and(|nodes| nodes.iter().any(|node| self.document.resolve(node).is_some_and(is_object)));
        let items = schema.get("items").and_then(|items| self.document.resolve(items));
        if schema.as_object().is_some_and(|schema| is_secret(name_of(path), schema)) {
            // A secret is one flag, whatever its shape: its parts are nowhere to be told apart.
            out.push(whole(self.holds(schema)));
        } else if schema.get("properties").is_some() || schema.get("allOf").is_some() || has_object {
            let before = out.len();
            self.members(schema, path, need, open, out);
            // A member that is an object in one variant and a plain value in another takes both.
            let plain = alternatives.unwrap_or_default().iter().filter_map(|node| self.document.resolve(node));
            let plain: Vec<&Node> = plain.filter(|node| !is_object(node)).collect();
            // An object that must be there, though nothing in it must, is a flag of its own as well.
            let inner = out.get(before..).unwrap_or_default();
            let hollow = need != Need::Optional && !inner.iter().any(|flag| flag.need == need && flag.when.is_empty());
            let told_apart = inner.iter().any(|flag| flag.need == need);
            if out.len() == before || !plain.is_empty() || (hollow && !told_apart) {
                out.push(whole(plain.first().map_or_else(as_json, |node| self.holds(node))));
            }
        } else if let Some(items) = items.filter(|items| is_object(items) && items.get("properties").is_some()) {
            out.push(whole(Holds { list: true, ..as_json() }));
            self.members(items, &format!("{path}.*"), need, open, out);
        } else {
            let mut holds = self.holds(schema);
            if holds.types.is_empty() {
                holds.types.push(Type::Json);
            }
            out.push(whole(holds));
        }
        if reference.is_some() {
            open.pop();
        }
    }

    /// What a plain schema holds.
    fn holds(&self, schema: &'a Node) -> Holds {
        if !self.enter() {
            return Holds { types: vec![Type::Json], ..Holds::default() };
        }
        let holds = self.holds_of(schema);
        self.leave();
        holds
    }

    fn holds_of(&self, schema: &'a Node) -> Holds {
        let example = schema.get("example").map(written).filter(|example| is_shown(example)).unwrap_or_default();
        let mut holds = Holds { example, ..Holds::default() };
        if let Some(items) = schema.get("items").and_then(|items| self.document.resolve(items))
            && schema.text_at("type") == Some("array")
        {
            let of = self.holds(items);
            let types = if of.types.is_empty() { vec![Type::Json] } else { of.types };
            return Holds { list: true, types, choices: of.choices, limits: of.limits, ..holds };
        }
        let choices = schema.get("enum").and_then(Node::as_array).unwrap_or_default();
        holds.choices = choices.iter().map(written).collect();
        // Of choices that cannot be shown nothing is said; the server knows them.
        if !holds.choices.iter().all(|choice| is_shown(choice)) {
            holds.choices.clear();
        }
        holds.limits = limits(schema);
        match schema.text_at("type") {
            Some("string") => holds.types.push(Type::Text),
            Some("integer") => holds.types.push(Type::Integer),
            Some("number") => holds.types.push(Type::Number),
            Some("boolean") => holds.types.push(Type::Boolean),
            Some("object" | "array") => holds.types.push(Type::Json),
            _ => {}
        }
        if holds.types == [Type::Boolean] && holds.choices.is_empty() {
            holds.choices = vec!["true".to_owned(), "false".to_owned()];
        }
        let alternatives = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Node::as_array);
        for node in alternatives.unwrap_or_default() {
            let Some(of) = self.document.resolve(node).map(|node| self.holds(node)) else { continue };
            let types = if of.types.is_empty() { vec![Type::Json] } else { of.types };
            types.into_iter().for_each(|of| {
                if !holds.types.contains(&of) {
                    holds.types.push(of);
                }
            });
            if holds.limits.is_empty() {
                holds.limits = of.limits;
            }
        }
        holds
    }
}

/// Flags that all variants have alike are said once; the others with what they need.
fn joined(found: Vec<Vec<Flag>>, conditions: &[(String, String)]) -> Vec<Flag> {
    let count = found.len();
    let mut out: Vec<Flag> = Vec::new();
    let paths = found.iter().flatten().map(|flag| flag.path.clone());
    let mut order: Vec<String> = Vec::new();
    paths.for_each(|path| {
        if !order.contains(&path) {
            order.push(path);
        }
    });
    for path in order {
        let of_path = |flags: &Vec<Flag>| flags.iter().filter(|flag| flag.path == path).cloned().collect::<Vec<_>>();
        let entries: Vec<Vec<Flag>> = found.iter().map(of_path).collect();
        let alike = entries.iter().all(|flags| {
            let first = entries.first().and_then(|flags| flags.first());
            matches!((flags.as_slice(), first), ([flag], Some(first)) if flag.when.is_empty()
                && flag.holds.types == first.holds.types && flag.holds.list == first.holds.list
                && flag.need == first.need && flag.sensitive == first.sensitive)
        });
        if alike && count > 0 {
            let mut all = entries.into_iter().flatten();
            let Some(mut one) = all.next() else { continue };
            for other in all {
                let has_all = one.holds.choices.is_empty() || other.holds.choices.is_empty();
                let more = other.holds.choices.into_iter().filter(|choice| !one.holds.choices.contains(choice));
                let more: Vec<String> = more.collect();
                one.holds.choices.extend(more);
                if has_all {
                    one.holds.choices.clear();
                }
                one.text = either(one.text, &other.text, " ");
                one.holds.limits = either(one.holds.limits, &other.holds.limits, ", or ");
            }
            out.push(one);
            continue;
        }
        for (flags, condition) in entries.into_iter().zip(conditions) {
            for mut flag in flags {
                flag.when.insert(0, condition.clone());
                out.push(flag);
            }
        }
    }
    out
}

fn either(mut one: String, other: &str, between: &str) -> String {
    if one.is_empty() {
        return other.to_owned();
    }
    // What was said already is not said again.
    for sentence in other.split(". ").map(|sentence| sentence.trim_end_matches('.')) {
        if !sentence.is_empty() && !one.contains(sentence) {
            let end = if between == " " { "." } else { "" };
            one.push_str(&format!("{between}{sentence}{end}"));
        }
    }
    one
}

/// Whether it can be shown and typed as it is.
fn is_shown(text: &str) -> bool {
    !text.chars().any(is_hidden)
}

fn is_object(node: &Node) -> bool {
    node.text_at("type") == Some("object") || node.get("properties").is_some() || node.get("allOf").is_some()
}

/// The name at the end of a dotted path.
fn name_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Bounds and steps in words.
fn limits(schema: &Node) -> String {
    let number = |key: &str| schema.get(key).and_then(Node::as_number);
    let mut parts = Vec::new();
    match (number("minimum"), number("maximum")) {
        (Some(least), Some(most)) => parts.push(format!("{least} to {most}")),
        (Some(least), None) => parts.push(format!("{least} or more")),
        (None, Some(most)) => parts.push(format!("{most} at most")),
        (None, None) => {}
    }
    if let Some(step) = number("multipleOf") {
        parts.push(format!("in steps of {step}"));
    }
    match (number("minLength"), number("maxLength")) {
        (Some(least), Some(most)) => parts.push(format!("{least} to {most} characters")),
        (Some(least), None) => parts.push(format!("{least} characters or more")),
        (None, Some(most)) => parts.push(format!("{most} characters at most")),
        (None, None) => {}
    }
    if let Some(pattern) = schema.text_at("pattern") {
        parts.push(format!("pattern {}", line(pattern)));
    }
    parts.join(", ")
}
