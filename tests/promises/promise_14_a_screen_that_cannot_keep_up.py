"""A screen that stops reading loses frames of the feed, the hub goes on as if nothing had happened, and the screen is right again by itself. The
real programs; the screen is stopped as a machine would stop it that has run out of memory or was put to sleep.
"""
import pathlib
import re
import signal
import unittest
import urllib.request

from harness import common, wait
from screen_harness import ScreenSite

ESTABLISHED = "01"


def connections_to(port):
    """How many the kernel holds open on this side."""
    lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for fields in lines if int(fields[1].split(":")[1], 16) == port and fields[3] == ESTABLISHED)


class AScreenThatCannotKeepUp(unittest.TestCase):
    def test_it_loses_frames_the_hub_does_not_wait_and_it_is_right_again(self):
        with ScreenSite({"viewer": ("观摩员乙", "command", ["viewer"])}) as site:
            numbers = iter(range(10_000))

            def report():
                return site.party("police-110").report(f"slow-{next(numbers)}", category="order.dispute", danger_to_life=common.NO,
                                                       division="339921102000").incident_id

            def metric(name):
                text = urllib.request.urlopen(f"http://{site.addresses['metrics']}/metrics", timeout=60).read().decode()
                return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))

            viewer = site.browser("viewer")
            events = viewer.events()
            events.wait_for("incident", report())
            self.assertEqual(connections_to(site.feed_port), 1)
            gaps, snapshots = metric("liandong_screen_feed_gaps_total"), metric("liandong_screen_feed_snapshots_total")

            site.screen.process.send_signal(signal.SIGSTOP)
            # Every report has its receipt meanwhile, until the hub has given up the one that does not answer, and after it.
            told = set()
            wait(lambda: told.add(report()) or connections_to(site.feed_port) == 0, "the hub lets go of it")
            missed = report()
            told.add(missed)
            site.screen.process.send_signal(signal.SIGCONT)

            events.wait_for("incident", missed)
            self.assertLessEqual(told, set(viewer.view()))
            self.assertGreater(metric("liandong_screen_feed_gaps_total"), gaps)
            self.assertGreater(metric("liandong_screen_feed_snapshots_total"), snapshots)
            # And live again, not only mended once.
            events.wait_for("incident", report())


if __name__ == "__main__":
    unittest.main(verbosity=2)
