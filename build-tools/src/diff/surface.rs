//! Compares two documents operation by operation: those at the same address, those that moved, those removed and added.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Change, Compare};
use super::finding::{Direction, Verdict};
use super::moves::{By, Matched, Moved};
use super::sunset::{self, End, Grace};
use super::{contract, moves, rights};
use crate::document::{Document, METHODS, Node, Object, Operation};
use crate::matching::{Difference, Endpoint, unnamed};
use crate::safe_text::markdown::code;

/// A comparison of whole documents on its way.
pub(super) struct Surface<'d> {
    pub(super) compare: Compare<'d>,
    /// The operations that each change reaches.
    pub(super) reach: BTreeMap<usize, BTreeSet<String>>,
    /// The day by which an announced end has passed, `YYYY-MM-DD`.
    pub(super) today: &'d str,
    /// How many days must be between the announcement of an end and the end.
    pub(super) grace: Grace,
    /// Operations of the old document that may change freely, with the level that says so.
    pub(super) free: BTreeMap<String, &'d str>,
    /// Operations whose methods 3.0 has no words for: no client is generated for them.
    pub(super) aside: BTreeSet<String>,
    /// Security schemes that have another name now.
    pub(super) schemes: BTreeMap<String, String>,
    /// Operations and the pairs of schemas in them; what those lead to is looked up when all are compared.
    uses: Vec<(String, usize)>,
}

/// From here on changes of the same kind are one mass change.
const MASS: usize = 5;

impl<'d> Surface<'d> {
    pub(super) fn new(old: &'d Document, new: &'d Document, today: &'d str, grace: Grace) -> Self {
        Self {
            compare: Compare::new(old, new, today),
            reach: BTreeMap::new(),
            today,
            grace,
            free: BTreeMap::new(),
            aside: BTreeSet::new(),
            schemes: BTreeMap::new(),
            uses: Vec::new(),
        }
    }

    /// Adds a change that concerns operations as a whole.
    pub(super) fn note(&mut self, operations: &[String], change: Change<'d>) {
        self.reach.entry(self.compare.changes.len()).or_default().extend(operations.iter().cloned());
        self.compare.changes.push(change);
    }

    /// Compares schemas for an operation.
    pub(super) fn schemas(&mut self, operation: &str, old: &[&'d Node], new: &[&'d Node], direction: Direction) {
        if let Some(pair) = self.compare.schemas(old, new, direction) {
            self.uses.push((operation.to_owned(), pair));
        }
    }

    /// Which changes of schemas reach which operations.
    fn reached(&mut self) {
        let mut uses: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        std::mem::take(&mut self.uses).into_iter().for_each(|(name, pair)| uses.entry(pair).or_default().push(name));
        let mut reach = self.compare.reach();
        for (pair, operations) in uses {
            for change in reach.of(pair) {
                self.reach.entry(change).or_default().extend(operations.iter().cloned());
            }
        }
    }

    /// Everything.
    pub(super) fn run(&mut self) {
        let (old, new) = (self.compare.old, self.compare.new);
        let (mut gone, mut come) = (old.operations(), new.operations());
        for (document, operations) in [(old, &mut gone), (new, &mut come)] {
            let aside = kept_aside(document);
            self.aside.extend(aside.iter().map(Operation::key));
            operations.extend(aside);
        }
        let Matched { same, moved, removed: gone, added: come } = moves::matched((old, gone), (new, come));
        rights::documents(self);
        self.ids(&same);
        let pairs = same.iter().map(|(was, is)| (was, Some(is)));
        let pairs = pairs.chain(moved.iter().map(|moved| (&moved.old, Some(&moved.new))));
        for (was, is) in pairs.chain(gone.iter().map(|was| (was, None))) {
            if let Some(level @ ("draft" | "alpha")) = sunset::level(was.node) {
                self.free.extend(std::iter::once(was).chain(is).map(|operation| (operation.key(), level)));
            }
        }
        for (was, is) in &same {
            // A base path that went into the paths is no slash more.
            let own = |operation: &Operation<'d>| Endpoint::new(&operation.method, "", operation.path);
            if own(was).differences(&own(is)) == [Difference::Slashes] {
                let mut change = whole("path-slash-changed", Verdict::Warning, Some(was.node), Some(is.node));
                change.before = Some(was.path.to_owned());
                change.after = Some(is.path.to_owned());
                change.reason = "whether both addresses lead to the same cannot be told from the document".to_owned();
                self.note(&[is.key()], change);
            }
            contract::compare(self, was, is);
        }
        self.moved(&moved);
        for operation in &gone {
            let retired = sunset::of(operation.node, self.today) == End::Passed;
            let (rule, verdict, reason) = match retired {
                true => ("operation-retired", Verdict::Compatible, "it was deprecated, and its sunset has passed"),
                false => ("operation-removed", Verdict::Breaking, "clients that call it get no answer of its kind"),
            };
            let mut change = whole(rule, verdict, Some(operation.node), None);
            change.before = Some(operation.key());
            change.reason = reason.to_owned();
            self.note(&[operation.key()], change);
        }
        for operation in &come {
            let mut change = whole("operation-added", Verdict::Compatible, None, Some(operation.node));
            change.after = Some(operation.key());
            change.reason = "nobody calls it yet".to_owned();
            self.note(&[operation.key()], change);
        }
        self.webhooks();
        self.reached();
    }

    /// Ids: one by one, or as one change where most of them are others.
    fn ids(&mut self, same: &[(Operation<'d>, Operation<'d>)]) {
        let others: Vec<_> = same
            .iter()
            .filter(|(was, is)| was.id() != is.id() && !(was.id().is_empty() && is.id().is_empty()))
            .collect();
        let mass = others.len() >= MASS && others.len() * 2 > same.len();
        if mass {
            let keys: Vec<String> = others.iter().map(|(_, is)| is.key()).collect();
            let mut change = whole("operation-ids-changed", Verdict::Documentation, None, None);
            let example = others.first().map(|(was, is)| (was.id().to_owned(), is.id().to_owned()));
            change.before = example.as_ref().map(|(was, _)| was.clone());
            change.after = example.map(|(_, is)| is);
            change.reason = format!("{} ids of {} are others; ids do not travel", others.len(), same.len());
            return self.note(&keys, change);
        }
        for (was, is) in others {
            let mut change = whole("operation-id-changed", Verdict::Documentation, Some(was.node), Some(is.node));
            change.before = Some(was.id().to_owned());
            change.after = Some(is.id().to_owned());
            change.reason = "ids do not travel".to_owned();
            self.note(&[is.key()], change);
        }
    }

    fn moved(&mut self, moved: &[Moved<'d>]) {
        // One prefix for many is one change.
        let mut prefixes: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for Moved { old, new, .. } in moved {
            prefixes.entry(prefix(old.path, new.path)).or_default().push(old.key());
        }
        for ((from, to), keys) in prefixes.iter().filter(|(_, keys)| keys.len() >= MASS) {
            let mut change = whole("path-prefix-changed", Verdict::Breaking, None, None);
            change.before = Some(from.clone());
            change.after = Some(to.clone());
            change.reason = format!(
                "{} operations moved from {} to {}; clients call the old addresses",
                keys.len(),
                code(from),
                code(to)
            );
            self.note(keys, change);
        }
        for Moved { old, new, by } in moved {
            if prefixes.get(&prefix(old.path, new.path)).is_none_or(|keys| keys.len() < MASS) {
                let mut change = whole("operation-moved", Verdict::Breaking, Some(old.node), Some(new.node));
                change.before = Some(old.key());
                change.after = Some(new.key());
                let there = code(&new.key());
                change.reason = match by {
                    By::Address(differences) => {
                        let words: Vec<&str> = differences.iter().map(|difference| difference.as_str()).collect();
                        format!("clients call the old address; it is {there} now (another {})", words.join(", "))
                    }
                    By::Likeness(similarity) => {
                        let percent = (similarity * 100.0).round();
                        format!("clients call the old address; it seems to be {there} now ({percent} % alike)")
                    }
                };
                self.note(&[old.key(), new.key()], change);
            }
            contract::compare(self, old, new);
        }
    }

    /// What the API calls itself: the client receives requests and sends answers.
    fn webhooks(&mut self) {
        let list = |document: &'d Document| document.root().get("x-webhooks").and_then(Node::as_object);
        let (was, is) = (list(self.compare.old), list(self.compare.new));
        self.called("webhook", &|operation| format!("{} (webhook)", operation.key()), was, is);
    }

    /// Operations that the API calls, by the name of their place.
    pub(super) fn called(
        &mut self,
        what: &str,
        key: &dyn Fn(&Operation<'d>) -> String,
        was: Option<&'d Object>,
        is: Option<&'d Object>,
    ) {
        let (old, new) = (self.compare.old, self.compare.new);
        let (removed, added) = if what == "webhook" {
            ("webhook-removed", "webhook-added")
        } else {
            ("callback-removed", "callback-added")
        };
        let mut was = items(old, was);
        let mut is = items(new, is);
        let names: BTreeSet<String> = was.keys().chain(is.keys()).cloned().collect();
        for name in names {
            match (was.remove(&name), is.remove(&name)) {
                (Some(old), Some(new)) => contract::called(self, &old, &new, &key(&new)),
                (Some(old), None) => {
                    let mut change = whole(removed, Verdict::Breaking, Some(old.node), None);
                    change.before = Some(name);
                    change.reason = "clients wait for it in vain".to_owned();
                    self.note(&[key(&old)], change);
                }
                (None, Some(new)) => {
                    let mut change = whole(added, Verdict::Compatible, None, Some(new.node));
                    change.after = Some(name);
                    change.reason = "nobody waits for it yet".to_owned();
                    self.note(&[key(&new)], change);
                }
                (None, None) => {}
            }
        }
    }
}

/// Operations of a path item whose methods 3.0 does not have: `query`, and those by other names.
fn of_other_methods(item: &Object) -> impl Iterator<Item = (String, &Node)> {
    let query = item.get("x-query").map(|node| ("QUERY".to_owned(), node));
    let others = item.get("x-additionalOperations").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    let all = query.into_iter().chain(others.map(|(method, node)| (method.to_uppercase(), node)));
    all.filter(|(_, node)| node.get("responses").is_some() || node.get("operationId").is_some())
}

fn kept_aside(document: &Document) -> Vec<Operation<'_>> {
    let paths = document.root().get("paths").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    let items = paths.filter_map(|(path, item)| Some((path, item.as_object()?)));
    let all =
        items.flat_map(|(path, item)| of_other_methods(item).map(move |(method, node)| (path, item, method, node)));
    let mut found: Vec<_> =
        all.map(|(path, item, method, node)| Operation::elsewhere(document, (&method, node), path, item)).collect();
    found.sort_by_key(Operation::key);
    found
}

/// `NAME METHOD` to operation, of a map of path items.
fn items<'d>(document: &'d Document, map: Option<&'d Object>) -> BTreeMap<String, Operation<'d>> {
    let mut found = BTreeMap::new();
    for (name, item) in map.into_iter().flat_map(Object::iter) {
        let Some(item) = document.resolve(item).and_then(Node::as_object) else { continue };
        let usual = item.iter().filter(|(method, _)| METHODS.contains(method));
        for (method, node) in usual.map(|(method, node)| (method.to_uppercase(), node)).chain(of_other_methods(item)) {
            found.insert(format!("{name} {method}"), Operation::elsewhere(document, (&method, node), name, item));
        }
    }
    found
}

/// A change of a whole operation.
pub(super) fn whole<'d>(
    rule: &'static str,
    verdict: Verdict,
    old: Option<&'d Node>,
    new: Option<&'d Node>,
) -> Change<'d> {
    Change {
        rule,
        verdict,
        rust: super::rules::rust_of(rule),
        direction: Direction::None,
        old,
        new,
        before: None,
        after: None,
        reason: String::new(),
        witness: None,
        pair: None,
    }
}

/// The path that all servers of a document share, or nothing.
pub(super) fn base(document: &Document) -> String {
    let servers = document.root().get("servers").and_then(Node::as_array).unwrap_or_default();
    let paths: BTreeSet<String> = servers.iter().filter_map(|server| server.text_at("url")).map(path_of).collect();
    match paths.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => one.clone(),
        _ => String::new(),
    }
}

fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

/// What the two addresses begin with until they go the same way; names of parameters do not matter.
fn prefix(was: &str, is: &str) -> (String, String) {
    let (old, new): (Vec<&str>, Vec<&str>) = (was.split('/').collect(), is.split('/').collect());
    let shared = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| unnamed(a) == unnamed(b)).count();
    let head = |parts: &[&str]| parts.iter().take(parts.len() - shared).copied().collect::<Vec<_>>().join("/") + "/";
    (head(&old), head(&new))
}
