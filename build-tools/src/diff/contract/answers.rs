//! The answers of two operations that are the same: by status, their media types, headers and links.

use std::collections::{BTreeMap, BTreeSet};

use super::{Here, media, schema_of};
use crate::diff::finding::{Effect, Verdict};
use crate::document::{Document, Node, Object, Operation};

impl<'d> Here<'_, 'd> {
    pub(super) fn answers(&mut self, was: &Operation<'d>, is: &Operation<'d>) {
        let list = |operation: &Operation<'d>| -> BTreeMap<String, &'d Node> {
            operation.responses().into_iter().map(|(status, node)| (status.to_uppercase(), node)).collect()
        };
        let (old, new) = (list(was), list(is));
        let mut gone: BTreeMap<&String, &'d Node> = BTreeMap::new();
        for (status, known) in &old {
            match new.get(status) {
                Some(node) => self.answer(known, node),
                None => drop(gone.insert(status, known)),
            }
        }
        let mut come: BTreeMap<&String, &'d Node> =
            new.iter().filter(|(status, _)| !old.contains_key(*status)).map(|(status, node)| (status, *node)).collect();
        self.answers_by_class((&old, &new), &mut gone, &mut come);
        let received = self.received();
        for (status, known) in gone {
            // Where a success is documented, `default` speaks of everything else.
            let success = match status.as_str() {
                "DEFAULT" => !has_success(&old),
                status => status.starts_with(['2', '3']),
            };
            let (verdict, reason) = match success {
                true => (Verdict::Breaking, "clients wait for the answer that was promised"),
                false => (Verdict::Compatible, "clients that handle this error meet it no more"),
            };
            let values = (Some(status.clone()), None);
            self.said("status-removed", verdict, received, (Some(known), None), values, reason);
        }
        for (status, node) in come {
            let reason = "clients handle statuses they do not know by their class";
            let values = (None, Some(status.clone()));
            self.said("status-added", Verdict::Compatible, received, (None, Some(node)), values, reason);
        }
    }

    /// What was said of one status may now be said of its class or, of errors, by `default`, and the other way round.
    /// Where no success is documented, `default` is the answer.
    fn answers_by_class(
        &mut self,
        (old, new): (&Answers<'d>, &Answers<'d>),
        gone: &mut BTreeMap<&String, &'d Node>,
        come: &mut BTreeMap<&String, &'d Node>,
    ) {
        let speaks_for = |wide: &str, narrow: &str, answers: &Answers<'d>| match wide {
            "DEFAULT" => narrow != wide && narrow.starts_with('2') != has_success(answers),
            class => class.ends_with("XX") && !narrow.ends_with("XX") && class.get(..1) == narrow.get(..1),
        };
        let mut taken: (BTreeSet<String>, BTreeSet<String>) = Default::default();
        let wider = |status: &str, answers: &Answers<'d>| -> Option<(String, &'d Node)> {
            let mut all = answers.iter().filter(|(wide, _)| speaks_for(wide, status, answers));
            all.next().map(|(wide, node)| (wide.clone(), *node))
        };
        for (status, known) in gone.iter() {
            let Some((wide, node)) = wider(status, new) else { continue };
            // A success that only `default` is left to speak for is promised no more.
            let promised = wide == "DEFAULT" && status.starts_with(['2', '3']);
            if !(promised && old.contains_key(&wide)) {
                self.answer(known, node);
            }
            if promised {
                continue;
            }
            taken.0.insert((*status).clone());
            self.class_changed((status, known), (&wide, node));
            taken.1.insert(wide);
        }
        for (status, node) in come.iter() {
            let Some((wide, known)) = wider(status, old).filter(|(wide, _)| gone.contains_key(wide)) else { continue };
            self.answer(known, node);
            self.class_changed((&wide, known), (status, node));
            taken.0.insert(wide);
            taken.1.insert((*status).clone());
        }
        gone.retain(|status, _| !taken.0.contains(*status));
        come.retain(|status, _| !taken.1.contains(*status));
    }

    fn class_changed(&mut self, (before, was): (&str, &'d Node), (after, is): (&str, &'d Node)) {
        let values = (Some(before.to_owned()), Some(after.to_owned()));
        let reason = "clients handle statuses by their class";
        let nodes = (Some(was), Some(is));
        self.said("status-class-changed", Verdict::Compatible, self.received(), nodes, values, reason);
    }

    fn answer(&mut self, was: &'d Node, is: &'d Node) {
        if self.same(was, is) {
            return;
        }
        let (received, nodes) = (self.received(), (Some(was), Some(is)));
        let text = |node: &Node| node.get("description").map(Node::to_canonical);
        if was.get("description") != is.get("description") {
            self.said(
                "answer-text-changed",
                Verdict::Documentation,
                received,
                nodes,
                (text(was), text(is)),
                "words change nothing that travels",
            );
        }
        match (media(was).is_empty(), media(is).is_empty()) {
            (true, true) => {}
            (true, false) => self.said(
                "answer-content-added",
                Verdict::Compatible,
                received,
                nodes,
                (None, None),
                "nothing was promised before",
            ),
            (false, true) => self.said(
                "answer-content-removed",
                Verdict::Breaking,
                received,
                nodes,
                (None, None),
                "clients read what was promised",
            ),
            (false, false) => self.contents(was, is, received),
        }
        self.headers(was, is);
        self.links(was, is);
    }

    fn headers(&mut self, was: &'d Node, is: &'d Node) {
        let received = self.received();
        let (old, new) = (self.surface.compare.old, self.surface.compare.new);
        let map = |document: &'d Document, node: &'d Node| -> BTreeMap<String, &'d Node> {
            let headers = node.get("headers").and_then(Node::as_object).into_iter().flat_map(Object::iter);
            headers.filter_map(|(name, node)| Some((name.to_lowercase(), document.resolve(node)?))).collect()
        };
        let needed = |node: &Node| node.get("required").and_then(Node::as_bool).unwrap_or(false);
        let (mut old, new) = (map(old, was), map(new, is));
        for (name, node) in new {
            let Some(known) = old.remove(&name) else {
                self.said(
                    "header-added",
                    Verdict::Compatible,
                    received,
                    (None, Some(node)),
                    (None, Some(name)),
                    "clients need not know it",
                );
                continue;
            };
            let (nodes, values) = ((Some(known), Some(node)), (Some(name.clone()), Some(name)));
            match (needed(known), needed(node)) {
                (true, false) => self.law("header-became-optional", Effect::WIDENS, received, nodes, values),
                (false, true) => self.law("header-became-required", Effect::NARROWS, received, nodes, values),
                _ => {}
            }
            let key = self.key.clone();
            self.surface.schemas(&key, &schema_of(known), &schema_of(node), received);
        }
        for (name, node) in old {
            let (verdict, reason) = match needed(node) {
                true => (Verdict::Breaking, "clients may rely on a header that was always there"),
                false => (Verdict::Warning, "clients that read it where it was sent get it no more"),
            };
            self.said("header-removed", verdict, received, (Some(node), None), (Some(name), None), reason);
        }
    }

    fn links(&mut self, was: &'d Node, is: &'d Node) {
        let received = self.received();
        let map = |document: &'d Document, node: &'d Node| -> BTreeMap<&'d str, &'d Node> {
            let links = node.get("links").and_then(Node::as_object).into_iter().flat_map(Object::iter);
            links.map(|(name, link)| (name, document.resolve(link).unwrap_or(link))).collect()
        };
        let (mut old, new) = (map(self.surface.compare.old, was), map(self.surface.compare.new, is));
        for (name, node) in new {
            match old.remove(name) {
                None => self.said(
                    "link-added",
                    Verdict::Compatible,
                    received,
                    (None, Some(node)),
                    (None, Some(name.to_owned())),
                    "clients need not follow it",
                ),
                Some(known) if known != node && without_text(known) == without_text(node) => self.said(
                    "link-changed",
                    Verdict::Documentation,
                    received,
                    (Some(known), Some(node)),
                    (known.text_at("description").map(str::to_owned), node.text_at("description").map(str::to_owned)),
                    "words change nothing that travels",
                ),
                Some(known) if known != node => {
                    let values = (Some(known.to_canonical()), Some(node.to_canonical()));
                    self.said(
                        "link-changed",
                        Verdict::Warning,
                        received,
                        (Some(known), Some(node)),
                        values,
                        "clients that follow it are led elsewhere",
                    );
                }
                Some(_) => {}
            }
        }
        for (name, node) in old {
            self.said(
                "link-removed",
                Verdict::Warning,
                received,
                (Some(node), None),
                (Some(name.to_owned()), None),
                "clients that follow it are led nowhere",
            );
        }
    }
}

type Answers<'d> = BTreeMap<String, &'d Node>;

fn has_success(answers: &Answers<'_>) -> bool {
    answers.keys().any(|status| status.starts_with('2'))
}

/// A link without its description.
fn without_text(link: &Node) -> Node {
    let mut link = link.clone();
    if let Some(object) = link.as_object_mut() {
        object.remove("description");
    }
    link
}
