//! One snapshot per operation of what goes over the socket when the generated client calls it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use swpanel_tests::server::{Answer, Recorded, Server, TOKEN};
use swpanel_tests::{Case, case, files};

fn wire(id: &str) {
    let case = case(id).unwrap();
    let Some(call) = case.call else {
        panic!(
            "there is no generated call of {} {}, or its example cannot be said in the generated types",
            case.method, case.path
        );
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = runtime.block_on(async {
        let server = Server::start(Answer::json("200 OK", case.answer)).await.unwrap();
        let client = server.client().unwrap();
        call(&client).await.unwrap_or_else(|error| panic!("{} was not taken for a success: {error}", case.answer));
        let [request] = &server.requests()[..] else { panic!("exactly one request was expected") };
        request.clone()
    });
    assert_eq!(target(case), request.line, "the request line is the template with its values");
    if let Some(body) = case.body {
        let sent: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let example: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(sent, example, "what is sent is what the document's example says");
    } else {
        assert!(request.body.is_empty());
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(files::path("tests/snapshots/wire").join(case.folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(format!("{} {}; renew with `cargo xtask accept`", case.method, case.path));
    settings.bind(|| insta::assert_snapshot!(case.id, shown(&request)));
}

/// The request line that the template and the example values make, by another way than the client's.
fn target(case: &Case) -> String {
    let mut path = case.path.to_owned();
    let mut query = Vec::new();
    for (name, value) in case.parameters {
        let placeholder = format!("{{{name}}}");
        if path.contains(&placeholder) {
            path = path.replace(&placeholder, &value.replace('%', "%25").replace('/', "%2F").replace(' ', "%20"));
        } else {
            query.push(format!("{name}={}", value.replace(' ', "+")));
        }
    }
    // The generator sends query values by name, whatever the order of the document.
    query.sort();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{} /v2026{path}{query} HTTP/1.1", case.method)
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
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        out.push_str(&format!("\n{body:#}\n"));
    }
    assert!(!out.contains(TOKEN));
    out
}

include!(concat!(env!("OUT_DIR"), "/wire_tests.rs"));
