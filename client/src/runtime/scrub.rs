//! Takes out of a server's words what the request held of secrets: an error must not repeat a password that it refuses.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Request;
use reqwest::header::HeaderValue;
use serde_json::Value;

use crate::Operation;
use crate::values::{REDACTED, is_secret};

/// A secret shorter than this is a part of many words; where it stands, the whole text goes.
const SHORT: usize = 4;

/// The secrets of a request, in the ways in which a server may write them.
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Those in the body and the query, by the document and by their names, and the token.
    pub(crate) fn of(request: &Request, operation: Option<&'static Operation>, token: Option<&HeaderValue>) -> Self {
        let mut found = Vec::new();
        let named = |name: &str| is_secret(name) || operation.is_some_and(|known| known.sensitive.contains(&name));
        if let Some(bytes) = request.body().and_then(|body| body.as_bytes()) {
            match serde_json::from_slice(bytes) {
                Ok(value) => collect(&value, false, &named, &mut found),
                Err(_) => pairs(request.url().clone(), bytes, &named, &mut found),
            }
        }
        let query = request.url().query_pairs().filter(|(name, _)| named(name));
        found.extend(query.map(|(_, value)| value.into_owned()));
        let token = token.and_then(|token| std::str::from_utf8(token.as_bytes()).ok());
        let token = token.map(|token| token.trim_start_matches("Bearer "));
        // One so short is a trial's, and a part of every other word.
        found.extend(token.filter(|token| token.len() >= SHORT).map(str::to_owned));
        Self(spellings(found))
    }

    /// The text without them.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = if secret.len() < SHORT { REDACTED.to_owned() } else { text.replace(secret.as_str(), REDACTED) };
            }
        }
        text
    }
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

/// Each as it is and as JSON, HTML and addresses write it; the longest first, since one may hold another.
fn spellings(secrets: Vec<String>) -> Vec<String> {
    let mut all = Vec::new();
    for secret in secrets.into_iter().filter(|secret| !secret.trim().is_empty()) {
        let json = Value::from(secret.as_str()).to_string();
        all.push(json.trim_matches('"').replace('/', "\\/"));
        all.push(json.trim_matches('"').to_owned());
        let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        all.push(html.replace('\'', "&#039;"));
        all.push(html);
        all.push(utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string());
        all.push(secret);
    }
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    all
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
        let secrets = Secrets::of(&request(&body.to_string()), None, Some(&token));
        for text in [
            "mar\"k&er/1",
            "mar\\\"k&er/1",
            "mar\\\"k&er\\/1",
            "mar&quot;k&amp;er/1",
            "mar%22k%26er%2F1",
            "4711",
            "marker-q",
            "marker-token",
        ] {
            let hidden = secrets.hide(&format!("<{text}> is bad"));
            assert_eq!(hidden, "<[redacted]> is bad", "{text}");
        }
        assert_eq!(secrets.hide("an ab is short"), REDACTED, "a short one takes the text with it");
        assert_eq!(secrets.hide("user is unknown"), "user is unknown");
        let form = Secrets::of(&request("login=ana&password=marker%201"), None, None);
        assert_eq!(form.hide("marker 1, ana"), "[redacted], ana");
    }
}
