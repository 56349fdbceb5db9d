//! Operation ids that survive: pinned by METHOD + path in the lock, so that a vendor's rename of an id
//! does not rename a Rust method; new operations get the published id where it is usable, else one made
//! from method and path.

mod marks;
#[cfg(all(feature = "codegen", feature = "ingest"))]
mod pins;
#[cfg(feature = "codegen")]
mod rust;
mod types;

pub use marks::{COMMAND, HANDLE, mark, notes, settle};
#[cfg(all(feature = "codegen", feature = "ingest"))]
pub(crate) use pins::Pins;
#[cfg(feature = "codegen")]
pub(crate) use rust::{setter_name, type_name};
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
    /// The words of a handle could not stay what they were: another thing has them now.
    HandleChanged {
        /// `METHOD /path`.
        operation: String,
        /// What it was reached by, as `service.dns.list`.
        pinned: String,
        /// What it is reached by now; empty where it has no handle any more.
        now: String,
    },
    /// A command could not stay what it was: another has its words now.
    CommandChanged {
        /// `METHOD /path`.
        operation: String,
        /// What it was called.
        pinned: String,
        /// What it is called now.
        now: String,
    },
    /// The sides of a merge pin an operation by different names, or different operations by one name.
    SidesDiffer {
        /// `METHOD /path`.
        operation: String,
        /// The name that stays; empty where another operation has the other side's name.
        kept: String,
        /// The name that the other side had pinned.
        dropped: String,
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

/// Methods that the client has by hand (its own module may see more than its users), or from what it derives; `finish`
/// takes the two constructors of progenitor's client away by their names.
pub(crate) const CLIENT: &[&str] = &[
    "base_url",
    "blocking",
    "builder",
    "clone",
    "connections",
    "from_env",
    "new",
    "new_with_client",
    "raw",
    "waiter",
    "with_traceparent",
];

/// Names that a generated method must not have besides: keywords, and the list of all operations.
const RESERVED: &[&str] = &[
    "abstract", "all", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield",
];

/// Gives every operation its name, in place, and returns all pins and what is to be said about them.
pub fn pin(document: &mut Document, pinned: &Names) -> (Names, Vec<NameNote>) {
    let operations: Vec<(String, String, String)> = document
        .operations()
        .iter()
        .map(|operation| (operation.key(), operation.pointer.clone(), operation.id().to_owned()))
        .collect();
    let mut names = Names::new();
    let mut taken = Taken::default();
    let mut notes = Vec::new();
    for (key, ..) in &operations {
        if let Some(name) = pinned.get(key).filter(|name| usable(name).as_deref() == Some(name.as_str())) {
            taken.take(name);
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
        let name = match usable(published).filter(|id| taken.leaves(id)) {
            Some(id) => id,
            None => {
                let name = taken.free(&made_from_path(key));
                notes.push(NameNote::Made { operation: key.clone(), name: name.clone(), published: published.clone() });
                name
            }
        };
        taken.take(&name);
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
        ledger.note(Stage::Name, Weight::Mend, "operation-named", operation.pointer, message);
    }
}

/// The snake_case form of an id, where that makes a name a person would have chosen.
fn usable(id: &str) -> Option<String> {
    // `App\Http\Controllers\ThingController::index` and the like tell where the vendor's code is.
    let controller = id.split_once('@').is_some_and(|(class, _)| class.ends_with("Controller"));
    if id.contains(['\\', '/']) || id.contains("::") || controller {
        return None;
    }
    let snake = snake_case(&apart(id));
    let plain = snake.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let starts = snake.starts_with(|c: char| c.is_ascii_lowercase());
    let hash = snake.len() >= 16 && snake.chars().all(|c| c.is_ascii_hexdigit());
    let free = !RESERVED.contains(&snake.as_str()) && !CLIENT.contains(&snake.as_str());
    (plain && starts && !hash && snake.len() <= 60 && free).then_some(snake)
}

/// Abbreviations that are written without a space between them.
const ABBREVIATIONS: [&str; 28] = [
    "HTTPS", "HTTP", "JSON", "HTML", "UUID", "IPV4", "IPV6", "URL", "URI", "API", "DNS", "SSL", "TLS", "FTP", "SSH",
    "SQL", "XML", "CSV", "PDF", "VPS", "CPU", "RAM", "SSO", "VPN", "DB", "ID", "IP", "OS",
];

/// An id with its abbreviations told apart: `HTTPSURL` is `HTTPS_URL`, and the plural `VPSs` is one word.
fn apart(id: &str) -> String {
    let mut out = String::with_capacity(id.len() + 4);
    let mut rest = id;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(rest.len());
        if run == 0 {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (capitals, after) = rest.split_at(run);
        let mut next = after.chars();
        let plural = run > 1 && next.next() == Some('s') && next.next().is_none_or(|c| !c.is_ascii_lowercase());
        // The last capital starts a word of its own where small letters follow.
        let starts = usize::from(!plural && after.starts_with(|c: char| c.is_ascii_lowercase()));
        let (whole, last) = capitals.split_at(run - starts);
        match split(whole) {
            Some(parts) if parts.len() > 1 => out.push_str(&parts.join("_")),
            _ => out.push_str(whole),
        }
        out.push_str(last);
        rest = after;
        if plural {
            out.push_str("S_");
            rest = after.strip_prefix('s').unwrap_or(after);
        }
    }
    out
}

/// The abbreviations that a run of capitals is made of, where it is made of nothing else.
fn split(capitals: &str) -> Option<Vec<&str>> {
    if capitals.is_empty() {
        return Some(Vec::new());
    }
    ABBREVIATIONS.iter().find_map(|word| {
        let mut parts = split(capitals.strip_prefix(word)?)?;
        parts.insert(0, word);
        Some(parts)
    })
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

/// Verbs that stand as the last part of a path where it names what is done, not what there is.
const VERBS: [&str; 76] = [
    "accept",
    "activate",
    "apply",
    "approve",
    "archive",
    "assign",
    "attach",
    "authenticate",
    "authorize",
    "block",
    "cancel",
    "change",
    "check",
    "clear",
    "clone",
    "close",
    "confirm",
    "convert",
    "copy",
    "deactivate",
    "decline",
    "deploy",
    "detach",
    "disable",
    "downgrade",
    "duplicate",
    "enable",
    "execute",
    "export",
    "flush",
    "generate",
    "import",
    "install",
    "invite",
    "issue",
    "lock",
    "login",
    "logout",
    "merge",
    "move",
    "notify",
    "pause",
    "pay",
    "publish",
    "purge",
    "reactivate",
    "reboot",
    "refresh",
    "refund",
    "regenerate",
    "register",
    "reject",
    "rename",
    "renew",
    "resend",
    "reset",
    "restart",
    "restore",
    "resume",
    "retry",
    "revoke",
    "rotate",
    "send",
    "start",
    "stop",
    "subscribe",
    "suspend",
    "sync",
    "transfer",
    "trigger",
    "uninstall",
    "unlock",
    "unsuspend",
    "upgrade",
    "validate",
    "verify",
];

/// Names from `METHOD /path`, the first that is free to be taken: the literal segments and what the method does
/// there, which the path itself may say.
fn made_from_path(key: &str) -> Vec<String> {
    let (method, path) = key.split_once(' ').unwrap_or((key, ""));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let item = segments.last().is_some_and(|segment| segment.starts_with('{'));
    let literals: Vec<String> = segments
        .iter()
        .filter(|segment| !segment.contains('{'))
        .map(|segment| snake_case(&apart(segment)))
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
        ("OPTIONS", _) => "options",
        ("TRACE", _) => "trace",
        _ => "call",
    };
    let stem = if literals.is_empty() { "root".to_owned() } else { literals.join("_") };
    let stem = if stem.starts_with(|c: char| c.is_ascii_digit()) { format!("path_{stem}") } else { stem };
    let said = literals.last().and_then(|last| last.split('_').next()).is_some_and(|word| VERBS.contains(&word));
    let full = format!("{stem}_{verb}");
    let keyword = RESERVED.contains(&stem.as_str()) || CLIENT.contains(&stem.as_str());
    if said && !item && !keyword && matches!(method, "POST" | "PUT" | "PATCH") { vec![stem, full] } else { vec![full] }
}

/// The names that are given: of methods, and of the builders that are called after them.
#[derive(Default)]
struct Taken {
    methods: BTreeSet<String>,
    builders: BTreeSet<String>,
}

impl Taken {
    fn take(&mut self, name: &str) {
        self.methods.insert(name.to_owned());
        self.builders.insert(builder(name));
    }

    fn leaves(&self, name: &str) -> bool {
        !self.methods.contains(name) && !self.builders.contains(&builder(name))
    }

    /// The first of several names that is free, or the last with a number.
    fn free(&self, names: &[String]) -> String {
        let last = names.last().cloned().unwrap_or_default();
        let numbered = (2..).map(|number| format!("{last}_{number}"));
        let mut all = names.iter().cloned().chain(numbered);
        all.find(|name| self.leaves(name)).unwrap_or(last)
    }
}

/// `a_1b` and `a1b` are two methods and one builder, `A1b`.
fn builder(method: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.clone()).collect::<String>()
    };
    method.split('_').map(word).collect()
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
        assert_eq!(names, ["x_delete", "root_list", "x_get", "x_start"]);
    }

    #[test]
    fn names_made_from_paths_say_what_is_done() {
        for (key, name) in [
            ("POST /users/{id}/activate", "users_activate"),
            ("PUT /users/{id}/change-password", "users_change_password"),
            ("POST /users/{id}/avatar", "users_avatar_create"),
            ("POST /users/{id}/posts", "users_posts_create"),
            ("GET /users/export", "users_export_list"),
            ("POST /move", "move_create"),
            ("OPTIONS /users", "users_options"),
            ("TRACE /users", "users_trace"),
        ] {
            assert_eq!(made_from_path(key)[0], name);
        }
        let mut document = document("  /x/{id}/start: {post: {}, put: {}}\n");
        let (pins, _) = pin(&mut document, &Names::new());
        assert_eq!(pins.values().map(String::as_str).collect::<Vec<_>>(), ["x_start", "x_start_update"]);
    }

    #[test]
    fn published_ids_keep_their_words() {
        for (id, name) in [
            ("list-all-VPSs", Some("list_all_vpss")),
            ("getVPSsByID", Some("get_vpss_by_id")),
            ("getHTTPSURLByID2", Some("get_https_url_by_id2")),
            ("getDNSRecord", Some("get_dns_record")),
            ("RHAPlan", Some("rha_plan")),
            ("GetC.V1@beta", Some("get_c_v1_beta")),
            ("api.v1.x", Some("api_v1_x")),
            ("ThingController@index", None),
            ("App\\Thing::index", None),
            ("getAs", Some("get_as")),
        ] {
            assert_eq!(usable(id).as_deref(), name, "{id}");
        }
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
