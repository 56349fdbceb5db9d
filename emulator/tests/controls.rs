//! The controls under `/__emulator/`, the journal, and the pages that lead to the document.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod support;

use serde_json::{Value, json};
use support::{RECONSTRUCTION, call, call_as, control, get, send, start, write};
use swpanel_emulator::Emulator;

fn page(emulator: &Emulator, path: &str, headers: &[(&str, &str)]) -> support::Reply {
    send(emulator.address(), "GET", path, headers, b"")
}

#[test]
fn tokens_are_made_listed_and_revoked() {
    let emulator = start();
    let made =
        control(&emulator, "POST", "tokens", Some(json!({"name": "dns robot", "scope": {"groups": ["dns"]}}))).json();
    let token = made["token"].as_str().unwrap();
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)));
    assert_eq!(call_as(&emulator, token, "GET", "/services/XX012/dns/", None).status, 200);
    assert_eq!(call_as(&emulator, token, "GET", "/domains/", None).status, 403);
    let listed = control(&emulator, "GET", "tokens", None);
    assert_eq!(listed.json()[1]["calls"], 2);
    assert!(!listed.text().contains(token));
    assert_eq!(control(&emulator, "DELETE", "tokens/dns%20robot", None).status, 200);
    assert_eq!(call_as(&emulator, token, "GET", "/services/XX012/dns/", None).status, 401);
    let wrong = control(&emulator, "POST", "tokens", Some(json!({"name": "x", "scope": {"group": ["dns"]}})));
    assert_eq!(wrong.status, 422);
}

#[test]
fn a_snapshot_brings_everything_back() {
    let emulator = start();
    let before = control(&emulator, "GET", "snapshot", None).json();
    write(&emulator, "DELETE", "/services/XX012/delete/", json!({"delete": {"mode": "immediate"}}));
    assert_eq!(get(&emulator, "/services/XX012").status, 404);
    assert_eq!(control(&emulator, "POST", "restore", Some(before.clone())).status, 200);
    assert_eq!(get(&emulator, "/services/XX012").status, 200);
    assert_eq!(control(&emulator, "GET", "snapshot", None).json(), before);
    assert_eq!(control(&emulator, "POST", "restore", Some(json!({"now": "soon"}))).status, 422);
    assert_eq!(control(&emulator, "POST", "seed", Some(json!({"seed": "empty"}))).status, 200);
    assert_eq!(get(&emulator, "/services/").code(), "#APIGENE25");
    assert_eq!(control(&emulator, "POST", "reset", None).status, 200);
    assert_eq!(control(&emulator, "GET", "snapshot", None).json(), before);
}

#[test]
fn clock_jobs_and_settings_are_switched() {
    let emulator = start();
    assert_eq!(control(&emulator, "GET", "clock", None).json()["now"], "2026-06-02T08:00:00Z");
    let set = control(&emulator, "PUT", "clock", Some(json!({"now": "2026-12-31T23:59:59Z"})));
    assert_eq!(set.json()["now"], "2026-12-31T23:59:59Z");
    assert_eq!(
        control(&emulator, "PUT", "clock", Some(json!({"advance_seconds": 1}))).json()["now"],
        "2027-01-01T00:00:00Z"
    );
    assert_eq!(control(&emulator, "PUT", "clock", Some(json!({"now": "noon"}))).status, 422);
    assert_eq!(control(&emulator, "PUT", "clock", Some(json!({"advance_seconds": i64::MAX}))).status, 422);
    let settings = json!({"jobs": {"calls": 3}, "errors_as": "200", "integrator_mode": true});
    assert_eq!(control(&emulator, "PUT", "settings", Some(settings)).json()["jobs"], json!({"calls": 3}));
    assert_eq!(get(&emulator, "/services/NONE").status, 200);
    write(&emulator, "POST", "/ssl/12345/renew/", json!({}));
    let jobs = control(&emulator, "GET", "jobs", None).json();
    assert_eq!((&jobs[0]["action"], &jobs[0]["key"]), (&json!("renew"), &json!("12345")));
    assert_eq!(control(&emulator, "POST", "jobs/finish", None).json()["finished"], 1);
    assert_eq!(get(&emulator, "/ssl/12345/").result()["expires"], "2028-04-03");
    assert_eq!(control(&emulator, "PUT", "settings", Some(json!({"jobs": "sometimes"}))).status, 422);
    assert_eq!(control(&emulator, "PUT", "settings", Some(json!({"colour": 1}))).status, 422);
    assert!(control(&emulator, "GET", "nothing", None).text().contains("/__emulator/journal"));
    let count = emulator.routes().len();
    assert_eq!(control(&emulator, "GET", "", None).json()["document"]["operations"], count);
    assert_eq!(control(&emulator, "GET", "operations", None).json()["served"].as_array().unwrap().len(), count);
}

#[test]
fn the_journal_keeps_requests_without_their_secrets() {
    let emulator = start();
    let body = json!({"login": "web", "password": "not-to-be-seen-1", "access": {"directory": "/web"}});
    write(&emulator, "POST", "/services/XX012/ftp/", body);
    let odd = json!({"login": "web", "Password": "not-to-be-seen-2", "api_key": {"deep": 1}, "authcode": 12_345_678});
    call(&emulator, "POST", "/services/XX012/ftp/", Some(odd));
    get(&emulator, "/services/?token=not-to-be-seen-3");
    call_as(&emulator, "not-to-be-seen-4", "GET", "/services/", None);
    let journal = control(&emulator, "GET", "journal", None);
    assert!(!journal.text().contains("not-to-be-seen") && !journal.text().contains("12345678"), "{}", journal.text());
    assert!(!journal.text().contains(emulator.token()));
    let entries = journal.json();
    assert_eq!(entries[0]["operation"], "POST /services/{service}/ftp/");
    assert_eq!(entries[0]["body"]["password"], "[redacted]");
    assert_eq!((&entries[0]["token"], &entries[0]["status"]), (&json!("default"), &json!(200)));
    assert_eq!(entries[1]["code"], "#EMULATOR-INVALID");
    assert_eq!(entries[3]["status"], 401);
    assert_eq!(control(&emulator, "GET", "journal?last=1", None).json().as_array().unwrap().len(), 1);
    assert_eq!(control(&emulator, "DELETE", "journal", None).status, 200);
    assert_eq!(emulator.journal().len(), 0);
}

#[test]
fn the_documentation_page_leads_to_the_very_bytes_of_the_document() {
    let emulator = start();
    let docs = page(&emulator, "/docs/", &[]);
    assert_eq!((docs.status, docs.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(docs.text().contains("swagger-initializer.js") && docs.text().contains("/services/{service}/status/"));
    let script = page(&emulator, "/docs/swagger-initializer.js", &[]).text();
    assert!(script.contains("SwaggerUIBundle({ url: \"/docs/openapi.json\""), "{script}");
    assert_eq!(page(&emulator, "/docs/openapi.json", &[]).body, *RECONSTRUCTION);
    for renderer in ["redoc", "scalar", "rapidoc", "elements"] {
        assert!(page(&emulator, &format!("/docs/{renderer}/"), &[]).text().contains("/docs/openapi.json"));
    }
    assert_eq!(page(&emulator, "/", &[]).header("location"), Some("/docs/"));
    assert_eq!(page(&emulator, "/docs/none/", &[]).status, 404);
}

#[test]
fn a_login_stands_before_the_panels_page() {
    let emulator = start();
    let away = page(&emulator, "/panel/docs/openapi.json", &[]);
    assert_eq!((away.status, away.body.len()), (302, 0));
    let login = away.header("location").unwrap().to_owned();
    assert_eq!(login, "/panel/login?next=%2Fpanel%2Fdocs%2Fopenapi%2Ejson");
    let form = page(&emulator, &login, &[]).text();
    assert!(form.contains("type=\"password\"") && form.contains("value=\"/panel/docs/openapi.json\""), "{form}");
    let log_in = |password: &str, next: &str| {
        let body = format!("user=demo&password={password}&next={next}");
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        send(emulator.address(), "POST", "/panel/login", &kind, body.as_bytes())
    };
    assert_eq!(log_in("guess", "%2Fpanel%2Fdocs%2F").status, 401);
    let let_in = log_in(emulator.token(), "https://elsewhere.example/");
    assert_eq!((let_in.status, let_in.header("location")), (303, Some("/panel/docs/")));
    let cookie = let_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert!(
        page(&emulator, "/panel/docs/", &[("Cookie", &cookie)]).text().contains("/panel/docs/swagger-initializer.js")
    );
    assert_eq!(page(&emulator, "/panel/docs/openapi.json", &[("Cookie", &cookie)]).body, *RECONSTRUCTION);
    let bearer = format!("Bearer {}", emulator.token());
    assert_eq!(page(&emulator, "/panel/docs/openapi.json", &[("Authorization", &bearer)]).body, *RECONSTRUCTION);
    assert_eq!(page(&emulator, "/panel/docs/", &[("Cookie", "swpanel_emulator_session=0")]).status, 302);
}

#[test]
fn a_next_release_is_published_and_served() {
    let emulator = start();
    assert_eq!(get(&emulator, "/services/XX012/backup/").code(), "#EMULATOR-UNKNOWN-PATH");
    let count = emulator.routes().len();
    let published = control(&emulator, "POST", "document/next", None).json();
    assert_eq!((&published["version"], &published["operations"]), (&json!("v2026.1"), &json!(count + 2)));
    let next: Value = serde_json::from_slice(&page(&emulator, "/docs/openapi.json", &[]).body).unwrap();
    assert_eq!(next["info"]["version"], "v2026.1");
    let id = write(&emulator, "POST", "/services/XX012/backup/", json!({"label": "antes"}))["id"].clone();
    assert_eq!(get(&emulator, "/services/XX012/backup/").result()[0]["id"], id);
    let broken = send(emulator.address(), "PUT", "/__emulator/document", &[], b"{\"openapi\": ");
    assert_eq!(broken.status, 422);
    assert_eq!(get(&emulator, "/services/XX012/backup/").status, 200, "what is refused changes nothing");
    let back = send(emulator.address(), "PUT", "/__emulator/document", &[], &RECONSTRUCTION);
    assert_eq!(back.json()["operations"], count);
    assert_eq!(control(&emulator, "GET", "document", None).body, *RECONSTRUCTION);
    assert!(emulator.publish(b"[]".to_vec()).is_err());
    emulator.publish_next().unwrap();
    assert_eq!(emulator.routes().len(), count + 2);
}

#[test]
fn what_makes_no_sense_is_refused_and_every_answer_says_on_what_it_rests() {
    let emulator = start();
    for (method, path, body) in [
        ("POST", "/__emulator/faults", Some(json!({"fault": {"kind": "empty_body"}, "probability": 7}))),
        ("POST", "/__emulator/tokens", Some(json!({"name": "a", "scope": {"groups": ["nope"]}}))),
        ("GET", "/__emulator/journal?last=abc", None),
    ] {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let reply = send(emulator.address(), method, path, &[("content-type", "application/json")], body.as_bytes());
        assert_eq!(reply.status, 422, "{path}: {}", reply.text());
    }
    for path in ["/docs/", "/panel/docs/", "/docs/openapi.json", "/__emulator/", "/v2026/services/", "/nothing"] {
        let reply = send(emulator.address(), "GET", path, &[], b"");
        assert!(reply.header("x-swpanel-emulator-basis").is_some(), "{path}");
    }
}

/// A request to the controls with exactly these header lines, as a browser or a tool sends it.
fn raw(emulator: &Emulator, method: &str, target: &str, headers: &str, body: &str) -> support::Reply {
    let length = body.len();
    let request =
        format!("{method} {target} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    support::exchange(emulator.address(), request.as_bytes()).unwrap()
}

#[test]
fn a_web_page_of_another_site_does_not_reach_the_controls() {
    let emulator = start();
    let port = emulator.address().port();
    let own = format!("Host: 127.0.0.1:{port}\r\n");
    let before = emulator.snapshot();
    let seed = r#"{"seed": "empty"}"#;
    let foreign = [
        // DNS rebinding: the page's own name leads here.
        format!("Host: evil.example:{port}\r\n"),
        format!("Host: localhost.evil.example:{port}\r\n"),
        "Host: evil.example\r\n".to_owned(),
        "Host: 127.0.0.1:1\r\n".to_owned(),
        format!("Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n"),
        String::new(),
        // Requests across sites.
        format!("{own}Origin: https://evil.example\r\n"),
        format!("{own}Origin: http://localhost:1\r\n"),
        format!("{own}Origin: https://127.0.0.1:{port}\r\n"),
        format!("{own}Origin: null\r\n"),
        format!("{own}Sec-Fetch-Site: cross-site\r\n"),
        format!("{own}Sec-Fetch-Site: same-site\r\n"),
    ];
    for headers in &foreign {
        for (method, path) in [("POST", "seed"), ("GET", "snapshot"), ("POST", "tokens"), ("PUT", "document")] {
            let reply = raw(&emulator, method, &format!("/__emulator/{path}"), headers, seed);
            // A request without or with two hosts may be rejected by the server before it reaches the controls.
            assert!(matches!(reply.status, 400 | 403), "{method} {path} {headers}: {} {}", reply.status, reply.text());
        }
    }
    let absolute = format!("http://evil.example:{port}/__emulator/seed");
    assert_eq!(raw(&emulator, "POST", &absolute, &own, seed).status, 403);
    for media in ["text/plain", "Text/Plain;charset=UTF-8", "multipart/form-data; boundary=a"] {
        let headers = format!("{own}Content-Type: {media}\r\n");
        assert_eq!(raw(&emulator, "POST", "/__emulator/seed", &headers, seed).status, 415, "{media}");
    }
    assert_eq!(emulator.snapshot(), before);
}

#[test]
fn tools_and_own_pages_of_this_machine_reach_the_controls() {
    let emulator = start();
    let port = emulator.address().port();
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.2", "[::1]"] {
        let own = format!("Host: {host}:{port}\r\n");
        for more in [
            String::new(),
            format!("Origin: http://{host}:{port}\r\nSec-Fetch-Site: same-origin\r\n"),
            "Sec-Fetch-Site: none\r\n".to_owned(),
            // What curl says of `-d`.
            "Content-Type: application/x-www-form-urlencoded\r\n".to_owned(),
            "Content-Type: application/json\r\n".to_owned(),
        ] {
            let reply = raw(&emulator, "POST", "/__emulator/seed", &format!("{own}{more}"), r#"{"seed": "demo"}"#);
            assert_eq!(reply.status, 200, "{own}{more}: {}", reply.text());
        }
    }
}
