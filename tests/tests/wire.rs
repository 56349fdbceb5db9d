//! One snapshot per operation of what goes over the socket when the generated client calls it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use swpanel_tests::server::{Answer, Recorded, Server, TOKEN};
use swpanel_tests::{Case, case, files, same};

fn wire(id: &str) {
    let case = case(id).unwrap();
    let call = case.call.expect("the test of an operation without a generated call is ignored");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = runtime.block_on(async {
        let server = Server::start(Answer::json("200 OK", case.answer)).await.unwrap();
        let client = server.client().unwrap();
        call(&client).await.unwrap_or_else(|error| panic!("{} was not taken for a success: {error}", case.answer));
        let [request] = &server.requests()[..] else { panic!("exactly one request was expected") };
        let request = request.clone();
        if let Some(by_handle) = case.by_handle {
            by_handle(&client).await.unwrap();
            assert_eq!(server.requests().last(), Some(&request), "by a handle it is another call");
        }
        request
    });
    check_line(case, &request);
    check_body(case, &request);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(files::path("tests/snapshots/wire").join(case.folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(format!("{} {}; renew with `cargo xtask accept`", case.method, case.path));
    settings.bind(|| insta::assert_snapshot!(case.id, shown(&request)));
}

/// The request line is the template with the example values, slashes kept: decoded, so that this is not the client's
/// own way of encoding once more.
fn check_line(case: &Case, request: &Recorded) {
    let mut words = request.line.split(' ');
    assert_eq!(words.next(), Some(case.method));
    let target = words.next().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let values = |place: &str| -> Vec<(String, String)> {
        let of_place = case.parameters.iter().filter(|(at, ..)| *at == place);
        of_place.map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let expected: Vec<String> = case
        .path
        .split('/')
        .map(|segment| {
            values("path")
                .into_iter()
                .fold(segment.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value))
        })
        .collect();
    let sent: Vec<String> =
        path.strip_prefix("/v2026").unwrap().split('/').map(|segment| decoded(segment, false)).collect();
    assert_eq!(sent, expected, "{target}");
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut sent: Vec<(String, String)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name, true), decoded(value, true)))
        .collect();
    let mut expected = values("query");
    sent.sort();
    expected.sort();
    assert_eq!(sent, expected, "{target}");
    for (name, value) in values("header") {
        let found = request.headers.iter().any(|(header, sent)| header.eq_ignore_ascii_case(&name) && *sent == value);
        assert!(found, "the header {name}: {value} was not sent");
    }
}

fn check_body(case: &Case, request: &Recorded) {
    let Some(body) = case.body else { return assert!(request.body.is_empty()) };
    let example: serde_json::Value = serde_json::from_str(body).unwrap();
    if let Ok(sent) = serde_json::from_slice::<serde_json::Value>(&request.body) {
        return assert!(same(&sent, &example), "what is sent is what the document's example says: {sent} {example}");
    }
    // A form: its pairs are the example's members.
    let text = String::from_utf8(request.body.clone()).unwrap();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=').unwrap();
        assert_eq!(example[decoded(name, true)].as_str(), Some(decoded(value, true).as_str()), "{text}");
    }
}

fn decoded(text: &str, form: bool) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            b'+' if form => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The request as a person reads it: header order, port and our own version do not matter.
fn shown(request: &Recorded) -> String {
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| match name.as_str() {
            "authorization" => {
                assert_eq!(value, &format!("Bearer {TOKEN}"));
                format!("{name}: Bearer [redacted]")
            }
            "host" => format!("{name}: 127.0.0.1:[port]"),
            "user-agent" => format!("{name}: {}", value.replace(env!("CARGO_PKG_VERSION"), "[version]")),
            _ => format!("{name}: {value}"),
        })
        .collect();
    headers.sort();
    let mut out = format!("{}\n{}\n", request.line, headers.join("\n"));
    if !request.body.is_empty() {
        match serde_json::from_slice::<serde_json::Value>(&request.body) {
            Ok(body) => out.push_str(&format!("\n{body:#}\n")),
            Err(_) => out.push_str(&format!("\n{}\n", String::from_utf8_lossy(&request.body))),
        }
    }
    assert!(!out.contains(TOKEN));
    out
}

include!(concat!(env!("OUT_DIR"), "/wire_tests.rs"));
