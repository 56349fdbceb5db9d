//! Compares `anyOf` and `oneOf`: forms are paired by name, by being the same, or by being the only one; the others were
//! added or removed.

use std::collections::HashSet;

use super::products::flat;
use super::{About, Here};
use crate::diff::finding::{Direction, Effect};
use crate::diff::shape::{Bound, Conj, Group, Rest, Shape, kind, kinds_of, shape};
use crate::diff::values::{accepts, edges, fits_one, sample};
use crate::document::{Document, Node};
use serde_json::Value as Json;

/// Whether a value is allowed on the one side and on the other, as far as that can be told.
type Sides = (Option<bool>, Option<bool>);

impl<'d> Here<'_, 'd> {
    /// One schema against a choice of several: contained in an arm, it only widened.
    pub(super) fn one_became_several(&mut self) -> bool {
        let is_choice = |shape: &Shape<'d>| shape.is_bare() && shape.groups.len() == 1;
        let (was, is) = (is_choice(&self.was), is_choice(&self.is));
        if was == is || (!was && !self.was.groups.is_empty()) || (!is && !self.is.groups.is_empty()) {
            return false;
        }
        let group = if is { self.is.groups.first() } else { self.was.groups.first() };
        let Some(group) = group.cloned() else { return false };
        let about =
            About { before: Some(self.summary(&self.was)), after: Some(self.summary(&self.is)), ..About::default() };
        // A schema that says nothing beside a choice is the choice's whole.
        let whole = if is { self.was.is_bare() } else { self.is.is_bare() };
        let effect = if whole {
            if is { Effect::NARROWS } else { Effect::WIDENS }
        } else {
            // Of each arm against the one schema: what lies in what.
            let one = if is { self.was.conj.clone() } else { self.is.conj.clone() };
            let effects: Vec<Effect> = group
                .arms
                .iter()
                .map(|arm| {
                    let (old, new) = if is { (&one, arm) } else { (arm, &one) };
                    let trial = self.compare.pair(old, new, self.direction, self.depth + 1);
                    self.compare.effect(trial)
                })
                .collect();
            let is_inside = |effect: &Effect| !effect.narrows && !effect.unknown;
            let is_outside = |effect: &Effect| !effect.widens && !effect.unknown;
            match is {
                true if effects.iter().any(is_inside) => Effect::WIDENS,
                true if effects.iter().all(is_outside) => Effect::NARROWS,
                false if effects.iter().all(is_inside) => Effect::WIDENS,
                false if effects.iter().any(is_outside) => Effect::NARROWS,
                _ => Effect::UNKNOWN,
            }
        };
        // Exactly one of forms that overlap must fit: what lies in several of them is not allowed.
        let document = if is { self.compare.new } else { self.compare.old };
        let overlaps = !whole && group.keyword == "oneOf" && !group.discriminated && has_overlap(document, &group);
        let (effect, witness) = if overlaps || effect == Effect::UNKNOWN {
            let (old, new) = (self.was.conj.clone(), self.is.conj.clone());
            let one = |conj: &Conj<'d>| vec![conj.clone()];
            let (was, is) = if is { (one(&old), group.arms.clone()) } else { (group.arms.clone(), one(&new)) };
            let (old_doc, new_doc) = (self.compare.old, self.compare.new);
            self.shown(
                (&was, !overlaps || was.len() == 1),
                (&is, !overlaps || is.len() == 1),
                |value| (accepts(old_doc, &old, value, 0), accepts(new_doc, &new, value, 0)),
                |value| (accepts(new_doc, &new, value, 0), accepts(old_doc, &old, value, 0)),
            )
        } else {
            (effect, None)
        };
        self.note("alternatives-changed", effect, About { witness, ..about });
        true
    }

    /// What values at the edges of all forms show of a choice that cannot be judged form by form, with one that breaks.
    /// A side is its forms, and whether all that any of them allows is allowed.
    fn shown(
        &mut self,
        (was, was_all): (&[Conj<'d>], bool),
        (is, is_all): (&[Conj<'d>], bool),
        lost: impl Fn(&Json) -> Sides,
        won: impl Fn(&Json) -> Sides,
    ) -> (Effect, Option<Json>) {
        let mut values = Vec::new();
        was.iter().for_each(|arm| edges(self.compare.old, arm, 0, &mut values));
        is.iter().for_each(|arm| edges(self.compare.new, arm, 0, &mut values));
        // Forms have many of their edges in common.
        let mut seen = HashSet::new();
        values.retain(|value| seen.insert(value.to_string()));
        let shows =
            |by: &dyn Fn(&Json) -> Sides| values.iter().find(|value| by(value) == (Some(true), Some(false))).cloned();
        let (narrows, widens) = (shows(&lost), shows(&won));
        // Where all of the other side's forms are allowed, what lies in one of them is still allowed.
        let holds = |here: &mut Self, small: &[Conj<'d>], large: &[Conj<'d>], all: bool, back: bool| {
            all && small.iter().all(|one| {
                large.iter().any(|other| {
                    let (old, new) = if back { (other, one) } else { (one, other) };
                    let trial = here.compare.pair(old, new, here.direction, here.depth + 1);
                    let effect = here.compare.effect(trial);
                    !effect.unknown && !(if back { effect.widens } else { effect.narrows })
                })
            })
        };
        let unknown = (narrows.is_none() && !holds(self, was, is, is_all, false))
            || (widens.is_none() && !holds(self, is, was, was_all, true));
        let effect = Effect { narrows: narrows.is_some(), widens: widens.is_some(), unknown };
        (effect, if self.direction == Direction::Response { widens } else { narrows })
    }

    pub(super) fn summary(&self, shape: &Shape<'d>) -> String {
        match shape.groups.first() {
            Some(group) if shape.is_bare() => format!("{} of {} forms", group.keyword, group.arms.len()),
            _ => kind::words(shape.kinds),
        }
    }

    pub(super) fn groups(&mut self) {
        let (was, is) = (self.was.groups.clone(), self.is.groups.clone());
        for at in 0..was.len().max(is.len()) {
            match (was.get(at), is.get(at)) {
                (Some(old), Some(new)) => {
                    let (old, new) = (flat(self.compare.old, old, 0), flat(self.compare.new, new, 0));
                    self.group(&old, &new);
                }
                (Some(old), None) => {
                    let about = About {
                        old: Some(old.node),
                        before: Some(format!("{} of {} forms", old.keyword, old.arms.len())),
                        ..About::default()
                    };
                    self.note("alternatives-changed", Effect::WIDENS, about);
                }
                (None, Some(new)) => {
                    let about = About {
                        new: Some(new.node),
                        after: Some(format!("{} of {} forms", new.keyword, new.arms.len())),
                        ..About::default()
                    };
                    self.note("alternatives-changed", Effect::NARROWS, about);
                }
                (None, None) => {}
            }
        }
    }

    pub(super) fn group(&mut self, old: &Group<'d>, new: &Group<'d>) {
        if old.null != new.null {
            let (rule, effect) =
                if new.null { ("null-allowed", Effect::WIDENS) } else { ("null-refused", Effect::NARROWS) };
            self.note(
                rule,
                effect,
                About { old: Some(old.node), new: Some(new.node), witness: Some(Json::Null), ..About::default() },
            );
        }
        let before = self.compare.effect(self.at);
        let (mut gone, mut come): (Vec<usize>, Vec<usize>) =
            ((0..old.arms.len()).collect(), (0..new.arms.len()).collect());
        let mut same = Vec::new();
        let name = |arm: &Conj<'d>| {
            arm.first().and_then(|node| node.text_at("$ref").or(node.text_at("title"))).map(str::to_owned)
        };
        // By name first, then by being the same, then by standing alone on both sides.
        gone.retain(|at| {
            let wanted = old.arms.get(*at).and_then(name);
            let found = come.iter().position(|other| wanted.is_some() && new.arms.get(*other).and_then(name) == wanted);
            found.map(|position| same.push((*at, come.remove(position)))).is_none()
        });
        for at in std::mem::take(&mut gone) {
            let Some(arm) = old.arms.get(at) else { continue };
            let equal = come.iter().position(|other| {
                let Some(other) = new.arms.get(*other) else { return false };
                let trial = self.compare.pair(arm, other, self.direction, self.depth + 1);
                self.compare.effect(trial) == Effect::NONE
            });
            match equal {
                Some(position) => same.push((at, come.remove(position))),
                None => gone.push(at),
            }
        }
        if let ([one], [other]) = (gone.as_slice(), come.as_slice()) {
            same.push((*one, *other));
            gone.clear();
            come.clear();
        }
        for (at, other) in same {
            if let (Some(old), Some(new)) = (old.arms.get(at), new.arms.get(other)) {
                self.part(old, new);
            }
        }
        let exactly = old.keyword == "oneOf" || new.keyword == "oneOf";
        let changed = self.compare.effect(self.at) != before
            || !gone.is_empty()
            || !come.is_empty()
            || old.keyword != new.keyword;
        let overlaps = |document: &'d Document, group: &Group<'d>| {
            changed && group.keyword == "oneOf" && !group.discriminated && has_overlap(document, group)
        };
        let overlap = (overlaps(self.compare.old, old), overlaps(self.compare.new, new));
        let shown = (overlap.0 || overlap.1).then(|| {
            let (was, is) = (self.was.conj.clone(), self.is.conj.clone());
            let (old_doc, new_doc) = (self.compare.old, self.compare.new);
            self.shown(
                (&old.arms, !overlap.0),
                (&new.arms, !overlap.1),
                |value| (accepts(old_doc, &was, value, 0), fits_one(new_doc, new, value, 0)),
                |value| (accepts(new_doc, &is, value, 0), fits_one(old_doc, old, value, 0)),
            )
        });
        if let Some((effect, witness)) = shown.clone().filter(|_| gone.is_empty() && come.is_empty()) {
            let about = About { old: Some(old.node), new: Some(new.node), witness, ..About::default() };
            self.note("alternatives-changed", effect, about);
        }
        for at in gone {
            let Some(arm) = old.arms.get(at) else { continue };
            let elsewhere = new.arms.iter().any(|other| self.contained(arm, other));
            if elsewhere && !exactly {
                continue;
            }
            let (effect, witness) = shown.clone().unwrap_or_else(|| (Effect::NARROWS, sample(self.compare.old, arm)));
            let (old, new) = (arm.first().copied(), Some(new.node));
            let about = About { old, new, before: name(arm), witness, ..About::default() };
            self.note("alternative-removed", effect, about);
        }
        for at in come {
            let Some(arm) = new.arms.get(at) else { continue };
            let elsewhere = old.arms.iter().any(|other| {
                let trial = self.compare.pair(other, arm, self.direction, self.depth + 1);
                let effect = self.compare.effect(trial);
                !effect.widens && !effect.unknown
            });
            if elsewhere && !exactly {
                continue;
            }
            let (effect, witness) = shown.clone().unwrap_or_else(|| (Effect::WIDENS, sample(self.compare.new, arm)));
            let (old, new) = (Some(old.node), arm.first().copied());
            let about = About { old, new, after: name(arm), witness, ..About::default() };
            self.note("alternative-added", effect, about);
        }
    }
}

/// Whether forms of a choice may have a value in common.
pub(super) fn has_overlap<'d>(document: &'d Document, group: &Group<'d>) -> bool {
    let arms = &group.arms;
    let mut pairs =
        arms.iter().enumerate().flat_map(|(at, one)| arms.iter().skip(at + 1).map(move |other| (one, other)));
    // Very many are taken to overlap: each pair would have to be looked at.
    arms.len() > 40 || pairs.any(|(one, other)| !are_disjoint(document, one, other, 0))
}

/// Whether no value is in both sets, as far as kinds, listed values and members tell.
fn are_disjoint<'d>(document: &'d Document, one: &[&'d Node], other: &[&'d Node], depth: usize) -> bool {
    let (a, b) = (shape(document, one), shape(document, other));
    if depth > 4 || a.open_end || b.open_end {
        return false;
    }
    if kinds_of(document, one, 0) & kinds_of(document, other, 0) == 0 {
        return true;
    }
    for (listed, conj) in [(&a, other), (&b, one)] {
        if let Some(values) = &listed.values {
            let refused = |text: &String| {
                let value = serde_json::from_str(text).ok();
                value.is_some_and(|value| accepts(document, conj, &value, 0) == Some(false))
            };
            return values.iter().all(refused);
        }
    }
    let apart = |low: &Option<Bound<'_>>, high: &Option<Bound<'_>>| match (low, high) {
        (Some((low, out, _)), Some((high, also, _))) => low > high || (low == high && (*out || *also)),
        _ => false,
    };
    let kinds = kinds_of(document, one, 0) & kinds_of(document, other, 0);
    if kinds & !kind::NUMBER == 0 && (apart(&a.lower, &b.upper) || apart(&b.lower, &a.upper)) {
        return true;
    }
    let size = |shape: &Shape<'_>, keyword: &str| shape.counts.get(keyword).map(|(count, _)| *count);
    let longer = |one: &Shape<'_>, other: &Shape<'_>| {
        size(one, "minLength").zip(size(other, "maxLength")).is_some_and(|(a, b)| a > b)
    };
    if kinds == kind::TEXT && (longer(&a, &b) || longer(&b, &a)) {
        return true;
    }
    let refuses = |one: &Shape<'_>, other: &Shape<'_>| {
        matches!(one.rest, Rest::Closed) && other.required.keys().any(|name| !one.properties.contains_key(name))
    };
    if kinds == kind::OBJECT && (refuses(&a, &b) || refuses(&b, &a)) {
        return true;
    }
    let objects = a.kinds & b.kinds == kind::OBJECT;
    let shared = a.required.keys().filter(|name| b.required.contains_key(*name));
    objects
        && shared.into_iter().any(|name| match (a.properties.get(name), b.properties.get(name)) {
            (Some(one), Some(other)) => are_disjoint(document, one, other, depth + 1),
            _ => false,
        })
}
