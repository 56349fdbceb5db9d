//! What an address hides is neither shown nor recorded, credentials travel in plain to this machine only, what is not a
//! regular file is not read, and nothing is written or deleted through a link that leads out.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;
mod server;

use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Copy, Ran, SMALL};
use server::{Reply, Server, plain};

/// Part of every secret that these tests plant.
const MARK: &str = "sEcReT";

/// Every file below a folder with its content, the document as it was published left out: its bytes are kept as they came.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let kind = std::fs::symlink_metadata(&path).unwrap().file_type();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

fn has_mark(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains(MARK)
}

fn shows_nothing(what: &str, ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        assert!(!has_mark(text.as_bytes()), "{what}: {:?}\n{}\n{}", ran.code, ran.out, ran.err);
    }
}

fn records_nothing(what: &str, folder: &Path) {
    for (file, bytes) in files(folder) {
        assert!(!has_mark(file.as_bytes()), "{what}: the name {file}");
        let published =
            ["upstream/openapi.yaml", "swpanel-api.json", "generated.rs"].iter().any(|end| file.ends_with(end));
        assert!(published || !has_mark(&bytes), "{what}: {file}: {}", String::from_utf8_lossy(&bytes));
    }
}

/// Addresses that hide something each in another place, after the host.
const HIDING: [&str; 10] = [
    "/a?token=sEcReT-1",
    "/a?x=1&api_key=sEcReT-2&y=2",
    "/a?sig=sEcReT-3&se=2026-01-01",
    "/a?X-Amz-Credential=sEcReT%2f4&X-Amz-Signature=sEcReT4",
    "/a?%61ccess_token=sEcReT-5",
    "/a#access_token=sEcReT-6&token_type=bearer",
    "/a;jsessionid=sEcReT-7/b?session=sEcReT-7",
    "/a?code=sEcReT-8&jwt=eyJ.sEcReT.8&password=sEcReT8",
    "/a?sEcReT0123456789abcdef0123456789",
    "/a?Policy=sEcReT&Key-Pair-Id=sEcReT9;clave=sEcReT",
];

/// A command with both forms of output; nothing of it may show.
fn in_both_forms(copy: &Copy, arguments: &[&str]) -> Ran {
    let json = copy.xtask(&[arguments, &["--format", "json"]].concat());
    shows_nothing(&arguments.join(" "), &json);
    let text = copy.xtask(arguments);
    shows_nothing(&arguments.join(" "), &text);
    text
}

#[test]
fn what_an_address_hides_is_not_shown_where_it_fails() {
    let copy = Copy::new();
    let server = Server::start(&[]);
    // A port on which nobody listens.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (allowed, out) = (["--allow-host", &server.host(), "--allow-host", &closed, "--explain"], copy.path("out"));
    for host in [server.host(), closed.clone(), "b.example".to_owned()] {
        // What a server answers is looked at by all commands in one way.
        let (count, commands) = if host == server.host() { (10, 1) } else { (3, 4) };
        for hiding in HIDING.iter().take(count) {
            let address = format!("http://sEcReT-user:sEcReT-pw@{host}{hiding}");
            for command in [
                &["discover", &address][..],
                &["sync", "--from", &address],
                &["ingest", &address, "--out", out.to_str().unwrap()],
                &["diff", &address, "swpanel-api.json"],
            ]
            .into_iter()
            .take(commands)
            {
                in_both_forms(&copy, &[command, &allowed[..]].concat());
            }
        }
    }
    let offline = format!("https://sEcReT@b.example{}", HIDING[0]);
    in_both_forms(&copy, &["sync", "--offline", "--from", &offline]);
    in_both_forms(&copy, &["sync", "--frum", &offline]);
    for base in [format!("{}/v1;jsessionid=sEcReT", server.at("")), offline.clone(), format!("ftp{}", &offline[5..])] {
        in_both_forms(&copy, &["probe", "--base-url", &base]);
    }
    records_nothing("failures", &copy.path(""));
}

#[test]
fn what_an_address_hides_is_not_recorded_where_it_succeeds() {
    let host = Server::start(&[]).host();
    let root = r#"{"openapi":"3.0.3","info":{"title":"Panel","version":"1"},
        "servers":[{"url":"https://sEcReT:sEcReT@api.example/v1?key=sEcReT"}],
        "paths":{"/a/":{"get":{"operationId":"a_list","tags":["a"],"summary":"See https://u:sEcReT@x.example/?sig=sEcReT",
        "responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"PART"}}}}}}}}}"#;
    let server = Server::start(&[
        (
            "/docs?token=sEcReT",
            Reply(
                200,
                "Content-Type: text/html\r\n".into(),
                b"<redoc spec-url='/first.json?sig=sEcReT&amp;v=1'></redoc>".to_vec(),
            ),
        ),
        (
            "/first.json?sig=sEcReT&v=1",
            Reply(302, "Location: /real.json;jsessionid=sEcReT?access_token=sEcReT\r\n".into(), Vec::new()),
        ),
        (
            "/real.json;jsessionid=sEcReT?access_token=sEcReT",
            Reply(
                200,
                "ETag: \"1\"\r\n".into(),
                root.replace("PART", "part.json?X-Goog-Signature=sEcReT").into_bytes(),
            ),
        ),
        ("/part.json?X-Goog-Signature=sEcReT", plain(r#"{"type":"object","properties":{"n":{"type":"integer"}}}"#)),
        ("/away?token=sEcReT", Reply(302, format!("Location: http://u:sEcReT@{host}/x?token=sEcReT\r\n"), Vec::new())),
    ]);
    let address = server.at("/docs?token=sEcReT").replacen("http://", "http://sEcReT-user:sEcReT-pw@", 1);
    let allowed = ["--allow-host", &server.host(), "--explain"];
    for format in ["json", "text"] {
        let copy = Copy::new();
        let run = |arguments: &[&str]| {
            let ran = copy.xtask(&[arguments, &allowed[..], &["--format", format]].concat());
            shows_nothing(&arguments.join(" "), &ran);
            ran
        };
        assert_eq!(run(&["discover", &address]).code, Some(0));
        let away = run(&["discover", &server.at("/away?token=sEcReT")]);
        assert_eq!(away.code, Some(100), "{away:?}");
        let taken = run(&["sync", "--accept-shrink", "--from", &address]);
        assert_eq!(taken.code, Some(4), "{taken:?}");
        assert!(
            copy.read("swpanel-api.lock").contains(&format!("page = \"{}", server.at("/docs?token="))),
            "{}",
            copy.read("swpanel-api.lock")
        );
        // What is recorded is enough to make everything again, and to fetch again where the secret is given again.
        assert_eq!(copy.xtask(&["sync", "--offline", "--locked"]).code, Some(0));
        assert_eq!(run(&["sync", "--from", &address]).code, Some(0));
        let out = copy.path("out");
        let made = run(&["ingest", &address, "--out", out.to_str().unwrap()]);
        assert!(matches!(made.code, Some(0 | 4)), "{made:?}");
        let small = copy.path("small.json");
        std::fs::write(&small, SMALL).unwrap();
        let compared = run(&["diff", small.to_str().unwrap(), &address]);
        assert_eq!(compared.code, Some(4), "{compared:?}");
        let corpus = copy.path("corpus");
        std::fs::create_dir(&corpus).unwrap();
        let refers = root.replace("PART", "https://u:sEcReT@b.example/p.json?sig=sEcReT");
        run(&["sync", "--from", "-", "--check"]);
        records_nothing(format, &copy.path(""));
        std::fs::write(corpus.join("a.json"), refers).unwrap();
        let ran = copy.xtask(&["corpus", corpus.to_str().unwrap(), "--format", format]);
        shows_nothing("corpus", &ran);
    }
    let heads = server.heads().join("\n");
    assert!(heads.contains("authorization: Basic ") || heads.contains("Authorization: Basic "), "{heads}");
}

#[test]
fn each_markup_of_a_report_redacts() {
    let copy = Copy::new();
    let (old, new) = (copy.path("old.json"), copy.path("new.json"));
    std::fs::write(&old, SMALL).unwrap();
    let servers = "\"servers\":[{\"url\":\"https://sEcReT:sEcReT@api.example/v1?key=sEcReT\"}],\"paths\"";
    std::fs::write(&new, SMALL.replace("\"paths\"", servers)).unwrap();
    for format in ["text", "json", "markdown", "html", "github"] {
        let arguments = ["diff", old.to_str().unwrap(), new.to_str().unwrap(), "--format", format];
        let ran = copy.xtask(&arguments);
        assert!(ran.out.contains("api.example"), "{format}: {ran:?}");
        shows_nothing(format, &ran);
    }
}

#[test]
fn credentials_go_in_plain_to_this_machine_only() {
    let copy = Copy::new();
    let server = Server::start(&[("/s", plain(SMALL))]);
    let token = [("SWPANEL_TOKEN", "sEcReT-token")];
    for address in [
        "http://panel.example/s",
        "http://192.0.2.1/s",
        "http://10.0.0.1/s",
        "http://127.0.0.1.example/s",
        "http://[2001:db8::1]/s",
    ] {
        let host = address.trim_start_matches("http://").trim_end_matches("/s");
        for command in [
            &["discover", address][..],
            &["sync", "--from", address],
            &["diff", address, address],
            &["probe", "--base-url", address],
        ] {
            let ran = copy.xtask_with(&[command, &["--with-token", "--allow-host", host]].concat(), b"", &token);
            assert_eq!(ran.code, Some(100), "{command:?}: {ran:?}");
            assert!(ran.err.contains("plain http") && ran.err.contains("https"), "{command:?}: {ran:?}");
            shows_nothing(address, &ran);
        }
        let with_user = address.replacen("http://", "http://u:sEcReT@", 1);
        let ran = copy.xtask(&["discover", &with_user, "--allow-host", host]);
        assert!(ran.code == Some(100) && ran.err.contains("plain http"), "{ran:?}");
    }
    for address in [server.at("/s"), server.at("/s").replace("127.0.0.1", "localhost")] {
        let allowed = address.trim_start_matches("http://").trim_end_matches("/s");
        let ran = copy.xtask_with(&["discover", &address, "--with-token", "--allow-host", allowed], b"", &token);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert!(server.heads().iter().all(|head| head.to_lowercase().contains("authorization: bearer secret-token")));
}

/// A run that has to end by itself.
fn ends(copy: &Copy, arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .arg("--root")
        .arg(copy.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("it hangs: {arguments:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn what_is_not_a_regular_file_is_not_read() {
    let copy = Copy::new();
    let before = copy.state();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    symlink("fifo", at("linked")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    std::fs::write(at("small.json"), SMALL).unwrap();
    for name in ["fifo", "linked", "zero", "folder"] {
        let (file, small, out) = (at(name), at("small.json"), at("out"));
        for command in [
            &["sync", "--from", &file][..],
            &["ingest", &file, "--out", &out],
            &["diff", &file, &small],
            &["diff", &small, &small, "--config", &file],
        ] {
            let (code, said) = ends(&copy, command);
            assert_eq!(code, Some(100), "{command:?}: {said}");
            // A folder may be saved documentation; an empty one is none.
            let empty = name == "folder" && said.contains("holds no API documentation");
            assert!((said.contains("not a regular file") || empty) && said.contains("hint: "), "{command:?}: {said}");
        }
        let refers = at("refers.yaml");
        std::fs::write(
            &refers,
            format!("openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{$ref: '{name}'}}}}\n"),
        )
        .unwrap();
        let (code, said) = ends(&copy, &["ingest", &refers, "--out", &out]);
        assert!(
            code == Some(100) && (said.contains("not a regular file") || said.contains("leads out")),
            "{name}: {said}"
        );
    }
    assert!(copy.state() == before);
    for (place, command) in [
        ("overlays/010.yaml", &["sync"][..]),
        (".swpanel-drift.toml", &["diff", &at("small.json"), &at("small.json")]),
        ("upstream/openapi.yaml", &["sync"]),
        ("swpanel-api.lock", &["check"]),
        ("swpanel-api.json", &["coverage"]),
    ] {
        let copy = Copy::new();
        let _ = std::fs::remove_file(copy.path(place));
        std::fs::create_dir_all(copy.path("overlays")).unwrap();
        assert!(Command::new("mkfifo").arg(copy.path(place)).status().unwrap().success());
        let (code, said) = ends(&copy, command);
        assert!(code == Some(100) && said.contains("not a regular file"), "{place}: {code:?} {said}");
    }
}

#[test]
fn no_file_has_more_bytes_than_are_read() {
    let copy = Copy::new();
    let large = |name: &str| {
        let path = copy.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        path.to_str().unwrap().to_owned()
    };
    std::fs::write(copy.path("small.json"), SMALL).unwrap();
    let small = copy.path("small.json").to_str().unwrap().to_owned();
    let (source, config) = (large("large.yaml"), large("large.toml"));
    for command in
        [&["sync", "--from", &source][..], &["diff", &small, &source], &["diff", &small, &small, "--config", &config]]
    {
        let (code, said) = ends(&copy, command);
        assert!(code == Some(100) && said.contains("bytes"), "{command:?}: {code:?} {said}");
    }
    large("overlays/010.yaml");
    let (code, said) = ends(&copy, &["sync"]);
    assert!(code == Some(100) && said.contains("bytes"), "{code:?} {said}");
}

#[test]
fn nothing_is_written_or_deleted_through_a_link_that_leads_out() {
    let outside = tempfile::tempdir().unwrap();
    let outside = outside.path();
    let given = outside.join("given.json");
    std::fs::write(&given, SMALL).unwrap();
    let before = files(outside);
    let take = ["sync", "--accept-shrink", "--from", given.to_str().unwrap()];
    // The folder itself, a folder above it, and one that is not there yet.
    for (link, to) in [("upstream/parts", ""), ("target", ""), ("target/drift", ""), ("target", "absent/deeper")] {
        let copy = Copy::new();
        let path = copy.path(link);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(outside.join(to), &path).unwrap();
        let state = FILES.map(|file| std::fs::read(copy.path(file)).unwrap());
        let ran = copy.xtask(&take);
        assert_eq!(ran.code, Some(100), "{link}: {ran:?}");
        assert!(ran.err.contains("link") && ran.err.contains("hint: "), "{link}: {ran:?}");
        assert!(files(outside) == before, "{link}: something changed outside");
        assert!(FILES.map(|file| std::fs::read(copy.path(file)).unwrap()) == state, "{link}: something was written");
    }
    // A link within the workspace leads nowhere else.
    let copy = Copy::new();
    std::fs::create_dir(copy.path("built")).unwrap();
    symlink("built", copy.path("target")).unwrap();
    assert_eq!(copy.xtask(&take).code, Some(4));
    assert!(copy.path("built/drift/report.md").exists());
}

use common::FILES;

#[test]
fn a_link_in_the_place_of_an_output_is_replaced_not_followed() {
    let copy = Copy::with_snapshots();
    let given = copy.path("given.json");
    std::fs::write(&given, SMALL).unwrap();
    let victim = copy.path("victim");
    let reset = || std::fs::write(&victim, "kept").unwrap();
    let kept = |what: &str| assert_eq!(std::fs::read_to_string(&victim).unwrap(), "kept", "{what}");
    reset();
    let out = copy.path("out");
    std::fs::create_dir(&out).unwrap();
    for file in ["swpanel-api.json", "ledger.json", "findings.json"] {
        symlink(&victim, out.join(file)).unwrap();
    }
    let ran = copy.xtask(&["ingest", given.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(matches!(ran.code, Some(0 | 4)), "{ran:?}");
    kept("ingest");
    assert!(std::fs::symlink_metadata(out.join("ledger.json")).unwrap().is_file());
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), out.join("crate")).unwrap();
    let root = common::workspace();
    let ran = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["ingest", given.to_str().unwrap(), "--crate", "--out", out.to_str().unwrap(), "--root"])
        .arg(root)
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(100), "{ran:?}");
    assert!(files(elsewhere.path()).is_empty(), "a crate was written through a link");
    reset();
    let page = copy.path("page.html");
    symlink(&victim, &page).unwrap();
    assert_eq!(copy.xtask(&["coverage", "--html", page.to_str().unwrap()]).code, Some(0));
    kept("coverage");
    assert!(std::fs::read_to_string(&page).unwrap().contains("<html"));
    reset();
    std::fs::create_dir_all(copy.path("target/drift")).unwrap();
    symlink(&victim, copy.path("target/drift/report.md")).unwrap();
    assert_eq!(copy.xtask(&["sync", "--accept-shrink", "--from", given.to_str().unwrap()]).code, Some(4));
    kept("sync");
}
