//! The known word that is nearest to one that is not known.

/// The nearest of the known words, where one is near enough to have been meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let scored = known.into_iter().map(|other| (distance(&word, &other.to_lowercase()), other));
    let (score, best) = scored.min_by_key(|(score, other)| (*score, other.len()))?;
    let most = match word.chars().count() {
        0..=4 => 1,
        count => count / 3 + 1,
    };
    (score <= most && score < word.chars().count().max(2)).then_some(best)
}

/// How many letters must be changed, added, left out or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let mut last = None;
    for (at, letter) in one.chars().enumerate() {
        let mut next = vec![at + 1];
        for (column, known) in other.iter().enumerate() {
            let of = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let change = of(&row, column) + usize::from(letter != *known);
            let mut best = change.min(of(&row, column + 1) + 1).min(of(&next, column) + 1);
            let swapped = column.checked_sub(1).and_then(|column| other.get(column)) == Some(&letter);
            if swapped && last == Some(*known) && column >= 1 {
                best = best.min(of(&before, column - 1).saturating_add(1));
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(letter);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_far_off() {
        let known = ["record.data.exchange", "zone", "type", "priority"];
        assert_eq!(nearest("zoen", known), Some("zone"));
        assert_eq!(nearest("prioritty", known), Some("priority"));
        assert_eq!(nearest("tpye", known), Some("type"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("ab", "ba"), 1);
    }
}
