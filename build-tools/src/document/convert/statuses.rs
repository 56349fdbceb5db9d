//! The keys of an operation's answers: three digits, a class of them, or `default`.

use super::ledger::{Ledger, Stage, Weight};
use crate::document::node::{Node, Object};
use crate::document::pointer::child;

fn note(ledger: &mut Ledger, weight: Weight, rule: &'static str, pointer: &str, message: impl Into<String>) {
    ledger.note(Stage::Convert, weight, rule, pointer, message);
}

/// The status that a key means, where it means one.
fn meant(key: &str) -> Option<String> {
    let key = key.trim();
    let upper = key.to_ascii_uppercase();
    let mut letters = upper.chars();
    let class = letters.next().is_some_and(|c| ('1'..='5').contains(&c));
    match (class, letters.as_str()) {
        (true, "XX") => Some(upper.clone()),
        (true, rest) if rest.len() == 2 && rest.chars().all(|c| c.is_ascii_digit()) => Some(upper.clone()),
        _ => (upper == "DEFAULT").then(|| "default".to_owned()),
    }
}

/// Writes the keys as 3.0 has them; what is none is kept aside.
pub(super) fn mend(responses: &mut Object, pointer: &str, ledger: &mut Ledger) {
    let wrong = |key: &str| !key.starts_with("x-") && meant(key).as_deref() != Some(key);
    let keys: Vec<String> = responses.iter().map(|(key, _)| key.to_owned()).filter(|key| wrong(key)).collect();
    for key in keys {
        let Some(answer) = responses.remove(&key) else { continue };
        let at = child(pointer, &key);
        let parts: Option<Vec<String>> =
            key.split([',', '|', '/', ' ']).filter(|part| !part.is_empty()).map(meant).collect();
        match parts.as_deref() {
            Some([one]) if !responses.contains(one) => {
                responses.insert(one.as_str(), answer);
                note(ledger, Weight::Mend, "status-lower-case", &at, format!("`{key}` is written `{one}`"));
            }
            Some(several) if several.len() > 1 => {
                for status in several.iter().filter(|status| !responses.contains(status)).cloned().collect::<Vec<_>>() {
                    responses.insert(status, Node::clone(&answer));
                }
                note(ledger, Weight::Mend, "status-list", &at, format!("`{key}` are {} answers", several.len()));
            }
            _ => {
                responses.insert(format!("x-{key}"), answer);
                let message = format!("`{key}` is no status of an answer; it is kept as `x-{key}`");
                note(ledger, Weight::Loss, "status-unknown", &at, message);
            }
        }
    }
}
