//! A line as it is typed so far, to its words: quotes and backslashes as a shell has them, the last one perhaps unfinished.

use crate::words::Words;

/// The words after the command, and the one at the cursor, which is empty after a blank.
pub(super) fn words(line: &str) -> (Vec<String>, String) {
    let Words { whole: mut words, last, .. } = crate::words::words(line);
    let last = last.unwrap_or_default();
    // Variables that are set for the command alone stand before it.
    let is_setting = |word: &&String| word.split_once('=').is_some_and(|(name, _)| !name.starts_with('-'));
    let before = words.iter().take_while(is_setting).count() + 1;
    (words.split_off(before.min(words.len())), last)
}

/// How much of the word at the cursor stands before what the shell calls the word: it parts words at `=` and `:`.
pub(super) fn apart<'w>(whole: &'w str, current: &str) -> &'w str {
    whole.strip_suffix(current).filter(|before| before.ends_with(['=', ':'])).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_parted_as_a_shell_does() {
        for (line, before, last) in [
            ("swpanel dns c", &["dns"][..], "c"),
            ("swpanel dns ", &["dns"], ""),
            ("swpanel ", &[], ""),
            ("swpanel", &[], "swpanel"),
            ("A=1 B='x y' swpanel dns --output=js", &["dns"], "--output=js"),
            (r#"swpanel a\ b "c d" 'e"#, &["a b", "c d"], "e"),
            ("swpanel --record.name @ --type M", &["--record.name", "@", "--type"], "M"),
        ] {
            let (found, word) = words(line);
            assert_eq!(
                (found.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), word.as_str()),
                (before, last)
            );
        }
        for (whole, current, before) in [
            ("--output=js", "js", "--output="),
            ("--output=", "", "--output="),
            ("--output=js", "--output=js", ""),
            ("env:A", "A", "env:"),
            ("@a", "@a", ""),
            ("create", "create", ""),
            ("", "", ""),
            ("create", "", ""),
        ] {
            assert_eq!(apart(whole, current), before, "{whole} {current}");
        }
    }
}
