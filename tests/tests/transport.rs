//! Transport of one's own, over real sockets: certificates, headers, hooks, trace context, and a closure that configures
//! reqwest and cannot loosen the policy of the crate. With and without an async runtime.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

#[path = "../../cli/tests/servers/mod.rs"]
#[allow(dead_code, reason = "the tests of the command line use the rest")]
mod servers;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use servers::{Authority, Proxy, Server as TlsServer, mutual_tls, response, tls};
use swpanel::{Client, ClientBuilder, Error, ErrorKind, Hook, HookOutcome, HookRequest, TraceParent};
use swpanel_tests::server::{Answer, Server, TOKEN};

const OK: &str = r#"{"result":[]}"#;
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn builder(base: &str) -> ClientBuilder {
    Client::builder().token(TOKEN).base_url(base).retries(0)
}

fn over_tls(port: u16) -> ClientBuilder {
    builder(&format!("https://localhost:{port}/v2026"))
}

/// A read with and without an async runtime.
fn read(client: &Client) -> [Result<(), Error>; 2] {
    let waited = client.raw("GET", "/services/").send_blocking().map(drop);
    [run(async { client.raw("GET", "/services/").send().await.map(drop) }), waited]
}

fn header<'r>(request: &'r swpanel_tests::server::Recorded, name: &str) -> Vec<&'r str> {
    let found = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str()).collect()
}

#[test]
fn root_certificates_are_added_to_those_of_the_system() {
    let (company, other) = (Authority::new("company"), Authority::new("other"));
    let server = TlsServer::start(tls(company.identity("localhost", (2020, 2100)), response("200 OK", OK)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, format!("{}{}", other.pem(), company.pem())).unwrap();
    for client in [over_tls(server.port).root_certificates(company.pem()), over_tls(server.port).ca_file(&file)] {
        for outcome in read(&client.build().unwrap()) {
            outcome.unwrap();
        }
    }
    for outcome in read(&over_tls(server.port).root_certificates(other.pem()).build().unwrap()) {
        let error = outcome.unwrap_err();
        assert!(error.is_certificate() && error.kind() == ErrorKind::NotSent, "{error}");
    }
}

#[test]
fn a_client_certificate_is_sent_to_a_server_that_requires_one() {
    let (company, clients, strangers) =
        (Authority::new("company"), Authority::new("clients"), Authority::new("strangers"));
    let behaviour = mutual_tls(company.identity("localhost", (2020, 2100)), &clients, response("200 OK", OK));
    let server = TlsServer::start(behaviour);
    let with = || over_tls(server.port).root_certificates(company.pem());
    let (certificate, key) = clients.client_pem("me");
    let client = with().client_certificate(certificate.as_str(), key.as_str()).build().unwrap();
    for outcome in read(&client) {
        outcome.unwrap();
    }
    let requests = server.requests.load(Ordering::SeqCst);
    let (stranger, strange_key) = strangers.client_pem("me");
    for builder in [with(), with().client_certificate(stranger, strange_key)] {
        let client = builder.retries(2).build().unwrap();
        let connections = server.connections();
        let change = run(async { client.raw("POST", "/services/XX012/dns/").json(&1).send().await.map(drop) });
        for error in read(&client).into_iter().chain([change]).map(Result::unwrap_err) {
            assert_eq!(error.kind(), ErrorKind::NotSent, "{error:?}");
            assert!(!error.may_have_taken_effect() && !error.is_retryable() && !error.is_certificate(), "{error}");
        }
        assert_eq!(server.connections() - connections, 3, "none is retried");
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), requests, "none was processed");
    assert!(!format!("{:?}", with().client_certificate(certificate, key.clone())).contains(&key));
}

#[test]
fn certificates_that_cannot_be_used_are_refused_when_the_client_is_built() {
    use std::os::unix::fs::PermissionsExt;
    let authority = Authority::new("company");
    let (certificate, key) = authority.client_pem("me");
    let (_, other_key) = authority.client_pem("other");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (good, open) = (file("me.pem", &certificate, 0o644), file("open.key", &key, 0o644));
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    // The address needs no TLS: what cannot be used is told all the same.
    for base in ["http://127.0.0.1:1/v2026", "https://localhost:1/v2026"] {
        let new = || builder(base);
        for (wrong, says) in [
            (new().root_certificates(""), "no certificate"),
            (new().root_certificates("marker-text"), "no certificate"),
            (new().root_certificates(key.as_str()), "no certificate"),
            (new().root_certificates("-----BEGIN CERTIFICATE-----\nmarker\n"), "not well-formed"),
            (
                new().root_certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                "cannot be used",
            ),
            (new().ca_file(folder.path().join("none.pem")), "none.pem"),
            (new().ca_file(folder.path()), "not a regular file"),
            (new().ca_file(&pipe), "not a regular file"),
            (new().client_certificate(certificate.as_str(), ""), "no private key"),
            (new().client_certificate(certificate.as_str(), encrypted), "without a password"),
            (new().client_certificate("", key.as_str()), "no certificate"),
            (new().client_certificate(certificate.as_str(), other_key.as_str()), "client key"),
            (new().client_certificate_files(&good, &open), "chmod 600"),
            (new().client_certificate_files(&good, folder.path().join("none.key")), "none.key"),
        ] {
            let error = wrong.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
            assert!(error.to_string().contains(says) && !format!("{error:?}").contains("marker"), "{says}: {error:?}");
        }
    }
    let both = file("both.pem", &format!("{certificate}{key}"), 0o600);
    builder("https://localhost:1/v2026").client_certificate_files(&both, &both).build().unwrap();
}

/// A closure that loosens all that it can.
fn loosen(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    // Without a provider of the process, the other TLS would fail before it accepted anything.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let evil = [("authorization", "Bearer marker-of-the-closure")];
    let evil = evil.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    http.tls_backend_rustls()
        .redirect(reqwest::redirect::Policy::limited(10))
        .danger_accept_invalid_certs(true)
        .danger_accept_invalid_hostnames(true)
        .connection_verbose(true)
        .default_headers(evil)
        .user_agent("closure")
        .retry(reqwest::retry::for_host("127.0.0.1").classify_fn(|attempt| attempt.retryable()))
        .timeout(Duration::from_secs(3600))
}

#[test]
fn a_closure_cannot_have_bad_certificates_accepted() {
    let (company, other) = (Authority::new("company"), Authority::new("other"));
    for identity in [
        other.identity("localhost", (2020, 2100)),
        Authority::self_signed("localhost", false),
        company.identity("localhost", (2020, 2021)),
        company.identity("other.example", (2020, 2100)),
    ] {
        let server = TlsServer::start(tls(identity, response("200 OK", OK)));
        let client = over_tls(server.port).root_certificates(company.pem()).configure_http(loosen).build().unwrap();
        for outcome in read(&client) {
            let error = outcome.unwrap_err();
            assert!(error.is_certificate(), "{error}");
        }
        assert_eq!(server.requests.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn a_closure_cannot_have_redirects_followed_or_requests_sent_again() {
    let (target, redirecting) = run_servers();
    let client = builder(&redirecting.0).configure_http(loosen).build().unwrap();
    for outcome in read(&client) {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Redirect);
    }
    assert_eq!(target.1.load(Ordering::SeqCst), 0, "the token went nowhere else");
    assert_eq!(redirecting.1.load(Ordering::SeqCst), 2, "once for each read");
}

/// The addresses of two plain servers and how many requests they got: one answers, one leads to the first.
fn run_servers() -> ((String, Arc<AtomicUsize>), (String, Arc<AtomicUsize>)) {
    let start = |bytes: Vec<u8>| {
        let server = TlsServer::start(servers::fixed(bytes));
        (format!("http://127.0.0.1:{}/v2026", server.port), Arc::clone(&server.requests))
    };
    let target = start(response("200 OK", OK));
    let location = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", target.0);
    let redirecting = start(location.into_bytes());
    (target, redirecting)
}

#[test]
fn a_closure_cannot_change_the_token_and_sends_calls_to_this_machine_nowhere_else() {
    run(async {
        let server = Server::start(Answer::json("200 OK", OK)).await.unwrap();
        let elsewhere = Proxy::refusing("502 Bad Gateway");
        let proxy = elsewhere.address();
        let base = server.base_url().replace("127.0.0.1", "localhost");
        let client = builder(&base)
            .configure_http(loosen)
            .configure_http(move |http| {
                // The documentation's own network: whoever is asked there never answers.
                let away = SocketAddr::from(([192, 0, 2, 1], 80));
                http.proxy(reqwest::Proxy::all(&proxy).unwrap()).resolve("localhost", away)
            })
            .connect_timeout(Duration::from_secs(5))
            .build()
            .unwrap();
        client.raw("GET", "/services/").send().await.unwrap();
        let request = &server.requests()[0];
        assert_eq!(header(request, "authorization"), [format!("Bearer {TOKEN}")]);
        assert!(header(request, "user-agent")[0].starts_with("swpanel-rust/"), "{request:?}");
        assert!(elsewhere.seen().is_empty());
    });
}

#[test]
fn what_a_closure_sets_within_the_policy_has_its_effect() {
    let company = Authority::new("company");
    let identity = company.identity("panel.example.test", (2020, 2100));
    let server = TlsServer::start(tls(identity, response("200 OK", OK)));
    let here = SocketAddr::from(([127, 0, 0, 1], server.port));
    let base = format!("https://panel.example.test:{}/v2026", server.port);
    let client = builder(&base)
        .root_certificates(company.pem())
        .configure_http(move |http| http.resolve("panel.example.test", here).no_proxy())
        .build()
        .unwrap();
    for outcome in read(&client) {
        outcome.unwrap();
    }
}

#[test]
fn default_headers_are_sent_and_their_secrets_are_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let body = r##"{"Error code":"#X","Error message":"marker-header-1, marker-header-2 and marker-header-3"}"##;
    run(async {
        let server = Server::start(Answer::json("400 Bad Request", body)).await.unwrap();
        let setup = builder(server.base_url())
            .default_header("X-Tenant", "6")
            .default_header("x-tenant", "7")
            .default_header("X-Api-Key", "marker-header-1")
            .secret_header("CF-Access-Client-Id", "marker-header-2")
            .default_header("Cookie", "marker-header-3")
            .record(folder.path().join("recording"));
        assert!(!format!("{setup:?} {setup:#?}").contains("marker-header"), "{setup:?}");
        let client = setup.build().unwrap();
        let error = client.raw("GET", "/services/").send().await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("marker-header"), "{error:?}");
        let request = &server.requests()[0];
        assert_eq!(header(request, "x-tenant"), ["7"]);
        assert_eq!(header(request, "cf-access-client-id"), ["marker-header-2"]);
        for entry in std::fs::read_dir(folder.path().join("recording")).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(!text.contains("marker-header"), "{text}");
        }
    });
    for name in [
        "Authorization",
        "authorization",
        "Host",
        "Proxy-Authorization",
        "X-HTTP-Method-Override",
        "X_Http_Method_Override",
    ] {
        let error = builder("http://127.0.0.1:1").default_header(name, "marker-header").build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("must not be set") && !error.to_string().contains("marker"), "{error}");
    }
    let error = builder("http://127.0.0.1:1").secret_header("X-A", "marker\r\nX-B: c").build().unwrap_err();
    assert!(!format!("{error:?}").contains("marker"), "{error:?}");
}

/// Notes what it sees, and does to requests what it is told.
#[derive(Clone, Default)]
struct RecordingHook {
    seen: Arc<Mutex<Vec<String>>>,
    header: Option<(&'static str, &'static str)>,
    stop: Option<&'static str>,
}

impl Hook for RecordingHook {
    fn before(&self, request: &mut HookRequest<'_>) -> Result<(), Error> {
        let body = request.body().map(|body| body.to_string()).unwrap_or_default();
        let headers: Vec<_> = request.headers().collect();
        let seen = format!("before {} {request:?} {headers:?} {body}", request.attempt());
        self.seen.lock().unwrap().push(seen);
        if let Some((name, value)) = self.header {
            request.set_header(name, value)?;
        }
        self.stop.map_or(Ok(()), |why| Err(Error::stopped(why)))
    }

    fn after(&self, request: &HookRequest<'_>, outcome: &HookOutcome) {
        let seen = format!(
            "after {} {} {} {:?} {:?}",
            request.attempt(),
            request.method(),
            request.path(),
            outcome.status(),
            outcome.error()
        );
        self.seen.lock().unwrap().push(seen);
    }
}

impl RecordingHook {
    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

#[test]
fn a_hook_sees_requests_without_their_secrets_and_what_became_of_them() {
    let hook = RecordingHook { header: Some(("X-Source", "billing")), ..RecordingHook::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fails = Answer::new("503 Service Unavailable", "text/plain", "");
    let server = runtime.block_on(Server::scripted(vec![fails, Answer::json("200 OK", OK)])).unwrap();
    let client = builder(server.base_url())
        .retries(1)
        .secret_header("X-Proxy", "marker-proxy")
        .hook(hook.clone())
        .build()
        .unwrap();
    let body = serde_json::json!({"login": "ana", "password": "marker-body", "n": 1});
    client
        .raw("GET", "/services/XX012/")
        .query("token", "marker-query")
        .query("page", "2")
        .json(&body)
        .send_blocking()
        .unwrap();
    let seen = hook.seen();
    assert_eq!(seen.len(), 4, "{seen:#?}");
    assert!(!seen.concat().contains("marker"), "{seen:#?}");
    for part in ["before 1", "GET", "/services/XX012/", "page=2", "ana", "[redacted]", "authorization"] {
        assert!(seen[0].contains(part), "{part}: {}", seen[0]);
    }
    assert_eq!(seen[1], "after 1 GET /services/XX012/ Some(503) None");
    assert!(seen[2].starts_with("before 2"), "{}", seen[2]);
    assert_eq!(seen[3], "after 2 GET /services/XX012/ Some(200) None");
    let request = &server.requests()[1];
    assert_eq!(header(request, "x-source"), ["billing"]);
    assert_eq!(header(request, "authorization"), [format!("Bearer {TOKEN}")]);
    // Where there is no response, the hook is told why.
    let client = builder("http://127.0.0.1:1/v2026").hook(hook.clone()).build().unwrap();
    client.raw("GET", "/services/").send_blocking().unwrap_err();
    assert!(hook.seen().last().unwrap().ends_with("None Some(NotSent)"), "{:?}", hook.seen());
}

#[test]
fn a_hook_can_stop_a_request_and_cannot_change_whom_it_is_from_or_what_it_is() {
    run(async {
        let server = Server::start(Answer::json("200 OK", OK)).await.unwrap();
        let stops = RecordingHook { stop: Some("not on a Sunday"), ..RecordingHook::default() };
        let setting = |name| RecordingHook { header: Some((name, "marker-value")), ..RecordingHook::default() };
        let mut hooks = vec![(stops, "not on a Sunday")];
        for name in
            ["Authorization", "Host", "Content-Length", "X-HTTP-Method-Override", "X-Original-URL", "traceparent"]
        {
            hooks.push((setting(name), "must not be set"));
        }
        for (hook, says) in hooks {
            let client = builder(server.base_url()).retries(2).hook(hook.clone()).build().unwrap();
            let error = client.raw("POST", "/domains/renew/").json(&1).send().await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Hook, 0), "{error}");
            assert!(!error.may_have_taken_effect() && !error.is_retryable(), "{error}");
            assert!(error.to_string().contains(says) && !error.to_string().contains("marker"), "{error}");
            assert_eq!(hook.seen().len(), 1, "it is stopped once, and nothing comes after: {:?}", hook.seen());
        }
        assert!(server.requests().is_empty());
    });
}

#[test]
fn a_hook_whose_error_is_another_calls_still_only_stops() {
    struct Other;
    impl Hook for Other {
        fn before(&self, _: &mut HookRequest<'_>) -> Result<(), Error> {
            Err(Error::no_token("the vault is closed"))
        }
    }
    let client = builder("http://127.0.0.1:1/v2026").hook(Other).build().unwrap();
    let error = client.raw("GET", "/services/").send_blocking().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert!(error.to_string().contains("the vault is closed"), "{error}");
}

#[test]
fn hooks_run_when_a_recording_is_replayed_and_guardrails_come_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("recording");
    run(async {
        let server = Server::start(Answer::json("200 OK", OK)).await.unwrap();
        let client = builder(server.base_url()).record(&place).build().unwrap();
        client.raw("GET", "/services/").send().await.unwrap();
        let hook = RecordingHook::default();
        let limits = swpanel::Guardrails::new().read_only(true);
        let client = Client::builder().replay(&place).hook(hook.clone()).guardrails(limits).build().unwrap();
        client.raw("GET", "/services/").send().await.unwrap();
        assert_eq!(hook.seen().len(), 2, "{:?}", hook.seen());
        client.raw("POST", "/services/create/").json(&1).send().await.unwrap_err();
        assert_eq!(hook.seen().len(), 2, "{:?}", hook.seen());
    });
}

#[test]
fn the_trace_is_the_callers_else_the_providers() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(Server::start(Answer::json("200 OK", OK))).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let client = builder(server.base_url())
        .traceparent_provider(move || {
            let number = counted.fetch_add(1, Ordering::SeqCst) as u64;
            // The third call belongs to no trace.
            (number < 2).then(|| TraceParent::new(7, number + 1, false).unwrap())
        })
        .build()
        .unwrap();
    let call = |client: &Client| drop(client.raw("GET", "/services/").send_blocking().unwrap());
    call(&client);
    call(&client);
    call(&client);
    call(&client.with_traceparent(TRACE.parse().unwrap()));
    call(&builder(server.base_url()).build().unwrap());
    let sent: Vec<String> = server.requests().iter().map(|request| header(request, "traceparent").join(",")).collect();
    let first = "00-00000000000000000000000000000007-0000000000000001-00";
    assert_eq!(sent, [first, &first.replace("1-00", "2-00"), "", TRACE, ""]);
    assert_eq!(asked.load(Ordering::SeqCst), 3, "what the caller gives needs no provider");
}
