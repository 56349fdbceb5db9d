//! A call that deletes or costs money to a question that a person answers, or to a refusal where nobody is there.

use std::io::{BufRead, IsTerminal};

use crate::arguments::{Parsed, Target};
use crate::body::members::Member;
use crate::failure::{Exit, Failure};
use crate::output::{Styles, err};
use crate::session;
use crate::table::{Command, Effect};
use crate::text::visible;
use crate::undo;

/// Asks before a call of the document, where it needs asking.
pub(crate) fn confirm(command: &'static Command, parsed: &Parsed, times: Option<usize>) -> Result<(), Failure> {
    if !command.destructive {
        return Ok(());
    }
    ask(parsed, &question(command, parsed, times))
}

/// What is about to happen, in lines.
struct Question {
    what: String,
    object: String,
    consequence: String,
    values: Vec<String>,
}

fn question(command: &'static Command, parsed: &Parsed, times: Option<usize>) -> Question {
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
    // A fleet and `api` save nothing.
    let by_itself = times.is_none() && matches!(parsed.target, Some(Target::Operation(_)));
    let saves = by_itself && !parsed.given.has("no-save") && undo::is_possible(command);
    let consequence = match command.effect {
        Effect::Delete if saves => {
            "this deletes; what can be read back is saved, and `swpanel undo` creates a new one from that".to_owned()
        }
        Effect::Delete => "this deletes; nothing here can bring it back".to_owned(),
        Effect::Billable => {
            "this is or may be an order that costs money; it cannot be called back from here".to_owned()
        }
        _ => "the document calls this destructive, or fears that it is".to_owned(),
    };
    Question { what: format!("{} ({} {})", command.summary, command.method, command.path), object, consequence, values }
}

/// Asks before a call that the document does not have.
pub(crate) fn confirm_unknown(parsed: &Parsed, method: &str, path: &str) -> Result<(), Failure> {
    let question = Question {
        what: format!("{method} {path}"),
        object: path.to_owned(),
        consequence: "the document does not have this call, so what it does is not known".to_owned(),
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
