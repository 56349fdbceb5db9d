//! Tokens to a [`Value`]: literals, objects, arrays, concatenations and conversions. No code is run, and a variable stays one.

use std::cell::Cell;

use super::conversions::{KEEPING, TEXTS, cast_type, conversion, filled, typed};
use super::lexer::{Kind, Language, Token, sign};
use super::value::{Type, Value};

/// Expressions within one another, at most.
const DEPTH: usize = 48;
/// Pieces that are looked at for one file, at most, times the number of its pieces.
const EFFORT: usize = 60;

/// The tokens of a file, and where each bracket is closed.
pub(super) struct Reader<'t> {
    tokens: &'t [Token],
    close: Vec<usize>,
    language: Language,
    effort: Cell<usize>,
}

/// An argument of a call: its name, where it has one, and its value.
pub(super) type Argument = (Option<String>, Value);

impl<'t> Reader<'t> {
    pub(super) fn new(tokens: &'t [Token], language: Language) -> Self {
        let mut close = vec![tokens.len(); tokens.len()];
        let mut open: Vec<(char, usize)> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Sign(sign @ ('(' | '[' | '{')) => open.push((sign, at)),
                Kind::Sign(end @ (')' | ']' | '}')) => {
                    let begin = match end {
                        ')' => '(',
                        ']' => '[',
                        _ => '{',
                    };
                    // A bracket that nothing closes ends where the one around it does.
                    let Some(found) = open.iter().rposition(|(sign, _)| *sign == begin) else { continue };
                    for (_, number) in open.drain(found..) {
                        if let Some(place) = close.get_mut(number) {
                            *place = at;
                        }
                    }
                }
                _ => {}
            }
        }
        let effort = Cell::new(tokens.len().saturating_mul(EFFORT).saturating_add(10_000));
        Self { tokens, close, language, effort }
    }

    /// Whether the file was too deep or too large to be read to its end.
    pub(super) fn gave_up(&self) -> bool {
        self.effort.get() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn token(&self, at: usize) -> Option<&'t Token> {
        self.tokens.get(at)
    }

    pub(super) fn word(&self, at: usize) -> Option<&'t str> {
        match &self.token(at)?.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn sign(&self, at: usize) -> Option<char> {
        match self.token(at)?.kind {
            Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    /// Where the bracket at a place is closed.
    pub(super) fn close(&self, at: usize) -> usize {
        self.close.get(at).copied().unwrap_or(self.tokens.len())
    }

    /// Where the next comma at this level is, or the end.
    fn separator(&self, mut at: usize, end: usize) -> usize {
        while at < end {
            match self.sign(at) {
                Some(',' | ';') => return at,
                Some('(' | '[' | '{') => at = self.close(at) + 1,
                _ => at += 1,
            }
        }
        end
    }

    /// An expression and the place after it.
    pub(super) fn expression(&self, at: usize, depth: usize) -> (Value, usize) {
        let left = self.effort.get();
        if depth > DEPTH || left == 0 {
            return (Value::unknown(), at);
        }
        self.effort.set(left - 1);
        let (mut value, mut next) = self.sum(at, depth);
        loop {
            let python = self.language == Language::Python;
            match (self.sign(next), self.word(next)) {
                (Some(sign::OR), _) | (None, Some("or")) => {
                    let (other, after) = self.sum(next + 1, depth + 1);
                    (value, next) = (value.either(other), after);
                }
                (Some(sign::AND), _) | (None, Some("and")) => (value, next) = self.sum(next + 1, depth + 1),
                (Some(sign::COMPARES), _) | (None, Some("in" | "is" | "instanceof")) => {
                    let (_, after) = self.sum(next + 1, depth + 1);
                    (value, next) = (Value::Boolean(None), after);
                }
                (Some('?'), _) => {
                    let (one, after) = self.expression(next + 1, depth + 1);
                    if self.sign(after) != Some(':') {
                        return (one, after);
                    }
                    let (other, after) = self.expression(after + 1, depth + 1);
                    return (one.either(other), after);
                }
                (None, Some("if")) if python => {
                    let (_, after) = self.expression(next + 1, depth + 1);
                    if self.word(after) != Some("else") {
                        return (value, after);
                    }
                    let (other, after) = self.expression(after + 1, depth + 1);
                    return (value.either(other), after);
                }
                _ => return (value, next),
            }
        }
    }

    fn sum(&self, at: usize, depth: usize) -> (Value, usize) {
        let (mut value, mut next) = self.term(at, depth);
        loop {
            match self.sign(next) {
                Some('+') => {
                    let (other, after) = self.term(next + 1, depth + 1);
                    (value, next) = (value.add(other), after);
                }
                Some('%') if self.language == Language::Python && matches!(value, Value::Text(_)) => {
                    let names = self.names(next + 1);
                    let (_, after) = self.term(next + 1, depth + 1);
                    (value, next) = (filled(value, &names, true), after);
                }
                Some('-' | '*' | '/' | '%') => {
                    let (_, after) = self.term(next + 1, depth + 1);
                    (value, next) = (Value::Typed(Type::Number, String::new()), after);
                }
                _ => return (value, next),
            }
        }
    }

    fn term(&self, at: usize, depth: usize) -> (Value, usize) {
        let left = self.effort.get();
        if depth > DEPTH || left == 0 {
            return (Value::unknown(), at);
        }
        self.effort.set(left - 1);
        let Some(token) = self.token(at) else { return (Value::unknown(), at) };
        match &token.kind {
            Kind::Text(parts) => {
                let (mut parts, mut next) = (parts.clone(), at + 1);
                // Strings beside one another are one.
                while self.language == Language::Python
                    && let Some(Kind::Text(more)) = self.token(next).map(|token| &token.kind)
                {
                    parts.extend(more.iter().cloned());
                    next += 1;
                }
                self.members(Value::Text(parts), next, depth)
            }
            Kind::Number(text) => (Value::Number(text.clone()), at + 1),
            Kind::Word(word) => self.named(word, at, depth),
            Kind::Sign('{') => self.members(self.object(at, depth), self.close(at) + 1, depth),
            Kind::Sign('[') => self.members(self.object(at, depth), self.close(at) + 1, depth),
            Kind::Sign('(') => {
                let end = self.close(at);
                if let (Language::Php, Some(cast), true) = (self.language, self.word(at + 1), end == at + 2)
                    && let Some(of) = cast_type(cast)
                {
                    let (value, next) = self.term(at + 3, depth + 1);
                    return (typed(of, value), next);
                }
                let (value, next) = self.expression(at + 1, depth + 1);
                // The parameters of a function, or several values.
                let value = if next == end { value } else { Value::unknown() };
                self.members(value, end + 1, depth)
            }
            Kind::Sign('-') => {
                let (value, next) = self.term(at + 1, depth + 1);
                match value {
                    Value::Number(text) => (Value::Number(format!("-{text}")), next),
                    other => (other, next),
                }
            }
            Kind::Sign('!') => (Value::Boolean(None), self.term(at + 1, depth + 1).1),
            Kind::Sign('&' | '@' | sign::SPREAD) => self.term(at + 1, depth + 1),
            Kind::Sign(_) => (Value::unknown(), at),
        }
    }

    fn named(&self, word: &str, at: usize, depth: usize) -> (Value, usize) {
        match word {
            "True" | "true" | "TRUE" => return (Value::Boolean(Some(true)), at + 1),
            "False" | "false" | "FALSE" => return (Value::Boolean(Some(false)), at + 1),
            "None" | "null" | "NULL" | "undefined" => return (Value::Null, at + 1),
            "not" => return (Value::Boolean(None), self.term(at + 1, depth + 1).1),
            "new" | "await" => return self.term(at + 1, depth + 1),
            "lambda" | "function" | "fn" | "async" | "class" | "def" => return (Value::unknown(), at + 1),
            _ => {}
        }
        if self.sign(at + 1) == Some('(') {
            let value = self.call(word, at + 1, depth);
            return self.members(value, self.close(at + 1) + 1, depth);
        }
        self.members(Value::Variable(vec![word.to_owned()]), at + 1, depth)
    }

    /// Members, items and methods of a value.
    fn members(&self, mut value: Value, mut at: usize, depth: usize) -> (Value, usize) {
        loop {
            match (self.sign(at), self.word(at + 1)) {
                (Some('.'), Some(name)) if self.sign(at + 2) == Some('(') => {
                    let end = self.close(at + 2);
                    value = match (name, &value) {
                        ("format", Value::Text(_)) => filled(value, &self.names(at + 2), false),
                        ("stringify" | "dumps", _) => self.first(at + 2, depth),
                        _ if TEXTS.contains(&name) => typed(Type::String, value),
                        _ => match conversion(name) {
                            Some(of) => typed(of, self.first(at + 2, depth)),
                            None => Value::Typed(Type::Unknown, name.to_owned()),
                        },
                    };
                    at = end + 1;
                }
                (Some('.'), Some(name)) => {
                    value = match value {
                        Value::Variable(mut names) => {
                            names.push(name.to_owned());
                            Value::Variable(names)
                        }
                        _ => Value::Typed(Type::Unknown, name.to_owned()),
                    };
                    at += 2;
                }
                // An item, and never a new statement that begins with a bracket.
                (Some('['), _) if self.token(at).is_some_and(|token| !token.first) => {
                    let key = self.expression(at + 1, depth + 1).0.plain();
                    value = match (value, key) {
                        (Value::Variable(mut names), Some(key)) => {
                            names.push(key);
                            Value::Variable(names)
                        }
                        (_, key) => Value::Typed(Type::Unknown, key.unwrap_or_default()),
                    };
                    at = self.close(at) + 1;
                }
                _ => return (value, at),
            }
        }
    }

    /// The value of the first argument of a call.
    fn first(&self, open: usize, depth: usize) -> Value {
        if self.close(open) == open + 1 { Value::unknown() } else { self.expression(open + 1, depth + 1).0 }
    }

    /// What a call of a function that every program of the language has gives.
    fn call(&self, name: &str, open: usize, depth: usize) -> Value {
        match name {
            "sprintf" => filled(self.first(open, depth), self.names(open).get(1..).unwrap_or_default(), true),
            "json_encode" | "dict" if self.arguments(open, depth).iter().all(|(name, _)| name.is_none()) => {
                self.first(open, depth)
            }
            "dict" => {
                let arguments = self.arguments(open, depth);
                Value::Object(arguments.into_iter().filter(|(name, _)| name.is_some()).collect())
            }
            "array" if self.language == Language::Php => self.object(open, depth),
            // What a person types in has the type, and no literal of the call is its value.
            name => match conversion(name) {
                Some(of) if KEEPING.contains(&name) => typed(of, self.first(open, depth)),
                Some(of) => Value::Typed(of, self.names(open).pop().unwrap_or_default()),
                None => Value::Typed(Type::Unknown, self.names(open).pop().unwrap_or_else(|| name.to_owned())),
            },
        }
    }

    /// The names of the arguments of a call, or of a tuple: the last word of each.
    fn names(&self, open: usize) -> Vec<String> {
        if !matches!(self.sign(open), Some('(' | '[')) {
            return self.word(open).map(str::to_owned).into_iter().collect();
        }
        let (end, mut at) = (self.close(open), open + 1);
        let mut names = Vec::new();
        while at < end && names.len() < 50 {
            let next = self.separator(at, end);
            // The end of an argument is enough; all of it would be read again for each call in it.
            let words = (at.max(next.saturating_sub(20))..next).filter_map(|place| self.word(place));
            names.push(words.last().unwrap_or_default().to_owned());
            at = next + 1;
        }
        names
    }

    /// The arguments of a call.
    pub(super) fn arguments(&self, open: usize, depth: usize) -> Vec<Argument> {
        let (end, mut at) = (self.close(open), open + 1);
        let mut found = Vec::new();
        while at < end && found.len() < 50 {
            let name = match (self.word(at), self.sign(at + 1)) {
                (Some(name), Some('=')) if self.language == Language::Python => Some(name),
                (Some(name), Some(':')) if self.language == Language::Php => Some(name),
                _ => None,
            };
            let begin = if name.is_some() { at + 2 } else { at };
            let (value, after) = self.expression(begin, depth + 1);
            let next = self.separator(after.max(begin), end);
            found.push((name.map(str::to_owned), value));
            at = next + 1;
        }
        found
    }

    /// What is between brackets: an object where any part has a key.
    fn object(&self, open: usize, depth: usize) -> Value {
        let (end, mut at) = (self.close(open), open + 1);
        let (mut members, mut items) = (Vec::new(), Vec::new());
        let braces = self.sign(open) == Some('{');
        while at < end {
            if self.effort.get() == 0 {
                break;
            }
            if self.sign(at) == Some(',') {
                at += 1;
                continue;
            }
            if self.sign(at) == Some(sign::SPREAD) {
                let (value, after) = self.expression(at + 1, depth + 1);
                members.push((None, value));
                at = self.separator(after.max(at + 1), end) + 1;
                continue;
            }
            let key = match (&self.token(at).map(|token| &token.kind), self.sign(at + 1)) {
                (Some(Kind::Text(parts)), Some(':')) => Some(Value::Text(parts.clone()).plain()),
                (Some(Kind::Number(text)), Some(':')) => Some(Some(text.clone())),
                (Some(Kind::Word(word)), Some(':')) if braces && self.language == Language::JavaScript => {
                    Some(Some(word.clone()))
                }
                // A variable is the key.
                (Some(Kind::Word(_)), Some(':')) => Some(None),
                _ => None,
            };
            if let Some(key) = key {
                let (value, after) = self.expression(at + 2, depth + 1);
                // A key that is not a literal names nothing.
                members.extend(key.map(|key| (Some(key), value)));
                at = self.separator(after.max(at + 2), end) + 1;
                continue;
            }
            let short = braces && matches!(self.sign(at + 1), Some(',' | '}')) && self.language == Language::JavaScript;
            if let Some(word) = self.word(at).filter(|_| short) {
                members.push((Some(word.to_owned()), Value::Variable(vec![word.to_owned()])));
                at += 2;
                continue;
            }
            let (value, after) = self.expression(at, depth + 1);
            items.push(value);
            at = self.separator(after.max(at), end) + 1;
        }
        if !members.is_empty() || (braces && items.is_empty()) { Value::Object(members) } else { Value::Array(items) }
    }
}
