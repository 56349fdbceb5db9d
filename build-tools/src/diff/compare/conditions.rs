//! Decides what another condition does to a set: `not`, `if`, `contains` with its counts, `dependentSchemas` and the like
//! are compared by the schemas that they hold.

use std::collections::{BTreeMap, BTreeSet};

use super::Here;
use crate::diff::decimal::Decimal;
use crate::diff::finding::Effect;
use crate::diff::shape::Rest;
use crate::document::{Node, Object};

/// The keywords that are compared by the schemas that they hold.
const CONDITIONS: [&str; 13] = [
    "not",
    "if",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "dependentSchemas",
    "dependencies",
    "patternProperties",
    "contentSchema",
    "unevaluatedItems",
    "unevaluatedProperties",
    "additionalItems",
];

/// Whether a keyword is compared by the schemas that it holds.
pub(super) fn is_one(keyword: &str) -> bool {
    CONDITIONS.contains(&keyword)
}

/// The effect with its sides changed: what widens a schema narrows what the schema is forbidden to.
fn turned(effect: Effect) -> Effect {
    Effect { narrows: effect.widens, widens: effect.narrows, unknown: effect.unknown }
}

impl<'d> Here<'_, 'd> {
    /// What a condition of these nodes does that has changed, or that leads to a schema that has.
    pub(super) fn condition(&mut self, keyword: &'static str, holders: (Option<&'d Node>, Option<&'d Node>)) -> Effect {
        let value = |node: Option<&'d Node>| node.and_then(|node| node.get(keyword));
        let (old, new) = (value(holders.0), value(holders.1));
        match keyword {
            "not" => turned(self.subschema(old, new, Effect::WIDENS)),
            "if" => self.branches(holders.0, holders.1),
            "contains" => self.contained_items(holders.0, holders.1),
            "minContains" | "maxContains" => self.counted_items(keyword),
            "dependentSchemas" | "dependencies" => self.map(old, new, Effect::NARROWS),
            "patternProperties" => {
                let added = match (&self.was.rest, &self.is.rest) {
                    (Rest::Open, _) | (_, Rest::Open) => Effect::NARROWS,
                    // Names that match were refused before.
                    (Rest::Closed, Rest::Closed) => Effect::WIDENS,
                    _ => Effect::UNKNOWN,
                };
                self.map(old, new, added)
            }
            "additionalItems" if self.was.prefix.is_empty() && self.is.prefix.is_empty() => Effect::NONE,
            _ => self.subschema(old, new, Effect::NARROWS),
        }
    }

    /// Compares two schemas without any finding. `added` is what one does that was not there.
    fn subschema(&mut self, old: Option<&'d Node>, new: Option<&'d Node>, added: Effect) -> Effect {
        match (old, new) {
            (Some(old), Some(new)) => {
                let schemas = |node: &Node| node.as_object().is_some();
                if !schemas(old) || !schemas(new) {
                    return if old == new { Effect::NONE } else { Effect::UNKNOWN };
                }
                let trial = self.compare.pair(&[old], &[new], self.direction, self.depth + 1);
                let effect = self.compare.effect(trial);
                // A pair that is compared at this moment is not known yet.
                match effect == Effect::NONE && self.compare.is_open(trial) {
                    true => Effect::UNKNOWN,
                    false => effect,
                }
            }
            (None, Some(_)) => added,
            (Some(_), None) => turned(added),
            (None, None) => Effect::NONE,
        }
    }

    /// `if A then B else C` refuses what is in A but not in B, and what is neither in A nor in C.
    fn branches(&mut self, was: Option<&'d Node>, is: Option<&'d Node>) -> Effect {
        let (Some(was), Some(is)) = (was, is) else {
            return if is.is_some() { Effect::NARROWS } else { Effect::WIDENS };
        };
        let mut part = |name: &str| self.subschema(was.get(name), is.get(name), Effect::NARROWS);
        let (condition, then, other) = (part("if"), part("then"), part("else"));
        let has = |name: &str| was.get(name).is_some() && is.get(name).is_some();
        let mut effect = then.and(other);
        if has("then") {
            effect = effect.and(turned(condition));
        }
        if has("else") {
            effect = effect.and(condition);
        }
        effect
    }

    /// With an upper bound, more items that match are too many; with a lower one, fewer are too few.
    fn contained_items(&mut self, was: Option<&'d Node>, is: Option<&'d Node>) -> Effect {
        let value = |node: Option<&'d Node>| node.and_then(|node| node.get("contains"));
        let (Some(old), Some(new)) = (value(was), value(is)) else {
            return if value(is).is_some() { Effect::NARROWS } else { Effect::WIDENS };
        };
        let effect = self.subschema(Some(old), Some(new), Effect::NARROWS);
        let (least, most) = (self.bounds_of("minContains"), self.bounds_of("maxContains"));
        let mut found = Effect { unknown: effect.unknown, ..Effect::NONE };
        if least.0 != Some(0) || least.1 != Some(0) {
            found = found.and(effect);
        }
        if most.0.is_some() || most.1.is_some() {
            found = found.and(turned(effect));
        }
        found
    }

    fn counted_items(&self, keyword: &'static str) -> Effect {
        // Without `contains` on both sides the bound is a part of what `contains` does.
        if !(self.was.texts.contains_key("contains") && self.is.texts.contains_key("contains")) {
            return Effect::NONE;
        }
        let (old, new) = self.bounds_of(keyword);
        let order = match keyword {
            "minContains" => old.unwrap_or(1).cmp(&new.unwrap_or(1)),
            _ => new.unwrap_or(u64::MAX).cmp(&old.unwrap_or(u64::MAX)),
        };
        match order {
            std::cmp::Ordering::Less => Effect::NARROWS,
            std::cmp::Ordering::Greater => Effect::WIDENS,
            std::cmp::Ordering::Equal => Effect::NONE,
        }
    }

    /// The bound on both sides, where one is said.
    fn bounds_of(&self, keyword: &str) -> (Option<u64>, Option<u64>) {
        let bound = |nodes: &[(&'d Node, bool)]| {
            let found = nodes.iter().find_map(|(node, _)| node.get(keyword)?.as_number())?;
            Decimal::parse(found)?.whole(keyword == "minContains", false).words().parse::<u64>().ok()
        };
        (bound(&self.was.nodes), bound(&self.is.nodes))
    }

    /// Schemas, or lists of names, by name: each is a condition of its own.
    fn map(&mut self, old: Option<&'d Node>, new: Option<&'d Node>, added: Effect) -> Effect {
        let entries = |node: Option<&'d Node>| -> BTreeMap<&'d str, &'d Node> {
            node.and_then(Node::as_object).into_iter().flat_map(Object::iter).collect()
        };
        let (old, new) = (entries(old), entries(new));
        let mut effect = Effect::NONE;
        for name in old.keys().chain(new.keys()).copied().collect::<BTreeSet<_>>() {
            let (was, is) = (old.get(name).copied(), new.get(name).copied());
            let lists = (was.and_then(Node::as_array), is.and_then(Node::as_array));
            effect = effect.and(match lists {
                (Some(was), Some(is)) => Effect {
                    narrows: is.iter().any(|name| !was.contains(name)),
                    widens: was.iter().any(|name| !is.contains(name)),
                    unknown: false,
                },
                _ => self.subschema(was, is, added),
            });
        }
        effect
    }
}
