//! A shell script as the requests that it makes: `curl`, and functions that are given a method and a path. Words are taken
//! apart by the quoting rules of the shell, as far as examples use them; nothing is expanded or run.

use std::collections::BTreeMap;

use super::lexer::{Language, Parts, last_word};
use super::value::{Part, Type, Value};

/// Commands within one another, at most.
const DEPTH: usize = 8;
/// Words of one command, at most.
const WORDS: usize = 200;

/// A word of a command.
type Word = Vec<Part>;

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
        let mut reader = Reader { rest: text, line, here: Vec::new(), nested: Vec::new() };
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
        while let Some(first) = words.first().and_then(|word| plain(word)) {
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
                    let name = if first == "function" {
                        words.get(1).and_then(|word| plain(word))
                    } else {
                        Some(name.to_owned())
                    };
                    self.function = (name.unwrap_or_default().trim_end_matches("()").to_owned(), 0);
                    words.drain(..if first == "function" { words.len().min(2) } else { 1 });
                }
                _ => break,
            }
        }
        // `NAME=value`, and a command behind it.
        while let Some((name, value)) = words.first().and_then(|word| assigned(word)) {
            words.remove(0);
            let value = self.expanded(&value, 0);
            if !self.commented {
                self.variables.insert(name, value);
            }
        }
        let Some(command) = words.first().and_then(|word| plain(word)) else { return };
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
fn plain(word: &Word) -> Option<String> {
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

/// What a line begins.
enum Command {
    Words(Vec<Word>),
    Comment(String),
}

struct Reader<'t> {
    rest: &'t str,
    line: u32,
    /// Texts that follow the line: the word that ends each, whether values are put in, and what is in the place of it.
    here: Vec<(String, bool)>,
    /// Commands within the words.
    nested: Vec<(u32, String)>,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> String {
        let taken = self.rest.get(..count).unwrap_or(self.rest);
        self.rest = self.rest.get(taken.len()..).unwrap_or_default();
        self.line += u32::try_from(taken.matches('\n').count()).unwrap_or(0);
        taken.to_owned()
    }

    /// The next command and its line.
    fn command(&mut self) -> Option<(u32, Command)> {
        let mut words: Vec<Word> = Vec::new();
        let mut word: Option<Parts> = None;
        let mut begin = self.line;
        loop {
            let Some(letter) = self.rest.chars().next() else {
                words.extend(word.take().map(|word| word.parts));
                return (!words.is_empty()).then_some((begin, Command::Words(words)));
            };
            if word.is_none() && words.is_empty() {
                begin = self.line;
            }
            match letter {
                '#' if word.is_none() => {
                    if !words.is_empty() {
                        let end = self.rest.find('\n').unwrap_or(self.rest.len());
                        self.take(end);
                        continue;
                    }
                    return Some((begin, Command::Comment(self.comment())));
                }
                '\n' => {
                    words.extend(word.take().map(|word| word.parts));
                    self.take(1);
                    let texts: Vec<Word> = std::mem::take(&mut self.here)
                        .into_iter()
                        .map(|(mark, raw)| self.here_text(&mark, raw))
                        .collect();
                    words.extend(texts);
                    if !words.is_empty() {
                        return Some((begin, Command::Words(words)));
                    }
                }
                ';' | '|' | '&' | '(' | ')' => {
                    // `name()` is the head of a function.
                    if letter == '(' && self.rest.starts_with("()") {
                        word.get_or_insert_default().text("()");
                        self.take(2);
                        words.extend(word.take().map(|word| word.parts));
                        continue;
                    }
                    self.take(1);
                    words.extend(word.take().map(|word| word.parts));
                    // A pipe hands a text on, and the command behind it has it as its words.
                    if !words.is_empty() && self.here.is_empty() {
                        return Some((begin, Command::Words(words)));
                    }
                }
                ' ' | '\t' | '\r' => {
                    words.extend(word.take().map(|word| word.parts).filter(|_| words.len() < WORDS));
                    self.take(1);
                }
                '<' if self.rest.starts_with("<<") && !self.rest.starts_with("<<<") => {
                    self.take(if self.rest.starts_with("<<-") { 3 } else { 2 });
                    let blanks = self.rest.len() - self.rest.trim_start_matches(' ').len();
                    self.take(blanks);
                    let end =
                        self.rest.find(|c: char| c.is_whitespace() || ";|&()".contains(c)).unwrap_or(self.rest.len());
                    let mark = self.take(end);
                    let raw = mark.contains(['\'', '"', '\\']);
                    self.here.push((mark.trim_matches(['\'', '"', '\\']).to_owned(), raw));
                }
                _ => self.piece(letter, word.get_or_insert_default()),
            }
        }
    }

    /// Lines of comments that follow one another, without their marks.
    fn comment(&mut self) -> String {
        let mut text = String::new();
        while self.rest.trim_start_matches([' ', '\t']).starts_with('#') {
            let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
            let line = self.take(end);
            text.push_str(line.trim_start().trim_start_matches(['#', '!']));
        }
        text
    }

    /// A piece of a word: quoted, a value, or letters.
    fn piece(&mut self, letter: char, word: &mut Parts) {
        match letter {
            '\'' => {
                let end = self.rest.get(1..).and_then(|rest| rest.find('\'')).map_or(self.rest.len(), |at| at + 2);
                let text = self.take(end);
                word.text(text.trim_start_matches('\'').trim_end_matches('\''));
            }
            '"' => {
                self.take(1);
                word.text("");
                while let Some(letter) = self.rest.chars().next() {
                    match letter {
                        '"' => {
                            self.take(1);
                            break;
                        }
                        '\\' => self.escape(word, true),
                        '$' | '`' => self.value(word),
                        _ => {
                            let text = self.take(letter.len_utf8());
                            word.text(&text);
                        }
                    }
                }
            }
            '\\' => self.escape(word, false),
            '$' | '`' => self.value(word),
            _ => {
                let text = self.take(letter.len_utf8());
                word.text(&text);
            }
        }
    }

    fn escape(&mut self, word: &mut Parts, quoted: bool) {
        let next = self.rest.chars().nth(1);
        self.take(1 + next.map_or(0, char::len_utf8));
        match next {
            None | Some('\n') => {}
            // Within quotes a backslash stays before letters that it does not protect.
            Some(next) if quoted && !matches!(next, '"' | '\\' | '$' | '`') => word.text(&format!("\\{next}")),
            Some(next) => word.text(&next.to_string()),
        }
    }

    /// `$name`, `${name}`, `$(command)` and `` `command` ``.
    fn value(&mut self, word: &mut Parts) {
        let rest = self.rest;
        if rest.starts_with("$(") {
            let end = closed(rest, 1);
            let line = self.line;
            let text = self.take(end);
            let inner = text.get(2..text.len().saturating_sub(1)).unwrap_or_default();
            // A text that a command only hands on is the value.
            if let Some(parts) = handed_on(inner) {
                parts.into_iter().for_each(|part| match part {
                    Part::Text(text) => word.text(&text),
                    hole @ Part::Hole(_) => word.parts.push(hole),
                });
                return;
            }
            self.nested.push((line, inner.to_owned()));
            word.hole(inner);
        } else if rest.starts_with("${") {
            let end = rest.find('}').map_or(rest.len(), |at| at + 1);
            let text = self.take(end);
            let name = text.trim_start_matches("${").trim_end_matches('}');
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            word.hole(name.get(..end).unwrap_or_default());
        } else if rest.starts_with('`') {
            let end = rest.get(1..).and_then(|rest| rest.find('`')).map_or(rest.len(), |at| at + 2);
            let text = self.take(end);
            word.hole(&text);
        } else {
            let name: usize =
                rest.chars().skip(1).take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
            let count = if name == 0 {
                1 + rest.chars().nth(1).filter(|c| "@*#?$!-".contains(*c)).map_or(0, char::len_utf8)
            } else {
                1 + name
            };
            let text = self.take(count);
            if count == 1 {
                word.text("$")
            } else {
                word.parts.push(Part::Hole(text.trim_start_matches('$').to_owned()))
            }
        }
    }

    /// The text of a here-document.
    fn here_text(&mut self, mark: &str, raw: bool) -> Word {
        let mut word = Parts::default();
        while !self.rest.is_empty() {
            let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
            let line = self.rest.get(..end).unwrap_or_default();
            if line.trim() == mark {
                self.take(end);
                break;
            }
            if raw {
                let text = self.take(end);
                word.text(&text);
                continue;
            }
            let mut left = end;
            while left > 0 {
                let before = self.rest.len();
                match self.rest.chars().next() {
                    Some('$' | '`') => self.value(&mut word),
                    Some('\\') => self.escape(&mut word, true),
                    Some(letter) => {
                        let text = self.take(letter.len_utf8());
                        word.text(&text);
                    }
                    None => break,
                }
                left = left.saturating_sub(before - self.rest.len());
            }
        }
        word.parts
    }
}

/// The length up to the bracket that closes the one at a place; quoted brackets do not count.
fn closed(text: &str, open: usize) -> usize {
    let (mut depth, mut quote, mut escaped) = (0_u32, None, false);
    for (at, letter) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some('"') | None, '\\') => escaped = true,
            (Some(open), letter) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The text of a command that only hands a text on: a here-document for `cat`, or an object that `jq -n` makes.
fn handed_on(command: &str) -> Option<Vec<Part>> {
    let trimmed = command.trim_start();
    let mut reader = Reader { rest: trimmed, line: 1, here: Vec::new(), nested: Vec::new() };
    if trimmed.starts_with("cat") && trimmed.contains("<<") {
        let Some((_, Command::Words(words))) = reader.command() else { return None };
        return words.into_iter().nth(1);
    }
    if !trimmed.starts_with("jq ") || !trimmed.contains("-n") && !trimmed.contains("null-input") {
        return None;
    }
    let Some((_, Command::Words(words))) = reader.command() else { return None };
    let texts: Vec<String> = words.iter().map(|word| plain(word).unwrap_or_default()).collect();
    let object = texts.iter().rev().find(|text| text.trim_start().starts_with('{'))?;
    let mut out = Parts::default();
    let mut rest = object.as_str();
    // `--arg` gives a string, so the value is put in as one.
    while let Some((before, after)) = rest.split_once('$') {
        out.text(before);
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        let name = after.get(..end).unwrap_or_default();
        let is_text = texts.windows(2).any(|two| matches!(two, [option, given] if option == "--arg" && given == name));
        if is_text {
            out.text("\"");
            out.parts.push(Part::Hole(name.to_owned()));
            out.text("\"");
        } else {
            out.parts.push(Part::Hole(name.to_owned()));
        }
        rest = after.get(end..).unwrap_or_default();
    }
    out.text(rest);
    Some(out.parts)
}
