//! What is made to exhaust a reader ends in a refusal by name, in bounded time and memory: a real child process is
//! watched through `/proc`, so these tests are for Linux.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::io::{Read as _, Seek as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::Copy;

/// Nothing here may take longer; a refusal comes in a second or two, and a debug build on a busy machine in a few more.
const TIME: Duration = Duration::from_secs(40);
/// The most resident memory, MiB: a source at the bound of 64 MiB, its text and what is left of its tree.
const MEMORY: u64 = 700;

/// Name of the refusal and the peak of resident memory in MiB; nothing has been written then.
fn watched(source: &str, more: &[&str]) -> (String, u64) {
    let copy = Copy::new();
    let before = copy.state();
    let (code, json, peak) = run(&copy, source, more);
    assert_eq!(code, Some(100), "{source}: {json}");
    assert!(copy.state() == before, "{source}: something was written");
    (json["error"]["name"].as_str().unwrap().to_owned(), peak)
}

/// Exit code and report of a sync, and the peak of resident memory in MiB.
fn run(copy: &Copy, source: &str, more: &[&str]) -> (Option<i32>, serde_json::Value, u64) {
    // Into a file: the report may be longer than a pipe holds, and nobody reads a pipe while the process is watched.
    let mut report = tempfile::tempfile().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["sync", "--format", "json", "--from", source, "--root"])
        .arg(copy.path(""))
        .args(more)
        .stdout(report.try_clone().unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        // The process may end between the two looks.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let size = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(size.unwrap_or(0) / 1024);
        if started.elapsed() > TIME || peak > MEMORY {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{source}: stopped after {:?} at {peak} MiB", started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    let mut out = String::new();
    report.rewind().unwrap();
    report.read_to_string(&mut out).unwrap();
    let code = child.wait().unwrap().code();
    let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{source}: {error}: {out}"));
    println!("{source}: {} in {:?}, {peak} MiB", json["error"]["name"], started.elapsed());
    (code, json, peak)
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_string_lossy().into_owned();
    (folder, path)
}

/// One compressed mebibyte, many times: blocks that refer to nothing before them can be repeated. The end is missing,
/// which a reader that stops at its bound never sees.
fn gzip_of_blanks(mebibytes: usize) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.flush().unwrap();
    let head = gzip.get_ref().len();
    gzip.write_all(&vec![b' '; 1 << 20]).unwrap();
    gzip.flush().unwrap();
    let (head, block) = gzip.get_ref().split_at(head);
    [head, &block.repeat(mebibytes)].concat()
}

#[test]
fn a_yaml_alias_bomb() {
    let mut text = String::from("l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..30 {
        let below = vec![format!("*l{}", level - 1); 10].join(",");
        text.push_str(&format!("l{level}: &l{level} [{below}]\n"));
    }
    let (_folder, path) = file("bomb.yaml", text.as_bytes());
    assert_eq!(watched(&path, &[]).0, "too-many-aliases");
}

#[test]
fn json_nested_a_hundred_thousand_deep() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{{\"openapi\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
        let (_folder, path) = file("deep.json", text.as_bytes());
        let (name, peak) = watched(&path, &[]);
        assert_eq!(name, "too-deep");
        assert!(peak < 100, "{peak} MiB");
    }
}

#[test]
fn yaml_nested_a_hundred_thousand_deep() {
    let (_folder, path) = file("deep.yaml", format!("openapi: {}", "[".repeat(100_000)).as_bytes());
    assert_eq!(watched(&path, &[]).0, "too-deep");
    let steps: String = (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let (_folder, path) = file("steps.yaml", steps.as_bytes());
    assert_eq!(watched(&path, &[]).0, "too-deep");
}

/// `L0` combines two objects, each with a property that is itself combined of the next level.
fn combined_levels(count: usize) -> String {
    let reference = |level: usize| format!(r##"{{"$ref":"#/components/schemas/L{level}"}}"##);
    let own = |name: &str| format!(r#"{{"type":"object","properties":{{"{name}":{{"type":"string"}}}}}}"#);
    let part = |name: &str, level: usize| {
        let inner = format!(r#"{{"allOf":[{},{}]}}"#, reference(level + 1), own("x"));
        format!(r#"{{"type":"object","properties":{{"{name}":{inner}}}}}"#)
    };
    let levels =
        (0..count).map(|level| format!(r#""L{level}":{{"allOf":[{},{}]}}"#, part("a", level), part("b", level)));
    let schemas = levels.chain([format!(r#""L{count}":{}"#, own("z"))]).collect::<Vec<_>>().join(",");
    let content = format!(r#"{{"application/json":{{"schema":{}}}}}"#, reference(0));
    let answer = format!(r#"{{"200":{{"description":"ok","content":{content}}}}}"#);
    format!(
        r#"{{"openapi":"3.0.3","info":{{"title":"T","version":"1"}},"paths":{{"/a":{{"get":{{"responses":{answer}}}}}}},"components":{{"schemas":{{{schemas}}}}}}}"#
    )
}

#[test]
fn combined_objects_within_combined_objects() {
    let (_folder, path) = file("levels.json", combined_levels(12).as_bytes());
    let copy = Copy::new();
    let (code, json, peak) = run(&copy, &path, &["--accept-shrink"]);
    assert_eq!(code, Some(4), "{json}");
    assert!(peak < 200, "{peak} MiB");
}

#[test]
fn twenty_thousand_operations_and_one() {
    let operations: Vec<String> =
        (0..=20_000).map(|number| format!(r#""/a{number}":{{"get":{{"responses":{{}}}}}}"#)).collect();
    let text = format!(r#"{{"openapi":"3.0.3","info":{{}},"paths":{{{}}}}}"#, operations.join(","));
    let (_folder, path) = file("many.json", text.as_bytes());
    let (name, peak) = watched(&path, &[]);
    assert_eq!(name, "over-budget");
    assert!(peak < 200, "{peak} MiB");
}

#[test]
fn a_gzip_bomb() {
    let (_folder, path) = file("bomb.json.gz", &gzip_of_blanks(1024));
    let (name, peak) = watched(&path, &[]);
    assert_eq!(name, "too-large");
    assert!(peak < 300, "{peak} MiB");
}

#[test]
fn a_file_beyond_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.json");
    // Sparse: a gigabyte that takes no place.
    std::fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let (name, peak) = watched(&path.to_string_lossy(), &[]);
    assert_eq!(name, "too-large");
    assert!(peak < 300, "{peak} MiB");
}

#[test]
fn an_answer_of_a_gigabyte() {
    for announced in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let length = if announced { format!("Content-Length: {}\r\n", 1 << 30) } else { String::new() };
                let _ = write!(stream, "HTTP/1.1 200 OK\r\n{length}Connection: close\r\n\r\n");
                let block = vec![b'{'; 1 << 20];
                // The other side goes away when it has had enough.
                while stream.write_all(&block).is_ok() {}
            }
        });
        let (name, peak) = watched(&format!("http://{host}/openapi.json"), &["--allow-host", &host]);
        assert_eq!(name, "too-large", "announced: {announced}");
        assert!(peak < 200, "{peak} MiB");
    }
}
