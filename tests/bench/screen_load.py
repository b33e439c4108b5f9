"""Many browsers on one screen: what they cost the hub, how long an event takes from the hub's receipt to each of them, and the screen's memory.

    LIANDONG_BUILD=build/release /usr/bin/python3 tests/bench/screen_load.py [--browsers 300] [--rate 20] [--seconds 30] [--own-core]

The same reports are sent twice, without browsers and with them. The browsers are one program of their own on the same machine, so that its work
takes cores from the hub; `browsers' own CPU` says how much. With --own-core screen and browsers have one processor, hub and reporter another: what is
left then is what the screen costs the hub itself.
"""
import argparse
import asyncio
import multiprocessing
import os
import pathlib
import re
import resource
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "promises"))
from harness import common  # noqa: E402
from screen_harness import ScreenSite  # noqa: E402

INCIDENT = re.compile(rb'"incident_id":"(\d+)"')
HUBS_CORE, SCREENS_CORE = 0, 1
REST_S = 30  # for what is still on its way at the end


def memory_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


async def browse(address, cookie, context, heard, ready):
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context, limit=1 << 20)
    writer.write(f"GET /api/events HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n".encode())
    told, seen = False, set()
    while line := await reader.readline():
        if line.startswith(b"event: status") and not told:
            told = True
            ready.append(1)
        if line.startswith(b'data: {"log_index"'):
            # The first word of an incident: later ones are its duties'.
            incident = int(INCIDENT.search(line)[1])
            if incident not in seen:
                seen.add(incident)
                heard.setdefault(incident, []).append(time.monotonic())


async def browse_all(address, ca, cookies, count, pipe):
    context = ssl.create_default_context(cafile=ca)
    heard, ready, tasks = {}, [], []
    for number in range(count):
        tasks.append(asyncio.create_task(browse(address, cookies[number % len(cookies)], context, heard, ready)))
        await asyncio.sleep(0.01)
    while len(ready) < count:
        await asyncio.sleep(0.05)
    pipe.send("ready")
    sent = await asyncio.to_thread(pipe.recv)
    end = time.monotonic() + REST_S
    while time.monotonic() < end and any(len(heard.get(i, ())) < count for i in sent):
        await asyncio.sleep(0.1)
    used = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send(({i: heard.get(i, []) for i in sent}, used.ru_utime + used.ru_stime))
    for task in tasks:
        task.cancel()


def browsers(core, *arguments):
    if core is not None:
        os.sched_setaffinity(0, {core})
    asyncio.run(browse_all(*arguments))


def load(site, name, options):
    """Paced reports: ({incident: when its receipt came}, seconds that each receipt took)."""
    police = site.party("police-110")
    sent, took = {}, []
    begin = time.monotonic()
    for number in range(int(options.rate * options.seconds)):
        time.sleep(max(0, begin + number / options.rate - time.monotonic()))
        asked = time.monotonic()
        receipt = police.report(f"{name}-{number}", category="order.dispute", severity=common.GENERAL, division="339921102000",
                                danger_to_life=common.NO, description="线路故障")
        sent[receipt.incident_id] = time.monotonic()
        took.append(sent[receipt.incident_id] - asked)
    return sent, took


def said(seconds):
    return f"p50 {1000 * percentile(seconds, .5):.1f} ms, p99 {1000 * percentile(seconds, .99):.1f} ms"


def measure(site, cookies, options):
    screen = site.screen.process.pid
    load(site, "warm", argparse.Namespace(rate=options.rate, seconds=2))
    _, alone = load(site, "alone", options)
    before = memory_mb(screen)
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    child = spawn.Process(target=browsers, args=(SCREENS_CORE if options.own_core else None, site.addresses["https"], str(site.pki / "ca.crt"), cookies, options.browsers, there), daemon=True)
    child.start()
    here.recv()
    connected, used = memory_mb(screen), cpu_s(screen)
    begin = time.monotonic()
    sent, loaded = load(site, "with", options)
    used = (cpu_s(screen) - used) / (time.monotonic() - begin)
    here.send(list(sent))
    heard, theirs = here.recv()
    child.join()
    delays = [at - sent[i] for i in sent for at in heard[i]]
    print(f"browsers {options.browsers}, {options.rate} reports/s for {options.seconds} s: events heard {len(delays)} of {len(sent) * options.browsers}")
    print(f"the hub's receipt: without browsers {said(alone)}; with them {said(loaded)}")
    print(f"from the receipt to a browser: {said(delays)}, most {1000 * max(delays):.1f} ms")
    print(f"the screen: {100 * used:.0f}% of a core; memory {before:.0f} MB, with the browsers {connected:.0f} MB, after the load {memory_mb(screen):.0f} MB")
    print(f"browsers' own CPU: {theirs:.1f} s in all")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--browsers", type=int, default=300)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--own-core", action="store_true", help="one processor for screen and browsers, one for the hub")
    options = parser.parse_args()
    accounts = {f"viewer{n}": ("观摩员", "command", ["viewer"]) for n in range((options.browsers + 15) // 16)}
    if options.own_core:
        os.sched_setaffinity(0, {HUBS_CORE})
    with ScreenSite(accounts) as site:
        if options.own_core:
            for thread in pathlib.Path(f"/proc/{site.screen.process.pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), {SCREENS_CORE})
        measure(site, [site.browser(name).cookie for name in accounts], options)


if __name__ == "__main__":
    main()
