//! Pages that Scribe wrote, in its default theme and in its `elements` theme, to operations.

use super::dom::Page;
use super::model::{Api, Body, In, Operation, Scheme};
use super::requests::{Keep, Received, response};
use super::shape::{Kind, Origin, Property, Shape, Step};
use super::source::File;

pub(super) use super::scribe_fields::describe_response;
use super::scribe_fields::{
    Part, Shown, full_path, has_file, part_of, property, scheme, split_example, status_and_name,
};

/// Whether a page is one of Scribe's.
pub(super) fn is(text: &str) -> bool {
    text.contains("data-method=")
        && text.contains("data-path=")
        && (text.contains("data-endpoint=")
            || text.contains("TryItPanel")
            || text.contains("executeTryOut")
            || text.contains("data-hasfiles"))
        || (text.contains("HttpOperation") && text.contains("sl-font-mono") && text.contains("example-response-"))
}

pub(super) fn import(file: &File<'_>) -> Api {
    let page = Page::read(file.text);
    let mut api = Api { title: title(&page), ..Api::default() };
    api.servers.extend(base_url(file.text));
    let mut reader = Reader { page: &page, file, api, group: String::new() };
    reader.run();
    reader.api
}

fn title(page: &Page) -> String {
    let at = page.nodes.iter().position(|node| node.name == "title");
    at.map(|at| page.text(at)).unwrap_or_default()
}

/// The address that requests are sent to, where the page has it as text.
fn base_url(text: &str) -> Option<String> {
    let marks = ["var baseUrl = \"", "var tryItOutBaseUrl = \"", "<strong>Base URL</strong>: <code>"];
    let found = marks.iter().find_map(|mark| text.split_once(mark).map(|(_, rest)| rest))?;
    let end = found.find(['"', '<']).unwrap_or(0);
    let address = found.get(..end).unwrap_or_default().trim().trim_end_matches('/');
    (address.starts_with("http") && !address.contains(char::is_whitespace)).then(|| address.to_owned())
}

struct Reader<'a> {
    page: &'a Page,
    file: &'a File<'a>,
    api: Api,
    group: String,
}

impl Reader<'_> {
    fn run(&mut self) {
        let page = self.page;
        // Where the part of each operation begins: its heading, or its block in the other theme.
        let blocks: Vec<usize> = page
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.has_class("HttpOperation"))
            .map(|(at, _)| at)
            .collect();
        if !blocks.is_empty() {
            for at in blocks {
                self.group = self.heading_before(at, "h1");
                self.elements(at);
            }
            return;
        }
        let forms: Vec<usize> = page
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| {
                node.name == "form" && node.get("data-path").is_some() && node.get("data-method").is_some()
            })
            .map(|(at, _)| at)
            .collect();
        let mut last = 0;
        for (index, form) in forms.iter().enumerate() {
            let next = forms.get(index + 1).copied().unwrap_or(page.nodes.len());
            self.default_theme(last, *form, next);
            last = page.get(*form).map_or(*form, |node| node.end);
        }
    }

    fn heading_before(&self, at: usize, name: &str) -> String {
        let found = self.page.range(0, at).filter(|(_, node)| node.name == name).last();
        found.map(|(at, _)| self.page.text(at)).unwrap_or_default()
    }

    fn default_theme(&mut self, from: usize, form: usize, next: usize) {
        let page = self.page;
        let Some(node) = page.get(form) else { return };
        let mut operation = self.operation(node.get("data-method"), node.get("data-path"), node.line);
        let (mut heading, mut descriptions, mut open) = (None, Vec::new(), true);
        let mut skip_to = 0;
        for (at, node) in page.range(from, form) {
            if at < skip_to {
                continue;
            }
            let id = node.get("id").unwrap_or_default();
            match node.name.as_str() {
                "h1" => {
                    self.group = page.text(at);
                    heading = None;
                }
                "h2" => {
                    heading = Some(page.text(at));
                    (descriptions, open) = (Vec::new(), true);
                }
                "span" if id.starts_with("example-requests") => {
                    open = false;
                    skip_to = node.end;
                }
                "span" if id.starts_with("example-responses") => {
                    open = false;
                    self.default_responses(at, &mut operation);
                    skip_to = node.end;
                }
                "p" if open && heading.is_some() => {
                    let badge = page.within(at).any(|(_, node)| node.has_class("badge"));
                    let text = page.text(at);
                    if badge {
                        operation.deprecated |= text.to_ascii_lowercase().contains("deprecated");
                    } else if !text.is_empty() {
                        descriptions.push(text);
                    }
                    skip_to = node.end;
                }
                _ => {}
            }
        }
        operation.tag.clone_from(&self.group);
        operation.summary = heading.unwrap_or_default();
        operation.description = descriptions.join("\n\n");
        let form_end = page.get(form).map_or(form, |node| node.end);
        let mut shown = self.fields(form + 1, form_end, Part::Unknown);
        // The fields of the response stand behind the form, before the next heading.
        let end = page
            .range(form_end, next)
            .find(|(_, node)| matches!(node.name.as_str(), "h1" | "h2"))
            .map_or(next, |(at, _)| at);
        shown.extend(self.fields(form_end, end, Part::Response));
        let authed = node.get("data-authed");
        let is_array = node.get("data-isarraybody") == Some("1");
        let has_files = node.get("data-hasfiles").is_some_and(|value| !matches!(value, "0" | ""));
        let auth = page.range(form, form_end).find(|(_, node)| node.has_class("auth-value"));
        let auth = auth.map(|(_, node)| scheme(node.get("name"), node.get("value"), node.get("data-component")));
        operation.security = match authed {
            Some("1") => Some(vec![auth.unwrap_or(Scheme::Bearer)]),
            Some(_) => Some(Vec::new()),
            None => None,
        };
        self.add(operation, shown, is_array, has_files);
    }

    /// The samples of responses: a line with the status before each.
    fn default_responses(&self, span: usize, operation: &mut Operation) {
        let page = self.page;
        let mut current: Option<(String, String)> = None;
        let mut skip_to = 0;
        for (at, node) in page.within(span) {
            if at < skip_to {
                continue;
            }
            match node.name.as_str() {
                "blockquote" => {
                    let text = page.text(at);
                    let inner = text.split_once('(').map(|(_, rest)| rest).unwrap_or_default();
                    let inner = inner.rsplit_once(')').map_or(inner, |(inner, _)| inner);
                    current = Some(status_and_name(inner));
                    skip_to = node.end;
                }
                "details" => skip_to = node.end,
                "pre" => {
                    if let Some((status, name)) = current.take() {
                        self.received(operation, status, name, &page.raw_text(at));
                    }
                    skip_to = node.end;
                }
                _ => {}
            }
        }
    }

    fn received(&self, operation: &mut Operation, status: String, name: String, text: &str) {
        let text = match text.trim() {
            "[Empty response]" | "<Empty response>" | "Empty response" => String::new(),
            binary if binary.starts_with("[Binary data]") => String::new(),
            text => text.to_owned(),
        };
        let received = Received { status: status.clone(), name, media: "application/json".to_owned(), text };
        let place = operation.place.clone();
        let response = response(received, Keep { values: true }, &place, &mut |_| {});
        let more = Operation {
            responses: [(status, response)].into(),
            origin: Origin::Guessed,
            deprecated: operation.deprecated,
            ..Operation::default()
        };
        operation.merge(more);
    }

    fn operation(&self, method: Option<&str>, path: Option<&str>, line: usize) -> Operation {
        let path = path.unwrap_or_default().trim().trim_start_matches('/').replace("?}", "}");
        Operation {
            method: method.unwrap_or("GET").trim().to_ascii_lowercase(),
            path: format!("/{path}"),
            tag: self.group.clone(),
            place: self.file.place(line),
            ..Operation::default()
        }
    }

    /// The fields between two places: a name in bold code, and what stands behind it.
    fn fields(&self, from: usize, to: usize, default: Part) -> Vec<Shown> {
        let page = self.page;
        let mut starts: Vec<(usize, Part, Vec<Step>)> = Vec::new();
        let mut part = default;
        // Fields that have others within them: where they end, and their path.
        let mut parents: Vec<(usize, Vec<Step>)> = Vec::new();
        let mut details: Vec<usize> = Vec::new();
        for (at, node) in page.range(from, to) {
            while parents.last().is_some_and(|(end, _)| at >= *end) {
                parents.pop();
            }
            match node.name.as_str() {
                "h4" => {
                    part =
                        part_of(&page.text(at)).unwrap_or(if default == Part::Response { Part::Unknown } else { part })
                }
                "details" => details.push(node.end),
                "b" => {
                    let Some((code, _)) = page.within(at).find(|(_, node)| node.name == "code") else { continue };
                    let name = page.text(code);
                    // The address itself is written the same way.
                    if name.is_empty() || part == Part::Unknown || name.contains('/') {
                        continue;
                    }
                    let below = parents.last().map(|(_, path)| path.as_slice()).unwrap_or_default();
                    let path = full_path(below, &name);
                    if let Some(end) = details.pop().filter(|end| *end > at) {
                        parents.push((end, path.clone()));
                    }
                    starts.push((at, part, path));
                }
                _ => {}
            }
        }
        let mut shown = Vec::new();
        for (index, (at, part, path)) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(to, |(next, _, _)| *next);
            let name_end = page.get(*at).map_or(*at, |node| node.end);
            shown.push(self.field(name_end, end, *part, path.clone()));
        }
        shown
    }

    fn field(&self, from: usize, to: usize, part: Part, path: Vec<Step>) -> Shown {
        let page = self.page;
        let (mut kind, mut optional, mut value, mut part) = (None, false, String::new(), part);
        let (mut description, mut allowed, mut in_list) = (String::new(), Vec::new(), false);
        let mut skip_to = 0;
        let mut example = None;
        for (at, node) in page.range(from, to) {
            if at < skip_to {
                continue;
            }
            match node.name.as_str() {
                "small" if kind.is_none() && !node.has_class("badge") => kind = Some(page.text(at)),
                "i" if page.text(at).eq_ignore_ascii_case("optional")
                    || (description.is_empty() && kind.is_some() && !page.text(at).is_empty()) =>
                {
                    optional = true;
                }
                "input" | "textarea" | "select" => {
                    part = match node.get("data-component") {
                        Some("url") => Part::Path,
                        Some("query") => Part::Query,
                        Some("body") => Part::Body,
                        Some("header") => Part::Header,
                        _ => part,
                    };
                    if value.is_empty() && node.get("type") != Some("radio") {
                        value = node.get("value").unwrap_or_default().to_owned();
                    }
                }
                "p" if description.is_empty() => {
                    let text = page.text(at);
                    let (before, after) = split_example(&text);
                    description = before;
                    example = after;
                    skip_to = node.end;
                }
                "ul" => in_list = true,
                "li" if in_list => {
                    allowed.push(page.text(at));
                    skip_to = node.end;
                }
                // The next section begins.
                "h2" | "h3" | "h4" | "form" => break,
                _ => {}
            }
        }
        let line = page.get(from.saturating_sub(1)).map_or(0, |node| node.line);
        let required = if part == Part::Response { None } else { Some(!optional) };
        let property = property(
            &path,
            kind.as_deref(),
            required,
            description,
            &allowed,
            example.as_deref(),
            self.file.place(line),
        );
        Shown { part, path, property, value }
    }

    /// One block of the `elements` theme.
    fn elements(&mut self, block: usize) {
        let page = self.page;
        let end = page.get(block).map_or(block, |node| node.end);
        let line = page.get(block).map_or(0, |node| node.line);
        let form = page.within(block).find(|(_, node)| node.name == "form" && node.get("data-path").is_some());
        let (mut method, mut path) = (None, None);
        if let Some((_, node)) = form {
            method = node.get("data-method").map(str::to_owned);
            path = node.get("data-path").map(str::to_owned);
        }
        let mut authed = false;
        for (at, node) in page.range(block, end).take(400) {
            let style = node.get("style").unwrap_or_default();
            if method.is_none() && node.name == "div" && style.contains("background-color") {
                method = Some(page.text(at))
                    .filter(|text| super::requests::METHODS.contains(&text.to_ascii_lowercase().as_str()));
            }
            if node.has_class("sl-flex-1") && node.has_class("sl-font-semibold") && path.is_none() {
                path = Some(page.text(at)).filter(|text| text.starts_with('/'));
            }
            if node.has_class("sl-text-muted") && node.get("dir") == Some("rtl") && self.api.servers.is_empty() {
                let server = page.text(at);
                self.api.servers.extend(server.starts_with("http").then_some(server));
            }
            authed |= style.contains("darkred") && page.text(at).starts_with("requires auth");
        }
        let (Some(method), Some(path)) = (method, path) else { return };
        let mut operation = self.operation(Some(&method), Some(&path), line);
        let heading = page.within(block).find(|(_, node)| node.name == "h2");
        operation.summary = heading.map(|(at, _)| page.text(at)).unwrap_or_default();
        let columns = page.within(block).find(|(_, node)| node.get("data-testid").is_some()).map_or(end, |(at, _)| at);
        let said: Vec<String> =
            page.range(block, columns).filter(|(_, node)| node.name == "p").map(|(at, _)| page.text(at)).collect();
        operation.description = said.join("\n\n");
        operation.security = Some(if authed { vec![Scheme::Bearer] } else { Vec::new() });
        self.elements_responses(block, &mut operation);
        let has_files =
            form.is_some_and(|(_, node)| node.get("data-hasfiles").is_some_and(|value| !matches!(value, "0" | "")));
        let shown = self.elements_fields(block, end);
        self.add(operation, shown, false, has_files);
    }

    fn elements_responses(&self, block: usize, operation: &mut Operation) {
        let page = self.page;
        let mut statuses = Vec::new();
        let mut index = 0;
        for (at, node) in page.within(block) {
            if node.name == "select" && node.get("class").is_some_and(|class| class.contains("example-response-")) {
                statuses =
                    page.within(at).filter(|(_, node)| node.name == "option").map(|(at, _)| page.text(at)).collect();
            }
            let is_panel = node.get("class").is_some_and(|class| {
                class.contains("example-response-") && class.contains("sl-panel__content-wrapper")
            });
            if is_panel {
                let code = page.within(at).filter(|(_, node)| node.name == "pre").last();
                let (status, name) = statuses
                    .get(index)
                    .map(|text: &String| status_and_name(text))
                    .unwrap_or_else(|| ("200".to_owned(), String::new()));
                index += 1;
                if let Some((code, _)) = code {
                    self.received(operation, status, name, &page.raw_text(code));
                }
            }
        }
    }

    fn elements_fields(&self, block: usize, end: usize) -> Vec<Shown> {
        let page = self.page;
        let mut shown: Vec<Shown> = Vec::new();
        let mut part = Part::Unknown;
        // The borders that are open around a field say how deep it is.
        let mut borders: Vec<usize> = Vec::new();
        let mut levels: Vec<(usize, Vec<Step>)> = Vec::new();
        let names: Vec<usize> = page
            .range(block, end)
            .filter(|(_, node)| {
                node.has_class("sl-font-mono") && node.has_class("sl-font-semibold") && node.has_class("sl-mr-2")
            })
            .map(|(at, _)| at)
            .collect();
        for (at, node) in page.range(block, end) {
            borders.retain(|border| at < *border);
            if node.has_class("sl-border-l") {
                borders.push(node.end);
            }
            if node.name == "h3" {
                part = part_of(&page.text(at)).unwrap_or(Part::Unknown);
                levels.clear();
            }
            let Ok(index) = names.binary_search(&at) else { continue };
            if part == Part::Unknown {
                continue;
            }
            let name = page.text(at);
            if name.is_empty() || name == "array of:" {
                continue;
            }
            let depth = borders.len();
            while levels.last().is_some_and(|(level, _)| *level >= depth) {
                levels.pop();
            }
            let below = levels.last().map(|(_, path)| path.clone()).unwrap_or_default();
            let path = full_path(&below, &name);
            levels.push((depth, path.clone()));
            let next = names.get(index + 1).copied().unwrap_or(end);
            shown.push(self.elements_field(at, next, part, path));
        }
        shown
    }

    fn elements_field(&self, at: usize, to: usize, part: Part, path: Vec<Step>) -> Shown {
        let page = self.page;
        let (mut kind, mut required, mut description, mut allowed, mut example) =
            (None, false, String::new(), Vec::new(), None);
        let from = page.get(at).map_or(at, |node| node.end);
        for (at, node) in page.range(from, to) {
            if node.name == "h3" || node.name == "form" {
                break;
            }
            if kind.is_none() && node.has_class("sl-truncate") && node.has_class("sl-text-muted") {
                kind = Some(page.text(at));
            }
            if node.has_class("sl-text-warning") && page.text(at).eq_ignore_ascii_case("required") {
                required = true;
            }
            if description.is_empty() && node.has_class("sl-markdown-viewer") {
                description = split_example(&page.text(at)).0;
            }
            if node.name == "li" {
                allowed.push(page.text(at));
            }
            if node.has_class("sl-bg-canvas-tint") && node.has_class("sl-break-all") && example.is_none() {
                example = Some(page.text(at));
            }
        }
        let line = page.get(at).map_or(0, |node| node.line);
        let required = if part == Part::Response { None } else { Some(required) };
        let property = property(
            &path,
            kind.as_deref(),
            required,
            description,
            &allowed,
            example.as_deref(),
            self.file.place(line),
        );
        Shown { part, path, property, value: example.unwrap_or_default() }
    }

    /// Puts the fields where they belong, and the operation into the API.
    fn add(&mut self, mut operation: Operation, shown: Vec<Shown>, is_array: bool, has_files: bool) {
        let mut body = Shape::default();
        let mut answer = Shape::default();
        let mut media = String::new();
        for Shown { part, path, property, value } in shown {
            match part {
                Part::Path => {
                    let property = Property { required: Some(true), ..property };
                    operation.add_parameter(In::Path, property);
                }
                Part::Query => {
                    operation.add_parameter(In::Query, property);
                }
                Part::Body => body.add_at(&path, property),
                Part::Response => answer.add_at(&path, property),
                Part::Header if property.name.eq_ignore_ascii_case("content-type") && value.contains('/') => {
                    media = value
                }
                Part::Header | Part::Unknown => {}
            }
        }
        if !body.is_open() {
            let files = has_files || has_file(&body);
            let media = match (files, media.is_empty()) {
                (true, _) => "multipart/form-data".to_owned(),
                (false, true) => "application/json".to_owned(),
                (false, false) => media,
            };
            let shape = if is_array && !body.is(Kind::Array) { Shape::array_of(body) } else { body };
            operation.body = Some(Body { media, shape, example: None, origin: Origin::Documented });
        }
        if !answer.is_open() {
            describe_response(&mut operation, answer);
        }
        super::requests::finish(&mut operation, &mut self.api.log);
        self.api.operations.push(operation);
    }
}
