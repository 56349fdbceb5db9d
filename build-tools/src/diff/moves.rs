//! The operations of two documents to those that are the same: by their addresses, or moved to another.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::likeness::Pairs;
use super::surface::plain;
use crate::document::{Node, Operation};

/// From here on a moved operation is taken for the same.
const ALIKE: f64 = 0.6;

type Same<'d> = Vec<(Operation<'d>, Operation<'d>)>;

/// Takes out what has the same key on both sides.
pub(super) fn take<'d>(
    gone: &mut Vec<Operation<'d>>,
    come: &mut Vec<Operation<'d>>,
    same: &mut Same<'d>,
    old_key: impl Fn(&Operation<'d>) -> String,
    new_key: impl Fn(&Operation<'d>) -> String,
) {
    if gone.is_empty() || come.is_empty() {
        return;
    }
    let mut places: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for (at, new) in come.iter().enumerate() {
        places.entry(new_key(new)).or_default().insert(at);
    }
    let mut left: Vec<Option<Operation<'d>>> = std::mem::take(come).into_iter().map(Some).collect();
    // Of several with the same key the next in order is taken, then the first.
    let mut from = 0;
    for old in std::mem::take(gone) {
        let there = places.get_mut(&old_key(&old));
        let found = there.and_then(|there| {
            let at = there.range(from..).next().or_else(|| there.first()).copied()?;
            there.remove(&at).then_some(at)
        });
        match found.and_then(|at| Some((at, left.get_mut(at)?.take()?))) {
            Some((at, new)) => {
                same.push((old, new));
                from = at + 1;
            }
            None => gone.push(old),
        }
    }
    come.extend(left.into_iter().flatten());
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
            pairs: Pairs::of(&plain(operation, "")),
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
pub(super) fn moves<'d>(
    gone: &mut Vec<Operation<'d>>,
    come: &mut Vec<Operation<'d>>,
) -> Vec<(Operation<'d>, Operation<'d>, f64)> {
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
