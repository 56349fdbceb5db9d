//! `login` and the profiles: tried before it is stored, for its owner alone, comments kept, the token shown nowhere.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, words};

fn text(desk: &Desk) -> String {
    std::fs::read_to_string(desk.path(".config/swpanel/profiles.toml")).unwrap_or_default()
}

fn login(desk: &Desk, line: &str, token: &str) -> common::Said {
    let mut command = desk.without_token();
    command.args(words(line));
    desk.feed(command, token)
}

fn run(desk: &Desk, line: &str) -> common::Said {
    login(desk, line, "")
}

#[test]
fn a_token_is_tried_and_only_then_stored() {
    let desk = Desk::new();
    let wrong = login(&desk, "login --stdin -o json", "marker-wrong\n").ends(4);
    assert_eq!(wrong.failure()["kind"], "unauthorized");
    assert!(!format!("{wrong:?}").contains("marker-wrong"));
    assert_eq!(text(&desk), "", "nothing was stored");
    let base = desk.emulator.base_url().to_owned();
    let token = desk.emulator.token().to_owned();
    let said = login(&desk, &format!("login --stdin --base-url {base} --read-only"), &format!("{token}\n")).ends(0);
    assert!(!format!("{said:?}").contains(&token));
    assert!(text(&desk).contains(&base), "the token belongs to the address that it was tried at");
    assert!(text(&desk).contains("read_only = true") && text(&desk).contains("default = \"default\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &str| std::fs::metadata(desk.path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(".config/swpanel/profiles.toml"), 0o600);
        assert_eq!(mode(".config/swpanel"), 0o700);
    }
    // The stored profile works, and its guardrail holds.
    run(&desk, "dns list XX012").ends(0);
    let refused = run(&desk, "dns delete XX012 12345 --yes -o json").ends(9);
    assert_eq!(refused.failure()["kind"], "guardrail");
    for line in ["profile list", "profile list -o json", "profile show", "doctor", "dns list XX012 -v"] {
        assert!(!format!("{:?}", run(&desk, line).ends(0)).contains(&token), "{line}");
    }
}

#[test]
fn comments_stay_and_profiles_come_and_go() {
    let desk = Desk::new();
    let token = desk.emulator.token().to_owned();
    login(&desk, "login --stdin --profile one", &token).ends(0);
    let path = desk.path(".config/swpanel/profiles.toml");
    let commented = text(&desk).replace("[profiles.one]", "# mine, not yours\n[profiles.one]");
    std::fs::write(&path, commented).unwrap();
    let command = format!("printf {token}");
    let mut second = desk.without_token();
    second.args([
        "login",
        "--profile",
        "two",
        "--no-billable",
        "--no-destructive",
        "--groups",
        "dns, domains",
        "--token-command",
        &command,
    ]);
    desk.feed(second, "").ends(0);
    assert!(text(&desk).contains("# mine, not yours") && text(&desk).contains("token_command = [\"printf\""));
    let rows = run(&desk, "profile list -o json").ends(0).json();
    assert_eq!(rows[0]["default"], true);
    assert_eq!(rows[1]["groups"], serde_json::json!(["dns", "domains"]));
    assert_eq!((&rows[1]["no_billable"], &rows[1]["no_destructive"]), (&true.into(), &true.into()));
    run(&desk, "profile use two").ends(0);
    run(&desk, "dns list XX012").ends(0);
    let refused = run(&desk, "ftp list XX012").ends(9);
    assert!(refused.err.contains("groups"), "{}", refused.err);
    // A profile that is asked for wins over the environment.
    let mut wins = desk.without_token();
    wins.env("SWPANEL_TOKEN", "wrong").args(words("--profile one services list"));
    desk.feed(wins, "").ends(0);
    run(&desk, "profile remove two").ends(0);
    run(&desk, "profile show two").ends(3);
    run(&desk, "profile use two").ends(3);
    assert!(!text(&desk).contains("two") && text(&desk).contains("# mine"), "{}", text(&desk));
}

#[test]
fn a_login_over_a_profile_says_what_it_replaces() {
    let desk = Desk::new();
    let token = desk.emulator.token().to_owned();
    let first = login(&desk, "login --stdin -o json --read-only", &token).ends(0).json();
    assert_eq!(first["token_replaced"], false);
    // Other quotation marks and a comment make no other token.
    let path = desk.path(".config/swpanel/profiles.toml");
    std::fs::write(&path, text(&desk).replace(&format!("\"{token}\""), &format!("'{token}' # mine"))).unwrap();
    assert!(text(&desk).contains("# mine"), "{}", text(&desk));
    let same = login(&desk, "login --stdin", &token).ends(0);
    assert!(!same.err.contains("replaced"), "{}", same.err);
    let other = login(&desk, "login --stdin --no-verify", "marker-other").ends(0);
    assert!(other.err.contains("its earlier token is replaced") && !other.err.contains("marker"), "{}", other.err);
    assert!(text(&desk).contains("read_only = true"), "its limits stay: {}", text(&desk));
    let mut command = desk.without_token();
    command.args(["login", "--no-verify", "-o", "json", "--token-command", "printf x"]);
    assert_eq!(desk.feed(command, "").ends(0).json()["token_replaced"], true);
}

#[cfg(unix)]
#[test]
fn a_home_that_cannot_be_written_to_is_named() {
    let desk = Desk::new();
    // A link to nowhere: the tests may run as a user who can write to a folder that is read-only.
    std::os::unix::fs::symlink("/proc/self/no-such-folder", desk.path(".config")).unwrap();
    let said = login(&desk, "login --stdin", desk.emulator.token()).ends(1);
    assert!(said.err.contains("nothing was stored") && said.err.contains("XDG_CONFIG_HOME"), "{}", said.err);
    assert!(!said.err.contains("another `swpanel`"), "{}", said.err);
}

#[test]
fn what_cannot_be_stored_is_told_before_anything_is_asked() {
    let desk = Desk::new();
    let nobody = run(&desk, "login").ends(2);
    assert!(nobody.err.contains("--stdin"), "{}", nobody.err);
    login(&desk, "login --stdin", "\n").ends(2);
    login(&desk, "login --stdin --profile a/b", "x").ends(2);
    let none = run(&desk, "services list").ends(4);
    assert!(none.err.contains("swpanel login"), "{}", none.err);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        login(&desk, "login --stdin", desk.emulator.token()).ends(0);
        let path = desk.path(".config/swpanel/profiles.toml");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let before = text(&desk);
        login(&desk, "login --stdin --profile other", desk.emulator.token()).ends(2);
        assert_eq!(text(&desk), before, "a file that others can read is not touched");
    }
}

#[test]
fn another_token_goes_to_the_address_it_was_tried_at() {
    let desk = Desk::new();
    let base = desk.emulator.base_url().to_owned();
    login(&desk, "login --stdin --no-verify --base-url http://127.0.0.1:9/v1", "first").ends(0);
    assert!(text(&desk).contains("http://127.0.0.1:9/v1"), "{}", text(&desk));
    login(&desk, &format!("login --stdin --base-url {base}"), desk.emulator.token()).ends(0);
    assert!(text(&desk).contains(&base) && !text(&desk).contains("127.0.0.1:9"), "{}", text(&desk));
    // Without an address it is tried at SWPanel's own, and the other one must not get it later.
    let mut plain = desk.without_token();
    plain.env_remove("SWPANEL_BASE_URL").args(words("login --stdin --no-verify"));
    let said = desk.feed(plain, "third").ends(0);
    assert!(!text(&desk).contains("base_url"), "{}", text(&desk));
    assert!(said.err.contains(&base), "the address that is left is told: {}", said.err);
}

#[test]
fn twelve_logins_at_once_store_twelve_profiles() {
    let desk = Desk::new();
    let start = |number: usize| {
        let mut command = desk.without_token();
        command.args(["login", "--stdin", "--no-verify", "-p", &format!("p{number}")]);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
        let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("tok{number}").as_bytes()).unwrap();
        child
    };
    let children: Vec<_> = (1..=12).map(start).collect();
    for child in children {
        common::Said::of(child.wait_with_output().unwrap()).ends(0);
    }
    let rows = run(&desk, "profile list -o json").ends(0).json();
    assert_eq!(rows.as_array().unwrap().len(), 12, "{}", text(&desk));
    assert_eq!(rows.as_array().unwrap().iter().filter(|row| row["default"] == true).count(), 1);
    for number in 1..=12 {
        assert!(text(&desk).contains(&format!("token = \"tok{number}\"")), "{}", text(&desk));
    }
    // Removing and choosing at once lose nothing either.
    let remove = |number: usize| {
        let mut command = desk.without_token();
        command.args(["profile", "remove", &format!("p{number}")]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (1..=6).map(remove).collect();
    children.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
    let rows = run(&desk, "profile list -o json").ends(0).json();
    assert_eq!(rows.as_array().unwrap().len(), 6, "{}", text(&desk));
}

#[test]
fn a_token_given_as_an_argument_is_not_repeated() {
    let desk = Desk::new();
    for line in
        ["login marker-token", "login --stdin marker-token", "login -p x -- marker-token", "login x marker-token"]
    {
        let said = run(&desk, line).ends(2);
        assert!(!said.err.contains("marker") && said.err.contains("revoke"), "{line}: {}", said.err);
        assert!(!format!("{:?}", run(&desk, &format!("{line} -o json"))).contains("marker-token"), "{line}");
    }
    let said = login(&desk, "login --token-command marker-token", "").ends(4);
    assert!(!format!("{said:?}").contains("marker"), "{said:?}");
    assert_eq!(text(&desk), "");
}

#[test]
fn what_does_not_belong_into_a_token_is_named_and_nothing_is_stored() {
    let desk = Desk::new();
    let cases = [
        ("\u{feff}marker-token", "U+FEFF at position 1)"),
        ("marker-token\u{a0}", "U+00A0 at position 13)"),
        ("marker-toke\u{200b}n", "U+200B at position 12)"),
        ("\"marker-token\"", "quotation mark"),
        ("'marker-token'", "quotation mark"),
        ("marker-t\u{f1}ken", "position 9 that is not ASCII"),
        ("marker\u{1b}token", "U+001B at position 7)"),
        ("Bearer marker-token", "without `Bearer`"),
    ];
    for (token, says) in cases {
        let mut command = desk.without_token();
        command.env("SWPANEL_TOKEN", token).args(["services", "list"]);
        let said = desk.feed(command, "").ends(2);
        assert!(said.err.contains(says) && said.err.contains("from SWPANEL_TOKEN"), "{token:?}: {}", said.err);
        assert!(!said.err.contains("marker"), "{}", said.err);
        // The first mark of standard input belongs to the encoding, a second one to nothing.
        let typed = if token.starts_with('\u{feff}') { format!("\u{feff}{token}\n") } else { format!("{token}\n") };
        let said = login(&desk, "login --stdin --no-verify", &typed).ends(2);
        assert!(said.err.contains(says) && said.err.contains("from standard input"), "{token:?}: {}", said.err);
        assert!(!said.err.contains("marker") && text(&desk).is_empty(), "{}", said.err);
        let file = desk.file("printed", token);
        let mut command = desk.without_token();
        command.args(["login", "--token-command", &format!("cat {file}")]);
        let said = desk.feed(command, "").ends(2);
        assert!(said.err.contains(says) && said.err.contains("`token_command` printed"), "{token:?}: {}", said.err);
        assert!(!said.err.contains("marker") && text(&desk).is_empty(), "{}", said.err);
    }
    // A mark of the encoding is dropped, and that is said.
    let typed = format!("\u{feff}{}\r\n\n", desk.emulator.token());
    let said = login(&desk, "login --stdin", &typed).ends(0);
    assert!(said.err.contains("byte order mark"), "{}", said.err);
    assert!(!text(&desk).contains('\u{feff}') && text(&desk).contains(desk.emulator.token()));
    run(&desk, "services list").ends(0);
    #[cfg(unix)]
    {
        let mut command = desk.without_token();
        let broken: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"marker\xff");
        command.env("SWPANEL_TOKEN", broken).args(["services", "list"]);
        let said = desk.feed(command, "").ends(2);
        assert!(said.err.contains("SWPANEL_TOKEN is not in UTF-8") && !said.err.contains("marker"), "{}", said.err);
    }
    // The token of a profile is checked too.
    let path = desk.path(".config/swpanel/profiles.toml");
    std::fs::write(&path, "[profiles.a]\ntoken = \"marker-toke\u{200b}n\"\n").unwrap();
    let said = run(&desk, "services list").ends(2);
    assert!(
        said.err.contains("the token of profile `a`") && said.err.contains("U+200B at position 12"),
        "{}",
        said.err
    );
    std::fs::write(&path, "[profiles.a]\nmarker-token\n").unwrap();
    for line in ["services list", "profile list", "doctor", "login --stdin --no-verify", "profile use a"] {
        let said = login(&desk, line, "new-token");
        assert!(said.code != 0 && !format!("{said:?}").contains("marker"), "{line}: {said:?}");
    }
}

#[cfg(unix)]
#[test]
fn secrets_and_bodies_come_from_files_that_end() {
    let desk = Desk::new();
    let create = |password: &str| {
        let line = "db user create XX012 --ip_host 192.0.2.10 --dry-run --password";
        desk.run(&[&words(line)[..], &[password]].concat())
    };
    let pipe = desk.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.to_str().unwrap();
    // A pipe that nobody writes to would be waited for without end.
    for place in [pipe, "/dev/zero", desk.home.path().to_str().unwrap()] {
        let said = create(&format!("@{place}")).ends(2);
        assert!(said.err.contains("regular file") || said.err.contains("folder"), "{place}: {}", said.err);
        let said = desk.run(&["dns", "create", "XX012", "--dry-run", "--from", place]).ends(2);
        assert!(said.err.contains("regular file") || said.err.contains("folder"), "{place}: {}", said.err);
    }
    let said = desk.run(&["fleet", "status", pipe]).ends(2);
    assert!(said.err.contains("regular file"), "{}", said.err);
    for (bytes, says) in [
        (&b"hunter\xE2\x80\x8B2"[..], "U+200B at position 7)"),
        (b"hunter2\xC2\xA0\n", "U+00A0 at position 8)"),
        (b"hunter\x1B2", "U+001B at position 7)"),
        (b"\xFF\xFEh\0u\0", "UTF-16"),
        (b"hunter\xF12", "not in UTF-8 (at byte 7)"),
        (b"\xEF\xBB\xBF\r\n", "empty"),
    ] {
        std::fs::write(desk.path("password"), bytes).unwrap();
        let said = create(&format!("@{}", desk.path("password").display())).ends(2);
        assert!(said.err.contains(says) && !said.err.contains("hunter"), "{bytes:?}: {}", said.err);
    }
    // What does not change the secret is said, and sent.
    for (text, says) in
        [("\u{feff}hunter2\n", "byte order mark"), ("\"hunter2\"", "quotation marks"), (" hunter2", "blank")]
    {
        let said = create(&format!("@{}", desk.file("password", text))).ends(0);
        assert!(said.err.contains(says) && !format!("{said:?}").contains("hunter"), "{text:?}: {said:?}");
    }
    // A password that begins with `@` or `env:` is not repeated.
    for password in ["@hunter2", "env:hunter2", "hunter2"] {
        let said = create(password).ends(2);
        assert!(!said.err.contains("hunter"), "{}", said.err);
    }
    // A process substitution is a pipe that somebody writes to.
    let program = env!("CARGO_BIN_EXE_swpanel");
    let line = format!("{program} db user create XX012 --ip_host 192.0.2.10 --dry-run --password @<(echo hunter2)");
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &line]).env("HOME", desk.home.path()).env("SWPANEL_TOKEN", desk.emulator.token());
    assert!(common::Said::of(shell.output().unwrap()).ends(0).out.contains("[redacted]"));
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_not_replaced() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path(".config/swpanel")).unwrap();
    let link = desk.path(".config/swpanel/profiles.toml");
    std::os::unix::fs::symlink(desk.path("not-mounted/profiles.toml"), &link).unwrap();
    let said = login(&desk, "login --stdin --no-verify", "marker-token").ends(2);
    assert!(said.err.contains("link to a file that is not there") && link.is_symlink(), "{}", said.err);
}
