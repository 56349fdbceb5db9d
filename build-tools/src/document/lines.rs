//! Byte offsets to lines and columns.

use std::sync::OnceLock;

/// Where the lines of a text begin.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// How many characters stand before every [`STRIDE`]th byte, counted when a place far into a line is first asked
    /// for: documents without line ends are one line of megabytes.
    characters: OnceLock<Vec<u32>>,
}

/// How many characters begin in bytes: every character has one byte that does not go on with another.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
}

/// Bytes between two counts of characters.
const STRIDE: usize = 512;

impl LineIndex {
    /// Reads the line starts of a text.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts, characters: OnceLock::new() }
    }

    /// Line (from 1) and the byte where it starts.
    fn line(&self, offset: u32) -> (usize, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        (line, self.starts.get(line - 1).copied().unwrap_or(0))
    }

    /// Line and column, both from 1, the column in characters.
    pub fn position(&self, text: &str, offset: u32) -> (usize, usize) {
        let (line, start) = self.line(offset);
        let (start, offset) = (start as usize, offset as usize);
        let before = text.get(start..offset).unwrap_or_default();
        if before.len() < STRIDE {
            return (line, before.chars().count() + 1);
        }
        (line, self.characters(text, offset) - self.characters(text, start) + 1)
    }

    /// Characters before each block of [`STRIDE`] bytes.
    fn counts(&self, text: &str) -> &[u32] {
        self.characters.get_or_init(|| {
            let blocks = text.as_bytes().chunks(STRIDE).scan(0, |sum, block| {
                let before = *sum;
                *sum += count(block);
                Some(u32::try_from(before).unwrap_or(u32::MAX))
            });
            blocks.collect()
        })
    }

    /// How many characters stand before a byte of the text.
    fn characters(&self, text: &str, offset: usize) -> usize {
        let counts = self.counts(text);
        // Behind the last byte of whole blocks no block begins.
        let block = (offset / STRIDE).min(counts.len().saturating_sub(1));
        let rest = text.as_bytes().get(block * STRIDE..offset).unwrap_or_default();
        counts.get(block).copied().unwrap_or(0) as usize + count(rest)
    }

    /// The byte where the character of a number (from 0) begins, looked for within one block.
    #[cfg(feature = "ingest")]
    fn byte_of(&self, text: &str, character: usize) -> usize {
        let counts = self.counts(text);
        let block = counts.partition_point(|before| *before as usize <= character).saturating_sub(1);
        // A character that began in the block before is counted there.
        let mut start = (block * STRIDE).min(text.len());
        while !text.is_char_boundary(start) {
            start += 1;
        }
        let before = counts.get(block).copied().unwrap_or(0) as usize;
        let rest = text.get(start..).unwrap_or_default();
        let within = rest.char_indices().nth(character.saturating_sub(before));
        within.map_or(text.len(), |(at, _)| start + at)
    }

    /// The byte offset of a line (from 1) and a number of characters into it.
    #[cfg(feature = "ingest")]
    pub(super) fn offset(&self, text: &str, line: usize, characters: usize) -> u32 {
        let Some(start) = self.starts.get(line.saturating_sub(1)).copied() else {
            return u32::try_from(text.len()).unwrap_or(u32::MAX);
        };
        let rest = text.get(start as usize..).unwrap_or_default();
        if characters >= STRIDE {
            return u32::try_from(self.byte_of(text, self.characters(text, start as usize) + characters))
                .unwrap_or(u32::MAX);
        }
        let within = rest.char_indices().nth(characters).map_or(rest.len(), |(at, _)| at);
        start + u32::try_from(within).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_columns_in_characters() {
        let text = "a: ñü\nb: x\n";
        let lines = LineIndex::new(text);
        let x = u32::try_from(text.find('x').unwrap()).unwrap();
        assert_eq!(lines.position(text, x), (2, 4));
        let u = u32::try_from(text.find('ü').unwrap()).unwrap();
        assert_eq!(lines.position(text, u), (1, 5));
        #[cfg(feature = "ingest")]
        assert_eq!(lines.offset(text, 1, 4), u);
    }

    #[test]
    fn far_into_a_line_counts_the_same() {
        for tail in ["", "x"] {
            let text = format!("ñ\n{}{tail}", "aé€😀".repeat(4 * STRIDE / 10));
            let lines = LineIndex::new(&text);
            for (column, (at, _)) in text.char_indices().skip(2).enumerate() {
                assert_eq!(lines.position(&text, u32::try_from(at).unwrap()), (2, column + 1));
                #[cfg(feature = "ingest")]
                assert_eq!(lines.offset(&text, 2, column) as usize, at);
            }
            let end = (2, text.chars().count() - 1);
            assert_eq!(lines.position(&text, u32::try_from(text.len()).unwrap()), end);
        }
    }
}
