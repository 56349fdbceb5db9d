//! Compares two schemas: each pair once per direction, whatever refers to it.
//!
//! This file walks; what is compared at each pair is in `kinds`, `facets`, `conditions`, `members`, `choices` and
//! `products`.

mod choices;
mod conditions;
mod facets;
mod kinds;
mod members;
mod products;
mod reach;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value as Json;

use super::finding::{Direction, Effect, RustVerdict, Verdict};
use super::held::{Held, held};
use super::same::Same;
use super::shape::{Shape, shape_of};
use super::side::address;
use super::values::is_in;
use crate::document::{Document, MAX_HOPS, Node};

pub(in crate::diff) use reach::Reach;

/// A change at one place, before it is known which operations it reaches.
#[derive(Clone, Debug)]
pub(in crate::diff) struct Change<'d> {
    pub(in crate::diff) rule: &'static str,
    pub(in crate::diff) verdict: Verdict,
    pub(in crate::diff) rust: RustVerdict,
    pub(in crate::diff) direction: Direction,
    pub(in crate::diff) old: Option<&'d Node>,
    pub(in crate::diff) new: Option<&'d Node>,
    pub(in crate::diff) before: Option<String>,
    pub(in crate::diff) after: Option<String>,
    pub(in crate::diff) reason: String,
    pub(in crate::diff) witness: Option<String>,
    /// The pair of schemas in which it was found.
    pub(in crate::diff) pair: Option<usize>,
}

/// A place of the old document and the one of the new document that took it.
pub(in crate::diff) type Site<'d> = (&'d Node, &'d Node);

/// Two conjunctions that were compared.
#[derive(Clone, Debug, Default)]
struct Pair<'d> {
    changes: Vec<usize>,
    children: Vec<usize>,
    effect: Effect,
    /// Whether it was compared to its end.
    done: bool,
    /// Places that referred to the one schema, and refer to the other or spell it out now.
    sites: Vec<Site<'d>>,
    /// Where the two schemas are, if no reference to them was changed.
    place: Option<Site<'d>>,
}

type Key = (Vec<usize>, Vec<usize>, Direction);

/// A comparison on its way.
pub(in crate::diff) struct Compare<'d> {
    pub(in crate::diff) old: &'d Document,
    pub(in crate::diff) new: &'d Document,
    pub(in crate::diff) changes: Vec<Change<'d>>,
    pub(in crate::diff) same: Same<'d>,
    /// The day by which an announced end has passed, `YYYY-MM-DD`.
    today: &'d str,
    pairs: Vec<Pair<'d>>,
    known: HashMap<Key, usize>,
    /// Names of schemas that the same place refers to, before and after, and whether each use of it does so plainly.
    pub(in crate::diff) names: BTreeMap<(&'d str, &'d str), bool>,
    /// Pairs that were met too deep for the stack, to be compared from the top.
    later: Vec<(usize, Shape<'d>, Shape<'d>, Direction)>,
    /// How deep choices are multiplied out within each other at this moment.
    products: usize,
}

/// The pair of all schemas that are the same: it has no changes, and leads to none.
const SAME: usize = 0;

/// Why a change that only the types show breaks nobody.
const STAYS: &str = "it does not travel this way, but the types have it";

/// How deep pairs are compared within each other; what lies deeper is put off, never left out.
const DEPTH: usize = 100;

impl<'d> Compare<'d> {
    pub(in crate::diff) fn new(old: &'d Document, new: &'d Document, today: &'d str) -> Self {
        Self {
            old,
            new,
            changes: Vec::new(),
            same: Same::new(old, new),
            today,
            pairs: vec![Pair { done: true, ..Pair::default() }],
            known: HashMap::new(),
            names: BTreeMap::new(),
            later: Vec::new(),
            products: 0,
        }
    }

    /// What leads to which changes; asked for when all is compared.
    pub(in crate::diff) fn reach(&self) -> Reach<'_, 'd> {
        Reach::of_pairs(&self.pairs)
    }

    /// Compares two schemas; nothing where they are the same.
    pub(in crate::diff) fn schemas(
        &mut self,
        old: &[&'d Node],
        new: &[&'d Node],
        direction: Direction,
    ) -> Option<usize> {
        self.named(old, new);
        let first = self.used(old, new, direction, 0);
        while let Some((at, old, new, direction)) = self.later.pop() {
            self.pairs.get_mut(at).into_iter().for_each(|pair| pair.effect = Effect::NONE);
            self.compare_at(at, old, new, direction, 0);
        }
        (first != SAME).then_some(first)
    }

    /// Remembers that a place has another schema's name now.
    fn named(&mut self, old: &[&'d Node], new: &[&'d Node]) {
        let name = |node: &'d Node| node.text_at("$ref").and_then(|to| to.strip_prefix("#/components/schemas/"));
        let ([was], [is]) = (old, new) else { return };
        let mut add = |was: &'d Node, is: &'d Node, plainly: bool| {
            if let (Some(was), Some(is)) = (name(was), name(is))
                && was != is
            {
                *self.names.entry((was, is)).or_default() |= plainly;
            }
        };
        add(was, is, true);
        let parts = |node: &'d Node| node.get("allOf").and_then(Node::as_array).unwrap_or_default();
        let (before, after) = (parts(was), parts(is));
        if before.len() == after.len() {
            // Parts may only have changed places.
            before.iter().zip(after).for_each(|(was, is)| add(was, is, before.len() == 1));
        }
    }

    fn pair(&mut self, old: &[&'d Node], new: &[&'d Node], direction: Direction, depth: usize) -> usize {
        if old.len() == new.len() && old.iter().zip(new).all(|(old, new)| self.same.nodes(old, new)) {
            return SAME;
        }
        let (was, is) = (held(self.old, old, 0), held(self.new, new, 0));
        let ids = |held: &Held<'_>| {
            let mut ids: Vec<usize> =
                held.nodes.iter().map(|(node, null)| address(node) * 2 + usize::from(*null)).collect();
            ids.sort_unstable();
            // What leads nowhere is not the same as what says nothing.
            ids.extend(held.open_end.then_some(usize::MAX));
            ids
        };
        let key = (ids(&was), ids(&is), direction);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let at = self.pairs.len();
        self.pairs.push(Pair::default());
        self.known.insert(key, at);
        let (was, is) = (shape_of(self.old, old, was, 0), shape_of(self.new, new, is, 0));
        if depth < DEPTH {
            self.compare_at(at, was, is, direction, depth);
        } else {
            // Until then nothing is known of it.
            self.pairs.get_mut(at).into_iter().for_each(|pair| pair.effect = Effect::UNKNOWN);
            self.later.push((at, was, is, direction));
        }
        at
    }

    /// Compares two schemas of which one took the other's place, and remembers that place if it is what was edited.
    fn used(&mut self, old: &[&'d Node], new: &[&'d Node], direction: Direction, depth: usize) -> usize {
        let at = self.pair(old, new, direction, depth);
        if at != SAME
            && let Some((site, was_changed)) = self.site(old, new)
            && let Some(pair) = self.pairs.get_mut(at)
        {
            let known = |(was, is): &Site<'d>| address(was) == address(site.0) && address(is) == address(site.1);
            match was_changed {
                true if !pair.sites.iter().any(known) => pair.sites.push(site),
                true => {}
                false => pair.place = pair.place.or(Some(site)),
            }
        }
        at
    }

    /// All places that refer to another schema than before.
    pub(in crate::diff) fn sites(&self) -> impl Iterator<Item = Site<'d>> {
        self.pairs.iter().flat_map(|pair| pair.sites.iter().copied().chain(pair.place))
    }

    /// Where two schemas are, and whether that is a reference that leads to another schema now, or has become or replaced a
    /// schema that is spelled out. A schema that only has another name is the same schema.
    fn site(&self, old: &[&'d Node], new: &[&'d Node]) -> Option<(Site<'d>, bool)> {
        let ([was], [is]) = (old, new) else { return None };
        let (mut was, mut is) = (*was, *is);
        for _ in 0..MAX_HOPS {
            match (was.text_at("$ref"), is.text_at("$ref")) {
                (None, None) => return Some(((was, is), false)),
                (Some(one), Some(other)) if one == other => {
                    (was, is) = self.old.target(one).zip(self.new.target(other))?;
                }
                (Some(one), Some(other)) => {
                    let renamed = self.new.target(one).is_none() && self.old.target(other).is_none();
                    return (!renamed).then_some(((was, is), true));
                }
                _ => return Some(((was, is), true)),
            }
        }
        None
    }

    fn compare_at(&mut self, at: usize, was: Shape<'d>, is: Shape<'d>, direction: Direction, depth: usize) {
        Here { compare: self, at, was, is, direction, depth }.run();
        self.pairs.get_mut(at).into_iter().for_each(|pair| pair.done = true);
    }

    /// Whether a pair is not compared to its end, or leads to such a pair.
    fn is_open(&self, pair: usize) -> bool {
        let (mut next, mut seen) = (vec![pair], HashSet::new());
        while let Some(at) = next.pop() {
            let Some(pair) = self.pairs.get(at).filter(|_| seen.insert(at)) else { continue };
            if !pair.done {
                return true;
            }
            next.extend(&pair.children);
        }
        false
    }

    /// Whether a pair leads to no change but of words.
    fn is_equal(&self, pair: usize) -> bool {
        let (mut next, mut seen) = (vec![pair], HashSet::new());
        while let Some(at) = next.pop() {
            let Some(pair) = self.pairs.get(at).filter(|_| seen.insert(at)) else { continue };
            let counts =
                |at: &usize| self.changes.get(*at).is_some_and(|change| change.verdict != Verdict::Documentation);
            if pair.effect.unknown || pair.changes.iter().any(counts) {
                return false;
            }
            next.extend(&pair.children);
        }
        true
    }

    /// Compares two sets that stand at no node of their own.
    fn sets(&mut self, was: Shape<'d>, is: Shape<'d>, direction: Direction, depth: usize) -> usize {
        let at = self.pairs.len();
        self.pairs.push(Pair::default());
        self.products += 1;
        self.compare_at(at, was, is, direction, depth);
        self.products -= 1;
        at
    }

    fn effect(&self, pair: usize) -> Effect {
        self.pairs.get(pair).map_or(Effect::UNKNOWN, |pair| pair.effect)
    }
}

/// One pair that is being compared.
struct Here<'a, 'd> {
    compare: &'a mut Compare<'d>,
    at: usize,
    was: Shape<'d>,
    is: Shape<'d>,
    direction: Direction,
    depth: usize,
}

/// What a change is about: its nodes, and the values before and after.
#[derive(Default)]
struct About<'d> {
    old: Option<&'d Node>,
    new: Option<&'d Node>,
    before: Option<String>,
    after: Option<String>,
    witness: Option<Json>,
}

impl<'d> Here<'_, 'd> {
    fn run(&mut self) {
        self.words();
        if self.was.open_end || self.is.open_end {
            if self.was.open_end != self.is.open_end {
                self.note("reference-dangling", Effect::UNKNOWN, About::default());
            }
            return;
        }
        if self.products() || self.one_became_several() || !self.values_and_kinds() {
            return;
        }
        self.bounds();
        self.counts();
        self.texts();
        self.items();
        self.members();
        self.rest();
        self.groups();
        self.mapped();
    }

    fn first(shape: &Shape<'d>) -> Option<&'d Node> {
        shape.nodes.first().map(|(node, _)| *node)
    }

    /// Adds a change with the law's verdict.
    fn note(&mut self, rule: &'static str, effect: Effect, about: About<'d>) {
        let verdict = effect.verdict(self.direction);
        let reason = effect.words(self.direction).to_owned();
        self.judged(rule, effect, verdict, reason, about);
    }

    fn judged(&mut self, rule: &'static str, effect: Effect, verdict: Verdict, reason: String, about: About<'d>) {
        self.add(rule, effect, verdict, self.direction, reason, about);
    }

    fn add(
        &mut self,
        rule: &'static str,
        effect: Effect,
        verdict: Verdict,
        direction: Direction,
        reason: String,
        about: About<'d>,
    ) {
        // What does not travel breaks no consumer.
        let (verdict, reason, witness) = match direction {
            Direction::None => (Verdict::Documentation, STAYS.to_owned(), None),
            _ => (verdict, reason, about.witness.filter(|value| self.shows(value)).map(|value| value.to_string())),
        };
        let change = Change {
            rule,
            verdict,
            rust: super::rules::rust_of(rule),
            direction,
            old: about.old.or_else(|| Self::first(&self.was)),
            new: about.new.or_else(|| Self::first(&self.is)),
            before: about.before,
            after: about.after,
            reason,
            witness,
            pair: Some(self.at),
        };
        let number = self.compare.changes.len();
        self.compare.changes.push(change);
        if let Some(pair) = self.compare.pairs.get_mut(self.at) {
            pair.changes.push(number);
            pair.effect = pair.effect.and(effect);
        }
    }

    /// Whether a value shows that the whole schema changed: allowed by the one side and refused by the other.
    fn shows(&self, value: &Json) -> bool {
        let old = is_in(self.compare.old, &self.was, value, 0);
        let new = is_in(self.compare.new, &self.is, value, 0);
        match self.direction {
            Direction::Response => (old, new) == (Some(false), Some(true)),
            _ => (old, new) == (Some(true), Some(false)),
        }
    }

    /// Compares a part, and takes over what becomes of it.
    fn part(&mut self, old: &[&'d Node], new: &[&'d Node]) -> usize {
        self.compare.named(old, new);
        let child = self.compare.used(old, new, self.direction, self.depth + 1);
        self.adopt(child);
        child
    }

    /// Compares a part that does not travel this way: it is a part of the types all the same.
    fn aside(&mut self, old: &[&'d Node], new: &[&'d Node]) {
        self.compare.named(old, new);
        let child = self.compare.used(old, new, Direction::None, self.depth + 1);
        if let Some(pair) = self.compare.pairs.get_mut(self.at).filter(|_| child != SAME) {
            pair.children.push(child);
        }
    }

    fn adopt(&mut self, child: usize) {
        let effect = self.compare.effect(child);
        if let Some(pair) = self.compare.pairs.get_mut(self.at).filter(|_| child != SAME) {
            pair.children.push(child);
            pair.effect = pair.effect.and(effect);
        }
    }

    /// Whether one schema is contained in another, without saying anything about it.
    fn contained(&mut self, old: &[&'d Node], new: &[&'d Node]) -> bool {
        let trial = self.compare.pair(old, new, self.direction, self.depth + 1);
        let effect = self.compare.effect(trial);
        !effect.narrows && !effect.unknown
    }
}
