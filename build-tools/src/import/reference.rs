//! Reference pages (Markdown, Slate, HTML) to operations: what stands between one method with a path and the next.

use super::blocks::{Block, Placed};
use super::model::{Api, Doubt, In};
use super::requests::{Keep, Received, Request, Said, assemble};
use super::shape::{Place, Property};
use super::source::File;
use super::tables::{self, Row};
use super::url::Variables;
use super::vocabulary::{Topic, topic, topic_of_line};

/// A method with an address, and the block it is in.
struct Anchor {
    block: usize,
    method: String,
    address: String,
    /// The address without parameters in it may show values.
    from_sample: bool,
}

/// Reads the blocks of one file. Returns whether the file had operations.
pub(super) fn read(file: &File<'_>, blocks: &[Placed], out: &mut Vec<Request>, api: &mut Api) -> bool {
    if api.title.is_empty() {
        let first = blocks.iter().find_map(|(block, _)| match block {
            Block::Heading { level: 1, text, .. } => Some(text.clone()),
            _ => None,
        });
        api.title = first.unwrap_or_default();
    }
    for (at, (block, _)) in blocks.iter().enumerate() {
        let found = match block {
            Block::Paragraph(text) | Block::Item { text, .. } => base_address(text),
            // The address as code below a heading that announces it.
            Block::Heading { text, .. } => match blocks
                .get(at + 1..at + 4)
                .unwrap_or_default()
                .iter()
                .find(|(block, _)| matches!(block, Block::Code { .. }))
            {
                Some((Block::Code { text: code, .. }, _)) if code.trim().lines().count() == 1 => {
                    base_address(&format!("{text} {code}"))
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(found) = found.filter(|found| api.servers.len() < 8 && !api.servers.contains(found)) {
            api.servers.push(found);
        }
    }
    let mut anchors = anchors(blocks);
    let strong = !anchors.is_empty();
    if !strong {
        anchors = samples(file, blocks);
    }
    let before = out.len();
    let mut sections = sections(blocks, &anchors);
    sections.sort_by_key(|section| section.anchor);
    for section in sections {
        let Some(anchor) = anchors.get(section.anchor) else { continue };
        let request = request(file, blocks, anchor, &section, &anchors, api);
        out.push(request);
    }
    out.len() > before
}

/// Makes operations of what was read of all files.
pub(super) fn finish(mut requests: Vec<Request>, api: &mut Api) {
    // The same operation with nothing said of it is a mention in passing.
    let is_empty = |request: &Request| {
        request.said.parameters.is_empty()
            && request.said.body.is_none()
            && request.responses.is_empty()
            && request.body.is_none()
    };
    refer(&mut requests, api);
    sort(&mut requests, api);
    rebase(&mut requests, api);
    let keys: Vec<(String, String)> = requests
        .iter()
        .map(|request| (request.method.to_ascii_lowercase(), super::url::anonymous(&plain_path(&request.url))))
        .collect();
    let mut keep = keys
        .iter()
        .enumerate()
        .map(|(at, key)| {
            let full = keys
                .iter()
                .zip(&requests)
                .enumerate()
                .any(|(other, (known, request))| other != at && known == key && !is_empty(request));
            !(full && requests.get(at).is_some_and(is_empty))
        })
        .collect::<Vec<_>>()
        .into_iter();
    if keys.len() < 3_000 {
        requests.retain(|_| keep.next().unwrap_or(true));
    }
    assemble(api, requests, &Variables::new(), Keep { values: true });
}

/// Bodies that are described with another operation: `See create`.
fn refer(requests: &mut [Request], api: &mut Api) {
    let bodies: Vec<(String, String, Vec<Property>)> = requests
        .iter()
        .filter_map(|request| {
            let (_, properties) = request.said.body.as_ref()?;
            Some((request.place.file.to_string(), request.name.to_lowercase(), properties.clone()))
        })
        .collect();
    for request in requests.iter_mut().filter(|request| request.said.body.is_none()) {
        let Some(word) = request.said.body_as.clone() else { continue };
        let fits = |name: &str| name.split_whitespace().any(|part| part == word) || name == word;
        let found = bodies.iter().find(|(file, name, _)| *file == *request.place.file && fits(name));
        let Some((_, name, properties)) = found else { continue };
        // A change of a part needs no part.
        let partial = request.method.eq_ignore_ascii_case("patch");
        let properties = properties
            .iter()
            .cloned()
            .map(|property| Property { required: if partial { Some(false) } else { property.required }, ..property });
        request.said.body = Some(("application/json".to_owned(), properties.collect()));
        let message = format!("its body was taken from `{name}`, to which the source refers");
        let key = format!("{} {}", request.method, request.url);
        api.log.add(Doubt::Guess, "body-by-reference", &key, &request.place, message);
    }
}

/// Lists of what results can be sorted by: the parameter is one that the source names elsewhere.
fn sort(requests: &mut [Request], api: &mut Api) {
    const NAMES: [&str; 9] =
        ["sort", "sort_by", "sortby", "order", "order_by", "orderby", "ordering", "orden", "ordenar"];
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for request in requests.iter() {
        let shown = super::url::read(&request.url, &Variables::new()).query.into_iter().map(|(name, _)| name);
        let said = request.said.parameters.iter().map(|(_, property)| property.name.clone());
        let names = request.query.iter().map(|field| field.name.clone()).chain(shown).chain(said);
        for name in names.filter(|name| NAMES.contains(&name.to_lowercase().as_str())) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let Some((name, _)) = counts.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(name.clone())))
    else {
        return;
    };
    for request in requests.iter_mut().filter(|request| request.said.is_sorted) {
        if !request.query.iter().any(|field| field.name == name)
            && !request.said.parameters.iter().any(|(_, p)| p.name == name)
        {
            let place = request.place.clone();
            let message = format!(
                "the source lists what results are sorted by; `{name}` is the parameter that it names for that elsewhere"
            );
            let key = format!("{} {}", request.method, request.url);
            api.log.add(Doubt::Guess, "sorting-guessed", &key, &place, message);
            let shape = super::shape::Shape::of_kind(super::shape::Kind::String);
            let property = Property {
                name: name.clone(),
                shape,
                origin: super::shape::Origin::Guessed,
                place,
                ..Property::default()
            };
            request.said.parameters.push((In::Query, property));
        }
    }
}

/// The address that samples have before the paths of the page: it is the server, and part of no path.
fn rebase(requests: &mut [Request], api: &mut Api) {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for base in requests.iter().filter_map(|request| request.said.base.clone()) {
        *counts.entry(base).or_default() += 1;
    }
    let Some((base, _)) = counts.into_iter().max_by_key(|(base, count)| (*count, std::cmp::Reverse(base.clone())))
    else {
        return;
    };
    for request in requests.iter_mut() {
        let rest = request.url.strip_prefix(base.as_str()).filter(|rest| rest.starts_with('/'));
        if let Some(rest) = rest.map(str::to_owned) {
            request.url = rest;
        }
    }
    if !api.servers.contains(&base) {
        api.servers.insert(0, base);
    }
}

/// The path of an address with parameters in braces.
fn plain_path(address: &str) -> String {
    let read = super::url::read(address, &Variables::new());
    let mut path = String::new();
    for segment in read.segments {
        match segment {
            super::url::Segment::Literal(text) => path.push_str(&format!("/{text}")),
            super::url::Segment::Parameter { .. } => path.push_str("/{}"),
        }
    }
    path
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
fn rest_of_line(text: &str, address: &str) -> String {
    let line = text.lines().find(|line| line.contains(address)).unwrap_or_default();
    let rest = line.split_once(address).map(|(_, rest)| rest).unwrap_or_default();
    rest.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// All methods with an address that the page states.
fn anchors(blocks: &[Placed]) -> Vec<Anchor> {
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
fn label_removed(line: &str) -> &str {
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
fn beside(blocks: &[Placed], at: usize) -> Option<(String, String)> {
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
fn base_address(text: &str) -> Option<String> {
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
fn labelled(blocks: &[Placed], at: usize) -> Option<(String, String)> {
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
fn samples(file: &File<'_>, blocks: &[Placed]) -> Vec<Anchor> {
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
struct Section {
    anchor: usize,
    from: usize,
    to: usize,
    /// The heading that names it.
    heading: Option<usize>,
}

fn sections(blocks: &[Placed], anchors: &[Anchor]) -> Vec<Section> {
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

fn request(
    file: &File<'_>,
    blocks: &[Placed],
    anchor: &Anchor,
    section: &Section,
    anchors: &[Anchor],
    api: &mut Api,
) -> Request {
    let line = blocks.get(anchor.block).map_or(0, |(_, line)| *line);
    let place = file.place(line);
    let mut reader = Reader {
        place: place.clone(),
        in_path: super::url::read(&anchor.address, &Variables::new())
            .segments
            .into_iter()
            .filter_map(|segment| match segment {
                super::url::Segment::Parameter { name, .. } => Some(name),
                super::url::Segment::Literal(_) => None,
            })
            .collect(),
        method: anchor.method.to_ascii_lowercase(),
        said: Said::default(),
        request: Request {
            method: anchor.method.clone(),
            url: anchor.address.clone(),
            place: place.clone(),
            ..Request::default()
        },
        topic: None,
        near: None,
        status: None,
        description: String::new(),
        lost: 0,
    };
    if let Some((Block::Heading { text, id, .. }, _)) = section.heading.and_then(|at| blocks.get(at)) {
        let plain = text.replace(['`', '*'], "");
        let title = match signature(&plain) {
            Some((_, address)) => rest_of_line(&plain, &address),
            None => plain.trim().to_owned(),
        };
        reader.request.name = title;
        let is_id = !id.is_empty()
            && id.chars().next().is_some_and(|c| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        // A heading of several operations names none of them.
        let alone = anchors.iter().filter(|other| other.block >= section.from && other.block < section.to).count() == 1;
        if is_id && alone {
            reader.said.id.clone_from(id);
        }
    }
    reader.request.tag = tag(blocks, section);
    for at in section.from..section.to {
        if let Some((block, line)) = blocks.get(at)
            && Some(at) != section.heading
        {
            reader.block(block, &file.place(*line), at == anchor.block);
        }
    }
    if reader.lost > 0 {
        let message = format!("{} rows of a table were not read: their first column is no name", reader.lost);
        let key = format!("{} {}", anchor.method, anchor.address);
        api.log.add(Doubt::Dropped, "rows-dropped", &key, &place, message);
    }
    let mut request = reader.request;
    request.said = reader.said;
    request.said.is_template = !anchor.from_sample || !reader.in_path.is_empty();
    request.description = reader.description;
    request
}

/// The heading above the one of the section.
fn tag(blocks: &[Placed], section: &Section) -> String {
    let heading = section.heading.unwrap_or(0);
    let level = match blocks.get(heading) {
        Some((Block::Heading { level, .. }, _)) => *level,
        _ => 7,
    };
    let above = (0..heading).rev().find_map(|at| match blocks.get(at) {
        Some((Block::Heading { level: above, text, .. }, _)) if *above < level && *above > 0 => Some(text.clone()),
        _ => None,
    });
    above.unwrap_or_default().replace(['`', '*'], "")
}

struct Reader {
    place: Place,
    in_path: Vec<String>,
    method: String,
    said: Said,
    request: Request,
    /// What the last heading announced, and what the last line did.
    topic: Option<Topic>,
    near: Option<Topic>,
    status: Option<String>,
    description: String,
    lost: usize,
}

impl Reader {
    fn block(&mut self, block: &Block, place: &Place, is_anchor: bool) {
        match block {
            Block::Heading { text, .. } => {
                self.topic = topic(text);
                self.near = None;
                self.see_status(text);
            }
            Block::Paragraph(text) => match tables::headless(text) {
                Some((header, rows)) if !is_anchor => self.table(&header, &rows, place),
                _ => self.paragraph(text, is_anchor),
            },
            Block::Item { text, .. } => self.item(text, place, is_anchor),
            Block::Code { language, text } => self.code(language, text, place, is_anchor),
            Block::Table { header, rows } => self.table(header, rows, place),
        }
    }

    fn now(&self) -> Option<Topic> {
        self.near.or(self.topic)
    }

    fn see_status(&mut self, text: &str) {
        let lower = text.to_lowercase();
        if let Some(code) = status_in(&lower) {
            self.status = Some(code);
        }
    }

    fn paragraph(&mut self, text: &str, is_anchor: bool) {
        let plain = text.replace('*', "");
        let short = plain.trim().trim_end_matches(':');
        let bold = text.trim().starts_with("**") && text.trim().trim_end_matches(':').ends_with("**");
        let announces = text.trim_end().ends_with(':') || bold || text.split_whitespace().count() <= 4;
        let lower = short.to_lowercase();
        if self.topic == Some(Topic::Body)
            && let Some(rest) = ["see ", "same as ", "ver ", "véase ", "igual que ", "vegeu "]
                .iter()
                .find_map(|head| lower.strip_prefix(head))
            && let Some(word) = rest
                .split(|c: char| !c.is_alphanumeric())
                .find(|word| !word.is_empty() && !matches!(*word, "the" | "el" | "la" | "section" | "sección"))
            && rest.split_whitespace().count() <= 5
        {
            self.said.body_as = Some(word.to_owned());
        }
        if let Some(found) = topic(short).filter(|_| announces && short.len() < 60) {
            // A bold line is a heading of its own.
            self.near = None;
            self.topic = Some(found);
            self.see_status(text);
            return;
        }
        let said = topic_of_line(text);
        if said.is_some() {
            self.near = said;
        }
        self.see_status(text);
        if !is_anchor && self.now().is_none() && self.description.len() < 4_000 && signature(text).is_none() {
            if !self.description.is_empty() {
                self.description.push_str("\n\n");
            }
            self.description.push_str(&plain);
        }
    }

    fn item(&mut self, text: &str, place: &Place, is_anchor: bool) {
        let topic = match self.now() {
            Some(
                topic
                @ (Topic::Parameters | Topic::Path | Topic::Query | Topic::Body | Topic::Header | Topic::Response),
            ) if !is_anchor => topic,
            _ => return,
        };
        if let Some(row) = tables::item(text) {
            self.add(row, topic, place);
        }
    }

    fn table(&mut self, header: &[String], rows: &[Vec<String>], place: &Place) {
        let topic = match self.now() {
            Some(Topic::Values) => {
                self.said.is_sorted |= matches!(self.method.as_str(), "get");
                return;
            }
            Some(Topic::Error) => return,
            Some(topic) => topic,
            None => Topic::Parameters,
        };
        let Some(read) = tables::rows(header, rows) else { return };
        self.lost += read.lost;
        for row in read.rows {
            self.add(row, topic, place);
        }
        self.near = None;
    }

    /// Puts a row where it belongs.
    fn add(&mut self, row: Row, topic: Topic, place: &Place) {
        let Row { name, shape, required, description, location, is_path, default } = row;
        let mut shape = shape.unwrap_or_default();
        if let Some(default) = default.filter(|_| !shape.is_open()) {
            shape.facets.push(("default", default));
        }
        let property = Property {
            name: name.clone(),
            shape,
            required,
            description: super::requests::text_of(&description),
            place: place.clone(),
            ..Property::default()
        };
        if topic == Topic::Response && location.is_none() {
            let status =
                self.status.clone().filter(|status| status.starts_with('2')).unwrap_or_else(|| "200".to_owned());
            let property = Property { required: None, ..property };
            match self.said.responses.iter_mut().find(|(known, _)| *known == status) {
                Some((_, properties)) => properties.push(property),
                None => self.said.responses.push((status, vec![property])),
            }
            return;
        }
        let reads = matches!(self.method.as_str(), "get" | "head" | "delete");
        let to = match (location, topic) {
            _ if self.in_path.contains(&name)
                && location.is_none_or(|location| location == Some(In::Path))
                && (is_path || topic != Topic::Body) =>
            {
                Some(In::Path)
            }
            (Some(location), _) => location,
            (None, Topic::Path) if self.in_path.is_empty() || !is_path => {
                Some(In::Query).filter(|_| reads || self.in_path.is_empty())
            }
            (None, Topic::Path) => return,
            (None, Topic::Query) => Some(In::Query),
            (None, Topic::Header) => Some(In::Header),
            (None, Topic::Body) if self.method != "get" && self.method != "head" => None,
            (None, _) if reads => Some(In::Query),
            (None, _) => None,
        };
        match to {
            Some(In::Header)
                if matches!(name.to_ascii_lowercase().as_str(), "authorization" | "content-type" | "accept") => {}
            Some(place) => self.said.parameters.push((place, property)),
            None => self.said.body.get_or_insert_with(|| ("application/json".to_owned(), Vec::new())).1.push(property),
        }
    }

    fn code(&mut self, language: &str, text: &str, place: &Place, is_anchor: bool) {
        let text = text.trim();
        if let Some(request) = super::curl::read(text, place) {
            self.command(request);
            self.near = None;
            return;
        }
        if matches!(
            language,
            "python"
                | "javascript"
                | "js"
                | "ruby"
                | "php"
                | "go"
                | "java"
                | "csharp"
                | "swift"
                | "typescript"
                | "bash"
                | "shell"
                | "sh"
        ) {
            return;
        }
        if is_anchor {
            self.message(text);
            return;
        }
        let (status, body) = super::apidoc::http_message(text);
        if let Some(status) = status.clone() {
            self.respond(status, &body);
            return;
        }
        let Some(node) = super::relaxed_json::read(&body) else { return };
        let reads = matches!(self.method.as_str(), "get" | "head" | "delete");
        let is_request = match self.now() {
            // A sample of nothing but what the body was said to hold is one of the body.
            Some(Topic::Example) | None if !reads && self.holds_body(&node) => true,
            Some(Topic::Body | Topic::Parameters | Topic::Query | Topic::Path) => !reads,
            Some(Topic::Request) => !reads,
            Some(Topic::Response | Topic::Error) => false,
            _ => false,
        };
        if is_request {
            if self.request.body.is_none() {
                self.request.body = Some(super::requests::Sent::Tree { media: "application/json".to_owned(), node });
            }
        } else {
            let is_error = self.now() == Some(Topic::Error);
            let status = self.status.clone().unwrap_or_else(|| if is_error { "default" } else { "200" }.to_owned());
            self.respond(status, &body);
        }
        self.near = None;
    }

    /// Whether all names of a sample are names of the body.
    fn holds_body(&self, node: &crate::document::Node) -> bool {
        let Some((_, properties)) = &self.said.body else { return false };
        let known = |name: &str| {
            properties.iter().any(|property| {
                property.name == name
                    || property.name.rsplit('.').next() == Some(name)
                    || property.name.split('.').next() == Some(name)
            })
        };
        node.as_object().is_some_and(|object| !object.is_empty() && object.iter().all(|(name, _)| known(name)))
    }

    fn respond(&mut self, status: String, text: &str) {
        if self.request.responses.len() < 50 {
            self.request.responses.push(Received {
                status,
                name: String::new(),
                media: String::new(),
                text: text.to_owned(),
            });
        }
    }

    /// An HTTP message behind the line with the method: headers, an empty line, a body.
    fn message(&mut self, text: &str) {
        if let Some((_, body)) = text.split_once("\n\n")
            && let Some(node) = super::relaxed_json::read(body.trim())
            && self.request.body.is_none()
        {
            self.request.body = Some(super::requests::Sent::Tree { media: "application/json".to_owned(), node });
        }
    }

    /// What a command shows besides the operation: the query, and the body.
    fn command(&mut self, command: Request) {
        if !command.method.eq_ignore_ascii_case(&self.method) {
            return;
        }
        let shown = super::url::read(&command.url, &Variables::new());
        let mine = super::url::read(&self.request.url, &Variables::new());
        // Another path is another operation.
        let fits = |a: &super::url::Segment, b: &super::url::Segment| match (a, b) {
            (super::url::Segment::Literal(a), super::url::Segment::Literal(b)) => a == b,
            _ => true,
        };
        let (shorter, longer) = (mine.segments.len(), shown.segments.len());
        if shorter > longer || !mine.segments.iter().rev().zip(shown.segments.iter().rev()).all(|(a, b)| fits(a, b)) {
            return;
        }
        let relative = mine.server.is_none();
        let prefix = shown.segments.get(..longer - shorter).unwrap_or_default();
        let plain = prefix.iter().map(|segment| match segment {
            super::url::Segment::Literal(text) => Some(format!("/{text}")),
            super::url::Segment::Parameter { .. } => None,
        });
        let prefix: Option<String> = plain.collect();
        if let Some((server, prefix)) = shown
            .server
            .clone()
            .zip(prefix)
            .filter(|(server, _)| relative && server.contains("://") && !server.contains('{'))
        {
            self.said.base = Some(format!("{server}{prefix}"));
        }
        for (name, value) in
            shown.query.into_iter().chain(command.query.into_iter().map(|field| (field.name, field.value)))
        {
            let known = self.request.query.iter().any(|field| field.name == name)
                || mine.query.iter().any(|(known, _)| *known == name);
            if !known {
                self.request.query.push(super::requests::Field {
                    name,
                    value,
                    disabled: true,
                    place: self.place.clone(),
                    ..Default::default()
                });
            }
        }
        if self.request.body.is_none() {
            self.request.body = command.body;
        }
        if self.request.security.is_none() {
            let auth = command.headers.iter().find(|field| field.name.eq_ignore_ascii_case("authorization"));
            let bearer = auth
                .and_then(|field| field.value.as_deref())
                .is_some_and(|value| value.to_ascii_lowercase().starts_with("bearer"));
            self.request.security = command.security.or_else(|| bearer.then(|| vec![super::model::Scheme::Bearer]));
        }
    }
}

/// The status code that a text speaks of.
fn status_in(lower: &str) -> Option<String> {
    let is_code = |word: &str| {
        word.len() == 3 && word.starts_with(['1', '2', '3', '4', '5']) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut before = "";
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let named = matches!(
            before,
            "http"
                | "status"
                | "code"
                | "código"
                | "codigo"
                | "estado"
                | "codi"
                | "response"
                | "respuesta"
                | "resposta"
                | "success"
                | "error"
        ) || matches!(
            next,
            "ok" | "created"
                | "accepted"
                | "no"
                | "bad"
                | "unauthorized"
                | "forbidden"
                | "not"
                | "conflict"
                | "unprocessable"
                | "internal"
                | "too"
                | "found"
        );
        if is_code(word) && named {
            return Some((*word).to_owned());
        }
        before = word;
    }
    None
}

/// Whether blocks describe commands that all go to one address.
pub(super) fn is_rpc(text: &str) -> bool {
    let lower = text.to_lowercase();
    let marks = [
        "\"jsonrpc\"",
        "'jsonrpc'",
        "json-rpc",
        "xml-rpc",
        "xmlrpc",
        "\"cmd\"",
        "'cmd'",
        "`cmd`",
        "cmd=",
        "?action=",
        "\"arg1\"",
        "soap:envelope",
        "<wsdl:",
        "&action=",
    ];
    marks.iter().any(|mark| lower.contains(mark))
}
