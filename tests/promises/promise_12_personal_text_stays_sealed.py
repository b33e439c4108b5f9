"""No personal text can be found in any file on disk outside the sealed parts: names, numbers, addresses below the township, free text, medical
words; in no encoding; not in databases, write-ahead logs, snapshots, dead letters, logs or receipts; not after a kill, not after a stop.

What the hotlines' own systems write stands in folders of its own and is not searched.
"""
import json
import struct
import unittest

import adapter_harness as native
from adapter_harness import Adapter, Device, stamp
from harness import Program, Site, ack_pb, common, desk_pb, link_pb, wait

QINGSHI = "339921100000"
SAID = {
    "name": "甄隐名", "phone": "13900001234", "contact": "13900005678", "identity card": "339921199001011234", "address": "藏匿弄九十九号",
    "village": "339921100207", "narrative": "绝密口述之内容", "later words": "后来补充的密语", "trapped": "三口之家被困", "medical": "罕见隐疾发作", "plate": "浙Z8888密",
    "note": "只写在回执里的话", "order": "只写在指令里的话", "offer": "移交时的悄悄话", "refusal": "他说家住后山坳", "visit": "回访时的怨言", "dead letter": "死信里的真名",
    "unread": "截断报文里的号码", "device": "设备密文附言", "answer": "对方报错里的人名", "file": "文件交换的密语", "broken file": "坏文件里的真名",
    "unit's words": "反馈单里的私事", "by hand": "席间手记的隐私",
}
LONGITUDE = 119.9234567


def spellings(text):
    yield text.encode("utf-8")
    yield text.encode("gb18030")
    yield text.encode("utf-16-le")
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode()
    yield text.encode("utf-8").hex().encode()


NEEDLES = [(what, one) for what, text in SAID.items() for one in set(spellings(text))] + [
    ("longitude", str(LONGITUDE).encode()), ("longitude", struct.pack("<d", LONGITUDE))]


def jjdb(number, **fields):
    body = {"JJDBH": number, "JQLBDM": "060200", "XZQHDM": SAID["village"], "BJSJ": stamp(), "GXSJ": stamp(), "BJRMC": SAID["name"], "BJDH": SAID["phone"],
            "LXDH": SAID["contact"], "BJRZJHM": SAID["identity card"], "JQDZ": SAID["address"], "BJNR": SAID["narrative"], "SJCPH": SAID["plate"],
            "BKRYQKSM": SAID["trapped"], "BJRXZB": LONGITUDE, "BJRYZB": 28.4, **fields}
    return {"header": {"type": "JJDB"}, "body": body}


class PersonalTextStaysSealed(unittest.TestCase):
    def found(self, site):
        """(file, what) of everything that is readable."""
        out = []
        for path, content in site.files(site.dir):
            top = path.relative_to(site.dir).parts[0]
            if top.startswith("native-") and ".receipt." not in path.name:
                continue
            out += [(str(path.relative_to(site.dir)), what) for what, needle in NEEDLES if needle in content]
        return out

    def everything_on_disk(self, site):
        names = {path.name for path, _ in site.files(site.dir)}
        for name in ("log.db", "history.db", "keys.db", "spool.db", "hub.log"):
            self.assertIn(name, names)
        return names

    def programs(self, site):
        adapters = {party: Adapter(site, party, tries=3) for party in ("police-110", "hotline-12345", "fire-119", "medical-120")}
        for adapter in adapters.values():
            # Every log line that there is.
            adapter.program = Program(adapter.program.arguments + ["--verbose"], adapter.program.log_path)
            site.stack.callback(adapter.program.kill)
            adapter.start()
        return adapters

    def traffic(self, site, adapters, run):
        police, hotline, fire, medical = (adapters[p] for p in ("police-110", "hotline-12345", "fire-119", "medical-120"))
        command = site.party("command")
        listed = lambda: command.desk("ListIncidents", desk_pb.ListIncidentsRequest(limit=500), desk_pb.ListIncidentsReply).incident  # noqa: E731
        before = len(listed())
        police.tell(jjdb(f"339921{run}0001"))
        police.tell(jjdb(f"339921{run}0001", GXSJ=stamp(offset_s=60), BCJJNR=SAID["later words"], SSRYQKSM="2人"))
        hotline.tell({"order_no": f"W{run}", "raise_category": "停电", "division_code": QINGSHI, "content": SAID["narrative"], "callerName": SAID["name"],
                      "callerPhone": SAID["phone"], "address": SAID["address"], "notes": SAID["later words"]})
        medical.tell({"SJH": f"S{run}", "SJLX": "1", "XZBM": QINGSHI, "HCYY": SAID["medical"], "SCLDHM": SAID["phone"], "XCDZ": SAID["address"]})
        fire.tell({"warningCode": f"F{run}", "warningType": "20100", "divisionCode": QINGSHI, "warningInfo": SAID["narrative"], "warningTel": SAID["phone"],
                   "warningAddr": SAID["address"]})
        device = Device(fire.port("alarms"))
        device.send(device.frame(device.fire(1, int(run), SAID["device"])))
        self.assertEqual(device.answer()[0], Device.ACK)
        device.send(device.frame(device.fire(1, 2, SAID["device"])[:-3]))  # a dead letter with the text in it
        device.answer()
        device.close()
        police.drop(f"file{run}.json", json.dumps(jjdb(f"339921{run}0002", BJNR=SAID["file"]), ensure_ascii=False).encode("gb18030"))
        self.assertNotIn(SAID["broken file"].encode(), police.drop(f"bad{run}.json", SAID["broken file"].encode()))
        for raw in (json.dumps({"body": {"XM": SAID["dead letter"]}}, ensure_ascii=False).encode("gb18030"), b'{"body":{"JJDBH":"' + SAID["unread"].encode(),
                    json.dumps({"body": {"JJDBH": "x" * 200, "BJNR": SAID["dead letter"]}}, ensure_ascii=False).encode()):
            status, answer = police.post("/110/jjd", raw)
            self.assertEqual(status, 400)
            self.assertFalse([w for w, n in NEEDLES if n in json.dumps(answer, ensure_ascii=False).encode()], "nor does the answer repeat it")
        hotline.tell({"DYYY": "3", "JJDBH": "LD999", "DHHFHSQK": SAID["visit"]}, "/deal12345/DYYY")  # waits for a task that never comes
        wait(lambda: len(listed()) == before + 6, "six incidents")
        everything = lambda: {i.incident.incident_id: command.show(i.incident.incident_id) for i in listed()}  # noqa: E731
        landslide = next(n for n, s in everything().items() if s.incident.reports and s.incident.reports[0].external_id == f"339921{run}0001")
        for name in ("resources-bureau", "town-qingshi"):
            duty = next(d for d in command.show(landslide).duty if d.party == name)
            site.party(name).acknowledge(duty.delivery_id, ack_pb.ACCEPTED, note=SAID["note"])
        task = wait(lambda: medical.native.taken("/120/EVENT_INFO"), "120 has a task")[0].record()
        medical.tell({"SJH": task["SJH"], "STATUS": "退回", "HCYY": SAID["refusal"]})
        call = wait(lambda: police.native.taken("/110/jjd"), "110 has a task")[0].record()
        police.tell({"header": {"type": "FKDB"}, "body": {"FKDBH": f"K{run}", "JJDBH": call["JJDBH"], "FKSJ": stamp(), "CJCZQK": SAID["unit's words"]}}, "/110/fkd")
        order = desk_pb.OrderPartiesRequest(incident_id=landslide, all_townships=True, text=SAID["order"], given_by="值班长")
        command.desk("OrderParties", order, desk_pb.OrderPartiesReply)
        command.desk("Transfer", link_pb.TransferRequest(incident_id=landslide, to="telecom", reason=SAID["offer"]), link_pb.ActionReply)
        command.report(f"hand{run}", category="command", division=SAID["village"], caller_name=SAID["name"], description=SAID["by hand"])
        site.cli("command", "order", "--party", "telecom", "--incident", str(landslide), "--text", SAID["order"], "--given-by", "值班长")
        # Their systems fail, and say personal things while they do: deliveries wait on disk, then are dead letters.
        for adapter in adapters.values():
            adapter.native.answer = lambda _call: (500, {"code": "500", "message": SAID["answer"]})
        command.desk("OrderParties", desk_pb.OrderPartiesRequest(party=["police-110", "medical-120"], text=SAID["order"], given_by="值班长",
                                                                 purpose=common.ACTUAL), desk_pb.OrderPartiesReply)
        wait(lambda: "NATIVE_UNREACHABLE" in police.dead(), "an order becomes a dead letter")
        wait(lambda: "to the hub 0 " in police.tool("status", check=False), "the spool is empty towards the hub")
        shown = b"".join(s.SerializeToString() for s in everything().values())
        for what in ("name", "phone", "contact", "address", "narrative", "later words", "medical", "note", "order", "offer", "refusal", "unit's words",
                     "file", "device", "by hand", "plate"):
            self.assertTrue(SAID[what].encode() in shown, f"the centre reads {what}, so it was there to be found")
        for adapter in adapters.values():
            adapter.native.answer = native.accept

    def test_nothing_readable_on_disk(self):
        with Site(hub_options="snapshot_every_records: 25") as site:
            plain = site.dir / "control"
            plain.write_bytes(SAID["name"].encode("gb18030"))
            self.assertEqual(self.found(site), [("control", "name")], "the search finds what is there")
            plain.unlink()
            for name in ("resources-bureau", "town-qingshi", "telecom"):
                site.party(name).connect()
            adapters = self.programs(site)
            self.traffic(site, adapters, "1")
            self.assertEqual(self.found(site), [], "while all of them run")
            for adapter in adapters.values():
                adapter.kill()
            site.hub.kill()
            names = self.everything_on_disk(site)
            self.assertTrue({"log.db-wal", "spool.db-wal"} <= names, "killed: the write-ahead logs are there")
            self.assertEqual(self.found(site), [], "after a kill")
            site.start_hub()
            for adapter in adapters.values():
                adapter.start()
            self.traffic(site, adapters, "2")
            for adapter in adapters.values():
                self.assertEqual(adapter.program.stop(), 0)
            self.assertEqual(site.hub.stop(), 0)
            self.everything_on_disk(site)
            self.assertTrue([p for p, _ in site.files(site.dir / "hub-data") if "snapshot" in str(p)], "snapshots were written")
            self.assertEqual(self.found(site), [], "after a stop")
            files = [p for p, _ in site.files(site.dir) if not p.relative_to(site.dir).parts[0].startswith("native-")]
            print(f"{len(NEEDLES)} spellings of {len(SAID)} personal texts in none of {len(files)} files")


if __name__ == "__main__":
    unittest.main()
