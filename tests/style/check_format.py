"""C++ as clang-format 14 writes it with .clang-format. Other versions differ in small things, so they are not asked."""
import re
import subprocess
import sys

import tree

VERSION = 14
EXIT_SKIPPED = 77
FILES_PER_CALL = 40  # many in one call save starts, a few calls use both processors


def program():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        try:
            answer = subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            continue
        if re.search(rf"version {VERSION}\.", answer):
            return name
    return None


def check(name, paths):
    command = [name, f"--style=file:{tree.ROOT}/.clang-format", "--dry-run", "--Werror", "--ferror-limit=1"]
    calls = [subprocess.Popen([*command, *paths[at:at + FILES_PER_CALL]], cwd=tree.ROOT, stderr=subprocess.PIPE, text=True)
             for at in range(0, len(paths), FILES_PER_CALL)]
    bad = set()
    for call in calls:
        errors = call.communicate()[1]
        bad |= set(re.findall(r"^(\S+?):\d+:\d+: error: code should be clang-formatted", errors, re.M))
        if call.returncode != 0 and not bad:
            return [errors]
    return [f"{path}: run `{name} -i {path}`" for path in sorted(bad)]


if __name__ == "__main__":
    found = program()
    if found is None:
        print(f"SKIPPED: no clang-format {VERSION} here (Debian 12: apt-get install clang-format)")
        sys.exit(EXIT_SKIPPED)
    tree.finish(check(found, tree.files(".cc", ".h")))
