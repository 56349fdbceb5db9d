//! `api METHOD PATH`: any call, under the same guard as all others.

use super::{ANSWERS, Builtin, CALLS, no_more, value};
use crate::arguments::{Parsed, flag};
use crate::body::read_file;
use crate::call;
use crate::confirm::{confirm, confirm_unknown};
use crate::failure::{Exit, Failure};
use crate::request::Request;
use crate::session::{self, Session};
use crate::table::Command;

pub(crate) const API: Builtin = Builtin {
    words: &["api"],
    values: "METHOD PATH",
    summary: "Call any method and path of the API",
    text: "For what the document does not have, or has otherwise. The path is appended to the address of the API as it \
           is, so its values must be percent-encoded. A body comes from --from FILE or - and is sent as it is. What \
           destroys something or costs money asks first. So does a call that the document does not have, unless it is \
           a GET whose path names no action, such as `reboot`.",
    flags: &[flag("query", ' ', Some("NAME=VALUE"), "A parameter of the query; may be given several times")],
    heeds: &[CALLS, ANSWERS, &["from", "dry-run", "verbose"]],
    hidden: false,
    run,
};

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    let method = value(parsed, 0, "METHOD")?.to_uppercase();
    let whole = value(parsed, 1, "PATH")?;
    no_more(parsed, 2)?;
    let (path, asked) = whole.split_once('?').unwrap_or((whole, ""));
    let pairs = asked.split('&').filter(|pair| !pair.is_empty()).chain(parsed.given.all("query"));
    let mut query = Vec::new();
    for pair in pairs {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| Failure::usage(format!("`--query` takes NAME=VALUE, not `{pair}`")))?;
        query.push((name.to_owned(), value.to_owned()));
    }
    let body = parsed.given.get("from").map(read_file).transpose()?;
    let request = Request::raw(&method, path, query, body);
    if parsed.given.has("dry-run") {
        return call::dry_run(&request, parsed);
    }
    let session = Session::open(&parsed.given)?;
    session.judge(&request)?;
    let known = swpanel::Operation::serving(&method, path).and_then(|of| Command::published(of.method, of.path));
    match known {
        // The values stand in the path, and the path is shown.
        Some(command) if command.asks() => {
            let shown = Parsed { positionals: values(command.path, path), ..parsed.clone() };
            confirm(command, &shown, None)?;
        }
        Some(_) => {}
        None if swpanel::Operation::reads_by_its_words(&method, path) => {}
        None => confirm_unknown(parsed, &method, path)?,
    }
    let answer = session::run(call::sent(&session, &request, parsed))?;
    call::print(&answer, parsed)
}

/// The values of a path's parameters, in its order.
fn values(template: &str, path: &str) -> Vec<String> {
    let pairs = template.split('/').zip(path.split('/'));
    pairs.filter(|(part, _)| part.starts_with('{')).map(|(_, value)| value.to_owned()).collect()
}
