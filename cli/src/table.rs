//! The commands of the document: static data that `build.rs` made, and how it is looked up.

/// Commands that share their first words.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) words: &'static [&'static str],
    pub(crate) text: &'static str,
}

/// One operation as a command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) words: &'static [&'static str],
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// The path template under which the operation is known, whatever the document calls it.
    pub(crate) known_path: &'static str,
    pub(crate) id: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) text: &'static str,
    pub(crate) doubts: &'static str,
    pub(crate) evidence: &'static [&'static str],
    pub(crate) effect: Effect,
    pub(crate) billable: bool,
    pub(crate) destructive: bool,
    pub(crate) asynchronous: bool,
    pub(crate) parameters: &'static [Argument],
    pub(crate) body: Option<Body>,
}

/// A parameter of path or query.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) name: &'static str,
    pub(crate) in_path: bool,
    pub(crate) required: bool,
    pub(crate) holds: Holds,
    pub(crate) text: &'static str,
}

/// A request body.
#[derive(Debug)]
pub(crate) struct Body {
    /// JSON pointer of its schema in the document.
    pub(crate) pointer: &'static str,
    pub(crate) media: &'static str,
    pub(crate) required: bool,
    /// The kinds it comes in, where no member tells them apart.
    pub(crate) kinds: &'static [Kind],
    pub(crate) flags: &'static [Flag],
    /// A whole body as JSON, where it has no members to set.
    pub(crate) example: &'static str,
}

/// One of the kinds of a body.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) pointer: &'static str,
}

/// What a value may be.
#[derive(Debug)]
pub(crate) struct Holds {
    pub(crate) types: &'static [Type],
    pub(crate) list: bool,
    pub(crate) choices: &'static [&'static str],
    pub(crate) limits: &'static str,
    pub(crate) example: &'static str,
}

/// A member of a body.
#[derive(Debug)]
pub(crate) struct Flag {
    /// Names joined by dots, `*` for any item of an array.
    pub(crate) path: &'static str,
    pub(crate) holds: Holds,
    pub(crate) need: Need,
    pub(crate) sensitive: bool,
    pub(crate) text: &'static str,
    /// Where it belongs to some variants alone: the member that tells them apart and its value. The member is empty
    /// for the kind of the whole body, and ends in `#` where nothing tells the variants apart.
    pub(crate) when: &'static [(&'static str, &'static str)],
}

/// What a call does to the account.
#[allow(dead_code, reason = "a document need not have all of them")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Create,
    Update,
    Delete,
    Action,
    /// Nobody has classified it.
    Unclassified,
}

/// A JSON type.
#[allow(dead_code, reason = "a document need not have all of them")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Integer,
    Number,
    Boolean,
    Json,
}

/// When a member must be given.
#[allow(dead_code, reason = "a document need not have all of them")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Always,
    Within,
    Optional,
}

include!(concat!(env!("OUT_DIR"), "/commands.rs"));

/// The document itself; read only where a body is to be judged.
pub(crate) static DOCUMENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/document.json"));

/// The groups of the document, by name.
pub(crate) fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = COMMANDS.iter().map(|command| command.tag).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

impl Effect {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Action => "action",
            Self::Unclassified => "unclassified",
        }
    }
}

impl Command {
    /// The command of a method and path template. Hand-written commands find what they call by this alone: a document
    /// may have the operation at another path, with a version in front or without the last slash.
    pub(crate) fn find(method: &str, path: &str) -> Option<&'static Self> {
        let known = COMMANDS.iter().find(|command| command.method == method && command.known_path == path);
        known.or_else(|| Self::published(method, path))
    }

    /// The command of a method and path template as the document has it.
    pub(crate) fn published(method: &str, path: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.method == method && command.path == path)
    }

    /// Its words as they are typed.
    pub(crate) fn name(&self) -> String {
        self.words.join(" ")
    }

    /// Parameters of the path, in its order.
    pub(crate) fn positionals(&self) -> impl Iterator<Item = &'static Argument> {
        self.parameters.iter().filter(|parameter| parameter.in_path)
    }

    /// Parameters of the query.
    pub(crate) fn queries(&self) -> impl Iterator<Item = &'static Argument> {
        self.parameters.iter().filter(|parameter| !parameter.in_path)
    }

    /// Whether a person is asked before it is sent: it spends money or destroys something, or may.
    pub(crate) fn asks(&self) -> bool {
        self.billable || self.destructive
    }

    /// Whether it changes nothing: it is known to read, or is an unclassified GET whose words name no action.
    pub(crate) fn reads(&self) -> bool {
        !self.asks() && matches!(self.effect, Effect::Read | Effect::Unclassified)
    }

    /// What it does to the account, in words: `create, billable`.
    pub(crate) fn does(&self) -> String {
        let besides =
            [(self.billable, "billable"), (self.destructive, "destructive"), (self.asynchronous, "asynchronous")];
        let besides = besides.iter().filter(|(said, _)| *said).map(|(_, word)| format!(", {word}"));
        format!("{}{}", self.effect.as_str(), besides.collect::<String>())
    }

    /// Whether it leaves the same state however often it arrives, by the promise of its method.
    pub(crate) fn is_idempotent(&self) -> bool {
        let promised = matches!((self.effect, self.method), (Effect::Update, "PUT") | (Effect::Delete, "DELETE"));
        self.reads() || (promised && !self.billable)
    }
}

/// A name for an argument as it stands in usage lines.
pub(crate) fn placeholder(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_of_the_document_is_a_command_of_its_own() {
        let document: serde_json::Value = serde_json::from_slice(DOCUMENT).unwrap();
        let methods = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
        let mut expected = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys().filter(|key| methods.contains(&key.as_str())) {
                expected.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
        let found: BTreeSet<_> = COMMANDS.iter().map(|c| format!("{} {}", c.method, c.path)).collect();
        assert_eq!(found, expected);
        assert_eq!(COMMANDS.len(), expected.len());
        let words: BTreeSet<_> = COMMANDS.iter().map(|command| command.words).collect();
        assert_eq!(words.len(), COMMANDS.len(), "two commands have the same words");
        for one in COMMANDS {
            assert!(!one.words.is_empty() && one.words.iter().all(|word| !word.is_empty() && !word.starts_with('-')));
            let begins = |other: &&Command| other.words.len() > one.words.len() && other.words.starts_with(one.words);
            assert!(COMMANDS.iter().find(begins).is_none(), "{} begins another", one.name());
        }
    }

    #[test]
    fn a_body_is_where_the_table_says() {
        let document: serde_json::Value = serde_json::from_slice(DOCUMENT).unwrap();
        for body in COMMANDS.iter().filter_map(|command| command.body.as_ref()) {
            assert!(document.pointer(body.pointer).is_some(), "{}", body.pointer);
            for kind in body.kinds {
                assert!(document.pointer(kind.pointer).is_some(), "{}", kind.pointer);
            }
        }
    }
}
