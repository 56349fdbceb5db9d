//! What may be assumed of an operation that no knowledge matches: nothing. It is taken for one that spends money and
//! destroys things, unless it is a GET whose words do not name an action.

use super::{ASYNCHRONOUS, BILLABLE, DESTRUCTIVE};
use crate::document::{Effect, Node, Operation};
use crate::names::snake_case;

/// Words that name an action where they stand in the path, the id or at the head of the summary of a GET: English and
/// Spanish, as parts of paths are written.
pub const ACTION_WORDS: &[&str] = &[
    "abort",
    "accept",
    "activar",
    "activate",
    "add",
    "apagar",
    "apply",
    "approve",
    "archive",
    "arrancar",
    "assign",
    "attach",
    "autorenew",
    "block",
    "bloquear",
    "boot",
    "borrar",
    "buy",
    "cancel",
    "cancelar",
    "change",
    "charge",
    "checkout",
    "clean",
    "clear",
    "clone",
    "clonar",
    "close",
    "comprar",
    "confirm",
    "contratar",
    "copy",
    "crear",
    "create",
    "deactivate",
    "decline",
    "delete",
    "deploy",
    "desactivar",
    "destroy",
    "detach",
    "detener",
    "disable",
    "downgrade",
    "drop",
    "duplicate",
    "eliminar",
    "empty",
    "enable",
    "encender",
    "enviar",
    "erase",
    "execute",
    "ejecutar",
    "finish",
    "flush",
    "force",
    "format",
    "generate",
    "generar",
    "hibernate",
    "import",
    "importar",
    "iniciar",
    "install",
    "instalar",
    "invite",
    "issue",
    "kill",
    "lanzar",
    "launch",
    "lock",
    "login",
    "logout",
    "merge",
    "migrate",
    "modificar",
    "modify",
    "move",
    "mover",
    "notify",
    "order",
    "parar",
    "park",
    "patch",
    "pause",
    "pay",
    "pagar",
    "poweroff",
    "poweron",
    "provision",
    "publish",
    "purchase",
    "purge",
    "push",
    "reactivate",
    "reboot",
    "rebuild",
    "recreate",
    "redeem",
    "refresh",
    "refund",
    "regenerate",
    "regenerar",
    "register",
    "registrar",
    "reiniciar",
    "reinstall",
    "reissue",
    "reject",
    "reload",
    "remove",
    "rename",
    "renew",
    "renovar",
    "replace",
    "resend",
    "reset",
    "resize",
    "restart",
    "restablecer",
    "restaurar",
    "restore",
    "resume",
    "resync",
    "retry",
    "revert",
    "revoke",
    "rollback",
    "rotate",
    "run",
    "save",
    "send",
    "set",
    "shutdown",
    "start",
    "stop",
    "submit",
    "subscribe",
    "suspend",
    "suspender",
    "switch",
    "sync",
    "terminate",
    "transfer",
    "trasladar",
    "trigger",
    "truncate",
    "unblock",
    "uninstall",
    "unlink",
    "unlock",
    "unpark",
    "unsubscribe",
    "unsuspend",
    "update",
    "actualizar",
    "upgrade",
    "upload",
    "wipe",
    "write",
];

/// What is known of an operation, or assumed where nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it does to the account.
    pub effect: Effect,
    /// Whether it spends money, or may.
    pub billable: bool,
    /// Whether it destroys something that another call cannot bring back, or may.
    pub destructive: bool,
    /// Whether it answers before its work is done.
    pub asynchronous: bool,
}

impl std::fmt::Display for Facts {
    /// The effect, and in words what is besides: `create, billable`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.effect.as_str())?;
        let besides =
            [(self.billable, "billable"), (self.destructive, "destructive"), (self.asynchronous, "asynchronous")];
        besides.iter().filter(|(said, _)| *said).try_for_each(|(_, word)| write!(f, ", {word}"))
    }
}

impl Facts {
    /// The facts of an operation: what its document says as `x-` members, and the worst where it says nothing.
    pub fn of(operation: &Operation<'_>) -> Self {
        let says = |member| operation.node.get(member).and_then(Node::as_bool);
        let asynchronous = says(ASYNCHRONOUS).unwrap_or(false);
        let effect = operation.node.text_at(super::EFFECT).and_then(Effect::parse).unwrap_or(Effect::Unclassified);
        // What was decided for an operation without a class holds; what was not is decided by its words.
        let assumed = effect == Effect::Unclassified && !reads_by_its_words(operation);
        let billable = says(BILLABLE).unwrap_or(assumed);
        let destructive = says(DESTRUCTIVE).unwrap_or(assumed);
        Self { effect, billable, destructive, asynchronous }
    }

    /// Whether the operation changes nothing: it is known to read, or is an unclassified GET whose words name no action.
    pub fn reads(&self) -> bool {
        !self.billable && !self.destructive && matches!(self.effect, Effect::Read | Effect::Unclassified)
    }

    /// Whether a person is asked before the operation is sent.
    pub fn asks(&self) -> bool {
        self.billable || self.destructive
    }
}

/// Whether an operation of which nothing is known may be taken for a read: a GET or HEAD whose words name no action.
pub fn reads_by_its_words(operation: &Operation<'_>) -> bool {
    matches!(operation.method.as_str(), "GET" | "HEAD") && names_an_action(operation).is_none()
}

/// The word of an operation that names an action: of its path, its id, or the first of its summary.
pub fn names_an_action(operation: &Operation<'_>) -> Option<String> {
    let literal = operation.path.split('/').filter(|segment| !segment.contains('{'));
    let first = operation.summary().split_whitespace().next();
    let texts = literal.chain([operation.id()]).chain(published_id(operation)).chain(first);
    let mut words = texts.flat_map(|text| {
        let snake = snake_case(text);
        let mut words: Vec<String> = snake.split('_').map(str::to_owned).collect();
        // `powerOff` and `power-off` are `poweroff`.
        let pairs: Vec<String> = words.windows(2).map(|pair| pair.concat()).collect();
        words.extend(pairs);
        words
    });
    words.find(|word| ACTION_WORDS.contains(&word.as_str()) || ACTION_WORDS.contains(&infinitive(word).as_str()))
}

/// The operation id as it was published, where the name of the method is another.
fn published_id<'a>(operation: &Operation<'a>) -> Option<&'a str> {
    operation.node.text_at("x-published-operation-id")
}

/// `reinicia` and `restarts` as the words of the list are written: `reiniciar`, `restart`.
fn infinitive(word: &str) -> String {
    match word.strip_suffix('s') {
        Some(stem) => stem.to_owned(),
        None => format!("{word}r"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{RawDocument, convert};

    fn facts(method: &str, path: &str, more: &str) -> Facts {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{}}\npaths: {{'{path}': {{{method}: {{{more}responses: {{'200': {{description: ok}}}}}}}}}}\n"
        );
        let (document, _) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
        let operations = document.operations();
        Facts::of(&operations[0])
    }

    #[test]
    fn only_a_get_without_words_of_action_is_taken_for_a_read() {
        for (method, path, more) in [("get", "/domains/", ""), ("get", "/a/{reboot}", ""), ("head", "/a/settings", "")]
        {
            assert!(facts(method, path, more).reads(), "{method} {path}");
        }
        for (method, path, more) in [
            ("get", "/cloud/{id}/reboot", ""),
            ("get", "/cloud/{id}/powerOff", ""),
            ("get", "/cloud/{id}/power-off", ""),
            ("get", "/servicios/{id}/reiniciar/", ""),
            ("get", "/a/{id}", "operationId: restartServer, "),
            ("get", "/a/{id}", "summary: Reinicia el servidor, "),
            ("get", "/a/{id}", "summary: Renews the domain, "),
            ("post", "/search", ""),
            ("options", "/a", ""),
            ("delete", "/a/{id}", ""),
        ] {
            let found = facts(method, path, more);
            assert!(!found.reads() && found.billable && found.destructive && found.asks(), "{method} {path} {more}");
            assert_eq!(found.effect, Effect::Unclassified);
        }
    }

    #[test]
    fn what_is_said_holds() {
        let known = facts("post", "/search", "x-swpanel-effect: read, ");
        assert!(known.reads() && !known.asks());
        let renew = facts("get", "/a/renew", "x-swpanel-effect: update, x-swpanel-billable: true, ");
        assert!(renew.billable && !renew.destructive && !renew.reads() && renew.asks());
        assert!(facts("get", "/a", "x-swpanel-effect: read, x-swpanel-billable: true, ").asks());
    }
}
