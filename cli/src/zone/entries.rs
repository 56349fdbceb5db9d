//! The bytes of a zone file to its entries: one record or directive each, with the line that it begins at.
//!
//! What a person can get wrong with quotes, brackets and characters is found here, where the line is known. What an
//! entry means is read by the `domain` crate in `bind.rs`.

use std::iter::Peekable;
use std::str::Chars;

use crate::failure::Failure;
use crate::files;

/// The largest zone file, and the most entries of one.
const MOST_BYTES: u64 = 8 << 20;
const MOST_ENTRIES: usize = 50_000;

/// A token of an entry, as it is written, and where it is.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A record or a directive.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) line: usize,
    /// The entry without comments; every byte that is not ASCII is written as `\DDD`.
    pub(super) text: String,
    pub(super) tokens: Vec<Token>,
    /// It begins with a blank, so its name is that of the record before.
    pub(super) is_indented: bool,
}

impl Entry {
    /// A token as it is written; nothing where there is none.
    pub(super) fn token(&self, at: usize) -> Option<&str> {
        let token = self.tokens.get(at)?;
        self.text.get(token.start..token.end)
    }

    /// The whole entry for a person, shortened.
    pub(super) fn shown(&self) -> String {
        let words: Vec<&str> = (0..self.tokens.len()).filter_map(|at| self.token(at)).collect();
        let whole = words.join(" ");
        if whole.len() > 80 { format!("{}...", whole.get(..77).unwrap_or_default()) } else { whole }
    }
}

pub(super) fn wrong(line: usize, what: &str) -> Failure {
    Failure::usage(format!("the zone file is wrong at line {line}: {what}"))
        .hint("correct the line and run the command again; nothing was sent")
}

/// A zone file (or `-`, standard input) as text.
pub(super) fn read_text(place: &str) -> Result<String, Failure> {
    let shown = if place == "-" { "standard input" } else { place };
    let bytes = files::read(place, MOST_BYTES).map_err(|why| {
        Failure::usage(format!("`{shown}` cannot be read: {why}")).hint("give the zone file of one zone")
    })?;
    decoded(bytes).map_err(|what| {
        Failure::usage(format!("`{shown}` cannot be read: {what}")).hint("save the file as UTF-8 and run it again")
    })
}

/// Text of bytes in UTF-8, with or without a byte order mark; else which encoding it seems to be.
pub(super) fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    let is_utf_16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    // Two bytes a character: every second one is zero in what a zone file mostly has.
    if is_utf_16 || bytes.iter().take(4096).filter(|byte| **byte == 0).count() * 4 > bytes.len().min(4096) {
        return Err("its text is UTF-16 and must be UTF-8".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        format!("byte 0x{byte:02X} at line {line} is not UTF-8; the file is probably Windows-1252 (Latin-1)")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A character that nobody sees, and that a name or a number cannot have.
fn is_invisible(character: char) -> bool {
    let is_blank = character.is_whitespace() && !character.is_ascii();
    is_blank
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Adds a character in ASCII.
fn push(text: &mut String, character: char) {
    if character.is_ascii() {
        return text.push(character);
    }
    character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| text.push_str(&format!("\\{byte:03}")));
}

/// Adds what follows a backslash: three digits are a byte, any other character is itself.
fn push_escape(text: &mut String, characters: &mut Peekable<Chars<'_>>) -> Result<(), &'static str> {
    let wrong = "a backslash takes a character, or three digits up to 255";
    let first = characters.next_if(|character| !character.is_control()).ok_or(wrong)?;
    if !first.is_ascii() {
        push(text, first);
        return Ok(());
    }
    text.push('\\');
    text.push(first);
    if first.is_ascii_digit() {
        let digits: String = std::iter::once(first).chain(characters.by_ref().take(2)).collect();
        let is_byte = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u8>().ok().filter(|_| is_byte).ok_or(wrong)?;
        text.extend(digits.chars().skip(1));
    }
    Ok(())
}

/// The entries of a zone file. Comments and empty lines are left out; brackets join lines.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, Failure> {
    let mut found: Vec<Entry> = Vec::new();
    let mut entry = Entry::default();
    let (mut line, mut opened) = (1usize, Vec::new());
    let mut characters = text.chars().peekable();
    loop {
        let next = characters.next();
        if entry.tokens.is_empty() && opened.is_empty() {
            entry.line = line;
        }
        match next {
            None | Some('\n') => {
                line += 1;
                if next.is_some() && !opened.is_empty() {
                    entry.text.push('\n');
                    continue;
                }
                if let Some(at) = opened.first() {
                    return Err(wrong(*at, "a bracket is not closed"));
                }
                if !entry.tokens.is_empty() {
                    entry.text.push('\n');
                    found.push(std::mem::take(&mut entry));
                }
                entry = Entry::default();
                if found.len() > MOST_ENTRIES {
                    return Err(Failure::usage(format!("the zone file has more than {MOST_ENTRIES} records"))
                        .hint("give the zone file of one zone"));
                }
                if next.is_none() {
                    return Ok(found);
                }
            }
            Some('\r') if characters.peek().is_none_or(|next| *next == '\n') => {}
            Some('\r') => return Err(wrong(line, "a carriage return is not followed by a line feed")),
            Some(';') => while characters.next_if(|character| *character != '\n').is_some() {},
            Some('(') => {
                opened.push(line);
                entry.text.push('(');
            }
            Some(')') => {
                opened.pop().ok_or_else(|| wrong(line, "a bracket closes that was not opened"))?;
                entry.text.push(')');
            }
            Some(' ' | '\t') => {
                entry.is_indented |= entry.tokens.is_empty();
                entry.text.push(' ');
            }
            Some('"') => {
                let start = entry.text.len();
                entry.text.push('"');
                loop {
                    match characters.next() {
                        Some('"') => break,
                        Some('\\') => {
                            push_escape(&mut entry.text, &mut characters).map_err(|what| wrong(line, what))?
                        }
                        None | Some('\n' | '\r') => return Err(wrong(line, "a quote is not closed")),
                        Some('\t') => entry.text.push_str("\\009"),
                        Some(character) if character.is_control() => return Err(control(line, character)),
                        Some(character) => push(&mut entry.text, character),
                    }
                }
                entry.text.push('"');
                entry.tokens.push(Token { start, end: entry.text.len() });
            }
            Some(first) => {
                let start = entry.text.len();
                let mut character = first;
                loop {
                    match character {
                        '\\' => push_escape(&mut entry.text, &mut characters).map_err(|what| wrong(line, what))?,
                        character if character.is_control() => return Err(control(line, character)),
                        character if is_invisible(character) => {
                            let code = u32::from(character);
                            let what = format!("the character U+{code:04X} is not visible and stands outside quotes");
                            return Err(wrong(line, &what));
                        }
                        character => push(&mut entry.text, character),
                    }
                    match characters.next_if(|next| !matches!(next, ' ' | '\t' | '\r' | '\n' | '(' | ')' | ';' | '"')) {
                        Some(next) => character = next,
                        None => break,
                    }
                }
                entry.tokens.push(Token { start, end: entry.text.len() });
            }
        }
    }
}

fn control(line: usize, character: char) -> Failure {
    wrong(line, &format!("it has the control character U+{:04X}", u32::from(character)))
}
