//! A command with gaps to the exact request of each item, all judged before the first is sent.

use std::collections::BTreeMap;

use super::items::Item;
use crate::arguments::{Parsed, Target, parse};
use crate::body::members::Member;
use crate::failure::Failure;
use crate::request::Request;
use crate::table::{Command, Effect};

/// Flags of all commands that belong to the call itself. All others say how the program is to go about it.
const OF_THE_CALL: [&str; 3] = ["from", "kind", "no-validate"];

/// Refuses flags that would be dropped.
fn judge(parsed: &Parsed) -> Result<(), Failure> {
    match parsed.given.names().find(|name| !OF_THE_CALL.contains(name)) {
        Some(name) => Err(Failure::usage(format!("`--{name}` stands after `--`, where it is no part of the call"))
            .hint(
                "flags of the program stand before `--`, as in `swpanel fleet run --services FILE --dry-run -- ...`",
            )),
        None => Ok(()),
    }
}

pub(super) struct Template {
    words: Vec<String>,
    pub(super) command: &'static Command,
}

impl Template {
    pub(super) fn of(words: &[String]) -> Result<Self, Failure> {
        let parsed = parse(words)?;
        let Some(Target::Operation(command)) = parsed.target else {
            return Err(Failure::usage(format!("`{}` is no command of the API", words.join(" ")))
                .hint("`fleet` runs commands of the API, as in `dns ttl set`"));
        };
        judge(&parsed)?;
        if parsed.given.get("from") == Some("-") {
            return Err(Failure::usage("`--from -` cannot be read once for each item").hint("give a file"));
        }
        let secret_from_stdin = parsed.members.iter().any(|(member, given)| {
            given == "-" && matches!(member, Member::Body { flags, .. } if flags.iter().any(|flag| flag.sensitive))
        });
        if secret_from_stdin {
            return Err(Failure::usage("a secret from standard input would be gone when the run is resumed")
                .hint("`@FILE` or `env:NAME`"));
        }
        Ok(Self { words: words.to_vec(), command })
    }

    /// The command line of an item.
    pub(super) fn parsed(&self, item: Option<&Item>) -> Result<Parsed, Failure> {
        let none = Item::new();
        let item = item.unwrap_or(&none);
        let words: Result<Vec<String>, Failure> = self.words.iter().map(|word| fill(word, item)).collect();
        let mut parsed = parse(&words?)?;
        judge(&parsed)?;
        // One value short: the item itself comes first.
        if parsed.positionals.len() + 1 == self.command.positionals().count() {
            let first = self.command.positionals().next().map(|argument| argument.name).unwrap_or_default();
            let found = item.get("service").or_else(|| item.get(first)).or_else(|| item.get("id"));
            let value = found.ok_or_else(|| {
                let needed = if first == "service" { String::new() } else { format!(" nor `{first}`") };
                let neither = if needed.is_empty() { "no" } else { "neither" };
                Failure::usage(format!("an item has {neither} `service`{needed}; it has {}", members(item))).hint(
                    "a filter such as '.result[].id' yields ids, one such as '.result[] | {service: .id}' objects",
                )
            })?;
            parsed.positionals.insert(0, value.clone());
        }
        Ok(parsed)
    }

    /// The requests of all items.
    pub(super) fn requests(&self, items: &[Item]) -> Result<Vec<Request>, Failure> {
        let one = |(number, item): (usize, &Item)| {
            let made = self.parsed(Some(item)).and_then(|parsed| Request::of(self.command, &parsed));
            made.map_err(|mut failure| {
                failure.details.push(format!("at item {} of {}; nothing was sent", number + 1, items.len()));
                failure
            })
        };
        let requests: Vec<Request> = items.iter().enumerate().map(one).collect::<Result<_, Failure>>()?;
        if self.command.effect == Effect::Read {
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

/// The names of what an item has.
fn members(item: &Item) -> String {
    let names: Vec<&str> = item.keys().map(String::as_str).collect();
    if names.is_empty() { "no plain member".to_owned() } else { names.join(", ") }
}

/// A word with `{name}` replaced by the item's value; other braces stay, since JSON has them.
fn fill(word: &str, item: &Item) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let gap = after.split_once('}').filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
        });
        match gap {
            Some((name, after)) => {
                let value = item
                    .get(name)
                    .ok_or_else(|| Failure::usage(format!("an item has no `{name}`; it has {}", members(item))))?;
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_json_is_left_alone() {
        let item = Item::from([("service".to_owned(), "XX1".to_owned()), ("zone".to_owned(), "a.es".to_owned())]);
        assert_eq!(fill("{service}/{zone}", &item).unwrap(), "XX1/a.es");
        assert_eq!(fill(r#"{"a":{"b":1}}"#, &item).unwrap(), r#"{"a":{"b":1}}"#);
        assert!(fill("{nothing}", &item).is_err());
    }
}
