"""Three etcd and three hubs on this machine, and parties that know all three hubs and move over by themselves.

Each program can be killed, stopped and continued like a machine of its own. Everything listens on 127.0.0.1 at ports that were free a moment
before; nothing waits for a time.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from cut_wire import Wire
from harness import BIN, LIMIT_S, ROOT, Party, Program, change_settings, free_port, grpc, link_pb, wait

NODES = ("hub-1", "hub-2", "hub-3")
EXIT_REPLACED = 4
PATIENT_MS = 5_000  # before a silent hub is replaced: a machine that stalls for some seconds must not replace one by itself
MOVES_ON = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)


class Cluster:
    def __init__(self, takeover_ms=PATIENT_MS, settings=None, wires=False):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="liandong-cluster-"))
        self.pki = self.dir / "pki"
        self.stack = contextlib.ExitStack()
        self.parties = {}
        shutil.copytree(ROOT / "deploy/county/site", self.dir / "site")
        change_settings(self.dir / "site", settings or {})
        self.run("pki", "init", self.pki, "--trust-domain", "yunxi.liandong.example")
        self.run("pki", "init", self.dir / "etcd-pki", "--trust-domain", "etcd.yunxi.example")
        self.issue("hub")
        self.run("pki", "issue", self.dir / "etcd-pki", "etcd", "--dns", "localhost", "--ip", "127.0.0.1")
        (self.dir / "master.key").write_bytes(os.urandom(32))
        (self.dir / "master.key").chmod(0o600)
        self.etcd = {name: Etcd(self, name) for name in ("etcd-1", "etcd-2", "etcd-3")}
        # Between each hub and each etcd, where asked for.
        self.wires = {node: [Wire(one.client_port) for one in self.etcd.values()] if wires else [] for node in NODES}
        self.ports = {node: free_port() for node in NODES}
        self.port = self.ports[NODES[0]]
        self.hubs = {node: self.hub(node, takeover_ms) for node in NODES}

    def hub(self, node, takeover_ms):
        members = " ".join(f'member: "{one}"' for one in NODES)
        ways = [wire.port for wire in self.wires[node]] or [one.client_port for one in self.etcd.values()]
        etcd = " ".join(f'etcd: "127.0.0.1:{port}"' for port in ways)
        (self.dir / f"{node}.textproto").write_text(f"""
listen: "127.0.0.1:{self.ports[node]}"
tls {{ ca: "pki/ca.crt" cert: "pki/hub.crt" key: "pki/hub.key" }}
data_dir: "{node}"
site_dir: "site"
master_key: "master.key"
cluster {{
  node: "{node}" {members}
  {etcd}
  etcd_tls {{ ca: "etcd-pki/ca.crt" cert: "etcd-pki/etcd.crt" key: "etcd-pki/etcd.key" }}
  takeover_ms: {takeover_ms}
}}
""")
        return Program([BIN / "liandong-hub", "--config", self.dir / f"{node}.textproto"], self.dir / f"{node}.log")

    def __enter__(self):
        try:
            return self.begin()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def begin(self):
        for one in self.etcd.values():
            one.start()
        wait(self.etcd_leader, "etcd has a leader")
        done = subprocess.run([str(BIN / "liandong-hub"), "found-cluster", "--config", str(self.dir / "hub-1.textproto")], capture_output=True,
                              text=True, timeout=LIMIT_S)
        if done.returncode != 0:
            raise AssertionError(f"found-cluster: exit {done.returncode}\n{done.stdout}{done.stderr}")
        for hub in self.hubs.values():
            hub.start()
        wait(self.active, "one hub leads")
        return self

    def __exit__(self, kind, value, trace):
        for party in self.parties.values():
            party.close()
        self.stack.close()
        for program in [*self.hubs.values(), *self.etcd.values()]:
            if program.running():
                program.process.send_signal(signal.SIGCONT)
            program.kill()
        for wires in self.wires.values():
            for wire in wires:
                wire.end()
        if kind is None:
            shutil.rmtree(self.dir, ignore_errors=True)
            return
        print(f"--- kept for you: {self.dir}")
        for node, hub in self.hubs.items():
            print(f"--- the last words of {node}:\n{hub.output()[-2500:]}")

    def run(self, *arguments, check=True):
        done = subprocess.run([str(BIN / "liandong"), *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT_S, cwd=self.dir,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise AssertionError(f"liandong {arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.returncode, done.stdout + done.stderr

    def issue(self, party):
        if not (self.pki / f"{party}.crt").exists():
            self.run("pki", "issue", self.pki, party, "--dns", "localhost", "--ip", "127.0.0.1")

    def party(self, name):
        if name not in self.parties:
            self.issue(name)
            self.parties[name] = ClusterParty(self, name)
        return self.parties[name]

    def active(self):
        """The node that answers as a hub, or None: those that stand by do not listen."""
        return self.party("police-110").find()

    def etcd_leader(self):
        return next((name for name, one in self.etcd.items() if one.leads()), None)

    def settle(self):
        """Every node runs and has the whole log."""
        for hub in self.hubs.values():
            if not hub.running():
                hub.start()
        wait(self.active, "one hub leads")
        self.party("police-110").fetch(most=1)

        def same():
            ends = {last_index(self.dir / node) for node in NODES}
            return len(ends) == 1 and ends.pop() > 0
        wait(same, "all nodes have the same end of the log")


class Etcd(Program):
    """One member of etcd with mutual TLS, and timeouts for machines in one building."""

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        self.client_port, self.peer_port, self.metrics_port = free_port(), free_port(), free_port()
        super().__init__([], cluster.dir / f"{name}.log")

    def start(self):
        peers = ",".join(f"{one.name}=https://127.0.0.1:{one.peer_port}" for one in self.cluster.etcd.values())
        pki = self.cluster.dir / "etcd-pki"
        client, peer = f"https://127.0.0.1:{self.client_port}", f"https://127.0.0.1:{self.peer_port}"
        self.arguments = [
            "/usr/bin/etcd", "--name", self.name, "--data-dir", str(self.cluster.dir / self.name), "--initial-cluster", peers,
            "--initial-cluster-state", "new", "--initial-cluster-token", "liandong-test", "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--listen-metrics-urls",
            f"http://127.0.0.1:{self.metrics_port}", "--client-cert-auth", "--trusted-ca-file", str(pki / "ca.crt"), "--cert-file",
            str(pki / "etcd.crt"), "--key-file", str(pki / "etcd.key"), "--peer-client-cert-auth", "--peer-trusted-ca-file", str(pki / "ca.crt"),
            "--peer-cert-file", str(pki / "etcd.crt"), "--peer-key-file", str(pki / "etcd.key"), "--heartbeat-interval", "100",
            "--election-timeout", "1000", "--enable-v2=false", "--logger", "zap"
        ]
        return super().start()

    def leads(self):
        if not self.running():
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
                return "\netcd_server_is_leader 1\n" in answer.read().decode()
        except OSError:
            return False


class ClusterParty(Party):
    """Knows all hubs; asks the one that answered last, and the next one when it does not."""

    waits_for_ready = False

    def __init__(self, cluster, name):
        self.site, self.name, self.lines, self.at = cluster, name, [], 0
        read = lambda suffix: (cluster.pki / suffix).read_bytes()  # noqa: E731
        credentials = grpc.ssl_channel_credentials(read("ca.crt"), read(f"{name}.key"), read(f"{name}.crt"))
        options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 200),
                   ("grpc.use_local_subchannel_pool", 1)]
        self.channels = [grpc.secure_channel(f"127.0.0.1:{port}", credentials, options) for port in cluster.ports.values()]
        for channel in self.channels:  # gRPC connects only while somebody waits for it
            channel.subscribe(lambda _: None, try_to_connect=True)
        self.lock = threading.Lock()

    @property
    def channel(self):
        return self.channels[self.at]

    def close(self):
        for line in self.lines:
            line.close()
        for channel in self.channels:
            channel.close()

    def once(self, at, method, request, reply_type, timeout):
        rpc = self.channels[at].unary_unary(method, request_serializer=type(request).SerializeToString, response_deserializer=reply_type.FromString)
        return rpc(request, timeout=timeout)

    def call(self, method, request, reply_type, timeout=LIMIT_S, wait_for_ready=True):
        end = time.monotonic() + timeout
        while True:
            at = self.at
            try:
                return self.once(at, method, request, reply_type, 3)
            except grpc.RpcError as error:
                if error.code() not in MOVES_ON or time.monotonic() > end:
                    raise
            with self.lock:
                if self.at == at:
                    self.at = (at + 1) % len(self.channels)
            time.sleep(0.02)

    def find(self):
        """The node that answers now, or None. Needs no leave to do anything: any answer is one."""
        for at, node in enumerate(NODES):
            if not self.site.hubs[node].running():
                continue
            try:
                self.once(at, "/liandong.v1.Link/Fetch", link_pb.FetchRequest(max=1), link_pb.FetchReply, 3)
                return node
            except grpc.RpcError as error:
                if error.code() not in MOVES_ON:
                    return node
        return None


def batches(folder):
    """(first, last, link, bytes) of a node's log.db, which a hub may be writing."""
    if not (folder / "log.db").exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'log.db'}?mode=ro", uri=True, timeout=30)) as db:
        try:
            return db.execute("SELECT first_index, last_index, link, bytes FROM batch ORDER BY first_index").fetchall()
        except sqlite3.OperationalError:
            return []


def last_index(folder):
    if not (folder / "log.db").exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'log.db'}?mode=ro", uri=True, timeout=30)) as db:
        try:
            return db.execute("SELECT coalesce(max(last_index), 0) FROM batch").fetchone()[0]
        except sqlite3.OperationalError:
            return 0
