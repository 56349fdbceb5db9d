//! What somebody meets who is new here: a wrong token, no network, slips, files that are broken. Each is told with what it
//! is about and what to do, and nothing is done that nobody can have meant.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, Said, words};

/// A desk with this file of profiles.
fn with_file(text: &str) -> Desk {
    let desk = Desk::new();
    let path = desk.path(".config/swpanel/profiles.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text.replace("TOKEN", desk.emulator.token())).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    desk
}

fn run(desk: &Desk, line: &str, environment: &[(&str, &str)]) -> Said {
    let mut command = desk.without_token();
    command.args(words(line)).envs(environment.iter().copied());
    desk.feed(command, "")
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let desk = Desk::new();
    let nowhere = [("SWPANEL_BASE_URL", "http://127.0.0.1:9/v2026"), ("SWPANEL_TOKEN", "x")];
    for line in ["services list --retries 0", "api GET /services/ --retries 0"] {
        let said = run(&desk, line, &nowhere).ends(7);
        assert!(said.err.contains("address: http://127.0.0.1:9/v2026"), "{}", said.err);
        let failure = run(&desk, &format!("{line} -o json"), &nowhere).ends(7).failure();
        assert!(failure["details"].to_string().contains("127.0.0.1:9"), "{failure}");
    }
}

#[test]
fn a_token_that_is_refused_is_told_with_its_place() {
    let desk =
        with_file("[profiles.prod]\ntoken = \"wrong\"\n[profiles.work]\ntoken_command = [\"printf\", \"wrong\"]\n");
    let path = std::env::var("PATH").unwrap();
    let of_profile = run(&desk, "services list -p prod", &[]).ends(4);
    assert!(of_profile.err.contains("profile: prod\n"), "{}", of_profile.err);
    assert!(of_profile.err.contains("`swpanel login --profile prod`"), "{}", of_profile.err);
    assert!(!of_profile.err.contains("SWPANEL_TOKEN"), "it is not there: {}", of_profile.err);
    let of_variable = run(&desk, "services list", &[("SWPANEL_TOKEN", "wrong")]).ends(4);
    assert!(of_variable.err.contains("check SWPANEL_TOKEN"), "{}", of_variable.err);
    let of_command = run(&desk, "services list -p work", &[("PATH", &path)]).ends(4);
    assert!(of_command.err.contains("`token_command`") && !of_command.err.contains("SWPANEL_TOKEN"), "{of_command:?}");
    let mut login = desk.without_token();
    login.args(words("login --stdin"));
    let typed = desk.feed(login, "wrong").ends(4);
    assert!(!typed.err.contains("SWPANEL_TOKEN") && typed.err.contains("copied whole"), "{}", typed.err);
}

#[test]
fn a_file_of_profiles_that_does_not_help_says_what_to_do() {
    for (text, line, hint) in [
        ("", "services list", "`swpanel login`"),
        ("[profiles.a]\ntoken = \"x\"\n[profiles.b]\n", "services list", "`swpanel profile use NAME`"),
        ("[profiles.a]\ntoken = \"x\"\n", "services list -p b", "`swpanel profile list`"),
        ("[profiles.a\n", "services list", "by hand"),
        ("[profiles.a\n", "login --stdin", "by hand"),
        ("[profiles.a]\nread_only = \"yes\"\n", "profile list", "by hand"),
    ] {
        let said = run(&with_file(text), line, &[]);
        assert!(said.code == 2 && said.err.contains("  hint: ") && said.err.contains(hint), "{line}: {said:?}");
    }
}

#[test]
fn a_group_that_is_none_is_told_before_it_locks_everything() {
    let desk = Desk::new();
    let mut login = desk.without_token();
    login.args(words("login --stdin --groups domains,dnz"));
    let said = desk.feed(login, desk.emulator.token()).ends(2);
    assert!(said.err.contains("`dnz`") && said.err.contains("did you mean `dns`"), "{}", said.err);
    assert!(!desk.path(".config/swpanel/profiles.toml").exists() && desk.emulator.journal().is_empty());
    let desk = with_file("[profiles.a]\ntoken = \"TOKEN\"\ngroups = [\"dnz\"]\n");
    let said = run(&desk, "doctor", &[]).ends(0);
    let row = |check: &str| said.out.lines().find(|line| line.starts_with(check)).unwrap_or_default().to_owned();
    assert!(row("profile").contains("warn") && row("profile").contains("`dnz`"), "{}", said.out);
    assert!(row("token").contains("skipped"), "{}", said.out);
}

#[test]
fn doctor_tries_a_read_that_the_profile_allows_and_tells_its_limits() {
    let desk = with_file("[profiles.a]\ntoken = \"TOKEN\"\ngroups = [\"domains\"]\nread_only = true\n");
    let token = desk.emulator.token().to_owned();
    for environment in [&[][..], &[("SWPANEL_PROFILE", "a"), ("SWPANEL_TOKEN", token.as_str())]] {
        let said = run(&desk, "doctor", environment).ends(0);
        assert!(said.out.contains("read_only; groups domains"), "{}", said.out);
        assert!(said.out.contains("GET /domains/ answered"), "{}", said.out);
    }
    let said = run(&desk, "doctor -p nobody", &[]).ends(2);
    let row = said.out.lines().find(|line| line.starts_with("profile")).unwrap();
    assert!(row.contains("fail") && row.contains("no profile `nobody`"), "{}", said.out);
}

#[test]
fn a_fleet_whose_calls_are_all_the_same_is_a_slip() {
    let desk = Desk::new();
    let items = desk.file("items", "XX012\nXX013\n");
    let journal = desk.path("run.journal");
    let journal = journal.to_str().unwrap();
    for command in ["domains renew --domain example.es --years 1", "dns ttl set XX012 example.es --value 61"] {
        let line = ["fleet", "run", "--services", &items, "--journal", journal, "--yes", "--"];
        let said = desk.run(&[&line[..], &words(command)].concat()).ends(2);
        assert!(said.err.contains("items 1 and 2") && said.err.contains("{service}"), "{command}: {}", said.err);
    }
    let empty = desk.run(&["fleet", "run", "--select", "{}", "--", "dns", "list"]).ends(2);
    assert!(empty.err.contains("no plain member") && empty.err.contains(".result[].id"), "{}", empty.err);
    for flag in ["--canary", "--concurrency"] {
        let line = ["fleet", "run", "--services", &items, "--journal", journal, flag, "x", "--", "dns", "list"];
        let said = desk.run(&line).ends(2);
        assert!(said.err.contains(flag), "{}", said.err);
    }
    assert!(!desk.path("run.journal").exists(), "there is nothing to go on with");
    assert!(desk.emulator.journal().iter().all(|entry| entry.path.ends_with("/services/")), "only --select reads");
}

#[test]
fn columns_are_known_by_their_last_parts() {
    let desk = Desk::new();
    let shown = desk.run(&words("dns list XX012 --columns id,type,ip -o csv")).ends(0).out;
    assert!(shown.starts_with("id,type,ip\n12345,A,192.0.2.10\n"), "{shown}");
    let wrong = desk.run(&words("dns list XX012 --columns tpye")).ends(2);
    assert!(wrong.err.contains("did you mean `record.type`"), "{}", wrong.err);
    // Ids of things within come after what the thing itself is called.
    let header = desk.run(&words("services list -o csv")).ends(0).out.lines().next().unwrap().to_owned();
    let names: Vec<&str> = header.split(',').collect();
    assert_eq!(names[..3], ["id", "domain", "name"], "{header}");
}

#[test]
fn words_of_other_programs_are_understood_for_a_hint() {
    let desk = Desk::new();
    for (line, hint) in [
        ("dns show XX012", None),
        ("dns add XX012", Some("`swpanel dns create`")),
        ("dns rm XX012 1", Some("`swpanel dns delete`")),
        ("services ls", Some("`swpanel services list`")),
        ("domains show x", Some("`swpanel domains get`")),
        ("list services", Some("`swpanel services list`")),
        ("dns XX012 list", Some("`swpanel dns list XX012`")),
        ("mail create", Some("`swpanel mail mailbox create`")),
        ("services --list", Some("`swpanel services list`")),
        ("version", Some("`swpanel --version`")),
        ("services list --json", Some("`-o json`")),
        ("--json services list", Some("`-o json`")),
        ("services list --format json", Some("`--output`")),
        ("dns delete XX012 1 --force", Some("`--yes`")),
        ("services list --token abc", Some("SWPANEL_TOKEN")),
        ("dns list --service XX012", Some("`swpanel dns list SERVICE`")),
    ] {
        let said = desk.run(&words(line)).ends(2);
        assert!(said.err.contains(hint.unwrap_or("--help")), "{line}: {}", said.err);
        assert!(!said.err.contains("abc"), "a token is not repeated: {}", said.err);
    }
    let far = desk.run(&words("services list --bad")).ends(2).err;
    assert!(!far.contains("did you mean"), "{far}");
    let not_yet = "hosting stop XX012 --wait --wait-for false --wait-timeout 1";
    let not_yet = desk.run(&words(not_yet)).ends(7).err;
    assert!(not_yet.contains("status get XX012`"), "{not_yet}");
    // Help and version are one JSON value, where that is asked for.
    for line in ["--help -o json", "--version -o json", "-o json", "dns --help -o json", "dns list --help -o json"] {
        assert!(desk.run(&words(line)).ends(0).json()["text"].as_str().unwrap().contains("swpanel"), "{line}");
    }
}

#[test]
fn a_journal_that_is_not_whole_is_none_and_usage_is_told() {
    let desk = Desk::new();
    for head in [
        r#"{"swpanel_fleet":1}"#,
        r#"{"swpanel_fleet":1,"command":["dns","list"],"items":[{"service":"XX012"}]}"#,
        r#"{"swpanel_fleet":1,"command":["dns","list"],"account":"a","items":[]}"#,
        r#"{"swpanel_fleet":1,"account":"a","items":[{"service":"XX012"}]}"#,
    ] {
        let journal = desk.file("j", &format!("{head}\n"));
        for verb in ["status", "resume"] {
            let said = desk.run(&["fleet", verb, &journal]).ends(2);
            assert!(said.err.contains("is no journal"), "{head}: {}", said.err);
        }
    }
    for (line, told) in [
        ("acme lego-exec present", "usage: swpanel acme lego-exec present|cleanup FQDN VALUE"),
        ("dns plan XX012", "usage: swpanel dns plan SERVICE ZONE FILE"),
        ("completions", "bash|zsh|fish|powershell"),
        ("services list --retries -1", "0 or more"),
    ] {
        let said = desk.run(&words(line)).ends(2);
        assert!(said.err.contains(told), "{line}: {}", said.err);
    }
    let bearer = run(&desk, "services list", &[("SWPANEL_TOKEN", "Bearer abc")]).ends(2);
    assert!(bearer.err.contains("without `Bearer`") && !bearer.err.contains("abc"), "{}", bearer.err);
}

#[test]
fn help_fits_a_line() {
    let desk = Desk::new();
    for line in ["--help", "help flags", "dns --help", "dns create --help", "fleet run --help", "help exit"] {
        let said = desk.run(&words(line)).ends(0);
        let long: Vec<&str> = said.out.lines().filter(|line| line.chars().count() > 100).collect();
        assert!(long.is_empty(), "{line}: {long:#?}");
    }
}
