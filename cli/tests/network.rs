//! What the network does to a call: certificates, proxies, gateways, HTTP/2, rate limits, Ctrl-C; what the program says of
//! it, how often it sends, and whether it says that a change may have been made.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;
mod servers;

use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use common::{Said, bare, words};
use servers::{Authority, Proxy, Server, at_once, closed_port, fixed, http2, mutual_tls, response, tls};

const OK: &str = r#"{"result":[]}"#;
const CREATE: &str = "dns create XX012 --zone example.es --type A --name www --ip 192.0.2.1";

/// The program with a home, a token and an address.
fn command(home: &tempfile::TempDir, base: &str, line: &str) -> Command {
    let mut command = bare();
    command.env("HOME", home.path()).env("SWPANEL_TOKEN", "marker-token").env("SWPANEL_BASE_URL", base);
    command.args(words(line)).current_dir(home.path());
    command
}

fn run(base: &str, line: &str, variables: &[(&str, &str)]) -> Said {
    let home = tempfile::tempdir().unwrap();
    let said = Said::of(command(&home, base, line).envs(variables.iter().copied()).output().unwrap());
    assert!(!said.err.contains("marker-"), "{}", said.err);
    said
}

#[test]
fn a_refused_certificate_is_named_with_what_to_do_and_not_retried() {
    let home = tempfile::tempdir().unwrap();
    let (trusted, other) = (Authority::new("trusted"), Authority::new("other"));
    let file = home.path().join("ca.pem");
    std::fs::write(&file, trusted.pem()).unwrap();
    let trust = [("SSL_CERT_FILE", file.to_str().unwrap())];
    for (what, identity, said_as, hint) in [
        ("own authority", other.identity("localhost", (2020, 2100)), "unknown issuer", "SSL_CERT_FILE"),
        ("self-signed", Authority::self_signed("localhost", false), "self-signed", "SSL_CERT_FILE"),
        ("self-signed as an authority", Authority::self_signed("localhost", true), "self-signed", "SSL_CERT_FILE"),
        ("expired", trusted.identity("localhost", (2020, 2021)), "has expired", "clock"),
        ("too early", trusted.identity("localhost", (2090, 2100)), "not valid yet", "clock"),
        ("another name", trusted.identity("other.example", (2020, 2100)), "another name", "SWPANEL_BASE_URL"),
    ] {
        let server = Server::start(tls(identity, response("200 OK", OK)));
        let base = format!("https://localhost:{}/v2026", server.port);
        for line in ["services list -o json", &format!("{CREATE} -o json")] {
            let before = server.connections();
            let failure = run(&base, line, &trust).ends(7).failure();
            assert_eq!(server.connections() - before, 1, "{what}: it is not retried");
            assert_eq!(failure["retryable"], false, "{what}: {failure}");
            assert_eq!(failure["may_have_taken_effect"], false, "{what}: {failure}");
            assert_eq!(failure["kind"], "not-sent", "{what}: {failure}");
            let (message, told) = (failure["message"].as_str().unwrap(), failure["hint"].as_str().unwrap());
            assert!(message.contains("certificate of localhost") && message.contains(said_as), "{what}: {message}");
            assert!(told.contains("certificate") && told.contains(hint), "{what}: {told}");
            assert!(told.contains("nothing was sent"), "{what}: {told}");
            assert_eq!(told.contains("SWPANEL_BASE_URL"), hint == "SWPANEL_BASE_URL", "{what}: {told}");
        }
    }
}

#[test]
fn trusted_certificates_come_from_the_variables() {
    let home = tempfile::tempdir().unwrap();
    let authority = Authority::new("company");
    let server = Server::start(tls(authority.identity("localhost", (2020, 2100)), response("200 OK", OK)));
    let base = format!("https://localhost:{}/v2026", server.port);
    let (file, folder) = (home.path().join("ca.pem"), home.path().join("certificates"));
    std::fs::write(&file, authority.pem()).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("company.pem"), authority.pem()).unwrap();
    run(&base, "services list", &[("SSL_CERT_FILE", file.to_str().unwrap())]).ends(0);
    run(&base, "services list", &[("SSL_CERT_DIR", folder.to_str().unwrap())]).ends(0);
    let missing = run(&base, "services list", &[("SSL_CERT_FILE", "no-such-file.pem")]).ends(2).err;
    assert!(missing.contains("SSL_CERT_FILE"), "{missing}");
}

#[test]
fn a_file_of_certificates_is_trusted_besides_those_of_the_system() {
    let home = tempfile::tempdir().unwrap();
    let (company, other) = (Authority::new("company"), Authority::new("other"));
    let server = Server::start(tls(company.identity("localhost", (2020, 2100)), response("200 OK", OK)));
    let base = format!("https://localhost:{}/v2026", server.port);
    let file = |name: &str, text: &str| {
        std::fs::write(home.path().join(name), text).unwrap();
        name.to_owned()
    };
    let run = |line: &str| Said::of(command(&home, &base, line).output().unwrap());
    file("ca.pem", company.pem());
    file("both.pem", &format!("# a comment\n{}{}", other.pem(), company.pem()));
    file("other.pem", other.pem());
    for line in
        ["services list --ca-file ca.pem", "services list --ca-file=both.pem", "api GET /services/ --ca-file ca.pem"]
    {
        run(line).ends(0);
    }
    let rows = run("doctor --ca-file ca.pem -o json").ends(0).json();
    let tls = rows.as_array().unwrap().iter().find(|row| row["check"] == "tls").unwrap();
    assert_eq!(tls["state"], "ok", "{rows}");
    let refused = run("services list --ca-file other.pem -o json").ends(7).failure();
    assert!(refused["hint"].as_str().unwrap().contains("--ca-file"), "{refused}");
    file("empty.pem", "");
    file("key.pem", &company.client_pem("me").1);
    file("broken.pem", "-----BEGIN CERTIFICATE-----\nmarker-not-base64!\n-----END CERTIFICATE-----\n");
    file("no-certificate.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let before = server.connections();
    for name in ["empty.pem", "key.pem", "broken.pem", "no-certificate.pem", "no-such-file.pem", "."] {
        let said = run(&format!("services list --ca-file {name}")).ends(2);
        assert!(said.err.contains(name) && !said.err.contains("marker-"), "{}", said.err);
    }
    assert_eq!(server.connections(), before, "nothing was sent");
}

#[test]
fn a_profile_has_its_certificates_and_loses_them_with_its_address() {
    let home = tempfile::tempdir().unwrap();
    let (company, clients) = (Authority::new("company"), Authority::new("clients"));
    let behaviour = mutual_tls(company.identity("localhost", (2020, 2100)), &clients, response("200 OK", OK));
    let server = Server::start(behaviour);
    let base = format!("https://localhost:{}/v2026", server.port);
    let folder = home.path().join(".config/swpanel");
    std::fs::create_dir_all(&folder).unwrap();
    let private = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(folder.join(name), text).unwrap();
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    let (certificate, key) = clients.client_pem("me");
    private("ca.pem", company.pem());
    private("me.pem", &certificate);
    private("me.key", &key);
    let profile = format!("[profiles.own]\ntoken = \"marker-token\"\nbase_url = \"{base}\"\nca_file = \"ca.pem\"\n");
    private("profiles.toml", &profile);
    let run = |line: &str| {
        let mut command = bare();
        command.env("HOME", home.path()).args(words(line)).current_dir(home.path());
        let said = Said::of(command.output().unwrap());
        assert!(!said.err.contains("marker-") && !said.out.contains("marker-"), "{said:?}");
        said
    };
    // The server wants a certificate: a change was not made, and the call is not retried.
    for line in ["services list -o json", &format!("{CREATE} -o json")] {
        let before = server.connections();
        let failure = run(line).ends(7).failure();
        assert_eq!(
            (&failure["kind"], &failure["may_have_taken_effect"]),
            (&"not-sent".into(), &false.into()),
            "{failure}"
        );
        assert!(failure["hint"].as_str().unwrap().contains("client_certificate"), "{failure}");
        assert_eq!(server.connections() - before, 1, "{failure}");
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
    private("profiles.toml", &format!("{profile}client_certificate = \"me.pem\"\nclient_key = \"me.key\"\n"));
    run("services list").ends(0);
    let rows = run("doctor -o json").ends(0).json();
    assert!(rows.as_array().unwrap().iter().any(|row| row["check"] == "tls" && row["state"] == "ok"), "{rows}");
    let shown = run("profile show -o json").ends(0).json();
    assert_eq!(shown["ca_file"], folder.join("ca.pem").to_str().unwrap());
    // Another token for the same address keeps them, and is tried with them.
    let login = |line: &str| {
        use std::io::Write;
        let mut command = bare();
        command.env("HOME", home.path()).args(words(line)).current_dir(home.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"marker-token-2\n").unwrap();
        Said::of(child.wait_with_output().unwrap())
    };
    let kept = || std::fs::read_to_string(folder.join("profiles.toml")).unwrap();
    login(&format!("login --stdin --profile own --base-url {base}")).ends(0);
    assert!(kept().contains("ca.pem") && kept().contains("me.key"), "{}", kept());
    let left = login("login --stdin --profile own --no-verify").ends(0);
    assert!(left.err.contains("certificates"), "{left:?}");
    assert!(!kept().contains("ca.pem") && !kept().contains("me.key"), "{}", kept());
    // A file that is given is stored by a path that means the same from everywhere.
    std::fs::write(home.path().join("ca.pem"), company.pem()).unwrap();
    let plain = Server::start(tls(company.identity("localhost", (2020, 2100)), response("200 OK", OK)));
    let base = format!("https://localhost:{}/v2026", plain.port);
    login(&format!("login --stdin --profile own --base-url {base} --ca-file ca.pem")).ends(0);
    assert!(kept().contains(home.path().join("ca.pem").to_str().unwrap()), "{}", kept());
    run("services list").ends(0);
    login("login --stdin --profile own --ca-file no-such-file.pem").ends(2);
    private("me.key", "");
}

#[test]
fn what_speaks_no_tls_is_named_and_not_retried() {
    let server = Server::start(at_once(response("400 Bad Request", "no TLS here")));
    let said = run(&format!("https://localhost:{}/v2026", server.port), &format!("{CREATE} -o json"), &[]).ends(7);
    let failure = said.failure();
    assert_eq!((server.connections(), &failure["may_have_taken_effect"]), (1, &false.into()), "{failure}");
    assert!(failure["hint"].as_str().unwrap().contains("https server"), "{failure}");
}

#[test]
fn the_proxy_of_the_variables_is_used_and_no_other() {
    let authority = Authority::new("company");
    let server = Server::start(tls(authority.identity("api.example.test", (2020, 2100)), response("200 OK", OK)));
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let file = file.to_str().unwrap();
    let base = "https://api.example.test/v2026";
    // No name server knows the host: whatever arrives came by the proxy.
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = Proxy::to(server.port);
        run(base, "services list", &[(name, &proxy.address()), ("SSL_CERT_FILE", file)]).ends(0);
        assert_eq!(proxy.seen()[0].0, "CONNECT api.example.test:443 HTTP/1.1", "{name}");
    }
    let proxy = Proxy::to(server.port);
    let address = proxy.address();
    let with_password = address.replace("http://", "http://user:marker-password@");
    run(base, "services list", &[("HTTPS_PROXY", &with_password), ("SSL_CERT_FILE", file)]).ends(0);
    assert!(proxy.seen()[0].1.to_lowercase().contains("proxy-authorization: basic "), "{:?}", proxy.seen());
    // HTTP_PROXY is not for https, and NO_PROXY excludes hosts.
    let direct = [("HTTP_PROXY", address.as_str()), ("http_proxy", &address)];
    let excluded = [("HTTPS_PROXY", address.as_str()), ("NO_PROXY", "other.test, example.test")];
    let excluded_lower = [("HTTPS_PROXY", address.as_str()), ("no_proxy", "*")];
    for variables in [direct, excluded, excluded_lower] {
        let failure = run(base, "services list -o json --retries 0", &variables).ends(7).failure();
        assert!(failure["message"].as_str().unwrap().contains("name api.example.test was not found"), "{failure}");
        assert!(failure["hint"].as_str().unwrap().contains("SWPANEL_BASE_URL"), "{failure}");
    }
    // An address of this machine has no proxy.
    let plain = Server::start(fixed(response("200 OK", OK)));
    let all = [("HTTPS_PROXY", address.as_str()), ("HTTP_PROXY", &address), ("ALL_PROXY", &address)];
    run(&format!("http://127.0.0.1:{}/v2026", plain.port), "services list", &all).ends(0);
    assert_eq!(proxy.seen().len(), 1);
}

#[test]
fn a_proxy_that_does_not_connect_is_named_and_nothing_was_sent() {
    let base = "https://api.example.test/v2026";
    let refusing = Proxy::refusing("502 Bad Gateway");
    let closed = format!("http://user:marker-password@127.0.0.1:{}", closed_port());
    for address in [refusing.address(), Proxy::refusing("407 Proxy Authentication Required").address(), closed] {
        let line = format!("{CREATE} -o json --retries 1");
        let failure = run(base, &line, &[("HTTPS_PROXY", &address)]).ends(7).failure();
        assert_eq!(failure["may_have_taken_effect"], false, "{failure}");
        assert!(failure["message"].as_str().unwrap().contains("through the proxy 127.0.0.1:"), "{failure}");
        assert!(failure["hint"].as_str().unwrap().contains("HTTPS_PROXY"), "{failure}");
        assert!(!failure["hint"].as_str().unwrap().contains("SWPANEL_BASE_URL"), "{failure}");
    }
    assert_eq!(refusing.seen().len(), 2, "it is retried, since nothing was sent");
}

#[test]
fn http2_says_which_requests_were_not_processed() {
    let home = tempfile::tempdir().unwrap();
    let authority = Authority::new("company");
    let file = home.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    // Frames: RST_STREAM with REFUSED_STREAM and with INTERNAL_ERROR; GOAWAY with no and with the first stream processed.
    let refused = [&[0, 0, 4, 3, 0, 0, 0, 0, 1][..], &[0, 0, 0, 7]].concat();
    let broken = [&[0, 0, 4, 3, 0, 0, 0, 0, 1][..], &[0, 0, 0, 2]].concat();
    let goaway = |last: u8| [&[0, 0, 8, 7, 0, 0, 0, 0, 0][..], &[0, 0, 0, last, 0, 0, 0, 0]].concat();
    for (what, frame, effect, sent) in [
        ("REFUSED_STREAM", refused, false, 2),
        ("GOAWAY before it", goaway(0), false, 2),
        ("INTERNAL_ERROR", broken, true, 1),
        ("GOAWAY after it", goaway(1), true, 1),
    ] {
        let server = Server::start(http2(authority.identity("localhost", (2020, 2100)), frame));
        let base = format!("https://localhost:{}/v2026", server.port);
        let line = format!("{CREATE} -o json --retries 1");
        let failure = run(&base, &line, &[("SSL_CERT_FILE", file.to_str().unwrap())]).ends(7).failure();
        assert_eq!(failure["may_have_taken_effect"], effect, "{what}: {failure}");
        assert_eq!(server.requests.load(Ordering::SeqCst), sent, "{what}: {failure}");
    }
}

#[test]
fn a_change_that_meets_a_gateway_may_have_taken_effect_and_a_read_may_not() {
    for (status, body, effect, address) in [
        ("502 Bad Gateway", "<html>Bad gateway</html>", true, false),
        ("503 Service Unavailable", "", true, false),
        ("520 Unknown", "<!DOCTYPE html><title>Cloudflare</title>", true, false),
        ("500 Internal Server Error", r##"{"Error code":"X","Error message":"no"}"##, true, false),
        ("404 Not Found", "<html>nginx</html>", true, true),
        ("200 OK", "<html>Login</html>", true, true),
        ("302 Found", "", true, true),
        ("403 Forbidden", "{}", false, false),
        ("422 Unprocessable Content", "{}", false, false),
        ("200 OK", r##"{"Error code":"X","Error message":"no"}"##, false, false),
    ] {
        let server = Server::start(fixed(response(status, body)));
        let base = format!("http://127.0.0.1:{}/v2026", server.port);
        let home = tempfile::tempdir().unwrap();
        for (line, effect) in [(CREATE, effect), ("services list --retries 0", false)] {
            let said = Said::of(command(&home, &base, &format!("{line} -o json")).output().unwrap());
            let failure = said.failure();
            assert_eq!(failure["may_have_taken_effect"], effect, "{status} {body} {line}: {failure}");
            let hint = failure["hint"].as_str().unwrap_or_default();
            assert_eq!(hint.contains("may have taken effect"), effect, "{status} {body} {line}: {hint}");
            assert_eq!(hint.contains("SWPANEL_BASE_URL"), address, "{status} {body} {line}: {hint}");
            let text = Said::of(command(&home, &base, line).output().unwrap()).err;
            assert_eq!(text.contains("may have taken effect"), effect, "{status} {body} {line}: {text}");
        }
    }
}

#[test]
fn a_fleet_calls_such_changes_unknown_and_does_not_send_them_again_unasked() {
    let server = Server::start(fixed(response("502 Bad Gateway", "<html>Bad gateway</html>")));
    let base = format!("http://127.0.0.1:{}/v2026", server.port);
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("items"), "XX012\nXX013\n").unwrap();
    let create = CREATE.replace(" XX012", "");
    let line = format!("fleet run --services items --journal j -o json --yes -- {create}");
    let said = Said::of(command(&home, &base, &line).output().unwrap()).ends(8);
    assert_eq!((&said.json()["unknown"], &said.json()["unsent"]), (&2.into(), &0.into()), "{}", said.out);
    assert_eq!(said.failure()["may_have_taken_effect"], true, "{}", said.err);
    assert_eq!(server.connections(), 2);
    let again = Said::of(command(&home, &base, "fleet resume j -o json --yes").output().unwrap()).ends(8);
    assert_eq!((&again.json()["unknown"], server.connections()), (&2.into(), 2), "{}", again.out);
    // What the API rejects is no unknown.
    let server = Server::start(fixed(response("422 Unprocessable Content", "{}")));
    let base = format!("http://127.0.0.1:{}/v2026", server.port);
    let line = line.replace("--journal j", "--journal k");
    let said = Said::of(command(&home, &base, &line).output().unwrap()).ends(8);
    assert_eq!((&said.json()["failed"], &said.failure()["may_have_taken_effect"]), (&2.into(), &false.into()));
}

#[test]
fn a_rate_limit_says_how_long_to_wait_in_text_and_json() {
    let at = "date: Tue, 24 Nov 2026 10:00:00 GMT\r\nretry-after: Tue, 24 Nov 2026 10:05:00 GMT\r\n";
    for header in ["retry-after: 300\r\n", at] {
        let bytes = format!("HTTP/1.1 429 Too Many Requests\r\n{header}content-length: 0\r\n\r\n").into_bytes();
        let server = Server::start(fixed(bytes));
        let base = format!("http://127.0.0.1:{}/v2026", server.port);
        let failure = run(&base, "services list -o json", &[]).ends(6).failure();
        assert_eq!((&failure["retry_after"], &failure["retryable"]), (&300.into(), &true.into()), "{failure}");
        let text = run(&base, "services list", &[]).ends(6).err;
        assert!(text.contains("wait 300 s"), "{text}");
        assert_eq!(server.connections(), 2, "it gives up at once, since the deadline is sooner");
    }
    let server = Server::start(fixed(response("422 Unprocessable Content", "{}")));
    let failure = run(&format!("http://127.0.0.1:{}/v2026", server.port), &format!("{CREATE} -o json"), &[]).failure();
    assert!(failure.as_object().unwrap().get("retry_after").is_some_and(serde_json::Value::is_null), "{failure}");
}

#[test]
fn an_interrupt_says_whether_a_change_was_under_way() {
    // It takes requests and never answers.
    let server = Server::start(fixed(Vec::new()));
    let base = format!("http://127.0.0.1:{}/v2026", server.port);
    let home = tempfile::tempdir().unwrap();
    for (line, effect) in [(CREATE, true), ("api POST /somewhere/ --yes", true), ("services list", false)] {
        let before = server.requests.load(Ordering::SeqCst);
        let mut command = command(&home, &base, &format!("{line} -o json"));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let started = Instant::now();
        while server.requests.load(Ordering::SeqCst) == before {
            assert!(started.elapsed() < Duration::from_secs(30), "it does not begin");
            std::thread::sleep(Duration::from_millis(5));
        }
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let failure = Said::of(child.wait_with_output().unwrap()).ends(130).failure();
        assert_eq!(failure["may_have_taken_effect"], effect, "{line}: {failure}");
        let told = failure["hint"].as_str().is_some_and(|hint| hint.contains("may have taken effect"));
        assert_eq!(told, effect, "{line}: {failure}");
    }
}

#[test]
fn a_change_that_was_made_is_not_denied_when_what_follows_fails() {
    let server = Server::start(fixed(response("200 OK", r#"{"message":"created"}"#)));
    let base = format!("http://127.0.0.1:{}/v2026", server.port);
    for line in [&format!("{CREATE} --jq .message.x"), "services list --jq .message.x"] {
        let home = tempfile::tempdir().unwrap();
        let said = Said::of(command(&home, &base, &format!("{line} -o json")).output().unwrap());
        let failure = said.failure();
        let made = line.starts_with("dns");
        assert_eq!(failure["may_have_taken_effect"], made, "{line}: {failure}");
        // 2 promises that nothing was sent.
        assert_eq!(said.code, if made { 1 } else { 2 }, "{line}: {failure}");
    }
}

#[test]
fn a_write_that_timed_out_at_the_api_does_not_end_as_refused() {
    let server = Server::start(fixed(response("408 Request Timeout", r#"{"late":true}"#)));
    let base = format!("http://127.0.0.1:{}/v2026", server.port);
    let failure = run(&base, &format!("{CREATE} -o json"), &[]).ends(7).failure();
    assert_eq!(failure["may_have_taken_effect"], true, "{failure}");
    let rejected = Server::start(fixed(response("422 X", r#"{"Error code":"X","Error message":"no"}"#)));
    let base = format!("http://127.0.0.1:{}/v2026", rejected.port);
    assert_eq!(run(&base, &format!("{CREATE} -o json"), &[]).ends(5).failure()["may_have_taken_effect"], false);
}
