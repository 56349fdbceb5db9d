//! The next version from what changed since a tag: number, changelog, seal. Packaging is the work of `release --dry-run`,
//! which builds everything anew and is no test.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::process::Command;

use common::{Copy, Ran, workspace};
use serde_json::Value;

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn git(copy: &Copy, arguments: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=test", "-c", "user.email=test@example.es", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(copy.path(""))
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A copy under version control.
fn checkout() -> Copy {
    let copy = Copy::new();
    for file in ["Cargo.lock", "CHANGELOG.md"] {
        copy.write(file, &std::fs::read(workspace().join(file)).unwrap());
    }
    git(&copy, &["init", "--quiet"]);
    git(&copy, &["add", "--all"]);
    git(&copy, &["commit", "--quiet", "--message", "state"]);
    copy
}

fn release(copy: &Copy, more: &[&str]) -> Ran {
    copy.xtask(&[&["release", "--no-package", "--format", "json"], more].concat())
}

#[test]
fn the_first_release_keeps_the_number_and_adds_the_documents_day() {
    let copy = checkout();
    let before = copy.state();
    let ran = release(&copy, &["--dry-run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let changed: Vec<String> = copy
        .state()
        .into_iter()
        .filter(|(name, bytes)| !name.starts_with("target/release-trial/") && before.get(name) != Some(bytes))
        .map(|(name, _)| name)
        .collect();
    assert!(changed.is_empty(), "a dry run changed {changed:?}");
    let plan = json(&ran);
    let (version, previous) = (plan["version"].as_str().unwrap(), plan["previous"].as_str().unwrap());
    assert!(version == previous || version.starts_with(&format!("{previous}+")), "{plan:#}");
    assert_eq!((&plan["since"], plan["tag"].as_str()), (&Value::Null, Some(format!("v{version}").as_str())));

    let ran = release(&copy, &[]);
    assert_eq!((ran.code, json(&ran)["version"].as_str()), (Some(0), Some(version)));
    for (file, text) in [
        ("Cargo.toml", format!("version = \"{version}\"")),
        ("Cargo.lock", format!("name = \"swpanel\"\nversion = \"{version}\"")),
        ("swpanel-api.lock", format!("\"{version}\"")),
        ("CHANGELOG.md", format!("## Unreleased\n\n## {version} (2026-12-22)\n")),
    ] {
        assert!(copy.read(file).contains(&text), "{file}");
    }
    assert!(
        !copy.read("Cargo.lock").contains(&format!("name = \"xtask\"\nversion = \"{previous}\"\n"))
            || version == previous
    );
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn the_number_is_raised_by_what_changed_since_the_tag() {
    let copy = checkout();
    git(&copy, &["tag", "v0.1.0"]);
    let same = release(&copy, &["--dry-run"]);
    assert_eq!((same.code, json(&same)["error"]["name"].as_str()), (Some(100), Some("nothing-to-release")), "{same:?}");
    copy.edit("README.md", "# ", "# Better ");
    let same = json(&release(&copy, &["--dry-run"]));
    assert_eq!((same["since"].as_str(), same["bump"].as_str()), (Some("v0.1.0"), Some("patch")), "{same:#}");
    assert!(same["version"].as_str().unwrap().starts_with("0.1.1+"), "{same:#}");
    let by_hand = json(&release(&copy, &["--dry-run", "--at-least", "major"]));
    assert!(by_hand["version"].as_str().unwrap().starts_with("0.2.0+"), "{by_hand:#}");

    copy.edit(
        "upstream/openapi.yaml",
        "required: [login, password, access]\n      properties:\n",
        "required: [login, password, access, quota]\n      properties:\n        quota: {type: integer, description: Made up., \
         x-evidence: [test]}\n",
    );
    assert_eq!(copy.xtask(&["sync"]).code, Some(4));
    let ran = release(&copy, &[]);
    let plan = json(&ran);
    assert_eq!((ran.code, plan["bump"].as_str()), (Some(0), Some("major")), "{plan:#}");
    assert!(plan["version"].as_str().unwrap().starts_with("0.2.0+"), "{plan:#}");
    assert!(plan["changelog"].as_str().unwrap().contains("quota"), "{plan:#}");
    assert!(copy.read("CHANGELOG.md").contains("**Breaking:**"));
    let manifest = copy.read("Cargo.toml");
    let state = copy.state();
    let again = release(&copy, &[]);
    assert_eq!(
        (again.code, json(&again)["error"]["name"].as_str()),
        (Some(100), Some("already-prepared")),
        "{again:?}"
    );
    assert!(copy.state() == state, "a second run changed something");
    assert!(manifest.contains("swpanel = { path = \"client\", version = \"0.2.0\" }"), "{manifest}");
}

#[test]
fn a_release_is_prepared_once_and_takes_no_tag_that_is_there() {
    let copy = checkout();
    assert_eq!(release(&copy, &[]).code, Some(0));
    let state = copy.state();
    let again = release(&copy, &[]);
    assert_eq!(
        (again.code, json(&again)["error"]["name"].as_str()),
        (Some(100), Some("already-prepared")),
        "{again:?}"
    );
    assert!(copy.state() == state, "a second run changed something");

    let copy = checkout();
    git(&copy, &["tag", "v0.1.0"]);
    git(&copy, &["switch", "--quiet", "--create", "elsewhere"]);
    copy.edit("README.md", "# ", "# Else ");
    git(&copy, &["commit", "--quiet", "--all", "--message", "elsewhere"]);
    let wanted = json(&release(&copy, &["--dry-run"]))["tag"].as_str().unwrap().to_owned();
    git(&copy, &["tag", &wanted]);
    git(&copy, &["switch", "--quiet", "-"]);
    copy.edit("README.md", "# ", "# Here ");
    let ran = release(&copy, &["--dry-run"]);
    assert_eq!((ran.code, json(&ran)["error"]["name"].as_str()), (Some(100), Some("tag-exists")), "{ran:?}");
}

#[test]
fn what_is_no_checkout_or_no_revision_is_refused() {
    let copy = checkout();
    let ran = release(&copy, &["--since", "v9.9.9"]);
    assert_eq!((ran.code, json(&ran)["error"]["name"].as_str()), (Some(100), Some("unreadable")), "{ran:?}");
    copy.write("CHANGELOG.md", b"# Changelog\n");
    let ran = release(&copy, &[]);
    assert_eq!((ran.code, json(&ran)["error"]["name"].as_str()), (Some(100), Some("changelog")), "{ran:?}");
    assert_eq!(copy.read("CHANGELOG.md"), "# Changelog\n");
}
