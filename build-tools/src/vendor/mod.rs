//! The vendor's public example clients, read as what they are evidence of: METHOD, path and body of each request.
//!
//! Python, JavaScript, PHP and shell scripts are read by lenient readers of literals; no code is run, and everything in the
//! files is data. [`extract`] reads a checkout, [`compare`] classifies what changed between two, and [`against`] holds one
//! against the document. Pages of the manual are read for the operations that they name.

mod calls;
mod compare;
mod conversions;
mod document;
mod expression;
mod lexer;
mod page;
mod resolve;
mod script;
mod shell;
mod shell_words;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use compare::{Change, ChangeKind, compare};
pub use document::{Comparison, against};
pub use value::{Properties, Property, Type};

use calls::{Found, Linked};
use lexer::Language;
use script::Script;

/// The most bytes of one file; a longer one is left out.
pub const MAX_FILE: usize = 1 << 20;
/// The most bytes of all files.
pub const MAX_ALL: usize = 64 << 20;
/// The most files.
pub const MAX_FILES: usize = 5000;
/// The most places that are kept of one operation.
const PLACES: usize = 50;

/// Where a request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Written {
    /// In code.
    Code,
    /// In code that is commented out.
    #[default]
    Comment,
    /// On a page of the manual.
    Page,
}

/// A request that the examples make, wherever they make it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Upper-case method.
    pub method: String,
    /// The path, with `{name}` for what is put in.
    pub path: String,
    /// Where it is written; in code, where it is in code anywhere.
    pub written: Written,
    /// Whether only code that is commented out leads to it.
    pub withdrawn: bool,
    /// The functions that make it, as `cron_service.create`; `cron_service.(script)` for code outside of functions.
    pub functions: BTreeSet<String>,
    /// Files and lines, as `python/app/x.py:12`.
    pub places: BTreeSet<String>,
    /// The properties of its bodies.
    pub body: Properties,
}

/// What a checkout of the examples holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extraction {
    /// By method and path without names.
    pub calls: BTreeMap<String, Call>,
    /// How many files were read, by language.
    pub files: BTreeMap<&'static str, usize>,
    /// Addresses of the API in the examples' settings.
    pub addresses: BTreeSet<String>,
    /// Files that were not read, or not to their end, with the reason.
    pub left_out: BTreeMap<String, String>,
}

/// What a file is read as, by its name and first line.
pub fn kind(name: &str, text: &str) -> Option<&'static str> {
    let file = name.rsplit('/').next().unwrap_or_default();
    let end = file.rsplit_once('.').map_or("", |(_, end)| end);
    if file.starts_with(".env") {
        return Some("settings");
    }
    Some(match end {
        "py" => "python",
        "js" | "mjs" | "cjs" | "ts" => "javascript",
        "php" => "php",
        "sh" | "bash" => "shell",
        _ => {
            let first = text.lines().next().filter(|first| first.starts_with("#!"))?;
            let program = ["python", "node", "php", "bash", "/sh"].into_iter().find(|name| first.contains(name))?;
            match program {
                "node" => "javascript",
                "bash" | "/sh" => "shell",
                other => other,
            }
        }
    })
}

/// Reads the files of a checkout, each by its path in it.
pub fn extract<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Extraction {
    let mut extraction = Extraction::default();
    let mut scripts: Vec<(&str, &'static str, Script)> = Vec::new();
    for (name, text) in files {
        let Some(kind) = kind(name, text) else { continue };
        if text.len() > MAX_FILE {
            extraction.left_out.insert(name.to_owned(), format!("it has more than {MAX_FILE} bytes"));
            continue;
        }
        *extraction.files.entry(kind).or_default() += 1;
        let language = match kind {
            "python" => Language::Python,
            "javascript" => Language::JavaScript,
            "php" => Language::Php,
            "settings" => {
                extraction.addresses.extend(addresses(text));
                continue;
            }
            _ => {
                extraction.shell(name, text);
                continue;
            }
        };
        let script = script::read(text, language);
        if script.gave_up {
            extraction.left_out.insert(name.to_owned(), "it is too deep or too large to be read to its end".to_owned());
        }
        scripts.push((name, kind, script));
    }
    extraction.scripts(&scripts);
    extraction
}

/// Reads a page of the manual, HTML or plain text, into an extraction.
pub fn extract_page(extraction: &mut Extraction, name: &str, text: &str) {
    let is_html = text.trim_start().starts_with('<') || name.ends_with(".html") || name.ends_with(".htm");
    *extraction.files.entry("page").or_default() += 1;
    for (method, path, line) in page::operations(text, is_html) {
        let found = Found { method, path, body: None, line, function: None, commented: false };
        extraction.add(&found, Written::Page, &format!("{name}:{line}"), None);
    }
}

/// Addresses of an API in a file of settings.
fn addresses(text: &str) -> Vec<String> {
    let value = |line: &str| {
        let (_, value) = line.trim().split_once('=').filter(|_| !line.trim().starts_with('#'))?;
        let value = value.trim().trim_matches(['"', '\'']);
        let is_address = value.starts_with("https://") || value.starts_with("http://");
        is_address.then(|| crate::address::redact(value.trim_end_matches('/')).chars().take(200).collect())
    };
    text.lines().filter_map(value).take(20).collect()
}

impl Extraction {
    fn add(&mut self, found: &Found, written: Written, place: &str, function: Option<String>) {
        let call = self.calls.entry(found.key()).or_insert_with(|| Call {
            method: found.method.clone(),
            path: found.path.clone(),
            written,
            ..Call::default()
        });
        call.written = call.written.min(written);
        if call.places.len() < PLACES {
            call.places.insert(place.to_owned());
        }
        call.functions.extend(function.filter(|_| call.functions.len() < PLACES));
    }

    fn shell(&mut self, name: &str, text: &str) {
        for (function, found) in calls::of_shell(shell::read(text)) {
            let written = if found.commented { Written::Comment } else { Written::Code };
            let function = if function.is_empty() { "(script)" } else { &function };
            let function = Some(format!("{}.{function}", stem(name)));
            self.add(&found, written, &format!("{name}:{}", found.line), function);
            if let (Some(body), Some(call), false) = (&found.body, self.calls.get_mut(&found.key()), found.commented) {
                value::flatten(body, "", 0, &mut call.body);
            }
        }
    }

    fn scripts(&mut self, scripts: &[(&str, &'static str, Script)]) {
        let found: Vec<Vec<Found>> = scripts.iter().map(|(_, _, script)| calls::of_script(script)).collect();
        let linked: Vec<Linked<'_>> = scripts
            .iter()
            .zip(&found)
            .map(|((name, language, script), found)| Linked { language, stem: stem(name), script, found })
            .collect();
        let withdrawn = calls::withdrawn(&linked);
        let mut alive: BTreeSet<String> = BTreeSet::new();
        for ((name, language, script), found) in scripts.iter().zip(&found) {
            for one in found {
                let function =
                    one.function.and_then(|at| script.functions.get(at)).map(|function| function.name.clone());
                let is_gone =
                    function.as_ref().is_some_and(|function| withdrawn.contains(&(*language, function.clone())));
                if !one.commented && !is_gone {
                    alive.insert(one.key());
                }
                let written = if one.commented { Written::Comment } else { Written::Code };
                let function = Some(format!("{}.{}", stem(name), function.as_deref().unwrap_or("(script)")));
                self.add(one, written, &format!("{name}:{}", one.line), function);
            }
        }
        for (key, call) in &mut self.calls {
            let by_scripts = found.iter().flatten().any(|found| !found.commented && found.key() == *key);
            call.withdrawn = call.written == Written::Code && by_scripts && !alive.contains(key) && !call.is_in_shell();
        }
        for body in calls::bodies(&linked) {
            let (Some(call), Some((name, ..))) = (self.calls.get_mut(&body.key), scripts.get(body.file)) else {
                continue;
            };
            value::flatten(&body.value, "", 0, &mut call.body);
            if call.places.len() < PLACES {
                call.places.insert(format!("{name}:{}", body.line));
            }
        }
    }
}

impl Call {
    /// `METHOD /path`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn is_in_shell(&self) -> bool {
        self.places.iter().any(|place| place.rsplit_once(':').is_some_and(|(name, _)| name.ends_with(".sh")))
    }
}

/// A file's name without folder and ending.
fn stem(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.split('.').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
