//! Addresses as collections and pages write them: server, segments of the path with their parameters, and query.

use std::collections::BTreeMap;

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// As written.
    Literal(String),
    /// A parameter; `guessed` where the source shows a value in its place.
    Parameter { name: String, sample: Option<String>, guessed: bool },
}

/// An address in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) server: Option<String>,
    pub(super) segments: Vec<Segment>,
    pub(super) query: Vec<(String, Option<String>)>,
    /// Whether the path ends with a slash.
    pub(super) trailing_slash: bool,
}

/// Values of variables by their names.
pub(super) type Variables = BTreeMap<String, String>;

/// Reads an address. A variable at its start is a server.
pub(super) fn read(raw: &str, variables: &Variables) -> Address {
    let mut raw = raw.trim().to_owned();
    // A page template's expression, as Laravel writes it, is a variable.
    if let Some(rest) = raw.strip_prefix("{!!").and_then(|rest| rest.split_once("!!}")) {
        raw = format!("{{{{base}}}}{}", rest.1);
    }
    let without_fragment = split_outside(&raw, '#').0;
    let (before, query) = split_outside(&without_fragment, '?');
    let (server, path) = split_server(&before, variables);
    let mut segments = Vec::new();
    let trailing_slash = path.ends_with('/') && path.len() > 1;
    for (at, text) in split_path(&path).into_iter().enumerate() {
        segments.push(segment(&text, at, variables));
    }
    Address { server, segments, query: read_query(&query), trailing_slash }
}

/// Splits at a character that stands outside `{{...}}`.
fn split_outside(text: &str, at: char) -> (String, String) {
    let mut depth = 0_usize;
    for (index, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if c == at && depth == 0 => {
                let after = text.get(index + c.len_utf8()..).unwrap_or_default();
                return (text.get(..index).unwrap_or_default().to_owned(), after.to_owned());
            }
            _ => {}
        }
    }
    (text.to_owned(), String::new())
}

/// The segments of a path; a slash within `{{...}}` separates nothing.
fn split_path(path: &str) -> Vec<String> {
    let (mut out, mut rest) = (Vec::new(), path.to_owned());
    while !rest.is_empty() && out.len() < 64 {
        let (head, tail) = split_outside(&rest, '/');
        if !head.is_empty() {
            out.push(head);
        }
        rest = tail;
    }
    out
}

fn split_server(text: &str, variables: &Variables) -> (Option<String>, String) {
    if let Some((scheme, rest)) = text.split_once("://") {
        let (authority, path) = split_outside(rest, '/');
        // `https://{{host}}/v1`: what the variable holds, where that is known.
        let authority = resolve(&authority, variables);
        let authority = authority.split_once("://").map_or(authority.clone(), |(_, rest)| rest.to_owned());
        let (authority, base) = split_outside(authority.trim_end_matches('/'), '/');
        let scheme = resolve(scheme, variables);
        let scheme = if scheme.contains('{') || scheme.is_empty() { "https".to_owned() } else { scheme };
        let path = if base.is_empty() { path } else { format!("{base}/{path}") };
        let authority = authority.rsplit_once('@').map_or(authority.clone(), |(_, host)| host.to_owned());
        return (Some(format!("{scheme}://{authority}")), format!("/{path}"));
    }
    if let Some(rest) = text.strip_prefix("{{") {
        let Some((name, after)) = rest.split_once("}}") else { return (None, text.to_owned()) };
        let name = variable_name(name);
        // `{{host}}:{{port}}/path`.
        // `{{host}}{{prefix}}/path`: a part of the address that a variable holds.
        let prefix = after.strip_prefix("{{").and_then(|rest| rest.split_once("}}"));
        let prefix = prefix.and_then(|(name, rest)| Some((variables.get(&variable_name(name))?, rest)));
        let joined = prefix.filter(|(value, _)| value.starts_with('/') || value.is_empty());
        let joined = joined.map(|(value, rest)| format!("{}{rest}", value.trim_end_matches('/')));
        let after = joined.as_deref().unwrap_or(after);
        let after = match after.strip_prefix(':') {
            Some(port) => split_outside(port, '/').1,
            None => after.trim_start_matches('/').to_owned(),
        };
        return match variables.get(&name).map(|value| value.trim().to_owned()) {
            Some(value) if value.contains("://") && !value.starts_with("{{") && value.len() < 2_000 => {
                let inner = BTreeMap::new();
                let (server, base) = split_server(&value, &inner);
                (server.map(|server| server + base.trim_end_matches('/')), format!("/{after}"))
            }
            _ => (Some(format!("{{{name}}}")), format!("/{after}")),
        };
    }
    // A host without a scheme.
    let (first, rest) = split_outside(text, '/');
    let host = first.split(':').next().unwrap_or_default();
    let is_host = !text.starts_with('/')
        && (host == "localhost"
            || (first.contains(':') && !first.starts_with(':') && !first.contains('{'))
            || (host.matches('.').count() >= 1 && (host.starts_with("www.") || host.starts_with("api."))));
    if is_host {
        return (Some(format!("https://{first}")), format!("/{rest}"));
    }
    (None, text.to_owned())
}

/// Puts the values of variables in, where they are known.
pub(super) fn resolve(text: &str, variables: &Variables) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = inner.split_once("}}") else {
            out.push_str("{{");
            rest = inner;
            continue;
        };
        let name = variable_name(name);
        match variables.get(&name).filter(|value| !value.contains("{{")) {
            Some(value) => out.push_str(value),
            None => out.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The name in `{{ _.name }}`, `{{$guid}}` and `{{ config("app.url") }}`.
pub(super) fn variable_name(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("_.").unwrap_or(text).trim_start_matches('$');
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let plain = plain.trim_matches('_');
    if plain.is_empty() { "value".to_owned() } else { plain.to_owned() }
}

fn segment(text: &str, at: usize, variables: &Variables) -> Segment {
    let named = |name: &str| Segment::Parameter { name: variable_name(name), sample: None, guessed: false };
    if let Some(name) = text.strip_prefix(':').filter(|name| !name.is_empty()) {
        return named(name.trim_end_matches('?'));
    }
    if let Some((before, rest)) = text.split_once("{{")
        && let Some((name, after)) = rest.split_once("}}")
    {
        let whole = before.is_empty() && after.is_empty();
        let name = variable_name(name);
        let value = variables.get(&name).filter(|value| !value.is_empty());
        // A version or a prefix is part of the path, not a value of it.
        let lower = name.to_ascii_lowercase();
        let is_prefix = ["version", "prefix", "basepath", "base_path", "apipath", "api_path"]
            .iter()
            .any(|word| lower.contains(word));
        return match value {
            Some(value) if whole && is_prefix && at < 3 && !value.contains(['/', '{']) => {
                Segment::Literal(value.clone())
            }
            sample => {
                let sample = sample.filter(|_| whole).cloned();
                Segment::Parameter { name, sample, guessed: !whole }
            }
        };
    }
    if let Some(inner) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        return named(inner);
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return named(inner.trim_end_matches(['?', '*', '+']).trim_start_matches(['+', '#']));
    }
    if let Some(inner) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        return named(inner.rsplit(':').next().unwrap_or(inner));
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return named(inner);
    }
    if let Some(name) = text.strip_prefix('$').filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return named(name);
    }
    Segment::Literal(decode(text))
}

/// Percent-decoding of what is valid UTF-8.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

pub(super) fn read_query(query: &str) -> Vec<(String, Option<String>)> {
    let pairs = query.split('&').filter(|pair| !pair.trim().is_empty()).take(500);
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => (decode(name.trim()), Some(decode(value.trim()))),
            None => (decode(pair.trim()), None),
        })
        .collect()
}

/// What tells that a segment is a value, not a word of the path.
pub(super) fn is_identifier(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mixed = text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic());
    let uuid = text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(hex);
    let object_id = text.len() >= 16 && hex(text) && mixed;
    let address = text.split('.').count() == 4 && text.split('.').all(|part| digits(part) && part.len() <= 3);
    let mail = text.contains('@') && text.contains('.');
    let date = text.len() == 10 && text.split('-').map(str::len).eq([4, 2, 2]) && text.split('-').all(digits);
    digits(text)
        || uuid
        || object_id
        || address
        || mail
        || date
        || is_domain(text)
        || super::secrets::looks_secret(text)
}

/// A domain name; a file's ending is none.
fn is_domain(text: &str) -> bool {
    const FILES: [&str; 18] = [
        "json", "xml", "php", "html", "htm", "txt", "csv", "pdf", "js", "yaml", "yml", "png", "jpg", "svg", "aspx",
        "asp", "jsp", "do",
    ];
    let Some((name, end)) = text.rsplit_once('.') else { return false };
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name.split('.').all(plain)
        && (2..=6).contains(&end.len())
        && end.bytes().all(|byte| byte.is_ascii_lowercase())
        && !FILES.contains(&end)
}

/// A path without the names of its parameters and without a trailing slash.
pub(super) fn anonymous(path: &str) -> String {
    let mut out = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        out.push('/');
        let mut rest = segment;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            out.push_str("{}");
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(raw: &str, variables: &[(&str, &str)]) -> (Option<String>, String) {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let address = read(raw, &variables);
        let shown = address.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => format!("/{text}"),
            Segment::Parameter { name, .. } => format!("/{{{name}}}"),
        });
        (address.server, shown.collect())
    }

    #[test]
    fn tells_server_and_path_apart() {
        let known = [
            ("base", "https://api.example.es/v1/"),
            ("host", "api.example.es"),
            ("version", "v2"),
            ("prefix", "/api/v3"),
        ];
        for (raw, server, shown) in [
            ("{{base}}/users/:id", Some("https://api.example.es/v1"), "/users/{id}"),
            ("{{ _.url }}/users/{{id}}?a=1", Some("{url}"), "/users/{id}"),
            ("{{url}}users", Some("{url}"), "/users"),
            ("{{url}}{{prefix}}/users", Some("{url}"), "/api/v3/users"),
            ("https://{{host}}/{{version}}/a//b/", Some("https://api.example.es"), "/v2/a/b"),
            ("http://localhost:8000/api/login", Some("http://localhost:8000"), "/api/login"),
            ("localhost:8000/api/login", Some("https://localhost:8000"), "/api/login"),
            ("https://u:p@a.es/x", Some("https://a.es"), "/x"),
            ("{{ config(\"app.url\") }}/api/x", Some("{config__app_url}"), "/api/x"),
            ("users/{id}/<int:other>/${more}", None, "/users/{id}/{other}/{more}"),
            ("/profiles/celeb_{{NAME}}", None, "/profiles/{NAME}"),
        ] {
            assert_eq!(path(raw, &known), (server.map(str::to_owned), shown.to_owned()), "{raw}");
        }
    }

    #[test]
    fn identifiers_are_values() {
        for value in ["42", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "10.0.0.1", "example.es", "a@b.es", "2024-01-31"] {
            assert!(is_identifier(value), "{value}");
        }
        for word in ["create", "v1", "info.0.json", "spring-sale-2024", "users", "deadbeef", "api.v2", "dns-records"] {
            assert!(!is_identifier(word), "{word}");
        }
    }
}
