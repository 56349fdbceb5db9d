//! What is learnt without asking anybody: `observe` from recorded traffic, and `examples` from example clients. Secrets are
//! planted in every place of a HAR file and of a recording, and none comes out. The example clients are invented: the
//! vendor's are not here.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::{Copy, Ran, copy_folder, workspace};
use serde_json::{Value, json};

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn observe(copy: &Copy, sources: &[&str], more: &[&str]) -> Ran {
    copy.xtask(&[&["observe", "--format", "json"], sources, more].concat())
}

/// A folder beside the copy: what is given is not what is written.
fn beside() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// An entry as browsers write it, a secret in each place that has a text.
fn entry(method: &str, url: &str, status: u16, body: &Value) -> Value {
    let pairs = |of: &str| json!([{"name": format!("planted-{of}-name"), "value": format!("planted-{of}-value"), "comment": "PLANTED-COMMENT"}]);
    json!({
        "_connectionId": "PLANTED-CONNECTION", "_priority": "PLANTED-PRIORITY", "pageref": "PLANTED-PAGE",
        "_initiator": {"type": "script", "stack": {"callFrames": [{"url": "https://PLANTED.example/PLANTED-FRAME.js"}]}},
        "startedDateTime": "2026-11-28T10:00:00.000Z", "serverIPAddress": "PLANTED-ADDRESS", "connection": "PLANTED-PORT",
        "cache": {"beforeRequest": {"eTag": "PLANTED-TAG"}}, "timings": {"comment": "PLANTED-TIMING"}, "time": 424_242,
        "comment": "PLANTED-ENTRY",
        "request": {
            "method": method, "url": url, "httpVersion": "PLANTED-VERSION", "bodySize": 1, "comment": "PLANTED-REQUEST",
            "headers": [
                {"name": "Authorization", "value": "Bearer planted_bearer_token"},
                {"name": "Cookie", "value": "session=planted_cookie_of_session"},
                {"name": "X-PLANTED-HEADER", "value": "PLANTED-HEADER-VALUE"},
            ],
            "cookies": pairs("request-cookie"), "queryString": pairs("query"),
            "postData": {"mimeType": "application/json", "params": pairs("parameter"),
                "text": "{\"password\": \"planted_password\", \"planted_property\": [\"planted_item\"]}"},
        },
        "response": {
            "status": status, "statusText": "PLANTED-TEXT", "redirectURL": "PLANTED-REDIRECT", "headers": pairs("header"),
            "cookies": pairs("response-cookie"),
            "content": {"size": 10, "mimeType": "application/json", "text": body.to_string(), "comment": "PLANTED-CONTENT"},
        },
    })
}

fn har(entries: &[Value]) -> Vec<u8> {
    let log = json!({
        "version": "1.2", "creator": {"name": "PLANTED-CREATOR"}, "browser": {"name": "PLANTED-BROWSER"},
        "pages": [{"id": "PLANTED-PAGE", "title": "https://PLANTED.example/PLANTED-TITLE"}], "comment": "PLANTED-LOG",
        "entries": entries,
    });
    serde_json::to_vec(&json!({"PLANTED": "PLANTED", "log": log})).unwrap()
}

const API: &str = "https://api.swpanel.com/v2026";

/// A session in which everything that may be somebody's is marked.
fn session() -> Vec<Value> {
    let answer = |number: usize| {
        json!({"message": "planted message", "result": {
            "id": number, "status": "active", "planted_bearer_token": 1, "planted_cookie_of_session": {"a": 1},
            "planted_password": 2, "planted@example.es": 3, "PLANTEDSERVICE": 4, "note": format!("planted note {number}"),
        }})
    };
    let mut entries: Vec<Value> = (0..3)
        .map(|number| {
            entry("POST", &format!("{API}/services/PLANTEDSERVICE/cron/?planted=planted"), 200, &answer(number))
        })
        .collect();
    let url = format!("{API}/services/PLANTEDSERVICE/ftp/PLANTED%2FACCOUNT");
    entries.push(entry("DELETE", &url, 200, &json!({"message": "planted", "result": {"deleted": true}})));
    entries.push(entry(
        "GET",
        &format!("{API}/services/"),
        200,
        &json!({"result": [{"id": "PLANTED-ID", "planted_item": 1}]}),
    ));
    entries.push(entry("POST", "https://PLANTED.example/v2026/services/x/cron/", 200, &json!({"planted": 1})));
    entries.push(entry("PLANTED", &format!("{API}/services/"), 200, &json!({})));
    entries.push(entry("GET", &format!("{API}/PLANTED/services/"), 200, &json!({})));
    entries.push(entry(
        "PUT",
        &format!("{API}/services/PLANTEDSERVICE/cron/7"),
        500,
        &json!({"Error message": "planted"}),
    ));
    entries
}

/// Nothing that was planted is in what a run printed or left.
fn nothing_planted(copy: &Copy, ran: &Ran) {
    let mut texts =
        vec![("standard output".to_owned(), ran.out.clone()), ("standard error".to_owned(), ran.err.clone())];
    let written = copy.state().into_iter().filter(|(name, _)| name.starts_with("target/") || name.contains("out."));
    texts.extend(written.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())));
    for (name, text) in texts {
        let lower = text.to_lowercase();
        let found = lower.find("planted").map(|at| &text[at.saturating_sub(80)..(at + 40).min(text.len())]);
        assert_eq!(found, None, "{name}");
        assert!(!text.contains("424242"), "{name}");
    }
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "its addresses are those of the reconstruction")]
fn a_session_types_what_is_no_get_and_nothing_planted_comes_out() {
    let (copy, folder) = (Copy::new(), beside());
    let path = folder.path().join("session.har");
    std::fs::write(&path, har(&session())).unwrap();
    let path = path.to_str().unwrap();
    let ran = observe(&copy, &[path], &[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    nothing_planted(&copy, &ran);
    let counts = &json_of(&ran)["traffic"]["counts"];
    assert_eq!(
        (&counts["exchanges"], &counts["used"], &counts["other_hosts"]),
        (&json!(9), &json!(6), &json!(1)),
        "{counts}"
    );
    assert_eq!(counts["unknown"], json!({"(another method) /v2026/services": 1, "GET /v2026/{}/services": 1}));
    let text = copy.xtask(&["observe", path]);
    nothing_planted(&copy, &text);
    assert!(
        text.out.starts_with("read          1 file: 9 exchanges, 6 used, of 4 operations (3 not GET)\n"),
        "{}",
        text.out
    );

    // Taken over, the response of each operation is its own, though the document has one schema for all of them.
    copy.write("overlays/010-observed.json", copy.read("target/probe/observed.overlay.json").as_bytes());
    let synced = copy.xtask(&["sync"]);
    assert_eq!(synced.code, Some(4), "{synced:?}");
    let document: Value = serde_json::from_str(&copy.read("swpanel-api.json")).unwrap();
    let schema = |path: &str, method: &str| {
        document["paths"][path][method]["responses"]["2XX"]["content"]["application/json"]["schema"].clone()
    };
    let result = |schema: &Value| schema["allOf"][1]["properties"]["result"]["properties"].clone();
    let cron = result(&schema("/services/{service}/cron/", "post"));
    assert_eq!(
        (&cron["id"]["type"], &cron["status"]["type"], &cron["note"]["type"]),
        (&json!("integer"), &json!("string"), &json!("string"))
    );
    assert_eq!(result(&schema("/services/{service}/ftp/{ftp_account}", "delete"))["deleted"]["type"], "boolean");
    assert_eq!(
        schema("/services/{service}/cloud/start/", "post"),
        json!({"$ref": "#/components/schemas/WriteResponse"})
    );
    let listing = copy.read("client/public-api.txt");
    assert!(listing.contains("deleted"), "the generated client has the property");
    let again = observe(&copy, &[path], &[]);
    assert_eq!((again.code, &json_of(&again)["outcome"]), (Some(0), &json!("nothing")), "{again:?}");
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "its addresses are those of the reconstruction")]
fn a_recording_of_the_client_is_read_like_a_session() {
    let (copy, folder) = (Copy::new(), beside());
    let file = |number: usize, exchange: &Value| {
        let name = format!("{number:06}-POST-services-PLANTED-cron.json");
        std::fs::write(folder.path().join(name), serde_json::to_vec_pretty(exchange).unwrap()).unwrap();
    };
    let exchange = json!({
        "request": {"method": "POST", "path": "/services/PLANTEDSERVICE/cron/", "query": "planted=planted",
            "body": {"user": "planted_user", "password": "REDACTED"}},
        "response": {"status": 201, "headers": {"date": "PLANTED", "x-swpanel-emulator-basis": "guessed"},
            "json": {"message": "planted", "result": {"id": 7, "planted_user": true, "token": "REDACTED"}}},
    });
    (1..4).for_each(|number| file(number, &exchange));
    file(
        4,
        &json!({"request": {"method": "DELETE", "path": "/services/PLANTED/cron/PLANTED"},
        "response": {"status": 500, "text": "<html>planted</html>"}}),
    );
    let path = folder.path().to_str().unwrap();
    let ran = observe(&copy, &[path], &["--out", copy.path("out.json").to_str().unwrap()]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    nothing_planted(&copy, &ran);
    let report = json_of(&ran);
    assert_eq!((&report["emulator"], &report["traffic"]["counts"]["used"]), (&json!(true), &json!(4)), "{report:#}");
    let overlay = copy.read("out.json");
    assert!(overlay.contains("\"x-sensitive\": true") && overlay.contains("\"id\""), "{overlay}");
    // A HAR file and a recording are read together.
    let session_file = folder.path().join("more.har");
    std::fs::write(&session_file, har(&session())).unwrap();
    let both = observe(&copy, &[path, session_file.to_str().unwrap()], &[]);
    assert_eq!(json_of(&both)["traffic"]["counts"]["exchanges"], 13, "{both:?}");
    nothing_planted(&copy, &both);
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "its addresses are those of the reconstruction")]
fn another_address_is_said_and_other_hosts_are_not_read() {
    let (copy, folder) = (Copy::new(), beside());
    let path = folder.path().join("own.har");
    let entries = [entry(
        "POST",
        "https://panel.planted.example:8443/v2026/services/x/cron/",
        200,
        &json!({"result": {"id": 1}}),
    )];
    std::fs::write(&path, har(&entries)).unwrap();
    let path = path.to_str().unwrap();
    let ran = observe(&copy, &[path], &[]);
    nothing_planted(&copy, &ran);
    let error = &json_of(&ran)["error"];
    assert_eq!((ran.code, &error["name"]), (Some(100), &json!("nothing-read")), "{ran:?}");
    assert!(error["hint"].as_str().unwrap().contains("--base-url"), "{error}");
    let ran = observe(&copy, &[path], &["--base-url", "https://panel.planted.example:8443/v2026"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    for (sources, more) in [
        (vec![path], vec!["--base-url", "panel.example"]),
        (vec![path], vec!["--base-url", "https://planted:planted@panel.example/"]),
        (vec![], vec!["--base-url", "https://panel.example/v1"]),
    ] {
        let wrong = observe(&copy, &sources, &more);
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
    }
}

#[test]
fn broken_traffic_is_rejected_and_nothing_is_written() {
    let (copy, folder) = (Copy::new(), beside());
    let before = copy.state();
    let whole = har(&session());
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::create_dir(folder.path().join("other")).unwrap();
    let good = write("good.har", &whole);
    write("other/1.json", b"{\"request\": \"PLANTED\"}");
    for (path, name) in [
        (write("cut.har", &whole[..whole.len() - 3]), "traffic-rejected"),
        (write("other.har", b"{\"log\": \"PLANTED\"}"), "traffic-rejected"),
        (write("page.har", b"<html>PLANTED</html>"), "traffic-rejected"),
        (write("empty.har", b""), "traffic-rejected"),
        (folder.path().join("other").to_str().unwrap().to_owned(), "traffic-rejected"),
        (folder.path().join("empty").to_str().unwrap().to_owned(), "no-recording"),
        (folder.path().join("none.har").to_str().unwrap().to_owned(), "unreadable"),
    ] {
        // A good file before it makes no difference.
        let ran = observe(&copy, &[&good, &path], &[]);
        let report = json_of(&ran);
        assert_eq!((ran.code, report["error"]["name"].as_str()), (Some(100), Some(name)), "{ran:?}");
        assert!(report["error"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
        nothing_planted(&copy, &ran);
        assert_eq!(copy.state(), before, "{path}");
    }
}

/// A checkout of the invented clients, with its history.
fn checkout() -> tempfile::TempDir {
    let folder = beside();
    copy_folder(&workspace().join("xtask/tests/fixtures/examples"), folder.path());
    git(&folder, "init --quiet --initial-branch main");
    commit(&folder);
    folder
}

fn git(folder: &tempfile::TempDir, words: &str) {
    let settings = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    let done = std::process::Command::new("git")
        .arg("-C")
        .arg(folder.path())
        .args(settings)
        .args(words.split(' '))
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

fn commit(folder: &tempfile::TempDir) {
    git(folder, "add --all");
    git(folder, "commit --quiet --message state");
}

fn edit(folder: &tempfile::TempDir, file: &str, from: &str, to: &str) {
    common::edit(&folder.path().join(file), from, to);
}

#[test]
fn a_commit_of_the_vendor_becomes_a_classified_diff() {
    let (copy, folder) = (Copy::new(), checkout());
    let path = folder.path().to_str().unwrap();
    let none = copy.xtask(&["examples", path, "--against", "git:HEAD"]);
    assert_eq!(none.code, Some(0), "{none:?}");
    assert!(none.out.contains("older         git:HEAD: 0 changes\n"), "{}", none.out);

    edit(&folder, "python/app/ui/crons/cron_ui.py", "int(number)", "str(number)");
    edit(&folder, "python/app/ui/crons/cron_ui.py", "int(weekdays)", "str(weekdays)");
    edit(
        &folder,
        "python/app/core/menus/crons/cron_menu.py",
        "    elif option == \"2\":\n        get_cron_users()",
        "    # elif option == \"2\":\n    #     get_cron_users()",
    );
    edit(&folder, "bash/app/examples/ftp.sh", "/ftp/\"\n", "/ftp/accounts/\"\n");
    edit(
        &folder,
        "php/app/examples/cloud-post.php",
        "/cloud/start/');",
        "/cloud/start/');\n$client->post('/services/' . $service . '/cloud/\u{1b}[31mreset/');\n$client->delete(\"/services/$service/snapshots/\", ['date' => \"2026-01-01\n::error::x\"]);",
    );
    commit(&folder);
    let ran = copy.xtask(&["examples", path, "--against", "git:HEAD~1"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains("\n::error"), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
    let report = json_of(&copy.xtask(&["examples", path, "--against", "git:HEAD~1", "--format", "json"]));
    assert_eq!(report["outcome"], "differs");
    let kinds: Vec<&str> =
        report["changes"].as_array().unwrap().iter().map(|change| change["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"withdrawn") && kinds.contains(&"type-changed"), "{kinds:?}");

    // An older checkout in a folder of its own says the same.
    let older = beside();
    git(&folder, &format!("worktree add --quiet {} HEAD~1", older.path().join("old").display()));
    let same = copy.xtask(&["examples", path, "--against", older.path().join("old").to_str().unwrap()]);
    let changes = |text: &str| text.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(changes(&same.out), changes(&ran.out));
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "its operations are those of the reconstruction")]
fn a_checkout_is_held_against_the_document() {
    let (copy, folder) = (Copy::new(), checkout());
    let page = beside();
    let file = page.path().join("manual.html");
    std::fs::write(&file, "<p>New: <code>POST</code> <code>/services/:service/clone/</code></p>").unwrap();
    let ran = copy.xtask(&["examples", folder.path().to_str().unwrap(), "--page", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let shown: String =
        ran.out.lines().filter(|line| !line.starts_with("removed ")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(shown);
}

#[test]
fn what_is_no_checkout_is_rejected() {
    let (copy, folder) = (Copy::new(), checkout());
    let path = folder.path().to_str().unwrap();
    let empty = beside();
    let empty = empty.path().to_str().unwrap();
    for (arguments, code, name) in [
        (vec![empty], 100, "no-examples"),
        (vec!["/no/such/folder"], 2, "usage"),
        (vec![path, "--against", "git:none"], 100, "unreadable"),
        (vec![path, "--against", "git:--output=x"], 2, "usage"),
        (vec![path, "--against", "git:"], 2, "usage"),
        (vec![path, "--against", "/no/such/folder"], 2, "usage"),
        (vec![path, "--page", "/no/such/page"], 100, "unreadable"),
    ] {
        let ran = copy.xtask(&[&["examples", "--format", "json"], arguments.as_slice()].concat());
        assert_eq!((ran.code, json_of(&ran)["error"]["name"].as_str()), (Some(code), Some(name)), "{ran:?}");
    }
    // Links lead nowhere, and what is no text is passed over.
    #[cfg(unix)]
    {
        let other = beside();
        std::fs::write(other.path().join("a.py"), "c.get('/planted/')").unwrap();
        std::os::unix::fs::symlink(other.path(), folder.path().join("linked")).unwrap();
        std::os::unix::fs::symlink(other.path().join("a.py"), folder.path().join("b.py")).unwrap();
        std::fs::write(folder.path().join("c.py"), b"c.get('/planted/')\xff").unwrap();
        let ran = copy.xtask(&["examples", path]);
        assert!(!ran.out.contains("planted"), "{ran:?}");
    }
}
