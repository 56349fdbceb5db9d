//! A document as YAML, in the way of other tools: block style, strings in double quotes.

use serde_json::Value;

pub(super) fn yaml(document: &Value) -> Vec<u8> {
    let mut out = String::new();
    write(document, 0, &mut out);
    out.trim_start().as_bytes().to_vec()
}

fn write(node: &Value, indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    match node {
        Value::Object(object) if !object.is_empty() => {
            for (key, value) in object {
                out.push_str(&format!("\n{pad}{}:", Value::from(key.as_str())));
                write(value, indent + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("\n{pad}-"));
                write(item, indent + 1, out);
            }
        }
        other => out.push_str(&format!(" {other}")),
    }
}
