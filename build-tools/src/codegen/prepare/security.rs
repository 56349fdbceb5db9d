//! How a document says that calls show who makes them: one credential for each operation, which a client can have.

use std::collections::BTreeMap;

use super::State;
use crate::document::{Document, Node, Object, Operation, Stage, Weight, child};

/// Where the credential of a call stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::codegen) enum Scheme {
    /// A bearer token; also of OAuth 2.0 and OpenID Connect.
    #[default]
    Bearer,
    /// `name:password` of HTTP Basic.
    Basic,
    /// A header of this name.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// A cookie.
    Cookie(String),
    /// The call needs none.
    Nothing,
}

/// The schemes of all operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::codegen) struct Security {
    /// What most operations have, and what calls have that are in no document.
    pub(in crate::codegen) common: Scheme,
    /// Those of the others, by operation id.
    pub(in crate::codegen) others: BTreeMap<String, Scheme>,
    /// Whether a client is of use without a credential: the document says nothing of credentials, or no call needs one.
    pub(in crate::codegen) optional: bool,
}

/// What a list of requirements comes to.
enum Requirement {
    Scheme(Scheme),
    /// More than one credential, of which this is the first that can be sent.
    OneOf(Scheme),
    /// None that can be sent.
    Unknown,
    /// Nothing is said.
    Unsaid,
}

pub(super) fn of(document: &Document, state: &mut State) -> Security {
    let declared = document.root().pointer("/components/securitySchemes").and_then(Node::as_object);
    let common = requirement(document, document.root().get("security"));
    let unsaid = || {
        let first = declared.into_iter().flat_map(Object::iter).find_map(|(name, _)| scheme(document, name));
        first.unwrap_or_default()
    };
    let mut security =
        Security { common: read(common, "/security", state).unwrap_or_else(unsaid), ..Security::default() };
    let said = document.root().get("security").is_some();
    let mut needed = said && security.common != Scheme::Nothing;
    let mut kinds: BTreeMap<Scheme, String> = BTreeMap::new();
    for operation in document.operations() {
        let at = child(&operation.pointer, "security");
        let own = operation.node.get("security").map(|node| requirement(document, Some(node)));
        let scheme = match own {
            Some(own) => {
                let scheme = read(own, &at, state).unwrap_or(Scheme::Nothing);
                needed |= scheme != Scheme::Nothing;
                scheme
            }
            None => security.common.clone(),
        };
        if scheme != Scheme::Nothing {
            kinds.entry(scheme.clone()).or_insert_with(|| operation.key());
        }
        if scheme != security.common {
            security.others.insert(operation.id().to_owned(), scheme);
        }
        note_servers(document, &operation, state);
    }
    if kinds.len() > 1 {
        let which: Vec<&str> = kinds.values().map(String::as_str).collect();
        let message = format!(
            "a client has one credential, and {} need different ones; make a client for each",
            which.join(", ")
        );
        state.ledger.note(Stage::Prepare, Weight::Loss, "several-credentials", "/components/securitySchemes", message);
    }
    security.optional = !needed;
    security
}

/// The scheme of a requirement, with a note where it says more than can be sent.
fn read(requirement: Requirement, at: &str, state: &mut State) -> Option<Scheme> {
    let (scheme, rule, message) = match requirement {
        Requirement::Scheme(scheme) => return Some(scheme),
        Requirement::Unsaid => return None,
        Requirement::OneOf(scheme) => {
            (scheme, "one-credential", "of several credentials that belong together, one is sent")
        }
        Requirement::Unknown => (Scheme::Nothing, "credential-not-sent", "no credential of these kinds can be sent"),
    };
    state.ledger.note(Stage::Prepare, Weight::Loss, rule, at, message);
    Some(scheme)
}

fn requirement(document: &Document, node: Option<&Node>) -> Requirement {
    let Some(list) = node.and_then(Node::as_array) else { return Requirement::Unsaid };
    let alternatives: Vec<Vec<&str>> =
        list.iter().filter_map(Node::as_object).map(|one| one.iter().map(|(name, _)| name).collect()).collect();
    if alternatives.iter().all(Vec::is_empty) {
        return Requirement::Scheme(Scheme::Nothing);
    }
    let known = |names: &Vec<&str>| names.iter().find_map(|name| scheme(document, name));
    if let Some(scheme) = alternatives.iter().filter(|names| names.len() == 1).find_map(known) {
        return Requirement::Scheme(scheme);
    }
    let free = alternatives.iter().any(Vec::is_empty);
    match alternatives.iter().find_map(known) {
        Some(scheme) => Requirement::OneOf(scheme),
        None if free => Requirement::Scheme(Scheme::Nothing),
        None => Requirement::Unknown,
    }
}

/// The scheme of a name, where its credential can be sent.
fn scheme(document: &Document, name: &str) -> Option<Scheme> {
    let node = document.root().pointer("/components/securitySchemes")?.get(name)?;
    let node = document.resolve(node)?;
    let key = || node.text_at("name").map(str::to_owned);
    match node.text_at("type")? {
        "http" if node.text_at("scheme")?.eq_ignore_ascii_case("bearer") => Some(Scheme::Bearer),
        "http" if node.text_at("scheme")?.eq_ignore_ascii_case("basic") => Some(Scheme::Basic),
        "oauth2" | "openIdConnect" => Some(Scheme::Bearer),
        "apiKey" => match node.text_at("in")? {
            "header" => key().filter(|name| is_token(name)).map(Scheme::Header),
            "query" => key().map(Scheme::Query),
            "cookie" => key().filter(|name| is_token(name)).map(Scheme::Cookie),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a text can be the name of a header.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A client has one address.
fn note_servers(document: &Document, operation: &Operation<'_>, state: &mut State) {
    let Some(own) = address(operation.servers()) else { return };
    if address(document.root().get("servers")) != Some(own) {
        let message = format!("the operation is at `{own}`; make a client with that as its base address for it");
        state.ledger.note(Stage::Prepare, Weight::Loss, "operation-server", &operation.pointer, message);
    }
}

fn address(servers: Option<&Node>) -> Option<&str> {
    servers.and_then(Node::as_array).and_then(<[Node]>::first).and_then(|one| one.text_at("url"))
}

/// The address of the first server, its variables filled with what they are by default.
pub(in crate::codegen) fn server(document: &Document) -> String {
    let Some(server) = document.root().pointer("/servers/0") else { return String::new() };
    let mut address = server.text_at("url").unwrap_or_default().to_owned();
    let variables = server.get("variables").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    for (name, variable) in variables {
        if let Some(value) = variable.text_at("default") {
            address = address.replace(&format!("{{{name}}}"), value);
        }
    }
    // What is not filled is no address.
    if address.contains(['{', '}']) { String::new() } else { address }
}
