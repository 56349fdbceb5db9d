use std::path::{Path, PathBuf};

use super::*;

/// The invented clients, by their paths.
fn fixture() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/tests/fixtures/examples");
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

fn read(files: &BTreeMap<String, String>) -> Extraction {
    extract(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

fn edited(name: &str, from: &str, to: &str) -> BTreeMap<String, String> {
    let mut files = fixture();
    let text = files.get_mut(name).unwrap();
    assert!(text.contains(from), "`{from}` is not in {name}");
    *text = text.replace(from, to);
    files
}

/// The changes that an edit of a file makes, one line each.
fn changes(name: &str, from: &str, to: &str) -> Vec<String> {
    let line = |change: &Change| {
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        format!(
            "{} {} {} {} > {}",
            change.kind.as_str(),
            change.operation,
            part(&change.property),
            part(&change.old),
            part(&change.new)
        )
    };
    compare(&read(&fixture()), &read(&edited(name, from, to))).iter().map(line).collect()
}

fn one(name: &str, text: &str) -> Vec<String> {
    extract([(name, text)]).calls.values().map(shown).collect()
}

/// An operation and its body, in one line.
fn shown(call: &Call) -> String {
    let mut line = call.key();
    for (name, property) in &call.body {
        let literals = property.literals.iter().cloned().collect::<Vec<_>>().join(",");
        line.push_str(&format!("; {name}: {}", compare::types(&property.types)));
        if !literals.is_empty() {
            line.push_str(&format!(" {literals}"));
        }
    }
    line
}

#[test]
fn four_languages_are_read() {
    let extraction = read(&fixture());
    let mut text: String = extraction
        .calls
        .values()
        .map(|call| {
            let written = if call.written == Written::Comment { " (commented out)" } else { "" };
            format!("{}{written}\n", shown(call))
        })
        .collect();
    text.push_str(&format!("{:?} {:?} {:?}\n", extraction.files, extraction.addresses, extraction.left_out));
    insta::assert_snapshot!(text);
}

#[test]
fn each_kind_of_change_is_told() {
    let ui = "python/app/ui/crons/cron_ui.py";
    let service = "python/app/services/crons/crons_service.py";
    // As in the vendor's commit b3b4567: numbers of a cron go as strings.
    assert_eq!(
        changes(ui, "\"number\": int(", "\"number\": str("),
        ["type-changed POST /services/{service}/cron/ every.number integer > string"]
    );
    assert_eq!(
        changes(ui, "\"type\": \"minutes\"", "\"type\": \"minute\""),
        ["literal-changed POST /services/{service}/cron/ every.type \"minutes\" > \"minute\""]
    );
    assert_eq!(
        changes(ui, "\"content\": str", "\"command\": str"),
        [
            "property-added POST /services/{service}/cron/ command - > string",
            "property-removed POST /services/{service}/cron/ content string > -"
        ]
    );
    assert_eq!(
        changes(service, "/cron/users/", "/cron/accounts/"),
        [
            "path-changed GET /services/{service}/cron/accounts/ - /services/{service}/cron/users/ > /services/{service}/cron/accounts/"
        ]
    );
    assert_eq!(
        changes(service, "/cron/users/", "/cron/users"),
        [
            "path-changed GET /services/{service}/cron/users - /services/{service}/cron/users/ > /services/{service}/cron/users (slashes)"
        ]
    );
    assert_eq!(
        changes(service, "self.api.put(", "self.api.post("),
        ["method-changed POST /services/{service}/cron/{cron_id} - PUT > POST"]
    );
    assert_eq!(
        changes(service, "return self.api.delete(\"/services/{}/cron/{}\".format(service, cron_id))", "pass"),
        ["removed DELETE /services/{service}/cron/{cron_id} - - > -"]
    );
    assert_eq!(
        changes(
            ui,
            "def update_cron",
            "def start():\n    requests.post(BASE + '/services/x/cron/start/')\n\n\ndef update_cron"
        ),
        ["added POST /services/x/cron/start/ - - > -"]
    );
    assert_eq!(
        changes("python/.env.example", "v2026", "v2027"),
        ["address-changed  - https://api.swpanel.com/v2026 > https://api.swpanel.com/v2027"]
    );
}

#[test]
fn what_is_only_commented_out_is_withdrawn() {
    // As in the vendor's commit b3b4567: the menu entry goes, the function stays.
    let menu = "python/app/core/menus/crons/cron_menu.py";
    let entry = "    elif option == \"2\":\n        get_cron_users()\n";
    let off = "    # elif option == \"2\":\n    #     get_cron_users()\n";
    assert_eq!(changes(menu, entry, off), ["withdrawn GET /services/{service}/cron/users/ - - > -"]);
    let call = "        return self.api.get(f\"/services/{service}/cron/users/\").get(\"result\", [])";
    let service = "python/app/services/crons/crons_service.py";
    let off = call.replace("return", "# return");
    assert_eq!(changes(service, call, &off), ["withdrawn GET /services/{service}/cron/users/ - - > -"]);
    // A function that nobody calls is a library's.
    let gone = changes(menu, entry, "");
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
fn requests_are_found_however_they_are_written() {
    for (name, text, expected) in [
        ("a.py", "c.get(f\"/a/{x[\"id\"]}/b/{quote(y)}/\")", "GET /a/{id}/b/{y}/"),
        ("a.py", "c.request('POST', '/a/%s/%d/' % (name, 3), json={'n': 1})", "POST /a/{name}/{value}/; n: integer 1"),
        ("a.py", "BASE = 'https://api.swpanel.com/v2026'\nsid = '12'\nc.get(f'{BASE}/a/{sid}')", "GET /a/{sid}"),
        (
            "a.py",
            "c.request(method=\"PUT\", url=\"https://api.swpanel.com/v2026/a/\", json=[1])",
            "PUT /a/; []: integer 1",
        ),
        (
            "a.py",
            "p = '/a/'\np = p + 'b/'\nc.post(p, {'x': None if y else [1.5]})",
            "POST /a/b/; x: null or array; x[]: number 1.5",
        ),
        ("a.py", "c.post('/a/', {**base, 'token': 'PLANTED'})", "POST /a/; token: string"),
        ("a.py", "x = {}\nfor k in y:\n    x['n'] = -1\nc.delete('/a/', x)", "DELETE /a/; n: integer -1"),
        (
            "a.js",
            "axios({ method: 'put', url: `/a/${id}/`, data: { n: +n, s: `${n}` } })",
            "PUT /a/{id}/; n: unknown; s: string",
        ),
        (
            "a.js",
            "class A { async go(id, data) { return this.http.patch('/a/' + id, data) } }\nnew A().go(1, { on: !x })",
            "PATCH /a/{id}; on: boolean",
        ),
        (
            "a.ts",
            "const go = async (d) => api.post('/a/', d);\nconst d2 = { n: parseInt(x, 10) };\ngo(d2)",
            "POST /a/; n: integer",
        ),
        ("a.js", "fetch('/a/b')", "GET /a/b"),
        (
            "a.php",
            "<?php $this->client->delete(\"/a/$id/b/\", ['x' => ['y' => 1.0, 'z' => true]]);",
            "DELETE /a/{id}/b/; x: object; x.y: number 1.0; x.z: boolean true",
        ),
        ("a.php", "<?php callApi('POST', BASE_URL . '/a/', json_encode(['n' => strval($n)]));", "POST /a/; n: string"),
        (
            "a.php",
            "<?php\n$body = <<<JSON\n{\"a\": 1}\nJSON;\n$c->put('/a/', ['n' => $x ?: null, 'm' => (int) $y]);",
            "PUT /a/; m: integer; n: null or unknown",
        ),
        (
            "a.sh",
            "curl -XPUT \"$U/a/$ID/\" --data-raw \"{\\\"n\\\": \\\"$N\\\", \\\"m\\\": $M}\"",
            "PUT /a/{ID}/; m: unknown; n: string",
        ),
        (
            "a.sh",
            "BODY='{\"a\": [1, \"x\"]}'\nclient_post \"/a/\" \"$BODY\"",
            "POST /a/; a: array; a[]: integer or string \"x\",1",
        ),
        ("run", "#!/bin/bash\nif true; then curl \"https://api.swpanel.com/v2026/a/\"; fi", "GET /a/"),
    ] {
        assert_eq!(one(name, text), [expected], "{text}");
    }
}

#[test]
fn what_is_no_request_is_none() {
    for (name, text) in [
        ("a.py", "data.get(\"result\", [])\nopen('/etc/passwd')\nos.path.join('/a', 'b')\nx.update({'/a/': 1})"),
        ("a.py", "def get(self, endpoint):\n    return requests.get(f\"{self.base}{endpoint}\")"),
        ("a.js", "router.get('/', home); x.replace(/post/g, '/y/z w')"),
        ("a.php", "<?php require __DIR__ . '/../client.php'; get('no path');"),
        ("a.sh", "mkdir -p /tmp/post/a\nget /etc/x\necho \"GET\""),
        ("a.txt", "GET /a/b/"),
        ("README.md", "client.get('/services/update/')"),
    ] {
        assert_eq!(one(name, text), [""; 0], "{text}");
    }
}

#[test]
fn any_text_comes_to_an_end() {
    for end in ["py", "js", "php", "sh"] {
        let name = format!("a.{end}");
        for piece in [
            "(",
            "[",
            "{",
            "{\"a\":",
            "f({",
            "x=[x,x];",
            "`${",
            "\"",
            "'''",
            "$(",
            "$((",
            "<<E\n",
            "<<<E\n",
            "\\",
            "/*",
            "f(x if ",
            "a?b:",
            "# f('/a/b/')\n",
            "def f(a):\n ",
            "${",
            "é",
            "-",
            "!",
        ] {
            extract([(name.as_str(), piece.repeat(1000).as_str())]);
        }
        // Values that double with each line.
        let doubling: String = (1..200).map(|n| format!("x{n} = [x{0}, x{0}, x{0}]\n", n - 1)).collect();
        extract([(name.as_str(), format!("x0 = ['a']\n{doubling}c.post('/a/', {{'x': x199}})\n").as_str())]);
    }
    let many: String = (0..4000).map(|_| "x = x + 1\nf(x)\n").collect();
    extract([("a.py", many.as_str())]);
    assert_eq!(extract([("a.py", "#".repeat(MAX_FILE + 1).as_str())]).left_out.len(), 1);
}
