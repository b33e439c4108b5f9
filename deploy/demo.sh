#!/usr/bin/env bash
# Installs what is missing, builds, and plays a typhoon night: four hotlines in their own formats at one side, seven
# agencies and twelve townships at the other. On a fresh Debian 12 as root nothing else is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

usage() {
  cat <<'TEXT'
deploy/demo.sh [--seconds N] [--no-install] [--no-build] [--preset P] [--jobs N] [--seed S] [--keep] [--help]

演示台风夜：四条热线以各自的原生格式报送，枢纽按协议分派，七部门、十二乡镇和指挥中心应答，直到逐一回执。大屏的地址和登录口令会显示出来。
Plays a typhoon night: four hotlines report in their own formats, the hub assigns duties by the agreements, seven
agencies, twelve townships and the command centre answer, and every acknowledgment is followed to the end. The address
of the screen and how to sign in are printed.

  --seconds N    演 N 秒后清点（至少 20）；不给则一直演，直到 ctrl-C
                 counts after N seconds (at least 20); without it the night goes on until ctrl-C
  --no-install   不装软件包 install no packages
  --no-build     不编译，用 build/<preset>/bin 和网页 dist 里现有的 use the programs and the page that are built already
  --preset P     release（默认 default）、dev、asan
  --jobs N       同时编译 N 个文件 compile N files at a time (default: the processors)
  --seed S       换一个夜晚：另一串偶然 another night: other chances (default 1)
  --keep         保留运行目录（证书、日志、数据） keep the run folder (certificates, logs, data)

ctrl-C 一次：收尾、清点、退出；两次：立即退出。 Once: settles, counts and ends; twice: ends at once.
末行 the last line:  demo: reports=… incidents=… deliveries=… completed=… refused=… escalated=… unacknowledged=… lost=0
  lost：热线发出而日志里没有的报告和回执 reports and acknowledgments that a hotline sent and the log does not hold
退出码 exit: 0 一条不丢且各部分正常 nothing lost and every part behaved; 1 否则 otherwise; 2 参数有误 wrong use;
  3 安装或编译失败 packages or build failed; 130 中断 interrupted
TEXT
}

seconds=0 install=1 build=1 preset=release jobs=$(nproc) seed=1 keep=()
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) install=0 ;;
    --no-build) build=0 ;;
    --keep) keep=(--keep) ;;
    --seconds | --preset | --jobs | --seed)
      [ $# -ge 2 ] || { echo "deploy/demo.sh: $1 需要一个值 needs a value" >&2; exit 2; }
      declare "${1#--}=$2"
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "deploy/demo.sh: 不认识 unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
case $preset in release | dev | asan) ;; *) echo "deploy/demo.sh: 没有这个预设 no preset $preset" >&2; exit 2 ;; esac
[[ $jobs =~ ^[1-9][0-9]*$ ]] || { echo "deploy/demo.sh: --jobs 应为正整数 takes a number above 0, not $jobs" >&2; exit 2; }
if ! [[ $seconds =~ ^[0-9]{1,6}$ ]] || { [ "$seconds" -ne 0 ] && [ "$seconds" -lt 20 ]; }; then
  echo "deploy/demo.sh: --seconds 至少 20 takes a number from 20, not $seconds" >&2
  exit 2
fi

# shellcheck source=deploy/packages.sh
. "$root/deploy/packages.sh"
if [ "$install" -eq 1 ]; then
  echo "== 检查软件包 looking at the packages"
  liandong_install_packages || exit 3
fi

# progress: reads ninja's lines; one line that changes in a terminal, one for each tenth elsewhere. What is no progress
# is a complaint and is shown.
progress() {
  local line made all tenth last=-1
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*) ]]; then
      made=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]} tenth=$((10 * made / all))
      if [ -t 1 ]; then
        printf '\r\033[K   %s/%s  %.60s' "$made" "$all" "${BASH_REMATCH[3]##*/}"
      elif [ "$tenth" -ne "$last" ]; then
        printf '   %s/%s\n' "$made" "$all"
      fi
      last=$tenth
    else
      printf '%s\n' "$line"
    fi
  done
  if [ -t 1 ]; then printf '\r\033[K'; fi
}

# run COMMAND...: in a group of its own, so that a signal to this script ends it whole and at once.
child=
run() {
  setsid "$@" </dev/null &
  child=$!
  local code=0
  wait "$child" || code=$?
  child=
  return "$code"
}
interrupted() {
  trap - INT TERM HUP
  if [ -n "$child" ]; then kill -TERM -- "-$child" 2>/dev/null || true; fi
  exit 130
}
trap interrupted INT TERM HUP

if [ "$build" -eq 1 ]; then
  liandong_ccache "$root"
  echo "== 编译 building ($preset, $jobs 并行 at a time); 首次需要几分钟 the first time takes some minutes"
  configured=$(mktemp)
  trap 'rm -f "$configured"' EXIT
  run cmake --preset "$preset" -Wno-dev >"$configured" 2>&1 || { cat "$configured" >&2; exit 3; }
  rm -f "$configured"
  exec {shown}> >(progress)
  shower=$! built=0
  run cmake --build --preset "$preset" -j "$jobs" --target liandong liandong-hub liandong-adapter liandong-screen >&"$shown" 2>&1 && built=1
  exec {shown}>&-
  wait "$shower" || true
  [ "$built" -eq 1 ] || exit 3
  # Without a registry everything but the screen still works.
  if [ -f adapters/screen/web/CMakeLists.txt ] && ! run cmake --build --preset "$preset" --target web_page >/dev/null; then
    echo "== 网页未能编译，演示不带大屏 the page was not built: the night goes on without the screen" >&2
  fi
fi
for program in liandong liandong-hub liandong-adapter; do
  [ -x "build/$preset/bin/$program" ] || { echo "deploy/demo.sh: 没有 no build/$preset/bin/$program; 去掉 leave out --no-build" >&2; exit 3; }
done

# From here on one process owns everything: it takes the signals, and what it started ends with it.
exec /usr/bin/python3 "$root/deploy/demo/night.py" --bin "$root/build/$preset/bin" --seconds "$seconds" --seed "$seed" "${keep[@]}"
