//! A command with placeholders to the exact request of each item. The command is parsed once; values of items are then
//! filled into what was parsed, so that no value can become a flag, a reference to a secret, or part of JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::items::{self, Item};
use super::placeholder::{self, any, fill, fill_json, plain_name};
use crate::arguments::{Parsed, Target, parse, refuse_unused, resolve};
use crate::body::doubled_in_json;
use crate::body::members::Member;
use crate::failure::Failure;
use crate::request::Request;
use crate::table::{Command, Type};

/// Flags of all commands that belong to the call itself. All others say how the program is to go about it.
const OF_THE_CALL: [&str; 3] = ["from", "kind", "no-validate"];

/// A command that is filled with items.
pub(super) struct Template {
    pub(super) command: &'static Command,
    parsed: Parsed,
    /// One value short: the item itself comes first.
    takes_item: bool,
    /// Values of members that are JSON, by number: placeholders are in its strings.
    json: BTreeMap<usize, Value>,
}

impl Template {
    pub(super) fn of(words: &[String]) -> Result<Self, Failure> {
        check_places(words)?;
        let parsed = parse(words)?;
        let Some(Target::Operation(command)) = parsed.target else {
            return Err(Failure::usage(format!("`{}` is no command of the API", words.join(" ")))
                .hint("`fleet` runs commands of the API, as in `dns ttl set`"));
        };
        if let Some(name) = parsed.given.names().find(|name| !OF_THE_CALL.contains(name)) {
            let hint =
                "flags of the program stand before `--`, as in `swpanel fleet run --services FILE --dry-run -- ...`";
            let what = format!("`--{name}` stands after `--`, where it is no part of the call");
            return Err(Failure::usage(what).hint(hint));
        }
        refuse_unused(Target::Operation(command), &parsed.given)?;
        if let Some(word) = parsed.rest.first() {
            return Err(Failure::usage(format!("`--` before `{word}` has no use in the command of a fleet"))
                .hint("leave it out: values of items are never flags"));
        }
        if parsed.given.get("from") == Some("-") {
            return Err(Failure::usage("`--from -` cannot be read once for each item").hint("give a file"));
        }
        let mut json = BTreeMap::new();
        for (number, (member, given)) in parsed.members.iter().enumerate() {
            check_secret(member, given)?;
            if let Some(value) = as_json(member, given)? {
                json.insert(number, value);
            }
        }
        let takes_item = parsed.positionals.len() + 1 == command.positionals().count();
        Ok(Self { command, parsed, takes_item, json })
    }

    /// The command line of an item.
    pub(super) fn parsed(&self, item: &Item) -> Result<Parsed, Failure> {
        let mut parsed = self.parsed.clone();
        for value in &mut parsed.positionals {
            *value = fill(value, item, any)?;
        }
        if self.takes_item {
            parsed.positionals.insert(0, self.first(item)?);
        }
        for (number, (member, value)) in parsed.members.iter_mut().enumerate() {
            if !placeholder::is_in(value) {
                continue;
            }
            let filled = match self.json.get(&number) {
                Some(json) => fill_json(json, item)?.to_string(),
                None if is_secret(member) => fill(value, item, plain_name)?,
                None => {
                    parsed.literal.insert(number);
                    fill(value, item, any)?
                }
            };
            *value = filled;
        }
        let from = parsed.given.get("from").filter(|place| placeholder::is_in(place)).map(str::to_owned);
        if let Some(place) = from {
            parsed.given.put("from", fill(&place, item, plain_name)?);
        }
        let kind = parsed.given.get("kind").filter(|kind| placeholder::is_in(kind)).map(str::to_owned);
        if let Some(kind) = kind {
            parsed.given.put("kind", fill(&kind, item, any)?);
        }
        Ok(parsed)
    }

    /// The value that comes first where the command leaves it out.
    fn first(&self, item: &Item) -> Result<String, Failure> {
        let first = self.command.positionals().next().map(|argument| argument.name).unwrap_or_default();
        let found = ["service", first, "id"].iter().find_map(|name| items::value(item, name));
        found.cloned().ok_or_else(|| {
            let needed = if first == "service" { String::new() } else { format!(" nor `{first}`") };
            let neither = if needed.is_empty() { "no" } else { "neither" };
            let names = placeholder::names(item);
            Failure::usage(format!("an item has {neither} `service`{needed}; it has {names}")).hint(
                "the first line of a CSV file names its columns; a filter such as '.result[].id' yields ids, one such as \
                 '.result[] | {service: .id}' objects",
            )
        })
    }

    /// The files that every call reads, each with what names it.
    pub(super) fn fixed_files(&self) -> Vec<(String, PathBuf)> {
        let is_fixed = |(_, path): &(String, PathBuf)| !path.to_str().is_some_and(placeholder::is_in);
        files(&self.parsed).into_iter().filter(is_fixed).collect()
    }

    /// The files that only the call of one item reads.
    pub(super) fn files_of(&self, items: &[Item]) -> Result<Vec<(String, PathBuf)>, Failure> {
        let fixed = self.fixed_files();
        if files(&self.parsed).len() == fixed.len() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for item in items {
            found.extend(files(&self.parsed(item)?).into_iter().filter(|file| !fixed.contains(file)));
        }
        Ok(found)
    }

    /// The requests of all items.
    pub(super) fn requests(&self, items: &[Item]) -> Result<Vec<Request>, Failure> {
        let one = |(number, item): (usize, &Item)| {
            let made = self.parsed(item).and_then(|parsed| Request::of(self.command, &parsed));
            made.map_err(|mut failure| {
                failure.details.push(format!("at item {} of {}; nothing was sent", number + 1, items.len()));
                failure
            })
        };
        let requests: Vec<Request> = items.iter().enumerate().map(one).collect::<Result<_, Failure>>()?;
        if self.command.reads() {
            return Ok(requests);
        }
        // A command that takes nothing of its items would do the same thing again and again.
        let mut seen = BTreeMap::new();
        for (number, request) in requests.iter().enumerate() {
            if let Some(first) = seen.insert(request.key(), number) {
                let (first, second) = (first + 1, number + 1);
                return Err(Failure::usage(format!(
                    "items {first} and {second} make the same call: {}",
                    request.name()
                ))
                .hint(
                    "leave out the first value, or put `{service}` or another `{column}` where an item's value belongs",
                ));
            }
        }
        Ok(requests)
    }
}

/// Refuses placeholders in the command itself and in names of flags: data fills values, it chooses no commands.
fn check_places(words: &[String]) -> Result<(), Failure> {
    let refused = |word: &str, what: &str| {
        Err(Failure::usage(format!("`{word}` has a placeholder in {what}"))
            .hint("placeholders stand for values: `VALUE`, `--flag VALUE` or `--flag=VALUE`"))
    };
    let plain = |word: &&String| !word.starts_with('-') && !placeholder::is_in(word);
    let command: Vec<&str> = words.iter().take_while(plain).map(String::as_str).collect();
    let is_named = (1..=command.len()).any(|count| command.get(..count).is_some_and(|words| resolve(words).is_some()));
    if let Some(word) = words.get(command.len()).filter(|word| placeholder::is_in(word) && !word.starts_with('-'))
        && !is_named
    {
        return refused(word, "the command itself");
    }
    for word in words.iter().filter(|word| word.starts_with('-')) {
        let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        if placeholder::is_in(name) && word.starts_with("--") {
            return refused(word, "the name of a flag");
        }
    }
    Ok(())
}

/// The files that a command line names, each with what names it.
fn files(parsed: &Parsed) -> Vec<(String, PathBuf)> {
    let from = parsed.given.get("from").map(|place| ("the file of `--from`".to_owned(), PathBuf::from(place)));
    let secrets = parsed.members.iter().filter(|(member, _)| is_secret(member));
    let secrets = secrets.filter_map(|(member, given)| {
        Some((format!("the file of `{}`", name(member)), PathBuf::from(given.strip_prefix('@')?)))
    });
    from.into_iter().chain(secrets).collect()
}

fn is_secret(member: &Member) -> bool {
    matches!(member, Member::Body { flags, .. } if flags.iter().any(|flag| flag.sensitive))
}

fn name(member: &Member) -> String {
    match member {
        Member::Query(argument) => format!("--{}", argument.name),
        Member::Body { path, .. } => format!("--{path}"),
    }
}

/// Refuses secrets that the journal would keep or that a resumed run could not read again.
fn check_secret(member: &Member, given: &str) -> Result<(), Failure> {
    if !is_secret(member) {
        return Ok(());
    }
    if given == "-" {
        return Err(Failure::usage("a secret from standard input would be gone when the run is resumed")
            .hint("`@FILE` or `env:NAME`"));
    }
    let start = placeholder::before(given);
    let is_reference = start.starts_with('@') || (start.starts_with("env:") && start.len() > 4);
    if placeholder::is_in(given) && !is_reference {
        let name = name(member);
        let what = format!("`{name}` takes no secret from an item: the journal would keep it");
        return Err(Failure::usage(what).hint(format!(
            "one file for each item: `{name} @FOLDER/{{service}}`, or `{name} env:PREFIX_{{service}}`"
        )));
    }
    Ok(())
}

/// The JSON that a value of a member is, where it has placeholders in it.
fn as_json(member: &Member, given: &str) -> Result<Option<Value>, Failure> {
    let Member::Body { flags, .. } = member else { return Ok(None) };
    let start = given.trim_start();
    let is_list = start.starts_with('[') && flags.iter().any(|flag| flag.holds.list);
    let takes_json = flags.is_empty() || flags.iter().any(|flag| flag.holds.types.contains(&Type::Json)) || is_list;
    // An item's value may be the whole of it.
    let is_whole = start.starts_with('{') && placeholder::before(given).trim().is_empty();
    if !takes_json || is_secret(member) || !placeholder::is_in(given) || !start.starts_with(['{', '[']) || is_whole {
        return Ok(None);
    }
    let name = name(member);
    let value: Value = serde_json::from_str(given).map_err(|_| {
        Failure::usage(format!("`{name}` must be valid JSON before its placeholders are filled"))
            .hint(format!("placeholders stand in strings: `{name} '{{\"name\": \"{{service}}\"}}'`"))
    })?;
    if let Some(doubled) = doubled_in_json(given) {
        return Err(doubled.failure(&format!("`{name}`")));
    }
    if has_placeholder_in_name(&value) {
        return Err(Failure::usage(format!("`{name}` has a placeholder in the name of a property"))
            .hint("placeholders stand for values"));
    }
    Ok(Some(value))
}

fn has_placeholder_in_name(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_placeholder_in_name),
        Value::Object(properties) => {
            properties.iter().any(|(name, value)| placeholder::is_in(name) || has_placeholder_in_name(value))
        }
        _ => false,
    }
}
