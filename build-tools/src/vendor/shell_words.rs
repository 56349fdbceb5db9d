//! A shell script as its commands and their words, by the quoting rules of the shell as far as examples use them.

use super::lexer::Parts;
use super::value::Part;

/// Words of one command, at most.
const WORDS: usize = 200;

/// A word of a command.
pub(super) type Word = Vec<Part>;

/// What a line begins.
pub(super) enum Command {
    Words(Vec<Word>),
    Comment(String),
}

pub(super) struct Reader<'t> {
    rest: &'t str,
    line: u32,
    /// Texts that follow the line: the word that ends each, and whether no values are put in.
    here: Vec<(String, bool)>,
    /// Commands within the words.
    pub(super) nested: Vec<(u32, String)>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(rest: &'t str, line: u32) -> Self {
        Self { rest, line, here: Vec::new(), nested: Vec::new() }
    }

    fn take(&mut self, count: usize) -> String {
        let taken = self.rest.get(..count).unwrap_or(self.rest);
        self.rest = self.rest.get(taken.len()..).unwrap_or_default();
        self.line += u32::try_from(taken.matches('\n').count()).unwrap_or(0);
        taken.to_owned()
    }

    /// The next command and its line.
    pub(super) fn command(&mut self) -> Option<(u32, Command)> {
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
    let mut reader = Reader::new(trimmed, 1);
    if trimmed.starts_with("cat") && trimmed.contains("<<") {
        let Some((_, Command::Words(words))) = reader.command() else { return None };
        return words.into_iter().nth(1);
    }
    if !trimmed.starts_with("jq ") || !trimmed.contains("-n") && !trimmed.contains("null-input") {
        return None;
    }
    let Some((_, Command::Words(words))) = reader.command() else { return None };
    let texts: Vec<String> = words.iter().map(|word| super::shell::plain(word).unwrap_or_default()).collect();
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
