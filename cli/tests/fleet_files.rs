//! What a fleet reads and writes: items that are never flags, lists as spreadsheets write them, and files that are never
//! overwritten. The inputs are in `fixtures/`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::{Desk, Said, words};
use serde_json::{Value, json};

const TTL: [&str; 7] = ["dns", "ttl", "set", "{service}", "{zone}", "--ttl.value", "300"];

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A copy of a fixture in the home of a desk.
fn copy(desk: &Desk, fixture_name: &str, name: &str) -> String {
    let path = desk.path(name);
    std::fs::copy(fixture(fixture_name), &path).unwrap();
    path.to_str().unwrap().to_owned()
}

fn run(desk: &Desk, flags: &[&str], command: &[&str]) -> Said {
    desk.run(&[&["fleet", "run"], flags, &["--"], command].concat())
}

/// The calls that a fleet would make, as method, address and body.
fn shown(desk: &Desk, services: &str, command: &[&str]) -> Vec<(String, Value)> {
    let said = run(desk, &["--services", services, "--dry-run", "-o", "json"], command).ends(0);
    let calls = said.json();
    let call = |call: &Value| {
        let url = call["url"].as_str().unwrap();
        (url.split_once("/v2026").unwrap().1.to_owned(), call["body"].clone())
    };
    calls.as_array().unwrap().iter().map(call).collect()
}

fn paths(desk: &Desk, services: &str, command: &[&str]) -> Vec<String> {
    shown(desk, services, command).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn a_value_of_an_item_is_never_a_flag() {
    let desk = Desk::new();
    let secret = desk.file("secret", "S3cr3t");
    let values = [
        "--no-validate",
        "--from=/etc/hostname",
        "-y",
        "--",
        "-",
        "@secret",
        "env:SWPANEL_TOKEN",
        "{zone}",
        "}{",
        "{}",
    ];
    // As a value of the path.
    for value in values {
        let items = desk.file("items.json", &json!([{"service": "XX013", "rec": value, "zone": "a.es"}]).to_string());
        let path = paths(&desk, &items, &["dns", "delete", "{service}", "{rec}"]);
        assert!(path.len() == 1 && path[0].starts_with("/services/XX013/dns/"), "{value}: {path:?}");
        let last = path[0].rsplit('/').next().unwrap();
        let encoded: String = value
            .bytes()
            .map(|byte| match byte {
                b'-' | b'_' | b'.' | b'@' | b':' => char::from(byte).to_string(),
                byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect();
        assert_eq!(last, encoded, "{value}");
        // As a value of the body: after its flag, joined to it, in a list, within JSON, and within other text.
        let hosts = |more: &[&str]| {
            let line = ["domains", "register", "--domain", "{zone}", "--no-validate"];
            shown(&desk, &items, &[&line[..], more].concat())[0].1["hostname"].clone()
        };
        assert_eq!(hosts(&["--hostname", "{rec}"]), json!([value]));
        assert_eq!(hosts(&["--hostname={rec}", "--hostname", "x{rec}"]), json!([value, format!("x{value}")]));
        assert_eq!(hosts(&["--hostname", r#"["{rec}", "b"]"#]), json!([value, "b"]));
    }
    // A list that DATA brings is one value, and quotes in it end no string.
    for value in [r#"["a","b"]"#, r#"x","y"#] {
        let items = desk.file("items.json", &json!([{"zone": "a.es", "rec": value}]).to_string());
        for given in ["{rec}", r#"["{rec}"]"#] {
            let line = ["domains", "register", "--domain", "{zone}", "--no-validate", "--hostname", given];
            assert_eq!(shown(&desk, &items, &line)[0].1["hostname"], json!([value]), "{given}");
        }
    }
    // What would address something else is refused, as everywhere.
    for value in ["", ".", "..", "%2e%2E"] {
        let items = desk.file("items.json", &json!([{"service": "XX013", "rec": value}]).to_string());
        let said = run(&desk, &["--services", &items, "--yes"], &["dns", "delete", "{service}", "{rec}"]).ends(2);
        assert!(said.err.contains("item 1 of 1; nothing was sent"), "{value}: {}", said.err);
    }
    assert!(desk.emulator.journal().is_empty() && std::path::Path::new(&secret).exists());
}

#[test]
fn items_of_the_case_files_are_values() {
    let desk = Desk::new();
    // `--no-validate` shifted the arguments, so that record `XX013` of another service was to be deleted.
    let items = fixture("lists/inject2.csv");
    let seen = paths(&desk, &items, &["dns", "delete", "{service}", "{rec}"]);
    assert_eq!(seen, ["/services/XX012/dns/--from%3D%2Fetc%2Fhostname", "/services/XX013/dns/--no-validate"]);
    let items = fixture("lists/inject.csv");
    let line = ["ftp", "update", "{service}", "F1", "--additional.description", "{note}"];
    let notes: Vec<Value> =
        shown(&desk, &items, &line).into_iter().map(|(_, body)| body["additional"]["description"].clone()).collect();
    assert_eq!(notes, ["padded", "-y", "--yes"]);
}

#[test]
fn placeholders_stand_for_values_and_name_no_files_elsewhere() {
    let desk = Desk::new();
    desk.file("hostname", "{\"ttl\": {\"value\": 77}}");
    std::fs::create_dir(desk.path("bodies")).unwrap();
    desk.file("bodies/XX012.json", "{\"ttl\": {\"value\": 77}}");
    let items = desk.file(
        "items.json",
        r#"[{"service":"XX012","verb":"set","flag":"--value","out":"../hostname","dash":"-","pw":"env:SWPANEL_TOKEN"}]"#,
    );
    let line = ["dns", "ttl", "set", "{service}", "example.es"];
    let from = |place: &str| [&line[..], &["--from", place]].concat().join(" ");
    for (command, told) in [
        ("dns {verb} XX012".to_owned(), "placeholder in the command itself"),
        ("{verb} list".to_owned(), "placeholder in the command itself"),
        ("dns ttl {verb} {service} example.es".to_owned(), "has no command"),
        ("dns delete -- {service} 1".to_owned(), "has no use in the command of a fleet"),
        ("dns ttl set {service} example.es --{flag} 60".to_owned(), "placeholder in the name of a flag"),
        ("dns ttl set {service} example.es --{flag}=60".to_owned(), "placeholder in the name of a flag"),
        (from("bodies/{out}"), "is not a plain name"),
        (from("{dash}"), "is not a plain name"),
        ("db user create {service} --ip_host 192.0.2.1 --password {pw}".to_owned(), "takes no secret from an item"),
        ("db user create {service} --ip_host 192.0.2.1 --password env:{pw}".to_owned(), "takes no secret from an item"),
        ("db user create {service} --ip_host 192.0.2.1 --password @{out}".to_owned(), "is not a plain name"),
        (r#"dns create {service} --record {"name":{verb}}"#.to_owned(), "valid JSON before"),
        (r#"dns create {service} --record {"{verb}":"x"}"#.to_owned(), "name of a property"),
        ("dns ttl set {service} {nothing} --value 60".to_owned(), "has no `nothing`"),
    ] {
        let said = run(&desk, &["--services", &items, "--yes"], &words(&command)).ends(2);
        assert!(said.err.contains(told), "{command}: {}", said.err);
        assert!(!said.err.contains(desk.emulator.token()), "{command}: {}", said.err);
    }
    assert!(desk.emulator.journal().is_empty());
    let shown = shown(&desk, &items, &words(&from("bodies/{service}.json")));
    assert_eq!(shown[0].1["ttl"]["value"], 77);
    // A flag that is true or false takes the value that follows it.
    let items = desk.file("items.json", r#"[{"service":"XX012","only":"true"}]"#);
    let shown = self::shown(&desk, &items, &words("ftp update {service} F1 --access.read_only {only}"));
    assert_eq!((shown[0].0.as_str(), &shown[0].1["access"]["read_only"]), ("/services/XX012/ftp/F1", &json!(true)));
}

#[test]
fn lists_are_read_as_spreadsheets_write_them() {
    let desk = Desk::new();
    let ttl = |zones: &[&str]| -> Vec<String> {
        zones.iter().enumerate().map(|(at, zone)| format!("/services/XX0{}/dns/ttl/{zone}", at + 12)).collect()
    };
    for (name, zones) in [
        ("bom-crlf.csv", &["example.es", "ejemplo%2C%20s.l."][..]),
        ("excel-es.csv", &["example.es", "ejemplo.es"]),
        ("excel-es.txt", &["example.es", "ejemplo.es"]),
        ("capital.csv", &["example.es"]),
        ("latin1.csv", &["a%C3%B1o.es"]),
        ("utf16.csv", &["a.es"]),
        ("tab.txt", &["a.es"]),
    ] {
        assert_eq!(paths(&desk, &fixture(&format!("lists/{name}")), &TTL), ttl(zones), "{name}");
    }
    assert_eq!(
        paths(&desk, &fixture("lists/hash.csv"), &TTL),
        ["/services/XX012/dns/ttl/%23hash.es", "/services/XX013/dns/ttl/b.es"]
    );
    for name in ["onecol.csv", "onecol.txt", "quoted.txt"] {
        let list = ["/services/XX012/dns/", "/services/XX013/dns/"];
        assert_eq!(paths(&desk, &fixture(&format!("lists/{name}")), &["dns", "list"]), list, "{name}");
    }
    let note = |name: &str| {
        run(&desk, &["--services", &fixture(&format!("lists/{name}")), "--dry-run"], &["dns", "list"]).ends(0).err
    };
    assert!(note("onecol.txt").contains("`service`, is read as the name of the column"), "{}", note("onecol.txt"));
    assert!(note("latin1.csv").contains("it was read as Windows-1252"), "{}", note("latin1.csv"));
    let sep = desk.file("sep.csv", "sep=;\r\nServicio;service;zone\r\n1;XX012;\"a;b.es\"\r\n");
    assert_eq!(paths(&desk, &sep, &TTL), ["/services/XX012/dns/ttl/a%3Bb.es"]);
    let several = desk.file("several.csv", "service,zone\nXX012,a.es\nXX012,b.es\nXX013,c.es\n");
    let said = run(&desk, &["--services", &several, "--dry-run"], &TTL).ends(0);
    assert!(said.err.contains("3 items for 2 services: XX012 is in 2 of them"), "{}", said.err);
    assert!(desk.emulator.journal().is_empty());
}

#[test]
fn lists_that_would_lose_something_are_refused() {
    let desk = Desk::new();
    for (name, told) in [
        ("dupcol.csv", "the column `zone` is there twice"),
        ("trailing-empty.csv", "line 3: every cell is empty"),
        ("trailing-empty1.csv", "line 3: every cell is empty"),
        ("noheader.txt", "it has XX012, example.es"),
        ("headonly.csv", "there are no items"),
        ("empty.csv", "is empty"),
    ] {
        let said = run(&desk, &["--services", &fixture(&format!("lists/{name}")), "--yes"], &TTL).ends(2);
        assert!(said.err.contains(told), "{name}: {}", said.err);
    }
    for (name, bytes, told) in [
        ("ragged.csv", &b"service,zone\nXX012,a.es\nXX013\n"[..], "line 3: 1 cells, but the first line names 2"),
        ("open.csv", b"service,zone\nXX012,\"a.es\nXX013,b.es\n", "line 2: a quote is not closed"),
        ("both.csv", b"service,zone;x\nXX012,a.es\n", "both `,` and `;`"),
        ("list.txt", b"XX012\nXX013;a.es\n", "line 2: `XX013;a.es` is more than one value"),
        ("words.txt", b"XX012 a.es\n", "is more than one value"),
        ("heading.txt", b"cliente\nXX012\nXX013\n", "looks like the name of a column"),
        ("book.csv", b"PK\x03\x04\x14\0", "is a workbook"),
        ("no-mark.csv", b"s\0e\0r\0v\0i\0c\0e\0\n\0", "UTF-16 without a byte order mark"),
        ("mixed.csv", b"service,zone\nXX012,a\xc3\xb1o.es\nXX013,a\xf1o.es\n", "line 3 is not valid UTF-8"),
        ("twice.json", b"[{\"service\":\"XX012\",\"zone\":\"a.es\",\n\"zone\":\"b.es\"}]", "`0.zone` twice (line 2)"),
        (
            "twice.jsonl",
            b"{\"service\":\"XX012\",\"zone\":\"a.es\"}\n{\"zone\":\"a.es\",\"zone\":\"b.es\"}\n",
            "line 2` ",
        ),
        ("same.csv", b"service,zone\nXX012,a.es\nXX012,a.es\n", "line 3 is the same as line 2"),
    ] {
        std::fs::write(desk.path(name), bytes).unwrap();
        let said = run(&desk, &["--services", desk.path(name).to_str().unwrap(), "--yes"], &TTL).ends(2);
        assert!(said.err.contains(told.trim_end_matches("` ")), "{name}: {}", said.err);
    }
    assert!(desk.emulator.journal().is_empty(), "nothing was sent");
}

/// Names and contents of all files in the home of a desk.
fn files(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = std::fs::read_dir(desk.home.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn a_fleet_writes_over_none_of_its_files() {
    let desk = Desk::new();
    copy(&desk, "fleet/clients.csv", "clients.csv");
    copy(&desk, "fleet/three.json", "three.json");
    desk.file("body.csv", "{\"ttl\": {\"value\": 300}}");
    desk.file("pw.jsonl", "S3cr3t\n");
    std::fs::create_dir(desk.path("sub")).unwrap();
    std::fs::hard_link(desk.path("clients.csv"), desk.path("hard.csv")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("clients.csv", desk.path("link.csv")).unwrap();
        std::os::unix::fs::symlink("later.journal", desk.path("dangling.csv")).unwrap();
    }
    let before = files(&desk);
    let ttl = TTL.join(" ");
    let from = "dns ttl set {service} {zone} --from body.csv".to_owned();
    let password = "mail mailbox update {service} a@a.es --password @pw.jsonl".to_owned();
    for (flags, command) in [
        ("--services clients.csv --results clients", &ttl),
        ("--services clients.csv --results ./clients", &ttl),
        ("--services clients.csv --results sub/../clients", &ttl),
        ("--services clients.csv --results hard", &ttl),
        ("--services link.csv --results clients", &ttl),
        ("--services clients.csv --journal clients.csv", &ttl),
        ("--services clients.csv --journal ./sub/../clients.csv", &ttl),
        ("--services three.json --journal run.jsonl --results run", &ttl),
        ("--services three.json --journal run.csv --results ./run", &ttl),
        ("--services three.json --journal RUN.jsonl --results run", &ttl),
        ("--services three.json --journal later.journal --results dangling", &ttl),
        ("--services three.json --results body", &from),
        ("--services three.json --results pw", &password),
        ("--services clients.csv --results clients --overwrite", &ttl),
    ] {
        if cfg!(not(unix)) && (flags.contains("link") || flags.contains("dangling")) {
            continue;
        }
        for more in ["--yes", "--dry-run"] {
            let said = run(&desk, &words(&format!("{flags} {more}")), &words(command)).ends(2);
            assert!(said.err.contains("would be overwritten; nothing was sent"), "{flags}: {}", said.err);
        }
        assert_eq!(files(&desk), before, "{flags}");
    }
    // Standard input is a file, too.
    let line = ["fleet", "run", "--services", "-", "--results", "clients", "--yes", "--"];
    let mut command = desk.command(&[&line[..], &TTL].concat());
    command.stdin(std::fs::File::open(desk.path("clients.csv")).unwrap());
    Said::of(command.output().unwrap()).ends(2);
    assert_eq!(files(&desk), before);
    assert!(desk.emulator.journal().is_empty(), "nothing was sent");
}

#[test]
fn the_plain_names_work_and_the_journal_stays() {
    let desk = Desk::new();
    copy(&desk, "fleet/clients.csv", "clients.csv");
    copy(&desk, "fleet/three.json", "three.json");
    let input = std::fs::read(desk.path("clients.csv")).unwrap();
    let one = words("--services clients.csv --journal clients.journal --yes");
    run(&desk, &one, &["dns", "list", "{service}"]).ends(0);
    assert_eq!(std::fs::read(desk.path("clients.csv")).unwrap(), input);
    assert!(desk.path("clients.results.csv").exists() && desk.path("clients.results.jsonl").exists());
    // A journal may have any name, and one item that is unknown is not lost.
    for journal in ["run.jsonl", "other.csv", "plain"] {
        run(&desk, &["--services", "three.json", "--journal", journal, "--yes"], &["dns", "list", "{service}"]).ends(0);
        let status = desk.run(&["fleet", "status", journal, "-o", "json"]).ends(0).json();
        assert_eq!(status["done"], 3, "{journal}");
        desk.run(&["fleet", "resume", journal]).ends(0);
        let again =
            run(&desk, &["--services", "three.json", "--journal", journal], &["dns", "list", "{service}"]).ends(2);
        assert!(again.err.contains(&format!("`swpanel fleet resume {journal}` goes on")), "{}", again.err);
    }
}

#[test]
fn a_file_of_somebody_else_is_replaced_only_where_that_is_asked_for() {
    let desk = Desk::new();
    let items = copy(&desk, "fleet/three.json", "three.json");
    let flags = ["--services", &items, "--results", "report", "--yes"];
    let list = ["dns", "list", "{service}"];
    for (name, text) in [("report.csv", "cliente;precio\nP\u{e9}rez;12\n"), ("report.jsonl", "{\"item\":1}\n")] {
        let path = desk.file(name, text);
        let said = run(&desk, &flags, &list).ends(2);
        assert!(said.err.contains("was not written by swpanel") && said.err.contains("--overwrite"), "{}", said.err);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert!(desk.emulator.journal().is_empty());
        std::fs::remove_file(&path).unwrap();
    }
    let kept = desk.file("report.csv", "mine\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o000)).unwrap();
        run(&desk, &flags, &list).ends(2);
    }
    assert!(std::path::Path::new(&kept).exists());
    run(&desk, &[&flags[..], &["--overwrite"]].concat(), &list).ends(0);
    // Its own results it renews.
    run(&desk, &flags, &list).ends(0);
    assert!(std::fs::read_to_string(desk.path("report.csv")).unwrap().starts_with("item,name,state"));
    // A resumed run looks again, wherever it is resumed from.
    let journal = desk.path("kept.journal").to_str().unwrap().to_owned();
    run(&desk, &[&flags[..], &["--journal", &journal]].concat(), &list).ends(0);
    let text = desk.file("report.csv", "mine\n");
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = desk.command(&["fleet", "resume", &journal]);
    command.current_dir(elsewhere.path());
    Said::of(command.output().unwrap()).ends(2);
    assert_eq!(std::fs::read_to_string(text).unwrap(), "mine\n");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn other_commands_write_over_none_of_their_files_either() {
    let desk = Desk::new();
    let zone = desk.run(&words("dns export XX012 example.es")).ends(0).out;
    desk.file("z.zone", &zone);
    desk.file("notes.txt", "mine\n");
    let seen = desk.emulator.journal().len();
    for (out, told) in [
        ("z.zone", "would be overwritten"),
        ("./z.zone", "would be overwritten"),
        ("notes.txt", "was not written by swpanel"),
        ("/dev/null", "is not a regular file"),
        (".", "is a directory"),
    ] {
        let before = files(&desk);
        let said = desk.run(&["dns", "plan", "XX012", "example.es", "z.zone", "--out", out]);
        assert!(said.code != 0 && said.err.contains(told), "{out}: {said:?}");
        assert_eq!(files(&desk), before);
    }
    assert_eq!(desk.emulator.journal().len(), seen, "nothing was sent");
    // An older plan is renewed.
    for _ in 0..2 {
        desk.run(&words("dns plan XX012 example.es z.zone --out plan.json")).ends(0);
    }
    desk.file("swpanel-dns.1", "mine\n");
    desk.file("swpanel.1", "mine\n");
    let said = desk.run(&words("man --all .")).ends(2);
    assert!(said.err.contains("swpanel.1"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(desk.path("swpanel.1")).unwrap(), "mine\n");
}

#[test]
fn a_fleet_that_changes_something_is_not_sent_unasked() {
    let desk = Desk::new();
    let items = copy(&desk, "fleet/three.json", "three.json");
    for (command, told) in [
        ("hosting stop {service}", "this stops each item"),
        ("cloud start {service}", "this starts each item"),
        ("ftp stop {service} F1", "this stops each item"),
        ("dns ttl set {service} {zone} --value 60", "this changes each item"),
        ("dns create {service} --zone {zone} --type A --name x --ip 192.0.2.1", "this creates something"),
        ("dnssec delete {service} --domain {zone}", "this deletes"),
        ("cloud clone {service}", "order that costs money"),
    ] {
        let said = run(&desk, &["--services", &items, "-o", "json"], &words(command)).ends(9).failure();
        let text = said.to_string();
        assert_eq!(said["kind"], "not-confirmed", "{command}: {said}");
        for told in [told, "3 items: XX012", "XX014"] {
            assert!(text.contains(told), "{command}: {told}: {said}");
        }
        run(&desk, &["--services", &items, "--dry-run"], &words(command)).ends(0);
    }
    assert!(desk.emulator.journal().is_empty(), "nothing was sent");
    assert_eq!(files(&desk).len(), 1, "and nothing was written");
    run(&desk, &["--services", &items], &["dns", "list", "{service}"]).ends(0);
}

#[test]
fn results_are_safe_in_a_spreadsheet_and_exact_for_programs() {
    let desk = Desk::new();
    let items = desk.file("items.json", r#"[{"a":"=1+1","service":"XX012"}]"#);
    run(&desk, &["--services", &items, "--results", "out"], &["dns", "list", "{service}"]).ends(0);
    let table = std::fs::read_to_string(desk.path("out.csv")).unwrap();
    assert!(table.contains("\n1,'=1+1 XX012,done,"), "{table}");
    let lines = std::fs::read_to_string(desk.path("out.jsonl")).unwrap();
    assert!(lines.contains(r#""name":"=1+1 XX012""#), "{lines}");
}

#[test]
fn a_journal_that_was_cut_within_a_letter_is_resumed() {
    let desk = Desk::new();
    let items = copy(&desk, "fleet/three.json", "three.json");
    run(&desk, &["--services", &items, "--journal", "run.journal"], &["dns", "list", "{service}"]).ends(0);
    let whole = std::fs::read(desk.path("run.journal")).unwrap();
    let lines = whole.iter().filter(|byte| **byte == b'\n').count();
    // What a kill left of the next line: the first byte of a letter, or zeros that the file system put there.
    for torn in [&b"{\"item\":2,\"message\":\"a\xc3"[..], b"\0\0\0\0"] {
        std::fs::write(desk.path("run.journal"), [&whole[..], torn].concat()).unwrap();
        let status = desk.run(&words("fleet status run.journal -o json")).ends(0).json();
        assert_eq!(status["done"], 3);
        desk.run(&words("fleet resume run.journal")).ends(0);
        let kept = std::fs::read(desk.path("run.journal")).unwrap();
        assert_eq!(kept.iter().filter(|byte| **byte == b'\n').count(), lines);
        assert!(kept.ends_with(b"\n") && std::str::from_utf8(&kept).is_ok());
    }
}
