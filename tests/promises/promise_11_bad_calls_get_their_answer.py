"""Bad input over gRPC: each kind gets a status with a stable reason, nothing of it is recorded, and the hub keeps serving."""
import queue
import unittest

from harness import Site, ack_pb, common, delivery_pb, desk_pb, grpc, intake_pb, link_pb, reason_of, report_pb

QINGSHI = "339921100000"
INVALID = grpc.StatusCode.INVALID_ARGUMENT


class BadCalls(unittest.TestCase):
    def refused(self, code, reason, call):
        with self.assertRaises(grpc.RpcError) as error:
            call()
        self.assertEqual((error.exception.code(), reason_of(error.exception)), (code, reason), error.exception.details())

    def test_reports(self):
        with Site() as site:
            police = site.party("police-110")
            many = [common.ExternalRef(party="fire-119", external_id=str(n)) for n in range(9)]
            point = report_pb.SealedPart.DESCRIPTOR.fields_by_name["point"].message_type._concrete_class
            before = site.party("command").status().log_index
            for what, reason, fields in (
                    ("no purpose", "BAD_FIELD", dict(external_id="x", purpose=common.PURPOSE_UNSPECIFIED)),
                    ("a purpose of the future", "BAD_FIELD", dict(external_id="x", purpose=99)),
                    ("no number", "BAD_FIELD", dict(external_id="")),
                    ("a long number", "TOO_LARGE", dict(external_id="x" * 129)),
                    ("letters in the division", "BAD_FIELD", dict(external_id="x", division="33992110000A")),
                    ("a short division", "BAD_FIELD", dict(external_id="x", division="339921")),
                    ("a severity of the future", "BAD_FIELD", dict(external_id="x", severity=99)),
                    ("a negative time", "BAD_FIELD", dict(external_id="x", reported_at_ms=-1)),
                    ("a long narrative", "TOO_LARGE", dict(external_id="x", description="长" * 30000)),
                    ("a long name", "TOO_LARGE", dict(external_id="x", caller_name="x" * 2000)),
                    ("many references", "TOO_LARGE", dict(external_id="x", references=many)),
                    ("an empty reference", "BAD_FIELD", dict(external_id="x", references=[common.ExternalRef(party="fire-119")])),
                    ("many details", "TOO_LARGE", dict(external_id="x", details=[report_pb.Detail(name="a", value="b")] * 65)),
                    ("no coordinate", "BAD_FIELD", dict(external_id="x", point=point(has_wgs84=True, lat=float("nan")))),
                    ("exchanged coordinates", "BAD_FIELD", dict(external_id="x", point=point(has_wgs84=True, lat=119.0, lng=28.0))),
                    ("more than a message may have", "TOO_LARGE", dict(external_id="x", description="x" * (5 << 20)))):
                with self.subTest(what):
                    self.refused(INVALID, reason, lambda: police.report(**fields))
            self.assertEqual(site.party("command").status().log_index, before, "nothing was recorded")
            self.assertTrue(police.report("good", category="order.noise", division=QINGSHI).incident_id)

    def test_not_even_messages(self):
        with Site() as site:
            channel = site.party("police-110").channel
            raw = channel.unary_unary("/liandong.v1.Intake/Report", request_serializer=bytes, response_deserializer=bytes)
            # What is no message never reaches the hub's own code: these are gRPC's answers, whose codes differ by its version.
            unread = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNIMPLEMENTED, INVALID}
            for what, sent, codes in (("garbage", b"\xff" * 100, unread), ("a huge length inside", b"\x0a\xff\xff\xff\xff\x0f", unread),
                                      ("empty", b"", {INVALID}), ("beyond every bound", b"\0" * (17 << 20), {grpc.StatusCode.RESOURCE_EXHAUSTED})):
                with self.subTest(what):
                    with self.assertRaises(grpc.RpcError) as error:
                        raw(sent, timeout=60)
                    self.assertIn(error.exception.code(), codes)
            with self.assertRaises(grpc.RpcError) as error:
                channel.unary_unary("/liandong.v1.Intake/Nothing", request_serializer=bytes, response_deserializer=bytes)(b"", timeout=60)
            self.assertEqual(error.exception.code(), grpc.StatusCode.UNIMPLEMENTED)
            self.assertTrue(site.party("police-110").report("good", category="order.noise", division=QINGSHI).incident_id)
            self.assertTrue(site.hub.running())

    def test_acknowledgments(self):
        with Site() as site:
            medical = site.party("medical-120")
            line = medical.connect()
            task = line.wait_for(site.party("fire-119").report("F1", category="health.illness", division=QINGSHI).incident_id, delivery_pb.TASK)
            number = task.envelope.delivery_id
            for what, reason, fields in (
                    ("a state of the future", "BAD_FIELD", dict(state=99)), ("no state", "BAD_FIELD", dict(state=0)),
                    ("a refusal without a reason", "REASON_REQUIRED", dict(state=ack_pb.REFUSED)),
                    ("put off for ever", "BAD_FIELD", dict(state=ack_pb.DEFERRED)),
                    ("a long reason", "TOO_LARGE", dict(state=ack_pb.REFUSED, reason="x" * 201)),
                    ("a long note", "TOO_LARGE", dict(state=ack_pb.PROGRESS, note="x" * 9000)),
                    ("a long unit", "TOO_LARGE", dict(state=ack_pb.EN_ROUTE, unit="x" * 200))):
                with self.subTest(what):
                    reply = medical.acknowledge(number, **fields)
                    self.assertEqual((reply.outcome, reply.error.reason), (ack_pb.REJECTED, reason), reply.message)
            for unknown in (0, 999999, 2**63):
                self.assertEqual(medical.acknowledge(unknown, ack_pb.ACCEPTED).error.reason, "UNKNOWN_DELIVERY")
            for state, outcome, reason in ((ack_pb.ON_SCENE, ack_pb.APPLIED, ""), (ack_pb.ON_SCENE, ack_pb.ALREADY_DONE, ""),
                                           (ack_pb.REFUSED, ack_pb.REJECTED, "BACKWARD_STEP"), (ack_pb.EN_ROUTE, ack_pb.REJECTED, "BACKWARD_STEP"),
                                           (ack_pb.COMPLETED, ack_pb.APPLIED, ""), (ack_pb.REFUSED, ack_pb.REJECTED, "DUTY_ENDED")):
                reply = medical.acknowledge(number, state, reason="晚了")
                self.assertEqual((reply.outcome, reply.error.reason), (outcome, reason), ack_pb.AckState.Name(state))
            request = link_pb.AcknowledgeRequest(acknowledgment=[ack_pb.Acknowledgment(delivery_id=number, state=ack_pb.RECEIVED)] * 257)
            self.refused(INVALID, "TOO_LARGE", lambda: medical.call("/liandong.v1.Link/Acknowledge", request, link_pb.AcknowledgeReply))

    def talk(self, site, *messages):
        """What a line answers to these messages: replies until it ends or has answered each, and its end."""
        up = queue.Queue()
        for one in messages:
            up.put(one)
        rpc = site.party("telecom").channel.stream_stream("/liandong.v1.Link/Connect", request_serializer=link_pb.LinkUp.SerializeToString,
                                                          response_deserializer=link_pb.LinkDown.FromString)
        call, replies = rpc(iter(up.get, None), timeout=60), []
        try:
            for down in call:
                replies.append(down)
                if len(replies) == len(messages):
                    break
        except grpc.RpcError as error:
            return replies, error
        finally:
            up.put(None)
            call.cancel()
        return replies, None

    def test_lines(self):
        with Site() as site:
            hello = link_pb.LinkUp(tag=1, hello=link_pb.Hello())
            _, error = self.talk(site, link_pb.LinkUp(tag=1, acknowledge=link_pb.AcknowledgeRequest()))
            self.assertEqual((error.code(), reason_of(error)), (INVALID, "HELLO_FIRST"))
            replies, _ = self.talk(site, hello, link_pb.LinkUp(tag=2, hello=link_pb.Hello()))
            self.assertEqual({r.tag: r.error.error.reason for r in replies}, {1: "", 2: "HELLO_TWICE"})
            replies, _ = self.talk(site, hello, link_pb.LinkUp(tag=3), link_pb.LinkUp(tag=4, close=link_pb.CloseRequest(incident_id=7)))
            self.assertEqual({r.tag: r.error.error.reason for r in replies}, {1: "", 3: "BAD_FIELD", 4: "UNKNOWN_INCIDENT"}, "the line goes on")
            ahead = link_pb.LinkUp(tag=1, hello=link_pb.Hello(resume=[link_pb.LaneCursor(lane=common.URGENT, after_sequence=10**6)]))
            _, error = self.talk(site, ahead)
            self.assertEqual(reason_of(error) if error else "", "CURSOR_AHEAD", "numbers that this hub never gave out")

    def test_desk(self):
        with Site() as site:
            desk = site.party("command")
            order = lambda **f: desk.desk("OrderParties", desk_pb.OrderPartiesRequest(**f), desk_pb.OrderPartiesReply)  # noqa: E731
            base = dict(party=["telecom"], text="保障通信", given_by="值班长", purpose=common.ACTUAL)
            for reason, change in (("BAD_FIELD", dict(text="")), ("BAD_FIELD", dict(given_by="")), ("BAD_FIELD", dict(party=[])),
                                   ("BAD_FIELD", dict(purpose=0)), ("UNKNOWN_PARTY", dict(party=["nobody"])), ("TOO_LARGE", dict(text="x" * 9000))):
                with self.subTest(change):
                    self.refused(INVALID, reason, lambda: order(**{**base, **change}))
            self.refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_INCIDENT", lambda: desk.show(12345))
            self.assertTrue(order(**base).incident_id)

    def test_who_is_nobody(self):
        with Site() as site:
            site.issue("stranger")
            self.refused(grpc.StatusCode.PERMISSION_DENIED, "UNKNOWN_PARTY", lambda: site.party("stranger").report("x", category="order.noise"))
            for what, credentials in (("without a certificate", grpc.ssl_channel_credentials((site.pki / "ca.crt").read_bytes())),
                                      ("without TLS", None)):
                address = f"127.0.0.1:{site.port}"
                channel = grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)
                with self.subTest(what), channel:
                    with self.assertRaises(grpc.RpcError) as error:
                        call = channel.unary_unary("/liandong.v1.Intake/Report", request_serializer=intake_pb.ReportRequest.SerializeToString,
                                                   response_deserializer=bytes)
                        call(intake_pb.ReportRequest(), timeout=60)
                    self.assertEqual(error.exception.code(), grpc.StatusCode.UNAVAILABLE, "the handshake fails")


if __name__ == "__main__":
    unittest.main()
