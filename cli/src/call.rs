//! A command of the document: judged, asked about, sent, printed.

use serde_json::{Value, json};
use swpanel::{Json, Response};

use crate::arguments::Parsed;
use crate::body::{skeleton, skeleton_json};
use crate::confirm::confirm;
use crate::failure::{Exit, Failure};
use crate::output::{self, Format};
use crate::request::Request;
use crate::session::{self, Session};
use crate::table::Command;
use crate::undo;
use crate::wait::Wait;

pub(crate) fn run(command: &'static Command, parsed: &Parsed) -> Result<Exit, Failure> {
    let format = Format::of(&parsed.given)?;
    if parsed.given.has("skeleton") {
        let text = match format {
            Format::Json | Format::Jsonl => {
                serde_json::to_string_pretty(&skeleton_json(command, parsed)?).unwrap_or_default() + "\n"
            }
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
    confirm(command, parsed, None)?;
    let answer = session::run(async {
        let saved = undo::save(&session, command, parsed, &request).await;
        let answer = sent(&session, &request, parsed).await;
        if let (Some(saved), Err(failure)) = (&saved, &answer) {
            undo::discard(saved, failure);
        }
        answer
    })?;
    let exit = print(&answer, parsed)?;
    match wait {
        Some(wait) => session::run(wait.through(&session)).map(|()| exit),
        None => Ok(exit),
    }
}

/// Prints the request and sends nothing.
pub(crate) fn dry_run(request: &Request, parsed: &Parsed) -> Result<Exit, Failure> {
    let base = session::base_url(&parsed.given)?;
    let text = match Format::of(&parsed.given)? {
        Format::Table | Format::Csv => request.shown_as_text(&base),
        Format::Yaml => yaml_serde::to_string(&request.shown(&base)).unwrap_or_default(),
        Format::Json => serde_json::to_string_pretty(&request.shown(&base)).unwrap_or_default() + "\n",
        Format::Jsonl => format!("{}\n", request.shown(&base)),
    };
    output::note(&parsed.given, "nothing was sent (--dry-run)\n");
    output::out(&text).map(|()| Exit::Ok)
}

/// Sends a request and says on standard error what came, where that is wanted.
pub(crate) async fn sent(session: &Session, request: &Request, parsed: &Parsed) -> Result<Response<Json>, Failure> {
    let verbose = parsed.given.has("verbose");
    if verbose {
        let shown = request.shown_as_text(session.client.base_url());
        shown.lines().for_each(|line| output::err(&format!("> {line}\n")));
    }
    let answer = session.send(request).await.map_err(Failure::from);
    if verbose {
        match &answer {
            Ok(answer) => {
                let id = answer.request_id().map(|id| format!(", request {id}")).unwrap_or_default();
                output::err(&format!("< HTTP {} in {} ms{id}\n", answer.status(), answer.elapsed().as_millis()));
            }
            Err(failure) => output::err(&format!("< {} ({})\n", failure.kind, failure.status.unwrap_or_default())),
        }
    }
    answer
}

/// Prints an answer.
pub(crate) fn print(answer: &Response<Json>, parsed: &Parsed) -> Result<Exit, Failure> {
    let value: &Value = answer;
    let table = Format::of(&parsed.given)? == Format::Table && parsed.given.get("jq").is_none();
    match answer.message() {
        // Some answers are a few words and nothing else.
        Some(message) if table && value.is_null() => output::answer(&json!({ "message": message }), &parsed.given)?,
        _ => output::answer(value, &parsed.given)?,
    }
    Ok(Exit::Ok)
}
