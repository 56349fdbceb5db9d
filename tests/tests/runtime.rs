//! The runtime over real sockets: what is sent again and when, the pace, the deadline, tokens that change, limits
//! that a team sets. Counts and times are those that the server saw.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use swpanel::{
    Client, Effect, Error, ErrorKind, Guardrails, Json, Operation, Profiles, Response, Secret, TokenFuture,
    TokenProvider,
};
use swpanel_tests::server::{Answer, Server};

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn ok() -> Answer {
    Answer::json("200 OK", "{\"result\":[]}")
}

fn busy(seconds: &str) -> Answer {
    Answer::json("429 Too Many Requests", "{}").header(&format!("retry-after: {seconds}"))
}

/// An operation of the document by what it does. A document may have none: then `build.rs` does not set
/// `usual_operations`, and the test is ignored.
fn which(what: &str, fits: impl Fn(&Operation) -> bool) -> &'static Operation {
    let found = swpanel::operations::ALL.iter().copied().find(|operation| fits(operation));
    found.unwrap_or_else(|| panic!("the document has no operation that is {what}"))
}

fn create() -> &'static Operation {
    which("a creation", |operation| {
        operation.effect == Effect::Create && operation.method == "POST" && !operation.billable
    })
}

fn create_below_a_service() -> &'static Operation {
    which("a creation below a service", |operation| {
        operation.effect == Effect::Create && operation.path.contains("{service}") && !operation.billable
    })
}

fn billable() -> &'static Operation {
    which("billable", |operation| operation.billable)
}

fn path(operation: &Operation) -> String {
    let parts = operation.path.split('/').map(|part| if part.starts_with('{') { "XX012" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn send(client: &Client, operation: &Operation) -> Result<Response<Json>, Error> {
    client.raw(operation.method, &path(operation)).send().await
}

fn read() -> &'static Operation {
    which("a read", |operation| operation.reads() && operation.method == "GET")
}

/// How often the server was asked, and how it ended.
fn asked(operation: &'static Operation, script: Vec<Answer>, retries: usize) -> (usize, Result<u16, Error>) {
    run(async {
        let server = Server::scripted(script).await.unwrap();
        let client = server.setup().retries(retries).build().unwrap();
        let outcome = send(&client, operation).await.map(|response| response.status());
        (server.requests().len(), outcome)
    })
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn only_what_is_harmless_is_sent_again() {
    let put = which("an update", |operation| operation.effect == Effect::Update && operation.method == "PUT");
    let delete = which("a removal", |operation| operation.effect == Effect::Delete && operation.method == "DELETE");
    let unavailable = || Answer::json("503 Service Unavailable", "{}");
    let page = || Answer::new("502 Bad Gateway", "text/html", "<html>marker</html>");
    let half = || Answer { cut_after: Some(60), ..ok() };
    // Each failure, and whether read, idempotent change, creation and spending are sent again after it.
    let cases: [(&str, Answer, [bool; 4]); 7] = [
        ("429", busy("0"), [true, true, true, true]),
        ("503", unavailable(), [true, true, false, false]),
        ("502 page", page(), [true, true, false, false]),
        ("closed", Answer::closed(), [true, true, false, false]),
        ("half", half(), [true, true, false, false]),
        ("400", Answer::json("400 Bad Request", "{}"), [false; 4]),
        ("error in 200", Answer::json("200 OK", "{\"Error code\":\"#X\",\"Error message\":\"no\"}"), [false; 4]),
    ];
    for (name, failure, again) in cases {
        for (operations, again) in [
            (vec![read()], again[0]),
            (vec![put, delete], again[1]),
            (vec![create()], again[2]),
            (vec![billable()], again[3]),
        ] {
            for operation in operations {
                let (count, outcome) = asked(operation, vec![failure.clone(), ok()], 1);
                assert_eq!(
                    (count, outcome.is_ok()),
                    if again { (2, true) } else { (1, false) },
                    "{name} {operation}: {outcome:?}"
                );
                if let Err(error) = outcome {
                    assert_eq!(error.attempts(), 1, "{error:?}");
                }
            }
        }
    }
}

/// What the page says of a GET whose words name no action, and of everything else.
fn row(page: &str, label: &str) -> [bool; 2] {
    let line = page.lines().find(|line| line.starts_with(&format!("| {label} |")));
    let line = line.unwrap_or_else(|| panic!("docs/unclassified.md has no row `{label}`"));
    let cells: Vec<&str> = line.split('|').map(str::trim).skip(2).collect();
    [cells[0], cells[1]].map(|cell| match cell {
        "yes" => true,
        "no" => false,
        other => panic!("{label}: {other}"),
    })
}

/// Calls that the document does not have: one that is taken for a read, and others.
const UNLISTED: [(&str, &str, usize); 6] = [
    ("GET", "/nowhere/list/", 0),
    ("GET", "/nowhere/7/reboot", 1),
    ("GET", "/nowhere/7/renovarDominio", 1),
    ("GET", "/nowhere/7/power-off", 1),
    ("POST", "/nowhere/list/", 1),
    ("DELETE", "/nowhere/7", 1),
];

#[test]
fn the_page_on_unclassified_operations_is_true_of_raw_calls() {
    let page = swpanel_tests::files::text("docs/unclassified.md").unwrap();
    let rails = [
        ("the guardrail `read_only` lets it through", Guardrails::new().read_only(true)),
        ("the guardrail `no_billable` lets it through", Guardrails::new().no_billable(true)),
        ("the guardrail `no_destructive` lets it through", Guardrails::new().no_destructive(true)),
    ];
    let again = [
        ("it is sent again after HTTP 429, or where it was provably not sent", busy("0")),
        (
            "it is sent again after HTTP 503, or where the connection broke",
            Answer::json("503 Service Unavailable", "{}"),
        ),
        ("it is sent again after HTTP 503, or where the connection broke", Answer::closed()),
    ];
    run(async {
        for (method, path, column) in UNLISTED {
            assert!(Operation::serving(method, path).is_none(), "{method} {path}");
            for (label, rails) in &rails {
                let server = Server::start(ok()).await.unwrap();
                let client = server.setup().guardrails(rails.clone()).build().unwrap();
                let outcome = client.raw(method, path).send().await;
                assert_eq!(outcome.is_ok(), row(&page, label)[column], "{label}: {method} {path}: {outcome:?}");
                assert_eq!(server.requests().len(), usize::from(outcome.is_ok()), "{label}: {method} {path}");
            }
            for (label, failure) in &again {
                let server = Server::scripted(vec![failure.clone(), ok()]).await.unwrap();
                let client = server.setup().retries(1).build().unwrap();
                let outcome = client.raw(method, path).send().await;
                let sent = server.requests().len();
                assert_eq!(sent == 2, row(&page, label)[column], "{label}: {method} {path}: {outcome:?}");
            }
        }
    });
}

#[test]
fn the_page_on_unclassified_operations_is_true_of_the_probe() {
    use swpanel_build_tools::document::{RawDocument, convert};
    use swpanel_build_tools::probe::Reads;

    let page = swpanel_tests::files::text("docs/unclassified.md").unwrap();
    let [reads, others] = row(&page, "`cargo xtask probe` sends it");
    for (method, path, column) in UNLISTED {
        let method = method.to_lowercase();
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{'{path}': {{{method}: {{responses: {{'200': {{description: ok}}}}}}}}}}\n"
        );
        let (document, _) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
        let sent = !Reads::of(&document).operations.is_empty();
        assert_eq!(sent, [reads, others][column], "{method} {path}");
    }
}

#[test]
fn attempts_end_and_the_error_counts_them() {
    let (count, outcome) = asked(read(), vec![Answer::json("503 Service Unavailable", "{}")], 2);
    let error = outcome.unwrap_err();
    assert_eq!((count, error.attempts(), error.kind()), (3, 3, ErrorKind::Server));
    assert!(error.to_string().contains("after 3 attempts"), "{error}");
    assert!(error.elapsed().is_some());
}

#[test]
fn the_servers_wait_is_kept_in_both_forms() {
    let date = "date: Tue, 24 Nov 2026 10:00:00 GMT";
    for answer in [busy("1"), busy("Tue, 24 Nov 2026 10:00:01 GMT").header(date)] {
        run(async {
            let server = Server::scripted(vec![answer, ok()]).await.unwrap();
            let client = server.setup().retries(1).build().unwrap();
            send(&client, read()).await.unwrap();
            let arrivals = server.arrivals();
            let wait = arrivals[1].duration_since(arrivals[0]);
            assert!(wait >= Duration::from_secs(1) && wait < Duration::from_secs(5), "{wait:?}");
        });
    }
}

#[test]
fn a_wait_beyond_the_deadline_is_not_begun() {
    run(async {
        let server = Server::scripted(vec![busy("600")]).await.unwrap();
        let client = server.setup().retries(3).deadline(Duration::from_secs(5)).build().unwrap();
        let started = Instant::now();
        let error = send(&client, read()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 1));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(600)));
        assert!(started.elapsed() < Duration::from_secs(3));
        // Others with the same token rest as well, and are told so at once, since their deadline is sooner.
        let error = send(&client, read()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), server.requests().len()), (ErrorKind::RateLimited, 0, 1));
        assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(500)), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(3));
    });
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn the_deadline_says_whether_something_may_have_happened() {
    for (operation, kind) in [(read(), ErrorKind::Deadline), (create(), ErrorKind::OutcomeUnknown)] {
        run(async {
            let server = Server::scripted(vec![ok().after(Duration::from_secs(20))]).await.unwrap();
            let client = server.setup().retries(3).deadline(Duration::from_millis(200)).build().unwrap();
            let error = send(&client, operation).await.unwrap_err();
            assert_eq!((error.kind(), server.requests().len()), (kind, 1), "{error:?}");
        });
    }
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn what_is_provably_not_sent_is_tried_again_for_all() {
    let billable = billable();
    run(async {
        // A port that was free a moment ago.
        let address = {
            let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
            format!("http://{}/v2026", listener.local_addr().unwrap())
        };
        let client = Client::builder().token("t").base_url(address).retries(2).build().unwrap();
        let error = send(&client, billable).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotSent, 3));
        assert!(error.is_retryable());
    });
}

/// Hands out `one`, then `two`, and counts.
#[derive(Clone, Default)]
struct Rotating(Arc<AtomicUsize>);

impl TokenProvider for Rotating {
    fn token(&self, renew: bool) -> TokenFuture<'_> {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        assert_eq!(renew, count > 0);
        Box::pin(async move { Ok(Secret::from(if count == 0 { "marker-one" } else { "marker-two" })) })
    }
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn a_token_that_is_refused_is_asked_for_once_more() {
    let billable = billable();
    let unauthorized = || Answer::new("401 Unauthorized", "text/plain", "Unauthorized");
    let sent = |server: &Server| {
        let requests = server.requests();
        let value = |request: &swpanel_tests::server::Recorded| {
            request.headers.iter().find(|(name, _)| name == "authorization").unwrap().1.clone()
        };
        requests.iter().map(value).collect::<Vec<_>>()
    };
    run(async {
        let server = Server::scripted(vec![unauthorized(), ok()]).await.unwrap();
        let provider = Rotating::default();
        let builder = Client::builder().base_url(server.base_url()).token_provider(provider.clone());
        let client = builder.build().unwrap();
        // It was turned away, so even what spends money may be sent with the other token.
        send(&client, billable).await.unwrap();
        send(&client.clone(), read()).await.unwrap();
        assert_eq!(sent(&server), ["Bearer marker-one", "Bearer marker-two", "Bearer marker-two"]);
        assert_eq!(provider.0.load(Ordering::SeqCst), 2);
    });
    run(async {
        // The same token again is no other: asked once, and that is the end.
        let server = Server::scripted(vec![unauthorized()]).await.unwrap();
        let client = Client::builder().base_url(server.base_url()).token_provider(Rotating::default()).build().unwrap();
        let error = send(&client, read()).await.unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Unauthorized, 2));
        let error = send(&client, read()).await.unwrap_err();
        assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Unauthorized, 3));
    });
}

/// Has one token alone.
struct Locked;

impl TokenProvider for Locked {
    fn token(&self, renew: bool) -> TokenFuture<'_> {
        Box::pin(async move {
            if renew { Err(Error::no_token("the vault is locked")) } else { Ok(Secret::from("marker-one")) }
        })
    }
}

#[test]
fn that_there_is_no_other_token_does_not_hide_what_the_api_said() {
    run(async {
        let echo = Answer::new("401 Unauthorized", "text/plain", "Unauthorized: %TOKEN%").header("x-request-id: a1");
        let server = Server::start(echo).await.unwrap();
        let client = Client::builder().base_url(server.base_url()).token_provider(Locked).build().unwrap();
        // Several at once: none shows the token, whoever of them asks the vault.
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { send(&client, read()).await.unwrap_err() })
            })
            .collect();
        for call in calls {
            let error = call.await.unwrap();
            assert_eq!(
                (error.kind(), error.status(), error.request_id()),
                (ErrorKind::Unauthorized, Some(401), Some("a1"))
            );
            assert!(!format!("{error:?} {:?}", error.excerpt()).contains("marker"), "{error:?}");
            assert!(error.excerpt().is_some_and(|words| words.contains("[redacted]")), "{error:?}");
        }
    });
}

#[test]
fn no_wait_that_a_server_asks_for_is_beyond_the_clock() {
    let longest = u64::MAX.to_string();
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let answer = Answer::json(status, "{}").header(&format!("retry-after: {longest}"));
        let (count, outcome) = asked(read(), vec![answer], 2);
        assert_eq!((count, outcome.unwrap_err().retry_after()), (1, Some(Duration::from_secs(u64::MAX))));
    }
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn guardrails_refuse_before_anything_is_sent() {
    let (create, billable) = (create_below_a_service(), billable());
    let of_service = which("a read of a service", |operation| {
        operation.effect == Effect::Read && operation.path.starts_with("/services/{service}")
    });
    let none = Guardrails::default;
    let cases = [
        (none().read_only(true), vec![create, billable], vec![read(), of_service]),
        (none().no_billable(true), vec![billable], vec![create, read()]),
        (none().groups([create.tag]), vec![billable], vec![create]),
        (none().services(["XX012"]), vec![billable], vec![create, of_service]),
        (none().services(["XX013"]), vec![create, of_service], vec![]),
    ];
    for (rails, refused, allowed) in cases {
        run(async {
            let server = Server::start(ok()).await.unwrap();
            let client = server.setup().guardrails(rails.clone()).build().unwrap();
            for operation in &refused {
                let error = send(&client, operation).await.unwrap_err();
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Guardrail, 0), "{rails:?} {operation}");
            }
            assert!(server.requests().is_empty(), "{rails:?}");
            for operation in &allowed {
                send(&client, operation).await.unwrap_or_else(|error| panic!("{rails:?} {operation}: {error}"));
            }
        });
    }
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn a_profile_brings_token_address_and_limits() {
    run(async {
        let server = Server::start(ok()).await.unwrap();
        let text = format!(
            "[profiles.reports]\ntoken_command = [\"printf\", \"from-command\"]\nbase_url = \"{}\"\nread_only = true\n",
            server.base_url()
        );
        let profiles = Profiles::parse(&text).unwrap();
        let client = Client::builder().profile(profiles.get(None).unwrap()).build().unwrap();
        if cfg!(unix) {
            send(&client, read()).await.unwrap();
            let requests = server.requests();
            assert!(requests[0].headers.contains(&("authorization".to_owned(), "Bearer from-command".to_owned())));
        }
        let create = create();
        assert_eq!(send(&client, create).await.unwrap_err().kind(), ErrorKind::Guardrail);
    });
}

#[test]
fn the_pace_is_shared_and_kept() {
    run(async {
        let server = Server::start(ok()).await.unwrap();
        let build = || server.setup().calls_per_second(NonZeroU32::new(20).unwrap()).build().unwrap();
        // Two clients with one token are one to the server.
        let (one, other) = (build(), build());
        let started = Instant::now();
        for _ in 0..5 {
            send(&one, read()).await.unwrap();
            send(&other, read()).await.unwrap();
        }
        assert!(started.elapsed() >= Duration::from_millis(440), "{:?}", started.elapsed());
    });
}

#[test]
fn no_more_calls_are_under_way_than_allowed_and_giving_up_leaks_none() {
    run(async {
        let server = Server::start(ok().after(Duration::from_millis(100))).await.unwrap();
        let client = server.setup().calls_at_once(4).build().unwrap();
        // Given up on while waiting and while under way.
        for patience in [1, 20] {
            let many = (0..20).map(|_| tokio::time::timeout(Duration::from_millis(patience), send(&client, read())));
            let given_up: Vec<_> = many.collect();
            for one in given_up {
                assert!(one.await.is_err());
            }
        }
        let before = server.requests().len();
        let started = Instant::now();
        let tasks: Vec<_> = (0..12)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { send(&client, read()).await.map(|response| response.status()) })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap(), 200);
        }
        // Twelve calls of 100 ms, four at a time.
        assert!(started.elapsed() >= Duration::from_millis(295), "{:?}", started.elapsed());
        assert_eq!(server.requests().len() - before, 12);
    });
}

#[test]
fn futures_can_cross_threads() {
    fn check<T: Send>(_: T) {}
    let client = Client::builder().token("t").build().unwrap();
    check(client.raw("GET", "/services/").send());
}

#[test]
#[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
fn what_an_earlier_attempt_may_have_done_is_not_forgotten() {
    let put = which("an update", |operation| operation.effect == Effect::Update && operation.method == "PUT");
    run(async {
        // The first may have taken effect; the second was turned away, and the third would be after the deadline.
        let server = Server::scripted(vec![Answer::closed(), busy("600")]).await.unwrap();
        let client = server.setup().retries(3).deadline(Duration::from_secs(5)).build().unwrap();
        let error = send(&client, put).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::OutcomeUnknown, 2), "{error}");
        assert!(error.to_string().contains("an earlier attempt may have taken effect"), "{error}");
    });
}

/// Runs only as a child of the test below: what the environment sets up makes one call.
#[test]
#[ignore = "a child process of another test"]
fn child_of_the_environment() {
    run(async {
        let sent = match Client::from_env() {
            Ok(client) => send(&client, read()).await.map(|response| response.status()),
            Err(error) => Err(error),
        };
        println!("outcome: {:?}", sent.map_err(|error| (error.kind(), error.to_string())));
    });
}

#[cfg(unix)]
#[test]
fn the_environment_sets_up_a_client_in_the_order_that_is_promised() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("swpanel/profiles.toml");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(Server::start(ok())).unwrap();
    let base = server.base_url().to_owned();
    let child = |variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child_of_the_environment", "--ignored", "--nocapture"]);
        for name in ["SWPANEL_TOKEN", "SWPANEL_PROFILE", "SWPANEL_BASE_URL"] {
            command.env_remove(name);
        }
        let output = command.env("XDG_CONFIG_HOME", folder.path()).envs(variables.iter().copied()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find_map(|line| line.split_once("outcome: ")).unwrap_or_else(|| panic!("{text}")).1.to_owned()
    };
    let last = || {
        let requests = server.requests();
        let found =
            requests.last().and_then(|request| request.headers.iter().find(|(name, _)| name == "authorization"));
        found.unwrap().1.clone()
    };
    assert!(child(&[("SWPANEL_BASE_URL", &base)]).contains("NoToken"));
    assert!(child(&[("SWPANEL_PROFILE", "a")]).contains("no file of profiles"));
    let text = format!(
        "default = \"a\"\n[profiles.a]\ntoken = \"of-a\"\nbase_url = \"{base}\"\n\
         [profiles.b]\ntoken = \"of-b\"\nbase_url = \"{base}\"\ngroups = [\"no such group\"]\n"
    );
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let wide = child(&[]);
    assert!(wide.contains("Configuration") && wide.contains("chmod 600") && !wide.contains("of-a"), "{wide}");
    assert!(server.requests().is_empty());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(child(&[]), "Ok(200)");
    assert_eq!(last(), "Bearer of-a");
    // The variable wins over the file; a profile that is named still says where and what.
    assert_eq!(child(&[("SWPANEL_TOKEN", "of-variable"), ("SWPANEL_BASE_URL", &base)]), "Ok(200)");
    assert_eq!(last(), "Bearer of-variable");
    assert_eq!(child(&[("SWPANEL_TOKEN", "of-variable"), ("SWPANEL_PROFILE", "a")]), "Ok(200)");
    assert_eq!(last(), "Bearer of-variable");
    let count = server.requests().len();
    assert!(child(&[("SWPANEL_TOKEN", "of-variable"), ("SWPANEL_PROFILE", "b")]).contains("Guardrail"));
    assert!(child(&[("SWPANEL_PROFILE", "c")]).contains("no profile `c`"));
    assert_eq!(server.requests().len(), count);
}

#[test]
fn of_token_and_provider_the_last_one_holds() {
    let profiles = Profiles::parse("[profiles.a]\ntoken = 'of-profile'").unwrap();
    let profile = profiles.get(None).unwrap();
    run(async {
        let server = Server::start(ok()).await.unwrap();
        let new = || Client::builder().base_url(server.base_url());
        for (builder, token) in [
            (new().profile(profile).token_provider(Rotating::default()), "marker-one"),
            (new().token_provider(Rotating::default()).profile(profile), "marker-one"),
            (new().token_provider(Rotating::default()).token("of-token"), "of-token"),
            (new().token("of-token").profile(profile), "of-token"),
            (new().profile(profile), "of-profile"),
        ] {
            send(&builder.build().unwrap(), read()).await.unwrap();
            let requests = server.requests();
            let sent = requests.last().unwrap().headers.iter().find(|(name, _)| name == "authorization").unwrap();
            assert_eq!(sent.1, format!("Bearer {token}"));
        }
    });
}
