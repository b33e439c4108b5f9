"""A screen on a promise test's site, accounts for people, and a browser that speaks HTTPS and reads the event stream."""
import http.client
import json
import re
import ssl
import subprocess
import threading
import zlib

from harness import BIN, LIMIT_S, ROOT, Program, Site, free_port, wait

FIRST_PASSWORD = re.compile(r"first sign-in: (\S+)")


class ScreenSite(Site):
    """A site with the feed, the sample's screen, and people: {account: (person, party, roles)}. `walls` are accounts of walls without a keyboard,
    each with a device certificate of its own name."""

    def __init__(self, people, settings=None, walls=()):
        self.feed_port = free_port()
        super().__init__(settings=settings, hub_options=f'feed {{ listen: "127.0.0.1:{self.feed_port}" key: "keys/feed.curve" }}')
        subprocess.run([ROOT / "deploy/feed_keys.sh", BIN / "liandong", self.site_dir, self.dir / "keys", "screen"], check=True)
        self.issue("screen")
        self.first = {}
        for account, (person, party, roles) in people.items():
            self.first[account] = FIRST_PASSWORD.search(self.create_account(account, person, party, roles)).group(1)
        for wall in walls:
            self.issue(wall)
            self.create_account(wall, "大厅大屏", "command", ["wall"], "--certificate", self.pki / f"{wall}.crt")
        self.passwords = dict.fromkeys(people, "correct horse battery")
        page = self.dir / "page"
        page.mkdir()
        (page / "index.html").write_text("<!doctype html><title>联动</title>")
        (self.dir / "screen.textproto").write_text(f"""
party: "screen"
hub: "127.0.0.1:{self.port}"
tls {{ ca: "pki/ca.crt" cert: "pki/screen.crt" key: "pki/screen.key" }}
feed_key: "keys/screen.curve"
listen: "127.0.0.1:0"
https {{ {'ca: "pki/ca.crt" ' if walls else ""}cert: "pki/screen.crt" key: "pki/screen.key" }}
web_dir: "page"
metrics_listen: "127.0.0.1:0"
port_file: "screen.port"
""" + "".join(f'wall {{ account: "{wall}" certificate: "pki/{wall}.crt" }}\n' for wall in walls))
        self.screen = Program([BIN / "liandong-screen", "--config", self.dir / "screen.textproto"], self.dir / "screen.log")

    def __enter__(self):
        super().__enter__()
        self.stack.callback(self.screen.kill)
        self.start_screen()
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print(f"--- the screen's last words:\n{self.screen.output()[-4000:]}")
        return super().__exit__(kind, value, trace)

    def start_screen(self):
        port_file = self.dir / "screen.port"
        port_file.unlink(missing_ok=True)
        self.screen.start()
        wait(lambda: port_file.exists() or not self.screen.running(), "the screen is up")
        if not self.screen.running():
            raise AssertionError("the screen did not start:\n" + self.screen.output())
        self.addresses = dict(line.split(" ", 1) for line in port_file.read_text().splitlines())

    def create_account(self, account, person, party, roles, *options):
        """Before the hub is started; returns what it said."""
        chosen = [part for role in roles for part in ("--role", role)]
        done = subprocess.run([BIN / "liandong-hub", "--config", self.dir / "hub.textproto", "account", "create", "--account", account, "--person", person,
                               "--party", party, *chosen, *options], capture_output=True, text=True, timeout=LIMIT_S)
        if done.returncode != 0:
            raise AssertionError(f"no account {account}: {done.stdout}{done.stderr}")
        return done.stdout

    def browser(self, account):
        """Somebody who has signed in and changed the first password."""
        browser = Browser(self, account)
        if account in self.first:
            browser.sign_in(self.first.pop(account))
            old = browser.password
            browser.post("/api/password", {"old": old, "new": self.passwords[account]})
            browser.me = browser.get("/api/me")
        else:
            browser.sign_in(self.passwords[account])
        return browser


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status = status
        self.reason = body.get("error", {}).get("reason", "") if isinstance(body, dict) else ""


class Browser:
    """`certificate`: the name of the device certificate that it shows; none: it shows none."""

    def __init__(self, site, account="", certificate=""):
        self.site, self.account, self.password, self.certificate = site, account, "", certificate
        self.cookie, self.me = "", {}
        self.streams = []

    def connect(self):
        address = self.site.addresses["https"]
        context = ssl.create_default_context(cafile=self.site.pki / "ca.crt")
        if self.certificate:
            context.load_cert_chain(self.site.pki / f"{self.certificate}.crt", self.site.pki / f"{self.certificate}.key")
        return http.client.HTTPSConnection(address, timeout=LIMIT_S, context=context)

    def raw(self, method, path, body=None, headers=None):
        """(status, headers, text)"""
        line = self.connect()
        try:
            sent = {"Cookie": self.cookie} if self.cookie else {}
            if body is not None:
                sent["Content-Type"] = "application/json"
            if method != "GET" and self.me:
                sent["X-Liandong-CSRF"] = self.me["csrf"]
            sent.update(headers or {})
            line.request(method, path, body=None if body is None else json.dumps(body), headers=sent)
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            line.close()

    def call(self, method, path, body=None, headers=None):
        status, got, text = self.raw(method, path, body, headers)
        value = json.loads(text) if got.get("Content-Type") == "application/json" else text
        if status != 200:
            raise Refused(status, value)
        for cookie in got.get_all("Set-Cookie") or ():
            self.cookie = cookie.split(";")[0]
        return value

    def get(self, path, **headers):
        return self.call("GET", path, headers=headers)

    def post(self, path, body, **headers):
        return self.call("POST", path, body, headers)

    def sign_in(self, password, **more):
        self.password = password
        self.me = self.post("/api/session", {"account": self.account, "password": password, **more})
        return self

    def view(self):
        view = self.get("/api/view")
        return {int(one["incident"]["incident_id"]): one for one in view["incidents"]}

    def events(self, after=None, gzip=False):
        stream = Events(self, after, gzip)
        self.streams.append(stream)
        return stream


class Events:
    """An event stream on a thread of its own: `heard` is a list of (id, event, data)."""

    def __init__(self, browser, after=None, gzip=False):
        self.heard, self.ended = [], False
        self._line = browser.connect()
        headers = {"Cookie": browser.cookie}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        if gzip:
            headers["Accept-Encoding"] = "gzip"
        self._line.request("GET", "/api/events", headers=headers)
        self._answer = self._line.getresponse()
        if self._answer.status != 200:
            raise Refused(self._answer.status, json.loads(self._answer.read()))
        self._inflate = zlib.decompressobj(31) if self._answer.headers.get("Content-Encoding") == "gzip" else None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        buffer = b""
        try:
            while True:
                piece = self._answer.read1(65536)
                if not piece:
                    break
                buffer += self._inflate.decompress(piece) if self._inflate else piece
                while b"\n\n" in buffer:
                    block, buffer = buffer.split(b"\n\n", 1)
                    fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line and not line.startswith(":"))
                    if "event" in fields:
                        self.heard.append((int(fields.get("id", 0)), fields["event"], json.loads(fields["data"])))
        except (OSError, http.client.HTTPException, ValueError):
            pass
        self.ended = True

    def of(self, name, incident_id=None):
        found = [(i, data) for i, event, data in list(self.heard) if event == name]
        return found if incident_id is None else [(i, d) for i, d in found if int(d["incident"]["incident_id"]) == incident_id]

    def wait_for(self, name, incident_id=None, that=lambda data: True):
        found = wait(lambda: [one for one in self.of(name, incident_id) if that(one[1])], f"event {name} of {incident_id}")
        return found[-1]

    def last_id(self):
        return max((i for i, _, _ in list(self.heard)), default=0)

    def close(self):
        self._line.sock and self._line.sock.close()
