"""A party's line to the hub: an ordinary gRPC client over mutual TLS that says RECEIVED of everything and comes back after a break."""
import queue
import threading
import time

import grpc
from liandong.v1 import acknowledgment_pb2 as ack_pb
from liandong.v1 import link_pb2 as link_pb

CALL_LIMIT_S = 30


def open_channel(folder, party, hub_address):
    read = lambda name: (folder / "pki" / name).read_bytes()  # noqa: E731
    credentials = grpc.ssl_channel_credentials(read("ca.crt"), read(f"{party}.key"), read(f"{party}.crt"))
    return grpc.secure_channel(hub_address, credentials, options=[
        ("grpc.initial_reconnect_backoff_ms", 200), ("grpc.min_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 1000),
        ("grpc.max_receive_message_length", 20 << 20)])


class Line:
    """on_delivery(delivery) is called once for each delivery, on the line's own thread."""

    def __init__(self, folder, party, hub_address, on_delivery, ledger):
        self.party, self._ledger, self._on_delivery = party, ledger, on_delivery
        self.channel = open_channel(folder, party, hub_address)
        self._up = queue.Queue()
        self._last = {}      # lane -> last sequence seen
        self._seen = set()   # delivery ids: the hub sends what it is unsure of again
        self._call, self._ended = None, False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _messages(self):
        resume = [link_pb.LaneCursor(lane=lane, after_sequence=sequence) for lane, sequence in self._last.items()]
        yield link_pb.LinkUp(tag=1, hello=link_pb.Hello(resume=resume, client="liandong demo"))
        while True:
            message = self._up.get()
            if message is None:
                return
            yield message

    def _run(self):
        while not self._ended:
            connect = self.channel.stream_stream("/liandong.v1.Link/Connect", request_serializer=link_pb.LinkUp.SerializeToString,
                                                 response_deserializer=link_pb.LinkDown.FromString)
            self._up = queue.Queue()
            self._call = connect(self._messages(), wait_for_ready=True)
            try:
                for down in self._call:
                    self._take(down)
            except grpc.RpcError as error:
                if not self._ended and error.code() != grpc.StatusCode.UNAVAILABLE:
                    self._ledger.trouble(f"{self.party}: {error.code().name} {error.details()}")
            self._up.put(None)
            if not self._ended:
                time.sleep(0.5)

    def _take(self, down):
        kind = down.WhichOneof("message")
        if kind == "deliveries":
            self._say([ack_pb.Acknowledgment(delivery_id=d.envelope.delivery_id, state=ack_pb.RECEIVED) for d in down.deliveries.delivery])
            for delivery in down.deliveries.delivery:
                envelope = delivery.envelope
                self._last[envelope.lane] = max(self._last.get(envelope.lane, 0), envelope.sequence)
                if envelope.delivery_id not in self._seen:
                    self._seen.add(envelope.delivery_id)
                    self._on_delivery(delivery)
        elif kind == "acknowledge":
            for reply in down.acknowledge.reply:
                # A duty that was cancelled or finished by another way meanwhile is no fault of anybody.
                if reply.outcome == ack_pb.REJECTED and reply.error.reason not in ("DUTY_ENDED", "BACKWARD_STEP"):
                    self._ledger.trouble(f"{self.party}: {ack_pb.AckState.Name(reply.state)} refused: {reply.error.reason} {reply.message}")
        elif kind == "error":
            self._ledger.trouble(f"{self.party}: {down.error.error.reason} {down.error.message}")

    def _say(self, acknowledgments):
        self._up.put(link_pb.LinkUp(tag=2, acknowledge=link_pb.AcknowledgeRequest(acknowledgment=acknowledgments)))

    def acknowledge(self, delivery_id, state, **fields):
        self._say([ack_pb.Acknowledgment(delivery_id=delivery_id, state=state, **fields)])

    def call(self, method, request, reply_type):
        """A unary call; method is "Service/Method"."""
        rpc = self.channel.unary_unary(f"/liandong.v1.{method}", request_serializer=type(request).SerializeToString,
                                       response_deserializer=reply_type.FromString)
        return rpc(request, timeout=CALL_LIMIT_S, wait_for_ready=True)

    def watch(self, method, request, event_type):
        rpc = self.channel.unary_stream(f"/liandong.v1.{method}", request_serializer=type(request).SerializeToString,
                                        response_deserializer=event_type.FromString)
        return rpc(request, wait_for_ready=True)

    def close(self):
        self._ended = True
        self._up.put(None)
        if self._call is not None:
            self._call.cancel()
        self._thread.join(10)
        self.channel.close()
