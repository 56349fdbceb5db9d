#!/usr/bin/env bash
# CPU time of building a program from nothing: one that depends on this client, beside one with reqwest and serde alone
# (the same TLS). Then the client once more after an edit of the document. Sources are downloaded beforehand.
# Usage: tests/benches/cold-build.sh, from anywhere in the workspace. Needs a few minutes and 2 GB under target/.
set -euo pipefail
cd "$(dirname "$0")/../.."
top=$PWD place=$PWD/target/cold-build
rm -rf "$place" && mkdir -p "$place"

program() { # name, dependencies
  mkdir -p "$place/$1/src"
  printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n[dependencies]\n%s\n' "$1" "$2" >"$place/$1/Cargo.toml"
  cp "$top/Cargo.lock" "$place/$1/Cargo.lock"
  cat >"$place/$1/src/main.rs"
}

program bare 'reqwest = { version = "0.13.5", default-features = false, features = ["json", "query", "http2", "gzip", "rustls-no-provider"] }
rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
rustls-platform-verifier = "0.7"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt"] }' <<'MAIN'
#[tokio::main(flavor = "current_thread")]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let answer = reqwest::Client::new().get("https://127.0.0.1/").bearer_auth("t").send().await;
    println!("{:?}", answer.map(|answer| answer.status()));
}
MAIN
program ours "swpanel = { path = \"$top/client\" }
tokio = { version = \"1\", features = [\"macros\", \"rt\"] }" <<'MAIN'
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = swpanel::Client::builder().token("t").base_url("https://127.0.0.1/").build().unwrap();
    println!("{:?}", client.raw("GET", "/services/").send().await.map(|answer| answer.status()));
}
MAIN

# User and system time in seconds, of the command and all it started.
cpu() { local TIMEFORMAT='%U %S'; { time "$@" >/dev/null 2>"$place/log"; } 2>&1 | awk '{printf "%.1f", $1 + $2}'; }
for one in bare ours; do cargo fetch --quiet --manifest-path "$place/$one/Cargo.toml"; done
build() { cargo build --quiet --offline --manifest-path "$place/$1/Cargo.toml" --target-dir "$place/$1/target"; }

bare=$(cpu build bare)
ours=$(cpu build ours)
touch "$top/swpanel-api.json"
again=$(cpu build ours)
echo "cold build, CPU seconds: $bare with reqwest and serde alone, $ours with this client: $(awk "BEGIN {printf \"%.2f\", $ours / $bare}") times"
echo "after an edit of the document: $again CPU seconds"
