//! The question before a call that destroys something or costs money, or a refusal where nobody can answer it.

use std::io::{BufRead, IsTerminal};

use crate::arguments::Parsed;
use crate::body::members::Member;
use crate::failure::{Exit, Failure};
use crate::output::{Styles, err};
use crate::session;
use crate::table::{Command, Effect};
use crate::text::visible;
use crate::undo::Preview;

/// Asks before a call of the document, where it needs asking. A fleet and `api` save nothing before a deletion.
pub(crate) fn confirm(command: &'static Command, parsed: &Parsed, times: Option<usize>) -> Result<(), Failure> {
    if !command.asks() {
        return Ok(());
    }
    ask(parsed, &question(command, parsed, times, None))
}

/// The same for a single command; `preview` is what is known of whether a deletion can be undone.
pub(crate) fn confirm_single(command: &'static Command, parsed: &Parsed, preview: &Preview) -> Result<(), Failure> {
    if !command.asks() {
        return Ok(());
    }
    ask(parsed, &question(command, parsed, None, Some(preview)))
}

/// Whether a question has an answer: `--yes`, or a person at a terminal.
pub(crate) fn can_confirm(parsed: &Parsed) -> bool {
    parsed.given.has("yes") || (std::io::stdin().is_terminal() && parsed.given.get("from") != Some("-"))
}

/// What an operation does that nobody has classified.
pub(crate) const UNCLASSIFIED: &str = "nobody has classified this operation; it may spend money or destroy something";

/// What a command does to the account, for a question.
pub(crate) fn consequence(command: &'static Command, preview: Option<&Preview>) -> String {
    if command.effect == Effect::Unclassified {
        return UNCLASSIFIED.to_owned();
    }
    let money = "this is or may be an order that costs money; it cannot be cancelled from here";
    match command.billable {
        true if command.destructive => format!("{money}; {}", harm(command, preview)),
        true => money.to_owned(),
        false => harm(command, preview),
    }
}

/// What a command does besides spending money.
fn harm(command: &'static Command, preview: Option<&Preview>) -> String {
    if command.effect == Effect::Delete {
        let unsaved = || Preview::Impossible("nothing is saved before it".to_owned());
        return preview.map_or_else(|| unsaved().consequence(command), |preview| preview.consequence(command));
    }
    match power(command) {
        Some(effect) => effect.to_owned(),
        None if command.destructive => "this destroys something, or may; nothing here can bring it back".to_owned(),
        None => format!("this is a change ({})", command.effect.as_str()),
    }
}

/// What an action does that starts, stops or runs something; by the words of its path.
pub(crate) fn power(command: &Command) -> Option<&'static str> {
    if command.effect != Effect::Action {
        return None;
    }
    let words: Vec<String> = command
        .known_path
        .split(['/', '-', '_'])
        .map(str::to_lowercase)
        .filter(|word| !word.starts_with('{'))
        .collect();
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    if has(&["stop", "shutdown", "halt", "off", "poweroff", "suspend", "park", "disable", "pause", "kill", "terminate"])
    {
        Some("this stops it: whatever depends on it does not work until it is started again")
    } else if has(&["restart", "reboot", "reset"]) {
        Some("this restarts it: it is interrupted, and what it has not stored is lost")
    } else if has(&["start", "unpark", "on", "poweron", "resume", "enable"]) {
        Some("this starts it")
    } else if has(&["run", "execute", "exec"]) {
        Some("this runs it now")
    } else {
        None
    }
}

/// What is about to happen, in lines.
struct Question {
    what: String,
    object: String,
    consequence: String,
    values: Vec<String>,
}

fn question(command: &'static Command, parsed: &Parsed, times: Option<usize>, preview: Option<&Preview>) -> Question {
    let named: Vec<String> = command
        .positionals()
        .zip(&parsed.positionals)
        .map(|(argument, value)| format!("{} {value}", argument.name))
        .collect();
    let sensitive = |member: &Member| matches!(member, Member::Body { flags, .. } if flags.iter().any(|f| f.sensitive));
    let name = |member: &Member| match member {
        Member::Query(argument) => argument.name.to_owned(),
        Member::Body { path, .. } => path.clone(),
    };
    let values = parsed.members.iter().filter(|(member, _)| !sensitive(member));
    let values: Vec<String> = values.map(|(member, value)| format!("{} = {value}", name(member))).collect();
    let object = match (times, named.is_empty()) {
        (Some(1), _) => "1 item".to_owned(),
        (Some(times), _) => format!("{times} items"),
        (None, true) => values.first().cloned().unwrap_or_else(|| format!("a new one of `{}`", command.tag)),
        (None, false) => named.join(", "),
    };
    let consequence = consequence(command, preview);
    Question { what: format!("{} ({} {})", command.summary, command.method, command.path), object, consequence, values }
}

/// Asks before a call that the document does not have.
pub(crate) fn confirm_unknown(parsed: &Parsed, method: &str, path: &str) -> Result<(), Failure> {
    let question = Question {
        what: format!("{method} {path}"),
        object: path.to_owned(),
        consequence: "the document does not have this call; it may spend money or destroy something".to_owned(),
        values: Vec::new(),
    };
    ask(parsed, &question)
}

/// Asks before what a hand-written command does.
pub(crate) fn ask_for(parsed: &Parsed, what: &str, object: &str, consequence: &str) -> Result<(), Failure> {
    let question = Question {
        what: what.to_owned(),
        object: object.to_owned(),
        consequence: consequence.to_owned(),
        values: Vec::new(),
    };
    ask(parsed, &question)
}

fn ask(parsed: &Parsed, question: &Question) -> Result<(), Failure> {
    if parsed.given.has("yes") {
        return Ok(());
    }
    let profile = session::profile_name(&parsed.given);
    let from_stdin = parsed.given.get("from") == Some("-");
    let refused = |why: &str| {
        let what = format!("not sent: {}, {}; {}", question.what, question.object, why);
        Failure::new(Exit::Refused, "not-confirmed", what)
            .details(vec![format!("profile: {profile}"), format!("consequence: {}", question.consequence)])
    };
    if !std::io::stdin().is_terminal() || from_stdin {
        return Err(refused("it needs a yes, and there is no terminal to ask at").hint("`--yes` says so beforehand"));
    }
    let styles = Styles::of_stderr(&parsed.given);
    let mut text = format!("{}\n", styles.bold(&visible(&question.what)));
    text.push_str(&format!("  object:      {}\n", visible(&question.object)));
    question.values.iter().for_each(|value| text.push_str(&format!("  with:        {}\n", visible(value))));
    let (profile, consequence) = (visible(&profile), visible(&question.consequence));
    text.push_str(&format!("  profile:     {profile}\n  consequence: {consequence}\nGo on? [y/N] "));
    err(&text);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failure::other(format!("the answer could not be read: {error}")))?;
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(refused("you did not say yes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(not(usual_operations), ignore = "the document lacks one of the operations that it needs")]
    fn power_actions_say_what_they_do() {
        for (path, says) in [
            ("/services/{service}/cloud/stop/", Some("this stops it")),
            ("/services/{service}/cloud/park/", Some("this stops it")),
            ("/services/{service}/cloud/unpark/", Some("this starts it")),
            ("/services/{service}/hosting/start/", Some("this starts it")),
            ("/services/{service}/dns/advanced/{dns_zone}", None),
        ] {
            let command = Command::find("POST", path).unwrap();
            let told = consequence(command, None);
            assert_eq!(power(command).is_some(), says.is_some(), "{path}");
            assert!(told.starts_with(says.unwrap_or("this is a change (action)")), "{path}: {told}");
        }
    }
}
