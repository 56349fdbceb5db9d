//! Whether a text has a pattern, where both are so plain that every reader of patterns says the same.

use regex::bytes::RegexBuilder;

/// Longer patterns are not tried.
const LONGEST: usize = 500;

/// Nothing where the pattern or the text has something on which ECMAScript and this reader might differ.
pub(super) fn has(pattern: &str, text: &str) -> Option<bool> {
    if !text.is_ascii() || !pattern.is_ascii() || pattern.len() > LONGEST || !is_plain(pattern) {
        return None;
    }
    let reader = RegexBuilder::new(pattern).unicode(false).size_limit(1 << 20).build().ok()?;
    Some(reader.is_match(text.as_bytes()))
}

/// No class within a class, no groups but plain ones, no escapes that only one of the two knows.
fn is_plain(pattern: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(char) = rest.next() {
        if char == '\\'
            && !rest.next().is_some_and(|next| {
                "dDwWsSbBnrtfv".contains(next) || next.is_ascii_punctuation() && !"<>".contains(next)
            })
        {
            return false;
        }
    }
    let groups =
        pattern.match_indices("(?").all(|(at, _)| pattern.get(at..).is_some_and(|rest| rest.starts_with("(?:")));
    let in_class = |rest: &str| rest.split(']').next().is_some_and(|class| class.contains('['));
    groups
        && !["&&", "--", "~~", "[]", "[^]"].iter().any(|word| pattern.contains(word))
        && !pattern.match_indices('[').any(|(at, _)| pattern.get(at + 1..).is_some_and(in_class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_all_readers_say_is_said() {
        for (pattern, text, said) in [
            ("^b$", "b", Some(true)),
            ("^b$", "aa", Some(false)),
            (r"^\d{2}-[a-z]+$", "12-x", Some(true)),
            (r"^\d$", "1\n", Some(false)),
            ("^(?:a|b)$", "c", Some(false)),
            (r"^\p{L}+$", "a", None),
            ("^(?=a)", "a", None),
            ("[a&&b]", "a", None),
            ("[[a]", "a", None),
            (r"\Aa", "a", None),
            ("é", "e", None),
            ("^.$", "é", None),
            ("(", "a", None),
        ] {
            assert_eq!(has(pattern, text), said, "{pattern} {text}");
        }
    }
}
