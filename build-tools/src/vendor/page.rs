//! A page of the vendor's manual as the operations that it names: a method and a path beside one another.

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::calls::path;
use super::value::{Part, Value};

/// Methods as pages write them.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Method, path and line of each operation that a page names.
pub(super) fn operations(text: &str, is_html: bool) -> Vec<(String, String, u32)> {
    let text = if is_html { words(text) } else { text.to_owned() };
    let mut found = Vec::new();
    let mut method: Option<&str> = None;
    for (line, words) in text.lines().enumerate() {
        for word in words.split_whitespace() {
            let word = word.trim_matches(|c: char| "`'\"*,;()<>|".contains(c)).trim_end_matches('.');
            if !word.contains(|c: char| c.is_alphanumeric()) {
                continue;
            }
            if let Some(known) = METHODS.into_iter().find(|known| *known == word.trim_end_matches(':')) {
                method = Some(known);
                continue;
            }
            if let Some(method) = method.take()
                && let Some(path) = path(&Value::Text(vec![Part::Text(braced(word))]))
            {
                found.push((method.to_owned(), path, u32::try_from(line + 1).unwrap_or(u32::MAX)));
            }
        }
    }
    found
}

/// A path with its parameters in braces: pages write `:id`, `<id>` and `[id]` too.
fn braced(word: &str) -> String {
    let one = |part: &str| {
        let inner = part.strip_prefix(':').or_else(|| part.strip_prefix('<')?.strip_suffix('>'));
        let inner = inner.or_else(|| part.strip_prefix('[')?.strip_suffix(']'));
        inner.filter(|inner| !inner.is_empty()).map_or_else(|| part.to_owned(), |inner| format!("{{{inner}}}"))
    };
    match word.contains("://") {
        true => word.to_owned(),
        false => word.split('/').map(one).collect::<Vec<_>>().join("/"),
    }
}

/// The text of a page, its lines kept; what scripts and styles hold is left out.
fn words(html: &str) -> String {
    let mut out = String::new();
    let mut hidden = 0_usize;
    let is_hidden = |name: &[u8]| matches!(name, b"script" | b"style" | b"template");
    let mut emitter: DefaultEmitter<()> = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if is_hidden(&tag.name) && !tag.self_closing => hidden += 1,
            Token::EndTag(tag) if is_hidden(&tag.name) => hidden = hidden.saturating_sub(1),
            Token::String(text) if hidden == 0 => out.push_str(&String::from_utf8_lossy(&text)),
            // Words in boxes of their own are words of their own.
            Token::StartTag(_) | Token::EndTag(_) => out.push(' '),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn a_page_names_operations_in_many_ways() {
        let html = "<h2>API</h2><script>GET /not/this/</script>
<code>GET</code> <code>/services/:id/</code>
<p>Use <b>POST</b>: <a href=x>/domains/renew/</a>, or DELETE https://api.swpanel.com/v2026/services/{service}/dns/.
GET started with /pictures. PUT the token into /etc/file</p>";
        let found = operations(html, true);
        let found: Vec<(&str, &str, u32)> = found.iter().map(|(m, p, l)| (m.as_str(), p.as_str(), *l)).collect();
        assert_eq!(
            found,
            [("GET", "/services/{id}/", 2), ("POST", "/domains/renew/", 3), ("DELETE", "/services/{service}/dns/", 3)]
        );
        assert_eq!(operations("`GET /services/`", false).len(), 1);
    }
}
