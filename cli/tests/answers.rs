//! Answers in every form: rows wherever they come, nothing of them in errors, one JSON value for programs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, words};
use serde_json::Value;

#[test]
fn a_list_that_comes_in_message_has_rows() {
    let desk = Desk::new();
    let json = desk.run(&words("mail mailbox list XX012 -o json")).ends(0).json();
    let count = json["message"].as_array().unwrap().len();
    assert!(count > 1, "{json}");
    let csv = desk.run(&words("mail mailbox list XX012 -o csv --columns email")).ends(0).out;
    assert_eq!(csv.lines().count(), count + 1, "{csv}");
    assert!(csv.starts_with("email\n") && csv.contains("@"), "{csv}");
    assert_eq!(desk.run(&words("mail mailbox list XX012 -o jsonl")).ends(0).out.lines().count(), count);
    let table = desk.run(&words("mail mailbox list XX012")).ends(0).out;
    assert_eq!(table.lines().count(), count + 1, "{table}");
}

#[test]
fn a_filter_that_fails_does_not_repeat_the_answer() {
    let desk = Desk::new();
    for (filter, told) in [
        (".[].id", "an array"),
        (".result[0].id.x", "a text"),
        (".result | map(.id) | .x", "an array"),
        ("error(.)", "an object"),
    ] {
        let said = desk.run(&["services", "list", "--jq", filter]).ends(2);
        assert!(said.err.contains("fails on this answer") && said.err.contains(told), "{filter}: {}", said.err);
        assert!(said.err.len() < 300 && !said.err.contains("XX012"), "{filter}: {}", said.err);
    }
}

#[test]
fn standard_output_is_one_json_value_whatever_is_done() {
    let desk = Desk::new();
    let zone = desk.file("zone", &desk.run(&words("dns export XX012 example.es")).ends(0).out);
    let plan = desk.path("plan.json");
    let plan = plan.to_str().unwrap();
    desk.run(&["dns", "plan", "XX012", "example.es", &zone, "--out", plan]).ends(0);
    let more = desk.file("more", &(std::fs::read_to_string(&zone).unwrap() + "new A 192.0.2.99\n"));
    let other = desk.path("other.json");
    let other = other.to_str().unwrap();
    desk.run(&["dns", "plan", "XX012", "example.es", &more, "--out", other]).ends(0);
    let mut login = desk.without_token();
    login.args(words("login --stdin --profile one -o json"));
    let said = desk.feed(login, desk.emulator.token()).ends(0);
    assert!(said.json()["profile"] == "one" && said.err.is_empty(), "{said:?}");
    let acme = "--service XX012 --zone example.es _acme-challenge.example.es. value";
    for line in [
        format!("dns apply {plan}"),
        format!("dns apply {other} --dry-run"),
        "dns export XX012 example.es".to_owned(),
        format!("dns plan XX012 example.es {zone}"),
        format!("acme lego-exec present {acme}"),
        format!("acme lego-exec present {acme}"),
        format!("acme lego-exec cleanup {acme}"),
        "profile use one".to_owned(),
        "profile list".to_owned(),
        "profile remove one".to_owned(),
        "explain 401".to_owned(),
        "explain exit".to_owned(),
        "completions bash".to_owned(),
        "hosting stop XX012 --wait --wait-for true".to_owned(),
    ] {
        let said = desk.run(&[&words(&line)[..], &["-o", "json"]].concat()).ends(0);
        assert!(serde_json::from_str::<Value>(&said.out).is_ok(), "{line}: {said:?}");
        assert_eq!(said.err, "", "{line}");
    }
}

#[test]
#[cfg(unix)]
fn standard_error_of_an_interrupted_fleet_is_one_json_value() {
    use std::process::Stdio;
    use swpanel_emulator::{FaultKind, FaultRule};
    let desk = Desk::new();
    desk.emulator.add_fault(FaultRule::new(FaultKind::Latency { milliseconds: 1000 }));
    let file = desk.file("items.csv", "service,n\nXX012,1\nXX012,2\nXX012,3\n");
    let line = ["fleet", "run", "--services", &file, "--concurrency", "1", "-o", "json", "--", "dns", "list"];
    let child = desk.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = std::time::Instant::now();
    while desk.emulator.journal().is_empty() {
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "it does not begin");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let said = common::Said::of(child.wait_with_output().unwrap()).ends(130);
    assert_eq!(said.failure()["kind"], "interrupted");
    assert_eq!(said.json()["items"], 3);
}

/// A server that gives one response to every request.
fn server(status: &'static str, body: String) -> String {
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
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = std::io::Write::write_all(&mut stream, text.as_bytes());
        }
    });
    address
}

fn at(desk: &Desk, base: &str, line: &[&str]) -> common::Said {
    let mut command = desk.command(line);
    command.env("SWPANEL_BASE_URL", base);
    common::Said::of(command.output().unwrap())
}

#[test]
fn numbers_are_printed_as_the_api_sent_them() {
    let desk = Desk::new();
    let digits = ["12345678901234567890", "123456789012345678901234567890", "1.10", "1e400", "-0", "1E+2", "0.1e1"];
    let items: Vec<String> = digits.iter().map(|digits| format!(r#"{{"id":"x","n":{digits}}}"#)).collect();
    for body in [format!(r#"{{"result":[{}]}}"#, items.join(",")), format!(r#"{{"message":[{}]}}"#, items.join(","))] {
        let base = server("200 OK", body);
        for line in ["services list", "api GET /services/"] {
            for (format, before, after) in [
                ("json", "\"n\": ", "\n"),
                ("jsonl", "\"n\":", "}"),
                ("yaml", "n: ", "\n"),
                ("csv", "x,", "\n"),
                ("table", "x   ", "\n"),
            ] {
                let said = at(&desk, &base, &[&words(line)[..], &["-o", format]].concat()).ends(0);
                for digits in digits {
                    let wanted = format!("{before}{digits}{after}");
                    assert!(said.out.contains(&wanted), "{line} -o {format}, {digits}: {}", said.out);
                }
            }
            let jq = at(&desk, &base, &[&words(line)[..], &["--jq", "(.result // .message)[].n"]].concat()).ends(0);
            assert_eq!(jq.out.lines().filter(|line| digits.contains(line)).count(), 6, "{}", jq.out);
        }
    }
}

#[test]
fn null_is_no_answer_to_a_read() {
    let desk = Desk::new();
    for body in ["null", " null\n", ""] {
        let base = server("200 OK", body.to_owned());
        for line in ["services list", "services get XX012", "api GET /services/XX012"] {
            let said = at(&desk, &base, &[&words(line)[..], &["-o", "json", "--retries", "0"]].concat()).ends(7);
            let failure = said.failure();
            assert_eq!(failure["kind"], "empty-answer", "{line}: {failure}");
            assert!(failure["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{line}: {failure}");
            assert_eq!(said.out, "", "{line}");
        }
        // A write may answer nothing.
        at(&desk, &base, &words("hosting stop XX012 -o json")).ends(0);
    }
}

#[test]
fn a_filter_without_end_is_stopped() {
    let desk = Desk::new();
    for (filter, told) in [
        ("def f: 1+f; f", "recurses too deeply"),
        ("def f: [f]; f", "recurses too deeply"),
        ("reduce range(200000) as $i (null; [.]) | tojson", "recurses too deeply"),
        ("repeat(1)", "more than 250000 values"),
        ("range(infinite)", "more than 250000 values"),
        ("halt", "halt"),
    ] {
        let started = std::time::Instant::now();
        let said = desk.run(&["services", "list", "--jq", filter, "-o", "json"]).ends(2);
        let failure = said.failure();
        assert!(failure["message"].as_str().unwrap().contains(told), "{filter}: {failure}");
        assert_eq!(said.out, "", "{filter}");
        assert!(started.elapsed().as_secs() < 60, "{filter}");
    }
    let deep = format!("{}{}", "(".repeat(50_000), ")".repeat(50_000));
    let said = desk.run(&["services", "list", "--jq", &deep]);
    assert!(said.code == 2 && said.err.starts_with("swpanel: the jq expression"), "{}", said.code);
    assert_eq!(desk.run(&["services", "list", "--jq", "limit(2; repeat(1))"]).ends(0).out, "1\n1\n");
    let select = ["fleet", "run", "--select", "def f: 1+f; f", "--dry-run", "--", "dns", "list"];
    desk.run(&select).ends(2);
    // The change was made before the condition was first asked, so this is not the exit code of "nothing was sent".
    let wait = ["hosting", "stop", "XX012", "--wait", "--wait-for", "def f: 1+f; f", "--wait-timeout", "1"];
    let said = desk.run(&wait).ends(1);
    assert!(
        said.err.contains("recurses too deeply") && said.err.contains("the change itself was made"),
        "{}",
        said.err
    );
}

#[test]
#[cfg(unix)]
fn a_filter_without_end_is_interrupted() {
    use std::process::Stdio;
    let desk = Desk::new();
    let line = ["services", "list", "--jq", "def f: f; f", "-o", "json"];
    let child = desk.command(&line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while desk.emulator.journal().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(700));
    let started = std::time::Instant::now();
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let said = common::Said::of(child.wait_with_output().unwrap()).ends(130);
    assert_eq!(said.failure()["kind"], "interrupted");
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn an_expression_sees_nothing_of_the_environment() {
    let desk = Desk::new();
    let said = desk.run(&["services", "list", "--jq", "env"]).ends(0);
    assert!(!said.out.contains(desk.emulator.token()) && !said.out.contains("HOME"), "{}", said.out);
}

#[test]
#[cfg(target_os = "linux")]
fn a_change_whose_output_is_lost_is_not_called_undone() {
    let desk = Desk::new();
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let create = "dns create XX012 --zone example.es --type A --name full --ip 192.0.2.9";
    let output = desk.command(&words(create)).stdout(full()).output().unwrap();
    let said = common::Said::of(output).ends(1);
    assert!(said.err.contains("only the output is lost") && said.err.contains("read the state"), "{}", said.err);
    let output = desk.command(&words("services list")).stdout(full()).output().unwrap();
    let said = common::Said::of(output).ends(1);
    assert!(!said.err.contains("only the output is lost"), "{}", said.err);
}
