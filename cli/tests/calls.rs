//! Calls as people make them: what is printed where, what is refused, and with which exit code.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use std::io::Read;
use std::process::Stdio;

use common::{Desk, words};
use serde_json::json;
use swpanel_emulator::{FaultKind, RetryAfter, Seed};

#[test]
fn a_list_in_every_format() {
    let desk = Desk::new();
    let json = desk.run(&words("dns list XX012 -o json")).ends(0);
    let records = json.json()["result"].as_array().unwrap().clone();
    assert!(records.len() > 3, "{}", json.out);
    assert_eq!(json.err, "");
    let lines = desk.run(&words("dns list XX012 -o jsonl")).ends(0).out;
    assert_eq!(lines.lines().count(), records.len());
    let table = desk.run(&words("dns list XX012 --columns id,record.type")).ends(0).out;
    assert_eq!(table.lines().next().unwrap().split_whitespace().collect::<Vec<_>>(), ["ID", "RECORD.TYPE"]);
    assert_eq!(table.lines().count(), records.len() + 1);
    assert!(!table.contains('\u{1b}'), "no colour where no terminal is");
    let csv = desk.run(&words("dns list XX012 -o csv --columns record.type,id")).ends(0).out;
    assert!(csv.starts_with("record.type,id\n"), "{csv}");
    let yaml = desk.run(&words("dns list XX012 -o yaml")).ends(0).out;
    assert!(yaml.starts_with("result:\n"), "{yaml}");
    let types =
        desk.run(&["dns", "list", "XX012", "--jq", "[.result[].record.type] | unique | length > 2"]).ends(0).out;
    assert_eq!(types, "true\n");
    let ids = desk.run(&["dns", "list", "XX012", "-o", "json", "--jq", ".result[].id"]).ends(0).json();
    assert_eq!(ids.as_array().unwrap().len(), records.len(), "one JSON value, also of a filter that yields many");
    assert_eq!(desk.run(&words("dns list XX012 -q")).ends(0).out, "");
    let absent = desk.run(&words("dns list XX012 --columns record.tpye")).ends(2);
    assert!(absent.err.contains("did you mean `record.type`?"), "{}", absent.err);
}

#[test]
fn a_record_is_made_changed_and_removed() {
    let desk = Desk::new();
    let line = "dns create XX012 --zone example.es --type MX --name @ --priority 20 --exchange mail2.example.es";
    desk.run(&words(line)).ends(0);
    let filter = ".result[] | select(.record.data.exchange == \"mail2.example.es\") | .id";
    let id = desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out.trim().to_owned();
    assert!(!id.is_empty());
    desk.run(&["dns", "update", "XX012", &id, "--zone", "example.es", "--record.name", "mx"]).ends(0);
    let name = desk.run(&["dns", "list", "XX012", "--jq", &filter.replace(".id", ".record.name")]).ends(0).out;
    assert_eq!(name, "mx\n");
    // Nobody is there to be asked.
    let refused = desk.run(&["dns", "delete", "XX012", &id]).ends(9);
    for told in ["service XX012", &format!("record_id {id}"), "(SWPANEL_TOKEN)", "--yes", "deletes"] {
        assert!(refused.err.contains(told), "{told}: {}", refused.err);
    }
    assert!(!desk.emulator.journal().iter().any(|entry| entry.method == "DELETE"), "nothing was sent");
    desk.run(&["dns", "delete", "XX012", &id, "--yes"]).ends(0);
    assert_eq!(desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out, "");
}

#[test]
fn a_body_from_a_file_with_flags_laid_over_it() {
    let desk = Desk::new();
    let yaml = "zone: example.es\nrecord:\n  name: www2\n  type: A\n  data: {ip: 192.0.2.1}\n";
    let file = desk.file("body.yaml", yaml);
    let shown =
        desk.run(&["dns", "create", "XX012", "-f", &file, "--ip", "192.0.2.9", "--dry-run", "-o", "json"]).ends(0);
    assert_eq!(shown.json()["body"]["record"]["data"]["ip"], "192.0.2.9");
    assert_eq!(shown.json()["body"]["record"]["name"], "www2");
    assert!(desk.emulator.journal().is_empty(), "a dry run sends nothing");
    let from_stdin = desk.feed(desk.command(&words("dns create XX012 --from -")), yaml).ends(0);
    assert_eq!(desk.emulator.journal()[0].body.as_ref().unwrap()["record"]["name"], "www2");
    drop(from_stdin);
    let json = desk.feed(desk.command(&words("dns create XX012 --from - --dry-run")), r#"{"zone": 1}"#).ends(5);
    assert!(json.err.contains("--zone"), "{}", json.err);
    let wrong = desk.feed(desk.command(&words("dns create XX012 --from -")), "a: [1\n").ends(2);
    assert!(wrong.err.contains("standard input") && wrong.err.contains("line"), "{}", wrong.err);
}

#[test]
fn a_secret_comes_from_elsewhere_and_is_never_shown() {
    let desk = Desk::new();
    let line = "db user create XX012 --ip_host 192.0.2.10 --password";
    let on_line = desk.run(&words(&format!("{line} marker-secret"))).ends(2);
    assert!(!on_line.err.contains("marker-secret") && on_line.err.contains("env:NAME"), "{}", on_line.err);
    let mut command = desk.command(&words(&format!("{line} env:DB_PASSWORD -v")));
    command.env("DB_PASSWORD", "marker-secret");
    let said = desk.feed(command, "").ends(0);
    assert!(!format!("{said:?}").contains("marker-secret") && said.err.contains("[redacted]"), "{said:?}");
    let file = desk.file("secret", "marker-secret\n");
    let shown = desk.run(&words(&format!("{line} @{file} --dry-run -o json"))).ends(0);
    assert_eq!(shown.json()["body"]["password"], "[redacted]");
    assert_eq!(shown.json()["headers"]["authorization"], "Bearer [redacted]");
    assert!(!format!("{shown:?}").contains("marker-secret") && !format!("{shown:?}").contains(desk.emulator.token()));
    desk.feed(desk.command(&words(&format!("{line} -"))), "marker-secret\n").ends(0);
    let empty = desk.feed(desk.command(&words(&format!("{line} -"))), "\n").ends(2);
    assert!(empty.err.contains("is empty"), "{}", empty.err);
    let unset = desk.run(&words(&format!("{line} env:NOT_SET_ANYWHERE"))).ends(2);
    assert!(unset.err.contains("NOT_SET_ANYWHERE"), "{}", unset.err);
}

#[test]
fn wrong_usage_names_the_flag_and_the_nearest_right_one() {
    let desk = Desk::new();
    for (line, code, told) in [
        ("dns crate XX012", 2, "did you mean `swpanel dns create`?"),
        ("dnss list XX012", 2, "did you mean `swpanel dns`?"),
        ("dns create XX012 --zone a.es --exchnge x", 2, "did you mean `--record.data.exchange`?"),
        ("dns create XX012 --zone a.es --type ALIAS", 5, "allowed: A, AAA, CNAME, DKIM, DMARC, MX, SRV, TLSA"),
        (
            "dns create XX012 --zone a.es --type MX --name @ --exchange m.a.es --priority high",
            5,
            "a whole number (0 to 65535)",
        ),
        ("dns create XX012 --zone a.es --type MX --name @ --exchange m.a.es --priority 70000", 5, "0 to 65535"),
        ("dns create XX012 --zone a.es --type MX --name @ --exchange m.a.es", 5, "`--record.data.priority` is missing"),
        ("dns create XX012", 5, "`--zone` is missing"),
        ("dns create", 2, "SERVICE is missing"),
        ("dns list", 2, "SERVICE is missing"),
        ("dns list XX012 more", 2, "`more` is one value too many"),
        ("dns list ..", 2, "would address something else"),
        ("dns list XX012 -o xml", 2, "allowed: table, json, jsonl, yaml, csv"),
        ("dns list XX012 --zone a.es", 2, "there is no flag `--zone`"),
        ("dns list XX012 --from -", 2, "does not accept `--from`: the call has no body"),
        ("services list --timeout soon", 2, "`--timeout` takes a whole number"),
        ("services list --profile nowhere", 2, "there is no profile `nowhere`"),
        ("tools so list --descent=perhaps", 5, "allowed: true, false"),
        ("dns list XX012 --kind x", 2, "does not accept `--kind`"),
        ("services create --kind castle", 2, "allowed: cloud-server, hosting-standard"),
        ("services create --kind cloud-server --domain.name a.es", 2, "does not go with `--kind cloud-server`"),
        ("services create --domain.name a.es", 5, "--kind"),
        ("services list --color blue", 2, "allowed: auto, always, never"),
        ("explain nonsense", 3, "nothing is known"),
        ("services list --jq .[", 2, "is not understood"),
    ] {
        let said = desk.run(&words(line)).ends(code);
        assert!(said.err.contains(told), "{line}: {}", said.err);
        assert_eq!(said.out, "", "{line}");
        // The same for programs.
        let json = desk.run(&[&words(line)[..], &["-o", "json"]].concat());
        if !line.contains("-o ") {
            assert_eq!(json.ends(code).failure()["exit"], code, "{line}");
        }
    }
    let sent = desk.emulator.journal();
    assert!(sent.iter().all(|entry| entry.method == "GET"), "{sent:?}");
}

#[test]
fn failures_are_json_with_an_exit_code_of_their_own() {
    let desk = Desk::new();
    let fail = |fault: FaultKind, code: i32, kind: &str| {
        desk.emulator.fail_once("GET /services/", fault);
        let said = desk.run(&words("services list -o json --retries 0")).ends(code);
        assert_eq!(said.out, "", "{kind}: standard output is for answers");
        let failure = said.failure();
        assert_eq!(failure["kind"], kind, "{failure}");
        for member in ["code", "kind", "status", "retryable", "hint", "message", "exit"] {
            assert!(failure.get(member).is_some(), "{member}: {failure}");
        }
        failure
    };
    let error = |status| FaultKind::Error { status, code: Some("#X1".to_owned()), message: Some("no".to_owned()) };
    assert_eq!(fail(error(404), 3, "not-found")["code"], "#X1");
    assert_eq!(fail(error(401), 4, "unauthorized")["status"], 401);
    fail(error(403), 4, "forbidden");
    fail(error(422), 5, "validation");
    fail(error(409), 5, "conflict");
    fail(FaultKind::ErrorIn200 { code: None, message: Some("no".to_owned()) }, 5, "refused");
    let limited = fail(FaultKind::RateLimit { retry_after: Some(RetryAfter::Seconds(1)) }, 6, "rate-limited");
    assert_eq!(limited["retryable"], true);
    fail(error(500), 7, "server");
    fail(FaultKind::HtmlBadGateway, 7, "gateway");
    fail(FaultKind::Reset { after_effect: false }, 7, "no-answer");
    desk.emulator.fail_once("POST /services/{service}/cron/start/{cron_id}", FaultKind::Reset { after_effect: true });
    let unknown = desk.run(&words("cron start XX012 12345 -o json")).ends(7).failure();
    assert_eq!((unknown["kind"].as_str(), unknown["retryable"].as_bool()), (Some("outcome-unknown"), Some(false)));
    let sent = desk.emulator.journal();
    assert_eq!(sent.iter().filter(|entry| entry.method == "POST").count(), 1, "it is not sent twice");
}

#[test]
fn an_empty_list_is_a_list_and_a_missing_thing_is_not_found() {
    let desk = Desk::seeded(Seed::Empty);
    assert_eq!(desk.run(&words("domains list -o json")).ends(0).json(), json!({"result": []}));
    assert_eq!(desk.run(&words("domains list")).ends(0).out, "(none)\n");
    assert_eq!(desk.run(&words("domains list -o csv")).ends(0).out, "");
    desk.run(&words("domains get 999")).ends(3);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::seeded(Seed::Large);
    let mut child =
        desk.command(&words("services list -o json")).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // More than a pipe holds is on its way; the reader takes a little and leaves.
    let mut few = [0; 10];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut few).unwrap();
    drop(out);
    let said = common::Said::of(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn any_call_by_method_and_path() {
    let desk = Desk::new();
    let one = desk.run(&["api", "get", "/services/?id=XX012", "-o", "jsonl"]).ends(0).out;
    assert!(one.lines().count() == 1 && one.contains("XX012"), "{one}");
    let body = desk.file("ttl.json", r#"{"ttl": {"value": 600}}"#);
    desk.run(&["api", "POST", "/services/XX012/dns/ttl/example.es", "--from", &body]).ends(0);
    let refused = desk.run(&["api", "DELETE", "/services/XX012/dns/12345"]).ends(9);
    assert!(refused.err.contains("record_id 12345"), "{}", refused.err);
    let unknown = desk.run(&["api", "PATCH", "/nowhere/"]).ends(9);
    assert!(unknown.err.contains("does not have this call"), "{}", unknown.err);
    desk.run(&["api", "GET", "services"]).ends(2);
}

#[test]
fn where_a_group_has_one_verb_it_may_be_left_out() {
    let desk = Desk::new();
    let whole = desk.run(&words("domains whois get example.es -o json"));
    let short = desk.run(&words("domains whois example.es -o json"));
    assert_eq!((whole.code, whole.out), (short.code, short.out));
}

#[test]
fn doctor_looks_at_everything_and_changes_nothing() {
    let desk = Desk::new();
    let rows = desk.run(&words("doctor -o json")).ends(0).json();
    let checks: Vec<&str> = rows.as_array().unwrap().iter().filter_map(|row| row["check"].as_str()).collect();
    for check in ["document", "profile", "address", "dns", "connection", "tls", "clock", "limits", "token", "mode"] {
        assert!(checks.contains(&check), "{check}: {checks:?}");
    }
    let clock = rows.as_array().unwrap().iter().find(|row| row["check"] == "clock").unwrap();
    assert_ne!(clock["state"], "fail", "{clock}");
    let sent = desk.emulator.journal();
    assert!(sent.iter().all(|entry| ["GET", "HEAD"].contains(&entry.method.as_str())), "{sent:?}");
    assert!(sent.iter().any(|entry| entry.token.is_none()), "the first look carries no token: {sent:?}");
    let mut wrong = desk.without_token();
    wrong.env("SWPANEL_TOKEN", "wrong-token").arg("doctor");
    let said = desk.feed(wrong, "").ends(4);
    assert!(said.out.contains("fail"), "{}", said.out);
    let mut nobody = desk.command(&words("doctor"));
    nobody.env("SWPANEL_BASE_URL", "http://127.0.0.1:9/v2026");
    let said = desk.feed(nobody, "").ends(7);
    assert!(said.out.contains("cannot be reached"), "{}", said.out);
}

#[test]
fn completion_knows_what_the_program_knows() {
    let desk = Desk::new();
    let complete = |line: &[&str]| desk.run(&[&["complete", "--shell", "bash", "--"], line].concat()).ends(0).out;
    assert!(complete(&["dn"]).lines().eq(["dns", "dnssec"]));
    assert!(complete(&["dns", "c"]).lines().eq(["create"]));
    assert!(complete(&["dns", "create", "XX012", "--record.t"]).lines().eq(["--record.type"]));
    assert!(complete(&["dns", "create", "XX012", "--type", "M"]).lines().eq(["MX"]));
    assert!(complete(&["services", "create", "--kind", "hosting-s"]).lines().count() == 2);
    assert!(complete(&["services", "list", "-o", "js"]).lines().eq(["json", "jsonl"]));
    for (line, first) in [
        (&["--profile", "prod", "dns", "l"][..], "list"),
        (&["-o", "json", "dns", "l"], "list"),
        (&["profile", "use", ""], "one"),
        (&["profile", "show", "o"], "one"),
        (&["completions", ""], "bash"),
        (&["help", "dns", "l"], "list"),
        (&["help", "fl"], "flags"),
        (&["explain", "dns", "l"], "list"),
        (&["fleet", "run", "--services", "f", "--", "dns", "l"], "list"),
        (&["fleet", "run", "--", "dns", "create", "--type", "M"], "MX"),
        (&["services", "list", "--output=j"], "--output=json"),
        (&["dns", "create", "XX012", "--type=M"], "--type=MX"),
        (&["dns", "create", "XX012", "--ty"], "--type"),
        (&["dns", "create", "XX012", "--exch"], "--exchange"),
        (&["--color", "al"], "always"),
    ] {
        let mut command = desk.command(&[&["complete", "--shell", "bash", "--"], line].concat());
        let profiles = desk.path(".config/swpanel/profiles.toml");
        std::fs::create_dir_all(profiles.parent().unwrap()).unwrap();
        std::fs::write(&profiles, "[profiles.one]\ntoken_command = [\"true\"]\n").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&profiles, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        command.env_remove("SWPANEL_TOKEN");
        let said = desk.feed(command, "").ends(0).out;
        assert_eq!(said.lines().next(), Some(first), "{line:?}: {said}");
    }
    // A flag that a command refuses is not offered.
    assert!(!complete(&["dns", "export", "--"]).contains("--dry-run"));
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(desk.run(&["completions", shell]).ends(0).out.contains("swpanel complete"));
    }
    desk.run(&["completions", "tcsh"]).ends(2);
}

#[test]
fn waits_until_a_state_is_reached() {
    let desk = Desk::new();
    let needed = desk.run(&words("hosting start XX012 --wait")).ends(2);
    assert!(needed.err.contains("--wait-for") && desk.emulator.journal().is_empty(), "{}", needed.err);
    let holds = ["hosting", "stop", "XX012", "--wait", "--wait-for", ". != null"];
    let said = desk.run(&holds).ends(0);
    assert!(said.err.contains("holds after"), "{}", said.err);
    let never = ["hosting", "start", "XX012", "--wait", "--wait-for", "false", "--wait-timeout", "1", "-o", "json"];
    let said = desk.run(&never).ends(7);
    assert_eq!(said.failure()["kind"], "not-yet");
}

#[test]
fn manual_pages_of_everything() {
    let desk = Desk::new();
    let page = desk.run(&words("man dns create")).ends(0).out;
    assert!(page.starts_with(".TH ") && page.contains("\\-\\-record.type"), "{page}");
    let folder = desk.path("man");
    desk.run(&["man", "--all", folder.to_str().unwrap()]).ends(0);
    let commands = desk.run(&words("commands -o jsonl")).ends(0).out.lines().count();
    assert!(std::fs::read_dir(&folder).unwrap().count() > commands + 15);
    desk.run(&words("man nothing")).ends(2);
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn a_manual_page_shows_what_is_not_certain() {
    let page = Desk::new().run(&words("man dns create")).ends(0).out;
    assert!(page.contains(".SH NOT CERTAIN"), "{page}");
}

#[test]
fn what_is_deleted_can_be_recreated_where_the_api_allows() {
    let desk = Desk::new();
    let filter = ".result[] | select(.record.type == \"MX\") | .id";
    let id = desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out.trim().to_owned();
    let gone = desk.run(&["dns", "delete", "XX012", &id, "--yes"]).ends(0);
    assert!(gone.err.contains("saved before deleting"), "{}", gone.err);
    assert_eq!(desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out, "");
    let shown = desk.run(&words("undo --dry-run -o json")).ends(0).json();
    assert_eq!(shown["body"]["record"]["type"], "MX");
    assert!(desk.run(&words("undo")).ends(0).err.contains("recreated"));
    assert_ne!(desk.run(&["dns", "list", "XX012", "--jq", filter]).ends(0).out, "");
    // It was done, so there is nothing left to undo.
    desk.run(&words("undo")).ends(3);
    // A password can never be read back: that is told, and it can be given.
    desk.run(&words("mail mailbox delete XX012 info@example.es --yes")).ends(0);
    let told = desk.run(&words("undo")).ends(5);
    assert!(told.err.contains("password") && told.err.contains("--from"), "{}", told.err);
    // An order is not repeated, so nothing is promised and the entry before stays the newest one.
    let order = desk.file("body.json", r#"{"delete": {"mode": "end_of_period"}}"#);
    let said = desk.run(&["services", "delete", "XX012", "--from", &order, "--yes"]).ends(0);
    assert!(!said.err.contains("saved before deleting"), "{}", said.err);
    assert!(desk.run(&words("undo")).ends(5).err.contains("mailbox"));
    let unsaved = desk.run(&words("ftp delete XX012 XX012F1 --yes --no-save"));
    assert!(!unsaved.err.contains("saved"), "{}", unsaved.err);
}

#[test]
fn a_property_that_is_there_twice_is_refused() {
    let desk = Desk::new();
    let json =
        desk.file("b.json", "{\"zone\": \"a.es\",\n\"record\": {\"name\": \"x\", \"type\": \"A\",\n\"name\": \"y\"}}");
    let yaml = desk.file("b.yaml", "zone: a.es\nrecord:\n  name: x\n  type: A\n  data: {ip: 192.0.2.1}\n  name: y\n");
    for (line, told) in [
        (format!("dns create XX012 --from {json} --dry-run"), "`record.name` twice (line 3)"),
        (format!("dns create XX012 --from {yaml} --dry-run"), "`record.name` twice (line"),
        (format!("api POST /services/XX012/dns/ --from {json} --dry-run"), "`record.name` twice"),
        (r#"dns create XX012 --record {"name":"x","name":"y"} --dry-run"#.to_owned(), "`name` twice"),
        (r#"db update XX012 d1 --users [{"id_user":"a","id_user":"b"}] --dry-run"#.to_owned(), "`0.id_user` twice"),
    ] {
        let said = desk.run(&words(&line)).ends(2);
        assert!(said.err.contains(told), "{line}: {}", said.err);
        assert_eq!(said.out, "", "{line}");
    }
    let stdin = desk.feed(desk.command(&words("dns create XX012 --from - --dry-run")), "zone: a\nzone: b\n").ends(2);
    assert!(stdin.err.contains("`zone` twice"), "{}", stdin.err);
}

#[test]
fn a_spreadsheet_runs_no_cell_where_that_is_asked_for() {
    let desk = Desk::new();
    let line = ["dns", "create", "XX012", "--zone", "example.es", "--type", "CNAME", "--record.name", "=1+1"];
    let line = [&line[..], &["--target", "=cmd.example.es", "--no-validate"]].concat();
    let made = desk.run(&[&line[..], &["--dry-run"]].concat());
    assert!(made.code == 0, "{made:?}");
    desk.run(&line).ends(0);
    let list = words("dns list XX012 -o csv --columns record.name,record.type,id");
    let exact = desk.run(&list).ends(0).out;
    assert!(exact.contains("\n=1+1,CNAME,"), "machine output is exact: {exact}");
    let safe = desk.run(&[&list[..], &["--csv-safe"]].concat()).ends(0).out;
    assert!(safe.contains("\n'=1+1,CNAME,") && !safe.contains("\n="), "{safe}");
    assert!(safe.contains("\nwww,CNAME,12346\n") && safe.starts_with("record.name,"), "{safe}");
}
