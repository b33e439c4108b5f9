"""The list of parts (deploy/spdx.py): valid, whole for what the programs really link, and licences where Debian or npm says them."""
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIANDONG_BUILD", ROOT / "build" / "dev")).resolve()
PROGRAMS = ("liandong-hub", "liandong-adapter", "liandong-screen", "liandong")

spec = importlib.util.spec_from_file_location("spdx", ROOT / "deploy/spdx.py")
spdx = importlib.util.module_from_spec(spec)
spec.loader.exec_module(spdx)


def needed(program):
    """What the program's own header asks for, without following it."""
    said = subprocess.run(["readelf", "-d", BUILD / "bin" / program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", said)


def unnamed(document):
    """Libraries that a program asks for and no named package holds."""
    held = set()
    for package in document["packages"]:
        if package["SPDXID"].startswith("SPDXRef-deb-"):
            files = subprocess.run(["dpkg-query", "-L", package["name"]], capture_output=True, text=True, check=True).stdout
            held.update(os.path.basename(path) for path in files.splitlines())
    return {library for program in PROGRAMS for library in needed(program)} - held


class Spdx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "liandong.spdx.json"
            subprocess.run(["/usr/bin/python3", ROOT / "deploy/spdx.py", BUILD, out], check=True, capture_output=True)
            cls.document = json.loads(out.read_text())

    def test_it_has_the_form_of_spdx(self):
        self.assertEqual((self.document["spdxVersion"], self.document["dataLicense"]), ("SPDX-2.3", "CC0-1.0"))
        self.assertRegex(self.document["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertRegex(self.document["documentNamespace"], r"^https://\S+/[0-9a-f]{64}$")
        refs = [package["SPDXID"] for package in self.document["packages"]]
        self.assertEqual(len(refs), len(set(refs)))
        for package in self.document["packages"]:
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            for field in ("name", "versionInfo", "downloadLocation", "licenseDeclared", "licenseConcluded", "copyrightText"):
                self.assertIn(field, package)
        known = set(refs) | {"SPDXRef-DOCUMENT"}
        for relation in self.document["relationships"]:
            self.assertLessEqual({relation["spdxElementId"], relation["relatedSpdxElement"]}, known)
        self.assertIn({"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-our-liandong"},
                      self.document["relationships"])

    def test_every_library_that_a_program_links_is_named(self):
        self.assertIn("libssl.so.3", needed("liandong-hub"), "the test sees what is linked")
        self.assertEqual(unnamed(self.document), set())
        without = {**self.document, "packages": [p for p in self.document["packages"] if p["name"] != "libssl3"]}
        self.assertIn("libssl.so.3", unnamed(without), "and notices what is missing")

    def test_every_package_that_is_asked_for_is_named_with_its_reason(self):
        by_name = {package["name"]: package for package in self.document["packages"]}
        for package, why in spdx.asked_for().items():
            if spdx.debian(package):
                self.assertIn(why, by_name[package]["comment"])

    def test_everything_in_the_lock_files_is_named_with_version_and_licence(self):
        named = {(p["name"], p["versionInfo"]): p for p in self.document["packages"] if p["SPDXID"].startswith("SPDXRef-npm-")}
        for folder in spdx.NPM:
            entries = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
            for path, entry in entries.items():
                if path:
                    one = named[(entry.get("name") or path.rpartition("node_modules/")[2], entry["version"])]
                    self.assertEqual(one["licenseDeclared"], entry.get("license") or spdx.NONE)
        self.assertGreater(len(named), 10)

    def test_most_licences_are_known(self):
        stated = [p for p in self.document["packages"] if p["licenseDeclared"] != spdx.NONE]
        print(f"{len(self.document['packages'])} packages, the licence of {len(stated)} is stated")
        self.assertGreater(len(stated), len(self.document["packages"]) // 2)


if __name__ == "__main__":
    unittest.main()
