#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. On a fresh Debian 12 as root nothing else is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

usage() {
  cat <<'TEXT'
tests/run.sh [--no-install] [--preset P] [--jobs N] [--full] [--help]

  --no-install   install no packages
  --preset P     dev (default), release, asan or tsan
  --jobs N       compile and test N at a time (default: the processors)
  --full         afterwards also the unit tests under AddressSanitizer (with UndefinedBehaviorSanitizer), and those
                 without gRPC under ThreadSanitizer, which cannot run beside Debian's gRPC

Ends with "N passed, N failed". Exit: 0 all passed, 1 a test failed, 2 wrong use, 3 packages or build failed.
TEXT
}

install=1 preset=dev jobs=$(nproc) full=0
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) install=0 ;;
    --full) full=1 ;;
    --preset | --jobs)
      [ $# -ge 2 ] || { echo "tests/run.sh: $1 needs a value" >&2; exit 2; }
      if [ "$1" = --preset ]; then preset=$2; else jobs=$2; fi
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "tests/run.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
case $preset in dev | release | asan | tsan) ;; *) echo "tests/run.sh: no preset $preset" >&2; exit 2 ;; esac
[[ $jobs =~ ^[1-9][0-9]*$ ]] || { echo "tests/run.sh: --jobs takes a number above 0, not $jobs" >&2; exit 2; }

# shellcheck source=deploy/packages.sh
. "$root/deploy/packages.sh"
if [ "$install" -eq 1 ]; then
  liandong_install_packages "${liandong_test_packages[@]}" || exit 3
  liandong_install_node_modules
fi
liandong_ccache "$root"

work=$(mktemp -d)
mark="$$-$(date +%s%N)"

# run COMMAND...: in the background, so that a signal to this script is acted on at once. The command and all that it
# starts inherit the mark, whatever their parent or session becomes.
run() {
  LIANDONG_TEST_RUN=$mark "$@" </dev/null &
  wait $!
}
# marked: the processes that carry the mark, one a line.
marked() {
  local environ pid
  for environ in /proc/[0-9]*/environ; do
    pid=${environ#/proc/}
    if grep -qsazx "LIANDONG_TEST_RUN=$mark" "$environ"; then printf '%s\n' "${pid%/environ}"; fi
  done
}
stop_marked() {
  marked | xargs -r kill -TERM 2>/dev/null || true
  for _ in $(seq 50); do
    [ -n "$(marked)" ] || return 0
    sleep 0.1
  done
  marked | xargs -r kill -KILL 2>/dev/null || true
}
finish() {
  local code=$?
  trap - EXIT INT TERM HUP
  stop_marked
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

build() {  # PRESET TARGET...: all targets when none is named
  local preset=$1 started=$SECONDS
  shift
  echo "== build: $preset"
  run cmake --preset "$preset" -Wno-dev >"$work/configure" 2>&1 || { cat "$work/configure"; return 1; }
  run cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"} || return 1
  echo "== build: $preset took $((SECONDS - started)) s"
}

passed=0 failed=0
check() {  # PRESET CTEST-OPTION...: runs them and adds up the counts
  local preset=$1 started=$SECONDS results="$work/$1.xml" counts
  shift
  echo "== tests: $preset"
  run ctest --preset "$preset" -j "$jobs" --output-on-failure --no-tests=error --output-junit "$results" "$@" || true
  counts=$(/usr/bin/python3 - "$results" <<'PY'
import sys, xml.etree.ElementTree as tree
try:
    cases = list(tree.parse(sys.argv[1]).getroot().iter("testcase"))
except (OSError, tree.ParseError):
    cases = []
good = sum(case.get("status") == "run" for case in cases)
skipped = [case.get("name") for case in cases if case.get("status") in ("notrun", "disabled")
           and "SKIP" in (case.find("skipped").get("message", "") if case.find("skipped") is not None else "")]
for name in skipped:
    print("skipped:", name, file=sys.stderr)
# No case at all means that ctest itself failed.
print(good, len(cases) - good - len(skipped) if cases else 1)
PY
  )
  passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
  # A child that was just killed is still there for a moment.
  for _ in $(seq 50); do
    [ -n "$(marked)" ] || break
    sleep 0.1
  done
  if [ -n "$(marked)" ]; then
    echo "these processes were left behind by tests:" >&2
    marked | xargs -r ps -o pid=,args= -p >&2 || true
    failed=$((failed + 1))
    stop_marked
  fi
  echo "== tests: $preset took $((SECONDS - started)) s"
}

# unit_tests PRESET: the unit tests' programs. Names of CMake's targets and of ctest's tests are the same.
unit_tests() {
  ninja -C "build/$1" -t targets all | sed -n 's|^\(tests/[a-z0-9_]*_test\): .*|\1|p' | sort -u
}
any_of() { printf '^(%s)$' "$(sed 's|.*/||' | paste -sd'|')"; }

build "$preset" || exit 3
check "$preset"

if [ "$full" -eq 1 ]; then
  run cmake --preset asan -Wno-dev >"$work/configure" 2>&1 || { cat "$work/configure"; exit 3; }
  mapfile -t programs < <(unit_tests asan)
  build asan "${programs[@]}" || exit 3
  check asan -R "$(printf '%s\n' "${programs[@]}" | any_of)"

  run cmake --preset tsan -Wno-dev >"$work/configure" 2>&1 || { cat "$work/configure"; exit 3; }
  mapfile -t programs < <(unit_tests tsan | while read -r program; do
    ninja -C build/tsan -t inputs "$program" | grep -q 'libliandong_\(etcd_\)\?grpc\.a' || printf '%s\n' "$program"
  done)
  build tsan "${programs[@]}" || exit 3
  check tsan -R "$(printf '%s\n' "${programs[@]}" | any_of)"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
