//! Secrets: where they come from without standing on a command line, and how they are kept from being shown.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::files;
use crate::table::{Body, Flag, Type};

/// What is shown in place of a secret.
pub(crate) const HIDDEN: &str = "[redacted]";

/// Whether notes about secrets are printed; not where standard error is for failures only.
static NOTES: AtomicBool = AtomicBool::new(false);

/// Allows notes about secrets.
pub(crate) fn allow_notes() {
    NOTES.store(true, Ordering::Relaxed);
}

fn note(text: &str) {
    if NOTES.load(Ordering::Relaxed) {
        crate::output::err(text);
    }
}

/// The secret that a flag's value points to: `-` is standard input (asked for without echo at a terminal), `@FILE` a
/// file, `env:NAME` a variable. A byte order mark and one final line end are not part of it. A secret itself is refused: what stands on a
/// command line is in the history of the shell and in the list of processes.
pub(crate) fn secret(flag: &str, given: &str) -> Result<String, Failure> {
    let found = read(flag, given)?;
    if found.is_empty() {
        return Err(Failure::usage(format!("`{flag}`: what was given is empty")));
    }
    check(flag, &found)?;
    Ok(found)
}

/// Refuses characters that were most likely copied along, and says what looks like it. Line ends and tabs are part of
/// keys and certificates.
fn check(flag: &str, secret: &str) -> Result<(), Failure> {
    let is_odd = |c: char| swpanel::is_invisible(c) && !matches!(c, '\n' | '\r' | '\t');
    if let Some((position, character)) = secret.chars().enumerate().find(|(_, character)| is_odd(*character)) {
        let code = u32::from(character);
        return Err(Failure::usage(format!(
            "`{flag}`: the secret contains a character that does not show (U+{code:04X} at position {})",
            position + 1
        ))
        .hint("delete that character; if it belongs there, give the whole body with `--from FILE`"));
    }
    let quotes = ['"', '\''];
    let is_quoted =
        secret.len() > 1 && quotes.iter().any(|quote| secret.starts_with(*quote) && secret.ends_with(*quote));
    if is_quoted {
        note(&format!("`{flag}`: the secret is in quotation marks; they are sent as part of it\n"));
    }
    if secret.starts_with(' ') || secret.ends_with(' ') {
        note(&format!("`{flag}`: the secret begins or ends with a blank, which is sent as part of it\n"));
    }
    Ok(())
}

fn read(flag: &str, given: &str) -> Result<String, Failure> {
    if given == "-" && std::io::stdin().is_terminal() {
        return crate::prompt::hidden(&format!("{flag}: "));
    }
    let read = match (given, given.strip_prefix('@'), given.strip_prefix("env:")) {
        ("-", ..) => {
            let failed = |why| Failure::usage(format!("`{flag}` could not be read from standard input: {why}"));
            files::read_text("-", files::LONGEST_SECRET).map_err(failed)?
        }
        // The name after `@` may be a password that begins so, and is not repeated.
        (_, Some(path), _) => files::read_text(path, files::LONGEST_SECRET)
            .map_err(|why| Failure::usage(format!("`{flag}`: the file named after `@` cannot be read: {why}")))?,
        (_, _, Some(name)) => {
            let named = Some(format!("the variable `{name}`")).filter(|_| is_variable(name));
            let named = named.unwrap_or_else(|| "the variable named after `env:`".to_owned());
            match std::env::var(name) {
                Ok(value) if !value.is_empty() => files::decode(value.into_bytes()).map_err(Failure::usage)?,
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(Failure::usage(format!("`{flag}`: {named} is not in UTF-8")));
                }
                _ => return Err(Failure::usage(format!("`{flag}`: {named} is not set or empty"))),
            }
        }
        _ => {
            let what = format!("`{flag}` takes no secret on the command line, where others can read it");
            let hint = format!("`{flag} -` (standard input), `{flag} @FILE` or `{flag} env:NAME`");
            return Err(Failure::usage(what).hint(hint));
        }
    };
    if read.had_mark {
        note(&format!("`{flag}`: a byte order mark at the start was dropped\n"));
    }
    let text = read.text.strip_suffix('\n').unwrap_or(&read.text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// Whether a text is a usual name of a variable. Anything else may be a secret in the wrong place.
fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a member's name says that its value is secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    ["password", "passwd", "secret", "token", "authcode", "privatekey", "apikey", "pfx", "authorization"]
        .iter()
        .any(|word| name.contains(word))
}

/// A copy in which secrets are hidden: those of the given paths, and those whose name says so.
pub(crate) fn redacted(value: &Value, paths: &[&str]) -> Value {
    hide(value, "", paths)
}

fn hide(value: &Value, at: &str, paths: &[&str]) -> Value {
    let join = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match value {
        Value::Object(members) => {
            let hidden = members.iter().map(|(name, value)| {
                let here = join(name);
                let secret = is_secret_name(name) || paths.iter().any(|path| covers(path, &here));
                let plain = matches!(value, Value::Bool(_) | Value::Null);
                let shown = if secret && !plain { Value::from(HIDDEN) } else { hide(value, &here, paths) };
                (name.clone(), shown)
            });
            Value::Object(hidden.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(|item| hide(item, &join("*"), paths)).collect(),
        other => other.clone(),
    }
}

/// Refuses a secret within JSON that is given for a member, as [`secret`] does for a member by itself.
pub(super) fn refuse_within(body: &Body, path: &str, flags: &[&'static Flag], given: &str) -> Result<(), Failure> {
    let as_json = flags.iter().all(|flag| flag.holds.list || flag.holds.types.contains(&Type::Json));
    let Ok(value) = serde_json::from_str::<Value>(given) else { return Ok(()) };
    if !as_json || !(value.is_object() || value.is_array()) {
        return Ok(());
    }
    let Some(found) = within(body, path, &value) else { return Ok(()) };
    let flag = format!("--{path}");
    Err(Failure::usage(format!("`{flag}` takes no secret (`{found}`) on the command line, where others can read it"))
        .hint(format!(
            "give `--{found}` by itself as `-`, `@FILE` or `env:NAME`, or the whole body with `--from FILE`"
        )))
}

/// The path of a secret within a value.
fn within(body: &Body, at: &str, value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| within(body, &format!("{at}.{name}"), value)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(number, item)| within(body, &format!("{at}.{number}"), item))
        }
        Value::Null | Value::Bool(_) => None,
        _ => {
            let last = at.rsplit('.').next().unwrap_or(at);
            let sensitive = body.flags.iter().any(|flag| flag.sensitive && covers(flag.path, at));
            (sensitive || is_secret_name(last)).then(|| at.to_owned())
        }
    }
}

fn covers(path: &str, at: &str) -> bool {
    let bare = |path: &str| {
        path.split('.').map(|p| if p.parse::<usize>().is_ok() { "*" } else { p }.to_owned()).collect::<Vec<_>>()
    };
    bare(path) == bare(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_taken_from_the_command_line() {
        let failure = secret("--password", "hunter2").unwrap_err();
        let said = failure.to_text();
        assert!(!said.contains("hunter2") && said.contains("env:NAME"), "{said}");
        assert_eq!(failure.exit, crate::failure::Exit::Usage);
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        for (text, found) in [("\u{feff}S3cr3t\r\n", "S3cr3t"), ("S3cr3t", "S3cr3t"), (" S3cr3t \n\n", " S3cr3t \n")] {
            let path = folder.path().join("secret");
            std::fs::write(&path, text).unwrap();
            assert_eq!(secret("--password", &format!("@{}", path.display())).unwrap(), found);
        }
    }

    #[test]
    fn hides_by_path_and_by_name() {
        let body = serde_json::json!({"a": {"key": "x", "password": "y"}, "users": [{"pin": "z", "create_new": true}]});
        let shown = redacted(&body, &["a.key", "users.*.pin"]).to_string();
        assert_eq!(
            shown,
            r#"{"a":{"key":"[redacted]","password":"[redacted]"},"users":[{"create_new":true,"pin":"[redacted]"}]}"#
        );
    }
}
