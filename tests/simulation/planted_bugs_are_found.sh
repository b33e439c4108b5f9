#!/usr/bin/env bash
# Each planted bug is found, by the one checker that is there for it and within a few seeds. Without a plant the same
# seeds pass (simulation_fixed).
set -euo pipefail
failed=0
while read -r plant _; do
  if "$1" --plant "$plant" --expect-failure --seed 1 --seeds 25 --steps 1500 | grep '^found'; then continue; fi
  echo "not found within 25 seeds: $plant" >&2
  failed=1
done < <("$1" --plants)
exit $failed
