//! The bytes of the source and of the files beside it: the embedded one, a file, an address, or standard input.

use std::io::Read as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use swpanel_build_tools::document::{Document, MAX_BYTES, Parts};
use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::knowledge::Knowledge;
use swpanel_build_tools::lock::{self, Lock, SourceKind};

use crate::arguments::FetchFlags;
use crate::documentation::{self, Conversion};
use crate::outcome::Failure;
use crate::workspace::{ORIGIN, PARTS, UPSTREAM, Workspace};
use crate::{beside, commands, regular};

/// Bytes and where they came from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) bytes: Vec<u8>,
    /// For the lock and for messages; never a folder of somebody's machine.
    pub(crate) origin: lock::Source,
    /// The files that its references lead to.
    pub(crate) parts: Parts,
    /// Whether they are to be taken into `upstream/`.
    pub(crate) foreign: bool,
    /// What was said on the way, where the bytes were converted from documentation in another form.
    pub(crate) conversion: Option<Conversion>,
}

/// What the lock knows and the bytes that it knows it of, so that a server can say that nothing is new.
pub(crate) struct Known<'a> {
    pub(crate) lock: &'a Lock,
    pub(crate) bytes: Vec<u8>,
}

/// Reads the source that `--from` names, or the embedded one.
pub(crate) fn read(
    workspace: &Workspace,
    from: Option<&str>,
    fetch: &FetchFlags,
    lock: Option<&Lock>,
    document: Option<&Document>,
    knowledge: &Knowledge,
) -> Result<Source, Failure> {
    let Some(from) = from else { return embedded(workspace, lock, document) };
    let bytes = workspace.read(UPSTREAM)?.unwrap_or_default();
    let known = lock.filter(|lock| lock.sha256.raw == sha256(&bytes)).map(|lock| Known { lock, bytes });
    let mut source = given(from, fetch, known)?;
    source.origin.kind = kind_of(&source.bytes, lock, knowledge);
    Ok(source)
}

/// Reads what a person named: standard input, an address, a file, or a folder. Documentation that is not OpenAPI is
/// converted.
pub(crate) fn given(from: &str, fetch: &FetchFlags, known: Option<Known<'_>>) -> Result<Source, Failure> {
    let is_path = from != "-" && !from.contains("://");
    if is_path && Path::new(from).is_dir() {
        let (files, name) = documentation::read(from, fetch)?;
        let imported = swpanel_build_tools::import::import(&files);
        let imported = imported.map_err(|error| commands::import::failure(&error, &name))?;
        let bytes = imported.text().into_bytes();
        let conversion = Some(Conversion::new(&imported, &name));
        let origin = lock::Source { date: Some(today()), ..lock::Source::at(name) };
        let parts = beside::read(&bytes, "", &mut |_| Err("documentation was converted without it".to_owned()));
        return Ok(Source { bytes, origin, parts, foreign: true, conversion });
    }
    let mut source = as_it_is(from, fetch, known)?;
    if source.conversion.is_none() && (is_path || from == "-") {
        let name = source.origin.address.clone();
        let mut files = swpanel_build_tools::import::Files::new();
        let folder = Path::new(from).parent().filter(|_| is_path);
        match folder {
            Some(folder) => {
                documentation::with_referenced(&name, std::mem::take(&mut source.bytes), folder, &mut files)
            }
            None => {
                files.insert(name.clone(), std::mem::take(&mut source.bytes));
            }
        }
        let converted = documentation::convert(&files, &name)?;
        source.bytes = files.remove(&name).unwrap_or_default();
        if let Some((bytes, conversion)) = converted {
            source.bytes = bytes;
            source.conversion = Some(conversion);
        }
    }
    Ok(source)
}

/// Reads what a person named, whatever it is.
pub(crate) fn given_as_it_is(from: &str, fetch: &FetchFlags) -> Result<Source, Failure> {
    as_it_is(from, fetch, None)
}

fn as_it_is(from: &str, fetch: &FetchFlags, known: Option<Known<'_>>) -> Result<Source, Failure> {
    let day = |source: lock::Source| lock::Source { date: Some(today()), ..source };
    match from {
        "-" => {
            let mut bytes = Vec::new();
            let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
            let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
            read.map_err(|error| refuse("standard input", &error.to_string()))?;
            let origin = day(lock::Source::at("standard input"));
            let parts = beside::read(&bytes, "", &mut |_| Err("standard input has no folder to find it in".to_owned()));
            Ok(Source { bytes, origin, parts, foreign: true, conversion: None })
        }
        address if address.contains("://") => {
            let found = commands::discover::document(address, fetch, known)?;
            let parts = beside::of_address(&found.bytes, &found.at, address, fetch);
            let (bytes, conversion) = (found.bytes, found.conversion);
            Ok(Source { bytes, origin: day(found.origin), parts, foreign: true, conversion })
        }
        file => {
            let path = Path::new(file);
            let bytes = regular::read(path).map_err(|error| refuse(file, &error.to_string()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let parts = beside::of_file(&bytes, path, fetch);
            Ok(Source { bytes, origin: day(lock::Source::at(name)), parts, foreign: true, conversion: None })
        }
    }
}

fn embedded(workspace: &Workspace, lock: Option<&Lock>, document: Option<&Document>) -> Result<Source, Failure> {
    match workspace.read(UPSTREAM)? {
        Some(bytes) => {
            let origin = origin(workspace, &bytes, lock, document)?;
            let name = beside::file_name(&origin.address).to_owned();
            let parts = beside::read(&bytes, &name, &mut |name| {
                let file = format!("{PARTS}/{}", beside::stored(name));
                workspace.inside(&file).map_err(|failure| failure.message().to_owned())?;
                let found = workspace.read(&file).map_err(|failure| failure.message().to_owned())?;
                found.ok_or_else(|| format!("`{file}` is not there"))
            });
            Ok(Source { bytes, origin, parts, foreign: false, conversion: None })
        }
        None => Err(Failure::new(
            "source-missing",
            format!("`{UPSTREAM}`, the embedded source, is not there"),
            format!("{}, or give a document with --from", workspace.restore(UPSTREAM)),
        )),
    }
}

/// What was written down about bytes when they were given. Of bytes that were edited since, only who wrote them stays.
/// Without that and without a lock, the document says it that was made last.
fn origin(
    workspace: &Workspace,
    bytes: &[u8],
    lock: Option<&Lock>,
    document: Option<&Document>,
) -> Result<lock::Source, Failure> {
    let known: Option<Origin> = serde_json::from_str(&workspace.text(ORIGIN)?).ok();
    Ok(match known {
        Some(origin) if origin.sha256 == sha256(bytes) => origin.source,
        known => {
            let kind = known.map(|origin| origin.source.kind).or_else(|| lock.map(|lock| lock.source.kind));
            let made = document.filter(|document| document.is_reconstruction()).map(|_| SourceKind::Reconstruction);
            let kind = kind.or(made);
            lock::Source { kind: kind.unwrap_or(SourceKind::Published), ..lock::Source::at(UPSTREAM) }
        }
    })
}

/// Who wrote a document that was given: the vendor, unless it is known by its hash as a reconstruction of ours.
fn kind_of(bytes: &[u8], lock: Option<&Lock>, knowledge: &Knowledge) -> SourceKind {
    let hash = sha256(bytes);
    // What was made of it is it, too: the document that the emulator serves.
    let present = lock.is_some_and(|lock| {
        lock.source.kind == SourceKind::Reconstruction && [&lock.sha256.raw, &lock.sha256.document].contains(&&hash)
    });
    if present || knowledge.reconstructions.contains(&hash) {
        SourceKind::Reconstruction
    } else {
        SourceKind::Published
    }
}

/// The record that is kept beside bytes given with `--from`, so that a kill before the lock does not lose it.
#[derive(Debug, Deserialize, Serialize)]
struct Origin {
    sha256: String,
    source: lock::Source,
}

impl Source {
    /// The content of `upstream/origin.json`.
    pub(crate) fn origin_file(&self) -> String {
        let origin = Origin { sha256: sha256(&self.bytes), source: self.origin.clone() };
        let text = serde_json::to_string_pretty(&origin).expect("texts are always JSON");
        format!("{text}\n")
    }
}

fn refuse(file: &str, why: &str) -> Failure {
    Failure::new(
        "unreadable",
        format!("`{file}` cannot be read: {why}"),
        "check the name and its rights; what a pipe holds is read from standard input, as `-`",
    )
}

/// The day in UTC, `YYYY-MM-DD`; `SOURCE_DATE_EPOCH` (seconds) stands in for the clock where it is set.
pub(crate) fn today() -> String {
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
