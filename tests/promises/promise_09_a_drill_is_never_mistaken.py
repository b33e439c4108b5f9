"""Promise 9: a drill is never mistaken. What is said through a link that is set to EXERCISE is an exercise for everybody, on every message and in
every native text; a link that cannot say so refuses it; and it never joins what is actual."""
import unittest

from adapter_harness import Adapter, stamp
from harness import Site, ack_pb, common, delivery_pb, desk_pb, grpc, link_pb, reason_of, wait

QINGSHI = "339921100000"
MARK = "【演练】"


def exercise_profile(_name, text):
    """The county's profile as it stands on the training system: the whole link is an exercise."""
    return text.replace("link: ACTUAL", "link: EXERCISE")


def exercise_config(config, _adapter):
    for link in config.link:
        link.purpose = common.EXERCISE


def without_mark(_name, text):
    """A link whose format has no place to say what a message is for."""
    return "\n".join(line for line in text.splitlines() if "prefix {" not in line and "purpose_prefix_at" not in line)


def jjdb(number, text="山体滑坡,有人被埋", **fields):
    return {"header": {"type": "JJDB"}, "body": {"JJDBH": number, "JQLBDM": "060200", "XZQHDM": QINGSHI, "BJSJ": stamp(), "BJNR": text, **fields}}


class ADrillIsNeverMistaken(unittest.TestCase):
    def incidents(self, site):
        request = desk_pb.ListIncidentsRequest(include_closed=True)
        return [i.incident for i in site.party("command").desk("ListIncidents", request, desk_pb.ListIncidentsReply).incident]

    def test_every_message_of_an_exercise_says_so(self):
        with Site() as site:
            lines = {p: site.party(p).connect() for p in ("resources-bureau", "town-qingshi", "command")}
            police = Adapter(site, "police-110", exercise_config, exercise_profile).start()
            fire, medical = Adapter(site, "fire-119").start(), Adapter(site, "medical-120").start()
            police.tell(jjdb("33992190001"))
            incident = wait(lambda: self.incidents(site), "the incident")[0]
            self.assertEqual(incident.purpose, common.EXERCISE)
            number = incident.incident_id
            task = lines["resources-bureau"].wait_for(number, delivery_pb.TASK)
            site.party("resources-bureau").acknowledge(task.envelope.delivery_id, ack_pb.ACCEPTED)
            site.party("resources-bureau").acknowledge(task.envelope.delivery_id, ack_pb.COMPLETED, note="演练完成")
            order = desk_pb.OrderPartiesRequest(incident_id=number, party=["town-qingshi"], text="模拟转移", given_by="值班长", purpose=common.ACTUAL)
            site.party("command").desk("OrderParties", order, desk_pb.OrderPartiesReply)
            lines["town-qingshi"].wait_for(number, delivery_pb.ORDER)
            # The actual links of 119 and 120 carry it, marked in the text that their people read.
            for adapter, path, field in ((fire, "/119/incident", "warningInfo"), (medical, "/120/EVENT_INFO", "HCYY")):
                told = adapter.native.wait_for(path).record()
                self.assertTrue(told[field].startswith(MARK), told)
            wait(lambda: any("演练完成" in c.record().get("CJCZQK", "") for c in police.native.taken("/110/fkd")), "feedback")
            for line in lines.values():
                for one in line.of(number):
                    self.assertEqual((one.envelope.purpose, one.body.incident.purpose), (common.EXERCISE, common.EXERCISE))
            for adapter in (police, fire, medical):
                for call in adapter.native.calls:
                    texts = [v for k, v in call.record().items() if k in ("BJNR", "CJCZQK", "CXYY", "PJYJ", "warningInfo", "HCYY")]
                    self.assertTrue(texts and all(t.startswith(MARK) for t in texts), f"{adapter.party} {call.path}: {call.record()}")

    def test_a_drill_that_comes_back_stays_one(self):
        """119 got it marked; what it tells 110 of it, and 110 us, is the exercise still, though both links are actual."""
        with Site() as site:
            police = Adapter(site, "police-110").start()
            police.tell(jjdb("33992191001", MARK + "山体滑坡,有人被埋"))
            self.assertEqual([i.purpose for i in wait(lambda: self.incidents(site), "the incident")], [common.EXERCISE])
            # The same number cannot become actual by losing its mark: the operator must look.
            police.tell(jjdb("33992191001", "山体滑坡,有人被埋", GXSJ=stamp(offset_s=60)))
            wait(lambda: "DIFFERENT_PURPOSE" in police.dead(), "kept for the operator")
            self.assertEqual([i.purpose for i in self.incidents(site)], [common.EXERCISE])

    def test_a_link_that_cannot_say_so_does_not_carry_it(self):
        with Site() as site:
            fire = Adapter(site, "fire-119", profile=without_mark).start()
            police = site.party("police-110")
            drill = police.report("d1", purpose=common.EXERCISE, category="accident.hazmat", division=QINGSHI, description="槽罐车泄漏演练")
            duty = lambda: next(d for d in site.party("command").show(drill.incident_id).duty if d.party == "fire-119")  # noqa: E731
            wait(lambda: duty().status == delivery_pb.DUTY_REFUSED, "the duty is refused, visibly")
            self.assertEqual(duty().reason, "EXERCISE_NOT_CARRIED")
            actual = police.report("a1", category="accident.hazmat", division=QINGSHI, description="槽罐车泄漏")
            fire.native.wait_for("/119/incident", warningCodeYyj=f"LD{actual.incident_id}")
            self.assertNotIn(f"LD{drill.incident_id}".encode(), fire.native.bytes(), "their system never heard of the drill")
            self.assertNotIn("演练".encode(), fire.native.bytes())

    def test_an_exercise_link_is_told_nothing_actual(self):
        with Site() as site:
            fire = Adapter(site, "fire-119", exercise_config, exercise_profile).start()
            actual = site.party("police-110").report("a1", category="accident.hazmat", division=QINGSHI, description="真的泄漏")
            duty = lambda: next(d for d in site.party("command").show(actual.incident_id).duty if d.party == "fire-119")  # noqa: E731
            wait(lambda: duty().status == delivery_pb.DUTY_REFUSED, "an actual task does not vanish in the training system")
            self.assertEqual(fire.native.calls, [])

    def test_it_never_joins_what_is_actual(self):
        with Site() as site:
            police, fire = site.party("police-110"), site.party("fire-119")
            actual = police.report("J1", category="accident.hazmat", division=QINGSHI)
            drill = fire.report("F1", purpose=common.EXERCISE, category="accident.hazmat", division=QINGSHI,
                                references=[common.ExternalRef(party="police-110", external_id="J1")])
            self.assertNotEqual(drill.incident_id, actual.incident_id)
            test = fire.report("F2", purpose=common.TEST, category="accident.hazmat", division=QINGSHI,
                               references=[common.ExternalRef(party="police-110", external_id="J1")])
            self.assertEqual(len({actual.incident_id, drill.incident_id, test.incident_id}), 3)
            with self.assertRaises(grpc.RpcError) as refused:
                site.party("command").desk("Merge", desk_pb.MergeRequest(older=actual.incident_id, younger=drill.incident_id, reason="x"),
                                           link_pb.ActionReply)
            self.assertEqual((refused.exception.code(), reason_of(refused.exception)), (grpc.StatusCode.FAILED_PRECONDITION, "DIFFERENT_PURPOSE"))
            with self.assertRaises(grpc.RpcError) as refused:
                police.report("J1", purpose=common.EXERCISE, category="accident.hazmat", division=QINGSHI)
            self.assertEqual(reason_of(refused.exception), "DIFFERENT_PURPOSE")


if __name__ == "__main__":
    unittest.main()
