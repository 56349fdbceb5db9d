//! The real program against an emulator, in a home of its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use swpanel_emulator::{Emulator, Seed};

/// A home and an emulator.
pub(crate) struct Desk {
    pub(crate) emulator: Emulator,
    pub(crate) home: tempfile::TempDir,
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts the exit code, showing all else where it is another.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out:\n{}\nerr:\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// Standard error as one JSON failure.
    #[track_caller]
    pub(crate) fn failure(&self) -> Value {
        let value: Value = serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {}", self.err));
        value["error"].clone()
    }
}

/// The program with nothing of this machine's environment.
pub(crate) fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_swpanel"));
    command.env_clear().stdin(Stdio::null());
    command
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::seeded(Seed::Demo)
    }

    pub(crate) fn seeded(seed: Seed) -> Self {
        let emulator = Emulator::builder().seed(seed).start_blocking().unwrap();
        Self { emulator, home: tempfile::tempdir().unwrap() }
    }

    /// One whose API rejects what the document has by inference only.
    pub(crate) fn strict() -> Self {
        let emulator = Emulator::builder().seed(Seed::Demo).strict(true).start_blocking().unwrap();
        Self { emulator, home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program with a home, but no token.
    pub(crate) fn without_token(&self) -> Command {
        let mut command = bare();
        command.env("HOME", self.home.path()).env("SWPANEL_BASE_URL", self.emulator.base_url());
        command.current_dir(self.home.path());
        command
    }

    /// The program with the emulator's token.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = self.without_token();
        command.env("SWPANEL_TOKEN", self.emulator.token()).args(arguments);
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    /// The same with a text on standard input.
    pub(crate) fn feed(&self, mut command: Command, text: &str) -> Said {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that ends without reading closes the pipe, which is its right.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        Said::of(child.wait_with_output().unwrap())
    }
}

/// A line of words as arguments.
pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A desk with two profiles, files to choose from and a journal, and nothing that the test's own machine has.
#[cfg(unix)]
pub(crate) fn completing() -> Desk {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let profiles = desk.path(".config/swpanel/profiles.toml");
    std::fs::create_dir_all(profiles.parent().unwrap()).unwrap();
    std::fs::write(&profiles, "[profiles.one]\ntoken_command = [\"true\"]\n[profiles.two]\n").unwrap();
    std::fs::set_permissions(&profiles, std::fs::Permissions::from_mode(0o600)).unwrap();
    desk.file("zone.txt", "");
    desk.file("body file.yaml", "");
    std::fs::create_dir(desk.path("folder")).unwrap();
    let journals = desk.path(".local/state/swpanel/fleet");
    std::fs::create_dir_all(&journals).unwrap();
    std::fs::write(journals.join("7-7.journal"), "").unwrap();
    desk
}
