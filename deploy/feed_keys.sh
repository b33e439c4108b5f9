#!/usr/bin/env bash
# Makes the keys of the live feed: one for the hub, one for each party named, and writes the parties' public keys into a
# site directory. Secret keys stay in the folder given (0600) and go nowhere else; no key is ever in version control.
set -euo pipefail

usage() {
  cat <<'TEXT'
deploy/feed_keys.sh LIANDONG SITE_DIR KEY_DIR PARTY...

为枢纽和每个订阅单位生成推送密钥，并把公钥写入 SITE_DIR/parties.textproto 的 feed_key；已有的密钥不动。
Makes KEY_DIR/feed.curve for the hub and KEY_DIR/<party>.curve for each party, and writes feed_key into
SITE_DIR/parties.textproto. What is there already is left as it is.

  LIANDONG  the command line, for example build/release/bin/liandong
TEXT
}
[ $# -ge 4 ] || { usage >&2; exit 2; }
liandong=$1 site=$2 keys=$3
shift 3
parties=$site/parties.textproto
[ -f "$parties" ] || { echo "deploy/feed_keys.sh: 没有 no $parties" >&2; exit 2; }
mkdir -p -m 700 "$keys"
[ -f "$keys/feed.curve" ] || "$liandong" pki feed-key "$keys/feed.curve" >/dev/null

for party in "$@"; do
  [ -f "$keys/$party.curve" ] || "$liandong" pki feed-key "$keys/$party.curve" >/dev/null
  public=$(sed -n 's/^public = //p' "$keys/$party.curve")
  changed=$(mktemp "$parties.XXXXXX")
  # ENVIRON, since awk would read a backslash or an ampersand of the key in its own way.
  PARTY=$party KEY=$public awk '
    /^[[:space:]]*party[[:space:]]*\{/ { here = 0 }
    /^[[:space:]]*id:/ { here = index($0, "\"" ENVIRON["PARTY"] "\"") > 0; if (here) { found = 1; print; print "  feed_key: \"" ENVIRON["KEY"] "\""; next } }
    here && /^[[:space:]]*feed_key:/ { next }
    { print }
    END { if (!found) exit 1 }
  ' "$parties" >"$changed" || { rm -f "$changed"; echo "deploy/feed_keys.sh: $parties 中没有单位 has no party $party" >&2; exit 1; }
  chmod --reference="$parties" "$changed"
  mv "$changed" "$parties"
done
