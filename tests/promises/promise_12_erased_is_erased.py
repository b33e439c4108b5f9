"""What the law has destroyed can be read nowhere any more: not in the log, its write-ahead log, snapshots, history, the trail, free pages or a backup.
The clear key is on no disk at any time, the wrapped one on none from then on; chain, statistics and what was done stand as they were.

The thief here has the master key and every file (open_sealed, a program of this test alone).
"""
import re
import shutil
import sqlite3
import subprocess
import unittest

from adapter_harness import Adapter, stamp
from harness import BUILD, LIMIT_S, Site, ack_pb, common, delivery_pb, desk_pb, grpc, link_pb, reason_of, wait
from google.protobuf import text_format
from liandong.v1 import site_pb2, state_pb2
from promise_08_an_inspector_can_prove_it import account, first_sign_in
from promise_12_personal_text_stays_sealed import NEEDLES, QINGSHI, SAID, jjdb

SETTINGS = {"evict_after_s": 1, "return_review_s": 0}
OPTIONS = "snapshot_every_records: 10 audit { checkpoint_every_records: 10 }"
ERASED = "个人信息已依法销毁"
DESTROYED = 3


class ErasedIsErased(unittest.TestCase):
    def setUp(self):
        self.site = Site(settings=SETTINGS, hub_options=OPTIONS)
        self.site.__enter__()
        self.addCleanup(lambda: self.site.__exit__(None, None, None) if self.passed() else self.site.__exit__(AssertionError, None, None))
        self.data = self.site.dir / "hub-data"
        self.assertEqual(self.site.hub.stop(), 0)
        self.keeper = account(self.site, "keeper", "command", "agreement_keeper")
        self.site.start_hub()
        first_sign_in(self.site, "keeper")
        self.command = self.site.party("command")

    def passed(self):
        return self._outcome.success

    # What parties do.

    def listen(self, *but):
        """Every party but these stores what it is sent, so that what has ended leaves memory."""
        parties = text_format.Parse((self.site.site_dir / "parties.textproto").read_text(), site_pb2.PartyFile()).party
        for party in parties:
            if party.kind not in (common.HUB, common.SCREEN) and party.id not in but:
                self.site.party(party.id).connect()

    def told(self, external_id):
        """An incident whose every personal field says something unmistakable."""
        receipt = self.site.party("fire-119").report(
            external_id, category="natural.landslide", division=SAID["village"], caller_name=SAID["name"], caller_phone=SAID["phone"],
            contact_phone=SAID["contact"], address=SAID["address"], description=SAID["narrative"], medical=SAID["medical"])
        incident = receipt.incident_id
        duty = next(d for d in self.command.show(incident).duty if d.role == common.LEAD)
        self.site.party(duty.party).acknowledge(duty.delivery_id, ack_pb.ACCEPTED, note=SAID["note"])
        self.command.desk("AddNote", desk_pb.AddNoteRequest(incident_id=incident, text=SAID["later words"]), link_pb.ActionReply)
        order = desk_pb.OrderPartiesRequest(incident_id=incident, party=["town-qingshi"], text=SAID["order"], given_by="值班长")
        self.command.desk("OrderParties", order, desk_pb.OrderPartiesReply)
        self.command.desk("Transfer", link_pb.TransferRequest(incident_id=incident, to="telecom", reason=SAID["offer"]), link_pb.ActionReply)
        return incident

    def close(self, incident):
        request = link_pb.CloseRequest(incident_id=incident, reason="处置完毕")
        self.command.desk("Cancel", request, link_pb.ActionReply)

    def out_of_memory(self):
        wait(lambda: self.command.status().incidents_in_memory == 0, "what has ended has left memory")

    def keep(self, *arguments, check=True):
        return self.site.cli("command", "incident", *arguments, *self.keeper, check=check)

    def erase(self, incident, check=True):
        return self.keep("erase", incident, "--reason", "当事人申请", check=check)

    def figures(self):
        reply = self.command.desk("Stats", desk_pb.StatsRequest(from_ms=1, until_ms=1 << 60), desk_pb.StatsReply)
        reply.log_index = 0
        return reply.SerializeToString()

    # What a thief does.

    def stolen(self, name):
        """A copy of the folder as it lies there."""
        copy = self.site.dir / name
        shutil.copytree(self.data, copy)
        return copy

    def open_sealed(self, *arguments):
        return subprocess.run([BUILD / "tests/open_sealed", *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT_S)

    def state_of(self, folder, incident):
        with sqlite3.connect(f"file:{folder / 'history.db'}?mode=ro", uri=True) as db:
            return state_pb2.IncidentState.FromString(db.execute("SELECT state FROM incident WHERE id = ?", (incident,)).fetchone()[0])

    def sealed_report(self, folder, incident):
        with sqlite3.connect(f"file:{folder / 'history.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT state FROM report WHERE incident_id = ?", (incident,)).fetchall()
        return state_pb2.ReportState.FromString(rows[0][0]).sealed

    def key_of(self, folder, incident):
        """(id, clear key, wrapped key); the hub does not run."""
        key_id = self.state_of(folder, incident).key_id
        said = self.open_sealed("key", folder / "keys.db", self.site.dir / "hub-master.key", key_id)
        self.assertEqual(said.returncode, 0, said.stderr)
        with sqlite3.connect(f"file:{folder / 'keys.db'}?mode=ro", uri=True) as db:
            wrapped = db.execute("SELECT wrapped FROM data_key WHERE id = ?", (key_id,)).fetchone()[0]
        return key_id, bytes.fromhex(said.stdout.strip()), wrapped

    def files_with(self, needle, but=()):
        """Names of the site's files that hold these bytes anywhere."""
        out = set()
        for path, content in self.site.files(self.site.dir):
            top = path.relative_to(self.site.dir).parts[0]
            if needle in content and top not in but and not top.startswith("native-"):
                out.add(str(path.relative_to(self.site.dir)))
        return out

    def assert_nothing_readable(self, keys, but=()):
        for what, needle in NEEDLES:
            self.assertEqual(self.files_with(needle, but), set(), f"{what} in clear")
        for key_id, clear, _ in keys:
            self.assertEqual(self.files_with(clear, but), set(), f"the clear key {key_id}")
            self.assertEqual(self.files_with(clear.hex().encode(), but), set(), f"the clear key {key_id} in words")

    def test_an_erased_incident_can_be_read_nowhere(self):
        police = Adapter(self.site, "police-110", tries=2)
        police.start()
        self.listen("police-110")
        erased, kept = self.told("A"), self.told("B")
        record = jjdb("3399210001")
        police.tell(record)
        listed = wait(lambda: [i.incident.incident_id for i in self.command.desk(
            "ListIncidents", desk_pb.ListIncidentsRequest(), desk_pb.ListIncidentsReply).incident if i.first_party == "police-110"], "110's incident")
        for incident in (erased, kept, listed[0]):
            self.close(incident)
        self.out_of_memory()
        shown_before = self.command.show(kept).SerializeToString()
        self.assertIn(SAID["narrative"].encode(), shown_before, "it was there to be read")
        self.site.hub.kill()
        before = self.stolen("stolen-before")
        keys = [self.key_of(before, one) for one in (erased, kept, listed[0])]
        self.assert_nothing_readable(keys, but=("stolen-before",))
        for key_id, _, wrapped in keys:
            self.assertTrue(any("keys.db" in name for name in self.files_with(wrapped, but=("stolen-before",))), f"the wrapped key {key_id} is there before")
        opened = self.open_sealed("open", before / "keys.db", self.site.dir / "hub-master.key", keys[0][0], erased, self.sealed_report(before, erased).hex())
        self.assertIn(SAID["narrative"].encode(), bytes.fromhex(opened.stdout), "the thief's program works")

        self.site.start_hub()
        figures = self.figures()
        _, said = self.erase(erased)
        self.assertIn(ERASED, said)
        self.erase(listed[0])
        gone, stays = [keys[0], keys[2]], keys[1]
        # While the hub runs; after a kill, with whatever its write-ahead logs hold; after a start and a clean stop.
        for moment in ("running", "killed", "stopped"):
            with self.subTest(moment):
                if moment == "killed":
                    self.site.hub.kill()
                if moment == "stopped":
                    self.site.start_hub()
                    self.assertEqual(self.site.hub.stop(), 0)
                self.assert_nothing_readable(keys, but=("stolen-before",))
                for key_id, _, wrapped in gone:
                    self.assertEqual(self.files_with(wrapped, but=("stolen-before",)), set(), f"the wrapped key {key_id}")
                self.assertTrue(self.files_with(stays[2], but=("stolen-before",)), "another incident's key is still there")

        # A backup of the whole folder, made before, with today's keys.
        after = self.stolen("stolen-after")
        for incident, (key_id, _, _), there in ((erased, keys[0], False), (listed[0], keys[2], False), (kept, stays, True)):
            sealed = self.sealed_report(before, incident)
            self.assertTrue(sealed)
            said = self.open_sealed("open", after / "keys.db", self.site.dir / "hub-master.key", key_id, incident, sealed.hex())
            self.assertEqual(said.returncode, 0 if there else DESTROYED, said.stderr)

        _, verified = self.site.run("audit", "verify", self.data, "--ca", self.site.pki / "ca.crt")
        self.assertIn("校验通过 verified", verified)
        self.assertNotIn("note:", verified)

        # With everything that is derived made anew from record 1.
        for rebuilt in (False, True):
            with self.subTest(rebuilt=rebuilt):
                if rebuilt:
                    self.assertEqual(self.site.hub.stop(), 0)
                    shutil.rmtree(self.data / "snapshots")
                    for file in self.data.glob("history.db*"):
                        file.unlink()
                self.site.start_hub()
                wait(lambda: self.command.status().history_index >= self.command.status().log_index, "history has caught up")
                self.assertEqual(self.figures(), figures, "statistics are what they were")
                _, text = self.site.cli("command", "show", erased)
                self.assertIn("已依法销毁", text)
                self.assertIn("ERASED", [entry.what for entry in self.command.show(erased).timeline])
                raw = self.command.show(erased).SerializeToString()
                for what in ("name", "phone", "contact", "address", "narrative", "later words", "medical", "note", "order", "offer"):
                    self.assertNotIn(SAID[what].encode(), raw, what)
                self.assertIn(SAID["narrative"].encode(), self.command.show(kept).SerializeToString())

        # A late amendment of what is erased belongs to nothing any more: the hotline's adapter says so and keeps it as a dead letter, sealed.
        police.tell(jjdb("3399210001", GXSJ=stamp(offset_s=60), BCJJNR=SAID["later words"]))
        wait(lambda: "ERASED" in police.dead(), "the late amendment is a dead letter")
        self.assertEqual(self.command.status().incidents_in_memory, 0, "and brings nothing back")
        police.program.stop()
        self.assert_nothing_readable(keys, but=("stolen-before", "stolen-after"))
        files = [path for path, _ in self.site.files(self.site.dir)]
        self.assertTrue({"log.db", "keys.db", "history.db", "accounts.db", "spool.db"} <= {path.name for path in files})
        self.assertTrue([path for path in files if "snapshot" in str(path)] and [path for path in files if "trail" in str(path)])

    def test_what_still_waits_to_be_sent_says_so(self):
        self.listen("town-qingshi")
        incident = self.told("A")
        self.close(incident)
        self.erase(incident)
        waiting = [d for d in self.site.party("town-qingshi").fetch().delivery if d.envelope.incident_id == incident]
        kinds = {d.envelope.kind for d in waiting}
        self.assertTrue({delivery_pb.TASK, delivery_pb.ORDER} <= kinds, kinds)
        for delivery in waiting:
            raw = delivery.SerializeToString()
            for what in ("name", "phone", "address", "narrative", "order", "note"):
                self.assertNotIn(SAID[what].encode(), raw, what)
            if delivery.envelope.kind != delivery_pb.CANCEL:
                self.assertIn(ERASED, delivery.body.text)
                self.assertGreater(delivery.body.incident.erased_at_ms, 0)
        with self.assertRaises(grpc.RpcError) as refused:
            self.site.party("fire-119").report("A", category="natural.landslide", division=QINGSHI)
        self.assertEqual(reason_of(refused.exception), "ERASED")

    def test_a_legal_hold_stops_it(self):
        self.listen()
        incident = self.told("A")
        self.keep("hold", incident, "--reason", "立案调查")
        self.close(incident)
        self.out_of_memory()
        code, said = self.erase(incident, check=False)
        self.assertEqual(code, 1)
        self.assertIn("UNDER_HOLD", said)
        self.site.hub.kill()
        self.site.start_hub()
        _, text = self.site.cli("command", "show", incident)
        self.assertIn("证据保全", text)
        self.assertIn(SAID["narrative"], text)
        self.assertEqual(self.erase(incident, check=False)[0], 1)
        self.keep("hold", incident, "--lift", "--reason", "结案")
        self.erase(incident)
        _, text = self.site.cli("command", "show", incident)
        self.assertIn("已依法销毁", text)
        self.assertNotIn(SAID["narrative"], text)
        for word in ("立案调查", "结案", "当事人申请"):
            self.assertIn(word, text, "hold, lifting and erasing stand in the record with their reasons")

    def test_a_kill_between_record_and_destruction(self):
        """As the disk looks when the process ends right after the record: the log has it, the key store is as it was."""
        self.listen()
        incident = self.told("A")
        self.close(incident)
        self.out_of_memory()
        self.site.hub.kill()
        before = self.stolen("stolen-before")
        key = self.key_of(before, incident)
        self.site.start_hub()
        self.erase(incident)
        self.site.hub.kill()
        for file in self.data.glob("keys.db*"):
            file.unlink()
        for file in before.glob("keys.db*"):
            shutil.copy(file, self.data)
        self.assertTrue(self.files_with(key[2], but=("stolen-before",)), "the key is there again")
        self.site.start_hub()
        self.assertEqual(self.files_with(key[2], but=("stolen-before",)), set(), "the start has destroyed it")
        self.assertTrue(re.search("补销毁 1 ", self.site.hub.output()), self.site.hub.output()[-1000:])
        raw = self.command.show(incident)
        self.assertGreater(raw.incident.erased_at_ms, 0)
        # From a snapshot that holds the erasure, too.
        self.assertEqual(self.site.hub.stop(), 0)
        for file in self.data.glob("keys.db*"):
            file.unlink()
        for file in before.glob("keys.db*"):
            shutil.copy(file, self.data)
        self.site.start_hub()
        self.assertEqual(self.files_with(key[2], but=("stolen-before",)), set())

    def test_neither_a_program_nor_the_duty_officer_erases(self):
        self.listen()
        incident = self.told("A")
        self.close(incident)
        request = desk_pb.EraseIncidentRequest(incident_id=incident, reason="试试")
        with self.assertRaises(grpc.RpcError) as refused:
            self.command.desk("EraseIncident", request, link_pb.ActionReply)
        self.assertEqual(reason_of(refused.exception), "SESSION_REQUIRED")
        self.assertEqual(self.site.hub.stop(), 0)
        officer = account(self.site, "officer", "command", "duty_officer")
        auditor = account(self.site, "auditor", "command", "auditor")
        self.site.start_hub()
        first_sign_in(self.site, "officer")
        first_sign_in(self.site, "auditor")
        for who in (officer, auditor):
            code, said = self.site.cli("command", "incident", "erase", incident, "--reason", "试试", *who, check=False)
            self.assertEqual(code, 1)
            self.assertIn("NOT_YOUR_ROLE", said)
        self.assertEqual(self.command.show(incident).incident.erased_at_ms, 0)
        self.erase(incident)
        _, trail = self.site.cli("command", "audit", "trail", *auditor, "--object", f"incident {incident}")
        self.assertIn("/liandong.v1.Desk/EraseIncident", trail)
        self.assertIn("keeper", trail)


if __name__ == "__main__":
    unittest.main(verbosity=2)
