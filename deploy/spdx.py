#!/usr/bin/env python3
"""Writes the list of everything that the programs are made of and made with, in SPDX 2.3 (ISO/IEC 5962) JSON.

    spdx.py BUILD_FOLDER OUT.json

What the programs link comes from the programs themselves and Debian's package database, what builds and tests them from deploy/packages.sh, the
page's and the sample client's parts from their package-lock.json. Says NOASSERTION where a licence is not stated in a form that can be read.
"""
import datetime
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = ("liandong-hub", "liandong-adapter", "liandong-screen", "liandong")
NPM = {"adapters/screen/web": "the page", "deploy/clients/node": "the sample client in Node.js"}
NONE = "NOASSERTION"

# Debian's short names that SPDX spells otherwise.
SPDX_OF = {"expat": "MIT", "apache-2": "Apache-2.0", "apache-2.0": "Apache-2.0", "asl-2": "Apache-2.0", "bsd-2-clause": "BSD-2-Clause",
           "bsd-3-clause": "BSD-3-Clause", "bsd-3-clauses": "BSD-3-Clause", "isc": "ISC", "mit": "MIT", "mit/x11": "MIT", "zlib": "Zlib",
           "boost-1.0": "BSL-1.0", "boost": "BSL-1.0", "bsl-1.0": "BSL-1.0", "mpl-2.0": "MPL-2.0", "public-domain": NONE, "curl": "curl",
           "cc0-1.0": "CC0-1.0", "ofl-1.1": "OFL-1.1", "sil-1.1": "OFL-1.1", "psf-2": "PSF-2.0", "artistic-2.0": "Artistic-2.0",
           **{f"{family}-{version}{mark}": f"{family.upper()}-{version if '.' in version else version + '.0'}-{'or-later' if mark else 'only'}"
              for family in ("gpl", "lgpl", "agpl") for version in ("1", "2", "2.0", "2.1", "3", "3.0") for mark in ("", "+")}}

# What programs link and Debian does not say in that form, as their own files say it.
STATED = {"libc6": "LGPL-2.1-or-later", "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1", "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
          "libzmq5": "LGPL-3.0-or-later", "libprotobuf32": "BSD-3-Clause", "libsqlite3-0": "blessing", "libre2-9": "BSD-3-Clause", "libfmt9": "MIT",
          "libc-ares2": "MIT", "libgssapi-krb5-2": "MIT", "libk5crypto3": "MIT", "libkrb5-3": "MIT", "libkrb5support0": "MIT", "libgtest-dev": "BSD-3-Clause",
          "libgmock-dev": "BSD-3-Clause"}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def libraries(program):
    """Names and real paths of the shared libraries that a program loads."""
    found = {}
    for line in output("ldd", str(program)).splitlines():
        match = re.match(r"\s*(\S+) => (/\S+)", line)
        if match:
            found[match.group(1)] = os.path.realpath(match.group(2))
    return found


@functools.cache
def owner(path):
    """The Debian package of a file; "" when it has none."""
    for one in (path, path.removeprefix("/usr"), "/usr" + path):
        said = output("dpkg-query", "-S", one)
        if said:
            return said.split(":")[0].split(",")[0]
    return ""


def licence_of(package):
    """What DEP-5 says of the package's files as a whole, as SPDX spells it."""
    if package in STATED:
        return STATED[package]
    try:
        text = pathlib.Path(f"/usr/share/doc/{package}/copyright").read_text(errors="replace")
    except OSError:
        return NONE
    for paragraph in text.split("\n\n"):
        if re.search(r"^Files:\s*\*", paragraph, re.M):
            said = re.search(r"^License:\s*(.+)$", paragraph, re.M)
            words = said.group(1).strip() if said else ""
            return SPDX_OF.get(words.lower(), NONE)
    return NONE


@functools.cache
def debian(package):
    """(version, source) of an installed package; None when it is not installed."""
    said = output("dpkg-query", "-W", "-f", "${db:Status-Abbrev}\t${Version}\t${source:Package}\n", package)
    for line in said.splitlines():
        status, version, source = line.split("\t")
        if status.startswith("ii"):
            return version, source
    return None


def asked_for():
    """{package: why} of deploy/packages.sh, the why being the comment of its line, or the name of its list."""
    found = {}
    text = (ROOT / "deploy/packages.sh").read_text()
    for name, listed in re.findall(r"^(liandong_\w*packages)=\((.*?)\)$", text, re.S | re.M):
        for line in listed.splitlines():
            names, _, why = line.partition("#")
            found.update({one: why.strip() or name.split("_")[1] for one in names.split()})
    return found


class Document:
    def __init__(self, name):
        # The same tree gives the same document: the time is that of the last commit.
        seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or output("git", "-C", str(ROOT), "log", "-1", "--format=%ct") or 0)
        created = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.packages, self.relations = {}, set()
        self.head = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
                     "creationInfo": {"created": created, "creators": ["Tool: liandong deploy/spdx.py"]}}

    def add(self, kind, name, version, licence, purl="", why=""):
        ref = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{kind}-{name}-{version}" if kind == "npm" else f"{kind}-{name}")
        one = self.packages.setdefault(ref, {"SPDXID": ref, "name": name, "versionInfo": version, "downloadLocation": NONE, "filesAnalyzed": False,
                                             "licenseConcluded": NONE, "licenseDeclared": licence, "copyrightText": NONE})
        if purl:
            one["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
        if why and why not in one.get("comment", ""):
            one["comment"] = "; ".join(filter(None, (one.get("comment"), why)))
        return ref

    def add_debian(self, package, why):
        known = debian(package)
        if known is None:
            return None
        version, source = known
        return self.add("deb", package, version, licence_of(package), f"pkg:deb/debian/{package}@{version}?distro=bookworm&upstream={source}", why)

    def relate(self, one, how, other):
        self.relations.add((one, how, other))

    def json(self):
        packages = [self.packages[ref] for ref in sorted(self.packages)]
        relations = [{"spdxElementId": a, "relationshipType": how, "relatedSpdxElement": b} for a, how, b in sorted(self.relations)]
        digest = hashlib.sha256(json.dumps([packages, relations]).encode()).hexdigest()
        return {**self.head, "documentNamespace": f"https://liandong.example/spdx/{digest}", "packages": packages, "relationships": relations}


def document(build):
    version = re.search(r"project\(liandong VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    out = Document(f"liandong-{version}")
    whole = out.add("our", "liandong", version, "Apache-2.0")
    out.relate("SPDXRef-DOCUMENT", "DESCRIBES", whole)
    for name in PROGRAMS:
        program = out.add("our", name, version, "Apache-2.0")
        out.relate(whole, "CONTAINS", program)
        for library, path in libraries(build / "bin" / name).items():
            package = owner(path)
            ref = out.add_debian(package, f"linked: {library}") if package else out.add("file", library, "", NONE, why=f"linked, of no package: {path}")
            out.relate(program, "DYNAMIC_LINK", ref)
    for package, why in asked_for().items():
        ref = out.add_debian(package, why)
        if ref:
            out.relate(ref, "TEST_DEPENDENCY_OF" if "test" in why or why == "fuzz" else "BUILD_DEPENDENCY_OF", whole)
    for folder, what in NPM.items():
        lock = json.loads((ROOT / folder / "package-lock.json").read_text())
        for path, entry in lock["packages"].items():
            if not path or "version" not in entry:
                continue
            name = entry.get("name") or path.rpartition("node_modules/")[2]
            purl = f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"
            ref = out.add("npm", name, entry["version"], entry.get("license") or NONE, purl, what + (", to build or test it" if entry.get("dev") else ""))
            out.relate(ref, "DEV_DEPENDENCY_OF" if entry.get("dev") else "RUNTIME_DEPENDENCY_OF", whole)
    return out.json()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    made = document(pathlib.Path(sys.argv[1]))
    out = pathlib.Path(sys.argv[2])
    out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    print(f"{out}: {len(made['packages'])} packages, {len(made['relationships'])} relationships")


if __name__ == "__main__":
    main()
