//! The source as it was read: the tree with places, before any meaning is looked at.

use super::Twice;
use super::detect::{Format, detect};
use super::lines::LineIndex;
use super::node::{Key, Node, Span, Value};
use super::pointer::child;
use super::refusal::Refusal;

/// A well-formed JSON or YAML text as a tree, with line and column of everything in it.
#[derive(Clone, Debug)]
pub struct RawDocument {
    text: String,
    format: Format,
    lines: LineIndex,
    root: Node,
    twice: Twice,
    outdented: usize,
    renamed: Vec<(String, String)>,
    identified: Vec<(String, String)>,
}

impl RawDocument {
    /// Reads bytes in any form that [`detect`] knows.
    ///
    /// # Errors
    /// Any [`Refusal`] about text, format, syntax, duplicate keys or size.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let (text, format) = detect(bytes)?;
        Self::of_text(text.into_owned(), format)
    }

    fn of_text(text: String, format: Format) -> Result<Self, Refusal> {
        let lines = LineIndex::new(&text);
        let (root, twice, outdented) = match format {
            Format::Json => {
                let (root, twice) = super::json::read(&text, &lines)?;
                (root, twice, 0)
            }
            #[cfg(feature = "ingest")]
            Format::Yaml => super::yaml::read(&text, &lines)?,
            #[cfg(not(feature = "ingest"))]
            Format::Yaml => return Err(Refusal::NotASpec { why: "only JSON is read here".into() }),
        };
        #[cfg(feature = "ingest")]
        let (root, identified) = {
            let mut root = root;
            // Nearly all documents have none, and a look at the text tells.
            let has_some = ["$id", "$anchor", "$dynamicAnchor"].iter().any(|word| text.contains(word));
            let identified = if has_some { super::identifiers::resolve(&mut root) } else { Vec::new() };
            (root, identified)
        };
        #[cfg(not(feature = "ingest"))]
        let identified = Vec::new();
        Ok(Self { text, format, lines, root, twice, outdented, renamed: Vec::new(), identified })
    }

    /// The same text and places with another tree, for what was taken into it; `renamed` are the components that were
    /// taken in and that another had the name of.
    #[cfg(feature = "ingest")]
    pub(super) fn with_root(self, root: Node, renamed: Vec<(String, String)>) -> Self {
        Self { root, renamed, ..self }
    }

    /// Components that were taken in from other files under another name: that name, and the one they had.
    pub(super) fn renamed(&self) -> &[(String, String)] {
        &self.renamed
    }

    /// References that led to an `$id` or an `$anchor`, which lead to a place now: where they stand, and what they said.
    pub(super) fn identified(&self) -> &[(String, String)] {
        &self.identified
    }

    /// The tree, taken out; the text and its places stay.
    #[cfg(feature = "ingest")]
    pub(super) fn take_root(&mut self) -> Node {
        std::mem::take(&mut self.root)
    }

    /// As [`RawDocument::read`], of bytes that are not needed any more: plain text is taken over, not copied.
    ///
    /// # Errors
    /// As [`RawDocument::read`].
    #[cfg(feature = "ingest")]
    pub fn take(bytes: Vec<u8>) -> Result<Self, Refusal> {
        let (is_plain, format) = match detect(&bytes)? {
            (std::borrow::Cow::Borrowed(text), format) => (text.len() == bytes.len(), format),
            (std::borrow::Cow::Owned(_), format) => (false, format),
        };
        match String::from_utf8(bytes) {
            Ok(text) if is_plain => Self::of_text(text, format),
            Ok(text) => Self::read(text.as_bytes()),
            Err(error) => Self::read(error.as_bytes()),
        }
    }

    /// The same text read once more, for a tree that was converted where it stood.
    #[cfg(feature = "ingest")]
    pub(crate) fn again(&self) -> Option<Self> {
        Self::of_text(self.text.clone(), self.format).ok()
    }

    /// The format the text is in.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Keys that stood twice in one object with equal values, and where the second stood.
    pub fn duplicates(&self) -> &[(Key, Span)] {
        &self.twice
    }

    /// Lines within braces, brackets or quotation marks of YAML that are indented less than YAML allows, and were read anyway.
    pub fn outdented(&self) -> usize {
        self.outdented
    }

    /// Line and column, both from 1, of the start of a span.
    pub fn position(&self, span: Span) -> (usize, usize) {
        self.lines.position(&self.text, span.start)
    }

    /// The JSON pointer, in a tree that was read from this text, of the innermost object that holds a place.
    pub(super) fn object_at(root: &Node, at: u32) -> String {
        let holds = |node: &Node| node.span.start <= at && at < node.span.end;
        let (mut node, mut pointer) = (root, String::new());
        let mut found = String::new();
        loop {
            let next = match &node.value {
                Value::Object(object) => {
                    found.clone_from(&pointer);
                    object.iter().find(|(_, node)| holds(node)).map(|(key, node)| (child(&pointer, key), node))
                }
                Value::Array(items) => {
                    let mut items = items.iter().enumerate();
                    items.find(|(_, node)| holds(node)).map(|(at, node)| (child(&pointer, &at.to_string()), node))
                }
                _ => None,
            };
            match next {
                Some((inner, below)) => (pointer, node) = (inner, below),
                None => return found,
            }
        }
    }

    /// Line and column of the node at a JSON pointer, where there is one.
    pub fn position_of(&self, pointer: &str) -> Option<(usize, usize)> {
        self.root.pointer(pointer).map(|node| self.position(node.span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_of_the_same_content_are_the_same_tree() {
        let json = RawDocument::read(br#"{"a":[1,-2.50,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":"01"}}"#).unwrap();
        let yaml = RawDocument::read("b: {c: '01'}\na: [1, -2.50, true, ~, \"xé😀\"]\n".as_bytes()).unwrap();
        assert_eq!(json.root(), yaml.root());
        assert_eq!(json.format(), Format::Json);
        assert_eq!(yaml.position_of("/b/c"), Some((1, 8)));
        assert_eq!(json.position_of("/b/c"), Some((1, 57)));
    }

    #[test]
    fn a_quoted_text_that_goes_on_too_far_left_is_read_and_counted() {
        for (yaml, lines, text) in [
            (
                "a:\n    b:\n        c: \"one\n  two\n\n  # three \\\" \\\n four\"\n        d: 1\n",
                3,
                "one two\n# three \" four",
            ),
            ("a:\n    b: {c: 'it''s\nleft', d: 1}\n", 1, "it's left"),
        ] {
            let raw = RawDocument::read(yaml.as_bytes()).unwrap();
            assert_eq!(
                (raw.outdented(), raw.root().pointer("/a/b/c").and_then(Node::as_str)),
                (lines, Some(text)),
                "{yaml}"
            );
            let (line, column) = raw.position_of("/a/b/d").unwrap();
            let found = yaml.lines().nth(line - 1).unwrap().chars().nth(column - 1);
            assert_eq!(found, Some('1'), "{yaml}: line {line}, column {column}");
        }
        let sound = RawDocument::read(b"a:\n  b: \"one\n    two\"\n").unwrap();
        assert_eq!((sound.outdented(), sound.root().pointer("/a/b").and_then(Node::as_str)), (0, Some("one two")));
        assert_eq!(RawDocument::read(b"a:\n  b: \"one\ntwo\n").unwrap_err().name(), "syntax");
    }

    #[test]
    fn merge_keys_apply_and_explicit_keys_win() {
        let yaml = "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nquoted: {'<<': 1}\n";
        let raw = RawDocument::read(yaml.as_bytes()).unwrap();
        assert_eq!(raw.root().pointer("/use/x").and_then(Node::as_number), Some("1"));
        assert_eq!(raw.root().pointer("/use/y").and_then(Node::as_number), Some("3"));
        assert!(raw.root().pointer("/quoted/<<").is_some());
    }

    #[test]
    fn names_the_place_of_what_is_wrong() {
        let cases: [(&[u8], Refusal); 4] = [
            (b"{\"a\":1,\n \"a\":2}", Refusal::DuplicateKeys { key: "a".into(), line: 2, column: 2 }),
            (b"a: 1\nb: 2\na: 3\n", Refusal::DuplicateKeys { key: "a".into(), line: 3, column: 1 }),
            (
                b"{\"a\":[1,2",
                Refusal::Syntax {
                    format: "JSON",
                    line: 1,
                    column: 10,
                    message: "the text ends within an array".into(),
                },
            ),
            (
                b"{\"a\":01}",
                Refusal::Syntax {
                    format: "JSON",
                    line: 1,
                    column: 7,
                    message: "a number must not start with zero".into(),
                },
            ),
        ];
        for (bytes, refusal) in cases {
            assert_eq!(RawDocument::read(bytes).unwrap_err(), refusal);
        }
    }

    #[test]
    fn the_same_key_with_the_same_value_is_kept_once_and_noted() {
        for text in ["{\"a\":[1],\"b\":2,\n\"a\":[1]}", "a: [1]\nb: 2\na: [1]\n"] {
            let raw = RawDocument::read(text.as_bytes()).unwrap();
            assert_eq!(raw.root().as_object().map(|object| object.len()), Some(2));
            assert_eq!(raw.duplicates().len(), 1);
        }
    }

    #[test]
    fn bounds_nesting_and_alias_bombs() {
        let deep = "[".repeat(5000);
        assert_eq!(RawDocument::read(deep.as_bytes()).unwrap_err().name(), "too-deep");
        let deep_yaml = format!("a: {}", "[".repeat(5000));
        assert_eq!(RawDocument::read(deep_yaml.as_bytes()).unwrap_err().name(), "too-deep");
        let mut bomb = String::from("l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..9 {
            let below = format!("*l{}", level - 1);
            bomb.push_str(&format!("l{level}: &l{level} [{}]\n", vec![below; 10].join(",")));
        }
        assert_eq!(RawDocument::read(bomb.as_bytes()).unwrap_err().name(), "too-many-aliases");
    }
}
