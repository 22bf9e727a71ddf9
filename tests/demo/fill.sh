# shellcheck shell=bash disable=SC2154
# What the demo has beside the first source: sourced by demo.sh, whose state, upstream, url, key and source it uses.

api() { curl -sS --fail-with-body -H "Authorization: Bearer $key" -H 'Content-Type: application/json' "$@"; }
simulator() { curl -sS --fail-with-body --cacert "$state/sim/ca.pem" "$@"; }

# A little later than that day: what is left is told in whole days.
days_ahead() { date -u -d "+$1 days +1 hour" +%Y-%m-%dT%H:%M:%SZ; }

# account JSON: issues a credential at the simulator; prints its number, e-mail and token on a line.
account() { simulator -X POST "$upstream/_sim/tokens" -d "$1" | jq -r '[.index, .email, .token] | @tsv'; }

# register NAME EXPIRY WORKSPACES TAGS < email and token on a line: prints the id of the source.
register() {
  local email token
  IFS=$'\t' read -r email token
  jq -n --arg name "$1" --arg expires "$2" --argjson workspaces "$3" --argjson tags "$4" --arg email "$email" \
    --arg token "$token" '{kind: "bitbucket_cloud", name: $name, workspaces: $workspaces, tags: $tags,
      credential: {type: "atlassian_api_token", email: $email, token: $token, expires_at: $expires}}' |
    api -X POST "$url/v1/sources" --data-binary @- | jq -r .id
}

# settled SOURCE...: waits until no sync of these runs or waits.
settled() {
  local source i
  for source in "$@"; do
    for ((i = 0; i < 600; i++)); do
      [ "$(api "$url/v1/syncs?source=$source&limit=1" | jq -r '.items[0].state')" = 'done' ] && break
      sleep 0.2
    done
  done
}

# fault JSON: what befalls the simulator's answers until healed. A path has the id of a repository, not its name.
fault() { simulator -X POST "$upstream/_sim/faults" -d "$1" >/dev/null; }
healed() { simulator -X DELETE "$upstream/_sim/faults" >/dev/null; }

# sync SOURCE: a sync of it, to its end.
sync_once() { api -X POST "$url/v1/sources/$1/syncs" -d '{"mode":"incremental"}' >/dev/null && settled "$1"; }

fill() {
  local number email token slugs largest first second expiring reader dead round
  mapfile -t slugs < <(simulator "$upstream/_sim/repositories" | jq -r '[.[].workspace] | unique[]')
  largest=$(simulator "$upstream/_sim/repositories" | jq -r 'max_by(.pull_requests).uuid | ltrimstr("{") | rtrimstr("}")')

  IFS=$'\t' read -r number email token < <(account '{"email": "platform@example.com", "person": 1, "role": "admin"}')
  second=$(register "Platform team" "$(days_ahead 180)" "[\"${slugs[1]:-${slugs[0]}}\"]" '["team"]' <<<"$email"$'\t'"$token")

  IFS=$'\t' read -r number email token < <(account '{"email": "mobile@example.com", "person": 2, "role": "admin"}')
  expiring=$(register "Mobile apps" "$(days_ahead 9)" "[\"${slugs[0]}\"]" '["team","mobile"]' <<<"$email"$'\t'"$token")

  local scopes='["read:user:bitbucket","read:workspace:bitbucket","read:project:bitbucket","read:repository:bitbucket",
    "read:pullrequest:bitbucket","read:pipeline:bitbucket"]'
  IFS=$'\t' read -r number email token < <(account \
    '{"email": "audit@example.com", "person": 3, "role": "member", "scopes": '"$scopes"'}')
  reader=$(register "Audit, read-only" "$(days_ahead 320)" "[\"${slugs[0]}\"]" '["audit"]' <<<"$email"$'\t'"$token")

  IFS=$'\t' read -r number email token < <(account '{"email": "legacy@example.com", "person": 4, "role": "admin"}')
  dead=$(register "Legacy archive" "$(days_ahead 40)" "[\"${slugs[1]:-${slugs[0]}}\"]" '[]' <<<"$email"$'\t'"$token")
  first=$source
  printf '   four more sources: they sync now\n'
  settled "$first" "$second" "$expiring" "$reader" "$dead"

  # Somebody revokes the token of the last one: it is tried once more after a minute, and given up.
  simulator -X POST "$upstream/_sim/tokens/$number" -d '{"revoked": true}' >/dev/null
  api -X POST "$url/v1/sources/$dead/syncs" -d '{"mode":"incremental"}' >/dev/null
  # The days go by: things change, and syncs see it. Bitbucket's pipelines have bad days: of one repository there is
  # no answer, later those of three are cut; the day after, all is read again.
  for round in 1 2 3 4 5 6 7 8; do
    simulator -X POST "$upstream/_sim/live?minutes=2400" >/dev/null
    case $round in
      4) fault "{\"kind\": \"status\", \"contains\": \"$largest%7D/pipelines\", \"status\": 502, \"count\": 0}" ;;
      5 | 7) fault '{"kind": "not_json", "contains": "/pipelines", "count": 3}' ;;
    esac
    sync_once "$first"
    healed
    [ $((round % 3)) != 0 ] || sync_once "$second"
  done
  settled "$dead"
  printf '   %s syncs, %s artifacts\n' "$(api "$url/v1/syncs?limit=500" | jq '.items | length')" \
    "$(api "$url/v1/status" | jq .artifacts)"
}
