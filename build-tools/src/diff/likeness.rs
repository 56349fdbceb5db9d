//! How alike names and contents are, of many at once: each is taken apart once, and only what two have in common is
//! counted, so that five thousand that went and five thousand that came are no matter of minutes.

use std::collections::HashMap;
use std::hash::Hash;

/// The neighbouring pairs of characters of a text, each with how often it stands there.
pub(super) struct Pairs {
    counts: Vec<((char, char), u32)>,
    size: usize,
}

impl Pairs {
    pub(super) fn of(text: &str) -> Self {
        let mut pairs = neighbours(text.to_lowercase().chars());
        let size = pairs.len();
        pairs.sort_unstable();
        let mut counts: Vec<((char, char), u32)> = Vec::with_capacity(size);
        for pair in pairs {
            match counts.last_mut() {
                Some((known, count)) if *known == pair => *count += 1,
                _ => counts.push((pair, 1)),
            }
        }
        Self { counts, size }
    }

    /// How alike two texts are, 0 to 1: pairs of characters they share.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        let (mut shared, mut rest) = (0, other.counts.iter().peekable());
        for (pair, count) in &self.counts {
            while rest.next_if(|(before, _)| before < pair).is_some() {}
            if let Some((_, also)) = rest.next_if(|(same, _)| same == pair) {
                shared += (*count).min(*also);
            }
        }
        self.similarity_of(shared, other)
    }

    fn similarity_of(&self, shared: u32, other: &Self) -> f64 {
        let size = self.size + other.size;
        if size == 0 { 0.0 } else { 2.0 * f64::from(shared) / size as f64 }
    }
}

/// Each character with the one behind it.
fn neighbours(chars: impl Iterator<Item = char>) -> Vec<(char, char)> {
    let chars: Vec<char> = chars.collect();
    chars.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect()
}

/// The different pairs of letters and digits of a name.
pub(super) fn bigrams(name: &str) -> Vec<(char, char)> {
    let mut pairs = neighbours(name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Which of many have a feature, and how often.
pub(super) struct Index<K> {
    who: HashMap<K, Vec<(u32, u32)>>,
    len: usize,
}

impl<K: Copy + Eq + Hash> Index<K> {
    pub(super) fn new<'a>(all: impl Iterator<Item = &'a [(K, u32)]>) -> Self
    where
        K: 'a,
    {
        let mut who: HashMap<K, Vec<(u32, u32)>> = HashMap::new();
        let mut len = 0;
        for features in all {
            for (feature, count) in features {
                who.entry(*feature).or_default().push((u32::try_from(len).unwrap_or(u32::MAX), *count));
            }
            len += 1;
        }
        Self { who, len }
    }

    /// How much each of them shares with these features, in `shared`.
    pub(super) fn shared(&self, features: &[(K, u32)], shared: &mut Vec<u32>) {
        shared.clear();
        shared.resize(self.len, 0);
        for (feature, count) in features {
            for (at, also) in self.who.get(feature).into_iter().flatten() {
                if let Some(sum) = shared.get_mut(*at as usize) {
                    *sum += (*count).min(*also);
                }
            }
        }
    }
}

/// Names among which others are looked for.
pub(super) struct Names {
    index: Index<(char, char)>,
    pairs: Vec<Pairs>,
    shared: Vec<u32>,
}

impl Names {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let pairs: Vec<Pairs> = names.map(Pairs::of).collect();
        Self { index: Index::new(pairs.iter().map(|pairs| pairs.counts.as_slice())), pairs, shared: Vec::new() }
    }

    /// The first of those at these places that is at least so much like the name.
    pub(super) fn first_like(&mut self, name: &str, among: &[usize], least: f64) -> Option<usize> {
        let pairs = Pairs::of(name);
        self.index.shared(&pairs.counts, &mut self.shared);
        among.iter().copied().find(|at| {
            let found = self.shared.get(*at).zip(self.pairs.get(*at));
            found.is_some_and(|(shared, other)| pairs.similarity_of(*shared, other) >= least)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_of_many_says_what_each_pair_says() {
        let names = ["", "a", "createUser", "create_user", "deleteUser", "ñandú", "aaaa", "aaa", "İstanbul"];
        let mut index = Names::new(names.iter().copied());
        for one in names {
            for (at, other) in names.iter().enumerate() {
                let alike = Pairs::of(one).similarity(&Pairs::of(other));
                assert_eq!(Pairs::of(other).similarity(&Pairs::of(one)), alike);
                assert_eq!(index.first_like(one, &[at], alike), Some(at), "{one} {other}");
                assert_eq!(index.first_like(one, &[at], alike + 1e-9), None, "{one} {other}");
            }
        }
        assert_eq!(Pairs::of("aaaa").similarity(&Pairs::of("AAA")), 0.8);
        assert_eq!(index.first_like("createUsers", &[0, 2, 3, 4], 0.5), Some(2));
        assert_eq!(bigrams("a-b_B").len(), 2);
    }
}
