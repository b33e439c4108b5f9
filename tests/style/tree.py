"""The files that the style checks look at, and how a check ends. Run with Debian's python3; needs nothing else."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED_FOLDERS = {".git", "build", "node_modules", "run", "__pycache__"}


def files(*endings):
    """Paths from the root of what git tracks or would add, or of all files when this is no git checkout."""
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            listed += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    found = sorted(path for path in set(listed)
                   if path and path.endswith(endings or ("",)) and os.path.isfile(os.path.join(ROOT, path)))
    if not found:
        sys.exit(f"no file that ends in {endings} under {ROOT}: the check would pass for nothing")
    return found


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def finish(findings):
    """Prints each finding and exits: 0 when there is none."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
