//! Profiles: `login` and what shows, chooses and removes them. The file is the one that the library reads.

mod login;
mod store;

use serde_json::{Value, json};
use swpanel::{Profile, Profiles};

pub(crate) use login::{LOGIN, harmless, no_group};
pub(crate) use store::{credential, told};
use store::{edit, load};

use crate::arguments::Parsed;
use crate::commands::{ANSWERS, Builtin, no_more, value};
use crate::failure::{Exit, Failure};
use crate::output;

pub(crate) const LIST: Builtin = Builtin {
    words: &["profile", "list"],
    values: "",
    summary: "List the profiles, without their tokens",
    text: "",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: false,
    run: list,
};

pub(crate) const USE: Builtin = Builtin {
    words: &["profile", "use"],
    values: "NAME",
    summary: "Make a profile the default one",
    text: "",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: false,
    run: choose,
};

pub(crate) const SHOW: Builtin = Builtin {
    words: &["profile", "show"],
    values: "[NAME]",
    summary: "Show a profile, without its token",
    text: "",
    flags: &[],
    heeds: &[&["profile"], ANSWERS],
    hidden: false,
    run: show,
};

pub(crate) const REMOVE: Builtin = Builtin {
    words: &["profile", "remove"],
    values: "NAME",
    summary: "Remove a profile from the file",
    text: "The token itself stays valid: revoke it in the panel.",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: false,
    run: remove,
};

/// What is known of a profile, but for its token.
fn known(profile: &Profile, is_default: bool) -> Value {
    let rails = profile.guardrails();
    json!({
        "name": profile.name(),
        "default": is_default,
        "token": profile.token_source(),
        "base_url": profile.base_url(),
        "ca_file": profile.ca_file(),
        "client_certificate": profile.client_certificate_files().map(|(certificate, _)| certificate),
        "read_only": rails.read_only,
        "no_billable": rails.no_billable,
        "no_destructive": rails.no_destructive,
        "groups": rails.groups,
        "services": rails.services,
    })
}

fn default_name(profiles: &Profiles) -> Option<String> {
    profiles.get(None).ok().map(|profile| profile.name().to_owned())
}

fn list(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 0)?;
    let Some(profiles) = load()? else {
        output::answer(&json!([]), &parsed.given)?;
        output::note(&parsed.given, "there is no file of profiles yet; `swpanel login` makes one\n");
        return Ok(Exit::Ok);
    };
    let default = default_name(&profiles);
    let mut rows = Vec::new();
    for name in profiles.names() {
        rows.push(known(profiles.get(Some(name))?, default.as_deref() == Some(name)));
    }
    output::answer(&Value::Array(rows), &parsed.given)?;
    Ok(Exit::Ok)
}

fn none() -> Failure {
    Failure::new(Exit::NotFound, "not-found", "there is no file of profiles yet").hint("`swpanel login` makes one")
}

fn show(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 1)?;
    let profiles = load()?.ok_or_else(none)?;
    let name = parsed.positionals.first().map(String::as_str).or_else(|| parsed.given.get("profile"));
    let profile = match name {
        Some(name) => profiles.get(Some(exists(&profiles, name)?))?,
        None => profiles.get(None)?,
    };
    let is_default = default_name(&profiles).as_deref() == Some(profile.name());
    output::answer(&known(profile, is_default), &parsed.given)?;
    Ok(Exit::Ok)
}

/// The name, where a profile has it.
fn exists<'n>(profiles: &Profiles, name: &'n str) -> Result<&'n str, Failure> {
    if profiles.names().any(|known| known == name) {
        return Ok(name);
    }
    let names: Vec<&str> = profiles.names().collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Err(Failure::new(Exit::NotFound, "not-found", format!("there is no profile `{name}`; there are: {names}")))
}

fn choose(parsed: &Parsed) -> Result<Exit, Failure> {
    let name = value(parsed, 0, "NAME")?;
    no_more(parsed, 1)?;
    load()?.ok_or_else(none)?;
    edit(|file| {
        exists(&load()?.ok_or_else(none)?, name)?;
        file.insert("default", toml_edit::value(name));
        Ok(())
    })?;
    let words = format!("`{name}` is the default profile now\n");
    output::done(&words, &json!({ "default": name }), &parsed.given).map(|()| Exit::Ok)
}

fn remove(parsed: &Parsed) -> Result<Exit, Failure> {
    let name = value(parsed, 0, "NAME")?;
    no_more(parsed, 1)?;
    load()?.ok_or_else(none)?;
    edit(|file| {
        exists(&load()?.ok_or_else(none)?, name)?;
        if let Some(profiles) = file.get_mut("profiles").and_then(|item| item.as_table_like_mut()) {
            profiles.remove(name);
        }
        if file.get("default").and_then(|item| item.as_str()) == Some(name) {
            file.remove("default");
        }
        Ok(())
    })?;
    let words = format!("`{name}` is removed; its token stays valid until it is revoked in the panel\n");
    output::done(&words, &json!({ "removed": name }), &parsed.given).map(|()| Exit::Ok)
}
