//! Markdown and HTML pages as one list of blocks: headings, paragraphs, code, tables, list items and definitions.

pub(super) use super::blocks_html::of_html;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// One block of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Heading {
        level: usize,
        text: String,
        id: String,
    },
    /// Text, with code in backticks and strong text in `**`.
    Paragraph(String),
    Code {
        language: String,
        text: String,
    },
    Table {
        header: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// An item of a list, and how deep it is.
    Item {
        depth: usize,
        text: String,
    },
}

/// A block and the line it begins in.
pub(super) type Placed = (Block, usize);

pub(super) const MAX_BLOCKS: usize = 200_000;

/// The blocks of a Markdown text.
pub(super) fn of_markdown(text: &str) -> Vec<Placed> {
    let text = without_front_matter(text);
    let (offset, text) = text;
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES | Options::ENABLE_STRIKETHROUGH;
    let mut reader = Markdown { blocks: Vec::new(), text: String::new(), ..Markdown::default() };
    let (mut line, mut counted) = (offset + 1, 0_usize);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        let more = text.as_bytes().get(counted..range.start.max(counted)).unwrap_or_default();
        line += more.iter().filter(|byte| **byte == b'\n').count();
        counted = counted.max(range.start);
        reader.event(event, line);
        if reader.blocks.len() >= MAX_BLOCKS {
            break;
        }
    }
    reader.blocks
}

/// A text behind its front matter, and how many lines that had.
fn without_front_matter(text: &str) -> (usize, &str) {
    let text = text.trim_start_matches('\u{feff}');
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else { return (0, text) };
    let Some(at) = rest.find("\n---") else { return (0, text) };
    let after = rest.get(at + 4..).unwrap_or_default();
    let lines = text.len() - after.len();
    (text.as_bytes().iter().take(lines).filter(|byte| **byte == b'\n').count(), after)
}

#[derive(Default)]
struct Markdown {
    blocks: Vec<Placed>,
    text: String,
    line: usize,
    heading: Option<(usize, String)>,
    code: Option<String>,
    lists: usize,
    table: Option<(Vec<String>, Vec<Vec<String>>)>,
    row: Vec<String>,
    in_table: bool,
    html: String,
}

impl Markdown {
    fn event(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Start(tag) => self.start(tag, line),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(code) => {
                self.text.push('`');
                self.text.push_str(&code);
                self.text.push('`');
            }
            Event::SoftBreak | Event::HardBreak => self.text.push('\n'),
            Event::InlineHtml(html) if html.starts_with("<br") => self.text.push('\n'),
            Event::InlineHtml(html) => match html.to_ascii_lowercase().as_str() {
                "<code>" | "</code>" => self.text.push('`'),
                "<b>" | "</b>" | "<strong>" | "</strong>" => self.text.push_str("**"),
                _ => {}
            },
            Event::Html(html) => self.html.push_str(&html),
            _ => {}
        }
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() || self.in_table {
            return;
        }
        let block = match self.lists {
            0 => Block::Paragraph(text.trim().to_owned()),
            depth => Block::Item { depth, text: text.trim().to_owned() },
        };
        self.blocks.push((block, self.line));
    }

    fn start(&mut self, tag: Tag<'_>, line: usize) {
        match tag {
            Tag::Heading { level, id, .. } => {
                self.flush();
                self.heading = Some((level as usize, id.map(|id| id.to_string()).unwrap_or_default()));
                self.line = line;
            }
            Tag::Paragraph => {
                self.flush();
                self.line = line;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '{']).next().unwrap_or_default().to_ascii_lowercase()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some(language);
                self.line = line;
            }
            Tag::List(_) => {
                self.flush();
                self.lists += 1;
            }
            Tag::Item => {
                self.flush();
                self.line = line;
            }
            Tag::Table(_) => {
                self.flush();
                self.in_table = true;
                self.table = Some((Vec::new(), Vec::new()));
                self.line = line;
            }
            Tag::TableCell => self.text.clear(),
            Tag::TableRow | Tag::TableHead => self.row.clear(),
            Tag::Strong => self.text.push_str("**"),
            Tag::HtmlBlock => {
                self.flush();
                self.html.clear();
                self.line = line;
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                let text = std::mem::take(&mut self.text);
                if let Some((level, id)) = self.heading.take() {
                    let (text, id) = heading_id(&text, id);
                    self.blocks.push((Block::Heading { level, text, id }, self.line));
                }
            }
            TagEnd::Paragraph | TagEnd::Item => self.flush(),
            TagEnd::CodeBlock => {
                let text = std::mem::take(&mut self.text);
                if let Some(language) = self.code.take() {
                    self.blocks.push((Block::Code { language, text }, self.line));
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists = self.lists.saturating_sub(1);
            }
            TagEnd::TableCell => {
                let text = std::mem::take(&mut self.text);
                self.row.push(text.trim().to_owned());
            }
            TagEnd::TableHead => {
                let row = std::mem::take(&mut self.row);
                if let Some((header, _)) = &mut self.table {
                    *header = row;
                }
            }
            TagEnd::TableRow => {
                let row = std::mem::take(&mut self.row);
                if let Some((_, rows)) = &mut self.table {
                    rows.push(row);
                }
            }
            TagEnd::Table => {
                self.in_table = false;
                self.text.clear();
                if let Some((header, rows)) = self.table.take() {
                    self.blocks.push((Block::Table { header, rows }, self.line));
                }
            }
            TagEnd::Strong => self.text.push_str("**"),
            TagEnd::HtmlBlock => {
                let html = std::mem::take(&mut self.html);
                let line = self.line;
                // Tables and code that are written as HTML within Markdown.
                self.blocks.extend(of_html(&html).into_iter().map(|(block, at)| (block, line + at.saturating_sub(1))));
            }
            _ => {}
        }
    }
}

/// A heading without the `{#id}` of kramdown.
fn heading_id(text: &str, id: String) -> (String, String) {
    let text = text.trim();
    match text.rsplit_once("{#") {
        Some((before, rest)) if rest.ends_with('}') => {
            (before.trim().to_owned(), rest.trim_end_matches('}').to_owned())
        }
        _ => (text.to_owned(), id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_and_html_give_the_same_blocks() {
        let markdown = "## Crear {#crear}\n\n`POST /a`\n\n| Nombre | Tipo |\n|---|---|\n| `b` | **x** |\n\n- uno\n\n```json\n{}\n```\n";
        let html = "<h2>Crear</h2><p><code>POST /a</code></p><table><tr><th>Nombre<th>Tipo<tr><td><code>b</code><td><b>x</b></table>\
                    <ul><li>uno</ul><pre><code class=language-json>{}\n</code></pre>";
        let plain = |blocks: Vec<Placed>| -> Vec<Block> {
            blocks
                .into_iter()
                .map(|(block, _)| match block {
                    Block::Heading { level, text, .. } => Block::Heading { level, text, id: String::new() },
                    block => block,
                })
                .collect()
        };
        assert_eq!(plain(of_markdown(markdown)), plain(of_html(html)));
        assert_eq!(of_markdown(markdown).len(), 5);
    }
}
