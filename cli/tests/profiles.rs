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
