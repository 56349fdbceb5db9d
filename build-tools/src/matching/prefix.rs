//! Finds the prefix by which most of the operations that match nothing have moved.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Endpoint, unnamed};

/// Fewer operations than these show no prefix.
const LEAST: usize = 5;

/// A prefix has no more segments than these.
const DEEPEST: usize = 5;

/// An endpoint's number, its method, and the segments of its address without the names of parameters.
struct Segments<'a> {
    number: usize,
    method: &'a str,
    all: Vec<String>,
}

/// The pairs of a known endpoint and a found one that differ by one prefix only: the prefix that most of them share, if
/// these are at least [`LEAST`] and more than half of the shorter list.
pub(super) fn moved(
    known: &[Endpoint],
    taken: &BTreeSet<usize>,
    found: &[Endpoint],
    settled: &BTreeSet<usize>,
) -> Vec<(usize, usize)> {
    let (old, new) = (left(known, taken), left(found, settled));
    let shorter = old.len().min(new.len());
    if shorter < LEAST {
        return Vec::new();
    }
    let (before, after) = (heads(&old, shorter), heads(&new, shorter));
    // How many pairs, the length of both prefixes, and the pairs.
    type Best = (usize, usize, Vec<(usize, usize)>);
    let mut best: Option<Best> = None;
    for was in &before {
        let by_rest = by_rest(&old, was);
        for is in after.iter().filter(|is| *is != was) {
            let pairs: Vec<(usize, usize)> = by_rest_pairs(&by_rest, &new, is);
            let length = was.len() + is.len();
            let better = best.as_ref().is_none_or(|(count, shortest, _)| {
                pairs.len() > *count || (pairs.len() == *count && length < *shortest)
            });
            if better && pairs.len() >= LEAST && pairs.len() * 2 > shorter {
                best = Some((pairs.len(), length, pairs));
            }
        }
    }
    best.map(|(.., pairs)| pairs).unwrap_or_default()
}

fn left<'a>(endpoints: &'a [Endpoint], without: &BTreeSet<usize>) -> Vec<Segments<'a>> {
    let rest = endpoints.iter().enumerate().filter(|(number, _)| !without.contains(number));
    let segments = |endpoint: &Endpoint| {
        let all = endpoint.address.split('/').filter(|segment| !segment.is_empty());
        all.map(unnamed).collect()
    };
    rest.map(|(number, endpoint)| Segments { number, method: &endpoint.method, all: segments(endpoint) }).collect()
}

/// The beginnings that more than half as many endpoints have as the shorter list is long. The empty one is among them.
fn heads(endpoints: &[Segments<'_>], shorter: usize) -> Vec<Vec<String>> {
    let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
    for endpoint in endpoints {
        for length in 0..endpoint.all.len().min(DEEPEST + 1) {
            if let Some(head) = endpoint.all.get(..length) {
                *counts.entry(head).or_default() += 1;
            }
        }
    }
    counts.into_iter().filter(|(_, count)| count * 2 > shorter).map(|(head, _)| head.to_vec()).collect()
}

/// Method and segments after a prefix to the endpoint that has these; nothing where two have the same.
type Rests<'a> = HashMap<(&'a str, &'a [String]), Option<usize>>;

fn by_rest<'a>(endpoints: &'a [Segments<'_>], head: &[String]) -> Rests<'a> {
    let mut found: Rests<'a> = HashMap::new();
    for endpoint in endpoints {
        if let Some(rest) = endpoint.all.strip_prefix(head).filter(|rest| !rest.is_empty()) {
            found.entry((endpoint.method, rest)).and_modify(|known| *known = None).or_insert(Some(endpoint.number));
        }
    }
    found
}

fn by_rest_pairs(old: &Rests<'_>, new: &[Segments<'_>], head: &[String]) -> Vec<(usize, usize)> {
    let new = by_rest(new, head);
    let mut pairs: Vec<(usize, usize)> =
        new.into_iter().filter_map(|(rest, number)| Some(((*old.get(&rest)?)?, number?))).collect();
    pairs.sort_unstable();
    pairs
}
