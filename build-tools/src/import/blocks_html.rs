//! HTML pages as the blocks that Markdown has.

use super::blocks::{Block, MAX_BLOCKS, Placed};
use super::dom::{Page, collapse};

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
pub(super) fn push_loose(blocks: &mut Vec<Placed>, loose: &mut String, line: usize) {
    let text = std::mem::take(loose);
    let text = collapse(&text);
    if !text.is_empty() {
        blocks.push((Block::Paragraph(text), line));
    }
}

/// The text of an element with code in backticks and strong text in `**`.
pub(super) fn inline(page: &Page, at: usize) -> String {
    inline_range(page, at + 1, page.get(at).map_or(at, |node| node.end))
}

pub(super) fn inline_range(page: &Page, from: usize, to: usize) -> String {
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

pub(super) fn table(page: &Page, at: usize) -> Option<Block> {
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
