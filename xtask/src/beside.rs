//! The files beside a document: from its folder, never above it; over the network only from hosts that were allowed.

use std::path::Path;

use swpanel_build_tools::address::recorded;
use swpanel_build_tools::discover::{Failed, Leave};
use swpanel_build_tools::document::{MAX_BYTES, MAX_PARTS, Parts, RawDocument, wanted};
use url::Url;

use crate::arguments::FetchFlags;
use crate::fetch::Fetcher;
use crate::outcome::Failure;
use crate::regular;
use crate::workspace::{PARTS, Workspace};

/// Reads all files that the document and they themselves refer to; why one was not read is kept for the refusal.
pub(crate) fn read(bytes: &[u8], root: &str, ask: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>) -> Parts {
    let mut parts = Parts { root: root.to_owned(), ..Parts::default() };
    if !may_lead_out(bytes) {
        return parts;
    }
    // What cannot be read is refused where the document itself is looked at.
    let Ok(raw) = RawDocument::read(bytes) else { return parts };
    let mut size = bytes.len();
    while let Ok(names) = wanted(&raw, &parts) {
        if names.is_empty() {
            break;
        }
        for name in names {
            let found = if parts.files.len() >= MAX_PARTS {
                Err(format!("more than {MAX_PARTS} files are not read"))
            } else if size > MAX_BYTES {
                Err(format!("document and files have more than {MAX_BYTES} bytes"))
            } else {
                ask(&name)
            };
            size += found.as_ref().map_or(0, Vec::len);
            parts.files.insert(name, found);
        }
    }
    parts
}

/// Whether a reference to another file may be in it: told without reading the whole, which may be large.
fn may_lead_out(bytes: &[u8]) -> bool {
    // Packed, or not in UTF-8.
    if bytes.starts_with(&[0x1f, 0x8b])
        || bytes.iter().take(4).any(|byte| *byte == 0)
        || !bytes.is_ascii() && std::str::from_utf8(bytes).is_err()
    {
        return true;
    }
    let word = b"$ref";
    let mut rest = bytes;
    while let Some(at) = rest.windows(word.len()).position(|window| window == word) {
        rest = rest.get(at + word.len()..).unwrap_or_default();
        // Without quotes before it the sign begins a comment of YAML, and what is referred to stands behind that.
        let silent = |byte: &u8| byte.is_ascii_whitespace() || b"\"':".contains(byte);
        let said = rest.iter().position(|byte| !silent(byte)).unwrap_or(rest.len());
        let quoted = said.checked_sub(1).and_then(|at| rest.get(at)).is_some_and(|byte| b"\"'".contains(byte));
        if !quoted || rest.get(said) != Some(&b'#') {
            return true;
        }
    }
    // References of discriminators are written without the word.
    let mapping = b"mapping";
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let mut rest = bytes;
    while let Some(at) = rest.windows(mapping.len()).position(|window| window == mapping) {
        rest = rest.get(at + mapping.len()..).unwrap_or_default();
        if !(is_json && maps_within(rest)) {
            return true;
        }
    }
    false
}

/// Whether what stands behind the word `mapping` in JSON leads nowhere but into the document: another word than a key, or
/// an object in which every `#` begins its text. What is put together of escapes may be anything.
fn maps_within(rest: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(b"\"") else { return true };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b":") else { return true };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b"{") else { return true };
    let end = rest.iter().position(|byte| *byte == b'}').unwrap_or(rest.len());
    let mut before = b'{';
    rest.get(..end).unwrap_or_default().iter().all(|byte| {
        let within = *byte != b'\\' && (*byte != b'#' || before == b'"');
        before = *byte;
        within
    })
}

/// The files beside a file.
pub(crate) fn of_file(bytes: &[u8], path: &Path, fetch: &FetchFlags) -> Parts {
    let folder = path
        .parent()
        .map_or_else(|| Path::new("."), |folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut network = Network { base: None, named: String::new(), fetch, fetcher: None };
    read(bytes, &name, &mut |name| {
        if name.contains("://") { network.ask(name) } else { within(folder, name) }
    })
}

/// A link may lead out of the folder as well as a path can.
fn within(folder: &Path, name: &str) -> Result<Vec<u8>, String> {
    let real = |path: &Path| path.canonicalize().map_err(|error| format!("`{name}` cannot be read: {error}"));
    let path = real(&folder.join(name))?;
    if !path.starts_with(real(folder)?) {
        return Err("a link leads out of the document's folder".to_owned());
    }
    regular::read(&path).map_err(|error| format!("`{name}` cannot be read: {error}"))
}

/// The files beside a document that was fetched.
pub(crate) fn of_address(bytes: &[u8], address: &str, named: &str, fetch: &FetchFlags) -> Parts {
    let mut network = Network { base: Url::parse(address).ok(), named: named.to_owned(), fetch, fetcher: None };
    read(bytes, file_name(address), &mut |name| network.ask(name))
}

struct Network<'a> {
    base: Option<Url>,
    named: String,
    fetch: &'a FetchFlags,
    fetcher: Option<Fetcher>,
}

impl Network<'_> {
    fn ask(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let address = match &self.base {
            Some(base) => base.join(name),
            None => Url::parse(name),
        };
        let address = String::from(address.map_err(|error| format!("it is no address: {error}"))?);
        let leave = Leave::new(&self.fetch.allow_host);
        if !leave.allows(&address) {
            return Err("it is on the network; pass --allow-host HOST[:PORT] where you trust that host".to_owned());
        }
        let fetcher = match &mut self.fetcher {
            Some(fetcher) => fetcher,
            none => {
                let made = Fetcher::new(self.fetch, &self.named, leave);
                none.insert(made.map_err(|_| "the network cannot be set up".to_owned())?)
            }
        };
        let fetched = fetcher.get(&address, "the document refers to it").map_err(|failed| match failed {
            Failed::Refused(refusal) => refusal.to_string(),
            Failed::Unreachable(why) => why,
        })?;
        if fetched.status == 200 { Ok(fetched.body) } else { Err(format!("{address} answers {}", fetched.status)) }
    }
}

/// The last part of a path or an address.
pub(crate) fn file_name(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Where in `upstream/parts` a file is kept: its own path, or a folder for each host, without what its address hides; each
/// name in a place of its own, also where the file system does not tell `A` from `a` (so `A` is kept as `!a`).
pub(crate) fn stored(name: &str) -> String {
    let mut path = String::new();
    let name = recorded(name).replacen("://", "/", 1);
    // A query may have slashes and dots in it, which lead nowhere there.
    let way = name.find(['?', '#']).unwrap_or(name.len());
    for (at, byte) in name.bytes().enumerate() {
        if byte.is_ascii_uppercase() {
            path.extend(['!', char::from(byte.to_ascii_lowercase())]);
        } else if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) || (byte == b'/' && at < way) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02x}"));
        }
    }
    path
}

/// File of the workspace and bytes of a part that was read.
pub(crate) fn kept<'a>((name, bytes): (&String, &'a Result<Vec<u8>, String>)) -> Option<(String, &'a [u8])> {
    Some((format!("{PARTS}/{}", stored(name)), bytes.as_deref().ok()?))
}

/// Removes files of `upstream/parts` that nothing refers to any more, and follows no link to them.
pub(crate) fn tidy(workspace: &Workspace, kept: &[(String, &[u8])]) -> Result<(), Failure> {
    let mut folders = vec![workspace.inside_folder(PARTS)?];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if !kept.iter().any(|(file, _)| workspace.path(file) == path) {
                std::fs::remove_file(&path).map_err(|error| {
                    let message = format!("`{}` is left over and cannot be removed: {error}", path.display());
                    Failure::new("unwritable", message, "remove it by hand")
                })?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{may_lead_out, recorded, stored};

    #[test]
    fn only_documents_that_may_lead_out_are_read_for_it() {
        for (text, may) in [
            (r##"{"a": {"$ref": "#/b"}}"##, false),
            (r##"{"a": {"$ref": "b.json#/b"}}"##, true),
            (r##"{"mapping": {"a": "#/b", "c": "#/d"}, "e": "f#g"}"##, false),
            (r##"{"mapping": {"a": "Pet"}, "b": "the mapping, see a.json#/b"}"##, false),
            (r##"{"mapping": {"a": "#/b"}, "x": {"mapping" : {"c": "#/d", "e": "f.json#/g"}}}"##, true),
            (r##"{"mapping": {"a": "\u0062.json\u0023/c"}}"##, true),
            ("mapping: {a: '#/b'}", true),
            ("a: {$ref: '#/b'}", false),
            ("a:\n  $ref: # what it is\n    b.yaml#/c", true),
            ("a: 1", false),
        ] {
            assert_eq!(may_lead_out(text.as_bytes()), may, "{text}");
        }
    }

    #[test]
    fn names_that_differ_by_case_alone_have_places_of_their_own() {
        let places: Vec<String> = ["Schemas/A.yaml", "schemas/a.yaml", "schemas/!a.yaml", "https://a.es/x?y"]
            .iter()
            .map(|name| stored(name).to_lowercase())
            .collect();
        assert_eq!(places, ["!schemas/!a.yaml", "schemas/a.yaml", "schemas/%21a.yaml", "https/a.es/x%3fy"]);
        assert_eq!(stored("https://a.es/x?/../../../y"), "https/a.es/x%3f%2f..%2f..%2f..%2fy");
        assert_eq!(stored("https://u:p@a.es/x?sig=1"), stored(&recorded("https://u:p@a.es/x?sig=1")));
    }
}
