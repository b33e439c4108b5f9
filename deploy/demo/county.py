"""Makes the run folder: the sample county with deadlines shortened to a night of one minute, certificates, secrets and settings."""
import math
import re
import secrets
import shutil
import subprocess

HOTLINES = ("police-110", "hotline-12345", "fire-119", "medical-120")
AGENCIES = ("weather-bureau", "commerce-bureau", "highway-bureau", "agriculture-bureau", "resources-bureau", "telecom", "power-supply")
TOWNSHIPS = ("town-yuncheng", "town-dongxi", "town-qingshi", "town-baisha", "town-longtan", "town-shiliang", "town-fengping", "town-zhuyuan",
             "town-gaoao", "town-dawan", "town-songling", "town-meiyang")

# Of the site's settings; a real county's figures are hours.
SETTINGS = {"quiet_close_s": 15, "outage_grace_s": 10, "escalation_wait_s": 5, "evict_after_s": 30, "feedback_receive_s": 15,
            "inform_receive_s": 15, "transfer_answer_s": 10, "dispute_answer_s": 8}


def shorten(seconds):
    """Deadlines keep their order: 10 s -> 5, 60 s -> 6, 10 min -> 13, 1 h -> 19, a day -> 29."""
    return max(5, round(3.2 * math.log(seconds / 10))) if seconds > 10 else 5


def copy_site(source, target):
    """A copy in which things happen within a minute; clause texts and everything else stay as they are."""
    shutil.copytree(source, target)
    within = re.compile(r"\b(\w+_within_s): (\d+)")
    wait = re.compile(r"\b(wait_s): (\d+)")
    for path in (target / "agreements").glob("*.textproto"):
        text = within.sub(lambda m: f"{m[1]}: {shorten(int(m[2]))}", path.read_text())
        path.write_text(wait.sub(lambda m: f"{m[1]}: {max(3, shorten(int(m[2])) // 2)}", text))
    settings = target / "settings.textproto"
    lines = []
    for line in settings.read_text().splitlines():
        found = re.match(r"(\w+): (\d+)", line)
        if found and found[1] in SETTINGS:
            line = f"{found[1]}: {SETTINGS[found[1]]}"
        elif found and re.match(r"(lead|support)_\w+_s$", found[1]):
            line = f"{found[1]}: {shorten(int(found[2]))}"
        lines.append(line)
    settings.write_text("\n".join(lines) + "\n")


class Certificates:
    def __init__(self, liandong, folder):
        self._liandong, self._folder = liandong, folder

    def _run(self, *arguments):
        done = subprocess.run([str(self._liandong), "pki", *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"liandong pki {arguments[0]} 失败 failed:\n{done.stdout}{done.stderr}")

    def make(self):
        """The site's own CA, and one of the police, whose system asks for certificates of its own."""
        site = self._folder / "pki"
        self._run("init", site, "--trust-domain", "yunxi.liandong.example")
        self._run("issue", site, "hub", "--dns", "localhost", "--ip", "127.0.0.1")
        for party in HOTLINES + AGENCIES + TOWNSHIPS + ("command",):
            self._run("issue", site, party)
        police = self._folder / "pki-police"
        self._run("init", police, "--trust-domain", "police.yunxi.example")
        for name in ("system", "adapter"):
            self._run("issue", police, name, "--dns", "localhost", "--ip", "127.0.0.1")


def write_secret(path):
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(24))


def make_secrets(folder):
    for party in HOTLINES:
        for side in ("in", "out"):
            write_secret(folder / "secrets" / f"{party}.{side}")


def hub_settings(folder):
    (folder / "hub.textproto").write_text("""\
listen: "127.0.0.1:0"
tls { ca: "pki/ca.crt" cert: "pki/hub.crt" key: "pki/hub.key" }
data_dir: "hub"
site_dir: "site"
master_key: "secrets/master.key"
port_file: "hub.port"
""")
    path = folder / "secrets" / "master.key"
    path.touch(mode=0o600)
    path.write_bytes(secrets.token_bytes(32))


POLICE_TLS = 'tls { ca: "pki-police/ca.crt" cert: "pki-police/adapter.crt" key: "pki-police/adapter.key" }'
LINKS = {
    "police-110": """
link { name: "jcj" profile: "profiles/police-110.textproto" purpose: ACTUAL
  http { listen: "127.0.0.1:0" %(tls)s require_client_cert: true }
  peer { base_url: "https://127.0.0.1:%(port)d" %(tls)s } %(retry)s }""",
    "hotline-12345": """
link { name: "gd" profile: "profiles/hotline-12345.textproto" purpose: ACTUAL
  http { listen: "127.0.0.1:0" } peer { base_url: "http://127.0.0.1:%(port)d" } %(retry)s }""",
    "fire-119": """
link { name: "jq" profile: "profiles/fire-119-json.textproto" purpose: ACTUAL
  http { listen: "127.0.0.1:0" } peer { base_url: "http://127.0.0.1:%(port)d" } %(retry)s }
link { name: "xf" profile: "profiles/fire-119-gb26875.textproto" purpose: ACTUAL tcp { listen: "127.0.0.1:0" } }""",
    "medical-120": """
link { name: "jj" profile: "profiles/medical-120.textproto" purpose: ACTUAL
  http { listen: "127.0.0.1:0" } peer { base_url: "http://127.0.0.1:%(port)d" } %(retry)s }""",
}


def adapter_settings(folder, party, hub_address, system_port):
    """system_port: where the hotline's own system listens."""
    links = LINKS[party] % {"tls": POLICE_TLS, "port": system_port, "retry": "retry { every_ms: 1000 times: 30 }"}
    path = folder / f"{party}.textproto"
    path.write_text(f"""\
party: "{party}"
hub: "{hub_address}"
tls {{ ca: "pki/ca.crt" cert: "pki/{party}.crt" key: "pki/{party}.key" }}
data_dir: "spool-{party}"
port_file: "../{party}.port"
{links}
""")
    (folder / f"spool-{party}").mkdir(mode=0o700, exist_ok=True)
    return path


def make(folder, root, liandong):
    """Everything that does not depend on a port."""
    copy_site(root / "deploy/county/site", folder / "site")
    shutil.copytree(root / "deploy/county/profiles", folder / "profiles")
    Certificates(liandong, folder).make()
    make_secrets(folder)
    hub_settings(folder)
    (folder / "hub").mkdir(mode=0o700)
