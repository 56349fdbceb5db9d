//! Compares words that change no set, listed values, and the kinds of values with null among them.

use crate::knowledge::{EVIDENCE, INFERRED, SENSITIVE};
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{About, Here};
use crate::diff::finding::{Direction, Effect, Verdict};
use crate::diff::shape::{Shape, kind, kind_of_text};
use crate::diff::spelling::value_text;
use crate::diff::sunset;
use crate::diff::values::{accepts, of_kind, sample};
use crate::document::{Document, Node, Object};

impl<'d> Here<'_, 'd> {
    /// Texts, examples, defaults: what does not change the set.
    pub(super) fn words(&mut self) {
        let first = |shape: &Shape<'d>, key: &str| {
            shape.nodes.iter().find_map(|(node, _)| node.get(key).map(|value| (*node, value)))
        };
        for (key, rule) in [
            ("description", "schema-text-changed"),
            ("title", "schema-text-changed"),
            ("example", "schema-text-changed"),
            ("discriminator", "discriminator-changed"),
            ("default", "default-changed"),
            ("externalDocs", "schema-text-changed"),
            ("xml", "encoding-changed"),
        ] {
            let (was, is) = (first(&self.was, key), first(&self.is, key));
            if was.map(|(_, value)| value) == is.map(|(_, value)| value) {
                continue;
            }
            let said = |(node, value): (&'d Node, &'d Node)| {
                (node, if key == "discriminator" { discriminator(value) } else { value.to_canonical() })
            };
            let (was, is) = (was.map(said), is.map(said));
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
                "discriminator-changed" | "encoding-changed" => self.note(rule, Effect::UNKNOWN, about),
                _ => self.note(rule, Effect::NONE, about),
            }
        }
        self.extensions();
        let (was, is) = (self.was.says("deprecated"), self.is.says("deprecated"));
        if was.is_some() != is.is_some() {
            self.note("schema-deprecated", Effect::NONE, About { old: was, new: is, ..About::default() });
        }
    }

    /// Members that begin with `x-`; a list of known values that may grow is one of them.
    fn extensions(&mut self) {
        let all = |shape: &Shape<'d>| -> BTreeMap<&'d str, (&'d Node, &'d Node)> {
            let nodes = shape.nodes.iter().filter_map(|(node, _)| Some((*node, node.as_object()?)));
            let members = nodes.flat_map(|(node, object)| object.iter().map(move |(key, value)| (key, (node, value))));
            members
                .filter(|(key, _)| key.starts_with("x-") && !key.starts_with("x-published-"))
                .filter(|(key, _)| ![EVIDENCE, INFERRED].contains(key))
                .collect()
        };
        let (was, is) = (all(&self.was), all(&self.is));
        for name in was.keys().chain(is.keys()).copied().collect::<BTreeSet<_>>() {
            let (old, new) = (was.get(name), is.get(name));
            if old.map(|(_, value)| *value) == new.map(|(_, value)| *value) {
                continue;
            }
            let text = |side: Option<&(&Node, &Node)>| side.map(|(_, value)| value.to_canonical());
            let about = About {
                old: old.map(|(node, _)| *node),
                new: new.map(|(node, _)| *node),
                before: text(old),
                after: text(new),
                witness: None,
            };
            let values = |side: Option<&(&Node, &Node)>| -> Option<BTreeSet<String>> {
                Some(side?.1.as_array()?.iter().map(Node::to_canonical).collect())
            };
            if name == SENSITIVE && old.and_then(|(_, value)| value.as_bool()) == Some(true) {
                let reason = "a value that was hidden is shown in logs and output".to_owned();
                self.judged("secret-mark-removed", Effect::NONE, Verdict::Breaking, reason, about);
                continue;
            }
            match (values(old), values(new)) {
                (Some(old), Some(new)) if name == "x-extensible-enum" => {
                    let gone = old.difference(&new).next().is_some();
                    let (verdict, reason) = match (gone, self.direction) {
                        (true, Direction::Request) => {
                            (Verdict::Warning, "clients may send a value that is not known any more")
                        }
                        (true, _) => (Verdict::Compatible, "the list said that values may change"),
                        (false, _) => (Verdict::Compatible, "the list said that values may be new"),
                    };
                    self.judged("extensible-enum-changed", Effect::NONE, verdict, reason.to_owned(), about);
                }
                _ if name == sunset::MEMBER => {
                    let (was, is) = (old.map(|(node, _)| *node), new.map(|(node, _)| *node));
                    let nodes = was.or_else(|| Self::first(&self.was)).zip(is.or_else(|| Self::first(&self.is)));
                    let Some((was, is)) = nodes else { continue };
                    let (rule, verdict, reason) = sunset::changed(was, is);
                    self.judged(rule, Effect::NONE, verdict, reason.to_owned(), about);
                }
                _ => self.note("extension-changed", Effect::NONE, about),
            }
        }
    }

    /// Listed values, kinds and null. False where nothing is left to compare.
    pub(super) fn values_and_kinds(&mut self) -> bool {
        let node =
            |shape: &Shape<'d>| shape.nodes.iter().map(|(node, _)| *node).find(|node| node.get("enum").is_some());
        let (old_node, new_node) = (node(&self.was), node(&self.is));
        let (mut was, mut is) = (self.was.values.clone(), self.is.values.clone());
        // A short range of whole numbers is a list as well.
        if was.is_some() != is.is_some() {
            was = was.or_else(|| few_numbers(&self.was));
            is = is.or_else(|| few_numbers(&self.is));
        }
        match (was, is) {
            (Some(was), Some(is)) => {
                self.listed((old_node, &was), (new_node, &is));
                // Conditions beside a list decide which of it are allowed.
                self.texts();
                false
            }
            (Some(was), None) => {
                let new = self.is.conj.clone();
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
                let old = self.was.conj.clone();
                let effect = match first_outside(self.compare.old, &old, &is) {
                    Ok(None) => Effect::NARROWS,
                    Ok(Some(_)) => Effect::INCOMPARABLE,
                    Err(()) => Effect::NARROWS.and(Effect::UNKNOWN),
                };
                let witness =
                    sample(self.compare.old, &old).filter(|value| !is.contains(&value_text(&Node::from_json(value))));
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

    /// Two lists of values. A value of another JSON type is no new word of a list, and null is none either.
    fn listed(
        &mut self,
        (old, was): (Option<&'d Node>, &BTreeSet<String>),
        (new, is): (Option<&'d Node>, &BTreeSet<String>),
    ) {
        let about = |before: Option<String>, after: Option<String>, witness: Option<Json>| About {
            old,
            new,
            before,
            after,
            witness,
        };
        let kinds = |values: &BTreeSet<String>| values.iter().fold(0, |bits, text| bits | kind_of_text(text));
        // Every fraction is a number, and so is every integer.
        let wide = |bits: u8| if bits & kind::FRACTION != 0 { bits | kind::INTEGER } else { bits };
        let (had, has) = (kinds(was), kinds(is));
        let lost = had & !wide(has) & !kind::NULL;
        let won = has & !wide(had) & !kind::NULL;
        let value = |values: &BTreeSet<String>, bits: u8| {
            values.iter().find(|text| kind_of_text(text) & bits != 0).and_then(|text| serde_json::from_str(text).ok())
        };
        // Where no type is new, fewer types are no more than values that are listed no more.
        let lost = if won == 0 { 0 } else { lost };
        if won != 0 {
            let effect = Effect { narrows: lost != 0, widens: true, unknown: false };
            let witness = match self.direction {
                Direction::Response => value(is, won),
                _ => value(was, lost),
            };
            self.note("type-changed", effect, about(Some(listed(was)), Some(listed(is)), witness));
        }
        if (had ^ has) & kind::NULL != 0 {
            let (rule, effect) = match has & kind::NULL {
                0 => ("null-refused", Effect::NARROWS),
                _ => ("null-allowed", Effect::WIDENS),
            };
            // The schema that says so may be around the one that has the list.
            let words = (Some(kind::words(had)), Some(kind::words(has)));
            let witness = Some(Json::Null);
            self.note(rule, effect, About { before: words.0, after: words.1, witness, ..About::default() });
        }
        let rest = |one: &BTreeSet<String>, other: &BTreeSet<String>, bits: u8| -> Vec<String> {
            let rest = one.difference(other).filter(|text| kind_of_text(text) & (bits | kind::NULL) == 0);
            rest.cloned().collect()
        };
        let (removed, added) = (rest(was, is, lost), rest(is, was, won));
        let open = self.is.has("x-extensible-enum") || self.was.has("x-extensible-enum");
        let shared = was.intersection(is).any(|text| text != "null");
        let stays_open = open && self.direction == Direction::Response;
        if !(shared || stays_open || removed.is_empty() || added.is_empty()) {
            let shown = if self.direction == Direction::Response { &added } else { &removed };
            let witness = shown.first().and_then(|text| serde_json::from_str(text).ok());
            let about = about(Some(listed(was)), Some(listed(is)), witness);
            return self.note("enum-replaced", Effect::INCOMPARABLE, about);
        }
        for value in removed {
            let witness = serde_json::from_str(&value).ok();
            self.note("enum-value-removed", Effect::NARROWS, about(Some(value), None, witness));
        }
        for value in added {
            let witness = serde_json::from_str(&value).ok();
            let about = about(None, Some(value), witness);
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
    }

    /// Where no choice lists them, the schemas that a discriminator names travel in place of the one that has it.
    pub(super) fn mapped(&mut self) {
        if !(self.was.groups.is_empty() && self.is.groups.is_empty()) {
            return;
        }
        let (old, new) = (named(self.compare.old, &self.was), named(self.compare.new, &self.is));
        for (name, old) in old {
            if let Some(new) = new.get(name) {
                self.part(&[old], &[*new]);
            }
        }
    }

    pub(super) fn kinds(&mut self) -> bool {
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
                // The schema that says so may be around the one that says the type.
                self.note(rule, effect, About { old: None, new: None, ..about });
            }
        }
        was & is != 0
    }
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

/// The numbers of a short range of whole numbers, where nothing else is asked of them.
fn few_numbers(shape: &Shape<'_>) -> Option<BTreeSet<String>> {
    let ((low, ..), (high, ..)) = (shape.lower.as_ref()?, shape.upper.as_ref()?);
    let (low, high) = (low.near()? as i64, high.near()? as i64);
    let plain = shape.kinds & !kind::NULL == kind::INTEGER && shape.texts.is_empty() && shape.groups.is_empty();
    if !plain || high.saturating_sub(low) > 200 {
        return None;
    }
    let null = (shape.kinds & kind::NULL != 0).then(|| "null".to_owned());
    Some((low..=high).map(|number| number.to_string()).chain(null).collect())
}

/// What the discriminator of a schema itself leads to; that of a part of it is the part's.
fn named<'d>(document: &'d Document, shape: &Shape<'d>) -> BTreeMap<&'d str, &'d Node> {
    let own = shape.nodes.first().and_then(|(node, _)| node.get("discriminator")?.get("mapping")?.as_object());
    let target = |to: &str| match to.contains(['#', '/']) {
        true => document.target(to),
        false => document.root().get("components")?.get("schemas")?.get(to),
    };
    own.into_iter().flat_map(Object::iter).filter_map(|(name, to)| Some((name, target(to.as_str()?)?))).collect()
}

/// A discriminator without what it says by itself: that a name means the schema of that name.
fn discriminator(node: &Node) -> String {
    let mut node = node.clone();
    if let Some(object) = node.as_object_mut() {
        if let Some(mapping) = object.get_mut("mapping").and_then(Node::as_object_mut) {
            mapping.retain(|name, to| {
                let to = to.as_str().unwrap_or_default();
                to.strip_prefix("#/components/schemas/").unwrap_or(to) != name
            });
        }
        object.retain(|key, value| !(key == "mapping" && value.as_object().is_some_and(Object::is_empty)));
    }
    node.to_canonical()
}

fn listed(values: &BTreeSet<String>) -> String {
    if values.is_empty() {
        return "no value".to_owned();
    }
    let shown: Vec<&str> = values.iter().take(8).map(String::as_str).collect();
    let kinds = values.iter().fold(0, |bits, text| bits | kind_of_text(text));
    let more = if values.len() > 8 { format!(" and {} more", values.len() - 8) } else { String::new() };
    format!("{} of {}{more}", kind::words(kinds), shown.join(", "))
}
