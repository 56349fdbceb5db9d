//! What a person sees at a terminal: questions, no echo, width, emphasis, Ctrl-C.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::process::{Command, Stdio};

use common::{Desk, words};
use rexpect::process::wait::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use swpanel_emulator::{FaultKind, FaultRule};

fn open(mut command: Command) -> PtySession {
    command.env("TERM", "xterm").stdin(Stdio::inherit());
    spawn_command(command, Some(20_000)).unwrap()
}

/// What is said until the end, and the exit code.
fn end(mut session: PtySession) -> (String, i32) {
    let said = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (said, code),
        other => panic!("{other:?}: {said}"),
    }
}

#[test]
fn a_token_is_asked_for_without_echo() {
    let desk = Desk::new();
    let mut login = desk.without_token();
    login.arg("login");
    let mut session = open(login);
    session.exp_string("Token (it is not shown): ").unwrap();
    session.send_line(desk.emulator.token()).unwrap();
    let (said, code) = end(session);
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains(desk.emulator.token()) && said.contains("is stored"), "{said}");
    let mut list = desk.without_token();
    list.args(words("services list -q"));
    desk.feed(list, "").ends(0);
}

#[test]
fn a_secret_of_a_body_is_asked_for_without_echo() {
    let desk = Desk::new();
    let mut session = open(desk.command(&words("db user create XX012 --ip_host 192.0.2.10 --password -")));
    session.exp_string("--password: ").unwrap();
    session.send_line("marker-secret").unwrap();
    let (said, code) = end(session);
    assert!(code == 0 && !said.contains("marker-secret"), "{said}");
}

#[test]
fn what_deletes_is_asked_about_by_name() {
    let desk = Desk::new();
    let id = desk.run(&["dns", "list", "XX012", "--jq", ".result[0].id"]).ends(0).out.trim().to_owned();
    for (answer, code, deleted) in [("n", 9, 0), ("", 9, 0), ("y", 0, 1)] {
        let mut session = open(desk.command(&["dns", "delete", "XX012", &id]));
        let asked = session.exp_string("Go on? [y/N] ").unwrap();
        for told in ["DELETE /services/{service}/dns/", &format!("record_id {id}"), "(SWPANEL_TOKEN)", "this deletes"] {
            assert!(asked.contains(told), "{told}: {asked}");
        }
        session.send_line(answer).unwrap();
        let (said, ended) = end(session);
        assert_eq!(ended, code, "{said}");
        let sent = desk.emulator.journal().iter().filter(|entry| entry.method == "DELETE").count();
        assert_eq!(sent, deleted, "{answer}");
    }
}

#[test]
fn a_table_fits_the_terminal_and_is_plain_where_that_is_wanted() {
    let desk = Desk::new();
    let table = |more: &[(&str, &str)]| {
        let mut command = desk.command(&words("dns list XX012"));
        command.env("COLUMNS", "72").envs(more.iter().copied());
        let (said, code) = end(open(command));
        assert_eq!(code, 0, "{said}");
        said
    };
    let bold = table(&[]);
    assert!(bold.contains("\u{1b}[1m"), "{bold}");
    let plain = table(&[("NO_COLOR", "1")]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let widest = plain.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
    assert!(widest <= 72 && widest > 40, "{widest}: {plain}");
    // In a pipe nothing is cut, whatever the width.
    let piped = desk.run(&words("dns list XX012")).ends(0).out;
    assert!(piped.lines().any(|line| line.chars().count() > 72));
}

#[test]
fn an_interrupted_call_ends_with_130() {
    let desk = Desk::new();
    desk.emulator.add_fault(FaultRule::new(FaultKind::Latency { milliseconds: 20_000 }));
    let mut session = open(desk.command(&words("services list")));
    while desk.emulator.journal().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    session.send_control('c').unwrap();
    let (said, code) = end(session);
    assert!(code == 130 && said.contains("interrupted"), "{said}");
}

#[test]
fn a_wide_table_is_cut_to_what_can_be_read() {
    let desk = Desk::new();
    let table = |line: &str| {
        let mut command = desk.command(&words(line));
        command.env("COLUMNS", "80").env("NO_COLOR", "1");
        let (said, code) = end(open(command));
        assert_eq!(code, 0, "{said}");
        // What is read from the pseudo-terminal has a character for each byte.
        let bytes: Vec<u8> = said.chars().filter_map(|c| u8::try_from(c).ok()).collect();
        let said = String::from_utf8(bytes).unwrap();
        said.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    };
    let rows = |line: &str| {
        let jq = [&words(line)[..], &["--jq", ".result | length"]].concat();
        desk.run(&jq).ends(0).out.trim().parse::<usize>().unwrap()
    };
    for line in ["services list", "dns list XX012"] {
        let said = table(line);
        assert!(said.iter().all(|line| line.chars().count() <= 80), "{said:#?}");
        let note = said.iter().position(|line| line.starts_with("not shown: ")).unwrap_or(said.len());
        assert_eq!(note, rows(line) + 1, "each thing has one line: {said:#?}");
        assert!(said[1].split_whitespace().next().unwrap().len() > 3, "the id is whole: {said:#?}");
    }
    let services = table("services list");
    assert!(services.iter().any(|line| line.starts_with("not shown: ")), "{services:#?}");
    assert!(services.join(" ").contains("`--columns`"), "{services:#?}");
    for name in ["ID", "DOMAIN", "NAME", "STATUS"] {
        assert!(services[0].split_whitespace().any(|known| known == name), "{name}: {services:#?}");
    }
    assert!(table("dns list XX012").iter().any(|line| line.contains("192.0.2.10")));
    // What was asked for is there, cut where it must be.
    let said = table("services list --columns id,name,domain,status,kind,created").join("\n");
    assert!(!said.contains("not shown"), "{said}");
}

#[test]
fn an_interrupted_question_gives_the_terminal_back() {
    let desk = Desk::new();
    let program = env!("CARGO_BIN_EXE_swpanel");
    for line in ["login", "db user create XX012 --ip_host 192.0.2.10 --password -"] {
        let mut shell = desk.command(&[] as &[&str]);
        shell = {
            let mut command = Command::new("sh");
            command.env_clear().envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command.env("PATH", std::env::var_os("PATH").unwrap()).current_dir(desk.home.path());
            command.args(["-c", &format!("stty echo; trap : INT; {program} {line}; echo code $?; stty -a")]);
            command
        };
        let mut session = open(shell);
        session.exp_string(": ").unwrap();
        session.send("half").unwrap();
        session.send_control('c').unwrap();
        let (said, _) = end(session);
        assert!(said.contains("code 130") && !said.contains("half"), "{line}: {said}");
        assert!(said.contains(" echo ") && !said.contains("-echo "), "{line}: {said}");
    }
}

#[test]
fn a_hidden_answer_can_be_corrected() {
    let desk = Desk::new();
    let mut login = desk.without_token();
    login.arg("login");
    let mut session = open(login);
    session.exp_string(": ").unwrap();
    session.send_line(&format!("wrong\u{15}\u{1a}{}x\u{e9}\u{7f}\u{7f}\u{1a}", desk.emulator.token())).unwrap();
    let (said, code) = end(session);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_wait_says_what_it_waits_for() {
    let desk = Desk::new();
    let line = "hosting stop XX012 --wait --wait-for false --wait-timeout 1";
    let (said, code) = end(open(desk.command(&words(line))));
    assert!(code == 7 && said.contains("waiting for false") && !said.contains("0/0"), "{said}");
}

#[test]
fn another_token_under_the_same_name_is_asked_about() {
    let desk = Desk::new();
    let call = "POST /services/{service}/dns/ttl/{dns_zone}";
    desk.emulator.add_fault(FaultRule::new(FaultKind::Error { status: 401, code: None, message: None }).on(call));
    let file = desk.file("f1", "XX012\n");
    let line = [
        "fleet",
        "run",
        "-y",
        "--services",
        &file,
        "--journal",
        "run.journal",
        "--",
        "dns",
        "ttl",
        "set",
        "example.es",
    ];
    desk.run(&[&line[..], &["--value", "61"]].concat()).ends(4);
    desk.emulator.clear_faults();
    let second = desk.emulator.create_token("second", swpanel_emulator::Scope::default());
    for (answer, ends, sent) in [("n", 9, 1), ("y", 0, 2)] {
        let mut resume = desk.command(&words("fleet resume run.journal"));
        resume.env("SWPANEL_TOKEN", &second);
        let mut session = open(resume);
        let asked = session.exp_string("Go on? [y/N] ").unwrap();
        assert!(asked.contains("(SWPANEL_TOKEN)") && asked.contains("another account"), "{asked}");
        session.send_line(answer).unwrap();
        let (said, code) = end(session);
        assert_eq!(code, ends, "{said}");
        assert_eq!(desk.emulator.journal().iter().filter(|entry| entry.method == "POST").count(), sent, "{answer}");
    }
}

#[test]
fn a_fleet_of_writes_asks_once_and_names_what_it_does() {
    let desk = Desk::new();
    let file = desk.file("f1", "XX012\nXX013\nXX014\nXX015\nXX016\nXX017\nXX018\n");
    for (answer, ends, sent) in [("n", 9, 0), ("", 9, 0), ("y", 0, 7)] {
        let line = ["fleet", "run", "--services", &file, "--", "hosting", "stop"];
        let mut session = open(desk.command(&line));
        let asked = session.exp_string("Go on? [y/N] ").unwrap();
        for told in ["7 items: XX012, XX013", "XX016 and 2 more", "stops each item", "/hosting/stop/"] {
            assert!(asked.contains(told), "{told}: {asked}");
        }
        session.send_line(answer).unwrap();
        let (said, code) = end(session);
        assert_eq!(code, ends, "{said}");
        assert!(!said.contains("Go on?"), "it asks once: {said}");
        assert_eq!(desk.emulator.journal().len(), sent, "{answer}");
    }
}

/// What a hostile server plants: cursor, title and colour sequences, C1, line breaks, direction, no width.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{7f}\r\n::error::planted\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}";

/// Whether nothing but text, line ends and our own emphasis is in it. A pseudo-terminal writes `\r\n` for a line end.
#[track_caller]
fn is_harmless(said: &str, what: &str) {
    let bytes: Vec<u8> = said.chars().filter_map(|c| u8::try_from(c).ok()).collect();
    let text = String::from_utf8(bytes).unwrap_or_else(|_| said.to_owned());
    // The last one is how the line of a wait is renewed.
    let text = ["\u{1b}[1m", "\u{1b}[0m", "\r\u{1b}[2K"].iter().fold(text, |text, own| text.replace(own, ""));
    let text = text.replace("\r\n", "\n");
    for bad in ['\u{1b}', '\u{7}', '\u{9b}', '\u{7f}', '\r', '\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}']
    {
        assert!(!text.contains(bad), "{what}: {bad:?} in {text:?}");
    }
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::error")), "{what}: {text:?}");
}

fn hostile_server(status: &'static str, body: String) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v2026", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && std::io::Read::read(&mut stream, &mut byte).is_ok_and(|n| n > 0) {
                head.push(byte[0]);
            }
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-request-id: id\u{9b}31m\r\ncontent-length: \
                 {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = std::io::Write::write_all(&mut stream, text.as_bytes());
        }
    });
    address
}

#[test]
fn nothing_of_a_server_steers_a_terminal() {
    let desk = Desk::new();
    let planted = serde_json::Value::from(HOSTILE);
    let mut item = serde_json::Map::new();
    item.insert("id".to_owned(), planted.clone());
    item.insert(HOSTILE.to_owned(), planted.clone());
    item.insert("n".to_owned(), serde_json::json!({ HOSTILE: planted.clone(), "list": [planted.clone(), 1] }));
    let list = serde_json::json!({ "result": [item.clone(), item.clone()] }).to_string();
    let one = serde_json::json!({ "result": item }).to_string();
    let message = serde_json::json!({ "message": planted.clone() }).to_string();
    let error = serde_json::json!({ "Error code": planted.clone(), "Error message": planted.clone() }).to_string();
    for (body, status) in [(list, "200 OK"), (one, "200 OK"), (message, "200 OK"), (error, "422 Unprocessable")] {
        let base = hostile_server(status, body.clone());
        for line in [
            "services list",
            "services list -o json",
            "services list -o jsonl",
            "services list -o yaml",
            "services list -o csv",
            "services list --jq ..|strings",
            "services list --jq .[][]",
            "services list --columns nothing",
            "services get XX012 -v",
            "dns delete XX012 12345 --yes",
            "dns export XX012 example.es",
            "fleet run --select .result[].id --dry-run -- dns list",
            "hosting stop XX012 --wait --wait-for .x --wait-timeout 1",
            "doctor",
        ] {
            let mut command = desk.command(&words(line));
            command.env("SWPANEL_BASE_URL", &base).args(["--retries", "0"]);
            if line.starts_with("dns export") || line.starts_with("services get") {
                command.env("COLUMNS", "60");
            }
            let (said, _) = end(open(command));
            is_harmless(&said, &format!("{line}: {body:?}"));
            assert!(!said.is_empty(), "{line}");
        }
    }
}

#[test]
fn nothing_of_an_argument_steers_a_terminal() {
    let desk = Desk::new();
    let mut session = open(desk.command(&["domains", "contact", "delete", HOSTILE]));
    let asked = session.exp_string("Go on? [y/N] ").unwrap();
    is_harmless(&asked, "the question");
    session.send_line("n").unwrap();
    is_harmless(&end(session).0, "the refusal");
    for line in [
        &["explain", HOSTILE][..],
        &["services", "list", "--jq", HOSTILE],
        &["services", HOSTILE],
        &["services", "get", HOSTILE, "--dry-run"],
        &["undo", HOSTILE],
        &["dns", "plan", "XX012", HOSTILE, HOSTILE],
        &["api", HOSTILE, HOSTILE],
        &["fleet", "run", "--services", HOSTILE, "--", "dns", "list"],
        &["profile", "show", HOSTILE],
        &["dns", "create", "XX012", "--zone", HOSTILE, "--type", HOSTILE],
    ] {
        let (said, code) = end(open(desk.command(line)));
        assert!(code != 0 || line.contains(&"--dry-run"), "{line:?}: {said}");
        is_harmless(&said, &format!("{line:?}"));
    }
}

#[test]
fn what_a_pipe_gets_is_exact_where_it_is_data() {
    let desk = Desk::new();
    let body = serde_json::json!({ "result": [{ "id": "x", HOSTILE: HOSTILE }] }).to_string();
    let base = hostile_server("200 OK", body.clone());
    let piped = |line: &str| {
        let mut command = desk.command(&words(line));
        command.env("SWPANEL_BASE_URL", &base);
        common::Said::of(command.output().unwrap()).ends(0).out
    };
    let value: serde_json::Value = serde_json::from_str(&body).unwrap();
    let json = piped("services list -o json");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
    is_harmless(&json, "json in a pipe");
    assert_eq!(piped("services list --jq .result[0][]|select(.!=\"x\")"), format!("{HOSTILE}\n"));
    is_harmless(&piped("services list -o yaml"), "yaml in a pipe");
    let csv = piped("services list -o csv");
    is_harmless(&csv, "csv in a pipe");
    assert_eq!(csv.lines().count(), 2, "{csv:?}");
}
