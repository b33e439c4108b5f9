#!/bin/sh
# build.sh STAMP (an absolute path): installs the page's modules as the lock file says, when they are not there yet, builds dist/, and touches STAMP. Run by
# the build when a source of the page has changed. Without a registry, or without Node.js, everything else still builds: it then only
# says so, and leaves the stamp away, so that the next build tries again.
set -eu
cd "$(dirname "$0")"
skip() {
  printf '网页未构建 / the page is not built: %s\n' "$1" >&2
  exit 0
}
command -v npm >/dev/null 2>&1 || skip 'npm 未安装 / npm is not installed (deploy/packages.sh)'
if [ ! -f node_modules/.package-lock.json ] || [ node_modules/.package-lock.json -ot package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=30000 </dev/null ||
    skip 'npm ci 未成功 / npm ci failed: is a registry configured?'
  touch node_modules/.package-lock.json
fi
npm run --silent build -- --logLevel warn </dev/null
touch "$1"
