//! `cargo xtask release`: the next version by what changed since the last one, the changelog, and the packages, each built
//! from its tarball. It tags, pushes and publishes nothing: release.yml does, or a person.

mod pack;
mod version;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use swpanel_build_tools::diff::{self, Report, RustVerdict, Side};

use super::coverage::read_document;
use crate::arguments::{AtLeast, ReleaseFlags};
use crate::outcome::{Failure, Outcome, counted};
use crate::workspace::{DOCUMENT, LISTING, LOCK, Workspace};
use crate::{Run, conflicts, drift, files, source};

const MANIFEST: &str = "Cargo.toml";
const CARGO_LOCK: &str = "Cargo.lock";
const CHANGELOG: &str = "CHANGELOG.md";
/// What to do where a release was prepared before.
const PREPARED: &str = "commit and tag what is prepared, or take it back with \
                        `git checkout HEAD -- Cargo.toml Cargo.lock CHANGELOG.md swpanel-api.lock`";
/// Where a dry run works, and where packages are built.
const TRIAL: &str = "target/release-trial";
const PACKED: &str = "target/packaged";

pub(crate) fn run(flags: &ReleaseFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    conflicts::refuse(&workspace)?;
    let since = match &flags.since {
        Some(revision) => Some(revision.clone()),
        None => last_tag(workspace.root()),
    };
    let change = since.as_deref().map(|revision| Change::since(&workspace, revision)).transpose()?;
    let manifest = workspace.text(MANIFEST)?;
    let current = version::of_manifest(&manifest).unwrap_or_default().to_owned();
    if let (None, Some(tag)) = (&flags.since, &since) {
        is_due(&workspace, tag, &current)?;
    }
    let by_hand = match flags.at_least {
        AtLeast::Patch => RustVerdict::Patch,
        AtLeast::Minor => RustVerdict::Minor,
        AtLeast::Major => RustVerdict::Major,
    };
    let bump = change.as_ref().map(|change| change.bump().max(by_hand));
    let document = read_document(&workspace)?;
    let wanted = version::next(&current, bump, document.date()).map_err(|why| {
        Failure::new("version", format!("`{MANIFEST}`: {why}"), "mend `version` under [workspace.package]")
    })?;
    let part = change.as_ref().and_then(|change| change.report.as_ref()).map(diff::changelog).unwrap_or_default();
    let day = source::today();
    let log = version::changelog(&workspace.text(CHANGELOG)?, &wanted, &day, &part).ok_or_else(|| {
        Failure::new(
            "changelog",
            format!("`{CHANGELOG}` has no part `## Unreleased`"),
            "put that line where it belongs",
        )
    })?;
    let tag = format!("v{wanted}");
    is_new(&workspace, &tag, &wanted)?;
    let cargo_lock = workspace.text(CARGO_LOCK)?;
    let members = version::members(&cargo_lock);
    let mut written = vec![
        (MANIFEST, version::manifest(&manifest, &current, &wanted)),
        (CARGO_LOCK, version::cargo_lock(&cargo_lock, &members, &current, &wanted)),
        (CHANGELOG, log),
    ];
    if let Some(mut lock) = workspace.lock()? {
        // The seal names the tools' version.
        lock.tools.swpanel_build_tools.clone_from(&wanted);
        written.push((LOCK, lock.to_text()));
    }
    // Packed in a copy, and written here only once that has succeeded: what failed can be run again.
    let mut packed = Vec::new();
    if flags.dry_run || !flags.no_package {
        let place = trial(&workspace)?;
        write(&place, &written)?;
        if !flags.no_package {
            files::remove_folder(&workspace, PACKED)?;
            packed = pack::pack(place.root(), &workspace.path(PACKED), &pack::packages(place.root())?)?;
        }
    }
    if !flags.dry_run {
        write(&workspace, &written)?;
    }
    let reasons = change.as_ref().map(Change::reasons).unwrap_or_default();
    let mut text = format!("release       {current} -> {wanted}");
    text.push_str(&match (&since, bump) {
        (Some(since), Some(bump)) => format!(", {} since {since}\n", word(bump)),
        _ => ", the first: no tag `v...` was found\n".to_owned(),
    });
    for reason in &reasons {
        text.push_str(&format!("              {reason}\n"));
    }
    for packed in &packed {
        text.push_str(&format!("packed        {}, {} bytes, built from it\n", packed.file, packed.bytes));
    }
    let names: Vec<&str> = written.iter().map(|(file, _)| *file).collect();
    text.push_str(&match flags.dry_run {
        true => format!("dry run       nothing was changed here; {TRIAL} has the files as they would be\n"),
        false => format!("wrote         {}\nnext          git commit, git tag {tag}, then publish\n", names.join(", ")),
    });
    let packages: Vec<_> = packed
        .iter()
        .map(|one| {
            json!({"name": one.name, "version": one.version, "file": format!("{PACKED}/{}", one.file),
                "bytes": one.bytes, "sha256": one.sha256})
        })
        .collect();
    let json = json!({
        "outcome": if flags.dry_run { "dry-run" } else { "prepared" },
        "previous": current,
        "version": wanted,
        "tag": tag,
        "since": since,
        "bump": bump,
        "reasons": reasons,
        "changelog": section(&written, &wanted),
        "files": names,
        "packages": packages,
    });
    Ok(Outcome { text, json, changed: false })
}

fn word(bump: RustVerdict) -> String {
    json!(bump).as_str().unwrap_or_default().to_owned()
}

/// The part of the changelog that tells of this version.
fn section(written: &[(&str, String)], version: &str) -> String {
    let log = written.iter().find(|(file, _)| *file == CHANGELOG).map(|(_, text)| text.as_str()).unwrap_or_default();
    let after = log.split_once(&format!("\n## {version} (")).map(|(_, rest)| rest).unwrap_or_default();
    let told = after.split_once('\n').map(|(_, rest)| rest).unwrap_or_default();
    told.split("\n## ").next().unwrap_or_default().trim().to_owned()
}

fn write(place: &Workspace, written: &[(&str, String)]) -> Result<(), Failure> {
    written.iter().try_for_each(|(file, text)| files::write(place, file, text.as_bytes()))
}

/// Whether anything is there to be released since the last tag, and was not prepared already.
fn is_due(workspace: &Workspace, tag: &str, current: &str) -> Result<(), Failure> {
    let released = show(workspace.root(), tag, MANIFEST)?;
    let released = String::from_utf8_lossy(&released);
    if version::of_manifest(&released).is_some_and(|released| released != current) {
        let message = format!("`{MANIFEST}` says {current}, and `{tag}` is the last release");
        return Err(Failure::new("already-prepared", message, PREPARED));
    }
    let same = git(workspace.root()).args(["diff", "--quiet", "--end-of-options", tag]).status();
    if same.is_ok_and(|status| status.success()) {
        let message = format!("no file that is under version control changed since `{tag}`");
        return Err(Failure::new("nothing-to-release", message, "commit what is to be released first"));
    }
    Ok(())
}

/// Whether a version is neither released nor prepared.
fn is_new(workspace: &Workspace, tag: &str, wanted: &str) -> Result<(), Failure> {
    if workspace.text(CHANGELOG)?.contains(&format!("\n## {wanted} (")) {
        let message = format!("`{CHANGELOG}` has a part on {wanted} already");
        return Err(Failure::new("already-prepared", message, PREPARED));
    }
    let known = git(workspace.root()).args(["rev-parse", "--quiet", "--verify", &format!("refs/tags/{tag}")]).output();
    if known.is_ok_and(|output| output.status.success()) {
        let hint = "fetch the branch that it stands on, or ask for a higher number with --at-least";
        return Err(Failure::new("tag-exists", format!("there is a tag `{tag}`, not before this state"), hint));
    }
    Ok(())
}

/// What changed since a revision: the document, and the public API of the client that is generated from it.
struct Change {
    report: Option<Report>,
    listing: RustVerdict,
}

impl Change {
    fn since(workspace: &Workspace, revision: &str) -> Result<Self, Failure> {
        let old = show(workspace.root(), revision, DOCUMENT)?;
        let now = workspace.read(DOCUMENT)?.unwrap_or_default();
        let side = |bytes: &[u8], of: &str| {
            Side::read(bytes, None).map_err(|refusal| {
                Failure::new(refusal.name(), format!("refused `{DOCUMENT}` of {of}: {refusal}"), refusal.hint())
            })
        };
        let report = if old == now {
            None
        } else {
            let policy = drift::policy(None, Some(workspace.root()))?;
            let (mut one, mut two) = (side(&old, revision)?, side(&now, "this state")?);
            policy.strip(&mut one, &mut two);
            let mut report = drift::compared_documents(&one, &two, &policy)?;
            policy.apply(&mut report);
            Some(report)
        };
        let before = String::from_utf8_lossy(&show(workspace.root(), revision, LISTING)?).into_owned();
        let after = workspace.text(LISTING)?;
        Ok(Self { report, listing: compare(&before, &after) })
    }

    fn bump(&self) -> RustVerdict {
        self.report.as_ref().map(|report| report.bump).unwrap_or_default().max(self.listing)
    }

    fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(report) = &self.report {
            reasons.push(format!("the document: {}", diff::counts(report)));
            reasons.extend(diff::short(report, 10));
        }
        if self.listing > RustVerdict::None {
            reasons.push(format!("the generated client's public API: {}", word(self.listing)));
        }
        if reasons.is_empty() {
            reasons.push("neither the document nor the generated client changed".to_owned());
        }
        reasons
    }
}

/// What two listings of a public API say: lines gone break, lines more do not.
fn compare(before: &str, after: &str) -> RustVerdict {
    let (old, new): (std::collections::BTreeSet<&str>, std::collections::BTreeSet<&str>) =
        (before.lines().collect(), after.lines().collect());
    match (old.is_subset(&new), new.is_subset(&old)) {
        (false, _) => RustVerdict::Major,
        (true, false) => RustVerdict::Minor,
        (true, true) => RustVerdict::None,
    }
}

/// The nearest tag of a release.
fn last_tag(root: &Path) -> Option<String> {
    let output = git(root).args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]).output().ok()?;
    let tag = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !tag.is_empty()).then_some(tag)
}

fn show(root: &Path, revision: &str, file: &str) -> Result<Vec<u8>, Failure> {
    let hint = "give a revision that `git show` knows with --since";
    if revision.starts_with('-') {
        return Err(Failure::usage(format!("`{revision}` names no revision"), hint));
    }
    let output = git(root).args(["show", "--end-of-options", &format!("{revision}:./{file}")]).output();
    let output =
        output.map_err(|error| Failure::new("unreadable", format!("git cannot be run: {error}"), "install git"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let why = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("it failed").to_owned();
    Err(Failure::new("unreadable", format!("`{file}` of `{revision}` cannot be read: {why}"), hint))
}

/// A copy of all files that are or may be under version control, to work in.
fn trial(workspace: &Workspace) -> Result<Workspace, Failure> {
    let failed = |what: String| Failure::new("no-trial", what, "a dry run needs git and room under target/");
    let listed = git(workspace.root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
    let listed = listed.map_err(|error| failed(format!("git cannot be run: {error}")))?;
    if !listed.status.success() {
        return Err(failed("`git ls-files` failed: this is no checkout".to_owned()));
    }
    let folder = workspace.path(TRIAL);
    files::remove_folder(workspace, TRIAL)?;
    let mut count = 0;
    for name in listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = String::from_utf8_lossy(name).into_owned();
        let (from, to) = (workspace.path(&name), folder.join(&name));
        // Another checkout within this one is listed as a folder; it is no part of what is released.
        if from.is_dir() && !from.is_symlink() {
            continue;
        }
        let copied = to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| copy(&from, &to));
        match copied {
            Ok(()) => count += 1,
            // One that was deleted and not yet committed.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(format!("`{name}` cannot be copied: {error}"))),
        }
    }
    eprintln!("{} copied to {TRIAL}", counted(count, "file", "files"));
    Workspace::find(Some(&folder))
}

fn copy(from: &Path, to: &PathBuf) -> std::io::Result<()> {
    #[cfg(unix)]
    if std::fs::symlink_metadata(from)?.file_type().is_symlink() {
        return std::os::unix::fs::symlink(std::fs::read_link(from)?, to);
    }
    std::fs::copy(from, to).map(drop)
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root);
    command
}
