#!/usr/bin/env bash
# Runs the libFuzzer targets for real, one after the other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'TEXT'
tests/fuzz/run.sh [--seconds S] [--corpus DIR] [--no-build] [TARGET...]

  --seconds S    each target's time (default 60)
  --corpus DIR   where what was learnt is kept from run to run (default build/fuzz/corpus)
  --no-build     run what is there

Without TARGET all of them. Installs clang 14 where it is missing (Debian 12, root).
What is found is written to build/fuzz/found/TARGET/. To keep it as a test, mend the cause and copy the file to
tests/fuzz/findings/TARGET/ under a name that says what it was; fuzz_short_test replays it on every run.
Exit: 0 nothing found, 1 something found, 2 wrong use, 3 the build failed.
TEXT
}

seconds=60 corpus=build/fuzz/corpus build=1 targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --seconds | --corpus)
      [ $# -ge 2 ] || { echo "tests/fuzz/run.sh: $1 needs a value" >&2; exit 2; }
      if [ "$1" = --seconds ]; then seconds=$2; else corpus=$2; fi
      shift
      ;;
    --no-build) build=0 ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "tests/fuzz/run.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    *) targets+=("$1") ;;
  esac
  shift
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "tests/fuzz/run.sh: --seconds takes a number above 0" >&2; exit 2; }

if [ "$build" -eq 1 ]; then
  # shellcheck source=deploy/packages.sh
  . deploy/packages.sh
  liandong_install_packages "${liandong_fuzz_packages[@]}" || exit 3
  { cmake --preset fuzz -Wno-dev >/dev/null && cmake --build --preset fuzz; } || exit 3
fi
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd build/fuzz/fuzz && ls)

found=0
for target in "${targets[@]}"; do
  program=build/fuzz/fuzz/$target
  [ -x "$program" ] || { echo "tests/fuzz/run.sh: no target $target; there are: $(ls build/fuzz/fuzz | tr '\n' ' ')" >&2; exit 2; }
  mkdir -p "$corpus/$target" "build/fuzz/found/$target"
  "$program" --write-seeds "$corpus/$target"
  # Threads of a target are its own; leaks are looked for once, at the end.
  status=0
  env UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 LSAN_OPTIONS=suppressions=tests/lsan.supp:print_suppressions=0 \
    "$program" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="build/fuzz/found/$target/" "$corpus/$target" $(find tests/fuzz/findings/"$target" -maxdepth 0 2>/dev/null) \
    >"build/fuzz/$target.log" 2>&1 || status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: //p' "build/fuzz/$target.log")
  printf '%-20s %12s executions, %6s inputs kept, %s\n' "$target" "${runs:-?}" "$(find "$corpus/$target" -type f | wc -l)" \
    "$([ "$status" -eq 0 ] && echo nothing found || echo "FOUND (build/fuzz/$target.log, build/fuzz/found/$target/)")"
  [ "$status" -eq 0 ] || found=1
done
exit "$found"
