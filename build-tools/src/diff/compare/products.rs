//! Brings choices that are grouped in another way into one form: a choice within a choice is one choice, and what stands
//! beside a choice stands in each of its forms.

use super::Here;
use super::choices::has_overlap;
use crate::diff::finding::Effect;
use crate::diff::shape::{CHOICES, Group, Shape, kind, kinds_of, shape, with_form};
use crate::diff::side::address;
use crate::document::Document;

/// Choices of more forms than these are not multiplied out.
const MOST: usize = 12;

/// So many choices are multiplied out within each other.
const DEEPEST: usize = 2;

impl<'d> Here<'_, 'd> {
    /// Compares a choice with something beside it (`allOf` over `oneOf`) to a choice whose forms say that themselves.
    /// Returns whether that was done; it is not where the forms cannot be paired.
    pub(super) fn products(&mut self) -> bool {
        let one_choice = |shape: &Shape<'d>| shape.groups.len() == 1 && shape.values.is_none();
        let (bare_before, bare_after) = (self.was.is_bare(), self.is.is_bare());
        if !one_choice(&self.was)
            || !one_choice(&self.is)
            || bare_before == bare_after
            || self.compare.products >= DEEPEST
        {
            return false;
        }
        let (old, new) = (self.compare.old, self.compare.new);
        let (Some(mut before), Some(mut after)) = (forms(old, &self.was), forms(new, &self.is)) else { return false };
        let keyword = |shape: &Shape<'d>| shape.groups.first().map(|group| group.keyword);
        let exclusive = |document: &'d Document, shape: &Shape<'d>| {
            shape.groups.first().is_some_and(|group| group.keyword == "oneOf" && !is_union(document, group))
        };
        let alike = keyword(&self.was) == keyword(&self.is) || !(exclusive(old, &self.was) || exclusive(new, &self.is));
        let null = |document: &'d Document, shape: &Shape<'d>| kinds_of(document, &shape.conj, 0) & kind::NULL;
        if !alike || before.len() != after.len() || null(old, &self.was) != null(new, &self.is) {
            return false;
        }
        // Those that are the same first; of the others each with the next.
        before.retain(|form| {
            let same = after.iter().position(|other| {
                let trial = self.compare.sets(form.clone(), other.clone(), self.direction, self.depth + 1);
                self.compare.effect(trial) == Effect::NONE && self.compare.is_equal(trial)
            });
            same.map(|at| after.remove(at)).is_none()
        });
        // Too little is the same to say which form is which.
        if before.len() > 1 {
            return false;
        }
        for (form, other) in before.into_iter().zip(after) {
            let child = self.compare.sets(form, other, self.direction, self.depth + 1);
            self.adopt(child);
        }
        true
    }
}

/// Each form of the one choice of a set, with what stands beside the choice.
fn forms<'d>(document: &'d Document, set: &Shape<'d>) -> Option<Vec<Shape<'d>>> {
    let group = flat(document, set.groups.first()?, 0);
    (group.arms.len() <= MOST).then(|| group.arms.iter().map(|form| with_form(document, set, 0, form)).collect())
}

/// Whether a choice allows what any of its forms allows.
fn is_union<'d>(document: &'d Document, group: &Group<'d>) -> bool {
    group.keyword == "anyOf" || group.discriminated || !has_overlap(document, group)
}

/// A choice with the forms of the choices that are its forms, where that is the same set.
pub(super) fn flat<'d>(document: &'d Document, group: &Group<'d>, depth: usize) -> Group<'d> {
    let nested = |arm: &[&'d crate::document::Node]| {
        let shape = shape(document, arm);
        (shape.is_bare() && shape.groups.len() == 1 && !shape.open_end).then_some(shape)
    };
    let inner: Vec<Option<Shape<'d>>> = group.arms.iter().map(|arm| nested(arm)).collect();
    if depth >= CHOICES || inner.iter().all(Option::is_none) || !is_union(document, group) {
        return group.clone();
    }
    let mut out = Group { arms: Vec::new(), keyword: "anyOf", ..group.clone() };
    for (arm, inner) in group.arms.iter().zip(inner) {
        let inner = inner.as_ref().and_then(|shape| shape.groups.first());
        match inner.filter(|inner| is_union(document, inner)) {
            Some(inner) => {
                let inner = flat(document, inner, depth + 1);
                out.null |= inner.null;
                out.arms.extend(inner.arms);
            }
            None => out.arms.push(arm.clone()),
        }
    }
    let mut seen = std::collections::HashSet::new();
    out.arms.retain(|arm| seen.insert(arm.iter().map(|node| address(node)).collect::<Vec<_>>()));
    out
}
