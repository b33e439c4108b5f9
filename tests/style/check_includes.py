"""The include arrows of the architecture: which folder may include what. CMake's link lists say the same of libraries;
this says it of headers, which CMake does not see.

A folder's rule is the longest one whose name begins the file's path. `own` lists what it may include besides itself;
`outside` names the foreign libraries that it may include besides the standard library, POSIX, Abseil and the
generated messages ("messages" only where listed).
"""
import re

import tree

CODECS = ["adapters/police_110", "adapters/hotline_12345", "adapters/fire_119", "adapters/medical_120"]
SHARED = ["adapters/limits.h"] + [f"adapters/{part}/" for part in ("log", "text", "geo", "mapping", "spool", "transport")]
MESSAGES = ["google/protobuf/", "liandong/v1/"]

# folder -> (own, outside)
RULES = {
    # Pure: std, Abseil, messages.
    "routing/": ([], MESSAGES),
    "hub/core/": (["routing/"], MESSAGES),
    # On neither of the two above, so that adapters and the command line can link it without them.
    "security/": ([], ["openssl/", "sqlite3.h"]),
    # What proves a log from outside: it reads files of the hub and knows the messages, but no code that writes them, so
    # that the hub, the command line and an inspector's machine may all include it.
    "security/audit/": (["security/"], MESSAGES + ["sqlite3.h"]),
    "hub/log/": (["security/"], MESSAGES + ["sqlite3.h"]),
    # etcd's messages, but not the calls: those are behind etcd_store.
    "hub/cluster/": (["hub/log/", "security/"], MESSAGES + ["etcd/kv.pb.h"]),
    "hub/cluster/etcd_store.": (["hub/cluster/"], MESSAGES + ["etcd/kv.", "grpc"]),
    "hub/history/": (["hub/log/", "security/"], MESSAGES + ["sqlite3.h"]),
    "hub/accounts/": (["hub/log/", "hub/core/", "security/"], ["sqlite3.h"]),
    "hub/audit/": (["hub/log/", "security/"], MESSAGES),
    "hub/feed/": (["hub/committed_event.h", "security/"], MESSAGES + ["zmq.h"]),
    # The sequencer and what it owns.
    "hub/": (["hub/core/", "hub/log/", "hub/history/", "routing/", "security/"], MESSAGES),
    "hub/service/": (["hub/", "routing/", "security/"], MESSAGES + ["grpc"]),
    "hub/metrics/": (["hub/", "security/"], MESSAGES + ["prometheus/"]),
    # Only main.cc and the assembly that it starts name concrete parts.
    "hub/main.cc": (["hub/", "routing/", "security/"], MESSAGES + ["grpc", "CLI/", "spdlog/", "malloc.h", "google/"]),
    "hub/assembly.": (["hub/", "routing/", "security/"], MESSAGES),
    # Reads a log beside the hub; its answer comes as JSON too.
    "hub/replay_text.": (["hub/core/", "hub/replay_", "routing/"], MESSAGES + ["nlohmann/"]),
    "hub/first_account.": (["hub/", "routing/", "security/"], MESSAGES),
    "hub/found_cluster.": (["hub/", "security/"], MESSAGES),
    # Shared by adapters. None of them knows hub/ or gRPC.
    "adapters/limits.h": ([], []),
    "adapters/text/": (["adapters/limits.h"], ["nlohmann/", "pugixml.hpp"]),
    "adapters/geo/": ([], []),
    "adapters/log/": ([], ["spdlog/"]),
    "adapters/spool/": (["adapters/limits.h", "security/"], MESSAGES + ["sqlite3.h"]),
    "adapters/mapping/": (["adapters/limits.h", "adapters/text/", "adapters/geo/"], MESSAGES + ["nlohmann/"]),
    # On the codec of 119, for over TCP only GB/T 26875.3's own reader knows where a frame ends.
    "adapters/transport/": (["adapters/limits.h", "adapters/fire_119/", "security/"],
                            MESSAGES + ["boost/", "httplib.h", "openssl/"]),
    "adapters/client/": (["adapters/limits.h", "security/"], MESSAGES + ["grpc"]),
    # Codecs: pure, from bytes to native values and back.
    **{codec + "/": (["adapters/limits.h", "adapters/text/"], ["nlohmann/"]) for codec in CODECS},
    # Programs.
    "adapters/runtime/": (SHARED + ["adapters/client/", "security/"] + [codec + "/" for codec in CODECS],
                          MESSAGES + ["nlohmann/", "CLI/"]),
    "adapters/screen/": (SHARED + ["adapters/client/", "security/"],
                         MESSAGES + ["nlohmann/", "CLI/", "prometheus/", "zlib.h", "zmq.h"]),
    "adapters/cli/": (["adapters/limits.h", "adapters/client/", "routing/", "security/"],
                      MESSAGES + ["nlohmann/", "CLI/"]),
    # Tests may reach what they test.
    "tests/": (["adapters/", "hub/", "routing/", "security/", "tests/"], [""]),
}
GRPC_ALLOWED = ("hub/service/", "hub/cluster/etcd_store.", "hub/main.cc", "adapters/client/", "tests/")
TOP = ("adapters/", "hub/", "routing/", "security/", "tests/")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STANDARD = re.compile(r"[a-z_]+$|(sys|netinet|arpa|linux|net)/[a-z_]+\.h$|"
                      r"(dirent|fcntl|iconv|netdb|poll|pthread|sched|signal|stdlib|string|termios|time|unistd)\.h$")


def rule_of(path):
    names = [name for name in RULES if path.startswith(name)]
    return RULES[max(names, key=len)] if names else None


def allowed(path, quoted, name):
    """Why `path` may not include `name`, or None."""
    rule = rule_of(path)
    if rule is None:
        return "no rule for this folder; add one to tests/style/check_includes.py and to ARCHITECTURE.md"
    own, outside = rule
    if name.startswith("grpc") or name.endswith((".grpc.pb.h", "grpcpp.h")):
        return None if path.startswith(GRPC_ALLOWED) else "gRPC belongs to hub/service, the etcd store and adapters/client only"
    if name.startswith(TOP):
        folder = path[:path.rfind("/") + 1]
        if name.startswith(tuple(own)) or (name.startswith(folder) and name[len(folder):].count("/") == 0):
            return None
        return f"this folder may include {', '.join(own) or 'nothing of ours'} and itself"
    if name.startswith("absl/") or name.startswith(tuple(outside)) or STANDARD.fullmatch(name):
        return None
    if quoted and "/" not in name:
        return "include by the path from the root of the tree"
    return "this library is not among the parts of this folder"


def check(path, text):
    findings = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            why = allowed(path, match.group(1) == '"', match.group(2))
            if why:
                findings.append(f"{path}:{number}: {match.group(2)}: {why}")
    return findings


if __name__ == "__main__":
    tree.finish([finding for path in tree.files(".cc", ".h") for finding in check(path, tree.text(path))])
