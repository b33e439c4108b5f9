"""Starts the real programs and ends every one of them, whatever happens."""
import os
import subprocess
import threading
import time

STOP_LIMIT_S = 20  # a hub that writes its last snapshot on a slow disk


class Program:
    def __init__(self, name, arguments, log_path):
        self.name, self.log_path = name, log_path
        log = open(log_path, "ab")
        # A session of its own: ctrl-C is for this script, which then stops everything in order. If this script is killed
        # without a word, the kernel ends the program.
        self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *map(str, arguments)], stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log, start_new_session=True)
        log.close()

    def running(self):
        return self._process.poll() is None

    def stop(self):
        """SIGTERM, and its exit code; None when it had to be killed."""
        if self.running():
            self._process.terminate()
        try:
            return self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return None

    def kill(self):
        if self.running():
            self._process.kill()
        self._process.wait()

    def last_words(self, lines=15):
        try:
            with open(self.log_path, errors="replace") as log:
                return "".join(log.readlines()[-lines:])
        except OSError:
            return ""


class Later:
    """Runs functions after a while, on a few threads of its own, since posting to a system may take its time."""

    def __init__(self, threads=8):
        self._ready = threading.Condition()
        self._due = []
        self._count = 0
        self._ended = False
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def after(self, seconds, function, *arguments):
        with self._ready:
            self._count += 1
            self._due.append((time.monotonic() + seconds, self._count, function, arguments))
            self._due.sort(key=lambda entry: entry[:2])
            self._ready.notify()

    def _run(self):
        while True:
            with self._ready:
                while not self._ended and (not self._due or self._due[0][0] > time.monotonic()):
                    self._ready.wait(max(0.01, self._due[0][0] - time.monotonic()) if self._due else None)
                if self._ended:
                    return
                _, _, function, arguments = self._due.pop(0)
            function(*arguments)

    def end(self):
        with self._ready:
            self._ended = True
            self._due.clear()
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(10)


def wait_until(condition, what, limit_s, programs=()):
    """Waits for a condition; fails when one of the programs ends meanwhile or the limit is over."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        for program in programs:
            if not program.running():
                raise RuntimeError(f"{program.name} 意外退出 ended by itself:\n{program.last_words()}")
        if time.monotonic() > end:
            raise RuntimeError(f"{limit_s} 秒内未就绪 not ready within {limit_s} s: {what}\n" + "".join(p.last_words() for p in programs))
        time.sleep(0.05)


def read_if_there(path):
    return path.read_text() if path.exists() and os.path.getsize(path) else ""
