"""Promise 10 (one node): three hubs and three etcd. The active hub is killed, stopped and continued, etcd's leader is killed, everything is killed at
once, all under load. Nothing acknowledged is lost, nothing is delivered without its record, each lane keeps its order, and all nodes hold the same
chain. The gap (the longest pause between two receipts, of all reporters together, that ends after the kill) is printed and not judged.

    promise_16_cluster_takes_over.py            once each: about a minute
    promise_16_cluster_takes_over.py --kills 10 [--out FILE.md]     the gaps' medians, of so many kills each
"""
import argparse
import datetime
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import time
import unittest

from cluster_harness import EXIT_REPLACED, PATIENT_MS, Cluster, batches
from cluster_load import APART, Checks, Load
from harness import ROOT, wait

KILLS = 1
AS_A_SITE = 0  # what the settings take by themselves: for the figures


class ANodeMayDie(Checks, unittest.TestCase):
    def kill_the_active(self, cluster, load):
        node = cluster.active()
        moment = time.monotonic()
        cluster.hubs[node].kill()
        self.note("active hub killed", load.gap_after(moment))
        self.assertNotEqual(wait(cluster.active, "another hub leads"), node)
        cluster.hubs[node].start()
        load.more()

    def stop_and_continue_the_active(self, cluster, load):
        node = cluster.active()
        hub = cluster.hubs[node]
        moment = time.monotonic()
        hub.process.send_signal(signal.SIGSTOP)
        self.note("active hub stopped", load.gap_after(moment))
        load.more()
        before = batches(cluster.dir / node)
        hub.process.send_signal(signal.SIGCONT)
        wait(lambda: not hub.running(), "the replaced hub ends")
        self.assertEqual(hub.process.returncode, EXIT_REPLACED, hub.output()[-1000:])
        after = batches(cluster.dir / node)
        others = batches(cluster.dir / cluster.active())
        self.assertEqual(after, others[:len(after)], "it kept nothing that the cluster does not have")
        self.assertLessEqual(len(after) - len(before), 20, "at most what etcd had taken before it was stopped")
        hub.start()
        load.more()

    def kill_the_etcd_leader(self, cluster, load):
        name = wait(cluster.etcd_leader, "etcd has a leader")
        moment = time.monotonic()
        cluster.etcd[name].kill()
        self.note("etcd leader killed", load.gap_after(moment))
        load.more()
        cluster.etcd[name].start()
        wait(lambda: cluster.etcd_leader(), "etcd has a leader")

    def kill_everything(self, cluster, load):
        for program in [*cluster.hubs.values(), *cluster.etcd.values()]:
            program.process.send_signal(signal.SIGKILL)
        moment = time.monotonic()
        for program in [*cluster.etcd.values(), *cluster.hubs.values()]:
            program.kill()
            program.start()
        self.note("everything killed and started again", load.gap_after(moment))
        load.more()

    def test_nothing_is_lost_whichever_node_dies(self):
        with Cluster(takeover_ms=PATIENT_MS if KILLS == 1 else AS_A_SITE, settings=APART) as cluster:
            with Load(cluster) as load:
                load.more()
                for _ in range(KILLS):
                    self.kill_the_active(cluster, load)
                for _ in range(KILLS):
                    self.kill_the_etcd_leader(cluster, load)
                self.stop_and_continue_the_active(cluster, load)
                self.kill_everything(cluster, load)
            self.check(cluster, load)


def write(path, asked):
    """The medians, with what they need to be had again."""
    commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    processor = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    lines = ["# The cluster: the longest time without a receipt around a kill", "", "| | |", "|---|---|", f"| command | `{asked}` |", f"| commit | {commit} |",
             f"| date | {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%MZ} |",
             f"| machine | three etcd and three hubs on one: {len(os.sched_getaffinity(0))} cores, {processor}, {platform.release()} |", "",
             "| what | times | median s | least | most |", "|---|---|---|---|---|"]
    lines += [f"| {what} | {len(gaps)} | {statistics.median(gaps):.2f} | {min(gaps):.2f} | {max(gaps):.2f} |" for what, gaps in ANodeMayDie.gaps.items()]
    text = "\n".join(lines) + "\n"
    print(text)
    if path:
        pathlib.Path(path).write_text(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--out")
    parser.add_argument("--asked", help="the command to write down")
    flags, rest = parser.parse_known_args()
    KILLS = flags.kills
    program = unittest.main(argv=sys.argv[:1] + rest, exit=False)
    if KILLS > 1:
        write(flags.out, flags.asked or f"tests/promises/{pathlib.Path(__file__).name} --kills {KILLS}")
    sys.exit(not program.result.wasSuccessful())
