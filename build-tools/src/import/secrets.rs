//! Keeps secrets out of what is written: values under secret names, and text that looks like a token.

use crate::document::{Node, Object, Value};
use crate::secrets::is_secret_name;

/// What stands in place of a secret.
pub(super) const HIDDEN: &str = "***";

/// Replaces secrets in a sample; calls `found` with the path of each.
pub(super) fn redact_node(node: &Node, path: &str, found: &mut dyn FnMut(&str)) -> Node {
    match &node.value {
        Value::Object(object) => {
            let mut out = Object::new();
            for (name, value) in object.iter() {
                let inner = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                let plain = matches!(&value.value, Value::Text(text) if !is_placeholder(text));
                let number = matches!(value.value, Value::Number(_));
                if (plain || number) && is_secret_name(name) {
                    found(&inner);
                    out.insert(name, HIDDEN);
                } else {
                    out.insert(name, redact_node(value, &inner, found));
                }
            }
            out.into()
        }
        Value::Array(items) => {
            items.iter().map(|item| redact_node(item, &format!("{path}[]"), found)).collect::<Vec<_>>().into()
        }
        Value::Text(text) if text.as_ref() == super::shape::UNKNOWN => Node::default(),
        Value::Text(text) => {
            let clean = redact_text(text);
            if clean != text.as_ref() {
                found(path);
            }
            clean.into()
        }
        _ => node.clone(),
    }
}

/// Replaces the words of a text that look like tokens.
pub(super) fn redact_text(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '=' | '~');
    let mut out = String::with_capacity(text.len());
    let mut word_start = 0;
    let mut after_scheme = false;
    let flush = |out: &mut String, word: &str, after_scheme: bool| {
        if looks_secret(word) || (after_scheme && word.len() >= 8 && !is_placeholder(word) && has_digit(word)) {
            out.push_str(HIDDEN);
        } else {
            out.push_str(word);
        }
    };
    for (at, c) in text.char_indices() {
        if is_part(c) {
            continue;
        }
        let word = text.get(word_start..at).unwrap_or_default();
        flush(&mut out, word, after_scheme);
        if !word.is_empty() || !c.is_whitespace() {
            after_scheme = c == ' ' && matches!(word.to_ascii_lowercase().as_str(), "bearer" | "basic");
        }
        out.push(c);
        word_start = at + c.len_utf8();
    }
    flush(&mut out, text.get(word_start..).unwrap_or_default(), after_scheme);
    out
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// A variable or an example in angle or curly brackets.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || text.contains("{{")
        || (text.starts_with(['<', '{', '[', '$', '%', ':']) && !text.contains(' '))
        || text.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'))
}

/// Whether one word is a credential by its form alone.
pub(super) fn looks_secret(word: &str) -> bool {
    const PREFIXES: [&str; 13] = [
        "sk_live_",
        "sk_test_",
        "pk_live_",
        "rk_live_",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "PMAK-",
        "AKIA",
    ];
    if PREFIXES.iter().any(|prefix| word.starts_with(prefix) && word.len() >= prefix.len() + 8) {
        return true;
    }
    if word.starts_with("eyJ") && word.len() > 20 {
        return true;
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=');
    let hyphens = word.matches('-').count();
    // Identifiers of many words and UUIDs have hyphens; credentials of one piece have both letters and digits.
    let mixed = has_digit(word) && word.bytes().any(|byte| byte.is_ascii_alphabetic());
    word.len() >= 32 && hyphens < 3 && word.chars().all(is_plain) && mixed && word.matches('_').count() < 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_tokens_and_leaves_prose() {
        let token = format!("eyJ{}", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc");
        assert_eq!(redact_text(&format!("use {token}, please")), "use ***, please");
        assert_eq!(redact_text("Authorization: Bearer abcd1234efgh"), "Authorization: Bearer ***");
        assert_eq!(redact_text("Bearer {token} or <token>"), "Bearer {token} or <token>");
        assert_eq!(redact_text("0123456789abcdef0123456789abcdef"), HIDDEN);
        let prose = "/services/create/ takes 3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        assert_eq!(redact_text(prose), prose);
    }
}
