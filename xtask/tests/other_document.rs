//! The day the real document arrives, nothing breaks but what must: a quite different document synced into a
//! temporary copy of the whole workspace. Everything hand-written still compiles; only snapshots are red, and each
//! names the command that renews it.
//!
//! It runs cargo on the copy, offline, and shares this build's target folder, so that only our own packages are built.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{copy_folder, workspace};

const OTHER: &str = include_str!("fixtures/other.yaml");

/// Where the copy's packages lie below its workspace. Cargo tells packages of workspaces that share a target folder
/// apart by their place in the workspace alone: at the same place, the copy's would be taken for ours.
const BELOW: &str = "other";

/// All packages of the workspace.
const MEMBERS: [&str; 6] = ["build-tools", "client", "cli", "emulator", "xtask", "tests"];

/// The workspace without what is built and without its history, its packages one folder deeper.
fn copy_of_everything() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join(BELOW);
    std::fs::create_dir(&below).unwrap();
    for entry in std::fs::read_dir(workspace()).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        match name.as_str() {
            "target" | ".git" | "Cargo.toml" => {}
            _ if entry.is_dir() => copy_folder(&entry, &below.join(&name)),
            _ => {
                std::fs::copy(&entry, below.join(&name)).unwrap();
            }
        }
    }
    let mut manifest = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    for member in MEMBERS {
        assert!(manifest.contains(&format!("\"{member}\"")), "{member} is no member any more");
        manifest = manifest.replace(&format!("\"{member}\""), &format!("\"{BELOW}/{member}\""));
    }
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(workspace().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    // Copying followed the links; in the copy they have to lead to the copy's own document.
    for member in ["client", "cli", "emulator"] {
        let link = below.join(member).join("swpanel-api.json");
        std::fs::remove_file(&link).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("../swpanel-api.json", &link).unwrap();
        #[cfg(not(unix))]
        std::fs::write(&link, "../swpanel-api.json").unwrap();
    }
    folder
}

/// The folder that holds `debug/xtask`, where this build's dependencies lie.
fn target() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_xtask"));
    program.parent().and_then(Path::parent).expect("a program lies two folders deep").to_owned()
}

/// How many files lie in a folder and those within it.
fn files_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

/// The flags that select the tests of the tests package. They are run for the whole workspace, whose features this build
/// has: another choice of packages would build every dependency once more.
fn tests_of_the_package() -> Vec<&'static str> {
    const TESTS: [&str; 14] = [
        "artefacts",
        "contract",
        "emulated",
        "evidence",
        "fidelity",
        "guard",
        "journeys",
        "round_trips",
        "runtime",
        "secrets",
        "sockets",
        "transport",
        "waits",
        "wire",
    ];
    let files = std::fs::read_dir(workspace().join("tests/tests")).unwrap();
    let files = files.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file())).count();
    assert_eq!(files, TESTS.len(), "the tests package has others");
    TESTS.iter().flat_map(|name| ["--test", name]).collect()
}

fn cargo(folder: &Path, arguments: &[&str]) -> (Output, String) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_NET_OFFLINE", "true")
        .env("INSTA_UPDATE", "no")
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output, text)
}

/// The programs of this build. The copy's are put in their place, where other tests and people would take them for ours;
/// so they are linked aside, and put back in the end.
struct Programs {
    kept: tempfile::TempDir,
}

impl Programs {
    /// Folders of programs, below that of this build.
    const FOLDERS: [&str; 2] = [".", "examples"];

    fn built() -> PathBuf {
        Path::new(env!("CARGO_BIN_EXE_xtask")).parent().expect("a program lies in a folder").to_owned()
    }

    fn keep() -> Self {
        // On the same disk, for links.
        let kept = tempfile::tempdir_in(Self::built()).unwrap();
        for folder in Self::FOLDERS {
            std::fs::create_dir_all(kept.path().join(folder)).unwrap();
            for file in std::fs::read_dir(Self::built().join(folder)).into_iter().flatten().flatten() {
                // Programs of tests are called by their hash, and no two have the same.
                let name = file.file_name().to_string_lossy().into_owned();
                if file.path().is_file() && (!name.contains('-') || name.starts_with("swpanel-emulator")) {
                    std::fs::hard_link(file.path(), kept.path().join(folder).join(name)).unwrap();
                }
            }
        }
        Self { kept }
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        for folder in Self::FOLDERS {
            for file in std::fs::read_dir(self.kept.path().join(folder)).into_iter().flatten().flatten() {
                let place = Self::built().join(folder).join(file.file_name());
                // The one that runs this test cannot be replaced on every system; it is ours already.
                if file.path().is_file() && std::fs::remove_file(&place).is_ok() {
                    let _ = std::fs::hard_link(file.path(), place);
                }
            }
        }
    }
}

#[test]
#[ignore = "builds the workspace for another document, which takes minutes; `cargo xtask verify --slow` runs it"]
fn nothing_breaks_but_what_must() {
    let folder = copy_of_everything();
    let ours = std::fs::read(Programs::built().join("swpanel")).ok();
    let programs = Programs::keep();
    let below = folder.path().join(BELOW);
    std::fs::write(below.join("other.yaml"), OTHER).unwrap();
    let synced = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["sync", "--accept-shrink", "--from", "other.yaml", "--format", "json"])
        .current_dir(&below)
        .output()
        .unwrap();
    assert_eq!(synced.status.code(), Some(4), "{}", String::from_utf8_lossy(&synced.stdout));
    let report: serde_json::Value = serde_json::from_slice(&synced.stdout).unwrap();
    assert_eq!(report["counts"]["operations"], 33, "{report:#}");
    let dropped: Vec<&str> =
        report["dropped"].as_array().unwrap().iter().map(|d| d["operation"].as_str().unwrap()).collect();
    assert_eq!(dropped, ["PUT /ficheros/{nombre}", "OPTIONS /servidores/{id}"]);

    // What looks like a secret is one, though this document has no word for it.
    let listing = std::fs::read_to_string(below.join("client/public-api.txt")).unwrap();
    for field in ["EntrarBody.password: swpanel::Secret", "Disco2.clave_nueva: Option<swpanel::Secret>"] {
        assert!(listing.contains(field), "{field}");
    }

    // Everything compiles: the client, and every test of the tests package.
    let every = [&["test", "--workspace", "--lib"][..], &tests_of_the_package()].concat();
    let (built, text) = cargo(folder.path(), &[&every[..], &["--no-run"]].concat());
    assert!(built.status.success(), "hand-written code names something generated:\n{text}");

    // The tests on the runtime, the types and the evidence hold for any document.
    let general = ["--test", "guard", "--test", "round_trips", "--test", "evidence", "--test", "artefacts"];
    let (ran, text) = cargo(folder.path(), &[&["test", "--workspace"][..], &general].concat());
    assert!(ran.status.success(), "{text}");

    // Only the snapshots are red, and they say what renews them.
    let (ran, text) = cargo(folder.path(), &["test", "--workspace", "--test", "contract", "--no-fail-fast"]);
    assert!(!ran.status.success());
    assert!(text.contains("renew with `cargo xtask accept`") && text.contains("run `cargo xtask accept`:"), "{text}");
    assert!(text.contains("has no operation") && text.contains("is missing"), "{text}");

    // And that command does: afterwards everything of the tests package is green.
    let accepted = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["accept", "--format", "json"])
        .current_dir(&below)
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    assert_eq!(accepted.status.code(), Some(4), "{}", String::from_utf8_lossy(&accepted.stderr));
    let report: serde_json::Value = serde_json::from_slice(&accepted.stdout).unwrap();
    let kept = |kind: &str| files_below(&below.join("tests/snapshots").join(kind));
    let (contracts, wires) = (kept("contract"), kept("wire"));
    let readme = report["renewed"].as_array().unwrap().contains(&"README.md".into());
    assert_eq!((readme, contracts), (true, 33), "{report:#}");
    // Some operations of this document have no generated call.
    assert!((30..=33).contains(&wires), "{wires}: {report:#}");
    // Besides them, the records of the emulator and of fidelity.
    assert_eq!(report["snapshots"].as_u64(), Some(contracts + wires + 2), "{report:#}");
    let (ran, text) = cargo(folder.path(), &[&["test", "--workspace"][..], &tests_of_the_package()].concat());
    assert!(ran.status.success(), "{text}");
    drop(programs);
    assert!(std::fs::read(Programs::built().join("swpanel")).ok() == ours, "the programs of this build are others now");
}
