//! `cargo xtask fuzz TARGET`: mutated inputs until the time is over or one of them fails. The same seed makes the same inputs.
//!
//! Inputs are made here and run in batches by a process of their own, with limits of memory and time, so that a stack
//! overflow, an abort or an endless loop is found as well and belongs to one input. What needs the client or the command
//! line is run by a test of that package, which is not part of what is released: sync has to work while they do not compile.

mod documents;
mod mutate;
mod seeds;
mod worker;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::ValueEnum as _;
use serde_json::json;
use swpanel_build_tools::hash::sha256;

use crate::arguments::{FuzzFlags, FuzzTarget};
use crate::outcome::{Failure, Outcome, counted, print_error};
use crate::workspace::Workspace;
use crate::{Run, files, regular, report};
use mutate::Mutator;
use worker::{Ended, Worker};

/// How many inputs one process runs: as many as are made while it runs for a second or so.
const BATCH: usize = 64;

pub(crate) fn run(flags: &FuzzFlags, root: Option<&Path>) -> Run {
    if let Some(folder) = &flags.batch {
        return documents::batch(flags.target, folder);
    }
    let workspace = Workspace::find(root)?;
    let name = name(flags.target);
    let place = format!("target/fuzz/{name}");
    let worker = Worker::of(flags.target, &workspace, &place)?;
    if let Some(file) = &flags.input {
        let input = regular::read_whole(file).map_err(|error| {
            let message = format!("`{}` cannot be read: {error}", file.display());
            Failure::new("unreadable", message, "give a file that an earlier run kept")
        })?;
        return again(&workspace, &worker, flags, file, input);
    }
    let seed = flags.seed.unwrap_or_else(|| fastrand::u64(..));
    print_error(&format!("fuzzing {name} for {} s with --seed {seed}\n", flags.seconds));
    let mut mutator = Mutator::new(seed, seeds::of(flags.target, &workspace)?);
    let until = Instant::now() + Duration::from_secs(flags.seconds);
    let mut tried = 0;
    while Instant::now() < until {
        let inputs: Vec<Vec<u8>> = (0..BATCH).map(|_| mutator.next()).collect();
        match worker.run(&workspace, &inputs)? {
            Ended::Well => tried += inputs.len(),
            Ended::Failed { at, why } => {
                let input = inputs.get(at).map(Vec::as_slice).unwrap_or_default();
                tried += at + 1;
                return found(&workspace, flags, &place, (seed, tried), input, &why);
            }
        }
    }
    let text = format!("nothing found: {} of {name}, seed {seed}\n", counted(tried, "input", "inputs"));
    let json = json!({"outcome": "nothing", "target": name, "seed": seed, "inputs": tried});
    Ok(Outcome { text, json, changed: false })
}

/// The target as it is called on the command line.
fn name(target: FuzzTarget) -> String {
    target.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Keeps the input that failed and says how to run it again.
fn found(
    workspace: &Workspace,
    flags: &FuzzFlags,
    place: &str,
    (seed, tried): (u64, usize),
    input: &[u8],
    why: &str,
) -> Run {
    let file = format!("{place}/failed-{}", sha256(input).get(..16).unwrap_or_default());
    files::write(workspace, &file, input)?;
    let name = name(flags.target);
    let command = format!("cargo xtask fuzz {name} --input {file}");
    let text = format!(
        "FAILED        {name}, seed {seed}, input {tried}\nkept          {file}, {} bytes\nrun again     {command}\n{}",
        input.len(),
        indented(why)
    );
    let json = json!({"outcome": "found", "target": name, "seed": seed, "inputs": tried, "file": file, "why": why,
        "next": [command]});
    Ok(Outcome { text, json, changed: true })
}

/// Runs one input that was kept.
fn again(workspace: &Workspace, worker: &Worker, flags: &FuzzFlags, file: &Path, input: Vec<u8>) -> Run {
    let (name, shown) = (name(flags.target), report::quoted(&file.to_string_lossy()));
    Ok(match worker.run(workspace, &[input])? {
        Ended::Well => {
            let json = json!({"outcome": "nothing", "target": name, "file": file});
            Outcome { text: format!("nothing found: {name} takes {shown}\n"), json, changed: false }
        }
        Ended::Failed { why, .. } => {
            let json = json!({"outcome": "found", "target": name, "file": file, "why": why});
            Outcome { text: format!("FAILED        {name}, {shown}\n{}", indented(&why)), json, changed: true }
        }
    })
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("              {line}\n")).collect()
}

/// The inputs of a batch in their order; the name of each is printed before it runs, so that it is known which one failed.
fn each(folder: &Path, run: &mut dyn FnMut(&[u8])) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new("unreadable", format!("the batch cannot be read: {error}"), "`cargo xtask fuzz` makes it")
    };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut inputs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    inputs.sort();
    for input in inputs {
        crate::outcome::print_text(&format!("{}\n", input.file_name().unwrap_or_default().to_string_lossy()))
            .map_err(failed)?;
        run(&regular::read_whole(&input).map_err(failed)?);
    }
    Ok(())
}
