//! `man`: manual pages in roff, made from the same table as all help.

use std::path::Path;

use super::{ANSWERS, BUILTINS, Builtin};
use crate::arguments::{COMMON, OwnFlag, Parsed, Target, flag, resolve, target_name};
use crate::failure::{Exit, Failure};
use crate::files::write_public;
use crate::outputs::{Files, refuse_foreign};
use crate::table::{COMMANDS, Command, placeholder};
use crate::{help, output};

pub(crate) const MAN: Builtin = Builtin {
    words: &["man"],
    values: "[WORDS...]",
    summary: "Print the manual page of the program or of a command",
    text: "As in `swpanel man dns create | man -l -`. With --all DIR every page is written, as for a package.",
    flags: &[flag("all", ' ', Some("DIR"), "Write all pages into this folder")],
    heeds: &[ANSWERS],
    hidden: false,
    run,
};

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    if let Some(folder) = parsed.given.get("all") {
        return all(Path::new(folder), parsed);
    }
    let words: Vec<&str> = parsed.positionals.iter().map(String::as_str).collect();
    let page = match words.as_slice() {
        [] => program(),
        words => match resolve(words) {
            Some(target) => of(target),
            None => {
                return Err(Failure::usage(format!("there is no command `{}`", words.join(" ")))
                    .hint("`swpanel --help` lists what there is"));
            }
        },
    };
    output::text(&page, &parsed.given).map(|()| Exit::Ok)
}

fn all(folder: &Path, parsed: &Parsed) -> Result<Exit, Failure> {
    let mut pages = vec![("swpanel.1".to_owned(), program())];
    let shown = BUILTINS.iter().filter(|builtin| !builtin.hidden).map(Target::Builtin);
    for target in COMMANDS.iter().map(Target::Operation).chain(shown) {
        pages.push((format!("swpanel-{}.1", target_name(target).replace(' ', "-")), of(target)));
    }
    let add = |files: Files, (name, _): &(String, String)| files.writes("the manual page", &folder.join(name));
    pages.iter().fold(Files::default(), add).check()?;
    for (name, _) in &pages {
        refuse_foreign("the manual page", &folder.join(name), |start| start.starts_with(b".TH SWPANEL"))?;
    }
    for (name, page) in &pages {
        let path = folder.join(name);
        write_public(&path, page.as_bytes())
            .map_err(|error| Failure::other(format!("{} cannot be written: {error}", path.display())))?;
    }
    let place = folder.display().to_string();
    let told = serde_json::json!({ "pages": pages.len(), "folder": place });
    output::done(&format!("{} pages in {place}\n", pages.len()), &told, &parsed.given).map(|()| Exit::Ok)
}

/// A text that roff takes as it is.
fn plain(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let lines = escaped.lines().map(|line| match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn head(name: &str, summary: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        ".TH {} 1 \"\" \"swpanel {version}\" \"SWPanel\"\n.SH NAME\n{} \\- {}\n",
        plain(&name.replace(' ', "-").to_uppercase()),
        plain(&name.replace(' ', "-")),
        plain(summary.trim_end_matches('.'))
    )
}

fn section(out: &mut String, name: &str, text: &str) {
    if !text.is_empty() {
        out.push_str(&format!(".SH {name}\n"));
        for (number, paragraph) in text.split("\n\n").enumerate() {
            if number > 0 {
                out.push_str(".PP\n");
            }
            out.push_str(&format!("{}\n", plain(paragraph.trim())));
        }
    }
}

fn item(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!(".TP\n.B {}\n{}\n", plain(name), plain(text)));
}

fn flags<'f>(out: &mut String, flags: impl Iterator<Item = &'f OwnFlag>) {
    for flag in flags {
        let short = if flag.short == ' ' { String::new() } else { format!("-{}, ", flag.short) };
        let value = flag.value.map(|value| format!(" {value}")).unwrap_or_default();
        item(out, &format!("{short}--{}{value}", flag.name), flag.text);
    }
}

fn program() -> String {
    let mut out = head("swpanel", "command line for SWPanel");
    out.push_str(".SH SYNOPSIS\n.B swpanel\nGROUP VERB [VALUES] [FLAGS]\n");
    section(
        &mut out,
        "DESCRIPTION",
        "Calls the API of SWPanel. Every operation of its document is a command with a page of its own, as in swpanel-dns-list(1).",
    );
    out.push_str(".SH COMMANDS\n");
    let shown = BUILTINS.iter().filter(|builtin| !builtin.hidden);
    shown.for_each(|builtin| item(&mut out, &format!("swpanel {}", builtin.words.join(" ")), builtin.summary));
    for command in COMMANDS {
        item(&mut out, &format!("swpanel {}", command.name()), command.summary);
    }
    out.push_str(".SH OPTIONS\n");
    flags(&mut out, COMMON.iter());
    out.push_str(".SH ENVIRONMENT\n");
    help::ENVIRONMENT.iter().for_each(|(name, text)| item(&mut out, name, text));
    exits(&mut out);
    out
}

fn exits(out: &mut String) {
    out.push_str(".SH EXIT STATUS\n");
    Exit::ALL.iter().for_each(|(exit, text)| item(out, &exit.code().to_string(), text));
}

fn of(target: Target) -> String {
    match target {
        Target::Operation(command) => operation(command),
        Target::Builtin(builtin) => {
            let name = format!("swpanel {}", builtin.words.join(" "));
            let mut out = head(&name, builtin.summary);
            out.push_str(&format!(".SH SYNOPSIS\n.B {}\n{}\n", plain(&name), plain(builtin.values)));
            section(&mut out, "DESCRIPTION", builtin.text);
            if !builtin.flags.is_empty() {
                out.push_str(".SH OPTIONS\n");
                flags(&mut out, builtin.flags.iter());
            }
            exits(&mut out);
            out
        }
    }
}

fn operation(command: &'static Command) -> String {
    let name = format!("swpanel {}", command.name());
    let mut out = head(&name, command.summary);
    let values: Vec<String> = command.positionals().map(|value| placeholder(value.name)).collect();
    out.push_str(&format!(".SH SYNOPSIS\n.B {}\n{} [FLAGS]\n", plain(&name), plain(&values.join(" "))));
    section(&mut out, "DESCRIPTION", command.text);
    section(&mut out, "CALL", &format!("{} {} ({})", command.method, command.path, command.does()));
    section(&mut out, "NOT CERTAIN", command.doubts);
    if !command.parameters.is_empty() {
        out.push_str(".SH VALUES\n");
        for value in command.parameters {
            let name = if value.in_path { placeholder(value.name) } else { format!("--{}", value.name) };
            item(&mut out, &name, value.text);
        }
    }
    if let Some(body) = &command.body {
        out.push_str(".SH FLAGS OF THE BODY\n");
        for flag in body.flags {
            let with: Vec<String> = flag
                .when
                .iter()
                .map(|(at, value)| match *at {
                    "" => format!("--kind {value}"),
                    at => format!("{} {value}", at.trim_end_matches('#')),
                })
                .collect();
            let with = if with.is_empty() { String::new() } else { format!(" (with {})", with.join(" and ")) };
            item(
                &mut out,
                &format!("--{}", flag.path.replace(".*", ".N")),
                &format!("{}{with}", help::member_text(flag)),
            );
        }
    }
    exits(&mut out);
    out
}
