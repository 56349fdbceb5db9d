//! The text of a body to what it holds: JSON, XML, a form, or text.

use super::requests::{Field, Sent};
use crate::document::{Node, Object};

/// The most of a body's text that is read.
const MAX_TEXT: usize = 8 << 20;
const MAX_DEPTH: usize = 40;

/// Reads the text of a body. `media` is its content type or the language that an editor calls it by.
pub(super) fn read(text: &str, media: Option<&str>) -> Option<Sent> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_TEXT || matches!(text, "null" | "\"\"" | "false") {
        return None;
    }
    let media = media.unwrap_or_default();
    if let Some(node) = super::relaxed_json::read(text) {
        let media = if media.contains("json") && media.contains('/') { media } else { "application/json" };
        return Some(Sent::Tree { media: media.to_owned(), node });
    }
    if text.starts_with('<') {
        let media = if media.contains("xml") && media.contains('/') { media } else { "application/xml" };
        return Some(match xml(text) {
            Some(node) => Sent::Tree { media: media.to_owned(), node },
            None => Sent::Opaque { media: media.to_owned() },
        });
    }
    let is_pair = |pair: &str| {
        pair.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '[' | ']' | '.' | '%'))
        })
    };
    if media.contains("urlencoded") || (media.is_empty() && text.split('&').all(is_pair)) {
        let pairs = super::url::read_query(text).into_iter();
        let fields: Vec<Field> = pairs
            .filter(|(_, value)| value.is_some())
            .map(|(name, value)| Field { name, value, ..Field::default() })
            .collect();
        if !fields.is_empty() {
            return Some(Sent::Form { media: "application/x-www-form-urlencoded".to_owned(), fields });
        }
    }
    let media = match media {
        media if media.contains('/') => media,
        "json" => "application/json",
        _ => "text/plain",
    };
    Some(Sent::Opaque { media: media.to_owned() })
}

/// The content of the root element of an XML text: its attributes and elements as properties.
pub(super) fn xml(text: &str) -> Option<Node> {
    let mut stack: Vec<(String, Object, String)> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        if let Some((_, _, content)) = stack.last_mut() {
            content.push_str(before.trim());
        }
        if let Some(after) = after.strip_prefix("!--") {
            rest = after.split_once("-->")?.1;
            continue;
        }
        if let Some(after) = after.strip_prefix("![CDATA[") {
            let (inner, after) = after.split_once("]]>")?;
            if let Some((_, _, content)) = stack.last_mut() {
                content.push_str(inner);
            }
            rest = after;
            continue;
        }
        let (tag, after) = after.split_once('>')?;
        rest = after;
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let (open, object, content) = stack.pop()?;
            if open != name.trim() {
                return None;
            }
            let value = if object.is_empty() { plain(&content) } else { object.into() };
            match stack.last_mut() {
                Some((_, parent, _)) => add(parent, &open, value),
                None => return value.as_object().is_some().then_some(value),
            }
            continue;
        }
        let empty = tag.ends_with('/');
        let tag = tag.trim_end_matches('/').trim();
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        if name.is_empty() || stack.len() >= MAX_DEPTH {
            return None;
        }
        let mut object = Object::new();
        for (name, value) in attributes.split_whitespace().filter_map(|pair| pair.split_once('=')) {
            if !name.starts_with("xmlns") && !name.starts_with("xsi:") {
                add(&mut object, name, plain(value.trim_matches(['"', '\''])));
            }
        }
        let name = name.to_owned();
        if empty {
            let value = if object.is_empty() { Node::default() } else { object.into() };
            match stack.last_mut() {
                Some((_, parent, _)) => add(parent, &name, value),
                None => return None,
            }
        } else {
            stack.push((name, object, String::new()));
        }
    }
    None
}

fn plain(text: &str) -> Node {
    match super::shape::of_plain(text) {
        shape if shape.is_open() && text.is_empty() => super::shape::UNKNOWN.into(),
        shape => super::requests::example_of(text, &shape),
    }
}

/// Adds an element; a second one of its name makes an array.
fn add(object: &mut Object, name: &str, value: Node) {
    let Some(known) = object.get_mut(name) else {
        object.insert(name, value);
        return;
    };
    match known.as_array_mut() {
        Some(items) => items.push(value),
        None => *known = vec![std::mem::take(known), value].into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_bodies_apart() {
        let kind = |text: &str, media: Option<&str>| match read(text, media) {
            None => "none".to_owned(),
            Some(Sent::Tree { media, node }) => format!("{media} {}", node.as_object().map_or(0, Object::len)),
            Some(Sent::Form { fields, .. }) => format!("form {}", fields.len()),
            Some(Sent::Opaque { media }) => media,
        };
        for (text, media, expected) in [
            ("", None, "none"),
            ("null", Some("json"), "none"),
            ("{\"a\": {{x}}, // n\n}", Some("json"), "application/json 1"),
            ("<u lang=\"es\"><a>1</a><b><c/></b><a>2</a></u>", None, "application/xml 3"),
            ("<u><a></u>", None, "application/xml"),
            ("a=1&b[]=2", None, "form 2"),
            ("hello = world", None, "text/plain"),
            ("hello", Some("text/csv"), "text/csv"),
        ] {
            assert_eq!(kind(text, media), expected, "{text}");
        }
    }
}
