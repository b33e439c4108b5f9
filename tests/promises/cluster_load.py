"""A load on a cluster that goes on whatever dies, and what must hold afterwards on every node."""
import threading
import time

from cluster_harness import NODES, batches
from harness import ack_pb, common, delivery_pb, grpc, link_pb, wait
from liandong.v1 import record_pb2
from promise_08_the_record_cannot_be_quietly_changed import walk

QINGSHI = "339921100000"
REPORTERS = ("police-110", "fire-119")
AGENCY = "hotline-12345"  # has a task of every broken street light
APART = {"suggest_at": 101, "storm_reports": 0}  # no call joins another


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


class Checks:
    """For a TestCase: pauses in service, and the check of all nodes' logs."""
    gaps = {}

    def note(self, what, gap):
        self.gaps.setdefault(what, []).append(gap)
        print(f"{what}: {gap:.2f} s without a receipt", flush=True)

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
