//! Other words for the same set, brought into one: null among forms, forms that are a list of types, multiples of one,
//! items that cannot be, conditions that say nothing.

use super::decimal::Decimal;
use super::shape::{CHOICES, Conj, Rest, Shape, kind, kinds_of};
use crate::document::{Document, Node, Object, Value};

/// The forms of a choice, and whether null is one besides: a form that is only null says `nullable`. Where exactly one
/// form must fit, that holds only if no other takes null as well.
pub(super) fn forms<'d>(document: &'d Document, node: &'d Node, keyword: &str, depth: usize) -> (Conj<'d>, bool) {
    let all: Conj<'d> = node.get(keyword).and_then(Node::as_array).unwrap_or_default().iter().collect();
    let rest: Conj<'d> = all.iter().filter(|arm| !is_null(arm)).copied().collect();
    if rest.len() == all.len() || rest.is_empty() {
        return (all, false);
    }
    let alone = rest.len() + 1 == all.len()
        && rest.iter().all(|arm| depth >= CHOICES || kinds_of(document, &[arm], depth + 1) & kind::NULL == 0);
    if keyword == "anyOf" || alone { (rest, true) } else { (all, false) }
}

/// Whether a form is null and nothing else.
fn is_null(node: &Node) -> bool {
    let values = node.get("enum").and_then(Node::as_array).unwrap_or_default();
    !values.is_empty()
        && values.iter().all(|value| value.value == Value::Null)
        && node.as_object().is_some_and(|object| {
            object.iter().all(|(key, _)| matches!(key, "nullable" | "enum" | "description" | "title"))
        })
}

/// The kinds that a form means where it says nothing else.
pub(super) fn plain_kinds(node: &Node) -> Option<u8> {
    let object = node.as_object()?;
    let only =
        object.iter().all(|(key, node)| matches!(key, "type" | "nullable") || (key == "items" && says_nothing(node)));
    let bits = object.get("type").and_then(Node::as_str).filter(|_| only).map(kind::of)?;
    let null = object.get("nullable").and_then(Node::as_bool) == Some(true);
    Some(bits | if null { kind::NULL } else { 0 })
}

/// What other words say as well: a multiple of one is a whole number, items that cannot be are a length.
pub(super) fn tidy(shape: &mut Shape<'_>) {
    let whole = |text: &String| Decimal::parse(text).filter(|number| number.is_whole() && number.is_positive());
    let multiples = shape.texts.get("multipleOf");
    if multiples.is_some_and(|texts| texts.keys().any(|text| whole(text).is_some())) {
        shape.kinds &= !kind::FRACTION;
    }
    if shape.kinds & kind::FRACTION == 0
        && let (Some(texts), Some(one)) = (shape.texts.get_mut("multipleOf"), Decimal::parse("1"))
    {
        texts.retain(|text, _| Decimal::parse(text).and_then(|number| one.is_multiple_of(&number)) != Some(true));
    }
    let never = |node: &Node| {
        node.as_object().is_some_and(|object| object.len() == 1) && node.get("not").is_some_and(says_nothing)
    };
    if let Some(node) = shape.items.iter().copied().find(|node| never(node)) {
        let most = shape.prefix.len() as u64;
        if shape.counts.get("maxItems").is_none_or(|(known, _)| *known > most) {
            shape.counts.insert("maxItems", (most, node));
        }
        shape.items.clear();
    }
    let others = ["if", "dependentSchemas", "patternProperties", "$dynamicRef"];
    if shape.groups.is_empty() && !others.iter().any(|keyword| shape.texts.contains_key(keyword)) {
        let closed = shape.nodes.iter().any(|(node, _)| node.get("unevaluatedProperties").is_some_and(never));
        if closed && matches!(shape.rest, Rest::Open) {
            shape.rest = Rest::Closed;
        }
        if closed && matches!(shape.rest, Rest::Closed) {
            shape.texts.remove("unevaluatedProperties");
        }
    }
    shape.texts.retain(|_, texts| !texts.is_empty());
}

fn says_nothing(node: &Node) -> bool {
    node.as_object().is_some_and(Object::is_empty)
}

/// A value in the words by which it is known: canonical JSON, numbers in one spelling.
pub(super) fn value_text(node: &Node) -> String {
    match node.as_number().and_then(Decimal::parse) {
        Some(number) => number.words(),
        None => node.to_canonical(),
    }
}

/// Patterns that every text has.
const EVERY_TEXT: [&str; 8] = ["", "^", "$", ".*", "^.*", ".*$", "[\\s\\S]*", "^[\\s\\S]*$"];

/// The texts by which one keyword of a node is compared; none where it says nothing.
pub(super) fn texts_of(object: &Object, keyword: &str, value: &Node) -> Vec<String> {
    let number = |key: &str| object.get(key).and_then(Node::as_number).and_then(Decimal::parse);
    let zero = |key: &str| number(key).is_some_and(|number| number.words() == "0");
    // Without an upper bound, at least none of them is nothing; at least one is what `contains` says by itself.
    let none_needed = zero("minContains") && number("maxContains").is_none();
    let needs = |name: &str, needed: &str| {
        format!("{} needs {}", Node::from(name).to_canonical(), Node::from(needed).to_canonical())
    };
    match keyword {
        "uniqueItems" if value.as_bool() != Some(true) => Vec::new(),
        "pattern" if value.as_str().is_some_and(|pattern| EVERY_TEXT.contains(&pattern)) => Vec::new(),
        "multipleOf" => vec![value_text(value)],
        "contains" if none_needed => Vec::new(),
        "minContains" | "maxContains" if object.get("contains").is_none() || none_needed => Vec::new(),
        "minContains" if number(keyword).is_some_and(|number| number.words() == "1") => Vec::new(),
        "unevaluatedProperties" | "unevaluatedItems" if says_nothing(value) => Vec::new(),
        "if" => {
            let branches = ["then", "else"]
                .map(|branch| object.get(branch).map(|node| format!(" {branch} {}", node.to_canonical())));
            match branches {
                [None, None] => Vec::new(),
                [then, other] => vec![value.to_canonical() + &then.unwrap_or_default() + &other.unwrap_or_default()],
            }
        }
        "dependentRequired" => {
            let lists = value.as_object().into_iter().flat_map(Object::iter);
            let names = |node: &Node| {
                node.as_array()
                    .unwrap_or_default()
                    .iter()
                    .filter_map(Node::as_str)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            lists.flat_map(|(name, list)| names(list).into_iter().map(move |needed| needs(name, &needed))).collect()
        }
        _ => vec![value.to_canonical()],
    }
}

/// Dependent schemas that only say what is required are `dependentRequired`; the rest of them is left.
pub(super) fn dependents(value: &Node) -> (Vec<String>, Option<Node>) {
    let (mut needed, mut rest) = (Vec::new(), Object::new());
    for (name, schema) in value.as_object().into_iter().flat_map(Object::iter) {
        let list = schema.get("required").and_then(Node::as_array);
        match list.filter(|_| schema.as_object().is_some_and(|object| object.len() == 1)) {
            Some(list) => {
                let name = Node::from(name).to_canonical();
                needed.extend(list.iter().map(|member| format!("{name} needs {}", member.to_canonical())));
            }
            None if says_nothing(schema) => {}
            None => rest.insert(name, schema.clone()),
        }
    }
    (needed, (!rest.is_empty()).then(|| rest.into()))
}
