//! Pages for people and for `cargo xtask sync`: documentation in the manner of several renderers, and a login wall.
//!
//! The renderers' own scripts are not here, so each page carries what leads a machine to the document, and a plain list
//! of the operations for the eyes. `/docs/` is open; `/panel/docs/` is the same behind a login, as a vendor's is.

use axum::http::header::{AUTHORIZATION, COOKIE, HeaderValue};
use axum::http::request::Parts;

use super::incoming::{self, Received};
use super::{Shared, lock, own};
use crate::answer::{Answer, Body};
use crate::document::Api;

const COOKIE_NAME: &str = "swpanel_emulator_session";

/// A renderer of documentation: the word in the address, and what its pages are made of.
const RENDERERS: &[(&str, &str)] = &[
    ("", "<div id=\"swagger-ui\"></div>\n<script src=\"{base}swagger-initializer.js\"></script>"),
    ("redoc", "<redoc spec-url=\"{base}openapi.json\"></redoc>"),
    ("scalar", "<script id=\"api-reference\" data-url=\"{base}openapi.json\"></script>"),
    ("rapidoc", "<rapi-doc spec-url=\"{base}openapi.json\"></rapi-doc>"),
    ("elements", "<elements-api apiDescriptionUrl=\"{base}openapi.json\" router=\"hash\"></elements-api>"),
];

pub(super) fn answer(shared: &Shared, parts: &Parts, received: Received) -> Answer {
    let path = parts.uri.path();
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    match (parts.method.as_str(), words.as_slice()) {
        ("GET" | "HEAD", []) => redirect(302, "/docs/"),
        ("GET" | "HEAD", ["docs", rest @ ..]) => documentation(shared, path, "/docs/", rest),
        ("GET" | "HEAD", ["panel"]) => redirect(302, "/panel/docs/"),
        ("GET" | "HEAD", ["panel", "login"]) => own(200, Body::Page(login_page(&next_of(parts), ""))),
        ("POST", ["panel", "login"]) => log_in(shared, received),
        ("GET" | "HEAD", ["panel", "docs", rest @ ..]) => {
            if is_let_in(shared, parts) {
                return documentation(shared, path, "/panel/docs/", rest);
            }
            let next = percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC);
            redirect(302, &format!("/panel/login?next={next}"))
        }
        _ => own(
            404,
            Body::Page(page("404", "<h1>404</h1><p>There is no such page; see <a href=\"/docs/\">/docs/</a>.</p>")),
        ),
    }
}

fn redirect(status: u16, to: &str) -> Answer {
    let mut answer = own(status, Body::Nothing);
    answer.headers.push(("location", to.to_owned()));
    answer
}

fn documentation(shared: &Shared, path: &str, base: &str, rest: &[&str]) -> Answer {
    let api = shared.api();
    match rest {
        ["openapi.json"] => own(200, Body::Raw(api.bytes.clone(), "application/json")),
        ["swagger-initializer.js"] => {
            let script = format!(
                "window.onload = function () {{\n  if (!window.SwaggerUIBundle) return;\n  \
                 window.ui = SwaggerUIBundle({{ url: \"{base}openapi.json\", dom_id: \"#swagger-ui\", deepLinking: true }});\n}};\n"
            );
            own(200, Body::Raw(script.into(), "text/javascript; charset=utf-8"))
        }
        [] | [_] => {
            let name = rest.first().copied().unwrap_or_default();
            let Some((_, marks)) = RENDERERS.iter().find(|(known, _)| *known == name) else {
                return own(404, Body::Page(page("404", "<h1>404</h1><p>There is no such page.</p>")));
            };
            if !path.ends_with('/') {
                return redirect(301, &format!("{path}/"));
            }
            let (title, version) = api.title();
            let body = format!(
                "<h1>{} <small>{}</small></h1>\n<p><a href=\"{base}openapi.json\">{base}openapi.json</a></p>\n{}\n{}",
                escape(title),
                escape(version),
                marks.replace("{base}", base),
                listing(&api)
            );
            own(200, Body::Page(page(title, &body)))
        }
        _ => own(404, Body::Page(page("404", "<h1>404</h1><p>There is no such page.</p>"))),
    }
}

/// The operations, by group.
fn listing(api: &Api) -> String {
    let mut groups: Vec<&str> = Vec::new();
    for operation in &api.operations {
        if !groups.contains(&operation.group.as_str()) {
            groups.push(&operation.group);
        }
    }
    let mut text = String::new();
    for group in groups {
        text.push_str(&format!("<h2>{}</h2>\n", escape(group)));
        for operation in api.operations.iter().filter(|operation| operation.group == group) {
            let node = api.tree.get("paths").and_then(|paths| paths.get(&operation.template));
            let node = node.and_then(|path| path.get(operation.method.to_ascii_lowercase()));
            let said = |name: &str| {
                let text = node.and_then(|node| node.get(name)).and_then(serde_json::Value::as_str);
                escape(text.unwrap_or_default())
            };
            let (method, path) = (escape(&operation.method), escape(&operation.template));
            text.push_str(&format!(
                "<details><summary><b class=\"{method}\">{method}</b> <code>{path}</code> {}</summary><p>{}</p></details>\n",
                said("summary"),
                said("description").replace("\n\n", "</p><p>")
            ));
        }
    }
    text
}

fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>\n\
         body {{ font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}\n\
         summary {{ padding: .3rem .5rem; border: 1px solid #ccd; margin: .2rem 0; cursor: pointer }}\n\
         summary b {{ display: inline-block; min-width: 4.5rem; text-align: center; color: #fff; background: #555 }}\n\
         .GET {{ background: #2b6cb0 }} .POST {{ background: #2f855a }} .PUT {{ background: #b7791f }} .DELETE {{ background: #c53030 }}\n\
         label {{ display: block; margin: .5rem 0 }}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Where to go after the login: never away from the panel.
fn safe_next(next: &str) -> String {
    let inside =
        next.starts_with("/panel/") && next.bytes().all(|byte| (0x21..0x7f).contains(&byte)) && !next.contains('\\');
    if inside { next.to_owned() } else { "/panel/docs/".to_owned() }
}

fn next_of(parts: &Parts) -> String {
    let query = incoming::query(parts.uri.query().unwrap_or_default());
    let next = query.into_iter().find(|(name, _)| name == "next").map(|(_, value)| value);
    safe_next(&next.unwrap_or_default())
}

fn login_page(next: &str, note: &str) -> String {
    let next = escape(next);
    page(
        "Log in",
        &format!(
            "<h1>Log in</h1>\n<p>{}</p>\n<form method=\"post\" action=\"/panel/login\">\n\
             <input type=\"hidden\" name=\"next\" value=\"{next}\">\n\
             <label>User <input name=\"user\" value=\"demo\"></label>\n\
             <label>Password (a token of the emulator) <input type=\"password\" name=\"password\"></label>\n\
             <button>Log in</button>\n</form>",
            escape(note)
        ),
    )
}

fn log_in(shared: &Shared, received: Received) -> Answer {
    let Received::Whole(bytes) = received else { return own(413, Body::Page(login_page("/panel/docs/", "Too much."))) };
    let form = incoming::query(&String::from_utf8_lossy(&bytes));
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let next = safe_next(field("next").unwrap_or_default());
    let header = format!("Bearer {}", field("password").unwrap_or_default());
    if lock(&shared.tokens).check(Some(header.as_bytes())).is_none() {
        return own(401, Body::Page(login_page(&next, "That was no token of this emulator.")));
    }
    let mut sessions = lock(&shared.sessions);
    // A session is no secret worth guessing: it opens a page that is open next door.
    let session = format!("{:016x}", fastrand::u64(..));
    sessions.insert(session.clone());
    let mut answer = redirect(303, &next);
    answer.headers.push(("set-cookie", format!("{COOKIE_NAME}={session}; Path=/panel; HttpOnly; SameSite=Lax")));
    answer
}

/// By a session from the login, or by a token.
fn is_let_in(shared: &Shared, parts: &Parts) -> bool {
    let header = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if header.is_some() && lock(&shared.tokens).check(header).is_some() {
        return true;
    }
    let sessions = lock(&shared.sessions);
    let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.any(|(name, value)| name == COOKIE_NAME && sessions.contains(value))
}
