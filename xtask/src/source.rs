//! The bytes of the source: the embedded one, a file, or standard input. An address is handed to `discover`.

use std::io::Read as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use swpanel_build_tools::document::MAX_BYTES;
use swpanel_build_tools::hash::sha256;

use crate::arguments::FetchFlags;
use crate::commands;
use crate::outcome::Failure;
use crate::workspace::{ORIGIN, UPSTREAM, Workspace};

/// Bytes and where they came from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) bytes: Vec<u8>,
    /// For the lock and for messages; never a folder of somebody's machine.
    pub(crate) address: String,
    /// The day they were taken, where it is known.
    pub(crate) date: Option<String>,
    /// Whether they are to be taken into `upstream/`.
    pub(crate) foreign: bool,
}

/// Reads the source that `--from` names, or the embedded one.
pub(crate) fn read(workspace: &Workspace, from: Option<&str>, fetch: &FetchFlags) -> Result<Source, Failure> {
    match from {
        None => embedded(workspace),
        Some(from) => given(from, fetch),
    }
}

/// Reads what a person named: standard input, an address, or a file.
pub(crate) fn given(from: &str, fetch: &FetchFlags) -> Result<Source, Failure> {
    match from {
        "-" => {
            let mut bytes = Vec::new();
            let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
            let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
            read.map_err(|error| refuse("standard input", &error.to_string()))?;
            Ok(Source { bytes, address: "standard input".to_owned(), date: Some(today()), foreign: true })
        }
        address if address.contains("://") => {
            let (bytes, address) = commands::discover::document(address, fetch)?;
            Ok(Source { bytes, address, date: Some(today()), foreign: true })
        }
        file => {
            let path = Path::new(file);
            let bytes = std::fs::read(path).map_err(|error| refuse(file, &error.to_string()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Source { bytes, address: name, date: Some(today()), foreign: true })
        }
    }
}

fn embedded(workspace: &Workspace) -> Result<Source, Failure> {
    match workspace.read(UPSTREAM)? {
        Some(bytes) => {
            let (address, date) = origin(workspace, &bytes)?;
            Ok(Source { bytes, address, date, foreign: false })
        }
        None => Err(Failure::new(
            "source-missing",
            format!("`{UPSTREAM}`, the embedded source, is not there"),
            format!("take it back from version control (`git checkout {UPSTREAM}`), or give a document with --from"),
        )),
    }
}

/// What was written down about bytes when they were given; nothing where they are others by now.
fn origin(workspace: &Workspace, bytes: &[u8]) -> Result<(String, Option<String>), Failure> {
    let known: Option<Origin> = serde_json::from_str(&workspace.text(ORIGIN)?).ok();
    Ok(match known.filter(|origin| origin.sha256 == sha256(bytes)) {
        Some(origin) => (origin.address, Some(origin.date)),
        None => (UPSTREAM.to_owned(), None),
    })
}

/// The record that is kept beside bytes given with `--from`, so that a kill before the lock does not lose it.
#[derive(Debug, Deserialize, Serialize)]
struct Origin {
    sha256: String,
    address: String,
    date: String,
}

impl Source {
    /// The content of `upstream/origin.json`.
    pub(crate) fn origin(&self) -> String {
        let date = self.date.clone().unwrap_or_default();
        let origin = Origin { sha256: sha256(&self.bytes), address: self.address.clone(), date };
        let text = serde_json::to_string_pretty(&origin).expect("texts are always JSON");
        format!("{text}\n")
    }
}

fn refuse(file: &str, why: &str) -> Failure {
    Failure::new("unreadable", format!("`{file}` cannot be read: {why}"), "check the name and its rights")
        .detail("the stored document was left as it was")
}

/// The day in UTC, `YYYY-MM-DD`; `SOURCE_DATE_EPOCH` (seconds) stands in for the clock where it is set.
fn today() -> String {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let days = i64::try_from(fixed.unwrap_or(clock) / 86_400).unwrap_or(0);
    // Days since 1970-03-01 of year 0 (H. Hinnant, "chrono-compatible low-level date algorithms").
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
