#!/usr/bin/env bash
# Kills deterministic runs with SIGKILL at random moments, resumes them, and compares the final parameters with the uninterrupted run's.
#
# Usage: scripts/kill-and-resume.sh [kills=200] [seed=1] [steps=600000] [what to train=cartpole]
# What to train is an experiment, or options of akkarl train: scripts/kill-and-resume.sh 20 1 100000 --env Pendulum-v1 --set algorithm=sac
# One kill of ten comes before the process has stored a snapshot, the others up to a tenth of a second after one of its first six: between two.
# No step that was reported as stored may be lost. Prints one line a run, and fails at the first difference. The moments come from the seed.
set -euo pipefail
kills=${1:-200} seed=${2:-1} steps=${3:-600000}
what=("${@:4}")
((${#what[@]})) || what=(cartpole)
akkarl=$(cd "$(dirname "$0")/.." && pwd)/src/Host/bin/Release/net10.0/akkarl
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
RANDOM=$seed
options=(--deterministic --steps "$steps" --set stop-when-solved=off --set evaluation.interval-steps=20000
  --set evaluation.final-episodes=0 --set snapshots.interval-steps=7000)
hash() { sed -n 's/.*"parametersSha256": "\([0-9a-f]*\)".*/\1/p' "$1/summary.json"; }
steps_of() { grep "\"kind\":\"$2\"" "$1/metrics.jsonl" | sed 's/.*"globalStep":\([0-9]*\).*/\1/'; }
number() { local digits=${1//[^0-9]/}; echo "${digits:-0}"; }

killed=0 early=0 run=0
while ((killed < kills)); do
  run=$((run + 1)) name=$(((seed - 1) * 1000 + run))
  rm -rf "$work/whole" "$work/run"
  "$akkarl" train "${what[@]}" "${options[@]}" --quiet --seed "$name" --run-folder "$work/whole" > "$work/out" 2>&1
  expected=$(hash "$work/whole")
  here=0 stored=0 resumed=0
  while :; do
    mkfifo "$work/lines"
    "$akkarl" train "${what[@]}" "${options[@]}" --seed "$name" --run-folder "$work/run" --resume > "$work/lines" 2>> "$work/out" &
    process=$!
    exec 3< "$work/lines"
    rm "$work/lines"
    ((killed < kills)) && snapshots=$((RANDOM % 10 == 0 ? 0 : 1 + RANDOM % 6)) || snapshots=-1
    wanted=$snapshots milliseconds=$((RANDOM % (snapshots == 0 ? 1000 : 100)))
    while ((snapshots != 0)) && read -r line <&3; do
      case $line in
        *"snapshot at "*)
          stored=$(number "${line##*snapshot at }")
          snapshots=$((snapshots - 1)) ;;
        "Resumed at step "*)
          resumed=${line#Resumed at step }
          resumed=$(number "${resumed%% *}")
          ((resumed >= stored)) || { echo "run $name: step $stored was stored, but the run went on from $resumed"; exit 1; } ;;
      esac
    done
    if ((snapshots == 0)); then
      sleep "$(printf '0.%03d' "$milliseconds")"
      kill -9 "$process" 2> "$work/none" || true
    fi
    code=0
    wait "$process" 2> "$work/none" || code=$?
    exec 3<&-
    if ((code == 137)); then
      killed=$((killed + 1)) here=$((here + 1)) early=$((early + (wanted == 0)))
      continue
    fi
    ((code == 0)) || { echo "run $name: exit code $code"; cat "$work/out"; exit 1; }
    break
  done
  actual=$(hash "$work/run")
  rows=$(steps_of "$work/run" progress | wc -l) unique=$(steps_of "$work/run" progress | sort -u | wc -l) whole=$(steps_of "$work/whole" progress | wc -l)
  echo "run $name: $here kills, last resumed at step $resumed, $rows rows ($unique unique, $whole uninterrupted), sha256 ${actual:0:16} $([[ $actual == "$expected" ]] && echo equal || echo "DIFFERENT from ${expected:0:16}")"
  [[ $actual == "$expected" && $rows == "$unique" && $rows == "$whole" ]]
done
echo "$killed kills over $run runs, $early of them before a snapshot of their process: every final parameter equal, no stored step lost"
