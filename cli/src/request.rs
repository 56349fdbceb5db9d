//! A parsed command line to the exact request: path with its values, query, body; and how it looks without secrets.

use serde_json::{Map, Value, json};

use crate::arguments::Parsed;
use crate::body::members::Member;
use crate::body::{assemble, is_secret_name, redacted};
use crate::failure::Failure;
use crate::files;
use crate::table::{Body, Command, placeholder};

/// A request that is ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    /// A body that is no JSON: its media type and bytes.
    pub(crate) file: Option<(&'static str, Vec<u8>)>,
    /// Members of the body that must not be shown.
    secrets: Vec<&'static str>,
}

impl Request {
    /// A request by method and path; the path is taken as it is.
    pub(crate) fn raw(method: &str, path: &str, query: Vec<(String, String)>, body: Option<Value>) -> Self {
        Self { method: method.to_uppercase(), path: path.to_owned(), query, body, file: None, secrets: Vec::new() }
    }

    /// The same request; the secrets of its operation are not shown.
    pub(crate) fn hiding(mut self, command: &Command) -> Self {
        let flags = command.body.as_ref().map(|body| body.flags).unwrap_or_default();
        self.secrets = flags.iter().filter(|flag| flag.sensitive).map(|flag| flag.path).collect();
        self
    }

    /// The request of a command line.
    pub(crate) fn of(command: &'static Command, parsed: &Parsed) -> Result<Self, Failure> {
        let path = path(command, &parsed.positionals)?;
        let strict = !parsed.given.has("no-validate");
        let mut query = Vec::new();
        for (member, given) in &parsed.members {
            if let Member::Query(argument) = member {
                let name = format!("--{}", argument.name);
                query.push((argument.name.to_owned(), crate::body::parameter(&name, &argument.holds, given, strict)?));
            }
        }
        let missing =
            command.queries().find(|query_| query_.required && !query.iter().any(|(name, _)| name == query_.name));
        if let Some(missing) = missing {
            return Err(Failure::usage(format!("`--{}` is missing", missing.name)));
        }
        let method = command.method.to_owned();
        if let Some(body) = command.body.as_ref().filter(|body| !body.media.contains("json")) {
            let file = file(body, parsed)?;
            return Ok(Self { method, path, query, body: None, file, secrets: Vec::new() });
        }
        let body = assemble(command, parsed)?;
        Ok(Self { method, path, query, body: body.value, file: None, secrets: body.secrets })
    }

    /// Method and path.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// By what two requests are the same.
    pub(crate) fn key(&self) -> (String, Vec<(String, String)>, String, Vec<u8>) {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let file = self.file.as_ref().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        (self.name(), self.query.clone(), body, file)
    }

    /// The address of the request.
    fn address(&self, base: &str) -> String {
        let mut address = format!("{base}{}", self.path);
        for (number, (name, value)) in self.query.iter().enumerate() {
            address.push(if number == 0 { '?' } else { '&' });
            let value = if is_secret_name(name) { "[redacted]".to_owned() } else { encoded(value) };
            address.push_str(&format!("{}={value}", encoded(name)));
        }
        address
    }

    /// The request as it would be sent, without secrets.
    pub(crate) fn shown(&self, base: &str) -> Value {
        let mut headers = Map::new();
        headers.insert("accept".to_owned(), json!("application/json"));
        headers.insert("authorization".to_owned(), json!("Bearer [redacted]"));
        if self.body.is_some() {
            headers.insert("content-type".to_owned(), json!("application/json"));
        }
        let body = self.body.as_ref().map(|body| redacted(body, &self.secrets));
        if let Some((media, bytes)) = &self.file {
            headers.insert("content-type".to_owned(), json!(media));
            let body = format!("{} bytes", bytes.len());
            return json!({ "method": self.method, "url": self.address(base), "headers": headers, "body": body });
        }
        json!({ "method": self.method, "url": self.address(base), "headers": headers, "body": body })
    }

    /// The same for a person.
    pub(crate) fn shown_as_text(&self, base: &str) -> String {
        let mut out = format!("{} {}\n", self.method, self.address(base));
        out.push_str("accept: application/json\nauthorization: Bearer [redacted]\n");
        if let Some(body) = &self.body {
            let body = redacted(body, &self.secrets);
            let pretty = serde_json::to_string_pretty(&body).unwrap_or_default();
            out.push_str(&format!("content-type: application/json\n\n{pretty}\n"));
        }
        if let Some((media, bytes)) = &self.file {
            out.push_str(&format!("content-type: {media}\n\n{} bytes\n", bytes.len()));
        }
        out
    }
}

/// A body that is no JSON comes from a file and is sent as it is.
fn file(body: &'static Body, parsed: &Parsed) -> Result<Option<(&'static str, Vec<u8>)>, Failure> {
    if body.media.starts_with("multipart/") {
        return Err(Failure::usage(format!("bodies of {} cannot be sent from here", body.media)));
    }
    let Some(place) = parsed.given.get("from") else {
        return match body.required {
            true => Err(Failure::usage(format!("the body is of {}: give it with `--from FILE`", body.media))),
            false => Ok(None),
        };
    };
    let bytes = files::read(place, files::LONGEST_INPUT)
        .map_err(|why| Failure::usage(format!("`{place}` cannot be read: {why}")))?;
    Ok(Some((body.media, bytes)))
}

/// The path of a command with its values in it.
pub(crate) fn path(command: &'static Command, values: &[String]) -> Result<String, Failure> {
    let names: Vec<&str> = command.positionals().map(|argument| argument.name).collect();
    let usage = || {
        let names: Vec<String> = names.iter().map(|name| placeholder(name)).collect();
        format!("swpanel {} {}", command.name(), names.join(" "))
    };
    if values.len() < names.len() {
        let missing: Vec<String> = names.iter().skip(values.len()).map(|name| placeholder(name)).collect();
        return Err(Failure::usage(format!("{} is missing", missing.join(" and ")))
            .hint(format!("usage: {}", usage().trim_end())));
    }
    if let Some(extra) = values.get(names.len()) {
        return Err(
            Failure::usage(format!("`{extra}` is one value too many")).hint(format!("usage: {}", usage().trim_end()))
        );
    }
    let mut path = command.path.to_owned();
    for (name, value) in names.iter().zip(values) {
        path = path.replacen(&format!("{{{name}}}"), &segment(name, value)?, 1);
    }
    Ok(path)
}

/// A value as one segment of a path. Empty and dot segments would address something else.
pub(crate) fn segment(name: &str, value: &str) -> Result<String, Failure> {
    let dots = value.to_ascii_lowercase().replace("%2e", ".");
    if value.is_empty() || dots == "." || dots == ".." {
        return Err(Failure::usage(format!(
            "{} must not be empty, `.` or `..`: it would address something else",
            placeholder(name)
        )));
    }
    Ok(escape(value, b"-_.~@+:"))
}

fn encoded(value: &str) -> String {
    escape(value, b"-_.~")
}

fn escape(value: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_values_stay_within_their_segment() {
        for (value, encoded) in
            [("XX012", "XX012"), ("a@b.es", "a@b.es"), ("a/b", "a%2Fb"), ("ñ %?#", "%C3%B1%20%25%3F%23")]
        {
            assert_eq!(segment("x", value).unwrap(), encoded);
        }
        for value in ["", ".", "..", "%2E", ".%2e"] {
            assert!(segment("service", value).is_err(), "{value}");
        }
    }
}
