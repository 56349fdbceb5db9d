//! Follows pairs of schemas to the changes that they lead to, and back to the places that lead to them.

use super::{Pair, Site};

/// What each pair leads to.
pub(in crate::diff) struct Reach<'a, 'd> {
    pairs: &'a [Pair<'d>],
    /// The pairs that lead to each pair.
    parents: Vec<Vec<usize>>,
    /// Whether a pair leads to any change: whole parts of the graph do not, and need not be walked.
    leads: Vec<bool>,
    /// The walk in which a pair was seen last.
    seen: Vec<usize>,
    walks: usize,
}

impl<'a, 'd> Reach<'a, 'd> {
    pub(super) fn of_pairs(pairs: &'a [Pair<'d>]) -> Self {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); pairs.len()];
        for (at, pair) in pairs.iter().enumerate() {
            for child in &pair.children {
                parents.get_mut(*child).into_iter().for_each(|parents| parents.push(at));
            }
        }
        let mut leads: Vec<bool> = pairs.iter().map(|pair| !pair.changes.is_empty()).collect();
        let mut open: Vec<usize> = leads.iter().enumerate().filter(|(_, leads)| **leads).map(|(at, _)| at).collect();
        while let Some(at) = open.pop() {
            for &parent in parents.get(at).map(Vec::as_slice).unwrap_or_default() {
                if let Some(leads) = leads.get_mut(parent).filter(|leads| !**leads) {
                    *leads = true;
                    open.push(parent);
                }
            }
        }
        Self { pairs, parents, leads, seen: vec![0; pairs.len()], walks: 0 }
    }

    /// All changes that a pair leads to.
    pub(in crate::diff) fn of(&mut self, pair: usize) -> Vec<usize> {
        self.walks += 1;
        let (mut open, mut found) = (vec![pair], Vec::new());
        while let Some(at) = open.pop() {
            let (Some(pair), Some(seen)) = (self.pairs.get(at), self.seen.get_mut(at)) else { continue };
            if *seen == self.walks || self.leads.get(at) != Some(&true) {
                continue;
            }
            *seen = self.walks;
            found.extend(&pair.changes);
            open.extend(&pair.children);
        }
        found
    }

    /// The places that lead to a pair by a reference that was changed, nearest first; none where no reference was.
    pub(in crate::diff) fn sites(&mut self, start: usize) -> Vec<Site<'d>> {
        self.walks += 1;
        let (mut open, mut found) = (vec![start], Vec::new());
        while let Some(at) = open.pop() {
            let (Some(pair), Some(seen)) = (self.pairs.get(at), self.seen.get_mut(at)) else { continue };
            if std::mem::replace(seen, self.walks) == self.walks {
                continue;
            }
            match pair.sites.is_empty() {
                false => found.extend(&pair.sites),
                true => open.extend(self.parents.get(at).into_iter().flatten()),
            }
        }
        // No reference was changed: the schemas are where they are.
        if found.is_empty() {
            found.extend(self.pairs.get(start).and_then(|pair| pair.place));
        }
        found
    }
}
