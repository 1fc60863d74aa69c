#!/usr/bin/env bash
# Long runs. Both fail when something leaks.
#
# Usage: scripts/soak.sh minutes [minutes=10] [workers=2]
#          A run with snapshots: resident memory, threads and open files once a minute; memory at the end within a tenth of that of minute 2.
#        scripts/soak.sh faults [faults=1000]
#          A CartPole run that suffers that many faults of every kind and must end at 475 or more, with its steps and every fault counted
#          (tests/AkkaRL.Actors.Tests/Runs/SoakTests.cs, which the test suite runs with fewer).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

soak_minutes() {
  local minutes=$1 workers=$2 work process minute resident baseline=0
  work=$(mktemp -d)
  trap "rm -rf '$work'" EXIT
  "$root/src/Host/bin/Release/net10.0/akkarl" train cartpole --run-folder "$work/run" --quiet --steps 1e15 --set "workers=$workers" \
    --set stop-when-solved=off --set evaluation.interval-steps=1000000 --set metrics.interval-steps=1000000 > "$work/out" 2>&1 &
  process=$!
  for ((minute = 1; minute <= minutes; minute++)); do
    sleep 60
    resident=$(awk '/VmRSS/ { print $2 }' "/proc/$process/status")
    printf 'minute %2d: %7d kB resident, %3d threads, %3d files, %s\n' "$minute" "$resident" "$(ls "/proc/$process/task" | wc -l)" \
      "$(ls "/proc/$process/fd" | wc -l)" "$(du -sh "$work/run" | cut -f1)"
    if ((minute == 2)); then baseline=$resident; fi
  done
  kill -TERM "$process"
  wait "$process" || true
  tail -12 "$work/out"
  echo "minute 2: $baseline kB, end: $resident kB"
  ((resident * 10 <= baseline * 11 && resident * 10 >= baseline * 9))
}

case ${1:-} in
  minutes) soak_minutes "${2:-10}" "${3:-2}" ;;
  faults) AKKARL_SOAK_FAULTS=${2:-1000} dotnet test "$root/tests/AkkaRL.Actors.Tests" -c Release --filter SoakTests --logger "console;verbosity=detailed" ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
