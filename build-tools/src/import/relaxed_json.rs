//! Reads JSON as documentation writes it: with comments, variables, trailing commas and things left out.
//!
//! Depth and the number of values are bounded; nothing is run. A variable outside quotes becomes [`UNKNOWN`].

use super::shape::UNKNOWN;
use crate::document::{Node, Object, Value};

const MAX_DEPTH: usize = 100;

/// The value that a whole text is, where it is an object or an array.
pub(super) fn read(text: &str) -> Option<Node> {
    let text = text.trim().trim_start_matches('\u{feff}');
    let mut reader = Reader { text, at: 0 };
    reader.skip();
    if !matches!(reader.peek(), Some('{' | '[')) || text.starts_with("{{") {
        return None;
    }
    let node = reader.value(0)?;
    reader.skip();
    while matches!(reader.peek(), Some(';' | ',')) {
        reader.at += 1;
        reader.skip();
    }
    (reader.at >= text.len()).then_some(node)
}

/// The value at the start of a text, and how many bytes of it were read.
pub(super) fn read_prefix(text: &str) -> Option<(Node, usize)> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    Some((node, reader.at))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over white space, comments and `...`.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let space = rest.len() - rest.trim_start().len();
            let rest = rest.trim_start();
            let more = if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if rest.starts_with("...") {
                3
            } else if rest.starts_with('…') {
                '…'.len_utf8()
            } else {
                0
            };
            self.at += space + more;
            if more == 0 {
                return;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip();
        match self.peek()? {
            '{' if self.rest().starts_with("{{") => self.variable(),
            '{' => self.object(depth + 1),
            '[' => self.array(depth + 1),
            quote @ ('"' | '\'' | '“' | '”' | '`') => {
                self.string(quote).map(|text| Value::Text(text.into()).into())
            }
            // `!0` and `!1`, as minified scripts write true and false.
            '!' => {
                let value = self.rest().starts_with("!0");
                self.at += 2;
                Some(value.into())
            }
            _ => self.word(),
        }
    }

    /// `{{name}}`, perhaps with more text behind it.
    fn variable(&mut self) -> Option<Node> {
        let end = self.rest().find("}}")?;
        self.at += end + 2;
        let more = self.rest().find([',', '}', ']', '\n']).unwrap_or(self.rest().len());
        self.at += more;
        Some(UNKNOWN.into())
    }

    fn object(&mut self, depth: usize) -> Option<Node> {
        self.at += 1;
        let mut object = Object::new();
        loop {
            self.skip();
            match self.peek()? {
                '}' => {
                    self.at += 1;
                    return Some(object.into());
                }
                ',' => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let key = match self.peek()? {
                quote @ ('"' | '\'' | '“' | '”') => self.string(quote)?,
                _ => self.bare(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '.' | '@' | '[' | ']'))?,
            };
            self.skip();
            match self.peek()? {
                ':' => self.at += 1,
                '=' if self.rest().starts_with("=>") => self.at += 2,
                _ => return None,
            }
            self.skip();
            // A value that was left out.
            if matches!(self.peek()?, ',' | '}') {
                object.insert(key, Node::from(UNKNOWN));
                continue;
            }
            let node = self.value(depth)?;
            object.insert(key, node);
            self.skip();
            // A value that goes on is worked out by a script.
            if matches!(self.peek(), Some('+' | '.' | '(')) {
                return None;
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Node> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip();
            match self.peek()? {
                ']' => {
                    self.at += 1;
                    return Some(items.into());
                }
                ',' => self.at += 1,
                _ => items.push(self.value(depth)?),
            }
        }
    }

    fn bare(&mut self, is_part: impl Fn(char) -> bool) -> Option<String> {
        let rest = self.rest();
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| rest.get(..end).unwrap_or_default().to_owned())
    }

    fn word(&mut self) -> Option<Node> {
        let word = self.bare(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '<' | '>' | '|' | '$'))?;
        Some(match word.as_str() {
            "true" | "True" | "TRUE" => true.into(),
            "false" | "False" | "FALSE" => false.into(),
            "null" | "None" | "nil" | "NULL" | "undefined" => Node::default(),
            "void" => {
                self.skip();
                self.bare(|c| c.is_ascii_digit());
                Node::default()
            }
            _ => match word.parse::<serde_json::Number>() {
                Ok(_) => Value::Number(word.into()).into(),
                // A word for a type in place of a value, or something that is worked out.
                Err(_) if super::shape::placeholder(&format!("<{}>", word.trim_matches(['<', '>']))).is_some() => {
                    format!("<{}>", word.trim_matches(['<', '>'])).into()
                }
                Err(_) => UNKNOWN.into(),
            },
        })
    }

    fn string(&mut self, quote: char) -> Option<String> {
        self.at += quote.len_utf8();
        let is_end = |c: char| c == quote || (matches!(quote, '“' | '”') && matches!(c, '”' | '“'));
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            if is_end(c) {
                self.at += at + c.len_utf8();
                return Some(out);
            }
            if c != '\\' {
                out.push(c);
                continue;
            }
            match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'b' | 'f' => out.push(' '),
                'u' => {
                    let mut code = hex(&mut chars);
                    if (0xd800..0xdc00).contains(&code) && chars.as_str().starts_with("\\u") {
                        chars.nth(1);
                        code = 0x1_0000 + ((code - 0xd800) << 10) + (hex(&mut chars).wrapping_sub(0xdc00) & 0x3ff);
                    }
                    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                }
                other => out.push(other),
            }
        }
        None
    }
}

fn hex(chars: &mut std::str::CharIndices<'_>) -> u32 {
    let digits = chars.as_str().get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    if digits.is_some() {
        chars.nth(3);
    }
    digits.unwrap_or(0xfffd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_json_as_documentation_writes_it() {
        let node = read(
            "{ // who\n \"a\": {{id}}, 'b': [1, 2, ...], c: \"x {{y}}\", \"d\": <integer>, \"e\": , \"f\": \"\\u00f1\\ud83d\\ude00\", }",
        );
        let node = node.unwrap();
        assert_eq!(node.text_at("a"), Some(UNKNOWN));
        assert_eq!(node.get("b").and_then(Node::as_array).map(<[Node]>::len), Some(2));
        assert_eq!(node.text_at("c"), Some("x {{y}}"));
        assert_eq!(node.text_at("d"), Some("<integer>"));
        assert_eq!(node.text_at("f"), Some("ñ😀"));
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "name=a", "{{body}}", "{\"a\":1} and more", "\"a\"", "{\"a\"", "{a b}"] {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(read(&"[".repeat(10_000)).is_none());
    }
}
