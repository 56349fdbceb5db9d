//! What mutations start from: the documents of this repository, and small files of each other kind.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::mutate::{Seed, Seeds, tree};
use crate::arguments::FuzzTarget;
use crate::outcome::Failure;
use crate::regular;
use crate::workspace::{DOCUMENT, UPSTREAM, Workspace};

/// Documents of small size, where a checkout has them.
const FOLDERS: [&str; 3] =
    ["build-tools/tests/changes", "build-tools/tests/fixtures/defects", "build-tools/tests/fixtures/forms"];
/// Of a large document so many operations are taken: a change in one of a hundred takes as long as a hundred changes.
const SLICE: usize = 6;

const ZONES: [&str; 4] = [
    "$TTL 1h\n$ORIGIN example.es.\n@ IN SOA ns1 host ( 1 ; serial\n 2 3 4 5 )\n  IN NS ns1.example.es.\nwww 300 IN A 192.0.2.1\n    \
     IN AAAA 2001:DB8::1\nshop CNAME www\n@ MX 10 mail\n_sip._tcp SRV 1 2 5060 sip.example.net.\n_443._tcp.www TLSA 3 1 1 ( AB\n CD \
     )\ntxt TXT \"a; b\" \"c\\\"d\"\n",
    "@ IN TXT \"v=spf1 -all\"\n_dmarc IN TXT \"v=DMARC1; p=none\"\nk._domainkey TXT ( \"v=DKIM1; p=\"\n \"AAAA\\010\\\\\" )\n",
    "\u{feff}a\\.b IN A 192.0.2.1\r\n* 60 IN CNAME example.net.\r\nxn--n3h IN MX 0 .\r\n$ORIGIN sub.example.es.\r\n@ CAA 0 issue \"x\"\r\n",
    "a 1w2d IN PTR b\nb IN TYPE65280 \\# 4 00010203\n\tIN NS ns\n;only a comment\n$INCLUDE other\n",
];

const LISTS: [&str; 6] = [
    "service,name\nXX001,a\nXX002,\"b, c\"\n# note,d\nXX003,\"e\nf\"\n",
    "service;name\nXX001;ñ\nXX002;\"b; c\"\n",
    "\u{feff}service\r\nXX001\r\n\r\nXX002 # two\r\n",
    "name,name\na,b\n",
    "service,value\n#1,--no-validate\n=1+1,-x\n , \n",
    "service\tname\nXX001\ta\n",
];

const JOURNALS: [&str; 2] = [
    "{\"swpanel_fleet\":1,\"command\":[\"dns\",\"list\"],\"profile\":null,\"account\":\"test\",\"token\":\"t\",\"base_url\":\"http://127.0.0.1:1\",\
     \"document\":\"\",\"idempotent\":false,\"results\":null,\"created\":0,\"items\":[{\"service\":\"XX0\"},{\"service\":\"XX1\"},{\"service\":\
     \"XX2\"}]}\n{\"item\":0,\"state\":\"begun\"}\n{\"item\":0,\"state\":\"done\",\"status\":200,\"answer\":{\"a\":1}}\n{\"item\":1,\"state\":\
     \"begun\"}\n{\"item\":2,\"state\":\"begun\"}\n{\"item\":1,\"state\":\"failed\",\"status\":400}\n{\"item\":2,\"state\":\"done\"}\n",
    "{\"swpanel_fleet\":1,\"command\":[\"a\"],\"account\":\"x\",\"items\":[{\"service\":\"a\"}]}\n{\"item\":0,\"state\":\"begun\"}\n{\"token\":\
     \"n\"}\n{\"item\":0,\"state\":\"unsent\"}\n{\"item\":0,\"state\":\"begun\"}\n{\"item\":0,\"state\":\"done\"}\n",
];

/// The first line is the status.
const STATUSES: [&str; 9] = ["200\n", "200\n", "200\n", "201\n", "204\n", "400\n", "404\n", "429\n", "502\n"];

pub(super) fn of(target: FuzzTarget, workspace: &Workspace) -> Result<Seeds, Failure> {
    let texts = |texts: &[&str]| texts.iter().map(|text| Seed::Text(text.as_bytes().to_vec())).collect();
    let (seeds, heads, pairs) = match target {
        FuzzTarget::Ingest => (documents(workspace)?, Vec::new(), false),
        FuzzTarget::Diff => (documents(workspace)?, Vec::new(), true),
        FuzzTarget::Zone => (texts(&ZONES), Vec::new(), false),
        FuzzTarget::Csv => (texts(&LISTS), Vec::new(), false),
        FuzzTarget::Journal => (texts(&JOURNALS), Vec::new(), false),
        FuzzTarget::Guard => (responses(), STATUSES.to_vec(), false),
    };
    Ok(Seeds { seeds, heads, pairs })
}

fn responses() -> Vec<Seed> {
    let bodies = [
        json!({"result": [{"id": "XX1", "state": "active"}], "message": "ok"}),
        json!({"Error code": "#APIGENE25", "Error message": "no results"}),
        json!({"Error code": null, "Error message": null, "result": {}}),
        json!({"result": {"Error code": "within", "a": [1, 2.5, "x", null]}}),
        json!([{"message": "a"}, 1]),
    ];
    let texts =
        ["200\n", "200\n<html><body>gateway</body></html>", "502\n<html>", "200\n\u{feff}{\"a\":1}", "429\nslow down"];
    bodies.into_iter().map(Seed::Tree).chain(texts.map(|text| Seed::Text(text.as_bytes().to_vec()))).collect()
}

fn documents(workspace: &Workspace) -> Result<Vec<Seed>, Failure> {
    let mut files: Vec<PathBuf> = FOLDERS.iter().flat_map(|folder| listed(&workspace.path(folder))).collect();
    files.sort();
    let mut seeds = Vec::new();
    for file in files {
        let bytes = regular::read_whole(&file).unwrap_or_default();
        let Some(whole) = tree(&bytes) else {
            seeds.push(Seed::Text(bytes));
            continue;
        };
        // A file of a change has two documents in it.
        let of_change = ["old", "new"].iter().filter_map(|key| whole.get(key).cloned());
        seeds.extend(of_change.map(Seed::Tree));
        if whole.get("paths").is_some() {
            seeds.push(Seed::Tree(whole));
            seeds.push(Seed::Text(bytes));
        }
    }
    for file in [DOCUMENT, UPSTREAM] {
        let Some(whole) = workspace.read(file)?.as_deref().and_then(tree) else { continue };
        let paths: Vec<_> = whole.get("paths").and_then(|paths| paths.as_object()).into_iter().flatten().collect();
        for slice in paths.chunks(SLICE) {
            let mut part = whole.clone();
            if let Some(place) = part.get_mut("paths") {
                *place = slice.iter().map(|(key, value)| ((*key).clone(), (*value).clone())).collect();
            }
            seeds.push(Seed::Tree(part));
        }
    }
    Ok(seeds)
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}
