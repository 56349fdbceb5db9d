//! A copy of what `xtask` reads and writes, in a folder of its own, and the real program run on it.

#![allow(dead_code, reason = "each test file uses its part")]

#[cfg(unix)]
pub(crate) mod checkout;
pub(crate) mod vendor;
#[cfg(unix)]
pub(crate) mod workflow;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The files a sync reads and writes.
pub(crate) const FILES: [&str; 4] =
    ["upstream/openapi.yaml", "swpanel-api.json", "client/public-api.txt", "swpanel-api.lock"];

/// The workspace this test was built in.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A copy of the workspace's data.
pub(crate) struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap() };
        for file in FILES.iter().chain(&["Cargo.toml", "README.md", "knowledge.toml"]) {
            copy.write(file, &std::fs::read(workspace().join(file)).unwrap());
        }
        // As Git leaves a link where it makes none; on other systems that is how it is made, too.
        copy.write("client/swpanel-api.json", b"../swpanel-api.json");
        copy
    }

    /// Another copy with the same files.
    pub(crate) fn again(&self) -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap() };
        copy_folder(self.folder.path(), copy.folder.path());
        copy
    }

    /// With the snapshots too, which coverage reads.
    pub(crate) fn with_snapshots() -> Self {
        let copy = Self::new();
        for folder in ["tests/snapshots", "cli/tests/snapshots"] {
            copy_folder(&workspace().join(folder), &copy.path(folder));
        }
        copy
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, content: &[u8]) {
        write(&self.path(file), content);
    }

    /// Replaces a text that must be there.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        edit(&self.path(file), from, to);
    }

    /// Every file of the folder with its content.
    pub(crate) fn state(&self) -> BTreeMap<String, Vec<u8>> {
        let mut state = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path()).unwrap().to_string_lossy().replace('\\', "/");
                    state.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        state
    }

    /// Runs git here, without the configuration of the machine.
    pub(crate) fn git(&self, arguments: &[&str]) -> Ran {
        let output = git_command(arguments).current_dir(self.folder.path()).output();
        ran(output.expect("these tests need git"))
    }

    /// Runs git here; it must succeed.
    pub(crate) fn git_done(&self, arguments: &[&str]) -> String {
        let ran = self.git(arguments);
        assert_eq!(ran.code, Some(0), "git {arguments:?}: {ran:?}");
        ran.out
    }

    /// Commits everything that is here, in a repository that is made for it.
    pub(crate) fn commit(&self, message: &str) {
        if !self.path(".git").exists() {
            self.git_done(&["init", "--quiet", "--initial-branch", "main"]);
            self.write(".gitignore", b"/target\n");
        }
        self.git_done(&["add", "--all"]);
        self.git_done(&["commit", "--quiet", "--message", message]);
    }

    pub(crate) fn xtask(&self, arguments: &[&str]) -> Ran {
        self.xtask_with(arguments, b"", &[])
    }

    pub(crate) fn xtask_with(&self, arguments: &[&str], input: &[u8], variables: &[(&str, &str)]) -> Ran {
        Self::run(self.folder.path(), arguments, input, variables)
    }

    /// The program run on a folder that is not a copy.
    pub(crate) fn run(root: &Path, arguments: &[&str], input: &[u8], variables: &[(&str, &str)]) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .arg("--root")
            .arg(root)
            .envs(variables.iter().copied())
            .env("SOURCE_DATE_EPOCH", "1797897600")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A child that refuses early may close its end first.
        let _ = child.stdin.take().unwrap().write_all(input);
        ran(child.wait_with_output().unwrap())
    }
}

fn ran(output: std::process::Output) -> Ran {
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// git with nothing of the machine's configuration, and a name to commit under.
pub(crate) fn git_command(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(arguments).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "test").env(format!("GIT_{who}_EMAIL"), "test@example.es");
    }
    command.env("GIT_EDITOR", "true").env_remove("GIT_DIR").stdin(Stdio::null());
    command
}

/// Writes a file, and the folders that it lies in.
pub(crate) fn write(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Replaces a text of a file; it must be there.
pub(crate) fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {}", path.display());
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for path in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// A small document that is quite another than the embedded one.
pub(crate) const SMALL: &str = r#"{"openapi":"3.0.3","info":{"title":"Small","version":"1"},"paths":{
"/b/":{"get":{"operationId":"b_list","tags":["b"],"summary":"List","responses":{"200":{"description":"ok"}}}},
"/a/{id}":{"get":{"operationId":"a_get","tags":["a"],"summary":"Get",
"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"n":{"type":"integer"}}}}}}}}}}}"#;
