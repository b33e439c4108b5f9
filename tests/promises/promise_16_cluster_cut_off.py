"""Promise 10 (one node): the active hub is cut off from etcd, a standby too; a standby dies; the active hub's disk is full. All under load: nothing
acknowledged is lost, and all nodes hold the same chain afterwards. Wires are cut for good (no byte, no word), not closed.
"""
import contextlib
import time
import unittest

import power
from cluster_harness import EXIT_REPLACED, NODES, Cluster, batches
from cluster_load import APART, Checks, Load
from harness import wait

EXIT_DISK = 3


class CutOffOrFull(Checks, unittest.TestCase):
    def test_a_node_without_etcd(self):
        with Cluster(settings=APART, wires=True) as cluster:
            with Load(cluster) as load:
                load.more()
                active = cluster.active()
                standby = next(node for node in NODES if node != active)
                moment = time.monotonic()
                for wire in cluster.wires[standby]:
                    wire.cut()
                self.note("a standby cut off", load.gap_after(moment))
                cluster.hubs[standby].kill()
                load.more()
                for wire in cluster.wires[standby]:
                    wire.mend()
                cluster.hubs[standby].start()

                self.assertEqual(cluster.active(), active, "what befalls a standby is nothing to the others")
                moment = time.monotonic()
                for wire in cluster.wires[active]:
                    wire.cut()
                self.note("active hub cut off", load.gap_after(moment))
                load.more()
                self.assertNotEqual(cluster.active(), active)
                # It has not heard who leads now, and yet ends: nobody's line may stay at a hub that can take nothing.
                wait(lambda: not cluster.hubs[active].running(), "the hub that was cut off ends")
                self.assertEqual(cluster.hubs[active].process.returncode, EXIT_REPLACED, cluster.hubs[active].output()[-1000:])
                log, others = batches(cluster.dir / active), batches(cluster.dir / cluster.active())
                self.assertEqual(log, others[:len(log)], "it kept nothing that the cluster does not have")
                for wire in cluster.wires[active]:
                    wire.mend()
                cluster.hubs[active].start()
                load.more()
            self.check(cluster, load)

    @unittest.skipIf(power.why_not(), f"SKIPPED: no disk of its own can be had here: {power.why_not()}")
    def test_a_node_whose_disk_is_full(self):
        cluster = Cluster(settings=APART)
        for node in NODES:
            power.Disk(cluster.dir / node, cluster.stack)
        with cluster:
            with Load(cluster) as load:
                load.more()
                active = cluster.active()
                filler = cluster.dir / active / "filler"
                with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(1 << 16))
                wait(lambda: not cluster.hubs[active].running(), "the hub whose disk is full ends")
                moment = time.monotonic()
                self.assertEqual(cluster.hubs[active].process.returncode, EXIT_DISK, cluster.hubs[active].output()[-1000:])
                self.note("active hub's disk full", load.gap_after(moment))
                self.assertNotEqual(wait(cluster.active, "another hub leads"), active)
                filler.unlink()
                cluster.hubs[active].start()
                load.more()
            self.check(cluster, load)


if __name__ == "__main__":
    unittest.main(verbosity=2)
