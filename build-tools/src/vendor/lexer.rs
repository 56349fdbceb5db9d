//! The text of a Python, JavaScript or PHP file as words, strings, numbers and signs; what the three write differently for
//! the same purpose comes out the same. Lenient: whatever is not understood is passed over, and every text ends.

use super::value::Part;

/// A language with expressions that the lexer reads; shell scripts are read by `shell`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    JavaScript,
    Php,
}

/// Two signs that mean one thing, by the letter that stands for them.
pub(super) mod sign {
    /// `==`, `!=`, `<` and the like.
    pub(in super::super) const COMPARES: char = '≡';
    /// `||`, `??`, `?:`.
    pub(in super::super) const OR: char = '∨';
    /// `&&`.
    pub(in super::super) const AND: char = '∧';
    /// `=>` of JavaScript.
    pub(in super::super) const ARROW: char = '⇒';
    /// `+=` and the like.
    pub(in super::super) const CHANGES: char = '⊕';
    /// `...` and `**`: another object is put in.
    pub(in super::super) const SPREAD: char = '…';
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Word(String),
    Text(Vec<Part>),
    Number(String),
    Sign(char),
}

/// A piece of a file and where it is.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: u32,
    /// Blanks before the first piece of its line.
    pub(super) indent: u32,
    /// Whether it is the first piece of its line.
    pub(super) first: bool,
}

/// A file taken apart.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) all: Vec<Token>,
    /// Comments without their marks; lines of comments that follow one another are one text, with the first line's number.
    pub(super) comments: Vec<(u32, String)>,
}

pub(super) fn lex(text: &str, language: Language) -> Tokens {
    let mut lexer =
        Lexer { rest: text, language, line: 1, indent: 0, first: true, out: Tokens::default(), last_comment: 0 };
    while lexer.step() {}
    lexer.out
}

struct Lexer<'t> {
    rest: &'t str,
    language: Language,
    line: u32,
    indent: u32,
    first: bool,
    out: Tokens,
    last_comment: u32,
}

impl Lexer<'_> {
    fn take(&mut self, count: usize) -> String {
        let taken = self.rest.get(..count).unwrap_or(self.rest);
        self.rest = self.rest.get(taken.len()..).unwrap_or_default();
        self.line += u32::try_from(taken.matches('\n').count()).unwrap_or(0);
        taken.to_owned()
    }

    fn push(&mut self, kind: Kind, line: u32) {
        self.out.all.push(Token { kind, line, indent: self.indent, first: self.first });
        self.first = false;
    }

    /// Reads one piece; whether there was one.
    fn step(&mut self) -> bool {
        let Some(letter) = self.rest.chars().next() else { return false };
        let line = self.line;
        if letter == '\n' {
            self.take(1);
            let blanks = self.rest.len() - self.rest.trim_start_matches([' ', '\t']).len();
            self.indent = u32::try_from(blanks).unwrap_or(0);
            self.first = true;
        } else if letter.is_whitespace() {
            self.take(letter.len_utf8());
        } else if let Some(length) = self.comment() {
            let text = self.take(length);
            self.note(line, &text);
        } else if let Some((raw, formatted, quote, prefix)) = self.quote() {
            self.take(prefix + quote.len());
            let parts = self.string(&quote, raw, formatted);
            self.push(Kind::Text(parts), line);
        } else if let Some((mark, raw)) = self.heredoc() {
            let parts = self.here(&mark, raw);
            self.push(Kind::Text(parts), line);
        } else if letter.is_ascii_digit() {
            let number = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let text = self.take(self.rest.len() - self.rest.trim_start_matches(number).len());
            self.push(Kind::Number(text.trim_end_matches('.').replace('_', "")), line);
        } else if letter.is_alphabetic() || letter == '_' || letter == '$' {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let text = self.take(self.rest.len() - self.rest.trim_start_matches(word).len());
            let text = text.trim_start_matches('$');
            // A `$` of its own, as in jQuery, is a word too.
            self.push(Kind::Word(if text.is_empty() { "$".to_owned() } else { text.to_owned() }), line);
        } else if let Some(length) = self.pattern() {
            self.take(length);
            self.push(Kind::Text(vec![Part::Hole("pattern".to_owned())]), line);
        } else {
            let (sign, length) = self.sign(letter);
            self.take(length);
            if let Some(sign) = sign {
                self.push(Kind::Sign(sign), line);
            }
        }
        true
    }

    /// The length of a comment that begins here.
    fn comment(&self) -> Option<usize> {
        let rest = self.rest;
        let to_end = || rest.find('\n').unwrap_or(rest.len());
        let hash = matches!(self.language, Language::Python | Language::Php)
            && rest.starts_with('#')
            && !rest.starts_with("#[");
        if hash || (self.language != Language::Python && rest.starts_with("//")) {
            return Some(to_end());
        }
        let block = self.language != Language::Python && rest.starts_with("/*");
        block.then(|| rest.find("*/").map_or(rest.len(), |at| at + 2))
    }

    fn note(&mut self, line: u32, comment: &str) {
        let plain: Vec<&str> = comment
            .lines()
            .map(|line| line.trim_start_matches([' ', '\t']))
            .map(|line| line.trim_start_matches(['#', '/', '*']).trim_end_matches("*/"))
            .collect();
        let text = plain.join("\n");
        let follows = self.last_comment > 0 && line <= self.last_comment + 1;
        self.last_comment = self.line;
        match self.out.comments.last_mut().filter(|_| follows) {
            Some((_, before)) => {
                before.push('\n');
                before.push_str(&text);
            }
            None => self.out.comments.push((line, text)),
        }
    }

    /// A string that begins here: without escapes, with values, its quotes, and how long what is before them is.
    fn quote(&self) -> Option<(bool, bool, String, usize)> {
        let letters = if self.language == Language::Python {
            self.rest.bytes().take(2).take_while(|b| b"rbufRBUF".contains(b)).count()
        } else {
            0
        };
        let prefix = self.rest.get(..letters)?.to_lowercase();
        let after = self.rest.get(letters..)?;
        let (raw, formatted) = (prefix.contains('r'), prefix.contains('f'));
        match (self.language, after.chars().next()?) {
            (Language::Python, quote @ ('"' | '\'')) => {
                let triple = quote.to_string().repeat(3);
                let quotes = if after.starts_with(&triple) { triple } else { quote.to_string() };
                Some((raw, formatted, quotes, letters))
            }
            (Language::JavaScript, '`') => Some((false, true, "`".to_owned(), 0)),
            (Language::Php, '"') => Some((false, true, "\"".to_owned(), 0)),
            (_, quote @ ('"' | '\'')) => Some((false, false, quote.to_string(), 0)),
            _ => None,
        }
    }

    /// The rest of a string, its closing quotes included. A string of one line that is not closed ends with its line.
    fn string(&mut self, quotes: &str, raw: bool, formatted: bool) -> Vec<Part> {
        let many_lines = quotes.len() > 1 || quotes == "`" || self.language == Language::Php;
        let mut out = Parts::default();
        while let Some(letter) = self.rest.chars().next() {
            if self.rest.starts_with(quotes) {
                self.take(quotes.len());
                break;
            }
            if letter == '\n' && !many_lines {
                break;
            }
            if letter == '\\' {
                let next = self.rest.chars().nth(1).unwrap_or_default();
                let taken = self.take(1 + if next == '\0' { 0 } else { next.len_utf8() });
                if raw {
                    out.text(&taken)
                } else {
                    out.text(&escaped(next))
                }
                continue;
            }
            if formatted && let Some(length) = self.hole(&mut out) {
                self.take(length);
                continue;
            }
            let taken = self.take(letter.len_utf8());
            out.text(&taken);
        }
        out.parts
    }

    /// Notes a value that is put into a string here; how long what stands for it is.
    fn hole(&self, out: &mut Parts) -> Option<usize> {
        let rest = self.rest;
        match self.language {
            Language::Python if rest.starts_with("{{") || rest.starts_with("}}") => {
                out.text(rest.get(..1).unwrap_or_default());
                Some(2)
            }
            Language::Python if rest.starts_with('{') => out.braces(rest, 1),
            Language::JavaScript if rest.starts_with("${") => out.braces(rest, 2),
            Language::Php if rest.starts_with("{$") || rest.starts_with("${") => {
                out.braces(rest, if rest.starts_with("${") { 2 } else { 1 })
            }
            Language::Php if rest.starts_with('$') => {
                let word =
                    |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').len();
                let name = word(rest.get(1..)?);
                if name == 0 {
                    return None;
                }
                let mut length = 1 + name;
                let after = rest.get(length..)?;
                if let Some(member) = after.strip_prefix("->") {
                    length += 2 + word(member);
                } else if after.starts_with('[') {
                    length += after.find(']').map_or(0, |at| at + 1);
                }
                out.hole(rest.get(..length)?);
                Some(length)
            }
            _ => None,
        }
    }

    /// A text over several lines of PHP: the word that ends it, and whether no values are put in.
    fn heredoc(&mut self) -> Option<(String, bool)> {
        if self.language != Language::Php {
            return None;
        }
        let after = self.rest.strip_prefix("<<<")?.trim_start_matches(' ');
        let line = after.lines().next()?.trim();
        let mark = line.trim_matches(['"', '\'']);
        let is_word = !mark.is_empty() && mark.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_word.then(|| (mark.to_owned(), line.starts_with('\'')))
    }

    fn here(&mut self, mark: &str, raw: bool) -> Vec<Part> {
        let head = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        self.take(head);
        let mut out = Parts::default();
        let mut begins = true;
        while let Some(letter) = self.rest.chars().next() {
            if begins && self.rest.trim_start_matches([' ', '\t']).starts_with(mark) {
                let blanks = self.rest.len() - self.rest.trim_start_matches([' ', '\t']).len();
                self.take(blanks + mark.len());
                break;
            }
            if !raw && let Some(length) = self.hole(&mut out) {
                self.take(length);
                begins = false;
                continue;
            }
            begins = letter == '\n';
            let taken = self.take(letter.len_utf8());
            out.text(&taken);
        }
        out.parts
    }

    /// The length of a regular expression of JavaScript that begins here.
    fn pattern(&self) -> Option<usize> {
        if self.language != Language::JavaScript || !self.rest.starts_with('/') {
            return None;
        }
        let divides = match self.out.all.last().map(|token| &token.kind) {
            Some(Kind::Sign(sign)) => matches!(sign, ')' | ']' | '}'),
            Some(Kind::Word(word)) => word != "return",
            Some(Kind::Number(_) | Kind::Text(_)) => true,
            None => false,
        };
        if divides {
            return None;
        }
        let (mut escaped, mut class) = (false, false);
        for (at, letter) in self.rest.char_indices().skip(1) {
            match letter {
                '\n' => return None,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => return Some(at + 1),
                _ => {}
            }
        }
        None
    }

    /// What the next letters mean together, and how many they are.
    fn sign(&self, letter: char) -> (Option<char>, usize) {
        let rest = self.rest;
        let php = self.language == Language::Php;
        let known: &[(&str, Option<char>)] = &[
            ("...", Some(sign::SPREAD)),
            ("**", Some(sign::SPREAD)),
            ("===", Some(sign::COMPARES)),
            ("!==", Some(sign::COMPARES)),
            ("==", Some(sign::COMPARES)),
            ("!=", Some(sign::COMPARES)),
            ("<=", Some(sign::COMPARES)),
            (">=", Some(sign::COMPARES)),
            ("=>", Some(if php { ':' } else { sign::ARROW })),
            ("?->", Some('.')),
            ("->", Some(if php { '.' } else { sign::ARROW })),
            ("::", Some('.')),
            ("?.", Some('.')),
            ("??", Some(sign::OR)),
            ("?:", Some(sign::OR)),
            ("||", Some(sign::OR)),
            ("&&", Some(sign::AND)),
            ("+=", Some(sign::CHANGES)),
            ("-=", Some(sign::CHANGES)),
            ("++", None),
            ("--", None),
            ("<?php", None),
            ("?>", None),
        ];
        if php && rest.starts_with(".=") {
            return (Some(sign::CHANGES), 2);
        }
        if let Some((text, meaning)) = known.iter().find(|(text, _)| rest.starts_with(text)) {
            return (*meaning, text.len());
        }
        let meaning = match letter {
            '.' if php => '+',
            '<' | '>' => sign::COMPARES,
            other => other,
        };
        (Some(meaning), letter.len_utf8())
    }
}

/// The parts of a string while it is read.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
}

impl Parts {
    pub(super) fn text(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    pub(super) fn hole(&mut self, expression: &str) {
        self.parts.push(Part::Hole(last_word(expression)));
    }

    /// An expression in braces, whose opening has `open` letters; strings in it may have braces of their own.
    fn braces(&mut self, rest: &str, open: usize) -> Option<usize> {
        let (mut depth, mut quote) = (0_u32, None);
        for (at, letter) in rest.char_indices() {
            match (quote, letter) {
                (Some(open), letter) if letter == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'' | '`') => quote = Some(letter),
                (None, '{') => depth += 1,
                (None, '}') => {
                    depth -= 1;
                    if depth == 0 {
                        self.hole(rest.get(open..at).unwrap_or_default());
                        return Some(at + 1);
                    }
                }
                (None, '\n') if at > 500 => return None,
                _ => {}
            }
            if at > 2000 {
                return None;
            }
        }
        None
    }
}

/// The last word of an expression, by which a value is named; a format after a colon names nothing.
pub(super) fn last_word(expression: &str) -> String {
    let of = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        words.next_back().unwrap_or_default().to_owned()
    };
    let mut name = of(expression);
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        name = of(expression.split([':', '[']).next().unwrap_or_default());
    }
    name.chars().take(60).collect()
}

fn escaped(letter: char) -> String {
    match letter {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        '\n' | '\0' => String::new(),
        other => other.to_string(),
    }
}
