//! Saved things: a file each in the state folder, readable by their owner only.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::read::{ReadBack, text};
use super::{creating, obstacle};
use crate::body::read_file;
use crate::failure::{Exit, Failure};
use crate::session::variable;
use crate::table::Command;

/// A saved thing.
pub(super) struct Entry {
    pub(super) place: PathBuf,
    pub(super) saved: Value,
}

/// What an entry needs to be undone.
pub(super) struct Undoable {
    pub(super) create: &'static Command,
    pub(super) deleted: &'static Command,
    pub(super) values: Vec<String>,
    pub(super) read: Value,
    pub(super) look: Option<ReadBack>,
}

/// Where entries are stored.
pub(super) fn folder() -> Option<PathBuf> {
    let state = variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local").join("state")));
    let state = state.or_else(|| variable("LOCALAPPDATA").map(PathBuf::from));
    state.map(|state| state.join("swpanel").join("undo"))
}

/// A new place, named by the time: `20261128-093000-123456`.
pub(super) fn new_place() -> Option<PathBuf> {
    let folder = folder()?;
    let mut time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    loop {
        let (date, clock) = utc(time.as_secs());
        let id = format!("{}-{}-{:06}", date.replace('-', ""), clock.replace(':', ""), time.subsec_micros());
        let place = folder.join(format!("{id}.json"));
        if !place.exists() && !place.with_extension("done").exists() {
            return Some(place);
        }
        time += Duration::from_micros(1);
    }
}

/// All entries that were not undone yet, the newest first, and the files that are not entries.
pub(super) fn all() -> Result<(Vec<Entry>, Vec<PathBuf>), Failure> {
    let folder = folder().ok_or_else(|| Failure::usage("no folder is known for what was saved; set HOME"))?;
    let files = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "json") && path.is_file()).collect();
    files.sort_by_key(|path| std::cmp::Reverse(written(path)));
    let (mut entries, mut others) = (Vec::new(), Vec::new());
    for place in files {
        match Entry::read(place.clone()) {
            Ok(entry) => entries.push(entry),
            Err(_) => others.push(place),
        }
    }
    Ok((entries, others))
}

/// The nanoseconds since 1970 that a name says: older versions named entries by them.
fn written(place: &Path) -> u128 {
    let id = place.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let parts: Vec<&str> = id.split('-').collect();
    match parts.as_slice() {
        [date, clock, micros] => {
            let seconds = seconds_of(date, clock).unwrap_or_default();
            u128::from(seconds) * 1_000_000_000 + micros.parse::<u128>().unwrap_or_default() * 1000
        }
        [nanoseconds, _] => nanoseconds.parse().unwrap_or_default(),
        _ => 0,
    }
}

impl Entry {
    pub(super) fn read(place: PathBuf) -> Result<Self, Failure> {
        let saved = read_file(&place.display().to_string())?;
        let entry = Self { place, saved };
        let whole = entry.saved.get("swpanel_undo").and_then(Value::as_u64) == Some(1)
            && ["method", "path", "command", "base_url"].iter().all(|name| entry.word(name).is_some());
        if whole { Ok(entry) } else { Err(entry.wrong()) }
    }

    pub(super) fn wrong(&self) -> Failure {
        Failure::usage(format!("{} was not saved by a delete command", self.place.display()))
            .hint("`swpanel undo --list` lists what was saved")
    }

    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.saved.get(name).and_then(Value::as_str)
    }

    pub(super) fn id(&self) -> String {
        self.place.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// When it was saved, as `2026-11-28 09:30:00Z`.
    pub(super) fn when(&self) -> String {
        let seconds = u64::try_from(written(&self.place) / 1_000_000_000).unwrap_or_default();
        let (date, clock) = utc(seconds);
        format!("{date} {clock}Z")
    }

    /// What was deleted, as it was typed.
    pub(super) fn what(&self) -> String {
        let values = self.values();
        let key = self.saved.pointer("/look/key").and_then(Value::as_str);
        let key = key.filter(|key| !values.iter().any(|value| value == key));
        let words = self.word("command").into_iter().map(str::to_owned).chain(values.clone());
        words.chain(key.map(str::to_owned)).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn values(&self) -> Vec<String> {
        self.saved.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(text).collect()
    }

    /// What undoing it needs, or why it cannot be undone.
    pub(super) fn undoable(&self, base: &str, profile: &str) -> Result<Undoable, Failure> {
        let impossible = |why: &str| {
            Failure::new(Exit::Other, "not-undoable", format!("`{}` cannot be undone: {why}", self.what())).hint(
                format!("what was read before is in {}; `swpanel undo --list` lists all entries", self.place.display()),
            )
        };
        let deleted = Command::find(self.word("method").unwrap_or_default(), self.word("path").unwrap_or_default());
        let deleted = deleted.ok_or_else(|| impossible("the API's document does not have this operation any more"))?;
        if let Some(why) = obstacle(deleted) {
            return Err(impossible(why));
        }
        let create =
            creating(deleted).ok_or_else(|| impossible("the API has no operation that creates such a thing"))?;
        let other = |what: String, hint: &str| Failure::usage(format!("`{}`: {what}", self.what())).hint(hint);
        let saved_at = self.word("base_url").unwrap_or_default();
        if saved_at != base {
            let what = format!("it was deleted at {saved_at}, and now it would be created at {base}");
            return Err(other(what, "use the same profile and address"));
        }
        if let Some(saved) = self.word("profile").filter(|saved| *saved != profile) {
            let what = format!("it was deleted with the profile {saved}, and now the profile is {profile}");
            return Err(other(what, "use the same profile"));
        }
        let values = self.values().get(..create.positionals().count()).ok_or_else(|| self.wrong())?.to_vec();
        let read = self.saved.get("read").cloned().ok_or_else(|| self.wrong())?;
        let look = self.saved.get("look").and_then(ReadBack::from_json);
        Ok(Undoable { create, deleted, values, read, look })
    }

    /// Takes it off the list; the file stays.
    pub(super) fn done(&self) -> PathBuf {
        let done = self.place.with_extension("done");
        match std::fs::rename(&self.place, &done) {
            Ok(()) => done,
            Err(_) => self.place.clone(),
        }
    }
}

/// Date and time in UTC, by the days of the Gregorian calendar.
fn utc(seconds: u64) -> (String, String) {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days are counted from 1 March of the year 0, so that the day of a leap year is the last one.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let date = format!("{year:04}-{month:02}-{day:02}");
    (date, format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60))
}

/// The seconds since 1970 of `20261128` and `093000`.
fn seconds_of(date: &str, clock: &str) -> Option<u64> {
    let part = |text: &str, from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?);
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let shifted_month = if month > 2 { month.checked_sub(3)? } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day.checked_sub(1)?;
    let days =
        (era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year).checked_sub(719_468)?;
    Some(days * 86_400 + part(clock, 0, 2)? * 3600 + part(clock, 2, 4)? * 60 + part(clock, 4, 6)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_time() {
        for (seconds, date, clock) in [
            (0, "1970-01-01", "00:00:00"),
            (951_782_400, "2000-02-29", "00:00:00"),
            (1_795_858_205, "2026-11-28", "09:30:05"),
        ] {
            assert_eq!(utc(seconds), (date.to_owned(), clock.to_owned()));
            assert_eq!(seconds_of(&date.replace('-', ""), &clock.replace(':', "")), Some(seconds));
        }
        assert_eq!(written(Path::new("00001795858205000000000-77.json")), 1_795_858_205_000_000_000);
        assert_eq!(written(Path::new("20261128-093005-000001.json")), 1_795_858_205_000_001_000);
    }
}
