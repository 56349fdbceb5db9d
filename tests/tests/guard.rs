//! What the client makes of answers, over a real socket: no error becomes a success, no secret shows.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use swpanel::{Client, Error, ErrorKind, Operation};
use swpanel_tests::server::{Answer, Server, TOKEN};
use swpanel_tests::{CASES, Case, Outcome};

const NO_RESULTS: &str = r##"{"Error code":"#APIGENE25","Error message":"No existen resultados"}"##;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The error of the client, out of what a generated call gives.
fn error_of(outcome: Result<String, Box<dyn std::error::Error>>) -> Error {
    *outcome
        .expect_err("this must not be a success")
        .downcast::<Error>()
        .expect("calls fail with the client's own error")
}

fn call(case: &Case) -> fn(&Client) -> Outcome<'_> {
    case.call.expect("every operation of the document has a call")
}

/// One call of every operation that has a generated method, against one answer.
fn each(answer: Answer, mut judge: impl FnMut(&Case, &'static Operation, Result<String, Box<dyn std::error::Error>>)) {
    run(async {
        let server = Server::start(answer).await.unwrap();
        let client = server.client().unwrap();
        for case in CASES.iter().filter(|case| case.call.is_some() && case.method != "HEAD") {
            let operation = Operation::find(case.method, case.path).unwrap();
            judge(case, operation, call(case)(&client).await);
        }
    });
}

#[test]
fn an_error_body_with_status_200_is_never_a_success() {
    let body = r##"{"Error code":"#APIX1","Error message":"no"}"##;
    each(Answer::json("200 OK", body), |case, operation, outcome| {
        let error = error_of(outcome);
        assert_eq!(error.kind(), ErrorKind::Refused, "{}", case.id);
        assert_eq!(error.code().map(ToString::to_string).as_deref(), Some("#APIX1"));
        assert_eq!((error.status(), error.operation()), (Some(200), Some(operation)));
    });
    // One of the two keys is enough, and values need not be texts.
    for body in
        [r#"{"Error message":"no"}"#, r#"{"Error code":7}"#, r#"{"Error message":{"field":["bad"]},"result":[]}"#]
    {
        each(Answer::json("200 OK", body), |case, _, outcome| {
            assert_eq!(error_of(outcome).kind(), ErrorKind::Refused, "{}", case.id);
        });
    }
}

#[test]
fn no_results_is_an_empty_list_on_collections_and_not_found_elsewhere() {
    for status in ["200 OK", "404 Not Found"] {
        each(Answer::json(status, NO_RESULTS), |case, operation, outcome| {
            if operation.collection {
                assert!(outcome.is_ok(), "{}: {outcome:?}", case.id);
            } else {
                assert!(error_of(outcome).is_not_found(), "{}", case.id);
            }
        });
    }
}

#[test]
fn an_empty_answer_is_a_success_for_writes_only() {
    // `null` is the other spelling of no content.
    for body in [" \n", "null", " null\n"] {
        each(Answer::new("200 OK", "application/json", body), |case, operation, outcome| {
            if operation.reads() && case.json {
                let error = error_of(outcome);
                assert_eq!(error.kind(), ErrorKind::EmptyAnswer, "{}", case.id);
                assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{}", case.id);
            } else if swpanel::DOCUMENT.kind == swpanel::DocumentKind::Reconstruction || outcome.is_ok() {
                assert!(outcome.is_ok(), "{}: {outcome:?}", case.id);
            } else {
                // Another document may promise content that nothing can stand for; the error says that it succeeded.
                assert_eq!(error_of(outcome).kind(), ErrorKind::EmptyAnswer, "{}", case.id);
            }
        });
    }
}

#[test]
fn pages_texts_and_broken_json_are_no_success() {
    let page = "<html><body>Bad gateway</body></html>";
    for (answer, kind) in [
        (Answer::new("502 Bad Gateway", "text/html", page), ErrorKind::Gateway),
        (Answer::new("200 OK", "application/json", page), ErrorKind::Gateway),
        (Answer::new("200 OK", "text/plain", "OK"), ErrorKind::NotJson),
        (Answer::new("200 OK", "application/json", r#"{"result":[{"a":1}"#), ErrorKind::NotJson),
    ] {
        each(answer, |case, _, outcome| {
            // A file is whatever comes with a success.
            if case.json {
                assert_eq!(error_of(outcome).kind(), kind, "{}", case.id);
            }
        });
    }
}

#[test]
fn statuses_have_their_kinds_and_hints() {
    let json = r#"{"message":"because"}"#;
    for (answer, kind) in [
        (Answer::new("401 Unauthorized", "text/plain", "Unauthorized"), ErrorKind::Unauthorized),
        (Answer::json("401 Unauthorized", ""), ErrorKind::Unauthorized),
        (Answer::json("403 Forbidden", json), ErrorKind::Forbidden),
        (Answer::new("403 Forbidden", "text/html", "<html>"), ErrorKind::Forbidden),
        (Answer::json("404 Not Found", json), ErrorKind::NotFound),
        (Answer::new("404 Not Found", "text/plain", "not here"), ErrorKind::NotFound),
        // Another server's page says nothing of what the call was about.
        (Answer::new("404 Not Found", "text/html", "<html>"), ErrorKind::Gateway),
        (Answer::new("400 Bad Request", "text/html", "<html>"), ErrorKind::Gateway),
        (Answer::new("429 Too Many Requests", "text/html", "<html>"), ErrorKind::RateLimited),
        (Answer::json("400 Bad Request", json), ErrorKind::Validation),
        (Answer::json("422 Unprocessable Content", json), ErrorKind::Validation),
        (Answer::json("409 Conflict", json), ErrorKind::Conflict),
        (Answer::json("429 Too Many Requests", json), ErrorKind::RateLimited),
        (Answer::json("418 I'm a teapot", json), ErrorKind::Refused),
        (Answer::json("500 Internal Server Error", ""), ErrorKind::Server),
    ] {
        let status = answer.status;
        run(async {
            let server = Server::start(answer).await.unwrap();
            let error = server.client().unwrap().raw("GET", "/x/").send().await.unwrap_err();
            assert_eq!(error.kind(), kind, "{status}");
            assert_eq!(error.status().map(|code| code.to_string()), status.split(' ').next().map(str::to_owned));
            if error.is_auth() {
                assert!(error.to_string().contains("docs/getting-a-token.md"), "{error}");
            }
        });
    }
}

#[test]
fn retry_after_is_told() {
    let mut answer = Answer::json("429 Too Many Requests", "");
    answer.headers.push("retry-after: 7".to_owned());
    answer.headers.push("x-request-id: abc-1".to_owned());
    run(async {
        let server = Server::start(answer).await.unwrap();
        let error = server.client().unwrap().raw("GET", "/x/").send().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
        assert!(error.is_retryable() && error.elapsed().is_some());
    });
}

#[test]
fn a_redirect_is_not_followed_and_the_token_goes_nowhere_else() {
    run(async {
        let other = Server::start(Answer::json("200 OK", "{}")).await.unwrap();
        for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
            let mut answer = Answer::json(status, "");
            answer.headers.push(format!("location: {}/x/", other.base_url()));
            let server = Server::start(answer).await.unwrap();
            let client = server.client().unwrap();
            for method in ["GET", "POST", "DELETE"] {
                let error = client.raw(method, "/x/").send().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Redirect, "{method} {status}");
            }
        }
        assert_eq!(other.requests(), vec![]);
    });
}

#[test]
fn a_broken_connection_says_whether_something_may_have_happened() {
    run(async {
        let mut answer = Answer::json("200 OK", r#"{"result":[1,2,3,4,5,6,7,8,9]}"#);
        answer.cut_after = Some(70);
        let server = Server::start(answer).await.unwrap();
        let client = server.client().unwrap();
        let read = client.raw("GET", "/x/").send().await.unwrap_err();
        assert_eq!((read.kind(), read.is_retryable()), (ErrorKind::NoAnswer, true));
        let write = client.raw("POST", "/x/").json(&serde_json::json!({})).send().await.unwrap_err();
        assert_eq!((write.kind(), write.is_retryable()), (ErrorKind::OutcomeUnknown, false));
        let address = server.base_url().to_owned();
        drop(server);
        let nobody = Client::builder().token(TOKEN).base_url(address).retries(0).build().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let error = nobody.raw("POST", "/x/").send().await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::NotSent, true), "{error}");
    });
}

#[test]
fn an_answer_beyond_the_bound_is_not_read() {
    run(async {
        let body = format!(r#"{{"result":"{}"}}"#, "x".repeat(5000));
        let server = Server::start(Answer::json("200 OK", &body)).await.unwrap();
        let client = Client::builder().token(TOKEN).base_url(server.base_url()).max_body(1000).build().unwrap();
        assert_eq!(client.raw("GET", "/x/").send().await.unwrap_err().kind(), ErrorKind::TooLarge);
    });
}

#[test]
fn unknown_members_and_null_lists_are_taken() {
    let body = r#"{"result":null,"message":"hola","new":{"member":1}}"#;
    let mut lists = 0;
    each(Answer::json("200 OK", body), |case, _, outcome| {
        if case.result_list {
            assert!(outcome.is_ok(), "{}: {outcome:?}", case.id);
            lists += 1;
        }
    });
    enough(lists);
}

#[test]
fn another_shape_names_the_place_and_shows_no_value() {
    let mut lists = 0;
    each(Answer::json("200 OK", r#"{"result":[{"a":1},"hunter2-secret"]}"#), |case, _, outcome| {
        if case.result_list {
            let error = error_of(outcome);
            assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)), "{}", case.id);
            assert!(error.json_path().is_some_and(|path| path.starts_with("result")), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
            lists += 1;
        }
    });
    enough(lists);
}

/// Of our reconstruction it is known how many lists there are at least; of another document nothing is.
fn enough(lists: usize) {
    let least = if swpanel::DOCUMENT.kind == swpanel::DocumentKind::Reconstruction { 20 } else { 0 };
    assert!(lists >= least, "only {lists} lists were looked at");
}

#[test]
fn raw_calls_are_judged_like_generated_ones() {
    run(async {
        let server = Server::start(Answer::json("200 OK", NO_RESULTS)).await.unwrap();
        let client = server.client().unwrap();
        for case in CASES {
            let operation = Operation::find(case.method, case.path).unwrap();
            let path: Vec<&str> =
                case.path.split('/').map(|part| if part.starts_with('{') { "a-value" } else { part }).collect();
            let outcome = client.raw(case.method, &path.join("/")).send().await;
            if case.method == "HEAD" {
                continue;
            }
            assert_eq!(outcome.is_ok(), operation.collection, "{}", case.id);
            if let Err(error) = outcome {
                assert_eq!(error.operation(), Some(operation), "a literal wins over a parameter");
                assert!(error.is_not_found());
            }
        }
    });
}

#[test]
fn a_raw_call_sends_any_body_as_it_is() {
    run(async {
        let server = Server::start(Answer::json("200 OK", "{}")).await.unwrap();
        let client = server.client().unwrap();
        client.raw("POST", "/x/").body("text/plain", "a=b\n\u{f1}").send().await.unwrap();
        client.raw("POST", "/x/").body("text/plain", "a").json(&serde_json::json!([1])).send().await.unwrap();
        client.raw("POST", "/x/").body("no\nmedia type", "a").send().await.unwrap_err();
        let requests = server.requests();
        let sent: Vec<_> = requests
            .iter()
            .map(|request| {
                let media = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                (media.map(|(_, value)| value.as_str()), request.body.as_slice())
            })
            .collect();
        let expected = [(Some("text/plain"), "a=b\n\u{f1}".as_bytes()), (Some("application/json"), &b"[1]"[..])];
        assert_eq!(sent, expected);
    });
}

#[test]
fn what_is_sent_and_what_is_answered_shows_no_secret() {
    let body = r#"{"login":"ana","password":"marker-1","list":[{"api_key":"marker-2"}]}"#;
    run(async {
        let server = Server::start(Answer::json("200 OK", body)).await.unwrap();
        let client = server.client().unwrap();
        let call =
            client.raw("POST", "/x/").query("token", "marker-3").json(&serde_json::json!({"password": "marker-4"}));
        let before = format!("{call:?}");
        let answer = call.send().await.unwrap();
        let shown = format!("{before} {answer:?} {answer:#?}");
        assert!(!shown.contains("marker-") && shown.contains("ana"), "{shown}");
        assert_eq!(answer["password"], "marker-1", "it is there for who asks for it");
    });
}

#[test]
fn the_token_shows_nowhere() {
    for answer in [
        Answer::json("401 Unauthorized", "{}"),
        Answer::new("502 Bad Gateway", "text/html", "<p>"),
        Answer::json("200 OK", NO_RESULTS),
    ] {
        run(async {
            let server = Server::start(answer).await.unwrap();
            let client = server.client().unwrap();
            let error = client.raw("GET", "/x/{service}").send().await.unwrap_err();
            let shown = format!("{error} {error:?} {:?} {client:?}", std::error::Error::source(&error));
            assert!(!shown.contains(TOKEN), "{shown}");
            let sent = server.requests();
            assert!(
                sent.iter()
                    .all(|request| request.headers.contains(&("authorization".to_owned(), format!("Bearer {TOKEN}"))))
            );
        });
    }
}

#[test]
fn what_cannot_be_sent_is_refused_before_anything_is() {
    run(async {
        let server = Server::start(Answer::json("200 OK", "{}")).await.unwrap();
        let client = server.client().unwrap();
        for path in ["services/", "/a/../b/", "/a/.\t./b/", "/a b/", "/a/%2E%2e/b/", "/a?b=1", "/a#b", "/a\\..\\b"] {
            assert_eq!(client.raw("GET", path).send().await.unwrap_err().kind(), ErrorKind::InvalidArgument, "{path}");
        }
        assert_eq!(client.raw("NO SPACE", "/a/").send().await.unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert_eq!(server.requests(), vec![]);
    });
}
