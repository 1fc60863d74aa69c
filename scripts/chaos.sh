#!/usr/bin/env bash
# Plays faults on real clusters, many times, and prints the table of docs/chaos.md: fault, invariant, tries, result. Fails when any try does.
#
# Usage: scripts/chaos.sh [tries of the learner's kill=20] [tries of every other fault=5] [fault ...]
#        AKKARL_CHAOS_SEED=7 scripts/chaos.sh 20 5 learner-killed worker-cut
# The faults are those of tests/AkkaRL.Chaos.Tests/Faults/Fault.cs. Needs root for network namespaces, iproute2 and, where the kernel has no netem,
# nftables, and PostgreSQL (.ci/postgres installs it). A try takes about half a minute. The moments of the faults come from the seed.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
kills=${1:-20} tries=${2:-5}
faults=("${@:3}")
if ((${#faults[@]} == 0)); then
  mapfile -t faults < <(sed -n 's/^ *new("\([a-z-]*\)",.*/\1/p' "$root/tests/AkkaRL.Chaos.Tests/Faults/Fault.cs")
fi
rows=$(mktemp) log=$(mktemp) status=0
trap 'rm -f "$rows" "$log"' EXIT
dotnet build "$root/tests/AkkaRL.Chaos.Tests" -c Release --nologo -v quiet >&2 || exit 1
for fault in "${faults[@]}"; do
  count=$tries
  [ "$fault" = learner-killed ] && count=$kills
  AKKARL_CHAOS_FAULT=$fault AKKARL_CHAOS_TRIES=$count AKKARL_CHAOS_ROWS=$rows \
    dotnet test "$root/tests/AkkaRL.Chaos.Tests" -c Release --no-build --filter FullyQualifiedName~FullSet --logger "console;verbosity=detailed" > "$log" 2>&1 || {
    status=1
    cat "$log" >&2
  }
  grep -E '^ *Try [0-9]+: FaultPlayed' "$log" >&2
done
echo "| Fault | What must come of it | Tries | Held |"
echo "|---|---|---|---|"
cat "$rows"
exit "$status"
