"""The hotlines' side of the promise tests: liandong-adapter with the county's profiles, and the hotlines' own systems as they are seen by it.

NativeSystem is an HTTP server that keeps what it is told and answers as it is asked to; Device is a fire-alarm transmission device that speaks
GB/T 26875.3 over a raw socket; Adapter starts the program with a configuration of its own folder and posts native messages to it.
"""
import datetime
import http.client
import http.server
import json
import os
import socket
import struct
import subprocess
import threading
import time

from google.protobuf import text_format

from harness import BIN, LIMIT_S, ROOT, Program, free_port, wait
from liandong.v1 import adapter_config_pb2

LARGE_BYTES = 1 << 20  # more than a socket buffer takes at once
TOKEN_HEADER = "X-Liandong-Token"
LISTEN_PATHS = {"police-110": "/110/jjd", "hotline-12345": "/work_order", "fire-119": "/119/incident", "medical-120": "/120/EVENT_INFO"}


def stamp(style="compact", offset_s=0):
    """Now in the county's local time, as native systems write it."""
    local = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))) + datetime.timedelta(seconds=offset_s)
    return local.strftime("%Y%m%d%H%M%S" if style == "compact" else "%Y-%m-%d %H:%M:%S")


class Call:
    """One call of the adapter to the hotline's system."""

    def __init__(self, path, headers, raw):
        self.path, self.headers, self.raw = path, headers, raw
        try:
            self.body = json.loads(raw)
        except ValueError:
            self.body = None

    def record(self):
        """The record itself: 110 wraps it into {header, body}."""
        return self.body.get("body", self.body) if isinstance(self.body, dict) else {}


def accept(_call):
    return 200, {"code": "200", "message": "ok", "data": {}}


def busy(_call):
    return 503, {"code": "503", "message": "busy"}


def reject(_call):
    return 400, {"code": "400", "message": "no such record"}


def silent(_call):
    """No answer until the other side gives up."""
    return None


class NativeSystem:
    """The hotline's own system. `answer` may be exchanged at any time; what came is in `calls`, also what was refused."""

    def __init__(self):
        self.calls, self.answer, self._ended = [], accept, threading.Event()
        system = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                call = Call(self.path, dict(self.headers), raw)
                answered = system.answer(call)
                call.status = answered[0] if answered else None
                system.calls.append(call)
                if answered is None:
                    system._ended.wait(LIMIT_S)
                    self.close_connection = True
                    return
                body = json.dumps(answered[1], ensure_ascii=False).encode()
                self.send_response(answered[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # an adapter that is killed breaks its calls off
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def taken(self, path=None, **fields):
        """Calls that were accepted, to this path, whose record has these values."""
        return [c for c in list(self.calls) if c.status == 200 and (path is None or c.path == path)
                and all(c.record().get(name) == value for name, value in fields.items())]

    def wait_for(self, path, what=None, **fields):
        return wait(lambda: self.taken(path, **fields), what or f"{path} {fields} is told")[0]

    def bytes(self):
        return b"\n".join(c.raw for c in list(self.calls))

    def close(self):
        self._ended.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


class Adapter:
    """liandong-adapter with the county's own configuration of this hotline, moved into `folder`: free ports, quick retries, its own keys.

    `edit(config, adapter)` may change the AdapterConfig, `profile(name, text)` the profiles. Files that the native side writes stand apart in
    `native_folder`, so that a search of `folder` finds only what the adapter wrote.
    """

    def __init__(self, site, party, edit=None, profile=None, retry_ms=200, tries=5, name=None):
        self.site, self.party, self.name = site, party, name or party
        self.folder = site.dir / f"adapter-{self.name}"
        self.native_folder = site.dir / f"native-{self.name}"
        self.native = NativeSystem()
        site.stack.callback(self.native.close)
        site.issue(party)
        for sub in ("profiles", "secrets", "data", "adapters"):
            (self.folder / sub).mkdir(parents=True)
        self.secrets = {}
        for way in ("in", "out"):
            self.secrets[way] = os.urandom(16).hex()
            path = self.folder / "secrets" / f"{party}.{way}"
            path.write_text(self.secrets[way] + "\n")
            path.chmod(0o600)
        for path in (ROOT / "deploy/county/profiles").glob("*.textproto"):
            text = path.read_text()
            (self.folder / "profiles" / path.name).write_text(profile(path.stem, text) if profile else text)
        self.config = self._config(retry_ms, tries)
        if edit:
            edit(self.config, self)
        self.config_path = self.folder / "adapters" / f"{party}.textproto"
        self.config_path.write_text(text_format.MessageToString(self.config, as_utf8=True))
        self.program = Program([BIN / "liandong-adapter", "--config", self.config_path], site.dir / f"adapter-{self.name}.log")
        site.stack.callback(self.program.kill)

    def _config(self, retry_ms, tries):
        text = (ROOT / f"deploy/county/adapters/{self.party}.textproto").read_text()
        config = text_format.Parse(text, adapter_config_pb2.AdapterConfig())
        config.hub[:] = [f"127.0.0.1:{self.site.port}"]
        pki = self.site.pki
        config.tls.ca, config.tls.cert, config.tls.key = (str(pki / name) for name in ("ca.crt", f"{self.party}.crt", f"{self.party}.key"))
        config.data_dir, config.port_file = "../data", "ports"
        for link in config.link:
            link.retry.every_ms, link.retry.times = retry_ms, tries
            for server in (link.http, link.tcp):
                if server.listen:
                    server.listen = f"127.0.0.1:{free_port()}"
            if link.HasField("peer"):
                link.peer.base_url = self.native.url
            if link.HasField("directories"):
                self.exchange(link)
        return config

    def exchange(self, link):
        """Makes it a link by files."""
        link.directories.CopyFrom(adapter_config_pb2.DirectoryConfig(**{"in": str(self.native_folder / "in"), "out": str(self.native_folder / "out"),
                                                                         "poll_ms": 50}))

    def port(self, link=None):
        """Of this link, or of the first that is called over HTTP."""
        one = next(one for one in self.config.link if (one.name == link if link else one.http.listen))
        return int((one.http.listen or one.tcp.listen).rpartition(":")[2])

    def start(self):
        ports = self.folder / "data/ports"
        ports.unlink(missing_ok=True)
        self.program.start()
        wait(lambda: ports.exists() or not self.program.running(), f"the adapter of {self.name} is ready")
        if not self.program.running():
            raise AssertionError(f"the adapter of {self.name} did not start:\n{self.program.output()[-4000:]}")
        return self

    def kill(self):
        self.program.kill()

    def post(self, path, body, link=None, headers=None, token=None, timeout=LIMIT_S):
        """One call of the native system. `body`: bytes, or a record to be written as JSON. Returns (status, answer)."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port(link), timeout=timeout)
        try:
            sent = {"Content-Type": "application/json", TOKEN_HEADER: self.secrets["in"] if token is None else token}
            try:
                connection.request("POST", path, raw, {**sent, **(headers or {})})
            except (BrokenPipeError, ConnectionResetError):
                if len(raw) < LARGE_BYTES:
                    raise
                # Refused before all of it was sent, as it should be; the answer stands in the socket.
            answer = connection.getresponse()
            text = answer.read()
            try:
                return answer.status, json.loads(text)
            except ValueError:
                return answer.status, text
        finally:
            connection.close()

    def tell(self, record, path=None, link=None):
        """Tells the adapter a record until it says that it has stored it: what a hotline's system does."""
        path = path or LISTEN_PATHS[self.party]
        end = time.monotonic() + LIMIT_S
        while True:
            try:
                status, answer = self.post(path, record, link)
                if status == 200 and answer.get("code") == "200":
                    return answer
                if status not in (429, 503):
                    raise AssertionError(f"{path}: {status} {answer}")
            except (OSError, http.client.HTTPException):
                pass
            if time.monotonic() > end:
                raise AssertionError(f"{path} was not taken within {LIMIT_S} s")
            time.sleep(0.05)

    def drop(self, name, raw):
        """Puts a file into the exchange folder, as the other system does; returns the receipt's text."""
        folder = self.native_folder / "in"
        wait(folder.exists, "the exchange folder")
        (folder / f"{name}.tmp").write_bytes(raw)
        os.rename(folder / f"{name}.tmp", folder / name)
        stem, dot, end = name.rpartition(".")
        receipt = self.native_folder / "out" / f"{stem}.receipt{dot}{end}"
        wait(receipt.exists, f"the receipt of {name}")
        text = receipt.read_bytes()
        receipt.unlink()
        return text

    def dead(self):
        """What `liandong-adapter dead list` shows."""
        return self.tool("dead", "list")

    def tool(self, *arguments, check=True):
        done = subprocess.run([str(BIN / "liandong-adapter"), "--config", str(self.config_path), *map(str, arguments)], capture_output=True, text=True,
                              timeout=LIMIT_S, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"liandong-adapter {arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr


class Device:
    """A fire-alarm transmission device. Frames: DOMAIN facts of GB/T 26875.3-2011, multi-byte integers little-endian."""

    SEND, ACK, DENY = 2, 3, 6

    def __init__(self, port, source=889):
        self.source, self.centre, self.serial = source, 88888, 0
        self.socket = socket.create_connection(("127.0.0.1", port), LIMIT_S)
        self.socket.settimeout(LIMIT_S)
        self._rest = b""

    @staticmethod
    def time_tag():
        now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
        return bytes([now.second, now.minute, now.hour, now.day, now.month, now.year % 100])

    def frame(self, adu, command=SEND, serial=None):
        if serial is None:
            serial, self.serial = self.serial, self.serial + 1
        head = struct.pack("<HBB", serial, 1, 1) + self.time_tag() + self.source.to_bytes(6, "little") + self.centre.to_bytes(6, "little")
        inner = head + struct.pack("<HB", len(adu), command) + adu
        return b"@@" + inner + bytes([sum(inner) % 256]) + b"##"

    def fire(self, zone, number, text="", state=2):
        """A smoke detector (41 is type 0x28 = 40) with the fire bit set; bit 0 clear, as real devices send it."""
        note = text.encode("gb18030")[:31].ljust(31, b"\0")
        return bytes([2, 1, 1, 1, 40]) + struct.pack("<HHH", zone, number, state) + note + self.time_tag()

    def send(self, raw):
        self.socket.sendall(raw)

    def answer(self):
        """(command, serial) of the next frame that the centre sends; None when it has closed the connection."""
        while True:
            start = self._rest.find(b"@@")
            if start >= 0 and len(self._rest) >= start + 30:
                rest = self._rest[start:]
                length = struct.unpack_from("<H", rest, 24)[0]
                if len(rest) >= 30 + length:
                    self._rest = rest[30 + length:]
                    return rest[26], struct.unpack_from("<H", rest, 2)[0]
            more = self.socket.recv(4096)
            if not more:
                return None
            self._rest += more

    def close(self):
        self.socket.close()
