//! A command of the document: judged, asked about, sent, printed.

use serde_json::{Value, json};

use crate::arguments::Parsed;
use crate::body::{skeleton, skeleton_json};
use crate::confirm::{can_confirm, confirm_single};
use crate::failure::{Exit, Failure};
use crate::json::{Json, JsonError};
use crate::output::{self, Format};
use crate::request::Request;
use crate::session::{self, Session};
use crate::table::Command;
use crate::text::visible;
use crate::undo::{self, Preview};
use crate::wait::Wait;

pub(crate) fn run(command: &'static Command, parsed: &Parsed) -> Result<Exit, Failure> {
    let format = Format::of(&parsed.given)?;
    if parsed.given.has("skeleton") {
        let text = match format {
            Format::Json | Format::Jsonl => Json::from(&skeleton_json(command, parsed)?).to_pretty(),
            _ => skeleton(command, parsed)?,
        };
        return output::out(&text).map(|()| Exit::Ok);
    }
    if !parsed.rest.is_empty() {
        return Err(Failure::usage("`--` has no use here"));
    }
    let request = Request::of(command, parsed)?;
    if parsed.given.has("dry-run") {
        return dry_run(&request, parsed);
    }
    let wait = Wait::of(command, parsed)?;
    let session = Session::open(&parsed.given)?;
    // A question about what would be refused anyway is none, and nothing is read and saved for it.
    session.judge(&request)?;
    // Where somebody can say yes, the question says what was read, so that it promises only what can be kept.
    let mut preview = Preview::unread(command, parsed);
    if matches!(preview, Preview::Unread) && (!command.asks() || can_confirm(parsed)) {
        preview = session::run(async { Ok(undo::preview(&session, command, parsed, &request).await) })?;
    }
    confirm_single(command, parsed, &preview)?;
    let saved = undo::keep(&preview, command, parsed)?;
    let answer = session::run(sent(&session, &request, parsed));
    if let (Some(saved), Err(failure)) = (&saved, &answer) {
        undo::discard(saved, failure, parsed);
    }
    let answer = answer?;
    undo::finish(&preview, saved.as_deref(), command, parsed);
    let exit = print(&answer, parsed)?;
    match wait {
        Some(wait) => session::run(wait.through(&session)).map(|()| exit),
        None => Ok(exit),
    }
}

/// Prints the request, unless it would be refused, and sends nothing.
pub(crate) fn dry_run(request: &Request, parsed: &Parsed) -> Result<Exit, Failure> {
    let session = Session::judging(&parsed.given)?;
    session.judge(request)?;
    let base = session.client.base_url();
    output::note(&parsed.given, "nothing was sent (--dry-run)\n");
    show(&request.shown(base), &request.shown_as_text(base), parsed)
}

/// The same of the calls that a hand-written command would change something with, after what it had to read.
pub(crate) fn dry_runs(requests: &[Request], parsed: &Parsed) -> Result<Exit, Failure> {
    let session = Session::judging(&parsed.given)?;
    requests.iter().try_for_each(|request| session.judge(request))?;
    let base = session.client.base_url();
    let texts: Vec<String> = requests.iter().map(|request| request.shown_as_text(base)).collect();
    let none = if requests.is_empty() { "; there is nothing to change" } else { "" };
    output::note(&parsed.given, &format!("nothing was changed (--dry-run){none}\n"));
    show(&requests.iter().map(|request| request.shown(base)).collect(), &texts.join("\n"), parsed)
}

fn show(value: &Value, text: &str, parsed: &Parsed) -> Result<Exit, Failure> {
    let shown = match Format::of(&parsed.given)? {
        Format::Table | Format::Csv => text.to_owned(),
        Format::Yaml => Json::from(value).to_yaml(),
        Format::Json => Json::from(value).to_pretty(),
        Format::Jsonl => match Json::from(value) {
            Json::Array(items) => items.iter().map(|item| format!("{item}\n")).collect(),
            one => format!("{one}\n"),
        },
    };
    output::out(&shown).map(|()| Exit::Ok)
}

/// Sends a request and says on standard error what came, where that is wanted.
pub(crate) async fn sent(session: &Session, request: &Request, parsed: &Parsed) -> Result<Answer, Failure> {
    let verbose = parsed.given.has("verbose");
    if verbose {
        let shown = request.shown_as_text(session.client.base_url());
        shown.lines().for_each(|line| output::err(&format!("> {}\n", visible(line))));
    }
    let answer = session.send_exact(request).await.map_err(Failure::from);
    if verbose {
        match &answer {
            Ok(answer) => {
                let id = answer.request_id().map(|id| format!(", request {}", visible(id))).unwrap_or_default();
                output::err(&format!("< HTTP {} in {} ms{id}\n", answer.status(), answer.elapsed().as_millis()));
            }
            Err(failure) => output::err(&format!("< {} ({})\n", failure.kind, failure.status.unwrap_or_default())),
        }
    }
    let answer = answer?;
    let value = Json::parse(&answer).map_err(|error| match error {
        JsonError::Syntax => Failure::other("the response is JSON that this program does not read"),
        JsonError::TooDeep => Failure::other("the response is nested too deeply to be shown"),
    });
    Ok(Answer { value: value?, message: answer.message().map(str::to_owned) })
}

/// The answer to a call.
pub(crate) struct Answer {
    value: Json,
    /// What the API says in words.
    message: Option<String>,
}

/// Prints an answer.
pub(crate) fn print(answer: &Answer, parsed: &Parsed) -> Result<Exit, Failure> {
    let value = &answer.value;
    let table = Format::of(&parsed.given)? == Format::Table && parsed.given.get("jq").is_none();
    match &answer.message {
        // Some answers are a few words and nothing else.
        Some(message) if table && *value == Json::Null => {
            output::answer(&json!({ "message": message }), &parsed.given)?;
        }
        _ => output::response(value, &parsed.given)?,
    }
    Ok(Exit::Ok)
}
