//! Measures a server of this API: requests per second, and per second of its own processor time; start and memory.
//!
//! ```sh
//! cargo build --release -p swpanel-emulator
//! cargo run --release -p swpanel-emulator --example load
//! cargo run --release -p swpanel-emulator --example load -- soak   # 2,000 connections for a minute
//! cargo run --release -p swpanel-emulator --example load -- http://127.0.0.1:4010 PID [TOKEN]   # any other server
//! ```
//!
//! Connections are kept open, and each waits for its answer before it asks again. The figure per processor second is
//! what one core gives to the server alone; it needs /proc, and is left out without it.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const CONNECTIONS: usize = 16;
const TIME: Duration = Duration::from_secs(4);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => own(),
        [word] if word == "soak" => soak(),
        [base, pid, token @ ..] => {
            let token = token.first().map_or("any", String::as_str);
            let target = Target::parse(base, token, Some(pid.parse()?))?;
            reading(&target)?;
            writing(&target)
        }
        _ => Err("give nothing, `soak`, or the base address and the process id of a server".into()),
    }
}

/// Starts the program, several times, and measures it.
fn own() -> Result<()> {
    let mut starts = Vec::new();
    for _ in 0..11 {
        let begin = Instant::now();
        let program = Program::start("demo")?;
        starts.push(begin.elapsed());
        drop(program);
    }
    starts.sort();
    println!(
        "start with the seed demo, until the token is printed: {:.1?} (median of {})",
        starts.get(5).ok_or("none")?,
        starts.len()
    );

    let program = Program::start("demo")?;
    reading(&program.target)?;
    writing(&program.target)?;
    churn(&program.target)?;
    println!("memory after that: {}", memory(program.child.id()));
    drop(program);

    let program = Program::start("empty")?;
    let mut socket = Socket::open(&program.target)?;
    for number in 0..1_000 {
        let body = format!("{{\"hostname\":\"ns{number}.example.es\",\"ip\":\"192.0.2.1\"}}");
        socket.ask("POST", "/domains/host/", &body)?;
    }
    load(&program.target, "list of 1,000 items", |socket| socket.ask("GET", "/domains/host/", ""))?;
    drop(program);

    let begin = Instant::now();
    let program = Program::start("large")?;
    println!("start with the seed large: {:.1?}; memory: {}", begin.elapsed(), memory(program.child.id()));
    load(&program.target, "read of one of 5,000 services", |socket| socket.ask("GET", "/services/XY999", ""))
}

/// Many connections that are all at work, and what they leave behind.
fn soak() -> Result<()> {
    let program = Program::start("demo")?;
    let (target, pid) = (&program.target, program.child.id());
    // The journal fills up to its 10,000 entries first, so that what grows after that is a leak.
    load(target, "warming up", |socket| socket.ask("GET", "/services/XX012", ""))?;
    println!("memory at the start: {}", memory(pid));
    let (count, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| -> Result<()> {
        let work = || -> Result<()> {
            let mut socket = Socket::open(target)?;
            while !stop.load(Ordering::Relaxed) {
                socket.ask("GET", "/services/XX012/status/", "")?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let small = || std::thread::Builder::new().stack_size(256 << 10);
        let threads = (0..2_000).map(|_| small().spawn_scoped(scope, work)).collect::<std::io::Result<Vec<_>>>()?;
        for second in (10..=60).step_by(10) {
            std::thread::sleep(Duration::from_secs(10));
            println!("after {second} s: {} requests, memory {}", count.load(Ordering::Relaxed), memory(pid));
        }
        stop.store(true, Ordering::Relaxed);
        let failed = threads.into_iter().filter_map(|thread| thread.join().ok()?.err()).collect::<Vec<_>>();
        println!("connections that failed: {}", failed.len());
        failed.first().map_or(Ok(()), |error| Err(error.to_string().into()))
    })?;
    std::thread::sleep(Duration::from_secs(1));
    println!("memory once all are closed: {}", memory(pid));
    Ok(())
}

fn reading(target: &Target) -> Result<()> {
    load(target, "read of a service", |socket| socket.ask("GET", "/services/XX012", ""))
}

/// An update whose body is validated, which changes no amount of anything.
fn writing(target: &Target) -> Result<()> {
    let body = r#"{"zone":"example.es","record":{"name":"www","type":"A","data":{"ip":"192.0.2.7"}}}"#;
    load(target, "update of a record, validated", |socket| socket.ask("PUT", "/services/XX012/dns/12345", body))
}

/// What is created is deleted at once.
fn churn(target: &Target) -> Result<()> {
    let body = r#"{"zone":"example.es","record":{"name":"new","type":"MX","data":{"priority":10,"exchange":"a.es"}}}"#;
    load(target, "create or delete of a record, validated", |socket| {
        if let Some(id) = socket.id.take() {
            return socket.ask("DELETE", &format!("/services/XX012/dns/{id}"), "{}");
        }
        let answer = socket.ask("POST", "/services/XX012/dns/", body)?;
        let text = String::from_utf8_lossy(&answer);
        socket.id = text.split('"').nth(3).map(str::to_owned);
        Ok(answer)
    })
}

struct Target {
    address: SocketAddr,
    path: String,
    token: String,
    pid: Option<u32>,
}

impl Target {
    fn parse(base: &str, token: &str, pid: Option<u32>) -> Result<Self> {
        let rest = base.strip_prefix("http://").ok_or("the base address must begin with http://")?;
        let (address, path) =
            rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
        Ok(Self { address: address.parse()?, path, token: token.to_owned(), pid })
    }
}

struct Program {
    child: Child,
    target: Target,
}

impl Program {
    fn start(seed: &str) -> Result<Self> {
        let here = std::env::current_exe()?;
        let program = here
            .parent()
            .and_then(|examples| examples.parent())
            .ok_or("no folder of programs")?
            .join("swpanel-emulator");
        let mut child = Command::new(&program)
            .args(["--port", "0", "--seed", seed])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("cannot run {}: {error}; build it with the same profile first", program.display())
            })?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let mut next = |prefix: &str| -> Result<String> {
            let line = lines.next().ok_or("the program ended")??;
            Ok(line.strip_prefix(prefix).ok_or("an unexpected line")?.to_owned())
        };
        let (base, token) = (next("base url: ")?, next("token: ")?);
        let target = Target::parse(&base, &token, Some(child.id()))?;
        Ok(Self { child, target })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that is kept open.
struct Socket<'a> {
    stream: BufReader<TcpStream>,
    target: &'a Target,
    id: Option<String>,
    request: String,
}

impl<'a> Socket<'a> {
    fn open(target: &'a Target) -> Result<Self> {
        let stream = TcpStream::connect(target.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream: BufReader::with_capacity(1 << 16, stream), target, id: None, request: String::new() })
    }

    /// One request; anything but a 2xx is an error, since refusals are cheap.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
        use std::fmt::Write as _;
        let Target { path: base, token, .. } = self.target;
        self.request.clear();
        write!(
            self.request,
            "{method} {base}{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        self.stream.get_mut().write_all(self.request.as_bytes())?;
        let (mut length, mut chunked, mut status, mut line) = (0_usize, false, String::new(), String::new());
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the connection was closed".into());
            }
            let text = line.trim_end();
            if status.is_empty() {
                text.clone_into(&mut status);
            } else if text.is_empty() {
                break;
            } else if let Some((name, value)) = text.split_once(": ") {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.parse()?;
                }
                chunked |= name.eq_ignore_ascii_case("transfer-encoding");
            }
        }
        let mut answer = Vec::new();
        if chunked {
            loop {
                line.clear();
                self.stream.read_line(&mut line)?;
                let size = usize::from_str_radix(line.trim(), 16)?;
                let before = answer.len();
                answer.resize(before + size, 0);
                self.stream.read_exact(answer.get_mut(before..).unwrap_or_default())?;
                line.clear();
                self.stream.read_line(&mut line)?;
                if size == 0 {
                    break;
                }
            }
        } else {
            answer.resize(length, 0);
            self.stream.read_exact(&mut answer)?;
        }
        if status.split(' ').nth(1).is_none_or(|status| !status.starts_with('2')) {
            return Err(format!("{method} {path}: {status}: {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(answer)
    }
}

fn load(target: &Target, what: &str, call: impl Fn(&mut Socket<'_>) -> Result<Vec<u8>> + Sync) -> Result<()> {
    let (count, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let before = processor_time(target.pid);
    let begin = Instant::now();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let work = || -> Result<()> {
            let mut socket = Socket::open(target)?;
            while !stop.load(Ordering::Relaxed) {
                call(&mut socket)?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(work)).collect();
        std::thread::sleep(TIME);
        stop.store(true, Ordering::Relaxed);
        let ended = threads.into_iter().filter_map(|thread| thread.join().ok());
        ended.filter_map(std::result::Result::err).map(|error| error.to_string()).collect()
    });
    if let Some(failure) = failures.first() {
        return Err(failure.clone().into());
    }
    let (wall, count) = (begin.elapsed().as_secs_f64(), count.load(Ordering::Relaxed) as f64);
    let per_core = before.zip(processor_time(target.pid)).map(|(before, after)| count / (after - before).max(0.01));
    let per_core =
        per_core.map_or(String::new(), |per_core| format!("; {per_core:.0} per second of the server's processor time"));
    println!("{what}: {:.0} requests/s over {CONNECTIONS} connections{per_core}", count / wall);
    Ok(())
}

/// Seconds of processor time that a process has used, by Linux' count of hundredths.
fn processor_time(pid: Option<u32>) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid?)).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

fn memory(pid: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "not known without /proc".to_owned(), |kib| kib.trim().to_owned())
}
