//! The table as Rust source: static data of types that the including crate defines.
//!
//! It needs in scope: `Command`, `Argument`, `Body`, `Kind`, `Holds`, `Flag`, `Group`, and the enumerations `Effect`,
//! `Type` and `Need`, with the same members as here and `&'static` in place of what is owned.

use std::fmt::Write;

use super::{Argument, Body, Command, Flag, Holds, Need, Table, Type};
use crate::document::Effect;

impl Table {
    /// `COMMANDS` and `GROUPS`.
    pub fn to_rust(&self) -> String {
        let mut out = String::from("pub(crate) static COMMANDS: &[Command] = &[\n");
        for command in &self.commands {
            out.push_str(&one(command));
        }
        out.push_str("];\n\npub(crate) static GROUPS: &[Group] = &[\n");
        for group in &self.groups {
            // Writing to a text cannot fail.
            let _ = writeln!(out, "    Group {{ words: &{:?}, text: {:?} }},", group.words, group.text);
        }
        out.push_str("];\n");
        out
    }
}

fn one(command: &Command) -> String {
    let effect = match command.facts.effect {
        Effect::Read => "Read",
        Effect::Create => "Create",
        Effect::Update => "Update",
        Effect::Delete => "Delete",
        Effect::Action => "Action",
        Effect::Unclassified => "Unclassified",
    };
    let parameters: String = command.parameters.iter().map(argument).collect();
    let body = command.body.as_ref().map_or_else(|| "None".to_owned(), |body| format!("Some({})", whole(body)));
    format!(
        "    Command {{ words: &{:?}, method: {:?}, path: {:?}, known_path: {:?}, id: {:?}, tag: {:?}, summary: {:?}, text: {:?}, \
         doubts: {:?}, evidence: &{:?}, effect: Effect::{effect}, billable: {}, destructive: {}, asynchronous: {}, \
         parameters: &[{parameters}], body: {body} }},\n",
        command.words,
        command.method,
        command.path,
        command.known_path,
        command.id,
        command.tag,
        command.summary,
        command.text,
        command.doubts,
        command.evidence,
        command.facts.billable,
        command.facts.destructive,
        command.facts.asynchronous,
    )
}

fn argument(argument: &Argument) -> String {
    let Argument { name, in_path, required, holds, text } = argument;
    let holds = held(holds);
    format!("Argument {{ name: {name:?}, in_path: {in_path}, required: {required}, holds: {holds}, text: {text:?} }}, ")
}

fn whole(body: &Body) -> String {
    let kinds: String = body
        .kinds
        .iter()
        .map(|kind| format!("Kind {{ name: {:?}, text: {:?}, pointer: {:?} }}, ", kind.name, kind.text, kind.pointer))
        .collect();
    let flags: String = body.flags.iter().map(flag).collect();
    let Body { pointer, media, required, example, .. } = body;
    format!(
        "Body {{ pointer: {pointer:?}, media: {media:?}, required: {required}, kinds: &[{kinds}], flags: &[{flags}], \
         example: {example:?} }}"
    )
}

fn flag(flag: &Flag) -> String {
    let need = match flag.need {
        Need::Always => "Always",
        Need::Within => "Within",
        Need::Optional => "Optional",
    };
    let Flag { path, holds, sensitive, text, when, .. } = flag;
    let holds = held(holds);
    format!(
        "Flag {{ path: {path:?}, holds: {holds}, need: Need::{need}, sensitive: {sensitive}, text: {text:?}, \
         when: &{when:?} }}, "
    )
}

fn held(holds: &Holds) -> String {
    let types: Vec<&str> = holds
        .types
        .iter()
        .map(|of| match of {
            Type::Text => "Type::Text",
            Type::Integer => "Type::Integer",
            Type::Number => "Type::Number",
            Type::Boolean => "Type::Boolean",
            Type::Json => "Type::Json",
        })
        .collect();
    let Holds { list, choices, limits, example, .. } = holds;
    let types = types.join(", ");
    format!(
        "Holds {{ types: &[{types}], list: {list}, choices: &{choices:?}, limits: {limits:?}, example: {example:?} }}"
    )
}
