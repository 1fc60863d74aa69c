#!/usr/bin/env bash
# Kills deterministic runs with SIGKILL at random moments, resumes them, and compares the final parameters with the uninterrupted run's.
#
# Usage: scripts/kill-and-resume.sh [kills=200] [seed=1] [steps=600000] [what to train=cartpole]
# What to train is an experiment, or options of akkarl train: scripts/kill-and-resume.sh 20 1 100000 --env Pendulum-v1 --set algorithm=sac
# Prints one line a run, and fails at the first difference. The moments of the kills come from the seed.
set -euo pipefail
kills=${1:-200} seed=${2:-1} steps=${3:-600000}
what=("${@:4}")
((${#what[@]})) || what=(cartpole)
akkarl=$(cd "$(dirname "$0")/.." && pwd)/src/Host/bin/Release/net10.0/akkarl
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
RANDOM=$seed
options=(--deterministic --quiet --steps "$steps" --set stop-when-solved=off --set evaluation.interval-steps=20000
  --set evaluation.final-episodes=0 --set snapshots.interval-steps=7000)
hash() { sed -n 's/.*"parametersSha256": "\([0-9a-f]*\)".*/\1/p' "$1/summary.json"; }

killed=0 run=0 from=0
while ((killed < kills)); do
  run=$((run + 1))
  "$akkarl" train "${what[@]}" "${options[@]}" --seed "$run" --run-folder "$work/whole" > "$work/out" 2>&1
  expected=$(hash "$work/whole")
  rm -rf "$work/run"
  here=0
  while :; do
    "$akkarl" train "${what[@]}" "${options[@]}" --seed "$run" --run-folder "$work/run" --resume > "$work/out" 2>&1 &
    process=$!
    if ((killed < kills)); then
      wait=$((RANDOM % 6000 + 2500))
      # Either the run ends, or it is killed when its time is up.
      (sleep "$((wait / 1000)).$(printf %03d $((wait % 1000)))"; kill -9 "$process" 2> "$work/none") &
      timer=$!
    fi
    code=0
    wait "$process" 2> "$work/none" || code=$?
    kill "$timer" 2> "$work/none" || true
    if ((code == 137)); then
      killed=$((killed + 1)) here=$((here + 1))
      continue
    fi
    ((code == 0)) || { echo "run $run: exit code $code"; cat "$work/out"; exit 1; }
    break
  done
  actual=$(hash "$work/run")
  resumed=$(sed -n 's/.*"resumedAtStep": \([0-9]*\).*/\1/p' "$work/run/summary.json")
  rows=$(grep -c '"kind":"progress"' "$work/run/metrics.jsonl") unique=$(grep '"kind":"progress"' "$work/run/metrics.jsonl" | sed 's/.*"globalStep":\([0-9]*\).*/\1/' | sort -u | wc -l)
  whole=$(grep -c '"kind":"progress"' "$work/whole/metrics.jsonl")
  echo "run $run: $here kills, last resumed at step ${resumed:-0}, $rows rows ($unique unique, $whole uninterrupted), sha256 ${actual:0:16} $([[ $actual == "$expected" ]] && echo equal || echo "DIFFERENT from ${expected:0:16}")"
  [[ $actual == "$expected" && $rows == "$unique" && $rows == "$whole" ]]
  rm -rf "$work/whole"
done
echo "$killed kills over $run runs: every final parameter equal"
