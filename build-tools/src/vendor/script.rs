//! A Python, JavaScript or PHP file as its functions, assignments and calls, variables put in where the file itself sets them.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Argument, Reader};
use super::lexer::{Kind, Language, lex, sign};
use super::resolve::{Assignment, Resolver, own_path};
use super::value::Value;

/// Values that the calls of one file lead to, at most, for each piece of the file.
const EFFORT: usize = 60;

/// A function or method.
#[derive(Clone, Debug, Default)]
pub(super) struct Function {
    pub(super) name: String,
    /// Without `self`.
    pub(super) parameters: Vec<String>,
    /// The class that it belongs to.
    pub(super) class: String,
    begin: usize,
    end: usize,
}

/// A call of a function or method.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) callee: String,
    /// What the method is called on: `cron_service` in `self.cron_service.create(...)`.
    pub(super) receiver: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) line: u32,
    /// The number of the function that it is in.
    pub(super) function: Option<usize>,
}

/// A file of example code.
#[derive(Default)]
pub(super) struct Script {
    pub(super) functions: Vec<Function>,
    pub(super) sites: Vec<Site>,
    /// Names that occur, each with the functions that it occurs in.
    pub(super) mentions: BTreeMap<String, Vec<Option<usize>>>,
    /// Words of its comments.
    pub(super) commented: Vec<String>,
    /// Calls that are commented out.
    pub(super) commented_sites: Vec<Site>,
    /// Whether it was too deep or too large to be read to its end.
    pub(super) gave_up: bool,
}

pub(super) fn read(text: &str, language: Language) -> Script {
    let mut script = code(text, language);
    for (line, comment) in &lex(text, language).comments {
        let words = comment.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').filter(|word| word.len() > 2);
        script.commented.extend(words.map(|word| word.trim_start_matches('$').to_owned()));
        if comment.contains('(') {
            let mut sites = code(comment, language).sites;
            for site in &mut sites {
                site.line = site.line.saturating_add(*line).saturating_sub(1);
                site.function = None;
            }
            script.commented_sites.extend(sites);
        }
    }
    script
}

fn code(text: &str, language: Language) -> Script {
    let tokens = lex(text, language).all;
    let reader = Reader::new(&tokens, language);
    let scan =
        Scan { reader: &reader, language, functions: functions(&reader, language), depths: depths(&reader, language) };
    let imports = scan.imports();
    let mut script = Script { functions: scan.functions.clone(), ..Script::default() };
    let owners = scan.owners();
    let assignments = scan.assignments(&owners);
    let begins: BTreeSet<usize> = scan.functions.iter().map(|function| function.begin).collect();
    let mut left = reader.len().saturating_mul(EFFORT).saturating_add(10_000);
    for (at, owner) in owners.iter().enumerate() {
        let Some(word) = reader.word(at).filter(|_| !imports.get(at).copied().unwrap_or(false)) else { continue };
        if begins.contains(&at) {
            continue;
        }
        let mentions = script.mentions.entry(word.to_owned()).or_default();
        if mentions.last() != Some(owner) {
            mentions.push(*owner);
        }
        if reader.sign(at + 1) != Some('(') || KEYWORDS.contains(&word) {
            continue;
        }
        let receiver = match (at.checked_sub(1).and_then(|at| reader.sign(at)), at.checked_sub(2)) {
            (Some('.'), Some(before)) => reader.word(before).unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let resolver =
            Resolver { assignments: &assignments, at, depth: scan.depth(at), function: *owner, left: &mut left };
        let arguments = resolver.all(&reader.arguments(at + 1, 0));
        let line = reader.token(at).map_or(0, |token| token.line);
        script.sites.push(Site { callee: word.to_owned(), receiver, arguments, line, function: *owner });
    }
    script.gave_up = reader.gave_up() || left == 0;
    script
}

/// Words before a bracket that call nothing.
const KEYWORDS: [&str; 14] = [
    "if", "elif", "while", "for", "foreach", "switch", "return", "catch", "function", "array", "isset", "empty", "and",
    "or",
];

struct Scan<'r, 't> {
    reader: &'r Reader<'t>,
    language: Language,
    functions: Vec<Function>,
    depths: Vec<u32>,
}

/// How deep each piece is: the blanks before its line in Python, else the braces around it.
fn depths(reader: &Reader<'_>, language: Language) -> Vec<u32> {
    let (mut braces, mut line) = (0_u32, (0, 0));
    let mut depths = Vec::with_capacity(reader.len());
    let mut open_until = 0;
    for at in 0..reader.len() {
        let Some(token) = reader.token(at) else { continue };
        if language == Language::Python {
            // A line within brackets belongs to the statement that they are in.
            if token.first && at >= open_until {
                line = (token.line, token.indent);
            }
            if matches!(token.kind, Kind::Sign('(' | '[' | '{')) && at >= open_until {
                open_until = reader.close(at) + 1;
            }
            depths.push(line.1);
            continue;
        }
        match token.kind {
            Kind::Sign('{') => braces += 1,
            Kind::Sign('}') => braces = braces.saturating_sub(1),
            _ => {}
        }
        depths.push(braces);
    }
    depths
}

/// The functions of a file, those within others after them.
fn functions(reader: &Reader<'_>, language: Language) -> Vec<Function> {
    let depths = depths(reader, language);
    let depth = |at: usize| depths.get(at).copied().unwrap_or(0);
    let (mut found, mut classes): (Vec<Function>, Vec<(String, usize)>) = (Vec::new(), Vec::new());
    let after = |at: usize, open: usize| {
        let close = reader.close(open);
        if language == Language::Python {
            let own = depth(at);
            let lines = (close + 1..reader.len())
                .find(|place| depth(*place) <= own && reader.token(*place).is_some_and(|t| t.first));
            return lines.unwrap_or(reader.len());
        }
        if reader.sign(close + 1) == Some(sign::ARROW) && reader.sign(close + 2) != Some('{') {
            return expression_end(reader, close + 2);
        }
        // Behind the parameters: a type, an arrow, then the body.
        let body = (close + 1..(close + 12).min(reader.len())).find(|place| reader.sign(*place) == Some('{'));
        body.map_or(close + 1, |body| reader.close(body) + 1)
    };
    for at in 0..reader.len() {
        let Some(word) = reader.word(at) else { continue };
        if word == "class"
            && let Some(name) = reader.word(at + 1)
        {
            let end = if language == Language::Python {
                let own = depth(at);
                (at + 2..reader.len())
                    .find(|place| depth(*place) <= own && reader.token(*place).is_some_and(|t| t.first))
            } else {
                (at + 2..(at + 20).min(reader.len()))
                    .find(|place| reader.sign(*place) == Some('{'))
                    .map(|open| reader.close(open))
            };
            classes.push((name.to_owned(), end.unwrap_or(reader.len())));
            continue;
        }
        let Some((name, open)) = definition(reader, at, language) else { continue };
        let end = after(at, open);
        let mut parameters: Vec<String> = Vec::new();
        let (close, mut place) = (reader.close(open), open + 1);
        while place < close {
            let next = (place..close).find(|at| reader.sign(*at) == Some(',')).unwrap_or(close);
            // In PHP the type is before the name, elsewhere behind it; a default follows.
            let until = (place..next).find(|at| matches!(reader.sign(*at), Some('=' | ':'))).unwrap_or(next);
            let mut words = (place..until).filter_map(|at| reader.word(at));
            let word = if language == Language::Php { words.last() } else { words.next() };
            parameters.extend(word.filter(|word| !matches!(*word, "self" | "cls")).map(str::to_owned));
            place = next + 1;
        }
        let class = classes.iter().rev().find(|(_, end)| at < *end).map(|(name, _)| name.clone()).unwrap_or_default();
        found.push(Function { name, parameters, class, begin: at, end });
    }
    found
}

/// Where the expression ends that an arrow function consists of.
fn expression_end(reader: &Reader<'_>, mut at: usize) -> usize {
    let begin = at;
    while let Some(token) = reader.token(at) {
        match reader.sign(at) {
            Some(';' | ',' | ')' | ']' | '}') => break,
            Some('.') => at += 1,
            _ if token.first && at > begin => break,
            Some('(' | '[' | '{') => at = reader.close(at) + 1,
            _ => at += 1,
        }
    }
    at
}

/// The name of the function that is defined at a place (the place of its name), and where its parameters begin.
fn definition(reader: &Reader<'_>, at: usize, language: Language) -> Option<(String, usize)> {
    let name = reader.word(at)?;
    let before = at.checked_sub(1);
    let word_before = before.and_then(|at| reader.word(at));
    if language == Language::Python {
        return (word_before == Some("def") && reader.sign(at + 1) == Some('(')).then(|| (name.to_owned(), at + 1));
    }
    if word_before == Some("function") && reader.sign(at + 1) == Some('(') {
        return Some((name.to_owned(), at + 1));
    }
    if language == Language::Php || KEYWORDS.contains(&name) {
        return None;
    }
    // A method of JavaScript: a name, parameters and a body, which follows no value.
    let begins = word_before == Some("async")
        || word_before == Some("static")
        || before.is_none_or(|at| matches!(reader.sign(at), Some('{' | '}' | ';' | ',')));
    if begins && reader.sign(at + 1) == Some('(') && reader.sign(reader.close(at + 1) + 1) == Some('{') {
        return Some((name.to_owned(), at + 1));
    }
    // `const name = async (a, b) => ...` and `name: function (a) ...`.
    if matches!(reader.sign(at + 1), Some('=' | ':')) {
        let mut open = at + 2;
        while matches!(reader.word(open), Some("async" | "function")) {
            open += 1;
        }
        let is_function = open > at + 2 && reader.word(open - 1) == Some("function");
        if reader.sign(open) == Some('(') && (is_function || reader.sign(reader.close(open) + 1) == Some(sign::ARROW)) {
            return Some((name.to_owned(), open));
        }
    }
    None
}

impl Scan<'_, '_> {
    fn depth(&self, at: usize) -> u32 {
        self.depths.get(at).copied().unwrap_or(0)
    }

    /// The innermost function of each piece.
    fn owners(&self) -> Vec<Option<usize>> {
        let mut starts = self.functions.iter().enumerate().peekable();
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut owners = Vec::with_capacity(self.reader.len());
        for at in 0..self.reader.len() {
            open.retain(|(_, end)| at < *end);
            while let Some((number, function)) = starts.next_if(|(_, function)| function.begin <= at) {
                open.push((number, function.end));
            }
            owners.push(open.last().map(|(number, _)| *number));
        }
        owners
    }

    /// Which pieces belong to imports and exports: a name there is no use of it.
    fn imports(&self) -> Vec<bool> {
        let mut found = vec![false; self.reader.len()];
        let mut at = 0;
        while at < self.reader.len() {
            let begins = self.reader.token(at).is_some_and(|token| token.first);
            let imports = match (self.language, self.reader.word(at)) {
                (Language::Python, Some("from" | "import")) => true,
                (Language::JavaScript, Some("import" | "module" | "exports")) => true,
                (Language::JavaScript, Some("export")) => self.reader.sign(at + 1) == Some('{'),
                (Language::JavaScript, Some("const" | "let" | "var")) => {
                    self.reader.sign(at + 1) == Some('{')
                        && self.reader.word(self.reader.close(at + 1) + 2) == Some("require")
                }
                (Language::Php, Some("use")) => true,
                _ => false,
            };
            if !begins || !imports {
                at += 1;
                continue;
            }
            let line = self.reader.token(at).map_or(0, |token| token.line);
            let mut end = at;
            while self.reader.token(end).is_some_and(|token| token.line == line) {
                end = match self.reader.sign(end) {
                    Some('(' | '{' | '[') => self.reader.close(end).max(end) + 1,
                    _ => end + 1,
                };
            }
            found.iter_mut().take(end).skip(at).for_each(|found| *found = true);
            at = end;
        }
        found
    }

    /// All assignments in their order, by the name of the variable.
    fn assignments(&self, owners: &[Option<usize>]) -> BTreeMap<String, Vec<Assignment>> {
        let mut found: BTreeMap<String, Vec<Assignment>> = BTreeMap::new();
        let mut brackets: Vec<(char, usize)> = Vec::new();
        for at in 0..self.reader.len() {
            while brackets.last().is_some_and(|(_, end)| at > *end) {
                brackets.pop();
            }
            if let Some(open @ ('(' | '[' | '{')) = self.reader.sign(at) {
                brackets.push((open, self.reader.close(at)));
            }
            let statement = match (self.language, brackets.last()) {
                (_, None) => true,
                (Language::Python, Some(_)) => false,
                (_, Some((open, _))) => *open == '{',
            };
            let before = at.checked_sub(1).and_then(|at| self.reader.sign(at));
            if !statement || before == Some('.') || self.reader.word(at).is_none() {
                continue;
            }
            let function = owners.get(at).copied().flatten();
            if let Some((path, value, merges)) = self.assignment(at)
                && let Some(root) = path.first()
            {
                let assignment = Assignment { value, at, depth: self.depth(at), function, merges, path: path.clone() };
                found.entry(root.clone()).or_default().push(assignment);
            }
        }
        found
    }

    /// `name = ...`, `name["key"].other = ...`, `name.update({...})` and `Object.assign(name, {...})`: what is set, to what,
    /// and whether that is put into what is there.
    fn assignment(&self, at: usize) -> Option<(Vec<String>, Value, bool)> {
        let reader = self.reader;
        let first = reader.word(at)?;
        if first == "Object" && reader.word(at + 2) == Some("assign") && reader.sign(at + 3) == Some('(') {
            let mut arguments = reader.arguments(at + 3, 0).into_iter();
            let (_, Value::Variable(path)) = arguments.next()? else { return None };
            return Some((path, Value::Object(arguments.map(|(_, value)| (None, value)).collect()), true));
        }
        let (mut path, mut next) = (vec![first.to_owned()], at + 1);
        loop {
            match (reader.sign(next), reader.word(next + 1)) {
                (Some('.'), Some("update")) if reader.sign(next + 2) == Some('(') => {
                    let members = reader.arguments(next + 2, 0);
                    return Some((own_path(&path).to_vec(), Value::Object(members), true));
                }
                (Some('.'), Some(name)) => {
                    path.push(name.to_owned());
                    next += 2;
                }
                (Some('['), _) => {
                    path.push(reader.expression(next + 1, 0).0.plain()?);
                    next = reader.close(next) + 1;
                }
                // A type behind the name.
                (Some(':'), Some(_)) if path.len() == 1 && self.language != Language::Php => {
                    let line = reader.token(at)?.line;
                    next = (next + 1..(next + 12).min(reader.len()))
                        .find(|place| reader.sign(*place) == Some('='))
                        .filter(|place| reader.token(*place).is_some_and(|token| token.line == line))?;
                }
                (Some('='), _) => return Some((own_path(&path).to_vec(), reader.expression(next + 1, 0).0, false)),
                _ => return None,
            }
        }
    }
}
