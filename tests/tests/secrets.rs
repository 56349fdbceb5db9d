//! No secret shows: marked tokens, passwords and keys go through every operation and every way in which it can end,
//! while everything down to the connection logs all it has; then all that was shown or logged is looked through.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use swpanel::{Hook, HookOutcome, HookRequest, Operation, operations};
use swpanel_build_tools::probe::observe;
use swpanel_build_tools::probe::traffic::Traffic;
use swpanel_tests::files::document;
use swpanel_tests::server::{Answer, Server, TOKEN};
use swpanel_tests::{CASES, Case, MARKER};
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Ways to end, each of which repeats what was sent or holds a secret of its own.
fn endings(case: &Case) -> Vec<Answer> {
    let refusal = r##"{"Error code":"#X %TOKEN%","Error message":%JSON%,"message":"%TOKEN%"}"##;
    let said = r#"{"message":%JSON%}"#;
    // So long that a secret lies across the end of what is shown of a page.
    let long = format!("<html><p>{}</p>%BODY%%TOKEN%%TOKEN%</html>", "x".repeat(190));
    let page = "<html><script>%BODY%</script><h1>%BODY% %TOKEN%</h1></html>";
    let mut endings = vec![
        Answer::json("200 OK", case.secret_answer),
        Answer::json("200 OK", refusal),
        // The shape is wrong wherever a shape is known. (An answer that is a success is shown as it is but for members
        // whose name says that they are secret: of other members nothing is known.)
        Answer::json("200 OK", r#"{"result":{"password":%JSON%},"message":{"password":%JSON%}}"#),
        Answer::json("200 OK", r#"[{"token":%JSON%}]"#),
        Answer::json("200 OK", r#"{"result":[%JSON%"#),
        Answer::new("200 OK", "text/html", page),
        Answer::new("200 OK", "text/plain", "%BODY% %TOKEN%"),
        Answer::new("502 Bad Gateway", "text/html", page),
        Answer::new("302 Found", "text/plain", "%BODY%").header("location: /v2026/login?token=%TOKEN%"),
        Answer::new("502 Bad Gateway", "text/html", &long),
        Answer::closed(),
    ];
    for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "409 Conflict"] {
        endings.push(Answer::json(status, refusal));
        endings.push(Answer::json(status, said));
        endings.push(Answer::new(status, "text/plain", "%BODY% %TOKEN%"));
    }
    for status in ["500 Internal Server Error", "418 I'm a teapot"] {
        endings.push(Answer::json(status, refusal));
        endings.push(Answer::new(status, "text/plain", "%BODY% %TOKEN%"));
    }
    // The last, since it slows down whatever follows.
    endings.push(Answer::json("429 Too Many Requests", refusal));
    endings
}

/// The secrets in the body that a call sends.
fn sent(case: &Case, operation: &Operation) -> Vec<String> {
    fn collect(value: &serde_json::Value, names: &[&str], secret: bool, found: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) if secret => found.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, names, secret, found)),
            serde_json::Value::Object(members) => members
                .iter()
                .for_each(|(name, value)| collect(value, names, secret || names.contains(&name.as_str()), found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Some(body) = case.body {
        collect(&serde_json::from_str(body).unwrap(), operation.sensitive, false, &mut found);
    }
    found
}

/// A header of a program that stands out wherever it must not be.
const HEADER: &str = "hidden-header-that-must-never-show";

/// A hook that repeats all it sees.
#[derive(Clone, Default)]
struct RecordingHook(Arc<Mutex<String>>);

impl Hook for RecordingHook {
    fn before(&self, request: &mut HookRequest<'_>) -> Result<(), swpanel::Error> {
        let headers: Vec<_> = request.headers().collect();
        self.0.lock().unwrap().push_str(&format!("{request:?} {headers:?} {:?} {:?}", request.body(), request.query()));
        Ok(())
    }

    fn after(&self, request: &HookRequest<'_>, outcome: &HookOutcome) {
        self.0.lock().unwrap().push_str(&format!("{request:?} {outcome:?}"));
    }
}

#[test]
fn no_secret_shows_whatever_happens_and_whatever_is_logged() {
    tracing_log::LogTracer::init().unwrap();
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let recordings = tempfile::tempdir().unwrap();
    let mut shown = String::new();
    let mut secrets = vec![TOKEN.to_owned(), MARKER.to_owned(), HEADER.to_owned()];
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for case in CASES {
                let Some(call) = case.call else { continue };
                let operation = Operation::find(case.method, case.path).unwrap();
                secrets.extend(sent(case, operation));
                let script = endings(case);
                let count = script.len();
                // A pace is of one address: what the last 429 teaches is nothing to the next operation.
                let server = Server::scripted(script).await.unwrap();
                let folder = recordings.path().join(case.id);
                let hook = RecordingHook::default();
                let setup = server.setup().record(&folder).hook(hook.clone());
                // A closure that asks for the bytes of each connection in the log does not get them.
                let setup = setup.configure_http(|http| http.connection_verbose(true));
                let client =
                    setup.secret_header("X-Gateway", HEADER).default_header("X-Api-Key", HEADER).build().unwrap();
                for _ in 0..count {
                    match call(&client).await {
                        Ok(answer) => shown.push_str(&answer),
                        Err(error) => {
                            shown.push_str(&format!("{error} {error:?} {error:#?}"));
                            let mut source = error.source();
                            while let Some(cause) = source {
                                shown.push_str(&format!("{cause} {cause:?}"));
                                source = cause.source();
                            }
                            let error = error.downcast_ref::<swpanel::Error>().unwrap();
                            shown.push_str(&format!(
                                "{:?} {:?} {:?}",
                                error.code(),
                                error.excerpt(),
                                error.json_path()
                            ));
                        }
                    }
                }
                shown.push_str(&hook.0.lock().unwrap());
                assert_eq!(server.requests().len(), count, "{}: each call has its own ending", case.id);
            }
        });
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // What is looked through must be worth it: our own events, those of the connection, and words of the server.
    for logged in ["swpanel", "hyper", "TRACE"] {
        assert!(log.contains(logged), "nothing was logged by {logged}");
    }
    assert!(shown.contains("[redacted]") && shown.contains("refused"), "nothing was repeated");
    let mut recorded = String::new();
    // What was recorded is traffic that shapes are learnt from.
    let document = document().unwrap();
    let mut traffic = Traffic::new(&document, None);
    for folder in std::fs::read_dir(recordings.path()).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let file = file.unwrap().path();
            recorded.push_str(&format!("{}\n{}", file.display(), std::fs::read_to_string(&file).unwrap()));
            traffic.recording(&std::fs::read(&file).unwrap()).unwrap();
        }
    }
    assert!(recorded.contains("[redacted]") && recorded.contains("GET"), "nothing was recorded");
    let (shapes, counts) = traffic.finish();
    assert!(counts.unknown.is_empty() && counts.used * 2 > counts.exchanges, "{counts:?}");
    let proposed = observe(&document, &shapes).overlay.unwrap().to_string();
    let learnt = format!("{proposed}{}", serde_json::to_string(&(shapes, counts)).unwrap());
    // The example of another document may be a word such as `text`, which stands everywhere.
    secrets.retain(|secret| secret.len() >= 8);
    secrets.sort();
    secrets.dedup();
    for secret in &secrets {
        for (what, text) in [("shown", &shown), ("logged", &log), ("recorded", &recorded), ("learnt", &learnt)] {
            // Neither it nor its beginning: what is cut must not be cut through a secret.
            let beginning = secret.get(..9).unwrap_or(secret);
            if let Some(at) = text.find(beginning) {
                let from = (0..=at.saturating_sub(300)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                panic!("{what}: ...{}", text[from..].chars().take(600).collect::<String>());
            }
        }
    }
    // Not by the client's own table: what the document shows as a secret is known as one wherever it is sent.
    const SHOWN: &str = "correct-horse-battery-staple";
    for case in CASES.iter().filter(|case| case.body.is_some_and(|body| body.contains(SHOWN))) {
        let operation = Operation::find(case.method, case.path).unwrap();
        assert!(!operation.sensitive.is_empty() && secrets.iter().any(|secret| secret == SHOWN), "{}", case.id);
    }
    if swpanel::DOCUMENT.kind == swpanel::DocumentKind::Reconstruction {
        let sensitive = operations::ALL.iter().filter(|operation| !operation.sensitive.is_empty()).count();
        assert!(sensitive >= 8 && secrets.len() >= 3, "{sensitive} operations, {} secrets", secrets.len());
    }
}
