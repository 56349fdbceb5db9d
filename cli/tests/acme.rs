//! ACME hooks of the real program against an emulator and a name server of our own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::Desk;
use simple_dns::rdata::{CNAME, NS, RData, SOA, TXT};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};

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
    let nobody = names(&[]).to_string();
    let other = [&line[..], &["--service", "XX012", "--zone", "example.com", "--name-server", &nobody]].concat();
    assert!(desk.run(&other).ends(2).err.contains("not a name within the zone"));
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

/// A running `acme lego-httpreq`: what it said before it listened, what it says, and its address.
fn httpreq(desk: &Desk, password: &str) -> (Ended, (String, std::io::BufReader<std::process::ChildStderr>), String) {
    let line = "acme lego-httpreq --listen 127.0.0.1:0 --service XX012 --zone example.es --password";
    let mut command = desk.command(&[&common::words(line)[..], &[password]].concat());
    command.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
    let mut child = Ended(command.spawn().unwrap());
    let mut said = std::io::BufReader::new(child.0.stderr.take().unwrap());
    let mut before = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(std::io::BufRead::read_line(&mut said, &mut line).unwrap(), 0, "{before}");
        if let Some((_, rest)) = line.split_once("http://") {
            return (child, (before, said), rest.split(' ').next().unwrap().to_owned());
        }
        before.push_str(&line);
    }
}

/// A POST with the password of `swpanel:marker-secret`, or with something else.
fn post(address: &str, path: &str, password: &str, body: &str) -> String {
    let basic = if password == "right" { "c3dwYW5lbDptYXJrZXItc2VjcmV0" } else { "eDp5" };
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_connection_that_sends_nothing_stops_nobody() {
    let desk = Desk::new();
    let file = desk.file("password", "marker-secret\n");
    let (_child, _said, address) = httpreq(&desk, &format!("@{file}"));
    // Some send nothing, some half a head, some a head with the right password and no body.
    let silent: Vec<_> = [
        "",
        "POST /present HTTP/1.1\r\nHo",
        "POST /present HTTP/1.1\r\nHost: x\r\nAuthorization: \
        Basic c3dwYW5lbDptYXJrZXItc2VjcmV0\r\nContent-Length: 60\r\n\r\n",
    ]
    .repeat(7)
    .into_iter()
    .map(|start| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.write_all(start.as_bytes()).unwrap();
        stream
    })
    .collect();
    let (sender, done) = std::sync::mpsc::channel();
    let there = address.clone();
    std::thread::spawn(move || {
        let body = r#"{"fqdn": "_acme-challenge.example.es.", "value": "beside-the-silent"}"#;
        let _ = sender.send(post(&there, "/present", "right", body));
    });
    let answer = done.recv_timeout(std::time::Duration::from_secs(4)).expect("the silent connections stop the server");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(challenges(&desk), ["beside-the-silent"]);
    // A body without end is not read into memory.
    let long = format!("{{\"fqdn\": \"{}\"}}", "a".repeat(70 << 10));
    assert!(post(&address, "/present", "right", &long).starts_with("HTTP/1.1 400"));
    drop(silent);
}

#[test]
fn acmeproxy_and_raw_mode_get_what_they_look_for() {
    let desk = Desk::new();
    let file = desk.file("password", "marker-secret");
    let (_child, _said, address) = httpreq(&desk, &format!("@{file}"));
    // acme.sh sends this, with a slash too many where the endpoint ends in one, and looks for the value in quotes.
    let body = r#"{"fqdn": "_acme-challenge.example.es.", "value": "of-acme-sh"}"#;
    for (path, there) in [("/present", &["of-acme-sh"][..]), ("//cleanup", &[])] {
        let answer = post(&address, path, "right", body);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"of-acme-sh\""), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["fqdn"], "_acme-challenge.example.es.");
        assert_eq!(challenges(&desk), there);
    }
    // A failure must not look like a success to it.
    let wrong = r#"{"fqdn": "_acme-challenge.example.com.", "value": "of-acme-sh"}"#;
    let answer = post(&address, "/present", "right", wrong);
    assert!(answer.starts_with("HTTP/1.1 400") && !answer.contains("\"of-acme-sh\""), "{answer}");
    let answer = post(&address, "/present", "right", r#"{"fqdn": "x\u001b[2J.es", "value": "v"}"#);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    // RAW mode of lego: the value is the hash of the key authorization.
    let raw = r#"{"domain": "*.example.es", "token": "t", "keyAuth": "abc"}"#;
    assert!(post(&address, "/present", "right", raw).starts_with("HTTP/1.1 200"));
    assert_eq!(challenges(&desk), ["ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"]);
    assert!(post(&address, "/cleanup", "right", raw).contains("1 removed"));
    assert!(challenges(&desk).is_empty());
}

#[test]
fn lego_says_it_over_http_with_a_password() {
    let desk = Desk::new();
    let line = ["acme", "lego-httpreq", "--listen", "127.0.0.1:0", "--service", "XX012", "--zone", "example.es"];
    assert!(desk.run(&line).ends(2).err.contains("password is missing"));
    let elsewhere = [&line[..3], &["0.0.0.0:0"], &line[4..], &["--password", "env:P"]].concat();
    assert!(desk.run(&elsewhere).ends(2).err.contains("not of this machine alone"));
    // The byte order mark and the line end of the file are not part of the password.
    let file = desk.file("password", "\u{feff}marker-secret\r\n");
    let (child, mut said, address) = httpreq(&desk, &format!("@{file}"));
    assert!(said.0.contains("byte order mark"), "{}", said.0);
    let post = |path: &str, password: &str, body: &str| post(&address, path, password, body);
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
    said.1.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("marker-secret") && rest.contains("POST /present 401"), "{rest}");
}

/// Records of a name server: name, type (CNAME, SOA, NS, or REFERRAL for NS in the authority section), target.
type Records = &'static [(&'static str, &'static str, &'static str)];

/// A name server with these records. It follows aliases in its answers, as resolvers do; what it does not have does not
/// exist.
fn names(records: Records) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    // The thread ends with the process of the test.
    std::thread::spawn(move || {
        let mut bytes = [0; 1024];
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            socket.send_to(&reply(&bytes[..length], records), from).unwrap();
        }
    });
    address
}

fn reply(question: &[u8], records: Records) -> Vec<u8> {
    let asked = Packet::parse(question).unwrap();
    let mut reply = Packet::new_reply(asked.id());
    reply.questions.clone_from(&asked.questions);
    let mut name = asked.questions[0].qname.to_string().to_lowercase();
    let wanted = asked.questions[0].qtype;
    if !records.iter().any(|(owner, ..)| *owner == name) {
        *reply.rcode_mut() = RCODE::NameError;
    }
    for _ in 0..20 {
        let Some((_, kind, target)) = records.iter().find(|(owner, ..)| *owner == name) else { break };
        let data = Name::new(target).unwrap().into_owned();
        let record = |data| ResourceRecord::new(Name::new(&name).unwrap().into_owned(), CLASS::IN, 60, data);
        match *kind {
            "CNAME" => {
                reply.answers.push(record(RData::CNAME(CNAME(data))));
                if wanted == QTYPE::TYPE(TYPE::CNAME) {
                    break;
                }
                name = (*target).to_owned();
                continue;
            }
            "REFERRAL" => reply.name_servers.push(record(RData::NS(NS(data)))),
            "NS" if wanted == QTYPE::TYPE(TYPE::NS) => reply.answers.push(record(RData::NS(NS(data)))),
            "SOA" if wanted == QTYPE::TYPE(TYPE::SOA) => {
                let soa =
                    SOA { mname: data.clone(), rname: data, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 };
                reply.answers.push(record(RData::SOA(soa)));
            }
            _ => {}
        }
        break;
    }
    reply.build_bytes_vec().unwrap()
}

fn hook(desk: &Desk, kind: &str, domain: &str, value: &str, more: &[&str]) -> common::Said {
    let mut command = desk.command(&[&["acme", kind, "--service", "XX012"][..], more].concat());
    command.env("CERTBOT_DOMAIN", domain).env("CERTBOT_VALIDATION", value);
    desk.feed(command, "")
}

fn writes(desk: &Desk) -> usize {
    desk.emulator.journal().iter().filter(|entry| entry.method != "GET").count()
}

#[test]
fn an_alias_is_followed_into_zones_of_the_service_and_else_named() {
    let desk = Desk::new();
    let server = names(&[
        ("example.es", "SOA", "ns1.example.es"),
        ("_acme-challenge.deleg.example.es", "CNAME", "abc.acme.example.net"),
        ("acme.example.net", "SOA", "ns1.example.net"),
        ("_acme-challenge.inside.example.es", "CNAME", "hop.example.net"),
        ("hop.example.net", "CNAME", "inside.acme.example.es"),
        ("_acme-challenge.loop.example.es", "CNAME", "a.example.es"),
        ("a.example.es", "CNAME", "_acme-challenge.loop.example.es"),
    ])
    .to_string();
    let named = ["--name-server", server.as_str()];
    for zone in [&[][..], &["--zone", "example.es"], &["--wait"]] {
        let more = [&named[..], zone].concat();
        let said = hook(&desk, "certbot-auth", "deleg.example.es", "CCC", &more).ends(2);
        let told = "_acme-challenge.deleg.example.es is a CNAME to abc.acme.example.net: create the TXT there";
        assert!(said.err.contains(told), "{}", said.err);
        let said = hook(&desk, "certbot-auth", "loop.example.es", "CCC", &more).ends(2);
        assert!(said.err.contains("alias (CNAME) of itself"), "{}", said.err);
    }
    assert_eq!(writes(&desk), 0, "nothing was written");
    let filter = ".result[].record | select(.data.value == \"DDD\") | .name";
    let there = || desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out;
    for zone in [&[][..], &["--zone", "example.es"]] {
        let more = [&named[..], zone].concat();
        let said = hook(&desk, "certbot-auth", "inside.example.es", "DDD", &more).ends(0);
        assert!(said.err.contains("is a CNAME to inside.acme.example.es"), "{}", said.err);
        assert_eq!(there(), "inside.acme\n");
        assert!(hook(&desk, "certbot-cleanup", "inside.example.es", "DDD", &more).ends(0).err.contains("1 removed"));
        assert_eq!(there(), "");
    }
}

#[test]
fn an_alias_that_only_the_service_shows_is_followed_or_named() {
    let desk = Desk::new();
    let alias = |name: &str, target: &str| {
        let line = ["dns", "create", "XX012", "--zone", "example.es", "--record.name", name, "--record.type", "CNAME"];
        desk.run(&[&line[..], &["--record.data.target", target]].concat()).ends(0);
    };
    alias("_acme-challenge.in", "txt.example.es");
    alias("_acme-challenge.out", "abc.acme.example.net.");
    let before = writes(&desk);
    let said = hook(&desk, "certbot-auth", "out.example.es", "EEE", &["--zone", "example.es"]).ends(2);
    assert!(said.err.contains("is a CNAME to abc.acme.example.net: create the TXT there"), "{}", said.err);
    assert_eq!(writes(&desk), before);
    hook(&desk, "certbot-auth", "in.example.es", "EEE", &["--zone", "example.es"]).ends(0);
    let filter = ".result[].record | select(.data.value == \"EEE\") | .name";
    assert_eq!(desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out, "txt\n");
}

#[test]
fn a_delegated_challenge_is_a_zone_of_its_own() {
    let desk = Desk::new();
    let server = names(&[
        ("example.es", "SOA", "ns1.example.es"),
        ("_acme-challenge.soa.example.es", "SOA", "ns1.example.es"),
        ("_acme-challenge.ns.example.es", "NS", "ns1.example.es"),
        ("_acme-challenge.cut.example.es", "REFERRAL", "ns1.example.es"),
        ("_acme-challenge.example.es", "SOA", "ns1.example.es"),
    ])
    .to_string();
    for (domain, more) in [
        ("soa.example.es", &["--name-server", &server][..]),
        ("ns.example.es", &["--name-server", &server]),
        ("cut.example.es", &["--name-server", &server]),
        ("example.es", &["--name-server", &server]),
        ("example.es", &["--zone", "_acme-challenge.example.es"]),
    ] {
        let more = [&["--dry-run", "-o", "json"][..], more].concat();
        let shown = hook(&desk, "certbot-auth", domain, "FFF", &more).ends(0).json();
        assert_eq!(shown[0]["body"]["zone"], format!("_acme-challenge.{domain}"), "{shown}");
        assert_eq!(shown[0]["body"]["record"]["name"], "@", "{shown}");
    }
}

#[test]
fn hooks_that_run_at_once_make_one_record_of_a_value() {
    let desk = Desk::new();
    let start = |kind: &str, value: &str| {
        let mut command = desk.command(&["acme", kind, "--service", "XX012", "--zone", "example.es"]);
        command.env("CERTBOT_DOMAIN", "example.es").env("CERTBOT_VALIDATION", value);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    let all = |kind: &str, values: &[&str]| {
        let children: Vec<_> = values.iter().map(|value| start(kind, value)).collect();
        children.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
    };
    all("certbot-auth", &["same", "same", "other", "same", "same", "other", "same", "same"]);
    let mut found = challenges(&desk);
    found.sort();
    assert_eq!(found, ["other", "same"]);
    // Each takes its own away, at once too.
    all("certbot-cleanup", &["same", "same", "third"]);
    assert_eq!(challenges(&desk), ["other"]);
}

/// The script of docs/cli.md, run as lego's exec provider runs it.
#[cfg(unix)]
#[test]
fn the_documented_script_works_for_lego() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = std::fs::read_to_string(page).unwrap();
    let script = page.split("```text\n#!/bin/sh\n").nth(1).unwrap().split("```").next().unwrap();
    let place = desk.file("swpanel-lego", &format!("#!/bin/sh\n{script}"));
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_swpanel")).parent().unwrap();
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(&place);
        command.env_clear().args(words).env("HOME", desk.home.path());
        command.env("PATH", format!("{}:/usr/bin:/bin", program.display())).env("SWPANEL_ACME_ZONE", "example.es");
        command.env("SWPANEL_TOKEN", desk.emulator.token()).env("SWPANEL_BASE_URL", desk.emulator.base_url());
        common::Said::of(command.output().unwrap()).ends(0)
    };
    // The default mode, with a value that begins with a dash as each 64th does.
    run(&["present", "_acme-challenge.example.es.", "-Vx9"]);
    assert_eq!(challenges(&desk), ["-Vx9"]);
    run(&["cleanup", "_acme-challenge.example.es.", "-Vx9"]);
    // EXEC_MODE=RAW.
    run(&["present", "--", "example.es", "token", "abc"]);
    assert_eq!(challenges(&desk), ["ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"]);
    run(&["cleanup", "--", "example.es", "-token", "abc"]);
    assert!(challenges(&desk).is_empty());
}

#[test]
fn the_text_is_sent_as_txt_and_the_other_types_are_named_where_that_is_rejected() {
    let desk = Desk::new();
    let said = lego(&desk, "present", "value-9", &[]).ends(0);
    assert!(said.err.contains("of type TXT") && said.err.contains("not proven"), "{}", said.err);
    let filter = ".result[].record | select(.data.value == \"value-9\") | .type";
    assert_eq!(desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out, "TXT\n");
    lego(&desk, "cleanup", "value-9", &[]).ends(0);
    let strict = Desk::strict();
    let said = lego(&strict, "present", "value-9", &[]).ends(5);
    assert!(said.err.contains("the type TXT is inferred") && said.err.contains("`--type DKIM`"), "{}", said.err);
    let said = lego(&strict, "present", "value-9", &["--type", "DKIM"]).ends(0);
    assert!(said.err.contains("of type DKIM") && said.err.contains("`--type TXT`"), "{}", said.err);
}
