//! The process that evaluates a jq expression: this program again, with bounds on memory, time and stack.
//!
//! It reads one line of JSON (the request), then the input; it writes `=` and a value on each line, then `.` alone, or
//! `!` and the defect as JSON. A process that ends without either ran out of stack or memory.

use std::io::{BufRead, BufWriter, Read, Write};
use std::process::ExitCode;

use super::evaluate::evaluate;

/// The argument that makes this program a worker.
pub(crate) const ARGUMENT: &str = "--jq-worker";

/// Stack of the evaluation. Each level of recursion in an expression takes up to a few kilobytes.
const STACK: usize = 64 << 20;

/// The exit code of a worker that needs too much memory.
pub(super) const OUT_OF_MEMORY: i32 = 3;
/// The exit code of a worker that needs too much time.
pub(super) const OUT_OF_TIME: i32 = 4;

/// Serves one request.
pub(crate) fn serve() -> ExitCode {
    // Where there is no room for a second thread, the bound is missing and nothing else.
    let _ = std::thread::Builder::new().spawn(watch);
    let served = std::thread::Builder::new().stack_size(STACK).spawn(answer).map(std::thread::JoinHandle::join);
    match served {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Ends this process where it needs too much memory or time of the processor; a busy machine takes nothing from that time.
/// Only Linux shows a process these figures in files; elsewhere the time limit of the parent process remains.
fn watch() {
    // `statm` counts pages, of 4 KiB or more.
    let pages = || {
        let text = std::fs::read_to_string("/proc/self/statm").ok()?;
        text.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    // `stat` has the time after the name, which is in brackets, in hundredths of a second.
    let time = || {
        let text = std::fs::read_to_string("/proc/self/stat").ok()?;
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let hundredths = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(hundredths(11)? + hundredths(12)?)
    };
    while let (Some(pages), Some(time)) = (pages(), time()) {
        if pages > super::MOST_MEMORY / 4096 {
            std::process::exit(OUT_OF_MEMORY);
        }
        if time > super::MOST_SECONDS * 100 {
            std::process::exit(OUT_OF_TIME);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn answer() -> std::io::Result<()> {
    let mut stdin = std::io::stdin().lock();
    let mut filter = String::new();
    stdin.read_line(&mut filter)?;
    let filter: String = serde_json::from_str(&filter)?;
    let mut input = String::new();
    stdin.read_to_string(&mut input)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut written = Ok(());
    let input = (!input.is_empty()).then_some(input.as_str());
    let done = evaluate(&filter, input, |value| {
        if written.is_ok() {
            written = writeln!(out, "={value}");
        }
    });
    written?;
    match done {
        Ok(()) => writeln!(out, ".")?,
        Err(defect) => writeln!(out, "!{}", serde_json::to_string(&defect)?)?,
    }
    out.flush()?;
    // Dropping deep values can need more stack than there is, and all is written.
    drop(out);
    std::process::exit(0)
}
