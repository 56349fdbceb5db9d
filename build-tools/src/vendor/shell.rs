//! A shell script as the requests that it makes: `curl`, and functions that are given a method and a path. Words are taken
//! apart by the quoting rules of the shell, as far as examples use them; nothing is expanded or run.

use std::collections::BTreeMap;

use super::lexer::{Language, last_word};
use super::shell_words::{Command, Reader, Word};
use super::value::{Part, Type, Value};

/// Commands within one another, at most.
const DEPTH: usize = 8;

/// A request that a script makes.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// What is called.
    pub(super) command: String,
    pub(super) words: Vec<Value>,
    /// The body, where an option or a text names it.
    pub(super) body: Option<Value>,
    pub(super) line: u32,
    /// The function that it is in.
    pub(super) function: String,
    pub(super) commented: bool,
}

pub(super) fn read(text: &str) -> Vec<Request> {
    let mut script =
        Script { variables: BTreeMap::new(), requests: Vec::new(), commented: false, function: (String::new(), 0) };
    script.text(text, 1, 0);
    script.requests
}

struct Script {
    variables: BTreeMap<String, Vec<Part>>,
    requests: Vec<Request>,
    commented: bool,
    /// The function around, and how many braces are open in it.
    function: (String, u32),
}

impl Script {
    fn text(&mut self, text: &str, line: u32, depth: usize) {
        let mut reader = Reader::new(text, line);
        while let Some((begin, words)) = reader.command() {
            for (at, text) in std::mem::take(&mut reader.nested) {
                if depth < DEPTH {
                    self.text(&text, at, depth + 1);
                }
            }
            match words {
                Command::Comment(text) => {
                    // A comment that holds a command is an example that is switched off.
                    if !self.commented && text.contains('/') && depth < DEPTH {
                        self.commented = true;
                        self.text(&text, begin, depth + 1);
                        self.commented = false;
                    }
                }
                Command::Words(words) => self.command(words, begin),
            }
        }
    }

    fn command(&mut self, mut words: Vec<Word>, line: u32) {
        while let Some(first) = words.first().and_then(plain) {
            match first.as_str() {
                "local" | "export" | "readonly" | "declare" | "if" | "then" | "else" | "elif" | "do" | "while"
                | "!" | "echo"
                    if words.len() > 1 && first != "echo" =>
                {
                    words.remove(0);
                }
                "{" => {
                    self.function.1 += 1;
                    words.remove(0);
                }
                "}" => {
                    self.function.1 = self.function.1.saturating_sub(1);
                    if self.function.1 == 0 {
                        self.function.0.clear();
                    }
                    words.remove(0);
                }
                name if name.ends_with("()") || first == "function" => {
                    let name = if first == "function" { words.get(1).and_then(plain) } else { Some(name.to_owned()) };
                    self.function = (name.unwrap_or_default().trim_end_matches("()").to_owned(), 0);
                    words.drain(..if first == "function" { words.len().min(2) } else { 1 });
                }
                _ => break,
            }
        }
        // `NAME=value`, and a command behind it.
        while let Some((name, value)) = words.first().and_then(assigned) {
            words.remove(0);
            let value = self.expanded(&value, 0);
            if !self.commented {
                self.variables.insert(name, value);
            }
        }
        let Some(command) = words.first().and_then(plain) else { return };
        let expanded: Vec<Word> = words.iter().skip(1).map(|word| self.expanded(word, 0)).collect();
        let mut request = Request {
            command: command.rsplit('/').next().unwrap_or_default().to_owned(),
            words: Vec::new(),
            body: None,
            line,
            function: self.function.0.clone(),
            commented: self.commented,
        };
        let mut method = None;
        let mut left = expanded.into_iter();
        while let Some(word) = left.next() {
            let text = plain(&word).unwrap_or_default();
            match text.as_str() {
                "-X" | "--request" => method = left.next(),
                "-d" | "--data" | "--data-raw" | "--data-binary" | "--json" | "--data-ascii" => {
                    request.body = left.next().map(|word| json(&word));
                }
                "-H" | "--header" | "-o" | "--output" | "-w" | "--write-out" | "-u" | "--user" | "--max-time" => {
                    left.next();
                }
                "--url" => request.words.extend(left.next().map(Value::Text)),
                other => match other.strip_prefix("-X").filter(|rest| !rest.is_empty()) {
                    Some(rest) => method = Some(vec![Part::Text(rest.to_owned())]),
                    None => {
                        let begins =
                            matches!(word.first(), Some(Part::Text(text)) if text.trim_start().starts_with(['{', '[']));
                        if begins && request.body.is_none() {
                            request.body = Some(json(&word));
                        }
                        request.words.push(Value::Text(word));
                    }
                },
            }
        }
        if let Some(method) = method {
            request.words.insert(0, Value::Text(method));
        } else if request.command == "curl" {
            let method = if request.body.is_some() { "POST" } else { "GET" };
            request.words.insert(0, Value::Text(vec![Part::Text(method.to_owned())]));
        }
        self.requests.push(request);
    }

    /// A word with the variables put in that the script sets.
    fn expanded(&self, word: &Word, depth: usize) -> Word {
        let mut out: Word = Vec::new();
        for part in word {
            match part {
                Part::Hole(name) if depth < 4 && out.len() < 500 => match self.variables.get(name) {
                    Some(value) if !value.is_empty() && value.iter().any(|part| matches!(part, Part::Text(_))) => {
                        out.extend(value.iter().take(200).cloned());
                    }
                    _ => out.push(part.clone()),
                },
                Part::Text(text) if text.is_empty() => {}
                other => out.push(other.clone()),
            }
        }
        out
    }
}

/// The text of a word without values in it.
pub(super) fn plain(word: &Word) -> Option<String> {
    Value::Text(word.clone()).plain()
}

/// Name and value of an assignment.
fn assigned(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Text(first)) = word.first() else { return None };
    let (name, rest) = first.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_name {
        return None;
    }
    let mut value = vec![Part::Text(rest.to_owned())];
    value.extend(word.iter().skip(1).cloned());
    value.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Some((name.to_owned(), value))
}

/// JSON with values put in: a value within quotes is a part of a string, any other is a variable.
fn json(word: &Word) -> Value {
    let mut text = String::new();
    for part in word {
        match part {
            Part::Text(part) => text.push_str(part),
            // A template of JavaScript puts values in by the same rules once the quotes are its own.
            Part::Hole(name) => text.push_str(&format!("\u{1}{}\u{1}", last_word(name))),
        }
    }
    marked(&text)
}

/// Reads JSON, or an object of `jq`, in which `\u{1}name\u{1}` stands for a value.
fn marked(text: &str) -> Value {
    let mut source = String::new();
    let (mut quoted, mut escaped, mut hole) = (false, false, false);
    for letter in text.chars() {
        match letter {
            '\u{1}' => {
                hole = !hole;
                source.push_str(match (quoted, hole) {
                    (true, true) => "${",
                    (true, false) => "}",
                    (false, true) => " v_",
                    (false, false) => " ",
                });
            }
            '`' => source.push('\''),
            '"' if !escaped => {
                quoted = !quoted;
                source.push('`');
            }
            other => source.push(other),
        }
        escaped = letter == '\\' && !escaped;
    }
    let tokens = super::lexer::lex(&source, Language::JavaScript).all;
    let reader = super::expression::Reader::new(&tokens, Language::JavaScript);
    unset(reader.expression(0, 0).0, 0)
}

/// Variables that nothing sets are values of unknown type.
fn unset(value: Value, depth: usize) -> Value {
    match value {
        _ if depth > 60 => Value::unknown(),
        Value::Variable(names) => Value::Typed(Type::Unknown, names.last().cloned().unwrap_or_default()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, unset(value, depth + 1))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| unset(item, depth + 1)).collect()),
        other => other,
    }
}
