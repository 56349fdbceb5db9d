//! Makes text of a document safe to show: it must not steer a terminal, start a line of output, or be markup.
//!
//! Every writer passes what a document says (descriptions, but also paths, names, tags and enum values) through the
//! function of its target:
//!
//! | target | one value | several lines |
//! |---|---|---|
//! | terminal, log | [`line`](fn@line) | [`page`], for the whole output |
//! | Markdown | [`markdown::code`], [`markdown::cell`], [`markdown::prose`] | [`markdown::fence`] |
//! | HTML text and attributes | [`html`] | [`html`] |
//! | GitHub annotation | [`annotation`], [`annotation_property`] | |
//! | JSON as it is printed | | [`json`] |
//! | doc comment | `doc_comment::doc_comment` (feature `codegen`) | the same |
//!
//! All of them can be applied twice without a further change, except [`html`], [`annotation`] and the code spans, which
//! add markup.

#[cfg(feature = "codegen")]
pub mod doc_comment;
pub mod markdown;
#[cfg(feature = "codegen")]
mod words;

use std::borrow::Cow;

/// Whether a character has no shape of its own: it controls a terminal, ends a line, turns the direction of writing
/// round, or is not seen at all.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A value within a line of output: hidden characters and line breaks are written as escapes.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) && !text.contains(COMMAND) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    text.chars().for_each(|c| escape(c, &mut out));
    Cow::Owned(out.replace(COMMAND, COMMAND_SHOWN))
}

/// A whole output for a terminal or a log: line breaks stay, all other hidden characters are written as escapes, and no
/// line is a command of a CI system (`::error::` at its start).
pub fn page(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for whole in text.split_inclusive('\n') {
        let (content, end) = whole.strip_suffix('\n').map_or((whole, ""), |content| (content, "\n"));
        let content = line(content);
        let start = content.trim_start();
        match start.strip_prefix("::") {
            Some(rest) => {
                out.push_str(content.strip_suffix(start).unwrap_or_default());
                out.push_str("\\u{3a}:");
                out.push_str(rest);
            }
            None => out.push_str(&content),
        }
        out.push_str(end);
    }
    out
}

/// JSON text with the same meaning: hidden characters, which stand within strings only, are written as escapes.
pub fn json(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\n' && is_hidden(c);
    if !text.chars().any(hidden) && !text.contains(COMMAND) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if hidden(c) {
            json_escape(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out.replace(COMMAND, "#\\u0023["))
}

/// `\u001b`, or two of those for a character beyond the first plane.
pub(crate) fn json_escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// Text or the value of an attribute within HTML. Line breaks stay.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            c => escape(c, &mut out),
        }
    }
    out
}

/// The message of a GitHub annotation.
pub fn annotation(text: &str) -> String {
    line(text).replace('%', "%25")
}

/// The value of a property of a GitHub annotation.
pub fn annotation_property(text: &str) -> String {
    annotation(text).replace(':', "%3A").replace(',', "%2C")
}

/// Old commands of CI systems begin with this anywhere in a line.
const COMMAND: &str = "##[";
const COMMAND_SHOWN: &str = "#\\u{23}[";

fn escape(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if is_hidden(c) => out.extend(c.escape_unicode()),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[31m\r\n::error::x\u{202e}\u{9b}2J\u{2028}\u{feff}\u{e0041}\u{200b}##[add-mask]b\tc";

    #[test]
    fn a_value_keeps_to_its_line_and_shows_what_was_hidden() {
        let shown = "a\\u{1b}[31m\\r\\n::error::x\\u{202e}\\u{9b}2J\\u{2028}\\u{feff}\\u{e0041}\\u{200b}#\\u{23}[add-mask]b\\tc";
        assert_eq!(line(HOSTILE), shown);
        assert_eq!(line(shown), shown);
        assert!(matches!(line("plain — ñ ⚠\u{fe0f} 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn no_line_of_a_page_is_a_command() {
        let text = "a\n  ::error::x\n::add-mask::y\r\nb ::c\n";
        assert_eq!(page(text), "a\n  \\u{3a}:error::x\n\\u{3a}:add-mask::y\\r\nb ::c\n");
        assert_eq!(page(&page(text)), page(text));
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ HOSTILE: [HOSTILE] });
        let text = format!("{value:#}\n");
        let safe = json(&text);
        assert!(!safe.chars().any(|c| c != '\n' && is_hidden(c)) && !safe.contains("##["), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn html_and_annotations_have_no_markup_of_others() {
        assert_eq!(html("<img src='x'>&\"\r\n\u{1f}"), "&lt;img src=&#39;x&#39;&gt;&amp;&quot;\n\\u{1f}");
        assert_eq!(annotation("50 %\n::x"), "50 %25\\n::x");
        assert_eq!(annotation_property("a,b:c\r"), "a%2Cb%3Ac\\r");
    }
}
