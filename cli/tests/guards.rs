//! What keeps a slip from becoming a call: flags that would be dropped, questions about the right account, dry runs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, Said, words};
use swpanel_emulator::{FaultKind, FaultRule};

fn writes(desk: &Desk) -> usize {
    desk.emulator.journal().iter().filter(|entry| entry.method != "GET").count()
}

/// A desk whose file of profiles has `test`, which is the default one, and `prod`; both work.
fn with_profiles() -> Desk {
    let desk = Desk::new();
    for name in ["test", "prod"] {
        let mut login = desk.without_token();
        login.args(["login", "--stdin", "--profile", name]);
        desk.feed(login, desk.emulator.token()).ends(0);
    }
    desk
}

fn as_profile(desk: &Desk, line: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut command = desk.without_token();
    command.args(line).envs(environment.iter().copied());
    desk.feed(command, "")
}

#[test]
fn flags_of_the_program_after_the_dashes_of_a_fleet_are_refused() {
    let desk = Desk::new();
    let file = desk.file("f1", "XX012\n");
    let line = ["fleet", "run", "--services", &file, "--", "dns", "ttl", "set", "example.es", "--value", "61"];
    for flags in ["--dry-run", "--profile prod", "--wait", "-y", "-o json", "--base-url http://127.0.0.1:9", "--rate 1"]
    {
        let said = desk.run(&[&line[..], &words(flags)].concat()).ends(2);
        let name = flags.split(' ').next().unwrap();
        assert!(said.err.contains("before `--`"), "{name}: {}", said.err);
    }
    assert_eq!(writes(&desk), 0);
    // What belongs to the body stays.
    let body = desk.file("body.json", r#"{"ttl": {"value": 61}}"#);
    let line = ["fleet", "run", "--services", &file, "--", "dns", "ttl", "set", "example.es", "--from", &body];
    desk.run(&line).ends(0);
    assert_eq!(writes(&desk), 1);
}

#[test]
fn a_resumed_fleet_asks_and_shows_as_a_run_does() {
    let desk = Desk::new();
    let call = "DELETE /services/{service}/dnssec/";
    desk.emulator.add_fault(FaultRule::new(FaultKind::Error { status: 401, code: None, message: None }).on(call));
    let file = desk.file("f1", "XX012\n");
    let journal = desk.path("run.journal");
    let journal = journal.to_str().unwrap();
    let line = ["fleet", "run", "--services", &file, "--journal", journal, "--yes", "--", "dnssec", "delete"];
    desk.run(&[&line[..], &["--domain", "example.es"]].concat()).ends(4);
    desk.emulator.clear_faults();
    let sent = writes(&desk);
    let shown = desk.run(&["fleet", "resume", journal, "--dry-run", "-o", "json"]).ends(0).json();
    assert_eq!(shown[0]["method"], "DELETE", "{shown}");
    let refused = desk.run(&["fleet", "resume", journal, "-o", "json"]).ends(9);
    assert_eq!(refused.failure()["kind"], "not-confirmed");
    assert_eq!(writes(&desk), sent, "nothing was sent");
    // It was left as it was, and a yes sends it.
    desk.run(&["fleet", "resume", journal, "--yes"]);
    assert_eq!(writes(&desk), sent + 1);
}

#[test]
fn a_resumed_fleet_stays_with_its_account() {
    let desk = with_profiles();
    let call = "POST /services/{service}/dns/ttl/{dns_zone}";
    desk.emulator.add_fault(FaultRule::new(FaultKind::Error { status: 401, code: None, message: None }).on(call));
    let file = desk.file("f1", "XX012\n");
    let journal = desk.path("run.journal");
    let journal = journal.to_str().unwrap();
    let run = ["fleet", "run", "--services", &file, "--journal", journal, "--", "dns", "ttl", "set", "example.es"];
    let token = desk.emulator.token().to_owned();
    let environment = [("SWPANEL_TOKEN", token.as_str()), ("SWPANEL_PROFILE", "prod")];
    let ran = as_profile(&desk, &[&run[..], &["--value", "61"]].concat(), &environment);
    assert_ne!(ran.code, 0, "{ran:?}");
    desk.emulator.clear_faults();
    let sent = desk.emulator.journal().len();
    for other in [&[][..], &[("SWPANEL_PROFILE", "prod")], &[("SWPANEL_TOKEN", token.as_str())]] {
        let said = as_profile(&desk, &["fleet", "resume", journal], other).ends(2);
        assert!(said.err.contains("prod, with the token of SWPANEL_TOKEN"), "{}", said.err);
    }
    as_profile(&desk, &["fleet", "resume", journal, "--profile", "prod"], &[]).ends(2);
    assert_eq!(desk.emulator.journal().len(), sent, "nothing was sent");
    as_profile(&desk, &["fleet", "resume", journal], &environment).ends(0);
}

#[test]
fn a_question_names_the_account_that_is_meant() {
    let desk = with_profiles();
    let file = desk.file("f1", "XX012\n");
    let line = ["fleet", "run", "--profile", "prod", "--services", &file, "--", "dns", "delete", "12345"];
    let said = as_profile(&desk, &line, &[]).ends(9);
    assert!(said.err.contains("profile: prod\n"), "{}", said.err);
    let token = desk.emulator.token();
    let line = ["dns", "delete", "XX012", "12345"];
    let said = as_profile(&desk, &line, &[("SWPANEL_PROFILE", "prod"), ("SWPANEL_TOKEN", token)]).ends(9);
    assert!(said.err.contains("profile: prod, with the token of SWPANEL_TOKEN\n"), "{}", said.err);
    // A profile that is asked for wins over a token that lies about.
    let line = ["dns", "delete", "XX012", "12345", "--profile", "prod"];
    let said = as_profile(&desk, &line, &[("SWPANEL_TOKEN", token)]).ends(9);
    assert!(said.err.contains("profile: prod\n"), "{}", said.err);
}

#[test]
fn a_flag_that_a_command_does_not_heed_is_refused() {
    let desk = Desk::new();
    let acme = "acme lego-exec present _acme-challenge.example.es. value --service XX012 --zone example.es";
    for (line, flag) in [
        (format!("{acme} --dry-run"), "--dry-run"),
        (acme.replace("present", "cleanup") + " --dry-run", "--dry-run"),
        ("dns export XX012 example.es --dry-run".to_owned(), "--dry-run"),
        ("login --stdin --dry-run".to_owned(), "--dry-run"),
        ("profile use x --profile y".to_owned(), "--profile"),
        ("fleet status --from x".to_owned(), "--from"),
        ("doctor --kind x".to_owned(), "--kind"),
        ("explain 401 --skeleton".to_owned(), "--skeleton"),
        ("api GET /services/ --wait".to_owned(), "--wait"),
    ] {
        let said = desk.run(&words(&line)).ends(2);
        assert!(said.err.contains(&format!("`{flag}` has no use with")), "{line}: {}", said.err);
    }
    assert!(desk.emulator.journal().is_empty());
}

#[test]
fn what_the_api_refused_to_delete_is_not_created_anew() {
    let desk = Desk::new();
    let id = desk.run(&words("dns list XX012 --jq .result[0].id")).ends(0).out.trim().to_owned();
    let delete = ["dns", "delete", "XX012", &id];
    // The question tells what can bring it back.
    let asked = desk.run(&delete).ends(9).err;
    assert!(asked.contains("`swpanel undo` creates") && !asked.contains("nothing here can bring it back"), "{asked}");
    let asked = desk.run(&[&delete[..], &["--no-save"]].concat()).ends(9).err;
    assert!(asked.contains("nothing here can bring it back"), "{asked}");
    let call = "DELETE /services/{service}/dns/{record_id}";
    let answer = |status| FaultRule::new(FaultKind::Error { status, code: None, message: None }).on(call);
    desk.emulator.add_fault(answer(409));
    desk.run(&[&delete[..], &["--yes"]].concat()).ends(5);
    desk.run(&words("undo")).ends(3);
    // After an unknown outcome it is looked for first.
    desk.emulator.clear_faults();
    desk.emulator.add_fault(answer(500));
    desk.run(&[&delete[..], &["--yes", "--retries", "0"]].concat()).ends(7);
    let there = desk.run(&words("undo -o json")).ends(5).failure();
    assert_eq!(there["kind"], "still-there", "{there}");
    assert!(!desk.emulator.journal().iter().any(|entry| entry.method == "POST"), "nothing was created");
    desk.emulator.clear_faults();
    desk.run(&[&delete[..], &["--yes"]].concat()).ends(0);
    desk.run(&words("undo")).ends(0);
}

#[test]
fn what_was_read_in_message_is_saved_too() {
    let desk = Desk::new();
    desk.run(&words("mail mailbox delete XX012 info@example.es --yes")).ends(0);
    let shown = desk.run(&words("undo --dry-run -o json")).ends(0).json();
    assert!(shown["body"].to_string().contains("info@example.es"), "{shown}");
}

#[test]
fn a_secret_within_an_object_on_the_command_line_is_refused() {
    let desk = Desk::new();
    for line in [
        r#"db create XX012 --kind new-user --db_name d1 --new_user {"password":"S3cr3tArgv"} --dry-run"#,
        r#"db create XX012 --kind new-user --new_user {"password":"S3cr3tArgv"} --skeleton"#,
        r#"db create XX012 --kind new-user --new_user {"password":"S3cr3tArgv"} --skeleton -o json"#,
        r#"db update XX012 d1 --users [{"id_user":"x","password":"S3cr3tArgv"}] --dry-run --no-validate"#,
    ] {
        let said = desk.run(&words(line)).ends(2);
        assert!(said.err.contains("--from") && !format!("{said:?}").contains("S3cr3tArgv"), "{line}: {}", said.err);
    }
}
