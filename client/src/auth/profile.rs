//! The file of profiles: named tokens with what each may be used for. Shared with the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::rights::{folder_is_safe, private};
use crate::error::{Error, ErrorKind};
use crate::guardrails::Guardrails;
use crate::values::Secret;

/// Environment variable that holds the name of a profile.
pub(crate) const PROFILE_VARIABLE: &str = "SWPANEL_PROFILE";

/// No file of profiles is longer.
const LONGEST: u64 = 4 << 20;

/// All profiles of a file.
///
/// ```
/// let text = r#"
///     default = "billing"
///
///     [profiles.billing]
///     token_command = ["pass", "show", "swpanel/billing-integration"]
///     no_billable = true
///     groups = ["domains", "services"]
/// "#;
/// let profiles = swpanel::Profiles::parse(text)?;
/// let profile = profiles.get(None)?;
/// assert_eq!(profile.name(), "billing");
/// # Ok::<(), swpanel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Profiles {
    default: Option<String>,
    profiles: BTreeMap<String, Profile>,
}

/// A named token, where its calls go, and what they may do.
#[derive(Clone, Debug)]
pub struct Profile {
    name: String,
    pub(crate) token: Option<Secret>,
    pub(crate) token_command: Option<Vec<String>>,
    pub(crate) base_url: Option<String>,
    pub(crate) guardrails: Guardrails,
    pub(crate) ca_file: Option<PathBuf>,
    /// Certificate and key.
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
}

impl Profile {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of the API, where the profile has its own.
    pub fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    /// What its calls may do.
    pub fn guardrails(&self) -> &Guardrails {
        &self.guardrails
    }

    /// The PEM file of root certificates that are trusted besides those of the system.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// The PEM files of the client's certificate and its key, which may be the same file.
    pub fn client_certificate_files(&self) -> Option<(&Path, &Path)> {
        self.client_certificate.as_ref().map(|(certificate, key)| (certificate.as_path(), key.as_path()))
    }

    /// Where its token comes from, in a word; never the token.
    pub fn token_source(&self) -> &'static str {
        match (&self.token, &self.token_command) {
            (Some(_), _) => "file",
            (None, Some(_)) => "command",
            (None, None) => "none",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    default: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table of a profile")]
struct Entry {
    token: Option<String>,
    token_command: Option<Vec<String>>,
    base_url: Option<String>,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    no_billable: bool,
    #[serde(default)]
    no_destructive: bool,
    groups: Option<Vec<String>>,
    services: Option<Vec<String>>,
    ca_file: Option<PathBuf>,
    client_certificate: Option<PathBuf>,
    client_key: Option<PathBuf>,
}

/// A path of the file of profiles: `~/` is the home folder, and a relative one begins at the folder of the file.
fn located(path: PathBuf, folder: Option<&Path>) -> PathBuf {
    let home = || std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    match (path.strip_prefix("~"), folder) {
        (Ok(below), _) => home().map(|home| home.join(below)).unwrap_or(path),
        (Err(_), Some(folder)) => folder.join(path),
        (Err(_), None) => path,
    }
}

/// Why a file is not understood, without anything that it holds: a token may be where a key, a value or a name should be.
/// What serde expected comes last in its message, after what it found.
fn reason(message: &str) -> String {
    match message.rsplit_once(", expected ") {
        Some((found, expected)) if found.starts_with("unknown field") => {
            format!("this key is not known; expected {expected}")
        }
        Some((found, expected)) if found.starts_with("invalid type") => format!("it should be {expected}"),
        _ => "it is not well-formed TOML".to_owned(),
    }
}

/// Line and column, from 1, of a byte of a text.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn wrong(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, detail)
}

impl Profiles {
    /// The place of the file: `$XDG_CONFIG_HOME/swpanel/profiles.toml`, else below `~/.config` (on Windows below
    /// `%APPDATA%`). `None` where none of these is known.
    pub fn path() -> Option<PathBuf> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let own = if cfg!(windows) { "APPDATA" } else { "XDG_CONFIG_HOME" };
        let folder = variable(own).filter(|folder| folder.is_absolute());
        let folder = folder.or_else(|| variable("HOME").map(|home| home.join(".config")))?;
        Some(folder.join("swpanel").join("profiles.toml"))
    }

    /// Reads a file; `None` where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: others may read or write it (anything wider than 0600 on Unix) or everybody may
    /// replace it, it is not a regular file, it cannot be read, or it is not understood.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        let shown = path.display().to_string();
        let failed = |why: &dyn fmt::Display| wrong(format!("the profiles in `{shown}` cannot be read: {why}"));
        // Looked at before it is opened: a pipe without a writer would be waited for.
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => return Err(failed(&"it is not a regular file")),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        }
        let file = File::open(path).map_err(|error| failed(&error))?;
        private(&file.metadata().map_err(|error| failed(&error))?, &shown)?;
        folder_is_safe(path)?;
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).map_err(|error| failed(&error))?;
        let profiles = Self::parse_in(&text, path.parent());
        profiles.map(Some).map_err(|error| wrong(format!("`{shown}`: {}", error.detail())))
    }

    /// Reads the text of a file. Relative paths in it begin at the current folder, those of [`load`](Self::load) at the
    /// folder of the file.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: it is not understood. The text itself is not shown, since it may hold tokens.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_in(text, None)
    }

    fn parse_in(text: &str, folder: Option<&Path>) -> Result<Self, Error> {
        // Some editors put a byte order mark at the start of a file.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file: Content = toml::from_str(text).map_err(|error| {
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            let reason = reason(error.message());
            wrong(format!("the profiles are not understood at line {line}: {reason} (column {column})"))
        })?;
        let mut profiles = BTreeMap::new();
        for (name, entry) in file.profiles {
            if entry.token.is_some() && entry.token_command.is_some() {
                return Err(wrong(format!("profile `{name}` has both `token` and `token_command`; keep one")));
            }
            let guardrails = Guardrails {
                read_only: entry.read_only,
                no_billable: entry.no_billable,
                no_destructive: entry.no_destructive,
                groups: entry.groups,
                services: entry.services,
            };
            let client_certificate = match (entry.client_certificate, entry.client_key) {
                (Some(certificate), key) => {
                    let key = key.unwrap_or_else(|| certificate.clone());
                    Some((located(certificate, folder), located(key, folder)))
                }
                (None, Some(_)) => {
                    return Err(wrong(format!("profile `{name}` has a `client_key` and no `client_certificate`")));
                }
                (None, None) => None,
            };
            let profile = Profile {
                name: name.clone(),
                token: entry.token.map(Secret::from),
                token_command: entry.token_command,
                base_url: entry.base_url,
                guardrails,
                ca_file: entry.ca_file.map(|path| located(path, folder)),
                client_certificate,
            };
            profiles.insert(name, profile);
        }
        Ok(Self { default: file.default, profiles })
    }

    /// The profile of that name, else the default one, else the only one.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: there is no such profile, or none is chosen among several.
    pub fn get(&self, name: Option<&str>) -> Result<&Profile, Error> {
        let only = || self.profiles.keys().next().filter(|_| self.profiles.len() == 1).map(String::as_str);
        let known = self.profiles.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "there are none".to_owned() } else { format!("there are {known}") };
        let chosen = name.or(self.default.as_deref()).or_else(only);
        let chosen = chosen.ok_or_else(|| {
            wrong(format!("no profile is chosen; set {PROFILE_VARIABLE} or `default` in the file ({known})"))
        })?;
        self.profiles.get(chosen).ok_or_else(|| wrong(format!("there is no profile `{chosen}`; {known}")))
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_and_no_token_is_shown() {
        for (text, says) in [
            ("[profiles.a]\ntoken = 'marker'\ntoken_command = ['x']", "both"),
            ("[profiles.a]\ntoken = 'marker'\nreadonly = true", "line 3"),
            ("[profiles.a]\ntoken = 'marker", "not understood"),
            ("[profiles.a]\ntoken = ['marker']", "not understood"),
            ("[profiles]\na = 'marker'", "line 2: it should be"),
            ("[profiles.a]\ntoken_command = 'marker'", "line 2: it should be"),
            ("[profiles.a]\nread_only = 'marker'", "line 2: it should be a boolean"),
            ("[profiles.a]\ntoken = marker", "well-formed"),
            ("[profiles.a]\nclient_key = 'marker'", "`client_key` and no `client_certificate`"),
            ("[profiles.a]\nca_file = ['marker']", "line 2: it should be"),
            ("default = 'b'\n[profiles.a]\ntoken = 'marker'", "no profile `b`; there are `a`"),
            ("[profiles.a]\n[profiles.b]\ntoken = 'marker'", "no profile is chosen"),
        ] {
            let error = Profiles::parse(text).and_then(|profiles| profiles.get(None).cloned()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says) && !shown.contains("marker"), "{text}: {shown}");
        }
        let profiles = Profiles::parse("[profiles.a]\ntoken = 'marker'").unwrap();
        assert!(!format!("{profiles:?}").contains("marker"));
    }

    #[test]
    fn paths_begin_at_the_home_or_at_the_folder_of_the_file() {
        let text = "[profiles.a]\nca_file = '~/ca.pem'\nclient_certificate = 'me.pem'";
        let profiles = Profiles::parse_in(text, Some(Path::new("/etc/swpanel"))).unwrap();
        let profile = profiles.get(None).unwrap();
        let home = PathBuf::from(std::env::var_os("HOME").unwrap());
        assert_eq!(profile.ca_file(), Some(home.join("ca.pem").as_path()));
        let me = Path::new("/etc/swpanel/me.pem");
        assert_eq!(profile.client_certificate_files(), Some((me, me)), "one file may hold both");
    }

    #[test]
    fn errors_never_repeat_keys_or_values() {
        for (text, says) in [
            ("marker_token = 1", "(column 1)"),
            ("marker_token", "line 1"),
            ("\"marker_token\"", "line 1"),
            ("[profiles.a]\n  marker_token = true", "(column 3)"),
            ("[profiles.a]\ntoken = 'x'\nmarker_token", "line 3"),
            ("[profiles.a]\ntoken = 'marker\n", "line 2"),
            ("[profiles.a]\ntoken = 'a'\ntoken = 'marker'", "line 3"),
            ("[profiles.a]\ngroups = ['marker', 3]", "line 2"),
            ("[profiles.a\ntoken = 'marker'", "line 1"),
            ("profiles = 'marker'", "line 1"),
            ("default = ['marker']", "line 1"),
        ] {
            let error = Profiles::parse(text).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says) && !shown.contains("marker"), "{text}: {shown}");
        }
        // A byte order mark of an editor is not part of the file.
        assert!(Profiles::parse("\u{feff}[profiles.a]\ntoken = 'x'").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_a_regular_file_is_refused_and_does_not_hang() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profiles.toml");
        let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap();
        assert!(made.success());
        let error = Profiles::load(&path).unwrap_err();
        assert!(error.to_string().contains("not a regular file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_everybody_can_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profiles.toml");
        std::fs::write(&path, "[profiles.a]\ntoken = 'marker'\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for (mode, fine) in [(0o700, true), (0o755, true), (0o775, true), (0o777, false), (0o1777, true)] {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            let loaded = Profiles::load(&path);
            assert_eq!(loaded.is_ok(), fine, "{mode:o}");
            if let Err(error) = loaded {
                assert!(error.to_string().contains("chmod o-w"), "{error}");
            }
        }
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profiles.toml");
        assert!(Profiles::load(&path).unwrap().is_none());
        std::fs::write(&path, "[profiles.a]\ntoken = 'marker'\nread_only = true\n").unwrap();
        for (mode, fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o660, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let loaded = Profiles::load(&path);
            assert_eq!(loaded.is_ok(), fine, "{mode:o}");
            if let Err(error) = loaded {
                assert!(error.to_string().contains("chmod 600") && !error.to_string().contains("marker"), "{error}");
            }
        }
    }
}
