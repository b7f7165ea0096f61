#!/usr/bin/env bash
# curl and nothing else. Called with the root of the API and a product; prints "step<TAB>outcome<TAB>detail" for each step.
set -euo pipefail

url=$1
product=$2
process=$url/processes/senseiv2-cloudmask
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
step=describe

fail() {
  printf '%s\tfailed\t%s\n' "$step" "$*"
  exit 1
}
ok() { printf '%s\tok\t%s\n' "$step" "$*"; }
# First value of a member in JSON that we know the form of.
member() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
ask() { curl --silent --show-error --fail-with-body --max-time 60 "$@" || fail "$(cat "$folder/error" 2> /dev/null || true)"; }

title=$(ask "$process" | member title) || fail "no description"
ok "$title"

step=execute
ask -D "$folder/headers" -o "$folder/created" -H 'Content-Type: application/json' \
  -d "{\"inputs\":{\"product\":\"$product\",\"stride\":512}}" "$process/execution"
grep -q '^HTTP/1.1 201' "$folder/headers" || fail "$(head -n 1 "$folder/headers")"
job=$(grep -i '^location:' "$folder/headers" | tr -d '\r' | cut -d ' ' -f 2)
case $job in "$url"/jobs/*) ok "$job" ;; *) fail "Location is $job" ;; esac

step=poll
for _ in $(seq 400); do
  status=$(ask "$job" | member status)
  case $status in
    successful) break ;;
    accepted | running) sleep 0.3 ;;
    *) fail "the job is $status" ;;
  esac
done
[ "$status" = successful ] || fail "the job is still $status"
ok "$status"

step=results
mask=$(ask "$job/results" | grep -o '"cloud_mask":{[^}]*}' | member href)
case $mask in "$url"/*.tif) ok "cloud_mask" ;; *) fail "the link is $mask" ;; esac

step=open
ask -I -o "$folder/head" "$mask"
size=$(grep -i '^content-length:' "$folder/head" | tr -dc 0-9)
ask -o "$folder/mask.tif" "$mask"
[ "$(stat -c %s "$folder/mask.tif")" = "$size" ] || fail "HEAD and GET differ in length"
ask -r 0-3 -o "$folder/magic" "$mask"
[ "$(od -An -tx1 "$folder/magic" | tr -d ' ')" = 49492a00 ] || fail "the first bytes are no TIFF's"
beside=$(curl -s -o "$folder/beside" -w '%{http_code} %{size_download}' "$mask.aux.xml")
[ "$beside" = '404 11' ] || fail "a name beside the mask answers $beside"
ok "$size bytes"

step=dismiss
status=$(ask -X DELETE -H 'Content-Type: application/json' "$job" | member status)
[ "$status" = dismissed ] || fail "the job is $status"
ok "$status"
