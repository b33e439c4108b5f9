"""Bad input of the hotlines' systems, by HTTP and by files: each kind gets the answer that the format has for it, what cannot be mapped is kept
for the operator, and the adapter keeps serving."""
import json
import re
import socket
import unittest

from adapter_harness import Adapter, stamp
from harness import Site, ack_pb, desk_pb, wait

QINGSHI = "339921100000"
NATIVE_BYTES_MAX = 1024 * 1024

# A good record of each format, and the same with wrong types in it.
FORMATS = {
    "police-110": ("/110/jjd", {"header": {"type": "JJDB"}, "body": {"JJDBH": "J{n}", "JQLBDM": "020200", "XZQHDM": QINGSHI, "BJNR": "噪声"}},
                   [b'{"header":[],"body":{"JJDBH":"J1"}}', b'{"body":{"JJDBH":{"a":1}}}', b'{"body":{"JJDBH":"J1","BJNR":["x"]}}',
                    b'{"body":{"FKDBH":"K1","JJDBH":"J1","JZRS":"many"}}', b'{"body":{"JJDBH":"J1","SFBM":{}}}']),
    "hotline-12345": ("/work_order", {"order_no": "W{n}", "raise_category": "噪声", "division_code": QINGSHI, "content": "噪声"},
                      [b'{"order_no":{"a":1}}', b'{"order_no":"W1","content":[1]}', b'{"order_no":true}']),
    "fire-119": ("/119/incident", {"warningCode": "F{n}", "warningType": "30200", "divisionCode": QINGSHI, "warningInfo": "蜂窝"},
                 [b'{"warningCode":["F1"]}', b'{"warningCode":"F1","warningInfo":{"a":1}}']),
    "medical-120": ("/120/EVENT_INFO", {"SJH": "S{n}", "SJLX": "4", "XZBM": QINGSHI, "HCYY": "转院"},
                    [b'{"SJH":{"a":1}}', b'{"SJH":"S1","SJLX":[1]}']),
}


def good(party, number):
    return json.dumps(FORMATS[party][1], ensure_ascii=False).replace("{n}", str(number)).encode()


def malformed(party):
    """(what it is, bytes, the reason that the operator reads)"""
    whole = good(party, 1)
    yield "empty", b"", "bad_json"
    yield "truncated", whole[:-9], "bad_json"
    yield "not an object", b'["x"]', "wrong_type"
    yield "wrong encoding", whole[:-2] + b'\xff\xff"}', "bad_encoding"
    yield "a NUL", whole.replace("噪声".encode(), b"\\u0000").replace("蜂窝".encode(), b"\\u0000").replace("转院".encode(), b"\\u0000"), "bad_json"
    yield "a key twice", b'{"a":1,"a":2}', "duplicate_key"
    yield "too deep", b'{"a":' * 100 + b"1" + b"}" * 100, "too_deep"
    yield "too many values", b'{"a":[' + b"0," * 30000 + b"0]}", "too_many_values"
    yield "a hostile number", b'{"a":1e99999999}', "bad_json"
    yield "no kind of ours", b'{"hello":"world"}', None
    yield "a missing number", whole.replace(b"J1", b"").replace(b"W1", b"").replace(b"F1", b"").replace(b"S1", b""), None
    yield "XML cut short", b"<JJDB><JJDBH>J1</JJDBH>", "bad_xml"
    yield "XML that reads a file", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b>&x;</b></a>', "bad_xml"
    yield "XML that grows", b'<!DOCTYPE a [<!ENTITY x "xxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>', "bad_xml"
    for number, raw in enumerate(FORMATS[party][2]):
        yield f"wrong type {number}", raw, "wrong_type"


class BadInput(unittest.TestCase):
    def incidents(self, site):
        return site.party("command").desk("ListIncidents", desk_pb.ListIncidentsRequest(limit=500), desk_pb.ListIncidentsReply).incident

    def serving(self, site, adapter, number):
        """The same process takes a good record, and it arrives."""
        self.assertTrue(adapter.program.running())
        before = len(self.incidents(site))
        status, answer = adapter.post(FORMATS[adapter.party][0], good(adapter.party, number))
        self.assertEqual((status, answer["code"]), (200, "200"))
        wait(lambda: len(self.incidents(site)) == before + 1, "a good record arrives")

    def test_each_format_over_http(self):
        for party, (path, _, _) in FORMATS.items():
            with self.subTest(party), Site() as site:
                adapter = Adapter(site, party).start()
                kept = 0
                for what, raw, reason in malformed(party):
                    status, answer = adapter.post(path, raw)
                    self.assertEqual(status, 400, f"{what}: {answer}")
                    # In the form that it came in, with the format's own code, and with what is wrong.
                    said = answer if isinstance(answer, dict) else dict(re.findall(r"<(code|message)>(.*?)</", answer.decode()))
                    self.assertEqual(said["code"], "400", answer)
                    self.assertTrue(said["message"], answer)
                    kept += 1
                    listed = adapter.dead().splitlines()
                    self.assertEqual(len(listed), kept, f"{what} is kept")
                    if reason:
                        self.assertIn(reason, listed[-1], what)
                    self.assertIn(f" {len(raw)} B ", listed[-1], f"{what} is kept whole")
                self.serving(site, adapter, 2)
                self.assertEqual(len(self.incidents(site)), 1, "and nothing of the bad ones became an incident")
                # The same bad record again is the same dead letter.
                adapter.post(path, b'{"hello":"world"}')
                self.assertEqual(len(adapter.dead().splitlines()), kept)
                shown = adapter.tool("dead", "show", adapter.dead().splitlines()[1].split()[0])
                self.assertIn(good(party, 1)[:-9].decode(), shown, "the operator reads it as it came")

    def test_the_transport_itself(self):
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            for what, expected, arguments in (
                    ("too large", 413, dict(path="/110/jjd", body=b'{"a":"' + b"x" * NATIVE_BYTES_MAX + b'"}')),
                    ("no secret", 401, dict(path="/110/jjd", body=good("police-110", 1), token="")),
                    ("a wrong secret", 401, dict(path="/110/jjd", body=good("police-110", 1), token=adapter.secrets["out"])),
                    ("an unknown path", 404, dict(path="/110/other", body=good("police-110", 1))),
                    ("too many headers", 431, dict(path="/110/jjd", body=b"{}", headers={"X-Much": "x" * 40000}))):
                with self.subTest(what):
                    status, answer = adapter.post(**arguments)
                    self.assertEqual(status, expected, answer)
                    self.assertEqual(answer["code"], str(expected))
            for what, raw, expected in (("not HTTP", b"\x16\x03\x01 hello\r\n\r\n", b" 400 "),
                                        ("a length that lies", b"POST /110/jjd HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n{", b" 413 "),
                                        ("a negative length", b"POST /110/jjd HTTP/1.1\r\nContent-Length: -5\r\n\r\n{", b" 400 "),
                                        ("another method", b"GET /110/jjd HTTP/1.1\r\n" + f"X-Liandong-Token: {adapter.secrets['in']}".encode() +
                                         b"\r\n\r\n", b" 405 "),
                                        ("an endless chunk", b"POST /110/jjd HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", b" 413 ")):
                with self.subTest(what), socket.create_connection(("127.0.0.1", adapter.port()), 60) as line:
                    line.sendall(raw)
                    self.assertIn(expected, line.makefile("rb").readline())
            for raw in (b"POST /110/jjd HT", b"POST /110/jjd HTTP/1.1\r\nContent-Length: 50\r\n\r\n{"):
                with socket.create_connection(("127.0.0.1", adapter.port()), 60) as line:
                    line.sendall(raw)  # and gone in the middle
            self.assertIn("没有死信", adapter.dead())
            self.serving(site, adapter, 3)

    def test_unknown_duplicated_and_out_of_order(self):
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            record = {"body": {"JJDBH": "J1", "JQLBDM": "020200", "XZQHDM": QINGSHI, "BJNR": "噪声", "GXSJ": "20260713100000",
                               "XXXX": "不该出去的字段", "BJSJ": "20261345999999"}}
            self.assertEqual(adapter.post("/110/jjd", record)[0], 200, "an unknown field and an impossible time cost no report")
            again = adapter.post("/110/jjd", record)
            self.assertEqual((again[0], again[1]["code"]), (200, "200"))
            self.assertIn("重复", again[1]["message"])
            older = {"body": {**record["body"], "GXSJ": "20260713090000", "BJNR": "更早的话"}}
            newer = {"body": {**record["body"], "GXSJ": "20260713110000", "BJNR": "后来的话"}}
            for one in (newer, older):
                self.assertEqual(adapter.post("/110/jjd", one)[0], 200)
            number = wait(lambda: self.incidents(site), "the incident")[0].incident.incident_id
            shown = lambda: site.party("command").show(number)  # noqa: E731
            wait(lambda: [e for e in shown().timeline if e.what == "REPORT"][2:], "the three revisions are in the log")
            report = shown().incident.reports[0]
            self.assertEqual((report.description, report.revision), ("后来的话", 20260713110000), "the older one changes nothing")
            self.assertNotIn("不该出去的字段".encode(), shown().SerializeToString())
            # An answer that is here before its task: kept until the task comes.
            parked = {"body": {"FKDBH": "K1", "JJDBH": "LD2", "CJSJ01": stamp()}}
            self.assertEqual(adapter.post("/110/fkd", parked)[0], 200)
            task = site.party("fire-119").report("F1", category="accident.hazmat", division=QINGSHI)
            self.assertEqual(task.incident_id, 2)
            wait(lambda: [d for d in site.party("command").show(2).duty if d.party == "police-110" and d.field], "it has found its task")
            self.assertEqual(len(self.incidents(site)), 2)

    def test_longer_than_the_contract(self):
        """What the native format allows and the hub would refuse is cut, with a note: a long address must not cost the call."""
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            long = {"JQDZ": 2000, "BJRMC": 2000, "LXDH": 2000, "JJYXM": 2000, "SSRYQKSM": 2000, "GXDWMC": 2000, "BJNR": 200000, "BCJJNR": 200000}
            for number, (name, size) in enumerate(long.items()):
                record = {"body": {"JJDBH": f"L{number}", "JQLBDM": "020200", name: "长" * (size // 3)}}
                self.assertEqual(adapter.post("/110/jjd", record)[0], 200)
            wait(lambda: len(self.incidents(site)) == len(long), "every one of them arrives")
            self.assertIn("没有死信", adapter.dead())
            task = site.party("hotline-12345").report("W1", category="security.theft", division=QINGSHI)
            call = adapter.native.wait_for("/110/jjd").record()
            for number, fields in enumerate((dict(CJSJ01=stamp(), CDCC="车" * 600), dict(XCCLWBSJ=stamp(), CJCZQK="长" * 20000, FKYXM="名" * 600))):
                adapter.tell({"body": {"FKDBH": f"K{number}", "JJDBH": call["JJDBH"], **fields}}, "/110/fkd")
            wait(lambda: [d for d in site.party("command").show(task.incident_id).duty if d.field == ack_pb.COMPLETED], "and so do acknowledgments")
            self.assertIn("没有死信", adapter.dead())

    def test_codes_that_do_not_exist(self):
        for party, path, record in (("hotline-12345", "/deal12345/CONFIRM", {"JJDBH": "J1", "RECEIVE": "5"}), ("hotline-12345", "/deal12345/DYYY", {"JJDBH": "J1", "DYYY": "9"}),
                                    ("hotline-12345", "/deal12345/pushThxx", {"HANDLEOPINION": "谁的单?"}), ("fire-119", "/119/vehicle_state", {"vehicleCode": "1", "vehicleState": "77"}),
                                    ("medical-120", "/120/vehicle_state", {"SJH": "1", "CLBH": "1", "CLZT": "12"})):
            with self.subTest(path), Site() as site:
                adapter = Adapter(site, party).start()
                status, answer = adapter.post(path, record)
                self.assertEqual((status, answer["code"]), (400, "400"))
                self.assertRegex(adapter.dead(), "bad_value|missing_field")
                self.serving(site, adapter, 2)

    def test_encodings(self):
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            text = "䲟鱼巷𠮷字路灯"  # characters of two and of four bytes in GB18030
            for number, encoding in enumerate(("utf-8", "gb18030", "utf-8-sig")):
                raw = json.dumps({"body": {"JJDBH": f"E{number}", "JQLBDM": "020200", "BJNR": text}}, ensure_ascii=False).encode(encoding)
                self.assertEqual(adapter.post("/110/jjd", raw)[0], 200, encoding)
            xml = f'<?xml version="1.0" encoding="GB18030"?><JJDB><JJDBH>E3</JJDBH><JQLBDM>020200</JQLBDM><BJNR>{text}</BJNR></JJDB>'
            self.assertEqual(adapter.post("/110/jjd", xml.encode("gb18030"))[0], 200)
            wait(lambda: len(self.incidents(site)) == 4, "all four")
            for one in self.incidents(site):
                self.assertEqual(site.party("command").show(one.incident.incident_id).incident.reports[0].description, text)

    def test_files(self):
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            for what, name, raw, code in (("truncated", "a.json", good("police-110", 1)[:-5], "400"), ("too large", "b.json", b"x" * (NATIVE_BYTES_MAX + 1), "413"),
                                          ("wrong encoding", "c.json", b'{"body":{"JJDBH":"\xff\xff"}}', "400"), ("wrong type", "d.json", b'{"body":[]}', "400"),
                                          ("XML with an entity", "e.xml", b'<!DOCTYPE a><a/>', "400"), ("empty", "f.json", b"", "400")):
                with self.subTest(what):
                    self.assertIn(code.encode(), adapter.drop(name, raw))
                    bad = adapter.native_folder / "in" / "bad" / name
                    wait(bad.exists, "it stays for the operator")
                    self.assertEqual(bad.read_bytes(), raw)
            self.assertEqual(len(adapter.dead().splitlines()), 5, "all but the one that is too large are kept in the spool as well")
            self.assertIn(b'"200"', adapter.drop("g.json", good("police-110", 2)))
            self.assertIn("重复".encode(), adapter.drop("g.json", good("police-110", 2)), "the same file once more")
            self.assertIn(b"200", adapter.drop("h.xml", b"<JJDB><JJDBH>X1</JJDBH><BJNR>\xc2\xb7\xb5\xc6</BJNR></JJDB>"))
            wait(lambda: len(self.incidents(site)) == 2, "two incidents")

    def test_sent_again_after_the_profile_is_mended(self):
        """An unknown code is refused by this site's choice; the operator mends the table and sends the dead letter again."""
        strict = lambda name, text: text.replace('name: "category"', 'name: "category"\n  unmapped: ERROR') if name == "police-110" else text  # noqa: E731
        with Site() as site:
            adapter = Adapter(site, "police-110", profile=strict).start()
            raw = json.dumps({"body": {"JJDBH": "J1", "JQLBDM": "777777", "XZQHDM": QINGSHI, "BJNR": "新类别的事"}}, ensure_ascii=False).encode()
            self.assertEqual(adapter.post("/110/jjd", raw)[0], 400)
            profile = adapter.folder / "profiles/police-110.textproto"
            sample = adapter.native_folder / "sample.json"
            sample.parent.mkdir(exist_ok=True)
            sample.write_bytes(raw)
            self.assertIn("JQLBDM", adapter.tool("check", "--profile", profile, sample, check=False))
            profile.write_text(profile.read_text().replace('native: "020200"', 'native: "020200" native: "777777"', 1))
            self.assertIn("order.noise", adapter.tool("check", "--profile", profile, sample))
            self.assertEqual(adapter.program.stop(), 0)
            adapter.start()
            adapter.tool("dead", "resend", adapter.dead().split()[0])
            incident = wait(lambda: self.incidents(site), "it becomes an incident")[0].incident
            self.assertEqual(incident.category, "order.noise")
            wait(lambda: "没有死信" in adapter.dead(), "and is no dead letter any more")


if __name__ == "__main__":
    unittest.main()
