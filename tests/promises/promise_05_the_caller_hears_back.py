"""Promise 5: every state change of its incident returns to the hotline that reported it, in that hotline's own format, through its adapter.

Changes that wait go back as one message; the feedback is acknowledged as soon as the adapter has it on disk, and reaches the hotline's system
however long that is away.
"""
import unittest

import adapter_harness as native
from adapter_harness import Adapter, stamp
from harness import Site, ack_pb, common, desk_pb, link_pb, wait

QINGSHI = "339921100000"


def jjdb(number, category="080100", text="路灯不亮", **fields):
    return {"header": {"type": "JJDB"}, "body": {"JJDBH": number, "JQLBDM": category, "XZQHDM": QINGSHI, "BJSJ": stamp(), "BJNR": text, **fields}}


# Of each hotline: what it tells, whose duty follows, and where its own system hears of it: path, the field of its number, the field of the words.
HOTLINES = {
    "police-110": (jjdb("33992110001"), "33992110001", "hotline-12345", "/110/fkd", "JJDBH", "CJCZQK"),
    "hotline-12345": ({"order_no": "W10001", "raise_category": "电线落地", "division_code": QINGSHI, "content": "电线垂到路面", "raise_time": stamp()},
                      "W10001", "power-supply", "/deal12345/pushFkd", "FLOWID", "CJCZQK"),
    "fire-119": ({"warningCode": "F10001", "warningType": "20100", "divisionCode": QINGSHI, "warningInfo": "槽罐车泄漏", "warningDate": stamp("spaced")},
                 "F10001", "medical-120", "/119/incident", "warningCode", "warningInfo"),
    "medical-120": ({"SJH": "S10001", "SJLX": "13", "XZBM": QINGSHI, "HCYY": "烧伤", "SCLDSJ": stamp()},
                    "S10001", "fire-119", "/120/EVENT_INFO", "SJH", "HCYY"),
}


class TheCallerHearsBack(unittest.TestCase):
    def incident(self, site):
        """The one incident there is."""
        listed = lambda: site.party("command").desk("ListIncidents", desk_pb.ListIncidentsRequest(), desk_pb.ListIncidentsReply).incident  # noqa: E731
        return wait(listed, "an incident")[0].incident.incident_id

    def duty(self, site, incident_id, party):
        return next(d for d in site.party("command").show(incident_id).duty if d.party == party)

    def settled(self, site, party):
        """Every delivery to this party is RECEIVED."""
        def none_left():
            one = next(p for p in site.party("command").status().party if p.party == party)
            return one.outstanding_urgent + one.outstanding_ordinary == 0
        wait(none_left, f"everything for {party} is acknowledged")

    def words(self, adapter, number, paths, key, texts=("CJCZQK", "CXYY", "HANDLEOPINION", "warningInfo", "HCYY")):
        told = [c for c in list(adapter.native.calls) if c.status == 200 and c.path in paths and c.record().get(key) == number]
        return "\n".join(str(c.record()[name]) for c in told for name in texts if name in c.record())

    def hears(self, adapter, number, paths, key, words):
        wait(lambda: all(w in self.words(adapter, number, paths, key) for w in words), f"{adapter.party} hears {words}")
        text = self.words(adapter, number, paths, key)
        places = [text.index(w) for w in words]
        self.assertEqual(places, sorted(places), f"in order: {words} in {text}")

    def test_each_hotline_in_its_own_format(self):
        for party, (record, number, actor, path, key, _) in HOTLINES.items():
            with self.subTest(party), Site() as site:
                adapter = Adapter(site, party).start()
                adapter.tell(record)
                incident = self.incident(site)
                delivery = self.duty(site, incident, actor).delivery_id
                acts = site.party(actor)
                acts.acknowledge(delivery, ack_pb.ACCEPTED)
                acts.acknowledge(delivery, ack_pb.EN_ROUTE, unit="一组")
                acts.acknowledge(delivery, ack_pb.ON_SCENE)
                acts.acknowledge(delivery, ack_pb.PROGRESS, note="正在处置")
                acts.acknowledge(delivery, ack_pb.COMPLETED, counts=common.Counts(rescued=2), note="现场已清理")
                self.hears(adapter, number, [path], key, ["已派给", "已受理", "已出动", "已到场", "正在处置", "处置完毕", "现场已清理"])
                self.settled(site, party)
                sent = adapter.native.calls[-1].headers
                self.assertEqual(sent.get(native.TOKEN_HEADER), adapter.secrets["out"], "and proves who tells it")

    def test_what_the_desk_and_the_hub_do_comes_back_too(self):
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            adapter.tell(jjdb("33992120001"))
            incident, desk = self.incident(site), site.party("command")
            duty = self.duty(site, incident, "power-supply")
            site.party("power-supply").acknowledge(duty.delivery_id, ack_pb.REFUSED, reason="属地不符")
            refused = adapter.native.wait_for("/110/pjd", JJDBH="33992120001")
            self.assertEqual(refused.body["header"]["type"], "TD")
            self.assertIn("属地不符", refused.record()["CXYY"])
            self.assertTrue(refused.record()["TDSJ"])
            heard = lambda *words: self.hears(adapter, "33992120001", ["/110/fkd", "/110/pjd"], "JJDBH", words)  # noqa: E731
            desk.desk("VerifyIncident", desk_pb.VerifyIncidentRequest(incident_id=incident), link_pb.ActionReply)
            heard("属地不符", "核实")
            desk.desk("CorrectIncident", desk_pb.CorrectIncidentRequest(incident_id=incident, severity=common.GENERAL, reason="已核"), link_pb.ActionReply)
            heard("核实", "已更正")
            desk.desk("Transfer", link_pb.TransferRequest(incident_id=incident, to="telecom", reason="请接手"), link_pb.ActionReply)
            heard("已更正", "移交")
            offer = wait(lambda: [d for d in site.party("telecom").fetch().delivery], "the offer")[0]
            site.party("telecom").acknowledge(offer.envelope.delivery_id, ack_pb.REFUSED, reason="职能不符")
            heard("移交", "职能不符")
            held = self.duty(site, incident, "hotline-12345")
            site.party("hotline-12345").acknowledge(held.delivery_id, ack_pb.ACCEPTED)
            heard("职能不符", "已受理", "主责单位变更")
            desk.desk("Close", link_pb.CloseRequest(incident_id=incident, reason="已解决"), link_pb.ActionReply)
            heard("主责单位变更", "已办结")
            for call in adapter.native.taken("/110/fkd"):
                for line in call.record()["CJCZQK"].splitlines():
                    self.assertGreaterEqual(len(line.split()), 4, f"every line says what happened: {line}")
            self.settled(site, "police-110")

    def test_what_waits_goes_back_as_one_message(self):
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            adapter.tell(jjdb("33992130001"))
            incident = self.incident(site)
            self.hears(adapter, "33992130001", ["/110/fkd"], "JJDBH", ["县供电公司"])
            self.settled(site, "police-110")
            adapter.kill()
            messages = lambda: {c.body["header"]["msgId"] for c in adapter.native.calls}  # noqa: E731
            before = messages()
            delivery = self.duty(site, incident, "hotline-12345").delivery_id
            acts = site.party("hotline-12345")
            acts.acknowledge(delivery, ack_pb.SEEN)
            acts.acknowledge(delivery, ack_pb.ACCEPTED)
            for number in range(3):
                acts.acknowledge(delivery, ack_pb.PROGRESS, note=f"进展之{number}")
            power = self.duty(site, incident, "power-supply").delivery_id
            site.party("power-supply").acknowledge(power, ack_pb.REFUSED, reason="属地不符")
            adapter.start()
            self.hears(adapter, "33992130001", ["/110/fkd", "/110/pjd"], "JJDBH",
                       ["已阅", "已受理", "进展之0", "进展之1", "进展之2", "属地不符"])
            self.settled(site, "police-110")
            self.assertEqual(len(messages() - before), 2, "the one that was under way, and one for all that waited behind it")

    def test_acknowledged_when_on_disk_and_told_when_it_can_be(self):
        with Site() as site:
            adapter = Adapter(site, "police-110", tries=1000).start()
            adapter.native.answer = native.busy
            adapter.tell(jjdb("33992140001"))
            incident = self.incident(site)
            delivery = self.duty(site, incident, "hotline-12345").delivery_id
            site.party("hotline-12345").acknowledge(delivery, ack_pb.ACCEPTED)
            site.party("hotline-12345").acknowledge(delivery, ack_pb.COMPLETED, note="换了灯泡")
            self.settled(site, "police-110")
            self.assertEqual(adapter.native.taken(), [], "their system has taken nothing yet")
            adapter.native.answer = native.silent
            wait(lambda: adapter.native.calls and adapter.native.calls[-1].status is None, "a call that is not answered")
            adapter.kill()
            adapter.native.answer = native.accept
            adapter.start()
            self.hears(adapter, "33992140001", ["/110/fkd"], "JJDBH", ["已派给", "已受理", "换了灯泡"])
            told = [c.record()["FKDBH"] for c in adapter.native.taken("/110/fkd")]
            self.assertEqual(len(told), len(set(told)), "each one once")

    def test_an_alarm_when_they_never_take_it(self):
        with Site() as site:
            adapter = Adapter(site, "police-110", tries=2).start()
            adapter.native.answer = native.busy
            adapter.tell(jjdb("33992150001"))
            wait(lambda: "NATIVE_UNREACHABLE" in adapter.dead(), "the operator is told")
            adapter.native.answer = native.reject
            self.duty(site, self.incident(site), "hotline-12345")
            site.party("hotline-12345").acknowledge(self.duty(site, self.incident(site), "hotline-12345").delivery_id, ack_pb.ACCEPTED)
            wait(lambda: "NATIVE_REFUSED" in adapter.dead(), "and of what their system refuses")
            adapter.native.answer = native.accept

            def none_left():
                listed = adapter.dead()
                for line in listed.splitlines():
                    if line[0].isdigit():
                        adapter.tool("dead", "resend", line.split()[0], check=False)  # it may have been sent meanwhile
                return "没有死信" in listed

            wait(none_left, "the operator sends them again")
            for word in ("已派给", "已受理"):
                self.hears(adapter, "33992150001", ["/110/fkd"], "JJDBH", [word])

    def test_from_one_hotlines_system_to_the_others(self):
        """119 reports; 110 and 120 act in their own systems; 119 hears of it in its own."""
        with Site() as site:
            fire, police, medical = (Adapter(site, party).start() for party in ("fire-119", "police-110", "medical-120"))
            record, number, _, path, key, _ = HOTLINES["fire-119"]
            fire.tell(record)
            task = police.native.wait_for("/110/jjd").record()
            event = medical.native.wait_for("/120/EVENT_INFO").record()
            police.tell({"header": {"type": "PJDB"}, "body": {"PJDBH": "P1", "JJDBH": task["JJDBH"], "PDQSSJ": stamp(), "QSRYXM": "王警官"}}, "/110/pjd")
            police.tell({"header": {"type": "FKDB"}, "body": {"FKDBH": "K1", "JJDBH": task["JJDBH"], "CJSJ01": stamp(), "DDXCSJ": stamp(),
                                                              "XCCLWBSJ": stamp(), "CJCZQK": "警戒已撤", "JZRS": 1}}, "/110/fkd")
            for state in ("1", "2", "3", "4", "5"):
                medical.tell({"SJH": event["SJH"], "CLBH": "浙急01", "CLZT": state, "ZTSJ": stamp()}, "/120/vehicle_state")
            self.hears(fire, number, [path], key, ["警戒已撤"])
            wait(lambda: self.words(fire, number, [path], key).count("处置完毕") == 2, "both are done")
            text = self.words(fire, number, [path], key)
            for word in ("县公安局110报警服务台", "县120急救指挥中心", "浙急01", "病人上车", "已出动", "已到场"):
                self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
