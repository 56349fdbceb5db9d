//! The `console` blocks of the READMEs and of docs/, run as they stand against an emulator: each line that begins with
//! `$ swpanel`, one after the other on one account, with what it prints below it (standard output, then standard error,
//! then `[exit N]` where that is not 0).
//!
//! `SWPANEL_UPDATE=1 cargo test -p swpanel-cli --test readme` writes what is printed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::path::PathBuf;

use common::{Desk, Said};

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn the_examples_print_what_is_shown() {
    let top = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let mut files = vec![top.join("README.md"), top.join("cli/README.md")];
    let pages = std::fs::read_dir(top.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    files.extend(pages.filter(|path| path.extension().is_some_and(|end| end == "md")));
    let update = std::env::var_os("SWPANEL_UPDATE").is_some();
    let mut examples = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, block)) = rest.split_once("```console\n") {
            let (block, after) = block.split_once("```").unwrap();
            let ours = block.starts_with("$ swpanel");
            let (ran, count) = if ours { run(block) } else { (block.to_owned(), 0) };
            examples += count;
            out.push_str(&format!("{before}```console\n{ran}```"));
            rest = after;
        }
        out.push_str(rest);
        if update && out != text {
            std::fs::write(&file, &out).unwrap();
        } else {
            let renew = "run `SWPANEL_UPDATE=1 cargo test -p swpanel-cli --test readme`";
            assert_eq!(text, out, "{}: {renew}", file.display());
        }
    }
    assert!(examples >= 5, "only {examples} examples were found");
}

/// The block with what its commands print now.
fn run(block: &str) -> (String, usize) {
    let desk = Desk::new();
    let mut out = String::new();
    let mut count = 0;
    for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let words = split(command);
        assert_eq!(words[0], "swpanel", "{command}");
        let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let Said { code, out: said, err } = desk.run(&words);
        let address = desk.emulator.base_url();
        let printed = format!("{said}{err}").replace(address, "http://127.0.0.1:PORT/v2026");
        let exit = if code == 0 { String::new() } else { format!("[exit {code}]\n") };
        out.push_str(&format!("$ {command}\n{printed}{exit}"));
        count += 1;
    }
    (out, count)
}

/// The words of a command as a shell has them, as far as these examples go: blanks, single and double quotes, `\"`.
fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut escaped) = (Vec::new(), None::<String>, None, false);
    for c in command.chars() {
        match (c, quote) {
            (_, _) if escaped => {
                word.get_or_insert_default().push(c);
                escaped = false;
            }
            ('\\', Some('"')) => escaped = true,
            (_, Some(mark)) if c == mark => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            (_, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
