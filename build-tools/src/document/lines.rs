//! Byte offsets to lines and columns.

/// Where the lines of a text begin.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the line starts of a text.
    pub fn new(text: &str) -> Self {
        let after_newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(after_newlines).map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        Self { starts: starts.collect() }
    }

    /// Line (from 1) and the byte where it starts.
    fn line(&self, offset: u32) -> (usize, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        (line, self.starts.get(line - 1).copied().unwrap_or(0))
    }

    /// Line and column, both from 1, the column in characters.
    pub fn position(&self, text: &str, offset: u32) -> (usize, usize) {
        let (line, start) = self.line(offset);
        let before = text.get(start as usize..offset as usize).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// The byte offset of a line (from 1) and a number of characters into it.
    #[cfg(feature = "ingest")]
    pub(super) fn offset(&self, text: &str, line: usize, characters: usize) -> u32 {
        let Some(start) = self.starts.get(line.saturating_sub(1)).copied() else {
            return u32::try_from(text.len()).unwrap_or(u32::MAX);
        };
        let rest = text.get(start as usize..).unwrap_or_default();
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
}
