#!/usr/bin/env bash
# Our detection next to a peer on the same rules and events, in one run: how fast each is, and whether they match the same.
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
usage: bench/detect.sh --data DIR --peer DIR [--rounds N] [--events FILE]...

  --data DIR     holds sigma-rules*.tar.zst, and event sets evtx-flat/*.ndjson[.zst] and windows-*.ndjson[.zst]
  --peer DIR     source of the peer: a cargo package whose program takes --rules DIR --events FILE --mode M --dump OUT
  --rounds N     rounds over each event set, ours and the peer in turn (3)
  --events FILE  measure this set instead of those in --data; may be given several times
TEXT
  exit 2
}

data='' peer='' rounds=3 events=()
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --data) data=$2 ;;
    --peer) peer=$2 ;;
    --rounds) rounds=$2 ;;
    --events) events+=("$(realpath -- "$2")") ;;
    *) usage ;;
  esac
  shift 2
done
[ -d "$data" ] && [ -f "$peer/Cargo.toml" ] || usage
data=$(realpath -- "$data") peer=$(realpath -- "$peer")
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step "building ours (release)"
cargo build --locked --ignore-rust-version --release -p bailiwick-detect -p bailiwick-event --example dump --example throughput
ours=$(realpath target/release/examples)

step "building a copy of the peer (release)"
# A copy, so that nothing is written beside the given one; under bench/target, so that a second run builds nothing.
rm -rf bench/target/peer
mkdir -p bench/target/peer
cp -R --preserve=timestamps --no-preserve=mode "$peer/." bench/target/peer/
cargo build --release --ignore-rust-version --manifest-path bench/target/peer/Cargo.toml --target-dir bench/target/build
name=$(sed -n 's/^name *= *"\(.*\)"/\1/p' bench/target/peer/Cargo.toml | head -n 1)
peer_program=$(realpath "bench/target/build/release/$name")

step "unpacking rules and events"
mkdir "$work/rules"
shopt -s nullglob
archives=("$data"/sigma-rules*.tar.zst)
[ ${#archives[@]} -eq 1 ] || { echo "$data: expected one sigma-rules*.tar.zst, found ${#archives[@]}" >&2; exit 1; }
zstd -dcq "${archives[0]}" | tar -xf - -C "$work/rules"
if [ ${#events[@]} -eq 0 ]; then
  events=("$data"/evtx-flat/*.ndjson "$data"/evtx-flat/*.ndjson.zst "$data"/windows-*.ndjson "$data"/windows-*.ndjson.zst)
fi
[ ${#events[@]} -gt 0 ] || { echo "$data: no event sets" >&2; exit 1; }

step "machine"
echo "$(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg), $(rustc --version)"

# Line numbers and rule ids, each pair once, in one order for both.
matches() { LC_ALL=C sort -u "$1"; }

compare() {
  matches "$work/ours.tsv" >"$work/ours.sorted"
  matches "$work/peer.tsv" >"$work/peer.sorted"
  local only_ours only_peer
  only_ours=$(LC_ALL=C comm -23 "$work/ours.sorted" "$work/peer.sorted" | wc -l)
  only_peer=$(LC_ALL=C comm -13 "$work/ours.sorted" "$work/peer.sorted" | wc -l)
  echo "matches: ours $(wc -l <"$work/ours.sorted"), peer $(wc -l <"$work/peer.sorted"), only ours $only_ours, only peer $only_peer"
  LC_ALL=C comm -3 "$work/ours.sorted" "$work/peer.sorted" | head -n 5
}

for set in "${events[@]}"; do
  step "$(basename "$set")"
  file=$work/events.ndjson
  case $set in
    *.zst) zstd -dcq "$set" >"$file" ;;
    *) cp "$set" "$file" ;;
  esac
  for _ in $(seq "$rounds"); do
    "$ours/dump" --rules "$work/rules" --events "$file" --dump "$work/ours.tsv" | sed 's/^/ours  /'
    "$peer_program" --rules "$work/rules" --events "$file" --mode bucketflat | sed -n 's/^mode/peer  mode/p'
    "$peer_program" --rules "$work/rules" --events "$file" --mode bucket --dump "$work/peer.tsv" | sed -n 's/^mode/peer  mode/p'
  done
  "$ours/throughput" "$file" "$rounds" | sed 's/^/ours, to records, wall  /'
  compare
done
