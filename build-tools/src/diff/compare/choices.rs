//! `anyOf` and `oneOf`: arms paired by name, by being the same, or by standing alone; what is left came or went.

use super::{About, Here};
use crate::diff::finding::{Effect, Verdict};
use crate::diff::shape::{Conj, Group, Shape, kind, kinds_of, shape};
use crate::diff::values::{accepts, sample};
use crate::document::{Document, Node};
use serde_json::Value as Json;

impl<'d> Here<'_, 'd> {
    /// One schema against a choice of several: contained in an arm, it only widened.
    pub(super) fn one_became_several(&mut self) -> bool {
        let is_choice = |shape: &Shape<'d>| shape.is_bare() && shape.groups.len() == 1;
        let (was, is) = (is_choice(&self.was), is_choice(&self.is));
        if was == is || (!was && !self.was.groups.is_empty()) || (!is && !self.is.groups.is_empty()) {
            return false;
        }
        let nodes = |shape: &Shape<'d>| -> Vec<&'d Node> { shape.nodes.iter().map(|(node, _)| *node).collect() };
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
            let one = nodes(if is { &self.was } else { &self.is });
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
        let document = if is { self.compare.new } else { self.compare.old };
        let overlap = group.keyword == "oneOf" && !group.discriminated && has_overlap(document, &group);
        self.note("alternatives-changed", if overlap { effect.and(Effect::UNKNOWN) } else { effect }, about);
        true
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
                (Some(old), Some(new)) => self.group(old, new),
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
        let overlap = if exactly
            && !(old.discriminated && new.discriminated)
            && (has_overlap(self.compare.old, old) || has_overlap(self.compare.new, new))
        {
            Effect::UNKNOWN
        } else {
            Effect::NONE
        };
        let changed = self.compare.effect(self.at) != before
            || !gone.is_empty()
            || !come.is_empty()
            || old.keyword != new.keyword;
        if overlap == Effect::UNKNOWN && changed {
            let about = About { old: Some(old.node), new: Some(new.node), ..About::default() };
            let reason = "of forms that overlap exactly one must fit, so a change of one changes what the others allow";
            self.judged("alternatives-changed", overlap, Verdict::Warning, reason.to_owned(), about);
        }
        for at in gone {
            let Some(arm) = old.arms.get(at) else { continue };
            let elsewhere = new.arms.iter().any(|other| self.contained(arm, other));
            if elsewhere && !exactly {
                continue;
            }
            let about = About {
                old: arm.first().copied(),
                new: Some(new.node),
                before: name(arm),
                witness: sample(self.compare.old, arm),
                ..About::default()
            };
            self.note("alternative-removed", Effect::NARROWS.and(overlap), about);
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
            let about = About {
                old: Some(old.node),
                new: arm.first().copied(),
                after: name(arm),
                witness: sample(self.compare.new, arm),
                ..About::default()
            };
            self.note("alternative-added", Effect::WIDENS.and(overlap), about);
        }
    }
}

/// Whether forms of a choice may have a value in common.
fn has_overlap<'d>(document: &'d Document, group: &Group<'d>) -> bool {
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
    let objects = a.kinds & b.kinds == kind::OBJECT;
    let shared = a.required.keys().filter(|name| b.required.contains_key(*name));
    objects
        && shared.into_iter().any(|name| match (a.properties.get(name), b.properties.get(name)) {
            (Some(one), Some(other)) => are_disjoint(document, one, other, depth + 1),
            _ => false,
        })
}
