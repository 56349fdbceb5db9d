#!/bin/sh
# Lets schemathesis draw thousands of calls from the document, sound and unsound, and look for a 5xx or an answer that
# the document does not allow. Once as it is, once with unknown members accepted, so that more calls get through.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here"
cargo build --quiet --release -p swpanel-emulator
folder=$(mktemp -d)
emulator=
trap 'kill $emulator 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet schemathesis

for switches in "" "--unknown-members"; do
    # shellcheck disable=SC2086 # no switch is no argument
    target/release/swpanel-emulator --port 0 $switches >"$folder/emulator" 2>/dev/null &
    emulator=$!
    until grep -q '^token: ' "$folder/emulator"; do sleep 0.1; done
    base=$(sed -n 's/^base url: //p' "$folder/emulator")
    token=$(sed -n 's/^token: //p' "$folder/emulator")
    echo "== switches: ${switches:-none}"
    "$folder/python/bin/schemathesis" run --url "$base" -H "Authorization: Bearer $token" --seed 1 -n 15 --mode all \
        --phases examples,coverage,fuzzing \
        --checks not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance \
        swpanel-api.json
    kill "$emulator"
done
