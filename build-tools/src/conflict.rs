//! Conflict markers that git leaves in a file that two sides changed: where they are, and the file as each side has it.
//!
//! The styles `merge`, `diff3` and `zdiff3` are read, with markers of any size from seven characters. Within the base
//! section of a conflict git writes nested conflicts with longer markers; they are content of that section.

/// The shortest marker that git writes.
const SIZE: usize = 7;

/// A file with conflicts, once with each side's lines in all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// The lines above the separator: the side that the working tree was on.
    pub ours: String,
    /// The lines below the separator: the side that was merged.
    pub theirs: String,
}

/// The line, from 1, of the first conflict marker. A single opening or closing marker counts, since a conflict may have
/// been resolved by halves; the separator does not, since it is also an underline of Markdown.
pub fn first_marker(bytes: &[u8]) -> Option<usize> {
    let is_marker = |line: &[u8]| size(line, b'<').is_some() || size(line, b'>').is_some();
    bytes.split(|byte| *byte == b'\n').position(is_marker).map(|at| at + 1)
}

/// The text as each side has it; nothing where it has no conflict, or one that is not whole.
pub fn sides(text: &str) -> Option<Sides> {
    let mut sides = Sides { ours: String::new(), theirs: String::new() };
    let mut place = Place::Common;
    let mut found = false;
    for line in text.split_inclusive('\n') {
        let marker = |character| size(line.as_bytes(), character);
        place = match place {
            Place::Common => match (marker(b'<'), marker(b'>')) {
                (Some(size), _) => {
                    found = true;
                    Place::Ours(size)
                }
                (None, Some(_)) => return None,
                (None, None) => {
                    sides.ours.push_str(line);
                    sides.theirs.push_str(line);
                    Place::Common
                }
            },
            Place::Ours(size) if marker(b'|') == Some(size) => Place::Base(size),
            Place::Ours(size) | Place::Base(size) if marker(b'=') == Some(size) => Place::Theirs(size),
            Place::Ours(size) if marker(b'<') == Some(size) || marker(b'>') == Some(size) => return None,
            Place::Ours(size) => {
                sides.ours.push_str(line);
                Place::Ours(size)
            }
            Place::Base(size) => Place::Base(size),
            Place::Theirs(size) if marker(b'>') == Some(size) => Place::Common,
            Place::Theirs(size) if marker(b'<') == Some(size) => return None,
            Place::Theirs(size) => {
                sides.theirs.push_str(line);
                Place::Theirs(size)
            }
        };
    }
    (found && place == Place::Common).then_some(sides)
}

/// The part of a conflict that a line is in, with the size of its markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Common,
    Ours(usize),
    Base(usize),
    Theirs(usize),
}

/// How often a character stands at the head of a line that is a marker: nothing but a label may follow it.
fn size(line: &[u8], character: u8) -> Option<usize> {
    let size = line.iter().take_while(|byte| **byte == character).count();
    let ends = matches!(line.get(size), None | Some(b' ' | b'\r' | b'\n'));
    (size >= SIZE && ends).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(ours: &str, theirs: &str) -> Option<Sides> {
        Some(Sides { ours: ours.to_owned(), theirs: theirs.to_owned() })
    }

    #[test]
    fn reads_the_three_styles_of_git() {
        let merge = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\nd\n";
        let diff3 = "a\n<<<<<<< HEAD\nb\n||||||| 1a2b3c4\nx\n=======\nc\n>>>>>>> other\nd\n";
        let nested = "a\n<<<<<<< HEAD\nb\n||||||| merged\n<<<<<<<<< one\nx\n=========\ny\n>>>>>>>>> two\n=======\nc\n>>>>>>> other\nd\n";
        for text in [merge, diff3, nested] {
            assert_eq!(sides(text), both("a\nb\nd\n", "a\nc\nd\n"), "{text}");
            assert_eq!(first_marker(text.as_bytes()), Some(2));
        }
        let windows = merge.replace('\n', "\r\n");
        assert_eq!(sides(&windows), both("a\r\nb\r\nd\r\n", "a\r\nc\r\nd\r\n"));
        let two = format!("{merge}<<<<<<< HEAD\n=======\ne\n>>>>>>> other");
        assert_eq!(sides(&two), both("a\nb\nd\n", "a\nc\nd\ne\n"), "a side may have nothing");
    }

    #[test]
    fn a_conflict_that_is_not_whole_has_no_sides_and_is_found_all_the_same() {
        for text in
            ["a\n<<<<<<< HEAD\nb\n", "b\n=======\nc\n>>>>>>> other\n", "<<<<<<< a\n<<<<<<< b\n=======\n>>>>>>> c\n"]
        {
            assert_eq!(sides(text), None, "{text}");
            assert!(first_marker(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn what_resembles_a_marker_is_none() {
        for text in ["", "a\n=======\nb\n", "<<<<<< six\n", "<<<<<<<a\n", " <<<<<<< indented\n", "a >>>>>>> b\n"] {
            assert_eq!((first_marker(text.as_bytes()), sides(text)), (None, None), "{text}");
        }
    }
}
