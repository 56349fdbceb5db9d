//! Whether a value is in the set of a schema, and a value that is: for listed values and for witnesses.

use serde_json::Value as Json;

use super::shape::{Conj, Rest, Shape, kind, shape, shape_at};
use crate::document::{Document, Node};

/// How deep values are looked into.
const DEPTH: usize = 12;

/// Whether the value is allowed; nothing where that cannot be told (patterns, conditions).
pub(super) fn accepts<'d>(document: &'d Document, conj: &[&'d Node], value: &Json, depth: usize) -> Option<bool> {
    if depth > DEPTH {
        return None;
    }
    let shape = shape_at(document, conj, depth);
    if shape.open_end {
        return None;
    }
    let bits = match value {
        Json::Null => kind::NULL,
        Json::Bool(_) => kind::BOOL,
        Json::Number(number) if number.as_f64().is_some_and(|n| n.fract() == 0.0) => kind::INTEGER,
        Json::Number(_) => kind::FRACTION,
        Json::String(_) => kind::TEXT,
        Json::Array(_) => kind::ARRAY,
        Json::Object(_) => kind::OBJECT,
    };
    if shape.kinds & bits == 0 {
        return Some(false);
    }
    if let Some(values) = &shape.values
        && !values.contains(&Node::from_json(value).to_canonical())
    {
        return Some(false);
    }
    let mut sure = !shape.texts.iter().any(|(keyword, _)| {
        let about = super::shape::TEXTS.iter().find(|(name, _)| name == keyword).map_or(kind::ALL, |(_, about)| *about);
        about & bits != 0
    });
    let mut all = |found: Option<bool>| {
        sure &= found.is_some();
        found != Some(false)
    };
    let count =
        |keyword: &str| shape.counts.get(keyword).map(|(count, _)| usize::try_from(*count).unwrap_or(usize::MAX));
    let within = |size: usize, low: &str, high: &str| {
        count(low).is_none_or(|low| size >= low) && count(high).is_none_or(|high| size <= high)
    };
    let fits = match value {
        Json::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            shape.lower.is_none_or(|(low, out, _)| number > low || (number == low && !out))
                && shape.upper.is_none_or(|(high, out, _)| number < high || (number == high && !out))
        }
        Json::String(text) => within(text.chars().count(), "minLength", "maxLength"),
        Json::Array(items) => {
            within(items.len(), "minItems", "maxItems")
                && items.iter().enumerate().all(|(at, item)| {
                    let conj = shape.prefix.get(at).unwrap_or(&shape.items);
                    all(accepts(document, conj, item, depth + 1))
                })
        }
        Json::Object(members) => {
            within(members.len(), "minProperties", "maxProperties")
                && shape.required.keys().all(|name| members.contains_key(*name))
                && members.iter().all(|(name, member)| match (shape.properties.get(name.as_str()), &shape.rest) {
                    (Some(conj), _) | (None, Rest::Schema(conj)) => all(accepts(document, conj, member, depth + 1)),
                    (None, Rest::Closed) => false,
                    (None, Rest::Open) => true,
                })
        }
        _ => true,
    };
    if !fits {
        return Some(false);
    }
    for group in &shape.groups {
        if group.null && value.is_null() {
            continue;
        }
        let found: Vec<Option<bool>> = group.arms.iter().map(|arm| accepts(document, arm, value, depth + 1)).collect();
        let yes = found.iter().filter(|found| **found == Some(true)).count();
        let open = found.iter().filter(|found| found.is_none()).count();
        let exactly = group.keyword == "oneOf";
        match (yes, open) {
            (0, 0) => return Some(false),
            (2.., _) if exactly => return Some(false),
            (0, _) => sure = false,
            (_, 1..) if exactly => sure = false,
            _ => {}
        }
    }
    sure.then_some(true)
}

/// A small value of the set, where one is easily made; it is checked before it is given.
pub(super) fn sample<'d>(document: &'d Document, conj: &Conj<'d>) -> Option<Json> {
    let value = make(document, conj, 0)?;
    (accepts(document, conj, &value, 0) == Some(true)).then_some(value)
}

fn make<'d>(document: &'d Document, conj: &Conj<'d>, depth: usize) -> Option<Json> {
    if depth > 6 {
        return None;
    }
    let shape = shape(document, conj);
    if let Some(values) = &shape.values {
        return values.iter().next().and_then(|text| serde_json::from_str(text).ok());
    }
    if shape.is_bare()
        && let Some(arm) = shape.groups.first().and_then(|group| group.arms.first())
    {
        return make(document, arm, depth + 1);
    }
    of_kind(document, &shape, shape.kinds, depth)
}

/// A value of one of the kinds within the rest of the set.
pub(super) fn of_kind<'d>(document: &'d Document, shape: &Shape<'d>, bits: u8, depth: usize) -> Option<Json> {
    let count = |keyword: &str| shape.counts.get(keyword).map(|(count, _)| *count);
    Some(if bits & kind::TEXT != 0 {
        let length = count("minLength").unwrap_or(1).min(count("maxLength").unwrap_or(u64::MAX));
        Json::String("a".repeat(usize::try_from(length).ok().filter(|length| *length <= 10_000)?))
    } else if bits & kind::NUMBER != 0 {
        let whole = bits & kind::INTEGER != 0;
        let low = shape.lower.map(|(n, out, _)| if out { n + if whole { 1.0 } else { 0.5 } } else { n });
        let high = shape.upper.map(|(n, out, _)| if out { n - if whole { 1.0 } else { 0.5 } } else { n });
        let number = low.or(high.map(|high| high.min(1.0))).unwrap_or(1.0);
        let number = if whole { number.ceil() } else { number + 0.25 };
        number_of(number)
    } else if bits & kind::BOOL != 0 {
        Json::Bool(true)
    } else if bits & kind::OBJECT != 0 {
        let mut members = serde_json::Map::new();
        for name in shape.required.keys() {
            let none = Vec::new();
            let conj = shape.properties.get(name).unwrap_or(&none);
            members.insert((*name).to_owned(), make(document, conj, depth + 1)?);
        }
        Json::Object(members)
    } else if bits & kind::ARRAY != 0 {
        let length = usize::try_from(count("minItems").unwrap_or(0)).ok().filter(|length| *length <= 100)?;
        let one = if length > 0 { make(document, &shape.items, depth + 1)? } else { Json::Null };
        Json::Array(vec![one; length])
    } else if bits & kind::NULL != 0 {
        Json::Null
    } else {
        return None;
    })
}

/// Whole numbers are written as such.
pub(super) fn number_of(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Json::from(number as i64);
    }
    Json::from(number)
}
