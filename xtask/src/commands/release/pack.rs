//! The packages of a workspace to tarballs, each built from what was packed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use swpanel_build_tools::hash::sha256;

use crate::files;
use crate::outcome::Failure;

/// A package that is published.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
}

/// A tarball.
pub(super) struct Packed {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) file: String,
    pub(super) bytes: usize,
    pub(super) sha256: String,
}

/// What cargo says of a workspace: those members that are published, each after what it needs.
pub(super) fn packages(folder: &Path) -> Result<Vec<Package>, Failure> {
    let output =
        cargo(folder).args(["metadata", "--no-deps", "--format-version", "1"]).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| failed(format!("cargo cannot be run: {error}")))?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .ok()
        .filter(|_| output.status.success())
        .ok_or_else(|| failed("`cargo metadata` failed".to_owned()))?;
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let all = list(metadata.get("packages"));
    let members: Vec<String> = all.iter().map(|package| text(package, "name")).collect();
    // `publish = false` is an empty list of registries.
    let published = |package: &&Value| package.get("publish").and_then(Value::as_array).is_none_or(|to| !to.is_empty());
    let mut left: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for package in all.iter().filter(published) {
        // Only what a published package needs to be built decides the order: dev-dependencies by path are left out.
        let needed = list(package.get("dependencies")).into_iter().filter(|needed| text(needed, "kind") != "dev");
        let needed = needed.map(|needed| text(&needed, "name")).filter(|name| members.contains(name)).collect();
        left.insert(text(package, "name"), (text(package, "version"), needed));
    }
    let mut ordered: Vec<Package> = Vec::new();
    while !left.is_empty() {
        let done: BTreeSet<&str> = ordered.iter().map(|package| package.name.as_str()).collect();
        let next = left.iter().find(|(_, (_, needed))| needed.iter().all(|name| done.contains(name.as_str())));
        let Some(name) = next.map(|(name, _)| name.clone()) else {
            let names: Vec<&String> = left.keys().collect();
            return Err(failed(format!("these packages need each other, or one that is not published: {names:?}")));
        };
        let (version, _) = left.remove(&name).unwrap_or_default();
        ordered.push(Package { name, version });
    }
    Ok(ordered)
}

/// Packs all of them in one run, so that each is built with those packed before it, which no registry has yet.
pub(super) fn pack(folder: &Path, target: &Path, packages: &[Package]) -> Result<Vec<Packed>, Failure> {
    // In a folder that no run before had: cargo keeps the sources of what was packed by place and version, and would build
    // the next package with those of an earlier run.
    let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let place = target.join(format!("run-{}-{moment}", std::process::id()));
    let mut command = cargo(folder);
    command.args(["package", "--allow-dirty", "--locked"]).env("CARGO_TARGET_DIR", &place);
    for package in packages {
        command.args(["-p", &package.name]);
    }
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    let status = status.map_err(|error| failed(format!("cargo cannot be run: {error}")))?;
    if !status.success() {
        return Err(failed("`cargo package` failed: what is packed does not build by itself".to_owned()));
    }
    let mut packed = Vec::new();
    for Package { name, version } in packages {
        let file = format!("{name}-{version}.crate");
        let bytes = std::fs::read(place.join("package").join(&file))
            .map_err(|error| failed(format!("`{file}` was not made: {error}")))?;
        files::write_to(&target.join(&file), &bytes)?;
        let (name, version) = (name.clone(), version.clone());
        packed.push(Packed { name, version, file, bytes: bytes.len(), sha256: sha256(&bytes) });
    }
    // What was built of them is of no further use.
    let _ = std::fs::remove_dir_all(&place);
    Ok(packed)
}

/// The program that built us, or the one at hand.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

fn failed(what: String) -> Failure {
    Failure::new("package-failed", what, "read what cargo printed above, mend it, and run the command again")
}
