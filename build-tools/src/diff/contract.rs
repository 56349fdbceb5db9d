//! Two operations that are the same to what changed between them: parameters, body, callbacks, words; `answers` has the rest.

mod answers;

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Change;
use super::finding::{Direction, Effect, RustVerdict, Verdict};
use super::rights;
use super::shape::{kind, kinds_of};
use super::surface::{Surface, whole};
use crate::document::{Node, Object, Operation, Parameter, ParameterPlace};
use crate::knowledge::{BILLABLE, DESTRUCTIVE, EVIDENCE, KNOWN_AS, SENSITIVE_RESPONSE};
use crate::names::{COMMAND, HANDLE};

/// Compares what the client calls.
pub(super) fn compare<'d>(surface: &mut Surface<'d>, was: &Operation<'d>, is: &Operation<'d>) {
    let mut here = Here { surface, key: is.key(), sent: Direction::Request };
    here.all(was, is);
    rights::operation(here.surface, was, is);
    here.callbacks(was, is);
}

/// Compares what the API calls and the client answers.
pub(super) fn called<'d>(surface: &mut Surface<'d>, was: &Operation<'d>, is: &Operation<'d>, key: &str) {
    Here { surface, key: key.to_owned(), sent: Direction::Request.swapped() }.all(was, is);
}

struct Here<'a, 'd> {
    surface: &'a mut Surface<'d>,
    key: String,
    /// The direction of what is sent to the operation.
    sent: Direction,
}

type Pair<'d> = (Option<&'d Node>, Option<&'d Node>);

impl<'d> Here<'_, 'd> {
    fn note(&mut self, change: Change<'d>) {
        let key = self.key.clone();
        self.surface.note(&[key], change);
    }

    /// A change with the verdict the law gives it.
    fn law(
        &mut self,
        rule: &'static str,
        effect: Effect,
        direction: Direction,
        nodes: Pair<'d>,
        values: (Option<String>, Option<String>),
    ) {
        let mut change = whole(rule, effect.verdict(direction), nodes.0, nodes.1);
        change.direction = direction;
        change.reason = effect.words(direction).to_owned();
        (change.before, change.after) = values;
        self.note(change);
    }

    fn said(
        &mut self,
        rule: &'static str,
        verdict: Verdict,
        direction: Direction,
        nodes: Pair<'d>,
        values: (Option<String>, Option<String>),
        reason: &str,
    ) {
        let mut change = whole(rule, verdict, nodes.0, nodes.1);
        change.direction = direction;
        change.reason = reason.to_owned();
        (change.before, change.after) = values;
        self.note(change);
    }

    fn all(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        // The names of a path's parts are told by the path, and so by it alone.
        if was.path == is.path
            && self.same(was.node, is.node)
            && self.surface.compare.same.both(was.shared(), is.shared())
        {
            return self.servers(was, is);
        }
        self.words(was, is);
        self.parameters(was, is);
        self.body(was, is);
        self.answers(was, is);
    }

    /// Whether two nodes are the same with all that they lead to, so that nothing can be said of them.
    fn same(&mut self, was: &Node, is: &Node) -> bool {
        self.surface.compare.same.nodes(was, is)
    }

    fn received(&self) -> Direction {
        self.sent.swapped()
    }

    fn words(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        let nodes = (Some(was.node), Some(is.node));
        for (key, rule) in [
            ("summary", "operation-text-changed"),
            ("description", "operation-text-changed"),
            ("externalDocs", "operation-text-changed"),
            ("tags", "tags-changed"),
            ("deprecated", "operation-deprecated"),
        ] {
            let (before, after) = (was.node.get(key), is.node.get(key));
            let quiet = key == "deprecated"
                && was.node.get(key).and_then(Node::as_bool).unwrap_or(false)
                    == is.node.get(key).and_then(Node::as_bool).unwrap_or(false);
            if before != after && !quiet {
                self.said(
                    rule,
                    Verdict::Documentation,
                    Direction::None,
                    nodes,
                    (before.map(Node::to_canonical), after.map(Node::to_canonical)),
                    "words change nothing that travels",
                );
            }
        }
        self.servers(was, is);
        let extensions = |node: &'d Node| -> BTreeMap<&'d str, &'d Node> {
            let members = node.as_object().into_iter().flat_map(Object::iter);
            // Marks are ours, and tell of no change.
            members
                .filter(|(key, _)| key.starts_with("x-") && ![HANDLE, COMMAND, EVIDENCE, KNOWN_AS].contains(key))
                .collect()
        };
        let (old, new) = (extensions(was.node), extensions(is.node));
        for name in old.keys().chain(new.keys()).copied().collect::<BTreeSet<_>>() {
            let (before, after) = (old.get(name), new.get(name));
            if before == after {
                continue;
            }
            let values = (before.map(|node| node.to_canonical()), after.map(|node| node.to_canonical()));
            let lost = before.and_then(|node| node.as_bool()) == Some(true);
            let (rule, verdict, reason) = match name {
                BILLABLE if lost => {
                    ("billable-mark-removed", Verdict::Breaking, "guardrails and questions that stopped it let it pass")
                }
                DESTRUCTIVE if lost => (
                    "destructive-mark-removed",
                    Verdict::Breaking,
                    "guardrails and questions that stopped it let it pass",
                ),
                SENSITIVE_RESPONSE if lost => {
                    ("secret-mark-removed", Verdict::Breaking, "a value that was hidden is shown in logs and output")
                }
                BILLABLE | DESTRUCTIVE => {
                    ("effect-changed", Verdict::Warning, "guardrails and questions may stop what they let pass before")
                }
                "x-swpanel-effect" => {
                    ("effect-changed", Verdict::Warning, "what the client may do again by itself hangs on it")
                }
                _ => ("extension-changed", Verdict::Documentation, "it says nothing about what travels"),
            };
            self.said(rule, verdict, Direction::None, nodes, values, reason);
        }
    }

    fn servers(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        let nodes = (was.servers(), is.servers());
        if nodes.0 != nodes.1 {
            let values = (nodes.0.map(Node::to_canonical), nodes.1.map(Node::to_canonical));
            let reason = "clients that have the address written down go on with the old one";
            self.said("server-changed", Verdict::Warning, Direction::None, nodes, values, reason);
        }
    }

    fn parameters(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        let sent = self.sent;
        let mut old = named(was);
        for (key, new) in named(is) {
            let Some(known) = old.remove(&key) else {
                let (rule, effect) = match new.required {
                    true => ("parameter-required-added", Effect::NARROWS),
                    false => ("parameter-added", Effect::WIDENS),
                };
                self.law(rule, effect, sent, (None, Some(new.node)), (None, Some(title(&new))));
                continue;
            };
            self.parameter(&known, &new);
        }
        for gone in old.into_values() {
            let reason = "clients that send it may be refused, or not heard";
            self.said(
                "parameter-removed",
                Verdict::Warning,
                sent,
                (Some(gone.node), None),
                (Some(title(&gone)), None),
                reason,
            );
        }
    }

    fn parameter(&mut self, was: &Parameter<'d>, is: &Parameter<'d>) {
        let (sent, nodes) = (self.sent, (Some(was.node), Some(is.node)));
        if was.name != is.name && was.place == ParameterPlace::Path {
            let values = (Some(was.name.to_owned()), Some(is.name.to_owned()));
            self.said(
                "parameter-renamed-in-path",
                Verdict::Documentation,
                sent,
                nodes,
                values,
                "the names of a path's parts do not travel",
            );
        }
        match (was.required, is.required) {
            (false, true) => {
                self.law("parameter-became-required", Effect::NARROWS, sent, nodes, (Some(title(was)), Some(title(is))))
            }
            (true, false) => {
                self.law("parameter-became-optional", Effect::WIDENS, sent, nodes, (Some(title(was)), Some(title(is))))
            }
            _ => {}
        }
        if self.same(was.node, is.node) {
            return;
        }
        // Where the kinds of values are others, that is said of the schema; what both sides may send is written alike.
        let (before, after) = (schema_of(was.node), schema_of(is.node));
        let kinds = kinds_of(self.surface.compare.old, &before, 0) & kinds_of(self.surface.compare.new, &after, 0);
        let (old, new) = (serialization(was, kinds), serialization(is, kinds));
        if old != new {
            self.said(
                "parameter-serialization-changed",
                Verdict::Breaking,
                sent,
                nodes,
                (Some(old), Some(new)),
                "the same value is written in another way",
            );
        }
        let empty = |node: &Node| node.get("allowEmptyValue").and_then(Node::as_bool).unwrap_or(false);
        match (empty(was.node), empty(is.node)) {
            (true, false) => {
                self.law("parameter-empty-value-changed", Effect::NARROWS, sent, nodes, (Some(title(was)), None))
            }
            (false, true) => {
                self.law("parameter-empty-value-changed", Effect::WIDENS, sent, nodes, (None, Some(title(is))))
            }
            _ => {}
        }
        for key in ["description", "example", "examples", "deprecated"] {
            let (before, after) = (was.node.get(key), is.node.get(key));
            if before != after {
                self.said(
                    "parameter-text-changed",
                    Verdict::Documentation,
                    sent,
                    nodes,
                    (before.map(Node::to_canonical), after.map(Node::to_canonical)),
                    "words change nothing that travels",
                );
            }
        }
        let key = self.key.clone();
        self.surface.schemas(&key, &before, &after, sent);
    }

    fn body(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        let body = |operation: &Operation<'d>| operation.document().resolve(operation.node.get("requestBody")?);
        let needed = |node: &Node| node.get("required").and_then(Node::as_bool).unwrap_or(false);
        let sent = self.sent;
        match (body(was), body(is)) {
            (None, None) => {}
            (None, Some(new)) if needed(new) => {
                self.law("body-required-added", Effect::NARROWS, sent, (None, Some(new)), (None, None))
            }
            (None, Some(new)) => self.law("body-added", Effect::WIDENS, sent, (None, Some(new)), (None, None)),
            (Some(old), None) => {
                let reason = "clients that send it may be refused, or not heard";
                self.said("body-removed", Verdict::Warning, sent, (Some(old), None), (None, None), reason);
            }
            (Some(old), Some(new)) if self.same(old, new) => {}
            (Some(old), Some(new)) => {
                match (needed(old), needed(new)) {
                    (false, true) => {
                        self.law("body-became-required", Effect::NARROWS, sent, (Some(old), Some(new)), (None, None))
                    }
                    (true, false) => {
                        self.law("body-became-optional", Effect::WIDENS, sent, (Some(old), Some(new)), (None, None))
                    }
                    _ => {}
                }
                self.contents(old, new, sent);
            }
        }
    }

    /// Media types, of a body (where the client chooses) or of an answer (where it must read what comes).
    fn contents(&mut self, was: &'d Node, is: &'d Node, direction: Direction) {
        let (mut old, new) = (media(was), media(is));
        for (name, node) in &new {
            let Some(known) = old.remove(name) else {
                let reason = "clients go on with the types they know";
                self.said(
                    "media-type-added",
                    Verdict::Compatible,
                    direction,
                    (None, Some(*node)),
                    (None, Some(name.clone())),
                    reason,
                );
                continue;
            };
            let text = |node: &Node| node.get("encoding").map(Node::to_canonical);
            if known.get("encoding") != node.get("encoding") {
                let (nodes, values) = ((Some(known), Some(*node)), (text(known), text(node)));
                self.law("encoding-changed", Effect::UNKNOWN, direction, nodes, values);
            }
            let key = self.key.clone();
            let (old, new) = (
                known.get("schema").into_iter().collect::<Vec<_>>(),
                node.get("schema").into_iter().collect::<Vec<_>>(),
            );
            self.surface.schemas(&key, &old, &new, direction);
        }
        for (name, node) in old {
            // What clients choose to send is still taken where a range of types has it.
            if let Some((_, wider)) =
                new.iter().find(|(range, _)| direction == Direction::Request && is_in(&name, range))
            {
                let key = self.key.clone();
                let (old, new): (Vec<_>, Vec<_>) =
                    (node.get("schema").into_iter().collect(), wider.get("schema").into_iter().collect());
                self.surface.schemas(&key, &old, &new, direction);
                // Code that sends the one type it knew has a body without one now.
                let mut change = whole("media-type-removed", Verdict::Compatible, Some(node), Some(wider));
                (change.direction, change.rust) = (direction, RustVerdict::Major);
                change.before = Some(name);
                change.reason = "the range of types that is taken now has it".to_owned();
                self.note(change);
                continue;
            }
            let reason = "clients that use this type are refused, or get another";
            self.said(
                "media-type-removed",
                Verdict::Breaking,
                direction,
                (Some(node), None),
                (Some(name), None),
                reason,
            );
        }
    }

    fn callbacks(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        let map = |operation: &Operation<'d>| -> BTreeMap<&'d str, &'d Object> {
            let callbacks =
                operation.node.get("callbacks").and_then(Node::as_object).into_iter().flat_map(Object::iter);
            let resolved = |node: &'d Node| operation.document().resolve(node).and_then(Node::as_object);
            callbacks.filter_map(|(name, node)| Some((name, resolved(node)?))).collect()
        };
        let (old, new) = (map(was), map(is));
        for name in old.keys().chain(new.keys()).copied().collect::<BTreeSet<_>>() {
            let of = self.key.clone();
            let key = |called: &Operation<'d>| format!("{of} (callback {name}: {})", called.key());
            self.surface.called("callback", &key, old.get(name).copied(), new.get(name).copied());
        }
    }
}

/// Parameters by place and name; those of the path by their order in it, since their names do not travel.
fn named<'d>(operation: &Operation<'d>) -> BTreeMap<String, Parameter<'d>> {
    let mut found = BTreeMap::new();
    for parameter in operation.parameters() {
        let key = match parameter.place {
            ParameterPlace::Path => {
                let at = operation.path.find(&format!("{{{}}}", parameter.name));
                let before = at.and_then(|at| operation.path.get(..at)).unwrap_or_default();
                format!("path {}", before.matches('{').count())
            }
            ParameterPlace::Query => format!("query {}", parameter.name),
            ParameterPlace::Header => format!("header {}", parameter.name.to_lowercase()),
            ParameterPlace::Cookie => format!("cookie {}", parameter.name),
        };
        // These three are ignored in documents; other members say what travels there.
        let is_other = parameter.place == ParameterPlace::Header
            && ["accept", "content-type", "authorization"].contains(&parameter.name.to_lowercase().as_str());
        if !is_other {
            found.insert(key, parameter);
        }
    }
    found
}

fn title(parameter: &Parameter<'_>) -> String {
    let place = parameter.node.text_at("in").unwrap_or_default();
    format!("`{}` in {place}, {}", parameter.name, if parameter.required { "required" } else { "optional" })
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

fn schema_of(node: &Node) -> Vec<&Node> {
    let content = node.get("content").and_then(Node::as_object).and_then(|content| content.iter().next());
    node.get("schema").or_else(|| content.and_then(|(_, media)| media.get("schema"))).into_iter().collect()
}

/// Media types without their parameters' spaces, in lower case. JSON is UTF-8, whether that is said or not.
fn media(node: &Node) -> BTreeMap<String, &Node> {
    let content = node.get("content").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    let mut found = BTreeMap::new();
    for (name, node) in content {
        let name = name.to_lowercase().replace(' ', "");
        let (essence, parameters) = name.split_once(';').unwrap_or((&name, ""));
        let is_json = essence.ends_with("/json") || essence.ends_with("+json");
        let said = parameters.trim_matches('"').replace('"', "");
        let name = if is_json && said == "charset=utf-8" { essence.to_owned() } else { name };
        found.entry(name).or_insert(node);
    }
    found
}

/// Whether a range such as `text/*` has a type.
fn is_in(name: &str, range: &str) -> bool {
    range == "*/*" && name != range
        || range.strip_suffix('*').is_some_and(|head| head.ends_with('/') && name != range && name.starts_with(head))
}
