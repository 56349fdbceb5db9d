//! Reads a schema as the set of values it allows, keyword by keyword: references followed, `allOf` merged, null in one
//! spelling. Every part keeps the node it came from, so that a finding knows its place.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::kinds_once;
use super::decimal::Decimal;
use super::held::{Held, held};
use super::spelling::{dependents, forms, plain_kinds, texts_of, tidy, value_text};
use super::values::accepts;
use crate::document::{Document, Node, Value};

/// Kinds of values, as bits.
pub(super) mod kind {
    pub(in crate::diff) const NULL: u8 = 1;
    pub(in crate::diff) const BOOL: u8 = 2;
    pub(in crate::diff) const INTEGER: u8 = 4;
    pub(in crate::diff) const FRACTION: u8 = 8;
    pub(in crate::diff) const TEXT: u8 = 16;
    pub(in crate::diff) const ARRAY: u8 = 32;
    pub(in crate::diff) const OBJECT: u8 = 64;
    pub(in crate::diff) const NUMBER: u8 = INTEGER | FRACTION;
    pub(in crate::diff) const ALL: u8 = 127;

    /// The bits of a `type`.
    pub(in crate::diff) fn of(name: &str) -> u8 {
        match name {
            "null" => NULL,
            "boolean" => BOOL,
            "integer" => INTEGER,
            "number" => NUMBER,
            "string" => TEXT,
            "array" => ARRAY,
            "object" => OBJECT,
            _ => ALL,
        }
    }

    /// In words, for findings.
    pub(in crate::diff) fn words(bits: u8) -> String {
        if bits & ALL == ALL {
            return "any value".to_owned();
        }
        let names = [(OBJECT, "object"), (ARRAY, "array"), (TEXT, "string"), (BOOL, "boolean"), (NULL, "null")];
        let mut words: Vec<&str> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
        match bits & NUMBER {
            NUMBER => words.insert(0, "number"),
            INTEGER => words.insert(0, "integer"),
            FRACTION => words.insert(0, "fraction"),
            _ => {}
        }
        if words.is_empty() { "no value".to_owned() } else { words.join(" or ") }
    }
}

/// Schemas that must all hold; none is no constraint.
pub(super) type Conj<'d> = Vec<&'d Node>;

/// One of several schemas must hold.
#[derive(Clone, Debug)]
pub(super) struct Group<'d> {
    /// `anyOf` or `oneOf`.
    pub(super) keyword: &'static str,
    pub(super) arms: Vec<Conj<'d>>,
    /// Whether null is allowed besides.
    pub(super) null: bool,
    /// Whether a discriminator tells the arms apart.
    pub(super) discriminated: bool,
    pub(super) node: &'d Node,
}

/// What members an object may have besides those it names.
#[derive(Clone, Debug)]
pub(super) enum Rest<'d> {
    Open,
    Closed,
    Schema(Conj<'d>),
}

/// A bound: the number as written, whether it is itself outside, and where it stands.
pub(super) type Bound<'d> = (Decimal, bool, &'d Node);

/// The set of values that a conjunction allows.
#[derive(Clone, Debug)]
pub(super) struct Shape<'d> {
    /// The conjunction as it was given.
    pub(super) conj: Conj<'d>,
    /// How deep within choices it is looked at.
    depth: usize,
    /// All nodes that must hold, references followed.
    pub(super) nodes: Vec<(&'d Node, bool)>,
    pub(super) kinds: u8,
    /// The node that says the type, where one does.
    pub(super) typed: Option<&'d Node>,
    /// Allowed values as canonical JSON, where they are listed.
    pub(super) values: Option<BTreeSet<String>>,
    pub(super) lower: Option<Bound<'d>>,
    pub(super) upper: Option<Bound<'d>>,
    /// `minLength`, `maxItems` and the like: the tightest, and where it stands.
    pub(super) counts: BTreeMap<&'static str, (u64, &'d Node)>,
    /// Keywords that are compared as texts, each with all its values: patterns, formats, conditions.
    pub(super) texts: BTreeMap<&'static str, BTreeMap<String, &'d Node>>,
    pub(super) items: Conj<'d>,
    pub(super) prefix: Vec<Conj<'d>>,
    pub(super) properties: BTreeMap<&'d str, Conj<'d>>,
    pub(super) required: BTreeMap<&'d str, &'d Node>,
    pub(super) rest: Rest<'d>,
    pub(super) groups: Vec<Group<'d>>,
    /// A reference that leads nowhere: nothing is known of what stands there.
    pub(super) open_end: bool,
}

/// Lengths and counts, and whether the larger one is the tighter one.
pub(super) const COUNTS: [(&str, bool, u8); 6] = [
    ("minLength", true, kind::TEXT),
    ("maxLength", false, kind::TEXT),
    ("minItems", true, kind::ARRAY),
    ("maxItems", false, kind::ARRAY),
    ("minProperties", true, kind::OBJECT),
    ("maxProperties", false, kind::OBJECT),
];

/// Keywords compared as texts, and the kinds of values they are about.
pub(super) const TEXTS: [(&str, u8); 21] = [
    ("pattern", kind::TEXT),
    ("format", kind::TEXT | kind::NUMBER),
    ("contentEncoding", kind::TEXT),
    ("contentMediaType", kind::TEXT),
    ("contentSchema", kind::TEXT),
    ("multipleOf", kind::NUMBER),
    ("uniqueItems", kind::ARRAY),
    ("contains", kind::ARRAY),
    ("minContains", kind::ARRAY),
    ("maxContains", kind::ARRAY),
    ("unevaluatedItems", kind::ARRAY),
    ("additionalItems", kind::ARRAY),
    ("unevaluatedProperties", kind::OBJECT),
    ("patternProperties", kind::OBJECT),
    ("propertyNames", kind::OBJECT),
    ("dependentRequired", kind::OBJECT),
    ("dependentSchemas", kind::OBJECT),
    ("dependencies", kind::OBJECT),
    ("not", kind::ALL),
    ("if", kind::ALL),
    ("$dynamicRef", kind::ALL),
];

/// The set that a conjunction allows.
pub(super) fn shape<'d>(document: &'d Document, conj: &[&'d Node]) -> Shape<'d> {
    shape_at(document, conj, 0)
}

/// How deep choices within choices are looked into for what they leave of kinds and listed values.
pub(super) const CHOICES: usize = 4;

/// The same within another; schemas may contain themselves, so it ends somewhere.
pub(super) fn shape_at<'d>(document: &'d Document, conj: &[&'d Node], depth: usize) -> Shape<'d> {
    shape_of(document, conj, held(document, conj, depth), depth)
}

/// The same of a conjunction whose nodes are known.
pub(super) fn shape_of<'d>(document: &'d Document, conj: &[&'d Node], held: Held<'d>, depth: usize) -> Shape<'d> {
    let nodes = held.nodes;
    let mut shape = Shape {
        conj: conj.to_vec(),
        depth,
        nodes: Vec::new(),
        kinds: kind::ALL,
        typed: None,
        values: None,
        lower: None,
        upper: None,
        counts: BTreeMap::new(),
        texts: BTreeMap::new(),
        items: Vec::new(),
        prefix: Vec::new(),
        properties: BTreeMap::new(),
        required: BTreeMap::new(),
        rest: Rest::Open,
        groups: Vec::new(),
        open_end: held.open_end,
    };
    for (node, null) in &nodes {
        take(document, node, *null, &mut shape);
    }
    shape.nodes = nodes;
    finish(document, &mut shape);
    shape
}

/// The set of a conjunction in which one form of a choice is chosen.
pub(super) fn with_form<'d>(document: &'d Document, set: &Shape<'d>, choice: usize, form: &[&'d Node]) -> Shape<'d> {
    let mut shape = set.clone();
    if choice < shape.groups.len() {
        shape.groups.remove(choice);
    }
    shape.conj.extend(form);
    let held = held(document, form, shape.depth);
    for (node, null) in &held.nodes {
        take(document, node, *null, &mut shape);
    }
    shape.nodes.extend(held.nodes);
    shape.open_end |= held.open_end;
    finish(document, &mut shape);
    shape
}

/// What the keywords mean together, when all of them are taken in.
fn finish<'d>(document: &'d Document, shape: &mut Shape<'d>) {
    let depth = shape.depth;
    tidy(shape);
    if shape.kinds != kind::ALL && depth < CHOICES {
        // A type beside a choice leaves of it what is of that type.
        for group in &shape.groups {
            let arms = group.arms.iter().map(|arm| kinds_of(document, arm, depth + 1));
            shape.kinds &= arms.fold(if group.null { kind::NULL } else { 0 }, |bits, arm| bits | arm);
        }
    }
    if let Some(mut values) = shape.values.take() {
        // What is listed but of another kind, or out of bounds, is not allowed all the same.
        values.retain(|text| {
            is_within(shape, text) && (depth >= CHOICES || fits_choices(document, &shape.groups, text, depth + 1))
        });
        // A type beside listed values is said by them already.
        shape.kinds &= values.iter().fold(0, |bits, text| bits | kind_of_text(text));
        // All values of a kind are the kind.
        let flags = ["true", "false"].iter().filter(|flag| values.contains(**flag)).count();
        let plain = !values.is_empty() && shape.kinds & !(kind::BOOL | kind::NULL) == 0 && flags != 1;
        shape.values = (!plain).then_some(values);
    }
    if shape.kinds & kind::FRACTION == 0 {
        // Of whole numbers, `> 3` and `>= 4` are the same set.
        shape.lower = shape.lower.take().map(|(number, out, node)| (number.whole(true, out), false, node));
        shape.upper = shape.upper.take().map(|(number, out, node)| (number.whole(false, out), false, node));
    }
}

/// The kinds that a set allows, its choices taken into account.
pub(super) fn kinds_of<'d>(document: &'d Document, conj: &[&'d Node], depth: usize) -> u8 {
    kinds_once(conj, depth, || find_kinds(document, conj, depth))
}

fn find_kinds<'d>(document: &'d Document, conj: &[&'d Node], depth: usize) -> u8 {
    let shape = shape_at(document, conj, depth);
    let mut kinds = shape.kinds;
    for group in shape.groups.iter().filter(|_| depth < CHOICES) {
        let arms = group.arms.iter().map(|arm| kinds_of(document, arm, depth + 1));
        kinds &= arms.fold(if group.null { kind::NULL } else { 0 }, |bits, arm| bits | arm);
    }
    kinds
}

/// Whether a listed value, as canonical JSON, passes kind and bounds.
fn is_within(shape: &Shape<'_>, text: &str) -> bool {
    let bit = kind_of_text(text);
    let number = Decimal::parse(text).filter(|_| bit & kind::NUMBER != 0);
    let length = serde_json::from_str::<String>(text).ok().and_then(|text| u64::try_from(text.chars().count()).ok());
    let count = |keyword: &str| shape.counts.get(keyword).map(|(count, _)| *count);
    shape.kinds & bit != 0
        && number.is_none_or(|number| shape.bounds(&number) && shape.is_multiple(&number) != Some(false))
        && length.is_none_or(|length| {
            count("minLength").is_none_or(|low| length >= low) && count("maxLength").is_none_or(|high| length <= high)
        })
}

/// Whether a listed value fits the choices that stand beside the list, as far as that can be told.
fn fits_choices<'d>(document: &'d Document, groups: &[Group<'d>], text: &str, depth: usize) -> bool {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else { return true };
    groups.iter().filter(|group| !(group.null && value.is_null())).all(|group| {
        let found: Vec<_> = group.arms.iter().map(|arm| accepts(document, arm, &value, depth)).collect();
        let yes = found.iter().filter(|found| **found == Some(true)).count();
        let no = found.iter().filter(|found| **found == Some(false)).count();
        no < found.len() && !(group.keyword == "oneOf" && yes > 1)
    })
}

/// Takes one node's keywords into the set.
fn take<'d>(document: &'d Document, node: &'d Node, null: bool, shape: &mut Shape<'d>) {
    let Some(object) = node.as_object() else { return };
    let flag = |key: &str| object.get(key).and_then(Node::as_bool) == Some(true);
    let null_bit = if null || flag("nullable") { kind::NULL } else { 0 };
    if let Some(bits) = object.get("type").and_then(Node::as_str).map(kind::of).or_else(|| implied(node)) {
        let bits = bits | null_bit;
        if shape.typed.is_none() || shape.kinds & bits != shape.kinds {
            shape.typed = Some(node);
        }
        shape.kinds &= bits;
    }
    if let Some(listed) = object.get("enum").and_then(Node::as_array) {
        let mut values: BTreeSet<String> = listed.iter().map(value_text).collect();
        if null {
            values.insert("null".to_owned());
        }
        shape.values = Some(match shape.values.take() {
            Some(known) => known.intersection(&values).cloned().collect(),
            None => values,
        });
    }
    let number = |key: &str| object.get(key).and_then(Node::as_number).and_then(Decimal::parse);
    for (bound, exclusive, lower) in [("minimum", "exclusiveMinimum", true), ("maximum", "exclusiveMaximum", false)] {
        let Some(found) = number(bound) else { continue };
        let new = (found, flag(exclusive), node);
        let slot = if lower { &mut shape.lower } else { &mut shape.upper };
        let tighter = slot.as_ref().is_none_or(|old| {
            let order = if lower { new.0.cmp(&old.0) } else { old.0.cmp(&new.0) };
            order.then(new.1.cmp(&old.1)).is_gt()
        });
        if tighter {
            *slot = Some(new);
        }
    }
    for (keyword, larger, _) in COUNTS {
        let Some(found) = number(keyword) else { continue };
        // A bound that allows everything is none; what is below zero or beyond all lengths is no bound.
        let Ok(found) = found.whole(larger, false).words().parse::<u64>() else { continue };
        if larger && found == 0 {
            continue;
        }
        let known = shape.counts.get(keyword).map(|(known, _)| *known);
        if known.is_none_or(|known| if larger { found > known } else { found < known }) {
            shape.counts.insert(keyword, (found, node));
        }
    }
    for (keyword, _) in TEXTS {
        let Some(value) = object.get(keyword) else { continue };
        let texts = match keyword {
            "dependentSchemas" => {
                let (needed, rest) = dependents(value);
                shape.texts.entry("dependentRequired").or_default().extend(needed.into_iter().map(|text| (text, node)));
                rest.map(|rest| rest.to_canonical()).into_iter().collect()
            }
            _ => texts_of(object, keyword, value),
        };
        if !texts.is_empty() {
            shape.texts.entry(keyword).or_default().extend(texts.into_iter().map(|text| (text, node)));
        }
    }
    shape.items.extend(object.get("items").filter(|items| items.as_object().is_some()));
    for (at, item) in object.get("prefixItems").and_then(Node::as_array).unwrap_or_default().iter().enumerate() {
        match shape.prefix.get_mut(at) {
            Some(known) => known.push(item),
            None => shape.prefix.push(vec![item]),
        }
    }
    for (name, property) in object.get("properties").and_then(Node::as_object).into_iter().flat_map(|map| map.iter()) {
        shape.properties.entry(name).or_default().push(property);
    }
    for name in object.get("required").and_then(Node::as_array).unwrap_or_default().iter().filter_map(Node::as_str) {
        shape.required.entry(name).or_insert(node);
    }
    match object.get("additionalProperties").map(|rest| (rest, &rest.value)) {
        Some((_, Value::Bool(false))) => shape.rest = Rest::Closed,
        Some((rest, Value::Object(schema))) if !schema.is_empty() => match &mut shape.rest {
            Rest::Closed => {}
            Rest::Schema(known) => known.push(rest),
            Rest::Open => shape.rest = Rest::Schema(vec![rest]),
        },
        _ => {}
    }
    for keyword in ["anyOf", "oneOf"] {
        let (forms, with_null) = forms(document, node, keyword, shape.depth);
        if forms.len() < 2 {
            continue;
        }
        let null = null || with_null || (flag("nullable") && object.get("type").is_none());
        // Forms that only say a type are a list of types.
        let kinds: Option<Vec<u8>> = forms.iter().map(|form| plain_kinds(form)).collect();
        if let Some(kinds) = kinds {
            let all = kinds.iter().fold(0, |all, bits| all | bits);
            let apart = kinds.iter().map(|bits| bits.count_ones()).sum::<u32>() == all.count_ones();
            if keyword == "anyOf" || apart {
                if shape.typed.is_none() {
                    shape.typed = Some(node);
                }
                shape.kinds &= all | if null { kind::NULL } else { 0 };
                continue;
            }
        }
        let discriminated = object.get("discriminator").is_some();
        let arms = forms.into_iter().map(|arm| vec![arm]).collect();
        shape.groups.push(Group { keyword, arms, null, discriminated, node });
    }
}

/// Who writes `properties` or `items` means objects or lists, though JSON Schema would let everything else pass.
fn implied(node: &Node) -> Option<u8> {
    let has = |key: &str| node.get(key).is_some();
    match (has("properties") || has("additionalProperties"), has("items")) {
        (true, false) => Some(kind::OBJECT),
        (false, true) => Some(kind::ARRAY),
        _ => None,
    }
}

/// The kind of a value in canonical JSON.
pub(super) fn kind_of_text(text: &str) -> u8 {
    match text.as_bytes().first() {
        Some(b'"') => kind::TEXT,
        Some(b'{') => kind::OBJECT,
        Some(b'[') => kind::ARRAY,
        Some(b't' | b'f') => kind::BOOL,
        Some(b'n') => kind::NULL,
        _ if Decimal::parse(text).is_some_and(|number| number.is_whole()) => kind::INTEGER,
        _ => kind::FRACTION,
    }
}

impl<'d> Shape<'d> {
    /// Whether a number is within the bounds.
    pub(super) fn bounds(&self, number: &Decimal) -> bool {
        self.lower.as_ref().is_none_or(|(low, out, _)| number > low || (number == low && !out))
            && self.upper.as_ref().is_none_or(|(high, out, _)| number < high || (number == high && !out))
    }

    /// Whether a number is a multiple of what is asked; nothing where that cannot be told.
    pub(super) fn is_multiple(&self, number: &Decimal) -> Option<bool> {
        let asked = self.texts.get("multipleOf").into_iter().flat_map(BTreeMap::keys);
        let found: Vec<Option<bool>> = asked.map(|text| number.is_multiple_of(&Decimal::parse(text)?)).collect();
        if found.contains(&Some(false)) {
            return Some(false);
        }
        found.into_iter().collect::<Option<Vec<bool>>>().map(|_| true)
    }

    /// Whether the base without its groups says nothing, so that the groups alone are the set.
    pub(super) fn is_bare(&self) -> bool {
        self.kinds == kind::ALL
            && self.values.is_none()
            && self.properties.is_empty()
            && self.required.is_empty()
            && self.items.is_empty()
            && self.texts.is_empty()
            && self.counts.is_empty()
            && self.lower.is_none()
            && self.upper.is_none()
            && matches!(self.rest, Rest::Open)
    }

    /// Whether any node of the set has that member, and does not deny it.
    pub(super) fn has(&self, member: &str) -> bool {
        self.nodes.iter().filter_map(|(node, _)| node.get(member)).any(|value| value.as_bool() != Some(false))
    }

    /// The first node's flag, where any node of the set has it.
    pub(super) fn says(&self, flag: &str) -> Option<&'d Node> {
        self.nodes.iter().map(|(node, _)| *node).find(|node| node.get(flag).and_then(Node::as_bool) == Some(true))
    }
}
