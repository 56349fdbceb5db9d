//! Entries proposed for operations that have none, each with its reason, for a person to review.

use serde::Serialize;

use super::{Applied, BILLABLE, DESTRUCTIVE, names_an_action};
use crate::document::{Document, Effect, Node, Operation};

/// An entry proposed for one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// `METHOD /path` in the document.
    pub operation: String,
    /// The text to paste into knowledge.toml.
    pub entry: String,
    /// Why these values were proposed, in one sentence.
    pub reason: String,
}

/// Words that name spending in paths, ids and summaries.
const SPENDING: [&str; 22] = [
    "buy",
    "checkout",
    "clone",
    "comprar",
    "contratar",
    "invoice",
    "order",
    "orders",
    "pagar",
    "pay",
    "payment",
    "pedido",
    "purchase",
    "redeem",
    "register",
    "registrar",
    "renew",
    "renovar",
    "subscribe",
    "transfer",
    "trasladar",
    "upgrade",
];

/// Words that name destruction.
const DESTROYING: [&str; 22] = [
    "borrar",
    "cancel",
    "cancelar",
    "clean",
    "delete",
    "destroy",
    "drop",
    "eliminar",
    "empty",
    "erase",
    "format",
    "purge",
    "rebuild",
    "recreate",
    "reinstall",
    "remove",
    "reset",
    "restore",
    "restaurar",
    "terminate",
    "truncate",
    "wipe",
];

/// Proposes an entry for every operation without one. A proposal never says less than what its words name; it is not
/// used before a person takes it over.
pub fn proposals(document: &Document, applied: &Applied) -> Vec<Proposal> {
    let operations = document.operations();
    let wanted = |operation: &&Operation<'_>| {
        applied.unclassified.iter().any(|unclassified| unclassified.operation == operation.key())
    };
    operations.iter().filter(wanted).map(propose).collect()
}

fn propose(operation: &Operation<'_>) -> Proposal {
    let words = words(operation);
    let names = |list: &[&str]| words.iter().find(|word| list.contains(&word.as_str())).cloned();
    let (spends, destroys) = (names(&SPENDING), names(&DESTROYING));
    let (effect, why) = match (operation.method.as_str(), names_an_action(operation)) {
        ("GET" | "HEAD", None) => (Effect::Read, "a GET whose words name no action".to_owned()),
        ("GET" | "HEAD", Some(word)) => (Effect::Action, format!("a GET whose words name an action: `{word}`")),
        ("PUT" | "PATCH", _) => (Effect::Update, format!("a {}", operation.method)),
        ("DELETE", _) => (Effect::Delete, "a DELETE".to_owned()),
        ("POST", _) if operation.path.trim_end_matches('/').ends_with('}') => {
            (Effect::Action, "a POST on a single thing".to_owned())
        }
        (method, None) => (Effect::Create, format!("a {method} on a collection")),
        (method, Some(word)) => (Effect::Action, format!("a {method} whose words name an action: `{word}`")),
    };
    let destructive = effect == Effect::Delete || destroys.is_some();
    let mut entry = format!("[operations.{}]\neffect = \"{}\"\n", quoted(&operation.key()), effect.as_str());
    let mut reason = why;
    for (member, said, word) in [(BILLABLE, spends.is_some(), &spends), (DESTRUCTIVE, destructive, &destroys)] {
        if said {
            let name = member.trim_start_matches("x-swpanel-");
            entry.push_str(&format!("{name} = true\n"));
            if let Some(word) = word {
                reason.push_str(&format!("; {name} because of `{word}`"));
            }
        }
    }
    Proposal { operation: operation.key(), entry, reason }
}

fn words(operation: &Operation<'_>) -> Vec<String> {
    let literal = operation.path.split('/').filter(|segment| !segment.contains('{'));
    let id = operation.node.text_at("x-published-operation-id").unwrap_or(operation.id());
    let texts = literal.chain([id, operation.summary(), operation.node.text_at("description").unwrap_or_default()]);
    let snake: Vec<String> = texts.map(crate::names::snake_case).collect();
    snake.iter().flat_map(|text| text.split('_')).map(str::to_owned).collect()
}

/// A TOML string: basic strings escape as JSON does.
pub(crate) fn quoted(text: &str) -> String {
    Node::from(text).to_canonical().trim_end().to_owned()
}
