//! ACME hooks of the real program against an emulator and a name server of our own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::Desk;
use simple_dns::rdata::{RData, TXT};
use simple_dns::{CLASS, Packet, PacketFlag, ResourceRecord};

/// A name server that has these texts for every name, after so many questions without an answer.
struct Server {
    address: SocketAddr,
    texts: Arc<Mutex<Vec<String>>>,
    asked: Arc<AtomicUsize>,
}

fn answer(question: &[u8], texts: &[String], cut: bool) -> Vec<u8> {
    let asked = Packet::parse(question).unwrap();
    let mut reply = Packet::new_reply(asked.id());
    reply.questions.clone_from(&asked.questions);
    if cut {
        reply.set_flags(PacketFlag::TRUNCATION);
    } else {
        for text in texts {
            let data = RData::TXT(TXT::new().with_string(text).unwrap().into_owned());
            reply.answers.push(ResourceRecord::new(asked.questions[0].qname.clone(), CLASS::IN, 60, data));
        }
    }
    reply.build_bytes_vec().unwrap()
}

fn serve(empty_first: usize, cut: bool) -> Server {
    // A port that is free for both.
    let both = || {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = udp.local_addr().unwrap();
        TcpListener::bind(address).ok().map(|tcp| (udp, tcp, address))
    };
    let (udp, tcp, address) = (0..50).find_map(|_| both()).unwrap();
    let (texts, asked) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
    let (known, count) = (Arc::clone(&texts), Arc::clone(&asked));
    // Threads end with the process of the test.
    std::thread::spawn(move || {
        let mut bytes = [0; 1024];
        while let Ok((length, from)) = udp.recv_from(&mut bytes) {
            let early = count.fetch_add(1, Ordering::Relaxed) < empty_first;
            let texts = if early { Vec::new() } else { known.lock().unwrap().clone() };
            udp.send_to(&answer(&bytes[..length], &texts, cut), from).unwrap();
        }
    });
    let known = Arc::clone(&texts);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = tcp.accept() {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut question).unwrap();
            let reply = answer(&question, &known.lock().unwrap(), false);
            stream.write_all(&u16::try_from(reply.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(&reply).unwrap();
        }
    });
    Server { address, texts, asked }
}

fn challenges(desk: &Desk) -> Vec<String> {
    let filter = ".result[].record | select(.name == \"_acme-challenge\") | .data.value";
    let said = desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0);
    said.out.lines().map(str::to_owned).collect()
}

fn lego(desk: &Desk, action: &str, text: &str, more: &[&str]) -> common::Said {
    let line = [
        "acme",
        "lego-exec",
        action,
        "_acme-challenge.example.es.",
        text,
        "--service",
        "XX012",
        "--zone",
        "example.es",
    ];
    desk.run(&[&line[..], more].concat())
}

#[test]
fn apex_and_wildcard_stand_side_by_side_and_go_by_value() {
    let desk = Desk::new();
    let others = desk.run(&["dns", "list", "XX012", "--jq", ".result | length"]).ends(0).out;
    let said = lego(&desk, "present", "value-of-apex", &[]).ends(0);
    assert!(said.err.contains("not proven") && said.out.is_empty(), "{}", said.err);
    lego(&desk, "present", "value-of-wildcard", &[]).ends(0);
    // A hook that is called again adds nothing.
    lego(&desk, "present", "value-of-apex", &[]).ends(0);
    assert_eq!(challenges(&desk), ["value-of-apex", "value-of-wildcard"]);
    assert!(lego(&desk, "cleanup", "value-of-apex", &[]).ends(0).err.contains("1 removed"));
    assert_eq!(challenges(&desk), ["value-of-wildcard"]);
    assert!(lego(&desk, "cleanup", "value-of-apex", &[]).ends(0).err.contains("0 removed"));
    lego(&desk, "cleanup", "value-of-wildcard", &[]).ends(0);
    assert_eq!(desk.run(&["dns", "list", "XX012", "--jq", ".result | length"]).ends(0).out, others, "the rest stays");
}

#[test]
fn only_a_record_of_that_zone_name_and_text_goes() {
    let desk = Desk::new();
    let all = || desk.run(&["dns", "list", "XX012", "--jq", ".result[]"]).ends(0).out;
    let before = all();
    // Words that stand elsewhere in records: a zone, a type, a name.
    for text in ["example.es", "A", "@", "www", "mail.example.es"] {
        assert!(lego(&desk, "cleanup", text, &[]).ends(0).err.contains("0 removed"), "{text}");
        assert_eq!(all(), before, "{text}");
    }
    let at = |action: &str, name: &str| {
        let line = ["acme", "lego-exec", action, name, "same-text", "--service", "XX012", "--zone", "example.es"];
        desk.run(&line).ends(0).err
    };
    let (apex, www) = ("_acme-challenge.example.es.", "_acme-challenge.www.example.es.");
    assert!(at("present", apex).contains("added"));
    assert!(at("cleanup", www).contains("0 removed"));
    assert!(at("present", www).contains("added"), "another name is another record");
    assert!(at("present", www).contains("already"));
    assert!(at("cleanup", www).contains("1 removed"));
    assert!(at("cleanup", apex).contains("1 removed"));
    assert_eq!(all(), before);
}

#[test]
fn a_value_of_lego_may_begin_with_a_dash() {
    let desk = Desk::new();
    for text in ["-Vx9", "-oQx9", "-", "--x_-9", "-hx"] {
        lego(&desk, "present", text, &[]).ends(0);
        assert_eq!(challenges(&desk), [text]);
        lego(&desk, "cleanup", text, &[]).ends(0);
        assert!(challenges(&desk).is_empty(), "{text}");
    }
    // Flags may stand before the value all the same.
    let line = "acme lego-exec present _acme-challenge.example.es. --service XX012 --zone=example.es -q -xyz";
    desk.run(&common::words(line)).ends(2);
    let line = "acme lego-exec present --service XX012 --zone=example.es -q _acme-challenge.example.es. -xyz";
    desk.run(&common::words(line)).ends(0);
    assert_eq!(challenges(&desk), ["-xyz"]);
}

#[test]
fn certbot_says_it_by_its_variables() {
    let desk = Desk::new();
    let hook = |words: &[&str]| {
        let mut command = desk.command(words);
        command.env("CERTBOT_DOMAIN", "shop.example.es").env("CERTBOT_VALIDATION", "value-1");
        command.env("SWPANEL_ACME_SERVICE", "XX012").env("SWPANEL_ACME_ZONE", "example.es");
        desk.feed(command, "")
    };
    hook(&["acme", "certbot-auth"]).ends(0);
    let filter = ".result[].record | select(.data.value == \"value-1\") | .name";
    assert_eq!(desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out, "_acme-challenge.shop\n");
    hook(&["acme", "certbot-cleanup"]).ends(0);
    assert_eq!(desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out, "");
    let unset = desk.run(&["acme", "certbot-auth"]).ends(2);
    assert!(unset.err.contains("CERTBOT_DOMAIN"), "{}", unset.err);
}

#[test]
fn waits_until_every_name_server_answers() {
    let desk = Desk::new();
    let (slow, cut) = (serve(1, false), serve(0, true));
    for server in [&slow, &cut] {
        server.texts.lock().unwrap().extend(["other".to_owned(), "value-2".to_owned()]);
    }
    let servers = [slow.address.to_string(), cut.address.to_string()];
    let wait = ["--wait", "--name-server", &servers[0], "--name-server", &servers[1]];
    let said = lego(&desk, "present", "value-2", &wait).ends(0);
    assert!(said.err.contains("2 of 2 name servers answer it"), "{}", said.err);
    assert!(slow.asked.load(Ordering::Relaxed) >= 2 && cut.asked.load(Ordering::Relaxed) >= 2);
    // What nobody answers is a failure, told with who did not.
    let late = [&wait[..], &["--wait-timeout", "1", "-o", "json"]].concat();
    let failure = lego(&desk, "present", "value-3", &late).ends(7).err;
    let failure: serde_json::Value = serde_json::from_str(failure.lines().last().unwrap()).unwrap();
    assert_eq!(failure["error"]["kind"], "not-propagated");
    assert!(failure["error"]["details"][0].as_str().unwrap().contains(&servers[0]), "{failure}");
}

#[test]
fn what_is_missing_is_told() {
    let desk = Desk::new();
    let line = ["acme", "lego-exec", "present", "_acme-challenge.example.es.", "value"];
    assert!(desk.run(&line).ends(2).err.contains("SWPANEL_ACME_SERVICE"));
    let other = [&line[..], &["--service", "XX012", "--zone", "example.com"]].concat();
    assert!(desk.run(&other).ends(2).err.contains("no name within the zone"));
    assert!(lego(&desk, "replace", "value", &[]).ends(2).err.contains("present or cleanup"));
    assert!(desk.emulator.journal().is_empty());
}

/// A server that ends with the test, also where that fails.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn lego_says_it_over_http_with_a_password() {
    let desk = Desk::new();
    let line = ["acme", "lego-httpreq", "--listen", "127.0.0.1:0", "--service", "XX012", "--zone", "example.es"];
    assert!(desk.run(&line).ends(2).err.contains("password is missing"));
    let elsewhere = [&line[..3], &["0.0.0.0:0"], &line[4..], &["--password", "env:P"]].concat();
    assert!(desk.run(&elsewhere).ends(2).err.contains("not of this machine alone"));
    let mut command = desk.command(&[&line[..], &["--password", "env:LEGO_PASSWORD"]].concat());
    command.env("LEGO_PASSWORD", "marker-secret").stderr(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::null());
    let mut child = Ended(command.spawn().unwrap());
    let mut said = std::io::BufReader::new(child.0.stderr.take().unwrap());
    let mut first = String::new();
    std::io::BufRead::read_line(&mut said, &mut first).unwrap();
    let address = first.split("http://").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let post = |path: &str, password: &str, body: &str| {
        // `swpanel:marker-secret` and something else.
        let basic = if password == "right" { "c3dwYW5lbDptYXJrZXItc2VjcmV0" } else { "eDp5" };
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n");
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let body = r#"{"fqdn": "_acme-challenge.example.es.", "value": "over-http"}"#;
    assert!(post("/present", "wrong", body).starts_with("HTTP/1.1 401"));
    assert!(challenges(&desk).is_empty());
    assert!(post("/present", "right", body).starts_with("HTTP/1.1 200"));
    assert_eq!(challenges(&desk), ["over-http"]);
    assert!(post("/present", "right", "{}").starts_with("HTTP/1.1 400"));
    assert!(post("/other", "right", body).starts_with("HTTP/1.1 404"));
    assert!(post("/cleanup", "right", body).contains("1 removed"));
    assert!(challenges(&desk).is_empty());
    drop(child);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("marker-secret") && rest.contains("POST /present 401"), "{rest}");
}
