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
    let line = ["fleet", "run", "-y", "--services", &file, "--", "dns", "ttl", "set", "example.es", "--from", &body];
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
    let run =
        ["fleet", "run", "-y", "--services", &file, "--journal", journal, "--", "dns", "ttl", "set", "example.es"];
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
    as_profile(&desk, &["fleet", "resume", journal, "--yes"], &environment).ends(0);
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
        (format!("{acme} --from x"), "--from"),
        ("acme lego-httpreq --dry-run".to_owned(), "--dry-run"),
        ("dns export XX012 example.es --dry-run".to_owned(), "--dry-run"),
        ("login --stdin --dry-run".to_owned(), "--dry-run"),
        ("profile use x --profile y".to_owned(), "--profile"),
        ("fleet status --from x".to_owned(), "--from"),
        ("doctor --kind x".to_owned(), "--kind"),
        ("explain 401 --skeleton".to_owned(), "--skeleton"),
        ("api GET /services/ --wait".to_owned(), "--wait"),
        ("dns list XX012 --kind nonsense".to_owned(), "--kind"),
        ("dns create XX012 --kind nonsense".to_owned(), "--kind"),
        ("dns list XX012 --from x".to_owned(), "--from"),
        ("dns delete XX012 12345 --from x".to_owned(), "--from"),
        ("hosting stop XX012 --skeleton".to_owned(), "--skeleton"),
        ("dns list XX012 --wait".to_owned(), "--wait"),
        ("dns list XX012 --wait-for true".to_owned(), "--wait-for"),
        ("services list --wait-timeout 5".to_owned(), "--wait-timeout"),
        ("fleet run --select .result[].id -- dns list --kind nonsense".to_owned(), "--kind"),
        ("fleet run --select .result[].id -- hosting stop --from x".to_owned(), "--from"),
    ] {
        let said = desk.run(&words(&line)).ends(2);
        assert!(said.err.contains(&format!("does not accept `{flag}`")), "{line}: {}", said.err);
    }
    for flag in ["--wait-for true", "--wait-timeout 5"] {
        let said = desk.run(&words(&format!("hosting stop XX012 {flag}"))).ends(2);
        assert!(said.err.contains("without `--wait`"), "{flag}: {}", said.err);
    }
    assert!(desk.emulator.journal().is_empty());
}

#[test]
fn a_write_is_never_called_by_its_group() {
    let desk = Desk::new();
    for (line, told) in [
        ("dns ttl get XX012", "`swpanel dns ttl` has no command `get`"),
        ("dns ttl XX012 example.es --value 60", "has no command `XX012`"),
        ("dns ttl --value 60 XX012 example.es", "needs a command"),
        ("dns ttl", "needs a command"),
        ("dns advanced get XX012 example.es", "has no command `get`"),
        ("mail mailing-list emails XX012 news --kind add --add.email a@example.es", "has no command `XX012`"),
        ("fleet run --select .result[].id -- dns ttl example.es --value 60", "has no command `example.es`"),
        // A read may be, but not under another verb.
        ("domains whois delete example.es", "has no command `delete`"),
        ("domains whois show example.es", "did you mean `swpanel domains whois get`"),
    ] {
        let said = desk.run(&words(line)).ends(2);
        assert!(said.err.contains(told), "{line}: {}", said.err);
    }
    assert!(desk.emulator.journal().is_empty(), "nothing was sent");
    assert!(desk.run(&words("dns ttl --help")).ends(0).out.contains("dns ttl set"));
    desk.run(&words("dns ttl set XX012 example.es --value 60")).ends(0);
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

/// A desk with one profile: the emulator's token and these limits.
fn limited(limits: &str) -> Desk {
    let desk = Desk::new();
    let mut login = desk.without_token();
    login.args(["login", "--stdin"]);
    desk.feed(login, desk.emulator.token()).ends(0);
    let path = desk.path(".config/swpanel/profiles.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("[profiles.default]\n", &format!("[profiles.default]\n{limits}\n"))).unwrap();
    desk
}

#[test]
fn a_dry_run_is_refused_where_the_call_would_be() {
    let create = "dns create XX012 --zone example.es --type A --record.name x --ip 192.0.2.1";
    let order = "domains renew --domain example.es --years 1";
    for (limits, line) in [
        ("read_only = true", create),
        ("read_only = true", "dns delete XX012 12345"),
        ("read_only = true", "api POST /services/XX012/dns/ttl/example.es"),
        ("read_only = true", "api DELETE /nowhere/"),
        ("no_billable = true", "api POST /nowhere/"),
        ("groups = ['domains']", create),
        ("groups = ['domains']", "dns list XX012"),
        ("services = ['XX013']", create),
        ("services = ['XX013']", "dns list XX012"),
        ("services = ['XX013']", "api GET /services/XX012/dns/"),
        ("no_billable = true", order),
    ] {
        let desk = limited(limits);
        let seen = desk.emulator.journal().len();
        let line = [&words(line)[..], &["--no-validate", "-o", "json"][..]].concat();
        // `api` sends what it is given, so the flag has no use there.
        let line: Vec<&str> =
            line.iter().copied().filter(|word| line[0] != "api" || *word != "--no-validate").collect();
        let real = as_profile(&desk, &[&line[..], &["--yes"]].concat(), &[]).ends(9);
        assert_eq!(real.failure()["kind"], "guardrail", "{line:?}");
        // Neither a terminal nor a yes is needed to be told, and nothing is read or saved before.
        for more in [&["--dry-run"][..], &[]] {
            let shown = as_profile(&desk, &[&line[..], more].concat(), &[]).ends(9);
            assert_eq!(shown.failure(), real.failure(), "{line:?} {more:?}");
            assert_eq!(shown.out, "", "{line:?} {more:?}");
        }
        assert_eq!(desk.emulator.journal().len(), seen, "{line:?}: nothing was sent");
    }
    // What is allowed is shown as before.
    let desk = limited("services = ['XX012']\nno_billable = true");
    let shown = as_profile(&desk, &[&words(create)[..], &["--dry-run"]].concat(), &[]).ends(0);
    assert!(shown.out.contains("POST ") && shown.err.contains("nothing was sent"), "{shown:?}");
}

#[test]
fn the_page_on_unclassified_operations_is_true_of_the_command_line() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/unclassified.md");
    let page = std::fs::read_to_string(page).unwrap();
    let line = page.lines().find(|line| line.starts_with("| the command line asks first |")).unwrap();
    let asks: Vec<bool> = line.split('|').skip(2).take(2).map(|cell| cell.trim() == "yes").collect();
    assert_eq!(asks, [false, true], "{line}");
    let desk = limited("");
    for (line, asked) in [
        ("api GET /nowhere/list/", asks[0]),
        ("api GET /nowhere/7/reboot", asks[1]),
        ("api GET /nowhere/7/renovarDominio", asks[1]),
        ("api OPTIONS /nowhere/list/", asks[1]),
        ("api POST /nowhere/list/", asks[1]),
        ("api DELETE /nowhere/7", asks[1]),
    ] {
        let seen = desk.emulator.journal().len();
        let said = as_profile(&desk, &[&words(line)[..], &["-o", "json"][..]].concat(), &[]);
        assert_eq!(said.failure()["kind"] == "not-confirmed", asked, "{line}: {said:?}");
        assert_eq!(desk.emulator.journal().len() == seen, asked, "{line}");
        if asked {
            let details = said.failure()["details"].to_string();
            assert!(details.contains("may spend money or destroy something"), "{line}: {details}");
            // A profile that may not destroy refuses it before anybody is asked.
            let careful = limited("no_destructive = true");
            let refused = as_profile(&careful, &[&words(line)[..], &["-o", "json", "--yes"][..]].concat(), &[]).ends(9);
            assert!(refused.err.contains("no_destructive"), "{line}: {}", refused.err);
        }
    }
    // What the document has: a deletion is destructive, so it needs no `read_only` to be refused.
    let careful = limited("no_destructive = true");
    let refused = as_profile(&careful, &words("dns delete XX012 12345 --yes"), &[]).ends(9);
    assert!(refused.err.contains("no_destructive"), "{}", refused.err);
}

#[test]
fn a_fleet_is_judged_whole_before_its_first_call() {
    let desk = limited("services = ['XX012']");
    let file = desk.file("items", "XX012\nXX013\n");
    let journal = desk.path("run.journal");
    let seen = desk.emulator.journal().len();
    let ttl = ["dns", "ttl", "set", "example.es", "--value", "61"];
    for flags in [&["--dry-run"][..], &["--yes", "--journal", journal.to_str().unwrap()]] {
        let line = [&["fleet", "run", "--services", &file, "-o", "json"], flags, &["--"], &ttl].concat();
        let said = as_profile(&desk, &line, &[]).ends(9);
        let failure = said.failure();
        assert_eq!(failure["kind"], "guardrail", "{failure}");
        assert!(failure["details"].to_string().contains("item 2 of 2"), "{failure}");
        assert_eq!(said.out, "", "nothing is shown, nothing is counted");
    }
    assert!(!journal.exists(), "there is nothing to go on with");
    assert_eq!(desk.emulator.journal().len(), seen);
    // The same of a run that goes on: what is left is judged, whoever changed the profile between.
    let refused = FaultKind::Error { status: 401, code: None, message: None };
    desk.emulator.add_fault(FaultRule::new(refused).on("POST /services/{service}/dns/ttl/{dns_zone}"));
    let one = desk.file("one", "XX012\n");
    let line = ["fleet", "run", "--yes", "--services", &one, "--journal", journal.to_str().unwrap(), "--"];
    let line = [&line[..], &ttl[..]].concat();
    as_profile(&desk, &line, &[]).ends(4);
    desk.emulator.clear_faults();
    let path = desk.path(".config/swpanel/profiles.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace("services = ['XX012']", "read_only = true");
    std::fs::write(&path, text).unwrap();
    let seen = desk.emulator.journal().len();
    for flags in [&["--dry-run"][..], &[]] {
        let line = [&["fleet", "resume", journal.to_str().unwrap(), "-o", "json"], flags].concat();
        let said = as_profile(&desk, &line, &[]).ends(9);
        assert_eq!((said.failure()["kind"].as_str(), said.out.as_str()), (Some("guardrail"), ""));
    }
    assert_eq!(desk.emulator.journal().len(), seen);
}

#[test]
fn a_plan_for_a_zone_is_judged_before_it_is_half_done() {
    let desk = limited("");
    let exported = as_profile(&desk, &words("dns export XX012 example.es"), &[]).ends(0).out;
    let zone = desk.file("zone", &format!("{exported}\nnew.example.es. 300 IN A 192.0.2.44\n"));
    let plan = desk.path("plan.json");
    let plan = plan.to_str().unwrap();
    as_profile(&desk, &["dns", "plan", "XX012", "example.es", &zone, "--out", plan], &[]).ends(0);
    let path = desk.path(".config/swpanel/profiles.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("[profiles.default]\n", "[profiles.default]\nread_only = true\n")).unwrap();
    for flags in [&["--dry-run"][..], &["--yes"], &[]] {
        let said = as_profile(&desk, &[&["dns", "apply", plan, "-o", "json"], flags].concat(), &[]).ends(9);
        assert_eq!((said.failure()["kind"].as_str(), said.out.as_str()), (Some("guardrail"), ""), "{flags:?}");
    }
    assert_eq!(writes(&desk), 0);
}

#[test]
fn a_dry_run_of_an_acme_hook_shows_the_call_and_heeds_the_profile() {
    let desk = Desk::new();
    let hook = |action: &str| format!("acme lego-exec {action} _acme-challenge.example.es. word --service XX012");
    let dry = |action: &str| format!("{} --zone example.es --dry-run -o json", hook(action));
    let shown = desk.run(&words(&dry("present"))).ends(0).json();
    assert_eq!((shown[0]["method"].as_str(), shown.as_array().unwrap().len()), (Some("POST"), 1), "{shown}");
    assert_eq!(shown[0]["body"]["record"]["data"]["value"], "word", "{shown}");
    assert_eq!(desk.run(&words(&dry("cleanup"))).ends(0).json(), serde_json::json!([]), "there is none to remove");
    assert_eq!(writes(&desk), 0);
    desk.run(&words(&dry("present").replace("--dry-run", ""))).ends(0);
    let shown = desk.run(&words(&dry("cleanup"))).ends(0).json();
    assert_eq!((shown[0]["method"].as_str(), shown.as_array().unwrap().len()), (Some("DELETE"), 1), "{shown}");
    assert_eq!(writes(&desk), 1);
    let mut certbot = desk.command(&words("acme certbot-auth --service XX012 --zone example.es --dry-run"));
    certbot.env("CERTBOT_DOMAIN", "example.es").env("CERTBOT_VALIDATION", "other");
    let said = desk.feed(certbot, "").ends(0);
    assert!(said.out.contains("POST ") && said.out.contains("other") && said.err.contains("--dry-run"), "{said:?}");
    assert_eq!(writes(&desk), 1);
    let desk = limited("read_only = true");
    for line in [dry("present"), dry("present").replace("--dry-run", "")] {
        let said = as_profile(&desk, &words(&line), &[]).ends(9);
        assert_eq!((said.failure()["kind"].as_str(), said.out.as_str()), (Some("guardrail"), ""), "{line}");
    }
    // A server that could do nothing does not start.
    let server = "acme lego-httpreq --service XX012 --listen 127.0.0.1:0 --password env:WORD";
    let said = as_profile(&desk, &words(server), &[("WORD", "word")]).ends(9);
    assert!(!said.err.contains("listening"), "{}", said.err);
}

/// A run of one call that did not get through, so that there is something left to go on with.
fn half_run(desk: &Desk, environment: &[(&str, &str)]) -> String {
    let refused = FaultKind::Error { status: 401, code: None, message: None };
    desk.emulator.add_fault(FaultRule::new(refused).on("POST /services/{service}/dns/ttl/{dns_zone}"));
    let file = desk.file("f1", "XX012\n");
    let journal = desk.path("run.journal").to_str().unwrap().to_owned();
    let line = ["fleet", "run", "--yes", "--services", &file, "--journal", &journal, "--"];
    let line = [&line[..], &words("dns ttl set example.es --value 61")].concat();
    as_profile(desk, &line, environment).ends(4);
    desk.emulator.clear_faults();
    journal
}

#[test]
fn a_resumed_fleet_tells_of_another_token_under_the_same_name() {
    let desk = Desk::new();
    let first = desk.emulator.token().to_owned();
    let second = desk.emulator.create_token("second", swpanel_emulator::Scope::default());
    let journal = half_run(&desk, &[("SWPANEL_TOKEN", &first)]);
    let kept = std::fs::read_to_string(&journal).unwrap();
    assert!(!kept.contains(&first), "the token itself is nowhere");
    let seen = desk.emulator.journal().len();
    let resume = ["fleet", "resume", journal.as_str(), "-o", "json"];
    let told = as_profile(&desk, &resume, &[("SWPANEL_TOKEN", &second)]).ends(9).failure();
    assert_eq!(told["kind"], "not-confirmed", "{told}");
    let words_of_it = told.to_string();
    for word in ["(SWPANEL_TOKEN)", "is not the one that the run began with", "--yes", "1 item"] {
        assert!(words_of_it.contains(word), "{word}: {told}");
    }
    assert!(!words_of_it.contains(&first) && !words_of_it.contains(&second));
    assert_eq!(desk.emulator.journal().len(), seen, "nothing was sent");
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), kept, "and nothing was noted");
    // What would be sent can be looked at, and it is told then, too.
    let shown = as_profile(&desk, &["fleet", "resume", &journal, "--dry-run"], &[("SWPANEL_TOKEN", &second)]).ends(0);
    assert!(shown.err.contains("is not the one that the run began with"), "{}", shown.err);
    // Said once, it is the run's own from then on.
    let refused = FaultKind::Error { status: 401, code: None, message: None };
    desk.emulator.add_fault(FaultRule::new(refused).on("POST /services/{service}/dns/ttl/{dns_zone}"));
    let said = as_profile(&desk, &["fleet", "resume", &journal, "--yes"], &[("SWPANEL_TOKEN", &second)]).ends(4);
    assert!(said.err.contains("is not the one that the run began with"), "{}", said.err);
    desk.emulator.clear_faults();
    let now = std::fs::read_to_string(&journal).unwrap();
    assert!(!now.contains(&first) && !now.contains(&second));
    for (token, is_other) in [(&first, true), (&second, false)] {
        let asked = as_profile(&desk, &resume, &[("SWPANEL_TOKEN", token)]).ends(9);
        assert_eq!(asked.err.contains("is not the one that the run began with"), is_other, "{}", asked.err);
    }
    as_profile(&desk, &["fleet", "resume", &journal, "--yes"], &[("SWPANEL_TOKEN", &second)]).ends(0);
    assert_eq!(writes(&desk), 3);
    // Where nothing is left there is nothing to ask.
    as_profile(&desk, &resume, &[("SWPANEL_TOKEN", &first)]).ends(0);
}

#[test]
fn a_resumed_fleet_goes_on_with_the_same_token_and_with_what_renews_it() {
    let desk = with_profiles();
    let path = desk.path(".config/swpanel/profiles.toml");
    let with = |desk: &Desk, line: &str| {
        let base = desk.emulator.base_url();
        std::fs::write(&path, format!("[profiles.prod]\n{line}\nbase_url = \"{base}\"\n")).unwrap();
    };
    let second = desk.emulator.create_token("second", swpanel_emulator::Scope::default());
    // A token that was renewed in the file is told; blanks around it are no part of it.
    with(&desk, &format!("token = \"{}\"", desk.emulator.token()));
    let journal = half_run(&desk, &[]);
    with(&desk, &format!("token = \"{second}\""));
    let other = "is not the one that the run began with";
    assert!(as_profile(&desk, &["fleet", "resume", &journal], &[]).ends(9).err.contains(other));
    with(&desk, &format!("token = \" {} \"", desk.emulator.token()));
    let same = as_profile(&desk, &["fleet", "resume", &journal, "--yes"], &[]).ends(0);
    assert!(!same.err.contains(other), "{}", same.err);
    std::fs::remove_file(&journal).unwrap();
    // A command is known by itself, whatever token it prints today.
    let vault = desk.file("vault", desk.emulator.token());
    with(&desk, &format!("token_command = [\"cat\", \"{vault}\"]"));
    let path_of = std::env::var("PATH").unwrap();
    let journal = half_run(&desk, &[("PATH", &path_of)]);
    desk.file("vault", &second);
    let same = as_profile(&desk, &["fleet", "resume", &journal, "--yes"], &[("PATH", &path_of)]).ends(0);
    assert!(!same.err.contains(other), "{}", same.err);
    std::fs::remove_file(&journal).unwrap();
    let journal = half_run(&desk, &[("PATH", &path_of)]);
    with(&desk, "token_command = [\"cat\", \"elsewhere\"]");
    let asked = as_profile(&desk, &["fleet", "resume", &journal], &[("PATH", &path_of)]).ends(9);
    assert!(asked.err.contains(other), "{}", asked.err);
}
