"""Promise 6: a party sees only what is addressed to it, and of that only the fields that the cited clauses disclose.

Every party of the county listens; every byte that reaches one of them is searched. What may be in it is worked out here from the agreement
files, by the clauses that the delivery itself cites.
"""
import unittest

from google.protobuf import text_format

from harness import ROOT, Site, ack_pb, common, delivery_pb, desk_pb, grpc, link_pb, reason_of, report_pb, wait
from liandong.v1 import agreement_pb2, site_pb2

SAID = {
    common.CALLER_NAME: [("caller_name", "甄保密")],
    common.CALLER_PHONE: [("caller_phone", "13955550001"), ("contact_phone", "13955550002")],
    common.PLACE: [("address", "暗巷七号后门")],
    common.DESCRIPTION: [("description", "密语甲乙丙,多人被困,停电,公路塌方,有人受伤")],
    common.MEDICAL: [("medical", "隐疾史一则")],
    common.DETAILS: [("details", "密牌A0001")],
    common.SOURCE_RECORD: [("external_id", "SECRETNO-20260713-1")],
}


def words(field):
    return [value.split(",")[0].encode() for _, value in SAID[field]]


def said():
    fields = {name: value for values in SAID.values() for name, value in values}
    fields["details"] = [report_pb.Detail(name="涉及车辆", value=fields["details"])]
    return fields


class OnlyWhatTheAgreementShares(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        site = ROOT / "deploy/county/site"
        cls.disclosed = {}
        for path in (site / "agreements").glob("*.textproto"):
            agreement = text_format.Parse(path.read_text(), agreement_pb2.Agreement())
            for clause in agreement.clause:
                for duty in clause.duty:
                    cls.disclosed.setdefault((agreement.id, clause.id, duty.party), set()).update(duty.disclose)
        cls.parties = {p.id: p for p in text_format.Parse((site / "parties.textproto").read_text(), site_pb2.PartyFile()).party}

    def may_see(self, party, delivery):
        fields = set()
        for cited in delivery.body.duty.clauses:
            key = (cited.ref.agreement, cited.ref.clause)
            fields |= self.disclosed.get(key + (party,), set()) | (self.disclosed.get(key + ("@township",), set()) if party.startswith("town-") else set())
        return fields

    def everybody(self, site):
        return {name: site.party(name).connect() for name, party in self.parties.items() if party.kind not in (common.HUB, common.SCREEN)}

    def test_undisclosed_fields_reach_nobody(self):
        with Site() as site:
            lines = self.everybody(site)
            counts = common.Counts(injured=2, trapped=3)
            receipt = site.party("police-110").report(category="natural.flood", severity=common.LARGE, division="339921100000",
                                                      danger_to_life=common.YES, counts=counts, **said())
            number = receipt.incident_id
            duties = site.party("command").show(number).duty
            tasked = {d.party for d in duties}
            self.assertGreaterEqual(len(tasked), 4, "the flood calls on several parties")
            seen = {}
            for name in tasked - {"command"}:
                delivery = lines[name].wait_for(number, delivery_pb.TASK)
                may = self.may_see(name, delivery)
                raw = delivery.SerializeToString()
                for field in SAID:
                    for word in words(field):
                        self.assertEqual(word in raw, field in may, f"{name}: {common.Field.Name(field)} by {[c.ref.clause for c in delivery.body.duty.clauses]}")
                self.assertEqual(delivery.body.incident.HasField("counts"), common.CASUALTIES in may, f"{name}: counts")
                withheld = {w.field for w in delivery.body.incident.withheld}
                self.assertTrue(withheld and not withheld & may, f"{name} is told what is withheld")
                seen[name] = may
            self.assertGreater(len(set(map(frozenset, seen.values()))), 1, "different parties see different fields")
            # The acknowledgment of one goes back to the reporter, and to nobody else.
            task = lines["fire-119"].of(number, delivery_pb.TASK)[0]
            site.party("fire-119").acknowledge(task.envelope.delivery_id, ack_pb.ACCEPTED, note="只给报告单位的话")
            wait(lambda: b"\xe5\x8f\xaa\xe7\xbb\x99" in b"".join(d.SerializeToString() for d in lines["police-110"].of(number)), "feedback")
            site.party("command").report("after", category="command", division="339921100000")  # whatever was under way has been sent by then
            wait(lambda: [d for d in lines["command"].deliveries if d.envelope.incident_id > number], "the later one")
            for name, line in lines.items():
                raw = b"".join(d.SerializeToString() for d in line.of(number))
                if name not in tasked | {"police-110", "command"}:
                    self.assertEqual(line.of(number), [], f"{name} was not addressed")
                if name not in ("police-110", "command"):
                    self.assertNotIn("只给报告单位的话".encode(), raw, name)

    def test_an_unknown_grade_discloses_the_least(self):
        with Site() as site:
            highway = site.party("highway-bureau").connect()
            fields = {**said(), "description": "密语甲乙丙"}
            seen = {}
            for severity in (common.SEVERITY_UNKNOWN, common.MAJOR):
                fields["external_id"] = f"SECRETNO-20260713-1-{severity}"
                receipt = site.party("police-110").report(category="natural.landslide", severity=severity, division="339921100000", **fields)
                seen[severity] = highway.wait_for(receipt.incident_id, delivery_pb.TASK)
            known, unknown = seen[common.MAJOR], seen[common.SEVERITY_UNKNOWN]
            self.assertEqual([c.ref.clause for c in known.body.duty.clauses], [c.ref.clause for c in unknown.body.duty.clauses])
            self.assertIn("severity", unknown.body.incident.unconfirmed)
            self.assertIn(words(common.DESCRIPTION)[0], known.SerializeToString())
            self.assertIn(words(common.PLACE)[0], unknown.SerializeToString())
            for field in set(SAID) - {common.PLACE}:
                for word in words(field):
                    self.assertNotIn(word, unknown.SerializeToString(), "the clause would disclose it, but it is not known to apply")

    def test_a_secret_record_reaches_its_handler_alone(self):
        with Site() as site:
            lines = self.everybody(site)
            watched = []
            rpc = site.party("command").channel.unary_stream("/liandong.v1.Desk/Watch", request_serializer=desk_pb.WatchRequest.SerializeToString,
                                                             response_deserializer=desk_pb.WatchEvent.FromString)
            watch = rpc(desk_pb.WatchRequest(), wait_for_ready=True)
            receipt = site.party("hotline-12345").report(category="natural.flood", severity=common.LARGE, division="339921100000",
                                                         danger_to_life=common.YES, secret=True, **said())
            number = receipt.incident_id
            lines["police-110"].wait_for(number, delivery_pb.TASK)
            # The same record's number, told by another hotline, does not join it: that would say that it exists.
            other = site.party("medical-120").report("m1", category="natural.flood", division="339921100000",
                                                     references=[common.ExternalRef(party="hotline-12345", external_id="SECRETNO-20260713-1")])
            self.assertNotEqual(other.incident_id, number)
            lines["fire-119"].wait_for(other.incident_id, delivery_pb.TASK)
            for event in watch:
                watched.append(event)
                if any(i.incident.incident_id == other.incident_id for i in event.incident):
                    break
            watch.cancel()
            everything = [s for field in SAID for s in words(field)]
            for name, line in lines.items():
                if name in ("police-110", "hotline-12345"):
                    continue
                self.assertEqual(line.of(number), [], f"{name} hears of the secret record")
            for reader in (lambda: site.party("command").show(number),
                           lambda: site.party("command").desk("ListIncidents", desk_pb.ListIncidentsRequest(include_closed=True), desk_pb.ListIncidentsReply)):
                raw = reader().SerializeToString()
                self.assertFalse([w for w in everything if w in raw], "nor does the desk read it")
            self.assertFalse([w for w in everything for e in watched if w in e.SerializeToString()], "nor the feed")
            with self.assertRaises(grpc.RpcError) as refused:
                site.party("command").desk("ExplainIncident", desk_pb.ExplainIncidentRequest(incident_id=number), desk_pb.ExplainIncidentReply)
            self.assertEqual((refused.exception.code(), reason_of(refused.exception)), (grpc.StatusCode.PERMISSION_DENIED, "NOT_ALLOWED"))

    def test_only_ones_own(self):
        with Site() as site:
            line = site.party("medical-120").connect()
            receipt = site.party("fire-119").report("r1", category="health.illness", division="339921100000")
            task = line.wait_for(receipt.incident_id, delivery_pb.TASK)
            other = site.party("telecom")
            reply = other.acknowledge(task.envelope.delivery_id, ack_pb.ACCEPTED)
            self.assertEqual((reply.outcome, reply.error.reason), (ack_pb.REJECTED, "NOT_YOUR_DELIVERY"))
            self.assertEqual(list(other.fetch().delivery), [])
            for call in (lambda: other.show(receipt.incident_id), other.status,
                         lambda: other.call("/liandong.v1.Link/Close", link_pb.CloseRequest(incident_id=receipt.incident_id, reason="x"), link_pb.ActionReply)):
                with self.assertRaises(grpc.RpcError) as refused:
                    call()
                self.assertEqual(refused.exception.code(), grpc.StatusCode.PERMISSION_DENIED, reason_of(refused.exception))


if __name__ == "__main__":
    unittest.main()
