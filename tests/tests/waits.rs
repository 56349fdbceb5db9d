//! Waiting: for something to come about, and for a call in a program without an async runtime.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::time::{Duration, Instant};

use swpanel::ErrorKind;
use swpanel_tests::server::{Answer, Server};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn status(text: &str) -> Answer {
    Answer::json("200 OK", &format!(r#"{{"status":"{text}"}}"#))
}

#[test]
fn a_waiter_reads_until_it_is_so_and_gets_over_what_passes() {
    runtime().block_on(async {
        let script = vec![
            status("starting"),
            Answer::json("503 Service Unavailable", "{}"),
            Answer::closed(),
            status("starting"),
            status("started"),
        ];
        let server = Server::scripted(script).await.unwrap();
        let client = server.client().unwrap();
        let waiter = client.waiter().first_pause(Duration::from_millis(20)).deadline(Duration::from_secs(5));
        let read = || client.raw("GET", "/x/").send();
        let answer = waiter.until(read, |answer| answer["status"] == "started").await.unwrap();
        assert_eq!((answer["status"].as_str(), server.requests().len()), (Some("started"), 5));
        let arrivals = server.arrivals();
        let pauses: Vec<_> = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(pauses[0] >= Duration::from_millis(20) && pauses[3] >= Duration::from_millis(60), "{pauses:?}");
    });
}

#[test]
fn a_waiter_ends_with_its_time_or_with_what_does_not_pass() {
    runtime().block_on(async {
        let server = Server::start(status("starting")).await.unwrap();
        let client = server.client().unwrap();
        let waiter = client.waiter().first_pause(Duration::from_millis(20)).deadline(Duration::from_millis(300));
        let started = Instant::now();
        let read = || client.raw("GET", "/x/").send();
        let error = waiter.until(read, |answer| answer["status"] == "started").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
        assert!(error.attempts() >= 3 && started.elapsed() < Duration::from_secs(1), "{error:?}");
        let gone = Server::start(Answer::json("404 Not Found", "{}")).await.unwrap();
        let client = gone.client().unwrap();
        let error = client.waiter().until(|| client.raw("GET", "/x/").send(), |_| false).await.unwrap_err();
        assert_eq!((error.is_not_found(), gone.requests().len()), (true, 1));
    });
}

#[test]
fn programs_without_a_runtime_wait_for_calls() {
    let runtime = runtime();
    let server = runtime.block_on(Server::start(status("started"))).unwrap();
    let client = server.client().unwrap();
    // From several threads at once, and again: connections outlive a call.
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || {
                for _ in 0..5 {
                    assert_eq!(client.raw("GET", "/x/").send_blocking().unwrap()["status"], "started");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(server.requests().len(), 20);
    // Also from within a runtime, where blocking is allowed, and beside calls that are awaited there.
    let answer = runtime.block_on(async {
        client.raw("GET", "/x/").send().await.unwrap();
        let client = client.clone();
        tokio::task::spawn_blocking(move || client.raw("GET", "/x/").send_blocking()).await.unwrap()
    });
    assert_eq!((answer.unwrap().status(), server.requests().len()), (200, 22));
    let waiter = client.waiter().first_pause(Duration::ZERO);
    let answer = waiter.until_blocking(|| client.raw("GET", "/x/").send(), |answer| answer["status"] == "started");
    assert!(answer.is_ok());
}

#[test]
fn what_was_recorded_is_given_again_without_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let tape = folder.path().join("tape");
    let body = serde_json::json!({"password": "marker-one", "name": "ana"});
    let said = |client: swpanel::Client| {
        let body = body.clone();
        async move {
            let mut said = Vec::new();
            for (method, path) in [
                ("GET", "/a/"),
                ("POST", "/a/"),
                ("GET", "/a/"),
                ("GET", "/nothing/"),
                ("GET", "/page/"),
                ("GET", "/half/"),
                ("GET", "/mark/"),
                ("GET", "/more/"),
            ] {
                let call = client.raw(method, path).query("page", "1");
                let call = if method == "POST" { call.json(&body) } else { call };
                said.push(match call.send().await {
                    Ok(answer) => format!("{} {}", answer.status(), *answer),
                    Err(error) => format!("{:?} {:?}", error.kind(), error.status()),
                });
            }
            said
        }
    };
    let runtime = runtime();
    let script = vec![
        status("one"),
        Answer::json("200 OK", r#"{"message":"made","token":"marker-two"}"#),
        status("two"),
        Answer::new("404 Not Found", "text/plain", "not here"),
        Answer::new("200 OK", "application/json", "<html>a page</html>"),
        Answer::json("200 OK", "{\"half\": \"marker-three"),
        Answer::json("200 OK", "\u{feff}{\"token\":\"marker-four\",\"key\":7}"),
        Answer::json("200 OK", "{\"token\":\"marker-five\u{f3}\"}"),
    ];
    let server = runtime.block_on(Server::scripted(script)).unwrap();
    let live = runtime.block_on(said(server.setup().record(&tape).build().unwrap()));
    let kept: Vec<_> = std::fs::read_dir(&tape).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(kept.len(), 8, "{kept:?}");
    let text: String = kept.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    assert!(!text.contains("marker") && text.contains("\"ana\""), "{text}");
    // A second recording does not mix with the first.
    assert_eq!(server.setup().record(&tape).build().unwrap_err().kind(), ErrorKind::Configuration);
    drop(server);
    let replay = || swpanel::Client::builder().replay(&tape).retries(0).build().unwrap();
    let again = runtime.block_on(said(replay()));
    assert_eq!(
        again,
        live.iter()
            .map(|said| said
                .replace("marker-two", "[redacted]")
                .replace("marker-four", "[redacted]")
                .replace("\"key\":7", "\"key\":0")
                .replace("marker-fiveó", "[redacted]"))
            .collect::<Vec<_>>()
    );
    // What was not recorded is not answered, and not sent either.
    let other = runtime.block_on(async { replay().raw("GET", "/b/").send().await.unwrap_err() });
    assert_eq!(other.kind(), ErrorKind::NotRecorded, "{other}");
    assert!(swpanel::Client::builder().replay(folder.path()).build().is_err(), "an empty folder is no recording");
}
