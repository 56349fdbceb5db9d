//! What is deleted, saved before as far as it can be read back; and `undo`, which creates it anew where the API allows.
//!
//! No evidence names the members of what is read. They are matched with those of the create call by name; what does not
//! match, and what can never be read (passwords), has to be given by a person.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::arguments::Parsed;
use crate::body::members::Member;
use crate::body::{judge, read_file};
use crate::call;
use crate::commands::{ANSWERS, Builtin, CALLS, no_more};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::profiles::write;
use crate::request::{Request, path};
use crate::session::{self, Session, variable};
use crate::table::{COMMANDS, Command, Effect};

pub(crate) const UNDO: Builtin = Builtin {
    words: &["undo"],
    values: "[SAVED]",
    summary: "Create anew what a delete command deleted, where the API allows it; the newest where none is named",
    text: "Before a delete command sends its call it reads what is about to go and saves it (not in a fleet, and not with \
           --no-save). This makes the body of a new one from that, by the names of its members, and sends it. It is a new \
           thing with an id of its own. What cannot be read back (passwords) is told, and given with --from FILE. Orders \
           that cost money are never repeated, and nothing is created that is still there. --dry-run shows the request.",
    flags: &[],
    heeds: &[CALLS, ANSWERS, &["from", "dry-run", "verbose"]],
    hidden: false,
    run,
};

fn folder() -> Option<PathBuf> {
    let state = variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local").join("state")));
    let state = state.or_else(|| variable("LOCALAPPDATA").map(PathBuf::from));
    state.map(|state| state.join("swpanel").join("undo"))
}

/// The path of the collection that a thing is in: without its last parameter, or the path itself.
fn collection(command: &Command) -> String {
    let path = command.path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((start, last)) if last.starts_with('{') => format!("{start}/"),
        _ => command.path.to_owned(),
    }
}

/// The call that creates such a thing, where the API has one that costs nothing.
fn creating(deleted: &Command) -> Option<&'static Command> {
    Command::find("POST", &collection(deleted)).filter(|create| create.body.is_some())
}

/// Whether what it deletes may be created anew.
pub(crate) fn is_possible(command: &Command) -> bool {
    command.effect == Effect::Delete && creating(command).is_some_and(|create| create.effect != Effect::Billable)
}

/// Saves what a delete command is about to delete. That it cannot be saved is told and hinders nothing.
pub(crate) async fn save(
    session: &Session,
    command: &'static Command,
    parsed: &Parsed,
    request: &Request,
) -> Option<PathBuf> {
    if command.effect != Effect::Delete || parsed.given.has("no-save") {
        return None;
    }
    match read_back(session, command, parsed, request).await {
        Ok(saved) => {
            let text = format!("saved before deleting: {} (`swpanel undo` creates it anew)\n", saved.display());
            output::note(&parsed.given, &text);
            Some(saved)
        }
        Err(why) => {
            output::note(&parsed.given, &format!("not saved before deleting, so it cannot be undone: {why}\n"));
            None
        }
    }
}

/// Removes what was saved before a call that deleted nothing; where it may have taken effect, the file stays.
pub(crate) fn discard(saved: &Path, failure: &Failure) {
    if !failure.may_have_taken_effect {
        // Where it stays after all, `undo` finds that the thing is still there.
        let _ = std::fs::remove_file(saved);
    }
}

/// How a thing is read: by itself, or as the entry of a list that a key names.
struct Look {
    read: &'static Command,
    values: Vec<String>,
    key: Option<String>,
}

impl Look {
    fn of(command: &'static Command, values: &[String], request: &Request) -> Result<Self, String> {
        let bare = |path: &'static str| path.trim_end_matches('/');
        let same = |other: &&Command| other.method == "GET" && bare(other.path) == bare(command.path);
        let list = collection(command);
        let whole = COMMANDS.iter().find(same).filter(|one| bare(one.path) != list.trim_end_matches('/'));
        // `/services/{service}/delete/` is about what stands before its last word.
        let before = bare(command.path).rsplit_once('/').map_or("", |(before, _)| before);
        let about = |other: &&Command| other.method == "GET" && bare(other.path) == before;
        let whole = whole.or_else(|| COMMANDS.iter().find(about).filter(|_| before.ends_with('}')));
        if let Some(read) = whole {
            return Ok(Self { read, values: values.to_vec(), key: None });
        }
        let read = Command::find("GET", &list).ok_or_else(|| format!("the document has no GET {list}"))?;
        // What names it: its place in the path, else the first text of the body.
        let count = read.positionals().count();
        let in_body = || request.body.as_ref()?.as_object()?.values().find_map(Value::as_str).map(str::to_owned);
        let key = values.get(count).cloned().or_else(in_body).ok_or("nothing names it")?;
        Ok(Self { read, values: values.get(..count).unwrap_or_default().to_vec(), key: Some(key) })
    }

    /// The thing, where it is there.
    async fn at(&self, session: &Session) -> Result<Option<Value>, Failure> {
        let place = path(self.read, &self.values)?;
        let answer = session.send(&Request::raw(self.read.method, &place, Vec::new(), None)).await;
        let value = match answer.map_err(Failure::from) {
            Ok(answer) => answer.into_inner().into_value(),
            Err(failure) if failure.exit == Exit::NotFound => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let Some(key) = &self.key else {
            return Ok(match output::data(&value) {
                Value::Array(items) => items.first().cloned(),
                Value::Null => None,
                one => Some(one.clone()),
            });
        };
        let named = |item: &&Value| {
            item.as_object().is_some_and(|members| members.values().any(|value| text(value).as_ref() == Some(key)))
        };
        Ok(output::data(&value).as_array().and_then(|items| items.iter().find(named)).cloned())
    }

    fn to_json(&self) -> Value {
        json!({ "method": self.read.method, "path": self.read.path, "values": self.values, "key": self.key })
    }

    fn saved(saved: &Value) -> Option<Self> {
        let part = |name: &str| saved.get(name).and_then(Value::as_str);
        let values = saved.get("values")?.as_array()?.iter().filter_map(text).collect();
        let key = part("key").map(str::to_owned);
        Some(Self { read: Command::find(part("method")?, part("path")?)?, values, key })
    }
}

async fn read_back(
    session: &Session,
    command: &'static Command,
    parsed: &Parsed,
    request: &Request,
) -> Result<PathBuf, String> {
    let look = Look::of(command, &parsed.positionals, request)?;
    let found = look.at(session).await.map_err(|failure| failure.what.clone())?;
    let item = found.ok_or("the API does not show it")?;
    let saved = json!({
        "swpanel_undo": 1,
        "command": command.name(),
        "method": command.method,
        "path": command.path,
        "values": parsed.positionals,
        "base_url": session.client.base_url(),
        "look": look.to_json(),
        "read": item,
    });
    let folder = folder().ok_or("no place is known for it")?;
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let place = folder.join(format!("{:020}-{}.json", time.as_nanos(), std::process::id()));
    let bytes = serde_json::to_vec_pretty(&saved).unwrap_or_default();
    write(&place, &bytes).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(place)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn find(given: Option<&str>) -> Result<PathBuf, Failure> {
    if let Some(given) = given {
        return Ok(PathBuf::from(given));
    }
    let folder = folder().ok_or_else(|| Failure::usage("no place is known for what was saved; set HOME"))?;
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = entries.filter(|path| path.extension().is_some_and(|end| end == "json")).max();
    newest
        .ok_or_else(|| Failure::new(Exit::NotFound, "not-found", format!("nothing was saved in {}", folder.display())))
}

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 1)?;
    let place = find(parsed.positionals.first().map(String::as_str))?;
    let Anew { create, values, body, base, look } = anew(&place, parsed)?;
    let request = Request::raw(create.method, &path(create, &values)?, Vec::new(), Some(body.clone()));
    if parsed.given.has("dry-run") {
        return call::dry_run(&request, parsed);
    }
    if let Err(mut failure) = judge(create, &body) {
        failure.what = format!("it cannot be created anew from what was read alone: {}", failure.what);
        failure.hint = Some(format!(
            "give what is missing with `--from FILE` (passwords can never be read back); what was read is in {}",
            place.display()
        ));
        return Err(failure);
    }
    let session = Session::open(&parsed.given)?;
    if session.client.base_url() != base {
        return Err(Failure::usage(format!(
            "it was deleted at {base}, and now it would be created at {}",
            session.client.base_url()
        ))
        .hint("use the same profile and address"));
    }
    session.judge(&request)?;
    let answer = session::run(async {
        if let Some(look) = look
            && look.at(&session).await?.is_some()
        {
            let what = "nothing was created: what was to be deleted is still there, or there again";
            return Err(Failure::new(Exit::Invalid, "still-there", what).hint(format!(
                "look with `swpanel {}`; what was read before is in {}",
                look.read.name(),
                place.display()
            )));
        }
        call::sent(&session, &request, parsed).await
    })?;
    output::note(&parsed.given, &format!("created anew with `{}`; it may have another id\n", create.name()));
    // It is there again, so the next `undo` is for the one before.
    let _ = std::fs::rename(&place, place.with_extension("done"));
    call::print(&answer, parsed)
}

/// The create call of what was saved, with its values, body and address, and how to see whether it is there.
struct Anew {
    create: &'static Command,
    values: Vec<String>,
    body: Value,
    base: String,
    look: Option<Look>,
}

fn anew(place: &Path, parsed: &Parsed) -> Result<Anew, Failure> {
    let wrong = || Failure::usage(format!("{} was not saved by a delete command", place.display()));
    let saved = read_file(&place.display().to_string())?;
    if saved.get("swpanel_undo").and_then(Value::as_u64) != Some(1) {
        return Err(wrong());
    }
    let at = |name: &str| saved.get(name).and_then(Value::as_str).ok_or_else(wrong);
    let (method, template, name) = (at("method")?, at("path")?, at("command")?);
    let deleted = Command::find(method, template).ok_or_else(|| Failure::absent(method, template, "undo"))?;
    let impossible = |why: &str| {
        Failure::new(Exit::Other, "not-undoable", format!("`{name}` cannot be undone: {why}"))
            .hint(format!("what was read before is in {}", place.display()))
    };
    let create = creating(deleted).ok_or_else(|| impossible("the API has no call that creates such a thing"))?;
    if create.effect == Effect::Billable {
        return Err(impossible("creating it anew is an order that costs money"));
    }
    let values: Vec<String> =
        saved.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(text).collect();
    let values = values.get(..create.positionals().count()).ok_or_else(wrong)?.to_vec();
    let read = saved.get("read").ok_or_else(wrong)?;
    let mut body = Value::Object(Map::new());
    let flags = create.body.as_ref().map(|body| body.flags).unwrap_or_default();
    for flag in flags.iter().filter(|flag| !flag.path.contains('*') && !flag.sensitive) {
        let exact = flag.path.split('.').try_fold(read, |value, part| value.get(part));
        // A member that stands elsewhere is taken where its whole last name is there once, at the top.
        let last = flag.path.rsplit('.').next().unwrap_or(flag.path);
        if let Some(value) = exact.or_else(|| read.get(last)).filter(|value| !value.is_null()) {
            Member::put(&mut body, flag.path, value.clone())?;
        }
    }
    if let Some(place) = parsed.given.get("from") {
        merge(&mut body, read_file(place)?);
    }
    let look = saved.get("look").and_then(Look::saved);
    Ok(Anew { create, values, body, base: at("base_url")?.to_owned(), look })
}

/// Lays one value over another, member by member.
fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                merge(below.entry(name).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}
