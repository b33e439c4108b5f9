#!/usr/bin/env bash
# The same seed gives the same run, in another process too; another seed another one.
set -euo pipefail
first=$("$1" --seed 7 --seeds 3 --steps 300 --trace | grep trace)
again=$("$1" --seed 7 --seeds 3 --steps 300 --trace | grep trace)
[ "$first" = "$again" ] || { printf 'two runs of the same seeds differ:\n%s\n%s\n' "$first" "$again" >&2; exit 1; }
[ "$(sed 's/.*trace //' <<<"$first" | sort -u | wc -l)" -eq 3 ] || { echo "different seeds gave the same run" >&2; exit 1; }
