//! The program, run as a process: what it prints, how it stops, and what it says to wrong usage.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]
#![cfg(feature = "program")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use support::send;

/// A process that does not outlive a test that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Program {
    child: Running,
    out: BufReader<std::process::ChildStdout>,
    address: SocketAddr,
    base: String,
    token: String,
}

fn run(arguments: &[&str]) -> Program {
    let child = Command::new(env!("CARGO_BIN_EXE_swpanel-emulator"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Running(child);
    let mut out = BufReader::new(child.0.stdout.take().unwrap());
    let mut line = |prefix: &str| {
        let mut text = String::new();
        out.read_line(&mut text).unwrap();
        text.trim_end().strip_prefix(prefix).unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    let (base, token) = (line("base url: "), line("token: "));
    let address = base.strip_prefix("http://").unwrap().strip_suffix("/v2026").unwrap().parse().unwrap();
    Program { child, out, address, base, token }
}

impl Program {
    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.0.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Exit code, the rest of standard output, and standard error.
    fn end(mut self) -> (Option<i32>, String, String) {
        let code = self.child.0.wait().unwrap().code();
        let (mut out, mut error) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.child.0.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        (code, out, error)
    }
}

#[cfg(unix)]
#[test]
fn it_prints_two_lines_serves_and_stops_on_a_signal() {
    for signal in ["-INT", "-TERM"] {
        let document = support::reconstruction();
        let program = run(&["--port", "0", "--seed", "demo", "--document", document.to_str().unwrap()]);
        assert!(program.base.starts_with("http://127.0.0.1:") && program.base.ends_with("/v2026"));
        assert!(program.token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)));
        let bearer = format!("Bearer {}", program.token);
        let reply = send(program.address, "GET", "/v2026/services/", &[("Authorization", &bearer)], b"");
        assert_eq!(reply.json()["result"][0]["id"], "XX012");
        // A connection that is left open must not keep it from stopping.
        let open = std::net::TcpStream::connect(program.address).unwrap();
        program.signal(signal);
        let (code, out, error) = program.end();
        drop(open);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{error}");
        assert!(error.contains("/docs/") && error.contains("stopped"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn its_switches_reach_the_server() {
    let file = support::reconstruction();
    let arguments =
        ["--port", "0", "--seed", "empty", "--errors-as", "200", "--strict-paths", "--token", "my_token.1-x"];
    let more =
        ["--document", file.to_str().unwrap(), "--strict", "--jobs", "calls:2", "--threads", "2", "--fault-seed", "9"];
    let program = run(&[&arguments[..], &more[..]].concat());
    assert_eq!(program.token, "my_token.1-x");
    let bearer = format!("Bearer {}", program.token);
    let ask = |path: &str| send(program.address, "GET", path, &[("Authorization", &bearer)], b"");
    assert_eq!((ask("/v2026/services/").status, ask("/v2026/services/").code().as_str()), (200, "#APIGENE25"));
    assert_eq!(ask("/v2026/services").code(), "#EMULATOR-PATH-SPELLING");
    let settings = ask("/__emulator/settings").json();
    assert_eq!((&settings["jobs"], &settings["strict"]), (&serde_json::json!({"calls": 2}), &true.into()));
    program.signal("-TERM");
    assert_eq!(program.end().0, Some(0));
}

#[cfg(unix)]
#[test]
fn wrong_usage_says_what_to_do_and_prints_nothing() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let cases: &[(&[&str], &str, i32)] = &[
        (&["--seed", "full"], "there are: demo, large, empty", 2),
        (&["--jobs", "later"], "there are: immediate, told, calls:N, seconds:N", 2),
        (&["--errors-as", "500"], "200, 4xx", 2),
        (&["--document", "/no/such/file.json"], "give the path of an OpenAPI document in JSON", 100),
        (&["--document", "/dev/null", "--port", "0"], "give an OpenAPI 3 document in JSON", 100),
        (&["--token", "with space", "--port", "0"], "letters, digits", 100),
        (&["--port", &port], "give another port, or 0", 100),
    ];
    for (arguments, hint, code) in cases {
        let output = Command::new(env!("CARGO_BIN_EXE_swpanel-emulator")).args(*arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(*code), 0), "{arguments:?}: {error}");
        assert!(error.contains(hint), "{arguments:?}: {error}");
    }
}
