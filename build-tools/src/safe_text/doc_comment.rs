//! Rewrites Markdown of a document as documentation of Rust code: whatever it says, rustdoc finds no test, link
//! definition, HTML or name of an item in it.
//!
//! It is read with the parser and the options of rustdoc and written anew from what that parser saw. What was written is
//! read once more; if anything in it is not allowed, the whole text becomes one block of plain text instead.

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeWithOffset,
};

use super::markdown::{cell_text, fence, span};
use super::words::escaped;
use super::{escape, is_hidden};

/// Quotes and lists within each other deeper than this are shown as they were written.
const MAX_DEPTH: usize = 16;

/// The options of rustdoc that decide about structure. Its smart punctuation only changes how text looks.
pub fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// Markdown of a document as safe Markdown for a doc comment, without a final line break.
pub fn doc_comment(text: &str) -> String {
    let text = cleaned(text);
    match Writer::new(&text).write() {
        Some(out) if is_safe(&out) => out,
        _ => fence(text.trim_matches('\n'), "text").trim_end().to_owned(),
    }
}

/// Line breaks of one kind; tabs as spaces; hidden characters as escapes.
fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut column = 0;
    while let Some(c) = letters.next() {
        column += 1;
        match c {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                out.push('\n');
                column = 0;
            }
            '\t' => {
                let width = 4 - (column - 1) % 4;
                out.extend(std::iter::repeat_n(' ', width));
                column += width - 1;
            }
            c => escape(c, &mut out),
        }
    }
    out
}

/// Whether rustdoc takes it for text: every block of code is `text`, links are bare addresses, no HTML, no definitions.
pub fn is_safe(text: &str) -> bool {
    if text.chars().any(|c| c != '\n' && is_hidden(c)) {
        return false;
    }
    let mut names_item = false;
    let mut broken = |_: BrokenLink<'_>| -> Option<(CowStr<'_>, CowStr<'_>)> {
        names_item = true;
        None
    };
    let mut parser = Parser::new_with_broken_link_callback(text, options(), Some(&mut broken));
    let mut safe = true;
    for event in parser.by_ref() {
        safe &= match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => &*info == "text",
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => false,
            Event::Start(Tag::Link { link_type, dest_url, .. }) => link_type == LinkType::Autolink && is_web(&dest_url),
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock | Tag::FootnoteDefinition(_) | Tag::MetadataBlock(_))
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_) => false,
            _ => true,
        };
    }
    let defines = parser.reference_definitions().iter().next().is_some();
    drop(parser);
    safe && !defines && !names_item
}

fn is_web(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_of_address))
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

/// A quote, a list or one of its items, with the lines written in it so far.
struct Container {
    kind: Kind,
    lines: Vec<String>,
    /// Whether blocks within are parted by empty lines.
    loose: bool,
}

enum Kind {
    Root,
    Quote,
    /// The number of its next item.
    List(Option<u64>),
    /// What the item begins with.
    Item(String),
    /// Holds blocks that stand for themselves.
    Footnote,
}

struct Writer<'a> {
    source: &'a str,
    containers: Vec<Container>,
    /// The words of the present paragraph, heading or cell.
    inline: String,
    /// Where links began in `inline`, and where they lead.
    links: Vec<(usize, Option<String>)>,
    /// What ends an emphasis.
    marks: Vec<&'static str>,
    heading: usize,
    code: Option<String>,
    html: Option<String>,
    row: Option<Vec<String>>,
    /// Whether a line break would end what is written.
    one_line: bool,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str) -> Self {
        let root = Container { kind: Kind::Root, lines: Vec::new(), loose: true };
        Self {
            source,
            containers: vec![root],
            inline: String::new(),
            links: Vec::new(),
            marks: Vec::new(),
            heading: 0,
            code: None,
            html: None,
            row: None,
            one_line: false,
        }
    }

    /// Nothing where the text is nested too deeply.
    fn write(mut self) -> Option<String> {
        let source = self.source;
        let parser = Parser::new_ext(source, options()).into_offset_iter();
        for (event, range) in TextMergeWithOffset::new(parser) {
            let first = source.get(range.start..).and_then(|text| text.trim_start().chars().next());
            match event {
                Event::Start(tag) => self.start(tag, first)?,
                Event::End(tag) => self.end(tag),
                Event::Text(text) => match self.code.as_mut().or(self.html.as_mut()) {
                    Some(block) => block.push_str(&text),
                    None => self.text(&text),
                },
                Event::Html(text) => match &mut self.html {
                    Some(block) => block.push_str(&text),
                    None => self.text(&text),
                },
                Event::InlineHtml(text) => self.text(&text),
                Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.code_span(&text),
                Event::FootnoteReference(label) => self.text(&format!("[^{label}]")),
                Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }),
                Event::SoftBreak => self.line_break(""),
                Event::HardBreak => self.line_break("\\"),
                Event::Rule => {
                    self.flush();
                    self.block(vec!["---".to_owned()]);
                }
            }
        }
        self.flush();
        Some(self.containers.pop()?.lines.join("\n"))
    }

    fn start(&mut self, tag: Tag<'_>, first: Option<char>) -> Option<()> {
        let mark = |star: &'static str, low: &'static str| if first == Some('_') { low } else { star };
        match tag {
            Tag::Paragraph => self.flush(),
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = level as usize;
                self.one_line = true;
            }
            Tag::BlockQuote(_) => self.open(Kind::Quote)?,
            Tag::List(number) => self.open(Kind::List(number))?,
            Tag::Item => {
                let marker = match self.containers.last_mut().map(|list| &mut list.kind) {
                    Some(Kind::List(Some(number))) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => format!("{} ", first.filter(|c| "-+*".contains(*c)).unwrap_or('*')),
                };
                self.open(Kind::Item(marker))?;
            }
            Tag::FootnoteDefinition(label) => {
                self.open(Kind::Footnote)?;
                self.text(&format!("[^{label}]:"));
                self.flush();
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.code = Some(String::new());
            }
            Tag::HtmlBlock | Tag::MetadataBlock(_) => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::TableHead | Tag::TableRow => {
                self.flush();
                self.row = Some(Vec::new());
                self.one_line = true;
            }
            Tag::Emphasis => self.mark(mark("*", "_")),
            Tag::Strong => self.mark(mark("**", "__")),
            Tag::Strikethrough => self.mark("~~"),
            Tag::Link { dest_url, .. } => {
                let address = is_web(&dest_url).then(|| dest_url.to_string());
                self.links.push((self.inline.len(), address));
            }
            // Of an image, its words are shown.
            _ => {}
        }
        Some(())
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                if let Some(container) = self.containers.last_mut() {
                    container.loose = true;
                }
                self.flush();
            }
            TagEnd::Heading(_) => {
                self.one_line = false;
                self.inline = format!("{} {}", "#".repeat(self.heading), self.inline.trim());
                self.flush();
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item | TagEnd::FootnoteDefinition => self.close(),
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.block(fence(code.trim_end_matches('\n'), "text").lines().map(str::to_owned).collect());
            }
            TagEnd::HtmlBlock | TagEnd::MetadataBlock(_) => {
                let html = self.html.take().unwrap_or_default();
                for line in html.lines().filter(|line| !line.trim().is_empty()) {
                    if !self.inline.is_empty() {
                        self.inline.push('\n');
                    }
                    self.text(line.trim());
                }
                self.flush();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline).trim().to_owned();
                self.row.get_or_insert_default().push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                self.one_line = false;
                let cells = self.row.take().unwrap_or_default();
                let line = format!("| {} |", cells.join(" | "));
                match tag {
                    TagEnd::TableHead => self.block(vec![line, format!("|{}", "---|".repeat(cells.len()))]),
                    _ => {
                        self.containers.last_mut().into_iter().for_each(|container| container.lines.push(line.clone()))
                    }
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                let mark = self.marks.pop().unwrap_or_default();
                self.inline.push_str(mark);
            }
            TagEnd::Link => {
                let Some((start, Some(address))) = self.links.pop() else { return };
                let shown = format!("<{address}>");
                if self.inline.get(start..).is_some_and(|words| words == shown) {
                    return;
                }
                self.inline.push_str(&format!(" ({shown})"));
            }
            _ => {}
        }
    }

    fn mark(&mut self, mark: &'static str) {
        self.inline.push_str(mark);
        self.marks.push(mark);
    }

    fn open(&mut self, kind: Kind) -> Option<()> {
        self.flush();
        // What stands in a list item is tight until a paragraph of its own shows that it is not.
        let loose = !matches!(kind, Kind::Item(_) | Kind::List(_));
        self.containers.push(Container { kind, lines: Vec::new(), loose });
        (self.containers.len() <= MAX_DEPTH).then_some(())
    }

    /// Ends a container: its lines become a block of the one around it.
    fn close(&mut self) {
        self.flush();
        let Some(Container { kind, lines, loose }) = self.containers.pop() else { return };
        let (first, rest) = match &kind {
            Kind::Quote => ("> ".to_owned(), "> ".to_owned()),
            Kind::Item(marker) => (marker.clone(), " ".repeat(marker.len())),
            Kind::Root | Kind::List(_) | Kind::Footnote => (String::new(), String::new()),
        };
        let lines = if lines.is_empty() { vec![String::new()] } else { lines };
        let prefixed = lines.into_iter().enumerate().map(|(at, line)| {
            let prefix = if at == 0 { &first } else { &rest };
            format!("{prefix}{line}").trim_end().to_owned()
        });
        let prefixed = prefixed.collect();
        if let (Kind::Item(_), Some(list)) = (&kind, self.containers.last_mut()) {
            list.loose |= loose;
        }
        self.block(prefixed);
    }

    /// Writes what words there are as a block.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.inline);
        if !words.trim().is_empty() {
            self.block(words.trim().lines().map(|line| line.trim_end().to_owned()).collect());
        }
    }

    fn block(&mut self, lines: Vec<String>) {
        if let Some(container) = self.containers.last_mut() {
            if container.loose && !container.lines.is_empty() {
                container.lines.push(String::new());
            }
            container.lines.extend(lines);
        }
    }

    fn line_break(&mut self, mark: &str) {
        if self.one_line {
            self.inline.push(' ');
        } else {
            self.inline.push_str(mark);
            self.inline.push('\n');
        }
    }

    fn code_span(&mut self, text: &str) {
        self.inline.push_str(&if self.row.is_some() { span(&cell_text(text)) } else { span(text) });
    }

    /// Words, with each character escaped that would be more than itself; addresses as links.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find("://") {
            let (before, after) = rest.split_at(at);
            let scheme =
                ["https", "http"].iter().find(|scheme| before.ends_with(**scheme)).map_or(0, |scheme| scheme.len());
            let (words, address) = rest.split_at(at - scheme);
            let end = address.find(|c| !is_of_address(c)).unwrap_or(address.len());
            let whole = address.get(..end).unwrap_or_default();
            let bare = whole.trim_end_matches(['.', ',', ';', ':', ')', '!', '?', '\'', ']', '*', '#']);
            self.lines(words);
            if is_web(bare) {
                self.inline.push_str(&format!("<{bare}>"));
                rest = address.get(bare.len()..).unwrap_or_default();
            } else {
                let (scheme, further) = (address.get(..scheme).unwrap_or_default(), after.get(3..).unwrap_or_default());
                self.lines(&format!("{scheme}://"));
                rest = further;
            }
        }
        self.lines(rest);
    }

    /// Words, whose line breaks are those of the text.
    fn lines(&mut self, text: &str) {
        for (at, words) in text.split('\n').enumerate() {
            if at > 0 {
                self.line_break("");
            }
            escaped(words, &mut self.inline);
        }
    }
}
