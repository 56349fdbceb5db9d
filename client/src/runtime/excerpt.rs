//! What of an answer is shown in an error: a page's words, and of JSON its shape without any value.

use serde_json::Value;

/// No excerpt is longer, in characters.
const LONGEST: usize = 200;
/// So much of a text is looked at. What is cut off here may be half a secret, but its words are never among the first.
const READ: usize = 256 << 10;

/// What an excerpt is made of, once the secrets of the request are taken out of it.
pub(super) fn source(body: &[u8]) -> Option<String> {
    let body = body.get(..body.len().min(READ)).unwrap_or_default();
    if body.starts_with(b"{") || body.starts_with(b"[") {
        return serde_json::from_slice(body).ok().map(|value| of_json(&value));
    }
    (!body.is_empty()).then(|| String::from_utf8_lossy(body).into_owned())
}

/// The first words of a text or page, without its tags, scripts and styles.
pub(crate) fn of_text(text: &str) -> Option<String> {
    let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let text = if text.len() < READ { text } else { text.get(..half).unwrap_or_default() };
    let text = if text.starts_with('<') { without_tags(text) } else { text.to_owned() };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: String = words.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    (!words.is_empty()).then_some(words)
}

/// The shape of JSON: names of members and kinds of values.
pub(super) fn of_json(value: &Value) -> String {
    let mut out = String::new();
    shape(value, 0, &mut out);
    if out.chars().count() > LONGEST {
        out = out.chars().take(LONGEST - 3).chain("...".chars()).collect();
    }
    out
}

fn shape(value: &Value, depth: usize, out: &mut String) {
    if out.len() > 4 * LONGEST {
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(_) => out.push_str("bool"),
        Value::Number(_) => out.push_str("number"),
        Value::String(_) => out.push_str("text"),
        Value::Array(_) | Value::Object(_) if depth > 8 => out.push_str("..."),
        Value::Array(items) => {
            out.push('[');
            if let Some(first) = items.first() {
                shape(first, depth + 1, out);
                if items.len() > 1 {
                    out.push_str(&format!(", {} more", items.len() - 1));
                }
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                out.push_str(&name.chars().filter(|c| !c.is_control()).take(40).collect::<String>());
                out.push_str(": ");
                shape(value, depth + 1, out);
            }
            out.push('}');
        }
    }
}

/// The words of a page. Nothing is rendered: this is for a person who wonders what came back. Reads the page once: what
/// is not closed ends with the page.
fn without_tags(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((text, tail)) = rest.split_once('<') {
        out.push_str(text);
        out.push(' ');
        let element = ["script", "style"].into_iter().find(|element| starts_with(tail, element));
        let tail = match element {
            Some(element) => after_end_tag(tail, element),
            None => tail,
        };
        rest = tail.split_once('>').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// Whether a text begins with a word, whatever the case of its letters.
fn starts_with(text: &str, word: &str) -> bool {
    text.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// What follows the `<` of an element's end tag; nothing where it has none.
fn after_end_tag<'a>(text: &'a str, element: &str) -> &'a str {
    let ends = text.match_indices("</").filter_map(|(at, _)| text.get(at + 1..));
    ends.into_iter().find(|rest| starts_with(rest.get(1..).unwrap_or_default(), element)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_words_and_json_its_shape() {
        let page = "<!doctype html><html><head><title>502 Bad\n Gateway</title><style>p{a:b}</style></head>\
            <SCRIPT>if (a<b) {}</SCRIPT><body><h1>nginx</h1></body></html>";
        assert_eq!(of_text(page).as_deref(), Some("502 Bad Gateway nginx"));
        let json = br#"{"result":[{"password":"hunter2","n":1},{}],"message":null}"#;
        assert_eq!(source(json).as_deref(), Some("{message: null, result: [{n: number, password: text}, 1 more]}"));
        assert_eq!(of_text(" "), None);
        assert_eq!(of_text(&"x ".repeat(500_000)).map(|text| text.len()), Some(LONGEST));
        assert!(of_text(&"<p".repeat(9000)).is_none());
        assert_eq!(of_text("<p>a<script>b<c></SCRIPT >d").as_deref(), Some("a d"));
    }

    #[test]
    fn a_page_of_elements_that_are_not_closed_is_read_once() {
        let started = std::time::Instant::now();
        for unclosed in ["<script", "<script>", "<style>", "<script>x</scrip", "<style></", "<", "</", "<!--"] {
            let page = format!("<p>502{}", unclosed.repeat(READ / unclosed.len() / 2));
            assert_eq!(of_text(&page).map(|text| text.starts_with("502")), Some(true), "{unclosed}");
        }
        // Searching the rest of the page anew for each of them took minutes without optimisation.
        assert!(started.elapsed() < std::time::Duration::from_secs(3), "{:?}", started.elapsed());
    }
}
