//! Clients that behave as the vendor's published examples do: what they send, to the byte, must be understood.
//!
//! The examples themselves are not copied. What matters of each is in the evidence: Python sends `{}` with every POST
//! and DELETE, capitalised booleans and addresses raw in paths; bash doubles the slash after the base and sends an empty
//! text with GET; JavaScript and PHP send a body only where there is one. A test whose program is not on the machine is
//! reported as ignored: which programs there are is known only when the tests start, so this file is a harness of its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod support;

use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};
use support::{get, send, start};
use swpanel_emulator::Emulator;

/// Whether a program runs at all.
fn is_here(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// A test that needs a program, and is ignored where that does not run.
fn with(program: &str, arguments: &[&str], name: &str, test: fn()) -> Trial {
    let run = move || {
        test();
        Ok(())
    };
    let trial = Trial::test(name, run);
    if is_here(program, arguments) {
        trial
    } else {
        trial.with_kind(format!("needs {program}")).with_ignored_flag(true)
    }
}

fn main() -> ExitCode {
    let always = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let tests = vec![
        with("curl", &["--version"], "curl_as_in_the_bash_example", curl_as_in_the_bash_example),
        with("python3", &["--version"], "python_as_in_the_requests_example", python_as_in_the_requests_example),
        with("node", &["-e", "fetch"], "javascript_as_in_the_fetch_example", javascript_as_in_the_fetch_example),
        always("the_bytes_of_each_client_are_understood", the_bytes_of_each_client_are_understood),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// Standard output of a program that gets address and token as the examples do.
fn output(emulator: &Emulator, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("BASE_URL", emulator.base_url())
        .env("API_TOKEN", emulator.token())
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn curl_as_in_the_bash_example() {
    let emulator = start();
    // One function for all verbs: base, a slash, a path that begins with one, and a data argument whatever the verb.
    let script = r#"
        request() {
            curl -s -X "$1" "$BASE_URL/$2" -H "Authorization: Bearer $API_TOKEN" -H "Content-Type: application/json" -d "$3"
            echo
        }
        request GET "/services/" ""
        request GET "/services/XX012" ""
        request POST "/services/XX012/hosting/stop/" ""
        request GET "/services/XX012/status/" ""
        request POST "/services/XX012/dns/" '{"zone":"example.es","record":{"name":"sh","type":"A","data":{"ip":"192.0.2.3"}}}'
        request DELETE "/services/XX012/db/user/" '{"user":"dbuser1"}'
        request GET "/services/XX999" ""
    "#;
    let answers: Vec<Value> =
        output(&emulator, "bash", &["-c", script]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["result"][0]["id"], "XX012");
    assert_eq!(answers[1]["result"]["id"], "XX012");
    assert_eq!(answers[3]["status"], "stopped");
    assert!(answers[4]["message"].is_string() && answers[5]["message"].is_string(), "{answers:#?}");
    assert!(answers[6]["Error message"].is_string());
}

const PYTHON: &str = r#"
import json, os
base, token = os.environ["BASE_URL"], os.environ["API_TOKEN"]
headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
try:
    import requests
    def call(verb, path, params=None, data=None):
        extra = {} if verb == "GET" else {"json": data or {}}
        answer = requests.request(verb, base + path, headers=headers, params=params, **extra)
        return {"success": True} if verb == "POST" and not answer.text.strip() else answer.json()
except ImportError:
    import urllib.error, urllib.parse, urllib.request
    def call(verb, path, params=None, data=None):
        url = base + path + ("?" + urllib.parse.urlencode(params) if params else "")
        body = None if verb == "GET" else json.dumps(data or {}).encode()
        request = urllib.request.Request(url, data=body, headers=headers, method=verb)
        try:
            return json.load(urllib.request.urlopen(request))
        except urllib.error.HTTPError as error:
            return json.load(error)
out = [
    call("GET", "/tools/so/", {"order": "description", "descent": False}),
    call("GET", "/services/", {"id": "XX012"}),
    call("GET", "/services/XX012/mail/mailbox/info@example.es/"),
    call("POST", "/services/XX012/mail/mailbox/stop/info@example.es"),
    call("DELETE", "/services/XX012/mail/alias/sales@example.es"),
    call("PUT", "/services/XX012/cron/12345", data={"additional": {"name": ""}, "user_execution": "", "content": "",
        "date": {"start": "02/06/2026 10:00:00"}, "scheduler": {"customize": {
            "minutes": {"every": {"number": 5}}, "hours": {"every": {"number": 1}}, "days": {"every": {"number": 1}},
            "weekday": {"every": {"number": "1,2"}}, "months": {"every": {"number": "1"}}}}}),
    call("DELETE", "/services/XX012/delete/", data={"delete": {"mode": "immediate"}, "additional": {}}),
    call("GET", "/services/", {"id": "XX012"}),
]
print(json.dumps(out))
"#;

fn python_as_in_the_requests_example() {
    let emulator = start();
    let answers: Vec<Value> = serde_json::from_str(&output(&emulator, "python3", &["-c", PYTHON])).unwrap();
    assert_eq!(answers[0]["result"][0]["values"]["description"], "AlmaLinux 10");
    assert_eq!(answers[1]["result"][0]["id"], "XX012");
    assert_eq!(answers[2]["message"]["email"], "info@example.es");
    assert!(answers[3..7].iter().all(|answer| answer["message"].is_string()), "{answers:#?}");
    assert_eq!(answers[7]["Error code"], "#APIGENE25");
}

const JAVASCRIPT: &str = r#"
const join = (base, path) => base.replace(/\/+$/, "") + "/" + path.replace(/^\/+/, "");
async function call(method, path, data) {
    const headers = { Authorization: `Bearer ${process.env.API_TOKEN}`, Accept: "application/json",
        "Content-Type": "application/json" };
    const options = { method, headers };
    if (data) options.body = JSON.stringify(data);
    const answer = await fetch(join(process.env.BASE_URL, path), options);
    return answer.json();
}
(async () => {
    const out = [];
    out.push(await call("GET", "/services/"));
    out.push(await call("GET", "/services/XX012/"));
    out.push(await call("POST", "/services/XX012/hosting/stop/"));
    out.push(await call("PUT", "/services/XX012/ftp/XX012F1", { access: { read_only: true } }));
    out.push(await call("DELETE", "/services/XX012/mail/mailing_list/news@example.es"));
    console.log(JSON.stringify(out));
})();
"#;

fn javascript_as_in_the_fetch_example() {
    let emulator = start();
    let answers: Vec<Value> = serde_json::from_str(&output(&emulator, "node", &["-e", JAVASCRIPT])).unwrap();
    assert_eq!(answers[0]["result"][0]["id"], "XX012");
    assert_eq!(answers[1]["result"]["id"], "XX012");
    assert!(answers[2..].iter().all(|answer| answer["message"].is_string()), "{answers:#?}");
    assert_eq!(
        get(&emulator, "/services/XX012/ftp/XX012F1").result()["access"],
        json!({"directory": "/web", "read_only": true})
    );
}

fn the_bytes_of_each_client_are_understood() {
    let emulator = start();
    let bearer = format!("Bearer {}", emulator.token());
    let ask = |method: &str, path: &str, body: &str| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        send(emulator.address(), method, path, &headers, body.as_bytes()).status
    };
    // A GET with a type and an empty body, a doubled slash, a POST with `{}`, with nothing, and a raw address.
    assert_eq!(ask("GET", "/v2026//services/", ""), 200);
    assert_eq!(ask("GET", "/v2026/tools/dc/?order=description&descent=False", ""), 200);
    assert_eq!(ask("POST", "/v2026/services/XX012/hosting/start/", "{}"), 200);
    assert_eq!(ask("POST", "/v2026/services/XX012/hosting/start/", ""), 200);
    assert_eq!(ask("DELETE", "/v2026/services/XX012/mail/mailbox/maria@example.es", "{}"), 200);
    assert_eq!(ask("DELETE", "/v2026/services/XX012/mail/mailbox/maria@example.es", "{}"), 404);
}
