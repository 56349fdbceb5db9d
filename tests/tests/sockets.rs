//! What connections can do to a call: slow, broken off, reset, packed, endless, spoilt; and that they are kept and
//! given back. The server speaks in bytes, so that nothing is tidied up on the way.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod taking_effect;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use swpanel::{Client, ClientBuilder, Error, ErrorKind, Json, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// One step of what the server does with a connection.
#[derive(Clone)]
enum Step {
    /// Reads a request.
    Read,
    /// Writes bytes.
    Write(Vec<u8>),
    /// Writes bytes one by one, with a wait before each.
    Drip(Vec<u8>, Duration),
    /// Does nothing for a while.
    Wait(Duration),
    /// Says that nothing more comes, and goes on reading.
    Finish,
    /// Breaks off with a reset.
    Reset,
}

struct Server {
    address: String,
    connections: Arc<AtomicUsize>,
    /// The most that were open at once.
    most: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Does the steps with every connection, again and again until it is closed.
    async fn start(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}/v2026", listener.local_addr().unwrap());
        let (connections, requests, most): (Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let (seen, counted, highest) = (Arc::clone(&connections), Arc::clone(&requests), Arc::clone(&most));
        let open = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.fetch_add(1, Ordering::SeqCst);
                highest.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let (playing, open) = (play(stream, steps.clone(), Arc::clone(&counted)), Arc::clone(&open));
                tokio::spawn(async move {
                    playing.await;
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, connections, most, requests, task }
    }

    fn setup(&self) -> ClientBuilder {
        Client::builder().token("t").base_url(&self.address).retries(0).timeout(Duration::from_millis(400))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn play(mut stream: TcpStream, steps: Vec<Step>, requests: Arc<AtomicUsize>) {
    let mut buffer = [0; 65536];
    loop {
        for step in &steps {
            let went = match step {
                Step::Read => match stream.read(&mut buffer).await {
                    Ok(1..) => {
                        requests.fetch_add(1, Ordering::SeqCst);
                        Ok(())
                    }
                    _ => return,
                },
                Step::Write(bytes) => stream.write_all(bytes).await,
                Step::Drip(bytes, wait) => {
                    let mut went = Ok(());
                    for byte in bytes {
                        tokio::time::sleep(*wait).await;
                        went = went.and(stream.write_all(&[*byte]).await);
                    }
                    went
                }
                Step::Wait(wait) => {
                    tokio::time::sleep(*wait).await;
                    Ok(())
                }
                Step::Finish => stream.shutdown().await,
                Step::Reset => {
                    let _ = stream.set_zero_linger();
                    return;
                }
            };
            if went.is_err() {
                return;
            }
        }
    }
}

fn head(more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{more}\r\n").into_bytes()
}

fn whole(body: &[u8], more: &str) -> Vec<u8> {
    let mut bytes = head(&format!("content-length: {}\r\n{more}", body.len()));
    bytes.extend_from_slice(body);
    bytes
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

async fn call(client: &Client, method: &str) -> Result<Response<Json>, Error> {
    let call = client.raw(method, "/somewhere/else/");
    if method == "GET" { call.send().await } else { call.json(&serde_json::json!({"a": 1})).send().await }
}

const OK: &[u8] = br#"{"result":[{"id":"XX012"}]}"#;

/// How a read and a write end, and that nothing is taken longer than a second over.
fn ends(what: &str, steps: Vec<Step>, read: ErrorKind, write: ErrorKind) {
    run(async {
        let server = Server::start(steps).await;
        let client = server.setup().max_body(1 << 20).build().unwrap();
        for (method, kind) in [("GET", read), ("POST", write)] {
            let started = Instant::now();
            let error = call(&client, method).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{what} {method}: {error:?}");
            assert_eq!(error.attempts(), 1, "{what}");
            assert!(started.elapsed() < Duration::from_secs(1), "{what} {method}: {:?}", started.elapsed());
        }
    });
}

#[test]
fn whatever_breaks_after_sending_leaves_a_writes_outcome_unknown() {
    use ErrorKind::{NoAnswer, OutcomeUnknown};
    use Step::{Drip, Finish, Read, Reset, Wait, Write};
    let half = || whole(OK, "")[..70].to_vec();
    let chunk = b"5\r\n{\"res\r\n".to_vec();
    let chunked = || head("transfer-encoding: chunked\r\n");
    let long = Duration::from_secs(3);
    for (what, steps) in [
        ("slow headers", vec![Read, Wait(long)]),
        ("headers drip", vec![Read, Drip(whole(OK, ""), Duration::from_millis(100))]),
        ("slow body", vec![Read, Write(half()), Wait(long)]),
        (
            "body drips",
            vec![Read, Write(head("content-length: 27\r\n")), Drip(OK.to_vec(), Duration::from_millis(100))],
        ),
        ("half closed", vec![Read, Write(half()), Finish, Wait(long)]),
        ("half closed at once", vec![Read, Finish, Wait(long)]),
        ("reset after the request", vec![Read, Reset]),
        ("reset within the answer", vec![Read, Write(half()), Wait(Duration::from_millis(20)), Reset]),
        ("chunks break off", vec![Read, Write([chunked(), chunk.clone()].concat()), Reset]),
        ("chunks end without an end", vec![Read, Write([chunked(), chunk].concat()), Finish, Wait(long)]),
        ("no HTTP", vec![Read, Write(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), Finish, Wait(long)]),
        ("packed, broken off", vec![Read, Write(whole(&packed(&[b' '; 9000])[..20], "content-encoding: gzip\r\n"))]),
        ("not packed at all", vec![Read, Write(whole(OK, "content-encoding: gzip\r\n"))]),
    ] {
        ends(what, steps, NoAnswer, OutcomeUnknown);
    }
}

#[test]
fn a_reset_before_the_request_is_read_is_told_as_what_is_known() {
    run(async {
        let server = Server::start(vec![Step::Reset]).await;
        let client = server.setup().build().unwrap();
        for (method, unknown) in [("GET", ErrorKind::NoAnswer), ("POST", ErrorKind::OutcomeUnknown)] {
            let error = call(&client, method).await.unwrap_err();
            // The reset may be there before the request leaves, or after.
            assert!([unknown, ErrorKind::NotSent].contains(&error.kind()), "{method}: {error:?}");
        }
        assert_eq!(server.requests.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn answers_come_packed_in_chunks_and_with_a_mark_before_them() {
    let chunks = |body: &[u8]| {
        let (one, other) = body.split_at(body.len() / 2);
        let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        [head("transfer-encoding: chunked\r\n"), chunk(one), chunk(other), b"0\r\n\r\n".to_vec()].concat()
    };
    let marked = [&b"\xef\xbb\xbf"[..], OK].concat();
    for (what, bytes) in [
        ("plain", whole(OK, "")),
        ("gzip", whole(&packed(OK), "content-encoding: gzip\r\n")),
        ("chunks", chunks(OK)),
        ("byte order mark", whole(&marked, "")),
        ("accents", whole(r#"{"result":[{"id":"XX012"}],"message":"se creó"}"#.as_bytes(), "")),
        ("another media type", whole(OK, "x-other: text/plain\r\n")),
    ] {
        run(async {
            let server = Server::start(vec![Step::Read, Step::Write(bytes)]).await;
            let client = server.setup().build().unwrap();
            for method in ["GET", "POST"] {
                let answer = call(&client, method).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
                assert_eq!(answer["result"][0]["id"], "XX012", "{what}");
            }
        });
    }
}

#[test]
fn other_encodings_than_utf8_are_told() {
    let utf16: Vec<u8> = "{\"result\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (what, body) in [("latin 1", b"{\"message\":\"se cre\xf3\"}".to_vec()), ("utf-16", utf16)] {
        run(async {
            let server = Server::start(vec![Step::Read, Step::Write(whole(&body, ""))]).await;
            let client = server.setup().build().unwrap();
            let error = call(&client, "GET").await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::NotJson, Some(200)), "{what}: {error:?}");
        });
    }
}

#[test]
fn an_endless_answer_is_left_where_the_bound_is() {
    let many = vec![b' '; 64 << 20];
    let claim = head("content-length: 100000000000\r\n");
    let chunk = [&b"100000\r\n"[..], &vec![b' '; 1 << 20], b"\r\n"].concat();
    for (what, steps) in [
        ("gzip of 64 MiB", vec![Step::Read, Step::Write(whole(&packed(&many), "content-encoding: gzip\r\n"))]),
        (
            "100 GB by its own claim",
            vec![Step::Read, Step::Write([claim, vec![b' '; 3 << 20]].concat()), Step::Wait(Duration::from_secs(9))],
        ),
        ("chunk after chunk", {
            let chunks = std::iter::repeat_n(Step::Write(chunk), 50);
            [Step::Read, Step::Write(head("transfer-encoding: chunked\r\n"))].into_iter().chain(chunks).collect()
        }),
    ] {
        run(async {
            let server = Server::start(steps).await;
            let client = server.setup().timeout(Duration::from_secs(5)).max_body(1 << 20).build().unwrap();
            let error = call(&client, "POST").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{what}: {error:?}");
        });
    }
}

#[test]
fn connections_are_used_again_also_after_refusals() {
    run(async {
        let refused = b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}".to_vec();
        let steps = vec![Step::Read, Step::Write(whole(OK, "")), Step::Read, Step::Write(refused)];
        let server = Server::start(steps).await;
        let client = server.setup().build().unwrap();
        for turn in 0..50 {
            // Clones share connections.
            assert_eq!(call(&client.clone(), "GET").await.is_ok(), turn % 2 == 0);
        }
        assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn two_thousand_calls_stay_within_the_bound_and_all_come_back() {
    run(async {
        let server =
            Server::start(vec![Step::Read, Step::Wait(Duration::from_millis(2)), Step::Write(whole(OK, ""))]).await;
        let client = server.setup().timeout(Duration::from_secs(20)).calls_at_once(16).build().unwrap();
        let calls: Vec<_> = (0..2000)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { call(&client, "GET").await.map(|answer| answer.status()) })
            })
            .collect();
        // Every other one is given up on, waiting or under way.
        tokio::time::sleep(Duration::from_millis(30)).await;
        for call in calls.iter().skip(1).step_by(2) {
            call.abort();
        }
        let mut done = 0;
        for call in calls {
            match call.await {
                Ok(answer) => {
                    assert_eq!(answer.unwrap(), 200);
                    done += 1;
                }
                Err(error) => assert!(error.is_cancelled()),
            }
        }
        assert!((1000..2000).contains(&done), "{done}");
        // A call that is given up closes its connection, which the server hears of a little later.
        assert!(server.most.load(Ordering::SeqCst) <= 32, "{:?} of {:?}", server.most, server.connections);
        // Nothing that was given up holds a place: sixteen at once take as long as one.
        let slow =
            Server::start(vec![Step::Read, Step::Wait(Duration::from_millis(300)), Step::Write(whole(OK, ""))]).await;
        let client = slow.setup().timeout(Duration::from_secs(5)).calls_at_once(16).build().unwrap();
        let start = || {
            let client = client.clone();
            tokio::spawn(async move { call(&client, "GET").await.is_ok() })
        };
        let given_up: Vec<_> = (0..40).map(|_| start()).collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        given_up.iter().for_each(tokio::task::JoinHandle::abort);
        tokio::time::sleep(Duration::from_millis(10)).await;
        let started = Instant::now();
        for one in (0..16).map(|_| start()).collect::<Vec<_>>() {
            assert!(one.await.unwrap());
        }
        assert!(started.elapsed() < Duration::from_millis(590), "{:?}", started.elapsed());
    });
}
