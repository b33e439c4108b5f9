#!/usr/bin/env bash
# Each planted bug is found, by the one checker that is there for it and within a few seeds. Without a plant the same
# seeds pass (simulation_fixed).
set -euo pipefail
sim=$1
plants=$("$sim" --plants)  # fails when a checker has no plant
missed=0
while read -r plant _; do
  if ! "$sim" --plant "$plant" --expect-failure --seed 1 --seeds 20 --steps 500 >"$2"; then
    echo "not found by its checker: $plant" >&2
    missed=1
  fi
  grep -E '^(found|FAILED)' "$2" || true
done <<<"$plants"
exit $missed
