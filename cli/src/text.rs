//! Makes text of other origin safe to print: servers, documents, files and arguments must not steer a terminal.
//!
//! Every writer of this program goes through this module. Characters that move a cursor, change the direction of
//! writing, start a line or do not show at all are printed as escapes that a person can see.

use std::borrow::Cow;

/// Sequences that this program itself prints for emphasis.
pub(crate) const BOLD: &str = "\u{1b}[1m";
pub(crate) const PLAIN: &str = "\u{1b}[0m";

/// Text of other origin as part of one line: line breaks and tabs become visible escapes too.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|character| push(&mut out, character));
    Cow::Owned(out)
}

/// Whole output of this program: its line breaks, tabs and emphasis stay, everything else becomes visible.
pub(crate) fn visible_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_unsafe(c) && !matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut left = text;
    while let Some(character) = left.chars().next() {
        if let Some(own) = [BOLD, PLAIN].into_iter().find(|own| left.starts_with(own)) {
            out.push_str(own);
            left = left.strip_prefix(own).unwrap_or_default();
            continue;
        }
        match character {
            '\n' | '\t' => out.push(character),
            other => push(&mut out, other),
        }
        left = left.strip_prefix(character).unwrap_or_default();
    }
    Cow::Owned(out)
}

fn push(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        other if is_unsafe(other) => out.push_str(&format!("\\u{{{:x}}}", u32::from(other))),
        other => out.push(other),
    }
}

/// Whether a character must not reach a terminal as it is: it is a control character (C0, DEL, C1), separates lines,
/// changes the direction of writing, or has no width and no use in a name or a value.
pub(crate) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_becomes_visible() {
        for (raw, shown) in [
            ("plain ñ é 漢", "plain ñ é 漢"),
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\u{7f}\u{85}\u{9b}31m", "\\u{7f}\\u{85}\\u{9b}31m"),
            ("\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}", "\\u{202e}\\u{2066}\\u{200b}\\u{2028}\\u{feff}"),
        ] {
            assert_eq!(visible(raw), shown);
        }
    }

    #[test]
    fn own_lines_and_emphasis_stay() {
        let own = format!("{BOLD}NAME{PLAIN}\n\tvalue\n");
        assert_eq!(visible_lines(&own), own);
        assert_eq!(visible_lines("a\u{1b}]0;x\u{7}\rb\n"), "a\\u{1b}]0;x\\u{7}\\rb\n");
    }
}
