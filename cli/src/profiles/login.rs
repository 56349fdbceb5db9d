//! `login`: a token to a profile. It is asked for without echo, tried with a read, and only then stored.

use std::io::IsTerminal;

use serde_json::json;
use swpanel::{ClientBuilder, Secret};
use toml_edit::{Array, Item, Table, TableLike};

use super::store::{edit, load};
use crate::arguments::{Parsed, flag, nearest};
use crate::commands::{ANSWERS, Builtin};
use crate::failure::{Exit, Failure};
use crate::files;
use crate::output;
use crate::request::Request;
use crate::session::{self, Session};
use crate::table::{COMMANDS, Command, groups};
use crate::words::Words;

pub(crate) const LOGIN: Builtin = Builtin {
    words: &["login"],
    values: "",
    summary: "Store a token in a profile, after trying it",
    text: "Asks for the token without echo, tries it with a read that changes nothing, and stores it in the profile that \
           --profile names (`default` where it names none), in a file that only you can read. With --token-command the \
           token stays where it is, and the command is asked for it each time; it is run without a shell. With \
           --ca-file the profile trusts these certificates too. Limits that the profile has stay; they are taken out of \
           the file by hand. How to get a token: docs/getting-a-token.md.",
    flags: &[
        flag("stdin", ' ', None, "Read the token from standard input"),
        flag(
            "token-command",
            ' ',
            Some("COMMAND"),
            "A command that prints the token, as in 'pass show swpanel/reports'",
        ),
        flag("no-verify", ' ', None, "Store it without trying it"),
        flag("read-only", ' ', None, "The profile may only read"),
        flag("no-billable", ' ', None, "The profile may do nothing that may spend money"),
        flag("no-destructive", ' ', None, "The profile may do nothing that may destroy something"),
        flag("groups", ' ', Some("A,B"), "The profile may call these groups of operations alone"),
        flag("services", ' ', Some("A,B"), "The profile may touch these services alone"),
        flag("default", ' ', None, "Make it the default profile"),
    ],
    heeds: &[&["profile", "base-url", "ca-file"], ANSWERS],
    hidden: false,
    run,
};

/// No token is longer.
const LONGEST: u64 = 64 << 10;

/// Where the token is.
enum Source {
    /// The token, and what a message calls it.
    Token(Secret, &'static str),
    Command(Vec<String>),
}

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    if !parsed.positionals.is_empty() || !parsed.rest.is_empty() {
        // It may be the token, so it is not repeated.
        return Err(Failure::usage("`swpanel login` takes no value: a token on the command line can be read by others")
            .hint("`swpanel login` asks for it, `--stdin` reads it; revoke a token that was given so, the shell's history has it"));
    }
    let name = parsed.given.get("profile").unwrap_or("default");
    let shape = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if name.is_empty() || !shape {
        return Err(Failure::usage(format!("`{name}` is no name for a profile: letters, digits, `-`, `_` and `.`")));
    }
    for group in listed(parsed.given.get("groups").unwrap_or_default()) {
        if let Some(told) = no_group(&group) {
            return Err(Failure::usage(format!("`--groups`: {told}"))
                .hint("the groups are those that `swpanel --help` lists, by the document's own names"));
        }
    }
    // A file that cannot be used is told before anybody types a token.
    load()?;
    let mut had_mark = false;
    let source = match (parsed.given.get("token-command"), parsed.given.has("stdin")) {
        (Some(_), true) => return Err(Failure::usage("`--stdin` and `--token-command` exclude each other")),
        (Some(command), false) => Source::Command(words(command)?),
        (None, from_stdin) => {
            let (token, shown, marked) = ask(from_stdin)?;
            had_mark = marked;
            Source::Token(token, shown)
        }
    };
    let verified = match parsed.given.has("no-verify") {
        true => None,
        false => Some(verify(parsed, &source)?),
    };
    let (path, Left { address: before, certificates, credential }) = edit(|file| store(file, name, parsed, &source))?;
    let tried = verified.as_ref().map_or_else(|| "not tried".to_owned(), |what| format!("tried with {what}"));
    let mut words = format!("profile `{name}` is stored in {} ({tried})", path.display());
    if credential {
        words.push_str("; its earlier token is replaced");
    }
    if had_mark {
        words.push_str("; a byte order mark before the token was dropped");
    }
    if let Some(before) = &before {
        words
            .push_str(&format!("; calls go to SWPanel's own address now, not to {before}: `--base-url` keeps another"));
    }
    if certificates {
        words.push_str("; its certificates were for another address and are removed from it");
    }
    words.push('\n');
    let file = path.display().to_string();
    let told = json!({
        "profile": name, "file": file, "tried": verified, "address_left": before,
        "certificates_removed": certificates, "token_replaced": credential,
        "byte_order_mark_dropped": had_mark,
    });
    output::done(&words, &told, &parsed.given).map(|()| Exit::Ok)
}

/// The token from standard input, or from a person at a terminal; what a message calls it; and whether a byte order mark
/// was dropped before it.
fn ask(from_stdin: bool) -> Result<(Secret, &'static str, bool), Failure> {
    let (text, shown, had_mark) = if from_stdin {
        let failed = |why: String| Failure::usage(format!("the token could not be read from standard input: {why}"));
        let read = files::read_text("-", LONGEST).map_err(failed)?;
        (read.text, "the token from standard input", read.had_mark)
    } else if std::io::stdin().is_terminal() {
        (crate::prompt::hidden("Token (it is not shown): ")?, "the token that was typed", false)
    } else {
        return Err(
            Failure::usage("there is no terminal to ask for the token at").hint("`--stdin` or `--token-command`")
        );
    };
    let token = text.trim_matches(|c: char| c.is_ascii_whitespace());
    if token.is_empty() {
        return Err(Failure::usage("no token was given"));
    }
    let token = Secret::from(token);
    // The library knows what a token may hold; what it refuses is neither tried nor stored.
    ClientBuilder::default().token_from(token.clone(), shown).build()?;
    Ok((token, shown, had_mark))
}

/// Words of a command, which is to be whole.
fn words(command: &str) -> Result<Vec<String>, Failure> {
    let Words { mut whole, last, open } = crate::words::words(command);
    if open {
        return Err(Failure::usage("`--token-command` has a quote that is not closed"));
    }
    whole.extend(last);
    if whole.is_empty() { Err(Failure::usage("`--token-command` is empty")) } else { Ok(whole) }
}

/// Names with commas between them.
fn listed(names: &str) -> Vec<String> {
    names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// What is wrong with the name of a group, where the document has none such: a profile that names it allows nothing.
pub(crate) fn no_group(name: &str) -> Option<String> {
    let known = groups();
    if known.contains(&name) {
        return None;
    }
    let near = nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("the document has no group `{name}`{near}"))
}

/// A read that changes nothing, needs no value and may be made: that of the services, else the first there is.
pub(crate) fn harmless(may: impl Fn(&Command) -> bool) -> Option<&'static Command> {
    let fits = |command: &&Command| {
        let needs = command.parameters.iter().any(|parameter| parameter.required);
        command.reads() && !needs && may(command)
    };
    Command::find("GET", "/services/").filter(fits).or_else(|| COMMANDS.iter().find(fits))
}

fn verify(parsed: &Parsed, source: &Source) -> Result<String, Failure> {
    let command = harmless(|_| true).ok_or_else(|| {
        Failure::other("the document has no read to try the token with").hint("`--no-verify` stores it untried")
    })?;
    let mut builder = ClientBuilder::default();
    if let Some(address) = address(parsed) {
        builder = builder.base_url(address);
    }
    // The certificates that the profile will have when it is stored.
    if let Some(path) = ca_file(parsed)? {
        builder = builder.ca_file(path);
    }
    if let Some(profile) = kept(parsed)? {
        builder = with_certificates(builder, &profile);
    }
    builder = match source {
        Source::Token(token, shown) => builder.token_from(token.clone(), *shown),
        // The library runs such commands; a profile that stands nowhere yet says what to run.
        Source::Command(words) => {
            let mut table = Table::new();
            table.insert("token_command", list(words));
            let mut profiles = Table::new();
            profiles.insert("new", Item::Table(table));
            let mut file = toml_edit::DocumentMut::new();
            file.insert("profiles", Item::Table(profiles));
            let profiles = swpanel::Profiles::parse(&file.to_string())?;
            builder.profile(profiles.get(Some("new"))?)
        }
    };
    let session = Session { client: builder.build()? };
    let request = Request::raw(command.method, command.path, Vec::new(), None);
    let sent = session::run(async { session.send(&request).await.map_err(Failure::from) });
    match sent {
        Ok(_) => Ok(format!("{} {}", command.method, command.path)),
        // It was let in; what it may not do is another matter.
        Err(failure) if failure.exit == Exit::NotFound => Ok(format!("{} {}", command.method, command.path)),
        Err(mut failure) => {
            failure.address = Some(session.client.base_url().to_owned());
            failure.details.push("nothing was stored".to_owned());
            let hint = match source {
                Source::Token(..) => "check that it was copied whole, and in the panel that it was not revoked",
                Source::Command(_) => "run the command by hand: its first line is to be the token and nothing else",
            };
            Err(if failure.kind == "unauthorized" { failure.hint(hint) } else { failure })
        }
    }
}

/// The file of certificates that is given, by a path that means the same from any folder.
fn ca_file(parsed: &Parsed) -> Result<Option<String>, Failure> {
    let Some(given) = parsed.given.get("ca-file") else { return Ok(None) };
    let unusable = |why: String| {
        Failure::usage(format!("`--ca-file`: `{given}` {why}; nothing was stored"))
            .hint("name a PEM file with the certificate of the authority")
    };
    let path = std::path::absolute(given).map_err(|error| unusable(error.to_string()))?;
    // The library knows what such a file must hold; what it refuses is not stored.
    ClientBuilder::default().token("not-sent").ca_file(&path).build()?;
    path.into_os_string().into_string().map(Some).map_err(|_| unusable("is not in UTF-8".to_owned()))
}

/// The profile as it is now, where its address stays and with it its certificates.
fn kept(parsed: &Parsed) -> Result<Option<swpanel::Profile>, Failure> {
    let name = parsed.given.get("profile").unwrap_or("default");
    let profiles = load()?;
    let profile = profiles.as_ref().filter(|profiles| profiles.names().any(|known| known == name));
    let profile = profile.map(|profiles| profiles.get(Some(name))).transpose()?;
    Ok(profile.filter(|profile| profile.base_url() == address(parsed).as_deref()).cloned())
}

/// The builder with the certificates of a profile, and nothing else of it.
fn with_certificates(mut builder: ClientBuilder, profile: &swpanel::Profile) -> ClientBuilder {
    if let Some(path) = profile.ca_file() {
        builder = builder.ca_file(path);
    }
    if let Some((certificate, key)) = profile.client_certificate_files() {
        builder = builder.client_certificate_files(certificate, key);
    }
    builder
}

/// Another address of the API, where one is given.
fn address(parsed: &Parsed) -> Option<String> {
    parsed.given.get("base-url").map(str::to_owned).or_else(|| session::variable("SWPANEL_BASE_URL"))
}

fn list(words: &[String]) -> Item {
    toml_edit::value(words.iter().map(String::as_str).collect::<Array>())
}

/// The token of a profile and the command that prints one, however the file writes them.
fn credential(profile: &dyn TableLike) -> (Option<String>, Option<Vec<String>>) {
    let token = profile.get("token").and_then(Item::as_str).map(str::to_owned);
    let words = |array: &Array| array.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
    (token, profile.get("token_command").and_then(Item::as_array).map(words))
}

/// What a profile had before and has no more.
struct Left {
    address: Option<String>,
    certificates: bool,
    /// Another token, or the command that prints one.
    credential: bool,
}

/// Puts the profile into the file.
fn store(file: &mut Table, name: &str, parsed: &Parsed, source: &Source) -> Result<Left, Failure> {
    let profiles = file.entry("profiles").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let wrong = || Failure::other("`profiles` in the file of profiles is no table");
    let profiles = profiles.as_table_like_mut().ok_or_else(wrong)?;
    let is_first = profiles.is_empty();
    let profile = profiles.entry(name).or_insert_with(|| Item::Table(Table::new()));
    let profile = profile.as_table_like_mut().ok_or_else(wrong)?;
    let before = credential(profile);
    match source {
        Source::Token(token, _) => {
            profile.remove("token_command");
            profile.insert("token", toml_edit::value(token.expose()));
        }
        Source::Command(words) => {
            profile.remove("token");
            profile.insert("token_command", list(words));
        }
    }
    let is_replaced = before != (None, None) && before != credential(profile);
    let address = address(parsed);
    // Certificates belong to the address that they were set up for: another one is neither trusted by them nor shown them.
    let mut certificates = false;
    if profile.get("base_url").and_then(|before| before.as_str()) != address.as_deref() {
        for key in ["ca_file", "client_certificate", "client_key"] {
            certificates |= profile.remove(key).is_some();
        }
    }
    if let Some(path) = ca_file(parsed)? {
        profile.insert("ca_file", toml_edit::value(path));
    }
    // The token belongs to the address that it was tried at, and must not go to another one later.
    let before = match address {
        Some(address) => {
            profile.insert("base_url", toml_edit::value(address));
            None
        }
        None => profile.remove("base_url").and_then(|before| before.as_str().map(str::to_owned)),
    };
    for (flag, key) in
        [("read-only", "read_only"), ("no-billable", "no_billable"), ("no-destructive", "no_destructive")]
    {
        if parsed.given.has(flag) {
            profile.insert(key, toml_edit::value(true));
        }
    }
    for key in ["groups", "services"] {
        if let Some(names) = parsed.given.get(key) {
            profile.insert(key, list(&listed(names)));
        }
    }
    if parsed.given.has("default") || is_first {
        file.insert("default", toml_edit::value(name));
    }
    Ok(Left { address: before, certificates, credential: is_replaced })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parted_as_a_shell_would() {
        assert_eq!(words("pass show 'my token'").unwrap(), ["pass", "show", "my token"]);
        assert_eq!(words(r#"a "b \"c" d\ e ''"#).unwrap(), ["a", "b \"c", "d e", ""]);
        assert!(words("a 'b").is_err() && words("  ").is_err());
    }
}
