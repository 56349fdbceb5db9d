//! Writes words into Markdown so that they are read as words.

/// Appends words to what stands on the lines before, with a backslash before each character that would be more than itself.
/// `text` has no line break in it.
pub(super) fn escaped(text: &str, out: &mut String) {
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let at_start = out.is_empty() || out.ends_with('\n');
        let next = letters.peek().copied();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_markup = match c {
            ' ' if at_start => continue,
            '*' | '`' | '[' | ']' | '<' | '>' | '|' | '~' => true,
            '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
            // Within a word it is a letter.
            '_' => !(is_word(before) && is_word(next)),
            '&' => next.is_none_or(|next| next == '#' || next.is_alphanumeric()),
            // Headings, lists, and what makes a heading or a table of the line before.
            '#' | '+' | '-' | '=' | ':' => at_start,
            '.' | ')' => {
                let digits = out.bytes().rev().take_while(u8::is_ascii_digit).take(10).count();
                let before = out.len().checked_sub(digits + 1).and_then(|at| out.as_bytes().get(at));
                (1..10).contains(&digits) && before.is_none_or(|before| *before == b'\n')
            }
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        escaped(text, &mut out);
        out
    }

    #[test]
    fn words_stay_words() {
        for plain in ["plain words, with (these) marks: 5 - 3 = 2!", "service_id and R & D", "version 1.2"] {
            assert_eq!(written(plain), plain);
        }
        assert_eq!(written("  [a](b) *c* <d> `e` ~f~ |"), "\\[a\\](b) \\*c\\* \\<d\\> \\`e\\` \\~f\\~ \\|");
        assert_eq!(written("# a"), "\\# a");
        assert_eq!(written("1. a"), "1\\. a");
        assert_eq!(written("&lt; _a_ \\* \\u{1b}"), "\\&lt; \\_a\\_ \\\\\\* \\u{1b}");
    }
}
