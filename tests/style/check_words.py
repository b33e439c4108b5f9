"""Nothing that does not belong into the tree: keys, addresses of package registries, work left for later."""
import re

import tree

# Written so that this file does not match itself.
FORBIDDEN = [
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY" + "-----"), "a private key"),
    (re.compile(r"https?://(registry\.|[a-z0-9.-]*(npmjs|npmmirror|pypi|pythonhosted|crates)\.)[a-z]", re.I),
     "the address of a package registry: it differs from site to site (omit-lockfile-registry-resolved)"),
    (re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b"), "work left for later: do it, or write it down as an issue"),
]
KEY_FILE = re.compile(r"\.(key|pem|p12|pfx|crt|cer|der)$")


def check(path, text):
    if KEY_FILE.search(path):
        return [f"{path}: a key or certificate file; keys are made where they are used"]
    if path.endswith(".png"):
        return []  # any three bytes can stand in a picture
    findings = []
    for number, line in enumerate(text.splitlines(), 1):
        findings += [f"{path}:{number}: {what}" for pattern, what in FORBIDDEN if pattern.search(line)]
    return findings


if __name__ == "__main__":
    tree.finish([finding for path in tree.files() for finding in check(path, tree.text(path))])
