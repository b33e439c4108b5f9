#!/usr/bin/env bash
# How many reports a second, and how long until an agency has its delivery; the hub alone, or beside RabbitMQ and NATS
# in the same run on the same machine, in turn.
#   tests/bench/run.sh [--against rabbitmq|nats|all] [--cluster] [--rounds 3] [--scale 1] [--out FILE.json] [--preset release]
#                      [--growth] [--only-growth] [--no-build] [--no-install]
#   --against   installs (Debian's packages; needs root for that) and starts the peers
#   --cluster   three nodes of each (hub and etcd; RabbitMQ; NATS) beside one hub, instead of one of each
#   --scale     so many times the usual length of every phase; 0.2 for a quick look
#   --growth    afterwards also what grows: parties and clauses, history, open incidents, the start after a crash;
#               takes long and several GB of /tmp; draws tests/bench/growth.svg
#   --only-growth  that alone
#   --out       writes the figures of every round as JSON, for instance into tests/bench/results/
# Exit: 0 measured, 1 something was lost or a system did not start, 2 wrong use, 3 packages or build failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=release build=1 install=1 peers=() pass=() comparison=1 cluster=0 growth=0 rounds=() out=""
while [ $# -gt 0 ]; do
  case "$1" in
    --against)
      case "${2:-}" in
        rabbitmq | nats) peers+=("$2") ;;
        all) peers=(rabbitmq nats) ;;
        *) echo "--against takes rabbitmq, nats or all, not '${2:-}'" >&2; exit 2 ;;
      esac
      shift 2 ;;
    --preset) preset=$2; shift 2 ;;
    --rounds) pass+=("$1" "$2"); rounds=("$1" "$2"); shift 2 ;;
    --scale) pass+=("$1" "$2"); shift 2 ;;
    --out) pass+=("$1" "$2"); out=$2; shift 2 ;;
    --cluster) cluster=1 pass+=("$1"); shift ;;
    --growth) growth=1; shift ;;
    --only-growth) growth=1 comparison=0; shift ;;
    --no-build) build=0; shift ;;
    --no-install) install=0; shift ;;
    -h|--help) sed -n '2,14p' "$0"; exit 0 ;;
    *) echo "unknown option $1; see --help" >&2; exit 2 ;;
  esac
done

# The peers are not among deploy/packages.sh's packages: neither building nor testing needs them.
packages=() targets=(liandong-hub liandong hub_load bench_floor bench_no_sync bench_fill)
for peer in "${peers[@]}"; do
  case $peer in
    rabbitmq) packages+=(rabbitmq-server librabbitmq-dev) targets+=(rabbit_load) ;;
    nats) packages+=(nats-server) targets+=(nats_load) ;;
  esac
done
[ "$cluster" = 0 ] || packages+=(etcd-server)
if [ "$install" = 1 ] && [ "${#packages[@]}" -gt 0 ]; then
  . deploy/packages.sh
  # The packages would start their services at once: a start of ours on a free port is enough.
  [ "$(id -u)" -ne 0 ] || export RUNLEVEL=1
  liandong_install_packages "${packages[@]}" || exit 3
fi
if [ "$build" = 1 ]; then
  cmake --preset "$preset" -Wno-dev >/dev/null || exit 3
  cmake --build --preset "$preset" --target "${targets[@]}" || exit 3
fi
bin=$PWD/build/$preset/bin
if [ "$comparison" = 1 ]; then
  /usr/bin/python3 -B tests/bench/compare.py --bin "$bin" "${peers[@]/#/--peer=}" "${pass[@]}"
fi
if [ "$growth" = 1 ]; then
  /usr/bin/python3 -B tests/bench/growth.py --bin "$bin" "${rounds[@]}" --svg tests/bench/growth.svg \
    ${out:+--out "${out%.json}-growth.json"}
fi
