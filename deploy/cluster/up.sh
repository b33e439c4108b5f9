#!/usr/bin/env bash
# Three etcd and three hubs on this machine, for trying out what happens when a node dies. A real cluster has each pair on a
# machine of its own: see README.md beside this file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD

usage() {
  cat <<'TEXT'
deploy/cluster/up.sh [--dir D] [--base-port N] [--preset P] [--no-install] [--no-build] [--help]

在本机启动三个 etcd 和三个枢纽,供试用;ctrl-C 全部停止,再次运行则接着用同一目录。
Starts three etcd and three hubs on this machine, for trying out; ctrl-C stops all of them, the next run goes on with
the same folder.

  --dir D        数据目录 where everything lies (default build/cluster)
  --base-port N  端口:枢纽 N+1..N+3,etcd N+11..N+13 与 N+21..N+23 ports of hubs, and of etcd (default 7450)
  --preset P     release(默认 default)、dev
  --no-install   不装软件包 install no packages
  --no-build     不编译 use the programs that are built already

退出码 exit: 0 已停止 stopped; 1 未能启动 could not start; 2 参数有误 wrong use; 3 安装或编译失败 packages or build failed
TEXT
}

dir=build/cluster base=7450 preset=release install=1 build=1
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) install=0 ;;
    --no-build) build=0 ;;
    --dir | --base-port | --preset)
      [ $# -ge 2 ] || { echo "deploy/cluster/up.sh: $1 需要一个值 needs a value" >&2; exit 2; }
      case $1 in --dir) dir=$2 ;; --base-port) base=$2 ;; *) preset=$2 ;; esac
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "deploy/cluster/up.sh: 不认识 unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
[[ $base =~ ^[1-9][0-9]{3,4}$ ]] || { echo "deploy/cluster/up.sh: --base-port 应为端口号 takes a port, not $base" >&2; exit 2; }

# shellcheck source=deploy/packages.sh
. "$root/deploy/packages.sh"
if [ "$install" -eq 1 ]; then
  liandong_install_packages "${liandong_cluster_packages[@]}" || exit 3
fi
if [ "$build" -eq 1 ]; then
  liandong_ccache "$root"
  cmake --preset "$preset" -Wno-dev >/dev/null && cmake --build --preset "$preset" --target liandong liandong-hub || exit 3
fi
bin=$root/build/$preset/bin
for program in liandong liandong-hub; do
  [ -x "$bin/$program" ] || { echo "deploy/cluster/up.sh: 没有 no $bin/$program" >&2; exit 3; }
done

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
members='member: "hub-1" member: "hub-2" member: "hub-3"'
etcds="etcd: \"127.0.0.1:$((base + 11))\" etcd: \"127.0.0.1:$((base + 12))\" etcd: \"127.0.0.1:$((base + 13))\""
new=0
if [ ! -d "$dir/pki" ]; then
  new=1
  "$bin/liandong" pki init "$dir/pki" --trust-domain yunxi.liandong.example >/dev/null
  "$bin/liandong" pki init "$dir/etcd-pki" --trust-domain etcd.yunxi.example >/dev/null
  "$bin/liandong" pki issue "$dir/etcd-pki" etcd --dns localhost --ip 127.0.0.1 >/dev/null
  for party in hub police-110 power-supply command; do
    "$bin/liandong" pki issue "$dir/pki" "$party" --dns localhost --ip 127.0.0.1 >/dev/null
  done
  (umask 077 && head -c 32 /dev/urandom >"$dir/master.key")
  cp -r deploy/county/site "$dir/site"
fi
for n in 1 2 3; do
  cat >"$dir/hub-$n.textproto" <<TEXT
listen: "127.0.0.1:$((base + n))"
tls { ca: "pki/ca.crt" cert: "pki/hub.crt" key: "pki/hub.key" }
data_dir: "hub-$n"
site_dir: "site"
master_key: "master.key"
cluster {
  node: "hub-$n" $members
  $etcds
  etcd_tls { ca: "etcd-pki/ca.crt" cert: "etcd-pki/etcd.crt" key: "etcd-pki/etcd.key" }
}
TEXT
done
for party in police-110 power-supply command; do
  cat >"$dir/$party.textproto" <<TEXT
hub: "127.0.0.1:$((base + 1))" hub: "127.0.0.1:$((base + 2))" hub: "127.0.0.1:$((base + 3))"
tls { ca: "pki/ca.crt" cert: "pki/$party.crt" key: "pki/$party.key" }
TEXT
done

# keep NAME COMMAND...: as a service manager would. A program that says that its settings are wrong stays down.
keep() {
  local name=$1 child code
  shift
  trap 'kill -TERM "$child" 2>/dev/null' TERM
  while :; do
    "$@" >>"$dir/$name.log" 2>&1 &
    child=$!
    echo "$child" >"$dir/$name.pid"
    code=0
    wait "$child" || code=$?
    if [ -e "$dir/stopping" ]; then
      wait "$child" 2>/dev/null || true
      return
    fi
    echo "$(date +%T) $name 已结束 ended with $code"
    if [ "$code" -eq 2 ]; then return; fi
    sleep 0.5
  done
}
kept=()
stop() {
  trap - EXIT INT TERM HUP
  touch "$dir/stopping"
  for pid in "${kept[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  wait
  rm -f "$dir/stopping"
  echo "已全部停止 all stopped"
}
trap 'stop; exit 0' INT TERM HUP
trap stop EXIT
rm -f "$dir/stopping"

peers=
for n in 1 2 3; do peers+=${peers:+,}etcd-$n=https://127.0.0.1:$((base + 20 + n)); done
tls=(--client-cert-auth --trusted-ca-file "$dir/etcd-pki/ca.crt" --cert-file "$dir/etcd-pki/etcd.crt" --key-file "$dir/etcd-pki/etcd.key"
  --peer-client-cert-auth --peer-trusted-ca-file "$dir/etcd-pki/ca.crt" --peer-cert-file "$dir/etcd-pki/etcd.crt"
  --peer-key-file "$dir/etcd-pki/etcd.key")
for n in 1 2 3; do
  client=https://127.0.0.1:$((base + 10 + n)) peer=https://127.0.0.1:$((base + 20 + n))
  keep "etcd-$n" /usr/bin/etcd --name "etcd-$n" --data-dir "$dir/etcd-$n" --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "$peers" --initial-cluster-state new \
    --heartbeat-interval 100 --election-timeout 1000 --enable-v2=false --logger zap "${tls[@]}" &
  kept+=($!)
done
if [ "$new" -eq 1 ]; then
  for attempt in $(seq 20); do
    if told=$("$bin/liandong-hub" found-cluster --config "$dir/hub-1.textproto" 2>&1); then break; fi
    [ "$attempt" -lt 20 ] || { echo "$told" >&2; rm -rf "$dir/pki"; exit 1; }
  done
  echo "$told"
fi
for n in 1 2 3; do
  keep "hub-$n" "$bin/liandong-hub" --config "$dir/hub-$n.textproto" &
  kept+=($!)
done
cat <<TEXT
三个枢纽已启动,其一为主节点:grep 'leads now' $dir/hub-*.log
Three hubs are started; one of them leads. In another terminal:
  $bin/liandong --config $dir/power-supply.textproto watch
  $bin/liandong --config $dir/police-110.textproto report --help
  kill -9 \$(cat $dir/hub-1.pid)      # 结束一个节点,随后会重新启动 a node dies, and is started again
ctrl-C 全部停止 stops all
TEXT
wait
