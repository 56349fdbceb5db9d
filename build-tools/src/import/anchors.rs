//! Where reference pages state an operation: a method with an address, in any of the ways that pages write it.

use super::blocks::{Block, Placed};
use super::source::File;
use super::tables;
use super::vocabulary::{Topic, topic};

/// A method with an address, and the block it is in.
pub(super) struct Anchor {
    pub(super) block: usize,
    pub(super) method: String,
    pub(super) address: String,
    /// The address without parameters in it may show values.
    pub(super) from_sample: bool,
}

/// `GET /a/{b}`: the method and the address, where the text is one.
pub(super) fn signature(text: &str) -> Option<(String, String)> {
    let text = text.trim().trim_start_matches(['`', '*', '[', '(', '>', '$', '-', '+', ' ']);
    let method_end = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let method = text.get(..method_end)?;
    if method.chars().any(|c| c.is_ascii_lowercase())
        || !super::requests::METHODS.contains(&method.to_ascii_lowercase().as_str())
    {
        return None;
    }
    let rest = text
        .get(method_end..)?
        .trim_start_matches(['`', '*', ']', ')', ':', ' ', '\t', '\u{a0}', '|', '\n', '"', '\'']);
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '`' | '*' | '"' | '\'' | '|' | ',' | ';'))
        .unwrap_or(rest.len());
    let address = rest.get(..end)?.trim_end_matches(['.', ')', ']', ':']);
    let address = if rest.get(..end)?.ends_with(']') && address.contains('[') { rest.get(..end)? } else { address };
    let known = address.starts_with('/')
        || address.starts_with("http://")
        || address.starts_with("https://")
        || address.starts_with("{{")
        || (address.starts_with('{') && address.contains("}/"))
        || (address.starts_with('<') && address.contains(">/"));
    (known && address.len() < 2_000).then(|| (method.to_owned(), address.to_owned()))
}

/// What stands behind a signature in its line.
pub(super) fn rest_of_line(text: &str, address: &str) -> String {
    let line = text.lines().find(|line| line.contains(address)).unwrap_or_default();
    let rest = line.split_once(address).map(|(_, rest)| rest).unwrap_or_default();
    rest.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// All methods with an address that the page states.
pub(super) fn anchors(blocks: &[Placed]) -> Vec<Anchor> {
    let mut out: Vec<Anchor> = Vec::new();
    let mut add = |block: usize, (method, address): (String, String), from_sample: bool| {
        out.push(Anchor { block, method, address, from_sample });
    };
    for (at, (block, _)) in blocks.iter().enumerate() {
        match block {
            Block::Heading { text, .. } => {
                // The method may be at the end, or in brackets.
                let found = signature(text).or_else(|| {
                    let starts = super::requests::METHODS.map(str::to_uppercase);
                    let at = starts
                        .iter()
                        .filter_map(|method| text.find(&format!("{method} ")))
                        .filter(|at| *at > 0)
                        .min()?;
                    let before = text.get(..at)?.chars().next_back()?;
                    (!before.is_alphanumeric()).then(|| text.get(at..).and_then(signature)).flatten()
                });
                if let Some(found) = found {
                    add(at, found, false);
                }
            }
            Block::Paragraph(text) | Block::Item { text, .. } => {
                let is_item = matches!(block, Block::Item { .. });
                for line in text.lines() {
                    let line = label_removed(line);
                    let Some(found) = signature(line) else { continue };
                    // In a sentence, an address is mentioned, not described.
                    let rest = rest_of_line(line, &found.1);
                    let quoted = line.trim_start().starts_with(['`', '*', '[']);
                    if rest.split_whitespace().count() <= 12 && (!is_item || quoted || rest.is_empty()) {
                        let from_sample = found.1.contains('?') || found.1.contains("://");
                        add(at, found, from_sample);
                    }
                }
                if let Some(found) = beside(blocks, at) {
                    add(at, found, false);
                }
                if let Some(found) = labelled(blocks, at) {
                    add(at, found, false);
                }
            }
            Block::Code { text, language } => {
                let script = matches!(
                    language.as_str(),
                    "javascript" | "js" | "php" | "python" | "ruby" | "go" | "java" | "json" | "typescript"
                );
                let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                let first = lines.next().and_then(signature).filter(|_| !script);
                if let Some(found) = first {
                    let message = text.contains("HTTP/1") || text.contains("HTTP/2");
                    add(at, found, message);
                    if !message {
                        lines.filter_map(signature).take(20).for_each(|found| add(at, found, false));
                    }
                }
            }
            Block::Table { header, rows } => {
                for found in tables::operations(header, rows) {
                    add(at, found, false);
                }
            }
        }
    }
    out
}

/// A line without the word that announces its address.
pub(super) fn label_removed(line: &str) -> &str {
    let plain = line.trim_start_matches(['*', '`', ' ', '-']);
    match plain.split_once(':') {
        Some((label, rest))
            if label.len() < 30
                && topic(label.trim_matches('*')) == Some(Topic::Request)
                && !rest.starts_with("//") =>
        {
            rest.trim_start_matches(['*', ' '])
        }
        _ => line,
    }
}

/// A method alone, with the address in the next block: both are labels of one line on the page.
pub(super) fn beside(blocks: &[Placed], at: usize) -> Option<(String, String)> {
    let text_of = |at: usize| match &blocks.get(at)?.0 {
        Block::Paragraph(text) => Some(text.trim_matches(['`', '*', ' ', '\n'])),
        _ => None,
    };
    let method = text_of(at)?;
    let is_method = super::requests::METHODS.contains(&method.to_ascii_lowercase().as_str())
        && method.chars().all(|c| c.is_ascii_uppercase());
    let address = text_of(at + 1).filter(|_| is_method)?;
    let alone = !address.contains(char::is_whitespace);
    signature(&format!("{method} {address}")).filter(|_| alone)
}

/// The address that a page names as the base of all others.
pub(super) fn base_address(text: &str) -> Option<String> {
    let plain = text.replace(['`', '*', '"'], " ");
    let lower = plain.to_lowercase();
    let named = [
        "base url",
        "base uri",
        "url base",
        "base path",
        "api url",
        "endpoint base",
        "api root",
        "root url",
        "url de base",
        "servidor",
        "host:",
    ];
    let at = named.iter().find_map(|name| lower.find(name))?;
    let address =
        plain.get(at..)?.split_whitespace().find(|word| word.starts_with("https://") || word.starts_with("http://"))?;
    let address = address.trim_end_matches(['.', ',', ')', '/', '>']);
    (address.len() > 10 && !address.contains(['<', '{'])).then(|| address.to_owned())
}

/// `**URL**: `/a`` with `**Method**: `POST`` in the same block or the next ones.
pub(super) fn labelled(blocks: &[Placed], at: usize) -> Option<(String, String)> {
    let text_of = |at: usize| match &blocks.get(at)?.0 {
        Block::Paragraph(text) | Block::Item { text, .. } => Some(text.as_str()),
        _ => None,
    };
    let value = |text: &str, labels: &[&str]| -> Option<String> {
        text.lines().find_map(|line| {
            let plain = line.replace(['*', '`'], "");
            let (label, value) = plain.split_once(':').or_else(|| plain.split_once(" — "))?;
            labels
                .contains(&label.trim().to_lowercase().as_str())
                .then(|| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        })
    };
    const ADDRESS: [&str; 9] = ["url", "endpoint", "path", "uri", "ruta", "route", "dirección", "adreça", "recurso"];
    const METHOD: [&str; 8] = ["method", "método", "metodo", "mètode", "http method", "verb", "verbo", "método http"];
    let mine = text_of(at)?;
    let address = value(mine, &ADDRESS)?;
    let near = (at.saturating_sub(2)..at + 4).filter_map(text_of).collect::<Vec<_>>();
    let method = value(mine, &METHOD).or_else(|| near.iter().find_map(|text| value(text, &METHOD)))?;
    let word = method.split(|c: char| !c.is_ascii_alphabetic()).next()?.to_uppercase();
    signature(&format!("{word} {address}"))
}

/// Where only commands show the operations, those are the anchors.
pub(super) fn samples(file: &File<'_>, blocks: &[Placed]) -> Vec<Anchor> {
    let mut out = Vec::new();
    for (at, (block, line)) in blocks.iter().enumerate() {
        if let Block::Code { text, .. } = block
            && let Some(request) = super::curl::read(text, &file.place(*line))
        {
            out.push(Anchor { block: at, method: request.method, address: request.url, from_sample: true });
        }
    }
    out
}

/// The blocks that are about an anchor.
pub(super) struct Section {
    pub(super) anchor: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    /// The heading that names it.
    pub(super) heading: Option<usize>,
}

pub(super) fn sections(blocks: &[Placed], anchors: &[Anchor]) -> Vec<Section> {
    let heading_of = |block: usize| -> Option<usize> {
        (0..=block).rev().take(2_000).find(|at| match blocks.get(*at) {
            Some((Block::Heading { text, .. }, _)) => {
                *at == block || topic(text).is_none() || signature(text).is_some()
            }
            _ => false,
        })
    };
    let level = |at: usize| match blocks.get(at) {
        Some((Block::Heading { level, .. }, _)) => *level,
        _ => 7,
    };
    let mut out: Vec<Section> = Vec::new();
    for (index, anchor) in anchors.iter().enumerate() {
        let heading = heading_of(anchor.block);
        let previous = index.checked_sub(1).and_then(|before| anchors.get(before));
        let shares = previous
            .is_some_and(|previous| heading.is_some_and(|heading| previous.block >= heading) || heading.is_none());
        let from = if shares { anchor.block } else { heading.unwrap_or(0) };
        let own = heading.map_or(7, level);
        // To the next heading of the same rank or above.
        let end = (anchor.block + 1..blocks.len()).find(|at| match blocks.get(*at) {
            Some((Block::Heading { level, .. }, _)) => *level <= own,
            _ => false,
        });
        out.push(Section { anchor: index, from, to: end.unwrap_or(blocks.len()), heading });
    }
    // A section ends where the next begins; anchors in one block share what follows it.
    let starts: Vec<(usize, usize)> =
        out.iter().zip(anchors).map(|(section, anchor)| (section.from, anchor.block)).collect();
    for (index, section) in out.iter_mut().enumerate() {
        let mine = anchors.get(index).map_or(0, |anchor| anchor.block);
        let next = starts.iter().skip(index + 1).find(|(from, block)| *block > mine && *from > section.from);
        if let Some((from, _)) = next {
            section.to = section.to.min((*from).max(mine + 1));
        }
    }
    out
}
