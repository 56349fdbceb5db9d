//! The files of a checkout, read within bounds: from a folder, or from a revision of the repository that it is. Links are
//! not followed, and of git only commands are used that run nothing of the repository.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use swpanel_build_tools::vendor::{Extraction, MAX_ALL, MAX_FILE, MAX_FILES, extract, kind};

use crate::outcome::Failure;
use crate::regular;

/// Folders within one another, at most.
const DEPTH: usize = 24;
/// Files and folders that are looked at, at most.
const ENTRIES: usize = 100_000;
/// Folders that hold no examples: what tools keep, and what others wrote.
const PASSED_OVER: [&str; 8] = [".git", "node_modules", "vendor", "target", ".venv", "venv", "__pycache__", "dist"];

/// The files that are read, and what was left out.
#[derive(Default)]
struct Files {
    texts: BTreeMap<String, String>,
    bytes: usize,
    left_out: BTreeMap<String, String>,
}

impl Files {
    fn is_full(&self) -> bool {
        self.texts.len() >= MAX_FILES || self.bytes >= MAX_ALL
    }

    fn add(&mut self, name: String, bytes: &[u8]) {
        // What is no text is a picture or an archive.
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        if kind(&name, text).is_some() {
            self.bytes += text.len();
            self.texts.insert(name, text.to_owned());
        }
    }

    fn extracted(self) -> Extraction {
        let full = self.is_full();
        let mut extraction = extract(self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        extraction.left_out.extend(self.left_out);
        if full {
            let why = format!("there are more than {MAX_FILES} files, or more than {MAX_ALL} bytes");
            extraction.left_out.insert("(further files)".to_owned(), why);
        }
        extraction
    }
}

/// Whether a name may be that of an example: by its ending, or a script without one.
fn may_be_example(name: &str) -> bool {
    kind(name, "").is_some() || !name.rsplit('/').next().unwrap_or_default().contains('.')
}

/// Reads a folder.
pub(super) fn read(folder: &Path) -> Result<Extraction, Failure> {
    if !folder.is_dir() {
        let message = format!("`{}` is not a folder", folder.display());
        return Err(Failure::usage(message, "give the folder of a checkout of the vendor's example clients"));
    }
    let mut files = Files::default();
    let mut open = vec![(folder.to_owned(), String::new(), 0)];
    let mut seen = 0;
    while let Some((folder, name, depth)) = open.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| {
            let message = format!("`{}` cannot be read: {error}", folder.display());
            Failure::new("unreadable", message, "check its rights, then run the command again")
        })?;
        for entry in entries.flatten() {
            seen += 1;
            if seen > ENTRIES {
                let why = format!("there are more than {ENTRIES} files and folders");
                files.left_out.insert("(further files)".to_owned(), why);
                return Ok(files.extracted());
            }
            let own = entry.file_name().to_string_lossy().into_owned();
            let shown = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            // Of the entry itself: a link is neither a folder nor a file.
            let Ok(of) = entry.file_type() else { continue };
            if of.is_dir() && depth < DEPTH && !PASSED_OVER.contains(&own.as_str()) {
                open.push((entry.path(), shown, depth + 1));
            } else if of.is_file() && may_be_example(&shown) && !files.is_full() {
                let size = entry.metadata().map_or(0, |found| found.len());
                if usize::try_from(size).is_ok_and(|size| size <= MAX_FILE) {
                    match regular::read_whole(&entry.path()) {
                        Ok(bytes) => files.add(shown, &bytes),
                        Err(error) => {
                            files.left_out.insert(shown, format!("it cannot be read: {error}"));
                        }
                    }
                } else if kind(&shown, "").is_some() {
                    files.left_out.insert(shown, format!("it has more than {MAX_FILE} bytes"));
                }
            }
        }
    }
    Ok(files.extracted())
}

/// Reads a revision of the repository that a folder is in.
pub(super) fn at_revision(folder: &Path, revision: &str) -> Result<Extraction, Failure> {
    let hint = "give a folder, or git:REV with a revision of the checkout that git knows, as in git:HEAD~1";
    if revision.is_empty() || revision.starts_with('-') || revision.contains(':') {
        return Err(Failure::usage(format!("`git:{revision}` names no revision"), hint));
    }
    let shown = format!("git:{revision}");
    let listing = git(folder, &["ls-tree", "-r", "-z", "-l", "--end-of-options", revision], b"").map_err(|why| {
        Failure::new("unreadable", format!("`{shown}` of `{}` cannot be read: {why}", folder.display()), hint)
    })?;
    let mut files = Files::default();
    let mut wanted: Vec<(String, String)> = Vec::new();
    let mut total = 0;
    for entry in listing.split(|byte| *byte == 0) {
        let entry = String::from_utf8_lossy(entry);
        // `100644 blob HASH SIZE<tab>NAME`; links and modules have other modes and kinds.
        let Some((about, name)) = entry.split_once('\t') else { continue };
        let mut about = about.split_whitespace();
        let (mode, of, hash, size) = (about.next(), about.next(), about.next(), about.next());
        let (Some("100644" | "100755"), Some("blob"), Some(hash), Some(size)) = (mode, of, hash, size) else {
            continue;
        };
        if name.split('/').any(|part| PASSED_OVER.contains(&part)) || !may_be_example(name) {
            continue;
        }
        match size.parse::<usize>() {
            Ok(size) if size <= MAX_FILE && total + size <= MAX_ALL && wanted.len() < MAX_FILES => {
                total += size;
                wanted.push((hash.to_owned(), name.to_owned()));
            }
            _ if kind(name, "").is_some() => {
                files.left_out.insert(name.to_owned(), format!("it has more than {MAX_FILE} bytes"));
            }
            _ => {}
        }
    }
    let input: String = wanted.iter().map(|(hash, _)| format!("{hash}\n")).collect();
    let contents = git(folder, &["cat-file", "--batch"], input.as_bytes())
        .map_err(|why| Failure::new("unreadable", format!("files of `{shown}` cannot be read: {why}"), hint))?;
    let mut rest = contents.as_slice();
    for (_, name) in wanted {
        // `HASH blob SIZE`, the content, and a line end.
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let head = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
        let Some(size) = head.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()) else { break };
        let from = end + 1;
        files.add(name, rest.get(from..from.saturating_add(size)).unwrap_or_default());
        rest = rest.get(from.saturating_add(size) + 1..).unwrap_or_default();
    }
    Ok(files.extracted())
}

/// What git prints; an error is its first line.
fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // Objects that a partial clone lacks are not fetched: no network is asked.
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    let stdin = child.stdin.take();
    let input = input.to_vec();
    // Beside the reading: git answers while it is still being asked.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let _ = writer.join();
    if output.status.success() {
        return Ok(output.stdout);
    }
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(why.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ").to_owned())
}
