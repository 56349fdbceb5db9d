//! Reference pages (Markdown, Slate, HTML) to operations: what stands between one method with a path and the next.

use super::blocks::{Block, Placed};
use super::model::{Api, Doubt, In};
use super::requests::{Received, Request, Said};
use super::shape::{Place, Property};
use super::source::File;
use super::tables::{self, Row};
use super::url::Variables;
use super::vocabulary::{Topic, topic, topic_of_line};

use super::anchors::{Anchor, Section, anchors, base_address, rest_of_line, samples, sections, signature};
pub(super) use super::joins::finish;

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
