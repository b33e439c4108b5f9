"""Promise 8: the log is hash-chained from the first byte, so that nobody can change it quietly.

The chain is checked here with nothing but sqlite3 and hashlib, as an inspector would: link = suite ‖ SHA-256(previous link ‖ SHA-256(bytes)),
the first previous link being the suite and 32 zero bytes. A second opinion that shares no code with the hub.
"""
import hashlib
import shutil
import sqlite3
import threading
import unittest

from harness import Site, common, grpc, wait

SUITE_SHA256 = 1


def walk(path):
    """Checks the whole chain; returns its links by the index that they reach. ValueError names the first bad batch."""
    links, previous, expected = {}, bytes([SUITE_SHA256]) + bytes(32), 1
    with sqlite3.connect(path) as db:
        for first, last, link, stored in db.execute("SELECT first_index, last_index, link, bytes FROM batch ORDER BY first_index"):
            if first != expected or last < first:
                raise ValueError(f"record {expected} is missing or doubled: the next batch holds {first} to {last}")
            if link[0] != SUITE_SHA256:
                raise ValueError(f"record {first}: unknown suite {link[0]}")
            previous = bytes([SUITE_SHA256]) + hashlib.sha256(previous + hashlib.sha256(stored).digest()).digest()
            if link != previous:
                raise ValueError(f"record {first}: the chain breaks")
            links[last], expected = link, last + 1
    return links


class TheRecordCannotBeQuietlyChanged(unittest.TestCase):
    def copy(self, site, name):
        """A copy of the stopped hub's log, so that looking at it changes nothing."""
        folder = site.dir / name
        folder.mkdir()
        for path in (site.dir / "hub-data").glob("log.db*"):
            shutil.copy(path, folder)
        return folder / "log.db"

    def fill(self, site, count, offset=0):
        for number in range(offset, offset + count):
            site.party("police-110").report(f"p{number}", category="order.noise", division="339921100000", danger_to_life=common.NO,
                                            description=f"噪声 {number}")

    def change(self, path, statement, *values):
        with sqlite3.connect(path) as db:
            self.assertEqual(db.execute(statement, values).rowcount, 1)
        db.close()

    def test_whole_after_kills(self):
        with Site() as site:
            stop, told = threading.Event(), []

            def load():
                number = 0
                while not stop.is_set():
                    try:
                        told.append(site.party("fire-119").report(f"k{number}", category="order.noise", division="339921100000", timeout=20))
                    except grpc.RpcError:
                        continue
                    number += 1

            thread = threading.Thread(target=load)
            thread.start()
            noted = []
            try:
                for kill in range(3):
                    before = len(told)
                    wait(lambda: len(told) >= before + 20, "twenty more reports")
                    noted.append(site.party("command").status().chain_link)
                    site.hub.kill()
                    links = walk(self.copy(site, f"look-{kill}"))
                    self.assertGreaterEqual(max(links), max(r.log_index for r in told), "every receipt's record is there")
                    self.assertTrue(set(noted) <= set(links.values()), "every link that was ever shown is in the chain")
                    site.start_hub()
            finally:
                stop.set()
                thread.join()
            self.assertEqual(site.hub.stop(), 0)
            print(f"chain of {max(walk(self.copy(site, 'end')))} records verified after 3 kills")

    def test_every_change_is_seen(self):
        with Site() as site:
            self.fill(site, 12)
            shown = site.party("command").status().chain_link
            site.hub.kill()
            self.assertIn(shown, walk(self.copy(site, "whole")).values())
            rows = sqlite3.connect(self.copy(site, "rows")).execute("SELECT first_index, bytes FROM batch ORDER BY first_index").fetchall()
            for number, (first, stored) in enumerate(rows):
                for place in {0, len(stored) // 2, len(stored) - 1}:
                    path = self.copy(site, f"flip-{number}-{place}")
                    flipped = bytearray(stored)
                    flipped[place] ^= 1
                    self.change(path, "UPDATE batch SET bytes = ? WHERE first_index = ?", bytes(flipped), first)
                    with self.assertRaisesRegex(ValueError, f"record {first}"):
                        walk(path)
            path = self.copy(site, "gone")
            self.change(path, "DELETE FROM batch WHERE first_index = ?", rows[2][0])
            with self.assertRaisesRegex(ValueError, "missing"):
                walk(path)
            path = self.copy(site, "link")
            self.change(path, "UPDATE batch SET link = zeroblob(33) WHERE first_index = ?", rows[1][0])
            with self.assertRaises(ValueError):
                walk(path)
            path = self.copy(site, "cut")
            self.change(path, "DELETE FROM batch WHERE first_index = ?", rows[-1][0])
            self.assertNotIn(shown, walk(path).values(), "a cut end is seen by the link that was noted elsewhere")

    def test_the_hub_does_not_start_on_a_changed_log(self):
        for which in ("first", "last"):
            with self.subTest(which), Site() as site:
                self.fill(site, 5)
                self.assertEqual(site.hub.stop(), 0)
                path = site.dir / "hub-data" / "log.db"
                with sqlite3.connect(path) as db:
                    rows = db.execute("SELECT first_index, bytes FROM batch ORDER BY first_index").fetchall()
                db.close()
                first, stored = rows[0 if which == "first" else -1]
                flipped = bytearray(stored)
                flipped[len(stored) // 2] ^= 1
                self.change(path, "UPDATE batch SET bytes = ? WHERE first_index = ?", bytes(flipped), first)
                site.hub.start()
                wait(lambda: not site.hub.running(), "the hub refuses to start")
                self.assertNotEqual(site.hub.process.returncode, 0)
                self.assertIn(f"record {first}", site.hub.output(), "it names the first bad record")
                self.assertIn("log.db", site.hub.output())


if __name__ == "__main__":
    unittest.main()
