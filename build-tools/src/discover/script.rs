//! Script text to the literals in it, read and never run.
//!
//! A mask tells code from comments, strings and regular expressions; call sites are looked for in code alone; one
//! balanced literal is read there. What is no literal (functions, expressions) becomes `null`.

use std::cell::Cell;

use crate::document::{Node, Object, Value};

/// The longest script that is read.
pub(super) const MAX_SCRIPT: usize = 4 << 20;
/// The deepest literal.
const MAX_DEPTH: usize = 64;

/// The most calls and assignments of one word that are read; pages have one or two.
const MAX_SITES: usize = 200;
/// How far behind a call its second argument is looked for.
const NEAR: usize = 4096;

/// A script and which of its bytes are code.
pub(super) struct Script<'a> {
    text: &'a str,
    code: Vec<bool>,
    /// Bytes that literals may still be read of. What begins within another literal that is not closed would be read
    /// to the end of the script each time.
    left: Cell<usize>,
}

impl<'a> Script<'a> {
    /// Reads at most the first 4 MiB.
    pub(super) fn new(text: &'a str) -> Self {
        let mut end = text.len().min(MAX_SCRIPT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or_default();
        let left = Cell::new(MAX_SCRIPT + 4 * text.len());
        Self { text, code: mask(text.as_bytes()), left }
    }

    /// Takes bytes from those that may still be read; whether there were any left.
    fn spend(&self, bytes: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(bytes.max(1)));
        left > 0
    }

    /// The literals that follow each `word` in code: the first argument of a call where the word ends with `(`, what
    /// is assigned where it ends with `=`.
    pub(super) fn after(&self, word: &str) -> Vec<Node> {
        self.sites(word).take(MAX_SITES).map(|at| self.value(at)).collect()
    }

    /// The first object among the arguments of each call of `word`, which ends with `(`.
    pub(super) fn objects(&self, word: &str) -> Vec<Node> {
        let brace = |at: usize| {
            let near = self.text.as_bytes().iter().skip(at).take(NEAR).position(|byte| *byte == b'{')?;
            Some(self.value(at + near))
        };
        self.sites(word).take(MAX_SITES).filter_map(brace).collect()
    }

    fn sites<'b>(&'b self, word: &'b str) -> impl Iterator<Item = usize> + use<'a, 'b> {
        let (name, mark) = match word.char_indices().next_back() {
            Some((at, mark @ ('(' | '='))) => (word.get(..at).unwrap_or_default(), mark),
            _ => ("", ' '),
        };
        let bytes = self.text.as_bytes();
        let found = self.text.match_indices(name).take_while(move |_| !name.is_empty());
        found.filter_map(move |(at, _)| {
            let is_name = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| name_byte(*byte));
            if !self.code.get(at).copied().unwrap_or_default()
                || (!name.starts_with('.') && is_name(at.checked_sub(1)))
                || is_name(Some(at + name.len()))
            {
                return None;
            }
            let next = self.skip(at + name.len());
            let found = bytes.get(next) == Some(&(mark as u8));
            let compares = mark == '=' && matches!(bytes.get(next + 1), Some(b'=' | b'>'));
            (found && !compares).then_some(next + 1)
        })
    }

    /// The value at a place: a literal with perhaps one member taken, a name assigned once, or `JSON.parse` of a text.
    fn value(&self, at: usize) -> Node {
        let at = self.skip(at);
        let rest = self.text.get(at..).unwrap_or_default();
        if !self.spend(0) {
            return Node::default();
        }
        if let Some(text) = rest.strip_prefix("JSON.parse(") {
            let mut reader = Reader { script: self, at: at + rest.len() - text.len() };
            let node = reader.literal(0);
            self.spend(reader.at.saturating_sub(at));
            let parsed = node.as_str().and_then(|text| serde_json::from_str(text).ok());
            return parsed.map(|value: serde_json::Value| Node::from_json(&value)).unwrap_or_default();
        }
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$')).collect();
        let word = matches!(name.as_str(), "true" | "false" | "null" | "function" | "new" | "async" | "window");
        if !name.is_empty() && !word && !name.starts_with(|c: char| c.is_ascii_digit()) {
            let assigned = format!("{name}=");
            let site = self.sites(&assigned).next();
            self.spend(site.unwrap_or(self.text.len()));
            let Some(site) = site.filter(|site| *site != at) else { return Node::default() };
            let node = Reader { script: self, at: self.skip(site) };
            let inner = self.text.get(node.at..).unwrap_or_default();
            let node = if inner.starts_with("JSON.parse(") { self.value(node.at) } else { self.taken(node) };
            let after = rest.get(name.len()..).unwrap_or_default();
            return member(after).map_or(node.clone(), |member| node.get(member).cloned().unwrap_or_default());
        }
        self.taken(Reader { script: self, at })
    }

    /// A literal, and the member of it where `.name` follows.
    fn taken(&self, mut reader: Reader<'_, '_>) -> Node {
        let start = reader.at;
        let node = reader.literal(0);
        self.spend(reader.at.saturating_sub(start));
        let after = self.text.get(reader.at..).unwrap_or_default();
        match member(after).filter(|_| node.as_object().is_some()) {
            Some(member) => node.get(member).cloned().unwrap_or_default(),
            None => node,
        }
    }

    /// The next byte of code that is no white space.
    fn skip(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            let quote = matches!(byte, b'"' | b'\'' | b'`');
            let comment = !self.code.get(at).copied().unwrap_or_default() && !quote;
            if !byte.is_ascii_whitespace() && !comment {
                break;
            }
            at += 1;
        }
        at
    }
}

/// `.name` at the start of a text.
fn member(after: &str) -> Option<&str> {
    let name = after.strip_prefix('.')?;
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '$')).unwrap_or(name.len());
    name.get(..end).filter(|name| !name.is_empty())
}

fn name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// Which bytes are code. Quotes themselves count as text, what stands in `${}` of a template too.
fn mask(bytes: &[u8]) -> Vec<bool> {
    let mut code = vec![true; bytes.len()];
    let mut at = 0;
    // The last byte of code that is no white space decides whether `/` divides.
    let mut last = b'(';
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let end = match (byte, next) {
            (b'/', Some(b'/')) => find(bytes, at, |rest| rest.starts_with(b"\n"), 0),
            (b'/', Some(b'*')) => find(bytes, at + 2, |rest| rest.starts_with(b"*/"), 2),
            (b'"' | b'\'' | b'`', _) => quoted(bytes, at, byte),
            (b'/', _) if b"(,=:[!&|?{};+-*%<>~^".contains(&last) => quoted(bytes, at, b'/'),
            _ => {
                if !byte.is_ascii_whitespace() {
                    last = byte;
                }
                at += 1;
                continue;
            }
        };
        if matches!(byte, b'"' | b'\'' | b'`') || !matches!(next, Some(b'/' | b'*')) {
            last = b'"';
        }
        code.iter_mut().take(end).skip(at).for_each(|code| *code = false);
        at = end.max(at + 1);
    }
    code
}

fn find(bytes: &[u8], from: usize, is_end: impl Fn(&[u8]) -> bool, more: usize) -> usize {
    (from..bytes.len()).find(|at| bytes.get(*at..).is_some_and(&is_end)).map_or(bytes.len(), |at| at + more)
}

/// The end of what a quote opens; strings and expressions do not go over the end of a line.
fn quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let (mut at, mut class) = (start + 1, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' if quote == b'/' => class = true,
            b']' if quote == b'/' => class = false,
            b'\n' if quote != b'`' => return at,
            _ if byte == quote && !class => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

struct Reader<'a, 'b> {
    script: &'b Script<'a>,
    at: usize,
}

impl Reader<'_, '_> {
    fn peek(&mut self) -> Option<u8> {
        self.at = self.script.skip(self.at);
        self.script.text.as_bytes().get(self.at).copied()
    }

    /// Reads one literal; what is none becomes `null` and is passed over.
    fn literal(&mut self, depth: usize) -> Node {
        let value = match self.peek() {
            Some(b'{') if depth < MAX_DEPTH => self.object(depth + 1),
            Some(b'[') if depth < MAX_DEPTH => self.array(depth + 1),
            Some(b'"' | b'\'' | b'`') => self.string().map_or(Value::Null, |text| Value::Text(text.into())),
            Some(b'0'..=b'9' | b'-') => self.number(),
            _ => self.word(),
        };
        // More than a literal: an expression. A member taken from it is the caller's.
        match self.peek() {
            None | Some(b',' | b'}' | b']' | b')' | b';' | b':') => value.into(),
            Some(b'.') if depth == 0 => value.into(),
            Some(_) if depth == 0 => value.into(),
            Some(_) => {
                self.pass();
                Node::default()
            }
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut object = Object::new();
        self.at += 1;
        loop {
            let key = match self.peek() {
                None => break,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(b'"' | b'\'') => self.string(),
                Some(byte) if name_byte(byte) => Some(self.name()),
                Some(_) => None,
            };
            if let (Some(key), Some(b':')) = (key, self.peek()) {
                self.at += 1;
                let node = self.literal(depth);
                object.insert(key.as_str(), node);
            } else {
                // A method, a spread or a short form.
                self.pass();
                if !matches!(self.peek(), Some(b',' | b'}')) {
                    break;
                }
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            match self.peek() {
                None => break,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'}' | b')' | b';' | b':') => break,
                Some(_) => items.push(self.literal(depth)),
            }
        }
        Value::Array(items)
    }

    fn name(&mut self) -> String {
        let rest = self.script.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !name_byte(*byte)).unwrap_or(rest.len());
        let name = self.script.text.get(self.at..self.at + length).unwrap_or_default().to_owned();
        self.at += length;
        name
    }

    fn word(&mut self) -> Value {
        match self.name().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => {
                self.pass();
                Value::Null
            }
        }
    }

    fn number(&mut self) -> Value {
        let rest = self.script.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| !b.is_ascii_alphanumeric() && !b"+-.".contains(b)).unwrap_or(rest.len());
        let text = self.script.text.get(self.at..self.at + length).unwrap_or_default();
        self.at += length.max(1);
        match text.parse::<serde_json::Number>() {
            Ok(_) => Value::Number(text.into()),
            Err(_) => Value::Null,
        }
    }

    /// A string; a template with `${` in it is none.
    fn string(&mut self) -> Option<String> {
        let bytes = self.script.text.as_bytes();
        let quote = *bytes.get(self.at)?;
        let end = quoted(bytes, self.at, quote);
        let inner = self.script.text.get(self.at + 1..end.saturating_sub(1).max(self.at + 1)).unwrap_or_default();
        self.at = end;
        if quote == b'`' && inner.contains("${") {
            return None;
        }
        Some(unescape(inner))
    }

    /// Passes over what is no literal, to the next comma or closing bracket at this depth.
    fn pass(&mut self) {
        let bytes = self.script.text.as_bytes();
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(self.at) {
            if self.script.code.get(self.at).copied().unwrap_or_default() {
                match byte {
                    b'{' | b'[' | b'(' => depth += 1,
                    b'}' | b']' | b')' if depth == 0 => return,
                    b'}' | b']' | b')' => depth -= 1,
                    b',' if depth == 0 => return,
                    _ => {}
                }
            }
            self.at += 1;
        }
    }
}

/// The escapes of a string literal, halves of a pair joined.
fn unescape(text: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let plain = if c == '\\' {
            match chars.next() {
                None | Some('\n') => continue,
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r' | 'b' | 'f' | 'v' | '0') => ' ',
                Some(kind @ ('x' | 'u')) => {
                    let digits = if kind == 'x' { 2 } else { 4 };
                    let hex: String = chars.clone().take(digits).collect();
                    if let Ok(unit) = u16::from_str_radix(&hex, 16) {
                        units.push(unit);
                        chars.by_ref().take(digits).for_each(drop);
                    }
                    continue;
                }
                Some(other) => other,
            }
        } else {
            c
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(script: &str, word: &str) -> String {
        Script::new(script).after(word).first().map(Node::to_canonical).unwrap_or_default().replace([' ', '\n'], "")
    }

    #[test]
    fn reads_literals_as_people_write_them() {
        let script = "// UI({url:'comment'})\nconst s = \"UI({url:'text'})\"; const r = /UI\\({/;\n\
            window.ui = UI({ url: '/a.json', deep: [1, -2.5, true,], on: function () { return {x: 1}; },\n\
            plugins: [A.b, 'c'], \"urls.primaryName\": `n`, m() { return 1 }, t: `${x}`, });";
        let expected =
            r#"{"deep":[1,-2.5,true],"on":null,"plugins":[null,"c"],"t":null,"url":"/a.json","urls.primaryName":"n"}"#;
        assert_eq!(first(script, "UI("), expected);
    }

    #[test]
    fn follows_one_name_one_member_and_parsed_text() {
        assert_eq!(first("const u = '/a'; Redoc.init(u, {})", "Redoc.init("), "\"/a\"");
        assert_eq!(first("docs.x = {\"spec\":{\"a\":\"\\u003C\"}}.spec;", ".x="), "{\"a\":\"<\"}");
        assert_eq!(first("var c = JSON.parse('{\"url\":\"v1\"}');", "c="), "{\"url\":\"v1\"}");
        assert_eq!(first("Redoc.init(data.spec); const data = {spec: {a: 1}}", "Redoc.init("), "{\"a\":1}");
        assert_eq!(first("a == 1; b => 2", "a="), "");
        assert_eq!(first("x('\\ud83d\\ude00')", "x("), "\"😀\"");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".{0,200}", more in "[(){}\\[\\]'\"`/\\\\,:a=.$*\n]{0,80}") {
            let script = format!("UI({more}{text}; a = {text}{more}");
            for word in ["UI(", "a="] {
                drop(Script::new(&script).after(word));
            }
        }
    }
}
