//! The question before a fleet that changes something: what is called, how often, for which items first, and what it does.

use super::items::Item;
use super::template::Template;
use crate::arguments::Parsed;
use crate::confirm::{UNCLASSIFIED, ask_for};
use crate::failure::Failure;
use crate::table::{Command, Effect};

/// Items that the question names.
const NAMED: usize = 5;
/// Characters of an item's name that are shown.
const LONGEST: usize = 60;

/// Asks once before the calls of these items, unless they only read. `words` is the command as it was given; a warning is
/// asked about also where all calls read.
pub(super) fn ask(
    parsed: &Parsed,
    template: &Template,
    words: &[String],
    items: &[&Item],
    warning: Option<&str>,
) -> Result<(), Failure> {
    let command = template.command;
    let only_reads = command.reads();
    if items.is_empty() || (only_reads && warning.is_none()) {
        return Ok(());
    }
    let what = format!("{} ({} {}): `{}`", command.summary, command.method, command.path, shown(&words.join(" ")));
    let mut names: Vec<String> = Vec::new();
    for item in items.iter().take(NAMED) {
        let values = template.parsed(item)?.positionals;
        let values = if values.is_empty() { item.values().cloned().collect() } else { values };
        names.push(shown(&values.join(" ")).chars().take(LONGEST).collect());
    }
    let count = match items.len() {
        1 => "1 item".to_owned(),
        count => format!("{count} items"),
    };
    let more = match items.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let consequence = match (only_reads, warning) {
        (true, warning) => warning.unwrap_or_default().to_owned(),
        (false, None) => consequence(command).to_owned(),
        (false, Some(warning)) => format!("{}; {warning}", consequence(command)),
    };
    ask_for(parsed, &what, &format!("{count}: {}{more}", names.join(", ")), &consequence)
}

/// Text without characters that steer a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What a call does to each item.
fn consequence(command: &Command) -> &'static str {
    match command.effect {
        Effect::Unclassified => UNCLASSIFIED,
        _ if command.billable => "each call is or may be an order that costs money; none can be called back from here",
        Effect::Delete => "this deletes something of each item; nothing here can bring it back",
        Effect::Create => "this creates something for each item; nothing here removes it again",
        Effect::Update => "this changes each item; the values of before are not saved",
        Effect::Action | Effect::Read => match power(command) {
            Some(Power::Off) => "this stops each item: what runs there is out of service until it is started again",
            Some(Power::Restart) => "this restarts each item: what runs there is out of service for a while",
            Some(Power::On) => "this starts each item",
            None if command.destructive => "this destroys something of each item, or may",
            None => "this acts on each item; nothing here can call it back",
        },
    }
}

/// What an action does to something that runs.
enum Power {
    Off,
    On,
    Restart,
}

/// The power action that the words of a command name. The document has no other mark for them.
fn power(command: &Command) -> Option<Power> {
    let words = command.known_path.split(['/', '_', '-']).chain(command.words.iter().flat_map(|word| word.split('-')));
    words.into_iter().find_map(|word| match word {
        "stop" | "park" | "suspend" | "shutdown" | "poweroff" | "halt" | "off" | "disable" | "pause" => {
            Some(Power::Off)
        }
        "restart" | "reboot" | "reset" | "reload" => Some(Power::Restart),
        "start" | "unpark" | "resume" | "boot" | "poweron" | "on" | "enable" | "unpause" => Some(Power::On),
        _ => None,
    })
}
