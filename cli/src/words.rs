//! A line to its words as a shell would part them: blanks, quotes and backslashes, without all else that a shell does.

/// What a line consists of.
pub(crate) struct Words {
    /// The words that are whole.
    pub(crate) whole: Vec<String>,
    /// The one that the line ends in, if it does not end in a blank.
    pub(crate) last: Option<String>,
    /// Whether a quote is left open.
    pub(crate) open: bool,
}

/// Parts a line, which may be unfinished.
pub(crate) fn words(line: &str) -> Words {
    let (mut whole, mut last, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                last.get_or_insert_default();
            }
            (Some('"') | None, '\\') => last.get_or_insert_default().extend(characters.next()),
            (None, c) if c.is_whitespace() => whole.extend(last.take()),
            (_, c) => last.get_or_insert_default().push(c),
        }
    }
    Words { whole, last, open: quote.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_not_whole_says_so() {
        for (line, whole, last, open) in [
            ("pass show 'a b'", &["pass", "show"][..], Some("a b"), false),
            ("pass 'show", &["pass"], Some("show"), true),
            (r#"a "b \" c" "#, &["a", "b \" c"], None, false),
            ("''", &[], Some(""), false),
            ("", &[], None, false),
        ] {
            let found = words(line);
            assert_eq!(
                (found.whole.as_slice(), found.last.as_deref(), found.open),
                (&whole.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()[..], last, open),
                "{line}"
            );
        }
    }
}
