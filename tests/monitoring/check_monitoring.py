"""Alert rules: sound (promtool), firing when they should (promtool test), and about metrics that a real hub really serves.

Exits with 77, which ctest shows as skipped, when promtool (Debian's package prometheus) is not installed.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "promises"))
from harness import ROOT, Site, common, free_port, wait  # noqa: E402

MONITORING = ROOT / "deploy/monitoring"
PROMTOOL = shutil.which("promtool")


def promtool(*arguments, text=None):
    done = subprocess.run([PROMTOOL, *arguments], input=text, capture_output=True, text=True, cwd=MONITORING, timeout=60)
    return done.returncode, done.stdout + done.stderr


def scrape(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        return answer.read().decode()


class Monitoring(unittest.TestCase):
    def test_rules_are_sound_and_fire(self):
        for arguments in (("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")):
            code, output = promtool(*arguments)
            self.assertEqual(code, 0, f"promtool {' '.join(arguments)}:\n{output}")

    def test_rules_name_what_a_hub_serves(self):
        port = free_port()
        with Site(hub_options=f'metrics_listen: "127.0.0.1:{port}"') as site:
            line = site.party("fire-119").connect()
            site.party("police-110").report("m1", category="accident.fire", division="339921100000", danger_to_life=common.YES,
                                            severity=common.LARGE, caller_name="张三丰", address="河边路7号")
            wait(lambda: re.search(r'^liandong_hub_streams{party="fire-119"} 1$', scrape(port), re.M), "the open line is counted")
            metrics = scrape(port)
            code, output = promtool("check", "metrics", text=metrics)
            self.assertEqual(code, 0, output)
            served = set(re.findall(r"^([a-z_]+)[{ ]", metrics, re.M))
            wanted = set(re.findall(r"liandong_hub_[a-z_]+", (MONITORING / "alerts.yml").read_text()))
            # The feed's figures come with a feed.
            missing = {name for name in wanted - served if not name.startswith("liandong_hub_feed_")}
            self.assertEqual(missing, set(), "rules about metrics that no hub serves")
            self.assertRegex(metrics, r'(?m)^liandong_hub_open_incidents 1$')
            self.assertRegex(metrics, r'(?m)^liandong_hub_up 1$')
            self.assertRegex(metrics, r'(?m)^liandong_hub_sync_seconds_count [1-9]')
            self.assertRegex(metrics, r'(?m)^liandong_hub_outstanding_deliveries{party="medical-120",lane="urgent"} [1-9]')
            for hidden in ("张三丰", "河边路", "m1"):
                self.assertNotIn(hidden, metrics)
            line.close()

    def test_metrics_stay_on_this_machine(self):
        site = Site(hub_options='metrics_listen: "0.0.0.0:0"')
        try:
            site.hub.start()
            site.hub.process.wait(60)
            self.assertNotEqual(site.hub.process.returncode, 0)
            self.assertIn("metrics_listen", site.hub.output())
        finally:
            site.hub.kill()


if __name__ == "__main__":
    if PROMTOOL is None:
        print("skipped: promtool is missing; apt-get install prometheus")
        sys.exit(77)
    unittest.main()
