//! Puts the values of variables into expressions, as far as the same function or the top of the file sets them.

use std::collections::BTreeMap;

use super::expression::Argument;
use super::value::{Part, Type, Value};

/// Assignments of one variable that are looked at, the last ones.
const RECENT: usize = 60;
/// Variables that lead to variables, at most.
const HOPS: usize = 8;

/// A variable, or a member of one, that is set.
pub(super) struct Assignment {
    pub(super) path: Vec<String>,
    pub(super) value: Value,
    pub(super) at: usize,
    pub(super) depth: u32,
    pub(super) function: Option<usize>,
    /// Whether members are put into what is there already.
    pub(super) merges: bool,
}

impl Assignment {
    fn is_whole(&self) -> bool {
        self.path.len() == 1 && !self.merges
    }
}

/// Puts the values of variables in that are set before a place in the same function, or at the top of the file.
pub(super) struct Resolver<'a> {
    pub(super) assignments: &'a BTreeMap<String, Vec<Assignment>>,
    pub(super) at: usize,
    pub(super) depth: u32,
    pub(super) function: Option<usize>,
    pub(super) left: &'a mut usize,
}

impl Resolver<'_> {
    pub(super) fn all(mut self, arguments: &[Argument]) -> Vec<Argument> {
        arguments.iter().map(|(name, value)| (name.clone(), self.resolve(value, 0))).collect()
    }

    fn resolve(&mut self, value: &Value, hops: usize) -> Value {
        if *self.left == 0 {
            return Value::unknown();
        }
        *self.left -= 1;
        match value {
            Value::Variable(names) if hops < HOPS => self.variable(names, hops),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), self.resolve(value, hops))).collect())
            }
            Value::Text(parts) if hops < HOPS => Value::Text(self.text(parts, hops)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.resolve(item, hops)).collect()),
            Value::Either(all) => Value::Either(all.iter().map(|one| self.resolve(one, hops)).collect()),
            other => other.clone(),
        }
    }

    /// A string with the pieces of paths put in that variables hold; any other value in it stays a value.
    fn text(&mut self, parts: &[Part], hops: usize) -> Vec<Part> {
        let mut out = Vec::with_capacity(parts.len());
        for part in parts {
            let Part::Hole(name) = part else {
                out.push(part.clone());
                continue;
            };
            let is_piece = |part: &Part| matches!(part, Part::Text(text) if text.contains('/'));
            match self.variable(std::slice::from_ref(name), hops + 1) {
                Value::Text(pieces) if pieces.iter().any(is_piece) => out.extend(pieces),
                _ => out.push(part.clone()),
            }
        }
        out
    }

    fn variable(&mut self, names: &[String], hops: usize) -> Value {
        let names = own_path(names);
        let Some(root) = names.first() else { return Value::unknown() };
        let of: &[Assignment] = self.assignments.get(root).map_or(&[], Vec::as_slice);
        let before = of.get(..of.partition_point(|one| one.at < self.at)).unwrap_or_default();
        let mut own: Vec<&Assignment> =
            before.iter().rev().take(RECENT).filter(|one| one.function == self.function).collect();
        if own.is_empty() {
            own = of.iter().rev().filter(|one| one.function.is_none()).take(RECENT).collect();
        }
        if own.is_empty() {
            return Value::Variable(names.to_vec());
        }
        // Backwards from the place, up to the one that is certainly run.
        let mut whole: Vec<&Assignment> = Vec::new();
        for one in own.iter().filter(|one| one.is_whole()) {
            whole.push(one);
            if one.depth <= self.depth {
                break;
            }
        }
        let start = whole.last().map_or(0, |one| one.at);
        // What a variable is set to may name the variable itself: only what was set before counts there.
        let place = self.at;
        let mut value: Option<Value> = None;
        for one in whole.iter().rev() {
            self.at = one.at;
            let next = self.resolve(&one.value, hops + 1);
            value = Some(match value {
                Some(before) => before.either(next),
                None => next,
            });
        }
        let mut value = value.unwrap_or(Value::Object(Vec::new()));
        for one in own.iter().rev().filter(|one| !one.is_whole() && one.at >= start) {
            self.at = one.at;
            let member = self.resolve(&one.value, hops + 1);
            set(&mut value, one.path.get(1..).unwrap_or_default(), member);
        }
        self.at = place;
        names.get(1..).unwrap_or_default().iter().fold(value, |value, name| match value.member(name) {
            Some(member) => member.clone(),
            None => Value::Typed(Type::Unknown, name.clone()),
        })
    }
}

/// A path without the object that the code belongs to.
pub(super) fn own_path(path: &[String]) -> &[String] {
    match path.split_first() {
        Some((first, rest)) if matches!(first.as_str(), "self" | "this") && !rest.is_empty() => rest,
        _ => path,
    }
}

/// Sets a member of a value; what was there before may still be there.
fn set(value: &mut Value, path: &[String], member: Value) {
    if let Value::Either(all) = value {
        if let Some(last) = all.last_mut() {
            set(last, path, member);
        }
        return;
    }
    if !matches!(value, Value::Object(_)) {
        *value = Value::Object(Vec::new());
    }
    let Value::Object(members) = value else { return };
    match path.split_first() {
        None => members.push((None, member)),
        Some((name, [])) => members.push((Some(name.clone()), member)),
        Some((name, rest)) => {
            let found = members.iter_mut().rev().find(|(found, _)| found.as_ref() == Some(name));
            if let Some((_, inner)) = found {
                return set(inner, rest, member);
            }
            let mut inner = Value::Object(Vec::new());
            set(&mut inner, rest, member);
            members.push((Some(name.clone()), inner));
        }
    }
}
