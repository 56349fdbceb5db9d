//! The program: `swpanel-emulator --port 8080 --seed demo`.
//!
//! Once it is ready, standard output has exactly two lines, the base address and the token; all else goes to standard
//! error. SIGINT and SIGTERM stop it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use swpanel_emulator::{Emulator, ErrorsAs, Jobs, Seed};

/// A SWPanel on your own machine.
#[derive(Parser)]
#[command(
    version,
    about,
    long_about = "A SWPanel on your own machine: a stateful server on 127.0.0.1, derived from \
    the API document. It is not SWPanel: every answer says in the header x-swpanel-emulator-basis on what it rests."
)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The account at the start: demo, large or empty.
    #[arg(long, default_value = "demo")]
    seed: Seed,
    /// OpenAPI 3 document in JSON to serve, instead of the one built in.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Status of refusals: 200 as the vendor may do, or 4xx.
    #[arg(long, value_enum, default_value_t = Statuses::Fitting)]
    errors_as: Statuses,
    /// Reject what the document marks as inferred: nothing proves that the API accepts it, DNS records of type TXT for
    /// example.
    #[arg(long)]
    strict: bool,
    /// Refuse paths whose slashes are not where the document has them.
    #[arg(long)]
    strict_paths: bool,
    /// Accept members and parameters that the document does not name.
    #[arg(long)]
    unknown_members: bool,
    /// Check `format`, which the document calls an annotation only.
    #[arg(long)]
    check_formats: bool,
    /// Begin with Integrator mode off: every call is refused.
    #[arg(long)]
    integrator_mode_off: bool,
    /// How long orders and the like stay pending: immediate, told, calls:N or seconds:N (of the emulator's clock).
    #[arg(long, default_value = "immediate", value_parser = jobs)]
    jobs: Jobs,
    /// The token that opens everything: letters, digits, `_`, `.` and `-`. It guards nothing but a made-up account.
    #[arg(long, value_name = "TEXT")]
    token: Option<String>,
    /// Seed of what faults leave to chance.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    fault_seed: u64,
    /// Threads that serve.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    threads: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Statuses {
    #[value(name = "200")]
    Success,
    #[value(name = "4xx")]
    Fitting,
}

fn jobs(text: &str) -> Result<Jobs, String> {
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number"));
    match text.split_once(':') {
        None if text == "immediate" => Ok(Jobs::Immediate),
        None if text == "told" => Ok(Jobs::Told),
        Some(("calls", count)) => number(count).map(Jobs::Calls),
        Some(("seconds", count)) => number(count).map(Jobs::Seconds),
        _ => Err("there are: immediate, told, calls:N, seconds:N".to_owned()),
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // A closed standard error is nobody's concern.
            let _ = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::from(100)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    let mut builder = Emulator::builder()
        .port(arguments.port)
        .seed(arguments.seed)
        .strict(arguments.strict)
        .strict_paths(arguments.strict_paths)
        .unknown_members(arguments.unknown_members)
        .check_formats(arguments.check_formats)
        .integrator_mode(!arguments.integrator_mode_off)
        .jobs(arguments.jobs)
        .fault_seed(arguments.fault_seed)
        .threads(arguments.threads)
        .errors_as(match arguments.errors_as {
            Statuses::Success => ErrorsAs::Success,
            Statuses::Fitting => ErrorsAs::Statuses,
        });
    if let Some(token) = arguments.token {
        builder = builder.token(token);
    }
    if let Some(path) = arguments.document {
        let bytes = std::fs::read(&path).map_err(|error| {
            format!("cannot read {}: {error}; give the path of an OpenAPI document in JSON", path.display())
        })?;
        builder = builder.document(bytes);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        // Before anything is said, so that a signal right after it finds somebody at home.
        let signal = Signal::new().map_err(|error| format!("cannot listen for signals: {error}"))?;
        let emulator = builder.start().await.map_err(|error| error.to_string())?;
        announce(&emulator).map_err(|error| format!("cannot write to standard output: {error}"))?;
        signal.wait().await;
        // A request that still computes must not keep the program: stopping waits for it, a signal does not.
        std::thread::spawn(|| {
            std::thread::sleep(PATIENCE);
            let _ = writeln!(std::io::stderr(), "stopped, although a request was still being served");
            std::process::exit(1);
        });
        emulator.shutdown();
        let _ = writeln!(std::io::stderr(), "stopped");
        Ok(())
    })
}

/// How long a request that is being served may hold up the end of the program.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

fn announce(emulator: &Emulator) -> std::io::Result<()> {
    let mut error = std::io::stderr();
    let _ = writeln!(error, "documentation: {}", emulator.docs_url());
    let _ = writeln!(error, "behind a login: {} (any user, the token as password)", emulator.walled_docs_url());
    let _ = writeln!(error, "controls: http://{}/__emulator/", emulator.address());
    let mut out = std::io::stdout().lock();
    writeln!(out, "base url: {}\ntoken: {}", emulator.base_url(), emulator.token())?;
    out.flush()
}

#[cfg(unix)]
struct Signal(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signal {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signal;

#[cfg(not(unix))]
impl Signal {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(self) {
        // Without a way to hear of Ctrl-C there is nothing to wait for but the end of the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
