"""From an agency's acknowledgment to the painted cell, with the real hub, screen and browser:

    LIANDONG_BUILD=build/release /usr/bin/python3 tests/web/bench_real.py [--incidents 2000] [--rate 50] [--minutes 1] [--no-trace] [--profile] [--own-core] [--json FILE]

So many incidents are open all the time: seeded through Intake, and whatever is completed is closed and reported anew. The time runs from
the start of the agency's call to the frame in which the cell shows it. Most acknowledgments fall anywhere, --sight of them a second on cells that can
be seen, and only those can be timed. All programs, the agencies and the browser share the machine: so each long task of the page's main thread is
told with its own processor time and its steps, from Chrome's trace, with --profile also its functions (which slows the page). What others took of its time is no work of the page. --own-core
gives the page's main thread a core that nothing else here uses, as the computer of a wall has; everything else shares the others.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "promises"))
from harness import ack_pb, common, grpc, link_pb, reason_of, wait  # noqa: E402
from screen_harness import ScreenSite  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# No call joins another: as many incidents as reports.
APART = {"suggest_at": 101, "storm_reports": 0}
CATEGORY = "natural.landslide"
TOWNS = ["3399211%05d" % n for n in (0, 1000, 2000, 3000, 4000)] + ["3399212%05d" % n for n in (0, 1000, 2000, 3000, 4000)]
LADDER = [ack_pb.RECEIVED, ack_pb.SEEN, ack_pb.ACCEPTED, ack_pb.EN_ROUTE, ack_pb.ON_SCENE, ack_pb.COMPLETED]
TAKEN_ON = 0.9
SETTLE_S = 6
OWN_CORE = 0
LATE_S = 5  # for what is still on its way at the end


class Browser:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(["node", HERE / "bench_watch.mjs", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self.answer()["ready"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the browser has ended")
        return json.loads(line)

    def ask(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return self.answer()


    def give_own_core(self):
        """The main thread of the page's process is the thread with the process's number."""
        parents, pages = {}, []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if "--type=renderer" in (folder / "cmdline").read_text():
                    pages.append((int((folder / "statm").read_text().split()[1]), int(folder.name)))
            except (OSError, IndexError):
                continue  # it has ended meanwhile

        def ours(pid):
            return pid == self.process.pid or (pid in parents and ours(parents[pid]))

        os.sched_setaffinity(max(page for page in pages if ours(page[1]))[1], {OWN_CORE})


class Duty:
    def __init__(self, line, incident):
        self.id, self.party, self.delivery, self.incident, self.step = line.duty_id, line.party, line.delivery_id, incident, 0


class County:
    """The open incidents and their duties, as the agencies know them."""

    def __init__(self, site):
        self.site, self.lock, self.numbers, self.seeding = site, threading.Lock(), iter(range(1_000_000)), True
        self.duties = {}                                  # by duty id: those that can still take a step
        self.open = collections.defaultdict(set)          # incident -> its duties
        self.sent = {}                                    # (duty, state) -> when the call began, unix ms
        self.took, self.failed, self.why = [], 0, collections.Counter()

    def report(self):
        number = next(self.numbers)
        receipt = self.site.party("police-110").report(f"bench-{number}", category=CATEGORY, severity=common.GENERAL, division=random.choice(TOWNS),
                                                       danger_to_life=common.NO, description=f"坡上落石，第{number}处")
        self.learn(receipt.incident_id)

    def learn(self, incident):
        """The parties' systems have it at once; of the many that were there before the measurement, people have taken most on."""
        shown = self.site.party("command").show(incident)
        for line in shown.duty:
            duty = Duty(line, incident)
            duty.step = 3 if self.seeding and line.role != common.INFORM and random.random() < TAKEN_ON else 1
            self.site.party(line.party).call("/liandong.v1.Link/Acknowledge", link_pb.AcknowledgeRequest(acknowledgment=[
                ack_pb.Acknowledgment(delivery_id=line.delivery_id, state=state) for state in LADDER[:duty.step]]), link_pb.AcknowledgeReply)
            if line.role != common.INFORM:
                with self.lock:
                    self.duties[duty.id] = duty
                    self.open[incident].add(duty.id)

    def acknowledge(self, duty):
        state = LADDER[duty.step]
        duty.step += 1
        began = time.time()
        with self.lock:
            self.sent[duty.id, ack_pb.AckState.Name(state)] = began * 1000
        reply = self.site.party(duty.party).acknowledge(duty.delivery, state)
        self.took.append(time.time() - began)
        if reply.outcome == ack_pb.REJECTED:
            self.failed += 1
            self.why[reply.error.reason] += 1
        if duty.step < len(LADDER):
            return
        with self.lock:
            self.duties.pop(duty.id, None)
            self.open[duty.incident].discard(duty.id)
            over = not self.open[duty.incident]
            if over:
                del self.open[duty.incident]
        if over:
            try:
                self.site.party("command").desk("Close", link_pb.CloseRequest(incident_id=duty.incident, reason="处置完毕"), link_pb.ActionReply)
            except grpc.RpcError as error:
                self.failed += 1
                self.why[reason_of(error)] += 1
            self.report()

    def any(self):
        with self.lock:
            return self.duties[random.choice(list(self.duties))]

    def one_of(self, cells):
        with self.lock:
            known = [self.duties[int(duty)] for duty, _ in cells if int(duty) in self.duties]
        return random.choice(known) if known else None


def drive(county, browser, options):
    """Paced acknowledgments until the time is over; each waits for nobody."""
    busy, cells, end = set(), [], time.monotonic() + options.minutes * 60
    sight_every = max(1, round(options.rate / options.sight))

    def step(duty):
        try:
            county.acknowledge(duty)
        finally:
            busy.discard(duty.id)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        begin, number, running = time.monotonic(), 0, []
        while time.monotonic() < end:
            time.sleep(max(0, begin + number / options.rate - time.monotonic()))
            if number % round(options.rate) == 0:
                cells = browser.ask("cells")
            duty = county.one_of(cells) if number % sight_every == 0 else county.any()
            number += 1
            if duty is None or duty.id in busy:
                continue
            busy.add(duty.id)
            running.append(pool.submit(step, duty))
        for one in running:
            one.result()
    return len(running) / (time.monotonic() - begin)


def seed(county, count):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(county.report) for _ in range(count)]:
            one.result()


def percentile(values, share):
    values = sorted(values)
    return round(values[min(len(values) - 1, int(share * len(values)))], 1) if values else None


def memory_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")) // 1024


def measure(site, county, dist, options):
    for party in ["police-110", "command", *(line.party for line in site.party("command").status().party if line.party != "screen")]:
        site.party(party)  # a channel is made once, by one thread
    began = time.monotonic()
    seed(county, options.incidents - len(county.open))
    seeded = time.monotonic() - began
    cookie = site.browser("watch")
    wait(lambda: len(cookie.view()) >= options.incidents, "the screen shows all incidents")
    browser = Browser(f"https://{site.addresses['https']}", "watch", site.passwords["watch"], "" if options.no_trace else dist,
                      *(["profile"] if options.profile else []))
    if options.own_core:
        browser.give_own_core()
    time.sleep(SETTLE_S)
    browser.ask("begin")
    county.took.clear()
    county.seeding = False
    rate = drive(county, browser, options)
    time.sleep(LATE_S)
    seen = browser.ask("end")
    browser.process.wait(60)
    whole, page = [], []
    for paint in seen["paints"]:
        sent = county.sent.get((int(paint["duty"]), paint["state"]))
        if sent is not None:
            whole.append(paint["at"] - sent)
            page.append(paint["page"])
    return {
        "incidents": len(county.open), "duties": sum(map(len, county.open.values())), "seeded_per_s": round(options.incidents / max(seeded, 0.001)), "rate": round(rate, 1),
        "minutes": options.minutes, "painted": len(whole), "ack_to_cell_ms": {name: percentile(whole, at) for name, at in (("p50", .5), ("p99", .99), ("max", 1))},
        "event_to_cell_ms": {name: percentile(page, at) for name, at in (("p50", .5), ("p99", .99), ("max", 1))},
        "ack_call_ms": {name: percentile([1000 * t for t in county.took], at) for name, at in (("p50", .5), ("p99", .99))},
        "rejected": county.failed, "rejected_why": dict(county.why), "main_thread": seen["tasks"], "told": seen["told"], "heap_mib": seen["heap"], "page_mib": seen["most"],
        "screen_mib": memory_mib(site.screen.process.pid), "hub_mib": memory_mib(site.hub.process.pid),
    }


def tasks(main_thread):
    if main_thread is None:
        return []
    return [
        ("main-thread tasks over 50 ms, by the wall", str(len(main_thread["long"])), "0"),
        ("  of them also by their own processor time", str(sum(task["cpu"] > 50 for task in main_thread["long"])), "0"),
        ("  processor time of the longest task", f"{main_thread['cpu_most_ms']} ms", ""),
    ]


def table(found):
    whole, page, call = found["ack_to_cell_ms"], found["event_to_cell_ms"], found["ack_call_ms"]
    rows = [
        (f"{found['incidents']} open incidents, {found['rate']} acknowledgments/s, {found['minutes']} min", "", "goal"),
        ("acknowledgment -> painted cell, p50", f"{whole['p50']} ms", "< 150"),
        ("acknowledgment -> painted cell, p99", f"{whole['p99']} ms", "< 500"),
        (f"  most, of {found['painted']} cells", f"{whole['max']} ms", ""),
        ("  of it in the page, p50 / p99", f"{page['p50']} / {page['p99']} ms", ""),
        ("the agency's call, p50 / p99", f"{call['p50']} / {call['p99']} ms", ""),
        *tasks(found["main_thread"]),
        ("page: JavaScript heap before / after", " / ".join(map(str, found["heap_mib"])) + " MiB", ""),
        ("page: its process at most, its own / resident", f"{found['page_mib']['own']} / {found['page_mib']['resident']} MiB",
         "own < 300" if found["main_thread"] is None else "with the trace in it"),
        ("screen / hub, resident", f"{found['screen_mib']} / {found['hub_mib']} MiB", ""),
        ("acknowledgments rejected", f"{found['rejected']} {found['rejected_why'] or ''}", "0"),
    ]
    return "\n".join(f"{name:<64} {value:<28} {goal}" for name, value, goal in rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--incidents", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=50, help="acknowledgments a second")
    parser.add_argument("--sight", type=float, default=10, help="of them on cells that can be seen")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--no-trace", action="store_true", help="memory is the page's own: Chrome keeps a trace in the page's process")
    parser.add_argument("--profile", action="store_true", help="which functions the long tasks ran; takes part of the page's time")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--own-core", action="store_true", help="for the page's main thread, needs two or more")
    options = parser.parse_args()
    if options.own_core:
        os.sched_setaffinity(0, os.sched_getaffinity(0) - {OWN_CORE})  # all that is started from here on
    with tempfile.TemporaryDirectory() as dist, ScreenSite({"watch": ("观摩员", "command", ["viewer"])}, settings=APART) as site:
        subprocess.run(["node", "-e", "import(process.argv[1]).then((m) => m.buildInto(process.argv[2]))", str(HERE / "bench_trace.mjs"), dist], check=True)
        shutil.copytree(dist, site.dir / "page", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.map"))
        site.screen.stop()
        site.start_screen()
        found = measure(site, County(site), dist, options)
    print(table(found))
    print(found.pop("told"))
    text = json.dumps(found)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
