"""An erasure reaches every node of a cluster: the active hub at once, those that stand by with the record, one that was away when it comes back."""
import contextlib
import sqlite3
import subprocess
import unittest

from cluster_harness import NODES, Cluster, batches
from harness import BIN, link_pb, wait
from liandong.v1 import record_pb2

SAID = "李四家中有一位透析病人"


class ErasedEverywhere(unittest.TestCase):
    def test_no_node_keeps_the_key(self):
        with Cluster() as cluster:
            first = {node: self.keeper(cluster, node) for node in NODES}
            cluster.settle()
            receipt = cluster.party("fire-119").report("A", category="natural.landslide", division="339921100000", description=SAID)
            incident = receipt.incident_id
            command = cluster.party("command")
            self.assertIn(SAID.encode(), command.show(incident).SerializeToString())
            command.desk("Cancel", link_pb.CloseRequest(incident_id=incident, reason="处置完毕"), link_pb.ActionReply)
            cluster.settle()
            active = cluster.active()
            away, other = (node for node in NODES if node != active)
            cluster.hubs[away].kill()
            wrapped = self.wrapped_key(cluster.dir / away, incident)
            for node in NODES:
                self.assertTrue(self.has(cluster.dir / node, wrapped), f"{node} has the key before")

            here = ["--hub", f"127.0.0.1:{cluster.ports[active]}", "--ca", cluster.pki / "ca.crt", "--cert", cluster.pki / "command.crt", "--key",
                    cluster.pki / "command.key", "--as", "keeper"]
            (cluster.dir / "first.txt").write_text(first[active])
            (cluster.dir / "password.txt").write_text("correct horse\n")
            cluster.run("account", "password", *here, "--password-file", cluster.dir / "first.txt", "--new-password-file", cluster.dir / "password.txt")
            cluster.run("incident", "erase", incident, "--reason", "当事人申请", *here, "--password-file", cluster.dir / "password.txt")
            self.assertFalse(self.has(cluster.dir / active, wrapped), "destroyed before the answer")
            wait(lambda: not self.has(cluster.dir / other, wrapped), "the one that stands by has destroyed it")
            self.assertTrue(self.has(cluster.dir / away, wrapped), "nobody has told the one that is away")
            cluster.hubs[away].start()
            wait(lambda: not self.has(cluster.dir / away, wrapped), "it hears of it and destroys it")

            cluster.hubs[active].kill()
            wait(lambda: cluster.active() not in (None, active), "another hub leads")
            shown = command.show(incident)
            self.assertGreater(shown.incident.erased_at_ms, 0)
            self.assertNotIn(SAID.encode(), shown.SerializeToString())

    def keeper(self, cluster, node):
        """An agreement keeper's account on this node, which accounts are made on one by one; returns the first password."""
        self.assertEqual(cluster.hubs[node].stop(), 0)
        made = subprocess.run([BIN / "liandong-hub", "--config", cluster.dir / f"{node}.textproto", "account", "create", "--account", "keeper",
                               "--person", "甲", "--party", "command", "--role", "agreement_keeper"], capture_output=True, text=True, timeout=90,
                              check=True)
        cluster.hubs[node].start()
        wait(cluster.active, "one hub leads")
        return made.stdout.split()[-1] + "\n"

    def wrapped_key(self, folder, incident):
        records = [record for _, _, _, stored in batches(folder) for record in record_pb2.Batch.FromString(stored).record]
        key_id = next(one.key_id for record in records for one in record.changes.incident if one.id == incident)
        with contextlib.closing(sqlite3.connect(f"file:{folder / 'keys.db'}?mode=ro", uri=True)) as db:
            return db.execute("SELECT wrapped FROM data_key WHERE id = ?", (key_id,)).fetchone()[0]

    def has(self, folder, wrapped):
        """Whether any file of the key store holds these bytes, free pages and write-ahead log included."""
        return any(wrapped in file.read_bytes() for file in folder.glob("keys.db*"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
