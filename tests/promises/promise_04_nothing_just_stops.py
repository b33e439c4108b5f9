"""Promise 4: a missed deadline climbs its escalation steps, the last of which is the command centre. Also over a crash of the hub."""
import unittest

from harness import Site, delivery_pb


class NothingJustStops(unittest.TestCase):
    def site(self):
        site = Site(settings={"escalation_wait_s": 1, "outage_grace_s": 1})
        for path in (site.site_dir / "agreements").glob("*.textproto"):
            text = path.read_text()
            for rung in ("receive_within_s: 10 ", "accept_within_s: 60 ", "wait_s: 60 "):
                text = text.replace(rung, rung.split(":")[0] + ": 1 ")
            path.write_text(text)
        return site

    def test_climbs_to_the_command_centre(self):
        with self.site() as site:
            medical, command = site.party("medical-120").connect(), site.party("command").connect()
            receipt = site.party("fire-119").report("r1", category="health.illness", division="339921100000", description="有人晕倒")
            medical.wait_for(receipt.incident_id, delivery_pb.TASK)   # stored, and nobody looks
            medical.wait_for(receipt.incident_id, delivery_pb.ESCALATION)  # its own shift leader
            last = command.wait_for(receipt.incident_id, delivery_pb.ESCALATION)
            self.assertIn("120", last.body.text)
            shown = site.party("command").show(receipt.incident_id)
            self.assertTrue(any(entry.what == "DEADLINES_MISSED" for entry in shown.timeline))

    def test_a_crash_does_not_stop_the_clock(self):
        with self.site() as site:
            receipt = site.party("fire-119").report("r1", category="health.illness", division="339921100000", description="有人晕倒")
            site.hub.kill()
            site.start_hub()
            command = site.party("command").connect()
            command.wait_for(receipt.incident_id, delivery_pb.ESCALATION)


if __name__ == "__main__":
    unittest.main()
