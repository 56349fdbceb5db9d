//! `fleet`: one command for many services. A journal on disk says before and after each call what happened, so that a
//! kill at any time loses nothing and nothing that would take effect twice is sent twice.

#[cfg(test)]
mod fuzz;
mod items;
mod journal;
mod list;
mod mark;
mod placeholder;
mod question;
mod report;
mod table;
mod template;
mod work;

use std::path::PathBuf;

use serde_json::Value;

use crate::arguments::{Given, OwnFlag, Parsed, flag};
use crate::commands::{ANSWERS, Builtin, CALLS, no_more};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::outputs::Files;
use crate::request::Request;
use crate::session::{self, Session};
use items::{Item, items};
use journal::{Header, Journal, Record};
use report::Places;
use template::Template;

const CONCURRENCY: OwnFlag =
    flag("concurrency", ' ', Some("NUMBER"), "Calls under way at once; 8 where it is not given");
const OVERWRITE: OwnFlag = flag("overwrite", ' ', None, "Replace result files that are there and are not results");
const CANARY: OwnFlag = flag("canary", ' ', Some("NUMBER"), "Call so many first, and go on only if all of them worked");

pub(crate) const RUN: Builtin = Builtin {
    words: &["fleet", "run"],
    values: "--services FILE|--select FILTER -- COMMAND...",
    summary: "Run one command for many services",
    text: "The command follows `--`. Each item is put in as its first value, or where `{service}` or another `{column}` \
           stands. The command is parsed before items are filled in: a value that begins with `-`, `@` or `{` is sent as it \
           is. FILTER is a jq expression over the list of services that yields ids or objects.\n\n\
           FILE is a list with one service a line (`#` begins a comment), CSV, a JSON array, or JSON lines. In CSV the \
           first line names the columns, with `,`, `;` or tabs between them as a spreadsheet writes it, and there are no \
           comments: `#` is data. White space around a cell is removed. UTF-8 and UTF-16 with a byte order mark are read, \
           anything else as Windows-1252, which is reported. Rows with another number of cells, empty rows, doubled rows \
           and doubled columns are refused.\n\n\
           All calls are judged before the first is sent. A fleet that changes anything asks once, with the number of \
           items and the first of them; --yes confirms beforehand. What happens is written to a journal before and after \
           each call; Ctrl-C lets the calls under way end. \
           `fleet resume` goes on where a run stopped. Calls that are harmless to repeat (reads, PUT, DELETE) are \
           repeated until their outcome is known; any other call is never sent twice: an unknown outcome is listed, and \
           repeated only with --retry-unknown. Exit code 8: some items failed or are unknown.",
    flags: &[
        flag("services", ' ', Some("FILE|-"), "The items"),
        flag("select", ' ', Some("FILTER"), "The items from the list of services, as in '.result[].id'"),
        CONCURRENCY,
        CANARY,
        flag(
            "idempotent",
            ' ',
            None,
            "You know that repeating this command is harmless, so unknown outcomes are repeated",
        ),
        flag("journal", ' ', Some("FILE"), "Where the journal is written; a new file"),
        flag(
            "results",
            ' ',
            Some("PREFIX"),
            "Where PREFIX.csv (safe for spreadsheets) and PREFIX.jsonl (exact, with the answers) are written; beside the \
             journal as JOURNAL.results.csv and JOURNAL.results.jsonl where it is not given",
        ),
        OVERWRITE,
    ],
    heeds: &[CALLS, ANSWERS, &["dry-run"]],
    hidden: false,
    run,
};

pub(crate) const RESUME: Builtin = Builtin {
    words: &["fleet", "resume"],
    values: "[JOURNAL]",
    summary: "Go on with a run that stopped; the newest where none is named",
    text: "Items that are done, or that the API refused, are left alone. Items that were not sent are sent. Items whose \
           outcome is unknown are sent again only where that is harmless, or with --retry-unknown. It goes on with the \
           account it began with: another name is refused, and another token under the same name is asked about (--yes \
           says so beforehand). It asks as `fleet run` does before it changes anything, with the number of items that are left.",
    flags: &[
        flag("retry-unknown", ' ', None, "Send also what may have taken effect already"),
        flag("retry-failed", ' ', None, "Send also what the API refused"),
        CONCURRENCY,
        OVERWRITE,
    ],
    heeds: &[CALLS, ANSWERS, &["dry-run"]],
    hidden: false,
    run: resume,
};

pub(crate) const STATUS: Builtin = Builtin {
    words: &["fleet", "status"],
    values: "[JOURNAL]",
    summary: "Say how a run stands, from its journal; nothing is sent",
    text: "With `-o jsonl` or `-o csv` the items, otherwise the counts.",
    flags: &[],
    heeds: &[ANSWERS],
    hidden: false,
    run: status,
};

/// The journals of runs that named no place for theirs.
pub(crate) fn journals() -> Vec<String> {
    journal::known().iter().filter_map(|path| path.to_str().map(str::to_owned)).collect()
}

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 0)?;
    if parsed.rest.is_empty() {
        return Err(Failure::usage("the command is missing")
            .hint("as in `swpanel fleet run --services FILE -- dns ttl set example.es --value 3600`"));
    }
    let template = Template::of(&parsed.rest)?;
    let created = journal::now();
    let dry_run = parsed.given.has("dry-run");
    let place = match journal::place(parsed.given.get("journal"), created) {
        Ok(place) => Some(place),
        Err(_) if dry_run => None,
        Err(failure) => return Err(failure),
    };
    let prefix = parsed.given.get("results").map(absolute);
    let places = place.as_ref().map(|journal| Places::of(prefix.as_deref(), journal));
    let used = |template_files: Vec<(String, PathBuf)>| {
        let mut files = Files::default();
        if let Some(services) = parsed.given.get("services") {
            files = files.reads("the file of `--services`", services);
        }
        for (name, path) in template_files {
            files = files.reads(name, &path.to_string_lossy());
        }
        if let (Some(journal), Some(places)) = (&place, &places) {
            files = places.add_to(files.writes("the journal", journal));
        }
        files.check()
    };
    used(template.fixed_files())?;
    if let Some(places) = &places {
        places.refuse_foreign(parsed.given.has("overwrite"))?;
    }
    if let Some(journal) = place.as_ref().filter(|journal| journal.symlink_metadata().is_ok()) {
        let shown = journal.display();
        return Err(Failure::usage(format!("the journal {shown} exists; nothing was sent"))
            .hint(format!("`swpanel fleet resume {shown}` goes on with its run; a new run needs another name")));
    }
    let items = items(parsed)?;
    if items.is_empty() {
        return Err(Failure::usage("there are no items, so there is nothing to do"));
    }
    let requests = template.requests(&items)?;
    used(template.files_of(&items)?)?;
    if dry_run {
        return show(&parsed.given, &requests.iter().collect::<Vec<_>>());
    }
    let (Some(place), Some(places)) = (place, places) else {
        return Err(Failure::usage("no place is known for journals; set HOME or give `--journal`"));
    };
    let canary = parsed.given.number::<usize>("canary")?;
    let client = work::client(&parsed.given)?;
    Session { client: client.clone() }.judge_all(requests.iter())?;
    places.try_out()?;
    question::ask(parsed, &template, &parsed.rest, &items.iter().collect::<Vec<_>>(), None)?;
    let header = Header {
        command: parsed.rest.clone(),
        profile: parsed.given.get("profile").map(str::to_owned).or_else(lone_profile),
        account: session::profile_name(&parsed.given),
        token: session::credential(&parsed.given).map(|(_, credential)| mark::fresh(&credential)),
        base_url: client.base_url().to_owned(),
        document: swpanel::DOCUMENT.sha256.to_owned(),
        idempotent: template.command.is_idempotent() || parsed.given.has("idempotent"),
        results: prefix,
        created,
        items,
    };
    let journal = Journal::create(&place, &header)?;
    output::note(&parsed.given, &format!("journal: {}\n", place.display()));
    let records = vec![Record::default(); header.items.len()];
    finish(parsed, header, place, places, journal, records, requests, client, canary, Again::default())
}

/// A path that means the same from any folder: a run may be resumed from another one.
fn absolute(path: &str) -> String {
    let absolute = std::path::absolute(path).ok().and_then(|path| path.to_str().map(str::to_owned));
    absolute.unwrap_or_else(|| path.to_owned())
}

/// The profile that the environment names, where its token is that of the profile.
fn lone_profile() -> Option<String> {
    session::variable("SWPANEL_PROFILE").filter(|_| session::variable("SWPANEL_TOKEN").is_none())
}

/// Prints calls, unless one of them would be refused, and sends none.
fn show(given: &Given, requests: &[&Request]) -> Result<Exit, Failure> {
    let session = Session::judging(given)?;
    session.judge_all(requests.iter().copied())?;
    let base = session.client.base_url();
    let shown: Vec<Value> = requests.iter().map(|request| request.shown(base)).collect();
    output::note(given, &format!("nothing was sent (--dry-run); {} calls\n", shown.len()));
    output::answer(&Value::Array(shown), given).map(|()| Exit::Ok)
}

/// What else than unsent items is sent again.
#[derive(Clone, Copy, Debug, Default)]
struct Again {
    unknown: bool,
    failed: bool,
}

fn resume(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 1)?;
    let path = journal::find(parsed.positionals.first().map(String::as_str))?;
    let dry_run = parsed.given.has("dry-run");
    let (journal, header, records) = if dry_run {
        let (header, records) = journal::read(&path)?;
        (None, header, records)
    } else {
        let (journal, header, records) = Journal::open(&path)?;
        (Some(journal), header, records)
    };
    output::note(&parsed.given, &format!("journal: {}\n", path.display()));
    let mut given = parsed.given.clone();
    if let Some(profile) = header.profile.as_deref().filter(|_| !given.has("profile")) {
        given.put("profile", profile);
    }
    let account = session::profile_name(&given);
    if account != header.account {
        let what = format!("the run began with the account {}, and now it would go on with {account}", header.account);
        return Err(Failure::usage(what).hint("set --profile, SWPANEL_PROFILE and SWPANEL_TOKEN as they were then"));
    }
    let template = Template::of(&header.command)?;
    let requests = template.requests(&header.items)?;
    if header.document != swpanel::DOCUMENT.sha256 {
        output::note(
            &parsed.given,
            "this program has another document than the one the run began with; the calls were judged anew\n",
        );
    }
    let again = Again { unknown: parsed.given.has("retry-unknown"), failed: parsed.given.has("retry-failed") };
    let wanted = work::wanted(&records, header.idempotent, again);
    let credential = session::credential(&given).map(|(_, credential)| credential);
    let other = credential.as_ref().filter(|now| {
        let known = header.token.as_deref().is_none_or(|token| mark::is_of(token, now));
        !known && !wanted.is_empty()
    });
    // Where nobody is asked, it is told.
    if other.is_some() && (dry_run || given.has("yes")) {
        output::note(&parsed.given, &format!("{}\n", another(&account)));
    }
    let left: Vec<&Request> = wanted.iter().filter_map(|number| requests.get(*number)).collect();
    let places = Places::of(header.results.as_deref(), &path);
    let mut files = places.add_to(Files::default()).reads("the journal", &path.to_string_lossy());
    for (name, path) in template.fixed_files().into_iter().chain(template.files_of(&header.items)?) {
        files = files.reads(name, &path.to_string_lossy());
    }
    files.check()?;
    places.refuse_foreign(parsed.given.has("overwrite"))?;
    let Some(journal) = journal else { return show(&given, &left) };
    let client = work::client(&given)?;
    if client.base_url() != header.base_url {
        return Err(Failure::usage(format!(
            "the run went to {}, and now it would go to {}",
            header.base_url,
            client.base_url()
        ))
        .hint("use the same profile and address"));
    }
    Session { client: client.clone() }.judge_all(left.into_iter())?;
    places.try_out()?;
    let items: Vec<&Item> = wanted.iter().filter_map(|number| header.items.get(*number)).collect();
    let warning = other.as_ref().map(|_| {
        let another = another(&account);
        format!("{another}: after it was renewed this is right, but with the token of another account it is done there")
    });
    question::ask(&Parsed { given, ..parsed.clone() }, &template, &header.command, &items, warning.as_deref())?;
    if let Some(agreed) = other.map(mark::fresh) {
        let noted = session::runtime()?.block_on(journal.put(journal::agreed(&agreed)));
        noted.map_err(|error| Failure::other(format!("the journal cannot be written: {error}; nothing was sent")))?;
    }
    finish(parsed, header, path, places, journal, records, requests, client, None, again)
}

fn another(account: &str) -> String {
    format!("the token of {account} is not the one that the run began with")
}

#[allow(clippy::too_many_arguments, reason = "the two ways in share the whole way out")]
fn finish(
    parsed: &Parsed,
    header: Header,
    path: PathBuf,
    places: Places,
    journal: Journal,
    records: Vec<Record>,
    requests: Vec<Request>,
    client: swpanel::Client,
    canary: Option<usize>,
    again: Again,
) -> Result<Exit, Failure> {
    let concurrency = parsed.given.number::<usize>("concurrency")?.unwrap_or(8).clamp(1, 256);
    let plan = work::Plan {
        requests,
        idempotent: header.idempotent,
        concurrency,
        canary,
        again,
        quiet: output::is_still(&parsed.given),
    };
    let (records, ended) = session::runtime()?.block_on(work::work(plan, client, journal, records))?;
    let written = report::write_results(&header, &places, &records)?;
    report::summary(parsed, &header, &path, &records, &written)?;
    match ended {
        work::Ended::Stopped(failure) => Err(failure),
        work::Ended::Interrupted => Err(Failure::new(Exit::Interrupted, "interrupted", "interrupted")
            .hint(format!("`swpanel fleet resume {}` goes on", path.display()))),
        work::Ended::Whole if records.iter().all(Record::is_done) => Ok(Exit::Ok),
        work::Ended::Whole => Err(report::troubles(&header, &path, &records)),
    }
}

fn status(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 1)?;
    let path = journal::find(parsed.positionals.first().map(String::as_str))?;
    let (header, records) = journal::read(&path)?;
    report::status(parsed, &header, &path, &records)?;
    Ok(if records.iter().all(Record::is_done) { Exit::Ok } else { Exit::Partial })
}
