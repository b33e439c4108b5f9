"""What the promise tests share: a site in a temporary folder with the real programs, and parties that speak gRPC over mutual TLS.

Everything listens on 127.0.0.1 at ports that were free a moment before. Nothing waits for a time: `wait` waits for a condition, with a limit
generous enough for a machine that stalls for seconds. Whatever was started is ended when the Site is left.
"""
import contextlib
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIANDONG_BUILD", ROOT / "build" / "dev")).resolve()
BIN = BUILD / "bin"
sys.path.insert(0, str(BUILD / "pygen"))

import grpc  # noqa: E402
from liandong.v1 import (acknowledgment_pb2, common_pb2, delivery_pb2, desk_pb2, intake_pb2, link_pb2,  # noqa: E402
                         report_pb2, rpc_status_pb2)

LIMIT_S = 90
ack_pb, common, delivery_pb, desk_pb, intake_pb, link_pb, report_pb = (
    acknowledgment_pb2, common_pb2, delivery_pb2, desk_pb2, intake_pb2, link_pb2, report_pb2)


def wait(condition, what, limit_s=LIMIT_S):
    """Waits until condition() is true and returns what it gave."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit_s} s: {what}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def reason_of(error):
    """The stable reason in an RpcError's details."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = rpc_status_pb2.RpcStatus.FromString(value)
            for detail in status.details:
                one = common.ErrorDetail()
                if detail.Unpack(one):
                    return one.reason
    return ""


class Program:
    """One program with its own log file."""

    def __init__(self, arguments, log_path, env=None):
        self.arguments = [str(a) for a in arguments]
        self.log_path = log_path
        self.env = env
        self.process = None

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env)
        log.close()
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL: nothing is flushed, nobody is told."""
        if self.running():
            self.process.send_signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def stop(self):
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"did not stop on SIGTERM: {self.arguments}")
        return None if self.process is None else self.process.returncode

    def output(self):
        return pathlib.Path(self.log_path).read_text(errors="replace") if os.path.exists(self.log_path) else ""


def change_settings(site_dir, settings):
    path = site_dir / "settings.textproto"
    lines = [line for line in path.read_text().splitlines() if line.split(":")[0].strip() not in settings]
    lines += [f"{name}: {value}" for name, value in settings.items()]
    path.write_text("\n".join(lines) + "\n")


class Site:
    """A hub with the sample county's agreements (settings may be changed), and certificates for whoever asks."""

    def __init__(self, settings=None, hub_options=""):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="liandong-promise-"))
        self.pki = self.dir / "pki"
        self.site_dir = self.dir / "site"
        self.port = free_port()
        self.hub_options = hub_options
        self.stack = contextlib.ExitStack()
        self.parties = {}
        shutil.copytree(ROOT / "deploy/county/site", self.site_dir)
        if settings:
            self.change_settings(settings)
        self.run("pki", "init", self.pki, "--trust-domain", "yunxi.liandong.example")
        self.issue("hub")
        (self.dir / "hub.textproto").write_text(f"""
listen: "127.0.0.1:{self.port}"
tls {{ ca: "pki/ca.crt" cert: "pki/hub.crt" key: "pki/hub.key" }}
data_dir: "hub-data"
site_dir: "site"
master_key: "hub-master.key"
port_file: "hub.port"
{hub_options}
""")
        self.hub = Program([BIN / "liandong-hub", "--config", self.dir / "hub.textproto"], self.dir / "hub.log")

    def change_settings(self, settings):
        change_settings(self.site_dir, settings)

    def __enter__(self):
        self.start_hub()
        return self

    def __exit__(self, kind, value, trace):
        for party in self.parties.values():
            party.close()
        self.stack.close()
        if self.hub.running():
            self.hub.kill()
        if kind is None:
            shutil.rmtree(self.dir, ignore_errors=True)
        else:
            print(f"--- kept for you: {self.dir}\n--- the hub's last words:\n{self.hub.output()[-4000:]}")

    def start_hub(self):
        port_file = self.dir / "hub.port"
        port_file.unlink(missing_ok=True)
        self.hub.start()
        wait(lambda: port_file.exists() or not self.hub.running(), "the hub is ready")
        if not self.hub.running():
            raise AssertionError("the hub did not start:\n" + self.hub.output()[-4000:])
        for party in list(self.parties.values()):
            wait(party.reachable, f"{party.name} reaches the hub again")

    def program(self, arguments, name):
        """Starts another program that ends with the site."""
        program = Program(arguments, self.dir / f"{name}.log")
        self.stack.callback(program.kill)
        return program.start()

    def run(self, *arguments, check=True):
        """One run of `liandong`; returns (exit code, output)."""
        done = subprocess.run([str(BIN / "liandong"), *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT_S, cwd=self.dir,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"liandong {arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.returncode, done.stdout + done.stderr

    def issue(self, party):
        if not (self.pki / f"{party}.crt").exists():
            self.run("pki", "issue", self.pki, party, "--dns", "localhost", "--ip", "127.0.0.1")

    def cli(self, party, *arguments, check=True):
        """`liandong` as this party."""
        self.issue(party)
        return self.run(*arguments, "--hub", f"127.0.0.1:{self.port}", "--ca", self.pki / "ca.crt", "--cert", self.pki / f"{party}.crt", "--key",
                        self.pki / f"{party}.key", check=check)

    def party(self, name):
        if name not in self.parties:
            self.issue(name)
            self.parties[name] = Party(self, name)
        return self.parties[name]

    def files(self, *roots):
        """Bytes of every file below the folders, by path."""
        for root in roots or (self.dir,):
            for path in pathlib.Path(root).rglob("*"):
                if path.is_file():
                    yield path, path.read_bytes()


class Party:
    """A gRPC client in a party's name."""

    waits_for_ready = True  # one that knows another hub asks that one instead

    def __init__(self, site, name):
        self.site, self.name = site, name
        read = lambda suffix: (site.pki / suffix).read_bytes()  # noqa: E731
        credentials = grpc.ssl_channel_credentials(read("ca.crt"), read(f"{name}.key"), read(f"{name}.crt"))
        self.channel = grpc.secure_channel(f"127.0.0.1:{site.port}", credentials, options=[
            ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.min_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500),
            ("grpc.max_receive_message_length", 16 << 20)])
        self.lines = []

    def close(self):
        for line in self.lines:
            line.close()
        self.channel.close()

    def call(self, method, request, reply_type, timeout=LIMIT_S, wait_for_ready=True):
        rpc = self.channel.unary_unary(method, request_serializer=type(request).SerializeToString, response_deserializer=reply_type.FromString)
        return rpc(request, timeout=timeout, wait_for_ready=wait_for_ready)

    def reachable(self):
        """A channel whose hub was killed says so only at its next call."""
        try:
            self.fetch(most=1)
            return True
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.PERMISSION_DENIED:
                return True  # a screen has no deliveries; it got its answer
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            return False

    def report(self, external_id, revision=0, purpose=common.ACTUAL, timeout=LIMIT_S, wait_for_ready=True, **fields):
        """fields: category, severity, division, danger_to_life, counts, references ... of the open part; the rest goes to the sealed part."""
        report = report_pb.Report(external_id=external_id, revision=revision)
        report.open.purpose = purpose
        for name, value in fields.items():
            part = report.open if name in report_pb.OpenPart.DESCRIPTOR.fields_by_name else report.sealed
            field = getattr(part, name)
            if hasattr(field, "CopyFrom"):
                field.CopyFrom(value)
            elif isinstance(value, list):
                field.extend(value)
            else:
                setattr(part, name, value)
        return self.call("/liandong.v1.Intake/Report", intake_pb.ReportRequest(report=report), intake_pb.ReportReply, timeout, wait_for_ready).receipt

    def acknowledge(self, delivery_id, state, **fields):
        one = ack_pb.Acknowledgment(delivery_id=delivery_id, state=state, **fields)
        reply = self.call("/liandong.v1.Link/Acknowledge", link_pb.AcknowledgeRequest(acknowledgment=[one]), link_pb.AcknowledgeReply)
        return reply.reply[0]

    def fetch(self, resume=(), most=256):
        request = link_pb.FetchRequest(resume=resume, max=most)
        return self.call("/liandong.v1.Link/Fetch", request, link_pb.FetchReply)

    def desk(self, method, request, reply_type):
        return self.call(f"/liandong.v1.Desk/{method}", request, reply_type)

    def show(self, incident_id):
        return self.desk("ShowIncident", desk_pb.ShowIncidentRequest(incident_id=incident_id), desk_pb.ShowIncidentReply)

    def status(self):
        return self.desk("Status", desk_pb.StatusRequest(), desk_pb.StatusReply)

    def connect(self, resume=(), window=0, receive=True):
        line = Line(self, resume, window, receive)
        self.lines.append(line)
        return line


class Line:
    """A Link.Connect stream: collects deliveries; with `receive` it says RECEIVED of each."""

    def __init__(self, party, resume, window, receive):
        self.party, self.receive = party, receive
        self.deliveries, self.replies, self.welcome, self.error = [], [], None, None
        self._up = queue.Queue()
        self._up.put(link_pb.LinkUp(tag=1, hello=link_pb.Hello(resume=resume, window=window, client="promise test")))
        rpc = party.channel.stream_stream("/liandong.v1.Link/Connect", request_serializer=link_pb.LinkUp.SerializeToString,
                                          response_deserializer=link_pb.LinkDown.FromString)
        self._call = rpc(iter(self._up.get, None), wait_for_ready=party.waits_for_ready)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        wait(lambda: self.welcome or self.error, f"{party.name} is connected")

    def _read(self):
        try:
            for down in self._call:
                kind = down.WhichOneof("message")
                if kind == "welcome":
                    self.welcome = down.welcome
                elif kind == "deliveries":
                    self.deliveries.extend(down.deliveries.delivery)
                    if self.receive:
                        self.say([ack_pb.Acknowledgment(delivery_id=d.envelope.delivery_id, state=ack_pb.RECEIVED) for d in down.deliveries.delivery])
                elif kind == "acknowledge":
                    self.replies.extend(down.acknowledge.reply)
                elif kind == "error":
                    self.replies.append(down.error)
        except grpc.RpcError as error:
            self.error = error

    def say(self, acknowledgments):
        self._up.put(link_pb.LinkUp(tag=2, acknowledge=link_pb.AcknowledgeRequest(acknowledgment=acknowledgments)))

    def of(self, incident_id, kind=None):
        return [d for d in list(self.deliveries) if d.envelope.incident_id == incident_id and (kind is None or d.envelope.kind == kind)]

    def wait_for(self, incident_id, kind):
        return wait(lambda: self.of(incident_id, kind), f"{self.party.name} gets {delivery_pb.DeliveryKind.Name(kind)} of {incident_id}")[0]

    def cursors(self):
        last = {}
        for d in list(self.deliveries):
            last[d.envelope.lane] = max(last.get(d.envelope.lane, 0), d.envelope.sequence)
        return [link_pb.LaneCursor(lane=lane, after_sequence=sequence) for lane, sequence in last.items()]

    def close(self):
        self._up.put(None)
        self._call.cancel()
        self._thread.join(LIMIT_S)
