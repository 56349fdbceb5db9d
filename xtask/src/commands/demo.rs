//! The product in a minute, offline: an emulator on this machine, a sync from its documentation page, a release, the
//! report, and a call. Everything happens in a copy; the programs of other packages run as programs.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::outcome::{Failure, Outcome};
use crate::workspace::{DOCUMENT, KNOWLEDGE, LINK, LINK_TARGET, LISTING, LOCK, README, UPSTREAM, Workspace};

/// Where the copy lies.
const FOLDER: &str = "target/demo";

/// The emulator while it runs; it ends with this.
struct Emulator {
    child: Child,
    base_url: String,
    token: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn run(root: Option<&Path>) -> Result<Outcome, Failure> {
    let workspace = Workspace::find(root)?;
    crate::conflicts::refuse(&workspace)?;
    let copy = copy(&workspace)?;
    let [program, call] = build(&workspace)?;
    let emulator = start(&program)?;
    let origin = emulator.base_url.trim_end_matches("/v2026").to_owned();
    let host = origin.trim_start_matches("http://").to_owned();
    let page = format!("{origin}/docs/");
    let mut story = Story::default();

    story.step("a SWPanel on this machine", "cargo run -p swpanel-emulator -- --port 0");
    story.says(&format!("base url: {}\ntoken: {}\n", emulator.base_url, emulator.token));

    story.step("its document, found behind its documentation page", &sync_words(&page, &host));
    let first = sync(&copy, &page, &host)?;
    story.says(&first);

    story.step("a call with the client", "cargo run -p swpanel --example call -- GET /services/XX012");
    story.says(&shortened(&ask(&call, &emulator, &emulator.base_url, "GET", "/services/XX012")?));

    story.step("SWPanel publishes its next release", "curl -X POST .../__emulator/document/next");
    ask(&call, &emulator, &format!("{origin}/__emulator"), "POST", "/document/next")?;

    story.step("what changed, whom it breaks, and what to do", &sync_words(&page, &host));
    let before = api(&copy)?;
    let second = sync(&copy, &page, &host)?;
    story.says(&second);

    if api(&copy)? == before {
        let hint = "run `cargo xtask diff` on the two documents to see why";
        return Err(
            Failure::new("failed", "the release was published, and the sync told of no change", hint).detail(second)
        );
    }
    let text = story.text.replace(&host, "127.0.0.1:PORT");
    let json = json!({ "story": text, "folder": FOLDER });
    Ok(Outcome { text, json, changed: false })
}

/// What a person reads: a line on each step, the command, and what it said.
#[derive(Default)]
struct Story {
    text: String,
}

impl Story {
    fn step(&mut self, what: &str, command: &str) {
        let before = if self.text.is_empty() { "" } else { "\n" };
        self.text.push_str(&format!("{before}# {what}\n$ {command}\n"));
    }

    fn says(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

fn sync_words(page: &str, host: &str) -> String {
    format!("cargo xtask sync --from {page} --allow-host {host}")
}

/// A copy of what a sync reads and writes, made anew.
fn copy(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.path(FOLDER);
    let failed = |what: &Path, error: std::io::Error| {
        let hint = "check that the folder `target` can be written";
        Failure::new("unwritable", format!("`{}` cannot be made: {error}", what.display()), hint)
    };
    crate::files::remove_folder(workspace, FOLDER)?;
    for part in ["upstream", "client"] {
        let part = folder.join(part);
        std::fs::create_dir_all(&part).map_err(|error| failed(&part, error))?;
    }
    let target = Workspace::find(Some(&folder))?;
    for file in [UPSTREAM, DOCUMENT, LISTING, LOCK, README, KNOWLEDGE, "Cargo.toml"] {
        if let Some(bytes) = workspace.read(file)? {
            crate::files::write(&target, file, &bytes)?;
        }
    }
    // As Git leaves a link where it makes none.
    crate::files::write(&target, LINK, LINK_TARGET.as_bytes())?;
    Ok(folder)
}

/// Builds the emulator and the client's example `call`, and returns their paths. One build for the whole workspace, with
/// an example in it, selects the features that `cargo test --workspace` selects: both share the dependencies.
fn build(workspace: &Workspace) -> Result<[PathBuf; 2], Failure> {
    const COMMAND: [&str; 7] = ["build", "--locked", "--workspace", "--bin", "swpanel-emulator", "--example", "call"];
    let failed = |what: &str| {
        Failure::new("failed", format!("`cargo {}` {what}", COMMAND.join(" ")), "run the command by hand to see why")
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(workspace.root())
        .args(COMMAND)
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(&format!("cannot be started: {error}")))?;
    if !output.status.success() {
        return Err(failed("failed"));
    }
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let executable = |name: &str| {
        let built =
            messages.iter().filter(|message| message.pointer("/target/name").is_some_and(|found| found == name));
        let path = built.filter_map(|message| message.get("executable")?.as_str()).next_back();
        path.map(PathBuf::from).ok_or_else(|| failed(&format!("built no program `{name}`")))
    };
    Ok([executable("swpanel-emulator")?, executable("call")?])
}

/// Starts the emulator; it is ready when it has said its address and token.
fn start(program: &Path) -> Result<Emulator, Failure> {
    let failed = |what: &str| Failure::new("failed", format!("the emulator {what}"), "run it by hand to see why");
    let mut command = Command::new(program);
    command.args(["--port", "0", "--seed", "demo"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| failed(&format!("cannot be started: {error}")))?;
    let output = child.stdout.take();
    let mut emulator = Emulator { child, base_url: String::new(), token: String::new() };
    let mut lines = BufReader::new(output.ok_or_else(|| failed("has no output"))?).lines();
    for (name, value) in [("base url: ", &mut emulator.base_url), ("token: ", &mut emulator.token)] {
        let line = lines.next().and_then(Result::ok).unwrap_or_default();
        let said = line.strip_prefix(name).ok_or_else(|| failed("did not say where it is"))?;
        said.clone_into(value);
    }
    Ok(emulator)
}

/// The document that the copy has now.
fn api(copy: &Path) -> Result<Vec<u8>, Failure> {
    let hint = "run `cargo xtask sync` to see whether the workspace is in order";
    let path = copy.join("swpanel-api.json");
    std::fs::read(&path).map_err(|error| Failure::new("failed", format!("{}: {error}", path.display()), hint))
}

/// Runs a sync from the documentation page, and gives what it prints.
fn sync(copy: &Path, page: &str, host: &str) -> Result<String, Failure> {
    let hint = "run `cargo xtask sync` to see whether the workspace is in order";
    let failed = |what: String| Failure::new("failed", what, hint);
    let own = std::env::current_exe().map_err(|error| failed(format!("this program does not know itself: {error}")))?;
    let output = Command::new(own)
        .args(["sync", "--from", page, "--allow-host", host, "--root"])
        .arg(copy)
        // The copy is no part of the repository around it.
        .env("GIT_CEILING_DIRECTORIES", copy.canonicalize().ok().as_deref().and_then(Path::parent).unwrap_or(copy))
        .output()
        .map_err(|error| failed(format!("the sync cannot be started: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Ok(text),
        Some(4) => Ok(text + "[exit 4]\n"),
        _ => Err(failed("the sync from the documentation page failed".to_owned())
            .detail(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

/// A call with the client, as a program of its own. The token goes by the environment.
fn ask(program: &Path, emulator: &Emulator, base_url: &str, method: &str, path: &str) -> Result<String, Failure> {
    let failed = |what: String| Failure::new("failed", format!("{method} {path}: {what}"), "run it by hand to see why");
    let output = Command::new(program)
        .args([method, path])
        .env("SWPANEL_BASE_URL", base_url)
        .env("SWPANEL_TOKEN", &emulator.token)
        .env_remove("SWPANEL_PROFILE")
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One line that fits a screen.
fn shortened(answer: &str) -> String {
    let line = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(117).collect();
    if short.len() < line.len() { format!("{short}...\n") } else { format!("{line}\n") }
}
