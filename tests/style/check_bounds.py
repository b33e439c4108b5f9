"""Every bound gives its reason and is applied. In limits.h each constant has a comment on its line, or one above it for
its group, which holds for the constants that follow until an empty line or a section mark (`// ----`). And each is used
somewhere: a bound that nobody applies bounds nothing.
"""
import re

import tree

CONSTANT = re.compile(r"\s*inline constexpr\b[^;=]*?\b(k[A-Z]\w*)\b")
NAME = re.compile(r"\bk[A-Z]\w*")


def reasonless(path, text):
    findings = []
    reasoned = False  # by a comment above
    inside = None     # the name of a constant whose statement goes on
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if inside is not None:
            if "//" in line:
                inside = None
            elif ";" in line:
                findings.append(f"{path}:{number}: {inside} gives no reason")
                inside = None
            continue
        if not stripped or stripped.startswith("// ----"):
            reasoned = False
        elif stripped.startswith("//"):
            reasoned = True
        else:
            match = CONSTANT.match(line)
            if match and not reasoned and "//" not in line:
                name = match.group(1)
                if ";" in line:
                    findings.append(f"{path}:{number}: {name} gives no reason")
                else:
                    inside = name
    return findings


def unused(texts):
    """`texts`: path -> text of all C++ files. Each constant must be named once more than where it is declared."""
    times = {}
    for text in texts.values():
        for name in NAME.findall(re.sub(r"//.*", "", text)):
            times[name] = times.get(name, 0) + 1
    findings = []
    for path, text in texts.items():
        if path.endswith("limits.h"):
            names = [match.group(1) for match in map(CONSTANT.match, text.splitlines()) if match]
            findings += [f"{path}: {name} is applied nowhere" for name in names if times[name] < 2]
    return findings


if __name__ == "__main__":
    sources = {path: tree.text(path) for path in tree.files(".cc", ".h")}
    limits = [path for path in sources if path.endswith("limits.h")]
    tree.finish([finding for path in limits for finding in reasonless(path, sources[path])] + unused(sources))
