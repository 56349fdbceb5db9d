//! `knowledge.toml` as data.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use crate::document::{Effect, METHODS};
use crate::matching::Endpoint;

/// Version of the form of the file.
const VERSION: u32 = 1;

/// The file cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnowledgeError {
    /// It is not TOML of this form; the message says where.
    #[error("{0}")]
    Syntax(String),
    /// It is of a form that this program does not read.
    #[error("it is of form {found}, this program reads form {VERSION}")]
    Form {
        /// The form that the file states.
        found: u32,
    },
    /// An entry is wrong.
    #[error("`{operation}`: {problem}")]
    Entry {
        /// The key of the entry.
        operation: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// What is known of the operations of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// The address of the server that the paths are below.
    pub server: String,
    /// SHA-256 of the documents that are reconstructions of ours, besides the one that the lock names.
    pub reconstructions: Vec<String>,
    /// The entries by `METHOD /path`.
    pub operations: BTreeMap<String, Entry>,
}

/// What is known of one operation.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Entry {
    /// `read`, `create`, `update`, `delete` or `action`.
    #[serde(deserialize_with = "effect")]
    pub effect: Effect,
    /// Whether it spends money, or may.
    #[serde(default)]
    pub billable: bool,
    /// Whether it destroys something that another call cannot bring back, or may.
    #[serde(default)]
    pub destructive: bool,
    /// Whether it answers before its work is done.
    #[serde(default)]
    pub asynchronous: bool,
    /// The group it belongs to.
    #[serde(default)]
    pub group: Option<String>,
    /// The words that call it on the command line.
    #[serde(default)]
    pub command: Option<String>,
    /// Whether it reads a collection, where its response may not show that.
    #[serde(default)]
    pub collection: Option<bool>,
    /// The operation that reads what this one changed, as `GET /path/`.
    #[serde(default)]
    pub read_back: Option<String>,
    /// Properties of the request body that are secret: names joined by dots.
    #[serde(default)]
    pub secret_request: Vec<String>,
    /// Properties of the response that are secret: names joined by dots.
    #[serde(default)]
    pub secret_response: Vec<String>,
    /// Properties, of request or response, that look secret by their names and are not.
    #[serde(default)]
    pub public: Vec<String>,
    /// Operations that matched loosely and that a person accepted as this one: `METHOD /path` with the path of the
    /// server in front.
    #[serde(default)]
    pub accepted: Vec<String>,
}

fn effect<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Effect, D::Error> {
    let word = String::deserialize(deserializer)?;
    let known = Effect::parse(&word).filter(|effect| *effect != Effect::Unclassified);
    known.ok_or_else(|| {
        let words = "read, create, update, delete or action";
        serde::de::Error::custom(format!("`effect` is `{word}`, and must be {words}"))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    version: u32,
    server: String,
    #[serde(default)]
    reconstructions: Vec<String>,
    #[serde(default)]
    operations: BTreeMap<String, Entry>,
}

impl Knowledge {
    /// Reads the file.
    ///
    /// # Errors
    /// The text is not TOML of this form, or an entry contradicts itself or another one.
    pub fn parse(text: &str) -> Result<Self, KnowledgeError> {
        let file: File =
            toml::from_str(text).map_err(|error| KnowledgeError::Syntax(error.to_string().trim_end().to_owned()))?;
        if file.version != VERSION {
            return Err(KnowledgeError::Form { found: file.version });
        }
        let knowledge =
            Self { server: file.server, reconstructions: file.reconstructions, operations: file.operations };
        knowledge.check()?;
        Ok(knowledge)
    }

    fn check(&self) -> Result<(), KnowledgeError> {
        let wrong =
            |operation: &str, problem: String| Err(KnowledgeError::Entry { operation: operation.to_owned(), problem });
        let mut accepted: BTreeMap<&str, &str> = BTreeMap::new();
        let mut commands: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, entry) in &self.operations {
            if !is_key(key) {
                return wrong(key, "an entry is keyed by `METHOD /path`".to_owned());
            }
            if let Some(read_back) = entry.read_back.as_deref().filter(|other| !self.operations.contains_key(*other)) {
                return wrong(key, format!("`read-back` names `{read_back}`, which has no entry"));
            }
            for other in &entry.accepted {
                if !is_key(other) {
                    return wrong(key, format!("`accepted` names `{other}`, which is not `METHOD /path`"));
                }
                if let Some(first) = accepted.insert(other, key) {
                    return wrong(key, format!("`accepted` names `{other}`, which `{first}` has accepted"));
                }
            }
            if let Some(words) = entry.command.as_deref()
                && let Some(first) = commands.insert(words, key)
            {
                return wrong(key, format!("`command` is `{words}`, as of `{first}`"));
            }
        }
        Ok(())
    }

    /// The endpoints of the entries, in the order of their keys.
    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        let split = self.operations.keys().filter_map(|key| key.split_once(' '));
        split.map(|(method, path)| Endpoint::new(method, &self.server, path)).collect()
    }
}

fn is_key(key: &str) -> bool {
    key.split_once(' ').is_some_and(|(method, path)| {
        METHODS.contains(&method.to_lowercase().as_str()) && method == method.to_uppercase() && path.starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "version = 1\nserver = \"https://x.example/v1\"\n";

    #[test]
    fn reads_entries_and_says_what_is_wrong_with_them() {
        let good = format!("{HEAD}[operations.\"GET /a/\"]\neffect = \"read\"\n");
        assert_eq!(Knowledge::parse(&good).unwrap().operations["GET /a/"].effect, Effect::Read);
        for (body, part) in [
            ("[operations.\"GET /a/\"]\neffect = \"billable\"\n", "read, create, update, delete or action"),
            ("[operations.\"GET /a/\"]\neffect = \"unclassified\"\n", "read, create, update, delete or action"),
            ("[operations.\"GET /a/\"]\neffect = \"read\"\nbilable = true\n", "bilable"),
            ("[operations.\"get /a/\"]\neffect = \"read\"\n", "METHOD /path"),
            ("[operations.\"GET /a/\"]\neffect = \"read\"\nread-back = \"GET /b/\"\n", "no entry"),
            (
                "[operations.\"GET /a/\"]\neffect = \"read\"\ncommand = \"a\"\n[operations.\"GET /b/\"]\neffect = \"read\"\ncommand = \"a\"\n",
                "as of `GET /a/`",
            ),
        ] {
            let error = Knowledge::parse(&format!("{HEAD}{body}")).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let newer = Knowledge::parse(&HEAD.replace('1', "2")).unwrap_err();
        assert!(matches!(newer, KnowledgeError::Form { found: 2 }), "{newer}");
    }
}
