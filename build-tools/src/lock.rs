//! `swpanel-api.lock`: what the document was made from, what was made from it, and the pinned names.
//!
//! Hashes are SHA-256 in lower-case hexadecimal over the bytes of the files as they lie on disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::address::redact;
use crate::names::Names;

/// Version of the lock's own form.
const VERSION: u32 = 1;

/// The lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Version of the lock's own form.
    pub version: u32,
    /// Where the document came from.
    pub source: Source,
    /// SHA-256 of every file of the chain.
    pub sha256: Hashes,
    /// SHA-256 of knowledge.toml; absent in locks of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge: Option<String>,
    /// SHA-256 of the files beside the source that its references lead to, by path or address.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, String>,
    /// SHA-256 of the overlays, by file name, in the order they are applied.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overlays: BTreeMap<String, String>,
    /// Versions of the tools that made what is hashed.
    pub tools: Tools,
    /// Sizes, so that an emptied document stands out.
    pub counts: Counts,
    /// Operation ids by `METHOD /path`.
    pub names: Names,
    /// Names of schemas by the first place that refers to each, as a JSON pointer into the document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: Names,
    /// What operations are called on the command line, as `dns list`, by `METHOD /path`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub commands: Names,
    /// What operations are reached by with handles, as `service.dns.list`, by `METHOD /path`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub handles: Names,
}

/// Where the document came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// Published by the vendor, or our reconstruction.
    pub kind: SourceKind,
    /// The file or address it was read from, redacted: what it hides has to be given again to fetch it again.
    pub address: String,
    /// The day it was taken, `YYYY-MM-DD`; absent where nobody recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The documentation page that was named, where the document was found behind one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The `ETag` that the server sent with these bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` that the server sent with these bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Source {
    /// A file or an address of which nothing else is known; what the address hides is not recorded.
    pub fn at(address: impl AsRef<str>) -> Self {
        let address = redact(address.as_ref()).into_owned();
        Self { kind: SourceKind::Published, address, date: None, page: None, etag: None, last_modified: None }
    }
}

/// Who wrote the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// SWPanel.
    Published,
    /// This project, from the vendor's example clients.
    Reconstruction,
}

impl SourceKind {
    /// The word used in the lock and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Reconstruction => "reconstruction",
        }
    }
}

/// SHA-256 of every file of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    /// `upstream/openapi.yaml`.
    pub raw: String,
    /// `swpanel-api.json`.
    pub document: String,
    /// The generated client module (not checked in).
    pub generated: String,
    /// `client/public-api.txt`.
    pub listing: String,
}

/// Versions of the tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tools {
    /// The generator.
    pub progenitor: String,
    /// This package.
    pub swpanel_build_tools: String,
}

/// Sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Operations in the document.
    pub operations: usize,
    /// Operations of those that have a generated method.
    pub generated: usize,
    /// Named schemas.
    pub schemas: usize,
    /// Ledger entries of all stages.
    pub ledger: usize,
}

impl Lock {
    /// A lock of the present form.
    pub fn new(source: Source, sha256: Hashes, counts: Counts, names: Names) -> Self {
        let tools =
            Tools { progenitor: "0.15.1".to_owned(), swpanel_build_tools: env!("CARGO_PKG_VERSION").to_owned() };
        let (parts, overlays) = (BTreeMap::new(), BTreeMap::new());
        let (types, commands, handles) = (Names::new(), Names::new(), Names::new());
        Self {
            version: VERSION,
            knowledge: None,
            source,
            sha256,
            parts,
            overlays,
            tools,
            counts,
            names,
            types,
            commands,
            handles,
        }
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// The text is no TOML, has members a lock has not, or is of a newer form; the message says which.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().replace('\n', " "))?;
        if lock.version != VERSION {
            return Err(format!("it is of form {}, this program reads form {VERSION}", lock.version));
        }
        Ok(lock)
    }

    /// The bytes of `swpanel-api.lock`.
    pub fn to_text(&self) -> String {
        let head =
            "# Written by `cargo xtask sync`. It seals the files it hashes: `cargo xtask check` compares them.\n\n";
        let body = toml::to_string(self).expect("a lock holds only tables, texts and numbers");
        format!("{head}{body}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    fn lock() -> Lock {
        let hash = || sha256(b"abc");
        Lock::new(
            Source { kind: SourceKind::Reconstruction, ..Source::at("upstream/openapi.yaml") },
            Hashes { raw: hash(), document: hash(), generated: hash(), listing: hash() },
            Counts { operations: 1, generated: 1, schemas: 0, ledger: 0 },
            Names::from([("GET /a/".to_owned(), "a_list".to_owned())]),
        )
    }

    #[test]
    fn reads_back_what_it_writes() {
        let text = lock().to_text();
        assert_eq!(Lock::parse(&text), Ok(lock()));
        assert!(text.contains("\"GET /a/\" = \"a_list\""), "{text}");
        assert!(text.contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "{text}");
    }

    #[test]
    fn says_what_is_wrong_with_a_lock() {
        let newer = lock().to_text().replace("version = 1\n", "version = 9\n");
        assert!(Lock::parse(&newer).unwrap_err().contains("form 9"));
        assert!(Lock::parse("version = 1\nsurprise = 2\n").is_err());
    }

    #[test]
    fn names_the_generator_that_is_built_in() {
        let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let manifest = std::fs::read_to_string(place).unwrap();
        assert!(manifest.contains(&format!("progenitor = {{ version = \"={}\"", lock().tools.progenitor)));
    }
}
