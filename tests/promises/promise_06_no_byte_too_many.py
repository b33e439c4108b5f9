"""Promise 6 at random: the county's agreements with other fields disclosed, a night of random calls, every value one of a kind, every party of the
county on the line; no byte that reaches any of them, nor the feed, an error or the hub's own log, holds a value that its clauses do not disclose.

tests/disclosure does the same to the core with random clauses; here it is the real hub, over the network.
"""
import random
import unittest

from google.protobuf import text_format

from harness import ROOT, Site, ack_pb, common, delivery_pb, desk_pb, grpc, link_pb, report_pb, wait
from liandong.v1 import agreement_pb2, feed_pb2, site_pb2

FIELDS = [common.PLACE, common.DESCRIPTION, common.CALLER_NAME, common.CALLER_PHONE, common.CASUALTIES, common.MEDICAL, common.SOURCE_RECORD, common.DETAILS]
HOTLINES = ["police-110", "hotline-12345", "fire-119", "medical-120"]
CALLS = 40


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


class NoByteTooMany(unittest.TestCase):
    def papers(self, site, dice):
        """Other fields disclosed in every duty; {(agreement, clause, party): fields}."""
        disclosed = {}
        for path in sorted((site.site_dir / "agreements").glob("*.textproto")):
            agreement = text_format.Parse(path.read_text(), agreement_pb2.Agreement())
            for clause in agreement.clause:
                for duty in clause.duty:
                    del duty.disclose[:]
                    duty.disclose.extend(field for field in FIELDS if dice.random() < 0.4)
                    disclosed.setdefault((agreement.id, clause.id, duty.party), set()).update(duty.disclose)
            path.write_text(text_format.MessageToString(agreement, as_utf8=True))
        path = site.site_dir / "parties.textproto"
        parties = text_format.Parse(path.read_text(), site_pb2.PartyFile())
        for party in parties.party:
            del party.feedback_disclose[:]
            if party.kind == common.HOTLINE:
                party.feedback_disclose.extend(field for field in FIELDS if dice.random() < 0.3)
        path.write_text(text_format.MessageToString(parties, as_utf8=True))
        return disclosed, {party.id: party for party in parties.party}

    def call(self, dice, number):
        """A report with a value of its own in every field, and those values: {field: [bytes]}."""
        token = lambda: "Q" + "".join(dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(11))  # noqa: E731
        said = {field: [token()] for field in FIELDS}
        said[common.CALLER_PHONE].append(token())
        loss = 2**48 + dice.getrandbits(40)
        said[common.CASUALTIES] = [loss]
        fields = dict(category=dice.choice(["natural.flood", "natural.landslide", "health.illness", "accident.fire", "service.streetlight", ""]),
                      severity=dice.choice([0, 1, 2, 3]), division=dice.choice(["339921100000", "339921101000", ""]),
                      danger_to_life=dice.choice([common.YES, common.NO, 0]), counts=common.Counts(loss_yuan=loss),
                      caller_name=said[common.CALLER_NAME][0], caller_phone=said[common.CALLER_PHONE][0], contact_phone=said[common.CALLER_PHONE][1],
                      address=said[common.PLACE][0], description=dice.choice(["停电,", "多人被困,", ""]) + said[common.DESCRIPTION][0],
                      medical=said[common.MEDICAL][0], details=[report_pb.Detail(name="车辆", value=said[common.DETAILS][0])],
                      external_id=said[common.SOURCE_RECORD][0])
        spelled = lambda value: [varint(value), str(value).encode()] if isinstance(value, int) else [value.encode()]  # noqa: E731
        return fields, {field: [one for value in values for one in spelled(value)] for field, values in said.items()}

    def test_random_calls_under_random_agreements(self):
        seed = 20220301
        dice = random.Random(seed)
        site = Site()
        disclosed, parties = self.papers(site, dice)
        with site:
            lines = {name: site.party(name).connect() for name, party in parties.items() if party.kind not in (common.HUB, common.SCREEN)}
            command = site.party("command")
            watch = command.channel.unary_stream("/liandong.v1.Desk/Watch", request_serializer=desk_pb.WatchRequest.SerializeToString,
                                                 response_deserializer=desk_pb.WatchEvent.FromString)(desk_pb.WatchRequest(), wait_for_ready=True)
            calls, errors = [], {name: b"" for name in lines}
            for number in range(CALLS):
                hotline = dice.choice(HOTLINES)
                fields, values = self.call(dice, number)
                receipt = site.party(hotline).report(**fields)
                calls.append((hotline, receipt.incident_id, values))
                # Somebody tries what is not theirs; what it is told is looked through too.
                curious = dice.choice(sorted(lines))
                errors[curious] += str(site.party(curious).acknowledge(dice.randrange(1, 500), ack_pb.ACCEPTED)).encode()
                try:
                    site.party(curious).call("/liandong.v1.Link/Close", link_pb.CloseRequest(incident_id=dice.randrange(1, 60), reason="x"), link_pb.ActionReply)
                except grpc.RpcError as error:
                    errors[curious] += (error.details() or "").encode() + b"".join(v if isinstance(v, bytes) else v.encode() for _, v in error.trailing_metadata() or ())
            duties = {number: command.show(number).duty for _, number, _ in calls}
            for number, lines_of in duties.items():
                for duty in lines_of:
                    if duty.party in lines:
                        lines[duty.party].wait_for(number, delivery_pb.TASK)
            shown, bytes_looked = dict.fromkeys(FIELDS, 0), [0]
            heard = {name: [*line.deliveries, *site.party(name).fetch().delivery] for name, line in lines.items() if name != "command"}

            def leaks(papers):
                """What was seen by whom against these papers."""
                found = []
                for name, deliveries in heard.items():
                    for delivery in deliveries:
                        raw, number = delivery.SerializeToString(), delivery.envelope.incident_id
                        bytes_looked[0] += len(raw)
                        may = set()
                        for other in lines[name].of(number):
                            for cited in other.body.duty.clauses:
                                key = (cited.ref.agreement, cited.ref.clause)
                                may |= papers.get(key + (name,), set()) | (papers.get(key + ("@township",), set()) if name.startswith("town-") else set())
                        if any(hotline == name and incident == number for hotline, incident, _ in calls):
                            may |= set(parties[name].feedback_disclose)
                        for hotline, incident, values in calls:
                            for field, needles in values.items():
                                if hotline == name or not any(needle in raw for needle in needles):
                                    continue
                                shown[field] += 1
                                if incident != number or field not in may:
                                    found.append((name, common.Field.Name(field), hotline))
                return found

            self.assertEqual(leaks(disclosed), [], f"seed {seed}")
            self.assertTrue(all(shown.values()), f"each field was disclosed to somebody, so that silence proves something: {shown}")
            times, looked = sum(shown.values()), bytes_looked[0]
            for field in FIELDS:
                self.assertTrue(leaks({key: fields - {field} for key, fields in disclosed.items()}), f"one field too many is noticed: {common.Field.Name(field)}")
            every = [needle for _, _, values in calls for field in values for needle in values[field]]
            personal = [needle for _, _, values in calls for field in values for needle in values[field]
                        if field not in (common.SOURCE_RECORD, common.CASUALTIES)]
            for name, said in errors.items():
                looked += len(said)
                self.assertFalse([needle for needle in every if needle in said and needle not in
                                  [n for hotline, _, values in calls if hotline == name for v in values.values() for n in v]], f"an error told {name}")
            last = calls[-1][1]
            for event in watch:
                raw = event.SerializeToString()
                looked += len(raw)
                self.assertFalse([needle for needle in personal if needle in raw], "the desk's event stream shows no report")
                if any(one.incident.incident_id >= last for one in event.incident):
                    break
            watch.cancel()
            snapshot = command.call("/liandong.v1.Feed/Snapshot", feed_pb2.FeedSnapshotRequest(), feed_pb2.FeedSnapshotReply) \
                if parties["command"].feed_area else feed_pb2.FeedSnapshotReply()
            self.assertFalse([needle for needle in every if needle in snapshot.SerializeToString()], "nor does the feed")
            log = site.hub.output().encode()
            self.assertFalse([needle for needle in personal if needle in log], "nor the hub's own log")
            print(f"{looked} bytes to {len(lines)} parties looked through for {len(every)} values; disclosed {times} times")


if __name__ == "__main__":
    unittest.main()
