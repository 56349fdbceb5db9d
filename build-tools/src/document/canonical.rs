//! A document to its one canonical text: members sorted by name, two spaces, LF, one final newline.

use super::convert::Document;
use super::node::{Node, Value};
use crate::safe_text::{is_hidden, json_escape};

impl Document {
    /// The bytes of `swpanel-api.json`: the same for the same content, whatever the order of its source.
    pub fn to_canonical(&self) -> String {
        let mut out = String::new();
        write(self.root(), 0, &mut out);
        out.push('\n');
        out
    }
}

impl Node {
    /// The canonical text of this node alone, without a final newline.
    pub fn to_canonical(&self) -> String {
        let mut out = String::new();
        write(self, 0, &mut out);
        out
    }
}

fn write(node: &Node, indent: usize, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(text) => out.push_str(text),
        Value::Text(text) => string(text, out),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                line(at, indent + 1, out);
                write(item, indent + 1, out);
            }
            close(']', indent, out);
        }
        Value::Object(object) if object.is_empty() => out.push_str("{}"),
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (at, (key, value)) in members.into_iter().enumerate() {
                line(at, indent + 1, out);
                string(key, out);
                out.push_str(": ");
                write(value, indent + 1, out);
            }
            close('}', indent, out);
        }
    }
}

fn line(at: usize, indent: usize, out: &mut String) {
    if at > 0 {
        out.push(',');
    }
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", indent));
}

fn close(bracket: char, indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", indent));
    out.push(bracket);
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // It is read on terminals and in pull requests; escaped, it means the same.
            c if is_hidden(c) => json_escape(c, out),
            c => out.push(c),
        }
    }
    out.push('"');
}
