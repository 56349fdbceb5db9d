//! What happened to each item, on disk: a head that says what is to be done, then a line before and a line after each
//! call. Lines are on the disk before the program goes on; many calls share one fsync.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::items::Item;
use crate::failure::Failure;
use crate::files;

/// What is to be done.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) command: Vec<String>,
    /// The profile that was named for it, where one was.
    pub(super) profile: Option<String>,
    /// Whose token it is, by name; a run never goes on with another one.
    pub(super) account: String,
    /// By what the token is known again; see [`mark`](super::mark).
    pub(super) token: Option<String>,
    pub(super) base_url: String,
    pub(super) document: String,
    pub(super) idempotent: bool,
    pub(super) results: Option<String>,
    pub(super) created: u64,
    pub(super) items: Vec<Item>,
}

/// How an item stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// It was not sent, or turned away unread: sending it is harmless.
    #[default]
    Unsent,
    /// It was sent, and nothing is known of what became of it.
    Unknown,
    /// The API refused it.
    Failed,
    Done,
}

impl State {
    const ALL: [(&'static str, Self); 4] =
        [("unsent", Self::Unsent), ("unknown", Self::Unknown), ("failed", Self::Failed), ("done", Self::Done)];

    pub(super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, state)| *state == self).map(|(word, _)| *word).unwrap_or_default()
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, state)| *state)
    }
}

/// A line that says that another token was agreed to.
pub(super) fn agreed(token: &str) -> String {
    json!({ "token": token }).to_string()
}

/// What is known of an item.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) state: State,
    /// How often it was begun.
    pub(super) begun: u32,
    pub(super) status: Option<u16>,
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) milliseconds: Option<u64>,
    /// What the API answered, where it did the thing.
    pub(super) answer: Option<Value>,
}

impl Record {
    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// A line that says that a call is about to be sent.
    pub(super) fn begin(number: usize) -> String {
        json!({ "item": number, "state": "begun" }).to_string()
    }

    /// A line that says what became of it.
    pub(super) fn line(&self, number: usize) -> String {
        json!({
            "item": number,
            "state": self.state.word(),
            "status": self.status,
            "kind": self.kind,
            "code": self.code,
            "message": self.message,
            "ms": self.milliseconds,
            "answer": self.answer,
        })
        .to_string()
    }

    fn take(&mut self, line: &Value) {
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        let state = line.get("state").and_then(Value::as_str).unwrap_or_default();
        if state == "begun" {
            // Until the next line says otherwise.
            *self = Self { state: State::Unknown, begun: self.begun + 1, ..Self::default() };
            self.message = Some("the run ended before an answer was noted".to_owned());
        } else if let Some(state) = State::of(state) {
            self.state = state;
            self.status = line.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
            self.answer = line.get("answer").filter(|answer| !answer.is_null()).cloned();
            self.milliseconds = line.get("ms").and_then(Value::as_u64);
            (self.kind, self.code, self.message) = (text("kind"), text("code"), text("message"));
        }
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|time| time.as_secs()).unwrap_or_default()
}

fn folder() -> Result<PathBuf, Failure> {
    let none = || Failure::usage("no place is known for journals; set HOME or give `--journal`");
    files::state_folder("fleet").ok_or_else(none)
}

/// The journals that are there.
pub(super) fn known() -> Vec<PathBuf> {
    let entries = folder().ok().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "journal")).collect()
}

/// Where the journal of a new run is written.
pub(super) fn place(given: Option<&str>, created: u64) -> Result<PathBuf, Failure> {
    match given {
        Some(given) => Ok(PathBuf::from(given)),
        None => Ok(folder()?.join(format!("{created}-{}.journal", std::process::id()))),
    }
}

/// The journal of that name, else the newest one.
pub(super) fn find(given: Option<&str>) -> Result<PathBuf, Failure> {
    if let Some(given) = given {
        return Ok(PathBuf::from(given));
    }
    let folder = folder()?;
    let newest = known().into_iter().max_by_key(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok());
    newest.ok_or_else(|| {
        Failure::usage(format!("there is no journal in {}", folder.display())).hint("name one, as `fleet run` told it")
    })
}

/// A line to be written, and whom to tell when it is on the disk.
type Line = (String, oneshot::Sender<std::io::Result<()>>);

/// A journal that is written.
pub(super) struct Journal {
    sender: mpsc::Sender<Line>,
}

impl Journal {
    /// A new one, its head on the disk.
    pub(super) fn create(path: &Path, header: &Header) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::other(format!("the journal {} cannot be written: {error}; nothing was sent", path.display()))
        };
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            files::make_folder(parent).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        lock(&file, path)?;
        let head = json!({
            "swpanel_fleet": 1,
            "command": header.command,
            "profile": header.profile,
            "account": header.account,
            "token": header.token,
            "base_url": header.base_url,
            "document": header.document,
            "idempotent": header.idempotent,
            "results": header.results,
            "created": header.created,
            "items": header.items,
        });
        file.write_all(format!("{head}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        if let Some(folder) = path.parent() {
            files::sync_folder(folder);
        }
        Ok(Self::writing(file))
    }

    /// One that is there; what a kill left half written at its end is cut off.
    pub(super) fn open(path: &Path) -> Result<(Self, Header, Vec<Record>), Failure> {
        let failed =
            |error: std::io::Error| Failure::usage(format!("the journal {} cannot be opened: {error}", path.display()));
        files::regular(&std::fs::metadata(path).map_err(failed)?).map_err(|why| failed(std::io::Error::other(why)))?;
        let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = whole_lines(&bytes);
        let (header, records) = understand(whole, path)?;
        if whole.len() < bytes.len() {
            file.set_len(whole.len() as u64).map_err(failed)?;
            file.seek(SeekFrom::End(0)).map_err(failed)?;
        }
        Ok((Self::writing(file), header, records))
    }

    fn writing(mut file: File) -> Self {
        let (sender, receiver) = mpsc::channel::<Line>();
        std::thread::spawn(move || {
            while let Ok(first) = receiver.recv() {
                let mut lines = vec![first];
                lines.extend(receiver.try_iter());
                let text: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
                let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
                for (_, waiting) in lines {
                    let told = written.as_ref().map(|_| ()).map_err(|error| std::io::Error::from(error.kind()));
                    // Whoever is gone need not be told.
                    let _ = waiting.send(told);
                }
            }
        });
        Self { sender }
    }

    /// Writes a line and comes back when it is on the disk.
    pub(super) fn put(&self, line: String) -> impl Future<Output = std::io::Result<()>> + Send + use<> {
        let (told, waiting) = oneshot::channel();
        let sent = self.sender.send((line, told));
        async move {
            let gone = || std::io::Error::other("the journal is closed");
            sent.map_err(|_| gone())?;
            waiting.await.map_err(|_| gone())?
        }
    }
}

/// Two runs on one journal would send the same calls twice.
fn lock(file: &File, path: &Path) -> Result<(), Failure> {
    match fs4::FileExt::try_lock(file) {
        Ok(()) => Ok(()),
        Err(fs4::TryLockError::WouldBlock) => {
            Err(Failure::usage(format!("another run is working on the journal {}", path.display())))
        }
        Err(fs4::TryLockError::Error(error)) => {
            Err(Failure::other(format!("the journal {} cannot be locked: {error}", path.display())))
        }
    }
}

/// What a journal says; nothing is changed.
pub(super) fn read(path: &Path) -> Result<(Header, Vec<Record>), Failure> {
    let failed = |why: String| Failure::usage(format!("the journal {} cannot be read: {why}", path.display()));
    files::regular(&std::fs::metadata(path).map_err(|error| failed(error.to_string()))?).map_err(failed)?;
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    understand(whole_lines(&bytes), path)
}

/// The lines that were written whole. A kill may have cut the last one anywhere, also within a letter.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

fn understand(bytes: &[u8], path: &Path) -> Result<(Header, Vec<Record>), Failure> {
    let wrong = |what: &str| Failure::usage(format!("{} is no journal of `fleet run`: {what}", path.display()));
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8"))?;
    let mut lines = text.lines();
    let head = lines.next().ok_or_else(|| wrong("it has no whole line, so nothing was sent"))?;
    let head: Value = serde_json::from_str(head).map_err(|_| wrong("its first line is no JSON"))?;
    if head.get("swpanel_fleet").and_then(Value::as_u64) != Some(1) {
        return Err(wrong("its first line does not say so"));
    }
    let text_at = |name: &str| head.get(name).and_then(Value::as_str).map(str::to_owned);
    let words = head.get("command").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let items = head.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let item = |value: &Value| {
        let members = value.as_object().into_iter().flatten();
        members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect::<Item>()
    };
    let mut header = Header {
        command: words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        profile: text_at("profile"),
        account: text_at("account").unwrap_or_default(),
        token: text_at("token"),
        base_url: text_at("base_url").unwrap_or_default(),
        document: text_at("document").unwrap_or_default(),
        idempotent: head.get("idempotent").and_then(Value::as_bool).unwrap_or(false),
        results: text_at("results"),
        created: head.get("created").and_then(Value::as_u64).unwrap_or_default(),
        items: items.iter().map(item).collect(),
    };
    if header.command.is_empty() || header.items.is_empty() || header.account.is_empty() {
        return Err(wrong("its first line does not say what is to be done, for whom and with whose token"));
    }
    let mut records = vec![Record::default(); header.items.len()];
    for line in lines {
        // A line that is not understood says nothing; guessing could send something twice.
        let line: Value = serde_json::from_str(line).map_err(|_| wrong("a line in it is no JSON"))?;
        if let Some(token) = line.get("token").and_then(Value::as_str) {
            header.token = Some(token.to_owned());
            continue;
        }
        let number = line.get("item").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        let record = number.and_then(|number| records.get_mut(number)).ok_or_else(|| wrong("a line names no item"))?;
        record.take(&line);
    }
    Ok((header, records))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(count: usize) -> Header {
        let item = |number: usize| Item::from([("service".to_owned(), format!("XX{number}\u{f1}"))]);
        Header {
            command: vec!["dns".to_owned(), "list".to_owned()],
            profile: None,
            account: "test".to_owned(),
            token: None,
            base_url: "http://127.0.0.1:1".to_owned(),
            document: String::new(),
            idempotent: false,
            results: None,
            created: 0,
            items: (0..count).map(item).collect(),
        }
    }

    #[test]
    fn a_kill_at_any_byte_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.journal");
        let runtime = crate::session::runtime().unwrap();
        let journal = Journal::create(&path, &header(2)).unwrap();
        let message = Some("a\u{f1}adido \u{1f600}".to_owned());
        let done = Record { state: State::Done, status: Some(200), message, ..Record::default() };
        runtime.block_on(async {
            journal.put(Record::begin(0)).await.unwrap();
            journal.put(done.line(0)).await.unwrap();
            journal.put(Record::begin(1)).await.unwrap();
        });
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> =
            whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        for cut in ends[0]..=whole.len() {
            let place = folder.path().join(format!("{cut}.journal"));
            std::fs::write(&place, &whole[..cut]).unwrap();
            let (journal, _, records) = Journal::open(&place).unwrap();
            // A line that is whole counts, and what was begun is unknown until an answer is noted.
            let first = if cut >= ends[2] {
                State::Done
            } else if cut >= ends[1] {
                State::Unknown
            } else {
                State::Unsent
            };
            let second = if cut >= ends[3] { State::Unknown } else { State::Unsent };
            assert_eq!((records[0].state, records[1].state), (first, second), "cut at {cut}");
            // What is written next does not run into what was cut off.
            runtime.block_on(journal.put(done.line(1))).unwrap();
            assert_eq!(read(&place).unwrap().1[1].state, State::Done, "cut at {cut}");
        }
        for cut in 0..ends[0] {
            let place = folder.path().join(format!("{cut}.journal"));
            std::fs::write(&place, &whole[..cut]).unwrap();
            assert!(Journal::open(&place).is_err());
        }
    }

    #[test]
    fn two_runs_on_one_journal_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.journal");
        let held = Journal::create(&path, &header(1)).unwrap();
        assert!(Journal::open(&path).err().unwrap().what.contains("another run"));
        assert!(Journal::create(&path, &header(1)).is_err(), "an old journal is not overwritten");
        drop(held);
    }
}
