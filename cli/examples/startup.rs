//! How long whole processes take: this program against the vendor's Python example, side by side in one run.
//!
//! ```sh
//! cargo build --release -p swpanel-cli
//! cargo run -p swpanel-cli --example startup -- target/release/swpanel [ROUNDS]
//! ```
//!
//! The vendor's example is stood in for by what it cannot do without: the import of `requests`, and for the list one
//! call with the headers that it sends. It imports more, so the real one takes longer.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use swpanel_emulator::Emulator;

const PYTHON: &str = "\
import os, requests
answer = requests.get(os.environ['SWPANEL_BASE_URL'] + '/services/XX012/dns/', headers={
    'Authorization': 'Bearer ' + os.environ['SWPANEL_TOKEN'], 'Content-Type': 'application/json'})
for record in answer.json().get('result', []):
    print(record)
";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: startup PATH-OF-swpanel [ROUNDS]");
        std::process::exit(2);
    };
    let rounds = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(100usize).max(3);
    let emulator = match Emulator::builder().start_blocking() {
        Ok(emulator) => emulator,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    let own = |line: &str| {
        let mut command = Command::new(&program);
        command.args(line.split(' '));
        command
    };
    let python = |code: &str| {
        let mut command = Command::new("python3");
        command.args(["-c", code]);
        command
    };
    let cases: [(&str, Command, Command); 3] = [
        ("--version", own("--version"), python("import requests")),
        ("--help", own("--help"), python("import requests")),
        ("dns list", own("dns list XX012"), python(PYTHON)),
    ];
    println!("| command | swpanel, median (best) | Python, median (best) | ratio of medians |\n|---|---|---|---|");
    for (name, mut ours, mut theirs) in cases {
        for command in [&mut ours, &mut theirs] {
            command.env("SWPANEL_TOKEN", emulator.token()).env("SWPANEL_BASE_URL", emulator.base_url());
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        }
        // By turns, so that what else the machine does hits both.
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            one.push(time(&mut ours));
            if round % 10 < 3 {
                other.push(time(&mut theirs));
            }
        }
        let (one, other) = (sorted(one), sorted(other));
        let ratio = median(&other).as_secs_f64() / median(&one).as_secs_f64().max(f64::MIN_POSITIVE);
        println!("| {name} | {} | {} | {ratio:.0} |", shown(&one), shown(&other));
    }
}

fn time(command: &mut Command) -> Duration {
    let started = Instant::now();
    let ended = command.status();
    let took = started.elapsed();
    if !ended.is_ok_and(|status| status.success()) {
        eprintln!("{} did not end well; is it there, and has Python `requests`?", command.get_program().display());
        std::process::exit(1);
    }
    took
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort();
    times
}

fn median(times: &[Duration]) -> Duration {
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn shown(times: &[Duration]) -> String {
    let milliseconds = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
    let best = times.first().copied().unwrap_or_default();
    format!("{} ms ({})", milliseconds(median(times)), milliseconds(best))
}
