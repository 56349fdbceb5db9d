//! Completion in real shells, through their own keys.
//!
//! A test whose shell is not on the machine is reported as ignored: which shells there are is known only when the tests
//! start, so this file is a harness of its own. Elsewhere than on Unix there are no such terminals.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]
#![cfg_attr(not(unix), allow(dead_code, unused_imports, reason = "all tests are ignored there"))]

#[cfg(unix)]
mod common;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// A test that needs a shell, and is ignored where it is not there.
fn with(shell: &str, is_there: bool, name: &str, test: fn()) -> Trial {
    let trial = Trial::test(name, move || {
        test();
        Ok(())
    });
    if is_there { trial } else { trial.with_kind(format!("needs {shell}")).with_ignored_flag(true) }
}

fn main() -> ExitCode {
    #[cfg(unix)]
    let tests = [
        ("bash", "bash_takes_it_up", unix::bash_takes_it_up as fn()),
        ("zsh", "zsh_takes_it_up", unix::zsh_takes_it_up),
        ("fish", "fish_takes_it_up", unix::fish_takes_it_up),
    ]
    .map(|(shell, name, test)| with(shell, unix::is_there(shell), name, test));
    #[cfg(not(unix))]
    let tests: [Trial; 0] = [];
    libtest_mimic::run(&Arguments::from_args(), tests.into()).exit_code()
}

#[cfg(unix)]
mod unix {
    use std::path::Path;
    use std::process::{Command, Stdio};

    use rexpect::session::{PtySession, spawn_command};

    use super::common::{Desk, completing};

    /// The program's folder, first in the search path, so that the script finds it by its name.
    fn search_path() -> String {
        let folder = Path::new(env!("CARGO_BIN_EXE_swpanel")).parent().unwrap();
        format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
    }

    /// Whether there is such a shell. The bash of macOS is too old to be told where no blank belongs.
    pub(super) fn is_there(shell: &str) -> bool {
        let asked = Command::new(shell).args(["-c", "echo $BASH_VERSION"]).stdin(Stdio::null()).output();
        asked.is_ok_and(|said| shell != "bash" || !said.stdout.starts_with(b"3."))
    }

    /// A shell at a terminal, with its script and a command `show` beside the program that prints its arguments.
    fn shell(desk: &Desk, name: &str, arguments: &[&str], set_up: &str) -> PtySession {
        let script = desk.run(&["completions", name]).ends(0).out;
        desk.file("script", &script);
        let mut command = Command::new(name);
        command.args(arguments).env_clear().current_dir(desk.home.path()).stdin(Stdio::inherit());
        command.env("HOME", desk.home.path()).env("PATH", search_path()).env("TERM", "dumb").env("WORD_OF_MINE", "x");
        let mut session = spawn_command(command, Some(20_000)).unwrap();
        session.send_line(set_up).unwrap();
        session.exp_string("re-ady").unwrap();
        session
    }

    /// What `show` gets where this is typed and the key for completion is pressed at `\t`.
    fn typed(session: &mut PtySession, line: &str) -> String {
        for (number, part) in line.split('\t').enumerate() {
            if number > 0 {
                session.send("\t").unwrap();
                // The shell asks the program; what is typed meanwhile waits, but not to all shells is that the same.
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            session.send(part).unwrap();
        }
        session.send_line("").unwrap();
        session.exp_string("<<").unwrap();
        session.exp_string(">>").unwrap()
    }

    /// Lines as they are typed, and the arguments that come of it.
    const LINES: [(&str, &str); 17] = [
        ("show dns cr\t", "[dns][create]"),
        ("show services list -o y\t", "[services][list][-o][yaml]"),
        ("show services list --output y\t-q", "[services][list][--output][yaml][-q]"),
        ("show services list --output=y\t-q", "[services][list][--output=yaml][-q]"),
        ("show services list -p on\t", "[services][list][-p][one]"),
        ("show dns create XX012 --from zo\t", "[dns][create][XX012][--from][zone.txt]"),
        ("show dns create XX012 --from=zo\t", "[dns][create][XX012][--from=zone.txt]"),
        ("show dns create XX012 --from body\t", "[dns][create][XX012][--from][body file.yaml]"),
        ("show fleet run --services fol\tx", "[fleet][run][--services][folder/x]"),
        ("show fleet run --services zo\t-- dns cr\t", "[fleet][run][--services][zone.txt][--][dns][create]"),
        ("show db user create X --password @zo\t", "[db][user][create][X][--password][@zone.txt]"),
        ("show db user create X --password env:WORD_O\t", "[db][user][create][X][--password][env:WORD_OF_MINE]"),
        ("show db user create X --password @fol\tx", "[db][user][create][X][--password][@folder/x]"),
        ("show db user create X --password=env:WORD_O\t", "[db][user][create][X][--password=env:WORD_OF_MINE]"),
        ("show services list --output=\ty\t-q", "[services][list][--output=yaml][-q]"),
        ("show api GET /dom\tx", "[api][GET][/domains/x]"),
        ("show doctor --timeout zo\t", "[doctor][--timeout][zo]"),
    ];

    pub(super) fn bash_takes_it_up() {
        let desk = completing();
        let set_up = "PS1=; source ./script; complete -F _swpanel show; \
                      show() { printf '<''<'; printf '[%s]' \"$@\"; printf '>''>'; }; echo re''-ady";
        let mut session = shell(&desk, "bash", &["--norc", "--noprofile", "-i"], set_up);
        for (line, arguments) in LINES {
            assert_eq!(typed(&mut session, line), arguments, "{line:?}");
        }
        // The apex is a word of its own, though the shell parts words there.
        let line = "show dns create XX012 --record.name @ --type M\t";
        assert_eq!(typed(&mut session, line), "[dns][create][XX012][--record.name][@][--type][MX]");
        session.send_line("exit").unwrap();
        session.exp_eof().unwrap();
    }

    pub(super) fn zsh_takes_it_up() {
        let desk = completing();
        let set_up = "PS1=; autoload -Uz compinit; compinit -D -u; source ./script; compdef _swpanel show; unsetopt zle_bracketed_paste; \
                      show() { printf '<''<'; printf '[%s]' \"$@\"; printf '>''>'; }; echo re''-ady";
        let mut session = shell(&desk, "zsh", &["-f", "-i"], set_up);
        for (line, arguments) in LINES {
            assert_eq!(typed(&mut session, line), arguments, "{line:?}");
        }
        session.send_line("exit").unwrap();
        session.exp_eof().unwrap();
        // As a file that is found by its name, from the first time on.
        std::fs::create_dir(desk.path("functions")).unwrap();
        std::fs::copy(desk.path("script"), desk.path("functions/_swpanel")).unwrap();
        let set_up = "PS1=; fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -D -u; compdef _swpanel show; \
                      unsetopt zle_bracketed_paste; \
                      show() { printf '<''<'; printf '[%s]' \"$@\"; printf '>''>'; }; echo re''-ady";
        let mut session = shell(&desk, "zsh", &["-f", "-i"], set_up);
        for (line, arguments) in LINES.into_iter().take(2) {
            assert_eq!(typed(&mut session, line), arguments, "{line:?}");
        }
        session.send_line("exit").unwrap();
        session.exp_eof().unwrap();
    }

    pub(super) fn fish_takes_it_up() {
        let desk = completing();
        desk.file("script", &desk.run(&["completions", "fish"]).ends(0).out);
        for (line, found) in [
            ("swpanel dns cr", "create"),
            ("swpanel services list -o y", "yaml"),
            ("swpanel services list --output=y", "--output=yaml"),
            ("swpanel services list -p on", "one"),
            ("swpanel dns create XX012 --from zo", "zone.txt"),
            ("swpanel dns create XX012 --from=zo", "--from=zone.txt"),
            ("swpanel dns create XX012 --from ", "body file.yaml folder/ script zone.txt"),
            ("swpanel fleet run --services fol", "folder/"),
            ("swpanel db user create X --password @zo", "@zone.txt"),
            ("swpanel fleet run --services x -- dns cr", "create"),
            ("swpanel profile use ", "one two"),
            ("swpanel doctor --timeout zo", ""),
            ("swpanel dns list ", ""),
        ] {
            let mut fish = Command::new("fish");
            fish.args(["--no-config", "-c", "source ./script; complete -C $argv[1]", line]).env_clear();
            fish.env("HOME", desk.home.path()).env("PATH", search_path()).current_dir(desk.home.path());
            let output = fish.stdin(Stdio::null()).output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            let words: Vec<&str> = said.lines().map(|line| line.split('\t').next().unwrap()).collect();
            assert_eq!(words.join(" "), found, "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
