//! Compares the members of objects: named, required, and those besides.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value as Json;

use super::{About, Here};
use crate::diff::finding::{Direction, Effect, Verdict};
use crate::diff::likeness::Names;
use crate::diff::shape::{Conj, Rest, Shape, kind, kinds_of};
use crate::diff::sunset::{self, End};
use crate::diff::values::sample;
use crate::document::{Document, Node};

impl<'d> Here<'_, 'd> {
    /// Whether a member travels this way.
    pub(super) fn travels(&self, document: &'d Document, conj: &Conj<'d>) -> bool {
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

    pub(super) fn members(&mut self) {
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
        let mut samples = (Sample::default(), Sample::default());
        let renamed = renamed(&gone, &come, &was, &is);
        for (name, similar) in gone.iter().zip(renamed) {
            let required = self.was.required.contains_key(name);
            let end = was.get(name).and_then(|conj| conj.first()).map(|node| sunset::of(node, self.compare.today));
            let closed = matches!(self.is.rest, Rest::Closed);
            let (effect, verdict, reason) = match (self.direction, required) {
                _ if end == Some(End::Passed) => {
                    (Effect::NONE, Verdict::Compatible, "it was deprecated, and its sunset has passed")
                }
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
            let of_kind = |other: &&&str| {
                alone && kinds(self.compare.old, was.get(name)) == kinds(self.compare.new, is.get(*other))
            };
            let similar = similar.and_then(|at| come.get(at)).or_else(|| come.iter().find(of_kind));
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
            // A name that was required although nobody described it is nothing new.
            let required = self.is.required.contains_key(name) && !self.was.required.contains_key(name);
            let new = is.get(name).and_then(|conj| conj.first().copied());
            let about = About { new, after: Some((*name).to_owned()), ..About::default() };
            match (self.direction, required) {
                (Direction::Request, true) => {
                    let witness = samples.0.of(self.compare.old, &self.was).filter(|value| value.get(name).is_none());
                    let witness = witness.cloned();
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
        self.kept_aside(&was, &is);
        let names: BTreeSet<&str> = self.was.required.keys().chain(self.is.required.keys()).copied().collect();
        for name in names {
            let (before, after) = (self.was.required.get(name).copied(), self.is.required.get(name).copied());
            // A name that a side does not describe is still a property; one that does not travel this way is not.
            let hidden = |map: &BTreeMap<&str, Conj<'d>>, shape: &Shape<'d>| {
                !map.contains_key(name) && shape.properties.contains_key(name)
            };
            let (described, still) = (was.contains_key(name), is.contains_key(name));
            // What was described or no longer is, and required, is said above.
            let reported = match after {
                Some(_) => still && !described,
                None => described && !still,
            };
            if before.is_some() == after.is_some() || reported || hidden(&was, &self.was) || hidden(&is, &self.is) {
                continue;
            }
            let (rule, effect) = match after {
                Some(_) => ("property-became-required", Effect::NARROWS),
                None => ("property-became-optional", Effect::WIDENS),
            };
            let witness = match after {
                Some(_) => samples.0.of(self.compare.old, &self.was),
                None => samples.1.of(self.compare.new, &self.is),
            };
            let witness = witness.filter(|value| value.get(name).is_none()).cloned();
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

    /// Members that travel only the other way: no consumer meets them here, but the types have them.
    fn kept_aside(&mut self, was: &BTreeMap<&'d str, Conj<'d>>, is: &BTreeMap<&'d str, Conj<'d>>) {
        let (old, new) = (self.was.properties.clone(), self.is.properties.clone());
        for (name, conj) in old.iter().filter(|(name, _)| !was.contains_key(*name)) {
            match new.get(name) {
                Some(other) if !is.contains_key(name) => self.aside(conj, other),
                Some(_) => {}
                None => {
                    let about =
                        About { old: conj.first().copied(), before: Some((*name).to_owned()), ..About::default() };
                    self.add_aside("property-removed", about);
                }
            }
        }
        for (name, conj) in new.iter().filter(|(name, _)| !is.contains_key(*name) && !old.contains_key(*name)) {
            let about = About { new: conj.first().copied(), after: Some((*name).to_owned()), ..About::default() };
            self.add_aside("property-added", about);
        }
    }

    fn add_aside(&mut self, rule: &'static str, about: About<'d>) {
        self.add(rule, Effect::NONE, Verdict::Documentation, Direction::None, String::new(), about);
    }

    pub(super) fn rest(&mut self) {
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
}

/// A value of a set, made when it is first asked for: it has all the members that are required.
#[derive(Default)]
struct Sample(Option<Option<Json>>);

impl Sample {
    fn of<'d>(&mut self, document: &'d Document, shape: &Shape<'d>) -> Option<&Json> {
        self.0.get_or_insert_with(|| sample(document, &shape.conj)).as_ref()
    }
}

/// For each member that went the first that came and may be it: alike in name, or the same schema.
fn renamed(
    gone: &[&str],
    come: &[&str],
    was: &BTreeMap<&str, Conj<'_>>,
    is: &BTreeMap<&str, Conj<'_>>,
) -> Vec<Option<usize>> {
    if gone.is_empty() || come.is_empty() {
        return vec![None; gone.len()];
    }
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let text = |map: &BTreeMap<&str, Conj<'_>>, name: &str| {
        map.get(name).and_then(|conj| conj.first()).map(|node| node.to_canonical())
    };
    let (mut by_name, mut by_text) = (HashMap::new(), HashMap::<_, Vec<usize>>::new());
    for (at, name) in come.iter().enumerate() {
        by_name.entry(plain(name)).or_insert(at);
        by_text.entry(text(is, name)).or_default().push(at);
    }
    let mut names = Names::new(come.iter().copied());
    let found = gone.iter().map(|name| {
        let same_text = by_text.get(&text(was, name)).and_then(|among| names.first_like(name, among, 0.5));
        by_name.get(&plain(name)).copied().into_iter().chain(same_text).min()
    });
    found.collect()
}
