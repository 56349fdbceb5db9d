//! Completion: what the program offers for a line. `shells.rs` has shells that take it up.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

mod common;

use common::completing;

#[test]
fn values_of_flags_and_places_are_offered() {
    let desk = completing();
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
