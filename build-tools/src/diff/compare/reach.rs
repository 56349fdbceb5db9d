//! Pairs of schemas to the changes that they lead to.

use super::Pair;

/// What each pair leads to.
pub(in crate::diff) struct Reach<'a> {
    pairs: &'a [Pair],
    /// Whether a pair leads to any change: whole parts of the graph do not, and need not be walked.
    leads: Vec<bool>,
    /// The walk in which a pair was seen last.
    seen: Vec<usize>,
    walks: usize,
}

impl<'a> Reach<'a> {
    pub(super) fn of_pairs(pairs: &'a [Pair]) -> Self {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); pairs.len()];
        for (at, pair) in pairs.iter().enumerate() {
            for child in &pair.children {
                parents.get_mut(*child).into_iter().for_each(|parents| parents.push(at));
            }
        }
        let mut leads: Vec<bool> = pairs.iter().map(|pair| !pair.changes.is_empty()).collect();
        let mut open: Vec<usize> = leads.iter().enumerate().filter(|(_, leads)| **leads).map(|(at, _)| at).collect();
        while let Some(at) = open.pop() {
            for parent in parents.get_mut(at).map(std::mem::take).unwrap_or_default() {
                if let Some(leads) = leads.get_mut(parent).filter(|leads| !**leads) {
                    *leads = true;
                    open.push(parent);
                }
            }
        }
        Self { pairs, leads, seen: vec![0; pairs.len()], walks: 0 }
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
}
