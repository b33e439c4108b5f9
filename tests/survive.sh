#!/usr/bin/env bash
# Makes the figures of "nothing is lost, whatever breaks" and writes them down with their command and commit.
# Part 1, the simulation (tests/simulation): a million injected faults over a thousand seeds, no promise broken.
#   tests/survive.sh [--seeds 1000] [--steps 4000] [--from SEED] [--jobs N] [--piece 50] [--through "COMMAND ..."]
#                    [--preset release] [--no-build] [--out FILE.md]
# Part 2, killed for real: hub, adapter, the active hub of a cluster and etcd's leader so often each under load; the disk
# of hub and adapter without power. With the cluster's gaps into tests/survive/killed.md.
#   tests/survive.sh --kills N [--cuts 20] [--preset release] [--no-build] [--out FILE.md]
#   --from      the first seed; without it, one from the clock: printed, and part of the written command
#   --jobs      runs at the same time; by default one for each core
#   --piece     seeds between two lines of progress. Pieces that are done are kept in build/<preset>/survive, so the same
#               command goes on where it was broken off
#   --through   a command that each piece is run by, for example "nice -n 19"
#   --out       where the results go; by default tests/survive/simulation.md
# Exit: 0 no promise broken, 1 one was (the line "again:" has it again), 2 wrong use, 3 the build failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
asked="tests/survive.sh${*:+ $*}"
seeds=1000 steps=4000 from="" jobs=$(nproc) piece=50 through="" preset=release build=1 out="" kills=0 cuts=20
while [ $# -gt 0 ]; do
  case "$1" in
    --seeds | --steps | --from | --jobs | --piece | --kills | --cuts)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { echo "$1 takes a number, not '${2:-}'" >&2; exit 2; }
      printf -v "${1#--}" %s "$2"; shift 2 ;;
    --through) through=$2; shift 2 ;;
    --preset) preset=$2; shift 2 ;;
    --no-build) build=0; shift ;;
    --out) out=$2; shift 2 ;;
    -h | --help) sed -n '2,15p' "$0"; exit 0 ;;
    *) echo "unknown option $1; see --help" >&2; exit 2 ;;
  esac
done
if [ "$kills" != 0 ]; then
  if [ "$build" = 1 ]; then
    cmake --preset "$preset" -Wno-dev >/dev/null && cmake --build --preset "$preset" --target liandong-hub liandong-adapter liandong pygen || exit 3
  fi
  out=${out:-tests/survive/killed.md}
  export LIANDONG_BUILD=$PWD/build/$preset PYTHONDONTWRITEBYTECODE=1 LIANDONG_KILLS=$kills LIANDONG_POWER_CUTS=$cuts
  mkdir -p "$(dirname "$out")"
  said=$(mktemp)
  trap 'rm -f "$said" "$out.part"' EXIT
  # told WORDS PROGRAM [ARGUMENTS]: runs a promise's test; prints its lines that begin so.
  told() {
    /usr/bin/python3 tests/promises/"${@:2}" >"$said" 2>&1 || { cat "$said" >&2; exit 1; }
    grep -oE "($1).*" "$said" | sed 's/^/- /'
  }
  told '[0-9]+ receipts, ' promise_16_cluster_takes_over.py --kills "$kills" --out "$out.part" --asked "$asked" >"$out.lines"
  {
    printf '\nAfter all of it, on three nodes:\n\n'
    cat "$out.lines"
    printf '\nHub and adapter on one machine, each killed under load (`promise_10`); their disk as it was at the last receipt (`promise_01`):\n\n'
    told 'hub killed|adapters killed' promise_10_a_process_may_die.py
    told 'power cuts|control|SKIPPED' promise_01_power_cut.py
  } >>"$out.part"
  rm "$out.lines"
  mv "$out.part" "$out"
  cat "$out"
  exit
fi
out=${out:-tests/survive/simulation.md}
if [ -z "$from" ]; then
  from=$(date +%s%6N)
  asked+=" --from $from"
fi
if [ "$build" = 1 ]; then
  cmake --preset "$preset" -Wno-dev >/dev/null && cmake --build --preset "$preset" --target liandong-sim || exit 3
fi
sim=build/$preset/bin/liandong-sim
commit=$(git rev-parse --short=12 HEAD)
# What is not committed cannot be had again by its commit.
[ -z "$(git status --porcelain -- hub routing adapters security protos tests/simulation deploy/county/site)" ] ||
  commit+=" with changes that are not committed"

work=build/$preset/survive/$(sha256sum "$sim" | cut -c1-16)-$from-$steps
mkdir -p "$work"
for ((at = from; at < from + seeds; at += piece)); do
  count=$((from + seeds - at < piece ? from + seeds - at : piece))
  file=$work/$at-$count
  if [ ! -e "$file" ]; then
    # shellcheck disable=SC2086
    $through "$sim" --seed "$at" --seeds "$count" --steps "$steps" --jobs "$jobs" --keep-going >"$file.part" || true
    grep -q ' seeds failed; ' "$file.part" || { cat "$file.part"; echo "the simulation ended early" >&2; exit 3; }
    mv "$file.part" "$file"
  fi
  grep -E '^(FAILED|again)' "$file" || true
  sed -n "s/^\([0-9]* seeds, .*\)/$(date +%H:%M:%S) from $at: \1/p" "$file"
done

# The same line and the same table as the program prints, summed over the pieces.
sums=$(awk '
  / seeds failed; / { seeds += $1; steps += $3; records += $5; faults += $7; failed += $9; cpu += $12; next }
  /^  / { count = $NF; $NF = ""; sub(/^ +/, ""); sub(/ +$/, ""); kinds[$0] += count }
  END {
    printf "%d %d %d %d %d %d\n", seeds, steps, records, faults, failed, cpu
    fflush()
    for (kind in kinds) printf "| %s | %d |\n", kind, kinds[kind] | "sort"
  }' "$work"/*[0-9])
read -r n_seeds n_steps n_records n_faults n_failed n_cpu <<<"${sums%%$'\n'*}"
mkdir -p "$(dirname "$out")"
{
  echo "# The simulation: $n_faults faults over $n_seeds seeds, $n_failed seeds broke a promise"
  echo
  echo "| | |"
  echo "|---|---|"
  echo "| command | \`$asked\` |"
  echo "| commit | $commit |"
  echo "| date | $(date -u +%FT%RZ) |"
  echo "| machine | $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(uname -sr) |"
  echo "| seeds | $n_seeds, from $from on, $steps steps each |"
  echo "| steps | $n_steps, $((n_steps / (n_cpu > 0 ? n_cpu : 1))) a second of CPU time ($n_cpu s in all) |"
  echo "| records of the log | $n_records |"
  echo "| faults injected | $n_faults |"
  echo "| promises broken | $n_failed |"
  echo
  if [ "$n_failed" != 0 ]; then
    echo '```'
    grep -hE '^(FAILED|again)' "$work"/*[0-9]
    echo '```'
    echo
  fi
  echo "In brackets: what came of a fault that is counted already."
  echo
  echo "| fault | times |"
  echo "|---|---|"
  echo "${sums#*$'\n'}"
} >"$out"
sed -n '1,/promises broken/p' "$out"
[ "$n_failed" = 0 ]
