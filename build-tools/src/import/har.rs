//! Recordings of a browser (HAR) to requests: shapes only; no value that was sent or received is kept.

use super::insomnia::scalar;
use super::model::{Api, Doubt, Scheme};
use super::requests::{Field, Keep, Received, Request, Sent, assemble};
use super::shape::Place;
use super::source::File;
use super::url::Variables;
use crate::document::{Node, RawDocument};
use crate::lenient_base64::from_base64;

const MAX_ENTRIES: usize = 50_000;

/// Whether a tree is a recording.
pub(super) fn is(root: &Node) -> bool {
    root.pointer("/log/entries")
        .and_then(Node::as_array)
        .is_some_and(|list| list.iter().take(20).any(|entry| entry.get("request").is_some()))
}

pub(super) fn import(raw: &RawDocument, file: &File<'_>, api: &mut Api, requests: &mut Vec<Request>) {
    let mut dropped = 0_usize;
    let mut read = Vec::new();
    for entry in
        raw.root().pointer("/log/entries").and_then(Node::as_array).unwrap_or_default().iter().take(MAX_ENTRIES)
    {
        let Some(node) = entry.get("request") else { continue };
        let place = file.place(raw.position(entry.span).0);
        if is_asset(entry, node) {
            dropped += 1;
            continue;
        }
        read.push(request(entry, node, place));
    }
    if dropped > 0 {
        let message = format!("{dropped} requests for pages, images, styles and scripts were left out");
        api.log.add(Doubt::Note, "assets-dropped", "", &Place { file: file.name.clone(), line: 0 }, message);
    }
    requests.extend(read);
}

/// Makes operations of all recordings of a source.
pub(super) fn finish(api: &mut Api, requests: Vec<Request>) {
    assemble(api, requests, &Variables::new(), Keep { values: false });
}

fn media(entry: &Node) -> String {
    let media = entry.pointer("/response/content/mimeType").and_then(Node::as_str).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether an entry is a part of a page, not a call of an API.
fn is_asset(entry: &Node, request: &Node) -> bool {
    let kind = entry.text_at("_resourceType").unwrap_or_default();
    if matches!(
        kind,
        "image"
            | "stylesheet"
            | "script"
            | "font"
            | "media"
            | "manifest"
            | "preflight"
            | "document"
            | "ping"
            | "websocket"
    ) {
        return true;
    }
    let address = request.text_at("url").unwrap_or_default();
    let path = address.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    const FILES: [&str; 16] = [
        ".css", ".js", ".mjs", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".woff", ".woff2", ".ttf", ".map",
        ".webp", ".mp4", ".avif",
    ];
    let media = media(entry);
    let shown = media.starts_with("image/")
        || media.starts_with("font/")
        || media.starts_with("video/")
        || media.starts_with("audio/")
        || media == "text/css"
        || media.contains("javascript");
    let preflight = request.text_at("method") == Some("OPTIONS");
    !address.starts_with("http") || FILES.iter().any(|end| path.ends_with(end)) || shown || preflight
}

fn fields(node: Option<&Node>, place: &Place) -> Vec<Field> {
    let list = node.and_then(Node::as_array).unwrap_or_default();
    list.iter()
        .filter_map(|node| {
            Some(Field {
                name: node.text_at("name")?.to_owned(),
                value: scalar(node.get("value")),
                is_file: node.get("fileName").is_some(),
                place: place.clone(),
                ..Field::default()
            })
        })
        .collect()
}

fn request(entry: &Node, node: &Node, place: Place) -> Request {
    let headers = fields(node.get("headers"), &place);
    let auth = headers.iter().find(|field| field.name.eq_ignore_ascii_case("authorization"));
    let security = auth.and_then(|field| field.value.as_deref()).and_then(|value| {
        let lower = value.to_ascii_lowercase();
        match () {
            () if lower.starts_with("bearer") => Some(vec![Scheme::Bearer]),
            () if lower.starts_with("basic") => Some(vec![Scheme::Basic]),
            () => None,
        }
    });
    let mut request = Request {
        method: node.text_at("method").unwrap_or("GET").to_owned(),
        // The address names host and path; its query is read from the list, where that is there.
        url: node.text_at("url").unwrap_or_default().to_owned(),
        query: fields(node.get("queryString"), &place),
        body: body(node.get("postData"), &headers, &place),
        security,
        place: place.clone(),
        ..Request::default()
    };
    // The others are those of every browser; what holds a credential is named, and not written.
    let is_kept = |name: &str| name.starts_with("x-") || matches!(name, "authorization" | "cookie");
    request.headers = headers.into_iter().filter(|field| is_kept(&field.name.to_ascii_lowercase())).collect();
    let status = scalar(entry.pointer("/response/status")).filter(|status| status.len() == 3);
    if let Some(status) = status {
        let mut text = entry.pointer("/response/content/text").and_then(Node::as_str).unwrap_or_default().to_owned();
        if entry.pointer("/response/content/encoding").and_then(Node::as_str) == Some("base64") {
            text = from_base64(&text).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        }
        // Only JSON has a shape.
        if super::relaxed_json::read(&text).is_none() {
            text = String::new();
        }
        request.responses.push(Received { status, name: String::new(), media: media(entry), text });
    }
    request
}

fn body(node: Option<&Node>, headers: &[Field], place: &Place) -> Option<Sent> {
    let node = node?;
    let listed = fields(node.get("params"), place);
    let said =
        node.text_at("mimeType").unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let media = if said.contains('/') { said } else { super::postman::content_type(headers).unwrap_or_default() };
    if !listed.is_empty() {
        let media =
            if media.contains("multipart") { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
        return Some(Sent::Form { media: media.to_owned(), fields: listed });
    }
    let text = node.text_at("text")?;
    if media.contains("multipart") {
        let fields = multipart(text, place);
        return (!fields.is_empty()).then_some(Sent::Form { media: "multipart/form-data".to_owned(), fields });
    }
    super::bodies::read(text, Some(media.as_str()).filter(|media| media.contains('/')))
}

/// The names of the parts of a multipart body.
fn multipart(text: &str, place: &Place) -> Vec<Field> {
    let mut out: Vec<Field> = Vec::new();
    for line in text.lines().filter(|line| line.to_ascii_lowercase().starts_with("content-disposition:")) {
        let quoted = |key: &str| {
            let rest = line.split_once(&format!("{key}=\""))?.1;
            rest.split('"').next().map(str::to_owned)
        };
        let Some(name) = line
            .split(';')
            .find_map(|part| part.trim().strip_prefix("name=\""))
            .map(|rest| rest.trim_end_matches('"').to_owned())
        else {
            continue;
        };
        if !out.iter().any(|field| field.name == name) && out.len() < 500 {
            out.push(Field { name, is_file: quoted("filename").is_some(), place: place.clone(), ..Field::default() });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_multipart() {
        let text = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nA\r\n--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--x--";
        let fields = multipart(text, &Place::default());
        assert_eq!(
            fields.iter().map(|field| (field.name.as_str(), field.is_file)).collect::<Vec<_>>(),
            [("file", true), ("note", false)]
        );
    }
}
