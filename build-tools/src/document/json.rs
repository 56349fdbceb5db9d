//! JSON text to a tree with spans. Strict (RFC 8259): no comments, no trailing commas, each key once.

use std::borrow::Cow;

use super::lines::LineIndex;
use super::node::{Entry, Interner, Key, Node, Object, Span, Value};
use super::refusal::Refusal;
use super::{KeySet, MAX_DEPTH, MAX_NODES, MAX_REPEATED, Twice};

/// Reads one JSON value and nothing after it.
pub(super) fn read(text: &str, lines: &LineIndex) -> Result<(Node, Twice), Refusal> {
    let mut reader = Reader {
        text,
        lines,
        at: 0,
        keys: Interner::default(),
        twice: Vec::new(),
        members: Vec::new(),
        items: Vec::new(),
        nodes: 0,
    };
    reader.white_space();
    let node = reader.value(0)?;
    reader.white_space();
    if reader.at < text.len() {
        return Err(reader.error("text after the end of the document"));
    }
    Ok((node, reader.twice))
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    at: usize,
    keys: Interner,
    twice: Twice,
    /// Members of the objects that are not closed yet. One that is closed gets a list of just its size: the lists of a
    /// document would else be half empty.
    members: Vec<Entry>,
    /// The same for arrays.
    items: Vec<Node>,
    /// Values read so far.
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes on to the first byte that ends what is passed over.
    fn pass(&mut self, ends: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len());
    }

    fn white_space(&mut self) {
        self.pass(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    fn error(&self, message: impl Into<String>) -> Refusal {
        let (line, column) = self.lines.position(self.text, self.offset());
        Refusal::Syntax { format: "JSON", line, column, message: message.into() }
    }

    fn over_budget(&self, what: &'static str, limit: usize) -> Refusal {
        let (line, column) = self.lines.position(self.text, self.offset());
        Refusal::OverBudget { what, limit, at: format!("line {line}, column {column}") }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Refusal> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.over_budget("values", MAX_NODES));
        }
        let start = self.offset();
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::Text(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.error("a value is expected here")),
            None => return Err(self.error("the text ends where a value is expected")),
        };
        Ok(Node { value, span: Span { start, end: self.offset() } })
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Refusal> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.error(format!("`{word}` is expected here")))
    }

    fn deeper(&self, depth: usize) -> Result<usize, Refusal> {
        if depth >= MAX_DEPTH {
            let (line, _) = self.lines.position(self.text, self.offset());
            return Err(Refusal::TooDeep { what: "nesting", line });
        }
        Ok(depth + 1)
    }

    fn object(&mut self, depth: usize) -> Result<Value, Refusal> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let first = self.members.len();
        let mut seen = KeySet::default();
        self.white_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::new()));
        }
        loop {
            self.white_space();
            let key_start = self.offset();
            if self.peek() != Some(b'"') {
                return Err(self.error("a key in double quotes is expected here"));
            }
            let text = self.string()?;
            let key = self.keys.key(&text);
            let twice = !seen.insert(self.members.get(first..).unwrap_or_default(), &key);
            self.white_space();
            if self.peek() != Some(b':') {
                return Err(self.error("`:` is expected here"));
            }
            self.at += 1;
            self.white_space();
            let node = self.value(depth)?;
            if twice {
                // The same once more is harmless; two values are not.
                let known = self.members.iter().skip(first).find(|entry| entry.key == key);
                if known.map(|entry| &entry.node) != Some(&node) {
                    return Err(self.duplicate(&key, key_start));
                }
                // Each of them is looked for among all members of its object.
                if self.twice.len() >= MAX_REPEATED {
                    return Err(self.over_budget("repeated keys", MAX_REPEATED));
                }
                self.twice.push((key, Span { start: key_start, end: key_start }));
            } else {
                self.members.push(Entry { key, key_start, node });
            }
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(Object::of(self.members.drain(first..).collect())));
                }
                Some(_) => return Err(self.error("`,` or `}` is expected here")),
                None => return Err(self.error("the text ends within an object")),
            }
        }
    }

    fn duplicate(&self, key: &Key, start: u32) -> Refusal {
        let (line, column) = self.lines.position(self.text, start);
        Refusal::DuplicateKeys { key: key.as_str().to_owned(), line, column }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Refusal> {
        let depth = self.deeper(depth)?;
        self.at += 1;
        let first = self.items.len();
        self.white_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(Vec::new()));
        }
        loop {
            self.white_space();
            let item = self.value(depth)?;
            self.items.push(item);
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(self.items.drain(first..).collect()));
                }
                Some(_) => return Err(self.error("`,` or `]` is expected here")),
                None => return Err(self.error("the text ends within an array")),
            }
        }
    }

    fn digits(&mut self) -> Result<(), Refusal> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error("a digit is expected here"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, Refusal> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.error("a number must not start with zero"));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Value::Number(self.text.get(start..self.at).unwrap_or_default().into()))
    }

    /// Most texts are what stands there; only those with escapes are put together.
    fn string(&mut self) -> Result<Cow<'a, str>, Refusal> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            self.pass(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let plain = self.text.get(start..self.at).unwrap_or_default();
            if self.peek() == Some(b'"') && out.is_empty() {
                self.at += 1;
                return Ok(Cow::Borrowed(plain));
            }
            out.push_str(plain);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(_) => return Err(self.error("a control character must be escaped in a text")),
                None => return Err(self.error("the text ends within a text")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        let escaped = self.peek();
        let plain = match escaped {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.error("an unknown escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn hex(&mut self) -> Result<u32, Refusal> {
        let code = self.text.get(self.at..self.at + 4).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(code) = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()) else {
            return Err(self.error("four hexadecimal digits are expected here"));
        };
        self.at += 4;
        Ok(code)
    }

    fn unicode(&mut self) -> Result<char, Refusal> {
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
                return Err(self.error("half of a surrogate pair"));
            }
            self.at += 2;
            let second = self.hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.error("half of a surrogate pair"));
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.error("half of a surrogate pair"))
    }
}
