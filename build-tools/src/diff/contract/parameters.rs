//! Compares the parameters of two operations: by place and name, those of the path by where they stand in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Here, extensions, schema_of};
use crate::diff::finding::{Effect, RustVerdict, Verdict};
use crate::diff::shape::{kind, kinds_of, shape};
use crate::diff::side::address;
use crate::diff::sunset::{self, End};
use crate::document::{Document, Node, Operation, Parameter, ParameterPlace};
use crate::matching::unnamed;

/// A value that is sent beside the body: a parameter, or a property of an object whose properties are sent one by one.
#[derive(Clone)]
struct Sent<'d> {
    name: String,
    place: ParameterPlace,
    required: bool,
    /// Where it is declared.
    node: &'d Node,
    /// The parameter that it belongs to.
    parameter: Parameter<'d>,
    schema: Vec<&'d Node>,
}

/// Place and name of a parameter.
type Key = (&'static str, String);

type Parameters<'d> = BTreeMap<Key, Sent<'d>>;

impl<'d> Here<'_, 'd> {
    pub(super) fn parameters(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        let (mut old, mut new) = (sent(was), sent(is));
        self.path_parameters((was.path, &mut old), (is.path, &mut new));
        take_apart(was.document(), &mut old, &new);
        take_apart(is.document(), &mut new, &old);
        let direction = self.sent;
        for (key, new) in new {
            let Some(known) = old.remove(&key) else {
                let (rule, effect) = match new.required {
                    true => ("parameter-required-added", Effect::NARROWS),
                    false => ("parameter-added", Effect::WIDENS),
                };
                self.law(rule, effect, direction, (None, Some(new.node)), (None, Some(title(&new))));
                continue;
            };
            if is_parameter(&known) && is_parameter(&new) {
                self.too_soon(known.node, new.node, is.node);
            }
            self.parameter(&known, &new);
        }
        for removed in old.into_values() {
            let (verdict, reason) = match sunset::of(removed.node, self.surface.today) {
                End::Passed => (Verdict::Compatible, "it was deprecated, and its sunset has passed"),
                End::Later => (Verdict::Breaking, "it was to stay until its sunset, which has not come"),
                End::Unsaid => (Verdict::Warning, "clients that send it may be refused, or not heard"),
            };
            let values = (Some(title(&removed)), None);
            self.said("parameter-removed", verdict, direction, (Some(removed.node), None), values, reason);
        }
    }

    /// Compares the parameters that stand in the paths, and takes them out. The names in a path do not travel. What one
    /// path has and the other has not came with the address, which is a finding of its own.
    fn path_parameters(&mut self, was: (&str, &mut Parameters<'d>), is: (&str, &mut Parameters<'d>)) {
        let (before, after) = (placeholders(was.0), placeholders(is.0));
        let shared = shared_placeholders(was.0, is.0);
        let heads = (before.len().saturating_sub(shared), after.len().saturating_sub(shared));
        let mut pairs: Vec<(&String, &String)> = before.iter().skip(heads.0).zip(after.iter().skip(heads.1)).collect();
        // Before the part that both paths share, by name, and then by their order where there are as many.
        let (mut old, mut new): (Vec<&String>, Vec<&String>) =
            (before.iter().take(heads.0).collect(), after.iter().take(heads.1).collect());
        old.retain(|name| match new.iter().position(|other| other == name) {
            Some(at) => {
                pairs.push((name, new.remove(at)));
                false
            }
            None => true,
        });
        if old.len() == new.len() {
            pairs.extend(old.into_iter().zip(new));
        }
        let mut compared = BTreeSet::new();
        for (name, other) in pairs {
            let (old, new) = (was.1.get(&("path", name.clone())), is.1.get(&("path", other.clone())));
            // One that is not declared is any string.
            if let (Some(old), Some(new)) = (old.cloned(), new.cloned())
                && compared.insert((address(old.node), address(new.node)))
            {
                self.parameter(&old, &new);
            }
        }
        for (names, declared) in [(&before, was.1), (&after, is.1)] {
            for name in names {
                declared.remove(&("path", name.clone()));
            }
        }
    }

    fn parameter(&mut self, was: &Sent<'d>, is: &Sent<'d>) {
        let (sent, nodes) = (self.sent, (Some(was.node), Some(is.node)));
        if was.name != is.name && was.place == ParameterPlace::Path {
            let values = (Some(was.name.clone()), Some(is.name.clone()));
            let reason = "the names of a path's parts do not travel";
            self.said("parameter-renamed-in-path", Verdict::Documentation, sent, nodes, values, reason);
        }
        let required = match (was.required, is.required) {
            (false, true) => Some(("parameter-became-required", Effect::NARROWS)),
            (true, false) => Some(("parameter-became-optional", Effect::WIDENS)),
            _ => None,
        };
        if let Some((rule, effect)) = required {
            self.law(rule, effect, sent, nodes, (Some(title(was)), Some(title(is))));
        }
        if self.same(was.node, is.node) {
            return;
        }
        self.serialization(was, is);
        let empty = |sent: &Sent<'_>| sent.node.get("allowEmptyValue").and_then(Node::as_bool).unwrap_or(false);
        match (empty(was), empty(is)) {
            (true, false) => {
                self.law("parameter-empty-value-changed", Effect::NARROWS, sent, nodes, (Some(title(was)), None))
            }
            (false, true) => {
                self.law("parameter-empty-value-changed", Effect::WIDENS, sent, nodes, (None, Some(title(is))))
            }
            _ => {}
        }
        if is_parameter(was) && is_parameter(is) {
            self.parameter_words(was.node, is.node);
        }
        let key = self.key.clone();
        self.surface.schemas(&key, &was.schema, &is.schema, sent);
    }

    fn serialization(&mut self, was: &Sent<'d>, is: &Sent<'d>) {
        // Where the kinds of values are others, that is said of the schema; what both sides may send is written alike.
        let old_kinds = kinds_of(self.surface.compare.old, &was.schema, 0);
        let kinds = old_kinds & kinds_of(self.surface.compare.new, &is.schema, 0);
        let (old, new) = (serialization(&was.parameter, kinds), serialization(&is.parameter, kinds));
        // A property that is sent by itself is sent as a parameter of its name is.
        if old == new || is_parameter(was) != is_parameter(is) {
            return;
        }
        let mut change =
            super::whole("parameter-serialization-changed", Verdict::Breaking, Some(was.node), Some(is.node));
        change.direction = self.sent;
        change.reason = "the same value is written in another way".to_owned();
        // Objects have other setters, or none, and so has what is sent as a document of its own.
        let plain = kinds & kind::OBJECT == 0 && old.starts_with("as ") == new.starts_with("as ");
        change.rust = if plain { RustVerdict::Patch } else { RustVerdict::Major };
        (change.before, change.after) = (Some(old), Some(new));
        self.note(change);
    }

    fn parameter_words(&mut self, was: &'d Node, is: &'d Node) {
        let (sent, nodes) = (self.sent, (Some(was), Some(is)));
        for key in ["description", "example", "examples", "deprecated"] {
            let (before, after) = (was.get(key), is.get(key));
            if before != after {
                let values = (before.map(Node::to_canonical), after.map(Node::to_canonical));
                let reason = "words change nothing that travels";
                self.said("parameter-text-changed", Verdict::Documentation, sent, nodes, values, reason);
            }
        }
        let (old, new) = (extensions(was), extensions(is));
        for name in old.keys().chain(new.keys()).copied().collect::<BTreeSet<_>>() {
            let (before, after) = (old.get(name).copied(), new.get(name).copied());
            if before != after {
                let values = (before.map(Node::to_canonical), after.map(Node::to_canonical));
                let (rule, verdict, reason) = match name {
                    sunset::MEMBER => sunset::changed(was, is),
                    _ => ("extension-changed", Verdict::Documentation, "it says nothing about what travels"),
                };
                self.said(rule, verdict, sent, nodes, values, reason);
            }
        }
    }
}

/// The parameters of an operation by place and name.
fn sent<'d>(operation: &Operation<'d>) -> Parameters<'d> {
    let mut found = BTreeMap::new();
    for parameter in operation.parameters() {
        let name = parameter.name.to_owned();
        let key = match parameter.place {
            ParameterPlace::Path => ("path", name.clone()),
            ParameterPlace::Query => ("query", name.clone()),
            ParameterPlace::Header => ("header", name.to_lowercase()),
            ParameterPlace::Cookie => ("cookie", name.clone()),
        };
        // These three are ignored in documents; other members say what travels there.
        let is_other = parameter.place == ParameterPlace::Header
            && ["accept", "content-type", "authorization"].contains(&key.1.as_str());
        if !is_other {
            let (place, required, node) = (parameter.place, parameter.required, parameter.node);
            found.insert(key, Sent { name, place, required, node, parameter, schema: schema_of(node) });
        }
    }
    found
}

fn is_parameter(sent: &Sent<'_>) -> bool {
    std::ptr::eq(sent.node, sent.parameter.node)
}

/// Puts the properties of an object that is sent property by property in its place where the other side declares these
/// one by one: both are the same query string.
fn take_apart<'d>(document: &'d Document, list: &mut Parameters<'d>, other: &Parameters<'d>) {
    let keys: Vec<Key> = list.keys().filter(|key| key.0 == "query" && !other.contains_key(*key)).cloned().collect();
    for key in keys {
        let Some(parts) = list.get(&key).and_then(|sent| parts(document, sent)) else { continue };
        if parts.iter().any(|(key, _)| other.contains_key(key) && !list.contains_key(key)) {
            list.remove(&key);
            for (key, part) in parts {
                list.entry(key).or_insert(part);
            }
        }
    }
}

/// The values that an object in the query is sent as, where each of its properties is one.
fn parts<'d>(document: &'d Document, sent: &Sent<'d>) -> Option<Vec<(Key, Sent<'d>)>> {
    let node = sent.node;
    let style = node.text_at("style").unwrap_or("form");
    let explode = node.get("explode").and_then(Node::as_bool).unwrap_or(style == "form");
    let outer = match style {
        "form" if explode => None,
        "deepObject" => Some(sent.name.as_str()),
        _ => return None,
    };
    if node.get("content").is_some() {
        return None;
    }
    let object = shape(document, &sent.schema);
    if object.kinds & !kind::NULL != kind::OBJECT || !object.groups.is_empty() {
        return None;
    }
    let part = |(name, schema): (&&'d str, &Vec<&'d Node>)| {
        let name_sent = outer.map_or_else(|| (*name).to_owned(), |outer| format!("{outer}[{name}]"));
        let required = sent.required && object.required.contains_key(name);
        let own = *schema.first()?;
        let key = ("query", name_sent.clone());
        let parameter = sent.parameter;
        Some((key, Sent { name: name_sent, place: sent.place, required, node: own, parameter, schema: schema.clone() }))
    };
    object.properties.iter().map(part).collect()
}

/// The names of the parameters in a path, in their order: `{name}`, and `:name` as a whole segment.
fn placeholders(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for segment in path.split('/') {
        match segment.strip_prefix(':').filter(|name| !name.is_empty()) {
            Some(name) => found.push(name.to_owned()),
            None => {
                let parts = segment.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
                found.extend(parts.map(|(name, _)| name.to_owned()));
            }
        }
    }
    found
}

/// How many parameters stand in the segments with which both paths end alike.
fn shared_placeholders(was: &str, is: &str) -> usize {
    let segments = |path: &str| -> Vec<String> {
        path.split('/').rev().filter(|segment| !segment.is_empty()).map(unnamed).collect()
    };
    let (old, new) = (segments(was), segments(is));
    let shared = old.iter().zip(&new).take_while(|(one, other)| one == other);
    shared.map(|(segment, _)| segment.matches("{}").count()).sum()
}

fn title(sent: &Sent<'_>) -> String {
    let place = sent.parameter.node.text_at("in").unwrap_or_default();
    format!("`{}` in {place}, {}", sent.name, if sent.required { "required" } else { "optional" })
}

/// How values of these kinds are written, with what is meant where nothing is said.
fn serialization(parameter: &Parameter<'_>, kinds: u8) -> String {
    let content = parameter.node.get("content").and_then(Node::as_object).and_then(|content| content.iter().next());
    if let Some((media, _)) = content {
        return format!("as {media}");
    }
    let usual = match parameter.place {
        ParameterPlace::Query | ParameterPlace::Cookie => "form",
        _ => "simple",
    };
    let style = parameter.node.text_at("style").unwrap_or(usual);
    let flag = |key: &str| parameter.node.get(key).and_then(Node::as_bool);
    let explode = flag("explode").unwrap_or(style == "form");
    // One plain value is written the same whether lists would be exploded or not; so is a list in a path.
    let several = match style {
        "simple" => kinds & kind::OBJECT,
        "deepObject" => 0,
        _ => kinds & (kind::OBJECT | kind::ARRAY),
    };
    let explode = match (several, explode) {
        (0, _) => "",
        (_, true) => ", exploded",
        (_, false) => ", in one",
    };
    let texts = kinds & (kind::TEXT | kind::ARRAY | kind::OBJECT) != 0;
    let reserved = if texts && flag("allowReserved") == Some(true) { ", reserved characters as they are" } else { "" };
    format!("{style}{explode}{reserved}")
}
