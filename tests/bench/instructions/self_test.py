"""The guard guards: it reads a profile's costs as they stand there, and it refuses what costs too much."""
import contextlib
import io
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import run

PROFILE = """\
fn=(1) main
3 10
cfn=(2) guard_match
calls=2 7
5 4000
cfn=(3) malloc
calls=9 1
6 90
fn=(4) other
cfn=(2)
calls=2 7
5 2000
fn=(2)
7 1500
cfn=(3)
calls=2 1
8 200
"""


class Guard(unittest.TestCase):
    def verdict(self, found, baseline, *more):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "baseline.json"
            path.write_text(json.dumps({"dev": baseline}))
            said = io.StringIO()
            with mock.patch.object(run, "BASELINE", path), mock.patch.object(run, "count", lambda _: found), \
                    mock.patch.object(run.shutil, "which", lambda _: "valgrind"), \
                    mock.patch("sys.argv", ["run.py", "--program", "p", "--preset", "dev", *more]), \
                    contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                return run.main(), said.getvalue(), json.loads(path.read_text())

    def test_costs_are_those_that_all_callers_saw_of_one_call(self):
        self.assertEqual(run.inclusive(PROFILE), {"match": 1500})

    def test_within_the_tolerance_passes(self):
        self.assertEqual(self.verdict({"match": 1040}, {"match": 1000})[0], 0)

    def test_slower_fails_and_names_the_path(self):
        code, said, _ = self.verdict({"match": 1060, "apply": 10}, {"match": 1000, "apply": 10})
        self.assertEqual(code, 1)
        self.assertIn("match: +6.0%", said)

    def test_faster_passes_and_asks_for_a_new_baseline(self):
        code, said, _ = self.verdict({"match": 900}, {"match": 1000})
        self.assertEqual(code, 0)
        self.assertIn("--update", said)

    def test_a_path_that_is_no_longer_counted_fails(self):
        self.assertEqual(self.verdict({}, {"match": 1000})[0], 1)

    def test_update_writes_what_was_found(self):
        code, _, written = self.verdict({"match": 900}, {"match": 1000}, "--update")
        self.assertEqual((code, written), (0, {"dev": {"match": 900}}))


if __name__ == "__main__":
    unittest.main()
