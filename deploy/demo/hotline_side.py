"""A hotline's own system: calls its adapter with native messages, and is called by it with tasks and feedback."""
import datetime
import http.client
import http.server
import json
import random
import ssl
import threading

CALL_LIMIT_S = 10
TRIES = 20
TRY_EVERY_S = 0.5
TOKEN = "X-Liandong-Token"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def now():
    return datetime.datetime.now(CHINA)


def compact(when):
    return when.strftime("%Y%m%d%H%M%S")


def spaced(when):
    return when.strftime("%Y-%m-%d %H:%M:%S")


DAY = compact(now())[:8]  # in every native id of this run, also after midnight


class HotlineSide:
    """Subclasses know one format: they make reports, and in `react` they answer what the adapter brings."""
    party = ""

    def __init__(self, folder, ledger, later, seed):
        self.ledger, self.later = ledger, later
        self.random = random.Random(f"{self.party}-{seed}")
        self._secret_in = (folder / "secrets" / f"{self.party}.in").read_text()
        self._secret_out = (folder / "secrets" / f"{self.party}.out").read_text()
        self._client_tls = self._server_tls = None
        if self.party == "police-110":
            police = folder / "pki-police"
            self._client_tls = ssl.create_default_context(cafile=police / "ca.crt")
            self._server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=police / "ca.crt")
            self._server_tls.verify_mode = ssl.CERT_REQUIRED
            for context in (self._client_tls, self._server_tls):
                context.load_cert_chain(police / "system.crt", police / "system.key")
        self.adapter = {}        # link name -> (host, port)
        self.tasks = set()       # native numbers of tasks that came
        self.received = {}       # native kind -> how many came
        self.silent = {}         # native number of a task that nobody looked after -> what its people do once they are called
        self.cancelled = set()   # native numbers of tasks that were taken back
        self._lock = threading.Lock()
        self._number = 0
        self._server = self._listen()
        self.port = self._server.server_address[1]

    def next_number(self):
        with self._lock:
            self._number += 1
            return self._number

    # ---- towards the adapter

    def post(self, link, path, body, native_id=None, expect=200):
        """Sends as a real system does: again and again until it is answered. Returns the answer's code, or None."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        ticket = self.ledger.report(self.party, native_id, content) if native_id else None
        self._try(link, path, content, ticket, expect, TRIES)

    def _try(self, link, path, content, ticket, expect, tries):
        try:
            code = self._call(link, path, content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            code, why = 0, f"{type(error).__name__}: {error}"
        else:
            why = f"code {code}"
        if code == expect:
            if ticket:
                self.ledger.stored(ticket)
            if expect != 200:
                with self._lock:
                    self.ledger.bad_refused += 1
        elif code in (0, 503) and tries > 1:
            self.later.after(TRY_EVERY_S, self._try, link, path, content, ticket, expect, tries - 1)
        else:
            self.ledger.trouble(f"{self.party} {path}: 答复不符 unexpected answer: {why}, wanted {expect}")

    def _call(self, link, path, content):
        host, port = self.adapter[link]
        if self._client_tls:
            connection = http.client.HTTPSConnection(host, port, timeout=CALL_LIMIT_S, context=self._client_tls)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=CALL_LIMIT_S)
        try:
            connection.request("POST", path, content, {"Content-Type": "application/json", TOKEN: self._secret_in})
            answer = connection.getresponse()
            body = json.loads(answer.read() or b"{}")
            return int(body.get("code") or answer.status)
        finally:
            connection.close()

    def broken(self, link, path):
        """A message that is cut off: the format has an answer for it, and nothing of it may reach the log."""
        self.ledger.bad_sent += 1
        self.post(link, path, '{"header":{"type":"JJDB"},"body":{"JJDBH":"3399'.encode(), expect=400)

    # ---- what the adapter brings

    def _listen(self):
        side = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get(TOKEN) != side._secret_out:
                    side.ledger.trouble(f"{side.party}: 适配器未带口令 the adapter came without its secret")
                    return self.answer(401, {"code": "401", "message": "no"})
                try:
                    text = content.decode("utf-8")
                    side.ledger.read_by(side.party, text)
                    message = json.loads(text)
                    data = side.take(self.path, message)
                except (ValueError, KeyError, TypeError) as error:
                    side.ledger.trouble(f"{side.party} {self.path}: {type(error).__name__} {error}")
                    return self.answer(200, {"code": "400", "message": "格式错误"})
                self.answer(200, {"code": "200", "data": data or {}, "message": "成功"})

            def answer(self, status, body):
                content = json.dumps(body, ensure_ascii=False).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a connection that the adapter closed

            def finish_request(self, request, address):
                # The handshake belongs to the connection's own thread: done in accept(), a slow caller would hold up everybody.
                if side._server_tls:
                    request = side._server_tls.wrap_socket(request, server_side=True)
                super().finish_request(request, address)

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return server

    def take(self, path, message):
        raise NotImplementedError

    def count(self, kind):
        with self._lock:
            self.received[kind] = self.received.get(kind, 0) + 1

    def is_new_task(self, number):
        with self._lock:
            fresh = number not in self.tasks
            self.tasks.add(number)
            return fresh

    def take_up(self, mood, number, work, refuse):
        """What becomes of a task: work() or refuse() in a while, or nothing until its leader is told that it is late."""
        if mood == "silent":
            self.silent[number] = work
        else:
            self.later.after(self.random.uniform(0.6, 2.2), work if mood == "work" else refuse)

    def wake(self, number):
        work = self.silent.pop(number, None)
        if work is not None:
            self.later.after(0.5, work)

    def mood(self):
        """What the people of this hotline do with a task: mostly their work."""
        return self.random.choices(("work", "refuse", "silent"), (84, 6, 10))[0]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
