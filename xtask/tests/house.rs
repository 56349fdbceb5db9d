//! The house in order: what workflows and pages tell people to run exists, README's table is current, and no page
//! leads nowhere. And no test passes without running.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use common::workspace;
use syn::visit::{self, Visit};

/// The files that tell somebody, or some machine, what to run.
fn files() -> Vec<PathBuf> {
    let mut found = vec![workspace().join("README.md"), workspace().join(".ci/run")];
    for name in ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "client/README.md", "tests/evidence/README.md"] {
        found.push(workspace().join(name));
    }
    for folder in [".github/workflows", "docs"] {
        found.extend(std::fs::read_dir(workspace().join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    found
}

/// Every `cargo xtask ...` of a text: the command and its flags. Quoted parts and `${...}` are values.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for (at, start) in text.match_indices("cargo xtask ") {
        let rest = text[at + start.len()..].lines().next().unwrap_or_default();
        let rest = without_values(rest);
        let end = rest.find(['`', '|', '>', ';', '#', ')', '\\']).unwrap_or(rest.len());
        let mut words = rest[..end].split_whitespace();
        let Some(command) = words.next().map(|word| word.trim_end_matches(['.', ',', ':'])) else { continue };
        if !command.starts_with(|c: char| c.is_ascii_lowercase()) {
            continue;
        }
        let flags = words.take_while(|word| !matches!(*word, "&&" | "||")).filter(|word| word.starts_with("--"));
        let flags =
            flags.map(|word| word.trim_end_matches([']', '.', ',']).split('=').next().unwrap_or_default().to_owned());
        found.push((command.to_owned(), flags.collect()));
    }
    found
}

/// The line without `${...}` and without what stands in double quotes.
fn without_values(line: &str) -> String {
    let mut out = String::new();
    let (mut braces, mut quoted) = (0, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '$' if chars.peek() == Some(&'{') => braces += 1,
            '}' if braces > 0 => braces -= 1,
            _ if braces > 0 => {}
            '"' => quoted = !quoted,
            _ if quoted => {}
            c => out.push(c),
        }
    }
    out
}

/// Whether a help text has the flag as a word of its own.
fn has_flag(help: &str, flag: &str) -> bool {
    help.match_indices(flag).any(|(at, _)| {
        let after = help[at + flag.len()..].chars().next();
        after.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
    })
}

fn help(command: &str) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args([command, "--help"]).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn every_command_that_is_named_exists() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (command, flags) in commands(&text) {
            let Some(help) = help(&command) else {
                wrong.push(format!("{}: there is no `cargo xtask {command}`", file.display()));
                continue;
            };
            for flag in flags.iter().filter(|flag| !has_flag(&help, flag)) {
                wrong.push(format!("{}: `cargo xtask {command}` has no {flag}", file.display()));
            }
            seen.insert(command);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() >= 4, "only {seen:?} were seen");
}

#[test]
fn a_command_that_does_not_exist_would_be_found() {
    let text = "run: cargo xtask nonsense --from x\n`cargo xtask sync --wrong`";
    let found = commands(text);
    assert_eq!(found[0], ("nonsense".to_owned(), vec!["--from".to_owned()]));
    let help = |command: &str| help(command);
    assert!(help("nonsense").is_none());
    let sync = help("sync").unwrap();
    assert!(has_flag(&sync, "--from") && !has_flag(&sync, "--fro") && !has_flag(&sync, "--wrong"));
    let shell = "cargo xtask sync ${document:+--from \"$document\"} --chekc --format json || code=$?";
    assert_eq!(commands(shell)[0].1, ["--chekc", "--format"]);
}

#[test]
fn the_table_in_readme_is_current() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["coverage", "--check", "--root"])
        .arg(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "run `cargo xtask accept`\n{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut wrong = Vec::new();
    for file in files().into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap_or_default().split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            if !file.parent().unwrap().join(target).exists() {
                wrong.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tests that are ignored where the document is not the reconstruction. `cargo xtask rehearse` reads the file.
const ONLY_FOR_THE_RECONSTRUCTION: &str = "tests/only-for-the-reconstruction.txt";

/// What is wrong with the tests of a file, and which of them are ignored with another document.
#[derive(Default)]
struct TestReview {
    wrong: Vec<String>,
    named: BTreeSet<String>,
    /// Whether the present place is the body of a test, outside of closures and of functions in it.
    in_test: Option<String>,
}

fn says(attribute: &syn::Attribute, word: &str) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.tokens.to_string().replace(' ', "").contains(word)
}

impl<'a> Visit<'a> for TestReview {
    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        // A test that is compiled only for one document is missing with another one, and nobody sees that.
        let conditions = ["reconstruction", "known_names", "usual_operations"];
        let hides = attribute.path().is_ident("cfg") && conditions.iter().any(|cfg| says(attribute, cfg));
        // A test of documentation cannot be ignored by a condition; the list names the one there is.
        if hides && !says(attribute, "doctest") && self.in_test.is_none() {
            self.wrong.push(format!("`{}` hides tests", quote(attribute)));
        }
    }

    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        let name = function.sig.ident.to_string();
        let is_test = function.attrs.iter().any(|attribute| attribute.path().is_ident("test"));
        for attribute in &function.attrs {
            if is_test {
                self.visit_attribute(attribute);
            }
            if attribute.path().is_ident("ignore") && matches!(attribute.meta, syn::Meta::Path(_)) {
                self.wrong.push(format!("{name} is ignored without a reason"));
            }
            if attribute.path().is_ident("cfg_attr") && says(attribute, "not(reconstruction),ignore=") {
                self.named.insert(name.clone());
            }
        }
        let before = std::mem::replace(&mut self.in_test, is_test.then_some(name));
        visit::visit_block(self, &function.block);
        self.in_test = before;
    }

    fn visit_expr_return(&mut self, _: &'a syn::ExprReturn) {
        if let Some(name) = &self.in_test {
            self.wrong.push(format!("{name} returns before its end: what is not run must be ignored with a reason"));
        }
    }

    fn visit_expr_closure(&mut self, closure: &'a syn::ExprClosure) {
        let before = self.in_test.take();
        visit::visit_expr_closure(self, closure);
        self.in_test = before;
    }

    fn visit_expr_async(&mut self, block: &'a syn::ExprAsync) {
        let before = self.in_test.take();
        visit::visit_expr_async(self, block);
        self.in_test = before;
    }
}

fn quote(attribute: &syn::Attribute) -> String {
    match &attribute.meta {
        syn::Meta::List(list) => format!("#[cfg({})]", list.tokens),
        _ => "#[cfg]".to_owned(),
    }
}

fn review(source: &str) -> TestReview {
    let mut found = TestReview::default();
    found.visit_file(&syn::parse_file(source).unwrap());
    found
}

/// All sources that may have tests.
fn sources() -> Vec<PathBuf> {
    let mut open: Vec<PathBuf> =
        ["build-tools", "client", "cli", "emulator", "xtask", "tests"].map(|member| workspace().join(member)).into();
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true if !["fixtures", "snapshots", "benches", "target"].contains(&name.as_str()) => open.push(path),
                false if name.ends_with(".rs") => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// With another document the same tests run, but for those that the list names.
#[test]
fn no_test_passes_without_running() {
    let (mut wrong, mut named) = (Vec::new(), BTreeSet::new());
    let sources = sources();
    assert!(sources.len() > 300, "only {} sources were found", sources.len());
    for path in sources {
        let found = review(&std::fs::read_to_string(&path).unwrap());
        wrong.extend(found.wrong.iter().map(|what| format!("{}: {what}", path.display())));
        named.extend(found.named);
    }
    let listed = std::fs::read_to_string(workspace().join(ONLY_FOR_THE_RECONSTRUCTION)).unwrap();
    let listed: BTreeSet<String> =
        listed.lines().filter(|line| !line.starts_with('#') && !line.contains(' ')).map(str::to_owned).collect();
    wrong.extend(named.difference(&listed).map(|name| format!("{ONLY_FOR_THE_RECONSTRUCTION} lacks {name}")));
    wrong.extend(
        listed.difference(&named).map(|name| format!("{ONLY_FOR_THE_RECONSTRUCTION} names {name}, which runs")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_test_that_passes_without_running_would_be_found() {
    let wrong = |source: &str| review(source).wrong.len();
    assert_eq!(wrong("#[test]\nfn a() { if x() { return; } }"), 1);
    assert_eq!(wrong("#[test]\nfn a() { let Some(b) = c() else { return };\n d() }"), 1);
    assert_eq!(wrong("#[test]\n#[ignore]\nfn a() { d() }"), 1);
    assert_eq!(wrong("#[cfg(reconstruction)]\nmod a { #[test]\nfn a() { d() } }"), 1);
    assert_eq!(wrong("#[cfg(reconstruction)]\n#[test]\nfn a() { d() }"), 1);
    assert_eq!(wrong("#![cfg(all(unix, reconstruction))]\n#[test]\nfn a() { d() }"), 1);
    assert_eq!(wrong("fn a() { return }\n#[test]\nfn b() { c(|| return 1); fn d() { return } }"), 0);
    assert_eq!(wrong("#[test]\nfn a() { runtime().block_on(async { return; }) }"), 0);
    let named = review("#[test]\n#[cfg_attr(not(reconstruction), ignore = \"b\")]\nfn a() { c() }").named;
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["a"]);
}
