//! Time and peak memory of plain parsing, of ingesting and of ingesting with generation, each in a process of its own:
//! `cargo run --release -p swpanel-build-tools --all-features --example measure -- FILE... [--grow N]`.
//!
//! Plain parsing is `serde_json` reading the same content as JSON into its `Value`. `--grow N` adds a row with the
//! last file's paths repeated N times. Peaks are read from `/proc`, so they are shown on Linux only.

use std::process::{Command, ExitCode};
use std::time::Instant;

use swpanel_build_tools::document::{RawDocument, convert};
use swpanel_build_tools::sync::{Input, sync};

const STAGES: [&str; 3] = ["parse", "ingest", "generate"];
/// Runs of a stage; the fastest counts.
const RUNS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [flag, stage, file] if flag == "--stage" => one(stage, file),
        files if !files.is_empty() => table(files),
        _ => Err("which documents?".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one stage and prints milliseconds and KiB.
fn one(stage: &str, file: &str) -> Result<(), String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let started = Instant::now();
    match stage {
        "parse" => drop(serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|error| error.to_string())?),
        "ingest" => {
            let raw = RawDocument::read(&bytes).map_err(|error| error.to_string())?;
            drop(convert(&raw).map_err(|error| error.to_string())?);
        }
        _ => drop(sync(&Input { raw: &bytes, ..Input::default() }).map_err(|error| error.to_string())?),
    }
    let time = started.elapsed().as_secs_f64() * 1000.0;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    println!("{time:.2} {}", peak.split_whitespace().next().unwrap_or("0"));
    Ok(())
}

fn measured(stage: &str, file: &str) -> Result<(f64, f64), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut best: Option<(f64, f64)> = None;
    for _ in 0..RUNS {
        let output =
            Command::new(&program).args(["--stage", stage, file]).output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{file}, {stage}: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text.split_whitespace().filter_map(|number| number.parse::<f64>().ok());
        let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default() / 1024.0);
        best = Some(best.map_or(found, |best| (best.0.min(found.0), best.1.min(found.1))));
    }
    best.ok_or_else(|| "nothing was run".to_owned())
}

fn table(arguments: &[String]) -> Result<(), String> {
    let (mut files, mut grow, mut words) = (Vec::new(), None, arguments.iter());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--grow" => grow = words.next().and_then(|number| number.parse::<usize>().ok()),
            file => files.push(file.to_owned()),
        }
    }
    let folder = std::env::temp_dir().join(format!("swpanel-measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    println!("| document | KiB | parse ms | ingest | with generation | parse MiB | ingest | with generation |");
    println!("|---|---|---|---|---|---|---|---|");
    for (at, file) in files.iter().enumerate() {
        let name = file.rsplit('/').next().unwrap_or(file);
        row(name, file, &folder)?;
        if let Some(times) = grow.filter(|_| at + 1 == files.len()) {
            let grown = folder.join("grown.json").to_string_lossy().into_owned();
            std::fs::write(&grown, grown_by(file, times)?).map_err(|error| error.to_string())?;
            row(&format!("{name}, paths {times} times"), &grown, &folder)?;
        }
    }
    std::fs::remove_dir_all(folder).map_err(|error| error.to_string())
}

fn row(name: &str, file: &str, folder: &std::path::Path) -> Result<(), String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let raw = RawDocument::read(&bytes).map_err(|error| error.to_string())?;
    let plain = folder.join("plain.json").to_string_lossy().into_owned();
    let json = serde_json::to_vec_pretty(&raw.root().to_json()).map_err(|error| error.to_string())?;
    std::fs::write(&plain, json).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for stage in STAGES {
        found.push(measured(stage, if stage == "parse" { &plain } else { file })?);
    }
    let [parse, ingest, generate] = found.as_slice() else { return Err("a stage is missing".to_owned()) };
    println!(
        "| {name} | {} | {:.1} | {:.1}x | {:.0}x | {:.0} | {:.1}x | {:.1}x |",
        bytes.len() / 1024,
        parse.0,
        ingest.0 / parse.0,
        generate.0 / parse.0,
        parse.1,
        ingest.1 / parse.1,
        generate.1 / parse.1,
    );
    Ok(())
}

/// The document with its paths repeated under other prefixes.
fn grown_by(file: &str, times: usize) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let raw = RawDocument::read(&bytes).map_err(|error| error.to_string())?;
    let mut json = raw.root().to_json();
    let paths = json.get("paths").and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
    let mut more = paths.clone();
    for number in 1..times {
        for (path, item) in &paths {
            let mut item = item.clone();
            for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
                if let Some(id) = operation.get("operationId").and_then(serde_json::Value::as_str) {
                    let id = format!("{id}-{number}");
                    if let Some(operation) = operation.as_object_mut() {
                        operation.insert("operationId".to_owned(), id.into());
                    }
                }
            }
            more.insert(format!("/again{number}{path}"), item);
        }
    }
    if let Some(root) = json.as_object_mut() {
        root.insert("paths".to_owned(), more.into());
    }
    serde_json::to_vec_pretty(&json).map_err(|error| error.to_string())
}
