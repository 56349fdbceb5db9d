//! `Error::may_have_taken_effect` over real sockets: every way a call can end, as a read and as a write, by raw, typed
//! and blocking calls.

use std::collections::BTreeSet;
use std::time::Duration;

use swpanel::{Client, Effect, Error, ErrorKind, Guardrails, Operation, Secret, TokenFuture, TokenProvider};
use swpanel_tests::CASES;
use swpanel_tests::server::{Answer, Server};

use super::run;

const PAGE: &str = "<html><body>Bad gateway</body></html>";
const ENVELOPE: &str = r##"{"Error code":"#X1","Error message":"no"}"##;
const NO_RESULTS: &str = r##"{"Error code":"#APIGENE25","Error message":"No existen resultados"}"##;

fn json(status: &'static str, body: &str) -> Answer {
    Answer::json(status, body)
}

fn text(status: &'static str) -> Answer {
    Answer::new(status, "text/plain", "some words")
}

fn page(status: &'static str) -> Answer {
    Answer::new(status, "text/html", PAGE)
}

/// The API rejected the request before it did anything.
fn rejections() -> Vec<Answer> {
    let statuses = [
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "405 Method Not Allowed",
        "409 Conflict",
        "410 Gone",
        "413 Content Too Large",
        "415 Unsupported Media Type",
        "422 Unprocessable Content",
        "429 Too Many Requests",
    ];
    let mut all = Vec::new();
    for status in statuses {
        all.extend([json(status, r#"{"message":"no"}"#), json(status, ENVELOPE), text(status), json(status, "")]);
    }
    // By the definition of these two, nothing was processed, whoever wrote the page.
    all.extend([page("401 Unauthorized"), page("429 Too Many Requests")]);
    all.extend([json("200 OK", ENVELOPE), json("200 OK", NO_RESULTS), json("404 Not Found", NO_RESULTS)]);
    all.push(json("499 Client Closed Request", ENVELOPE));
    all
}

/// Nothing proves that the API did not process the request.
fn doubtful() -> Vec<Answer> {
    let statuses = [
        "500 Internal Server Error",
        "501 Not Implemented",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
        "520 Unknown",
        "522 Connection Timed Out",
        "524 A Timeout Occurred",
        "599 Network Connect Timeout",
    ];
    let mut all = Vec::new();
    for status in statuses {
        all.extend([json(status, "{}"), json(status, ENVELOPE), page(status), text(status), json(status, "")]);
    }
    for status in
        ["200 OK", "201 Created", "400 Bad Request", "403 Forbidden", "404 Not Found", "413 Content Too Large"]
    {
        all.push(page(status));
    }
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "304 Not Modified"]
    {
        all.push(json(status, "").header("location: https://example.com/"));
    }
    all.extend([json("408 Request Timeout", "{}"), json("499 Client Closed Request", "")]);
    all.extend([text("200 OK"), json("200 OK", r#"{"result":[{"id":"#), json("200 OK", "{\"message\":\"cre\u{f3}")]);
    all.push(Answer { body: b"{\"message\":\"cre\xf3\"}".to_vec(), ..json("200 OK", "") });
    let whole = || json("200 OK", r#"{"result":[{"id":"XX012"}]}"#);
    all.extend([0, 9, 40, 90].map(|cut| Answer { cut_after: Some(cut), ..whole() }));
    all.push(whole().after(Duration::from_secs(3)));
    all.push(json("200 OK", &format!(r#"{{"result":"{}"}}"#, "x".repeat(5000))));
    all
}

/// Calls to one server, each with whether it changes something.
async fn ends(client: &Client, name: &str) -> Vec<(bool, Error)> {
    let mut ends = Vec::new();
    let body = serde_json::json!({"a": 1});
    for (method, path) in [
        ("GET", "/somewhere/else/"),
        ("HEAD", "/somewhere/else/"),
        ("POST", "/somewhere/else/"),
        ("PUT", "/somewhere/else/"),
        ("PATCH", "/somewhere/else/"),
        ("DELETE", "/somewhere/else/"),
        ("POST", "/services/XX012/dns/"),
        ("PUT", "/services/XX012/dns/1"),
        ("DELETE", "/services/XX012/dns/1"),
    ] {
        let reads = matches!(method, "GET" | "HEAD");
        let call = client.raw(method, path);
        let outcome = if reads { call.send().await } else { call.json(&body).send().await };
        match outcome {
            Err(error) => ends.push((!reads, error)),
            // A HEAD has no body by which it could fail.
            Ok(_) => assert_eq!(method, "HEAD", "{name}"),
        }
    }
    ends
}

fn check(name: &str, ends: Vec<(bool, Error)>, expected: bool, kinds: &mut BTreeSet<String>) {
    assert!(!ends.is_empty(), "{name}");
    for (writes, error) in ends {
        assert_eq!(error.may_have_taken_effect(), writes && expected, "{name}, a write: {writes}: {error:?}");
        let told = error.hint().is_some_and(|hint| hint.contains("may have taken effect"));
        assert_eq!(told, writes && expected, "{name}: the hint of {error:?}");
        kinds.insert(format!("{:?}", error.kind()));
    }
}

/// The kinds of error that a part of the cases ends in, each checked.
fn kinds_of(cases: Vec<(Answer, bool)>) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for (answer, expected) in cases {
        let body = String::from_utf8_lossy(&answer.body).chars().take(50).collect::<String>();
        let name = format!("{} {body:?} cut {:?} after {:?}", answer.status, answer.cut_after, answer.delay);
        // Only a response that is late is meant to be too late.
        let timeout = if answer.delay >= Duration::from_secs(1) { 200 } else { 20_000 };
        run(async {
            let server = Server::start(answer).await.unwrap();
            let client = server.setup().timeout(Duration::from_millis(timeout)).max_body(1000).build().unwrap();
            check(&name, ends(&client, &name).await, expected, &mut kinds);
        });
    }
    kinds
}

#[test]
fn every_answer_says_of_a_write_whether_it_may_have_taken_effect_and_never_of_a_read() {
    let mut kinds = BTreeSet::new();
    let mut cases = rejections().into_iter().map(|answer| (answer, false)).collect::<Vec<_>>();
    cases.extend(doubtful().into_iter().map(|answer| (answer, true)));
    // Each case waits for its server more than it computes, so many run at once.
    let mut parts: Vec<Vec<_>> = (0..8).map(|_| Vec::new()).collect();
    for (at, case) in cases.into_iter().enumerate() {
        parts[at % 8].push(case);
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = parts.into_iter().map(|part| scope.spawn(|| kinds_of(part))).collect();
        running.into_iter().for_each(|part| kinds.extend(part.join().unwrap()));
    });
    let refused = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        format!("http://{}/v2026", listener.local_addr().unwrap())
    };
    run(async {
        let client = Client::builder().token("t").base_url(refused).retries(0).build().unwrap();
        check("refused", ends(&client, "refused").await, false, &mut kinds);
        let server = Server::start(json("200 OK", "{}")).await.unwrap();
        let client = server.setup().guardrails(Guardrails::new().groups([] as [&str; 0])).build().unwrap();
        check("guardrail", ends(&client, "guardrail").await, false, &mut kinds);
        let client = Client::builder().base_url(server.base_url()).token_provider(Nobody).build().unwrap();
        check("no token", ends(&client, "no token").await, false, &mut kinds);
        let error = server.client().unwrap().raw("POST", "/../").send().await.unwrap_err();
        check("path", vec![(true, error)], false, &mut kinds);
        assert_eq!(server.requests(), vec![]);
        let folder = tempfile::tempdir().unwrap();
        let made = server.setup().record(folder.path()).build().unwrap().raw("GET", "/a/").send().await;
        made.unwrap();
        let client = server.setup().replay(folder.path()).build().unwrap();
        check("replay", ends(&client, "replay").await, false, &mut kinds);
    });
    let seen: Vec<&str> = kinds.iter().map(String::as_str).collect();
    // Decode, EmptyAnswer and Deadline have tests of their own below; Configuration is no outcome of a call.
    let expected = [
        "Conflict",
        "Forbidden",
        "Gateway",
        "Guardrail",
        "InvalidArgument",
        "NoAnswer",
        "NoToken",
        "NotFound",
        "NotJson",
        "NotRecorded",
        "NotSent",
        "OutcomeUnknown",
        "RateLimited",
        "Redirect",
        "Refused",
        "Server",
        "TooLarge",
        "Unauthorized",
        "Validation",
    ];
    assert_eq!(seen, expected);
}

/// Has no token.
struct Nobody;

impl TokenProvider for Nobody {
    fn token(&self, _: bool) -> TokenFuture<'_> {
        Box::pin(async { Err::<Secret, _>(Error::no_token("the vault is locked")) })
    }
}

#[test]
fn a_success_that_is_not_understood_may_have_taken_effect() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only decoding is looked at")]
    struct Record {
        id: u64,
    }
    for body in ["null", "{\"id\":\"x\"}", ""] {
        run(async {
            let server = Server::start(json("200 OK", body)).await.unwrap();
            let client = server.client().unwrap();
            for (method, path) in
                [("POST", "/x/"), ("DELETE", "/services/XX012/dns/1"), ("GET", "/services/XX012/dns/")]
            {
                let error = client.raw(method, path).send_as::<Record>().await.unwrap_err();
                assert!(
                    matches!(error.kind(), ErrorKind::Decode | ErrorKind::EmptyAnswer),
                    "{method} {body:?}: {error:?}"
                );
                assert_eq!(error.may_have_taken_effect(), method != "GET", "{method} {body:?}: {error:?}");
            }
        });
    }
}

#[test]
fn a_deadline_is_harmless_before_sending_and_not_after() {
    run(async {
        let server = Server::start(json("200 OK", "{}").after(Duration::from_secs(3))).await.unwrap();
        // They share the one turn, since they have the same token and host.
        let first = server.setup().calls_at_once(1).deadline(Duration::from_millis(500)).build().unwrap();
        let client = server.setup().calls_at_once(1).deadline(Duration::from_millis(150)).build().unwrap();
        let (first, second) = tokio::join!(first.raw("POST", "/x/").send(), client.raw("POST", "/x/").send());
        let (first, second) = (first.unwrap_err(), second.unwrap_err());
        assert_eq!((first.kind(), first.may_have_taken_effect()), (ErrorKind::OutcomeUnknown, true), "{first:?}");
        assert_eq!((second.kind(), second.may_have_taken_effect()), (ErrorKind::Deadline, false), "{second:?}");
        let read = client.raw("GET", "/x/").send().await.unwrap_err();
        assert_eq!((read.kind(), read.may_have_taken_effect()), (ErrorKind::Deadline, false), "{read:?}");
    });
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn what_an_earlier_attempt_may_have_done_is_kept_whatever_the_last_one_says() {
    let put = swpanel::operations::ALL.iter().find(|one| one.effect == Effect::Update && one.method == "PUT");
    let put = put.expect("an API changes something with PUT");
    let path: Vec<&str> = put.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    let firsts = [Answer::closed(), page("502 Bad Gateway"), json("503 Service Unavailable", "{}")];
    let lasts = [
        json("404 Not Found", "{}"),
        json("400 Bad Request", "{}"),
        json("409 Conflict", "{}"),
        json("422 Unprocessable Content", ENVELOPE),
        json("200 OK", ENVELOPE),
        json("429 Too Many Requests", "{}").header("retry-after: 600"),
        text("401 Unauthorized"),
    ];
    for (last, first) in lasts.into_iter().zip(firsts.into_iter().cycle()) {
        let name = format!("{} then {}", first.status, last.status);
        run(async {
            let server = Server::scripted(vec![first, last]).await.unwrap();
            let client = server.setup().retries(1).deadline(Duration::from_secs(30)).build().unwrap();
            let error = client.raw("PUT", &path.join("/")).send().await.unwrap_err();
            assert_eq!(error.attempts(), 2, "{name}");
            assert!(error.may_have_taken_effect(), "{name}: {error:?}");
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{name}");
        });
    }
}

/// The client's own error, out of what a generated call gives.
fn error_of(outcome: Result<String, Box<dyn std::error::Error>>, id: &str) -> Error {
    *outcome.expect_err(id).downcast::<Error>().expect("calls fail with the client's own error")
}

#[test]
fn generated_and_blocking_calls_say_the_same() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for (answer, expected) in [(page("502 Bad Gateway"), true), (json("403 Forbidden", "{}"), false)] {
        let server = runtime.block_on(Server::start(answer)).unwrap();
        let client = server.client().unwrap();
        let mut writes = 0;
        for case in CASES.iter().filter(|case| case.method != "HEAD" && case.json) {
            let operation = Operation::find(case.method, case.path).unwrap();
            let Some(call) = case.call else { continue };
            let error = error_of(runtime.block_on(call(&client)), case.id);
            let changes = !operation.reads();
            writes += usize::from(changes);
            assert_eq!(error.may_have_taken_effect(), changes && expected, "{}: {error:?}", case.id);
        }
        assert!(writes > 5, "{writes}");
        for method in ["GET", "POST"] {
            let error = client.raw(method, "/x/").send_blocking().unwrap_err();
            assert_eq!(error.may_have_taken_effect(), method == "POST" && expected, "{error:?}");
        }
    }
}

#[test]
fn the_hint_names_the_address_only_where_the_address_can_be_wrong() {
    let names = |error: &Error| error.hint().is_some_and(|hint| hint.contains("SWPANEL_BASE_URL"));
    for (answer, expected) in [
        (page("404 Not Found"), true),
        (page("200 OK"), true),
        (json("302 Found", "").header("location: https://example.com/"), true),
        (page("502 Bad Gateway"), false),
        (page("503 Service Unavailable"), false),
        (page("520 Unknown"), false),
        (page("403 Forbidden"), false),
        (json("500 Internal Server Error", ""), false),
        (json("404 Not Found", "{}"), false),
        (json("200 OK", "{\"result\":["), false),
    ] {
        let name = answer.status;
        run(async {
            let server = Server::start(answer).await.unwrap();
            let client = server.client().unwrap();
            for method in ["GET", "POST"] {
                let error = client.raw(method, "/x/").send().await.unwrap_err();
                assert_eq!(names(&error), expected, "{method} {name}: {error}");
            }
        });
    }
    run(async {
        let client = |address: &str| Client::builder().token("t").retries(0).base_url(address).build().unwrap();
        let unknown = client("https://no-such-name.invalid/v2026").raw("POST", "/x/").send().await.unwrap_err();
        assert!(names(&unknown) && !unknown.may_have_taken_effect(), "{unknown}");
        assert!(unknown.to_string().contains("no-such-name.invalid"), "{unknown}");
    });
}

#[test]
fn a_429_says_how_long_to_wait() {
    for (header, hint) in [
        ("retry-after: 300", "wait 300 s before the next call"),
        ("retry-after: Tue, 24 Nov 2026 10:05:00 GMT", "wait 300 s before the next call"),
        ("retry-after: 86400", "wait 86400 s before the next call"),
        ("retry-after: 86401", "the server asks for more than 24 hours before the next call"),
        ("retry-after: 1000000000000000000", "the server asks for more than 24 hours before the next call"),
        ("retry-after: 18446744073709551615", "the server asks for more than 24 hours before the next call"),
        ("retry-after: Fri, 31 Dec 9999 23:59:59 GMT", "the server asks for more than 24 hours before the next call"),
        ("retry-after: soon", "wait before the next call"),
    ] {
        run(async {
            let answer =
                json("429 Too Many Requests", "{}").header(header).header("date: Tue, 24 Nov 2026 10:00:00 GMT");
            let server = Server::start(answer).await.unwrap();
            let error = server.client().unwrap().raw("GET", "/x/").send().await.unwrap_err();
            assert_eq!(error.hint().as_deref(), Some(hint));
            assert!(error.to_string().ends_with(hint), "{error}");
        });
    }
}
