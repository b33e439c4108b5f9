"""Many browsers on one screen: how long an event takes from the hub's receipt to each of them, and what the screen's memory is.

    LIANDONG_BUILD=build/release /usr/bin/python3 tests/bench/screen_load.py [--browsers 300] [--rate 5] [--seconds 30]

The browsers are one asyncio program on the same machine, so that its own work is in the figures.
"""
import argparse
import asyncio
import pathlib
import re
import ssl
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "promises"))
from harness import common  # noqa: E402
from screen_harness import ScreenSite  # noqa: E402

INCIDENT = re.compile(rb'"incident_id":"(\d+)"')


def memory_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


async def browse(address, cookie, context, heard, ready):
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context, limit=1 << 20)
    writer.write(f"GET /api/events HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n".encode())
    told = False
    while line := await reader.readline():
        if line.startswith(b"event: status") and not told:
            told = True
            ready.append(1)
        if line.startswith(b'data: {"log_index"'):
            heard.setdefault(int(INCIDENT.search(line)[1]), []).append(time.monotonic())


def report(site, number, sent, calls):
    begin = time.monotonic()
    receipt = site.party("police-110").report(f"load-{number}", category="accident.power.line", severity=common.GENERAL, division="339921102000",
                                              danger_to_life=common.NO, description="线路故障")
    sent[receipt.incident_id] = time.monotonic()
    calls.append(time.monotonic() - begin)


async def measure(site, cookies, options):
    context = ssl.create_default_context(cafile=site.pki / "ca.crt")
    heard, ready, sent, alone, loaded = {}, [], {}, [], []
    for number in range(20):
        await asyncio.to_thread(report, site, -1 - number, {}, alone)
    before = memory_mb(site.screen.process.pid)
    browsers = []
    for number in range(options.browsers):
        browsers.append(asyncio.create_task(browse(site.addresses["https"], cookies[number % len(cookies)], context, heard, ready)))
        await asyncio.sleep(0.01)
    while len(ready) < options.browsers:
        await asyncio.sleep(0.05)
    connected = memory_mb(site.screen.process.pid)

    def send():
        for number in range(int(options.rate * options.seconds)):
            next_at = begin + number / options.rate
            time.sleep(max(0, next_at - time.monotonic()))
            report(site, number, sent, loaded)

    begin = time.monotonic()
    sender = threading.Thread(target=send)
    sender.start()
    while sender.is_alive():
        await asyncio.sleep(0.1)
    end = time.monotonic() + 30
    while time.monotonic() < end and any(len(heard.get(i, ())) < options.browsers for i in sent):
        await asyncio.sleep(0.1)
    for one in browsers:
        one.cancel()
    # The first word of an incident: later ones are its duties'.
    delays = [1000 * (at - sent[i]) for i in sent for at in sorted(heard.get(i, ()))[:options.browsers]]
    print(f"browsers {options.browsers}, {options.rate} reports/s for {options.seconds} s: events heard {len(delays)} of {len(sent) * options.browsers}")
    print(f"from the receipt to a browser: p50 {percentile(delays, .5):.1f} ms, p99 {percentile(delays, .99):.1f} ms, most {max(delays):.1f} ms")
    print(f"the hub's receipt: alone p50 {1000 * statistics.median(alone):.1f} ms, with the browsers p50 {1000 * statistics.median(loaded):.1f} ms")
    print(f"memory of the screen: {before:.0f} MB, with the browsers {connected:.0f} MB, after the load {memory_mb(site.screen.process.pid):.0f} MB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--browsers", type=int, default=300)
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    accounts = {f"viewer{n}": ("观摩员", "command", ["viewer"]) for n in range((options.browsers + 15) // 16)}
    with ScreenSite(accounts) as site:
        cookies = [site.browser(name).cookie for name in accounts]
        asyncio.run(measure(site, cookies, options))


if __name__ == "__main__":
    main()
