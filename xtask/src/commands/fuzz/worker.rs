//! A process that runs a batch of inputs, within limits of memory and time, and what became of it.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::name;
use crate::arguments::FuzzTarget;
use crate::outcome::Failure;
use crate::workspace::Workspace;
use crate::{files, regular};

/// The longest that one input may take.
const PER_INPUT: Duration = Duration::from_secs(30);
/// The most memory of a process, in KiB.
const MEMORY: u64 = 3 << 20;
/// The most of its last words that is shown.
const SHOWN: usize = 4000;

/// How a batch ended.
pub(super) enum Ended {
    Well,
    /// The input at this place failed.
    Failed {
        at: usize,
        why: String,
    },
}

/// A program that runs batches of one target.
pub(super) struct Worker {
    program: PathBuf,
    arguments: Vec<String>,
    /// Where its inputs are put, below the workspace.
    place: String,
    /// The longest that one input may take.
    patience: Duration,
}

impl Worker {
    /// Builds the program that has the target in it.
    pub(super) fn of(target: FuzzTarget, workspace: &Workspace, place: &str) -> Result<Self, Failure> {
        let test = |name: &str| ["--ignored", "--exact", "--nocapture", name].map(str::to_owned).to_vec();
        let (program, arguments) = match target {
            FuzzTarget::Ingest | FuzzTarget::Diff => {
                let own = std::env::current_exe().map_err(|error| failed(&error.to_string()))?;
                let batch = workspace.path(&format!("{place}/batch")).to_string_lossy().into_owned();
                (own, vec!["fuzz".to_owned(), name(target), "--batch".to_owned(), batch])
            }
            FuzzTarget::Zone => (build(workspace, "cli", "--bin=swpanel")?, test("zone::fuzz::batch")),
            FuzzTarget::Csv => (build(workspace, "cli", "--bin=swpanel")?, test("fleet::fuzz::batch_of_items")),
            FuzzTarget::Journal => (build(workspace, "cli", "--bin=swpanel")?, test("fleet::fuzz::batch_of_journals")),
            FuzzTarget::Guard => (build(workspace, "client", "--lib")?, test("runtime::fuzz::batch")),
        };
        Ok(Self { program, arguments, place: place.to_owned(), patience: PER_INPUT })
    }

    /// Runs inputs one after the other; all of them are on the disk before the first one runs.
    pub(super) fn run(&self, workspace: &Workspace, inputs: &[Vec<u8>]) -> Result<Ended, Failure> {
        let batch = format!("{}/batch", self.place);
        files::remove_folder(workspace, &batch)?;
        let folder = workspace.inside_folder(&batch)?;
        std::fs::create_dir_all(&folder).map_err(|error| failed(&error.to_string()))?;
        for (number, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(format!("{number:04}")), input).map_err(|error| failed(&error.to_string()))?;
        }
        let (said, told) = (format!("{}/progress", self.place), format!("{}/errors", self.place));
        for file in [&said, &told] {
            files::write(workspace, file, b"")?;
        }
        let (said, told) = (workspace.path(&said), workspace.path(&told));
        let open = |path: &Path| std::fs::OpenOptions::new().append(true).open(path);
        let (out, err) =
            open(&said).and_then(|out| Ok((out, open(&told)?))).map_err(|error| failed(&error.to_string()))?;
        let mut child = limited(&self.program)
            .args(&self.arguments)
            .env("SWPANEL_FUZZ_BATCH", &folder)
            .env("RUST_BACKTRACE", "0")
            .current_dir(workspace.root())
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(|error| failed(&format!("{}: {error}", self.program.display())))?;
        let status = wait(&mut child, &said, self.patience).map_err(|error| failed(&error.to_string()))?;
        let at = last(&said);
        let why = match status {
            Some(status) if status.success() && at.is_some_and(|at| at + 1 == inputs.len()) => return Ok(Ended::Well),
            Some(status) => format!("it ended with {status}\n{}", words(&told)),
            None => format!("it took longer than {} s\n{}", self.patience.as_secs_f64(), words(&told)),
        };
        match at {
            Some(at) => Ok(Ended::Failed { at, why }),
            None => Err(failed(&format!("no input was run: {why}"))),
        }
    }
}

fn failed(why: &str) -> Failure {
    let hint = "the packages that it is about have to compile: run `cargo test --workspace --no-run`";
    Failure::new("fuzz", format!("the target cannot be run: {why}"), hint)
}

/// The test program of the package in a folder.
fn build(workspace: &Workspace, folder: &str, part: &str) -> Result<PathBuf, Failure> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--quiet", "--no-run", "--message-format", "json", "--workspace", part])
        .current_dir(workspace.root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(&format!("cargo cannot be run: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let manifest = Path::new(folder).join("Cargo.toml");
    // The programs of all packages are listed; the one wanted is a test's.
    let program = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let is_wanted = Path::new(message.get("manifest_path")?.as_str()?).ends_with(&manifest)
            && message.pointer("/profile/test")?.as_bool()?;
        message.get("executable")?.as_str().filter(|_| is_wanted).map(PathBuf::from)
    });
    program.filter(|_| output.status.success()).ok_or_else(|| failed(&format!("`{folder}` does not compile")))
}

/// With a limit of memory, where the system has one for a process.
fn limited(program: &Path) -> Command {
    if cfg!(target_os = "linux") {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {MEMORY}; ulimit -c 0; exec \"$0\" \"$@\"")]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Waits as long as inputs are done in time; nothing where one of them was not.
fn wait(child: &mut Child, said: &Path, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let (mut since, mut before) = (Instant::now(), 0);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let now = std::fs::metadata(said)?.len();
        if now != before {
            (since, before) = (Instant::now(), now);
        }
        if since.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The input that was begun last; a test's program prints other lines as well.
fn last(said: &Path) -> Option<usize> {
    let text = regular::read_text(said).ok()?;
    let lines = text.lines().filter(|line| line.len() == 4);
    lines.filter_map(|line| line.parse().ok()).next_back()
}

fn words(told: &Path) -> String {
    let mut bytes = Vec::new();
    // What cannot be read is not shown.
    let _ = std::fs::File::open(told).and_then(|file| file.take(1 << 20).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    text.chars().take(SHOWN).collect()
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

    use super::*;

    /// Runs a script of the shell for each input, whose file is `$f`.
    fn ended(script: &str) -> Ended {
        let folder = tempfile::tempdir().unwrap();
        for part in ["upstream", "client"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
        }
        let workspace = Workspace::find(Some(folder.path())).unwrap();
        let script = format!("for f in \"$SWPANEL_FUZZ_BATCH\"/*; do basename \"$f\"; {script}; done");
        let arguments = vec!["-c".to_owned(), script];
        let (place, patience) = ("target/fuzz/x".to_owned(), Duration::from_millis(300));
        let worker = Worker { program: "/bin/sh".into(), arguments, place, patience };
        worker.run(&workspace, &[b"good".to_vec(), b"bad".to_vec(), b"good".to_vec()]).unwrap()
    }

    #[test]
    fn whatever_ends_a_process_belongs_to_one_input() {
        assert!(matches!(ended("true"), Ended::Well));
        for (script, says) in [
            ("! grep -q bad \"$f\" || kill -SEGV $$", "signal"),
            ("! grep -q bad \"$f\" || { echo what it was >&2; exit 101; }", "what it was"),
            ("! grep -q bad \"$f\" || sleep 20", "longer than 0.3 s"),
            ("! grep -q bad \"$f\" || exit 0", "exit status: 0"),
        ] {
            let Ended::Failed { at, why } = ended(script) else { panic!("{script} is not found") };
            assert!(at == 1 && why.contains(says), "{script}: {at} {why}");
        }
    }
}
