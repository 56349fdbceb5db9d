//! Exchanges kept as files, and given again: for tests that must not ask SWPanel. What is kept holds no secret.
//!
//! One file an exchange, in the order of the calls: `000001-GET-services.json`, with `request` (method, path, query, body)
//! and `response` (status, some headers, body).

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use reqwest::Request;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Operation;
use crate::error::{Error, ErrorKind};
use crate::runtime::content;
use crate::runtime::excerpt;
use crate::runtime::scrub::Secrets;
use crate::values::{REDACTED, is_secret};

/// Headers that say something about an answer and nothing about an account.
const KEPT: [&str; 4] = ["content-type", "retry-after", "date", "x-swpanel-emulator-basis"];

/// What is done with exchanges.
pub(crate) enum Cassettes {
    /// Each is written to the folder.
    Record { folder: PathBuf, written: Mutex<usize> },
    /// Each is taken from those of the folder; nothing is sent.
    Replay { folder: PathBuf, left: Mutex<Vec<Exchange>> },
}

/// One exchange as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Exchange {
    request: Asked,
    response: Answered,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Asked {
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    query: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answered {
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    /// The body, where it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<Value>,
    /// The body, where it is a page: its words. Anything else may hold anything, and is kept by its length alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// An answer out of a file.
pub(crate) struct Replayed {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Cassettes {
    /// Writes to a folder, which is made, and must be empty of other recordings.
    pub(crate) fn record(folder: &Path) -> Result<Self, Error> {
        make_folder(folder).map_err(|error| wrong(folder, &format!("cannot be made: {error}")))?;
        if !files(folder)?.is_empty() {
            return Err(wrong(folder, "holds a recording already; give another folder, or empty it"));
        }
        Ok(Self::Record { folder: folder.to_owned(), written: Mutex::new(0) })
    }

    /// Reads all of a folder.
    pub(crate) fn replay(folder: &Path) -> Result<Self, Error> {
        let files = files(folder)?;
        if files.is_empty() {
            return Err(wrong(folder, "holds no recording; make one with `record`"));
        }
        let read = |file: &PathBuf| -> Result<Exchange, Error> {
            let bytes = std::fs::read(file).map_err(|error| wrong(file, &format!("cannot be read: {error}")))?;
            // The parser's own message would repeat what it found.
            serde_json::from_slice(&bytes).map_err(|error| {
                let (line, column) = (error.line(), error.column());
                wrong(file, &format!("is not a recorded exchange (line {line}, column {column})"))
            })
        };
        let left = files.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self::Replay { folder: folder.to_owned(), left: Mutex::new(left) })
    }

    pub(crate) fn is_replay(&self) -> bool {
        matches!(self, Self::Replay { .. })
    }

    /// Keeps an exchange; does nothing where they are given again.
    pub(crate) fn keep(
        &self,
        request: &Request,
        path: &str,
        operation: Option<&'static Operation>,
        (status, headers, body): (u16, &HeaderMap, &[u8]),
    ) -> Result<(), Error> {
        let Self::Record { folder, written } = self else { return Ok(()) };
        let secret_headers = request.headers().values().filter(|value| value.is_sensitive());
        let secrets = Secrets::of(request, operation, secret_headers);
        let asked = Asked::of(request, path, operation);
        let answered = Answered::of(status, headers, body, operation, &secrets);
        let exchange = Exchange { request: asked, response: answered };
        let text = serde_json::to_string_pretty(&exchange).map_err(|error| wrong(folder, &error.to_string()))?;
        let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
        *written += 1;
        let name: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let name: String =
            name.join("-").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
        let file = folder.join(format!("{:06}-{}-{name}.json", *written, exchange.request.method));
        write_new(folder, &file, &(text + "\n")).map_err(|error| wrong(&file, &format!("cannot be written: {error}")))
    }

    /// The next answer to such a request.
    pub(crate) fn answer(
        &self,
        request: &Request,
        path: &str,
        operation: Option<&'static Operation>,
    ) -> Result<Option<Replayed>, Error> {
        let Self::Replay { folder, left } = self else { return Ok(None) };
        let asked = Asked::of(request, path, operation);
        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
        match left.iter().position(|exchange| exchange.request == asked) {
            Some(at) => Ok(Some(left.remove(at).response.replayed())),
            None => {
                let alike = left.iter().filter(|exchange| exchange.request.path == asked.path).count();
                let detail = format!(
                    "`{}` holds no more answers to {} {} ({} left, {alike} of this path)",
                    folder.display(),
                    asked.method,
                    asked.path,
                    left.len()
                );
                Err(Error::new(ErrorKind::NotRecorded, detail))
            }
        }
    }
}

impl Asked {
    fn of(request: &Request, path: &str, operation: Option<&'static Operation>) -> Self {
        let (method, path) = (request.method().to_string(), path.to_owned());
        Self { method, path, query: redacted_query(request, operation), body: redacted_body(request, operation) }
    }
}

/// The query, decoded, without the values of secrets.
pub(crate) fn redacted_query(request: &Request, operation: Option<&'static Operation>) -> String {
    let known = operation.map_or(&[] as &[_], |operation| operation.sensitive);
    let secret = |name: &str| is_secret(name) || known.contains(&name);
    let pairs = request.url().query_pairs();
    let shown = pairs.map(|(name, value)| format!("{name}={}", if secret(&name) { REDACTED.into() } else { value }));
    shown.collect::<Vec<_>>().join("&")
}

/// The body without its secrets, where it is JSON; else its length.
pub(crate) fn redacted_body(request: &Request, operation: Option<&'static Operation>) -> Option<Value> {
    let bytes = request.body()?.as_bytes()?;
    Some(match serde_json::from_slice(bytes) {
        Ok(mut value) => {
            redact(&mut value, &names(operation.map_or(&[], |operation| operation.sensitive)));
            value
        }
        // Whatever it is, it may hold anything.
        Err(_) => Value::from(format!("{} bytes", bytes.len())),
    })
}

impl Answered {
    fn of(
        status: u16,
        headers: &HeaderMap,
        body: &[u8],
        operation: Option<&'static Operation>,
        secrets: &Secrets,
    ) -> Self {
        let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), headers.get(*name)?.to_str().ok()?.into())));
        let body = content(body);
        let (json, text) = match serde_json::from_slice::<Value>(body) {
            _ if body.is_empty() => (None, None),
            Ok(mut value) => {
                redact(&mut value, &names(operation.map_or(&[], |operation| operation.sensitive_answer)));
                scrub(&mut value, secrets);
                (Some(value), None)
            }
            Err(_) if body.starts_with(b"<") => {
                let page = secrets.hide(&String::from_utf8_lossy(body));
                (None, Some(format!("<html>{}</html>", excerpt::of_text(&page).unwrap_or_default())))
            }
            Err(_) => (None, Some(format!("({} bytes that are no JSON)", body.len()))),
        };
        Self { status, headers: kept.collect(), json, text }
    }

    fn replayed(self) -> Replayed {
        let json = self.json.map(|value| value.to_string());
        let body = json.or(self.text).unwrap_or_default().into_bytes();
        let header = |(name, value): (&String, &Value)| {
            let name = HeaderName::try_from(name.as_str()).ok()?;
            Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
        };
        Replayed { status: self.status, headers: self.headers.iter().filter_map(header).collect(), body }
    }
}

fn names(known: &'static [&'static str]) -> BTreeSet<&'static str> {
    known.iter().copied().collect()
}

/// Puts out everything below a secret's name.
fn redact(value: &mut Value, known: &BTreeSet<&str>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, known)),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                if (known.contains(name.as_str()) || is_secret(name)) && !matches!(value, Value::Null | Value::Bool(_))
                {
                    // Of the same kind, so that it is read again by the same type.
                    *value = match value {
                        Value::Array(_) => Value::Array(Vec::new()),
                        Value::Object(_) => Value::Object(Map::new()),
                        Value::Number(_) => 0.into(),
                        _ => REDACTED.into(),
                    };
                } else {
                    redact(value, known);
                }
            }
        }
        _ => {}
    }
}

/// Takes the secrets of the request out of every text.
fn scrub(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => *text = secrets.hide(text),
        Value::Array(items) => items.iter_mut().for_each(|item| scrub(item, secrets)),
        Value::Object(members) => members.values_mut().for_each(|value| scrub(value, secrets)),
        _ => {}
    }
}

/// The recordings of a folder in their order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|error| wrong(folder, &format!("cannot be read: {error}")))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    Ok(files)
}

/// Makes a folder that only its owner can enter: what an account holds is in the recordings.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file that only its owner can read and that was not there before, whole or not at all. A link is not followed.
fn write_new(folder: &Path, file: &Path, text: &str) -> std::io::Result<()> {
    let mut temporary = tempfile::Builder::new().prefix(".swpanel-").suffix(".tmp").tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.persist_noclobber(file).map(drop).map_err(|error| error.error)
}

fn wrong(place: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("`{}` {what}", place.display()))
}

impl fmt::Debug for Cassettes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_replay() { "Replay" } else { "Record" })
    }
}
