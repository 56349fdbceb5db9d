//! Markdown and HTML pages as one list of blocks: headings, paragraphs, code, tables, list items and definitions.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::dom::{Page, collapse};

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

const MAX_BLOCKS: usize = 200_000;

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

/// The blocks of an HTML page.
pub(super) fn of_html(text: &str) -> Vec<Placed> {
    let page = Page::read(text);
    // Navigation repeats what the page says.
    let main = page.nodes.iter().position(|node| node.name == "main" || node.get("role") == Some("main"));
    let main = main.or_else(|| page.nodes.iter().position(|node| node.name == "article"));
    let with_code =
        |at: &usize| page.within(*at).any(|(_, node)| matches!(node.name.as_str(), "code" | "pre" | "table"));
    let (from, to) = match main.filter(with_code) {
        Some(at) => (at + 1, page.get(at).map_or(page.nodes.len(), |node| node.end)),
        None => (0, page.nodes.len()),
    };
    let mut blocks: Vec<Placed> = Vec::new();
    let mut loose = String::new();
    let mut loose_line = 0;
    let mut skip_to = from;
    let mut lists: Vec<usize> = Vec::new();
    for (at, node) in page.range(from, to) {
        if at < skip_to {
            continue;
        }
        lists.retain(|end| at < *end);
        let name = node.name.as_str();
        let is_block = matches!(
            name,
            "h1" | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "p"
                | "pre"
                | "table"
                | "ul"
                | "ol"
                | "li"
                | "dl"
                | "dt"
                | "dd"
                | "div"
                | "section"
                | "blockquote"
                | "article"
                | "br"
        );
        if is_block && name != "br" {
            push_loose(&mut blocks, &mut loose, loose_line);
        }
        match name {
            "script" | "style" | "nav" | "footer" | "template" | "head" | "aside" | "button" | "svg" | "noscript" => {
                skip_to = node.end;
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.trim_start_matches('h').parse().unwrap_or(6);
                let text = inline(&page, at);
                let text = text
                    .trim_matches(|c: char| c.is_whitespace() || matches!(c, '¶' | '#' | '§' | '\u{f0c1}'))
                    .to_owned();
                if !text.is_empty() {
                    blocks.push((Block::Heading { level, text, id: String::new() }, node.line));
                }
                skip_to = node.end;
            }
            "pre" => {
                let class = node.get("class").unwrap_or_default().to_owned();
                let inner = page
                    .within(at)
                    .find(|(_, node)| node.name == "code")
                    .and_then(|(_, node)| node.get("class"))
                    .unwrap_or_default();
                let language = format!("{class} {inner}");
                let language = language.split_whitespace().find_map(|class| {
                    class
                        .strip_prefix("language-")
                        .or_else(|| class.strip_prefix("lang-"))
                        .or_else(|| class.strip_prefix("highlight-"))
                });
                let language = language.unwrap_or_default().to_ascii_lowercase();
                blocks.push((Block::Code { language, text: page.raw_text(at) }, node.line));
                skip_to = node.end;
            }
            "p" => {
                let text = inline(&page, at);
                if !text.is_empty() {
                    blocks.push((Block::Paragraph(text), node.line));
                }
                skip_to = node.end;
            }
            "table" => {
                blocks.extend(table(&page, at).map(|block| (block, node.line)));
                skip_to = node.end;
            }
            "ul" | "ol" => lists.push(node.end),
            "li" => {
                // The item's own text; blocks within it are their own.
                let inner = page
                    .within(at)
                    .find(|(_, node)| matches!(node.name.as_str(), "ul" | "ol" | "pre" | "table" | "dl"));
                let end = inner.map_or(node.end, |(at, _)| at);
                let text = inline_range(&page, at + 1, end);
                if !text.is_empty() {
                    blocks.push((Block::Item { depth: lists.len().max(1), text }, node.line));
                }
                skip_to = end;
            }
            "dt" => {
                let text = inline(&page, at);
                let dd = page.range(node.end, to).find(|(_, node)| !node.name.is_empty());
                let said = dd.filter(|(_, node)| node.name == "dd");
                let plain = said.is_some_and(|(at, _)| {
                    !page.within(at).any(|(_, node)| matches!(node.name.as_str(), "pre" | "table" | "dl" | "ul"))
                });
                match said.filter(|_| plain) {
                    Some((dd, inner)) => {
                        let text = format!("{text} — {}", inline(&page, dd));
                        blocks.push((Block::Item { depth: lists.len() + 1, text }, node.line));
                        skip_to = inner.end;
                    }
                    None => {
                        blocks.push((Block::Paragraph(text), node.line));
                        skip_to = node.end;
                    }
                }
            }
            "code" | "b" | "strong" => {
                let mark = if name == "code" { "`" } else { "**" };
                let text = page.text(at);
                if !text.is_empty() {
                    if loose.trim().is_empty() {
                        loose_line = node.line;
                    }
                    loose.push_str(&format!("{mark}{text}{mark}"));
                }
                skip_to = node.end;
            }
            "" => {
                if loose.trim().is_empty() {
                    loose_line = node.line;
                }
                loose.push_str(&node.text);
            }
            "br" => loose.push('\n'),
            _ => {}
        }
        if blocks.len() >= MAX_BLOCKS {
            break;
        }
    }
    push_loose(&mut blocks, &mut loose, loose_line);
    blocks
}

/// Text that is in no paragraph of its own.
fn push_loose(blocks: &mut Vec<Placed>, loose: &mut String, line: usize) {
    let text = std::mem::take(loose);
    let text = collapse(&text);
    if !text.is_empty() {
        blocks.push((Block::Paragraph(text), line));
    }
}

/// The text of an element with code in backticks and strong text in `**`.
fn inline(page: &Page, at: usize) -> String {
    inline_range(page, at + 1, page.get(at).map_or(at, |node| node.end))
}

fn inline_range(page: &Page, from: usize, to: usize) -> String {
    let mut out = String::new();
    let mut skip_to = from;
    for (at, node) in page.range(from, to) {
        if at < skip_to {
            continue;
        }
        let mark = match node.name.as_str() {
            "" => {
                out.push_str(&node.text);
                continue;
            }
            "br" => {
                out.push('\n');
                continue;
            }
            "script" | "style" | "svg" | "button" => {
                skip_to = node.end;
                continue;
            }
            "a" if node.has_class("headerlink") || node.has_class("anchor") => {
                skip_to = node.end;
                continue;
            }
            // Parts beside each other are words of their own.
            "div" | "p" | "span" | "small" | "li" | "td" => {
                out.push(' ');
                continue;
            }
            "code" | "tt" | "kbd" => "`",
            "b" | "strong" => "**",
            _ => continue,
        };
        let text = page.text(at);
        if !text.is_empty() {
            out.push_str(&format!("{mark}{text}{mark}"));
        }
        skip_to = node.end;
    }
    let lines: Vec<String> = out.lines().map(collapse).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn table(page: &Page, at: usize) -> Option<Block> {
    let (mut header, mut rows): (Vec<String>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    let mut skip_to = 0;
    for (index, node) in page.within(at) {
        if index < skip_to || node.name != "tr" {
            continue;
        }
        let (mut cells, mut heads) = (Vec::new(), 0);
        let mut cell_end = 0;
        for (cell, inner) in page.within(index) {
            if cell < cell_end || !matches!(inner.name.as_str(), "td" | "th") {
                continue;
            }
            heads += usize::from(inner.name == "th");
            cells.push(inline(page, cell));
            cell_end = inner.end;
        }
        skip_to = node.end;
        if cells.is_empty() {
            continue;
        }
        // The first row is the head where all of it is, or where nothing says otherwise.
        if header.is_empty() && rows.is_empty() && (heads == cells.len() || heads == 0) {
            header = cells;
        } else {
            rows.push(cells);
        }
    }
    (!header.is_empty() || !rows.is_empty()).then_some(Block::Table { header, rows })
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
