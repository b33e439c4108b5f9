"""Promise 7, before a change: what other agreements would have made of the past is told from the hub's own log, which stays as it is."""
import hashlib
import json
import shutil
import sqlite3
import unittest

from harness import ack_pb, common, delivery_pb, Site, wait


class AgreementsCanBeReplayed(unittest.TestCase):
    def change(self, site, name, old, new):
        """A copy of the site directory with one text of the power company's agreement replaced."""
        folder = site.dir / name
        shutil.copytree(site.site_dir, folder)
        path = folder / "agreements/16-power-2022.textproto"
        text = path.read_text()
        self.assertEqual(text.count(old), 1, old)
        path.write_text(text.replace(old, new))
        return folder

    def replay(self, site, folder, *more):
        code, text = site.run("agreements", "replay", folder, "--from", site.dir / "hub-data", "--json", *more)
        self.assertEqual(code, 0, text)
        return json.loads(text)

    def test_one_clause_edited(self):
        with Site() as site:
            police = site.party("police-110")
            place = dict(division="339921100000", danger_to_life=common.NO, severity=common.GENERAL)
            line = police.report("r1", category="accident.power", description="断线落地", **place).incident_id
            flood = police.report("r2", category="natural.flood", description="河水上涨,全村停电", **place).incident_id
            light = police.report("r3", category="service.streetlight", description="路灯不亮", **place).incident_id
            power = site.party("power-supply")
            task = power.connect().wait_for(line, delivery_pb.TASK)
            power.acknowledge(task.envelope.delivery_id, ack_pb.ACCEPTED)
            wait(lambda: any(d.party == "power-supply" and d.person == ack_pb.ACCEPTED for d in site.party("command").show(line).duty), "accepted")
            self.assertEqual(site.hub.stop(), 0)
            key = ("--master-key", site.dir / "hub-master.key")
            before = {path: hashlib.sha256(data).digest() for path, data in site.files(site.dir / "hub-data") if path.name in ("log.db", "keys.db")}

            same = self.replay(site, site.site_dir, *key)
            self.assertEqual((same["incidents"], same["elsewhere"], same["deadlinesDiffer"], same["list"]), (3, 0, 0, []))

            # The flood's power cut goes to the fire brigade instead, for its words; nothing else changes.
            words = self.change(site, "words", """any_word: "电杆" any_word: "电线杆" any_word: "变压器" any_word: "跳闸" device_alarm: NO
  }
  duty {
    party: "power-supply\"""", """any_word: "电杆" any_word: "电线杆" any_word: "变压器" any_word: "跳闸" device_alarm: NO
  }
  duty {
    party: "fire-119\"""")
            told = self.replay(site, words, *key)
            self.assertEqual([one["incident"] for one in told["list"]], [flood])
            changes = {(d["party"], d["before"], d["after"]) for d in told["list"][0]["duties"]}
            self.assertIn(("power-supply", "SUPPORT", ""), changes)
            self.assertEqual(told["parties"]["power-supply"]["lost"], 1)
            code, text = site.run("agreements", "replay", words, "--from", site.dir / "hub-data", *key)
            self.assertEqual(code, 0)
            self.assertIn("去向不同 would have gone elsewhere: 1\n", text)
            self.assertIn("- ", text)
            self.assertNotIn("停电", text, "nothing of what was told")

            # Without the key the hub's log does not say what was told; what hangs on words is named and no more.
            sealed = self.replay(site, words)
            undecided = [one["incident"] for one in sealed["list"] if one["undecided"]]
            self.assertIn(flood, undecided)
            self.assertEqual(sealed["undecidedWithoutKey"], len(undecided))
            self.assertEqual(sealed["elsewhere"], 0)

            # A role changed of one clause without words: exactly the streetlight.
            role = self.change(site, "role", """role: SUPPORT
    receive_within_s: 60 accept_within_s: 3600""", """role: INFORM
    receive_within_s: 60""")
            told = self.replay(site, role, *key)
            self.assertEqual([(one["incident"], one["duties"]) for one in told["list"]],
                             [(light, [{"party": "power-supply", "before": "SUPPORT", "after": "INFORM"}])])

            # From a copy, whose keys are destroyed as the key store leaves them: each incident is named as erased.
            copy = site.dir / "copy"
            shutil.copytree(site.dir / "hub-data", copy)
            with sqlite3.connect(copy / "keys.db") as keys:
                keys.execute("UPDATE data_key SET live = 0, wrapped = zeroblob(length(wrapped))")
            keys.close()
            code, text = site.run("agreements", "replay", words, "--from", copy, "--json", *key)
            erased = json.loads(text)
            self.assertEqual({one["incident"] for one in erased["list"] if one["erased"]}, {line, flood, light})
            self.assertIn(flood, [one["incident"] for one in erased["list"] if one["undecided"]])
            self.assertEqual((erased["erased"], erased["undecidedWithoutKey"]), (3, 0))
            code, text = site.run("agreements", "replay", words, "--from", copy, *key)
            self.assertIn("个人信息已销毁 personal data erased: 3\n", text)

            # Not one byte of the log or of the key store changed.
            self.assertEqual(before, {path: hashlib.sha256(data).digest() for path, data in site.files(site.dir / "hub-data") if path in before})

            # A set with errors is refused with their place; a folder without a log, too.
            broken = self.change(site, "broken", 'id: "4.4"', 'id: "4.3"')
            code, text = site.run("agreements", "replay", broken, "--from", site.dir / "hub-data", check=False)
            self.assertNotEqual(code, 0)
            self.assertIn("16-power-2022.textproto:", text)
            code, text = site.run("agreements", "replay", words, "--from", site.dir / "pki", check=False)
            self.assertNotEqual(code, 0)


if __name__ == "__main__":
    unittest.main()
