//! A version and what changed to the next version, and the files that name it. Texts in, texts out.

use swpanel_build_tools::diff::RustVerdict;

/// The next version: raised by the verdict, with the document's day as build metadata.
///
/// Before 1.0 the second number is raised for what breaks and the third for everything else, as Cargo reads versions.
/// Without an earlier release the number stays.
pub(super) fn next(current: &str, bump: Option<RustVerdict>, day: Option<&str>) -> Result<String, String> {
    let number = plain(current);
    let parts: Vec<u64> = number.split('.').map_while(|part| part.parse().ok()).collect();
    let [major, minor, patch] = parts.as_slice() else {
        return Err(format!("`{current}` is not a version of three numbers"));
    };
    if number.split('.').count() != 3 {
        return Err(format!("`{current}` is not a version of three numbers"));
    }
    let raised = match (bump, *major) {
        (None, _) => format!("{major}.{minor}.{patch}"),
        (Some(RustVerdict::Major), 0) => format!("0.{}.0", minor + 1),
        (Some(_), 0) => format!("0.{minor}.{}", patch + 1),
        (Some(RustVerdict::Major), _) => format!("{}.0.0", major + 1),
        (Some(RustVerdict::Minor), _) => format!("{major}.{}.0", minor + 1),
        (Some(_), _) => format!("{major}.{minor}.{}", patch + 1),
    };
    Ok(match day {
        Some(day) => format!("{raised}+{day}"),
        None => raised,
    })
}

/// A version without its build metadata, as requirements have it.
pub(super) fn plain(version: &str) -> &str {
    version.split('+').next().unwrap_or(version)
}

/// The version of the workspace's packages.
pub(super) fn of_manifest(manifest: &str) -> Option<&str> {
    let (_, package) = manifest.split_once("[workspace.package]")?;
    let package = package.split("\n[").next()?;
    let line = package.lines().find(|line| line.starts_with("version = "))?;
    line.split('"').nth(1)
}

/// The manifest with another version of the packages, and of the requirements among them.
pub(super) fn manifest(text: &str, old: &str, new: &str) -> String {
    let (own, wanted) = (format!("version = \"{old}\""), format!("version = \"{new}\""));
    let requirement = (format!("version = \"{}\"", plain(old)), format!("version = \"{}\"", plain(new)));
    let mut within = false;
    let lines = text.split_inclusive('\n').map(|line| {
        if line.starts_with('[') {
            within = line.trim_end() == "[workspace.package]";
        }
        match line {
            line if within && line.starts_with(&own) => line.replacen(&own, &wanted, 1),
            line if line.contains("path = \"") => line.replacen(&requirement.0, &requirement.1, 1),
            line => line.to_owned(),
        }
    });
    lines.collect()
}

/// The workspace's packages by Cargo.lock: those that come from nowhere else.
pub(super) fn members(cargo_lock: &str) -> Vec<String> {
    let packages = cargo_lock.split("[[package]]\n").skip(1).filter(|package| !package.contains("\nsource = "));
    packages.filter_map(|package| package.strip_prefix("name = \"")?.split('"').next().map(str::to_owned)).collect()
}

/// Cargo.lock with another version of the workspace's packages.
pub(super) fn cargo_lock(text: &str, members: &[String], old: &str, new: &str) -> String {
    let mut text = text.to_owned();
    for member in members {
        let entry = |version: &str| format!("name = \"{member}\"\nversion = \"{version}\"\n");
        text = text.replacen(&entry(old), &entry(new), 1);
    }
    text
}

/// The changelog with what was unreleased under the version, and the part that the document's changes make.
pub(super) fn changelog(text: &str, version: &str, day: &str, part: &str) -> Option<String> {
    let head = ["## Unreleased\n", "## [Unreleased]\n"].into_iter().find(|head| text.contains(head))?;
    let (before, rest) = text.split_once(head)?;
    let (unreleased, older) = match rest.find("\n## ") {
        Some(at) => rest.split_at(at + 1),
        None => (rest, ""),
    };
    let part = part.lines().skip(1).collect::<Vec<_>>().join("\n");
    let told: Vec<&str> = [unreleased.trim(), part.trim()].into_iter().filter(|text| !text.is_empty()).collect();
    let told = if told.is_empty() { "Nothing but what is under the hood.".to_owned() } else { told.join("\n\n") };
    let older = if older.is_empty() { String::new() } else { format!("\n{older}") };
    Some(format!("{before}{head}\n## {version} ({day})\n\n{told}\n{older}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_raised_as_cargo_reads_them() {
        let day = Some("2026-11-23");
        for (current, bump, wanted) in [
            ("0.1.0", None, "0.1.0+2026-11-23"),
            ("0.1.4+2026-01-01", Some(RustVerdict::Major), "0.2.0+2026-11-23"),
            ("0.1.4", Some(RustVerdict::Minor), "0.1.5+2026-11-23"),
            ("0.1.4", Some(RustVerdict::Patch), "0.1.5+2026-11-23"),
            ("1.2.3", Some(RustVerdict::Major), "2.0.0+2026-11-23"),
            ("1.2.3", Some(RustVerdict::Minor), "1.3.0+2026-11-23"),
            ("1.2.3", Some(RustVerdict::None), "1.2.4+2026-11-23"),
        ] {
            assert_eq!(next(current, bump, day).as_deref(), Ok(wanted), "{current}");
        }
        assert_eq!(next("0.1.0", None, None).as_deref(), Ok("0.1.0"));
        for wrong in ["1.2", "1.2.3.4", "1.2.x", "1.2.3-rc.1", ""] {
            assert!(next(wrong, None, None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_name_the_new_version_and_keep_all_else() {
        let text = "[workspace.package]\nversion = \"0.1.0\"\nrust-version = \"1.88\"\n\n[workspace.dependencies]\n\
                    swpanel = { path = \"client\", version = \"0.1.0\" }\nother = { version = \"0.1.0\" }\n";
        assert_eq!(of_manifest(text), Some("0.1.0"));
        let new = manifest(text, "0.1.0", "0.2.0+2026-11-23");
        assert_eq!(of_manifest(&new), Some("0.2.0+2026-11-23"));
        assert!(
            new.contains("{ path = \"client\", version = \"0.2.0\" }")
                && new.contains("other = { version = \"0.1.0\" }")
        );
        let again = manifest(&new, "0.2.0+2026-11-23", "0.2.1+2026-12-01");
        assert!(again.contains("{ path = \"client\", version = \"0.2.1\" }"));
        let lock =
            "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"swpanel\"\nversion = \"0.1.0\"\n";
        assert_eq!(members(&lock.replacen("0.1.0\"", "0.1.0\"\nsource = \"registry\"", 1)), ["swpanel"]);
        let new = cargo_lock(lock, &["swpanel".to_owned()], "0.1.0", "0.2.0");
        assert_eq!(new, lock.replace("\"swpanel\"\nversion = \"0.1.0\"", "\"swpanel\"\nversion = \"0.2.0\""));
    }

    #[test]
    fn what_was_unreleased_stands_under_the_version() {
        let text = "# Changelog\n\n## Unreleased\n\nNew things.\n\n## 0.1.0 (2026-01-01)\n\nFirst.\n";
        let part = "## [Unreleased]\n\n### Added\n\n- a\n";
        assert_eq!(
            changelog(text, "0.2.0", "2026-11-24", part).unwrap(),
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-24)\n\nNew things.\n\n### Added\n\n- a\n\n## 0.1.0 (2026-01-01)\n\nFirst.\n"
        );
        let first = changelog("## Unreleased\n\nFirst state.\n", "0.1.0", "2026-11-24", "").unwrap();
        assert_eq!(first, "## Unreleased\n\n## 0.1.0 (2026-11-24)\n\nFirst state.\n");
        assert_eq!(changelog("# Changelog\n", "0.1.0", "2026-11-24", ""), None);
    }
}
