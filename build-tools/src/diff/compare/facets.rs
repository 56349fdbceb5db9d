//! Bounds, lengths, patterns and the like, and the items of lists.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{About, Here};
use crate::diff::finding::Effect;
use crate::diff::shape::{Bound, COUNTS, TEXTS, kind};
use crate::diff::values::number_of;
use crate::document::Node;

impl<'d> Here<'_, 'd> {
    pub(super) fn bounds(&mut self) {
        if self.was.kinds & self.is.kinds & kind::NUMBER == 0 {
            return;
        }
        for (rule, was, is, lower) in [
            ("minimum-changed", self.was.lower.clone(), self.is.lower.clone(), true),
            ("maximum-changed", self.was.upper.clone(), self.is.upper.clone(), false),
        ] {
            let order = match (&was, &is) {
                (None, None) => continue,
                (None, Some(_)) => Ordering::Less,
                (Some(_), None) => Ordering::Greater,
                (Some(was), Some(is)) => {
                    let order = if lower { was.0.cmp(&is.0) } else { is.0.cmp(&was.0) };
                    order.then(was.1.cmp(&is.1))
                }
            };
            let effect = match order {
                Ordering::Less => Effect::NARROWS,
                Ordering::Greater => Effect::WIDENS,
                Ordering::Equal => continue,
            };
            let words = |bound: &Option<Bound<'_>>| {
                let bound = bound.as_ref();
                bound.map(|(number, out, _)| {
                    format!("{}{}", number.words(), if *out { " (itself outside)" } else { "" })
                })
            };
            // The loosest number that only one side allows.
            let (loose, tight) = if effect == Effect::NARROWS { (&was, &is) } else { (&is, &was) };
            let near =
                |bound: &Option<Bound<'_>>| bound.as_ref().and_then(|(number, out, _)| Some((number.near()?, *out)));
            let number = match (near(loose), near(tight)) {
                (Some((number, false)), _) | (_, Some((number, true))) => Some(number),
                (_, Some((number, false))) => Some(number - if lower { 1.0 } else { -1.0 }),
                _ => None,
            };
            let (before, after, witness) = (words(&was), words(&is), number.map(number_of));
            let about =
                About { old: was.map(|(.., node)| node), new: is.map(|(.., node)| node), before, after, witness };
            self.note(rule, effect, about);
        }
    }

    pub(super) fn counts(&mut self) {
        let shared = self.was.kinds & self.is.kinds;
        for (keyword, larger, about) in COUNTS {
            if shared & about == 0 {
                continue;
            }
            let (was, is) = (self.was.counts.get(keyword).copied(), self.is.counts.get(keyword).copied());
            let loosest = if larger { 0 } else { u64::MAX };
            let (old, new) = (was.map_or(loosest, |(n, _)| n), is.map_or(loosest, |(n, _)| n));
            let effect = match (old.cmp(&new), larger) {
                (Ordering::Equal, _) => continue,
                (Ordering::Less, true) | (Ordering::Greater, false) => Effect::NARROWS,
                _ => Effect::WIDENS,
            };
            let words = |count: Option<(u64, &Node)>| count.map(|(count, _)| format!("{keyword} {count}"));
            let witness = (about == kind::TEXT).then(|| {
                let size = if larger { old.min(new) } else { old.max(new) };
                let size = if size == u64::MAX { old.min(new).saturating_add(1) } else { size };
                usize::try_from(size).ok().filter(|size| *size <= 300).map(|size| Json::String("a".repeat(size)))
            });
            let about = About {
                old: was.map(|(_, node)| node),
                new: is.map(|(_, node)| node),
                before: words(was),
                after: words(is),
                witness: witness.flatten(),
            };
            self.note("length-changed", effect, about);
        }
    }

    /// Keywords that are not taken apart: one more narrows, one less widens, another one cannot be decided.
    pub(super) fn texts(&mut self) {
        let shared = self.was.kinds & self.is.kinds;
        let none = BTreeMap::new();
        for (keyword, about) in TEXTS {
            if shared & about == 0 {
                continue;
            }
            let was = self.was.texts.get(keyword).unwrap_or(&none).clone();
            let is = self.is.texts.get(keyword).unwrap_or(&none).clone();
            let gone: Vec<(&String, &&Node)> = was.iter().filter(|(text, _)| !is.contains_key(*text)).collect();
            let come: Vec<(&String, &&Node)> = is.iter().filter(|(text, _)| !was.contains_key(*text)).collect();
            if gone.is_empty() && come.is_empty() {
                continue;
            }
            let rule = match keyword {
                "pattern" => "pattern-changed",
                "format" => "format-changed",
                "multipleOf" => "multiple-of-changed",
                "uniqueItems" => "unique-items-changed",
                "contentEncoding" | "contentMediaType" | "contentSchema" => "content-encoding-changed",
                _ => "condition-changed",
            };
            let (before, after) =
                (gone.first().map(|(text, _)| (*text).clone()), come.first().map(|(text, _)| (*text).clone()));
            let effect = match (keyword, gone.is_empty(), come.is_empty()) {
                ("format", ..) => formats(before.as_deref(), after.as_deref()),
                ("multipleOf", false, false) => multiples(before.as_deref(), after.as_deref()),
                ("additionalItems" | "minContains" | "maxContains" | "$dynamicRef", ..) => Effect::UNKNOWN,
                (_, true, false) => Effect::NARROWS,
                (_, false, true) => Effect::WIDENS,
                _ => Effect::UNKNOWN,
            };
            let about = About {
                old: gone.first().map(|(_, node)| **node),
                new: come.first().map(|(_, node)| **node),
                before,
                after,
                witness: None,
            };
            self.note(rule, effect, about);
        }
    }

    pub(super) fn items(&mut self) {
        if self.was.kinds & self.is.kinds & kind::ARRAY == 0 {
            return;
        }
        let (was, is) = (self.was.prefix.clone(), self.is.prefix.clone());
        let (old_rest, new_rest) = (self.was.items.clone(), self.is.items.clone());
        for at in 0..was.len().max(is.len()) {
            let old = was.get(at).unwrap_or(&old_rest).clone();
            let new = is.get(at).unwrap_or(&new_rest).clone();
            self.part(&old, &new);
        }
        if !(old_rest.is_empty() && new_rest.is_empty()) {
            self.part(&old_rest, &new_rest);
        }
    }
}

/// Formats whose sets are known to lie in each other.
fn formats(before: Option<&str>, after: Option<&str>) -> Effect {
    let rank = |format: Option<&str>| match format.unwrap_or("").trim_matches('"') {
        "int8" => Some(1),
        "int16" => Some(2),
        "int32" => Some(3),
        "int64" => Some(4),
        "float" => Some(11),
        "double" => Some(12),
        _ => None,
    };
    match (rank(before), rank(after)) {
        (Some(a), Some(b)) if a / 10 == b / 10 && a < b => Effect::WIDENS,
        (Some(a), Some(b)) if a / 10 == b / 10 && a > b => Effect::NARROWS,
        _ => Effect::UNKNOWN,
    }
}

fn multiples(before: Option<&str>, after: Option<&str>) -> Effect {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok()).filter(|number| *number > 0.0);
    match (number(before), number(after)) {
        (Some(was), Some(is)) if (is / was).fract() == 0.0 => Effect::NARROWS,
        (Some(was), Some(is)) if (was / is).fract() == 0.0 => Effect::WIDENS,
        _ => Effect::UNKNOWN,
    }
}
