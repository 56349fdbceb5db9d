//! A checkout of the whole workspace in a folder of its own, with its history, and a shell in it. Programs that stand at
//! the head of its `PATH` are ours: `cargo xtask` is the program under test, and other calls of cargo go to what this
//! build has made already.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Ran, edit, workspace, write};

/// `cargo` as pages and workflows call it. Nothing is built twice: what the workspace's build has made is run as it is,
/// in its profile; only what is not there goes to the real cargo.
const CARGO: &str = r#"#!/usr/bin/env bash
printf 'cargo %s\n' "$*" >> "$CALLS"
command=$1
shift
words=() name= kind= package=
while [ $# -gt 0 ]; do
  case "$1" in
    --) break ;;
    --release) ;;
    -p) package=$2; words+=("$1" "$2"); shift ;;
    --example | --bin) kind=$1 name=$2; words+=("$1" "$2"); shift ;;
    *) words+=("$1") ;;
  esac
  shift
done
if [ -n "$package" ] && ! grep -qsx "name = \"$package\"" "$WORKSPACE"/*/Cargo.toml; then
  echo "error: there is no package $package" >&2
  exit 101
fi
# As cargo has it: by an alias of the checkout.
if [ "$command" = xtask ] && ! grep -qs '^xtask = ' .cargo/config.toml; then
  echo "error: no such command: xtask" >&2
  exit 101
fi
if [ "$command" = xtask ]; then exec "$XTASK" "${words[@]}" "$@"; fi
if [ "$command" = run ] && [ "$kind" = --example ] && [ -x "$BUILT/examples/$name" ]; then
  shift
  exec "$BUILT/examples/$name" "$@"
fi
if [ "$command $kind$package" = "run swpanel-emulator" ] && [ -x "$BUILT/$package" ]; then
  shift
  exec "$BUILT/$package" "$@"
fi
if [ "$command" = build ] && [ -x "$BUILT/xtask" ] && [ -x "$BUILT/swpanel" ] && [ -x "$BUILT/swpanel-emulator" ]; then
  exit 0
fi
exec "$REAL_CARGO" "$command" --manifest-path "$WORKSPACE/Cargo.toml" "${words[@]}" "$@"
"#;

pub(crate) struct Checkout {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

impl Checkout {
    /// All files that are or may be under version control, committed as one state.
    pub(crate) fn new() -> Self {
        let made = Self { folder: tempfile::tempdir().unwrap(), variables: BTreeMap::new() };
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(workspace())
            .output()
            .unwrap();
        let names = String::from_utf8(listed.stdout).unwrap();
        assert!(names.contains("Cargo.toml"), "these tests need the workspace to be a checkout");
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            copy(&workspace().join(name), &made.tree().join(name));
        }
        std::fs::create_dir_all(made.folder.path().join("bin")).unwrap();
        std::fs::create_dir_all(made.folder.path().join("home")).unwrap();
        made.program("cargo", CARGO);
        // What pages call a release build is here the build of this test.
        std::fs::create_dir_all(made.tree().join("target")).unwrap();
        std::os::unix::fs::symlink(built(), made.tree().join("target/release")).unwrap();
        made.done("git init --quiet --initial-branch main && git add --all && git commit --quiet --message state");
        made
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.tree().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn write(&self, file: &str, content: &[u8]) {
        write(&self.path(file), content);
    }

    /// Replaces a text that must be there.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        edit(&self.path(file), from, to);
    }

    /// Puts a program at the head of the path.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let path = self.folder.path().join("bin").join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Sets a variable for everything that runs here.
    pub(crate) fn variable(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Runs a script of bash in the tree.
    pub(crate) fn run(&self, script: &str, input: &str) -> Ran {
        self.run_in(&self.tree(), script, input, &[])
    }

    pub(crate) fn run_in(&self, folder: &Path, script: &str, input: &str, variables: &[(String, String)]) -> Ran {
        let bin = self.folder.path().join("bin");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let mut child = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(folder)
            .env("PATH", path)
            .env("HOME", self.folder.path().join("home"))
            .env("XTASK", env!("CARGO_BIN_EXE_xtask"))
            .env("REAL_CARGO", env!("CARGO"))
            .env("WORKSPACE", workspace())
            .env("BUILT", built())
            .env("CALLS", self.folder.path().join("calls"))
            .env("SOURCE_DATE_EPOCH", "1797897600")
            .env("RUST_BACKTRACE", "0")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "test")
            .env("GIT_AUTHOR_EMAIL", "test@example.es")
            .env("GIT_COMMITTER_NAME", "test")
            .env("GIT_COMMITTER_EMAIL", "test@example.es")
            // Nothing of the shell that runs this test.
            .env_remove("SWPANEL_TOKEN")
            .env_remove("SWPANEL_PROFILE")
            .env_remove("SWPANEL_BASE_URL")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .env_remove("GIT_DIR")
            .env_remove("CARGO_MANIFEST_DIR")
            .envs(&self.variables)
            .envs(variables.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A script that reads nothing may close its end first.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs what must succeed.
    pub(crate) fn done(&self, script: &str) -> String {
        let ran = self.run(script, "");
        assert_eq!(ran.code, Some(0), "{script}\n{}{}", ran.out, ran.err);
        ran.out
    }

    /// What our own programs were called with, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// A folder beside the tree.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }
}

/// Where this build's programs lie.
fn built() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_xtask")).parent().expect("a program lies in a folder").to_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    match std::fs::symlink_metadata(from) {
        Ok(found) if found.file_type().is_symlink() => {
            std::os::unix::fs::symlink(std::fs::read_link(from).unwrap(), to).unwrap();
        }
        // Another checkout within this one.
        Ok(found) if found.is_dir() => {}
        Ok(_) => {
            std::fs::copy(from, to).unwrap();
        }
        // One that was deleted and not yet committed.
        Err(_) => {}
    }
}
