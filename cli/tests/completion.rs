//! Completion: what the program offers for a line, and real shells that take it up through their own keys.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use common::Desk;
use rexpect::session::{PtySession, spawn_command};

/// A desk with two profiles, files to choose from and a journal, and nothing that the test's own machine has.
fn desk() -> Desk {
    let desk = Desk::new();
    let profiles = desk.path(".config/swpanel/profiles.toml");
    std::fs::create_dir_all(profiles.parent().unwrap()).unwrap();
    std::fs::write(&profiles, "[profiles.one]\ntoken_command = [\"true\"]\n[profiles.two]\n").unwrap();
    std::fs::set_permissions(&profiles, std::fs::Permissions::from_mode(0o600)).unwrap();
    desk.file("zone.txt", "");
    desk.file("body file.yaml", "");
    std::fs::create_dir(desk.path("folder")).unwrap();
    let journals = desk.path(".local/state/swpanel/fleet");
    std::fs::create_dir_all(&journals).unwrap();
    std::fs::write(journals.join("7-7.journal"), "").unwrap();
    desk
}

#[test]
fn values_of_flags_and_places_are_offered() {
    let desk = desk();
    let complete = |line: &[&str]| {
        let mut command = desk.command(&[&["complete", "--shell", "bash", "--"], line].concat());
        command.env("WORD_OF_MINE", "secret");
        let said = desk.feed(command, "").ends(0);
        assert!(!said.out.contains("secret"), "names alone: {}", said.out);
        said.out.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // All that is offered, in its order.
    for (line, all) in [
        ("doctor --output ", &["csv", "json", "jsonl", "table", "yaml"][..]),
        ("doctor -p ", &["one", "two"]),
        ("login --profile t", &["two"]),
        ("--profile=o", &["--profile=one"]),
        ("fleet run --profile ", &["one", "two"]),
        ("completions ", &["bash", "fish", "powershell", "zsh"]),
        ("acme lego-exec ", &["cleanup", "present"]),
        ("acme lego-exec present x --type D", &["DKIM", "DMARC"]),
        ("explain outc", &["outcome-unknown"]),
        ("login --groups dn", &["dns", "dnssec"]),
        ("login --groups domains,dnss", &["domains,dnssec"]),
        ("login --groups=domains,dnss", &["--groups=domains,dnssec"]),
        ("api ", &["DELETE", "GET", "POST", "PUT"]),
        ("api G", &["GET"]),
        ("api GET /dom", &["/domains/", "/domains/contact/", "/domains/host/", "/domains/prices/"]),
        ("api GET /services/XX012/dnss", &["/services/XX012/dnssec/"]),
        ("dns create XX012 --type M", &["MX"]),
        ("dns create XX012 --zone x -o y", &["yaml"]),
        ("services create --domain.register ", &["false", "true"]),
        ("db user create XX012 --password ", &["-", "@", "env:"]),
        ("db user create XX012 --password env:WORD_OF", &["env:WORD_OF_MINE"]),
        ("acme lego-httpreq --password env:WORD_OF", &["env:WORD_OF_MINE"]),
        // Files are what the shell completes best.
        ("dns create XX012 --from ", &[":files"]),
        ("dns create XX012 -f zo", &[":files"]),
        ("dns create XX012 --from=zo", &[":files"]),
        ("db user create XX012 --password @zo", &[":files"]),
        ("fleet run --services ", &[":files"]),
        ("fleet run --journal ", &[":files"]),
        ("fleet run --results=a", &[":files"]),
        ("fleet run --services zone.txt -- dns create --from ", &[":files"]),
        ("dns plan XX012 example.es ", &[":files"]),
        ("dns plan XX012 example.es zone.txt --out ", &[":files"]),
        ("dns apply ", &[":files"]),
        ("undo ", &[":files"]),
        ("fleet status ./", &[":files"]),
        ("man --all ", &[":files"]),
        // Nothing is known, and then no file is the answer either.
        ("doctor --timeout ", &[]),
        ("services list --jq ", &[]),
        ("services list --columns ", &[]),
        ("fleet run --concurrency ", &[]),
        ("fleet run --select ", &[]),
        ("dns list ", &[]),
        ("dns create ", &[]),
        ("dns plan XX012 ", &[]),
        ("dns create XX012 --zone ", &[]),
        ("profile use one ", &[]),
        ("nothing ", &[]),
    ] {
        let line: Vec<&str> = line.split(' ').collect();
        assert_eq!(complete(&line), all, "{line:?}");
    }
    let journal = desk.path(".local/state/swpanel/fleet/7-7.journal");
    assert_eq!(complete(&["fleet", "resume", ""]), [journal.to_str().unwrap()]);
    // A flag that takes nothing does not swallow what follows it.
    assert!(complete(&["dns", "--dry-run", ""]).contains(&"create".to_owned()));
    assert!(complete(&["fleet", "run", "--dry-run", "--serv"]).contains(&"--services".to_owned()));
}

/// The program's folder, first in the search path, so that the script finds it by its name.
fn search_path() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_swpanel")).parent().unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

/// Whether there is such a shell. The bash of macOS is too old to be told where no blank belongs.
fn is_there(shell: &str) -> bool {
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

#[test]
fn bash_takes_it_up() {
    if !is_there("bash") {
        return;
    }
    let desk = desk();
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

#[test]
fn zsh_takes_it_up() {
    if !is_there("zsh") {
        return;
    }
    let desk = desk();
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

#[test]
fn fish_takes_it_up() {
    if !is_there("fish") {
        return;
    }
    let desk = desk();
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
