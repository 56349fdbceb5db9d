//! Whether a value is in the set of a schema, and a value that is: for listed values and for witnesses.

use serde_json::Value as Json;

use super::budget::accepted_once;
use super::decimal::Decimal;
use super::patterns;
use super::shape::{Bound, Conj, Group, Rest, Shape, kind, shape, shape_at};
use super::spelling::value_text;
use crate::document::{Document, Node};

/// How deep values are looked into.
const DEPTH: usize = 12;

/// Whether the value is allowed; nothing where that cannot be told (patterns, conditions).
pub(super) fn accepts<'d>(document: &'d Document, conj: &[&'d Node], value: &Json, depth: usize) -> Option<bool> {
    if depth > DEPTH {
        return None;
    }
    accepted_once(conj, value, depth, || is_accepted(document, conj, value, depth))
}

fn is_accepted<'d>(document: &'d Document, conj: &[&'d Node], value: &Json, depth: usize) -> Option<bool> {
    is_in(document, &shape_at(document, conj, depth), value, depth)
}

/// The same of a set that is known already.
pub(super) fn is_in<'d>(document: &'d Document, shape: &Shape<'d>, value: &Json, depth: usize) -> Option<bool> {
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
        && !values.contains(&value_text(&Node::from_json(value)))
    {
        return Some(false);
    }
    let mut sure = true;
    for keyword in shape.texts.keys() {
        let about = super::shape::TEXTS.iter().find(|(name, _)| name == keyword).map_or(kind::ALL, |(_, about)| *about);
        if about & bits != 0 {
            match meets(shape, keyword, value) {
                Some(false) => return Some(false),
                found => sure &= found.is_some(),
            }
        }
    }
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
        Json::Number(number) => Decimal::parse(&number.to_string()).is_none_or(|number| shape.bounds(&number)),
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
        match fits_one(document, group, value, depth) {
            Some(false) => return Some(false),
            found => sure &= found.is_some(),
        }
    }
    sure.then_some(true)
}

/// Whether a value is allowed by a choice: in one of its forms, and in no more of them than that may be.
pub(super) fn fits_one<'d>(document: &'d Document, group: &Group<'d>, value: &Json, depth: usize) -> Option<bool> {
    if group.null && value.is_null() {
        return Some(true);
    }
    let found: Vec<Option<bool>> = group.arms.iter().map(|arm| accepts(document, arm, value, depth + 1)).collect();
    let yes = found.iter().filter(|found| **found == Some(true)).count();
    let open = found.iter().filter(|found| found.is_none()).count();
    let exactly = group.keyword == "oneOf";
    match (yes, open) {
        (0, 0) => Some(false),
        (2.., _) if exactly => Some(false),
        (0, _) => None,
        (_, 1..) if exactly => None,
        _ => Some(true),
    }
}

/// Whether a value meets a keyword that is kept as text; nothing where that is not looked into.
fn meets(shape: &Shape<'_>, keyword: &str, value: &Json) -> Option<bool> {
    let texts = shape.texts.get(keyword)?;
    let all = |found: Vec<Option<bool>>| match found.contains(&Some(false)) {
        true => Some(false),
        false => found.into_iter().collect::<Option<Vec<bool>>>().map(|_| true),
    };
    match (keyword, value) {
        ("multipleOf", Json::Number(number)) => shape.is_multiple(&Decimal::parse(&number.to_string())?),
        ("pattern", Json::String(text)) => {
            all(texts.keys().map(|found| patterns::has(&serde_json::from_str::<String>(found).ok()?, text)).collect())
        }
        ("format", Json::Number(number)) => {
            let number = Decimal::parse(&number.to_string())?;
            all(texts.keys().map(|format| range(format).map(|(low, high)| low <= number && number <= high)).collect())
        }
        ("uniqueItems", Json::Array(items)) => {
            let mut seen = std::collections::BTreeSet::new();
            Some(items.iter().all(|item| seen.insert(value_text(&Node::from_json(item)))))
        }
        _ => None,
    }
}

/// The smallest and the largest whole number of a format, given as JSON.
pub(super) fn range(format: &str) -> Option<(Decimal, Decimal)> {
    let (low, high) = match format.trim_matches('"') {
        "int8" => ("-128", "127"),
        "int16" => ("-32768", "32767"),
        "int32" => ("-2147483648", "2147483647"),
        "int64" => ("-9223372036854775808", "9223372036854775807"),
        "uint8" => ("0", "255"),
        "uint16" => ("0", "65535"),
        "uint32" => ("0", "4294967295"),
        "uint64" => ("0", "18446744073709551615"),
        _ => return None,
    };
    Decimal::parse(low).zip(Decimal::parse(high))
}

/// Values of a set at its edges, of each kind and each form: what is looked through for one that shows a change. They
/// may turn out not to be in it.
pub(super) fn edges<'d>(document: &'d Document, conj: &[&'d Node], depth: usize, found: &mut Vec<Json>) {
    if depth > 4 || found.len() >= MOST {
        return;
    }
    let shape = shape_at(document, conj, depth);
    if let Some(values) = &shape.values {
        found.extend(values.iter().take(8).filter_map(|text| serde_json::from_str(text).ok()));
        return;
    }
    for group in &shape.groups {
        group.arms.iter().for_each(|arm| edges(document, arm, depth + 1, found));
    }
    let kinds = [kind::NULL, kind::INTEGER, kind::FRACTION, kind::TEXT, kind::ARRAY, kind::OBJECT];
    for bit in kinds.into_iter().filter(|bit| shape.kinds & bit != 0) {
        found.extend(of_kind(document, &shape, bit, depth));
    }
    if shape.kinds & kind::BOOL != 0 {
        found.extend([Json::Bool(true), Json::Bool(false)]);
    }
    if shape.kinds & kind::TEXT != 0 {
        let lengths = ["minLength", "maxLength"].into_iter().filter_map(|keyword| shape.counts.get(keyword));
        let sizes = lengths.flat_map(|(length, _)| [*length, length.saturating_add(1)]).filter(|size| *size <= 300);
        found.extend(sizes.filter_map(|size| usize::try_from(size).ok()).map(|size| Json::String("a".repeat(size))));
    }
    if shape.kinds & kind::NUMBER != 0 {
        let bounds = [&shape.lower, &shape.upper].into_iter().flatten().filter_map(|(number, ..)| number.near());
        found.extend(bounds.flat_map(|number| [number - 1.0, number, number + 1.0]).map(number_of));
    }
}

/// So many values are looked through at most.
const MOST: usize = 100;

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
        let beside = if whole { 1.0 } else { 0.5 };
        let near = |bound: &Option<Bound<'_>>, beside: f64| match bound {
            Some((number, out, _)) => number.near().map(|number| Some(if *out { number + beside } else { number })),
            None => Some(None),
        };
        let (low, high) = (near(&shape.lower, beside)?, near(&shape.upper, -beside)?);
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
