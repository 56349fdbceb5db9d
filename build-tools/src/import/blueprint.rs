//! API Blueprint (1A) to operations: resources and actions in headings, and what their lists say.

use super::model::{Api, Body, In, Operation, Response};
use super::requests::{Keep, METHODS, Received, response};
use super::shape::{Kind, Origin, Place, Property, Shape};
use super::source::File;
use std::collections::BTreeMap;

use super::mson::{Line, kinds_of, media_of, member, split_template};

/// Whether a text is a blueprint.
pub(super) fn is(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let format = start
        .lines()
        .take(20)
        .any(|line| line.trim().to_ascii_uppercase().starts_with("FORMAT:") && line.contains("1A"));
    let actions = text
        .lines()
        .filter(|line| {
            line.starts_with('#')
                && heading(line).is_some_and(|heading| heading.method.is_some() || heading.path.is_some())
        })
        .count();
    let lists = text
        .lines()
        .any(|line| line.trim_start().starts_with("+ Response") || line.trim_start().starts_with("- Response"));
    format || (actions > 0 && lists)
}

/// A heading of a resource or an action.
#[derive(Debug, Default)]
struct Heading {
    level: usize,
    name: String,
    method: Option<String>,
    path: Option<String>,
}

fn heading(line: &str) -> Option<Heading> {
    let level = line.len() - line.trim_start_matches('#').len();
    let text = line.trim_start_matches('#').trim().trim_end_matches('#').trim();
    let mut out = Heading { level, name: text.to_owned(), ..Heading::default() };
    let inner = match text.rsplit_once('[') {
        Some((name, inner)) if text.ends_with(']') => {
            out.name = name.trim().to_owned();
            inner.trim_end_matches(']').trim()
        }
        // `GET /path` and `GET` without a name.
        _ => text,
    };
    let (first, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let is_method =
        METHODS.contains(&first.to_ascii_lowercase().as_str()) && first.chars().all(|c| c.is_ascii_uppercase());
    if is_method {
        out.method = Some(first.to_ascii_lowercase());
        let rest = rest.trim();
        if rest.starts_with('/') {
            out.path = Some(rest.to_owned());
        } else if !rest.is_empty() && inner == text {
            return None;
        }
        if inner == text {
            out.name = String::new();
        }
    } else if inner.starts_with('/') {
        out.path = Some(inner.to_owned());
        if inner == text {
            out.name = String::new();
        }
    }
    Some(out)
}

pub(super) fn import(file: &File<'_>) -> Api {
    let mut api = Api::default();
    let mut reader = Reader { file, types: data_structures(file), ..Reader::new(file) };
    let mut lines: Vec<Line> = Vec::new();
    let mut fenced = false;
    for (at, line) in file.text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
        }
        if let Some(host) = trimmed.strip_prefix("HOST:").filter(|_| api.servers.is_empty() && !fenced) {
            api.servers.push(host.trim().trim_end_matches('/').to_owned());
        }
        if !fenced && line.starts_with('#') {
            reader.part(&lines, &mut api);
            lines.clear();
            if api.title.is_empty() && line.starts_with("# ") {
                api.title = line.trim_start_matches('#').trim().to_owned();
            }
            if let Some(heading) = heading(line) {
                reader.enter(heading, at + 1, &mut api);
            }
            continue;
        }
        let rest = line.trim_start();
        let item = !fenced && (rest.starts_with("+ ") || rest.starts_with("- ") || rest.starts_with("* "));
        let indent = line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum();
        let text = if item { rest.get(2..).unwrap_or_default().to_owned() } else { line.to_owned() };
        lines.push(Line { indent, item, text, number: at + 1 });
    }
    reader.part(&lines, &mut api);
    reader.close(&mut api);
    api
}

struct Reader<'a> {
    file: &'a File<'a>,
    types: BTreeMap<String, Shape>,
    group: String,
    /// The resource that is open: its path, its parameters, its attributes.
    path: String,
    level: usize,
    shared: Vec<(In, Property)>,
    attributes: Option<Shape>,
    action: Option<Operation>,
    is_data: bool,
}

impl<'a> Reader<'a> {
    fn new(file: &'a File<'a>) -> Self {
        Reader {
            file,
            types: BTreeMap::new(),
            group: String::new(),
            path: String::new(),
            level: 0,
            shared: Vec::new(),
            attributes: None,
            action: None,
            is_data: false,
        }
    }

    fn close(&mut self, api: &mut Api) {
        let Some(mut operation) = self.action.take() else { return };
        for (place, property) in &self.shared {
            let known = operation.parameters.iter_mut().find(|(known, p)| known == place && p.name == property.name);
            match known {
                Some((_, known)) if known.shape.is_open() => *known = property.clone(),
                Some(_) => {}
                None => operation.parameters.push((*place, property.clone())),
            }
        }
        // What is said of it, also where the template has it in the path.
        let in_path = super::requests::parameter_names_of(&operation.path);
        for (place, property) in &mut operation.parameters {
            if in_path.contains(&property.name) {
                (*place, property.required) = (In::Path, Some(true));
            }
        }
        let mut merged = Operation { parameters: Vec::new(), ..operation.clone() };
        operation.parameters.into_iter().for_each(|(place, property)| merged.add_parameter(place, property));
        super::requests::finish(&mut merged, &mut api.log);
        api.operations.push(merged);
    }

    fn enter(&mut self, heading: Heading, line: usize, api: &mut Api) {
        let lower = heading.name.to_ascii_lowercase();
        if let Some(group) = heading.name.strip_prefix("Group ") {
            self.close(api);
            self.group = group.trim().to_owned();
            (self.is_data, self.path, self.level) = (false, String::new(), 0);
            return;
        }
        if lower == "data structures" {
            self.close(api);
            self.is_data = true;
            return;
        }
        if heading.path.is_none() && heading.method.is_none() {
            // A heading of prose within an action ends nothing that is deeper.
            if heading.level <= self.level {
                self.close(api);
                if heading.level < self.level || self.level == 0 {
                    self.path.clear();
                    self.shared.clear();
                }
            }
            return;
        }
        self.is_data = false;
        self.close(api);
        if let Some(path) = &heading.path {
            let own = heading.method.is_some() && !self.path.is_empty() && heading.level > self.level;
            if heading.method.is_none() || !own {
                self.path.clone_from(path);
                self.level = heading.level;
                self.shared.clear();
                self.attributes = None;
            }
        }
        let Some(method) = heading.method else { return };
        let template = heading.path.unwrap_or_else(|| self.path.clone());
        let (path, query) = split_template(&template);
        let place = self.file.place(line);
        let mut operation = Operation {
            method,
            path,
            summary: heading.name,
            tag: self.group.clone(),
            place: place.clone(),
            ..Operation::default()
        };
        for name in query {
            let property = Property { name, shape: Shape::default(), place: place.clone(), ..Property::default() };
            operation.add_parameter(In::Query, property);
        }
        self.action = Some(operation);
    }

    /// The lines between two headings.
    fn part(&mut self, lines: &[Line], api: &mut Api) {
        let _ = api;
        if self.is_data {
            return;
        }
        let mut description = Vec::new();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            if !(line.item && line.indent < 4) {
                if !line.text.trim().is_empty() {
                    description.push(line.text.trim().to_owned());
                }
                at += 1;
                continue;
            }
            let end = end_of_item(lines, at, line.indent);
            let inner = lines.get(at + 1..end).unwrap_or_default();
            let keyword = line.text.split([' ', '(', ':']).next().unwrap_or_default();
            match keyword {
                "Parameters" | "Parameter" => self.parameters(inner),
                "Attributes" | "Attribute" => {
                    let shape = self.attributes_of(&line.text, inner);
                    match &self.action {
                        Some(_) => self.describe_body(shape),
                        None => self.attributes = Some(shape),
                    }
                }
                "Request" => self.request(&line.text, inner),
                "Response" => self.response(&line.text, inner),
                "Model" | "Headers" | "Relation" => {}
                _ => {
                    // `+ question (string) - text` in prose describes the body in words alone.
                    description.push(format!("- {}", line.text));
                }
            }
            at = end;
        }
        if let Some(operation) = self.action.as_mut().filter(|operation| operation.description.is_empty()) {
            operation.description = super::requests::text_of(&description.join("\n"));
        }
    }

    fn place(&self, line: usize) -> Place {
        self.file.place(line)
    }

    fn parameters(&mut self, lines: &[Line]) {
        let Some(top) = lines.iter().filter(|line| line.item).map(|line| line.indent).min() else { return };
        let query: Vec<String> = split_template(&self.path).1;
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.item && line.indent == top) {
            let Some(member) = member(&line.text) else { continue };
            let (mut shape, required) = self.shape_of(&member.kinds);
            let required = required.or(Some(!member.kinds.iter().any(|kind| kind == "optional")));
            let inner: Vec<&Line> = lines
                .iter()
                .skip(at + 1)
                .take_while(|line| !(line.item && line.indent <= top))
                .filter(|line| line.item)
                .collect();
            let mut values = Vec::new();
            let mut members = false;
            for line in inner {
                let text = line.text.trim();
                if text.starts_with("Members") || text.starts_with("Values") {
                    members = true;
                } else if text.starts_with("Default") {
                    members = false;
                } else if members {
                    let value = text.split([' ', ':']).next().unwrap_or_default().trim_matches('`');
                    values.push(super::types::value(value, &shape));
                }
            }
            shape.values = values;
            let property = Property {
                name: super::url::decode(&member.name),
                shape,
                required,
                description: super::requests::text_of(&member.description),
                place: self.place(line.number),
                ..Property::default()
            };
            match &mut self.action {
                Some(operation) => {
                    let in_path = super::requests::parameter_names_of(&operation.path).contains(&property.name);
                    operation.add_parameter(if in_path { In::Path } else { In::Query }, property);
                }
                None => {
                    let place = if query.contains(&property.name) { In::Query } else { In::Path };
                    self.shared.push((place, property));
                }
            }
        }
    }

    /// The shape that the words in brackets name, and whether they say that it is needed.
    fn shape_of(&self, kinds: &[String]) -> (Shape, Option<bool>) {
        let mut shape = Shape::default();
        let mut required = None;
        for kind in kinds {
            match kind.as_str() {
                "required" => required = Some(true),
                "optional" => required = Some(false),
                "nullable" => shape.nullable = true,
                "fixed" | "fixed-type" | "sample" | "default" => {}
                word => {
                    let inner = word.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']'));
                    let known = match inner {
                        Some(inner) => {
                            let items = self
                                .types
                                .get(inner)
                                .cloned()
                                .or_else(|| super::types::read(inner))
                                .unwrap_or_default();
                            Some(Shape::array_of(items))
                        }
                        None => self
                            .types
                            .get(word)
                            .cloned()
                            .or_else(|| super::types::read(word.trim_start_matches("enum[").trim_end_matches(']'))),
                    };
                    if let Some(known) = known {
                        let nullable = shape.nullable;
                        shape = known;
                        shape.nullable |= nullable;
                    }
                }
            }
        }
        (shape, required)
    }

    /// `+ Attributes (Type)` with its members.
    fn attributes_of(&self, text: &str, lines: &[Line]) -> Shape {
        let kinds = kinds_of(text);
        let (mut shape, _) = self.shape_of(&kinds);
        if shape.is_open() {
            shape.kinds.insert(Kind::Object);
        }
        self.members(lines, &mut shape, 0);
        shape
    }

    fn members(&self, lines: &[Line], shape: &mut Shape, depth: usize) {
        let Some(top) = lines.iter().filter(|line| line.item).map(|line| line.indent).min().filter(|_| depth < 30)
        else {
            return;
        };
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.item && line.indent == top) {
            if let Some(name) = line.text.trim().strip_prefix("Include ") {
                if let Some(known) = self.types.get(name.trim()) {
                    known.properties.iter().for_each(|property| shape.add(property.clone()));
                }
                continue;
            }
            let Some(member) = member(&line.text) else { continue };
            let (mut inner, required) = self.shape_of(&member.kinds);
            let end = end_of_item(lines, at, top);
            let below = lines.get(at + 1..end).unwrap_or_default();
            let has_members = below.iter().any(|line| line.item);
            if inner.is_open() && has_members {
                inner.kinds.insert(Kind::Object);
            }
            if inner.is_open() && !member.example.is_empty() {
                inner = super::shape::of_plain(&member.example);
            }
            if inner.is_open() {
                inner.kinds.insert(Kind::String);
            }
            if has_members && inner.is(Kind::Object) {
                self.members(below, &mut inner, depth + 1);
            } else if has_members && inner.is(Kind::Array) {
                let items = inner.items.get_or_insert_default();
                if items.is(Kind::Object) {
                    self.members(below, items, depth + 1);
                }
            }
            let target = match shape.items.as_deref_mut() {
                Some(items) if shape.kinds.contains(&Kind::Array) => items,
                _ => &mut *shape,
            };
            target.add(Property {
                name: member.name,
                shape: inner,
                required: Some(required == Some(true)),
                description: super::requests::text_of(&member.description),
                place: self.place(line.number),
                ..Property::default()
            });
        }
    }

    fn describe_body(&mut self, shape: Shape) {
        if let Some(operation) = &mut self.action {
            let body =
                operation.body.get_or_insert_with(|| Body { media: "application/json".to_owned(), ..Body::default() });
            let mut known =
                Property { shape: std::mem::take(&mut body.shape), origin: body.origin, ..Property::default() };
            known.merge(Property { shape, ..Property::default() });
            body.shape = known.shape;
            body.origin = Origin::Documented;
        }
    }

    fn request(&mut self, text: &str, lines: &[Line]) {
        let media = media_of(text);
        let (sample, attributes) = self.payload(lines);
        let place = self.place(lines.first().map_or(0, |line| line.number));
        if let Some(operation) = &mut self.action {
            let read = super::bodies::read(&sample, media.as_deref());
            if let Some(super::requests::Sent::Tree { media, node }) = read {
                let shape = Shape::of_sample(&node, &place);
                let example = super::secrets::redact_node(&node, "", &mut |_| {});
                let body = Body { media, shape, example: Some(example), origin: Origin::Sample };
                let deprecated = operation.deprecated;
                operation.merge(Operation { body: Some(body), deprecated, ..Operation::default() });
            }
        }
        let named = kinds_of(text).is_empty() && attributes.is_none() && sample.is_empty();
        match attributes {
            Some(shape) => self.describe_body(shape),
            None if named => {}
            None => {
                let reads = self
                    .action
                    .as_ref()
                    .is_some_and(|operation| matches!(operation.method.as_str(), "get" | "delete" | "head"));
                if let Some(shape) = self.attributes.clone().filter(|_| sample.is_empty() && !reads) {
                    self.describe_body(shape);
                }
            }
        }
    }

    fn response(&mut self, text: &str, lines: &[Line]) {
        let status = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 3).unwrap_or("200").to_owned();
        let media = media_of(text).unwrap_or_default();
        let (sample, attributes) = self.payload(lines);
        let place = self.place(lines.first().map_or(0, |line| line.number));
        let received = Received { status: status.clone(), name: String::new(), media, text: sample };
        let mut made = response(received, Keep { values: true }, &place, &mut |_| {});
        if let Some(shape) = attributes {
            let mut known = Property { shape, ..Property::default() };
            if let Some(sample) = made.shape.take() {
                known.merge(Property { shape: sample, origin: Origin::Sample, ..Property::default() });
            }
            made = Response {
                shape: Some(known.shape),
                media: "application/json".to_owned(),
                origin: Origin::Documented,
                ..made
            };
        }
        if let Some(operation) = &mut self.action {
            let deprecated = operation.deprecated;
            operation.merge(Operation { responses: [(status, made)].into(), deprecated, ..Operation::default() });
        }
    }

    /// The sample of a payload, and its attributes.
    fn payload(&self, lines: &[Line]) -> (String, Option<Shape>) {
        let mut attributes = None;
        let mut sample = String::new();
        let mut in_body = true;
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let keyword = line.text.split([' ', '(', ':']).next().unwrap_or_default().trim();
            if line.item && matches!(keyword, "Body" | "Headers" | "Schema" | "Attributes" | "Parameters") {
                let end = end_of_item(lines, at, line.indent);
                if keyword == "Attributes" {
                    attributes = Some(self.attributes_of(&line.text, lines.get(at + 1..end).unwrap_or_default()));
                    at = end;
                    continue;
                }
                in_body = keyword == "Body";
            } else if in_body {
                let text = line.text.trim_end();
                if !text.trim_start().starts_with("```") {
                    // A line of a sample may begin as an item does.
                    sample.push_str(if line.item { "- " } else { "" });
                    sample.push_str(text);
                    sample.push('\n');
                }
            }
            at += 1;
        }
        // Prose before the sample is none of it.
        let start = sample.find(['{', '[', '<']).unwrap_or(0);
        let sample = sample.get(start..).unwrap_or_default().trim().to_owned();
        (sample, attributes)
    }
}

/// Where the list item at a line ends: at the next item that is indented as much or less, else after the last line.
fn end_of_item(lines: &[Line], at: usize, indent: usize) -> usize {
    let ends = |line: &Line| line.item && line.indent <= indent;
    lines.iter().skip(at + 1).position(ends).map_or(lines.len(), |count| at + 1 + count)
}

/// The named types below `# Data Structures`, each with what it inherits.
fn data_structures(file: &File<'_>) -> BTreeMap<String, Shape> {
    let mut reader = Reader::new(file);
    let mut inside = false;
    let mut current: Option<(String, Vec<String>)> = None;
    let mut lines: Vec<Line> = Vec::new();
    let mut parts: Vec<(String, Vec<String>, Vec<Line>)> = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        if line.starts_with('#') {
            if let Some((name, kinds)) = current.take() {
                parts.push((name, kinds, std::mem::take(&mut lines)));
            }
            lines.clear();
            let text = line.trim_start_matches('#').trim();
            let level = line.len() - line.trim_start_matches('#').len();
            if text.eq_ignore_ascii_case("data structures") {
                inside = true;
            } else if inside && level == 1 {
                inside = false;
            } else if inside {
                let name = text.split('(').next().unwrap_or_default().trim().to_owned();
                current = Some((name, kinds_of(text)));
            }
            continue;
        }
        let rest = line.trim_start();
        let item = rest.starts_with("+ ") || rest.starts_with("- ") || rest.starts_with("* ");
        let indent = line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum();
        let text = if item { rest.get(2..).unwrap_or_default().to_owned() } else { line.to_owned() };
        lines.push(Line { indent, item, text, number: at + 1 });
    }
    if let Some((name, kinds)) = current.take() {
        parts.push((name, kinds, lines));
    }
    // Twice, so that a type can use one that comes later.
    for _ in 0..2 {
        for (name, kinds, lines) in parts.iter().take(1_000) {
            let (mut shape, _) = reader.shape_of(kinds);
            if shape.is_open() {
                shape.kinds.insert(Kind::Object);
            }
            reader.members(lines, &mut shape, 0);
            // What grows beyond all use is a type that holds itself.
            let mut size = 0_usize;
            shape.visit("", &mut |_, _| size += 1);
            if size < 2_000 {
                reader.types.insert(name.clone(), shape);
            }
        }
    }
    reader.types
}
