//! Two schemas to the changes between them, each pair once per direction, whatever refers to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value as Json;

use super::finding::{Direction, Effect, RustVerdict, Verdict};
use super::shape::{COUNTS, Conj, Group, Rest, Shape, TEXTS, kind, kind_of_text, kinds_of, shape};
use super::side::address;
use super::values::{accepts, number_of, of_kind, sample};
use crate::document::{Document, Node};

/// A change at one place, before it is known which operations it reaches.
#[derive(Clone, Debug)]
pub(super) struct Change<'d> {
    pub(super) rule: &'static str,
    pub(super) verdict: Verdict,
    pub(super) rust: RustVerdict,
    pub(super) direction: Direction,
    pub(super) old: Option<&'d Node>,
    pub(super) new: Option<&'d Node>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) reason: String,
    pub(super) witness: Option<String>,
}

/// Two conjunctions that were compared.
#[derive(Clone, Debug, Default)]
struct Pair {
    changes: Vec<usize>,
    children: Vec<usize>,
    effect: Effect,
}

type Key = (Vec<usize>, Vec<usize>, Direction);

/// A comparison on its way.
pub(super) struct Compare<'d> {
    pub(super) old: &'d Document,
    pub(super) new: &'d Document,
    pub(super) changes: Vec<Change<'d>>,
    pairs: Vec<Pair>,
    known: HashMap<Key, usize>,
}

/// Beyond this the two are nested in each other without end.
const DEPTH: usize = 150;

impl<'d> Compare<'d> {
    pub(super) fn new(old: &'d Document, new: &'d Document) -> Self {
        Self { old, new, changes: Vec::new(), pairs: Vec::new(), known: HashMap::new() }
    }

    /// All changes that a pair leads to.
    pub(super) fn reached(&self, pair: usize, found: &mut BTreeSet<usize>) {
        let (mut open, mut seen) = (vec![pair], BTreeSet::new());
        while let Some(at) = open.pop() {
            let Some(pair) = self.pairs.get(at).filter(|_| seen.insert(at)) else { continue };
            found.extend(&pair.changes);
            open.extend(&pair.children);
        }
    }

    /// Compares two schemas.
    pub(super) fn schemas(&mut self, old: &[&'d Node], new: &[&'d Node], direction: Direction) -> usize {
        self.pair(old, new, direction, 0)
    }

    fn pair(&mut self, old: &[&'d Node], new: &[&'d Node], direction: Direction, depth: usize) -> usize {
        let (was, is) = (shape(self.old, old), shape(self.new, new));
        let ids = |shape: &Shape<'_>| {
            let mut ids: Vec<usize> =
                shape.nodes.iter().map(|(node, null)| address(node) * 2 + usize::from(*null)).collect();
            ids.sort_unstable();
            ids
        };
        let key = (ids(&was), ids(&is), direction);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let at = self.pairs.len();
        self.pairs.push(Pair::default());
        self.known.insert(key, at);
        if depth < DEPTH {
            let mut here = Here { compare: self, at, was, is, direction, depth };
            here.run();
        }
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
        if self.one_became_several() || !self.values_and_kinds() {
            return;
        }
        self.bounds();
        self.counts();
        self.texts();
        self.items();
        self.members();
        self.rest();
        self.groups();
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
        let witness = about.witness.map(|witness| witness.to_string());
        let change = Change {
            rule,
            verdict,
            rust: super::rules::rust_of(rule),
            direction: self.direction,
            old: about.old.or_else(|| Self::first(&self.was)),
            new: about.new.or_else(|| Self::first(&self.is)),
            before: about.before,
            after: about.after,
            reason,
            witness,
        };
        let number = self.compare.changes.len();
        self.compare.changes.push(change);
        if let Some(pair) = self.compare.pairs.get_mut(self.at) {
            pair.changes.push(number);
            pair.effect = pair.effect.and(effect);
        }
    }

    /// Compares a part, and takes over what becomes of it.
    fn part(&mut self, old: &[&'d Node], new: &[&'d Node]) -> usize {
        let child = self.compare.pair(old, new, self.direction, self.depth + 1);
        self.adopt(child);
        child
    }

    fn adopt(&mut self, child: usize) {
        let effect = self.compare.effect(child);
        if let Some(pair) = self.compare.pairs.get_mut(self.at) {
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

    /// Texts, examples, defaults: what does not change the set.
    fn words(&mut self) {
        let text = |shape: &Shape<'d>, key: &str| {
            shape.nodes.iter().find_map(|(node, _)| node.get(key).map(|value| (*node, value.to_canonical())))
        };
        for (key, rule) in [
            ("description", "schema-text-changed"),
            ("title", "schema-text-changed"),
            ("example", "schema-text-changed"),
            ("discriminator", "discriminator-changed"),
            ("default", "default-changed"),
        ] {
            let (was, is) = (text(&self.was, key), text(&self.is, key));
            if was.as_ref().map(|(_, text)| text) == is.as_ref().map(|(_, text)| text) {
                continue;
            }
            let about = About {
                old: was.as_ref().map(|(node, _)| *node),
                new: is.as_ref().map(|(node, _)| *node),
                before: was.map(|(_, text)| text),
                after: is.map(|(_, text)| text),
                witness: None,
            };
            match rule {
                "default-changed" if self.direction == Direction::Request => {
                    let reason = "a client that leaves it out gets another behaviour".to_owned();
                    self.judged(rule, Effect::NONE, Verdict::Warning, reason, about);
                }
                "discriminator-changed" => self.note(rule, Effect::UNKNOWN, about),
                _ => self.note(rule, Effect::NONE, about),
            }
        }
        let (was, is) = (self.was.says("deprecated"), self.is.says("deprecated"));
        if was.is_some() != is.is_some() {
            self.note("schema-deprecated", Effect::NONE, About { old: was, new: is, ..About::default() });
        }
    }

    /// One schema against a choice of several: contained in an arm, it only widened.
    fn one_became_several(&mut self) -> bool {
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

    fn summary(&self, shape: &Shape<'d>) -> String {
        match shape.groups.first() {
            Some(group) if shape.is_bare() => format!("{} of {} forms", group.keyword, group.arms.len()),
            _ => kind::words(shape.kinds),
        }
    }

    /// Listed values, kinds and null. False where nothing is left to compare.
    fn values_and_kinds(&mut self) -> bool {
        let node =
            |shape: &Shape<'d>| shape.nodes.iter().map(|(node, _)| *node).find(|node| node.get("enum").is_some());
        let (old_node, new_node) = (node(&self.was), node(&self.is));
        match (self.was.values.clone(), self.is.values.clone()) {
            (Some(was), Some(is)) => {
                for value in was.difference(&is) {
                    let witness = serde_json::from_str(value).ok();
                    let about =
                        About { old: old_node, new: new_node, before: Some(value.clone()), after: None, witness };
                    self.note("enum-value-removed", Effect::NARROWS, about);
                }
                let open = self.is.says("x-extensible-enum").is_some() || self.was.says("x-extensible-enum").is_some();
                for value in is.difference(&was) {
                    let witness = serde_json::from_str(value).ok();
                    let about =
                        About { old: old_node, new: new_node, before: None, after: Some(value.clone()), witness };
                    match self.direction {
                        Direction::Response => {
                            let (verdict, reason) = match open {
                                true => (Verdict::Compatible, "`x-extensible-enum` said that values may be new"),
                                false => (Verdict::Warning, "clients that take the list for final meet a new value"),
                            };
                            self.judged("enum-value-added", Effect::WIDENS, verdict, reason.to_owned(), about);
                        }
                        _ => self.note("enum-value-added", Effect::WIDENS, about),
                    }
                }
                // Conditions beside a list decide which of it are allowed.
                self.texts();
                false
            }
            (Some(was), None) => {
                let new: Vec<&Node> = self.is.nodes.iter().map(|(node, _)| *node).collect();
                let refused = first_outside(self.compare.new, &new, &was);
                let effect = match &refused {
                    Ok(None) => Effect::WIDENS,
                    Ok(Some(_)) => Effect::INCOMPARABLE,
                    Err(()) => Effect::WIDENS.and(Effect::UNKNOWN),
                };
                let about = About {
                    old: old_node,
                    before: Some(listed(&was)),
                    after: Some(kind::words(self.is.kinds)),
                    witness: refused.ok().flatten(),
                    ..About::default()
                };
                self.note("enum-lifted", effect, about);
                false
            }
            (None, Some(is)) => {
                let old: Vec<&Node> = self.was.nodes.iter().map(|(node, _)| *node).collect();
                let effect = match first_outside(self.compare.old, &old, &is) {
                    Ok(None) => Effect::NARROWS,
                    Ok(Some(_)) => Effect::INCOMPARABLE,
                    Err(()) => Effect::NARROWS.and(Effect::UNKNOWN),
                };
                let witness =
                    sample(self.compare.old, &old).filter(|value| !is.contains(&Node::from_json(value).to_canonical()));
                let about = About {
                    new: new_node,
                    before: Some(kind::words(self.was.kinds)),
                    after: Some(listed(&is)),
                    witness,
                    ..About::default()
                };
                self.note("enum-introduced", effect, about);
                false
            }
            (None, None) => self.kinds(),
        }
    }

    fn kinds(&mut self) -> bool {
        let (was, is) = (self.was.kinds, self.is.kinds);
        let (lost, won) = (was & !is & !kind::NULL, is & !was & !kind::NULL);
        let about = |here: &Self, before: u8, after: u8, witness| About {
            old: here.was.typed,
            new: here.is.typed,
            before: Some(kind::words(before)),
            after: Some(kind::words(after)),
            witness,
        };
        let effect = Effect { narrows: lost != 0, widens: won != 0, unknown: false };
        if effect != Effect::NONE {
            let witness = match self.direction {
                Direction::Response => of_kind(self.compare.new, &self.is, won, 0),
                _ => of_kind(self.compare.old, &self.was, lost, 0),
            };
            let about = about(self, was, is, witness.filter(|_| effect.verdict(self.direction) == Verdict::Breaking));
            self.note("type-changed", effect, about);
        }
        if (was ^ is) & kind::NULL != 0 {
            let (rule, effect) = match is & kind::NULL {
                0 => ("null-refused", Effect::NARROWS),
                _ => ("null-allowed", Effect::WIDENS),
            };
            // A schema that says no type says nothing of null either; that is part of `type-changed`.
            if was != kind::ALL && is != kind::ALL {
                let about = about(self, was, is, Some(Json::Null));
                self.note(rule, effect, about);
            }
        }
        was & is != 0
    }

    fn bounds(&mut self) {
        if self.was.kinds & self.is.kinds & kind::NUMBER == 0 {
            return;
        }
        for (rule, was, is, sign) in [
            ("minimum-changed", self.was.lower, self.is.lower, 1.0),
            ("maximum-changed", self.was.upper, self.is.upper, -1.0),
        ] {
            // Larger is tighter: a missing bound is the loosest.
            let tightness = |bound: Option<(f64, bool, &Node)>| match bound {
                Some((number, out, _)) => (number * sign, u8::from(out)),
                None => (f64::NEG_INFINITY, 0),
            };
            let order = tightness(is).partial_cmp(&tightness(was));
            let effect = match order {
                Some(std::cmp::Ordering::Greater) => Effect::NARROWS,
                Some(std::cmp::Ordering::Less) => Effect::WIDENS,
                _ => continue,
            };
            let words = |bound: Option<(f64, bool, &Node)>| {
                bound.map(|(number, out, _)| {
                    format!("{}{}", number_of(number), if out { " (itself outside)" } else { "" })
                })
            };
            // The loosest number that only one side allows.
            let looser = if effect == Effect::NARROWS { &self.was } else { &self.is };
            let limit = if sign > 0.0 { looser.lower } else { looser.upper };
            let tight = if effect == Effect::NARROWS { is } else { was };
            let number = match (limit, tight) {
                (Some((number, false, _)), _) => Some(number),
                (_, Some((number, true, _))) => Some(number),
                (_, Some((number, false, _))) => Some(number - sign),
                _ => None,
            };
            let about = About {
                old: was.map(|(.., node)| node),
                new: is.map(|(.., node)| node),
                before: words(was),
                after: words(is),
                witness: number.map(number_of),
            };
            self.note(rule, effect, about);
        }
    }

    fn counts(&mut self) {
        let shared = self.was.kinds & self.is.kinds;
        for (keyword, larger, about) in COUNTS {
            if shared & about == 0 {
                continue;
            }
            let (was, is) = (self.was.counts.get(keyword).copied(), self.is.counts.get(keyword).copied());
            let loosest = if larger { 0 } else { u64::MAX };
            let (old, new) = (was.map_or(loosest, |(n, _)| n), is.map_or(loosest, |(n, _)| n));
            let effect = match (old.cmp(&new), larger) {
                (std::cmp::Ordering::Equal, _) => continue,
                (std::cmp::Ordering::Less, true) | (std::cmp::Ordering::Greater, false) => Effect::NARROWS,
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
    fn texts(&mut self) {
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

    fn items(&mut self) {
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

    /// Whether a member travels this way.
    fn travels(&self, document: &'d Document, conj: &Conj<'d>) -> bool {
        let hidden = match self.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
            _ => return true,
        };
        let says = |node: &Node| node.get(hidden).and_then(Node::as_bool) == Some(true);
        !conj.iter().any(|node| {
            let parts = node.get("allOf").and_then(Node::as_array).unwrap_or_default();
            says(node) || document.resolve(node).is_some_and(says) || parts.iter().any(says)
        })
    }

    fn members(&mut self) {
        if self.was.kinds & self.is.kinds & kind::OBJECT == 0 {
            return;
        }
        let visible = |here: &Self, document: &'d Document, shape: &Shape<'d>| -> BTreeMap<&'d str, Conj<'d>> {
            let all = shape.properties.iter().filter(|(_, conj)| here.travels(document, conj));
            all.map(|(name, conj)| (*name, conj.clone())).collect()
        };
        let was = visible(self, self.compare.old, &self.was);
        let is = visible(self, self.compare.new, &self.is);
        let gone: Vec<&str> = was.keys().filter(|name| !is.contains_key(*name)).copied().collect();
        let come: Vec<&str> = is.keys().filter(|name| !was.contains_key(*name)).copied().collect();
        for name in &gone {
            let required = self.was.required.contains_key(name);
            let closed = matches!(self.is.rest, Rest::Closed);
            let (effect, verdict, reason) = match (self.direction, required) {
                (Direction::Response, true) => {
                    (Effect::WIDENS, Verdict::Breaking, "clients may rely on a member that was always there")
                }
                (Direction::Response, false) => {
                    (Effect::WIDENS, Verdict::Warning, "clients that read it where it was sent get it no more")
                }
                _ if closed => (
                    Effect::NARROWS,
                    Verdict::Warning,
                    "the object takes no members but those it names, and this is none of them now",
                ),
                _ => (Effect::WIDENS, Verdict::Compatible, "a member that is not declared is not part of the contract"),
            };
            // The only one that went and the only one that came, of the same kind, are likely the same.
            let alone = gone.len() == 1 && come.len() == 1;
            let kinds = |document: &'d Document, conj: Option<&Conj<'d>>| conj.map(|conj| kinds_of(document, conj, 0));
            let similar = come.iter().find(|other| {
                is_renamed(name, other, was.get(name), is.get(*other))
                    || (alone && kinds(self.compare.old, was.get(name)) == kinds(self.compare.new, is.get(*other)))
            });
            let after = similar.map(|other| format!("perhaps now `{other}`"));
            let old = was.get(name).and_then(|conj| conj.first().copied());
            self.judged(
                "property-removed",
                effect,
                verdict,
                reason.to_owned(),
                About { old, before: Some((*name).to_owned()), after, ..About::default() },
            );
        }
        for name in &come {
            let required = self.is.required.contains_key(name);
            let new = is.get(name).and_then(|conj| conj.first().copied());
            let about = About { new, after: Some((*name).to_owned()), ..About::default() };
            match (self.direction, required) {
                (Direction::Request, true) => {
                    let old: Vec<&Node> = self.was.nodes.iter().map(|(node, _)| *node).collect();
                    let witness = sample(self.compare.old, &old).filter(|value| value.get(name).is_none());
                    let reason = "clients that do not know it do not send it".to_owned();
                    self.judged(
                        "property-required-added",
                        Effect::NARROWS,
                        Verdict::Breaking,
                        reason,
                        About { witness, ..about },
                    );
                }
                (_, required) => {
                    let rule = if required { "property-required-added" } else { "property-added" };
                    let reason = "clients need not know it".to_owned();
                    self.judged(rule, Effect::NONE, Verdict::Compatible, reason, about);
                }
            }
        }
        for (name, old) in &was {
            let Some(new) = is.get(name) else { continue };
            self.part(old, new);
        }
        let names: BTreeSet<&str> = self.was.required.keys().chain(self.is.required.keys()).copied().collect();
        for name in names {
            let (before, after) = (self.was.required.get(name).copied(), self.is.required.get(name).copied());
            let undeclared = |map: &BTreeMap<&str, Conj<'d>>, shape: &Shape<'d>| {
                !map.contains_key(name) && !shape.properties.contains_key(name)
            };
            let both = was.contains_key(name) && is.contains_key(name);
            // Names that neither side describes are members all the same.
            if before.is_some() == after.is_some()
                || !(both || (undeclared(&was, &self.was) && undeclared(&is, &self.is)))
            {
                continue;
            }
            let (rule, effect) = match after {
                Some(_) => ("property-became-required", Effect::NARROWS),
                None => ("property-became-optional", Effect::WIDENS),
            };
            let side = if after.is_some() { (self.compare.old, &self.was) } else { (self.compare.new, &self.is) };
            let nodes: Vec<&Node> = side.1.nodes.iter().map(|(node, _)| *node).collect();
            let witness = sample(side.0, &nodes).filter(|value| value.get(name).is_none());
            let property = |map: &BTreeMap<&'d str, Conj<'d>>| map.get(name).and_then(|conj| conj.first().copied());
            let about = About {
                old: property(&was).or(before),
                new: property(&is).or(after),
                before: before.map(|_| format!("`{name}` required")).or_else(|| Some(format!("`{name}` optional"))),
                after: after.map(|_| format!("`{name}` required")).or_else(|| Some(format!("`{name}` optional"))),
                witness,
            };
            self.note(rule, effect, about);
        }
    }

    fn rest(&mut self) {
        if self.was.kinds & self.is.kinds & kind::OBJECT == 0 {
            return;
        }
        let words = |rest: &Rest<'_>| match rest {
            Rest::Open => "any other members",
            Rest::Closed => "no other members",
            Rest::Schema(_) => "other members by a schema",
        };
        let effect = match (self.was.rest.clone(), self.is.rest.clone()) {
            (Rest::Open, Rest::Open) | (Rest::Closed, Rest::Closed) => return,
            (Rest::Schema(old), Rest::Schema(new)) => {
                self.part(&old, &new);
                return;
            }
            (_, Rest::Closed) | (Rest::Open, Rest::Schema(_)) => Effect::NARROWS,
            (Rest::Closed, _) | (Rest::Schema(_), Rest::Open) => Effect::WIDENS,
        };
        let (before, after) = (Some(words(&self.was.rest).to_owned()), Some(words(&self.is.rest).to_owned()));
        self.note("additional-properties-changed", effect, About { before, after, ..About::default() });
    }

    fn groups(&mut self) {
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

    fn group(&mut self, old: &Group<'d>, new: &Group<'d>) {
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

/// The first listed value that a schema refuses; an error where that cannot be told.
fn first_outside<'d>(document: &'d Document, conj: &[&'d Node], values: &BTreeSet<String>) -> Result<Option<Json>, ()> {
    let mut sure = true;
    for text in values {
        let Ok(value) = serde_json::from_str::<Json>(text) else { return Err(()) };
        match accepts(document, conj, &value, 0) {
            Some(true) => {}
            Some(false) => return Ok(Some(value)),
            None => sure = false,
        }
    }
    if sure { Ok(None) } else { Err(()) }
}

fn listed(values: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = values.iter().take(8).map(String::as_str).collect();
    let kinds = values.iter().fold(0, |bits, text| bits | kind_of_text(text));
    let more = if values.len() > 8 { format!(" and {} more", values.len() - 8) } else { String::new() };
    format!("{} of {}{more}", kind::words(kinds), shown.join(", "))
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

/// Whether a member that came may be the one that went: alike in name, or the same schema.
fn is_renamed(old: &str, new: &str, was: Option<&Conj<'_>>, is: Option<&Conj<'_>>) -> bool {
    let text = |conj: Option<&Conj<'_>>| conj.and_then(|conj| conj.first()).map(|node| node.to_canonical());
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    plain(old) == plain(new) || (text(was) == text(is) && super::surface::similarity(old, new) >= 0.5)
}
