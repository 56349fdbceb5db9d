//! Compares bounds, lengths, patterns and the like, and the items of arrays.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{About, Here, conditions};
use crate::diff::decimal::Decimal;
use crate::diff::finding::Effect;
use crate::diff::shape::{Bound, COUNTS, TEXTS, kind};
use crate::diff::values::{number_of, range};
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

    /// Keywords that are kept as texts: one more narrows, one less widens; what another one does depends on the keyword.
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
                for (text, old) in &was {
                    is.get(text).into_iter().for_each(|new| self.behind(keyword, old, new));
                }
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
            // A number by itself says nothing.
            let (before, after) = match keyword {
                "minContains" | "maxContains" => {
                    let shown = |text: Option<String>| text.map(|text| format!("{keyword} {text}"));
                    (shown(before), shown(after))
                }
                _ => (before, after),
            };
            let holders = (gone.first().map(|(_, node)| **node), come.first().map(|(_, node)| **node));
            let one_each = gone.len() <= 1 && come.len() <= 1;
            let effect = match (keyword, gone.is_empty(), come.is_empty()) {
                ("format", ..) => self.formats(before.as_deref(), after.as_deref()),
                ("multipleOf", false, false) => self.multiples(before.as_deref(), after.as_deref()),
                ("contentEncoding", ..) => encodings(before.as_deref(), after.as_deref()),
                // Alone it only tells what is in the text.
                ("contentMediaType", true, _) | ("contentMediaType", _, true) => Effect::NONE,
                ("$dynamicRef", ..) => Effect::UNKNOWN,
                // Each of them is a condition of its own.
                ("dependentRequired", false, false) => Effect::INCOMPARABLE,
                _ if conditions::is_one(keyword) && one_each => self.condition(keyword, holders),
                (_, true, false) => Effect::NARROWS,
                (_, false, true) => Effect::WIDENS,
                _ => Effect::UNKNOWN,
            };
            if effect == Effect::NONE && (conditions::is_one(keyword) || keyword == "contentEncoding") {
                continue;
            }
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

    /// A condition that is written as it was may lead to schemas that are others now.
    fn behind(&mut self, keyword: &'static str, old: &'d Node, new: &'d Node) {
        if !conditions::is_one(keyword) {
            return;
        }
        let effect = self.condition(keyword, (Some(old), Some(new)));
        if effect != Effect::NONE {
            let about = About { old: Some(old), new: Some(new), ..About::default() };
            self.note("condition-changed", effect, about);
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

/// Another encoding writes every value in another way; to say that there is none says nothing.
fn encodings(before: Option<&str>, after: Option<&str>) -> Effect {
    let said = |encoding: Option<&str>| {
        let encoding = encoding.map(|encoding| encoding.trim_matches('"').to_lowercase());
        encoding.filter(|encoding| !["7bit", "8bit", "binary", "identity", ""].contains(&encoding.as_str()))
    };
    if said(before) == said(after) { Effect::NONE } else { Effect::INCOMPARABLE }
}

impl Here<'_, '_> {
    /// Formats whose sets are known to lie in each other, within the bounds of both sides.
    fn formats(&self, before: Option<&str>, after: Option<&str>) -> Effect {
        match (before, after) {
            (Some("\"float\""), Some("\"double\"")) => return Effect::WIDENS,
            (Some("\"double\""), Some("\"float\"")) => return Effect::NARROWS,
            _ => {}
        }
        let ranges = (before.map(range), after.map(range));
        if matches!(ranges.0, Some(None)) || matches!(ranges.1, Some(None)) {
            return Effect::UNKNOWN;
        }
        let (old, new) = (ranges.0.flatten(), ranges.1.flatten());
        let lowest = [&self.was.lower, &self.is.lower].into_iter().flatten().map(|(number, ..)| number).max();
        let highest = [&self.was.upper, &self.is.upper].into_iter().flatten().map(|(number, ..)| number).min();
        // Whether some number that both sides' bounds and the one format allow is beyond the other format.
        let beyond = |one: &Option<(Decimal, Decimal)>, other: &Option<(Decimal, Decimal)>| {
            let low = one.iter().map(|(low, _)| low).chain(lowest).max();
            let high = one.iter().map(|(_, high)| high).chain(highest).min();
            other
                .as_ref()
                .is_some_and(|(least, most)| low.is_none_or(|low| low < least) || high.is_none_or(|high| high > most))
        };
        let effect = Effect { narrows: beyond(&old, &new), widens: beyond(&new, &old), unknown: false };
        // Nobody counts further than 64 bits, so that they were said is no break.
        let wide = |format: Option<&str>| format.is_some_and(|format| format.contains("64"));
        let said = before.is_none() && wide(after) || after.is_none() && wide(before);
        if said && effect != Effect::NONE { Effect::UNKNOWN } else { effect }
    }

    fn multiples(&self, before: Option<&str>, after: Option<&str>) -> Effect {
        let number = |text: Option<&str>| text.and_then(Decimal::parse).filter(Decimal::is_positive);
        let (Some(was), Some(is)) = (number(before), number(after)) else { return Effect::UNKNOWN };
        match (is.is_multiple_of(&was), was.is_multiple_of(&is)) {
            (Some(true), _) => return Effect::NARROWS,
            (_, Some(true)) => return Effect::WIDENS,
            (Some(false), Some(false)) => {}
            _ => return Effect::UNKNOWN,
        }
        let bounds = [&self.was.lower, &self.is.lower, &self.was.upper, &self.is.upper];
        if bounds.iter().all(|bound| bound.is_none()) {
            return Effect::INCOMPARABLE;
        }
        // A multiple of the one alone, within the bounds of both.
        let lowest = bounds.into_iter().take(2).flatten().filter_map(|(number, ..)| number.near()).fold(0.0, f64::max);
        let alone = |one: &Decimal, other: &Decimal| {
            let Some(step) = one.near().filter(|step| step.fract() == 0.0) else { return false };
            let first = (lowest / step).ceil();
            (0..10).map(|at| (first + f64::from(at)) * step).filter(|number| number.abs() < 9e15).any(|number| {
                let found = Decimal::parse(&number_of(number).to_string());
                found.is_some_and(|number| {
                    self.was.bounds(&number) && self.is.bounds(&number) && number.is_multiple_of(other) == Some(false)
                })
            })
        };
        match (alone(&was, &is), alone(&is, &was)) {
            (false, false) => Effect::UNKNOWN,
            (narrows, widens) => Effect { narrows, widens, unknown: !(narrows && widens) },
        }
    }
}
