//! jq expressions over JSON. They are evaluated in a process of their own, since an expression can recurse, loop or grow
//! without end; this process ends with a message and an exit code in every case.

mod evaluate;
pub(crate) mod worker;

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::failure::{Exit, Failure};
use crate::json::Json;
use crate::session;
use evaluate::{Defect, MOST_BYTES, MOST_VALUES};

/// Seconds of the processor that an expression may use.
const MOST_SECONDS: u64 = 10;
/// An expression that takes longer is stopped, however little of the processor it got.
const PATIENCE: Duration = Duration::from_secs(60);
/// Memory that an expression may use.
const MOST_MEMORY: u64 = 1 << 30;

/// How the worker ended.
enum Outcome {
    /// What it wrote; it may have stopped before its end.
    Wrote {
        text: String,
        exited: bool,
    },
    OutOfMemory,
    TookTooLong,
    WroteTooMuch,
    Interrupted,
}

/// All values that an expression yields.
pub(crate) fn apply(filter: &str, value: &Json) -> Result<Vec<Json>, Failure> {
    run(filter, &value.to_string())
}

/// Refuses an expression that cannot be compiled.
pub(crate) fn check(filter: &str) -> Result<(), Failure> {
    run(filter, "").map(drop)
}

/// Whether an expression yields something that is neither false nor null.
pub(crate) fn is_true(filter: &str, value: &Json) -> Result<bool, Failure> {
    Ok(apply(filter, value)?.first().is_some_and(|value| !matches!(value, Json::Null | Json::Bool(false))))
}

fn run(filter: &str, input: &str) -> Result<Vec<Json>, Failure> {
    let wrong = |what: String| {
        Failure::usage(format!("the jq expression `{filter}` {what}")).hint("as in `--jq '.result[].id'`")
    };
    let request = format!("{}\n{input}", serde_json::to_string(filter).unwrap_or_default());
    // A thread of its own: this may be called from within an async runtime, which must not be entered twice.
    let worker = std::thread::Builder::new().spawn(move || session::runtime()?.block_on(work(request)));
    let failed = |what: String| Failure::other(format!("the jq expression cannot be evaluated: {what}"));
    let outcome = worker.map_err(|error| failed(error.to_string()))?.join();
    let outcome = outcome.map_err(|_| failed("its thread failed".to_owned()))??;
    let (text, exited) = match outcome {
        Outcome::Wrote { text, exited } => (text, exited),
        Outcome::Interrupted => return Err(Failure::new(Exit::Interrupted, "interrupted", "interrupted")),
        Outcome::TookTooLong => {
            return Err(wrong(format!("was stopped: it took longer than {MOST_SECONDS} s"))
                .hint("check that its loops and recursions end; `limit(10; EXPRESSION)` takes the first 10 values"));
        }
        Outcome::OutOfMemory => {
            return Err(wrong(format!("was stopped: it needs more than {} MiB of memory", MOST_MEMORY >> 20))
                .hint("check that its loops and recursions end; `limit(10; EXPRESSION)` takes the first 10 values"));
        }
        Outcome::WroteTooMuch => return Err(defect(Defect::TooManyBytes, &wrong)),
    };
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(value) = line.strip_prefix('=') {
            let value = Json::parse(value);
            found
                .push(value.map_err(|_| wrong("yields a value that is not JSON, or is nested too deeply".to_owned()))?);
        } else if line == "." {
            return Ok(found);
        } else if let Some(told) = line.strip_prefix('!') {
            let told = serde_json::from_str(told).map_err(|error| failed(error.to_string()))?;
            return Err(defect(told, &wrong));
        }
    }
    if exited {
        return Err(wrong("ends the evaluation itself (`halt`), which is not supported here".to_owned()));
    }
    Err(wrong("was stopped: it recurses too deeply".to_owned()).hint("check that each recursive definition has an end"))
}

fn defect(defect: Defect, wrong: &impl Fn(String) -> Failure) -> Failure {
    let first = "`limit(10; EXPRESSION)` takes the first 10 values";
    match defect {
        Defect::Syntax => wrong("is not understood".to_owned()),
        Defect::Unknown(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            wrong(format!("uses names that do not exist: {}", names.join(", ")))
        }
        Defect::Fails(what) => wrong(format!("fails on this answer: {what}")),
        Defect::Input => Failure::other("the response is not read by jq"),
        Defect::TooManyValues => wrong(format!("was stopped: it yields more than {MOST_VALUES} values")).hint(first),
        Defect::TooManyBytes => {
            wrong(format!("was stopped: its values are longer than {} MiB", MOST_BYTES >> 20)).hint(first)
        }
    }
}

async fn work(request: String) -> Result<Outcome, Failure> {
    let failed =
        |error: std::io::Error| Failure::other(format!("the process for jq expressions does not work: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    // What it writes about itself (a stack overflow) would only repeat the message of this process.
    // The token may be in the environment, which `env` prints.
    command.env_clear();
    command.arg(worker::ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(failed)?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failure::other("the process for jq expressions has no pipes"));
    };
    let most = (MOST_BYTES + 2 * MOST_VALUES + 4096) as u64;
    let mut bytes = Vec::new();
    let mut limited = stdout.take(most);
    let talk = async {
        let ask = async move {
            // A worker that ended early closes the pipe.
            let _ = stdin.write_all(request.as_bytes()).await;
            drop(stdin);
        };
        tokio::join!(ask, limited.read_to_end(&mut bytes)).1
    };
    tokio::select! {
        read = talk => { read.map_err(failed)?; }
        () = tokio::time::sleep(PATIENCE) => return Ok(Outcome::TookTooLong),
        _ = tokio::signal::ctrl_c() => return Ok(Outcome::Interrupted),
    }
    if bytes.len() as u64 >= most {
        return Ok(Outcome::WroteTooMuch);
    }
    let status = child.wait().await.map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        // Ctrl-C at a terminal reaches both processes, the worker sometimes first.
        if status.signal() == Some(2) {
            return Ok(Outcome::Interrupted);
        }
    }
    match status.code() {
        Some(worker::OUT_OF_MEMORY) => return Ok(Outcome::OutOfMemory),
        Some(worker::OUT_OF_TIME) => return Ok(Outcome::TookTooLong),
        _ => {}
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Outcome::Wrote { text, exited: status.code().is_some_and(|code| code != 101) })
}
