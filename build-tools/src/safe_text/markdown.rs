//! Text of a document within Markdown that somebody publishes: no link, image, mention, heading or HTML of its own.

use std::borrow::Cow;

use super::line;

/// A value as a code span, with as many backticks as it needs.
pub fn code(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    span(&line(text))
}

/// What is on one line already, as a code span.
pub(super) fn span(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text, '`') + 1);
    // One space at each end is not shown where both have one.
    let strips = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = if text.starts_with('`') || text.ends_with('`') || strips { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// The same within a cell of a table, where a pipe would end the cell.
pub fn cell(text: &str) -> String {
    code(&cell_text(text))
}

/// Pipes as a table takes them. Readers disagree on a pipe behind a backslash, so that one is written as an escape.
pub(super) fn cell_text(text: &str) -> Cow<'_, str> {
    if !text.contains('|') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '|' if out.ends_with('\\') => out.push_str("\\u{7c}"),
            '|' => out.push_str("\\|"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A sentence of ours that may quote a document in code spans. Where it holds anything else that could be markup, all of
/// it becomes a code span.
pub fn prose(text: &str) -> Cow<'_, str> {
    if is_plain(text) { Cow::Borrowed(text) } else { Cow::Owned(code(text)) }
}

/// The same within a cell of a table.
pub fn prose_cell(text: &str) -> Cow<'_, str> {
    if is_plain(text) { cell_text(text) } else { Cow::Owned(cell(text)) }
}

/// A block of code. Its fence is longer than any run within, so that nothing in it ends it.
pub fn fence(text: &str, info: &str) -> String {
    let ticks = "`".repeat(longest_run(text, '`').max(2) + 1);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{info}\n{text}{end}{ticks}\n")
}

/// Words and code spans only, on one line.
fn is_plain(text: &str) -> bool {
    if line(text) != text {
        return false;
    }
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (words, span) = rest.split_at(at);
        let ticks = span.len() - span.trim_start_matches('`').len();
        let (open, inner) = span.split_at(ticks);
        let Some(end) = closing(inner, open) else { return false };
        if !are_words(words) {
            return false;
        }
        rest = inner.get(end + ticks..).unwrap_or_default();
    }
    are_words(rest)
}

/// Where the run of backticks begins that closes a span.
fn closing(text: &str, run: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find('`') {
        let start = from + at;
        let found = text.get(start..)?;
        let ticks = found.len() - found.trim_start_matches('`').len();
        if ticks == run.len() {
            return Some(start);
        }
        from = start + ticks;
    }
    None
}

fn are_words(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || " .,;:()'\"/%?=…–—".contains(c) || c == '-';
    let lowered = text.to_lowercase();
    text.chars().all(plain) && !lowered.contains("://") && !lowered.contains("www.") && !lowered.contains("gh-")
}

/// The length of the longest run of a character.
fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_have_enough_backticks() {
        assert_eq!(code("GET /a"), "`GET /a`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(" a "), "`  a  `");
        assert_eq!(code("a\n# b"), "`a\\n# b`");
        assert_eq!(cell("a|b\\|c"), "`a\\|b\\\\u{7c}c`");
        assert_eq!(code(""), "(empty)");
    }

    #[test]
    fn prose_is_ours_or_code() {
        let ours = "2 operations moved from `/a@b` to ``/`c``; clients call the old addresses (50 % alike)";
        assert_eq!(prose(ours), ours);
        for other in
            ["see @team", "#12", "a <b>", "[a](b)", "www.x.es", "http://x", "a `b", "*a*", "a\nb", "GH-1", "a | b"]
        {
            assert!(prose(other).starts_with('`') && prose(other).ends_with('`') || other == "a `b", "{other}");
        }
        assert_eq!(prose("a `b"), "``a `b``");
        assert_eq!(prose_cell("`a|b` is out"), "`a\\|b` is out");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("a\n````\n", "rust"), "`````rust\na\n````\n`````\n");
        assert_eq!(fence("a", "text"), "```text\na\n```\n");
    }
}
