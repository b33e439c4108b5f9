"""Whoever attacks is refused or contained, and everybody else's work is done meanwhile: wrong certificates, floods of calls and of connections,
slow and silent connections, and a megabyte where a name is due, against the running programs."""
import collections
import contextlib
import itertools
import pathlib
import resource
import socket
import ssl
import subprocess
import sys
import threading
import unittest

from adapter_harness import TOKEN_HEADER, Adapter, Device, stamp
from harness import LIMIT_S, Site, ack_pb, common, delivery_pb, desk_pb, grpc, intake_pb, link_pb, reason_of, report_pb, wait
from screen_harness import ScreenSite

# As many connections as the machine lets a process have: ours, and the attacked program's, which inherits this.
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
FILES_FOR_OTHERS = 1_000

QINGSHI = "339921100000"
PEOPLE = {"duty": ("值班员", "command", ["duty_officer"])}


def credentials(pki, name, ca=None):
    read = lambda path: pathlib.Path(path).read_bytes()  # noqa: E731
    return grpc.ssl_channel_credentials(read(ca or pki / "ca.crt"), read(pki / f"{name}.key"), read(pki / f"{name}.crt"))


def report_by(address, given):
    """One report over a new connection with these credentials."""
    with grpc.secure_channel(address, given) as channel:
        call = channel.unary_unary("/liandong.v1.Intake/Report", request_serializer=intake_pb.ReportRequest.SerializeToString,
                                   response_deserializer=intake_pb.ReportReply.FromString)
        report = report_pb.Report(external_id="x")
        report.open.purpose = common.ACTUAL
        return call(intake_pb.ReportRequest(report=report), timeout=60)


class Honest:
    """Work that goes on while others attack: reports by a hotline, each of which an agency takes on."""

    def __init__(self, site):
        self.site, self.done, self.wrong = site, 0, []
        self.hotline, self.agency = site.party("fire-119"), site.party("medical-120").connect()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            while not self._stop.is_set():
                receipt = self.hotline.report(f"honest-{self.done}", category="health.illness", division=QINGSHI)
                task = self.agency.wait_for(receipt.incident_id, delivery_pb.TASK)
                reply = self.agency.party.acknowledge(task.envelope.delivery_id, ack_pb.ACCEPTED)
                if reply.outcome != ack_pb.APPLIED:
                    self.wrong.append(str(reply))
                self.done += 1
        except (grpc.RpcError, AssertionError) as error:
            self.wrong.append(str(error))

    def __enter__(self):
        self._thread.start()
        return self

    def further(self, rounds=3):
        """So many more rounds are done from now on."""
        before = self.done
        wait(lambda: self.done >= before + rounds or self.wrong, "honest work goes on")

    def __exit__(self, kind, *_):
        self._stop.set()
        self._thread.join(LIMIT_S)
        if kind is None and self.wrong:
            raise AssertionError(f"honest work was refused: {self.wrong}")


def flood(port, pki, party="hotline-12345", category="service.streetlight"):
    """Reports without end over sixteen streams, as fast as the hub reads them; a line for each thousand answers."""
    channel = grpc.secure_channel(f"127.0.0.1:{port}", credentials(pathlib.Path(pki), party))
    rpc = channel.stream_stream("/liandong.v1.Intake/ReportStream", request_serializer=intake_pb.ReportRequest.SerializeToString,
                                response_deserializer=intake_pb.ReportReply.FromString)
    answered = collections.Counter()

    def requests(number):
        for count in itertools.count():
            report = report_pb.Report(external_id=f"flood-{number}-{count}")
            report.open.purpose, report.open.category, report.open.danger_to_life = common.ACTUAL, category, common.NO
            yield intake_pb.ReportRequest(report=report)

    def stream(number):
        for reply in rpc(requests(number)):
            answered[reply.error.reason or "taken"] += 1
            if sum(answered.values()) % 1000 == 0:
                print(dict(answered), flush=True)

    for number in range(16):
        threading.Thread(target=stream, args=(number,), daemon=True).start()
    threading.Event().wait()


class Crowd:
    """Connections that are open at the same time."""

    def __init__(self):
        self.lines = []

    def connect(self, port, count, say=b""):
        for _ in range(min(count, FILES - FILES_FOR_OTHERS - len(self.lines))):
            line = socket.socket()
            line.settimeout(LIMIT_S)
            try:
                line.connect(("127.0.0.1", port))
                if say:
                    line.sendall(say)
                self.lines.append(line)
            except OSError:  # refused: that is an answer too
                line.close()
        return self

    def say(self, what):
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.sendall(what)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for line in self.lines:
            line.close()


class OnTheHub(unittest.TestCase):
    def test_certificates_that_are_foreign_or_over(self):
        with Site() as site:
            foreign = site.dir / "foreign"
            site.run("pki", "init", foreign, "--trust-domain", "yunxi.liandong.example")
            site.run("pki", "issue", foreign, "police-110")
            site.issue("police-110")
            # The same key and name, signed by the right CA, and over since yesterday.
            over = site.dir / "over"
            over.mkdir()
            (over / "police-110.key").write_bytes((site.pki / "police-110.key").read_bytes())
            (over / "names").write_text("subjectAltName=URI:spiffe://yunxi.liandong.example/party/police-110\nextendedKeyUsage=clientAuth\n")
            openssl = lambda *arguments: subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)  # noqa: E731
            openssl("req", "-new", "-key", over / "police-110.key", "-subj", "/CN=police-110", "-out", over / "request")
            ca = ("-CA", site.pki / "ca.crt", "-CAkey", site.pki / "ca.key", "-CAserial", over / "serial", "-CAcreateserial", "-extfile", over / "names")
            address = f"127.0.0.1:{site.port}"
            openssl("x509", "-req", "-in", over / "request", *ca, "-days", "1", "-out", over / "police-110.crt")
            report_by(address, credentials(over, "police-110", site.pki / "ca.crt"))  # so the certificate is good but for its time
            openssl("x509", "-req", "-in", over / "request", *ca, "-days", "-1", "-out", over / "police-110.crt")
            with Honest(site) as honest:
                for what, given in (("a foreign CA", credentials(foreign, "police-110", site.pki / "ca.crt")),
                                    ("an expired one", credentials(over, "police-110", site.pki / "ca.crt"))):
                    with self.subTest(what), self.assertRaises(grpc.RpcError) as refused:
                        report_by(address, given)
                    self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE, what)
                honest.further()

    def test_another_party_in_the_body_and_anothers_deliveries(self):
        with Site() as site:
            report = report_pb.Report(external_id="r1")
            report.open.purpose, report.open.category, report.open.division = common.ACTUAL, "health.illness", QINGSHI
            report.actor.party, report.actor.person = "command", "局长"
            attacker = site.party("police-110")
            receipt = attacker.call("/liandong.v1.Intake/Report", intake_pb.ReportRequest(report=report), intake_pb.ReportReply).receipt
            shown = site.party("command").show(receipt.incident_id)
            self.assertEqual([r.party for r in shown.incident.reports], ["police-110"])
            self.assertEqual({e.actor.party for e in shown.timeline} - {"hub"}, {"police-110"})
            task = site.party("medical-120").connect().wait_for(receipt.incident_id, delivery_pb.TASK)
            for outcome in (attacker.acknowledge(task.envelope.delivery_id, ack_pb.ACCEPTED),
                            attacker.acknowledge(task.envelope.delivery_id, ack_pb.ACCEPTED, actor=common.Actor(party="medical-120"))):
                self.assertEqual((outcome.outcome, outcome.error.reason), (ack_pb.REJECTED, "NOT_YOUR_DELIVERY"))
            self.assertEqual(attacker.acknowledge(2**63, ack_pb.ACCEPTED).error.reason, "UNKNOWN_DELIVERY")
            self.assertFalse([d for d in attacker.fetch().delivery if d.envelope.party != "police-110"])
            with self.assertRaises(grpc.RpcError) as refused:
                attacker.call("/liandong.v1.Link/Transfer", link_pb.TransferRequest(incident_id=receipt.incident_id, to="telecom",
                                                                                   actor=common.Actor(party="command")), link_pb.ActionReply)
                attacker.call("/liandong.v1.Desk/Cancel", link_pb.CloseRequest(incident_id=receipt.incident_id, reason="x"), link_pb.ActionReply)
            self.assertIn(reason_of(refused.exception), ("NOT_ALLOWED", "NOT_HOLDER"))

    def test_a_megabyte_where_a_name_is_due(self):
        mega = "9" * (1 << 20)
        with Site() as site, Honest(site) as honest:
            attacker = site.party("police-110")
            refused = 0

            def fill(message, path=""):
                """Every text of the report in turn, a megabyte long."""
                nonlocal refused
                for field in message.DESCRIPTOR.fields:
                    if field.message_type is not None and field.label != field.LABEL_REPEATED:
                        yield from fill(getattr(message, field.name), f"{path}{field.name}.")
                    elif field.type == field.TYPE_STRING and field.label != field.LABEL_REPEATED:
                        setattr(message, field.name, mega)
                        yield path + field.name
                        message.ClearField(field.name)

            report = report_pb.Report(external_id="big")
            report.open.purpose = common.ACTUAL
            for name in fill(report):
                if name == "actor.party":
                    continue  # the certificate's takes its place
                if name != "external_id":
                    report.external_id = "big"
                with self.subTest(name):
                    with self.assertRaises(grpc.RpcError) as error:
                        attacker.call("/liandong.v1.Intake/Report", intake_pb.ReportRequest(report=report), intake_pb.ReportReply)
                    self.assertEqual(error.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
                    self.assertIn(reason_of(error.exception), ("TOO_LARGE", "BAD_FIELD"))
                    self.assertLess(len(error.exception.details()), 4096, "nor is it repeated")
                    refused += 1
            self.assertGreater(refused, 10)
            for say in (dict(reason=mega), dict(note=mega), dict(unit=mega)):
                self.assertEqual(attacker.acknowledge(1, ack_pb.REFUSED, **{"reason": "x", **say}).error.reason, "TOO_LARGE", say.keys())
            report = report_pb.Report(external_id="whole")
            report.open.purpose = common.ACTUAL
            report.sealed.details.extend(report_pb.Detail(name="x", value=mega) for _ in range(20))
            with self.assertRaises(grpc.RpcError) as error:
                attacker.call("/liandong.v1.Intake/Report", intake_pb.ReportRequest(report=report), intake_pb.ReportReply)
            self.assertIn(error.exception.code(), (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT))
            honest.further()

    def test_a_party_that_floods_starves_nobody(self):
        with Site() as site, Honest(site) as honest:
            site.issue("hotline-12345")
            # A process of its own: it must not hinder the honest ones but through the hub.
            flood = site.program([sys.executable, __file__, "--flood", site.port, site.pki], "flood")
            wait(lambda: flood.output().count("\n") > 3 or not flood.running(), "the flood is under way")
            honest.further(5)
            self.assertTrue(flood.running(), flood.output()[-2000:])
            print(f"the flood: {flood.output().splitlines()[-1]}; {honest.done} honest rounds")

    def test_ten_thousand_connections(self):
        with Site() as site, Honest(site) as honest, Crowd() as silent:
            silent.connect(site.port, 5_000).connect(site.port, 5_000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            print(f"{len(silent.lines)} connections that say nothing, or the beginning of a handshake")
            honest.further(5)
            # Somebody who comes now gets in too.
            site.party("telecom").fetch()
            report_by(f"127.0.0.1:{site.port}", credentials(site.pki, "fire-119"))
            # And the others are shown out.
            wait(lambda: silent.lines[0].recv(1) == b"", "a connection without its handshake is closed")


class OnTheHotlinesSide(unittest.TestCase):
    def good(self, number):
        return {"header": {"type": "JJDB"}, "body": {"JJDBH": f"J{number}", "JQLBDM": "020200", "XZQHDM": QINGSHI, "BJNR": "噪声", "GXSJ": stamp()}}

    def test_slow_and_silent_connections_keep_nobody_out(self):
        with Site() as site:
            adapter = Adapter(site, "police-110").start()
            port = adapter.port()
            head = b"POST /110/jjd HTTP/1.1\r\nHost: a\r\n"
            body = head + f"{TOKEN_HEADER}: {adapter.secrets['in']}\r\nContent-Length: 1000\r\n\r\n".encode()
            with Crowd() as slow:
                slow.connect(port, 300, head).connect(port, 300)
                for number in range(20):
                    slow.say(b"X-")
                    self.assertEqual(adapter.post("/110/jjd", self.good(number))[0], 200)
                slow.connect(port, 100, body)  # headers at once, then a body byte by byte
                for number in range(20, 40):
                    slow.say(b"{")
                    self.assertEqual(adapter.post("/110/jjd", self.good(number))[0], 200)
            with Crowd() as crowd:
                crowd.connect(port, 3_000)
                self.assertEqual(adapter.post("/110/jjd", self.good(50))[0], 200)

    def test_a_flood_of_devices_that_say_nothing(self):
        with Site() as site:
            adapter = Adapter(site, "fire-119").start()
            with Crowd() as crowd:
                crowd.connect(adapter.port("alarms"), 1_500, b"@@" + b"\xff" * 20)
                device = Device(adapter.port("alarms"))
                device.send(device.frame(device.fire(1, 1, "烟感")))
                self.assertEqual(device.answer()[0], Device.ACK)
                device.close()


class OnTheScreen(unittest.TestCase):
    def test_slow_and_silent_browsers_keep_nobody_out(self):
        with ScreenSite(PEOPLE) as site:
            officer = site.browser("duty")
            port = int(site.addresses["https"].rpartition(":")[2])
            context = ssl.create_default_context(cafile=site.pki / "ca.crt")
            with Crowd() as crowd:
                crowd.connect(port, 4_000).connect(port, 1_000, b"\x16\x03\x01\x02\x00\x01\x00")
                slow = []
                for _ in range(50):
                    line = context.wrap_socket(socket.create_connection(("127.0.0.1", port), LIMIT_S), server_hostname="127.0.0.1")
                    line.sendall(b"GET /api/view HTTP/1.1\r\nHost: a\r\nX-")
                    slow.append(line)
                try:
                    for _ in range(10):
                        for line in slow:
                            with contextlib.suppress(OSError):
                                line.sendall(b"a")
                        officer.view()
                    events = officer.events()
                    incident = site.party("police-110").report("r1", category="service.streetlight", danger_to_life=common.NO).incident_id
                    events.wait_for("incident", incident)
                finally:
                    for line in slow:
                        line.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--flood"]:
        flood(*sys.argv[2:])
    unittest.main()
