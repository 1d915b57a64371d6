#!/usr/bin/env bash
# Generates a picture, waits for it, and saves it as picture.png. Needs curl and jq.
#
#     bash generate.sh "a lighthouse at dusk"
set -euo pipefail

SERVICE=${COMFYGEN_URL:-http://127.0.0.1:8000}
PROMPT=${1:-a lighthouse at dusk}
WITH=(--silent --show-error --fail-with-body ${COMFYGEN_KEY:+--header "X-API-Key: $COMFYGEN_KEY"})

# The same key again is the same job: when no answer comes, ask again and pay once.
job=$(jq -n --arg prompt "$PROMPT" '{prompt: $prompt, title: "from the shell"}' |
    curl "${WITH[@]}" --retry 5 --retry-connrefused --header "Idempotency-Key: $(date +%s)-$$" \
        --json @- "$SERVICE/generate" | jq -r .id)
echo "Accepted: $job"

status=queued
while [[ $status != completed ]]; do
    result=$(curl "${WITH[@]}" "$SERVICE/result/$job")
    status=$(jq -r .status <<<"$result")
    if [[ $status == failed ]]; then
        jq -r .message <<<"$result" >&2
        exit 1
    fi
    [[ $status == completed ]] || sleep 1
done
curl --silent --show-error --fail --output picture.png "$(jq -r .output_url <<<"$result")"   # needs no key
echo "Saved: picture.png"
