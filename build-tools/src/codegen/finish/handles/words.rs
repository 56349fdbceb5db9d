//! Operations that share a thing in their paths to a plan of handles: what each thing, each step below it and each call is
//! named. Derived from paths, groups and names of operations; a mark in the document (`names::HANDLE`) says what an
//! operation was reached by before, and goes first, so that one more operation renames none.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;

use super::pascal;
use crate::document::{Node, Operation};
use crate::names::{CLIENT, HANDLE, snake_case};
use crate::safe_text::markdown::code;

/// One thing that operations share: what stands before it in the path, and what the parameter is called.
type Key<'d> = (&'d str, &'d str);

/// A thing and what can be done with it.
pub(super) struct Thing<'o, 'd> {
    /// What the client's method is called.
    pub(super) name: String,
    /// The parameter, as the document has it.
    pub(super) parameter: &'d str,
    /// The path up to and with the thing.
    pub(super) place: String,
    /// What is called on the thing itself.
    pub(super) direct: Vec<(String, &'o Operation<'d>)>,
    /// What is called one word further.
    pub(super) steps: Vec<Step<'o, 'd>>,
}

/// A word below a thing, and what is called there.
pub(super) struct Step<'o, 'd> {
    pub(super) word: String,
    /// The groups of its operations, in words.
    pub(super) groups: String,
    pub(super) calls: Vec<(String, &'o Operation<'d>)>,
}

/// The things of a document in the order of their paths. `takes_text` says whether an operation's call can be given the
/// value of a parameter as text.
pub(super) fn things<'o, 'd>(
    operations: &'o [Operation<'d>],
    takes_text: &dyn Fn(&Operation<'d>, &str) -> bool,
) -> Vec<Thing<'o, 'd>> {
    let mut shared: BTreeMap<Key<'_>, Vec<&Operation<'_>>> = BTreeMap::new();
    for operation in operations {
        let Some((before, rest)) = operation.known_path().split_once('{') else { continue };
        let Some((name, _)) = rest.split_once('}') else { continue };
        if takes_text(operation, &snake_case(name)) {
            shared.entry((before, name)).or_default().push(operation);
        }
    }
    // What one operation alone has is no thing to hold on to, unless somebody holds on to it already.
    shared.retain(|_, operations| operations.len() > 1 || operations.iter().any(|one| Mark::of(one).is_some()));
    let taken: BTreeSet<&str> = operations.iter().map(Operation::id).collect();
    let names = named(&shared, &taken);
    let named = names.into_iter().filter_map(|(name, key)| Some(thing(name, key, shared.get(&key)?)));
    named.collect()
}

/// What the document says an operation is reached by: `service.dns.list`, or `service.read` without a step.
struct Mark<'d> {
    thing: &'d str,
    step: Option<&'d str>,
    method: &'d str,
}

impl<'d> Mark<'d> {
    /// None, or one that is no words of Rust, which nobody can have held on to.
    fn of(operation: &Operation<'d>) -> Option<Self> {
        let words: Vec<&str> = operation.node.get(HANDLE).and_then(Node::as_str)?.split('.').collect();
        words.iter().all(|word| is_word(word)).then_some(())?;
        match words.as_slice() {
            [thing, method] => Some(Self { thing, step: None, method }),
            [thing, step, method] => Some(Self { thing, step: Some(step), method }),
            _ => None,
        }
    }
}

fn is_word(word: &str) -> bool {
    snake_case(word) == word && is_name(word)
}

/// Whether it may be a name in Rust; `gen` is a keyword that `syn` does not know of.
fn is_name(word: &str) -> bool {
    word != "gen" && syn::parse_str::<Ident>(word).is_ok()
}

/// The types that a thing of this name has: itself and its id.
pub(super) fn types(name: &str) -> [String; 2] {
    let own = pascal(name);
    [format!("{own}Id"), own]
}

/// A name for each thing: its mark's, else its parameter without `_id`, or in full where two would be called the same.
fn named<'d>(shared: &BTreeMap<Key<'d>, Vec<&Operation<'d>>>, taken: &BTreeSet<&str>) -> Vec<(String, Key<'d>)> {
    let short = |name: &str| {
        let name = snake_case(name);
        name.strip_suffix("_id").filter(|short| !short.is_empty()).map_or(name.clone(), str::to_owned)
    };
    let long = |(before, name): Key<'_>| {
        let folder = before.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        format!("{}_{}", snake_case(folder), snake_case(name))
    };
    let is_free = |name: &str, names: &BTreeMap<Key<'d>, String>| {
        let own = types(name);
        let is_taken = |known: &String| types(known).iter().any(|known| own.contains(known));
        !taken.contains(name) && !CLIENT.contains(&name) && !names.values().any(is_taken)
    };
    let mut names: BTreeMap<Key<'d>, String> = BTreeMap::new();
    for (key, operations) in shared {
        let marked = operations.iter().filter_map(|one| Mark::of(one)).map(|mark| mark.thing);
        if let Some(name) = marked.into_iter().find(|name| is_free(name, &names)) {
            names.insert(*key, name.to_owned());
        }
    }
    let count = |name: &str, of: &dyn Fn(Key<'d>) -> String| shared.keys().filter(|key| of(**key) == name).count();
    let ways: [&dyn Fn(Key<'d>) -> String; 3] = [&|key| short(key.1), &|key| snake_case(key.1), &long];
    for key in shared.keys() {
        if names.contains_key(key) {
            continue;
        }
        let name = ways.iter().find_map(|way| {
            let name = way(*key);
            let fits = is_free(&name, &names) && count(&name, way) == 1 && is_name(&name);
            fits.then_some(name)
        });
        names.extend(name.map(|name| (*key, name)));
    }
    names.into_iter().map(|(key, name)| (name, key)).collect()
}

/// What is called where below one thing.
fn thing<'o, 'd>(name: String, (before, parameter): Key<'d>, operations: &[&'o Operation<'d>]) -> Thing<'o, 'd> {
    let place = format!("{before}{{{parameter}}}");
    let mut groups: BTreeMap<String, Vec<&'o Operation<'d>>> = BTreeMap::new();
    for operation in operations {
        groups.entry(operation.tag().to_owned()).or_default().push(operation);
    }
    // A thing with one group, or the group of the thing itself, needs no word between.
    let itself =
        operations.iter().find(|operation| operation.known_path().trim_end_matches('/') == place).map(|one| one.tag());
    let direct = if groups.len() == 1 { groups.keys().next().cloned() } else { itself.map(str::to_owned) };
    let mut plan = Plan::default();
    for operation in operations {
        if let Some(mark) = Mark::of(operation).filter(|mark| mark.thing == name) {
            plan.put(mark.step.unwrap_or_default(), mark.method.to_owned(), operation);
        }
    }
    let of_thing = direct.and_then(|tag| groups.remove(&tag)).map(|group| (String::new(), group));
    let steps = groups.into_iter().map(|(tag, group)| (snake_case(&tag), group));
    for (step, group) in of_thing.into_iter().chain(steps) {
        for (method, operation) in called(&group, &place) {
            if !plan.holds(operation) {
                let _ = plan.put(&step, method, operation) || plan.put(&step, operation.id().to_owned(), operation);
            }
        }
    }
    let mut calls = plan.calls;
    let in_order = |mut calls: Vec<(String, &'o Operation<'d>)>| {
        calls.sort_by_key(|(_, operation)| operations.iter().position(|one| one.id() == operation.id()));
        calls
    };
    let direct = in_order(calls.remove("").unwrap_or_default());
    let steps = calls.into_iter().map(|(word, calls)| {
        let groups: BTreeSet<String> = calls.iter().map(|(_, one)| code(one.tag())).collect();
        let groups = groups.into_iter().collect::<Vec<_>>().join(", ");
        Step { word, groups, calls: in_order(calls) }
    });
    Thing { steps: steps.collect(), name, parameter, place, direct }
}

/// What is called where, by step; the empty step is the thing itself.
#[derive(Default)]
struct Plan<'o, 'd> {
    calls: BTreeMap<String, Vec<(String, &'o Operation<'d>)>>,
}

impl<'o, 'd> Plan<'o, 'd> {
    fn holds(&self, operation: &Operation<'_>) -> bool {
        self.calls.values().flatten().any(|(_, one)| one.id() == operation.id())
    }

    /// Whether there was room: a word means one thing only.
    fn put(&mut self, step: &str, method: String, operation: &'o Operation<'d>) -> bool {
        let here = |word: &str| self.calls.get(word).is_some_and(|calls| !calls.is_empty());
        let called = |step: &str, method: &str| {
            self.calls.get(step).is_some_and(|calls| calls.iter().any(|(known, _)| known == method))
        };
        let fits = match step {
            // `id` is the handle's own.
            "" => method != "id" && !here(&method) && !called("", &method),
            step => step != "id" && is_word(step) && !called("", step) && !called(step, &method),
        };
        if fits && is_name(&method) {
            self.calls.entry(step.to_owned()).or_default().push((method, operation));
            return true;
        }
        false
    }
}

/// What the operations of a group are called within it: their names without the words that all share, or without
/// those of the group's own collection (`cron_job_start` is `start` beside `cron_job_list`).
fn called<'o, 'd>(group: &[&'o Operation<'d>], place: &str) -> Vec<(String, &'o Operation<'d>)> {
    let ids: Vec<Vec<&str>> = group.iter().map(|operation| operation.id().split('_').collect()).collect();
    let common = shared(&ids.iter().collect::<Vec<_>>());
    // The path without the values at its end: that of a collection is its own and its items'.
    let shape = |operation: &Operation<'_>| {
        let rest = operation.known_path().strip_prefix(place).unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).collect();
        parts.join("/")
    };
    let shapes: Vec<String> = group.iter().map(|operation| shape(operation)).collect();
    let root = shapes.iter().min_by_key(|shape| shape.len());
    // Only what several stand at is a collection; what stands at the place itself is the thing.
    let at_root: Vec<&Vec<&str>> =
        ids.iter().zip(&shapes).filter(|(_, shape)| Some(*shape) == root).map(|(words, _)| words).collect();
    let is_collection = at_root.len() > 1 || root.is_some_and(String::is_empty);
    let noun = if is_collection { shared(&at_root) } else { common };
    let noun = at_root.first().and_then(|words| words.get(..noun)).unwrap_or_default();
    let full = |words: &[&str]| words.get(common..).unwrap_or_default().join("_");
    let short = |words: &[&str]| words.strip_prefix(noun).filter(|rest| !rest.is_empty()).map(|rest| rest.join("_"));
    let wanted: Vec<String> = ids.iter().map(|words| short(words).unwrap_or_else(|| full(words))).collect();
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for (operation, (words, name)) in group.iter().copied().zip(ids.iter().zip(&wanted)) {
        let once = wanted.iter().filter(|other| *other == name).count() == 1;
        // Its id is no other's.
        let names = [once.then(|| name.clone()), Some(full(words)), Some(operation.id().to_owned())];
        let fits = |name: &String| is_name(name) && !taken.contains(name);
        if let Some(name) = names.into_iter().flatten().find(fits) {
            taken.insert(name.clone());
            out.push((name, operation));
        }
    }
    out
}

/// How many words all of them begin with, so that each keeps one.
fn shared(ids: &[&Vec<&str>]) -> usize {
    let shortest = ids.iter().map(|words| words.len()).min().unwrap_or(1);
    let first = ids.first();
    (0..shortest.saturating_sub(1))
        .take_while(|at| ids.iter().all(|words| words.get(*at) == first.and_then(|first| first.get(*at))))
        .count()
}
