//! YAML text to a tree with spans, by the core schema of YAML 1.2 plus merge keys (`<<`).
//!
//! saphyr-parser does the scanning; what it cannot know is decided here: which plain scalars are
//! numbers, what an alias may cost, and that an API document is one tree of texts, numbers and truth values.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span as YamlSpan};

use super::lines::LineIndex;
use super::node::{Entry, Interner, Key, Node, Object, Span, Value};
use super::refusal::Refusal;
use super::{KeySet, MAX_DEPTH, MAX_NODES, MAX_REPEATED, Twice};

/// The most lines of one text that are taken for indented too little within braces.
const MAX_JOINED: usize = 300;
/// The most bytes that are read again for the sake of such lines: each of them takes another reading of the text.
const MAX_READ_AGAIN: usize = 96 << 20;

/// Reads the first document of a YAML stream; a second one is an error. The number is that of lines within braces, brackets
/// or quotation marks that are indented too little: many writers do so and most readers allow it, though YAML does not.
pub(super) fn read(text: &str, lines: &LineIndex) -> Result<(Node, Twice, usize), Refusal> {
    let first = match once(text, lines, None) {
        Ok((root, twice)) => return Ok((root, twice, 0)),
        Err(refusal) => refusal,
    };
    let mut repaired = Repaired { text: text.to_owned(), reached: 0, padding: HashMap::new(), lines: 0 };
    let mut error = first.clone();
    for _ in 1..=MAX_JOINED.min(MAX_READ_AGAIN / text.len().max(1)) {
        if !(repaired.join(&error) || repaired.pad(&error)) {
            break;
        }
        match once(&repaired.text, lines, Some((text, &repaired.padding))) {
            Ok((root, twice)) => return Ok((root, twice, repaired.lines)),
            Err(next) => error = next,
        }
    }
    Err(first)
}

/// Spaces before the lines of a text, by line from 1.
type Padding = HashMap<usize, usize>;

/// A text in which lines that are indented too little are put right. Its lines are those of the source.
struct Repaired {
    text: String,
    /// How far lines were joined.
    reached: usize,
    padding: Padding,
    lines: usize,
}

impl Repaired {
    /// Joins the line that the parser finds indented too little within braces to the one before it.
    fn join(&mut self, error: &Refusal) -> bool {
        let Some(at) = outdented(&self.text, error).filter(|at| *at > self.reached) else { return false };
        // Of the same length, so that every place stays where it is.
        self.text.replace_range(at..=at, " ");
        self.reached = at;
        self.lines += 1;
        true
    }

    /// Indents the lines of a quoted text that the parser finds indented too little. What stands before the words of such a
    /// line is no part of the text, so that it stays the same.
    fn pad(&mut self, error: &Refusal) -> bool {
        let Refusal::Syntax { line, column, message, .. } = error else { return false };
        if !message.contains("invalid indentation in quoted scalar") {
            return false;
        }
        let Some(start) = place(&self.text, *line, column.saturating_sub(1)) else { return false };
        let Some(within) = quoted(self.text.get(start..).unwrap_or_default()) else { return false };
        let spaces = " ".repeat(*column);
        let before = self.lines;
        let mut out = String::new();
        for (at, part) in within.split('\n').enumerate() {
            if at > 0 {
                out.push('\n');
                let indent = part.len() - part.trim_start_matches(' ').len();
                if indent < *column && !part.trim().is_empty() {
                    out.push_str(&spaces);
                    *self.padding.entry(line + at).or_default() += spaces.len();
                    self.lines += 1;
                }
            }
            out.push_str(part);
        }
        let end = start + within.len();
        self.text.replace_range(start..end, &out);
        self.lines > before
    }
}

/// The byte at a line from 1 and a column in characters from 0.
fn place(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => text.match_indices('\n').nth(breaks)?.0 + 1,
    };
    let rest = text.get(start..)?;
    Some(start + rest.char_indices().nth(column)?.0)
}

/// A quoted text from its first quotation mark to its last.
fn quoted(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if mark == '"' => drop(chars.next()),
            // Twice, it is a part of the text.
            c if c == mark && mark == '\'' && chars.peek().is_some_and(|(_, next)| *next == mark) => drop(chars.next()),
            c if c == mark => return text.get(..=at),
            _ => {}
        }
    }
    None
}

/// The line break before the line that the parser finds indented too little.
fn outdented(text: &str, error: &Refusal) -> Option<usize> {
    let Refusal::Syntax { line, message, .. } = error else { return None };
    // A quoted text is another case: what stands before it is not to be joined to it.
    if !message.contains("invalid indentation") || message.contains("quoted") {
        return None;
    }
    let breaks = text.match_indices('\n').map(|(at, _)| at);
    let at = breaks.into_iter().nth(line.checked_sub(2)?)?;
    let before = text.get(..at)?.rsplit('\n').next()?;
    // A comment would swallow what is joined to it.
    (!before.contains('#')).then_some(at)
}

/// Reads a text; `source` is the text that places refer to, and what was put before its lines.
fn once(text: &str, lines: &LineIndex, source: Option<(&str, &Padding)>) -> Result<(Node, Twice), Refusal> {
    let nothing = Padding::new();
    let (source, padding) = source.unwrap_or((text, &nothing));
    let joined;
    let lines = match text.len() == source.len() && text != source {
        true => {
            joined = LineIndex::new(text);
            &joined
        }
        false => lines,
    };
    let mut reader = Reader {
        text: source,
        lines,
        padding,
        ascii: text.is_ascii() && padding.is_empty(),
        events: Parser::new_from_str(text),
        anchors: HashMap::new(),
        keys: Interner::default(),
        nodes: 0,
        twice: Vec::new(),
    };
    let root = reader.document()?;
    Ok((root, reader.twice))
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    padding: &'a Padding,
    ascii: bool,
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, (Node, usize)>,
    keys: Interner,
    nodes: usize,
    twice: Twice,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, YamlSpan), Refusal> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.error(error.marker(), error.info())),
            None => Ok((Event::StreamEnd, YamlSpan::empty(Marker::new(self.text.len(), 1, 0)))),
        }
    }

    fn error(&self, marker: &Marker, message: impl Into<String>) -> Refusal {
        let message = message.into();
        // The parser's own bound on flow collections is met before ours.
        if message.contains("recursion limit") {
            return Refusal::TooDeep { what: "nesting", line: marker.line() };
        }
        Refusal::Syntax { format: "YAML", line: marker.line(), column: marker.col() + 1, message }
    }

    fn offset(&self, marker: &Marker) -> u32 {
        if self.ascii {
            return u32::try_from(marker.index().min(self.text.len())).unwrap_or(u32::MAX);
        }
        let padding = self.padding.get(&marker.line()).copied().unwrap_or(0);
        self.lines.offset(self.text, marker.line(), marker.col().saturating_sub(padding))
    }

    fn document(&mut self) -> Result<Node, Refusal> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::Nothing | Event::DocumentStart(_) | Event::DocumentEnd => {}
                Event::StreamEnd => return root.ok_or_else(Refusal::empty),
                event if root.is_none() => root = Some(self.node(event, span, 0)?),
                _ => return Err(self.error(&span.start, "a second document in the same file")),
            }
        }
    }

    fn count(&mut self, nodes: usize, marker: &Marker) -> Result<(), Refusal> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(Refusal::TooManyAliases { limit: MAX_NODES, line: marker.line() });
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: YamlSpan, depth: usize) -> Result<Node, Refusal> {
        if depth >= MAX_DEPTH {
            return Err(Refusal::TooDeep { what: "nesting", line: span.start.line() });
        }
        self.count(1, &span.start)?;
        let before = self.nodes;
        let (node, anchor) = match event {
            Event::Alias(id) => {
                let Some((node, size)) = self.anchors.get(&id).cloned() else {
                    return Err(self.error(&span.start, "an alias of itself, or of an anchor that is not set"));
                };
                self.count(size, &span.start)?;
                (node, 0)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let texty = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let value = if texty { Value::Text(text.as_ref().into()) } else { self.scalar(&text, &span)? };
                (Node { value, span: self.span(&span) }, anchor)
            }
            Event::SequenceStart(anchor, _) => (self.sequence(&span, depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.mapping(&span, depth)?, anchor),
            _ => return Err(self.error(&span.start, "a value is expected here")),
        };
        if anchor > 0 {
            // What is kept for aliases counts too: anchors within anchors would keep a copy for each level.
            let size = self.nodes - before + 1;
            self.count(size, &span.start)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn span(&self, span: &YamlSpan) -> Span {
        Span { start: self.offset(&span.start), end: self.offset(&span.end) }
    }

    fn sequence(&mut self, span: &YamlSpan, depth: usize) -> Result<Node, Refusal> {
        let start = self.offset(&span.start);
        let mut items = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Node { value: Value::Array(items), span: Span { start, end: self.offset(&at.end) } });
            }
            items.push(self.node(event, at, depth + 1)?);
        }
    }

    fn mapping(&mut self, span: &YamlSpan, depth: usize) -> Result<Node, Refusal> {
        let start = self.offset(&span.start);
        let mut object = Object::new();
        let mut seen = KeySet::default();
        let mut merges = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let (text, plain) = match event {
                Event::MappingEnd => {
                    merge(&mut object, merges);
                    let end = self.offset(&at.end);
                    return Ok(Node { value: Value::Object(object), span: Span { start, end } });
                }
                Event::Scalar(text, style, ..) => (text, style == ScalarStyle::Plain),
                _ => return Err(self.error(&at.start, "a key must be a text")),
            };
            let key = self.keys.key(&text);
            let (value, value_at) = self.next()?;
            let node = self.node(value, value_at, depth + 1)?;
            if plain && key.as_str() == "<<" {
                self.merge_sources(node, &at, &mut merges)?;
                continue;
            }
            if !seen.insert(object.entries(), &key) {
                // The same once more is harmless; two values are not.
                if object.get(key.as_str()) != Some(&node) {
                    let (line, column) = (at.start.line(), at.start.col() + 1);
                    return Err(Refusal::DuplicateKeys { key: key.as_str().to_owned(), line, column });
                }
                if self.twice.len() >= MAX_REPEATED {
                    let at = format!("line {}", at.start.line());
                    return Err(Refusal::OverBudget { what: "repeated keys", limit: MAX_REPEATED, at });
                }
                let start = self.offset(&at.start);
                self.twice.push((key, Span { start, end: start }));
                continue;
            }
            object.push(Entry { key, key_start: self.offset(&at.start), node });
        }
    }

    fn merge_sources(&self, node: Node, at: &YamlSpan, merges: &mut Vec<Object>) -> Result<(), Refusal> {
        let nodes = match node.value {
            Value::Array(items) => items,
            value => vec![Node { value, span: node.span }],
        };
        for node in nodes {
            match node.value {
                Value::Object(object) => merges.push(object),
                _ => return Err(self.error(&at.start, "a merge key needs a mapping")),
            }
        }
        Ok(())
    }

    /// A plain scalar by the core schema.
    fn scalar(&self, text: &str, span: &YamlSpan) -> Result<Value, Refusal> {
        Ok(match text {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "-.inf" | "-.Inf" | "-.INF" | ".nan" | ".NaN" | ".NAN" => {
                return Err(self.error(&span.start, format!("`{text}` has no form in JSON")));
            }
            text => match json_number(text) {
                Some(number) => Value::Number(number.into()),
                None => Value::Text(text.into()),
            },
        })
    }
}

/// Members of the merged mappings that the mapping has not itself, earlier sources first.
fn merge(object: &mut Object, merges: Vec<Object>) {
    for source in merges {
        for entry in source.entries() {
            if !object.contains(entry.key.as_str()) {
                let key: Key = entry.key.clone();
                object.push(Entry { key, key_start: entry.key_start, node: entry.node.clone() });
            }
        }
    }
}

/// The JSON spelling of a plain scalar that the core schema takes for a number.
fn json_number(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(|n| n.to_string());
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|n| n.to_string());
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, rest.get(at..)?),
        None => (rest, ""),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole_exponent = exponent.get(1..).unwrap_or_default();
    let bare_exponent = whole_exponent.strip_prefix(['+', '-']).unwrap_or(whole_exponent);
    if !exponent.is_empty() && !digits(bare_exponent) {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !(digits(whole) || whole.is_empty()) || !(digits(fraction) || fraction.is_empty()) {
        return None;
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let trimmed = whole.trim_start_matches('0');
    let whole = if trimmed.is_empty() { "0" } else { trimmed };
    let point = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    Some(format!("{sign}{whole}{point}{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::json_number;

    #[test]
    fn tells_numbers_from_texts_by_the_core_schema() {
        for (text, number) in [
            ("1", "1"),
            ("01", "1"),
            ("-0", "-0"),
            ("+4", "4"),
            ("1.50", "1.50"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1e3"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(json_number(text).as_deref(), Some(number), "{text}");
        }
        for text in ["", ".", "-", "1.2.3", "2026-11-23", "1_000", "0x", "e5", "1e", "v1", "12:30"] {
            assert_eq!(json_number(text), None, "{text}");
        }
    }
}
