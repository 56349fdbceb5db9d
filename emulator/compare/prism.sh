#!/bin/sh
# Puts the same load on the emulator and on Prism, which mocks the same document, in one run: reads, and updates whose
# body both validate. Only 2xx counts; `load` stops at anything else. Prism is installed into a temporary folder.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
cargo build --quiet --release -p swpanel-emulator --example load --bin swpanel-emulator
folder=$(mktemp -d)
trap 'kill $emulator $prism 2>/dev/null || true; rm -rf "$folder"' EXIT
emulator= prism=
npm install --silent --no-audit --no-fund --prefix "$folder" @stoplight/prism-cli@5.16

target/release/swpanel-emulator --port 0 >"$folder/emulator" 2>/dev/null &
emulator=$!
node "$folder/node_modules/.bin/prism" mock -h 127.0.0.1 -p 4010 swpanel-api.json >"$folder/prism" 2>&1 &
prism=$!
until grep -q '^token: ' "$folder/emulator" && grep -q 'is listening' "$folder/prism"; do sleep 0.2; done
base=$(sed -n 's/^base url: //p' "$folder/emulator")
token=$(sed -n 's/^token: //p' "$folder/emulator")

echo "== Prism"
target/release/examples/load http://127.0.0.1:4010 "$prism"
echo "== swpanel-emulator"
target/release/examples/load "$base" "$emulator" "$token"
