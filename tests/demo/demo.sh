#!/usr/bin/env bash
# The main job on a simulated Bitbucket: `./dev demo` builds and calls this. With --once it ends after the first sync.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
once=no
[ "${1:-}" = --once ] && once=yes

bin=${BUILD:-$PWD/build/dev}
state=$(mktemp -d "${TMPDIR:-/tmp}/evidenced-demo.XXXXXX")
sim='' daemon=''
stop() {
  trap - EXIT INT TERM
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  [ -z "$sim" ] || kill "$sim" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$state"
}
trap stop EXIT
trap 'stop; exit 0' INT TERM

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
shown() { printf '\033[2m$ %s\033[0m\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; tail -n 20 "$state"/*.log >&2; exit 1; }
wait_for() { # WHAT COMMAND...
  local what=$1 i
  shift
  for ((i = 0; i < 300; i++)); do
    "$@" && return 0
    sleep 0.1
  done
  fail "$what did not come up"
}

step "1. Bitbucket, simulated: a workspace of 40 repositories, 3,000 pull requests and 60 people, over TLS"
email=demo@example.com
token=ATATT3xFfGF0$(openssl rand -base64 60 | tr -dc 'A-Za-z0-9' | head -c 64)=$(openssl rand -hex 4 | tr a-f A-F)
mkdir "$state/sim"
printf '%s' "$token" >"$state/token" && chmod 600 "$state/token"
"$bin/bitbucket-sim" --workspaces 2 --now "$(date -u -d '-15 days' +%Y-%m-%dT%H:%M:%SZ)" --dir "$state/sim" --port-file "$state/sim/port" --email "$email" --token-file "$state/token" \
  --seed 7 --life 2 --limit 0 >"$state/sim.log" 2>&1 &
sim=$!
wait_for "the simulator" test -s "$state/sim/port"
upstream=https://127.0.0.1:$(<"$state/sim/port")
printf '   %s\n' "$upstream"

step "2. The daemon: init, serve"
shown "evidenced init --config evidenced.toml --state state"
"$bin/evidenced" init --config "$state/evidenced.toml" --state "$state/state" >"$state/init.txt"
key=$(tail -n 1 "$state/init.txt" | awk '{print $NF}')
printf '%s' "$key" >"$state/key" && chmod 600 "$state/key"
# The simulator takes Bitbucket's place, without its limit of 1,000 requests an hour, in which a first sync of this size
# would have to wait; a port that is free takes 8080's.
sed -i -e '/^base_url/d' -e '/^ca_file/d' -e '/^listen/d' -e '/^requests_per_hour/d' "$state/evidenced.toml"
sed -i -e "s|^\[connector\]|&\nbase_url = \"$upstream\"\nca_file = \"$state/sim/ca.pem\"\nrequests_per_hour = 100000|" \
  -e "s|^\[server\]|&\nlisten = \"127.0.0.1:${DEMO_PORT:-0}\"|" "$state/evidenced.toml"
shown "evidenced serve --config evidenced.toml"
"$bin/evidenced" serve --config "$state/evidenced.toml" >"$state/daemon.log" 2>&1 &
daemon=$!
port_of() { grep -oE '127\.0\.0\.1:[0-9]+' "$state/daemon.log" | head -n 1; }
wait_for "the daemon" port_of >/dev/null
url=http://$(port_of)
printf '   %s\n' "$url"

step "3. Register a source with a POST"
shown "curl -X POST $url/v1/sources -H 'Authorization: Bearer ev_…' -d '{\"kind\":\"bitbucket_cloud\",…}'"
jq -n --arg email "$email" --rawfile token "$state/token" '{kind: "bitbucket_cloud", name: "Acme",
    credential: {type: "atlassian_api_token", email: $email, token: $token}, workspaces: "all", start_sync: true}' |
  curl -sS --fail-with-body -X POST "$url/v1/sources" -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' --data-binary @- -o "$state/source.json" ||
  { cat "$state/source.json" >&2; fail "the source was refused"; }
jq '{id, name, state, workspaces, credential: {email: .credential.email, days_left: .credential.days_left}}' \
  "$state/source.json"
source=$(jq -r .id "$state/source.json")

step "4. Watch the sync"
export EVIDENCED_URL=$url EVIDENCED_API_KEY_FILE=$state/key
sync=$(curl -sS "$url/v1/syncs?source=$source" -H "Authorization: Bearer $key" | jq -r '.items[0].id')
shown "evidenced sync watch $sync"
"$bin/evidenced" sync watch "$sync" || fail "the sync did not succeed"

step "5. Fetch the artifacts"
shown "evidenced artifact kinds"
"$bin/evidenced" artifact kinds
shown "curl '$url/v1/artifacts?kind=pull_request&limit=3'"
curl -sS "$url/v1/artifacts?kind=pull_request&limit=3" -H "Authorization: Bearer $key" |
  jq '.items[] | {id, repository, title, approvals: [.content.participants[]? | select(.approved) | .user.display_name]}'

[ "$once" = yes ] && { step "Done."; exit 0; }

step "6. More to look at: other accounts, and weeks of change"
# shellcheck source=tests/demo/fill.sh
. tests/demo/fill.sh
fill

step "The console is open until Ctrl-C. This link signs in once, within an hour:"
link=$(api -X POST "$url/v1/sign-in-links" | jq -r .url)
printf '   %s\n' "$link"
step "Or try, in another terminal:"
cat <<TEXT
   export EVIDENCED_URL=$url EVIDENCED_API_KEY_FILE=$state/key PATH=\$PATH:$bin
   evidenced key link
   evidenced source list
   evidenced artifact list --kind branch_restriction
   evidenced artifact export --kind pull_request -o csv > pull_requests.csv
   evidenced sync start $source --wait
   curl -H "Authorization: Bearer \$(cat \$EVIDENCED_API_KEY_FILE)" \$EVIDENCED_URL/v1/status
TEXT
wait "$daemon"
