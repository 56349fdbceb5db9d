//! A page as a flat list of elements and text in document order, each with the end of what is in it.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// The largest page that is read, in bytes.
pub(super) const MAX_PAGE: usize = 32 << 20;
const MAX_NODES: usize = 2_000_000;

/// A page. Elements that nobody closes end with their parent.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) nodes: Vec<Item>,
}

/// An element, or text (without a name).
#[derive(Debug, Default)]
pub(super) struct Item {
    /// The element's name; empty for text.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) text: String,
    /// The index behind the last node within this one.
    pub(super) end: usize,
    pub(super) line: usize,
}

impl Item {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn has_class(&self, class: &str) -> bool {
        self.get("class").is_some_and(|all| all.split_whitespace().any(|known| known == class))
    }
}

const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param"];

/// Open elements that a new one of this name ends, where they are the innermost of their kind.
fn ends(name: &str) -> &'static [&'static str] {
    match name {
        "li" => &["li", "p"],
        "dt" | "dd" => &["dt", "dd", "p"],
        "tr" => &["tr", "td", "th", "p"],
        "td" | "th" => &["td", "th", "p"],
        "tbody" | "tfoot" | "thead" => &["tr", "td", "th", "thead", "tbody", "p"],
        "option" => &["option"],
        "p" | "div" | "ul" | "ol" | "table" | "pre" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote"
        | "form" | "section" | "article" | "dl" | "details" | "hr" => &["p"],
        _ => &[],
    }
}

impl Page {
    /// Reads a page; nothing is an error.
    pub(super) fn read(text: &str) -> Self {
        let end = (0..=text.len().min(MAX_PAGE)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let text = text.get(..end).unwrap_or_default();
        let mut emitter: DefaultEmitter<usize> = DefaultEmitter::new_with_span();
        emitter.naively_switch_states(true);
        let mut page = Self::default();
        let mut open: Vec<usize> = Vec::new();
        let (mut line, mut counted) = (1_usize, 0_usize);
        let mut line_at = |offset: usize| {
            let more = text.as_bytes().get(counted..offset.max(counted)).unwrap_or_default();
            line += more.iter().filter(|byte| **byte == b'\n').count();
            counted = counted.max(offset);
            line
        };
        for token in Tokenizer::new_with_emitter(text, emitter) {
            let Ok(token) = token;
            if page.nodes.len() >= MAX_NODES {
                break;
            }
            match token {
                Token::StartTag(tag) => {
                    let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
                    page.end_implied(&mut open, &name);
                    let attributes = tag.attributes.iter().map(|(key, value)| {
                        (String::from_utf8_lossy(key).into_owned(), String::from_utf8_lossy(value).into_owned())
                    });
                    let attributes = attributes.collect();
                    let is_open = !tag.self_closing && !VOID.contains(&name.as_str());
                    let at = page.nodes.len();
                    let line = line_at(tag.span.start);
                    page.nodes.push(Item { name, attributes, end: at + 1, line, ..Item::default() });
                    if is_open && open.len() < 2_000 {
                        open.push(at);
                    }
                }
                Token::EndTag(tag) => {
                    let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
                    // Only near elements are looked at: a stray end tag ends nothing.
                    let found = open.iter().rposition(|at| page.nodes.get(*at).is_some_and(|node| node.name == name));
                    if let Some(found) = found {
                        let end = page.nodes.len();
                        for at in open.drain(found..) {
                            page.nodes.iter_mut().skip(at).take(1).for_each(|node| node.end = end);
                        }
                    }
                }
                Token::String(value) => {
                    let line = line_at(value.span.start);
                    let text = String::from_utf8_lossy(&value.value).into_owned();
                    let at = page.nodes.len();
                    page.nodes.push(Item { text, end: at + 1, line, ..Item::default() });
                }
                _ => {}
            }
        }
        let end = page.nodes.len();
        for at in open {
            page.nodes.iter_mut().skip(at).take(1).for_each(|node| node.end = end);
        }
        page
    }

    fn end_implied(&mut self, open: &mut Vec<usize>, name: &str) {
        let ended = ends(name);
        while let Some(last) = open.last().copied() {
            let is_ended = self.nodes.get(last).is_some_and(|node| ended.contains(&node.name.as_str()));
            if !is_ended {
                break;
            }
            let end = self.nodes.len();
            self.nodes.iter_mut().skip(last).take(1).for_each(|node| node.end = end);
            open.pop();
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Item> {
        self.nodes.get(at)
    }

    /// The nodes within an element, with their indexes.
    pub(super) fn within(&self, at: usize) -> impl Iterator<Item = (usize, &Item)> {
        let end = self.nodes.get(at).map_or(0, |node| node.end);
        self.range(at + 1, end)
    }

    pub(super) fn range(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, &Item)> {
        self.nodes.iter().enumerate().take(to).skip(from)
    }

    /// The text within an element, white space as written.
    pub(super) fn raw_text(&self, at: usize) -> String {
        let mut out = String::new();
        let mut skip_to = 0;
        for (index, node) in self.within(at) {
            if index < skip_to {
                continue;
            }
            match node.name.as_str() {
                "" => out.push_str(&node.text),
                "br" => out.push('\n'),
                "script" | "style" | "template" => skip_to = node.end,
                _ => {}
            }
        }
        out
    }

    /// The text within an element, white space collapsed.
    pub(super) fn text(&self, at: usize) -> String {
        collapse(&self.raw_text(at))
    }
}

/// Text with single blanks.
pub(super) fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_end_where_the_standard_ends_them() {
        let page =
            Page::read("<table><tr><td>a<td>b <b>c</b><tr><td>d</table><p>e<p>f<script>if (1<2) '</p>'</script>");
        let cells: Vec<String> = (0..page.nodes.len())
            .filter(|at| page.get(*at).is_some_and(|node| node.name == "td"))
            .map(|at| page.text(at))
            .collect();
        assert_eq!(cells, ["a", "b c", "d"]);
        let paragraphs =
            page.nodes.iter().enumerate().filter(|(_, node)| node.name == "p").map(|(at, _)| page.text(at));
        assert_eq!(paragraphs.collect::<Vec<_>>(), ["e", "f"]);
    }
}
