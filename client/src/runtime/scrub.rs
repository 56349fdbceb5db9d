//! Takes out of a server's words what the request held of secrets: an error must not repeat a password that it refuses.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Request;
use reqwest::header::HeaderValue;
use serde_json::Value;

use crate::Operation;
use crate::values::{REDACTED, is_secret};

/// A secret shorter than this is a part of many words; where it stands, the whole text goes.
const SHORT: usize = 4;
/// So often a text is taken for an encoded one: an address within JSON within a page.
const LAYERS: usize = 3;

/// The secrets of a request, in the ways in which a server may write them.
pub(crate) struct Secrets {
    /// As they are.
    plain: Vec<String>,
    /// As they are and as encoders write them, the longest first, since one may hold another.
    spellings: Vec<String>,
}

impl Secrets {
    /// Those in the body and the query, and the tokens it was sent with. Of an operation of the document it is known which
    /// members are secrets; otherwise their names say so.
    pub(crate) fn of<'t>(
        request: &Request,
        operation: Option<&'static Operation>,
        tokens: impl IntoIterator<Item = &'t HeaderValue>,
    ) -> Self {
        let mut found = Vec::new();
        let named = |name: &str| operation.map_or_else(|| is_secret(name), |known| known.sensitive.contains(&name));
        if let Some(bytes) = request.body().and_then(|body| body.as_bytes()) {
            match serde_json::from_slice(bytes) {
                Ok(value) => collect(&value, false, &named, &mut found),
                Err(_) => pairs(request.url().clone(), bytes, &named, &mut found),
            }
        }
        let query = request.url().query_pairs().filter(|(name, _)| is_secret(name));
        found.extend(query.map(|(_, value)| value.into_owned()));
        if operation.is_none() {
            // A name alone is no reason to hide every 7 of a message.
            found.retain(|secret| secret.len() >= SHORT);
        }
        let tokens = tokens.into_iter().filter_map(|token| std::str::from_utf8(token.as_bytes()).ok());
        let tokens = tokens.map(|token| token.trim_start_matches("Bearer "));
        // One so short is a trial's, and a part of every other word.
        found.extend(tokens.filter(|token| token.len() >= SHORT).map(str::to_owned));
        found.retain(|secret| !secret.trim().is_empty());
        let spellings = spellings(&found);
        Self { plain: found, spellings }
    }

    /// The text without them.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.spellings {
            if text.contains(secret.as_str()) {
                if secret.len() < SHORT {
                    return REDACTED.to_owned();
                }
                text = text.replace(secret.as_str(), REDACTED);
            }
        }
        // Whatever way of writing was not thought of: where one shows after decoding, nothing of the text is kept.
        let mut decoded = text.clone();
        for _ in 0..LAYERS {
            let next = decode(&decoded);
            if self.plain.iter().any(|secret| next.contains(secret.as_str()) || next.contains(&joined(secret))) {
                return REDACTED.to_owned();
            }
            if next == decoded {
                break;
            }
            decoded = next;
        }
        text
    }
}

/// A text with its white space made single blanks, as pages show it.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every text and number below a secret's name.
fn collect(value: &Value, secret: bool, named: &impl Fn(&str) -> bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if secret => found.push(text.clone()),
        Value::Number(number) if secret => found.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, secret, named, found)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(value, secret || named(name), named, found));
        }
        _ => {}
    }
}

/// The same of a form's pairs.
fn pairs(mut address: reqwest::Url, form: &[u8], named: &impl Fn(&str) -> bool, found: &mut Vec<String>) {
    let Ok(form) = std::str::from_utf8(form) else { return };
    address.set_query(Some(form));
    let pairs = address.query_pairs().filter(|(name, _)| named(name));
    found.extend(pairs.map(|(_, value)| value.into_owned()));
}

/// Each as it is and as the usual encoders write it.
fn spellings(secrets: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for secret in secrets {
        let json = Value::from(secret.as_str()).to_string();
        let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        all.extend([json.replace('/', "\\/"), json.to_owned(), percent.to_lowercase(), percent, secret.clone()]);
    }
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    all
}

/// One layer of encoding taken off: `%XX` and `+`, `&...;` of HTML, `\uXXXX` and `\c` of JSON; white space as in pages.
fn decode(text: &str) -> String {
    let percent = percent_decode_str(text).decode_utf8_lossy().replace('+', " ");
    let mut out = String::with_capacity(percent.len());
    let mut rest = percent.as_str();
    while let Some(at) = rest.find(['&', '\\']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let (c, length) = if tail.starts_with('&') { entity(tail) } else { escape(tail) };
        out.push(c);
        rest = tail.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    joined(&out)
}

/// What `&...;` at the start of a text stands for, and its length.
fn entity(text: &str) -> (char, usize) {
    let named = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\''), ("&nbsp;", ' ')];
    if let Some((name, c)) = named.iter().find(|(name, _)| text.starts_with(name)) {
        return (*c, name.len());
    }
    let number = text.strip_prefix("&#").and_then(|text| text.split_once(';')).map(|(number, _)| number);
    let code = number.filter(|number| number.len() < 9).and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    match (code.and_then(char::from_u32), number) {
        (Some(c), Some(number)) => (c, number.len() + 3),
        _ => ('&', 1),
    }
}

/// What `\...` at the start of a text stands for, and its length.
fn escape(text: &str) -> (char, usize) {
    let code = text.strip_prefix("\\u").and_then(|text| text.get(..4));
    if let Some(c) = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
        return (c, 6);
    }
    match text.chars().nth(1) {
        Some(c @ ('"' | '\\' | '/' | '\'')) => (c, 2),
        Some('n' | 't' | 'r') => (' ', 2),
        _ => ('\\', 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> Request {
        let mut request = Request::new(reqwest::Method::POST, "https://x/?token=marker-q&a=b".parse().unwrap());
        *request.body_mut() = Some(body.to_owned().into());
        request
    }

    #[test]
    fn no_spelling_of_a_secret_is_let_through() {
        let body = serde_json::json!({"user": {"new": {"password": "mar\"k&er/1"}}, "pin_secret": [4711, "ab"]});
        let token = HeaderValue::from_static("Bearer marker-token");
        let secrets = Secrets::of(&request(&body.to_string()), None, [&token]);
        for text in [
            "mar\"k&er/1",
            "mar\\\"k&er\\/1",
            "mar%22k%26er%2F1",
            "mar%22k%26er%2f1",
            "4711",
            "marker-q",
            "marker-token",
        ] {
            let hidden = secrets.hide(&format!("<{text}> is bad"));
            assert_eq!(hidden, "<[redacted]> is bad", "{text}");
        }
        assert_eq!(secrets.hide("user is unknown, 7 of ab"), "user is unknown, 7 of ab");
        let form = Secrets::of(&request("login=ana&password=marker%201"), None, []);
        assert_eq!(form.hide("marker 1, ana"), "[redacted], ana");
    }

    #[test]
    fn what_no_list_of_spellings_has_is_found_by_decoding() {
        let body = serde_json::json!({"password": "p@ss-word ñ'<1>"});
        let secrets = Secrets::of(&request(&body.to_string()), None, []);
        for text in [
            "p%40ss-word%20%C3%B1'%3C1%3E",
            "p%40ss-word+%c3%b1%27%3c1%3e",
            "p@ss-word &#241;&#39;&lt;1&gt;",
            "p@ss-word &#xf1;&apos;&lt;1&gt;",
            "{\\\"a\\\":\\\"p@ss-word \\u00f1'<1>\\\"}",
            "p@ss-word\n   ñ'<1>",
            "p%2540ss-word%2520%25C3%25B1'%253C1%253E",
        ] {
            assert_eq!(secrets.hide(&format!("refused: {text}")), REDACTED, "{text}");
        }
        assert_eq!(secrets.hide("50 % & more; \\ no &#; &#x110000; \\u12"), "50 % & more; \\ no &#; &#x110000; \\u12");
    }

    #[test]
    fn a_short_secret_of_the_document_takes_the_text_with_it() {
        let mut known = **crate::operations::ALL.first().unwrap();
        known.sensitive = &["clave"];
        let known: &'static Operation = Box::leak(Box::new(known));
        let body = Value::from_iter([(known.sensitive[0], "ab")]);
        let secrets = Secrets::of(&request(&body.to_string()), Some(known), []);
        assert_eq!(secrets.hide("an ab is short"), REDACTED);
    }
}
