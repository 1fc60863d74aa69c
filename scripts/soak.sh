#!/usr/bin/env bash
# A long run with snapshots: reports resident memory, threads and open files once a minute, and fails when memory at the end is more
# than a tenth over that of minute 2.
#
# Usage: scripts/soak.sh [minutes=10]
set -euo pipefail
minutes=${1:-10}
akkarl=$(cd "$(dirname "$0")/.." && pwd)/src/Host/bin/Release/net10.0/akkarl
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$akkarl" train cartpole --run-folder "$work/run" --quiet --steps 1e15 --set stop-when-solved=off --set evaluation.interval-steps=1000000 \
  --set metrics.interval-steps=1000000 > "$work/out" 2>&1 &
process=$!
for ((minute = 1; minute <= minutes; minute++)); do
  sleep 60
  resident=$(awk '/VmRSS/ { print $2 }' /proc/$process/status)
  printf 'minute %2d: %7d kB resident, %3d threads, %3d files, %s\n' "$minute" "$resident" "$(ls /proc/$process/task | wc -l)" "$(ls /proc/$process/fd | wc -l)" "$(du -sh "$work/run" | cut -f1)"
  ((minute == 2)) && baseline=$resident
done
kill -INT "$process"
wait "$process" || true
tail -12 "$work/out"
echo "minute 2: $baseline kB, end: $resident kB"
((resident * 10 <= baseline * 11))
