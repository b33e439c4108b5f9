#!/usr/bin/env bash
# How many reports a second, and how long until the agency has its delivery. One run, one machine; medians of several rounds.
#   tests/bench/run.sh [--preset release] [--rounds 3] [--scale 1] [--out FILE.json] [--no-build]
set -euo pipefail
cd "$(dirname "$0")/../.."
preset=release rounds=3 scale=1 out="" build=1
while [ $# -gt 0 ]; do
  case "$1" in
    --preset) preset=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --scale) scale=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --no-build) build=0; shift ;;
    -h|--help) sed -n '2,3p' "$0"; exit 0 ;;
    *) echo "unknown option $1; see --help" >&2; exit 2 ;;
  esac
done
if [ "$build" = 1 ]; then
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --target liandong-hub liandong hub_load
fi
bin=$PWD/build/$preset/bin
run=$(mktemp -d "${TMPDIR:-/tmp}/liandong-bench.XXXXXX")
hub=""
trap '[ -n "$hub" ] && kill "$hub" 2>/dev/null && wait "$hub" 2>/dev/null; rm -rf "$run"' EXIT

# A site of one hotline and twelve agencies; four agreements, each of which sends its kind of incident to three of them.
mkdir -p "$run/site/agreements"
cat > "$run/site/settings.textproto" <<'CONF'
name: "bench" trust_domain: "bench.liandong.example" command_party: "command" utc_offset_minutes: 480
lead_receive_s: 600 lead_accept_s: 3600 support_receive_s: 600 support_accept_s: 3600 feedback_receive_s: 3600
CONF
{
  echo 'party { id: "command" kind: COMMAND name_zh: "指挥中心" name_en: "Command" }'
  echo 'party { id: "hotline" kind: HOTLINE name_zh: "热线" name_en: "Hotline" }'
  for i in $(seq 0 11); do echo "party { id: \"agency-$i\" kind: AGENCY name_zh: \"单位$i\" name_en: \"Agency $i\" }"; done
} > "$run/site/parties.textproto"
echo 'division { code: "339921000000" name_zh: "县" name_en: "County" } division { code: "339921100000" name_zh: "镇" name_en: "Town" }' > "$run/site/divisions.textproto"
{
  echo 'category { code: "natural" name_zh: "自然灾害" name_en: "Natural" }'
  for k in 0 1 2 3; do echo "category { code: \"natural.k$k\" name_zh: \"类$k\" name_en: \"Kind $k\" danger_to_life: NO }"; done
} > "$run/site/categories.textproto"
for k in 0 1 2 3; do
  {
    echo "id: \"kind-$k\" title: \"协议$k\" effective_from: \"2020-01-01\""
    for i in 0 1 2; do echo "party: \"agency-$((3 * k + i))\""; done
    echo "clause { id: \"1\" text: \"条款\" when { category: \"natural.k$k\" }"
    for i in 0 1 2; do
      role=SUPPORT; [ "$i" = 0 ] && role=LEAD
      echo "  duty { party: \"agency-$((3 * k + i))\" role: $role disclose: PLACE disclose: DESCRIPTION }"
    done
    echo "}"
  } > "$run/site/agreements/kind-$k.textproto"
done
"$bin/liandong" pki init "$run/pki" --trust-domain bench.liandong.example >/dev/null
for party in hub command hotline $(seq -f 'agency-%g' 0 11); do
  "$bin/liandong" pki issue "$run/pki" "$party" --dns localhost --ip 127.0.0.1 >/dev/null
done
cat > "$run/hub.textproto" <<'CONF'
listen: "127.0.0.1:0" tls { ca: "pki/ca.crt" cert: "pki/hub.crt" key: "pki/hub.key" }
data_dir: "data" site_dir: "site" master_key: "master.key" port_file: "port"
CONF
"$bin/liandong-hub" --config "$run/hub.textproto" >"$run/hub.log" 2>&1 &
hub=$!
for _ in $(seq 600); do [ -s "$run/port" ] && break; kill -0 "$hub" 2>/dev/null || { cat "$run/hub.log" >&2; exit 1; }; sleep 0.1; done
port=$(grep -oE '[0-9]+$' "$run/port")
for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  "$bin/hub_load" --hub "127.0.0.1:$port" --pki "$run/pki" --probe "$run" --prefix "r$round" --scale "$scale" >> "$run/results.jsonl"
done
/usr/bin/env python3 - "$run/results.jsonl" "$out" <<'PY'
import collections, json, statistics, sys
phases = collections.OrderedDict()
for line in open(sys.argv[1]):
    one = json.loads(line)
    phases.setdefault(one.pop("phase"), []).append(one)
table = {name: {key: statistics.median(r[key] for r in rows) for key in rows[0]} for name, rows in phases.items()}
sync = table.pop("fdatasync")
print(f"disk: append 4 KiB + fdatasync p50 {sync['p50_ms']:.2f} ms, p99 {sync['p99_ms']:.2f} ms")
print(f"{'phase':<15}{'reports/s':>10}{'delivery p50':>14}{'p99 ms':>9}{'receipt p50':>13}{'p99 ms':>9}{'failed':>8}")
for name, row in table.items():
    print(f"{name:<15}{row['per_s']:>10.0f}{row['delivery_p50_ms']:>14.2f}{row['delivery_p99_ms']:>9.2f}{row['receipt_p50_ms']:>13.2f}{row['receipt_p99_ms']:>9.2f}{row['failed']:>8.0f}")
if sys.argv[2]:
    json.dump({"fdatasync": sync, **table}, open(sys.argv[2], "w"), indent=1)
bad = sum(row["failed"] for row in table.values()) + sum(row["deliveries_accepted"] != 3 * row["reports"] for row in table.values())
sys.exit(1 if bad else 0)
PY
