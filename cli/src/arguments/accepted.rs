//! Which flags of all commands a command accepts. A flag that a command does not use is refused: whoever gives it relies on
//! it.

use super::{Given, Target, target_name};
use crate::failure::Failure;
use crate::table::Command;

/// Whether a command accepts a flag of all commands.
pub(crate) fn accepts(target: Target, name: &str) -> bool {
    match target {
        Target::Builtin(builtin) => builtin.takes(name),
        Target::Operation(command) => why_not(command, name).is_none(),
    }
}

/// Why an operation does not use a flag.
fn why_not(command: &Command, name: &str) -> Option<&'static str> {
    match name {
        "from" | "skeleton" if command.body.is_none() => Some("the call has no body"),
        "kind" if command.body.as_ref().is_none_or(|body| body.kinds.is_empty()) => {
            Some("the call has no body that comes in several kinds")
        }
        "wait" | "wait-for" | "wait-timeout" if command.reads() => {
            Some("the call changes nothing that could be waited for")
        }
        _ => None,
    }
}

/// Refuses flags that would be dropped.
pub(crate) fn refuse_unused(target: Target, given: &Given) -> Result<(), Failure> {
    let words = target_name(target);
    if let Some(name) = given.names().find(|name| !accepts(target, name)) {
        let why = match target {
            Target::Operation(command) => why_not(command, name).map(|why| format!(": {why}")).unwrap_or_default(),
            Target::Builtin(_) => String::new(),
        };
        return Err(Failure::usage(format!("`swpanel {words}` does not accept `--{name}`{why}"))
            .hint(format!("`swpanel {words} --help` lists the flags that it accepts")));
    }
    if let Target::Operation(_) = target
        && let Some(name) = given.names().find(|name| matches!(*name, "wait-for" | "wait-timeout"))
        && !given.has("wait")
    {
        return Err(Failure::usage(format!("`--{name}` has no effect without `--wait`")).hint("add `--wait`"));
    }
    Ok(())
}
