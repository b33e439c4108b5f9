# shellcheck shell=bash
# The Debian 12 packages that building, testing and the demo need, and their installation. For sourcing:
#   . deploy/packages.sh && liandong_install_packages                                   # to build and to run
#   . deploy/packages.sh && liandong_install_packages "${liandong_test_packages[@]}"    # and to test
# Used by deploy/demo.sh and tests/run.sh, so that there is one list.

liandong_packages=(
  build-essential cmake ninja-build ccache mold pkg-config                        # to build
  libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler          # the contract and its services
  libabsl-dev libssl-dev libsqlite3-dev libpugixml-dev nlohmann-json3-dev         # base, sealing, log, native formats
  libboost1.81-dev libcpp-httplib-dev libcli11-dev libspdlog-dev libfmt-dev       # HTTP, command lines, logs
  libzmq3-dev cppzmq-dev prometheus-cpp-dev zlib1g-dev                            # the live feed, metrics, compression
  libgtest-dev libgmock-dev libbenchmark-dev clang-format                         # tests are built with the rest
  chromium fonts-noto-cjk                                                         # the page's tests, in a browser
  openssl sqlite3 python3 python3-grpcio python3-protobuf procps ca-certificates  # what tests and the demo run
)
# What a cluster needs beside the hub.
liandong_cluster_packages=(etcd-server)

# What only tests/run.sh needs: instruction counts, alert rules, a cluster.
# shellcheck disable=SC2034  # for whoever sources this
liandong_test_packages=(valgrind prometheus "${liandong_cluster_packages[@]}")

# What only tests/fuzz/run.sh needs: a second compiler, too large to install for every test run.
# shellcheck disable=SC2034  # for whoever sources this
liandong_fuzz_packages=(clang-14 libclang-rt-14-dev)

# liandong_missing_packages [PACKAGE...]: prints those that are not installed, also of the packages named, one a line.
# Node.js counts as there when `node` and `npm` are on PATH, whoever installed them: Debian's packages and a vendor's
# would fight over the same files.
liandong_missing_packages() {
  local package state wanted=("${liandong_packages[@]}" "$@")
  command -v node >/dev/null 2>&1 || wanted+=(nodejs)
  command -v npm >/dev/null 2>&1 || wanted+=(npm)
  for package in "${wanted[@]}"; do
    state=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [ "${state%% *}" = ii ] || printf '%s\n' "$package"
  done
}

# liandong_install_packages [PACKAGE...]: installs what is missing and nothing else; quick when all is there. Mirrors
# fail for a moment now and then, so it tries three times. Needs root when something is missing.
liandong_install_packages() {
  local missing attempt
  mapfile -t missing < <(liandong_missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    printf '缺少软件包 / packages are missing: %s\n请以 root 运行 / as root, run: apt-get install -y --no-install-recommends %s\n' \
      "${missing[*]}" "${missing[*]}" >&2
    return 1
  fi
  printf '安装软件包 / installing: %s\n' "${missing[*]}"
  # etcd's package would start a daemon: nobody here asked for one.
  local -x RUNLEVEL=1
  for attempt in 1 2 3; do
    if DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 update </dev/null &&
      DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Acquire::Retries=3 \
        -o DPkg::Lock::Timeout=300 install "${missing[@]}" </dev/null >/dev/null; then
      return 0
    fi
    printf '第 %s 次安装未成功 / installation attempt %s of 3 failed\n' "$attempt" "$attempt" >&2
    [ "$attempt" -eq 3 ] || sleep $((attempt * 10))
  done
  printf '软件包未能安装，请检查软件源 / packages could not be installed: check /etc/apt/sources.list and the network\n' >&2
  return 1
}

# liandong_install_node_modules: what the page and the sample client in Node.js need, exactly as their lock files say. Quick
# when it is there. Without a registry everything else still works, so that this only warns.
liandong_install_node_modules() {
  local folder attempt
  for folder in deploy/clients/node adapters/screen/web; do
    for attempt in 1 2 3 failed; do
      [ ! "$folder/node_modules/.package-lock.json" -ot "$folder/package-lock.json" ] && break
      if [ "$attempt" = failed ]; then
        printf '%s 的依赖未能安装，其测试将跳过 / not tested, npm ci failed: %s\n' "$folder" "$folder" >&2
      elif npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error </dev/null; then
        touch "$folder/node_modules/.package-lock.json"
      else
        sleep $((attempt * 5))
      fi
    done
  done
}

# liandong_ccache CHECKOUT: lets a checkout in another folder use what this one compiled. Without it the folder's path
# is part of each key.
liandong_ccache() {
  export CCACHE_BASEDIR="$1" CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-5G}"
}
