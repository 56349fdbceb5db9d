//! Operation ids that survive: pinned by METHOD + path in the lock, so that a vendor's rename of an id
//! does not rename a Rust method; new operations get the published id where it is usable, else one made
//! from method and path.

mod types;

pub use types::pin_types;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::document::{Document, Ledger, Node, Stage, Weight};

/// Pinned names by `METHOD /path`.
pub type Names = BTreeMap<String, String>;

/// Something about a name that a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NameNote {
    /// The vendor now calls a pinned operation otherwise; the pinned name stays.
    Renamed {
        /// `METHOD /path`.
        operation: String,
        /// The name that stays.
        pinned: String,
        /// The id in the source.
        published: String,
    },
    /// The vendor now calls the schema otherwise that a pinned place refers to; the type keeps its name.
    TypeRenamed {
        /// The name that stays.
        pinned: String,
        /// The name in the source.
        published: String,
    },
    /// The published id was missing, unusable or taken; a name was made.
    Made {
        /// `METHOD /path`.
        operation: String,
        /// The name made.
        name: String,
        /// The id in the source, if any.
        published: String,
    },
}

/// Names that a generated method must not have: keywords, and methods that the hand-written client has.
const RESERVED: &[&str] = &[
    "abstract", "all", "as", "async", "await", "become", "box", "break", "builder", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "from_env", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "new", "override", "priv", "pub", "raw", "ref", "return", "self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield", "base_url", "blocking", "clone",
];

/// Gives every operation its name, in place, and returns all pins and what is to be said about them.
pub fn pin(document: &mut Document, pinned: &Names) -> (Names, Vec<NameNote>) {
    let operations: Vec<(String, String, String)> = document
        .operations()
        .iter()
        .map(|operation| (operation.key(), operation.pointer.clone(), operation.id().to_owned()))
        .collect();
    let mut names = Names::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut notes = Vec::new();
    for (key, ..) in &operations {
        if let Some(name) = pinned.get(key).filter(|name| usable(name).as_deref() == Some(name.as_str())) {
            taken.insert(name.clone());
            names.insert(key.clone(), name.clone());
        }
    }
    for (key, _, published) in &operations {
        if let Some(name) = names.get(key) {
            if usable(published).is_some_and(|id| id != *name) {
                let (operation, pinned, published) = (key.clone(), name.clone(), published.clone());
                notes.push(NameNote::Renamed { operation, pinned, published });
            }
            continue;
        }
        let name = match usable(published).filter(|id| !taken.contains(id)) {
            Some(id) => id,
            None => {
                let name = free(&made_from_path(key), &taken);
                notes.push(NameNote::Made { operation: key.clone(), name: name.clone(), published: published.clone() });
                name
            }
        };
        taken.insert(name.clone());
        names.insert(key.clone(), name);
    }
    for (key, pointer, published) in operations {
        let (Some(name), Some(operation)) = (names.get(&key), document.root_mut().pointer_mut(&pointer)) else {
            continue;
        };
        if let Some(object) = operation.as_object_mut() {
            if !published.is_empty() && published != *name {
                object.insert("x-published-operation-id", Node::from(published));
            }
            object.insert("operationId", Node::from(name.as_str()));
        }
    }
    (names, notes)
}

/// The ledger's entries on operations whose method is not called as they are published. Whether a name was pinned
/// earlier or made just now does not matter: the same source has the same entries.
pub fn note_made(document: &Document, published: &Names, ledger: &mut Ledger) {
    for operation in document.operations() {
        let id = published.get(&operation.key()).map_or("", String::as_str);
        let name = operation.id();
        if usable(id).as_deref() == Some(name) {
            continue;
        }
        let message = if id.is_empty() {
            format!("it has no published id; its method is `{name}`")
        } else {
            format!("`{id}` is taken or no usable name; its method is `{name}`")
        };
        ledger.note(Stage::Name, Weight::Rewrite, "operation-named", operation.pointer, message);
    }
}

/// The snake_case form of an id, where that makes a name a person would have chosen.
fn usable(id: &str) -> Option<String> {
    // `App\Http\Controllers\ThingController::index` and the like tell where the vendor's code is.
    if id.contains(['\\', '/']) || id.contains("::") || id.contains('@') {
        return None;
    }
    let snake = snake_case(id);
    let plain = snake.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let starts = snake.starts_with(|c: char| c.is_ascii_lowercase());
    let hash = snake.len() >= 16 && snake.chars().all(|c| c.is_ascii_hexdigit());
    (plain && starts && !hash && snake.len() <= 60 && !RESERVED.contains(&snake.as_str())).then_some(snake)
}

/// `getDNSRecord` and `get-dns-record` to `get_dns_record`.
pub fn snake_case(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let word_starts = c.is_uppercase()
            && before.is_some_and(|b| {
                b.is_lowercase() || b.is_numeric() || (b.is_uppercase() && after.is_some_and(|a| a.is_lowercase()))
            });
        if word_starts && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out.trim_end_matches('_').to_owned()
}

/// A name from `METHOD /path`: the literal segments, then what the method does there.
fn made_from_path(key: &str) -> String {
    let (method, path) = key.split_once(' ').unwrap_or((key, ""));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let item = segments.last().is_some_and(|segment| segment.starts_with('{'));
    let literals: Vec<String> = segments
        .iter()
        .filter(|segment| !segment.contains('{'))
        .map(|segment| snake_case(segment))
        .filter(|word| word.is_ascii() && !word.is_empty())
        .collect();
    let verb = match (method, item) {
        ("GET", true) => "get",
        ("GET", false) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", _) => "delete",
        ("HEAD", _) => "head",
        _ => "call",
    };
    let stem = if literals.is_empty() { "root".to_owned() } else { literals.join("_") };
    let stem = if stem.starts_with(|c: char| c.is_ascii_digit()) { format!("path_{stem}") } else { stem };
    format!("{stem}_{verb}")
}

fn free(name: &str, taken: &BTreeSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    fn document(paths: &str) -> Document {
        let text = format!("openapi: 3.0.3\ninfo: {{}}\npaths:\n{paths}");
        convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap().0
    }

    #[test]
    fn a_pinned_name_survives_the_vendors_rename() {
        let mut first = document("  /a/: {get: {operationId: a_list}}\n");
        let (pins, notes) = pin(&mut first, &Names::new());
        assert!(notes.is_empty());
        let mut second = document("  /a/: {get: {operationId: listAllA}}\n  /b/: {get: {operationId: a_list}}\n");
        let (pins, notes) = pin(&mut second, &pins);
        assert_eq!(pins.get("GET /a/").map(String::as_str), Some("a_list"));
        assert_eq!(pins.get("GET /b/").map(String::as_str), Some("b_list"));
        assert_eq!(second.root().pointer("/paths/~1a~1/get/operationId").and_then(Node::as_str), Some("a_list"));
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn unusable_ids_are_replaced_by_names_from_the_path() {
        let mut document = document(
            "  /x/{id}/start: {post: {operationId: 5f2b8c1d9e0a4b7c8d1e}}\n  /x/{id}: {get: {operationId: type}, delete: {}}\n  /: {get: {operationId: 'Obtener todos los órganos'}}\n",
        );
        let (pins, _) = pin(&mut document, &Names::new());
        let names: Vec<_> = pins.values().map(String::as_str).collect();
        assert_eq!(names, ["x_delete", "root_list", "x_get", "x_start_create"]);
    }

    #[test]
    fn snake_case_keeps_words_together() {
        for (text, snake) in [
            ("getDNSRecord", "get_dns_record"),
            ("DnsRecord2", "dns_record2"),
            ("a-b.c", "a_b_c"),
            ("RHAPlan", "rha_plan"),
            ("already_snake", "already_snake"),
        ] {
            assert_eq!(snake_case(text), snake);
        }
    }
}
