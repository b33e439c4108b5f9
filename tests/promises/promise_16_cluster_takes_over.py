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
import threading
import time
import unittest

from cluster_harness import EXIT_REPLACED, NODES, Cluster, batches
from harness import ROOT, ack_pb, common, delivery_pb, grpc, link_pb, wait
from liandong.v1 import record_pb2
from promise_08_the_record_cannot_be_quietly_changed import walk

QINGSHI = "339921100000"
REPORTERS = ("police-110", "fire-119")
AGENCY = "hotline-12345"  # has a task of every broken street light
APART = {"suggest_at": 101, "storm_reports": 0}  # no call joins another
KILLS = 1


class Load:
    """Reporters that tell the same until they have a receipt, and an agency that accepts what it is told."""

    def __init__(self, cluster):
        self.cluster, self.done, self.lock = cluster, threading.Event(), threading.Lock()
        self.receipts, self.errors = {}, []             # (party, external id) -> (incident, when, by time.monotonic())
        self.got, self.accepted = {}, set()             # (lane, sequence) -> delivery id; ids of which ACCEPTED was answered
        self.threads = [threading.Thread(target=self.guard, args=(self.report, name)) for name in REPORTERS]
        self.threads.append(threading.Thread(target=self.guard, args=(self.agency, AGENCY)))

    def __enter__(self):
        for party in (*REPORTERS, AGENCY):
            self.cluster.party(party)
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join()

    def guard(self, work, name):
        try:
            work(name)
        except Exception as error:  # noqa: BLE001 the test looks at it
            self.errors.append(f"{name}: {error!r}")

    def report(self, name):
        number = 0
        while not self.done.is_set():
            receipt = self.cluster.party(name).report(f"{name}-{number}", category="service.streetlight", division=QINGSHI, description="路灯不亮")
            with self.lock:
                self.receipts[name, f"{name}-{number}"] = (receipt.incident_id, time.monotonic())
            number += 1
            self.done.wait(0.01)

    def agency(self, name):
        party, last = self.cluster.party(name), {common.URGENT: 0, common.ORDINARY: 0}
        while not self.done.is_set():
            try:
                party.fetch(most=1)  # finds the hub that answers
                line = party.connect(resume=[link_pb.LaneCursor(lane=lane, after_sequence=sequence) for lane, sequence in last.items()], receive=False)
            except (AssertionError, grpc.RpcError):
                continue
            handled = 0
            while not self.done.is_set() and line.error is None:
                if len(line.deliveries) == handled:
                    self.done.wait(0.02)
                    continue
                one = line.deliveries[handled].envelope
                handled += 1
                if one.sequence > last[one.lane] + 1:
                    self.errors.append(f"lane {one.lane}: {one.sequence} came after {last[one.lane]}")
                if self.got.setdefault((one.lane, one.sequence), one.delivery_id) != one.delivery_id:
                    self.errors.append(f"lane {one.lane}: {one.sequence} is two deliveries")
                last[one.lane] = max(last[one.lane], one.sequence)
                states = (ack_pb.RECEIVED, ack_pb.ACCEPTED) if one.kind == delivery_pb.TASK else (ack_pb.RECEIVED,)
                for state in states:
                    outcome = party.acknowledge(one.delivery_id, state).outcome
                    if state == ack_pb.ACCEPTED and outcome in (ack_pb.APPLIED, ack_pb.ALREADY_DONE):
                        self.accepted.add(one.delivery_id)
            line.close()

    def more(self, count=20):
        """Waits for so many further receipts."""
        aim = len(self.receipts) + count
        wait(lambda: len(self.receipts) >= aim or self.errors, "further receipts")

    def gap_after(self, moment):
        """The longest pause between two receipts, in seconds, from the last one before the moment to the twentieth after it."""
        def times():
            with self.lock:
                return sorted(when for _, when in self.receipts.values())
        after = wait(lambda: [when for when in times() if when > moment][20:] or self.errors, "receipts after the kill")
        if self.errors:
            return 0
        around = [max((when for when in times() if when <= moment), default=moment), *(when for when in times() if moment < when <= after[0])]
        return max(later - earlier for earlier, later in zip(around, around[1:]))


class ANodeMayDie(unittest.TestCase):
    gaps = {}

    def note(self, what, gap):
        self.gaps.setdefault(what, []).append(gap)
        print(f"{what}: {gap:.2f} s without a receipt", flush=True)

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

    def check(self, cluster, load):
        """With the load over: every node has the same log, and it holds all that was told and answered."""
        cluster.settle()
        self.assertEqual(load.errors, [])
        active = cluster.active()
        for node in sorted(NODES, key=lambda one: one == active):  # those that stand by first, so that none of them takes over
            self.assertEqual(cluster.hubs[node].stop(), 0, cluster.hubs[node].output()[-1000:])
        longest = batches(cluster.dir / active)
        for node in NODES:
            log = batches(cluster.dir / node)
            self.assertEqual(log, longest[:len(log)], node)
            self.assertTrue(walk(cluster.dir / node / "log.db"))
            code, text = cluster.run("audit", "verify", cluster.dir / node, check=False)
            self.assertEqual(code, 0, f"{node}: {text}")
            records = [record for _, _, _, stored in log for record in record_pb2.Batch.FromString(stored).record]
            self.holds_all(records, load)
        print(f"{len(load.receipts)} receipts, {len(load.got)} deliveries, {len(load.accepted)} tasks accepted, {len(records)} records: all of them "
              f"on {len(NODES)} nodes")

    def holds_all(self, records, load):
        reports = {(one.key.party, one.key.external_id) for record in records for one in record.changes.report}
        self.assertLessEqual(load.receipts.keys(), reports, "every receipt's report is in the log")
        deliveries = {(one.lane, one.sequence): one.id for record in records for one in record.changes.delivery if one.party == AGENCY}
        self.assertEqual({key: deliveries.get(key) for key in load.got}, load.got, "nothing was delivered without its record")
        for lane in {lane for lane, _ in deliveries}:
            numbers = sorted(sequence for which, sequence in deliveries if which == lane)
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), f"lane {lane} has no gap")
        accepted = {record.acknowledged.delivery_id for record in records if record.acknowledged.state == ack_pb.ACCEPTED}
        self.assertLessEqual(load.accepted, accepted, "every answered acknowledgment is in the log")

    def test_nothing_is_lost_whichever_node_dies(self):
        with Cluster(settings=APART) as cluster:
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
