//! Pairs the operations of two documents: at the same address, at an address that differs as the one matcher allows, or
//! moved to another address with the same contents.

use std::collections::{HashMap, VecDeque};

use super::likeness::Pairs;
use crate::document::{Document, Node, Operation};
use crate::matching::{self, Difference, Endpoint, Match};

/// From here on a moved operation is taken for the same.
const ALIKE: f64 = 0.6;

/// The operations of two documents, paired.
#[derive(Default)]
pub(super) struct Matched<'d> {
    /// Those whose full address is the same, but for slashes.
    pub(super) same: Vec<(Operation<'d>, Operation<'d>)>,
    /// Those at another address.
    pub(super) moved: Vec<Moved<'d>>,
    /// Those of the old document that are in no pair.
    pub(super) removed: Vec<Operation<'d>>,
    /// Those of the new document that are in no pair.
    pub(super) added: Vec<Operation<'d>>,
}

/// An operation that has another address.
pub(super) struct Moved<'d> {
    pub(super) old: Operation<'d>,
    pub(super) new: Operation<'d>,
    pub(super) by: By,
}

/// What shows that two operations are the same.
pub(super) enum By {
    /// Their addresses differ only so.
    Address(Vec<Difference>),
    /// Their addresses are alike, from 0 to 1, and so are their contents or their ids.
    Likeness(f64),
}

/// Pairs the operations of two documents.
pub(super) fn matched<'d>(
    (old, old_operations): (&'d Document, Vec<Operation<'d>>),
    (new, new_operations): (&'d Document, Vec<Operation<'d>>),
) -> Matched<'d> {
    let mut found = Matched { removed: old_operations, added: new_operations, ..Matched::default() };
    // What is written as it was is the same operation, wherever the server is.
    let keys: HashMap<String, usize> =
        found.added.iter().enumerate().map(|(at, operation)| (operation.key(), at)).collect();
    let pairs = found.removed.iter().enumerate().filter_map(|(at, was)| Some((at, *keys.get(&was.key())?)));
    let pairs: Vec<_> = pairs.collect();
    take(&mut found, pairs.into_iter().map(|(was, is)| (was, is, None)).collect());
    // Then without the names of parameters, and then with what the servers begin with.
    let own = |operations: &[Operation<'_>]| -> Vec<Endpoint> {
        operations.iter().map(|operation| Endpoint::new(&operation.method, "", operation.path)).collect()
    };
    let exact = matching::find(&own(&found.removed), &own(&found.added)).into_iter().enumerate();
    let exact = exact.filter_map(|(is, by)| match by {
        Match::Exact(was) => Some((was, is, None)),
        _ => None,
    });
    take(&mut found, exact.collect());
    let paths = (own(&found.removed), own(&found.added));
    let known = matching::endpoints_of(old, &found.removed);
    let matches = matching::find(&known, &matching::endpoints_of(new, &found.added));
    let pairs = matches.into_iter().enumerate().filter_map(|(is, by)| match by {
        Match::Exact(was) => Some((was, is, None)),
        Match::Loose(was, differences) => {
            let (before, after) = (paths.0.get(was)?, paths.1.get(is)?);
            // A prefix of any words is not among the differences that two addresses show by themselves.
            let slashes = differences != [Difference::Prefix]
                && before.differences(after).iter().all(|difference| *difference == Difference::Slashes);
            Some((was, is, (!slashes).then_some(By::Address(differences))))
        }
        Match::Ambiguous(_) | Match::None => None,
    });
    take(&mut found, pairs.collect());
    let moved = moves(&mut found.removed, &mut found.added);
    found.moved.extend(moved.into_iter().map(|(old, new, alike)| Moved { old, new, by: By::Likeness(alike) }));
    found
}

/// Takes pairs out of what was in none, each with what it differs by if its address is another.
fn take<'d>(found: &mut Matched<'d>, pairs: Vec<(usize, usize, Option<By>)>) {
    let mut old: Vec<Option<Operation<'d>>> = std::mem::take(&mut found.removed).into_iter().map(Some).collect();
    let mut new: Vec<Option<Operation<'d>>> = std::mem::take(&mut found.added).into_iter().map(Some).collect();
    for (was, is, by) in pairs {
        let (Some(before), Some(after)) = (old.get_mut(was), new.get_mut(is)) else { continue };
        // Of several with the same key the first is taken.
        if before.is_none() || after.is_none() {
            continue;
        }
        match (before.take().zip(after.take()), by) {
            (Some((old, new)), Some(by)) => found.moved.push(Moved { old, new, by }),
            (Some(pair), None) => found.same.push(pair),
            (None, _) => {}
        }
    }
    found.removed.extend(old.into_iter().flatten());
    found.added.extend(new.into_iter().flatten());
}

/// What is looked at of an operation that may have moved.
struct Look<'d> {
    key: String,
    pairs: Pairs,
    /// The schemas of its answer and its body: the same text is the same number.
    contents: [Option<usize>; 2],
    summary: &'d str,
}

impl<'d> Look<'d> {
    fn at(operation: &Operation<'d>, texts: &mut HashMap<String, usize>) -> Self {
        let contents = [operation.success_schema(), operation.request_body().map(|(_, schema, _)| schema)];
        let mut number = |node: &Node| {
            let next = texts.len();
            *texts.entry(node.to_canonical()).or_insert(next)
        };
        Self {
            key: operation.key(),
            pairs: Pairs::of(&Endpoint::new(&operation.method, "", operation.path).exact()),
            contents: contents.map(|node| node.map(&mut number)),
            summary: operation.summary(),
        }
    }

    /// The same answers and the same body: what a mere likeness of addresses cannot show.
    fn contents_alike(&self, is: &Self) -> bool {
        let words = || self.summary == is.summary && !self.summary.is_empty();
        self.contents == is.contents && (self.contents != [None; 2] || words())
    }
}

/// The most alike first; each operation once.
fn moves<'d>(gone: &mut Vec<Operation<'d>>, come: &mut Vec<Operation<'d>>) -> Vec<(Operation<'d>, Operation<'d>, f64)> {
    // Every pair is looked at, so very many at once are left as gone and new.
    if gone.is_empty() || come.is_empty() || gone.len() * come.len() > 250_000 {
        return Vec::new();
    }
    let mut texts = HashMap::new();
    let mut looks = |operations: &[Operation<'d>]| -> Vec<Look<'d>> {
        operations.iter().map(|operation| Look::at(operation, &mut texts)).collect()
    };
    let (old, new) = (looks(gone), looks(come));
    let mut likely: Vec<(f64, &str, &str)> = Vec::new();
    for (was, before) in gone.iter().zip(&old) {
        for (is, after) in come.iter().zip(&new).filter(|(is, _)| is.method == was.method) {
            let id = !was.id().is_empty() && was.id() == is.id();
            let alike = before.pairs.similarity(&after.pairs);
            let alike = if id { alike.max(0.9) } else { alike };
            if alike >= ALIKE && (id || before.contents_alike(after)) {
                likely.push((alike, &before.key, &after.key));
            }
        }
    }
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let mut left = (Left::of(gone, &old), Left::of(come, &new));
    let mut moved = Vec::new();
    for (alike, was, is) in likely {
        if left.0.has(was) && left.1.has(is) {
            let pair = left.0.take(was).zip(left.1.take(is));
            moved.extend(pair.map(|(old, new)| (old, new, alike)));
        }
    }
    (*gone, *come) = (left.0.rest(), left.1.rest());
    moved
}

/// Operations that nothing was found for yet, by key.
struct Left<'a, 'd> {
    operations: Vec<Option<Operation<'d>>>,
    places: HashMap<&'a str, VecDeque<usize>>,
}

impl<'a, 'd> Left<'a, 'd> {
    fn of(operations: &mut Vec<Operation<'d>>, looks: &'a [Look<'_>]) -> Self {
        let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for (at, look) in looks.iter().enumerate() {
            places.entry(&look.key).or_default().push_back(at);
        }
        Self { operations: std::mem::take(operations).into_iter().map(Some).collect(), places }
    }

    fn has(&self, key: &str) -> bool {
        self.places.get(key).is_some_and(|places| !places.is_empty())
    }

    fn take(&mut self, key: &str) -> Option<Operation<'d>> {
        let at = self.places.get_mut(key)?.pop_front()?;
        self.operations.get_mut(at)?.take()
    }

    fn rest(self) -> Vec<Operation<'d>> {
        self.operations.into_iter().flatten().collect()
    }
}
