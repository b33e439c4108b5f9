"""Promise 2: every accepted incident has one named holder at every instant, through transfers, refusals, kills and closings."""
import unittest

from harness import Site, ack_pb, common, delivery_pb, desk_pb, link_pb


class SomeoneAlwaysHoldsIt(unittest.TestCase):
    def holder(self, site, incident_id):
        return site.party("command").show(incident_id).incident.holder

    def test_baton(self):
        with Site() as site:
            police, desk12345 = site.party("police-110"), site.party("hotline-12345")
            line = desk12345.connect()
            receipt = police.report("r1", category="service.streetlight", division="339921100000", danger_to_life=common.NO, description="路灯不亮")
            task = line.wait_for(receipt.incident_id, delivery_pb.TASK)
            self.assertEqual(self.holder(site, receipt.incident_id), "police-110")
            desk12345.acknowledge(task.envelope.delivery_id, ack_pb.REFUSED, reason="属地不符")
            self.assertEqual(self.holder(site, receipt.incident_id), "police-110", "a refusal leaves the baton where it is")
            police.call("/liandong.v1.Link/Transfer", link_pb.TransferRequest(incident_id=receipt.incident_id, to="hotline-12345", reason="非警务"),
                        link_pb.ActionReply)
            offer = line.wait_for(receipt.incident_id, delivery_pb.TRANSFER)
            self.assertEqual(self.holder(site, receipt.incident_id), "police-110", "an offer does not move it")
            site.hub.kill()
            site.start_hub()
            self.assertEqual(self.holder(site, receipt.incident_id), "police-110", "nor does a crash")
            desk12345.acknowledge(offer.envelope.delivery_id, ack_pb.ACCEPTED)
            self.assertEqual(self.holder(site, receipt.incident_id), "hotline-12345")
            site.hub.kill()
            site.start_hub()
            self.assertEqual(self.holder(site, receipt.incident_id), "hotline-12345")

    def test_nobody_named(self):
        with Site() as site:
            receipt = site.party("weather-bureau").report("w1", category="natural.pest", division="339921100000", danger_to_life=common.NO)
            self.assertEqual(self.holder(site, receipt.incident_id), "command", "an agency has no desk: the command centre holds")
            listed = site.party("command").desk("ListIncidents", desk_pb.ListIncidentsRequest(), desk_pb.ListIncidentsReply)
            self.assertTrue(all(one.incident.holder for one in listed.incident))


if __name__ == "__main__":
    unittest.main()
