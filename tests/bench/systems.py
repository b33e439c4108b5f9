"""The systems that run.sh compares: how each is started and stopped, and which program loads it.

Each runs in a temporary folder of its own on free ports of 127.0.0.1, and is stopped by the process that was started.
The settings of the peers, and why, are in README.md beside this file.
"""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

READY_S = 90  # most that a system may take to start
STOP_S = 30   # and to stop, before it is killed


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def ordinary_user():
    """For Popen: as whom a peer runs. Root starts it as nobody; anyone else as themselves."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class System:
    """`with System(...)`: started and ready; afterwards stopped and its folder gone."""
    name = ""
    note = ""

    def __init__(self, bin_folder, run):
        self.bin = bin_folder
        self.run = run
        self.processes = []

    def __enter__(self):
        self.folder = self.run / self.name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                pass
            # It leads a session of its own, so that what it started goes with it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def launch(self, command, env=None, **how):
        with open(self.folder / "output", "ab") as output:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=output, cwd=self.folder, start_new_session=True,
                                       env={**os.environ, **(env or {})}, **how)
        self.processes.append(process)
        return process

    def wait_ready(self, ready):
        give_up = time.monotonic() + READY_S
        while not ready():
            if any(process.poll() is not None for process in self.processes) or time.monotonic() > give_up:
                output = (self.folder / "output").read_text(errors="replace")[-4000:]
                raise SystemExit(f"{self.name} did not start\n{output}")
            time.sleep(0.05)

    def load(self, phases, prefix):
        """Runs the phases ("flight:64:3") and yields what each prints."""
        command = [*self.load_command(), "--prefix", prefix, "--server-pid", self.server_pid(), *phases]
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{self.name}: the load failed (exit {done.returncode})\n{done.stdout}")
        return done.stdout.splitlines()

    def server_pid(self):
        return self.processes[-1].pid


class Hub(System):
    name = "hub"
    note = "mTLS, routing, sealing and durable acknowledgments back; nobody reads the feedback to the reporter"
    preload = None
    load_options = ()

    def __init__(self, bin_folder, run, site=None):
        super().__init__(bin_folder, run)
        self.site = site or run / "site"

    def start(self):
        (self.folder / "hub.textproto").write_text(
            f'listen: "127.0.0.1:0" tls {{ ca: "{self.run}/pki/ca.crt" cert: "{self.run}/pki/hub.crt" '
            f'key: "{self.run}/pki/hub.key" }} data_dir: "data" site_dir: "{self.site}" '
            f'master_key: "master.key" port_file: "port"\n')
        env = {"LD_PRELOAD": str(self.bin / self.preload)} if self.preload else {}
        self.launch([self.bin / "liandong-hub", "--config", self.folder / "hub.textproto"], env)
        port = self.folder / "port"
        self.wait_ready(lambda: port.exists() and port.read_text().strip())
        self.port = port.read_text().strip().rsplit(":", 1)[-1]

    def load_command(self):
        return [self.bin / "hub_load", "--hub", f"127.0.0.1:{self.port}", "--pki", self.run / "pki", *self.load_options]


class HubFeedback(Hub):
    name = "hub_feedback"
    note = "the hotline also takes and acknowledges what becomes of its reports"
    load_options = ("--feedback",)


class HubNoSync(Hub):
    name = "hub_no_sync"
    note = "fsync and fdatasync answer at once: NOT durable, only to price the durability"
    preload = "libbench_no_sync.so"


class RabbitMQ(System):
    name = "rabbitmq"
    note = "quorum queues, confirms, manual acknowledgments, +sbwt none; plain TCP; only forwards"

    def start(self):
        self.port = self.nodes(["bench"])[0]

    def nodes(self, names, settings=""):
        """Starts a node for each name; `settings` are lines for all of them. Their ports, when all answer."""
        how = ordinary_user()
        epmd_port, ports = free_port(), []
        (self.folder / "home").mkdir()
        base = {"HOME": str(self.folder / "home"), "ERL_EPMD_PORT": str(epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        starts = []
        for name in names:
            folder = self.folder / name
            for part in (folder, folder / "data", folder / "logs"):
                part.mkdir()
            ports.append(free_port())
            # No plugins, warnings only, no metrics collected, and no alarm that would throttle the publisher.
            (folder / "rabbitmq.conf").write_text(
                f"listeners.tcp.1 = 127.0.0.1:{ports[-1]}\nlog.console.level = error\nlog.file = false\n"
                "log.console = true\nvm_memory_high_watermark.relative = 0.6\ndisk_free_limit.absolute = 100MB\n"
                f"collect_statistics = none\n{settings}")
            (folder / "enabled_plugins").write_text("[].\n")
            (folder / "env.conf").write_text("")
            starts.append({
                **base,
                "RABBITMQ_NODENAME": f"{name}@localhost", "RABBITMQ_DIST_PORT": str(free_port()),
                "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
                "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
                "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
                "RABBITMQ_MNESIA_BASE": str(folder / "data"), "RABBITMQ_LOG_BASE": str(folder / "logs"),
                "RABBITMQ_FEATURE_FLAGS_FILE": str(folder / "data/feature_flags"),
                "RABBITMQ_PID_FILE": str(folder / "pid"),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                    "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
            })
        if how:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, how["user"], how["group"])
        # In the foreground and ours, for otherwise the node starts one that outlives it.
        self.launch(["epmd", "-port", epmd_port, "-address", "127.0.0.1"], base, **how)
        self.wait_ready(lambda: answers(epmd_port))
        for port, env in zip(ports, starts):
            self.launch(["/usr/lib/rabbitmq/bin/rabbitmq-server"], env, **how)
            self.wait_ready(lambda port=port: answers(port))
        return ports

    def load_command(self):
        return [self.bin / "rabbit_load", "--port", self.port]

    def server_pid(self):
        """The Erlang machine: the busiest process of the session that was started."""
        session = self.processes[-1].pid
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                name, fields = stat.read_text().rsplit(")", 1)
                fields = fields.split()
                if int(fields[3]) == session and "beam" in name:
                    found.append((int(fields[11]), int(stat.parent.name)))
        return max(found)[1] if found else session


class Nats(System):
    name = "nats"
    note = "JetStream R1 on files, publish acknowledgments, explicit acknowledgments; plain TCP; only forwards; " \
           "does NOT sync before it answers: what it confirmed is lost in a power cut"

    def start(self):
        self.port = free_port()
        how = ordinary_user()
        if how:
            os.chown(self.folder, how["user"], how["group"])
        self.launch(["nats-server", "-a", "127.0.0.1", "-p", self.port, "-js", "-sd", self.folder / "data"], **how)
        self.wait_ready(lambda: answers(self.port))

    def load_command(self):
        return [self.bin / "nats_load", "--port", self.port]


class ThreeHubs(System):
    """Three hubs with one log over three etcd, each with its own data, all on this machine."""
    name = "hub_x3"
    note = "as hub, on three nodes: what is answered is on a majority of three etcd and in the active hub's log.db"
    nodes = ("hub-1", "hub-2", "hub-3")

    def start(self):
        etcd = {name: (free_port(), free_port()) for name in ("etcd-1", "etcd-2", "etcd-3")}
        peers = ",".join(f"{name}=https://127.0.0.1:{peer}" for name, (_, peer) in etcd.items())
        pki = self.run / "pki"
        tls = [part for side in ("", "peer-") for part in (
            f"--{side}client-cert-auth", f"--{side}trusted-ca-file", pki / "ca.crt", f"--{side}cert-file", pki / "hub.crt",
            f"--{side}key-file", pki / "hub.key")]
        for name, (client, peer) in etcd.items():
            client, peer = f"https://127.0.0.1:{client}", f"https://127.0.0.1:{peer}"
            self.launch(["etcd", "--name", name, "--data-dir", self.folder / name, "--listen-client-urls", client,
                         "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                         "--initial-cluster", peers, "--initial-cluster-state", "new", "--heartbeat-interval", "100",
                         "--election-timeout", "1000", "--enable-v2=false", "--logger", "zap", "--log-level", "error", *tls])
        (self.folder / "master.key").write_bytes(os.urandom(32))
        (self.folder / "master.key").chmod(0o600)
        for node in self.nodes:
            (self.folder / f"{node}.textproto").write_text(
                f'listen: "127.0.0.1:0" tls {{ ca: "{pki}/ca.crt" cert: "{pki}/hub.crt" key: "{pki}/hub.key" }} '
                f'data_dir: "{node}" site_dir: "{self.run}/site" master_key: "master.key" port_file: "{node}.port" '
                f'cluster {{ node: "{node}" {" ".join(f"""member: "{one}" """ for one in self.nodes)} '
                f'{" ".join(f"""etcd: "127.0.0.1:{client}" """ for client, _ in etcd.values())} '
                f'etcd_tls {{ ca: "{pki}/ca.crt" cert: "{pki}/hub.crt" key: "{pki}/hub.key" }} }}\n')
        config = [self.bin / "liandong-hub", "--config", self.folder / "hub-1.textproto"]
        founded = lambda: subprocess.run([config[0], "found-cluster", *config[1:]], capture_output=True).returncode == 0  # noqa: E731
        self.wait_ready(founded)
        for node in self.nodes:
            self.launch([self.bin / "liandong-hub", "--config", self.folder / f"{node}.textproto"])
        # Only the one that leads listens.
        self.wait_ready(lambda: any((self.folder / f"{node}.port").exists() for node in self.nodes))
        port = next(path for path in (self.folder / f"{node}.port" for node in self.nodes) if path.exists())
        self.leader = self.processes[len(etcd) + self.nodes.index(port.stem)]
        self.port = port.read_text().strip()

    def load_command(self):
        return [self.bin / "hub_load", "--hub", f"127.0.0.1:{self.port}", "--pki", self.run / "pki"]

    def server_pid(self):
        return self.leader.pid


class ThreeRabbits(RabbitMQ):
    name = "rabbitmq_x3"
    note = "as rabbitmq, each quorum queue on three nodes; processor time is one node's"

    def start(self):
        names = ["bench1", "bench2", "bench3"]
        self.port = self.nodes(names, "cluster_formation.peer_discovery_backend = classic_config\n" + "".join(
            f"cluster_formation.classic_config.nodes.{n} = {name}@localhost\n" for n, name in enumerate(names, 1)))[0]


class ThreeNats(Nats):
    name = "nats_x3"
    note = "JetStream R3 on three servers; processor time is one server's; does NOT sync before it answers"

    def start(self):
        how = ordinary_user()
        ports, routes = [free_port() for _ in range(3)], [free_port() for _ in range(3)]
        known = ",".join(f"nats://127.0.0.1:{route}" for route in routes)
        for number, (port, route) in enumerate(zip(ports, routes), 1):
            folder = self.folder / f"nats-{number}"
            folder.mkdir()
            if how:
                os.chown(folder, how["user"], how["group"])
            self.launch(["nats-server", "-n", f"nats-{number}", "-a", "127.0.0.1", "-p", port, "-js", "-sd", folder, "--cluster_name", "bench",
                         "--cluster", f"nats://127.0.0.1:{route}", "--routes", known], **how)
        for port in ports:
            self.wait_ready(lambda port=port: answers(port))
        self.port = ports[0]

    def load_command(self):
        return [*super().load_command(), "--replicas", "3"]


PACKAGES = {"rabbitmq": ["rabbitmq-server", "librabbitmq-dev"], "nats": ["nats-server"], "hub_x3": ["etcd-server"]}
PACKAGES |= {f"{peer}_x3": PACKAGES[peer] for peer in ("rabbitmq", "nats")}


AGENCIES = 12  # as many as the load plays, and kinds of report: course.h
KINDS = 4
CLAUSES_AN_AGREEMENT = 40


def make_site(site, parties=AGENCIES, clauses=KINDS):
    """A site set of one hotline and so many agencies. One clause for each kind sends its reports to three of the first
    twelve. The others ask for the same kinds and for words that no report has, so that the matcher must look at them,
    and name agencies in turn."""
    (site / "agreements").mkdir(parents=True)
    (site / "settings.textproto").write_text(
        'name: "bench" trust_domain: "bench.liandong.example" command_party: "command" utc_offset_minutes: 480\n'
        "lead_receive_s: 600 lead_accept_s: 3600 support_receive_s: 600 support_accept_s: 3600 "
        "feedback_receive_s: 3600\n")
    written = ['party { id: "command" kind: COMMAND name_zh: "指挥中心" name_en: "Command" }',
               'party { id: "hotline" kind: HOTLINE name_zh: "热线" name_en: "Hotline" }']
    written += [f'party {{ id: "agency-{i}" kind: AGENCY name_zh: "单位{i}" name_en: "Agency {i}" }}'
                for i in range(parties)]
    (site / "parties.textproto").write_text("\n".join(written) + "\n")
    (site / "divisions.textproto").write_text(
        'division { code: "339921000000" name_zh: "县" name_en: "County" } '
        'division { code: "339921100000" name_zh: "镇" name_en: "Town" }\n')
    kinds = ['category { code: "natural" name_zh: "自然灾害" name_en: "Natural" }']
    kinds += [f'category {{ code: "natural.k{kind}" name_zh: "类{kind}" name_en: "Kind {kind}" danger_to_life: NO }}'
              for kind in range(KINDS)]
    (site / "categories.textproto").write_text("\n".join(kinds) + "\n")

    def agreement(name, agencies, clause):
        signed = " ".join(f'party: "{agency}"' for agency in dict.fromkeys(agencies))
        (site / "agreements" / f"{name}.textproto").write_text(
            f'id: "{name}" title: "协议{name}" effective_from: "2020-01-01" {signed}\n{clause}')

    for kind in range(KINDS):
        agencies = [f"agency-{3 * kind + i}" for i in range(3)]
        duties = "".join(f'  duty {{ party: "{agency}" role: {"SUPPORT" if i else "LEAD"} disclose: PLACE '
                         f'disclose: DESCRIPTION }}\n' for i, agency in enumerate(agencies))
        agreement(f"kind-{kind}", agencies,
                  f'clause {{ id: "1" text: "条款" when {{ category: "natural.k{kind}" }}\n{duties}}}\n')
    more = list(range(KINDS, clauses))
    for start in range(0, len(more), CLAUSES_AN_AGREEMENT):
        some = more[start:start + CLAUSES_AN_AGREEMENT]
        agreement(f"more-{start}", [f"agency-{number % parties}" for number in some], "".join(
            f'clause {{ id: "{number}" text: "条款" when {{ category: "natural.k{number % KINDS}" any_word: "词{number}" }}\n'
            f'  duty {{ party: "agency-{number % parties}" role: SUPPORT disclose: PLACE }} }}\n' for number in some))


def make_pki(bin_folder, run):
    tool = [str(bin_folder / "liandong"), "pki"]
    subprocess.run([*tool, "init", str(run / "pki"), "--trust-domain", "bench.liandong.example"], check=True,
                   stdout=subprocess.DEVNULL)
    for party in ["hub", "command", "hotline", *[f"agency-{i}" for i in range(AGENCIES)]]:
        subprocess.run([*tool, "issue", str(run / "pki"), party, "--dns", "localhost", "--ip", "127.0.0.1"], check=True,
                       stdout=subprocess.DEVNULL)
